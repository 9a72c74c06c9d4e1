"""What is built where and when, decided at once: for dates that the best plan cannot keep.

With ``y_ikt`` the area of use k built on parcel i in year t, and the least allowed score (or 0, if
that is less) as the base b of all scores, so that nothing gains by waiting,

    maximise   sum_ikt d_t (s_ik - b) y_ikt,     d_t = (1 + r)**-t
    subject to sum_it y_ikt = T_k,               y_ikt = 0 for t < a_i,
               sum_kt y_ikt <= F_i,              l_ik <= sum_t y_ikt <= u_ik,
               sum_ik w_k y_ikt <= C_t,          sum of y_iks over i and s <= t  >= M_tk:

one linear programme. Any prices p_k of totals, ``c_t >= 0`` of ceilings and ``m_tk >= 0`` of dates
prove a bound: each parcel takes its uses, each in its best year, in the order of

    v_ik = max_{t >= a_i} (d_t (s_ik - b) - p_k - w_k c_t + sum_{s >= t} m_sk).

A parcel whose capacity comes in stages is one row for each stage.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from siteplan.allocation.arrays import FloatArray, IntArray, vector
from siteplan.allocation.highs import Solution, minimise
from siteplan.allocation.phase_answer import Schedule
from siteplan.allocation.phase_problem import PhaseShortfall, checked_phasing
from siteplan.allocation.problem import Problem, checked
from siteplan.allocation.rows import mixed_bits
from siteplan.allocation.solve import PROVEN_GAP

MISSED = 1e-9
"""Part of all totals by which dates may be missed through float noise."""


@dataclass(frozen=True, eq=False)
class _Joint:
    """Checked arrays, rows in canonical order, areas and scores scaled to about one."""

    order: IntArray  # (n,)
    capacity: FloatArray  # (n,)
    value: FloatArray  # (n, k), -inf where not allowed
    least: FloatArray  # (n, k)
    most: FloatArray  # (n, k)
    ready: IntArray  # (n,)
    target: FloatArray  # (k,)
    ceiling: FloatArray  # (Y,)
    minimum: FloatArray  # (Y, k)
    weight: FloatArray  # (k,)
    discount: FloatArray  # (Y,)
    area_unit: float
    value_unit: float


def schedule_jointly(  # noqa: PLR0913 - the problems of `allocate` and of `schedule`
    capacity_m2: npt.ArrayLike,
    score: npt.ArrayLike,
    target_m2: npt.ArrayLike,
    upper_m2: npt.ArrayLike | None = None,
    lower_m2: npt.ArrayLike | None = None,
    *,
    ready_year: npt.ArrayLike,
    ceiling_m2: npt.ArrayLike,
    minimum_by_year_m2: npt.ArrayLike | None = None,
    discount_ratio: float = 0.01,
    ceiling_weight: npt.ArrayLike | None = None,
) -> Schedule:
    """Allocate exact totals to parcels and years at once.

    The problem is stated at the head of the module.

    Parameters
    ----------
    capacity_m2, score, target_m2, upper_m2, lower_m2
        As in `allocate`.
    ready_year : array_like of int, shape (n,)
        First year, counted from 0, in which a parcel can be built.
    ceiling_m2, minimum_by_year_m2, discount_ratio, ceiling_weight
        As in `schedule`.

    Returns
    -------
    Schedule
        With method "joint"; `Schedule.built_by_m2` of the last year is the allocation. Where
        nothing fits, the shortfall names the first date that is missed where as little as
        possible is missed in all.

    Raises
    ------
    ValueError
        For wrong shapes, NaN or negative amounts; the text names the argument.
    RuntimeError
        If the LP solver fails.
    """
    problem = checked(capacity_m2, score, upper_m2, lower_m2)
    uses, parcels = problem.score.shape
    target = vector(target_m2, name="target_m2", size=uses)
    if not (math.isfinite(discount_ratio) and discount_ratio >= 0.0):
        msg = f"discount_ratio must be finite and not negative, not {discount_ratio}"
        raise ValueError(msg)
    if np.ndim(ready_year) != 1:
        msg = f"ready_year must have shape ({parcels},), not {np.shape(ready_year)}"
        raise ValueError(msg)
    years = checked_phasing(
        np.zeros((parcels, uses)),
        ready_year,
        ceiling_m2,
        minimum_by_year_m2,
        None,
        discount_ratio,
        ceiling_weight,
        whole_m2=False,
    )
    ceiling = np.minimum(
        vector(ceiling_m2, name="ceiling_m2", infinite=True), 2.0 * float(target @ years.weight)
    )
    joint = _scaled(
        problem,
        np.minimum(np.asarray(ready_year, np.float64), ceiling.size).astype(np.int64),
        target,
        ceiling,
        years.stated / years.weight,
        years.weight,
        years.discount,
    )
    return _solved(joint)


def _scaled(
    problem: Problem,
    ready: IntArray,
    target: FloatArray,
    ceiling: FloatArray,
    minimum: FloatArray,
    weight: FloatArray,
    discount: FloatArray,
) -> _Joint:
    uses, parcels = problem.score.shape
    allowed = (problem.score > -np.inf).T
    score = np.where(allowed, problem.score.T, 0.0)
    value = score - min(float(score.min(initial=0.0)), 0.0)
    least = np.zeros((parcels, uses)) if problem.lower is None else problem.lower.T
    most = np.repeat(problem.capacity[:, None], uses, axis=1)
    if problem.upper is not None:
        most = np.minimum(most, problem.upper.T)
    most = np.where(allowed, most, 0.0)
    area_unit = max(float(target.sum()), 1e-300)
    value_unit = max(float(value.max(initial=0.0)), 1e-300)
    parts = np.concatenate([value.T, least.T, most.T, [problem.capacity], [ready]])
    order = np.argsort(mixed_bits(parts.astype(np.float64)), kind="stable")
    return _Joint(
        order,
        problem.capacity[order] / area_unit,
        np.where(allowed, value / value_unit, -np.inf)[order],
        least[order] / area_unit,
        most[order] / area_unit,
        ready[order],
        target / area_unit,
        ceiling / area_unit,
        minimum / area_unit,
        weight,
        discount,
        area_unit,
        value_unit,
    )


def _solved(joint: _Joint) -> Schedule:
    if joint.target.sum() == 0.0 and not joint.least.any() and not joint.minimum.any():
        return _answer(joint, _no_cells(), np.zeros(0), 0.0)
    cells = _cells(joint)
    found = _programme(joint, cells, elastic=False)
    if found.status == "optimal":
        return _answer(joint, cells, found.columns, _bound(joint, found))
    eased = _programme(joint, cells, elastic=True)
    if eased.status == "optimal":
        dates, uses = joint.minimum.size, joint.target.size
        missed = eased.columns[cells[0].size :]
        if missed.sum() > MISSED:
            return _missed(joint, missed[:dates], missed[dates : dates + uses])
        return _answer(joint, cells, eased.columns[: cells[0].size], math.inf)
    if eased.status == "infeasible":  # bounds of parcels contradict each other
        return _missed(joint, np.zeros(joint.minimum.size), joint.target)
    msg = f"the LP solver failed on a schedule: {eased.status}"
    raise RuntimeError(msg)


_CellsT = tuple[IntArray, IntArray, IntArray]


def _no_cells() -> _CellsT:
    none = np.zeros(0, np.int64)
    return none, none, none


def _cells(joint: _Joint) -> _CellsT:
    """Rows, uses and years where something can be built."""
    years = np.arange(joint.ceiling.size)
    open_cell = (joint.most > 0.0)[:, :, None] & (years >= joint.ready[:, None])[:, None, :]
    row, use, year = np.nonzero(open_cell)
    return row, use, year


def _programme(joint: _Joint, cells: _CellsT, *, elastic: bool) -> Solution:
    """Solve the LP; the elastic one misses as little of dates and totals as it can."""
    row, use, year = cells
    (parcels, uses), years = joint.value.shape, joint.ceiling.size
    own = row.size
    late = np.arange(years) >= year[:, None]
    column, later = np.nonzero(late)
    base = np.array([0, parcels, parcels + uses, parcels + uses + years], dtype=np.int64)
    bounded, place = _bounded(joint)
    held = np.flatnonzero(place[row, use] >= 0)
    each = np.arange(own)
    line = [
        row,
        base[1] + use,
        base[2] + year,
        base[3] + later * uses + use[column],
        base[3] + years * uses + place[row, use][held],
    ]
    entry = [each, each, each, column, held]
    factor = [np.ones(own), np.ones(own), joint.weight[use]]
    factor += [np.ones(column.size), np.ones(held.size)]
    extra = 0
    if elastic:
        extra = years * uses + 2 * uses
        spare = own + np.arange(extra)
        line += [base[3] + np.arange(years * uses), base[1] + np.tile(np.arange(uses), 2)]
        entry += [spare[: years * uses], spare[years * uses :]]
        factor += [np.ones(years * uses + uses), np.full(uses, -1.0)]
    lines, entries = np.concatenate(line), np.concatenate(entry)
    order = np.lexsort((lines, entries))
    gain = joint.discount[year] * joint.value[row, use]
    cost = np.concatenate([np.zeros(own) if elastic else -gain, np.ones(extra)])
    endless = np.full
    return minimise(
        cost,
        column_limits=(np.zeros(own + extra), endless(own + extra, np.inf)),
        row_limits=(
            np.concatenate(
                [
                    endless(parcels, -np.inf),
                    joint.target,
                    endless(years, -np.inf),
                    joint.minimum.ravel(),
                    joint.least[bounded],
                ]
            ),
            np.concatenate(
                [
                    joint.capacity,
                    joint.target,
                    joint.ceiling,
                    endless(years * uses, np.inf),
                    np.maximum(joint.most, joint.least)[bounded],
                ]
            ),
        ),
        matrix=(
            np.append(0, np.cumsum(np.bincount(entries, minlength=own + extra))).astype(np.int64),
            lines[order].astype(np.int64),
            np.concatenate(factor)[order],
        ),
    )


def _bounded(joint: _Joint) -> tuple[npt.NDArray[np.bool_], IntArray]:
    """Tell which parcels' uses have bounds of their own, and the places of these in a list."""
    bounded = (joint.least > 0.0) | (joint.most < joint.capacity[:, None])
    bounded &= (joint.most > 0.0) | (joint.least > 0.0)
    place = np.full(bounded.shape, -1)
    place[bounded] = np.arange(np.count_nonzero(bounded))
    return bounded, place


def _bound(joint: _Joint, found: Solution) -> float:
    """Return what the LP's prices prove, by letting every parcel decide alone."""
    (parcels, uses), years = joint.value.shape, joint.ceiling.size
    at = np.cumsum([parcels, uses, years, years * uses])
    total = -found.row_prices[at[0] : at[1]]
    ceiling = np.maximum(-found.row_prices[at[1] : at[2]], 0.0)
    date = np.maximum(found.row_prices[at[2] : at[3]], 0.0).reshape(years, uses)
    lift = np.cumsum(date[::-1], axis=0)[::-1] - np.outer(ceiling, joint.weight) - total
    best = np.full((parcels, uses), -np.inf)
    for year in range(years):
        now = np.where(
            (joint.ready <= year)[:, None], joint.discount[year] * joint.value + lift[year], -np.inf
        )
        best = np.maximum(best, now)
    held = joint.least > 0.0
    earned = [np.where(held, best, 0.0) * joint.least]
    left = joint.capacity - joint.least.sum(axis=1)
    order = np.argsort(-best, axis=1)
    for place in range(uses):
        use = order[:, place]
        rows = np.arange(parcels)
        worth = best[rows, use]
        more = np.minimum(joint.most[rows, use] - joint.least[rows, use], left)
        more = np.where(worth > 0.0, np.maximum(more, 0.0), 0.0)
        earned.append(np.where(more > 0.0, worth, 0.0) * more)
        left = left - more
    return (
        float(total @ joint.target)
        + float(ceiling @ joint.ceiling)
        - float((date * joint.minimum).sum())
        + math.fsum(float(part.sum()) for part in earned)
    )


def _answer(joint: _Joint, cells: _CellsT, columns: FloatArray, bound: float) -> Schedule:
    row, use, year = cells
    built = np.flatnonzero(columns > 1e-13)
    row, use, year, amount = row[built], use[built], year[built], columns[built]
    worth = math.fsum(joint.discount[year] * joint.value[row, use] * amount)
    bound = max(bound, worth)
    gap = (bound - worth) / bound if 0.0 < bound < math.inf else 0.0 if bound == worth else 1.0
    parcel = joint.order[row]
    order = np.lexsort((use, parcel, year))
    parcel, use, year = parcel[order], use[order], year[order]
    amount = amount[order] * joint.area_unit
    years, uses = joint.minimum.shape
    total = np.zeros((years, uses))
    np.add.at(total, (year, use), amount)
    for array in (year, parcel, use, amount, total):
        array.flags.writeable = False
    unit = joint.area_unit * joint.value_unit
    status: Literal["optimal", "feasible"] = "optimal" if gap <= PROVEN_GAP else "feasible"
    return Schedule(
        status,
        (years, joint.capacity.size, uses),
        year,
        parcel,
        use,
        amount,
        total,
        worth * unit,
        bound * unit,
        gap,
        None,
        "joint",
    )


def _missed(joint: _Joint, dates: FloatArray, totals: FloatArray) -> Schedule:
    """Name the first date that is missed, or the totals."""
    years, uses = joint.minimum.shape
    missed = dates.reshape(years, uses)
    late = np.flatnonzero(missed.sum(axis=1) > MISSED)
    year = int(late[0]) if late.size else years - 1
    lack = missed[year] if late.size else totals
    wanted = joint.minimum[year] if late.size else joint.target
    named = np.flatnonzero(lack > 0.5 * MISSED)
    unit = joint.area_unit
    short = PhaseShortfall(
        year,
        0,
        tuple(int(use) for use in named),
        float(wanted[named].sum()) * unit,
        float((wanted - lack)[named].sum()) * unit,
        float(lack[named].sum()) * unit,
        np.sort(joint.order[(joint.most[:, named] > 0.0).any(axis=1)]),
        "ceiling",
        completion=not late.size,
    )
    none = np.zeros(0, np.int64)
    total = np.zeros((years, uses))
    total.flags.writeable = False
    lost = math.nan
    shape = (years, joint.capacity.size, uses)
    return Schedule(
        "infeasible", shape, none, none, none, np.zeros(0), total, lost, lost, lost, short
    )
