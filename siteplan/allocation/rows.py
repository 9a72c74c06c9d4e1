"""Parcels as the dual search sees them: what each takes at given prices, and how surely.

Two kinds. `PlainRows` are limited by their capacity alone, so each goes wholly to its best use.
`CappedRows` also have an upper bound per use, so each fills its best uses in turn. Arrays are in
column layout, shape (k, n); values are scaled to about one. Staying empty is one more choice, of
value 0.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from siteplan.allocation.exchange import Exchanged, exchange
from siteplan.allocation.passes import BLOCK, blocks, dot, gram, kept

if TYPE_CHECKING:
    from siteplan.allocation.arrays import FloatArray, IntArray

BoolArray = npt.NDArray[np.bool_]

QUANTUM = 2.0**-46
"""Differences of score below this, on a scale of one, count as ties."""

ENOUGH = 1e-14
"""Share of the demand below which a total that is missed counts as met."""

ROW_PRICE_STEPS = 8

PART_STEPS = 2.0**40
"""Bounds are compared as parts of the capacity, in steps this fine."""


@dataclass(frozen=True, eq=False)
class Choice:
    """What rows take at given prices.

    Attributes
    ----------
    prices : numpy.ndarray, shape (k,)
        The prices.
    margin : numpy.ndarray, shape (n,)
        Least loss per unit of any other choice: how far the choice is from changing.
    taken : numpy.ndarray, shape (n,) or (k, n)
        Plain rows: the best reduced score. Capped rows: the amounts.
    row_price : numpy.ndarray, shape (n,), or None
        Capped rows: the reduced score at which a row is full.
    """

    prices: FloatArray
    margin: FloatArray
    taken: FloatArray
    row_price: FloatArray | None = None


class Rows(ABC):
    """Rows with their capacity and scores; see the module text."""

    def __init__(self, capacity: FloatArray, score: FloatArray) -> None:
        self.capacity = capacity
        self.score = score

    @property
    def size(self) -> int:
        """Number of rows."""
        return self.capacity.size

    @property
    def uses(self) -> int:
        """Number of prices that `choose` takes."""
        return len(self.score)

    @property
    def limits(self) -> FloatArray | None:
        """Upper bounds of uses, shape (k, n); None where only capacity limits."""
        return None

    @abstractmethod
    def only(self, rows: BoolArray | slice) -> Self:
        """Keep some rows."""

    @abstractmethod
    def shifted(self, shift: FloatArray) -> Self:
        """Add a number to all scores of each use."""

    @abstractmethod
    def choose(self, prices: FloatArray) -> Choice:
        """Decide every row at `prices`."""

    @abstractmethod
    def amounts(self, choice: Choice, rows: BoolArray) -> FloatArray:
        """Amounts of `choice` on the given rows, zero elsewhere, shape (k, n)."""

    @abstractmethod
    def totals(self, choice: Choice, rows: BoolArray) -> FloatArray:
        """Add `amounts` up per use, shape (k,)."""

    @abstractmethod
    def worth(self, choice: Choice) -> float:
        """Sum over the rows of reduced score times amount."""

    @abstractmethod
    def soften(self, prices: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
        """Totals of the softened choice, and minus their slope per `level` of price."""

    @abstractmethod
    def merge(self, choice: Choice, reach: float) -> Self:
        """Merge rows that choose alike within `reach` of the prices, where that is possible."""

    @abstractmethod
    def kinds(self, choice: Choice, doubt: BoolArray, *, lead: float) -> Kinds:
        """Merge the rows in doubt where they are alike within `lead` of the choice's prices."""

    @abstractmethod
    def share(
        self, choice: Choice, doubt: BoolArray, *, rest: FloatArray, lead: float
    ) -> tuple[Exchanged, FloatArray]:
        """Solve the rows in doubt exactly, prices within ``lead / 2`` of the choice's.

        Returns the solution, with prices in quanta, and the amounts, shape (k, d).
        """


@dataclass(frozen=True, eq=False)
class Kinds:
    """Rows in doubt, merged where they are alike, for a solver to which prices are unknown.

    Attributes
    ----------
    capacity : numpy.ndarray, shape (c,)
        Sum of the rows' capacities.
    value : numpy.ndarray, shape (k, c)
        Value of each use over that of staying empty; -inf where out of reach.
    upper : numpy.ndarray, shape (k, c), or None
        Bounds; without them only capacity limits.
    full : numpy.ndarray of bool, shape (c,), or None
        Kinds that are never empty within reach, whose values are over an unknown constant.
    """

    capacity: FloatArray
    value: FloatArray
    upper: FloatArray | None
    full: BoolArray | None


class PlainRows(Rows):
    """Rows limited by capacity alone."""

    def only(self, rows: BoolArray | slice) -> PlainRows:
        """Keep some rows."""
        return PlainRows(self.capacity[rows], kept(self.score, rows))

    def shifted(self, shift: FloatArray) -> PlainRows:
        """Add a number to all scores of each use."""
        return PlainRows(self.capacity, self.score + shift[:, None])

    def choose(self, prices: FloatArray) -> Choice:
        """Decide every row at `prices`: best reduced score, and its lead over the second."""
        every_best, margin = np.zeros(self.size), np.empty(self.size)
        for part in blocks(self.size):
            best = every_best[part]
            second, spare = np.full(best.size, -np.inf), np.empty(best.size)
            for score, price in zip(self.score, prices, strict=True):
                reduced = score[part] - price
                np.minimum(best, reduced, out=spare)
                np.maximum(second, spare, out=second)
                np.maximum(best, reduced, out=best)
            np.subtract(best, second, out=margin[part])
        return Choice(prices, margin, every_best)

    def amounts(self, choice: Choice, rows: BoolArray) -> FloatArray:
        """Amounts of `choice` on the given rows, zero elsewhere."""
        area = np.empty_like(self.score)
        for part in blocks(self.size):
            self._amounts(choice, rows, part, area[:, part])
        return area

    def _amounts(self, choice: Choice, rows: BoolArray, part: slice, area: FloatArray) -> None:
        """Write a block of `amounts` to `area`."""
        taken = choice.taken[part]
        free = np.where(rows[part] & (taken > 0.0), self.capacity[part], 0.0)
        for score, price, given in zip(self.score, choice.prices, area, strict=True):
            # The same subtraction as in `choose`, so equality is exact.
            np.multiply(free, score[part] - price == taken, out=given)

    def totals(self, choice: Choice, rows: BoolArray) -> FloatArray:
        """Add `amounts` up per use."""
        sums, area = np.zeros(self.uses), np.empty((self.uses, min(self.size, BLOCK)))
        for part in blocks(self.size):
            given = area[:, : rows[part].size]
            self._amounts(choice, rows, part, given)
            sums += given.sum(axis=1)
        return sums

    def worth(self, choice: Choice) -> float:
        """Sum over the rows of reduced score times amount."""
        return dot(self.capacity, choice.taken)

    def soften(self, prices: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
        """Totals and slope where each row splits by the softmax of its reduced scores."""
        uses = self.uses
        sums, slope = np.zeros(uses), np.zeros((uses, uses))
        for part in blocks(self.size):
            chance = self.score[:, part] - prices[:, None]
            chance /= level
            top = np.maximum(chance.max(axis=0), 0.0)
            chance -= top
            np.exp(chance, out=chance)
            chance /= chance.sum(axis=0) + np.exp(-top)
            load = chance * self.capacity[part]
            sums += load.sum(axis=1)
            slope -= load @ chance.T
        slope.flat[:: uses + 1] += sums
        return sums, slope

    def merge(self, choice: Choice, reach: float) -> PlainRows:
        """Merge rows whose choices within `reach` tie in the same way."""
        kinds = _merge(self, choice, np.ones(self.size, bool), lead=2.0 * reach)
        full = kinds.steps[-1] == -np.inf
        idle = np.where(full, 0.0, kinds.steps[-1])
        lift = np.where(full, 4.0 * reach, 0.0)  # a full kind must not stay empty
        value = (kinds.steps[:-1] - idle) * QUANTUM
        return PlainRows(kinds.capacity, value + lift + choice.prices[:, None])

    def kinds(self, choice: Choice, doubt: BoolArray, *, lead: float) -> Kinds:
        """Merge the rows in doubt where the same choices tie in the same way."""
        kinds = _merge(self, choice, doubt, lead=lead)
        full = kinds.steps[-1] == -np.inf
        value = (kinds.steps[:-1] - np.where(full, 0.0, kinds.steps[-1])) * QUANTUM
        return Kinds(kinds.capacity, value + choice.prices[:, None], None, full)

    def share(
        self, choice: Choice, doubt: BoolArray, *, rest: FloatArray, lead: float
    ) -> tuple[Exchanged, FloatArray]:
        """Solve the rows in doubt exactly, merged where they are alike."""
        kinds = _merge(self, choice, doubt, lead=lead)
        found = exchange(
            kinds.capacity,
            kinds.steps,
            target=rest,
            reach=np.floor(lead / (2.0 * QUANTUM)),
            enough=ENOUGH * float(np.abs(rest).sum()),
        )
        return found, _hand_out(found.area, kind=kinds.kind, capacity=self.capacity[doubt])


@dataclass(frozen=True, eq=False)
class _Kinds:
    """Rows merged where the same choices tie in the same way."""

    kind: IntArray  # kind of each row
    capacity: FloatArray  # (c,)
    steps: FloatArray  # (k + 1, c) quanta behind the best, emptiness last; -inf out of reach


def _merge(rows: PlainRows, choice: Choice, doubt: BoolArray, *, lead: float) -> _Kinds:
    best, capacity = choice.taken[doubt], rows.capacity[doubt]
    behind = np.empty((rows.score.shape[0] + 1, best.size))
    np.subtract(kept(rows.score, doubt), choice.prices[:, None], out=behind[:-1])
    behind[-1] = 0.0
    behind -= best
    far = behind < -lead
    behind[far] = 0.0
    steps = np.rint(behind / QUANTUM)
    steps[far] = 1.0  # never taken within reach
    _, first, kind = np.unique(mixed_bits(steps), return_index=True, return_inverse=True)
    behind = kept(steps, first)
    behind[kept(far, first)] = -np.inf
    sums = np.bincount(kind, weights=capacity, minlength=first.size).astype(np.float64)
    return _Kinds(kind, sums, behind)


def mixed_bits(columns: FloatArray | list[FloatArray]) -> npt.NDArray[np.uint64]:
    """Hash each column of a float matrix to 64 bits; equal columns, equal bits.

    Parameters
    ----------
    columns : numpy.ndarray, shape (m, n), or its rows
        Numbers.

    Returns
    -------
    numpy.ndarray of uint64, shape (n,)
    """
    every = np.zeros(columns[0].size, np.uint64)
    for part in blocks(every.size):
        mixed = every[part]
        for row in columns:
            mixed ^= (row[part] + 0.0).view(np.uint64)  # + 0.0 makes -0.0 and 0.0 alike
            mixed *= np.uint64(0x9E3779B97F4A7C15)
            mixed ^= mixed >> np.uint64(29)
            mixed *= np.uint64(0xBF58476D1CE4E5B9)
            mixed ^= mixed >> np.uint64(32)
    return every


def _hand_out(area: FloatArray, *, kind: IntArray, capacity: FloatArray) -> FloatArray:
    """Share each kind's area out among its rows, large rows first, so that few are split."""
    shares = np.zeros((area.shape[0], capacity.size))
    order = np.lexsort((-capacity, kind))
    kinds, room = kind[order], capacity[order]
    counts = np.bincount(kind, minlength=area.shape[1])
    whole = np.bincount(kind, weights=capacity, minlength=area.shape[1])
    ends = np.cumsum(room)
    first = np.cumsum(counts) - counts
    ends -= np.repeat((ends - room)[first], counts)
    starts = ends - room
    noise = 1e-12 * whole[kinds]
    done = np.zeros(area.shape[1])
    left = room.copy()
    for use in range(area.shape[0]):
        upto = np.minimum(done + area[use], whole)
        part = np.minimum(ends, upto[kinds]) - np.maximum(starts, done[kinds])
        inside = (starts >= done[kinds] - noise) & (ends <= upto[kinds] + noise) & (part > 0.0)
        given = np.minimum(np.where(inside, room, np.maximum(part, 0.0)), left)
        shares[use, order] = given
        left -= given
        done = upto
    return shares


class CappedRows(Rows):
    """Rows with an upper bound per use: each fills its best uses in turn."""

    def __init__(self, capacity: FloatArray, score: FloatArray, upper: FloatArray) -> None:
        super().__init__(capacity, score)
        self.upper = upper
        self._row_price: FloatArray | None = None  # where the last softened choice ended

    @property
    def limits(self) -> FloatArray:
        """Upper bounds of uses, shape (k, n)."""
        return self.upper

    def only(self, rows: BoolArray | slice) -> CappedRows:
        """Keep some rows."""
        return CappedRows(self.capacity[rows], kept(self.score, rows), kept(self.upper, rows))

    def shifted(self, shift: FloatArray) -> CappedRows:
        """Add a number to all scores of each use."""
        return CappedRows(self.capacity, self.score + shift[:, None], self.upper)

    def choose(self, prices: FloatArray) -> Choice:
        """Fill each row's best uses in turn; any exchange of two uses may come next."""
        reduced = self.score - prices[:, None]
        area = np.empty_like(self.upper)
        for use, own in enumerate(reduced):
            before = np.zeros(self.size)
            for other, rival in enumerate(reduced):
                if other != use:
                    ahead = rival >= own if other < use else rival > own
                    before += np.where(ahead, self.upper[other], 0.0)
            area[use] = np.minimum(np.maximum(self.capacity - before, 0.0), self.upper[use])
        area[reduced <= 0.0] = 0.0
        empty = self.capacity - area.sum(axis=0)
        empty[empty < 1e-12 * self.capacity] = 0.0
        margin, row_price = self._margin(reduced, area, empty)
        return Choice(prices, margin, area, row_price)

    def _margin(
        self, reduced: FloatArray, area: FloatArray, empty: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Least of (value of a cell that holds something) - (value of another with room)."""
        value = np.vstack([reduced, np.zeros(self.size)])
        holds = np.vstack([area > 0.0, empty > 0.0])
        opens = np.vstack([(area < self.upper) & (reduced > -np.inf), empty < self.capacity])
        part = holds & opens
        least_full = np.where(holds & ~part, value, np.inf).min(axis=0)
        most_open = np.where(opens & ~part, value, -np.inf).max(axis=0)
        low_part = np.where(part, value, np.inf).min(axis=0)
        high_part = np.where(part, value, -np.inf).max(axis=0)
        count = part.sum(axis=0)
        margin = least_full - most_open
        some = count > 0
        margin[some] = np.minimum(
            margin[some],
            np.minimum((least_full - high_part)[some], (low_part - most_open)[some]),
        )
        margin[count > 1] = 0.0  # two open cells trade freely: a tie
        middle = np.clip(0.5 * (least_full + most_open), -4.0, 4.0)
        return np.maximum(margin, 0.0), np.where(some, high_part, middle)

    def amounts(self, choice: Choice, rows: BoolArray) -> FloatArray:
        """Amounts of `choice` on the given rows, zero elsewhere."""
        return np.where(rows, choice.taken, 0.0)

    def totals(self, choice: Choice, rows: BoolArray) -> FloatArray:
        """Add `amounts` up per use."""
        return np.asarray(choice.taken.compress(rows, axis=1).sum(axis=1))

    def worth(self, choice: Choice) -> float:
        """Sum over the rows of reduced score times amount."""
        reduced = np.where(choice.taken > 0.0, self.score - choice.prices[:, None], 0.0)
        return dot(reduced, choice.taken)

    def soften(self, prices: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
        """Totals and slope where each cell fills by a logistic curve of its value.

        The row price, which makes cells and emptiness add up to the capacity, is found by
        damped Newton steps from that of the firm choice.
        """
        value = np.vstack([self.score - prices[:, None], np.zeros(self.size)])
        bound = np.vstack([self.upper, self.capacity])
        price = self.choose(prices).row_price if self._row_price is None else self._row_price
        enough = 1e-3 * float(self.capacity.sum())
        for _ in range(ROW_PRICE_STEPS):
            full = 1.0 / (1.0 + np.exp(np.clip((price - value) / level, -500.0, 500.0)))
            held = full * bound
            over = held.sum(axis=0) - self.capacity
            if float(np.abs(over).sum()) <= enough:
                break
            slope = (held * (1.0 - full)).sum(axis=0)
            step = over / np.maximum(slope, 1e-9 * self.capacity)
            price = price + level * np.copysign(np.log1p(np.abs(step)), step)
        self._row_price = price
        slopes = held * (1.0 - full)
        every = slopes.sum(axis=0) + 1e-300
        slopes = slopes[:-1]
        square = np.diag(slopes.sum(axis=1)) - gram(slopes / every, slopes)
        return held[:-1].sum(axis=1), square

    def merge(self, choice: Choice, reach: float) -> CappedRows:  # noqa: ARG002
        """Merge rows with the same values and the same bounds in proportion to capacity."""
        every = np.ones(self.size, bool)
        _, first, sums, upper = self._proportional(choice, every)
        return CappedRows(sums, kept(self.score, first), upper)

    def _proportional(
        self, choice: Choice, doubt: BoolArray
    ) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
        """Kinds of rows that are copies of each other but for size: they add up to one row."""
        capacity = self.capacity[doubt]
        value = np.rint((kept(self.score, doubt) - choice.prices[:, None]) / QUANTUM)
        part = np.rint(np.minimum(kept(self.upper, doubt) / capacity, 1.0) * PART_STEPS)
        keys = mixed_bits(np.concatenate([value, part]))
        _, first, kind = np.unique(keys, return_index=True, return_inverse=True)
        sums = np.bincount(kind, weights=capacity, minlength=first.size).astype(np.float64)
        return kind, first, sums, kept(part, first) / PART_STEPS * sums

    def kinds(self, choice: Choice, doubt: BoolArray, *, lead: float) -> Kinds:  # noqa: ARG002
        """Merge the rows in doubt that are copies of each other but for size."""
        _, first, sums, upper = self._proportional(choice, doubt)
        return Kinds(sums, kept(kept(self.score, doubt), first), upper, None)

    def share(
        self, choice: Choice, doubt: BoolArray, *, rest: FloatArray, lead: float
    ) -> tuple[Exchanged, FloatArray]:
        """Solve the rows in doubt exactly, merged where they differ in size only."""
        kind, first, sums, upper = self._proportional(choice, doubt)
        value = np.zeros((self.score.shape[0] + 1, first.size))
        value[:-1] = np.rint(
            (kept(kept(self.score, doubt), first) - choice.prices[:, None]) / QUANTUM
        )
        found = exchange(
            sums,
            value,
            target=rest,
            upper=upper,
            reach=np.floor(lead / (2.0 * QUANTUM)),
            enough=ENOUGH * float(np.abs(rest).sum()),
        )
        capacity = self.capacity[doubt]
        even = kept(found.area, kind) * (capacity / sums[kind])
        plain = np.asarray(((upper >= sums) | (upper <= 0.0)).all(axis=0))
        if not plain.any():
            return found, even
        return found, np.where(
            plain[kind], _hand_out(found.area, kind=kind, capacity=capacity), even
        )
