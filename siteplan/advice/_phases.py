"""The cheapest changes of years, ceilings, dates and parcels after which the years hold the plan.

Each is evaluated and works. The order of kinds is stated and fixed, see `PHASE_KINDS`; within a
kind the smallest change comes first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from siteplan.advice._repairs import Repair
from siteplan.evaluation import Plan, evaluate
from siteplan.explain import ParcelName
from siteplan.phasing import MOST_YEARS, Phases
from siteplan.text import Joined, Text, sentence
from siteplan.units import Area, Won
from siteplan.uses import ALL_USES, USES

if TYPE_CHECKING:
    from siteplan.allocation.phase_problem import PhaseShortfall
    from siteplan.scenario import Scenario
    from siteplan.timing import Timing

PHASE_KINDS = {
    "split": "1",
    "ready": "years by which parcels are ready earlier, times parcels",
    "date": "years by which a date moves",
    "years": "years added",
    "ceiling": "part by which the years' ceilings rise",
    "amount": "m² of GFA that a date asks for less",
    "approach": "1",
}
"""Kinds of repair of years in the order that they are offered, each with the measure of its cost.

First what leaves money and amounts alone, then time, then the years' means, then what must stand
by a date, last the way of allocating.
"""

ROUNDS = 8
"""Times that a change may grow until it works."""

ROUND_M2, ROUND_KRW = 100, 100_000_000
"""Ceilings are raised to multiples of so much."""

MOST_MADE_READY = 12
MOST_NAMED = 4

Attempt = tuple[Text, "Scenario", float]

_kept: WeakKeyDictionary[Plan, tuple[Repair, ...]] = WeakKeyDictionary()


def phase_repairs(plan: Plan) -> tuple[Repair, ...]:
    """Return changes after which the years hold the plan, each evaluated.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    tuple of Repair
        At most one of a kind (two ways of raising ceilings), in the order of `PHASE_KINDS`;
        empty where the years hold the plan, and where it has no years or does not fit anyhow.
    """
    timing = plan.timing
    if timing is None or timing.status != "infeasible":
        return ()
    if plan not in _kept:
        _kept[plan] = tuple(_found(plan, timing))
    return _kept[plan]


def _found(plan: Plan, timing: Timing) -> Iterator[Repair]:
    ways: tuple[tuple[str, Callable[[Plan, Timing], Iterator[Attempt]]], ...] = (
        ("split", _split),
        ("ready", _made_ready),
        ("date", _moved_date),
        ("years", _more_years),
        ("ceiling", _raised_in_question),
        ("ceiling", _raised_evenly),
        ("amount", _asked_less),
        ("approach", _without_approach),
    )
    seen: list[Scenario] = []
    for kind, attempts in ways:
        for text, scenario, cost in attempts(plan, timing):
            if _holds(plan, scenario) is not None:
                if scenario not in seen:
                    seen.append(scenario)
                    yield Repair(kind, text, scenario, cost)
                break


def _timing_of(plan: Plan, scenario: Scenario) -> Timing | None:
    after = evaluate(
        plan.parcels, replace(scenario, edits=()), rules=plan.rules, ledger=plan.ledger
    )
    return after.timing


def _holds(plan: Plan, scenario: Scenario) -> Timing | None:
    timing = _timing_of(plan, scenario)
    return timing if timing is not None and timing.status != "infeasible" else None


def _with(plan: Plan, timing: Timing, **fields: object) -> Scenario:
    phases = Phases(**{**timing.phases.to_dict(), **fields})
    return replace(plan.scenario, phases=phases)


def _split(plan: Plan, timing: Timing) -> Iterator[Attempt]:
    if timing.phases.whole_parcels:
        text = sentence("Let parcels be built over several years.")
        yield text, _with(plan, timing, whole_parcels=False), 1.0


def _made_ready(plan: Plan, timing: Timing) -> Iterator[Attempt]:
    """Make the fewest parcels ready early enough, those with most of the uses in question first."""
    short = timing.short
    if short is None or short.reason == "parcel":
        return
    # To count for a date, a parcel is ready in its year; to widen years, at their beginning.
    by = min(short.year, max(short.since - 1, 0)) if short.reason == "ceiling" else short.year
    year = timing.phases.first_year + by
    uses = list(short.uses)
    rows = [
        row
        for row in short.parcels.tolist()
        if (_ready_year(plan, row) or timing.phases.first_year) > year
    ]
    rows.sort(key=lambda row: (-int(plan.gfa_m2[row, uses].sum()), plan.parcels.ids[row]))
    scenario = plan.scenario
    done: list[int] = []
    cost = 0.0
    for row in rows[:MOST_MADE_READY]:
        parcel_id = plan.parcels.ids[row]
        cost += (_ready_year(plan, row) or year) - year
        decision = replace(scenario.decision(parcel_id), ready_year=year)
        scenario = scenario.with_decision(parcel_id, decision)
        done.append(row)
        text = sentence(
            "Make ready by {year}: {parcels}.",
            year=str(year),
            parcels=_names(plan, done),
        )
        yield text, scenario, cost


def _ready_year(plan: Plan, row: int) -> int | None:
    return plan.scenario.decision(plan.parcels.ids[row]).ready_year


def _names(plan: Plan, rows: list[int]) -> Joined:
    named: tuple[Text | ParcelName, ...] = tuple(
        ParcelName(plan.parcels, row) for row in rows[:MOST_NAMED]
    )
    if len(rows) > MOST_NAMED:
        named = (*named, sentence("{count} more", count=len(rows) - MOST_NAMED))
    return Joined(named)


def _dates_in_question(timing: Timing) -> tuple[int, list[str]] | None:
    """Return the year and the uses of the stated dates that fail first, None where none does."""
    short = timing.short
    if short is None:
        return None
    year = timing.phases.first_year + short.year
    stated = timing.phases.minimum_gfa_m2
    asked = [USES[use] for use in short.uses]
    # An earlier date holds for later years too.
    for earlier in sorted((y for y in stated if y <= year), reverse=True):
        uses = [use for use in asked if use in stated[earlier]]
        if uses:
            return earlier, uses
    return None


def _moved_date(plan: Plan, timing: Timing) -> Iterator[Attempt]:
    """Move the dates that fail to a later year."""
    found = _dates_in_question(timing)
    if found is None:
        return
    year, uses = found
    for later in range(year + 1, timing.phases.calendar[-1] + 1):
        rows = {y: dict(row) for y, row in timing.phases.minimum_gfa_m2.items()}
        for use in uses:
            amount_m2 = rows[year].pop(use)
            moved = rows.setdefault(later, {})
            moved[use] = max(moved.get(use, 0), amount_m2)
        text = sentence(
            "Move the date of {uses} from {year} to {later}.",
            uses=_uses(uses),
            year=str(year),
            later=str(later),
        )
        yield text, _with(plan, timing, minimum_gfa_m2=rows), float(later - year)


def _uses(uses: list[str]) -> Joined:
    return Joined(tuple(ALL_USES[USES.index(use)].label for use in uses))


def _more_years(plan: Plan, timing: Timing) -> Iterator[Attempt]:
    """Add years at the end, each with the last year's ceiling."""
    phases = timing.phases
    for more in (*range(1, 5), 6, 8, 10, 15, 20):
        if phases.years + more > MOST_YEARS:
            return
        text = sentence(
            "Add {count} year(s), to the end of {last}.",
            count=more,
            last=str(phases.calendar[-1] + more),
        )
        scenario = _with(
            plan,
            timing,
            years=phases.years + more,
            ceiling_gfa_m2=_longer(phases.ceiling_gfa_m2, more),
            budget_krw=_longer(phases.budget_krw, more),
        )
        yield text, scenario, float(more)


def _longer(row: tuple[float | None, ...], more: int) -> tuple[float | None, ...]:
    return (*row, *row[-1:] * more) if row else ()


def _raised_in_question(plan: Plan, timing: Timing) -> Iterator[Attempt]:
    """Raise the ceilings of the years that are too narrow, evenly, until nothing else is."""
    row, step = _limits(timing)
    before, now = row, timing
    for _ in range(ROUNDS):
        short = now.short
        if short is None or not row or short.reason == "ready":
            return
        row = _widened(row, short, step=step)
        scenario = _with(plan, timing, **_as_limits(timing, row))
        yield _raised_text(timing, before, row), scenario, _share(before, row)
        after = _timing_of(plan, scenario)
        if after is None:
            return
        now = after


def _widened(
    row: tuple[float | None, ...], short: PhaseShortfall, *, step: int
) -> tuple[float | None, ...]:
    """Return ceilings with what is missing spread over the years that miss it."""
    if short.reason == "parcel":  # one year must take it whole: the widest of those it may
        spots = [t for t in range(short.since, len(row)) if row[t] is not None]
        spots = sorted(spots, key=lambda t: -(row[t] or 0))[:1]
    else:
        spots = [t for t in range(short.since, short.year + 1) if row[t] is not None]
    if not spots:
        return row
    each = short.short_m2 / len(spots)
    wider = list(row)
    for t in spots:
        wider[t] = math.ceil(((row[t] or 0) + each) / step - 1e-9) * step
    return tuple(wider)


def _raised_evenly(plan: Plan, timing: Timing) -> Iterator[Attempt]:
    """Raise every year's ceiling to the same least figure that works, by halving."""
    row, step = _limits(timing)
    limits = [amount for amount in row if amount is not None]
    if not limits or timing.short is None or timing.short.reason == "ready":
        return
    low, high = max(limits) // step, math.ceil(_everything(plan, timing) / step)

    def attempt(steps: int) -> Attempt:
        even = tuple(None if amount is None else max(amount, float(steps * step)) for amount in row)
        text = sentence(
            "Raise the ceiling of every year to {amount}.", amount=_amount(timing, steps * step)
        )
        return text, _with(plan, timing, **_as_limits(timing, even)), _share(row, even)

    if high <= low or _holds(plan, attempt(int(high))[1]) is None:
        return
    while high - low > max(1, int(0.01 * high)):
        middle = int((low + high) // 2)
        if _holds(plan, attempt(middle)[1]) is None:
            low = middle
        else:
            high = middle
    yield attempt(int(high))


def _limits(timing: Timing) -> tuple[tuple[float | None, ...], int]:
    """Return the years' ceilings in their unit, and the steps in which they are raised."""
    phases = timing.phases
    if phases.budget_krw:
        return phases.budget_krw, ROUND_KRW
    return phases.ceiling_gfa_m2, ROUND_M2


def _as_limits(timing: Timing, row: tuple[float | None, ...]) -> dict[str, object]:
    if timing.phases.budget_krw:
        return {"budget_krw": row}
    return {"ceiling_gfa_m2": tuple(None if a is None else int(a) for a in row)}


def _amount(timing: Timing, amount: float) -> Area | Won:
    return Won(amount) if timing.phases.budget_krw else Area(amount)


def _everything(plan: Plan, timing: Timing) -> float:
    if timing.phases.budget_krw:
        return float(plan.uses_gfa_m2 @ timing.cost_krw_per_m2)
    return float(plan.total_gfa_m2)


def _share(before: tuple[float | None, ...], after: tuple[float | None, ...]) -> float:
    rise = sum((b or 0) - (a or 0) for a, b in zip(before, after, strict=True))
    return rise / max(sum(a or 0 for a in before), 1.0)


def _raised_text(
    timing: Timing, before: tuple[float | None, ...], after: tuple[float | None, ...]
) -> Text:
    """Say which years' ceilings rise to what, years of one figure together."""
    spans: list[tuple[int, int, float]] = []
    for year, was, is_now in zip(timing.phases.calendar, before, after, strict=True):
        if is_now is None or is_now == was:
            continue
        if spans and spans[-1][1] == year - 1 and spans[-1][2] == is_now:
            spans[-1] = (spans[-1][0], year, is_now)
        else:
            spans.append((year, year, is_now))
    said = tuple(
        sentence(
            "{years} to {amount}",
            years=str(first) if first == last else f"{first}–{last}",
            amount=_amount(timing, amount),
        )
        for first, last, amount in spans
    )
    return sentence("Raise the ceiling of {years} a year.", years=Joined(said))


def _asked_less(plan: Plan, timing: Timing) -> Iterator[Attempt]:
    """Ask for less by the dates that fail, by what is missing."""
    now: Timing | None = timing
    rows = {year: dict(row) for year, row in timing.phases.minimum_gfa_m2.items()}
    less_m2 = 0
    for _ in range(ROUNDS):
        found = None if now is None else _dates_in_question(now)
        if now is None or now.short is None or found is None:
            return
        year, uses = found
        missing_m2 = now.short.short_m2
        if timing.phases.budget_krw:
            missing_m2 /= float(now.cost_krw_per_m2[list(now.short.uses)].min())
        use = max(uses, key=lambda key: rows[year][key])
        cut_m2 = min(math.ceil(missing_m2 - 1e-6), rows[year][use])
        less_m2 += cut_m2
        rows[year][use] -= cut_m2
        said = [
            sentence(
                "{amount:,} m² of {use} by {year} ({less:,} m² less)",
                amount=rows[y][key],
                use=_uses([key]),
                year=str(y),
                less=before_m2 - rows[y][key],
            )
            for y, row in timing.phases.minimum_gfa_m2.items()
            for key, before_m2 in row.items()
            if rows[y][key] != before_m2
        ]
        text = sentence("Ask only for {amounts}.", amounts=Joined(tuple(said)))
        scenario = _with(plan, timing, minimum_gfa_m2=rows)
        yield text, scenario, float(less_m2)
        now = _timing_of(plan, scenario)


def _without_approach(plan: Plan, timing: Timing) -> Iterator[Attempt]:
    if plan.scenario.approach is None:
        return
    text = sentence(
        "Ask for the most suitable plan instead: then dates may move floor area between parcels."
    )
    scenario = replace(plan.scenario, approach=None)
    yield text, scenario, 1.0
    if timing.phases.whole_parcels:
        text = sentence(
            "Ask for the most suitable plan and let parcels be built over several years: then "
            "dates may move floor area between parcels."
        )
        free = replace(timing.phases, whole_parcels=False)
        yield text, replace(scenario, phases=free), 2.0
