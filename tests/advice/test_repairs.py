"""Repairs of a programme that does not fit: worked by hand, and each of them checked to work."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siteplan.advice import KINDS, Repair, repairs
from siteplan.evaluation import evaluate
from siteplan.io import default_scenario, read_parcels
from siteplan.parcels import Parcels
from siteplan.programme import Programme, UseTarget, rebalance
from siteplan.scenario import ParcelDecision, Scenario
from siteplan.text import LANGUAGES
from siteplan.use_limits import UseLimit
from siteplan.uses import USES
from tests.studies import row_of_lots

ONE = {f"far_ratio.{use}": 1.0 for use in USES}
CONSENTS = frozenset(("유통상업지역", use) for use in ("research", "campus", "culture"))


def repaired(parcels: Parcels, scenario: Scenario) -> dict[str, list[Repair]]:
    plan = evaluate(parcels, scenario)
    assert plan.status == "infeasible"
    found: dict[str, list[Repair]] = {}
    for repair in repairs(plan):
        assert evaluate(parcels, repair.scenario).status != "infeasible"
        found.setdefault(repair.kind, []).append(repair)
    return found


def said(found: list[Repair]) -> str:
    return " ".join(repair.text.render("en") for repair in found)


def assert_no_two_alike(found: tuple[Repair, ...]) -> None:
    for lang in LANGUAGES:
        assert len({repair.text.render(lang) for repair in found}) == len(found)
    assert len({repair.scenario.to_json() for repair in found}) == len(found)


# Lot a 준주거 holds 40,000 m² of FAR area for any use, lot b 유통상업 60,000 but no housing.
# Every m² counts for FAR here. One m² per lot is kept back for whole square metres.
class TestByHand:
    def test_another_split_keeps_the_total(self) -> None:
        parcels = row_of_lots(["준주거지역", "유통상업지역"])
        programme = Programme.from_gfa(80_000, {"research": 20_000, "housing": 60_000})
        found = repaired(parcels, Scenario(programme=programme, consents=CONSENTS, factors=ONE))
        shift = found["shift"][0]
        assert shift.cost == pytest.approx(20_001, abs=1)
        assert shift.scenario.programme.total_gfa_m2 == 80_000
        assert shift.scenario.programme.target("research").target_m2 == 40_001
        assert "Keep the total" in said([shift])
        assert "Housing -20,001 m²" in said([shift])

    def test_lowered_by_its_slider_the_others_absorb_in_proportion(self) -> None:
        parcels = row_of_lots(["준주거지역", "유통상업지역"])
        split = {"research": 15_000, "campus": 5_000, "housing": 60_000}
        scenario = Scenario(
            programme=Programme.from_gfa(80_000, split), consents=CONSENTS, factors=ONE
        )
        slide, other = repaired(parcels, scenario)["shift"]
        assert [t.target_m2 for t in slide.scenario.programme.targets] == [
            30_001,
            10_000,
            39_999,
            0,
        ]
        assert slide.cost == other.cost == 20_001
        assert "Housing -20,001 m², Campus +5,000 m², Research +15,001 m²" in said([slide])

    def test_less_of_the_use_or_of_everything(self) -> None:
        parcels = row_of_lots(["준주거지역", "유통상업지역"])
        programme = Programme.from_gfa(80_000, {"research": 20_000, "housing": 60_000})
        found = repaired(parcels, Scenario(programme=programme, consents=CONSENTS, factors=ONE))
        (cut,), (total,) = found["cut"], found["total"]
        assert cut.scenario.programme.target("housing").target_m2 == 39_999
        assert cut.scenario.programme.target("research").target_m2 == 20_000
        assert cut.scenario.programme.total_gfa_m2 == 59_999
        # Housing is three quarters: 39,999 / 0.75.
        assert total.scenario.programme.total_gfa_m2 == pytest.approx(53_332, abs=1)

    def test_more_far_where_housing_may_stand(self) -> None:
        # 60,000 of housing on 10,000 m² of land: 600 % and a little for whole m².
        parcels = row_of_lots(["준주거지역", "유통상업지역"])
        programme = Programme.from_gfa(80_000, {"research": 20_000, "housing": 60_000})
        found = repaired(parcels, Scenario(programme=programme, consents=CONSENTS, factors=ONE))
        (far,) = found["far"]
        assert far.scenario.decision("a").far_pct == 601
        assert "Plan a with 601 % FAR instead of 400 %" in said([far])

    def test_a_parcel_is_taken_in_as_far_as_needed(self) -> None:
        parcels = row_of_lots(["준주거지역", "준주거지역"])
        programme = Programme.from_gfa(50_000, {"housing": 50_000})
        scenario = Scenario(
            programme=programme,
            factors=ONE,
            default_available_pct=0,
            decisions={"a": ParcelDecision()},
        )
        found = repaired(parcels, scenario)
        (parcel,) = found["parcel"]
        assert parcel.scenario.decision("b").available_pct == 26
        assert parcel.cost == pytest.approx(2_600)
        assert "Take 26 % of b in instead of 0 %" in said([parcel])

    def test_several_parcels_where_no_single_one_is_enough(self) -> None:
        parcels = row_of_lots(["준주거지역"] * 4)
        programme = Programme.from_gfa(110_000, {"housing": 110_000})
        scenario = Scenario(
            programme=programme,
            factors=ONE,
            default_available_pct=0,
            decisions={"a": ParcelDecision()},
        )
        (parcel,) = repaired(parcels, scenario)["parcel"]
        assert len(parcel.scenario.decisions) == 3

    def test_all_parcels_where_no_few_of_them_are_enough(self) -> None:
        parcels = row_of_lots(["준주거지역"] * 8)
        programme = Programme.from_gfa(250_000, {"housing": 250_000})
        scenario = Scenario(
            programme=programme,
            factors=ONE,
            default_available_pct=0,
            decisions={"a": ParcelDecision(50)},
        )
        (parcel,) = repaired(parcels, scenario)["parcel"]
        assert parcel.scenario.default_available_pct == 100
        assert parcel.scenario.decision("a").available_pct == 100
        assert parcel.cost == pytest.approx(75_000)

    def test_a_consent_is_first(self) -> None:
        parcels = row_of_lots(["유통상업지역"])
        programme = Programme.from_gfa(1_000, {"campus": 1_000})
        plan = evaluate(parcels, Scenario(programme=programme))
        first = repairs(plan)[0]
        assert first.kind == "consent"
        assert first.scenario.consents == {("유통상업지역", "campus")}

    def test_two_consents_where_one_is_not_enough(self) -> None:
        parcels = row_of_lots(["유통상업지역"])
        programme = Programme.from_gfa(2_000, {"campus": 1_000, "research": 1_000})
        (consent,) = repaired(parcels, Scenario(programme=programme))["consent"]
        assert len(consent.scenario.consents) == 2
        assert "Do all of this" in said([consent])

    def test_a_consent_with_a_parcel_where_neither_is_enough(self) -> None:
        parcels = row_of_lots(["유통상업지역"])
        programme = Programme.from_gfa(1_000, {"campus": 1_000})
        found = repaired(parcels, Scenario(programme=programme, default_available_pct=0))
        assert "consent" not in found
        assert "parcel" not in found
        (both,) = found["both"]
        assert both.scenario.consents == {("유통상업지역", "campus")}
        assert 0 < both.scenario.decision("a").available_pct < 100

    def test_a_lock_is_opened_only_where_it_is_named(self) -> None:
        parcels = row_of_lots(["준주거지역", "유통상업지역"])
        targets = (
            UseTarget(10_000),
            UseTarget(10_000),
            UseTarget(60_000, locked=True),
            UseTarget(0),
        )
        scenario = Scenario(programme=Programme(80_000, targets), consents=CONSENTS, factors=ONE)
        found = repaired(parcels, scenario)
        assert "shift" not in found
        assert "Open the lock of Housing" in said(found["unlock"])
        assert not found["unlock"][0].scenario.programme.target("housing").locked

    def test_bounds_of_free_uses(self) -> None:
        # Research may take 10,000 to 20,000 of 80,000: housing must hold 60,000 of 40,000.
        parcels = row_of_lots(["준주거지역", "유통상업지역"])
        targets = (UseTarget(None, 10_000, 20_000), UseTarget(0), UseTarget(None), UseTarget(0))
        scenario = Scenario(programme=Programme(80_000, targets), consents=CONSENTS, factors=ONE)
        found = repaired(parcels, scenario)
        (bound,) = found["bound"]
        assert bound.scenario.programme.target("research").max_m2 == 40_001
        assert "rise to 40,001 m² instead of 20,000 m² at most" in said([bound])

    def test_nothing_is_offered_where_nothing_helps(self) -> None:
        # Housing alone, and only where no consent allows it.
        parcels = row_of_lots(["유통상업지역"])
        programme = Programme.from_gfa(1_000, {"housing": 1_000})
        assert not any(
            kind in repaired(parcels, Scenario(programme=programme))
            for kind in ("consent", "parcel", "both", "far")
        )


def test_the_explanation_names_the_largest_lots_that_may_hold_it() -> None:
    parcels = row_of_lots(
        ["준주거지역", "준주거지역", "유통상업지역"], area_m2=[1_000, 2_000, 9_000]
    )
    programme = Programme.from_gfa(20_000, {"housing": 20_000})
    plan = evaluate(parcels, Scenario(programme=programme, factors=ONE))
    first, second, *_ = (text.render("en") for text in plan.explanation)
    assert "the 2 parcels that may hold them offer 12,000 m². 8,000 m² are missing" in first
    assert second == "The largest of these parcels: b (8,000 m²), a (4,000 m²)."


def test_fractions_of_a_square_metre_that_do_not_add_up_are_repaired() -> None:
    # Each lot holds 100.4 m², so 200 whole m² in all, although 200.8 would fit in fractions.
    parcels = row_of_lots(["준주거지역"] * 2, area_m2=[25.1, 25.1])
    programme = Programme.from_gfa(201, {"research": 201})
    plan = evaluate(parcels, Scenario(programme=programme, factors=ONE))
    smaller = Programme.from_gfa(200, {"research": 200})
    assert plan.status == "infeasible"
    assert evaluate(parcels, Scenario(programme=smaller, factors=ONE)).status == "optimal"
    found = {repair.kind: repair for repair in repairs(plan)}
    assert found["cut"].scenario.programme.total_gfa_m2 in (199, 200)


def test_the_order_of_rows_does_not_matter() -> None:
    parcels = read_parcels()
    turned = Parcels.from_frame(parcels.frame.iloc[::-1], context=parcels.context)
    start = default_scenario(parcels)
    scenario = replace(start, programme=rebalance(start.programme, "housing", 200_000))
    one, two = evaluate(parcels, scenario), evaluate(turned, scenario)
    assert [str(r.text) for r in repairs(one)] == [str(r.text) for r in repairs(two)]
    assert [str(text) for text in one.explanation][:2] == [str(t) for t in two.explanation][:2]


def test_a_feasible_plan_needs_no_repair() -> None:
    parcels = read_parcels()
    assert repairs(evaluate(parcels, default_scenario(parcels))) == ()


def test_the_shipped_study_with_too_much_housing() -> None:
    parcels = read_parcels()
    start = default_scenario(parcels)
    programme = rebalance(start.programme, "housing", 200_000)
    found = repairs(evaluate(parcels, replace(start, programme=programme)))
    kinds = [repair.kind for repair in found]
    assert {"shift", "parcel", "cut", "total"} <= set(kinds)
    order = list(KINDS)
    assert kinds == sorted(kinds, key=order.index)
    assert len(found) <= 8
    assert all(evaluate(parcels, repair.scenario).status == "optimal" for repair in found)


def test_where_one_use_alone_absorbs_its_shift_is_offered_once() -> None:
    parcels = read_parcels()
    start = default_scenario(parcels)
    programme = rebalance(start.programme, "housing", 200_000)
    for use in ("campus", "culture"):
        programme = programme.with_target(use, replace(programme.target(use), locked=True))
    found = repairs(evaluate(parcels, replace(start, programme=programme)))
    assert [repair.kind for repair in found].count("shift") >= 1
    assert_no_two_alike(found)


@st.composite
def wishes(draw: st.DrawFn) -> tuple[list[str | None], Scenario]:
    zones = draw(
        st.lists(
            st.sampled_from(
                ["준주거지역", "제3종일반주거지역", "유통상업지역", "자연녹지지역", None]
            ),
            min_size=1,
            max_size=5,
        )
    )
    gfa_m2 = draw(st.lists(st.integers(0, 90_000), min_size=4, max_size=4).filter(any))
    locked = draw(st.lists(st.booleans(), min_size=4, max_size=4))
    targets = tuple(UseTarget(m2, locked=lock) for m2, lock in zip(gfa_m2, locked, strict=True))
    parts = [draw(st.sampled_from([0.0, 20.0, 100.0])) for _ in zones]
    return zones, Scenario(
        programme=Programme(sum(gfa_m2), targets),
        consents=draw(st.sampled_from([CONSENTS, frozenset()])),
        decisions={chr(ord("a") + i): ParcelDecision(part) for i, part in enumerate(parts)},
    )


@given(wishes())
@settings(max_examples=60)
def test_every_repair_works_and_nothing_else_is_changed(
    wish: tuple[list[str | None], Scenario],
) -> None:
    zones, scenario = wish
    parcels = row_of_lots(zones)
    plan = evaluate(parcels, scenario)
    assert_no_two_alike(repairs(plan))
    for repair in repairs(plan):
        after = repair.scenario
        assert evaluate(parcels, after).status != "infeasible"
        assert repair.cost > 0
        for lang in ("ko", "en"):
            assert repair.text.render(lang)
        programme, land = after.programme, (after.decisions, after.consents)
        if repair.kind in ("shift", "unlock"):
            assert programme.total_gfa_m2 == scenario.programme.total_gfa_m2
        if repair.kind in ("consent", "parcel", "both", "far"):
            assert programme == scenario.programme
        else:
            assert land == (scenario.decisions, scenario.consents)
        if repair.kind != "unlock":
            locks = [t.locked for t in programme.targets]
            kept = [t.locked for t in scenario.programme.targets]
            assert locks == kept


class TestOwnLimits:
    """Lots of 40,000 m² of FAR area each; every m² counts for FAR."""

    LIMITED = ParcelDecision(limits={"research": UseLimit(50_000)})

    def test_limits_that_clash_on_several_lots_are_dropped_together(self) -> None:
        parcels = row_of_lots(["준주거지역"] * 9)
        kept = ParcelDecision(limits={"culture": UseLimit(0, 0)})
        scenario = Scenario(
            programme=Programme.from_gfa(100_000, {"research": 100_000}),
            factors=ONE,
            decisions={**dict.fromkeys("abcdefgh", self.LIMITED), "i": kept},
        )
        found = repaired(parcels, scenario)["limit"]
        assert "Drop the limits that cannot be kept, on a, b, c, d, 4 more." in said(found)
        assert found[0].scenario.decision("a").limits == {}
        assert found[0].scenario.decision("i") == kept

    def test_where_one_step_is_not_enough_two_are_offered(self) -> None:
        parcels = row_of_lots(["준주거지역"] * 2)
        scenario = Scenario(
            programme=Programme.from_gfa(100_000, {"research": 100_000}),
            factors=ONE,
            decisions={"a": ParcelDecision(limits={"research": UseLimit(90_000)})},
        )
        found = repaired(parcels, scenario)
        assert found
        for repair in [one for ones in found.values() for one in ones]:
            assert "Drop all your limits of uses on parcels." in said([repair])

    def test_all_that_one_zone_waits_for_is_consented_to(self) -> None:
        parcels = row_of_lots(["일반공업지역"])
        split = {"research": 100, "campus": 100, "housing": 100, "culture": 100}
        scenario = Scenario(programme=Programme.from_gfa(400, split))
        (consent,) = repaired(parcels, scenario)["consent"]
        assert {use for _, use in consent.scenario.consents} == set(USES)
