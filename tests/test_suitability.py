"""Suitability by hand.

    station            a (0 m)        b (100 m)       c (200 m)
       *---------------[   ]----------[   ]-----------[   ]

Three lots of 100 m in a row and a station on the west edge of the first.
"""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from siteplan.context import Context, Feature
from siteplan.ledger import shipped_ledger
from siteplan.scenario import DEFAULT_WEIGHTS, Scenario
from siteplan.suitability import EVEN_SCORE, suitability_of
from siteplan.uses import USES
from tests.studies import EAST_M, NORTH_M, row_of_lots

STATION = Feature("station", "역", "Station", shapely.Point(EAST_M, NORTH_M + 50))
ROAD = Feature(
    "road", "길", "Road", shapely.box(EAST_M + 300, NORTH_M, EAST_M + 350, NORTH_M + 100)
)
LEDGER = shipped_ledger().with_overrides({"reach_m.station": 1000, "reach_m.main_road": 400})


def weights(**of_research: float) -> dict[str, dict[str, float]]:
    none = dict.fromkeys(DEFAULT_WEIGHTS["research"], 0.0)
    return {use: {**none, **of_research} if use == "research" else none for use in USES}


def test_distances_are_from_edge_to_nearest_feature() -> None:
    parcels = row_of_lots(["준주거지역"] * 3, context=Context((STATION, ROAD)))
    assert parcels.criterion_distances_m["station"].tolist() == pytest.approx([0, 100, 200])
    assert parcels.criterion_distances_m["main_road"].tolist() == pytest.approx([200, 100, 0])
    assert set(parcels.criterion_distances_m) == {"station", "main_road"}


def test_a_score_is_the_weighted_mean_and_negative_weights_ask_for_distance() -> None:
    parcels = row_of_lots(["준주거지역"] * 3, context=Context((STATION, ROAD)))
    found = suitability_of(
        parcels.criterion_distances_m,
        n=3,
        weights=weights(station=0.75, main_road=-0.25),
        ledger=LEDGER,
    )
    # value of station: 1, 0.9, 0.8; of road: 0.5, 0.75, 1 -> far is better: 0.5, 0.25, 0
    expected = [0.75 * 1 + 0.25 * 0.5, 0.75 * 0.9 + 0.25 * 0.25, 0.75 * 0.8]
    assert found.score[:, 0].tolist() == pytest.approx(expected)
    assert found.score[:, 1].tolist() == [EVEN_SCORE] * 3


def test_beyond_reach_a_criterion_counts_zero() -> None:
    found = suitability_of(
        {"station": np.array([999.0, 1000.0, 5000.0])},
        n=3,
        weights=weights(station=1),
        ledger=LEDGER,
    )
    assert found.score[:, 0].tolist() == pytest.approx([0.001, 0, 0])


def test_unknown_surroundings_are_even() -> None:
    parcels = row_of_lots(["준주거지역"])
    found = suitability_of(
        parcels.criterion_distances_m, n=1, weights=Scenario().weights, ledger=LEDGER
    )
    assert found.score.tolist() == [[EVEN_SCORE] * len(USES)]
