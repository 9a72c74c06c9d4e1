"""What differs between two plans of the same parcels, in planners' words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siteplan.explain import ParcelName
from siteplan.text import Joined, Label, Text, sentence
from siteplan.uses import ALL_USES

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.evaluation import Plan

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]

PLACES: dict[str, Label] = {
    "station": Label("역", "a station"),
    "main_road": Label("간선도로", "a main road"),
    "nature": Label("하천·공원", "stream or park"),
    "ai_hub": Label("서울 AI 허브", "today's AI Hub"),
}
"""What distances are measured to, by criterion."""

MOST_PARCELS_SAID = 2

LEAST_SHIFT_M = 10.0
"""Changes of a mean distance below this are not worth a word."""


@dataclass(frozen=True, eq=False)
class Difference:
    """What one plan has otherwise than another.

    Parameters
    ----------
    moved_m2 : int
        GFA that stands elsewhere, ``sum (after - before)+``; totals are equal, so it is also what
        left.
    parcels : int
        Parcels that hold something else.
    by_use_m2 : tuple of int, k values
        Parts of `moved_m2`.
    """

    moved_m2: int
    parcels: int
    by_use_m2: tuple[int, ...]


def difference(before_m2: Integers, after_m2: Integers) -> Difference:
    """Compare the GFA of two plans, each of shape (n, k)."""
    placed_m2 = np.maximum(after_m2 - before_m2, 0)
    return Difference(
        int(placed_m2.sum()),
        int((after_m2 != before_m2).any(axis=1).sum()),
        tuple(placed_m2.sum(axis=0).tolist()),
    )


def said_of_plan(plan: Plan, gfa_m2: Integers, *, others_m2: list[Integers]) -> Text:
    """Return one sentence that sets a plan apart from the present one and from others.

    It names the use and the parcel where the plan has most more than any of them, and the parcel
    that gives up most of this use; then how this use lies, where that changes.

    Parameters
    ----------
    plan : Plan
        The present one.
    gfa_m2 : ndarray of int, shape (n, k)
        The plan to speak of.
    others_m2 : list of ndarray, each of shape (n, k)
        Plans to set it apart from, beside the present one.
    """
    order = plan.parcels.id_order
    more_m2 = (gfa_m2 - np.max([plan.gfa_m2, *others_m2], axis=0))[order]
    change_m2 = (gfa_m2 - plan.gfa_m2)[order]
    if not change_m2.any():
        return sentence("The present plan.")
    # Where nothing stands out from all others, the largest gain does it.
    place, use = np.unravel_index(
        int((more_m2 if more_m2.max() > 0 else change_m2).argmax()), change_m2.shape
    )
    giver = int(change_m2[:, use].argmin())
    said = sentence(
        "Puts {gain:,} m² more {use} on {to}, and takes {loss:,} m² of it off {off}.",
        gain=int(change_m2[place, use]),
        use=ALL_USES[use].label,
        to=ParcelName(plan.parcels, int(order[place])),
        loss=int(-change_m2[giver, use]),
        off=ParcelName(plan.parcels, int(order[giver])),
    )
    shifts = said_of_distances(plan, gfa_m2)
    return said if not shifts else Text("{what} {where}", {"what": said, "where": shifts[0]})


def said_of_uses(plan: Plan, gfa_m2: Integers) -> tuple[Text, ...]:
    """Return a sentence for each use that moves: how much, and which parcels gain and lose most."""
    order = plan.parcels.id_order
    change_m2 = (gfa_m2 - plan.gfa_m2)[order]
    said = []
    for column, use in enumerate(ALL_USES):
        moved_m2 = int(np.maximum(change_m2[:, column], 0).sum())
        if moved_m2:
            said.append(
                sentence(
                    "{use}: {moved:,} m² stand elsewhere. More on {gains}; less on {losses}.",
                    use=use.label,
                    moved=moved_m2,
                    gains=_largest(plan, change_m2[:, column], sign=1),
                    losses=_largest(plan, change_m2[:, column], sign=-1),
                )
            )
    return tuple(said)


def _largest(plan: Plan, change_m2: Integers, *, sign: int) -> Joined:
    """Name the parcels that gain (sign 1) or lose (-1) most of a use; rows in the order of ids."""
    order = plan.parcels.id_order
    there = np.flatnonzero(sign * change_m2 > 0)
    first = there[np.argsort(-sign * change_m2[there], kind="stable")][:MOST_PARCELS_SAID]
    parts = [
        Text(
            "{parcel} ({change:+,} m²)",
            {
                "parcel": ParcelName(plan.parcels, int(order[row])),
                "change": int(change_m2[row]),
            },
        )
        for row in first.tolist()
    ]
    if len(there) > MOST_PARCELS_SAID:
        parts.append(sentence("{count} more", count=len(there) - MOST_PARCELS_SAID))
    return Joined(tuple(parts))


def said_of_distances(plan: Plan, gfa_m2: Integers) -> tuple[Text, ...]:
    """Return how far the uses lie from what counts, where it changes; the largest change first.

    Means over a use's GFA of the distance of its parcel's outline.
    """
    order = plan.parcels.id_order
    found: list[tuple[float, Text]] = []
    for column, use in enumerate(ALL_USES):
        total_m2 = int(gfa_m2[:, column].sum())
        for criterion, distance_m in plan.suitability.distance_m.items():
            if total_m2 == 0 or plan.scenario.weights[use.key][criterion] == 0:
                continue
            change_m2 = (gfa_m2 - plan.gfa_m2)[order, column]
            shift_m = float(distance_m[order] @ change_m2) / total_m2
            before_m = float(distance_m[order] @ plan.gfa_m2[order, column]) / total_m2
            if abs(shift_m) >= LEAST_SHIFT_M:
                found.append(
                    (abs(shift_m), _said_of_shift(use.label, criterion, before_m, shift_m))
                )
    return tuple(text for _, text in sorted(found, key=lambda one: -one[0]))


def _said_of_shift(use: Label, criterion: str, before_m: float, shift_m: float) -> Text:
    figures = {
        "use": use,
        "change": round(abs(shift_m)),
        "place": PLACES[criterion],
        "before": before_m,
        "after": before_m + shift_m,
    }
    if shift_m < 0:
        return sentence(
            "{use} lies {change:,} m nearer to {place} on average "
            "({before:,.0f} m → {after:,.0f} m).",
            **figures,
        )
    return sentence(
        "{use} lies {change:,} m farther from {place} on average "
        "({before:,.0f} m → {after:,.0f} m).",
        **figures,
    )
