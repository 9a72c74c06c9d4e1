"""Why a programme cannot be placed, in sentences."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from siteplan.allocation import shortfall
from siteplan.explain import ParcelName, explain_shortfall
from siteplan.placement._case import Case, Status
from siteplan.text import Joined, Text, sentence
from siteplan.uses import ALL_USES

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.allocation import PracticalAllocation, Shortfall
    from siteplan.scenario import Scenario

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]


RULE_NAMES: dict[str, Text] = {
    "max_uses": sentence("most uses on a parcel"),
    "min_block_m2": sentence("least floor area of a use"),
    "step_m2": sentence("whole floors"),
    "max_share": sentence("largest share of a use"),
}
"""Practical rules by their names in `siteplan.allocation.practical.RULES`."""


def why_not_practical(case: Case, found: PracticalAllocation) -> tuple[Text, ...]:
    """Say why no plan keeps the rules for buildable parcels, and which rules stand in the way."""
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


def why_infeasible(case: Case, *, solved: Status) -> tuple[Text, ...]:
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


def _explained(case: Case, short: Shortfall, *, sorted_rows: bool = False) -> tuple[Text, ...]:
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
