"""When the plan is built: cases by hand, and what holds for every scenario with years."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siteplan.approach import Near, Practical
from siteplan.evaluation import Plan, evaluate
from siteplan.ledger import shipped_ledger
from siteplan.parcels import Parcels
from siteplan.phasing import Phases
from siteplan.programme import Programme
from siteplan.scenario import ParcelDecision, Scenario
from siteplan.timing import Timing, cost_krw_per_m2, timed
from siteplan.use_limits import UseLimit
from siteplan.uses import USES
from tests.studies import row_of_lots

LOTS = row_of_lots(["준주거지역"] * 3)
RESEARCH, CAMPUS, HOUSING, CULTURE = range(4)
COSTS = cost_krw_per_m2(shipped_ledger())


def built(
    gfa_m2: list[list[int]],
    phases: Phases,
    *,
    score: list[list[float]] | None = None,
    ready: dict[str, int] | None = None,
) -> Timing:
    """Share out these floor areas on lots a, b, c; every use is as suitable as the score says."""
    decisions = {key: ParcelDecision(ready_year=year) for key, year in (ready or {}).items()}
    scores = np.ones((len(LOTS), 4)) if score is None else np.array(score, dtype=float)
    found = timed(
        np.array(gfa_m2, dtype=np.int64),
        parcels=LOTS,
        scenario=Scenario(decisions=decisions, phases=phases),
        suitability=SimpleNamespace(score=scores),
        ledger=shipped_ledger(),
    )
    assert found is not None
    return found


def pieces(timing: Timing) -> list[tuple[int, str, str, int]]:
    rows = zip(timing.year, timing.parcel, timing.use, timing.gfa_m2, strict=True)
    return [(int(y), LOTS.ids[p], USES[u], int(m2)) for y, p, u, m2 in rows]


class TestByHand:
    def test_the_most_suitable_comes_first_and_a_year_ends_at_its_ceiling(self) -> None:
        timing = built(
            [[100, 0, 0, 0], [0, 50, 0, 0], [0, 0, 0, 30]],
            Phases(2028, 3, ceiling_gfa_m2=(70, 70, 70)),
            score=[[0.9] * 4, [0.5] * 4, [0.7] * 4],
        )
        assert pieces(timing) == [
            (2028, "a", "research", 70),
            (2029, "a", "research", 30),
            (2029, "b", "campus", 10),
            (2029, "c", "culture", 30),
            (2030, "b", "campus", 40),
        ]
        assert timing.status == "optimal"
        assert timing.start_year.tolist() == [2028, 2029, 2029]
        assert timing.completion_year.tolist() == [2029, 2030, 2029]
        assert timing.built_by_m2(2028)[0].tolist() == [70, 0, 0, 0]
        assert timing.total_by_year_m2.sum(axis=1).tolist() == [70, 70, 40]

    def test_a_parcel_waits_for_the_year_in_which_it_is_ready(self) -> None:
        timing = built(
            [[100, 0, 0, 0], [0, 50, 0, 0], [0, 0, 0, 0]], Phases(2028, 3), ready={"a": 2030}
        )
        assert timing.completion_year.tolist() == [2030, 2028, 0]

    def test_a_year_before_the_first_means_from_the_start(self) -> None:
        timing = built([[9, 0, 0, 0], [0] * 4, [0] * 4], Phases(2028, 2), ready={"a": 2010})
        assert timing.completion_year.tolist() == [2028, 0, 0]

    def test_a_date_brings_a_use_forward_though_another_is_more_suitable(self) -> None:
        timing = built(
            [[60, 0, 40, 0], [0] * 4, [0] * 4],
            Phases(2028, 2, ceiling_gfa_m2=(50, 50), minimum_gfa_m2={2028: {"housing": 35}}),
            score=[[0.9, 0, 0.1, 0]] * 3,
        )
        assert timing.total_by_year_m2[:, HOUSING].tolist() == [35, 5]
        assert timing.total_by_year_m2[:, RESEARCH].tolist() == [15, 45]

    def test_a_budget_pays_for_whole_square_metres_only(self) -> None:
        """3.16 million won a m²: 100 million pay 31 m², 2.04 million are left over each year."""
        timing = built([[70, 0, 0, 0], [0] * 4, [0] * 4], Phases(2028, 3, budget_krw=(1e8,) * 3))
        assert COSTS[RESEARCH] == 3_160_000
        assert timing.total_by_year_m2[:, RESEARCH].tolist() == [31, 31, 8]
        assert timing.cost_by_year_krw.tolist() == [97_960_000, 97_960_000, 25_280_000]

    def test_a_parcel_built_at_once_goes_where_it_fits_whole(self) -> None:
        timing = built(
            [[60, 0, 0, 0], [0, 50, 0, 0], [0, 0, 0, 30]],
            Phases(2028, 2, ceiling_gfa_m2=(80, 60), whole_parcels=True),
        )
        assert timing.completion_year.tolist() == [2029, 2028, 2028]

    def test_nothing_to_build_takes_no_year(self) -> None:
        timing = built([[0] * 4] * 3, Phases(2028, 2, ceiling_gfa_m2=(1, 1)))
        assert timing.status == "optimal"
        assert pieces(timing) == []
        assert not timing.completion_year.any()


class TestWhyNot:
    def test_years_that_are_too_narrow_are_named_with_what_is_missing(self) -> None:
        timing = built([[100, 0, 20, 0], [0] * 4, [0] * 4], Phases(2028, 2, (50, 60)))
        assert timing.status == "infeasible"
        assert timing.explanation[0].render("en") == (
            "The years 2028 to 2029 are too narrow: Research, Housing need 120 m² in them, their "
            "ceilings allow 110 m². 10 m² are missing. Raise a ceiling, add years, or move a date."
        )

    def test_a_date_that_nothing_is_ready_for_names_year_use_parcels_and_lack(self) -> None:
        phases = Phases(2028, 4, minimum_gfa_m2={2029: {"housing": 30}})
        timing = built([[0, 0, 20, 0], [0, 0, 20, 0], [0] * 4], phases, ready={"b": 2031})
        said = [text.render("en") for text in timing.explanation]
        assert "by the end of 2029, 10 m² more of Housing must stand than can be built" in said[0]
        assert said[1].startswith("1 parcel(s) that hold it are ready only later: ")
        assert timing.short is not None
        assert timing.short.parcels.tolist() == [1]

    def test_a_date_for_more_than_the_plan_has_says_so_first(self) -> None:
        phases = Phases(2028, 2, minimum_gfa_m2={2028: {"housing": 900}})
        found = built([[0, 0, 500, 0], [0] * 4, [0] * 4], phases)
        assert found.status == "infeasible"
        assert found.explanation[0].render("en") == (
            "By 2028, 900 m² of Housing are asked for, but the whole plan has 500 m² of it. "
            "Lower the date's amount, or raise the use."
        )

    def test_a_budget_is_explained_in_money(self) -> None:
        timing = built([[100, 0, 0, 0], [0] * 4, [0] * 4], Phases(2028, 1, budget_krw=(3e8,)))
        assert "need KRW 0.32 bn in them, their ceilings allow KRW 0.30 bn. KRW 0.02 bn are" in str(
            timing.explanation[0]
        )
        assert "3.2억 원" in timing.explanation[0].render("ko")

    def test_a_parcel_too_large_for_any_year_is_named(self) -> None:
        phases = Phases(2028, 3, ceiling_gfa_m2=(50,) * 3, whole_parcels=True)
        timing = built([[60, 0, 0, 0], [0, 50, 0, 0], [0] * 4], phases)
        said = timing.explanation[0].render("en")
        assert said.startswith("1 parcel(s) do not fit into any one year's ceiling: ")
        assert "needs 60 m² within one year, and a year allows 50 m² at most" in said

    def test_a_budget_short_of_whole_square_metres_says_so(self) -> None:
        """Two years pay 1.9 m² each: 3.8 m² in parts, but only 2 whole ones."""
        won = 1.9 * COSTS[RESEARCH]
        timing = built([[3, 0, 0, 0], [0] * 4, [0] * 4], Phases(2028, 2, budget_krw=(won, won)))
        assert timing.status == "infeasible"
        assert "no split into whole square metres was found" in str(timing.explanation[0])


ZONES = ["준주거지역", "제3종일반주거지역", "일반상업지역", "준주거지역", "제2종일반주거지역"]
FIVE = row_of_lots(ZONES)
amounts = st.lists(st.integers(0, 12_000), min_size=4, max_size=4)


@st.composite
def studies(draw: st.DrawFn) -> Scenario:
    """Programmes on five lots with years, limits of years, dates, ready years and limits."""
    gfa = dict(zip(USES, draw(amounts), strict=True))
    total = max(sum(gfa.values()), 1)
    gfa["research"] += total - sum(gfa.values())
    years = draw(st.integers(1, 6))
    each = st.integers(0, 2 * total // years + 1)
    ceilings: tuple[int | None, ...] = ()
    budgets: tuple[int, ...] = ()
    kind = draw(st.sampled_from(["none", "gfa", "budget"]))
    if kind == "gfa":
        ceilings = tuple(draw(st.one_of(st.none(), each)) for _ in range(years))
    if kind == "budget":
        budgets = tuple(draw(each) * 3_000_017 for _ in range(years))
    dates = {}
    for year in draw(st.sets(st.integers(2028, 2027 + years), max_size=3)):
        use = draw(st.sampled_from(USES))
        dates[year] = {use: draw(st.integers(0, gfa[use] + 10))}
    phases = Phases(2028, years, ceilings, budgets, dates, draw(st.booleans()))
    decisions = {
        key: ParcelDecision(ready_year=draw(st.integers(2027, 2029 + years)))
        for key in draw(st.sets(st.sampled_from(FIVE.ids), max_size=3))
    }
    if draw(st.booleans()):
        decisions["d"] = ParcelDecision(limits={"campus": UseLimit(0, draw(st.integers(0, 9_000)))})
    approach = draw(st.sampled_from([None, None, None, Practical(max_uses=1), Near()]))
    return Scenario(
        programme=Programme.from_gfa(total, gfa),
        decisions=decisions,
        phases=phases,
        approach=approach,
    )


def kept(plan: Plan) -> None:
    """Assert everything that a plan with years promises."""
    timing, phases = plan.timing, plan.scenario.phases
    assert timing is not None
    assert phases is not None
    area_m2 = np.zeros((phases.years, *plan.gfa_m2.shape), dtype=np.int64)
    np.add.at(area_m2, (timing.year - phases.first_year, timing.parcel, timing.use), timing.gfa_m2)
    assert timing.gfa_m2.dtype == np.int64
    assert (timing.gfa_m2 > 0).all()
    assert np.array_equal(area_m2.sum(axis=0), plan.gfa_m2)
    assert np.array_equal(area_m2.sum(axis=1), timing.total_by_year_m2)
    standing = np.zeros_like(plan.gfa_m2)
    for spot, year in enumerate(phases.calendar):
        standing += area_m2[spot]
        assert np.array_equal(timing.built_by_m2(year), standing)
        if phases.ceiling_gfa_m2 and phases.ceiling_gfa_m2[spot] is not None:
            assert area_m2[spot].sum() <= phases.ceiling_gfa_m2[spot]
        if phases.budget_krw and phases.budget_krw[spot] is not None:
            spent = sum(
                int(m2) * round(cost)
                for m2, cost in zip(area_m2[spot].sum(axis=0), COSTS, strict=True)
            )
            assert spent <= phases.budget_krw[spot]
        for use, least in phases.minimum_gfa_m2.get(year, {}).items():
            assert standing[:, USES.index(use)].sum() >= least
    for parcel_id, decision in plan.scenario.decisions.items():
        if decision.ready_year is not None:
            years = timing.year[timing.parcel == plan.parcels.index[parcel_id]]
            assert (years >= decision.ready_year).all()
    if phases.whole_parcels:
        used = plan.parcel_gfa_m2 > 0
        assert np.array_equal(timing.start_year[used], timing.completion_year[used])
    assert plan.phase == tuple(y or None for y in timing.completion_year.tolist())


@settings(max_examples=150)
@given(studies())
def test_whatever_is_asked_is_kept_exactly_or_explained(scenario: Scenario) -> None:
    plan = evaluate(FIVE, scenario)
    if plan.status == "infeasible":
        assert plan.timing is None
        return
    assert plan.timing is not None
    codes = {issue.code for issue in plan.issues}
    if plan.timing.status == "infeasible":
        assert plan.timing.explanation
        assert "phases_infeasible" in codes
        assert plan.phase == (None,) * len(FIVE)
        plain = evaluate(FIVE, replace(scenario, phases=None))
        assert np.array_equal(plan.gfa_m2, plain.gfa_m2)
        return
    kept(plan)
    if "dates_decide" not in codes:
        plain = evaluate(FIVE, replace(scenario, phases=None))
        assert np.array_equal(plan.gfa_m2, plain.gfa_m2)
        assert plan.objective == plain.objective


@settings(max_examples=25)
@given(studies(), st.permutations(range(len(FIVE))))
def test_the_order_of_rows_changes_nothing(scenario: Scenario, order: list[int]) -> None:
    other = Parcels.from_frame(FIVE.frame.iloc[order].reset_index(drop=True))
    one, two = evaluate(FIVE, scenario), evaluate(other, scenario)
    assert one.status == two.status
    if one.timing is None or two.timing is None:
        assert one.timing is two.timing
        return
    assert one.timing.status == two.timing.status

    def told(plan: Plan, timing: Timing) -> set[tuple[Any, ...]]:
        ids = [plan.parcels.ids[row] for row in timing.parcel.tolist()]
        return set(
            zip(timing.year.tolist(), ids, timing.use.tolist(), timing.gfa_m2.tolist(), strict=True)
        )

    assert told(one, one.timing) == told(two, two.timing)
    assert [str(t) for t in one.timing.explanation] == [str(t) for t in two.timing.explanation]


class TestDatesDecide:
    """Housing is best on b, which is ready last; by 2028 it must stand, so it moves to a."""

    LOTS = row_of_lots(["준주거지역", "준주거지역"])

    PLAIN = Scenario(programme=Programme.from_gfa(30_000, {"housing": 30_000}))

    def first(self) -> str:
        """The lot that holds all of it in the most suitable plan."""
        best = evaluate(self.LOTS, self.PLAIN)
        assert sorted(best.parcel_gfa_m2.tolist()) == [0, 30_000]
        return self.LOTS.ids[int(best.parcel_gfa_m2.argmax())]

    def plan(self, *, least_m2: int = 20_000, **changes: Any) -> Plan:
        phases = Phases(2028, 3, minimum_gfa_m2={2028: {"housing": least_m2}})
        decisions = {self.first(): ParcelDecision(ready_year=2030)}
        return evaluate(
            self.LOTS, replace(self.PLAIN, decisions=decisions, phases=phases, **changes)
        )

    def test_floor_area_moves_and_the_loss_is_named(self) -> None:
        plan = self.plan()
        kept(plan)
        assert plan.status == "feasible"
        assert plan.bound >= plan.objective
        issue = next(issue for issue in plan.issues if issue.code == "dates_decide")
        assert "% less suitability" in issue.message.render("en")
        assert float(str(issue.details["lost"])) >= 0

    def test_to_the_last_square_metre(self) -> None:
        """All that a parcel holds by the date: whole m² may not lose one of them."""
        plan = self.plan()
        other = int(plan.timing.built_by_m2(2028)[:, HOUSING].argmax()) if plan.timing else 0
        most_m2 = int(plan.room.capacity_m2[other] // plan.far_ratio[HOUSING])
        kept(self.plan(least_m2=min(most_m2, 30_000)))

    def test_a_rule_for_where_to_build_is_not_broken_for_a_date(self) -> None:
        table = {self.first(): (0, 0, 30_000, 0)}
        plan = self.plan(approach=Near(gfa_m2=table, price=None))
        assert plan.timing is not None
        assert plan.timing.status == "infeasible"
        assert "phases_infeasible" in {issue.code for issue in plan.issues}


def test_phases_and_years_survive_the_scenario_file() -> None:
    phases = Phases(2029, 3, (5, None, 7), (), {2030: {"housing": 9}}, whole_parcels=True)
    scenario = Scenario(phases=phases).with_decision("a", ParcelDecision(ready_year=2030))
    assert Scenario.from_json(scenario.to_json()) == scenario


@pytest.mark.parametrize(("amount", "ko", "en"), [
    (5_000, "5,000원", "KRW 5,000"),
    (3.16e8, "3.2억 원", "KRW 0.32 bn"),
    (8.5e11, "8,500.0억 원", "KRW 850.00 bn"),
])  # fmt: skip
def test_money_in_sentences(amount: float, ko: str, en: str) -> None:
    from siteplan.units import Won

    assert (Won(amount).render("ko"), Won(amount).render("en")) == (ko, en)
