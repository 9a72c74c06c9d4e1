"""The best plan by one worth among those that keep enough of another.

Maximise ``sum v y`` under the totals and bounds of `allocate` and ``sum s y >= G``: the
epsilon-constraint method for two criteria (Haimes, Lasdon and Wismer 1971), as one linear
programme. A price m on the floor turns it into `allocate` with scores ``v + m s``; the price that
meets the floor is approached by chords between plans on its two sides (Aneja and Nair 1979), and
`siteplan.allocation.coupled` finds the exact one, so the floor holds to the last digit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siteplan.allocation.arrays import FloatArray
from siteplan.allocation.coupled import FEW_ROWS, Coupled, solve_coupled
from siteplan.allocation.feasibility import without_lower
from siteplan.allocation.problem import Problem
from siteplan.allocation.segments import Segments
from siteplan.allocation.solve import Allocation, allocate

CHORDS = 4
"""Chords tried before the exact search."""


@dataclass(frozen=True, eq=False)
class Start:
    """Prices near those of an answer.

    Attributes
    ----------
    prices : numpy.ndarray, shape (k,)
        Prices of the totals.
    floor_price : float
        Price of the floor.
    """

    prices: FloatArray
    floor_price: float


def worth_of(score: FloatArray, area: FloatArray) -> float:
    """Sum of score times area, with nothing for cells that hold nothing.

    Parameters
    ----------
    score, area : numpy.ndarray, shape (k, n)
        Worth of one m², -inf where not allowed; area.

    Returns
    -------
    float
    """
    return float((np.where(area > 0.0, score, 0.0) * area).sum(axis=1).sum())


def allocate_by(problem: Problem, value: FloatArray, *, target: FloatArray) -> Allocation:
    """Allocate by other scores under the bounds of a problem.

    Parameters
    ----------
    problem : Problem
        Capacity and bounds; its score says what is allowed.
    value : numpy.ndarray, shape (k, n)
        Scores.
    target : numpy.ndarray, shape (k,)
        Totals.

    Returns
    -------
    Allocation
    """
    allowed = np.where(problem.score > -np.inf, value, -np.inf)
    upper = None if problem.upper is None else problem.upper.T
    lower = None if problem.lower is None else problem.lower.T
    return allocate(problem.capacity, allowed.T, target, upper, lower)


def best_above(
    problem: Problem,
    value: FloatArray,
    *,
    target: FloatArray,
    floor: float,
    start: Start | None = None,
) -> Coupled:
    """Maximise ``sum value * area`` where ``sum problem.score * area`` is at least `floor`.

    Parameters
    ----------
    problem : Problem
        A feasible problem; its score is the worth that the floor holds.
    value : numpy.ndarray, shape (k, n)
        Worth to maximise, finite.
    target : numpy.ndarray, shape (k,)
        Totals.
    floor : float
        Least worth; some plan must reach it.
    start : Start, optional
        Prices of a similar problem.

    Returns
    -------
    Coupled
        With lower bounds back in.
    """
    uses = target.size
    allowed = problem.score > -np.inf
    if start is None and problem.capacity.size <= FEW_ROWS:
        start = Start(np.zeros(uses), 0.0)
    elif start is None:
        start = _chords(problem, value, target=target, floor=floor)
    free, room, base = without_lower(problem.capacity, problem.upper, problem.lower, uses=uses)
    room = np.broadcast_to(free, value.shape) if room is None else np.minimum(room, free)
    fixed_value = fixed_worth = 0.0
    if problem.lower is not None:
        fixed_value = worth_of(value, problem.lower)
        fixed_worth = worth_of(problem.score, problem.lower)
    found = solve_coupled(
        Segments(
            free,
            np.where(allowed, value, -np.inf),
            np.where(allowed, room, 0.0),
            np.arange(uses),
            np.maximum(target - base, 0.0),
            np.where(allowed, problem.score, 0.0),
            floor - fixed_worth,
        ),
        prices=start.prices,
        floor_price=start.floor_price,
    )
    if found is None:
        raise RuntimeError("the LP solver failed on a feasible allocation")
    area = found.area if problem.lower is None else found.area + problem.lower
    return Coupled(area, found.prices, found.floor_price, found.bound + fixed_value)


def _chords(problem: Problem, value: FloatArray, *, target: FloatArray, floor: float) -> Start:
    """Come near the price of the floor, from plans below and above it."""
    worth = np.where(problem.score > -np.inf, problem.score, 0.0)

    def at(scores: FloatArray) -> tuple[float, float, FloatArray]:
        found = allocate_by(problem, scores, target=target)
        area = found.area_m2.T
        return worth_of(value, area), worth_of(worth, area), found.prices

    low_value, low_worth, prices = at(value)
    if low_worth >= floor:
        return Start(prices, 0.0)
    high_value, high_worth, _ = at(worth)
    price = 0.0
    for _ in range(CHORDS):
        if high_worth <= low_worth:
            break
        price = max(low_value - high_value, 0.0) / (high_worth - low_worth)
        new_value, new_worth, prices = at(value + price * worth)
        gain = new_value - low_value + price * (new_worth - low_worth)
        if gain <= 1e-9 * (abs(low_value) + price * abs(low_worth)):
            break
        if new_worth >= floor:
            high_value, high_worth = new_value, new_worth
        else:
            low_value, low_worth = new_value, new_worth
    return Start(prices, price)
