"""Plans that are nearly as suitable as the best and as different as possible, to choose from.

Found by `siteplan.allocation.alternatives`, then brought to whole square metres. Each comes with
the scenario that gives it back: the present one with `siteplan.approach.Near` at any price.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from weakref import WeakKeyDictionary

import numpy as np

from siteplan.advice._differences import (
    Difference,
    difference,
    said_of_distances,
    said_of_plan,
    said_of_uses,
)
from siteplan.advice._study import scores_of
from siteplan.advice._taken import board_of, mean_suitability, remarks, taken, whole_of
from siteplan.allocation.alternatives import alternatives
from siteplan.text import Text, sentence

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.advice._taken import Board
    from siteplan.allocation.alternatives import Alternatives
    from siteplan.evaluation import Plan
    from siteplan.scenario import Scenario

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]

SPARE_RATIO = 2e-5
"""Part of the best suitability that is kept for whole square metres."""

ROUNDS = 4
"""Times that the floor is raised where whole m² fell below it nevertheless."""


@dataclass(frozen=True, eq=False)
class Alternative:
    """A plan to take instead of the present one.

    Parameters
    ----------
    gfa_m2 : ndarray of int, shape (n, k)
        Whole m²; limits kept, totals those of the present plan.
    scenario : Scenario
        `siteplan.evaluate` gives exactly this plan for it.
    points : float
        Mean suitability, 0 to 100.
    kept_pct : float
        Part of the best suitability that it keeps, against the proven bound.
    difference : Difference
        From the present plan.
    text : Text
        What sets it apart.
    details : tuple of Text
        Which uses move where, and how they lie then.
    """

    gfa_m2: Integers
    scenario: Scenario
    points: float
    kept_pct: float
    difference: Difference
    text: Text
    details: tuple[Text, ...]


@dataclass(frozen=True, eq=False)
class Options:
    """Alternatives to a plan.

    Parameters
    ----------
    status : {"feasible", "infeasible"}
        Differences are not proven largest, so never "optimal".
    within_pct : float
        Part of the best suitability that an alternative may lose.
    best_points, present_points : float
        Mean suitability that no plan with these totals exceeds (proven), and the present one's.
    present_kept_pct : float
        Part of the best that the present plan keeps.
    alternatives : tuple of Alternative
        The one furthest from all others first; fewer than asked for where no more differ.
    moved_m2, parcels : ndarray of int, shape (1 + a, 1 + a)
        GFA that stands elsewhere, and parcels that hold something else, between each two plans,
        the present one first.
    most_moved_m2 : float
        No plan within the bound differs from the present one by more (proven).
    notes : tuple of Text
        What to know before one is taken, and why there are fewer.
    """

    status: Literal["feasible", "infeasible"]
    within_pct: float
    best_points: float
    present_points: float
    present_kept_pct: float
    alternatives: tuple[Alternative, ...]
    moved_m2: Integers
    parcels: Integers
    most_moved_m2: float
    notes: tuple[Text, ...]


_kept: WeakKeyDictionary[Plan, dict[tuple[int, float], Options]] = WeakKeyDictionary()


def alternatives_of(plan: Plan, *, count: int = 3, within_pct: float = 2.0) -> Options:
    """Return plans within a part of the best that differ from the present one and one another.

    Parameters
    ----------
    plan : Plan
    count : int
        How many to look for, one or more.
    within_pct : float
        Part of the best suitability that one may lose, 0 to 100. The best is the most suitable
        plan with the present totals under the present limits.

    Returns
    -------
    Options
        Kept as long as the plan is. Status "infeasible" and no alternatives where nothing fits.

    Raises
    ------
    ValueError
        No count, or a part outside 0..100.
    """
    if count < 1 or not 0.0 <= within_pct <= 100.0:
        raise ValueError("count must be 1 or more, and within_pct lie in 0..100")
    kept = _kept.setdefault(plan, {})
    asked = (count, float(within_pct))
    if asked not in kept:
        kept[asked] = _found(plan, count=count, within_pct=float(within_pct))
    return kept[asked]


def _found(plan: Plan, *, count: int, within_pct: float) -> Options:
    if plan.status == "infeasible":
        return _nothing(within_pct)
    board = board_of(plan)
    within = within_pct / 100
    ratio = within - min(SPARE_RATIO, within / 2)
    found = _searched(plan, board, count=count, within_ratio=ratio)
    if found.status == "infeasible":
        return _nothing(within_pct)
    best = found.best.bound
    # The bound is concave in the part that may be lost, and at least 0 where nothing may be.
    bound_ratio = min(found.bound_ratio * within / ratio, 1.0) if ratio > 0 else found.bound_ratio
    plans_m2 = _different(plan, found)
    for _ in range(ROUNDS):
        short = max((_loss(plan, one, best=best) - within for one in plans_m2), default=0.0)
        if short <= 0 or ratio <= 0:
            break
        ratio = max(ratio - 1.5 * short, 0.0)
        plans_m2 = _different(plan, _searched(plan, board, count=count, within_ratio=ratio))
    plans_m2 = [one for one in plans_m2 if _loss(plan, one, best=best) <= within]
    most_m2 = _most_moved_m2(plan, board, bound_ratio)
    notes = remarks(plan)
    if len(plans_m2) < count:
        notes = (_why_fewer(len(plans_m2), within_pct=within_pct, most_m2=most_m2), *notes)
    apart = [[difference(a, b) for b in (plan.gfa_m2, *plans_m2)] for a in (plan.gfa_m2, *plans_m2)]
    return Options(
        "feasible",
        within_pct,
        best / max(plan.total_gfa_m2, 1) * 100,
        mean_suitability(plan, plan.gfa_m2),
        (1 - _loss(plan, plan.gfa_m2, best=best)) * 100,
        tuple(_alternative(plan, plans_m2, number, best=best) for number in range(len(plans_m2))),
        np.array([[one.moved_m2 for one in row] for row in apart]),
        np.array([[one.parcels for one in row] for row in apart]),
        most_m2,
        notes,
    )


def _nothing(within_pct: float) -> Options:
    none = np.zeros((1, 1), dtype=np.int64)
    note = sentence("Nothing fits yet, so there is nothing to choose from.")
    nan = math.nan
    return Options("infeasible", within_pct, nan, nan, nan, (), none, none, nan, (note,))


def _searched(plan: Plan, board: Board, *, count: int, within_ratio: float) -> Alternatives:
    order = plan.parcels.id_order
    return alternatives(
        board.held_m2,
        scores_of(plan)[order],
        board.target_m2,
        present_m2=(plan.gfa_m2 * plan.far_ratio)[order],
        count=count,
        within_ratio=within_ratio,
        upper_m2=board.upper_m2,
        lower_m2=board.lower_m2,
    )


def _different(plan: Plan, found: Alternatives) -> list[Integers]:
    """Return what was found in whole m², without plans that are the same."""
    plans_m2: list[Integers] = []
    for one in found.plans:
        gfa_m2 = whole_of(plan, one.area_m2)
        seen = (plan.gfa_m2, *plans_m2)
        if gfa_m2 is not None and not any((gfa_m2 == other).all() for other in seen):
            plans_m2.append(gfa_m2)
    return plans_m2


def _loss(plan: Plan, gfa_m2: Integers, *, best: float) -> float:
    """Return the part of the best suitability that a plan lacks."""
    worth = mean_suitability(plan, gfa_m2) / 100 * max(plan.total_gfa_m2, 1)
    return 0.0 if best <= 0 else (best - worth) / best


def _most_moved_m2(plan: Plan, board: Board, bound_ratio: float) -> float:
    """Turn a bound on the FAR area that stands elsewhere into one on GFA.

    With D_k the FAR area of use k that moves, ``sum D_k <= B sum T_k`` and ``D_k <= T_k``; the
    most of ``sum D_k / r_k`` takes the uses with the least FAR area per m² of GFA first.
    """
    left_m2 = bound_ratio * float(board.target_m2.sum())
    most_m2 = 0.0
    for use in np.argsort(plan.far_ratio, kind="stable").tolist():
        taken_m2 = min(left_m2, float(board.target_m2[use]))
        most_m2 += taken_m2 / float(plan.far_ratio[use])
        left_m2 -= taken_m2
    return most_m2


def _why_fewer(found: int, *, within_pct: float, most_m2: float) -> Text:
    return sentence(
        "Only {found} other plan(s) within {within:g} % of the best were found. No such plan "
        "can differ from the present one by more than {most:,.0f} m² (proven).",
        found=found,
        within=within_pct,
        most=most_m2,
    )


def _alternative(plan: Plan, plans_m2: list[Integers], number: int, *, best: float) -> Alternative:
    gfa_m2 = plans_m2[number]
    others_m2 = [other for other in plans_m2 if other is not gfa_m2]
    return Alternative(
        gfa_m2,
        taken(plan, gfa_m2, name=f"alternative {number + 1}"),
        mean_suitability(plan, gfa_m2),
        (1 - _loss(plan, gfa_m2, best=best)) * 100,
        difference(plan.gfa_m2, gfa_m2),
        said_of_plan(plan, gfa_m2, others_m2=others_m2),
        (*said_of_uses(plan, gfa_m2), *said_of_distances(plan, gfa_m2)),
    )
