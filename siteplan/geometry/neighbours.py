"""Where outlines cover the same ground."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siteplan.geometry.threads import in_halves
from siteplan.geometry.topology import Topology, unshared

if TYPE_CHECKING:
    import numpy.typing as npt
    import shapely

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]
    Integers = npt.NDArray[np.int64]
    Objects = npt.NDArray[np.object_]

OVERLAP_MIN_M2 = 0.01
OVERLAP_MIN_WIDTH_M = 0.02
"""Two parcels overlap from this area and mean width on; thinner slivers are rounding.

Coordinates come rounded to about 1 cm (7 decimals of a degree), so that the edge of one parcel
and the corner of its neighbour on it miss each other by up to that much.
"""

_SIDES = 12
"""Outlines up to this many corners are told apart by arrays; others ask GEOS."""

_TOUCH_M = 0.001
"""How far an outline may reach over the line that parts it from its neighbour.

An overlap inside a strip this wide has less than this mean width: far below the least one.
"""

_CHUNK = 16_384


def overlaps(geometry: Objects, *, net: Topology | None = None) -> tuple[Integers, Floats]:
    """Return the pairs of outlines that overlap, and by how much.

    Parameters
    ----------
    geometry : ndarray of valid shapely (Multi)Polygons, shape (n,)
        In EPSG:5186.
    net : Topology, optional
        That of the outlines, outer rings counter-clockwise; it saves asking most pairs.

    Returns
    -------
    pairs : ndarray of int, shape (m, 2)
        Rows, the smaller first, in ascending order.
    area_m2 : ndarray of float, shape (m,)
        Area that both cover; at least `OVERLAP_MIN_M2`, and `OVERLAP_MIN_WIDTH_M` wide on
        average (twice the area over the perimeter).

    Notes
    -----
    Ground that is covered twice ends at an edge that no neighbour shares in the other direction.
    So first only pairs are asked of which one has such an edge where the other may lie; then, as
    long as any are found, the other pairs of their members, to which the ground may reach.

    Most neighbours have a line along one of their edges with one on either side; that is asked
    of all pairs at once. The others are asked of GEOS.
    """
    import shapely

    given = np.asarray(geometry, dtype=object)
    tree, bounds = shapely.STRtree(given), shapely.bounds(given)
    if net is None:
        pairs = _near_pairs(given, np.arange(len(given)), tree=tree, bounds=bounds)
        meeting = [_meeting(given, pairs=pairs)]
    else:
        boxes = _edge_boxes(net, count=len(given))
        edged = np.flatnonzero(boxes[:, 0] <= boxes[:, 2])
        pairs = _near_pairs(given, edged, tree=tree, bounds=bounds)
        meeting = [_meeting(given, pairs=pairs[_at_edges(boxes, bounds, pairs)])]
        done = np.zeros(len(given), dtype=bool)
        while len(meeting[-1]):
            members = np.unique(meeting[-1])
            pairs = _near_pairs(given, members[~done[members]], tree=tree, bounds=bounds)
            new = ~done[pairs].any(axis=1) & ~_at_edges(boxes, bounds, pairs)
            done[members] = True
            meeting.append(_meeting(given, pairs=pairs[new]))
    pairs = np.concatenate(meeting)
    shared = shapely.intersection(given[pairs[:, 0]], given[pairs[:, 1]])
    area_m2 = shapely.area(shared)
    length_m = np.maximum(shapely.length(shared), np.finfo(float).tiny)
    real = (area_m2 >= OVERLAP_MIN_M2) & (2 * area_m2 / length_m >= OVERLAP_MIN_WIDTH_M)
    pairs, area_m2 = pairs[real], area_m2[real]
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    return pairs[order], area_m2[order]


def _near_pairs(
    given: Objects, rows: Integers, *, tree: shapely.STRtree, bounds: Floats
) -> Integers:
    """Return the pairs with one of these rows whose bounding boxes share more than a sliver."""
    place, near = tree.query(given[rows])
    own = rows[place]
    mark = np.zeros(len(given), dtype=bool)
    mark[rows] = True
    once = (own < near) | ((own > near) & ~mark[near])
    own, near = own[once], near[once]
    pairs = np.stack([np.minimum(own, near), np.maximum(own, near)], axis=1).astype(np.int64)
    a, b = bounds[pairs[:, 0]], bounds[pairs[:, 1]]
    wide = np.minimum(a[:, 2], b[:, 2]) - np.maximum(a[:, 0], b[:, 0])
    high = np.minimum(a[:, 3], b[:, 3]) - np.maximum(a[:, 1], b[:, 1])
    found: Integers = pairs[np.minimum(wide, high) > OVERLAP_MIN_WIDTH_M / 2]
    return found


def _meeting(given: Objects, *, pairs: Integers) -> Integers:
    """Return the pairs that do more than touch."""
    import shapely

    pairs = pairs[~_apart(given, pairs=pairs)]
    met: Integers = pairs[~in_halves(shapely.touches, given[pairs[:, 0]], given[pairs[:, 1]])]
    return met


def _edge_boxes(net: Topology, *, count: int) -> Floats:
    """Return the box round each outline's unshared edges, (inf, inf, -inf, -inf) without any."""
    edge = unshared(net)
    boxes = np.full((count, 4), np.inf)
    boxes[:, 2:] = -np.inf
    if len(edge):
        row = net.rings.row[edge]
        begin = np.flatnonzero(np.concatenate([[True], row[1:] != row[:-1]]))
        a, b = net.rings.points[edge], net.rings.points[net.rings.next[edge]]
        boxes[row[begin], :2] = np.minimum.reduceat(np.minimum(a, b), begin, axis=0)
        boxes[row[begin], 2:] = np.maximum.reduceat(np.maximum(a, b), begin, axis=0)
    return boxes


def _at_edges(boxes: Floats, bounds: Floats, pairs: Integers) -> Bools:
    """Tell which pairs have one with an unshared edge in the box of the other."""
    found = np.zeros(len(pairs), dtype=bool)
    for one, two in (pairs.T, pairs.T[::-1]):
        edges, outline = boxes[one], bounds[two]
        found |= (
            (edges[:, 0] <= outline[:, 2])
            & (edges[:, 1] <= outline[:, 3])
            & (edges[:, 2] >= outline[:, 0])
            & (edges[:, 3] >= outline[:, 1])
        )
    return found


def _apart(given: Objects, *, pairs: Integers) -> Bools:
    """Tell which pairs have a line along an edge of one with each on a side of its own."""
    mark = np.zeros(len(given), dtype=bool)
    mark[pairs] = True
    rows = np.flatnonzero(mark)
    pairs = (np.cumsum(mark) - 1)[pairs]
    small, usable = _small(given[rows])
    apart = np.zeros(len(pairs), dtype=bool)
    asked = np.flatnonzero(usable[pairs].all(axis=1))
    for start in range(0, len(asked), _CHUNK):
        now = asked[start : start + _CHUNK]
        left, right = pairs[now].T
        found = _parted_by_edge(small, left, right)
        rest = np.flatnonzero(~found)
        found[rest] = _parted_by_edge(small, right[rest], left[rest])
        apart[now] = found
    return apart


@dataclass(frozen=True, eq=False)
class _Small:
    """Corners of n one-ring outlines, the first repeated to fill up, shape (n, k) each.

    With the direction to the right of the edge that begins at each corner, which is outside
    where rings are counter-clockwise, and how far the edge itself lies in that direction.
    """

    x: Floats
    y: Floats
    east: Floats
    north: Floats
    reach_m: Floats
    middle: Floats


def _small(given: Objects) -> tuple[_Small, Bools]:
    """Return the outlines of few corners, and which ones they are."""
    import shapely

    counts = shapely.get_num_coordinates(given)
    usable = (
        (shapely.get_type_id(given) == shapely.GeometryType.POLYGON)
        & (shapely.get_num_interior_rings(given) == 0)
        & (counts <= _SIDES + 1)
    )
    width = int(counts[usable].max(initial=1))
    points, owner = shapely.get_coordinates(given[usable], return_index=True)
    starts = np.concatenate([[0], np.cumsum(counts[usable])[:-1]]).astype(np.int64)
    place = np.flatnonzero(usable)[owner], np.arange(len(points)) - starts[owner]
    first = points[starts] if len(points) else points
    middle = first.mean(axis=0) if len(first) else np.zeros(2)
    x, y = np.zeros((2, len(given), width))
    for axis, values in enumerate((x, y)):
        values[usable] = first[:, axis, None] - middle[axis]
        values[place] = points[:, axis] - middle[axis]
    step_x, step_y = np.roll(x, -1, axis=1) - x, np.roll(y, -1, axis=1) - y
    long_m = np.sqrt(step_x * step_x + step_y * step_y)
    edge = long_m > 0
    divisor = np.where(edge, long_m, 1.0)
    east, north = step_y / divisor, -step_x / divisor
    reach_m = np.where(edge, x * east + y * north, np.inf)
    return _Small(x, y, east, north, reach_m, np.stack([x.mean(axis=1), y.mean(axis=1)])), usable


def _parted_by_edge(small: _Small, left: Integers, right: Integers) -> Bools:
    """Tell for which rows the edge of `left` that faces `right` has them on either side."""
    x, y = small.middle[:, right, None]
    away_m = small.east[left] * x + small.north[left] * y - small.reach_m[left]
    facing = away_m.argmax(axis=1)
    east, north = small.east[left, facing, None], small.north[left, facing, None]
    own_m = (small.x[left] * east + small.y[left] * north).max(axis=1)
    other_m = (small.x[right] * east + small.y[right] * north).min(axis=1)
    parted: Bools = np.asarray(own_m - other_m <= _TOUCH_M)
    return parted
