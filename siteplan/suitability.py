"""How well each use sits on each parcel: named criteria, each with its weight.

A criterion's value falls in a straight line from 1 at the feature to 0 at its reach
(``reach_m.*`` in the ledger). A use's score is the weighted mean of the values; a negative weight
asks for distance and counts 1 minus the value. Weights are decisions of the scenario.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siteplan.context import CRITERIA
from siteplan.text import Label
from siteplan.uses import USES

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.ledger import Ledger

    Floats = npt.NDArray[np.float64]

CRITERION_LABELS: dict[str, Label] = {
    "station": Label("역 접근성", "Near a station"),
    "main_road": Label("간선도로 접근성", "Near a main road"),
    "nature": Label("하천·공원 접근성", "Near stream or park"),
    "ai_hub": Label("서울 AI 허브 접근성", "Near today's AI Hub"),
}

EVEN_SCORE = 0.5
"""Score of a use whose weights are all zero, and of parcels whose surroundings are unknown."""


@dataclass(frozen=True, eq=False)
class Suitability:
    """Scores and the values that they come from.

    Parameters
    ----------
    score : ndarray, shape (n, k)
        0 to 1, by parcel and use.
    value : dict of str to ndarray, shape (n,)
        0 to 1, by criterion that the surroundings know.
    distance_m : dict of str to ndarray, shape (n,)
    """

    score: Floats
    value: Mapping[str, Floats]
    distance_m: Mapping[str, Floats]


def suitability_of(
    distance_m: Mapping[str, Floats],
    *,
    n: int,
    weights: Mapping[str, Mapping[str, float]],
    ledger: Ledger,
) -> Suitability:
    """Return the score of each use on each parcel.

    Parameters
    ----------
    distance_m : Mapping[str, ndarray of shape (n,)]
        Distance to each criterion's nearest feature, metres.
    n : int
        Number of parcels, needed when no distance is known.
    weights : Mapping[str, Mapping[str, float]]
        By use and criterion, -1 to 1.
    ledger : Ledger
        Holds ``reach_m.<criterion>``.
    """
    value = {
        criterion: np.clip(1 - distance_m[criterion] / ledger.value(f"reach_m.{criterion}"), 0, 1)
        for criterion in CRITERIA
        if criterion in distance_m
    }
    score = np.full((n, len(USES)), EVEN_SCORE)
    for column, use in enumerate(USES):
        row = {c: weights[use][c] for c in value if weights[use][c] != 0}
        if row:
            total = sum(abs(weight) for weight in row.values())
            score[:, column] = sum(
                abs(w) * (value[c] if w > 0 else 1 - value[c]) for c, w in row.items()
            ) / np.float64(total)
    return Suitability(score=score, value=value, distance_m=dict(distance_m))
