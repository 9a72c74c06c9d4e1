"""What a parcel may hold under practical rules: its columns, and the dual search over them.

A *column* of parcel i is one way to build it: areas ``a`` of shape (k,) that keep every rule of
that parcel. The rules couple nothing but the parcel, so with a price p_k on each total every parcel
takes its best column alone, and

    D(p) = sum_k p_k T_k + sum_i max_{a in A_i} sum_k (s_ik - p_k) a_k

bounds every plan from above (Lagrangian relaxation, Geoffrion 1974). The best of A_i at any prices
is among few: choose up to m uses, give each its least, then fill them up in some order. So A_i is
listed once, as one *slot* per ordered set of uses, and a pass over all parcels is one maximum over
slots. With whole floors of one plate per parcel the same holds in floors. Where plates differ
between uses a parcel is a small knapsack: of two uses, each number of floors of the first is listed
with as many floors of the second as fit; more than two are bounded as if floors could be split.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np

from siteplan.allocation.arrays import FloatArray, IntArray
from siteplan.allocation.passes import gram, kept
from siteplan.allocation.rows import BoolArray

NOISE = 1e-9
"""Relative room for float noise when floors are counted and limits compared."""

COOLING = 6.0
NEWTON_STEPS = 8
SAMPLE_ROWS = 384
LAST_HEAT = 1e-4
"""Temperature at which the search stops, as part of the spread of scores."""

SURE = 8.0
"""Temperatures by which a row's best column must lead for the row to be left out."""

MOST_RETURNS = 12
"""Times that rows left out come back, after which none are left out any more."""

MOST_CELLS = 60_000_000
"""Most numbers in the list of columns: 0.5 GB."""


@dataclass(frozen=True, eq=False)
class Limits:
    """Every rule of n parcels in column layout, scaled to about one, in canonical order.

    Attributes
    ----------
    capacity : numpy.ndarray, shape (n,)
    score : numpy.ndarray, shape (k, n)
        Value of one unit, 0 where not allowed.
    least, most : numpy.ndarray, shape (k, n)
        A use that stands holds at least and at most this much; `most` is 0 where not allowed.
    forced : numpy.ndarray of bool, shape (k, n)
        The use must stand.
    locked : numpy.ndarray of bool, shape (k, n)
        The planner fixed the area; `least` and `most` are that area whatever the rules say.
    step : numpy.ndarray, shape (k, n)
        Area of one floor, 0 where floors need not be whole.
    max_uses : int
    """

    capacity: FloatArray
    score: FloatArray
    least: FloatArray
    most: FloatArray
    forced: BoolArray
    locked: BoolArray
    step: FloatArray
    max_uses: int

    @property
    def uses(self) -> int:
        """Number of uses k."""
        return int(self.score.shape[0])

    @property
    def size(self) -> int:
        """Number of parcels n."""
        return self.capacity.size

    def only(self, rows: IntArray | BoolArray | slice) -> Limits:
        """Keep some rows."""
        return Limits(
            self.capacity[rows],
            kept(self.score, rows),
            kept(self.least, rows),
            kept(self.most, rows),
            kept(self.forced, rows),
            kept(self.locked, rows),
            kept(self.step, rows),
            self.max_uses,
        )

    def whole(self, *, split: int | None = None) -> Limits:
        """Round every limit inwards to whole floors; locked cells and the use `split` stay."""
        floors = (self.step > 0.0) & ~self.locked
        if split is not None:
            floors[split] = False
        step = np.where(floors, self.step, 1.0)
        least = np.where(floors, np.ceil(self.least / step - NOISE) * step, self.least)
        # A use that stands has at least one floor.
        least = np.where(floors, np.maximum(least, step), least)
        most = np.where(floors, np.floor(self.most / step + NOISE) * step, self.most)
        return self._with(least, most, np.where(floors, self.step, 0.0))

    def split(self) -> Limits:
        """Return the same rules with floors that may be used in part."""
        return self._with(self.least, self.most, np.zeros_like(self.step))

    def _with(self, least: FloatArray, most: FloatArray, step: FloatArray) -> Limits:
        return Limits(
            self.capacity, self.score, least, most, self.forced, self.locked, step, self.max_uses
        )

    def even(self) -> bool:
        """Whether all uses of a parcel have floors of one size."""
        return bool((self.step == self.step[0]).all())


class Columns:
    """The columns of some parcels: `area` of shape (k, c, n), `value` of shape (c, n).

    A slot that a row cannot take has value -inf.
    """

    def __init__(self, area: FloatArray, value: FloatArray, size: FloatArray) -> None:
        self.area = area
        self.value = value
        self.size = size
        """Capacity, which turns values into values per unit, shape (n,)."""

    def only(self, rows: IntArray | BoolArray | slice) -> Columns:
        """Keep some rows."""
        return Columns(kept(self.area, rows), kept(self.value, rows), self.size[rows])

    def reduced(self, prices: FloatArray) -> FloatArray:
        """Value of each column less its areas at `prices`, shape (c, n)."""
        worth = self.value.copy()
        for area, price in zip(self.area, prices, strict=True):
            if price != 0.0:
                worth -= price * area
        return worth

    def best(self, prices: FloatArray) -> tuple[IntArray, FloatArray, FloatArray]:
        """Best slot of each row, its reduced value, and its lead over the second best."""
        worth = self.reduced(prices)
        slot = worth.argmax(axis=0)
        across = np.arange(slot.size)
        top = worth[slot, across]
        worth[slot, across] = -np.inf
        second = worth.max(axis=0)
        lead = np.full(top.size, np.inf)
        np.subtract(top, second, out=lead, where=second > -np.inf)
        return slot, top, lead

    def taken(self, slot: IntArray) -> FloatArray:
        """Areas of the given slot of each row, shape (k, n)."""
        return self.area[:, slot, np.arange(slot.size)]

    def soften(self, prices: FloatArray, heat: float) -> tuple[FloatArray, FloatArray]:
        """Totals where each row mixes its columns by softmax, and minus their slope per heat."""
        chance = self.reduced(prices)
        chance /= heat * self.size
        chance -= chance.max(axis=0)
        np.exp(chance, out=chance)
        chance /= chance.sum(axis=0)
        mixed = self.area * chance
        load = mixed.sum(axis=1)
        uses = load.shape[0]
        mixed /= self.size
        slope = gram(mixed.reshape(uses, -1), self.area.reshape(uses, -1))
        slope -= gram(load / self.size, load)
        return load.sum(axis=1), slope


def columns_of(limits: Limits) -> Columns:
    """List the columns of every row.

    Parameters
    ----------
    limits : Limits
        Rules; whole floors where `limits.step` is positive, with limits already rounded.

    Returns
    -------
    Columns

    Raises
    ------
    ValueError
        Where the list would not fit into memory.
    """
    uses, rows = limits.score.shape
    most = min(limits.max_uses, uses)
    slots = sum(math.perm(uses, chosen) for chosen in range(most + 1))
    if slots * uses * rows > MOST_CELLS:
        msg = (
            f"max_uses of {limits.max_uses} with {uses} uses on {rows} parcels gives too many "
            "ways to build; choose fewer uses per parcel"
        )
        raise ValueError(msg)
    base = np.where(limits.forced, limits.least, 0.0)
    allowed = (limits.most >= limits.least * (1.0 - NOISE)) & (limits.most > 0.0)
    fits = (allowed | ~limits.forced).all(axis=0)
    found: list[tuple[FloatArray, BoolArray]] = []
    for chosen in range(most + 1):
        for members in combinations(range(uses), chosen):
            others = limits.forced.sum(axis=0) - limits.forced[list(members)].sum(axis=0)
            able = fits & (others + chosen <= limits.max_uses)
            able &= allowed[list(members)].all(axis=0)
            if able.any():
                found += _fillings(limits, base, members, able)
    area = np.stack([filled for filled, _ in found], axis=1) if found else np.zeros((uses, 1, rows))
    value = (limits.score[:, None] * area).sum(axis=0)
    able_slots = np.stack([able for _, able in found]) if found else np.zeros((1, rows), bool)
    value[~able_slots] = -np.inf
    return Columns(np.ascontiguousarray(area), value, np.maximum(limits.capacity, 1e-300))


def _fillings(
    limits: Limits, base: FloatArray, members: tuple[int, ...], able: BoolArray
) -> list[tuple[FloatArray, BoolArray]]:
    """Fill a set of uses in every order; an order that repeats another's areas is left out."""
    found: list[tuple[FloatArray, BoolArray]] = []
    uneven = len(members) == 2 and not bool(
        (limits.step[members[0]] == limits.step[members[1]]).all()
    )
    for order in permutations(members):
        fillings = [_filled(limits, base, order)]
        if uneven:
            fillings += _knapsack(limits, base, order)
        for area, room in fillings:
            good = able & (room >= -NOISE * limits.capacity)
            for use in members:  # else a smaller set has the same areas
                good &= area[use] > base[use]
            for other, taken in found:
                good &= ~(taken & (np.abs(area - other) <= NOISE * limits.capacity).all(axis=0))
            if good.any():
                found.append((np.where(good, area, 0.0), good))
    return found


def _start(
    limits: Limits, base: FloatArray, order: tuple[int, ...]
) -> tuple[FloatArray, FloatArray]:
    """Give every use in `order` its least; return areas and the room that is left."""
    area = base.copy()
    for use in order:
        area[use] = limits.least[use]
    return area, limits.capacity - area.sum(axis=0)


def _add(limits: Limits, area: FloatArray, room: FloatArray, use: int) -> None:
    """Raise a use as far as its limit and the room allow, by whole floors where it has them."""
    more = np.minimum(limits.most[use] - area[use], np.maximum(room, 0.0))
    step = np.where(limits.locked[use], 0.0, limits.step[use])
    floors = step > 0.0
    if floors.any():
        one = np.where(floors, step, 1.0)
        more = np.where(floors, np.floor(more / one + NOISE) * one, more)
    more = np.maximum(more, 0.0)
    area[use] += more
    room -= more


def _filled(
    limits: Limits, base: FloatArray, order: tuple[int, ...]
) -> tuple[FloatArray, FloatArray]:
    area, room = _start(limits, base, order)
    short = room < -NOISE * limits.capacity
    for use in order:
        _add(limits, area, room, use)
    room[short] = -np.inf
    return area, room


def _knapsack(
    limits: Limits, base: FloatArray, order: tuple[int, ...]
) -> list[tuple[FloatArray, FloatArray]]:
    """Every number of floors of the first use, with as many floors of the second as fit."""
    first, second = order
    step = limits.step[first]
    if not (step > 0.0).any():
        return []
    one = np.where(step > 0.0, step, 1.0)
    counts = np.where(step > 0.0, (limits.most[first] - limits.least[first]) / one, 0.0)
    found = []
    for floors in range(int(np.floor(counts.max(initial=0.0) + NOISE)) + 1):
        area, room = _start(limits, base, order)
        area[first] += floors * step
        room -= floors * step
        room[(room < -NOISE * limits.capacity) | (floors > counts + NOISE)] = -np.inf
        _add(limits, area, room, second)
        found.append((area, room))
    return found


def search_prices(columns: Columns, *, target: FloatArray, spread: float) -> FloatArray:
    """Find prices near the minimum of D: damped Newton steps while a softmax cools.

    Parameters
    ----------
    columns : Columns
        The parcels, in an order that does not hang on their content.
    target : numpy.ndarray, shape (k,)
        Totals.
    spread : float
        Difference between the largest and the smallest score.

    Returns
    -------
    numpy.ndarray, shape (k,)
    """
    rows = columns.size.size
    prices = np.zeros(target.size)
    heat, limit = spread / 4.0, 64.0 * spread
    if rows > 3 * SAMPLE_ROWS:
        sample = columns.only(slice(0, SAMPLE_ROWS))
        part = float(sample.size.sum()) / float(columns.size.sum())
        stop = spread / SAMPLE_ROWS**0.5
        while heat > stop:
            prices = _newton(sample, target=target * part, prices=prices, heat=heat, limit=limit)
            heat = max(heat / COOLING, stop)
    left, rest, stop = columns, target, LAST_HEAT * spread
    returns = 0
    while True:
        before = prices
        prices = _newton(left, target=rest, prices=before, heat=heat, limit=limit)
        if left is not columns and np.abs(prices - before).max() > SURE * heat:
            left, rest = columns, target  # rows left out may matter again
            returns += 1
        elif heat <= stop:
            return prices
        heat = max(heat / COOLING, stop)
        if returns >= MOST_RETURNS:
            continue  # where no prices balance, leaving rows out would go back and forth for ever
        slot, _, lead = left.best(prices)
        doubt = lead <= 4.0 * SURE * heat * left.size
        if np.count_nonzero(doubt) < doubt.size:
            rest = rest - left.taken(slot)[:, ~doubt].sum(axis=1)
            left = left.only(doubt)
        if left.size.size == 0:
            return prices


def _newton(
    columns: Columns, *, target: FloatArray, prices: FloatArray, heat: float, limit: float
) -> FloatArray:
    for _ in range(NEWTON_STEPS):
        sums, slope = columns.soften(prices, heat)
        ridge = 1e-6 * (sums + np.abs(target)) + 1e-12 * float(columns.size.sum()) + 1e-300
        step = np.linalg.solve(slope + np.diag(ridge), sums - target)
        width = max(float(step.max()), 0.0) - min(float(step.min()), 0.0)
        if width == 0.0:
            break
        prices = prices + step * (heat * float(np.log1p(width)) / width)
        prices = np.clip(prices, -limit, limit)
        if width < 0.5:
            break
    return prices
