"""Findings about lots that a scenario merges (합필) or cuts (분할)."""

from __future__ import annotations

from siteplan.issues._finding import Finding
from siteplan.text import N_

FINDINGS: dict[str, Finding] = {
    "merge_conditions": (
        "info",
        N_("{lots} are planned as one lot. siteplan cannot see who owns them."),
        N_(
            "Confirm that owner and use are the same and the ground is continuous: the conditions "
            "of one lot (공간정보관리법 시행령 §5)."
        ),
    ),
    "merged_across_dong": (
        "warning",
        N_("{lots} lie in different legal districts (법정동): {dongs}."),
        N_("One lot lies in one district; merge each district by itself."),
    ),
    "merged_land_and_forest": (
        "warning",
        N_("{lots} stand in different registers, land (대장) and forest (임야, 산)."),
        N_("Ask the register office whether they can become one lot."),
    ),
    "merged_jimok_differs": (
        "warning",
        N_("{lots} have different land categories (지목): {jimoks}. The merged lot has none."),
        N_(
            "Change the category first. A minor part of at most 10 % and 330 m² that is not 대 may "
            "join as it is (공간정보관리법 시행령 §5)."
        ),
    ),
    "merged_zones_differ": (
        "warning",
        N_(
            "{lots} lie in different zones: {shares}. {zone} is the largest part; the merged lot's "
            "FAR and BCR are averages weighted by these shares."
        ),
        N_("Confirm how the limits apply; uses follow the largest part ({zone})."),
    ),
    "merged_zone_missing": (
        "warning",
        N_(
            "Some of {lots} have no known zone; their area counts like that of the others: {zones}."
        ),
        N_("Lay zoning polygons over the parcels on the Data page (--zoning), then merge."),
    ),
    "merged_gap_closed": (
        "info",
        N_("Gaps of at most {width} m between {lots} were closed: {area:.2f} m² of outline."),
        N_("The merged lot's area is the sum of the register areas, without the gaps."),
    ),
    "cut_drawn": (
        "info",
        N_("{parcel} is planned as {count} lots along a drawn line. No survey knows this line."),
        N_("Areas are shares of the register area; a survey for the split will correct them."),
    ),
    "cut_zone_parts": (
        "warning",
        N_("{parcel} lies in several zones: {zones}. Its pieces keep the same shares."),
        N_(
            "The shares are those of the whole lot, and so are FAR and BCR: export the pieces and "
            "lay the zoning polygons over them again on the Data page (--zoning)."
        ),
    ),
    "lot_below_minimum": (
        "warning",
        N_(
            "{lot} has {area:,.1f} m² after the split, less than the {least:,.0f} m² that a lot "
            "in {zone} needs ({article})."
        ),
        N_("Draw the line so that every piece reaches the least area."),
    ),
    "edit_without_parcel": (
        "warning",
        N_("The scenario merges or cuts parcels that are not in the data: {missing}. Left out."),
        N_("Load the parcels that the scenario was made for, or drop this change."),
    ),
    "edit_refused": (
        "warning",
        N_("A merge or cut of the scenario does not work on these parcels. {reason}"),
        N_("Load the parcels that the scenario was made for, or drop this change."),
    ),
}
