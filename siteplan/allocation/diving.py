"""A first practical plan without an integer programme: round a linear one until it keeps the rules.

The linear programme of a few parcels is solved; where a parcel breaks a rule its smallest uses are
closed, or raised to their least, and the programme is solved again (diving). Its answers are nearly
whole: only about one parcel per use is split (a basic solution of a transportation problem). Whole
floors come last: every cell is cut down to its floors, and what is then missing is placed floor by
floor where it is worth most, the rest of a use as its one part floor.
"""

from __future__ import annotations

import numpy as np

from siteplan.allocation.arrays import FloatArray, IntArray
from siteplan.allocation.columns import NOISE, Limits
from siteplan.allocation.highs import transport
from siteplan.allocation.rows import BoolArray

DIVES = 8
"""Linear programmes before the rounding gives up."""

MISSED = 1e-9


def dive(
    limits: Limits, worth: FloatArray, *, target: FloatArray, keenness: float = 0.5
) -> tuple[FloatArray, IntArray] | None:
    """Find a plan that keeps every rule and meets the totals, or give up.

    Parameters
    ----------
    limits : Limits
        Rules of the rows, floors not yet rounded.
    worth : numpy.ndarray, shape (k, n)
        Worth of one unit.
    target : numpy.ndarray, shape (k,)
        Totals of these rows.
    keenness : float
        A use that holds at least this part of its least is raised to it, a smaller one closed.

    Returns
    -------
    area : numpy.ndarray, shape (k, n)
    part : numpy.ndarray of int, shape (k,)
        Row of each use's part floor, -1 for none.
    """
    whole = limits.whole()
    able = (whole.most > 0.0) & (whole.most >= whole.least * (1.0 - NOISE))
    if (whole.forced & ~able).any():
        return None
    area = _dived(whole, worth, able, target=target, keenness=keenness)
    if area is None:
        return None
    if not (limits.step > 0.0).any():
        return area, np.full(target.size, -1)
    return _floored(limits, whole, worth, area, target=target)


def _dived(
    limits: Limits, worth: FloatArray, able: BoolArray, *, target: FloatArray, keenness: float
) -> FloatArray | None:
    """Solve and close until no row breaks a rule of its own."""
    low = np.where(limits.forced, limits.least, 0.0)
    high = np.where(able, limits.most, 0.0)
    capacity = limits.capacity
    if limits.even() and not limits.locked.any():
        step = limits.step[0]
        one = np.where(step > 0.0, step, 1.0)
        capacity = np.where(step > 0.0, np.floor(capacity / one + NOISE) * one, capacity)
    scale = float(capacity.max(initial=0.0))
    if scale <= 0.0:
        return None
    gain = max(float(np.abs(worth).max()), 1e-300)
    tiny = NOISE * capacity
    for _ in range(DIVES):
        rest = target - low.sum(axis=1)
        room = capacity - low.sum(axis=0)
        if (rest < -MISSED * scale).any() or (room < -tiny).any():
            return None
        found = transport(
            np.maximum(room, 0.0) / scale,
            np.where(high > low, worth / gain, -np.inf),
            low=np.maximum(rest, 0.0) / scale,
            high=np.maximum(rest, 0.0) / scale,
            upper=np.maximum(high - low, 0.0) / scale,
            elastic=4.0 * (target.size + 1),
        )
        floors = bool((limits.step > 0.0).any())
        if found.status != "optimal" or (not floors and found.missed > MISSED):
            return None
        area = low + found.area * scale
        held = area > tiny
        small = held & (area < limits.least * (1.0 - NOISE))
        bad = small.any(axis=0) | (held.sum(axis=0) > limits.max_uses)
        if not bad.any():
            return np.where(held, area, 0.0)
        _close(limits, area, low, high, np.flatnonzero(bad), keenness=keenness)
    return None


def _close(
    limits: Limits,
    area: FloatArray,
    low: FloatArray,
    high: FloatArray,
    rows: IntArray,
    *,
    keenness: float,
) -> None:
    """Decide the uses of some rows: the largest stay, small ones are raised or closed."""
    for row in rows.tolist():
        used = sorted(np.flatnonzero(area[:, row] > 0.0).tolist(), key=lambda use: -area[use, row])
        used.sort(key=lambda use: not limits.forced[use, row])
        room = float(limits.capacity[row] - low[:, row].sum())
        kept: list[int] = []
        for use in used:
            least = limits.least[use, row]
            if limits.forced[use, row]:
                kept.append(use)
                continue
            more = max(least - low[use, row], 0.0)
            if (
                len(kept) < limits.max_uses
                and area[use, row] >= keenness * least
                and more <= room * (1.0 + NOISE)
            ):
                low[use, row] = max(low[use, row], least)
                room -= more
                kept.append(use)
            else:
                low[use, row] = high[use, row] = 0.0
        if len(kept) >= limits.max_uses:
            closed = np.ones(high.shape[0], bool)
            closed[kept] = False
            high[closed, row] = 0.0


def _floored(
    limits: Limits, whole: Limits, worth: FloatArray, area: FloatArray, *, target: FloatArray
) -> tuple[FloatArray, IntArray] | None:
    """Cut every cell down to whole floors and place what is missing."""
    step = np.where(limits.locked, 0.0, limits.step)
    one = np.where(step > 0.0, step, 1.0)
    area = np.where(step > 0.0, np.floor(area / one + NOISE) * one, area)
    part = np.full(target.size, -1)
    room = limits.capacity - area.sum(axis=0)
    missing = target - area.sum(axis=1)
    for use in np.argsort(-missing, kind="stable").tolist():
        if not _placed(limits, whole, worth, area, room, part, use, float(missing[use])):
            return None
    return area, part


def _placed(  # noqa: PLR0913, PLR0917 - the state of one repair
    limits: Limits,
    whole: Limits,
    worth: FloatArray,
    area: FloatArray,
    room: FloatArray,
    part: IntArray,
    use: int,
    missing: float,
) -> bool:
    """Place `missing` of a use: whole floors first, then a part floor; False if it has no room."""
    noise = NOISE * float(limits.capacity.max())
    step = np.where(limits.locked[use], 0.0, limits.step[use])
    for _ in range(4 * limits.size + 8):
        if missing <= noise:
            return missing >= -noise
        stands = area[use] > 0.0
        free = np.minimum(limits.most[use] - area[use], room)
        free[limits.locked[use]] = 0.0
        free[~stands & ((area > 0.0).sum(axis=0) >= limits.max_uses)] = 0.0
        # The rest in one cell, as a part floor (or as it is where floors need not be whole).
        need = np.where(stands, 0.0, limits.least[use])
        fits = (free >= missing * (1.0 - NOISE)) & (missing >= need * (1.0 - NOISE))
        near = (missing < step) | (step <= 0.0)
        last = np.flatnonzero(fits & near)
        if last.size:
            place = int(last[worth[use, last].argmax()])
            area[use, place] += missing
            room[place] -= missing
            if step[place] > 0.0:
                part[use] = place
            return True
        first = np.where(stands, step, np.maximum(whole.least[use], step))
        first = np.where(step > 0.0, first, np.where(stands, 0.0, limits.least[use]))
        able = (free >= first * (1.0 - NOISE)) & (first <= missing * (1.0 + NOISE))
        able &= free > noise
        open_ = np.flatnonzero(able)
        if open_.size == 0:
            return False
        place = int(open_[worth[use, open_].argmax()])
        more = float(first[place]) if step[place] > 0.0 else min(missing, float(free[place]))
        area[use, place] += more
        room[place] -= more
        missing -= more
    return False
