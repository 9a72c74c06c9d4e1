"""What a shift of the programme is worth, and what a lock costs, in planners' words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np

from siteplan.advice._study import Solved, best_of, solved_of, wish_of
from siteplan.advice._worth import LEAST_POINTS, STEP_M2, mean_points
from siteplan.allocation.worth import exchange_curve
from siteplan.text import Text, sentence
from siteplan.uses import USES, use_label

if TYPE_CHECKING:
    from siteplan.evaluation import Plan
    from siteplan.programme import Programme

MOST_SHIFTS_SAID = 3


@dataclass(frozen=True, eq=False)
class ExchangeWorth:
    """What it is worth when floor area of one use becomes another's.

    Parameters
    ----------
    gone, come : str
        The use that gives, and the one that takes.
    gfa_m2 : float
        GFA that changes use; 0 where no m² can.
    points : float
        Change of the plan's mean suitability (0 to 100).
    price : float
        Change of suitability × GFA by the first m²; -inf where it does not fit.
    holds_m2 : float
        GFA over which that price holds.
    """

    gone: str
    come: str
    gfa_m2: float
    points: float
    price: float
    holds_m2: float


@dataclass(frozen=True, eq=False)
class LimitWorth:
    """What a lock or a bound of a use costs, while all unlocked uses may move in their bounds.

    Parameters
    ----------
    use : str
    kind : {"lock", "bounds"}
    points : float
        Mean suitability (0 to 100) that the best plan without it has more.
    gfa_m2 : float
        GFA of the use in that plan.
    """

    use: str
    kind: str
    points: float
    gfa_m2: float


@dataclass(frozen=True, eq=False)
class ProgrammeWorth:
    """What other totals would be worth.

    Parameters
    ----------
    exchanges : tuple of ExchangeWorth
        Of every two uses, the one that gains most first.
    limits : tuple of LimitWorth
    texts : tuple of Text
    """

    exchanges: tuple[ExchangeWorth, ...]
    limits: tuple[LimitWorth, ...]
    texts: tuple[Text, ...]


def programme_worth(plan: Plan, *, gfa_m2: float = STEP_M2) -> ProgrammeWorth | None:
    """Return what it is worth to shift the programme between uses, and what the locks cost.

    Parameters
    ----------
    plan : Plan
    gfa_m2 : float
        GFA to shift, less where a use has less.

    Returns
    -------
    ProgrammeWorth or None
        None where the plan is infeasible.
    """
    solved = solved_of(plan)
    if solved is None:
        return None
    exchanges = sorted(
        (
            _exchange(plan, solved, gone=gone, come=come, gfa_m2=gfa_m2)
            for gone, come in permutations(range(len(USES)), 2)
            if solved.held.area[:, gone].sum() > 0
        ),
        key=lambda one: -one.points,
    )
    limits = _limits(plan)
    useful = [one for one in exchanges if one.points >= LEAST_POINTS and one.gfa_m2 >= 1]
    said = [
        sentence(
            "{gfa:,.0f} m² of {come} instead of {gone} would raise the mean suitability by "
            "{points:.2f} of 100.",
            gfa=one.gfa_m2,
            come=use_label(one.come),
            gone=use_label(one.gone),
            points=one.points,
        )
        for one in useful[:MOST_SHIFTS_SAID]
    ]
    if not useful:
        said.append(sentence("No shift between two uses would raise the mean suitability."))
    said += [_said_of_limit(limit) for limit in limits]
    return ProgrammeWorth(tuple(exchanges), limits, tuple(said))


def _exchange(plan: Plan, solved: Solved, *, gone: int, come: int, gfa_m2: float) -> ExchangeWorth:
    ratio = plan.far_ratio
    most_m2 = float(solved.held.area[:, gone].sum() / ratio[gone])
    curve = exchange_curve(
        solved.held,
        gone=gone,
        come=come,
        change_m2=min(gfa_m2, most_m2),
        gone_ratio=float(ratio[gone]),
        come_ratio=float(ratio[come]),
    )
    first = (curve.length_m2[0], curve.price[0]) if curve.price else (0.0, -np.inf)
    return ExchangeWorth(
        USES[gone], USES[come], curve.change_m2, mean_points(plan, curve.gain), first[1], first[0]
    )


def _limits(plan: Plan) -> tuple[LimitWorth, ...]:
    programme = plan.scenario.programme
    opened = tuple(
        entry if entry.locked else replace(entry, target_m2=None) for entry in programme.targets
    )
    now = _best(plan, replace(programme, targets=opened))
    if now is None:
        return ()
    found = []
    for use, entry in enumerate(programme.targets):
        bounded = entry.min_m2 > 0 or entry.max_m2 is not None
        if not (entry.locked or bounded):
            continue
        free = replace(opened[use], target_m2=None, locked=False)
        if not entry.locked:
            free = replace(free, min_m2=0, max_m2=None)
        without = tuple(free if i == use else other for i, other in enumerate(opened))
        best = _best(plan, replace(programme, targets=without))
        if best is not None:
            points = max(mean_points(plan, best[0] - now[0]), 0.0)
            kind = "lock" if entry.locked else "bounds"
            found.append(LimitWorth(USES[use], kind, points, float(best[1][use])))
    return tuple(found)


def _best(plan: Plan, programme: Programme) -> tuple[float, list[float]] | None:
    """Return the best Σ suitability × GFA of a programme, and the GFA of each use."""
    ratio = plan.far_ratio
    answer, area_m2 = best_of(plan, wish_of(programme, far_ratio=ratio), plan.room)
    if answer.status == "infeasible":
        return None
    return answer.objective, (area_m2.sum(axis=0) / ratio).tolist()


def _said_of_limit(limit: LimitWorth) -> Text:
    label = use_label(limit.use)
    if limit.points < LEAST_POINTS:
        if limit.kind == "lock":
            return sentence("The lock of {use} costs nothing.", use=label)
        return sentence("The bounds of {use} cost nothing.", use=label)
    if limit.kind == "lock":
        return sentence(
            "The lock of {use} costs {points:.2f} of 100 of mean suitability at most: without it, "
            "and with all unlocked uses free in their bounds, the best plan has {gfa:,.0f} m² of "
            "it.",
            use=label,
            points=limit.points,
            gfa=limit.gfa_m2,
        )
    return sentence(
        "The bounds of {use} cost {points:.2f} of 100 of mean suitability at most: without them, "
        "and with all unlocked uses free in their bounds, the best plan has {gfa:,.0f} m² of it.",
        use=label,
        points=limit.points,
        gfa=limit.gfa_m2,
    )
