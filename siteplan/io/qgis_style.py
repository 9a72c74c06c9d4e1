"""The colours of a plan as QGIS keeps them in a GeoPackage: the layer opens coloured by use.

QGIS looks for a table ``layer_styles`` beside a layer and takes the row marked as default ("Save
style to database" of its manual, Layer Properties, Managing Custom Styles). Colours and names are
the ones of the map.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from siteplan.maps.looks import UNUSED, USE_COLOURS, USE_STROKES
from siteplan.text import Label, sentence
from siteplan.uses import ALL_USES

if TYPE_CHECKING:
    from pathlib import Path

STYLE_NAME = "siteplan"
COLUMN = "dominant_use"

_TABLE = """CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
  f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))"""
_LISTED = """INSERT INTO gpkg_contents (table_name, data_type, identifier, description)
  VALUES ('layer_styles', 'attributes', 'layer_styles', '')"""
_ROW = """INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name,
  f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner)
  VALUES ('', '', ?, ?, ?, ?, '', 1, ?, '')"""


def write_style(path: Path, *, layer: str, geometry_column: str = "geom") -> None:
    """Add the colours to a layer of a GeoPackage.

    Parameters
    ----------
    path : Path
        A GeoPackage that has no ``layer_styles`` yet.
    layer, geometry_column : str
        The layer with a column ``dominant_use``.
    """
    said = sentence("Colours of siteplan: the use with the most GFA on each parcel.")
    described = " · ".join(said.render(lang) for lang in ("ko", "en"))
    with closing(sqlite3.connect(path)) as store, store:
        store.execute(_TABLE)
        store.execute(_LISTED)
        store.execute(_ROW, (layer, geometry_column, STYLE_NAME, style_qml(), described))


def style_qml() -> str:
    """Return the QML of a renderer by categories of ``dominant_use``."""
    looks = [(use.key, use.label, USE_COLOURS[use.key], USE_STROKES[use.key]) for use in ALL_USES]
    # QGIS draws what no other category takes, empty values too, with the category "".
    looks.append(("", Label("배치 없음", "Nothing placed"), UNUSED, "#6B737B"))
    categories = "".join(
        f"<category render='true' symbol='{number}' value={quoteattr(key)} "
        f"label={quoteattr(f'{label.ko} · {label.en}')}/>"
        for number, (key, label, _fill, _stroke) in enumerate(looks)
    )
    symbols = "".join(
        f"<symbol type='fill' name='{number}' alpha='1' clip_to_extent='1' force_rhr='0'>"
        f"{_fill_layer(fill, stroke)}</symbol>"
        for number, (_key, _label, fill, stroke) in enumerate(looks)
    )
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        "<qgis version='3.22.0' styleCategories='Symbology'>"
        f"<renderer-v2 type='categorizedSymbol' attr='{COLUMN}' symbollevels='0' "
        "enableorderby='0' forceraster='0'>"
        f"<categories>{categories}</categories><symbols>{symbols}</symbols></renderer-v2></qgis>"
    )


def _fill_layer(fill: str, stroke: str) -> str:
    said = {
        "color": _rgba(fill),
        "outline_color": _rgba(stroke),
        "outline_style": "solid",
        "outline_width": "0.3",
        "outline_width_unit": "MM",
        "style": "solid",
    }
    # QGIS before 3.20 reads `prop`, later ones read `Option`.
    options = "".join(
        f"<Option type='QString' name='{name}' value='{value}'/>" for name, value in said.items()
    )
    older = "".join(f"<prop k='{name}' v='{value}'/>" for name, value in said.items())
    return (
        "<layer class='SimpleFill' enabled='1' locked='0' pass='0'>"
        f"<Option type='Map'>{options}</Option>{older}</layer>"
    )


def _rgba(colour: str) -> str:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return f"{red},{green},{blue},255"
