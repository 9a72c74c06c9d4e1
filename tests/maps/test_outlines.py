"""Packed outlines: nothing but digits beyond the seventh is lost on the way to the browser."""

from __future__ import annotations

import base64

import numpy as np
import numpy.typing as npt
import pytest
import shapely
from pyproj import Transformer

from siteplan.maps.outlines import bounds, label_angle, name_places, packed

WEST_M, SOUTH_M = 203_000.0, 541_500.0


def numbers(text: str) -> npt.NDArray[np.int32]:
    return np.frombuffer(base64.b64decode(text), dtype="<i4")


def unpacked(pack: dict[str, str]) -> list[shapely.MultiPolygon]:
    """Read a pack as ``page/core.js`` does."""
    points: list[list[float]] = (
        np.cumsum(numbers(pack["steps"]).reshape(-1, 2), axis=0) / 1e7
    ).tolist()
    per_ring = iter(numbers(pack["rings"]))
    per_polygon = iter(numbers(pack["polygons"]))
    at = 0

    def ring() -> list[list[float]]:
        nonlocal at
        start, at = at, at + int(next(per_ring))
        return points[start:at]

    def polygon() -> shapely.Polygon:
        shell, *holes = [ring() for _ in range(next(per_polygon))]
        return shapely.Polygon(shell, holes)

    return [
        shapely.MultiPolygon([polygon() for _ in range(parts)])
        for parts in numbers(pack["parcels"])
    ]


def shapes() -> npt.NDArray[np.object_]:
    """A square, one with a hole, and two parts."""
    square = shapely.box(WEST_M, SOUTH_M, WEST_M + 50, SOUTH_M + 50)
    yard = square.difference(square.buffer(-15))
    far = shapely.affinity.translate(square, 200, 70)
    found = np.empty(3, dtype=object)
    found[:] = [square, yard, shapely.MultiPolygon([square, far])]
    return found


def test_outlines_come_back_to_a_centimetre() -> None:
    back_to_m = Transformer.from_crs(4326, 5186, always_xy=True)
    for given, read in zip(shapes(), unpacked(packed(shapes())), strict=True):
        in_m = shapely.transform(read, lambda ll: np.column_stack(back_to_m.transform(*ll.T)))
        assert len(shapely.get_parts(in_m)) == len(shapely.get_parts(given))
        assert shapely.symmetric_difference(in_m, given).area < 0.01 * given.length


def test_bounds_hold_every_vertex() -> None:
    (south, west), (north, east) = bounds(shapes())
    for read in unpacked(packed(shapes())):
        box = read.bounds
        assert box[0] >= west - 1e-7
        assert box[1] >= south - 1e-7
        assert box[2] <= east + 1e-7
        assert box[3] <= north + 1e-7


def test_names_stand_inside_their_parcels() -> None:
    for (lat, lon), read in zip(name_places(shapes()), unpacked(packed(shapes())), strict=True):
        assert read.contains(shapely.Point(lon, lat))


@pytest.mark.parametrize(
    ("dx_m", "dy_m", "degrees"), [(100, 0, 0), (100, 100, -45), (100, -100, 45), (0, 100, -90)]
)
def test_labels_run_along_the_long_side(dx_m: float, dy_m: float, degrees: float) -> None:
    line = shapely.LineString([(0, 0), (dx_m, dy_m)])
    assert label_angle(line.buffer(3, cap_style="flat")) == pytest.approx(degrees, abs=1e-6)
