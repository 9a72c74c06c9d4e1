"""Maps on paper: parcels, what lies round them, names without overlaps, scale bar, north arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from siteplan.maps.outlines import label_angle
from siteplan.maps.style import GROUND, MapStyle, Swatch
from siteplan.report.drawing import (
    drawing,
    hatch_fill,
    legend,
    name_tags,
    path_of,
    swatch,
    use_swatch,
)
from siteplan.report.labels import Box, Name, placed
from siteplan.report.markup import Markup, element, joined
from siteplan.report.window import Window, north_arrow, scale_bar, taken, window_round
from siteplan.text import N_
from siteplan.uses import USES

if TYPE_CHECKING:
    from siteplan.report.labels import Placed
    from siteplan.report.sheet import Sheet

_GROUND = GROUND["light"]
_LOT_MM, _NAME_MM = 2.5, 2.1
_WHOLE_MM = 150.0
"""Narrower maps name stations only."""
MOST_LED = 40
"""With more lots than this no leader lines are drawn, and lots carry only their number."""

_BY_USE = ("use", "standing")
_THICK_WEIGHT = 3.0

_AROUND = (("park", "park"), ("stream", "water"), ("road", "road"))


def site_window(sheet: Sheet, *, width_mm: float, most_height_mm: float) -> Window:
    """Return the window round the parcels used, or all where none is."""
    rows = list(sheet.shown_rows) or list(range(len(sheet.plan.parcels)))
    box = shapely.total_bounds(sheet.plan.parcels.geometry[rows])
    west, south, east, north = map(float, box)
    return window_round(
        (west, south, east, north), width_mm=width_mm, most_height_mm=most_height_mm
    )


def site_map(
    sheet: Sheet, style: MapStyle, *, window: Window, notes: dict[int, str] | None = None
) -> Markup:
    """Return a map with its legend.

    Parameters
    ----------
    sheet : Sheet
    style : MapStyle
    window : Window
    notes : dict of int to str, optional
        Row -> what stands on a parcel instead of its number and lot number.
    """
    _ = sheet.translator
    places, left_out = _names(sheet, window=window, notes=notes)
    over = joined((name_tags(places), scale_bar(window), north_arrow(window)))
    drawn = _picture(sheet, style, window=window, key=style.colour_by, over=over)
    told = [_(N_("1 : {scale:,} when printed at 100 %")).format(scale=round(window.scale))]
    if left_out:
        told.append(without_room(sheet, left_out))
    caption = element("figcaption", element("b", style.title), " · ", " · ".join(told))
    return element("figure", drawn, caption, _legend(style))


def small_map(
    sheet: Sheet, style: MapStyle, *, window: Window, key: str, caption: Markup
) -> Markup:
    """Return a map without names, scale and legend, as one of several of the same ground.

    Parameters
    ----------
    sheet : Sheet
    style : MapStyle
    window : Window
    key : str
        Tells it from the others in the document.
    caption : Markup
    """
    drawn = _picture(sheet, style, window=window, key=key, over=Markup(""))
    return element("figure", drawn, element("figcaption", caption))


def _picture(sheet: Sheet, style: MapStyle, *, window: Window, key: str, over: Markup) -> Markup:
    """Return the parcels in their surroundings within a frame, and what lies over them."""
    _ = sheet.translator
    name = f"map-{key.replace(':', '-')}-clip"
    clip = element(
        "clipPath", element("rect", width=window.width_mm, height=window.height_mm), id=name
    )
    inside = element(
        "g",
        _surroundings(sheet, window=window),
        _parcels(sheet, style, window=window),
        _station_dots(sheet, window=window),
        clip_path=f"url(#{name})",
    )
    frame = {"width": window.width_mm, "height": window.height_mm}
    return drawing(
        element("defs", clip),
        element("rect", **frame, fill=_GROUND["ground"]),
        inside,
        over,
        element("rect", **frame, fill="none", stroke="#8a949e", stroke_width=0.25),
        width_mm=window.width_mm,
        height_mm=window.height_mm,
        label=_(N_("Map: {title}")).format(title=style.title),
    )


def without_room(sheet: Sheet, count: int) -> str:
    """Return the sentence that says how many parcels' names found no room."""
    _ = sheet.translator
    return _(N_("{count} parcels have no room for their number; the table has them all.")).format(
        count=count
    )


def _legend(style: MapStyle) -> Markup:
    entries = []
    for entry in style.legend:
        look = style.palette[entry.swatch]
        key = (
            use_swatch(USES[entry.swatch])
            if _hatched(style, entry.swatch)
            else swatch(look.fill, stroke=look.stroke or _GROUND["parcel"], opacity=look.opacity)
        )
        entries.append((key, entry.text, entry.note))
    return legend(entries)


def _hatched(style: MapStyle, swatch: int) -> bool:
    """Tell whether a class of parcels is a use, which has its own hatch on paper."""
    return style.colour_by in _BY_USE and swatch < len(USES)


def _surroundings(sheet: Sheet, *, window: Window) -> Markup:
    drawn = []
    for kind, looks in _AROUND:
        for feature in sheet.plan.parcels.context.of_kind(kind):
            path = path_of(shapely.intersection(feature.geometry, window.ground), window.project)
            if path:
                drawn.append(
                    element(
                        "path",
                        d=path,
                        fill=_GROUND[looks],
                        fill_rule="evenodd",
                        stroke=_GROUND[f"{looks}_edge"],
                        stroke_width=0.15,
                    )
                )
    return joined(drawn)


def _parcels(sheet: Sheet, style: MapStyle, *, window: Window) -> Markup:
    geometry = sheet.plan.parcels.geometry
    used = sheet.plan.parcel_gfa_m2 > 0
    seen = np.flatnonzero(shapely.intersects(geometry, window.ground))
    # Used lots come last, so that their outline lies over their neighbours'.
    drawn = []
    for row in seen[np.argsort(used[seen], kind="stable")].tolist():
        look = style.palette[style.index[row]]
        by_use = _hatched(style, style.index[row])
        fill = hatch_fill(USES[style.index[row]]) if by_use else look.fill
        drawn.append(
            element(
                "path",
                d=path_of(geometry[row], window.project),
                fill=fill,
                fill_opacity=1 if by_use else look.opacity,
                fill_rule="evenodd",
                stroke=(look.stroke or "#16202a") if used[row] else _GROUND["parcel"],
                stroke_width=_outline_mm(look, window=window) if used[row] else 0.12,
                stroke_linejoin="round",
            )
        )
    return joined(drawn)


def _outline_mm(look: Swatch, *, window: Window) -> float:
    """Return the outline of a used parcel; what is under construction stands out by it."""
    if look.weight >= _THICK_WEIGHT:
        return 0.6
    return 0.45 if window.width_mm >= _WHOLE_MM else 0.25


def _middle_mm(shape: Any, *, window: Window) -> tuple[float, float] | None:
    """Return the middle of the largest circle in the part of a shape that is on the map."""
    shown = shapely.intersection(shape, window.ground)
    parts = [part for part in shapely.get_parts(shown) if shapely.get_dimensions(part) == 2]
    if not parts:
        return None
    largest = max(parts, key=lambda part: part.area)
    circle = shapely.maximum_inscribed_circle(largest, tolerance=window.scale / 4000)
    x, y = window.project(shapely.get_coordinates(circle)[:1])[0].tolist()
    return x, y


def _names(
    sheet: Sheet, *, window: Window, notes: dict[int, str] | None
) -> tuple[list[Placed | None], int]:
    """Return places of lots, stations and places, and how many lots found none."""
    lots = []
    crowded = len(sheet.shown_rows) > MOST_LED
    for row in sheet.shown_rows:
        middle = _middle_mm(sheet.plan.parcels.geometry[row], window=window)
        if middle is not None:
            text = notes[row] if notes is not None else lot_tag(sheet, row)
            lots.append(Name(text, *middle, size_mm=_LOT_MM, far=not crowded))
    frame = Box(0.6, 0.6, window.width_mm - 0.6, window.height_mm - 0.6)
    found = placed([*lots, *_around_names(sheet, window=window)], frame=frame, taken=taken(window))
    return found, sum(place is None for place in found[: len(lots)])


def lot_tag(sheet: Sheet, row: int) -> str:
    """Return what stands on a parcel: its number in the tables, where they are few its lot too."""
    if len(sheet.shown_rows) > MOST_LED:
        return str(sheet.numbers[row])
    return f"{sheet.numbers[row]} · {sheet.lot(row)}"


def _around_names(sheet: Sheet, *, window: Window) -> list[Name]:
    named = []
    looks = {"station": "station"}
    if window.width_mm >= _WHOLE_MM:
        looks |= {"stream": "water", "road_line": "road", "ai_hub": "place"}
    seen = set()
    for kind, class_ in looks.items():
        for feature in sheet.plan.parcels.context.of_kind(kind):
            name = feature.name_ko if sheet.lang == "ko" else feature.name_en or feature.name_ko
            shown = shapely.intersection(feature.geometry, window.ground)
            if not name or shown.is_empty or (kind, name) in seen:
                continue
            seen.add((kind, name))
            x, y, angle_deg = _along(shown, window=window)
            far = kind in ("station", "ai_hub")
            named.append(
                Name(name, x, y, size_mm=_NAME_MM, far=far, class_=class_, angle_deg=angle_deg)
            )
    return named


def _along(shape: Any, *, window: Window) -> tuple[float, float, float]:
    """Return where a name stands in mm, and its direction: along a line at its middle."""
    lines = [part for part in shapely.get_parts(shape) if shapely.get_dimensions(part) == 1]
    if not lines:
        point: Any = shapely.point_on_surface(shape)
        x, y = window.project(shapely.get_coordinates(point))[0].tolist()
        return x, y, 0.0
    longest = max(lines, key=lambda line: line.length)
    near = shapely.line_interpolate_point(longest, [0.44, 0.5, 0.56], normalized=True)
    points = shapely.get_coordinates(near)
    x, y = window.project(points)[1].tolist()
    return x, y, label_angle(shapely.linestrings(points[[0, 2]]))


def _station_dots(sheet: Sheet, *, window: Window) -> Markup:
    dots = []
    for feature in sheet.plan.parcels.context.of_kind("station"):
        if shapely.intersects(feature.geometry, window.ground):
            point = shapely.get_coordinates(shapely.centroid(feature.geometry))
            x, y = window.project(point)[0].tolist()
            dots.append(
                element(
                    "circle",
                    cx=x,
                    cy=y,
                    r=1.1,
                    fill="#fff",
                    stroke=_GROUND["station"],
                    stroke_width=0.6,
                )
            )
    return joined(dots)
