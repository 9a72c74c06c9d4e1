"""Outlines in longitude and latitude with 7 decimals (1 cm), still valid after rounding."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from siteplan.geometry import only_polygons
from siteplan.units import WORK_EPSG

if TYPE_CHECKING:
    import numpy.typing as npt
    import shapely

    Floats = npt.NDArray[np.float64]
    Objects = npt.NDArray[np.object_]

DECIMALS = 7
"""RFC 7946 §11.2: 6 decimals are about 10 cm; 7 keep a lot's area within its register's."""

_STEP = 10.0**-DECIMALS


def lonlat_outlines(geometry: Objects) -> Objects:
    """Return outlines in WGS 84, rounded, valid, outer rings counter-clockwise.

    Parameters
    ----------
    geometry : ndarray of valid shapely (Multi)Polygons, shape (n,)
        In EPSG:5186.

    Returns
    -------
    ndarray of shapely (Multi)Polygons, shape (n,)
        A polygon that rounding breaks is snapped to the grid as a whole; one thinner than the
        grid is widened by as many centimetres as it takes to have an inside.
    """
    import geopandas as gpd
    import shapely

    exact = np.asarray(gpd.GeoSeries(geometry, crs=WORK_EPSG).to_crs(4326).array, dtype=object)
    rounded = shapely.transform(exact, _rounded)
    for row in np.flatnonzero(~shapely.is_valid(rounded) | (shapely.area(rounded) == 0)):
        rounded[row] = _on_grid(exact[row])
    tidy = shapely.remove_repeated_points(rounded, 0.0)
    outlines: Objects = shapely.orient_polygons(tidy, exterior_cw=False)
    return outlines


def ring_texts(outlines: Objects, *, pattern: str, between: str) -> list[list[list[str]]]:
    """Return outline -> polygon -> ring -> text of its points.

    Parameters
    ----------
    outlines : ndarray of shapely (Multi)Polygons, shape (n,)
    pattern : str
        How one point is written, with two ``%r``: shortest digits that give the same number.
    between : str
        What stands between points.
    """
    import shapely

    polygons, outline_of = shapely.get_parts(outlines, return_index=True)
    rings, polygon_of = shapely.get_rings(polygons, return_index=True)
    points, ring_of = shapely.get_coordinates(rings, return_index=True)
    texts = [pattern % (x, y) for x, y in points.tolist()]
    starts = np.searchsorted(ring_of, np.arange(len(rings) + 1)).tolist()
    ring_text = [between.join(texts[a:b]) for a, b in pairwise(starts)]
    nested: list[list[list[str]]] = [[] for _ in range(len(outlines))]
    last = -1
    for polygon, text in zip(polygon_of.tolist(), ring_text, strict=True):
        owner = nested[outline_of[polygon]]
        if polygon != last:
            owner.append([])
            last = polygon
        owner[-1].append(text)
    return nested


def _rounded(lonlat: Floats) -> Floats:
    """Round to the grid: the division by a power of ten gives the double nearest the decimal."""
    grid: Floats = np.rint(lonlat / _STEP) / 10.0**DECIMALS
    return grid


def _on_grid(exact: shapely.Geometry) -> shapely.Geometry:
    """Return one polygon on the grid, widened where it has no inside there."""
    import shapely

    wide = 0.0
    while True:
        grown = shapely.buffer(exact, wide, join_style="mitre") if wide else exact
        snapped = only_polygons(shapely.set_precision(grown, _STEP))
        placed = shapely.transform(snapped, _rounded) if snapped is not None else None
        if placed is not None and shapely.is_valid(placed) and shapely.area(placed) > 0:
            return placed
        wide = wide * 2 or _STEP
