"""What the planner decided, in words: the same figures, each with its end, nothing left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from siteplan.approach import Near, Practical, Together
from siteplan.decided import (
    approach_name,
    approach_told,
    dates_kept,
    decision_told,
    parcel_limits,
    phases_told,
)
from siteplan.evaluation import Plan, evaluate
from siteplan.io import read_parcels
from siteplan.phasing import Phases
from siteplan.programme import Programme
from siteplan.scenario import ParcelDecision, Scenario
from siteplan.text import LANGUAGES, Renderable
from siteplan.units import Area
from siteplan.use_limits import UseLimit
from tests.studies import row_of_lots

PROGRAMME = Programme.from_gfa(20_000, {"research": 12_000, "housing": 8_000})


def plan_of(scenario: Scenario) -> Plan:
    return evaluate(row_of_lots(["준주거지역"] * 4), scenario)


def said(texts: Iterable[Renderable]) -> list[str]:
    return [text.render("en") for text in texts]


class TestApproach:
    def test_rules_for_buildable_parcels_stand_with_their_figures(self) -> None:
        rules = Practical(
            2,
            {"research": 1000, "housing": 500},
            whole_floors=True,
            max_share_pct={"culture": 50.0},
        )
        assert str(approach_name(rules)) == "Buildable parcels"
        assert said(approach_told(rules)) == [
            "At most 2 use(s) on a parcel.",
            "Wherever a use stands, it has at least: Research 1,000 m², Housing 500 m².",
            "Of a parcel's capacity a use takes at most: Culture 50 %.",
            "Uses fill whole floors; each has one part floor in the whole plan at most.",
        ]

    def test_rules_that_ask_for_nothing_are_not_told(self) -> None:
        told = said(approach_told(Practical(3, {"research": 0}, max_share_pct={"culture": 100.0})))
        assert told == ["At most 3 use(s) on a parcel."]

    def test_the_earlier_plan_is_named_and_its_price_told(self) -> None:
        assert "“May plan”" in said(approach_told(Near({}, name="May plan", price=0.1)))[0]
        assert "0.1 of suitability" in said(approach_told(Near({}, price=0.1)))[0]
        assert "As little" in said(approach_told(Near({}, price=None)))[0]

    def test_neighbours_and_the_most_suitable(self) -> None:
        assert "12.5 m²" in said(approach_told(Together(12.5)))[0]
        assert len(approach_told(Together(12.5, single_use=True))) == 2
        assert str(approach_name(None)) == "Most suitable"
        assert len(approach_told(None)) == 1


class TestYears:
    def test_years_of_one_ceiling_are_told_together(self) -> None:
        phases = Phases(2028, 4, ceiling_gfa_m2=(6_000, 9_000, 9_000, None))
        told = said(phases_told(plan_of(Scenario(programme=PROGRAMME, phases=phases))))
        assert "2028 to 2031" in told[0]
        assert told[1] == (
            "Most floor area built in a year: 2028 6,000 m², 2029–2030 9,000 m², 2031 no limit."
        )

    def test_only_yangjaes_total_speaks_of_the_announced_start(self) -> None:
        phases = Phases(2028, 4)
        own = phases_told(plan_of(Scenario(programme=PROGRAMME, phases=phases)))
        assert "announced" not in str(own[0])
        elsewhere = phases_told(plan_of(Scenario(phases=phases)))
        assert "announced" not in str(elsewhere[0])
        usual = phases_told(evaluate(read_parcels(), Scenario(phases=phases)))
        assert "announced for 2028" in str(usual[0])

    def test_no_years_nothing_told(self) -> None:
        assert phases_told(plan_of(Scenario(programme=PROGRAMME))) == ()

    def test_dates_stand_with_what_is_built_by_then(self) -> None:
        phases = Phases(
            2028,
            3,
            ceiling_gfa_m2=(8_000, 8_000, 8_000),
            minimum_gfa_m2={2028: {"housing": 5_000}, 2029: {"research": 9_000}},
        )
        plan = plan_of(Scenario(programme=PROGRAMME, phases=phases))
        assert plan.timing is not None
        found = dates_kept(plan.timing)
        assert [(date.year, date.use, date.least_m2) for date in found] == [
            (2028, "housing", 5_000),
            (2029, "research", 9_000),
        ]
        for date in found:
            column = ("research", "campus", "housing", "culture").index(date.use)
            built_m2 = plan.timing.built_by_m2(date.year)[:, column].sum()
            assert date.standing_m2 == built_m2
            assert date.kept
        assert not replace(found[0], standing_m2=4_999).kept


class TestParcelLimits:
    @pytest.mark.parametrize(
        ("decision", "told"),
        [
            (
                ParcelDecision(limits={"research": UseLimit(100, 900)}),
                "Research from 100 m² to 900 m²",
            ),
            (ParcelDecision(limits={"research": UseLimit(100)}), "Research at least 100 m²"),
            (ParcelDecision(limits={"research": UseLimit(0, 900)}), "Research at most 900 m²"),
            (ParcelDecision(limits={"research": UseLimit(900, 900)}), "Research exactly 900 m²"),
            (ParcelDecision(limits={"housing": UseLimit(0, 0)}), "no Housing"),
            (ParcelDecision(only_use="campus"), "only Campus"),
            (
                ParcelDecision(stays_far_m2=2500.0),
                "existing buildings stay with 2,500 m² of FAR area",
            ),
            (ParcelDecision(ready_year=2031), "ready from 2031"),
        ],
    )
    def test_each_limit_is_told_by_its_ends(self, decision: ParcelDecision, told: str) -> None:
        assert said(decision_told(decision)) == [told]
        assert all(text.render(lang) for text in decision_told(decision) for lang in LANGUAGES)

    def test_limits_carry_parcel_reason_and_use(self) -> None:
        scenario = Scenario(
            programme=PROGRAMME,
            decisions={
                "b": ParcelDecision(limits={"research": UseLimit(100, 900)}, reason="agreed"),
                "a": ParcelDecision(only_use="housing", ready_year=2030),
                "gone": ParcelDecision(limits={"culture": UseLimit(0, 0)}),
                "c": ParcelDecision(available_pct=50),
            },
        )
        found = parcel_limits(plan_of(scenario))
        assert [(one.parcel_id, one.row, one.use) for one in found] == [
            ("a", 0, None),
            ("a", 0, None),
            ("b", 1, "research"),
            ("gone", None, "culture"),
        ]
        assert found[2].reason == "agreed"
        assert (found[2].least, found[2].most) == (Area(100), Area(900))
