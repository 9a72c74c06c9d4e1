"""Background tiles, only when someone asks for them: closed networks have none.

Sources: tile addresses and terms of https://operations.osmfoundation.org/policies/tiles/ and
https://www.vworld.kr/dev/v4dv_wmtsguide_s001.do (WMTS API 1.0.0, a key per domain).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from siteplan.errors import InputError
from siteplan.text import N_, sentence


@dataclass(frozen=True)
class Basemap:
    """Tiles drawn under the parcels.

    Parameters
    ----------
    name : str
        Name in the layer list.
    url : str
        Leaflet's form, with ``{z}``, ``{x}``, ``{y}``.
    attribution : str
        Line that the provider asks for; plain text.
    host : str
        The one host that the map may then fetch pictures from.
    max_zoom : int
        Deepest zoom with tiles.
    key : str
        Key of the person who asks, part of `url`; empty where none is needed.
    """

    name: str
    url: str
    attribution: str
    host: str
    max_zoom: int
    key: str = field(default="", repr=False)

    def without_key(self) -> Basemap:
        """Return the same tiles with ``{key}`` in place of the key, for a document that is kept."""
        if not self.key:
            return self
        return replace(self, url=self.url.replace(f"/{self.key}/", "/{key}/"), key="")


OSM = Basemap(
    "OpenStreetMap",
    "https://tile.openstreetmap.org/{z}/{x}/{y}.png",
    "© OpenStreetMap contributors",
    "https://tile.openstreetmap.org",
    19,
)


def vworld(key: str) -> Basemap:
    """Return the Korean national base map.

    Parameters
    ----------
    key : str
        Key of the VWorld API.

    Raises
    ------
    InputError
        The key holds anything but letters, digits and hyphens.
    """
    if not re.fullmatch(r"[A-Za-z0-9-]+", key):
        raise InputError(
            sentence("The VWorld key may hold only letters, digits and hyphens. Copy it again.")
        )
    return Basemap(
        "VWorld",
        f"https://api.vworld.kr/req/wmts/1.0.0/{key}/Base/{{z}}/{{y}}/{{x}}.png",
        "© VWorld, 국토교통부",
        "https://api.vworld.kr",
        19,
        key,
    )


BASEMAPS: dict[str, str] = {
    "none": N_("No base map"),
    "vworld": "VWorld (국토교통부)",
    "osm": "OpenStreetMap",
}
"""What may lie under the parcels; none fetches nothing."""


def basemap(choice: str, *, key: str = "") -> Basemap | None:
    """Return the tiles that were chosen, None where there are none to fetch.

    Parameters
    ----------
    choice : str
        One of `BASEMAPS`.
    key : str
        Key of the VWorld API; without one VWorld shows nothing.

    Raises
    ------
    InputError
        The key holds anything but letters, digits and hyphens.
    """
    if choice == "osm":
        return OSM
    if choice == "vworld" and key.strip():
        return vworld(key.strip())
    return None
