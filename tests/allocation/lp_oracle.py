"""The same problems handed to scipy's LP, written as plainly as possible."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog


@dataclass(frozen=True)
class Case:
    capacity: np.ndarray
    score: np.ndarray
    target: np.ndarray
    upper: np.ndarray | None = None
    lower: np.ndarray | None = None

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        whole = np.repeat(self.capacity[:, None], self.score.shape[1], axis=1)
        upper = np.where(self.score > -np.inf, whole if self.upper is None else self.upper, 0.0)
        return (np.zeros_like(upper) if self.lower is None else self.lower), upper


def rows_and_columns(n: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    return np.kron(np.eye(n), np.ones(k)), np.tile(np.eye(k), n)


def best_value(case: Case) -> float | None:
    """Best objective, or None where infeasible; areas in units of the largest capacity."""
    lower, upper = case.bounds()
    if (lower > upper).any():
        return None
    unit = max(float(case.capacity.max()), 1e-300)
    worth = np.where(case.score > -np.inf, case.score, 0.0)
    size = max(float(np.abs(worth).max()), 1e-300)
    rows, columns = rows_and_columns(*case.score.shape)
    found = linprog(
        -worth.ravel() / size,
        A_ub=rows,
        b_ub=case.capacity / unit,
        A_eq=columns,
        b_eq=case.target / unit,
        bounds=np.stack([lower.ravel(), upper.ravel()], axis=1) / unit,
    )
    return -found.fun * size * unit if found.status == 0 else None


def total_ranges(
    case: Case, low: np.ndarray, high: np.ndarray, weight: np.ndarray, total: float | None
) -> np.ndarray:
    """Least and most of each total, one LP each."""
    lower, upper = case.bounds()
    n, k = case.score.shape
    rows, columns = rows_and_columns(n, k)
    ranges = np.full((k, 2), np.nan)
    for use in range(k):
        for side, sign in enumerate((1.0, -1.0)):
            found = linprog(
                sign * columns[use],
                A_ub=np.vstack([rows, columns, -columns]),
                b_ub=np.concatenate([case.capacity, high, -low]),
                A_eq=None if total is None else (weight @ columns)[None],
                b_eq=None if total is None else [total],
                bounds=np.stack([lower.ravel(), upper.ravel()], axis=1),
            )
            if found.status != 0:
                return np.full((k, 2), np.nan)
            ranges[use, side] = sign * found.fun
    return ranges


def random_case(  # noqa: C901, PLR0912 - a list of kinds, one branch each
    rng: np.random.Generator, number: int
) -> Case:
    """Small cases of every nasty kind, by number."""
    n, k = int(rng.integers(1, 8)), int(rng.integers(1, 9 if number % 7 == 0 else 6))
    capacity, score = rng.random(n) * 10, rng.normal(size=(n, k))
    kind = number % 13
    if kind == 1:  # ties
        score = np.round(score)
    if kind == 2:  # ties and demand equal to capacity
        capacity, score = np.rint(capacity), np.round(2 * score)
    if kind == 3:  # nothing to choose
        score[:] = 1.0
    if kind == 4:  # parcels of no use
        capacity[rng.random(n) < 0.4] = 0.0
    if kind == 5:  # wild sizes
        capacity = 10 ** rng.uniform(-3, 7, n)
    if kind == 6:  # wild scores
        score *= 10 ** rng.uniform(-3, 7)
    if kind == 9:  # large scores with small differences
        score += 1e5
    if kind == 10:  # quarters: parcels alike but for a little
        score = score[rng.integers(0, (n + 1) // 2, n)] + rng.normal(0, 1e-3, (n, k))
    if kind == 11:  # copies of one another
        capacity, score = np.full(n, capacity[0]), np.repeat(score[:1], n, axis=0)
    if kind == 12:  # every use has its own measure of worth
        score *= 10 ** rng.uniform(-4, 4, k)
    if number % 3 == 0:
        score[rng.random((n, k)) < 0.25] = -np.inf
    if number % 30 == 0:  # a use allowed nowhere
        score[:, 0] = -np.inf
    upper = lower = None
    if number % 4 in (1, 2):
        upper = capacity[:, None] * rng.random((n, k)) * 1.2
    if number % 4 == 2:
        lower = upper * rng.random((n, k)) * 0.3
        lower[score == -np.inf] = 0.0
    share = rng.random(k)
    target = share / share.sum() * capacity.sum() * (1.0 if kind == 7 else rng.random())
    if kind == 8:
        target[rng.integers(k)] = 0.0
    if kind == 2:
        target = np.zeros(k)
        for area in capacity:
            target[rng.integers(k)] += area
    if lower is not None and kind != 2:
        target = 0.5 * target + lower.sum(axis=0)
    return Case(capacity, score, target, upper, lower)
