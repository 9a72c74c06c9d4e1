"""The app's state: what each event makes of it, without any screen."""

from __future__ import annotations

import pytest

from siteplan.app.state import (
    MOST_STEPS,
    AppState,
    AssumeZone,
    ColourBy,
    Consent,
    CutLot,
    Decide,
    DropEdit,
    Event,
    HoldParcels,
    MergeLots,
    MoveUse,
    OpenScenario,
    Redo,
    SelectParcel,
    SelectParcels,
    SetBounds,
    SetFactor,
    SetLimits,
    SetLock,
    SetRules,
    SetTotal,
    SetWeight,
    StartCut,
    SwitchIncentive,
    Undo,
    reduce,
)
from siteplan.lots import edited
from siteplan.programme import Programme
from siteplan.scenario import ParcelDecision, Scenario
from tests.studies import EAST_M, NORTH_M, row_of_lots

PARCELS = row_of_lots(["준주거지역", "제3종일반주거지역"])
START = AppState(
    scenario=Scenario(
        programme=Programme.from_gfa(
            40_000, {"research": 20_000, "campus": 10_000, "housing": 6_000, "culture": 4_000}
        )
    )
)


def after(*events: Event, start: AppState = START) -> AppState:
    for event in events:
        start = reduce(start, event, parcels=PARCELS)
    return start


def gfa_m2(state: AppState) -> list[int | None]:
    return [entry.target_m2 for entry in state.scenario.programme.targets]


def test_moving_a_use_lets_the_others_absorb() -> None:
    assert gfa_m2(after(MoveUse("housing", 23_000))) == [10_000, 5_000, 23_000, 2_000]


def test_all_to_one_use_and_back_gives_the_others_what_they_had() -> None:
    there = after(MoveUse("housing", 40_000), SetLimits(80.0, None))
    assert gfa_m2(there) == [0, 0, 40_000, 0]
    back = after(MoveUse("housing", 6_000), start=there)
    assert gfa_m2(back) == gfa_m2(START)
    held = after(SetBounds("housing", min_m2=0, max_m2=6_000, free=False), start=there)
    assert gfa_m2(held) == gfa_m2(START)


def test_a_lock_holds_until_it_is_opened() -> None:
    locked = after(SetLock("research", locked=True), MoveUse("housing", 13_000))
    assert gfa_m2(locked) == [20_000, 5_000, 13_000, 2_000]
    opened = after(SetLock("research", locked=False), start=locked)
    assert not opened.scenario.programme.target("research").locked


def test_a_move_that_the_locks_stop_says_so() -> None:
    state = after(SetLock("research", locked=True), MoveUse("housing", 30_000))
    assert gfa_m2(state)[2] == 20_000
    assert state.notice is not None
    assert "stops at 20,000" in state.notice.render("en")
    assert after(SelectParcel("a"), start=state).notice is None


def test_a_move_beyond_what_fits_keeps_the_wish_and_the_plan_explains() -> None:
    # Housing may stand on both lots; the slider is not silently pulled back.
    assert gfa_m2(after(MoveUse("housing", 40_000))) == [0, 0, 40_000, 0]


def test_a_notice_stands_beside_what_was_pressed() -> None:
    apart = reduce(START, MergeLots(("a", "nowhere")), parcels=PARCELS)
    assert (apart.notice_at, apart.notice_done) == ("lots", False)
    held = after(HoldParcels({"a": (1, 0, 0, 0), "b": (0, 0, 2, 0)}), start=apart)
    assert str(held.notice) == "Locked as planned: 2 parcel(s)."
    assert (held.notice_at, held.notice_done) == ("parcels", True)
    stopped = after(SetTotal(0), start=held)
    assert (stopped.notice_at, stopped.notice_done) == ("programme", False)


def test_a_new_total_scales_the_uses() -> None:
    assert gfa_m2(after(SetTotal(20_000))) == [10_000, 5_000, 3_000, 2_000]


@pytest.mark.parametrize("wrong", [0, -5, 1e12, float("nan"), 0.5])
def test_a_wrong_total_changes_nothing_and_says_why(wrong: float) -> None:
    state = after(SetTotal(wrong))
    assert state.scenario == START.scenario
    assert state.notice is not None


def test_bounds_hold_a_use_and_may_set_it_free() -> None:
    held = after(SetBounds("housing", min_m2=8_000, max_m2=9_000, free=False))
    assert gfa_m2(held)[2] == 8_000
    assert sum(m2 or 0 for m2 in gfa_m2(held)) == 40_000
    free = after(SetBounds("housing", min_m2=2_000, max_m2=9_000, free=True), start=held)
    assert gfa_m2(free)[2] is None
    fixed = after(SetBounds("housing", min_m2=2_000, max_m2=9_000, free=False), start=free)
    assert gfa_m2(fixed)[2] == 8_000


def test_bounds_that_contradict_each_other_change_nothing() -> None:
    state = after(SetBounds("housing", min_m2=9_000, max_m2=8_000, free=False))
    assert state.scenario == START.scenario
    assert state.notice is not None


def test_a_changed_far_asks_for_its_reason_anew() -> None:
    given = after(Decide("a", ParcelDecision(far_pct=400, reason="draft plan of 2021")))
    assert given.scenario.decision("a").reason == "draft plan of 2021"
    more = after(Decide("a", ParcelDecision(far_pct=500, reason="draft plan of 2021")), start=given)
    assert more.scenario.decision("a") == ParcelDecision(far_pct=500)
    why = Decide("a", ParcelDecision(far_pct=500, reason="plan of 2031"))
    assert after(why, start=more).scenario.decision("a").reason == "plan of 2031"
    floors = Decide("a", ParcelDecision(far_pct=400, max_floors=9, reason="draft plan of 2021"))
    assert after(floors, start=given).scenario.decision("a").reason == "draft plan of 2021"


def test_selection_replaces_toggles_and_clears() -> None:
    assert after(SelectParcel("a"), SelectParcel("b")).selected == ("b",)
    both = after(SelectParcel("a"), SelectParcel("b", additive=True))
    assert both.selected == ("a", "b")
    assert after(SelectParcel("a", additive=True), start=both).selected == ("b",)
    assert after(SelectParcel(None), start=both).selected == ()


def test_a_box_replaces_or_adds_each_parcel_once_and_clears() -> None:
    assert after(SelectParcel("a"), SelectParcels(("b", "c", "b"))).selected == ("b", "c")
    both = after(SelectParcel("b"), SelectParcels(("a", "b", "c"), additive=True))
    assert both.selected == ("b", "a", "c")
    assert after(SelectParcels((), additive=True), start=both).selected == both.selected
    assert after(SelectParcels(()), start=both).selected == ()
    assert both.past == ()


def test_decisions_assumptions_and_weights_reach_the_scenario() -> None:
    state = after(
        Decide("a", ParcelDecision(20, reason="test")),
        Consent("유통상업지역", "research", given=True),
        SetFactor("far_ratio.culture", 0.8),
        SetWeight("housing", "station", 1.0),
        AssumeZone("준주거지역"),
        ColourBy("zone"),
    )
    scenario = state.scenario
    assert scenario.decision("a").available_pct == 20
    assert ("유통상업지역", "research") in scenario.consents
    assert scenario.factors == {"far_ratio.culture": 0.8}
    assert scenario.weights["housing"]["station"] == 1.0
    assert scenario.assumed_zone == "준주거지역"
    assert state.colour_by == "zone"
    back = after(
        Decide("a", None),
        Consent("유통상업지역", "research", given=False),
        SetFactor("far_ratio.culture", None),
        start=state,
    )
    assert back.scenario.decisions == {}
    assert back.scenario.consents == frozenset()
    assert back.scenario.factors == {}


def test_an_impossible_factor_changes_nothing_and_says_why() -> None:
    state = after(SetFactor("far_ratio.culture", 1.7))
    assert state.scenario == START.scenario
    assert state.notice is not None
    assert "at most 1" in state.notice.render("en")


def test_another_scenario_takes_the_place() -> None:
    other = Scenario(name="other")
    state = after(SelectParcel("a"), OpenScenario(other))
    assert (state.scenario, state.selected) == (other, ())


def test_rules_incentives_and_limits_reach_the_scenario_and_go_again() -> None:
    state = after(
        SetRules("national-2024-09-10"), SwitchIncentive("open_space", 10.0), SetLimits(50.0, 3.0)
    )
    scenario = state.scenario
    assert scenario.rules == "national-2024-09-10"
    assert scenario.incentives == {"open_space": 10.0}
    assert (scenario.max_height_m, scenario.setback_m) == (50.0, 3.0)
    back = after(
        SetRules(START.scenario.rules),
        SwitchIncentive("open_space", None),
        SetLimits(None, None),
        start=state,
    )
    assert back.scenario == START.scenario


def test_a_rule_set_that_does_not_exist_changes_nothing_and_says_why() -> None:
    state = after(SetRules("seoul-1999"))
    assert state.scenario == START.scenario
    assert state.notice is not None


ROW = row_of_lots(["준주거지역", "준주거지역", "제3종일반주거지역"], area_m2=[9_000, 10_000, 8_000])
LINE = ((EAST_M + 30, NORTH_M - 5), (EAST_M + 30, NORTH_M + 105))


def done(*events: Event, start: AppState = START) -> AppState:
    for event in events:
        start = reduce(start, event, parcels=ROW)
    return start


def ids(state: AppState) -> tuple[str, ...]:
    return edited(ROW, state.scenario.edits).ids


def test_merging_selects_the_new_lot_and_undo_is_the_identity() -> None:
    state = done(MergeLots(("a", "b")))
    assert ids(state) == ("b+1", "c")
    assert state.selected == ("b+1",)
    back = done(Undo(), start=state)
    assert back.scenario == START.scenario
    assert back.selected == ()
    assert done(Redo(), start=back).scenario == state.scenario
    assert done(Undo(), start=back).scenario == START.scenario


def test_a_cut_ends_the_drawing_and_a_refused_one_too() -> None:
    drawing = done(SelectParcel("a"), StartCut("a"))
    assert drawing.cutting == "a"
    cut = done(CutLot("a", LINE), start=drawing)
    assert ids(cut) == ("a.1", "a.2", "b", "c")
    assert (cut.cutting, cut.selected) == (None, ("a.1", "a.2"))
    refused = done(CutLot("a", ((0, 0), (1, 1))), start=drawing)
    assert refused.cutting is None
    assert refused.scenario == START.scenario
    assert "does not cut" in str(refused.notice)
    assert refused.past == ()
    assert done(StartCut("nowhere")).cutting is None
    assert done(SelectParcel("b"), start=drawing).cutting is None


def test_every_change_can_be_taken_back_in_turn_and_made_again() -> None:
    events = (
        MoveUse("housing", 8_000),
        Decide("c", ParcelDecision(50)),
        MergeLots(("a", "b")),
        CutLot("c", tuple((x + 200, y) for x, y in LINE)),
        OpenScenario(Scenario(name="other")),
        SetLimits(30.0, None),
    )
    states = [START]
    for event in events:
        states.append(done(event, start=states[-1]))
    here = states[-1]
    told = [step.label.en for step in here.past]
    assert told[2:4] == ["merging of lots: a, b", "cutting of a lot: c"]
    for wanted in reversed(states[:-1]):
        here = done(Undo(), start=here)
        assert here.scenario == wanted.scenario
    for wanted in states[1:]:
        here = done(Redo(), start=here)
        assert here.scenario == wanted.scenario
    branched = done(Undo(), SetLimits(40.0, None), start=here)
    assert branched.future == ()


def test_what_changes_no_scenario_is_no_step_and_steps_are_bounded() -> None:
    assert done(SelectParcel("a"), ColourBy("zone"), SetRules("seoul-1999")).past == ()
    many = done(*(SetLimits(10.0 + n, None) for n in range(MOST_STEPS + 20)))
    assert len(many.past) == MOST_STEPS


def test_equal_decisions_go_with_the_land_and_different_ones_follow_the_largest() -> None:
    half, all_of_it = ParcelDecision(50, reason="road"), ParcelDecision(100)
    same = done(Decide("a", half), Decide("b", half), MergeLots(("a", "b")))
    assert dict(same.scenario.decisions) == {"b+1": half}
    assert same.notice is None
    different = done(Decide("a", half), Decide("b", all_of_it), MergeLots(("a", "b")))
    assert dict(different.scenario.decisions) == {"b+1": all_of_it}
    assert "largest one, b," in str(different.notice)
    only_smaller = done(Decide("a", half), MergeLots(("a", "b")))
    assert only_smaller.scenario.decisions == {}
    assert only_smaller.notice is not None
    pieces = done(Decide("a", half), CutLot("a", LINE))
    assert dict(pieces.scenario.decisions) == {"a.1": half, "a.2": half}
    assert done(Undo(), start=pieces).scenario.decisions == {"a": half}


def test_dropping_an_edit_takes_what_builds_on_it_along_and_leaves_the_rest() -> None:
    half = ParcelDecision(50)
    state = done(
        Decide("a", half),
        Decide("b", half),
        MergeLots(("a", "b")),
        CutLot("c", tuple((x + 200, y) for x, y in LINE)),
        CutLot("b+1", LINE),
    )
    assert ids(state) == ("b+1.1", "b+1.2", "c.1", "c.2")
    dropped = done(DropEdit(0), start=state)
    assert ids(dropped) == ("a", "b", "c.1", "c.2")
    assert dict(dropped.scenario.decisions) == {"a": half, "b": half}
    assert "dropped with it: 1." in str(dropped.notice)
    assert dropped.selected == ("a", "b")
    assert done(Undo(), start=dropped).scenario == state.scenario
    assert done(DropEdit(7), start=state).scenario == state.scenario
    last = done(DropEdit(2), start=state)
    assert ids(last) == ("b+1", "c.1", "c.2")
    assert last.notice is None


def test_parcels_that_do_not_adjoin_stay_as_they_are_and_the_notice_says_why() -> None:
    state = done(MergeLots(("a", "c")))
    assert state.scenario == START.scenario
    assert "apart" in str(state.notice)
