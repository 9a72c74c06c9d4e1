"""What speaks for and against a coordinate system: places, PNUs, published lots, outlines.

Each function weighs one kind of evidence for one reading of the coordinates. Nothing here
decides; `siteplan.crs_doctor.diagnosis` does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from siteplan.crs import KoreanCrs
from siteplan.crs_doctor.regions import Region, in_boxes, on_land, region_of
from siteplan.crs_doctor.systems import BELT_MARGIN_DEG

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]
    Objects = npt.NDArray[np.object_]

SAMPLE = 500
"""So many outlines, spread evenly over the file, are looked at."""

DONG_SAMPLE = 3_000
"""So many, where a reference file with the outlines of 법정동 is there to compare with."""

ENOUGH_SHARE = 0.5
"""A reading fits when at least this share of the sample lies where it should.

The wrong belt or false northing moves nearly all of it away, while some rows of any file are
damaged.
"""

MIN_INSIDE_SHARE = 0.9
SIGNS = 3.0
"""Outlines of 법정동 decide when the better reading puts this share inside, and when the
parcels that only it puts inside outnumber the opposite ones by this many standard deviations of
a fair coin (sign test, one in 700)."""


@dataclass(frozen=True)
class Anchor:
    """A lot whose place is published.

    Parameters
    ----------
    pnu : str
    lon, lat : float
        Degrees (WGS 84): a bus stop in front of the lot, a point on its building, not its middle.
    tolerance_m : float
        The lot lies within this distance of the point.
    jibun, source : str
    """

    pnu: str
    lon: float
    lat: float
    tolerance_m: float
    jibun: str = ""
    source: str = ""


@dataclass(frozen=True)
class Anchors:
    """Published places of lots by PNU."""

    by_pnu: Mapping[str, Anchor] = field(default_factory=dict)

    @classmethod
    def of(cls, anchors: Sequence[Anchor]) -> Anchors:
        """Return the anchors with their index."""
        return cls({anchor.pnu: anchor for anchor in anchors})


@dataclass(frozen=True, eq=False)
class DongOutlines:
    """Outlines of 법정동 that a person hands in to compare with.

    Parameters
    ----------
    codes : tuple of str
        First 8 or all 10 digits of the 법정동 code (EMD_CD, BJCD).
    geometry : ndarray of shapely (Multi)Polygons, shape (n,)
        Longitude and latitude (WGS 84).
    """

    codes: tuple[str, ...]
    geometry: Objects


@dataclass(frozen=True, eq=False)
class References:
    """What a file can be compared with.

    Parameters
    ----------
    anchors : Anchors
        Lots whose place is published.
    dongs : DongOutlines or None
        Outlines of 법정동 that a person handed in.
    """

    anchors: Anchors = field(default_factory=Anchors)
    dongs: DongOutlines | None = None


@dataclass(frozen=True, eq=False)
class Sample:
    """What is looked at of a file.

    Parameters
    ----------
    points : ndarray of float, shape (m, 2)
        Middles of outlines, in the numbers and the order of the file.
    codes : tuple of (str or None)
        First ten digits of their PNUs.
    lots : tuple of (Anchor, geometry)
        The file's outlines of lots whose place is published.
    """

    points: Floats
    codes: tuple[str | None, ...]
    lots: tuple[tuple[Anchor, object], ...]

    @property
    def centre(self) -> tuple[float, float]:
        """The median point, which a few damaged rows do not move; not-a-number when empty."""
        if not len(self.points):
            return (float("nan"), float("nan"))
        x, y = np.median(self.points, axis=0)
        return float(x), float(y)

    @property
    def finite_centre(self) -> tuple[float, float] | None:
        """The same, None when empty."""
        return self.centre if len(self.points) else None


def sampled(
    outlines: Objects,
    *,
    pnus: Sequence[str | None],
    anchors: Anchors,
    size: int = SAMPLE,
) -> Sample:
    """Return at most `size` outlines, spread evenly over the file; always the same ones.

    Parameters
    ----------
    outlines : ndarray of shapely geometries or None, shape (n,)
    pnus : sequence of (str or None), n of them
    anchors : Anchors
    size : int
    """
    import shapely

    n = len(outlines)
    rows = np.unique(np.linspace(0, n - 1, min(n, size)).astype(np.intp)) if n else np.zeros(0, int)
    points = _middles(outlines[rows])
    usable = np.isfinite(points).all(axis=1)
    if n > size and not usable.any():
        points = _middles(outlines)
        usable = np.isfinite(points).all(axis=1)
        rows = np.arange(n)
    wanted = {**{_other_family(pnu): a for pnu, a in anchors.by_pnu.items()}, **anchors.by_pnu}
    lots = [
        (wanted[str(pnus[row])], outlines[row])
        for row in ([row for row, pnu in enumerate(pnus) if pnu in wanted] if wanted else [])
        if outlines[row] is not None and not shapely.is_empty(outlines[row])
    ]
    return Sample(
        points=points[usable][: max(size, 1)],
        codes=tuple(_dong_code(pnus[row]) for row in rows[usable].tolist())[: max(size, 1)],
        lots=tuple(lots),
    )


def _middles(outlines: Objects) -> Floats:
    """Return the middle of each outline's frame; not-a-number where there is none."""
    import shapely

    bounds = shapely.bounds(outlines)
    with np.errstate(invalid="ignore", over="ignore"):
        middles: Floats = bounds[:, :2] / 2 + bounds[:, 2:] / 2
    return middles


def _dong_code(pnu: object) -> str | None:
    if (
        not isinstance(pnu, str)
        or not pnu.isascii()
        or not pnu[:10].isdigit()
        or len(pnu) not in (10, 19)
    ):
        return None
    return pnu[:10]


def _other_family(pnu: str) -> str:
    """Return a PNU with 0 for plain land, as the building register writes it."""
    return f"{pnu[:10]}0{pnu[11:]}"


def share_on_land(lonlat: Floats) -> float:
    """Return the share of points in the rough boxes of South Korea's provinces."""
    return float(on_land(lonlat).mean()) if len(lonlat) else 0.0


def share_in_belt(lonlat: Floats, *, system: KoreanCrs) -> float:
    """Return the share of points within half a degree of the belt that a system is made for."""
    west, south, east, north = system.extent
    box = (west - BELT_MARGIN_DEG, south, east + BELT_MARGIN_DEG, north)
    return float(in_boxes(lonlat, (box,)).mean()) if len(lonlat) else 0.0


def share_in_region(lonlat: Floats, *, codes: Sequence[str | None]) -> tuple[float, int]:
    """Return the share of points in the province or district of their PNU, and how many have one.

    Parameters
    ----------
    lonlat : ndarray of float, shape (n, 2)
    codes : sequence of (str or None)
        법정동 codes; unknown ones do not count.
    """
    keys = np.array([(code or "")[:5] for code in codes], dtype=object)
    inside = counted = 0
    for key in set(keys.tolist()):
        region = region_of(key)
        if region is not None:
            rows = np.equal(keys, key)
            inside += int(in_boxes(lonlat[rows], region.boxes).sum())
            counted += int(rows.sum())
    return (inside / counted if counted else 0.0), counted


def main_region(codes: Sequence[str | None]) -> Region | None:
    """Return the district or province that most of the codes belong to."""
    counted = Counter((code or "")[:5] for code in codes)
    for key, _ in counted.most_common():
        region = region_of(key)
        if region is not None:
            return region
    return None


def anchor_distances_m(anchors: Sequence[Anchor], *, shapes: Objects) -> Floats:
    """Return how far each lot lies from its published place.

    Parameters
    ----------
    anchors : sequence of Anchor
    shapes : ndarray of shapely geometries or None, shape (n,)
        The lots in longitude and latitude (WGS 84); None where one is nowhere on earth.

    Returns
    -------
    ndarray of float, shape (n,)
        Metres, 0 where the lot covers the point; infinite where it is nowhere.
        On a plane through each place, good to a centimetre within a kilometre.
    """
    import shapely

    found = np.full(len(anchors), np.inf)
    for row, (anchor, shape) in enumerate(zip(anchors, shapes, strict=True)):
        north_m, east_m = _metres_per_degree(anchor.lat)

        def local(lonlat: Floats, anchor: Anchor = anchor) -> Floats:
            scale = np.array([east_m, north_m])  # noqa: B023 - used at once
            flat: Floats = (lonlat - np.array([anchor.lon, anchor.lat])) * scale
            return flat

        if shape is not None:
            flat = shapely.transform(shape, local)
            found[row] = shapely.distance(shapely.make_valid(flat), shapely.Point(0.0, 0.0))
    return found


def _metres_per_degree(lat: float) -> tuple[float, float]:
    """Return the lengths of a degree of latitude and of longitude on GRS80, in metres."""
    axis_m, squared = 6_378_137.0, 0.00669438002290
    phi = np.radians(lat)
    w = np.sqrt(1 - squared * np.sin(phi) ** 2)
    per_degree = np.pi / 180 * axis_m
    return float(per_degree * (1 - squared) / w**3), float(per_degree * np.cos(phi) / w)


def inside_own_dong(
    lonlat: Floats, *, codes: Sequence[str | None], dongs: DongOutlines
) -> tuple[Bools, Bools]:
    """Tell which points lie inside the outline of their PNU's 법정동.

    Parameters
    ----------
    lonlat : ndarray of float, shape (n, 2)
    codes : sequence of (str or None)
        법정동 codes of ten digits.
    dongs : DongOutlines

    Returns
    -------
    inside, known : ndarray of bool, shape (n,)
        `known` marks points whose dong has an outline.
    """
    import shapely

    inside = np.zeros(len(lonlat), dtype=bool)
    known = np.zeros(len(lonlat), dtype=bool)
    keys = np.array([(code or "")[:8] for code in codes], dtype=object)
    finite = np.isfinite(lonlat).all(axis=1)
    for code, outline in zip(dongs.codes, dongs.geometry, strict=True):
        of_dong = np.equal(keys, code[:8])
        known |= of_dong
        rows = of_dong & finite
        shapely.prepare(outline)
        inside[rows] |= shapely.contains_xy(outline, lonlat[rows, 0], lonlat[rows, 1])
    return inside, known


def clearly_better(inside: Bools, other: Bools) -> bool:
    """Tell whether one reading puts clearly more parcels inside their dong than another.

    Parameters
    ----------
    inside, other : ndarray of bool, shape (n,)
        The same parcels under both readings.
    """
    won = int((inside & ~other).sum())
    lost = int((other & ~inside).sum())
    return won - lost >= SIGNS * np.sqrt(max(won + lost, 1)) and bool(
        inside.mean() >= MIN_INSIDE_SHARE
    )
