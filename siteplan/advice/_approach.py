"""What the approach of a scenario costs against the most suitable plan, and how it is proven."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from siteplan.advice._study import best_of, wish_of
from siteplan.advice._taken import mean_suitability
from siteplan.approach import Near
from siteplan.explain import ParcelName
from siteplan.placement import PROVEN_GAP, earlier_plan_m2
from siteplan.text import Text, sentence

if TYPE_CHECKING:
    from siteplan.evaluation import Plan

LEAST_POINTS = 0.005
"""Losses of mean suitability (0 to 100) below this are whole square metres, not the approach."""


@dataclass(frozen=True, eq=False)
class ApproachCost:
    """What an approach costs.

    Parameters
    ----------
    points, best_points : float
        Mean suitability of the plan and the most that any plan under these limits has (proven),
        0 to 100.
    gap_pct : float
        How far the plan may be from the best under its approach at most (proven).
    proof : Text
        The gap in words.
    texts : tuple of Text
        What was lost, what moved, and where a use fills its last floor only in part.
    """

    points: float
    best_points: float
    gap_pct: float
    proof: Text
    texts: tuple[Text, ...]

    @property
    def lost_points(self) -> float:
        """Mean suitability that the approach gives up, 0 to 100."""
        return max(self.best_points - self.points, 0.0)


_kept: WeakKeyDictionary[Plan, ApproachCost] = WeakKeyDictionary()


def approach_cost(plan: Plan) -> ApproachCost | None:
    """Return what the plan's approach costs against the most suitable plan.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    ApproachCost or None
        None where nothing fits. Kept as long as the plan is.
    """
    if plan.status == "infeasible":
        return None
    if plan not in _kept:
        _kept[plan] = _cost(plan)
    return _kept[plan]


def _cost(plan: Plan) -> ApproachCost:
    points = mean_suitability(plan, plan.gfa_m2)
    best_points = max(_most_worth(plan) / max(plan.total_gfa_m2, 1) * 100, points)
    texts = [_said_of_loss(points, best_points)]
    texts += _said_of_moves(plan)
    for issue in plan.issues:
        if issue.code == "part_floor":
            row = plan.parcels.index[issue.parcel_ids[0]]
            texts.append(
                sentence(
                    "{use} fills its last floor only in part on {parcel}, so that its total is "
                    "exact.",
                    use=issue.details["use"],
                    parcel=ParcelName(plan.parcels, row),
                )
            )
    return ApproachCost(points, best_points, plan.gap_pct, _proof(plan), tuple(texts))


def _most_worth(plan: Plan) -> float:
    """Return what no plan under these limits exceeds in Σ score × GFA (proven)."""
    if plan.scenario.approach is None:
        return plan.bound
    wish = wish_of(plan.scenario.programme, far_ratio=plan.far_ratio)
    best, _ = best_of(plan, wish, plan.room)
    return best.bound


def _proof(plan: Plan) -> Text:
    # Whole square metres cost far less than a hundredth of a percent.
    if plan.status == "optimal" and plan.gap_pct <= max(PROVEN_GAP * 100, 0.005):
        return sentence("Proven: no plan serves this better.")
    return sentence(
        "Proven: no plan serves this better by more than {gap:.2f} %.",
        gap=max(plan.gap_pct, 0.01),
    )


def _said_of_loss(points: float, best_points: float) -> Text:
    lost = best_points - points
    if lost < LEAST_POINTS:
        return sentence(
            "Mean suitability {points:.2f} of 100: as much as the most suitable plan has.",
            points=points,
        )
    return sentence(
        "Mean suitability {points:.2f} of 100, {lost:.2f} less than the most suitable plan "
        "({best:.2f}): {pct:.1f} % given up.",
        points=points,
        lost=lost,
        best=best_points,
        pct=lost / best_points * 100,
    )


def _said_of_moves(plan: Plan) -> list[Text]:
    near = plan.scenario.approach
    if not isinstance(near, Near):
        return []
    earlier_m2, _ = earlier_plan_m2(plan.parcels, near)
    changed = plan.gfa_m2 - earlier_m2
    return [
        sentence(
            "{moved:,} m² stand elsewhere than in the plan before, on {count} parcel(s) something "
            "changed.",
            moved=int(changed.clip(min=0).sum()),
            count=int(changed.any(axis=1).sum()),
        )
    ]
