"""The live map on a page: an iframe that stays while reruns restyle it.

The document is built once per parcels, language and base map, and fetched once by the browser.
Each rerun sends colours only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

import streamlit as st

from siteplan.maps import documents
from siteplan.maps.basemap import Basemap
from siteplan.maps.live import content_policy, live_document
from siteplan.maps.message import plan_message
from siteplan.maps.phase_style import standing
from siteplan.maps.style import colours
from siteplan.text import N_, translate
from siteplan.units import WORK_EPSG

if TYPE_CHECKING:
    from siteplan.evaluation import Plan
    from siteplan.parcels import Parcels

_SCRIPT = (files("siteplan.app.widgets") / "live_map.js").read_text(encoding="utf-8")
_frame = st.components.v2.component("siteplan_live_map", js=_SCRIPT)
_TITLE = N_("Map of the plan")
_FAILED = N_("The map could not be loaded. Reload the page.")


@dataclass(frozen=True)
class MapEvent:
    """A click on the map.

    Parameters
    ----------
    parcel_id : str
    additive : bool
        Shift, Ctrl or Cmd was held: add to the selection instead of replacing it.
    """

    parcel_id: str
    additive: bool = False


@dataclass(frozen=True)
class MapBox:
    """Parcels selected together by a box on the map, or the selection cleared.

    Parameters
    ----------
    parcel_ids : tuple of str
        Ids that the plan knows, each once; none with `additive` unset clears the selection.
    additive : bool
        Shift, Ctrl or Cmd was held: add to the selection instead of replacing it.
    """

    parcel_ids: tuple[str, ...]
    additive: bool = False


@dataclass(frozen=True)
class MapLine:
    """A line drawn on the map, or the end of drawing without one.

    Parameters
    ----------
    line : tuple of (x, y)
        In EPSG:5186, metres; empty when drawing was given up.
    """

    line: tuple[tuple[float, float], ...]


def live_map(  # noqa: PLR0913 - a widget's settings, all by name
    plan: Plan,
    *,
    lang: str,
    colour_by: str = "use",
    selected: Sequence[str] = (),
    key: str = "live_map",
    height_px: int = 560,
    basemap: Basemap | None = None,
    place: str | None = None,
    drawing: str | None = None,
    year: int | None = None,
    against: Plan | None = None,
    group: str | None = None,
    swipe: Plan | None = None,
) -> MapEvent | MapBox | MapLine | None:
    """Show a plan on the map and return what a person did there to cause this rerun, if so.

    Parameters
    ----------
    plan : Plan
    lang : str
        Language of the map's texts.
    colour_by : str
        One of `siteplan.maps.style.COLOUR_BYS`, or "change" with `against`.
    selected : sequence of str
        Ids of parcels to outline; ids that the plan does not know are left out.
    key : str
        Key of the widget.
    height_px : int
        Height of the map in pixels.
    basemap : Basemap, optional
        Background tiles; none by default, so that nothing is fetched. A key is sent to this
        reader's browser only; the document that is kept for all holds none.
    place : str, optional
        Name of what is looked at: maps of the same place open at the same view. By default each
        set of parcels is a place of its own.
    drawing : str, optional
        Id of the parcel across which a line is to be drawn: clicks set points until it is done.
    year : int, optional
        Calendar year: what stands at its end is shown, in place of `colour_by`.
    against : Plan, optional
        Plan that "change" compares with; the tooltips then tell the changes.
    group : str, optional
        Maps with the same group share centre and zoom: who moves one moves all.
    swipe : Plan, optional
        Plan shown right of a divider that a person moves; not with "change".
    """
    comparing = against if colour_by == "change" else None
    tiles = None if basemap is None else basemap.without_key()
    document = _document(
        plan.parcels.digest,
        lang,
        "" if tiles is None else tiles.url,
        _parcels=plan.parcels,
        _basemap=tiles,
    )
    documents.keep(document)
    if year is None:
        style = colours(plan, colour_by=colour_by, lang=lang, against=against)
    else:
        style = standing(plan, year=year, lang=lang)
    around = {
        "path": document.path,
        "place": place or plan.parcels.digest,
        "draw": drawing if drawing in plan.parcels.index else None,
        "title": translate(_TITLE, lang=lang),
        "failed": translate(_FAILED, lang=lang),
        "height_px": height_px,
        "group": group,
        "tiles_key": basemap.key if basemap is not None else "",
    }
    other = None if swipe is None else (swipe, colours(swipe, colour_by=colour_by, lang=lang))
    message = plan_message(
        plan,
        style=style,
        lang=lang,
        selected=selected,
        around=around,
        against=comparing,
        swipe=other,
        year=year,
    )
    shown = _frame(
        key=key,
        data=message,
        on_clicked_change=lambda: None,
        on_line_change=lambda: None,
        on_boxed_change=lambda: None,
    )
    if shown.line is not None and drawing is not None:
        return MapLine(_in_metres(shown.line["points"]))
    if shown.boxed is not None:
        ids = (str(i) for i in shown.boxed["parcels"])
        known = tuple(dict.fromkeys(i for i in ids if i in plan.parcels.index))
        additive = bool(shown.boxed["additive"])
        return MapBox(known, additive) if known or not additive else None
    clicked = shown.clicked
    if not clicked or clicked["parcel"] not in plan.parcels.index:
        return None
    return MapEvent(parcel_id=clicked["parcel"], additive=bool(clicked["additive"]))


def _in_metres(lonlat: Sequence[Sequence[float]]) -> tuple[tuple[float, float], ...]:
    """Return points in EPSG:5186; none where the browser sent something else than points."""
    import pyproj

    try:
        points = [(float(lon), float(lat)) for lon, lat in lonlat]
    except (TypeError, ValueError):
        return ()
    to_work = pyproj.Transformer.from_crs(4326, WORK_EPSG, always_xy=True)
    metres = [to_work.transform(*point) for point in points]
    return tuple((float(x), float(y)) for x, y in metres if math.isfinite(x) and math.isfinite(y))


@st.cache_resource(max_entries=documents.KEPT, show_spinner=False)
def _document(
    parcels_digest: str,  # noqa: ARG001 - the key of the cache
    lang: str,
    tiles_url: str,  # noqa: ARG001 - the key of the cache
    *,
    _parcels: Parcels,
    _basemap: Basemap | None,
) -> documents.Document:
    """Return the map document of the parcels, built at most once per key."""
    html = live_document(_parcels, lang=lang, basemap=_basemap)
    return documents.Document.from_html(html, policy=content_policy(_basemap))
