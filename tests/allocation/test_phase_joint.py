"""Allocation and schedule at once: against the same LP written plainly for scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from siteplan.allocation import phase_joint
from siteplan.allocation.phase_joint import schedule_jointly
from siteplan.allocation.phases import schedule
from siteplan.allocation.solve import allocate


class Case:
    def __init__(self, number: int) -> None:
        rng = np.random.default_rng(number)
        n, k, years = int(rng.integers(1, 8)), int(rng.integers(1, 5)), int(rng.integers(1, 5))
        self.capacity, self.score = rng.random(n) * 10, rng.normal(size=(n, k))
        if number % 4 == 0:
            self.score[rng.random((n, k)) < 0.25] = -np.inf
        if number % 5 == 0:
            self.score = np.round(self.score)
        self.upper = self.lower = None
        if number % 3 == 0:
            self.upper = self.capacity[:, None] * rng.random((n, k)) * 1.3
        if number % 6 == 0:
            self.lower = np.minimum(self.upper, self.capacity[:, None]) * rng.random((n, k)) * 0.2
            self.lower[self.score == -np.inf] = 0.0
        total = self.capacity.sum() * rng.uniform(0.2, 0.7)
        self.target = rng.dirichlet(np.ones(k)) * total
        if self.lower is not None:
            self.target = np.maximum(self.target, self.lower.sum(axis=0))
        self.ready = rng.integers(0, years, n)
        self.ceiling = rng.uniform(0.5, 2.5, years) * self.target.sum() / years
        self.ceiling[-1] *= 2
        steps = np.sort(rng.random((years, k)), axis=0) * rng.random(k) * (number % 2)
        self.minimum = steps * self.target * 0.8
        self.weight = np.ones(k) if number % 7 else rng.random(k) + 0.5

    def arguments(self) -> tuple[np.ndarray | None, ...]:
        return self.capacity, self.score, self.target, self.upper, self.lower

    def years(self) -> dict[str, object]:
        return {
            "ready_year": self.ready,
            "ceiling_m2": self.ceiling,
            "minimum_by_year_m2": self.minimum,
            "discount_ratio": 0.1,
            "ceiling_weight": self.weight,
        }


def _best(case: Case) -> float | None:
    (n, k), years = case.score.shape, len(case.ceiling)
    discount = 1.1 ** -np.arange(years)
    allowed = case.score > -np.inf
    score = np.where(allowed, case.score, 0.0)
    value = score - min(score.min(), 0.0)
    cost, limits, most, whole = [], [], [], []
    cells = [(i, use, t) for i in range(n) for use in range(k) for t in range(years)]
    for i, use, t in cells:
        cost.append(-discount[t] * value[i, use])
        rows = np.zeros(n + years + years * k + 2 * n * k)
        rows[i], rows[n + t] = 1, case.weight[use]
        rows[n + years : n + years + years * k].reshape(years, k)[t:, use] = -1
        rows[n + years + years * k + i * k + use] = 1
        rows[n + years + years * k + n * k + i * k + use] = -1
        limits.append(rows)
        most.append((0, None if allowed[i, use] and t >= case.ready[i] else 0))
        whole.append(np.eye(k)[use])
    upper = np.full((n, k), 1e3) if case.upper is None else case.upper
    lower = np.zeros((n, k)) if case.lower is None else case.lower
    found = linprog(
        cost,
        A_ub=np.array(limits).T,
        b_ub=np.concatenate(
            [case.capacity, case.ceiling, -case.minimum.ravel(), upper.ravel(), -lower.ravel()]
        ),
        A_eq=np.array(whole).T,
        b_eq=case.target,
        bounds=most,
    )
    return -found.fun if found.status == 0 else None


@pytest.mark.parametrize(("number", "sifted"), [(n, n % 2 == n // 2 % 2) for n in range(480)])
def test_random_cases_agree_with_a_plain_lp(
    number: int,
    sifted: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if sifted:
        monkeypatch.setattr(phase_joint, "SIFTED_CELLS", 0)
        monkeypatch.setattr(phase_joint, "SAMPLE_PARCELS", 3)
    case = Case(number)
    found, best = schedule_jointly(*case.arguments(), **case.years()), _best(case)
    if best is None:
        assert found.status == "infeasible"
        assert found.shortfall is not None
        assert found.shortfall.short_m2 > 0
        assert found.shortfall.uses
        return
    assert (found.status, found.method) == ("optimal", "joint")
    assert found.objective == pytest.approx(best, rel=1e-7, abs=1e-7)
    area = found.area_by_year_m2
    assert area.sum(axis=(0, 1)) == pytest.approx(case.target, abs=1e-7)
    assert (area.sum(axis=(0, 2)) <= case.capacity + 1e-7).all()
    assert (area.sum(axis=1) @ case.weight <= case.ceiling + 1e-7).all()
    assert (np.cumsum(area.sum(axis=1), axis=0) >= case.minimum - 1e-7).all()
    assert (found.year >= case.ready[found.parcel]).all()


def test_many_parcels_are_sifted_to_the_same_value(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    capacity, score = rng.lognormal(7, 0.8, 400), rng.random((400, 4))
    target = np.array([0.45, 0.25, 0.2, 0.1]) * capacity.sum() * 0.6
    years = {
        "ready_year": rng.integers(0, 3, 400),
        "ceiling_m2": np.full(6, target.sum() / 5),
        "minimum_by_year_m2": np.outer([0, 0.2, 0.5, 0.7, 0.9, 1.0], target * [0.9, 0.2, 1, 0.5]),
    }
    sifted = schedule_jointly(capacity, score, target, **years)
    monkeypatch.setattr(phase_joint, "_sifted", lambda *_: None)
    whole = schedule_jointly(capacity, score, target, **years)
    assert (sifted.status, whole.status) == ("optimal", "optimal")
    assert sifted.objective == pytest.approx(whole.objective, rel=2e-9)


def test_without_years_to_choose_it_is_the_plain_allocation() -> None:
    rng = np.random.default_rng(0)
    capacity, score = rng.random(30), rng.random((30, 3))
    target = np.array([3.0, 2.0, 4.0])
    found = schedule_jointly(capacity, score, target, ready_year=np.zeros(30), ceiling_m2=[np.inf])
    assert found.objective == pytest.approx(allocate(capacity, score, target).objective)


def test_it_keeps_a_date_that_the_best_plan_cannot() -> None:
    # Housing scores best on lot 1, ready in year 1; a date asks for 40 m2 of it in year 0.
    capacity, score, target = [100.0, 100.0], [[1.0, 0.6], [0.9, 1.0]], [50.0, 60.0]
    years = {
        "ready_year": [0, 1],
        "ceiling_m2": [100.0, 100.0],
        "minimum_by_year_m2": [[0.0, 40.0], [0.0, 60.0]],
    }
    plan = allocate(capacity, score, target)
    fixed = schedule(plan.area_m2, **years)
    assert (fixed.status, fixed.shortfall is None) == ("infeasible", False)
    found = schedule_jointly(capacity, score, target, **years)
    assert found.status == "optimal"
    assert found.built_by_m2(0) == pytest.approx(np.array([[50.0, 40.0], [0.0, 0.0]]))
    assert found.built_by_m2(1) == pytest.approx(np.array([[50.0, 40.0], [0.0, 20.0]]))


@pytest.mark.parametrize("number", [1, 7, 13, 25])
def test_the_order_of_rows_does_not_matter(number: int) -> None:
    case = Case(number)
    one = schedule_jointly(*case.arguments(), **case.years())
    order = np.random.default_rng(number).permutation(len(case.capacity))
    options = case.years() | {"ready_year": case.ready[order]}
    two = schedule_jointly(case.capacity[order], case.score[order], case.target, **options)
    assert np.array_equal(two.area_by_year_m2, one.area_by_year_m2[:, order])


def test_nothing_wanted_is_nothing_built() -> None:
    found = schedule_jointly([5.0], [[1.0]], [0.0], ready_year=[0], ceiling_m2=[1.0, 1.0])
    assert (found.status, found.objective, found.amount_m2.size) == ("optimal", 0.0, 0)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"ready_year": [[0]]}, r"ready_year must have shape \(1,\), not \(1, 1\)"),
        ({"ready_year": [-1]}, "ready_year must be finite and not negative: -1.0 at index 0"),
        ({"ceiling_m2": [-1]}, r"ceiling_m2\[0\] must be a number that is not negative, not -1"),
        ({"discount_ratio": np.nan}, "discount_ratio must be a number of 0 or more, not nan"),
        ({"minimum_by_year_m2": [[1], [1]]}, "minimum_by_year_m2 must have shape"),
        ({"ceiling_weight": [0]}, r"ceiling_weight\[0\] must be positive"),
    ],
)
def test_bad_input_is_named(change: dict[str, object], text: str) -> None:
    years = {"ready_year": [0], "ceiling_m2": [1.0]} | change
    with pytest.raises(ValueError, match=text):
        schedule_jointly([5.0], [[1.0]], [1.0], **years)
