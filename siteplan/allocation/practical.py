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

from siteplan.allocation.arrays import FloatArray, IntArray, vector
from siteplan.allocation.columns import NOISE, Columns, Limits, columns_of, search_prices
from siteplan.allocation.diving import dive
from siteplan.allocation.feasibility import (
    Shortfall,
    bound_clash,
    subset_totals,
    totals_short,
    without_lower,
)
from siteplan.allocation.mixed import Built, build
from siteplan.allocation.problem import checked
from siteplan.allocation.rows import BoolArray, mixed_bits

RULES = ("max_uses", "min_block_m2", "step_m2", "max_share")
"""Names of the rules as `PracticalAllocation.relax` gives them."""

OPENED_PER_USE = 7
"""Parcels in the first integer programme, per use."""

GROWTH = 4
"""Factor between the parcels of one programme and the next."""

RAISES = (0.5, 0.0, 1.0)
"""Ways to round: uses with this part of their least are raised to it, smaller ones closed."""

PART_ROWS = 64
"""Parcels that are looked at one by one for the most that a part floor can earn."""

LEAST_SECONDS = 0.05

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


@dataclass(frozen=True, eq=False)
class _Wish:
    """Checked arguments, column layout, in m²."""

    capacity: FloatArray  # (n,)
    score: FloatArray  # (k, n)
    target: FloatArray  # (k,)
    upper: FloatArray  # (k, n), 0 where not allowed
    lower: FloatArray  # (k, n)
    block: FloatArray  # (k,)
    share: FloatArray  # (k,)
    step: FloatArray  # (k, n)
    max_uses: int
    gap: float


@dataclass(frozen=True, eq=False)
class _Answer:
    """A plan in the order and the units of `Limits`, or the reason why there is none."""

    status: Literal["certified", "feasible", "infeasible", "unproven"]
    area: FloatArray
    part: IntArray
    bound: float
    prices: FloatArray
    opened: int = 0
    shortfall: Shortfall | None = None
    stuck: IntArray | None = None


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

    The problem is stated as a formula at the top of this module.

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
        Seconds after which the best plan so far is returned. An answer that came before the limit
        is the same on every machine.

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
    if isinstance(max_uses, bool) or int(max_uses) != max_uses or max_uses < 1:
        msg = f"max_uses must be a whole number of at least 1, not {max_uses}"
        raise ValueError(msg)
    for name, number in (("gap", gap), ("time_limit_s", time_limit_s)):
        if not number >= 0.0:
            msg = f"{name} must be 0 or more, not {number}"
            raise ValueError(msg)
    share = _per_use(max_share, name="max_share", uses=uses)
    if share.max(initial=0.0) > 1.0:
        msg = f"max_share must be at most 1 (the whole parcel), not {share.max()}"
        raise ValueError(msg)
    capacity = problem.capacity
    upper = capacity if problem.upper is None else np.minimum(problem.upper, capacity)
    lower = np.zeros((uses, rows)) if problem.lower is None else problem.lower
    wish = _Wish(
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
    scaled = _scaled(wish)
    answer = _Search(scaled, gap=wish.gap, until=until).answer()
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
    step = np.asarray(step_m2, dtype=np.float64)
    if step.shape == (rows,) and step.ndim == 1:
        step = np.repeat(vector(step, name="step_m2")[:, None], uses, axis=1)
    if step.shape != (rows, uses):
        msg = f"step_m2 must have shape ({rows},) or ({rows}, {uses}), not {step.shape}"
        raise ValueError(msg)
    return np.ascontiguousarray(vector(step.ravel(), name="step_m2").reshape(rows, uses).T)


@dataclass(frozen=True, eq=False)
class _Scaled:
    """The rows with a choice or a duty, in canonical order and in units of about one."""

    limits: Limits
    rows: IntArray  # rows of the wish
    target: FloatArray
    size: FloatArray  # (k, n) absolute scores, without the shift
    unit: float  # of area
    gain: float  # of score
    shift: FloatArray  # (k,) taken off the scores before they were divided


def _scaled(wish: _Wish) -> _Scaled:
    lower, upper = wish.lower, wish.upper
    locked = (lower > 0.0) & (upper <= lower * (1.0 + NOISE))
    forced = lower > 0.0
    most = np.where(locked, lower, np.minimum(upper, wish.share[:, None] * wish.capacity))
    most[(wish.target[:, None] <= 0.0) & ~forced] = 0.0
    least = np.where(locked, lower, np.maximum(lower, wish.block[:, None]))
    open_ = forced | ((most > 0.0) & (most >= least * (1.0 - NOISE)))
    rows = np.flatnonzero(open_.any(axis=0))
    allowed, capacity = open_[:, rows], wish.capacity[rows]
    unit = _unit(float(capacity.max(initial=0.0)))
    raw = np.where(allowed, wish.score[:, rows], np.inf)
    shift = raw.min(axis=1, initial=np.inf)
    shift[~np.isfinite(shift)] = 0.0
    score = np.where(allowed, raw - shift[:, None], 0.0)
    gain = _unit(float(score.max(initial=0.0)))
    limits = Limits(
        capacity / unit,
        score / gain,
        np.where(allowed, least[:, rows], 0.0) / unit,
        np.where(allowed, most[:, rows], 0.0) / unit,
        forced[:, rows],
        locked[:, rows],
        wish.step[:, rows] / unit,
        wish.max_uses,
    )
    content = (limits.score, limits.capacity[None], limits.least, limits.most, limits.step)
    order = np.argsort(mixed_bits(np.concatenate(content)), kind="stable")
    size = np.where(allowed, np.abs(raw), 0.0) / gain
    return _Scaled(
        limits.only(order), rows[order], wish.target / unit, size[:, order], unit, gain, shift
    )


def _unit(largest: float) -> float:
    return math.ldexp(1.0, math.frexp(largest)[1]) if largest > 0.0 else 1.0


class _Search:
    """One problem, its bound, and programmes over more and more rows."""

    def __init__(self, scaled: _Scaled, *, gap: float, until: float) -> None:
        limits = scaled.limits
        self.limits = limits
        self.target = scaled.target
        self.size = scaled.size
        self.gap = gap
        self.until = until
        self.floors = bool((limits.step > 0.0).any())
        self.columns = columns_of(limits.whole() if self.floors else limits)
        self.split = columns_of(limits.split()) if self.floors else self.columns
        self.prices = np.zeros(self.target.size)
        self.bound = np.inf

    def answer(self) -> _Answer:
        """Bound, then build."""
        able = (self.columns.value > -np.inf).any(axis=0)
        stuck = ~(self.split.value > -np.inf).any(axis=0)
        if stuck.any() or np.count_nonzero(~able) > self.target.size:
            where = np.flatnonzero(stuck if stuck.any() else ~able)
            return self._none("infeasible", stuck=where)
        short = self._short(able)
        if short is not None:
            return self._none("infeasible", short=short)
        if self.limits.size == 0:
            area = np.zeros((self.target.size, 0))
            return _Answer("certified", area, np.full(self.target.size, -1), 0.0, self.prices)
        return self._built(able, *self._priced(able))

    def _none(
        self,
        status: Literal["infeasible", "unproven"],
        *,
        short: Shortfall | None = None,
        stuck: IntArray | None = None,
    ) -> _Answer:
        uses = self.target.size
        area = np.zeros_like(self.limits.score)
        nothing = np.full(uses, np.nan)
        return _Answer(
            status, area, np.full(uses, -1), np.nan, nothing, shortfall=short, stuck=stuck
        )

    def _short(self, able: BoolArray) -> Shortfall | None:
        """Compare every set of uses with the most that the columns give to it."""
        uses = self.target.size
        wanted = subset_totals(self.target)
        worst, found = 0.0, None
        noise = NOISE * max(float(self.target.sum()), float(self.limits.capacity.sum()))
        for mask in sorted(range(1, 1 << uses), key=lambda bits: (bits.bit_count(), bits)):
            chosen = [use for use in range(uses) if mask >> use & 1]
            most = self._subset_most(chosen, able)
            short = float(wanted[mask]) - most
            if short > worst + noise:
                worst = short
                rows = np.flatnonzero((self.limits.most[chosen] > 0.0).any(axis=0))
                found = Shortfall(tuple(chosen), float(wanted[mask]), most, short, rows)
        return found

    def _subset_most(self, chosen: list[int], able: BoolArray) -> float:
        def most(columns: Columns) -> FloatArray:
            held = columns.area[chosen].sum(axis=0)
            held[columns.value == -np.inf] = -np.inf
            return np.asarray(held.max(axis=0))

        whole = most(self.columns)
        if not self.floors:
            return float(whole.sum())
        split = most(self.split)
        return float(np.where(able, whole, split).sum()) + self._parts(
            np.where(able, split - whole, 0.0), able
        )

    def _parts(self, gains: FloatArray, able: BoolArray) -> float:
        """Bound what part floors can add: one row per use, the best ones."""
        left = self.target.size - int(np.count_nonzero(~able))
        if left <= 0 or gains.size == 0:
            return 0.0
        return float(np.sort(np.maximum(gains, 0.0))[::-1][:left].sum())

    def _priced(self, able: BoolArray) -> tuple[FloatArray, FloatArray]:
        """Set prices and bound; return areas and leads of the best columns."""
        rows = np.flatnonzero(able)
        columns = self.columns if rows.size == able.size else self.columns.only(rows)
        spread = max(float(self.limits.score.max(initial=0.0)), 1e-12)
        if rows.size:
            self.prices = search_prices(columns, target=self.target, spread=spread)
        slot, top, lead = self.columns.best(self.prices)
        area = np.where(able, self.columns.taken(slot), 0.0)
        if self.floors:
            split = self.split.best(self.prices)[1]
            most = np.where(able, top, split)
            extra = self._parts(np.where(able, split - np.where(able, top, 0.0), 0.0), able)
            if not self.limits.even() and self.limits.max_uses > 2:
                most, extra = split, 0.0  # the listed columns are not all
        else:
            most, extra = top, 0.0
        self.bound = float(self.prices @ self.target) + float(most.sum()) + extra
        return area, np.where(able, lead / self.columns.size, -np.inf)

    def _built(self, able: BoolArray, area: FloatArray, lead: FloatArray) -> _Answer:
        """Open the rows in doubt, more of them until the gap is small enough."""
        uses, rows = area.shape
        order = np.argsort(lead, kind="stable")
        worth = self.limits.score - self.prices[:, None]
        scale = float((self.size * area).sum())
        best: _Answer | None = None
        proven = False
        count = max(OPENED_PER_USE * uses, 4)
        while True:
            opened = order[:count] if 2 * count < rows else order
            kept = np.ones(rows, bool)
            kept[opened] = False
            opened = np.flatnonzero(~kept)
            left = self.target - area[:, kept].sum(axis=1)
            if best is None:
                best = self._dived(area, worth, opened, left)
                if best is None or not self._close_enough(best):
                    self._tighten(able)
                if best is not None and self._close_enough(best):
                    break
            others = float((worth * area)[:, kept].sum())
            base = float(self.prices @ self.target)
            slack = self.gap * scale
            seconds = self.until - time.monotonic()
            if seconds < LEAST_SECONDS and (best is not None or opened.size < rows):
                break
            built = build(
                self.limits.only(opened),
                worth[:, opened],
                target=left,
                enough=self.bound - base - others - 0.9 * slack,
                slack=0.95 * slack if opened.size == rows else 0.5 * slack,
                seconds=seconds,
                start=None
                if best is None
                else (best.area[:, opened], _places(best.part, opened, rows)),
            )
            if opened.size == rows:
                self.bound = min(self.bound, base + built.bound)
                proven = built.status == "infeasible"
            best = self._better(best, built, area, opened)
            if best is not None and self._close_enough(best):
                break
            if opened.size == rows:
                break
            count *= GROWTH
        if best is None:
            return self._none("infeasible" if proven else "unproven")
        return _Answer(best.status, best.area, best.part, self.bound, self.prices, best.opened)

    def _tighten(self, able: BoolArray) -> None:
        """Lower the bound: each use has its own part floor, not the best parcel for all at once."""
        uses = self.target.size
        if not (self.floors and self.limits.max_uses <= 2 and able.all()):
            return
        whole = self.columns.best(self.prices)[1]
        split = self.split.best(self.prices)[1]
        order = np.argsort(whole - split, kind="stable")
        rows, others = order[:PART_ROWS], order[PART_ROWS:]
        # No use gains more from its part floor than all uses together.
        most = max(float((split - whole)[others].max(initial=0.0)), 0.0)
        few, base = self.limits.only(rows), whole[rows]
        alone = np.full(uses, most)
        for use in range(uses):
            best = columns_of(few.whole(split=use)).best(self.prices)[1]
            alone[use] = max(float((best - base).max(initial=0.0)), most)
        together = np.maximum(alone[:, None], alone)
        both = self.split.only(rows)
        worth = both.reduced(self.prices)
        for first, second in combinations(range(uses), 2):
            pair = (both.area[first] > 0.0) & (both.area[second] > 0.0)
            gain = np.where(pair, worth, -np.inf).max(axis=0) - base
            together[first, second] = max(together[first, second], float(gain.max(initial=0.0)))
        extra = _most_matched(alone, together if self.limits.max_uses > 1 else None)
        bound = float(self.prices @ self.target) + float(whole.sum()) + extra
        self.bound = min(self.bound, bound)

    def _close_enough(self, plan: _Answer) -> bool:
        over = self.bound - float((self.limits.score * plan.area).sum())
        return over <= self.gap * float((self.size * plan.area).sum())

    def _dived(
        self, area: FloatArray, worth: FloatArray, opened: IntArray, left: FloatArray
    ) -> _Answer | None:
        few = self.limits.only(opened)
        best: _Answer | None = None
        for keenness in RAISES:
            found = dive(few, worth[:, opened], target=left, keenness=keenness)
            if found is not None:
                best = self._better(best, Built("built", *found, np.inf), area, opened)
                if best is not None and self._close_enough(best):
                    break
        return best

    def _better(
        self, best: _Answer | None, built: Built, area: FloatArray, opened: IntArray
    ) -> _Answer | None:
        if built.status != "built":
            return best
        full = area.copy()
        full[:, opened] = built.area
        value = float((self.limits.score * full).sum())
        if best is not None and value <= float((self.limits.score * best.area).sum()):
            return best
        part = np.where(built.part >= 0, opened[built.part], -1)
        return _Answer("feasible", full, part, self.bound, self.prices, opened.size)


def _places(part: IntArray, opened: IntArray, rows: int) -> IntArray:
    """Turn rows into places among the opened rows, -1 for none."""
    place = np.full(rows + 1, -1)
    place[opened] = np.arange(opened.size)
    return place[part]


def _most_matched(alone: FloatArray, together: FloatArray | None) -> float:
    """Most that uses earn alone or in pairs, each use once; `together` above its diagonal."""
    most = {0: 0.0}
    for mask in range(1, 1 << alone.size):
        use = mask.bit_length() - 1
        rest = mask ^ (1 << use)
        best = most[rest] + float(alone[use])
        if together is not None:
            for other in range(use):
                if rest >> other & 1:
                    best = max(best, most[rest ^ (1 << other)] + float(together[other, use]))
        most[mask] = best
    return most[(1 << alone.size) - 1]


def _judged(wish: _Wish, scaled: _Scaled, answer: _Answer) -> PracticalAllocation:
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
    wish: _Wish, scaled: _Scaled, answer: _Answer, *, relax: tuple[tuple[str, ...], ...]
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


def _relaxed(wish: _Wish, *, seconds: float) -> tuple[tuple[str, ...], ...]:
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
            answer = _Search(_scaled(eased), gap=ANY_PLAN, until=until).answer()
            if answer.status in {"certified", "feasible"}:
                found.append(names)
        if found:
            return tuple(found)
    return ()


def _nothing(
    wish: _Wish,
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
