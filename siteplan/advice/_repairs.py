"""The cheapest changes after which an infeasible programme fits, each checked to work.

What is cheaper than what is a matter of judgement, so the order is stated and fixed: see `KINDS`.
Within a kind the smallest change comes first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from siteplan.advice._land import consents, consents_with_parcels, parcels_in, raised
from siteplan.advice._limits import dropped_limits, eased_rules, without_limits, without_rules
from siteplan.advice._programme import bounds, cuts, shifts, totals
from siteplan.advice._study import Candidate, short_of, together
from siteplan.approach import Practical
from siteplan.evaluation import Plan, evaluate
from siteplan.text import LANGUAGES, Text

if TYPE_CHECKING:
    from siteplan.scenario import Scenario

KINDS = {
    "consent": "m² of FAR area opened to the use",
    "shift": "m² of GFA that change use",
    "bound": "m² of GFA by which a bound moves",
    "unlock": "m² of GFA that change use",
    "limit": "m² of GFA held or kept away",
    "rule": "rank of the rule",
    "parcel": "m² of land taken in",
    "far": "m² of FAR area added",
    "both": "m² of land taken in",
    "cut": "m² of GFA given up",
    "total": "m² of GFA given up",
}
"""Kinds of repair in the order that they are offered, each with the measure of its cost.

First what changes neither programme nor land; then what keeps the total, locks and limits on
parcels last; then the rules for buildable parcels; then land;
then more FAR, which the law must allow; last a smaller programme.
"""

MOST_OF_A_KIND = 2
MOST_REPAIRS = 8
MOST_CHECKED_OF_A_KIND = 6
"""Candidates of a kind that are evaluated until enough of them work."""


@dataclass(frozen=True, eq=False)
class Repair:
    """One change that makes an infeasible programme fit, or its years hold the plan.

    Parameters
    ----------
    kind : str
        Key of `KINDS`, or of `siteplan.advice.PHASE_KINDS`.
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


_kept: WeakKeyDictionary[Plan, dict[int, tuple[Repair, ...]]] = WeakKeyDictionary()


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
        metres included. Kept as long as the plan is.
    """
    if plan.status != "infeasible":
        return ()
    kept = _kept.setdefault(plan, {})
    if most not in kept:
        kept[most] = _repairs(plan, most=most) or _with_limits_dropped(plan, most=most)
    return kept[most]


def _with_limits_dropped(plan: Plan, *, most: int) -> tuple[Repair, ...]:
    """Return repairs of two steps, for where no single one is enough.

    The first step drops the planner's own limits on parcels, or the rules for buildable ones, or
    both; the second is a repair of what then still does not fit.
    """
    scenario = plan.scenario
    limited = any(one.limits or one.only_use for one in scenario.decisions.values())
    ways = [[without_limits(plan)]] if limited else []
    if isinstance(scenario.approach, Practical):
        ways += [[without_rules(scenario)]]
        ways += [[without_limits(plan), without_rules(scenario)]] if limited else []
    for way in ways:
        steps = [next(step) for step in way]
        eased = replace(steps[0][1], approach=steps[-1][1].approach)
        said = tuple(text for text, _ in steps)
        after = evaluate(plan.parcels, eased, rules=plan.rules, ledger=plan.ledger)
        if after.status != "infeasible":
            kind = "limit" if limited and len(way) == 1 else "rule"
            return (Repair(kind, together(said), eased, 0.0),)
        found = _repairs(after, most=most)
        if found:
            return tuple(replace(one, text=together((*said, one.text))) for one in found)
    return ()


def _repairs(plan: Plan, *, most: int) -> tuple[Repair, ...]:
    short = short_of(plan)
    kinds: dict[str, Iterator[Repair]] = {}
    single = [*consents(plan, short), *parcels_in(plan, short)]
    both = [] if single else consents_with_parcels(plan, short)
    found = [
        *single,
        *both,
        *shifts(plan, short),
        *bounds(plan, short),
        *raised(plan, short),
        *dropped_limits(plan),
        *eased_rules(plan),
        *cuts(plan, short),
        *totals(plan, short),
    ]
    offered: list[Repair] = []
    for kind in KINDS:
        of_kind = sorted((c for c in found if c.kind == kind), key=lambda c: c.cost)
        kinds[kind] = _checked(plan, of_kind[:MOST_CHECKED_OF_A_KIND], offered=offered)
    first = [repair for working in kinds.values() for repair in islice(working, 1)]
    second = [
        repair for working in kinds.values() for repair in islice(working, MOST_OF_A_KIND - 1)
    ]
    order = list(KINDS)
    chosen = [*first, *second][:most]
    return tuple(sorted(chosen, key=lambda repair: (order.index(repair.kind), repair.cost)))


def _checked(plan: Plan, candidates: list[Candidate], *, offered: list[Repair]) -> Iterator[Repair]:
    """Yield what works, each evaluated as the app would, and add it to what is offered.

    A candidate that comes to what is offered already is left out: a use whose slider only one
    other one absorbs and the shift between the two are one repair.
    """
    for candidate in candidates:
        for text, scenario in candidate.attempts():
            if any(_same(one, text, scenario) for one in offered):
                break
            after = evaluate(plan.parcels, scenario, rules=plan.rules, ledger=plan.ledger)
            if after.status != "infeasible":
                repair = Repair(candidate.kind, text, scenario, candidate.cost)
                offered.append(repair)
                yield repair
                break


def _same(offered: Repair, text: Text, scenario: Scenario) -> bool:
    """Tell whether a repair leads where one that is offered leads, or reads as it does."""
    reads_alike = any(offered.text.render(lang) == text.render(lang) for lang in LANGUAGES)
    return reads_alike or offered.scenario == scenario
