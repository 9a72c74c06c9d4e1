"""Decisions about parcels and about the way of allocating, as events of the app."""

from __future__ import annotations

from siteplan.app.state import (
    AppState,
    DecideMany,
    HoldParcels,
    LimitUse,
    MoveUse,
    SetApproach,
    Undo,
    plan_table,
    reduce,
)
from siteplan.approach import Near
from siteplan.evaluation import evaluate
from siteplan.io import default_scenario, read_parcels
from siteplan.use_limits import UseLimit

PARCELS = read_parcels()
START = AppState(scenario=default_scenario(PARCELS))


class TestParcelDecisions:
    def test_several_parcels_are_decided_alike_in_one_step(self) -> None:
        ids = PARCELS.ids[:3]
        after = reduce(START, DecideMany(ids, {"available_pct": 0.0}), parcels=PARCELS)
        assert [after.scenario.decision(i).available_pct for i in ids] == [0, 0, 0]
        assert len(after.past) == 1
        assert reduce(after, Undo(), parcels=PARCELS).scenario == START.scenario

    def test_a_limit_comes_and_goes_without_a_trace(self) -> None:
        fresh = next(i for i in PARCELS.ids if i not in START.scenario.decisions)
        limited = reduce(START, LimitUse((fresh,), "housing", UseLimit(10, 20)), parcels=PARCELS)
        assert limited.scenario.decision(fresh).limits == {"housing": UseLimit(10, 20)}
        cleared = reduce(limited, LimitUse((fresh,), "housing", None), parcels=PARCELS)
        assert cleared.scenario == START.scenario

    def test_a_least_above_the_most_is_said_and_changes_nothing(self) -> None:
        after = reduce(
            START, LimitUse((PARCELS.ids[0],), "housing", UseLimit(20, 10)), parcels=PARCELS
        )
        assert after.scenario == START.scenario
        assert after.notice is not None
        assert "above the most" in after.notice.render("en")

    def test_parcels_locked_as_planned_keep_their_floor_area_when_a_slider_moves(self) -> None:
        plan = evaluate(PARCELS, START.scenario)
        held = {i: row for i, row in plan_table(plan).items() if sum(row)}
        some = dict(list(held.items())[:4])
        locked = reduce(START, HoldParcels(some), parcels=PARCELS)
        assert (evaluate(PARCELS, locked.scenario).gfa_m2 == plan.gfa_m2).all()
        moved = reduce(locked, MoveUse("housing", 50_000), parcels=PARCELS)
        after = plan_table(evaluate(PARCELS, moved.scenario))
        assert {i: after[i] for i in some} == some

    def test_near_follows_the_plan_on_screen(self) -> None:
        plan = evaluate(PARCELS, START.scenario)
        near = reduce(
            START, SetApproach(Near(plan_table(plan), price=None)), parcels=PARCELS, shown=plan
        )
        shown = evaluate(PARCELS, near.scenario)
        moved = reduce(near, MoveUse("housing", 60_000), parcels=PARCELS, shown=shown)
        second = evaluate(PARCELS, moved.scenario)
        again = reduce(moved, MoveUse("housing", 50_000), parcels=PARCELS, shown=second)
        approach = again.scenario.approach
        assert isinstance(approach, Near)
        assert dict(approach.gfa_m2) == plan_table(second)

    def test_near_does_not_follow_a_plan_of_other_decisions_or_one_that_fails(self) -> None:
        plan = evaluate(PARCELS, START.scenario)
        near = reduce(START, SetApproach(Near({}, price=0.1)), parcels=PARCELS)
        moved = reduce(near, MoveUse("housing", 60_000), parcels=PARCELS, shown=plan)
        approach = moved.scenario.approach
        assert isinstance(approach, Near)
        assert dict(approach.gfa_m2) == {}
