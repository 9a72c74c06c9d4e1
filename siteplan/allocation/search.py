"""The search for a practical plan: prices and a bound, then programmes over the rows in doubt.

See `siteplan.allocation.practical` for the problem and the method.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from siteplan.allocation.arrays import FloatArray, IntArray
from siteplan.allocation.columns import NOISE, Columns, Limits, columns_of, search_prices
from siteplan.allocation.diving import dive
from siteplan.allocation.feasibility import Shortfall, subset_totals
from siteplan.allocation.mixed import Built, build
from siteplan.allocation.passes import kept
from siteplan.allocation.rows import BoolArray, mixed_bits

OPENED_PER_USE = 7
"""Parcels in the first integer programme, per use."""

GROWTH = 4
"""Factor between the parcels of one programme and the next."""

RAISES = (0.5, 0.0, 1.0)
"""Ways to round: uses with this part of their least are raised to it, smaller ones closed."""

PART_ROWS = 64
"""Parcels that are looked at one by one for the most that a part floor can earn."""

LEAST_SECONDS = 0.05

FINER = 0.4
"""Part of the gap for a second programme of all parcels, where the first stopped too early."""


@dataclass(frozen=True, eq=False)
class Wish:
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
class Answer:
    """A plan in the order and the units of `Limits`, or the reason why there is none."""

    status: Literal["certified", "feasible", "infeasible", "unproven"]
    area: FloatArray
    part: IntArray
    bound: float
    prices: FloatArray
    opened: int = 0
    shortfall: Shortfall | None = None
    stuck: IntArray | None = None


@dataclass(frozen=True, eq=False)
class Scaled:
    """The rows with a choice or a duty, in canonical order and in units of about one."""

    limits: Limits
    rows: IntArray  # rows of the wish
    target: FloatArray
    size: FloatArray  # (k, n) absolute scores, without the shift
    unit: float  # of area
    gain: float  # of score
    shift: FloatArray  # (k,) taken off the scores before they were divided


def scaled_wish(wish: Wish) -> Scaled:
    """Turn a wish into limits per cell, in canonical order and units of about one.

    Parameters
    ----------
    wish : Wish
        Checked arguments.

    Returns
    -------
    Scaled
        Without the rows that have neither a choice nor a duty.
    """
    lower, upper = wish.lower, wish.upper
    locked = (lower > 0.0) & (upper <= lower * (1.0 + NOISE))
    forced = lower > 0.0
    most = np.where(locked, lower, np.minimum(upper, wish.share[:, None] * wish.capacity))
    most[(wish.target[:, None] <= 0.0) & ~forced] = 0.0
    least = np.where(locked, lower, np.maximum(lower, wish.block[:, None]))
    open_ = forced | ((most > 0.0) & (most >= least * (1.0 - NOISE)))
    rows = np.flatnonzero(open_.any(axis=0))
    allowed, capacity = kept(open_, rows), wish.capacity[rows]
    unit = _unit(float(capacity.max(initial=0.0)))
    raw = np.where(allowed, kept(wish.score, rows), np.inf)
    shift = raw.min(axis=1, initial=np.inf)
    shift[~np.isfinite(shift)] = 0.0
    score = np.where(allowed, raw - shift[:, None], 0.0)
    gain = _unit(float(score.max(initial=0.0)))
    limits = Limits(
        capacity / unit,
        score / gain,
        np.where(allowed, kept(least, rows), 0.0) / unit,
        np.where(allowed, kept(most, rows), 0.0) / unit,
        kept(forced, rows),
        kept(locked, rows),
        kept(wish.step, rows) / unit,
        wish.max_uses,
    )
    content = (limits.score, limits.capacity[None], limits.least, limits.most, limits.step)
    order = np.argsort(mixed_bits(np.concatenate(content)), kind="stable")
    size = np.where(allowed, np.abs(raw), 0.0) / gain
    return Scaled(
        limits.only(order), rows[order], wish.target / unit, kept(size, order), unit, gain, shift
    )


def _unit(largest: float) -> float:
    return math.ldexp(1.0, math.frexp(largest)[1]) if largest > 0.0 else 1.0


class Search:
    """One problem, its bound, and programmes over more and more rows."""

    def __init__(self, scaled: Scaled, *, gap: float, until: float) -> None:
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

    def answer(self) -> Answer:
        """Bound, then build."""
        able: BoolArray = np.asarray((self.columns.value > -np.inf).any(axis=0))
        stuck = ~(self.split.value > -np.inf).any(axis=0)
        if stuck.any() or np.count_nonzero(~able) > self.target.size:
            where = np.flatnonzero(stuck if stuck.any() else ~able)
            return self._none("infeasible", stuck=where)
        short = self._short(able)
        if short is not None:
            return self._none("infeasible", short=short)
        if self.limits.size == 0:
            area = np.zeros((self.target.size, 0))
            return Answer("certified", area, np.full(self.target.size, -1), 0.0, self.prices)
        return self._built(able, *self._priced(able))

    def _none(
        self,
        status: Literal["infeasible", "unproven"],
        *,
        short: Shortfall | None = None,
        stuck: IntArray | None = None,
    ) -> Answer:
        uses = self.target.size
        area = np.zeros_like(self.limits.score)
        nothing = np.full(uses, np.nan)
        return Answer(
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

    def _built(self, able: BoolArray, area: FloatArray, lead: FloatArray) -> Answer:
        """Open the rows in doubt, more of them until the gap is small enough."""
        uses, rows = area.shape
        order = np.argsort(lead, kind="stable")
        count = max(OPENED_PER_USE * uses, 4)
        best: Answer | None = None
        status: Literal["infeasible", "unproven"] = "unproven"
        share = 1.0
        while True:
            opened = np.sort(order[:count] if 2 * count < rows else order)
            if best is None:
                best = self._rounded(able, area, opened)
            if self._close_enough(best):
                break
            if self.until - time.monotonic() < LEAST_SECONDS and best is not None:
                break
            built = self._programmed(area, opened, best, share=share)
            best = self._better(best, built, area, opened)
            if opened.size == rows:
                if built.status == "infeasible":
                    status = "infeasible"
                    break
                self.bound = min(self.bound, float(self.prices @ self.target) + built.bound)
                if share == FINER:
                    break
                share = FINER  # stopped a little early, and that was too early
            count *= GROWTH
        if best is None:
            return self._none(status)
        return Answer(best.status, best.area, best.part, self.bound, self.prices, best.opened)

    def _programmed(
        self, area: FloatArray, opened: IntArray, best: Answer | None, *, share: float = 1.0
    ) -> Built:
        """Decide the opened rows by an integer programme; the others keep their best columns.

        It may stop at `share` of the gap that is asked for.
        """
        rows = area.shape[1]
        kept = np.ones(rows, bool)
        kept[opened] = False
        worth = self.limits.score - self.prices[:, None]
        others = float((worth * area)[:, kept].sum())
        # Of the real plan where there is one: prices alone may fill more than the totals.
        held = area if best is None else best.area
        slack = share * self.gap * float((self.size * held).sum())
        return build(
            self.limits.only(opened),
            worth[:, opened],
            target=self.target - area[:, kept].sum(axis=1),
            enough=self.bound - float(self.prices @ self.target) - others - 0.9 * slack,
            slack=(0.95 if opened.size == rows else 0.5) * slack,
            seconds=self.until - time.monotonic(),
            start=None
            if best is None
            else (best.area[:, opened], _places(best.part, opened, rows)),
        )

    def _rounded(self, able: BoolArray, area: FloatArray, opened: IntArray) -> Answer | None:
        """Round a linear programme; where its gap is too large lower the bound."""
        kept = np.ones(area.shape[1], bool)
        kept[opened] = False
        left = self.target - area[:, kept].sum(axis=1)
        best = self._dived(area, self.limits.score - self.prices[:, None], opened, left)
        if not self._close_enough(best):
            self._tighten(able)
        return best

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

    def _close_enough(self, plan: Answer | None) -> bool:
        if plan is None:
            return False
        over = self.bound - float((self.limits.score * plan.area).sum())
        return over <= self.gap * float((self.size * plan.area).sum())

    def _dived(
        self, area: FloatArray, worth: FloatArray, opened: IntArray, left: FloatArray
    ) -> Answer | None:
        few = self.limits.only(opened)
        best: Answer | None = None
        for keenness in RAISES:
            found = dive(few, worth[:, opened], target=left, keenness=keenness)
            if found is not None:
                best = self._better(best, Built("built", *found, np.inf), area, opened)
                if self._close_enough(best):
                    break
        return best

    def _better(
        self, best: Answer | None, built: Built, area: FloatArray, opened: IntArray
    ) -> Answer | None:
        if built.status != "built":
            return best
        full = area.copy()
        full[:, opened] = built.area
        value = float((self.limits.score * full).sum())
        if best is not None and value <= float((self.limits.score * best.area).sum()):
            return best
        part = np.where(built.part >= 0, opened[built.part], -1)
        return Answer("feasible", full, part, self.bound, self.prices, opened.size)


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
