"""Small studies for the tests: squares of known size, in a row, with zones that we choose."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import shapely

from siteplan.context import Context
from siteplan.parcels import Parcels

EAST_M, NORTH_M = 203_000.0, 540_000.0


def row_of_lots(
    zones: Sequence[str | None],
    *,
    side_m: float = 100.0,
    area_m2: Sequence[float] | None = None,
    context: Context | None = None,
) -> Parcels:
    """Square lots side by side from west to east, called a, b, c …"""
    west = [EAST_M + i * side_m for i in range(len(zones))]
    columns: dict[str, object] = {
        "parcel_id": [chr(ord("a") + i) for i in range(len(zones))],
        "zone": list(zones),
        "zone_verified": True,
        "evidence": "official",
    }
    if area_m2 is not None:
        columns["site_area_m2"] = list(area_m2)
    frame = gpd.GeoDataFrame(
        columns,
        geometry=[shapely.box(x, NORTH_M, x + side_m, NORTH_M + side_m) for x in west],
        crs=5186,
    )
    return Parcels.from_frame(frame, context=context)
