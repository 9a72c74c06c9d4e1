"""The linear programme of `siteplan.allocation.together`, for problems that it can hold."""

from __future__ import annotations

import numpy as np

from siteplan.allocation.arrays import FloatArray, IntArray
from siteplan.allocation.highs import Solution, minimise
from siteplan.allocation.together_case import Case


def programme(case: Case) -> tuple[FloatArray, float] | None:
    """Solve the LP, and let its prices prove the bound.

    Areas stand in the LP as shares of their parcel, so that ``z <= y / F`` has coefficients of
    one.

    Parameters
    ----------
    case : Case
        A problem that has an answer.

    Returns
    -------
    area : numpy.ndarray, shape (n, k)
    bound : float
        None instead of both where the solver fails.
    """
    problem, worth = case.problem, case.worth
    uses, parcels = problem.score.shape
    row, use = np.nonzero(np.isfinite(problem.score.T) & (problem.capacity > 0.0)[:, None])
    capacity = problem.capacity[row]
    least = np.zeros(row.size) if problem.lower is None else problem.lower[use, row]
    most = capacity if problem.upper is None else np.minimum(problem.upper[use, row], capacity)
    most = np.maximum(most, least)
    unit = max(float(np.abs(problem.score[use, row] * capacity).max()), float(worth.max()))
    found = _solve(case, row=row, use=use, shares=(least / capacity, most / capacity), unit=unit)
    if found.status != "optimal":
        return None
    area = np.zeros((parcels, uses))
    area[row, use] = np.clip(found.columns[: row.size] * capacity, least, most)
    room = np.zeros((parcels, uses))
    room[row, use] = most
    floor = np.zeros((parcels, uses))
    floor[row, use] = least
    _set_right(area, case, room=room, floor=floor)
    left = parcels + uses
    split = np.clip(-found.row_prices[left : left + worth.size] * unit, 0.0, worth)
    return area, case.relaxed(split, None).bound


def _solve(
    case: Case,
    *,
    row: IntArray,
    use: IntArray,
    shares: tuple[FloatArray, FloatArray],
    unit: float,
) -> Solution:
    problem, cells, worth = case.problem, case.cells, case.worth
    uses, parcels = problem.score.shape
    area_unit = float(problem.capacity.max())
    capacity = problem.capacity[row]
    own, more = row.size, worth.size
    place = np.full((parcels, uses), -1)
    place[row, use] = np.arange(own)
    left = parcels + uses + np.arange(more)
    right = left + more
    z = own + np.arange(more)
    one, two = place[cells.one, cells.use], place[cells.two, cells.use]
    column = np.concatenate([np.arange(own), np.arange(own), one, two, z, z])
    line = np.concatenate([row, parcels + use, left, right, left, right])
    factor = np.concatenate(
        [np.ones(own), capacity / area_unit, np.full(2 * more, -1.0), np.ones(2 * more)]
    )
    order = np.lexsort((line, column))
    count = np.bincount(column, minlength=own + more)
    target = case.target / area_unit
    open_end = np.full(2 * more, -np.inf)
    return minimise(
        -np.concatenate([problem.score[use, row] * capacity, worth]) / unit,
        column_limits=(
            np.append(shares[0], np.zeros(more)),
            np.append(shares[1], np.full(more, np.inf)),
        ),
        row_limits=(
            np.concatenate([np.full(parcels, -np.inf), target, open_end]),
            np.concatenate([np.ones(parcels), target, np.zeros(2 * more)]),
        ),
        matrix=(
            np.append(0, np.cumsum(count)).astype(np.int64),
            line[order].astype(np.int64),
            factor[order],
        ),
    )


def _set_right(area: FloatArray, case: Case, *, room: FloatArray, floor: FloatArray) -> None:
    """Clear float noise: first from parcels above their capacity, then from the totals."""
    capacity = case.problem.capacity
    over = np.maximum(area.sum(axis=1) - capacity, 0.0)
    for parcel in np.flatnonzero(over > 0.0):
        widest = int((area[parcel] - floor[parcel]).argmax())
        area[parcel, widest] = max(area[parcel, widest] - over[parcel], floor[parcel, widest])
    for use, target in enumerate(case.target):
        missing = float(target - area[:, use].sum())
        if missing > 0.0:
            free = np.minimum(room[:, use] - area[:, use], capacity - area.sum(axis=1))
            spot = int(np.where(area[:, use] > 0.0, free, 1e-9 * free).argmax())
            area[spot, use] += min(missing, max(float(free[spot]), 0.0))
        elif missing < 0.0:
            spot = int((area[:, use] - floor[:, use]).argmax())
            area[spot, use] = max(area[spot, use] + missing, floor[spot, use])
