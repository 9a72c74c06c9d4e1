"""What lies round the parcels: stations, main roads, stream, park, today's AI Hub, names.

Used twice: distances for suitability, and as the map's own layers, so that a person finds the
way without a base map.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    from shapely import Geometry

    Floats = npt.NDArray[np.float64]
    Objects = npt.NDArray[np.object_]

CRITERIA: dict[str, tuple[str, ...]] = {
    "station": ("station",),
    "main_road": ("road",),
    "nature": ("stream", "park"),
    "ai_hub": ("ai_hub",),
}
"""Criterion -> kinds of context features whose nearest one counts."""

REACH_M = 5_000.0
"""Beyond this distance to everything known, a parcel counts as lying outside the context."""


@dataclass(frozen=True)
class Feature:
    """One named thing in the surroundings.

    Parameters
    ----------
    kind : str
        "road" | "road_line" | "stream" | "park" | "station" | "ai_hub" | "place" | "district".
    name_ko, name_en : str or None
    geometry : shapely geometry in EPSG:5186
    schematic : bool
        True when the outline is drawn by siteplan, not surveyed.
    source : str or None
    """

    kind: str
    name_ko: str | None
    name_en: str | None
    geometry: Geometry
    schematic: bool = True
    source: str | None = None


@dataclass(frozen=True)
class Context:
    """An immutable set of `Feature` values."""

    features: tuple[Feature, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.features)

    def of_kind(self, *kinds: str) -> tuple[Feature, ...]:
        """Return the features of the given kinds, in their order."""
        return tuple(feature for feature in self.features if feature.kind in kinds)

    @cached_property
    def digest(self) -> str:
        """12 hexadecimal digits made from kinds, names and outlines (to 1 mm)."""
        import shapely

        blake = hashlib.blake2b(digest_size=6)
        for feature in self.features:
            blake.update(f"{feature.kind}\x1f{feature.name_ko}\x1e".encode())
            blake.update(np.round(shapely.get_coordinates(feature.geometry), 3).tobytes())
        return blake.hexdigest()

    def distances_m(self, geometry: Objects) -> dict[str, Floats]:
        """Return the distance of each outline to the nearest feature of each criterion.

        Parameters
        ----------
        geometry : ndarray of shapely polygons, shape (n,)
            In EPSG:5186.

        Returns
        -------
        dict of str to ndarray of float, shape (n,)
            Metres, 0 where they touch; criteria of which the context knows nothing are left out.
        """
        import shapely

        distances: dict[str, Floats] = {}
        for criterion, kinds in CRITERIA.items():
            shapes = [feature.geometry for feature in self.of_kind(*kinds)]
            if shapes:
                tree = shapely.STRtree(shapes)
                _, found_m = tree.query_nearest(geometry, return_distance=True, all_matches=False)
                distances[criterion] = found_m
        return distances
