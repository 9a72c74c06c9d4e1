"""What can be read, and what is said about it: formats, encodings, columns, layers, systems."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from siteplan.context import Context
from siteplan.errors import InputError
from siteplan.io import check_report, read_context, read_parcels, read_parcels_report
from siteplan.io.encoding import RAW, chosen_encoding, codec_name, decoded
from tests.io.conftest import ORIGIN_M, small_frame
from tests.nasty import ZOO

if TYPE_CHECKING:
    from pathlib import Path

    from siteplan.issues import Issue
    from siteplan.parcels import Parcels

X, Y = ORIGIN_M
PNU = "1165010200102220000"


def _lots(n: int = 2, **columns: object) -> gpd.GeoDataFrame:
    squares = [shapely.box(X + 20 * i, Y, X + 20 * i + 10, Y + 10) for i in range(n)]
    return gpd.GeoDataFrame(columns, geometry=squares, crs=5186)


def _found(parcels: Parcels) -> dict[str, Issue]:
    return {issue.code: issue for issue in parcels.issues}


def _zipped(folder: Path, *, name: str = "lots.zip", rename: str = "") -> Path:
    target = folder.parent / name
    with zipfile.ZipFile(target, "w") as archive:
        for part in sorted(folder.iterdir()):
            archive.write(part, f"{rename}{part.suffix}" if rename else part.name)
    return target


def _shapefile(
    tmp_path: Path, frame: gpd.GeoDataFrame, *, encoding: str = "UTF-8", cpg: str | None = "UTF-8"
) -> Path:
    folder = tmp_path / "shp"
    folder.mkdir()
    pyogrio.write_dataframe(frame, folder / "lots.shp", encoding=encoding)
    mark = folder / "lots.cpg"
    mark.unlink(missing_ok=True)
    dbf = bytearray((folder / "lots.dbf").read_bytes())
    dbf[29] = 0
    (folder / "lots.dbf").write_bytes(dbf)
    if cpg is not None:
        mark.write_text(cpg)
    return folder / "lots.shp"


def _lots_said(parcels: Parcels) -> tuple[tuple[str | None, str | None], ...]:
    """Return each parcel's lot number and land category."""
    return tuple(zip(parcels.jibuns, parcels.jimoks, strict=True))


class TestFormats:
    @pytest.mark.parametrize(
        ("ending", "driver", "shown"),
        [
            ("geojson", "GeoJSON", "GeoJSON"),
            ("json", "GeoJSON", "GeoJSON"),
            ("gpkg", "GPKG", "GPKG"),
            ("fgb", "FlatGeobuf", "FlatGeobuf"),
            ("shp", "ESRI Shapefile", "ESRI Shapefile"),
            ("parquet", None, "Parquet"),
        ],
    )
    def test_each_gives_the_same_parcels_from_a_path_and_a_zip(
        self, tmp_path: Path, ending: str, driver: str | None, shown: str
    ) -> None:
        folder = tmp_path / "in"
        folder.mkdir()
        path = folder / f"필지.{ending}"
        frame = _lots(pnu=[PNU, None], jibun=["222 대", "산 3-1"])
        if driver is None:
            frame.to_parquet(path)
        else:
            pyogrio.write_dataframe(
                frame.to_crs(4326) if driver == "GeoJSON" else frame, path, driver=driver
            )
        for source in (path, _zipped(folder)):
            parcels, report = read_parcels_report(source, context=None)
            assert report.format == shown
            assert sorted(pnu or "" for pnu in parcels.pnus) == ["", PNU]
            assert set(_lots_said(parcels)) == {("222", "대"), ("산 3-1", None)}
            assert parcels.site_area_m2 == pytest.approx([100, 100], abs=0.01)

    def test_bytes_and_open_files(self, tmp_path: Path) -> None:
        path = tmp_path / "a.gpkg"
        _lots().to_file(path, driver="GPKG")
        content = path.read_bytes()

        assert len(read_parcels(content, name="a.gpkg", context=None)) == 2
        assert len(read_parcels(io.BytesIO(content), name="a.gpkg", context=None)) == 2
        with path.open("rb") as stream:
            assert len(read_parcels(stream, context=None)) == 2

    def test_zips_made_on_korean_windows(self, tmp_path: Path) -> None:
        path = _shapefile(tmp_path, _lots(jibun=["222 대", "223 대"]))
        names = {}
        packed = tmp_path / "w.zip"
        with zipfile.ZipFile(packed, "w") as archive:
            for number, part in enumerate(sorted(path.parent.iterdir())):
                name = f"폴더/연속지적도{part.suffix.upper()}".encode("cp949")
                names[f"{number}".ljust(len(name), "x").encode()] = name
                archive.writestr(f"{number}".ljust(len(name), "x"), part.read_bytes())
        content = packed.read_bytes()
        for plain, korean in names.items():  # zipfile itself would say that names are UTF-8
            content = content.replace(plain, korean)
        parcels, report = read_parcels_report(content, name="w.zip", context=None)

        assert _lots_said(parcels) == (("222", "대"), ("223", "대"))
        assert report.layer == "연속지적도"

    def test_curves_become_lines(self, tmp_path: Path) -> None:
        circle = shapely.Point(X, Y).buffer(10)
        path = tmp_path / "curve.gpkg"
        # CURVEPOLYGON(CIRCULARSTRING): type 10 holding type 8, five points of a circle.
        points = [(X + 10, Y), (X, Y + 10), (X - 10, Y), (X, Y - 10), (X + 10, Y)]
        ring = b"\x01" + (8).to_bytes(4, "little") + len(points).to_bytes(4, "little")
        ring += np.array(points).tobytes()
        wkb = b"\x01" + (10).to_bytes(4, "little") + (1).to_bytes(4, "little") + ring
        pyogrio.raw.write(
            path, np.array([wkb], dtype=object), [np.array(["원"], dtype=object)], ["jibun"],
            geometry_type="Unknown", crs="EPSG:5186", driver="GPKG",
        )  # fmt: skip
        parcels = read_parcels(path, context=None)

        assert parcels.site_area_m2[0] == pytest.approx(circle.area, rel=0.01)
        assert parcels.geometry[0].geom_type == "Polygon"

    def test_open_rings_are_closed_and_said_so(self) -> None:
        ring = [[127.03, 37.46], [127.031, 37.46], [127.031, 37.461], [127.03, 37.461]]
        text = json.dumps(
            {"type": "Feature", "properties": {"parcel_id": "open"},
             "geometry": {"type": "Polygon", "coordinates": [ring]}}
        )  # fmt: skip
        parcels = read_parcels(text.encode(), name="a.geojson", context=None)

        assert _found(parcels)["geometry_repaired"].details["reason"] == "ring not closed"
        assert parcels.geometry[0].is_valid


class TestEncoding:
    JIBUN = ("175전", "204-18 구")
    LOTS = (("175", "전"), ("204-18", "구"))

    @pytest.mark.parametrize(
        ("encoding", "cpg", "used", "said"),
        [
            ("cp949", None, "cp949", True),
            ("cp949", "CP949", "cp949", False),
            ("cp949", "949", "cp949", False),
            ("cp949", "UTF-8", "cp949", True),
            ("cp949", "ISO-8859-1", "cp949", True),
            ("UTF-8", "UTF-8", "utf-8", False),
            ("UTF-8", None, "utf-8", True),
        ],
    )
    def test_korean_in_a_dbf_is_never_read_as_latin(
        self, tmp_path: Path, encoding: str, cpg: str | None, used: str, *, said: bool
    ) -> None:
        frame = _lots(PNU=[PNU, None], 지번=list(self.JIBUN))
        path = _shapefile(tmp_path, frame, encoding=encoding, cpg=cpg)
        for source in (path, _zipped(path.parent)):
            parcels, report = read_parcels_report(source, context=None)
            assert _lots_said(parcels) == self.LOTS
            assert report.encoding == used
            assert report.columns["jibun"] == "지번"
            assert ("encoding_chosen" in _found(parcels)) is said

    def test_the_person_is_believed(self, tmp_path: Path) -> None:
        path = _shapefile(tmp_path, _lots(jibun=list(self.JIBUN)), encoding="cp949", cpg=None)

        parcels, report = read_parcels_report(path, encoding="euc-kr", context=None)
        assert _lots_said(parcels) == self.LOTS
        assert report.encoding == "euc_kr"
        wrong = read_parcels(path, encoding="utf-8", context=None)
        assert _found(wrong)["text_damaged"].details["count"] == 2
        with pytest.raises(InputError, match="--encoding cp949"):
            read_parcels(path, encoding="klingon", context=None)

    def test_geojson_and_csv_in_cp949(self) -> None:
        text = _lots(jibun=list(self.JIBUN)).to_crs(4326).to_json(ensure_ascii=False)
        parcels = read_parcels(text.encode("cp949"), name="a.geojson", context=None)
        assert _lots_said(parcels) == self.LOTS
        assert _found(parcels)["encoding_chosen"].details["encoding"] == "cp949"
        for name in ("utf-8-sig", "utf-16"):
            parcels = read_parcels(text.encode(name), name="a.json", context=None)
            assert _lots_said(parcels) == self.LOTS
        wkt = _lots().geometry.to_wkt().tolist()
        table = f'지번,WKT\n175전,"{wkt[0]}"\n204-18 구,"{wkt[1]}"\n'.encode("cp949")
        parcels = read_parcels(table, name="a.csv", crs=5186, context=None)
        assert _lots_said(parcels) == self.LOTS

    def test_real_national_download(self, shared: Path) -> None:
        parcels = read_parcels(shared / "LSMD_like_5186_prj_nocpg.zip", context=None)
        truth = gpd.read_file(shared / "wirye_parcels_first9.geojson")

        spelled = [f"{jibun}{jimok}" for jibun, jimok in _lots_said(parcels)]
        assert spelled == [text.replace(" ", "") for text in truth["JIBUN"]]
        assert parcels.pnus == tuple(truth["PNU"])
        assert _found(parcels)["encoding_chosen"].details["encoding"] == "cp949"
        assert parcels.site_area_m2 == pytest.approx(truth["area_m2"].tolist(), abs=2.5)

    def test_every_byte_comes_through_gdal(self, tmp_path: Path) -> None:
        letters = "".join(chr(code) for code in range(0xA1, 0x100))
        path = _shapefile(tmp_path, _lots(1, t=[letters]), encoding=RAW, cpg=None)
        frame = pyogrio.read_dataframe(path, encoding=RAW)
        assert frame["t"][0].encode(RAW) == letters.encode(RAW)

    def test_letters_cut_in_two_at_the_end_of_a_field(self) -> None:
        cut = "양재동".encode("cp949")[:-1]

        assert decoded(cut, encoding="cp949") == ("양재", True)
        samples = ["양재동".encode("cp949"), "우면동".encode("cp949"), cut]
        assert chosen_encoding(samples, declared=None).name == "cp949"

    def test_ascii_decides_nothing_and_latin_stays_latin(self) -> None:
        assert chosen_encoding([b"plain"], declared=None).reason is None
        assert chosen_encoding(["café".encode("latin-1")], declared="iso8859-1").name == "iso8859-1"

    @pytest.mark.parametrize(
        ("text", "name"),
        [("949", "cp949"), ("ANSI 1252", "cp1252"), ("UTF-8\n", "utf-8"), ("x", None), ("", None)],
    )
    def test_names_in_cpg_files(self, text: str, name: str | None) -> None:
        assert codec_name(text) == name


class TestColumns:
    @pytest.mark.parametrize("name", ["PNU", "pnu", "고유번호", "필지고유번호", "PNU_CD"])
    def test_pnu_by_any_name(self, name: str) -> None:
        text = _lots(1, **{name: [PNU]}).to_crs(4326).to_json()
        assert read_parcels(text.encode(), name="a.json", context=None).pnus == (PNU,)

    def test_land_characteristics_by_number(self, tmp_path: Path) -> None:
        frame = _lots(1, A1=[PNU], A12=[99.5], A14=["준주거지역"], A20=["x"])
        path = tmp_path / "AL_D194.gpkg"
        frame.to_file(path)
        parcels = read_parcels(path, context=None)

        assert parcels.pnus == (PNU,)
        assert parcels.zones == ("준주거지역",)
        assert parcels.site_area_m2[0] == 99.5

    def test_numbered_columns_of_other_files_are_left_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "AL_D010.gpkg"
        _lots(1, A1=["B2009"], A12=[1.0], A14=["철근콘크리트"], A20=["x"]).to_file(path)
        assert read_parcels(path, context=None).zones == (None,)

    def test_whole_number_pnus_are_exact_even_beside_gaps(self, tmp_path: Path) -> None:
        cases: tuple[list[int | None], ...] = ([int(PNU), int(PNU) + 1], [int(PNU), None])
        for number, pnus in enumerate(cases):
            features = json.loads(_lots().to_crs(4326).to_json())
            for feature, pnu in zip(features["features"], pnus, strict=True):
                feature["properties"]["PNU"] = pnu
            path = tmp_path / f"{number}.geojson"
            path.write_text(json.dumps(features))
            want = tuple(None if pnu is None else str(pnu) for pnu in pnus)
            assert read_parcels(path, context=None).pnus == want

    def test_a_pnu_that_became_a_float_is_an_error_not_a_wrong_number(self, tmp_path: Path) -> None:
        path = tmp_path / "a.gpkg"
        _lots(PNU=[1.16501020010222e18, None]).to_file(path)
        parcels = read_parcels(path, context=None)

        assert parcels.pnus == (None, None)
        assert _found(parcels)["column_damaged"].severity == "error"

    def test_areas_written_for_people(self, tmp_path: Path) -> None:
        path = tmp_path / "a.gpkg"
        _lots(면적=["1,234.5 ㎡", "좁다"]).to_file(path)
        parcels = read_parcels(path, context=None)

        assert parcels.site_area_m2 == pytest.approx([1234.5, 100])
        assert _found(parcels)["area_invalid"].parcel_ids == ("row-2",)
        assert _found(parcels)["area_differs"].parcel_ids == ("row-1",)


class TestCrs:
    def test_without_one_the_file_is_refused_and_with_one_said_it_is_read(
        self, shared: Path
    ) -> None:
        source = shared / "LSMD_like_5174_noprj_nocpg.zip"
        with pytest.raises(InputError, match=r"5174.*5181.*313 m.*2097.*256 m.*--crs EPSG:5174"):
            read_parcels(source)
        here = read_parcels(source, crs="EPSG:5174", context=None)
        there = read_parcels(shared / "LSMD_like_5186_prj_nocpg.zip", context=None)
        apart_m = shapely.distance(
            shapely.centroid(here.geometry), shapely.centroid(there.geometry)
        )
        assert apart_m.max() < 0.2

    def test_overriding_what_the_file_says_is_reported(self, tmp_path: Path) -> None:
        path = tmp_path / "a.gpkg"
        _lots().to_file(path)
        parcels = read_parcels(path, crs="5181", context=None)

        assert _found(parcels)["crs_overridden"].details["declared"] == "EPSG:5186"
        assert _found(parcels)["crs_reprojected"].details["read"] == "EPSG:5181"

    def test_the_wrong_belt_is_noticed_when_it_leaves_the_country(self, tmp_path: Path) -> None:
        path = tmp_path / "a.gpkg"
        _lots().set_crs(32633, allow_override=True).to_file(path)
        assert "outside_korea" in _found(read_parcels(path, context=None))

    def test_geojson_in_metres_without_a_word_is_refused(self) -> None:
        text = _lots().set_crs(None, allow_override=True).to_json()
        with pytest.raises(InputError, match=r"EPSG:4326, but that does not fit.*--crs EPSG:5186"):
            read_parcels(text.encode(), name="a.geojson")
        assert len(read_parcels(text.encode(), name="a.geojson", crs=5186, context=None)) == 2

    @pytest.mark.parametrize("wish", ["EPSG:0", "nonsense", "", "EPSG:5193"])
    def test_a_system_that_does_not_exist_names_the_fix(self, wish: str) -> None:
        with pytest.raises(InputError, match="--crs EPSG:5186"):
            read_parcels(b"{}", crs=wish)

    @pytest.mark.parametrize("wish", ["EPSG:5186", "epsg:5186", " 5186 ", 5186])
    def test_ways_to_name_one(self, tmp_path: Path, wish: str | int) -> None:
        path = tmp_path / "a.gpkg"
        _lots().to_file(path)
        codes = _found(read_parcels(path, crs=wish, context=None))
        assert not {"crs_overridden", "crs_reprojected"} & set(codes)


class TestLayers:
    def test_the_first_with_polygons_is_read_and_named(self, tmp_path: Path) -> None:
        path = tmp_path / "many.gpkg"
        points = gpd.GeoDataFrame(geometry=[shapely.Point(X, Y)], crs=5186)
        points.to_file(path, layer="a_points")
        _lots(2).to_file(path, layer="필지")
        _lots(3).to_file(path, layer="zones")
        parcels = read_parcels(path, context=None)

        assert len(parcels) == 2
        chosen = _found(parcels)["layer_chosen"]
        assert "필지 was read, not a_points, zones" in chosen.message.render("en")
        assert "--layer a_points" in chosen.fix.render("en")
        assert len(read_parcels(path, layer="zones", context=None)) == 3
        with pytest.raises(InputError, match=r"no layer roads.*a_points, 필지, zones"):
            read_parcels(path, layer="roads")

    def test_a_zip_of_several_shapefiles(self, tmp_path: Path) -> None:
        folder = tmp_path / "shp"
        folder.mkdir()
        _lots(2).to_file(folder / "가.shp")
        _lots(3).to_file(folder / "나.shp")
        packed = _zipped(folder)

        assert len(read_parcels(packed, context=None)) == 2
        assert len(read_parcels(packed, layer="나", context=None)) == 3


def test_the_zoo_goes_through_a_file(tmp_path: Path) -> None:
    unwritable = ("missing", "not a number", "infinite")
    cases = [case for case in ZOO if case.name not in unwritable]
    frame = gpd.GeoDataFrame(
        {"parcel_id": [case.name for case in cases]},
        geometry=[case.geometry for case in cases],
        crs=5186,
    )
    path = tmp_path / "zoo.gpkg"
    pyogrio.write_dataframe(frame, path, geometry_type="Unknown")
    parcels, report = read_parcels_report(path, context=None)
    issues = [issue for issue in parcels.issues if issue.code.startswith("geometry_")]
    aside = {i for issue in issues if issue.code == "geometry_set_aside" for i in issue.parcel_ids}
    mended = {i for issue in issues if issue.code == "geometry_repaired" for i in issue.parcel_ids}

    assert report.rows_in == len(cases)
    assert aside == {case.name for case in cases if case.area_m2 is None}
    mended |= set(_found(parcels)["spike_removed"].parcel_ids)
    assert mended == {case.name for case in cases if case.repaired}
    assert parcels.ids == tuple(case.name for case in cases if case.area_m2 is not None)
    assert "overlap" in _found(parcels)


class TestContext:
    def test_the_shipped_parcels_have_their_surroundings(self) -> None:
        parcels = read_parcels()

        assert set(parcels.criterion_distances_m) == {"station", "main_road", "nature", "ai_hub"}
        assert read_context().of_kind("ai_hub")
        assert not {"overlap", "geometry_repaired", "outside_korea"} & set(_found(parcels))

    def test_parcels_far_away_get_none_and_say_so(self, tmp_path: Path) -> None:
        path = tmp_path / "far.gpkg"
        far = _lots()
        far.set_geometry(far.translate(40_000, 0)).to_file(path)
        parcels = read_parcels(path)

        assert parcels.context == Context()
        assert "context_missing" in _found(parcels)
        assert "context_missing" not in _found(read_parcels(path, context=None))

    def test_what_is_no_context_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "a.geojson"
        path.write_text("{}")
        with pytest.raises(InputError, match="surroundings"):
            read_context(path)
        with pytest.raises(InputError, match="no file"):
            read_context(tmp_path / "b.geojson")


class TestReport:
    def test_has_the_promised_keys(self, tmp_path: Path) -> None:
        path = tmp_path / "a.gpkg"
        small_frame().drop(columns="zone").to_file(path)
        report = check_report(path)

        promised = "file kind format encoding crs rows_in parcels_out issues"
        assert set(promised.split()) <= set(report)
        assert set(report["crs"]) == {"read", "used", "reason"}
        assert (report["file"], report["kind"], report["format"]) == ("a.gpkg", "parcels", "GPKG")
        assert report["crs"]["used"] == "EPSG:5186"
        assert (report["rows_in"], report["parcels_out"]) == (4, 4)
        missing = [i for i in report["issues"] if i["code"] == "zone_missing"]
        assert [i["parcel_id"] for i in missing] == list(read_parcels(path, context=None).ids)
        assert all(
            set(i) == {"code", "severity", "parcel_id", "message", "fix"} for i in report["issues"]
        )
        assert json.loads(json.dumps(report)) == report

    def test_an_unreadable_file_is_a_report_too(self, shared: Path) -> None:
        report = check_report(shared / "LSMD_like_5174_noprj_nocpg.zip")

        assert report["crs"]["used"] is None
        assert "crs_ambiguous" in [i["code"] for i in report["issues"]]
        asked = next(i for i in report["issues"] if i["code"] == "crs_ambiguous")
        assert "--crs" in asked["message"] + asked["fix"]

    def test_a_zoning_map_is_told_from_parcels(self, shared: Path) -> None:
        assert check_report(shared / "pangyo_landuse_uq111.geojson")["kind"] == "zoning"
