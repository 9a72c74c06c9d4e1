"""The cheapest changes after which an infeasible programme fits, each checked to work.

What is cheaper than what is a matter of judgement, so the order is stated and fixed: see `KINDS`.
Within a kind the smallest change comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations, islice, permutations
from typing import TYPE_CHECKING

import numpy as np

from siteplan.advice._study import Short, room_sums, short_of, wish_of
from siteplan.allocation.repairs import (
    few_rooms,
    fits,
    least_change,
    least_cut_m2,
    least_growth_ratio,
    least_lift_m2,
    least_room_m2,
    least_whole,
    touched_sets,
)
from siteplan.errors import InputError
from siteplan.evaluation import Plan, evaluate
from siteplan.explain import ParcelName
from siteplan.programme import Programme
from siteplan.text import Joined, Text, sentence
from siteplan.uses import ALL_USES, USES

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.scenario import Scenario

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]

KINDS = {
    "consent": "m² of FAR area opened to the use",
    "shift": "m² of GFA that change use",
    "bound": "m² of GFA by which a bound moves",
    "unlock": "m² of GFA that change use",
    "parcel": "m² of land taken in",
    "far": "m² of FAR area added",
    "both": "m² of land taken in",
    "cut": "m² of GFA given up",
    "total": "m² of GFA given up",
}
"""Kinds of repair in the order that they are offered, each with the measure of its cost.

First what changes neither programme nor land; then what keeps the total, locks last; then land;
then more FAR, which the law must allow; last a smaller programme.
"""

MOST_OF_A_KIND = 2
MOST_REPAIRS = 8
MOST_CHECKED_OF_A_KIND = 6
"""Candidates of a kind that are evaluated until enough of them work."""

MOST_FAR_GROWTH = 2.0
"""A FAR more than this many times today's is not offered as a repair."""

MOST_PARCELS_RAISED = 50
MOST_PARCELS_SEARCHED = 200
SPARE_M2 = (0, 1, 2, 5, 10, 100)
"""Whole m² added to the least change where the split into whole square metres needs them."""


@dataclass(frozen=True, eq=False)
class Repair:
    """One change that makes an infeasible programme fit.

    Parameters
    ----------
    kind : str
        Key of `KINDS`.
    text : Text
        What to do.
    scenario : Scenario
        The scenario after it; it was evaluated and fits.
    cost : float
        Size of the change, in the measure of its kind.
    """

    kind: str
    text: Text
    scenario: Scenario
    cost: float


Attempt = tuple[Text, "Scenario"]


@dataclass(frozen=True, eq=False)
class _Candidate:
    """A change and its attempts, the least first."""

    kind: str
    cost: float
    attempts: Callable[[], Iterable[Attempt]]


def repairs(plan: Plan, *, most: int = MOST_REPAIRS) -> tuple[Repair, ...]:
    """Return the cheapest changes after which the programme fits.

    Parameters
    ----------
    plan : Plan
        An infeasible plan; a feasible one needs no repair.
    most : int
        At most so many, of each kind at most two, from as many kinds as there are.

    Returns
    -------
    tuple of Repair
        In the order of `KINDS`, within a kind by cost. Each was evaluated and fits, whole square
        metres included.
    """
    if plan.status != "infeasible":
        return ()
    short = short_of(plan)
    kinds: dict[str, Iterator[Repair]] = {}
    single = [*_consents(plan, short), *_parcels(plan, short)]
    both = [] if single else _consents_with_parcels(plan, short)
    found = [
        *single,
        *both,
        *_shifts(plan, short),
        *_bounds(plan, short),
        *_raised(plan, short),
        *_cuts(plan, short),
        *_totals(plan, short),
    ]
    for kind in KINDS:
        of_kind = sorted((c for c in found if c.kind == kind), key=lambda c: c.cost)
        kinds[kind] = _checked(plan, of_kind[:MOST_CHECKED_OF_A_KIND])
    first = [repair for working in kinds.values() for repair in islice(working, 1)]
    second = [
        repair for working in kinds.values() for repair in islice(working, MOST_OF_A_KIND - 1)
    ]
    order = list(KINDS)
    chosen = [*first, *second][:most]
    return tuple(sorted(chosen, key=lambda repair: (order.index(repair.kind), repair.cost)))


def _checked(plan: Plan, candidates: list[_Candidate]) -> Iterator[Repair]:
    """Yield what works, each evaluated as the app would."""
    for candidate in candidates:
        for text, scenario in candidate.attempts():
            after = evaluate(plan.parcels, scenario, rules=plan.rules, ledger=plan.ledger)
            if after.status != "infeasible":
                yield Repair(candidate.kind, text, scenario, candidate.cost)
                break


# Consents


def _waiting(plan: Plan) -> dict[tuple[str, int], Bools]:
    """Return the parcels of each permission that a consent would open, by zone and use."""
    capacity = plan.capacity
    asked = np.array([high > 0 for _, high in plan.scenario.programme.bounds_m2()])
    waiting: dict[tuple[str, int], list[int]] = {}
    for row in plan.parcels.id_order.tolist():
        rule = capacity.zone_rules[row]
        if rule is None or capacity.whole_far_area_m2[row] <= 0:
            continue
        for use, key in enumerate(USES):
            answer = rule.permits[key].answer
            if asked[use] and answer in ("conditional", "unknown") and not capacity.allowed[row, use]:
                waiting.setdefault((rule.name, use), []).append(row)
    masks = {}
    for pair, rows in waiting.items():
        masks[pair] = np.zeros(len(plan.parcels), dtype=bool)
        masks[pair][rows] = True
    return masks


def _consents(plan: Plan, short: Short) -> list[_Candidate]:
    held_m2 = plan.capacity.far_area_m2
    waiting = {pair: rows for pair, rows in _waiting(plan).items() if held_m2[rows].any()}
    for count in (1, 2):
        found = []
        for pairs in combinations(waiting, count):
            allowed = _opened(plan, {pair: waiting[pair] for pair in pairs})
            sums = room_sums(held_m2, allowed, far_ratio=plan.far_ratio)
            if fits(sums, short.wish):
                cost = float(sum(held_m2[waiting[pair]].sum() for pair in pairs))
                found.append(
                    _Candidate("consent", cost, lambda pairs=pairs: [_consented(plan, pairs)])  # type: ignore[misc]
                )
        if found:
            return found
    return []


def _opened(plan: Plan, waiting: dict[tuple[str, int], Bools]) -> Bools:
    allowed = plan.capacity.allowed.copy()
    for (_, use), rows in waiting.items():
        allowed[rows, use] = True
    return allowed


def _consented(plan: Plan, pairs: Iterable[tuple[str, int]]) -> Attempt:
    consents = plan.scenario.consents | {(zone, USES[use]) for zone, use in pairs}
    said = tuple(
        sentence(
            "Consent to {use} in {zone}, if you take its condition as met.",
            use=ALL_USES[use].label,
            zone=zone,
        )
        for zone, use in pairs
    )
    return _together(said), replace(plan.scenario, consents=consents)


def _together(said: tuple[Text, ...]) -> Text:
    if len(said) == 1:
        return said[0]
    return sentence("Do all of this: {steps}", steps=Joined(said, " "))


# Land


@dataclass(frozen=True, eq=False)
class _Left:
    """Parcels that are out, wholly or in part: rows, and the FAR area that each would add."""

    rows: npt.NDArray[np.intp]
    room_m2: Floats


def _left_out(plan: Plan, touched: Bools) -> _Left:
    capacity = plan.capacity
    left_m2 = capacity.whole_far_area_m2 - capacity.far_area_m2
    left_m2 = np.where((capacity.part_pct < 100) & touched.any(axis=1), left_m2, 0.0)
    order = plan.parcels.id_order
    rows = order[left_m2[order] >= 1]
    return _Left(rows, left_m2[rows])


def _parcels(plan: Plan, short: Short) -> list[_Candidate]:
    left = _left_out(plan, short.touched)
    found = []
    needs = _needs_m2(short, left.rows)
    for row, room_m2, need_m2 in zip(left.rows.tolist(), left.room_m2.tolist(), needs, strict=True):
        if need_m2 is None or need_m2 > room_m2:
            continue
        now_pct = float(plan.capacity.part_pct[row])
        least_pct = int(np.ceil(now_pct + (100 - now_pct) * need_m2 / room_m2))
        land_m2 = float(plan.parcels.site_area_m2[row]) * (least_pct - now_pct) / 100
        found.append(
            _Candidate(
                "parcel",
                land_m2,
                lambda row=row, least=least_pct: (  # type: ignore[misc]
                    _taken_in(plan, {row: pct})
                    for pct in dict.fromkeys((least, min(least + 1, 100), 100))
                ),
            )
        )
    return found or _several_parcels(plan, short, left)


def _needs_m2(short: Short, rows: npt.NDArray[np.intp]) -> list[int | None]:
    """Return the least room that each parcel must add: the same for the same uses allowed."""
    needs: dict[bytes, int | None] = {}
    found = []
    for row in rows.tolist():
        key = short.touched[row].tobytes()
        if key not in needs:
            needs[key] = least_room_m2(short.sums, short.wish, short.touched[row])
        found.append(needs[key])
    return found


def _several_parcels(plan: Plan, short: Short, left: _Left) -> list[_Candidate]:
    rows = left.rows[np.argsort(-left.room_m2, kind="stable")[:MOST_PARCELS_SEARCHED]]
    room_m2 = plan.capacity.whole_far_area_m2 - plan.capacity.far_area_m2
    chosen = few_rooms(
        short.sums, short.wish, room_m2=room_m2[rows], touched=short.touched[rows]
    )
    if not chosen:
        return []
    whole = {int(rows[i]): 100 for i in chosen}
    return [_Candidate("parcel", _land_m2(plan, whole), lambda: [_taken_in(plan, whole)])]


def _land_m2(plan: Plan, parts_pct: dict[int, int]) -> float:
    site_m2, now_pct = plan.parcels.site_area_m2, plan.capacity.part_pct
    return float(sum(site_m2[row] * (pct - now_pct[row]) / 100 for row, pct in parts_pct.items()))


def _taken_in(plan: Plan, parts_pct: dict[int, int]) -> Attempt:
    scenario, said = plan.scenario, []
    for row, pct in parts_pct.items():
        parcel_id = plan.parcels.ids[row]
        decision = replace(scenario.decision(parcel_id), available_pct=float(pct))
        scenario = scenario.with_decision(parcel_id, decision)
        said.append(
            sentence(
                "Take {pct:g} % of {parcel} in instead of {now:g} % ({land:,.0f} m² of land more).",
                pct=pct,
                parcel=ParcelName(plan.parcels, row),
                now=float(plan.capacity.part_pct[row]),
                land=_land_m2(plan, {row: pct}),
            )
        )
    return _together(tuple(said)), scenario


def _consents_with_parcels(plan: Plan, short: Short) -> list[_Candidate]:
    """Pair one consent with parcels taken in, where neither alone is enough."""
    found = []
    for pair, rows in _waiting(plan).items():
        allowed = _opened(plan, {pair: rows})
        sums = room_sums(plan.capacity.far_area_m2, allowed, far_ratio=plan.far_ratio)
        opened = Short(short.wish, sums, touched_sets(allowed))
        for candidate in _parcels_of(plan, opened):
            consent, after = _consented(plan, [pair])
            found.append(
                _Candidate(
                    "both",
                    candidate.cost,
                    lambda c=candidate, said=consent, after=after: (  # type: ignore[misc]
                        (_together((said, text)), replace(land, consents=after.consents))
                        for text, land in c.attempts()
                    ),
                )
            )
    return found


def _parcels_of(plan: Plan, short: Short) -> list[_Candidate]:
    return sorted(_parcels(plan, short), key=lambda c: c.cost)[:1]


# Programme


def _shifts(plan: Plan, short: Short) -> list[_Candidate]:
    """Return shifts from one use to another that keep the total; of several where none is."""
    programme, ratio = plan.scenario.programme, plan.far_ratio
    found = []
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
            _Candidate(
                kind,
                moved_m2,
                lambda gone=gone, come=come, m2=moved_m2: (  # type: ignore[misc]
                    _shifted(plan, {gone: -m2 - more, come: m2 + more})
                    for more in SPARE_M2
                    if _within(programme, {gone: -m2 - more, come: m2 + more})
                ),
            )
        )
    return found or _several_shifts(plan, short)


def _several_shifts(plan: Plan, short: Short) -> list[_Candidate]:
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
    return [_Candidate("shift", cost, lambda: [_shifted(plan, change)])]


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
    for use, m2 in change.items():
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


def _bounds(plan: Plan, short: Short) -> list[_Candidate]:
    """Return bounds of free uses that stand in the way."""
    found = []
    for use, entry in enumerate(plan.scenario.programme.targets):
        if entry.target_m2 is not None:
            continue
        cut_m2 = least_cut_m2(short.sums, short.wish, use)
        if cut_m2:
            found.append(
                _Candidate(
                    "bound",
                    cut_m2,
                    lambda use=use, m2=cut_m2: _moved_bounds(plan, use, low=m2),  # type: ignore[misc]
                )
            )
        lift_m2 = None if entry.max_m2 is None else least_lift_m2(short.sums, short.wish, use)
        if lift_m2:
            found.append(
                _Candidate(
                    "bound",
                    lift_m2,
                    lambda use=use, m2=lift_m2: _moved_bounds(plan, use, high=m2),  # type: ignore[misc]
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


def _cuts(plan: Plan, short: Short) -> list[_Candidate]:
    """Return uses that, made smaller with the total, let the rest fit."""
    found = []
    for use, entry in enumerate(plan.scenario.programme.targets):
        if entry.target_m2 is None:
            continue
        cut_m2 = least_cut_m2(short.sums, short.wish, use)
        if cut_m2:
            found.append(
                _Candidate(
                    "cut",
                    cut_m2,
                    lambda use=use, m2=cut_m2: _cut(plan, use, m2),  # type: ignore[misc]
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


def _totals(plan: Plan, short: Short) -> list[_Candidate]:
    """Return the largest total that fits with all unlocked uses in proportion."""
    programme = plan.scenario.programme

    def smaller(cut_m2: int) -> Programme | None:
        try:
            return programme.with_total(programme.total_gfa_m2 - cut_m2)
        except InputError:
            return None

    def holds(cut_m2: int) -> bool:
        after = smaller(cut_m2)
        return after is not None and fits(
            short.sums, wish_of(after, far_ratio=plan.far_ratio)
        )

    kept_m2 = sum(
        t.target_m2 if t.locked and t.target_m2 is not None else t.min_m2
        for t in programme.targets
    )
    cut_m2 = least_whole(holds, programme.total_gfa_m2 - max(kept_m2, 1))

    def attempts() -> Iterator[Attempt]:
        for more in SPARE_M2:
            after = smaller((cut_m2 or 0) + more)
            if after is not None:
                text = sentence(
                    "Lower the total to {total:,} m², the unlocked uses in proportion.",
                    total=after.total_gfa_m2,
                )
                yield text, _with(plan, after)

    return [_Candidate("total", float(cut_m2), attempts)] if cut_m2 else []


# FAR


def _raised(plan: Plan, short: Short) -> list[_Candidate]:
    """Return parcels where FAR binds and more of it would be enough, one by one and all alike."""
    capacity = plan.capacity
    binds = np.array([limit in ("far", "far_override") for limit in capacity.limit], dtype=bool)
    order = plan.parcels.id_order
    rows = order[(binds & (capacity.far_area_m2 > 0) & short.touched.any(axis=1))[order]]
    found = []
    for row, need_m2 in zip(rows.tolist(), _needs_m2(short, rows), strict=True):
        if need_m2 is not None:
            growth = 1 + need_m2 / float(capacity.far_area_m2[row])
            if growth <= MOST_FAR_GROWTH:
                found.append(_Candidate("far", need_m2, _raise_attempts(plan, [row], growth)))
    found.sort(key=lambda c: c.cost)
    del found[MOST_CHECKED_OF_A_KIND - 1 :]
    useful = [row for row in rows.tolist() if _in_short(short, row)]
    if 1 < len(useful) <= MOST_PARCELS_RAISED:
        held_m2 = np.zeros(len(plan.parcels))
        held_m2[useful] = capacity.far_area_m2[useful]
        grown = room_sums(held_m2, capacity.allowed, far_ratio=plan.far_ratio)
        ratio = least_growth_ratio(short.sums, short.wish, grown, most=MOST_FAR_GROWTH - 1)
        if ratio:
            cost = float(held_m2.sum() * ratio)
            found.append(_Candidate("far", cost, _raise_attempts(plan, useful, 1 + ratio)))
    return found


def _in_short(short: Short, row: int) -> bool:
    """Return whether room on a parcel counts for every set that is short."""
    from siteplan.allocation.feasibility import subset_totals

    sets = subset_totals(short.wish.low) > short.sums * (1 + 1e-9)
    return bool(short.touched[row][sets].all())


def _raise_attempts(
    plan: Plan, rows: list[int], growth: float
) -> Callable[[], Iterator[Attempt]]:
    def attempts() -> Iterator[Attempt]:
        for more in (0, 1, 5):
            yield _raise(plan, rows, growth, more_pct=more)

    return attempts


def _raise(plan: Plan, rows: list[int], growth: float, *, more_pct: int) -> Attempt:
    scenario, far_pct = plan.scenario, plan.capacity.far_limit_pct
    for row in rows:
        parcel_id = plan.parcels.ids[row]
        raised_pct = min(float(np.ceil(far_pct[row] * growth - 1e-6) + more_pct), 2000.0)
        decision = replace(scenario.decision(parcel_id), far_pct=raised_pct)
        scenario = scenario.with_decision(parcel_id, decision)
    if len(rows) == 1:
        text = sentence(
            "Plan {parcel} with {far:g} % FAR instead of {now:g} %; the law or a special planning "
            "zone must allow it.",
            parcel=ParcelName(plan.parcels, rows[0]),
            far=raised_pct,
            now=float(far_pct[rows[0]]),
        )
    else:
        text = sentence(
            "Raise FAR by {growth:.1f} % on each of the {count} parcels that may hold what is "
            "short; the law or a special planning zone must allow it.",
            growth=(growth - 1) * 100,
            count=len(rows),
        )
    return text, scenario
