"""A strict checker of RFC 7946, written from the RFC's rules and sharing no code with siteplan.

Works on the raw text: digits are counted as they stand, areas of rings are summed in plain
Python.
"""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any, Self

_MEMBERS = {"FeatureCollection": {"features"}, "Feature": {"geometry", "properties"}}
_NUMBER = re.compile(r"-?\d+(?:\.(\d+))?(?:[eE][-+]?\d+)?")


class Decimal(float):
    """A number that remembers how it was written."""

    text: str

    def __new__(cls, text: str) -> Self:
        number = super().__new__(cls, text)
        number.text = text
        return number


def faults(text: str, *, decimals: int = 7) -> list[str]:
    """Return what a FeatureCollection's text does against RFC 7946; empty when nothing."""
    table = json.loads(text, parse_float=Decimal, parse_constant=lambda name: name)
    found: list[str] = []
    if text.startswith("\ufeff"):
        found.append("starts with a byte order mark")
    if table.get("type") != "FeatureCollection":
        return [*found, "is no FeatureCollection"]
    if "crs" in table:
        found.append("§4: has a crs member")
    found += [f"§7.1: lacks {name}" for name in _MEMBERS["FeatureCollection"] - set(table)]
    points: list[list[float]] = []
    for row, feature in enumerate(table["features"]):
        found += [f"feature {row}: {fault}" for fault in _feature(feature, points, decimals)]
    found += _bbox(table.get("bbox"), points)
    return found


def _feature(feature: dict[str, Any], points: list[list[float]], decimals: int) -> list[str]:
    found = [f"§3.2: lacks {name}" for name in _MEMBERS["Feature"] - set(feature)]
    if feature.get("type") != "Feature":
        found.append("§3.2: type is not Feature")
    if any(name in feature for name in ("coordinates", "features", "crs")):
        found.append("§7.1: has a member of another type")
    if not isinstance(feature.get("id", ""), str | int):
        found.append("§3.2: id is neither text nor number")
    shape = feature.get("geometry") or {}
    polygons = shape.get("coordinates", [])
    if shape.get("type") == "Polygon":
        polygons = [polygons]
    elif shape.get("type") != "MultiPolygon":
        return [*found, f"geometry is {shape.get('type')}"]
    if not polygons:
        found.append("geometry is empty")
    for polygon in polygons:
        for number, ring in enumerate(polygon):
            found += _ring(ring, outer=number == 0, decimals=decimals)
            points += ring
    return found


def _ring(ring: list[list[Any]], *, outer: bool, decimals: int) -> list[str]:
    found = []
    if len(ring) < 4:
        found.append("§3.1.6: ring of fewer than four positions")
    if ring[0] != ring[-1]:
        found.append("§3.1.6: ring is not closed")
    twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(_near_zero(ring)))
    if twice == 0:
        found.append("ring has no area")
    elif (twice > 0) is not outer:
        found.append("§3.1.6: ring is against the right-hand rule")
    for position in ring:
        if len(position) != 2:
            found.append("position is not longitude and latitude")
            continue
        lon, lat = position
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            found.append(f"§4: {lon}, {lat} are no degrees")
        for number in position:
            match = _NUMBER.fullmatch(getattr(number, "text", str(number)))
            if match is None or len(match[1] or "") > decimals:
                found.append(f"§11.2: {number!r} has too many decimals")
    return found


def _near_zero(ring: list[list[Any]]) -> list[tuple[float, float]]:
    """Move a ring to its first point, so that its signed area is not lost in rounding."""
    x, y = ring[0][:2]
    return [(p[0] - x, p[1] - y) for p in ring]


def _bbox(bbox: list[float] | None, points: list[list[float]]) -> list[str]:
    if bbox is None:
        return ["§5: lacks a bbox"]
    lons, lats = [p[0] for p in points], [p[1] for p in points]
    if bbox != [min(lons), min(lats), max(lons), max(lats)]:
        return ["§5: bbox is not west, south, east, north of the features"]
    return []
