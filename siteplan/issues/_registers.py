"""Findings about what registers say of a parcel: PNU, lot number, area, zone."""

from __future__ import annotations

from siteplan.issues._finding import Finding
from siteplan.text import N_

FINDINGS: dict[str, Finding] = {
    "duplicate_id": (
        "error",
        N_("The id {id} stands on {count} rows; later ones were renamed {renamed}."),
        N_("Give each parcel its own id or PNU in the source file."),
    ),
    "pnu_invalid": (
        "error",
        N_("{count} PNU(s) are not 19 digits with 1 or 2 as the eleventh, e.g. {example}."),
        N_("Keep the PNU column as text; spreadsheets turn it into a rounded number."),
    ),
    "pnu_missing": (
        "info",
        N_("{count} parcel(s) carry no PNU."),
        N_("Nothing to do unless you join other registers by PNU."),
    ),
    "zone_missing": (
        "warning",
        N_("{count} parcel(s) carry no zone (용도지역), so no rule gives them capacity."),
        N_("Add a zone column, or set the zone to assume in the scenario."),
    ),
    "zone_unknown": (
        "warning",
        N_("{count} parcel(s) carry a zone that the rules do not know: {zones}."),
        N_("Correct the zone's name, or set the zone to assume in the scenario."),
    ),
    "zone_unverified": (
        "info",
        N_("The zone of {count} parcel(s) is not verified."),
        N_("Read the zone from the official land-use register before you rely on it."),
    ),
    "area_from_outline": (
        "info",
        N_("{count} parcel(s) carry no register area; the outline's area is used."),
        N_("Add the register area (대장면적): FAR and BCR are measured on it."),
    ),
    "area_invalid": (
        "warning",
        N_("{count} area figure(s) were missing, negative or not a number; the outline's is used."),
        N_("Correct the area column in the source file."),
    ),
    "area_differs": (
        "warning",
        N_("The register area of {count} parcel(s) is more than {limit} % off the outline's."),
        N_("Check the area column and the coordinate system; FAR is measured on this area."),
    ),
}
