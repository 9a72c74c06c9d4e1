"""What one lot's capacity, a shift of the programme and a lock are worth, in planners' words.

The unit is suitability: the objective is Σ suitability × GFA, so the mean suitability of the
plan is the objective over its total GFA. It is shown from 0 to 100, as on the parcel's panel.
Nothing here is money.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise, permutations
from typing import TYPE_CHECKING

import numpy as np

from siteplan.advice._study import Solved, solved_of, wish_of
from siteplan.allocation import allocate_within
from siteplan.allocation.worth import Curve, Worth, capacity_curve, exchange_curve, worth
from siteplan.explain import ParcelName
from siteplan.text import Text, sentence
from siteplan.uses import ALL_USES, USES, use_label

if TYPE_CHECKING:
    from siteplan.evaluation import Plan
    from siteplan.programme import Programme

STEP_M2 = 1_000.0
"""FAR area or GFA that the sentences speak of, where there is as much."""

LEAST_POINTS = 0.005
"""Changes of the mean suitability (0 to 100) below this are called none."""

MOST_MOVES_SAID = 3


@dataclass(frozen=True, eq=False)
class Move:
    """Floor area of a use that changes its parcel.

    Parameters
    ----------
    use : str
    gfa_m2 : float
    from_row, to_row : int
    """

    use: str
    gfa_m2: float
    from_row: int
    to_row: int


@dataclass(frozen=True, eq=False)
class ParcelWorth:
    """What more and less capacity on a parcel is worth.

    Parameters
    ----------
    parcel_id : str
    change_m2 : float
        FAR area more that `points` and `moves` speak of.
    points : float
        Change of the plan's mean suitability (0 to 100) by it.
    price_more, price_less : float
        Suitability × m² of GFA per m² of FAR area: gain of the next, loss of the last. They
        differ where the dual price is not unique; the loss is infinite where less does not fit.
    holds_m2 : float
        FAR area more over which `price_more` holds, at least; infinite where it is 0.
    moves : tuple of Move
    texts : tuple of Text
    """

    parcel_id: str
    change_m2: float
    points: float
    price_more: float
    price_less: float
    holds_m2: float
    moves: tuple[Move, ...]
    texts: tuple[Text, ...]


def parcel_worth(plan: Plan, parcel_id: str, *, more_m2: float = STEP_M2) -> ParcelWorth | None:
    """Return what more FAR area on a parcel is worth to the plan, solved exactly.

    Parameters
    ----------
    plan : Plan
    parcel_id : str
    more_m2 : float
        FAR area more.

    Returns
    -------
    ParcelWorth or None
        None where the plan is infeasible or the parcel has no capacity. Totals that the
        programme leaves free count as fixed at the plan's: the true worth is at least this.

    Raises
    ------
    KeyError
        No parcel has the id.
    """
    row = plan.parcels.index[parcel_id]
    solved = solved_of(plan)
    if solved is None or plan.capacity.far_area_m2[row] <= 0:
        return None
    slopes = worth(solved.held, found=solved.found)
    curve = capacity_curve(solved.held, row, more_m2)
    points = _points(plan, curve.gain)
    more, less = float(slopes.more[row]), float(slopes.less[row])
    holds_m2 = curve.length_m2[0] if more > 0 else np.inf
    moves = _moves(plan, curve)
    texts = [
        *_said_of_more(plan, row, more_m2=more_m2, points=points, moves=moves),
        *_said_of_less(plan, solved, row),
    ]
    if points >= LEAST_POINTS and holds_m2 < more_m2 * (1 - 1e-6):
        texts.append(
            sentence(
                "The first {holds:,.0f} m² are worth the most; each further one less.",
                holds=holds_m2,
            )
        )
    if less > more + 1e-6:
        texts.append(_corner(more, less))
    texts += _said_of_free_totals(solved)
    return ParcelWorth(parcel_id, more_m2, points, more, less, holds_m2, moves, tuple(texts))


def capacity_worth(plan: Plan) -> Worth | None:
    """Return the worth of every parcel's capacity and every total at the margin, at once.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    Worth or None
        In suitability × m² of GFA per m² of FAR area; None where the plan is infeasible.
    """
    solved = solved_of(plan)
    return None if solved is None else worth(solved.held, found=solved.found)


def _corner(more: float, less: float) -> Text:
    if np.isinf(less):
        return sentence(
            "There is no single price: the programme needs every m² of FAR area that this lot "
            "offers, while one m² more adds {more:.2f} (suitability × m² of GFA).",
            more=more,
        )
    return sentence(
        "There is no single price: one m² of FAR area less costs {less:.2f}, one more adds "
        "{more:.2f} (suitability × m² of GFA).",
        less=less,
        more=more,
    )


def _said_of_free_totals(solved: Solved) -> list[Text]:
    if not solved.totals_free:
        return []
    return [
        sentence(
            "The uses that are free between bounds count as fixed at what the plan gives them; "
            "if they may follow, it is worth at least this."
        )
    ]


def _points(plan: Plan, gain: float) -> float:
    """Return a change of the objective as a change of the mean suitability, 0 to 100."""
    return gain / plan.scenario.programme.total_gfa_m2 * 100


def _mean(plan: Plan, solved: Solved) -> float:
    return _points(plan, solved.objective)


def _said_of_more(
    plan: Plan, row: int, *, more_m2: float, points: float, moves: tuple[Move, ...]
) -> list[Text]:
    if points < LEAST_POINTS:
        return [
            sentence(
                "{more:,.0f} m² more FAR area here would not raise the plan's suitability: every "
                "use already stands as well elsewhere, or there is room left here.",
                more=more_m2,
            )
        ]
    solved = solved_of(plan)
    before = 0.0 if solved is None else _mean(plan, solved)
    said = [
        sentence(
            "{more:,.0f} m² more FAR area here would raise the plan's mean suitability from "
            "{before:.2f} to {after:.2f} of 100.",
            more=more_m2,
            before=before,
            after=before + points,
        )
    ]
    for move in sorted(moves, key=lambda m: (m.to_row != row, -m.gfa_m2))[:MOST_MOVES_SAID]:
        use = USES.index(move.use)
        said.append(
            sentence(
                "{gfa:,.0f} m² of {use} could move from {there}, where its suitability is "
                "{low:.0f} of 100, to {here}, where it is {high:.0f}.",
                gfa=move.gfa_m2,
                use=ALL_USES[use].label,
                there=ParcelName(plan.parcels, move.from_row),
                here=ParcelName(plan.parcels, move.to_row),
                low=plan.score[move.from_row, use] * 100,
                high=plan.score[move.to_row, use] * 100,
            )
        )
    return said


def _said_of_less(plan: Plan, solved: Solved, row: int) -> list[Text]:
    held_m2 = float(plan.capacity.far_area_m2[row])
    less_m2 = min(STEP_M2, held_m2)
    curve = capacity_curve(solved.held, row, -less_m2)
    lost = -_points(plan, curve.gain)
    if curve.stopped:
        return [
            sentence(
                "At most {most:,.0f} m² of FAR area less leave room for the programme.",
                most=np.floor(curve.change_m2 + 1e-6),
            )
        ]
    if lost < LEAST_POINTS:
        return [sentence("{less:,.0f} m² of FAR area less would cost nothing.", less=less_m2)]
    return [
        sentence(
            "{less:,.0f} m² of FAR area less would lower the mean suitability by {lost:.2f} of "
            "100.",
            less=less_m2,
            lost=lost,
        )
    ]


def _moves(plan: Plan, curve: Curve) -> tuple[Move, ...]:
    """Return the moves of a curve of more capacity, those of the same kind added up.

    Along a chain a use that comes to one parcel leaves the parcel of the next exchange.
    """
    moved: dict[tuple[int, int, int], float] = {}
    for piece in curve.steps:
        for (step, area_m2), (after, _) in pairwise(piece):
            if step.come < len(USES):
                key = (step.come, after.row, step.row)
                moved[key] = moved.get(key, 0.0) + area_m2 / float(plan.far_ratio[step.come])
    return tuple(
        Move(USES[use], gfa_m2, from_row, to_row)
        for (use, from_row, to_row), gfa_m2 in moved.items()
        if gfa_m2 >= 0.5
    )


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
        for one in useful[:MOST_MOVES_SAID]
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
        USES[gone], USES[come], curve.change_m2, _points(plan, curve.gain), first[1], first[0]
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
            points = max(_points(plan, best[0] - now[0]), 0.0)
            kind = "lock" if entry.locked else "bounds"
            found.append(LimitWorth(USES[use], kind, points, float(best[1][use])))
    return tuple(found)


def _best(plan: Plan, programme: Programme) -> tuple[float, list[float]] | None:
    """Return the best Σ suitability × GFA of a programme, and the GFA of each use."""
    ratio = plan.far_ratio
    order = plan.parcels.id_order
    wish = wish_of(programme, far_ratio=ratio)
    score = np.where(plan.capacity.allowed, plan.score, -np.inf) / ratio
    answer = allocate_within(
        plan.capacity.far_area_m2[order],
        score[order],
        wish.low,
        wish.high,
        weight=wish.weight,
        total=wish.total,
    )
    if answer.status == "infeasible":
        return None
    return answer.objective, (answer.area_m2.sum(axis=0) / ratio).tolist()


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
