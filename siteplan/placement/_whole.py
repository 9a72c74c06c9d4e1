"""Whole square metres of a placement, and what they are worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteplan.allocation import whole_m2
from siteplan.approach import Near, Practical, Together
from siteplan.placement._approaches import earlier_plan_m2, neighbours_in_order
from siteplan.placement._case import Case, Solved
from siteplan.uses import USES

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.programme import Programme
    from siteplan.suitability import Suitability

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]


def whole_gfa_m2(case: Case, solved: Solved) -> Integers | None:
    """Return whole m² of GFA, rows in the order of ids; None where nothing fits."""
    ratio, room = case.far_ratio, case.room
    gfa_m2 = solved.area_m2 / ratio
    most_m2 = np.where(case.score > -np.inf, np.inf, 0.0)
    least_m2 = None
    if room.max_gfa_m2 is not None and room.min_gfa_m2 is not None:
        most_m2 = np.minimum(most_m2, room.max_gfa_m2[case.order])
        least_m2 = room.min_gfa_m2[case.order]
    programme = case.scenario.programme
    totals_m2 = whole_totals_m2(gfa_m2.sum(axis=0), programme)
    ways = [(most_m2, least_m2, False)]
    if solved.stays:
        # A buildable plan is rounded within the cells that it uses and the bounds of its rules;
        # otherwise only where that fails.
        kept = _within_rules(case, gfa_m2, most_m2, least_m2)
        ways = [(*kept, True), (most_m2, least_m2, True), *ways]
    for upper_m2, lower_m2, only_used in ways:
        whole = whole_m2(
            gfa_m2,
            far_ratio=ratio,
            capacity_m2=case.held_m2,
            target_gfa_m2=totals_m2,
            upper_gfa_m2=upper_m2,
            lower_gfa_m2=lower_m2,
            score=case.score * ratio,
            only_used=only_used,
        )
        if whole is not None:
            return whole
    return None


def _within_rules(
    case: Case, gfa_m2: Floats, most_m2: Floats, least_m2: Floats | None
) -> tuple[Floats, Floats]:
    """Narrow bounds to what the rules for buildable parcels ask of the cells that a plan uses.

    Cells that the planner's own limits hold outside a rule keep what they hold.
    """
    rules = case.scenario.approach
    least_m2 = np.zeros_like(gfa_m2) if least_m2 is None else least_m2
    if not isinstance(rules, Practical):
        return most_m2, least_m2
    block_m2 = np.array([rules.min_block_m2.get(use, 0) for use in USES], dtype=float)
    share = np.array([rules.max_share_pct.get(use, 100.0) for use in USES]) / 100
    held_m2 = case.held_m2[:, None] * share / case.far_ratio
    most_m2 = np.where(
        gfa_m2 <= held_m2 + 0.5, np.minimum(most_m2, np.floor(held_m2 + 1e-6)), most_m2
    )
    stands = (gfa_m2 >= block_m2 - 0.5) & (gfa_m2 >= 0.5) & (block_m2 <= most_m2)
    return most_m2, np.where(stands, np.maximum(least_m2, block_m2), least_m2)


def whole_totals_m2(totals_m2: Floats, programme: Programme) -> Integers:
    """Return whole totals by use that sum to the programme's total and keep its bounds."""
    bounds = np.array(programme.bounds_m2(), dtype=np.int64)
    whole = np.clip(np.floor(totals_m2 + 1e-6).astype(np.int64), bounds[:, 0], bounds[:, 1])
    for column in np.argsort(-(totals_m2 - whole), kind="stable").tolist():
        missing = programme.total_gfa_m2 - int(whole.sum())
        whole[column] += min(max(missing, 0), int(bounds[column, 1] - whole[column]))
    return whole


def objective_of(
    case: Case, gfa_m2: Integers, solved: Solved, *, suitability: Suitability
) -> float:
    """Return what the approach maximises, of the answer in whole m²."""
    worth = float((suitability.score[case.order] * gfa_m2).sum())
    approach = case.scenario.approach
    if isinstance(approach, Near):
        earlier_m2 = earlier_plan_m2(case.parcels, approach)[0][case.order]
        moved_m2 = (np.maximum(gfa_m2 - earlier_m2, 0) * case.far_ratio).sum()
        return worth - solved.price * float(moved_m2)
    if isinstance(approach, Together):
        from siteplan.allocation.together import shared_use_m

        pairs, length_m = neighbours_in_order(case)
        shared_m = shared_use_m(
            gfa_m2 * case.far_ratio, case.held_m2, pairs=pairs, length_m=length_m
        )
        return worth + approach.worth_m2_per_m * shared_m
    return worth
