"""Register areas against outlines: the law's tolerance, and ratios that explain themselves."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from siteplan.cadastre.areas import (
    area_issues,
    area_tolerance_m2,
    explained_ratio,
    reconciled,
    scaled_areas,
)
from siteplan.issues import Issue

LAT, LON = 37.4635, 127.0375
SIZES_M2 = np.random.default_rng(4).uniform(80, 3000, 400)


def found(
    outline_m2: np.ndarray, register_m2: np.ndarray, *, drawn: bool = False, **place: float
) -> dict[str, Issue]:
    ids = [f"p{row}" for row in range(len(outline_m2))]
    lat = place.pop("latitude_deg", LAT)
    issues = area_issues(ids, outline_m2, register_m2, np.full(len(ids), drawn), lat, **place)
    return {issue.code: issue for issue in issues}


def surveyed(outline_m2: np.ndarray, *, seed: int = 1, spread_ratio: float = 0.01) -> np.ndarray:
    """Register areas as surveys give them: off by about 1 %, whole square metres."""
    noise = np.random.default_rng(seed).normal(1, spread_ratio, len(outline_m2))
    return np.round(outline_m2 * noise)


class TestTolerance:
    def test_the_worked_example_of_the_law(self) -> None:
        assert area_tolerance_m2(100, 1200) == pytest.approx(8.112, abs=1e-12)

    @pytest.mark.parametrize(
        ("area_m2", "scale", "tolerance_m2"),
        [(32_094, 500, 60.6), (32_094, 600, 72.7), (32_094, 1000, 121.1), (32_094, 1200, 145.3),
         (1000, 500, 10.7), (1000, 600, 12.8), (1000, 1000, 21.4), (1000, 1200, 25.7)],
    )  # fmt: skip
    def test_known_values(self, area_m2: float, scale: int, tolerance_m2: float) -> None:
        assert area_tolerance_m2(area_m2, scale) == pytest.approx(tolerance_m2, abs=0.06)

    def test_one_to_3000_counts_as_6000(self) -> None:
        assert area_tolerance_m2(500, 3000) == area_tolerance_m2(500, 6000)

    def test_arrays_as_single_values(self) -> None:
        areas_m2 = np.array([0.0, 100.0, 32_094.0])
        singles = [area_tolerance_m2(float(area), 1200) for area in areas_m2]
        assert area_tolerance_m2(areas_m2, 1200).tolist() == singles


class TestReconciled:
    def test_by_hand(self) -> None:
        # 100 m² at 1:1200 may be off by 8.112 m².
        nan = float("nan")
        check = reconciled(
            np.array([92.0, 91.0, 108.0, 109.0, 50.0, 50.0, 0.0, 50.0]),
            np.array([100.0, 100.0, 100.0, 100.0, nan, -5.0, 100.0, 50.0]),
        )
        assert check.outside.tolist() == [False, True, False, True, False, False, False, False]
        assert check.difference_m2.tolist() == [8, 9, -8, -9, 0, 0, 0, 0]
        assert check.known.tolist() == [True] * 4 + [False] * 4
        assert np.isnan(check.ratio[4:]).all()

    def test_a_finer_map_allows_less(self) -> None:
        outline, register = np.array([95.0]), np.array([100.0])
        assert not reconciled(outline, register).outside[0]
        assert reconciled(outline, register, scale_denominator=500).outside[0]


class TestRatios:
    def test_the_known_area_scales_at_the_site(self) -> None:
        ratios = [way.ratio for way in scaled_areas(latitude_deg=LAT, longitude_deg=LON)]
        assert ratios[:2] == pytest.approx([0.99924136, 1.00074255], abs=2e-8)
        assert ratios[2] == pytest.approx(1.590, abs=5e-4)
        assert ratios[3] == pytest.approx(1 / 3.305785, rel=1e-6)

    @given(lat=st.floats(33.1, 38.6), lon=st.floats(126.0, 129.5))
    def test_they_are_what_the_projections_measure(self, lat: float, lon: float) -> None:
        from pyproj import Geod, Transformer

        half = 0.0005
        square = shapely.box(lon - half, lat - half, lon + half, lat + half)
        true_m2 = abs(Geod(ellps="GRS80").geometry_area_perimeter(square)[0])
        ways = scaled_areas(latitude_deg=lat, longitude_deg=lon)
        for epsg, way in zip((5179, 5187, 3857), ways, strict=False):
            move = Transformer.from_crs(4326, epsg, always_xy=True)
            corners = move.transform(*shapely.get_coordinates(square).T)
            area_m2 = shapely.Polygon(np.transpose(corners)).area
            assert area_m2 / true_m2 == pytest.approx(way.ratio, rel=3e-6), epsg
        assert square.area / true_m2 == pytest.approx(ways[-1].ratio, rel=3e-6)

    @pytest.mark.parametrize(
        ("ratio", "said"),
        [
            (0.99924136, "EPSG:5179"),
            (1.00074255, "EPSG:5187"),
            (1.590, "EPSG:3857"),
            (1 / 3.305785, "pyeong"),
            (0.0001, "hectares"),
        ],
    )
    def test_known_ratios_are_explained(self, ratio: float, said: str) -> None:
        text = explained_ratio(ratio, latitude_deg=LAT)
        assert text is not None
        assert said in text.render("en")

    @pytest.mark.parametrize("ratio", [1.0, 0.9999, 1.05, 1.2, 0.5, 0.0, -1.0, np.nan, np.inf])
    def test_other_ratios_are_not(self, ratio: float) -> None:
        assert explained_ratio(ratio) is None

    def test_what_cannot_be_told_from_one_is_not_explained(self) -> None:
        assert explained_ratio(0.99924136, margin_ratio=0.0003) is not None
        assert explained_ratio(0.99924136, margin_ratio=0.0005) is None


class TestFindings:
    def test_an_honest_register_is_not_accused(self) -> None:
        for seed in range(40):
            codes = found(SIZES_M2, surveyed(SIZES_M2, seed=seed))
            assert not {"areas_slightly_scaled", "areas_wrongly_scaled"} & set(codes)

    def test_a_register_that_is_off_by_as_much_on_the_median_is_not_accused(self) -> None:
        sizes = np.random.default_rng(2).uniform(80, 3000, 20_000)
        off = surveyed(sizes * 0.99924136)
        assert "areas_slightly_scaled" not in found(sizes, off)

    @pytest.mark.parametrize("digits", [0, 1, 6])
    @pytest.mark.parametrize(("ratio", "said"), [(0.99924136, "5179"), (1.00074255, "5187")])
    def test_areas_that_a_computer_measured_elsewhere_are_explained(
        self, ratio: float, said: str, digits: int
    ) -> None:
        codes = found(SIZES_M2, np.round(SIZES_M2 * ratio, digits))
        assert set(codes) == {"areas_slightly_scaled"}
        issue = codes["areas_slightly_scaled"]
        assert (issue.severity, len(issue.parcel_ids)) == ("warning", len(SIZES_M2))
        assert said in issue.message.render("en")
        assert said in issue.message.render("ko")

    def test_elsewhere_in_the_country_the_ratios_are_others(self) -> None:
        busan = {"latitude_deg": 35.18, "longitude_deg": 129.08}
        ways = scaled_areas(**busan)
        there = found(SIZES_M2, SIZES_M2 * ways[0].ratio, **busan)
        assert "5179" in str(there["areas_slightly_scaled"].message)
        assert "areas_slightly_scaled" not in found(SIZES_M2, SIZES_M2 * ways[0].ratio)

    @pytest.mark.parametrize(
        ("ratio", "said"), [(1.590, "3857"), (121 / 400, "pyeong"), (1e-4, "hectares")]
    )
    def test_gross_ones_are_errors_also_among_scattered_surveys(
        self, ratio: float, said: str
    ) -> None:
        codes = found(SIZES_M2, surveyed(SIZES_M2) * ratio)
        assert codes["areas_wrongly_scaled"].severity == "error"
        assert said in codes["areas_wrongly_scaled"].message.render("en")
        assert "area_differs" not in codes  # once explained, not counted again for each parcel

    @pytest.mark.parametrize("count", [1, 2])
    def test_one_or_two_parcels_prove_nothing(self, count: int) -> None:
        codes = found(SIZES_M2[:count], SIZES_M2[:count] * 1.590)
        assert set(codes) == {"area_outside_tolerance", "area_differs"}

    def test_counts_totals_and_the_worst_by_name(self) -> None:
        outline = np.array([100.0, 100.0, 1000.0, 1000.0, 500.0])
        register = np.array([101.0, 109.0, 1050.0, 1400.0, np.nan])
        codes = found(outline, register)
        outside = codes["area_outside_tolerance"]
        assert outside.parcel_ids == ("p1", "p2", "p3")
        said = outside.message.render("en")
        assert "3 of 4 parcel(s)" in said
        assert "by 459.0 m² in all" in said
        assert "p3 1,400.0 / 1,000.0 m²; p2 1,050.0 / 1,000.0 m²; p1 109.0 / 100.0 m²" in said
        assert "1:1200 (assumed)" in said
        assert codes["area_differs"].parcel_ids == ("p3",)

    def test_a_scale_that_was_said_is_not_called_assumed(self) -> None:
        outline, register = np.array([100.0]), np.array([106.0])
        assert found(outline, register) == {}
        issue = found(outline, register, scale_denominator=500)["area_outside_tolerance"]
        assert "for a map of 1:500, by 6.0 m²" in issue.message.render("en")

    def test_schematic_outlines_and_areas_taken_from_them_say_nothing(self) -> None:
        assert found(SIZES_M2, SIZES_M2 * 2, drawn=True) == {}
        assert found(SIZES_M2, SIZES_M2) == {}
        assert found(np.zeros(0), np.zeros(0)) == {}

    @given(st.lists(st.tuples(st.floats(), st.floats()), max_size=30))
    def test_whatever_comes_in_sentences_come_out(self, pairs: list[tuple[float, float]]) -> None:
        outline = np.array([a for a, _ in pairs], dtype=float)
        register = np.array([b for _, b in pairs], dtype=float)
        for issue in found(outline, register).values():
            assert issue.message.render("en")


def test_real_parcels_lie_within_their_tolerance(shared: Path) -> None:
    real = gpd.read_file(shared / "wirye_parcels_first9.geojson")
    outline_m2 = real.to_crs(5186).area.to_numpy()
    register_m2 = real["area_m2"].to_numpy(dtype=float)
    check = reconciled(outline_m2, register_m2)
    assert np.abs(check.difference_m2).max() < 2.5
    assert not check.outside.any()
    assert found(outline_m2, register_m2) == {}
