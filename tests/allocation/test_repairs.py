"""The least changes that make totals fit, each against the test of feasibility itself."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from siteplan.allocation import allocate_within, shortfall, subset_capacity_m2
from siteplan.allocation.feasibility import subset_totals
from siteplan.allocation.repairs import (
    Wish,
    few_rooms,
    fits,
    least_change,
    least_cut_m2,
    least_growth_ratio,
    least_lift_m2,
    least_room_m2,
    least_whole,
    touched_sets,
)

# Two parcels, two uses: housing stands only on b.
#
#            room   research  housing
#   a         60       yes       no
#   b         40       yes       yes
ROOM = np.array([60.0, 40.0])
ALLOWED = np.array([[True, False], [True, True]])
SUMS = subset_capacity_m2(ROOM, np.where(ALLOWED, ROOM[:, None], 0.0))


def wish(research: float, housing: float, *, weight: float = 1.0) -> Wish:
    asked = np.array([research, housing])
    weights = np.full(2, weight)
    return Wish(asked, asked, weights, float(weights @ asked))


class TestByHand:
    def test_a_cut_cures_every_set_not_only_the_worst(self) -> None:
        # Housing is 15 over its parcel, and all together 25 over: 25 of housing cure both.
        assert least_cut_m2(SUMS, wish(70, 55), 1) == 25
        assert least_cut_m2(SUMS, wish(70, 55), 0) is None

    def test_a_cut_is_in_gfa(self) -> None:
        assert least_cut_m2(SUMS, wish(30, 55, weight=2.0), 1) == 30

    def test_room_helps_only_where_the_use_may_stand(self) -> None:
        touched = touched_sets(ALLOWED)
        assert touched.tolist() == [[False, True, False, True], [False, True, True, True]]
        assert least_room_m2(SUMS, wish(30, 55), touched[0]) is None
        assert least_room_m2(SUMS, wish(30, 55), touched[1]) == 15
        assert least_room_m2(SUMS, wish(70, 35), touched[0]) == 5

    def test_growth(self) -> None:
        # Housing 55 on 40 needs 37.5 % more.
        assert least_growth_ratio(SUMS, wish(30, 55), SUMS) == pytest.approx(0.375)

    def test_the_least_change_keeps_the_total(self) -> None:
        totals = least_change(SUMS, wish(30, 55), least=[0, 0], most=[np.inf, np.inf])
        assert totals == pytest.approx([45, 40])
        assert least_change(SUMS, wish(30, 55), least=[0, 0], most=[44, 99]) is None
        assert least_change(SUMS, wish(70, 55), least=[0, 0], most=[99, 99]) is None

    def test_a_use_that_may_move_wants_its_bounds_changed(self) -> None:
        # 90 in all; research at most 30, so housing must hold 60 of 40.
        free = Wish(np.array([0.0, 0]), np.array([30.0, 90]), np.ones(2), 90.0)
        assert not fits(SUMS, free)
        assert least_lift_m2(SUMS, free, 0) == 20
        assert least_lift_m2(SUMS, free, 1) is None
        # 90 in all; housing at least 50.
        free = Wish(np.array([0.0, 50]), np.array([90.0, 90]), np.ones(2), 90.0)
        assert least_cut_m2(SUMS, free, 1) == 10
        assert fits(SUMS, free.without(1, 10.0))

    def test_few_rooms_leaves_out_what_is_needless(self) -> None:
        touched = touched_sets([[True, False], [True, True], [True, True], [False, True]])
        found = few_rooms(SUMS, wish(30, 75), room_m2=[900, 20, 30, 6], touched=touched)
        assert found == [2, 1]
        assert few_rooms(SUMS, wish(30, 175), room_m2=[900, 20, 30, 6], touched=touched) is None


@pytest.mark.parametrize(
    ("low", "high", "weight", "named"),
    [
        ([np.nan, 1.0], [1.0, 1.0], [1.0, 1.0], "low"),
        ([2.0, 1.0], [1.0, 1.0], [1.0, 1.0], "at 0 it is 2.0 above 1.0"),
        ([0.0, 1.0], [1.0], [1.0, 1.0], "high"),
        ([0.0, 1.0], [1.0, 1.0], [1.0, 0.0], "weight"),
    ],
)
def test_wrong_wishes_are_named(
    low: list[float], high: list[float], weight: list[float], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        Wish(np.array(low), np.array(high), np.array(weight))


def test_least_whole() -> None:
    assert [least_whole(n.__le__, 9) for n in (0, 1, 5, 9, 10)] == [0, 1, 5, 9, None]


def infeasible_cases(seed: int, count: int) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(seed)
    cases: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    while len(cases) < count:
        n, k = int(rng.integers(1, 7)), int(rng.integers(1, 6))
        room = np.round(rng.random(n) * 100, int(rng.integers(0, 3)))
        allowed = rng.random((n, k)) < 0.6
        target = np.round(rng.random(k) * room.sum() / k * 1.5)
        if shortfall(room, target, np.where(allowed, room[:, None], 0.0)) is not None:
            cases.append((room, allowed, target))
    return cases


def short_of(room: np.ndarray, allowed: np.ndarray, target: np.ndarray) -> bool:
    return shortfall(room, target, np.where(allowed, room[:, None], 0.0)) is not None


def test_each_change_is_enough_and_one_square_metre_less_is_not() -> None:
    rng = np.random.default_rng(3)
    cured = {"cut": 0, "room": 0, "growth": 0}
    for room, allowed, target in infeasible_cases(11, 300):
        k = target.size
        weight = rng.choice([1.0, 1.25, 2.0], k)
        sums = subset_capacity_m2(room, np.where(allowed, room[:, None], 0.0))
        asked = Wish(target, target, weight, float(weight @ target))
        assert not fits(sums, asked)
        use, row = int(rng.integers(k)), int(rng.integers(room.size))

        cut = least_cut_m2(sums, asked, use)
        nothing = target.copy()
        nothing[use] = 0.0
        assert (cut is None) == short_of(room, allowed, nothing)
        if cut is not None:
            cured["cut"] += 1
            for less, still in ((cut, False), (cut - 1, True)):
                lowered = target.copy()
                lowered[use] = max(lowered[use] - less / weight[use], 0.0)
                assert short_of(room, allowed, lowered) == still

        more = least_room_m2(sums, asked, touched_sets(allowed)[row])
        if more is not None:
            cured["room"] += 1
        for extra, still in ((more or 1e6, more is None), ((more or 1) - 1, True)):
            grown = room.copy()
            grown[row] += extra
            assert short_of(grown, allowed, target) == still

        ratio = least_growth_ratio(sums, asked, sums)
        if ratio is not None:
            cured["growth"] += 1
            assert not short_of(room * (1 + ratio), allowed, target)
            assert short_of(room * (1 + ratio - 0.001), allowed, target)
    assert min(cured.values()) > 60


def test_the_least_change_is_the_least() -> None:
    rng = np.random.default_rng(4)
    changed = 0
    for room, allowed, target in infeasible_cases(12, 200):
        k = target.size
        weight = rng.choice([1.0, 1.25, 2.0], k)
        sums = subset_capacity_m2(room, np.where(allowed, room[:, None], 0.0))
        total = float(weight @ target)
        found = least_change(
            sums, Wish(target, target, weight, total), least=np.zeros(k), most=np.full(k, np.inf)
        )
        sets = np.array([[s >> j & 1 for j in range(k)] for s in range(1 << k)], dtype=float)
        oracle = linprog(
            np.concatenate([np.zeros(k), weight]),
            A_ub=np.vstack(
                [
                    np.hstack([sets, np.zeros_like(sets)]),
                    np.hstack([-np.eye(k), -np.eye(k)]),
                ]
            ),
            b_ub=np.concatenate([sums, -target]),
            A_eq=np.concatenate([weight, np.zeros(k)])[None],
            b_eq=[total],
        )
        assert (found is None) == (oracle.status != 0)
        if found is None:
            continue
        changed += 1
        given = float(weight @ np.maximum(target - found, 0.0))
        assert given == pytest.approx(oracle.fun, abs=1e-5)
        assert float(weight @ found) == pytest.approx(total)
        assert (subset_totals(found) <= sums * (1 + 1e-7) + 1e-6).all()
    assert changed > 30


def test_wishes_with_room_to_move_agree_with_the_allocation() -> None:
    rng = np.random.default_rng(5)
    seen = {True: 0, False: 0}
    for _ in range(300):
        n, k = int(rng.integers(1, 6)), int(rng.integers(2, 5))
        room, allowed = rng.random(n) * 100, rng.random((n, k)) < 0.6
        low, weight = rng.random(k) * 40, rng.choice([1.0, 1.4], k)
        high = low + rng.random(k) * 80
        total = float(weight @ (low + rng.random() * (high - low)))
        sums = subset_capacity_m2(room, np.where(allowed, room[:, None], 0.0))
        score = np.where(allowed, rng.random((n, k)), -np.inf)
        answer = allocate_within(room, score, low, high, weight=weight, total=total)
        fit = fits(sums, Wish(low, high, weight, total))
        seen[fit] += 1
        assert fit == (answer.status != "infeasible")
    assert min(seen.values()) > 30
