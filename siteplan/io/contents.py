"""What is looked at before a reader written in C sees a file.

GDAL asks all its drivers whether they know a file, and some of them follow what stands in it:
a VRT opens other files and addresses, a GDALG runs a command. pyogrio cannot say which drivers
may. So each file is handed over in a form that only the driver that we mean can take, and that
driver's name is asked for afterwards. The second purpose is depth: GEOS and others go down into
nested geometries by recursion, and run out of stack.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from xml.parsers import expat

from siteplan.errors import InputError
from siteplan.io import limits
from siteplan.io.columnar import check_parquet
from siteplan.io.names import shown_name
from siteplan.io.sniff import damaged
from siteplan.text import sentence

DRIVERS: dict[str, tuple[str, ...]] = {
    "shp": ("ESRI Shapefile",),
    "gpkg": ("GPKG",),
    "geojson": ("GeoJSON",),
    "fgb": ("FlatGeobuf",),
    "kml": ("LIBKML", "KML"),
}
"""Format -> the GDAL drivers that may read it."""

_SPEAKING = re.compile(r"[!?*\x00-\x1f]|://")
_ROOT = re.compile(r"""<((?:[\w.-]+:)?)kml(?:[^>"']|"[^"]*"|'[^']*')*>""")
_KML_HEAD_LETTERS = 64 * 1024
_KML_NAMESPACES = (
    'xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2" '
    'xmlns:atom="http://www.w3.org/2005/Atom"'
)
_VIRTUAL = re.compile(r"\s*create\s+virtual\s+table\b.*?\busing\s+[\"'`\[]?(\w+)", re.I | re.S)
_COMPUTED = re.compile(r"\bgenerated\s+always\b|\bas\s*\(", re.IGNORECASE)
_INDEXES = {"rtree", "rtree_i32", "fts3", "fts4", "fts5"}
_SQLITE_STEPS = 200_000_000

_ESCAPED_LETTER = re.compile(rb"\\u00([4-7][0-9a-fA-F])")
_OBJECT_FOLLOWS = re.compile(rb"\s*(?::\s*)?([/{])")
_MARKS = re.compile(rb"""[{}]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|/""", re.DOTALL)
_LINK = re.compile(rb"""["'](?:link|url)|/""")
_CRS_BYTES = 64 * 1024


def guarded(path: Path, *, kind: str, name: str, folder: Path) -> Path:
    """Return the file in a form that only the reader of its format takes.

    Parameters
    ----------
    path : Path
        As it lies on disk; never changed.
    kind : str
        Key of `siteplan.io.sniff.FORMATS`.
    name : str
        What the person calls it.
    folder : Path
        Where a copy may be put.

    Raises
    ------
    InputError
        It holds what makes a reader reach elsewhere or crash.
    """
    limits.check_file_bytes(path.stat().st_size, name=name)
    plain = _plain_path(path, kind=kind, folder=folder)
    if kind == "gpkg":
        _check_schema(plain, name=name)
    elif kind == "fgb":
        _check_fgb(plain, name=name)
    elif kind == "parquet":
        check_parquet(plain, name=name)
    return plain


def opened_by(target: Path | bytes, *, kind: str, name: str, folder: Path) -> Path | str:
    """Return what to hand to GDAL, so that no other driver is asked.

    Parameters
    ----------
    target : Path or bytes
        A file that `guarded` returned, or its content in another encoding.
    kind : str
        Key of `DRIVERS`.
    name : str
        What the person calls it.
    folder : Path
        Where content is put.

    Raises
    ------
    InputError
        A GeoJSON names its coordinate system by an address.
    """
    if kind == "geojson":
        _check_links(target if isinstance(target, bytes) else target.read_bytes(), name=name)
    if isinstance(target, bytes):
        path = _unused(folder, ending=kind)
        path.write_bytes(target)
        target = path
    return f"GeoJSON:{target}" if kind == "geojson" else target


def _check_links(content: bytes, *, name: str) -> None:
    """Refuse GeoJSON with a linked coordinate system, as the format's first edition had it.

    GDAL would ask that address. It finds the member at any depth, in any case, with letters
    written as escapes, and beside comments; so all of these are looked for.
    """
    text = content.lstrip(b"\xef\xbb\xbf")
    if b"\\u00" in text:
        text = _ESCAPED_LETTER.sub(lambda hit: bytes([int(hit[1], 16)]), text)
    text = text.lower()
    if not any(quote + word in text for quote in (b'"', b"'") for word in (b"link", b"url")):
        return
    for key in (b'crs"', b"crs'"):
        at = text.find(key)
        while at >= 0:
            at += len(key)
            begin = _OBJECT_FOLLOWS.match(text, at)
            if begin and (begin[1] == b"/" or _is_linked(text, begin.end())):
                raise InputError(
                    sentence(
                        "{name} names its coordinate system by an address, and siteplan opens no "
                        'addresses. Take the member "crs" out and say which it is '
                        "(--crs EPSG:5186).",
                        name=name,
                    )
                )
            at = text.find(key, at)


def _is_linked(text: bytes, begin: int) -> bool:
    """Tell whether the JSON object that begins here holds a link, or does not end."""
    depth = 1
    for mark in _MARKS.finditer(text, begin, begin + _CRS_BYTES):
        word = mark[0]
        if word == b"{":
            depth += 1
        elif word == b"}":
            depth -= 1
            if depth == 0:
                return False
        elif _LINK.match(word):
            return True
    return True


def check_driver(driver: str, *, kind: str, name: str) -> None:
    """Refuse what another driver than the format's own has opened after all.

    Raises
    ------
    InputError
        `driver` is none of `DRIVERS`.
    """
    if driver not in DRIVERS[kind]:
        raise damaged(name, kind=kind, reason=f"GDAL takes it for {shown_name(driver)}.")


def _plain_path(path: Path, *, kind: str, folder: Path) -> Path:
    """Return a path that means nothing but a file to pyogrio and GDAL, and has the right ending.

    An exclamation mark in a path means "inside this archive", ``.mbtiles`` means another driver.
    """
    ending = path.suffix.lower()
    endings = {"geojson": (".geojson", ".json")}.get(kind, (f".{kind}",))
    if ending in endings and not _SPEAKING.search(str(path)) and path.is_absolute():
        return path
    if kind == "shp":
        for part, other in siblings(path).items():
            if part in ("shp", "shx", "dbf", "prj", "cpg"):
                shutil.copyfile(other, folder / f"plain.{part}")
        return folder / "plain.shp"
    plain = _unused(folder, ending=kind)
    if path.parent == folder:
        return path.rename(plain)
    shutil.copyfile(path, plain)
    return plain


def _unused(folder: Path, *, ending: str) -> Path:
    return folder / f"plain{sum(1 for _ in folder.iterdir())}.{ending}"


def siblings(path: Path) -> dict[str, Path]:
    """Return the parts of a loose Shapefile by ending, whatever their case."""
    stem = path.stem.casefold()
    return {
        other.suffix.lower().lstrip("."): other
        for other in path.parent.iterdir()
        if other.stem.casefold() == stem
    }


def own_kml(content: bytes, *, name: str) -> bytes:
    """Return a KML whose beginning is ours, after its XML has been found sound.

    Drivers look for their marks in the first kilobytes, wherever they stand; there is only our
    own root there now, and blanks. The original is checked whole: one root, no entities, no
    depth.

    Parameters
    ----------
    content : bytes
        UTF-8.
    name : str
        What the person calls it.

    Raises
    ------
    InputError
        It is no sound KML.
    """
    text = content.decode("utf-8-sig", errors="replace")
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text, count=1)
    _check_xml(text, name=name)
    root = _ROOT.search(text)
    if root is None or root.group(0).endswith("/>"):
        raise damaged(name, kind="kml", reason="it has no content.")
    prefix = root.group(1)
    spaces = _KML_NAMESPACES
    if prefix:
        spaces = f'{spaces} xmlns:{prefix[:-1]}="http://www.opengis.net/kml/2.2"'
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<{prefix}kml {spaces}>'
    blanks = "\n" + " " * _KML_HEAD_LETTERS + "\n"
    return f"{head}{blanks}{text[root.end() :]}".encode(errors="replace")


def _check_xml(text: str, *, name: str) -> None:
    """Go through XML by expat without keeping it: well-formed, of known depth, no entities."""
    parser = expat.ParserCreate(encoding="utf-8")
    depth = 0

    def start(tag: str, _attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth == 1 and tag.rpartition(":")[2] != "kml":
            raise damaged(name, kind="kml", reason="its first element is not <kml>.")
        if depth > limits.MAX_XML_DEPTH:
            raise damaged(
                name, kind="kml", reason=f"it is nested more than {limits.MAX_XML_DEPTH} deep."
            )

    def end(_tag: str) -> None:
        nonlocal depth
        depth -= 1

    def entities(*_: object) -> None:
        raise damaged(name, kind="kml", reason="it declares a document type of its own.")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = entities
    try:
        parser.Parse(text.encode(), True)  # noqa: FBT003 - expat takes it by position only
    except expat.ExpatError as error:
        raise damaged(name, kind="kml", reason=f"{error}.") from error
    except UnicodeEncodeError as error:
        raise damaged(name, kind="kml", reason="it holds broken letters.") from error


def _check_schema(path: Path, *, name: str) -> None:
    """Refuse a GeoPackage whose tables are computed when they are read.

    A view may call GDAL's functions, of which some go to the network, or may never end.
    """
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as base:
            base.execute("pragma trusted_schema=off")
            _stop_after(base)
            rows = base.execute(
                "select type, name, sql from sqlite_master where sql is not null limit 100001"
            ).fetchall()
    except (sqlite3.Error, UnicodeError, OverflowError) as error:
        reason = shown_name(f"{error}.")
        raise damaged(name, kind="gpkg", reason=reason) from error
    computed = []
    for kind, title, sql in rows:
        module = _VIRTUAL.match(str(sql))
        known = module is not None and module.group(1).casefold() in _INDEXES
        is_virtual = re.match(r"\s*create\s+virtual\b", str(sql), re.IGNORECASE) is not None
        sums = kind == "table" and not is_virtual and _COMPUTED.search(str(sql)) is not None
        if kind == "view" or (is_virtual and not known) or sums:
            computed.append(shown_name(str(title)))
    if computed:
        raise InputError(
            sentence(
                "{name} holds tables that are computed when they are read ({names}). Export the "
                "layer of parcels itself to a new file.",
                name=name,
                names=", ".join(computed[:5]),
            )
        )


def _stop_after(base: sqlite3.Connection) -> None:
    """End a query that goes round in circles in a broken file."""
    calls = iter(range(_SQLITE_STEPS // 1_000_000))
    base.set_progress_handler(lambda: int(next(calls, None) is None), 1_000_000)


def _check_fgb(path: Path, *, name: str) -> None:
    """Refuse a FlatGeobuf whose header is longer than the file."""
    with path.open("rb") as stream:
        head = stream.read(12)
    announced = int.from_bytes(head[8:12], "little")
    # GDAL reads headers up to 10 MB; so the 12th byte is 0, and no driver that looks for text
    # looks further than that.
    if len(head) < 12 or announced > min(path.stat().st_size - 12, 10 * 1024**2):
        raise damaged(name, kind="fgb", reason="its header is longer than the file.")
