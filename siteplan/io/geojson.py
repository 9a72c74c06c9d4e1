"""A plan as GeoJSON (RFC 7946)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from siteplan.io.export import export_columns, signature_json
from siteplan.io.lonlat import lonlat_outlines, ring_texts

if TYPE_CHECKING:
    from siteplan.evaluation import Plan


def to_geojson(plan: Plan) -> str:
    """Return the plan as GeoJSON text, one feature on a line.

    Longitude first in WGS 84 with at most 7 decimals, outer rings counter-clockwise, a ``bbox``,
    no ``crs`` member. The foreign member ``siteplan`` says which scenario, version and rules the
    plan comes from and holds the scenario itself. Properties are the glossary's columns, then
    the facts that reading the same parcels back needs.
    """
    import shapely

    outlines = lonlat_outlines(plan.parcels.geometry)
    columns = export_columns(plan)
    names = list(columns)
    lines = []
    for parcel_id, shape, *values in zip(
        plan.parcels.ids,
        ring_texts(outlines, pattern="[%r,%r]", between=","),
        *columns.values(),
        strict=True,
    ):
        properties = json.dumps(
            dict(zip(names, values, strict=True)), ensure_ascii=False, allow_nan=False
        )
        lines.append(
            f'{{"type":"Feature","id":{json.dumps(parcel_id, ensure_ascii=False)},'
            f'"properties":{properties},"geometry":{_geometry(shape)}}}'
        )
    west, south, east, north = np.asarray(shapely.total_bounds(outlines)).tolist()
    head = (
        '{"type":"FeatureCollection",\n'
        f'"bbox":[{west!r},{south!r},{east!r},{north!r}],\n'
        f'"siteplan":{signature_json(plan)},\n'
        '"features":[\n'
    )
    return head + ",\n".join(lines) + "\n]}\n"


def _geometry(polygons: list[list[str]]) -> str:
    shells = ["[" + ",".join(f"[{ring}]" for ring in rings) + "]" for rings in polygons]
    if len(shells) == 1:
        return f'{{"type":"Polygon","coordinates":{shells[0]}}}'
    return f'{{"type":"MultiPolygon","coordinates":[{",".join(shells)}]}}'
