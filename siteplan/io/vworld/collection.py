"""Fetched features as a file: GeoJSON as RFC 7946 wants it, or another vector format."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siteplan.errors import UsageError
from siteplan.io.atomic import write_whole
from siteplan.text import sentence

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

Position = Sequence[float]


def collection_text(features: Iterable[dict[str, Any]]) -> str:
    """Return features as GeoJSON text (RFC 7946), one on a line.

    Coordinates keep the digits of the service; outer rings run counter-clockwise, holes
    clockwise. An outline of another form than a (multi)polygon stays as it was received, for the
    reader to find.
    """
    whole = [{**feature, "geometry": _wound(feature.get("geometry"))} for feature in features]
    points = [point for feature in whole for point in _positions(feature["geometry"])]
    head = '{"type":"FeatureCollection",\n'
    if points:
        xs, ys = [x for x, _ in points], [y for _, y in points]
        head += f'"bbox":{json.dumps([min(xs), min(ys), max(xs), max(ys)])},\n'
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in whole)
    return f'{head}"features":[\n{lines}\n]}}\n'


def write_collection(features: Iterable[dict[str, Any]], path: str | os.PathLike[str]) -> Path:
    """Write features in the format of the path's ending, whole or not at all.

    Raises
    ------
    UsageError
        The ending names no format; see `check_ending`.
    InputError
        The folder does not exist or may not be written to.
    """
    target = Path(path)
    ending = check_ending(target)
    text = collection_text(features)
    if ending in _TEXT:
        return write_whole(target, lambda draft: draft.write_text(text, encoding="utf-8"))
    frame = _frame(text)
    return write_whole(target, lambda draft: _FRAMES[ending](frame, draft))


def check_ending(path: str | os.PathLike[str]) -> str:
    """Return the ending of a path that features can be written to.

    Raises
    ------
    UsageError
        It is none of `.geojson .json .gpkg .parquet .fgb`.
    """
    ending = Path(path).suffix.lower()
    if ending not in _TEXT and ending not in _FRAMES:
        raise UsageError(
            sentence(
                "{name} has an ending that fetched data is not written in. Use one of {endings}.",
                name=Path(path).name,
                endings=" ".join((*_TEXT, *_FRAMES)),
            )
        )
    return ending


def _frame(text: str) -> gpd.GeoDataFrame:
    import pyogrio

    return pyogrio.read_dataframe(text.encode())


def _write_parquet(frame: gpd.GeoDataFrame, path: Path) -> None:
    frame.to_parquet(path, index=False)


def _write_gpkg(frame: gpd.GeoDataFrame, path: Path) -> None:
    import pyogrio

    pyogrio.write_dataframe(frame, path, layer="vworld", driver="GPKG")


def _write_fgb(frame: gpd.GeoDataFrame, path: Path) -> None:
    import pyogrio

    pyogrio.write_dataframe(frame, path, driver="FlatGeobuf")


_TEXT = (".geojson", ".json")
_FRAMES: dict[str, Callable[[gpd.GeoDataFrame, Path], None]] = {
    ".gpkg": _write_gpkg,
    ".parquet": _write_parquet,
    ".fgb": _write_fgb,
}


def _wound(geometry: object) -> object:
    """Return a geometry with its rings turned as RFC 7946 §3.1.6 wants them."""
    if not isinstance(geometry, dict):
        return None
    try:
        rings = geometry["coordinates"]
        if geometry["type"] == "Polygon":
            return {"type": "Polygon", "coordinates": _polygon(rings)}
        if geometry["type"] == "MultiPolygon":
            return {"type": "MultiPolygon", "coordinates": [_polygon(part) for part in rings]}
    except (KeyError, TypeError, ValueError, IndexError):
        pass
    return geometry


def _polygon(rings: Sequence[Sequence[Position]]) -> list[Sequence[Position]]:
    return [
        ring if (_signed_area(ring) >= 0) == (number == 0) else ring[::-1]
        for number, ring in enumerate(rings)
    ]


def _signed_area(ring: Sequence[Position]) -> float:
    """Return twice the area, positive counter-clockwise; from the first point, for its digits."""
    x0, y0 = ring[0][0], ring[0][1]
    return sum((a[0] - x0) * (b[1] - y0) - (b[0] - x0) * (a[1] - y0) for a, b in pairwise(ring))


def _positions(geometry: object) -> Iterator[tuple[float, float]]:
    """Yield longitude and latitude of all points of a geometry, however deep they lie."""
    stack = [geometry.get("coordinates")] if isinstance(geometry, dict) else []
    while stack:
        level = stack.pop()
        if not isinstance(level, list) or not level:
            continue
        if len(level) >= 2 and all(isinstance(c, int | float) for c in level):
            yield float(level[0]), float(level[1])
        else:
            stack += level
