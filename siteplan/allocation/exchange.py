"""Few parcels and few uses shared out exactly, by exchanges along cheapest paths.

Each row starts with what is best for it at given prices, which is optimal for the totals that
result. Then area moves from uses that hold too much to uses that hold too little, always along
the path of exchanges that loses least, until every total is met: the method of successive shortest
paths for a flow of least cost (Ahuja, Magnanti and Orlin, *Network Flows*, 1993, section 9.7). Its
graph has one node per use and one for emptiness, however many rows there are: the arc from use a
to use b costs the least that any row with area of a and room for b loses by the exchange. An
optimal flow stays optimal with every step, since a cheapest path leaves no cycle that gains.

Scores are whole multiples of one quantum here, held as floats, so sums of them are exact, ties are
ties, and no rounding can turn a cycle of no loss into one that gains.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from siteplan.allocation.arrays import FloatArray

Heap = list[tuple[float, int]]

STEPS_PER_ROW = 8
"""Exchanges per row after which the search gives up; one or two are usual."""


@dataclass(frozen=True, eq=False)
class Exchanged:
    """Shares of rows, and the prices that prove them.

    Attributes
    ----------
    area : numpy.ndarray, shape (k, m)
        Amount of each use on each row.
    prices : numpy.ndarray, shape (k,)
        Prices of the totals: what one unit more of a total changes, where that can be had.
    missed : float
        Sum of the amounts by which totals are missed: more would need prices beyond the reach.
    """

    area: FloatArray
    prices: FloatArray
    missed: float


def exchange(
    capacity: FloatArray,
    value: FloatArray,
    *,
    target: FloatArray,
    upper: FloatArray | None = None,
    reach: float = math.inf,
    enough: float = 0.0,
) -> Exchanged:
    """Maximise ``sum value * area`` where rows hold at most their capacity and totals are met.

    Parameters
    ----------
    capacity : numpy.ndarray, shape (m,)
        Most that a row holds.
    value : numpy.ndarray, shape (k + 1, m)
        Value of one unit of each use, and of one unit left empty in the last row: whole numbers
        below 2**50, or -inf where not allowed.
    target : numpy.ndarray, shape (k,)
        Totals.
    upper : numpy.ndarray, shape (k, m), optional
        Most of each use on each row.
    reach : float
        Largest price, up or down, that may be used.
    enough : float
        Totals that are missed by less than this are met.

    Returns
    -------
    Exchanged
    """
    rows = _Exchange(capacity, value, upper, reach=reach)
    over = (np.array(rows.area).sum(axis=1)[:-1] - target).tolist()
    over.append(-math.fsum(over))
    met = False
    loss = [0.0] * len(over)
    for _ in range(STEPS_PER_ROW * (capacity.size + len(over))):
        most, least = max(over), min(over)
        if most <= enough or least >= -enough:
            met = True
            break
        loss, path = rows.cheapest(over, enough=enough)
        if not path:
            break
        rows.move(path, over)
    if met:
        loss = rows.prices_back()
    prices = np.array([loss[-1] - one if one < math.inf else 0.0 for one in loss[:-1]])
    missed = 0.0 if met else max(abs(amount) for amount in over)
    return Exchanged(np.array(rows.area[:-1]), prices, missed)


class _Exchange:
    """What rows hold, and the cheapest exchange for every two uses."""

    def __init__(
        self, capacity: FloatArray, value: FloatArray, upper: FloatArray | None, *, reach: float
    ) -> None:
        area = _best_shares(capacity, value, upper)
        self.area: list[list[float]] = area.tolist()
        self.crumb: list[float] = (1e-14 * capacity).tolist()
        self.value: list[list[float]] = value.T.tolist()
        self.most: list[list[float]] | None = None
        if upper is not None:
            self.most = np.vstack([np.where(value[:-1] > -np.inf, upper, 0.0), capacity]).tolist()
        self.reach = reach
        nodes = len(self.area)
        self.last = nodes - 1
        self.heaps: list[list[Heap]] = [[[] for _ in range(nodes)] for _ in range(nodes)]
        # Rows that tie are asked in an order that differs by use, so that alike parcels share.
        self.size = size = capacity.size
        self.turn = [b * size // nodes for b in range(nodes)]
        self.pairs = [
            (a, b, self.area[a], None if self.most is None else (self.area[b], self.most[b]), heap)
            for a, line in enumerate(self.heaps)
            for b, heap in enumerate(line)
            if a != b
        ]
        use, row = np.nonzero(area > 0.0)
        for a, i in zip(use.tolist(), row.tolist(), strict=True):
            own = self.value[i]
            here = own[a]
            for heap, there, turn in zip(self.heaps[a], own, self.turn, strict=True):
                if there > -math.inf:
                    heap.append((here - there, (i + turn) % size))
        for _, _, _, _, heap in self.pairs:
            heapify(heap)

    def arcs(self) -> list[tuple[int, int, float]]:
        """Return the cheapest exchange from use a to use b, for all pairs that have one."""
        found = []
        size, turns = self.size, self.turn
        for a, b, gives, takes, heap in self.pairs:
            while heap:
                loss, place = heap[0]
                row = (place - turns[b]) % size
                if gives[row] > 0.0 and (takes is None or takes[0][row] < takes[1][row]):
                    found.append((a, b, loss))
                    break
                heappop(heap)
        return found

    def cheapest(
        self, over: list[float], *, enough: float
    ) -> tuple[list[float], list[tuple[int, int]]]:
        """Return losses from any use with too much to each use, and the best path to a lack."""
        arcs = self.arcs()
        loss = [0.0 if amount > enough else math.inf for amount in over]
        came = self._relax(loss, arcs)
        ends = [use for use, amount in enumerate(over) if amount < -enough]
        end = min(ends, key=loss.__getitem__)
        path = []
        if loss[end] < math.inf:
            while came[end] >= 0:
                if came[end] > self.last:  # beyond the reach
                    return loss, []
                path.append((came[end], end))
                end = came[end]
        return loss, path[::-1]

    def _relax(self, loss: list[float], arcs: list[tuple[int, int, float]]) -> list[int]:
        """Shorten `loss` along the arcs until nothing changes (Bellman and Ford)."""
        came = [-1] * len(loss)
        last, reach = self.last, self.reach
        changed = True
        while changed:
            changed = False
            for a, b, cost in arcs:
                ahead = loss[a] + cost
                if ahead < loss[b]:
                    loss[b], came[b], changed = ahead, a, True
            if reach < math.inf:
                least = min(loss[:-1]) + reach
                if least < loss[last]:
                    loss[last], came[last], changed = least, last + 1, True
                ahead = loss[last] + reach
                for use in range(last):
                    if ahead < loss[use]:
                        loss[use], came[use], changed = ahead, last + 1, True
        return came

    def prices_back(self) -> list[float]:
        """Losses from emptiness to each use; where there are none, those the other way, turned."""
        arcs = self.arcs()
        bound, self.reach = self.reach, math.inf
        loss = [math.inf] * self.last + [0.0]
        self._relax(loss, arcs)
        self.reach = bound
        if max(loss) <= bound and max(loss) < math.inf and min(loss) >= -bound:
            return loss
        back = [math.inf] * self.last + [0.0]
        self._relax(back, [(b, a, cost) for a, b, cost in arcs])
        return [-one for one in back]

    def move(self, path: list[tuple[int, int]], over: list[float]) -> None:
        """Move as much along the path as its ends and its rows can take."""
        rows = [(self.heaps[a][b][0][1] - self.turn[b]) % self.size for a, b in path]
        start, end = path[0][0], path[-1][1]
        amount = min(over[start], -over[end], self._bottleneck(path, rows))
        over[start] -= amount
        over[end] += amount
        for (a, b), row in zip(path, rows, strict=True):
            self._shift(row, a, b, amount)

    def _bottleneck(self, path: list[tuple[int, int]], rows: list[int]) -> float:
        """Return the most that the rows of a path can exchange."""
        area, most = self.area, self.most
        amount = min(area[a][row] for (a, _), row in zip(path, rows, strict=True))
        if most is None:  # a row that holds something has room for anything in its place
            return amount
        return min(
            amount, *(most[b][row] - area[b][row] for (_, b), row in zip(path, rows, strict=True))
        )

    def _shift(self, row: int, a: int, b: int, amount: float) -> None:
        """Exchange an amount of use a on a row for use b, and note what can follow."""
        area, most, own = self.area, self.most, self.value[row]
        had, held = area[a][row], area[b][row]
        left = had - amount
        area[a][row] = left if left > self.crumb[row] else 0.0
        area[b][row] = held + amount
        if held == 0.0:
            for heap, there, turn in zip(self.heaps[b], own, self.turn, strict=True):
                if there > -math.inf:
                    heappush(heap, (own[b] - there, (row + turn) % self.size))
        if most is None:
            return
        if most[b][row] - area[b][row] <= self.crumb[row]:
            area[b][row] = most[b][row]
        if had >= most[a][row]:  # there is room for this use again
            for use, line in enumerate(self.heaps):
                if use != a and area[use][row] > 0.0:
                    heappush(line[a], (own[use] - own[a], (row + self.turn[a]) % self.size))


def _best_shares(capacity: FloatArray, value: FloatArray, upper: FloatArray | None) -> FloatArray:
    """Fill every row with what is best for it, shape (k + 1, m)."""
    area = np.zeros_like(value)
    if upper is None:
        area[value.argmax(axis=0), np.arange(capacity.size)] = capacity
        return area
    every = np.arange(capacity.size)
    bound = np.vstack([np.where(value[:-1] > -np.inf, upper, 0.0), capacity])
    left = capacity.copy()
    for use in np.argsort(-value, axis=0, kind="stable"):
        given = np.minimum(bound[use, every], left)
        area[use, every] = given
        left = left - given
    return area
