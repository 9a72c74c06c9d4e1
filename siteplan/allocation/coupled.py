"""Exact totals with a concave value per cell, or with a floor on a second worth.

Maximise ``sum v_ji x_ji`` over segments j of rows i with ``sum_{j of use k, i} x_ji = T_k``,
``sum_j x_ji <= F_i``, ``0 <= x_ji <= b_ji`` and, where one is asked for, ``sum g_ji x_ji >= G``.
Several segments may feed one use: a use whose value falls after its first part has two.

With prices p of the totals and m >= 0 of the floor every row decides alone: it fills its segments
by ``v + m g - p`` in turn. ``D(p, m) = p T - m G + sum_i (most that row i earns)`` bounds every
answer, and the least D is the best value (LP duality). The search is that of
`siteplan.allocation.dual`: Newton steps on the softened D where no good prices are known, then the
boxstep method of Marsten, Hogan and Blankenship (1975): an exact LP of the rows whose choice can
change within a small box of prices, repeated until the box's walls do not bind.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from siteplan.allocation.arrays import FloatArray, IntArray
from siteplan.allocation.cooling import cool, first_prices
from siteplan.allocation.dual import BOX_ROWS, MAX_BOXES, MIN_LEAD, MISSED
from siteplan.allocation.highs import Solution, minimise
from siteplan.allocation.passes import kept
from siteplan.allocation.problem import Core, inside_bounds
from siteplan.allocation.rows import BoolArray, mixed_bits
from siteplan.allocation.segments import (
    SegmentChoice,
    Segments,
    choose,
    dual_bound,
    lead_of,
    reduced_value,
)

LOOSE = 1e-11
"""Gap below which no smaller box is tried."""

REFINED_LEADS = (1e-3, 1e-5, 1e-7)
"""Widths of the boxes tried where an LP's tolerance leaves a gap."""

FEW_ROWS = 60
"""Up to this many rows one LP of all is solved."""


@dataclass(frozen=True, eq=False)
class Coupled:
    """The best answer with its proof.

    Attributes
    ----------
    area : numpy.ndarray, shape (k, n)
        Amount of each use on each row.
    prices : numpy.ndarray, shape (k,)
        Change of the best value per unit of each total.
    floor_price : float
        Loss of value per unit of the floor.
    bound : float
        The most that any answer can reach.
    """

    area: FloatArray
    prices: FloatArray
    floor_price: float
    bound: float


@dataclass(frozen=True, eq=False)
class _Scaled:
    """The problem scaled to about one, rows in canonical order."""

    given: Segments
    order: IntArray  # rows that hold anything
    area_unit: float
    value_unit: float
    worth_unit: float
    value_shift: FloatArray  # (k,)
    worth_shift: FloatArray  # (k,)


def solve_coupled(
    problem: Segments, *, prices: FloatArray | None = None, floor_price: float = 0.0
) -> Coupled | None:
    """Solve to prices and amounts that are exact.

    Parameters
    ----------
    problem : Segments
        A feasible problem.
    prices : numpy.ndarray, shape (k,), optional
        Good prices of the totals to start from; without them they are searched for.
    floor_price : float
        Price of the floor to start from.

    Returns
    -------
    Coupled or None
        None where the search gave up.
    """
    uses = problem.target.size
    if problem.capacity.size == 0 or not problem.target.any():
        nothing = np.zeros((uses, problem.capacity.size))
        return _unscaled(problem, nothing, prices=np.zeros(uses), floor_price=0.0)
    scaled = _scaled(problem)
    rate = scaled.worth_unit / scaled.value_unit
    begin_floor = max(floor_price, 0.0) * rate
    few = problem.capacity.size <= FEW_ROWS  # one LP of all rows is faster than good prices
    if few:
        begin, begin_floor = np.zeros(uses), 0.0
    elif prices is None:
        begin = first_prices(scaled.given, floor_price=begin_floor)
    else:
        begin = prices - scaled.value_shift - floor_price * scaled.worth_shift
        begin = begin / scaled.value_unit
    if problem.worth is not None and not few:
        begin, begin_floor = cool(scaled.given, prices=begin, floor_price=begin_floor)
    found = _search(scaled.given, prices=begin, floor_price=begin_floor)
    if found is None:
        return None
    found = _refined(scaled.given, found)
    area, scaled_prices, scaled_floor = found.area, found.prices, found.floor_price
    price = scaled_floor / rate
    own = scaled_prices * scaled.value_unit + scaled.value_shift + price * scaled.worth_shift
    back = np.zeros((uses, problem.capacity.size))
    back[:, scaled.order] = area * scaled.area_unit
    return _unscaled(problem, back, prices=own, floor_price=price)


def _unscaled(
    problem: Segments, area: FloatArray, *, prices: FloatArray, floor_price: float
) -> Coupled:
    """Price the uses that want nothing so that they get nothing, and prove the bound."""
    none = np.flatnonzero(problem.target <= 0.0)
    if none.size:
        value = reduced_value(problem, prices=np.zeros(prices.size), floor_price=floor_price)
        value = np.where(problem.bound > 0.0, value, 0.0)
        prices = prices.copy()
        for use in none:
            prices[use] = float(value[problem.use == use].max(initial=0.0))
    bound = dual_bound(problem, prices=prices, floor_price=floor_price)
    return Coupled(area, prices, floor_price, bound)


def _unit(largest: float) -> float:
    return math.ldexp(1.0, math.frexp(largest)[1]) if largest > 0.0 else 1.0


def _least(value: FloatArray, *, where: BoolArray, use: IntArray, uses: int) -> FloatArray:
    """Least value of each use over its allowed cells; 0 where it has none."""
    lows = np.where(where, value, np.inf).min(axis=1, initial=np.inf)
    least = np.full(uses, np.inf)
    np.minimum.at(least, use, lows)
    return np.where(least < np.inf, least, 0.0)


def _scaled(problem: Segments) -> _Scaled:
    use, uses = problem.use, problem.target.size
    allowed = (problem.value > -np.inf) & (problem.bound > 0.0)
    allowed &= (problem.target > 0.0)[use][:, None]
    area_unit = _unit(float(problem.capacity.max()))
    value_shift = _least(problem.value, where=allowed, use=use, uses=uses)
    value = np.where(allowed, problem.value - value_shift[use][:, None], -np.inf)
    value_unit = _unit(float(np.where(allowed, value, 0.0).max()))
    worth, worth_shift, worth_unit = np.zeros_like(value), np.zeros(uses), 1.0
    if problem.worth is not None:
        worth_shift = _least(problem.worth, where=allowed, use=use, uses=uses)
        worth = np.where(allowed, problem.worth - worth_shift[use][:, None], 0.0)
        worth_unit = _unit(float(worth.max()))
    lift = worth_shift @ problem.target
    # A few last digits less, which the shift may have rounded up beyond reach.
    floor = problem.floor - float(lift) - 1e-14 * (abs(problem.floor) + abs(float(lift)))
    bound = np.where(allowed, np.minimum(problem.bound, problem.capacity), 0.0)
    parts = [value, bound, problem.capacity[None], worth]
    order = np.argsort(mixed_bits(np.concatenate(parts)), kind="stable")
    order = order[problem.capacity[order] > 0.0]
    scaled = Segments(
        problem.capacity[order] / area_unit,
        kept(value, order) / value_unit,
        kept(bound, order) / area_unit,
        use,
        problem.target / area_unit,
        None if problem.worth is None else kept(worth, order) / worth_unit,
        floor / area_unit / worth_unit,
    )
    return _Scaled(
        scaled,
        order,
        area_unit,
        value_unit,
        worth_unit,
        value_shift,
        worth_shift,
    )


@dataclass(frozen=True, eq=False)
class _Found:
    """An answer of the search, in the units of the scaled problem."""

    area: FloatArray  # (k, n)
    prices: FloatArray  # (k,)
    floor_price: float
    loose: float  # bound less value, as a part of what the answer earns


def _refined(problem: Segments, found: _Found) -> _Found:
    """Search again in ever smaller boxes while an LP's tolerance leaves too wide a gap.

    An LP is true to a part of its box, so a smaller box has better numbers.
    """
    for lead in REFINED_LEADS:
        if found.loose <= LOOSE:
            break
        again = _search(problem, prices=found.prices, floor_price=found.floor_price, lead=lead)
        if again is not None and again.loose < found.loose:
            found = again
    return found


def _found(
    problem: Segments, taken: FloatArray, *, prices: FloatArray, floor_price: float
) -> _Found:
    """Measure an answer by the bound that its prices prove."""
    worth = problem.worth
    value = np.where(taken > 0.0, problem.value, 0.0)
    earned = float((value * taken).sum())
    if worth is not None:  # what the floor is missed by, or passed by, has its price
        earned += floor_price * (float((worth * taken).sum()) - problem.floor)
    size = float((np.abs(value) * taken).sum())
    over = dual_bound(problem, prices=prices, floor_price=floor_price) - earned
    loose = over / size if size > 0.0 else 0.0
    return _Found(_by_use(problem, taken), prices, floor_price, loose)


def _search(
    problem: Segments, *, prices: FloatArray, floor_price: float, lead: float | None = None
) -> _Found | None:
    """Move the box until its walls do not bind; begin with one of width `lead` where given."""
    wanted, least = BOX_ROWS, MIN_LEAD
    if lead is not None:
        wanted, least = 1, lead
    elif problem.capacity.size <= FEW_ROWS:
        wanted, least = problem.capacity.size, 8.0  # prices are about one
    total = float(problem.target.sum())
    for _ in range(2 * MAX_BOXES):
        choice = choose(problem, prices=prices, floor_price=floor_price)
        lead = max(lead_of(choice.margin, rows=wanted), least)
        # The worth lies in 0..1, so a floor's price may move a margin by half a lead more.
        reach = lead if problem.worth is None else 1.5 * lead
        doubt = choice.margin <= reach
        found = _box(problem, choice, doubt, lead=lead, floor_price=floor_price)
        if found is None:
            return None
        area, moved, floor_moved, missed = found
        prices = prices + moved
        floor_price = max(floor_price + floor_moved, 0.0)
        if missed <= MISSED * total:
            every = np.where(doubt, 0.0, choice.taken)
            every[:, doubt] = area
            return _found(problem, every, prices=prices, floor_price=floor_price)
        wanted, least = 2 * wanted, 3.0 * lead
    return None


def _by_use(problem: Segments, area: FloatArray) -> FloatArray:
    """Add segments up per use, and take out what the LP's tolerance put beyond a bound."""
    uses = problem.target.size
    sums = np.zeros((uses, problem.capacity.size))
    bound = np.zeros_like(sums)
    value = np.full_like(sums, -np.inf)
    for segment, use in enumerate(problem.use):
        sums[use] += area[segment]
        bound[use] += problem.bound[segment]
        np.maximum(value[use], problem.value[segment], out=value[use])
    core = Core(
        np.arange(problem.capacity.size),
        problem.capacity,
        value,
        bound,
        np.zeros(uses),
        area_unit=1.0,
        score_unit=1.0,
    )
    return inside_bounds(core, sums, target=problem.target)


def _box(
    problem: Segments, choice: SegmentChoice, doubt: BoolArray, *, lead: float, floor_price: float
) -> tuple[FloatArray, FloatArray, float, float] | None:
    """Solve the rows in doubt, prices within half a lead: amounts, moves, and what was missed."""
    uses, half = problem.target.size, lead / 2.0
    settled = np.where(doubt, 0.0, choice.taken)
    rest = problem.target - np.bincount(problem.use, weights=settled.sum(axis=1), minlength=uses)
    capacity, bound = problem.capacity[doubt], kept(problem.bound, doubt)
    row, segment = np.nonzero((bound > 0.0).T)
    rows, cells, coupled = capacity.size, row.size, problem.worth is not None
    columns = [np.stack([row, rows + problem.use[segment]], axis=1)]
    factors = [np.ones((cells, 2))]
    # Walls of the box: the price at which a total, or the floor, may be missed.
    walls, cost = np.repeat(np.arange(uses), 2), np.ones(2 * uses)
    sign = np.tile([1.0, -1.0], uses)
    if problem.worth is not None:
        columns.append(np.full((cells, 1), rows + uses))
        factors.append(kept(problem.worth, doubt)[segment, row][:, None])
        rest = np.append(rest, problem.floor - float((problem.worth * settled).sum()))
        walls, sign = np.append(walls, [uses, uses]), np.append(sign, [1.0, -1.0])
        cost = np.append(cost, [1.0, min(1.0, floor_price / half)])
    index, factor = np.concatenate(columns, axis=1), np.concatenate(factors, axis=1)
    entries = index.shape[1]
    start = np.append(
        np.arange(cells + 1) * entries, cells * entries + 1 + np.arange(walls.size)
    ).astype(np.int64)
    found: Solution = minimise(
        np.append(-kept(choice.value, doubt)[segment, row] / half, cost),
        column_limits=(
            np.zeros(cells + walls.size),
            np.append(bound[segment, row], np.full(walls.size, np.inf)),
        ),
        row_limits=(
            np.append(np.full(rows, -np.inf), rest),
            np.append(capacity, rest),
        ),
        matrix=(
            start,
            np.append(index.ravel(), rows + walls).astype(np.int64),
            np.append(factor.ravel(), sign),
        ),
    )
    if found.status != "optimal":
        return None
    area = np.zeros((problem.use.size, rows))
    area[segment, row] = np.maximum(found.columns[:cells], 0.0)
    over = found.columns[cells:].copy()
    floor_moved = 0.0
    if coupled:
        floor_moved = float(found.row_prices[-1]) * half
        if floor_price <= half:  # the floor's price may fall to 0: more than the floor is no miss
            over[-1] = 0.0
    moved = -found.row_prices[rows : rows + uses] * half
    return area, moved, floor_moved, float(over.max())
