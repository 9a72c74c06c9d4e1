"""A schedule's problem as its solvers want it, and the date that cannot be kept if there is one.

The problem and the test are stated at the head of `siteplan.allocation.phases`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from siteplan.allocation.arrays import (
    TOLERANCE,
    FloatArray,
    IntArray,
    check_uses,
    floats,
    positive,
    vector,
)
from siteplan.allocation.phase_prices import Blocks, ready_upto
from siteplan.allocation.rows import mixed_bits


@dataclass(frozen=True, eq=False)
class PhaseShortfall:
    """Why the years cannot hold the plan: the first date that cannot be kept.

    Attributes
    ----------
    year : int
        First year (counted from 0) whose minima cannot be met.
    since : int
        The years since..year are too narrow; ``year + 1`` where the areas are not ready at all.
    uses : tuple of int
        Uses that ask for room in these years.
    demand_m2, ceiling_m2, short_m2 : float
        What must be built in these years, what their ceilings allow, and the difference; in the
        unit of the ceilings where uses are weighted.
    parcels : numpy.ndarray of int
        Rows that hold these uses and are not ready before `since`.
    reason : str
        "ready" (too little is ready by then), "ceiling" (the years' ceilings are too low) or
        "parcel" (a parcel that must be built at once exceeds every ceiling).
    completion : bool
        Whether it is the whole plan's end in the last year that fails, not a stated minimum.
    """

    year: int
    since: int
    uses: tuple[int, ...]
    demand_m2: float
    ceiling_m2: float
    short_m2: float
    parcels: IntArray
    reason: Literal["ready", "ceiling", "parcel"]
    completion: bool


@dataclass(frozen=True, eq=False)
class Phasing:
    """Checked arguments of `schedule`; amounts are in units of the ceiling."""

    blocks: Blocks
    parcel: IntArray  # (b,)
    ceiling: FloatArray  # (Y,), finite
    minimum: FloatArray  # (Y, k), cumulative, the last row the whole plan
    stated: FloatArray  # (Y, k), as the caller gave them
    weight: FloatArray  # (k,)
    discount: FloatArray  # (Y,)
    parcels: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """Years, parcels, uses."""
        years, uses = self.minimum.shape
        return years, self.parcels, uses


def shortfall(given: Phasing) -> PhaseShortfall | None:
    """Find the first date that cannot be kept, by the sums at the head of the module.

    Parameters
    ----------
    given : Phasing

    Returns
    -------
    PhaseShortfall or None
    """
    blocks, (years, _, uses) = given.blocks, given.shape
    ready = ready_upto(blocks, years=years, uses=uses)
    ready = np.concatenate([np.zeros((1, uses)), ready])  # before each year
    room = np.concatenate([[0.0], np.cumsum(given.ceiling)])
    noise = TOLERANCE * float(blocks.amount.sum())
    for year in range(years):
        over = np.maximum(given.minimum[year] - ready[: year + 2], 0.0)  # (since, use)
        allowed = room[year + 1] - room[: year + 2]
        short = over.sum(axis=1) - allowed
        if not short.max() > noise:
            continue
        # The narrowest span that explains the worst lack.
        since = int(np.flatnonzero(short >= short.max() - noise).max())
        uses_short = tuple(int(use) for use in np.flatnonzero(over[since] > noise))
        concerned = np.isin(blocks.use, uses_short) & (blocks.ready >= since)
        asked = float(over[since].sum())
        stated = np.maximum(given.stated[year] - ready[since], 0.0).sum()
        return PhaseShortfall(
            year,
            since,
            uses_short,
            asked,
            float(allowed[since]),
            float(short[since]),
            np.unique(given.parcel[concerned]),
            "ready" if since == year + 1 else "ceiling",
            completion=bool(stated - allowed[since] <= noise),
        )
    return None


def checked_phasing(  # noqa: PLR0913 - the arguments of `schedule`
    area_m2: npt.ArrayLike,
    ready_year: npt.ArrayLike,
    ceiling_m2: npt.ArrayLike,
    minimum_by_year_m2: npt.ArrayLike | None,
    priority: npt.ArrayLike | None,
    discount_ratio: float,
    ceiling_weight: npt.ArrayLike | None,
    *,
    whole_m2: bool,
) -> Phasing:
    """Check the arguments of `schedule` and list the blocks in canonical order.

    Parameters
    ----------
    area_m2, ready_year, ceiling_m2, minimum_by_year_m2, priority, discount_ratio, ceiling_weight
        As in `schedule`.
    whole_m2 : bool
        As in `schedule`.

    Returns
    -------
    Phasing

    Raises
    ------
    ValueError
        As `schedule`.
    """
    area = amounts(area_m2, name="area_m2")
    parcels, uses = area.shape
    check_uses(uses, name="area_m2")
    ceiling = vector(ceiling_m2, name="ceiling_m2", infinite=True)
    years = ceiling.size
    if years == 0:
        raise ValueError("ceiling_m2 must have at least one year")
    ready = _ready(ready_year, parcels=parcels, uses=uses, years=years)
    worths = np.ones(area.shape)
    if priority is not None:
        worths = _spread(amounts(priority, name="priority", dims=(1, 2)), "priority", area.shape)
    weight = np.ones(uses)
    if ceiling_weight is not None:
        weight = vector(ceiling_weight, name="ceiling_weight", size=uses)
        positive(weight, name="ceiling_weight")
    stated = np.zeros((years, uses))
    if minimum_by_year_m2 is not None:
        stated = amounts(minimum_by_year_m2, name="minimum_by_year_m2")
        if stated.shape != (years, uses):
            msg = f"minimum_by_year_m2 must have shape ({years}, {uses}), not {stated.shape}"
            raise ValueError(msg)
    if whole_m2:
        area, ceiling, stated = _whole(area, ceiling, stated, weight=weight)
    stated = np.maximum.accumulate(stated, axis=0)
    # Canonical order: the same parcels in another order give the same schedule.
    key = mixed_bits(np.concatenate([area.T, ready.T.astype(np.float64), worths.T]))
    rank = np.argsort(key, kind="stable")
    spot, use = np.nonzero(area[rank] > 0.0)
    parcel = rank[spot]
    amount = area[parcel, use] * weight[use]
    value, begin = worths[parcel, use] / weight[use], ready[parcel, use]
    order = np.lexsort((use, spot, begin, -value))
    blocks = Blocks(amount[order], begin[order], use[order], value[order])
    totals = np.bincount(blocks.use, weights=blocks.amount, minlength=uses)
    minimum = stated * weight
    minimum[-1] = np.maximum(minimum[-1], totals)
    # A year without a ceiling has room for everything.
    ceiling = np.minimum(ceiling, 2.0 * float(totals.sum()) + 1.0)
    discount = (1.0 + discount_ratio) ** -np.arange(years, dtype=np.float64)
    return Phasing(
        blocks, parcel[order], ceiling, minimum, stated * weight, weight, discount, parcels
    )


def amounts(value: npt.ArrayLike, *, name: str, dims: tuple[int, ...] = (2,)) -> FloatArray:
    """Return finite numbers, none negative, or say which one is not.

    Parameters
    ----------
    value : array_like
    name : str
        Argument name for the error text.
    dims : tuple of int
        Fair numbers of dimensions.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    ValueError
        For text, a wrong number of dimensions, NaN, infinite or negative numbers.
    """
    array = floats(value, name=name)
    if array.ndim not in dims:
        msg = f"{name} must have {' or '.join(map(str, dims))} dimensions, not shape {array.shape}"
        raise ValueError(msg)
    wrong = ~(np.isfinite(array) & (array >= 0.0))
    if wrong.any():
        place = tuple(int(at) for at in np.argwhere(wrong)[0])
        where = place[0] if len(place) == 1 else place
        msg = f"{name} must be finite and not negative: {array[place]} at index {where}"
        raise ValueError(msg)
    return array


def _spread(array: FloatArray, name: str, shape: tuple[int, ...]) -> FloatArray:
    """Repeat a value per parcel for each use."""
    if array.shape == shape:
        return array
    if array.shape == shape[:1]:
        return np.repeat(array[:, None], shape[1], axis=1)
    msg = f"{name} must have shape ({shape[0]},) or {shape}, not {array.shape}"
    raise ValueError(msg)


def _ready(value: npt.ArrayLike, *, parcels: int, uses: int, years: int) -> IntArray:
    found = _spread(amounts(value, name="ready_year", dims=(1, 2)), "ready_year", (parcels, uses))
    odd = found != np.rint(found)
    if odd.any():
        row = int(np.flatnonzero(odd.any(axis=1))[0])
        msg = f"ready_year must hold whole numbers: {found[row].tolist()} at index {row}"
        raise ValueError(msg)
    return np.minimum(found, years).astype(np.int64)


def _whole(
    area: FloatArray, ceiling: FloatArray, stated: FloatArray, *, weight: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    odd = area != np.rint(area)
    if odd.any():
        row, use = (int(at) for at in np.argwhere(odd)[0])
        msg = f"area_m2 must be whole with whole_m2: {area[row, use]} at index ({row}, {use})"
        raise ValueError(msg)
    if (weight == 1.0).all():
        ceiling = np.floor(ceiling)
    return area, ceiling, np.ceil(stated)
