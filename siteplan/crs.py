"""Coordinate systems that Korean files come in, and whether coordinates fit them.

Nothing is guessed here; `siteplan.crs_doctor` weighs what a file without a usable declaration
may be in. 5174, 5181 and 2097 lie 256 to 357 m apart and cannot be told apart by the size of the
numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from siteplan.errors import InputError
from siteplan.text import Label, Text, sentence
from siteplan.units import WORK_EPSG

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyproj

    Floats = npt.NDArray[np.float64]

WORK_CRS = f"EPSG:{WORK_EPSG}"
"""The system in which all areas and distances are measured."""

KOREA_LONLAT = (124.5, 33.0, 132.0, 38.7)
"""South Korea with its islands: west, south, east, north in degrees (WGS 84)."""


@dataclass(frozen=True)
class KoreanCrs:
    """One coordinate system met in Korean files.

    Parameters
    ----------
    epsg : int
    label : Label
        What the system is called.
    extent : tuple of float
        West, south, east, north in degrees: where its own belt or area lies.
    """

    epsg: int
    label: Label
    extent: tuple[float, float, float, float]

    @property
    def code(self) -> str:
        """The code as it is written on the command line."""
        return f"EPSG:{self.epsg}"


CANDIDATES: tuple[KoreanCrs, ...] = (
    KoreanCrs(5186, Label("중부원점 (GRS80, 60만)", "Central Belt 2010"), (126, 33, 128, 38.7)),
    KoreanCrs(5185, Label("서부원점 (GRS80, 60만)", "West Belt 2010"), (124, 33, 126, 38.7)),
    KoreanCrs(5187, Label("동부원점 (GRS80, 60만)", "East Belt 2010"), (128, 33, 130, 38.7)),
    KoreanCrs(5188, Label("동해원점 (GRS80, 60만)", "East Sea Belt 2010"), (130, 33, 132, 38.7)),
    KoreanCrs(5179, Label("UTM-K (GRS80)", "Unified CS"), (124.5, 33, 132, 38.7)),
    KoreanCrs(5174, Label("중부원점 (Bessel 보정)", "Modified Central"), (126, 33, 128, 38.7)),
    KoreanCrs(5181, Label("중부원점 (GRS80, 50만)", "Central Belt"), (126, 33, 128, 38.7)),
    KoreanCrs(2097, Label("중부원점 (Bessel)", "Korean 1985 Central Belt"), (126, 33, 128, 38.7)),
    KoreanCrs(4326, Label("WGS 84 경위도", "WGS 84"), (-180, -90, 180, 90)),
    KoreanCrs(3857, Label("웹 메르카토르", "Web Mercator"), (-180, -85.06, 180, 85.06)),
)
"""Systems by how often they are met, the most common first."""


def known_crs(text: str | int) -> pyproj.CRS:
    """Return the coordinate system that a person named.

    Parameters
    ----------
    text : str or int
        "EPSG:5186", "epsg:5186", "5186", 5186, or anything else that PROJ understands.

    Raises
    ------
    InputError
        There is no such system, or it does not place points on the earth.
    """
    import pyproj
    from pyproj.exceptions import CRSError

    wish = str(text).strip()
    try:
        crs = pyproj.CRS.from_user_input(f"EPSG:{wish}" if wish.isdigit() else wish)
    except (CRSError, TypeError, ValueError) as error:
        raise InputError(_unknown(wish)) from error
    if not places_points(crs):
        raise InputError(_unknown(wish))
    return crs


def places_points(crs: pyproj.CRS | None) -> bool:
    """Tell whether `crs` says where on the earth a point lies (GDAL has "undefined" ones)."""
    if crs is None or crs.name.casefold().startswith(("undefined", "unknown engineering")):
        return False
    return bool(crs.is_projected or crs.is_geographic) and _leads_to_work_crs(crs)


def _leads_to_work_crs(crs: pyproj.CRS) -> bool:
    """Tell whether there is a way from `crs` to EPSG:5186; from the Moon there is none."""
    import pyproj
    from pyproj.exceptions import ProjError

    try:
        pyproj.Transformer.from_crs(crs, WORK_EPSG)
    except ProjError:
        return False
    return True


def crs_code(crs: pyproj.CRS) -> str:
    """Return a short name of `crs`: "EPSG:5186", another authority's code, or its title."""
    authority = crs.to_authority(min_confidence=70)
    return ":".join(authority) if authority else str(crs.name)


def in_korea(lonlat: Floats) -> npt.NDArray[np.bool_]:
    """Tell which points lie in South Korea.

    Parameters
    ----------
    lonlat : ndarray of float, shape (n, 2)
        Longitude and latitude in degrees; not-a-number lies outside.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    west, south, east, north = KOREA_LONLAT
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def _unknown(wish: str) -> Text:
    return sentence(
        "{wish} is not a coordinate system that places parcels. Name it by its EPSG number, "
        "e.g. EPSG:5186 (--crs EPSG:5186).",
        wish=wish or '""',
    )
