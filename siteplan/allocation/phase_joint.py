"""What is built where and when, decided at once: for dates that the best plan cannot keep.

With ``y_ikt`` the area of use k built on parcel i in year t, and the least allowed score as the
base b of all scores where it is below 0 (else 0), so that nothing gains by waiting,

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
from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from siteplan.allocation.arrays import FloatArray, IntArray, number, vector
from siteplan.allocation.phase_answer import Schedule
from siteplan.allocation.phase_joint_lp import (
    Cells,
    Joint,
    bounded_cells,
    lift,
    no_cells,
    open_cells,
    programme,
    proven,
)
from siteplan.allocation.phase_problem import PhaseShortfall, checked_phasing
from siteplan.allocation.phases import DISCOUNT_RATIO
from siteplan.allocation.problem import Problem, checked
from siteplan.allocation.rows import mixed_bits
from siteplan.allocation.solve import PROVEN_GAP

MISSED = 1e-9
"""Part of all totals by which dates may be missed through float noise."""


SIFTED_CELLS = 6000
"""Parcels times uses times years above which the LP is solved on a part of them first."""


SAMPLE_PARCELS = 150


FIRST_MARGIN = 0.03
"""Worth, as part of the best score, by which a cell may miss its parcel's best to come first."""


SIFTINGS = 30


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
    discount_ratio: float = DISCOUNT_RATIO,
    ceiling_weight: npt.ArrayLike | None = None,
) -> Schedule:
    """Allocate exact totals to parcels and years at once.

    Maximise ``sum_ikt d_t (s_ik - b) y_ikt``, ``d_t = (1 + r)**-t``, with ``sum_it y_ikt = T_k``,
    ``sum_kt y_ikt <= F_i``, ``sum_ik w_k y_ikt <= C_t`` and ``sum_{i, s <= t} y_iks >= M_tk``: one
    linear programme, its bound by LP duality. The head of the module says more.

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
    discount_ratio = number(discount_ratio, name="discount_ratio")
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
) -> Joint:
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
    return Joint(
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


def _solved(joint: Joint) -> Schedule:
    if joint.target.sum() == 0.0 and not joint.least.any() and not joint.minimum.any():
        return _answer(joint, no_cells(), np.zeros(0), 0.0)
    cells = open_cells(joint)
    if cells[0].size > SIFTED_CELLS:
        sifted = _sifted(joint, cells)
        if sifted is not None:
            return sifted
    found = programme(joint, cells)
    if found.status == "optimal":
        return _answer(joint, cells, found.columns, proven(joint, found))
    eased = programme(joint, cells, miss=math.inf)
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


def _sifted(joint: Joint, cells: Cells) -> Schedule | None:
    """Solve the LP on the cells that may matter, and add those that its prices ask for.

    Sifting (Bixby, Gregory, Lustig, Marsten and Shanno 1992): the first cells are each parcel's
    best ones at the prices of a sample of parcels; a cell is added where it is worth more than its
    parcel earns.
    """
    row, use, year = cells
    parcels = joint.capacity.size
    prices = _sample_prices(joint)
    if prices is None:
        return None
    gain = joint.discount[year] * joint.value[row, use]
    worth = gain + prices[year, use]
    best = np.zeros(parcels)
    np.maximum.at(best, row, worth)
    chosen = worth >= best[row] - FIRST_MARGIN
    _, place = bounded_cells(joint)
    first = parcels + joint.target.size + joint.ceiling.size + joint.minimum.size
    bound = math.inf
    for _ in range(SIFTINGS):
        kept = row[chosen], use[chosen], year[chosen]
        found = programme(joint, kept, miss=4.0 * (joint.target.size + joint.ceiling.size))
        if found.status != "optimal":
            return None
        bound = min(bound, proven(joint, found))
        missed = float(found.columns[kept[0].size :].sum())
        columns = found.columns[: kept[0].size]
        if missed <= MISSED:
            answer = _answer(joint, kept, columns, bound)
            if answer.status == "optimal":
                return answer
        worth = gain + lift(joint, found)[year, use]
        own = -found.row_prices[row]
        at = place[row, use]
        some = at >= 0
        own[some] -= found.row_prices[first + at[some]]
        more = (worth > own + 1e-11) & ~chosen
        if not more.any():
            return None  # infeasible, or beyond the solver's tolerance: the whole LP decides
        chosen |= more
    return None


def _sample_prices(joint: Joint) -> FloatArray | None:
    """Prices (Y, k) of building a unit, from a fair sample: rows stand in order of a hash."""
    count = min(SAMPLE_PARCELS, joint.capacity.size)
    part = float(joint.capacity[:count].sum() / joint.capacity.sum())
    sample = replace(
        joint,
        order=joint.order[:count],
        capacity=joint.capacity[:count],
        value=joint.value[:count],
        least=joint.least[:count],
        most=joint.most[:count],
        ready=joint.ready[:count],
        target=joint.target * part,
        ceiling=joint.ceiling * part,
        minimum=joint.minimum * part,
    )
    found = programme(
        sample, open_cells(sample), miss=4.0 * (joint.target.size + joint.ceiling.size)
    )
    return lift(sample, found) if found.status == "optimal" else None


def _answer(joint: Joint, cells: Cells, columns: FloatArray, bound: float) -> Schedule:
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


def _missed(joint: Joint, dates: FloatArray, totals: FloatArray) -> Schedule:
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
