"""Reading zoning polygons: any file that holds them -> `Zones`, ready to be laid over parcels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteplan.crs import known_crs
from siteplan.crs_doctor import CrsDiagnosis, References, axes_exchanged, diagnosed
from siteplan.crs_doctor.systems import distance_m
from siteplan.errors import InputError
from siteplan.io.anchors import read_anchors
from siteplan.io.recognition import expect_kind, recognised
from siteplan.io.source import Source, located, source_name
from siteplan.io.vectors import read_table
from siteplan.text import Text, sentence
from siteplan.zoning import Zones, zones_from_frame

if TYPE_CHECKING:
    from siteplan.reading import Reading


REACH_M = 20_000.0
"""Zoning polygons whose middle lies farther from the parcels are of another place."""


def _question(diagnosis: CrsDiagnosis, *, name: str, near: tuple[float, float] | None) -> Text:
    """Return what to ask about polygons that do not tell their coordinate system."""
    fitting = [candidate for candidate in diagnosis.candidates if candidate.fits]
    if near is not None:
        here = [
            c for c in fitting if distance_m(np.array(near), np.array([c.lon, c.lat])) <= REACH_M
        ]
        fitting = here or fitting
    if not fitting:
        return diagnosis.reason
    return sentence(
        "The zoning polygons of {name} do not tell their coordinate system; these fit: {codes}. "
        "Say which one it is, e.g. {first} (--zoning-crs {first}).",
        name=name,
        codes=", ".join(dict.fromkeys(candidate.code for candidate in fitting)),
        first=fitting[0].code,
    )


def read_zones(
    source: Source,
    *,
    reading: Reading | None = None,
    name: str | None = None,
    near: tuple[float, float] | None = None,
) -> Zones:
    """Read zoning polygons, such as UPIS_C_UQ111 or VWorld's LT_C_UQ111.

    Parameters
    ----------
    source : path, bytes or binary file
        Any format that parcels can be read from.
    reading : Reading, optional
        What the person says of the file.
    name : str, optional
        File name of bytes, for sentences.
    near : (float, float), optional
        Longitude and latitude of the parcels: where the file does not tell its coordinate system,
        only the ones that put it within `REACH_M` of them are asked about.

    Raises
    ------
    InputError
        The file is broken, names no zones, or does not tell its coordinate system.
    """
    label = source_name(source, name=name)
    encoding = None if reading is None else reading.encoding
    layer = None if reading is None else reading.layer
    with located(source, name=name) as found:
        table = read_table(found, encoding=encoding, layer=layer, kind="zoning")
    expect_kind(recognised(table.frame), kind="zoning", name=label)
    outlines = np.asarray(table.frame.geometry.array, dtype=object)
    wish = None if reading is None or reading.crs is None else known_crs(reading.crs)
    diagnosis = diagnosed(
        outlines,
        pnus=[None] * len(outlines),
        declared=table.frame.crs,
        declared_text=table.declared_text,
        wished=wish,
        references=References(read_anchors()),
        file_name=label,
    )
    if diagnosis.crs is None:
        raise InputError(_question(diagnosis, name=label, near=near))
    frame = table.frame
    if diagnosis.swap_axes:
        frame = frame.set_geometry(axes_exchanged(outlines))
    frame = frame.set_crs(diagnosis.crs, allow_override=True)
    zones = zones_from_frame(frame, source=label)
    issues = (*table.issues, *diagnosis.issues, *zones.issues)
    return Zones(zones.geometry, zones.names, zones.source, issues)
