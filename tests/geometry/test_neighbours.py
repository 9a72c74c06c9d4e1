"""Overlaps, gaps and shapes that repeat, against asking every pair and every hole."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from siteplan.geometry import (
    GAP_MAX_WIDTH_M,
    GAP_MIN_M2,
    OVERLAP_MIN_M2,
    OVERLAP_MIN_WIDTH_M,
    gaps,
    overlaps,
    same_shapes,
)
from siteplan.geometry.topology import topology
from tests.geometry.coverages import jittered, lots
from tests.nasty import X, Y

SEEDS = st.integers(0, 10_000)


def _array(*geometries: shapely.Geometry) -> np.ndarray:
    array = np.empty(len(geometries), dtype=object)
    array[:] = geometries
    return array


def _box(x: float, y: float, wide: float, high: float) -> shapely.Polygon:
    return shapely.box(X + x, Y + y, X + x + wide, Y + y + high)


def _naive_overlaps(geometry: np.ndarray) -> dict[tuple[int, int], float]:
    found = {}
    for i in range(len(geometry)):
        for j in range(i + 1, len(geometry)):
            shared = geometry[i].intersection(geometry[j])
            if (
                shared.area >= OVERLAP_MIN_M2
                and 2 * shared.area / shared.length >= OVERLAP_MIN_WIDTH_M
            ):
                found[i, j] = shared.area
    return found


def _naive_gaps(geometry: np.ndarray) -> list[float]:
    """Return the areas of the thin faces of all boundaries that no outline covers, ascending."""
    faces = shapely.get_parts(
        shapely.polygonize([shapely.node(shapely.union_all(geometry).boundary)])
    )
    inside = shapely.point_on_surface(faces)
    return sorted(
        face.area
        for face, point in zip(faces, inside, strict=True)
        if not shapely.intersects(geometry, point).any()
        and face.area >= GAP_MIN_M2
        and 2 * face.area / face.length <= GAP_MAX_WIDTH_M
    )


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, reach_m=st.sampled_from([0.0, 0.005, 0.1, 1.0]), layers=st.integers(1, 2))
def test_overlaps_agree_with_asking_every_pair(seed: int, reach_m: float, layers: int) -> None:
    some = jittered(lots(4, 3, seed=seed), reach_m=reach_m, seed=seed)
    some = some[shapely.is_valid(some)]
    if layers == 2:
        some = np.concatenate([some, lots(2, 2, seed=seed + 1)])
    some = shapely.orient_polygons(some, exterior_cw=False)
    for net in (None, topology(some)):
        pairs, area_m2 = overlaps(some, net=net)
        found = {tuple(pair): area for pair, area in zip(pairs.tolist(), area_m2, strict=True)}
        assert found == pytest.approx(_naive_overlaps(some))


@pytest.mark.parametrize("seed", range(12))
def test_overlaps_of_many_bent_outlines_agree_with_asking_every_pair(seed: int) -> None:
    rng = np.random.default_rng(seed)
    stars = []
    for _ in range(40):
        corners = int(rng.integers(3, 18))
        angle = np.sort(rng.uniform(0, 2 * np.pi, corners))
        reach = rng.uniform(1, 9, corners)
        middle = rng.uniform(0, 50, 2) + np.array([X, Y])
        ring = np.stack([np.cos(angle), np.sin(angle)], axis=1) * reach[:, None] + middle
        stars.append(shapely.Polygon(ring))
    some = _array(*stars)
    some = shapely.orient_polygons(some[shapely.is_valid(some)], exterior_cw=False)
    pairs, area_m2 = overlaps(some)
    found = {tuple(pair): area for pair, area in zip(pairs.tolist(), area_m2, strict=True)}
    assert found == pytest.approx(_naive_overlaps(some))
    assert found


def test_two_whole_layers_are_found_though_most_edges_are_shared_within_each() -> None:
    some = np.concatenate([lots(9, 9, seed=1), lots(5, 5, seed=2)])
    some = shapely.orient_polygons(some, exterior_cw=False)
    pairs, area_m2 = overlaps(some, net=topology(some))
    plain_pairs, plain_m2 = overlaps(some)
    assert pairs.tolist() == plain_pairs.tolist()
    assert area_m2 == pytest.approx(plain_m2)
    assert len(pairs) > 60


def test_a_lot_that_fills_the_hole_of_another_does_not_overlap_it() -> None:
    ring = _box(0, 0, 30, 30).difference(_box(10, 10, 10, 10))
    assert len(overlaps(_array(ring, _box(10, 10, 10, 10)))[0]) == 0
    pairs, area_m2 = overlaps(_array(ring, _box(9, 10, 10, 10)))
    assert pairs.tolist() == [[0, 1]]
    assert area_m2 == pytest.approx([10])


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, shrink=st.booleans())
def test_gaps_agree_with_the_holes_of_the_union(seed: int, *, shrink: bool) -> None:
    """Corners are common, so that each hole of the union has a cycle of its own."""
    rng = np.random.default_rng(seed)
    some = lots(4, 4, seed=seed)
    if shrink:  # wedges: one lot's corner is drawn in
        for row in rng.choice(len(some), 3, replace=False).tolist():
            points = shapely.get_coordinates(some[row])[:-1]
            points[0] += (points.mean(axis=0) - points[0]) * rng.uniform(0.02, 0.2)
            some[row] = shapely.Polygon(points)
    else:  # a whole lot is missing: far too wide for a gap
        some = np.delete(some, int(rng.integers(len(some))))
    found = gaps(some)

    assert np.sort(found.area_m2) == pytest.approx(_naive_gaps(some), abs=1e-6)
    inside = shapely.contains_properly(found.geometry, shapely.points(found.places_m))
    assert inside.all()
    assert all(len(near) >= 2 for near in found.neighbours)


def test_a_gap_of_known_size() -> None:
    #   ┌───────────────┐      the frame's hole is 10 x 10; 0.4 m of it stay empty
    #   │ ┌─────────┬─┐ │
    #   │ │    1    │ │ │
    #   │ └─────────┴─┘ │
    #   └───────0───────┘
    frame = _box(0, 0, 30, 30).difference(_box(10, 10, 10, 10))
    found = gaps(_array(frame, _box(10, 10, 9.6, 10)))

    assert found.area_m2 == pytest.approx([4.0])
    assert [near.tolist() for near in found.neighbours] == [[0, 1]]
    assert found.places_m == pytest.approx(np.array([[X + 19.8, Y + 15]]))


def test_two_gaps_that_meet_in_a_corner_are_two() -> None:
    frame = _box(0, 0, 30, 30).difference(_box(10, 10, 10, 10))
    left = _box(10.4, 10, 4.6, 5)
    right = _box(15, 15, 4.6, 5)
    rest = shapely.difference(_box(10, 10, 10, 10), _box(10, 10, 5, 5) | _box(15, 15, 5, 5))
    found = gaps(_array(frame, left, right, *shapely.get_parts(rest)))
    assert found.area_m2 == pytest.approx([2.0, 2.0])


def test_a_street_block_and_a_court_are_no_gaps() -> None:
    frame = _box(0, 0, 30, 30).difference(_box(10, 10, 10, 10))
    assert len(gaps(_array(frame)).area_m2) == 0
    assert len(gaps(_array(frame, _box(10, 10, 4, 10))).area_m2) == 0
    assert len(gaps(_array()).area_m2) == 0


def test_a_missing_corner_on_a_straight_edge_is_no_gap() -> None:
    found = gaps(_array(_box(0, 0, 20, 10), _box(0, 10, 10, 10), _box(10, 10, 10, 10)))
    assert len(found.area_m2) == 0


def test_shapes_that_repeat_are_found_however_they_are_written() -> None:
    lot = _box(0, 0, 10, 10)
    turned = shapely.Polygon(shapely.get_coordinates(lot)[[2, 1, 0, 3, 2]])
    with_middle = shapely.segmentize(lot, 5)
    near = _box(0.0004, 0, 10, 10)
    far = _box(0.01, 0, 10, 10)
    holed = lot.difference(_box(4, 4, 2, 2))
    first = same_shapes(_array(holed, lot, far, turned, with_middle, near, holed, lot))
    assert first.tolist() == [0, 1, 2, 1, 1, 1, 0, 1]


def test_lots_of_one_box_but_other_shapes_are_not_the_same() -> None:
    one = shapely.Polygon([(X, Y), (X + 10, Y), (X + 10, Y + 10)])
    other = shapely.Polygon([(X, Y), (X + 10, Y + 10), (X, Y + 10)])
    assert same_shapes(_array(one, other, one, other)).tolist() == [0, 1, 0, 1]
    assert same_shapes(_array()).tolist() == []
