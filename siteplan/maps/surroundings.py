"""Layers round the parcels: roads, water, parks, stations, districts and their names.

Enough to find one's way without a base map. Each layer is one entry of the layer list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import folium
import numpy as np
import shapely
from folium.template import Template

from siteplan.maps.outlines import label_angle, lon_lat
from siteplan.text import N_, translate

if TYPE_CHECKING:
    from siteplan.context import Context, Feature

DECIMALS = 7


@dataclass(frozen=True)
class Surrounding:
    """One layer: its key for the looks, its name, and the kinds of features it holds."""

    key: str
    name: str
    kinds: tuple[str, ...]


SURROUNDINGS: tuple[Surrounding, ...] = (
    Surrounding("district", N_("Districts"), ("district",)),
    Surrounding("park", N_("Parks"), ("park",)),
    Surrounding("water", N_("Streams"), ("stream",)),
    Surrounding("road", N_("Roads"), ("road", "road_line")),
    Surrounding("place", N_("Places"), ("place", "ai_hub")),
    Surrounding("station", N_("Stations"), ("station",)),
)
"""From the bottom of the map to its top."""


class SurroundingLayer(folium.map.Layer):
    """A layer of context features, drawn by the page's script from a data block of the document.

    Parameters
    ----------
    key : str
        Key of a `Surrounding`.
    name : str
        Name in the layer list.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            const {{ this.get_name() }} = siteplan.surroundings({{ this.key|tojson }});
        {% endmacro %}
        """
    )

    def __init__(self, *, key: str, name: str) -> None:
        super().__init__(name=name, overlay=True, control=True, show=True)
        self._name = "Surroundings"
        self._id = key
        self.key = key


def layers(context: Context, *, lang: str) -> list[tuple[SurroundingLayer, list[dict[str, Any]]]]:
    """Return the layers that the context has features for, each with its features' data."""
    return [
        (
            SurroundingLayer(key=layer.key, name=translate(layer.name, lang=lang)),
            [_described(feature, lang=lang) for feature in found],
        )
        for layer in SURROUNDINGS
        if (found := context.of_kind(*layer.kinds))
    ]


def _described(feature: Feature, *, lang: str) -> dict[str, Any]:
    """Return a feature as plain values: lines, polygons or points in degrees, name, label."""
    shape: Any = feature.geometry
    name = feature.name_ko if lang == "ko" else (feature.name_en or feature.name_ko)
    described: dict[str, Any] = {"kind": feature.kind, "name": name}
    parts = shapely.get_parts(shape)
    dimension = int(shapely.get_dimensions(shape))
    if dimension == 2:
        described["polygons"] = [
            [_degrees(ring) for ring in shapely.get_rings(part)] for part in parts
        ]
    elif dimension == 1:
        described["lines"] = [_degrees(part) for part in parts]
    else:
        described["points"] = _degrees(shape)
    if name and dimension > 0:
        described["at"], described["angle"] = _label_place(shape, dimension=dimension)
    elif name:
        described["at"], described["angle"] = _degrees(shape)[0], 0.0
    return described


def _label_place(shape: Any, *, dimension: int) -> tuple[list[float], float]:
    """Return where a shape's name stands and its direction, clockwise from east."""
    parts = shapely.get_parts(shape)
    size = shapely.length(parts) if dimension == 1 else shapely.area(parts)
    main = parts[int(np.argmax(size))]
    if dimension > 1:
        return _degrees(shapely.point_on_surface(main))[0], label_angle(main)
    middle = shapely.line_interpolate_point(main, 0.5, normalized=True)
    near = shapely.line_interpolate_point(main, [0.45, 0.55], normalized=True)
    along: Any = shapely.linestrings(shapely.get_coordinates(near))
    return _degrees(middle)[0], label_angle(along)


def _degrees(shape: Any) -> list[list[float]]:
    """Return [latitude, longitude] of each vertex, as Leaflet wants them."""
    degrees = lon_lat(shapely.get_coordinates(shape))
    return [[round(lat, DECIMALS), round(lon, DECIMALS)] for lon, lat in degrees.tolist()]
