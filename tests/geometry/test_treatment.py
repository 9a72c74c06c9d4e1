"""Properties of the clinic: all sound, all recorded, nothing lost, twice is once."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

from siteplan.geometry import MIN_AREA_M2, TREATMENTS, Clinic, repaired, treated
from tests.nasty import ZOO, Nasty, X, Y


def _array(*geometries: shapely.Geometry | None) -> np.ndarray:
    array = np.empty(len(geometries), dtype=object)
    array[:] = geometries
    return array


def _ring(*points: tuple[float, float]) -> Polygon:
    return Polygon([(X + x, Y + y) for x, y in points])


def _codes(result: Clinic, row: int = 0) -> list[str]:
    return [str(code) for code in result.treatments.codes[result.treatments.rows == row]]


def _check(result: Clinic, count: int) -> None:
    """Whatever comes in, this holds."""
    assert len(result.geometry) == result.kept.sum()
    assert len(result.kept) == len(result.set_aside) == count
    assert [why is None for why in result.set_aside] == result.kept.tolist()
    assert shapely.is_valid(result.geometry).all()
    assert not shapely.has_z(result.geometry).any()
    assert set(shapely.get_type_id(result.geometry)) <= {3, 6}
    assert (shapely.area(result.geometry) >= MIN_AREA_M2).all()
    assert shapely.is_ccw(shapely.get_exterior_ring(shapely.get_parts(result.geometry))).all()
    assert result.after_m2[result.kept] == pytest.approx(shapely.area(result.geometry))
    # the record tells the whole way from the first area to the last, without a step missing
    lines = result.treatments
    assert set(lines.codes.tolist()) <= set(TREATMENTS)
    for row in np.flatnonzero(result.kept).tolist():
        mine = np.flatnonzero(lines.rows == row)
        way = [result.before_m2[row], *lines.after_m2[mine]]
        assert lines.before_m2[mine] == pytest.approx(way[:-1], abs=1e-9)
        assert way[-1] == pytest.approx(result.after_m2[row], abs=1e-6)


@pytest.mark.parametrize("case", ZOO, ids=lambda case: case.name)
def test_each_nasty_outline_becomes_what_it_should(case: Nasty) -> None:
    result = treated(_array(case.geometry))

    _check(result, 1)
    assert result.kept.tolist() == [case.area_m2 is not None]
    assert result.repaired.tolist() == [case.repaired]
    if case.area_m2 is not None:
        assert result.after_m2[0] == pytest.approx(case.area_m2, abs=1e-6)


def test_treating_all_at_once_twice_changes_nothing() -> None:
    once = treated(_array(*(case.geometry for case in ZOO)))
    _check(once, len(ZOO))
    again = treated(once.geometry)

    assert again.kept.all()
    assert len(again.treatments) == 0
    assert shapely.equals_identical(again.geometry, once.geometry).all()


def test_it_agrees_with_the_plain_repair_on_what_has_no_spikes() -> None:
    some = _array(*(case.geometry for case in ZOO if case.name != "spike"))
    plain, clinic = repaired(some), treated(some)

    assert clinic.kept.tolist() == plain.kept.tolist()
    assert clinic.set_aside.tolist() == plain.set_aside.tolist()
    assert clinic.reason.tolist() == plain.reason.tolist()
    assert clinic.dropped_parts.tolist() == plain.dropped_parts.tolist()
    assert clinic.before_m2 == pytest.approx(plain.before_m2)
    assert shapely.equals(clinic.geometry, plain.geometry).all()


@settings(max_examples=30, deadline=None)
@given(order=st.permutations(range(len(ZOO))))
def test_the_order_of_the_rows_does_not_matter(order: list[int]) -> None:
    some = _array(*(case.geometry for case in ZOO))
    straight, mixed = treated(some), treated(some[order])

    assert mixed.kept.tolist() == straight.kept[order].tolist()
    assert mixed.set_aside.tolist() == straight.set_aside[order].tolist()
    for place, row in enumerate(order):
        assert _codes(mixed, place) == _codes(straight, row)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=3, max_size=9),
        min_size=1,
        max_size=4,
    )
)
def test_any_rings_end_sound_or_set_aside(rings: list[list[tuple[float, float]]]) -> None:
    """Points on a small grid: they cross, repeat, run back on themselves and fall together."""
    result = treated(_array(*(_ring(*points) for points in rings)))
    _check(result, len(rings))
    again = treated(result.geometry)
    assert len(again.treatments) == 0
    assert shapely.equals_identical(again.geometry, result.geometry).all()


def test_what_was_done_is_named() -> None:
    square = _ring((0, 0), (10, 0), (10, 10), (0, 10))
    cases = {
        "self_intersection": _ring((0, 0), (10, 10), (0, 10), (10, 0)),
        "spike_removed": _ring((0, 0), (10, 0), (30, 0), (10, 0), (10, 10), (0, 10)),
        "repeated_points": _ring((0, 0), (10, 0), (10, 0), (10, 10), (0, 10)),
        "hole_misplaced": Polygon(square.exterior, [box(X + 20, Y, X + 21, Y + 1).exterior]),
        "parts_merged": MultiPolygon([square, box(X + 2, Y + 2, X + 5, Y + 5)]),
        "collection_parts": GeometryCollection([square, Point(X, Y)]),
        "heights_dropped": shapely.force_3d(square, 3.0),
        "sliver_part_removed": MultiPolygon([square, box(X + 20, Y, X + 20.01, Y + 5)]),
    }
    result = treated(_array(*cases.values()))

    _check(result, len(cases))
    for row, code in enumerate(cases):
        assert _codes(result, row) == [code]
    slivers = result.treatments.of("sliver_part_removed")
    assert slivers.before_m2 == pytest.approx([100.05])
    assert slivers.after_m2 == pytest.approx([100])


def test_a_needle_on_a_valid_outline_goes_and_its_area_is_told() -> None:
    #  a needle 15 m long, 1 cm wide at its foot: 0.075 m²
    needle = _ring((0, 0), (10, 0), (10, 5), (25, 5.005), (10, 5.01), (10, 10), (0, 10))
    assert needle.is_valid
    result = treated(_array(needle))

    assert _codes(result) == ["spike_removed"]
    assert result.before_m2[0] == pytest.approx(100.075)
    assert result.after_m2[0] == pytest.approx(100)


def test_a_pointed_lot_is_no_spike() -> None:
    wedge = _ring((0, 0), (40, 0), (0, 2))  # 2.9° at its tip, 40 m² of land
    strip = _ring((0, 0), (100, 0), (0, 0.01))  # all of it is a spike: it stays as it is
    result = treated(_array(wedge, strip))

    assert len(result.treatments) == 0
    assert result.after_m2 == pytest.approx([40, 0.5])


def test_courts_are_kept_and_big_parts_too() -> None:
    court = box(X, Y, X + 10, Y + 10).difference(box(X + 4, Y + 4, X + 5, Y + 5))
    two = MultiPolygon([box(X + 20, Y, X + 30, Y + 10), box(X + 40, Y, X + 40.5, Y + 0.5)])
    result = treated(_array(court, two))

    assert len(result.treatments) == 0
    assert result.after_m2 == pytest.approx([99, 100.25])


def test_what_the_reader_did_is_recorded() -> None:
    square = box(X, Y, X + 10, Y + 10)
    flags = np.array([True, False, True])
    result = treated(
        _array(square, square, LineString([(0, 0), (1, 1)])), unclosed=flags, curved=flags
    )
    assert _codes(result) == ["ring_closed", "curves_flattened"]
    assert _codes(result, 1) == _codes(result, 2) == []
    assert result.set_aside[2] == "LineString"


def test_clockwise_rings_are_turned_and_counted() -> None:
    square = box(X, Y, X + 10, Y + 10)
    given_ = _array(shapely.orient_polygons(square, exterior_cw=True), square)
    result = treated(shapely.orient_polygons(given_, exterior_cw=np.array([True, False])))
    assert result.clockwise.tolist() == [True, False]
    _check(result, 2)


def test_nothing_gives_nothing() -> None:
    result = treated(_array())
    _check(result, 0)
    assert len(result.treatments) == 0
