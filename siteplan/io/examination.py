"""From a file to parcels, step by step: read, place, repair, take the facts, list the findings."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from siteplan.context import REACH_M, Context
from siteplan.crs import WORK_CRS, are_degrees, crs_code, in_korea, known_crs
from siteplan.errors import InputError
from siteplan.geometry import Repair, overlaps, repaired
from siteplan.io.columns import facts, file_kind
from siteplan.io.context import read_context, within_reach
from siteplan.io.source import FORMATS, Source, located, source_name
from siteplan.io.vectors import read_table
from siteplan.issues import Issue
from siteplan.parcels import DRAWN_BY_US, Parcels
from siteplan.reading import Reading, ReadReport, Treatment
from siteplan.shipped import data_path
from siteplan.text import Text, sentence
from siteplan.units import WORK_EPSG

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt
    import pyproj

    Bools = npt.NDArray[np.bool_]
    Objects = npt.NDArray[np.object_]

SHIPPED_PARCELS = ("yangjae", "parcels.geojson")
AREA_LIMIT_PCT = 10.0
"""From this difference on, a register area and its outline are reported as disagreeing."""

ContextWish = Literal["shipped"] | Context | None


@dataclass(frozen=True, eq=False)
class Examination:
    """A file of parcels, read and examined.

    Parameters
    ----------
    parcels : Parcels or None
        None where the person must first say which coordinate system the file is in.
    report : ReadReport
    raw : GeoDataFrame
        The file's own rows and columns, n of them, as read.
    row_of : ndarray of int, shape (len(parcels),)
        Row of `raw` of each parcel.
    reading : Reading
        How the person wanted the file to be read.
    """

    parcels: Parcels | None
    report: ReadReport
    raw: gpd.GeoDataFrame
    row_of: npt.NDArray[np.intp]
    reading: Reading


def examined(
    source: Source | None = None,
    *,
    reading: Reading | None = None,
    context: ContextWish = "shipped",
    name: str | None = None,
) -> Examination:
    """Read a file of parcels and list what was found, assumed and repaired.

    Parameters
    ----------
    source : path, bytes or binary file, optional
        None reads the shipped parcels of Yangjae.
    reading : Reading, optional
        What the person says of the file.
    context : {"shipped"}, Context or None
        What lies round the parcels. It is attached where it reaches them, else left empty.
    name : str, optional
        File name of bytes, for sentences.

    Raises
    ------
    InputError
        The file is missing, broken, of another format or kind, or without usable polygons; the
        sentence names the fix.
    """
    wish = reading if reading is not None else Reading()
    given: Source = data_path(*SHIPPED_PARCELS) if source is None else source
    label = source_name(given, name=name)
    wished = known_crs(wish.crs) if wish.crs is not None else None
    with located(given, name=name) as found:
        table = read_table(found, encoding=wish.encoding, layer=wish.layer)
    if len(table.frame) == 0:
        raise InputError(
            sentence("{name} holds no rows. Export it again with the parcels.", name=label)
        )
    frame, read, reason, issues = _placed(table.frame, wished=wished, name=label)
    plain, columns, damaged = facts(frame)
    issues = [*table.issues, *issues, *damaged]
    parcels, kept, treatments = _checked(
        plain, unclosed=table.unclosed, read=read, name=label, issues=issues
    )
    parcels, row_of = _without(parcels, np.flatnonzero(kept), ids=wish.set_aside)
    parcels = _with_context(parcels, wish=context)
    report = ReadReport(
        file=label,
        kind=file_kind(table.frame, columns=columns),
        format=FORMATS[found.format],
        encoding=table.encoding,
        crs_read=crs_code(read),
        crs_used=WORK_CRS,
        crs_reason=reason,
        rows_in=len(table.frame),
        parcels_out=len(parcels),
        issues=parcels.issues,
        layer=table.layer,
        columns=columns,
        treatments=treatments,
    )
    return Examination(parcels, report, table.frame, row_of, wish)


def _placed(
    frame: gpd.GeoDataFrame, *, wished: pyproj.CRS | None, name: str
) -> tuple[gpd.GeoDataFrame, pyproj.CRS, Text, list[Issue]]:
    """Return the frame with its CRS settled, that CRS, why, and what is to be said about it."""
    declared = frame.crs
    if wished is None and declared is None:
        raise InputError(
            sentence(
                "{name} declares no coordinate system. Say which one it is in, "
                "e.g. --crs EPSG:5186.",
                name=name,
            )
        )
    read = wished if wished is not None else declared
    reason = sentence("You said so.") if wished is not None else sentence("The file declares it.")
    issues = []
    if wished is not None and declared is not None and not wished.equals(declared):
        details = {"declared": crs_code(declared), "read": crs_code(wished)}
        issues.append(Issue("crs_overridden", (), details))
    bounds = tuple(frame.total_bounds.tolist())
    if read.is_geographic and np.isfinite(bounds).all() and not are_degrees(bounds):
        raise InputError(
            sentence(
                "The coordinates of {name}, e.g. {example}, are no degrees, though the file is "
                "taken to be in {read}. Say which system they are in, e.g. --crs EPSG:5186.",
                name=name,
                example=f"({bounds[0]:.0f}, {bounds[1]:.0f})",
                read=crs_code(read),
            )
        )
    if read.to_epsg() != WORK_EPSG:
        issues.append(Issue("crs_reprojected", (), {"read": crs_code(read)}))
    return frame.set_crs(read, allow_override=True), read, reason, issues


def _checked(
    plain: gpd.GeoDataFrame,
    *,
    unclosed: Bools,
    read: pyproj.CRS,
    name: str,
    issues: list[Issue],
) -> tuple[Parcels, Bools, tuple[Treatment, ...]]:
    """Repair the outlines, take the facts, and list the findings about both."""
    finite_before = np.isfinite(plain.geometry.bounds.to_numpy()).all(axis=1)
    work = plain if read.to_epsg() == WORK_EPSG else plain.to_crs(WORK_EPSG)
    result = repaired(np.asarray(work.geometry.array, dtype=object))
    if not result.kept.any():
        raise InputError(_nothing_usable(result, name=name, read=read, finite=finite_before))
    rows = [
        parcel_id or pnu or f"row-{row + 1}"
        for row, (parcel_id, pnu) in enumerate(
            zip(_texts(work, "parcel_id"), _texts(work, "pnu"), strict=True)
        )
    ]
    kept = work[result.kept].copy()
    kept["parcel_id"] = [wish for wish, keep in zip(rows, result.kept, strict=True) if keep]
    kept = kept.set_geometry(result.geometry, crs=WORK_EPSG)
    parcels = Parcels.from_frame(kept)
    ids = np.array(rows, dtype=object)
    ids[result.kept] = parcels.ids
    found = [
        *_geometry_issues(result, ids=ids, unclosed=unclosed),
        *_place_issues(parcels, read=read),
        *_overlap_issues(parcels),
        *_area_issues(parcels),
    ]
    treatments = tuple(
        Treatment(str(ids[row]), str(result.reason[row]), before_m2, after_m2)
        for row, before_m2, after_m2 in zip(
            np.flatnonzero(result.repaired),
            result.before_m2[result.repaired].tolist(),
            result.after_m2[result.repaired].tolist(),
            strict=True,
        )
    )
    return replace(parcels, issues=(*issues, *found, *parcels.issues)), result.kept, treatments


def _without(
    parcels: Parcels, row_of: npt.NDArray[np.intp], *, ids: tuple[str, ...]
) -> tuple[Parcels, npt.NDArray[np.intp]]:
    """Return the parcels without the ones that the person set aside; each is listed."""
    gone = tuple(i for i in ids if i in parcels.index)
    if not gone:
        return parcels, row_of
    if len(gone) == len(parcels):
        raise InputError(
            sentence("All parcels were set aside. Take some of them back into the study.")
        )
    rows = np.setdiff1d(np.arange(len(parcels)), [parcels.index[i] for i in gone])
    left = parcels.take(rows)
    issues = (*left.issues, Issue("set_aside_by_person", gone))
    return replace(left, issues=issues), row_of[rows]


def _texts(work: gpd.GeoDataFrame, column: str) -> list[str | None]:
    if column not in work:
        return [None] * len(work)
    missing = work[column].isna().tolist()
    return [
        None if gone else str(value).strip() or None
        for value, gone in zip(work[column].tolist(), missing, strict=True)
    ]


def _nothing_usable(result: Repair, *, name: str, read: pyproj.CRS, finite: Bools) -> Text:
    """Return why not one row has a usable outline."""
    reasons = Counter(str(reason) for reason in result.set_aside)
    if set(reasons) <= {"Point", "MultiPoint", "LineString", "MultiLineString"}:
        return sentence(
            "{name} holds no polygons. Hand over the outlines of parcels, not points, lines or "
            "tables.",
            name=name,
        )
    if finite.any() and set(reasons) <= {"coordinates that are not numbers", "empty"}:
        return sentence(
            "The coordinates of {name} do not fit {read}. Say which coordinate system they are "
            "in, e.g. --crs EPSG:5186.",
            name=name,
            read=crs_code(read),
        )
    return sentence(
        "Not one row of {name} has a usable polygon ({reason}). Draw or repair the outlines in "
        "the source file.",
        name=name,
        reason=", ".join(f"{reason}: {count}" for reason, count in reasons.most_common()),
    )


def _geometry_issues(result: Repair, *, ids: Objects, unclosed: Bools) -> list[Issue]:
    """Return what was repaired, left out or set aside."""
    reasons = result.reason.copy()
    reasons[unclosed & result.kept & ~result.repaired] = "ring not closed"
    found = []
    for reason in sorted({text for text in reasons[result.kept].tolist() if text}):
        rows = result.kept & np.equal(reasons, reason)
        details = {
            "reason": reason,
            "before": f"{result.before_m2[rows].sum():,.1f} m²",
            "after": f"{result.after_m2[rows].sum():,.1f} m²",
        }
        found.append(Issue("geometry_repaired", tuple(ids[rows]), details))
    for reason in sorted({text for text in result.set_aside.tolist() if text}):
        rows = np.equal(result.set_aside, reason)
        found.append(Issue("geometry_set_aside", tuple(ids[rows]), {"reason": reason}))
    for code, rows in (
        ("geometry_dropped_parts", result.dropped_parts),
        ("z_dropped", result.had_z),
    ):
        if rows.any():
            found.append(Issue(code, tuple(ids[rows])))
    return found


def _place_issues(parcels: Parcels, *, read: pyproj.CRS) -> list[Issue]:
    import geopandas as gpd
    import shapely

    points = gpd.GeoSeries(shapely.centroid(parcels.geometry), crs=WORK_EPSG).to_crs(4326)
    outside = ~in_korea(np.stack([points.x.to_numpy(), points.y.to_numpy()], axis=1))
    if not outside.any():
        return []
    ids = tuple(i for i, away in zip(parcels.ids, outside, strict=True) if away)
    return [Issue("outside_korea", ids, {"read": crs_code(read)})]


def _overlap_issues(parcels: Parcels) -> list[Issue]:
    pairs, area_m2 = overlaps(parcels.geometry)
    if not len(pairs):
        return []
    ids = tuple(parcels.ids[row] for row in np.unique(pairs).tolist())
    details = {"count": len(pairs), "area": f"{area_m2.sum():,.1f} m²"}
    return [Issue("overlap", ids, details)]


def _area_issues(parcels: Parcels) -> list[Issue]:
    """Return the official parcels whose register area is not the area of their outline."""
    import shapely

    outline_m2 = shapely.area(parcels.geometry)
    off = np.abs(parcels.site_area_m2 / outline_m2 - 1) * 100 > AREA_LIMIT_PCT
    ids = tuple(
        parcel_id
        for parcel_id, wrong, evidence in zip(parcels.ids, off, parcels.evidence, strict=True)
        if wrong and evidence not in DRAWN_BY_US
    )
    return [Issue("area_differs", ids, {"limit": f"{AREA_LIMIT_PCT:.0f}"})] if ids else []


def _with_context(parcels: Parcels, *, wish: ContextWish) -> Parcels:
    if wish is None:
        return parcels
    context = read_context() if isinstance(wish, str) else wish
    if within_reach(context, parcels.geometry):
        return replace(parcels, context=context)
    missing = Issue("context_missing", (), {"reach": f"{REACH_M:,.0f}"})
    return replace(parcels, issues=(*parcels.issues, missing))
