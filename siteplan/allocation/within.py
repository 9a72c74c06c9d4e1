"""Allocation where totals may move within limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from siteplan.allocation.arrays import TOLERANCE, FloatArray, vector
from siteplan.allocation.dual import dual_value, near_prices, widest
from siteplan.allocation.feasibility import bound_clash, shortfall, without_lower
from siteplan.allocation.highs import Transport, transport
from siteplan.allocation.problem import checked, core_rows, dual_rows, fixed_worth
from siteplan.allocation.ranges import feasible_ranges
from siteplan.allocation.rows import Kinds, Rows
from siteplan.allocation.solve import PROVEN_GAP, SMALL_ROWS, Allocation, allocate, infeasible
from siteplan.allocation.totals import FreeTotals

BOXES = (64, 512)
"""Parcels in doubt in each LP, before the LP of the whole problem."""


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

    Maximise ``sum_ik s_ik y_ik`` with ``low_k <= t_k = sum_i y_ik <= high_k``,
    ``sum_k w_k t_k = total``, ``sum_k y_ik <= F_i`` and ``l_ik <= y_ik <= u_ik``. The search for
    prices of `siteplan.allocation.dual` (Nesterov 2005) takes the totals as one more chooser, who
    sells as much as the limits allow of what is dearest; an LP of the parcels still in doubt
    (Marsten, Hogan and Blankenship 1975) then finds the best totals, and `allocate` shares them
    out. The bound holds for all totals within the limits.

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
        For wrong shapes, NaN, negative amounts or a lower limit above its upper one; the text
        names the argument, the index and the value.
    """
    problem = checked(capacity_m2, score, upper_m2, lower_m2)
    uses = problem.score.shape[0]
    low = vector(low_total_m2, name="low_total_m2", size=uses)
    high = vector(high_total_m2, name="high_total_m2", size=uses, infinite=True)
    weights = np.ones(uses) if weight is None else vector(weight, name="weight", size=uses)
    room = None if problem.upper is None else problem.upper.T
    least = None if problem.lower is None else problem.lower.T
    # First, because ranges take a bound on a forbidden use for wrong input.
    clash = bound_clash(problem.capacity, problem.upper, problem.lower)
    if clash is not None:
        return infeasible(problem, clash)
    ranges = feasible_ranges(
        problem.capacity, room, low, high, lower_m2=least, weight=weights, total=total
    )
    if np.isnan(ranges).any():
        return infeasible(problem, shortfall(problem.capacity, low, room, least))
    free, spare, base = without_lower(problem.capacity, problem.upper, problem.lower, uses=uses)
    low, high = ranges[:, 0], ranges[:, 1]
    if total is not None:  # ranges bear with a total beyond them by rounding, an LP does not
        total = min(max(total, float(weights @ low)), float(weights @ high))
    if float((high - base).sum()) <= TOLERANCE * float(high.sum()):
        return allocate(capacity_m2, score, np.clip(base, low, high), upper_m2, lower_m2)
    core = core_rows(free, problem.score, spare, wanted=np.maximum(high - base, 0.0))
    if core.rows.size == 0:
        return allocate(capacity_m2, score, base, upper_m2, lower_m2)
    unit = core.area_unit
    least_more, most_more = np.maximum(low - base, 0.0), np.maximum(high - base, 0.0)
    totals = FreeTotals(
        least_more / unit,
        most_more / unit,
        weights,
        None if total is None else max(total - float(weights @ base), 0.0) / unit,
    )
    rows = dual_rows(core)
    answer: Allocation | None = None
    for found in _candidates(rows, totals, shift=core.shift):
        wanted = np.clip(base + found.wanted * unit, low, high)
        prices = (found.prices + core.shift) * core.score_unit
        shared = allocate(capacity_m2, score, wanted, upper_m2, lower_m2, prices=prices)
        dearest = _dearest(found.prices + core.shift, totals)
        most = dual_value(rows, target=dearest, prices=found.prices)
        most += float(core.shift @ dearest)
        bound = fixed_worth(problem) + unit * core.score_unit * most
        judged = _judged(
            shared, bound=bound, prices=prices, score=problem.score, method=found.method
        )
        if answer is None or judged.gap < answer.gap:
            answer = judged
        if answer.status == "optimal":
            break
    if answer is None:
        raise RuntimeError("the LP solver failed on a feasible allocation")
    return answer


@dataclass(frozen=True, eq=False)
class _Candidate:
    """Totals, and the prices that should prove them."""

    wanted: FloatArray
    prices: FloatArray
    method: Literal["dual", "lp"]


def _candidates(rows: Rows, totals: FreeTotals, *, shift: FloatArray) -> Iterator[_Candidate]:
    """Look near good prices, in boxes that grow, and in the whole problem last."""
    if rows.size > SMALL_ROWS:
        # With the shift of scores taken back: free totals care how large a score is.
        moved = rows.shifted(shift)
        prices, lead = near_prices(moved, totals=totals)
        choice = moved.choose(prices)
        for count in BOXES:
            width = max(lead, widest(choice.margin, rows=count))
            doubt = choice.margin <= width
            if np.count_nonzero(doubt) == rows.size:
                break
            held = moved.totals(choice, ~doubt)
            found = _solved(moved.kinds(choice, doubt, lead=width), totals, held=held)
            if found.status == "optimal":
                prices = found.prices + found.total_price * totals.weight
                yield _Candidate(found.area.sum(axis=1) + held, prices - shift, "dual")
            lead *= 4.0
    moved = rows.shifted(shift)
    whole = Kinds(moved.capacity, moved.score, moved.limits, None)
    found = _solved(whole, totals, held=np.zeros(shift.size))
    if found.status == "optimal":
        prices = found.prices + found.total_price * totals.weight
        yield _Candidate(found.area.sum(axis=1), prices - shift, "lp")


def _solved(kinds: Kinds, totals: FreeTotals, *, held: FloatArray) -> Transport:
    """Solve the kinds as one LP, with `held` on the other rows."""
    total = totals.total
    return transport(
        kinds.capacity,
        kinds.value,
        low=totals.low - held,
        high=totals.high - held,
        upper=kinds.upper,
        fill=kinds.full,
        weight=totals.weight,
        total=None if total is None else total - float(totals.weight @ held),
    )


def _dearest(prices: FloatArray, totals: FreeTotals) -> FloatArray:
    """Totals that are worth most at `prices`: a fractional knapsack."""
    low, high, weights = totals.low, totals.high, totals.weight
    if totals.total is None:
        return np.where(prices > 0.0, high, low)
    worth = low.copy()
    spare = totals.total - float(weights @ low)
    for use in np.argsort(-prices / weights, kind="stable"):
        more = min(high[use] - low[use], max(spare, 0.0) / weights[use])
        worth[use] += more
        spare -= weights[use] * more
    return worth


def _judged(
    shared: Allocation,
    *,
    bound: float,
    prices: FloatArray,
    score: FloatArray,
    method: Literal["dual", "lp"],
) -> Allocation:
    """Measure an answer with fixed totals against the bound for free ones."""
    worth = float((np.where(shared.area_m2 > 0.0, np.abs(score.T), 0.0) * shared.area_m2).sum())
    bound = max(bound, shared.objective)
    gap = (bound - shared.objective) / worth if worth > 0.0 else 0.0
    status: Literal["optimal", "feasible"] = "optimal" if gap <= PROVEN_GAP else "feasible"
    return replace(shared, status=status, bound=bound, gap=gap, prices=prices, method=method)
