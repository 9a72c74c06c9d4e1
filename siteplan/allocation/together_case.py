"""The parts of `siteplan.allocation.together`: what neighbours share, and what that is worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from siteplan.allocation.arrays import FloatArray, IntArray, vector
from siteplan.allocation.passes import kept
from siteplan.allocation.problem import Problem
from siteplan.allocation.rows import mixed_bits
from siteplan.allocation.solve import Allocation, allocate


@dataclass(frozen=True, eq=False)
class Cells:
    """Pairs and uses that can be shared, one cell each, in canonical order."""

    one: IntArray  # (c,) rows
    two: IntArray  # (c,)
    use: IntArray  # (c,)
    length: FloatArray  # (c,) metres
    share: FloatArray  # (n,) 1 / F, 0 where there is no capacity


@dataclass(frozen=True, eq=False)
class Pairs:
    """Neighbours, each pair once and in ascending order."""

    one: IntArray  # (m,) rows
    two: IntArray  # (m,)
    length: FloatArray  # (m,) metres

    def renamed(self, rank: IntArray) -> Pairs:
        """Return the pairs after row i has become row ``rank[i]``."""
        one, two = rank[self.one], rank[self.two]
        low, high = np.minimum(one, two), np.maximum(one, two)
        order = np.lexsort((high, low))
        return Pairs(low[order], high[order], self.length[order])


def checked_pairs(pairs: npt.ArrayLike, length_m: npt.ArrayLike, *, parcels: int) -> Pairs:
    """Check neighbours and add up those that are named twice.

    Parameters
    ----------
    pairs : array_like of int, shape (m, 2)
    length_m : array_like, shape (m,)
    parcels : int
        Number of rows.

    Returns
    -------
    Pairs

    Raises
    ------
    ValueError
        For pairs that name no two rows, and lengths that are no lengths.
    """
    rows = np.asarray(pairs)
    if rows.size == 0:
        rows = np.zeros((0, 2), np.int64)
    if rows.ndim != 2 or rows.shape[1] != 2:
        msg = f"pairs must have shape (m, 2), not {rows.shape}"
        raise ValueError(msg)
    if not np.issubdtype(rows.dtype, np.integer):
        msg = f"pairs must hold row numbers, not {rows.dtype}"
        raise ValueError(msg)
    wrong = ((rows < 0) | (rows >= parcels)).any(axis=1) | (rows[:, 0] == rows[:, 1])
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        msg = f"pairs must name two of {parcels} rows: {rows[place].tolist()} at index {place}"
        raise ValueError(msg)
    length = vector(length_m, name="length_m", size=rows.shape[0])
    one, two = rows.min(axis=1).astype(np.int64), rows.max(axis=1).astype(np.int64)
    order = np.lexsort((length, two, one))  # sums do not hang on the order of the pairs
    key, spot = np.unique((one * parcels + two)[order], return_inverse=True)
    total = np.bincount(spot, weights=length[order], minlength=key.size).astype(np.float64)
    return Pairs(key // max(parcels, 1), key % max(parcels, 1), total)


def shared_cells(joined: Pairs, *, capacity: FloatArray, allowed: npt.NDArray[np.bool_]) -> Cells:
    """List the pairs and uses that both sides may hold.

    Parameters
    ----------
    joined : Pairs
    capacity : numpy.ndarray, shape (n,)
    allowed : numpy.ndarray of bool, shape (k, n)

    Returns
    -------
    Cells
    """
    held = capacity > 0.0
    room = allowed & held
    both = room[:, joined.one] & room[:, joined.two] & (joined.length > 0.0)
    pair, use = np.nonzero(both.T)
    share = np.divide(1.0, capacity, out=np.zeros(capacity.size), where=held)
    return Cells(joined.one[pair], joined.two[pair], use, joined.length[pair], share)


def canonical(problem: Problem, joined: Pairs) -> IntArray:
    """Return the rows in an order that hangs on their content and their neighbours' alone.

    Each row's bits are mixed with the sum of its neighbours' bits, three times (the colour
    refinement of Weisfeiler and Leman 1968).

    Parameters
    ----------
    problem : Problem
    joined : Pairs

    Returns
    -------
    numpy.ndarray of int, shape (n,)
    """
    parts = [problem.capacity[None], problem.score, problem.upper, problem.lower]
    colour = mixed_bits(np.concatenate([part for part in parts if part is not None]))
    metres = mixed_bits(joined.length[None]) | np.uint64(1)
    for _ in range(3):
        around = np.zeros_like(colour)
        np.add.at(around, joined.one, colour[joined.two] * metres)
        np.add.at(around, joined.two, colour[joined.one] * metres)
        colour = (colour ^ (around >> np.uint64(31))) * np.uint64(0x9E3779B97F4A7C15) + around
    return np.argsort(colour, kind="stable")


def reordered(problem: Problem, order: IntArray) -> Problem:
    """Return the problem with its rows in another order.

    Parameters
    ----------
    problem : Problem
    order : numpy.ndarray of int, shape (n,)

    Returns
    -------
    Problem
    """
    return Problem(
        problem.capacity[order],
        kept(problem.score, order),
        None if problem.upper is None else kept(problem.upper, order),
        None if problem.lower is None else kept(problem.lower, order),
    )


@dataclass(frozen=True, eq=False)
class Case:
    """One checked problem."""

    problem: Problem
    cells: Cells
    target: FloatArray
    worth_per_m: float

    @property
    def worth(self) -> FloatArray:
        """Worth of each cell with the use all over both sides, shape (c,)."""
        return self.worth_per_m * self.cells.length

    def suitability(self, area: FloatArray) -> float:
        """Sum of score times area, (n, k)."""
        held = area.T > 0.0
        return float((np.where(held, self.problem.score, 0.0) * area.T).sum())

    def size(self, area: FloatArray) -> float:
        """Sum of the absolute parts of the objective, to which gaps are relative."""
        held = np.where(area.T > 0.0, np.abs(self.problem.score), 0.0)
        return float((held * area.T).sum()) + self.worth_per_m * shared_m(self.cells, area)

    def value(self, area: FloatArray) -> float:
        """Objective of an allocation, (n, k)."""
        return self.suitability(area) + self.worth_per_m * shared_m(self.cells, area)

    def relaxed(self, split: FloatArray, prices: FloatArray | None) -> Allocation:
        """Allocate with each cell's worth handed to its sides: `split` to one, the rest to two."""
        return self.leaning(split, self.worth - split, prices)

    def leaning(self, one: FloatArray, two: FloatArray, prices: FloatArray | None) -> Allocation:
        """Allocate where a whole share of a cell's use earns `one` and `two` on its sides."""
        problem, cells = self.problem, self.cells
        uses, parcels = problem.score.shape
        one, two = one * cells.share[cells.one], two * cells.share[cells.two]
        bonus = np.bincount(
            np.concatenate([cells.one, cells.two]) * uses + np.tile(cells.use, 2),
            weights=np.concatenate([one, two]),
            minlength=parcels * uses,
        ).reshape(parcels, uses)
        return allocate(
            problem.capacity,
            problem.score.T + bonus,
            self.target,
            None if problem.upper is None else problem.upper.T,
            None if problem.lower is None else problem.lower.T,
            prices=prices,
        )


def both_shares(cells: Cells, area: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the shares of capacity on both sides of every cell.

    Parameters
    ----------
    cells : Cells
    area : numpy.ndarray, shape (n, k)

    Returns
    -------
    one, two : numpy.ndarray, shape (c,)
    """
    part = area * cells.share[:, None]
    return part[cells.one, cells.use], part[cells.two, cells.use]


def shared_m(cells: Cells, area: FloatArray) -> float:
    """Return the metres of shared edge, each times the smaller share of one use beside it.

    Parameters
    ----------
    cells : Cells
    area : numpy.ndarray, shape (n, k)

    Returns
    -------
    float
    """
    one, two = both_shares(cells, area)
    return float(cells.length @ np.minimum(one, two))
