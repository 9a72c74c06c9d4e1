from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, hstack, kron, vstack
from scipy.sparse import eye as identity

from siteplan.allocation import allocate
from siteplan.allocation.change import NearAllocation, allocate_near, change_between
from tests.allocation.lp_oracle import Case, random_case
from tests.allocation.test_allocate import city


def near(case: Case, previous: np.ndarray, price: float, **more: object) -> NearAllocation:
    return allocate_near(
        case.capacity,
        case.score,
        case.target,
        previous,
        price=price,
        upper_m2=case.upper,
        lower_m2=case.lower,
        **more,
    )


def segments_lp(case: Case, previous: np.ndarray, price: float) -> float | None:
    """Best of the LP with a column for what is placed, or None where infeasible."""
    lower, upper = case.bounds()
    if (lower > upper).any():
        return None
    n, k = case.score.shape
    unit = max(float(case.capacity.max()), 1e-300)
    score = np.where(case.score > -np.inf, case.score, 0.0)
    size = max(float(np.abs(score).max()), price, 1e-300)
    cells = n * k
    rows = csr_matrix(kron(identity(n), np.ones((1, k))))
    columns = csr_matrix(kron(np.ones((1, n)), identity(k)))
    placed = hstack([identity(cells), -identity(cells)])  # y - placed <= previous
    found = linprog(
        np.append(-score.ravel(), np.full(cells, price)) / size,
        A_ub=vstack([hstack([rows, csr_matrix((n, cells))]), placed]),
        b_ub=np.append(case.capacity, previous.ravel()) / unit,
        A_eq=hstack([columns, csr_matrix((k, cells))]),
        b_eq=case.target / unit,
        bounds=np.concatenate(
            [
                np.stack([lower.ravel(), upper.ravel()], axis=1) / unit,
                np.tile([0.0, np.inf], (cells, 1)),
            ]
        ),
    )
    return float(-found.fun * size * unit) if found.status == 0 else None


def old_plan(case: Case, rng: np.random.Generator, number: int) -> np.ndarray:
    """Previous plans of several kinds: optimal for other totals, mixed, too large, empty."""
    n, k = case.score.shape
    kind = number % 5
    if kind == 0:
        return np.zeros((n, k))
    if kind == 1:  # every parcel wholly one use
        plan = np.zeros((n, k))
        plan[np.arange(n), rng.integers(k, size=n)] = case.capacity
        return plan
    if kind == 2:  # more than the parcels hold
        return np.asarray(case.capacity[:, None] * rng.random((n, k)) * 1.5)
    if kind == 3:
        return np.asarray(case.capacity[:, None] * rng.random((n, k)) / k)
    other = allocate(case.capacity, rng.random((n, k)), case.target * rng.uniform(0.7, 1.0, k))
    held: np.ndarray = other.area_m2.copy()
    return held


def assert_kept(case: Case, answer: NearAllocation) -> None:
    area = answer.area_m2
    lower, upper = case.bounds()
    np.testing.assert_allclose(area.sum(axis=0), case.target, rtol=1e-9, atol=1e-9 * area.sum())
    assert (area.sum(axis=1) <= case.capacity * (1 + 1e-12)).all()
    assert (area <= upper * (1 + 1e-12) + 1e-15 * case.capacity[:, None]).all()
    assert (area >= lower).all()
    assert answer.bound >= answer.objective
    assert answer.status == "optimal", answer.gap
    assert answer.gap <= 1e-9


#            room   before                     after: housing 20 more, research 20 less
#   north     60    60 research
#   south     40    20 research, 20 housing
#
# Scores: research 3 north, 1 south; housing 2 north, 2.5 south. The totals now ask research 60,
# housing 40. Best: south wholly housing (20 of it placed), north stays. Nothing else moves less.
def test_two_parcels_by_hand() -> None:
    answer = allocate_near([60, 40], [[3, 2], [1, 2.5]], [60, 40], [[60, 0], [20, 20]], price=0.5)
    np.testing.assert_allclose(answer.area_m2, [[60, 0], [0, 40]])
    assert answer.moved_m2 == pytest.approx(20)
    assert answer.suitability == pytest.approx(60 * 3 + 40 * 2.5)
    assert answer.objective == pytest.approx(280 - 0.5 * 20)
    assert answer.change.parcels.tolist() == [1]
    np.testing.assert_allclose(answer.change.placed_m2, [[0, 0], [0, 20]])
    np.testing.assert_allclose(answer.change.left_m2, [[0, 0], [20, 0]])


# Swapping two parcels gains 1 per m² on each side and places 2 m² per m² swapped: worth it below
# a price of 1, not above.
@pytest.mark.parametrize(("price", "moved"), [(0.0, 20), (0.9, 20), (1.1, 0), (np.inf, 0)])
def test_the_price_is_the_gain_that_one_square_metre_must_bring(price: float, moved: float) -> None:
    answer = allocate_near([10, 10], [[0, 1], [1, 0]], [10, 10], [[10, 0], [0, 10]], price=price)
    assert answer.moved_m2 == pytest.approx(moved)


def test_agrees_with_an_lp_on_every_nasty_kind() -> None:
    rng = np.random.default_rng(505)
    seen = {"optimal": 0, "feasible": 0, "infeasible": 0}
    methods = set()
    for number in range(600):
        case = random_case(rng, number)
        previous = old_plan(case, rng, number // 7)
        size = float(np.abs(np.where(case.score > -np.inf, case.score, 0)).max())
        price = size * float(rng.choice([1e-6, 0.01, 0.1, 0.5, 1.0, 3.0]))
        answer = near(case, previous, price)
        wanted = segments_lp(case, previous, answer.price)
        seen[answer.status] += 1
        assert (wanted is None) == (answer.status == "infeasible"), number
        if wanted is None:
            assert answer.shortfall is not None
            continue
        methods.add(answer.method)
        assert_kept(case, answer)
        noise = 1e-6 * max(size, answer.price) * case.capacity.max() + 1e-12
        assert answer.objective == pytest.approx(wanted, abs=noise), number
        moved = np.maximum(answer.area_m2 - previous, 0).sum()
        assert answer.moved_m2 == pytest.approx(moved, abs=1e-8 * case.capacity.sum())
    assert min(seen["optimal"], seen["infeasible"]) > 100
    assert methods == {"dual", "lp"}


@pytest.mark.parametrize("kind", ["plain", "forbidden", "capped", "locked", "mixed", "lowered"])
def test_agrees_with_an_lp_at_size(kind: str) -> None:
    rng = np.random.default_rng(8)
    case = city(300, seed=5)
    score, upper, lower, capacity = case.score, None, None, case.capacity
    previous = allocate(capacity, score, case.target).area_m2
    target = case.target * [0.95, 1.05, 1.02, 0.98]
    if kind == "forbidden":
        score = np.where(rng.random(score.shape) < 0.2, -np.inf, score)
    if kind == "capped":
        upper = capacity[:, None] * [0.5, 0.6, 0.4, 0.3]
    if kind == "locked":
        lower = np.zeros_like(score)
        lower[:10, 2] = 0.1 * capacity[:10]
    if kind == "mixed":
        previous = capacity[:, None] * rng.dirichlet(np.ones(4), capacity.size)
    if kind == "lowered":
        capacity = capacity * rng.uniform(0.9, 1.0, capacity.size)
    case = Case(capacity, score, target, upper, lower)
    for price in (0.01, 0.2):
        answer = near(case, previous, price)
        assert_kept(case, answer)
        assert answer.objective == pytest.approx(segments_lp(case, previous, price), rel=1e-7)


@pytest.mark.parametrize("upper", [None, 0.6])
def test_a_larger_price_never_moves_more(upper: float | None) -> None:
    case = city(200, seed=21)
    upper_m2 = None if upper is None else case.capacity[:, None] * np.full((1, 4), upper)
    previous = allocate(case.capacity, case.score, case.target, upper_m2).area_m2
    scores = 0.5 * case.score + 0.5 * np.random.default_rng(2).random(case.score.shape)
    changed = Case(case.capacity, scores, case.target * [1.1, 0.9, 1.0, 1.05], upper_m2)
    plans = [near(changed, previous, price) for price in (0, 0.01, 0.05, 0.1, 0.3, 1, 5, np.inf)]
    moved = np.array([plan.moved_m2 for plan in plans])
    worth = np.array([plan.suitability for plan in plans])
    assert (np.diff(moved) <= 1e-7 * moved[0]).all()
    assert (np.diff(worth) <= 1e-7 * worth[0]).all()
    assert moved[0] > 2 * moved[-1]


def test_price_zero_is_allocate() -> None:
    case = city(150, seed=3)
    previous = case.capacity[:, None] * np.full((1, 4), 0.25)
    assert np.array_equal(
        near(case, previous, 0.0).area_m2, allocate(case.capacity, case.score, case.target).area_m2
    )


def test_an_endless_price_moves_only_what_the_totals_force() -> None:
    case = city(250, seed=6)
    previous = allocate(case.capacity, case.score, case.target).area_m2
    step = 0.01 * case.target[0]
    target = case.target + np.array([step, -step, 0, 0])
    answer = near(Case(case.capacity, case.score, target), previous, np.inf)
    assert answer.moved_m2 == pytest.approx(step, rel=1e-9)
    # Of all plans that move so little it is the best: nothing gained by another huge price.
    again = near(Case(case.capacity, case.score, target), previous, 1e6)
    assert np.array_equal(again.area_m2, answer.area_m2)


def test_a_small_step_of_a_slider_changes_few_parcels() -> None:
    case = city(2000, seed=14)
    before = allocate(case.capacity, case.score, case.target).area_m2
    weighed = 0.95 * case.score + 0.05 * np.random.default_rng(3).random(case.score.shape)
    moved = Case(case.capacity, weighed, case.target * [0.98, 1.03, 1.0, 1.0])
    free = allocate(moved.capacity, moved.score, moved.target).area_m2
    near_by = near(moved, before, 0.03)
    changed = change_between(before, free).parcels.size
    assert near_by.change.parcels.size < 0.4 * changed
    assert near_by.suitability > 0.999 * (free * weighed).sum()


def test_the_plan_of_yesterday_stays_where_it_still_fits() -> None:
    case = city(400, seed=31)
    previous = allocate(case.capacity, np.ones_like(case.score), case.target).area_m2
    answer = near(case, previous, np.inf)
    assert answer.change.parcels.size == 0
    np.testing.assert_allclose(answer.area_m2, previous, rtol=1e-9, atol=1e-6)


def test_what_present_bounds_cannot_keep_is_reported() -> None:
    score = [[1.0, 1.0], [-np.inf, 1.0], [1.0, 1.0]]
    previous = [[10.0, 0.0], [5.0, 5.0], [6.0, 6.0]]
    answer = allocate_near([10, 10, 9], score, [12, 12], previous, price=1)
    assert answer.status == "optimal"
    np.testing.assert_allclose(answer.lost_m2, [0, 5, 3])


@pytest.mark.parametrize("capped", [False, True])
def test_the_order_of_parcels_changes_nothing(capped: bool) -> None:  # noqa: FBT001
    case = city(300, seed=17)
    rng = np.random.default_rng(1)
    previous = case.capacity[:, None] * rng.dirichlet(np.ones(4) / 2, 300)
    upper = case.capacity[:, None] * rng.uniform(0.4, 1, (300, 4)) if capped else None
    order = rng.permutation(300)
    here = near(Case(case.capacity, case.score, case.target, upper), previous, 0.1)
    turned = Case(
        case.capacity[order],
        case.score[order],
        case.target,
        None if upper is None else upper[order],
    )
    there = near(turned, previous[order], 0.1)
    np.testing.assert_allclose(here.area_m2[order], there.area_m2, rtol=1e-12)


def test_answers_cannot_be_changed() -> None:
    answer = allocate_near([10], [[1.0]], [5], [[4.0]], price=1)
    with pytest.raises(ValueError, match="read-only"):
        answer.area_m2[0, 0] = 1.0
    with pytest.raises(FrozenInstanceError):
        answer.price = 2.0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("price", {"price": -1.0}),
        ("price", {"price": float("nan")}),
        ("previous_m2", {"previous_m2": [[1.0, 2.0]]}),
        ("previous_m2", {"previous_m2": [[-1.0]]}),
        ("previous_m2", {"previous_m2": [[np.inf]]}),
        ("target_m2", {"target_m2": [np.inf]}),
    ],
)
def test_bad_arguments_are_named(name: str, arguments: dict[str, object]) -> None:
    good: dict[str, object] = {
        "capacity_m2": [10.0],
        "score": [[1.0]],
        "target_m2": [5.0],
        "previous_m2": [[4.0]],
        "price": 1.0,
    }
    with pytest.raises(ValueError, match=name):
        allocate_near(**(good | arguments))


def test_differences_between_plans() -> None:
    change = change_between([[5, 5], [0, 8]], [[5 + 1e-12, 0], [3, 8]], capacity_m2=[10, 20])
    np.testing.assert_array_equal(change.placed_m2, [[0, 0], [3, 0]])
    np.testing.assert_array_equal(change.left_m2, [[0, 5], [0, 0]])
    assert change.moved_m2 == 3
    assert change.parcels.tolist() == [0, 1]
