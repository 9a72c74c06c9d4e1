"""Scenarios: frozen, readable as JSON, and refused in plain words when they are not scenarios."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteplan.approach import Near, Practical, Together
from siteplan.edits import Cut, Merge
from siteplan.errors import InputError
from siteplan.phasing import Phases
from siteplan.programme import Programme, UseTarget
from siteplan.scenario import DEFAULT_WEIGHTS, ParcelDecision, Scenario
from siteplan.use_limits import UseLimit
from siteplan.uses import USES

names = st.text(max_size=20)
decisions = st.builds(
    ParcelDecision,
    available_pct=st.floats(0, 100),
    zone=st.none() | st.sampled_from(["준주거지역", "유통상업지역"]),
    far_pct=st.none() | st.floats(0, 2000),
    max_floors=st.none() | st.integers(1, 200),
    reason=names,
    max_height_m=st.none() | st.floats(1, 1000),
    incentives=st.dictionaries(names, st.none() | st.floats(0, 3000), max_size=2),
    limits=st.dictionaries(
        st.sampled_from(USES),
        st.builds(UseLimit, st.integers(0, 50), st.none() | st.integers(50, 10**6)),
        max_size=2,
    ),
    only_use=st.none() | st.sampled_from(USES),
    stays_far_m2=st.floats(0, 1e6),
    ready_year=st.none() | st.integers(2000, 2300),
)
phases = st.builds(
    Phases,
    first_year=st.just(2028),
    years=st.just(3),
    ceiling_gfa_m2=st.sampled_from([(), (10, None, 20)]),
    minimum_gfa_m2=st.dictionaries(
        st.integers(2028, 2030),
        st.dictionaries(st.sampled_from(USES), st.integers(0, 10**6), max_size=2),
        max_size=2,
    ),
    whole_parcels=st.booleans(),
) | st.builds(Phases, years=st.just(2), budget_krw=st.sampled_from([(1e11, None), (5e9, 2.5e10)]))
approaches = (
    st.builds(Practical, max_uses=st.integers(1, 4), whole_floors=st.booleans())
    | st.builds(
        Near,
        gfa_m2=st.dictionaries(names, st.tuples(*[st.integers(0, 10**6)] * 4), max_size=2),
        price=st.none() | st.floats(0, 10),
        name=names,
    )
    | st.builds(Together, worth_m2_per_m=st.floats(0, 100), single_use=st.booleans())
)


ids = st.text(min_size=1, max_size=8)
points = st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
lines = st.lists(points, min_size=2, max_size=4).filter(
    lambda line: any(abs(x - line[0][0]) > 0.01 for x, _ in line)
)
edits = st.builds(Merge, st.lists(ids, min_size=2, max_size=4, unique=True), ids) | st.builds(
    Cut, ids, lines, st.lists(ids, min_size=2, max_size=4, unique=True)
)


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    gfa_m2 = draw(st.lists(st.integers(0, 10**6), min_size=4, max_size=4).filter(any))
    return Scenario(
        name=draw(names),
        note=draw(names),
        programme=Programme.from_gfa(sum(gfa_m2), dict(zip(USES, gfa_m2, strict=True))),
        decisions=draw(st.dictionaries(names, decisions, max_size=4)),
        default_available_pct=draw(st.floats(0, 100)),
        assumed_zone=draw(st.none() | names),
        consents=draw(st.frozensets(st.tuples(names, st.sampled_from(USES)), max_size=3)),
        factors=draw(st.dictionaries(names, st.floats(0.1, 9), max_size=2)),
        max_floors=draw(st.none() | st.integers(1, 200)),
        max_height_m=draw(st.none() | st.floats(1, 1000)),
        incentives=draw(st.dictionaries(names, st.floats(0, 3000), max_size=2)),
        setback_m=draw(st.none() | st.floats(0, 100)),
        edits=draw(st.lists(edits, max_size=3)),
        approach=draw(st.none() | approaches),
        phases=draw(st.none() | phases),
    )


@given(scenarios())
def test_json_gives_the_same_scenario_back(scenario: Scenario) -> None:
    assert Scenario.from_json(scenario.to_json()) == scenario


def test_a_free_use_survives_json() -> None:
    programme = Programme(
        100, (UseTarget(40), UseTarget(30, locked=True), UseTarget(20), UseTarget(None, 5, 50))
    )
    assert Scenario.from_json(Scenario(programme=programme).to_json()).programme == programme


def test_decisions_cannot_be_changed_in_place() -> None:
    scenario = Scenario(decisions={"a": ParcelDecision(20)})
    with pytest.raises(TypeError):
        scenario.decisions["a"] = ParcelDecision(0)  # type: ignore[index]
    assert scenario.with_decision("a", None).decisions == {}
    assert scenario.decision("a").available_pct == 20


def table(**changes: Any) -> str:
    return json.dumps({**Scenario().to_dict(), **changes})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not valid JSON"),
        ("{]", "not valid JSON"),
        ("[]", "not a siteplan scenario"),
        ('{"type": "FeatureCollection"}', "not a siteplan scenario"),
        (table(colour="red"), "does not know: colour"),
        (table(decisions={"a": {"available": 3}}), "does not know: available"),
        (table(decisions={"a": {"available_pct": 120}}), "from 0 to 100, not 120"),
        (table(programme={"total_gfa_m2": 0, "uses": {}}), "above 0, not 0"),
        (table(programme={"total_gfa_m2": 10, "uses": {"shop": {}}}), "does not know: shop"),
        (
            table(programme={"total_gfa_m2": 10, "uses": {"research": {"target_m2": 1.5}}}),
            "whole number of m²",
        ),
        (table(weights={"research": {}}), "must name each criterion"),
        (table(name=3), "name must be a text"),
        (table(incentives={"open_space": -1}), "incentives.open_space must be a number"),
        (table(incentives={"open_space": None}), "incentives.open_space must be a number"),
        (table(incentives=[1]), "incentives must be a table"),
        (table(max_height_m=0), "max_height_m must be a number"),
        (table(setback_m="3"), "setback_m must be a number"),
        (table(decisions={"a": {"incentives": {"x": "y"}}}), "incentives.x must be a number"),
        (table(stack=["housing", "housing", "campus", "culture"]), "each use once"),
        (table(assumed_zone=5), "assumed_zone must be a text"),
        (table(decisions={"a": {"limits": {"shop": {}}}}), "no use shop"),
        (table(decisions={"a": {"limits": {"housing": {"most": 1}}}}), "wrong kind"),
        (table(decisions={"a": {"only_use": "shop"}}), "only_use must be"),
        (table(decisions={"a": {"stays_far_m2": -1}}), "stays_far_m2 must be a number"),
        (table(decisions={"a": {"ready_year": 1900}}), "ready_year must be a number"),
        (table(approach={"kind": "shop"}), "approach.kind must be"),
        (table(phases={"year": 1}), "does not know: year"),
        (table(phases={"years": 0}), "phases.years must be a number"),
        (table(phases={"years": 2, "ceiling_gfa_m2": [1]}), "one amount for each year"),
        (table(phases={"years": 1, "budget_krw": [-1]}), "an amount from 0 up"),
        (table(phases={"years": 1, "budget_krw": [1], "ceiling_gfa_m2": [1]}), "not both"),
        (table(phases={"minimum_gfa_m2": {"1999": {"housing": 1}}}), "outside the years"),
        (table(decisions={"a": {"zone": 5}}), "zone must be a text"),
        (table(decisions={"a": {"reason": ["x"]}}), "reason must be a text"),
        (table(decisions={"a": {"max_floors": 2.5}}), "whole number of floors"),
        (table(factors={"far_ratio.culture": True}), "factors.far_ratio.culture must be a number"),
        (table(consents=["ab"]), "pairs of a zone and a use"),
        (table(consents=[["준주거지역", "shop"]]), "pairs of a zone and a use"),
        (
            table(
                programme={
                    "total_gfa_m2": 10,
                    "uses": {"research": {"target_m2": 10, "locked": "no"}},
                }
            ),
            "locked must be true or false",
        ),
        (
            table(
                programme={
                    "total_gfa_m2": 10,
                    "uses": {"research": {"target_m2": 10, "min_m2": None}},
                }
            ),
            "min_m2 must be a whole number",
        ),
    ],
)
def test_what_is_no_scenario_is_refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        Scenario.from_json(text)


def test_the_starting_weights_name_every_use() -> None:
    assert set(DEFAULT_WEIGHTS) == set(USES)


def test_a_file_from_before_heights_and_incentives_is_still_read() -> None:
    old = Scenario().to_dict()
    for key in ("max_height_m", "incentives", "setback_m"):
        del old[key]
    assert Scenario.from_dict(old) == Scenario()


def test_decisions_with_incentives_can_be_told_apart_and_hashed() -> None:
    one = ParcelDecision(incentives={"open_space": 10})
    assert one == ParcelDecision(incentives={"open_space": 10.0})
    assert hash(one) == hash(ParcelDecision(incentives={"open_space": 10}))
    assert one != ParcelDecision(incentives={"open_space": None})
    with pytest.raises(TypeError):
        one.incentives["open_space"] = 5  # type: ignore[index]


def test_edits_are_readable_and_a_scenario_without_them_is_as_it_was() -> None:
    assert "edits" not in Scenario().to_dict()
    edited = Scenario(
        edits=(
            Merge(("b", "a"), "a+1"),
            Cut("a+1", ((1.00049, 2), (1.0004, 2), (3, 4)), ("x", "y")),
        )
    )
    assert edited.to_dict()["edits"] == [
        {"merge": ["a", "b"], "into": "a+1"},
        {"cut": "a+1", "line_m": [[1.0, 2.0], [3.0, 4.0]], "into": ["x", "y"]},
    ]
    assert Scenario.from_json(edited.to_json()) == edited
    assert hash(edited.edits[0]) == hash(Merge(("a", "b"), "a+1"))


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        "a",
        [["a", "b"]],
        [{"merge": ["a", "b"]}],
        [{"merge": ["a"], "into": "x"}],
        [{"merge": ["a", "a"], "into": "x"}],
        [{"merge": "ab", "into": "x"}],
        [{"merge": ["a", 1], "into": "x"}],
        [{"merge": ["a", "b"], "into": ""}],
        [{"merge": ["a", "b"], "into": "x", "why": "?"}],
        [{"cut": "a", "line_m": [[0, 0]], "into": ["x", "y"]}],
        [{"cut": "a", "line_m": [[0, 0], [1, "1"]], "into": ["x", "y"]}],
        [{"cut": "a", "line_m": [[0, 0], [1, True]], "into": ["x", "y"]}],
        [{"cut": "a", "line_m": [[0, 0], [1e300, 1]], "into": ["x", "y"]}],
        [{"cut": "a", "line_m": [[0, 0], [1, 1, 1]], "into": ["x", "y"]}],
        [{"cut": "a", "line_m": [[0, 0], [1, 1]], "into": ["x"]}],
        [{"cut": "a", "line_m": [[0, 0], [1, 1]], "into": "xy"}],
        [{"cut": "a", "line_m": [[0, 0], [1, 1]], "into": list("abcdefghijk")}],
        [{"cut": None, "line_m": [[0, 0], [1, 1]], "into": ["x", "y"]}],
    ],
)
def test_wrong_edits_are_refused_in_words(wrong: Any) -> None:
    text = json.dumps({**Scenario().to_dict(), "edits": wrong})
    with pytest.raises(InputError):
        Scenario.from_json(text)
