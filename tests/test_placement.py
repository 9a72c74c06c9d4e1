"""Approaches: buildable parcels, few changes, neighbours together; each keeps its promise."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from siteplan.advice import repairs
from siteplan.approach import Approach, Near, Practical, Together, approach_from
from siteplan.errors import InputError
from siteplan.evaluation import Plan, evaluate, move_use
from siteplan.io import default_scenario, read_parcels
from siteplan.parcels import Parcels
from siteplan.placement import earlier_plan_m2, neighbours
from siteplan.programme import Programme, UseTarget
from siteplan.scenario import ParcelDecision, Scenario
from siteplan.use_limits import UseLimit
from siteplan.uses import USES
from tests.studies import row_of_lots

PARCELS = read_parcels()
START = default_scenario(PARCELS)
PLAIN = evaluate(PARCELS, START)


def followed(approach: Approach | None, **changes: Any) -> Plan:
    return evaluate(PARCELS, replace(START, approach=approach, **changes))


def table_of(plan: Plan) -> dict[str, tuple[int, ...]]:
    return {i: tuple(r) for i, r in zip(plan.parcels.ids, plan.gfa_m2.tolist(), strict=True)}


def assert_lawful(plan: Plan) -> None:
    assert plan.status in ("optimal", "feasible")
    assert plan.uses_gfa_m2.tolist() == [t.target_m2 for t in plan.scenario.programme.targets]
    assert not plan.gfa_m2[~plan.capacity.allowed].any()
    assert (plan.far_area_m2 <= plan.capacity.far_area_m2 * (1 + 1e-9) + 1e-6).all()
    assert plan.objective <= plan.bound * (1 + 1e-9)


class TestBuildableParcels:
    @pytest.mark.parametrize("max_uses", [1, 2, 3])
    def test_no_parcel_has_more_uses_than_allowed(self, max_uses: int) -> None:
        plan = followed(Practical(max_uses=max_uses))
        assert_lawful(plan)
        assert (plan.gfa_m2 > 0).sum(axis=1).max() <= max_uses
        assert plan.gap_pct <= 0.5

    def test_a_use_is_nowhere_smaller_than_its_block(self) -> None:
        blocks = {"research": 3_000, "campus": 2_000, "housing": 1_500, "culture": 4_000}
        plan = followed(Practical(max_uses=4, min_block_m2=blocks))
        assert_lawful(plan)
        for column, use in enumerate(USES):
            standing = plan.gfa_m2[:, column][plan.gfa_m2[:, column] > 0]
            assert standing.min() >= blocks[use]

    def test_whole_square_metres_keep_block_and_share_beside_a_least_of_the_planner(self) -> None:
        # The bounds of the rules are no whole m², and nearly all capacity is used.
        parcels = row_of_lots(["준주거지역"] * 6, side_m=42.4)
        ratio = {f"far_ratio.{use}": 0.7 + 0.07 * i for i, use in enumerate(USES)}
        rules = Practical(2, min_block_m2={"culture": 1_000}, max_share_pct={"research": 61.7})
        held = {"a": ParcelDecision(limits={"culture": UseLimit(50)})}
        for total_m2 in (30_000, 38_000, 43_210):
            scenario = Scenario(
                programme=Programme.from_shares(
                    total_m2, {"research": 40, "campus": 24, "housing": 20, "culture": 16}
                ),
                factors=ratio,
                decisions=held,
                approach=rules,
            )
            plan = evaluate(parcels, scenario)
            assert_lawful(plan)
            culture, research = plan.gfa_m2[:, 3], plan.gfa_m2[:, 0]
            assert culture[culture > 0].min() >= 1_000
            most_m2 = plan.room.capacity_m2 * 0.617 / plan.far_ratio[0]
            assert (research <= most_m2 + 1e-6).all()

    def test_a_use_takes_no_more_than_its_share(self) -> None:
        plan = followed(Practical(max_uses=4, max_share_pct={"research": 60.0}))
        assert_lawful(plan)
        held = plan.gfa_m2[:, 0] * plan.far_ratio[0]
        assert (held <= 0.6 * plan.capacity.far_area_m2 + 1).all()

    def test_floors_are_whole_but_for_one_of_each_use_and_the_plan_names_it(self) -> None:
        plan = followed(Practical(max_uses=2, whole_floors=True))
        assert_lawful(plan)
        told = {i.parcel_ids[0] for i in plan.issues if i.code == "part_floor"}
        plain = (plan.composition.parking_above_m2 == 0) & (plan.parcel_gfa_m2 > 0)
        for row in np.flatnonzero(plain).tolist():
            if plan.parcels.ids[row] in told:
                continue
            # The massing's own floors, as the 3-D view draws them.
            footprint_m2 = float(plan.massing.footprint_m2[row])
            floors = plan.gfa_m2[row] * plan.far_ratio / footprint_m2
            off_m2 = np.abs(floors - np.rint(floors)) * footprint_m2
            assert off_m2.max() < 4, plan.parcels.ids[row]  # whole m² of each use
        assert len(told) <= len(USES)

    def test_rules_that_cannot_be_kept_are_named_and_easing_them_is_offered(self) -> None:
        plan = followed(Practical(max_uses=1, min_block_m2={"culture": 40_000}))
        assert plan.status == "infeasible"
        assert "least floor area of a use" in " ".join(t.render("en") for t in plan.explanation)
        kinds = {repair.kind for repair in repairs(plan)}
        assert "rule" in kinds

    def test_limits_of_parcels_hold_beside_the_rules(self) -> None:
        row = int(PLAIN.parcel_gfa_m2.argmax())
        parcel_id = PLAIN.parcels.ids[row]
        fixed = replace(START.decision(parcel_id), limits={"culture": UseLimit(5_001, 5_001)})
        plan = evaluate(
            PARCELS,
            replace(START.with_decision(parcel_id, fixed), approach=Practical(max_uses=2)),
        )
        assert_lawful(plan)
        assert plan.gfa_m2[row, USES.index("culture")] == 5_001


class TestNearThePlanBefore:
    def test_without_a_change_the_same_plan_stays(self) -> None:
        plan = followed(Near(table_of(PLAIN), price=None))
        assert (plan.gfa_m2 == PLAIN.gfa_m2).all()

    def test_at_any_price_no_more_area_moves_than_the_totals_ask(self) -> None:
        moved = move_use(PARCELS, START, use="housing", gfa_m2=60_000)
        near = replace(moved, approach=Near(table_of(PLAIN), price=None))
        plan = evaluate(PARCELS, near)
        placed = np.maximum(plan.gfa_m2 - PLAIN.gfa_m2, 0).sum()
        asked = np.maximum(plan.uses_gfa_m2 - PLAIN.uses_gfa_m2, 0).sum()
        assert placed >= asked
        free = evaluate(PARCELS, moved)
        assert placed <= np.maximum(free.gfa_m2 - PLAIN.gfa_m2, 0).sum()

    def test_a_higher_price_moves_no_more(self) -> None:
        moved = move_use(PARCELS, START, use="housing", gfa_m2=90_000)
        amounts = []
        for price in (0.0, 0.01, 0.1, None):
            near = replace(moved, approach=Near(table_of(PLAIN), price=price))
            plan = evaluate(PARCELS, near)
            change = np.maximum(plan.gfa_m2 - PLAIN.gfa_m2, 0) @ plan.far_ratio
            amounts.append(float(change.sum()))
        rounding_m2 = 20.0
        assert all(b <= a + rounding_m2 for a, b in pairwise(amounts))

    def test_price_zero_is_the_most_suitable_plan(self) -> None:
        plan = followed(Near({}, price=0.0))
        assert plan.objective == pytest.approx(PLAIN.objective, abs=1)

    def test_lots_that_are_gone_are_told(self) -> None:
        plan = followed(Near({"no such lot": (1, 0, 0, 0)}))
        assert [i.parcel_ids for i in plan.issues if i.code == "earlier_plan_lots"] == [
            ("no such lot",)
        ]

    def test_what_limits_no_longer_allow_is_told(self) -> None:
        row = int(PLAIN.parcel_gfa_m2.argmax())
        parcel_id = PLAIN.parcels.ids[row]
        shut = replace(START.decision(parcel_id), available_pct=0.0)
        plan = evaluate(
            PARCELS,
            replace(
                START.with_decision(parcel_id, shut), approach=Near(table_of(PLAIN), price=None)
            ),
        )
        if plan.status != "infeasible":
            assert "earlier_plan_lost" in {i.code for i in plan.issues}
        else:
            assert plan.explanation


class TestTogether:
    def test_more_edge_has_the_same_use_on_both_sides(self) -> None:
        from siteplan.allocation.together import shared_use_m

        plan = followed(Together(worth_m2_per_m=50.0))
        assert_lawful(plan)
        pairs, length_m = neighbours(plan.parcels)

        def shared(one: Plan) -> float:
            return shared_use_m(
                one.gfa_m2 * one.far_ratio,
                one.capacity.far_area_m2,
                pairs=pairs,
                length_m=length_m,
            )

        assert shared(plan) > shared(PLAIN)
        worth = float((plan.score * plan.gfa_m2).sum())
        assert worth <= PLAIN.bound
        assert plan.objective == pytest.approx(worth + 50.0 * shared(plan))
        assert plan.objective >= PLAIN.objective + 50.0 * shared(PLAIN) - 1

    def test_worth_nothing_changes_nothing(self) -> None:
        plan = followed(Together(worth_m2_per_m=0.0))
        assert (plan.gfa_m2 == PLAIN.gfa_m2).all()


@pytest.mark.parametrize(
    "approach",
    [Practical(), Near(table_of(PLAIN), price=0.05), Near({}, price=None), Together(20.0)],
)
def test_the_order_of_the_file_changes_nothing(approach: Approach) -> None:
    turned = Parcels.from_frame(PARCELS.frame.iloc[::-1], context=PARCELS.context)
    scenario = replace(START, approach=approach)
    first, second = evaluate(PARCELS, scenario), evaluate(turned, scenario)
    assert table_of(first) == table_of(second)


@pytest.mark.parametrize("approach", [Practical(), Near({}, price=0.1), Together(5.0)])
def test_free_totals_keep_those_of_the_most_suitable_plan_and_say_so(approach: Approach) -> None:
    zone = "준주거지역"
    parcels = row_of_lots([zone, zone, zone], context=PARCELS.context)
    targets = (UseTarget(20_000), UseTarget(None, 5_000, 30_000), UseTarget(None), UseTarget(None))
    scenario = Scenario(programme=Programme(80_000, targets))
    plain = evaluate(parcels, scenario)
    plan = evaluate(parcels, replace(scenario, approach=approach))
    assert plan.status != "infeasible"
    assert plan.total_gfa_m2 == 80_000
    assert np.abs(plan.uses_gfa_m2 - plain.uses_gfa_m2).max() <= 1
    assert "totals_first" in {issue.code for issue in plan.issues}


@pytest.mark.parametrize(
    "approach",
    [
        Practical(max_uses=3, min_block_m2={"housing": 500}, max_share_pct={"culture": 30.0}),
        Near({"가": (1, 2, 3, 4)}, price=None, follow=False, name="대안 2"),
        Near({}, price=0.25),
        Together(3.5, single_use=True),
    ],
)
def test_an_approach_survives_json(approach: Approach) -> None:
    scenario = Scenario(approach=approach)
    assert Scenario.from_json(scenario.to_json()) == scenario
    assert hash(scenario.approach) == hash(Scenario.from_json(scenario.to_json()).approach)


@pytest.mark.parametrize(
    "table",
    [
        {"kind": "genetic"},
        {"kind": "practical", "max_uses": 0},
        {"kind": "practical", "max_uses": True},
        {"kind": "practical", "min_block_m2": {"offices": 1}},
        {"kind": "practical", "max_share_pct": {"housing": 101}},
        {"kind": "practical", "colour": 1},
        {"kind": "near", "price": -1},
        {"kind": "near", "price": float("nan")},
        {"kind": "near", "gfa_m2": {"a": [1, 2]}},
        {"kind": "near", "gfa_m2": {"a": [1, 2, 3, -4]}},
        {"kind": "near", "follow": "yes"},
        {"kind": "together", "worth_m2_per_m": -1},
        {"kind": "together", "single_use": 1},
        "practical",
    ],
)
def test_an_approach_that_is_none_is_refused(table: Any) -> None:
    with pytest.raises(InputError):
        approach_from(table)


def test_an_earlier_plan_is_laid_on_the_lots_by_id() -> None:
    gfa_m2, lost = earlier_plan_m2(PARCELS, Near({PARCELS.ids[3]: (1, 2, 3, 4), "x": (0, 0, 0, 0)}))
    assert gfa_m2[3].tolist() == [1, 2, 3, 4]
    assert gfa_m2.sum() == 10
    assert lost == ()  # a lot that held nothing is no loss


def test_decisions_about_parcels_keep_their_old_form_where_nothing_new_is_decided() -> None:
    plain = ParcelDecision(available_pct=20.0, reason="기부채납").to_dict()
    assert plain == {"available_pct": 20.0, "reason": "기부채납"}


def test_where_own_limits_of_all_lots_leave_no_room_they_are_named() -> None:
    parcels = row_of_lots(["준주거지역"])
    scenario = Scenario(
        programme=Programme.from_gfa(100, {"research": 100}), max_height_m=1, setback_m=3
    )
    plan = evaluate(parcels, scenario)
    assert plan.status == "infeasible"
    said = " ".join(text.render("en") for text in plan.explanation)
    assert "setback of 3 m, height of 1 m" in said


G, D, Q = "자연녹지지역", "유통상업지역", "준주거지역"
CONSENTS = frozenset((D, use) for use in ("research", "campus", "culture"))


def assert_whole(plan: Plan) -> None:
    assert plan.status != "infeasible", [text.render("en") for text in plan.explanation]
    assert plan.total_gfa_m2 == plan.scenario.programme.total_gfa_m2
    assert plan.objective <= plan.bound * (1 + 1e-9)
    assert not plan.gfa_m2[~plan.capacity.allowed].any()
    assert (plan.far_area_m2 <= plan.capacity.far_area_m2 * (1 + 1e-9) + 1e-6).all()


def test_free_totals_leave_the_fraction_of_a_full_lot_that_no_whole_m2_fills() -> None:
    # The best totals fill every lot where housing may stand to the last hundredth of a m².
    zones = (D, Q, D, G, Q, G, G, G)
    areas = [955.07, 1955.33, 1507.26, 2195.28, 2296.9, 2672.29, 2439.96, 515.08]
    free = Programme(42_833, tuple(UseTarget(None) for _ in USES))
    assert_whole(
        evaluate(row_of_lots(zones, area_m2=areas), Scenario(programme=free, consents=CONSENTS))
    )


@pytest.mark.parametrize(
    ("use", "gfa_m2"), [("research", 40), ("campus", 40), ("campus", 9_847), ("culture", 7_089)]
)
def test_on_a_tight_site_the_others_leave_room_for_whole_m2(use: str, gfa_m2: int) -> None:
    zones = (G, D, Q, G, Q, Q, G, G, G, Q, G)
    areas = [
        2859.24, 1366.02, 430.37, 2517.44, 554.15, 1873.53, 2756.2, 879.69, 532.06, 1429.06, 949.79,
    ]  # fmt: skip
    parcels = row_of_lots(zones, area_m2=areas)
    split = dict(zip(USES, (7_359, 9_492, 10_023, 9_836), strict=True))
    before = Scenario(programme=Programme.from_gfa(36_710, split), consents=CONSENTS)
    after = move_use(parcels, before, use=use, gfa_m2=gfa_m2)
    assert after.programme.target(use).target_m2 == gfa_m2
    assert_whole(evaluate(parcels, after))
