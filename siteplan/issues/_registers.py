"""Findings about what registers say of a parcel: PNU, lot number, area, zone."""

from __future__ import annotations

from siteplan.issues._finding import Finding
from siteplan.text import N_

FINDINGS: dict[str, Finding] = {
    "zone_name_unknown": (
        "warning",
        N_("{count} parcel(s) carry a zone that is no zone (용도지역) by name: {zones}."),
        N_("Correct the names, say which column holds the zone, or lay zoning polygons over."),
    ),
    "duplicate_id": (
        "error",
        N_("The id {id} stands on {count} rows; later ones were renamed {renamed}."),
        N_("Give each parcel its own id or PNU in the source file."),
    ),
    "pnu_invalid": (
        "error",
        N_("{count} PNU(s) are not the 19 digits of a parcel, e.g. {example}, and are left out."),
        N_("Correct them: ten digits of the legal dong, 1 or 2, main number, sub number."),
    ),
    "pnu_float_damaged": (
        "error",
        N_(
            "{count} PNU(s) have lost their last digits, e.g. {example}, and are left out. "
            "{evidence}"
        ),
        N_(
            "Export them again from the source with the PNU column as text; in a spreadsheet, set "
            "the column to text before the file is opened. The lost digits cannot be recovered."
        ),
    ),
    "pnu_other_family": (
        "warning",
        N_(
            "{count} PNU(s) write 0 and 1 where the land register writes 1 and 2, as the building "
            "register does; {example} was read as {read}."
        ),
        N_("Check one of them on the map, above all one with 산."),
    ),
    "pnu_family_mixed": (
        "error",
        N_(
            "{count} PNU(s) mix 0 and 1 with 1 and 2 as the eleventh digit, e.g. {example}; which "
            "of them mean 산 cannot be told, so they are left out."
        ),
        N_("Bring the column to one family: 1 for land, 2 for 산."),
    ),
    "pnu_family_odd": (
        "error",
        N_(
            "{count} PNU(s) have 0 as the eleventh digit in a column of 1 and 2, e.g. {example}, "
            "and are left out; the others are kept."
        ),
        N_("Correct the eleventh digit: 1 for land, 2 for 산."),
    ),
    "pnu_kind_unusual": (
        "warning",
        N_(
            "{count} PNU(s) have neither 1 nor 2 as the eleventh digit, e.g. {example}, and are "
            "left out."
        ),
        N_("Check them in the register; parcels of land have 1, those of 산 have 2."),
    ),
    "pnu_rewritten": (
        "info",
        N_("{count} PNU(s) were spelled in another way, e.g. {example}, and read as {read}."),
        N_("Nothing to do."),
    ),
    "lot_number_differs": (
        "warning",
        N_("{count} lot number(s) name another parcel than their PNU, e.g. {example} and {pnu}."),
        N_("Check both columns; rows may have slipped against each other."),
    ),
    "lot_number_unreadable": (
        "info",
        N_("{count} lot number(s) could not be read, e.g. {example}, and are kept as they are."),
        N_("Write them like 223-1 or 산 12-3."),
    ),
    "lot_number_became_date": (
        "warning",
        N_("{count} lot number(s) became dates, e.g. {example}, as spreadsheets make of 12-3."),
        N_("Export the lot numbers again as text."),
    ),
    "lot_number_rewritten": (
        "info",
        N_("{count} lot number(s) were brought to one spelling, e.g. {example} to {shown}."),
        N_("Nothing to do; a letter of the land category is kept as the land category."),
    ),
    "jimok_unknown": (
        "info",
        N_("{count} land categories are none of the 28 of the register, e.g. {example}."),
        N_("Write the letter, name or code of the register, e.g. 대, 공장용지 or 08."),
    ),
    "jimok_differs": (
        "warning",
        N_(
            "The land category of {count} parcel(s), e.g. {example}, is not the one behind the lot "
            "number, {behind}; the former is used."
        ),
        N_("Check it in the land register; one of the two is out of date."),
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
    "area_outside_tolerance": (
        "warning",
        N_(
            "The register area of {count} of {compared} parcel(s) differs from the outline's by "
            "more than the legal tolerance for a map of {scale}, by {total} in all. The largest, "
            "register / outline: {worst}"
        ),
        N_("FAR is measured on the register area; check the outline before you lay out buildings."),
    ),
    "areas_slightly_scaled": (
        "warning",
        N_("The areas of {count} parcel(s) do not seem to be the register's. {explanation}"),
        N_("Use the register area (대장면적), or areas measured in EPSG:5186."),
    ),
    "areas_wrongly_scaled": (
        "error",
        N_("The areas of {count} parcel(s) cannot be the register's in m². {explanation}"),
        N_(
            "Hand in the register area (대장면적) in m², or leave the column out: FAR and BCR are "
            "measured on it."
        ),
    ),
}
