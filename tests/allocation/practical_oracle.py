"""Practical plans by means that share nothing with ours: one MILP of scipy, and plain counting."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import lil_matrix


@dataclass(frozen=True)
class Plot:
    """One problem, and the rules as `allocate_practical` takes them."""

    capacity: np.ndarray
    score: np.ndarray
    target: np.ndarray
    upper: np.ndarray | None = None
    lower: np.ndarray | None = None
    rules: dict[str, Any] = field(default_factory=dict)

    def limits(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Least and most where a use stands, forced, locked, floors; shape (n, k)."""
        n, k = self.score.shape
        whole = np.repeat(self.capacity[:, None], k, axis=1)
        upper = whole if self.upper is None else np.minimum(self.upper, whole)
        upper = np.where(self.score > -np.inf, upper, 0.0)
        lower = np.zeros((n, k)) if self.lower is None else self.lower
        locked = (lower > 0) & (upper <= lower)
        block = np.broadcast_to(np.asarray(self.rules.get("min_block_m2", 0.0), float), (k,))
        share = np.broadcast_to(np.asarray(self.rules.get("max_share", 1.0), float), (k,))
        most = np.where(locked, lower, np.minimum(upper, share * self.capacity[:, None]))
        least = np.where(locked, lower, np.maximum(lower, block))
        step = self.rules.get("step_m2")
        floors = np.zeros((n, k))
        if step is not None:
            step = np.asarray(step, float)
            floors = np.broadcast_to(step[:, None] if step.ndim == 1 else step, (n, k)).copy()
        floors[locked] = 0.0
        return least, most, lower > 0, locked, floors


def best_plan(plot: Plot) -> float | None:
    """Best value by one MILP, areas in units of the largest capacity; None where infeasible."""
    n, k = plot.score.shape
    least, most, forced, _, floors = plot.limits()
    unit = max(float(plot.capacity.max(initial=0.0)), 1e-9)
    cells = n * k
    x, y, z, q, r = (np.arange(cells) + part * cells for part in range(5))
    able = (most > 0) & (most >= least * (1 - 1e-12))
    if (forced & ~able).any():
        return None
    highs = np.concatenate(
        [np.where(able, most, 0).ravel() / unit, able.ravel(), np.zeros(3 * cells)]
    )
    lows = np.zeros(5 * cells)
    lows[y] = forced.ravel()
    step = floors.ravel() / unit
    with_floors = step > 0
    highs[z[with_floors]] = np.floor(most.ravel()[with_floors] / unit / step[with_floors] + 1e-9)
    highs[q[with_floors]] = 1
    highs[r[with_floors]] = step[with_floors]
    rows: list[tuple[dict[int, float], float, float]] = []
    for i in range(n):
        rows.append(({x[i * k + u]: 1.0 for u in range(k)}, -np.inf, plot.capacity[i] / unit))
        rows.append(({y[i * k + u]: 1.0 for u in range(k)}, -np.inf, plot.rules.get("max_uses", 2)))
    for u in range(k):
        rows.append(
            ({x[i * k + u]: 1.0 for i in range(n)}, plot.target[u] / unit, plot.target[u] / unit)
        )
        rows.append(({q[i * k + u]: 1.0 for i in range(n)}, -np.inf, 1.0))
    for c in range(cells):
        rows.append(({x[c]: 1.0, y[c]: -highs[x[c]]}, -np.inf, 0.0))
        rows.append(({x[c]: 1.0, y[c]: -least.ravel()[c] / unit}, 0.0, np.inf))
        if with_floors[c]:
            rows.append(({x[c]: 1.0, z[c]: -step[c], r[c]: -1.0}, 0.0, 0.0))
            rows.append(({r[c]: 1.0, q[c]: -step[c]}, -np.inf, 0.0))
    matrix = lil_matrix((len(rows), 5 * cells))
    for number, (entries, _, _) in enumerate(rows):
        for column, value in entries.items():
            matrix[number, column] = value
    worth = np.where(plot.score > -np.inf, plot.score, 0.0).ravel()
    size = max(float(np.abs(worth).max(initial=0.0)), 1e-300)
    cost = np.concatenate([-worth / size, np.zeros(4 * cells)])
    found = milp(
        cost,
        constraints=LinearConstraint(
            matrix.tocsc(), [low for _, low, _ in rows], [high for _, _, high in rows]
        ),
        bounds=Bounds(lows, highs),
        integrality=np.concatenate([np.zeros(cells), np.ones(3 * cells), np.zeros(cells)]),
        options={"mip_rel_gap": 0.0, "time_limit": 60.0},
    )
    assert found.status in {0, 2}, found.message
    return None if found.status == 2 else -float(found.fun) * size * unit


def counted_plan(plot: Plot) -> float | None:
    """Best value by trying every set of uses on every parcel, one LP each; without floors."""
    n, k = plot.score.shape
    least, most, forced, _, _ = plot.limits()
    worth = np.where(plot.score > -np.inf, plot.score, 0.0)
    best: float | None = None
    for chosen in product((False, True), repeat=n * k):
        on = np.array(chosen).reshape(n, k)
        if (on.sum(axis=1) > plot.rules.get("max_uses", 2)).any() or (forced & ~on).any():
            continue
        low, high = np.where(on, least, 0.0), np.where(on, most, 0.0)
        if (low > high).any():
            continue
        found = linprog(
            -worth.ravel(),
            A_ub=np.kron(np.eye(n), np.ones(k)),
            b_ub=plot.capacity,
            A_eq=np.tile(np.eye(k), n),
            b_eq=plot.target,
            bounds=np.stack([low.ravel(), high.ravel()], axis=1),
        )
        if found.status == 0 and (best is None or -found.fun > best):
            best = -float(found.fun)
    return best


def random_plot(  # noqa: C901, PLR0912 - a list of kinds, one branch each
    rng: np.random.Generator, number: int
) -> Plot:
    """Small problems of every nasty kind, by number."""
    n, k = int(rng.integers(1, 8)), int(rng.integers(1, 5))
    kind = number % 8
    capacity, score = rng.uniform(1.0, 10.0, n), rng.normal(size=(n, k))
    if kind == 1:  # ties
        capacity, score = np.rint(capacity), np.round(score)
    if kind == 2:  # nothing to choose
        score[:] = 1.0
    if kind == 3:  # parcels of no use
        capacity[rng.random(n) < 0.4] = 0.0
    if kind == 4:  # large scores with small differences
        score += 1e4
    if kind == 5:  # uneven sizes
        capacity = 10 ** rng.uniform(-1, 3, n)
    if number % 3 == 0:
        score[rng.random((n, k)) < 0.25] = -np.inf
    rules: dict[str, Any] = {"max_uses": int(rng.integers(1, 4))}
    middle = float(np.median(capacity))
    if number % 2:
        rules["min_block_m2"] = rng.choice([0.0, 0.2, 0.6], size=k) * middle
    if number % 5 in (1, 2):
        rules["max_share"] = rng.choice([0.5, 0.7, 1.0], size=k)
    if number % 4 in (2, 3):
        rules["step_m2"] = capacity / rng.integers(1, 6, n) * rng.choice([1.0, 0.9], size=n)
        if number % 12 == 2:
            rules["step_m2"] = rules["step_m2"][:, None] * rng.uniform(0.7, 1.0, k)
    upper = lower = None
    if number % 7 in (1, 2):
        upper = capacity[:, None] * rng.uniform(0.3, 1.2, (n, k))
    if number % 7 == 2:
        lower = np.where(rng.random((n, k)) < 0.15, 0.4 * np.minimum(upper, 0.4 * middle), 0.0)
        lower[score == -np.inf] = 0.0
        fixed = (rng.random((n, k)) < 0.5) & (lower > 0)
        upper = np.where(fixed, lower, upper)
    share = rng.random(k)
    part = (0.9 if "step_m2" in rules else 1.0) if kind == 6 else rng.uniform(0.2, 0.8)
    target = share / share.sum() * capacity.sum() * part
    if kind == 7:
        target[rng.integers(k)] = 0.0
    if lower is not None:
        target = 0.5 * target + lower.sum(axis=0)
    return Plot(capacity, score, target, upper, lower, rules)
