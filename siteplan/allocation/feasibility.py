"""Which totals can be built at all: ``2**k - 1`` sums, and the set of uses that falls short.

Totals ``t`` fit the parcels exactly when every set S of uses satisfies
``sum_{k in S} t_k <= f(S)``, with ``f(S) = sum_i min(F_i, sum_{k in S} u_ik)`` (the max-flow
min-cut theorem for parcels feeding uses). ``f`` is submodular, so the feasible totals form a
polymatroid (Edmonds 1970; Fujishige, *Submodular Functions and Optimization*, 2005). Sets are
bit masks: use k is bit ``1 << k``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from siteplan.allocation.arrays import (
    TOLERANCE,
    FloatArray,
    IntArray,
    bounds,
    check_uses,
    matrix,
    vector,
)
from siteplan.allocation.passes import sums_in_order

CHUNK_CELLS = 1 << 17
"""Cells per pass of the subset sums, so that the pass stays in the processor's cache."""


@dataclass(frozen=True, eq=False)
class Shortfall:
    """A set of uses that the parcels cannot hold: the reason why a wish is infeasible.

    Attributes
    ----------
    uses : tuple of int
        Columns of the uses that together ask for too much.
    demand_m2 : float
        FAR area that they ask for.
    capacity_m2 : float
        FAR area that the parcels can give to them.
    short_m2 : float
        The difference.
    parcels : numpy.ndarray of int
        Rows that may hold at least one of these uses.
    """

    uses: tuple[int, ...]
    demand_m2: float
    capacity_m2: float
    short_m2: float
    parcels: IntArray


def subset_capacity_m2(
    capacity_m2: npt.ArrayLike, upper_m2: npt.ArrayLike | None = None, *, uses: int | None = None
) -> FloatArray:
    """FAR area that the parcels can give to each set of uses.

    For every set S of uses ``f(S) = sum_i min(F_i, sum_{k in S} u_ik)``, the least cut of the
    network that feeds S (Ford and Fulkerson 1956).

    Parameters
    ----------
    capacity_m2 : array_like, shape (n,)
        FAR area of each parcel.
    upper_m2 : array_like, shape (n, k), optional
        Most of each use on each parcel, 0 where not allowed; without it only capacity limits.
    uses : int, optional
        Number of uses k, needed only without `upper_m2`.

    Returns
    -------
    numpy.ndarray, shape (2**k,)
        Entry S is ``sum_i min(F_i, sum_{k in S} u_ik)``; entry 0 is 0.

    Raises
    ------
    ValueError
        For wrong shapes, NaN or negative numbers.
    """
    capacity = vector(capacity_m2, name="capacity_m2")
    if upper_m2 is None:
        if uses is None:
            raise ValueError("uses must be given where upper_m2 is not")
        check_uses(uses, name="uses")
        sums = np.full(1 << uses, capacity.sum())
        sums[0] = 0.0
        return sums
    upper = matrix(upper_m2, name="upper_m2", rows=capacity.size)
    check_uses(upper.shape[1], name="upper_m2")
    return subset_sums(capacity, upper.T)


def subset_sums(capacity: FloatArray, upper: FloatArray) -> FloatArray:
    """Subset capacities of checked arrays in column layout.

    Parameters
    ----------
    capacity : numpy.ndarray, shape (n,)
        FAR area of each parcel.
    upper : numpy.ndarray, shape (k, n)
        Bounds, one row per use.

    Returns
    -------
    numpy.ndarray, shape (2**k,)
    """
    uses, parcels = upper.shape
    full = upper >= capacity
    if (full | (upper <= 0.0)).all():
        return _sums_of_kinds(capacity, full)
    sums = np.zeros(1 << uses)
    step = CHUNK_CELLS >> uses
    for start in range(0, parcels, step):
        part = capacity[start : start + step]
        bounds = np.minimum(upper[:, start : start + step], part)
        held = np.empty((1 << uses, part.size))
        held[0] = 0.0
        for use in range(uses):
            # The sets with this use as their highest: the sets below it, plus this use.
            bit = 1 << use
            np.add(held[:bit], bounds[use], out=held[bit : 2 * bit])
            np.minimum(held[bit : 2 * bit], part, out=held[bit : 2 * bit])
        sums += held.sum(axis=1)
    return sums


def _sums_of_kinds(capacity: FloatArray, allowed: npt.NDArray[np.bool_]) -> FloatArray:
    """Subset capacities where a use may fill a parcel or not stand on it at all.

    A parcel counts for a set with its whole capacity where the set has one of its uses, so one
    sum for each of the ``2**k`` kinds of parcels decides.
    """
    uses = len(allowed)
    kind = np.packbits(allowed, axis=0, bitorder="little")[0]  # at most eight uses: a byte
    held = np.bincount(kind, capacity, 1 << uses)
    return np.asarray(_meetings(uses) @ held)


@cache
def _meetings(uses: int) -> FloatArray:
    """Tell for every two sets of uses whether they have one in common: 1 or 0."""
    sets = np.arange(1 << uses)
    return ((sets[:, None] & sets) > 0).astype(np.float64)


def subset_totals(amounts: npt.ArrayLike) -> FloatArray:
    """Sum of `amounts` over every set.

    Parameters
    ----------
    amounts : array_like, shape (k,)
        One number per use.

    Returns
    -------
    numpy.ndarray, shape (2**k,)
    """
    sums = np.zeros(1)
    for amount in np.asarray(amounts, dtype=np.float64):
        sums = np.concatenate([sums, sums + amount])
    return sums


def shortfall(
    capacity_m2: npt.ArrayLike,
    target_m2: npt.ArrayLike,
    upper_m2: npt.ArrayLike | None = None,
    lower_m2: npt.ArrayLike | None = None,
) -> Shortfall | None:
    """Name the set of uses that is furthest short, or None where the totals fit.

    Totals fit when ``sum_{k in S} T_k <= f(S)`` for every set S, lower bounds taken out first
    (max-flow min-cut, Ford and Fulkerson 1956; Hall 1935 with amounts).

    Parameters
    ----------
    capacity_m2 : array_like, shape (n,)
        FAR area of each parcel.
    target_m2 : array_like, shape (k,)
        FAR area that each use must reach.
    upper_m2, lower_m2 : array_like, shape (n, k), optional
        Bounds of each use on each parcel; 0 and the capacity where left out.

    Returns
    -------
    Shortfall or None
        The set with the largest shortfall, the smallest such set on a tie.

    Raises
    ------
    ValueError
        For wrong shapes, NaN or negative numbers.
    """
    capacity = vector(capacity_m2, name="capacity_m2")
    target = vector(target_m2, name="target_m2")
    check_uses(target.size, name="target_m2")
    upper, lower = bounds(upper_m2, lower_m2, rows=capacity.size, uses=target.size)
    clash = bound_clash(capacity, upper, lower)
    if clash is not None:
        return clash
    free, room, base = without_lower(capacity, upper, lower, uses=target.size)
    return totals_short(free, room, target=target, base=base)


def bound_clash(
    capacity: FloatArray, upper: FloatArray | None, lower: FloatArray | None
) -> Shortfall | None:
    """Name the parcels whose lower bounds exceed their upper bounds or their capacity.

    Parameters
    ----------
    capacity : numpy.ndarray, shape (n,)
        FAR area of each parcel.
    upper, lower : numpy.ndarray, shape (k, n), or None
        Bounds, one row per use.

    Returns
    -------
    Shortfall or None
    """
    if lower is None:
        return None
    slack = TOLERANCE * capacity
    over = np.zeros_like(lower) if upper is None else np.maximum(lower - upper, 0.0)
    bad_cell = over > slack + TOLERANCE * lower
    held = lower if upper is None else np.minimum(lower, upper)
    bad_row = held.sum(axis=0) > capacity + slack
    rows = np.flatnonzero(bad_row | bad_cell.any(axis=0))
    if rows.size == 0:
        return None
    asked = lower[:, rows]
    useful = bad_cell[:, rows] | ((asked > 0.0) & bad_row[rows])
    uses = tuple(int(use) for use in np.flatnonzero(useful.any(axis=1)))
    demand = float(asked[list(uses)].sum())
    room = np.minimum(held[:, rows][list(uses)].sum(axis=0), capacity[rows])
    return Shortfall(uses, demand, float(room.sum()), demand - float(room.sum()), rows)


def without_lower(
    capacity: FloatArray, upper: FloatArray | None, lower: FloatArray | None, *, uses: int
) -> tuple[FloatArray, FloatArray | None, FloatArray]:
    """Take the lower bounds out: what is left of capacity and bounds, and the sums taken.

    Parameters
    ----------
    capacity : numpy.ndarray, shape (n,)
        FAR area of each parcel.
    upper, lower : numpy.ndarray, shape (k, n), or None
        Bounds, one row per use.
    uses : int
        Number of uses.

    Returns
    -------
    free : numpy.ndarray, shape (n,)
    room : numpy.ndarray, shape (k, n), or None
    base : numpy.ndarray, shape (k,)
    """
    if lower is None:
        return capacity, upper, np.zeros(uses)
    free = np.maximum(capacity - lower.sum(axis=0), 0.0)
    room = None if upper is None else np.maximum(upper - lower, 0.0)
    return free, room, sums_in_order(lower)


def totals_short(
    free: FloatArray, room: FloatArray | None, *, target: FloatArray, base: FloatArray
) -> Shortfall | None:
    """Compare totals with the subset sums after lower bounds are taken out.

    Parameters
    ----------
    free : numpy.ndarray, shape (n,)
        Capacity left.
    room : numpy.ndarray, shape (k, n), or None
        Bounds left.
    target, base : numpy.ndarray, shape (k,)
        Wanted totals, and the part of them that the lower bounds hold.

    Returns
    -------
    Shortfall or None
    """
    uses = target.size
    scale = max(float(target.sum()), float(free.sum()), float(base.sum()))
    below = base - target
    if below.max() > TOLERANCE * scale:
        return _held_too_much(below, target=target, base=base, parcels=free.size)
    sums = free_sums(free, room, uses=uses)
    wanted = subset_totals(target - base)
    short = wanted - sums
    worst = float(short.max())
    if worst <= TOLERANCE * max(float(target.sum()), 0.0):
        return None
    close = np.flatnonzero(short >= worst - TOLERANCE * scale)
    mask = min((int(s) for s in close), key=lambda s: (s.bit_count(), s))
    chosen = [use for use in range(uses) if mask >> use & 1]
    holds = np.ones(free.size, bool) if room is None else (room[chosen] > 0.0).any(axis=0)
    held = float(base[chosen].sum())
    return Shortfall(
        tuple(chosen),
        float(wanted[mask]) + held,
        float(sums[mask]) + held,
        float(short[mask]),
        np.flatnonzero(holds & (free > 0.0)),
    )


def _held_too_much(
    below: FloatArray, *, target: FloatArray, base: FloatArray, parcels: int
) -> Shortfall:
    """Name the use whose lower bounds already exceed its total."""
    use = int(below.argmax())
    return Shortfall(
        (use,), float(base[use]), float(target[use]), float(below[use]), np.arange(parcels)
    )


def free_sums(free: FloatArray, room: FloatArray | None, *, uses: int) -> FloatArray:
    """Subset sums of what the lower bounds leave.

    Parameters
    ----------
    free : numpy.ndarray, shape (n,)
        Capacity left.
    room : numpy.ndarray, shape (k, n), or None
        Bounds left; without them only capacity limits.
    uses : int
        Number of uses k.

    Returns
    -------
    numpy.ndarray, shape (2**k,)
    """
    if room is not None:
        return subset_sums(free, room)
    sums = np.full(1 << uses, free.sum())
    sums[0] = 0.0
    return sums
