"""The list of steps: each one says what was decided and about what, in both languages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from siteplan.app.events import (
    Decide,
    DecideMany,
    Event,
    HoldParcels,
    LimitUse,
    MergeLots,
    OpenScenario,
    SetApproach,
)
from siteplan.app.state import AppState, reduce
from siteplan.approach import Approach, Near, Practical, Together
from siteplan.decided import approach_name
from siteplan.io import default_scenario, read_parcels
from siteplan.scenario import Scenario
from siteplan.text import Label, sentence
from siteplan.use_limits import UseLimit

PARCELS = read_parcels()
START = AppState(scenario=default_scenario(PARCELS))
ID = "YJ-223"
EN, KO = (PARCELS.name(PARCELS.index[ID], lang=lang) for lang in ("en", "ko"))


def step(*events: Event) -> Label:
    """Return what the last of some steps is called."""
    state = START
    for event in events:
        state = reduce(state, event, parcels=PARCELS)
    return state.past[-1].label


def decided(**fields: object) -> Decide:
    now = START.scenario.decision(ID)
    return Decide(ID, replace(now, **fields))


@pytest.mark.parametrize("approach", [Practical(), Near(), Together()])
def test_an_approach_is_called_as_on_screen(approach: Approach) -> None:
    name = approach_name(approach)
    label = step(SetApproach(approach))
    assert name.render("en") in label.en
    assert name.render("ko") in label.ko


def test_taking_a_plan_and_applying_a_repair_are_called_what_they_were() -> None:
    taken = sentence("alternative taken: {name}", name=sentence("Plan {letter}", letter="B"))
    assert step(SetApproach(Near(), taken)).en == "alternative taken: Plan B"
    repair = sentence("Drop the rules for buildable parcels.")
    repaired = OpenScenario(Scenario(name=START.scenario.name), said=repair)
    assert step(repaired) == Label(repair.render("ko"), repair.render("en"))


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (decided(far_pct=2000, reason=""), "FAR 2,000 %"),
        (decided(far_pct=900, reason="Plan of 2031"), "FAR 900 %, reason: Plan of 2031"),
        (decided(available_pct=35), "35 % available"),
        (decided(max_floors=12), "at most 12 floors"),
        (decided(stays_far_m2=1500), "existing buildings stay with 1,500 m² of FAR area"),
        (decided(only_use="research"), "only Research"),
        (DecideMany((ID,), {"available_pct": 0.0}), "left out"),
        (DecideMany((ID,), {"ready_year": 2031}), "ready from 2031"),
        (LimitUse((ID,), "housing", UseLimit(0, 0)), "no Housing"),
        (HoldParcels({ID: (0, 0, 0, 0)}), "kept empty"),
        (LimitUse((ID,), "housing", UseLimit(100, None)), "Housing at least 100 m²"),
        (
            HoldParcels({ID: (100, 0, 200, 0)}),
            "fixed: Research exactly 100 m², Housing exactly 200 m²",
        ),
    ],
)
def test_a_decision_says_the_parcel_by_name_and_what_was_decided(event: Event, told: str) -> None:
    label = step(event)
    assert label.en == f"{EN}: {told}"
    assert label.ko.startswith(f"{KO}: ")


def test_what_is_let_go_is_said_too() -> None:
    far = decided(far_pct=900, reason="Plan of 2031")
    assert step(far, decided(far_pct=None, reason="")).en == f"{EN}: FAR as in its zone"
    assert step(far, Decide(ID, None)).en == f"{EN}: decisions dropped"
    limit = LimitUse((ID,), "housing", UseLimit(0, 0))
    assert step(limit, LimitUse((ID,), "housing", None)).en == f"{EN}: limits of uses dropped"


def test_several_parcels_are_named_the_rest_counted() -> None:
    ids = PARCELS.ids[:5]
    said = step(DecideMany(ids, {"max_floors": 9})).en
    names = [PARCELS.name(row, lang="en") for row in range(3)]
    assert said == f"{', '.join(names)} … (+2): at most 9 floors"


def test_merged_lots_are_called_by_their_names() -> None:
    label = step(MergeLots(("YJ-224", "YJ-225")))
    names = [PARCELS.name(PARCELS.index[i], lang="ko") for i in ("YJ-224", "YJ-225")]
    assert label.ko.endswith(", ".join(names))
