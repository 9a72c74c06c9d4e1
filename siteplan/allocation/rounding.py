"""Whole square metres: every total exact, no limit broken, few m² moved.

Cells are cut down to whole m² and what is then missing is poured back: first where a part of a m²
was cut, then where the use already stands, then by score. What still does not fit is placed by
exchanges between uses along shortest paths, as in the augmenting path method for flows (Ford and
Fulkerson 1956). With equal FAR ratios that method is complete. With unequal ones a row is a small
knapsack, so an integer programme has the last word.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from siteplan.allocation.arrays import FloatArray, IntArray, check_uses, matrix, scores, vector
from siteplan.allocation.highs import minimise

NOISE = 1e-9
"""Relative room for float noise in a limit."""

MAX_EXCHANGES = 2000
NEAR_ROWS = 40
PROGRAMME_SECONDS = 10.0
"""Time after which the integer programme gives up on a proof."""


@dataclass(eq=False)
class _Work:
    """The whole-m² answer while it is being repaired; it never leaves this module."""

    area: IntArray  # (n, k)
    least: IntArray  # (n, k)
    most: IntArray  # (n, k)
    ratio: FloatArray  # (k,)
    room: FloatArray  # (n,) FAR area left
    score: FloatArray  # (n, k), finite
    missing: IntArray  # (k,) still wanted; negative where too much stands

    def fits(self, use: int) -> IntArray:
        """How much more of a use each row can take."""
        free = np.floor(np.maximum(self.room, 0.0) / self.ratio[use])
        return np.asarray(np.minimum(free.astype(np.int64), (self.most - self.area)[:, use]))

    def swaps(self, use: int, other: int) -> IntArray:
        """How many m² of `other` each row can give up for `use`."""
        change = np.minimum((self.area - self.least)[:, other], (self.most - self.area)[:, use])
        extra = self.ratio[use] - self.ratio[other]
        if extra > 0.0:
            free = np.floor(np.maximum(self.room, 0.0) / extra)
            change = np.minimum(change, free.astype(np.int64))
        return np.asarray(np.maximum(change, 0))

    def add(self, use: int, rows: IntArray, change: IntArray) -> None:
        """Add m² of a use on some rows."""
        self.area[rows, use] += change
        self.room[rows] -= self.ratio[use] * change
        self.missing[use] -= int(change.sum())


def whole_m2(
    gfa_m2: npt.ArrayLike,
    *,
    far_ratio: npt.ArrayLike,
    capacity_m2: npt.ArrayLike,
    target_gfa_m2: npt.ArrayLike,
    upper_gfa_m2: npt.ArrayLike | None = None,
    lower_gfa_m2: npt.ArrayLike | None = None,
    score: npt.ArrayLike | None = None,
) -> IntArray | None:
    """Round an allocation to whole m² with exact totals.

    Parameters
    ----------
    gfa_m2 : array_like, shape (n, k)
        GFA of each use on each parcel.
    far_ratio : array_like, shape (k,)
        FAR area per m² of GFA, positive.
    capacity_m2 : array_like, shape (n,)
        FAR area that each parcel can hold.
    target_gfa_m2 : array_like of int, shape (k,)
        Whole m² that each use must reach.
    upper_gfa_m2, lower_gfa_m2 : array_like, shape (n, k), optional
        Bounds in GFA.
    score : array_like, shape (n, k), optional
        Preference; -inf where not allowed.

    Returns
    -------
    numpy.ndarray of int64, shape (n, k), or None
        None where no whole-m² answer exists. With unequal ratios the proof may need an integer
        programme, which gives up, also with None, after `PROGRAMME_SECONDS`.

    Raises
    ------
    ValueError
        For wrong shapes, NaN, negative numbers, ratios of 0 or totals that are not whole.
    """
    work = _start(gfa_m2, far_ratio, capacity_m2, target_gfa_m2, upper_gfa_m2, lower_gfa_m2, score)
    if work is None:
        return None
    wanted = np.asarray(gfa_m2, dtype=np.float64)
    _drop(work)
    _pour_back(work, wanted)
    if work.missing.any():
        _exchange(work)
    if work.missing.any() and ((work.ratio == work.ratio[0]).all() or not _programme(work)):
        return None
    _clear_strays(work, wanted)
    return work.area


def _start(
    gfa_m2: npt.ArrayLike,
    far_ratio: npt.ArrayLike,
    capacity_m2: npt.ArrayLike,
    target_gfa_m2: npt.ArrayLike,
    upper_gfa_m2: npt.ArrayLike | None,
    lower_gfa_m2: npt.ArrayLike | None,
    score: npt.ArrayLike | None,
) -> _Work | None:
    """Check the arguments and cut every cell down to whole m² within its bounds."""
    capacity = vector(capacity_m2, name="capacity_m2")
    ratio = vector(far_ratio, name="far_ratio")
    check_uses(ratio.size, name="far_ratio")
    if not ratio.min() > 0.0:
        raise ValueError("far_ratio must be positive")
    shape = {"rows": capacity.size, "uses": ratio.size}
    wanted = matrix(gfa_m2, name="gfa_m2", **shape)
    goal = vector(target_gfa_m2, name="target_gfa_m2", size=ratio.size)
    if (goal != np.rint(goal)).any():
        raise ValueError("target_gfa_m2 must be whole m²")
    limit = capacity * (1.0 + NOISE)
    most = np.floor(limit[:, None] / ratio)
    if upper_gfa_m2 is not None:
        upper = matrix(upper_gfa_m2, name="upper_gfa_m2", **shape)
        most = np.minimum(most, np.floor(upper * (1.0 + NOISE)))
    values = np.zeros_like(wanted)
    if score is not None:
        values = scores(score, name="score", rows=capacity.size)
        if values.shape != wanted.shape:
            msg = f"score must have shape {wanted.shape}, not {values.shape}"
            raise ValueError(msg)
        most = np.where(values > -np.inf, most, 0.0)
        values = np.where(values > -np.inf, values, 0.0)
    least = np.zeros_like(most)
    if lower_gfa_m2 is not None:
        lower = matrix(lower_gfa_m2, name="lower_gfa_m2", **shape)
        least = np.ceil(lower * (1.0 - NOISE))
    if (least > most).any() or (least @ ratio > limit).any():
        return None
    area = np.clip(np.floor(wanted * (1.0 + NOISE) + NOISE), least, most)
    for use in range(ratio.size):  # a lower bound rounded up may have overfilled its row
        over = np.maximum(area @ ratio - limit, 0.0)
        if not over.any():
            break
        area[:, use] -= np.minimum(np.ceil(over / ratio[use]), area[:, use] - least[:, use])
    room = limit - area @ ratio
    whole = area.astype(np.int64)
    missing = goal.astype(np.int64) - whole.sum(axis=0)
    return _Work(whole, least.astype(np.int64), most.astype(np.int64), ratio, room, values, missing)


def _drop(work: _Work) -> None:
    """Take away what is too much, from the lowest scores first."""
    for use in np.flatnonzero(work.missing < 0):
        rows = np.argsort(work.score[:, use], kind="stable")
        free = (work.area - work.least)[rows, use]
        work.add(int(use), rows, -_first(free, -int(work.missing[use])))


def _first(amounts: IntArray, need: int) -> IntArray:
    """Take from `amounts` in turn until `need` is met."""
    upto = np.minimum(np.cumsum(amounts), need)
    return np.diff(upto, prepend=0)


def _pour(work: _Work, use: int, rows: IntArray, *, single: bool = False) -> None:
    need = int(work.missing[use])
    if need > 0 and rows.size:
        free = work.fits(use)[rows]
        work.add(use, rows, _first(np.minimum(free, 1) if single else free, need))


def _pour_back(work: _Work, wanted: FloatArray) -> None:
    """Give back what was cut, where it changes least; uses with the fewest places first."""
    uses = work.ratio.size
    turns = sorted(range(uses), key=lambda use: int(np.count_nonzero(work.most[:, use])))
    cut = wanted - work.area
    for use in turns:
        part = np.flatnonzero(cut[:, use] > NOISE)
        _pour(work, use, part[np.argsort(-cut[part, use], kind="stable")], single=True)
    for use in turns:
        if work.missing[use] > 0:
            keys = (-work.score[:, use], wanted.sum(axis=1) <= 0.0, work.area[:, use] == 0)
            _pour(work, use, np.lexsort(keys))


def _exchange(work: _Work) -> None:
    """Place what is missing along shortest chains: a use takes a m² from another, and so on."""
    for _ in range(MAX_EXCHANGES):
        short = [int(use) for use in np.flatnonzero(work.missing > 0)]
        path = next((found for use in short if (found := _chain(work, use))), None)
        if path is None:
            return
        need = int(work.missing[path[0]])
        # From the far end back, so that each step finds the room that the last one made.
        end = path[-1]
        before = int(work.missing[end])
        rows = np.argsort(-work.score[:, end], kind="stable")
        work.add(end, rows, _first(work.fits(end)[rows], need))
        moved = before - int(work.missing[end])
        for taker, giver in zip(path[-2::-1], path[:0:-1], strict=True):
            rows = np.argsort(work.score[:, giver] - work.score[:, taker], kind="stable")
            change = _first(work.swaps(taker, giver)[rows], moved)
            work.add(giver, rows, -change)
            work.add(taker, rows, change)
            moved = int(change.sum())
        if (work.missing < 0).any():
            _drop(work)
        if moved == 0:
            return


def _chain(work: _Work, use: int) -> list[int] | None:
    """Shortest chain of uses from one that is short to one that finds room."""
    came: dict[int, int] = {use: -1}
    queue = deque([use])
    while queue:
        taker = queue.popleft()
        if work.fits(taker).any():
            path = [taker]
            while came[path[-1]] >= 0:
                path.append(came[path[-1]])
            return path[::-1]
        for giver in range(work.ratio.size):
            if giver not in came and work.swaps(taker, giver).any():
                came[giver] = taker
                queue.append(giver)
    return None


def _clear_strays(work: _Work, wanted: FloatArray) -> None:
    """Move the few m² that landed on rows which the LP left empty to rows that it uses.

    Nobody builds 4 m²: a stray would count as a used parcel and colour it. Moves keep every
    limit; what finds no room elsewhere stays.
    """
    used = wanted.sum(axis=1) > 0.5
    stray = (work.area > 0) & ~used[:, None] & (work.least == 0)
    for row, use in np.argwhere(stray).tolist():
        home = np.flatnonzero(used & (work.fits(use) > 0))
        standing = work.area[home, use] > 0
        order = np.lexsort((home, -work.score[home, use], ~standing))
        for other in home[order].tolist():
            amount = min(int(work.area[row, use]), int(work.fits(use)[other]))
            work.add(use, np.array([row]), np.array([-amount]))
            work.add(use, np.array([other]), np.array([amount]))
            if work.area[row, use] == 0:
                break


def _programme(work: _Work) -> bool:
    """Find the least change that meets all totals by an integer programme; True if found."""
    rows = work.area.shape[0]
    tried = 0
    for count in (NEAR_ROWS, 8 * NEAR_ROWS, rows):
        size = min(count, rows)
        if size == tried:
            continue
        tried = size
        # Rows with room to spare and rows that hold several uses have the most ways to change.
        value = work.room + (work.area > 0).sum(axis=1) * work.ratio.max()
        chosen = np.sort(np.argsort(-value, kind="stable")[:size])
        if _solve_whole(work, chosen):
            return True
    return False


def _solve_whole(work: _Work, rows: IntArray) -> bool:
    count, uses = rows.size, work.ratio.size
    cells = count * uses
    area = work.area[rows].ravel()
    up = work.most[rows].ravel() - area
    down = area - work.least[rows].ravel()
    row, use = np.divmod(np.arange(cells), uses)
    value = work.score[rows].ravel() / max(float(np.abs(work.score).max()), 1e-300)
    start = np.arange(2 * cells + 1, dtype=np.int64) * 2
    index = np.stack([row, count + use], axis=1).ravel()
    weight = np.stack([work.ratio[use], np.ones(cells)], axis=1).ravel()
    missing = work.missing.astype(np.float64)
    found = minimise(
        # One m² moved costs 2, less or more by its score.
        np.append(2.0 - value, 2.0 + value),
        column_limits=(np.zeros(2 * cells), np.append(up, down).astype(np.float64)),
        row_limits=(
            np.append(np.full(count, -np.inf), missing),
            np.append(np.maximum(work.room[rows], 0.0), missing),
        ),
        matrix=(start, np.append(index, index), np.append(weight, -weight)),
        whole=True,
        options={"time_limit": PROGRAMME_SECONDS, "mip_rel_gap": 0.05},
    )
    if found.status not in {"optimal", "feasible"}:
        return False
    whole = np.rint(found.columns).astype(np.int64)
    change = (whole[:cells] - whole[cells:]).reshape(count, uses)
    after = work.area[rows] + change
    if (
        (after < work.least[rows]).any()
        or (after > work.most[rows]).any()
        or (change.sum(axis=0) != work.missing).any()
        or (change @ work.ratio > work.room[rows] + 1e-6).any()
    ):
        return False
    for k in range(uses):
        work.add(k, rows, change[:, k])
    return True
