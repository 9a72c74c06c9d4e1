"""Properties of repair: valid, polygonal, planar, tidy; of overlaps: real ones, each once."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest
import shapely

from siteplan.geometry import MIN_AREA_M2, only_polygons, overlaps, repaired
from tests.nasty import ZOO, Nasty, X, Y


def _array(*geometries: shapely.Geometry | None) -> np.ndarray:
    array = np.empty(len(geometries), dtype=object)
    array[:] = geometries
    return array


@pytest.mark.parametrize("case", ZOO, ids=lambda case: case.name)
def test_each_nasty_outline_becomes_what_it_should(case: Nasty) -> None:
    result = repaired(_array(case.geometry))

    assert result.kept.tolist() == [case.area_m2 is not None]
    assert result.repaired.tolist() == [case.repaired]
    if case.area_m2 is None:
        assert result.set_aside[0]
        assert result.after_m2[0] == 0
    else:
        assert shapely.area(result.geometry)[0] == pytest.approx(case.area_m2, abs=1e-6)
        assert result.after_m2[0] == pytest.approx(case.area_m2, abs=1e-6)


def test_all_at_once_they_come_out_valid_planar_and_tidy() -> None:
    given = _array(*(case.geometry for case in ZOO))
    result = repaired(given)

    assert len(result.geometry) == result.kept.sum() == sum(c.area_m2 is not None for c in ZOO)
    assert shapely.is_valid(result.geometry).all()
    assert not shapely.has_z(result.geometry).any()
    assert (shapely.area(result.geometry) >= MIN_AREA_M2).all()
    assert set(shapely.get_type_id(result.geometry)) <= {3, 6}
    assert shapely.is_ccw(shapely.get_exterior_ring(shapely.get_parts(result.geometry))).all()
    same = shapely.remove_repeated_points(result.geometry, 0.0)
    assert (shapely.get_num_coordinates(same) == shapely.get_num_coordinates(result.geometry)).all()


def test_repairing_twice_changes_nothing() -> None:
    once = repaired(_array(*(case.geometry for case in ZOO))).geometry
    again = repaired(once)

    assert again.kept.all()
    assert not again.repaired.any()
    assert shapely.equals_identical(again.geometry, once).all()


def test_the_argument_is_left_alone() -> None:
    given = _array(*(case.geometry for case in ZOO))
    before = given.copy()
    repaired(given)

    assert all(a is b for a, b in zip(given, before, strict=True))


def test_reasons_are_told() -> None:
    names = [case.name for case in ZOO]
    result = repaired(_array(*(case.geometry for case in ZOO)))

    assert result.reason[names.index("bow tie")] == "Self-intersection"
    assert result.set_aside[names.index("point")] == "Point"
    assert result.set_aside[names.index("missing")] == "empty outline"
    assert result.set_aside[names.index("not a number")] == "coordinates that are not numbers"
    assert result.had_z[names.index("heights")]
    assert np.flatnonzero(result.dropped_parts).tolist() == [
        names.index("polygon beside a line"),
        names.index("collection in a collection"),
    ]


def test_no_outlines_give_no_outlines() -> None:
    result = repaired(_array())
    assert len(result.geometry) == len(result.kept) == 0
    assert all(len(value) == 0 for value in asdict(result).values())
    pairs, area_m2 = overlaps(_array())
    assert pairs.shape == (0, 2)
    assert area_m2.shape == (0,)


def test_only_polygons_of_one_geometry() -> None:
    square = shapely.box(0, 0, 1, 1)
    line = shapely.LineString([(0, 0), (5, 5)])

    assert only_polygons(square) is square
    assert only_polygons(line) is None
    assert only_polygons(shapely.GeometryCollection([square, line])) == square
    assert only_polygons(shapely.GeometryCollection([line])) is None


def _square(x: float, y: float, side: float = 10.0) -> shapely.Polygon:
    return shapely.box(X + x, Y + y, X + x + side, Y + y + side)


def test_overlaps_are_found_once_each_with_their_area() -> None:
    #   0: 0..10   1: 8..18 over 0 by 2 x 10   2: touches 1   3: the same as 2   4: far away
    pairs, area_m2 = overlaps(
        _array(_square(0, 0), _square(8, 0), _square(18, 0), _square(18, 0), _square(90, 90))
    )

    assert pairs.tolist() == [[0, 1], [2, 3]]
    assert area_m2 == pytest.approx([20, 100])


def test_neighbours_that_touch_or_miss_by_rounding_do_not_overlap() -> None:
    strip = shapely.box(X + 9.985, Y, X + 20, Y + 10)  # 15 mm over its neighbour
    pairs, _ = overlaps(_array(_square(0, 0), _square(10, 0), _square(0, 10), _square(10, 10)))
    assert len(pairs) == 0
    pairs, _ = overlaps(_array(_square(0, 0), strip))
    assert len(pairs) == 0


def test_overlaps_agree_with_asking_every_pair() -> None:
    rng = np.random.default_rng(7)
    squares = _array(*(_square(x, y, s) for x, y, s in rng.uniform(1, 60, size=(60, 3))))
    pairs, area_m2 = overlaps(squares)
    oracle = {
        (i, j): squares[i].intersection(squares[j]).area
        for i in range(60)
        for j in range(i + 1, 60)
        if squares[i].intersection(squares[j]).area > 0.5
    }
    found = {tuple(p): a for p, a in zip(pairs.tolist(), area_m2, strict=True) if a > 0.5}

    assert found == pytest.approx(oracle)
