"""Which format a file is, by its first bytes."""

from __future__ import annotations

from siteplan.errors import InputError
from siteplan.text import Label, Text, sentence

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
HEAD_BYTES = 4096
ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")

_ENDINGS = {
    **dict.fromkeys(("geojson", "json"), "geojson"),
    **dict.fromkeys(("parquet", "geoparquet"), "parquet"),
    **dict.fromkeys(("csv", "tsv"), "csv"),
    **{ending: ending for ending in ("shp", "gpkg", "fgb", "kml")},
}
_MAGIC = (
    (b"SQLite format 3\x00", "gpkg"),
    (b"PAR1", "parquet"),
    (b"fgb", "fgb"),
    (b"\x00\x00\x27\x0a", "shp"),
    (b"{", "geojson"),
    (b"[", "geojson"),
    (b"\x1e{", "geojson"),
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


def is_zip(head: bytes) -> bool:
    """Tell whether the first bytes are those of a zip."""
    return head.startswith(ZIP_MAGIC)


def sniffed(head: bytes, *, name: str) -> str:
    """Return the format by the first bytes; CSV alone has none and goes by its ending.

    Raises
    ------
    InputError
        It is empty, or of none of `FORMATS`.
    """
    if not head:
        raise InputError(
            sentence("{name} is empty (0 bytes). Export or download it again.", name=name)
        )
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for magic, kind in _MAGIC:
        if head.startswith(magic) or text.startswith(magic):
            return kind
    if text.startswith(b"<") and b"<kml" in text[:2048]:
        return "kml"
    for magic, what in _FOREIGN:
        if head.startswith(magic):
            raise refused(name, what=what)
    # A .txt inside a zip is a word to the reader; handed over alone it may be a table.
    table = format_by_ending(name) == "csv" or name.lower().endswith(".txt")
    if table and (b"\x00" not in head or _is_utf16(head)):
        return "csv"
    if name.lower().endswith((".shx", ".dbf", ".prj", ".cpg")):
        raise InputError(
            sentence(
                "{name} is one part of a Shapefile. Hand over the .shp beside it, or all parts "
                "in one .zip.",
                name=name,
            )
        )
    raise refused(name, what=_UNKNOWN)


def _is_utf16(head: bytes) -> bool:
    return head.startswith((b"\xff\xfe", b"\xfe\xff"))


def format_by_ending(name: str) -> str | None:
    """Return the format that a file name claims, or None."""
    return _ENDINGS.get(name.lower().rpartition(".")[2])


def refused(name: str, *, what: Label | Text) -> InputError:
    """Return the error for a file that is something else."""
    return InputError(
        sentence(
            "{name} is {what}, not a file of parcels. Use {accepted}.",
            name=name,
            what=what,
            accepted=ACCEPTED,
        )
    )


def damaged(name: str, *, kind: str, reason: str) -> InputError:
    """Return the error for a file that its format's reader cannot make sense of."""
    return InputError(
        sentence(
            "{name} cannot be read as {format}: {reason} Export or download it again.",
            name=name,
            format=FORMATS[kind],
            reason=reason,
        )
    )
