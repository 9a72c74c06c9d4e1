"""The shipped Yangjae data keeps the promises of ``data/yangjae/README.md``."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
from pyproj import Transformer
from shapely.geometry import Point, shape

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

FOLDER = Path(__file__).resolve().parents[1] / "data" / "yangjae"
FILES = ("parcels.geojson", "context.geojson")
FRAME = (127.020, 37.452, 127.055, 37.480)
ZONES = {"유통상업지역", "준주거지역", "제2종일반주거지역", "제3종일반주거지역", "자연녹지지역"}
PUBLISHED_AREAS_M2 = {
    "1165010200102230000": 32_094.0,
    "1165010200102240000": 9_782.0,
    "1165010200102250000": 86_000.0,
    "1165010200102290000": 8_496 / 0.516,
    "1165010300101410000": 5_098.7,
}
PUBLISHED_LOTS = {
    "양재동 223", "양재동 224", "양재동 225", "양재동 215", "양재동 229", "양재동 229-7",
    "양재동 231", "양재동 232", "우면동 141", "우면동 142",
}  # fmt: skip
DISTRIBUTION_LOTS = 14
DISTRIBUTION_AREA_M2 = 415_000.0
PARK_AREA_M2 = 244_243.0
# Shared edges are cut where a street's edge runs, and coordinates are rounded to 0.1 mm.
TOUCH_M2 = 0.1

Features = list[dict[str, Any]]


def read_features(name: str) -> Features:
    features: Features = json.loads((FOLDER / name).read_text(encoding="utf-8"))["features"]
    return features


def metres(geometry: BaseGeometry) -> BaseGeometry:
    project = Transformer.from_crs(4326, 5186, always_xy=True).transform
    return shapely.transform(geometry, lambda points: np.column_stack(project(*points.T)))


@pytest.fixture(scope="module")
def parcels() -> Features:
    return read_features("parcels.geojson")


@pytest.fixture(scope="module")
def context() -> Features:
    return read_features("context.geojson")


@pytest.fixture(scope="module")
def outlines(parcels: Features) -> dict[str, BaseGeometry]:
    """EPSG:5186 outline of each parcel."""
    return {row["properties"]["parcel_id"]: metres(shape(row["geometry"])) for row in parcels}


class TestFiles:
    def test_rebuilding_gives_the_shipped_bytes(self, tmp_path: Path) -> None:
        subprocess.run([sys.executable, str(FOLDER / "build.py"), str(tmp_path)], check=True)
        for name in FILES:
            assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes(), name

    @pytest.mark.parametrize("name", FILES)
    def test_is_rfc_7946_with_one_feature_a_line(self, name: str) -> None:
        text = (FOLDER / name).read_text(encoding="utf-8")
        collection = json.loads(text)
        assert "crs" not in collection
        geometries = [shape(row["geometry"]) for row in collection["features"]]
        assert collection["bbox"] == pytest.approx(list(shapely.total_bounds(geometries)))
        for geometry in geometries:
            for part in getattr(geometry, "geoms", [geometry]):
                if part.geom_type == "Polygon":
                    assert part.exterior.is_ccw
        assert len([line for line in text.splitlines() if line.startswith('{"type": "Feature",')]
                   ) == len(geometries)  # fmt: skip

    def test_parcels_lie_in_the_frame(self, parcels: Features) -> None:
        west, south, east, north = shapely.total_bounds([shape(p["geometry"]) for p in parcels])
        assert FRAME[0] <= west < east <= FRAME[2]
        assert FRAME[1] <= south < north <= FRAME[3]


class TestProperties:
    def test_count_and_unique_ids(self, parcels: Features) -> None:
        assert 80 <= len(parcels) <= 150
        assert len({row["properties"]["parcel_id"] for row in parcels}) == len(parcels)

    def test_pnu_only_where_a_lot_number_is_published(self, parcels: Features) -> None:
        for row in (parcel["properties"] for parcel in parcels):
            published = row["evidence"] == "published"
            assert (row["pnu"] is not None) == (row["jibun"] is not None) == published
            if published:
                dong, _, number = row["jibun"].partition(" ")
                bon, _, bu = number.partition("-")
                code = {"양재동": "1165010200", "우면동": "1165010300"}[dong]
                assert row["pnu"] == f"{code}1{int(bon):04d}{int(bu or 0):04d}"
        assert {p["properties"]["jibun"] for p in parcels} - {None} == PUBLISHED_LOTS

    def test_zones_are_known_names_and_unverified(self, parcels: Features) -> None:
        assert {row["properties"]["zone"] for row in parcels} == ZONES
        assert {row["properties"]["zone_verified"] for row in parcels} == {False}

    def test_every_source_says_whose_the_area_is(self, parcels: Features) -> None:
        for row in (parcel["properties"] for parcel in parcels):
            drawn = row["source"] == "schematic: drawn by siteplan"
            ours = row["source"].endswith("; area is ours, not published")
            assert row["area_published"] == (not drawn and not ours)
            assert drawn == (row["evidence"] == "schematic")


class TestAreas:
    def test_published_areas_within_half_a_square_metre(
        self, parcels: Features, outlines: dict[str, BaseGeometry]
    ) -> None:
        published = [row["properties"] for row in parcels if row["properties"]["area_published"]]
        assert {row["pnu"] for row in published} == set(PUBLISHED_AREAS_M2)
        for row in published:
            area_m2 = PUBLISHED_AREAS_M2[row["pnu"]]
            assert row["site_area_m2"] == pytest.approx(area_m2, abs=0.5)
            assert outlines[row["parcel_id"]].area == pytest.approx(row["site_area_m2"], abs=0.5)

    def test_other_areas_are_those_of_the_outlines(
        self, parcels: Features, outlines: dict[str, BaseGeometry]
    ) -> None:
        for row in (parcel["properties"] for parcel in parcels):
            outline = outlines[row["parcel_id"]]
            assert outline.area == pytest.approx(row["site_area_m2"], abs=0.5)

    def test_fourteen_distribution_lots(self, parcels: Features) -> None:
        rows = [p["properties"] for p in parcels if p["properties"]["facility"] == "유통업무설비"]
        assert len(rows) == DISTRIBUTION_LOTS
        total_m2 = sum(row["site_area_m2"] for row in rows)
        assert total_m2 == pytest.approx(DISTRIBUTION_AREA_M2, rel=0.02)

    def test_forest_park(self, context: Features) -> None:
        (park,) = [f for f in context if f["properties"]["name_ko"] == "매헌시민의숲"]
        assert metres(shape(park["geometry"])).area == pytest.approx(PARK_AREA_M2, rel=0.01)


class TestArrangement:
    def test_outlines_are_a_valid_coverage(self, outlines: dict[str, BaseGeometry]) -> None:
        shapes = list(outlines.values())
        assert shapely.is_valid(shapes).all()
        assert shapely.coverage_is_valid(shapes)

    def test_no_gap_too_narrow_to_be_meant(self, outlines: dict[str, BaseGeometry]) -> None:
        # A lane is wider than a metre; anything narrower between two lots is a drawing fault.
        assert shapely.coverage_is_valid(list(outlines.values()), gap_width=1.0)

    def test_no_slivers(self, outlines: dict[str, BaseGeometry]) -> None:
        for parcel_id, outline in outlines.items():
            assert outline.area > 150, parcel_id
            assert not outline.buffer(-4).is_empty, parcel_id
            assert outline.buffer(-3).geom_type == "Polygon", parcel_id

    @pytest.mark.parametrize("kind", ["road", "stream", "park"])
    def test_lots_keep_off(
        self, kind: str, context: Features, outlines: dict[str, BaseGeometry]
    ) -> None:
        surfaces = [metres(shape(f["geometry"])) for f in context
                    if f["properties"]["kind"] == kind]  # fmt: skip
        assert surfaces
        ground = shapely.union_all(surfaces)
        for parcel_id, outline in outlines.items():
            assert outline.intersection(ground).area < TOUCH_M2, parcel_id

    def test_lots_lie_where_their_published_points_are(
        self, outlines: dict[str, BaseGeometry]
    ) -> None:
        with (FOLDER / "facts" / "lots.csv").open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["lon"]]
        assert len(rows) >= 10
        for row in rows:
            point = metres(Point(float(row["lon"]), float(row["lat"])))
            distance_m = outlines[row["parcel_id"]].distance(point)
            assert distance_m <= float(row["max_distance_m"]), row["parcel_id"]


class TestContext:
    def test_everything_is_marked_schematic_with_a_source(self, context: Features) -> None:
        for row in (feature["properties"] for feature in context):
            assert row["schematic"] is True
            assert row["source"]

    def test_what_a_map_needs_is_there(self, context: Features) -> None:
        names: dict[str, set[str]] = {}
        for row in (feature["properties"] for feature in context):
            names.setdefault(row["kind"], set()).add(row["name_ko"])
        assert {"양재대로", "강남대로", "매헌로", "태봉로", "바우뫼로", "헌릉로"} <= names["road"]
        assert names["road_line"] == names["road"]
        assert names["stream"] == {"양재천", "여의천"}
        assert names["district"] == {"양재동", "우면동"}
        assert names["station"] == {"양재역", "양재시민의숲(매헌)역", "청계산입구역"}

    def test_ai_hub_stands_on_its_lot(
        self, context: Features, outlines: dict[str, BaseGeometry]
    ) -> None:
        (hub,) = [f for f in context if f["properties"].get("role") == "ai_hub"]
        assert metres(shape(hub["geometry"])).within(outlines["UM-141"])
