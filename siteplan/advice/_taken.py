"""Plans that a planner may take up: whole square metres, and the scenario that gives them back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from siteplan.allocation import whole_m2
from siteplan.approach import Near, gfa_table
from siteplan.text import Text, sentence

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.evaluation import Plan
    from siteplan.scenario import Scenario

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Board:
    """A plan's room as the allocation takes it, rows in the order of ids.

    Parameters
    ----------
    held_m2 : ndarray, shape (n,)
        FAR area that each parcel may hold.
    upper_m2, lower_m2 : ndarray, shape (n, k), or None
        FAR area.
    target_m2 : ndarray, shape (k,)
        FAR area of the plan's totals.
    allowed : ndarray of bool, shape (n, k)
    """

    held_m2: Floats
    upper_m2: Floats | None
    lower_m2: Floats | None
    target_m2: Floats
    allowed: npt.NDArray[np.bool_]


def board_of(plan: Plan) -> Board:
    """Return the room of a plan with its totals, so that the order of a file changes nothing."""
    room, order = plan.room, plan.parcels.id_order
    least_m2 = None if room.lower_m2 is None else np.minimum(room.lower_m2, room.upper_m2)
    return Board(
        room.capacity_m2[order],
        None if room.bounded_m2 is None else room.bounded_m2[order],
        None if least_m2 is None else least_m2[order],
        plan.uses_gfa_m2 * plan.far_ratio,
        room.allowed[order],
    )


def whole_of(plan: Plan, area_m2: Floats) -> Integers | None:
    """Return an allocation in whole m² of GFA, rows of the plan; limits kept, totals the plan's.

    Parameters
    ----------
    plan : Plan
    area_m2 : ndarray, shape (n, k)
        FAR area, rows in the order of ids.

    Returns
    -------
    ndarray of int, shape (n, k), or None
        None where no split into whole m² was found.
    """
    room, order, ratio = plan.room, plan.parcels.id_order, plan.far_ratio
    score = np.where(room.allowed, plan.suitability.score, -np.inf)[order]
    most_m2 = np.where(room.allowed, np.inf, 0.0)
    if room.max_gfa_m2 is not None:
        most_m2 = np.minimum(most_m2, room.max_gfa_m2)
    whole = whole_m2(
        area_m2 / ratio,
        far_ratio=ratio,
        capacity_m2=room.capacity_m2[order],
        target_gfa_m2=plan.uses_gfa_m2,
        upper_gfa_m2=most_m2[order],
        lower_gfa_m2=None if room.min_gfa_m2 is None else room.min_gfa_m2[order],
        score=score,
    )
    if whole is None:
        return None
    back = np.empty_like(whole)
    back[order] = whole
    back.flags.writeable = False
    return back


def taken(plan: Plan, gfa_m2: Integers, *, name: str) -> Scenario:
    """Return the scenario that gives a plan back, and stays near it at further decisions."""
    table = gfa_table(plan.parcels.ids, gfa_m2.tolist())
    return replace(plan.scenario, approach=Near(gfa_m2=table, price=None, follow=True, name=name))


def mean_suitability(plan: Plan, gfa_m2: Integers) -> float:
    """Return the mean suitability of a plan, 0 to 100; summed in the order of ids."""
    order = plan.parcels.id_order
    worth = float((plan.suitability.score[order] * gfa_m2[order]).sum())
    return worth / max(plan.total_gfa_m2, 1) * 100


def remarks(plan: Plan) -> tuple[Text, ...]:
    """Return what to know before one of several plans is taken."""
    said = []
    if any(low != high for low, high in plan.scenario.programme.bounds_m2()):
        said.append(
            sentence("Uses that are free between bounds keep the totals of the present plan.")
        )
    if plan.scenario.approach is not None and not isinstance(plan.scenario.approach, Near):
        said.append(
            sentence(
                "These plans keep every limit, but not the wishes of the present approach; taking "
                "one gives that approach up."
            )
        )
    if plan.scenario.phases is not None:
        said.append(
            sentence("The years are planned anew once a plan is taken; its dates may not hold.")
        )
    return tuple(said)
