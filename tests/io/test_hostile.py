"""Files that mean harm are refused or made harmless, in a sentence, within bounds."""

from __future__ import annotations

import http.server
import io
import json
import os
import sqlite3
import stat
import struct
import threading
import tracemalloc
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from siteplan.errors import InputError
from siteplan.io import check_report, limits, read_parcels, read_parcels_report, write_plan
from siteplan.io.cells import from_cell, to_cell
from siteplan.io.names import shown_name
from siteplan.io.plan_table import read_plan
from siteplan.io.registers import read_register
from siteplan.io.source import located, source_name
from siteplan.parcels import Parcels
from tests.io.conftest import handmade, small_frame

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

X, Y = 203_100.0, 540_050.0
SQUARE = shapely.box(X, Y, X + 10, Y + 10)
WGS = gpd.GeoSeries([SQUARE], crs=5186).to_crs(4326)
VRT = (
    "<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>{}</SrcDataSource></OGRVRTLayer>"
    "</OGRVRTDataSource>"
)


def _collection(*shapes: object, **members: object) -> dict[str, Any]:
    features = [
        {"type": "Feature", "properties": {"jibun": "1 대"}, "geometry": shape} for shape in shapes
    ]
    return {"type": "FeatureCollection", "features": features, **members}


def _geojson(**members: object) -> bytes:
    return json.dumps(_collection(WGS[0].__geo_interface__, **members)).encode()


def _lots(*shapes: shapely.Geometry) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"jibun": ["1 대"] * len(shapes)}, geometry=list(shapes), crs=5186)


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def _refused(source: object, said: str, *, name: str | None = None, crs: str | None = None) -> None:
    """Check that the source is refused in one clean sentence, by the reader and the report."""
    with pytest.raises(InputError, match=said) as caught:
        read_parcels(source, name=name, crs=crs, context=None)
    text = str(caught.value)
    assert "\n" not in text
    assert "siteplan-" not in text
    assert text.endswith(".")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that takes all temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


# --- zips --------------------------------------------------------------------------------------


def _bomb(*, unpacked: int, announced: int) -> bytes:
    """A zip with one member of zeros; each flushed block of a megabyte is the same bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = first + again * (unpacked // 2**20 - 1) + packer.flush()
    name = b"a.geojson"
    wide = struct.pack("<HHQQ", 1, 16, announced, len(packed))
    fields = struct.pack(
        "<HHHHHLLLHH", 45, 0, 8, 0, 0, 0, 2**32 - 1, 2**32 - 1, len(name), len(wide)
    )
    local = b"PK\x03\x04" + fields + name + wide + packed
    entry = b"PK\x01\x02" + struct.pack("<H", 45) + fields + bytes(14) + name + wide
    end = b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 1, 1, len(entry), len(local), 0)
    return local + entry + end


def test_a_bomb_of_10_gb_in_10_mb_is_refused_and_not_unpacked(
    temporary: Path,
) -> None:
    bomb = _bomb(unpacked=10 * limits.GB, announced=10 * limits.GB)
    assert len(bomb) < 12 * 1024**2
    path = temporary / "bomb.zip"
    path.write_bytes(bomb)
    tracemalloc.start()
    _refused(path, r"unpacks to more than 4 GB.*Cut the area")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 1024**2
    assert [p.name for p in temporary.iterdir()] == ["bomb.zip"]


def test_a_bomb_that_announces_little_is_cut_off_where_it_said(temporary: Path) -> None:
    bomb = _bomb(unpacked=2 * limits.GB, announced=1000)
    _refused(bomb, "damaged zip file|no known format|something else", name="a.zip")
    assert list(temporary.iterdir()) == []


def test_growing_250_times_is_what_bombs_do() -> None:
    bomb = _bomb(unpacked=2**28, announced=2**28)
    _refused(bomb, "more than 250 times its size.*unpack it and hand over", name="a.zip")


def test_tables_padded_with_blanks_are_no_bombs(tmp_path: Path) -> None:
    frame = _lots(*[shapely.box(X + i, Y, X + i + 1, Y + 1) for i in range(500)])
    frame["memo"] = "빈칸"
    frame.to_file(tmp_path / "lots.shp", encoding="cp949")
    packed = _zip({p.name: p.read_bytes() for p in tmp_path.iterdir()})
    assert len(read_parcels(packed, name="a.zip", context=None)) == 500


def test_what_is_counted_is_what_comes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Members one by one below the limit, together above it."""
    monkeypatch.setattr(limits, "MAX_UNPACKED_BYTES", 3_000)
    part = _geojson(pad=os.urandom(700).hex())
    packed = _zip({f"{n}.geojson": part for n in range(3)})
    _refused(packed, "unpacks to more than", name="a.zip")
    inner = _zip({f"{n}.zip": _zip({"a.geojson": part}) for n in range(3)})
    _refused(inner, "unpacks to more than", name="a.zip")


def test_members_that_share_their_bytes_count_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RATIO_FROM_BYTES", 10_000)
    content = _geojson(pad=" " * 5_000)
    packed = bytearray(_zip({"00.geojson": content}))
    directory = packed.find(b"PK\x01\x02")
    entry, end = packed[directory:-22], packed[-22:]
    entries = b"".join(bytes(entry).replace(b"00.", b"%02d." % n) for n in range(99))
    end[8:16] = struct.pack("<HHL", 99, 99, len(entries))
    with pytest.raises(InputError, match=r"250 times|damaged"):
        read_parcels(bytes(packed[:directory]) + entries + bytes(end), name="a.zip")


@pytest.mark.parametrize(
    "member",
    [
        "../../escaped.geojson",
        "/etc/escaped.geojson",
        "C:\\escaped.geojson",
        "..\\escaped.geojson",
        "a/\x1b[31m\u202egpj.geojson",
        "a" * 5_000 + ".geojson",
        "aux.geojson",
        "CON.json",
    ],
)
def test_names_of_members_decide_nothing_on_disk(
    tmp_path: Path, temporary: Path, member: str
) -> None:
    packed = _zip({member: _geojson()})
    with located(packed, name="a.zip") as found:
        inside = [p for p in temporary.rglob("*") if p.is_file()]
        assert {p.name for p in inside} <= {"content", "layer0.geojson"}
        for title in found.files:
            assert title == shown_name(title)
    assert list(temporary.iterdir()) == []
    assert not [p for p in tmp_path.parent.rglob("escaped*") if p.is_file()]
    assert len(read_parcels(packed, name="a.zip", context=None)) == 1


@pytest.mark.parametrize("inner", [False, True])
@pytest.mark.parametrize(
    ("member", "said"),
    [
        ("../../escaped.geojson", "../../escaped.geojson"),
        ("/etc/escaped.geojson", "/etc/escaped.geojson"),
        ("C:\\escaped.geojson", "C:/escaped.geojson"),
        ("a/../escaped.geojson", "a/../escaped.geojson"),
        ("a/b..c.geojson", None),
        ("lots.geojson", None),
    ],
)
def test_names_that_lead_out_of_the_zip_are_named(
    member: str, said: str | None, *, inner: bool
) -> None:
    packed = _zip({member: _geojson()})
    if inner:
        packed = _zip({"inside.zip": packed})
    found = [
        issue
        for issue in read_parcels(packed, name="a.zip", context=None).issues
        if issue.code == "archive_path_odd"
    ]
    assert [issue.details["members"] for issue in found] == ([said] if said else [])
    assert all(issue.severity == "info" for issue in found)


def test_a_list_in_a_zip_says_it_too() -> None:
    text = "PNU,공시지가\n1165010200102220000,5\n"
    register = read_register(_zip({"../list.csv": text.encode()}), name="a.zip")
    assert [i.code for i in register.issues if i.code == "archive_path_odd"] == ["archive_path_odd"]


def test_links_in_zips_are_refused() -> None:
    link = zipfile.ZipInfo("lots.geojson")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    _refused(out.getvalue(), r"holds a link \(lots\.geojson\).*Pack the file itself", name="a.zip")


def test_a_member_twice_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.geojson", _geojson())
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.geojson", _geojson())
    _refused(out.getvalue(), r"holds a\.geojson twice", name="a.zip")


def test_the_same_name_in_two_folders_makes_two_layers() -> None:
    packed = _zip({"강남/lots.geojson": _geojson(), "서초/lots.geojson": _geojson()})
    with located(packed, name="a.zip") as found:
        assert list(found.files) == ["lots", "서초/lots"]


def test_one_zip_inside_a_zip_is_read_and_a_third_is_refused() -> None:
    inner = _zip({"양재.geojson": _geojson()})
    assert len(read_parcels(_zip({"서초.zip": inner}), name="a.zip", context=None)) == 1
    with located(_zip({"서초.zip": inner, "강남.zip": inner}), name="a.zip") as found:
        assert list(found.files) == ["양재", "강남/양재"] or len(found.files) == 2
    _refused(_zip({"b.zip": _zip({"c.zip": inner})}), "zips inside zips inside a zip", name="a.zip")
    many = _zip({f"{n}.zip": inner for n in range(limits.MAX_INNER_ZIPS + 1)})
    _refused(many, "more than 50 zip files.*Hand over the one", name="a.zip")


def test_too_many_members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_MEMBERS", 5)
    packed = _zip({f"{n}.geojson": _geojson() for n in range(6)})
    _refused(packed, "more than 5 files.*Pack only", name="a.zip")


def test_a_directory_of_gigabytes_is_refused_before_it_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "MAX_DIRECTORY_BYTES", 200)
    packed = _zip({f"{n}.geojson": _geojson() for n in range(9)})
    _refused(packed, "holds more than .* files", name="a.zip")


def test_a_member_that_is_something_else_than_its_name() -> None:
    _refused(_zip({"a.gpkg": VRT.format("x").encode()}), "no known format", name="a.zip")
    _refused(_zip({"a.gpkg": _geojson()}), "something else than its ending says", name="a.zip")


# --- reaching elsewhere ------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """A local server that would answer with parcels, and what it was asked."""
    asked: list[str] = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(_geojson())

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{running.server_address[1]}", asked
        running.shutdown()


def _kml(inside: str, *, head: str = "", root: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?>{head}<kml xmlns="http://www.opengis.net/kml/2.2" {root}><Document>'
        f"{inside}</Document></kml>"
    ).encode()


def _placemark(shape: Any, *, name: str = "1 대") -> str:
    points = " ".join(f"{x},{y}" for x, y in shape.exterior.coords)
    return (
        f"<Placemark><name>{name}</name><Polygon><outerBoundaryIs><LinearRing><coordinates>{points}"
        "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
    )


def test_no_file_makes_siteplan_ask_the_network_or_another_file(
    server: tuple[str, list[str]], tmp_path: Path
) -> None:
    address, asked = server
    secret = tmp_path / "secret.geojson"
    secret.write_bytes(_geojson())
    targets = (f"{address}/x.geojson", f"/vsicurl/{address}/x.geojson", str(secret))
    place = _placemark(WGS[0])
    for target in targets:
        vrt = VRT.format(target)
        pipeline = {
            "type": "gdal_streamed_alg",
            "command_line": f"gdal vector pipeline ! read {target}",
        }
        for name, content in (
            ("a.kml", f"{vrt}<kml/>".encode()),
            ("a.kml", f"<kml/>{vrt}".encode()),
            ("a.kml", f"<!--<kml-->{vrt}".encode()),
            ("a.csv", vrt.encode()),
            ("a.vrt", vrt.encode()),
            ("a.geojson", json.dumps({"a": vrt}).encode()),
            ("a.geojson", json.dumps(pipeline).encode()),
            (
                "a.json",
                json.dumps({"type": "FeatureCollection", "links": [{"href": target}]}).encode(),
            ),
            (
                "a.json",
                json.dumps(
                    {"links": [{"rel": "data", "href": target}], "collections": []}
                ).encode(),
            ),
            ("a.fgb", b"fgb\x03fgb\x01\x00\x00" + vrt.encode()),
            ("a.zip", _zip({"a.geojson": json.dumps(pipeline).encode()})),
            ("a.zip", _zip({"a.kml": f"<kml/>{vrt}".encode()})),
        ):
            _refused(content, r".", name=name)
            (tmp_path / name).write_bytes(content)
            _refused(tmp_path / name, r".")
        for inside in (
            f"<!--{vrt}-->{place}",
            f"<NetworkLink><Link><href>{target}</href></Link></NetworkLink>{place}",
            f"<Style><IconStyle><Icon><href>{target}</href></Icon></IconStyle></Style>{place}",
        ):
            assert len(read_parcels(_kml(inside), name="a.kml", context=None)) == 1
        gml = f'xmlns:gml="http://www.opengis.net/gml" xsi:schemaLocation="x {target}"'
        assert len(read_parcels(_kml(place, root=gml), name="a.kml", context=None)) == 1
        for linked in (
            '"crs": {"type": "link", "properties": {"href": "%s"}}',
            '"CRS": {"properties": {"href": "%s"}, "type": "Linked"}',
            '"\\u0063rs": {"type": "\\u006cink", "properties": {"href": "%s"}}',
            '"crs": {"a": "}", "type": "url", "properties": {"url": "%s"}}',
            '\'crs\': {"type": "url", "properties": {"url": "%s"}}',
            '"crs" /* } */ : /* { */ {"type": "url", "properties": {"url": "%s"}}',
        ):
            member = linked.replace("%s", target)
            shape = json.dumps(WGS[0].__geo_interface__)[1:]
            feature = f'{{"type": "Feature", "properties": {{}}, "geometry": {{{member}, {shape}}}'
            for text in (
                f'{{"type": "FeatureCollection", {member}, "features": []}}',
                f'{{"type": "FeatureCollection", "features": [], {member}}}',
                f'{{"type": "FeatureCollection", "features": [{feature}]}}',
                f"{{{member}, {shape}",
            ):
                _refused(
                    text.encode(),
                    "names its coordinate system by an address.*--crs",
                    name="a.json",
                )
                _refused(text.encode("utf-16"), "by an address", name="a.json")
        named = {"type": "name", "properties": {"name": target}}
        read_parcels(_geojson(crs=named), name="a.geojson", crs=4326, context=None)
    assert asked == []


@pytest.mark.parametrize(
    "path",
    [
        "http://127.0.0.1:9/a.geojson",
        "https://x/a.zip",
        "ftp://x/a",
        "file:///etc/passwd",
        "s3://bucket/a.gpkg",
        "/vsicurl/http://127.0.0.1:9/a.geojson",
        "/vsizip/a.zip/a.shp",
        "/vsimem/x",
        "PG:dbname=x",
        "GPKG:a.gpkg:t",
        "MVT:http://x",
        "WFS:http://x",
        "zip+https://x/a",
    ],
)
def test_addresses_are_not_opened(path: str) -> None:
    _refused(path, "is an address, and siteplan opens no addresses. Download the file")


@pytest.mark.parametrize(
    "path", ["\\\\server\\share\\a.gpkg", "a\x00b.gpkg", "a" * 5_000, "\ud800.shp"]
)
def test_paths_that_cannot_be(path: str) -> None:
    _refused(path, "There is no file .*Check the spelling")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_devices_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.geojson")
    _refused(tmp_path / "pipe.geojson", "is a device, not a file")
    _refused("/dev/zero", "is a device, not a file")


@pytest.mark.parametrize(
    "name", ["주차장!.gpkg", "a.mbtiles", "a.db", "vsizip!x.gpkg", "GPKG.GPKG"]
)
def test_names_of_sound_files_mean_nothing_to_gdal(tmp_path: Path, name: str) -> None:
    _lots(SQUARE).to_file(tmp_path / "plain.gpkg")
    (tmp_path / "plain.gpkg").rename(tmp_path / name)
    assert len(read_parcels(tmp_path / name, context=None)) == 1


@pytest.mark.parametrize(
    "sql",
    [
        "create view v as select ogr_geocode('x')",
        "create view v as with c(x) as (select 1 union select x+1 from c) select * from c",
        "create virtual table v using fts3tokenize('simple')",
        "create table v (a text, b text generated always as (upper(a)))",
        "create table v (a text, b text AS(upper(a)))",
    ],
)
def test_geopackages_with_tables_that_compute_are_refused(tmp_path: Path, sql: str) -> None:
    path = tmp_path / "a.gpkg"
    _lots(SQUARE).to_file(path)
    with sqlite3.connect(path) as base:
        base.execute(sql)
        base.execute(
            "insert into gpkg_contents (table_name, data_type, identifier) "
            "values ('v', 'features', 'v')"
        )
    base.close()
    _refused(path, r"tables that are computed .*\(v\).*Export the layer")


def test_a_trigger_and_indexes_of_a_geopackage_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    _lots(SQUARE).to_file(path, SPATIAL_INDEX="YES")
    assert len(read_parcels(path, context=None)) == 1


# --- depth and counts --------------------------------------------------------------------------


@pytest.mark.parametrize("deep", [40, 5_000, 200_000])
def test_collections_in_collections_do_not_exhaust_the_stack(tmp_path: Path, deep: int) -> None:
    wkt = "GEOMETRYCOLLECTION(" * deep + SQUARE.wkt + ")" * deep
    table = pd.DataFrame({"jibun": ["1 대", "2 대"], "crs": "EPSG:5186", "WKT": [SQUARE.wkt, wkt]})
    _refused(table.to_csv(index=False).encode(), "row 2 .*more than 32 coll", name="a.csv")

    for head in (
        struct.pack("<BII", 1, 7, 1),
        struct.pack(">BII", 0, 6, 1),
        struct.pack("<BII", 1, 1007, 1),
    ):
        path = tmp_path / "a.parquet"
        _lots(SQUARE, SQUARE).to_parquet(path)
        frame = pd.read_parquet(path)
        frame["geometry"] = [shapely.to_wkb(SQUARE), head * deep + shapely.to_wkb(SQUARE)]
        _with_metadata_of(path, frame)
        _refused(path, "row 2 .*more than 32 coll")

    geometry = '{"type":"GeometryCollection","geometries":[' * deep + "]}" * deep
    text = '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":'
    _refused(f"{text}{geometry}}}]}}".encode(), r".", name="a.geojson")
    inside = "<MultiGeometry>" * deep + "</MultiGeometry>" * deep
    _refused(
        _kml(f"<Placemark>{inside}</Placemark>"),
        r"nested more than 100|no polygons|Not one row",
        name="a.kml",
    )


def _with_metadata_of(path: Path, frame: pd.DataFrame) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pq.read_schema(path)
    pq.write_table(pa.Table.from_pandas(frame, schema=schema, preserve_index=False), path)


def test_entities_that_grow_are_refused() -> None:
    head = '<!DOCTYPE kml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    _refused(_kml("<name>&b;</name>", head=head), "document type of its own", name="a.kml")
    outside = '<!DOCTYPE kml [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    _refused(_kml("<name>&a;</name>", head=outside), "document type of its own", name="a.kml")


def test_korean_kml_in_its_old_encoding_is_read() -> None:
    text = _kml(_placemark(WGS[0], name="산 223-1 임")).decode()
    content = text.replace('version="1.0"', 'version="1.0" encoding="euc-kr"').encode("euc-kr")
    assert read_parcels(content, name="a.kml", context=None).names_ko == ("산 223-1 임",)


def test_too_many_rows_columns_and_vertices(monkeypatch: pytest.MonkeyPatch) -> None:
    for limit, value, said in (
        ("MAX_ROWS", 0, "has 1 rows; at most 0"),
        ("MAX_COLUMNS", 1, "has 2 columns; at most 1"),
        ("MAX_VERTICES", 4, "has 5 vertices; at most 4"),
        ("MAX_OUTLINE_VERTICES", 4, "row 1 .* has 5 vertices; at most 4"),
        ("MAX_FILE_BYTES", 10, "is larger than 0 GB"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(limits, limit, value)
            _refused(_geojson(), said, name="a.geojson")
            _refused(io.BytesIO(_geojson()), said, name="a.geojson")


def test_an_outline_that_crosses_itself_everywhere_is_refused_at_once(tmp_path: Path) -> None:
    """Mending this one would take a quarter of an hour."""
    points = np.random.default_rng(5).random((5_000, 2)) * 1_000 + (X, Y)
    path = tmp_path / "a.gpkg"
    _lots(SQUARE, shapely.Polygon(points)).to_file(path)
    _refused(path, "row 2 of a.gpkg crosses itself too often.*Draw it again")


def test_long_winding_outlines_and_single_crossings_are_read(tmp_path: Path) -> None:
    angle = np.linspace(0, 2 * np.pi, 20_000, endpoint=False)
    reach = 500 + 5 * np.sin(200 * angle)
    shore = np.stack([X + reach * np.cos(angle), Y + reach * np.sin(angle)], axis=1)
    crossed = shore + np.array([2_000, 0])
    crossed[[10, 11]] = crossed[[11, 10]]
    path = tmp_path / "a.gpkg"
    _lots(shapely.Polygon(shore), shapely.Polygon(crossed)).to_file(path)
    assert len(read_parcels(path, context=None)) == 2


def test_ten_thousand_copies_of_a_lot_are_refused_before_they_are_overlaid(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    _lots(*[SQUARE] * 12_000).to_parquet(path)
    _refused(path, "on top of each other, about 11,999 on every one.*without copies")


def test_numbers_beyond_all_measure_set_their_row_aside(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    _lots(SQUARE, shapely.box(X, Y, 1e300, 1e300), shapely.box(-1e200, Y, X, Y + 1)).to_parquet(
        path
    )
    parcels = read_parcels(path, context=None)
    assert parcels.ids == ("row-1",)
    aside = [i for i in parcels.issues if i.code == "geometry_set_aside"]
    assert [i.parcel_ids for i in aside] == [("row-2", "row-3")]


@pytest.mark.parametrize("at", [8, 9, 10, 11])
def test_a_flatgeobuf_with_a_lying_header(tmp_path: Path, at: int) -> None:
    path = tmp_path / "a.fgb"
    _lots(SQUARE).to_file(path)
    content = bytearray(path.read_bytes())
    content[at] ^= 0xF0
    _refused(bytes(content), "FlatGeobuf|no polygons|Not one row", name="a.fgb")


def test_parquet_that_unpacks_to_terabytes(tmp_path: Path) -> None:
    """One long text, said to stand in each of many rows: a few kilobytes of file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = 200_000
    path = tmp_path / "a.parquet"
    _lots(SQUARE).to_parquet(path)
    memo = pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(rows, np.int32)), pa.array(["대" * 100_000])
    )
    table = pa.table(
        {"jibun": ["1 대"] * rows, "geometry": [shapely.to_wkb(SQUARE)] * rows, "memo": memo}
    )
    metadata = {b"geo": pq.read_schema(path).metadata[b"geo"]}
    pq.write_table(table.replace_schema_metadata(metadata), path, store_schema=False)
    assert path.stat().st_size < 2**20
    tracemalloc.start()
    _refused(path, "unpacks to more than 4 GB")
    tracemalloc.stop()
    assert pa.total_allocated_bytes() < 2**28


def test_a_projection_file_of_megabytes(tmp_path: Path) -> None:
    _lots(SQUARE).to_file(tmp_path / "lots.shp")
    (tmp_path / "lots.prj").write_bytes(b"PROJCS[" * 100_000)
    _refused(tmp_path / "lots.shp", r"\.prj of lots\.shp holds 700,000 bytes.*--crs EPSG:5186")
    packed = _zip({p.name: p.read_bytes() for p in tmp_path.iterdir()})
    _refused(packed, r"\.prj of a\.zip holds 700,000 bytes", name="a.zip")


# --- names and cells ---------------------------------------------------------------------------


def test_names_are_shown_without_what_acts() -> None:
    assert shown_name("a\x1b[31mb\u202egpj.exe") == "a�[31mb�gpj.exe"
    assert shown_name("\u1103\u1162지.shp") == "대지.shp"
    long = shown_name("가" * 500 + ".geojson")
    assert len(long) == 120
    assert long.endswith("….geojson"[-8:])
    assert source_name(b"", name="x\x00\n.shp") == "x��.shp"
    _refused(b"nothing", r"^x�� is of no known", name="x\x00\n")


@given(st.text())
def test_shown_names_are_one_line_that_can_be_encoded(name: str) -> None:
    shown = shown_name(name)
    assert len(shown) <= 120
    assert len(shown.splitlines()) <= 1
    shown.encode()
    assert shown_name(shown) == shown


def test_control_letters_in_values_are_removed_and_said() -> None:
    content = _collection(WGS[0].__geo_interface__)
    content["features"][0]["properties"] = {"jibun": "1\x1b[2J 대\u202e", "pnu": "\x001165010200"}
    parcels, report = read_parcels_report(json.dumps(content).encode(), name="a.json", context=None)
    assert parcels.jibuns == ("1[2J 대",)
    issue = next(i for i in report.issues if i.code == "control_letters")
    assert issue.details["count"] >= 1
    assert "Compare" in str(issue.fix)


def test_html_in_attributes_stays_text() -> None:
    script = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    content = _collection(WGS[0].__geo_interface__)
    content["features"][0]["properties"] = {"jibun": script, "parcel_id": script}
    raw = json.dumps(content).encode()
    assert read_parcels(raw, name="a.json", context=None).jibuns == (script,)
    report = json.dumps(check_report(raw, name=f"{script}.json"), ensure_ascii=False)
    assert json.loads(report)["parcels_out"] == 1


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        " =1",
        "\n",
        "＝1",
        "'=1",
        "-",
    ],
)
def test_formulas_are_text_in_cells(text: str) -> None:
    cell = to_cell(text)
    assert str(cell).startswith("'")
    assert from_cell(str(cell)) == text


@pytest.mark.parametrize(
    "value", ["-12.5", "+3", "-1e-5", "222 대", "산 1-2", "", "'", "it's", None, 5, -5.0]
)
def test_numbers_and_plain_text_stay_as_they_are_in_cells(value: object) -> None:
    assert to_cell(value) == value


@given(st.text(alphabet="'=+-@ \t1a대"))
def test_cells_come_back(text: str) -> None:
    assert from_cell(str(to_cell(text))) == text


def test_formulas_are_neutralised_in_a_csv_and_come_back(tmp_path: Path) -> None:
    frame = small_frame()
    frame["jibun"] = ['=HYPERLINK("http://x")', "'=1", "-5", "@A1"]
    frame["name_ko"] = ["+1+1", None, "-12.5", "평범"]
    plan = handmade(Parcels.from_frame(frame))
    path = write_plan(plan, tmp_path / "plan.csv")
    raw = pd.read_csv(path, dtype=str)
    assert raw["jibun"].tolist() == ['\'=HYPERLINK("http://x")', "''=1", "-5", "'@A1"]
    assert raw["name_ko"].tolist()[0] == "'+1+1"
    for column in raw:
        assert not raw[column].dropna().str.match(r"\s*[=+@]|\s*-(?![\d.])").any()
    assert read_plan(path).frame["jibun"].tolist() == frame["jibun"].tolist()
    assert read_parcels(path, context=None).jibuns == tuple(frame["jibun"])


def test_the_signature_of_a_plan_cannot_be_a_bomb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = handmade(Parcels.from_frame(small_frame()))
    path = write_plan(plan, tmp_path / "plan.shp.zip")
    assert read_plan(path).scenario is not None
    monkeypatch.setattr("siteplan.io.plan_table.MAX_SIGNATURE_BYTES", 10)
    assert read_plan(path).scenario is None


def test_a_row_without_outline_does_not_hide_the_others() -> None:
    text = f'jibun,crs,WKT\n1 대,EPSG:5186,"{SQUARE.wkt}"\n2 대,EPSG:5186,\n'
    parcels = read_parcels(text.encode(), name="a.csv", context=None)
    assert parcels.jibuns == ("1",)
    assert [i.parcel_ids for i in parcels.issues if i.code == "geometry_set_aside"] == [("row-2",)]
