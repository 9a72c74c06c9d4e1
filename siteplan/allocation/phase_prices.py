"""Schedules with dates to keep: prices of years and dates, by aggregation and splitting.

With prices ``l_t >= 0`` of the ceilings and ``m_tk >= 0`` of the dates every block decides alone,

    D(l, m) = sum_t l_t C_t - sum_tk m_tk M_tk
              + sum_b y_b max_{t >= a_b} (d_t p_b - l_t + sum_{s >= t} m_sk(b)),

and any prices bound the best schedule from above (Lagrangian duality). Blocks of one use that
become ready in the same year differ in their priority alone. They are put in groups, each of which
is shared out among years in proportion: a small LP, whose answer is a schedule and whose prices
give the bound. What a group loses by being treated alike is known from the prices (Zipkin 1980,
bounds on the effect of aggregating variables), so the groups that lose are split where their
choice changes, until bound and schedule meet.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from siteplan.allocation.arrays import TOLERANCE, FloatArray, IntArray
from siteplan.allocation.highs import minimise
from siteplan.allocation.phase_rounding import rounded

PROVEN_GAP = 1e-9
"""Relative gap below which an answer is called optimal."""

ROUNDS = 60
PIECES = 8
"""Pieces into which a group is split, besides the places where its choice changes."""

DUST = 1e-12
"""Part of all areas below which a remainder is float noise."""


@dataclass(frozen=True, eq=False)
class Blocks:
    """Areas of one use on one parcel, the most urgent first."""

    amount: FloatArray  # (b,)
    ready: IntArray  # (b,)
    use: IntArray  # (b,)
    value: FloatArray  # (b,) worth of one unit


@dataclass(frozen=True, eq=False)
class Pieces:
    """What is built of which block in which year."""

    block: IntArray
    year: IntArray
    amount: FloatArray
    years: int

    def totals(self, blocks: Blocks, *, uses: int) -> FloatArray:
        """Sum by year and use, shape (years, k)."""
        cell = self.year * uses + blocks.use[self.block]
        flat = np.bincount(cell, weights=self.amount, minlength=self.years * uses)
        return np.asarray(flat.reshape(self.years, uses), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Best:
    """A schedule and the most that any can be worth."""

    pieces: Pieces
    bound: float


@dataclass(frozen=True, eq=False)
class _Prices:
    ceiling: FloatArray  # (Y,)
    minimum: FloatArray  # (Y, k)
    total: FloatArray  # (Y, k) built by use


def fill(blocks: Blocks, ceiling: FloatArray, only: IntArray | None = None) -> Pieces:
    """Build ready blocks in their order, each year up to its ceiling.

    Parameters
    ----------
    blocks : Blocks
        The most urgent first.
    ceiling : numpy.ndarray, shape (Y,)
    only : numpy.ndarray of int, optional
        Blocks to look at, in their order.

    Returns
    -------
    Pieces
        All of the blocks; a remainder that fits nowhere is put in the last year.
    """
    rows = np.arange(blocks.amount.size) if only is None else only
    left, ready = blocks.amount[rows].copy(), blocks.ready[rows]
    dust = DUST * float(left.sum())
    found: list[tuple[IntArray, IntArray, FloatArray]] = []
    for year, room in enumerate(ceiling):
        open_rows = np.flatnonzero((ready <= year) & (left > 0.0))
        upto = np.cumsum(left[open_rows])
        count = int(np.searchsorted(upto, room + dust, side="right"))
        done = open_rows[:count]
        found.append((rows[done], np.full(count, year), left[done].copy()))
        left[done] = 0.0
        rest = room - (upto[count - 1] if count else 0.0)
        if count < open_rows.size and rest > dust:
            begun = open_rows[count : count + 1]
            found.append((rows[begun], np.array([year]), np.array([rest])))
            left[begun] -= rest
    late = np.flatnonzero(left > 0.0)
    found.append((rows[late], np.full(late.size, ceiling.size - 1), left[late]))
    key, place = np.unique(
        np.concatenate([part[0] for part in found]) * ceiling.size
        + np.concatenate([part[1] for part in found]),
        return_inverse=True,
    )
    amount = np.bincount(
        place, weights=np.concatenate([part[2] for part in found]), minlength=key.size
    ).astype(np.float64)
    return Pieces(key // ceiling.size, key % ceiling.size, amount, ceiling.size)


def fill_by_use(blocks: Blocks, total: FloatArray) -> Pieces:
    """Build each use's blocks in their order to the totals of years: the best for these totals.

    Parameters
    ----------
    blocks : Blocks
    total : numpy.ndarray, shape (Y, k)

    Returns
    -------
    Pieces
    """
    parts = [
        fill(blocks, total[:, use], np.flatnonzero(blocks.use == use))
        for use in range(total.shape[1])
    ]
    return Pieces(
        np.concatenate([part.block for part in parts]),
        np.concatenate([part.year for part in parts]),
        np.concatenate([part.amount for part in parts]),
        total.shape[0],
    )


def worth(
    blocks: Blocks, block: IntArray, year: IntArray, amount: FloatArray, *, discount: FloatArray
) -> float:
    """Sum of discount times value times amount.

    Parameters
    ----------
    blocks : Blocks
    block, year, amount : numpy.ndarray, shape (m,)
    discount : numpy.ndarray, shape (Y,)

    Returns
    -------
    float
    """
    return math.fsum(discount[year] * blocks.value[block] * amount)


def best_totals(
    blocks: Blocks,
    ceiling: FloatArray,
    minimum: FloatArray,
    discount: FloatArray,
    *,
    whole: bool,
) -> Best:
    """Find the best schedule with dates to keep; one must exist.

    Parameters
    ----------
    blocks : Blocks
    ceiling : numpy.ndarray, shape (Y,)
    minimum : numpy.ndarray, shape (Y, k)
    discount : numpy.ndarray, shape (Y,)
    whole : bool
        Whether totals must be whole numbers; all amounts are.

    Returns
    -------
    Best

    Raises
    ------
    RuntimeError
        If the LP solver fails.
    """
    size = float(blocks.amount.sum())
    top = max(float(blocks.value.max()), 1e-300)
    order = np.lexsort((blocks.value, blocks.ready, blocks.use))
    lined = Blocks(
        blocks.amount[order] / size,
        blocks.ready[order],
        blocks.use[order],
        blocks.value[order] / top,
    )
    room, least = ceiling / size, minimum / size
    ready = ready_upto(blocks, years=room.size, uses=least.shape[1])
    starts = _first_groups(lined)
    best: Pieces | None = None
    value, bound = -math.inf, math.inf
    for _ in range(ROUNDS):
        prices = _grouped(lined, starts, room=room, least=least, discount=discount)
        total = prices.total * size
        if whole:
            total = rounded(total, ceiling=ceiling, minimum=minimum, ready=ready)
        pieces = fill_by_use(blocks, total)
        earned = worth(blocks, pieces.block, pieces.year, pieces.amount, discount=discount)
        if earned > value:
            best, value = pieces, earned
        kept, finer = _bound(lined, starts, prices, room=room, least=least, discount=discount)
        bound = min(bound, kept * size * top)
        if bound - value <= 0.5 * PROVEN_GAP * abs(bound) or finer.size == starts.size:
            break
        starts = finer
    if best is None:
        raise RuntimeError("no schedule was found where one exists")
    return Best(best, bound)


def ready_upto(blocks: Blocks, *, years: int, uses: int) -> FloatArray:
    """Area of each use that is ready by each year.

    Parameters
    ----------
    blocks : Blocks
    years, uses : int

    Returns
    -------
    numpy.ndarray, shape (years, uses)
    """
    ready = np.zeros((years, uses))
    soon = blocks.ready < years
    np.add.at(ready, (blocks.ready[soon], blocks.use[soon]), blocks.amount[soon])
    return np.cumsum(ready, axis=0)


def _first_groups(lined: Blocks) -> IntArray:
    """One group for each use and ready year."""
    new = np.ones(lined.use.size, bool)
    new[1:] = (np.diff(lined.use) != 0) | (np.diff(lined.ready) != 0)
    return np.flatnonzero(new)


def _grouped(
    lined: Blocks, starts: IntArray, *, room: FloatArray, least: FloatArray, discount: FloatArray
) -> _Prices:
    """Solve the LP of the groups."""
    years, uses = least.shape
    amount = np.add.reduceat(lined.amount, starts)
    value = np.add.reduceat(lined.amount * lined.value, starts) / amount
    use, ready = lined.use[starts], lined.ready[starts]
    group, year = np.nonzero(np.arange(years) >= ready[:, None])
    dates = np.argwhere(least > 0.0)
    # A piece counts for its group, its year, and each date of its use that is not before it.
    counts = (dates[:, 1] == use[group][:, None]) & (dates[:, 0] >= year[:, None])
    column, date = np.nonzero(counts)
    entry = np.concatenate([np.arange(group.size), np.arange(group.size), column])
    row = np.concatenate([group, starts.size + year, starts.size + years + date])
    order = np.lexsort((row, entry))
    start = np.concatenate([[0], np.cumsum(np.bincount(entry, minlength=group.size))])
    wanted = least[dates[:, 0], dates[:, 1]]
    for noise in (0.0, 2.0 * TOLERANCE):  # limits may contradict each other by float noise
        found = minimise(
            -discount[year] * value[group],
            column_limits=(np.zeros(group.size), np.full(group.size, np.inf)),
            row_limits=(
                np.concatenate([amount, np.full(years, -np.inf), wanted - noise]),
                np.concatenate([amount, room + noise, np.full(wanted.size, np.inf)]),
            ),
            matrix=(start.astype(np.int64), row[order].astype(np.int64), np.ones(row.size)),
        )
        if found.status == "optimal":
            break
    if found.status != "optimal":
        msg = f"the LP solver failed on a feasible schedule: {found.status}"
        raise RuntimeError(msg)
    total = np.zeros((years, uses))
    np.add.at(total, (year, use[group]), np.maximum(found.columns, 0.0))
    dual = found.row_prices[starts.size :]
    minimum = np.zeros((years, uses))
    minimum[dates[:, 0], dates[:, 1]] = np.maximum(dual[years:], 0.0)
    return _Prices(np.maximum(-dual[:years], 0.0), minimum, _kept(total, least=least))


def _kept(total: FloatArray, *, least: FloatArray) -> FloatArray:
    """Clear float noise: sums of a use that miss a date or exceed its end by a hair."""
    upto = np.cumsum(total, axis=0)
    upto = np.clip(upto, np.where(least - upto < 4e-9, least, 0.0), least[-1])
    upto = np.where(upto >= least[-1] - 1e-11, least[-1], upto)
    cut = np.diff(np.maximum.accumulate(upto, axis=0), axis=0, prepend=0.0)
    return np.asarray(np.where(cut > 1e-12, cut, 0.0))


def _bound(
    lined: Blocks,
    starts: IntArray,
    prices: _Prices,
    *,
    room: FloatArray,
    least: FloatArray,
    discount: FloatArray,
) -> tuple[float, IntArray]:
    """Return what the prices prove, and finer groups where they lose by being groups."""
    years = room.size
    later = np.cumsum(prices.minimum[::-1], axis=0)[::-1]  # (Y, k): dates not before t
    base = later - prices.ceiling[:, None]
    ends = np.append(starts[1:], lined.use.size)
    amount = np.add.reduceat(lined.amount, starts)
    mean = np.add.reduceat(lined.amount * lined.value, starts) / amount
    parts, cuts = [], [starts]
    for begin, end, size, middle in zip(starts, ends, amount, mean, strict=True):
        from_year, use = int(lined.ready[begin]), int(lined.use[begin])
        slope, lift = discount[from_year:years], base[from_year:, use]
        value = lined.value[begin:end]
        each = value[:, None] * slope + lift
        earned = float(each.max(axis=1) @ lined.amount[begin:end])
        parts.append(earned)
        loss = earned - size * float((middle * slope + lift).max())
        if loss > 1e-2 * PROVEN_GAP * size and value[0] != value[-1]:
            changes = np.flatnonzero(np.diff(each.argmax(axis=1))) + 1
            even = np.linspace(0, end - begin, PIECES + 1)[1:-1].astype(np.int64)
            places = np.concatenate([changes, even])
            places = np.searchsorted(value, value[places])  # equal values stay together
            # A group whose first values are equal must still be cut behind them.
            places = np.append(places, np.searchsorted(value, value[0], side="right"))
            cuts.append(begin + places[(places > 0) & (places < end - begin)])
    proven = float(prices.ceiling @ room) - float((prices.minimum * least).sum())
    return proven + math.fsum(parts), np.unique(np.concatenate(cuts))
