"""Whole square metres by year and use: controlled rounding of a schedule's totals."""

from __future__ import annotations

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


def _near(array: FloatArray, noise: float) -> FloatArray:
    """Clear float noise from numbers that are nearly whole."""
    close = np.rint(array)
    return np.where(np.abs(array - close) < noise, close, array)
