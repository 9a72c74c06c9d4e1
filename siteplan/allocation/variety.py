"""Plans that are nearly as good as the best and as different as possible.

Modelling to generate alternatives (Brill 1979; Brill, Chang and Hopkins 1982: hop, skip, jump):
among the plans x of `allocate` with ``sum s x >= best - w |best|``, look for those far from the
present plan and from one another. The difference of two plans is the part of the programme that
stands elsewhere, ``d(x, y) = sum_ik (x - y)+ / sum_k T_k``: half the L1 distance where totals are
equal, 0 for the same plan and 1 for no square metre in common.

To maximise d is to maximise a convex function, which has no fast exact method. Three things are
exact here. Every plan keeps its totals, its bounds and the floor. Since ``min(x, y) >= x y / u``
for x, y within 0..u, the linear programme ``min sum x y / u`` over the same plans bounds how far
any of them can lie from the present one; where the present plan fills its parcels, as most do, it
is nearly tight. And every step from a plan to a plan of larger linearised difference, which is a
convex function's tangent, truly raises the difference. So the answer is a good one with a proven
bound, not a proven best.

Only the bound and the last step to a plan are solved exactly. The steps before are chords between
two plans of `allocate`, one on each side of the floor: they keep totals, bounds and floor, and
come within `NEAR_RATIO` of the programme for a tenth of the time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from siteplan.allocation.arrays import FloatArray, count_of, matrix, number, vector
from siteplan.allocation.coupled import FEW_ROWS
from siteplan.allocation.feasibility import Shortfall
from siteplan.allocation.floored import Start, best_above, near_above, worth_of
from siteplan.allocation.problem import Problem, checked
from siteplan.allocation.solve import Allocation, allocate

WEIGHINGS = 3
"""Times that the plans to differ from are weighed anew."""

CLIMBS = 2
"""Most steps along a tangent."""

ROUNDS = 1
"""Times that every plan is looked for again beside the others."""

SHARPNESS = 6.0
"""How much more a near plan counts than a far one where a search is repeated."""

NEAR_RATIO = 5e-4
"""Part of the programme that a step of the search may fall short of the furthest plan."""

WHOLE_RATIO = 0.01
"""Difference that a plan gives up to be one of whole parcels, as an exact answer is."""


@dataclass(frozen=True, eq=False)
class Alternative:
    """One alternative plan.

    Attributes
    ----------
    area_m2 : numpy.ndarray, shape (n, k)
        FAR area of each use on each parcel, read-only.
    objective : float
        Sum of score times area.
    objective_ratio : float
        The part of the best objective's proven bound that it keeps, 1 for the best.
    nearest_ratio : float
        Difference from the plan most like it, the present one included.
    """

    area_m2: FloatArray
    objective: float
    objective_ratio: float
    nearest_ratio: float


@dataclass(frozen=True, eq=False)
class Alternatives:
    """What `alternatives` found.

    Attributes
    ----------
    status : str
        "feasible", for differences are not proven largest, or "infeasible".
    best : Allocation
        The best plan and its proof.
    floor : float
        Objective that every alternative reaches; NaN where infeasible.
    plans : tuple of Alternative
        The alternatives, the one furthest from all others first; none where infeasible.
    difference_ratio : numpy.ndarray, shape (1 + count, 1 + count)
        Part of the programme that stands elsewhere between each two plans, the present one first,
        read-only.
    bound_ratio : float
        No plan above the floor differs from the present one by more, so neither the least
        difference of the plans nor that of any others can exceed it; NaN where infeasible.
    shortfall : Shortfall or None
        Why nothing fits.
    """

    status: Literal["feasible", "infeasible"]
    best: Allocation
    floor: float
    plans: tuple[Alternative, ...]
    difference_ratio: FloatArray
    bound_ratio: float
    shortfall: Shortfall | None = None

    @property
    def least_ratio(self) -> float:
        """The least difference of any two plans, the present one included."""
        apart = self.difference_ratio[~np.eye(len(self.difference_ratio), dtype=bool)]
        return float(apart.min(initial=1.0))


@dataclass(frozen=True, eq=False)
class _Search:
    """The plans above the floor."""

    problem: Problem
    target: FloatArray
    floor: float
    most: FloatArray  # (k, n), bounds of each cell
    starts: dict[str, Start]  # prices of the latest answer of each kind, which save time

    def near(self, value: FloatArray, *, kind: str) -> FloatArray:
        """Nearly the largest `value` above the floor; exact where parcels are few."""
        if self.problem.capacity.size <= FEW_ROWS:
            return best_above(self.problem, value, target=self.target, floor=self.floor).area
        area, self.starts[kind] = near_above(
            self.problem,
            value,
            target=self.target,
            floor=self.floor,
            enough=NEAR_RATIO * float(self.target.sum()),
            start=self.starts.get(kind),
        )
        return area


def alternatives(  # noqa: PLR0913 - the arguments of `allocate`, and what an alternative is
    capacity_m2: npt.ArrayLike,
    score: npt.ArrayLike,
    target_m2: npt.ArrayLike,
    *,
    present_m2: npt.ArrayLike | None = None,
    count: int = 3,
    within_ratio: float = 0.02,
    upper_m2: npt.ArrayLike | None = None,
    lower_m2: npt.ArrayLike | None = None,
    prices: npt.ArrayLike | None = None,
) -> Alternatives:
    """Find plans within a part of the best that differ from the present one and one another.

    Look for the largest least difference ``d(x, y) = sum_ik (x_ik - y_ik)+ / sum_k T_k`` among
    plans with ``sum_i x_ik = T_k``, ``sum_k x_ik <= F_i``, ``l_ik <= x_ik <= u_ik`` and
    ``sum_ik s_ik x_ik >= best - w |best|``: modelling to generate alternatives (Brill, Chang and
    Hopkins 1982), with a bound that the head of the module derives.

    Parameters
    ----------
    capacity_m2 : array_like, shape (n,)
        FAR area that each parcel can hold.
    score : array_like, shape (n, k)
        Value of one m² of each use on each parcel; -inf where not allowed.
    target_m2 : array_like, shape (k,)
        FAR area that each use must reach in all.
    present_m2 : array_like, shape (n, k), optional
        The plan to differ from; the best plan where left out.
    count : int
        Number of alternatives, one or more.
    within_ratio : float
        Part of the best objective that an alternative may lose, 0 to 1.
    upper_m2, lower_m2 : array_like, shape (n, k), optional
        Bounds of each use on each parcel; the capacity and 0 where left out.
    prices : array_like, shape (k,), optional
        Prices of a similar problem, from an earlier answer; they save time only.

    Returns
    -------
    Alternatives
        With status "infeasible" and a shortfall where nothing fits.

    Raises
    ------
    ValueError
        For wrong shapes, NaN or negative amounts, no count, or a ratio outside 0..1; the text
        names the argument.
    """
    problem = checked(capacity_m2, score, upper_m2, lower_m2)
    uses, parcels = problem.score.shape
    target = vector(target_m2, name="target_m2", size=uses)
    count = count_of(count, name="count")
    within_ratio = number(within_ratio, name="within_ratio", most=1.0)
    present = None
    if present_m2 is not None:
        present = matrix(present_m2, name="present_m2", rows=parcels, uses=uses, infinite=False).T
    best = allocate(capacity_m2, score, target, upper_m2, lower_m2, prices=prices)
    if best.status == "infeasible":
        nothing = np.full((1, 1), math.nan)
        return Alternatives("infeasible", best, math.nan, (), nothing, math.nan, best.shortfall)
    most = np.broadcast_to(problem.capacity, problem.score.shape)
    if problem.upper is not None:
        most = np.minimum(most, problem.upper)
    # A hair above the floor asked for, so that rounding cannot take a plan below it.
    worth = worth_of(np.abs(problem.score), best.area_m2.T)
    asked = best.bound - within_ratio * abs(best.bound)
    floor = min(asked + 1e-11 * worth, best.objective)
    search = _Search(problem, target, floor, most, {})
    plans, bound = _apart(search, best.area_m2.T if present is None else present, count=count)
    apart = _differences(search, plans)
    order = [0, *(1 + np.argsort(-apart[1:].sum(axis=1), kind="stable"))]
    apart = apart[np.ix_(order, order)]
    found = []
    for place, which in enumerate(order[1:], start=1):
        area = np.ascontiguousarray(plans[which].T)
        area.flags.writeable = False
        objective = worth_of(problem.score, plans[which])
        ratio = 1.0 if best.bound == 0.0 else 1.0 - (best.bound - objective) / abs(best.bound)
        nearest = float(np.delete(apart[place], place).min())
        found.append(Alternative(area, objective, ratio, nearest))
    apart.flags.writeable = False
    return Alternatives("feasible", best, min(asked, floor), tuple(found), apart, bound)


def _apart(search: _Search, present: FloatArray, *, count: int) -> tuple[list[FloatArray], float]:
    """Find the plans one after the other, then each again beside the others."""
    plans = [present]
    first, bound = _opposite(search, present)
    for _ in range(count):
        plans.append(_farthest(search, plans, first=first if len(plans) == 1 else None))
    least = _standing(search, plans)
    for _ in range(ROUNDS if count > 1 else 0):
        for place in range(1, len(plans)):
            found = _farthest(search, plans[:place] + plans[place + 1 :])
            tried = [*plans[:place], found, *plans[place + 1 :]]
            now = _standing(search, tried)
            if now > least:
                plans, least = tried, now
    return plans, bound


def _opposite(search: _Search, present: FloatArray) -> tuple[FloatArray, float]:
    """Find the plan of least ``sum x y / u`` with the present one, and the bound that it proves."""
    total = float(search.target.sum())
    value = -_share(search, present)
    found = best_above(search.problem, value, target=search.target, floor=search.floor)
    search.starts["apart"] = Start(found.prices, found.floor_price)
    return found.area, min(1.0, max(0.0, 1.0 + found.bound / total)) if total > 0.0 else 0.0


def _share(search: _Search, plan: FloatArray) -> FloatArray:
    """Part of each cell's bound that a plan takes."""
    return np.minimum(plan, search.most) / np.where(search.most > 0.0, search.most, 1.0)


def _farthest(
    search: _Search, others: list[FloatArray], *, first: FloatArray | None = None
) -> FloatArray:
    """Find a plan far from all others, from a `first` one where that is known.

    Weights of the others rise where the plan is near (the multiplicative weights of a game
    between the plan and its nearest neighbour), then tangents climb from the best plan seen. The
    steps are solved nearly; the last one is solved exactly.
    """
    shares = [_share(search, other) for other in others]
    weight = np.full(len(others), 1.0 / len(others))
    value = -_blend(weight, shares)
    plan = search.near(value, kind="apart") if first is None else first
    distance = latest = _from(search, plan, others)
    for _ in range(WEIGHINGS if len(others) > 1 else 0):
        weight = weight * np.exp(-SHARPNESS * (latest - latest.min()))
        weight /= weight.sum()
        asked = -_blend(weight, shares)
        tried = search.near(asked, kind="apart")
        latest = _from(search, tried, others)
        if _better(latest, distance):
            plan, distance, value = tried, latest, asked
    for _ in range(CLIMBS):
        asked = _tangent(search, plan, others, distance=distance)
        tried = search.near(asked, kind="climb")
        reached = _from(search, tried, others)
        if not _better(reached, distance):
            break
        plan, distance, value = tried, reached, asked
    if search.problem.capacity.size <= FEW_ROWS:
        return plan
    return _whole(search, plan, others, value=value, distance=distance)


def _tangent(
    search: _Search, plan: FloatArray, others: list[FloatArray], *, distance: FloatArray
) -> FloatArray:
    """Slope of the weighed differences at a plan."""
    weight = np.exp(-SHARPNESS * (distance - distance.min()))
    noise = 1e-9 * search.problem.capacity
    placed = [(plan > other + noise).astype(np.float64) for other in others]
    return _blend(weight / weight.sum(), placed)


def _whole(
    search: _Search,
    plan: FloatArray,
    others: list[FloatArray],
    *,
    value: FloatArray,
    distance: FloatArray,
) -> FloatArray:
    """Solve the last step exactly: such a plan splits few parcels, where a near one mixes two."""
    start = search.starts["climb" if value.max(initial=0.0) > 0.0 else "apart"]
    exact = best_above(
        search.problem, value, target=search.target, floor=search.floor, start=start
    ).area
    reached = _from(search, exact, others)
    return exact if reached.min() >= distance.min() - WHOLE_RATIO else plan


def _blend(weight: FloatArray, parts: list[FloatArray]) -> FloatArray:
    return np.asarray(sum(part * share for part, share in zip(weight, parts, strict=True)))


def _better(now: FloatArray, before: FloatArray) -> bool:
    """Whether the least distance grew, or the sum where the least stayed."""
    least, old = float(now.min()), float(before.min())
    return least > old + 1e-9 or (least > old - 1e-9 and now.sum() > before.sum() + 1e-9)


def _from(search: _Search, plan: FloatArray, others: list[FloatArray]) -> FloatArray:
    """Difference of a plan from each of the others."""
    total = max(float(search.target.sum()), 1e-300)
    return np.array([float(np.maximum(plan - other, 0.0).sum()) for other in others]) / total


def _differences(search: _Search, plans: list[FloatArray]) -> FloatArray:
    """Difference of each two plans, the present one first, symmetric."""
    apart = np.zeros((len(plans), len(plans)))
    for place in range(1, len(plans)):
        apart[place, :place] = _from(search, plans[place], plans[:place])
    return apart + apart.T


def _standing(search: _Search, plans: list[FloatArray]) -> tuple[float, float]:
    """Rank plans by their least difference, then by the sum of all."""
    apart = _differences(search, plans)
    pairs = apart[np.tril_indices(len(plans), -1)]
    return round(float(pairs.min()), 9), round(float(pairs.sum()), 9)
