"""What the page tells the map document after each rerun: colours, legend, figures, selection.

Words go as JSON, figures by parcel as bare bytes: at 40,000 parcels that is a third of the size
and a tenth of the time of JSON throughout.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from siteplan.maps.change import Change, plan_name
from siteplan.maps.classes import CLOSED_SWATCH
from siteplan.maps.looks import MapStyle, Swatch
from siteplan.text import written

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.evaluation import Plan

    Integers = npt.NDArray[np.int64]

SECTIONS = ("index", "rows", "uses", "gfa_m2", "far_permille", "floors")
"""Figures by parcel, in the order in which they are sent."""

BEFORE_SECTIONS = ("before_rows", "before_uses", "before_gfa_m2", "before_none")
"""Figures of the plan that is compared with, sent after the others where there is one."""


def style_message(style: MapStyle) -> dict[str, Any]:
    """Return the words of a colouring: ``colour_by``, ``title``, ``palette``, ``legend``.

    A palette's entries hold fill, stroke, opacity, weight, and hatch and ink where they are
    hatched; a legend's are [swatch, text, note]; ``remark`` is the sentence below it.
    """
    return {
        "colour_by": style.colour_by,
        "title": style.title,
        "palette": [_swatch(swatch) for swatch in style.palette],
        "legend": [[entry.swatch, entry.text, entry.note] for entry in style.legend],
        "remark": style.remark,
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
    ``far_permille`` (r,) of 4 bytes, of the part of the site that takes part, as the limit is;
    ``floors`` (r,) of 2 bytes.
    """
    gfa_m2, floors = plan.gfa_m2, np.asarray(plan.floors)
    if year is not None and plan.timing is not None:
        gfa_m2 = plan.timing.built_by_m2(year)
        floors = np.where(plan.timing.completion_year <= year, floors, 0)
    rows = np.flatnonzero(gfa_m2.any(axis=1))
    part_m2 = plan.available_m2[rows]
    far_m2 = gfa_m2[rows] @ plan.far_ratio
    far_permille = np.rint(np.divide(far_m2, part_m2, where=part_m2 > 0, out=0 * far_m2) * 1000)
    return {
        **_placed(rows, gfa_m2[rows]),
        "far_permille": far_permille.astype("<i4").tobytes(),
        "floors": floors[rows].astype("<u2").tobytes(),
    }


def before_sections(plan: Plan, *, against: Plan) -> dict[str, bytes]:
    """Return what another plan has on this plan's parcels, for the tooltip's changes.

    ``before_rows``, ``before_uses`` and ``before_gfa_m2`` as in `figure_sections`, of this plan's
    rows that have floor area there; ``before_none`` (4 bytes each): rows of lots that the other
    plan does not have.
    """
    change = Change(plan, against)
    rows = np.flatnonzero(change.before_m2.any(axis=1))
    placed = _placed(rows, change.before_m2[rows])
    return {
        **{f"before_{name}": section for name, section in placed.items()},
        "before_none": np.flatnonzero(change.counterpart < 0).astype("<i4").tobytes(),
    }


def _placed(rows: Integers, gfa_m2: Integers) -> dict[str, bytes]:
    placed = gfa_m2 > 0
    return {
        "rows": rows.astype("<i4").tobytes(),
        "uses": np.packbits(placed, axis=1, bitorder="little").tobytes(),
        "gfa_m2": gfa_m2[placed].astype("<i4").tobytes(),
    }


def as_text(sections: Mapping[str, bytes]) -> dict[str, str]:
    """Return sections in base64, for a data block of a page."""
    return {name: base64.b64encode(section).decode() for name, section in sections.items()}


def plan_message(  # noqa: PLR0913 - what is shown, all by name
    plan: Plan,
    *,
    style: MapStyle,
    lang: str = "ko",
    selected: Sequence[str] = (),
    around: Mapping[str, Any] | None = None,
    year: int | None = None,
    against: Plan | None = None,
    swipe: tuple[Plan, MapStyle] | None = None,
) -> bytes:
    """Return everything that the document needs to show a plan.

    Parameters
    ----------
    plan : Plan
    style : MapStyle
    lang : str
        Language of names that were written in both.
    selected : sequence of str
        Ids of parcels to outline; ids that the plan does not know are left out.
    around : Mapping[str, Any], optional
        Further words for the page that holds the document.
    year : int, optional
        Calendar year at whose end the figures are told; all of the plan where left out.
    against : Plan, optional
        Plan that the tooltips compare with.
    swipe : (Plan, MapStyle), optional
        Plan on the other side of a divider and its colouring; not together with `against`.

    Returns
    -------
    bytes
        Length of the head (4 bytes, little-endian), the head (JSON: the keys of `around`,
        ``plan``, ``sections`` with the length of each section), then the `SECTIONS`,
        and with `against` or `swipe` the `BEFORE_SECTIONS`, with `swipe` ``swipe_index`` too.

    Raises
    ------
    ValueError
        Both `against` and `swipe` are given.
    """
    sections = {"index": index_section(style), **figure_sections(plan, year=year)}
    order: tuple[str, ...] = SECTIONS
    if against is not None and swipe is not None:
        raise ValueError("a plan is compared with another one or swiped, not both")
    other = against if swipe is None else swipe[0]
    if other is not None:
        sections |= before_sections(plan, against=other)
        order += BEFORE_SECTIONS
    swiped: dict[str, Any] = {}
    if swipe is not None:
        there = seen_on(plan, other=swipe[0], style=swipe[1])
        swiped["swipe"] = {**style_message(there), "name": plan_name(swipe[0], lang=lang)}
        sections["swipe_index"] = index_section(there)
        order += ("swipe_index",)
    head = {
        **(around or {}),
        "plan": {
            **style_message(style),
            "selected": [parcel_id for parcel_id in selected if parcel_id in plan.parcels.index],
            **plan_words(plan, against=against, lang=lang),
            **swiped,
        },
        "sections": [[name, len(sections[name])] for name in order],
    }
    words = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    return b"".join((len(words).to_bytes(4, "little"), words, *(sections[name] for name in order)))


def seen_on(plan: Plan, *, other: Plan, style: MapStyle) -> MapStyle:
    """Return another plan's colouring on this plan's parcels; lots it does not have are pale."""
    counterpart = Change(plan, other).counterpart
    none = len(style.palette)
    index = np.where(counterpart >= 0, style.index[counterpart], none).astype(np.uint8)
    return replace(style, palette=(*style.palette, CLOSED_SWATCH), index=index)


def plan_words(plan: Plan, *, lang: str, against: Plan | None = None) -> dict[str, Any]:
    """Return what the document says about a plan as a whole, on paper too."""
    words: dict[str, Any] = {
        "name": written(plan.scenario.name).render(lang),
        "scenario_id": plan.scenario_id,
        "total_gfa_m2": plan.total_gfa_m2,
        "rules": plan.rules_id,
    }
    if against is not None:
        words["against"] = plan_name(against, lang=lang)
    return words


def _swatch(swatch: Swatch) -> dict[str, Any]:
    look: dict[str, Any] = {
        "fill": swatch.fill,
        "stroke": swatch.stroke,
        "opacity": swatch.opacity,
        "weight": swatch.weight,
    }
    if swatch.hatch is not None:
        look |= {"hatch": swatch.hatch, "ink": swatch.ink}
    return look
