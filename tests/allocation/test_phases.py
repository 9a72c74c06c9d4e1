"""Phases: against the same LP written plainly for scipy, every choice of years, cases by hand."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog

from siteplan.allocation import phase_parcels
from siteplan.allocation.phase_answer import Schedule
from siteplan.allocation.phases import schedule


class Case:
    """A random problem; kinds by number, so that every way to solve it and to fail is met."""

    def __init__(self, number: int, *, largest: int = 9) -> None:
        rng = np.random.default_rng(number)
        n, k, years = int(rng.integers(1, largest)), int(rng.integers(1, 5)), rng.integers(2, 7)
        used = rng.random((n, k)) < 0.7
        self.area = np.where(used, rng.integers(0, 20, (n, k)), 0).astype(float)
        if number % 3 == 0:
            self.area *= rng.random()
        self.ready = rng.integers(0, max(years - 2, 1) + (number % 7 == 0), (n, k))
        self.ceiling = np.floor(rng.random(years) * self.area.sum() / years * 5) + 1
        if number % 5 == 0:
            self.ceiling[rng.integers(years)] = np.inf
        self.minimum = np.zeros((years, k))
        if number % 4:
            step = rng.random((years, k)) * (rng.random((years, k)) < 0.5)
            self.minimum = np.cumsum(step, axis=0) * self.area.sum(axis=0) / years * rng.random()
            self.minimum[:, 1:] *= 0.3
        self.priority = rng.random((n, k)) if number % 2 else np.rint(rng.random((n, k)) * 3)
        if number % 4 != 3:  # what must be early is worth little: the dates then matter
            self.priority[:, 0] *= 0.05
        self.weight = np.ones(k) if number % 6 else rng.random(k) + 0.5
        self.discount = 0.3 if number % 2 else 0.01

    def solved(self, **options: bool) -> Schedule:
        return schedule(
            self.area,
            ready_year=self.ready,
            ceiling_m2=self.ceiling,
            minimum_by_year_m2=self.minimum,
            priority=self.priority,
            discount_ratio=self.discount,
            ceiling_weight=None if options.get("whole_m2") else self.weight,
            **options,
        )


def _best(case: Case) -> float | None:
    (n, k), years = case.area.shape, len(case.ceiling)
    blocks = [(i, use) for i in range(n) for use in range(k) if case.area[i, use] > 0]
    columns = [(b, t) for b in blocks for t in range(years) if t >= case.ready[b]]
    if {b for b, _ in columns} != set(blocks):
        return None
    if not blocks:
        return 0.0 if (case.minimum <= 0).all() else None
    discount = (1 + case.discount) ** -np.arange(years)
    whole = np.zeros((len(blocks), len(columns)))
    limits = np.zeros((years + years * k, len(columns)))
    for c, ((i, use), t) in enumerate(columns):
        whole[blocks.index((i, use)), c] = 1
        limits[t, c] = case.weight[use]
        for later in range(t, years):
            limits[years + later * k + use, c] = -1
    found = linprog(
        [-discount[t] * case.priority[b] for b, t in columns],
        A_ub=limits,
        b_ub=np.concatenate([np.minimum(case.ceiling, 1e6), -case.minimum.ravel()]),
        A_eq=whole,
        b_eq=[case.area[b] for b in blocks],
    )
    return -found.fun if found.status == 0 else None


def _check(case: Case, found: Schedule) -> None:
    """Every limit of a schedule."""
    area = found.area_by_year_m2
    assert area.shape == found.shape == (len(case.ceiling), *case.area.shape)
    assert (found.amount_m2 > 0).all()
    assert area.sum(axis=0) == pytest.approx(case.area, abs=1e-7)
    assert area.sum(axis=1) == pytest.approx(found.total_by_year_m2)
    assert (found.year >= case.ready[found.parcel, found.use]).all()
    assert (area.sum(axis=1) @ case.weight <= case.ceiling + 1e-6).all()
    assert (np.cumsum(found.total_by_year_m2, axis=0) >= case.minimum - 1e-6).all()
    assert found.built_by_m2(len(case.ceiling) - 1) == pytest.approx(case.area, abs=1e-7)
    discount = (1 + case.discount) ** -np.arange(len(case.ceiling))
    worth = np.einsum("t,ik,tik", discount, case.priority, area)
    assert found.objective == pytest.approx(worth, abs=1e-9)


@pytest.mark.parametrize("number", range(400))
def test_random_cases_agree_with_a_plain_lp(number: int) -> None:
    case = Case(number)
    found, best = case.solved(), _best(case)
    if best is None:
        assert found.status == "infeasible"
        assert found.shortfall is not None
        assert found.shortfall.short_m2 > 0
        return
    assert found.status == "optimal"
    assert found.objective == pytest.approx(best, rel=1e-7, abs=1e-7)
    _check(case, found)


def test_the_random_cases_meet_every_way() -> None:
    ways = {(found.status, found.method) for found in (Case(n).solved() for n in range(400))}
    assert ways == {("optimal", "greedy"), ("optimal", "lp"), ("infeasible", "none")}


@pytest.mark.parametrize("number", range(0, 400, 3))
def test_the_first_date_that_fails_and_its_lack_agree_with_the_lp(number: int) -> None:
    case = Case(number)
    found = case.solved()
    if found.shortfall is None or not found.shortfall.completion:
        case.ready = np.zeros_like(case.ready)
        case.minimum *= 3.0
        found = case.solved()
    short = found.shortfall
    if short is None:
        assert found.status == "optimal"
        return
    totals = case.area.sum(axis=0)
    earlier = np.minimum(case.minimum, totals)
    earlier[short.year :] = earlier[max(short.year - 1, 0)] if short.year else 0.0
    room = case.ceiling.copy()
    room[short.year + 1 :] = 1e6  # only what must be there by that year is asked for
    before = _best(_with(case, earlier, room))
    if not short.completion:
        assert before is not None
    # With so much more room in that year (or later starts brought forward) the date can be kept.
    if short.reason == "ceiling":
        wanted = np.maximum.accumulate(case.minimum, axis=0)
        wanted[short.year + 1 :] = wanted[short.year]
        for share, fits in ((0.999, False), (1.001, True)):
            more = room.copy()
            more[short.year] += share * short.short_m2
            got = _best(_with(case, np.zeros_like(wanted) if short.completion else wanted, more))
            if not short.completion or fits:
                assert (got is not None) == fits


def _with(case: Case, minimum: np.ndarray, ceiling: np.ndarray) -> Case:
    other = Case.__new__(Case)
    other.__dict__.update(case.__dict__)
    other.minimum, other.ceiling = minimum, ceiling
    return other


@pytest.mark.parametrize("number", range(1, 400, 2))
def test_whole_square_metres_keep_every_total_exactly(number: int) -> None:
    case = Case(number, largest=30)
    case.area, case.weight = np.rint(case.area), np.ones_like(case.weight)
    case.ceiling = np.floor(case.ceiling)
    found = case.solved(whole_m2=True)
    if found.status == "infeasible":
        assert found.shortfall is not None
        return
    assert (found.amount_m2 == np.rint(found.amount_m2)).all()
    assert np.array_equal(found.area_by_year_m2.sum(axis=0), case.area)
    assert np.array_equal(found.total_by_year_m2, found.area_by_year_m2.sum(axis=1))
    assert (found.total_by_year_m2.sum(axis=1) <= case.ceiling).all()
    assert (np.cumsum(found.total_by_year_m2, axis=0) >= case.minimum).all()
    assert (found.year >= case.ready[found.parcel, found.use]).all()
    split = case.solved()
    assert found.objective <= split.bound * (1 + 1e-9)
    assert found.bound >= found.objective


@pytest.mark.parametrize("whole_parcels", [False, True])
@pytest.mark.parametrize("number", range(0, 300, 3))
def test_whole_square_metres_keep_budgets_to_the_won(
    number: int,
    whole_parcels: bool,  # noqa: FBT001
) -> None:
    """Prices and budgets are whole won, so what is built may not exceed a budget by one."""
    case = Case(number, largest=30)
    rng = np.random.default_rng(number)
    case.area = np.rint(case.area) * 100
    case.weight = rng.integers(2_000, 4_000, case.area.shape[1]).astype(float) * 1_000
    case.ceiling = np.floor(case.ceiling * 130 * case.weight.mean())
    case.minimum = np.ceil(case.minimum * 80)
    found = schedule(
        case.area, ready_year=case.ready, ceiling_m2=case.ceiling,
        minimum_by_year_m2=case.minimum, priority=case.priority, ceiling_weight=case.weight,
        discount_ratio=case.discount, whole_m2=True, whole_parcels=whole_parcels,
    )  # fmt: skip
    if found.status in ("infeasible", "unknown"):
        loose = schedule(
            case.area, ready_year=case.ready, ceiling_m2=case.ceiling,
            minimum_by_year_m2=case.minimum, ceiling_weight=case.weight,
        )  # fmt: skip
        # m² may be split: only what is built at once can fail where that works.
        assert loose.status == "infeasible" or whole_parcels
        return
    area = found.area_by_year_m2
    assert (area == np.rint(area)).all()
    assert np.array_equal(area.sum(axis=0), case.area)
    spent = [
        sum(int(m2) * int(price) for m2, price in zip(row, case.weight, strict=True))
        for row in area.sum(axis=1).tolist()
    ]
    assert all(won <= budget for won, budget in zip(spent, case.ceiling.tolist(), strict=True))
    assert (np.cumsum(area.sum(axis=1), axis=0) >= case.minimum).all()
    assert (found.year >= case.ready[found.parcel, found.use]).all()
    few_m2 = 2.0 * found.total_by_year_m2.size
    assert found.bound - found.objective <= few_m2 * case.priority.max() or whole_parcels
    if whole_parcels:
        assert (np.bincount(found.parcel, minlength=1) <= case.area.shape[1]).all()
        years = [set(found.year[found.parcel == row].tolist()) for row in range(len(case.area))]
        assert max(map(len, years), default=0) <= 1


def test_a_budget_that_only_whole_metres_fill_is_filled() -> None:
    """Each year's budget pays for 10 m² of the first use to the won; nothing is left over."""
    found = schedule(
        [[25.0, 0.0], [15.0, 0.0]], ready_year=[0, 0], ceiling_m2=[31_600_000.0] * 4,
        ceiling_weight=[3_160_000.0, 2_220_000.0], priority=[1.0, 0.5], whole_m2=True,
    )  # fmt: skip
    assert found.total_by_year_m2[:, 0].tolist() == [10, 10, 10, 10]
    assert found.area_by_year_m2[:, 0, 0].tolist() == [10, 10, 5, 0]


def test_a_won_less_and_nothing_fits() -> None:
    """One won less in one year leaves 9 m² there; what is missing has no other year."""
    found = schedule(
        [[25.0, 0.0], [15.0, 0.0]], ready_year=[0, 0],
        ceiling_m2=[31_600_000.0, 31_599_999.0, 31_600_000.0, 31_600_000.0],
        ceiling_weight=[3_160_000.0, 2_220_000.0], whole_m2=True,
    )  # fmt: skip
    assert found.status in ("infeasible", "unknown")
    assert found.amount_m2.size == 0


def test_a_parcel_that_costs_a_won_more_than_the_budget_waits_for_a_year_that_pays_it() -> None:
    found = schedule(
        [[100_000.0], [100_000.0]], ready_year=[0, 0],
        ceiling_m2=[315_999_999_999.0, 316_000_000_000.0, 316_000_000_000.0],
        ceiling_weight=[3_160_000.0], whole_m2=True, whole_parcels=True,
    )  # fmt: skip
    assert found.total_by_year_m2[:, 0].tolist() == [0, 100_000, 100_000]


def _best_at_once(case: Case) -> float | None:
    """Try every year for every parcel."""
    n, years = case.area.shape[0], len(case.ceiling)
    discount = (1 + case.discount) ** -np.arange(years)
    best = None
    for year in product(range(years), repeat=n):
        built = np.zeros((years, *case.area.shape))
        built[np.array(year), np.arange(n)] = case.area
        late = (case.area > 0) & (np.array(year)[:, None] < case.ready)
        total = built.sum(axis=1)
        if late.any() or (total @ case.weight > case.ceiling + 1e-6).any():
            continue
        if (np.cumsum(total, axis=0) < case.minimum - 1e-6).any():
            continue
        worth = float(np.einsum("t,ik,tik", discount, case.priority, built))
        best = worth if best is None else max(best, worth)
    return best


@pytest.mark.parametrize("number", range(200))
def test_parcels_built_at_once_agree_with_every_choice_of_years(number: int) -> None:
    case = Case(number, largest=5)
    found, best = case.solved(whole_parcels=True), _best_at_once(case)
    if best is None:
        assert found.status == "infeasible"
        return
    assert found.objective == pytest.approx(best, rel=2e-6, abs=1e-9)
    assert found.bound >= best - 1e-9
    _check(case, found)
    for parcel in np.unique(found.parcel):
        assert np.unique(found.year[found.parcel == parcel]).size == 1


def test_many_parcels_built_at_once_have_a_stated_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phase_parcels, "SEARCHED_CELLS", 0)
    rng = np.random.default_rng(0)
    area = rng.lognormal(0, 0.5, (300, 2))
    found = schedule(
        area,
        ready_year=rng.integers(0, 3, 300),
        ceiling_m2=np.full(6, area.sum() / 5),
        priority=rng.random(300),
        whole_parcels=True,
    )
    assert (found.status, found.method) == ("feasible", "parcels")
    assert 0.0 < found.gap < 0.01
    assert (found.total_by_year_m2.sum(axis=1) <= area.sum() / 5).all()


def test_a_schedule_close_to_its_bound_is_not_searched_for_better(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def searched(*_: object, **__: object) -> None:
        pytest.fail("the integer programme was asked")

    monkeypatch.setattr(phase_parcels, "_searched", searched)
    rng = np.random.default_rng(3)
    area = 1.0 + 0.01 * rng.random((2_000, 1))  # the last lot of a year leaves little room
    found = schedule(
        area,
        ready_year=np.zeros(2_000, dtype=int),
        ceiling_m2=np.full(8, area.sum() / 7.9),
        priority=rng.random((2_000, 1)),
        whole_parcels=True,
    )
    assert found.status == "feasible"
    assert 0.0 < found.gap <= phase_parcels.CLOSE_GAP


def test_two_lots_two_years_by_hand() -> None:
    # 60 m2 a year: the urgent lot first, then the other; 20 of its m2 wait for the second year.
    found = schedule(
        [[40.0], [40.0]], ready_year=[0, 0], ceiling_m2=[60, 60], priority=[1.0, 2.0],
        discount_ratio=0.25,
    )  # fmt: skip
    assert found.area_by_year_m2[:, :, 0].tolist() == [[20.0, 40.0], [20.0, 0.0]]
    assert found.objective == found.bound == pytest.approx(2 * 40 + 20 + 20 / 1.25)
    assert (found.status, found.gap, found.method) == ("optimal", 0.0, "greedy")
    assert found.built_by_m2(0)[:, 0].tolist() == [20.0, 40.0]


def test_a_date_moves_a_use_forward() -> None:
    found = schedule(
        [[50.0, 0.0], [0.0, 50.0]],
        ready_year=[0, 0],
        ceiling_m2=[50, 50],
        minimum_by_year_m2=[[0, 30], [0, 50]],
        priority=[1.0, 0.5],
    )
    assert found.total_by_year_m2 == pytest.approx(np.array([[20.0, 30.0], [30.0, 20.0]]))
    assert (found.status, found.method) == ("optimal", "lp")


def test_a_budget_is_a_ceiling_with_weights() -> None:
    # Housing costs 3 a m2, parks 1: with 120 a year, 40 m2 of housing, or 120 of park.
    found = schedule(
        [[60.0, 60.0]], ready_year=[0], ceiling_m2=[120.0, 120.0], priority=[[6.0, 1.0]],
        ceiling_weight=[3.0, 1.0],
    )  # fmt: skip
    assert found.total_by_year_m2 == pytest.approx(np.array([[40.0, 0.0], [20.0, 60.0]]))


def test_lots_of_like_priority_are_finished_before_others_begin() -> None:
    found = schedule(np.full((5, 2), 30.0), ready_year=np.zeros(5), ceiling_m2=np.full(6, 50.0))
    for parcel in range(5):
        years = np.unique(found.year[found.parcel == parcel])
        assert years.size <= 3
        assert (np.diff(years) == 1).all()


def test_what_is_not_ready_is_named() -> None:
    found = schedule(
        [[10.0, 0.0], [0.0, 20.0]],
        ready_year=[0, 2],
        ceiling_m2=[100, 100, 100],
        minimum_by_year_m2=[[0, 0], [0, 5], [0, 5]],
    )
    short = found.shortfall
    assert short is not None
    assert (found.status, short.year, short.uses, short.reason) == ("infeasible", 1, (1,), "ready")
    assert (short.short_m2, short.parcels.tolist(), short.completion) == (5.0, [1], False)
    assert found.amount_m2.size == 0
    assert np.isnan(found.objective)


def test_a_ceiling_that_is_too_low_is_named_with_its_years() -> None:
    found = schedule(
        [[10.0], [50.0]],
        ready_year=[0, 1],
        ceiling_m2=[100, 20, 25, 100],
        minimum_by_year_m2=[[0], [0], [60], [60]],
    )
    short = found.shortfall
    assert short is not None
    assert (short.year, short.since, short.uses, short.reason) == (2, 1, (0,), "ceiling")
    assert (short.demand_m2, short.ceiling_m2, short.short_m2) == (50.0, 45.0, 5.0)
    assert short.parcels.tolist() == [1]


def test_a_plan_that_cannot_be_finished_says_so() -> None:
    found = schedule([[100.0]], ready_year=[0], ceiling_m2=[30, 30])
    assert found.shortfall is not None
    assert (found.shortfall.completion, found.shortfall.short_m2) == (True, 40.0)
    never = schedule([[100.0]], ready_year=[9], ceiling_m2=[30, 300])
    assert never.shortfall is not None
    assert (never.shortfall.completion, never.shortfall.reason) == (True, "ready")


def test_a_parcel_too_large_for_any_year_is_named() -> None:
    found = schedule(
        [[10.0], [50.0]], ready_year=[0, 1], ceiling_m2=[60, 40, 40], whole_parcels=True
    )
    assert found.shortfall is not None
    assert (found.status, found.shortfall.reason) == ("infeasible", "parcel")
    assert (found.shortfall.parcels.tolist(), found.shortfall.short_m2) == ([1], 10.0)


@pytest.mark.parametrize("whole_parcels", [False, True])
def test_nothing_to_build_and_no_parcels(whole_parcels: bool) -> None:  # noqa: FBT001
    for area in (np.zeros((3, 2)), np.zeros((0, 2))):
        found = schedule(
            area, ready_year=np.zeros(len(area)), ceiling_m2=[0, 0], whole_parcels=whole_parcels
        )
        assert (found.status, found.objective, found.gap) == ("optimal", 0.0, 0.0)
        assert found.area_by_year_m2.shape == (2, len(area), 2)


@pytest.mark.parametrize("options", [{}, {"whole_m2": True}, {"whole_parcels": True}])
@pytest.mark.parametrize("number", [1, 2, 5, 9, 13, 21])
def test_the_order_of_rows_does_not_matter(number: int, options: dict[str, bool]) -> None:
    case = Case(number)
    case.area = np.rint(case.area)
    one = case.solved(**options)
    order = np.random.default_rng(number).permutation(len(case.area))
    turned = _with(case, case.minimum, case.ceiling)
    turned.area, turned.ready = case.area[order], case.ready[order]
    turned.priority = case.priority[order]
    two = turned.solved(**options)
    assert two.status == one.status
    assert np.array_equal(two.area_by_year_m2, one.area_by_year_m2[:, order])
    assert np.array_equal(two.total_by_year_m2, one.total_by_year_m2)
    assert not one.total_by_year_m2.flags.writeable


def test_sizes_may_be_wild() -> None:
    rng = np.random.default_rng(3)
    area = 10 ** rng.uniform(-3, 7, (30, 3))
    found = schedule(
        area, ready_year=rng.integers(0, 3, 30), ceiling_m2=np.full(5, area.sum() / 3),
        minimum_by_year_m2=np.outer([0, 0, 0.3, 0.9, 1.0], area.sum(axis=0)),
        priority=10 ** rng.uniform(-3, 7, (30, 3)), discount_ratio=0.05,
    )  # fmt: skip
    assert found.status == "optimal"
    assert found.area_by_year_m2.sum(axis=0) == pytest.approx(area, rel=1e-9, abs=1e-5)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"area_m2": [1.0]}, r"area_m2 must have 2 dimensions, not shape \(1,\)"),
        ({"area_m2": [["a"]]}, "area_m2 must hold numbers"),
        ({"area_m2": [[np.nan], [1]]}, r"area_m2 must be .* negative: nan at index \(0, 0\)"),
        ({"area_m2": [[1], [-2]]}, r"area_m2 must be .* negative: -2.0 at index \(1, 0\)"),
        ({"area_m2": np.ones((2, 9))}, "area_m2 must have 1 to 8 uses, not 9"),
        ({"ready_year": [0]}, r"ready_year must have shape \(2,\) or \(2, 1\), not \(1,\)"),
        ({"ready_year": [0, 0.5]}, r"ready_year must hold whole numbers: \[0.5\] at index 1"),
        ({"ready_year": [0, -1]}, "ready_year must be finite and not negative: -1.0 at index 1"),
        ({"ceiling_m2": []}, "ceiling_m2 must have at least one year"),
        ({"ceiling_m2": [np.nan]}, r"ceiling_m2\[0\] must be a number .*, not nan"),
        ({"minimum_by_year_m2": [[1, 2]]}, r"minimum_by_year_m2 must have shape \(2, 1\)"),
        ({"minimum_by_year_m2": [[np.inf], [1]]}, r"minimum_by_year_m2 .* inf at index \(0, 0\)"),
        ({"priority": [1, -1]}, "priority must be finite and not negative: -1.0 at index 1"),
        ({"discount_ratio": -0.1}, "discount_ratio must be a number of 0 or more, not -0.1"),
        ({"ceiling_weight": [0.0]}, r"ceiling_weight\[0\] must be positive, not 0.0"),
        ({"area_m2": [[1], [1.5]], "whole_m2": True}, r"area_m2 must be whole .* 1.5 at index"),
    ],
)
def test_bad_input_is_named(change: dict[str, object], text: str) -> None:
    given = {"area_m2": [[1.0], [1.0]], "ready_year": [0, 0], "ceiling_m2": [5.0, 5.0]} | change
    with pytest.raises(ValueError, match=text):
        schedule(given.pop("area_m2"), **given)
