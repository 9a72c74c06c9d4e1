"""Findings about shapes: what was invalid, repaired, set aside, and how neighbours meet."""

from __future__ import annotations

from siteplan.issues._finding import Finding
from siteplan.text import N_

FINDINGS: dict[str, Finding] = {
    "geometry_repaired": (
        "warning",
        N_("{count} outline(s) were invalid ({reason}) and were repaired; area {before} → {after}"),
        N_("Look at the parcels on the map; correct the source where the shape changed."),
    ),
    "geometry_dropped_parts": (
        "warning",
        N_("{count} shape(s) held lines or points beside polygons; only the polygons were kept."),
        N_("Look at the parcels on the map; correct the source if something is missing."),
    ),
    "geometry_set_aside": (
        "error",
        N_("{count} row(s) have no usable polygon ({reason}) and take no part."),
        N_("Draw or repair these outlines in the source file and read it again."),
    ),
    "set_aside_by_person": (
        "warning",
        N_("{count} parcel(s) were set aside by you and take no part."),
        N_("Take them back on the Data page, or leave them out of the scenario's reading."),
    ),
    "z_dropped": (
        "info",
        N_("{count} outline(s) carried heights (Z), which were left out."),
        N_("Nothing to do; parcels are planar."),
    ),
    "overlap": (
        "warning",
        N_("{count} pair(s) of parcels overlap, {area} in all: floor area may be counted twice."),
        N_("Correct the boundaries, or leave one of each pair out of the study."),
    ),
    "schematic_outlines": (
        "warning",
        N_("{count} outline(s) are schematic: drawn by siteplan, not surveyed."),
        N_("Load official parcels of the cadastral map to replace them."),
    ),
}
