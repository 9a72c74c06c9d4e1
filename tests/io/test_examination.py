"""A troubled file: everything is found, nothing is lost, and a person can decide about it."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from siteplan.app.intake import (
    Intake,
    Offer,
    Upload,
    examined_again,
    offer_to_set_aside,
    read_anew,
    taken_in,
    taken_in_as_before,
    told_candidate,
    with_set_aside,
)
from siteplan.cli import main
from siteplan.crs_doctor import Candidate
from siteplan.errors import InputError, UsageError
from siteplan.io.check import report_document
from siteplan.io.examination import Examination, Supplements, examined
from siteplan.io.repaired_copy import (
    repaired_copy,
    rows_set_aside,
    short_names,
    write_repaired_copy,
)
from siteplan.issues import Issue
from siteplan.reading import Reading, by_subject, gravest
from siteplan.text import Label
from tests.io.troubled import COLUMNS, ROWS, pnu, troubled

N = COLUMNS * ROWS


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    kept = tmp_path_factory.mktemp("troubled") / "troubled.gpkg"
    troubled().to_file(kept)
    return kept


@pytest.fixture(scope="module")
def examination(path: Path) -> Examination:
    return examined(path)


class TestNothingIsLost:
    def test_each_row_is_a_parcel_or_named_as_set_aside(self, examination: Examination) -> None:
        report = examination.report
        aside = [i for i in report.issues if i.code == "geometry_set_aside"]
        assert report.rows_in == N
        assert report.parcels_out + sum(len(issue.parcel_ids) for issue in aside) == N
        assert {i for issue in aside for i in issue.parcel_ids} == {pnu(3, 2), pnu(3, 3)}

    def test_each_parcel_knows_its_row(self, examination: Examination) -> None:
        assert examination.parcels is not None
        own = examination.raw["PNU"].iloc[examination.row_of]
        same = [a == b for a, b in zip(own, examination.parcels.pnus, strict=True)]
        # The PNU of three digits is no PNU, so the parcel has none.
        assert same.count(False) == 1
        assert own[~np.array(same)].tolist() == ["123"]

    def test_the_bow_tie_stands_with_its_areas(self, examination: Examination) -> None:
        done = {t.parcel_id: t for t in examination.report.treatments}
        # Two triangles of 30 m x 19 m each remain of the 30 m x 38 m lot.
        assert done[pnu(0, 3)].before_m2 == pytest.approx(0.0, abs=1e-6)
        assert done[pnu(0, 3)].after_m2 == pytest.approx(570.0)


class TestSubjects:
    def test_every_finding_stands_under_one_subject(self, examination: Examination) -> None:
        subjects = by_subject(examination.report.issues)
        listed = [issue for subject in subjects for issue in subject.issues]
        assert sorted(map(id, listed)) == sorted(map(id, examination.report.issues))
        for subject in subjects:
            ranks = [("error", "warning", "info").index(i.severity) for i in subject.issues]
            assert ranks == sorted(ranks)

    def test_the_gravest_finding_of_a_parcel_wins(self, examination: Examination) -> None:
        worst = gravest(examination.report.issues)
        assert worst[pnu(5, 2)] == "error"
        assert worst[pnu(1, 4)] == "warning"


class TestSetAside:
    def test_a_person_leaves_parcels_out_and_takes_them_back(self, path: Path) -> None:
        content = path.read_bytes()
        first = taken_in("troubled.gpkg", content)
        gone = (pnu(1, 4), pnu(0, 3))
        second = read_anew(first, Reading(set_aside=gone))
        assert second.examination is not None
        parcels = second.examination.parcels
        assert parcels is not None
        assert not set(gone) & set(parcels.ids)
        said = [i for i in parcels.issues if i.code == "set_aside_by_person"]
        assert set(said[0].parcel_ids) == set(gone)
        assert second.examination.report.set_aside_rows == 4
        back = read_anew(second, Reading())
        assert back.examination is not None
        assert first.examination is not None
        assert back.examination.parcels is not None
        assert first.examination.parcels is not None
        assert back.examination.parcels.digest == first.examination.parcels.digest

    @staticmethod
    def offers(intake: Intake) -> dict[str, Offer | None]:
        assert intake.examination is not None
        found = intake.examination.report.issues
        return {issue.code: offer_to_set_aside(issue, intake) for issue in found}

    def test_of_a_group_single_parcels_are_offered(self, path: Path) -> None:
        intake = taken_in("troubled.gpkg", path.read_bytes())
        pair = (pnu(1, 4), pnu(2, 4))
        offers = self.offers(intake)
        assert offers["overlap"] == Offer(pair, singly=True)
        twins = (pnu(5, 2), f"{pnu(5, 2)}#2")
        assert offers["duplicate_id"] == offers["pnu_shared"] == Offer(twins, singly=True)
        assert offers["geometry_repaired"] == Offer((pnu(0, 3),), singly=False)
        reading = with_set_aside(intake.reading, among=pair, chosen=pair[:1])
        after = read_anew(intake, reading)
        # The one that is gone is still there to be taken back.
        assert self.offers(after)["overlap"] == Offer(pair, singly=True, aside=pair[:1])
        assert with_set_aside(reading, among=pair, chosen=()).set_aside == ()

    def test_rows_that_are_gone_offer_nothing(self, tmp_path: Path) -> None:
        """The copy of a row has the id of the one that stays, which must not go with it."""
        frame = troubled()
        again = frame.iloc[[0]]
        without = frame.iloc[[1]].set_geometry([None], crs=frame.crs)
        kept = tmp_path / "copies.gpkg"
        pd.concat([frame, again, without], ignore_index=True).to_file(kept)
        intake = taken_in(kept.name, kept.read_bytes())
        assert intake.examination is not None
        told = {issue.code: issue for issue in intake.examination.report.issues}
        assert "row_repeated" in told
        offers = self.offers(intake)
        assert offers["row_repeated"] is None
        assert offers["geometry_set_aside"] is None

    def test_at_most_so_many_of_a_group_are_offered(self, path: Path) -> None:
        intake = taken_in("troubled.gpkg", path.read_bytes())
        assert intake.examination is not None
        parcels = intake.examination.parcels
        assert parcels is not None
        issue = Issue("overlap", parcels.ids * 2, {"count": 1, "area": "1 m²"})
        offer = offer_to_set_aside(issue, intake)
        assert offer == Offer(parcels.ids, singly=True)
        # Of the ids that a group no longer has there is nothing to choose.
        assert offer_to_set_aside(Issue("overlap", ("x", parcels.ids[0])), intake) is None

    def test_what_is_set_aside_elsewhere_stays_so(self) -> None:
        reading = with_set_aside(Reading(set_aside=("a", "b")), among=("b", "c"), chosen=("c",))
        assert reading.set_aside == ("a", "c")

    def test_setting_all_aside_is_refused_in_words(self, path: Path) -> None:
        everything = examined(path).parcels
        assert everything is not None
        with pytest.raises(InputError, match="Take some of them back"):
            examined(path, reading=Reading(set_aside=everything.ids))

    def test_what_a_scenario_remembers_gives_way_where_it_does_not_fit(self, path: Path) -> None:
        remembered = Reading(layer="another layer")
        intake = taken_in_as_before("t.gpkg", path.read_bytes(), remembered=remembered)
        assert intake.ready
        assert intake.reading == Reading()


class TestRepairedCopy:
    def test_rows_and_columns_are_the_files_own(self, examination: Examination) -> None:
        copy = repaired_copy(examination)
        assert {"PNU", "JIBUN", "면적", "siteplan_id", "siteplan_findings"} <= set(copy.columns)
        assert shapely.is_valid(copy.geometry.array).all()
        found = dict(zip(copy["siteplan_id"], copy["siteplan_findings"], strict=True))
        assert "geometry_repaired" in found[pnu(0, 3)]
        assert "overlap" in found[pnu(1, 4)]
        assert "overlap" not in found[pnu(7, 4)]
        assert len(copy) + len(rows_set_aside(examination)) == N

    @pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".shp.zip"])
    def test_a_copy_reads_back_without_the_troubles_of_outlines(
        self, examination: Examination, tmp_path: Path, ending: str
    ) -> None:
        kept = write_repaired_copy(examination, tmp_path / f"copy{ending}")
        again = examined(kept)
        assert again.parcels is not None
        assert examination.parcels is not None
        codes = {issue.code for issue in again.report.issues}
        assert not codes & {"geometry_repaired", "geometry_set_aside"}
        assert len(again.parcels) == len(examination.parcels)
        np.testing.assert_allclose(
            shapely.area(again.parcels.geometry),
            shapely.area(examination.parcels.geometry),
            rtol=1e-5,
        )

    def test_rows_set_aside_go_along_in_a_layer_of_their_own(
        self, examination: Examination, tmp_path: Path
    ) -> None:
        kept = write_repaired_copy(examination, tmp_path / "copy.gpkg")
        aside = pyogrio.read_dataframe(kept, layer="set_aside")
        assert set(aside["PNU"]) == {pnu(3, 2), pnu(3, 3)}

    def test_columns_of_a_shapefile_have_short_names_that_a_list_explains(
        self, tmp_path: Path
    ) -> None:
        own = ["PNU", "토지이동사유코드", "토지이동사유명", "land_category_a", "LAND_CATEGORY_b",
               "land_categ", "용도지역명", "비고란"]  # fmt: skip
        frame = troubled()[["PNU", "geometry"]].iloc[:4]
        for number, name in enumerate(own[1:]):
            frame[name] = [f"{number}-{row}" for row in range(4)]
        kept = tmp_path / "wide.gpkg"
        frame.to_file(kept)
        copy = write_repaired_copy(examined(kept), tmp_path / "copy.shp.zip")
        with zipfile.ZipFile(copy) as archive:
            text = archive.read("columns.txt").decode("utf-8-sig")
        assert "#" not in text  # the writer had nothing to remark
        listed = dict(line.split("\t") for line in text.splitlines())
        back = pyogrio.read_dataframe(copy)
        assert list(listed) == [name for name in back.columns if name != "geometry"]
        assert list(listed.values()) == [*own, "siteplan_id", "siteplan_findings"]
        assert all(len(short.encode()) <= 10 for short in listed)
        for short, name in listed.items():
            if name in own[1:]:
                assert back[short].tolist() == frame[name].tolist()
        assert listed["PNU"] == "PNU"
        assert listed["zone"] == "용도지역명"  # a copy that is read back knows it again
        assert listed["land_categ"] == "land_categ"

    def test_what_a_shapefile_cannot_hold_stands_in_the_list(self, tmp_path: Path) -> None:
        # pytest makes an error of each warning that gets out.
        frame = troubled()[["PNU", "geometry"]].iloc[:4].assign(memo="가" * 200)
        kept = tmp_path / "long.gpkg"
        frame.to_file(kept)
        copy = write_repaired_copy(examined(kept), tmp_path / "copy.shp.zip")
        with zipfile.ZipFile(copy) as archive:
            text = archive.read("columns.txt").decode("utf-8-sig")
        assert any(line.startswith("# ") and "254" in line for line in text.splitlines())

    @given(st.lists(st.text(max_size=14), unique=True, max_size=30))
    def test_short_names_are_different_and_fit(self, names: list[str]) -> None:
        short = short_names(names)
        assert list(short) == names
        assert len({name.casefold() for name in short.values()}) == len(names)
        assert all(0 < len(name.encode()) <= 10 for name in short.values())

    def test_another_ending_is_refused_with_the_ones_that_serve(
        self, examination: Examination, tmp_path: Path
    ) -> None:
        with pytest.raises(UsageError, match=r"\.gpkg, \.geojson, \.shp\.zip"):
            write_repaired_copy(examination, tmp_path / "copy.dwg")


class TestReading:
    def test_said_and_remembered_are_the_same(self) -> None:
        said = Reading("EPSG:5174", "cp949", None, {"zone": "LAND", "pnu": "번호"}, ("b", "a"))
        assert Reading.from_dict(said.to_dict()) == said
        assert hash(Reading.from_dict(said.to_dict())) == hash(said)
        assert Reading().to_dict() == {}

    @pytest.mark.parametrize(
        "table", [{"crs": 5186}, {"columns": ["pnu"]}, {"set_aside": "a"}, {"colour": "red"}, []]
    )
    def test_what_is_not_understood_is_named(self, table: object) -> None:
        with pytest.raises(InputError, match="does not understand"):
            Reading.from_dict(table)

    def test_an_unknown_coordinate_system_leaves_the_intake_unopened(self) -> None:
        intake = taken_in("x.geojson", b"{", reading=Reading(crs="EPSG:999999"))
        assert not intake.ready
        assert intake.refused is not None
        assert intake.columns == ()


def test_json_has_each_finding_once_for_each_parcel(examination: Examination) -> None:
    document = report_document(examination.report, lang="en")
    pairs = sum(len(issue.parcel_ids) or 1 for issue in examination.report.issues)
    assert len(document["issues"]) == pairs
    assert document["rows_in"] == N
    assert {t["parcel_id"] for t in document["treatments"]} >= {pnu(0, 3)}


def test_a_frame_is_not_changed_by_examining_it(path: Path) -> None:
    before = gpd.read_file(path)
    examined(path)
    assert gpd.read_file(path).equals(before)


def test_rows_without_any_name_keep_the_number_of_their_row() -> None:
    # A line first: the polygons behind it are rows 2 and 3, whether or not row 1 is a parcel.
    shapes = [
        shapely.LineString([(203_000, 540_000), (203_005, 540_005)]),
        shapely.box(203_000, 540_000, 203_030, 540_040),
        shapely.box(203_030, 540_000, 203_060, 540_040),
    ]
    content = gpd.GeoDataFrame({"x": [1, 2, 3]}, geometry=shapes, crs=5186).to_crs(4326).to_json()
    examination = examined(content.encode(), name="a.geojson")
    assert examination.parcels is not None
    assert examination.parcels.ids == ("row-2", "row-3")
    aside = [i for i in examination.report.issues if i.code == "geometry_set_aside"]
    assert aside[0].parcel_ids == ("row-1",)


def test_a_copy_is_not_called_by_the_name_of_the_row_that_stays() -> None:
    lot = shapely.box(203_000, 540_000, 203_030, 540_040)
    frame = gpd.GeoDataFrame({"PNU": [pnu(1, 1)] * 2}, geometry=[lot, lot], crs=5186)
    examination = examined(frame.to_crs(4326).to_json().encode(), name="a.geojson")
    assert examination.parcels is not None
    assert examination.parcels.ids == (pnu(1, 1),)
    copies = [i for i in examination.report.issues if i.code == "row_repeated"]
    assert copies[0].parcel_ids == ("row-2",)


def test_zones_that_are_none_are_told() -> None:
    lots = [shapely.box(203_000 + 30 * i, 540_000, 203_030 + 30 * i, 540_040) for i in range(3)]
    zones = ["준주거지역", "UQA122", "2종일주"]
    frame = gpd.GeoDataFrame({"용도지역": zones}, geometry=lots, crs=5186)
    found = examined(frame.to_crs(4326).to_json().encode(), name="a.geojson").report.issues
    strange = [i for i in found if i.code == "zone_name_unknown"]
    assert strange[0].parcel_ids == ("row-2", "row-3")
    assert "UQA122" in str(strange[0].message)


def test_snapping_is_listed_with_its_areas() -> None:
    left = shapely.box(203_000, 540_000, 203_030, 540_040)
    right = shapely.box(203_030.01, 540_000, 203_060, 540_040)
    frame = gpd.GeoDataFrame({"x": [1, 2]}, geometry=[left, right], crs=5186)
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    examination = examined(buffer.getvalue(), name="a.parquet")
    done = [t for t in examination.report.treatments if t.what == "edges_snapped"]
    assert done
    assert sum(t.after_m2 - t.before_m2 for t in done) == pytest.approx(0.4, abs=0.05)


def test_a_zoning_file_without_prj_is_asked_about_by_its_own_option(path: Path) -> None:
    shapes = [shapely.box(203_000, 539_900, 203_700, 540_400)]
    zoning = gpd.GeoDataFrame({"DGM_NM": ["준주거지역"]}, geometry=shapes, crs=5186).to_crs(5174)
    buffer = io.BytesIO()
    zoning.set_crs(None, allow_override=True).to_parquet(buffer)
    with pytest.raises(InputError, match=r"--zoning-crs EPSG:") as asked:
        examined(path, supplements=Supplements(zoning=buffer.getvalue()))
    assert "EPSG:5174" in str(asked.value)
    assert "EPSG:5186" not in str(asked.value)
    said = Supplements(zoning=buffer.getvalue(), zoning_reading=Reading(crs="EPSG:5174"))
    parcels = examined(path, supplements=said).parcels
    assert parcels is not None
    assert set(parcels.zones) == {"준주거지역"}


def test_check_prints_its_report_before_a_copy_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = troubled().to_crs(5174).set_crs(None, allow_override=True)
    frame["PNU"] = [f"41131{text[5:]}" for text in frame["PNU"]]
    place = tmp_path / "a.parquet"
    frame.to_parquet(place)
    copy = tmp_path / "b.gpkg"
    assert main(["check", str(place), "--json", "--repaired", str(copy)]) == 1
    told = capsys.readouterr()
    assert json.loads(told.out)["crs"]["used"] is None
    assert not copy.exists()
    assert told.err


def test_a_candidate_says_how_far_it_is_from_the_first_but_not_from_itself() -> None:
    here = Candidate(
        code="EPSG:5174",
        label=Label("중부원점", "Central"),
        swap_axes=False,
        fits=True,
        supports=(),
        objections=(),
        distance_m=0.0,
        lon=127.03,
        lat=37.46,
        place=Label("서초구", "Seocho-gu"),
    )
    assert told_candidate(here, first=True, lang="en").endswith("37.4600 N, 127.0300 E")
    other = replace(here, code="EPSG:2097", distance_m=1_234.4)
    assert told_candidate(other, first=False, lang="en").endswith("E, 1,234 m from the first")


def test_a_lot_that_is_a_sliver_is_told_and_stays() -> None:
    # 5 cm x 30 m: twice the area (3 m²) over the perimeter (60.1 m) is 5 cm.
    thin = shapely.box(203_100, 540_000, 203_100.05, 540_030)
    lot = shapely.box(203_000, 540_000, 203_030, 540_040)
    frame = gpd.GeoDataFrame({"x": [1, 2]}, geometry=[lot, thin], crs=5186)
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    examination = examined(buffer.getvalue(), name="a.parquet")
    told = [i for i in examination.report.issues if i.code == "thin_lot"]
    assert [i.parcel_ids for i in told] == [("row-2",)]
    assert examination.report.parcels_out == 2


def test_outlines_of_dongs_settle_what_the_numbers_cannot() -> None:
    """A row of lots close along a dong's edge: only one of the three systems keeps them inside."""
    x, y = 203_100.0, 540_100.0
    dong = gpd.GeoDataFrame(
        {"EMD_CD": ["11650102"]}, geometry=[shapely.box(x - 5, y - 5, x + 405, y + 405)], crs=5186
    )
    lots = [
        shapely.box(x + 40 * i, y + 40 * j, x + 40 * i + 38, y + 40 * j + 38)
        for i in range(10)
        for j in range(10)
    ]
    frame = gpd.GeoDataFrame(
        {"PNU": [f"11650102001{900 + n:04d}0000" for n in range(100)]}, geometry=lots, crs=5186
    ).to_crs(5174)
    parquet, outlines = io.BytesIO(), io.BytesIO()
    frame.set_crs(None, allow_override=True).to_parquet(parquet)
    dong.to_parquet(outlines)
    asked = taken_in("a.parquet", parquet.getvalue())
    assert not asked.ready
    told = examined_again(replace(asked, dongs=Upload("dongs.parquet", outlines.getvalue())))
    assert told.ready
    assert told.examination is not None
    assert told.examination.report.crs_read == "EPSG:5174"
