"""Prices near the best, by Newton steps on a dual whose choices are softened.

The totals and the floor of `siteplan.allocation.coupled` are one vector of wants, and the softened
dual has a slope in all of their prices at once. The temperature falls level by level, as in
`siteplan.allocation.dual` (Nesterov 2005 for the smoothing; Sun and Tran-Dinh 2019 for the safe
step length).
"""

from __future__ import annotations

import math

import numpy as np

from siteplan.allocation.arrays import FloatArray, IntArray
from siteplan.allocation.dual import BOX_ROWS, near_prices
from siteplan.allocation.passes import gram, kept
from siteplan.allocation.rows import BoolArray, CappedRows, Choice
from siteplan.allocation.segments import Segments, choose, lead_of, reduced_value
from siteplan.allocation.totals import FixedTotals

COOLING = 5.0
"""Factor between two temperatures."""

COLDEST = 1e-5
"""Least temperature, on scores of about one; the boxes do the rest where many rows tie."""

STEPS = 24
ROW_PRICE_STEPS = 8


class PairedRows(CappedRows):
    """Capped rows where several segments feed one use, and so share its price."""

    def __init__(
        self, capacity: FloatArray, score: FloatArray, upper: FloatArray, use: IntArray
    ) -> None:
        super().__init__(capacity, score, upper)
        self.use = use
        self._sums = (use == np.arange(int(use.max()) + 1)[:, None]).astype(np.float64)

    @property
    def uses(self) -> int:
        """Number of uses, which are fewer than the segments."""
        return len(self._sums)

    def only(self, rows: BoolArray | slice) -> PairedRows:
        """Keep some rows."""
        parts = kept(self.score, rows), kept(self.upper, rows)
        return PairedRows(self.capacity[rows], *parts, self.use)

    def choose(self, prices: FloatArray) -> Choice:
        """Decide every row at prices of the uses, or already of the segments."""
        return super().choose(prices if prices.size == self.use.size else prices[self.use])

    def totals(self, choice: Choice, rows: BoolArray) -> FloatArray:
        """Add amounts up per use."""
        return np.asarray(self._sums @ super().totals(choice, rows))

    def soften(self, prices: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
        """Totals and slope per use."""
        sums, slope = super().soften(prices[self.use], level)
        return self._sums @ sums, self._sums @ slope @ self._sums.T

    def merge(self, choice: Choice, reach: float) -> PairedRows:
        """Merge rows that differ in size only."""
        merged = super().merge(choice, reach)
        return PairedRows(merged.capacity, merged.score, merged.upper, self.use)


def first_prices(problem: Segments, *, floor_price: float) -> FloatArray:
    """Search prices of the totals at one price of the floor.

    Parameters
    ----------
    problem : Segments
        A problem scaled to about one, in canonical order.
    floor_price : float
        Price of the floor.

    Returns
    -------
    numpy.ndarray, shape (k,)
    """
    whole = reduced_value(problem, prices=np.zeros(problem.target.size), floor_price=floor_price)
    live = problem.target > 0.0
    part = live[problem.use]
    value, bound = whole[part], problem.bound[part]
    useful = (problem.capacity > 0.0) & (bound > 0.0).any(axis=0)
    use = (np.cumsum(live) - 1)[problem.use[part]]
    rows = PairedRows(problem.capacity[useful], kept(value, useful), kept(bound, useful), use)
    prices = np.zeros(live.size)
    prices[live], _ = near_prices(rows, totals=FixedTotals(problem.target[live]))
    return prices


def cool(problem: Segments, *, prices: FloatArray, floor_price: float) -> tuple[FloatArray, float]:
    """Come near the least D by Newton steps on D softened at falling temperatures.

    Parameters
    ----------
    problem : Segments
        A problem scaled to about one.
    prices : numpy.ndarray, shape (k,)
        Prices of the totals.
    floor_price : float
        Price of the floor; both are where the steps begin.

    Returns
    -------
    prices : numpy.ndarray, shape (k,)
    floor_price : float
    """
    floored, heat = problem.worth is not None, 1.0 / 32.0
    live = problem.target > 0.0
    aim = np.where(live, np.maximum(problem.target, float(problem.capacity.mean())), 0.0)
    largest = int(aim.argmax())
    aim[largest] -= min(float((aim - problem.target).sum()), 0.5 * aim[largest])
    if floored:
        aim = np.append(aim, problem.floor)
    plain = bool(((problem.bound <= 0.0) | (problem.bound >= problem.capacity)).all())
    row_price = None if plain else np.zeros(problem.capacity.size)
    while True:
        for _ in range(STEPS):
            sums, slope, row_price = _soften(
                problem, prices=prices, floor_price=floor_price, heat=heat, row_price=row_price
            )
            ridge = 1e-7 * (sums + np.abs(aim)) + 1e-300
            gap = np.where(np.append(live, True)[: aim.size], sums - aim, 0.0)
            if floored and floor_price == 0.0 and gap[-1] > 0.0:
                gap[-1] = 0.0  # more than the floor is well, and its price stays 0
                slope[-1], slope[:, -1] = 0.0, 0.0
            step = np.linalg.solve(slope + np.diag(ridge), gap)  # in temperatures
            width = max(float(step.max()), 0.0) - min(float(step.min()), 0.0)
            if width == 0.0:
                break
            move = step * (heat * math.log1p(width) / width)
            prices = prices + move[: live.size]
            if floored:
                floor_price = max(floor_price - float(move[-1]), 0.0)
            if width < 0.5:
                break
        margin = choose(problem, prices=prices, floor_price=floor_price).margin
        if heat <= max(lead_of(margin, rows=BOX_ROWS) / 2.0, COLDEST):
            return prices, floor_price
        heat /= COOLING


def _soften(
    problem: Segments,
    *,
    prices: FloatArray,
    floor_price: float,
    heat: float,
    row_price: FloatArray | None,
) -> tuple[FloatArray, FloatArray, FloatArray | None]:
    """Totals, the worth and their slope where segments fill by a logistic curve of their value.

    The row price makes segments and emptiness add up to the capacity; it is found by damped
    Newton steps.
    """
    value = reduced_value(problem, prices=prices, floor_price=floor_price)
    if row_price is None:  # limited by capacity alone: the curve is a softmax
        chance = np.where(problem.bound > 0.0, value / heat, -np.inf)
        top = np.maximum(chance.max(axis=0), 0.0)
        np.exp(chance - top, out=chance)
        chance /= chance.sum(axis=0) + np.exp(-top)
        held = slopes = chance * problem.capacity
        every = problem.capacity + 1e-300
    else:
        row_price, held, slopes, every = _logistic(problem, value, heat=heat, row_price=row_price)
    uses = (problem.use == np.arange(problem.target.size)[:, None]).astype(np.float64)
    sums, parts = uses @ held.sum(axis=1), uses @ slopes
    square = np.diag(parts.sum(axis=1))
    if problem.worth is not None:
        weighed = problem.worth * slopes
        sums = np.append(sums, float((problem.worth * held).sum()))
        cross = uses @ weighed.sum(axis=1)
        corner = float((problem.worth * weighed).sum())
        square = np.block([[square, cross[:, None]], [cross[None], np.array([[corner]])]])
        parts = np.vstack([parts, weighed.sum(axis=0)])
    return sums, square - gram(parts / every, parts), row_price


def _logistic(
    problem: Segments, value: FloatArray, *, heat: float, row_price: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Row prices, amounts, and their slopes, also summed per row with that of emptiness."""
    value = np.vstack([value, np.zeros(problem.capacity.size)])
    bound = np.vstack([problem.bound, problem.capacity])
    enough = 1e-3 * float(problem.capacity.sum())
    for _ in range(ROW_PRICE_STEPS):
        full = 1.0 / (1.0 + np.exp(np.clip((row_price - value) / heat, -500.0, 500.0)))
        held = full * bound
        over = held.sum(axis=0) - problem.capacity
        if float(np.abs(over).sum()) <= enough:
            break
        give = (held * (1.0 - full)).sum(axis=0)
        step = over / np.maximum(give, 1e-9 * problem.capacity + 1e-300)
        row_price = row_price + heat * np.copysign(np.log1p(np.abs(step)), step)
    slopes = held * (1.0 - full)
    return row_price, held[:-1], slopes[:-1], slopes.sum(axis=0) + 1e-300
