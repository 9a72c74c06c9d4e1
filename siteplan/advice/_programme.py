"""Repairs of the programme: another split, other bounds, less of a use, a smaller total."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np

from siteplan.advice._study import SPARE_M2, Attempt, Candidate, Short, wish_of
from siteplan.allocation.repairs import (
    fits,
    least_change,
    least_cut_m2,
    least_lift_m2,
    least_whole,
)
from siteplan.errors import InputError
from siteplan.programme import Programme, rebalance
from siteplan.text import Joined, sentence
from siteplan.uses import ALL_USES, USES

if TYPE_CHECKING:
    from siteplan.evaluation import Plan
    from siteplan.scenario import Scenario

LEAST_LEFT_RATIO = 0.1
"""A total that falls below this part of itself is not offered as a repair."""


def shifts(plan: Plan, short: Short) -> list[Candidate]:
    """Return shifts between uses that keep the total.

    From one use to all unlocked others in proportion, as its slider does; from one to another;
    and among several where neither is enough.
    """
    programme, ratio = plan.scenario.programme, plan.far_ratio
    found = _slides(plan, short)
    for gone, come in permutations(range(len(USES)), 2):
        giver, taker = programme.targets[gone], programme.targets[come]
        if not giver.target_m2 or taker.target_m2 is None:
            continue
        least, most = short.wish.low.copy(), short.wish.high.copy()
        least[gone] = giver.min_m2 * ratio[gone]
        most[come] = _most_m2(programme, come) * ratio[come]
        totals_m2 = least_change(short.sums, short.wish, least=least, most=most)
        if totals_m2 is None:
            continue
        moved_m2 = int(np.ceil(giver.target_m2 - totals_m2[gone] / ratio[gone] - 1e-4))
        kind = "unlock" if giver.locked or taker.locked else "shift"
        found.append(
            Candidate(
                kind,
                moved_m2,
                partial(_shift_attempts, plan, gone, come, moved_m2),
            )
        )
    return found or _several_shifts(plan, short)


def _slides(plan: Plan, short: Short) -> list[Candidate]:
    """Return uses that fit once they are lowered and the others absorb in proportion."""
    found = []
    for use, entry in enumerate(plan.scenario.programme.targets):
        if not entry.target_m2 or entry.locked:
            continue
        lowered = partial(_lowered, plan.scenario.programme, use)
        moved_m2 = least_whole(partial(_holds, plan, short, lowered), entry.target_m2)
        if moved_m2:
            attempts = partial(_slide_attempts, plan, moved_m2, lowered)
            found.append(Candidate("shift", moved_m2, attempts))
    return found


def _lowered(programme: Programme, use: int, less_m2: int) -> Programme:
    target_m2 = programme.targets[use].target_m2 or 0
    return rebalance(programme, USES[use], max(target_m2 - less_m2, 0))


def _holds(
    plan: Plan, short: Short, after: Callable[[int], Programme | None], less_m2: int
) -> bool:
    changed = after(less_m2)
    return changed is not None and fits(short.sums, wish_of(changed, far_ratio=plan.far_ratio))


def _slide_attempts(
    plan: Plan, moved_m2: int, lowered: Callable[[int], Programme]
) -> Iterator[Attempt]:
    for more in SPARE_M2:
        after = lowered(moved_m2 + more)
        change = {
            use: (now.target_m2 or 0) - (before.target_m2 or 0)
            for use, (before, now) in enumerate(
                zip(plan.scenario.programme.targets, after.targets, strict=True)
            )
        }
        yield _shifted(plan, {use: m2 for use, m2 in change.items() if m2})


def _shift_attempts(plan: Plan, gone: int, come: int, moved_m2: int) -> Iterator[Attempt]:
    for more in SPARE_M2:
        change = {gone: -moved_m2 - more, come: moved_m2 + more}
        if _within(plan.scenario.programme, change):
            yield _shifted(plan, change)


def _several_shifts(plan: Plan, short: Short) -> list[Candidate]:
    """Return the shift among the unlocked uses that moves the fewest m²."""
    programme, ratio = plan.scenario.programme, plan.far_ratio
    least, most = short.wish.low.copy(), short.wish.high.copy()
    for use, entry in enumerate(programme.targets):
        if entry.target_m2 is not None and not entry.locked:
            least[use] = entry.min_m2 * ratio[use]
            most[use] = _most_m2(programme, use) * ratio[use]
    totals_m2 = least_change(short.sums, short.wish, least=least, most=most)
    if totals_m2 is None:
        return []
    change = {}
    for use, entry in enumerate(programme.targets):
        if entry.target_m2 is not None and not entry.locked:
            moved = totals_m2[use] / ratio[use] - entry.target_m2
            change[use] = int(np.floor(moved + 1e-4))
    change = {use: m2 for use, m2 in change.items() if m2}
    rising = [use for use, m2 in change.items() if m2 > 0]
    if not rising:
        return []
    change[max(rising, key=change.__getitem__)] -= sum(change.values())
    if not _within(programme, change):
        return []
    cost = float(-sum(m2 for m2 in change.values() if m2 < 0))
    return [Candidate("shift", cost, lambda: [_shifted(plan, change)])]


def _most_m2(programme: Programme, use: int) -> int:
    most = programme.targets[use].max_m2
    return programme.total_gfa_m2 if most is None else min(most, programme.total_gfa_m2)


def _within(programme: Programme, change: dict[int, int]) -> bool:
    return all(
        programme.targets[use].min_m2
        <= (programme.targets[use].target_m2 or 0) + m2
        <= _most_m2(programme, use)
        for use, m2 in change.items()
    )


def _shifted(plan: Plan, change: dict[int, int]) -> Attempt:
    programme = plan.scenario.programme
    entries, locked, said = list(programme.targets), [], []
    for use, m2 in sorted(change.items(), key=lambda item: item[1]):
        entry = entries[use]
        entries[use] = replace(entry, target_m2=(entry.target_m2 or 0) + m2, locked=False)
        if entry.locked:
            locked.append(ALL_USES[use].label)
        said.append(sentence("{use} {change:+,} m²", use=ALL_USES[use].label, change=m2))
    changes = Joined(tuple(said))
    if locked:
        text = sentence(
            "Open the lock of {locked} and keep the total: {changes}.",
            locked=Joined(tuple(locked)),
            changes=changes,
        )
    else:
        text = sentence("Keep the total and split it otherwise: {changes}.", changes=changes)
    return text, _with(plan, Programme(programme.total_gfa_m2, tuple(entries)))


def _with(plan: Plan, programme: Programme) -> Scenario:
    return replace(plan.scenario, programme=programme)


def bounds(plan: Plan, short: Short) -> list[Candidate]:
    """Return bounds of free uses that stand in the way."""
    found = []
    for use, entry in enumerate(plan.scenario.programme.targets):
        if entry.target_m2 is not None:
            continue
        cut_m2 = least_cut_m2(short.sums, short.wish, use)
        if cut_m2:
            found.append(
                Candidate(
                    "bound",
                    cut_m2,
                    partial(_moved_bounds, plan, use, low=cut_m2),
                )
            )
        lift_m2 = None if entry.max_m2 is None else least_lift_m2(short.sums, short.wish, use)
        if lift_m2:
            found.append(
                Candidate(
                    "bound",
                    lift_m2,
                    partial(_moved_bounds, plan, use, high=lift_m2),
                )
            )
    return found


def _moved_bounds(plan: Plan, use: int, *, low: int = 0, high: int = 0) -> Iterator[Attempt]:
    programme = plan.scenario.programme
    entry, label = programme.targets[use], ALL_USES[use].label
    for more in SPARE_M2:
        if low:
            least = max(entry.min_m2 - low - more, 0)
            changed = replace(entry, min_m2=least)
            text = sentence(
                "Let {use} fall to {low:,} m² instead of {before:,} m² at least.",
                use=label,
                low=least,
                before=entry.min_m2,
            )
        else:
            most = min((entry.max_m2 or 0) + high + more, programme.total_gfa_m2)
            changed = replace(entry, max_m2=most)
            text = sentence(
                "Let {use} rise to {high:,} m² instead of {before:,} m² at most.",
                use=label,
                high=most,
                before=entry.max_m2,
            )
        yield text, _with(plan, programme.with_target(USES[use], changed))


def cuts(plan: Plan, short: Short) -> list[Candidate]:
    """Return uses that, made smaller with the total, let the rest fit."""
    found = []
    for use, entry in enumerate(plan.scenario.programme.targets):
        if entry.target_m2 is None:
            continue
        cut_m2 = least_cut_m2(short.sums, short.wish, use)
        if cut_m2:
            found.append(
                Candidate(
                    "cut",
                    cut_m2,
                    partial(_cut, plan, use, cut_m2),
                )
            )
    return found


def _cut(plan: Plan, use: int, cut_m2: int) -> Iterator[Attempt]:
    programme = plan.scenario.programme
    entry = programme.targets[use]
    for more in SPARE_M2:
        left_m2 = (entry.target_m2 or 0) - cut_m2 - more
        total_m2 = programme.total_gfa_m2 - cut_m2 - more
        if left_m2 < entry.min_m2 or total_m2 <= 0:
            return
        entries = list(programme.targets)
        entries[use] = replace(entry, target_m2=left_m2)
        try:
            smaller = Programme(total_m2, tuple(entries))
        except InputError:  # another use's bounds do not leave the smaller total
            return
        text = sentence(
            "Make {use} {cut:,} m² smaller, and the total with it: {total:,} m².",
            use=ALL_USES[use].label,
            cut=cut_m2 + more,
            total=total_m2,
        )
        yield text, _with(plan, smaller)


def totals(plan: Plan, short: Short) -> list[Candidate]:
    """Return the largest total that fits with all unlocked uses in proportion."""
    programme = plan.scenario.programme

    def smaller(cut_m2: int) -> Programme | None:
        try:
            return programme.with_total(programme.total_gfa_m2 - cut_m2)
        except InputError:
            return None

    kept_m2 = sum(
        t.target_m2 if t.locked and t.target_m2 is not None else t.min_m2 for t in programme.targets
    )
    cut_m2 = least_whole(
        partial(_holds, plan, short, smaller), programme.total_gfa_m2 - max(kept_m2, 1)
    )

    def attempts() -> Iterator[Attempt]:
        for more in SPARE_M2:
            after = smaller((cut_m2 or 0) + more)
            if after is not None:
                text = sentence(
                    "Lower the total to {total:,} m², the unlocked uses in proportion.",
                    total=after.total_gfa_m2,
                )
                yield text, _with(plan, after)

    if not cut_m2 or cut_m2 > (1 - LEAST_LEFT_RATIO) * programme.total_gfa_m2:
        return []
    return [Candidate("total", float(cut_m2), attempts)]
