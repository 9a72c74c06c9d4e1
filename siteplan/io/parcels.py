"""Reading parcels: any file that planners hand over -> `Parcels` and a report of what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siteplan.crs_doctor import CrsAmbiguousError
from siteplan.io.examination import ContextWish, Supplements, examined
from siteplan.reading import Reading, ReadReport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siteplan.io.source import Source
    from siteplan.parcels import Parcels


def read_parcels(  # noqa: PLR0913 - what a person may say, each with a default
    source: Source | None = None,
    *,
    crs: str | int | None = None,
    encoding: str | None = None,
    layer: str | None = None,
    columns: Mapping[str, str] | None = None,
    supplements: Supplements | None = None,
    context: ContextWish = "shipped",
    name: str | None = None,
) -> Parcels:
    """Read parcels from a file; see `read_parcels_report` for the parameters and errors."""
    parcels, _ = read_parcels_report(
        source,
        crs=crs,
        encoding=encoding,
        layer=layer,
        columns=columns,
        supplements=supplements,
        context=context,
        name=name,
    )
    return parcels


def read_parcels_report(  # noqa: PLR0913 - as read_parcels
    source: Source | None = None,
    *,
    crs: str | int | None = None,
    encoding: str | None = None,
    layer: str | None = None,
    columns: Mapping[str, str] | None = None,
    supplements: Supplements | None = None,
    context: ContextWish = "shipped",
    name: str | None = None,
) -> tuple[Parcels, ReadReport]:
    """Read parcels from a file, and say what was found, assumed and repaired.

    Parameters
    ----------
    source : path, bytes or binary file, optional
        GeoJSON, GeoPackage, GeoParquet, Shapefile (loose or zipped), FlatGeobuf, KML, or CSV
        with a WKT column. None reads the shipped parcels of Yangjae.
    crs : str or int, optional
        Coordinate system of the file, e.g. "EPSG:5186", where it declares none or a wrong one.
    encoding : str, optional
        Encoding of the text, e.g. "cp949"; left out, it is decided from the bytes and reported.
    layer : str, optional
        Layer to read of a file with several; left out, the first that has polygons.
    columns : Mapping[str, str], optional
        Fact -> column of the file, for columns whose names are not recognised.
    supplements : Supplements, optional
        Files handed in beside the parcels: zoning polygons, lists by PNU, outlines of 법정동.
    context : {"shipped"}, Context or None
        What lies round the parcels. It is attached where it reaches them, else left empty.
    name : str, optional
        File name of bytes, for sentences.

    Returns
    -------
    parcels : Parcels
        Valid outlines in EPSG:5186, in the order of the file.
    report : ReadReport

    Raises
    ------
    InputError
        The file is missing, broken, of another format, without polygons or without a known
        coordinate system; the sentence names the fix.
    """
    wish = Reading(None if crs is None else str(crs), encoding, layer, columns or {})
    examination = examined(
        source, reading=wish, supplements=supplements, context=context, name=name
    )
    if examination.parcels is None:
        raise CrsAmbiguousError(examination.diagnosis)
    return examination.parcels, examination.report
