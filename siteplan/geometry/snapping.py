"""Edges of neighbours that nearly coincide, brought together within a stated tolerance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siteplan.geometry.topology import Rings, Topology, renewed, topology

if TYPE_CHECKING:
    import numpy.typing as npt
    import shapely

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]
    Integers = npt.NDArray[np.int64]
    Objects = npt.NDArray[np.object_]

SNAP_TOLERANCE_M = 0.02
"""Corners and edges nearer than this are one.

Our choice: coordinates rounded to 7 decimals of a degree stray by up to 0.7 cm, two of them by
1.5 cm from each other; nobody draws a lot 2 cm wide.
"""

SNAP_MAX_SHARE = 0.01
"""An outline whose area would change by more than this share of itself stays as it is."""

_SPREAD = 2.0
"""A group of near corners wider than this many tolerances is a curve drawn finely: left alone."""

_ROUNDS, _RESTARTS = 8, 24
_AROUND = 4
"""Outlines within so many tolerances of one that snaps are looked at with it."""

_PIECE_M = 6.0
_CELLS = 1 << 20


@dataclass(frozen=True, eq=False)
class Snapping:
    """What became of n outlines.

    Parameters
    ----------
    geometry : ndarray of valid shapely (Multi)Polygons, shape (n,)
    changed : ndarray of bool, shape (n,)
    refused : ndarray of bool, shape (n,)
        Outlines that snapping would have broken, or changed too much; they stay as they were.
    before_m2, after_m2 : ndarray of float, shape (n,)
    moved_m : float
        The longest way that a corner was moved.
    tolerance_m : float
    net : Topology
        That of `geometry`.
    """

    geometry: Objects
    changed: Bools
    refused: Bools
    before_m2: Floats
    after_m2: Floats
    moved_m: float
    tolerance_m: float
    net: Topology


def snapped(
    geometry: Objects,
    *,
    tolerance_m: float = SNAP_TOLERANCE_M,
    max_share: float = SNAP_MAX_SHARE,
    net: Topology | None = None,
) -> Snapping:
    """Bring near corners together, and give edges the corners of neighbours that lie on them.

    Parameters
    ----------
    geometry : ndarray of valid shapely (Multi)Polygons, shape (n,)
        In EPSG:5186, outer rings counter-clockwise.
    tolerance_m : float
        Distance up to which corners move and edges bend; 0 leaves all as it is.
    max_share : float
        Greatest change of an outline's area, as a share of it.
    net : Topology, optional
        That of the outlines, where it is at hand.

    Notes
    -----
    Corners of different outlines within the tolerance become the one that most of the outlines
    have (of equals the most south-western). An outline's own corners are never merged with each
    other. Then a corner that lies within the tolerance of a neighbour's edge becomes a corner of
    that edge. Corners that chain over more than twice the tolerance are left alone. Snapping
    again changes nothing.
    """
    import shapely

    given = np.asarray(geometry, dtype=object)
    count = len(given)
    before_m2 = shapely.area(given)
    work, refused = given, np.zeros(count, dtype=bool)
    here = topology(given) if net is None else net
    tree = shapely.STRtree(given)
    touched = np.zeros(count, dtype=bool)
    for turn in range(_ROUNDS if tolerance_m > 0 else 0):
        if turn == 0:
            rows, concerned = _concerned(work, net=here, tree=tree, tolerance_m=tolerance_m)
        else:
            rows, concerned = _concerned_again(
                work, touched=touched, tree=tree, tolerance_m=tolerance_m
            )
        refused[:] = False
        if not len(rows):
            break
        part = work[rows]
        passed, refused[rows] = _passed(
            part, fixed=~concerned, tolerance_m=tolerance_m, max_share=max_share
        )
        if passed is part:
            break
        work = work.copy()
        work[rows] = passed
        touched[rows] = True
    changed = np.zeros(count, dtype=bool)
    moved = np.flatnonzero(touched)
    pairs = zip(work[moved].tolist(), given[moved].tolist(), strict=True)
    other = moved[np.array([a is not b for a, b in pairs], dtype=bool)]
    changed[other] = ~shapely.equals_identical(work[other], given[other])
    sound = _sound(work[changed], before_m2=before_m2[changed], max_share=max_share)
    lost = np.flatnonzero(changed)[~sound]
    work[lost], refused[lost], changed[lost] = given[lost], True, False
    if len(other):
        here = topology(work, rings=renewed(here.rings, work, rows=other))
    after_m2 = before_m2.copy()
    after_m2[other] = shapely.area(work[other])
    moved_m = shapely.hausdorff_distance(work[changed], given[changed])
    return Snapping(
        work,
        changed,
        refused,
        before_m2,
        after_m2,
        float(moved_m.max(initial=0.0)),
        tolerance_m,
        here,
    )


def _concerned(
    given: Objects,
    *,
    net: Topology,
    tree: shapely.STRtree,
    tolerance_m: float,
    edge_rows: Bools | None = None,
) -> tuple[Integers, Bools]:
    """Return the rows that have near corners or corners on their edges, with their neighbours.

    And of each of those, whether it is one of the former.
    """
    mark = np.zeros(len(net.places), dtype=bool)
    for places in near_points(net.places, distance_m=tolerance_m):
        mark[places] = True
    edge, _ = _corners_on_edges(net, tolerance_m=tolerance_m, edge_rows=edge_rows)
    rows = np.unique(np.concatenate([net.rings.row[mark[net.vertex]], net.rings.row[edge]]))
    if not len(rows):
        return rows, np.zeros(0, dtype=bool)
    _, found = tree.query(given[rows], predicate="dwithin", distance=_AROUND * tolerance_m)
    around: Integers = np.unique(np.concatenate([rows, found]))
    return around, np.isin(around, rows)


def _concerned_again(
    given: Objects, *, touched: Bools, tree: shapely.STRtree, tolerance_m: float
) -> tuple[Integers, Bools]:
    """Return what `_concerned` would, looking only round the outlines that were touched before.

    Whatever was concerned is among those, and so is all within reach of it; of what is new, one
    side has moved. Their neighbours' neighbours tell which edges of the neighbours are shared.
    The tree is that of the outlines as they were: what is not touched lies where it was.
    """
    import shapely

    near = _reached(given, np.flatnonzero(touched), tree=tree, reach_m=_AROUND * tolerance_m)
    rows = _reached(given, near, tree=tree, reach_m=_AROUND * tolerance_m)
    part = given[rows]
    around, concerned = _concerned(
        part,
        net=topology(part),
        tree=shapely.STRtree(part),
        tolerance_m=tolerance_m,
        edge_rows=np.isin(rows, near),
    )
    return rows[around], concerned


def _reached(given: Objects, rows: Integers, *, tree: shapely.STRtree, reach_m: float) -> Integers:
    """Return these rows and those whose boxes lie within reach of theirs."""
    import shapely

    low_x, low_y, high_x, high_y = shapely.bounds(given[rows]).T
    boxes = shapely.box(low_x - reach_m, low_y - reach_m, high_x + reach_m, high_y + reach_m)
    reached: Integers = np.union1d(rows, tree.query(boxes)[1])
    return reached


def _passed(
    given: Objects,
    *,
    fixed: Bools,
    tolerance_m: float,
    max_share: float,
) -> tuple[Objects, Bools]:
    """Snap until nothing moves; return the outlines, `given` itself if none did, and refusals.

    Fixed outlines do not move; what is near them moves to them.

    An outline that would be spoilt is frozen and all begins anew, so that no neighbour follows
    what stays behind.
    """
    start = topology(given)
    import shapely

    before_m2 = shapely.area(given)
    frozen = fixed.copy()
    work, turn, restarts = given, 0, 0
    while turn < _ROUNDS and restarts < _RESTARTS:
        here = start if work is given else topology(work)
        wished, rows = _moved(work, net=here, frozen=frozen, tolerance_m=tolerance_m)
        here = topology(wished) if len(rows) else here
        more, more_rows = _noded(wished, net=here, frozen=frozen, tolerance_m=tolerance_m)
        rows = np.unique(np.concatenate([rows, more_rows]))
        if not len(rows):
            break
        bad = rows[~_sound(more[rows], before_m2=before_m2[rows], max_share=max_share)]
        frozen[bad] = True
        work, turn = (given, 0) if len(bad) else (more, turn + 1)
        restarts += len(bad) > 0
    return work, frozen & ~fixed


def _sound(geometry: Objects, *, before_m2: Floats, max_share: float) -> Bools:
    """Tell which outlines are valid and have kept their area."""
    import shapely

    sound: Bools = shapely.is_valid(geometry) & ~shapely.is_empty(geometry)
    sound &= np.abs(shapely.area(geometry) - before_m2) <= max_share * before_m2
    return sound


def _moved(
    geometry: Objects, *, net: Topology, frozen: Bools, tolerance_m: float
) -> tuple[Objects, Integers]:
    """Return the outlines with near corners brought together, and the rows that changed."""
    import shapely

    rings, vertex, places = net.rings, net.vertex, net.places
    left, right = near_points(places, distance_m=tolerance_m)
    if not len(left):
        return geometry, np.zeros(0, dtype=np.int64)
    group = _groups(len(places), left, right)
    target = _targets(
        places, group=group, vertex=vertex, rings=rings, frozen=frozen, tolerance_m=tolerance_m
    )
    rows = np.unique(rings.row[(target[vertex] != vertex)])
    rows = rows[~frozen[rows]]
    if not len(rows):
        return geometry, rows
    chosen = np.zeros(len(geometry), dtype=bool)
    chosen[rows] = True
    number = np.full(len(places), -1)
    moving = chosen[rings.row]
    number[vertex[moving]] = target[vertex[moving]]
    lookup = {tuple(p): tuple(q) for p, q in _moves(places, number)}
    work = geometry.copy()
    work[rows] = shapely.transform(geometry[rows], lambda points: _looked_up(points, lookup))
    work[rows] = shapely.remove_repeated_points(work[rows], 0.0)
    return work, rows


def _moves(places: Floats, target: Integers) -> list[tuple[list[float], list[float]]]:
    moving = np.flatnonzero((target >= 0) & (target != np.arange(len(places))))
    return list(zip(places[moving].tolist(), places[target[moving]].tolist(), strict=True))


def _looked_up(points: Floats, lookup: dict[tuple[float, ...], tuple[float, ...]]) -> Floats:
    return np.array([lookup.get(tuple(p), tuple(p)) for p in (points + 0.0).tolist()])


def near_points(places: Floats, *, distance_m: float) -> tuple[Integers, Integers]:
    """Return the pairs of different places that are at most so far from each other.

    Two such points share a cell, twice as wide, of at least one of four grids that are half a
    cell apart; in a cell each point is compared with the ones that follow it from west to east.
    """
    found: list[npt.NDArray[np.int64]] = []
    cell_m = 2 * distance_m
    for shift_x, shift_y in ((0, 0), (1, 0), (0, 1), (1, 1)):
        column = np.floor((places[:, 0] + shift_x * distance_m) / cell_m).astype(np.int64)
        line = np.floor((places[:, 1] + shift_y * distance_m) / cell_m).astype(np.int64)
        key = column * np.int64(0x9E3779B1) + line * np.int64(0x85EBCA77)
        order = np.argsort(key)
        ordered = key[order]
        here = np.flatnonzero(ordered[1:] == ordered[:-1])
        shift = 1
        while len(here):
            a, b = order[here], order[here + shift]
            near = np.hypot(*(places[a] - places[b]).T) <= distance_m
            found.append(np.stack([np.minimum(a, b)[near], np.maximum(a, b)[near]], axis=1))
            shift += 1
            here = here[here + shift < len(order)]
            here = here[ordered[here + shift] == ordered[here]]
    pairs = np.unique(np.concatenate(found), axis=0) if found else np.zeros((0, 2), dtype=np.int64)
    return pairs[:, 0], pairs[:, 1]


def _groups(count: int, left: Integers, right: Integers) -> Integers:
    """Return for each of `count` points the least one that it is chained to."""
    group = np.arange(count, dtype=np.int64)
    while True:
        least = np.minimum(group[left], group[right])
        nearer = group.copy()
        np.minimum.at(nearer, left, least)
        np.minimum.at(nearer, right, least)
        nearer = nearer[nearer]
        if np.array_equal(nearer, group):
            return group
        group = nearer


def _targets(
    places: Floats,
    *,
    group: Integers,
    vertex: Integers,
    rings: Rings,
    frozen: Bools,
    tolerance_m: float,
) -> Integers:
    """Return for each place the one that it moves to: its own where it stays."""
    count = len(places)
    size = np.bincount(group, minlength=count)
    several = size[group] > 1
    low, high = np.full((count, 2), np.inf), np.full((count, 2), -np.inf)
    np.minimum.at(low, group[several], places[several])
    np.maximum.at(high, group[several], places[several])
    wide = np.zeros(count, dtype=bool)
    grouped = np.unique(group[several])
    wide[grouped] = np.hypot(*(high[grouped] - low[grouped]).T) > _SPREAD * tolerance_m
    # Two corners of one ring in a group would close it upon itself.
    mine = np.flatnonzero(several[vertex])
    pair = np.unique(np.stack([group[vertex[mine]], rings.row[mine], vertex[mine]], axis=1), axis=0)
    twice = (pair[1:, :2] == pair[:-1, :2]).all(axis=1)
    wide[pair[1:, 0][twice]] = True
    weight = np.bincount(pair[:, 2], minlength=count).astype(float)
    stays = np.bincount(vertex[frozen[rings.row]], minlength=count) > 0
    weight[stays] += 1e9  # what a refused outline has cannot move
    order = np.lexsort((places[:, 1], places[:, 0], -weight, group))
    order = order[several[order]]
    firsts = np.ones(len(order), dtype=bool)
    firsts[1:] = group[order[1:]] != group[order[:-1]]
    best = np.arange(count)
    best[group[order[firsts]]] = order[firsts]
    target = np.where(several & ~wide[group], best[group], np.arange(count))
    target[stays] = np.flatnonzero(stays)
    return target


def _noded(
    geometry: Objects, *, net: Topology, frozen: Bools, tolerance_m: float
) -> tuple[Objects, Integers]:
    """Return the outlines with neighbours' corners on their edges, and the rows that changed."""
    rings = net.rings
    edge, place = _corners_on_edges(net, tolerance_m=tolerance_m)
    free = ~frozen[rings.row[edge]]
    edge, place = edge[free], place[free]
    if not len(edge):
        return geometry, np.zeros(0, dtype=np.int64)
    along = (place - rings.points[edge]) * (rings.points[rings.next[edge]] - rings.points[edge])
    order = np.lexsort((place[:, 1], place[:, 0], along.sum(axis=1), edge))
    edge, place = edge[order], place[order]
    rows = np.unique(rings.row[edge])
    work = geometry.copy()
    for row in rows.tolist():
        mine = np.flatnonzero(rings.row == row)
        here = np.flatnonzero(rings.row[edge] == row)
        points = np.concatenate([rings.points[mine], place[here]])
        ring = np.concatenate([rings.ring[mine], rings.ring[edge[here]]])
        at = np.concatenate([mine, edge[here]])
        turn = np.concatenate([np.zeros(len(mine)), 1 + np.arange(len(here))])
        ranked = np.lexsort((turn, at))
        work[row] = _rebuilt(geometry[row], points=points[ranked], ring=ring[ranked])
    return work, rows


def _rebuilt(outline: shapely.Geometry, *, points: Floats, ring: Integers) -> shapely.Geometry:
    """Return an outline of the same parts and holes with other points."""
    import shapely

    _, number = np.unique(ring, return_inverse=True)
    rings: Objects = np.asarray(shapely.linearrings(points, indices=number), dtype=object)
    polygons: list[shapely.Polygon] = []
    first = 0
    for part in shapely.get_parts(outline).tolist():
        holes = int(shapely.get_num_interior_rings(part))
        polygons.append(shapely.polygons(rings[first], rings[first + 1 : first + 1 + holes]))
        first += 1 + holes
    single = shapely.get_type_id(outline) == shapely.GeometryType.POLYGON
    return polygons[0] if single else shapely.MultiPolygon(polygons)


def _corners_on_edges(
    net: Topology, *, tolerance_m: float, edge_rows: Bools | None = None
) -> tuple[Integers, Floats]:
    """Return edges (by their first point) and the corners of others that lie along them.

    Only edges that no neighbour has as well are looked at, and the corners at their ends; edges
    of these rows alone where they are given.
    """
    rings, vertex, places = net.rings, net.vertex, net.places
    start, end = vertex, vertex[rings.next]
    alone = np.diff(net.group_starts) == 1
    lonely = np.sort(net.order[net.group_starts[:-1][alone]])
    if edge_rows is not None:
        lonely = lonely[edge_rows[rings.row[lonely]]]
    if not len(lonely):
        return lonely, np.zeros((0, 2))
    mark = np.zeros(len(places), dtype=bool)
    mark[start[lonely]] = mark[end[lonely]] = True
    corner = np.flatnonzero(mark)
    a, b = rings.points[lonely], rings.points[rings.next[lonely]]
    edge, found = _beside(places[corner], a, b, distance_m=tolerance_m)
    edge, found = lonely[edge], corner[found]
    other = (found != start[edge]) & (found != end[edge])
    edge, found = edge[other], found[other]
    a, b, p = rings.points[edge], rings.points[rings.next[edge]], places[found]
    step = b - a
    long_m = np.hypot(step[:, 0], step[:, 1])
    along_m = ((p - a) * step).sum(axis=1) / long_m
    off_m = np.abs(step[:, 0] * (p - a)[:, 1] - step[:, 1] * (p - a)[:, 0]) / long_m
    on = (off_m <= tolerance_m) & (along_m > tolerance_m) & (along_m < long_m - tolerance_m)
    edge, found = np.unique(np.stack([edge[on], found[on]]), axis=1)
    if not len(edge):
        return edge, np.zeros((0, 2))
    # A corner of the outline itself stays where it is: a narrow neck is not pinched.
    own = np.unique(rings.row * len(places) + vertex)
    foreign = ~np.isin(rings.row[edge] * len(places) + found, own)
    return edge[foreign], places[found[foreign]]


def _beside(
    places: Floats, a: Floats, b: Floats, *, distance_m: float
) -> tuple[Integers, Integers]:
    """Return pairs (edge, place) that may be so near to each other; none that is, is left out.

    Edges are cut into pieces, each kept in the cell of its middle; places look into the four
    cells round them. Cells are numbered with repetition, which gives a few pairs too many.
    """
    step = b - a
    long_m = np.hypot(step[:, 0], step[:, 1])
    piece_m = max(_PIECE_M, float(long_m.sum()) / (8 * len(a) + 100_000))
    pieces = np.maximum(np.ceil(long_m / piece_m).astype(np.int64), 1)
    edge = np.repeat(np.arange(len(a)), pieces)
    number = np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    middle = a[edge] + step[edge] * ((number + 0.5) / pieces[edge])[:, None]
    x, y = np.ascontiguousarray(middle.T)
    place_x, place_y = np.ascontiguousarray(places.T)
    cell_m = piece_m + 2 * distance_m
    of_piece = _cell(np.floor(middle / cell_m).astype(np.int64))
    order = np.argsort(of_piece)
    counts = np.bincount(of_piece, minlength=_CELLS)
    begin = np.cumsum(counts) - counts
    corner = np.floor(places / cell_m - 0.5).astype(np.int64)
    found = []
    for shift in ((0, 0), (1, 0), (0, 1), (1, 1)):
        cell = _cell(corner + np.array(shift))
        several = counts[cell]
        place = np.repeat(np.arange(len(places)), several)
        nth = np.arange(len(place)) - np.repeat(np.cumsum(several) - several, several)
        near = order[begin[cell][place] + nth]
        close = np.abs(x[near] - place_x[place]) <= cell_m / 2
        near, place = near[close], place[close]
        close = np.abs(y[near] - place_y[place]) <= cell_m / 2
        found.append(np.stack([edge[near[close]], place[close]]))
    pairs = np.concatenate(found, axis=1)
    return pairs[0], pairs[1]


def _cell(index: Integers) -> Integers:
    mixed = index[:, 0] * np.int64(7_919) + index[:, 1] * np.int64(1_000_003)
    cell: Integers = mixed & (_CELLS - 1)
    return cell
