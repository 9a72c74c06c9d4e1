"""Files as Korean offices have them: told by their content, read through the public functions."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from siteplan.errors import InputError
from siteplan.io import read_parcels, read_parcels_report
from siteplan.io.columns import facts, number
from siteplan.io.recognition import Recognised, expect_kind, name_contradicted, recognised
from siteplan.io.registers import Register, joined, read_register
from siteplan.io.source import Located, located
from siteplan.io.vectors import RawTable, read_table
from siteplan.issues import Issue
from tests.io.conftest import ORIGIN_M, lots_with_categories

X, Y = ORIGIN_M
PNUS = ["1165010200102220000", "1165010200102230001"]
DONG = "1165010200"


def lots(count: int = 2, **columns: object) -> gpd.GeoDataFrame:
    squares = [shapely.box(X + 20 * i, Y, X + 20 * i + 10, Y + 10) for i in range(count)]
    return gpd.GeoDataFrame(columns, geometry=squares, crs=5186)


def codes(issues: Any) -> dict[str, Issue]:
    return {issue.code: issue for issue in issues}


def zipped(folder: Path, target: Path, *, stem: str) -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for part in sorted(folder.iterdir()):
            archive.write(part, f"폴더/{stem}{part.suffix}")
    return target


def shapefile_zip(tmp_path: Path, frame: gpd.GeoDataFrame, *, stem: str) -> Path:
    """Return a zip as the national download has it: CP949, no .cpg, a Korean name."""
    folder = tmp_path / "parts"
    folder.mkdir()
    pyogrio.write_dataframe(frame, folder / "a.shp", encoding="CP949")
    (folder / "a.cpg").unlink(missing_ok=True)
    return zipped(folder, tmp_path / "a.zip", stem=stem)


def table(content: str | bytes, tmp_path: Path, *, name: str) -> RawTable:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    file_format = {"csv": "csv", "kml": "kml"}.get(path.suffix[1:], "geojson")
    found = Located(name, file_format, {path.stem: path}, tmp_path)
    return read_table(found, encoding=None, layer=None)


LDREG: dict[str, object] = {
    "PNU": PNUS,
    "JIBUN": ["222대", "223-1전"],
    "BCHK": ["1", "1"],
    "SGG_OID": [101.0, 102.0],
    "COL_ADM_SE": ["11650", "11650"],
}
D002: dict[str, object] = {
    "A1": PNUS,
    "A2": [DONG, DONG],
    "A3": ["서울특별시 서초구 양재동"] * 2,
    "A4": ["222", "223-1"],
    "A5": ["222대", "223-1전"],
    "A6": ["2026-10-01"] * 2,
    "A7": ["11650"] * 2,
}
D194: dict[str, object] = {
    "A1": PNUS,
    "A2": [DONG, DONG],
    "A3": ["서울특별시 서초구 양재동"] * 2,
    "A10": ["08", "01"],
    "A11": ["대", "전"],
    "A12": [99.5, 101.0],
    "A13": ["16", "43"],
    "A14": ["준주거지역", "자연녹지지역"],
    "A15": ["00", "13"],
    "A16": ["지정되지않음", "제1종일반주거지역"],
    "A25": [12_340_000.0, 0.0],
    "A26": ["2026-01-01"] * 2,
}
D010: dict[str, object] = {
    "A1": ["B001", "B002"],
    "A2": PNUS,
    "A9": ["업무시설", "공동주택"],
    "A12": [80.0, 70.0],
    "A14": [400.0, 210.0],
    "A16": [31.5, 12.0],
}
UQ111: dict[str, object] = {
    "DGM_NM": ["준주거지역", "자연녹지지역"],
    "SCLAS_CL": ["", ""],
    "DGM_AR": [9e6, 8e6],
}
VWORLD = {
    "pnu": PNUS,
    "jibun": ["222대", "223-1전"],
    "bonbun": ["0222", "0223"],
    "bubun": ["", "0001"],
    "addr": ["서울특별시 서초구 양재동 222", "서울특별시 서초구 양재동 223-1"],
    "gosi_year": ["2026", "2026"],
    "gosi_month": ["01", "01"],
    "jiga": ["12340000", "9870000"],
}


class TestLayouts:
    @pytest.mark.parametrize(
        ("columns", "kind", "layout", "taken"),
        [
            (LDREG, "parcels", "LSMD_CONT_LDREG", {"pnu": "PNU", "jibun": "JIBUN"}),
            (D002, "parcels", "AL_D002", {"pnu": "A1", "jibun": "A5", "as_of": "A6"}),
            (
                D194,
                "parcels",
                "AL_D194",
                {"pnu": "A1", "zone": "A14", "zone2": "A16", "site_area_m2": "A12",
                 "jimok": "A11", "land_price_krw_per_m2": "A25", "as_of": "A26"},
            ),
            (D010, "buildings", "AL_D010", {"pnu": "A2", "height_m": "A16", "use": "A9"}),
            (UQ111, "zoning", "UPIS_C_UQ111", {"zone": "DGM_NM"}),
            (VWORLD, "parcels", "LP_PA_CBND_BUBUN",
             {"pnu": "pnu", "jibun": "jibun", "land_price_krw_per_m2": "jiga",
              "as_of": "gosi_year"}),
            ({"uname": ["준주거지역"] * 2, "sido_name": ["서울특별시"] * 2}, "zoning",
             "LT_C_UQ111", {"zone": "uname"}),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("name", ["아무 이름", "AL_D000_11_20261001"])
    def test_each_is_told_by_its_content_under_any_name(
        self, tmp_path: Path, columns: dict[str, object], kind: str, layout: str,
        taken: dict[str, str], name: str,
    ) -> None:  # fmt: skip
        with located(shapefile_zip(tmp_path, lots(**columns), stem=name)) as found:
            read = read_table(found, encoding=None, layer=None)
        known = recognised(read.frame)

        assert known.kind == kind
        assert (known.layout or "").startswith(layout)
        assert dict(known.columns) == taken
        assert read.layer == name

    def test_land_characteristics_come_through_whole(self, tmp_path: Path) -> None:
        path = shapefile_zip(tmp_path, lots(**D194), stem="AL_D194_11650_20261001")
        parcels, report = read_parcels_report(path, context=None)

        assert report.encoding == "cp949"
        assert parcels.pnus == tuple(PNUS)
        assert parcels.zones == ("준주거지역", "자연녹지지역")
        assert parcels.jimoks == ("대", "전")
        assert parcels.site_area_m2.tolist() == [99.5, 101.0]
        assert parcels.land_price_krw_per_m2[0] == 12_340_000
        assert codes(parcels.issues)["values_unread"].details["column"] == "A25"  # 0 is no price
        plain, _, _ = facts(lots(**D194))
        assert plain["zone2"].tolist()[1] == "제1종일반주거지역"
        assert pd.isna(plain["zone2"].tolist()[0])

    def test_numbered_columns_that_fit_no_layout_are_not_guessed(self) -> None:
        known = recognised(lots(A1=["B1", "B2"], A12=[1.0, 2.0], A14=["철근콘크리트"] * 2))
        assert known == Recognised("other", None, {}, unmapped=("A1", "A12", "A14"))

    def test_pnus_are_found_by_their_form_under_a_name_nobody_knows(self) -> None:
        frame = lots(코드=PNUS, 번호=["1", "2"])
        plain, columns, issues = facts(frame)
        assert columns == {"pnu": "코드"}
        assert plain["pnu"].tolist() == PNUS
        assert codes(issues)["column_by_content"].details["column"] == "코드"

    def test_two_columns_of_pnus_are_not_chosen_between(self) -> None:
        assert "pnu" not in recognised(lots(가=PNUS, 나=PNUS)).columns

    def test_unconfirmed_columns_of_buildings_are_said_to_be_so(self) -> None:
        plain, _, issues = facts(lots(**D010))
        assert plain["height_m"].tolist() == [31.5, 12.0]
        unverified = [i for i in issues if i.code == "column_unverified"]
        assert {i.details["fact"] for i in unverified} == {"height_m", "use"}

    def test_a_plan_map_of_something_else_is_no_zoning(self) -> None:
        assert recognised(lots(DGM_NM=["지구단위계획구역"] * 2, DGM_AR=[1.0, 2.0])).kind == "other"

    def test_real_zoning_and_parcels(self, shared: Path) -> None:
        zones = recognised(gpd.read_file(shared / "pangyo_landuse_uq111.geojson"))
        assert (zones.kind, zones.layout) == ("zoning", "UPIS_C_UQ111 용도지역")
        with located(shared / "LSMD_like_5186_prj_nocpg.zip") as found:
            read = read_table(found, encoding=None, layer=None)
        assert (recognised(read.frame).layout or "").startswith("LSMD_CONT_LDREG")

    @pytest.mark.parametrize(
        ("columns", "said"),
        [
            (UQ111, r"a\.zip is a map of zones.*UPIS_C_UQ111.*--zoning a\.zip"),
            (D010, r"a\.zip is a file of buildings.*AL_D010.*LSMD_CONT_LDREG"),
        ],
    )
    def test_a_file_of_another_kind_says_what_it_is(
        self, columns: dict[str, object], said: str
    ) -> None:
        with pytest.raises(InputError, match=said):
            expect_kind(recognised(lots(**columns)), kind="parcels", name="a.zip")

    def test_kinds_that_fit_are_let_through(self) -> None:
        expect_kind(recognised(lots(**LDREG)), kind="parcels", name="a")
        expect_kind(recognised(lots(**UQ111)), kind="zoning", name="a")
        expect_kind(recognised(lots(what=["x", "y"])), kind="parcels", name="a")
        with pytest.raises(InputError, match=r"is a file of parcels.*a map of zones"):
            expect_kind(recognised(lots(**LDREG)), kind="zoning", name="a")

    def test_a_name_that_contradicts_is_remarked(self) -> None:
        zones = recognised(lots(**UQ111))
        assert name_contradicted(zones, name="UPIS_C_UQ111.zip") == []
        (issue,) = name_contradicted(zones, name="LSMD_CONT_LDREG_11650_202604.zip")
        assert "a map of zones" in str(issue.message)


class TestColumns:
    def test_the_person_goes_before_everything(self) -> None:
        frame = lots(PNU=["x", "y"], 코드=PNUS, 용도=["준주거지역", "자연녹지지역"])
        plain, columns, _ = facts(frame, mapping={"pnu": "코드", "zone": " 용도 "})
        assert columns == {"pnu": "코드", "zone": "용도"}
        assert plain["pnu"].tolist() == PNUS
        known = recognised(frame, mapping={"pnu": "코드", "zone": "용도"})
        assert known.mapped_by_person == ("pnu", "zone")
        assert known.kind == "parcels"

    @pytest.mark.parametrize(
        ("mapping", "said"),
        [
            ({"pnu": "없음"}, r"no column 없음 for pnu\. The file has: PNU, 용도"),
            ({"colour": "PNU"}, r"colour is no fact.*pnu, jibun"),
            ({"pnu": "geometry"}, "no column geometry"),
        ],
    )
    def test_what_is_not_there_names_the_choices(self, mapping: dict[str, str], said: str) -> None:
        with pytest.raises(InputError, match=said):
            facts(lots(PNU=PNUS, 용도=["가", "나"]), mapping=mapping)

    def test_columns_that_nobody_understood_are_named_with_the_fix(self) -> None:
        frame = lots(PNU=PNUS, 용도=["준주거지역"] * 2, 넓이=[1.0, 2.0], fid=[1, 2])
        known = recognised(frame)
        _, _, issues = facts(frame)
        assert known.unmapped == ("용도", "넓이")
        assert str(codes(issues)["columns_unmapped"].fix).endswith("(--column zone=COLUMN).")

    @pytest.mark.parametrize("encoding", ["CP949", "UTF-8"])
    def test_names_cut_to_ten_bytes_in_a_dbf(self, tmp_path: Path, encoding: str) -> None:
        frame = lots(
            필지고유번호=PNUS,
            개별공시지가=[1e6, 2e6],
            용도지역1=["준주거지역", "자연녹지지역"],
            용도지역2=["자연녹지지역", "준주거지역"],
        )
        with pytest.warns(RuntimeWarning, match="Normalized"):
            pyogrio.write_dataframe(frame, tmp_path / "a.shp", encoding=encoding)
        parcels = read_parcels(tmp_path / "a.shp", context=None)
        assert parcels.pnus == tuple(PNUS)
        assert parcels.zones == ("준주거지역", "자연녹지지역")
        assert parcels.land_price_krw_per_m2.tolist() == [1e6, 2e6]

    @pytest.mark.parametrize("spoilt", ["1.1650102E+18", "1.16501E+18", "1165010200102220032.0"])
    def test_spreadsheet_damage_is_an_error_and_leaves_no_pnu(self, spoilt: str) -> None:
        plain, _, issues = facts(lots(PNU=[spoilt, PNUS[1]]))
        assert pd.isna(plain["pnu"].tolist()[0])
        assert plain["pnu"].tolist()[1] == PNUS[1]
        damaged = codes(issues)["column_damaged"]
        assert (damaged.severity, damaged.details["example"]) == ("error", spoilt)

    @pytest.mark.parametrize("guarded", ["'{}", '="{}"', " {} "])
    def test_marks_that_keep_a_spreadsheet_from_rounding_are_taken_off(self, guarded: str) -> None:
        plain, _, issues = facts(lots(PNU=[guarded.format(pnu) for pnu in PNUS]))
        assert plain["pnu"].tolist() == PNUS
        assert "column_damaged" not in codes(issues)

    @pytest.mark.parametrize(
        ("written", "figure"),
        [
            ("1,234.5 ㎡", 1234.5), ("1,234", 1234), ("12,5", 12.5), ("1234,56", 1234.56),
            (" 7 ", 7), ("1,234,567", 1234567), ("12,340,000원", 12340000), ("nan", None),
            ("inf", None), ("좁다", None), ("", None), (3, 3.0), (float("nan"), None),
        ],
    )  # fmt: skip
    def test_numbers_written_for_people(self, written: object, figure: float | None) -> None:
        assert number(written) == figure

    @given(st.floats(-1e12, 1e12).map(lambda value: round(value, 3)))
    def test_thousands_are_read_as_they_are_written(self, value: float) -> None:
        assert number(f"{value:,.3f}") == pytest.approx(value)


class TestVWorld:
    def page(self, *, total: int = 2, **more: object) -> dict[str, Any]:
        features = json.loads(lots(**VWORLD).to_crs(4326).to_json())["features"]
        return {
            "response": {
                "status": "OK",
                "record": {"total": str(total), "current": "2"},
                "page": {"total": "1", "current": "1", "size": "1000"},
                "result": {
                    "featureCollection": {"type": "FeatureCollection", "features": features}
                },
                **more,
            }
        }

    def test_a_saved_reply_is_read(self) -> None:
        parcels, report = read_parcels_report(
            json.dumps(self.page()).encode(), name="a.json", context=None
        )
        assert lots_with_categories(parcels) == ("222대", "223-1전")
        assert parcels.pnus == tuple(PNUS)
        assert parcels.land_price_krw_per_m2.tolist() == [12_340_000, 9_870_000]
        assert report.format == "GeoJSON"
        assert "page_of_many" not in codes(parcels.issues)

    def test_one_page_of_many_is_said_to_be_one(self) -> None:
        content = json.dumps(self.page(total=1234), ensure_ascii=False).encode("cp949")
        parcels = read_parcels(content, name="a.json", context=None)
        details = codes(parcels.issues)["page_of_many"].details
        assert details == {"present": 2, "total": 1234}
        assert lots_with_categories(parcels)[0] == "222대"

    def test_a_list_of_pages(self, tmp_path: Path) -> None:
        nothing = {"response": {"status": "NOT_FOUND", "record": {"total": "0"}}}
        read = table(
            json.dumps([self.page(total=4), self.page(total=4), nothing]), tmp_path, name="a.json"
        )
        assert len(read.frame) == 4
        assert "page_of_many" not in codes(read.issues)

    def test_the_sample_replies(self, shared: Path) -> None:
        sample = shared / "vworld_LP_PA_CBND_BUBUN_example.json"
        assert lots_with_categories(read_parcels(sample, context=None)) == ("175전",)
        replies = json.loads((shared / "vworld_error_examples.json").read_text("utf-8"))
        with pytest.raises(InputError, match=r"INVALID_KEY: 등록되지 않은.*Check the key"):
            read_parcels(json.dumps(replies["error"]).encode(), name="a.json")
        with pytest.raises(InputError, match=r"found nothing \(NOT_FOUND\).*larger box"):
            read_parcels(json.dumps(replies["not_found"]).encode(), name="a.json")

    @pytest.mark.parametrize(
        ("reply", "said"),
        [
            ({"status": "ERROR"}, r"error of the VWorld service, ERROR"),
            ({"status": "ERROR", "error": "no"}, "error of the VWorld service"),
            ({"status": "OK", "result": {}}, "no rows|no polygons"),
            ({"status": "OK", "result": {"featureCollection": []}}, "no GeoJSON"),
        ],
    )
    def test_odd_replies(self, reply: dict[str, object], said: str) -> None:
        with pytest.raises(InputError, match=said):
            read_parcels(json.dumps({"response": reply}).encode(), name="a.json")

    def test_a_reply_that_breaks_off(self) -> None:
        with pytest.raises(InputError, match="broken off"):
            read_parcels(json.dumps(self.page()).encode()[:-30], name="a.json")


class TestJson:
    @pytest.mark.parametrize("mark", ["", "\x1e"])
    def test_a_feature_on_each_line(self, tmp_path: Path, mark: str) -> None:
        features = json.loads(lots(jibun=["1 대", "2 전"]).to_crs(4326).to_json())["features"]
        text = "".join(f"{mark}{json.dumps(f, ensure_ascii=False)}\n" for f in features)
        assert table(text, tmp_path, name="a.json").frame["jibun"].tolist() == ["1 대", "2 전"]

    @pytest.mark.parametrize("after", [False, True])
    def test_the_crs_member_of_2008_is_honoured(self, tmp_path: Path, *, after: bool) -> None:
        document = json.loads(lots(crs=["null", "x"]).to_json())
        member = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::5186"}}
        document.pop("crs", None)
        document = document | {"crs": member} if after else {"crs": member} | document
        read = table(json.dumps(document), tmp_path, name="a.json")
        assert read.frame.crs.to_epsg() == 5186
        assert read_parcels(json.dumps(document).encode(), context=None).site_area_m2[0] == 100

    @pytest.mark.parametrize(
        "member",
        [
            None,
            {"type": "name", "properties": {"name": "klingon"}},
        ],
    )
    def test_a_crs_member_that_names_none_is_not_wgs84(
        self, tmp_path: Path, member: object
    ) -> None:
        document = {"crs": member} | json.loads(lots(a=[1, 2]).to_crs(4326).to_json())
        document["crs"] = member
        assert table(json.dumps(document), tmp_path, name="a.json").frame.crs is None

    @pytest.mark.parametrize(
        ("document", "said"),
        [
            ({"type": "Topology", "objects": {}, "arcs": []}, "TopoJSON.*Export it as GeoJSON"),
            ({"geometryType": "esriGeometryPolygon", "features": []}, "Esri JSON.*f=geojson"),
        ],
    )
    def test_relatives_of_geojson_name_the_fix(self, document: object, said: str) -> None:
        with pytest.raises(InputError, match=said):
            read_parcels(json.dumps(document).encode(), name="a.json")


class TestCsv:
    WKT = tuple(lots().geometry.to_wkt())

    def read(self, text: str, tmp_path: Path) -> RawTable:
        return table(text, tmp_path, name="a.csv")

    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    @pytest.mark.parametrize("newline", ["\n", "\r\n"])
    def test_delimiters(self, tmp_path: Path, delimiter: str, newline: str) -> None:
        rows = [f'{pnu}{delimiter}"{wkt}"' for pnu, wkt in zip(PNUS, self.WKT, strict=True)]
        text = newline.join([f"PNU{delimiter}WKT", *rows, ""])
        read = self.read(text, tmp_path)
        assert read.frame["PNU"].tolist() == PNUS
        assert shapely.area(read.frame.geometry).tolist() == [100, 100]

    def test_a_semicolon_file_with_decimal_commas_and_bare_wkt(self, tmp_path: Path) -> None:
        text = (
            f"sep=;\n고유번호;면적;WKT\n{PNUS[0]};99,5;{self.WKT[0]}\n{PNUS[1]};101;{self.WKT[1]}\n"
        )
        read = self.read(f"\ufeff{text}", tmp_path)
        plain, _, _ = facts(read.frame)
        assert plain["site_area_m2"].tolist() == [99.5, 101]

    def test_title_lines_above_the_header_are_left_out_and_named(self, tmp_path: Path) -> None:
        text = f'서초구 필지 현황\n기준일: 2026. 10. 1.,\n\nPNU,WKT\n{PNUS[0]},"{self.WKT[0]}"\n'
        read = self.read(text, tmp_path)
        assert read.frame["PNU"].tolist() == PNUS[:1]
        issue = codes(read.issues)["title_skipped"]
        assert issue.details["number"] == 3
        assert "서초구 필지 현황" in str(issue.details["title"])

    def test_hexadecimal_wkb_and_ewkt_name_their_system(self, tmp_path: Path) -> None:
        shapes = shapely.set_srid(lots().geometry.to_numpy(), 5186)
        for cells in (
            shapely.to_wkb(shapes, hex=True, include_srid=True).tolist(),
            [f"SRID=5186;{wkt}" for wkt in self.WKT],
        ):
            text = "PNU,geom\n" + "".join(
                f'{p},"{cell}"\n' for p, cell in zip(PNUS, cells, strict=True)
            )
            read = self.read(text, tmp_path)
            assert read.frame.crs.to_epsg() == 5186
            assert shapely.area(read.frame.geometry).tolist() == [100, 100]

    def test_outlines_under_any_name(self, tmp_path: Path) -> None:
        text = f'PNU,도형\n{PNUS[0]},"{self.WKT[0]}"\n{PNUS[1]},\n'
        read = self.read(text, tmp_path)
        assert read.frame.geometry.isna().tolist() == [False, True]
        assert "도형" not in read.frame

    def test_several_systems_in_one_file_are_refused(self, tmp_path: Path) -> None:
        text = f'a,WKT\n1,"SRID=5186;{self.WKT[0]}"\n2,"SRID=5174;{self.WKT[1]}"\n'
        with pytest.raises(InputError, match="EPSG:5174, EPSG:5186"):
            self.read(text, tmp_path)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("PNU,경도,위도\n1,127,37\n", "points, in the columns 경도 and 위도"),
            (f"고유번호,공시지가,공시일자\n{PNUS[0]},1,2026-01-01\n",
             r"a list of land prices .*--register a\.csv"),
            (f"PNU,지목,면적\n{PNUS[0]},대,99\n", r"a list by parcel .*--register a\.csv"),
            ("a,b\n1,2,3\n4,5,6\n", "more cells than its header"),
        ],
    )  # fmt: skip
    def test_tables_without_outlines_say_what_they_are(
        self, tmp_path: Path, text: str, said: str
    ) -> None:
        with pytest.raises(InputError, match=said):
            self.read(text, tmp_path)


class TestOtherFormats:
    RING = "127.03,37.46 127.031,37.46 127.031,37.461 127.03,37.461 127.03,37.46"
    POLYGON = (
        "<Polygon><outerBoundaryIs><LinearRing><coordinates>"
        f"{RING}</coordinates></LinearRing></outerBoundaryIs></Polygon>"
    )

    def kml(self) -> str:
        schema = '<Schema name="S" id="S"><SimpleField name="지번" type="string"/></Schema>'
        return (
            '<?xml version="1.0" encoding="UTF-8"?>'
            f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{schema}'
            "<Folder><name>양재동</name><Placemark><name>가</name>"
            "<description><![CDATA[<table><tr><td>x</td></tr></table>]]></description>"
            '<ExtendedData><SchemaData schemaUrl="#S"><SimpleData name="지번">222 대</SimpleData>'
            f"</SchemaData></ExtendedData>{self.POLYGON}</Placemark></Folder>"
            "<Folder><name>우면동</name><Folder><name>안쪽</name><Placemark><ExtendedData>"
            '<Data name="지번"><value>3 임</value></Data><Data name="지목"><value>임</value></Data>'
            f"</ExtendedData><MultiGeometry>{self.POLYGON}</MultiGeometry></Placemark></Folder>"
            "<Placemark><name>역</name><Point><coordinates>127,37</coordinates></Point>"
            "</Placemark></Folder></Document></kml>"
        )

    def test_kml_with_folders_and_both_ways_to_hold_data(self) -> None:
        parcels = read_parcels(self.kml().encode(), name="a.kml", context=None)
        assert lots_with_categories(parcels) == ("222대", "3임")
        assert parcels.jimoks == ("대", "임")
        assert codes(parcels.issues)["layers_joined"].details["layers"] == "양재동, 안쪽"
        alone = read_parcels(self.kml().encode(), name="a.kml", layer="안쪽", context=None)
        assert lots_with_categories(alone) == ("3임",)

    def test_the_layer_of_parcels_is_chosen_by_what_stands_in_it(self, tmp_path: Path) -> None:
        path = tmp_path / "a.gpkg"
        pyogrio.write_dataframe(pd.DataFrame({"PNU": PNUS}), path, layer="목록")
        lots(**UQ111).to_file(path, layer="용도지역")
        lots(**LDREG).to_file(path, layer="필지")
        assert read_parcels(path, context=None).pnus == tuple(PNUS)
        with located(path) as found:
            zones = read_table(found, encoding=None, layer=None, kind="zoning")
        assert zones.layer == "용도지역"

    def test_a_zip_of_zoning_and_parcels(self, tmp_path: Path) -> None:
        folder = tmp_path / "in"
        folder.mkdir()
        for name, columns in (("가_C_UQ111", UQ111), ("나_LDREG", LDREG)):
            pyogrio.write_dataframe(lots(**columns), folder / f"{name}.shp", encoding="CP949")
        packed = tmp_path / "a.zip"
        with zipfile.ZipFile(packed, "w") as archive:
            for part in folder.iterdir():
                archive.write(part, part.name)
        parcels, report = read_parcels_report(packed, context=None)
        assert report.layer == "나_LDREG"
        assert parcels.pnus == tuple(PNUS)

    def test_parquet_without_a_word_of_its_outlines(self, tmp_path: Path) -> None:
        path = tmp_path / "a.parquet"
        pd.DataFrame({"PNU": PNUS, "geometry": lots().to_wkb()["geometry"]}).to_parquet(path)
        with pytest.raises(InputError, match=r"“geo” metadata.*to_parquet or QGIS"):
            read_parcels(path)

    def test_upper_case_parts_of_a_shapefile(self, tmp_path: Path) -> None:
        pyogrio.write_dataframe(lots(**LDREG), tmp_path / "a.shp", encoding="CP949")
        for part in list(tmp_path.iterdir()):
            part.rename(tmp_path / f"LSMD{part.suffix.upper()}")
        assert lots_with_categories(read_parcels(tmp_path / "LSMD.SHP", context=None)) == (
            "222대",
            "223-1전",
        )


class TestRegisters:
    def prices(
        self, *rows: tuple[str, str, str], head: str = "고유번호,공시지가,공시일자"
    ) -> bytes:
        lines = [head, *(",".join(row) for row in rows), ""]
        return "\n".join(lines).encode("cp949")

    def register(self, content: bytes, **options: Any) -> Register:
        return read_register(content, name="AL_D151_11_2026.csv", **options)

    def test_prices_are_joined_by_pnu(self) -> None:
        register = self.register(
            self.prices(
                (PNUS[0], "12340000", "2026-04-30"),
                (PNUS[1], "9870000", "2026-04-30"),
                ("1165010200109990000", "1", "2026-04-30"),
            )
        )
        assert (register.kind, register.layout) == ("land price", "AL_D151 개별공시지가")
        assert (len(register), register.rows_in) == (3, 3)
        plain, _, _ = facts(lots(pnu=PNUS, jiga=["12340000", "1"]))
        before = plain.copy()
        result, issues = joined(plain, register)

        assert result["land_price_krw_per_m2"].tolist() == [12_340_000, 9_870_000]
        assert isinstance(result, gpd.GeoDataFrame)
        pd.testing.assert_frame_equal(plain, before)
        found = codes(issues)
        assert found["register_joined"].details["unused"] == 1
        assert found["register_replaced"].parcel_ids == (PNUS[1],)
        assert "register_missing" not in found

    def test_the_latest_of_several_years_is_taken_and_said_so(self) -> None:
        register = self.register(
            self.prices(
                (PNUS[0], "3", "2026-04-30"), (PNUS[0], "1", "20240531"), (PNUS[1], "2", "2025")
            )
        )
        assert register.facts["land_price_krw_per_m2"].to_dict() == {PNUS[0]: 3, PNUS[1]: 2}
        assert codes(register.issues)["register_years"].details["latest"] == "2026-04-30"

    def test_rows_that_contradict_each_other_are_named(self) -> None:
        rows = [(PNUS[0], "3", "2026"), (PNUS[0], "3", "2026")]
        assert not set(codes(self.register(self.prices(*rows)).issues)) - {"encoding_chosen"}
        torn = self.register(
            self.prices(*rows, (PNUS[0], "4", "2026"), (PNUS[1], "5", "2026")),
        )
        assert torn.facts["land_price_krw_per_m2"].to_dict() == {PNUS[1]: 5}
        assert PNUS[0] in str(codes(torn.issues)["register_ambiguous"].details["example"])

    def test_parcels_that_the_list_lacks_are_named(self) -> None:
        register = self.register(self.prices((PNUS[0], "3", "2026")))
        plain, _, _ = facts(lots(pnu=[PNUS[0], None], jiga=[None, "7"]))
        result, issues = joined(plain, register)
        assert result["land_price_krw_per_m2"].tolist() == [3, 7]
        assert codes(issues)["register_missing"].parcel_ids == ("row-2",)

    def test_land_characteristics_as_a_list(self) -> None:
        table = pd.DataFrame(D194)
        register = self.register(table.to_csv(index=False).encode("cp949"))
        assert register.layout == "AL_D194 토지특성"
        plain, _, _ = facts(lots(pnu=PNUS))
        result, _ = joined(plain, register)
        assert result["zone"].tolist() == ["준주거지역", "자연녹지지역"]
        assert result["jimok"].tolist() == ["대", "전"]
        assert result["site_area_m2"].tolist() == [99.5, 101.0]

    def test_other_sources_of_lists(self, tmp_path: Path) -> None:
        frame = pd.DataFrame({"pnu": PNUS, "pblntfPclnd": ["3", "4"], "stdrYear": ["2026"] * 2})
        path = tmp_path / "a.gpkg"
        lots().to_file(path, layer="other")
        pyogrio.write_dataframe(frame, path, layer="list")
        frame.to_parquet(tmp_path / "a.parquet")
        reply = {"landCharacteristicss": {"field": frame.to_dict("records"), "totalCount": "2"}}
        packed = tmp_path / "a.zip"
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("개별공시지가.csv", frame.to_csv(index=False))
        for source in (path, tmp_path / "a.parquet", json.dumps(reply).encode(), packed):
            register = read_register(source)
            assert register.facts["land_price_krw_per_m2"].to_dict() == {PNUS[0]: 3, PNUS[1]: 4}

    def test_a_rounded_pnu_refuses_the_list(self) -> None:
        plain = self.prices(("1.1650102E+18", "3", "2026"), ("1.1650102E+18", "4", "2026"))
        register = self.register(plain)
        assert len(register) == 0
        assert codes(register.issues)["column_damaged"].severity == "error"
        assert codes(register.issues)["register_without_pnu"].details["number"] == 2

    def test_a_list_rounded_to_fifteen_digits_gives_nothing(self) -> None:
        # 223, 223-1, ... 223-4 and 225-1 as a spreadsheet writes them: main lots, all of them.
        main, other = "1165010200102230000", "1165010200102250000"
        head = "고유번호,공시지가"
        rows = [(main, str(price)) for price in range(111, 116)]
        content = "\n".join([head, *map(",".join, [*rows, (other, "9")]), ""]).encode("cp949")
        register = self.register(content)
        assert len(register) == 0
        damage = codes(register.issues)["pnu_float_damaged"]
        assert damage.severity == "error"
        assert "All PNUs of AL_D151_11_2026.csv end in 0000" in damage.message.render("en")
        assert damage.message.render("en").startswith("6 PNU(s)")
        result, issues = joined(facts(lots(pnu=[main, other]))[0], register)
        assert result["land_price_krw_per_m2"].isna().all()
        assert "register_joined" not in codes(issues)

    def test_years_of_main_lots_are_no_rounding(self) -> None:
        rows = [
            (f"116501020010{n}0000", "7", year) for n in (222, 223) for year in ("2025", "2026")
        ]
        register = self.register(self.prices(*rows))
        assert len(register) == 2
        assert "pnu_float_damaged" not in codes(register.issues)

    def test_a_list_that_fits_no_parcel_is_a_warning_with_what_to_look_at(self) -> None:
        register = self.register(self.prices(("1165010300100010000", "3", "2026")))
        _, (none,) = joined(facts(lots(pnu=PNUS))[0], register)
        assert (none.code, none.severity) == ("register_joined_none", "warning")
        assert none.parcel_ids == tuple(PNUS)
        assert "PNU column" in none.fix.render("en")
        assert "Nothing to do" not in none.fix.render("en")

    @pytest.mark.parametrize("jibuns", [None, ["223-1", "223-2", "223-3"]])
    def test_parcels_of_rounded_pnus_take_nothing_from_a_list(
        self, jibuns: list[str] | None
    ) -> None:
        main = "1165010200102230000"
        column = {"pnu": [main] * 3} | ({} if jibuns is None else {"jibun": jibuns})
        frame = lots(3, **column)
        parcels, _ = read_parcels_report(frame.to_json(to_wgs84=True).encode(), context=None)
        damage = codes(parcels.issues)["pnu_float_damaged"]
        assert (damage.severity, len(damage.parcel_ids)) == ("error", 3)
        assert parcels.pnus == (None,) * 3
        register = self.register(self.prices((main, "3", "2026")))
        result, issues = joined(facts(frame)[0], register)
        assert result["land_price_krw_per_m2"].isna().all()
        assert [issue.code for issue in issues] == ["register_joined_none"]

    def test_main_lots_that_say_so_keep_their_shared_pnu(self) -> None:
        frame = lots(3, pnu=["1165010200102230000"] * 3, jibun=["223"] * 3)
        parcels, _ = read_parcels_report(frame.to_json(to_wgs84=True).encode(), context=None)
        assert parcels.pnus == ("1165010200102230000",) * 3

    def test_a_list_that_has_nothing_to_join(self) -> None:
        with pytest.raises(InputError, match=r"no column of PNUs.*이름, 값.*--column pnu"):
            self.register("이름,값\n가,1\n".encode())
        register = self.register(
            "이름,값\n1165010200102220000,5\n".encode(),
            mapping={"land_price_krw_per_m2": "값", "pnu": "이름"},
        )
        assert register.facts["land_price_krw_per_m2"].tolist() == [5]
        with pytest.raises(InputError, match=r"carry no PNU.*--column pnu"):
            joined(facts(lots(jibun=["1", "2"]))[0], register)

    def test_a_list_without_rows_is_an_empty_one(self) -> None:
        register = self.register(self.prices())
        assert len(register) == 0
        result, issues = joined(facts(lots(pnu=PNUS))[0], register)
        assert result["land_price_krw_per_m2"].isna().all()
        assert codes(issues)["register_joined_none"].parcel_ids == tuple(PNUS)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "pages.json",
            lambda feature: json.dumps([{"type": "FeatureCollection", "features": [feature]}]),
        ),
        ("marked.json", lambda feature: "\x1e" + json.dumps(feature) + "\n"),
    ],
)
def test_arrays_of_pages_and_marked_lines_are_taken_for_what_they_are(
    name: str, content: Callable[[object], str]
) -> None:
    feature = json.loads(lots(jibun=["1", "2"]).to_crs(4326).to_json())["features"][0]
    assert len(read_parcels(content(feature).encode(), name=name, context=None)) == 1


@pytest.mark.parametrize(
    ("name", "text", "encoding"),
    [
        ("a.tsv", "PNU\t지번\tWKT\n{pnu}\t223 대\t{wkt}\n", "cp949"),
        ("a.txt", 'PNU;지번;WKT\n{pnu};223 대;"{wkt}"\n', "utf-8"),
        ("a.csv", 'PNU,지번,WKT\n{pnu},223 대,"{wkt}"\n', "utf-16"),
    ],
)
def test_text_tables_of_other_endings_and_encodings(name: str, text: str, encoding: str) -> None:
    wkt = "POLYGON((203100 540050,203140 540050,203140 540090,203100 540090,203100 540050))"
    content = text.format(pnu="1165010200102230000", wkt=wkt).encode(encoding)
    parcels = read_parcels(content, name=name, crs=5186, context=None)
    assert lots_with_categories(parcels) == ("223대",)
