"""What each approach makes of the programme: buildable, near the plan before, together."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from siteplan.approach import Near, Practical, Together
from siteplan.issues import Issue
from siteplan.massing import Ground, plate_m2
from siteplan.placement._case import PROVEN_GAP, SHOWN_GAP_PCT, Case, Solved, Status
from siteplan.placement._reasons import why_not_practical
from siteplan.uses import ALL_USES, USES

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.allocation.change import NearAllocation
    from siteplan.allocation.together import TogetherAllocation
    from siteplan.parcels import Parcels
    from siteplan.room import Room

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]


def approached(case: Case, target_m2: Floats) -> Solved:
    """Return what the scenario's approach makes of totals in FAR area, shape (k,)."""
    match case.scenario.approach:
        case Practical() as rules:
            return _practical(case, rules, target_m2)
        case Near() as near:
            return _near(case, near, target_m2)
        case Together() as together:
            return _together(case, together, target_m2)
        case _:
            raise ValueError("a scenario without an approach has nothing to follow")


def _practical(case: Case, rules: Practical, target_m2: Floats) -> Solved:
    from siteplan.allocation import allocate_practical

    ratio = case.far_ratio
    block_m2 = np.array([rules.min_block_m2.get(use, 0) for use in USES]) * ratio
    share = np.array([rules.max_share_pct.get(use, 100.0) for use in USES]) / 100
    step_m2 = floor_area_m2(case.room, case.ground)[case.order] if rules.whole_floors else None
    # Room for whole m² only, so that rounding need not move them; but the last floor fits whole.
    upper_m2 = case.room.upper_m2 if rules.whole_floors else case.room.whole_upper_m2
    found = allocate_practical(
        case.held_m2,
        case.score,
        target_m2,
        upper_m2[case.order],
        case.lower_m2,
        max_uses=rules.max_uses,
        min_block_m2=block_m2,
        max_share=share,
        step_m2=step_m2,
    )
    if found.status in ("infeasible", "unproven"):
        why = why_not_practical(case, found)
        return Solved("infeasible", found.area_m2, math.nan, explanation=why)
    issues = list(_gap_issue(found.gap))
    for use in np.flatnonzero(found.part_floor >= 0).tolist():
        parcel_id = case.parcels.ids[case.order[found.part_floor[use]]]
        issues.append(Issue("part_floor", (parcel_id,), {"use": ALL_USES[use].label}))
    status: Status = "optimal" if found.gap <= PROVEN_GAP else "feasible"
    return Solved(status, found.area_m2, found.bound, stays=True, issues=tuple(issues))


def _gap_issue(gap: float) -> tuple[Issue, ...]:
    if not gap * 100 > SHOWN_GAP_PCT:
        return ()
    return (Issue("approach_gap", (), {"gap": f"{gap * 100:.2f}"}),)


def _near(case: Case, near: Near, target_m2: Floats) -> Solved:
    from siteplan.allocation.change import allocate_near

    earlier_gfa_m2, lost = earlier_plan_m2(case.parcels, near)
    earlier_m2 = (earlier_gfa_m2 * case.far_ratio)[case.order]
    found: NearAllocation = allocate_near(
        case.held_m2,
        case.score,
        target_m2,
        earlier_m2,
        price=math.inf if near.price is None else near.price,
        upper_m2=case.upper_m2,
        lower_m2=case.lower_m2,
    )
    if found.status == "infeasible":
        return Solved("infeasible", found.area_m2, math.nan)
    issues = list(_gap_issue(found.gap))
    if lost:
        issues.append(Issue("earlier_plan_lots", lost, {"examples": ", ".join(lost[:3])}))
    rows = case.order[np.flatnonzero(found.lost_m2 >= 1.0)]
    if len(rows):
        ids = tuple(case.parcels.ids[row] for row in sorted(rows.tolist()))
        area = f"{float(found.lost_m2.sum()):,.0f}"
        issues.append(Issue("earlier_plan_lost", ids, {"area": area}))
    return Solved(found.status, found.area_m2, found.bound, issues=tuple(issues), price=found.price)


def earlier_plan_m2(parcels: Parcels, near: Near) -> tuple[Integers, tuple[str, ...]]:
    """Return an earlier plan's GFA on these parcels, shape (n, k), and the lots that are gone."""
    gfa_m2 = np.zeros((len(parcels), len(USES)), dtype=np.int64)
    lost = []
    for parcel_id, row in near.gfa_m2.items():
        at = parcels.index.get(parcel_id)
        if at is not None:
            gfa_m2[at] = row
        elif any(row):
            lost.append(parcel_id)
    return gfa_m2, tuple(lost)


def _together(case: Case, wish: Together, target_m2: Floats) -> Solved:
    from siteplan.allocation.together import allocate_together

    pairs, length_m = neighbours_in_order(case)
    found: TogetherAllocation = allocate_together(
        case.held_m2,
        case.score,
        target_m2,
        case.upper_m2,
        case.lower_m2,
        pairs=pairs,
        length_m=length_m,
        worth_per_m=wish.worth_m2_per_m,
        single_use=wish.single_use,
    )
    if found.status == "infeasible":
        return Solved("infeasible", found.area_m2, math.nan)
    return Solved(found.status, found.area_m2, found.bound, issues=_gap_issue(found.gap))


_neighbours: WeakKeyDictionary[Parcels, tuple[Integers, Floats]] = WeakKeyDictionary()


def neighbours(parcels: Parcels) -> tuple[Integers, Floats]:
    """Return the pairs of parcels that share edges, shape (m, 2), and the metres shared."""
    from siteplan.geometry import shared_edges

    kept = _neighbours.get(parcels)
    if kept is None:
        kept = _neighbours[parcels] = shared_edges(parcels.geometry)
    return kept


def neighbours_in_order(case: Case) -> tuple[Integers, Floats]:
    """Return the neighbours by their places in the order of ids, as the case's arrays have them."""
    pairs, length_m = neighbours(case.parcels)
    place = np.empty(len(case.order), dtype=np.int64)
    place[case.order] = np.arange(len(case.order))
    return place[pairs], length_m


def floor_area_m2(room: Room, ground: Ground) -> Floats:
    """Return the FAR area of one floor of each parcel that fills its capacity evenly, shape (n,).

    As many floors as the largest plate needs, all alike: ``F / ceil(F / plate)``. A parcel that
    is filled by fewer such floors has the same plate in the massing.
    """
    built = room.capacity_m2 > 0
    largest_m2 = np.where(built, plate_m2(room.capacity_m2, ground), 1.0)
    floors = np.maximum(np.ceil(room.capacity_m2 / largest_m2 - 1e-9), 1.0)
    return np.where(built, room.capacity_m2 / floors, 0.0)
