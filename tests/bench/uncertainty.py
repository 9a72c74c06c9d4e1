"""Uncertainty: 1,000 draws at 500 parcels, vectorised, against a loop over `evaluate`.

Run from the project's folder: ``python tests/bench/uncertainty.py``.
"""

from __future__ import annotations

import time
from dataclasses import replace

import geopandas as gpd
import numpy as np
import shapely

from siteplan.context import CRITERIA
from siteplan.evaluation import Plan, evaluate
from siteplan.parcels import Parcels
from siteplan.programme import Programme
from siteplan.scenario import Scenario
from siteplan.uncertainty import drawn_factors, uncertainty_of

PARCELS, DRAWS, LOOPED = 500, 1000, 40
WANTED_RATIO = 50
SHARES_PCT = {"research": 45, "campus": 25, "housing": 20, "culture": 10}


def study(parcels: int) -> Plan:
    """Return a plan on lots of 30 m by 30 to 60 m in a grid, filled to two thirds."""
    side_m = np.random.default_rng(1).uniform(30, 60, size=parcels)
    boxes = [
        shapely.box(x, y, x + 30, y + side)
        for x, y, side in zip(
            203_000 + 40 * (np.arange(parcels) % 25),
            540_000 + 80 * (np.arange(parcels) // 25),
            side_m,
            strict=True,
        )
    ]
    frame = gpd.GeoDataFrame(
        {
            "parcel_id": [f"p{i}" for i in range(parcels)],
            "zone": "준주거지역",
            "zone_verified": True,
            "evidence": "official",
        },
        geometry=boxes,
        crs=5186,
    )
    total_m2 = int(side_m.sum() * 30 * 4 * 2 / 3)
    scenario = Scenario(
        programme=Programme.from_shares(total_m2, SHARES_PCT),
        weights={use: dict.fromkeys(CRITERIA, 0.25) for use in SHARES_PCT},
    )
    return evaluate(Parcels.from_frame(frame), scenario)


def seconds_vectorised(plan: Plan) -> float:
    """Return the median of five runs, after one to warm up."""
    uncertainty_of(plan, draws=DRAWS)
    took = []
    for _ in range(5):
        start = time.perf_counter()
        assert uncertainty_of(plan, draws=DRAWS).bands
        took.append(time.perf_counter() - start)
    return float(np.median(took))


def seconds_looped(plan: Plan) -> float:
    """Return the seconds of DRAWS evaluations, from the mean of the first LOOPED."""
    drawn = drawn_factors(plan.ledger, draws=LOOPED, seed=1)
    start = time.perf_counter()
    for i in range(LOOPED):
        factors = {key: float(values[i]) for key, values in drawn.items()}
        assert evaluate(plan.parcels, replace(plan.scenario, factors=factors)).metrics
    return (time.perf_counter() - start) / LOOPED * DRAWS


def main() -> None:
    """Print both times and their ratio; fail below the ratio that was asked for."""
    plan = study(PARCELS)
    fast_s, slow_s = seconds_vectorised(plan), seconds_looped(plan)
    ratio = slow_s / fast_s
    print(f"{PARCELS} parcels ({plan.status}), {DRAWS} draws")
    print(f"vectorised            {fast_s * 1000:10.1f} ms")
    print(f"loop over evaluate    {slow_s * 1000:10.1f} ms (from {LOOPED} draws)")
    print(f"ratio                 {ratio:10.0f} ×  (asked for: {WANTED_RATIO} ×)")
    if ratio < WANTED_RATIO:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
