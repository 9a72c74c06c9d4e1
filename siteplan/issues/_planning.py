"""Findings about decisions of a scenario, and what a plan rests on."""

from __future__ import annotations

from siteplan.issues._finding import Finding
from siteplan.text import N_

FINDINGS: dict[str, Finding] = {
    "decision_without_parcel": (
        "warning",
        N_("The scenario decides about {count} parcel(s) that are not in the data: {examples}."),
        N_("Load the parcels that the scenario was made for, or drop these decisions."),
    ),
    "consent_used": (
        "warning",
        N_("{use} in {zone} is only conditionally permitted: {condition} The scenario consents."),
        N_("Confirm the condition with the authority."),
    ),
    "unknown_use_permission": (
        "warning",
        N_("Whether {use} may stand in {zone} is not known. The scenario consents."),
        N_("Read the ordinance's table for the zone."),
    ),
    "far_override": (
        "warning",
        N_("{count} parcel(s): FAR {far} % is the planner's own figure. Reason: {reason}"),
        N_("Confirm the figure with the district plan."),
    ),
    "factor_changed": (
        "info",
        N_("Factor {key} is the planner's own: {value} instead of {before}."),
        N_("Give its source where you show the plan."),
    ),
    "factor_outside_range": (
        "warning",
        N_("Factor {key} = {value} lies outside its believed range {low} to {high}."),
        N_("Check the value; the range is in the ledger with its source."),
    ),
    "far_without_reason": (
        "warning",
        N_("{count} parcel(s): FAR {far} % is the planner's own figure, without a reason."),
        N_("Write down why: the plan or decision that the figure comes from."),
    ),
    "far_above_national": (
        "warning",
        N_(
            "{count} parcel(s): FAR {far} % is above the limit of {zone}, {limit} % ({article}), "
            "and above the national one, {most} % ({national})."
        ),
        N_("Name the special law or plan that allows it, or lower the figure."),
    ),
    "far_above_zone": (
        "warning",
        N_("{count} parcel(s): FAR {far} % is above the limit of {zone}, {limit} % ({article})."),
        N_("Name the plan or incentive that allows it, or lower the figure."),
    ),
    "incentive_applied": (
        "warning",
        N_("{count} parcel(s) count on {incentive} ({article}). It costs: {contribution}"),
        N_("Confirm that its condition is met: {condition}"),
    ),
    "incentive_refused": (
        "info",
        N_("{count} parcel(s): {incentive} is switched on but does not count. {reason}"),
        N_("Switch it off, or look at the parcel's tiers."),
    ),
    "setback_assumed": (
        "warning",
        N_("Buildings keep {distance} m from the lot line, the planner's own figure."),
        N_("Read the distances in annex 4 of the building ordinance."),
    ),
    "height_limit": (
        "info",
        N_("Floors under a height limit are counted with storeys of {storey} m."),
        N_("They are the tallest of the uses allowed there; change them among the factors."),
    ),
    "zone_override": (
        "warning",
        N_("{count} parcel(s) are planned as {zone}, which is the planner's assumption."),
        N_("A zone change needs its own decision; confirm it."),
    ),
    "parking_short": (
        "warning",
        N_(
            "{count} parcel(s): accessory parking needs {parking}, but only {room} of GFA there is "
            "not FAR area; {short} are missing."
        ),
        N_("Lower the FAR ratio of these uses, park on a neighbouring lot, or mix the uses."),
    ),
    "setback_exceeded": (
        "warning",
        N_("{count} parcel(s) hold their floor area only by building into the setback."),
        N_("Allow more floors there, or place less."),
    ),
    "rules_unverified": (
        "info",
        N_("{count} permission(s) that this plan uses are not verified: {rules}."),
        N_("Read the annexes of the ordinance before you rely on them."),
    ),
    "use_limits": (
        "info",
        N_("{count} parcel(s) carry the planner's own limits on uses."),
        N_("They hold whatever the scores say; see each parcel's decisions."),
    ),
    "existing_stays": (
        "info",
        N_("{count} parcel(s) keep existing buildings, {area} m² of FAR area by your figure."),
        N_("Confirm the area with the building register (건축물대장)."),
    ),
    "totals_first": (
        "info",
        N_("Totals that are free were chosen for the most suitability before the approach."),
        N_("Fix the totals where you want others."),
    ),
    "part_floor": (
        "info",
        N_("{use} fills its last floor on one parcel only in part, so that its total is exact."),
        N_("Move the total by a few m² if every floor must be whole."),
    ),
    "approach_gap": (
        "info",
        N_("The plan may miss the best under its rules by up to {gap} % (proven)."),
        N_("It keeps every rule; ease one for a closer proof."),
    ),
    "earlier_plan_lots": (
        "warning",
        N_("The earlier plan to stay near has lots that are gone: {examples}."),
        N_("Take the present plan as the one to stay near."),
    ),
    "earlier_plan_lost": (
        "info",
        N_("{area} m² of FAR area of the earlier plan can no longer stay on {count} parcel(s)."),
        N_("Present limits do not allow it there."),
    ),
    "dates_decide": (
        "info",
        N_("The dates moved floor area: the plan has {lost} % less suitability than without them."),
        N_("Ease a ceiling or a date if that is too much."),
    ),
    "phases_infeasible": (
        "error",
        N_("The years cannot hold the plan: nothing is said of when it is built."),
        N_("See the phases page for what is missing."),
    ),
}
