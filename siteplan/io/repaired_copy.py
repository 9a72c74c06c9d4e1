"""A repaired copy of a person's own file: its rows and columns, with sound outlines."""

from __future__ import annotations

import tempfile
import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from siteplan.errors import InputError, UsageError
from siteplan.io.atomic import write_whole
from siteplan.text import sentence
from siteplan.units import WORK_EPSG

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping, Sequence

    import geopandas as gpd

    from siteplan.io.examination import Examination

LAYER, SET_ASIDE_LAYER = "parcels", "set_aside"
FINDINGS_COLUMN = "siteplan_findings"
_ID_COLUMN = "siteplan_id"
COLUMNS_FILE = "columns.txt"
NAME_BYTES = 10
"""Bytes that a .dbf gives to a column's name."""


def repaired_copy(examination: Examination) -> gpd.GeoDataFrame:
    """Return the file's own rows and columns with repaired outlines.

    Parameters
    ----------
    examination : Examination

    Returns
    -------
    GeoDataFrame
        In EPSG:5186, rows in the file's order, without the rows set aside. Two columns are added:
        ``siteplan_id`` and ``siteplan_findings`` (codes of the findings about that row).

    Raises
    ------
    InputError
        The coordinate system must be said first.
    """
    import geopandas as gpd

    if examination.parcels is None:
        raise InputError(examination.report.crs_reason)
    parcels = examination.parcels
    codes: list[list[str]] = [[] for _ in parcels.ids]
    for issue in examination.report.issues:
        for parcel_id in issue.parcel_ids:
            row = parcels.index.get(parcel_id)
            if row is not None:
                codes[row].append(issue.code)
    raw = examination.raw
    own = raw.drop(columns=raw.geometry.name).iloc[examination.row_of].reset_index(drop=True)
    own[_ID_COLUMN] = list(parcels.ids)
    own[FINDINGS_COLUMN] = [", ".join(found) for found in codes]
    return gpd.GeoDataFrame(own, geometry=parcels.geometry.copy(), crs=WORK_EPSG)


def rows_set_aside(examination: Examination) -> gpd.GeoDataFrame:
    """Return the file's rows that are no parcels, as they came, in the file's order."""
    import numpy as np

    gone = np.setdiff1d(np.arange(len(examination.raw)), examination.row_of)
    return examination.raw.iloc[gone].reset_index(drop=True)


def write_repaired_copy(examination: Examination, path: str | os.PathLike[str]) -> Path:
    """Write `repaired_copy` in the format of the path's ending, whole or not at all.

    Parameters
    ----------
    examination : Examination
    path : path
        ``.gpkg`` (rows set aside stand in a second layer), ``.geojson`` or ``.shp.zip``
        (whose ``columns.txt`` says which short column name stands for which of the file's own,
        and behind ``#`` what else a Shapefile cannot hold).

    Raises
    ------
    UsageError
        The ending names no such format.
    InputError
        Nothing can be written there, or the coordinate system must be said first.
    """
    target = Path(path)
    write = next((w for end, w in _WRITERS.items() if target.name.lower().endswith(end)), None)
    if write is None:
        raise UsageError(
            sentence(
                "{name} has an ending that repaired copies are not written in. "
                "Use one of {endings}.",
                name=target.name,
                endings=", ".join(_WRITERS),
            )
        )
    return write_whole(target, lambda draft: write(examination, draft))


def _write_gpkg(examination: Examination, path: Path) -> None:
    import pyogrio

    pyogrio.write_dataframe(repaired_copy(examination), path, driver="GPKG", layer=LAYER)
    gone = rows_set_aside(examination)
    if len(gone):
        pyogrio.write_dataframe(
            gone, path, driver="GPKG", layer=SET_ASIDE_LAYER, append=True, geometry_type="Unknown"
        )


def _write_geojson(examination: Examination, path: Path) -> None:
    import pyogrio

    # 9 decimals are 0.1 mm: a copy of a cadastral map must not move its corners by centimetres.
    pyogrio.write_dataframe(
        repaired_copy(examination).to_crs(4326),
        path,
        driver="GeoJSON",
        RFC7946="YES",
        COORDINATE_PRECISION=9,
    )


def _write_shapefile(examination: Examination, path: Path) -> None:
    import pyogrio

    frame = repaired_copy(examination)
    outlines = frame.geometry.name
    own = [str(column) for column in frame.columns if column != outlines]
    facts = {column: fact for fact, column in examination.report.columns.items()}
    short = short_names(own, wished={**facts, _ID_COLUMN: "sp_id", FINDINGS_COLUMN: "found"})
    frame.columns = [
        outlines if column == outlines else short[str(column)] for column in frame.columns
    ]
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            pyogrio.write_dataframe(
                frame, Path(folder) / f"{LAYER}.shp", driver="ESRI Shapefile", encoding="UTF-8"
            )
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(Path(folder).iterdir()):
                archive.write(part, part.name)
            lines = [f"{short[name]}\t{_one_line(name)}\n" for name in own]
            # What else the format could not hold, e.g. text of more than 254 bytes.
            lines += [f"# {_one_line(str(remark.message))}\n" for remark in said]
            archive.writestr(COLUMNS_FILE, "".join(lines).encode("utf-8-sig"))


def short_names(names: Sequence[str], *, wished: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return for each column a name that a Shapefile holds whole, and no two the same.

    A .dbf gives a name 10 bytes and knows no difference of case; three of them are one Korean
    letter. Names that fit stay; others become ASCII of at most 10 letters with a number where
    that is taken.

    Parameters
    ----------
    names : sequence of str
        n different names.
    wished : mapping of str to str, optional
        Own name -> what to make the short one of, where the own one does not fit.

    Returns
    -------
    dict of str to str
        Own name -> short name, in the order of `names`.
    """
    wished = wished or {}
    # Names that fit are settled first, so that no cut one takes a place from them.
    fitting = [n for n in names if _fits(n)]
    result: dict[str, str] = {}
    taken: set[str] = set()
    for name in [*fitting, *(n for n in names if n not in fitting)]:
        plain = name if name in fitting else _ascii(wished.get(name, name))
        short, number = plain, 2
        while short.casefold() in taken:
            ending = f"_{number}"
            short = f"{_ascii(plain)[: NAME_BYTES - len(ending)]}{ending}"
            number += 1
        taken.add(short.casefold())
        result[name] = short
    return {name: result[name] for name in names}


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _fits(name: str) -> bool:
    return 0 < len(name.encode("utf-8", "replace")) <= NAME_BYTES and name.isprintable()


def _ascii(name: str) -> str:
    """Return the ASCII letters, digits and underscores of a name, at most 10 of them."""
    plain = "".join(c for c in name if c.isascii() and (c.isalnum() or c == "_"))
    return plain[:NAME_BYTES] or "column"


_WRITERS: Mapping[str, Callable[[Examination, Path], None]] = {
    ".gpkg": _write_gpkg,
    ".geojson": _write_geojson,
    ".shp.zip": _write_shapefile,
}
