"""`Parcels.from_frame`: facts are checked once, findings are listed, nothing changes after."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from siteplan.cadastre.pnu import is_pnu
from siteplan.context import Context, Feature
from siteplan.errors import InputError
from siteplan.parcels import FACT_COLUMNS, Parcels

X, Y = 203_100.0, 540_050.0
PNU = "1165010200102220000"


def _frame(n: int = 3, **columns: object) -> gpd.GeoDataFrame:
    squares = [shapely.box(X + 20 * i, Y, X + 20 * i + 10, Y + 10) for i in range(n)]
    return gpd.GeoDataFrame(columns, geometry=squares, crs=5186)


def _codes(parcels: Parcels) -> dict[str, tuple[str, ...]]:
    return {issue.code: issue.parcel_ids for issue in parcels.issues}


def test_a_bare_frame_gets_ids_and_outline_areas_and_says_so() -> None:
    parcels = Parcels.from_frame(_frame())

    assert parcels.ids == ("row-1", "row-2", "row-3")
    assert parcels.site_area_m2 == pytest.approx([100, 100, 100])
    assert _codes(parcels) == {
        "pnu_missing": parcels.ids,
        "area_from_outline": parcels.ids,
        "zone_missing": parcels.ids,
    }


def test_the_pnu_is_the_id_where_none_is_given() -> None:
    parcels = Parcels.from_frame(_frame(2, parcel_id=["A", None], pnu=[None, PNU]))
    assert parcels.ids == ("A", PNU)


def test_duplicate_ids_are_renamed_without_clashing() -> None:
    parcels = Parcels.from_frame(_frame(4, parcel_id=["A", "A", "A#2", "A"]))

    assert parcels.ids == ("A", "A#3", "A#2", "A#4")
    issue = next(i for i in parcels.issues if i.code == "duplicate_id")
    assert issue.parcel_ids == ("A", "A#3", "A#4")
    assert "stands on 3 rows" in issue.message.render("en")


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        (PNU, True),
        ("1165010200202220000", True),  # 산
        ("1165010200002220000", False),  # the building register's digit
        ("116501020010222000", False),
        ("1.16501020010222E+18", False),
        ("１１６５０１０２００１０２２２００００", False),
    ],
)
def test_the_form_of_a_pnu(text: str, *, fits: bool) -> None:
    assert is_pnu(text) is fits


def test_a_wrong_pnu_is_reported_and_left_out() -> None:
    parcels = Parcels.from_frame(_frame(2, parcel_id=["a", "b"], pnu=["1.16501E+18", PNU]))

    assert parcels.pnus == (None, PNU)
    assert _codes(parcels)["pnu_float_damaged"] == ("a",)


@pytest.mark.parametrize("bad", [-1.0, 0.0, float("nan"), float("inf"), None, "넓다"])
def test_an_unsound_area_gives_way_to_the_outline(bad: object) -> None:
    parcels = Parcels.from_frame(_frame(2, site_area_m2=[bad, 123.0]))

    assert parcels.site_area_m2 == pytest.approx([100, 123])
    assert _codes(parcels)["area_invalid"] == ("row-1",)


def test_other_systems_are_brought_to_5186() -> None:
    parcels = Parcels.from_frame(_frame().to_crs(4326))
    assert parcels.site_area_m2 == pytest.approx([100, 100, 100], abs=1e-3)
    assert parcels.frame.crs.to_epsg() == 5186


def test_no_system_and_no_rows_are_refused_with_the_fix() -> None:
    with pytest.raises(InputError, match="--crs EPSG:5186"):
        Parcels.from_frame(_frame().set_crs(None, allow_override=True))
    with pytest.raises(InputError, match="no parcels"):
        Parcels.from_frame(_frame(0))


def test_parcels_cannot_be_changed() -> None:
    source = _frame(2, zone=["준주거지역", None])
    parcels = Parcels.from_frame(source)
    digest = parcels.digest

    with pytest.raises(ValueError, match="read-only"):
        parcels.site_area_m2[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        parcels.geometry[0] = None
    parcels.frame["zone"] = "x"
    source["zone"] = "y"
    assert parcels.zones == ("준주거지역", None)
    assert Parcels.from_frame(_frame(2, zone=["준주거지역", None])).digest == digest


def test_the_digest_changes_with_each_fact_that_a_plan_rests_on() -> None:
    station = Feature("station", "역", "Station", shapely.Point(X, Y))
    variants = [
        Parcels.from_frame(_frame()),
        Parcels.from_frame(_frame(parcel_id=["a", "b", "c"])),
        Parcels.from_frame(_frame(zone=["준주거지역"] * 3)),
        Parcels.from_frame(_frame(site_area_m2=[100.01, 100, 100])),
        Parcels.from_frame(_frame().set_geometry(_frame().translate(0.01))),
        Parcels.from_frame(_frame(), context=Context((station,))),
    ]
    assert len({parcels.digest for parcels in variants}) == len(variants)


def test_the_frame_has_the_fact_columns_and_reads_back() -> None:
    parcels = Parcels.from_frame(_frame(3, pnu=[PNU, None, None], zone=["준주거지역", None, None]))
    frame = parcels.frame

    assert [*FACT_COLUMNS, "geometry"] == list(frame.columns)
    again = Parcels.from_frame(frame)
    assert again.digest == parcels.digest
    assert again.pnus == parcels.pnus


def test_distances_are_to_the_nearest_of_each_kind() -> None:
    context = Context(
        (
            Feature("station", "가", "A", shapely.Point(X + 10, Y + 40)),  # 30 above lot 1
            Feature("station", "나", "B", shapely.Point(X + 50, Y + 5)),  # right of lot 3 at 50
        )
    )
    parcels = Parcels.from_frame(_frame(), context=context)

    assert list(parcels.criterion_distances_m) == ["station"]
    assert parcels.criterion_distances_m["station"] == pytest.approx([30, 20, 0])
    assert np.isfinite(parcels.criterion_distances_m["station"]).all()


class TestRegisterFacts:
    def test_lot_numbers_and_land_categories_are_brought_to_one_form(self) -> None:
        jibuns = ["223-1대", "양재동 산12 임", "태봉로 108", None]
        parcels = Parcels.from_frame(_frame(4, jibun=jibuns, jimok=[None, "05", "공장용지", None]))

        assert parcels.jibuns == ("223-1", "양재동 산 12", "태봉로 108", None)
        assert parcels.jimoks == ("대", "임", "장", None)
        assert _codes(parcels)["lot_number_unreadable"] == ("row-3",)
        assert _codes(parcels)["lot_number_rewritten"] == ()
        again = Parcels.from_frame(parcels.frame)
        assert (again.jibuns, again.jimoks) == (parcels.jibuns, parcels.jimoks)

    def test_the_building_registers_numbers_become_the_land_registers(self) -> None:
        pnus = ["1165010200002220000", "1165010200100120003"]
        parcels = Parcels.from_frame(_frame(2, pnu=pnus, jibun=["222", "산 12-3"]))

        assert parcels.pnus == (PNU, "1165010200200120003") == parcels.ids
        assert _codes(parcels)["pnu_other_family"] == parcels.ids
        assert "lot_number_differs" not in _codes(parcels)

    def test_a_column_of_floats_is_refused_and_gives_no_ids(self) -> None:
        parcels = Parcels.from_frame(_frame(2, pnu=[float(PNU), float("nan")]))

        assert parcels.pnus == (None, None)
        assert parcels.ids == ("row-1", "row-2")
        assert _codes(parcels)["pnu_float_damaged"] == ("row-1",)
        assert _codes(parcels)["pnu_missing"] == ("row-2",)

    def test_pnus_cut_to_15_digits_are_refused_where_the_lot_numbers_show_it(self) -> None:
        pnus = ["1165010200102220000", "1165010200102220000", "1165010200102230000"]
        columns = {"parcel_id": ["a", "b", "c"], "pnu": pnus, "jibun": ["222-1", "222-2", "223"]}
        parcels = Parcels.from_frame(_frame(3, **columns))

        assert parcels.pnus == (None, None, "1165010200102230000")
        assert _codes(parcels)["pnu_float_damaged"] == ("a", "b")

    def test_a_lot_number_of_another_parcel_is_reported_and_both_are_kept(self) -> None:
        parcels = Parcels.from_frame(_frame(1, pnu=[PNU], jibun=["양재동 223"]))

        assert (parcels.pnus, parcels.jibuns) == ((PNU,), ("양재동 223",))
        assert _codes(parcels)["lot_number_differs"] == parcels.ids
