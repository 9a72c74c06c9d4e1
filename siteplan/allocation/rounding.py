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

from siteplan.allocation.arrays import (
    FloatArray,
    IntArray,
    check_order,
    check_uses,
    matrix,
    positive,
    scores,
    vector,
)
from siteplan.allocation.highs import minimise

NOISE = 1e-9
"""Relative room for float noise in a limit."""

NEAR_M2 = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""How far a cell may move, tried in turn where only cells in use may hold anything."""

USED_M2 = 0.5
"""A cell that holds less counts as not in use: nobody builds it."""

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

    def near(self, wanted: FloatArray, step_m2: float) -> _Work:
        """Return a copy that keeps each cell within `step_m2` of what is wanted."""
        least = np.maximum(self.least, np.ceil(wanted - step_m2)).astype(np.int64)
        most = np.minimum(self.most, np.floor(wanted + step_m2)).astype(np.int64)
        return _Work(
            self.area.copy(),
            np.minimum(least, self.area),
            np.maximum(most, self.area),
            self.ratio,
            self.room.copy(),
            self.score,
            self.missing.copy(),
        )

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


def whole_m2(  # noqa: PLR0913 - a plan, its limits, and how it may move
    gfa_m2: npt.ArrayLike,
    *,
    far_ratio: npt.ArrayLike,
    capacity_m2: npt.ArrayLike,
    target_gfa_m2: npt.ArrayLike,
    upper_gfa_m2: npt.ArrayLike | None = None,
    lower_gfa_m2: npt.ArrayLike | None = None,
    score: npt.ArrayLike | None = None,
    only_used: bool = False,
) -> IntArray | None:
    """Round an allocation to whole m² with exact totals.

    Look for whole ``x_ik`` with ``sum_i x_ik = G_k``, ``sum_k r_k x_ik <= F_i`` and
    ``l_ik <= x_ik <= u_ik``, near the given areas, by augmenting paths (Ford and Fulkerson 1956).

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
    only_used : bool
        Whether only cells that hold half a m² or more, or must hold something, may hold anything
        after: then no use comes to a parcel by rounding, and plans whose parcels keep rules of
        their own (few uses, least blocks) keep them but for the m² that a cell loses. No cell
        moves by more than one m², or the least of `NEAR_M2` with which room was found: a full
        parcel loses the rest of a m² for good, so another must take it. Give the allocation
        bounds that are whole m² (``floor(F_i / r_k) * r_k``), and little is cut.

    Returns
    -------
    numpy.ndarray of int64, shape (n, k), or None
        None where no whole-m² answer exists, with `only_used` among the cells in use. With unequal
        ratios the proof may need an integer programme, which gives up, also with None, after
        `PROGRAMME_SECONDS`.

    Raises
    ------
    ValueError
        For wrong shapes, NaN, negative or infinite numbers, ratios of 0, totals that are not whole,
        or a lower bound above its upper bound; the text names the argument, the index and the
        value.
    """
    work = _start(
        gfa_m2,
        far_ratio=far_ratio,
        capacity_m2=capacity_m2,
        target_gfa_m2=target_gfa_m2,
        upper_gfa_m2=upper_gfa_m2,
        lower_gfa_m2=lower_gfa_m2,
        score=score,
        only_used=only_used,
    )
    if work is None:
        return None
    wanted = np.asarray(gfa_m2, dtype=np.float64)
    for step_m2 in NEAR_M2 if only_used else ():
        near = work.near(wanted, step_m2)
        _drop(near)
        _pour_back(near, wanted)
        if near.missing.any():
            _exchange(near)
        if not near.missing.any():
            return near.area
    _drop(work)
    _pour_back(work, wanted)
    if work.missing.any():
        _exchange(work)
    if work.missing.any() and ((work.ratio == work.ratio[0]).all() or not _programme(work)):
        return None
    _clear_strays(work, wanted)
    return work.area


def _start(  # noqa: PLR0913 - the arguments of `whole_m2`
    gfa_m2: npt.ArrayLike,
    *,
    far_ratio: npt.ArrayLike,
    capacity_m2: npt.ArrayLike,
    target_gfa_m2: npt.ArrayLike,
    upper_gfa_m2: npt.ArrayLike | None,
    lower_gfa_m2: npt.ArrayLike | None,
    score: npt.ArrayLike | None,
    only_used: bool,
) -> _Work | None:
    """Check the arguments and cut every cell down to whole m² within its bounds."""
    capacity = vector(capacity_m2, name="capacity_m2")
    ratio = positive(vector(far_ratio, name="far_ratio"), name="far_ratio")
    uses, rows = ratio.size, capacity.size
    check_uses(uses, name="far_ratio")
    wanted = matrix(gfa_m2, name="gfa_m2", rows=rows, uses=uses, infinite=False)
    goal = _whole(target_gfa_m2, name="target_gfa_m2", size=uses)
    limit = capacity * (1.0 + NOISE)
    least, most = _bounds(limit, ratio, upper_gfa_m2, lower_gfa_m2)
    values = np.zeros_like(wanted)
    if score is not None:
        values = scores(score, name="score", rows=rows)
        if values.shape != wanted.shape:
            msg = f"score must have shape {wanted.shape}, not {values.shape}"
            raise ValueError(msg)
        most = np.where(values > -np.inf, most, 0.0)
        values = np.where(values > -np.inf, values, 0.0)
    if only_used:
        most = np.where((wanted >= USED_M2) | (least > 0.0), most, 0.0)
    if (least > most).any() or (least @ ratio > limit).any():
        return None
    area = np.clip(np.floor(wanted * (1.0 + NOISE) + NOISE), least, most)
    for use in range(uses):  # a lower bound rounded up may have overfilled its row
        over = np.maximum(area @ ratio - limit, 0.0)
        if not over.any():
            break
        area[:, use] -= np.minimum(np.ceil(over / ratio[use]), area[:, use] - least[:, use])
    room = limit - area @ ratio
    whole = area.astype(np.int64)
    missing = goal.astype(np.int64) - whole.sum(axis=0)
    return _Work(whole, least.astype(np.int64), most.astype(np.int64), ratio, room, values, missing)


def _whole(value: npt.ArrayLike, *, name: str, size: int) -> FloatArray:
    """Return whole m², or say which are not."""
    array = vector(value, name=name, size=size)
    odd = np.flatnonzero(array != np.rint(array))
    if odd.size:
        place = int(odd[0])
        msg = f"{name}[{place}] must be whole m², not {array[place]}"
        raise ValueError(msg)
    return array


def _bounds(
    limit: FloatArray,
    ratio: FloatArray,
    upper_gfa_m2: npt.ArrayLike | None,
    lower_gfa_m2: npt.ArrayLike | None,
) -> tuple[FloatArray, FloatArray]:
    """Least and most whole m² of each cell."""
    most = np.floor(limit[:, None] / ratio)
    upper = lower = None
    if upper_gfa_m2 is not None:
        upper = matrix(upper_gfa_m2, name="upper_gfa_m2", rows=limit.size, uses=ratio.size)
        most = np.minimum(most, np.floor(upper * (1.0 + NOISE)))
    if lower_gfa_m2 is None:
        return np.zeros_like(most), most
    lower = matrix(
        lower_gfa_m2, name="lower_gfa_m2", rows=limit.size, uses=ratio.size, infinite=False
    )
    check_order(lower, upper, names=("lower_gfa_m2", "upper_gfa_m2"))
    return np.ceil(lower * (1.0 - NOISE)), most


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
    used = wanted.sum(axis=1) > USED_M2
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
