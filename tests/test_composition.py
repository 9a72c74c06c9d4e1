"""GFA is FAR area, parking and other basements, to the square metre."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteplan.composition import check_parking, compose, stalls_per_m2
from siteplan.evaluation import evaluate
from siteplan.io import default_scenario, read_parcels
from siteplan.ledger import shipped_ledger
from siteplan.uses import USES

LEDGER = shipped_ledger()


def test_stalls_by_hand() -> None:
    # Research and campus 1 / 200 m², culture 1 / 100 m². Housing: of 1,000 m² of GFA 740 are
    # supply area, 0.76 of it exclusive, 562.4 m²: 7.50 stalls by area, 740 / 112 = 6.6 by homes.
    asked = dict(zip(USES, (stalls_per_m2(LEDGER) * 1_000).tolist(), strict=True))
    assert asked["research"] == pytest.approx(5)
    assert asked["campus"] == pytest.approx(5)
    assert asked["culture"] == pytest.approx(10)
    assert asked["housing"] == pytest.approx(562.4 / 75)


def test_small_homes_are_counted_by_the_home() -> None:
    small = LEDGER.with_overrides({"m2_per_household.housing": 60})
    assert stalls_per_m2(small)[USES.index("housing")] == pytest.approx(0.74 / 60)


def test_one_parcel_by_hand() -> None:
    # 10,000 m² of research: 7,000 FAR area, 50 stalls of 37.5 m² = 1,875 of the 3,000 below.
    found = compose(np.array([[10_000, 0, 0, 0]]), ledger=LEDGER)
    assert found.far_m2.tolist() == [[7_000, 0, 0, 0]]
    assert found.stalls.tolist() == [50]
    assert found.parking_m2.tolist() == [1_875]
    assert found.below_m2.tolist() == [3_000]
    assert found.short_m2.tolist() == [0]
    assert "fits into the 3,000 m²" in str(found.summary)


def test_a_need_that_does_not_fit_is_said_plainly() -> None:
    tight = LEDGER.with_overrides({"far_ratio.culture": 0.9})
    found = compose(np.array([[0, 0, 0, 10_000]]), ledger=tight)
    # 100 stalls are 3,750 m², and FAR leaves 1,000.
    assert found.short_m2.tolist() == [2_750]
    assert "does not fit" in str(found.summary)
    assert "2,750 m² are missing" in str(found.summary)
    assert "0.62" in str(found.summary)
    (issue,) = check_parking(found, ids=("a",))
    assert issue.code == "parking_short"
    assert "2,750 m²" in str(issue.message)
    assert found.parking_below_m2.tolist() == [1_000]


def test_parking_above_ground_is_not_far_area_and_keeps_to_the_room_above() -> None:
    half = LEDGER.with_overrides({"underground_share.parking": 0.6})
    gfa_m2 = np.array([[10_000, 0, 0, 0]])
    assert compose(gfa_m2, ledger=half).parking_above_m2.tolist() == [750]
    full = compose(gfa_m2, ledger=half, most_above_m2=np.array([7_100.0]))
    assert full.parking_above_m2.tolist() == [100]
    assert full.below_m2.tolist() == [2_900]


@given(
    gfa_m2=st.lists(st.integers(0, 90_000), min_size=4, max_size=4),
    underground=st.floats(0.01, 1),
)
def test_the_parts_add_up_exactly(gfa_m2: list[int], underground: float) -> None:
    ledger = LEDGER.with_overrides({"underground_share.parking": underground})
    found = compose(np.array([gfa_m2], dtype=np.int64), ledger=ledger)
    above_m2 = int(found.far_m2.sum() + found.parking_above_m2.sum())
    assert above_m2 + int(found.below_m2[0]) == sum(gfa_m2)
    assert found.below_m2[0] >= found.parking_below_m2[0] >= 0
    placed_m2 = found.parking_above_m2 + found.parking_below_m2 + found.short_m2
    assert placed_m2.tolist() == found.parking_m2.tolist()
    assert (found.far_m2.sum() == 0) == (sum(gfa_m2) == 0)


def test_the_shipped_plan_adds_up_and_agrees_with_the_metrics() -> None:
    parcels = read_parcels()
    plan = evaluate(parcels, default_scenario(parcels))
    whole = plan.composition.whole
    assert whole.gfa_m2 == 270_000
    assert whole.far_m2 + whole.not_far_m2 == 270_000
    # Whole square metres: less than one lost for each use on each parcel.
    assert 0 <= plan.far_area_m2.sum() - whole.far_m2 < (plan.gfa_m2 > 0).sum()
    stalls = {metric.key: metric.value for metric in plan.metrics}["parking_stalls"]
    assert float(plan.composition.use_stalls.sum()) == pytest.approx(stalls)
