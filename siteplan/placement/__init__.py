"""Where the programme stands: the allocation under a scenario's limits and its approach.

Solved in FAR area y = far_ratio × GFA, where every limit is a plain bound, then turned into whole
square metres. With free totals (uses between a least and a most) an approach other than the most
suitable plan keeps the totals that the most suitable plan has.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from siteplan.allocation import allocate, allocate_within
from siteplan.issues import Issue
from siteplan.massing import Ground
from siteplan.placement._approaches import approached, earlier_plan_m2, neighbours
from siteplan.placement._case import PROVEN_GAP, Case, Placement, Solved, Status
from siteplan.placement._reasons import RULE_NAMES, why_infeasible
from siteplan.placement._whole import objective_of, whole_gfa_m2, whole_totals_m2
from siteplan.room import clashes
from siteplan.text import Text
from siteplan.uses import USES

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.capacity import Capacity
    from siteplan.parcels import Parcels
    from siteplan.room import Room
    from siteplan.scenario import Scenario
    from siteplan.suitability import Suitability

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]

__all__ = [
    "PROVEN_GAP",
    "RULE_NAMES",
    "Placement",
    "Status",
    "earlier_plan_m2",
    "neighbours",
    "placed",
]


def placed(
    parcels: Parcels,
    scenario: Scenario,
    *,
    capacity: Capacity,
    suitability: Suitability,
    room: Room,
    ground: Ground,
) -> Placement:
    """Share a scenario's programme out among the parcels.

    Parameters
    ----------
    parcels : Parcels
    scenario : Scenario
    capacity, suitability, room
        Of these parcels under this scenario.
    ground : Ground
        What floors may cover, for whole floors.

    Returns
    -------
    Placement
    """
    order = parcels.id_order
    ratio = room.far_ratio
    score = np.where(capacity.allowed, suitability.score, -np.inf) / ratio
    lower_m2 = room.lower_m2
    case = Case(
        parcels,
        scenario,
        capacity,
        room,
        ground,
        order,
        room.capacity_m2[order],
        score[order],
        None if room.bounded_m2 is None else room.bounded_m2[order],
        None if lower_m2 is None else lower_m2[order],
    )
    unkept = clashes(room, parcels=parcels)
    if unkept:
        return _nothing(case, unkept)
    solved = _solved(case)
    if solved.status == "infeasible":
        why = solved.explanation or why_infeasible(case, solved="infeasible")
        return _nothing(case, why)
    gfa_m2 = whole_gfa_m2(case, solved)
    if gfa_m2 is None and any(low != high for low, high in scenario.programme.bounds_m2()):
        solved, gfa_m2 = _with_room_to_round(case, solved)
    if gfa_m2 is None:
        return _nothing(case, why_infeasible(case, solved=solved.status))
    back = np.empty_like(gfa_m2)
    back[order] = gfa_m2
    objective = objective_of(case, gfa_m2, solved, suitability=suitability)
    return Placement(
        solved.status,
        back,
        objective,
        max(solved.bound, objective) if solved.status != "optimal" else solved.bound,
        issues=solved.issues,
    )


def _with_room_to_round(case: Case, solved: Solved) -> tuple[Solved, Integers | None]:
    """Choose free totals anew where those chosen fill lots to a fraction of a m².

    First in whole m² of each use, then with the last m² of each lot kept back. What was proven
    without these still bounds the answer.
    """
    room = case.room
    whole_m2 = room.whole_upper_m2[case.order]
    least_m2 = np.zeros_like(whole_m2) if case.lower_m2 is None else case.lower_m2
    kept_back_m2 = np.maximum(case.held_m2 - room.far_ratio.max(), least_m2.sum(axis=1))
    for held_m2 in (case.held_m2, np.minimum(case.held_m2, kept_back_m2)):
        tighter = replace(case, held_m2=held_m2, upper_m2=np.minimum(whole_m2, held_m2[:, None]))
        found = _solved(tighter)
        if found.status == "infeasible":
            continue
        gfa_m2 = whole_gfa_m2(case, found)
        if gfa_m2 is not None:
            return replace(found, bound=solved.bound), gfa_m2
    return solved, None


def _nothing(case: Case, explanation: tuple[Text, ...]) -> Placement:
    empty = np.zeros((len(case.parcels), len(USES)), dtype=np.int64)
    return Placement("infeasible", empty, math.nan, math.nan, explanation)


def _solved(case: Case) -> Solved:
    """Find totals where they are free, then follow the approach."""
    programme, ratio = case.scenario.programme, case.far_ratio
    bounds_m2 = np.array(programme.bounds_m2(), dtype=float)
    target_m2 = bounds_m2[:, 0] * ratio
    approach = case.scenario.approach
    free = bool((bounds_m2[:, 0] != bounds_m2[:, 1]).any())
    if free:
        found = allocate_within(
            case.held_m2,
            case.score,
            target_m2,
            bounds_m2[:, 1] * ratio,
            upper_m2=case.upper_m2,
            lower_m2=case.lower_m2,
            weight=1 / ratio,
            total=float(programme.total_gfa_m2),
        )
        target_m2 = found.area_m2.sum(axis=0)
        if approach is not None and found.status != "infeasible":
            target_m2 = whole_totals_m2(target_m2 / ratio, programme) * ratio
    if not free and approach is None:
        found = allocate(case.held_m2, case.score, target_m2, case.upper_m2, case.lower_m2)
    if approach is None or (free and found.status == "infeasible"):
        return Solved(found.status, found.area_m2, found.bound)
    answer = approached(case, target_m2)
    if free and answer.status != "infeasible":
        return replace(answer, issues=(*answer.issues, Issue("totals_first")))
    return answer
