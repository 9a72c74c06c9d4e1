"""Merged and cut lots: the union, areas to the last digit, refusals in words, findings."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pytest
import shapely
import shapely.affinity
from hypothesis import given
from hypothesis import strategies as st

from siteplan.edits import Cut, Merge
from siteplan.errors import InputError
from siteplan.evaluation import evaluate, move_use
from siteplan.lots import cut, cut_of, edited, merge_of, merged
from siteplan.lots.areas import area_parts_m2, area_sum_m2
from siteplan.lots.shapes import SNAP_M
from siteplan.parcels import Parcels
from siteplan.programme import Programme
from siteplan.scenario import ParcelDecision, Scenario
from tests.studies import EAST_M, NORTH_M, row_of_lots

ROW = row_of_lots(
    ["준주거지역", "준주거지역", "제3종일반주거지역"], area_m2=[10_001, 9_999.5, 5_000]
)
NEEDS = Programme.from_gfa(
    10_000, {"research": 4_000, "campus": 3_000, "housing": 2_000, "culture": 1_000}
)


def lots(shapes: Sequence[shapely.Geometry], **columns: object) -> Parcels:
    """Parcels a, b, c … with the given outlines, near the studies' corner."""
    names = [chr(ord("a") + n) for n in range(len(shapes))]
    moved = [shapely.affinity.translate(shape, EAST_M, NORTH_M) for shape in shapes]
    return Parcels.from_frame(
        gpd.GeoDataFrame({"parcel_id": names, **columns}, geometry=moved, crs=5186)
    )


def codes(parcels: Parcels) -> set[str]:
    return {issue.code for issue in parcels.issues}


def across(x_m: float) -> list[tuple[float, float]]:
    return [(EAST_M + x_m, NORTH_M - 5), (EAST_M + x_m, NORTH_M + 105)]


@st.composite
def tilings(draw: st.DrawFn) -> Parcels:
    """A strip of three lots with slanting, bent edges between them, and register areas."""
    bends = [[(x + draw(st.floats(-8, 8)), y) for y in (0.0, 20.0, 40.0)] for x in (0, 30, 60, 90)]
    shapes = [
        shapely.Polygon([*left, *reversed(right)]) for left, right in itertools.pairwise(bends)
    ]
    area = (
        st.floats(50, 1e6) | st.integers(50, 10**6) | st.integers(500, 10**7).map(lambda n: n / 10)
    )
    return lots(shapes, site_area_m2=[float(draw(area)) for _ in shapes])


@given(tilings(), st.permutations(["a", "b", "c"]))
def test_a_merged_lot_is_the_union_whatever_the_order(parcels: Parcels, ids: list[str]) -> None:
    one = merged(parcels, ids)
    wanted = shapely.union_all(parcels.geometry)
    assert shapely.area(shapely.symmetric_difference(one.geometry[0], wanted)) < 1e-6
    assert one.geometry[0].geom_type == "Polygon"
    assert shapely.is_valid(one.geometry[0])
    assert one.site_area_m2.tolist() == [area_sum_m2(parcels.site_area_m2.tolist())]
    assert one.digest == merged(parcels, sorted(ids)).digest
    assert one.zones == (None,)
    assert one.pnus == (None,)


@given(tilings(), st.floats(5, 35), st.floats(5, 35))
def test_cut_and_merged_again_a_lot_is_as_before(
    parcels: Parcels, south_m: float, north_m: float
) -> None:
    line = [(EAST_M + 30 + 10, NORTH_M + south_m), (EAST_M + 30 + 20, NORTH_M + north_m)]
    after = cut(parcels, "b", line)
    new = [i for i in after.ids if i not in parcels.ids]
    area_m2 = [float(after.site_area_m2[after.index[i]]) for i in new]
    assert min(area_m2) > 0
    assert math.fsum(area_m2) == pytest.approx(parcels.site_area_m2[1], abs=1e-9)
    assert area_sum_m2(area_m2) == parcels.site_area_m2[1]
    back = merged(after, new, new_id="b")
    assert back.ids == parcels.ids
    assert back.site_area_m2.tolist() == parcels.site_area_m2.tolist()
    difference = shapely.symmetric_difference(back.geometry[1], parcels.geometry[1])
    assert shapely.area(difference) < 1e-6
    assert shapely.hausdorff_distance(back.geometry[1], parcels.geometry[1]) < 1e-6
    turned = cut(parcels, "b", line[::-1])
    assert shapely.equals(turned.geometry, after.geometry).all()
    assert turned.site_area_m2.tolist() == after.site_area_m2.tolist()


@given(
    st.floats(1, 1e9) | st.integers(1, 10**9) | st.integers(10, 10**9).map(lambda n: n / 10),
    st.lists(st.floats(1, 1e6), min_size=2, max_size=10),
)
def test_parts_of_an_area_sum_to_it_exactly_and_keep_its_digits(
    area_m2: float, weights: list[float]
) -> None:
    parts = area_parts_m2(float(area_m2), weights)
    assert area_sum_m2(parts) == area_m2
    assert min(parts) >= 0
    unit = 1.0 if area_m2 > 1e4 * len(weights) * max(weights) / min(weights) else area_m2
    for part, weight in zip(parts, weights, strict=True):
        assert part == pytest.approx(area_m2 * weight / sum(weights), abs=unit, rel=1e-6)
    if area_m2 == int(area_m2) and area_m2 * min(weights) / sum(weights) >= 1:
        assert all(part == int(part) for part in parts)


def test_hand_computed_areas() -> None:
    assert area_parts_m2(32_094.0, [1, 2]) == [10_698.0, 21_396.0]
    assert area_parts_m2(100.0, [1, 1, 1]) == [34.0, 33.0, 33.0]
    assert area_parts_m2(100.3, [1, 1]) == [50.2, 50.1]
    assert area_parts_m2(1.0, [1, 1]) == [0.5, 0.5]
    assert area_sum_m2([0.1, 0.2]) == 0.3


def test_facts_of_a_merged_lot_follow_the_rules() -> None:
    parcels = lots(
        [shapely.box(0, 0, 10, 10), shapely.box(10, 0, 30, 10)],
        pnu=["1165010200102230000", "1165010300201410000"],
        jibun=["양재동 223 외 1필지", "우면동 산 141"],
        site_area_m2=[300.0, 100.0],
        zone=["준주거지역", "제3종일반주거지역"],
        zone_verified=[True, False],
        evidence=["official", "published"],
        source=["register", None],
        jimok=["대", "임"],
        land_price_krw_per_m2=[1_000_000.0, 2_000_000.0],
    )
    one = merged(parcels, ["b", "a"])
    assert one.ids == ("a+1",)
    assert one.jibuns == ("양재동 223 외 2필지",)
    assert one.zones == ("준주거지역",)
    assert one.zone_parts == ((("준주거지역", 0.75), ("제3종일반주거지역", 0.25)),)
    assert not one.zone_verified[0]
    assert one.evidence == ("published",)
    assert one.jimoks == (None,)
    assert one.land_price_krw_per_m2.tolist() == [1_250_000.0]
    assert "1165010200102230000, 1165010300201410000" in str(one.sources[0])
    assert codes(one) >= {
        "merge_conditions",
        "merged_across_dong",
        "merged_land_and_forest",
        "merged_jimok_differs",
        "merged_zones_differ",
    }


def test_a_merged_lot_says_how_its_zones_count() -> None:
    one = merged(ROW, ["b", "c"])
    said = next(issue for issue in one.issues if issue.code == "merged_zones_differ")
    text = said.message.render("en")
    # 9,999.5 m² and 5,000 m²: two thirds and one third.
    assert "준주거지역 67%, 제3종일반주거지역 33%" in text
    assert "준주거지역 is the largest part" in text
    assert "weighted" in text


def test_lots_without_a_zone_are_said_to_count_like_the_others() -> None:
    squares = [shapely.box(10 * n, 0, 10 * n + 10, 10) for n in range(2)]
    one = merged(lots(squares, zone=["준주거지역", None]), ["a", "b"])
    assert one.zones == ("준주거지역",)
    said = next(issue for issue in one.issues if issue.code == "merged_zone_missing")
    assert "counts like that of the others: 준주거지역" in said.message.render("en")
    assert "merged_zones_differ" not in codes(one)


def test_equal_facts_are_kept_and_only_the_conditions_are_said() -> None:
    one = merged(ROW, ["a", "b"])
    assert one.zones[0] == "준주거지역"
    assert one.zone_parts[0] == ()
    assert one.zone_verified[0]
    assert one.evidence[0] == "official"
    assert codes(one) - codes(ROW) == {"merge_conditions"}
    assert len(ROW) == 3


def test_pieces_keep_facts_but_no_pnu_and_no_official_outline() -> None:
    two = cut(ROW, "b", across(125))
    assert two.ids == ("a", "b.1", "b.2", "c")
    assert two.site_area_m2.tolist() == [10_001, 2_499.9, 7_499.6, 5_000]
    assert two.zones == ("준주거지역",) * 3 + ("제3종일반주거지역",)
    assert two.evidence[1:3] == ("supplied", "supplied")
    assert codes(two) - codes(ROW) == {"cut_drawn"}
    named = lots([shapely.box(0, 0, 100, 100)], jibun=["223"], name_en=["Market"])
    assert cut(named, "a", across(50)).jibuns == ("223 (가)", "223 (나)")
    assert cut(named, "a", across(50)).names_en == ("Market (A)", "Market (B)")


def test_findings_about_old_parcels_become_findings_about_the_new_lots() -> None:
    parcels = row_of_lots([None, "준주거지역", "준주거지역"])
    assert next(i for i in parcels.issues if i.code == "zone_missing").parcel_ids == ("a",)
    assert "zone_missing" not in codes(merged(parcels, ["a", "b"]))
    cut_up = cut(parcels, "a", across(50))
    missing = next(i for i in cut_up.issues if i.code == "zone_missing")
    assert missing.parcel_ids == ("a.1", "a.2")


@pytest.mark.parametrize(
    ("shapes", "words"),
    [
        ([shapely.box(0, 0, 10, 10), shapely.box(17.5, 0, 24, 10)], "b lies 7.50 m apart from a"),
        ([shapely.box(0, 0, 10, 10), shapely.box(10, 10, 19, 19)], "b only touches a at a corner"),
        ([shapely.box(0, 0, 10, 10), shapely.box(10, 9.7, 19, 18)], "b only touches a at a corner"),
    ],
)
def test_parcels_that_do_not_adjoin_are_refused(shapes: list[shapely.Geometry], words: str) -> None:
    with pytest.raises(InputError) as refused:
        merged(lots(shapes), ["a", "b"])
    assert words in refused.value.text.render("en")


def test_a_chain_is_connected_though_its_ends_are_not() -> None:
    assert len(merged(ROW, ["c", "a", "b"])) == 1
    with pytest.raises(InputError, match="apart"):
        merged(ROW, ["a", "c"])


@given(gap_m=st.floats(0.001, SNAP_M * 0.99), wedge=st.booleans())
def test_a_narrow_gap_is_closed_and_said(*, gap_m: float, wedge: bool) -> None:
    west = shapely.box(0, 0, 20, 30)
    east = shapely.Polygon([(20 if wedge else 20 + gap_m, 0), (40, 0), (40, 30), (20 + gap_m, 30)])
    one = merged(lots([west, east], site_area_m2=[600.0, 590.0]), ["a", "b"])
    outline = one.geometry[0]
    assert outline.geom_type == "Polygon"
    assert not outline.interiors
    wanted = shapely.box(EAST_M, NORTH_M, EAST_M + 40, NORTH_M + 30)
    assert shapely.area(shapely.symmetric_difference(outline, wanted)) < 0.12
    assert one.site_area_m2.tolist() == [1_190.0]
    if not wedge and gap_m > 0.002:
        assert "merged_gap_closed" in codes(one)


def test_a_courtyard_stays_a_hole() -> None:
    ring = shapely.box(0, 0, 30, 30).difference(shapely.box(10, 10, 20, 20))
    west, east = ring.intersection(shapely.box(0, 0, 15, 30)), ring.intersection(
        shapely.box(15, 0, 30, 30)
    )  # fmt: skip
    one = merged(lots([west, east]), ["a", "b"])
    assert len(one.geometry[0].interiors) == 1
    assert shapely.area(one.geometry[0]) == pytest.approx(800)


COMB = [(x, y) for x in range(1, 99, 8) for y in ((-1, 101) if x % 16 == 1 else (101, -1))]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ([(-10, 0), (-10, 100)], "does not cut"),
        ([(0, 0), (0, 100)], "does not cut"),
        ([(0.005, -1), (0.005, 101)], "piece of 0.50 m²"),
        ([(-30, 60), (-1, 120)], "does not cut"),
        ([(5, 5)], "two different points"),
        ([(5, 5), (5.0001, 5)], "two different points"),
        (COMB, "pieces; at most 10"),
    ],
)
def test_lines_that_cut_nothing_sensible_are_refused(
    line: list[tuple[float, float]], words: str
) -> None:
    with pytest.raises(InputError) as refused:
        cut(ROW, "a", [(EAST_M + x, NORTH_M + y) for x, y in line])
    assert words in refused.value.text.render("en")


def test_a_bent_lot_falls_into_as_many_pieces_as_the_line_makes() -> None:
    comb = shapely.unary_union(
        [shapely.box(0, 0, 50, 10), *(shapely.box(x, 0, x + 10, 40) for x in (0, 20, 40))]
    )
    parcels = lots([comb], site_area_m2=[1_400.0])
    three = cut(parcels, "a", [(EAST_M - 5, NORTH_M + 25), (EAST_M + 55, NORTH_M + 25)])
    assert len(three) == 4
    assert three.site_area_m2.sum() == 1_400
    # An end inside is led on only to the next boundary: the second tooth is left whole.
    two = cut(parcels, "a", [(EAST_M + 3, NORTH_M + 25), (EAST_M + 7, NORTH_M + 25)])
    assert two.site_area_m2.tolist() == [150.0, 1_250.0]


def test_a_lot_and_the_one_inside_it_adjoin_and_so_do_lots_that_overlap_a_little() -> None:
    ring = shapely.box(0, 0, 30, 30).difference(shapely.box(10, 10, 20, 20))
    one = merged(lots([ring, shapely.box(10, 10, 20, 20)]), ["a", "b"])
    assert shapely.area(one.geometry[0]) == pytest.approx(900)
    assert not one.geometry[0].interiors
    lapped = merged(lots([shapely.box(0, 0, 10, 10), shapely.box(9.98, 0, 20, 10)]), ["a", "b"])
    assert shapely.area(lapped.geometry[0]) == pytest.approx(200)


def test_parts_that_stay_apart_are_refused() -> None:
    far = shapely.MultiPolygon([shapely.box(10, 0, 20, 10), shapely.box(50, 0, 60, 10)])
    with pytest.raises(InputError, match="2 parts that lie apart"):
        merged(lots([shapely.box(0, 0, 10, 10), far]), ["a", "b"])


def test_a_lot_with_a_courtyard_can_be_cut_through_it() -> None:
    ring = shapely.box(0, 0, 30, 30).difference(shapely.box(10, 10, 20, 20))
    two = cut(lots([ring]), "a", [(EAST_M + 15, NORTH_M - 1), (EAST_M + 15, NORTH_M + 31)])
    assert shapely.area(two.geometry) == pytest.approx([400, 400])


@given(st.lists(st.tuples(st.floats(-20, 120), st.floats(-20, 120)), max_size=6))
def test_any_scribble_is_cut_exactly_or_refused_in_words(
    points: list[tuple[float, float]],
) -> None:
    try:
        after = cut(ROW, "a", [(EAST_M + x, NORTH_M + y) for x, y in points])
    except InputError:
        return
    new = [after.index[i] for i in after.ids if i not in ROW.ids]
    assert 2 <= len(new) <= 10
    assert after.site_area_m2[new].sum() == 10_001
    assert shapely.area(after.geometry[new]).sum() == pytest.approx(10_000, abs=1e-6)
    assert shapely.is_valid(after.geometry).all()
    assert shapely.area(shapely.union_all(after.geometry[new])) == pytest.approx(10_000, abs=1e-6)


def test_unknown_taken_and_single_ids_are_refused() -> None:
    for call in (
        lambda: merged(ROW, ["a", "nowhere"]),
        lambda: merged(ROW, ["a"]),
        lambda: merged(ROW, ["a", "a"]),
        lambda: merged(ROW, ["a", "b"], new_id="c"),
        lambda: cut(ROW, "nowhere", across(50)),
        lambda: cut(ROW, "a", across(50), new_ids=["x"]),
        lambda: cut(ROW, "a", across(50), new_ids=["x", "y", "z"]),
        lambda: cut(ROW, "a", across(50), new_ids=["b", "x"]),
    ):
        with pytest.raises(InputError):
            call()


def test_no_edit_gives_the_very_parcels_and_equal_edits_the_very_result() -> None:
    assert edited(ROW, ()) is ROW
    edit = merge_of(ROW, ["a", "b"])
    assert edited(ROW, (edit,)) is edited(ROW, (merge_of(ROW, ["b", "a"]),))
    assert edited(ROW, ()) is ROW


def test_edits_build_on_each_other_and_the_plan_has_the_lots() -> None:
    first = merge_of(ROW, ["a", "b"])
    between = edited(ROW, (first,))
    second = cut_of(between, "a+1", across(60))
    scenario = Scenario(programme=NEEDS, edits=(first, second))
    plan = evaluate(ROW, scenario)
    assert plan.parcels.ids == ("a+1.1", "a+1.2", "c")
    assert plan.parcels.site_area_m2.sum() == ROW.site_area_m2.sum()
    assert len(plan.parcels.geometry) == 3
    assert plan.status == "optimal"
    moved = move_use(ROW, scenario, use="housing", gfa_m2=3_000)
    assert moved.edits == scenario.edits
    assert evaluate(ROW, Scenario(programme=NEEDS)).scenario_id != plan.scenario_id


def test_distances_come_from_the_new_outlines() -> None:
    from siteplan.context import Context, Feature

    station = Feature("station", "역", "Station", shapely.Point(EAST_M + 150, NORTH_M + 50))
    parcels = row_of_lots(["준주거지역"] * 3, context=Context((station,)))
    assert parcels.criterion_distances_m["station"].tolist() == [50, 0, 50]
    assert merged(parcels, ["a", "b"]).criterion_distances_m["station"].tolist() == [0, 50]


def test_data_that_already_hold_the_lots_are_left_alone() -> None:
    first = merge_of(ROW, ["a", "b"])
    second = cut_of(edited(ROW, (first,)), "a+1", across(60))
    edits = (first, second)
    once = edited(ROW, edits)
    again = edited(Parcels.from_frame(once.frame), edits)
    assert again.ids == once.ids
    assert again.site_area_m2.tolist() == once.site_area_m2.tolist()
    assert not codes(again) & {"edit_without_parcel", "edit_refused"}


def test_edits_of_other_parcels_become_findings_and_later_ones_still_hold() -> None:
    edits = (
        Merge(("nowhere", "a"), "x"),
        Merge(("a", "c"), "y"),
        Cut("x", ((0, 0), (1, 1)), ("x.1", "x.2")),
        merge_of(ROW, ["b", "c"]),
    )
    after = edited(ROW, edits)
    assert after.ids == ("a", "b+1")
    assert [i.code for i in after.issues if i.code.startswith("edit_")] == [
        "edit_without_parcel",
        "edit_refused",
        "edit_without_parcel",
    ]
    assert "apart" in str(next(i.message for i in after.issues if i.code == "edit_refused"))


def test_a_piece_below_its_zones_least_lot_is_warned_of() -> None:
    parcels = row_of_lots(
        ["제3종일반주거지역", "일반상업지역", "준공업지역", "자연녹지지역"], side_m=20
    )
    edits = tuple(cut_of(parcels, i, across(20 * n + 4.4)) for n, i in enumerate(parcels.ids))
    plan = evaluate(parcels, Scenario(edits=edits))
    low = [i for i in plan.issues if i.code == "lot_below_minimum"]
    assert [i.parcel_ids for i in low] == [("a.1",), ("b.1",), ("c.1",), ("d.1",)]
    assert [i.details["least"] for i in low] == [90, 150, 200, 200]
    assert {i.severity for i in low} == {"warning"}
    assert "88.0 m²" in str(low[0].message)
    assert "건축 조례 §29" in str(low[0].message)
    rezoned = Scenario(edits=edits[:1], decisions={"a.1": ParcelDecision(zone="일반상업지역")})
    (one,) = [i for i in evaluate(parcels, rezoned).issues if i.code == "lot_below_minimum"]
    assert one.details["least"] == 150
    national = Scenario(edits=edits, rules="national-2024-09-10")
    assert "lot_below_minimum" not in {i.code for i in evaluate(parcels, national).issues}
    assert "lot_below_minimum" not in {i.code for i in evaluate(parcels, Scenario()).issues}


def test_a_zone_in_parts_stays_in_parts() -> None:
    parts = ["준주거지역:0.6;제3종일반주거지역:0.4", None]
    parcels = lots(
        [shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)],
        zone=["준주거지역", "제3종일반주거지역"],
        zone_parts=parts,
        site_area_m2=[100.0, 100.0],
    )
    one = merged(parcels, ["a", "b"])
    assert one.zones == ("제3종일반주거지역",)
    assert dict(one.zone_parts[0]) == pytest.approx({"제3종일반주거지역": 0.7, "준주거지역": 0.3})
    two = cut(parcels, "a", [(EAST_M + 5, NORTH_M - 1), (EAST_M + 5, NORTH_M + 11)])
    assert two.zone_parts[0] == two.zone_parts[1] == parcels.zone_parts[0]
    assert not two.zone_verified[:2].any()
    said = next(issue for issue in two.issues if issue.code == "cut_zone_parts")
    assert said.severity == "warning"
    assert "lay the zoning polygons over them again on the Data page (--zoning)" in said.fix.render(
        "en"
    )


def test_an_unknown_price_stays_unknown() -> None:
    shapes = [shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)]
    one = merged(lots(shapes, land_price_krw_per_m2=[1e6, None]), ["a", "b"])
    assert np.isnan(one.land_price_krw_per_m2).all()
