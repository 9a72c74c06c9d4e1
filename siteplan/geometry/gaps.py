"""Thin holes that outlines leave between them."""

from __future__ import annotations

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

GAP_MIN_M2 = 0.01
GAP_MAX_WIDTH_M = 1.0
"""A hole among parcels is a gap up to this mean width (twice its area over its perimeter).

Our choice: narrower than a person needs to walk, so that a lane that belongs to no parcel of
the file is not taken for one.
"""

_TOUCH_M = 0.001
"""From here on an outline lies at a gap."""


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
        net = topology(shapely.orient_polygons(given, exterior_cw=False))
    rings = _thin_cycles(net, max_width_m=max_width_m)
    if not len(rings):
        return Gaps(rings, np.zeros(0), np.zeros((0, 2)), ())
    regions: Objects = np.asarray(
        shapely.make_valid(shapely.polygons(rings), method="linework"), dtype=object
    )
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
    places_m: Floats = shapely.get_coordinates(shapely.point_on_surface(parts))
    order = np.lexsort((places_m[:, 1], places_m[:, 0]))
    parts, places_m = parts[order], places_m[order]
    gap, row = tree.query(parts, predicate="dwithin", distance=_TOUCH_M)
    neighbours = tuple(np.sort(row[gap == number]) for number in range(len(parts)))
    return Gaps(parts, shapely.area(parts), places_m, neighbours)


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
    return np.asarray(shapely.linearrings(points[start[order]], indices=owner), dtype=object)


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
    leaving = np.zeros(len(points), dtype=np.int64)
    leaving[start] = np.arange(len(start))
    follower: Integers = leaving[end]
    # As many edges come into each point as leave it.
    degree = np.bincount(start, minlength=len(points))
    out, into = np.flatnonzero(degree[start] > 1), np.flatnonzero(degree[end] > 1)
    ahead = _bearing(points[end[out]] - points[start[out]])
    back = _bearing(points[start[into]] - points[end[into]])
    by_ahead, by_back = np.lexsort((ahead, start[out])), np.lexsort((back, end[into]))
    place = end[into[by_back]]
    several = np.where(degree > 1, degree, 0)
    begin = (np.cumsum(several) - several)[place]
    late = ahead[by_ahead[begin]] < back[by_back[begin]]
    nth = (np.arange(len(place)) - begin + late) % degree[place]
    follower[into[by_back]] = out[by_ahead[begin + nth]]
    return follower


def _bearing(way: Floats) -> Floats:
    """Return the directions of ways, counter-clockwise from east, from 0 to 2π."""
    bearing: Floats = np.mod(np.arctan2(way[:, 1], way[:, 0]), 2 * np.pi)
    return bearing


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
