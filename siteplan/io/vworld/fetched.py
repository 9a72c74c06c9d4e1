"""Official parcels and zones of an area from VWorld's data service (Data API 2.0).

How a 동 is asked for: first ``pnu:like:<code>``, which the service's own example page shows for a
shorter code; where the service refuses that or finds nothing, the outline of the 동 is asked for
(layer LT_C_ADEMD_INFO, eight digits of the code, as public clients do) and the tiles that it
meets are. Neither was tried against the service itself.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siteplan.errors import InputError, UsageError
from siteplan.io.vworld.areas import Area, check_size, parsed_area
from siteplan.io.vworld.cache import Cache, default_cache_folder
from siteplan.io.vworld.collection import collection_text
from siteplan.io.vworld.download import Download, Pace, Progress, Query, Row
from siteplan.io.vworld.refusals import Refusal
from siteplan.io.vworld.service import Service
from siteplan.io.vworld.tiles import Box, tiles
from siteplan.issues import Issue
from siteplan.text import Text, sentence

if TYPE_CHECKING:
    import shapely

    from siteplan.parcels import Parcels

LAYERS = {"parcels": "LP_PA_CBND_BUBUN", "zoning": "LT_C_UQ111"}
"""What can be fetched, and the service's name of the layer."""

OUTLINE_LAYER = "LT_C_ADEMD_INFO"

AreaWish = str | Sequence[str] | Sequence[float] | Area


@dataclass(frozen=True)
class Fetched:
    """Features of the service, each once, in the order of their PNU.

    Parameters
    ----------
    layer : str
        "parcels" or "zoning".
    area : str
        What was asked for.
    features : tuple of dict
        GeoJSON features with the service's own properties, and `evidence` and `source`.
    issues : tuple of Issue
    requests, cached : int
        Replies that came from the service and from the cache.
    """

    layer: str
    area: str
    features: tuple[dict[str, Any], ...]
    issues: tuple[Issue, ...]
    requests: int
    cached: int

    def __len__(self) -> int:
        return len(self.features)

    @cached_property
    def text(self) -> str:
        """The features as GeoJSON (RFC 7946), one on a line."""
        return collection_text(self.features)

    def parcels(self) -> Parcels:
        """Return the features as parcels, with what was found while fetching and reading."""
        from siteplan.io.parcels import read_parcels

        read = read_parcels(self.text.encode(), name=f"VWorld {LAYERS[self.layer]}")
        return replace(read, issues=(*self.issues, *read.issues))


def fetch_parcels(
    area: AreaWish,
    *,
    key: str,
    domain: str | None = None,
    url: str | None = None,
    cache: str | os.PathLike[str] | bool = True,
    refresh: bool = False,
    progress: Callable[[Progress], object] | None = None,
) -> Parcels:
    """Return the official parcels of an area from VWorld's data service.

    Parameters
    ----------
    area : str or sequence
        동 codes (10 digits), PNUs (19 digits), or one box west, south, east, north in degrees.
    key : str
        Your own key of the service. It is sent to the service and nowhere else, and not kept.
    domain : str, optional
        As it stands in the key's registration, where the service asks for it.
    url : str, optional
        Address of the service, where it is reached by a relay.
    cache : path or bool
        Folder for replies; True is the person's own cache folder, False keeps nothing.
    refresh : bool
        Ask anew for what the cache holds.
    progress : callable, optional
        Called with a `Progress` after each reply.

    Returns
    -------
    Parcels
        In EPSG:5186, in the order of their PNU; evidence "official".

    Raises
    ------
    InputError
        The area is none, the service refuses or fails, or knows no parcels there.
    """
    service = Service(key, domain) if url is None else Service(key, domain, url)
    return fetch(
        area, service=service, cache=cache_at(wish=cache), refresh=refresh, progress=progress
    ).parcels()


def cache_at(*, wish: str | os.PathLike[str] | bool) -> Cache | None:
    """Return the cache that a person wants: a folder, their own one (True), or none (False)."""
    if isinstance(wish, bool):
        return Cache(default_cache_folder()) if wish else None
    return Cache(Path(wish).expanduser())


def fetch(
    area: AreaWish,
    *,
    service: Service,
    layer: str = "parcels",
    cache: Cache | None = None,
    refresh: bool = False,
    pace: Pace | None = None,
    progress: Callable[[Progress], object] | None = None,
) -> Fetched:
    """Return the features of an area.

    Parameters
    ----------
    area : str, sequence or Area
        See `siteplan.io.vworld.areas.parsed_area`.
    service : Service
    layer : {"parcels", "zoning"}
    cache : Cache or None
    refresh : bool
    pace : Pace, optional
    progress : callable, optional

    Raises
    ------
    InputError
        As `fetch_parcels`.
    UsageError
        There is no such layer, or it cannot be asked for by PNU.
    """
    if layer not in LAYERS:
        raise UsageError(
            sentence(
                "There is no layer {layer}. Use {names}.", layer=layer, names=", ".join(LAYERS)
            )
        )
    wish = area if isinstance(area, Area) else parsed_area(area)
    if layer == "zoning" and wish.pnus:
        raise UsageError(sentence("Zones carry no PNU. Ask for them by a dong code or a box."))
    download = Download(service, cache, refresh=refresh, pace=pace or Pace(), progress=progress)
    rows = [*_box_rows(download, wish, layer=layer), *_pnu_rows(download, wish)]
    for dong in wish.dongs:
        rows += _dong_rows(download, dong) if layer == "parcels" else _zones(download, dong)
    features = _each_once(rows, source=LAYERS[layer])
    if not features:
        raise InputError(
            sentence(
                "The service knows nothing at {area} ({layer}). Check the code or the box.",
                area=str(wish),
                layer=LAYERS[layer],
            )
        )
    return Fetched(
        layer, str(wish), features, _issues(download), download.requests, download.cached
    )


def _box_rows(download: Download, wish: Area, *, layer: str) -> list[Row]:
    if wish.box is None:
        return []
    return download.rows([Query(LAYERS[layer], box) for box in tiles(wish.box)])


def _pnu_rows(download: Download, wish: Area) -> list[Row]:
    """Return the rows of single PNUs; the ones that the service does not know are a finding."""
    if not wish.pnus:
        return []
    layer = LAYERS["parcels"]
    rows = download.rows([Query(layer, attribute=f"pnu:=:{pnu}") for pnu in wish.pnus])
    found = {_pnu(row.feature) for row in rows}
    missing = [pnu for pnu in wish.pnus if pnu not in found]
    if missing:
        details = {"examples": ", ".join(missing[:5]), "missing": len(missing)}
        download.issues.append(Issue("fetch_pnu_unknown", (), details))
    wished = set(wish.pnus)
    return [row for row in rows if _pnu(row.feature) in wished]


def _dong_rows(download: Download, dong: str) -> list[Row]:
    """Return the rows of a 동: by its code, else by the tiles that its outline meets."""
    layer = LAYERS["parcels"]
    try:
        rows = download.rows([Query(layer, attribute=f"pnu:like:{dong}")])
        reason: Text = sentence("nothing was found by it")
    except Refusal as refusal:
        if refusal.is_about_the_key:
            raise
        rows, reason = [], refusal.text
    own = [row for row in rows if _pnu(row.feature).startswith(dong)]
    if own:
        return own
    boxes = _dong_tiles(download, dong)
    rows = download.rows([Query(layer, box) for box in boxes])
    own = [row for row in rows if _pnu(row.feature).startswith(dong)]
    details = {"dong": dong, "reason": reason, "boxes": len(boxes), "others": len(rows) - len(own)}
    download.issues.append(Issue("fetch_by_boxes", (), details))
    return own


def _zones(download: Download, dong: str) -> list[Row]:
    boxes = _dong_tiles(download, dong)
    return download.rows([Query(LAYERS["zoning"], box) for box in boxes])


def _dong_tiles(download: Download, dong: str) -> list[Box]:
    """Return the tiles that the outline of a 동 meets."""
    import shapely

    try:
        rows = download.rows([Query(OUTLINE_LAYER, attribute=f"emd_cd:=:{dong[:8]}")])
    except Refusal as refusal:
        if refusal.is_about_the_key:
            raise
        rows = []
    outline = shapely.union_all([_shape(row.feature) for row in rows])
    if outline.is_empty:
        raise InputError(
            sentence(
                "The service does not know the dong {dong}. Check the code, or name a box as "
                "WEST,SOUTH,EAST,NORTH in degrees.",
                dong=dong,
            )
        )
    box = Box(*shapely.bounds(outline).tolist())
    check_size(box)
    shapely.prepare(outline)
    return [
        tile
        for tile in tiles(box)
        if shapely.intersects(outline, shapely.box(tile.west, tile.south, tile.east, tile.north))
    ]


def _shape(feature: dict[str, Any]) -> shapely.Geometry:
    """Return a feature's geometry, an empty one where it cannot be read."""
    import shapely

    read = shapely.from_geojson(json.dumps(feature.get("geometry")), on_invalid="ignore")
    return shapely.Polygon() if read is None else shapely.make_valid(read)


def _pnu(feature: dict[str, Any]) -> str:
    properties = feature.get("properties")
    return str(properties.get("pnu") or "") if isinstance(properties, dict) else ""


def _each_once(rows: list[Row], *, source: str) -> tuple[dict[str, Any], ...]:
    """Return each feature once, by PNU (else by all properties) and outline; the newest stays."""
    newest: dict[tuple[str, str], Row] = {}
    for row in rows:
        known = _pnu(row.feature) or json.dumps(row.feature.get("properties"), sort_keys=True)
        identity = (known, json.dumps(row.feature.get("geometry")))
        if identity not in newest or newest[identity].day < row.day:
            newest[identity] = row
    return tuple(
        {
            "type": "Feature",
            "properties": {
                **(row.feature.get("properties") or {}),
                "evidence": "official",
                "source": f"VWorld {source}, fetched {row.day}",
            },
            "geometry": row.feature.get("geometry"),
        }
        for _, row in sorted(newest.items(), key=lambda item: item[0])
    )


def _issues(download: Download) -> tuple[Issue, ...]:
    found = list(download.issues)
    if not download.service.is_private:
        found.append(Issue("fetch_unencrypted", (), {"host": download.service.host}))
    if download.cached:
        details = {
            "cached": download.cached,
            "all": download.cached + download.requests,
            "day": download.oldest_day,
        }
        found.append(Issue("fetch_from_cache", (), details))
    if download.unkept is not None:
        found.append(Issue("fetch_not_kept", (), {"reason": download.unkept}))
    return tuple(found)
