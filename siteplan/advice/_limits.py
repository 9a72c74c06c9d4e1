"""Repairs of the planner's own limits: on a parcel's uses, and the rules for buildable parcels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from siteplan.advice._study import Attempt, Candidate
from siteplan.approach import Practical
from siteplan.explain import ParcelName
from siteplan.placement import RULE_NAMES
from siteplan.room import clashing
from siteplan.text import Joined, Renderable, Text, sentence
from siteplan.uses import use_index, use_label

if TYPE_CHECKING:
    from siteplan.evaluation import Plan
    from siteplan.scenario import ParcelDecision, Scenario

MOST_LIMITS_TRIED = 4
"""Single limits that are dropped on trial, the largest first."""


MOST_NAMED = 4


def dropped_limits(plan: Plan) -> list[Candidate]:
    """Return limits on parcels that may be dropped: single ones, those that clash, and all.

    Their cost is the GFA that they hold or keep away. As long as some limits cannot be kept at
    all, only dropping these (or all) can help.
    """
    clash = clashing(plan.room)
    broken = {plan.parcels.ids[row]: over for row, over in clash.items()}
    found = []
    for parcel_id, decision in plan.scenario.decisions.items():
        if parcel_id not in plan.parcels.index:
            continue
        for use in decision.limits:
            if clash and not _breaks(broken, parcel_id, use):
                continue
            cost = _weight_m2(plan, parcel_id, decision, use)
            attempts = partial(_without, plan, parcel_id, use)
            found.append(Candidate("limit", cost, attempts))
        if decision.only_use is not None and (not clash or parcel_id in broken):
            row = plan.parcels.index[parcel_id]
            cost = float(plan.room.capacity_m2[row])
            found.append(Candidate("limit", cost, partial(_without_only, plan, parcel_id)))
    single = sorted(found, key=lambda one: -one.cost)[:MOST_LIMITS_TRIED]
    if len(found) < 2:
        return single if len(clash) < 2 else []
    total = sum(one.cost for one in found)
    several = [Candidate("limit", total + 1.0, partial(without_limits, plan))]
    if clash:
        several.insert(0, Candidate("limit", total, partial(_without_broken, plan, broken)))
    return [*(single if len(clash) < 2 else ()), *several]


def _breaks(broken: dict[str, tuple[int, ...]], parcel_id: str, use: str) -> bool:
    over = broken.get(parcel_id)
    return over is not None and (not over or use_index(use) in over)


def _weight_m2(plan: Plan, parcel_id: str, decision: ParcelDecision, use: str) -> float:
    limit = decision.limits[use]
    row, column = plan.parcels.index[parcel_id], use_index(use)
    held_m2 = float(plan.room.capacity_m2[row] / plan.far_ratio[column])
    kept_away = 0.0 if limit.max_m2 is None else max(held_m2 - limit.max_m2, 0.0)
    return max(float(limit.min_m2), kept_away)


def _without(plan: Plan, parcel_id: str, use: str) -> Iterator[Attempt]:
    decision = plan.scenario.decision(parcel_id)
    limits = {key: limit for key, limit in decision.limits.items() if key != use}
    text = sentence(
        "Drop your limit of {use} on {parcel}.",
        use=use_label(use),
        parcel=ParcelName(plan.parcels, plan.parcels.index[parcel_id]),
    )
    yield text, plan.scenario.with_decision(parcel_id, replace(decision, limits=limits))


def _without_only(plan: Plan, parcel_id: str) -> Iterator[Attempt]:
    decision = plan.scenario.decision(parcel_id)
    text = sentence(
        "Let other uses than {use} stand on {parcel}.",
        use=use_label(decision.only_use or ""),
        parcel=ParcelName(plan.parcels, plan.parcels.index[parcel_id]),
    )
    yield text, plan.scenario.with_decision(parcel_id, replace(decision, only_use=None))


def _without_broken(plan: Plan, broken: dict[str, tuple[int, ...]]) -> Iterator[Attempt]:
    """Drop the limits that cannot be kept, on all their parcels."""
    decisions = dict(plan.scenario.decisions)
    for parcel_id in broken:
        decision = decisions[parcel_id]
        limits = {
            use: limit
            for use, limit in decision.limits.items()
            if not _breaks(broken, parcel_id, use)
        }
        decisions[parcel_id] = replace(decision, limits=limits)
    names = [ParcelName(plan.parcels, plan.parcels.index[parcel_id]) for parcel_id in broken]
    named: list[Renderable] = list(names[:MOST_NAMED])
    if len(names) > MOST_NAMED:
        named.append(sentence("{count} more", count=len(names) - MOST_NAMED))
    text = sentence(
        "Drop the limits that cannot be kept, on {parcels}.", parcels=Joined(tuple(named))
    )
    yield text, replace(plan.scenario, decisions=decisions)


def without_limits(plan: Plan) -> Iterator[Attempt]:
    """Yield the scenario without any limits of uses on parcels."""
    decisions = {
        parcel_id: replace(decision, limits={}, only_use=None)
        for parcel_id, decision in plan.scenario.decisions.items()
    }
    text = sentence("Drop all your limits of uses on parcels.")
    yield text, replace(plan.scenario, decisions=decisions)


def eased_rules(plan: Plan) -> list[Candidate]:
    """Return rules for buildable parcels that may be eased, single ones first."""
    rules = plan.scenario.approach
    if not isinstance(rules, Practical):
        return []
    single = (
        ("min_block_m2", replace(rules, min_block_m2={})),
        ("max_share", replace(rules, max_share_pct={})),
        ("step_m2", replace(rules, whole_floors=False)),
        ("max_uses", replace(rules, max_uses=rules.max_uses + 1 if rules.max_uses < 4 else 4)),
    )
    found = [
        Candidate("rule", float(rank), partial(_eased, plan.scenario, name, eased))
        for rank, (name, eased) in enumerate(single)
        if eased != rules
    ]
    return [*found, Candidate("rule", float(len(single)), partial(without_rules, plan.scenario))]


def _eased(scenario: Scenario, name: str, eased: Practical) -> Iterator[Attempt]:
    said: Text = sentence("Ease this rule for buildable parcels: {rule}.", rule=RULE_NAMES[name])
    if name == "max_uses":
        said = sentence("Allow {count} uses on a parcel.", count=eased.max_uses)
    yield said, replace(scenario, approach=eased)


def without_rules(scenario: Scenario) -> Iterator[Attempt]:
    """Yield the scenario without the rules for buildable parcels."""
    yield sentence("Drop the rules for buildable parcels."), replace(scenario, approach=None)


def held_above_totals(plan: Plan) -> bool:
    """Return whether limits hold more of a use than the programme has of it."""
    if plan.room.min_gfa_m2 is None:
        return False
    most_m2 = np.array([high for _, high in plan.scenario.programme.bounds_m2()], dtype=float)
    return bool((plan.room.min_gfa_m2.sum(axis=0) > most_m2).any())
