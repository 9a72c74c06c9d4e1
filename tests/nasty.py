"""One of every nasty outline that parcels have been seen to come with, in EPSG:5186.

Each case says what must become of it: the area by hand, or None where it is set aside.
"""

from __future__ import annotations

from dataclasses import dataclass

import shapely
from shapely import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

X, Y = 203_100.0, 540_050.0
"""A point in Yangjae."""


@dataclass(frozen=True)
class Nasty:
    """A geometry, the area in m² that is left of it, and whether that counts as a repair."""

    name: str
    geometry: shapely.Geometry | None
    area_m2: float | None
    repaired: bool = False


def _at(*points: tuple[float, float]) -> list[tuple[float, float]]:
    return [(X + x, Y + y) for x, y in points]


def _square(x: float, y: float, side: float) -> Polygon:
    return box(X + x, Y + y, X + x + side, Y + y + side)


def _with_third_y(value: float) -> shapely.Geometry:
    """Return a square whose third point has another y; constructors refuse such numbers."""
    points = shapely.get_coordinates(_square(0, 0, 10))
    points[2, 1] = value
    return shapely.set_coordinates(shapely.from_wkb(shapely.to_wkb(_square(0, 0, 10))), points)


ZOO: tuple[Nasty, ...] = (
    Nasty("plain", _square(0, 0, 10), 100),
    Nasty("clockwise", _square(0, 0, 10).reverse(), 100),
    # 1-----3      two triangles of 10 x 5 / 2 that meet in the middle
    #  \   /
    #   \ /
    #    x
    #   / \
    #  4---2
    Nasty("bow tie", Polygon(_at((0, 0), (10, 10), (0, 10), (10, 0))), 50, repaired=True),
    Nasty("repeated points", Polygon(_at((0, 0), (10, 0), (10, 0), (10, 10), (0, 10))), 100),
    Nasty(
        "spike",
        Polygon(_at((0, 0), (10, 0), (30, 0), (10, 0), (10, 10), (0, 10))),
        100,
        repaired=True,
    ),
    Nasty("heights", Polygon([(x, y, 31.5) for x, y in _at((0, 0), (10, 0), (10, 10))]), 50),
    Nasty(
        "heights not a number",
        Polygon([(x, y, float("nan")) for x, y in _at((0, 0), (10, 0), (10, 10))]),
        50,
    ),
    Nasty("hole", _square(0, 0, 10).difference(_square(2, 2, 3)), 91),
    Nasty(
        "hole outside its shell",
        Polygon(_at((0, 0), (10, 0), (10, 10), (0, 10)), [_at((20, 0), (22, 0), (22, 2), (20, 2))]),
        104,  # GEOS makes it a part of its own
        repaired=True,
    ),
    Nasty(
        "hole that is the shell",
        Polygon(_at((0, 0), (10, 0), (10, 10), (0, 10)), [_at((0, 0), (10, 0), (10, 10), (0, 10))]),
        None,
    ),
    Nasty(
        "parts overlap",
        MultiPolygon([_square(0, 0, 10), _square(5, 0, 10)]),
        150,
        repaired=True,
    ),
    Nasty(
        "parts share an edge",
        MultiPolygon([_square(0, 0, 10), _square(10, 0, 10)]),
        200,
        repaired=True,
    ),
    Nasty("one part wrapped as many", MultiPolygon([_square(0, 0, 10)]), 100),
    Nasty(
        "polygon beside a line",
        GeometryCollection([_square(0, 0, 10), LineString(_at((0, 0), (20, 5)))]),
        100,
    ),
    Nasty(
        "collection in a collection",
        GeometryCollection([GeometryCollection([_square(0, 0, 10)]), Point(X, Y)]),
        100,
    ),
    Nasty(
        "ring over itself",  # GEOS makes two parts of it that share an edge: invalid again
        Polygon(_at((0, 10), (0, 0), (10, 10), (0, 10), (0, 20), (10, 10))),
        100,
        repaired=True,
    ),
    Nasty("point", Point(X, Y), None),
    Nasty("line", LineString(_at((0, 0), (10, 10))), None),
    Nasty("collection without polygons", GeometryCollection([Point(X, Y)]), None),
    Nasty("flat ring", Polygon(_at((0, 0), (10, 0), (5, 0))), None),
    Nasty("all points the same", Polygon(_at((0, 0), (0, 0), (0, 0), (0, 0))), None),
    Nasty("empty", Polygon(), None),
    Nasty("missing", None, None),
    Nasty("not a number", _with_third_y(float("nan")), None),
    Nasty("infinite", _with_third_y(float("inf")), None),
    Nasty("smaller than a stamp", _square(0, 0, 0.005), None),
    Nasty("strip of 5 mm", box(X, Y, X + 100, Y + 0.005), 0.5),
)
