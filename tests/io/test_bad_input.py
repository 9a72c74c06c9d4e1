"""Whatever is handed in, the answer is one sentence that names the fix, never a traceback."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely

from siteplan.errors import InputError
from siteplan.io import check_report, read_parcels

if TYPE_CHECKING:
    from pathlib import Path

X, Y = 203_100.0, 540_050.0
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def _lots(*shapes: shapely.Geometry) -> gpd.GeoDataFrame:
    geometry = list(shapes) or [shapely.box(X, Y, X + 10, Y + 10)]
    return gpd.GeoDataFrame({"jibun": ["1 대"] * len(geometry)}, geometry=geometry, crs=5186)


def _zip(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return packed.getvalue()


def _shapefile_parts(tmp_path: Path) -> dict[str, bytes]:
    folder = tmp_path / "parts"
    folder.mkdir()
    _lots().to_file(folder / "lots.shp")
    return {f"lots__{p.suffix[1:]}": p.read_bytes() for p in folder.iterdir()}


def _collection(*features: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "a.geojson", "empty.*Export or download it again"),
        (PNG, "a.png", "a PNG picture.*Use GeoJSON"),
        (PNG, "a.geojson", "a PNG picture.*Use GeoJSON"),
        (b"AC1027" + bytes(50), "a.dwg", "DWG drawing.*Use GeoJSON"),
        (b"%PDF-1.7", "a.pdf", "PDF"),
        (b"hello\nworld\n", "a.doc", "of no known format.*Use GeoJSON"),
        (b"hello\nworld\n", "a.geojson", "of no known format.*Use GeoJSON"),
        (b"\x03" + bytes(40), "lots.dbf", "one part of a Shapefile"),
        (b"{", "a.geojson", "cannot be read as GeoJSON"),
        (b'{"siteplan_scenario": 1}', "a.json", "cannot be read as GeoJSON"),
        (_collection(), "a.geojson", "holds no rows|no polygons"),
        (b"PAR1" + bytes(40), "a.parquet", "cannot be read as Parquet"),
        (b"SQLite format 3\x00" + bytes(90), "a.gpkg", "cannot be read as GPKG"),
        (b"fgb\x03fgb\x00" + bytes(40), "a.fgb", "FlatGeobuf|no polygons"),
        (b"\x00\x00\x27\x0a" + bytes(96), "lots.shp", r"lacks \.shx, \.dbf"),
        (b"<?xml version='1.0'?><kml></kml>", "a.kml", "KML|no polygons"),
        (b"<html></html>", "a.kml", "of no known format"),
        (b"pnu,x\n1,2\n", "a.csv", "holds no polygons"),
        (_zip(readme__txt=b"hi"), "a.zip", "holds no file of parcels"),
        (_zip(**{"xl/workbook.xml": b"<x/>"}), "a.xlsx", "Excel workbook"),
        (_zip(), "a.zip", "holds no file of parcels"),
    ],
)
def test_each_broken_file_gets_its_sentence(content: bytes, name: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        read_parcels(content, name=name)
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith(".")
    assert "/tmp" not in text
    assert check_report(content, name=name)["issues"][0]["severity"] == "error"


@pytest.mark.parametrize("lacking", ["shp", "shx", "dbf"])
def test_a_shapefile_without_a_part_says_which(tmp_path: Path, lacking: str) -> None:
    parts = _shapefile_parts(tmp_path)
    del parts[f"lots__{lacking}"]
    with pytest.raises(InputError, match=rf"a\.zip lacks \.{lacking}"):
        read_parcels(_zip(**parts), name="a.zip")
    loose = tmp_path / "parts" / f"lots.{lacking}"
    loose.unlink()
    if lacking != "shp":
        with pytest.raises(InputError, match=rf"lots\.shp lacks \.{lacking}"):
            read_parcels(tmp_path / "parts" / "lots.shp")


def test_truncated_files(tmp_path: Path) -> None:
    parts = _shapefile_parts(tmp_path)
    packed = _zip(**parts)
    for cut in (10, len(packed) // 2, len(packed) - 30):
        with pytest.raises(InputError, match="damaged zip"):
            read_parcels(packed[:cut], name="a.zip")
    for ending in ("gpkg", "fgb", "parquet"):
        path = tmp_path / f"a.{ending}"
        frame = _lots(*[shapely.box(X + i, Y, X + i + 1, Y + 1) for i in range(400)])
        frame.to_parquet(path) if ending == "parquet" else frame.to_file(path)
        content = path.read_bytes()
        with pytest.raises(InputError):
            read_parcels(content[: len(content) // 3], name=path.name)


def test_a_locked_zip_is_said_to_be_locked(tmp_path: Path) -> None:
    packed = bytearray(_zip(**_shapefile_parts(tmp_path)))
    start = 0
    while (start := packed.find(b"PK\x01\x02", start)) != -1:  # set "encrypted" in the directory
        packed[start + 8] |= 1
        start += 4
    with pytest.raises(InputError, match="locked with a password"):
        read_parcels(bytes(packed), name="a.zip")


def test_paths_that_hold_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no file .*nothing\.gpkg.*Check the spelling"):
        read_parcels(tmp_path / "nothing.gpkg")
    with pytest.raises(InputError, match="is a folder"):
        read_parcels(tmp_path)


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        (shapely.Point(X, Y), "holds no polygons"),
        (shapely.LineString([(X, Y), (X + 1, Y)]), "holds no polygons"),
        (shapely.Polygon([(X, Y), (X + 1, Y), (X + 2, Y)]), "Not one row.*no area"),
        (shapely.Polygon(), "Not one row.*empty"),
        (None, "Not one row.*empty|no polygons"),
    ],
)
@pytest.mark.parametrize("ending", ["gpkg", "geojson"])
def test_files_without_one_usable_outline(
    tmp_path: Path, shape: shapely.Geometry | None, said: str, ending: str
) -> None:
    path = tmp_path / f"a.{ending}"
    frame = gpd.GeoDataFrame({"jibun": ["1 대"]}, geometry=[shape], crs=5186)
    (frame.to_crs(4326) if ending == "geojson" else frame).to_file(path)
    with pytest.raises(InputError, match=said):
        read_parcels(path)


def test_a_table_without_outlines(tmp_path: Path) -> None:
    import pyogrio

    path = tmp_path / "table.gpkg"
    pyogrio.write_dataframe(_lots().drop(columns="geometry"), path)
    with pytest.raises(InputError, match="holds no polygons"):
        read_parcels(path)


def test_coordinates_that_fit_no_place(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    far = _lots(shapely.box(1e9, 1e9, 1e9 + 1, 1e9 + 1))
    far.set_crs(5179, allow_override=True).to_file(path)
    with pytest.raises(InputError, match=r"EPSG:5179, but that does not fit.*--crs"):
        read_parcels(path)


def test_rows_whose_coordinates_are_no_numbers_are_set_aside(tmp_path: Path) -> None:
    good = shapely.box(X, Y, X + 10, Y + 10)
    points = shapely.get_coordinates(good)
    points[2, 1] = np.nan
    bad = shapely.set_coordinates(shapely.box(X, Y, X + 10, Y + 10), points)
    path = tmp_path / "a.parquet"
    _lots(good, bad).to_parquet(path)
    parcels = read_parcels(path, context=None)

    assert parcels.ids == ("row-1",)
    aside = next(issue for issue in parcels.issues if issue.code == "geometry_set_aside")
    assert aside.parcel_ids == ("row-2",)
    assert "numbers" in str(aside.details["reason"])


@pytest.mark.filterwarnings("ignore:'crs' was not provided:UserWarning")
def test_a_file_without_a_system(tmp_path: Path) -> None:
    for name, frame in (
        ("a.gpkg", _lots().set_crs(None, allow_override=True)),
        ("a.parquet", _lots().set_crs(None, allow_override=True)),
    ):
        path = tmp_path / name
        frame.to_parquet(path) if name.endswith("parquet") else frame.to_file(path)
        with pytest.raises(InputError, match=f"{name} declares no coordinate.*--crs EPSG:5186"):
            read_parcels(path)
        assert len(read_parcels(path, crs="EPSG:5186", context=None)) == 1
