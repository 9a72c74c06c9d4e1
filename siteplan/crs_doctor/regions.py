"""Roughly where South Korea's provinces lie, to see whether coordinates make sense.

Mark M: codes and figures are from general knowledge of the country, rounded outwards by several
kilometres, and good for nothing but telling apart places that are tens of kilometres away.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siteplan.text import Label

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees (WGS 84)."""


@dataclass(frozen=True)
class Region:
    """A province (시도) or district (시군구), and boxes that hold its land.

    Parameters
    ----------
    codes : tuple of str
        First digits of the 법정동 codes there; provinces that were renamed have two.
    label : Label
        The name, in Korean as it stands in file names.
    boxes : tuple of Box
        Several where islands lie far out.
    """

    codes: tuple[str, ...]
    label: Label
    boxes: tuple[Box, ...]


REGIONS: tuple[Region, ...] = (
    Region(("11650",), Label("서초구", "Seocho-gu"), ((126.95, 37.39, 127.13, 37.55),)),
    Region(("11",), Label("서울", "Seoul"), ((126.72, 37.38, 127.23, 37.74),)),
    Region(("26",), Label("부산", "Busan"), ((128.70, 34.93, 129.35, 35.45),)),
    Region(("27",), Label("대구", "Daegu"), ((128.30, 35.55, 128.85, 36.40),)),
    Region(
        ("28",),
        Label("인천", "Incheon"),
        ((125.85, 36.85, 126.85, 37.95), (125.5, 37.5, 125.9, 37.8), (124.5, 37.65, 124.95, 38.1)),
    ),
    Region(("29",), Label("광주", "Gwangju"), ((126.60, 35.00, 127.05, 35.30),)),
    Region(("30",), Label("대전", "Daejeon"), ((127.20, 36.13, 127.60, 36.55),)),
    Region(("31",), Label("울산", "Ulsan"), ((128.90, 35.27, 129.52, 35.77),)),
    Region(("36",), Label("세종", "Sejong"), ((127.10, 36.35, 127.45, 36.78),)),
    Region(("41",), Label("경기", "Gyeonggi"), ((126.30, 36.85, 127.95, 38.31),)),
    Region(
        ("51", "42"),
        Label("강원", "Gangwon"),
        (
            (127.05, 37.0, 128.1, 38.36),
            (127.95, 37.9, 128.85, 38.65),
            (127.95, 37.45, 129.2, 37.95),
            (127.95, 36.98, 129.45, 37.5),
        ),
    ),
    Region(("43",), Label("충북", "Chungbuk"), ((127.20, 35.98, 128.70, 37.30),)),
    Region(
        ("44",),
        Label("충남", "Chungnam"),
        ((125.95, 35.95, 127.70, 37.10), (125.5, 36.5, 125.7, 36.7)),
    ),
    Region(
        ("52", "45"),
        Label("전북", "Jeonbuk"),
        ((126.00, 35.25, 127.95, 36.20), (125.9, 36.0, 126.2, 36.2)),
    ),
    Region(
        ("46",),
        Label("전남", "Jeonnam"),
        ((125.85, 33.95, 127.95, 35.55), (125.0, 33.95, 125.9, 34.85)),
    ),
    Region(
        ("47",),
        Label("경북", "Gyeongbuk"),
        (
            (127.75, 35.52, 129.65, 37.30),
            (130.72, 37.42, 130.98, 37.60),
            (131.8, 37.2, 131.95, 37.3),
        ),
    ),
    Region(("48",), Label("경남", "Gyeongnam"), ((127.50, 34.45, 129.30, 35.95),)),
    Region(
        ("50",),
        Label("제주", "Jeju"),
        ((126.05, 33.05, 127.05, 33.65), (126.2, 33.85, 126.5, 34.05)),
    ),
)

SEA = Label("바다 또는 국외", "the sea or abroad")

_BY_CODE = {code: region for region in REGIONS for code in region.codes}
_LAND: tuple[Box, ...] = tuple(box for region in REGIONS for box in region.boxes)


def in_boxes(lonlat: Floats, boxes: Iterable[Box]) -> Bools:
    """Tell which points lie in any of the boxes.

    Parameters
    ----------
    lonlat : ndarray of float, shape (n, 2)
        Degrees; not-a-number lies outside.
    boxes : iterable of Box

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    inside = np.zeros(len(lonlat), dtype=bool)
    for west, south, east, north in boxes:
        inside |= (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return inside


def on_land(lonlat: Floats) -> Bools:
    """Tell which points lie in the boxes of any province."""
    return in_boxes(lonlat, _LAND)


def region_of(code: str | None) -> Region | None:
    """Return the district or province that a PNU or 법정동 code belongs to, None if unknown."""
    if not code:
        return None
    return _BY_CODE.get(code[:5]) or _BY_CODE.get(code[:2])


def region_at(lon: float, lat: float) -> Label:
    """Return what to call a place: the region in the middle of whose box it is, or the sea.

    Small regions go before the large ones round them.
    """
    held = []
    for region in REGIONS:
        for west, south, east, north in region.boxes:
            if west <= lon <= east and south <= lat <= north:
                off_x = abs(2 * lon - west - east) / (east - west)
                off_y = abs(2 * lat - south - north) / (north - south)
                area = (east - west) * (north - south)
                held.append((area * (0.1 + max(off_x, off_y)), region.label))
    return min(held, key=lambda pair: pair[0])[1] if held else SEA


def region_in_name(file_name: str) -> Region | None:
    """Return the region that a file's name speaks of, None where it names none or several.

    Recognised are names such as "서울" and codes as in ``LSMD_CONT_LDREG_11650_202601`` or
    ``AL_D002_11_20260101``.
    """
    name = unicodedata.normalize("NFC", file_name)
    codes = re.findall(r"(?<!\d)\d{5}(?!\d)", name)
    codes += re.findall(r"AL_D\d{3}_(\d{2})_", name)
    found: dict[str, Region] = {}
    for region in REGIONS:
        spoken = "광주광역시" if region.label.ko == "광주" else region.label.ko  # 경기 has a 광주시
        if spoken in name or any(region_of(code) is region for code in codes):
            found.setdefault(region.codes[0][:2], region)
    return next(iter(found.values())) if len(found) == 1 else None
