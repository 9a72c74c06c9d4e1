"""Readings as candidates: values for a screen, and the list inside a question."""

from __future__ import annotations

from dataclasses import dataclass

from siteplan.crs import crs_code
from siteplan.crs_doctor.readings import Reading, label_of
from siteplan.crs_doctor.regions import SEA
from siteplan.crs_doctor.systems import distance_m
from siteplan.text import Joined, Label, Text, sentence

ASKED = 4
"""So many candidates stand in the question; the diagnosis has them all."""


@dataclass(frozen=True)
class Candidate:
    """One system that the file may be in.

    Parameters
    ----------
    code : str
        As it is written after ``--crs``.
    label : Label
    swap_axes : bool
    fits : bool
        Nothing speaks against it.
    supports, objections : tuple of Text
        What speaks for and against it.
    distance_m : float
        How far it puts the data from where the first candidate does.
    lon, lat : float
        Where the middle of the data would lie, in degrees; not-a-number when nowhere.
    place : Label
        The province or district there, roughly.
    """

    code: str
    label: Label
    swap_axes: bool
    fits: bool
    supports: tuple[Text, ...]
    objections: tuple[Text, ...]
    distance_m: float
    lon: float
    lat: float
    place: Label


def candidates_of(readings: list[Reading]) -> tuple[Candidate, ...]:
    """Return readings as candidates; those in the open sea only where there are no others."""
    shown = [each for each in readings if each.fits or each.place is not SEA]
    shown = [readings[0], *[each for each in shown if each is not readings[0]]] if shown else []
    return tuple(
        Candidate(
            code=crs_code(reading.crs),
            label=label_of(reading.crs),
            swap_axes=reading.swapped,
            fits=reading.fits,
            supports=reading.supports,
            objections=reading.objections,
            distance_m=distance_m(readings[0].centre, reading.centre),
            lon=float(reading.centre[0]),
            lat=float(reading.centre[1]),
            place=reading.place,
        )
        for reading in shown or readings
    )


def listed(fitting: list[Candidate]) -> Joined:
    """Return the candidates as a list inside a sentence, at most `ASKED` of them by name."""
    named = [_told(each, first=fitting[0]) for each in fitting[:ASKED]]
    if len(fitting) > ASKED:
        named.append(sentence("{count} more", count=len(fitting) - ASKED))
    return Joined(tuple(named))


def _told(candidate: Candidate, *, first: Candidate) -> Text:
    params = {
        "code": sentence("{code} with swapped axes", code=candidate.code)
        if candidate.swap_axes
        else candidate.code,
        "label": candidate.label,
        "place": candidate.place,
    }
    if candidate is first:
        return sentence("{code} ({label}: near {place})", **params)
    distance = (
        f"{candidate.distance_m:,.0f} m"
        if candidate.distance_m < 10_000
        else f"{candidate.distance_m / 1_000:,.0f} km"
    )
    return sentence("{code} ({label}: near {place}, {distance} away)", distance=distance, **params)
