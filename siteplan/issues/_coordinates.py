"""Findings about in which coordinate system a file is, and whether that fits."""

from __future__ import annotations

from siteplan.issues._finding import Finding
from siteplan.text import N_

FINDINGS: dict[str, Finding] = {
    "crs_reprojected": (
        "info",
        N_("Coordinates were read as {read} and worked on in EPSG:5186."),
        N_("Nothing to do; say --crs if the file declares a wrong one."),
    ),
    "crs_assumed": (
        "warning",
        N_("The file declares no coordinate system; {read} was assumed: {reason}"),
        N_("Check the place on the map, or say which one it is with --crs."),
    ),
    "crs_overridden": (
        "warning",
        N_("The file declares {declared}, but {read} was used because you said so."),
        N_("Check the place on the map; leave --crs out to believe the file."),
    ),
    "outside_korea": (
        "warning",
        N_("{count} outline(s) do not lie in South Korea when read as {read}."),
        N_("Say which coordinate system the file is in, e.g. --crs EPSG:5186."),
    ),
}
