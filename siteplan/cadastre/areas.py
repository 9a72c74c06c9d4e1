"""The register's area against the outline's: legal tolerance, telling ratios.

An outline on the cadastral map is not the survey: floor area ratios rest on the register
(대장면적), and differences within the tolerance of the law are usual. In Wonju 9.8 % of the
parcels drawn at a map's scale lay outside it (acemap 304830110, 2015).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

import numpy as np

from siteplan.issues import Issue
from siteplan.text import Label, Text, sentence
from siteplan.units import PYEONG_M2

if TYPE_CHECKING:
    import numpy.typing as npt

    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]

ASSUMED_SCALE_DENOMINATOR = 1200
"""Scale of the cadastral map, 1:1200, where nobody says another: an assumption."""

SITE_LONLAT = (127.0375, 37.4635)
"""Longitude and latitude of the study's site in degrees."""

GROSS_PCT = 10.0
"""From this difference on, a register area and its outline are reported as disagreeing."""

_LEAST_M2, _MOST_M2 = 1e-6, 1e15
"""Outlines smaller than this have no area to compare; the whole earth has 5.1e14 m²."""

NAMED = 5
"""So many of the worst parcels are named."""

_SEMI_MAJOR_M, _FLATTENING = 6_378_137.0, 1 / 298.257222101
_ECCENTRICITY_2 = _FLATTENING * (2 - _FLATTENING)


@overload
def area_tolerance_m2(register_area_m2: float, scale_denominator: int) -> float: ...
@overload
def area_tolerance_m2(register_area_m2: Floats, scale_denominator: int) -> Floats: ...
def area_tolerance_m2(register_area_m2: float | Floats, scale_denominator: int) -> float | Floats:
    """Return the legal tolerance of an area, A = 0.026² M √F, in m².

    F is the register area in m² and M the denominator of the map's scale; 1:3000 counts as
    6000. Source: 공간정보관리법 시행령 §19 ①, whose formula is an image in the stored law; its
    reading is confirmed by the surveyors' examination of 2020-08-22 and by a worked example,
    100 m² at 1:1200 → 8.112 m². The law sets it for 분할 and 등록전환; here it is a warning band.
    """
    scale = 6000 if scale_denominator == 3000 else scale_denominator
    tolerance: float | Floats = 0.026**2 * scale * np.sqrt(register_area_m2)
    return tolerance if isinstance(register_area_m2, np.ndarray) else float(tolerance)


@dataclass(frozen=True, eq=False)
class AreaCheck:
    """Register areas against outlines.

    Parameters
    ----------
    known : ndarray of bool, shape (n,)
        Rows with a register area of their own and an outline.
    difference_m2 : ndarray of float, shape (n,)
        Register minus outline; 0 where not known.
    tolerance_m2 : ndarray of float, shape (n,)
        The legal tolerance of the register area; 0 where not known.
    outside : ndarray of bool, shape (n,)
        Rows that differ by more than the tolerance.
    ratio : ndarray of float, shape (n,)
        Register over outline; not-a-number where not known.
    scale_denominator : int
    """

    known: Bools
    difference_m2: Floats
    tolerance_m2: Floats
    outside: Bools
    ratio: Floats
    scale_denominator: int


def reconciled(
    outline_m2: Floats,
    register_m2: Floats,
    *,
    scale_denominator: int = ASSUMED_SCALE_DENOMINATOR,
) -> AreaCheck:
    """Compare register areas with outlines' areas.

    Parameters
    ----------
    outline_m2, register_m2 : ndarray of float, shape (n,)
        Areas in m²; a register area that is not a number, not positive, or exactly the outline's
        (taken from it) is unknown.
    scale_denominator : int, default 1200
        Of the cadastral map; the default is an assumption.
    """
    outline, register = np.asarray(outline_m2, float), np.asarray(register_m2, float)
    known = np.isfinite(register) & (register > 0) & np.isfinite(outline) & (outline > _LEAST_M2)
    known &= register != outline
    outline = np.where(known, np.minimum(outline, _MOST_M2), 0.0)
    register = np.where(known, np.minimum(register, _MOST_M2), 0.0)
    difference_m2 = register - outline
    tolerance_m2 = area_tolerance_m2(register, scale_denominator)
    ratio = np.divide(register, outline, out=np.full(len(outline), np.nan), where=known)
    return AreaCheck(
        known=known,
        difference_m2=difference_m2,
        tolerance_m2=tolerance_m2,
        outside=known & (np.abs(difference_m2) > tolerance_m2),
        ratio=ratio,
        scale_denominator=scale_denominator,
    )


@dataclass(frozen=True)
class ScaledArea:
    """A way to hand in areas that are not the register's.

    Parameters
    ----------
    ratio : float
        Such an area over the true one.
    label : Label
        How such areas come about.
    """

    ratio: float
    label: Label


def scaled_areas(*, latitude_deg: float, longitude_deg: float) -> tuple[ScaledArea, ...]:
    """Return the ways to hand in other areas, with their ratios at a place.

    Transverse Mercator's areas grow with the square of its point scale (Snyder, Map Projections,
    eq. 8-11), Web Mercator's by a² / (M N cos² φ) with the radii of curvature M and N.
    """
    radii = _radii_product_m2(latitude_deg)
    cos = math.cos(math.radians(latitude_deg))
    place = {"latitude_deg": latitude_deg, "longitude_deg": longitude_deg}
    degree_m2 = radii * cos * math.radians(1) ** 2
    return (
        ScaledArea(
            _mercator_ratio(central_deg=127.5, central_scale=0.9996, **place),
            Label("EPSG:5179(UTM-K)에서 잰 면적", "areas measured in EPSG:5179 (UTM-K)"),
        ),
        ScaledArea(
            _mercator_ratio(central_deg=129.0, central_scale=1.0, **place),
            Label("EPSG:5187(동부원점)에서 잰 면적", "areas measured in EPSG:5187 (East Belt)"),
        ),
        ScaledArea(
            _SEMI_MAJOR_M**2 / (radii * cos**2),
            Label(
                "EPSG:3857(웹 메르카토르)에서 잰 면적", "areas measured in EPSG:3857 (Web Mercator)"
            ),
        ),
        ScaledArea(1 / PYEONG_M2, Label("평으로 적은 면적", "areas in pyeong (평)")),
        ScaledArea(1e-4, Label("헥타르로 적은 면적", "areas in hectares")),
        ScaledArea(1e-6, Label("㎢로 적은 면적", "areas in square kilometres")),
        ScaledArea(1 / degree_m2, Label("경위도로 잰 면적", "areas measured in degrees")),
    )


def _radii_product_m2(latitude_deg: float) -> float:
    """Return M N, the product of GRS80's radii of curvature at a latitude, in m²."""
    sin_2 = math.sin(math.radians(latitude_deg)) ** 2
    return _SEMI_MAJOR_M**2 * (1 - _ECCENTRICITY_2) / (1 - _ECCENTRICITY_2 * sin_2) ** 2


def _mercator_ratio(
    *, central_deg: float, central_scale: float, latitude_deg: float, longitude_deg: float
) -> float:
    """Return the area scale of a transverse Mercator projection at a point (Snyder eq. 8-11)."""
    latitude = math.radians(latitude_deg)
    second_2 = _ECCENTRICITY_2 / (1 - _ECCENTRICITY_2)
    t = math.tan(latitude) ** 2
    c = second_2 * math.cos(latitude) ** 2
    a = math.radians(longitude_deg - central_deg) * math.cos(latitude)
    fourth = 5 - 4 * t + 42 * c + 13 * c**2 - 28 * second_2
    scale = central_scale * (1 + (1 + c) * a**2 / 2 + fourth * a**4 / 24)
    return scale**2


FAR_OFF = 0.02
"""Ratios further than this from 1 are gross: the given areas cannot be the register's."""

SURE_RATIO = 2e-5
"""Half-width to which ratios of areas with all their digits are compared."""


def explained_ratio(
    ratio: float,
    *,
    margin_ratio: float = SURE_RATIO,
    latitude_deg: float = SITE_LONLAT[1],
    longitude_deg: float = SITE_LONLAT[0],
) -> Text | None:
    """Return the sentence that explains a ratio of given areas to outlines, None without one.

    A known way of coming by other areas explains it if its own ratio lies within `margin_ratio`
    (of itself) of it, for gross ones within at least 1 %, and if 1 lies at least twice that
    margin away from its ratio. Two ways that both fit explain nothing.

    Parameters
    ----------
    ratio : float
        Median of given area over outline area.
    margin_ratio : float
        How far off that median may be.
    latitude_deg, longitude_deg : float
        Where the parcels lie.
    """
    cause = _cause(ratio, margin_ratio=margin_ratio, lonlat=(longitude_deg, latitude_deg))
    return _explanation(ratio, cause) if cause else None


def _cause(ratio: float, *, margin_ratio: float, lonlat: tuple[float, float]) -> ScaledArea | None:
    if not math.isfinite(ratio):
        return None
    fitting = []
    for way in scaled_areas(longitude_deg=lonlat[0], latitude_deg=lonlat[1]):
        least = 0.01 if _is_gross(way) else SURE_RATIO
        margin = max(margin_ratio, least)
        if abs(ratio / way.ratio - 1) <= margin and abs(way.ratio - 1) >= 2 * margin:
            fitting.append(way)
    return fitting[0] if len(fitting) == 1 else None


def _is_gross(way: ScaledArea) -> bool:
    return abs(way.ratio - 1) > FAR_OFF


def _explanation(ratio: float, cause: ScaledArea) -> Text:
    return sentence(
        "The given areas are {ratio} times the outlines', and {cause} are {expected} times here.",
        ratio=_figure(ratio),
        cause=cause.label,
        expected=_figure(cause.ratio),
    )


def _figure(ratio: float) -> str:
    return f"{ratio:.5f}" if ratio > 0.01 else f"{ratio:.3g}"


LEAST_PARCELS = {"gross": 3, "slight": 10}
"""Parcels that are needed to tell a gross or a slight cause by their median."""

_AGREEING = 0.8
_ROUNDING_M2, _ROUNDING_RATIO = 0.51, 5e-5


def _common_cause(
    check: AreaCheck, *, outline_m2: Floats, lonlat: tuple[float, float]
) -> tuple[float, ScaledArea] | None:
    """Return the median ratio of a file's areas and what explains it, None without cause.

    The test: the median ratio is known to ±3 standard errors, 1.2533 · 1.4826 · MAD / √n each (a
    normal sample's median). The cause must fit within that margin and 1 must lie two margins
    away. A slight cause, such as the 0.076 % of EPSG:5179, must besides give four fifths of the
    parcels to within the rounding to 1 m²: areas that a computer measured do so, while a
    register's surveyed ones scatter, and their median may be off by as much for other reasons.
    """
    ratio = check.ratio[check.known]
    if len(ratio) < LEAST_PARCELS["gross"]:
        return None
    median = float(np.median(ratio))
    spread = 1.4826 * float(np.median(np.abs(ratio - median)))
    margin = 3 * 1.2533 * spread / math.sqrt(len(ratio)) / median
    cause = _cause(median, margin_ratio=margin, lonlat=lonlat)
    if cause is None:
        return None
    if _is_gross(cause):
        return (median, cause) if spread < 0.1 * median else None
    outline = outline_m2[check.known]
    off_m2 = np.abs(ratio - cause.ratio) * outline
    agreeing = (off_m2 <= _ROUNDING_M2 + _ROUNDING_RATIO * outline).mean()
    enough = len(ratio) >= LEAST_PARCELS["slight"] and agreeing >= _AGREEING
    return (median, cause) if enough else None


def area_issues(
    ids: Sequence[str],
    outline_m2: Floats,
    register_m2: Floats,
    drawn_by_us: Bools,
    latitude_deg: float,
    *,
    longitude_deg: float = SITE_LONLAT[0],
    scale_denominator: int | None = None,
) -> list[Issue]:
    """Return what register areas and outlines say of each other, one finding per kind.

    Parameters
    ----------
    ids : sequence of str
        Parcels, n of them.
    outline_m2 : ndarray of float, shape (n,)
        Areas of the outlines in EPSG:5186.
    register_m2 : ndarray of float, shape (n,)
        Areas as they were given; not-a-number, or exactly the outline's, where there is none.
    drawn_by_us : ndarray of bool, shape (n,)
        Schematic outlines, whose area says nothing.
    latitude_deg, longitude_deg : float
        Middle of the parcels.
    scale_denominator : int, optional
        Scale of the cadastral map; left out, 1:1200 is assumed, and the finding says so.
    """
    scale = scale_denominator or ASSUMED_SCALE_DENOMINATOR
    outline_m2 = np.asarray(outline_m2, dtype=float)
    register_m2 = np.where(drawn_by_us, np.nan, np.asarray(register_m2, dtype=float))
    check = reconciled(outline_m2, register_m2, scale_denominator=scale)
    common = _common_cause(check, outline_m2=outline_m2, lonlat=(longitude_deg, latitude_deg))
    found = []
    if common is not None:
        median, cause = common
        code = "areas_wrongly_scaled" if _is_gross(cause) else "areas_slightly_scaled"
        known = np.flatnonzero(check.known).tolist()
        said: dict[str, object] = {"explanation": _explanation(median, cause)}
        found.append(Issue(code, tuple([ids[row] for row in known]), said))
        check = reconciled(outline_m2, register_m2 / cause.ratio, scale_denominator=scale)
    gross = check.outside & (np.abs(check.difference_m2) > GROSS_PCT / 100 * outline_m2)
    for code, rows in (("area_differs", gross), ("area_outside_tolerance", check.outside)):
        if rows.any():
            details = _details(check, rows=rows, ids=ids, outline_m2=outline_m2)
            if scale_denominator is None:
                details["scale"] = sentence("{scale} (assumed)", scale=details["scale"])
            touched = tuple([ids[row] for row in np.flatnonzero(rows).tolist()])
            found.append(Issue(code, touched, details))
    return found


def _details(
    check: AreaCheck, *, rows: Bools, ids: Sequence[str], outline_m2: Floats
) -> dict[str, object]:
    """Return the figures of a finding about `rows`: totals, and the worst parcels by name."""
    difference_m2 = np.where(rows, np.abs(check.difference_m2), -1.0)
    worst = np.argsort(-difference_m2, kind="stable")[: min(NAMED, int(rows.sum()))].tolist()
    register_m2 = outline_m2 + check.difference_m2
    return {
        "limit": f"{GROSS_PCT:.0f}",
        "scale": f"1:{check.scale_denominator}",
        "compared": int(check.known.sum()),
        "total": f"{difference_m2[rows].sum():,.1f} m²",
        "worst": "; ".join(
            f"{ids[row]} {register_m2[row]:,.1f} / {outline_m2[row]:,.1f} m²" for row in worst
        ),
    }
