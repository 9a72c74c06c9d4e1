"""A plan as KML, written by hand: not every GDAL has a KML driver that keeps columns as text."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from siteplan.io.export import METADATA_KEY, export_columns, signature_json
from siteplan.io.lonlat import lonlat_outlines, ring_texts

if TYPE_CHECKING:
    from siteplan.evaluation import Plan


def to_kml(plan: Plan) -> str:
    """Return the plan as KML 2.2 text: a placemark per parcel with the columns as data."""
    columns = export_columns(plan)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>siteplan</name>',
        f"<ExtendedData>{_data(METADATA_KEY, signature_json(plan))}</ExtendedData>",
    ]
    shapes = ring_texts(lonlat_outlines(plan.parcels.geometry), pattern="%r,%r", between=" ")
    for row, shape in enumerate(shapes):
        title = plan.parcels.name(row, lang="ko")
        data = "".join(
            _data(name, values[row]) for name, values in columns.items() if values[row] is not None
        )
        lines.append(
            f"<Placemark><name>{_clean(title)}</name>"
            f"<ExtendedData>{data}</ExtendedData>{_multi(shape)}</Placemark>"
        )
    return "\n".join([*lines, "</Document></kml>", ""])


def _data(name: str, value: object) -> str:
    return f"<Data name={quoteattr(name)}><value>{_clean(value)}</value></Data>"


def _clean(value: object) -> str:
    """Return text for XML, without the control letters that XML cannot hold."""
    text = "".join(letter for letter in str(value) if letter >= " " or letter in "\t\n")
    return escape(text)


def _multi(polygons: list[list[str]]) -> str:
    shapes = "".join(_polygon(rings) for rings in polygons)
    return shapes if len(polygons) == 1 else f"<MultiGeometry>{shapes}</MultiGeometry>"


def _polygon(rings: list[str]) -> str:
    marks = ["outerBoundaryIs", *["innerBoundaryIs"] * (len(rings) - 1)]
    shapes = "".join(
        f"<{mark}><LinearRing><coordinates>{ring}</coordinates></LinearRing></{mark}>"
        for mark, ring in zip(marks, rings, strict=True)
    )
    return f"<Polygon>{shapes}</Polygon>"
