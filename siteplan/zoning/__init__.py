"""Zoning polygons laid over parcels: which zones each parcel lies in, and by which shares.

`zones_from_frame` takes the polygons of a file, `zone_shares` measures, `zoned` gives parcels
their zones, and `register_straddlers` reads what the land register alone can tell.
"""

from __future__ import annotations

from siteplan.zoning._overlay import check_register_zones, register_straddlers, zoned
from siteplan.zoning._polygons import NAME_COLUMNS, Zones, zones_from_frame
from siteplan.zoning._shares import SLIVER_M2, SLIVER_WIDTH_M, ZoneShares, zone_shares

__all__ = [
    "NAME_COLUMNS",
    "SLIVER_M2",
    "SLIVER_WIDTH_M",
    "ZoneShares",
    "Zones",
    "check_register_zones",
    "register_straddlers",
    "zone_shares",
    "zoned",
    "zones_from_frame",
]
