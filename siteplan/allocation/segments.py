"""Rows whose uses may come in several segments, and what each row takes at given prices.

The problem is that of `siteplan.allocation.coupled`; arrays are in column layout, (m, n) for m
segments and n rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from siteplan.allocation.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Segments:
    """A problem in column layout, lower bounds already taken out.

    Attributes
    ----------
    capacity : numpy.ndarray, shape (n,)
        Most that a row holds.
    value : numpy.ndarray, shape (m, n)
        Value of one unit; -inf where not allowed.
    bound : numpy.ndarray, shape (m, n)
        Most of each segment.
    use : numpy.ndarray of int, shape (m,)
        The use that each segment feeds; of two segments of a use, the dearer comes first.
    target : numpy.ndarray, shape (k,)
        Totals of the uses.
    worth : numpy.ndarray, shape (m, n), or None
        Second worth of one unit, finite.
    floor : float
        Least sum of second worth.
    """

    capacity: FloatArray
    value: FloatArray
    bound: FloatArray
    use: IntArray
    target: FloatArray
    worth: FloatArray | None = None
    floor: float = 0.0


@dataclass(frozen=True, eq=False)
class SegmentChoice:
    """What every row takes at given prices.

    Attributes
    ----------
    value, taken : numpy.ndarray, shape (m, n)
        Value of one unit less its price, and the amounts.
    margin : numpy.ndarray, shape (n,)
        Least loss per unit of any other choice.
    """

    value: FloatArray
    taken: FloatArray
    margin: FloatArray


def dual_bound(problem: Segments, *, prices: FloatArray, floor_price: float) -> float:
    """Upper bound on the best value that any prices prove.

    Parameters
    ----------
    problem : Segments
        The problem.
    prices : numpy.ndarray, shape (k,)
        Prices of the totals.
    floor_price : float
        Price of the floor, not negative.

    Returns
    -------
    float
    """
    reduced = reduced_value(problem, prices=prices, floor_price=floor_price)
    taken = _fill(problem.capacity, reduced, problem.bound)
    earned = float((np.where(taken > 0.0, reduced, 0.0) * taken).sum(axis=1).sum())
    return float(prices @ problem.target) - floor_price * problem.floor + earned


def reduced_value(problem: Segments, *, prices: FloatArray, floor_price: float) -> FloatArray:
    """Value of one unit less the price of its total, more its worth to the floor.

    Parameters
    ----------
    problem : Segments
        The problem.
    prices : numpy.ndarray, shape (k,)
        Prices of the totals.
    floor_price : float
        Price of the floor.

    Returns
    -------
    numpy.ndarray, shape (m, n)
    """
    worth = problem.worth
    value = problem.value - prices[problem.use][:, None]
    return value if worth is None else value + floor_price * worth


def _fill(capacity: FloatArray, value: FloatArray, bound: FloatArray) -> FloatArray:
    """Fill each row's best segments in turn while they are worth anything."""
    order = np.argsort(-value, axis=0, kind="stable")
    sizes = np.take_along_axis(np.where(value > 0.0, bound, 0.0), order, axis=0)
    before = np.cumsum(sizes, axis=0) - sizes
    taken = np.empty_like(sizes)
    np.put_along_axis(taken, order, np.clip(capacity - before, 0.0, sizes), axis=0)
    return taken


def choose(problem: Segments, *, prices: FloatArray, floor_price: float) -> SegmentChoice:
    """Decide every row, and find how far its choice is from changing.

    Only exchanges between different uses count: two segments of one use move together.

    Parameters
    ----------
    problem : Segments
        The problem.
    prices : numpy.ndarray, shape (k,)
        Prices of the totals.
    floor_price : float
        Price of the floor.

    Returns
    -------
    SegmentChoice
    """
    value = reduced_value(problem, prices=prices, floor_price=floor_price)
    taken = _fill(problem.capacity, value, problem.bound)
    empty = problem.capacity - taken.sum(axis=0)
    places = problem.target.size + 1
    holds = np.full((places, problem.capacity.size), np.inf)
    opens = np.full_like(holds, -np.inf)
    for segment, use in enumerate(problem.use):
        held = np.where(taken[segment] > 0.0, value[segment], np.inf)
        free = np.where(taken[segment] < problem.bound[segment], value[segment], -np.inf)
        np.minimum(holds[use], held, out=holds[use])
        np.maximum(opens[use], free, out=opens[use])
    holds[-1] = np.where(empty > 1e-12 * problem.capacity, 0.0, np.inf)
    opens[-1] = np.where(empty < problem.capacity, 0.0, -np.inf)
    margin = np.full(problem.capacity.size, np.inf)
    for giver in range(places):
        for taker in range(places):
            if giver != taker:
                np.minimum(margin, holds[giver] - opens[taker], out=margin)
    return SegmentChoice(value, taken, np.maximum(margin, 0.0))


def lead_of(margin: FloatArray, *, rows: int) -> float:
    """Lead below which a row stays in doubt, so that about `rows` of them do.

    Parameters
    ----------
    margin : numpy.ndarray, shape (n,)
        Margins of the rows.
    rows : int
        Rows wanted in doubt.

    Returns
    -------
    float
    """
    place = min(rows, margin.size) - 1
    lead = float(np.partition(margin, place)[place])
    return lead if math.isfinite(lead) else float(margin[np.isfinite(margin)].max(initial=1.0))
