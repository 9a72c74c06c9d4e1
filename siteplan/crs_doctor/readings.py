"""One reading of a file's coordinates: a system and an axis order, weighed by all evidence."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from siteplan.crs import KOREA_LONLAT, KoreanCrs, crs_code
from siteplan.crs_doctor.evidence import (
    ENOUGH_SHARE,
    DongOutlines,
    Sample,
    anchor_distances_m,
    clearly_better,
    inside_own_dong,
    main_region,
    share_in_belt,
    share_in_region,
    share_on_land,
)
from siteplan.crs_doctor.regions import SEA, Region, in_boxes, region_at
from siteplan.crs_doctor.systems import BY_EPSG, SYSTEMS, lonlat_of, plausible, system_crs
from siteplan.text import Label, Text, sentence

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyproj

    Floats = npt.NDArray[np.float64]
    Objects = npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Reading:
    """A coordinate system and an axis order, with what speaks for and against them.

    Parameters
    ----------
    crs : pyproj.CRS
    swapped : bool
        The file gives north (or latitude) first.
    lonlat : ndarray of float, shape (m, 2)
        Where the sample falls.
    place : Label
        The province or district where the middle of the data falls, roughly; where provinces
        are near each other, that of most PNUs.
    supports, objections : tuple of Text
    lots_off_m : float
        Mean distance of the known lots from their published places; not-a-number without any.
    """

    crs: pyproj.CRS
    swapped: bool
    lonlat: Floats
    place: Label = SEA
    supports: tuple[Text, ...] = ()
    objections: tuple[Text, ...] = ()
    lots_off_m: float = field(default=float("nan"))

    @property
    def fits(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.objections

    @property
    def centre(self) -> Floats:
        """Longitude and latitude of the middle of the data; not-a-number when nowhere."""
        finite = self.lonlat[np.isfinite(self.lonlat).all(axis=1)]
        if len(finite) * 2 < len(self.lonlat) or not len(finite):
            return np.full(2, np.nan)
        middle: Floats = np.median(finite, axis=0)
        return middle

    @property
    def in_korea(self) -> bool:
        """Whether the middle of the data lies in the frame round South Korea."""
        return bool(in_boxes(self.centre[None, :], (KOREA_LONLAT,))[0])


def read_as(
    sample: Sample,
    *,
    crs: pyproj.CRS,
    swapped: bool = False,
    named: Region | None = None,
    belt: KoreanCrs | None = None,
) -> Reading:
    """Weigh where the sample falls: on land, in the belt, in the provinces of its PNUs.

    Parameters
    ----------
    sample : Sample
    crs : pyproj.CRS
    swapped : bool
    named : Region, optional
        What the file's name speaks of; counts only where the sample has no PNU.
    belt : KoreanCrs, optional
        Hold the data to the belt that this system is made for.
    """
    lonlat = lonlat_of(sample.points, crs=crs, swapped=swapped)
    reading = _named(Reading(crs, swapped, lonlat), expected=main_region(sample.codes) or named)
    if len(lonlat) and not np.isfinite(reading.centre).all():
        x, y = sample.points[0].tolist()
        told = sentence(
            "Numbers such as {example} are no place on earth in it.", example=f"({x:.0f}, {y:.0f})"
        )
        return replace(reading, objections=(told,))
    supports: list[Text] = []
    objections: list[Text] = []
    if share_on_land(lonlat) >= ENOUGH_SHARE:
        supports.append(sentence("It puts the data in {place}.", place=reading.place))
    else:
        objections.append(sentence("It puts the data into the sea or outside South Korea."))
    if belt is not None and share_in_belt(lonlat, system=belt) < ENOUGH_SHARE:
        objections.append(sentence("It puts the data outside the belt that it is made for."))
    share, counted = share_in_region(lonlat, codes=sample.codes)
    figures = {"share": f"{share * 100:.0f}", "count": counted}
    if counted and share >= ENOUGH_SHARE:
        supports.append(
            sentence("{share} % of {count} PNUs looked at lie in their own province.", **figures)
        )
    elif counted:
        objections.append(
            sentence(
                "Only {share} % of {count} PNUs looked at lie in their own province.", **figures
            )
        )
    elif named is not None:
        inside = bool(len(lonlat)) and bool(in_boxes(lonlat, named.boxes).mean() >= ENOUGH_SHARE)
        told = sentence("The file's name speaks of {region}.", region=named.label)
        (supports if inside else objections).append(told)
    if swapped:
        told = sentence("It takes the first number for north and the second for east.")
        supports.append(told)
    return replace(reading, supports=tuple(supports), objections=tuple(objections))


def _named(reading: Reading, *, expected: Region | None) -> Reading:
    """Return the reading with the name of its place: the expected one if it can be that."""
    centre = reading.centre
    if expected is not None and in_boxes(centre[None, :], expected.boxes)[0]:
        return replace(reading, place=expected.label)
    return replace(reading, place=region_at(*centre.tolist()))


def every_reading(sample: Sample, *, named: Region | None) -> list[Reading]:
    """Return the readings in which the numbers can lie in Korea, the most common system first.

    Swapped axes come after all others.
    """
    x, y = sample.centre
    found = []
    for swapped in (False, True):
        east, north = (y, x) if swapped else (x, y)
        found += [
            read_as(sample, crs=system_crs(system.epsg), swapped=swapped, named=named, belt=system)
            for system in SYSTEMS
            if plausible(system, x=east, y=north)
        ]
    return found


def with_lots(readings: list[Reading], *, sample: Sample) -> list[Reading]:
    """Weigh the readings by the lots whose place is published.

    A lot that lies beyond its tolerance speaks against a reading. A reading that another one
    beats on the whole, though both keep within the tolerances, is not decided here.
    """
    if not sample.lots:
        return readings
    anchors = [anchor for anchor, _ in sample.lots]
    shapes = np.array([shape for _, shape in sample.lots], dtype=object)
    return [
        _weighed_by_lots(
            reading,
            distances_m=anchor_distances_m(anchors, shapes=_placed(shapes, reading=reading)),
            sample=sample,
        )
        for reading in readings
    ]


def _weighed_by_lots(reading: Reading, *, distances_m: Floats, sample: Sample) -> Reading:
    tolerances_m = np.array([anchor.tolerance_m for anchor, _ in sample.lots])
    worst = int(np.argmax(distances_m - tolerances_m))
    anchor = sample.lots[worst][0]
    mean_m = float(distances_m.mean())
    if distances_m[worst] > tolerances_m[worst]:
        told = sentence(
            "Lot {jibun} lies {distance} m from its published place, more than {tolerance} m.",
            jibun=anchor.jibun or anchor.pnu,
            distance=f"{distances_m[worst]:,.0f}",
            tolerance=f"{anchor.tolerance_m:,.0f}",
        )
        return replace(reading, objections=(*reading.objections, told), lots_off_m=mean_m)
    told = sentence(
        "{count} lot(s) lie at their published places, {distance} m off on average.",
        count=len(distances_m),
        distance=f"{mean_m:,.0f}",
    )
    return replace(reading, supports=(*reading.supports, told), lots_off_m=mean_m)


def _placed(shapes: Objects, *, reading: Reading) -> Objects:
    """Return lots in longitude and latitude; None where one is no place on earth."""
    import shapely

    def moved(points: Floats) -> Floats:
        return lonlat_of(points, crs=reading.crs, swapped=reading.swapped)

    placed = np.full(len(shapes), None, dtype=object)
    for row, shape in enumerate(shapes):
        if np.isfinite(moved(shapely.get_coordinates(shape))).all():
            placed[row] = shapely.transform(shape, moved)
    return placed


def with_dongs(
    readings: list[Reading], *, sample: Sample, dongs: DongOutlines | None
) -> list[Reading]:
    """Weigh the readings by the outlines of 법정동 that a person handed in.

    Only where one reading beats each of the others clearly does it speak against those.
    """
    if dongs is None or len(readings) < 2:
        return readings
    inside, known = zip(
        *(inside_own_dong(reading.lonlat, codes=sample.codes, dongs=dongs) for reading in readings),
        strict=True,
    )
    if not known[0].any():
        return readings
    parts = [mask[known[0]] for mask in inside]
    best = int(np.argmax([part.sum() for part in parts]))
    others = [k for k in range(len(parts)) if k != best]
    clear = all(clearly_better(parts[best], parts[k]) for k in others)
    weighed = []
    for k, reading in enumerate(readings):
        told = sentence(
            "{share} % of {count} parcels looked at lie inside the outline of their dong.",
            share=f"{parts[k].mean() * 100:.1f}",
            count=len(parts[k]),
        )
        key = "objections" if clear and k != best else "supports"
        added: dict[str, Any] = {key: (*getattr(reading, key), told)}
        weighed.append(replace(reading, **added))
    return weighed


def label_of(crs: pyproj.CRS) -> Label:
    """Return what a system is called."""
    known = BY_EPSG.get(crs.to_epsg() or 0)
    return known.label if known is not None else Label(crs.name, crs.name)


def title_of(reading: Reading) -> Text | str:
    """Return a reading's code, and that its axes are swapped."""
    code = crs_code(reading.crs)
    return sentence("{code} with swapped axes", code=code) if reading.swapped else code
