"""Outlines as arrays of points: their rings, and which points are the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]
    Integers = npt.NDArray[np.int64]
    Objects = npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Rings:
    """The points of all rings, each ring without the repetition of its first point at its end.

    Parameters
    ----------
    points : ndarray of float, shape (p, 2)
    previous, next : ndarray of int, shape (p,)
        Neighbours of each point on its ring.
    row : ndarray of int, shape (p,)
        The outline of each point.
    ring : ndarray of int, shape (p,)
        The ring of each point, counted through all outlines.
    outer : ndarray of bool, shape (r,)
        Which of all rings are outer ones.
    """

    points: Floats
    previous: Integers
    next: Integers
    row: Integers
    ring: Integers
    outer: Bools


@dataclass(frozen=True, eq=False)
class Topology:
    """Which points and edges outlines have in common.

    Parameters
    ----------
    rings : Rings
        p points.
    vertex : ndarray of int, shape (p,)
        The place of each point.
    places : ndarray of float, shape (v, 2)
        Points that differ.
    order, group_starts : ndarray of int
        The edges (by their first points) in the order of the pairs of places that they join, and
        where in that order each pair begins; the number of edges stands at the end.
    """

    rings: Rings
    vertex: Integers
    places: Floats
    order: Integers
    group_starts: Integers


def topology(geometry: Objects, *, rings: Rings | None = None) -> Topology:
    """Return the topology of n (Multi)Polygons; `rings` are theirs where they are at hand."""
    found = open_rings(geometry) if rings is None else rings
    vertex, places = vertex_ids(found.points)
    start, end = vertex, vertex[found.next]
    key = np.minimum(start, end) * len(places) + np.maximum(start, end)
    order = np.argsort(key)
    ordered = key[order]
    begins = np.ones(len(key) + 1, dtype=bool)
    begins[1:-1] = ordered[1:] != ordered[:-1]
    return Topology(found, vertex, places, order, np.flatnonzero(begins))


def unshared(net: Topology) -> Integers:
    """Return the edges (by their first points) that no neighbour has in the other direction.

    Edges that are drawn twice in one direction count as well.
    """
    start, end = net.vertex, net.vertex[net.rings.next]
    begin = net.group_starts[:-1]
    if not len(begin):
        return begin
    sums = np.add.reduceat(np.where(start < end, 1, -1)[net.order], begin)
    left = np.repeat(sums != 0, np.diff(net.group_starts))
    return np.sort(net.order[left])


def open_rings(geometry: Objects) -> Rings:
    """Return the rings of n (Multi)Polygons, in the order of their outlines."""
    import shapely

    given = np.asarray(geometry, dtype=object)
    simple = (shapely.get_type_id(given) == shapely.GeometryType.POLYGON) & (
        shapely.get_num_interior_rings(given) == 0
    )
    points = shapely.get_coordinates(given)
    several = np.flatnonzero(~simple)
    parts, part_place = shapely.get_parts(given[several], return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    ring_count = np.ones(len(given), dtype=np.int64)
    ring_count[several] = np.bincount(part_place[ring_part], minlength=len(several))
    ring_row = np.repeat(np.arange(len(given)), ring_count)
    single = simple[ring_row]
    length = np.empty(len(ring_row), dtype=np.int64)
    length[single] = shapely.get_num_coordinates(given[simple])
    length[~single] = shapely.get_num_coordinates(rings)
    outer = np.ones(len(ring_row), dtype=bool)
    outer[~single] = np.diff(ring_part, prepend=-1) != 0
    ring = np.repeat(np.arange(len(ring_row)), length)
    last = np.ones(len(points), dtype=bool)
    last[:-1] = ring[1:] != ring[:-1]
    return _linked(points[~last], row=ring_row[ring[~last]], ring=ring[~last], outer=outer)


def _linked(points: Floats, *, row: Integers, ring: Integers, outer: Bools) -> Rings:
    """Return rings of the points that stand next to each other with one number."""
    count = len(points)
    first = np.ones(count, dtype=bool)
    first[1:] = ring[1:] != ring[:-1]
    begin = np.flatnonzero(first)
    stop = np.concatenate([begin[1:], [count]]) - 1 if count else begin
    following = np.arange(1, count + 1)
    following[stop] = begin
    previous = np.arange(-1, count - 1)
    previous[begin] = stop
    return Rings(points, previous, following, row, ring, outer)


def renewed(rings: Rings, geometry: Objects, *, rows: Integers) -> Rings:
    """Return the rings of `geometry`, of which only these rows differ from those of `rings`."""
    if not len(rows):
        return rings
    new = open_rings(geometry[rows])
    changed = np.zeros(len(geometry), dtype=bool)
    changed[rows] = True
    old = np.flatnonzero(~changed[rings.row])
    row = np.concatenate([rings.row[old], rows[new.row]])
    order = np.argsort(row, kind="stable")
    ring = np.concatenate([rings.ring[old], len(rings.outer) + new.ring])[order]
    points = np.concatenate([rings.points[old], new.points])[order]
    begins = np.ones(len(ring), dtype=bool)
    begins[1:] = ring[1:] != ring[:-1]
    outer = np.concatenate([rings.outer, new.outer])[ring[begins]]
    return _linked(points, row=row[order], ring=np.cumsum(begins) - 1, outer=outer)


def turned(rings: Rings, *, astray: Bools) -> Rings:
    """Return the rings with the marked ones, shape (r,), running the other way round."""
    count = len(rings.points)
    begin = np.flatnonzero(np.concatenate([[True], rings.ring[1:] != rings.ring[:-1]]))
    size = np.diff(begin, append=count)
    start = np.repeat(begin, size)
    back = start + np.repeat(size, size) - (np.arange(count) - start)
    back[begin] = begin
    source = np.where(astray[rings.ring], back, np.arange(count))
    return Rings(
        rings.points[source], rings.previous, rings.next, rings.row, rings.ring, rings.outer
    )


def vertex_ids(points: Floats) -> tuple[Integers, Floats]:
    """Return for each point the number of its place, and the places, shape (v, 2).

    Points are the same where both coordinates are equal to the last bit.
    """
    if not len(points):
        return np.zeros(0, dtype=np.int64), np.zeros((0, 2))
    plain = np.ascontiguousarray(points) + 0.0  # -0.0 and 0.0 are one place
    bits = plain.view(np.uint64)
    key = bits[:, 0] * np.uint64(0x9E3779B97F4A7C15)
    key ^= bits[:, 1] * np.uint64(0xC2B2AE3D27D4EB4F) + (bits[:, 1] >> np.uint64(29))
    order = np.argsort(key)
    ordered, x, y = key[order], plain[:, 0][order], plain[:, 1][order]
    new = np.ones(len(points), dtype=bool)
    new[1:] = (x[1:] != x[:-1]) | (y[1:] != y[:-1])
    if (new[1:] & (ordered[1:] == ordered[:-1])).any():
        order = np.lexsort((plain[:, 1], plain[:, 0]))  # two places fell on one key
        x, y = plain[order].T
        new[1:] = (x[1:] != x[:-1]) | (y[1:] != y[:-1])
    ids = np.empty(len(points), dtype=np.int64)
    ids[order] = np.cumsum(new) - 1
    return ids, np.stack([x[new], y[new]], axis=1)


def polygon_parts(geometry: Objects) -> Objects:
    """Return all polygons that stand in n geometries of any kind."""
    import shapely

    parts = shapely.get_parts(geometry)
    while (shapely.get_type_id(parts) > shapely.GeometryType.POLYGON).any():
        parts = shapely.get_parts(parts)
    polygons: Objects = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    return polygons
