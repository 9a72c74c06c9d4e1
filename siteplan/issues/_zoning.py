"""Findings about zoning polygons, lots in several zones, and what their limits rest on."""

from __future__ import annotations

from siteplan.issues._finding import Finding
from siteplan.text import N_

FINDINGS: dict[str, Finding] = {
    "rules_elsewhere": (
        "warning",
        N_("{count} parcel(s) lie where “{rules}” does not hold: {places}."),
        N_(
            "Choose the national rules on the page of rules and factors (--rules {national}), or "
            "bring the rules of the place."
        ),
    ),
    "zoning_set_aside": (
        "warning",
        N_("{polygons} zoning polygon(s) of {source} have no usable outline and were left out."),
        N_("Repair them in the source file; lots there may show as outside all zones."),
    ),
    "zoning_repaired": (
        "info",
        N_("{polygons} zoning polygon(s) of {source} were invalid and were repaired."),
        N_("Look at the zones of the lots there; correct the source where they are wrong."),
    ),
    "zoning_other_class": (
        "info",
        N_("{polygons} polygon(s) of {source} name no zone (용도지역) and were left out: {names}."),
        N_("Nothing to do for districts (용도지구); correct the name if a zone is meant."),
    ),
    "zoning_remark": (
        "warning",
        N_("Remarks in brackets behind zone names of {source} do not count: {names}."),
        N_("Set what the remark asks for, e.g. the most floors, in the parcels' decisions."),
    ),
    "zoning_area_stale": (
        "info",
        N_(
            "Column {column} of {source} is more than {limit} % off the polygon for {polygons} of "
            "{of} polygons; areas are measured on the polygons."
        ),
        N_("Nothing to do; the column tells areas from before the drawing was cut."),
    ),
    "zone_from_overlay": (
        "info",
        N_("The zone of {count} parcel(s) was read from the zoning polygons of {source}."),
        N_("Check the file's date; the zones are as good as it."),
    ),
    "zone_straddles": (
        "warning",
        N_("{count} lot(s) lie in several zones of {source}: {examples}."),
        N_("Look at the shares in the parcel panel; set one zone by a decision if they mislead."),
    ),
    "zone_conflict": (
        "warning",
        N_(
            "The zone of {count} parcel(s) differs between the parcel file and {source}, which "
            "was followed: {examples}."
        ),
        N_("Find out which file is newer; set the zone by a decision where the parcel's is right."),
    ),
    "zone_outside": (
        "warning",
        N_("{count} parcel(s) lie outside all zones of {source} and keep what they had."),
        N_("Load the zoning polygons of the neighbouring area too."),
    ),
    "zone_partly_outside": (
        "warning",
        N_(
            "{count} parcel(s) lie partly outside all zones of {source}: {examples}. The shares "
            "of their zones were taken of the rest."
        ),
        N_("Load the zoning polygons of the neighbouring area too."),
    ),
    "zone_doubled": (
        "warning",
        N_(
            "Zoning polygons of {source} overlap on {count} parcel(s), {area} in all; shares were "
            "scaled so that nothing counts twice."
        ),
        N_("Leave out polygons that a later decision replaced, and read the file again."),
    ),
    "zone_slivers": (
        "info",
        N_(
            "On {count} parcel(s), parts below {least} m² or thinner than {width} m were counted "
            "to the main zone, {area} in all."
        ),
        N_("Nothing to do; lot lines and zone lines come from two drawings."),
    ),
    "zone_straddles_register": (
        "warning",
        N_(
            "{count} lot(s) straddle two zones by the register, shares unknown: {examples}. They "
            "are planned as if all of the lot were in the first."
        ),
        N_("Load the zoning polygons (UQ111): the shares are measured on them."),
    ),
    "zones_weighted": (
        "warning",
        N_(
            "{count} lot(s) in several zones have the area-weighted FAR and BCR of their parts; "
            "uses and other limits follow the largest part. {note}"
        ),
        N_("Confirm it with the authority, or set one zone for the lot in its decision."),
    ),
    "zone_part_unknown": (
        "warning",
        N_("On {count} lot(s) a part lies in a zone that the rules do not know: {zones}."),
        N_("Nothing counts on that part; set one zone for the lot in its decision."),
    ),
}
