"""Painting prisms: what is nearer is never hidden by what is farther.

The oracle follows lines of sight through the solids themselves; it knows nothing of pieces,
faces or orders.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from siteplan.report.solids import Face, Solid, Storey, View, far_to_near, painted, pieces_of

EDGE_M = 1e-3


def solid(row: int, outline: shapely.Geometry, *tops_m: float) -> Solid:
    bases = (0.0, *tops_m[:-1])
    storeys = tuple(
        Storey(f"use-{i}", base, top)
        for i, (base, top) in enumerate(zip(bases, tops_m, strict=True))
    )
    return Solid(row, outline, storeys)


def seen_by_ray(
    solids: Sequence[Solid], view: View, point: tuple[float, float]
) -> tuple[int, str, str] | None:
    """What a line of sight through a point of the picture meets first: row, kind and segment."""
    across, up = point
    sine = math.sin(math.radians(view.tilt_deg))
    cosine = math.cos(math.radians(view.tilt_deg)) * view.lift
    met: list[tuple[float, tuple[int, str, str]]] = []
    for one in solids:
        reach = 1e4
        start = np.array(view.right) * across - np.array(view.away) * reach
        end = np.array(view.right) * across + np.array(view.away) * reach
        inside = shapely.intersection(shapely.LineString([start, end]), one.outline)
        for part in shapely.get_parts(inside):
            if part.is_empty or shapely.get_dimensions(part) != 1:
                continue
            depths = shapely.get_coordinates(part) @ np.array(view.away)
            enter, leave = float(depths.min()), float(depths.max())
            height = (up - enter * sine) / cosine
            if 0 <= height <= one.top_m:
                key = next(s.key for s in one.storeys if height <= s.top_m)
                met.append((enter, (one.row, "wall", key)))
            elif height > one.top_m:
                at_roof = (up - one.top_m * cosine) / sine
                if at_roof <= leave:
                    met.append((at_roof, (one.row, "roof", one.storeys[-1].key)))
    return min(met)[1] if met else None


def seen_painted(faces: Sequence[Face], point: tuple[float, float]) -> Face | None:
    spot = shapely.Point(point)
    hit = [face for face in faces if shapely.Polygon(face.points).contains(spot)]
    return hit[-1] if hit else None


def near_an_edge(faces: Sequence[Face], point: tuple[float, float]) -> bool:
    spot = shapely.Point(point)
    return any(shapely.Polygon(f.points).exterior.distance(spot) < EDGE_M for f in faces)


def check_picture(solids: Sequence[Solid], view: View, *, points: int, seed: int) -> int:
    """Compare painting and sight at random points; return how many points met something."""
    faces = painted(solids, view)
    corners = np.vstack([face.points for face in faces])
    draw = np.random.default_rng(seed)
    spots = draw.uniform(corners.min(axis=0), corners.max(axis=0), size=(points, 2))
    met = 0
    for spot in map(tuple, spots.tolist()):
        if near_an_edge(faces, spot):
            continue
        face = seen_painted(faces, spot)
        told = None if face is None else (face.row, face.kind, face.key)
        assert told == seen_by_ray(solids, view, spot)
        met += told is not None
    return met


SHAPES = {
    "box": shapely.box(0.5, 1, 8, 7),
    "bent": shapely.Polygon([(0, 0), (9, 0), (9, 3), (3, 3), (3, 9), (0, 9)]),
    "open court": shapely.Polygon([(0, 0), (9, 0), (9, 9), (6, 9), (6, 3), (3, 3), (3, 9), (0, 9)]),
    "court": shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(3, 3), (3, 6), (6, 6), (6, 3)]]),
    "two": shapely.MultiPolygon([shapely.box(0, 0, 3, 9), shapely.box(5, 2, 9, 6)]),
    "slanted": shapely.Polygon([(1, 4), (5, 0), (9, 5), (4, 9)]),
}


@given(
    shapes=st.lists(st.sampled_from(sorted(SHAPES)), min_size=2, max_size=9),
    tops_m=st.lists(st.floats(1, 60), min_size=9, max_size=9),
    turns_deg=st.lists(st.sampled_from([0, 90, 180, 270]), min_size=9, max_size=9),
    bearing_deg=st.floats(0, 360),
    tilt_deg=st.floats(15, 75),
    lift=st.sampled_from([1.0, 3.0]),
    seed=st.integers(0, 1000),
)
def test_what_is_painted_last_is_what_the_eye_meets_first(
    shapes: list[str],
    tops_m: list[float],
    turns_deg: list[int],
    bearing_deg: float,
    tilt_deg: float,
    lift: float,
    seed: int,
) -> None:
    # Each shape in a cell of its own of a grid of 10 m, so that none overlaps another.
    solids = []
    for row, name in enumerate(shapes):
        turned = shapely.affinity.rotate(SHAPES[name], turns_deg[row], origin=(4.5, 4.5))
        place = shapely.affinity.translate(turned, 10 * (row % 3), 10 * (row // 3))
        solids.append(solid(row, place, tops_m[row] / 2, tops_m[row]))
    view = View(bearing_deg=bearing_deg, tilt_deg=tilt_deg, lift=lift)
    check_picture(solids, view, points=40, seed=seed)


@pytest.mark.parametrize("bearing_deg", range(0, 360, 30))
def test_solids_that_reach_round_each_other(bearing_deg: int) -> None:
    # No order of whole outlines is right here: each lies in the other's court.
    #
    #     +--------+          A opens to the right, B to the left,
    #     | A +----+-----+    an arm of each in the court of the other.
    #     |   |  +-+--+  |
    hook = shapely.Polygon([(0, 0), (12, 0), (12, 3), (3, 3), (3, 12), (12, 12), (12, 15), (0, 15)])
    other = shapely.Polygon(
        [(6, 5), (18, 5), (18, 22), (6, 22), (6, 19), (15, 19), (15, 8), (6, 8)]
    )
    solids = [solid(0, hook, 8.0), solid(1, other, 14.0)]
    view = View(bearing_deg=bearing_deg + 0.5, tilt_deg=35)
    assert check_picture(solids, view, points=400, seed=bearing_deg) > 100


def test_lots_of_a_street_wall_to_wall() -> None:
    row = [solid(i, shapely.box(10 * i, 0, 10 * i + 10, 20), 10.0 + 5 * (i % 3)) for i in range(8)]
    back = [solid(8 + i, shapely.box(10 * i, 20, 10 * i + 10, 40), 30.0) for i in range(8)]
    for bearing_deg in (0, 20, 90, 135, 200, 290):
        view = View(bearing_deg=bearing_deg, tilt_deg=40)
        assert check_picture([*row, *back], view, points=300, seed=bearing_deg) > 100


def test_seen_from_the_south_the_northern_one_is_painted_first() -> None:
    near, far = solid(0, shapely.box(0, 0, 10, 10), 50.0), solid(1, shapely.box(0, 20, 10, 30), 5.0)
    pieces = [*pieces_of(near), *pieces_of(far)]
    assert far_to_near(pieces, View(bearing_deg=0)) == [1, 0]
    assert far_to_near(pieces, View(bearing_deg=180)) == [0, 1]


@pytest.mark.parametrize("name", SHAPES)
def test_pieces_are_convex_and_cover_the_outline_once(name: str) -> None:
    pieces = pieces_of(solid(0, SHAPES[name], 10.0))
    shapes = [shapely.Polygon(piece.ring_m) for piece in pieces]
    assert sum(shape.area for shape in shapes) == pytest.approx(SHAPES[name].area)
    assert shapely.union_all(shapes).symmetric_difference(SHAPES[name]).area < 1e-9
    for shape in shapes:
        assert shape.convex_hull.area == pytest.approx(shape.area)
    # Walls stand on the outline only, each of its metres once.
    outer_m = sum(
        math.dist(a, b)
        for piece in pieces
        for a, b, outer in zip(
            piece.ring_m, np.roll(piece.ring_m, -1, axis=0), piece.outer, strict=True
        )
        if outer
    )
    assert outer_m == pytest.approx(SHAPES[name].boundary.length)


def test_heights_and_distances_on_the_picture() -> None:
    # Looking north at 30°: 10 m to the east are 10 to the right; 10 m to the north are 5 up;
    # 10 m of height are 10 × cos 30° up, three times as much when heights are lifted three times.
    view = View(bearing_deg=0, tilt_deg=30)
    points = view.picture(np.array([[10.0, 0.0], [0.0, 10.0]]))
    assert points == pytest.approx(np.array([[10, 0], [0, 5]]))
    for lift in (1.0, 3.0):
        high = View(bearing_deg=0, tilt_deg=30, lift=lift).picture(np.zeros((1, 2)), 10.0)
        assert high[0].tolist() == pytest.approx([0, lift * 10 * math.cos(math.radians(30))])
