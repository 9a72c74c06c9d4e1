"""Whole square metres by year and use: controlled rounding of a schedule's totals."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from siteplan.allocation.arrays import FloatArray
from siteplan.allocation.highs import minimise


def rounded(
    total: FloatArray, *, ceiling: FloatArray, minimum: FloatArray, ready: FloatArray
) -> FloatArray:
    """Round totals by year and use to whole numbers within the limits.

    Each sum of a use up to a year goes to the whole number below or above it, and each sum of a
    year to at most the one above. The sums of a use up to a year are nested, those of years
    apart: two laminar families, whose matrix is totally unimodular (Edmonds 1970), so every
    vertex of the LP is whole, and there is one, as the totals themselves are a point of it
    (controlled rounding, Cox 1987). Where the totals miss a limit by float noise, the way of a
    sum is one m² longer.

    Parameters
    ----------
    total : numpy.ndarray, shape (Y, k)
        Sums that keep the limits but for the LP's tolerance.
    ceiling : numpy.ndarray, shape (Y,)
    minimum, ready : numpy.ndarray, shape (Y, k)
        Limits of the sums of a use up to a year, whole.

    Returns
    -------
    numpy.ndarray, shape (Y, k)

    Raises
    ------
    RuntimeError
        If the LP solver fails.
    """
    years, uses = total.shape
    noise = min(max(1e-6, 1e-9 * float(total.sum())), 0.1)
    upto = _near(np.cumsum(total, axis=0), noise)
    total = np.maximum(np.diff(upto, axis=0, prepend=0.0), 0.0)
    low, high = np.floor(_near(total, noise)), np.ceil(_near(total, noise))
    sums = np.ceil(_near(total.sum(axis=1), uses * noise))
    if (low == high).all() and (sums <= ceiling).all():
        return low
    year, use = (index.ravel() for index in np.indices(total.shape))
    rows = [
        np.append(years * use[cell] + np.arange(year[cell], years), years * uses + year[cell])
        for cell in range(total.size)
    ]
    matrix = (
        np.concatenate([[0], np.cumsum([row.size for row in rows])]).astype(np.int64),
        np.concatenate(rows).astype(np.int64),
        np.ones(sum(row.size for row in rows)),
    )
    cost = (low + high - 2.0 * total).ravel()  # up is cheap where a large part was cut
    for way in (0.0, 1.0, 2.0):
        least = np.maximum(np.floor(upto) - way, minimum)
        most = np.minimum(np.ceil(upto) + way, ready)
        base = np.maximum(low - way, 0.0)
        held = np.cumsum(base, axis=0)
        found = minimise(
            cost,
            column_limits=(np.zeros(total.size), (high + way - base).ravel()),
            row_limits=(
                np.concatenate([(least - held).T.ravel(), np.full(years, -np.inf)]),
                np.concatenate(
                    [
                        (most - held).T.ravel(),
                        np.minimum(sums + way, ceiling) - base.sum(axis=1),
                    ]
                ),
            ),
            matrix=matrix,
            options={"solver": "simplex", "presolve": "off"},
        )
        if found.status == "optimal":
            return np.asarray(base + np.rint(found.columns).reshape(total.shape))
    raise RuntimeError("the LP solver failed on a rounding that exists")


NEAR_M2 = 2.0
"""First the sums of a use up to a year may move by so much."""

NODES: dict[str, Any] = {"mip_max_nodes": 500, "mip_rel_gap": 1e-4, "time_limit": 20.0}
"""Where a search ends; the number of nodes ends it the same way every time."""

CUTS = (0.0, 32.0)
"""Units of a ceiling kept back for the solver's tolerance of whole numbers, the least first."""


def rounded_under_budgets(
    total_m2: FloatArray,
    *,
    ceiling: FloatArray,
    weight: FloatArray,
    minimum_m2: FloatArray,
    ready_m2: FloatArray,
) -> FloatArray | None:
    """Round totals by year and use to whole m² of which each takes `weight` of its year's ceiling.

    With weights the sums are no longer unimodular: a knapsack for each year, so an integer
    programme of years times uses, near the totals first. Every answer is checked against the
    limits themselves, to a millionth of a unit.

    Parameters
    ----------
    total_m2 : numpy.ndarray, shape (Y, k)
        Sums that keep the limits but for the LP's tolerance.
    ceiling : numpy.ndarray, shape (Y,)
        In the unit of the weights, such as KRW.
    weight : numpy.ndarray, shape (k,)
    minimum_m2, ready_m2 : numpy.ndarray, shape (Y, k)
        Limits of the sums of a use up to a year, whole; the last row is the whole plan.

    Returns
    -------
    numpy.ndarray, shape (Y, k), or None
        None where no whole totals were found.
    """
    noise = min(max(1e-6, 1e-9 * float(total_m2.sum())), 0.1)
    upto = _near(np.cumsum(total_m2, axis=0), noise)
    upto = np.clip(upto, minimum_m2, np.maximum(ready_m2, minimum_m2))
    for way in (NEAR_M2, math.inf):
        for cut in CUTS:
            sums = _whole_sums(
                upto,
                way=way,
                ceiling=ceiling - cut,
                weight=weight,
                minimum_m2=minimum_m2,
                ready_m2=ready_m2,
            )
            if sums is None:
                break  # nothing within this way: a smaller ceiling will not help
            total = np.diff(sums, axis=0, prepend=0.0)
            kept = (total >= 0.0).all() and (sums >= minimum_m2).all() and (sums <= ready_m2).all()
            if kept and (total @ weight <= ceiling + 1e-6).all():
                return np.asarray(total)
    return None


def _whole_sums(
    upto_m2: FloatArray,
    *,
    way: float,
    ceiling: FloatArray,
    weight: FloatArray,
    minimum_m2: FloatArray,
    ready_m2: FloatArray,
) -> FloatArray | None:
    """Find whole sums of uses up to years near given ones, each year within its ceiling.

    The columns are the sums z_tk, less a whole base; the rows are the years' w_k (z_tk - z_t-1,k)
    and the differences themselves, which are not negative.
    """
    years, uses = upto_m2.shape
    base = np.floor(upto_m2)
    low = np.maximum(base - way, minimum_m2) - base
    high = np.minimum(np.ceil(upto_m2) + way, ready_m2) - base
    if (low > high).any():
        return None
    step = np.diff(base, axis=0, prepend=0.0)
    year, use = (index.ravel() for index in np.indices(base.shape))
    own = years + year * uses + use
    row = np.stack([year, own, year + 1, own + uses], axis=1)
    factor = np.stack([weight[use], np.ones(use.size), -weight[use], -np.ones(use.size)], axis=1)
    there = np.ones(row.shape, bool)
    there[year == years - 1, 2:] = False
    place = np.argsort(np.where(there, row, years * uses + years), axis=1, kind="stable")
    row = np.take_along_axis(row, place, axis=1)
    factor = np.take_along_axis(factor, place, axis=1)
    there = np.take_along_axis(there, place, axis=1)
    room = np.minimum(ceiling, 1e18) - step @ weight
    found = minimise(
        -np.ones(base.size),  # early is better
        column_limits=(low.ravel(), high.ravel()),
        row_limits=(
            np.concatenate([np.full(years, -np.inf), -step.ravel()]),
            np.concatenate([room, np.full(base.size, np.inf)]),
        ),
        matrix=(
            np.concatenate([[0], np.cumsum(there.sum(axis=1))]).astype(np.int64),
            row[there].astype(np.int64),
            factor[there],
        ),
        whole=True,
        options=NODES,
    )
    if found.status not in ("optimal", "feasible"):
        return None
    return np.asarray(base + np.rint(found.columns).reshape(base.shape))


def _near(array: FloatArray, noise: float) -> FloatArray:
    """Clear float noise from numbers that are nearly whole."""
    close = np.rint(array)
    return np.where(np.abs(array - close) < noise, close, array)
