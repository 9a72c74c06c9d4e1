"""Properties of snapping: coverages become perfect, little changes, twice is once."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from siteplan.geometry import SNAP_MAX_SHARE, SNAP_TOLERANCE_M, gaps, overlaps, snapped
from tests.geometry.coverages import jittered, lots
from tests.nasty import X, Y

SEEDS = st.integers(0, 10_000)


def _array(*geometries: shapely.Geometry) -> np.ndarray:
    array = np.empty(len(geometries), dtype=object)
    array[:] = geometries
    return array


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, columns=st.integers(1, 5), lines=st.integers(1, 5))
def test_a_coverage_whose_corners_stray_becomes_perfect_again(
    seed: int, columns: int, lines: int
) -> None:
    perfect = lots(columns, lines, seed=seed)
    given_ = jittered(perfect, reach_m=SNAP_TOLERANCE_M / 2 - 1e-6, seed=seed + 1)
    before = given_.copy()
    result = snapped(given_)

    assert shapely.coverage_is_valid(result.geometry)
    assert not result.refused.any()
    assert result.moved_m <= 2 * SNAP_TOLERANCE_M
    assert np.abs(result.after_m2 / result.before_m2 - 1).max() <= SNAP_MAX_SHARE
    off_m = shapely.hausdorff_distance(result.geometry, perfect)
    assert off_m.max() <= 2 * SNAP_TOLERANCE_M
    assert all(a is b for a, b in zip(given_, before, strict=True))
    assert len(overlaps(result.geometry)[0]) == len(gaps(result.geometry).area_m2) == 0


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, reach_m=st.sampled_from([0.005, 0.012, 0.03, 0.2]))
def test_snapping_again_changes_nothing(seed: int, reach_m: float) -> None:
    once = snapped(jittered(lots(4, 3, seed=seed), reach_m=reach_m, seed=seed)).geometry
    again = snapped(once)

    assert not again.changed.any()
    assert shapely.equals_identical(again.geometry, once).all()
    assert again.moved_m == 0


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS)
def test_the_order_of_the_outlines_does_not_matter(seed: int) -> None:
    spoilt = jittered(lots(3, 3, seed=seed), reach_m=0.012, seed=seed)
    order = np.random.default_rng(seed).permutation(len(spoilt))
    assert shapely.equals_exact(
        snapped(spoilt).geometry[order], snapped(spoilt[order]).geometry, tolerance=1e-9
    ).all()


def test_a_perfect_coverage_is_left_as_it_is() -> None:
    perfect = lots(5, 5, seed=1)
    result = snapped(perfect)

    assert all(a is b for a, b in zip(result.geometry, perfect, strict=True))
    assert not result.changed.any()
    assert result.tolerance_m == SNAP_TOLERANCE_M


def test_without_a_tolerance_nothing_is_snapped() -> None:
    spoilt = jittered(lots(3, 3, seed=1), reach_m=0.01, seed=1)
    result = snapped(spoilt, tolerance_m=0.0)
    assert not result.changed.any()


def test_an_edge_takes_the_corner_of_neighbours_that_lies_on_it() -> None:
    #   0 above, 20 m wide; 1 and 2 below it meet 1 cm under the middle of its edge
    below = Y - 0.01
    result = snapped(
        _array(
            shapely.Polygon([(X, Y), (X + 20, Y), (X + 20, Y + 10), (X, Y + 10)]),
            shapely.Polygon([(X, Y - 10), (X + 10, Y - 10), (X + 10, below), (X, Y)]),
            shapely.Polygon([(X + 10, Y - 10), (X + 20, Y - 10), (X + 20, Y), (X + 10, below)]),
        )
    )

    assert result.changed.tolist() == [True, False, False]
    assert shapely.coverage_is_valid(result.geometry)
    assert result.after_m2 == pytest.approx([200.1, 99.95, 99.95])


def test_what_snapping_would_spoil_stays_as_it_was() -> None:
    # a strip 15 mm wide beside a lot: its own corners are not merged, its area is its own
    strip = shapely.box(X + 10.004, Y, X + 10.019, Y + 10)
    lot = shapely.box(X, Y, X + 10, Y + 10)
    result = snapped(_array(lot, strip), tolerance_m=0.02)

    assert shapely.is_valid(result.geometry).all()
    assert np.abs(result.after_m2 / result.before_m2 - 1).max() <= SNAP_MAX_SHARE


def test_holes_and_parts_stay() -> None:
    ring = shapely.box(X, Y, X + 30, Y + 30).difference(shapely.box(X + 10, Y + 10, X + 20, Y + 20))
    filling = shapely.box(X + 10.01, Y + 10, X + 20, Y + 20)
    two = shapely.MultiPolygon(
        [shapely.box(X + 30.01, Y, X + 40, Y + 30), shapely.box(X + 50, Y, X + 60, Y + 30)]
    )
    result = snapped(_array(ring, filling, two))

    assert shapely.coverage_is_valid(result.geometry)
    assert shapely.get_num_interior_rings(result.geometry[0]) == 1
    assert shapely.get_num_geometries(result.geometry[2]) == 2
    assert not result.refused.any()
    assert len(overlaps(result.geometry)[0]) == 0
