"""Uncertainty: the vectorised draws are the plain figures, drawn; chances are honest."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from siteplan.errors import InputError
from siteplan.evaluation import Plan, evaluate
from siteplan.ledger import shipped_ledger
from siteplan.metrics import metric_values
from siteplan.programme import Programme
from siteplan.scenario import Scenario
from siteplan.uncertainty import drawn_factors, uncertainty_of
from tests.studies import row_of_lots

GFA_M2 = {"research": 25_000, "campus": 4_000, "housing": 15_000, "culture": 6_000}
FAR_RATIOS = {"research": 0.7, "campus": 0.8, "housing": 0.74, "culture": 0.65}


@lru_cache
def plan_of(lots: int = 10, factors: tuple[tuple[str, float], ...] = ()) -> Plan:
    return evaluate(
        row_of_lots(["준주거지역"] * lots),
        Scenario(programme=Programme.from_gfa(50_000, GFA_M2), factors=dict(factors)),
    )


def test_draws_equal_a_loop_over_the_figures() -> None:
    plan = plan_of()
    found = uncertainty_of(plan, draws=7)
    for draw in range(7):
        ledger = shipped_ledger().with_overrides(
            {key: float(values[draw]) for key, values in found.factors.items()}
        )
        looped = metric_values(replace(plan, ledger=ledger).metrics)
        for key, values in found.values.items():
            assert values[draw] == pytest.approx(looped[key], rel=1e-12), key


def test_far_chance_equals_a_loop_over_the_parcels() -> None:
    plan = evaluate(
        row_of_lots(["준주거지역"], area_m2=[9_100]),
        Scenario(programme=Programme.from_gfa(50_000, GFA_M2)),
    )
    found = uncertainty_of(plan, draws=50)
    kept = 0
    for draw in range(50):
        ratio = [float(found.factors[f"far_ratio.{use}"][draw]) for use in FAR_RATIOS]
        area_m2 = (plan.gfa_m2 * ratio).sum(axis=1)
        kept += bool((area_m2 <= plan.capacity.far_area_m2 + 1e-6).all())
    assert plan.status == "optimal"
    assert 0 < kept < 50
    assert found.chances[0].holds == found.holds == kept


def test_the_same_seed_gives_the_same_answer_and_another_does_not() -> None:
    one, two = uncertainty_of(plan_of(), seed=1), uncertainty_of(plan_of(), seed=1)
    assert one.bands == two.bands
    assert one.bands != uncertainty_of(plan_of(), seed=2).bands


def test_an_own_value_is_held_and_leaves_the_other_draws_alone() -> None:
    ledger = shipped_ledger()
    before = drawn_factors(ledger, draws=20, seed=3)
    after = drawn_factors(ledger.with_overrides({"grid_co2": 0.1}), draws=20, seed=3)
    assert set(before) - set(after) == {"grid_co2"}
    for key, values in after.items():
        assert np.array_equal(values, before[key])


def test_draws_are_triangular_over_the_ledgers_range_and_law_is_not_drawn() -> None:
    drawn = drawn_factors(shipped_ledger(), draws=20_000, seed=5)
    for key, values in drawn.items():
        factor = shipped_ledger().factors[key]
        assert values.min() >= factor.low
        assert values.max() <= factor.high
        mean = (factor.low + factor.value + factor.high) / 3
        assert values.mean() == pytest.approx(mean, abs=0.02 * (factor.high - factor.low))
    assert "parking_m2_per_stall.housing" not in drawn
    assert "zeb_self_sufficiency" not in drawn
    assert "reach_m.station" not in drawn


def test_bands_are_the_quantiles_and_enclose_the_median() -> None:
    found = uncertainty_of(plan_of())
    jobs = np.sort(found.values["jobs"])
    band = found.bands["jobs"]
    assert (jobs < band.low).sum() == 50
    assert (jobs > band.high).sum() == 50
    for each in found.bands.values():
        assert each.low <= each.median <= each.high


def test_ample_room_always_holds() -> None:
    found = uncertainty_of(plan_of(), caps={"parking_stalls": 1e6})
    assert found.holds == found.draws
    assert found.fails_first is None
    assert str(found.text) == "Holds in 100 of 100 draws."


def test_what_fails_most_often_is_named_first() -> None:
    plan = plan_of()
    stalls = float(np.quantile(uncertainty_of(plan).values["parking_stalls"], 0.93))
    found = uncertainty_of(plan, caps={"parking_stalls": stalls, "construction_cost_krw": 1e15})
    assert found.holds == 930
    assert (
        str(found.text) == "Holds in 93 of 100 draws; fails first on: Parking stalls by ordinance."
    )
    assert found.fails_first is not None
    assert found.fails_first.key == "parking_stalls"


def test_nearly_always_is_not_always() -> None:
    plan = plan_of()
    most = float(uncertainty_of(plan).values["jobs"].max()) * (1 - 1e-9)
    found = uncertainty_of(plan, caps={"jobs": most})
    assert found.holds == found.draws - 1
    assert str(found.text).startswith("Holds in 99 of 100")


def test_a_looser_cap_never_holds_less_often() -> None:
    caps = np.linspace(3_000, 5_000, 9)
    holds = [
        uncertainty_of(plan_of(), caps={"operational_co2_t_per_year": float(cap)}).holds
        for cap in caps
    ]
    assert holds == sorted(holds)
    assert holds[0] < holds[-1]


def test_a_parcel_filled_to_the_brim_is_named() -> None:
    room_m2 = 10_000 * 4.0
    gfa_m2 = int(room_m2 / 0.8)
    plan = evaluate(
        row_of_lots(["준주거지역"]),
        Scenario(programme=Programme.from_gfa(gfa_m2, {"campus": gfa_m2})),
    )
    found = uncertainty_of(plan)
    assert plan.status == "optimal"
    # campus: triangular 0.7, 0.8, 0.9 about the brim of 0.8
    assert found.holds == pytest.approx(500, abs=50)
    assert "FAR of each parcel (parcel a)" in str(found.text)
    held = evaluate(plan.parcels, replace(plan.scenario, factors={"far_ratio.campus": 0.8}))
    assert uncertainty_of(held).holds == found.draws


def test_an_infeasible_plan_draws_zeros() -> None:
    plan = evaluate(
        row_of_lots(["유통상업지역"]),
        Scenario(programme=Programme.from_gfa(10_000, {"housing": 10_000})),
    )
    bands = uncertainty_of(plan).bands
    assert {band.high for band in bands.values()} == {0.0}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"draws": 0}, "between 1 and 100,000"),
        ({"draws": 10**9}, "between 1 and 100,000"),
        ({"caps": {"parking": 5.0}}, "No figure is called parking"),
        ({"caps": {"jobs": 0.0}}, "must be above 0"),
        ({"caps": {"jobs": float("nan")}}, "must be above 0"),
    ],
)
def test_senseless_questions_are_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        uncertainty_of(plan_of(), **wrong)
