"""The figures behind the charts: every m² once, and no more demand than offer."""

from __future__ import annotations

import pytest

from siteplan.app.widgets.charts import demand_rows, storey_rows
from siteplan.evaluation import evaluate
from siteplan.io import default_scenario, read_parcels

PARCELS = read_parcels()
PLAN = evaluate(PARCELS, default_scenario(PARCELS))


def test_storeys_add_up_to_the_programme_and_stand_in_order() -> None:
    rows = storey_rows(PLAN)
    assert sum(row["area_m2"] for row in rows) == 270_000
    floors = [row["floor"] for row in rows]
    assert floors == sorted(floors, reverse=True)
    assert max(floors) == PLAN.floors.max()


def test_a_use_never_takes_more_than_its_parcels_offer() -> None:
    rows = demand_rows(PLAN)
    assert [row["use"] for row in rows] == ["research", "campus", "housing", "culture"]
    for row in rows:
        assert 0 < row["asked_m2"] <= row["offered_m2"]
    assert sum(row["asked_m2"] for row in rows) == pytest.approx(PLAN.far_area_m2.sum(), abs=4)
