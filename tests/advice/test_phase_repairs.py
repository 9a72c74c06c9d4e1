"""Repairs of years: each works, each says what it does, and the cheapest of a kind is offered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siteplan.advice import PHASE_KINDS, Repair, phase_repairs
from siteplan.approach import Near
from siteplan.evaluation import Plan, evaluate
from siteplan.phasing import Phases
from siteplan.programme import Programme
from siteplan.scenario import ParcelDecision, Scenario
from tests.studies import row_of_lots

LOTS = row_of_lots(["준주거지역"] * 3)
PROGRAMME = Programme.from_gfa(60_000, {"research": 40_000, "housing": 20_000})


def plan_of(phases: Phases, *, ready: dict[str, int] | None = None, **fields: Any) -> Plan:
    decisions = {key: ParcelDecision(ready_year=year) for key, year in (ready or {}).items()}
    scenario = Scenario(programme=PROGRAMME, phases=phases, decisions=decisions, **fields)
    return evaluate(LOTS, scenario)


def offered(plan: Plan) -> dict[str, Repair]:
    found = phase_repairs(plan)
    for repair in found:
        assert repair.kind in PHASE_KINDS
        after = evaluate(LOTS, repair.scenario)
        assert after.status != "infeasible"
        assert after.timing is not None
        assert after.timing.status != "infeasible"
    kinds = [repair.kind for repair in found]
    assert kinds == sorted(kinds, key=list(PHASE_KINDS).index)
    return {repair.kind: repair for repair in reversed(found)}


def said(repair: Repair) -> str:
    return repair.text.render("en")


def phases_after(repair: Repair) -> Phases:
    assert repair.scenario.phases is not None
    return repair.scenario.phases


def test_ceilings_that_are_too_low() -> None:
    """60,000 m² in 4 years of 12,000: 12,000 are missing, a fifth year, or 3,000 a year more."""
    found = offered(plan_of(Phases(2028, 4, ceiling_gfa_m2=(12_000,) * 4)))
    assert set(found) == {"years", "ceiling"}
    assert said(found["years"]) == "Add 1 year(s), to the end of 2032."
    assert said(found["ceiling"]) == "Raise the ceiling of 2028–2031 to 15,000 m² a year."
    assert phases_after(found["ceiling"]).ceiling_gfa_m2 == (15_000,) * 4
    assert found["ceiling"].cost == pytest.approx(0.25)


def test_a_date_that_the_first_years_cannot_keep() -> None:
    phases = Phases(
        2028, 4, ceiling_gfa_m2=(8_000, 20_000, 20_000, 20_000),
        minimum_gfa_m2={2028: {"housing": 10_000}},
    )  # fmt: skip
    found = offered(plan_of(phases))
    assert said(found["date"]) == "Move the date of Housing from 2028 to 2029."
    assert said(found["ceiling"]) == "Raise the ceiling of 2028 to 10,000 m² a year."
    assert said(found["amount"]) == "Ask only for 8,000 m² of Housing by 2028 (2,000 m² less)."


def test_budgets_are_raised_in_money() -> None:
    found = offered(plan_of(Phases(2028, 2, budget_krw=(8e10, 8e10))))
    assert said(found["ceiling"]).startswith("Raise the ceiling of 2028–2029 to KRW 8")
    assert "억 원" in found["ceiling"].text.render("ko")


def test_parcels_that_are_ready_too_late() -> None:
    phases = Phases(2028, 4, minimum_gfa_m2={2029: {"research": 40_000}})
    found = offered(plan_of(phases, ready=dict.fromkeys(LOTS.ids, 2031)))
    assert said(found["ready"]).startswith("Make ready by 2029: ")
    assert said(found["date"]) == "Move the date of Research from 2029 to 2031."


def test_parcels_that_no_year_takes_whole() -> None:
    found = offered(plan_of(Phases(2028, 6, (12_000,) * 6, whole_parcels=True)))
    assert said(found["split"]) == "Let parcels be built over several years."
    assert "ceiling" in found


def test_a_plan_that_holds_fast_to_its_parcels() -> None:
    best = plan_of(Phases(2028, 3))
    at = int(best.gfa_m2[:, 2].argmax())
    table = {key: tuple(row) for key, row in zip(LOTS.ids, best.gfa_m2.tolist(), strict=True)}
    plan = plan_of(
        Phases(2028, 3, minimum_gfa_m2={2028: {"housing": 20_000}}),
        ready={LOTS.ids[at]: 2030},
        approach=Near(gfa_m2=table, price=None),
    )
    found = offered(plan)
    assert found["approach"].scenario.approach is None


def test_nothing_is_offered_where_nothing_is_wrong() -> None:
    assert phase_repairs(plan_of(Phases(2028, 3))) == ()
    plain = plan_of(Phases(2028, 3)).scenario
    assert phase_repairs(evaluate(LOTS, replace(plain, phases=None))) == ()


@settings(max_examples=40)
@given(
    st.lists(st.integers(0, 25_000), min_size=2, max_size=5),
    st.dictionaries(
        st.integers(0, 4), st.sampled_from([3_000, 9_000, 20_000]), min_size=0, max_size=2
    ),
    st.dictionaries(st.sampled_from(LOTS.ids), st.integers(2028, 2033), max_size=3),
    st.booleans(),
)
def test_whatever_is_wrong_what_is_offered_works(
    ceilings: list[int],
    dates: dict[int, int],
    ready: dict[str, int],
    whole: bool,  # noqa: FBT001
) -> None:
    rows = {2028 + t: {"housing": m2} for t, m2 in dates.items() if t < len(ceilings)}
    offered(plan_of(Phases(2028, len(ceilings), tuple(ceilings), (), rows, whole), ready=ready))
