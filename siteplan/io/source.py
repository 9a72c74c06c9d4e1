"""From what a person hands over (a path, bytes, an upload, a zip) to files that GDAL can open.

Files are told by their first bytes, not only by their names. Zips are unpacked here rather than
by GDAL, so that Korean member names, passwords and missing parts get a plain sentence.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from siteplan.errors import InputError
from siteplan.text import Label, Text, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

Source = str | os.PathLike[str] | bytes | IO[bytes]

FORMATS = {
    "shp": "ESRI Shapefile",
    "gpkg": "GPKG",
    "geojson": "GeoJSON",
    "parquet": "Parquet",
    "fgb": "FlatGeobuf",
    "kml": "KML",
    "csv": "CSV",
}
"""Formats that can be read, the one preferred inside a zip first, and their names in reports."""

ACCEPTED = "GeoJSON, GeoPackage, GeoParquet, Shapefile (.zip), FlatGeobuf, KML, CSV + WKT"
MAX_UNPACKED_BYTES = 4 * 1024**3

_SHAPEFILE_PARTS = ("shp", "shx", "dbf", "prj", "cpg")
_ENDINGS = {
    **dict.fromkeys(("geojson", "json"), "geojson"),
    **dict.fromkeys(("parquet", "geoparquet"), "parquet"),
    **{ending: ending for ending in ("shp", "gpkg", "fgb", "kml", "csv")},
}
_MAGIC = (
    (b"SQLite format 3\x00", "gpkg"),
    (b"PAR1", "parquet"),
    (b"fgb", "fgb"),
    (b"\x00\x00\x27\x0a", "shp"),
    (b"{", "geojson"),
    (b"\xff\xfe{\x00", "geojson"),
    (b"\xfe\xff\x00{", "geojson"),
)
_FOREIGN: tuple[tuple[bytes, Label], ...] = (
    (b"\x89PNG", Label("PNG 그림", "a PNG picture")),
    (b"\xff\xd8\xff", Label("JPEG 그림", "a JPEG picture")),
    (b"II*\x00", Label("TIFF 그림", "a TIFF picture")),
    (b"%PDF", Label("PDF 문서", "a PDF document")),
    (b"AC10", Label("DWG 도면", "a DWG drawing")),
    (b"\xd0\xcf\x11\xe0", Label("엑셀·한글 문서", "an Excel or HWP document")),
    (b"Rar!", Label("RAR 압축 파일", "a RAR archive")),
    (b"7z\xbc\xaf", Label("7z 압축 파일", "a 7z archive")),
    (b"\x1f\x8b", Label("gzip 압축 파일", "a gzip archive")),
)
_UNKNOWN = Label("알 수 없는 형식", "of no known format")


@dataclass(frozen=True)
class Located:
    """Files of one format that lie on disk.

    Parameters
    ----------
    name : str
        What the person calls the source.
    format : str
        Key of `FORMATS`.
    files : dict of str to Path
        Layer name -> file; one unless a zip holds several.
    """

    name: str
    format: str
    files: dict[str, Path]


def source_name(source: Source | None, *, name: str | None = None) -> str:
    """Return what to call the source in a sentence."""
    if name:
        return name
    if isinstance(source, str | os.PathLike):
        return Path(source).name or str(source)
    return Path(str(getattr(source, "name", "") or "upload")).name


@contextmanager
def located(source: Source, *, name: str | None = None) -> Iterator[Located]:
    """Give the files of a source for as long as the block runs.

    Parameters
    ----------
    source : path, bytes or binary file
    name : str, optional
        File name of bytes; the content decides the format, the name only appears in sentences.

    Raises
    ------
    InputError
        Nothing is there, or it is no file of a format that can be read.
    """
    label = source_name(source, name=name)
    with tempfile.TemporaryDirectory(prefix="siteplan-") as folder:
        if isinstance(source, str | os.PathLike):
            path = _existing(Path(source))
        else:
            content = source if isinstance(source, bytes) else source.read()
            path = Path(folder) / f"content{Path(label).suffix.lower()}"
            path.write_bytes(content)
        with path.open("rb") as stream:
            head = stream.read(4096)
        if not head:
            raise InputError(
                sentence("{name} is empty (0 bytes). Export or download it again.", name=label)
            )
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            yield _unzipped(path, name=label, folder=Path(folder) / "unzipped")
            return
        kind = _sniffed(head, name=label)
        if kind == "shp":
            _check_parts(_siblings(path), name=label)
        yield Located(label, kind, {Path(label).stem: path})


def _existing(path: Path) -> Path:
    if path.is_dir():
        raise InputError(
            sentence("{name} is a folder. Name the file inside it.", name=path.name or str(path))
        )
    if not path.exists():
        raise InputError(
            sentence("There is no file {path}. Check the spelling and the folder.", path=str(path))
        )
    if not os.access(path, os.R_OK):
        raise InputError(
            sentence("{name} may not be read. Give yourself the right to read it.", name=path.name)
        )
    return path


def _sniffed(head: bytes, *, name: str) -> str:
    """Return the format by the first bytes; CSV alone has none and goes by its ending."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for magic, kind in _MAGIC:
        if head.startswith(magic) or text.startswith(magic):
            return kind
    if text.startswith(b"<") and b"<kml" in text[:2048]:
        return "kml"
    for magic, what in _FOREIGN:
        if head.startswith(magic):
            raise _refused(name, what=what)
    if _ending(name) == "csv" and b"\x00" not in head:
        return "csv"
    if name.lower().endswith((".shx", ".dbf", ".prj", ".cpg")):
        raise InputError(
            sentence(
                "{name} is one part of a Shapefile. Hand over the .shp beside it, or all parts "
                "in one .zip.",
                name=name,
            )
        )
    raise _refused(name, what=_UNKNOWN)


def _ending(name: str) -> str | None:
    return _ENDINGS.get(name.lower().rpartition(".")[2])


def _refused(name: str, *, what: Label | Text) -> InputError:
    return InputError(
        sentence(
            "{name} is {what}, not a file of parcels. Use {accepted}.",
            name=name,
            what=what,
            accepted=ACCEPTED,
        )
    )


def _siblings(path: Path) -> dict[str, Path]:
    """Return the parts of a loose Shapefile by ending, whatever their case."""
    stem = path.stem.casefold()
    return {
        other.suffix.lower().lstrip("."): other
        for other in path.parent.iterdir()
        if other.stem.casefold() == stem
    }


def _check_parts(parts: dict[str, Path], *, name: str) -> None:
    missing = [f".{part}" for part in ("shp", "shx", "dbf") if part not in parts]
    if missing:
        raise InputError(
            sentence(
                "{name} lacks {missing}, without which a Shapefile cannot be read. Put .shp, "
                ".shx, .dbf and .prj together (best in one .zip).",
                name=name,
                missing=", ".join(missing),
            )
        )


def _unzipped(path: Path, *, name: str, folder: Path) -> Located:
    """Unpack the members of the preferred format under plain names and return them."""
    folder.mkdir()
    try:
        with zipfile.ZipFile(path) as archive:
            return _members_unpacked(archive, name=name, folder=folder)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, zlib.error) as e:
        raise InputError(
            sentence("{name} is a damaged zip file. Download or pack it again.", name=name)
        ) from e


def _members_unpacked(archive: zipfile.ZipFile, *, name: str, folder: Path) -> Located:
    members = {_member_name(info): info for info in archive.infolist() if not info.is_dir()}
    members = {
        member: info
        for member, info in members.items()
        if "__MACOSX" not in member and not PurePosixPath(member).name.startswith(".")
    }
    _check_members(members, name=name)
    groups: dict[str, dict[str, dict[str, zipfile.ZipInfo]]] = {}
    for member, info in members.items():
        stem, ending = PurePosixPath(member).stem, PurePosixPath(member).suffix.lower()[1:]
        kind = "shp" if ending in _SHAPEFILE_PARTS else _ENDINGS.get(ending)
        if kind:
            groups.setdefault(kind, {}).setdefault(stem, {})[ending] = info
    kind = next((key for key in FORMATS if key in groups), None)
    if kind is None:
        raise InputError(
            sentence(
                "{name} holds no file of parcels. Pack a Shapefile (.shp, .shx, .dbf, .prj) or "
                "use {accepted}.",
                name=name,
                accepted=ACCEPTED,
            )
        )
    files: dict[str, Path] = {}
    for number, (stem, parts) in enumerate(sorted(groups[kind].items())):
        unpacked = {}
        for ending, info in parts.items():
            target = folder / f"layer{number}.{ending}"
            with archive.open(info) as packed, target.open("wb") as out:
                shutil.copyfileobj(packed, out)
            unpacked[ending] = target
        if kind == "shp":
            _check_parts(unpacked, name=name)
        files[stem] = unpacked.get("shp") or next(iter(unpacked.values()))
    return Located(name, kind, files)


def _check_members(members: dict[str, zipfile.ZipInfo], *, name: str) -> None:
    if any(info.flag_bits & 0x1 for info in members.values()):
        raise InputError(
            sentence("{name} is locked with a password. Unpack it and pack it again.", name=name)
        )
    if any(member.startswith("xl/") for member in members):
        raise _refused(name, what=Label("엑셀 통합 문서", "an Excel workbook"))
    if sum(info.file_size for info in members.values()) > MAX_UNPACKED_BYTES:
        raise InputError(
            sentence(
                "{name} unpacks to more than {limit} GB. Cut the area you need out of it first.",
                name=name,
                limit=MAX_UNPACKED_BYTES // 1024**3,
            )
        )


def _member_name(info: zipfile.ZipInfo) -> str:
    """Return a member's name; Windows packs Korean names in CP949 without saying so."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("cp949")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return info.filename
