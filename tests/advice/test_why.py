"""Why a parcel holds what it does: every figure against a plan that is evaluated anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siteplan.advice import what_if, why
from siteplan.advice._study import solved_of
from siteplan.allocation import allocate
from siteplan.evaluation import Plan, evaluate
from siteplan.io import default_scenario, read_parcels
from siteplan.programme import Programme, UseTarget
from siteplan.scenario import ParcelDecision, Scenario
from siteplan.uses import USES
from tests.studies import row_of_lots

CONSENTS = frozenset(("유통상업지역", use) for use in ("research", "campus", "culture"))


@pytest.fixture(scope="module")
def plan() -> Plan:
    parcels = read_parcels()
    return evaluate(parcels, default_scenario(parcels))


def test_the_points_of_the_criteria_sum_to_the_score(plan: Plan) -> None:
    for parcel_id in plan.parcels.ids:
        for one in why(plan, parcel_id).uses:
            assert sum(part.points for part in one.parts) == pytest.approx(one.score)


def test_the_rule_that_limits_is_named_with_its_article(plan: Plan) -> None:
    said = why(plan, "Y2-J01").limit.render("en")
    assert "FAR limits this lot to 7,200 m² of FAR area: 400 % of 1,800 m²" in said
    assert "서울특별시 도시계획 조례 §48" in said
    assert "takes no part" in why(plan, plan.parcels.ids[100]).limit.render("en")


def test_what_stands_here_costs_nothing_and_what_is_elsewhere_costs_something(plan: Plan) -> None:
    for row, parcel_id in enumerate(plan.parcels.ids):
        found = why(plan, parcel_id)
        for column, one in enumerate(found.uses):
            if plan.capacity.far_area_m2[row] <= 0:
                assert one.cost is None
            elif one.gfa_m2 > 100:
                assert one.cost == pytest.approx(0, abs=1e-9)
                assert one.changes == ()
            elif plan.capacity.allowed[row, column]:
                assert one.cost is not None
                assert one.cost >= 0
                assert one.changes


def test_a_use_comes_where_its_suitability_reaches_the_figure(plan: Plan) -> None:
    solved = solved_of(plan)
    assert solved is not None
    row = plan.parcels.index["YJ-R01"]
    column = USES.index("campus")
    needed = why(plan, "YJ-R01").uses[column].needed_score
    assert needed is not None
    for score, comes in ((needed - 1e-4, False), (needed + 1e-4, True)):
        changed = solved.held.score.copy()
        changed[row, column] = score / plan.far_ratio[column]
        totals = solved.held.area.sum(axis=0)
        answer = allocate(solved.held.capacity, changed, totals)
        assert (answer.area_m2[row, column] > 1) == comes


def test_a_use_that_only_the_permission_keeps_away_is_said(plan: Plan) -> None:
    found = why(plan, "YJ-225")
    housing = found.uses[USES.index("housing")]
    assert not housing.allowed
    assert housing.cost is not None
    assert housing.cost < 0
    said = " ".join(text.render("en") for text in found.texts)
    assert "Housing would come here if it were permitted" in said
    assert "A zone change would help" in said


def test_the_next_best_use_is_the_cheapest_allowed_one(plan: Plan) -> None:
    found = why(plan, "YJ-225")
    assert found.next_best == "research"
    assert "Next best here: Research." in " ".join(t.render("en") for t in found.texts)


def test_an_infeasible_plan_still_says_limits_and_permissions() -> None:
    parcels = row_of_lots(["유통상업지역"])
    scenario = Scenario(programme=Programme.from_gfa(1_000, {"housing": 1_000}))
    found = why(evaluate(parcels, scenario), "a")
    assert found.next_best is None
    assert "FAR limits this lot" in found.limit.render("en")
    assert all(one.cost is None for one in found.uses)
    assert found.uses[USES.index("housing")].changes


def test_a_parcel_without_a_zone_says_so() -> None:
    parcels = row_of_lots(["준주거지역", None])
    scenario = Scenario(programme=Programme.from_gfa(1_000, {"housing": 1_000}))
    assert "No rule knows this lot's zone" in why(evaluate(parcels, scenario), "b").limit.render(
        "en"
    )


def test_an_empty_lot_says_whether_anything_might_stand_there(plan: Plan) -> None:
    said = " ".join(text.render("en") for text in why(plan, "YJ-224").texts)
    assert "the best plan puts every use on other lots, and 7,826 m² of FAR area" in said
    parcels = row_of_lots(["준주거지역", "유통상업지역"])
    scenario = Scenario(programme=Programme.from_gfa(1_000, {"housing": 1_000}))
    shut = why(evaluate(parcels, scenario), "b")
    assert "no use is permitted on this lot" in shut.texts[1].render("en")
    assert shut.next_best is None


def test_unknown_parcels_and_uses_are_refused(plan: Plan) -> None:
    with pytest.raises(KeyError):
        why(plan, "nowhere")
    with pytest.raises(KeyError):
        what_if(plan, "YJ-R01", use="airport", gfa_m2=1)


def test_what_if_is_the_difference_of_two_plans(plan: Plan) -> None:
    found = what_if(plan, "Y2-J01", use="research", gfa_m2=2_000)
    assert found is not None
    assert found.fits
    assert found.loss > 0
    assert found.points == pytest.approx(found.loss / 270_000 * 100)
    assert "would change the plan's mean suitability by -0." in found.text.render("en")
    beyond = what_if(plan, "Y2-J01", use="research", gfa_m2=11_000)
    assert beyond is not None
    assert not beyond.fits
    assert "do not fit" in beyond.text.render("en")


@st.composite
def studies(draw: st.DrawFn) -> tuple[list[str], Scenario, int]:
    zones = draw(
        st.lists(
            st.sampled_from(["준주거지역", "제3종일반주거지역", "유통상업지역"]),
            min_size=2,
            max_size=5,
        )
    )
    gfa_m2 = draw(st.lists(st.integers(0, 30_000), min_size=4, max_size=4).filter(any))
    free = draw(st.integers(-1, 3))
    targets = tuple(UseTarget(None if i == free else m2) for i, m2 in enumerate(gfa_m2))
    scenario = Scenario(programme=Programme(sum(gfa_m2), targets), consents=CONSENTS)
    return zones, scenario, draw(st.integers(0, 999))


@given(studies(), st.sampled_from(USES), st.floats(1, 5_000))
@settings(max_examples=60)
def test_the_cost_at_the_margin_is_never_more_than_what_if_says(
    study: tuple[list[str], Scenario, int], use: str, gfa_m2: float
) -> None:
    zones, scenario, seed = study
    plan = evaluate(row_of_lots(zones), scenario)
    if plan.status == "infeasible":
        return
    # These lots have no surroundings: scores with ties are put in by hand.
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 5, (len(zones), 4)) / 4
    plan = replace(plan, suitability=replace(plan.suitability, score=scores))
    row, column = int(rng.integers(len(zones))), USES.index(use)
    one = why(plan, plan.parcels.ids[row]).uses[column]
    found = what_if(plan, plan.parcels.ids[row], use=use, gfa_m2=gfa_m2)
    solved = solved_of(plan)
    assert found is not None
    assert solved is not None
    if one.cost is None or not found.fits:
        return
    stands_m2 = float(solved.held.area[row, column] / plan.far_ratio[column])
    if stands_m2 == 0:
        assert found.loss >= one.cost * gfa_m2 - 1e-3
    elif stands_m2 >= gfa_m2:
        assert found.loss == pytest.approx(0, abs=1e-3)


def test_locks_of_the_land_do_not_confuse_it() -> None:
    parcels = row_of_lots(["준주거지역", "준주거지역"])
    scenario = Scenario(
        programme=Programme.from_gfa(1_000, {"housing": 1_000}),
        decisions={"b": ParcelDecision(0)},
    )
    found = why(evaluate(parcels, scenario), "b")
    assert "takes no part" in found.limit.render("en")
    assert found.next_best is None
