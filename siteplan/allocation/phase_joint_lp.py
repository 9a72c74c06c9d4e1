"""The linear programme of `siteplan.allocation.phase_joint`, on any of its cells; its bound."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from siteplan.allocation.arrays import FloatArray, IntArray
from siteplan.allocation.highs import Solution, minimise


@dataclass(frozen=True, eq=False)
class Joint:
    """Checked arrays, rows in canonical order, areas and scores scaled to about one."""

    order: IntArray  # (n,)
    capacity: FloatArray  # (n,)
    value: FloatArray  # (n, k), -inf where not allowed
    least: FloatArray  # (n, k)
    most: FloatArray  # (n, k)
    ready: IntArray  # (n,)
    target: FloatArray  # (k,)
    ceiling: FloatArray  # (Y,)
    minimum: FloatArray  # (Y, k)
    weight: FloatArray  # (k,)
    discount: FloatArray  # (Y,)
    area_unit: float
    value_unit: float


Cells = tuple[IntArray, IntArray, IntArray]


def no_cells() -> Cells:
    """Return an empty list of rows, uses and years."""
    none = np.zeros(0, np.int64)
    return none, none, none


def open_cells(joint: Joint) -> Cells:
    """Rows, uses and years where something can be built."""
    years = np.arange(joint.ceiling.size)
    open_cell = (joint.most > 0.0)[:, :, None] & (years >= joint.ready[:, None])[:, None, :]
    row, use, year = np.nonzero(open_cell)
    return row, use, year


def programme(joint: Joint, cells: Cells, *, miss: float = 0.0) -> Solution:
    """Solve the LP; above 0, `miss` is the price of missing dates and totals, inf the only one."""
    row, use, year = cells
    (parcels, uses), years = joint.value.shape, joint.ceiling.size
    own = row.size
    late = np.arange(years) >= year[:, None]
    column, later = np.nonzero(late)
    base = np.array([0, parcels, parcels + uses, parcels + uses + years], dtype=np.int64)
    bounded, place = bounded_cells(joint)
    held = np.flatnonzero(place[row, use] >= 0)
    each = np.arange(own)
    line = [
        row,
        base[1] + use,
        base[2] + year,
        base[3] + later * uses + use[column],
        base[3] + years * uses + place[row, use][held],
    ]
    entry = [each, each, each, column, held]
    factor = [np.ones(own), np.ones(own), joint.weight[use]]
    factor += [np.ones(column.size), np.ones(held.size)]
    extra = 0
    if miss > 0.0:
        extra = years * uses + 2 * uses
        spare = own + np.arange(extra)
        line += [base[3] + np.arange(years * uses), base[1] + np.tile(np.arange(uses), 2)]
        entry += [spare[: years * uses], spare[years * uses :]]
        factor += [np.ones(years * uses + uses), np.full(uses, -1.0)]
    lines, entries = np.concatenate(line), np.concatenate(entry)
    order = np.lexsort((lines, entries))
    gain = joint.discount[year] * joint.value[row, use]
    only = miss == math.inf
    cost = np.concatenate([-gain * (not only), np.full(extra, 1.0 if only else miss)])
    endless = np.full
    return minimise(
        cost,
        column_limits=(np.zeros(own + extra), endless(own + extra, np.inf)),
        row_limits=(
            np.concatenate(
                [
                    endless(parcels, -np.inf),
                    joint.target,
                    endless(years, -np.inf),
                    joint.minimum.ravel(),
                    joint.least[bounded],
                ]
            ),
            np.concatenate(
                [
                    joint.capacity,
                    joint.target,
                    joint.ceiling,
                    endless(years * uses, np.inf),
                    np.maximum(joint.most, joint.least)[bounded],
                ]
            ),
        ),
        matrix=(
            np.append(0, np.cumsum(np.bincount(entries, minlength=own + extra))).astype(np.int64),
            lines[order].astype(np.int64),
            np.concatenate(factor)[order],
        ),
    )


def bounded_cells(joint: Joint) -> tuple[npt.NDArray[np.bool_], IntArray]:
    """Tell which parcels' uses have bounds of their own, and the places of these in a list."""
    bounded = (joint.least > 0.0) | (joint.most < joint.capacity[:, None])
    bounded &= (joint.most > 0.0) | (joint.least > 0.0)
    place = np.full(bounded.shape, -1)
    place[bounded] = np.arange(np.count_nonzero(bounded))
    return bounded, place


def proven(joint: Joint, found: Solution) -> float:
    """Return what the LP's prices prove, by letting every parcel decide alone."""
    (parcels, uses), years = joint.value.shape, joint.ceiling.size
    at = np.cumsum([parcels, uses, years, years * uses])
    total = -found.row_prices[at[0] : at[1]]
    ceiling = np.maximum(-found.row_prices[at[1] : at[2]], 0.0)
    date = np.maximum(found.row_prices[at[2] : at[3]], 0.0).reshape(years, uses)
    extra = lift(joint, found)
    best = np.full((parcels, uses), -np.inf)
    for year in range(years):
        now = np.where(
            (joint.ready <= year)[:, None],
            joint.discount[year] * joint.value + extra[year],
            -np.inf,
        )
        best = np.maximum(best, now)
    held = joint.least > 0.0
    earned = [np.where(held, best, 0.0) * joint.least]
    left = joint.capacity - joint.least.sum(axis=1)
    order = np.argsort(-best, axis=1)
    for place in range(uses):
        use = order[:, place]
        rows = np.arange(parcels)
        worth = best[rows, use]
        more = np.minimum(joint.most[rows, use] - joint.least[rows, use], left)
        more = np.where(worth > 0.0, np.maximum(more, 0.0), 0.0)
        earned.append(np.where(more > 0.0, worth, 0.0) * more)
        left = left - more
    return (
        float(total @ joint.target)
        + float(ceiling @ joint.ceiling)
        - float((date * joint.minimum).sum())
        + math.fsum(float(part.sum()) for part in earned)
    )


def lift(joint: Joint, found: Solution) -> FloatArray:
    """Return what a unit of each use in each year earns besides its score, shape (Y, k)."""
    (parcels, uses), years = joint.value.shape, joint.ceiling.size
    at = np.cumsum([parcels, uses, years, years * uses])
    ceiling = np.maximum(-found.row_prices[at[1] : at[2]], 0.0)
    date = np.maximum(found.row_prices[at[2] : at[3]], 0.0).reshape(years, uses)
    later = np.cumsum(date[::-1], axis=0)[::-1]
    return np.asarray(later - np.outer(ceiling, joint.weight) + found.row_prices[at[0] : at[1]])
