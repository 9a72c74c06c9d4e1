"""Repairs that open more room: consents, land taken in, more FAR."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from siteplan.advice._study import Attempt, Candidate, Short, room_sums, together, usable
from siteplan.allocation.feasibility import subset_totals
from siteplan.allocation.repairs import (
    few_rooms,
    fits,
    least_growth_ratio,
    least_room_m2,
    touched_sets,
)
from siteplan.explain import ParcelName
from siteplan.text import sentence
from siteplan.uses import ALL_USES, USES

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.evaluation import Plan

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]

MOST_FAR_GROWTH = 2.0
"""A FAR more than this many times today's is not offered as a repair."""

MOST_PARCELS_RAISED = 50
MOST_PARCELS_SEARCHED = 200
MOST_SINGLE_RAISES = 5


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
            if (
                asked[use]
                and answer in ("conditional", "unknown")
                and not capacity.allowed[row, use]
            ):
                waiting.setdefault((rule.name, use), []).append(row)
    masks = {}
    for pair, rows in waiting.items():
        masks[pair] = np.zeros(len(plan.parcels), dtype=bool)
        masks[pair][rows] = True
    return masks


def consents(plan: Plan, short: Short) -> list[Candidate]:
    """Return consents after which the programme fits, the fewest that will do.

    Single ones, else pairs, else all that one zone waits for.
    """
    held_m2 = plan.room.capacity_m2
    waiting = {pair: rows for pair, rows in _waiting(plan).items() if held_m2[rows].any()}
    by_zone: dict[str, tuple[tuple[str, int], ...]] = {}
    for pair in waiting:
        by_zone[pair[0]] = (*by_zone.get(pair[0], ()), pair)
    for ways in (combinations(waiting, 1), combinations(waiting, 2), by_zone.values()):
        found = []
        for pairs in ways:
            allowed = _opened(plan, {pair: waiting[pair] for pair in pairs})
            sums = room_sums(replace(plan.room, allowed=allowed))
            if fits(sums, short.wish):
                cost = float(sum(held_m2[waiting[pair]].sum() for pair in pairs))
                found.append(Candidate("consent", cost, partial(_consent_attempts, plan, pairs)))
        if found:
            return found
    return []


def _opened(plan: Plan, waiting: dict[tuple[str, int], Bools]) -> Bools:
    allowed = plan.capacity.allowed.copy()
    for (_, use), rows in waiting.items():
        allowed[rows, use] = True
    return allowed


def _consent_attempts(plan: Plan, pairs: Iterable[tuple[str, int]]) -> list[Attempt]:
    return [_consented(plan, pairs)]


def _consented(plan: Plan, pairs: Iterable[tuple[str, int]]) -> Attempt:
    consents = plan.scenario.consents | {(zone, USES[use]) for zone, use in pairs}
    said = tuple(
        sentence(
            "Consent to {use} in {zone}, if you take its condition as met.",
            use=ALL_USES[use].label,
            zone=plan.rules.spoken(zone),
        )
        for zone, use in pairs
    )
    return together(said), replace(plan.scenario, consents=consents)


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


def parcels_in(plan: Plan, short: Short) -> list[Candidate]:
    """Return parcels that are enough, taken in as far as needed; a few together where none is."""
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
            Candidate(
                "parcel",
                land_m2,
                partial(_part_attempts, plan, row, least_pct),
            )
        )
    return found or _several_parcels(plan, short, left) or _all_parcels(plan, short)


def _part_attempts(plan: Plan, row: int, least_pct: int) -> Iterator[Attempt]:
    for pct in dict.fromkeys((least_pct, min(least_pct + 1, 100), 100)):
        yield _taken_in(plan, {row: pct})


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


def _several_parcels(plan: Plan, short: Short, left: _Left) -> list[Candidate]:
    rows = left.rows[np.argsort(-left.room_m2, kind="stable")[:MOST_PARCELS_SEARCHED]]
    room_m2 = plan.capacity.whole_far_area_m2 - plan.capacity.far_area_m2
    chosen = few_rooms(short.sums, short.wish, room_m2=room_m2[rows], touched=short.touched[rows])
    if not chosen:
        return []
    whole = {int(rows[i]): 100 for i in chosen}
    return [Candidate("parcel", _land_m2(plan, whole), lambda: [_taken_in(plan, whole)])]


def _all_parcels(plan: Plan, short: Short) -> list[Candidate]:
    """Return that every parcel takes part wholly, where no few of them are enough."""
    capacity = plan.capacity
    sums = room_sums(replace(plan.room, capacity_m2=capacity.whole_far_area_m2))
    out = np.flatnonzero((capacity.part_pct < 100) & (capacity.whole_far_area_m2 > 0))
    if not out.size or not fits(sums, short.wish):
        return []

    def attempts() -> list[Attempt]:
        decisions = {
            parcel_id: replace(decision, available_pct=100.0)
            for parcel_id, decision in plan.scenario.decisions.items()
        }
        text = sentence(
            "Let every lot take part wholly; {count:,} of them now take part less, or not at all.",
            count=out.size,
        )
        return [(text, replace(plan.scenario, default_available_pct=100.0, decisions=decisions))]

    land_m2 = _land_m2(plan, dict.fromkeys(out.tolist(), 100))
    return [Candidate("parcel", land_m2, attempts)]


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
    return together(tuple(said)), scenario


def consents_with_parcels(plan: Plan, short: Short) -> list[Candidate]:
    """Pair one consent with parcels taken in, where neither alone is enough."""
    found = []
    for pair, rows in _waiting(plan).items():
        allowed = _opened(plan, {pair: rows})
        room = replace(plan.room, allowed=allowed)
        opened = Short(short.wish, room_sums(room), touched_sets(usable(room)))
        for candidate in _parcels_of(plan, opened):
            attempts = partial(_both_attempts, plan, pair, candidate)
            found.append(Candidate("both", candidate.cost, attempts))
    return found


def _both_attempts(plan: Plan, pair: tuple[str, int], land: Candidate) -> Iterator[Attempt]:
    consent, consented = _consented(plan, [pair])
    for text, scenario in land.attempts():
        yield together((consent, text)), replace(scenario, consents=consented.consents)


def _parcels_of(plan: Plan, short: Short) -> list[Candidate]:
    return sorted(parcels_in(plan, short), key=lambda c: c.cost)[:1]


def raised(plan: Plan, short: Short) -> list[Candidate]:
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
                found.append(Candidate("far", need_m2, _raise_attempts(plan, [row], growth)))
    found.sort(key=lambda c: c.cost)
    del found[MOST_SINGLE_RAISES:]
    useful = [row for row in rows.tolist() if _in_short(short, row)]
    if 1 < len(useful) <= MOST_PARCELS_RAISED:
        held_m2 = np.zeros(len(plan.parcels))
        held_m2[useful] = capacity.far_area_m2[useful]
        grown = room_sums(replace(plan.room, capacity_m2=held_m2, min_gfa_m2=None))
        ratio = least_growth_ratio(short.sums, short.wish, grown, most=MOST_FAR_GROWTH - 1)
        if ratio:
            cost = float(held_m2.sum() * ratio)
            found.append(Candidate("far", cost, _raise_attempts(plan, useful, 1 + ratio)))
    return found


def _in_short(short: Short, row: int) -> bool:
    """Return whether room on a parcel counts for every set that is short."""
    sets = subset_totals(short.wish.low) > short.sums * (1 + 1e-9)
    return bool(short.touched[row][sets].all())


def _raise_attempts(plan: Plan, rows: list[int], growth: float) -> Callable[[], Iterator[Attempt]]:
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
            "Raise FAR to about {times:.2f} times what it is on each of the {count} parcels that "
            "may hold what is short; the law or a special planning zone must allow it.",
            times=growth,
            count=len(rows),
        )
    return text, scenario
