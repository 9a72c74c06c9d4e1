"""The text of a Shapefile: read by GDAL as raw bytes, decoded here into the encoding it is in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from siteplan.io.delimited import encoding_issues
from siteplan.io.encoding import (
    LOOKED_AT,
    OTHER_KOREAN,
    RAW,
    chosen_encoding,
    dbf_declared,
    decoded,
    other_korean,
)
from siteplan.io.raw_columns import recoded, samples_of
from siteplan.io.text_columns import decoded_column, keeps_ascii, plain_ascii, samples
from siteplan.issues import Issue

if TYPE_CHECKING:
    import geopandas as gpd


def decoded_frame(
    frame: gpd.GeoDataFrame, *, path: Path, encoding: str | None
) -> tuple[gpd.GeoDataFrame, str, list[Issue]]:
    """Return a Shapefile's frame, read as raw bytes, with its names and text decoded."""
    texts = [
        name for name in frame.columns if name != "geometry" and frame[name].dtype.kind in "OUT"
    ]
    issues = []
    told = encoding is not None
    if encoding is None:
        looked_at = _looked_at(frame, texts=texts)
        chosen = chosen_encoding(looked_at, declared=_declared(path))
        encoding = chosen.name
        issues += encoding_issues(chosen)
    lost, mixed = 0, 0
    plain = frame.copy(deep=False)
    for name in texts:
        done = recoded(frame[name], encoding=encoding) if keeps_ascii(encoding) else None
        if done is not None:
            plain[name] = done
            continue
        column = frame[name].tolist()
        read, damaged = decoded_column(column, encoding=encoding)
        if damaged and not told:
            others = _in_the_other_encoding(column, encoding=encoding)
            for row, text in others.items():
                read[row] = text
            mixed += len(others)
            damaged -= len(others)
        lost += damaged
        plain[name] = read
    if lost:
        issues.append(Issue("text_damaged", (), {"count": lost, "encoding": encoding}))
    if mixed:
        details = {"count": mixed, "encoding": encoding, "other": OTHER_KOREAN[encoding]}
        issues.append(Issue("text_mixed", (), details))
    names = {name: decoded(str(name).encode(RAW), encoding=encoding)[0] for name in frame.columns}
    return plain.rename(columns=names), encoding, issues


def _looked_at(frame: gpd.GeoDataFrame, *, texts: list[str]) -> list[bytes]:
    """Return the values and names that decide the encoding."""
    names = [str(name) for name in frame.columns]
    if plain_ascii(names):
        found = samples_of([frame[name] for name in texts], most=LOOKED_AT)
        if found is not None:
            return found
    return samples([names, *(frame[name].tolist() for name in texts)])


def _in_the_other_encoding(column: list[object], *, encoding: str) -> dict[int, str]:
    """Return row -> text of the values that only the other Korean encoding can read."""
    found: dict[int, str] = {}
    for row, value in enumerate(column):
        if not isinstance(value, str) or value.isascii():
            continue
        raw = value.encode(RAW)
        if decoded(raw, encoding=encoding)[1]:
            text = other_korean(raw, encoding=encoding)
            if text is not None:
                found[row] = text
    return found


def _declared(path: Path) -> str | None:
    """Return what the parts of a Shapefile say about its encoding."""
    parts = {
        other.suffix.lower(): other
        for other in path.parent.iterdir()
        if other.stem.casefold() == path.stem.casefold()
    }
    cpg = parts[".cpg"].read_text("ascii", errors="ignore") if ".cpg" in parts else None
    with parts[".dbf"].open("rb") as stream:
        head = stream.read(32)
    return dbf_declared(head[29] if len(head) > 29 else 0, cpg)
