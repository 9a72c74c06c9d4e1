"""Outlines as arrays of shapely geometries: made sound, and how they meet their neighbours.

Kernels only: no files, no columns. Coordinates are metres in EPSG:5186.
"""

from __future__ import annotations

from siteplan.geometry.duplicates import same_shapes
from siteplan.geometry.examination import COPY, Examination, examined
from siteplan.geometry.findings import findings
from siteplan.geometry.gaps import GAP_MAX_WIDTH_M, GAP_MIN_M2, Gaps, gaps
from siteplan.geometry.neighbours import OVERLAP_MIN_M2, OVERLAP_MIN_WIDTH_M, overlaps
from siteplan.geometry.repair import (
    COLLECTION,
    MIN_AREA_M2,
    MULTIPOLYGON,
    POLYGON,
    Repair,
    only_polygons,
    repaired,
)
from siteplan.geometry.shared_edges import SHARED_MIN_M, shared_edges
from siteplan.geometry.snapping import SNAP_MAX_SHARE, SNAP_TOLERANCE_M, Snapping, snapped
from siteplan.geometry.treatment import TREATMENTS, Clinic, Treatments, treated

__all__ = [
    "COLLECTION",
    "COPY",
    "GAP_MAX_WIDTH_M",
    "GAP_MIN_M2",
    "MIN_AREA_M2",
    "MULTIPOLYGON",
    "OVERLAP_MIN_M2",
    "OVERLAP_MIN_WIDTH_M",
    "POLYGON",
    "SHARED_MIN_M",
    "SNAP_MAX_SHARE",
    "SNAP_TOLERANCE_M",
    "TREATMENTS",
    "Clinic",
    "Examination",
    "Gaps",
    "Repair",
    "Snapping",
    "Treatments",
    "examined",
    "findings",
    "gaps",
    "only_polygons",
    "overlaps",
    "repaired",
    "same_shapes",
    "shared_edges",
    "snapped",
    "treated",
]
