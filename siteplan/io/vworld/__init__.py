"""VWorld's data service: official parcels by 동 code, PNU or box.

`fetch_parcels` is the whole of it for most; `fetch` gives the features as received. What the
service is and how it answers: its Data API 2.0 as public clients use it. siteplan asks one
request at a time, keeps replies on disk for 30 days, and goes on from them when it was broken off.
"""

from __future__ import annotations

from siteplan.io.vworld.areas import DONGS, Area, parsed_area
from siteplan.io.vworld.cache import Cache, default_cache_folder
from siteplan.io.vworld.collection import check_ending, write_collection
from siteplan.io.vworld.download import Pace, Progress
from siteplan.io.vworld.fetched import LAYERS, Fetched, cache_at, fetch, fetch_parcels
from siteplan.io.vworld.service import Service, default_url

__all__ = [
    "DONGS",
    "LAYERS",
    "Area",
    "Cache",
    "Fetched",
    "Pace",
    "Progress",
    "Service",
    "cache_at",
    "check_ending",
    "default_cache_folder",
    "default_url",
    "fetch",
    "fetch_parcels",
    "parsed_area",
    "write_collection",
]
