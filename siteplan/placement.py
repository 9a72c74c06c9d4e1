"""Where the programme stands: the allocation under a scenario's limits and its approach.

Solved in FAR area y = far_ratio × GFA, where every limit is a plain bound, then turned into whole
square metres. With free totals (uses between a least and a most) an approach other than the most
suitable plan keeps the totals that the most suitable plan has.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal
from weakref import WeakKeyDictionary

import numpy as np

from siteplan.allocation import allocate, allocate_within, shortfall, whole_m2
from siteplan.approach import Near, Practical, Together
from siteplan.explain import ParcelName, explain_shortfall
from siteplan.issues import Issue
from siteplan.massing import Ground, plate_m2
from siteplan.room import clashes
from siteplan.text import Joined, Text, sentence
from siteplan.uses import ALL_USES, USES

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.allocation import PracticalAllocation, Shortfall
    from siteplan.allocation.change import NearAllocation
    from siteplan.allocation.together import TogetherAllocation
    from siteplan.capacity import Capacity
    from siteplan.parcels import Parcels
    from siteplan.programme import Programme
    from siteplan.room import Room
    from siteplan.scenario import Scenario
    from siteplan.suitability import Suitability

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]

Status = Literal["optimal", "feasible", "infeasible"]

PROVEN_GAP = 1e-9
"""Relative gap below which an allocation is called optimal."""

SHOWN_GAP_PCT = 0.01
"""A plan that may miss the best under its rules by more than this says so."""

RULE_NAMES: dict[str, Text] = {
    "max_uses": sentence("most uses on a parcel"),
    "min_block_m2": sentence("least floor area of a use"),
    "step_m2": sentence("whole floors"),
    "max_share": sentence("largest share of a use"),
}
"""Practical rules by their names in `siteplan.allocation.practical.RULES`."""


@dataclass(frozen=True, eq=False)
class Placement:
    """What stands where, n parcels and k uses.

    Parameters
    ----------
    status : {"optimal", "feasible", "infeasible"}
    gfa_m2 : ndarray of int, shape (n, k)
        Whole m², zeros where infeasible.
    objective, bound : float
        What the approach maximises, of the whole-m² answer, and the most that any answer could
        reach; NaN where infeasible.
    explanation : tuple of Text
        Why nothing fits.
    issues : tuple of Issue
        What the approach brings with it.
    """

    status: Status
    gfa_m2: Integers
    objective: float
    bound: float
    explanation: tuple[Text, ...] = ()
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, eq=False)
class _Solved:
    """An approach's answer in FAR area, rows in the order of ids."""

    status: Status
    area_m2: Floats
    bound: float
    stays: bool = False  # whether cells that are empty must stay empty when rounding
    explanation: tuple[Text, ...] = ()
    issues: tuple[Issue, ...] = ()
    price: float = 0.0


@dataclass(frozen=True, eq=False)
class _Case:
    """The arrays of one allocation; rows in the order of ids, so that ties do not hang on files."""

    parcels: Parcels
    scenario: Scenario
    capacity: Capacity
    room: Room
    ground: Ground
    order: npt.NDArray[np.intp]
    held_m2: Floats  # (n,)
    score: Floats  # (n, k) per m² of FAR area, -inf where not allowed
    upper_m2: Floats | None
    lower_m2: Floats | None

    @property
    def far_ratio(self) -> Floats:
        return self.room.far_ratio


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
    case = _Case(
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
    if clashes(room, parcels=parcels):
        return _nothing(case, clashes(room, parcels=parcels))
    solved = _solved(case)
    if solved.status == "infeasible":
        why = solved.explanation or _why_infeasible(case, solved="infeasible")
        return _nothing(case, why)
    gfa_m2 = _whole(case, solved)
    if gfa_m2 is None:
        return _nothing(case, _why_infeasible(case, solved=solved.status))
    back = np.empty_like(gfa_m2)
    back[order] = gfa_m2
    objective = _objective(case, gfa_m2, solved, suitability=suitability)
    return Placement(
        solved.status,
        back,
        objective,
        max(solved.bound, objective) if solved.status != "optimal" else solved.bound,
        issues=solved.issues,
    )


def _nothing(case: _Case, explanation: tuple[Text, ...]) -> Placement:
    empty = np.zeros((len(case.parcels), len(USES)), dtype=np.int64)
    return Placement("infeasible", empty, math.nan, math.nan, explanation)


def _solved(case: _Case) -> _Solved:
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
        return _Solved(found.status, found.area_m2, found.bound)
    answer = _approached(case, target_m2)
    if free and answer.status != "infeasible":
        return replace(answer, issues=(*answer.issues, Issue("totals_first")))
    return answer


def _approached(case: _Case, target_m2: Floats) -> _Solved:
    match case.scenario.approach:
        case Practical() as rules:
            return _practical(case, rules, target_m2)
        case Near() as near:
            return _near(case, near, target_m2)
        case Together() as together:
            return _together(case, together, target_m2)
        case _:
            raise ValueError("a scenario without an approach has nothing to follow")


def _practical(case: _Case, rules: Practical, target_m2: Floats) -> _Solved:
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
        why = _why_not_practical(case, found)
        return _Solved("infeasible", found.area_m2, math.nan, explanation=why)
    issues = list(_gap_issue(found.gap))
    for use in np.flatnonzero(found.part_floor >= 0).tolist():
        parcel_id = case.parcels.ids[case.order[found.part_floor[use]]]
        issues.append(Issue("part_floor", (parcel_id,), {"use": ALL_USES[use].label}))
    status: Status = "optimal" if found.gap <= PROVEN_GAP else "feasible"
    return _Solved(status, found.area_m2, found.bound, stays=True, issues=tuple(issues))


def _gap_issue(gap: float) -> tuple[Issue, ...]:
    if not gap * 100 > SHOWN_GAP_PCT:
        return ()
    return (Issue("approach_gap", (), {"gap": f"{gap * 100:.2f}"}),)


def _why_not_practical(case: _Case, found: PracticalAllocation) -> tuple[Text, ...]:
    if found.status == "unproven":
        return (
            sentence(
                "No plan that keeps the rules for buildable parcels was found in the time given, "
                "and none was excluded. Ease one of the rules."
            ),
        )
    said = []
    if found.shortfall is not None:
        said += list(_explained(case, found.shortfall))
    elif found.parcels is not None and len(found.parcels):
        names = tuple(ParcelName(case.parcels, int(case.order[row])) for row in found.parcels[:3])
        said.append(
            sentence(
                "No way of building keeps both the rules and the limits of {parcels}.",
                parcels=Joined(names),
            )
        )
    else:
        said.append(
            sentence(
                "The programme fits on the parcels, but not under the rules for buildable ones."
            )
        )
    for names_of in found.relax:
        said.append(
            sentence(
                "Without this it would fit: {rules}.",
                rules=Joined(tuple(RULE_NAMES[name] for name in names_of)),
            )
        )
    return tuple(said)


def _near(case: _Case, near: Near, target_m2: Floats) -> _Solved:
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
        return _Solved("infeasible", found.area_m2, math.nan)
    issues = list(_gap_issue(found.gap))
    if lost:
        issues.append(Issue("earlier_plan_lots", lost, {"examples": ", ".join(lost[:3])}))
    rows = case.order[np.flatnonzero(found.lost_m2 >= 1.0)]
    if len(rows):
        ids = tuple(case.parcels.ids[row] for row in sorted(rows.tolist()))
        area = f"{float(found.lost_m2.sum()):,.0f}"
        issues.append(Issue("earlier_plan_lost", ids, {"area": area}))
    return _Solved(
        found.status, found.area_m2, found.bound, issues=tuple(issues), price=found.price
    )


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


def _together(case: _Case, wish: Together, target_m2: Floats) -> _Solved:
    from siteplan.allocation.together import allocate_together

    pairs, length_m = neighbours(case.parcels)
    place = np.empty(len(case.order), dtype=np.intp)
    place[case.order] = np.arange(len(case.order))
    found: TogetherAllocation = allocate_together(
        case.held_m2,
        case.score,
        target_m2,
        case.upper_m2,
        case.lower_m2,
        pairs=place[pairs],
        length_m=length_m,
        worth_per_m=wish.worth_m2_per_m,
        single_use=wish.single_use,
    )
    if found.status == "infeasible":
        return _Solved("infeasible", found.area_m2, math.nan)
    return _Solved(found.status, found.area_m2, found.bound, issues=_gap_issue(found.gap))


_neighbours: WeakKeyDictionary[Parcels, tuple[Integers, Floats]] = WeakKeyDictionary()


def neighbours(parcels: Parcels) -> tuple[Integers, Floats]:
    """Return the pairs of parcels that share edges, shape (m, 2), and the metres shared."""
    from siteplan.geometry import shared_edges

    kept = _neighbours.get(parcels)
    if kept is None:
        kept = _neighbours[parcels] = shared_edges(parcels.geometry)
    return kept


def floor_area_m2(room: Room, ground: Ground) -> Floats:
    """Return the FAR area of one floor of each parcel that fills its capacity evenly, shape (n,).

    As many floors as the largest plate needs, all alike: ``F / ceil(F / plate)``. A parcel that
    is filled by fewer such floors has the same plate in the massing.
    """
    built = room.capacity_m2 > 0
    largest_m2 = np.where(built, plate_m2(room.capacity_m2, ground), 1.0)
    floors = np.maximum(np.ceil(room.capacity_m2 / largest_m2 - 1e-9), 1.0)
    return np.where(built, room.capacity_m2 / floors, 0.0)


def _whole(case: _Case, solved: _Solved) -> Integers | None:
    """Return whole m² of GFA, rows in the order of ids; None where nothing fits."""
    ratio, room = case.far_ratio, case.room
    gfa_m2 = solved.area_m2 / ratio
    most_m2 = np.where(case.score > -np.inf, np.inf, 0.0)
    least_m2 = None
    if room.max_gfa_m2 is not None and room.min_gfa_m2 is not None:
        most_m2 = np.minimum(most_m2, room.max_gfa_m2[case.order])
        least_m2 = room.min_gfa_m2[case.order]
    programme = case.scenario.programme
    totals_m2 = whole_totals_m2(gfa_m2.sum(axis=0), programme)
    ways = [(most_m2, least_m2, False)]
    if solved.stays:
        # A buildable plan is rounded within the cells that it uses and the bounds of its rules;
        # otherwise only where that fails.
        kept = _within_rules(case, gfa_m2, most_m2, least_m2)
        ways = [(*kept, True), (most_m2, least_m2, True), *ways]
    for upper_m2, lower_m2, only_used in ways:
        whole = whole_m2(
            gfa_m2,
            far_ratio=ratio,
            capacity_m2=case.held_m2,
            target_gfa_m2=totals_m2,
            upper_gfa_m2=upper_m2,
            lower_gfa_m2=lower_m2,
            score=case.score * ratio,
            only_used=only_used,
        )
        if whole is not None:
            return whole
    return None


def _within_rules(
    case: _Case, gfa_m2: Floats, most_m2: Floats, least_m2: Floats | None
) -> tuple[Floats, Floats]:
    """Narrow bounds to what the rules for buildable parcels ask of the cells that a plan uses.

    Cells that the planner's own limits hold outside a rule keep what they hold.
    """
    rules = case.scenario.approach
    least_m2 = np.zeros_like(gfa_m2) if least_m2 is None else least_m2
    if not isinstance(rules, Practical):
        return most_m2, least_m2
    block_m2 = np.array([rules.min_block_m2.get(use, 0) for use in USES], dtype=float)
    share = np.array([rules.max_share_pct.get(use, 100.0) for use in USES]) / 100
    held_m2 = case.held_m2[:, None] * share / case.far_ratio
    most_m2 = np.where(
        gfa_m2 <= held_m2 + 0.5, np.minimum(most_m2, np.floor(held_m2 + 1e-6)), most_m2
    )
    stands = (gfa_m2 >= block_m2 - 0.5) & (gfa_m2 >= 0.5) & (block_m2 <= most_m2)
    return most_m2, np.where(stands, np.maximum(least_m2, block_m2), least_m2)


def whole_totals_m2(totals_m2: Floats, programme: Programme) -> Integers:
    """Return whole totals by use that sum to the programme's total and keep its bounds."""
    bounds = np.array(programme.bounds_m2(), dtype=np.int64)
    whole = np.clip(np.floor(totals_m2 + 1e-6).astype(np.int64), bounds[:, 0], bounds[:, 1])
    for column in np.argsort(-(totals_m2 - whole), kind="stable").tolist():
        missing = programme.total_gfa_m2 - int(whole.sum())
        whole[column] += min(max(missing, 0), int(bounds[column, 1] - whole[column]))
    return whole


def _objective(
    case: _Case, gfa_m2: Integers, solved: _Solved, *, suitability: Suitability
) -> float:
    """Return what the approach maximises, of the answer in whole m²."""
    worth = float((suitability.score[case.order] * gfa_m2).sum())
    approach = case.scenario.approach
    if isinstance(approach, Near):
        earlier_m2 = earlier_plan_m2(case.parcels, approach)[0][case.order]
        moved_m2 = (np.maximum(gfa_m2 - earlier_m2, 0) * case.far_ratio).sum()
        return worth - solved.price * float(moved_m2)
    if isinstance(approach, Together):
        from siteplan.allocation.together import shared_use_m

        pairs, length_m = neighbours(case.parcels)
        place = np.empty(len(case.order), dtype=np.intp)
        place[case.order] = np.arange(len(case.order))
        shared_m = shared_use_m(
            gfa_m2 * case.far_ratio, case.held_m2, pairs=place[pairs], length_m=length_m
        )
        return worth + approach.worth_m2_per_m * shared_m
    return worth


def _why_infeasible(case: _Case, *, solved: Status) -> tuple[Text, ...]:
    """Say why nothing fits; `solved` tells whether it would fit but for whole square metres."""
    room, programme = case.room, case.scenario.programme
    if not (room.capacity_m2 > 0).any():
        return (
            sentence(
                "No parcel takes part with any capacity. Set the part available of at least one "
                "parcel above 0 %, and give parcels without a zone one."
            ),
            *_own_limits_in_the_way(case.scenario),
        )
    # What a free use must hold at least, because the others cannot hold the rest of the total.
    bounds_m2 = np.array(programme.bounds_m2(), dtype=float)
    if room.min_gfa_m2 is not None:
        said = _limits_above_totals(room.min_gfa_m2.sum(axis=0), bounds_m2[:, 1])
        if said:
            return said
    others_most_m2 = bounds_m2[:, 1].sum() - bounds_m2[:, 1]
    least_m2 = np.maximum(bounds_m2[:, 0], programme.total_gfa_m2 - others_most_m2)
    short = shortfall(room.capacity_m2, least_m2 * room.far_ratio, room.upper_m2, room.lower_m2)
    if short is not None:
        return _explained(case, short, sorted_rows=True)
    if solved == "infeasible":
        return (
            sentence(
                "No split of the free uses between their least and most fits on the parcels. "
                "Widen their bounds, lower a use, or let more parcels take part."
            ),
        )
    return (
        sentence(
            "The capacity is used up to the last square metre, and no split into whole square "
            "metres fits. Lower a use by a few square metres."
        ),
    )


def _own_limits_in_the_way(scenario: Scenario) -> tuple[Text, ...]:
    """Name the planner's limits of all parcels that may leave no room on any."""
    said = []
    if scenario.setback_m:
        said.append(sentence("setback of {setback:g} m", setback=scenario.setback_m))
    if scenario.max_height_m is not None:
        said.append(sentence("height of {height:g} m", height=scenario.max_height_m))
    if not said:
        return ()
    return (
        sentence(
            "Your own limits for all parcels may leave no room either: {limits}. Ease them.",
            limits=Joined(tuple(said)),
        ),
    )


def _limits_above_totals(held_m2: Floats, most_m2: Floats) -> tuple[Text, ...]:
    """Say which uses are held on parcels by more than their total."""
    return tuple(
        sentence(
            "{use}: the limits of parcels ask for {held:,.0f} m² in all, more than the "
            "{most:,.0f} m² that the programme has. Raise the use, or lower a limit.",
            use=ALL_USES[use].label,
            held=float(held_m2[use]),
            most=float(most_m2[use]),
        )
        for use in np.flatnonzero(held_m2 > most_m2).tolist()
    )


def _explained(case: _Case, short: Shortfall, *, sorted_rows: bool = False) -> tuple[Text, ...]:
    """Explain a shortfall whose rows are those of the parcels, else in the order of ids."""
    if not sorted_rows:
        short = replace(short, parcels=np.sort(case.order[short.parcels]))
    said = explain_shortfall(
        short, parcels=case.parcels, capacity=case.capacity, far_ratio=case.far_ratio
    )
    limited = case.room.max_gfa_m2 is not None
    if limited:
        count = sum(
            bool(decision.limits or decision.only_use)
            for decision in case.scenario.decisions.values()
        )
        said += (
            sentence(
                "{count} parcel(s) carry limits of your own on uses; dropping one may help.",
                count=count,
            ),
        )
    return said
