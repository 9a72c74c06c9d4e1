"""Worth of capacity, totals and exchanges, against the value function that scipy's LP gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from siteplan.allocation import allocate
from siteplan.allocation.chains import Holding, chains, holding
from siteplan.allocation.worth import (
    capacity_curve,
    exchange_curve,
    forced_loss,
    placing_gains,
    worth,
)
from tests.allocation.lp_oracle import Case, best_value, random_case


def solved(case: Case) -> Holding | None:
    answer = allocate(case.capacity, case.score, case.target, case.upper, case.lower)
    if answer.status == "infeasible":
        return None
    return holding(case.capacity, case.score, answer.area_m2, case.upper, case.lower)


def feasible_cases(seed: int, count: int) -> list[tuple[int, Case, Holding]]:
    """Cases of every kind but the wildly scaled ones, where scipy's LP itself is too coarse."""
    rng = np.random.default_rng(seed)
    cases: list[tuple[int, Case, Holding]] = []
    number = 0
    while len(cases) < count:
        number += 1
        case = random_case(rng, number)
        held = solved(case)
        if held is not None and number % 13 not in (5, 6, 9):
            cases.append((number, case, held))
    return cases


def scale(case: Case) -> float:
    """What scipy's answer is good to."""
    finite = np.abs(np.where(case.score > -np.inf, case.score, 0.0))
    return 1e-6 * float(finite.max()) * float(case.capacity.max()) + 1e-9


# Two parcels, two uses, worked by hand (the one of test_allocate):
#
#            room   research  housing
#   north     60       5         4        research wants 50, housing wants 40
#   south     40       3         1
#
# North holds 40 housing and 20 research, south 30 research; south has 10 empty.
def by_hand() -> Holding:
    found = solved(Case(np.array([60.0, 40]), np.array([[5.0, 4], [3, 1]]), np.array([50.0, 40])))
    assert found is not None
    return found


class TestByHand:
    def test_slopes(self) -> None:
        # One m² more in the north takes one of research from the south (5 - 3); south has room.
        found = worth(by_hand())
        assert found.more == pytest.approx([2, 0])
        assert found.less == pytest.approx([2, 0])
        assert found.total_more == pytest.approx([3, 2])
        assert found.total_less == pytest.approx([3, 2])
        # Housing instead of research: one goes from the south (-3), north swaps (4 - 5 + 3) = -1.
        assert found.exchange == pytest.approx(np.array([[0, -1], [1, 0]]))

    def test_the_curve_of_the_north(self) -> None:
        # 30 m² more empty the south of research (2 each); from then on room is worth nothing.
        up = capacity_curve(by_hand(), 0, 100.0)
        assert up.length_m2 == pytest.approx((30, 70))
        assert up.price == pytest.approx((2, 0))
        # 10 m² less fill the south (2 each); beyond that nothing fits.
        down = capacity_curve(by_hand(), 0, -60.0)
        assert down.length_m2 == pytest.approx((10,))
        assert down.price == pytest.approx((-2,))
        assert down.stopped

    def test_the_moves_are_named(self) -> None:
        (piece,) = capacity_curve(by_hand(), 0, 12.0).steps
        assert [tuple(step) for step, _ in piece] == [(0, 2, 0), (1, 0, 2)]
        assert [m2 for _, m2 in piece] == pytest.approx([12, 12])

    def test_placing(self) -> None:
        # Housing in the south for research: 1 - 3, and north swaps back: 5 - 4. In all -1.
        held = by_hand()
        assert placing_gains(held, 1, found=chains(held)) == pytest.approx([0, -1])
        assert forced_loss(held, row=1, use=1, area_m2=10) == pytest.approx(10)
        assert forced_loss(held, row=1, use=1, area_m2=41) is None


def test_a_corner_has_two_prices() -> None:
    # Full to the last m²: more room on a empties b of it (5 - 3); less room fits nowhere.
    held = solved(Case(np.array([10.0, 10]), np.array([[5.0], [3]]), np.array([20.0])))
    assert held is not None
    found = worth(held)
    assert found.more == pytest.approx([2, 0])
    assert (found.less == np.inf).all()
    assert found.total_more[0] == -np.inf
    assert found.total_less[0] == pytest.approx(3)
    # Exactly full a, empty b: more room on a moves nothing, less room costs 2 a m².
    held = solved(Case(np.array([10.0, 10]), np.array([[5.0], [3]]), np.array([10.0])))
    assert held is not None
    found = worth(held)
    assert found.more == pytest.approx([0, 0])
    assert found.less == pytest.approx([2, 0])
    assert (found.total_more[0], found.total_less[0]) == pytest.approx((3, 5))


def test_capacity_curves_follow_the_lp() -> None:
    rng = np.random.default_rng(7)
    for number, case, held in feasible_cases(1, 250):
        now = best_value(case)
        assert now is not None
        rows = np.flatnonzero(case.capacity > 1e-3)
        if rows.size == 0:
            continue
        row = int(rng.choice(rows))
        slopes = worth(held)
        for sign in (1, -1):
            change = sign * float(rng.random() * case.capacity[row])
            curve = capacity_curve(held, row, change)
            changed = case.capacity.copy()
            changed[row] += sign * curve.change_m2 * (1 - 1e-9)
            value = best_value(replace(case, capacity=changed))
            assert value is not None, number
            assert value - now == pytest.approx(curve.gain, abs=3 * scale(case)), number
            assert all(a >= b for a, b in zip(curve.price, curve.price[1:], strict=False)), number
            if curve.stopped:
                assert sign < 0
                changed[row] -= 1e-3 * case.capacity[row]
                assert changed[row] < 0 or best_value(replace(case, capacity=changed)) is None
            else:
                assert curve.change_m2 == pytest.approx(abs(change))
            if curve.price:
                side = slopes.more if sign > 0 else -slopes.less
                assert curve.price[0] == pytest.approx(side[row], abs=1e-7), number
            else:
                assert slopes.less[row] == np.inf, number


def test_wild_sizes_and_scores_follow_the_allocation() -> None:
    rng = np.random.default_rng(77)
    seen = 0
    for number in range(600):
        case = random_case(rng, number)
        held = solved(case) if number % 13 in (5, 6, 9) else None
        if held is None:
            continue
        row = int(case.capacity.argmax() if number % 2 else rng.integers(case.capacity.size))
        for sign in (1, -1):
            change = sign * 0.5 * float(rng.random() * case.capacity[row])
            curve = capacity_curve(held, row, change)
            changed = case.capacity.copy()
            changed[row] += sign * curve.change_m2 * (1 - 1e-9)
            after = allocate(changed, case.score, case.target, case.upper, case.lower)
            before = allocate(case.capacity, case.score, case.target, case.upper, case.lower)
            size = np.abs(np.where(case.score > -np.inf, case.score, 0)).max()
            noise = 1e-8 * size * case.capacity.max()
            gain = after.objective - before.objective
            assert gain == pytest.approx(curve.gain, abs=noise), number
            seen += 1
    assert seen > 200


def test_totals_and_exchanges_follow_the_lp() -> None:
    rng = np.random.default_rng(8)
    seen = 0
    for number, case, held in feasible_cases(2, 250):
        now, uses = best_value(case), case.target.size
        assert now is not None
        slopes = worth(held)
        step = 1e-3
        use = int(rng.integers(uses))
        for sign, side in ((1, slopes.total_more), (-1, -slopes.total_less)):
            target = case.target.copy()
            target[use] += sign * step
            value = None if target[use] < 0 else best_value(replace(case, target=target))
            if value is None:
                assert side[use] == -np.inf or abs(side[use]) < np.inf
                continue
            # The slope is the steepest gain; concave, so a finite step earns no more.
            assert value - now <= side[use] * step + 3 * scale(case), number
        if uses < 2:
            continue
        gone, come = rng.choice(uses, 2, replace=False).tolist()
        ratios = rng.choice([0.5, 0.8, 1.0], 2)
        curve = exchange_curve(
            held,
            gone=gone,
            come=come,
            change_m2=0.3 * float(case.target[gone]),
            gone_ratio=ratios[0],
            come_ratio=ratios[1],
        )
        target = case.target.copy()
        target[gone] -= ratios[0] * curve.change_m2 * (1 - 1e-9)
        target[come] += ratios[1] * curve.change_m2 * (1 - 1e-9)
        value = best_value(replace(case, target=target))
        if value is None:  # to the last m²: scipy's tolerance may see it as too much
            assert curve.stopped, number
            continue
        seen += 1
        assert value - now == pytest.approx(curve.gain, abs=3 * scale(case)), number
        if curve.price and ratios[0] == ratios[1]:
            assert curve.price[0] == pytest.approx(ratios[0] * slopes.exchange[gone, come])
    assert seen > 150


def test_the_slopes_bracket_the_solvers_own_prices() -> None:
    for number, case, held in feasible_cases(3, 200):
        answer = allocate(case.capacity, case.score, case.target, case.upper, case.lower)
        slopes = worth(held)
        wanted = case.target > 1e-6
        noise = 1e-6 * (1 + np.abs(answer.prices[wanted]))
        assert (slopes.total_more[wanted] <= answer.prices[wanted] + noise).all(), number
        assert (slopes.total_less[wanted] >= answer.prices[wanted] - noise).all(), number


def test_placing_gains_are_the_slope_of_forcing() -> None:
    rng = np.random.default_rng(9)
    compared = 0
    for number, case, held in feasible_cases(4, 200):
        if case.lower is not None:
            continue
        row = int(rng.integers(case.capacity.size))
        gains = placing_gains(held, row, found=chains(held))
        for use in np.flatnonzero(case.score[row] > -np.inf):
            stands = float(held.area[row, use])
            if case.upper is not None and stands >= case.upper[row, use] - 1e-6:
                continue
            step = 1e-4 * float(case.capacity[row])
            if step < 1e-5:
                continue
            loss = forced_loss(held, row=row, use=int(use), area_m2=stands + step)
            if loss is None:
                continue
            compared += 1
            assert loss >= -gains[use] * step - 1e-9 - scale(case), number
            assert gains[use] <= 1e-7, number
    assert compared > 200


def test_the_order_of_rows_does_not_matter() -> None:
    rng = np.random.default_rng(10)
    for number, case, held in feasible_cases(5, 60):
        order = rng.permutation(case.capacity.size)
        turned = Case(
            case.capacity[order],
            case.score[order],
            case.target,
            None if case.upper is None else case.upper[order],
            None if case.lower is None else case.lower[order],
        )
        other = solved(turned)
        assert other is not None
        one, two = worth(held), worth(other)
        np.testing.assert_allclose(one.more[order], two.more, atol=1e-8, err_msg=str(number))
        np.testing.assert_allclose(one.less[order], two.less, atol=1e-8, err_msg=str(number))


@pytest.mark.parametrize(
    ("change", "named"),
    [((2, 1.0), "row"), ((0, -61.0), "change_m2"), ((0, np.nan), "change_m2")],
)
def test_wrong_arguments_are_named(change: tuple[int, float], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        capacity_curve(by_hand(), *change)


def test_an_exchange_needs_two_uses() -> None:
    with pytest.raises(ValueError, match="gone and come"):
        exchange_curve(by_hand(), gone=1, come=1, change_m2=1.0)
