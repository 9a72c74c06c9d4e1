"""What is built when: a plan's areas shared out among years, exactly.

With block b the area ``y_b`` of one use on one parcel, ``a_b`` the first year in which it can be
built and ``p_b`` its priority, the areas ``x_bt`` built in year t

    maximise   sum_bt d_t p_b x_bt,      d_t = (1 + r)**-t
    subject to sum_t x_bt = y_b,         x_bt = 0 for t < a_b,
               sum_b w_k(b) x_bt <= C_t                          (ceiling of a year)
               sum of x_bs over b of use k and s <= t  >= M_tk   (least of a use by a year).

*Feasible or not.* With ``R_k(t)`` the area of use k that is ready by year t, a schedule exists
exactly when, for all years ``r <= d + 1``,

    sum_k w_k max(0, M_dk - R_k(r - 1)) <= C_r + ... + C_d,

where the last M is the whole plan: what must be built by d and was not ready before r has to find
room in r..d. It is Hall's condition for intervals (Glover 1967, convex bipartite graphs), as the
m² of a use may be matched to its dates in the order in which they become ready. The first d that
fails, with the r that fails worst, is the explanation.

*Best, without dates.* Each year builds the ready blocks of highest priority up to its ceiling. If
another schedule builds j later than t though it is ready, and i at t with ``p_i <= p_j``, trading
them gains ``(p_j - p_i)(d_t - d_later) >= 0``; so no schedule is better. Where this one happens to
meet all dates it is best with them, too.

*Best, with dates.* See `siteplan.allocation.phase_prices`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from siteplan.allocation.arrays import TOLERANCE, number
from siteplan.allocation.phase_answer import Schedule, assembled, nothing
from siteplan.allocation.phase_parcels import parcels_at_once
from siteplan.allocation.phase_prices import best_totals, fill, fill_by_use, ready_upto
from siteplan.allocation.phase_problem import Phasing, checked_phasing, shortfall
from siteplan.allocation.phase_rounding import rounded_under_budgets

DISCOUNT_RATIO = 0.01
"""Assumption: a year's delay takes 1 % off an area's worth, so that earlier is a little better."""

NARROWINGS = 5
"""Times that parcels built at once are asked for anew, until no ceiling is exceeded."""


def schedule(  # noqa: PLR0913 - one problem, its optional parts
    area_m2: npt.ArrayLike,
    *,
    ready_year: npt.ArrayLike,
    ceiling_m2: npt.ArrayLike,
    minimum_by_year_m2: npt.ArrayLike | None = None,
    priority: npt.ArrayLike | None = None,
    discount_ratio: float = DISCOUNT_RATIO,
    ceiling_weight: npt.ArrayLike | None = None,
    whole_m2: bool = False,
    whole_parcels: bool = False,
) -> Schedule:
    """Share the areas of a plan out among years, the most worth while first.

    Maximise ``sum_bt d_t p_b x_bt``, ``d_t = (1 + r)**-t``, over blocks b (one use on one parcel)
    with ``sum_t x_bt = y_b``, ``x_bt = 0`` before b is ready, ``sum_b w_k(b) x_bt <= C_t`` and, for
    each use and date, the sum built by then at least ``M_tk``. It fits by Hall's condition for
    intervals (Glover 1967); the head of the module proves what is best.

    Parameters
    ----------
    area_m2 : array_like, shape (n, k)
        Area of each use on each parcel, all of which is built within the years.
    ready_year : array_like of int, shape (n,) or (n, k)
        First year, counted from 0, in which a parcel (or a use on it) can be built; the number
        of years or more: not within these years.
    ceiling_m2 : array_like, shape (years,)
        Most area of one year; +inf for none.
    minimum_by_year_m2 : array_like, shape (years, k), optional
        Least area of each use that stands at the end of each year. A later year needs at least
        what an earlier one does.
    priority : array_like, shape (n,) or (n, k), optional
        Worth of one m² built at once, not negative; 1 for all where left out.
    discount_ratio : float
        Part of the worth that a year's delay takes, not negative; an assumption, like its
        default. Without dates to keep, no value above 0 changes the schedule.
    ceiling_weight : array_like, shape (k,), optional
        What one m² of each use takes of the ceiling, above 0: cost per m² makes `ceiling_m2` a
        budget, 1 over the FAR ratio makes it GFA where `area_m2` is FAR area. 1 where left out.
    whole_m2 : bool
        Whether every piece must be a whole number of m²; areas must then be whole. Minima are
        raised to whole m², ceilings without weights cut down to them. Under weighted ceilings
        ("unknown" where no whole totals were found) the answer may miss the bound by the m² that
        do not fill a ceiling to its last unit.
    whole_parcels : bool
        Whether each parcel is built within one year; solved as an integer programme, with its
        gap.

    Returns
    -------
    Schedule

    Raises
    ------
    ValueError
        For wrong shapes, NaN or negative numbers; the text names the argument.
    """
    given = checked_phasing(
        area_m2,
        ready_year,
        ceiling_m2,
        minimum_by_year_m2,
        priority,
        _discount(discount_ratio),
        ceiling_weight,
        whole_m2=whole_m2,
    )
    short = shortfall(given)
    if short is not None:
        return nothing(given, short)
    if whole_parcels:
        return _at_once(given) if whole_m2 else parcels_at_once(given)
    if whole_m2 and (given.weight != 1.0).any():
        return _split_under_budgets(given)
    return _split(given, whole=whole_m2)


def _split_under_budgets(given: Phasing) -> Schedule:
    """Schedule blocks in whole m² where a m² of each use takes another part of the ceiling.

    The totals by year and use of the best schedule are rounded; within a use the most suitable
    come first, as in every best schedule with these totals.
    """
    blocks, (years, _, uses) = given.blocks, given.shape
    if blocks.amount.size == 0:
        return _split(given, whole=False)
    best = _split(given, whole=False)
    weight = given.weight
    in_m2 = replace(blocks, amount=np.rint(blocks.amount / weight[blocks.use]))
    whole = rounded_under_budgets(
        best.total_by_year_m2,
        ceiling=given.ceiling,
        weight=weight,
        minimum_m2=np.rint(given.minimum / weight),
        ready_m2=ready_upto(in_m2, years=years, uses=uses),
    )
    if whole is None:
        return nothing(given, None, status="unknown")
    pieces = fill_by_use(in_m2, whole)
    amount = pieces.amount * weight[blocks.use[pieces.block]]
    found = assembled(given, pieces.block, pieces.year, amount, best.bound, method="lp")
    return replace(
        found,
        amount_m2=np.rint(found.amount_m2),
        total_by_year_m2=np.rint(found.total_by_year_m2),
    )


def _at_once(given: Phasing) -> Schedule:
    """Schedule parcels that are each built within one year, to the last unit of a ceiling.

    The search allows float noise, which at prices in KRW may be more than a won; where an answer
    makes use of it, the search is asked again with the years in question a little narrower.
    """
    noise = 1e-15 * float(given.blocks.amount.sum()) + 1e-6
    narrowed = given
    for _ in range(NARROWINGS):
        found = parcels_at_once(narrowed, noise=noise)
        if found.status in ("infeasible", "unknown"):
            return found if narrowed is given else nothing(given, None, status="unknown")
        over = found.total_by_year_m2 @ given.weight - given.ceiling
        if not (over > noise).any():
            return found
        cut = np.where(over > noise, 2.0 * over, 0.0)
        narrowed = replace(narrowed, ceiling=np.maximum(narrowed.ceiling - cut, 0.0))
    return nothing(given, None, status="unknown")


def _split(given: Phasing, *, whole: bool) -> Schedule:
    """Schedule blocks that may be built over several years."""
    blocks, uses = given.blocks, given.minimum.shape[1]
    pieces = fill(blocks, given.ceiling)
    total = pieces.totals(blocks, uses=uses)
    least = given.minimum - TOLERANCE * max(float(blocks.amount.sum()), 0.0)
    if (np.cumsum(total, axis=0) >= least).all():
        return assembled(given, pieces.block, pieces.year, pieces.amount, None, method="greedy")
    best = best_totals(blocks, given.ceiling, given.minimum, given.discount, whole=whole)
    return assembled(
        given,
        best.pieces.block,
        best.pieces.year,
        best.pieces.amount,
        best.bound,
        method="lp",
    )


def _discount(ratio: float) -> float:
    return number(ratio, name="discount_ratio")
