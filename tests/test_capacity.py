"""Capacity by hand: lots of 10,000 m², so that a percentage is a hundred square metres."""

from __future__ import annotations

import time

import numpy as np
import pytest

from siteplan.capacity import capacity_of
from siteplan.cautions import check_capacity, check_permissions, own_far_cautions
from siteplan.evaluation import evaluate
from siteplan.explain import explain_permission, limit_figures
from siteplan.parcels import Parcels
from siteplan.programme import Programme
from siteplan.rules import shipped_rules
from siteplan.scenario import ParcelDecision, Scenario
from siteplan.uses import USES
from tests.studies import row_of_lots
from tests.test_rules import PUBLISHED_PCT

RULES = shipped_rules()


@pytest.mark.parametrize(("zone", "pct"), list(PUBLISHED_PCT.items()))
def test_far_capacity_of_every_zone(zone: str, pct: tuple[float, float]) -> None:
    found = capacity_of(row_of_lots([zone]), Scenario(), rules=RULES)
    assert found.far_area_m2.tolist() == pytest.approx([pct[1] * 100])
    assert found.limit == ("far",)


# Floor area that lot 223 (32,094 m²) holds: published project figures divided out by hand.
@pytest.mark.parametrize(
    ("far_pct", "far_area_m2"),
    [(250, 80_235), (400, 128_376), (500, 160_470), (600, 192_564), (800, 256_752)],
)
def test_lot_223_at_likely_fars(far_pct: float, far_area_m2: float) -> None:
    parcels = row_of_lots(["유통상업지역"], area_m2=[32_094])
    scenario = Scenario(decisions={"a": ParcelDecision(far_pct=far_pct, reason="test")})
    found = capacity_of(parcels, scenario, rules=RULES)
    assert found.far_area_m2[0] == pytest.approx(far_area_m2)
    assert found.limit == ("far_override",)


def test_part_available_scales_the_capacity() -> None:
    parcels = row_of_lots(["준주거지역"] * 3)
    scenario = Scenario(
        decisions={"a": ParcelDecision(20), "b": ParcelDecision(0)}, default_available_pct=50
    )
    found = capacity_of(parcels, scenario, rules=RULES)
    assert found.far_area_m2.tolist() == pytest.approx([8_000, 0, 20_000])
    assert found.limit == ("far", "not_taking_part", "far")


def test_few_floors_make_the_bcr_bind() -> None:
    # BCR 60 % of 10,000 m² is 6,000 m² a floor: five floors hold 30,000, FAR 400 % holds 40,000.
    parcels = row_of_lots(["준주거지역", "준주거지역"])
    scenario = Scenario(max_floors=5, decisions={"b": ParcelDecision(max_floors=7)})
    found = capacity_of(parcels, scenario, rules=RULES)
    assert found.far_area_m2.tolist() == pytest.approx([30_000, 40_000])
    assert found.limit == ("bcr_floors", "far")
    assert found.by_bcr_floors_m2.tolist() == pytest.approx([30_000, 42_000])
    assert found.by_far_m2.tolist() == pytest.approx([40_000, 40_000])


def test_more_far_never_holds_less() -> None:
    parcels = row_of_lots(["준주거지역"])
    held = [
        capacity_of(
            parcels,
            Scenario(max_floors=5, decisions={"a": ParcelDecision(far_pct=far)}),
            rules=RULES,
        ).far_area_m2[0]
        for far in range(0, 1001, 50)
    ]
    assert np.all(np.diff(held) >= 0)
    assert held[-1] == pytest.approx(30_000)


def test_an_unknown_zone_holds_nothing_and_is_listed() -> None:
    parcels = row_of_lots(["관리지역", None, "준주거지역"])
    scenario = Scenario()
    found = capacity_of(parcels, scenario, rules=RULES)
    assert found.far_area_m2.tolist() == pytest.approx([0, 0, 40_000])
    assert found.limit[:2] == ("zone_unknown", "zone_unknown")
    assert not found.allowed[:2].any()
    issues = check_capacity(parcels, scenario, found)
    assert [(issue.code, issue.parcel_ids) for issue in issues] == [("zone_unknown", ("a",))]


def test_a_zone_can_be_assumed_or_set_and_is_listed() -> None:
    parcels = row_of_lots(["유통상업지역", None])
    scenario = Scenario(
        assumed_zone="제3종 일반주거", decisions={"a": ParcelDecision(zone="준주거지역")}
    )
    found = capacity_of(parcels, scenario, rules=RULES)
    assert found.zones == ("준주거지역", "제3종일반주거지역")
    assert found.far_area_m2.tolist() == pytest.approx([40_000, 25_000])
    issues = check_capacity(parcels, scenario, found)
    assert [(i.code, i.parcel_ids) for i in issues] == [
        ("zone_override", ("a",)),
        ("zone_override", ("b",)),
    ]


def test_only_decisions_with_an_effect_are_listed() -> None:
    parcels = row_of_lots(["관리지역", "준주거지역"])
    scenario = Scenario(
        decisions={
            "a": ParcelDecision(far_pct=800, reason="zone not known"),
            "b": ParcelDecision(zone="준주거지역"),
        }
    )
    issues = check_capacity(parcels, scenario, capacity_of(parcels, scenario, rules=RULES))
    assert [issue.code for issue in issues] == ["zone_unknown"]


def test_a_far_above_the_national_maximum_is_flagged() -> None:
    parcels = row_of_lots(["유통상업지역"])
    scenario = Scenario(decisions={"a": ParcelDecision(far_pct=1101, reason="special act")})
    issues = check_capacity(parcels, scenario, capacity_of(parcels, scenario, rules=RULES))
    assert [issue.code for issue in issues] == ["far_override", "far_above_national"]


def test_a_far_above_the_zone_names_the_limit_and_its_article() -> None:
    parcels = row_of_lots(["준주거지역"])
    scenario = Scenario(decisions={"a": ParcelDecision(far_pct=480, reason="district plan")})
    capacity = capacity_of(parcels, scenario, rules=RULES)
    (issue,) = own_far_cautions(parcels, scenario, capacity, parcel_id="a")
    said = str(issue.message)
    assert "FAR 480 %" in said
    assert "400 % (서울특별시 도시계획 조례" in said
    assert own_far_cautions(parcels, scenario, capacity, parcel_id="elsewhere") == []


def test_capacity_if_wholly_available_keeps_the_floors_limit() -> None:
    parcels = row_of_lots(["준주거지역"])
    scenario = Scenario(decisions={"a": ParcelDecision(20, max_floors=3)})
    found = capacity_of(parcels, scenario, rules=RULES)
    assert found.far_area_m2.tolist() == pytest.approx([3_600])
    assert found.whole_far_area_m2.tolist() == pytest.approx([18_000])


def test_consents_know_zones_in_usual_spellings() -> None:
    parcels = row_of_lots(["유통상업지역"])
    scenario = Scenario(consents=frozenset({("유통상업", "research")}))
    assert capacity_of(parcels, scenario, rules=RULES).allowed[0, 0]


def test_conditional_counts_only_with_consent_and_no_never() -> None:
    parcels = row_of_lots(["유통상업지역"])
    refused = capacity_of(parcels, Scenario(), rules=RULES)
    assert not refused.allowed.any()
    everything = frozenset(("유통상업지역", use) for use in USES)
    accepted = capacity_of(parcels, Scenario(consents=everything), rules=RULES)
    assert dict(zip(USES, accepted.allowed[0].tolist(), strict=True)) == {
        "research": True,
        "campus": True,
        "housing": False,
        "culture": True,
    }


def test_decisions_about_parcels_that_are_not_there_are_listed() -> None:
    parcels = row_of_lots(["준주거지역"])
    scenario = Scenario(decisions={"zz": ParcelDecision(20)})
    issues = check_capacity(parcels, scenario, capacity_of(parcels, scenario, rules=RULES))
    assert [(issue.code, issue.parcel_ids) for issue in issues] == [
        ("decision_without_parcel", ("zz",))
    ]


def codes(parcels: Parcels, scenario: Scenario) -> dict[str, tuple[str, ...]]:
    found = capacity_of(parcels, scenario, rules=RULES)
    return {issue.code: issue.parcel_ids for issue in check_capacity(parcels, scenario, found)}


def test_a_fifth_of_the_land_given_first() -> None:
    # seoul.md A6: 20 % of lot 223 given, then 400 % on the rest = 102,701 m².
    parcels = row_of_lots(["유통상업지역"], area_m2=[32_094])
    scenario = Scenario(decisions={"a": ParcelDecision(80, far_pct=400, reason="test")})
    found = capacity_of(parcels, scenario, rules=RULES)
    assert found.far_area_m2[0] == pytest.approx(102_700.8)


def test_incentives_for_all_and_for_one_parcel() -> None:
    parcels = row_of_lots(["준주거지역"] * 3)
    scenario = Scenario(
        incentives={"district_plan": 110},
        decisions={
            "b": ParcelDecision(incentives={"district_plan": None}),
            "c": ParcelDecision(incentives={"semi_residential_rental": 500}),
        },
    )
    found = capacity_of(parcels, scenario, rules=RULES)
    assert found.far_area_m2.tolist() == pytest.approx([44_000, 40_000, 50_000])
    listed = codes(parcels, scenario)
    assert listed["incentive_refused"] == ("c",)
    assert "incentive_applied" in listed


def test_land_given_takes_ground_away() -> None:
    # α = 0.25: 600 % × 1.325 = 795 % on four fifths of 10,000 m².
    parcels = row_of_lots(["유통상업지역"])
    scenario = Scenario(incentives={"land_given": 25}, max_floors=20)
    found = capacity_of(parcels, scenario, rules=RULES)
    assert found.by_far_m2.tolist() == pytest.approx([63_600])
    assert found.available_pct.tolist() == pytest.approx([80])
    assert found.part_pct.tolist() == [100]
    assert found.by_bcr_floors_m2.tolist() == pytest.approx([8_000 * 0.6 * 20])


def test_the_district_plan_asks_for_an_unchanged_zone() -> None:
    parcels = row_of_lots(["유통상업지역", "준주거지역"])
    decision = ParcelDecision(zone="준주거지역", reason="test")
    scenario = Scenario(incentives={"district_plan": 110}, decisions={"a": decision, "b": decision})
    found = capacity_of(parcels, scenario, rules=RULES)
    assert found.far_area_m2.tolist() == pytest.approx([40_000, 44_000])


def test_an_own_far_needs_its_reason_and_shows_above_the_national_limit() -> None:
    parcels = row_of_lots(["준주거지역"] * 2)
    scenario = Scenario(
        incentives={"district_plan": 110},
        decisions={
            "a": ParcelDecision(far_pct=480, reason=" "),
            "b": ParcelDecision(far_pct=600, reason="test"),
        },
    )
    listed = codes(parcels, scenario)
    assert listed["far_without_reason"] == ("a",)
    assert listed["far_override"] == ("b",)
    assert listed["far_above_zone"] == ("a",)
    assert listed["far_above_national"] == ("b",)
    assert set(listed["incentive_refused"]) == {"a", "b"}


def test_a_height_limit_counts_whole_storeys_of_the_tallest_use() -> None:
    # Culture may stand in 준주거: storeys of 6 m, four of them below 25 m, 6,000 m² each.
    parcels = row_of_lots(["준주거지역", "준주거지역"])
    scenario = Scenario(max_height_m=25, decisions={"b": ParcelDecision(max_height_m=60)})
    found = capacity_of(parcels, scenario, rules=RULES, storey_height_m=(4.2, 4.2, 2.9, 6.0))
    assert found.far_area_m2.tolist() == pytest.approx([24_000, 40_000])
    assert found.limit == ("height", "far")
    assert "height_limit" in codes(parcels, scenario)


def test_daylight_binds_on_a_shallow_lot_in_a_residential_zone_only() -> None:
    # 20 × 20 m, storeys of 4 m. 제3종: BCR 50 % = 200 m² a storey on tops 4 … 20 m, then
    # 160, 120, 80, 40: 1,400 m² against 1,000 of FAR 250 %. At 6 m: 200 × 3, 160, 100, 40 = 900.
    parcels = row_of_lots(["제3종일반주거지역", "준주거지역"], side_m=20)
    low = capacity_of(parcels, Scenario(), rules=RULES, storey_height_m=(4.0,) * 4)
    assert low.by_daylight_m2.tolist() == pytest.approx([1_400, np.inf])
    assert low.limit == ("far", "far")
    tall = capacity_of(parcels, Scenario(), rules=RULES, storey_height_m=(6.0,) * 4)
    assert tall.far_area_m2.tolist() == pytest.approx([900, 1_600])
    assert tall.limit == ("daylight", "far")
    half = capacity_of(
        parcels, Scenario(default_available_pct=50), rules=RULES, storey_height_m=(6.0,) * 4
    )
    assert half.far_area_m2.tolist() == pytest.approx([450, 800])


def test_every_limit_has_its_figure_and_article() -> None:
    parcels = row_of_lots(["제3종일반주거지역"], side_m=20)
    scenario = Scenario(max_height_m=30, max_floors=9)
    found = capacity_of(parcels, scenario, rules=RULES, storey_height_m=(6.0,) * 4)
    figures = {limit.code: limit for limit in limit_figures(found, 0)}
    assert {code: limit.area_m2 for code, limit in figures.items()} == pytest.approx(
        {"far": 1_000, "bcr_floors": 1_800, "height": 1_000, "daylight": 860}
    )
    assert [code for code, limit in figures.items() if limit.binds] == ["daylight"]
    assert "§48" in figures["far"].article
    assert "§44" in figures["bcr_floors"].article
    assert "§35①" in figures["daylight"].article
    assert all(limit.mark and limit.how.render("ko") for limit in figures.values())


def test_green_ground_is_reported_and_takes_ground_where_bcr_leaves_less() -> None:
    parcels = row_of_lots(["준주거지역", "중심상업지역", "제3종일반주거지역"])
    found = capacity_of(parcels, Scenario(), rules=RULES)
    assert found.landscaping_m2.tolist() == pytest.approx([1_500] * 3)
    assert found.open_space_m2.tolist() == pytest.approx([1_000, 1_000, 0])
    assert found.ground_m2.tolist() == pytest.approx([6_000, 6_000, 5_000])


def test_a_setback_is_off_until_it_is_asked_for_and_then_listed() -> None:
    # 100 × 100 m less 15 m on each side: 4,900 m² of ground, below BCR 60 %.
    parcels = row_of_lots(["준주거지역"])
    assert "setback_assumed" not in codes(parcels, Scenario(max_floors=5))
    scenario = Scenario(max_floors=5, setback_m=15)
    found = capacity_of(parcels, scenario, rules=RULES)
    assert found.far_area_m2.tolist() == pytest.approx([24_500])
    assert "setback_assumed" in codes(parcels, scenario)


def test_why_housing_cannot_go_into_a_distribution_zone_and_what_would_help() -> None:
    said = " ".join(t.render("en") for t in explain_permission(RULES, "유통상업", "housing"))
    assert "별표 11 제1호나" in said
    assert "준주거지역" in said
    assert "special planning zone" in said
    assert explain_permission(RULES, "준주거지역", "housing") == ()
    asked = explain_permission(RULES, "유통상업지역", "research")
    assert "consent" in asked[0].render("en")


def test_a_scenario_that_differs_in_its_programme_only_finds_the_capacity_kept() -> None:
    parcels = row_of_lots(["준주거지역"])
    one = capacity_of(parcels, Scenario(), rules=RULES)
    programme = Programme.from_gfa(10, {"research": 10})
    assert capacity_of(parcels, Scenario(programme=programme), rules=RULES) is one
    assert capacity_of(parcels, Scenario(max_floors=3), rules=RULES) is not one
    with pytest.raises(ValueError, match="read-only"):
        one.far_area_m2[0] = 1


def test_forty_thousand_lots_take_seconds_once() -> None:
    parcels = row_of_lots(["제3종일반주거지역"] * 40_000, side_m=20)
    start = time.perf_counter()
    capacity_of(parcels, Scenario(), rules=RULES)
    assert time.perf_counter() - start < 20  # about one second on an idle machine
    again = time.perf_counter()
    capacity_of(parcels, Scenario(note="again"), rules=RULES)
    assert time.perf_counter() - again < 0.5


def test_unverified_permissions_that_a_plan_uses_are_counted() -> None:
    parcels = row_of_lots(["준주거지역", "준주거지역"])
    found = capacity_of(parcels, Scenario(), rules=RULES)
    gfa_m2 = np.array([[10, 10, 0, 0], [10, 0, 0, 0]])
    issues = check_permissions(found, gfa_m2, ids=parcels.ids)
    assert [(issue.code, issue.parcel_ids) for issue in issues] == [("rules_unverified", ())]
    assert "2 permission(s)" in issues[0].message.render("en")


def test_a_lot_of_which_the_setback_leaves_nothing_holds_nothing() -> None:
    parcels = row_of_lots(["일반상업지역", "일반상업지역"], side_m=30)
    scenario = Scenario(setback_m=16)  # more than half of the side
    found = capacity_of(parcels, scenario, rules=RULES)
    assert found.far_area_m2.tolist() == [0.0, 0.0]
    assert found.limit == ("bcr_floors", "bcr_floors")
    plan = evaluate(
        parcels, Scenario(programme=Programme.from_gfa(10, {"research": 10}), setback_m=16)
    )
    assert plan.status == "infeasible"
    assert plan.floors.tolist() == [0, 0]
