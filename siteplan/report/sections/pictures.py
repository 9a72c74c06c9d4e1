"""Maps and the 3-D picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siteplan.amounts import pct
from siteplan.maps.style import colours
from siteplan.report.axonometric import picture
from siteplan.report.markup import Markup, element, joined, paragraph
from siteplan.report.sheet import Section
from siteplan.report.site_map import MOST_LED, site_map, site_window
from siteplan.report.stacks import MOST_STACKS, stacks
from siteplan.text import N_

if TYPE_CHECKING:
    from siteplan.report.sheet import Sheet

_HEADING_MM, _LEGEND_MM, _GAP_MM = 34.0, 24.0, 8.0
_PICTURE_MM, _SMALL_MM = 112.0, 70.0


def maps(sheet: Sheet) -> Section:
    """Return the maps: use large, share of capacity used and floors beside or below it."""
    _ = sheet.translator
    paper = sheet.paper
    room_mm = paper.inner_height_mm - _HEADING_MM - _LEGEND_MM
    by_use = colours(sheet.plan, colour_by="use", lang=sheet.lang)
    if not sheet.feasible:
        zones = colours(sheet.plan, colour_by="zone", lang=sheet.lang)
        window = site_window(sheet, width_mm=paper.inner_width_mm, most_height_mm=room_mm)
        lead = paragraph(
            _(N_("Parcels that take part carry their number in the tables and their lot number.")),
            class_="lead",
        )
        return Section(
            "maps", _(N_("Maps")), joined((lead, site_map(sheet, zones, window=window))), wide=True
        )
    numbered = (
        N_(
            "Parcels used carry their number in the tables and their lot number. Each use has "
            "its own colour and its own hatch."
        )
        if len(sheet.used_rows) <= MOST_LED
        else N_(
            "Parcels used carry their number in the tables. Each use has its own colour and its "
            "own hatch."
        )
    )
    lead = paragraph(_(numbered), class_="lead")
    if not sheet.wide:
        window = site_window(sheet, width_mm=paper.inner_width_mm, most_height_mm=room_mm)
        return Section(
            "maps", _(N_("Maps")), joined((lead, site_map(sheet, by_use, window=window))), wide=True
        )
    large_mm = (paper.inner_width_mm - _GAP_MM) * 2 / 3
    window = site_window(sheet, width_mm=large_mm, most_height_mm=room_mm)
    large = site_map(sheet, by_use, window=window)
    beside = _small_maps(sheet, width_mm=large_mm / 2, most_height_mm=room_mm / 2 - 8)
    body = element("div", element("div", large), element("div", beside), class_="atlas")
    return Section("maps", _(N_("Maps")), joined((lead, body)), wide=True)


def _small_maps(sheet: Sheet, *, width_mm: float, most_height_mm: float) -> Markup:
    """Return two small maps: floors, and the share of capacity used, written on each lot."""
    _ = sheet.translator
    window = site_window(sheet, width_mm=width_mm, most_height_mm=most_height_mm)
    used_pct = sheet.plan.utilisation_pct
    storeys = _(N_("{floors}F"))
    floors = site_map(
        sheet,
        colours(sheet.plan, colour_by="floors", lang=sheet.lang),
        window=window,
        notes={row: storeys.format(floors=int(sheet.plan.floors[row])) for row in sheet.used_rows},
    )
    share = site_map(
        sheet,
        colours(sheet.plan, colour_by="utilisation", lang=sheet.lang),
        window=window,
        notes={row: f"{used_pct[row]:.0f} %" for row in sheet.used_rows},
    )
    return joined((floors, share))


def massing(sheet: Sheet) -> Section | None:
    """Return the 3-D picture; None where nothing stands."""
    if not sheet.feasible or not sheet.used_rows:
        return None
    _ = sheet.translator
    paper = sheet.paper
    room_mm = paper.inner_height_mm - _HEADING_MM - _LEGEND_MM
    most_mm = room_mm if sheet.wide else _PICTURE_MM
    tallest = max(sheet.used_rows, key=lambda row: float(sheet.plan.height_m[row]))
    lead = _(
        N_(
            "The tallest volume, parcel {number}, has {floors} floors and is {height:.1f} m high; "
            "footprints cover {bcr} of the land that takes part."
        )
    ).format(
        number=sheet.numbers[tallest],
        floors=int(sheet.plan.floors[tallest]),
        height=float(sheet.plan.height_m[tallest]),
        bcr=pct(sheet.metrics["bcr_achieved_pct"].value),
    )
    drawn = picture(sheet, width_mm=paper.inner_width_mm, most_height_mm=most_mm)
    parts = [paragraph(lead, class_="lead"), drawn]
    if not sheet.wide:
        half_mm = (paper.inner_width_mm - 5) / 2
        small = _small_maps(sheet, width_mm=half_mm, most_height_mm=_SMALL_MM)
        parts.append(element("div", small, class_="side"))
    title = _(N_("3-D picture")) if sheet.wide else _(N_("3-D picture, floors and capacity used"))
    return Section("massing", title, joined(parts), wide=True)


def floors(sheet: Sheet) -> Section | None:
    """Return the floors of the largest parcels; None where nothing stands."""
    if not sheet.feasible or not sheet.used_rows:
        return None
    _ = sheet.translator
    lead = _(
        N_(
            "The {count} fullest parcels at one scale: each floor as wide as its area, from the "
            "lowest basement up. The thick line is the ground."
        )
    ).format(count=min(len(sheet.used_rows), MOST_STACKS))
    drawn = element("figure", stacks(sheet, width_mm=sheet.paper.inner_width_mm))
    body = joined((paragraph(lead, class_="lead"), drawn))
    return Section("floors", _(N_("Floors of the largest parcels")), body, wide=True)
