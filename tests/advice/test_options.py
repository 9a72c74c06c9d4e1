"""Other plans to choose from, and trade-offs: against plans evaluated anew and by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siteplan.advice import (
    aim_mean,
    aims_of,
    alternatives_of,
    approach_cost,
    front_between,
)
from siteplan.approach import Near, Practical
from siteplan.errors import InputError
from siteplan.evaluation import Plan, evaluate
from siteplan.io import default_scenario, read_parcels
from siteplan.programme import Programme, UseTarget
from siteplan.scenario import ParcelDecision, Scenario
from siteplan.use_limits import UseLimit
from siteplan.uses import USES
from tests.studies import row_of_lots

ZONE = "준주거지역"


@pytest.fixture(scope="module")
def plan() -> Plan:
    parcels = read_parcels()
    return evaluate(parcels, default_scenario(parcels))


def research_only(gfa_m2: int, lots: int) -> Plan:
    """Return a plan of equal lots without surroundings, where every place is worth the same."""
    programme = Programme.from_gfa(gfa_m2, {"research": gfa_m2})
    return evaluate(row_of_lots([ZONE] * lots), Scenario(programme=programme))


def kept_limits(plan: Plan, gfa_m2: np.ndarray) -> bool:
    """Whether a plan in whole m² keeps totals, capacities, permissions and the planner's limits."""
    room = plan.room
    return bool(
        (gfa_m2.sum(axis=0) == plan.uses_gfa_m2).all()
        and (gfa_m2 >= 0).all()
        and (gfa_m2 @ plan.far_ratio <= room.capacity_m2 * (1 + 1e-9)).all()
        and (gfa_m2[~room.allowed] == 0).all()
        and (room.max_gfa_m2 is None or (gfa_m2 <= room.max_gfa_m2).all())
        and (room.min_gfa_m2 is None or (gfa_m2 >= room.min_gfa_m2).all())
    )


class TestAlternatives:
    def test_they_keep_totals_limits_and_98_percent_and_differ(self, plan: Plan) -> None:
        found = alternatives_of(plan)
        assert len(found.alternatives) == 3
        best = plan.bound
        for one in found.alternatives:
            assert kept_limits(plan, one.gfa_m2)
            worth = float((plan.score * one.gfa_m2).sum())
            assert worth >= 0.98 * best - 1e-6
            assert one.kept_pct == pytest.approx(worth / best * 100, abs=1e-9)
            assert one.points == pytest.approx(worth / 270_000 * 100, abs=1e-9)
            assert one.difference.moved_m2 <= found.most_moved_m2
        apart = found.moved_m2[~np.eye(4, dtype=bool)]
        assert apart.min() > 0.25 * 270_000

    def test_differences_are_counted_both_ways(self, plan: Plan) -> None:
        found = alternatives_of(plan)
        plans = [plan.gfa_m2, *(one.gfa_m2 for one in found.alternatives)]
        for i, a in enumerate(plans):
            for j, b in enumerate(plans):
                assert found.moved_m2[i, j] == np.abs(a - b).sum() / 2
                assert found.parcels[i, j] == (a != b).any(axis=1).sum()
        assert [one.difference.moved_m2 for one in found.alternatives] == found.moved_m2[
            0, 1:
        ].tolist()

    def test_taking_one_gives_it_back_to_the_last_m2(self, plan: Plan) -> None:
        for one in alternatives_of(plan).alternatives:
            again = evaluate(plan.parcels, Scenario.from_json(one.scenario.to_json()))
            assert (again.gfa_m2 == one.gfa_m2).all()
            assert isinstance(one.scenario.approach, Near)
            assert one.scenario.approach.follow

    def test_a_taken_plan_stays_near_at_the_next_decision(self, plan: Plan) -> None:
        one = alternatives_of(plan).alternatives[0]
        targets = list(one.scenario.programme.targets)
        targets[0] = replace(targets[0], target_m2=121_500 - 500)
        targets[1] = replace(targets[1], target_m2=67_500 + 500)
        moved = replace(one.scenario, programme=Programme(270_000, tuple(targets)))
        after = evaluate(plan.parcels, moved)
        assert np.abs(after.gfa_m2 - one.gfa_m2).sum() <= 4 * 500

    def test_the_order_of_the_file_changes_nothing(self, plan: Plan) -> None:
        order = np.random.default_rng(5).permutation(len(plan.parcels))
        other = evaluate(plan.parcels.take(order), plan.scenario)
        one, two = alternatives_of(plan), alternatives_of(other)
        for a, b in zip(one.alternatives, two.alternatives, strict=True):
            assert (a.gfa_m2[order] == b.gfa_m2).all()
            assert a.text.render("en") == b.text.render("en")
            assert a.scenario == b.scenario
        a_front = front_between(plan, "suitability", "station", points=5)
        b_front = front_between(other, "suitability", "station", points=5)
        for p, q in zip(a_front.points, b_front.points, strict=True):
            assert (p.gfa_m2[order] == q.gfa_m2).all()

    def test_two_equal_lots_change_places(self) -> None:
        # 20,000 m² of research are 14,000 m² of FAR area; each lot holds 40,000 m² of it.
        present = research_only(20_000, lots=2)
        found = alternatives_of(present, count=1)
        assert found.alternatives[0].gfa_m2[:, 0].tolist() == present.gfa_m2[::-1, 0].tolist()
        assert found.alternatives[0].kept_pct == pytest.approx(100)
        assert found.moved_m2.tolist() == [[0, 20_000], [20_000, 0]]
        assert found.most_moved_m2 == pytest.approx(20_000)
        said = found.alternatives[0].text.render("en")
        assert "Puts 20,000 m² more Research on" in said
        assert "takes 20,000 m² of it off" in said

    def test_a_single_lot_has_no_other_plan_and_says_so(self) -> None:
        found = alternatives_of(research_only(20_000, lots=1))
        assert found.alternatives == ()
        assert found.status == "feasible"
        said = found.notes[0].render("en")
        assert "Only 0 other plan(s) within 2 % of the best" in said
        assert "by more than 0 m² (proven)" in said

    def test_nothing_to_choose_where_nothing_fits(self) -> None:
        found = alternatives_of(research_only(90_000, lots=1))
        assert (found.status, found.alternatives) == ("infeasible", ())
        assert "nothing to choose from" in found.notes[0].render("en")

    def test_a_smaller_loss_allows_smaller_differences(self, plan: Plan) -> None:
        bounds = [alternatives_of(plan, within_pct=pct).most_moved_m2 for pct in (0.1, 1, 5)]
        assert bounds == sorted(bounds)
        none = alternatives_of(plan, within_pct=0)
        assert all(one.kept_pct >= 100 for one in none.alternatives)

    def test_they_are_kept_as_long_as_the_plan_is(self, plan: Plan) -> None:
        assert alternatives_of(plan) is alternatives_of(plan, count=3, within_pct=2)

    def test_wrong_wishes_are_refused(self, plan: Plan) -> None:
        with pytest.raises(ValueError, match="count must be 1 or more"):
            alternatives_of(plan, count=0)
        with pytest.raises(ValueError, match="within_pct lie in"):
            alternatives_of(plan, within_pct=101)

    def test_what_an_approach_and_free_totals_mean_is_said(self) -> None:
        targets = (UseTarget(None), UseTarget(0), UseTarget(5_000), UseTarget(0))
        scenario = Scenario(programme=Programme(20_000, targets), approach=Practical())
        notes = alternatives_of(evaluate(row_of_lots([ZONE] * 3), scenario)).notes
        said = " ".join(text.render("en") for text in notes)
        assert "keep the totals of the present plan" in said
        assert "not the wishes of the present approach" in said


@st.composite
def studies(draw: st.DrawFn) -> Plan:
    """Lots beside stations and roads of the shipped surroundings, with limits of the planner."""
    lots = draw(st.integers(2, 6))
    zones = draw(
        st.lists(
            st.sampled_from([ZONE, "일반상업지역", "제3종일반주거지역", "유통상업지역"]),
            min_size=lots,
            max_size=lots,
        )
    )
    areas_m2 = draw(st.lists(st.floats(300, 12_000), min_size=lots, max_size=lots))
    parcels = row_of_lots(zones, area_m2=areas_m2, context=read_parcels().context)
    shares = draw(st.lists(st.integers(0, 6_000), min_size=4, max_size=4))
    total_m2 = max(sum(shares), 1)
    gfa = dict(zip(USES, shares, strict=True)) if sum(shares) else {"research": 1}
    decisions = {}
    for parcel_id in draw(st.lists(st.sampled_from(parcels.ids), unique=True, max_size=2)):
        limits = {"research": UseLimit(draw(st.integers(0, 300)), draw(st.integers(300, 2_000)))}
        decisions[parcel_id] = ParcelDecision(limits=limits)
    scenario = Scenario(programme=Programme.from_gfa(total_m2, gfa), decisions=decisions)
    return evaluate(parcels, scenario)


class TestAnyStudy:
    @settings(max_examples=60)
    @given(studies(), st.sampled_from([0.5, 2.0, 20.0]))
    def test_alternatives_keep_all_that_they_promise(self, plan: Plan, within_pct: float) -> None:
        found = alternatives_of(plan, within_pct=within_pct)
        assert (found.status == "infeasible") == (plan.status == "infeasible")
        for one in found.alternatives:
            assert kept_limits(plan, one.gfa_m2)
            assert one.kept_pct >= 100 - within_pct - 1e-9
            assert 0 < one.difference.moved_m2 <= found.most_moved_m2 + 1e-6 * plan.total_gfa_m2
            assert (evaluate(plan.parcels, one.scenario).gfa_m2 == one.gfa_m2).all()

    @settings(max_examples=40)
    @given(studies(), st.data())
    def test_points_of_a_front_are_plans_that_nothing_beats(
        self, plan: Plan, data: st.DataObject
    ) -> None:
        aims = sorted(aims_of(plan))
        if len(aims) < 2:
            assert plan.status == "infeasible"
            return
        first, second = data.draw(st.permutations(aims))[:2]
        front = front_between(plan, first, second, points=5)
        witnesses = [plan.gfa_m2, *(point.gfa_m2 for point in front.points)]
        for point in front.points:
            assert kept_limits(plan, point.gfa_m2)
            assert (evaluate(plan.parcels, point.scenario).gfa_m2 == point.gfa_m2).all()
            for gfa_m2 in witnesses:
                if aim_mean(plan, first, gfa_m2) >= point.first:
                    assert aim_mean(plan, second, gfa_m2) <= point.second_most + 1e-6


class TestFront:
    def test_its_ends_are_the_best_plans_of_each_aim(self, plan: Plan) -> None:
        front = front_between(plan, "suitability", "station")
        assert len(front.points) == 21
        assert front.status == "optimal"
        assert front.points[-1].first == pytest.approx(plan.bound / 270_000 * 100, abs=1e-3)
        # The plan that counts nothing but stations, worked out on its own.
        only = {use: dict.fromkeys(("main_road", "nature", "ai_hub"), 0.0) for use in USES}
        stations = replace(
            plan.scenario, weights={use: row | {"station": 1.0} for use, row in only.items()}
        )
        most = evaluate(plan.parcels, stations).bound / 270_000 * 100
        assert front.points[0].second == pytest.approx(most, abs=2e-3)
        assert front.points[0].second <= most + 1e-9

    def test_its_points_are_evenly_spaced_and_bend_one_way(self, plan: Plan) -> None:
        front = front_between(plan, "suitability", "station")
        first = np.array([point.first for point in front.points])
        second = np.array([point.second for point in front.points])
        assert np.diff(first) == pytest.approx(np.full(20, np.diff(first).mean()), abs=2e-3)
        assert (np.diff(second) < 0).all()
        assert (np.diff(second, n=2) < 2e-3).all()
        assert front.gap < 0.01

    def test_means_are_those_of_the_plans(self, plan: Plan) -> None:
        front = front_between(plan, "housing", "ai_hub", points=4)
        housing = USES.index("housing")
        for point in front.points:
            there = evaluate(plan.parcels, point.scenario)
            assert (there.gfa_m2 == point.gfa_m2).all()
            own = (there.score[:, housing] * there.gfa_m2[:, housing]).sum() / 54_000 * 100
            hub = (there.suitability.value["ai_hub"] @ there.parcel_gfa_m2) / 270_000 * 100
            assert point.first == pytest.approx(own)
            assert point.second == pytest.approx(hub)

    def test_how_far_the_present_plan_lies_below(self, plan: Plan) -> None:
        front = front_between(plan, "housing", "research")
        assert front.present_first == pytest.approx(front.points[-1].first, abs=1e-3)
        better = front.points[-1].second - front.present_second
        assert front.below == pytest.approx(better, abs=5e-3)
        assert front.below > 2

    def test_few_changes_agree_with_plans_near_the_present_one(self, plan: Plan) -> None:
        # From a plan that is not the best, prices on moving lead along the same front.
        start = evaluate(plan.parcels, alternatives_of(plan).alternatives[0].scenario)
        near = start.scenario.approach
        assert isinstance(near, Near)
        front = front_between(start, "suitability", "unchanged")
        assert front.points[-1].first > front.points[0].first
        assert front.points[0].second == 100
        first = [point.first for point in front.points]
        for price in (0.01, 0.02, 0.05, 0.1, 0.2):
            moved = evaluate(
                plan.parcels, replace(start.scenario, approach=replace(near, price=price))
            )
            here = [aim_mean(start, key, moved.gfa_m2) for key in ("suitability", "unchanged")]
            kept_pct = np.minimum(moved.gfa_m2, start.gfa_m2).sum() / 270_000 * 100
            assert here[1] == pytest.approx(kept_pct)
            chord = np.interp(here[0], first, [point.second for point in front.points])
            # On the front: above its chords, and not above what is proven beside it.
            assert here[1] >= chord - 0.01
            left = max(i for i, value in enumerate(first) if value <= here[0] + 1e-9)
            assert here[1] <= front.points[left].second_most + 1e-6

    def test_aims_that_do_not_compete_have_one_point(self, plan: Plan) -> None:
        front = front_between(plan, "suitability", "unchanged")
        assert len(front.points) == 1
        assert (front.points[0].gfa_m2 == plan.gfa_m2).all()
        assert "do not compete" in front.notes[0].render("en")

    def test_limits_of_the_planner_rule_out_counting_changes(self, plan: Plan) -> None:
        limited = plan.scenario.with_decision(
            "YJ-R01",
            replace(plan.scenario.decision("YJ-R01"), limits={"research": UseLimit(1_000, 5_000)}),
        )
        held = evaluate(plan.parcels, limited)
        assert "unchanged" not in aims_of(held)
        with pytest.raises(InputError, match="limits of your own"):
            front_between(held, "suitability", "unchanged")
        only = plan.scenario.with_decision(
            "YJ-R01", replace(plan.scenario.decision("YJ-R01"), only_use="housing")
        )
        assert "unchanged" in aims_of(evaluate(plan.parcels, only))

    def test_wrong_aims_are_refused_in_words(self, plan: Plan) -> None:
        with pytest.raises(InputError, match="no aim beauty"):
            front_between(plan, "suitability", "beauty")
        with pytest.raises(InputError, match="two different aims"):
            front_between(plan, "station", "station")
        bare = research_only(20_000, lots=2)
        assert set(aims_of(bare)) == {"suitability", "research", "unchanged"}
        with pytest.raises(InputError, match="no floor area of this use"):
            front_between(bare, "suitability", "housing")
        with pytest.raises(InputError, match="surroundings"):
            front_between(bare, "suitability", "station")

    def test_an_infeasible_plan_has_no_points(self) -> None:
        front = front_between(research_only(90_000, lots=1), "suitability", "station")
        assert (front.status, front.points) == ("infeasible", ())


class TestApproachCost:
    def test_the_most_suitable_plan_gives_nothing_up(self, plan: Plan) -> None:
        cost = approach_cost(plan)
        assert cost is not None
        assert cost.lost_points < 0.005
        assert cost.proof.render("en") == "Proven: no plan serves this better."

    def test_what_was_given_up_is_the_difference_to_the_most_suitable_plan(
        self, plan: Plan
    ) -> None:
        one = alternatives_of(plan).alternatives[0]
        taken = evaluate(plan.parcels, one.scenario)
        cost = approach_cost(taken)
        assert cost is not None
        assert cost.lost_points == pytest.approx(plan.bound / 2700 - one.points, abs=1e-6)
        said = " ".join(text.render("en") for text in cost.texts)
        assert "1.25 less than the most suitable plan (62.64): 2.0 % given up." in said
        assert "0 m² stand elsewhere than in the plan before" in said

    def test_part_floors_are_named_with_their_parcel(self, plan: Plan) -> None:
        rules = Practical(max_uses=2, whole_floors=True)
        floors = evaluate(plan.parcels, replace(plan.scenario, approach=rules))
        cost = approach_cost(floors)
        assert cost is not None
        said = [text.render("en") for text in cost.texts if "last floor" in text.render("en")]
        issues = [issue for issue in floors.issues if issue.code == "part_floor"]
        assert len(said) == len(issues) > 0
        row = plan.parcels.index[issues[0].parcel_ids[0]]
        assert plan.parcels.name(row, lang="en") in said[0]

    def test_an_infeasible_plan_has_none(self) -> None:
        assert approach_cost(research_only(90_000, lots=1)) is None
