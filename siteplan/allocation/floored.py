"""The best plan by one worth among those that keep enough of another.

Maximise ``sum v y`` under the totals and bounds of `allocate` and ``sum s y >= G``: the
epsilon-constraint method for two criteria (Haimes, Lasdon and Wismer 1971), as one linear
programme. A price m on the floor turns it into `allocate` with scores ``v + m s``; the price that
meets the floor is approached by chords between plans on its two sides (Aneja and Nair 1979), and
`siteplan.allocation.coupled` finds the exact one, so the floor holds to the last digit.
"""

from __future__ import annotations

import math
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

NEAR_CHORDS = 10
"""Chords tried where no exact search follows; four or five usually do."""

APART = (1.25, 2.5)
"""Factors between the price of a similar problem and the next ones that are tried."""


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


def allocate_by(
    problem: Problem, value: FloatArray, *, target: FloatArray, prices: FloatArray | None = None
) -> Allocation:
    """Allocate by other scores under the bounds of a problem.

    Parameters
    ----------
    problem : Problem
        Capacity and bounds; its score says what is allowed.
    value : numpy.ndarray, shape (k, n)
        Scores.
    target : numpy.ndarray, shape (k,)
        Totals.
    prices : numpy.ndarray, shape (k,), optional
        Prices of a similar problem.

    Returns
    -------
    Allocation
    """
    allowed = np.where(problem.score > -np.inf, value, -np.inf)
    upper = None if problem.upper is None else problem.upper.T
    lower = None if problem.lower is None else problem.lower.T
    return allocate(problem.capacity, allowed.T, target, upper, lower, prices=prices)


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


@dataclass(frozen=True, eq=False)
class _Side:
    """The best plan at one price of the floor."""

    value: float
    worth: float
    price: float  # infinite where only the worth counts
    area: FloatArray  # (k, n)
    prices: FloatArray


class _Chords:
    """Plans below and above the floor, brought nearer by chords between them."""

    def __init__(
        self,
        problem: Problem,
        value: FloatArray,
        *,
        target: FloatArray,
        floor: float,
        start: Start | None = None,
    ) -> None:
        self.problem, self.value, self.target, self.floor = problem, value, target, floor
        self.worth = np.where(problem.score > -np.inf, problem.score, 0.0)
        self.start = start  # prices of the latest answer
        self.low: _Side | None = None
        self.high: _Side | None = None

    def at(self, price: float, prices: FloatArray | None = None) -> _Side:
        """Solve at one price of the floor, from prices of the totals where some are known."""
        only = price == math.inf
        scores = self.worth if only else self.value + price * self.worth
        found = allocate_by(self.problem, scores, target=self.target, prices=prices)
        if not only:
            self.start = Start(found.prices, price)
        area = found.area_m2.T
        value, worth = worth_of(self.value, area), worth_of(self.worth, area)
        return _Side(value, worth, price, area, found.prices)

    def begin(self) -> bool:
        """Find a plan on each side, near the first price; False where the floor needs none."""
        price = 0.0 if self.start is None else self.start.floor_price
        if price > 0.0:
            self._keep(self.at(price))
            for factor in APART:
                if self.low is None:
                    self._keep(self.at(price / factor))
                elif self.high is None:
                    self._keep(self.at(price * factor))
        if self.low is None:
            self._keep(self.at(0.0))
        if self.low is not None and self.high is None:
            self.high = self.at(math.inf)
        return self.low is not None

    def _keep(self, side: _Side) -> None:
        if side.worth >= self.floor:
            self.high = side
        else:
            self.low = side

    def cut(self, enough: float) -> bool:
        """Try the price at which both plans are worth the same; False where nothing is between."""
        low, high = self.low, self.high
        if low is None or high is None or high.worth <= low.worth:
            return False
        price = max(low.value - high.value, 0.0) / (high.worth - low.worth)
        prices = None
        if high.price < math.inf and high.price > low.price:
            part = (price - low.price) / (high.price - low.price)
            prices = (1.0 - part) * low.prices + part * high.prices
        new = self.at(price, prices)
        gain = new.value - low.value + price * (new.worth - low.worth)
        self._keep(new)
        return gain > max(enough, 1e-9 * (abs(low.value) + price * abs(low.worth)))

    def meeting(self) -> FloatArray:
        """Return the plan where the chord between the two plans meets the floor."""
        low, high = self.low, self.high
        if high is None:
            raise RuntimeError("no plan reaches the floor")
        if low is None or high.worth <= low.worth:
            return high.area
        part = min(max((self.floor - low.worth) / (high.worth - low.worth), 0.0), 1.0)
        return (1.0 - part) * low.area + part * high.area


def near_above(
    problem: Problem,
    value: FloatArray,
    *,
    target: FloatArray,
    floor: float,
    enough: float,
    start: Start | None = None,
) -> tuple[FloatArray, Start]:
    """Come within `enough` of what `best_above` finds, in a fraction of its time.

    The plan lies on a chord between two plans of `allocate`, so it keeps totals, bounds and floor.

    Parameters
    ----------
    problem, value, target, floor
        As in `best_above`.
    enough : float
        Value that may be missed, unless `NEAR_CHORDS` chords leave more.
    start : Start, optional
        Prices of a similar problem.

    Returns
    -------
    area : numpy.ndarray, shape (k, n)
    start : Start
        Prices near those of the plan.
    """
    chords = _Chords(problem, value, target=target, floor=floor, start=start)
    if chords.begin():
        for _ in range(NEAR_CHORDS):
            if not chords.cut(enough):
                break
    return chords.meeting(), chords.start or Start(np.zeros(target.size), 0.0)


def _chords(problem: Problem, value: FloatArray, *, target: FloatArray, floor: float) -> Start:
    """Come near the price of the floor, from plans below and above it."""
    chords = _Chords(problem, value, target=target, floor=floor)
    if chords.begin():
        for _ in range(CHORDS):
            if not chords.cut(0.0):
                break
    return chords.start or Start(np.zeros(target.size), 0.0)
