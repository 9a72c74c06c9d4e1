from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pytest

from siteplan.allocation import allocate, columns
from siteplan.allocation.practical import (
    PracticalAllocation,
    allocate_practical,
)
from tests.allocation.practical_oracle import Plot, best_plan, counted_plan, random_plot


def solved(plot: Plot, **more: object) -> PracticalAllocation:
    return allocate_practical(
        plot.capacity, plot.score, plot.target, plot.upper, plot.lower, **(plot.rules | more)
    )


def assert_rules(plot: Plot, answer: PracticalAllocation) -> None:
    area = answer.area_m2
    least, most, forced, locked, floors = plot.limits()
    size = max(float(plot.capacity.max()), 1e-9)
    noise = 1e-9 * size
    stands = area > 0
    np.testing.assert_allclose(
        area.sum(axis=0), plot.target, rtol=1e-9, atol=1e-10 * plot.target.sum()
    )
    assert (area.sum(axis=1) <= plot.capacity + noise).all()
    assert (area <= most + noise).all()
    assert (area[stands] >= least[stands] - noise).all()
    assert stands[forced].all()
    np.testing.assert_allclose(area[locked], most[locked], rtol=1e-9)
    assert (stands.sum(axis=1) <= plot.rules.get("max_uses", 2)).all()
    whole = floors > 0
    for use, row in enumerate(answer.part_floor):
        if row >= 0:
            whole[row, use] = False
    count = area[whole] / floors[whole]
    np.testing.assert_allclose(count, np.rint(count), atol=1e-6)
    worth = np.where(stands, plot.score, 0.0)
    assert answer.objective == pytest.approx(float((worth * area).sum()), rel=1e-12, abs=1e-12)
    assert answer.bound >= answer.objective


def city(n: int, *, seed: int, k: int = 4, floors: bool = False, slack: float = 0.4) -> Plot:
    rng = np.random.default_rng(seed)
    far = rng.choice([1.5, 2.0, 2.5, 4.0], n)
    site = rng.lognormal(np.log(700), 0.8, n)
    capacity = far * site
    score = rng.random((n, k))
    score[rng.random((n, k)) < 0.1] = -np.inf
    share = np.array([0.4, 0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1])[:k]
    target = np.floor(share / share.sum() * (1 - slack) * capacity.sum())
    rules: dict[str, object] = {"max_uses": 2, "min_block_m2": 300.0, "max_share": 0.7}
    if floors:
        rules["step_m2"] = 0.5 * site
    return Plot(capacity, score, target, rules=rules)


# One use per parcel: research 60 of 100 on north and nothing beside it.
#
#            room   research  housing
#   north     60       5         4        research wants 50, housing wants 40
#   south     40       3         1
#
# Shared freely, north holds both (350). One use each: research only fits north (50 * 5), housing
# fills south (40 * 1): 290.
def test_one_use_per_parcel_by_hand() -> None:
    answer = allocate_practical([60, 40], [[5, 4], [3, 1]], [50, 40], max_uses=1)
    np.testing.assert_allclose(answer.area_m2, [[50, 0], [0, 40]])
    assert answer.objective == pytest.approx(290)
    assert answer.status == "certified"


# A block of 15 forbids the 10 m² of the second use that would be left for the good parcel.
def test_smallest_block_by_hand() -> None:
    score, target = [[9, 5], [0, 0]], [50, 20]
    free = allocate_practical([60, 40], score, target, gap=0)
    np.testing.assert_allclose(free.area_m2, [[50, 10], [0, 10]])
    blocks = allocate_practical([60, 40], score, target, min_block_m2=15, gap=0)
    # 50 of the first and nothing of the second earns 450; 35 with 20 earns 415; 45 with 15 and
    # 5 left over breaks the block, so all or nothing of the second stays away: 450.
    np.testing.assert_allclose(blocks.area_m2, [[50, 0], [0, 20]])
    assert blocks.objective == pytest.approx(450)


# Floors of 10 and 7: 34 m² are three floors of 10 and a part floor of 4 on one parcel (34 * 2).
def test_whole_floors_leave_one_part_floor() -> None:
    answer = allocate_practical([40, 21], [[2.0], [1.0]], [34], step_m2=[10, 7], gap=0)
    np.testing.assert_allclose(answer.area_m2, [[34], [0]])
    assert answer.part_floor.tolist() == [0]
    even = allocate_practical([40, 21], [[2.0], [1.0]], [44], step_m2=[10, 7], gap=0)
    # 40 on the better parcel, and 4 as the part floor of the other.
    np.testing.assert_allclose(even.area_m2, [[40], [4]])
    assert even.part_floor.tolist() == [1]
    assert even.area_m2.sum() == 44


def test_two_uses_do_not_share_a_whole_floor() -> None:
    # Two floors of 10: five of the first use cannot be topped up by fifteen of the second unless
    # each has its part floor there; the totals leave no other way.
    answer = allocate_practical([20], [[1.0, 1.0]], [5, 15], step_m2=[10], gap=0)
    np.testing.assert_allclose(answer.area_m2, [[5, 15]])
    assert answer.part_floor.tolist() == [0, 0]
    # Spread over three parcels of one and a half floors, only one part floor each remains.
    room, score, step = [15, 15, 15], [[1.0, 0.0]] * 3, [10, 10, 10]
    spread = allocate_practical(room, score, [25, 15], step_m2=step, gap=0)
    assert spread.status == "certified"
    assert np.count_nonzero(spread.area_m2 % 10) <= 2
    assert allocate_practical(room, score, [25, 20], step_m2=step).status == "infeasible"


def test_a_share_mixes_parcels() -> None:
    answer = allocate_practical([100, 100], [[2, 1], [1, 1]], [100, 60], max_share=0.6, gap=0)
    assert (answer.area_m2 <= 60 + 1e-9).all()
    assert answer.objective == pytest.approx(2 * 60 + 40 + 60)


def test_a_cell_that_the_planner_fixed_is_kept_whatever_the_rules_say() -> None:
    lower = np.array([[7.0, 0.0], [0.0, 0.0]])
    upper = np.array([[7.0, 100.0], [100.0, 100.0]])
    answer = allocate_practical(
        [60, 40], [[1, 2], [2, 1]], [27, 40], upper, lower,
        min_block_m2=10, step_m2=[10, 10], max_share=1.0, gap=0,
    )  # fmt: skip
    assert answer.area_m2[0, 0] == 7.0
    np.testing.assert_allclose(answer.area_m2, [[7, 40], [20, 0]])


@pytest.mark.parametrize("batch", range(4))
def test_agrees_with_one_programme_on_every_nasty_kind(batch: int) -> None:
    rng = np.random.default_rng(60 + batch)
    seen = {"certified": 0, "infeasible": 0, "feasible": 0, "unproven": 0}
    for number in range(80):
        plot = random_plot(rng, number)
        answer, wanted = solved(plot, gap=1e-5, time_limit_s=5.0), best_plan(plot)
        seen[answer.status] += 1
        if answer.status == "unproven":
            continue
        assert (wanted is None) == (answer.status == "infeasible"), number
        if wanted is None:
            continue
        assert_rules(plot, answer)
        worth = float((np.where(answer.area_m2 > 0, np.abs(plot.score), 0) * answer.area_m2).sum())
        noise = 3e-6 * max(worth, float(plot.capacity.max()))
        assert answer.objective <= wanted + noise, number
        assert answer.bound >= wanted - noise, number
        if answer.status == "certified":
            assert answer.objective >= wanted - 1.1e-5 * worth - noise, number
    assert min(seen["certified"], seen["infeasible"]) > 15
    # Floors that just do not add up can take HiGHS longer than anyone waits.
    assert seen["feasible"] + seen["unproven"] <= 3


def test_agrees_with_trying_every_set_of_uses() -> None:
    rng = np.random.default_rng(8)
    found = 0
    for number in range(24):
        n, k = (2, 3) if number % 2 else (3, 2)
        plot = replace(
            random_plot(rng, 4 * number),  # without floors
            capacity=rng.uniform(1, 10, n),
            score=rng.normal(size=(n, k)),
            target=rng.uniform(0.5, 1.0, k) * n * 1.2,
            upper=None,
            lower=None,
            rules={"max_uses": 1 + number % 2, "min_block_m2": 1.5, "max_share": 0.8},
        )
        answer, wanted = solved(plot, gap=1e-7), counted_plan(plot)
        assert (wanted is None) == (answer.status == "infeasible")
        if wanted is not None:
            found += 1
            assert_rules(plot, answer)
            assert answer.objective == pytest.approx(wanted, abs=1e-4)
    assert found > 6


@pytest.mark.parametrize("floors", [False, True])
@pytest.mark.parametrize("slack", [0.4, 0.3])
def test_a_city_is_certified_within_half_a_percent(floors: bool, slack: float) -> None:  # noqa: FBT001
    plot = city(600, seed=3, floors=floors, slack=slack)
    answer = solved(plot)
    assert answer.status == "certified"
    assert answer.gap <= 0.005
    assert_rules(plot, answer)
    free = allocate(plot.capacity, plot.score, plot.target)
    assert answer.objective <= free.objective * (1 + 1e-9)
    assert answer.objective > 0.8 * free.objective


@pytest.mark.parametrize("floors", [False, True])
def test_the_bound_holds_whatever_gap_is_asked_for(floors: bool) -> None:  # noqa: FBT001
    for seed in range(6):
        plot = city(14, seed=seed, k=3, floors=floors, slack=0.45)
        wanted = best_plan(plot)
        for gap in (0.5, 0.02, 0.0001):
            answer = solved(plot, gap=gap)
            if wanted is None:
                assert answer.status == "infeasible"
                continue
            assert answer.status == "certified"
            assert answer.gap <= gap
            assert answer.objective <= wanted * (1 + 1e-6)
            assert answer.bound >= wanted * (1 - 1e-6)
            assert_rules(plot, answer)


@pytest.mark.parametrize(("n", "floors"), [(24, False), (24, True), (300, False), (900, True)])
def test_the_order_of_rows_changes_nothing(n: int, floors: bool) -> None:  # noqa: FBT001
    plot = city(n, seed=11, floors=floors)
    order = np.random.default_rng(1).permutation(n)
    rules = dict(plot.rules)
    if floors:
        rules["step_m2"] = np.asarray(rules["step_m2"])[order]
    mixed = Plot(plot.capacity[order], plot.score[order], plot.target, rules=rules)
    first, again, other = solved(plot), solved(plot), solved(mixed)
    np.testing.assert_array_equal(first.area_m2, again.area_m2)
    np.testing.assert_allclose(first.area_m2[order], other.area_m2, rtol=1e-9, atol=1e-9)
    assert first.gap == pytest.approx(other.gap, abs=1e-12)


def test_rules_that_bind_nothing_give_the_free_plan() -> None:
    plot = city(200, seed=5)
    answer = allocate_practical(plot.capacity, plot.score, plot.target, max_uses=4, gap=1e-7)
    free = allocate(plot.capacity, plot.score, plot.target)
    assert answer.status == "certified"
    assert answer.objective == pytest.approx(free.objective, rel=2e-7)


def test_eight_uses_and_three_on_a_parcel() -> None:
    plot = city(60, seed=2, k=8)
    plot = replace(plot, rules={"max_uses": 3, "min_block_m2": 100.0, "max_share": 0.5})
    answer = solved(plot)
    assert answer.status == "certified"
    assert_rules(plot, answer)


@pytest.mark.parametrize(
    ("rules", "names"),
    [
        ({"max_uses": 1}, ("max_uses",)),
        ({"min_block_m2": 25.0}, ("min_block_m2",)),
        ({"max_share": 0.4}, ("max_share",)),
    ],
)
def test_an_infeasible_rule_is_named(rules: dict[str, object], names: tuple[str, ...]) -> None:
    # One parcel of 60 and two uses of 20 and 40.
    answer = allocate_practical([60], [[1, 1]], [20, 40], **rules)
    assert answer.status == "infeasible"
    assert answer.relax == (names,)
    assert np.isnan(answer.objective)
    assert not answer.area_m2.any()


def test_floors_that_do_not_fit_are_named() -> None:
    # Three parcels of 15 hold one floor of 10 each: 30 and one part floor per use of at most 5.
    answer = allocate_practical([15, 15, 15], [[1.0]] * 3, [41], step_m2=[10] * 3)
    assert answer.status == "infeasible"
    assert answer.relax == (("step_m2",),)
    assert answer.shortfall is not None
    assert answer.shortfall.capacity_m2 == pytest.approx(35)
    assert answer.shortfall.short_m2 == pytest.approx(6)


def test_two_rules_together_are_named_as_a_pair() -> None:
    # One use per parcel and a share of half: neither alone can be dropped.
    answer = allocate_practical([60], [[1, 1]], [20, 40], max_uses=1, max_share=0.5)
    assert answer.relax == (("max_uses", "max_share"),)


def test_totals_beyond_all_parcels_are_a_shortfall_of_no_rule() -> None:
    answer = allocate_practical([60, 40], [[1.0], [1.0]], [120], max_uses=1, min_block_m2=5)
    assert answer.status == "infeasible"
    assert answer.relax == ()
    assert answer.shortfall is not None
    assert answer.shortfall.short_m2 == pytest.approx(20)


def test_a_parcel_that_no_way_of_building_fits_is_named() -> None:
    # Two locks on a parcel that may hold one use.
    lower = np.array([[10.0, 10.0], [0.0, 0.0]])
    answer = allocate_practical([60, 40], [[1, 1], [1, 1]], [30, 30], None, lower, max_uses=1)
    assert answer.status == "infeasible"
    assert answer.parcels is not None
    assert answer.parcels.tolist() == [0]
    assert answer.relax == (("max_uses",),)


def test_no_time_is_not_called_infeasible() -> None:
    plot = city(40, seed=1, floors=True, slack=0.12)
    answer = solved(plot, time_limit_s=0.0)
    assert answer.status in {"unproven", "feasible", "certified"}
    assert answer.relax == ()
    if answer.status == "unproven":
        assert answer.shortfall is None
        assert np.isnan(answer.bound)


def test_degenerate_inputs() -> None:
    nothing = allocate_practical([10, 0], [[1, 2], [1, 1]], [0, 0], min_block_m2=3)
    assert nothing.status == "certified"
    assert nothing.objective == 0
    assert nothing.gap == 0
    empty = allocate_practical(np.zeros(0), np.zeros((0, 2)), [0, 0])
    assert empty.status == "certified"
    assert empty.area_m2.shape == (0, 2)
    full = allocate_practical([10, 20], [[1, 1], [1, 1]], [10, 20], max_uses=1, step_m2=[5, 5])
    np.testing.assert_allclose(full.area_m2, [[10, 0], [0, 20]])
    nowhere = allocate_practical([10], [[-np.inf, 1]], [1, 1])
    assert nowhere.status == "infeasible"


@pytest.mark.parametrize("unit", [1e-3, 1.0, 1e7])
@pytest.mark.parametrize("gain", [1e-6, 1.0, 1e6])
def test_units_change_nothing(unit: float, gain: float) -> None:
    plot = city(30, seed=4, floors=True)
    rules = dict(plot.rules)
    rules["min_block_m2"] = 300.0 * unit
    rules["step_m2"] = np.asarray(rules["step_m2"]) * unit
    scaled = Plot(plot.capacity * unit, plot.score * gain, plot.target * unit, rules=rules)
    answer = solved(scaled)
    assert answer.status == "certified"
    assert_rules(scaled, answer)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"max_uses": 0}, "max_uses"),
        ({"max_uses": 1.5}, "max_uses"),
        ({"min_block_m2": -1.0}, "min_block_m2"),
        ({"min_block_m2": [1.0, 2.0, 3.0]}, "min_block_m2"),
        ({"max_share": 1.2}, "max_share"),
        ({"max_share": np.nan}, "max_share"),
        ({"step_m2": [1.0]}, "step_m2"),
        ({"step_m2": [1.0, -1.0]}, "step_m2"),
        ({"step_m2": [1.0, np.inf]}, "step_m2"),
        ({"gap": -0.1}, "gap"),
        ({"gap": np.nan}, "gap"),
        ({"time_limit_s": np.nan}, "time_limit_s"),
        ({"target_m2": [1.0, np.nan]}, "target_m2"),
        ({"target_m2": [1.0, np.inf]}, "target_m2"),
        ({"capacity_m2": [1.0, -1.0]}, "capacity_m2"),
        ({"score": [[1.0, np.nan], [1, 1]]}, "score"),
    ],
)
def test_bad_input_is_named(change: dict[str, object], name: str) -> None:
    good: dict[str, object] = {
        "capacity_m2": [10.0, 10.0],
        "score": [[1.0, 1.0], [1.0, 1.0]],
        "target_m2": [5.0, 5.0],
    }
    with pytest.raises(ValueError, match=name):
        allocate_practical(**(good | change))


def test_answers_cannot_be_changed() -> None:
    answer = allocate_practical([10], [[1.0]], [5])
    with pytest.raises(FrozenInstanceError):
        answer.gap = 0.0  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        answer.area_m2[0, 0] = 1.0


def test_prices_end_where_no_plan_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    # Totals that use up all capacity, blocks that cannot: prices run away without a balance.
    calls = 0
    newton = columns._newton

    def counted(*given: Any, **more: Any) -> Any:
        nonlocal calls
        calls += 1
        return newton(*given, **more)

    monkeypatch.setattr(columns, "_newton", counted)
    for seed in range(12):
        plot = city(150, seed=seed, slack=0.0)
        rules = {"max_uses": 2, "min_block_m2": 300.0, "max_share": [1.0, 0.5, 1.0, 1.0]}
        tight = Plot(plot.capacity, plot.score, plot.target, rules=rules)
        solved(tight)
    assert calls < 12 * 400
