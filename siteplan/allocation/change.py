"""Stay near a previous plan: a price on every square metre that is placed anew.

Maximise ``sum_ik s_ik y_ik - p sum_ik (y_ik - o_ik)+`` under the totals and bounds of `allocate`,
where ``o`` is the previous plan and ``p >= 0`` the price. Area counts once, where it is placed;
where it left is not counted again. The value of a cell is concave with one corner, at ``o_ik``
(``s`` up to it, ``s - p`` beyond), so the problem stays a linear programme.

Cutting every parcel into its old uses makes it a plain transportation problem again: the part
that held use k offers k at ``s`` and every other use at ``s - p``, and the part that was empty
offers every use at ``s - p``. A use fills its own part first, so nothing is counted wrongly. That
needs parcels that are limited by capacity alone and still hold their old plan. Where a use has an
upper bound on a parcel, or the old plan overfills it, each cell has two segments instead and
`siteplan.allocation.coupled` solves them.

A larger price never moves more area: adding the two optimality conditions of prices p < q gives
``(q - p)(moved_p - moved_q) >= 0``. From a certain price on nothing changes any more, because an
exchange without waste passes each total once: with k uses it alters at most k + 1 parcels, each by
at most the spread of the scores. That price is used for any larger one, so the least possible
change is found with full precision.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from siteplan.allocation.arrays import FloatArray, IntArray, matrix, number, vector
from siteplan.allocation.coupled import Coupled, solve_coupled
from siteplan.allocation.feasibility import (
    Shortfall,
    bound_clash,
    totals_short,
    without_lower,
)
from siteplan.allocation.problem import Problem, checked, fixed_worth
from siteplan.allocation.segments import Segments
from siteplan.allocation.solve import PROVEN_GAP, Allocation, allocate, infeasible

NOISE = 1e-9
"""Share of a parcel's capacity below which a difference is float noise."""

PART = 1e-11
"""Share of a parcel's capacity below which an old use makes no part of its own."""


@dataclass(frozen=True, eq=False)
class Change:
    """What differs between two plans of the same parcels.

    Attributes
    ----------
    placed_m2, left_m2 : numpy.ndarray, shape (n, k)
        FAR area of each use that is new on a parcel, and that has gone from it; read-only.
    moved_m2 : float
        Sum of what is placed.
    parcels : numpy.ndarray of int
        Rows where anything differs by more than float noise.
    """

    placed_m2: FloatArray
    left_m2: FloatArray
    moved_m2: float
    parcels: IntArray


@dataclass(frozen=True, eq=False)
class NearAllocation:
    """What `allocate_near` decided, and how well it is proven.

    Attributes
    ----------
    status : str
        "optimal" (gap at most 1e-9), "feasible" or "infeasible".
    area_m2 : numpy.ndarray, shape (n, k)
        FAR area of each use on each parcel, read-only; zeros where infeasible.
    objective, bound : float
        Suitability less the price of what moved, and the most that any answer can reach; at the
        price used, which is finite even where infinity was asked for. NaN where infeasible.
    gap : float
        ``(bound - objective)`` relative to ``sum |score| * area + price * moved``.
    prices : numpy.ndarray, shape (k,)
        Change of the best objective per m² more of each total.
    price : float
        The price used: the one asked for, or the least from which nothing changes any more.
    suitability : float
        Sum of score times area.
    change : Change
        What was placed and what left, against the previous plan as it was given.
    lost_m2 : numpy.ndarray, shape (n,)
        Area of the previous plan that present bounds cannot keep on each parcel, read-only.
    shortfall : Shortfall or None
        Why nothing fits.
    method : str
        As in `Allocation`; "lp" where cells had two segments.
    """

    status: Literal["optimal", "feasible", "infeasible"]
    area_m2: FloatArray
    objective: float
    bound: float
    gap: float
    prices: FloatArray
    price: float
    suitability: float
    change: Change
    lost_m2: FloatArray
    shortfall: Shortfall | None = None
    method: Literal["dual", "lp", "none"] = "none"

    @property
    def moved_m2(self) -> float:
        """FAR area placed where the previous plan did not have it."""
        return self.change.moved_m2


@dataclass(frozen=True, eq=False)
class _Old:
    """What lower bounds leave, and the part of the previous plan that may stay, (k, n)."""

    free: FloatArray  # (n,)
    room: FloatArray  # (k, n), 0 where not allowed
    base: FloatArray  # (k,)
    kept: FloatArray  # (k, n)


def change_between(
    before_m2: npt.ArrayLike, after_m2: npt.ArrayLike, *, capacity_m2: npt.ArrayLike | None = None
) -> Change:
    """Compare two plans cell by cell: ``placed = (after - before)+``, ``left = (before - after)+``.

    By definition; ``moved = sum placed`` is half the L1 distance where totals are equal.

    Parameters
    ----------
    before_m2, after_m2 : array_like, shape (n, k)
        FAR area of each use on each parcel.
    capacity_m2 : array_like, shape (n,), optional
        What each parcel can hold, the measure of float noise; else its larger plan.

    Returns
    -------
    Change

    Raises
    ------
    ValueError
        For wrong shapes, NaN or negative amounts; the text names the argument.
    """
    after = matrix(after_m2, name="after_m2", infinite=False)
    rows, uses = after.shape
    before = matrix(before_m2, name="before_m2", rows=rows, uses=uses, infinite=False)
    size = np.maximum(before.sum(axis=1), after.sum(axis=1))
    if capacity_m2 is not None:
        size = np.maximum(size, vector(capacity_m2, name="capacity_m2", size=rows))
    difference = after - before
    difference[np.abs(difference) <= NOISE * size[:, None]] = 0.0
    placed, left = np.maximum(difference, 0.0), np.maximum(-difference, 0.0)
    placed.flags.writeable = left.flags.writeable = False
    parcels = np.flatnonzero(difference.any(axis=1))
    return Change(placed, left, float(placed.sum()), parcels)


def allocate_near(  # noqa: PLR0913 - the arguments of `allocate`, and the previous plan
    capacity_m2: npt.ArrayLike,
    score: npt.ArrayLike,
    target_m2: npt.ArrayLike,
    previous_m2: npt.ArrayLike,
    *,
    price: float,
    upper_m2: npt.ArrayLike | None = None,
    lower_m2: npt.ArrayLike | None = None,
    prices: npt.ArrayLike | None = None,
) -> NearAllocation:
    """Allocate exact totals with a price on each m² placed where the previous plan had it not.

    Maximise ``sum_ik s_ik y_ik - price * sum_ik (y_ik - o_ik)+`` with ``sum_i y_ik = T_k``,
    ``sum_k y_ik <= F_i`` and ``l_ik <= y_ik <= u_ik``, where ``o`` is the previous plan; the head
    of the module derives how it becomes a transportation problem. At price 0 the answer is that of
    `allocate`; at a large one it moves as little area as possible and, among all plans that move
    so little, has the most suitability.

    Parameters
    ----------
    capacity_m2 : array_like, shape (n,)
        FAR area that each parcel can hold.
    score : array_like, shape (n, k)
        Value of one m² of each use on each parcel; -inf where not allowed.
    target_m2 : array_like, shape (k,)
        FAR area that each use must reach in all.
    previous_m2 : array_like, shape (n, k)
        FAR area of the previous plan. It need not fit present bounds: what cannot stay is
        reported as lost, and counts as moved where it is placed again.
    price : float
        Score that one m² must gain to be worth moving: zero or more, infinity allowed.
    upper_m2, lower_m2 : array_like, shape (n, k), optional
        Bounds of each use on each parcel; the capacity and 0 where left out.
    prices : array_like, shape (k,), optional
        Prices of a similar problem, from an earlier answer; they save time only.

    Returns
    -------
    NearAllocation
        With status "infeasible" and a shortfall where nothing fits.

    Raises
    ------
    ValueError
        For wrong shapes, NaN or negative amounts or price; the text names the argument.
    """
    problem = checked(capacity_m2, score, upper_m2, lower_m2)
    uses, parcels = problem.score.shape
    target = vector(target_m2, name="target_m2", size=uses)
    previous = matrix(previous_m2, name="previous_m2", rows=parcels, uses=uses, infinite=False)
    price = min(number(price, name="price", infinite=True), _last_price(problem))
    clash = bound_clash(problem.capacity, problem.upper, problem.lower)
    if clash is not None:
        return _judged(problem, infeasible(problem, clash), previous=previous, price=price)
    old = _old(problem, previous.T)
    short = totals_short(
        old.free, None if problem.upper is None else old.room, target=target, base=old.base
    )
    if short is not None:
        return _judged(problem, infeasible(problem, short), previous=previous, price=price)
    if price == 0.0:
        found = allocate(capacity_m2, score, target, upper_m2, lower_m2, prices=prices)
    else:
        found = _nearest(
            problem, old, previous=previous.T, target=target, price=price, start=prices
        )
    return _judged(problem, found, previous=previous, price=price)


def _last_price(problem: Problem) -> float:
    """Price from which nothing changes any more; see the module text."""
    allowed = problem.score > -np.inf
    top = float(np.where(allowed, problem.score, 0.0).max(initial=0.0))
    floor = float(np.where(allowed, problem.score, 0.0).min(initial=0.0))
    spread = top - floor
    return 2.0 * (problem.score.shape[0] + 1) * spread if spread > 0.0 else 1.0


def _old(problem: Problem, previous: FloatArray) -> _Old:
    uses = problem.score.shape[0]
    free, room, base = without_lower(problem.capacity, problem.upper, problem.lower, uses=uses)
    room = np.broadcast_to(free, problem.score.shape) if room is None else np.minimum(room, free)
    kept = previous if problem.lower is None else np.maximum(previous - problem.lower, 0.0)
    return _Old(free, room, base, np.minimum(kept, room))


def _nearest(
    problem: Problem,
    old: _Old,
    *,
    previous: FloatArray,
    target: FloatArray,
    price: float,
    start: npt.ArrayLike | None,
) -> Allocation:
    """Solve with parcels cut into their old uses, and by segments where that is not exact."""
    wanted = np.maximum(target - old.base, 0.0)
    area: FloatArray
    capped = (old.room > 0.0) & (old.room < old.free * (1.0 - 1e-12))
    if capped.any() or (old.kept.sum(axis=0) > old.free * (1.0 + PART)).any():
        exact = _by_segments(problem, old, wanted=wanted, price=price)
        area, bound, prices = exact.area, exact.bound, exact.prices
        method: Literal["dual", "lp", "none"] = "lp"
    else:
        row, capacity, value = _parts(problem, old, price=price)
        found = allocate(capacity, value, wanted, prices=start)
        held = [np.bincount(row, part, old.free.size) for part in found.area_m2.T]
        area, bound, prices, method = np.array(held), found.bound, found.prices, found.method
    bound += fixed_worth(problem)
    if problem.lower is not None:
        area = area + problem.lower
        bound -= price * float(np.maximum(problem.lower - previous, 0.0).sum())
    return Allocation("feasible", area.T, math.nan, bound, math.nan, prices, None, method)


def _parts(problem: Problem, old: _Old, *, price: float) -> tuple[IntArray, FloatArray, FloatArray]:
    """Cut parcels into their old uses and their empty part: parcel, capacity and value of each."""
    held = old.kept.sum(axis=0)
    full = np.abs(held - old.free) <= PART * old.free
    kept = old.kept * np.where(full, old.free / np.where(held > 0.0, held, 1.0), 1.0)
    row, use = np.nonzero((kept > PART * old.free).T)
    blank = np.flatnonzero((old.free - held > PART * old.free) & (old.free > 0.0))
    parcel = np.append(row, blank)
    value = problem.score.T[parcel] - price
    own = np.arange(row.size)
    value[own, use] = problem.score[use, row]
    return parcel, np.append(kept[use, row], (old.free - held)[blank]), value


def _by_segments(problem: Problem, old: _Old, *, wanted: FloatArray, price: float) -> Coupled:
    """Solve with two segments per cell: what may stay at ``s``, and more at ``s - price``."""
    uses = wanted.size
    allowed = problem.score > -np.inf
    room = np.where(allowed, old.room, 0.0)
    kept = np.minimum(old.kept, room)
    found = solve_coupled(
        Segments(
            old.free,
            np.concatenate([problem.score, problem.score - price]),
            np.concatenate([kept, room - kept]),
            np.tile(np.arange(uses), 2),
            wanted,
        )
    )
    if found is None:
        raise RuntimeError("the LP solver failed on a feasible allocation")
    return found


def _judged(
    problem: Problem, found: Allocation, *, previous: FloatArray, price: float
) -> NearAllocation:
    """Measure an answer against the previous plan and against its bound."""
    area, score = found.area_m2, problem.score.T
    keepable = previous if problem.upper is None else np.minimum(previous, problem.upper.T)
    within = np.minimum(keepable.sum(axis=1), problem.capacity)
    lost = np.maximum(previous.sum(axis=1) - within, 0.0)
    lost[lost <= NOISE * problem.capacity] = 0.0
    area.flags.writeable = lost.flags.writeable = False
    if found.status == "infeasible":
        stays = change_between(previous, previous)
        return NearAllocation(
            "infeasible",
            area,
            math.nan,
            math.nan,
            math.nan,
            found.prices,
            price,
            math.nan,
            stays,
            lost,
            found.shortfall,
        )
    change = change_between(previous, area, capacity_m2=problem.capacity)
    value = np.where(area > 0.0, score, 0.0) * area
    moved = float(np.maximum(area - previous, 0.0).sum())
    suitability = float(value.sum())
    objective = suitability - price * moved
    bound = max(found.bound, objective)
    worth = float(np.abs(value).sum()) + price * moved
    gap = (bound - objective) / worth if worth > 0.0 else 0.0
    return NearAllocation(
        "optimal" if gap <= PROVEN_GAP else "feasible",
        area,
        objective,
        bound,
        gap,
        found.prices,
        price,
        suitability,
        change,
        lost,
        None,
        found.method,
    )
