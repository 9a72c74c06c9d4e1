from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from scipy.optimize import linprog

from siteplan.allocation import Allocation, allocate, allocate_within, shortfall, solve, within
from siteplan.allocation.highs import minimise
from tests.allocation.lp_oracle import Case, best_value, random_case, rows_and_columns

INF, NAN = np.inf, np.nan


def solved(case: Case, **more: object) -> Allocation:
    return allocate(case.capacity, case.score, case.target, case.upper, case.lower, **more)


def city(n: int, *, seed: int, k: int = 4) -> Case:
    rng = np.random.default_rng(seed)
    capacity = rng.lognormal(7, 1, n)
    target = np.array([0.30, 0.20, 0.15, 0.10, 0.05, 0.02, 0.02, 0.01])[:k] * capacity.sum()
    return Case(capacity, rng.random((n, k)), target)


def assert_kept(case: Case, answer: Allocation) -> None:
    area = answer.area_m2
    lower, upper = case.bounds()
    np.testing.assert_allclose(area.sum(axis=0), case.target, rtol=1e-9, atol=1e-9 * area.sum())
    assert (area.sum(axis=1) <= case.capacity * (1 + 1e-12)).all()
    assert (area <= upper * (1 + 1e-12) + 1e-15 * case.capacity[:, None]).all()
    assert (area >= lower).all()
    assert answer.status == "optimal"
    assert answer.gap <= 1e-9
    assert answer.bound >= answer.objective


# Two parcels, two uses, worked by hand:
#
#            room   research  housing
#   north     60       5         4        research wants 50, housing wants 40
#   south     40       3         1
#
# South loses 2 per m² of research instead of north's 5, and 3 per m² of housing: housing should
# go north (its lead over south, 3, beats that of research, 2). North: 40 housing, 20 research.
# South: 30 research, 10 empty. 40*4 + 20*5 + 30*3 = 350.
def test_two_parcels_by_hand() -> None:
    answer = allocate([60, 40], [[5, 4], [3, 1]], [50, 40])
    np.testing.assert_allclose(answer.area_m2, [[20, 40], [30, 0]])
    assert answer.objective == pytest.approx(350)
    # One m² more of research goes south (+3). One more of housing moves research south: 4-5+3.
    np.testing.assert_allclose(answer.prices, [3, 2])


def by_highs(case: Case) -> float | None:
    """Best value by HiGHS through its own interface, or None where infeasible."""
    lower, upper = case.bounds()
    unit = max(float(case.capacity.max()), 1e-300)
    worth = np.where(case.score > -np.inf, case.score, 0.0)
    size = max(float(np.abs(worth).max()), 1e-300)
    n, k = worth.shape
    cells = np.arange(n * k)
    found = minimise(
        -worth.ravel() / size,
        column_limits=(lower.ravel() / unit, upper.ravel() / unit),
        row_limits=(
            np.concatenate([np.full(n, -np.inf), case.target / unit]),
            np.concatenate([case.capacity, case.target]) / unit,
        ),
        matrix=(
            np.arange(n * k + 1) * 2,
            np.stack([cells // k, n + cells % k], axis=1).ravel(),
            np.ones(2 * n * k),
        ),
    )
    if found.status == "infeasible":
        return None
    return float(worth.ravel() @ found.columns) * unit


# 0: the search for prices; the other: exchanges at once, as for all sites of this size.
@pytest.mark.parametrize("small_rows", [0, 250])
def test_agrees_with_scipy_and_highs_on_every_nasty_kind(
    monkeypatch: pytest.MonkeyPatch, small_rows: int
) -> None:
    monkeypatch.setattr(solve, "SMALL_ROWS", small_rows)
    rng = np.random.default_rng(20_250 + small_rows)
    seen = {"optimal": 0, "feasible": 0, "infeasible": 0}
    uses, by_search = set(), 0
    for number in range(1100):
        case = random_case(rng, number)
        answer, wanted = solved(case), best_value(case)
        seen[answer.status] += 1
        assert (wanted is None) == (answer.status == "infeasible"), number
        if wanted is None:
            assert answer.shortfall is not None
            assert answer.shortfall.short_m2 > 0
            continue
        assert_kept(case, answer)
        assert answer.method == "dual" or small_rows == 0, number
        by_search += answer.method == "dual"
        uses.add(case.target.size)
        # Their LPs are true to 1e-7 of the largest number; our own gap is proven to 1e-9.
        size = np.abs(np.where(case.score > -np.inf, case.score, 0)).max()
        noise = 1e-6 * size * case.capacity.max() + 1e-12
        assert answer.objective == pytest.approx(wanted, abs=noise), number
        second = by_highs(case)
        # At tolerances of 1e-10 HiGHS calls some tight cases infeasible that scipy solves.
        assert second is None or answer.objective == pytest.approx(second, abs=noise), number
    assert min(seen["optimal"], seen["infeasible"]) > 200
    assert uses == set(range(1, 9))
    assert by_search > 0.9 * seen["optimal"], by_search


@pytest.mark.parametrize(
    "kind",
    [
        "plain",
        "forbidden",
        "ties",
        "same order",
        "tight",
        "capped",
        "clustered",
        "all equal",
        "copies",
        "wild sizes",
        "tight ties",
        "locks",
    ],
)
@pytest.mark.parametrize("n", [60, 700])
def test_agrees_with_highs_at_size(  # noqa: C901 - a list of kinds, one branch each
    kind: str, n: int
) -> None:
    case = city(n, seed=n)
    rng = np.random.default_rng(3)
    capacity, score, target = case.capacity, case.score, case.target
    upper = lower = None
    if kind == "clustered":
        score = rng.random((6, 4))[rng.integers(0, 6, n)] + rng.normal(0, 0.02, (n, 4))
    if kind == "all equal":
        score = np.ones((n, 4))
    if kind == "copies":
        capacity = np.repeat(capacity[: n // 5], 5)
        score = np.repeat(score[: n // 5], 5, axis=0)
        target = target * capacity.sum() / case.capacity.sum()
    if kind == "wild sizes":
        capacity = 10 ** rng.uniform(-3, 7, n)
        target = target * capacity.sum() / case.capacity.sum()
    if kind == "tight ties":
        score = np.round(4 * score) / 4
        target = target / target.sum() * capacity.sum()
    if kind == "locks":
        lower = np.where(rng.random((n, 4)) < 0.1, 0.4 * capacity[:, None], 0.0)
        lower *= np.minimum(1.0, capacity / np.maximum(lower.sum(axis=1), 1e-9))[:, None]
        target = 0.6 * target + lower.sum(axis=0)
    if kind == "forbidden":
        score = np.where(rng.random(score.shape) < 0.3, -np.inf, score)
    if kind == "ties":
        score = np.round(4 * score) / 4
    if kind == "same order":
        score = score[:, :1] + [0.0, 0.1, 0.05, 0.2]
    if kind == "tight":
        target = target / target.sum() * capacity.sum()
    if kind == "capped":
        upper = capacity[:, None] * [0.5, 0.6, 0.4, 0.3]
    case = Case(capacity, score, target, upper, lower)
    answer = solved(case)
    assert_kept(case, answer)
    assert answer.method == "dual"
    wanted = by_highs(case)
    assert wanted is not None
    assert answer.objective == pytest.approx(wanted, rel=1e-8)


@pytest.mark.parametrize("k", [1, 2, 6, 8])
def test_any_number_of_uses(k: int) -> None:
    case = city(3000, seed=k, k=k)
    answer = solved(case)
    assert_kept(case, answer)
    assert answer.method == "dual"


def test_a_tiny_total_beside_large_ones() -> None:
    case = city(2000, seed=8)
    target = case.target * [1, 1, 1, 1e-7]
    case = Case(case.capacity, case.score, target)
    answer = solved(case)
    assert_kept(case, answer)
    assert answer.area_m2[:, 3].sum() == pytest.approx(target[3], rel=1e-9)


@pytest.mark.parametrize("n", [7, 300, 5000])
@pytest.mark.parametrize("steps", [3, 1000])
def test_the_order_of_parcels_changes_nothing(n: int, steps: int) -> None:
    case = city(n, seed=n)
    # Coarse scores tie often; capacities stay distinct.
    score = np.round(case.score * steps) / steps
    order = np.random.default_rng(1).permutation(n)
    here = allocate(case.capacity, score, case.target)
    there = allocate(case.capacity[order], score[order], case.target)
    assert np.array_equal(here.area_m2[order], there.area_m2)
    assert here.objective == pytest.approx(there.objective, rel=1e-14)


def test_the_same_question_gets_the_same_answer() -> None:
    case = city(3000, seed=5)
    first, second = solved(case), solved(case)
    assert np.array_equal(first.area_m2, second.area_m2)
    warm = solved(case, prices=first.prices)
    np.testing.assert_allclose(warm.area_m2, first.area_m2, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("prices", [[9e9, -9e9, 0, 1], [np.nan] * 4])
def test_poor_starting_prices_do_no_harm(prices: list[float]) -> None:
    case = city(1500, seed=6)
    assert solved(case, prices=prices).objective == pytest.approx(solved(case).objective, rel=1e-9)


@pytest.mark.parametrize("area_scale", [2.0**-10, 2.0**20])
@pytest.mark.parametrize("score_scale", [2.0**-12, 2.0**15])
def test_units_change_nothing(area_scale: float, score_scale: float) -> None:
    case = city(400, seed=9)
    plain = solved(case)
    scaled = allocate(
        case.capacity * area_scale, case.score * score_scale, case.target * area_scale
    )
    assert np.array_equal(scaled.area_m2, plain.area_m2 * area_scale)
    np.testing.assert_allclose(scaled.prices, plain.prices * score_scale, rtol=1e-9)


def test_prices_tell_what_one_more_square_metre_is_worth() -> None:
    case = city(500, seed=12)
    plain = solved(case)
    for use in range(4):
        more = case.target.copy()
        more[use] += 1e-3
        change = allocate(case.capacity, case.score, more).objective - plain.objective
        assert change == pytest.approx(plain.prices[use] * 1e-3, rel=1e-4)


def test_few_parcels_are_split() -> None:
    case = city(2000, seed=13)
    area = solved(case).area_m2
    part = (area > 1e-6) & (area < case.capacity[:, None] * (1 - 1e-9))
    assert part.any(axis=1).sum() <= 4  # a basic solution splits at most one parcel per total


def test_arguments_are_left_alone_and_answers_cannot_be_changed() -> None:
    case = random_case(np.random.default_rng(4), 2)
    before = [None if a is None else a.copy() for a in vars(case).values()]
    answer = solved(case)
    for old, new in zip(before, vars(case).values(), strict=True):
        assert new is None or np.array_equal(old, new)
    with pytest.raises(ValueError, match="read-only"):
        answer.area_m2[0, 0] = 1.0
    with pytest.raises(FrozenInstanceError):
        answer.status = "feasible"  # type: ignore[misc]


def test_infeasible_names_the_uses_and_the_parcels() -> None:
    score = [[1, 1, -np.inf], [1, -np.inf, -np.inf], [-np.inf, -np.inf, 1]]
    answer = allocate([10, 20, 90], score, [25, 8, 30])
    assert answer.status == "infeasible"
    assert not answer.area_m2.any()
    short = answer.shortfall
    assert short is not None
    # Uses 0 and 1 ask 33 of parcels 0 and 1, which hold 30.
    assert short.uses == (0, 1)
    assert (short.demand_m2, short.capacity_m2, short.short_m2) == pytest.approx((33, 30, 3))
    assert short.parcels.tolist() == [0, 1]


def test_locks_beyond_a_parcel_are_infeasible_not_an_error() -> None:
    answer = allocate([10, 10], np.ones((2, 2)), [9, 9], lower_m2=[[8, 4], [0, 0]])
    assert answer.status == "infeasible"
    assert answer.shortfall is not None
    assert answer.shortfall.parcels.tolist() == [0]
    assert answer.shortfall.short_m2 == pytest.approx(2)


def test_no_parcels_and_no_wishes() -> None:
    assert allocate([], np.empty((0, 2)), [0, 0]).status == "optimal"
    assert allocate([], np.empty((0, 2)), [1, 0]).status == "infeasible"
    assert allocate([5], [[1.0, 2.0]], [0, 0]).objective == 0


ONES = np.ones((2, 2))


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ("capacity_m2[1] must be a number that is not negative, not -1.0", ([1, -1], ONES, [1, 1])),
        ("capacity_m2[1] must be a number that is not negative, not nan", ([1, NAN], ONES, [1, 1])),
        ("capacity_m2[0] must be finite, not inf", ([INF, 1], ONES, [1, 1])),
        ("capacity_m2 must have one dimension, not shape (1, 2)", ([[1, 1]], ONES, [1, 1])),
        ("capacity_m2 must hold numbers", (["a", 1], ONES, [1, 1])),
        ("score must have shape (2, k), not (3, 2)", ([1, 1], np.ones((3, 2)), [1, 1])),
        ("score[0, 1] must be a number or -inf, not nan", ([1, 1], [[1, NAN], [1, 1]], [1, 1])),
        ("score[1, 0] must be a number or -inf, not inf", ([1, 1], [[1, 1], [INF, 1]], [1, 1])),
        ("score must have 1 to 8 uses, not 9", ([1, 1], np.ones((2, 9)), np.ones(9))),
        ("target_m2 must have shape (2,), not shape (3,)", ([1, 1], ONES, [1, 1, 1])),
        ("target_m2[1] must be finite, not inf", ([1, 1], ONES, [1, INF])),
        ("target_m2[0] must be a number that is not negative, not -2.0", ([1, 1], ONES, [-2, 1])),
        ("upper_m2 must have shape (2, 2), not (2, 3)", ([1, 1], ONES, [1, 1], np.ones((2, 3)))),
        ("upper_m2[0, 0] must be a number", ([1, 1], ONES, [1, 1], [[NAN, 1], [1, 1]])),
        ("lower_m2[0, 0] must be a number that is not negative, not -1.0 (and 3 more)",
         ([1, 1], ONES, [1, 1], None, -ONES)),
        ("lower_m2[1, 1] must be finite", ([1, 1], ONES, [1, 1], None, [[0, 0], [0, INF]])),
        ("lower_m2[1, 0] = 0.5 must not exceed upper_m2[1, 0] = 0.25",
         ([1, 1], ONES, [1, 1], [[1, 1], [0.25, 1]], [[0, 0], [0.5, 0]])),
    ],
)  # fmt: skip
def test_bad_arguments_are_named_with_index_and_value(
    words: str, arguments: tuple[object, ...]
) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        allocate(*arguments)


def test_limits_of_totals_the_wrong_way_round_are_named() -> None:
    words = re.escape("low_total_m2[1] = 3.0 must not exceed high_total_m2[1] = 2.0")
    with pytest.raises(ValueError, match=words):
        allocate_within([5, 5], ONES, [0, 3], [1, 2])


def test_the_solver_is_loaded_only_when_needed() -> None:
    code = "import sys, siteplan.allocation; assert 'highspy' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class TestWithin:
    def test_agrees_with_scipy(self) -> None:
        rng = np.random.default_rng(31)
        for number in range(250):
            n, k = int(rng.integers(1, 7)), int(rng.integers(1, 5))
            capacity, score = rng.random(n) * 10, rng.normal(size=(n, k))
            weight = rng.choice([1.0, 0.5, 2.0], k)
            upper = capacity[:, None] * (rng.random((n, k)) if number % 2 else np.ones((n, k)))
            lower = upper * rng.random((n, k)) * 0.2 * (number % 3 == 0)
            low = rng.random(k) * capacity.sum() * 0.2
            high = low + rng.random(k) * capacity.sum() * 0.3
            total = float(weight @ (low + 0.5 * (high - low))) if number % 4 else None
            answer = allocate_within(
                capacity,
                score,
                low,
                high,
                upper_m2=upper,
                lower_m2=lower,
                weight=weight,
                total=total,
            )
            rows, columns = rows_and_columns(n, k)
            wanted = linprog(
                -score.ravel(),
                A_ub=np.vstack([rows, columns, -columns]),
                b_ub=np.concatenate([capacity, high, -low]),
                A_eq=None if total is None else (weight @ columns)[None],
                b_eq=None if total is None else [total],
                bounds=np.stack([lower.ravel(), upper.ravel()], axis=1),
            )
            assert (wanted.status == 0) == (answer.status == "optimal"), number
            if wanted.status == 0:
                assert answer.objective == pytest.approx(-wanted.fun, abs=1e-7)
                assert answer.gap <= 1e-9

    @pytest.mark.parametrize("kind", ["plain", "ties", "clustered", "capped"])
    @pytest.mark.parametrize("total", ["fixed", "free"])
    @pytest.mark.parametrize("k", [3, 8])
    def test_the_search_agrees_with_one_lp(
        self,
        monkeypatch: pytest.MonkeyPatch,
        kind: str,
        total: str,
        k: int,
    ) -> None:
        case = city(400, seed=21, k=k)
        rng = np.random.default_rng(k)
        score = case.score - 0.4  # some floor area is worth less than none
        if kind == "ties":
            score = np.round(score, 1)
        if kind == "clustered":
            score = score[rng.integers(0, 8, 400)] + rng.normal(0, 0.01, score.shape)
        weight = rng.choice([1.0, 0.8, 1.25], k)
        wish = case.target
        more = {
            "weight": weight,
            "total": float(weight @ wish) if total == "fixed" else None,
            "upper_m2": case.capacity[:, None] * np.full(k, 0.6) if kind == "capped" else None,
        }
        low, high = wish * 0.7, wish * 1.3
        quick = allocate_within(case.capacity, score, low, high, **more)
        monkeypatch.setattr(within, "SMALL_ROWS", 10**9)
        whole = allocate_within(case.capacity, score, low, high, **more)
        if kind != "ties":  # where nearly all rows tie, the LP of all of them may be needed
            assert quick.method == "dual"
        assert whole.method == "lp"
        assert (quick.status, whole.status) == ("optimal", "optimal")
        assert quick.objective == pytest.approx(whole.objective, rel=1e-9)
        totals = quick.area_m2.sum(axis=0)
        assert (totals >= low * (1 - 1e-9)).all()
        assert (totals <= high * (1 + 1e-9)).all()
        if total == "fixed":
            assert weight @ totals == pytest.approx(weight @ wish, rel=1e-9)

    def test_fixed_totals_give_the_same_as_allocate(self) -> None:
        case = city(200, seed=2)
        free = allocate_within(case.capacity, case.score, case.target, case.target)
        assert free.objective == pytest.approx(solved(case).objective, rel=1e-9)

    def test_too_large_a_total_is_infeasible(self) -> None:
        answer = allocate_within([10, 10], np.ones((2, 2)), [0, 0], [5, 5], total=11)
        assert answer.status == "infeasible"

    def test_a_total_of_all_room_fills_the_site_whatever_the_rounding(self) -> None:
        """Sums of one-decimal areas differ in their last bits by the order of adding up."""
        random = np.random.default_rng(8)
        for turn in range(300):
            n, k = int(random.integers(1, 50)), int(random.integers(1, 5))
            capacity = np.round(random.lognormal(2.0, 1.0, n), 1)
            weight = random.choice([1.0, 1 / 0.8, 1 / 0.58], k) if turn % 3 == 0 else np.ones(k)
            total = float(sum(capacity.tolist())) * float(weight.min())
            answer = allocate_within(
                capacity, random.random((n, k)), [0.0] * k, [np.inf] * k,
                weight=weight, total=total,
            )  # fmt: skip
            assert answer.status == "optimal"
            assert answer.area_m2.sum(axis=0) @ weight == pytest.approx(total, rel=1e-9)

    @pytest.mark.parametrize(
        ("high", "total"),
        [([1_000, 2_000], 3_000 * (1 + 5e-10)), ([10, 20], 30.0005), ([1e-7, 1e-7], 2.1e-7)],
    )
    def test_a_total_just_above_the_limits_is_met_as_far_as_they_go(
        self, high: list[float], total: float
    ) -> None:
        room = [500_000.0] * 2 if total == 30.0005 else [5_000.0] * 2
        answer = allocate_within(room, [[1, 0.5], [0.2, 0.7]], [0, 0], high, total=total)
        assert answer.status == "optimal"
        assert answer.area_m2.sum(axis=0) == pytest.approx(high)

    def test_lower_bounds_may_hold_the_whole_total(self) -> None:
        least = np.array([[293.6], [225.5]])
        answer = allocate_within(
            [1000.0, 500.0], [[1.0], [1.0]], [0], [np.inf],
            lower_m2=least, weight=[1 / 0.58], total=895.0000000008952,
        )  # fmt: skip
        assert answer.status == "optimal"
        assert answer.area_m2 == pytest.approx(least)

    def test_a_lock_on_a_forbidden_use_is_infeasible_not_an_error(self) -> None:
        answer = allocate_within(
            [10, 20], [[-np.inf, 1], [1, 1]], [5, 6], [9, 9], lower_m2=[[1, 0], [0, 0]]
        )
        assert answer.status == "infeasible"


def test_with_lower_bounds_too_the_order_of_parcels_changes_no_bit() -> None:
    random = np.random.default_rng(21)
    for _ in range(40):
        n, k = int(random.integers(2, 400)), int(random.integers(1, 6))
        capacity = random.lognormal(7.0, 1.0, n)
        lower = capacity[:, None] * random.random((n, k)) * (random.random((n, k)) < 0.2) / k
        score = random.random((n, k))
        target = lower.sum(axis=0) + 0.5 * random.dirichlet(np.ones(k)) * (capacity.sum() * 0.4)
        order = random.permutation(n)
        one = allocate(capacity, score, target, lower_m2=lower)
        other = allocate(capacity[order], score[order], target, lower_m2=lower[order])
        assert one.status == "optimal"
        assert one.objective == other.objective
        assert (one.area_m2[order] == other.area_m2).all()


def test_shortfall_agrees_with_allocate() -> None:
    rng = np.random.default_rng(77)
    for number in range(200):
        case = random_case(rng, number)
        lower, upper = case.bounds()
        found = shortfall(case.capacity, case.target, upper, lower)
        assert (found is None) == (solved(case).status == "optimal")


@pytest.mark.parametrize("seed", range(12))
def test_totals_that_are_a_crumb_of_the_room_are_exact(seed: int) -> None:
    # Only the best few rows matter then; scores in steps tie at the cut on purpose.
    random = np.random.default_rng(seed)
    capacity = random.lognormal(6, 1, 400)
    score = random.random((400, 4))
    if seed % 2:
        score = np.round(score * 8) / 8
    score[random.random((400, 4)) < 0.2] = -np.inf
    target = capacity.sum() * random.random(4) * 10.0 ** random.uniform(-5, -1.5)
    found = allocate(capacity, score, target)
    best = linprog(
        -np.where(np.isfinite(score), score, 0.0).ravel(),
        A_ub=np.kron(np.eye(400), np.ones(4)),
        b_ub=capacity,
        A_eq=np.tile(np.eye(4), 400),
        b_eq=target,
        bounds=[(0, None if ok else 0) for ok in np.isfinite(score).ravel()],
    )
    assert found.status == "optimal"
    assert found.objective == pytest.approx(-best.fun, rel=1e-7)
    turned = allocate(capacity[::-1], score[::-1], target)
    assert turned.objective == pytest.approx(found.objective, rel=1e-12)


def test_a_crumb_in_many_rows_needs_no_whole_lp() -> None:
    random = np.random.default_rng(1)
    capacity = random.lognormal(6, 1, 20_000)
    score = np.clip(1 - random.random((20_000, 4)) * 3, 0, 1)  # most rows lie beyond reach: 0
    found = allocate(capacity, score, capacity.sum() * np.array([4e-3, 3e-3, 2e-3, 1e-3]))
    assert (found.status, found.method) == ("optimal", "dual")


@pytest.mark.parametrize("turn", range(5))
def test_tiny_totals_on_large_parcels_are_proven_in_every_order(turn: int) -> None:
    # Totals of 1e-8 of the parcels: their digits must not drown in those of the capacity.
    rng = np.random.default_rng(5)
    capacity, score = 10 ** rng.uniform(-1, 2, 5), rng.random((5, 5))
    target = rng.uniform(0.5, 3.0, 5) * 1e-6
    order = np.roll(np.arange(5), turn)
    answer = allocate(capacity[order], score[order], target)
    assert answer.status == "optimal"
    assert answer.method == "dual"
    np.testing.assert_allclose(answer.area_m2.sum(axis=0), target, rtol=1e-12)
    assert answer.objective == pytest.approx(float(score.max(axis=0) @ target), rel=1e-9)
