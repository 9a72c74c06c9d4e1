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
from siteplan.allocation.dual import BOX_ROWS, MAX_BOXES, MIN_LEAD, MISSED, near_prices
from siteplan.allocation.highs import Solution, minimise
from siteplan.allocation.problem import Core, inside_bounds
from siteplan.allocation.rows import BoolArray, CappedRows, Choice, mixed_bits

COOLING = 5.0
"""Factor between two temperatures."""

COLDEST = 1e-5
"""Least temperature, on scores of about one; the boxes do the rest where many rows tie."""

STEPS = 24
ROW_PRICE_STEPS = 8


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
    order: IntArray
    worth: FloatArray  # (m, n), zeros without a floor
    area_unit: float
    value_unit: float
    worth_unit: float
    value_shift: FloatArray  # (k,)
    worth_shift: FloatArray  # (k,)


@dataclass(frozen=True, eq=False)
class _Choice:
    """What every row takes at given prices."""

    value: FloatArray  # (m, n) reduced
    taken: FloatArray  # (m, n)
    margin: FloatArray  # (n,)


class PairedRows(CappedRows):
    """Capped rows where several segments feed one use, and so share its price."""

    def __init__(
        self, capacity: FloatArray, score: FloatArray, upper: FloatArray, use: IntArray
    ) -> None:
        super().__init__(capacity, score, upper)
        self.use = use
        self._sums = (use == np.arange(int(use.max()) + 1)[:, None]).astype(np.float64)

    def only(self, rows: BoolArray | slice) -> PairedRows:
        """Keep some rows."""
        parts = self.score[:, rows], self.upper[:, rows]
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
    if prices is None:
        begin = _begin(scaled, floor_price=begin_floor)
    else:
        begin = prices - scaled.value_shift - floor_price * scaled.worth_shift
        begin = begin / scaled.value_unit
    if problem.worth is not None:
        begin, begin_floor = _cool(scaled.given, prices=begin, floor_price=begin_floor)
    found = _search(scaled.given, prices=begin, floor_price=begin_floor)
    if found is None:
        return None
    area, scaled_prices, scaled_floor = found
    price = scaled_floor / rate
    own = scaled_prices * scaled.value_unit + scaled.value_shift + price * scaled.worth_shift
    back = np.empty_like(area)
    back[:, scaled.order] = area * scaled.area_unit
    return _unscaled(problem, back, prices=own, floor_price=price)


def _unscaled(
    problem: Segments, area: FloatArray, *, prices: FloatArray, floor_price: float
) -> Coupled:
    """Price the uses that want nothing so that they get nothing, and prove the bound."""
    none = np.flatnonzero(problem.target <= 0.0)
    if none.size:
        value = _reduced(
            problem, problem.worth, prices=np.zeros(prices.size), floor_price=floor_price
        )
        value = np.where(problem.bound > 0.0, value, 0.0)
        prices = prices.copy()
        for use in none:
            prices[use] = float(value[problem.use == use].max(initial=0.0))
    bound = dual_bound(problem, prices=prices, floor_price=floor_price)
    return Coupled(area, prices, floor_price, bound)


def _begin(scaled: _Scaled, *, floor_price: float) -> FloatArray:
    """Search prices of the totals at one price of the floor."""
    problem = scaled.given
    live = problem.target > 0.0
    part = live[problem.use]
    value, bound = (problem.value + floor_price * scaled.worth)[part], problem.bound[part]
    useful = (problem.capacity > 0.0) & (bound > 0.0).any(axis=0)
    use = (np.cumsum(live) - 1)[problem.use[part]]
    rows = PairedRows(problem.capacity[useful], value[:, useful], bound[:, useful], use)
    prices = np.zeros(live.size)
    prices[live] = near_prices(rows, target=problem.target[live])
    return prices


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
    reduced = _reduced(problem, problem.worth, prices=prices, floor_price=floor_price)
    taken = _fill(problem.capacity, reduced, problem.bound)
    earned = float((np.where(taken > 0.0, reduced, 0.0) * taken).sum(axis=1).sum())
    return float(prices @ problem.target) - floor_price * problem.floor + earned


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
    floor = problem.floor - float(worth_shift @ problem.target)
    bound = np.where(allowed, np.minimum(problem.bound, problem.capacity), 0.0)
    parts = [value, bound, problem.capacity[None], worth]
    order = np.argsort(mixed_bits(np.concatenate(parts)), kind="stable")
    scaled = Segments(
        problem.capacity[order] / area_unit,
        value[:, order] / value_unit,
        bound[:, order] / area_unit,
        use,
        problem.target / area_unit,
        None if problem.worth is None else worth[:, order] / worth_unit,
        floor / area_unit / worth_unit,
    )
    return _Scaled(
        scaled,
        order,
        worth[:, order] / worth_unit,
        area_unit,
        value_unit,
        worth_unit,
        value_shift,
        worth_shift,
    )


def _reduced(
    problem: Segments, worth: FloatArray | None, *, prices: FloatArray, floor_price: float
) -> FloatArray:
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


def _choose(problem: Segments, *, prices: FloatArray, floor_price: float) -> _Choice:
    """Decide every row, and find how far its choice is from changing.

    Only exchanges between different uses count: two segments of one use move together.
    """
    value = _reduced(problem, problem.worth, prices=prices, floor_price=floor_price)
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
    return _Choice(value, taken, np.maximum(margin, 0.0))


def _cool(problem: Segments, *, prices: FloatArray, floor_price: float) -> tuple[FloatArray, float]:
    """Come near the least D by Newton steps on D softened at falling temperatures."""
    floored, heat = problem.worth is not None, 1.0 / 64.0
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
        margin = _choose(problem, prices=prices, floor_price=floor_price).margin
        if heat <= max(_lead(margin, rows=BOX_ROWS) / 2.0, COLDEST):
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
    value = _reduced(problem, problem.worth, prices=prices, floor_price=floor_price)
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
    return sums, square - (parts / every) @ parts.T, row_price


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


def _search(
    problem: Segments, *, prices: FloatArray, floor_price: float
) -> tuple[FloatArray, FloatArray, float] | None:
    """Move the box until its walls do not bind."""
    wanted, least = BOX_ROWS, MIN_LEAD
    total = float(problem.target.sum())
    for _ in range(2 * MAX_BOXES):
        choice = _choose(problem, prices=prices, floor_price=floor_price)
        lead = max(_lead(choice.margin, rows=wanted), least)
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
            return _by_use(problem, every), prices, floor_price
        wanted, least = 2 * wanted, 3.0 * lead
    return None


def _lead(margin: FloatArray, *, rows: int) -> float:
    """Lead below which a row stays in doubt, so that about `rows` of them do."""
    place = min(rows, margin.size) - 1
    lead = float(np.partition(margin, place)[place])
    return lead if math.isfinite(lead) else float(margin[np.isfinite(margin)].max(initial=1.0))


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
    problem: Segments, choice: _Choice, doubt: BoolArray, *, lead: float, floor_price: float
) -> tuple[FloatArray, FloatArray, float, float] | None:
    """Solve the rows in doubt, prices within half a lead: amounts, moves, and what was missed."""
    uses, half = problem.target.size, lead / 2.0
    settled = np.where(doubt, 0.0, choice.taken)
    rest = problem.target - np.bincount(problem.use, weights=settled.sum(axis=1), minlength=uses)
    capacity, bound = problem.capacity[doubt], problem.bound[:, doubt]
    row, segment = np.nonzero((bound > 0.0).T)
    rows, cells, coupled = capacity.size, row.size, problem.worth is not None
    columns = [np.stack([row, rows + problem.use[segment]], axis=1)]
    factors = [np.ones((cells, 2))]
    # Walls of the box: the price at which a total, or the floor, may be missed.
    walls, cost = np.repeat(np.arange(uses), 2), np.ones(2 * uses)
    sign = np.tile([1.0, -1.0], uses)
    if problem.worth is not None:
        columns.append(np.full((cells, 1), rows + uses))
        factors.append(problem.worth[:, doubt][segment, row][:, None])
        rest = np.append(rest, problem.floor - float((problem.worth * settled).sum()))
        walls, sign = np.append(walls, [uses, uses]), np.append(sign, [1.0, -1.0])
        cost = np.append(cost, [1.0, min(1.0, floor_price / half)])
    index, factor = np.concatenate(columns, axis=1), np.concatenate(factors, axis=1)
    entries = index.shape[1]
    start = np.append(
        np.arange(cells + 1) * entries, cells * entries + 1 + np.arange(walls.size)
    ).astype(np.int64)
    found: Solution = minimise(
        np.append(-choice.value[:, doubt][segment, row] / half, cost),
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
