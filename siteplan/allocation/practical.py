"""Plans that can be built: few uses per parcel, no slivers, whole floors, mixed parcels.

The problem of `siteplan.allocation.solve` with rules that make every parcel a choice:

    maximise   sum_ik s_ik x_ik
    subject to sum_i x_ik = T_k,  sum_k x_ik <= F_i,
               at most m of the x_ik of a parcel are positive,
               x_ik = 0  or  max(l_ik, b_k) <= x_ik <= min(u_ik, c_k F_i),
               x_ik = a whole number of floors p_ik

**Totals hold exactly, always.** Floors come in plates, so they cannot add up to every total: each
use has at most *one* parcel in the whole plan where its last floor is used in part, and the answer
lists it (`part_floor`). Two uses never share a floor, except that the part floor may be finished
by another use's part floor.

A cell that the planner fixed (lower bound equal to upper bound) is kept as it is, whatever block,
share or floors ask; it counts among the uses of its parcel.

Method: the rules couple nothing but a parcel, so a Lagrangian relaxation of the totals bounds every
plan (`siteplan.allocation.columns`). At its prices nearly all parcels have one clear best way to be
built; the few in doubt are decided together by a mixed integer programme that meets the totals
exactly (`siteplan.allocation.mixed`). If the gap between that plan and the bound is larger than
asked for, more parcels are opened, in the end all of them, whose programme has a bound of its own.
The duality gap shrinks with the number of parcels, since at most about k of them can be split in a
relaxed optimum (Shapley and Folkman; Aubin and Ekeland 1976; Bertsekas, *Constrained Optimization
and Lagrange Multiplier Methods*, 1982, section 5.6).
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np
import numpy.typing as npt

from siteplan.allocation.arrays import FloatArray, IntArray, count_of, matrix, number, vector
from siteplan.allocation.feasibility import (
    Shortfall,
    bound_clash,
    totals_short,
    without_lower,
)
from siteplan.allocation.problem import checked
from siteplan.allocation.search import Answer, Scaled, Search, Wish, scaled_wish

RULES = ("max_uses", "min_block_m2", "step_m2", "max_share")
"""Names of the rules as `PracticalAllocation.relax` gives them."""

ANY_PLAN = 1e6
"""A gap that any plan has: asked for where only the existence of a plan matters."""


@dataclass(frozen=True, eq=False)
class PracticalAllocation:
    """What `allocate_practical` decided, and how well it is proven.

    Attributes
    ----------
    status : str
        "certified" (gap at most as asked), "feasible" (all rules kept, gap larger), "infeasible"
        (proven: no plan keeps all rules) or "unproven" (no plan found in time, none excluded).
    area_m2 : numpy.ndarray, shape (n, k)
        FAR area of each use on each parcel, read-only; zeros without a plan.
    objective, bound : float
        Sum of score times area, and the most that any plan under these rules can reach; NaN
        without a plan.
    gap : float
        ``(bound - objective)`` relative to ``sum |score| * area``; NaN without a plan.
    prices : numpy.ndarray, shape (k,)
        Prices of the totals that gave the bound; NaN without a plan.
    part_floor : numpy.ndarray of int, shape (k,)
        Row that holds the part floor of each use; -1 where all floors are whole.
    relax : tuple of tuples of str
        Where infeasible: the smallest sets of rules (names in `RULES`) without which a plan was
        found; empty where none was.
    shortfall : Shortfall or None
        Where infeasible: a set of uses that falls short, where sums prove it.
    parcels : numpy.ndarray of int
        Where infeasible: parcels whose own bounds no way of building keeps.
    opened : int
        Parcels that the last integer programme decided.
    """

    status: Literal["certified", "feasible", "infeasible", "unproven"]
    area_m2: FloatArray
    objective: float
    bound: float
    gap: float
    prices: FloatArray
    part_floor: IntArray
    relax: tuple[tuple[str, ...], ...] = ()
    shortfall: Shortfall | None = None
    parcels: IntArray | None = None
    opened: int = 0


def allocate_practical(  # noqa: PLR0913 - one programme, its rules by name
    capacity_m2: npt.ArrayLike,
    score: npt.ArrayLike,
    target_m2: npt.ArrayLike,
    upper_m2: npt.ArrayLike | None = None,
    lower_m2: npt.ArrayLike | None = None,
    *,
    max_uses: int = 2,
    min_block_m2: npt.ArrayLike = 0.0,
    step_m2: npt.ArrayLike | None = None,
    max_share: npt.ArrayLike = 1.0,
    gap: float = 0.005,
    time_limit_s: float = 20.0,
) -> PracticalAllocation:
    """Allocate exact totals so that each parcel can be built as the plan says.

    Maximise ``sum_ik s_ik x_ik`` with ``sum_i x_ik = T_k`` and ``sum_k x_ik <= F_i``, where at
    most m of the ``x_ik`` of a parcel are positive and each is 0 or within
    ``max(l_ik, b_k) .. min(u_ik, c_k F_i)``, in whole floors ``p_ik`` but for one floor per use.
    By Lagrangian relaxation (Geoffrion 1974) and integer programmes of the parcels in doubt; the
    head of the module says more.

    Parameters
    ----------
    capacity_m2 : array_like, shape (n,)
        FAR area that each parcel can hold.
    score : array_like, shape (n, k)
        Value of one m² of each use on each parcel; -inf where not allowed.
    target_m2 : array_like, shape (k,)
        FAR area that each use must reach in all; held exactly.
    upper_m2, lower_m2 : array_like, shape (n, k), optional
        Bounds of each use on each parcel; the capacity and 0 where left out. A lower bound above 0
        means that the use stands there.
    max_uses : int
        Most uses on one parcel.
    min_block_m2 : float or array_like, shape (k,)
        A use holds at least this on each parcel where it stands.
    step_m2 : array_like, shape (n,) or (n, k), optional
        FAR area of one floor of each parcel, or of each use on it where uses count differently;
        0 where a parcel's floors need not be whole.
    max_share : float or array_like, shape (k,)
        A use holds at most this part of a parcel's capacity.
    gap : float
        Relative gap that is asked for.
    time_limit_s : float
        Seconds after which the best plan so far is returned; where infeasible, as long again may
        go into trying which rules to relax. An answer that came before the limit does not depend
        on the clock.

    Returns
    -------
    PracticalAllocation

    Raises
    ------
    ValueError
        For wrong shapes, NaN, negative amounts, or rules out of range; the text names the
        argument.
    """
    problem = checked(capacity_m2, score, upper_m2, lower_m2)
    uses, rows = problem.score.shape
    target = vector(target_m2, name="target_m2", size=uses)
    max_uses = count_of(max_uses, name="max_uses")
    gap = number(gap, name="gap", infinite=True)
    time_limit_s = number(time_limit_s, name="time_limit_s", infinite=True)
    share = _per_use(max_share, name="max_share", uses=uses)
    if share.max(initial=0.0) > 1.0:
        use = int(share.argmax())
        msg = f"max_share[{use}] must be at most 1 (the whole parcel), not {share[use]}"
        raise ValueError(msg)
    capacity = problem.capacity
    upper = capacity if problem.upper is None else np.minimum(problem.upper, capacity)
    lower = np.zeros((uses, rows)) if problem.lower is None else problem.lower
    wish = Wish(
        capacity,
        problem.score,
        target,
        np.where(problem.score > -np.inf, upper, 0.0),
        lower,
        _per_use(min_block_m2, name="min_block_m2", uses=uses),
        share,
        _steps(step_m2, uses=uses, rows=rows),
        min(int(max_uses), uses),
        float(gap),
    )
    until = time.monotonic() + time_limit_s
    clash = bound_clash(capacity, problem.upper, problem.lower)
    if clash is None:
        free, room, base = without_lower(capacity, problem.upper, problem.lower, uses=uses)
        clash = totals_short(free, room, target=target, base=base)
    if clash is not None:
        return _nothing(wish, "infeasible", shortfall=clash)
    scaled = scaled_wish(wish)
    answer = Search(scaled, gap=wish.gap, until=until).answer()
    if answer.status == "infeasible":
        relax = _relaxed(wish, seconds=time_limit_s)
        return _refused(wish, scaled, answer, relax=relax)
    if answer.status == "unproven":
        return _nothing(wish, "unproven")
    return _judged(wish, scaled, answer)


def _per_use(value: npt.ArrayLike, *, name: str, uses: int) -> FloatArray:
    if np.ndim(value) == 0:
        value = np.full(uses, value)
    return vector(value, name=name, size=uses)


def _steps(step_m2: npt.ArrayLike | None, *, uses: int, rows: int) -> FloatArray:
    if step_m2 is None:
        return np.zeros((uses, rows))
    if np.ndim(step_m2) == 1:
        return np.repeat(vector(step_m2, name="step_m2", size=rows)[None], uses, axis=0)
    step = matrix(step_m2, name="step_m2", rows=rows, uses=uses, infinite=False)
    return np.ascontiguousarray(step.T)


def _judged(wish: Wish, scaled: Scaled, answer: Answer) -> PracticalAllocation:
    """Put the plan back into m² and measure it."""
    area = np.zeros_like(wish.score)
    area[:, scaled.rows] = answer.area * scaled.unit
    value = np.where(area > 0.0, wish.score, 0.0)
    objective = float((value * area).sum())
    earned = float((scaled.limits.score * answer.area).sum())
    over = max(answer.bound - earned, 0.0) * scaled.unit * scaled.gain
    worth = float((np.abs(value) * area).sum())
    gap = over / worth if worth > 0.0 else 0.0
    status: Literal["certified", "feasible"] = "certified" if gap <= wish.gap else "feasible"
    part = np.full(wish.target.size, -1)
    some = answer.part >= 0
    part[some] = scaled.rows[answer.part[some]]
    shown = np.ascontiguousarray(area.T)
    shown.flags.writeable = False
    return PracticalAllocation(
        status,
        shown,
        objective,
        objective + over,
        gap,
        answer.prices * scaled.gain + scaled.shift,
        part,
        opened=answer.opened,
    )


def _refused(
    wish: Wish, scaled: Scaled, answer: Answer, *, relax: tuple[tuple[str, ...], ...]
) -> PracticalAllocation:
    """Say in m² and in rows of the wish what stands in the way."""
    short, unit = answer.shortfall, scaled.unit
    if short is not None:
        short = Shortfall(
            short.uses,
            short.demand_m2 * unit,
            short.capacity_m2 * unit,
            short.short_m2 * unit,
            np.sort(scaled.rows[short.parcels]),
        )
    stuck = None if answer.stuck is None else np.sort(scaled.rows[answer.stuck])
    return _nothing(wish, "infeasible", shortfall=short, parcels=stuck, relax=relax)


def _relaxed(wish: Wish, *, seconds: float) -> tuple[tuple[str, ...], ...]:
    """Try which rules stand in the way: the smallest sets without which a plan is found."""
    free: dict[str, dict[str, object]] = {
        "max_uses": {"max_uses": wish.target.size},
        "min_block_m2": {"block": np.zeros_like(wish.block)},
        "step_m2": {"step": np.zeros_like(wish.step)},
        "max_share": {"share": np.ones_like(wish.share)},
    }
    active = [
        name
        for name, there in (
            ("max_uses", wish.max_uses < wish.target.size),
            ("min_block_m2", bool((wish.block > 0.0).any())),
            ("step_m2", bool((wish.step > 0.0).any())),
            ("max_share", bool((wish.share < 1.0).any())),
        )
        if there
    ]
    until = time.monotonic() + seconds
    for count in range(1, len(active) + 1):
        found = []
        for names in combinations(active, count):
            fields: dict[str, object] = {}
            for name in names:
                fields |= free[name]
            eased = replace(wish, **fields)  # type: ignore[arg-type]
            answer = Search(scaled_wish(eased), gap=ANY_PLAN, until=until).answer()
            if answer.status in {"certified", "feasible"}:
                found.append(names)
        if found:
            return tuple(found)
    return ()


def _nothing(
    wish: Wish,
    status: Literal["infeasible", "unproven"],
    *,
    shortfall: Shortfall | None = None,
    parcels: IntArray | None = None,
    relax: tuple[tuple[str, ...], ...] = (),
) -> PracticalAllocation:
    uses, rows = wish.score.shape
    area = np.zeros((rows, uses))
    area.flags.writeable = False
    return PracticalAllocation(
        status,
        area,
        math.nan,
        math.nan,
        math.nan,
        np.full(uses, math.nan),
        np.full(uses, -1),
        relax,
        shortfall,
        parcels,
    )
