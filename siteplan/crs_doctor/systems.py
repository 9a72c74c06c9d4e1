"""The coordinate systems that the doctor weighs, and what a file's own definition means.

Definitions are recognised by their projection's parameters and mapped to the EPSG system, so
that the change of datum goes through EPSG's own operation (Molodensky-Badekas for the Bessel
systems). A definition without a datum would otherwise be taken without any change of datum,
363 m off; one that carries TOWGS84 is compared with EPSG's operation where the data lie.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from siteplan.crs import CANDIDATES, KOREA_LONLAT, KoreanCrs, crs_code, places_points
from siteplan.issues import Issue
from siteplan.text import Label

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyproj

    Floats = npt.NDArray[np.float64]

TOWGS84_LIMIT_M = 1.0
"""A file's own TOWGS84 is reported when it moves the data by more than this against EPSG."""

BELT_MARGIN_DEG = 0.5
"""So far beyond its belt a system is still used, e.g. for all of a province that straddles it."""

_TRANSVERSE = {
    # EPSG: (central meridian, false easting, false northing, scale, ellipsoid)
    5185: (125.0, 200_000.0, 600_000.0, 1.0, "grs80"),
    5186: (127.0, 200_000.0, 600_000.0, 1.0, "grs80"),
    5187: (129.0, 200_000.0, 600_000.0, 1.0, "grs80"),
    5188: (131.0, 200_000.0, 600_000.0, 1.0, "grs80"),
    5180: (125.0, 200_000.0, 500_000.0, 1.0, "grs80"),
    5181: (127.0, 200_000.0, 500_000.0, 1.0, "grs80"),
    5183: (129.0, 200_000.0, 500_000.0, 1.0, "grs80"),
    5184: (131.0, 200_000.0, 500_000.0, 1.0, "grs80"),
    5182: (127.0, 200_000.0, 550_000.0, 1.0, "grs80"),
    5173: (125.0028902777778, 200_000.0, 500_000.0, 1.0, "bessel"),
    5174: (127.0028902777778, 200_000.0, 500_000.0, 1.0, "bessel"),
    5176: (129.0028902777778, 200_000.0, 500_000.0, 1.0, "bessel"),
    5177: (131.0028902777778, 200_000.0, 500_000.0, 1.0, "bessel"),
    5175: (127.0028902777778, 200_000.0, 550_000.0, 1.0, "bessel"),
    2098: (125.0, 200_000.0, 500_000.0, 1.0, "bessel"),
    2097: (127.0, 200_000.0, 500_000.0, 1.0, "bessel"),
    2096: (129.0, 200_000.0, 500_000.0, 1.0, "bessel"),
    5167: (131.0, 200_000.0, 500_000.0, 1.0, "bessel"),
    5168: (127.0, 200_000.0, 550_000.0, 1.0, "bessel"),
    5179: (127.5, 1_000_000.0, 2_000_000.0, 0.9996, "grs80"),
    5178: (127.5, 1_000_000.0, 2_000_000.0, 0.9996, "bessel"),
}
"""Parameters of the Korean systems in the EPSG registry; a test compares them with pyproj's."""

_JEJU = (126.0, 33.0, 127.1, 33.7)

SYSTEMS: tuple[KoreanCrs, ...] = (
    *CANDIDATES,
    KoreanCrs(5183, Label("동부원점 (GRS80, 50만)", "East Belt"), (128, 33, 130, 38.7)),
    KoreanCrs(5176, Label("동부원점 (Bessel 보정)", "Modified East"), (128, 33, 130, 38.7)),
    KoreanCrs(2096, Label("동부원점 (Bessel)", "Korean 1985 East Belt"), (128, 33, 130, 38.7)),
    KoreanCrs(5180, Label("서부원점 (GRS80, 50만)", "West Belt"), (124, 33, 126, 38.7)),
    KoreanCrs(5173, Label("서부원점 (Bessel 보정)", "Modified West"), (124, 33, 126, 38.7)),
    KoreanCrs(2098, Label("서부원점 (Bessel)", "Korean 1985 West Belt"), (124, 33, 126, 38.7)),
    KoreanCrs(5184, Label("동해원점 (GRS80, 50만)", "East Sea Belt"), (130, 33, 132, 38.7)),
    KoreanCrs(5177, Label("동해원점 (Bessel 보정)", "Modified East Sea"), (130, 33, 132, 38.7)),
    KoreanCrs(5167, Label("동해원점 (Bessel)", "Korean 1985 East Sea"), (130, 33, 132, 38.7)),
    KoreanCrs(5182, Label("제주원점 (GRS80, 55만)", "Central Belt Jeju"), _JEJU),
    KoreanCrs(5175, Label("제주원점 (Bessel 보정)", "Modified Central Jeju"), _JEJU),
    KoreanCrs(5168, Label("제주원점 (Bessel)", "Korean 1985 Central Jeju"), _JEJU),
)
"""Systems that a file without a definition may be in, the most common first.

EPSG:5178 and degrees on the Bessel ellipsoid (EPSG:4162) are left out: they lie some 300 m from
EPSG:5179 and EPSG:4326, are rarely met, and would make every such file a question.
"""

BY_EPSG = {system.epsg: system for system in SYSTEMS}

_ELLIPSOIDS = {
    "bessel": (6_377_397.155, 299.1528128),
    "grs80": (6_378_137.0, 298.2572),  # WGS 84's differs by a tenth of a millimetre
}


@dataclass(frozen=True)
class _Parameters:
    meridian_deg: float
    false_easting_m: float
    false_northing_m: float
    scale: float
    ellipsoid: str

    def close_to(self, other: tuple[float, float, float, float, str]) -> bool:
        return (
            self.ellipsoid == other[4]
            and abs(self.meridian_deg - other[0]) < 1e-5
            and abs(self.false_easting_m - other[1]) < 1e-3
            and abs(self.false_northing_m - other[2]) < 1e-3
            and abs(self.scale - other[3]) < 1e-9
        )


@lru_cache(maxsize=64)
def system_crs(epsg: int) -> pyproj.CRS:
    """Return the EPSG system."""
    import pyproj

    return pyproj.CRS.from_epsg(epsg)


@lru_cache(maxsize=64)
def _to_lonlat(crs: pyproj.CRS) -> pyproj.Transformer:
    import pyproj

    return pyproj.Transformer.from_crs(crs, 4326, always_xy=True)


def lonlat_of(points: Floats, *, crs: pyproj.CRS, swapped: bool = False) -> Floats:
    """Return where points fall when they are read as `crs`.

    Parameters
    ----------
    points : ndarray of float, shape (n, 2)
        In the order of the file.
    crs : pyproj.CRS
    swapped : bool
        Take the second number for x (east), the first for y (north).

    Returns
    -------
    ndarray of float, shape (n, 2)
        Longitude and latitude in degrees (WGS 84); not-a-number where that is no place on earth.
    """
    first, second = (1, 0) if swapped else (0, 1)
    lon, lat = _to_lonlat(crs).transform(points[:, first], points[:, second])
    lonlat = np.column_stack([lon, lat])
    with np.errstate(invalid="ignore"):
        off = ~((np.abs(lonlat[:, 0]) <= 180) & (np.abs(lonlat[:, 1]) <= 90))
    lonlat[off] = np.nan
    return lonlat


def plausible(system: KoreanCrs, *, x: float, y: float) -> bool:
    """Tell cheaply whether a point can lie in Korea and near the system's own belt.

    Works on a sphere and errs by some kilometres, so it allows a third of a degree more than
    is meant.
    """
    west, south, east, north = KOREA_LONLAT
    if system.epsg == 4326:
        lon, lat = x, y
    elif system.epsg == 3857:
        lon, lat = x / 111_319.49, float(np.degrees(np.arctan(np.sinh(y / 6_378_137.0))))
    else:
        meridian, easting_m, northing_m, scale, _ = _TRANSVERSE[system.epsg]
        lat = 38 + (y - northing_m) / scale / 111_000
        lon = meridian + (x - easting_m) / scale / (111_320 * np.cos(np.radians(36)))
    slack = 0.3
    near_belt = system.extent[0] - slack - BELT_MARGIN_DEG <= lon
    near_belt &= lon <= system.extent[2] + slack + BELT_MARGIN_DEG
    return bool(
        near_belt and west - slack <= lon <= east + slack and south - slack <= lat <= north + slack
    )


def declared_crs(
    definition: str | pyproj.CRS, *, at: tuple[float, float] | None = None
) -> tuple[pyproj.CRS | None, tuple[Issue, ...]]:
    """Return the system that a file's definition means, and what is to be said about it.

    Parameters
    ----------
    definition : str or pyproj.CRS
        The text of a .prj (WKT of ESRI, GDAL or OGC), a PROJ string, an authority's code, or
        what a library made of one.
    at : tuple of float, optional
        x and y of the data in that system, where a TOWGS84 of the definition is compared with
        EPSG's operation; left out, the middle of the belt at 37° N.

    Returns
    -------
    crs : pyproj.CRS or None
        The EPSG system where the parameters are those of a Korean one, else the definition as
        it stands; None where it cannot be read or places nothing.
    issues : tuple of Issue
        "crs_unreadable", "crs_recognised" (a definition without a datum, or with its own
        TOWGS84), "crs_towgs84_off" (its TOWGS84 moves the data by more than 1 m).
    """
    import pyproj
    from pyproj.exceptions import CRSError

    try:
        stated = pyproj.CRS.from_user_input(definition)
    except (CRSError, TypeError, ValueError):
        return None, (Issue("crs_unreadable", (), {"example": str(definition)[:60]}),)
    if not places_points(stated.source_crs if stated.is_bound else stated):
        return None, (Issue("crs_unreadable", (), {"example": stated.name[:60]}),)
    epsg = _korean_epsg(stated)
    if epsg is None:
        return stated, ()
    crs = system_crs(epsg)
    if not stated.is_bound and not _without_datum(stated):
        return crs, ()
    off_m = towgs84_offset_m(stated, epsg=epsg, at=at) if stated.is_bound else 0.0
    read = crs_code(crs)
    if off_m > TOWGS84_LIMIT_M:
        return crs, (Issue("crs_towgs84_off", (), {"read": read, "distance": f"{off_m:,.1f}"}),)
    return crs, (Issue("crs_recognised", (), {"declared": stated.name, "read": read}),)


def towgs84_offset_m(
    stated: pyproj.CRS, *, epsg: int, at: tuple[float, float] | None = None
) -> float:
    """Return how far a definition's own change of datum puts a point from EPSG's, in metres.

    Parameters
    ----------
    stated : pyproj.CRS
        With TOWGS84.
    epsg : int
        The system that it is taken for.
    at : tuple of float, optional
        x and y of the point; left out, the middle of the belt at 37° N.
    """
    crs = system_crs(epsg)
    if at is None:
        lon = _TRANSVERSE[epsg][0] if epsg in _TRANSVERSE else 127.5
        at = _to_lonlat(crs).transform(lon, 37.0, direction="INVERSE")
    point = np.array([at])
    return distance_m(lonlat_of(point, crs=stated)[0], lonlat_of(point, crs=crs)[0])


def distance_m(a: Floats, b: Floats) -> float:
    """Return the distance between two points given as longitude and latitude."""
    import pyproj

    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return float("inf")
    return float(pyproj.Geod(ellps="GRS80").inv(a[0], a[1], b[0], b[1])[2])


def _korean_epsg(stated: pyproj.CRS) -> int | None:
    """Return the EPSG number of the Korean system with the same projection and ellipsoid."""
    plain = stated.source_crs if stated.is_bound else stated
    if plain is None:
        return None
    if plain.is_geographic:
        return _geographic_epsg(plain)
    found = _transverse(plain)
    if found is None:
        return None
    return next((epsg for epsg, known in _TRANSVERSE.items() if found.close_to(known)), None)


def _geographic_epsg(plain: pyproj.CRS) -> int | None:
    """Return 4162 for degrees on Bessel's ellipsoid that name no other datum."""
    if _ellipsoid(plain) == "bessel" and (_without_datum(plain) or "Korea" in plain.name):
        return 4162
    return None


def _transverse(plain: pyproj.CRS) -> _Parameters | None:
    operation = plain.coordinate_operation
    ellipsoid = _ellipsoid(plain)
    if operation is None or operation.method_name != "Transverse Mercator" or ellipsoid is None:
        return None
    values = {p.name: float(p.value) for p in operation.params}
    metres = all(axis.unit_conversion_factor == 1 for axis in plain.axis_info)
    if not metres or abs(values.get("Latitude of natural origin", 0.0) - 38) > 1e-9:
        return None
    return _Parameters(
        meridian_deg=values.get("Longitude of natural origin", 0.0),
        false_easting_m=values.get("False easting", 0.0),
        false_northing_m=values.get("False northing", 0.0),
        scale=values.get("Scale factor at natural origin", 1.0),
        ellipsoid=ellipsoid,
    )


def _ellipsoid(plain: pyproj.CRS) -> str | None:
    shape = plain.ellipsoid
    if shape is None:
        return None
    for name, (axis_m, flattening) in _ELLIPSOIDS.items():
        if (
            abs(shape.semi_major_metre - axis_m) < 1e-2
            and abs(shape.inverse_flattening - flattening) < 1e-3
        ):
            return name
    return None


def _without_datum(stated: pyproj.CRS) -> bool:
    return stated.datum is None or "unknown" in stated.datum.name.casefold()
