"""The map: one Folium document that needs no network, drawn once and restyled many times.

The same document serves twice. Inside the app it holds only facts (`live_document`) and takes
each plan by message; handed to a stakeholder it holds the plan's colours too (`plan_map`,
`write_map`) and opens by double click.

Texts from files reach the page only inside JSON data blocks and are shown as text, never as HTML.
Folium renders children's output as templates once more, so nothing from a file may pass through
a Folium child: data goes into `MapPage`, which writes it as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import folium
import numpy as np
from branca.element import Figure, MacroElement
from folium.template import Template

from siteplan.maps.assets import leaflet, looks, script
from siteplan.maps.basemap import Basemap
from siteplan.maps.message import (
    as_text,
    before_sections,
    figure_sections,
    index_section,
    plan_words,
    style_message,
)
from siteplan.maps.outlines import bounds, name_places, packed
from siteplan.maps.style import GROUND, USE_COLOURS, colour_choices, colour_name, colours
from siteplan.maps.surroundings import layers
from siteplan.maps.words import KEYS, WORDS
from siteplan.parcels import DRAWN_BY_US
from siteplan.text import translate, written
from siteplan.uses import ALL_USES
from siteplan.version import __version__

if TYPE_CHECKING:
    from siteplan.evaluation import Plan
    from siteplan.parcels import Parcels

MAX_ZOOM = 20
MOST_NAMED = 600
"""Up to so many parcels, their names stand on the map; beyond, only in the tooltips."""


class MapPage(Figure):
    """The HTML page round a Folium map, with everything inside it.

    Parameters
    ----------
    lang, title, policy : str
        Language, title and content security policy of the page.
    """

    _template = Template(
        """<!DOCTYPE html>
<html lang="{{ this.lang|e }}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{{ this.policy|e }}">
<title>{{ this.title|e }}</title>
<style>{{ this.leaflet_css }}</style>
<script>{{ this.leaflet_js }}</script>
{{ this.zoomable(this.header.render(**kwargs)) }}
<style>{{ this.css }}</style>
</head>
<body>
{{ this.html.render(**kwargs) }}
{% for name, block in this.blocks.items() -%}
<script type="application/json" id="siteplan-{{ name|e }}">{{ block }}</script>
{% endfor -%}
<script>{{ this.js }}</script>
<script>
{{ this.script.render(**kwargs) }}
</script>
</body>
</html>
"""
    )

    def __init__(self, *, lang: str, title: str, policy: str) -> None:
        super().__init__(title=title)
        self.lang = lang
        self.policy = policy
        self.leaflet_css, self.leaflet_js = leaflet()
        self.css, self.js = looks(), script()
        self.blocks: dict[str, str] = {}

    @staticmethod
    def zoomable(head: str) -> str:
        """Return Folium's head without its ban on zooming the page (WCAG 1.4.4)."""
        return re.sub(r",\s*maximum-scale=1.0, user-scalable=no", "", head)

    def add_block(self, name: str, content: object) -> None:
        """Put plain values into the page, to be read by the page's script."""
        self.blocks[name] = script_json(content)


class ParcelLayer(folium.map.Layer):
    """The parcels, drawn by the page's script on one canvas from the page's data block."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            const {{ this.get_name() }} = siteplan.parcels();
        {% endmacro %}
        """
    )

    def __init__(self) -> None:
        super().__init__(name="parcels", overlay=True, control=False, show=True)
        self._name = "Parcels"
        self._id = "siteplan"


class _Call(MacroElement):
    """A call of the page's script with the map as its argument."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            siteplan.{{ this.step }}({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self, step: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Call"
        self._id = step
        self.step = step


class TileLayer(folium.map.Layer):
    """Background tiles; a key that the address leaves open comes with the plan."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            const {{ this.get_name() }} = siteplan.tiles({{ this.options|tojson }});
        {% endmacro %}
        """
    )

    def __init__(self, basemap: Basemap) -> None:
        super().__init__(name=basemap.name, overlay=True, control=True, show=True)
        self._name = "Tiles"
        self._id = "siteplan"
        self.options = {
            "url": basemap.url,
            "attribution": basemap.attribution,
            "maxZoom": MAX_ZOOM,
            "maxNativeZoom": basemap.max_zoom,
        }


def script_json(content: object) -> str:
    """Return JSON that is safe inside a script element and inside a template.

    ``<`` (ends the element), ``&``, ``>``, U+2028 and U+2029 are written as escapes. So is a brace
    that a template engine could read; two of them meet only within texts.
    """
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return re.sub(r"\{(?=[{%#])", r"\\u007b", text)


def content_policy(basemap: Basemap | None) -> str:
    """Return the page's content security policy: no fetch but the chosen tiles' pictures."""
    pictures = "data:" if basemap is None else f"data: {basemap.host}"
    return (
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
        f"img-src {pictures}; base-uri 'none'; form-action 'none'"
    )


def live_map(
    parcels: Parcels,
    *,
    lang: str,
    basemap: Basemap | None = None,
    wordings: Mapping[str, str] | None = None,
) -> folium.Map:
    """Return the map of the parcels without any plan.

    `wordings` are other texts for keys of the page's words, as keys of the catalogues.

    Everything in it depends on the arguments alone, names and ids too, so that equal parcels
    give an equal document.
    """
    box = bounds(parcels.geometry)
    words = {key: translate(text, lang=lang) for key, text in {**WORDS, **(wordings or {})}.items()}
    page = MapPage(lang=lang, title="siteplan", policy=content_policy(basemap))
    parcel_map = folium.Map(
        location=[sum(corner[axis] for corner in box) / 2 for axis in (0, 1)],
        zoom_start=15,
        tiles=None,
        prefer_canvas=True,
        zoom_control=False,
        attribution_control=basemap is not None,
        zoom_snap=0.25 if basemap is None else 1,
        zoom_delta=0.5 if basemap is None else 1,
    )
    # Folium keeps max_zoom for its tiles; without tiles the map must say it itself.
    parcel_map.options["max_zoom"] = MAX_ZOOM
    parcel_map.default_js, parcel_map.default_css = [], []
    parcel_map._id = "siteplan"
    page.add_child(parcel_map, name="map")
    page.add_block("parcels", _parcel_data(parcels, lang=lang))
    page.add_block(
        "settings",
        {
            "words": words,
            "uses": [use.label.render(lang) for use in ALL_USES],
            "use_colours": [USE_COLOURS[use.key] for use in ALL_USES],
            "pyeong": lang == "ko",
            "bounds": box,
            "ground": GROUND,
            "keys": [[keys, translate(text, lang=lang)] for keys, text in KEYS],
            "version": __version__,
        },
    )
    parcel_map.add_child(_Call("prepare"))
    if basemap is not None:
        parcel_map.add_child(TileLayer(basemap))
    surroundings = layers(parcels.context, lang=lang)
    for layer, features in surroundings:
        page.add_block(layer.key, features)
        parcel_map.add_child(layer)
    parcel_map.add_child(ParcelLayer())
    if surroundings:
        control = folium.LayerControl(position="topright", collapsed=True)
        control._id = "siteplan"
        parcel_map.add_child(control)
    parcel_map.add_child(_Call("start"))
    return parcel_map


def live_document(parcels: Parcels, *, lang: str, basemap: Basemap | None = None) -> str:
    """Return the map of the parcels as one HTML document, to be restyled by messages.

    Parameters
    ----------
    parcels : Parcels
    lang : str
        Language of the page.
    basemap : Basemap, optional
        Background tiles; none by default, so that nothing is fetched.
    """
    html: str = live_map(parcels, lang=lang, basemap=basemap).get_root().render()
    return html


def plan_map(
    plan: Plan,
    *,
    lang: str = "ko",
    colour_by: str = "use",
    basemap: Basemap | None = None,
    against: Plan | None = None,
) -> folium.Map:
    """Return the map of a plan, complete in itself.

    Parameters
    ----------
    plan : Plan
    lang : str
        Language of the page.
    colour_by : str
        Colouring to open with, one of `siteplan.maps.style.COLOUR_BYS`; the page offers all.
    basemap : Basemap, optional
        Background tiles; none by default, so that nothing is fetched.
    against : Plan, optional
        Plan that the colouring "change" compares with.

    Raises
    ------
    ValueError
        `colour_by` is none of the colourings.
    """
    colour_name(colour_by, lang=lang, against=against)
    parcel_map = live_map(plan.parcels, lang=lang, basemap=basemap)
    page = parcel_map.get_root()
    assert isinstance(page, MapPage)  # noqa: S101 - live_map made it so
    name = written(plan.scenario.name).render(lang)
    if name:
        page.title = f"{name} · siteplan"
    choices = colour_choices(lang=lang, against=against)
    styles = [colours(plan, colour_by=by, lang=lang, against=against) for by in choices]
    sections = figure_sections(plan)
    if against is not None:
        sections |= before_sections(plan, against=against)
    page.add_block(
        "plan",
        {
            "styles": [
                {**style_message(style), **as_text({"index": index_section(style)})}
                for style in styles
            ],
            "colour_by": colour_by,
            "figures": as_text(sections),
            "name": name,
            "scenario_id": plan.scenario_id,
            "words": plan_words(plan, against=against, lang=lang),
        },
    )
    return parcel_map


def write_map(plan: Plan, path: str | Path, *, lang: str = "ko", colour_by: str = "use") -> None:
    """Write a plan's map as one HTML file that opens without a network.

    Parameters
    ----------
    plan : Plan
    path : str or Path
        Where to; an existing file is replaced.
    lang, colour_by : str
        As in `plan_map`.
    """
    html = plan_map(plan, lang=lang, colour_by=colour_by).get_root().render()
    Path(path).write_text(html, encoding="utf-8")


def _shared_start(texts: Sequence[str]) -> str:
    """Return what all texts begin with: what the first and the last in order share."""
    if not texts:
        return ""
    first, last = min(texts), max(texts)
    same = (i for i, letter in enumerate(first) if last[i : i + 1] != letter)
    return first[: next(same, len(first))]


def _parcel_data(parcels: Parcels, *, lang: str) -> Mapping[str, Any]:
    """Return what the document knows of each parcel, whatever the plan."""
    zones = list(dict.fromkeys(parcels.zones))
    order = {zone: row for row, zone in enumerate(zones)}
    known = [pnu for pnu in parcels.pnus if pnu]
    start = _shared_start(known)
    return {
        "outlines": packed(parcels.geometry),
        "ids": parcels.ids,
        "names": [parcels.name(row, lang=lang) for row in range(len(parcels))],
        "jibuns": parcels.jibuns,
        "pnu_start": start,
        "pnus": [pnu and pnu[len(start) :] for pnu in parcels.pnus] if known else None,
        "zones": zones,
        "zone": [order[zone] for zone in parcels.zones],
        "site_area_m2": np.rint(parcels.site_area_m2).astype(int).tolist(),
        "schematic": [int(evidence in DRAWN_BY_US) for evidence in parcels.evidence],
        "middles": name_places(parcels.geometry) if len(parcels) <= MOST_NAMED else None,
    }
