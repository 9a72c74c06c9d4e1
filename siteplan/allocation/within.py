"""Allocation where totals may move within limits."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from siteplan.allocation.arrays import FloatArray, vector
from siteplan.allocation.dual import dual_value
from siteplan.allocation.feasibility import bound_clash, shortfall, without_lower
from siteplan.allocation.highs import transport
from siteplan.allocation.problem import checked, core_rows, dual_rows, fixed_worth
from siteplan.allocation.ranges import feasible_ranges
from siteplan.allocation.solve import PROVEN_GAP, Allocation, allocate, infeasible


def allocate_within(  # noqa: PLR0913 - the arguments of `allocate`, and the limits
    capacity_m2: npt.ArrayLike,
    score: npt.ArrayLike,
    low_total_m2: npt.ArrayLike,
    high_total_m2: npt.ArrayLike,
    *,
    upper_m2: npt.ArrayLike | None = None,
    lower_m2: npt.ArrayLike | None = None,
    weight: npt.ArrayLike | None = None,
    total: float | None = None,
) -> Allocation:
    """Allocate where totals may move within low..high, and only their weighted sum is fixed.

    One LP of the whole problem finds the best totals; `allocate` then shares them out.

    Parameters
    ----------
    capacity_m2 : array_like, shape (n,)
        FAR area that each parcel can hold.
    score : array_like, shape (n, k)
        Value of one m² of each use on each parcel; -inf where not allowed.
    low_total_m2, high_total_m2 : array_like, shape (k,)
        Least and most of each total; +inf is allowed in the second.
    upper_m2, lower_m2 : array_like, shape (n, k), optional
        Bounds of each use on each parcel.
    weight : array_like, shape (k,), optional
        Positive weights of the grand total, one by default.
    total : float, optional
        Weighted sum of the totals that must be met.

    Returns
    -------
    Allocation
        `prices` are those of the totals, the grand total's share included.

    Raises
    ------
    ValueError
        For wrong shapes, NaN or negative amounts; the text names the argument.
    """
    problem = checked(capacity_m2, score, upper_m2, lower_m2)
    uses = problem.score.shape[0]
    low = vector(low_total_m2, name="low_total_m2", size=uses)
    high = vector(high_total_m2, name="high_total_m2", size=uses, infinite=True)
    weights = np.ones(uses) if weight is None else vector(weight, name="weight", size=uses)
    room = None if problem.upper is None else problem.upper.T
    least = None if problem.lower is None else problem.lower.T
    ranges = feasible_ranges(
        problem.capacity, room, low, high, lower_m2=least, weight=weights, total=total
    )
    if np.isnan(ranges).any():
        clash = bound_clash(problem.capacity, problem.upper, problem.lower)
        return infeasible(problem, clash or shortfall(problem.capacity, low, room, least))
    free, spare, base = without_lower(problem.capacity, problem.upper, problem.lower, uses=uses)
    low, high = ranges[:, 0], ranges[:, 1]
    core = core_rows(free, problem.score, spare, wanted=np.maximum(high - base, 0.0))
    if core.rows.size == 0:
        return allocate(capacity_m2, score, base, upper_m2, lower_m2)
    unit = core.area_unit
    least_more, most_more = np.maximum(low - base, 0.0), np.maximum(high - base, 0.0)
    more = None if total is None else max(total - float(weights @ base), 0.0)
    found = transport(
        core.capacity,
        core.score + core.shift[:, None],
        low=least_more / unit,
        high=most_more / unit,
        upper=core.upper,
        weight=weights,
        total=None if more is None else more / unit,
    )
    if found.status != "optimal":
        raise RuntimeError("the LP solver failed on a feasible allocation")
    totals = np.clip(base + found.area.sum(axis=1) * unit, low, high)
    shared = allocate(capacity_m2, score, totals, upper_m2, lower_m2)
    prices = found.prices + found.total_price * weights
    dearest = _dearest(prices, least_more, most_more, weights=weights, total=more)
    most = dual_value(dual_rows(core), target=dearest / unit, prices=prices - core.shift)
    most += float(core.shift @ dearest) / unit
    bound = fixed_worth(problem) + unit * core.score_unit * most
    return _judged(shared, bound=bound, prices=prices * core.score_unit, score=problem.score)


def _dearest(
    prices: FloatArray,
    low: FloatArray,
    high: FloatArray,
    *,
    weights: FloatArray,
    total: float | None,
) -> FloatArray:
    """Totals within low..high that are worth most at `prices`: a fractional knapsack."""
    if total is None:
        return np.where(prices > 0.0, high, low)
    worth = low.copy()
    spare = total - float(weights @ low)
    for use in np.argsort(-prices / weights, kind="stable"):
        more = min(high[use] - low[use], max(spare, 0.0) / weights[use])
        worth[use] += more
        spare -= weights[use] * more
    return worth


def _judged(
    shared: Allocation, *, bound: float, prices: FloatArray, score: FloatArray
) -> Allocation:
    """Measure an answer with fixed totals against the bound for free ones."""
    worth = float((np.where(shared.area_m2 > 0.0, np.abs(score.T), 0.0) * shared.area_m2).sum())
    bound = max(bound, shared.objective)
    gap = (bound - shared.objective) / worth if worth > 0.0 else 0.0
    status: Literal["optimal", "feasible"] = "optimal" if gap <= PROVEN_GAP else "feasible"
    return replace(shared, status=status, bound=bound, gap=gap, prices=prices, method="lp")
