"""Limits of a planner on a parcel's uses: kept by the plan, in the ranges, explained, repaired."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from siteplan.advice import repairs, why
from siteplan.errors import InputError
from siteplan.evaluation import Plan, evaluate, move_use
from siteplan.io import default_scenario, read_parcels
from siteplan.parcels import Parcels
from siteplan.programme import Programme
from siteplan.scenario import ParcelDecision, Scenario
from siteplan.use_limits import UseLimit
from siteplan.uses import USES
from tests.studies import row_of_lots

ONE = {f"far_ratio.{use}": 1.0 for use in USES}
ZONE = "준주거지역"  # 10,000 m² lots hold 40,000 m² of any use
THREE = row_of_lots([ZONE, ZONE, ZONE])
SPLIT = {"research": 40_000, "campus": 20_000, "housing": 20_000, "culture": 10_000}


def planned(decisions: dict[str, ParcelDecision], *, parcels: Parcels = THREE) -> Plan:
    programme = Programme.from_gfa(sum(SPLIT.values()), SPLIT)
    return evaluate(parcels, Scenario(programme=programme, decisions=decisions, factors=ONE))


def cell(plan: Plan, parcel_id: str, use: str) -> int:
    return int(plan.gfa_m2[plan.parcels.index[parcel_id], USES.index(use)])


class TestEachKind:
    def test_a_fixed_use_stands_exactly(self) -> None:
        plan = planned({"b": ParcelDecision(limits={"culture": UseLimit(7_777, 7_777)})})
        assert cell(plan, "b", "culture") == 7_777
        assert plan.total_gfa_m2 == 90_000

    def test_at_least_and_at_most(self) -> None:
        plan = planned(
            {
                "a": ParcelDecision(limits={"housing": UseLimit(15_000)}),
                "b": ParcelDecision(limits={"research": UseLimit(0, 1_234)}),
            }
        )
        assert cell(plan, "a", "housing") >= 15_000
        assert cell(plan, "b", "research") <= 1_234

    def test_an_excluded_use_stays_away_and_only_one_use_may_stand(self) -> None:
        plan = planned(
            {
                "a": ParcelDecision(only_use="campus"),
                "b": ParcelDecision(limits={"housing": UseLimit(0, 0)}),
            }
        )
        row = plan.gfa_m2[plan.parcels.index["a"]]
        assert row[USES.index("campus")] == row.sum()
        assert cell(plan, "b", "housing") == 0

    def test_existing_buildings_take_their_area_off_the_capacity(self) -> None:
        plan = planned({"a": ParcelDecision(stays_far_m2=12_500)})
        row = plan.parcels.index["a"]
        assert plan.capacity.far_area_m2[row] == pytest.approx(27_500)
        assert plan.capacity.limit[row] == "existing"
        assert {issue.code for issue in plan.issues} >= {"existing_stays"}

    def test_existing_buildings_larger_than_the_limit_leave_nothing(self) -> None:
        plan = planned({"a": ParcelDecision(stays_far_m2=99_000)})
        assert plan.capacity.far_area_m2[plan.parcels.index["a"]] == 0.0

    def test_limits_are_listed(self) -> None:
        plan = planned({"a": ParcelDecision(only_use="campus")})
        assert [i.parcel_ids for i in plan.issues if i.code == "use_limits"] == [("a",)]


class TestRangesAndMoves:
    def test_the_range_of_a_use_is_what_limits_leave(self) -> None:
        # Housing only on a (40,000 m²), and at least 5,000 there.
        away = ParcelDecision(limits={"housing": UseLimit(0, 0)})
        plan = planned(
            {"a": ParcelDecision(limits={"housing": UseLimit(5_000)}), "b": away, "c": away}
        )
        assert plan.ranges_m2[USES.index("housing")].tolist() == [5_000, 40_000]

    def test_a_slider_is_held_within_what_limits_leave_the_others(self) -> None:
        away = ParcelDecision(limits={"culture": UseLimit(0, 2_000)})
        plan = planned(dict.fromkeys("abc", away))
        assert plan.status == "infeasible"  # 10,000 m² of culture, 6,000 have room
        lowered = replace(
            plan.scenario,
            programme=Programme.from_gfa(90_000, {**SPLIT, "culture": 6_000, "campus": 24_000}),
        )
        moved = move_use(THREE, lowered, use="research", gfa_m2=10_000)
        assert evaluate(THREE, moved).status == "optimal"
        assert moved.programme.target("culture").target_m2 == 6_000


class TestWhatCannotBeKept:
    def test_more_than_the_parcel_holds_is_named_with_both_figures(self) -> None:
        plan = planned({"a": ParcelDecision(limits={"housing": UseLimit(50_000)})})
        assert plan.status == "infeasible"
        text = plan.explanation[0].render("en")
        assert "50,000" in text
        assert "40,000" in text
        assert np.isnan(plan.ranges_m2).all()

    def test_limits_together_above_the_capacity(self) -> None:
        limits = {"housing": UseLimit(20_000), "research": UseLimit(20_001)}
        plan = planned({"a": ParcelDecision(limits=limits)})
        assert plan.status == "infeasible"
        assert "40,001" in plan.explanation[0].render("en")

    def test_a_use_that_may_not_stand_there(self) -> None:
        parcels = row_of_lots(["유통상업지역", ZONE, ZONE])
        decision = ParcelDecision(limits={"housing": UseLimit(100)})
        plan = planned({"a": decision}, parcels=parcels)
        assert plan.status == "infeasible"
        assert "may not stand there" in plan.explanation[0].render("en")

    def test_limits_above_the_programme(self) -> None:
        limits = {"culture": UseLimit(6_000)}
        plan = planned({i: ParcelDecision(limits=limits) for i in "ab"})
        assert plan.status == "infeasible"
        assert "12,000" in plan.explanation[0].render("en")
        assert "10,000" in plan.explanation[0].render("en")

    @pytest.mark.parametrize(
        "decisions",
        [
            {"a": ParcelDecision(limits={"housing": UseLimit(50_000)})},
            {i: ParcelDecision(limits={"culture": UseLimit(6_000)}) for i in "ab"},
            {i: ParcelDecision(limits={"culture": UseLimit(0, 2_000)}) for i in "abc"},
            {i: ParcelDecision(only_use="research") for i in "abc"},
        ],
    )
    def test_dropping_limits_is_offered_and_works(
        self, decisions: dict[str, ParcelDecision]
    ) -> None:
        plan = planned(decisions)
        offered = [repair for repair in repairs(plan) if repair.kind == "limit"]
        assert offered
        for repair in offered:
            assert evaluate(THREE, repair.scenario).status != "infeasible"

    @pytest.mark.parametrize(
        "limits",
        [
            {"offices": UseLimit(1)},
            {"housing": UseLimit(-1)},
            {"housing": UseLimit(5, 4)},
            {"housing": UseLimit(1.5)},
            {"housing": UseLimit(min_m2=True)},
            "housing",
        ],
    )
    def test_limits_that_are_none_are_refused(self, limits: Any) -> None:
        with pytest.raises(InputError):
            ParcelDecision(limits=limits)


class TestWhatTheyCost:
    def test_the_reasons_name_the_limit_and_its_cost(self) -> None:
        parcels = read_parcels()
        scenario = default_scenario(parcels)
        free = evaluate(parcels, scenario)
        row = int(free.parcel_gfa_m2.argmax())
        parcel_id = free.parcels.ids[row]
        use = USES[int(free.gfa_m2[row].argmax())]
        kept_out = replace(scenario.decision(parcel_id), limits={use: UseLimit(0, 0)})
        plan = evaluate(parcels, scenario.with_decision(parcel_id, kept_out))
        lost = (free.objective - plan.objective) / 270_000 * 100
        assert lost > 0.01
        said = " ".join(text.render("en") for text in why(plan, parcel_id).texts)
        assert "You keep" in said
        # The cost is told for fractions of a m², the plans are whole.
        assert f"{lost:.2f} of 100" in said


@st.composite
def limited_studies(draw: st.DrawFn) -> tuple[Parcels, Scenario]:
    n = draw(st.integers(1, 5))
    zones = draw(st.lists(st.sampled_from([ZONE, "제3종일반주거지역"]), min_size=n, max_size=n))
    parcels = row_of_lots(zones)
    decisions = {}
    for parcel_id in parcels.ids:
        limits = {}
        for use in draw(st.lists(st.sampled_from(USES), max_size=3, unique=True)):
            low = draw(st.integers(0, 6_000))
            high = draw(st.none() | st.integers(low, 20_000))
            limits[use] = UseLimit(low, high)
        only = draw(st.none() | st.sampled_from(USES))
        stays = draw(st.sampled_from([0, 3_000.5]))
        decisions[parcel_id] = ParcelDecision(limits=limits, only_use=only, stays_far_m2=stays)
    amounts = draw(st.lists(st.integers(0, 15_000), min_size=4, max_size=4))
    amounts[0] += 1
    programme = Programme.from_gfa(sum(amounts), dict(zip(USES, amounts, strict=True)))
    return parcels, Scenario(programme=programme, decisions=decisions)


@given(limited_studies())
@settings(max_examples=150, deadline=None)
def test_a_plan_keeps_every_limit_and_no_lp_finds_a_better_one(
    study: tuple[Parcels, Scenario],
) -> None:
    parcels, scenario = study
    plan = evaluate(parcels, scenario)
    least, most = np.zeros(plan.gfa_m2.shape), np.full(plan.gfa_m2.shape, np.inf)
    for parcel_id, decision in scenario.decisions.items():
        row = parcels.index[parcel_id]
        for use, limit in decision.limits.items():
            least[row, USES.index(use)] = limit.min_m2
            if limit.max_m2 is not None:
                most[row, USES.index(use)] = limit.max_m2
        for column, use in enumerate(USES):
            if decision.only_use not in (None, use):
                most[row, column] = 0
    most[~plan.capacity.allowed] = 0.0
    n, k = plan.gfa_m2.shape
    best = None
    if (least <= most).all():
        totals = np.array([t.target_m2 for t in scenario.programme.targets], dtype=float)
        best = linprog(
            -plan.score.ravel(),
            A_ub=np.kron(np.eye(n), plan.far_ratio),
            b_ub=plan.capacity.far_area_m2,
            A_eq=np.tile(np.eye(k), n),
            b_eq=totals,
            bounds=list(zip(least.ravel(), most.ravel(), strict=True)),
        )
    if plan.status == "infeasible":
        assert plan.explanation
        # Only fractions of a m² may lie between the two: whole m² need a little more room.
        if best is not None and best.status == 0:
            rows = np.arange(n)
            slack = plan.capacity.far_area_m2 - np.kron(np.eye(n), plan.far_ratio) @ best.x
            assert (slack[rows] < 4).any()
        return
    assert best is not None
    assert best.status == 0
    assert (plan.gfa_m2 >= least).all()
    assert (plan.gfa_m2 <= most).all()
    assert (plan.far_area_m2 <= plan.capacity.far_area_m2 * (1 + 1e-9) + 1e-6).all()
    assert plan.uses_gfa_m2.tolist() == [t.target_m2 for t in scenario.programme.targets]
    assert plan.objective == pytest.approx(-best.fun, abs=4 * n * k)
    assert plan.bound >= -best.fun * (1 - 1e-9)
