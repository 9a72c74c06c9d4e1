"""Prisms seen along a slant, in an order in which painting them one over another is right.

A solid is a vertical prism: an outline and storeys of segments above it. All look along the same
direction, from above. Outlines are cut into convex pieces. Of two convex pieces that do not
overlap on the ground, a line of sight meets either the one or the other first, and which one is
the same for all lines that meet both: pieces can be sorted. "In front of" among convex shapes in
the plane has no circles (de Berg et al., Computational Geometry, on translation orders), so a
sorted order always exists. Within a piece: walls that face the viewer from the ground up, then
the roof, which is higher and so before any wall that it meets on the picture.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

_TOLERANCE_M = 1e-6


@dataclass(frozen=True)
class View:
    """A parallel view from above.

    Parameters
    ----------
    bearing_deg : float
        Compass direction in which one looks, 0 north, 90 east.
    tilt_deg : float
        Angle of the line of sight above the ground: 90 is a plan, 0 an elevation.
    lift : float
        Times that heights are drawn higher than they are.
    """

    bearing_deg: float = 20.0
    tilt_deg: float = 38.0
    lift: float = 1.0

    @cached_property
    def right(self) -> tuple[float, float]:
        """Unit vector on the ground that points to the picture's right."""
        angle = math.radians(self.bearing_deg)
        return math.cos(angle), -math.sin(angle)

    @cached_property
    def away(self) -> tuple[float, float]:
        """Unit vector on the ground that points away from the viewer."""
        angle = math.radians(self.bearing_deg)
        return math.sin(angle), math.cos(angle)

    def across_and_depth(self, xy_m: Floats) -> Floats:
        """Return how far to the right and how far away points on the ground lie, shape (m, 2)."""
        flat: Floats = np.asarray(xy_m) @ np.array([self.right, self.away]).T
        return flat

    def ground_box(self, xy_m: Floats, *, margin_ratio: float) -> Any:
        """Return the ground round points, a rectangle along the picture's edges.

        Parameters
        ----------
        xy_m : ndarray, shape (m, 2)
        margin_ratio : float
            Ground round the points, as a part of their larger extent.
        """
        flat = self.across_and_depth(xy_m)
        low, high = flat.min(axis=0), flat.max(axis=0)
        margin = max(float((high - low).max()), 60.0) * margin_ratio
        (west, near), (east, far) = low - margin, high + margin
        corners = np.array([[west, near], [east, near], [east, far], [west, far]])
        return shapely.Polygon(corners @ np.array([self.right, self.away]))

    def picture(self, xy_m: Floats, height_m: float | Floats = 0.0) -> Floats:
        """Return the picture's coordinates, right and up, in metres of the picture's plane."""
        across = self.across_and_depth(xy_m)
        tilt = math.radians(self.tilt_deg)
        up = across[:, 1] * math.sin(tilt) + np.asarray(height_m) * self.lift * math.cos(tilt)
        return np.column_stack([across[:, 0], up])


@dataclass(frozen=True)
class Storey:
    """A segment of a solid: its key, where it starts and ends above ground, its floors' height."""

    key: str
    base_m: float
    top_m: float
    floor_m: float = 0.0


@dataclass(frozen=True)
class Solid:
    """A prism on one parcel: its outline and its segments from the ground up."""

    row: int
    outline: Any
    storeys: tuple[Storey, ...]

    @property
    def top_m(self) -> float:
        """Height of the roof."""
        return self.storeys[-1].top_m


@dataclass(frozen=True, eq=False)
class Face:
    """A face to paint.

    Parameters
    ----------
    row : int
    kind : {"wall", "roof"}
    key : str
        Segment that it belongs to; of a roof the topmost.
    points : ndarray, shape (m, 2)
        On the picture.
    light : float
        0 dark to 1 bright.
    storey : Storey
    edge_m : ndarray or None
        Ends of a wall on the ground.
    """

    row: int
    kind: str
    key: str
    points: Floats
    light: float
    storey: Storey
    edge_m: Floats | None = None


@dataclass(frozen=True, eq=False)
class Piece:
    """A convex part of a solid's outline, its ring counter-clockwise without the closing point.

    `outer` tells of each edge (from a point to the next) whether it is part of the outline.
    """

    solid: Solid
    ring_m: Floats
    outer: tuple[bool, ...]


def pieces_of(solid: Solid) -> list[Piece]:
    """Return a solid's outline as convex pieces: as it is where convex, else in triangles."""
    found = []
    for part in shapely.get_parts(solid.outline):
        if part.is_empty:
            continue
        ring = shapely.get_coordinates(shapely.orient_polygons(part).exterior)[:-1]
        if len(part.interiors) == 0 and _is_convex(ring):
            found.append(Piece(solid, ring, (True,) * len(ring)))
            continue
        edges = {
            _edge_key(a, b)
            for line in shapely.get_rings(part)
            for a, b in _edges(shapely.get_coordinates(line)[:-1])
        }
        for triangle in shapely.get_parts(shapely.constrained_delaunay_triangles(part)):
            corners = shapely.get_coordinates(shapely.orient_polygons(triangle).exterior)[:-1]
            outer = tuple(_edge_key(a, b) in edges for a, b in _edges(corners))
            found.append(Piece(solid, corners, outer))
    return found


def _edges(ring: Floats) -> Iterator[tuple[Floats, Floats]]:
    yield from zip(ring, np.roll(ring, -1, axis=0), strict=True)


def _edge_key(a: Floats, b: Floats) -> tuple[tuple[float, ...], ...]:
    return tuple(sorted((tuple(a.tolist()), tuple(b.tolist()))))


def _is_convex(ring: Floats) -> bool:
    along = np.roll(ring, -1, axis=0) - ring
    onward = np.roll(along, -1, axis=0)
    turn = along[:, 0] * onward[:, 1] - along[:, 1] * onward[:, 0]
    return bool((turn >= -_TOLERANCE_M * np.hypot(*along.T) * np.hypot(*onward.T)).all())


def painted(solids: Iterable[Solid], view: View) -> list[Face]:
    """Return the faces to paint, the farther before the nearer.

    Parameters
    ----------
    solids : iterable of Solid
        Their outlines do not overlap.
    view : View
    """
    pieces = [piece for solid in solids for piece in pieces_of(solid)]
    return [face for at in far_to_near(pieces, view) for face in _faces(pieces[at], view)]


def far_to_near(pieces: Sequence[Piece], view: View) -> list[int]:
    """Return places of pieces, each after all those that it may hide.

    Only pieces that meet on the picture are compared, which leaves the order right and the work
    small. A circle, which overlapping outlines alone can make, is cut at its farthest piece.
    """
    flat = [view.across_and_depth(piece.ring_m) for piece in pieces]
    on_picture = np.array([_picture_box(piece, view) for piece in pieces]).reshape(-1, 4)
    nearer: list[list[int]] = [[] for _ in pieces]
    waits = [0] * len(pieces)
    tree = shapely.STRtree(shapely.box(*on_picture.T)) if pieces else None
    left, right = (
        tree.query(shapely.box(*on_picture.T)) if tree is not None else np.zeros((2, 0), dtype=int)
    )
    for one, other in zip(left.tolist(), right.tolist(), strict=True):
        if one < other:
            order = _hides(flat[one], flat[other])
            if order:
                far, near = (one, other) if order > 0 else (other, one)
                nearer[far].append(near)
                waits[near] += 1
    depth = [float(-points[:, 1].mean()) for points in flat]
    ready = [(depth[at], at) for at, count in enumerate(waits) if count == 0]
    heapq.heapify(ready)
    done: list[int] = []
    seen = [False] * len(pieces)
    while len(done) < len(pieces):
        if not ready:
            at = min((at for at in range(len(pieces)) if not seen[at]), key=depth.__getitem__)
            waits[at] = 0
            ready.append((depth[at], at))
        _, at = heapq.heappop(ready)
        if seen[at]:
            continue
        seen[at] = True
        done.append(at)
        for near in nearer[at]:
            waits[near] -= 1
            if waits[near] == 0:
                heapq.heappush(ready, (depth[near], near))
    return done


def _picture_box(piece: Piece, view: View) -> tuple[float, float, float, float]:
    low, high = view.picture(piece.ring_m), view.picture(piece.ring_m, piece.solid.top_m)
    return (*low.min(axis=0).tolist(), *high.max(axis=0).tolist())


def _hides(one: Floats, other: Floats) -> int:
    """Return 1 where the other may hide the one, -1 the other way round, 0 where neither can."""
    low = max(one[:, 0].min(), other[:, 0].min())
    high = min(one[:, 0].max(), other[:, 0].max())
    if high - low <= _TOLERANCE_M:
        return 0
    middle = (low + high) / 2
    gap = sum(_span_at(one, middle)) - sum(_span_at(other, middle))
    return 1 if gap > 0 else -1


def _span_at(ring: Floats, across: float) -> tuple[float, float]:
    """Return where a line of sight enters and leaves a convex ring."""
    ends = np.roll(ring, -1, axis=0)
    crossed = (ring[:, 0] - across) * (ends[:, 0] - across) <= 0
    a, b = ring[crossed], ends[crossed]
    width = b[:, 0] - a[:, 0]
    share = np.where(width != 0, (across - a[:, 0]) / np.where(width != 0, width, 1), 0.0)
    depth = a[:, 1] + share * (b[:, 1] - a[:, 1])
    return float(depth.min()), float(depth.max())


def _faces(piece: Piece, view: View) -> Iterator[Face]:
    solid = piece.solid
    for (a, b), outer in zip(_edges(piece.ring_m), piece.outer, strict=True):
        edge = np.array([a, b])
        along = b - a
        normal = np.array([along[1], -along[0]])
        if not outer or float(normal @ np.array(view.away)) >= -_TOLERANCE_M:
            continue
        light = _light(normal / np.hypot(*normal), view)
        for storey in solid.storeys:
            foot = view.picture(edge, storey.base_m)
            head = view.picture(edge, storey.top_m)
            yield Face(
                solid.row,
                "wall",
                storey.key,
                np.vstack([foot, head[::-1]]),
                light,
                storey,
                edge,
            )
    top = solid.storeys[-1]
    yield Face(solid.row, "roof", top.key, view.picture(piece.ring_m, top.top_m), 1.0, top)


def _light(normal: Floats, view: View) -> float:
    """Return how bright a wall is: lit from the picture's left."""
    towards_left = -float(normal @ np.array(view.right))
    return 0.62 + 0.2 * towards_left
