"""The daylight cut: by hand, against ray sampling and against cut-out outlines, and fast."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from siteplan.daylight import DaylightRule, daylight_area_m2, north_cut
from siteplan.rules import shipped_rules

SHIPPED = shipped_rules().daylight
assert SHIPPED is not None
LAW: DaylightRule = SHIPPED

U_SHAPE = shapely.Polygon(
    [(0, 0), (30, 0), (30, 30), (20, 30), (20, 10), (10, 10), (10, 30), (0, 30)]
)
OUTLINES = {
    "square": shapely.box(0, 0, 20, 20),
    "triangle": shapely.Polygon([(0, 0), (20, 0), (10, 20)]),
    "slanted": shapely.Polygon([(0, 0), (18, 7), (12, 25), (-4, 16)]),
    "u_shape": U_SHAPE,
    "c_shape": shapely.affinity.rotate(U_SHAPE, 90),
    "hole": shapely.box(0, 0, 24, 24).difference(shapely.box(8, 6, 14, 12)),
    "two_parts": shapely.union_all([shapely.box(0, 0, 9, 9), shapely.box(3, 14, 12, 30)]),
}


def lots(*outlines: shapely.Geometry) -> np.ndarray:
    return np.array(outlines, dtype=object)


def sampled_m2(outline: shapely.Geometry, distance_m: float, *, step_m: float = 0.1) -> float:
    """Brute force: points on a grid whose way north stays inside for the distance."""
    west, south, east, north = shapely.bounds(outline).tolist()
    x, y = np.meshgrid(
        np.arange(west + step_m / 2, east, step_m), np.arange(south + step_m / 2, north, step_m)
    )
    rays = shapely.linestrings(
        np.stack([np.stack([x, x], -1), np.stack([y, y + distance_m], -1)], -1).reshape(-1, 2, 2)
    )
    shapely.prepare(outline)
    return float(shapely.covers(outline, rays).sum()) * step_m**2


def swept_m2(outline: shapely.Geometry, distance_m: float) -> float:
    """The other way round: cut off what lies south of each edge within the distance."""
    bands = []
    for ring in shapely.get_rings(shapely.get_parts(outline)):
        points = shapely.get_coordinates(ring)
        for one, two in pairwise(points):
            down = [0, distance_m]
            bands.append(
                shapely.convex_hull(shapely.MultiPoint([one, two, one - down, two - down]))
            )
    return float(shapely.difference(outline, shapely.union_all(bands)).area)


@pytest.mark.parametrize("name", OUTLINES)
@pytest.mark.parametrize("distance_m", [1.5, 5.0, 9.0])
def test_rays_to_the_north_agree(name: str, distance_m: float) -> None:
    found_m2 = north_cut(lots(OUTLINES[name])).area_m2(distance_m)[0]
    rim_m = shapely.length(OUTLINES[name])
    assert found_m2 == pytest.approx(sampled_m2(OUTLINES[name], distance_m), abs=0.1 * rim_m)
    assert found_m2 == pytest.approx(swept_m2(OUTLINES[name], distance_m), abs=1e-6)


@pytest.mark.parametrize(
    ("name", "distance_m", "area_m2"),
    [
        # a square loses a strip in the north: 20 × (20 − 5)
        ("square", 5, 300),
        # a triangle shrinks to one that is 5 m lower: 200 × (15/20)²
        ("triangle", 5, 112.5),
        # legs of 10 m lose 5 m each at the top; under the notch 10 × 10 loses 5 m
        ("u_shape", 5, 2 * 10 * 25 + 10 * 5),
        # columns beside the hole lose 4 m once; the 6 m above and below the hole lose 4 m twice
        ("hole", 4, 18 * 20 + 6 * (12 - 4) + 6 * (6 - 4)),
    ],
)
def test_by_hand(name: str, distance_m: float, area_m2: float) -> None:
    assert north_cut(lots(OUTLINES[name])).area_m2(float(distance_m))[0] == pytest.approx(area_m2)


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=3, max_size=9),
    st.integers(0, 20),
)
def test_any_outline_agrees_with_cutting_it_out(
    corners: list[tuple[int, int]], distance_m: int
) -> None:
    outline = shapely.make_valid(shapely.Polygon(corners), method="structure", keep_collapsed=False)
    if outline.is_empty or outline.area < 1:
        return
    found_m2 = north_cut(lots(outline)).area_m2(float(distance_m))[0]
    assert found_m2 == pytest.approx(swept_m2(outline, float(distance_m)), abs=1e-5)


def test_no_distance_leaves_the_outline() -> None:
    every = lots(*OUTLINES.values())
    assert north_cut(every).area_m2(0.0) == pytest.approx(shapely.area(every))


@pytest.mark.parametrize(
    ("top_m", "distance_m"), [(3, 1.5), (10, 1.5), (10.1, 5.05), (12, 6), (40, 20)]
)
def test_the_distance_is_the_ordinances(top_m: float, distance_m: float) -> None:
    assert LAW.distance_m(top_m) == pytest.approx(distance_m)


def test_storeys_of_a_square_lot_by_hand() -> None:
    # 20 × 20 m, storeys of 4 m, BCR 60 % = 240 m² a storey. Tops 4 and 8 m keep 1.5 m (370 m²),
    # 12 m keeps 6 (280), then 8 (240), 10 (200), 12 (160), 14 (120), 16 (80), 18 (40), 20 (0).
    area_m2, storeys = daylight_area_m2(
        north_cut(lots(OUTLINES["square"])),
        LAW,
        plate_most_m2=np.array([240.0]),
        storey_m=np.array([4.0]),
        floors=np.array([np.inf]),
    )
    assert area_m2.tolist() == pytest.approx([240 * 4 + 200 + 160 + 120 + 80 + 40])
    assert storeys.tolist() == [9]


def test_floors_stop_the_stack_and_zero_leaves_a_lot_out() -> None:
    square = OUTLINES["square"]
    area_m2, storeys = daylight_area_m2(
        north_cut(lots(square, square, square)),
        LAW,
        plate_most_m2=np.full(3, 240.0),
        storey_m=np.full(3, 4.0),
        floors=np.array([5.0, 1.0, 0.0]),
    )
    assert area_m2.tolist() == pytest.approx([240 * 4 + 200, 240, 0])
    assert storeys.tolist() == [5, 1, 0]


def test_higher_parts_never_get_more_ground() -> None:
    cut = north_cut(lots(*OUTLINES.values()))
    areas = np.array([cut.area_m2(LAW.distance_m(top)) for top in np.arange(1, 60, 0.5)])
    assert (np.diff(areas, axis=0) <= 1e-9).all()


def test_a_gentle_slope_never_needs_less_than_the_low_distance() -> None:
    law = DaylightRule(("준주거지역",), 10, 1.5, 0.1, "§", "M")
    assert law.distance_m(11) == 1.5
