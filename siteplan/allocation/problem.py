"""An allocation problem as the solvers want it: checked, scaled, in an order of its own.

Amounts and scores are divided by powers of two, which rounds nothing, and rows are sorted by their
content, many by a hash of it: the order of parcels in a file changes nothing, and the first of
many rows are a fair sample of all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from siteplan.allocation.arrays import FloatArray, IntArray, bounds, scores, vector
from siteplan.allocation.passes import kept, sums_in_order
from siteplan.allocation.rows import CappedRows, PlainRows, Rows, mixed_bits

SORTED_ROWS = 250
"""Up to this many rows are sorted by their numbers, which is faster than hashing them."""

PRUNE_BELOW = 4.0
"""Rows without a chance are left out where the room is this many times all totals."""


@dataclass(frozen=True, eq=False)
class Problem:
    """Checked arrays in column layout, with lower bounds still in."""

    capacity: FloatArray  # (n,)
    score: FloatArray  # (k, n)
    upper: FloatArray | None  # (k, n), 0 where not allowed
    lower: FloatArray | None  # (k, n)


@dataclass(frozen=True, eq=False)
class Core:
    """The rows that have a choice, scaled to about one by powers of two, in canonical order.

    A score in the problem is ``(score + shift) * score_unit``: a shift per use moves that use's
    price and nothing else, and keeps digits where all scores are large and alike.
    """

    rows: IntArray  # rows of the problem, in canonical order
    capacity: FloatArray  # (m,)
    score: FloatArray  # (k, m), -inf where not allowed
    upper: FloatArray | None  # (k, m), None where only capacity limits
    shift: FloatArray  # (k,)
    area_unit: float
    score_unit: float


def checked(
    capacity_m2: npt.ArrayLike,
    score: npt.ArrayLike,
    upper_m2: npt.ArrayLike | None,
    lower_m2: npt.ArrayLike | None,
) -> Problem:
    """Check the arguments of `allocate` and turn them to column layout.

    Parameters
    ----------
    capacity_m2 : array_like, shape (n,)
        FAR area that each parcel can hold.
    score : array_like, shape (n, k)
        Value of one m²; -inf where not allowed.
    upper_m2, lower_m2 : array_like, shape (n, k), or None
        Bounds.

    Returns
    -------
    Problem

    Raises
    ------
    ValueError
        For wrong shapes, NaN or negative amounts.
    """
    capacity = vector(capacity_m2, name="capacity_m2")
    values = np.ascontiguousarray(scores(score, name="score", rows=capacity.size).T)
    uses = values.shape[0]
    shape = {"rows": capacity.size, "uses": uses}
    upper, lower = bounds(upper_m2, lower_m2, **shape)
    if values.size and values.min() == -np.inf:
        upper = np.where(values > -np.inf, capacity if upper is None else upper, 0.0)
    return Problem(capacity, values, upper, lower)


def fixed_worth(problem: Problem) -> float:
    """Return what the lower bounds alone earn.

    Parameters
    ----------
    problem : Problem
        The problem.

    Returns
    -------
    float
    """
    if problem.lower is None:
        return 0.0
    worth = np.where(problem.lower > 0.0, problem.score, 0.0) * problem.lower
    return math.fsum(sums_in_order(worth))


def _unit(largest: float) -> float:
    """Power of two near `largest`: dividing by it rounds nothing."""
    return math.ldexp(1.0, math.frexp(largest)[1]) if largest > 0.0 else 1.0


def contenders(free: FloatArray, score: FloatArray, *, wanted: FloatArray) -> FloatArray:
    """Return the room of the rows that can matter, 0 for the others, shape (n,).

    A use looks only at its best rows whose room together exceeds all totals together: one of
    them has room left in any answer, so a worse row can always be given up for it, and at
    optimal prices no worse row is worth having. Rows that tie with the last one stay in, so that
    the order of rows does not matter. Sorting pays only where the totals are small.
    """
    total = float(wanted.sum())
    if PRUNE_BELOW * total > float(free.sum()):
        return free
    keep = np.zeros(free.size, dtype=bool)
    for use in np.flatnonzero(wanted > 0.0):
        rows = np.flatnonzero((score[use] > -np.inf) & (free > 0.0))
        falling = rows[np.argsort(-score[use, rows], kind="stable")]
        last = int(np.searchsorted(np.cumsum(free[falling]), total * (1.0 + 1e-9), side="right"))
        if last >= falling.size:
            keep[rows] = True
        else:
            keep[rows[score[use, rows] >= score[use, falling[last]]]] = True
    return np.where(keep, free, 0.0)


def core_rows(
    free: FloatArray, score: FloatArray, room: FloatArray | None, *, wanted: FloatArray
) -> Core:
    """Keep the rows and cells with a choice, scale them and sort them by content.

    No row can hold more than all totals together, so none counts for more than twice that, which
    leaves it empty in part: tiny totals would drown in the last digits of large parcels.
    """
    most = 2.0 * float(wanted.sum())
    if free.max(initial=0.0) > most:
        free = np.minimum(free, most)
    allowed = (score > -np.inf) & (wanted > 0.0)[:, None]
    limits: FloatArray | None = None
    if room is not None:
        allowed &= room > 0.0
        free = np.minimum(free, np.where(allowed, room, 0.0).sum(axis=0))
        cap = allowed & (room < free * (1.0 - 1e-12))
        limits = np.where(allowed, np.minimum(room, free), 0.0) if cap.any() else None
    useful = allowed.any(axis=0) & (free > 0.0)
    rows = np.flatnonzero(useful)
    whole = rows.size == free.size
    values = score if allowed.all() else np.where(allowed, score, -np.inf)
    if not whole:
        free, values = free[rows], kept(values, rows)
        limits = None if limits is None else kept(limits, rows)
    area_unit = _unit(float(free.max(initial=0.0)))
    shift = np.where(values > -np.inf, values, np.inf).min(axis=1, initial=np.inf)
    shift[shift == np.inf] = 0.0
    values = values - shift[:, None]
    score_unit = _unit(float(values.max(initial=0.0)))
    free, values, shift = free / area_unit, values / score_unit, shift / score_unit
    limits = None if limits is None else limits / area_unit
    parts = [values, free[None]] if limits is None else [values, free[None], limits]
    order = canonical_order([row for part in parts for row in part])
    return Core(
        rows[order],
        free[order],
        _placed(values, order),
        None if limits is None else _placed(limits, order),
        shift,
        area_unit,
        score_unit,
    )


def canonical_order(columns: list[FloatArray]) -> IntArray:
    """Order rows by their content alone: few by the numbers themselves, many by a hash of them.

    Only many rows are sampled, and need an order in which the first ones are a fair sample.

    Parameters
    ----------
    columns : list of numpy.ndarray, shape (n,)
        What the rows hold.

    Returns
    -------
    numpy.ndarray of int, shape (n,)
    """
    if columns[0].size <= SORTED_ROWS:
        return np.lexsort(columns)
    return sorted_places(mixed_bits(columns))


def sorted_places(keys: npt.NDArray[np.uint64]) -> IntArray:
    """Return the stable order of `keys`.

    Parameters
    ----------
    keys : numpy.ndarray of uint64, shape (n,)
        Hashes.

    Returns
    -------
    numpy.ndarray of int, shape (n,)
    """
    # A key with its place in the lowest bits sorts several times faster than places by keys.
    low = np.uint64((1 << max(keys.size - 1, 0).bit_length()) - 1)
    packed = np.sort((keys & ~low) | np.arange(keys.size, dtype=np.uint64))
    order = (packed & low).astype(np.int64)
    high = packed & ~low
    alike = np.flatnonzero(high[1:] == high[:-1])
    if (keys[order[alike]] != keys[order[alike + 1]]).any():  # alike only in the bits kept
        return np.argsort(keys, kind="stable")
    return order


def _placed(columns: FloatArray, order: IntArray) -> FloatArray:
    """Reorder the columns of (k, n): whole rows of (n, k) move, which spares the memory."""
    return np.ascontiguousarray(np.ascontiguousarray(columns.T)[order].T)


def inside_bounds(core: Core, area: FloatArray, *, target: FloatArray) -> FloatArray:
    """Take out what the LP's tolerance put above a bound, and put it where there is room."""
    room = core.capacity if core.upper is None else core.upper
    if (area > room).any():
        area = np.minimum(area, room)
    held = area.sum(axis=0)
    if (held > core.capacity).any():
        area = area * np.minimum(1.0, core.capacity / np.maximum(held, core.capacity))
    area = area.copy()
    missing = target - area.sum(axis=1)
    for use in np.flatnonzero(np.abs(missing) > 1e-14 * target):
        fits = core.score[use] > -np.inf
        if missing[use] < 0.0:
            place = int(area[use].argmax())
            change = max(missing[use], -area[use, place])
        else:
            space = np.where(
                fits, np.minimum(room - area, core.capacity - area.sum(axis=0))[use], 0
            )
            # Prefer a cell in use: new slivers would clutter the plan.
            place = int(np.where(area[use] > 0.0, space, 1e-9 * space).argmax())
            change = min(missing[use], max(float(space[place]), 0.0))
        area[use, place] += change
    return area


def dual_rows(core: Core, uses: IntArray | slice = slice(None)) -> Rows:
    """Return the rows as the dual search sees them.

    Parameters
    ----------
    core : Core
        The problem.
    uses : array of int or slice
        Uses to keep.

    Returns
    -------
    Rows
    """
    if core.upper is None:
        return PlainRows(core.capacity, core.score[uses])
    return CappedRows(core.capacity, core.score[uses], core.upper[uses])
