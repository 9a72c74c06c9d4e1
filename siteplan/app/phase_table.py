"""What a person types about years, and the phases that it makes; nothing here knows Streamlit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from siteplan.phasing import Phases
from siteplan.uses import USES

if TYPE_CHECKING:
    from siteplan.evaluation import Plan

LimitKind = Literal["none", "gfa", "budget"]

LIMIT = "limit"
"""Column of the table of years that holds the ceiling or the budget."""

ROOM_RATIO = 1.25
"""A first ceiling leaves this much more than an even share of the plan: siteplan's assumption."""

STEP_M2, STEP_KRW = 1_000, 1_000_000_000


def limit_kind(phases: Phases) -> LimitKind:
    """Return what a year is limited by."""
    if phases.budget_krw:
        return "budget"
    return "gfa" if phases.ceiling_gfa_m2 else "none"


def limits(phases: Phases) -> tuple[float | None, ...]:
    """Return the years' ceilings (m²) or budgets (KRW); None where there is none."""
    return phases.budget_krw or phases.ceiling_gfa_m2 or (None,) * phases.years


def even_limit(phases: Phases) -> float | None:
    """Return the one figure that limits every year, None where years differ."""
    found = set(limits(phases))
    return found.pop() if len(found) == 1 else None


def with_years(phases: Phases, *, first_year: int, years: int) -> Phases:
    """Return the phases in other years: added ones take the last limit, dates outside are dropped.

    A later first year moves limits along, and leaves dates where they are.
    """
    kept = {
        year: row
        for year, row in phases.minimum_gfa_m2.items()
        if first_year <= year < first_year + years
    }
    return replace(
        phases,
        first_year=first_year,
        years=years,
        ceiling_gfa_m2=_fitted(phases.ceiling_gfa_m2, years),
        budget_krw=_fitted(phases.budget_krw, years),
        minimum_gfa_m2=kept,
    )


def _fitted(row: tuple[Any, ...], years: int) -> tuple[Any, ...]:
    return (*row, *row[-1:] * (years - len(row)))[:years] if row else ()


def first_limit(plan: Plan, phases: Phases, *, kind: LimitKind, cost_krw: float) -> float | None:
    """Return a limit to begin with: an even share of the plan and a quarter more, rounded up."""
    if kind == "none":
        return None
    total, step = (
        (float(plan.scenario.programme.total_gfa_m2), STEP_M2)
        if kind == "gfa"
        else (cost_krw, STEP_KRW)
    )
    return math.ceil(total * ROOM_RATIO / phases.years / step) * float(step)


def with_limits(phases: Phases, row: Sequence[float | None], *, kind: LimitKind) -> Phases:
    """Return the phases with a limit for each year, in m² or in KRW."""
    whole = tuple(None if amount is None else round(amount) for amount in row)
    return replace(
        phases,
        ceiling_gfa_m2=whole if kind == "gfa" else (),
        budget_krw=tuple(None if a is None else float(a) for a in whole)
        if kind == "budget"
        else (),
    )


def year_columns(phases: Phases, *, unit: float) -> dict[str, list[Any]]:
    """Return the table of years: year, limit in `unit`, and the least of each use by then."""
    return {
        "year": [str(year) for year in phases.calendar],
        LIMIT: [None if amount is None else amount / unit for amount in limits(phases)],
        **{
            use: [phases.minimum_gfa_m2.get(year, {}).get(use) for year in phases.calendar]
            for use in USES
        },
    }


def with_edited_years(
    phases: Phases, edited: Mapping[Any, Mapping[str, Any]], *, kind: LimitKind, unit: float
) -> Phases:
    """Return the phases after cells of the table of years were changed.

    Parameters
    ----------
    phases : Phases
    edited : Mapping[int, Mapping[str, number or None]]
        Row, counted from 0 -> column -> value, as the table's editor says.
    kind : {"none", "gfa", "budget"}
    unit : float
        m² or KRW of 1 in the column of limits.
    """
    row = list(limits(phases))
    dates = {year: dict(least) for year, least in phases.minimum_gfa_m2.items()}
    for spot, cells in edited.items():
        year = phases.calendar[int(spot)]
        for name, value in cells.items():
            amount = None if value is None else float(value)
            if name == LIMIT:
                row[int(spot)] = None if amount is None else amount * unit
            elif name in USES:
                dates.setdefault(year, {})[name] = round(amount or 0)
    return replace(with_limits(phases, row, kind=kind), minimum_gfa_m2=dates)


def ready_rows(plan: Plan, *, most: int) -> list[int]:
    """Return the rows of parcels to list: those with floor area or a ready year, largest first."""
    area_m2 = plan.parcel_gfa_m2
    rows = [
        row
        for row, parcel_id in enumerate(plan.parcels.ids)
        if area_m2[row] > 0 or plan.scenario.decision(parcel_id).ready_year is not None
    ]
    return sorted(rows, key=lambda row: (-int(area_m2[row]), plan.parcels.ids[row]))[:most]


def edited_ready(
    ids: Sequence[str], edited: Mapping[Any, Mapping[str, Any]]
) -> dict[int | None, tuple[str, ...]]:
    """Return the ready years that were typed, each with its parcels; None takes a year back."""
    found: dict[int | None, list[str]] = {}
    for spot, cells in edited.items():
        if "ready" in cells:
            value = cells["ready"]
            found.setdefault(None if value is None else int(value), []).append(ids[int(spot)])
    return {year: tuple(group) for year, group in found.items()}


def year_summary(plan: Plan, year: int) -> dict[str, int]:
    """Return what a year comes to, of a plan with years that hold it.

    Keys: ``standing_m2``, ``built_m2`` (in that year), ``complete`` and ``under_way`` (parcels).
    """
    timing = plan.timing
    if timing is None:
        return {"standing_m2": 0, "built_m2": 0, "complete": 0, "under_way": 0}
    begun = timing.built_by_m2(year).any(axis=1)
    complete = begun & (timing.completion_year <= year)
    return {
        "standing_m2": int(timing.built_by_m2(year).sum()),
        "built_m2": int(timing.total_by_year_m2[year - timing.phases.first_year].sum()),
        "complete": int(complete.sum()),
        "under_way": int((begun & ~complete).sum()),
    }
