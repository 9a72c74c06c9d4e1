"""What is written: every format reads back to the same parcels and figures, or is not written."""

from __future__ import annotations

import csv
import json
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import geojson
import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from siteplan.app.lot_events import cut_lot, merged_lots
from siteplan.errors import InputError, UsageError
from siteplan.evaluation import evaluate
from siteplan.glossary import COLUMN_NAMES, COLUMNS
from siteplan.io import (
    WRITERS,
    default_scenario,
    plan_writer,
    read_parcels,
    read_plan,
    read_scenario,
    to_geojson,
    write_plan,
    write_scenario,
)
from siteplan.io.lonlat import lonlat_outlines
from siteplan.parcels import Parcels
from siteplan.scenario import Scenario
from siteplan.uses import USES
from tests import rfc7946
from tests.io.conftest import handmade
from tests.nasty import ZOO, X, Y

if TYPE_CHECKING:
    from pathlib import Path

    from siteplan.evaluation import Plan

DRAWINGS = {".dxf", ".city.json"}
VECTOR_ENDINGS = [ending for ending in WRITERS if ending not in {".scenario.json", *DRAWINGS}]
IN_DEGREES = {".geojson", ".json", ".kml"}
WITHOUT_SIGNATURE = {".csv", ".kml"}


@pytest.mark.parametrize("ending", VECTOR_ENDINGS)
def test_every_format_reads_back_to_the_same_parcels(
    plan: Plan, tmp_path: Path, ending: str
) -> None:
    written = write_plan(plan, tmp_path / f"계획{ending}")
    back = read_parcels(written, context=None)
    given = plan.parcels

    assert back.ids == given.ids
    assert back.pnus == given.pnus
    assert back.jibuns == given.jibuns
    assert back.names_ko == given.names_ko
    assert back.zones == given.zones  # not the zones that the plan assumed
    assert back.sources == given.sources
    assert back.evidence == given.evidence
    assert back.zone_verified.tolist() == given.zone_verified.tolist()
    assert back.site_area_m2.tolist() == given.site_area_m2.tolist()
    # 7 decimals of a degree are 11 mm; a strip of 5 mm is widened to fit that grid.
    tolerance_m = 0.03 if ending in IN_DEGREES else 0.0011
    apart_m = shapely.hausdorff_distance(back.geometry, given.geometry)
    assert (apart_m <= tolerance_m).all()


@pytest.mark.parametrize("ending", VECTOR_ENDINGS)
def test_every_format_reads_back_to_the_same_plan(plan: Plan, tmp_path: Path, ending: str) -> None:
    table = read_plan(write_plan(plan, tmp_path / f"plan{ending}"))
    frame = plan.frame

    assert list(table.frame.columns) == [*COLUMN_NAMES, "geometry"]
    assert table.total_gfa_m2 == plan.total_gfa_m2
    assert table.frame.crs.to_epsg() == 5186
    for column in COLUMNS:
        got, want = table.frame[column.name], frame[column.name]
        assert got.isna().tolist() == want.isna().tolist(), column.name
        if column.kind == "number":
            assert got.tolist() == pytest.approx(want.tolist(), abs=5e-7), column.name
        else:
            assert got.dropna().tolist() == want.dropna().tolist(), column.name
        if column.kind == "integer" and not want.isna().any():
            assert got.dtype == np.int64
    if ending not in WITHOUT_SIGNATURE:
        assert table.scenario_id == plan.scenario_id
        assert table.rules == plan.rules_id
        assert table.scenario is not None
        assert Scenario.from_json(table.scenario) == plan.scenario


@pytest.mark.parametrize("ending", [".geojson", ".gpkg", ".shp.zip", ".kml"])
def test_gdal_reads_the_columns_in_their_order(plan: Plan, tmp_path: Path, ending: str) -> None:
    written = write_plan(plan, tmp_path / f"plan{ending}")
    # A GeoPackage has a second layer, the colours for QGIS.
    info = pyogrio.read_info(written, layer="plan" if ending == ".gpkg" else None)
    want = [c.short_name if ending == ".shp.zip" else c.name for c in COLUMNS]
    got = [name for name in info["fields"].tolist() if name in want]

    assert info["features"] == len(plan.parcels)
    if ending == ".kml":  # a column without any value does not appear in KML
        want = [name for name in want if name in got]
        assert set(COLUMN_NAMES) - set(got) == {"phase"}
    assert got == want


class TestGeojson:
    def test_keeps_to_the_rfc(self, plan: Plan) -> None:
        text = to_geojson(plan)

        assert rfc7946.faults(text) == []
        assert geojson.loads(text).is_valid

    def test_the_checker_finds_faults(self) -> None:
        ring = [[127.0, 37.0], [127.0, 37.1], [127.1, 37.1], [127.1, 37.00000001]]
        shape = {"type": "Polygon", "coordinates": [ring]}
        feature = {"type": "Feature", "properties": {}, "geometry": shape}
        text = json.dumps(
            {"type": "FeatureCollection", "crs": {}, "bbox": [37, 127, 37, 127],
             "features": [feature]}
        )  # fmt: skip
        found = " ".join(rfc7946.faults(text))

        for fault in ("crs member", "not closed", "right-hand", "decimals", "bbox"):
            assert fault in found

    def test_one_feature_a_line_with_the_columns_first_and_nulls_for_nothing(
        self, plan: Plan
    ) -> None:
        text = to_geojson(plan)
        lines = [line for line in text.splitlines() if line.startswith('{"type":"Feature",')]
        first = json.loads(lines[0].rstrip(","))["properties"]

        assert len(lines) == len(plan.parcels)
        assert tuple(first)[: len(COLUMN_NAMES)] == COLUMN_NAMES
        assert first["phase"] is None
        assert isinstance(first["gfa_campus_m2"], int)
        assert isinstance(first["pnu"], str)

    def test_the_member_siteplan_says_who_made_it(self, plan: Plan) -> None:
        said = json.loads(to_geojson(plan))["siteplan"]

        assert said["scenario_id"] == "0123456789ab"
        assert said["rules"] == "seoul-2026-03-30"
        assert said["total_gfa_m2"] == plan.total_gfa_m2
        assert said["schematic"] is True
        assert Scenario.from_json(json.dumps(said["scenario"])) == plan.scenario

    def test_gdal_sees_wgs84(self, plan: Plan, tmp_path: Path) -> None:
        frame = gpd.read_file(write_plan(plan, tmp_path / "plan.geojson"))

        assert frame.crs.to_epsg() == 4326
        assert frame.geometry.is_valid.all()

    def test_the_whole_zoo_stays_valid_at_seven_decimals(self) -> None:
        usable = [
            (case.name, case.geometry)
            for case in ZOO
            if case.area_m2 is not None and shapely.is_valid(case.geometry)
            and shapely.get_type_id(case.geometry) in (3, 6)
        ]  # fmt: skip
        shapes = [shapely.force_2d(shape) for _, shape in usable]
        shapes += _thin_wedges()
        frame = gpd.GeoDataFrame(geometry=shapes, crs=5186)
        text = to_geojson(handmade(Parcels.from_frame(frame)))
        back = gpd.read_file(text)

        assert rfc7946.faults(text) == []
        assert back.geometry.is_valid.all()
        assert len(back) == len(shapes)


def _thin_wedges() -> list[shapely.Polygon]:
    """Return wedges of 2 cm and less at their wide end, which rounding to 1 cm breaks."""
    rng = np.random.default_rng(3)
    return [
        shapely.Polygon(
            [(X, Y), (X + 40 + dx, Y + dy), (X + 80, Y + 3 * dy), (X + 40, Y + dy - width)]
        )
        for dx, dy, width in rng.uniform((0, 3, 0.001), (9, 17, 0.02), size=(200, 3))
    ]


def test_rounding_moves_points_by_at_most_a_centimetre_where_nothing_breaks() -> None:
    square = np.array([shapely.box(X, Y, X + 30, Y + 20)], dtype=object)
    outline = lonlat_outlines(square)
    back = gpd.GeoSeries(outline, crs=4326).to_crs(5186)

    assert shapely.hausdorff_distance(back.iloc[0], square[0]) < 0.01
    assert shapely.is_ccw(shapely.get_exterior_ring(outline[0]))


class TestShapefile:
    def test_names_are_short_and_text_is_utf8(self, plan: Plan, tmp_path: Path) -> None:
        written = write_plan(plan, tmp_path / "plan.shp.zip")
        with zipfile.ZipFile(written) as archive:
            names = set(archive.namelist())
            cpg = archive.read("plan.cpg").decode()
        fields = pyogrio.read_info(written)["fields"].tolist()

        assert {"plan.shp", "plan.shx", "plan.dbf", "plan.prj", "plan.cpg"} <= names
        assert cpg.strip() == "UTF-8"
        assert all(len(name) <= 10 for name in fields)


class TestCsv:
    def test_excel_gets_a_mark_and_pnus_stay_text(self, plan: Plan, tmp_path: Path) -> None:
        written = write_plan(plan, tmp_path / "plan.csv")
        assert written.read_bytes().startswith(b"\xef\xbb\xbf")
        with written.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))

        assert [row["pnu"] for row in rows] == [pnu or "" for pnu in plan.parcels.pnus]
        assert rows[0]["gfa_campus_m2"] == "1000"
        assert [row["jibun"] for row in rows][1] == '산 223-1 "대" & <옥>'
        shapes = shapely.from_wkt([row["WKT"] for row in rows])
        assert shapely.area(shapes) == pytest.approx([2000, 2600, 800, 0.5])

    def test_spreadsheets_that_spoil_pnus_are_found_out(self, plan: Plan, tmp_path: Path) -> None:
        written = write_plan(plan, tmp_path / "plan.csv")
        table = pd.read_csv(written, dtype=str)
        table["pnu"] = "1.1650102E+18"
        table.to_csv(written, index=False)
        back = read_parcels(written, context=None)

        assert back.pnus == (None,) * 4
        assert "column_damaged" in {issue.code for issue in back.issues}


class TestWhole:
    def test_an_unknown_ending_names_those_that_exist(self, plan: Plan) -> None:
        with pytest.raises(UsageError, match=r"plan\.docx .*\.geojson.*\.gpkg.*\.html"):
            plan_writer("plan.docx")
        with pytest.raises(UsageError, match=r"\.kml"):
            write_plan(plan, "plan")

    def test_endings_go_by_the_longest_and_without_case(self, plan: Plan, tmp_path: Path) -> None:
        scenario = write_plan(plan, tmp_path / "a.SCENARIO.json")
        assert read_scenario(scenario) == plan.scenario
        assert rfc7946.faults(write_plan(plan, tmp_path / "B.JSON").read_text("utf-8")) == []

    def test_a_missing_folder_is_named(self, plan: Plan, tmp_path: Path) -> None:
        with pytest.raises(InputError, match=r"no folder .*nowhere"):
            write_plan(plan, tmp_path / "nowhere" / "plan.geojson")
        (tmp_path / "folder.csv").mkdir()
        with pytest.raises(InputError, match="is a folder"):
            write_plan(plan, tmp_path / "folder.csv")

    def test_a_failed_write_leaves_the_old_file_and_nothing_beside_it(
        self, plan: Plan, tmp_path: Path
    ) -> None:
        target = tmp_path / "plan.geojson"
        target.write_text("old")
        broken = replace(plan, gfa_m2=np.zeros((1, 1), dtype=np.int64))

        with pytest.raises(Exception):  # noqa: B017, PT011 - whichever comes first
            write_plan(broken, target)
        assert target.read_text() == "old"
        assert list(tmp_path.iterdir()) == [target]

    def test_an_old_file_is_replaced(self, plan: Plan, tmp_path: Path) -> None:
        for ending in (*VECTOR_ENDINGS, ".scenario.json"):
            target = tmp_path / f"plan{ending}"
            target.write_text("old")
            assert write_plan(plan, target) == target
            assert target.read_bytes() != b"old"
        assert len(list(tmp_path.iterdir())) == len(VECTOR_ENDINGS) + 1

    def test_an_infeasible_plan_is_not_written_but_its_scenario_is(
        self, plan: Plan, tmp_path: Path
    ) -> None:
        hopeless = replace(plan, status="infeasible")

        with pytest.raises(InputError, match="infeasible"):
            write_plan(hopeless, tmp_path / "plan.gpkg")
        assert write_plan(hopeless, tmp_path / "plan.scenario.json").is_file()
        assert [path.name for path in tmp_path.iterdir()] == ["plan.scenario.json"]


class TestScenario:
    def test_reads_back_the_same(self, tmp_path: Path) -> None:
        scenario = Scenario(name="첫째 안", assumed_zone="준주거지역")
        assert read_scenario(write_scenario(scenario, tmp_path / "a.json")) == scenario

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"{", "not valid JSON"),
            (b"[]", "not a siteplan scenario"),
            (b'{"siteplan_scenario": 1, "colour": 3}', "colour"),
            (b"\xff\xfe\x00\xd8", "cannot be read as text"),
        ],
    )
    def test_what_is_no_scenario_is_refused(
        self, tmp_path: Path, content: bytes, said: str
    ) -> None:
        path = tmp_path / "a.scenario.json"
        path.write_bytes(content)
        with pytest.raises(InputError, match=said):
            read_scenario(path)

    def test_a_missing_file_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match=r"no file .*b\.json"):
            read_scenario(tmp_path / "b.json")


def test_what_is_no_plan_is_refused(plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "parcels.gpkg"
    plan.parcels.frame.to_file(path, driver="GPKG")
    with pytest.raises(InputError, match="not a plan that siteplan wrote"):
        read_plan(path)


def test_a_real_plan_reads_back_and_plans_the_same_again(tmp_path: Path) -> None:
    parcels = read_parcels()
    plan = evaluate(parcels, default_scenario(parcels))
    text = to_geojson(plan)
    written = write_plan(plan, tmp_path / "plan.geojson")
    back = read_parcels(written)
    table = read_plan(written)
    assert table.scenario is not None
    again = evaluate(back, Scenario.from_json(table.scenario))

    assert rfc7946.faults(text) == []
    assert table.total_gfa_m2 == plan.total_gfa_m2 == 270_000
    for column, use in enumerate(USES):
        assert table.frame[f"gfa_{use}_m2"].tolist() == plan.gfa_m2[:, column].tolist()
    assert back.ids == parcels.ids
    assert again.uses_gfa_m2.tolist() == plan.uses_gfa_m2.tolist()
    # Outlines moved by up to 1 cm, so distances and scores did in the fifth digit.
    assert again.objective == pytest.approx(plan.objective, rel=1e-4)


@pytest.mark.parametrize("ending", [e for e in VECTOR_ENDINGS if e not in WITHOUT_SIGNATURE])
def test_merged_and_cut_lots_are_exported_and_not_changed_again_when_read_back(
    tmp_path: Path, ending: str
) -> None:
    parcels = read_parcels()
    (x, y), *_ = shapely.get_coordinates(
        shapely.centroid(parcels.geometry[parcels.index["YJ-223"]])
    )
    scenario = merged_lots(default_scenario(), ("YJ-224", "YJ-225"), parcels=parcels).scenario
    line = ((x - 1, y), (x + 1, y))
    scenario = cut_lot(scenario, "YJ-223", line, parcels=parcels).scenario
    plan = evaluate(parcels, scenario)
    written = write_plan(plan, tmp_path / f"plan{ending}")
    table = read_plan(written)
    assert table.frame["parcel_id"].tolist() == list(plan.parcels.ids)
    assert table.scenario is not None
    back = evaluate(read_parcels(written), Scenario.from_json(table.scenario))
    assert back.scenario == scenario
    assert back.parcels.ids == plan.parcels.ids
    assert back.parcels.site_area_m2.tolist() == plan.parcels.site_area_m2.tolist()
    assert back.parcels.jibuns == plan.parcels.jibuns
    assert back.gfa_m2.tolist() == plan.gfa_m2.tolist()
    assert not {i.code for i in back.issues} & {"edit_without_parcel", "edit_refused"}
