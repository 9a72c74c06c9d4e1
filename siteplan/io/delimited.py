"""CSV as offices write it -> a table of text: encoding, delimiter, title lines, outlines.

Outlines are found by their values: WKT, EWKT with its SRID, WKB in hexadecimal, or a GeoJSON
geometry in a cell.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siteplan.crs import known_crs
from siteplan.errors import InputError
from siteplan.io.cells import from_cell
from siteplan.io.columnar import check_texts
from siteplan.io.encoding import SHOWN, Encoding, text_file_encoding
from siteplan.io.layouts import ALIASES, KIND_LABELS
from siteplan.io.recognition import not_parcels_but_register, recognised
from siteplan.issues import Issue
from siteplan.text import Label, Text, sentence

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    import pyproj

CRS_COLUMN = "crs"
_DELIMITERS = ",;\t|"
_LOOKED_AT = 2**20
_TITLE_LINES = 20
_OUTLINE_NAMES = ("wkt", "geometry", "geom", "the_geom", "wkb", "wkb_geometry", "shape")
_WKT = re.compile(
    r"\s*(SRID=(?P<srid>\d+)\s*;)?\s*(MULTI)?(POLYGON|SURFACE|CURVEPOLYGON|GEOMETRYCOLLECTION)\b",
    re.IGNORECASE,
)
_WKB = re.compile(r"\s*(0[01])[0-9A-Fa-f]{8,}\s*")
_GEOJSON = re.compile(r'\s*\{\s*"(type|coordinates)"\s*:')
_POINT_COLUMNS = (
    ("x", "y"),
    ("lon", "lat"),
    ("lng", "lat"),
    ("longitude", "latitude"),
    ("경도", "위도"),
    ("x좌표", "y좌표"),
)
_HEADINGS = frozenset(alias for choices in ALIASES.values() for alias in choices) | {
    *_OUTLINE_NAMES,
    CRS_COLUMN,
    *(name for pair in _POINT_COLUMNS for name in pair),
}


@dataclass(frozen=True, eq=False)
class TextTable:
    """A CSV as it stands in the file.

    Parameters
    ----------
    frame : DataFrame
        n rows of text, missing where empty.
    encoding : str
    issues : tuple of Issue
    """

    frame: pd.DataFrame
    encoding: str
    issues: tuple[Issue, ...]


def read_text_table(path: Path, *, name: str, encoding: str | None) -> TextTable:
    """Read a CSV into a table of text.

    Parameters
    ----------
    path : Path
    name : str
        What to call the file.
    encoding : str, optional
        What the person says the text is in; else decided from the bytes.

    Raises
    ------
    InputError
        The file has no header or no columns.
    """
    import pandas as pd

    content = path.read_bytes()
    chosen = Encoding(encoding) if encoding else text_file_encoding(content)
    text, issues = plain_text(content, chosen=chosen)
    text = text.removeprefix("\ufeff")
    first, _, rest = text.partition("\n")
    stated = re.fullmatch(r"sep=(.)\s*", first.strip("\r"))
    if stated:
        text = rest
    delimiter = stated[1] if stated else _delimiter(text)
    skipped, title = _title(text, delimiter=delimiter)
    if skipped:
        issues.append(Issue("title_skipped", (), {"number": skipped, "title": title}))
    body = text.split("\n", skipped)[-1]
    frame = pd.read_csv(io.StringIO(body), dtype=str, sep=delimiter, skipinitialspace=True)
    if isinstance(frame.index, pd.MultiIndex) or not isinstance(frame.index, pd.RangeIndex):
        # More cells in the rows than in the header: pandas would call the first ones an index.
        raise InputError(
            sentence(
                "The rows of {name} have more cells than its header. Give each column a name, "
                "and put text with the delimiter in quotes.",
                name=name,
            )
        )
    for column in frame.columns:
        marked = frame[column].str.startswith("'", na=False)
        if marked.any():
            frame.loc[marked, column] = frame.loc[marked, column].map(from_cell)
    shown = "utf-8" if chosen.name == "utf-8-sig" else chosen.name
    return TextTable(frame, shown, tuple(issues))


def plain_text(content: bytes, *, chosen: Encoding) -> tuple[str, list[Issue]]:
    """Return a text file's content decoded, and what is to be said about its encoding."""
    issues = encoding_issues(chosen)
    try:
        return content.decode(chosen.name), issues
    except UnicodeDecodeError:
        text = content.decode(chosen.name, errors="replace")
        details = {"count": text.count("\ufffd"), "encoding": chosen.name}
        return text, [*issues, Issue("text_damaged", (), details)]


def encoding_issues(chosen: Encoding) -> list[Issue]:
    """Return what is to be said about the choice of an encoding; nothing where it was told."""
    issues = []
    if chosen.reason is not None:
        details: dict[str, object] = {"encoding": chosen.name, "reason": chosen.reason}
        issues.append(Issue("encoding_chosen", (), details))
    if chosen.rival is not None:
        details = {
            "encoding": SHOWN.get(chosen.name, chosen.name),
            "example": chosen.example,
            "other": SHOWN.get(chosen.rival, chosen.rival),
            "example2": chosen.rival_example,
        }
        issues.append(Issue("encoding_uncertain", (), details))
    return issues


def _rows(text: str, *, delimiter: str) -> list[list[str]]:
    """Return the first rows, split; an unfinished last one is left out."""
    head = text[:_LOOKED_AT]
    limit = csv.field_size_limit(len(head) + 1)
    try:
        rows = list(csv.reader(io.StringIO(head), delimiter=delimiter, skipinitialspace=True))
    except csv.Error:
        return []
    finally:
        csv.field_size_limit(limit)
    return rows[:-1] if len(text) > len(head) and len(rows) > 1 else rows


def _delimiter(text: str) -> str:
    """Return the delimiter that gives most rows the same number of cells, several of them."""

    def fit(delimiter: str) -> tuple[int, float, int]:
        rows = _rows(text, delimiter=delimiter)[:200]
        widths = [len(row) for row in rows if row]
        if not widths:
            return 0, 0.0, 0
        (width, count), *_ = Counter(widths).most_common(1)
        known = max(
            (
                sum(cell.strip().casefold() in _HEADINGS for cell in row)
                for row in rows[:_TITLE_LINES]
            ),
            default=0,
        )
        return (known if width > 1 else 0), (count / len(widths) if width > 1 else 0.0), width

    return max(_DELIMITERS, key=fit)


def _title(text: str, *, delimiter: str) -> tuple[int, str]:
    """Return how many lines stand above the header, and their text.

    The header is the first row as wide as most, if a name in it is known and none above is.
    """
    rows = _rows(text, delimiter=delimiter)[:200]
    filled = [len([cell for cell in row if cell.strip()]) for row in rows]
    widths = Counter(len(row) for row in rows if any(cell.strip() for cell in row))
    if not widths:
        return 0, ""
    usual = widths.most_common(1)[0][0]
    for number, row in enumerate(rows[:_TITLE_LINES]):
        known = any(cell.strip().casefold() in _HEADINGS for cell in row)
        if known and len(row) == usual:
            above = text.split("\n", number)[:number]
            if any("\n" in cell for line in rows[:number] for cell in line):
                return 0, ""
            return number, " / ".join(line.strip(f"\r {delimiter}") for line in above)[:80]
        if filled[number] == usual > 1:
            return 0, ""
    return 0, ""


def outlines(table: TextTable, *, name: str) -> gpd.GeoDataFrame:
    """Return the rows with the outlines that a column of theirs holds.

    Raises
    ------
    InputError
        No column holds polygons; the sentence says what the table seems to be instead.
    """
    import geopandas as gpd
    import numpy as np

    frame = table.frame
    column = _outline_column(frame)
    if column is None:
        raise InputError(_without_outlines(frame, name=name))
    gaps = frame[column].isna().tolist()
    texts = np.array(
        [None if gone else v for v, gone in zip(frame[column].tolist(), gaps, strict=True)],
        dtype=object,
    )
    check_texts(texts, name=name)
    geometry, srids = _geometry(texts)
    names = {str(other).strip().casefold(): other for other in frame.columns}
    said = (
        frame[names[CRS_COLUMN]].dropna().unique().tolist() if CRS_COLUMN in names else []
    ) or sorted(srids)
    if len(srids) > 1:
        raise InputError(
            sentence(
                "The outlines of {name} are in several coordinate systems: {systems}. Export "
                "them in one.",
                name=name,
                systems=", ".join(f"EPSG:{srid}" for srid in sorted(srids)),
            )
        )
    crs: pyproj.CRS | None = known_crs(said[0]) if len(said) == 1 else None
    return gpd.GeoDataFrame(frame.drop(columns=[column]), geometry=geometry, crs=crs)


def _outline_column(frame: pd.DataFrame) -> str | None:
    """Return the column with outlines: one of the usual names first, then any by its values."""
    usual = [c for c in frame.columns if str(c).strip().casefold() in _OUTLINE_NAMES]
    usual.sort(key=lambda c: _OUTLINE_NAMES.index(str(c).strip().casefold()))
    for column in [*usual, *(c for c in frame.columns if c not in usual)]:
        first = next(iter(frame[column].dropna().head(1)), "")
        if any(form.match(first) for form in (_WKT, _WKB, _GEOJSON)):
            return str(column)
    return str(usual[0]) if usual else None


def _geometry(texts: Any) -> tuple[Any, set[int]]:
    """Return geometries (None where a text is none) and the SRIDs that they name."""
    import numpy as np
    import shapely

    first = next((text for text in texts if text is not None), "")
    if _WKB.match(first):
        plain = [None if text is None else text.strip() for text in texts]
        shapes = shapely.from_wkb(np.array(plain, dtype=object), on_invalid="ignore")
        srids = set(np.unique(shapely.get_srid(shapes)).tolist()) - {0, -1}
        return shapes, srids
    if _GEOJSON.match(first):
        return shapely.from_geojson(texts, on_invalid="ignore"), set()
    srids = set()
    if any(text is not None and "=" in text[:12] for text in texts):
        found = [None if text is None else _WKT.match(text) for text in texts]
        srids = {int(match["srid"]) for match in found if match and match["srid"]}
        texts = np.array(
            [
                text[match.end(1) :] if match and match[1] and text else text
                for text, match in zip(texts, found, strict=True)
            ],
            dtype=object,
        )
    return shapely.from_wkt(texts, on_invalid="ignore"), srids


def _without_outlines(frame: pd.DataFrame, *, name: str) -> Text:
    """Return why a CSV without outlines cannot be a file of parcels."""
    names = {str(column).strip().casefold(): str(column) for column in frame.columns}
    for x, y in _POINT_COLUMNS:
        if x in names and y in names:
            return sentence(
                "{name} holds no polygons but points, in the columns {x} and {y}. Hand over the "
                "outlines of the parcels.",
                name=name,
                x=names[x],
                y=names[y],
            )
    known = recognised(frame)
    if "pnu" in known.columns and len(known.columns) > 1:
        what: Label = KIND_LABELS["land price"]
        if known.kind != "land price":
            what = Label("필지별 목록", "a list by parcel")
        return not_parcels_but_register(name=name, what=what)
    return no_outlines(name)


def no_outlines(name: str) -> Text:
    """Return the sentence for a file that holds no polygons at all."""
    return sentence(
        "{name} holds no polygons. Hand over the outlines of parcels, not points, lines or tables.",
        name=name,
    )
