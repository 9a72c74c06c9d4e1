"""Findings about in which coordinate system a file is, and whether that fits."""

from __future__ import annotations

from siteplan.issues._finding import Finding
from siteplan.text import N_

FINDINGS: dict[str, Finding] = {
    "crs_reprojected": (
        "info",
        N_("Coordinates were read as {read} and worked on in EPSG:5186."),
        N_(
            "Nothing to do; say which coordinate system it is if the file declares a wrong one "
            "(--crs)."
        ),
    ),
    "crs_assumed": (
        "warning",
        N_("The file declares no coordinate system; {read} was assumed: {reason}"),
        N_("Check the place on the map, or say which coordinate system it is (--crs)."),
    ),
    "crs_overridden": (
        "warning",
        N_("The file declares {declared}, but {read} was used because you said so."),
        N_("Check the place on the map; name no coordinate system (--crs) to believe the file."),
    ),
    "outside_korea": (
        "warning",
        N_("{count} outline(s) do not lie in South Korea when read as {read}."),
        N_("Say which coordinate system the file is in, e.g. EPSG:5186 (--crs EPSG:5186)."),
    ),
    "crs_contradicted": (
        "warning",
        N_("The file declares {declared}, but {read} was used: {reason}"),
        N_("Check the place on the map, or say which coordinate system it is (--crs)."),
    ),
    "crs_doubtful": (
        "warning",
        N_("{read} does not fit the data: {reason}"),
        N_("Check the place on the map, or say which coordinate system it is (--crs)."),
    ),
    "crs_ambiguous": (
        "error",
        N_("{systems} coordinate systems fit the file, and nothing tells them apart: {candidates}"),
        N_("Ask the file's source, then say which one it is, e.g. EPSG:5174 (--crs EPSG:5174)."),
    ),
    "crs_name_differs": (
        "info",
        N_("The file's name speaks of {named}, but the file was read as {read}."),
        N_("Nothing to do if the place on the map is right; names of releases are often wrong."),
    ),
    "crs_recognised": (
        "info",
        N_("The file's own definition ({declared}) was read as {read}, as EPSG defines it."),
        N_("Nothing to do; the change of datum is EPSG's."),
    ),
    "crs_towgs84_off": (
        "warning",
        N_("The TOWGS84 in the file's .prj would put the data {distance} m off; {read} was used."),
        N_("Replace the .prj by that of {read}: other programs will still place the file wrongly."),
    ),
    "crs_unreadable": (
        "warning",
        N_("The file's coordinate system could not be understood: {example}"),
        N_("Replace the .prj, or say which coordinate system it is (--crs)."),
    ),
    "axes_swapped": (
        "warning",
        N_("The file gives north before east; the axes were exchanged to read it as {read}."),
        N_("Check the place on the map; export the file with x (east) first."),
    ),
    "axes_unclear": (
        "info",
        N_("The data lie near {place}; with x and y exchanged, near {other}, {distance} km away."),
        N_("Check the place on the map; export the file with x (east) first if it is wrong."),
    ),
}
