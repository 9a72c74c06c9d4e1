"""Floors hold the floor area exactly and keep within every limit."""

from __future__ import annotations

import time

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from siteplan.evaluation import evaluate
from siteplan.io import default_scenario, read_parcels
from siteplan.massing import (
    PARKING,
    STACK,
    Ground,
    Massing,
    footprints,
    massing_of,
    prisms,
    storeys,
)
from siteplan.programme import Programme
from siteplan.scenario import Scenario
from siteplan.uses import USES
from tests.studies import row_of_lots

STOREY_M = (4.2, 4.2, 2.9, 6.0)


def massed(
    use_m2: list[list[int]],
    *,
    most_m2: float,
    inset_m2: float = 1e9,
    max_floors: float = np.inf,
    parking_m2: int = 0,
    below_m2: int = 0,
) -> Massing:
    n = len(use_m2)
    return massing_of(
        np.array(use_m2, dtype=np.int64),
        parking_m2=np.full(n, parking_m2, dtype=np.int64),
        below_m2=np.full(n, below_m2, dtype=np.int64),
        ground=Ground(
            most_m2=np.full(n, float(most_m2)),
            inset_m2=np.full(n, float(inset_m2)),
            max_floors=np.full(n, float(max_floors)),
        ),
        storey_height_m=STOREY_M,
        parking_height_m=3.5,
    )


def test_every_use_has_its_place_in_the_stack() -> None:
    assert sorted(STACK) == sorted([PARKING, *USES])


def test_a_tower_by_hand() -> None:
    # 3,000 of research over 1,000 of culture on 1,000 m² of ground: one floor of culture (6 m),
    # three of research (4.2 m each) above it, and 1,500 m² below on one level of 2,000.
    found = massed([[3_000, 0, 0, 1_000]], most_m2=1_000, inset_m2=2_000, below_m2=1_500)
    assert found.floors.tolist() == [4]
    assert found.footprint_m2.tolist() == [1_000]
    assert found.height_m.tolist() == pytest.approx([18.6])
    assert found.basement_floors.tolist() == [1]
    assert [(s.number, s.segment, s.area_m2) for s in storeys(found, 0)] == [
        (-1, None, 1_500),
        (1, "culture", 1_000),
        (2, "research", 1_000),
        (3, "research", 1_000),
        (4, "research", 1_000),
    ]


def test_a_floor_where_one_use_ends_is_shared() -> None:
    found = massed([[0, 0, 900, 300]], most_m2=600)
    assert [(s.number, s.segment, s.area_m2) for s in storeys(found, 0)] == [
        (1, "culture", 300),
        (1, "housing", 300),
        (2, "housing", 600),
    ]
    # Half a storey of 6.0 m and one and a half of 2.9 m.
    assert found.height_m.tolist() == pytest.approx([7.35])


def test_the_setback_makes_it_taller_but_gives_way_to_a_limit_of_floors() -> None:
    assert massed([[1_200, 0, 0, 0]], most_m2=600, inset_m2=400).floors.tolist() == [3]
    held = massed([[1_200, 0, 0, 0]], most_m2=600, inset_m2=400, max_floors=2)
    assert held.floors.tolist() == [2]
    assert held.over_setback.tolist() == [True]


@given(
    use_m2=st.lists(st.integers(0, 30_000), min_size=4, max_size=4),
    parking_m2=st.integers(0, 3_000),
    below_m2=st.integers(0, 40_000),
    most_m2=st.floats(50, 9_000),
    inset_m2=st.floats(20, 9_000),
)
def test_floors_add_up_exactly_and_keep_within_the_ground(
    use_m2: list[int], parking_m2: int, below_m2: int, most_m2: float, inset_m2: float
) -> None:
    found = massed(
        [use_m2],
        most_m2=most_m2,
        inset_m2=inset_m2,
        parking_m2=parking_m2,
        below_m2=below_m2,
    )
    floors = storeys(found, 0)
    assert sum(s.area_m2 for s in floors) == sum(use_m2) + parking_m2 + below_m2
    for column, use in enumerate(USES):
        assert sum(s.area_m2 for s in floors if s.segment == use) == use_m2[column]
    above = {s.number for s in floors if s.number > 0}
    assert above == set(range(1, int(found.floors[0]) + 1))
    assert found.footprint_m2[0] <= most_m2 * (1 + 1e-8)
    for number in above:
        plate_m2 = sum(s.area_m2 for s in floors if s.number == number)
        assert abs(plate_m2 - found.footprint_m2[0]) < 1
    places = [STACK.index(s.segment) for s in floors if s.segment is not None]
    assert places == sorted(places)


def test_the_shipped_plan_stands_as_prisms_of_its_floor_area() -> None:
    parcels = read_parcels()
    plan = evaluate(parcels, default_scenario(parcels))
    for row in np.flatnonzero(plan.parcel_gfa_m2):
        assert sum(s.area_m2 for s in storeys(plan.massing, int(row))) == plan.parcel_gfa_m2[row]
    found = list(prisms(plan.massing, parcels.geometry))
    assert {p.row for p in found} == set(np.flatnonzero(plan.parcel_gfa_m2).tolist())
    for prism in found:
        assert prism.outline.area == pytest.approx(plan.massing.footprint_m2[prism.row], rel=1e-4)
        assert parcels.geometry[prism.row].buffer(0.01).contains(prism.outline)
    above_m2 = sum(p.area_m2 for p in found)
    assert above_m2 == int(plan.composition.far_m2.sum())


def test_limits_of_floors_and_height_hold_in_a_plan() -> None:
    parcels = row_of_lots(["준주거지역"] * 3, side_m=60)
    programme = Programme.from_gfa(18_000, {"research": 12_000, "housing": 6_000})
    for limits in ({"max_floors": 6}, {"max_height_m": 26.0}):
        plan = evaluate(parcels, Scenario(programme=programme, **limits))
        assert plan.status == "optimal"
        assert (plan.floors <= limits.get("max_floors", np.inf)).all()
        assert (plan.height_m <= limits.get("max_height_m", np.inf) + 1e-9).all()
        assert (plan.massing.footprint_m2 <= plan.capacity.ground_m2 + 1e-6).all()


def test_footprints_are_the_lots_own_shape_and_area() -> None:
    bent = shapely.Polygon([(0, 0), (60, 0), (60, 20), (20, 20), (20, 60), (0, 60)])
    lots = np.array([shapely.box(0, 0, 100, 40), bent], dtype=object)
    wanted_m2 = np.array([1_000.0, 500.0])
    drawn = footprints(lots, wanted_m2)
    assert shapely.area(drawn) == pytest.approx(wanted_m2, rel=1e-4)
    assert shapely.contains(lots, drawn).all()


def test_forty_thousand_parcels_take_well_under_a_second() -> None:
    rng = np.random.default_rng(7)
    use_m2 = rng.integers(0, 5_000, size=(40_000, 4)).tolist()
    started = time.perf_counter()
    assert massed(use_m2, most_m2=800).floors.min() >= 0
    assert time.perf_counter() - started < 2


def test_the_order_of_uses_is_the_scenarios() -> None:
    parcels = row_of_lots(["준주거지역"])
    programme = Programme.from_gfa(30_000, {"culture": 10_000, "housing": 20_000})
    usual = evaluate(parcels, Scenario(programme=programme))
    turned = evaluate(
        parcels,
        Scenario(programme=programme, stack=("housing", "research", "campus", "culture")),
    )
    segments = [
        [floor.segment for floor in storeys(plan.massing, 0) if floor.segment is not None]
        for plan in (usual, turned)
    ]
    assert (segments[0][0], segments[0][-1]) == ("culture", "housing")
    assert (segments[1][0], segments[1][-1]) == ("housing", "culture")
    assert usual.floors.tolist() == turned.floors.tolist()
