"""In which coordinate system a file is: what it says, what speaks against that, what to ask.

The order of belief:

1. what a person says (``--crs``) is used; evidence against it is a warning;
2. what the file declares is used unless the evidence contradicts it;
3. without a usable declaration, a system is assumed only if the evidence leaves exactly one;
4. otherwise the person is asked, with the candidates and how far apart they are.

Belts (5185 to 5188) share their numbers: only PNUs or the file's name tell them apart, so a file
with neither is a question even if its numbers are those of Seoul in EPSG:5186. A wrong belt
would move it by 177 km; the question costs one option. 5174, 5181 and 2097 lie 256 to 357 m
apart and need lots whose place is published, or outlines of 법정동 to compare with.

What cannot be seen: a declared system that is wrong by such a few hundred metres without that
evidence, and EPSG:5178 or 4162, which are not among the candidates. A declared file that would
fit with its axes exchanged as well (both places are land, and no PNU tells) is believed with a
remark.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from siteplan.crs import KOREA_LONLAT, crs_code
from siteplan.crs_doctor.candidates import Candidate, candidates_of, listed
from siteplan.crs_doctor.evidence import (
    DONG_SAMPLE,
    SAMPLE,
    DongOutlines,
    References,
    Sample,
    sampled,
)
from siteplan.crs_doctor.readings import (
    Reading,
    every_reading,
    read_as,
    title_of,
    with_dongs,
    with_lots,
)
from siteplan.crs_doctor.regions import SEA, Region, in_boxes, region_in_name
from siteplan.crs_doctor.systems import BY_EPSG, declared_crs, distance_m
from siteplan.errors import InputError
from siteplan.issues import Issue
from siteplan.text import Joined, Text, sentence

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyproj

    Objects = npt.NDArray[np.object_]

Status = Literal["declared", "given", "assumed", "ask"]


@dataclass(frozen=True)
class CrsDiagnosis:
    """What the doctor found.

    Parameters
    ----------
    status : str
        "declared", "given" by a person, "assumed" from evidence, or "ask".
    crs : pyproj.CRS or None
        What to read the file as; None when it has to be asked.
    swap_axes : bool
        Exchange the two coordinates of all points first (`axes_exchanged`).
    reason : Text
        Why, or the question.
    candidates : tuple of Candidate
        The system used or most likely first; systems that the numbers do not fit at all are
        left out. Only the one used where nothing contradicts it.
    issues : tuple of Issue
    """

    status: Status
    crs: pyproj.CRS | None
    swap_axes: bool
    reason: Text
    candidates: tuple[Candidate, ...]
    issues: tuple[Issue, ...]


class CrsAmbiguousError(InputError):
    """The system of a file has to be asked for; `diagnosis` has the candidates."""

    def __init__(self, diagnosis: CrsDiagnosis) -> None:
        super().__init__(diagnosis.reason)
        self.diagnosis = diagnosis


@dataclass(frozen=True)
class _File:
    """What is known of the file before anything is weighed."""

    name: str
    sample: Sample
    dongs: DongOutlines | None
    region: Region | None
    epsg_in_name: int | None


def diagnosed(
    outlines: Objects,
    *,
    pnus: Sequence[str | None],
    declared: pyproj.CRS | None,
    declared_text: str | None = None,
    wished: pyproj.CRS | None,
    references: References,
    file_name: str,
) -> CrsDiagnosis:
    """Tell in which coordinate system a file is, or ask.

    Parameters
    ----------
    outlines : ndarray of shapely geometries or None, shape (n,)
        In the numbers and the order of the file. At most 500 of them are looked at.
    pnus : sequence of (str or None), n of them
        As text; what is no PNU does not count.
    declared : pyproj.CRS or None
        What the reading library made of the file's declaration.
    declared_text : str or None
        The declaration itself, e.g. the text of the .prj. It counts where `declared` is None,
        and where it has a TOWGS84, which libraries drop.
    wished : pyproj.CRS or None
        What a person said.
    references : References
        Lots whose place is published, and outlines of 법정동 if a person handed some in.
    file_name : str
        For sentences; a region or an EPSG number in it is weak evidence.
    """
    dongs = references.dongs
    size = SAMPLE if dongs is None else DONG_SAMPLE
    sample = sampled(outlines, pnus=pnus, anchors=references.anchors, size=size)
    file = _File(file_name, sample, dongs, region_in_name(file_name), _epsg_in_name(file_name))
    stated, issues = _stated(declared, text=declared_text, sample=sample)
    if wished is not None:
        return _given(file, wished=wished, stated=stated)
    if stated is not None:
        return _declared(file, stated=stated, issues=issues)
    return _missing(file, issues=issues)


def axes_exchanged(outlines: Objects) -> Objects:
    """Return outlines with x and y exchanged; heights stay.

    None stays None, and so do outlines with coordinates that are no numbers, which no reader can
    place anyway.
    """
    import shapely

    points, rows = shapely.get_coordinates(outlines, return_index=True)
    sound = ~shapely.is_missing(outlines)
    sound[rows[~np.isfinite(points).all(axis=1)]] = False
    high = shapely.has_z(outlines)
    exchanged = outlines.copy()
    exchanged[sound & ~high] = shapely.transform(outlines[sound & ~high], lambda xy: xy[:, ::-1])
    exchanged[sound & high] = shapely.transform(
        outlines[sound & high], lambda xyz: xyz[:, [1, 0, 2]], include_z=True
    )
    return exchanged


def _stated(
    declared: pyproj.CRS | None, *, text: str | None, sample: Sample
) -> tuple[pyproj.CRS | None, tuple[Issue, ...]]:
    """Return the system that the file declares, and what is to be said of its definition."""
    at = sample.finite_centre
    issues: tuple[Issue, ...] = ()
    own = (text or "").strip()
    literal = declared is None or "towgs84" in own.casefold()  # parsing WKT takes 30 ms
    for definition in (own if literal else "", declared):
        if definition:
            crs, found = declared_crs(definition, at=at)
            if crs is not None:
                return crs, found
            issues = issues or found
    return None, issues


def _given(file: _File, *, wished: pyproj.CRS, stated: pyproj.CRS | None) -> CrsDiagnosis:
    mapped, found = declared_crs(wished, at=file.sample.finite_centre)
    crs = mapped if mapped is not None else wished
    issues = list(found)
    if stated is not None and not crs.equals(stated):
        details = {"declared": crs_code(stated), "read": crs_code(crs)}
        issues.append(Issue("crs_overridden", (), details))
    reason = sentence("You said so.")
    reading = _weighed(file, [read_as(file.sample, crs=crs, named=file.region)])[0]
    turned = _weighed(file, [_turned(file, crs=crs)])[0]
    if not len(file.sample.points) or reading.fits or _lies_abroad(reading):
        issues += _axes_unclear(reading, turned=turned)
        return _settled("given", [reading], reason=reason, issues=issues)
    if turned.fits:
        return _settled("given", [turned], reason=reason, issues=issues)
    if not np.isfinite(reading.centre).all():
        readings = _weighed(file, every_reading(file.sample, named=file.region))
        return _asked(file, readings=readings, against=reading, issues=issues)
    issues.append(_doubt(reading))
    return _settled("given", [reading], reason=reason, issues=issues)


def _declared(file: _File, *, stated: pyproj.CRS, issues: tuple[Issue, ...]) -> CrsDiagnosis:
    reason = sentence("The file declares it.")
    found = [*issues, *_name_issues(file, crs=stated)]
    reading = _weighed(file, [read_as(file.sample, crs=stated)])[0]
    turned = _weighed(file, [_turned(file, crs=stated)])[0]
    name_turns = turned.fits and _only_turned_is_named(file, reading=reading, turned=turned)
    if not len(file.sample.points) or _lies_abroad(reading) or (reading.fits and not name_turns):
        found += _axes_unclear(reading, turned=turned)
        return _settled("declared", [reading], reason=reason, issues=found)
    if turned.fits:
        return _settled("declared", [turned], reason=reason, issues=found)
    readings = _weighed(file, every_reading(file.sample, named=file.region))
    fitting = [each for each in readings if each.fits]
    alone = len(reading.objections) == 1 and reading.in_korea
    one_lot = alone and np.isfinite(reading.lots_off_m) and len(file.sample.lots) < 2
    if one_lot or (not fitting and np.isfinite(reading.centre).all()):
        return _settled("declared", [reading], reason=reason, issues=[*found, _doubt(reading)])
    only_the_sea = alone and not any(file.sample.codes)
    if len(fitting) != 1 or only_the_sea:
        return _asked(file, readings=readings, against=reading, issues=list(issues))
    details = {
        "declared": crs_code(stated),
        "read": title_of(fitting[0]),
        "reason": Joined(reading.objections, separator=" "),
    }
    found = [
        *issues,
        Issue("crs_contradicted", (), details),
        *_name_issues(file, crs=fitting[0].crs),
    ]
    return _settled("assumed", [fitting[0], reading], reason=_only_this(fitting[0]), issues=found)


def _turned(file: _File, *, crs: pyproj.CRS) -> Reading:
    """Return the reading with the axes exchanged, held to the belt of a known system."""
    belt = BY_EPSG.get(crs.to_epsg() or 0)
    return read_as(file.sample, crs=crs, swapped=True, belt=belt)


def _only_turned_is_named(file: _File, *, reading: Reading, turned: Reading) -> bool:
    """Tell whether the file's name speaks of where exchanged axes put a file without PNUs."""
    if file.region is None or any(file.sample.codes):
        return False
    straight, other = (
        bool(in_boxes(each.centre[None, :], file.region.boxes)[0]) for each in (reading, turned)
    )
    return other and not straight


def _axes_unclear(reading: Reading, *, turned: Reading) -> list[Issue]:
    """Return the remark that a believed file would fit with its axes exchanged as well."""
    if not (reading.fits and turned.fits):
        return []
    apart_m = distance_m(reading.centre, turned.centre)
    details = {
        "place": reading.place,
        "other": turned.place,
        "distance": f"{apart_m / 1_000:,.1f}",
    }
    return [Issue("axes_unclear", (), details)]


def _missing(file: _File, *, issues: tuple[Issue, ...]) -> CrsDiagnosis:
    readings = _weighed(file, every_reading(file.sample, named=file.region))
    fitting = [each for each in readings if each.fits]
    if len(fitting) != 1:
        return _asked(file, readings=readings, against=None, issues=list(issues))
    read = fitting[0]
    details = {"read": title_of(read), "reason": Joined(read.supports, separator=" ")}
    found = [*issues, Issue("crs_assumed", (), details), *_name_issues(file, crs=read.crs)]
    rest = [each for each in readings if each is not read]
    return _settled("assumed", [read, *rest], reason=_only_this(read), issues=found)


def _only_this(reading: Reading) -> Text:
    return sentence(
        "Of the known systems only this one fits. {evidence}",
        evidence=Joined(reading.supports, separator=" "),
    )


def _doubt(reading: Reading) -> Issue:
    reason = Joined(reading.objections, separator=" ")
    return Issue("crs_doubtful", (), {"read": crs_code(reading.crs), "reason": reason})


def _weighed(file: _File, readings: list[Reading]) -> list[Reading]:
    """Weigh the readings that still fit by lots and outlines, which cost more to compare."""
    fitting = [each for each in readings if each.fits]
    weighed = with_lots(fitting, sample=file.sample)
    left = [each for each in weighed if each.fits]
    weighed_left = with_dongs(left, sample=file.sample, dongs=file.dongs)
    later = iter(weighed_left)
    weighed = [next(later) if each.fits else each for each in weighed]
    again = iter(weighed)
    return [next(again) if each.fits else each for each in readings]


def _lies_abroad(reading: Reading) -> bool:
    """Tell whether a system made for another country puts the data into its own area."""
    area = reading.crs.area_of_use
    if area is None or not np.isfinite(reading.centre).all():
        return False
    west, south, east, north = KOREA_LONLAT
    covers_korea = (
        area.west <= east and area.east >= west and area.south <= north and area.north >= south
    )
    lon, lat = reading.centre.tolist()
    return not covers_korea and (area.west <= lon <= area.east and area.south <= lat <= area.north)


def _epsg_in_name(file_name: str) -> int | None:
    """Return the number of a known system that a file's name carries; weak evidence."""
    for digits in re.findall(r"(?<!\d)\d{4,5}(?!\d)", file_name):
        if int(digits) in BY_EPSG:
            return int(digits)
    return None


def _name_issues(file: _File, *, crs: pyproj.CRS) -> list[Issue]:
    if file.epsg_in_name is None or crs.to_epsg() == file.epsg_in_name:
        return []
    details = {"named": f"EPSG:{file.epsg_in_name}", "read": crs_code(crs)}
    return [Issue("crs_name_differs", (), details)]


def _settled(
    status: Status, readings: list[Reading], *, reason: Text, issues: list[Issue]
) -> CrsDiagnosis:
    used = readings[0]
    if used.swapped:
        issues = [*issues, Issue("axes_swapped", (), {"read": crs_code(used.crs)})]
    return CrsDiagnosis(
        status=status,
        crs=used.crs,
        swap_axes=used.swapped,
        reason=reason,
        candidates=candidates_of(readings),
        issues=tuple(issues),
    )


def _asked(
    file: _File, *, readings: list[Reading], against: Reading | None, issues: list[Issue]
) -> CrsDiagnosis:
    """Return the question: the candidates that fit first, in front the one the name speaks of."""
    named = [each for each in readings if each.crs.to_epsg() == file.epsg_in_name]
    ordered = sorted(
        readings,
        key=lambda each: (
            not each.fits,
            each.place is SEA,
            each.swapped,
            each not in named,
            each.lots_off_m if np.isfinite(each.lots_off_m) else 0.0,
        ),
    )
    candidates = candidates_of(ordered)
    fitting = [each for each in candidates if each.fits]
    reason = _question(file, against=against, fitting=fitting)
    if fitting:
        details = {"systems": len(fitting), "candidates": listed(fitting)}
        issues = [*issues, Issue("crs_ambiguous", (), details)]
    return CrsDiagnosis("ask", None, False, reason, candidates, tuple(issues))  # noqa: FBT003


def _question(file: _File, *, against: Reading | None, fitting: list[Candidate]) -> Text:
    count = len(fitting)
    params: dict[str, object] = {"name": file.name, "count": count, "candidates": listed(fitting)}
    params["first"] = fitting[0].code if fitting else "EPSG:5186"
    if against is not None:
        params |= {
            "declared": crs_code(against.crs),
            "reason": Joined(against.objections, separator=" "),
        }
        if count:
            return sentence(
                "{name} is said to be in {declared}, but that does not fit: {reason} {count} "
                "system(s) fit: {candidates}. Say which one it is, e.g. {first} (--crs {first}).",
                **params,
            )
        return sentence(
            "{name} is said to be in {declared}, but that does not fit: {reason} Nor does any "
            "other known system. Say which one it is in, e.g. EPSG:5186 (--crs EPSG:5186).",
            **params,
        )
    if count:
        return sentence(
            "{name} declares no coordinate system, and {count} systems fit its numbers: "
            "{candidates}. Say which one it is in, e.g. {first} (--crs {first}).",
            **params,
        )
    return sentence(
        "{name} declares no coordinate system. Say which one it is in, e.g. EPSG:5186 "
        "(--crs EPSG:5186).",
        name=file.name,
    )
