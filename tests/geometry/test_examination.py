"""The whole examination: no row is lost, and each finding says what a person can do."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from siteplan.geometry import COPY, Examination, examined, findings
from tests.geometry.coverages import jittered, lots
from tests.nasty import ZOO, X, Y


def _array(*geometries: shapely.Geometry | None) -> np.ndarray:
    array = np.empty(len(geometries), dtype=object)
    array[:] = geometries
    return array


def _box(x: float, y: float, wide: float, high: float) -> shapely.Polygon:
    return shapely.box(X + x, Y + y, X + x + wide, Y + y + high)


def _ids(count: int) -> np.ndarray:
    return np.array([f"row-{row + 1}" for row in range(count)], dtype=object)


def _check(found: Examination, count: int) -> None:
    assert len(found.kept) == len(found.set_aside) == count
    assert [why is None for why in found.set_aside] == found.kept.tolist()
    assert len(found.geometry) == found.kept.sum() == len(found.snapping.changed)
    assert shapely.is_valid(found.geometry).all()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), data=st.data())
def test_rows_in_are_rows_kept_and_rows_set_aside(seed: int, data: st.DataObject) -> None:
    nasty = [case.geometry for case in data.draw(st.lists(st.sampled_from(ZOO), max_size=8))]
    some = np.concatenate(
        [jittered(lots(2, 2, seed=seed), reach_m=0.05, seed=seed), _array(*nasty)]
    )
    pnus = [data.draw(st.sampled_from(["A", "B", None])) for _ in some]
    found = examined(some, pnus=pnus)

    _check(found, len(some))
    told = findings(found, ids=_ids(len(some)))
    named = {i for issue in told for i in issue.parcel_ids}
    assert named >= set(_ids(len(some))[~found.kept])
    for issue in told:
        assert issue.message.render("en")
        assert "{" not in issue.message.render("en") + issue.fix.render("en")


def test_copies_are_set_aside_and_named_and_the_first_stays() -> None:
    lot, other = _box(0, 0, 10, 10), _box(10, 0, 10, 10)
    found = examined(
        _array(lot, other, lot, lot, other, None), pnus=["A", "B", "A", "C", None, "A"]
    )

    _check(found, 6)
    assert found.set_aside.tolist() == [None, None, COPY, None, None, "empty outline"]
    assert found.copy_of.tolist() == [-1, -1, 0, -1, -1, -1]
    assert found.same_shape.tolist() == [[0, 3], [1, 4]]
    assert [pair.tolist() for pair in found.overlap_pairs] == [[0, 3], [1, 4]]
    told = {issue.code: issue for issue in findings(found, ids=_ids(6))}
    assert told["row_repeated"].parcel_ids == ("row-3",)
    assert told["shape_shared"].parcel_ids == ("row-1", "row-2", "row-4", "row-5")


def test_parts_of_a_parcel_in_rows_of_their_own_are_kept_and_told() -> None:
    found = examined(
        _array(_box(0, 0, 10, 10), _box(50, 0, 10, 10), _box(90, 0, 5, 5)), pnus=["A", "A", None]
    )
    assert found.kept.all()
    assert [rows.tolist() for rows in found.same_pnu] == [[0, 1]]
    (issue,) = findings(found, ids=_ids(3))
    assert (issue.code, issue.severity, issue.parcel_ids) == (
        "pnu_shared",
        "error",
        ("row-1", "row-2"),
    )


def test_overlaps_and_gaps_come_with_places_in_them() -> None:
    frame = _box(0, 0, 30, 30).difference(_box(10, 10, 10, 10))
    found = examined(_array(None, frame, _box(10, 10, 9.6, 10), _box(28, 0, 10, 10)))
    told = {issue.code: issue for issue in findings(found, ids=_ids(4))}

    assert np.array(told["gap"].places_m) == pytest.approx(np.array([[X + 19.8, Y + 15]]))
    assert told["gap"].parcel_ids == ("row-2", "row-3")
    assert told["overlap"].parcel_ids == ("row-2", "row-4")
    ((x, y),) = told["overlap"].places_m
    assert X + 28 < x < X + 30
    assert Y < y < Y + 10
    assert "20.0 m²" in told["overlap"].message.render("en")


def test_snapping_is_told_with_its_tolerance_and_can_be_left_out() -> None:
    some = jittered(lots(3, 3, seed=3), reach_m=0.009, seed=3)
    told = {issue.code: issue for issue in findings(examined(some), ids=_ids(len(some)))}
    assert "2 cm" in told["edges_snapped"].message.render("en")

    left = examined(some, snap_tolerance_m=0.0)
    assert all(issue.code != "edges_snapped" for issue in findings(left, ids=_ids(len(some))))
    assert not left.snapping.changed.any()


def test_progress_rises_to_one() -> None:
    told: list[float] = []
    examined(lots(3, 3, seed=1), progress=told.append)
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0.0, 1.0)


def test_winding_is_told_only_where_it_matters() -> None:
    clockwise = shapely.orient_polygons(_box(0, 0, 10, 10), exterior_cw=True)
    found = examined(_array(clockwise))
    assert findings(found, ids=_ids(1)) == []
    assert [i.code for i in findings(found, ids=_ids(1), winding_matters=True)] == [
        "winding_turned"
    ]


def test_nothing_gives_nothing() -> None:
    found = examined(_array())
    _check(found, 0)
    assert findings(found, ids=_ids(0)) == []
