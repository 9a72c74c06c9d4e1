"""What advice looks at: the arrays of a plan as the allocation sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from siteplan.allocation import allocate, allocate_within, subset_capacity_m2
from siteplan.allocation.chains import Chains, Holding, chains, holding
from siteplan.allocation.repairs import Wish, touched_sets
from siteplan.text import Joined, Text, sentence

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.evaluation import Plan
    from siteplan.programme import Programme
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


def room_sums(far_area_m2: Floats, allowed: Bools, *, far_ratio: Floats) -> Floats:
    """Return what parcels can give to each set of uses, shape (2**k,), in whole m² of GFA.

    Each parcel may lose the fraction of a m² to rounding, so that much is kept back: a repair
    that fills the last corner would make the search for a whole-m² split long, and may fail.
    """
    whole_m2_held = np.floor(far_area_m2[:, None] / far_ratio + 1e-9) * far_ratio
    sums = subset_capacity_m2(far_area_m2, np.where(allowed, whole_m2_held, 0.0))
    holding_parcels = touched_sets(allowed)[far_area_m2 > 0].sum(axis=0)
    spare_m2 = np.minimum(holding_parcels * far_ratio.max(), MOST_SPARE_RATIO * sums)
    return np.asarray(sums - spare_m2)


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
    capacity = plan.capacity
    return Short(
        wish_of(plan.scenario.programme, far_ratio=plan.far_ratio),
        room_sums(capacity.far_area_m2, capacity.allowed, far_ratio=plan.far_ratio),
        touched_sets(capacity.allowed),
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
    capacity, ratio = plan.capacity, plan.far_ratio
    order = plan.parcels.id_order
    score = np.where(capacity.allowed, plan.suitability.score, -np.inf) / ratio
    held_m2 = capacity.far_area_m2
    wish = wish_of(plan.scenario.programme, far_ratio=ratio)
    if wish.exact:
        answer = allocate(held_m2[order], score[order], wish.low)
    else:
        answer = allocate_within(
            held_m2[order],
            score[order],
            wish.low,
            wish.high,
            weight=wish.weight,
            total=wish.total,
        )
    area_m2 = np.empty_like(answer.area_m2)
    area_m2[order] = answer.area_m2
    held = holding(held_m2, score, area_m2)
    return Solved(held, chains(held), answer.objective, not wish.exact)


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
