"""The present work as text and back: scenario, selection, and every step of undo and redo."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siteplan.app.drafts import draft_about, draft_text, state_from
from siteplan.app.state import (
    AppState,
    CloseWelcome,
    ColourBy,
    Decide,
    Event,
    HoldParcels,
    JumpTo,
    LimitUse,
    MarkSaved,
    MoveUse,
    NameScenario,
    OpenScenario,
    Redo,
    SelectParcel,
    SetApproach,
    SetLock,
    SetPhases,
    SetTotal,
    Undo,
    reduce,
)
from siteplan.approach import Near, Practical
from siteplan.errors import InputError
from siteplan.phasing import Phases
from siteplan.programme import Programme
from siteplan.scenario import ParcelDecision, Scenario
from siteplan.use_limits import UseLimit
from tests.studies import row_of_lots

PARCELS = row_of_lots(["준주거지역", "제3종일반주거지역", "준주거지역"])
SPLIT = {"research": 20_000, "campus": 10_000, "housing": 6_000, "culture": 4_000}
START = AppState(scenario=Scenario(programme=Programme.from_gfa(40_000, SPLIT)))

events = st.one_of(
    st.builds(MoveUse, st.sampled_from(list(SPLIT)), st.integers(0, 40_000)),
    st.builds(SetLock, st.sampled_from(list(SPLIT)), st.booleans()),
    st.builds(SetTotal, st.integers(30_000, 60_000)),
    st.builds(SelectParcel, st.sampled_from(["a", "b", "c", None]), st.booleans()),
    st.builds(Decide, st.just("a"), st.builds(ParcelDecision, st.floats(0, 100))),
    st.builds(LimitUse, st.just(("a", "b")), st.just("housing"), st.builds(UseLimit)),
    st.builds(HoldParcels, st.just({"b": (1, 2, 3, 4)})),
    st.builds(SetApproach, st.sampled_from([None, Practical(), Near({"a": (1, 0, 0, 0)})])),
    st.builds(SetPhases, st.sampled_from([None, Phases(years=3)])),
    st.builds(NameScenario, st.text(max_size=6), st.text(max_size=6)),
    st.builds(ColourBy, st.sampled_from(["use", "zone"])),
    st.builds(MarkSaved, st.sampled_from(["one", "two"]), st.integers(1, 9)),
    st.builds(OpenScenario, st.just(START.scenario), st.sampled_from([None, ("kept", 3)])),
    st.just(CloseWelcome()),
    st.just(Undo()),
    st.just(Redo()),
    st.builds(JumpTo, st.integers(-4, 4)),
)


def after(state: AppState, *given_events: Event) -> AppState:
    for event in given_events:
        state = reduce(state, event, parcels=PARCELS)
    return state


def kept(state: AppState) -> AppState:
    return state_from(draft_text(state, parcels_digest="d", source=None))


@given(st.lists(events, max_size=25))
@settings(deadline=None, max_examples=150)
def test_a_draft_gives_the_same_work_back(done: list[Event]) -> None:
    state = after(START, *done)
    back = kept(state)
    assert back.scenario == state.scenario
    assert back.selected == state.selected
    assert back.colour_by == state.colour_by
    assert [step.scenario for step in back.past] == [step.scenario for step in state.past]
    assert [step.scenario for step in back.future] == [step.scenario for step in state.future]
    assert [step.label for step in back.past] == [step.label for step in state.past]
    assert [step.opened for step in back.past] == [step.opened for step in state.past]
    assert (back.opened, back.welcomed) == (state.opened, state.welcomed)


@given(st.lists(events, max_size=15), st.integers(-20, 20))
@settings(deadline=None, max_examples=80)
def test_a_jump_is_as_many_single_steps(done: list[Event], steps: int) -> None:
    state = after(START, *done)
    single = after(state, *[Undo() if steps < 0 else Redo()] * abs(steps))
    jumped = after(state, JumpTo(steps))
    assert jumped.scenario == single.scenario
    assert jumped.past == single.past
    assert jumped.future == single.future


def test_a_long_history_of_slider_moves_stays_small() -> None:
    decisions = {f"lot {i}": ParcelDecision(available_pct=50, reason="why" * 5) for i in range(800)}
    start = AppState(scenario=Scenario(programme=START.scenario.programme, decisions=decisions))
    moved = after(start, *[MoveUse("housing", 5_000 + 10 * i) for i in range(150)])
    one = len(json.dumps(moved.scenario.to_dict(), ensure_ascii=False))
    assert len(draft_text(moved, parcels_digest="d", source=None)) < 3 * one


def test_steps_are_told_in_words_of_the_planner() -> None:
    state = after(START, MoveUse("housing", 7_000), SetLock("campus", locked=True))
    assert [step.label.en for step in state.past] == ["Housing to 7,000 m²", "Campus locked"]
    named = after(START, Decide("b", ParcelDecision(0)), SetApproach(Practical()))
    assert "b" in named.past[0].label.en
    assert "Buildable parcels" in named.past[1].label.en


def test_what_is_kept_as_a_scenario_follows_undo_and_ends_with_another_name() -> None:
    named = after(START, NameScenario("Ours", ""), MarkSaved("ours", 1), MoveUse("housing", 7_000))
    assert named.opened == ("ours", 1)
    repaired = after(named, OpenScenario(named.scenario.with_decision("a", ParcelDecision(0))))
    assert repaired.opened == ("ours", 1)  # the same name is the same work going on
    other = after(named, OpenScenario(START.scenario))
    assert other.opened is None
    assert after(other, Undo()).opened == ("ours", 1)
    assert after(other, Undo(), Redo()).opened is None
    assert after(named, OpenScenario(START.scenario, ("theirs", 4))).opened == ("theirs", 4)


def test_a_draft_from_before_scenarios_were_kept_is_read() -> None:
    table: dict[str, Any] = json.loads(draft_text(START, parcels_digest="d", source=None))
    del table["opened"], table["welcomed"]
    assert state_from(json.dumps(table)) == START


def test_a_draft_that_lost_a_part_is_refused_in_words() -> None:
    table: dict[str, Any] = json.loads(draft_text(START, parcels_digest="d", source=None))
    del table["past"]
    with pytest.raises(InputError, match="cannot be read"):
        state_from(json.dumps(table))


def test_a_draft_says_which_parcels_it_is_about() -> None:
    text = draft_text(START, parcels_digest="abc", source="필지.zip")
    assert draft_about(text) == ("abc", "필지.zip")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"siteplan_draft": 99}', '{"siteplan_draft": 1}', "null"]
)
def test_what_is_no_draft_is_refused_in_words(text: str) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        state_from(text)


def test_a_draft_with_a_scenario_of_another_kind_is_refused() -> None:
    table: dict[str, Any] = json.loads(draft_text(START, parcels_digest="d", source=None))
    table["scenario"]["colour"] = "red"
    with pytest.raises(InputError):
        state_from(json.dumps(table))
