"""Capacity by hand: lots of 10,000 m², so that a percentage is a hundred square metres."""

from __future__ import annotations

import numpy as np
import pytest

from siteplan.capacity import capacity_of, check_capacity
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
