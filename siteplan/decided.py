"""What the planner decided beyond the programme, in words: the approach, the years, the parcels.

The report and the stakeholder's file say the same of a plan because both take it from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from siteplan.approach import Near, Practical, Together
from siteplan.phasing import FIRST_YEAR
from siteplan.programme import DEFAULT_TOTAL_GFA_M2
from siteplan.text import N_, Joined, Label, Text, sentence, written
from siteplan.units import Area, Won
from siteplan.uses import use_index, use_label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siteplan.approach import Approach
    from siteplan.evaluation import Plan
    from siteplan.phasing import Phases
    from siteplan.scenario import ParcelDecision
    from siteplan.timing import Timing
    from siteplan.use_limits import UseLimit

_ANNOUNCED_DONGS = ("1165010200", "1165010300")
"""Yangjae-dong and Umyeon-dong (양재동, 우면동)."""


APPROACH_NAMES: dict[str, str] = {
    "suitable": N_("Most suitable"),
    "practical": N_("Buildable parcels"),
    "near": N_("Near the plan before"),
    "together": N_("Neighbours together"),
}
"""What the approaches are called, wherever they are named."""


def approach_kind(approach: Approach | None) -> str:
    """Return the key of an approach in `APPROACH_NAMES`."""
    return "suitable" if approach is None else str(approach.to_dict()["kind"])


def approach_name(approach: Approach | None) -> Text:
    """Return what an approach is called."""
    return Text(APPROACH_NAMES[approach_kind(approach)])


def approach_told(approach: Approach | None) -> tuple[Text, ...]:
    """Return what an approach asks for, rule by rule."""
    match approach:
        case Practical():
            return _practical(approach)
        case Near():
            return _near(approach)
        case Together():
            edge = sentence(
                "Neighbours hold the same use where they can: one metre of edge between two such "
                "parcels weighs as much as {worth:g} m² of floor at full suitability.",
                worth=approach.worth_m2_per_m,
            )
            single = sentence("Each parcel holds one use, where such a plan was found.")
            return (edge, single) if approach.single_use else (edge,)
        case None:
            return (
                sentence(
                    "Every use stands where its suitability is highest, as far as the limits allow."
                ),
            )


def _practical(rules: Practical) -> tuple[Text, ...]:
    found = [sentence("At most {count} use(s) on a parcel.", count=rules.max_uses)]
    least = {use: Area(m2) for use, m2 in rules.min_block_m2.items() if m2}
    if least:
        found.append(
            sentence("Wherever a use stands, it has at least: {amounts}.", amounts=_by_use(least))
        )
    most = {use: f"{pct:g} %" for use, pct in rules.max_share_pct.items() if pct < 100}
    if most:
        found.append(
            sentence(
                "Of a parcel's capacity a use takes at most: {amounts}.", amounts=_by_use(most)
            )
        )
    if rules.whole_floors:
        found.append(
            sentence("Uses fill whole floors; each has one part floor in the whole plan at most.")
        )
    return tuple(found)


def _by_use(amounts: Mapping[str, Area | Won | str]) -> Joined:
    return Joined(
        tuple(
            sentence("{use} {amount}", use=use_label(use), amount=amount)
            for use, amount in amounts.items()
        )
    )


def _near(wish: Near) -> tuple[Text, ...]:
    name = written(wish.name) if wish.name else sentence("the plan before")
    if wish.price is None:
        return (sentence("As little floor area as possible moves against “{name}”.", name=name),)
    return (
        sentence(
            "Floor area moves against “{name}” only where a m² gains {price:g} of suitability "
            "(0 to 1) or more.",
            name=name,
            price=wish.price,
        ),
    )


def is_announced(plan: Plan) -> bool:
    """Tell whether a plan is about the place that the city announced its project for."""
    return any(pnu is not None and pnu.startswith(_ANNOUNCED_DONGS) for pnu in plan.parcels.pnus)


def phases_told(plan: Plan) -> tuple[Text, ...]:
    """Return what the planner asks of the years; nothing where the scenario has none."""
    phases = plan.scenario.phases
    if phases is None:
        return ()
    years = {"first": str(phases.calendar[0]), "last": str(phases.calendar[-1])}
    usual_total = plan.scenario.programme.total_gfa_m2 == DEFAULT_TOTAL_GFA_M2
    found = [
        sentence(
            "Built in the years {first} to {last}, an assumption of this scenario: the start is "
            "announced for {start} (press), how many years the works take is not published.",
            **years,
            start=str(FIRST_YEAR),
        )
        if usual_total and is_announced(plan)
        else sentence(
            "Built in the years {first} to {last}, an assumption of this scenario.", **years
        )
    ]
    found += _ceilings(phases)
    for year, row in phases.minimum_gfa_m2.items():
        amounts = _by_use({use: Area(m2) for use, m2 in row.items()})
        found.append(
            sentence("By the end of {year} at least: {amounts}.", year=str(year), amounts=amounts)
        )
    if phases.whole_parcels:
        found.append(sentence("Each parcel is built within one year."))
    return tuple(found)


def _ceilings(phases: Phases) -> list[Text]:
    """Return the most of each year, years of one figure together."""
    row: tuple[float | None, ...] = phases.budget_krw or phases.ceiling_gfa_m2
    unit: type[Area | Won] = Won if phases.budget_krw else Area
    spans: list[tuple[int, int, float | None]] = []
    for year, amount in zip(phases.calendar, row, strict=False):
        if spans and spans[-1][2] == amount:
            spans[-1] = (spans[-1][0], year, amount)
        else:
            spans.append((year, year, amount))
    said = tuple(
        sentence(
            "{years} {amount}",
            years=str(first) if first == last else f"{first}–{last}",
            amount=sentence("no limit") if amount is None else unit(amount),
        )
        for first, last, amount in spans
    )
    if not said:
        return []
    if phases.budget_krw:
        return [sentence("Most construction cost in a year: {amounts}.", amounts=Joined(said))]
    return [sentence("Most floor area built in a year: {amounts}.", amounts=Joined(said))]


@dataclass(frozen=True)
class DateKept:
    """A date to keep: least GFA of a use by the end of a year, and what stands then."""

    year: int
    use: str
    least_m2: int
    standing_m2: int

    @property
    def kept(self) -> bool:
        """Whether enough stands."""
        return self.standing_m2 >= self.least_m2


def dates_kept(timing: Timing) -> tuple[DateKept, ...]:
    """Return each date with what stands then, in the order of years."""
    standing_m2 = timing.total_by_year_m2.cumsum(axis=0)
    phases = timing.phases
    return tuple(
        DateKept(
            year,
            use,
            least_m2,
            int(standing_m2[year - phases.first_year, use_index(use)]),
        )
        for year, row in phases.minimum_gfa_m2.items()
        for use, least_m2 in row.items()
    )


@dataclass(frozen=True)
class ParcelLimit:
    """One thing that the planner limits on one parcel.

    Parameters
    ----------
    parcel_id : str
    row : int or None
        Of the parcel; None where it is not in the data.
    subject : Label or Text
        What is limited.
    least, most : Text, Area or None
        None where there is no such end.
    use : str or None
        Key of the use, where it is one use that is limited.
    told : Text
        All of it as one sentence part.
    reason : str
        In the planner's words.
    """

    parcel_id: str
    row: int | None
    subject: Label | Text
    least: Area | Text | None
    most: Area | Text | None
    use: str | None
    told: Text
    reason: str


def parcel_limits(plan: Plan) -> tuple[ParcelLimit, ...]:
    """Return the planner's limits of parcels, parcel by parcel in the order of their ids."""
    found = []
    for parcel_id, decision in sorted(plan.scenario.decisions.items()):
        row = plan.parcels.index.get(parcel_id)
        found += [
            ParcelLimit(parcel_id, row, subject, least, most, use, told, decision.reason)
            for subject, least, most, use, told in _limits_of(decision)
        ]
    return tuple(found)


def decision_told(decision: ParcelDecision) -> tuple[Text, ...]:
    """Return the limits in a decision about a parcel, each as part of a sentence."""
    return tuple(told for *_, told in _limits_of(decision))


_Limited = tuple["Label | Text", "Area | Text | None", "Area | Text | None", "str | None", Text]


def use_limit_told(use: str, limit: UseLimit) -> Text:
    """Return a least and a most of a use as part of a sentence."""
    return _use_limited(use, limit)[-1]


def _limits_of(decision: ParcelDecision) -> list[_Limited]:
    found = [_use_limited(use, limit) for use, limit in decision.limits.items()]
    if decision.only_use is not None:
        told = sentence("only {use}", use=use_label(decision.only_use))
        rest = sentence("All uses but {use}", use=use_label(decision.only_use))
        found.append((rest, None, sentence("none"), None, told))
    if decision.stays_far_m2:
        area = Area(decision.stays_far_m2)
        told = sentence("existing buildings stay with {area} of FAR area", area=area)
        found.append((sentence("Existing buildings that stay (FAR area)"), area, area, None, told))
    if decision.ready_year is not None:
        year = str(decision.ready_year)
        told = sentence("ready from {year}", year=year)
        found.append(
            (sentence("Ready to build"), sentence("from {year}", year=year), None, None, told)
        )
    return found


def _use_limited(use: str, limit: UseLimit) -> _Limited:
    label = use_label(use)
    least = Area(limit.min_m2) if limit.min_m2 else None
    most = None if limit.max_m2 is None else Area(limit.max_m2)
    if limit.excluded:
        return label, None, sentence("none"), use, sentence("no {use}", use=label)
    if limit.fixed:
        told = sentence("{use} exactly {area}", use=label, area=most)
    elif least is None:
        told = sentence("{use} at most {area}", use=label, area=most)
    elif most is None:
        told = sentence("{use} at least {area}", use=label, area=least)
    else:
        told = sentence("{use} from {least} to {most}", use=label, least=least, most=most)
    return label, least, most, use, told
