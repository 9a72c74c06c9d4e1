"""Reading what lies round the parcels: the shipped surroundings of Yangjae, or a file like it."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from siteplan.context import REACH_M, Context, Feature
from siteplan.errors import InputError
from siteplan.shipped import data_path
from siteplan.text import sentence
from siteplan.units import WORK_EPSG

if TYPE_CHECKING:
    import os

    import numpy.typing as npt

SHIPPED_CONTEXT = ("yangjae", "context.geojson")


def read_context(source: str | os.PathLike[str] | None = None) -> Context:
    """Read stations, roads, streams, parks and places.

    Parameters
    ----------
    source : path, optional
        GeoJSON (WGS 84) whose features carry ``kind`` and optionally ``role``, ``name_ko``,
        ``name_en``, ``schematic``, ``source``; a place with ``role`` "ai_hub" becomes a feature
        of that kind. None reads the shipped surroundings of Yangjae.

    Raises
    ------
    InputError
        The file is missing or not GeoJSON.
    """
    path = data_path(*SHIPPED_CONTEXT) if source is None else Path(source)
    try:
        stamp = path.stat().st_mtime_ns
    except OSError as error:
        raise InputError(
            sentence("There is no file {path}. Check the spelling and the folder.", path=str(path))
        ) from error
    return _context(path, stamp)


def within_reach(context: Context, geometry: npt.NDArray[np.object_]) -> bool:
    """Tell whether any outline lies within `REACH_M` of anything that the context knows.

    Parameters
    ----------
    context : Context
    geometry : ndarray of shapely polygons, shape (n,)
        In EPSG:5186.
    """
    import shapely

    if not context:
        return False
    shapes: list[Any] = [feature.geometry for feature in context.features]
    parcels = shapely.multipoints(shapely.get_coordinates(shapely.centroid(geometry)))
    return bool(np.any(shapely.dwithin(shapes, parcels, REACH_M)))


@lru_cache(maxsize=4)
def _context(path: Path, stamp: int) -> Context:  # noqa: ARG001 - a changed file is read anew
    import geopandas as gpd
    import shapely

    try:
        collection = json.loads(path.read_text(encoding="utf-8"))
        rows: list[dict[str, Any]] = collection["features"]
        shapes = [shapely.geometry.shape(row["geometry"]) for row in rows]
    except (OSError, ValueError, KeyError, TypeError, shapely.errors.ShapelyError) as error:
        raise InputError(
            sentence(
                "{name} is no GeoJSON of surroundings. Each feature needs a geometry and a kind.",
                name=path.name,
            )
        ) from error
    projected = gpd.GeoSeries(shapes, crs=4326).to_crs(WORK_EPSG)
    return Context(
        tuple(
            _feature(row.get("properties") or {}, geometry=geometry)
            for row, geometry in zip(rows, projected, strict=True)
        )
    )


def _feature(properties: dict[str, Any], *, geometry: Any) -> Feature:
    role = properties.get("role")
    return Feature(
        kind="ai_hub" if role == "ai_hub" else str(properties.get("kind") or "place"),
        name_ko=properties.get("name_ko") or None,
        name_en=properties.get("name_en") or None,
        geometry=geometry,
        schematic=bool(properties.get("schematic", True)),
        source=properties.get("source") or None,
    )
