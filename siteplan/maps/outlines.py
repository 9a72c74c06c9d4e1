"""Outlines for the browser: longitude and latitude to 7 decimals, packed as whole numbers.

7 decimals are 1 cm. Nothing is simplified. One coordinate costs about 4 bytes once compressed,
against some 25 as GeoJSON text.
"""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from siteplan.units import WORK_EPSG

if TYPE_CHECKING:
    import numpy.typing as npt
    from pyproj import Transformer

    Floats = npt.NDArray[np.float64]
    Objects = npt.NDArray[np.object_]

SCALE = 10**7


@lru_cache(maxsize=1)
def _to_wgs84() -> Transformer:
    from pyproj import Transformer

    return Transformer.from_crs(WORK_EPSG, 4326, always_xy=True)


def lon_lat(xy_m: Floats) -> Floats:
    """Return WGS 84 longitude and latitude, shape (m, 2), of points in EPSG:5186."""
    if len(xy_m) == 0:
        return np.empty((0, 2))
    return np.column_stack(_to_wgs84().transform(xy_m[:, 0], xy_m[:, 1]))


def base64_of(array: npt.NDArray[Any], *, dtype: str) -> str:
    """Return an array's bytes in base64; `dtype` names the type and byte order, e.g. ``<i4``."""
    return base64.b64encode(np.ascontiguousarray(array, dtype=np.dtype(dtype)).tobytes()).decode()


def packed(geometry: Objects) -> dict[str, str]:
    """Pack polygons for the browser.

    Parameters
    ----------
    geometry : ndarray of shapely (Multi)Polygons, shape (n,)
        In EPSG:5186.

    Returns
    -------
    dict of str to str
        Base64 of little-endian 32-bit whole numbers: ``steps`` (longitude and latitude times
        10^7 of each vertex, each less the vertex before, closing vertices left out), ``rings``
        (vertices per ring), ``polygons`` (rings per polygon), ``parcels`` (polygons per parcel).
    """
    parts, owner = shapely.get_parts(geometry, return_index=True)
    rings, ring_owner = shapely.get_rings(parts, return_index=True)
    xy_m, vertex_owner = shapely.get_coordinates(rings, return_index=True)
    # A ring repeats its first vertex at the end; Leaflet wants it once.
    last = np.ones(len(vertex_owner), dtype=bool)
    last[:-1] = vertex_owner[1:] != vertex_owner[:-1]
    whole = np.rint(lon_lat(xy_m[~last]) * SCALE).astype(np.int64)
    steps = np.diff(whole, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    return {
        "steps": base64_of(steps, dtype="<i4"),
        "rings": base64_of(np.bincount(vertex_owner[~last], minlength=len(rings)), dtype="<i4"),
        "polygons": base64_of(np.bincount(ring_owner, minlength=len(parts)), dtype="<i4"),
        "parcels": base64_of(np.bincount(owner, minlength=len(geometry)), dtype="<i4"),
    }


def bounds(geometry: Objects) -> list[list[float]]:
    """Return [[south, west], [north, east]] in degrees round shapes in EPSG:5186."""
    box = shapely.total_bounds(geometry)
    corners = lon_lat(np.array([[box[0], box[1]], [box[2], box[3]], [box[0], box[3]]]))
    west, south = corners.min(axis=0)
    east, north = lon_lat(np.array([[box[2], box[1]], [box[2], box[3]]])).max(axis=0)
    north = max(north, corners[:, 1].max())
    return [[round(south, 7), round(west, 7)], [round(north, 7), round(east, 7)]]


def name_places(geometry: Objects) -> list[list[float]]:
    """Return [latitude, longitude] where each parcel's name stands, inside its largest part.

    The middle of the largest circle that fits, found to 1 m.
    """
    places = []
    for shape in geometry:
        parts = shapely.get_parts(shape)
        largest = parts[int(np.argmax(shapely.area(parts)))]
        circle = shapely.maximum_inscribed_circle(largest, tolerance=1.0)
        places.append(shapely.get_coordinates(circle)[0])
    return [[round(lat, 7), round(lon, 7)] for lon, lat in lon_lat(np.array(places)).tolist()]


def label_angle(geometry: shapely.Geometry) -> float:
    """Return the direction of a shape's long side, -90..90 degrees clockwise from east."""
    box = shapely.minimum_rotated_rectangle(geometry)
    corners = shapely.get_coordinates(box)
    if len(corners) < 2:
        return 0.0
    sides = np.diff(corners, axis=0)
    dx, dy = sides[np.hypot(sides[:, 0], sides[:, 1]).argmax()]
    degrees = -np.degrees(np.arctan2(dy, dx))
    return float((degrees + 90.0) % 180.0 - 90.0)
