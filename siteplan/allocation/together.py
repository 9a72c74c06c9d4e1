"""Neighbours of the same use: suitability and togetherness at once, with a proven bound.

With pairs e = (i, j) of neighbours that share ``w_e`` metres of edge, g the worth of one metre
with the same use all over both sides, and shares ``y_ik / F_i`` of the parcels' capacity,

    maximise   sum_ik s_ik y_ik + g sum_e w_e sum_k min(y_ik / F_i, y_jk / F_j)
    subject to sum_i y_ik = T_k,  sum_k y_ik <= F_i,  l_ik <= y_ik <= u_ik.

The smaller of two shares is concave, so this is a linear programme with one more column for each
pair and use, ``z_ek <= y_ik / F_i`` and ``z_ek <= y_jk / F_j``: unlike the count of equal
neighbours it needs no integers. (The concave part of the Lovász extension of a cut; compare the
metric labelling LP of Kleinberg and Tardos 2002.)

Two lots with the same mix of uses share their edge wholly, like two lots with one use each: a
large g spreads an even mix. With `single_use` every answer is one of `allocate`, whose parcels are
whole but for a few: each one leans towards the uses that stand beside it in the last (the
Frank-Wolfe step for ``sum w (y_ik / F_i) (y_jk / F_j)``, which equals the smaller share where
shares are 0 or 1), and the best is improved until it repeats itself.

*Bound.* For any ``0 <= a_ek <= g w_e`` the smaller share is worth at most ``a_ek`` times the one
plus ``g w_e - a_ek`` times the other. With that for it, what is left is `allocate` with scores

    s_ik + sum_{e = (i, j)} a_ek / F_i + sum_{e = (j, i)} (g w_e - a_ek) / F_i,

whose own proven bound is one for this problem, too. The least over all a equals the best value (LP
duality). Small problems take a from the prices of the LP. Large ones move a against the difference
of the shares (subgradients: Held and Karp 1971; the step of Polyak 1969), and every answer on the
way, and the mean of all, is an allocation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

import numpy as np
import numpy.typing as npt

from siteplan.allocation.arrays import FloatArray, IntArray, count_of, number, vector
from siteplan.allocation.feasibility import Shortfall
from siteplan.allocation.phase_problem import amounts
from siteplan.allocation.problem import checked
from siteplan.allocation.solve import PROVEN_GAP, allocate
from siteplan.allocation.together_case import (
    Case,
    both_shares,
    canonical,
    checked_pairs,
    reordered,
    shared_cells,
    shared_m,
)
from siteplan.allocation.together_lp import programme

LP_COLUMNS = 30_000
"""Columns of the LP up to which it is asked first: some 2,500 parcels with four uses."""

ROUNDS = 100
"""Steps of the search for a bound where the LP is too large."""

GOOD_GAP = 1e-4
"""Gap at which the search for a bound ends."""

LEANS = (0.25, 0.5, 1.0, 2.0, 4.0)
LEANING_STEPS = 20
"""How strongly whole parcels lean towards their neighbours' uses, and for how many steps."""

PATIENCE = 10
"""Steps without a better bound after which the search goes back and takes half the step."""


@dataclass(frozen=True, eq=False)
class TogetherAllocation:
    """What `allocate_together` decided, and how well it is proven.

    Attributes
    ----------
    status : str
        "optimal" (gap at most 1e-9), "feasible" or "infeasible".
    area_m2 : numpy.ndarray, shape (n, k)
        FAR area of each use on each parcel, read-only; zeros where infeasible.
    objective, bound : float
        Suitability plus togetherness, and the most that any answer can reach.
    gap : float
        ``bound - objective`` relative to ``sum |score| * area + togetherness``.
    suitability : float
        Sum of score times area.
    togetherness : float
        Its part of the objective: worth of the metres below.
    shared_m : float
        Metres of shared edge, each times the part of both parcels that has the same use.
    shortfall : Shortfall or None
        Why nothing fits.
    method : str
        "plain" (no pair matters), "lp", "subgradient", "single use" or "none".
    """

    status: Literal["optimal", "feasible", "infeasible"]
    area_m2: FloatArray
    objective: float
    bound: float
    gap: float
    suitability: float
    togetherness: float
    shared_m: float
    shortfall: Shortfall | None = None
    method: Literal["plain", "lp", "subgradient", "single use", "none"] = "none"


def allocate_together(  # noqa: PLR0913 - the problem of `allocate` and its neighbours
    capacity_m2: npt.ArrayLike,
    score: npt.ArrayLike,
    target_m2: npt.ArrayLike,
    upper_m2: npt.ArrayLike | None = None,
    lower_m2: npt.ArrayLike | None = None,
    *,
    pairs: npt.ArrayLike,
    length_m: npt.ArrayLike,
    worth_per_m: float,
    rounds: int = ROUNDS,
    single_use: bool = False,
) -> TogetherAllocation:
    """Allocate exact totals with suitability and a reward for neighbours of the same use.

    Maximise ``sum_ik s_ik y_ik + g sum_e w_e sum_k min(y_ik / F_i, y_jk / F_j)`` with
    ``sum_i y_ik = T_k``, ``sum_k y_ik <= F_i`` and ``l_ik <= y_ik <= u_ik``: the concave part of a
    metric labelling LP (Kleinberg and Tardos 2002), bounded by subgradients (Held and Karp 1971).

    Parameters
    ----------
    capacity_m2, score, target_m2, upper_m2, lower_m2
        As in `allocate`.
    pairs : array_like of int, shape (m, 2)
        Rows of neighbours, in either order.
    length_m : array_like, shape (m,)
        Edge that each pair shares; pairs named twice add up.
    worth_per_m : float
        Worth of one shared metre with one use all over both parcels, in units of score times m²;
        0 gives the answer of `allocate`.
    rounds : int
        Most steps of the search where the LP is too large.
    single_use : bool
        Whether to look for a plan where parcels hold one use each, but for as many as there are
        uses (and those whose bounds ask for more). The bound stays that of all plans, mixed ones
        too, so the gap is what mixing would gain at most.

    Returns
    -------
    TogetherAllocation

    Raises
    ------
    ValueError
        For wrong shapes, NaN, negative amounts, or pairs that name no two rows; the text names
        the argument.
    """
    problem = checked(capacity_m2, score, upper_m2, lower_m2)
    joined = checked_pairs(pairs, length_m, parcels=problem.capacity.size)
    worth_per_m = number(worth_per_m, name="worth_per_m")
    rounds = count_of(rounds, name="rounds")
    free = allocate(capacity_m2, score, target_m2, upper_m2, lower_m2)
    if free.status == "infeasible":
        lost = math.nan
        return TogetherAllocation(
            "infeasible", free.area_m2, lost, lost, lost, lost, lost, lost, free.shortfall
        )
    order = canonical(problem, joined)
    rank = np.argsort(order)
    problem = reordered(problem, order)
    allowed = problem.score > -np.inf
    if problem.upper is not None:
        allowed &= problem.upper > 0.0
    cells = shared_cells(joined.renamed(rank), capacity=problem.capacity, allowed=allowed)
    target = vector(target_m2, name="target_m2", size=problem.score.shape[0])
    case = Case(problem, cells, target, worth_per_m)
    plain = free.area_m2[order]
    found = _solved(case, plain, free.bound, rounds=rounds)
    if single_use and found.method != "plain":
        found = _answer(case, _single(case, plain, found.area_m2), found.bound, method="single use")
    return _turned(found, rank)


def _solved(case: Case, plain: FloatArray, bound: float, *, rounds: int) -> TogetherAllocation:
    """Take the cheapest way that the size of the problem allows."""
    if case.cells.length.size == 0 or case.worth_per_m == 0.0:
        return _answer(case, plain, bound, method="plain")
    if case.problem.score.size + case.cells.length.size <= LP_COLUMNS:
        found = programme(case)
        if found is not None:
            return _answer(case, *found, method="lp")
    return _search(case, plain, rounds=rounds)


def _single(case: Case, plain: FloatArray, mixed: FloatArray) -> FloatArray:
    """Find a plan of whole parcels by leaning towards what stands beside them."""
    best, value = plain, case.value(plain)
    for lead, start in product(LEANS, (plain, mixed)):
        area, prices = start, None
        earlier = -math.inf
        for _ in range(LEANING_STEPS):
            one, two = both_shares(case.cells, area)
            found = case.leaning(lead * case.worth * two, lead * case.worth * one, prices)
            area, prices = found.area_m2, found.prices
            earned = case.value(area)
            if earned > value:
                best, value = area, earned
            if earned <= earlier:
                break
            earlier = earned
    return best


def _turned(answer: TogetherAllocation, rank: IntArray) -> TogetherAllocation:
    """Put the rows back in the caller's order."""
    area = answer.area_m2[rank]
    area.flags.writeable = False
    return replace(answer, area_m2=area)


def shared_use_m(
    area_m2: npt.ArrayLike,
    capacity_m2: npt.ArrayLike,
    *,
    pairs: npt.ArrayLike,
    length_m: npt.ArrayLike,
) -> float:
    """Return ``sum_e w_e sum_k min(y_ik / F_i, y_jk / F_j)``: how much of the edges a use spans.

    Parameters
    ----------
    area_m2 : array_like, shape (n, k)
        Any allocation.
    capacity_m2 : array_like, shape (n,)
        FAR area that each parcel can hold.
    pairs : array_like of int, shape (m, 2)
    length_m : array_like, shape (m,)
        Neighbours, as in `allocate_together`.

    Returns
    -------
    float
        Metres; at most the sum of `length_m`.

    Raises
    ------
    ValueError
        As `allocate_together`.
    """
    capacity = vector(capacity_m2, name="capacity_m2")
    area = amounts(area_m2, name="area_m2")
    if area.shape[0] != capacity.size:
        msg = f"area_m2 must have shape ({capacity.size}, k), not {area.shape}"
        raise ValueError(msg)
    joined = checked_pairs(pairs, length_m, parcels=capacity.size)
    cells = shared_cells(joined, capacity=capacity, allowed=area.T > 0.0)
    return shared_m(cells, area)


def _answer(
    case: Case,
    area: FloatArray,
    bound: float,
    *,
    method: Literal["plain", "lp", "subgradient", "single use"],
) -> TogetherAllocation:
    """Put an allocation and a bound together."""
    suitability, metres = case.suitability(area), shared_m(case.cells, area)
    together = case.worth_per_m * metres
    objective = suitability + together
    bound = max(bound, objective)
    size = case.size(area)
    gap = (bound - objective) / size if size > 0.0 else 0.0
    held = area.copy()
    held.flags.writeable = False
    status: Literal["optimal", "feasible"] = "optimal" if gap <= PROVEN_GAP else "feasible"
    return TogetherAllocation(
        status, held, objective, bound, gap, suitability, together, metres, None, method
    )


def _search(case: Case, plain: FloatArray, *, rounds: int) -> TogetherAllocation:
    """Move the split of every cell's worth until bound and best allocation are near."""
    worth = case.worth
    split = centre = 0.5 * worth
    slope = np.zeros_like(worth)
    best, value = plain, case.value(plain)
    bound, lead, stale = math.inf, 1.0, 0
    prices: FloatArray | None = None
    mean = np.zeros_like(plain)
    for step in range(rounds):
        found = case.relaxed(split, prices)
        prices = found.prices
        better = found.bound < bound - 1e-6 * abs(bound) if step else True
        stale, centre = (0, split) if better else (stale + 1, centre)
        bound = min(bound, found.bound)
        mean += (found.area_m2 - mean) * (2.0 / (step + 2.0))  # later answers count for more
        for area in (found.area_m2, mean):
            earned = case.value(area)
            if earned > value:
                best, value = area.copy(), earned
        if bound - value <= GOOD_GAP * case.size(best):
            break
        if stale >= PATIENCE:
            lead, stale, split = 0.5 * lead, 0, centre
            continue
        one, two = both_shares(case.cells, found.area_m2)
        slope = 0.7 * slope + 0.3 * (one - two)
        size = float(slope @ slope)
        if size == 0.0:
            break
        split = np.clip(split - lead * (found.bound - value) / size * slope, 0.0, worth)
    return _answer(case, best, bound, method="subgradient")
