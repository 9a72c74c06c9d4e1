"""From a file to parcels, step by step: read, place, treat, take the facts, list the findings."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from siteplan.cadastre.areas import area_issues
from siteplan.context import REACH_M, Context
from siteplan.crs import WORK_CRS, crs_code, in_korea, known_crs
from siteplan.crs_doctor import (
    CrsDiagnosis,
    References,
    axes_exchanged,
    diagnosed,
)
from siteplan.errors import InputError
from siteplan.geometry import examined as outlines_examined
from siteplan.geometry import findings as outline_findings
from siteplan.io.anchors import read_anchors, read_dongs
from siteplan.io.columns import facts
from siteplan.io.context import read_context, within_reach
from siteplan.io.recognition import expect_kind, name_contradicted, recognised
from siteplan.io.registers import joined, read_register
from siteplan.io.source import FORMATS, Source, located, source_name
from siteplan.io.vectors import RawTable, read_table
from siteplan.io.zones import read_zones
from siteplan.issues import Issue
from siteplan.parcels import DRAWN_BY_US, Parcels, column_texts
from siteplan.reading import Reading, ReadReport, Treatment
from siteplan.rules import legal_zone
from siteplan.shipped import data_path
from siteplan.text import Text, sentence
from siteplan.units import WORK_EPSG
from siteplan.zoning import check_register_zones, zoned

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt

    from siteplan.geometry import Examination as OutlineExamination
    from siteplan.io.recognition import Recognised

    Bools = npt.NDArray[np.bool_]
    Objects = npt.NDArray[np.object_]

SHIPPED_PARCELS = ("yangjae", "parcels.geojson")

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
    diagnosis : CrsDiagnosis
        Which coordinate system the file is in, or the candidates to choose from.
    """

    parcels: Parcels | None
    report: ReadReport
    raw: gpd.GeoDataFrame
    row_of: npt.NDArray[np.intp]
    reading: Reading
    diagnosis: CrsDiagnosis


@dataclass(frozen=True)
class Supplements:
    """Files that are handed in beside the parcels.

    Parameters
    ----------
    zoning : path, bytes or binary file, optional
        Zoning polygons to lay over the parcels (`siteplan.zoning.zoned`).
    zoning_reading : Reading, optional
        What the person says of that file.
    registers : tuple of path, bytes or binary file
        Lists by PNU to join, such as land prices; a later one goes before an earlier one.
    dongs : path, bytes or binary file, optional
        Outlines of 법정동, which tell coordinate systems apart that lie some 300 m from each other.
    """

    zoning: Source | None = None
    zoning_reading: Reading | None = None
    registers: tuple[Source, ...] = ()
    dongs: Source | None = None


def examined(
    source: Source | None = None,
    *,
    reading: Reading | None = None,
    supplements: Supplements | None = None,
    context: ContextWish = "shipped",
    name: str | None = None,
    any_kind: bool = False,
    progress: Callable[[float], None] | None = None,
) -> Examination:
    """Read a file of parcels and list what was found, assumed and repaired.

    Parameters
    ----------
    source : path, bytes or binary file, optional
        None reads the shipped parcels of Yangjae.
    reading : Reading, optional
        What the person says of the file.
    supplements : Supplements, optional
        Files handed in beside the parcels.
    context : {"shipped"}, Context or None
        What lies round the parcels. It is attached where it reaches them, else left empty.
    name : str, optional
        File name of bytes, for sentences.
    any_kind : bool
        Whether a file of another kind than parcels is examined too rather than refused.
    progress : callable, optional
        Told the share that is done, rising from 0 to 1.

    Raises
    ------
    InputError
        The file is missing, broken, of another format or kind, or without usable polygons; the
        sentence names the fix.
    """
    # Of some million new objects none is garbage; looking through them again and again takes a
    # tenth of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _examined(
            source,
            wish=reading if reading is not None else Reading(),
            beside=supplements if supplements is not None else Supplements(),
            context=context,
            name=name,
            any_kind=any_kind,
            told=progress or _nobody,
        )
    finally:
        if collecting:
            gc.enable()


def _examined(
    source: Source | None,
    *,
    wish: Reading,
    beside: Supplements,
    context: ContextWish,
    name: str | None,
    any_kind: bool,
    told: Callable[[float], None],
) -> Examination:
    """Do what `examined` says."""
    given: Source = data_path(*SHIPPED_PARCELS) if source is None else source
    label = source_name(given, name=name)
    wished = known_crs(wish.crs) if wish.crs is not None else None
    told(0.0)
    with located(given, name=name) as found:
        table = read_table(found, encoding=wish.encoding, layer=wish.layer)
    if len(table.frame) == 0:
        raise InputError(
            sentence("{name} holds no rows. Export it again with the parcels.", name=label)
        )
    told(0.3)
    known = recognised(table.frame, mapping=wish.columns)
    if not any_kind:
        expect_kind(known, kind="parcels", name=label)
    plain, columns, issues = facts(table.frame, mapping=wish.columns)
    for register in beside.registers:
        read = read_register(register)
        plain, more = joined(plain, read)
        issues += [*read.issues, *more]
    diagnosis = diagnosed(
        np.asarray(plain.geometry.array, dtype=object),
        pnus=column_texts(plain, "pnu"),
        declared=table.frame.crs,
        declared_text=table.declared_text,
        wished=wished,
        references=References(
            read_anchors(), None if beside.dongs is None else read_dongs(beside.dongs)
        ),
        file_name=label,
    )
    issues = [*table.issues, *name_contradicted(known, name=label), *issues, *diagnosis.issues]
    told(0.4)
    report = _bare_report(label, known, table, diagnosis, issues, file_format=FORMATS[found.format])
    if diagnosis.crs is None:
        nobody = np.zeros(0, dtype=np.intp)
        return Examination(None, report, table.frame, nobody, wish, diagnosis)
    placed = _placed(plain, diagnosis)
    parcels, kept, treatments = _checked(
        placed,
        table=table,
        diagnosis=diagnosis,
        name=label,
        winding_matters=found.format == "geojson",
        progress=lambda share: told(0.4 + 0.4 * share),
    )
    told(0.9)
    parcels = replace(parcels, issues=(*issues, *_about(known.kind, parcels.issues)))
    if beside.zoning is not None:
        parcels = zoned(
            parcels,
            read_zones(beside.zoning, reading=beside.zoning_reading, near=_middle(parcels)),
        )
    parcels, row_of = _without(parcels, np.flatnonzero(kept), ids=wish.set_aside)
    parcels = _with_context(parcels, wish=context)
    report = replace(
        report,
        parcels_out=len(parcels),
        issues=parcels.issues,
        columns=columns,
        treatments=treatments,
    )
    told(1.0)
    return Examination(parcels, report, table.frame, row_of, wish, diagnosis)


_ABOUT_PARCELS = {
    "overlap",
    "gap",
    "pnu_missing",
    "area_from_outline",
    "zone_unverified",
    "row_repeated",
    "shape_shared",
}
"""Findings that make sense of parcels only."""


def _about(kind: str, issues: tuple[Issue, ...]) -> tuple[Issue, ...]:
    """Return the findings that make sense of a kind of file."""
    if kind in ("parcels", "other"):
        return issues
    return tuple(issue for issue in issues if issue.code not in _ABOUT_PARCELS)


def _nobody(share: float) -> None:
    del share


def _bare_report(
    label: str,
    known: Recognised,
    table: RawTable,
    diagnosis: CrsDiagnosis,
    issues: list[Issue],
    *,
    file_format: str,
) -> ReadReport:
    """Return what can be said of a file before its rows are parcels."""
    read = diagnosis.crs
    return ReadReport(
        file=label,
        kind=known.kind,
        format=file_format,
        encoding=table.encoding,
        crs_read="" if read is None else crs_code(read),
        crs_used=None if read is None else WORK_CRS,
        crs_reason=diagnosis.reason,
        rows_in=len(table.frame),
        parcels_out=0,
        issues=tuple(issues),
        layer=table.layer,
        columns=dict(known.columns),
        unmapped=known.unmapped,
        layout=known.layout,
    )


def _placed(plain: gpd.GeoDataFrame, diagnosis: CrsDiagnosis) -> gpd.GeoDataFrame:
    """Return the facts with their outlines in EPSG:5186."""
    crs = diagnosis.crs
    assert crs is not None  # noqa: S101 - asked before
    if diagnosis.swap_axes:
        outlines = np.asarray(plain.geometry.array, dtype=object)
        plain = plain.set_geometry(axes_exchanged(outlines), crs=crs)
    plain = plain.set_crs(crs, allow_override=True)
    return plain if crs.to_epsg() == WORK_EPSG else plain.to_crs(WORK_EPSG)


def _checked(
    work: gpd.GeoDataFrame,
    *,
    table: RawTable,
    diagnosis: CrsDiagnosis,
    name: str,
    winding_matters: bool,
    progress: Callable[[float], None],
) -> tuple[Parcels, Bools, tuple[Treatment, ...]]:
    """Treat the outlines, take the facts, and list the findings about both."""
    result = outlines_examined(
        np.asarray(work.geometry.array, dtype=object),
        pnus=column_texts(work, "pnu"),
        unclosed=table.unclosed,
        progress=progress,
    )
    crs = diagnosis.crs
    assert crs is not None  # noqa: S101 - asked before
    if not result.kept.any():
        finite = np.isfinite(table.frame.geometry.bounds.to_numpy()).all(axis=1)
        raise InputError(_nothing_usable(result, name=name, read=crs_code(crs), finite=finite))
    kept = work[result.kept].set_geometry(result.geometry, crs=WORK_EPSG)
    parcels = Parcels.from_frame(kept)
    ids = _row_ids(work, parcels, kept=result.kept)
    found = [
        *outline_findings(result, ids=ids, winding_matters=winding_matters),
        *_place_issues(parcels, read=crs_code(crs)),
        *_area_issues(parcels),
        *_register_zone_issues(parcels, kept),
        *_unknown_zones(parcels),
    ]
    if crs.to_epsg() != WORK_EPSG:
        found.insert(0, Issue("crs_reprojected", (), {"read": crs_code(crs)}))
    done = result.clinic.treatments
    treatments = tuple(
        Treatment(str(ids[row]), str(code), before_m2, after_m2)
        for row, code, before_m2, after_m2 in zip(
            done.rows.tolist(),
            done.codes.tolist(),
            done.before_m2.tolist(),
            done.after_m2.tolist(),
            strict=True,
        )
    )
    treatments += _snapped(result, ids=ids)
    return replace(parcels, issues=(*found, *parcels.issues)), result.kept, treatments


def _snapped(result: OutlineExamination, *, ids: Objects) -> tuple[Treatment, ...]:
    """Return what snapping to neighbours did to the outlines that it changed."""
    rows = np.flatnonzero(result.kept)
    snapping = result.snapping
    return tuple(
        Treatment(str(ids[rows[place]]), "edges_snapped", before_m2, after_m2)
        for place, before_m2, after_m2 in zip(
            np.flatnonzero(snapping.changed).tolist(),
            snapping.before_m2[snapping.changed].tolist(),
            snapping.after_m2[snapping.changed].tolist(),
            strict=True,
        )
    )


def _row_ids(work: gpd.GeoDataFrame, parcels: Parcels, *, kept: Bools) -> Objects:
    """Return what each row of the file is called: the parcel's id, or for others their own."""
    ids = np.empty(len(work), dtype=object)
    ids[kept] = np.array(parcels.ids, dtype=object)
    gone = np.flatnonzero(~kept)
    if len(gone):
        aside = work.iloc[gone]
        # The id of a kept parcel is never given to a row that is none: a copy has its PNU.
        ids[gone] = [
            name if name and name not in parcels.index else f"row-{row + 1}"
            for row, name in zip(
                gone.tolist(),
                (
                    parcel_id or pnu
                    for parcel_id, pnu in zip(
                        column_texts(aside, "parcel_id"), column_texts(aside, "pnu"), strict=True
                    )
                ),
                strict=True,
            )
        ]
    return ids


def _unknown_zones(parcels: Parcels) -> list[Issue]:
    """Return the zones that are none of Korea's zones (용도지역) by name."""
    strange = [
        (parcel_id, zone)
        for parcel_id, zone in zip(parcels.ids, parcels.zones, strict=True)
        if zone is not None and legal_zone(zone) is None
    ]
    if not strange:
        return []
    names = ", ".join(dict.fromkeys(zone for _, zone in strange))
    return [Issue("zone_name_unknown", tuple(i for i, _ in strange), {"zones": names})]


def _register_zone_issues(parcels: Parcels, kept: gpd.GeoDataFrame) -> list[Issue]:
    """Return the lots that lie in two zones by the register, which does not tell the shares."""
    if "zone2" not in kept:
        return []
    return check_register_zones(parcels.ids, parcels.zones, column_texts(kept, "zone2"))


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


def _nothing_usable(result: OutlineExamination, *, name: str, read: str, finite: Bools) -> Text:
    """Return why not one row has a usable outline."""
    reasons = Counter(str(reason) for reason in result.set_aside)
    if set(reasons) <= {"Point", "MultiPoint", "LineString", "MultiLineString"}:
        return sentence(
            "{name} holds no polygons. Hand over the outlines of parcels, not points, lines or "
            "tables.",
            name=name,
        )
    if finite.any() and set(reasons) <= {"coordinates that are not numbers", "empty outline"}:
        return sentence(
            "The coordinates of {name} do not fit {read}. Say which coordinate system they are "
            "in, e.g. EPSG:5186 (--crs EPSG:5186).",
            name=name,
            read=read,
        )
    return sentence(
        "Not one row of {name} has a usable polygon ({reason}). Draw or repair the outlines in "
        "the source file.",
        name=name,
        reason=", ".join(f"{reason}: {count}" for reason, count in reasons.most_common()),
    )


def _place_issues(parcels: Parcels, *, read: str) -> list[Issue]:
    import geopandas as gpd
    import shapely

    west, south, east, north = shapely.total_bounds(parcels.geometry).tolist()
    corners = gpd.GeoSeries(
        shapely.points([[west, south], [east, south], [east, north], [west, north]]), crs=WORK_EPSG
    )
    if in_korea(_lonlat(corners)).all():
        return []
    outside = ~in_korea(_lonlat(gpd.GeoSeries(shapely.centroid(parcels.geometry), crs=WORK_EPSG)))
    if not outside.any():
        return []
    ids = tuple(i for i, away in zip(parcels.ids, outside.tolist(), strict=True) if away)
    return [Issue("outside_korea", ids, {"read": read})]


def _lonlat(points: gpd.GeoSeries) -> npt.NDArray[np.float64]:
    placed = points.to_crs(4326)
    return np.stack([placed.x.to_numpy(), placed.y.to_numpy()], axis=1)


def _middle(parcels: Parcels) -> tuple[float, float]:
    """Return longitude and latitude of the middle of the parcels."""
    import geopandas as gpd
    import shapely

    west, south, east, north = shapely.total_bounds(parcels.geometry).tolist()
    middle = shapely.points((west + east) / 2, (south + north) / 2)
    lon, lat = _lonlat(gpd.GeoSeries([middle], crs=WORK_EPSG))[0].tolist()
    return lon, lat


def _area_issues(parcels: Parcels) -> list[Issue]:
    """Return what register areas and outlines say of each other."""
    import shapely

    lon, lat = _middle(parcels)
    drawn = np.fromiter(
        (e in DRAWN_BY_US for e in parcels.evidence), dtype=bool, count=len(parcels)
    )
    return area_issues(
        parcels.ids,
        np.asarray(shapely.area(parcels.geometry)),
        parcels.site_area_m2,
        drawn,
        lat,
        longitude_deg=lon,
    )


def _with_context(parcels: Parcels, *, wish: ContextWish) -> Parcels:
    if wish is None:
        return parcels
    context = read_context() if isinstance(wish, str) else wish
    if within_reach(context, parcels.geometry):
        return replace(parcels, context=context)
    missing = Issue("context_missing", (), {"reach": f"{REACH_M:,.0f}"})
    return replace(parcels, issues=(*parcels.issues, missing))
