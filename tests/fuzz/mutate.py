"""Seeds and mutations of the fuzz: the same seed always gives the same file."""

from __future__ import annotations

import io
import json
import random
import re
import struct
import tempfile
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

X, Y = 203_100.0, 540_050.0

TOKENS = (
    *(b"\x00", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x80", b"\xb4\xeb"),
    *(
        b"NaN",
        b"Infinity",
        b"-1",
        b"1e999",
        b"null",
        b"[]",
        b"{}",
        b'"',
        b"EMPTY",
        b"Z",
        b"(",
        b")",
    ),
    *(b"<![CDATA[", b"]]>", b"&lol;", b"<!DOCTYPE x>", b"<OGRVRTDataSource>", b"PK\x03\x04"),
    *(b"GEOMETRYCOLLECTION(", b"CURVEPOLYGON(", b"POLYGON((0 0,1 1,1 0,0 0))", b"EPSG:999999"),
    *(b"../../etc/passwd", b"/vsicurl/http://127.0.0.1:9/x", b"http://127.0.0.1:9/x", b"%s%n"),
    *(
        b"=cmd|' /C calc'!A0",
        b"<script>alert(1)</script>",
        "대".encode(),
        "\u202e".encode(),
        b"\r\n",
    ),
)
NUMBERS = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
JUNK: tuple[Any, ...] = (
    *(None, True, 0, -1, 1e308, 10**400, "", "대", "\x00", "\ud83c", [], {}, [[]], [None]),
    *({"type": "Polygon"}, {"type": "FeatureCollection"}, [[[0, 0]]], "NaN", {"a": {"b": []}}),
)


def _frame() -> Any:
    import geopandas as gpd
    import shapely

    shapes = [
        shapely.box(X, Y, X + 50, Y + 40),
        shapely.Polygon(
            [(X + 60, Y), (X + 120, Y), (X + 120, Y + 60), (X + 60, Y + 60)],
            [[(X + 70, Y + 10), (X + 70, Y + 20), (X + 80, Y + 20), (X + 80, Y + 10)]],
        ),
        shapely.MultiPolygon(
            [shapely.box(X, Y + 80, X + 9, Y + 99), shapely.box(X + 20, Y + 80, X + 30, Y + 99)]
        ),
        shapely.Polygon([(X, Y + 200), (X + 10, Y + 210), (X, Y + 210), (X + 10, Y + 200)]),
    ]
    return gpd.GeoDataFrame(
        {
            "PNU": [f"11650102001022{n}0003" for n in range(4)],
            "JIBUN": ["222 대", "산 223-1 임", "204-18 구", "61-8답"],
            "용도지역": ["준주거지역", "제2종일반주거지역", None, "자연녹지지역"],
            "면적": [2000.5, 3500.0, 371.0, None],
            "n": [1, 2, 3, 4],
        },
        geometry=shapes,
        crs=5186,
    )


@lru_cache(maxsize=1)
def seeds() -> dict[str, tuple[str, bytes]]:
    """Return what is mutated: title -> (file name, content), one small file of each format."""
    import pandas as pd
    import pyogrio

    frame = _frame()
    lonlat = frame.to_crs(4326)
    found: dict[str, tuple[str, bytes]] = {}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for ending, driver, table in (
            ("gpkg", "GPKG", frame),
            ("fgb", "FlatGeobuf", frame),
            ("geojson", "GeoJSON", lonlat),
        ):
            path = folder / f"a.{ending}"
            pyogrio.write_dataframe(table, path, driver=driver)
            found[ending] = (f"양재.{ending}", path.read_bytes())
        frame.to_parquet(folder / "a.parquet")
        found["parquet"] = ("양재.parquet", (folder / "a.parquet").read_bytes())
        (folder / "shp").mkdir()
        pyogrio.write_dataframe(frame, folder / "shp" / "lots.shp", encoding="cp949")
        parts = {p.suffix: p.read_bytes() for p in sorted((folder / "shp").iterdir())}
    found["shp"] = ("양재.zip", packed({f"양재{end}": part for end, part in parts.items()}))
    found["stored"] = ("양재.zip", packed({f"a{end}": p for end, p in parts.items()}, plain=True))
    found["zipzip"] = ("서초구.zip", packed({"양재.zip": found["shp"][1]}))
    found["zipjson"] = ("양재.zip", packed({"양재.geojson": found["geojson"][1]}))
    found["kml"] = ("양재.kml", _kml(lonlat))
    table = pd.DataFrame(frame.drop(columns="geometry")).assign(
        crs="EPSG:5186", WKT=frame.geometry.to_wkt()
    )
    found["csv"] = ("양재.csv", table.to_csv(index=False).encode("utf-8-sig"))
    found["cp949"] = ("양재.csv", table.to_csv(index=False).encode("cp949"))
    found["vworld"] = ("vworld.json", _vworld(json.loads(found["geojson"][1])))
    return found


def packed(members: dict[str, bytes], *, plain: bool = False) -> bytes:
    """Return a zip of the members."""
    out = io.BytesIO()
    with zipfile.ZipFile(
        out, "w", zipfile.ZIP_STORED if plain else zipfile.ZIP_DEFLATED
    ) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def _kml(frame: Any) -> bytes:
    places = []
    for jibun, shape in zip(frame["JIBUN"], frame.geometry, strict=True):
        rings = " ".join(
            f"{x},{y},0" for x, y in getattr(shape, "exterior", shape.convex_hull.exterior).coords
        )
        places.append(
            f"<Placemark><name>{jibun}</name><ExtendedData><Data name='지번'><value>{jibun}"
            "</value></Data></ExtendedData><Polygon><outerBoundaryIs><LinearRing><coordinates>"
            f"{rings}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
        )
    head = '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">'
    return f"{head}<Document>{''.join(places)}</Document></kml>".encode()


def _vworld(collection: dict[str, Any]) -> bytes:
    """Return a reply in the shape of VWorld's data service round the collection."""
    page = {"total": "1", "current": "1", "size": "1000"}
    return json.dumps(
        {"response": {"status": "OK", "page": page, "result": {"featureCollection": collection}}},
        ensure_ascii=False,
    ).encode()


def mutated(seed: int, number: int) -> tuple[str, str, bytes]:
    """Return file `number` of a run: what was done to it, its name and its content."""
    draw = random.Random(f"{seed}-{number}")
    all_seeds = seeds()
    title = list(all_seeds)[number % len(all_seeds)]
    name, content = all_seeds[title]
    if title in ("shp", "stored", "zipzip", "zipjson") and draw.random() < 0.7:
        done, content = _member_mutated(draw, content)
    elif title in ("geojson", "vworld") and draw.random() < 0.5:
        done, content = "json", _json_mutated(draw, content)
    else:
        done, content = _bytes_mutated(draw, content)
    return f"{title}: {done}", name, content


def _bytes_mutated(draw: random.Random, content: bytes) -> tuple[str, bytes]:
    done = []
    for _ in range(draw.choice((1, 1, 1, 2, 4, 8))):
        change = draw.choice(_CHANGES)
        content = change(draw, content)
        done.append(change.__name__.strip("_"))
    return " ".join(done), content


def _member_mutated(draw: random.Random, content: bytes) -> tuple[str, bytes]:
    """Mutate one member and pack again, so that the sums are right and readers see it."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    name = draw.choice(sorted(members))
    if name.endswith(".zip"):
        done, changed = _member_mutated(draw, members[name])
    elif name.endswith("json") and draw.random() < 0.5:
        done, changed = "json", _json_mutated(draw, members[name])
    elif name.endswith((".dbf", ".shp", ".shx")) and draw.random() < 0.5:
        done, changed = "header", _head_mutated(draw, members[name])
    else:
        done, changed = _bytes_mutated(draw, members[name])
    members[name] = changed
    if draw.random() < 0.05:
        del members[draw.choice(sorted(members))]
    return f"{name}: {done}", packed(members)


def _head_mutated(draw: random.Random, content: bytes) -> bytes:
    """Stretch one number in the head of a .dbf, .shp or .shx, or of one of their records."""
    at = draw.choice(
        (*range(32), 4, 8, 10, 11, 16, 24, 28, 36, 43, 44, 48, 100, 104, 108, 144, 148, 152)
    )
    return _put(content, at, _number(draw))


def _json_mutated(draw: random.Random, content: bytes) -> bytes:
    tree = json.loads(content)
    for _ in range(draw.choice((1, 1, 2, 5))):
        places = list(_places(tree))
        if not places:
            break
        holder, key = draw.choice(places)
        act = draw.randrange(6)
        if act == 0:
            del holder[key]
        elif act == 1:
            holder[key] = draw.choice(JUNK)
        elif act == 2:
            holder[key] = _nest(holder[key], depth=draw.choice((2, 10, 40, 150)), draw=draw)
        elif act == 3:
            other, place = draw.choice(places)
            try:
                holder[key] = json.loads(json.dumps(other[place]))
            except (KeyError, IndexError):
                continue
        elif act == 4 and isinstance(holder[key], int | float):
            holder[key] = draw.choice(
                (1e308, -1e308, 5e-324, 0, 180, 1e9, 10**30, float("nan"), float("inf"))
            )
        else:
            holder[key] = [holder[key]] * draw.choice((0, 2, 50))
    text = json.dumps(tree, ensure_ascii=draw.random() < 0.5)
    if draw.random() < 0.2:  # a key twice
        text = re.sub(r'("type": "Feature")', r'\1, "type": 5', text, count=1)
    return text.encode("utf-8", errors="surrogatepass")


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    left = [tree]
    while left:
        holder = left.pop()
        keys = list(holder) if isinstance(holder, dict) else range(len(holder))
        for key in keys:
            yield holder, key
            if isinstance(holder[key], dict | list):
                left.append(holder[key])


def _nest(value: Any, *, depth: int, draw: random.Random) -> Any:
    kind = draw.randrange(3)
    for _ in range(depth):
        if kind == 0:
            value = [value]
        elif kind == 1:
            value = {"a": value}
        else:
            value = {"type": "GeometryCollection", "geometries": [value]}
    return value


def _place(draw: random.Random, content: bytes) -> int:
    """Return a place, the head of the file being the likelier."""
    if draw.random() < 0.3:
        return draw.randrange(min(len(content), 200) + 1)
    return draw.randrange(len(content) + 1)


def _put(content: bytes, at: int, new: bytes) -> bytes:
    return content[:at] + new + content[at + len(new) :]


def _number(draw: random.Random) -> bytes:
    value = draw.choice(NUMBERS)
    return struct.pack(draw.choice("<>") + "I", value)[: draw.choice((1, 2, 4, 4))]


def _flip(draw: random.Random, content: bytes) -> bytes:
    work = bytearray(content)
    for _ in range(draw.choice((1, 1, 2, 8, 64)) if work else 0):
        work[draw.randrange(len(work))] ^= 1 << draw.randrange(8)
    return bytes(work)


def _insert(draw: random.Random, content: bytes) -> bytes:
    at = _place(draw, content)
    return content[:at] + draw.randbytes(draw.choice((1, 2, 8, 100))) + content[at:]


def _delete(draw: random.Random, content: bytes) -> bytes:
    at = _place(draw, content)
    return content[:at] + content[at + draw.choice((1, 2, 8, 100)) :]


def _truncate(draw: random.Random, content: bytes) -> bytes:
    return content[: _place(draw, content)]


def _swap(draw: random.Random, content: bytes) -> bytes:
    a, b, c = sorted(_place(draw, content) for _ in range(3))
    return content[:a] + content[b:c] + content[a:b] + content[c:]


def _repeat(draw: random.Random, content: bytes) -> bytes:
    a, b = sorted(_place(draw, content) for _ in range(2))
    times = draw.choice((1, 2, 20)) if len(content) < 1_000_000 else 1
    return content[:b] + content[a:b] * times + content[b:]


def _splice(draw: random.Random, content: bytes) -> bytes:
    _, other = draw.choice(list(seeds().values()))
    return content[: _place(draw, content)] + other[_place(draw, other) :]


def _token(draw: random.Random, content: bytes) -> bytes:
    at = _place(draw, content)
    new = draw.choice(TOKENS) * draw.choice((1, 1, 1, 3, 200))
    return content[:at] + new + content[at:] if draw.random() < 0.5 else _put(content, at, new)


def _stretch(draw: random.Random, content: bytes) -> bytes:
    return _put(content, _place(draw, content), _number(draw))


def _digits(draw: random.Random, content: bytes) -> bytes:
    """Replace a number that stands as text."""
    found = list(re.finditer(rb"\d+(\.\d+)?", content))
    if not found:
        return content
    hit = draw.choice(found)
    new = draw.choice((b"NaN", b"1e400", b"-0", b"99999999999999999999999", b"", b"0x10", b"1.2.3"))
    return content[: hit.start()] + new + content[hit.end() :]


_CHANGES: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    *(_flip, _insert, _delete, _truncate, _swap),
    *(_repeat, _splice, _token, _stretch, _digits),
)
