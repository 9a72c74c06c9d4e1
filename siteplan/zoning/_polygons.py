"""Zoning polygons of a file: the column that names them, official spelling, repaired outlines.

Areas are measured here. Area columns of zoning files (DGM_AR) tell the area from before the
drawing was clipped and are never used.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from siteplan.crs import places_points
from siteplan.errors import InputError
from siteplan.geometry import repaired
from siteplan.issues import Issue
from siteplan.rules import legal_zone
from siteplan.text import sentence
from siteplan.units import WORK_EPSG

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]
    Objects = npt.NDArray[np.object_]

NAME_COLUMNS = ("dgm_nm", "uname", "zone", "용도지역", "용도지역명", "용도지역1", "prposarea1nm")
"""Columns that name a zoning polygon's zone: UPIS, VWorld, then usual ones; case is ignored."""

STALE_AREA_COLUMN = "dgm_ar"
_STALE_PCT = 1.0
_MOST_NAMES, _NAME_LETTERS = 10, 40


@dataclass(frozen=True, eq=False)
class Zones:
    """Zoning polygons, m of them, ready to be laid over parcels.

    Parameters
    ----------
    geometry : ndarray of valid shapely (Multi)Polygons, shape (m,)
        In EPSG:5186.
    names : tuple of str
        Zone (용도지역) of each polygon in its official spelling.
    source : str
        The file that they come from, as findings name it.
    issues : tuple of Issue
        What was left out, repaired or not believed.
    """

    geometry: Objects
    names: tuple[str, ...]
    source: str
    issues: tuple[Issue, ...] = ()

    def __len__(self) -> int:
        return len(self.names)


def zones_from_frame(
    frame: gpd.GeoDataFrame, *, source: str, name_column: str | None = None
) -> Zones:
    """Take the zoning polygons of a frame: zones in official spelling, outlines repaired.

    Parameters
    ----------
    frame : GeoDataFrame
        UQ111 or the like, in any declared CRS.
    source : str
        The file's name, for the findings.
    name_column : str, optional
        Column with the zones' names; left out, the first of `NAME_COLUMNS` that there is.

    Returns
    -------
    Zones
        Polygons of other classes than 용도지역 (names that are none of the law's zones) are left
        out and listed.

    Raises
    ------
    InputError
        No CRS, no column that names zones, or no polygon of a zone.
    """
    if not places_points(frame.crs):
        raise InputError(
            sentence(
                "The zoning polygons of {source} declare no coordinate system. Say which one they "
                "are in.",
                source=source,
            )
        )
    column = _name_column(frame, name_column, source=source)
    work = frame if frame.crs.to_epsg() == WORK_EPSG else frame.to_crs(WORK_EPSG)
    missing = work[column].isna().tolist()
    given = [
        "" if gone else str(text).strip()
        for text, gone in zip(work[column].tolist(), missing, strict=True)
    ]
    legal = [legal_zone(text) for text in given]
    repair = repaired(np.asarray(work.geometry.array, dtype=object))
    rows = [r for r in np.flatnonzero(repair.kept).tolist() if legal[r] is not None]
    if not rows:
        raise InputError(
            sentence(
                "Column {column} of {source} names no zone (용도지역), e.g. {example}. Load the "
                "zoning polygons (UQ111), or say which column names the zones.",
                column=column,
                source=source,
                example=next((_short(text) for text in given if text), "–"),
            )
        )
    row_of_kept = np.cumsum(repair.kept) - 1
    found = _left_out(given, legal, kept=repair.kept, source=source)
    changed = int(repair.repaired.sum())
    if changed:
        found.append(Issue("zoning_repaired", (), {"polygons": changed, "source": source}))
    found += _stale_areas(work, repair.after_m2, source=source)
    return Zones(
        geometry=repair.geometry[row_of_kept[rows]],
        names=tuple(name for r in rows if (name := legal[r]) is not None),
        source=source,
        issues=tuple(found),
    )


def _name_column(frame: gpd.GeoDataFrame, wish: str | None, *, source: str) -> str:
    """Return the column that names the zones."""
    columns = {
        str(c).strip().casefold(): str(c)
        for c in reversed(frame.columns)
        if c != frame.geometry.name
    }
    for name in NAME_COLUMNS if wish is None else (wish,):
        if name.strip().casefold() in columns:
            return columns[name.strip().casefold()]
    raise InputError(
        sentence(
            "{source} has no column that names zones ({wanted}); it has: {columns}. Say which "
            "column names the zones (용도지역).",
            source=source,
            wanted=", ".join(NAME_COLUMNS if wish is None else (wish,)),
            columns=_listed(columns.values()) or "–",
        )
    )


def _left_out(
    given: list[str], legal: list[str | None], *, kept: Bools, source: str
) -> list[Issue]:
    """List polygons without a usable outline, of other classes, and names with remarks."""
    found = []
    if not kept.all():
        found.append(
            Issue("zoning_set_aside", (), {"polygons": int((~kept).sum()), "source": source})
        )
    other = [text or "–" for text, zone in zip(given, legal, strict=True) if zone is None]
    if other:
        names = _listed(sorted(set(other)))
        details = {"polygons": len(other), "names": names, "source": source}
        found.append(Issue("zoning_other_class", (), details))
    remarks = {t for t, zone in zip(given, legal, strict=True) if zone is not None and "(" in t}
    if remarks:
        names = _listed(sorted(remarks))
        found.append(Issue("zoning_remark", (), {"names": names, "source": source}))
    return found


def _listed(names: Iterable[str]) -> str:
    """Return the first names of a file, none of them longer than a line can bear."""
    first = [_short(name) for name in islice(names, _MOST_NAMES + 1)]
    return ", ".join(first[:_MOST_NAMES] + ["…"] * (len(first) > _MOST_NAMES))


def _short(name: str) -> str:
    return name if len(name) <= _NAME_LETTERS else name[:_NAME_LETTERS] + "…"


def _stale_areas(work: gpd.GeoDataFrame, measured_m2: Floats, *, source: str) -> list[Issue]:
    """Say how many areas of the file's own area column are off; they are never used."""
    import pandas as pd

    column = next((c for c in work.columns if str(c).casefold() == STALE_AREA_COLUMN), None)
    if column is None:
        return []
    told_m2 = pd.to_numeric(work[column], errors="coerce").to_numpy(dtype=float)
    off = np.isfinite(told_m2) & (np.abs(told_m2 - measured_m2) > measured_m2 * _STALE_PCT / 100)
    if not off.any():
        return []
    details = {
        "polygons": int(off.sum()),
        "of": len(off),
        "column": str(column),
        "limit": f"{_STALE_PCT:g}",
        "source": source,
    }
    return [Issue("zoning_area_stale", (), details)]
