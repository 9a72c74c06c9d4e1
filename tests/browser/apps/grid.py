"""Made-up parcels for the map's tests: a grid of lots with a little of everything round it."""

from __future__ import annotations

import numpy as np
import shapely

from siteplan.context import Context, Feature
from siteplan.evaluation import Plan, evaluate
from siteplan.parcels import Parcels
from siteplan.programme import Programme
from siteplan.scenario import ParcelDecision, Scenario

NASTY = "</script><script>window.nasty=1</script><img src=x onerror=window.nasty=1>{{ 7*7 }}"
EAST_M, NORTH_M, SIDE_M = 203_000.0, 541_500.0, 60.0
ZONES = ("제2종일반주거지역", "준주거지역", "일반상업지역")


def grid_parcels(count: int = 100, *, name: str = NASTY) -> Parcels:
    """Lots of 50 m × 50 m in rows, the first one with a name that tries to be HTML."""
    across = int(np.ceil(np.sqrt(count)))
    row, column = np.divmod(np.arange(count), across)
    west, south = EAST_M + column * SIDE_M, NORTH_M + row * SIDE_M
    geometry = shapely.box(west, south, west + 50, south + 50)
    names = (name, *(f"필지 {i}" for i in range(1, count)))
    return Parcels(
        ids=tuple(f"lot-{i}" for i in range(count)),
        geometry=geometry,
        site_area_m2=shapely.area(geometry),
        zones=tuple(ZONES[i % len(ZONES)] for i in range(count)),
        zone_verified=np.ones(count, dtype=bool),
        evidence=tuple("schematic" if i % 3 else "official" for i in range(count)),
        pnus=(None,) * count,
        jibuns=tuple(f"양재동 {i}" for i in range(count)),
        names_ko=names,
        names_en=tuple(name if i == 0 else f"Lot {i}" for i in range(count)),
        sources=(None,) * count,
        context=grid_context(across * SIDE_M),
    )


def grid_context(side_m: float) -> Context:
    """A road, a stream, a park, a station, a place and a district round the grid."""
    west, south = EAST_M, NORTH_M
    road = shapely.LineString([(west - 60, south - 40), (west + side_m + 60, south - 20)])
    stream = shapely.LineString([(west - 30, south - 60), (west - 40, south + side_m)])
    park = shapely.box(west + side_m, south, west + side_m + 120, south + side_m / 2)
    return Context(
        (
            Feature("district", "양재동", "Yangjae-dong", park.envelope.buffer(side_m / 2)),
            Feature("road", "강남대로", "Gangnam-daero", road.buffer(12)),
            Feature("stream", "양재천", "Yangjaecheon", stream.buffer(10)),
            Feature("park", "시민의숲", "Citizens' Forest", park),
            Feature("station", "양재역", "Yangjae", shapely.Point(west - 50, south - 35)),
            Feature("place", NASTY, NASTY, shapely.Point(west + side_m + 50, south + side_m)),
        )
    )


def grid_plan(parcels: Parcels, *, research_pct: float = 45.0, total_m2: int | None = None) -> Plan:
    """Evaluate the grid with a share for research; the others share the rest as 5 : 4 : 2."""
    total_m2 = 2_500 * len(parcels) if total_m2 is None else total_m2
    rest = (100 - research_pct) / 11
    shares = {
        "research": research_pct,
        "campus": 5 * rest,
        "housing": 4 * rest,
        "culture": 2 * rest,
    }
    scenario = Scenario(
        name="Grid",
        programme=Programme.from_shares(total_m2, shares),
        decisions={parcels.ids[-1]: ParcelDecision(available_pct=0)},
    )
    return evaluate(parcels, scenario)
