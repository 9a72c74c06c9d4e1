"""The CRS doctor: every system, declared right, wrong, missing or swapped; and what it asks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from siteplan.crs_doctor import (
    Anchor,
    Anchors,
    CrsAmbiguousError,
    CrsDiagnosis,
    DongOutlines,
    References,
    axes_exchanged,
    declared_crs,
    diagnosed,
)
from siteplan.crs_doctor.evidence import anchor_distances_m, clearly_better, sampled
from siteplan.crs_doctor.regions import REGIONS, region_at, region_in_name, region_of
from siteplan.crs_doctor.systems import (
    _TRANSVERSE,
    SYSTEMS,
    distance_m,
    lonlat_of,
    plausible,
    system_crs,
)
from siteplan.errors import InputError
from siteplan.io.anchors import dong_outlines, read_anchors
from siteplan.shipped import data_path

SHARED = Path(__file__).resolve().parents[2] / "shared" / "geodata"
POINT_LONLAT = (127.0375, 37.4635)
"""The known point of the facts, V-calc."""

YANGJAE, BUSAN = (127.036, 37.462), (129.06, 35.17)
SEOUL_CODE, BUSAN_CODE = "1165010200", "2611010100"
CENTRAL = (5174, 5181, 5186, 5179, 2097, 4326, 3857)
NEAR = (5174, 5181, 2097)
"""Systems that lie 256 to 357 m apart."""

NO_REFERENCES = References()

Objects = npt.NDArray[np.object_]


def lots(at: tuple[float, float], *, epsg: int, n: int = 12) -> Objects:
    """Square lots of 40 m in a row of 60 m steps, in the numbers of a system."""
    start = pyproj.Transformer.from_crs(4326, 5179, always_xy=True).transform(*at)
    boxes = [
        shapely.box(start[0] + 60 * k, start[1], start[0] + 60 * k + 40, start[1] + 40)
        for k in range(n)
    ]
    return np.asarray(gpd.GeoSeries(boxes, crs=5179).to_crs(epsg).array, dtype=object)


def pnus_of(code: str, *, n: int = 12) -> list[str | None]:
    return [f"{code}1{700 + k:04d}0000" for k in range(n)]


def diagnose(outlines: Objects, **wishes: Any) -> CrsDiagnosis:
    wishes.setdefault("pnus", [None] * len(outlines))
    wishes.setdefault("references", NO_REFERENCES)
    wishes.setdefault("declared", None)
    return diagnosed(outlines, **{"wished": None, "file_name": "parcels.shp", **wishes})


def codes_of(diagnosis: CrsDiagnosis) -> list[str]:
    return [issue.code for issue in diagnosis.issues]


def fitting(diagnosis: CrsDiagnosis) -> set[int]:
    return {int(each.code.split(":")[1]) for each in diagnosis.candidates if each.fits}


def error_m(diagnosis: CrsDiagnosis, outlines: Objects, *, truth: int, swapped: bool) -> float:
    """How far the doctor's reading puts the file's first corner from where it is."""
    corner = shapely.get_coordinates(outlines[0])[:1]
    assert diagnosis.crs is not None
    told = lonlat_of(corner, crs=diagnosis.crs, swapped=diagnosis.swap_axes)[0]
    return distance_m(told, lonlat_of(corner, crs=system_crs(truth), swapped=swapped)[0])


# ------------------------------------------------------------------------------ transformations


@pytest.mark.parametrize(
    ("epsg", "x_m", "y_m"),
    [(5186, 203_317.568, 540_453.770), (5174, 203_247.805, 440_148.412)],
)
def test_the_known_point_goes_there_and_back(epsg: int, x_m: float, y_m: float) -> None:
    there = pyproj.Transformer.from_crs(4326, epsg, always_xy=True).transform(*POINT_LONLAT)
    assert there == pytest.approx((x_m, y_m), abs=0.001)
    back = lonlat_of(np.array([[x_m, y_m]]), crs=system_crs(epsg))[0]
    assert distance_m(back, np.array(POINT_LONLAT)) < 0.01, "EPSG's reverse way closes to 5 mm"


@pytest.mark.parametrize("epsg", sorted(_TRANSVERSE))
def test_the_table_of_parameters_is_that_of_the_epsg_registry(epsg: int) -> None:
    crs = pyproj.CRS.from_epsg(epsg)
    assert crs.coordinate_operation is not None
    assert crs.ellipsoid is not None
    values = {p.name: float(p.value) for p in crs.coordinate_operation.params}
    meridian, easting, northing, scale, ellipsoid = _TRANSVERSE[epsg]
    assert values["Longitude of natural origin"] == pytest.approx(meridian, abs=1e-9)
    assert values["False easting"] == easting
    assert values["False northing"] == northing
    assert values["Scale factor at natural origin"] == scale
    assert crs.ellipsoid.name == {"grs80": "GRS 1980", "bessel": "Bessel 1841"}[ellipsoid]
    assert declared_crs(crs) == (crs, ())


@pytest.mark.parametrize("epsg", [5174, 2097])
def test_bessel_systems_go_through_epsgs_molodensky_badekas_without_grid_or_network(
    epsg: int,
) -> None:
    group = pyproj.transformer.TransformerGroup(epsg, 4326, always_xy=True)
    assert not pyproj.network.is_network_enabled()  # type: ignore[attr-defined]
    assert not group.unavailable_operations
    assert group.transformers[0].accuracy == 1.0
    steps = [op.method_name for op in group.transformers[0].operations or ()]
    assert any("Molodensky-Badekas" in step for step in steps), steps


def test_the_near_systems_lie_256_to_357_m_apart() -> None:
    point = np.array([[203_247.805, 440_148.412]])
    placed = [lonlat_of(point, crs=system_crs(epsg))[0] for epsg in NEAR]
    apart = sorted(distance_m(a, b) for k, a in enumerate(placed) for b in placed[:k])
    assert apart == pytest.approx([256, 313, 357], abs=1)


def test_5181_and_5186_differ_by_100_km_of_false_northing_exactly() -> None:
    point = np.array([[203_317.568, 440_453.770]])
    assert lonlat_of(point, crs=system_crs(5181)) == pytest.approx(
        lonlat_of(point + np.array([0, 100_000]), crs=system_crs(5186)), abs=1e-12
    )


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.code)
def test_the_cheap_first_look_never_drops_a_place_in_the_systems_own_belt(system: Any) -> None:
    west, south, east, north = system.extent
    west, south, east, north = max(west, 124.5), max(south, 33), min(east, 132), min(north, 38.7)
    corners = np.array([(lon, lat) for lon in (west, east) for lat in (south, north)])
    to = pyproj.Transformer.from_crs(4326, system.epsg, always_xy=True)
    for lon, lat in corners:
        x, y = to.transform(lon, lat)
        assert plausible(system, x=x, y=y), (system.code, lon, lat)


# ------------------------------------------------------------------------- what a .prj really says

_BESSEL = (
    "+proj=tmerc +lat_0=38 +lon_0={lon} +k=1 +x_0=200000 +y_0=500000 +ellps=bessel +units=m "
    "+no_defs"
)
MODIFIED = _BESSEL.format(lon="127.0028902777778")
POPULAR = "-145.907,505.034,685.756,-1.162,2.347,1.592,6.342"
GOOD = "-115.80,474.99,674.11,1.16,-2.31,-1.63,6.43"
QGIS_PRJ = (
    'PROJCS["unnamed",GEOGCS["Bessel 1841",DATUM["unknown",SPHEROID["bessel",6377397.155,'
    '299.1528128],TOWGS84[{shift}]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],'
    'PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",38],'
    'PARAMETER["central_meridian",127.0028902777778],PARAMETER["scale_factor",1],'
    'PARAMETER["false_easting",200000],PARAMETER["false_northing",500000],UNIT["Meter",1]]'
)
ESRI_PRJ = (
    'PROJCS["{name}",GEOGCS["GCS_Own",DATUM["D_Own",SPHEROID["{ball}",{axis},{flattening}]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],'
    'PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",200000.0],'
    'PARAMETER["False_Northing",{north}],PARAMETER["Central_Meridian",{lon}],'
    'PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",38.0],UNIT["Meter",1.0]]'
)
BALLS = {
    "bessel": {"ball": "Bessel_1841", "axis": 6377397.155, "flattening": 299.1528128},
    "grs80": {"ball": "GRS_1980", "axis": 6378137.0, "flattening": 298.257222101},
}


@pytest.mark.parametrize("epsg", [5174, 2097, 5181, 5186, 5187, 5179, 5176, 5182])
@pytest.mark.parametrize("form", ["WKT1_ESRI", "WKT1_GDAL", "WKT2_2019"])
def test_every_form_of_a_definition_is_recognised(epsg: int, form: str) -> None:
    crs, issues = declared_crs(pyproj.CRS.from_epsg(epsg).to_wkt(form))
    assert crs is not None
    assert crs.to_epsg() == epsg
    assert issues == ()


@pytest.mark.parametrize(
    ("name", "ball", "lon", "north", "epsg"),
    [
        ("Korean_1985_Modified_Korea_Central_Belt", "bessel", 127.0028902777778, 500_000, 5174),
        ("Korea_2000_Korea_Central_Belt_2010", "grs80", 127, 600_000, 5186),
        ("Korea_2000_Korea_Central_Belt", "grs80", 127, 500_000, 5181),
        ("somebody's own", "bessel", 127, 500_000, 2097),
        ("somebody's own", "bessel", 127.00289, 500_000, 5174),
        ("East", "grs80", 129, 600_000, 5187),
    ],
)
def test_an_esri_prj_with_an_unknown_authority_is_known_by_its_parameters(
    name: str, ball: str, lon: float, north: float, epsg: int
) -> None:
    crs, _ = declared_crs(ESRI_PRJ.format(name=name, lon=lon, north=north, **BALLS[ball]))
    assert crs is not None
    assert crs.to_epsg() == epsg


def test_esri_102086_is_5174() -> None:
    crs, issues = declared_crs("ESRI:102086")
    assert crs is not None
    assert crs.to_epsg() == 5174
    assert issues == ()


def test_bessel_without_a_datum_is_not_taken_without_a_change_of_datum() -> None:
    """What pyproj does with the string alone: 363 m off, and nobody is told."""
    point = np.array([[203_247.805, 440_148.412]])
    bare = pyproj.CRS.from_user_input(MODIFIED)
    plain = pyproj.Transformer.from_crs(bare, 4326, always_xy=True).transform(*point[0])
    assert distance_m(np.array(plain), np.array(POINT_LONLAT)) == pytest.approx(363, abs=0.5)
    crs, issues = declared_crs(MODIFIED)
    assert crs is not None
    assert distance_m(lonlat_of(point, crs=crs)[0], np.array(POINT_LONLAT)) < 0.01
    assert [issue.code for issue in issues] == ["crs_recognised"]
    degrees, _ = declared_crs("+proj=longlat +ellps=bessel +no_defs")
    assert degrees is not None
    assert degrees.to_epsg() == 4162


@pytest.mark.parametrize("form", ["proj", "prj"])
@pytest.mark.parametrize(
    ("shift", "off_m", "code"),
    [
        (POPULAR, "16.7", "crs_towgs84_off"),
        ("-147,506,687,0,0,0,0", "2.2", "crs_towgs84_off"),
        ("0,0,0,0,0,0,0", "309.8", "crs_towgs84_off"),  # Bessel's own geocentre kept
        (GOOD, None, "crs_recognised"),
    ],
)
def test_a_towgs84_is_compared_with_epsgs_operation_where_the_data_lie(
    form: str, shift: str, off_m: str | None, code: str
) -> None:
    text = f"{MODIFIED} +towgs84={shift}" if form == "proj" else QGIS_PRJ.format(shift=shift)
    crs, issues = declared_crs(text, at=(203_247.805, 440_148.412))
    assert crs is not None
    assert crs.to_epsg() == 5174
    assert [issue.code for issue in issues] == [code]
    assert issues[0].details.get("distance") == off_m


def test_the_popular_towgs84_in_a_files_prj_is_reported_and_not_used() -> None:
    outlines = lots(YANGJAE, epsg=5174)
    found = diagnose(
        outlines,
        pnus=pnus_of(SEOUL_CODE),
        declared=system_crs(5174),  # what GDAL makes of it
        declared_text=QGIS_PRJ.format(shift=POPULAR),
    )
    assert (found.status, codes_of(found)) == ("declared", ["crs_towgs84_off"])
    assert "16.7 m" in str(found.issues[0].message)
    assert error_m(found, outlines, truth=5174, swapped=False) < 0.01


@pytest.mark.parametrize("text", ["", "  ", "garbage", 'LOCAL_CS["Undefined"]', "\x00\x01", "[]"])
def test_a_prj_that_cannot_be_read_counts_as_missing(text: str) -> None:
    found = diagnose(lots(YANGJAE, epsg=5186), pnus=pnus_of(SEOUL_CODE), declared_text=text)
    assert found.status == "assumed"
    assert found.crs is not None
    assert found.crs.to_epsg() == 5186
    assert ("crs_unreadable" in codes_of(found)) == bool(text.strip())


def test_a_definition_of_another_country_stays_as_it_is() -> None:
    crs, issues = declared_crs("EPSG:32652")
    assert crs == pyproj.CRS.from_epsg(32652)
    assert issues == ()


# --------------------------------------------------------------------- declared right, wrong, not


@pytest.mark.parametrize("with_pnus", [True, False])
@pytest.mark.parametrize("epsg", CENTRAL)
def test_a_right_declaration_is_believed(epsg: int, with_pnus: bool) -> None:  # noqa: FBT001
    outlines = lots(YANGJAE, epsg=epsg)
    wish: dict[str, Any] = {"pnus": pnus_of(SEOUL_CODE)} if with_pnus else {}
    found = diagnose(outlines, declared=system_crs(epsg), **wish)
    assert (found.status, found.swap_axes, codes_of(found)) == ("declared", False, [])
    assert found.crs == system_crs(epsg)
    assert len(found.candidates) == 1


@pytest.mark.parametrize("epsg", CENTRAL)
def test_swapped_axes_of_a_declared_system_are_found_and_told(epsg: int) -> None:
    outlines = axes_exchanged(lots(YANGJAE, epsg=epsg))
    found = diagnose(outlines, pnus=pnus_of(SEOUL_CODE), declared=system_crs(epsg))
    assert (found.status, found.swap_axes) == ("declared", True)
    assert codes_of(found) == ["axes_swapped"]
    assert error_m(found, outlines, truth=epsg, swapped=True) < 0.01
    straight = axes_exchanged(outlines)
    assert shapely.equals_exact(straight, lots(YANGJAE, epsg=epsg), 1e-9).all()


def test_axes_that_fit_either_way_are_remarked_on_unless_pnus_or_the_name_tell() -> None:
    """대전 in 5174 with its axes exchanged lies in 경남, still within the belt's margin."""
    daejeon = (127.36, 36.36)
    straight = lots(daejeon, epsg=5174)
    turned = axes_exchanged(straight)
    wish: dict[str, Any] = {"declared": system_crs(5174)}
    believed = diagnose(turned, **wish)
    assert (believed.status, believed.swap_axes) == ("declared", False)
    assert codes_of(believed) == ["axes_unclear"]
    assert "Daejeon" in str(believed.issues[0].message)
    assert codes_of(diagnose(straight, **wish, pnus=pnus_of("3020010100"))) == []
    named = diagnose(turned, **wish, file_name="대전.shp")
    assert (named.swap_axes, codes_of(named)) == (True, ["axes_swapped"])
    assert diagnose(turned, **wish, pnus=pnus_of("3020010100")).swap_axes


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(
    ("epsg", "at", "code"),
    [
        *[(epsg, YANGJAE, SEOUL_CODE) for epsg in (5186, 5179, 4326, 3857)],
        *[(epsg, BUSAN, BUSAN_CODE) for epsg in (5187, 5179, 4326, 3857)],
    ],
)
def test_without_a_declaration_pnus_settle_what_only_they_can(
    epsg: int,
    at: tuple[float, float],
    code: str,
    swapped: bool,  # noqa: FBT001
) -> None:
    outlines = lots(at, epsg=epsg)
    if swapped:
        outlines = axes_exchanged(outlines)
    found = diagnose(outlines, pnus=pnus_of(code))
    assert (found.status, found.swap_axes) == ("assumed", swapped)
    assert found.crs == system_crs(epsg)
    assert codes_of(found) == ["crs_assumed", *(["axes_swapped"] if swapped else [])]
    assert "PNUs" in str(found.reason)


@pytest.mark.parametrize("epsg", NEAR)
def test_the_near_systems_are_asked_for_not_picked(epsg: int) -> None:
    found = diagnose(lots(YANGJAE, epsg=epsg), pnus=pnus_of(SEOUL_CODE))
    assert (found.status, found.crs) == ("ask", None)
    assert fitting(found) == set(NEAR)
    assert [round(each.distance_m) for each in found.candidates if each.fits] == [0, 313, 256]
    question = str(found.reason)
    assert all(f"EPSG:{near}" in question for near in NEAR)
    assert "313 m away" in question
    assert question.endswith("e.g. EPSG:5174 (--crs EPSG:5174).")
    assert codes_of(found) == ["crs_ambiguous"]
    with pytest.raises(InputError, match="256 m") as caught:
        raise CrsAmbiguousError(found)
    assert caught.value.diagnosis is found  # type: ignore[attr-defined]


def test_without_pnus_the_belts_are_asked_for_with_where_each_would_be() -> None:
    found = diagnose(lots(YANGJAE, epsg=5186))
    assert found.status == "ask"
    assert fitting(found) == {5186, 5187}
    first, second = found.candidates[:2]
    assert (first.code, first.place.en) == ("EPSG:5186", "Seocho-gu")
    assert (second.code, second.place.en) == ("EPSG:5187", "Gangwon")
    assert second.distance_m == pytest.approx(177_000, rel=0.01)
    assert (first.lon, first.lat) == pytest.approx(YANGJAE, abs=0.01)


@pytest.mark.parametrize(
    "name", ["LSMD_CONT_LDREG_서울_서초구.zip", "LSMD_CONT_LDREG_11650_202601"]
)
def test_a_region_in_the_files_name_settles_the_belt_but_never_the_datum(name: str) -> None:
    found = diagnose(lots(YANGJAE, epsg=5186), file_name=name)
    assert (found.status, found.crs) == ("assumed", system_crs(5186))
    assert "name" in str(found.reason)
    old = diagnose(lots(YANGJAE, epsg=5174), file_name=name)
    assert (old.status, fitting(old)) == ("ask", set(NEAR))


def test_a_number_in_the_files_name_orders_the_question_and_decides_nothing() -> None:
    found = diagnose(lots(YANGJAE, epsg=5174), pnus=pnus_of(SEOUL_CODE), file_name="서초_2097.shp")
    assert found.status == "ask"
    assert found.candidates[0].code == "EPSG:2097"
    prj = diagnose(
        lots((127.36, 36.36), epsg=5186),
        pnus=pnus_of("3020010100"),
        declared=system_crs(5186),
        file_name="LSMD_CONT_LDREG_5174_30200_202604.shp",
    )
    assert (prj.status, codes_of(prj)) == ("declared", ["crs_name_differs"])
    assert prj.crs == system_crs(5186)


@pytest.mark.parametrize(
    ("truth", "declared", "at", "code"),
    [
        (5186, 5174, YANGJAE, SEOUL_CODE),  # 100 km of false northing
        (5186, 5181, YANGJAE, SEOUL_CODE),
        (5186, 5187, YANGJAE, SEOUL_CODE),  # the neighbouring belt
        (5187, 5186, BUSAN, BUSAN_CODE),
        (5186, 5179, YANGJAE, SEOUL_CODE),
        (5179, 5186, YANGJAE, SEOUL_CODE),
        (4326, 5186, YANGJAE, SEOUL_CODE),  # degrees declared as metres
        (5186, 4326, YANGJAE, SEOUL_CODE),
        (3857, 4326, YANGJAE, SEOUL_CODE),
        (5186, 3857, YANGJAE, SEOUL_CODE),
    ],
)
def test_a_wrong_declaration_is_contradicted_by_name(
    truth: int, declared: int, at: tuple[float, float], code: str
) -> None:
    outlines = lots(at, epsg=truth)
    found = diagnose(outlines, pnus=pnus_of(code), declared=system_crs(declared))
    assert (found.status, found.crs) == ("assumed", system_crs(truth))
    assert codes_of(found) == ["crs_contradicted"]
    message = str(found.issues[0].message)
    assert f"EPSG:{truth}" in message
    assert f"EPSG:{declared}" in message
    assert found.issues[0].severity == "warning"


def test_5174_numbers_declared_as_5186_are_asked_for() -> None:
    found = diagnose(lots(YANGJAE, epsg=5174), pnus=pnus_of(SEOUL_CODE), declared=system_crs(5186))
    assert (found.status, fitting(found)) == ("ask", set(NEAR))
    assert "EPSG:5186" in str(found.reason)
    assert "0 % of 12 PNUs" in str(found.reason)


def test_degrees_declared_as_metres_need_no_pnu() -> None:
    found = diagnose(lots(YANGJAE, epsg=4326), declared=system_crs(5186))
    assert (found.status, found.crs) == ("assumed", system_crs(4326))


def test_a_file_of_another_country_is_left_alone() -> None:
    """British grid numbers look like swapped ones of Seoul; the grid is not made for Korea."""
    london = lots((-0.12, 51.5), epsg=27700)
    found = diagnose(london, declared=pyproj.CRS.from_epsg(27700))
    assert (found.status, found.swap_axes, codes_of(found)) == ("declared", False, [])
    manhattan = lots((-74.0, 40.7), epsg=4326)
    world = diagnose(manhattan, declared=system_crs(4326))
    assert (world.status, codes_of(world)) == ("declared", ["crs_doubtful"])


def test_a_plain_utm_declaration_in_korea_is_believed() -> None:
    found = diagnose(
        lots(YANGJAE, epsg=32652),
        pnus=pnus_of(SEOUL_CODE),
        declared=pyproj.CRS.from_epsg(32652),
    )
    assert (found.status, codes_of(found)) == ("declared", [])


# ------------------------------------------------------------------------------- what a person says


def test_what_a_person_says_is_used_and_doubted_aloud() -> None:
    outlines = lots(YANGJAE, epsg=5174)
    right = diagnose(outlines, pnus=pnus_of(SEOUL_CODE), wished=system_crs(5174))
    assert (right.status, right.crs, codes_of(right)) == ("given", system_crs(5174), [])
    wrong = diagnose(outlines, pnus=pnus_of(SEOUL_CODE), wished=system_crs(5186))
    assert (wrong.status, wrong.crs) == ("given", system_crs(5186))
    assert codes_of(wrong) == ["crs_doubtful"]
    over = diagnose(outlines, declared=system_crs(5181), wished=system_crs(5174))
    assert codes_of(over) == ["crs_overridden"]


def test_what_a_person_says_is_read_with_the_axes_that_fit() -> None:
    outlines = axes_exchanged(lots(YANGJAE, epsg=5186))
    found = diagnose(outlines, wished=system_crs(5186))
    assert (found.status, found.swap_axes, codes_of(found)) == ("given", True, ["axes_swapped"])


def test_metres_cannot_be_called_degrees() -> None:
    found = diagnose(lots(YANGJAE, epsg=5186), pnus=pnus_of(SEOUL_CODE), wished=system_crs(4326))
    assert found.status == "ask"
    assert re.search(r"EPSG:4326.*\(203\d{3}, 540\d{3}\) are no place", str(found.reason))
    assert str(found.reason).endswith("(--crs EPSG:5186).")


# ------------------------------------------------------------------------------ lots and dongs


def test_the_shipped_anchors_are_the_published_lots_of_the_table() -> None:
    anchors = read_anchors().by_pnu
    assert len(anchors) == 6
    market = anchors["1165010200102230000"]
    assert (market.lon, market.lat, market.tolerance_m) == (127.0352, 37.4602, 150)
    assert market.jibun == "양재동 223"
    assert all(len(pnu) == 19 and anchor.source for pnu, anchor in anchors.items())


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("epsg", CENTRAL)
def test_published_lots_tell_even_the_near_systems_apart(epsg: int, swapped: bool) -> None:  # noqa: FBT001
    frame = gpd.read_file(data_path("yangjae", "parcels.geojson")).to_crs(epsg)
    outlines = np.asarray(frame.geometry.array, dtype=object)
    if swapped:
        outlines = axes_exchanged(outlines)
    found = diagnose(
        outlines,
        pnus=[pnu if isinstance(pnu, str) else None for pnu in frame["pnu"]],
        references=References(read_anchors()),
    )
    assert (found.status, found.crs, found.swap_axes) == ("assumed", system_crs(epsg), swapped)
    assert "6 lot(s) lie at their published places" in str(found.reason)


def test_published_lots_contradict_a_declared_near_system() -> None:
    frame = gpd.read_file(data_path("yangjae", "parcels.geojson")).to_crs(5174)
    pnus = [pnu if isinstance(pnu, str) else None for pnu in frame["pnu"]]
    outlines = np.asarray(frame.geometry.array, dtype=object)
    wish: dict[str, Any] = {"references": References(read_anchors()), "declared": system_crs(2097)}
    found = diagnose(outlines, pnus=pnus, **wish)
    assert (found.status, found.crs) == ("assumed", system_crs(5174))
    assert codes_of(found) == ["crs_contradicted"]
    alone = [pnu if pnu == "1165010300101420000" else None for pnu in pnus]
    one = diagnose(outlines, pnus=alone, **wish)
    assert (one.status, one.crs) == ("declared", system_crs(2097)), "one bus stop is not enough"
    assert codes_of(one) == ["crs_doubtful"]


def test_a_lot_number_of_the_other_register_family_is_the_same_lot() -> None:
    anchors = read_anchors()
    outlines = lots(YANGJAE, epsg=5186, n=2)
    sample = sampled(outlines, pnus=["1165010200002230000", "12"], anchors=anchors)
    assert [anchor.jibun for anchor, _ in sample.lots] == ["양재동 223"]


def test_the_distance_to_a_published_place_is_measured_in_metres() -> None:
    anchor = Anchor("1", 127.0, 37.5, 150)
    geod = pyproj.Geod(ellps="GRS80")
    for azimuth in range(0, 360, 45):
        lon, lat, _ = geod.fwd(127.0, 37.5, azimuth, 300.0)
        shape = np.array([shapely.Point(lon, lat)], dtype=object)
        assert anchor_distances_m([anchor], shapes=shape)[0] == pytest.approx(300, abs=0.01)
    bow_tie = shapely.Polygon([(126.9, 37.4), (127.1, 37.6), (127.1, 37.4), (126.9, 37.6)])
    nasty = np.array([bow_tie, None], dtype=object)
    assert anchor_distances_m([anchor, anchor], shapes=nasty).tolist() == [0, np.inf]
    over = np.array([shapely.box(126.9, 37.4, 127.1, 37.6)], dtype=object)
    assert anchor_distances_m([anchor], shapes=over)[0] == 0


@pytest.fixture(scope="module")
def dongs() -> DongOutlines:
    path = SHARED / "seocho_legal_dong_juso2015_subset.geojson"
    if not path.is_file():
        pytest.skip("the folder ../shared with real geodata is not here")
    return dong_outlines(gpd.read_file(path))


def dong_parcels(dongs: DongOutlines, *, epsg: int, step_deg: float) -> tuple[Objects, list[str]]:
    """Small parcels on a grid over 서초구, each with the PNU of the dong it lies in."""
    west, south, east, north = shapely.total_bounds(dongs.geometry)
    lon, lat = (
        axis.ravel()
        for axis in np.meshgrid(
            np.arange(west, east, step_deg), np.arange(south, north, step_deg), indexing="ij"
        )
    )
    shapes, pnus = [], []
    for code, outline in zip(dongs.codes, dongs.geometry, strict=True):
        inside = shapely.contains_xy(outline, lon, lat)
        for k, (x, y) in enumerate(zip(lon[inside], lat[inside], strict=True)):
            shapes.append(shapely.box(x - 1e-5, y - 1e-5, x + 1e-5, y + 1e-5))
            pnus.append(f"{code:0<10}1{1 + k:04d}0000")
    return np.asarray(gpd.GeoSeries(shapes, crs=4326).to_crs(epsg).array, dtype=object), pnus


@pytest.mark.parametrize("epsg", NEAR)
def test_outlines_of_dongs_tell_the_near_systems_apart(epsg: int, dongs: DongOutlines) -> None:
    outlines, pnus = dong_parcels(dongs, epsg=epsg, step_deg=0.002)
    found = diagnose(outlines, pnus=pnus, references=References(dongs=dongs))
    assert (found.status, found.crs) == ("assumed", system_crs(epsg))
    assert "100.0 %" in str(found.reason)


@pytest.mark.parametrize("epsg", NEAR)
def test_parcels_in_the_middle_of_a_dong_tell_nothing(epsg: int, dongs: DongOutlines) -> None:
    middle = shapely.point_on_surface(dongs.geometry[dongs.codes.index("11650102")])
    found = diagnose(
        lots((middle.x, middle.y), epsg=epsg, n=5),
        pnus=pnus_of(SEOUL_CODE, n=5),
        references=References(dongs=dongs),
    )
    assert (found.status, fitting(found)) == ("ask", set(NEAR))


def test_clearly_better_takes_more_than_chance() -> None:
    every = np.ones(100, dtype=bool)
    assert not clearly_better(every, every)
    eight, nine = every.copy(), every.copy()
    eight[:8], nine[:9] = False, False
    assert not clearly_better(every, eight)
    assert clearly_better(every, nine)
    assert not clearly_better(nine, every)
    half = np.arange(100) < 50
    assert not clearly_better(half, np.zeros(100, dtype=bool)), "half of the parcels are elsewhere"


def test_outlines_of_dongs_need_a_system_and_codes() -> None:
    frame = gpd.GeoDataFrame({"EMD_CD": ["11650102"]}, geometry=[shapely.box(127, 37, 128, 38)])
    with pytest.raises(InputError, match="no coordinate system"):
        dong_outlines(frame)
    with pytest.raises(InputError, match=r"no column .* \(name\)"):
        dong_outlines(frame.set_crs(4326), column="name")
    assert dong_outlines(frame.set_crs(4326)).codes == ("11650102",)


# ----------------------------------------------------------------------------- real files


@pytest.fixture(params=["5174_noprj", "5186_prj"])
def sample_file(request: pytest.FixtureRequest) -> tuple[str, gpd.GeoDataFrame]:
    path = SHARED / f"LSMD_like_{request.param}_nocpg.zip"
    if not path.is_file():
        pytest.skip("the folder ../shared with real geodata is not here")
    return request.param, gpd.read_file(path, encoding="cp949")


def test_the_national_downloads_form(sample_file: tuple[str, gpd.GeoDataFrame]) -> None:
    kind, frame = sample_file
    outlines = np.asarray(frame.geometry.array, dtype=object)
    found = diagnose(
        outlines,
        pnus=frame["PNU"].tolist(),
        declared=frame.crs,
        references=References(read_anchors()),
        file_name="LSMD_CONT_LDREG_41131.zip",
    )
    if kind == "5186_prj":
        assert (found.status, codes_of(found)) == ("declared", [])
        assert found.crs == system_crs(5186)
    else:
        assert (found.status, fitting(found)) == ("ask", set(NEAR))


# ----------------------------------------------------------------------------- nasty input


@pytest.mark.parametrize(
    "outlines",
    [
        np.array([], dtype=object),
        np.array([None, None], dtype=object),
        np.array([shapely.Polygon(), shapely.Point(np.nan, np.nan)], dtype=object),
    ],
    ids=["no rows", "no shapes", "empty shapes"],
)
def test_a_file_without_coordinates_tells_nothing(outlines: Objects) -> None:
    assert diagnose(outlines).status == "ask"
    assert diagnose(outlines).candidates == ()
    assert diagnose(outlines, declared=system_crs(5186)).status == "declared"
    assert diagnose(outlines, wished=pyproj.CRS(MODIFIED)).status == "given"


def test_numbers_that_fit_nothing_are_asked_for() -> None:
    outlines = np.array([shapely.box(1e8, 1e8, 1e8 + 1, 1e8 + 1)], dtype=object)
    found = diagnose(outlines)
    assert (found.status, found.candidates) == ("ask", ())
    impossible = diagnose(outlines, declared=system_crs(4326))
    assert impossible.status == "ask"
    assert "EPSG:4326" in str(impossible.reason)


def test_a_few_damaged_rows_do_not_change_the_diagnosis() -> None:
    outlines = lots(YANGJAE, epsg=5186)
    outlines[0] = shapely.box(0, 0, 1, 1)
    outlines[1] = None
    outlines[2] = shapely.box(1e9, 1e9, 2e9, 2e9)
    with np.errstate(invalid="ignore"):
        outlines[11] = shapely.Polygon([(0, 0), (np.inf, -np.inf), (np.nan, 1), (0, 0)])
    pnus: list[Any] = pnus_of(SEOUL_CODE)
    pnus[2] = "1165010200102230000"
    pnus[3:6] = ["1.165010200102e+18", float("nan"), "2611010100107230000"]
    found = diagnose(outlines, pnus=pnus)
    assert (found.status, found.crs) == ("assumed", system_crs(5186))
    lot_away = diagnose(outlines, pnus=pnus, references=References(read_anchors()))
    assert (lot_away.status, fitting(lot_away)) == ("ask", set())
    assert "양재동 223" in str(lot_away.candidates[0].objections[0])
    assert len(axes_exchanged(outlines)) == 12


def test_pnus_against_the_place_under_every_system_are_asked_about() -> None:
    found = diagnose(lots(YANGJAE, epsg=5186), pnus=pnus_of("5011010100"))
    assert (found.status, fitting(found)) == ("ask", set())
    declared = diagnose(
        lots(YANGJAE, epsg=5186), pnus=pnus_of("5011010100"), declared=system_crs(5186)
    )
    assert (declared.status, codes_of(declared)) == ("declared", ["crs_doubtful"])


def test_the_sample_is_bounded_spread_and_always_the_same() -> None:
    shapes = shapely.points(np.arange(20_000.0), np.zeros(20_000))
    one = sampled(shapes, pnus=[None] * 20_000, anchors=Anchors())
    two = sampled(shapes, pnus=[None] * 20_000, anchors=Anchors())
    assert len(one.points) == 500
    assert (one.points == two.points).all()
    assert (one.points[0, 0], one.points[-1, 0]) == (0, 19_999)
    assert np.diff(one.points[:, 0]).max() <= 41


def test_exchanging_axes_keeps_heights_and_gaps() -> None:
    mixed = np.array([shapely.Point(1, 2), None, shapely.Point(1, 2, 3)], dtype=object)
    flat, gone, high = axes_exchanged(mixed)
    assert flat.equals(shapely.Point(2, 1))
    assert gone is None
    assert (high.x, high.y, high.z) == (2, 1, 3)


# ----------------------------------------------------------------------------- regions


def test_regions_hold_their_places_and_every_code_is_known() -> None:
    assert region_at(*YANGJAE).ko == "서초구"
    assert region_at(*BUSAN).ko == "부산"
    assert region_at(127.36, 36.36).ko == "대전"
    assert region_at(127.0, 37.57).ko == "서울"
    assert region_at(127.0, 37.27).ko == "경기"
    assert region_at(125.03, 37.46).en == "the sea or abroad"
    assert region_at(131.87, 37.24).ko == "경북"
    assert region_of("1165010200").label.ko == "서초구"  # type: ignore[union-attr]
    assert region_of("1168010300").label.ko == "서울"  # type: ignore[union-attr]
    assert region_of("4211010100") is region_of("5111010100")
    assert region_of("99") is None
    assert len({code for region in REGIONS for code in region.codes if len(code) == 2}) == 19


def test_the_outlines_of_seocho_lie_in_its_box(dongs: DongOutlines) -> None:
    west, south, east, north = region_of("11650").boxes[0]  # type: ignore[union-attr]
    assert shapely.box(west, south, east, north).covers(shapely.unary_union(dongs.geometry))


@pytest.mark.parametrize(
    ("name", "region"),
    [
        ("LSMD_CONT_LDREG_서울_서초구.zip", "서초구"),
        ("AL_D002_11_20260101.zip", "서울"),
        ("LSMD_CONT_LDREG_26110_202601.shp", "부산"),
        ("경기 광주시.shp", "경기"),
        ("광주시.shp", None),
        ("서울_부산.shp", None),
        ("parcels_202601.shp", None),
        ("5174.shp", None),
    ],
)
def test_regions_are_read_from_names_only_when_they_are_clear(
    name: str, region: str | None
) -> None:
    found = region_in_name(name)
    assert (found.label.ko if found else None) == region


# ----------------------------------------------------------------------------- the property

TRUTHS = [(epsg, YANGJAE, SEOUL_CODE) for epsg in CENTRAL] + [
    (epsg, BUSAN, BUSAN_CODE) for epsg in (5187, 5183, 5176, 2096, 5179, 4326)
]


@settings(max_examples=150, deadline=None)
@given(
    truth=st.sampled_from(TRUTHS),
    offset_deg=st.tuples(st.floats(-0.08, 0.08), st.floats(-0.03, 0.03)),
    swapped=st.booleans(),
    with_pnus=st.booleans(),
    named=st.sampled_from(["", "region", "5174", "5186"]),
    declared=st.sampled_from(["no", "right"]),
    lots_known=st.integers(0, 6),
    stops=st.tuples(st.floats(0, 360), st.floats(0, 0.95)),
)
def test_whatever_the_evidence_the_doctor_asks_or_is_right(  # noqa: PLR0917 - drawn values
    truth: tuple[int, tuple[float, float], str],
    offset_deg: tuple[float, float],
    swapped: bool,  # noqa: FBT001
    with_pnus: bool,  # noqa: FBT001
    named: str,
    declared: str,
    lots_known: int,
    stops: tuple[float, float],
) -> None:
    """Never more than 50 m off without asking; published places are off by up to their tolerance.

    Only a declared system is believed without other evidence, so only right ones are drawn; so
    is its axis order where both orders lie on land in the same province (near x = y).
    """
    epsg, (lon, lat), code = truth
    outlines = lots((lon + offset_deg[0], lat + offset_deg[1]), epsg=epsg)
    middles = lonlat_of(shapely.get_coordinates(shapely.centroid(outlines)), crs=system_crs(epsg))
    geod = pyproj.Geod(ellps="GRS80")
    anchors = []
    for k in range(lots_known):
        azimuth, share = (stops[0] + 47 * k) % 360, stops[1]
        x, y, _ = geod.fwd(middles[k, 0], middles[k, 1], azimuth, 150 * share)
        anchors.append(Anchor(pnus_of(code)[k] or "", x, y, 150.0))
    region = {SEOUL_CODE: "서울", BUSAN_CODE: "부산"}[code]
    if swapped:
        outlines = axes_exchanged(outlines)
    found = diagnose(
        outlines,
        pnus=pnus_of(code) if with_pnus else [None] * len(outlines),
        declared=system_crs(epsg) if declared == "right" else None,
        references=References(Anchors.of(anchors)),
        file_name=region if named == "region" else f"lots_{named}.shp",
    )
    if found.status == "ask":
        assert found.crs is None
        assert len(found.candidates) == 0 or re.search("--crs EPSG:\\d+\\)\\.$", str(found.reason))
        readings = {(each.code, each.swap_axes) for each in found.candidates if each.fits}
        assert (f"EPSG:{epsg}", swapped) in readings, "the truth is among what is asked"
    elif found.status == "declared" and swapped and not found.swap_axes:
        assert codes_of(found)[-1] == "axes_unclear", "x and y are so near that both are land"
    else:
        assert error_m(found, outlines, truth=epsg, swapped=swapped) < 50


@settings(max_examples=100, deadline=None)
@given(
    truth=st.sampled_from(TRUTHS),
    declared=st.sampled_from([5174, 5181, 5186, 5187, 5179, 2097, 4326, 3857]),
    swapped=st.booleans(),
)
def test_a_wrong_declaration_that_pnus_can_show_is_never_used(
    truth: tuple[int, tuple[float, float], str],
    declared: int,
    swapped: bool,  # noqa: FBT001
) -> None:
    """PNUs show errors of tens of kilometres; the near systems under each other they cannot."""
    epsg, at, code = truth
    outlines = lots(at, epsg=epsg)
    if swapped:
        outlines = axes_exchanged(outlines)
    found = diagnose(outlines, pnus=pnus_of(code), declared=system_crs(declared))
    if found.status != "ask":
        near = 400 if {epsg, declared} <= set(NEAR) else 50
        assert error_m(found, outlines, truth=epsg, swapped=swapped) < near
