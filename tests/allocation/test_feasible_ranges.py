from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from siteplan.allocation import allocate, feasible_ranges, shortfall, subset_capacity_m2
from tests.allocation.lp_oracle import Case, best_value, random_case, total_ranges


def test_subset_sums_by_hand() -> None:
    # Parcel 0 holds 10, at most 4 of use 0 and 8 of use 1; parcel 1 holds 5, use 1 only.
    sums = subset_capacity_m2([10, 5], [[4, 8], [0, 9]])
    np.testing.assert_array_equal(sums, [0, 4, 8 + 5, 10 + 5])
    np.testing.assert_array_equal(subset_capacity_m2([10, 5], uses=2), [0, 15, 15, 15])


@pytest.mark.parametrize("n", [1, 500, 20_000])
@pytest.mark.parametrize("k", [1, 4, 8])
def test_subset_sums_are_their_definition(n: int, k: int) -> None:
    rng = np.random.default_rng(n + k)
    capacity, upper = rng.random(n), rng.random((n, k)) * (rng.random((n, k)) < 0.6)
    sums = subset_capacity_m2(capacity, upper)
    for mask in rng.integers(0, 1 << k, 12):
        chosen = [use for use in range(k) if mask >> use & 1]
        wanted = np.minimum(capacity, upper[:, chosen].sum(axis=1)).sum()
        assert sums[mask] == pytest.approx(wanted, rel=1e-12)


def test_subset_sums_decide_feasibility_as_an_lp_does() -> None:
    rng = np.random.default_rng(600)
    feasible = 0
    for number in range(600):
        case = random_case(rng, number)
        lower, upper = case.bounds()
        fits = shortfall(case.capacity, case.target, upper, lower) is None
        assert fits == (best_value(case) is not None), number
        feasible += fits
    assert 100 < feasible < 500


def test_ranges_agree_with_an_lp_per_end() -> None:
    rng = np.random.default_rng(9)
    feasible = 0
    for number in range(250):
        n, k = int(rng.integers(1, 6)), int(rng.integers(1, 6))
        capacity = rng.random(n) * 10
        upper = rng.random((n, k)) * 8 * (rng.random((n, k)) < 0.8)
        lower = upper * rng.random((n, k)) * 0.3 * (number % 3 == 0)
        if number % 5 == 0:
            capacity, upper, lower = np.round(capacity), np.round(upper), np.zeros((n, k))
        low = upper.sum(axis=0) * rng.random(k) * 0.5
        high = low + upper.sum(axis=0) * rng.random(k) * 0.7
        weight = rng.choice([1.0, 0.5, 2.0, 1.3], k)
        point = low + (high - low) * rng.random(k)
        total = float(weight @ point) if number % 4 else None
        case = Case(capacity, np.zeros((n, k)), point, upper, lower)
        wanted = total_ranges(case, low, high, weight, total)
        found = feasible_ranges(
            capacity, upper, low, high, lower_m2=lower, weight=weight, total=total
        )
        np.testing.assert_allclose(found, wanted, atol=1e-6, err_msg=str(number))
        feasible += not np.isnan(found).any()
    assert 60 < feasible < 240


def test_every_end_of_a_range_can_be_built() -> None:
    rng = np.random.default_rng(15)
    capacity = rng.lognormal(6, 1, 200)
    upper = capacity[:, None] * (rng.random((200, 3)) < 0.5)
    low, high = np.zeros(3), capacity.sum() * np.array([0.5, 0.9, 0.3])
    ranges = feasible_ranges(capacity, upper, low, high)
    for use, end in product(range(3), range(2)):
        wish = low.copy()
        wish[use] = ranges[use, end]
        assert allocate(capacity, np.ones((200, 3)), wish, upper).status == "optimal"
        wish[use] += 1e-6 * capacity.sum() * end
        beyond = allocate(capacity, np.ones((200, 3)), wish, upper).status == "infeasible"
        assert beyond == (end == 1 and ranges[use, 1] < high[use]) or end == 0


def test_brute_force_over_whole_numbers() -> None:
    # With whole bounds a polymatroid has whole corners, so counting finds the true ends.
    rng = np.random.default_rng(44)
    for _ in range(60):
        capacity, upper = rng.integers(0, 4, 3), rng.integers(0, 4, (3, 2))
        sums = {(0, 0)}
        for room, most in zip(capacity, upper, strict=True):
            cells = [c for c in product(*(range(m + 1) for m in most)) if sum(c) <= room]
            sums = {(a + c, b + d) for a, b in sums for c, d in cells}
        low, high = rng.integers(0, 3, 2), rng.integers(2, 6, 2)
        total = int(rng.integers(1, 7))
        fits = [
            t
            for t in sums
            if sum(t) == total
            and all(lo <= x <= hi for lo, x, hi in zip(low, t, high, strict=True))
        ]
        found = feasible_ranges(capacity, upper, low, high, total=total)
        if not fits:
            assert np.isnan(found).all()
            continue
        ends = np.array(fits)
        np.testing.assert_allclose(found, np.stack([ends.min(axis=0), ends.max(axis=0)], axis=1))


def test_a_total_of_all_room_leaves_uses_free() -> None:
    """5.1 + 8.6 + 2.2 is 15.899999999999999 or 15.9, by the order of adding up."""
    ranges = feasible_ranges([5.1, 8.6, 2.2], None, [0, 0], [9e9, 9e9], total=15.9)
    assert ranges == pytest.approx(np.array([[0, 15.9], [0, 15.9]]))


def test_infinite_highs_stop_at_capacity() -> None:
    ranges = feasible_ranges([10, 5], None, [2, 0], [np.inf, np.inf])
    np.testing.assert_allclose(ranges, [[2, 15], [0, 13]])


@pytest.mark.parametrize(
    ("name", "more"),
    [
        (r"weight\[1\] must be positive, not 0.0", {"weight": [1, 0]}),
        ("total must be a number of 0 or more, not nan", {"total": np.nan}),
        ("total must be a number of 0 or more, not -1", {"total": -1}),
        ("lower_m2 must have shape", {"lower_m2": [1]}),
    ],
)
def test_bad_arguments_are_named(name: str, more: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=name):
        feasible_ranges([1, 2], None, [0, 0], [1, 1], **more)


def test_limits_of_a_total_the_wrong_way_round_are_named() -> None:
    words = r"low_total_m2\[0\] = 2.0 must not exceed high_total_m2\[0\] = 1.0"
    with pytest.raises(ValueError, match=words):
        feasible_ranges([1, 2], None, [2, 0], [1, 1])


def test_subset_capacity_needs_a_number_of_uses() -> None:
    with pytest.raises(ValueError, match="uses"):
        subset_capacity_m2([1, 2])
