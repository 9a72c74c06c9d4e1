"""The text of a Shapefile: read by GDAL as raw bytes, decoded here into the encoding it is in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from siteplan.io.delimited import encoding_issues
from siteplan.io.encoding import (
    OTHER_KOREAN,
    RAW,
    chosen_encoding,
    dbf_declared,
    decoded,
    other_korean,
)
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
    values = {name: frame[name].tolist() for name in texts}
    samples = [str(name).encode(RAW) for name in frame.columns]
    samples += [text.encode(RAW) for column in values.values() for text in column if _is_text(text)]
    issues = []
    told = encoding is not None
    if encoding is None:
        chosen = chosen_encoding(samples, declared=_declared(path))
        encoding = chosen.name
        issues += encoding_issues(chosen)
    lost, mixed = 0, 0
    plain = frame.copy()
    for name, column in values.items():
        read: list[str | None] = []
        for value in column:
            if not _is_text(value):
                read.append(None)
                continue
            text, damaged = decoded(value.encode(RAW), encoding=encoding)
            other = None
            if damaged and not told:
                other = other_korean(value.encode(RAW), encoding=encoding)
            mixed += other is not None
            lost += damaged and other is None
            read.append(text if other is None else other)
        plain[name] = np.array(read, dtype=object)
    if lost:
        issues.append(Issue("text_damaged", (), {"count": lost, "encoding": encoding}))
    if mixed:
        details = {"count": mixed, "encoding": encoding, "other": OTHER_KOREAN[encoding]}
        issues.append(Issue("text_mixed", (), details))
    names = {name: decoded(str(name).encode(RAW), encoding=encoding)[0] for name in frame.columns}
    return plain.rename(columns=names), encoding, issues


def _is_text(value: object) -> bool:
    return isinstance(value, str)


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
