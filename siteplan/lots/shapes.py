"""Outlines merged into one and cut by a line: kernels only, in metres of EPSG:5186."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siteplan.geometry import POLYGON, only_polygons

if TYPE_CHECKING:
    import numpy.typing as npt
    import shapely

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]
    Objects = npt.NDArray[np.object_]

SNAP_M = 0.05
"""Edges this close are one edge, and a gap this narrow between two lots is closed: files round
coordinates to about 1 cm, and each sheet rounds for itself."""

MIN_EDGE_M = 0.5
"""Lots adjoin when they share this much of their outlines; a common corner is not enough."""

GRID_M = 0.001
"""Where a gap is closed, corners of the merged outline are rounded to this grid."""

OVERSHOOT_M = 0.01
"""How far a cutting line is led beyond the outline that it meets."""


@dataclass(frozen=True, eq=False)
class Union:
    """Outlines merged into one.

    Parameters
    ----------
    geometry : shapely (Multi)Polygon
    gaps_m2 : float
        Area of the gaps between the outlines that were closed.
    """

    geometry: shapely.Geometry
    gaps_m2: float


def components(outlines: Objects) -> Integers:
    """Return the number of the connected group of each outline, from 0, shape (n,).

    Two outlines hang together when at least `MIN_EDGE_M` of either's boundary runs within
    `SNAP_M` of the other.
    """
    import shapely

    group = np.arange(len(outlines))
    left, right = shapely.STRtree(outlines).query(outlines, predicate="dwithin", distance=SNAP_M)
    for one, two in zip(left.tolist(), right.tolist(), strict=True):
        if one >= two or group[one] == group[two]:
            continue
        if shared_edge_m(outlines[one], outlines[two]) >= MIN_EDGE_M:
            group[group == max(group[one], group[two])] = min(group[one], group[two])
    numbers: Integers = np.unique(group, return_inverse=True)[1]
    return numbers


def shared_edge_m(one: shapely.Geometry, two: shapely.Geometry) -> float:
    """Return how much of the boundaries two outlines share within `SNAP_M`, in metres."""
    import shapely

    near = [
        shapely.length(shapely.intersection(shapely.boundary(a), shapely.buffer(b, SNAP_M)))
        for a, b in ((one, two), (two, one))
    ]
    return float(min(near))


def joined(outlines: Objects) -> Union:
    """Return outlines as one.

    The union as it is; where a gap of at most `SNAP_M` runs between two of them for at least
    `MIN_EDGE_M`, the gap is filled and corners are rounded to `GRID_M`. Holes that are no wider
    than that and lie in none of the outlines go as well; courtyards stay.
    """
    import shapely

    bare = shapely.union_all(outlines)
    whole: shapely.Geometry = bare
    closed = shapely.buffer(
        shapely.buffer(bare, SNAP_M / 2, join_style="mitre"), -SNAP_M / 2, join_style="mitre"
    )
    rest = shapely.get_parts(shapely.difference(closed, bare))
    gaps = [part for part in rest if _is_gap(part, outlines)]
    if shapely.get_type_id(bare) == POLYGON:
        # What is thinner than the grid parts nothing that is one polygon already.
        gaps = [p for p in gaps if 2 * shapely.area(p) / shapely.length(p) > GRID_M]
    if gaps:
        filled = shapely.union_all(np.array([*outlines, *gaps], dtype=object), grid_size=GRID_M)
        whole = only_polygons(filled) or whole
    whole = _without_slits(whole)
    gaps_m2 = float(shapely.area(whole) - shapely.area(bare))
    return Union(_tidy(whole), max(gaps_m2, 0.0) if gaps_m2 > GRID_M**2 else 0.0)


def pieces(outline: shapely.Geometry, line: tuple[tuple[float, float], ...]) -> Objects:
    """Return the pieces into which a line cuts an outline, from west to east, then south to north.

    An end of the line that lies inside the outline is led on, straight, to where it first meets
    the boundary. One piece means that the line does not cross. Parts of an outline of several
    parts are pieces of their own.
    """
    import shapely

    cutting = shapely.LineString(_led_out(outline, line))
    edges = shapely.union_all([shapely.boundary(outline), cutting])
    faces = shapely.get_parts(shapely.polygonize([edges]))
    inside = shapely.intersects(outline, shapely.point_on_surface(faces))
    found: Objects = np.array([_tidy(face) for face in faces[inside]], dtype=object)
    middle = np.round(shapely.get_coordinates(shapely.centroid(found)), 3)
    order: Objects = found[np.lexsort((middle[:, 1], middle[:, 0]))]
    return order


def _led_out(
    outline: shapely.Geometry, line: tuple[tuple[float, float], ...]
) -> list[tuple[float, float]]:
    points = [np.array(point) for point in line]
    first = _led_end(outline, points[0], points[0] - points[1])
    last = _led_end(outline, points[-1], points[-1] - points[-2])
    return [tuple(point) for point in (*first, *points, *last)]


def _led_end(outline: shapely.Geometry, end: Floats, way: Floats) -> list[Floats]:
    """Return the point where a line that ends inside the outline leaves it; none if outside."""
    import shapely

    if shapely.distance(outline, shapely.Point(end)) > 0:
        return []
    west, south, east, north = shapely.bounds(outline)
    unit = way / np.hypot(*way)
    far = end + unit * (np.hypot(east - west, north - south) + 1.0)
    met = shapely.intersection(shapely.LineString([end, far]), shapely.boundary(outline))
    corners = shapely.get_coordinates(met)
    if not len(corners):
        return [end + unit * OVERSHOOT_M]
    away_m = np.hypot(*(corners - end).T)
    return [end + unit * (float(away_m.min()) + OVERSHOOT_M)]


def _is_gap(part: shapely.Geometry, outlines: Objects) -> bool:
    """Tell whether what closing added is a long thin gap between two of the outlines.

    Closing also fills where an edge bends inwards a little. That is no gap: one long side of it
    lies open, while a gap has outlines all round but for its two ends, no wider than `SNAP_M`.
    """
    import shapely

    if shapely.get_type_id(part) != POLYGON or shapely.length(part) < 2 * MIN_EDGE_M:
        return False
    near = outlines[shapely.distance(outlines, part) <= GRID_M]
    if len(near) < 2:
        return False
    reach = shapely.buffer(shapely.union_all(shapely.boundary(near)), 2 * GRID_M)
    open_m = shapely.length(shapely.difference(shapely.boundary(part), reach))
    return bool(open_m <= 2 * SNAP_M)


def _without_slits(whole: shapely.Geometry) -> shapely.Geometry:
    """Return a polygon without holes that are narrower than `SNAP_M` throughout."""
    import shapely

    if shapely.get_type_id(whole) != POLYGON or not shapely.get_num_interior_rings(whole):
        return whole
    holes = [
        ring
        for ring in shapely.get_rings(whole)[1:]
        if not shapely.is_empty(shapely.buffer(shapely.polygons(ring), -SNAP_M / 2))
    ]
    return shapely.polygons(shapely.get_exterior_ring(whole), holes=holes or None)


def _tidy(outline: shapely.Geometry) -> shapely.Geometry:
    import shapely

    return shapely.orient_polygons(shapely.remove_repeated_points(outline, 0.0), exterior_cw=False)
