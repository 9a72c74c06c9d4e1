"""What advice looks at: the arrays of a plan as the allocation sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from siteplan.allocation import Allocation, allocate, allocate_within, subset_capacity_m2
from siteplan.allocation.chains import Chains, Holding, chains, holding
from siteplan.allocation.feasibility import subset_totals
from siteplan.allocation.repairs import Wish, touched_sets
from siteplan.text import Joined, Text, sentence

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.evaluation import Plan
    from siteplan.programme import Programme
    from siteplan.room import Room
    from siteplan.scenario import Scenario

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]


def wish_of(programme: Programme, *, far_ratio: Floats) -> Wish:
    """Return a programme's bounds in FAR area."""
    bounds_m2 = np.array(programme.bounds_m2(), dtype=float)
    return Wish(
        bounds_m2[:, 0] * far_ratio,
        bounds_m2[:, 1] * far_ratio,
        1 / far_ratio,
        float(programme.total_gfa_m2),
    )


MOST_SPARE_RATIO = 1e-3
"""Part of the room that is kept for whole square metres at most."""


def room_sums(room: Room) -> Floats:
    """Return what parcels can give to each set of uses, shape (2**k,), in whole m² of GFA.

    What limits of the planner hold at least on a parcel is given to its uses beforehand.

    Each parcel may lose the fraction of a m² to rounding, so that much is kept back: a repair
    that fills the last corner would make the search for a whole-m² split long, and may fail.
    """
    held_m2, most_m2 = room.capacity_m2, room.whole_upper_m2
    base_m2 = np.zeros(most_m2.shape[1])
    if room.lower_m2 is not None:
        lower_m2 = np.minimum(room.lower_m2, most_m2)
        base_m2 = lower_m2.sum(axis=0)
        held_m2 = np.maximum(held_m2 - lower_m2.sum(axis=1), 0.0)
        most_m2 = most_m2 - lower_m2
    sums = subset_capacity_m2(held_m2, most_m2) + subset_totals(base_m2)
    holding_parcels = touched_sets(usable(room))[room.capacity_m2 > 0].sum(axis=0)
    spare_m2 = np.minimum(holding_parcels * room.far_ratio.max(), MOST_SPARE_RATIO * sums)
    return np.asarray(sums - spare_m2)


def usable(room: Room) -> Bools:
    """Return which uses may stand on which parcels, whatever their capacity, shape (n, k)."""
    if room.max_gfa_m2 is None:
        return room.allowed
    return np.asarray(room.allowed & (room.max_gfa_m2 > 0))


@dataclass(frozen=True, eq=False)
class Short:
    """An infeasible plan in sums over sets of uses.

    Parameters
    ----------
    wish : Wish
    sums : ndarray, shape (2**k,)
    touched : ndarray of bool, shape (n, 2**k)
    """

    wish: Wish
    sums: Floats
    touched: Bools


def short_of(plan: Plan) -> Short:
    """Return the sums that decide whether the plan's programme fits."""
    return Short(
        wish_of(plan.scenario.programme, far_ratio=plan.far_ratio),
        room_sums(plan.room),
        touched_sets(usable(plan.room)),
    )


@dataclass(frozen=True, eq=False)
class Solved:
    """A feasible plan's best allocation before rounding to whole m², in FAR area.

    Parameters
    ----------
    held : Holding
        Score per m² of FAR area; rows in the order of the plan.
    found : Chains
    objective : float
        Σ suitability × GFA.
    totals_free : bool
        Whether the programme left totals to the allocation; they count as fixed here.
    """

    held: Holding
    found: Chains
    objective: float
    totals_free: bool


_solved: WeakKeyDictionary[Plan, Solved] = WeakKeyDictionary()


def solved_of(plan: Plan) -> Solved | None:
    """Return a plan's best allocation, None where nothing fits; kept as long as the plan is."""
    if plan.status == "infeasible":
        return None
    kept = _solved.get(plan)
    if kept is None:
        kept = _solved[plan] = _solve(plan)
    return kept


def _solve(plan: Plan) -> Solved:
    room = plan.room
    wish = wish_of(plan.scenario.programme, far_ratio=plan.far_ratio)
    answer, area_m2 = best_of(plan, wish, room)
    held = holding(room.capacity_m2, scores_of(plan), area_m2, room.bounded_m2, _least_m2(room))
    return Solved(held, chains(held), answer.objective, not wish.exact)


def scores_of(plan: Plan) -> Floats:
    """Return suitability per m² of FAR area, -inf where a use may not stand, shape (n, k)."""
    return np.where(plan.capacity.allowed, plan.suitability.score, -np.inf) / plan.far_ratio


def _least_m2(room: Room) -> Floats | None:
    """Return lower bounds without the float noise by which they may exceed upper ones."""
    return None if room.lower_m2 is None else np.minimum(room.lower_m2, room.upper_m2)


def best_of(plan: Plan, wish: Wish, room: Room) -> tuple[Allocation, Floats]:
    """Return the most suitable allocation of a wish, and its FAR area, rows as in the plan."""
    order = plan.parcels.id_order
    held_m2, score = room.capacity_m2[order], scores_of(plan)[order]
    upper_m2 = None if room.bounded_m2 is None else room.bounded_m2[order]
    least_m2 = _least_m2(room)
    lower_m2 = None if least_m2 is None else least_m2[order]
    if wish.exact:
        answer = allocate(held_m2, score, wish.low, upper_m2, lower_m2)
    else:
        answer = allocate_within(
            held_m2,
            score,
            wish.low,
            wish.high,
            upper_m2=upper_m2,
            lower_m2=lower_m2,
            weight=wish.weight,
            total=wish.total,
        )
    area_m2 = np.empty_like(answer.area_m2)
    area_m2[order] = answer.area_m2
    return answer, area_m2


Attempt = tuple[Text, "Scenario"]
"""What is done, and the scenario after it."""

SPARE_M2 = (0, 10, 100)
"""Whole m² added to the least change where the split into whole square metres needs them."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A change that should make the programme fit.

    Parameters
    ----------
    kind : str
        Key of `siteplan.advice.KINDS`.
    cost : float
        Size of the change, in the measure of its kind.
    attempts : callable
        Returns its attempts, the least change first.
    """

    kind: str
    cost: float
    attempts: Callable[[], Iterable[Attempt]]


def together(said: tuple[Text, ...]) -> Text:
    """Return several steps as one sentence."""
    if len(said) == 1:
        return said[0]
    return sentence("Do all of this: {steps}", steps=Joined(said, " "))
