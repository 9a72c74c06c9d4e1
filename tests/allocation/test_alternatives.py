from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog

from siteplan.allocation import allocate
from siteplan.allocation.floored import best_above, near_above, worth_of
from siteplan.allocation.problem import checked
from siteplan.allocation.variety import Alternatives, alternatives
from tests.allocation.lp_oracle import Case, random_case, rows_and_columns
from tests.allocation.test_allocate import city


def found_for(case: Case, **more: object) -> Alternatives:
    return alternatives(
        case.capacity,
        case.score,
        case.target,
        upper_m2=case.upper,
        lower_m2=case.lower,
        **more,
    )


def assert_plans(case: Case, answer: Alternatives, within: float) -> None:
    lower, upper = case.bounds()
    best = answer.best.bound
    worth = np.abs(np.where(answer.best.area_m2 > 0, case.score, 0)) * answer.best.area_m2
    noise = 1e-9 * worth.sum()
    for plan in answer.plans:
        area = plan.area_m2
        value = float((np.where(area > 0, case.score, 0) * area).sum())
        assert value == pytest.approx(plan.objective, abs=noise)
        assert value >= best - within * abs(best) - noise
        np.testing.assert_allclose(area.sum(axis=0), case.target, rtol=1e-9, atol=1e-9 * area.sum())
        assert (area.sum(axis=1) <= case.capacity * (1 + 1e-12)).all()
        assert (area <= upper * (1 + 1e-12) + 1e-15 * case.capacity[:, None]).all()
        assert (area >= lower * (1 - 1e-12)).all()


def furthest(case: Case, present: np.ndarray, floor: float) -> float:
    """Largest true difference from `present`: one LP for each set of cells that may gain.

    ``sum (x - y)+`` is the largest over all sets S of ``sum_S (x - y)``.
    """
    lower, upper = case.bounds()
    n, k = case.score.shape
    score = np.where(case.score > -np.inf, case.score, 0.0)
    rows, columns = rows_and_columns(n, k)
    most = 0.0
    for cells in product((0.0, 1.0), repeat=n * k):
        found = linprog(
            -np.array(cells),
            A_ub=np.vstack([rows, -score.ravel()[None]]),
            b_ub=np.append(case.capacity, -floor),
            A_eq=columns,
            b_eq=case.target,
            bounds=np.stack([lower.ravel(), upper.ravel()], axis=1),
        )
        assert found.status == 0
        most = max(most, -found.fun - float(np.array(cells) @ present.ravel()))
    return most / float(case.target.sum())


# Two parcels of 10 m², 10 m² of each use. Research and housing may change places at a loss of
# 0.1 per m² on each side: of 40, a fifth of a swap loses 0.2 * 10 * 0.2 = 0.4, one per cent.
def test_two_parcels_by_hand() -> None:
    score = [[2.0, 1.9], [1.9, 2.0]]
    answer = alternatives([10, 10], score, [10, 10], count=1, within_ratio=0.01)
    assert answer.best.objective == pytest.approx(40)
    np.testing.assert_allclose(answer.plans[0].area_m2, [[8, 2], [2, 8]], atol=1e-6)
    assert answer.plans[0].objective_ratio == pytest.approx(0.99, abs=1e-9)
    assert answer.plans[0].objective_ratio >= 0.99
    assert answer.least_ratio == pytest.approx(0.2, abs=1e-6)
    assert answer.bound_ratio == pytest.approx(0.2, abs=1e-6)


def test_against_the_largest_true_difference() -> None:
    rng = np.random.default_rng(77)
    parts = []
    for _ in range(12):
        capacity, score = rng.uniform(5, 20, 3), rng.uniform(0.5, 1, (3, 2))
        target = np.array([0.4, 0.35]) * capacity.sum()
        case = Case(capacity, score, target)
        answer = found_for(case, count=1, within_ratio=0.05)
        most = furthest(case, answer.best.area_m2, answer.floor)
        assert answer.least_ratio <= most + 1e-7
        assert most <= answer.bound_ratio + 1e-7
        parts.append(answer.least_ratio / most)
    assert np.median(parts) > 0.999
    assert min(parts) > 0.7


def test_every_nasty_kind_keeps_its_totals_and_its_floor() -> None:
    rng = np.random.default_rng(404)
    seen = {"feasible": 0, "infeasible": 0}
    for number in range(60):
        case = random_case(rng, number)
        answer = found_for(case, count=2, within_ratio=0.02)
        seen[answer.status] += 1
        known = allocate(case.capacity, case.score, case.target, case.upper, case.lower)
        assert (known.status == "infeasible") == (answer.status == "infeasible")
        if answer.status == "infeasible":
            assert answer.plans == ()
            assert answer.shortfall is not None
            continue
        assert len(answer.plans) == 2
        assert_plans(case, answer, 0.02)
        assert answer.difference_ratio[0].max() <= answer.bound_ratio + 1e-6
    assert min(seen.values()) > 10


@pytest.mark.parametrize("kind", ["plain", "capped", "locked"])
def test_three_plans_differ_from_the_present_one_and_from_each_other(kind: str) -> None:
    case = city(150, seed=20)
    upper = case.capacity[:, None] * [0.7, 0.8, 0.6, 0.5] if kind == "capped" else None
    lower = None
    if kind == "locked":
        lower = np.zeros_like(case.score)
        lower[:10, 1] = 0.3 * case.capacity[:10]
    case = Case(case.capacity, case.score, case.target, upper, lower)
    answer = found_for(case)
    assert_plans(case, answer, 0.02)
    apart = answer.difference_ratio
    assert apart.shape == (4, 4)
    assert np.array_equal(apart, apart.T)
    plans = [answer.best.area_m2, *(plan.area_m2 for plan in answer.plans)]
    for i, one in enumerate(plans):
        for j, other in enumerate(plans):
            half = 0.5 * np.abs(one - other).sum() / case.target.sum()
            assert apart[i, j] == pytest.approx(half, abs=1e-9)
    assert 0.1 < answer.least_ratio <= answer.bound_ratio
    assert [plan.nearest_ratio for plan in answer.plans] == pytest.approx(
        [np.delete(row, place).min() for place, row in enumerate(apart)][1:]
    )


@pytest.mark.parametrize("size", [100, 400])
def test_plans_split_few_parcels(size: int) -> None:
    # A corner of the plans above the floor has at most one split parcel for each total and floor;
    # plans mixed from two others would split dozens.
    case = city(size, seed=size)
    for plan in found_for(case).plans:
        split = (plan.area_m2 > 1e-6 * case.capacity[:, None]).sum(axis=1) > 1
        assert split.sum() <= case.target.size + 1


@pytest.mark.parametrize("kind", ["plain", "capped", "locked"])
def test_a_step_of_the_search_is_nearly_as_good_as_an_exact_one(kind: str) -> None:
    case = city(200, seed=5)
    upper = lower = None
    if kind == "capped":
        upper = case.capacity[:, None] * [0.7, 0.8, 0.6, 0.5]
    if kind == "locked":
        lower = np.zeros_like(case.score)
        lower[:10, 1] = 0.3 * case.capacity[:10]
    case = Case(case.capacity, case.score, case.target, upper, lower)
    problem = checked(case.capacity, case.score, case.upper, case.lower)
    best = allocate(case.capacity, case.score, case.target, case.upper, case.lower)
    value = -(best.area_m2 > 0.0).T.astype(float)
    least, most = case.bounds()
    start = None
    for part in (0.99, 0.97, 0.995):
        floor, total = part * best.objective, float(case.target.sum())
        exact = best_above(problem, value, target=case.target, floor=floor)
        area, start = near_above(
            problem, value, target=case.target, floor=floor, enough=1e-3 * total, start=start
        )
        earned = worth_of(value, area)
        assert earned <= exact.bound + 1e-9 * total
        assert earned >= exact.bound - 1e-3 * total
        assert worth_of(problem.score, area) >= floor * (1 - 1e-12)
        np.testing.assert_allclose(area.sum(axis=1), case.target, rtol=1e-9)
        assert (area.sum(axis=0) <= case.capacity * (1 + 1e-12)).all()
        assert (most * (1 + 1e-12) >= area.T).all()
        assert (least * (1 - 1e-12) <= area.T).all()


def test_a_wider_tolerance_lets_plans_differ_more() -> None:
    case = city(100, seed=8)
    found = [found_for(case, count=1, within_ratio=part) for part in (0.0, 0.005, 0.02, 0.1)]
    least = [answer.least_ratio for answer in found]
    assert least == sorted(least)
    assert least[0] < 1e-6
    assert [answer.bound_ratio for answer in found] == sorted(a.bound_ratio for a in found)


def test_the_present_plan_may_be_any() -> None:
    case = city(60, seed=1)
    present = allocate(case.capacity, case.score[:, ::-1], case.target * 0.9).area_m2
    answer = found_for(case, present_m2=present, count=2)
    for place, plan in enumerate(answer.plans, start=1):
        placed = np.maximum(plan.area_m2 - present, 0).sum() / case.target.sum()
        assert answer.difference_ratio[0, place] == pytest.approx(placed)


def test_the_order_of_parcels_changes_nothing() -> None:
    case = city(60, seed=13)
    order = np.random.default_rng(2).permutation(60)
    here = found_for(case, count=2)
    there = found_for(Case(case.capacity[order], case.score[order], case.target), count=2)
    np.testing.assert_allclose(here.difference_ratio, there.difference_ratio, atol=1e-6)
    for one, other in zip(here.plans, there.plans, strict=True):
        np.testing.assert_allclose(one.area_m2[order], other.area_m2, rtol=1e-6, atol=1e-3)


def test_answers_cannot_be_changed() -> None:
    answer = alternatives([10, 10], [[1.0, 0.9], [0.9, 1.0]], [5, 5], count=1)
    with pytest.raises(ValueError, match="read-only"):
        answer.plans[0].area_m2[0, 0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        answer.difference_ratio[0, 0] = 1.0


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("count", {"count": 0}),
        ("within_ratio", {"within_ratio": -0.1}),
        ("within_ratio", {"within_ratio": float("nan")}),
        ("present_m2", {"present_m2": [[1.0]]}),
        ("present_m2", {"present_m2": [[np.inf], [0.0]]}),
    ],
)
def test_bad_arguments_are_named(name: str, changed: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=name):
        alternatives([5, 5], [[1.0], [2.0]], [5], **changed)
