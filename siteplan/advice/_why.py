"""Why a parcel holds what it does, and what would have to change for another use."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from siteplan.advice._study import Solved, best_of, solved_of, wish_of
from siteplan.allocation.chains import Holding
from siteplan.allocation.worth import forced_loss, placing_gains
from siteplan.capacity import LIMITS
from siteplan.explain import explain_permission, limit_figures
from siteplan.room import room_of
from siteplan.suitability import CRITERION_LABELS
from siteplan.text import Joined, Text, sentence
from siteplan.uses import ALL_USES, USES, use_index, use_label

if TYPE_CHECKING:
    from siteplan.evaluation import Plan
    from siteplan.use_limits import UseLimit

NO_COST = 1e-6
"""Loss of suitability per m² below which a use stands as well here as where it is."""


LEAST_SHOWN = 0.005
"""Part of a score below which a criterion is not named in a sentence."""


@dataclass(frozen=True)
class CriterionPart:
    """What a criterion adds to a score.

    Parameters
    ----------
    criterion : str
    weight : float
        The scenario's, -1 to 1.
    value : float
        The criterion's value on the parcel, 0 to 1; 1 minus it counts where the weight is below 0.
    points : float
        |weight| × what counts / Σ |weight|: the points of all criteria sum to the score.
    """

    criterion: str
    weight: float
    value: float
    points: float


@dataclass(frozen=True, eq=False)
class UseHere:
    """One use on the parcel.

    Parameters
    ----------
    use : str
    gfa_m2 : int
        What stands here.
    score : float
        Suitability, 0 to 1.
    parts : tuple of CriterionPart
        Empty where all weights are 0, or the surroundings are unknown: then the score is even.
    answer : str
        The rule's answer: "yes", "conditional", "no" or "unknown".
    allowed : bool
        Whether the plan may place it: permitted, or consented to.
    cost : float or None
        Suitability that the plan would lose by 1 m² of it here instead of where it stands; below
        0 where only the permission keeps it away. None where nothing can be placed.
    needed_score : float or None
        Score at which it would come: score + cost.
    changes : tuple of Text
        What would have to change; empty for what stands here.
    """

    use: str
    gfa_m2: int
    score: float
    parts: tuple[CriterionPart, ...]
    answer: str
    allowed: bool
    cost: float | None
    needed_score: float | None
    changes: tuple[Text, ...]


@dataclass(frozen=True, eq=False)
class Why:
    """Why a parcel holds what it does.

    Parameters
    ----------
    parcel_id : str
    limit : Text
        The rule that limits it.
    uses : tuple of UseHere
        In the order of `siteplan.uses.USES`.
    next_best : str or None
        Of the allowed uses that do not stand here, the one that would cost least.
    texts : tuple of Text
        All of it in sentences.
    """

    parcel_id: str
    limit: Text
    uses: tuple[UseHere, ...]
    next_best: str | None
    texts: tuple[Text, ...]


def why(plan: Plan, parcel_id: str) -> Why:
    """Say why a parcel holds what it does.

    Parameters
    ----------
    plan : Plan
    parcel_id : str

    Returns
    -------
    Why

    Raises
    ------
    KeyError
        No parcel has the id.
    """
    row = plan.parcels.index[parcel_id]
    solved = solved_of(plan)
    costs = _costs(plan, solved, row)
    uses = tuple(_use_here(plan, row, column, costs[column]) for column in range(len(USES)))
    waiting = [one for one in uses if one.allowed and one.gfa_m2 == 0 and one.cost is not None]
    next_best = min(waiting, key=lambda one: one.cost or 0.0, default=None)
    limit = _limit(plan, row)
    texts = [limit, *_own_limits(plan, parcel_id), *_standing(plan, row, uses)]
    if next_best is not None:
        texts.append(_said_of_next(plan, next_best))
    texts += _said_of_stopped(uses)
    if plan.scenario.approach is not None:
        texts.append(
            sentence(
                "What a m² costs or gains here is worked out for the most suitable plan, before "
                "your approach changes it."
            )
        )
    return Why(parcel_id, limit, uses, None if next_best is None else next_best.use, tuple(texts))


def _costs(plan: Plan, solved: Solved | None, row: int) -> list[float | None]:
    """Return the suitability lost by one m² of GFA of each use here."""
    if solved is None or not solved.found.gives[row].any():
        return [None] * len(USES)
    gains = placing_gains(_all_permitted(plan, solved, row), row, found=solved.found)
    # + 0.0 turns -0.0 into 0.
    losses = (-gains * plan.far_ratio + 0.0).tolist()
    return [loss if np.isfinite(loss) else None for loss in losses]


def _all_permitted(plan: Plan, solved: Solved, row: int) -> Holding:
    """Return the holding as if every use were permitted on one parcel."""
    score = solved.held.score.copy()
    score[row] = plan.score[row] / plan.far_ratio
    return replace(solved.held, score=score)


def _use_here(plan: Plan, row: int, column: int, cost: float | None) -> UseHere:
    use = USES[column]
    score = float(plan.score[row, column])
    allowed = bool(plan.capacity.allowed[row, column])
    gfa_m2 = int(plan.gfa_m2[row, column])
    needed = None if cost is None else score + cost
    changes: tuple[Text, ...] = ()
    zone = plan.capacity.zones[row]
    if not allowed and zone is not None:
        changes = explain_permission(plan.rules, zone, use)
    elif allowed and gfa_m2 == 0 and needed is not None:
        changes = (_needed(column, score=score, needed=needed),)
    return UseHere(
        use=use,
        gfa_m2=gfa_m2,
        score=score,
        parts=_parts(plan, row, use),
        answer=plan.capacity.permit(row, use).answer,
        allowed=allowed,
        cost=cost,
        needed_score=needed,
        changes=changes,
    )


def _needed(column: int, *, score: float, needed: float) -> Text:
    label = ALL_USES[column].label
    if needed - score <= NO_COST:
        return sentence("{use} could stand here as well as where it is: a tie.", use=label)
    if needed > 1:
        return sentence(
            "{use} would not come here at any suitability: other uses gain more here than it "
            "could (it has {score:.0f} of 100).",
            use=label,
            score=score * 100,
        )
    return sentence(
        "{use} would come here from a suitability of {needed:.1f} of 100; it has {score:.1f}.",
        use=label,
        needed=needed * 100,
        score=score * 100,
    )


def _parts(plan: Plan, row: int, use: str) -> tuple[CriterionPart, ...]:
    weights = plan.scenario.weights[use]
    value = plan.suitability.value
    counted = {c: float(weights[c]) for c in value if weights[c] != 0}
    total = sum(abs(weight) for weight in counted.values())
    parts = []
    for criterion, weight in counted.items():
        here = float(value[criterion][row])
        counts = here if weight > 0 else 1 - here
        parts.append(CriterionPart(criterion, weight, here, abs(weight) * counts / total))
    return tuple(parts)


def _limit(plan: Plan, row: int) -> Text:
    capacity = plan.capacity
    for figure in limit_figures(capacity, row):
        if figure.binds:
            return sentence(
                "{limit} limits this lot to {area:,.0f} m² of FAR area: {how} ({basis}).",
                limit=LIMITS[figure.code],
                area=figure.area_m2,
                how=figure.how,
                basis=figure.basis,
            )
    if capacity.limit[row] == "zone_unknown":
        return sentence(
            "No rule knows this lot's zone, so nothing may stand here. Give it one in the "
            "parcel's decision."
        )
    return sentence("This lot takes no part. Set the part available above 0 % to take it in.")


def _own_limits(plan: Plan, parcel_id: str) -> list[Text]:
    """Return the planner's limits on the parcel, and what they cost the plan."""
    decision = plan.scenario.decision(parcel_id)
    said = [_said_of_limit(use, limit) for use, limit in decision.limits.items()]
    if decision.only_use is not None:
        said.append(sentence("You let only {use} stand here.", use=use_label(decision.only_use)))
    if said and plan.status != "infeasible":
        lost = limits_cost(plan, parcel_id)
        said.append(
            sentence(
                "These limits cost the plan {points:.2f} of 100 of mean suitability.", points=lost
            )
        )
    return said


def _said_of_limit(use: str, limit: UseLimit) -> Text:
    label = use_label(use)
    if limit.excluded:
        return sentence("You keep {use} away from this lot.", use=label)
    if limit.fixed:
        return sentence("You fixed {use} here at {gfa:,} m².", use=label, gfa=limit.min_m2)
    if limit.max_m2 is None:
        return sentence(
            "You ask for at least {gfa:,} m² of {use} here.", use=label, gfa=limit.min_m2
        )
    return sentence(
        "You ask for {low:,} to {high:,} m² of {use} here.",
        use=label,
        low=limit.min_m2,
        high=limit.max_m2,
    )


def limits_cost(plan: Plan, parcel_id: str) -> float:
    """Return what a parcel's limits cost: fall of the mean suitability, 0 to 100.

    The most suitable plan with them against the one without, totals as the programme has them.
    """
    decision = plan.scenario.decision(parcel_id)
    bare = plan.scenario.with_decision(parcel_id, replace(decision, limits={}, only_use=None))
    room = room_of(plan.parcels, bare, plan.capacity, far_ratio=plan.far_ratio)
    wish = wish_of(plan.scenario.programme, far_ratio=plan.far_ratio)
    without, _ = best_of(plan, wish, room)
    with_them, _ = best_of(plan, wish, plan.room)
    lost = (without.objective - with_them.objective) / plan.scenario.programme.total_gfa_m2
    return max(lost * 100, 0.0)


def _standing(plan: Plan, row: int, uses: tuple[UseHere, ...]) -> list[Text]:
    held_m2 = float(plan.capacity.far_area_m2[row])
    if held_m2 <= 0 or plan.status == "infeasible":
        return []
    said = [_said_of_score(one) for one in uses if one.gfa_m2 > 0]
    left_m2 = held_m2 - float(plan.far_area_m2[row])
    if not said and not any(one.allowed for one in uses):
        return [sentence("Nothing stands here: no use is permitted on this lot, or consented to.")]
    if not said:
        return [
            sentence(
                "Nothing stands here: the best plan puts every use on other lots, and "
                "{left:,.0f} m² of FAR area stay free.",
                left=left_m2,
            )
        ]
    if left_m2 >= 1:
        said.append(sentence("{left:,.0f} m² of FAR area stay free.", left=left_m2))
    return said


def _said_of_score(one: UseHere) -> Text:
    parts = tuple(
        sentence(
            "{criterion} {points:.0f}",
            criterion=CRITERION_LABELS[part.criterion],
            points=part.points * 100,
        )
        for part in sorted(one.parts, key=lambda part: -part.points)
        if part.points >= LEAST_SHOWN
    )
    label = use_label(one.use)
    if not one.parts:
        return sentence(
            "{use}, {gfa:,} m²: its suitability is {score:.0f} of 100 on every lot.",
            use=label,
            gfa=one.gfa_m2,
            score=one.score * 100,
        )
    return sentence(
        "{use}, {gfa:,} m²: its suitability here is {score:.0f} of 100 ({parts}).",
        use=label,
        gfa=one.gfa_m2,
        score=one.score * 100,
        parts=Joined(parts or ("–",)),
    )


def _said_of_next(plan: Plan, one: UseHere) -> Text:
    step_m2 = 1_000
    lost = max(one.cost or 0.0, 0.0) * step_m2 / plan.scenario.programme.total_gfa_m2 * 100
    return sentence(
        "Next best here: {use}. At the margin {gfa:,} m² of it here instead of where it stands "
        "would lower the plan's mean suitability by {lost:.3f} of 100. {change}",
        use=use_label(one.use),
        gfa=step_m2,
        lost=lost,
        change=Joined(one.changes, " "),
    )


def _said_of_stopped(uses: tuple[UseHere, ...]) -> list[Text]:
    """Name the uses that only the permission keeps away."""
    return [
        sentence(
            "{use} would come here if it were permitted. {change}",
            use=use_label(one.use),
            change=Joined(one.changes, " "),
        )
        for one in uses
        if not one.allowed and one.cost is not None and one.cost < -NO_COST
    ]


@dataclass(frozen=True, eq=False)
class WhatIf:
    """What it costs to put a use on a parcel.

    Parameters
    ----------
    fits : bool
    loss : float
        Suitability × m² of GFA that the plan would lose; NaN where it does not fit.
    points : float
        The same as a fall of the mean suitability, 0 to 100.
    text : Text
    """

    fits: bool
    loss: float
    points: float
    text: Text


def what_if(plan: Plan, parcel_id: str, *, use: str, gfa_m2: float) -> WhatIf | None:
    """Return what it costs when a parcel must hold at least so much of a use, solved anew.

    Parameters
    ----------
    plan : Plan
    parcel_id, use : str
    gfa_m2 : float
        GFA that must stand there; the use counts as permitted there.

    Returns
    -------
    WhatIf or None
        None where the plan is infeasible. The totals stay the plan's.

    Raises
    ------
    KeyError
        No parcel has the id, or there is no such use.
    """
    row, column = plan.parcels.index[parcel_id], use_index(use)
    solved = solved_of(plan)
    if solved is None:
        return None
    # Only the scores are opened: cells without permission keep their upper bound of 0.
    held = _all_permitted(plan, solved, row)
    area_m2 = gfa_m2 * float(plan.far_ratio[column])
    loss = forced_loss(held, row=row, use=column, area_m2=area_m2)
    label = ALL_USES[column].label
    if loss is None:
        text = sentence(
            "{gfa:,.0f} m² of {use} here do not fit beside the rest of the programme.",
            gfa=gfa_m2,
            use=label,
        )
        return WhatIf(fits=False, loss=np.nan, points=np.nan, text=text)
    points = loss / plan.scenario.programme.total_gfa_m2 * 100 + 0.0
    text = sentence(
        "{gfa:,.0f} m² of {use} here would change the plan's mean suitability by {points:+.2f} "
        "of 100.",
        gfa=gfa_m2,
        use=label,
        points=-points + 0.0,
    )
    return WhatIf(fits=True, loss=loss, points=points, text=text)
