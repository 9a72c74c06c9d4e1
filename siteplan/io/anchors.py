"""Reading published places of lots, and outlines of 법정동 to compare with."""

from __future__ import annotations

import csv
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from siteplan.crs_doctor import Anchor, Anchors, DongOutlines
from siteplan.errors import InputError
from siteplan.io.source import Source, located
from siteplan.io.vectors import read_table
from siteplan.shipped import data_path
from siteplan.text import sentence

if TYPE_CHECKING:
    import geopandas as gpd

SHIPPED_LOTS = ("yangjae", "facts", "lots.csv")

_DONG_CODES = {"양재동": "1165010200", "우면동": "1165010300"}
"""법정동 codes of the dongs in the shipped table (V: several independent public code bases)."""

DONG_CODE_COLUMNS = ("EMD_CD", "BJCD", "BJD_CD", "ADM_CD", "A2", "COL_ADM_CD")
"""Columns that carry 법정동 codes in files of outlines, the most common first."""


@lru_cache(maxsize=1)
def read_anchors() -> Anchors:
    """Return the shipped lots of Yangjae whose number and place are published.

    Lots of the table without a lot number, without a point, or drawn by siteplan altogether
    are left out.
    """
    text = data_path(*SHIPPED_LOTS).read_text(encoding="utf-8")
    return Anchors.of(
        [
            Anchor(
                pnu=f"{_DONG_CODES[row['dong']]}1{int(row['bon']):04d}{int(row['bu'] or 0):04d}",
                lon=float(row["lon"]),
                lat=float(row["lat"]),
                tolerance_m=float(row["max_distance_m"]),
                jibun=f"{row['dong']} {row['bon']}" + (f"-{row['bu']}" if row["bu"] != "0" else ""),
                source=row["source"],
            )
            for row in csv.DictReader(text.splitlines())
            if row["evidence"] == "published" and row["dong"] in _DONG_CODES and row["lon"]
        ]
    )


def read_dongs(source: Source, *, name: str | None = None) -> DongOutlines:
    """Read outlines of 법정동 from a file with a declared coordinate system.

    Raises
    ------
    InputError
        The file is broken, declares no coordinate system, or has no column of codes.
    """
    with located(source, name=name) as found:
        table = read_table(found, encoding=None, layer=None)
    return dong_outlines(table.frame)


def dong_outlines(frame: gpd.GeoDataFrame, *, column: str | None = None) -> DongOutlines:
    """Return the outlines of 법정동 that a frame holds.

    Parameters
    ----------
    frame : GeoDataFrame
        With its coordinate system.
    column : str, optional
        The column with codes of 8 or 10 digits; left out, a usual name is looked for.

    Raises
    ------
    InputError
        The frame has no coordinate system, or no column with such codes.
    """
    import shapely

    if frame.crs is None:
        raise InputError(
            sentence(
                "The outlines of dongs declare no coordinate system, so nothing can be compared "
                "with them. Export them again with their .prj."
            )
        )
    names = (column,) if column else DONG_CODE_COLUMNS
    for name in names:
        if name in frame:
            codes = frame[name].astype(str).str.strip()
            sound = codes.str.fullmatch(r"\d{8}|\d{10}").to_numpy(dtype=bool)
            if sound.any():
                placed = frame.geometry[sound].to_crs(4326)
                shapes = shapely.make_valid(np.asarray(placed.array, dtype=object))
                return DongOutlines(tuple(codes[sound].tolist()), shapes)
    raise InputError(
        sentence(
            "The outlines of dongs have no column with 법정동 codes ({columns}). Name the column, "
            "or use another file.",
            columns=", ".join(names),
        )
    )
