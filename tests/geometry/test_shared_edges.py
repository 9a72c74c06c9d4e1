"""Metres of edge that neighbours share: squares worked out by hand, and buffers as an oracle."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from siteplan.geometry import shared_edges
from tests.geometry.coverages import lots
from tests.nasty import X, Y


def _array(*geometries: shapely.Geometry | None) -> np.ndarray:
    array = np.empty(len(geometries), dtype=object)
    array[:] = geometries
    return array


def _box(x: float, y: float, wide: float, high: float) -> shapely.Polygon:
    return shapely.box(X + x, Y + y, X + x + wide, Y + y + high)


def _found(*geometries: shapely.Geometry | None, **options: float) -> dict[tuple[int, int], float]:
    pairs, length_m = shared_edges(_array(*geometries), **options)
    return {(int(a), int(b)): float(m) for (a, b), m in zip(pairs, length_m, strict=True)}


def test_two_squares_share_their_whole_side() -> None:
    assert _found(_box(0, 0, 10, 10), _box(10, 0, 10, 10)) == pytest.approx({(0, 1): 10.0})


def test_corners_need_not_meet() -> None:
    # A long lot beside two short ones: 6 m and 14 m of its 20 m side.
    found = _found(_box(0, 0, 10, 20), _box(10, 0, 5, 6), _box(10, 6, 5, 14))
    assert found == pytest.approx({(0, 1): 6.0, (0, 2): 14.0, (1, 2): 5.0})


def test_squares_that_touch_at_a_corner_share_nothing() -> None:
    assert _found(_box(0, 0, 10, 10), _box(10, 10, 10, 10)) == {}


def test_edges_within_the_tolerance_are_shared_and_beyond_it_are_not() -> None:
    assert _found(_box(0, 0, 10, 10), _box(10.015, 2, 10, 10)) == pytest.approx(
        {(0, 1): 8.0}, abs=0.03
    )
    assert _found(_box(0, 0, 10, 10), _box(10.03, 0, 10, 10)) == {}
    assert _found(_box(0, 0, 10, 10), _box(10.03, 0, 10, 10), tolerance_m=0.05) == pytest.approx(
        {(0, 1): 10.0}
    )


def test_a_courtyard_lot_shares_all_its_sides_with_the_ring_around_it() -> None:
    inner = _box(10, 10, 5, 8)
    assert _found(_box(0, 0, 30, 30) - inner, inner) == pytest.approx({(0, 1): 26.0})


def test_a_lot_in_two_parts_adds_its_edges_up() -> None:
    two = shapely.union_all([_box(-5, 0, 5, 10), _box(10, 0, 5, 4)])
    assert _found(two, _box(0, 0, 10, 10)) == pytest.approx({(0, 1): 14.0})


def test_a_copy_on_top_shares_no_edge() -> None:
    # Both lie on the same side of their edges: that is an overlap, not a neighbour.
    assert _found(_box(0, 0, 10, 10), _box(0, 0, 10, 10)) == {}


def test_slanted_edges() -> None:
    left = shapely.Polygon([(X, Y), (X + 30, Y + 40), (X, Y + 40)])
    right = shapely.Polygon([(X, Y), (X + 60, Y), (X + 60, Y + 80)])
    assert _found(left, right) == pytest.approx({(0, 1): 50.0})


def test_either_direction_of_rings_is_read() -> None:
    boxes = _box(0, 0, 10, 10), shapely.reverse(_box(10, 0, 10, 10))
    assert _found(*boxes) == pytest.approx({(0, 1): 10.0})


def test_nothing_missing_and_empty_outlines_have_no_neighbours() -> None:
    assert _found() == {}
    assert _found(None, _box(0, 0, 1, 1)) == {}
    found = _found(_box(0, 0, 10, 10), None, shapely.Polygon(), _box(10, 0, 10, 10))
    assert found == pytest.approx({(0, 3): 10.0})


def test_a_bad_tolerance_is_named() -> None:
    with pytest.raises(ValueError, match="tolerance_m must be finite and not negative, not -1"):
        shared_edges(_array(_box(0, 0, 1, 1)), tolerance_m=-1)


@pytest.mark.parametrize("seed", range(20))
def test_a_random_coverage_agrees_with_the_intersection_of_boundaries(seed: int) -> None:
    geometry = lots(6, 5, seed=seed)
    expected = {}
    for i in range(len(geometry)):
        for j in range(i + 1, len(geometry)):
            both = shapely.intersection(geometry[i].boundary, geometry[j].boundary)
            if both.length >= 0.5:
                expected[i, j] = both.length
    found = _found(*geometry)
    assert expected
    assert found == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_outlines_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    geometry = lots(6, 5, seed=seed)
    order = rng.permutation(len(geometry))
    found = _found(*geometry)
    turned = _found(*geometry[order])
    back = {tuple(sorted((int(order[a]), int(order[b])))): m for (a, b), m in turned.items()}
    assert back == pytest.approx(found)
