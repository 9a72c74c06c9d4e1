"""How outlines meet: overlaps, duplicates of one shape, and gaps between them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siteplan.geometry.topology import Topology, polygon_parts, topology

if TYPE_CHECKING:
    import numpy.typing as npt

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

GAP_MIN_M2 = 0.01
GAP_MAX_WIDTH_M = 1.0
"""A hole among parcels is a gap up to this mean width (twice its area over its perimeter).

Our choice: narrower than a person needs to walk, so that a lane that belongs to no parcel of
the file is not taken for one.
"""

SAME_SHAPE_M = 0.001
"""Outlines whose points lie this near to each other are one shape."""

_SIDES = 12
"""Outlines up to this many corners are told apart by arrays; others ask GEOS."""

_TOUCH_M = 0.001
"""How far an outline may reach over the line that parts it from its neighbour.

An overlap inside a strip this wide has less than this mean width: far below the least one.
"""

_CHUNK = 32_768

_MIX = np.array([1.0, 3.3, 7.9, 13.7])
_COMPARED = 64
"""Among outlines with boxes alike each is compared with so many at most, so that no file takes
for ever."""


@dataclass(frozen=True, eq=False)
class Gaps:
    """Thin holes between neighbours.

    Parameters
    ----------
    geometry : ndarray of shapely Polygons, shape (m,)
    area_m2 : ndarray of float, shape (m,)
    places_m : ndarray of float, shape (m, 2)
        A point inside each.
    neighbours : tuple of ndarray of int
        Rows of the outlines round each.
    """

    geometry: Objects
    area_m2: Floats
    places_m: Floats
    neighbours: tuple[Integers, ...]


def overlaps(geometry: Objects) -> tuple[Integers, Floats]:
    """Return the pairs of outlines that overlap, and by how much.

    Parameters
    ----------
    geometry : ndarray of valid shapely (Multi)Polygons, shape (n,)
        In EPSG:5186.

    Returns
    -------
    pairs : ndarray of int, shape (m, 2)
        Rows, the smaller first, in ascending order.
    area_m2 : ndarray of float, shape (m,)
        Area that both cover; at least `OVERLAP_MIN_M2`, and `OVERLAP_MIN_WIDTH_M` wide on
        average (twice the area over the perimeter).

    Notes
    -----
    Most neighbours have a line along one of their edges with one on either side; that is asked
    of all pairs at once. The others are asked of GEOS.
    """
    import shapely

    given = np.asarray(geometry, dtype=object)
    pairs = _near_pairs(given)
    pairs = pairs[~_apart(given, pairs=pairs)]
    shared = _in_threads(_shared, given[pairs[:, 0]], given[pairs[:, 1]])
    area_m2 = shapely.area(shared)
    length_m = np.maximum(shapely.length(shared), np.finfo(float).tiny)
    real = (area_m2 >= OVERLAP_MIN_M2) & (2 * area_m2 / length_m >= OVERLAP_MIN_WIDTH_M)
    pairs, area_m2 = pairs[real], area_m2[real]
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    return pairs[order], area_m2[order]


def gaps(
    geometry: Objects, *, max_width_m: float = GAP_MAX_WIDTH_M, net: Topology | None = None
) -> Gaps:
    """Return the thin holes that outlines leave between them.

    Parameters
    ----------
    geometry : ndarray of valid shapely (Multi)Polygons, shape (n,)
        In EPSG:5186.
    max_width_m : float
        Mean width up to which a hole is a gap.
    net : Topology, optional
        That of the outlines, outer rings counter-clockwise, where it is at hand.

    Notes
    -----
    Edges that two outlines share in opposite directions cancel out. The rest form cycles: round
    blocks, round holes, and along edges that neighbours have drawn differently. Only thin cycles
    are looked at, each with the outlines that it touches. A slit that is open to the street is
    no gap: it cannot be told from a lane. Nor can a hole be found whose neighbours meet nowhere
    in a common corner; edges snapped before (`siteplan.geometry.snapped`) do.
    """
    import shapely

    given = np.asarray(geometry, dtype=object)
    if net is None:
        given = shapely.orient_polygons(given, exterior_cw=False)
        net = topology(given)
    rings = _thin_cycles(net, max_width_m=max_width_m)
    if not len(rings):
        return Gaps(rings, np.zeros(0), np.zeros((0, 2)), ())
    regions = shapely.make_valid(shapely.polygons(rings), method="linework")
    regions = regions[shapely.area(regions) >= GAP_MIN_M2]
    tree = shapely.STRtree(given)
    region, row = tree.query(regions, predicate="intersects")
    open_parts = []
    for number in np.unique(region).tolist():
        cover = shapely.union_all(given[row[region == number]])
        open_parts.append(shapely.difference(regions[number], cover))
    parts = polygon_parts(np.array(open_parts, dtype=object))
    area_m2 = shapely.area(parts)
    width_m = 2 * area_m2 / np.maximum(shapely.length(parts), np.finfo(float).tiny)
    parts = parts[(area_m2 >= GAP_MIN_M2) & (width_m <= max_width_m)]
    # Two cycles may lie round the same hole, where outlines meet in one corner only.
    if len(parts) > 1:
        parts = shapely.get_parts(shapely.union_all(parts))
    places_m = shapely.get_coordinates(shapely.point_on_surface(parts))
    order = np.lexsort((places_m[:, 1], places_m[:, 0]))
    parts, places_m = parts[order], places_m[order]
    gap, row = tree.query(parts, predicate="dwithin", distance=SAME_SHAPE_M)
    neighbours = tuple(np.sort(row[gap == number]) for number in range(len(parts)))
    return Gaps(parts, shapely.area(parts), places_m, neighbours)


def same_shapes(geometry: Objects, *, tolerance_m: float = SAME_SHAPE_M) -> Integers:
    """Return for each outline the first row that has its shape; its own where it is the first.

    Parameters
    ----------
    geometry : ndarray of valid shapely (Multi)Polygons, shape (n,)
    tolerance_m : float
        Greatest distance between the points of two outlines that count as the same, whatever
        their starting points, directions and points in the middle of straight edges.
    """
    import shapely

    given = np.asarray(geometry, dtype=object)
    first = np.arange(len(given), dtype=np.int64)
    if len(given) < 2:
        return first
    bounds = shapely.bounds(given)
    heads = _heads(given, bounds=bounds, first=first, tolerance_m=tolerance_m)
    left, right = _near_rows(bounds, heads=heads, tolerance_m=tolerance_m)
    same = _same_shape(given[left], given[right], tolerance_m=tolerance_m)
    for a, b in sorted(zip(left[same].tolist(), right[same].tolist(), strict=True)):
        first[b] = min(first[b], first[a])
    return first[first]


def _heads(given: Objects, *, bounds: Floats, first: Integers, tolerance_m: float) -> Integers:
    """Fill in `first` for rows with one and the same box; return the first of each shape."""
    key = bounds @ _MIX  # grids of lots share sides, hardly this sum
    pending = np.arange(len(given))
    heads = []
    for _ in range(_COMPARED):
        order = pending[np.argsort(key[pending], kind="stable")]
        equal = np.zeros(len(order), dtype=bool)
        equal[1:] = (bounds[order[1:]] == bounds[order[:-1]]).all(axis=1)
        heads.append(order[~equal])
        head = order[~equal][np.cumsum(~equal) - 1][equal]
        rest = order[equal]
        same = _same_shape(given[head], given[rest], tolerance_m=tolerance_m)
        first[rest[same]] = head[same]
        pending = np.sort(rest[~same])
        if not len(pending):
            break
    return np.sort(np.concatenate([*heads, pending]))


def _same_shape(left: Objects, right: Objects, *, tolerance_m: float) -> Bools:
    import shapely

    off_m2 = np.abs(shapely.area(left) - shapely.area(right))
    same: Bools = off_m2 <= tolerance_m * (shapely.length(left) + tolerance_m)
    same[same] = shapely.hausdorff_distance(left[same], right[same]) <= tolerance_m
    return same


def _near_rows(bounds: Floats, *, heads: Integers, tolerance_m: float) -> tuple[Integers, Integers]:
    """Return pairs of heads, the smaller first, whose boxes differ, but within the tolerance."""
    key = bounds @ _MIX
    order = heads[np.argsort(key[heads], kind="stable")]
    left, right = [order[:0]], [order[:0]]
    for shift in range(1, min(len(order), _COMPARED)):
        a, b = order[:-shift], order[shift:]
        near = key[b] - key[a] <= _MIX.sum() * tolerance_m
        if not near.any():
            break
        off_m = np.abs(bounds[b[near]] - bounds[a[near]]).max(axis=1)
        alike = (off_m <= tolerance_m) & (off_m > 0)
        left.append(a[near][alike])
        right.append(b[near][alike])
    one, two = np.concatenate(left), np.concatenate(right)
    return np.minimum(one, two), np.maximum(one, two)


def _near_pairs(given: Objects) -> Integers:
    """Return the pairs whose bounding boxes share more than a sliver."""
    import shapely

    left, right = shapely.STRtree(given).query(given)
    once = left < right
    pairs = np.stack([left[once], right[once]], axis=1).astype(np.int64)
    bounds = shapely.bounds(given)
    a, b = bounds[pairs[:, 0]], bounds[pairs[:, 1]]
    high = np.minimum(a[:, 2:], b[:, 2:])
    shared_m = (high - np.maximum(a[:, :2], b[:, :2])).min(axis=1)
    near: Integers = pairs[shared_m > OVERLAP_MIN_WIDTH_M / 2]
    return near


def _apart(given: Objects, *, pairs: Integers) -> Bools:
    """Tell which pairs have a line along an edge of one with each on a side of its own."""
    corners, usable = _corners(given)
    apart = np.zeros(len(pairs), dtype=bool)
    asked = np.flatnonzero(usable[pairs].all(axis=1))
    for start in range(0, len(asked), _CHUNK):
        rows = asked[start : start + _CHUNK]
        left, right = corners[pairs[rows, 0]], corners[pairs[rows, 1]]
        found = _parted_by_edge(left, right)
        rest = ~found
        found[rest] = _parted_by_edge(right[rest], left[rest])
        apart[rows] = found
    return apart


def _corners(given: Objects) -> tuple[Floats, Bools]:
    """Return the corners of small one-ring outlines, the first repeated to fill up, (n, k, 2)."""
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
    corners = np.zeros((len(given), width, 2))
    if len(points):
        shown = np.repeat(points[starts][:, None, :], width, axis=1)
        shown[owner, np.arange(len(points)) - starts[owner]] = points
        corners[usable] = shown
    return corners, usable


def _parted_by_edge(left: Floats, right: Floats) -> Bools:
    """Tell for which rows the edge of `left` that faces `right` has them on either side.

    Outer rings are counter-clockwise, so outside is to the right of each edge.
    """
    edge = left[:, 1:] - left[:, :-1]
    long_m = np.hypot(edge[..., 0], edge[..., 1])
    outward = np.stack([edge[..., 1], -edge[..., 0]], axis=-1)
    outward /= np.where(long_m > 0, long_m, 1.0)[..., None]
    away = right.mean(axis=1)[:, None, :] - left[:, :-1]
    reach_m = np.where(long_m > 0, (away * outward).sum(axis=-1), -np.inf)
    facing = reach_m.argmax(axis=1)[:, None, None]
    normal = np.take_along_axis(outward, facing, axis=1)
    foot = np.take_along_axis(left, facing, axis=1)
    own_m = ((left - foot) * normal).sum(axis=-1).max(axis=1)
    other_m = ((right - foot) * normal).sum(axis=-1).min(axis=1)
    parted: Bools = np.asarray(own_m - other_m <= _TOUCH_M)
    return parted


def _shared(left: Objects, right: Objects) -> Objects:
    """Return what both cover; asking whether they only touch costs less than cutting."""
    import shapely

    shared = np.full(len(left), shapely.Polygon(), dtype=object)
    cut = ~shapely.touches(left, right)
    shared[cut] = shapely.intersection(left[cut], right[cut])
    return shared


def _in_threads(work: object, left: Objects, right: Objects) -> Objects:
    """Run a kernel of GEOS, which holds no lock, on both halves at once."""
    if len(left) < _CHUNK // 8:
        return work(left, right)  # type: ignore[operator, no-any-return]
    middle = len(left) // 2
    with ThreadPoolExecutor(2) as pool:
        halves = pool.map(
            work,  # type: ignore[arg-type]
            (left[:middle], left[middle:]),
            (right[:middle], right[middle:]),
        )
        return np.concatenate(list(halves))


def _thin_cycles(net: Topology, *, max_width_m: float) -> Objects:
    """Return the cycles of unshared edges that are no wider than a gap, as closed rings."""
    import shapely

    start, end = _unshared_edges(net)
    points = net.places
    if not len(start):
        return np.zeros(0, dtype=object)
    follower = _followers(start, end, points=points)
    label, place = _cycles(follower)
    x, y = points[:, 0], points[:, 1]
    origin = points[start[label]]
    cross = (x[start] - origin[:, 0]) * (y[end] - origin[:, 1])
    cross -= (x[end] - origin[:, 0]) * (y[start] - origin[:, 1])
    area_m2 = np.bincount(label, weights=cross, minlength=len(start)) / 2
    length_m = np.bincount(
        label, weights=np.hypot(x[end] - x[start], y[end] - y[start]), minlength=len(start)
    )
    sides = np.bincount(label, minlength=len(start))
    thin = (sides > 2) & (2 * np.abs(area_m2) <= max_width_m * length_m)
    # A cycle round land, counter-clockwise, is a gap only where it crosses itself.
    chosen = np.flatnonzero(thin[label])
    order = chosen[np.lexsort((place[chosen], label[chosen]))]
    if not len(order):
        return np.zeros(0, dtype=object)
    _, owner = np.unique(label[order], return_inverse=True)
    rings: Objects = shapely.linearrings(points[start[order]], indices=owner)
    return rings


def _unshared_edges(net: Topology) -> tuple[Integers, Integers]:
    """Return start and end (places) of the edges that are left when opposite ones cancel out."""
    edge = net.order
    start, end = net.vertex[edge], net.vertex[net.rings.next[edge]]
    begin = net.group_starts[:-1]
    if not len(begin):
        return begin, begin
    sums = np.add.reduceat(np.where(start < end, 1, -1), begin)
    sums[start[begin] == end[begin]] = 0
    # Of each pair as many edges stay as outlines lie on one side more than on the other.
    stays = np.repeat(begin, np.abs(sums))
    low, high = np.minimum(start[stays], end[stays]), np.maximum(start[stays], end[stays])
    forward = np.repeat(sums > 0, np.abs(sums))
    return np.where(forward, low, high), np.where(forward, high, low)


def _followers(start: Integers, end: Integers, *, points: Floats) -> Integers:
    """Return for each edge the one that follows it in its cycle.

    Where several leave a point, each incoming one goes on along the outgoing edge that comes
    next counter-clockwise after the way back: nothing lies between the two, so that holes that
    meet in a corner are told apart.
    """
    step = points[end] - points[start]
    ahead = np.mod(np.arctan2(step[:, 1], step[:, 0]), 2 * np.pi)
    back = np.mod(ahead + np.pi, 2 * np.pi)
    outgoing = np.lexsort((ahead, start))
    incoming = np.lexsort((back, end))
    # As many edges come into each point as leave it, so both orders list the points alike, and
    # at each point incoming and outgoing ones alternate.
    degree = np.bincount(start, minlength=len(points))
    begin = (np.cumsum(degree) - degree)[end[incoming]]
    late = ahead[outgoing[begin]] < back[incoming[begin]]
    place = np.arange(len(start)) - begin
    shifted = (place + late) % degree[end[incoming]]
    follower = np.empty(len(start), dtype=np.int64)
    follower[incoming] = outgoing[begin + shifted]
    return follower


def _cycles(follower: Integers) -> tuple[Integers, Integers]:
    """Return for each edge its cycle, named by its least edge, and its place in it."""
    count = len(follower)
    label = np.arange(count, dtype=np.int64)
    jump = follower.copy()
    while True:
        least = np.minimum(label, label[jump])
        if np.array_equal(least, label):
            break
        label, jump = least, jump[jump]
    # Steps that are left to the cycle's first edge, by doubling.
    first = label == np.arange(count)
    ahead = np.where(first, np.arange(count), follower)
    steps = np.where(first, 0, 1)
    while not first[ahead].all():
        steps = steps + steps[ahead]
        ahead = ahead[ahead]
    return label, -steps
