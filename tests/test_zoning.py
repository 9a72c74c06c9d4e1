"""Zoning polygons on parcels: small squares by hand, a naive oracle, and files as they come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import affinity, box

from siteplan.errors import InputError
from siteplan.geometry import repaired
from siteplan.issues import Issue
from siteplan.parcels import Parcels
from siteplan.rules import LEGAL_ZONES, legal_zone
from siteplan.zoning import (
    SLIVER_M2,
    SLIVER_WIDTH_M,
    Zones,
    ZoneShares,
    check_register_zones,
    register_straddlers,
    zone_shares,
    zoned,
    zones_from_frame,
)
from tests.nasty import ZOO, X, Y
from tests.studies import EAST_M, NORTH_M, row_of_lots

GEODATA = Path(__file__).parents[2] / "shared" / "geodata"
PANGYO = GEODATA / "pangyo_landuse_uq111.geojson"
LOW, MID, HIGH = "제1종일반주거지역", "제3종일반주거지역", "준주거지역"

Shape = Any
"""A shapely geometry."""

Objects = np.ndarray[Any, np.dtype[np.object_]]


def shapes(*geometry: Shape) -> Objects:
    array = np.empty(len(geometry), dtype=object)
    array[:] = geometry
    return array


def about(share: float) -> Any:
    return pytest.approx(share)


def shares(lots: Sequence[Shape], zones: Sequence[tuple[str, Shape]]) -> ZoneShares:
    return zone_shares(
        shapes(*lots), shapes(*(shape for _, shape in zones)), [name for name, _ in zones]
    )


def naive(lot: Shape, zones: Sequence[tuple[str, Shape]]) -> dict[str, float]:
    """Shares of one lot by plain unions, without slivers: the definition, slowly."""
    area_m2 = {
        name: shapely.union_all([lot.intersection(z) for n, z in zones if n == name]).area
        for name in {name for name, _ in zones}
    }
    covered_m2 = shapely.union_all([lot.intersection(z) for _, z in zones]).area
    total_m2 = sum(area_m2.values())
    if total_m2 == 0:
        return {}
    scale = covered_m2 / total_m2 / lot.area
    return {name: m2 * scale for name, m2 in area_m2.items() if m2 > 0}


# ---- by hand: a lot of 10 x 10 m ------------------------------------------------------------


def test_a_lot_cut_in_two() -> None:
    # MMMMMMHHHH    60 m² of MID, 40 m² of HIGH
    found = shares([box(0, 0, 10, 10)], [(HIGH, box(6, -5, 50, 50)), (MID, box(-50, -5, 6, 50))])
    assert found.parts == (((MID, about(0.6)), (HIGH, about(0.4))),)
    assert found.uncovered_ratio.tolist() == [0.0]
    assert found.doubled_m2.tolist() == [0.0]


def test_polygons_of_one_zone_add_up_and_a_hole_belongs_to_what_fills_it() -> None:
    hole = box(2, 2, 4, 4)
    zones = [(MID, box(0, 0, 5, 10).difference(hole)), (MID, box(5, 0, 10, 10)), (HIGH, hole)]
    found = shares([box(0, 0, 10, 10)], zones)
    assert found.parts == (((MID, about(0.96)), (HIGH, about(0.04))),)


def test_equal_halves_go_by_name() -> None:
    zones = [(HIGH, box(5, 0, 10, 10)), (MID, box(0, 0, 5, 10))]
    first = min(MID, HIGH)
    assert shares([box(0, 0, 10, 10)], zones).parts[0][0][0] == first
    assert shares([box(0, 0, 10, 10)], zones[::-1]).parts[0][0][0] == first


def test_a_part_outside_all_zones_is_told() -> None:
    lots = [box(0, 0, 10, 10), box(20, 0, 30, 10), box(10, 0, 14, 10)]
    found = shares(lots, [(MID, box(-9, -9, 7.5, 19))])
    assert found.parts == (((MID, about(0.75)),), (), ())
    assert found.uncovered_ratio.tolist() == pytest.approx([0.25, 1, 1])


def test_zones_over_each_other_never_sum_to_more_than_the_lot() -> None:
    # MID 8 m wide, HIGH 4 m: 2 m lie under both, so each is scaled by 100 / 120.
    found = shares([box(0, 0, 10, 10)], [(MID, box(0, 0, 8, 10)), (HIGH, box(6, 0, 10, 10))])
    assert found.parts == (((MID, about(2 / 3)), (HIGH, about(1 / 3))),)
    assert found.doubled_m2.tolist() == pytest.approx([20])


def test_one_zone_drawn_twice_counts_once() -> None:
    zones = [(MID, box(0, 0, 8, 10)), (MID, box(2, 0, 8, 10)), (HIGH, box(8, 0, 10, 10))]
    found = shares([box(0, 0, 10, 10)], zones)
    assert found.parts == (((MID, about(0.8)), (HIGH, about(0.2))),)
    assert found.doubled_m2.tolist() == pytest.approx([60])


@pytest.mark.parametrize(
    ("width_m", "height_m", "is_sliver"),
    [
        (0.4, 10.0, True),  # 4 m², but thinner than half a metre
        (0.45, 100.0, True),  # 45 m², and still thin: 2 · 45 / 200.9 = 0.448 m
        (0.9, 1.0, True),  # 0.9 m²
        (1.2, 1.2, False),  # 1.44 m², 0.6 m on average
        (0.6, 100.0, False),  # 2 · 60 / 201.2 = 0.596 m
    ],
)
def test_slivers_go_to_the_main_zone(width_m: float, height_m: float, is_sliver: bool) -> None:  # noqa: FBT001
    lot = box(0, 0, 50, 100)
    corner = box(0, 0, width_m, height_m)
    found = shares([lot], [(MID, lot.difference(corner)), (HIGH, corner)])
    gap = shares([lot], [(MID, lot.difference(corner))])
    part = width_m * height_m
    if is_sliver:
        assert found.parts == gap.parts == (((MID, 1.0),),)
        assert found.sliver_m2.tolist() == gap.sliver_m2.tolist() == pytest.approx([part])
        assert gap.uncovered_ratio.tolist() == [0.0]
    else:
        assert found.parts == (((MID, about(1 - part / 5000)), (HIGH, about(part / 5000))),)
        assert gap.uncovered_ratio.tolist() == pytest.approx([part / 5000])
        assert found.sliver_m2.tolist() == gap.sliver_m2.tolist() == [0.0]


def test_a_lot_that_zones_only_graze_lies_outside() -> None:
    found = shares([box(0, 0, 10, 10)], [(MID, box(9.7, 0, 30, 10)), (HIGH, box(0, 10, 30, 30))])
    assert found.parts == ((),)
    assert found.uncovered_ratio.tolist() == [1.0]
    assert found.sliver_m2.tolist() == [0.0]


def test_a_lot_as_thin_as_a_sliver_has_its_zone() -> None:
    assert shares([box(0, 0, 0.3, 10)], [(MID, box(-9, -9, 9, 19))]).parts == (((MID, 1.0),),)


def test_nothing_on_nothing() -> None:
    assert shares([], [(MID, box(0, 0, 1, 1))]).parts == ()
    alone = shares([box(0, 0, 1, 1)], [])
    assert (alone.parts, alone.uncovered_ratio.tolist()) == (((),), [1.0])


# ---- properties -----------------------------------------------------------------------------

metres = st.floats(-60, 60, allow_nan=False).map(lambda m: round(m, 2))
NAMES = st.sampled_from(LEGAL_ZONES[:5])


@st.composite
def tilings(draw: st.DrawFn) -> list[tuple[str, Shape]]:
    """Polygons that cover a square of 400 m wholly and once: strips, cut across, turned."""
    cuts = sorted(set(draw(st.lists(metres, max_size=4))))
    turn = draw(st.floats(0, 90))
    tiles = []
    for west, east in zip([-200, *cuts], [*cuts, 200], strict=True):
        across = sorted(set(draw(st.lists(metres, max_size=2))))
        for south, north in zip([-200, *across], [*across, 200], strict=True):
            tile = affinity.rotate(box(west, south, east, north), turn, origin=(0, 0))
            tiles.append((draw(NAMES), affinity.translate(tile, X, Y)))
    return tiles


@st.composite
def lots(draw: st.DrawFn) -> list[Shape]:
    drawn = []
    for _ in range(draw(st.integers(1, 5))):
        x, y = draw(metres), draw(metres)
        sizes = st.floats(1.5, 60).map(lambda m: round(m, 2))
        lot = affinity.rotate(box(x, y, x + draw(sizes), y + draw(sizes)), draw(st.floats(0, 90)))
        drawn.append(affinity.translate(lot, X, Y))
    return drawn


@given(tilings(), lots())
def test_shares_sum_to_one_where_zones_tile_the_plane(
    tiles: list[tuple[str, Shape]], drawn: list[Shape]
) -> None:
    found = shares(drawn, tiles)
    assert found.uncovered_ratio.tolist() == [0.0] * len(drawn)
    for parts in found.parts:
        assert sum(share for _, share in parts) == pytest.approx(1, abs=1e-12)
        assert all(b <= a + 1e-6 for (_, a), (_, b) in pairwise(parts))
        assert len({name for name, _ in parts}) == len(parts)


@st.composite
def scattered(draw: st.DrawFn) -> list[tuple[str, Shape]]:
    """Polygons anywhere: with gaps, over each other, of the same name or another."""
    shape = lots()
    return [(draw(NAMES), one) for _ in range(draw(st.integers(0, 3))) for one in draw(shape)]


@given(scattered(), lots())
def test_shares_are_those_of_plain_unions_but_for_slivers(
    zones: list[tuple[str, Shape]], drawn: list[Shape]
) -> None:
    found = shares(drawn, zones)
    for row, lot in enumerate(drawn):
        told, plain = dict(found.parts[row]), naive(lot, zones)
        covered = sum(told.values())
        assert covered + found.uncovered_ratio[row] == pytest.approx(1, abs=1e-9)
        assert set(told) <= set(plain)
        if not told:  # outside, or grazed: what touches it is thin
            assert sum(plain.values()) * lot.area <= _most_sliver_m2(lot)
            continue
        moved_m2 = found.sliver_m2[row] + 1e-6 * lot.area
        for name in plain:
            assert abs(told.get(name, 0.0) - plain[name]) * lot.area <= moved_m2


def _most_sliver_m2(lot: Shape) -> float:
    """Area that thin parts of a few polygons on a lot can have at most."""
    return float(15 * max(SLIVER_M2, SLIVER_WIDTH_M * lot.length))


@given(scattered(), lots(), st.randoms(use_true_random=False))
def test_order_of_polygons_and_parcels_does_not_matter(
    zones: list[tuple[str, Shape]], drawn: list[Shape], luck: Any
) -> None:
    first = shares(drawn, zones)
    mixed = zones.copy()
    luck.shuffle(mixed)
    order = list(range(len(drawn)))
    luck.shuffle(order)
    second = shares([drawn[row] for row in order], mixed)
    for place, row in enumerate(order):
        names = [name for name, _ in first.parts[row]]
        assert names == [name for name, _ in second.parts[place]]
        assert dict(first.parts[row]) == pytest.approx(dict(second.parts[place]), abs=1e-9)


def test_nasty_outlines_on_both_sides() -> None:
    lots_of = repaired(shapes(*(case.geometry for case in ZOO)))
    sizes = shapely.area(lots_of.geometry)
    frame = gpd.GeoDataFrame(
        {"DGM_NM": [MID] * len(ZOO)}, geometry=[case.geometry for case in ZOO], crs=5186
    )
    zones = zones_from_frame(frame, source="zoo")
    found = zone_shares(lots_of.geometry, zones.geometry, zones.names)
    assert len(zones) == sum(case.area_m2 is not None for case in ZOO)
    # Every lot is one of the zones, so each lies wholly in the only zone there is.
    assert found.parts == (((MID, 1.0),),) * len(sizes)
    codes = {issue.code: issue.details for issue in zones.issues}
    assert codes["zoning_set_aside"]["polygons"] == sum(case.area_m2 is None for case in ZOO)
    assert codes["zoning_repaired"]["polygons"] == sum(case.repaired for case in ZOO)


# ---- frames ---------------------------------------------------------------------------------


def frame_of(
    columns: Mapping[str, Sequence[object]], *, crs: int | None = 5186
) -> gpd.GeoDataFrame:
    rows = len(next(iter(columns.values())))
    strips = [
        box(EAST_M + 60 * i, NORTH_M, EAST_M + 60 * i + 60, NORTH_M + 60) for i in range(rows)
    ]
    made = gpd.GeoDataFrame(columns, geometry=strips, crs=5186)
    return made.to_crs(crs) if crs is not None else made.set_crs(None, allow_override=True)


@pytest.mark.parametrize("column", ["DGM_NM", "uname", "UNAME", "용도지역"])
@pytest.mark.parametrize("crs", [5186, 4326, 5174, 3857])
def test_names_are_found_and_outlines_come_in_metres(column: str, crs: int) -> None:
    zones = zones_from_frame(frame_of({column: ["제3종 일반주거"]}, crs=crs), source="f")
    assert zones.names == (MID,)
    assert shapely.area(zones.geometry).tolist() == pytest.approx([3600], abs=0.01)


def test_a_column_can_be_named() -> None:
    frame = frame_of({"DGM_NM": ["?"], "MY_ZONE": [HIGH]})
    assert zones_from_frame(frame, source="f", name_column="my_zone").names == (HIGH,)


@pytest.mark.parametrize(
    ("columns", "crs", "words"),
    [
        ({"DGM_NM": [MID]}, None, "coordinate system"),
        ({"other": [MID]}, 5186, "other"),
        ({"DGM_NM": ["취락지구", "-"]}, 5186, "취락지구"),
    ],
)
def test_what_cannot_be_zoning_is_refused_with_a_fix(
    columns: Mapping[str, Sequence[object]], crs: int | None, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        zones_from_frame(frame_of(columns, crs=crs), source="f.zip")


def test_other_classes_are_left_out_and_remarks_are_told() -> None:
    names = [MID, "고도지구", None, "제2종일반주거지역(7층이하)"]
    zones = zones_from_frame(frame_of({"DGM_NM": names}), source="f")
    assert zones.names == (MID, "제2종일반주거지역")
    details = {issue.code: issue.details for issue in zones.issues}
    assert details["zoning_other_class"]["polygons"] == 2
    assert "고도지구" in str(details["zoning_other_class"]["names"])
    assert "7층이하" in str(details["zoning_remark"]["names"])


def test_endless_names_are_cut_short() -> None:
    names = [MID, *("x" * 50_000 + str(i) for i in range(30))]
    (issue,) = zones_from_frame(frame_of({"DGM_NM": names}), source="f").issues
    assert len(issue.message.render("en")) < 1_000


def test_the_files_own_area_is_never_believed() -> None:
    frame = frame_of({"DGM_NM": [MID, HIGH, LOW], "DGM_AR": ["3600", "9000", "x"]})
    (stale,) = zones_from_frame(frame, source="f").issues
    assert stale.code == "zoning_area_stale"
    assert (stale.details["polygons"], stale.details["of"]) == (1, 3)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("준주거", HIGH),
        (" 제3종 일반주거지역 ", MID),
        ("도시지역", None),
        ("", None),
        ("(7층)", None),
    ],
)
def test_zones_of_the_law_by_their_spellings(text: str, zone: str | None) -> None:
    assert legal_zone(text) == zone


# ---- parcels --------------------------------------------------------------------------------


def by_code(parcels: Parcels) -> dict[str, Issue]:
    return {issue.code: issue for issue in parcels.issues}


def strips_of(*zones: tuple[str, float, float]) -> Zones:
    """Zones from one distance east of the study's corner to another, 100 m high."""
    strips = [box(EAST_M + w, NORTH_M, EAST_M + e, NORTH_M + 100) for _, w, e in zones]
    return Zones(shapes(*strips), tuple(name for name, _, _ in zones), "C_UQ111.zip")


def test_the_overlay_decides_and_everything_is_told() -> None:
    # a: own zone agrees; b: 60 / 40; c: no zone of its own, a quarter outside; d: outside
    parcels = row_of_lots([MID, HIGH, None, LOW])
    after = zoned(parcels, strips_of((MID, 0, 160), (HIGH, 160, 275)))
    assert after.zones == (MID, MID, HIGH, LOW)
    assert after.zone_parts == ((), ((MID, 0.6), (HIGH, 0.4)), (), ())
    assert after.zone_verified.tolist() == [True, False, False, True]
    found = by_code(after)
    assert {code: issue.parcel_ids for code, issue in found.items()} == {
        "pnu_missing": ("a", "b", "c", "d"),
        "area_from_outline": ("a", "b", "c", "d"),
        "zone_unverified": ("b", "c"),
        "zone_from_overlay": ("a", "b", "c"),
        "zone_straddles": ("b",),
        "zone_conflict": ("b",),
        "zone_outside": ("d",),
        "zone_partly_outside": ("c",),
    }
    assert f"{MID} 60.0 %, {HIGH} 40.0 %" in found["zone_straddles"].message.render("en")
    assert f"b: {HIGH} / {MID}" in found["zone_conflict"].message.render("en")
    assert "c: 25.0 %" in found["zone_partly_outside"].message.render("en")
    for code in found:
        if code not in ("pnu_missing", "area_from_outline", "zone_unverified"):
            assert "C_UQ111.zip" in found[code].message.render("en")


def test_shares_from_a_file_are_not_verified_by_a_verified_main_zone() -> None:
    after = zoned(row_of_lots([MID]), strips_of((MID, 0, 60), (HIGH, 60, 100)))
    assert after.zones == (MID,)
    assert after.zone_verified.tolist() == [False]


def test_parcels_stay_as_they_were_and_the_digest_tells_them_apart() -> None:
    parcels = row_of_lots([MID, HIGH])
    before = parcels.digest
    after = zoned(parcels, strips_of((MID, 0, 160), (HIGH, 160, 200)))
    assert parcels.zones == (MID, HIGH)
    assert parcels.digest == before != after.digest


def test_shares_of_a_lot_partly_outside_are_of_the_part_inside() -> None:
    after = zoned(row_of_lots([None]), strips_of((MID, 0, 60), (HIGH, 60, 80)))
    assert after.zone_parts == (((MID, about(0.75)), (HIGH, about(0.25))),)
    assert "zone_missing" not in by_code(after)


def test_overlapping_polygons_and_slivers_are_told_with_their_areas() -> None:
    parcels = row_of_lots([MID, MID])
    found = by_code(zoned(parcels, strips_of((MID, 0, 160), (HIGH, 150, 199.7))))
    assert found["zone_doubled"].parcel_ids == ("b",)
    assert "1,000 m²" in found["zone_doubled"].message.render("en")
    assert found["zone_slivers"].parcel_ids == ("b",)
    assert "30.0 m²" in found["zone_slivers"].message.render("en")


def test_the_overlay_answers_the_register_only_where_it_reaches() -> None:
    parcels = row_of_lots([MID, MID])
    said = check_register_zones(parcels.ids, [MID, MID], [HIGH, LOW])
    parcels = replace(parcels, issues=tuple(said))
    left = by_code(zoned(parcels, strips_of((MID, 0, 60), (HIGH, 60, 100))))
    assert left["zone_straddles_register"].parcel_ids == ("b",)
    assert "a:" not in left["zone_straddles_register"].message.render("en")
    whole = by_code(zoned(parcels, strips_of((MID, 0, 60), (HIGH, 60, 200))))
    assert "zone_straddles_register" not in whole


def test_spelling_is_no_conflict() -> None:
    found = by_code(zoned(row_of_lots(["제3종 일반주거"]), strips_of((MID, 0, 100))))
    assert "zone_conflict" not in found


def test_the_register_tells_straddlers_without_shares() -> None:
    one = [MID, MID, MID, HIGH, None, "제3종 일반주거지역"]
    two: list[object] = [None, "지정되지않음", HIGH, "", HIGH, MID]
    assert register_straddlers(one, two).tolist() == [2, 4]
    assert register_straddlers([], []).tolist() == []
    (issue,) = check_register_zones(
        ["a", "b", "c", "d", "e", "f"], one, [*two[:4], float("nan"), MID]
    )
    assert issue.parcel_ids == ("c",)
    assert f"{MID} / {HIGH}" in issue.message.render("en")
    assert "shares unknown" in issue.message.render("en")
    assert check_register_zones(["a"], [MID], ["지정되지 않음"]) == []


@pytest.mark.skipif(not PANGYO.exists(), reason="the sample of real zoning polygons is not here")
def test_real_zoning_on_a_grid_of_made_up_lots() -> None:
    zones = zones_from_frame(gpd.read_file(PANGYO), source=PANGYO.name)
    assert len(zones) == 86
    assert [issue.code for issue in zones.issues] == ["zoning_area_stale"]
    west, south, east, north = shapely.total_bounds(zones.geometry)
    x, y = np.meshgrid(np.linspace(west, east, 31), np.linspace(south, north, 31))
    grid = shapely.box(x[:-1, :-1], y[:-1, :-1], x[1:, 1:], y[1:, 1:]).ravel()
    found = zone_shares(grid, zones.geometry, zones.names)
    pairs = list(zip(zones.names, zones.geometry, strict=True))
    straddling = 0
    for row, lot in enumerate(grid):
        told, plain = dict(found.parts[row]), naive(lot, pairs)
        straddling += len(told) > 1
        moved_m2 = found.sliver_m2[row] + 0.01
        for name, share in told.items():
            assert abs(share - plain[name]) * lot.area <= moved_m2
    assert straddling > 100
