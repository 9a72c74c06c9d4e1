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
    "spike_removed": (
        "warning",
        N_("{count} outline(s) had spikes, which were cut off; area {before} → {after}"),
        N_("Look at the parcels on the map; a corner under 2° and under 2 cm wide is no land."),
    ),
    "sliver_part_removed": (
        "warning",
        N_("{count} outline(s) lost parts under 0.1 m² and 5 cm wide; area {before} → {after}"),
        N_("Look at the parcels on the map; correct the source if a part is missing."),
    ),
    "repeated_points": (
        "info",
        N_("{count} outline(s) held a point several times in a row; once is kept."),
        N_("Nothing to do; the shapes are the same."),
    ),
    "curves_flattened": (
        "info",
        N_("{count} outline(s) had arcs; chords stand for them, so areas differ by up to 0.1 %."),
        N_("For exact areas, state the register area in a column such as 대장면적."),
    ),
    "winding_turned": (
        "info",
        N_("{count} outline(s) ran clockwise, against the rule of GeoJSON, and were turned."),
        N_("Nothing to do; the shapes are the same."),
    ),
    "row_repeated": (
        "warning",
        N_("{count} row(s) repeat the PNU and the shape of another, e.g. of {example}; set aside."),
        N_("Remove the copies in the source file."),
    ),
    "pnu_shared": (
        "error",
        N_("{count} rows with different shapes share one PNU, e.g. {example}; all are kept."),
        N_("Merge them if they are parts of one parcel; else correct the PNU of the wrong ones."),
    ),
    "shape_shared": (
        "warning",
        N_("{count} rows lie on one another with the same shape ({pairs} pairs), but not one PNU."),
        N_("Keep the row with the right PNU and leave the others out of the study."),
    ),
    "edges_snapped": (
        "warning",
        N_(
            "{count} outline(s) had corners or edges within {tolerance} of a neighbour's and were "
            "joined to them, by {moved} at most; area {before} → {after}"
        ),
        N_("Nothing to do if the register areas still agree; else correct the source file."),
    ),
    "thin_lot": (
        "warning",
        N_("{count} lot(s) are slivers, less than {width} wide on average, {area} in all."),
        N_("Leave them out of the study where they are leftovers of a drawing."),
    ),
    "edges_noded": (
        "info",
        N_("{count} outline(s) got corners where a neighbour's corner lies on their edge."),
        N_("Nothing to do; no edge moved."),
    ),
    "edges_not_snapped": (
        "info",
        N_(
            "{count} outline(s) lie within {tolerance} of a neighbour, but joining them would "
            "have broken them or changed their area by over 1 %; they stay as they are."
        ),
        N_("Look at the parcels on the map; correct the boundaries in the source file."),
    ),
    "gap": (
        "warning",
        N_("{count} gap(s) up to {width} wide lie between parcels, {area} in all."),
        N_("Correct the boundaries, or add the missing lots."),
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
