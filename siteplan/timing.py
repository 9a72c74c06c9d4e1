"""When the plan is built: the years of a plan, in whole square metres with exact totals.

The plan's floor area is shared out among the scenario's years, the most suitable first
(`siteplan.allocation.phases`). Where the dates cannot be kept with the most suitable plan, parcels
and years are chosen together (`siteplan.allocation.phase_joint`), and the plan says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from siteplan.allocation import whole_m2
from siteplan.explain import ParcelName
from siteplan.text import Joined, Text, sentence
from siteplan.units import Area, Won
from siteplan.uses import ALL_USES, USES, use_index

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.allocation.phase_answer import Schedule
    from siteplan.allocation.phase_problem import PhaseShortfall
    from siteplan.ledger import Ledger
    from siteplan.parcels import Parcels
    from siteplan.phasing import Phases
    from siteplan.room import Room
    from siteplan.scenario import Scenario
    from siteplan.suitability import Suitability

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]

SPARE_M2 = (0, 2, 10, 50)
"""Whole m² by which dates are asked for too much when parcels and years are chosen together.

Rounding to whole m² may take a m² from parcels that are ready in time; the least that works counts.
"""

MOST_NAMED = 3


@dataclass(frozen=True, eq=False)
class Timing:
    """What is built when: y years, n parcels, k uses.

    Parameters
    ----------
    status : {"optimal", "feasible", "infeasible"}
        "optimal": no schedule builds more suitability earlier; "infeasible" leaves the plan
        without years, `explanation` says why.
    phases : Phases
        What was asked for.
    year, parcel, use : ndarray of int, shape (m,)
        What is built, piece by piece; years are calendar years.
    gfa_m2 : ndarray of int, shape (m,)
        Whole m² of each piece.
    cost_krw_per_m2 : ndarray, shape (k,)
        Construction cost that budgets are counted with.
    parcels : int
        Number of parcels n.
    gap : float
        Part by which the schedule may miss the best.
    explanation : tuple of Text
    short : PhaseShortfall or None
        The first date that cannot be kept; its rows are those of the parcels, in the order of ids.
    """

    status: Literal["optimal", "feasible", "infeasible"]
    phases: Phases
    year: Integers
    parcel: Integers
    use: Integers
    gfa_m2: Integers
    cost_krw_per_m2: Floats
    parcels: int
    gap: float = 0.0
    explanation: tuple[Text, ...] = ()
    short: PhaseShortfall | None = None

    @cached_property
    def total_by_year_m2(self) -> Integers:
        """GFA built in each year by use, shape (y, k)."""
        totals = np.zeros((self.phases.years, len(USES)), dtype=np.int64)
        np.add.at(totals, (self.year - self.phases.first_year, self.use), self.gfa_m2)
        return totals

    @cached_property
    def cost_by_year_krw(self) -> Floats:
        """Construction cost of each year, shape (y,)."""
        cost_krw: Floats = self.total_by_year_m2 @ self.cost_krw_per_m2
        return cost_krw

    @cached_property
    def completion_year(self) -> Integers:
        """Year in which the last of a parcel is built, 0 where nothing is, shape (n,)."""
        years = np.zeros(self.parcels, dtype=np.int64)
        np.maximum.at(years, self.parcel, self.year)
        return years

    @cached_property
    def start_year(self) -> Integers:
        """Year in which the first of a parcel is built, 0 where nothing is, shape (n,)."""
        years = np.full(self.parcels, np.iinfo(np.int64).max)
        np.minimum.at(years, self.parcel, self.year)
        return np.where(self.completion_year > 0, years, 0)

    def built_by_m2(self, year: int) -> Integers:
        """Return the GFA that stands at the end of a calendar year, shape (n, k)."""
        area = np.zeros((self.parcels, len(USES)), dtype=np.int64)
        done = self.year <= year
        np.add.at(area, (self.parcel[done], self.use[done]), self.gfa_m2[done])
        return area


def timed(
    gfa_m2: Integers,
    *,
    parcels: Parcels,
    scenario: Scenario,
    suitability: Suitability,
    ledger: Ledger,
) -> Timing | None:
    """Share a plan's GFA out among the scenario's years.

    Parameters
    ----------
    gfa_m2 : ndarray of int, shape (n, k)
    parcels : Parcels
    scenario : Scenario
    suitability : Suitability
    ledger : Ledger
        Construction costs, for budgets.

    Returns
    -------
    Timing or None
        None where the scenario has no phases.
    """
    from siteplan.allocation.phases import schedule

    phases = scenario.phases
    if phases is None:
        return None
    cost_krw = cost_krw_per_m2(ledger)
    order = parcels.id_order
    ceiling, weight = _ceiling(phases, cost_krw)
    found = schedule(
        gfa_m2[order].astype(float),
        ready_year=_ready(parcels, scenario, phases)[order],
        ceiling_m2=ceiling,
        minimum_by_year_m2=_minimum_m2(phases),
        priority=np.clip(suitability.score, 0.0, None)[order],
        ceiling_weight=weight,
        whole_m2=True,
        whole_parcels=phases.whole_parcels,
    )
    timing = _timing(found, phases, parcels=parcels, cost_krw=cost_krw)
    if timing.status != "infeasible":
        return timing
    why = (*_dates_above_plan(phases, gfa_m2.sum(axis=0)), *timing.explanation)
    return replace(timing, explanation=why)


def _dates_above_plan(phases: Phases, totals_m2: Integers) -> tuple[Text, ...]:
    """Name the dates that ask for more of a use than the whole plan has."""
    return tuple(
        sentence(
            "By {year}, {asked:,} m² of {use} are asked for, but the whole plan has "
            "{total:,} m² of it. Lower the date's amount, or raise the use.",
            year=str(year),
            asked=amount_m2,
            use=ALL_USES[use_index(use)].label,
            total=int(totals_m2[use_index(use)]),
        )
        for year, row in phases.minimum_gfa_m2.items()
        for use, amount_m2 in row.items()
        if amount_m2 > totals_m2[use_index(use)]
    )


def cost_krw_per_m2(ledger: Ledger) -> Floats:
    """Return the construction cost of a m² by use, as the figures count it, shape (k,)."""
    cost_krw = np.array(ledger.by_use("construction_cost"))
    for use in ("campus", "culture"):  # figures of 2017, brought to today
        cost_krw[use_index(use)] *= ledger.value("cost_index.2017")
    return cost_krw


def _ready(parcels: Parcels, scenario: Scenario, phases: Phases) -> Integers:
    """Return the first year of each parcel, counted from 0, shape (n,)."""
    ready = np.zeros(len(parcels), dtype=np.int64)
    for parcel_id, decision in scenario.decisions.items():
        row = parcels.index.get(parcel_id)
        if row is not None and decision.ready_year is not None:
            ready[row] = max(decision.ready_year - phases.first_year, 0)
    return ready


def _ceiling(phases: Phases, cost_krw: Floats) -> tuple[Floats, Floats | None]:
    """Return the ceilings of the years, and what one m² takes of them; None where it is 1."""
    row: tuple[float | None, ...] = phases.budget_krw or phases.ceiling_gfa_m2
    if not row:
        return np.full(phases.years, np.inf), None
    ceiling = np.array([np.inf if amount is None else float(amount) for amount in row])
    return ceiling, cost_krw if phases.budget_krw else None


def _minimum_m2(phases: Phases) -> Floats:
    least_m2 = np.zeros((phases.years, len(USES)))
    for year, row in phases.minimum_gfa_m2.items():
        for use, amount in row.items():
            least_m2[year - phases.first_year, use_index(use)] = amount
    return least_m2


def _timing(found: Schedule, phases: Phases, *, parcels: Parcels, cost_krw: Floats) -> Timing:
    """Return a schedule in calendar years, its rows those of the parcels."""
    order = parcels.id_order
    none = np.zeros(0, dtype=np.int64)
    if found.status in ("infeasible", "unknown"):
        short = found.shortfall
        if short is not None:
            short = replace(short, parcels=order[short.parcels])
        why = _why_not(short, phases, parcels=parcels, cost_krw=cost_krw)
        return Timing(
            "infeasible",
            phases,
            none,
            none,
            none,
            none,
            cost_krw,
            len(parcels),
            explanation=why,
            short=short,
        )
    by_year = np.lexsort((found.use, order[found.parcel], found.year))
    return Timing(
        "optimal" if found.status == "optimal" else "feasible",
        phases,
        found.year[by_year] + phases.first_year,
        order[found.parcel][by_year],
        found.use[by_year],
        np.rint(found.amount_m2[by_year]).astype(np.int64),
        cost_krw,
        len(parcels),
        gap=found.gap,
    )


def _why_not(
    short: PhaseShortfall | None, phases: Phases, *, parcels: Parcels, cost_krw: Floats
) -> tuple[Text, ...]:
    if short is None:
        return (_why_none_found(phases),)
    uses = Joined(tuple(ALL_USES[use].label for use in short.uses))
    year = str(phases.first_year + short.year)
    unit: type[Area | Won] = Won if phases.budget_krw else Area
    if short.reason == "parcel":
        return _why_too_large(short, phases, parcels=parcels)
    if short.reason == "ready":
        rows = short.parcels.tolist()
        named = tuple(ParcelName(parcels, row) for row in rows[:MOST_NAMED])
        alone = phases.budget_krw and len(short.uses) == 1  # then money says how many m²
        late = short.short_m2 / cost_krw[short.uses[0]] if alone else short.short_m2
        said = sentence(
            "Too little is ready: by the end of {year}, {short} more of {uses} must stand than "
            "can be built by then. Make parcels ready earlier, or move the date.",
            year=year,
            uses=uses,
            short=Area(late) if alone else unit(late),
        )
        if not named:
            return (said,)
        later = sentence(
            "{count} parcel(s) that hold it are ready only later: {parcels}.",
            count=len(rows),
            parcels=Joined(named),
        )
        return (said, later)
    return (
        sentence(
            "The years {since} to {year} are too narrow: {uses} need {demand} in them, "
            "their ceilings allow {ceiling}. {short} are missing. Raise a ceiling, add years, or "
            "move a date.",
            since=str(phases.first_year + short.since),
            year=year,
            uses=uses,
            demand=unit(short.demand_m2),
            ceiling=unit(short.ceiling_m2),
            short=unit(short.short_m2),
        ),
    )


def _why_too_large(short: PhaseShortfall, phases: Phases, *, parcels: Parcels) -> tuple[Text, ...]:
    """Name the parcels that no year has room for at once."""
    unit: type[Area | Won] = Won if phases.budget_krw else Area
    rows = short.parcels.tolist()
    return (
        sentence(
            "{count} parcel(s) do not fit into any one year's ceiling: {parcels}. The largest "
            "needs {demand} within one year, and a year allows {ceiling} at most. Let parcels "
            "take several years, or raise a ceiling.",
            count=len(rows),
            parcels=Joined(tuple(ParcelName(parcels, row) for row in rows[:MOST_NAMED])),
            demand=unit(short.demand_m2),
            ceiling=unit(short.ceiling_m2),
        ),
    )


def _why_none_found(phases: Phases) -> Text:
    if phases.whole_parcels:
        return sentence(
            "No schedule that builds each parcel within one year was found. Let parcels take "
            "several years, or raise the ceilings."
        )
    return sentence(
        "The budgets are used up to the last won, and no split into whole square metres was "
        "found. Raise a budget by some million won."
    )


def placed_for_dates(
    *,
    parcels: Parcels,
    scenario: Scenario,
    room: Room,
    suitability: Suitability,
    ledger: Ledger,
    totals_m2: Integers,
) -> tuple[Integers, Timing] | None:
    """Return where the programme stands, and when, where dates decide along with suitability.

    Parameters
    ----------
    parcels, scenario, room, suitability, ledger
        As in `siteplan.placement.placed`.
    totals_m2 : ndarray of int, shape (k,)
        GFA of each use.

    Returns
    -------
    gfa_m2 : ndarray of int, shape (n, k)
        Whole m² of GFA.
    timing : Timing
        Its years, not infeasible. None instead of both where no plan keeps the dates.
    """
    if scenario.phases is None:
        return None
    for spare_m2 in SPARE_M2:
        gfa_m2 = _placed_jointly(
            parcels=parcels,
            scenario=scenario,
            room=room,
            suitability=suitability,
            totals_m2=totals_m2,
            cost_krw=cost_krw_per_m2(ledger),
            spare_m2=spare_m2,
        )
        if gfa_m2 is None:
            return None
        timing = timed(
            gfa_m2, parcels=parcels, scenario=scenario, suitability=suitability, ledger=ledger
        )
        if timing is not None and timing.status != "infeasible":
            return gfa_m2, timing
    return None


def _placed_jointly(
    *,
    parcels: Parcels,
    scenario: Scenario,
    room: Room,
    suitability: Suitability,
    totals_m2: Integers,
    cost_krw: Floats,
    spare_m2: int,
) -> Integers | None:
    """Choose parcels and years at once, each date asked for with `spare_m2` more; in whole m²."""
    from siteplan.allocation.phase_joint import schedule_jointly

    phases = scenario.phases
    if phases is None:
        return None
    order, ratio = parcels.id_order, room.far_ratio
    score = (np.where(room.allowed, suitability.score, -np.inf) / ratio)[order]
    ceiling, weight = _ceiling(phases, cost_krw)
    per_m2 = np.ones(len(USES)) if weight is None else weight
    dated_m2 = _minimum_m2(phases)
    asked_m2 = np.where(dated_m2 > 0, np.minimum(dated_m2 + spare_m2, totals_m2), 0.0)
    # More than a use has in all cannot be asked for by a date, and is not lowered to it.
    asked_m2 = np.maximum(asked_m2, dated_m2)
    found = schedule_jointly(
        room.capacity_m2[order],
        score,
        totals_m2 * ratio,
        None if room.bounded_m2 is None else room.bounded_m2[order],
        None if room.lower_m2 is None else room.lower_m2[order],
        ready_year=_ready(parcels, scenario, phases)[order],
        ceiling_m2=np.maximum(ceiling - spare_m2 * per_m2.max(), 0.0),
        minimum_by_year_m2=asked_m2 * ratio,
        ceiling_weight=per_m2 / ratio,
    )
    if found.status in ("infeasible", "unknown"):
        return None
    area_m2 = found.built_by_m2(phases.years - 1)
    most_m2 = np.where(score > -np.inf, math.inf, 0.0)
    least_m2 = None
    if room.max_gfa_m2 is not None and room.min_gfa_m2 is not None:
        most_m2 = np.minimum(most_m2, room.max_gfa_m2[order])
        least_m2 = room.min_gfa_m2[order]
    whole = whole_m2(
        area_m2 / ratio,
        far_ratio=ratio,
        capacity_m2=room.capacity_m2[order],
        target_gfa_m2=totals_m2,
        upper_gfa_m2=most_m2,
        lower_gfa_m2=least_m2,
        score=score * ratio,
    )
    if whole is None:
        return None
    back = np.empty_like(whole)
    back[order] = whole
    return back
