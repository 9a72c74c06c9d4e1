"""Worth in planners' words: every figure against plans that are evaluated anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from siteplan.advice import capacity_worth, parcel_worth, programme_worth
from siteplan.evaluation import Plan, evaluate
from siteplan.io import default_scenario, read_parcels
from siteplan.programme import Programme, UseTarget
from siteplan.scenario import Scenario
from siteplan.uses import USES
from tests.studies import row_of_lots


@pytest.fixture(scope="module")
def plan() -> Plan:
    parcels = read_parcels()
    return evaluate(parcels, default_scenario(parcels))


@pytest.mark.parametrize("parcel_id", ["YJ-R01", "Y2-J01", "UM-R01", "YJ-225"])
def test_more_far_is_worth_what_a_new_plan_says(plan: Plan, parcel_id: str) -> None:
    row = plan.parcels.index[parcel_id]
    found = parcel_worth(plan, parcel_id)
    assert found is not None
    # The same lot with so much FAR of its own that it holds 1,000 m² more.
    far_pct = plan.capacity.far_limit_pct[row] * (1 + 1_000 / plan.capacity.far_area_m2[row])
    decision = replace(plan.scenario.decision(parcel_id), far_pct=float(far_pct))
    more = evaluate(plan.parcels, plan.scenario.with_decision(parcel_id, decision))
    assert more.capacity.far_area_m2[row] - plan.capacity.far_area_m2[row] == pytest.approx(1_000)
    assert found.points == pytest.approx((more.bound - plan.bound) / 270_000 * 100, abs=1e-6)
    assert found.points > 0


def test_the_moves_add_up_to_the_gain(plan: Plan) -> None:
    for parcel_id in ("YJ-R01", "Y2-J01", "UM-R01", "YJ-225"):
        found = parcel_worth(plan, parcel_id)
        assert found is not None
        gain = sum(
            move.gfa_m2
            * (
                plan.score[move.to_row, USES.index(move.use)]
                - plan.score[move.from_row, USES.index(move.use)]
            )
            for move in found.moves
        )
        assert found.points == pytest.approx(gain / 270_000 * 100, abs=1e-4)


def test_the_sentence_names_lots_and_suitability(plan: Plan) -> None:
    found = parcel_worth(plan, "YJ-R01")
    assert found is not None
    said = " ".join(text.render("en") for text in found.texts)
    assert "1,000 m² more FAR area here would raise the plan's mean suitability from 62.64" in said
    assert "1,429 m² of Research could move from Yangjae grain market" in said


def test_a_lot_with_room_left_is_worth_nothing_more(plan: Plan) -> None:
    found = parcel_worth(plan, "YJ-223")
    assert found is not None
    assert (found.price_more, found.price_less, found.points) == (0, 0, 0)
    assert found.holds_m2 == np.inf
    assert "would not raise" in found.texts[0].render("en")


def test_lots_out_and_infeasible_plans_have_no_worth(plan: Plan) -> None:
    assert parcel_worth(plan, plan.parcels.ids[100]) is None
    parcels = row_of_lots(["준주거지역"])
    full = evaluate(parcels, Scenario(programme=Programme.from_gfa(90_000, {"housing": 90_000})))
    assert parcel_worth(full, "a") is None
    assert programme_worth(full) is None


def test_a_full_site_has_no_single_price() -> None:
    parcels = row_of_lots(["준주거지역"])
    one = {f"far_ratio.{use}": 1.0 for use in USES}
    programme = Programme.from_gfa(40_000, {"research": 40_000})
    found = parcel_worth(evaluate(parcels, Scenario(programme=programme, factors=one)), "a")
    assert found is not None
    assert found.price_more == 0
    assert found.price_less == np.inf
    said = " ".join(text.render("en") for text in found.texts)
    assert "There is no single price" in said
    assert "At most 0 m² of FAR area less" in said


def test_free_uses_are_said_to_count_as_fixed() -> None:
    parcels = row_of_lots(["준주거지역", "준주거지역"])
    targets = (UseTarget(None), UseTarget(0), UseTarget(5_000), UseTarget(0))
    found = parcel_worth(evaluate(parcels, Scenario(programme=Programme(20_000, targets))), "a")
    assert found is not None
    assert "count as fixed" in found.texts[-1].render("en")


def test_a_shift_is_worth_what_a_new_plan_says(plan: Plan) -> None:
    found = programme_worth(plan)
    assert found is not None
    seen = 0
    for one in found.exchanges:
        gone = plan.scenario.programme.target(one.gone)
        come = plan.scenario.programme.target(one.come)
        moved_m2 = int(one.gfa_m2)
        assert moved_m2 == 1_000
        programme = plan.scenario.programme
        entries = list(programme.targets)
        entries[USES.index(one.gone)] = replace(gone, target_m2=(gone.target_m2 or 0) - moved_m2)
        entries[USES.index(one.come)] = replace(come, target_m2=(come.target_m2 or 0) + moved_m2)
        changed = replace(
            plan.scenario, programme=Programme(programme.total_gfa_m2, tuple(entries))
        )
        after = evaluate(plan.parcels, changed)
        assert one.points == pytest.approx((after.bound - plan.bound) / 270_000 * 100, abs=1e-6)
        assert one.price * one.gfa_m2 >= after.bound - plan.bound - 1e-3
        seen += 1
    assert seen == 12
    assert [one.points for one in found.exchanges] == sorted(
        (one.points for one in found.exchanges), reverse=True
    )
    assert "instead of Housing would raise" in found.texts[0].render("en")


def test_a_lock_costs_what_the_best_plan_without_it_has_more(plan: Plan) -> None:
    programme = plan.scenario.programme
    housing = programme.target("housing")
    locked = programme.with_target("housing", replace(housing, locked=True))
    scenario = replace(plan.scenario, programme=locked)
    found = programme_worth(evaluate(plan.parcels, scenario))
    assert found is not None
    (limit,) = found.limits
    assert (limit.use, limit.kind) == ("housing", "lock")
    free = tuple(UseTarget(None) for _ in USES)
    held = tuple(UseTarget(54_000) if use == "housing" else UseTarget(None) for use in USES)
    best, now = (
        evaluate(plan.parcels, replace(scenario, programme=Programme(270_000, targets)))
        for targets in (free, held)
    )
    assert limit.points == pytest.approx((best.bound - now.bound) / 270_000 * 100, abs=1e-6)
    assert limit.points > 1
    assert limit.gfa_m2 == pytest.approx(best.uses_gfa_m2[USES.index("housing")], abs=1)
    assert "The lock of Housing costs" in found.texts[-1].render("en")


def test_bounds_that_do_not_bind_cost_nothing() -> None:
    parcels = row_of_lots(["준주거지역"])
    targets = (UseTarget(5_000), UseTarget(0), UseTarget(5_000, 1, 9_000), UseTarget(0))
    found = programme_worth(evaluate(parcels, Scenario(programme=Programme(10_000, targets))))
    assert found is not None
    assert "The bounds of Housing cost nothing." in [text.render("en") for text in found.texts]


def test_the_worth_of_all_lots_at_once_is_that_of_each(plan: Plan) -> None:
    every = capacity_worth(plan)
    assert every is not None
    for row, parcel_id in enumerate(plan.parcels.ids):
        one = parcel_worth(plan, parcel_id)
        if one is None:
            assert np.isnan(every.more[row])
        else:
            assert (every.more[row], every.less[row]) == (one.price_more, one.price_less)
