"""The answer of a schedule: pieces, totals by year, and the proof."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from siteplan.allocation.arrays import FloatArray, IntArray
from siteplan.allocation.phase_prices import PROVEN_GAP, worth
from siteplan.allocation.phase_problem import PhaseShortfall, Phasing


@dataclass(frozen=True, eq=False)
class Schedule:
    """What is built when, and how well it is proven.

    Attributes
    ----------
    status : str
        "optimal" (gap at most 1e-9), "feasible", "infeasible", or "unknown" where the search for
        parcels built at once ended without an answer.
    shape : tuple of int
        Years, parcels, uses.
    year, parcel, use : numpy.ndarray of int, shape (m,)
        What is built, piece by piece, in the order of years, parcels, uses.
    amount_m2 : numpy.ndarray, shape (m,)
        Area of each piece, above 0.
    total_by_year_m2 : numpy.ndarray, shape (years, k)
        Sums of the pieces; zeros where infeasible.
    objective, bound : float
        Sum of discount times priority times area, and the most that any schedule can reach.
    gap : float
        ``(bound - objective) / bound``.
    shortfall : PhaseShortfall or None
        Why nothing fits.
    method : str
        "greedy", "lp", "parcels" (built at once), "joint" (with the allocation) or "none".
    """

    status: Literal["optimal", "feasible", "infeasible", "unknown"]
    shape: tuple[int, int, int]
    year: IntArray
    parcel: IntArray
    use: IntArray
    amount_m2: FloatArray
    total_by_year_m2: FloatArray
    objective: float
    bound: float
    gap: float
    shortfall: PhaseShortfall | None = None
    method: Literal["greedy", "lp", "parcels", "joint", "none"] = "none"

    @property
    def area_by_year_m2(self) -> FloatArray:
        """Area built in each year, shape (years, n, k)."""
        area = np.zeros(self.shape)
        area[self.year, self.parcel, self.use] = self.amount_m2
        return area

    def built_by_m2(self, year: int) -> FloatArray:
        """Return what stands at the end of a year (counted from 0), shape (n, k)."""
        area = np.zeros(self.shape[1:])
        done = self.year <= year
        np.add.at(area, (self.parcel[done], self.use[done]), self.amount_m2[done])
        return area


def assembled(
    given: Phasing,
    block: IntArray,
    year: IntArray,
    amount: FloatArray,
    bound: float | None,
    *,
    method: Literal["greedy", "lp", "parcels"],
) -> Schedule:
    """Put pieces in their final order and units, with the proof; no bound: they are optimal.

    Parameters
    ----------
    given : Phasing
    block, year, amount : numpy.ndarray, shape (m,)
    bound : float or None
    method : str

    Returns
    -------
    Schedule
    """
    uses = given.minimum.shape[1]
    objective = worth(given.blocks, block, year, amount, discount=given.discount)
    bound = objective if bound is None else max(bound, objective)
    gap = (bound - objective) / bound if bound > 0.0 else 0.0
    parcel, use = given.parcel[block], given.blocks.use[block]
    order = np.lexsort((use, parcel, year))
    year, parcel, use = year[order], parcel[order], use[order]
    amount = amount[order] / given.weight[use]
    total = np.zeros((given.ceiling.size, uses))
    np.add.at(total, (year, use), amount)
    for array in (year, parcel, use, amount, total):
        array.flags.writeable = False
    status: Literal["optimal", "feasible"] = "optimal" if gap <= PROVEN_GAP else "feasible"
    return Schedule(
        status, given.shape, year, parcel, use, amount, total, objective, bound, gap, None, method
    )


def nothing(
    given: Phasing,
    short: PhaseShortfall | None,
    *,
    status: Literal["infeasible", "unknown"] = "infeasible",
) -> Schedule:
    """Return the answer without a schedule.

    Parameters
    ----------
    given : Phasing
    short : PhaseShortfall or None
    status : str

    Returns
    -------
    Schedule
    """
    none = np.zeros(0, np.int64)
    total = np.zeros((given.shape[0], given.shape[2]))
    total.flags.writeable = False
    lost = math.nan
    return Schedule(
        status, given.shape, none, none, none, np.zeros(0), total, lost, lost, lost, short
    )
