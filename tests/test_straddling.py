"""Lots in several zones, by hand.

10,000 m², of which 60 % 제3종일반주거 (FAR 250, BCR 50) and 40 % 준주거 (FAR 400, BCR 60).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

import siteplan as sp
from siteplan.capacity import Capacity, capacity_of
from siteplan.cautions import check_capacity
from siteplan.explain import limit_figures
from siteplan.issues import Issue
from siteplan.parcels import Parcels, ZoneParts
from siteplan.programme import Programme
from siteplan.rules import LEGAL_ZONES, shipped_rules
from siteplan.scenario import ParcelDecision, Scenario
from siteplan.straddling import law_note
from siteplan.uses import USES
from tests.studies import row_of_lots

RULES = shipped_rules()
THIRD, SEMI, DISTRIBUTION = "제3종일반주거지역", "준주거지역", "유통상업지역"
MIXED: ZoneParts = ((THIRD, 0.6), (SEMI, 0.4))


def straddling(
    *parts: ZoneParts, zones: list[str | None] | None = None, area_m2: float = 10_000.0
) -> Parcels:
    """Lots with these parts; the main zone is the first part's."""
    main = zones if zones is not None else [one[0][0] for one in parts]
    parcels = row_of_lots(main, area_m2=[area_m2] * len(main))
    return replace(parcels, zone_parts=tuple(parts))


def limits(parcels: Parcels, scenario: Scenario | None = None) -> Capacity:
    return capacity_of(parcels, scenario or Scenario(), rules=RULES)


def found_in(parcels: Parcels, scenario: Scenario) -> dict[str, Issue]:
    issues = check_capacity(parcels, scenario, limits(parcels, scenario))
    return {issue.code: issue for issue in issues}


def test_far_and_bcr_are_averages_weighted_by_area() -> None:
    found = limits(straddling(MIXED))
    assert found.far_limit_pct.tolist() == pytest.approx([310])  # .6 × 250 + .4 × 400
    assert found.bcr_limit_pct.tolist() == pytest.approx([54])  # .6 × 50 + .4 × 60
    assert found.far_area_m2.tolist() == pytest.approx([31_000])
    assert found.ground_m2.tolist() == pytest.approx([5_400])
    assert found.limit == ("far",)
    assert [(p.zone, p.share_ratio, p.far_pct, p.bcr_pct) for p in found.zone_parts[0]] == [
        (THIRD, 0.6, 250, 50),
        (SEMI, 0.4, 400, 60),
    ]


def test_uses_floors_and_daylight_follow_the_largest_part() -> None:
    found = limits(straddling(MIXED, MIXED[::-1], zones=[THIRD, SEMI]))
    alone = limits(row_of_lots([THIRD, SEMI]))
    assert found.zones == (THIRD, SEMI)
    assert (found.allowed == alone.allowed).all()
    assert (np.isfinite(found.by_daylight_m2) == np.isfinite(alone.by_daylight_m2)).all()
    assert found.far_limit_pct.tolist() == pytest.approx([310, 310])


def test_floors_bind_on_the_weighted_ground() -> None:
    found = limits(straddling(MIXED), Scenario(max_floors=4))
    assert found.far_area_m2.tolist() == pytest.approx([21_600])  # 54 % × 10,000 m² × 4
    assert found.limit == ("bcr_floors",)


def test_a_plan_on_a_straddling_lot_is_filled_to_the_last_square_metre() -> None:
    parcels = straddling(MIXED)
    programme = Programme.from_gfa(31_000, {"housing": 31_000})
    factors = {f"far_ratio.{use}": 1.0 for use in USES}
    consents = frozenset((THIRD, use) for use in USES)
    scenario = Scenario(programme=programme, factors=factors, consents=consents)
    plan = sp.evaluate(parcels, scenario)
    assert plan.status == "optimal"
    assert plan.total_gfa_m2 == 31_000
    assert plan.far_pct.tolist() == pytest.approx([310])
    more = Programme.from_gfa(31_001, {"housing": 31_001})
    assert sp.evaluate(parcels, replace(scenario, programme=more)).status == "infeasible"


def test_the_planners_zone_or_far_wins_over_the_parts() -> None:
    parcels = straddling(MIXED, MIXED, MIXED)
    decisions = {
        "a": ParcelDecision(zone=THIRD, reason="test"),
        "b": ParcelDecision(far_pct=500, reason="test"),
    }
    scenario = Scenario(decisions=decisions)
    found = limits(parcels, scenario)
    assert found.far_limit_pct.tolist() == pytest.approx([250, 500, 310])
    assert found.bcr_limit_pct.tolist() == pytest.approx([50, 54, 54])
    assert found.limit == ("far", "far_override", "far")
    assert [len(parts) for parts in found.zone_parts] == [0, 2, 2]
    base = [tiers.base_pct for tiers in found.tiers if tiers is not None]
    assert base == pytest.approx([250, 310, 310])
    listed = found_in(parcels, scenario)
    assert listed["zone_override"].parcel_ids == ("a",)
    assert listed["zones_weighted"].parcel_ids == ("b", "c")
    # National most: .6 × 300 + .4 × 500 = 380 %.
    assert listed["far_above_national"].details["most"] == "380"


def test_other_decisions_keep_the_parts() -> None:
    scenario = Scenario(decisions={"a": ParcelDecision(50)})
    found = limits(straddling(MIXED), scenario)
    assert found.far_area_m2.tolist() == pytest.approx([15_500])


def test_incentives_count_on_the_weighted_base() -> None:
    # 110 % in both zones: .6 × 275 + .4 × 440 = 341 = 1.1 × 310
    found = limits(straddling(MIXED), Scenario(incentives={"district_plan": 110}))
    (tiers,) = found.tiers
    assert tiers is not None
    assert (tiers.base_pct, tiers.allowed_pct) == pytest.approx((310, 341))
    assert found.far_limit_pct.tolist() == pytest.approx([341])
    assert [one.gain_pp for one in tiers.applied] == pytest.approx([31])
    assert tiers.applied[0].formula.render("en") == (
        f"each zone by itself: {THIRD}: 250 % × 110 % = 275 %; {SEMI}: 400 % × 110 % = 440 %"
    )


def test_an_incentive_of_one_zone_lifts_that_part_only() -> None:
    # 준주거 to 500 % with rental homes: .6 × 250 + .4 × 500 = 350
    scenario = Scenario(incentives={"semi_residential_rental": 500})
    found = limits(straddling(MIXED), scenario)
    assert found.far_limit_pct.tolist() == pytest.approx([350])
    (tiers,) = found.tiers
    assert tiers is not None
    assert tiers.refused == ()
    alone = found_in(straddling(((THIRD, 0.6), (DISTRIBUTION, 0.4))), scenario)
    assert alone["incentive_refused"].parcel_ids == ("a",)


def test_land_given_on_one_part_keeps_the_sum_over_the_parts() -> None:
    # α = .25 in 유통상업: 600 % × 1.325 = 795 % on four fifths of 4,000 m²; 250 % of 6,000 m².
    scenario = Scenario(incentives={"land_given": 25})
    found = limits(straddling(((THIRD, 0.6), (DISTRIBUTION, 0.4))), scenario)
    assert found.far_area_m2.tolist() == pytest.approx([7.95 * 3_200 + 15_000])
    assert found.available_pct.tolist() == pytest.approx([92])
    (figure, *_) = limit_figures(found, 0)
    assert "of 9,200 m²" in figure.how.render("en")


def test_the_figures_show_both_parts_the_article_and_the_weaker_mark() -> None:
    found = limits(straddling(MIXED), Scenario(max_floors=9))
    far, floors, *_ = limit_figures(found, 0)
    assert far.how.render("en") == "60 % × 250 % + 40 % × 400 % = 310 % of 10,000 m²"
    assert "5,400 m² of ground (54 % BCR)" in floors.how.render("en")
    for figure in (far, floors):
        assert "국토계획법 §84" in figure.article
        assert figure.mark == "M"
    plain = limit_figures(limits(row_of_lots([THIRD])), 0)[0]
    assert "§84" not in plain.article


@pytest.mark.parametrize(("area_m2", "small"), [(825.0, True), (826.0, False)])
def test_the_note_depends_on_330_square_metres(area_m2: float, small: bool) -> None:  # noqa: FBT001
    # 40 % of 825 m² are 330 m².
    issue = found_in(straddling(MIXED, area_m2=area_m2), Scenario())["zones_weighted"]
    said = issue.message.render("en")
    assert law_note(small_part=small).render("en") in said
    assert "from memory, not verified" in said
    assert ("at most 330 m²" if small else "above 330 m²") in said


def test_a_part_in_an_unknown_zone_counts_nothing_and_is_listed() -> None:
    parcels = straddling(((THIRD, 0.6), ("계획관리지역", 0.4)))
    assert limits(parcels).far_limit_pct.tolist() == pytest.approx([150])
    listed = found_in(parcels, Scenario())
    assert listed["zone_part_unknown"].parcel_ids == ("a",)
    assert "계획관리지역" in listed["zone_part_unknown"].message.render("en")
    main_unknown = limits(straddling((("계획관리지역", 0.6), (THIRD, 0.4))))
    assert main_unknown.limit == ("zone_unknown",)
    assert main_unknown.far_area_m2.tolist() == [0]


KNOWN = [zone for zone in LEGAL_ZONES if zone in RULES.zones]


@given(
    st.lists(st.tuples(st.sampled_from(KNOWN), st.integers(1, 9)), min_size=2, max_size=4),
    st.booleans(),
)
def test_capacity_of_a_lot_is_the_sum_over_its_parts(
    drawn: list[tuple[str, int]],
    incentive: bool,  # noqa: FBT001
) -> None:
    total = sum(weight for _, weight in drawn)
    parts = tuple((zone, weight / total) for zone, weight in drawn)
    scenario = Scenario(incentives={"district_plan": 110, "land_given": 20} if incentive else {})
    whole = limits(straddling(parts), scenario)
    alone = limits(row_of_lots([zone for zone, _ in parts]), scenario)
    shares = np.array([share for _, share in parts])
    assert whole.by_far_m2[0] == pytest.approx((shares * alone.by_far_m2).sum())
    assert whole.bcr_limit_pct[0] == pytest.approx((shares * alone.bcr_limit_pct).sum())
    assert whole.available_pct[0] == pytest.approx((shares * alone.available_pct).sum())


def test_the_panel_shows_both_parts_and_the_note(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "lots.geojson"
    straddling(MIXED, (), zones=[THIRD, SEMI]).frame.to_crs(4326).to_file(file, driver="GeoJSON")
    monkeypatch.setenv("SITEPLAN_PARCELS", str(file))
    app = Path(sp.__file__).parent / "app" / "main.py"
    page = AppTest.from_file(str(app), default_timeout=30)
    page.query_params["lang"] = "en"
    page.run().selectbox(key="parcel-list").set_value("a").run()
    assert not page.exception
    shown = " ".join(str(node.proto.body) for node in page.get("html"))
    third, semi = (RULES.zones[zone].label.render("en") for zone in (THIRD, SEMI))
    for words in (
        f"{third} 60.0 % + {semi} 40.0 %",
        "250.0 % / 50.0 %",
        "400.0 % / 60.0 %",
        "Weighted by area",
        "310.0 % / 54.0 %",
        "6,000 m²",
        "Each part is above 330 m²",
    ):
        assert words in shown
    page.number_input(key="decide-far").set_value(280.0).run()
    shown = " ".join(str(node.proto.body) for node in page.get("html"))
    assert "By the planner&#x27;s decision" in shown
    assert "280.0 % / 54.0 %" in shown
    page.selectbox(key="parcel-list").set_value("b").run()
    assert not page.exception
    assert "Weighted by area" not in " ".join(str(n.proto.body) for n in page.get("html"))


@pytest.mark.parametrize("ending", [".geojson", ".gpkg", ".parquet", ".shp.zip"])
def test_an_exported_plan_keeps_the_parts(ending: str, tmp_path: Path) -> None:
    parcels = straddling(MIXED, (), zones=[THIRD, SEMI])
    plan = sp.evaluate(parcels, Scenario(programme=Programme.from_gfa(10_000, {"housing": 10_000})))
    file = tmp_path / f"plan{ending}"
    sp.write_plan(plan, file)
    back = sp.read_parcels(file)
    assert back.zone_parts == parcels.zone_parts
    assert limits(back).far_limit_pct.tolist() == pytest.approx([310, 400])
