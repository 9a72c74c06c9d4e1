"""Share the totals of uses out among parcels with the most suitability, and prove it.

Maximise ``sum_ik s_ik y_ik`` with ``sum_i y_ik = T_k``, ``sum_k y_ik <= F_i`` and
``l_ik <= y_ik <= u_ik``: a transportation problem. The answer carries a bound from the dual
prices, so optimality is shown rather than claimed. Rows are solved in an order that depends on
their content alone, so the order of parcels in a file changes nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from siteplan.allocation.arrays import FloatArray, floats, vector
from siteplan.allocation.dual import (
    BOX_ROWS,
    WHOLE_ROWS,
    Shares,
    dual_value,
    exchanged,
    near_prices,
    settle,
)
from siteplan.allocation.feasibility import (
    Shortfall,
    bound_clash,
    totals_short,
    without_lower,
)
from siteplan.allocation.highs import transport
from siteplan.allocation.passes import blocks, dot, sums_in_order
from siteplan.allocation.problem import (
    Core,
    Problem,
    checked,
    contenders,
    core_rows,
    dual_rows,
    fixed_worth,
    inside_bounds,
)
from siteplan.allocation.totals import FixedTotals

SMALL_ROWS = 250
"""Up to this many rows exchanges from any prices are faster than a search for prices."""

PROVEN_GAP = 1e-9
"""Relative gap below which an answer is called optimal."""


@dataclass(frozen=True, eq=False)
class Allocation:
    """What `allocate` decided, and how well it is proven.

    Attributes
    ----------
    status : str
        "optimal" (gap at most 1e-9), "feasible" or "infeasible".
    area_m2 : numpy.ndarray, shape (n, k)
        FAR area of each use on each parcel, read-only; zeros where infeasible.
    objective, bound : float
        Sum of score times area, and the most that any answer can reach; NaN where infeasible.
    gap : float
        ``(bound - objective)`` relative to ``sum |score| * area``; NaN where infeasible.
    prices : numpy.ndarray, shape (k,)
        Change of the best objective per m² more of each total; NaN where infeasible.
    shortfall : Shortfall or None
        Why nothing fits; None also where only the grand total of `allocate_within` is at fault.
    method : str
        "dual" (the fast search), "lp" (one LP of the whole problem) or "none".
    """

    status: Literal["optimal", "feasible", "infeasible"]
    area_m2: FloatArray
    objective: float
    bound: float
    gap: float
    prices: FloatArray
    shortfall: Shortfall | None = None
    method: Literal["dual", "lp", "none"] = "none"


def allocate(
    capacity_m2: npt.ArrayLike,
    score: npt.ArrayLike,
    target_m2: npt.ArrayLike,
    upper_m2: npt.ArrayLike | None = None,
    lower_m2: npt.ArrayLike | None = None,
    *,
    prices: npt.ArrayLike | None = None,
) -> Allocation:
    """Allocate exact totals to parcels with the largest sum of score times area.

    Maximise ``sum_ik s_ik y_ik`` with ``sum_i y_ik = T_k``, ``sum_k y_ik <= F_i`` and
    ``l_ik <= y_ik <= u_ik``, where ``y_ik = 0`` for a score of -inf: a transportation problem
    (Hitchcock 1941), solved by its Lagrangian dual over the totals (Geoffrion 1974).

    Parameters
    ----------
    capacity_m2 : array_like, shape (n,)
        FAR area that each parcel can hold.
    score : array_like, shape (n, k)
        Value of one m² of each use on each parcel; -inf where not allowed.
    target_m2 : array_like, shape (k,)
        FAR area that each use must reach in all.
    upper_m2, lower_m2 : array_like, shape (n, k), optional
        Bounds of each use on each parcel; the capacity and 0 where left out.
    prices : array_like, shape (k,), optional
        Prices of a similar problem, from an earlier answer; they save time only.

    Returns
    -------
    Allocation
        With status "infeasible" and a shortfall where nothing fits.

    Raises
    ------
    ValueError
        For wrong shapes, NaN, negative or infinite amounts, or a lower bound above its upper
        bound; the text names the argument, the index and the value.
    """
    problem = checked(capacity_m2, score, upper_m2, lower_m2)
    uses = problem.score.shape[0]
    target = vector(target_m2, name="target_m2", size=uses)
    start = _start_prices(prices, uses=uses)
    clash = bound_clash(problem.capacity, problem.upper, problem.lower)
    if clash is not None:
        return infeasible(problem, clash)
    free, room, base = without_lower(problem.capacity, problem.upper, problem.lower, uses=uses)
    short = totals_short(free, room, target=target, base=base)
    if short is not None:
        return infeasible(problem, short)
    wanted = np.maximum(target - base, 0.0)
    if room is None:
        free = contenders(free, problem.score, wanted=wanted)
    core = core_rows(free, problem.score, room, wanted=wanted)
    answer = _best_proven(problem, core, target=target, wanted=wanted, start=start)
    if answer is None:
        raise RuntimeError("the LP solver failed on a feasible allocation")
    return answer


def _best_proven(
    problem: Problem,
    core: Core,
    *,
    target: FloatArray,
    wanted: FloatArray,
    start: FloatArray | None,
) -> Allocation | None:
    """Try the faster method first; stop at the first answer that is proven optimal."""
    best: Allocation | None = None
    methods: tuple[Literal["dual", "lp"], ...] = ("dual", "lp")
    for method in methods:
        shares = (
            _dual_shares(core, wanted=wanted, start=start)
            if method == "dual"
            else _lp_shares(core, wanted=wanted)
        )
        for again in (False, True):
            if again and shares is not None:
                # From there a smaller box will do, where the LP's numbers are better.
                shares = _dual_shares(core, wanted=wanted, start=shares.prices, near=True)
            answer = _proven(problem, core, shares, target=target, method=method)
            if answer is not None and (best is None or answer.gap < best.gap):
                best = answer
            if best is not None and best.status == "optimal":
                return best
    return best


def _start_prices(prices: npt.ArrayLike | None, *, uses: int) -> FloatArray | None:
    if prices is None:
        return None
    start = floats(prices, name="prices")
    if start.shape != (uses,):
        msg = f"prices must have shape ({uses},), not {start.shape}"
        raise ValueError(msg)
    return start if np.isfinite(start).all() else None


def _dual_shares(
    core: Core, *, wanted: FloatArray, start: FloatArray | None, near: bool = False
) -> Shares | None:
    """Search from `start`, which is as exact as an earlier search left it where `near` is set."""
    target = wanted / core.area_unit
    if core.rows.size == 0:
        return Shares(np.zeros_like(core.score), np.zeros(target.size))
    begin = start
    if begin is not None and not near:
        begin = begin / core.score_unit - core.shift
    live = np.flatnonzero(target > 0.0)
    every = live.size == target.size
    begin = begin if begin is None or every else begin[live]
    rows = dual_rows(core) if every else dual_rows(core, live)
    if rows.size <= SMALL_ROWS:
        found = exchanged(rows, target=target[live], prices=begin)
    else:
        lead = 0.0
        if begin is None or not near:
            begin, lead = near_prices(rows, totals=FixedTotals(target[live]), prices=begin)
        box = live.size if near else BOX_ROWS
        found = settle(rows, target=target[live], prices=begin, wanted=box, lead=lead)
        if found is None and rows.size <= WHOLE_ROWS:
            found = exchanged(rows, target=target[live], prices=begin)
    if found is None or every:
        return found
    area, prices = np.zeros_like(core.score), np.zeros(target.size)
    area[live], prices[live] = found.area, found.prices
    return Shares(area, prices)


def _lp_shares(core: Core, *, wanted: FloatArray) -> Shares | None:
    target = wanted / core.area_unit
    if core.rows.size == 0:
        return Shares(np.zeros_like(core.score), np.zeros(target.size))
    # Room for rounding: demand may equal supply to the last bit but one.
    scale = max(1.0, float(target.max()))
    found = transport(
        core.capacity / scale,
        core.score,
        low=target / scale,
        high=target / scale,
        upper=None if core.upper is None else core.upper / scale,
        elastic=4.0 * (target.size + 1),
    )
    if found.status == "failed" or found.missed > 1e-8:
        return None
    return Shares(found.area * scale, found.prices)


def _proven(
    problem: Problem,
    core: Core,
    shares: Shares | None,
    *,
    target: FloatArray,
    method: Literal["dual", "lp"],
) -> Allocation | None:
    """Put the shares back in place, and bound the best answer by the prices."""
    if shares is None:
        return None
    uses, parcels = problem.score.shape
    rest = target if problem.lower is None else target - sums_in_order(problem.lower)
    rest = np.maximum(rest, 0.0) / core.area_unit
    shares = Shares(inside_bounds(core, shares.area, target=rest), shares.prices)
    area = np.zeros((parcels, uses)) if problem.lower is None else problem.lower.T.copy()
    if core.rows.size == parcels and problem.lower is None:
        area[core.rows] = np.multiply(shares.area.T, core.area_unit, order="C")
    else:
        area[core.rows] += np.multiply(shares.area.T, core.area_unit, order="C")
    prices = (shares.prices + core.shift) * core.score_unit
    fixed = fixed_worth(problem)
    unit = core.area_unit * core.score_unit
    earned, size = _earned(core, shares.area)
    most = max(dual_value(dual_rows(core), target=rest, prices=shares.prices), earned)
    held = float(core.shift @ rest)
    objective = fixed + (earned + held) * unit
    bound = fixed + (most + held) * unit
    worth = abs(fixed) + size * unit
    gap = (most - earned) * unit / worth if worth > 0.0 else 0.0
    for use in np.flatnonzero(rest == 0.0):  # nothing more is wanted: the least price that deters
        cells = problem.score[use]
        prices[use] = float(np.where(cells > -np.inf, cells, 0.0).max(initial=0.0))
    area.flags.writeable = False
    status: Literal["optimal", "feasible"] = "optimal" if gap <= PROVEN_GAP else "feasible"
    return Allocation(status, area, objective, bound, gap, prices, None, method)


def _earned(core: Core, area: FloatArray) -> tuple[float, float]:
    """Sum of score times area as the core has it, and of its size with the shift put back."""
    earned, size = [], []
    for part in blocks(core.rows.size):
        score, held = core.score[:, part], area[:, part]
        best = np.where(score > -np.inf, score, 0.0)
        earned.append(dot(best, held))
        size.append(dot(np.abs(best + core.shift[:, None]), held))
    return math.fsum(earned), math.fsum(size)


def infeasible(problem: Problem, short: Shortfall | None) -> Allocation:
    """Return the answer where nothing fits.

    Parameters
    ----------
    problem : Problem
        The problem.
    short : Shortfall or None
        The reason.

    Returns
    -------
    Allocation
    """
    uses, parcels = problem.score.shape
    area = np.zeros((parcels, uses))
    area.flags.writeable = False
    nothing = np.full(uses, math.nan)
    return Allocation("infeasible", area, math.nan, math.nan, math.nan, nothing, short)
