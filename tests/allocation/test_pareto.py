from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from scipy.optimize import linprog

from siteplan.allocation import allocate
from siteplan.allocation.pareto import ParetoFront, pareto_front, pareto_point
from tests.allocation.lp_oracle import Case, best_value, random_case, rows_and_columns
from tests.allocation.test_allocate import city


def front_of(case: Case, second: np.ndarray, *, points: int = 21) -> ParetoFront:
    return pareto_front(
        case.capacity,
        case.score,
        second,
        case.target,
        upper_m2=case.upper,
        lower_m2=case.lower,
        points=points,
    )


def most_second(case: Case, second: np.ndarray, floor: float) -> float | None:
    """Most of the second criterion with at least `floor` of the first, by scipy."""
    lower, upper = case.bounds()
    unit = float(case.capacity.max())
    first = np.where(case.score > -np.inf, case.score, 0.0)
    shift = first.mean(axis=0)  # exact totals make it a constant; large scores keep their digits
    first, floor = first - shift, floor - float(shift @ case.target)
    size, width = float(np.abs(second).max()), max(float(np.abs(first).max()), 1e-300)
    rows, columns = rows_and_columns(*case.score.shape)
    found = linprog(
        -second.ravel() / size,
        A_ub=np.vstack([rows, -first.ravel()[None] / width]),
        b_ub=np.append(case.capacity, -floor / width) / unit,
        A_eq=columns,
        b_eq=case.target / unit,
        bounds=np.stack([lower.ravel(), upper.ravel()], axis=1) / unit,
    )
    return -found.fun * size * unit if found.status == 0 else None


def assert_plan(case: Case, area: np.ndarray) -> None:
    lower, upper = case.bounds()
    np.testing.assert_allclose(area.sum(axis=0), case.target, rtol=1e-9, atol=1e-9 * area.sum())
    assert (area.sum(axis=1) <= case.capacity * (1 + 1e-12)).all()
    assert (area <= upper * (1 + 1e-12) + 1e-15 * case.capacity[:, None]).all()
    assert (area >= lower * (1 - 1e-12)).all()


# One use, 10 m² wanted, three parcels of 10 m²: (first, second) per m² is (0, 4), (3, 3), (4, 0).
#
#   second  40 *
#           30       *          The middle parcel lies above the line from end to end, so it is a
#                               corner. Halfway in the first criterion, at 20, the front lies on
#            0          *       the segment from (0, 40) to (30, 30): 40 - 20/3.
#              0    30  40 first
def test_three_parcels_by_hand() -> None:
    front = pareto_front([10, 10, 10], [[0], [3], [4]], [[4], [3], [0]], [10], points=3)
    assert [point.first for point in front.points] == pytest.approx([0, 20, 40], abs=1e-9)
    assert [point.second for point in front.points] == pytest.approx([40, 100 / 3, 0], abs=1e-9)
    assert front.points[1].slope == pytest.approx(1 / 3)
    np.testing.assert_allclose(front.points[1].area_m2.ravel(), [10 / 3, 20 / 3, 0])
    assert (front.first_bound, front.second_bound) == pytest.approx((40, 40))


def test_agrees_with_scipy_on_every_nasty_kind() -> None:
    rng = np.random.default_rng(909)
    seen = {"optimal": 0, "feasible": 0, "infeasible": 0}
    for number in range(150):
        case = random_case(rng, number)
        second = rng.normal(size=case.score.shape)
        if number % 13 in (1, 2):
            second = np.round(second)
        front = front_of(case, second, points=5)
        seen[front.status] += 1
        assert (best_value(case) is None) == (front.status == "infeasible"), number
        if front.status == "infeasible":
            assert front.shortfall is not None
            assert front.points == ()
            continue
        assert front.gap <= 1e-9, number
        noise = 2e-6 * np.abs(second).max() * case.capacity.max() + 1e-12
        for point in front.points[:-1]:  # the far end is vertical within scipy's noise
            assert_plan(case, point.area_m2)
            wanted = most_second(case, second, point.first)
            if wanted is not None and point.slope < 1e2 * np.abs(second).max():
                wide = noise * (1 + point.slope)
                assert point.second == pytest.approx(wanted, abs=wide), number
    assert seen["optimal"] > 80
    assert seen["feasible"] == 0


@pytest.mark.parametrize("kind", ["plain", "forbidden", "ties", "tight", "capped", "locked"])
def test_every_point_is_on_the_front(kind: str) -> None:
    case = city(300, seed=11)
    rng = np.random.default_rng(12)
    score, target, upper, lower = case.score, case.target, None, None
    second = rng.random(score.shape)
    if kind == "forbidden":
        score = np.where(rng.random(score.shape) < 0.2, -np.inf, score)
    if kind == "ties":
        score, second = np.round(score * 4) / 4, np.round(second * 4) / 4
    if kind == "tight":
        target = target / target.sum() * case.capacity.sum()
    if kind == "capped":
        upper = case.capacity[:, None] * [0.5, 0.6, 0.4, 0.3]
    if kind == "locked":
        lower = np.zeros_like(score)
        lower[:20, 1] = 0.3 * case.capacity[:20]
    case = Case(case.capacity, score, target, upper, lower)
    front = front_of(case, second)
    assert front.status == "optimal"
    assert len(front.points) == 21
    first = np.array([point.first for point in front.points])
    np.testing.assert_allclose(np.diff(first), (first[-1] - first[0]) / 20, rtol=1e-6)
    values = np.array([point.second for point in front.points])
    assert (np.diff(values) < 0).all()
    assert (np.diff(values, 2) <= 1e-9 * values[0]).all()  # concave
    slopes = [point.slope for point in front.points]
    assert (np.diff(slopes) >= -1e-9).all()
    for point in front.points:
        assert_plan(case, point.area_m2)
        assert point.second <= point.second_bound
        assert point.gap <= 1e-9
    for point in front.points[5:16:5]:
        assert point.second == pytest.approx(most_second(case, second, point.first), rel=1e-6)


def test_one_point_by_hand() -> None:
    # Of the front above: at 20 of the first, and where more is asked for than there is.
    three = ([10, 10, 10], [[0], [3], [4]], [[4], [3], [0]], [10])
    there = pareto_point(*three, least_first=20)
    assert there is not None
    assert (there.first, there.second) == pytest.approx((20, 100 / 3))
    last = pareto_point(*three, least_first=50)
    assert last is not None
    assert (last.first, last.second) == pytest.approx((40, 0), abs=1e-9)
    assert pareto_point([5], [[1]], [[1]], [10], least_first=0) is None


def test_one_point_lies_on_the_front_and_is_proven() -> None:
    rng = np.random.default_rng(77)
    seen = 0
    for number in range(60):
        case = random_case(rng, number)
        second = rng.normal(size=case.score.shape)
        front = front_of(case, second, points=3)
        if front.status == "infeasible" or len(front.points) < 3:
            continue
        begin, end = front.points[0].first, front.points[-1].first
        wanted = begin + 0.3 * (end - begin)
        there = pareto_point(
            case.capacity,
            case.score,
            second,
            case.target,
            least_first=wanted,
            upper_m2=case.upper,
            lower_m2=case.lower,
        )
        assert there is not None
        assert_plan(case, there.area_m2)
        assert there.gap <= 1e-8, number
        oracle = most_second(case, second, wanted)
        noise = 2e-6 * np.abs(second).max() * case.capacity.max() + 1e-12
        if oracle is not None and there.slope < 1e2 * np.abs(second).max():
            assert there.second == pytest.approx(oracle, abs=noise * (1 + there.slope)), number
            seen += 1
    assert seen > 20


def test_the_ends_are_the_best_plans_by_each_criterion() -> None:
    case = city(200, seed=4)
    second = np.random.default_rng(5).random(case.score.shape)
    front = front_of(case, second, points=2)
    best_first = allocate(case.capacity, case.score, case.target).objective
    best_second = allocate(case.capacity, second, case.target).objective
    assert front.points[-1].first == pytest.approx(best_first, rel=1e-4)
    assert front.points[0].second == pytest.approx(best_second, rel=1e-6)
    assert front.first_bound == pytest.approx(best_first, rel=1e-9)
    assert front.second_bound == pytest.approx(best_second, rel=1e-9)


def test_criteria_that_agree_leave_one_point() -> None:
    case = city(80, seed=2)
    front = front_of(case, 3.0 * case.score)
    assert len(front.points) == 1
    best = allocate(case.capacity, case.score, case.target).objective
    assert front.points[0].first == pytest.approx(best, rel=1e-9)


def test_few_parcels_are_split_at_any_point() -> None:
    case = city(500, seed=9)
    front = front_of(case, np.random.default_rng(1).random(case.score.shape))
    for point in front.points:
        part = (point.area_m2 > 1e-6) & (point.area_m2 < case.capacity[:, None] * (1 - 1e-9))
        assert part.any(axis=1).sum() <= 5  # a corner of four totals and one floor


def test_the_order_of_parcels_changes_nothing() -> None:
    case = city(120, seed=7)
    rng = np.random.default_rng(3)
    second, order = rng.random(case.score.shape), rng.permutation(120)
    here = front_of(case, second, points=6)
    there = front_of(
        Case(case.capacity[order], case.score[order], case.target), second[order], points=6
    )
    for one, other in zip(here.points, there.points, strict=True):
        assert one.second == pytest.approx(other.second, rel=1e-12)
        np.testing.assert_allclose(one.area_m2[order], other.area_m2, rtol=1e-6, atol=1e-3)


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("points", {"points": 1}),
        ("second", {"second": np.ones((2, 2))}),
        ("second", {"second": [[np.nan], [1]]}),
        ("first", {"first": [[np.inf], [1]]}),
        ("target_m2", {"target_m2": [-1]}),
    ],
)
def test_bad_arguments_are_named(name: str, changed: dict[str, object]) -> None:
    good: dict[str, object] = {
        "capacity_m2": [5, 5],
        "first": [[1], [2]],
        "second": [[2], [1]],
        "target_m2": [5],
    }
    with pytest.raises(ValueError, match=name):
        pareto_front(**(good | changed))


def test_points_cannot_be_changed() -> None:
    front = pareto_front([10, 10], [[0], [1]], [[1], [0]], [10], points=3)
    with pytest.raises(ValueError, match="read-only"):
        front.points[0].area_m2[0, 0] = 1.0
    with pytest.raises(FrozenInstanceError):
        front.points = ()  # type: ignore[misc]
