"""What an exported plan holds in every format: its columns, its rows and who made it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from siteplan.glossary import COLUMNS, Kind
from siteplan.io.columns import ZONE_REGISTER
from siteplan.parcels import DRAWN_BY_US, zone_parts_text
from siteplan.text import sentence
from siteplan.version import __version__

if TYPE_CHECKING:
    import geopandas as gpd

    from siteplan.evaluation import Plan

DIGITS = 6
"""Decimals of exported numbers: 1 mm² of area; enough to read the same parcels back."""

FACTS: dict[str, str] = {
    "name_ko": "name_ko",
    "name_en": "name_en",
    ZONE_REGISTER: ZONE_REGISTER,
    "zone_verified": "zone_verif",
    "source": "source",
    "jimok": "jimok",
    "land_price_krw_per_m2": "landprice",
    "zone_parts": "zone_parts",
}
"""Columns after the glossary's, with their Shapefile names: what reading the parcels back needs.

`zone` is the zone that the plan applied; `zone_regst` is the one that the data carries.
"""

METADATA_KEY = "siteplan"


def export_columns(plan: Plan) -> dict[str, list[Any]]:
    """Return column name -> n plain values (int, float, str, bool or None), in export order."""
    frame = plan.frame
    columns = {column.name: _values(frame, column.name, kind=column.kind) for column in COLUMNS}
    parcels = plan.parcels
    columns |= {
        "name_ko": list(parcels.names_ko),
        "name_en": list(parcels.names_en),
        ZONE_REGISTER: list(parcels.zones),
        "zone_verified": parcels.zone_verified.tolist(),
        "source": list(parcels.sources),
        "jimok": list(parcels.jimoks),
        "land_price_krw_per_m2": _values(parcels.frame, "land_price_krw_per_m2", kind="number"),
        "zone_parts": [zone_parts_text(parts) or None for parts in parcels.zone_parts],
    }
    return columns


def short_names() -> dict[str, str]:
    """Return full name -> Shapefile name (at most 10 characters) of every exported column."""
    return {column.name: column.short_name for column in COLUMNS} | FACTS


def signature(plan: Plan) -> dict[str, Any]:
    """Return who made the plan from what: the foreign member ``siteplan`` of the GeoJSON."""
    note = sentence("A study of volumes, not a permit: figures rest on the scenario's assumptions.")
    return {
        "scenario_id": plan.scenario_id,
        "version": __version__,
        "rules": plan.rules_id,
        "total_gfa_m2": int(plan.total_gfa_m2),
        "schematic": any(kind in DRAWN_BY_US for kind in plan.parcels.evidence),
        "note": {lang: note.render(lang) for lang in ("ko", "en")},
        "scenario": json.loads(plan.scenario.to_json()),
    }


def signature_json(plan: Plan) -> str:
    """Return `signature` as one line of JSON."""
    return json.dumps(signature(plan), ensure_ascii=False, allow_nan=False)


def _values(frame: gpd.GeoDataFrame, name: str, *, kind: Kind) -> list[Any]:
    """Return a column as plain values; missing and not-a-number are None."""
    missing = frame[name].isna().tolist()
    values = frame[name].tolist()
    if kind == "integer":
        return [None if gone else int(v) for v, gone in zip(values, missing, strict=True)]
    if kind == "number":
        return [
            None if gone else round(float(v), DIGITS)
            for v, gone in zip(values, missing, strict=True)
        ]
    return [None if gone else str(v) for v, gone in zip(values, missing, strict=True)]
