"""Boxes in degrees, cut into tiles that the data service accepts.

All edges lie on a grid of 10⁻⁷ degrees (about 1 cm), so that neighbouring tiles share their edges
exactly and the text sent to the service is the number that is meant.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

UNITS_PER_DEGREE = 10**7
MAX_SIDE_DEGREES = 0.01
"""Longest side of a tile: about 0.9 km by 1.1 km in Korea."""

MAX_TILE_M2 = 2e6
"""Clients of the service keep boxes to 2 km²; a tile of the longest sides has about 1 km²."""

MIN_SIDE_DEGREES = 0.0005
"""A tile is not quartered below this side, about 50 m."""

_EARTH_RADIUS_M = 6_371_008.8


@dataclass(frozen=True, order=True)
class Box:
    """A box in WGS 84, degrees, rounded to the grid of 10⁻⁷ degrees.

    Parameters
    ----------
    west, south, east, north : float
    """

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        for name in ("west", "south", "east", "north"):
            on_grid = round(getattr(self, name) * UNITS_PER_DEGREE) / UNITS_PER_DEGREE
            object.__setattr__(self, name, on_grid)

    @property
    def area_m2(self) -> float:
        """Area on a sphere of the earth's mean radius, for limits only."""
        height = math.sin(math.radians(self.north)) - math.sin(math.radians(self.south))
        return _EARTH_RADIUS_M**2 * math.radians(self.east - self.west) * height

    def __str__(self) -> str:
        return ",".join(
            f"{side:.7f}".rstrip("0").rstrip(".")
            for side in (self.west, self.south, self.east, self.north)
        )


def tiles(box: Box) -> list[Box]:
    """Return equal tiles (to 10⁻⁷ degrees) that cover `box` exactly, from the south-west.

    No side is longer than `MAX_SIDE_DEGREES`; only edges are shared.
    """
    return _cut(
        box,
        columns=_pieces(box.east - box.west),
        rows=_pieces(box.north - box.south),
    )


def count_tiles(box: Box) -> int:
    """Return how many tiles `tiles` would give, without making them."""
    return _pieces(box.east - box.west) * _pieces(box.north - box.south)


def quarters(box: Box) -> list[Box]:
    """Return the four quarters of a box; none where they would be smaller than makes sense."""
    if min(box.east - box.west, box.north - box.south) < 2 * MIN_SIDE_DEGREES:
        return []
    return _cut(box, columns=2, rows=2)


def _pieces(side: float) -> int:
    longest = round(MAX_SIDE_DEGREES * UNITS_PER_DEGREE)
    return max(1, -(-round(side * UNITS_PER_DEGREE) // longest))


def _cut(box: Box, *, columns: int, rows: int) -> list[Box]:
    xs, ys = _edges(box.west, box.east, pieces=columns), _edges(box.south, box.north, pieces=rows)
    return [
        Box(xs[column], ys[row], xs[column + 1], ys[row + 1])
        for row in range(rows)
        for column in range(columns)
    ]


def _edges(low: float, high: float, *, pieces: int) -> list[float]:
    start, end = round(low * UNITS_PER_DEGREE), round(high * UNITS_PER_DEGREE)
    return [(start + (end - start) * k // pieces) / UNITS_PER_DEGREE for k in range(pieces + 1)]
