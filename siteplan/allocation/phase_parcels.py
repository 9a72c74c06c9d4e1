"""Schedules where a building is built once: each parcel within one year.

With ``z_it`` in {0, 1} for "parcel i is built in year t", ``A_i`` its part of a ceiling and
``v_i`` its worth,

    maximise   sum_it d_t v_i z_it
    subject to sum_t z_it = 1,  sum_i A_i z_it <= C_t,
               sum of y_ik z_is over i and s <= t  >= M_tk:

a multiple knapsack with dates, so an integer programme. The schedule that may split parcels is its
relaxation and proves the bound.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from siteplan.allocation.arrays import TOLERANCE, FloatArray, IntArray
from siteplan.allocation.highs import minimise
from siteplan.allocation.phase_answer import Schedule, assembled, nothing
from siteplan.allocation.phase_prices import PROVEN_GAP, Blocks, best_totals, fill, worth
from siteplan.allocation.phase_problem import PhaseShortfall, Phasing, shortfall

SEARCHED_CELLS = 20_000
"""Parcels times years up to which the integer programme is asked."""

LIMITS: dict[str, Any] = {"mip_max_nodes": 2000, "mip_rel_gap": 1e-6, "time_limit": 10.0}
"""Where the search ends; the number of nodes, unlike time, ends it the same way every time."""

CLOSE_CELLS, CLOSE_GAP = 2_000, 1e-4
"""From so many cells on, a schedule within this part of the bound is not searched for better."""


def parcels_at_once(given: Phasing, *, noise: float | None = None) -> Schedule:
    """Schedule parcels that are each built within one year.

    Parameters
    ----------
    given : Phasing
        A problem that parcels built over several years solve.
    noise : float, optional
        Part of a ceiling's unit by which sums may exceed it; a small part of all areas where
        left out.

    Returns
    -------
    Schedule
    """
    rows, row = np.unique(given.parcel, return_inverse=True)
    blocks, years = given.blocks, given.ceiling.size
    if rows.size == 0:
        none = np.zeros(0, np.int64)
        return assembled(given, none, none, np.zeros(0), 0.0, method="parcels")
    ready = np.zeros(rows.size, np.int64)
    np.maximum.at(ready, row, blocks.ready)
    size = np.bincount(row, weights=blocks.amount, minlength=rows.size).astype(np.float64)
    value = np.bincount(row, weights=blocks.amount * blocks.value, minlength=rows.size).astype(
        np.float64
    )
    noise = TOLERANCE * float(size.sum()) if noise is None else noise
    fits = np.arange(years) >= ready[:, None]
    fits &= size[:, None] <= given.ceiling + noise
    large = _too_large(given, rows, size=size, fits=fits, ready=ready)
    if large is not None:
        return nothing(given, large)
    year = _greedy(given, row, size=size, value=value, ready=ready, noise=noise)
    status = "feasible"
    bound = _bound(given, row, ready=ready)
    if bound is None:
        return nothing(given, None)
    earned = -math.inf if year is None else float(given.discount[year] @ value)
    cells = rows.size * years
    close = PROVEN_GAP if cells <= CLOSE_CELLS else CLOSE_GAP
    if cells <= SEARCHED_CELLS and bound - earned > close * bound:
        found, status = _searched(given, row, size=size, value=value, fits=fits, noise=noise)
        if found is not None and float(given.discount[found] @ value) > earned:
            year = found
            if status == "optimal":
                proven = float(given.discount[year] @ value) * (1.0 + LIMITS["mip_rel_gap"])
                bound = min(bound, proven)
    if year is None:
        return nothing(given, None, status="infeasible" if status == "infeasible" else "unknown")
    every = np.arange(blocks.amount.size)
    return assembled(given, every, year[row], blocks.amount, bound, method="parcels")


def _too_large(
    given: Phasing, rows: IntArray, *, size: FloatArray, fits: Any, ready: IntArray
) -> PhaseShortfall | None:
    """Name the parcels that no year has room for at once."""
    lost = np.flatnonzero(~fits.any(axis=1))
    if lost.size == 0:
        return None
    worst = int(lost[size[lost].argmax()])
    years = given.ceiling.size
    most = float(given.ceiling[ready[worst] :].max(initial=0.0))
    held = np.unique(given.blocks.use[given.parcel == rows[worst]])
    return PhaseShortfall(
        years - 1,
        min(int(ready[worst]), years),
        tuple(int(use) for use in held),
        float(size[worst]),
        most,
        float(size[worst]) - most,
        rows[lost],
        "parcel",
        completion=True,
    )


def _late(given: Phasing, row: IntArray, *, ready: IntArray) -> Blocks:
    """Blocks that wait for the last use on their parcel, in a fair order."""
    blocks = given.blocks
    return Blocks(blocks.amount, ready[row], blocks.use, blocks.value)


def _bound(given: Phasing, row: IntArray, *, ready: IntArray) -> float | None:
    """Most that parcels built over several years can be worth; None where even they fail."""
    late = replace(given, blocks=_late(given, row, ready=ready))
    if shortfall(late) is not None:
        return None
    pieces = fill(late.blocks, given.ceiling)
    total = np.cumsum(pieces.totals(late.blocks, uses=given.minimum.shape[1]), axis=0)
    free = worth(late.blocks, pieces.block, pieces.year, pieces.amount, discount=given.discount)
    if (total >= given.minimum - TOLERANCE * float(late.blocks.amount.sum())).all():
        return free
    found = best_totals(late.blocks, given.ceiling, given.minimum, given.discount, whole=False)
    return min(found.bound, free)


def _greedy(
    given: Phasing,
    row: IntArray,
    *,
    size: FloatArray,
    value: FloatArray,
    ready: IntArray,
    noise: float,
) -> IntArray | None:
    """Each year the parcels of most worth per area that still fit; None where dates are missed."""
    blocks, years = given.blocks, given.ceiling.size
    first = np.full(size.size, row.size)
    np.minimum.at(first, row, np.arange(row.size))  # blocks stand in canonical order
    year = np.full(size.size, -1)
    order = np.lexsort((first, -size, -value / size))
    for now, ceiling in enumerate(given.ceiling):
        left = ceiling + noise
        for parcel in order[(year[order] < 0) & (ready[order] <= now)]:
            if size[parcel] <= left:
                year[parcel] = now
                left -= size[parcel]
    if (year < 0).any():
        return None
    total = np.zeros((years, given.minimum.shape[1]))
    np.add.at(total, (year[row], blocks.use), blocks.amount)
    return year if (np.cumsum(total, axis=0) >= given.minimum - noise).all() else None


def _searched(
    given: Phasing,
    row: IntArray,
    *,
    size: FloatArray,
    value: FloatArray,
    fits: Any,
    noise: float,
) -> tuple[IntArray | None, str]:
    """Ask the integer programme; columns stand in the order of the first block of a parcel."""
    blocks, (years, _, uses) = given.blocks, given.shape
    unit = float(size.max())
    first = np.full(size.size, row.size)
    np.minimum.at(first, row, np.arange(row.size))
    order = np.argsort(first)
    spot, year = np.nonzero(fits[order])
    parcel = order[spot]
    held = np.zeros((size.size, uses))
    np.add.at(held, (row, blocks.use), blocks.amount / unit)
    cells = parcel.size
    late, use = np.nonzero(given.minimum > 0.0)
    counts = np.where(late >= year[:, None], held[parcel][:, use], 0.0)
    column, date = np.nonzero(counts)
    entry = np.concatenate([np.arange(cells), np.arange(cells), column])
    index = np.concatenate([parcel, size.size + year, size.size + years + date])
    factor = np.concatenate([np.ones(cells), size[parcel] / unit, counts[column, date]])
    place = np.lexsort((index, entry))
    noise = noise / unit
    wanted = given.minimum[late, use] / unit
    found = minimise(
        -given.discount[year] * value[parcel] / max(float(value.max()), 1e-300),
        column_limits=(np.zeros(cells), np.ones(cells)),
        row_limits=(
            np.concatenate([np.ones(size.size), np.full(years, -np.inf), wanted - noise]),
            np.concatenate(
                [np.ones(size.size), given.ceiling / unit + noise, np.full(wanted.size, np.inf)]
            ),
        ),
        matrix=(
            np.concatenate([[0], np.cumsum(np.bincount(entry, minlength=cells))]).astype(np.int64),
            index[place].astype(np.int64),
            factor[place],
        ),
        whole=True,
        options=LIMITS,
    )
    if found.status not in ("optimal", "feasible"):
        return None, found.status
    chosen = np.full(size.size, -1)
    taken = found.columns > 0.5
    chosen[parcel[taken]] = year[taken]
    return (chosen, found.status) if (chosen >= 0).all() else (None, "failed")
