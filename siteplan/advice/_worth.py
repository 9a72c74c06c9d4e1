"""What more and less capacity on a lot is worth, in planners' words.

The unit is suitability: the objective is Σ suitability × GFA, so the mean suitability of the
plan is the objective over its total GFA. It is shown from 0 to 100, as on the parcel's panel.
Nothing here is money.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from siteplan.advice._study import Solved, solved_of
from siteplan.allocation.worth import Curve, Worth, capacity_curve, worth
from siteplan.explain import ParcelName
from siteplan.text import Text, sentence
from siteplan.uses import ALL_USES, USES

if TYPE_CHECKING:
    from siteplan.evaluation import Plan

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
    points = mean_points(plan, curve.gain)
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


def mean_points(plan: Plan, gain: float) -> float:
    """Return a change of the objective as a change of the mean suitability, 0 to 100."""
    return gain / plan.scenario.programme.total_gfa_m2 * 100


def _mean(plan: Plan, solved: Solved) -> float:
    return mean_points(plan, solved.objective)


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
    lost = -mean_points(plan, curve.gain)
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
