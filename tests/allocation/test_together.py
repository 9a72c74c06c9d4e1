"""Togetherness: against the same LP written plainly for scipy, small cases by hand, bad input."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import linprog

from siteplan.allocation import together
from siteplan.allocation.solve import allocate
from siteplan.allocation.together import allocate_together, shared_use_m
from tests.allocation.lp_oracle import Case, random_case, rows_and_columns


def _neighbours(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    every = np.array([(i, j) for i in range(n) for j in range(i)]).reshape(-1, 2)
    pairs = every[rng.random(len(every)) < 0.5]
    return pairs.astype(np.int64), rng.uniform(1, 50, len(pairs))


def _best(case: Case, pairs: np.ndarray, length: np.ndarray, worth: float) -> float | None:
    """The most that suitability and togetherness can be together."""
    lower, upper = case.bounds()
    if (lower > upper).any():
        return None
    n, k = case.score.shape
    m = len(pairs)
    rows, columns = rows_and_columns(n, k)
    unit = max(float(case.capacity.max()), 1e-300)
    share = np.divide(unit, case.capacity, out=np.zeros(n), where=case.capacity > 0)
    smaller = np.zeros((2 * m * k, n * k + m * k))
    for e, pair in enumerate(pairs):
        for use in range(k):
            for side, row in enumerate(pair):
                line = (2 * e + side) * k + use
                smaller[line, n * k + e * k + use] = 1.0
                smaller[line, row * k + use] = -share[row]
    score = np.where(case.score > -np.inf, case.score, 0.0).ravel() * unit
    size = max(float(np.abs(score).max()), worth * float(length.max(initial=0.0)), 1e-300)
    found = linprog(
        -np.concatenate([score, np.repeat(worth * length, k)]) / size,
        A_ub=np.vstack([np.hstack([rows, np.zeros((n, m * k))]), smaller]),
        b_ub=np.concatenate([case.capacity / unit, np.zeros(2 * m * k)]),
        A_eq=np.hstack([columns, np.zeros((k, m * k))]),
        b_eq=case.target / unit,
        bounds=[*zip(lower.ravel() / unit, upper.ravel() / unit, strict=True), *[(0, 1)] * (m * k)],
    )
    return -found.fun * size if found.status == 0 else None


def _arguments(case: Case) -> tuple[np.ndarray | None, ...]:
    return case.capacity, case.score, case.target, case.upper, case.lower


def _check_limits(case: Case, area: np.ndarray) -> None:
    lower, upper = case.bounds()
    noise = 1e-8 * max(float(case.capacity.max()), 1.0)
    assert (area >= lower - noise).all()
    assert (area <= upper + noise).all()
    assert (area.sum(axis=1) <= case.capacity + noise).all()
    assert area.sum(axis=0) == pytest.approx(case.target, abs=noise)


@pytest.mark.parametrize("number", range(240))
def test_random_cases_agree_with_a_plain_lp(number: int) -> None:
    rng = np.random.default_rng(number)
    case = random_case(rng, number)
    if number % 13 == 5:  # sizes from 1e-3 to 1e7 are beyond the oracle's own tolerance
        case = Case(10 ** rng.uniform(-1, 2, case.capacity.size), *_arguments(case)[1:3])
        case = Case(case.capacity, case.score, case.target / 1e7)
    pairs, length = _neighbours(rng, case.capacity.size)
    worth = float(rng.random()) * max(float(np.abs(np.nan_to_num(case.score, neginf=0)).max()), 0.1)
    found = allocate_together(*_arguments(case), pairs=pairs, length_m=length, worth_per_m=worth)
    best = _best(case, pairs, length, worth)
    if best is None or found.status == "infeasible":
        assert best is None
        assert found.status == "infeasible"
        assert found.shortfall is not None
        return
    size = abs(found.suitability) + found.togetherness + 1.0
    assert found.objective == pytest.approx(best, abs=1e-6 * size)
    assert found.status == "optimal"
    assert found.bound >= best - 1e-6 * size
    assert found.objective == pytest.approx(found.suitability + found.togetherness)
    assert found.togetherness == pytest.approx(worth * found.shared_m)
    metres = shared_use_m(found.area_m2, case.capacity, pairs=pairs, length_m=length)
    assert found.shared_m == pytest.approx(metres)
    _check_limits(case, found.area_m2)


@pytest.mark.parametrize("seed", range(40))
def test_the_search_without_the_lp_brackets_the_best_value(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(seed)
    n, k = 20, 3
    capacity, score = rng.lognormal(0, 1, n), rng.random((n, k))
    case = Case(capacity, score, rng.dirichlet(np.ones(k)) * capacity.sum() * 0.7)
    pairs, length = _neighbours(rng, n)
    exact = allocate_together(*_arguments(case), pairs=pairs, length_m=length, worth_per_m=0.02)
    monkeypatch.setattr(together, "LP_COLUMNS", 0)
    found = allocate_together(*_arguments(case), pairs=pairs, length_m=length, worth_per_m=0.02)
    assert (exact.method, exact.status, found.method) == ("lp", "optimal", "subgradient")
    assert found.objective <= exact.objective * (1 + 1e-9)
    assert found.bound >= exact.objective * (1 - 1e-9)
    assert found.gap <= 0.05
    _check_limits(case, found.area_m2)


def _street(n: int) -> tuple[np.ndarray, np.ndarray]:
    return np.array([*pairwise(range(n))]), np.full(n - 1, 10.0)


def test_four_lots_in_a_street_by_hand() -> None:
    # Without togetherness the uses alternate: 4 x 100 m2 x 0.1 = 40 and no shared metre. With it
    # each lot holds half of each use: all 30 m are shared, by the same mix on either side.
    score = np.array([[0.1, 0.0], [0.0, 0.1], [0.1, 0.0], [0.0, 0.1]])
    capacity, target = np.full(4, 100.0), np.array([200.0, 200.0])
    pairs, length = _street(4)
    plain = allocate_together(capacity, score, target, pairs=pairs, length_m=length, worth_per_m=0)
    assert plain.method == "plain"
    assert [plain.objective, plain.shared_m] == pytest.approx([40.0, 0.0])
    near = allocate_together(capacity, score, target, pairs=pairs, length_m=length, worth_per_m=3)
    assert near.status == "optimal"
    assert near.objective == pytest.approx(20.0 + 3 * 30.0)
    assert [near.suitability, near.shared_m] == pytest.approx([20.0, 30.0])
    assert near.area_m2 == pytest.approx(np.full((4, 2), 50.0))


def test_a_use_moves_beside_its_like() -> None:
    # Use 0 stands on lot 0; its other 100 m2 go to lot 1 beside it, not to lot 2 that scores 5
    # more in all, where 10 m of edge are worth 10; where they are worth 1 they do not.
    score = np.array([[1.0, -np.inf], [0.0, 0.0], [0.05, 0.0]])
    arguments = (np.full(3, 100.0), score, np.array([200.0, 0.0]))
    options = {"pairs": [[0, 1]], "length_m": [10.0]}
    found = allocate_together(*arguments, **options, worth_per_m=1.0)
    assert found.area_m2[:, 0] == pytest.approx([100.0, 100.0, 0.0])
    assert [found.suitability, found.shared_m] == pytest.approx([100.0, 10.0])
    free = allocate_together(*arguments, **options, worth_per_m=0.1)
    assert free.area_m2[:, 0] == pytest.approx([100.0, 0.0, 100.0])


@pytest.mark.parametrize("seed", range(30))
def test_single_uses_leave_few_parcels_mixed_and_keep_the_bound(seed: int) -> None:
    rng = np.random.default_rng(seed)
    side, k = 8, 3
    n = side * side
    place = np.arange(n).reshape(side, side)
    pairs = np.concatenate(
        [
            np.stack([place[:, :-1].ravel(), place[:, 1:].ravel()], axis=1),
            np.stack([place[:-1].ravel(), place[1:].ravel()], axis=1),
        ]
    )
    length = rng.uniform(5, 60, len(pairs))
    capacity, score = rng.lognormal(7, 0.8, n), rng.random((n, k))
    case = Case(capacity, score, rng.dirichlet(np.ones(k)) * capacity.sum() * 0.7)
    options = {"pairs": pairs, "length_m": length, "worth_per_m": 10.0}
    mixed = allocate_together(*_arguments(case), **options)
    single = allocate_together(*_arguments(case), **options, single_use=True)
    plain = allocate(*_arguments(case))
    assert single.method == "single use"
    assert np.count_nonzero(np.count_nonzero(single.area_m2 > 1e-6, axis=1) > 1) <= k
    assert single.bound >= mixed.objective >= single.objective - 1e-6
    before = shared_use_m(plain.area_m2, capacity, pairs=pairs, length_m=length)
    assert single.shared_m > 1.2 * before
    assert single.objective > plain.objective + 10.0 * before
    _check_limits(case, single.area_m2)


def test_four_lots_in_a_street_stand_in_blocks_of_one_use() -> None:
    score = np.array([[0.1, 0.0], [0.0, 0.1], [0.1, 0.0], [0.0, 0.1]])
    pairs, length = _street(4)
    found = allocate_together(
        np.full(4, 100.0), score, [200.0, 200.0],
        pairs=pairs, length_m=length, worth_per_m=3, single_use=True,
    )  # fmt: skip
    assert np.count_nonzero(found.area_m2 > 1e-6) == 4
    assert found.status == "feasible"
    assert found.bound == pytest.approx(110.0)  # an even mix, which is not wanted here
    assert found.objective == pytest.approx(80.0)  # two blocks of two: 20 + 3 x 20 m


def test_no_neighbours_give_the_plain_allocation() -> None:
    rng = np.random.default_rng(1)
    case = Case(rng.random(9), rng.random((9, 2)), np.array([1.0, 1.5]))
    found = allocate_together(*_arguments(case), pairs=[], length_m=[], worth_per_m=5.0)
    plain = allocate(*_arguments(case))
    assert found.method == "plain"
    assert np.array_equal(found.area_m2, plain.area_m2)
    assert found.objective == pytest.approx(plain.objective)


def test_pairs_named_twice_add_up_in_either_order() -> None:
    rng = np.random.default_rng(2)
    case = Case(rng.random(3) + 1, rng.random((3, 2)), np.array([1.0, 1.5]))
    once = allocate_together(
        *_arguments(case), pairs=[[0, 1], [1, 2]], length_m=[7.0, 4.0], worth_per_m=0.1
    )
    twice = allocate_together(
        *_arguments(case), pairs=[[2, 1], [0, 1], [1, 0]], length_m=[4.0, 5.0, 2.0], worth_per_m=0.1
    )
    assert np.array_equal(once.area_m2, twice.area_m2)
    assert once.objective == twice.objective


@pytest.mark.parametrize("columns", [0, 10**6])
@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_rows_does_not_matter(
    seed: int, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "LP_COLUMNS", columns)
    rng = np.random.default_rng(seed)
    n, k = 30, 3
    capacity, score = rng.random(n) + 0.1, np.round(rng.random((n, k)), 1)
    target = rng.dirichlet(np.ones(k)) * capacity.sum() * 0.6
    pairs, length = _neighbours(rng, n)
    order, shuffle = rng.permutation(n), rng.permutation(len(pairs))
    rank = np.argsort(order)
    options = {"worth_per_m": 0.01, "rounds": 20}
    one = allocate_together(capacity, score, target, pairs=pairs, length_m=length, **options)
    two = allocate_together(
        capacity[order],
        score[order],
        target,
        pairs=rank[pairs][shuffle],
        length_m=length[shuffle],
        **options,
    )
    assert np.array_equal(two.area_m2, one.area_m2[order])
    assert (two.objective, two.bound) == (one.objective, one.bound)
    assert not one.area_m2.flags.writeable


def test_an_infeasible_wish_is_explained() -> None:
    found = allocate_together(
        [1.0, 1.0], [[1.0], [1.0]], [3.0], pairs=[[0, 1]], length_m=[5.0], worth_per_m=1.0
    )
    assert found.status == "infeasible"
    assert found.shortfall is not None
    assert found.shortfall.short_m2 == pytest.approx(1.0)
    assert np.isnan(found.objective)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"pairs": [[0, 1, 2]]}, r"pairs must have shape \(m, 2\), not \(1, 3\)"),
        ({"pairs": [[0.0, 1.0]]}, "pairs must hold row numbers, not float64"),
        ({"pairs": [[0, 2]]}, r"pairs must name two of 2 rows: \[0, 2\] at index 0"),
        ({"pairs": [[1, 1]]}, r"pairs must name two of 2 rows: \[1, 1\] at index 0"),
        ({"length_m": [1.0, 2.0]}, r"length_m must have shape \(1,\)"),
        ({"length_m": [-1.0]}, r"length_m\[0\] must be a number that is not negative, not -1.0"),
        ({"length_m": [np.nan]}, r"length_m\[0\] must be a number that is not negative, not nan"),
        ({"worth_per_m": -1.0}, "worth_per_m must be a number of 0 or more, not -1.0"),
        ({"worth_per_m": np.inf}, "worth_per_m must be a number of 0 or more, not inf"),
        ({"rounds": 0}, "rounds must be a whole number of at least 1, not 0"),
    ],
)
def test_bad_input_is_named(change: dict[str, object], text: str) -> None:
    options = {"pairs": [[0, 1]], "length_m": [5.0], "worth_per_m": 1.0} | change
    with pytest.raises(ValueError, match=text):
        allocate_together([1.0, 1.0], [[1.0], [1.0]], [1.0], **options)


def test_shared_metres_ask_for_rows_that_fit() -> None:
    with pytest.raises(ValueError, match=r"area_m2 must have shape \(2, k\), not \(1, 1\)"):
        shared_use_m([[1.0]], [1.0, 1.0], pairs=[], length_m=[])
