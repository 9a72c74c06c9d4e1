"""Figures: hand-computed, in the right dimension, with marks kept and double counting told."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import pint
import pytest

from siteplan.evaluation import Plan, evaluate
from siteplan.ledger import mark_text, shipped_ledger
from siteplan.metrics import Metric, metric_values, plan_drivers, zeb_grade_name
from siteplan.programme import Programme
from siteplan.recipes import (
    BY_KEY,
    DRIVERS,
    RECIPES,
    recipe_drivers,
    recipe_factors,
    reckon,
)
from siteplan.scenario import Scenario
from tests.studies import row_of_lots

GFA_M2 = {"research": 25_000, "campus": 4_000, "housing": 15_000, "culture": 6_000}


@lru_cache
def plan_of(factors: tuple[tuple[str, float], ...] = ()) -> Plan:
    """Ten lots of 100 m by 100 m where every use may stand."""
    return evaluate(
        row_of_lots(["준주거지역"] * 10),
        Scenario(programme=Programme.from_gfa(50_000, GFA_M2), factors=dict(factors)),
    )


def metrics_of(plan: Plan) -> Mapping[str, Metric]:
    return {metric.key: metric for metric in plan.metrics}


# By hand from GFA_M2 and the ledger's values.
BY_HAND = {
    "far_area_m2": 25_000 * 0.7 + 4_000 * 0.8 + 15_000 * 0.74 + 6_000 * 0.65,
    "jobs": 1_000,
    "researchers": 326,
    "students": 200,
    "households": 15_000 * 0.74 / 112,
    "residents": 15_000 * 0.74 / 112 * 2.1,
    "people_on_site": 1_200 + 15_000 * 0.74 / 112 * 2.1,
    "visitors_per_year": 120_000,
    "dormitory_gfa_m2": 4_500,
    "housing_parking_stalls": 15_000 * 0.74 * 0.76 / 75,
    "parking_stalls": 125 + 20 + 60 + 15_000 * 0.74 * 0.76 / 75,
    "trips_per_day": 3_125 + 500 + 2_400 + 15_000 * 0.74 / 112 * 7,
    "construction_cost_krw": 79e9 + 4_000 * 2.54e6 * 1.3 + 33.3e9 + 6_000 * 2.7e6 * 1.3,
    "energy_kwh_per_year": 3_975_000 + 500_000 + 2_040_000 + 990_000,
    "operational_co2_t_per_year": 7_505_000 * 0.45 / 1000,
    "embodied_co2_t": 35_000 * 0.6 + 15_000 * 0.475,
    "zeb_kwh_per_year": 1_501_000,
}


@pytest.mark.parametrize("key", list(BY_HAND))
def test_figures_equal_the_sums_done_by_hand(key: str) -> None:
    assert metrics_of(plan_of())[key].value == pytest.approx(BY_HAND[key])


def test_small_homes_need_a_stall_each() -> None:
    plan = plan_of((("m2_per_household.housing", 70.0),))
    assert metrics_of(plan)["housing_parking_stalls"].value == pytest.approx(15_000 * 0.74 / 70)


@pytest.mark.parametrize(
    ("side_m", "gfa_m2", "green_m2", "open_m2"),
    [
        (100.0, 20_000, 1_500, 1_000),  # large lot, 5,000 m² of culture and more
        (100.0, 4_999, 1_500, 0),
        (100.0, 1_999, 1_000, 0),
        (100.0, 999, 500, 0),
        (16.0, 900, 256 * 0.05, 0),
        (14.0, 700, 0, 0),  # 196 m²: lots below 200 m² owe nothing
    ],
)
def test_green_and_open_space_follow_the_building_ordinance(
    side_m: float, gfa_m2: int, green_m2: float, open_m2: float
) -> None:
    plan = evaluate(
        row_of_lots(["준주거지역"], side_m=side_m),
        Scenario(programme=Programme.from_gfa(gfa_m2, {"culture": gfa_m2})),
    )
    assert plan.status == "optimal"
    found = metric_values(plan.metrics)
    assert found["green_m2"] == pytest.approx(green_m2)
    assert found["open_space_m2"] == pytest.approx(open_m2)


def test_research_floor_does_not_ask_for_open_space() -> None:
    plan = evaluate(
        row_of_lots(["준주거지역"]),
        Scenario(programme=Programme.from_gfa(20_000, {"research": 20_000})),
    )
    assert metric_values(plan.metrics)["open_space_m2"] == 0


@pytest.mark.parametrize(
    ("aim", "name"), [(0.1, "–"), (0.2, "5"), (0.45, "4"), (0.8, "2"), (1.0, "1"), (1.3, "1+")]
)
def test_the_zeb_grade_follows_the_self_sufficiency_aimed_at(aim: float, name: str) -> None:
    metric = metrics_of(plan_of((("zeb_self_sufficiency", aim),)))["zeb_grade"]
    assert zeb_grade_name(metric.value) == name


def units() -> pint.UnitRegistry[float]:
    """Heads, homes, cars, visits, trips, money and CO₂ as dimensions of their own."""
    registry: pint.UnitRegistry[float] = pint.UnitRegistry()
    for base in ("person", "household", "stall", "visit", "trip", "KRW", "kgCO2"):
        registry.define(f"{base} = [{base}_]")
    for head in ("job", "student", "resident"):
        registry.define(f"{head} = person")
    registry.define("tCO2 = 1000 * kgCO2")
    return registry


def test_every_formula_has_the_dimension_and_size_of_its_unit() -> None:
    registry, plan = units(), plan_of()

    def unit_of(text: str) -> pint.Unit:
        return registry.Unit(text.replace("²", "**2").replace("%", "percent"))

    known = {
        **{
            key: factor.value * registry.Quantity(1.0, unit_of(factor.unit))
            for key, factor in plan.ledger.factors.items()
        },
        **{key: registry.Quantity(m2, "m**2") for key, m2 in plan_drivers(plan).items()},
    }
    found, shown = reckon(known), metrics_of(plan)
    for recipe in RECIPES:
        # The scale is the unit's prefix: undo it, and let pint convert instead.
        figure = (found[recipe.key] / recipe.scale).to(unit_of(recipe.unit))
        assert figure.magnitude == pytest.approx(shown[recipe.key].value), recipe.key


def test_a_formula_in_the_wrong_unit_would_be_seen() -> None:
    registry = units()
    with pytest.raises(pint.DimensionalityError):
        (registry.Quantity(1.0, "m**2") * registry.Quantity(1.0, "m**2/job")).to("job")


def test_marks_ranges_and_sources_reach_every_figure() -> None:
    factors = shipped_ledger().factors
    for metric in plan_of().metrics:
        assert metric.factors or metric.key not in BY_KEY
        said = {lang: [text.render(lang) for text in metric.sources] for lang in ("ko", "en")}
        for lang, lines in said.items():
            assert len(lines) == len(metric.factors)
            for factor, line in zip(metric.factors, lines, strict=True):
                assert factor == factors[factor.key]
                assert line.startswith(factor.key)
                mark, origin = mark_text(factor.mark), factor.origin
                assert f"{mark.render(lang)}: {origin.render(lang)}, {factor.date}" in line


def test_formulas_hold_the_numbers() -> None:
    found = metrics_of(plan_of())
    assert str(found["jobs"].formula) == "Research GFA 25,000 m² ÷ 25 m²/job = 1,000 job"
    assert found["jobs"].formula.render("ko") == "연구 연면적 25,000 m² ÷ 25 m²/명 = 1,000 명"
    assert "÷ 1,000 = " in str(found["operational_co2_t_per_year"].formula)
    assert str(found["housing_parking_stalls"].formula).startswith("the largest of: Housing GFA")


def test_an_own_value_is_in_the_figure_its_formula_and_its_source() -> None:
    metric = metrics_of(plan_of((("m2_per_job.research", 50.0),)))["jobs"]
    assert metric.value == 500
    assert "÷ 50 m²/job" in str(metric.formula)
    assert "the planner's own value" in str(metric.sources[0])
    assert metric.factors[0].changed


def test_what_is_counted_twice_says_so() -> None:
    found = metrics_of(plan_of())
    assert "Researchers" in str(found["jobs"].counted_twice[0])
    assert "Jobs" in str(found["researchers"].counted_twice[0])
    assert any(
        "live" in str(t) or "Residents" in str(t) for t in found["people_on_site"].counted_twice
    )
    assert "both ends" in str(found["trips_per_day"].counted_twice[0])
    assert not found["embodied_co2_t"].counted_twice


def test_every_sum_of_heads_with_a_shared_driver_is_flagged() -> None:
    """By brute force: heads that grow with the same floor area never stand unflagged."""
    found = metrics_of(plan_of())
    heads = [r for r in RECIPES if r.unit in ("job", "student", "resident", "person")]
    for one in heads:
        for other in heads:
            if one is not other and set(recipe_drivers(one)) & set(recipe_drivers(other)):
                said = " ".join(str(text) for text in found[one.key].counted_twice)
                assert other.label.en in said


def test_recipes_name_only_what_stands_above_them_and_drivers_are_traced() -> None:
    known = set(DRIVERS) | set(shipped_ledger().factors)
    for recipe in RECIPES:
        for term in recipe.terms:
            assert {term.of, *term.times, *term.over} <= known
        known.add(recipe.key)
    assert recipe_drivers(BY_KEY["operational_co2_t_per_year"]) == (
        "gfa.research", "gfa.campus", "gfa.housing", "gfa.culture",
    )  # fmt: skip
    assert "far_ratio.housing" in recipe_factors(BY_KEY["residents"])


def test_an_infeasible_plan_has_figures_of_zero() -> None:
    plan = evaluate(
        row_of_lots(["유통상업지역"]),
        Scenario(programme=Programme.from_gfa(10_000, {"housing": 10_000})),
    )
    assert plan.status == "infeasible"
    values = metric_values(plan.metrics)
    assert values["jobs"] == values["far_achieved_pct"] == values["construction_cost_krw"] == 0
