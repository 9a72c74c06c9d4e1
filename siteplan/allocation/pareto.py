"""The best trade-offs between two criteria: points of a Pareto front, each proven.

With criteria a and b and the plans Y of `allocate`, the front is the graph of
``b*(v) = max {sum b y : y in Y, sum a y >= v}``: concave and piecewise linear, as the value of a
linear programme in its right-hand side. Points are equally spaced in v between the plan that is
best for b and the plan that is best for a; each is solved exactly as an epsilon-constraint problem
(Haimes, Lasdon and Wismer 1971), so a point may lie between two corners of the front, which a
weighted sum of the criteria never finds. Neighbours found before give the slope and prices to start
from (the chords of Aneja and Nair, *Bicriteria transportation problem*, 1979), so most points cost
one small LP. The prices of each answer prove how much of b any plan with as much of a could have.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from siteplan.allocation.arrays import FloatArray, count_of, scores, vector
from siteplan.allocation.coupled import FEW_ROWS
from siteplan.allocation.feasibility import Shortfall
from siteplan.allocation.floored import Start, allocate_by, best_above, worth_of
from siteplan.allocation.problem import Problem, checked
from siteplan.allocation.solve import PROVEN_GAP, Allocation

NEAR_SIDE = 1e-6
"""Weight of the first criterion at the end that is best for the second: it decides ties."""

FAR_SIDE = 1e-4
"""The same at the other end, where float noise is divided by it: the front ends where one more
part of the first criterion's spread would cost ten thousand of the second's."""


@dataclass(frozen=True, eq=False)
class ParetoPoint:
    """One plan on the front.

    Attributes
    ----------
    first, second : float
        The two criteria: sum of score times area.
    second_bound : float
        The most of the second that any plan with at least as much of the first can have.
    gap : float
        ``(second_bound - second)`` relative to the larger of ``sum |second| * area`` and the span
        of the second criterion over the front.
    slope : float
        What one more unit of the first costs in units of the second here.
    area_m2 : numpy.ndarray, shape (n, k)
        FAR area of each use on each parcel, read-only.
    """

    first: float
    second: float
    second_bound: float
    gap: float
    slope: float
    area_m2: FloatArray


@dataclass(frozen=True, eq=False)
class ParetoFront:
    """Points of a front, from most of the second criterion to most of the first.

    Attributes
    ----------
    status : str
        "optimal" (every gap at most 1e-9), "feasible" or "infeasible".
    points : tuple of ParetoPoint
        Equally spaced in the first criterion; one point where the criteria do not compete, none
        where infeasible.
    first_bound, second_bound : float
        The most of each criterion that any plan can have; NaN where infeasible.
    gap : float
        The largest gap of a point; NaN where infeasible.
    shortfall : Shortfall or None
        Why nothing fits.
    """

    status: Literal["optimal", "feasible", "infeasible"]
    points: tuple[ParetoPoint, ...]
    first_bound: float
    second_bound: float
    gap: float
    shortfall: Shortfall | None = None


@dataclass(frozen=True, eq=False)
class _Known:
    """A plan on the front while neighbours are searched."""

    first: float
    second: float
    bound: float
    area: FloatArray  # (k, n)
    prices: FloatArray
    slope: float


def pareto_front(
    capacity_m2: npt.ArrayLike,
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    target_m2: npt.ArrayLike,
    *,
    upper_m2: npt.ArrayLike | None = None,
    lower_m2: npt.ArrayLike | None = None,
    points: int = 21,
) -> ParetoFront:
    """Find equally spaced points of the front between two criteria, both to be maximised.

    Each point maximises ``sum_ik b_ik y_ik`` with ``sum_ik a_ik y_ik >= v``,
    ``sum_i y_ik = T_k``, ``sum_k y_ik <= F_i`` and ``l_ik <= y_ik <= u_ik``: the epsilon-constraint
    method (Haimes, Lasdon and Wismer 1971), from slopes by Aneja and Nair (1979).

    Parameters
    ----------
    capacity_m2 : array_like, shape (n,)
        FAR area that each parcel can hold.
    first, second : array_like, shape (n, k)
        What one m² of each use on each parcel earns by each criterion; -inf in either where not
        allowed.
    target_m2 : array_like, shape (k,)
        FAR area that each use must reach in all.
    upper_m2, lower_m2 : array_like, shape (n, k), optional
        Bounds of each use on each parcel; the capacity and 0 where left out.
    points : int
        Number of points, two or more.

    Returns
    -------
    ParetoFront
        With status "infeasible" and a shortfall where nothing fits.

    Raises
    ------
    ValueError
        For wrong shapes, NaN or negative amounts, or fewer than two points; the text names the
        argument.
    """
    points = count_of(points, name="points", least=2)
    capacity = vector(capacity_m2, name="capacity_m2")
    one = scores(first, name="first", rows=capacity.size)
    two = scores(second, name="second", rows=capacity.size)
    if one.shape != two.shape:
        msg = f"second must have shape {one.shape}, not {two.shape}"
        raise ValueError(msg)
    allowed = (one > -np.inf) & (two > -np.inf)
    problem = checked(capacity, np.where(allowed, one, -np.inf), upper_m2, lower_m2)
    target = vector(target_m2, name="target_m2", size=one.shape[1])
    value = np.where(allowed, two, 0.0).T
    own = np.where(allowed, one, 0.0).T
    top_second = allocate_by(problem, value, target=target)
    if top_second.status == "infeasible":
        nothing = math.nan
        return ParetoFront("infeasible", (), nothing, nothing, nothing, top_second.shortfall)
    top_first = allocate_by(problem, own, target=target)
    begin, end = _ends(problem, own, value, target=target)
    span = abs(begin.second - end.second)
    if _gap(end, value, span=span) > PROVEN_GAP:  # the weight has enlarged float noise
        start = Start(end.prices, end.slope)
        again = _above(problem, value, target=target, floor=end.first, start=start)
        if _gap(again, value, span=span) < _gap(end, value, span=span):
            end = again
    known = {0: begin}
    if end.first - begin.first > 1e-9 * _size(own, begin.area, end.area):
        known[points - 1] = end
        _between(problem, value, known, target=target, low=0, high=points - 1)
    span = abs(begin.second - end.second)
    found = tuple(_point(known[place], value, span=span) for place in sorted(known))
    gap = max(point.gap for point in found)
    return ParetoFront(
        "optimal" if gap <= PROVEN_GAP else "feasible",
        found,
        top_first.bound,
        top_second.bound,
        gap,
    )


def pareto_point(
    capacity_m2: npt.ArrayLike,
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    target_m2: npt.ArrayLike,
    *,
    least_first: float,
    upper_m2: npt.ArrayLike | None = None,
    lower_m2: npt.ArrayLike | None = None,
) -> ParetoPoint | None:
    """Find the plan with most of the second criterion among those with enough of the first.

    ``max sum b y  s.t.  y in Y,  sum a y >= v``: the front of `pareto_front` at any one value v.

    Parameters
    ----------
    capacity_m2, first, second, target_m2, upper_m2, lower_m2
        As in `pareto_front`.
    least_first : float
        Least of the first criterion, v; lowered to the most that any plan has where it is above.

    Returns
    -------
    ParetoPoint or None
        Its `gap` is relative to ``sum |second| * area``; None where nothing fits.

    Raises
    ------
    ValueError
        For wrong shapes, NaN or negative amounts; the text names the argument.
    """
    capacity = vector(capacity_m2, name="capacity_m2")
    one = scores(first, name="first", rows=capacity.size)
    two = scores(second, name="second", rows=capacity.size)
    if one.shape != two.shape:
        msg = f"second must have shape {one.shape}, not {two.shape}"
        raise ValueError(msg)
    allowed = (one > -np.inf) & (two > -np.inf)
    problem = checked(capacity, np.where(allowed, one, -np.inf), upper_m2, lower_m2)
    target = vector(target_m2, name="target_m2", size=one.shape[1])
    top = allocate_by(problem, np.where(allowed, one, 0.0).T, target=target)
    if top.status == "infeasible":
        return None
    value = np.where(allowed, two, 0.0).T
    floor = min(least_first, top.objective)
    return _point(_above(problem, value, target=target, floor=floor, start=None), value, span=0.0)


def _ends(
    problem: Problem, own: FloatArray, value: FloatArray, *, target: FloatArray
) -> tuple[_Known, _Known]:
    """Find the best plan by each criterion; the other decides where plans nearly tie."""
    rate = NEAR_SIDE * _spread(value) / _spread(own)
    found = allocate_by(problem, value + rate * own, target=target)
    begin = _weighted(found, own, value, slope=rate, scale=1.0)
    rate = FAR_SIDE * _spread(own) / _spread(value)
    found = allocate_by(problem, own + rate * value, target=target)
    return begin, _weighted(found, own, value, slope=1.0 / rate, scale=rate)


def _weighted(
    found: Allocation, own: FloatArray, value: FloatArray, *, slope: float, scale: float
) -> _Known:
    """Read a plan that is best for ``scale * (second + slope * first)``."""
    area = found.area_m2.T
    second = worth_of(value, area)
    # The proven bound less what the plan has, in differences that lose no digits.
    bound = second + max(found.bound - found.objective, 0.0) / scale
    return _Known(worth_of(own, area), second, bound, area, found.prices / scale, slope)


def _above(
    problem: Problem, value: FloatArray, *, target: FloatArray, floor: float, start: Start | None
) -> _Known:
    """Find the plan with most of the second criterion that has enough of the first."""
    found = best_above(problem, value, target=target, floor=floor, start=start)
    first, second = worth_of(problem.score, found.area), worth_of(value, found.area)
    bound = max(found.bound + found.floor_price * (floor - first), second)
    return _Known(first, second, bound, found.area, found.prices, found.floor_price)


def _spread(score: FloatArray) -> float:
    wide = float(score.max(initial=0.0) - score.min(initial=0.0))
    return wide if wide > 0.0 else 1.0


def _size(score: FloatArray, *areas: FloatArray) -> float:
    return max(worth_of(np.abs(score), area) for area in areas)


def _between(
    problem: Problem,
    value: FloatArray,
    known: dict[int, _Known],
    *,
    target: FloatArray,
    low: int,
    high: int,
) -> None:
    """Solve the middle point of an interval, then each half."""
    if high - low < 2:
        return
    before, after = known[low], known[high]
    place = (low + high) // 2
    share = (place - low) / (high - low)
    wanted = before.first + share * (after.first - before.first)
    slope = max(before.second - after.second, 0.0) / (after.first - before.first)
    # Prices may rise steeply to the far end; with few rows none are needed.
    if high == max(known) and problem.capacity.size > FEW_ROWS:
        worth = np.where(problem.score > -np.inf, problem.score, 0.0)
        prices = allocate_by(problem, value + slope * worth, target=target).prices
    else:
        prices = before.prices + share * (after.prices - before.prices)
    start = Start(prices, slope)
    known[place] = _above(problem, value, target=target, floor=wanted, start=start)
    _between(problem, value, known, target=target, low=low, high=place)
    _between(problem, value, known, target=target, low=place, high=high)


def _gap(known: _Known, value: FloatArray, *, span: float) -> float:
    size = max(_size(value, known.area), span)
    return (known.bound - known.second) / size if size > 0.0 else 0.0


def _point(known: _Known, value: FloatArray, *, span: float) -> ParetoPoint:
    gap = _gap(known, value, span=span)
    area = np.ascontiguousarray(known.area.T)
    area.flags.writeable = False
    return ParetoPoint(known.first, known.second, known.bound, gap, known.slope, area)
