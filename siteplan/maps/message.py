"""What the page tells the map document after each rerun: colours, legend, figures, selection.

Words go as JSON, figures by parcel as bare bytes: at 40,000 parcels that is a third of the size
and a tenth of the time of JSON throughout.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from siteplan.maps.style import MapStyle, Swatch

if TYPE_CHECKING:
    from siteplan.evaluation import Plan

SECTIONS = ("index", "rows", "uses", "gfa_m2", "far_permille", "floors")
"""Figures by parcel, in the order in which they are sent."""


def style_message(style: MapStyle) -> dict[str, Any]:
    """Return the words of a colouring: ``colour_by``, ``title``, ``palette``, ``legend``.

    A palette's entries hold fill, stroke, opacity, weight; a legend's are [swatch, text, note].
    """
    return {
        "colour_by": style.colour_by,
        "title": style.title,
        "palette": [_swatch(swatch) for swatch in style.palette],
        "legend": [[entry.swatch, entry.text, entry.note] for entry in style.legend],
    }


def index_section(style: MapStyle) -> bytes:
    """Return the swatch of each parcel, one byte each."""
    return style.index.tobytes()


def figure_sections(plan: Plan, *, year: int | None = None) -> dict[str, bytes]:
    """Return the figures of the r parcels that have floor area, for tooltips and names.

    With a calendar `year`, of what stands at its end; a parcel that is under construction then
    has 0 floors, as no building of it is complete.

    Keys, all little-endian whole numbers: ``rows`` (r,) of 4 bytes; ``uses`` (r,) of 1 byte, bit
    u set where use u has floor area; ``gfa_m2`` of 4 bytes, one per bit set, parcel by parcel;
    ``far_permille`` (r,) of 4 bytes; ``floors`` (r,) of 2 bytes.
    """
    gfa_m2, far_pct, floors = plan.gfa_m2, np.asarray(plan.far_pct), np.asarray(plan.floors)
    if year is not None and plan.timing is not None:
        gfa_m2 = plan.timing.built_by_m2(year)
        far_pct = gfa_m2 @ plan.far_ratio / plan.parcels.site_area_m2 * 100
        floors = np.where(plan.timing.completion_year <= year, floors, 0)
    rows = np.flatnonzero(gfa_m2.any(axis=1))
    gfa_m2 = gfa_m2[rows]
    placed = gfa_m2 > 0
    far_permille = np.rint(np.nan_to_num(far_pct[rows]) * 10)
    return {
        "rows": rows.astype("<i4").tobytes(),
        "uses": np.packbits(placed, axis=1, bitorder="little").tobytes(),
        "gfa_m2": gfa_m2[placed].astype("<i4").tobytes(),
        "far_permille": far_permille.astype("<i4").tobytes(),
        "floors": floors[rows].astype("<u2").tobytes(),
    }


def as_text(sections: Mapping[str, bytes]) -> dict[str, str]:
    """Return sections in base64, for a data block of a page."""
    return {name: base64.b64encode(section).decode() for name, section in sections.items()}


def plan_message(
    plan: Plan,
    *,
    style: MapStyle,
    selected: Sequence[str] = (),
    around: Mapping[str, Any] | None = None,
    year: int | None = None,
) -> bytes:
    """Return everything that the document needs to show a plan.

    Parameters
    ----------
    plan : Plan
    style : MapStyle
    selected : sequence of str
        Ids of parcels to outline; ids that the plan does not know are left out.
    around : Mapping[str, Any], optional
        Further words for the page that holds the document.
    year : int, optional
        Calendar year at whose end the figures are told; all of the plan where left out.

    Returns
    -------
    bytes
        Length of the head (4 bytes, little-endian), the head (JSON: the keys of `around`,
        ``plan``, ``sections`` with the length of each section), then the `SECTIONS`.
    """
    sections = {"index": index_section(style), **figure_sections(plan, year=year)}
    head = {
        **(around or {}),
        "plan": {
            **style_message(style),
            "selected": [parcel_id for parcel_id in selected if parcel_id in plan.parcels.index],
            "scenario_id": plan.scenario_id,
        },
        "sections": [[name, len(sections[name])] for name in SECTIONS],
    }
    words = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    return b"".join(
        (len(words).to_bytes(4, "little"), words, *(sections[name] for name in SECTIONS))
    )


def _swatch(swatch: Swatch) -> dict[str, Any]:
    return {
        "fill": swatch.fill,
        "stroke": swatch.stroke,
        "opacity": swatch.opacity,
        "weight": swatch.weight,
    }
