"""The benchmark's rivals play by the same rules: their plans are feasible, and never too good."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from siteplan.allocation import allocate
from tests.bench.habits import Case, _median, percent, run_rival, solved, table_rows
from tests.bench.rivals import Greedy, Instance, anneal, evolve, greedy, instance, worth_of

KINDS = (False, True)
BUDGET_S = 0.1


def two_parcels() -> Instance:
    """Greedy pays for its haste here: 10, where 18 is to be had."""
    tens = np.array([10.0, 10.0])
    return Instance(tens, np.array([[1.0, 0.9], [0.9, 0.0]]), tens)


@pytest.mark.parametrize("clustered", KINDS)
@pytest.mark.parametrize("size", [50, 500])
def test_instances_are_whole_seeded_and_leave_three_tenths_free(
    size: int, *, clustered: bool
) -> None:
    one = instance(size, clustered=clustered, seed=4)
    again = instance(size, clustered=clustered, seed=4)
    other = instance(size, clustered=clustered, seed=5)
    assert np.array_equal(one.score, again.score)
    assert not np.array_equal(one.score, other.score)
    assert np.array_equal(one.capacity_m2, np.round(one.capacity_m2))
    assert np.array_equal(one.target_m2, np.round(one.target_m2))
    assert one.target_m2.sum() == pytest.approx(0.7 * one.capacity_m2.sum(), abs=4.0)
    assert np.isneginf(one.score).any()


def test_greedy_fills_wishes_by_score_then_repairs() -> None:
    small = Instance(
        np.array([10.0, 20.0, 30.0]),
        np.array([[0.9, 0.1], [0.8, 0.2], [0.1, -np.inf]]),
        np.array([25.0, 12.0]),
    )
    decoder = Greedy(small)
    area, missing, worth = decoder.areas_m2(np.array([[0, 1, 2], [0, 0, 0], [1, 0, 0]]))
    # Each its wish: 10 and 12; the missing 15 of use 0 go to the room left, 8 of it at 0.8.
    # All wish for use 0: 25 of it on two parcels; of use 1 only 5 find room where it may stand.
    # Parcel 0 wishes for use 1: 2 m² of it are missing, since parcel 1 is full of use 0.
    assert area.transpose(0, 2, 1).tolist() == [
        [[10.0, 0.0], [8.0, 12.0], [7.0, 0.0]],
        [[10.0, 0.0], [15.0, 5.0], [0.0, 0.0]],
        [[0.0, 10.0], [20.0, 0.0], [5.0, 0.0]],
    ]
    assert missing.tolist() == [0.0, 7.0, 2.0]
    assert worth == pytest.approx([9.0 + 2.4 + 6.4 + 0.7, 9.0 + 12.0 + 1.0, 1.0 + 16.0 + 0.5])


@settings(max_examples=60, deadline=None)
@drawn(seed=st.integers(0, 10_000), size=st.integers(2, 60), clustered=st.booleans())
def test_decoded_plans_hold_what_they_say_and_stay_below_the_bound(
    seed: int, size: int, *, clustered: bool
) -> None:
    one = instance(size, clustered=clustered, seed=seed)
    ours = allocate(one.capacity_m2, one.score, one.target_m2)
    wish = np.random.default_rng(seed).integers(0, 5, (8, size))
    area, missing, worth = Greedy(one).areas_m2(wish)
    assert np.array_equal(area, np.round(area))
    for plan, left, told in zip(area, missing, worth, strict=True):
        assert plan.sum() + left == one.target_m2.sum()
        if left == 0.0:
            assert worth_of(plan.T, given=one) == pytest.approx(told)
            assert told <= ours.bound * (1.0 + 1e-12)
        if ours.status == "infeasible":
            assert left > 0.0


@pytest.mark.parametrize("clustered", KINDS)
def test_annealing_keeps_everything_and_only_gains(*, clustered: bool) -> None:
    case = solved(50, clustered=clustered, seed=1, runs=1)
    found = run_rival("annealing", given=case.given, budgets_s=(BUDGET_S,), seed=1)
    start = greedy(case.given)
    assert found.area_m2 is not None
    assert start is not None
    assert np.array_equal(found.area_m2.sum(axis=0), case.given.target_m2)
    assert worth_of(start, given=case.given) <= found.objective[0] <= case.bound * (1 + 1e-12)


def test_annealing_mends_what_greed_spoils() -> None:
    small = two_parcels()
    start = greedy(small)
    assert start is not None
    assert worth_of(start, given=small) == 10.0
    assert anneal(small, budget_s=BUDGET_S, seed=1).objective == (18.0,)
    assert allocate(small.capacity_m2, small.score, small.target_m2).objective == 18.0


@pytest.mark.parametrize("name", ["NSGA-II", "genetic, one objective"])
def test_genetic_plans_are_feasible_improve_and_stay_below_the_bound(name: str) -> None:
    pytest.importorskip("pymoo", reason="the benchmark's extra is not installed")
    case = solved(50, clustered=True, seed=2, runs=1)
    found = run_rival(name, given=case.given, budgets_s=(0.0, 0.3, 0.6), seed=1)
    assert found.area_m2 is not None
    assert math.isnan(found.objective[0])
    assert np.array_equal(found.area_m2.sum(axis=0), case.given.target_m2)
    assert worth_of(found.area_m2, given=case.given) == pytest.approx(found.objective[2])
    start = greedy(case.given)
    assert start is not None
    floor = worth_of(start, given=case.given) * (1 - 1e-12)
    assert floor <= found.objective[1] <= found.objective[2] <= case.bound * (1 + 1e-12)


def test_genetic_search_mends_what_greed_spoils() -> None:
    pytest.importorskip("pymoo", reason="the benchmark's extra is not installed")
    for kind in ("nsga2", "ga"):
        found = evolve(two_parcels(), budgets_s=(0.2,), kind=kind, seed=1)
        assert found.objective == (18.0,)


@pytest.mark.parametrize(
    ("area_m2", "broken"),
    [
        ([[10.0, 0.0], [0.0, 9.0]], "totals"),
        ([[10.0, 1.0], [0.0, 9.0]], "capacity"),
        ([[11.0, -1.0], [-1.0, 11.0]], "negative area"),
        ([[0.0, 10.0], [10.0, 0.0]], "permits"),
    ],
)
def test_the_check_names_what_a_plan_breaks(area_m2: list[list[float]], broken: str) -> None:
    small = two_parcels()
    score = small.score.copy()
    score[0, 1] = -np.inf
    with pytest.raises(ValueError, match=broken):
        worth_of(np.array(area_m2), given=Instance(small.capacity_m2, score, small.target_m2))


def test_a_plan_above_the_bound_stops_the_benchmark() -> None:
    case = Case(two_parcels(), bound=20.0, taken_s=(1.0,))
    assert case.gap_pct(18.0) == pytest.approx(10.0)
    assert case.gap_pct(20.0 + 1e-12) == 0.0
    assert math.isnan(case.gap_pct(math.nan))
    with pytest.raises(RuntimeError, match="beats the bound"):
        case.gap_pct(20.1)


def test_no_time_means_no_plan_and_counts_as_the_worst() -> None:
    found = anneal(two_parcels(), budget_s=0.0, seed=1)
    assert math.isnan(found.objective[0])
    assert found.area_m2 is None
    assert _median([math.nan, 1.0, 2.0]) == 2.0
    assert math.isnan(_median([math.nan, math.nan, 2.0]))
    assert [percent(gap) for gap in (math.nan, 2.346, 0.0312, 0.0)] == [
        "–", "2.35 %", "0.031 %", "0.000 %",
    ]  # fmt: skip


def test_the_table_holds_both_kinds_in_each_cell() -> None:
    kinds = [
        {"`allocate`": ["0, 2 ms"], "NSGA-II": ["1 %", "0.5 %"]},
        {"`allocate`": ["0, 3 ms"], "NSGA-II": ["2 %", "0.7 %"]},
    ]
    assert table_rows(2_000, kinds) == [
        "| 2,000 | `allocate` | 0, 2 ms / 0, 3 ms |  |",
        "| 2,000 | NSGA-II | 1 % / 2 % | 0.5 % / 0.7 % |",
    ]
