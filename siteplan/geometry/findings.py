"""What an examination found, as issues: each kind once, with its parcels, areas and places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteplan.geometry.examination import COPY, Examination
from siteplan.geometry.gaps import GAP_MAX_WIDTH_M
from siteplan.geometry.neighbours import OVERLAP_MIN_M2
from siteplan.geometry.repair import is_none
from siteplan.geometry.snapping import Snapping
from siteplan.issues import Issue
from siteplan.text import N_

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    Integers = npt.NDArray[np.int64]
    Objects = npt.NDArray[np.object_]

_REPAIRS = {
    "ring_closed": "ring not closed",
    "self_intersection": "Self-intersection",
    "hole_misplaced": "hole outside its shell",
    "parts_merged": "parts overlap",
    "ring_degenerate": "Too few points",
}
"""Treatments of invalid outlines, and what was wrong with them."""

_TIDYINGS = {
    "spike_removed": "spike_removed",
    "sliver_part_removed": "sliver_part_removed",
    "collection_parts": "geometry_dropped_parts",
    "repeated_points": "repeated_points",
    "curves_flattened": "curves_flattened",
    "heights_dropped": "z_dropped",
}
"""Other treatments, and their codes."""

WORDS = (
    N_("empty outline"),
    N_("coordinates that are not numbers"),
    N_("no area"),
    N_("GEOS cannot make it valid"),
    N_("ring not closed"),
    N_("Self-intersection"),
    N_("hole outside its shell"),
    N_("parts overlap"),
    N_("Too few points"),
    N_("LineString"),
    N_("MultiLineString"),
    N_("Point"),
    N_("MultiPoint"),
)
"""Reasons as they stand in findings; a sentence shows them in its own language."""

MAX_PLACES = 1_000
"""So many places are listed with a finding; the count tells of all."""


def findings(found: Examination, *, ids: Objects, winding_matters: bool = False) -> list[Issue]:
    """Return what is to be said about an examination.

    Parameters
    ----------
    found : Examination
        Of n rows.
    ids : ndarray of str, shape (n,)
        What each row is called.
    winding_matters : bool
        Whether clockwise outer rings are worth a word: in GeoJSON they are wrong (RFC 7946
        §3.1.6), in a Shapefile they are the rule.
    """
    issues = [*_treatment_issues(found, ids=ids), *_set_aside_issues(found, ids=ids)]
    issues += _thin_issues(found, ids=ids)
    clockwise = found.clinic.clockwise & found.kept
    if winding_matters and clockwise.any():
        issues.append(Issue("winding_turned", _named(ids, np.flatnonzero(clockwise))))
    return [
        *issues,
        *_duplicate_issues(found, ids=ids),
        *_snapping_issues(found, ids=ids),
        *_neighbour_issues(found, ids=ids),
    ]


def _named(ids: Objects, rows: Integers) -> tuple[str, ...]:
    return tuple(ids[rows].tolist())


def _area(area_m2: float) -> str:
    return f"{area_m2:,.1f} m²"


def _treatment_issues(found: Examination, *, ids: Objects) -> Iterable[Issue]:
    treatments = found.clinic.treatments
    for code in [*_REPAIRS, *_TIDYINGS]:
        mine = treatments.of(code)
        if not len(mine):
            continue
        details = {
            "before": _area(float(mine.before_m2.sum())),
            "after": _area(float(mine.after_m2.sum())),
        }
        if code in _REPAIRS:
            details["reason"] = _REPAIRS[code]
        name = _TIDYINGS.get(code, "geometry_repaired")
        yield Issue(name, _named(ids, mine.rows), details)


THIN_LOT_M = 0.5
"""Lots of a smaller mean width (twice the area over the perimeter) are told. Our own choice."""


def _thin_issues(found: Examination, *, ids: Objects) -> Iterable[Issue]:
    import shapely

    length_m = np.maximum(shapely.length(found.geometry), np.finfo(float).tiny)
    area_m2 = shapely.area(found.geometry)
    thin = 2 * area_m2 / length_m < THIN_LOT_M
    if thin.any():
        details = {"width": f"{THIN_LOT_M:g} m", "area": _area(float(area_m2[thin].sum()))}
        yield Issue("thin_lot", _named(ids, np.flatnonzero(found.kept)[thin]), details)


def _set_aside_issues(found: Examination, *, ids: Objects) -> Iterable[Issue]:
    rows = np.flatnonzero(~is_none(found.set_aside))
    reasons = found.set_aside[rows]
    for reason in sorted(set(reasons.tolist()) - {COPY}):
        mine = rows[np.equal(reasons, reason)]
        yield Issue("geometry_set_aside", _named(ids, mine), {"reason": reason})


def _duplicate_issues(found: Examination, *, ids: Objects) -> Iterable[Issue]:
    copies = np.flatnonzero(found.copy_of >= 0)
    if len(copies):
        first = ids[found.copy_of[copies[0]]]
        yield Issue("row_repeated", _named(ids, copies), {"example": first})
    for rows in found.same_pnu:
        yield Issue("pnu_shared", _named(ids, rows), {"example": ids[rows[0]]})
    if len(found.same_shape):
        rows = np.unique(found.same_shape)
        details = {"pairs": len(found.same_shape)}
        yield Issue("shape_shared", _named(ids, rows), details)


_STILL_M = 5e-5
"""Corners that moved by less are written as 0.0 cm."""


def _same_area(snapping: Snapping) -> bool:
    change_m2 = np.abs(snapping.after_m2 - snapping.before_m2)
    return bool(change_m2.max(initial=0.0) < OVERLAP_MIN_M2)


def _snapping_issues(found: Examination, *, ids: Objects) -> Iterable[Issue]:
    rows = np.flatnonzero(found.kept)
    snapping = found.snapping
    tolerance = f"{snapping.tolerance_m * 100:g} cm"
    still = snapping.moved_m < _STILL_M
    if snapping.changed.any() and still and _same_area(snapping):
        yield Issue("edges_noded", _named(ids, rows[snapping.changed]))
    elif snapping.changed.any():
        details = {
            "tolerance": tolerance,
            "moved": f"{snapping.moved_m * 100:.1f} cm",
            "before": _area(float(snapping.before_m2[snapping.changed].sum())),
            "after": _area(float(snapping.after_m2[snapping.changed].sum())),
        }
        yield Issue("edges_snapped", _named(ids, rows[snapping.changed]), details)
    if snapping.refused.any():
        refused = _named(ids, rows[snapping.refused])
        yield Issue("edges_not_snapped", refused, {"tolerance": tolerance})


def _neighbour_issues(found: Examination, *, ids: Objects) -> Iterable[Issue]:
    import shapely

    if len(found.overlap_m2):
        rows = np.unique(found.overlap_pairs)
        place_of = np.cumsum(found.kept) - 1
        worst = np.argsort(-found.overlap_m2, kind="stable")[:MAX_PLACES]
        left, right = found.geometry[place_of[found.overlap_pairs[worst]]].T
        places_m = shapely.get_coordinates(
            shapely.point_on_surface(shapely.intersection(left, right))
        )
        details = {"count": len(found.overlap_m2), "area": _area(float(found.overlap_m2.sum()))}
        yield Issue("overlap", _named(ids, rows), details, _places(places_m))
    if len(found.gaps.area_m2):
        rows = np.unique(np.concatenate(found.gaps.neighbours))
        worst = np.argsort(-found.gaps.area_m2, kind="stable")[:MAX_PLACES]
        details = {
            "count": len(found.gaps.area_m2),
            "area": _area(float(found.gaps.area_m2.sum())),
            "width": f"{GAP_MAX_WIDTH_M:g} m",
        }
        yield Issue("gap", _named(ids, rows), details, _places(found.gaps.places_m[worst]))


def _places(points: npt.NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    return tuple((x, y) for x, y in points.tolist())
