"""Reading zoning polygons: any file that holds them -> `Zones`, ready to be laid over parcels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteplan.crs import known_crs
from siteplan.crs_doctor import CrsAmbiguousError, References, axes_exchanged, diagnosed
from siteplan.io.anchors import read_anchors
from siteplan.io.recognition import expect_kind, recognised
from siteplan.io.source import Source, located, source_name
from siteplan.io.vectors import read_table
from siteplan.zoning import Zones, zones_from_frame

if TYPE_CHECKING:
    from siteplan.reading import Reading


def read_zones(source: Source, *, reading: Reading | None = None, name: str | None = None) -> Zones:
    """Read zoning polygons, such as UPIS_C_UQ111 or VWorld's LT_C_UQ111.

    Parameters
    ----------
    source : path, bytes or binary file
        Any format that parcels can be read from.
    reading : Reading, optional
        What the person says of the file.
    name : str, optional
        File name of bytes, for sentences.

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
        raise CrsAmbiguousError(diagnosis)
    frame = table.frame
    if diagnosis.swap_axes:
        frame = frame.set_geometry(axes_exchanged(outlines))
    frame = frame.set_crs(diagnosis.crs, allow_override=True)
    zones = zones_from_frame(frame, source=label)
    issues = (*table.issues, *diagnosis.issues, *zones.issues)
    return Zones(zones.geometry, zones.names, zones.source, issues)
