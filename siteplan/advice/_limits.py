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
from siteplan.text import Text, sentence
from siteplan.uses import use_index, use_label

if TYPE_CHECKING:
    from siteplan.evaluation import Plan
    from siteplan.scenario import ParcelDecision, Scenario

MOST_LIMITS_TRIED = 12
"""Single limits that are dropped on trial, the largest first."""


def dropped_limits(plan: Plan) -> list[Candidate]:
    """Return limits on parcels that may be dropped, one by one, and all of them together.

    Their cost is the GFA that they hold or keep away.
    """
    found = []
    for parcel_id, decision in plan.scenario.decisions.items():
        if parcel_id not in plan.parcels.index:
            continue
        for use in decision.limits:
            cost = _weight_m2(plan, parcel_id, decision, use)
            attempts = partial(_without, plan, parcel_id, use)
            found.append(Candidate("limit", cost, attempts))
        if decision.only_use is not None:
            row = plan.parcels.index[parcel_id]
            cost = float(plan.room.capacity_m2[row])
            found.append(Candidate("limit", cost, partial(_without_only, plan, parcel_id)))
    found = sorted(found, key=lambda one: -one.cost)[:MOST_LIMITS_TRIED]
    if len(found) > 1:
        total = sum(one.cost for one in found)
        found.append(Candidate("limit", total, partial(_without_any, plan)))
    return found


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


def _without_any(plan: Plan) -> Iterator[Attempt]:
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
    return [*found, Candidate("rule", float(len(single)), partial(_without_rules, plan.scenario))]


def _eased(scenario: Scenario, name: str, eased: Practical) -> Iterator[Attempt]:
    said: Text = sentence("Ease this rule for buildable parcels: {rule}.", rule=RULE_NAMES[name])
    if name == "max_uses":
        said = sentence("Allow {count} uses on a parcel.", count=eased.max_uses)
    yield said, replace(scenario, approach=eased)


def _without_rules(scenario: Scenario) -> Iterator[Attempt]:
    yield sentence("Drop the rules for buildable parcels."), replace(scenario, approach=None)


def held_above_totals(plan: Plan) -> bool:
    """Return whether limits hold more of a use than the programme has of it."""
    if plan.room.min_gfa_m2 is None:
        return False
    most_m2 = np.array([high for _, high in plan.scenario.programme.bounds_m2()], dtype=float)
    return bool((plan.room.min_gfa_m2.sum(axis=0) > most_m2).any())
