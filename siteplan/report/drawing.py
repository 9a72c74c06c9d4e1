"""SVG for paper: outlines as paths, patterns that say without colour what colours say, legends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from siteplan.maps.style import USE_COLOURS, USE_STROKES
from siteplan.report.labels import Placed
from siteplan.report.markup import Markup, element, joined
from siteplan.uses import USES

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

_TILE_MM = 2.4
_PATTERNS = {
    # A stroke pattern for each use: rising lines, dots, level lines, a grid of diamonds.
    "research": '<path d="M-.6 .6 .6-.6M0 2.4 2.4 0M1.8 3 3 1.8"/>',
    "campus": '<circle cx=".6" cy=".6" r=".32" class="dot"/>'
    '<circle cx="1.8" cy="1.8" r=".32" class="dot"/>',
    "housing": '<path d="M0 .6H2.4M0 1.8H2.4"/>',
    "culture": '<path d="M0 2.4 2.4 0M0 0 2.4 2.4"/>',
}


def hatch_fill(use: str) -> str:
    """Return the fill of a use: its colour with strokes that are its own."""
    return f"url(#hatch-{use})"


def hatches() -> Markup:
    """Return the patterns of all uses, once for the whole document, as a drawing without size."""
    made = []
    for use in USES:
        ground = element("rect", width=_TILE_MM, height=_TILE_MM, fill=USE_COLOURS[use])
        strokes = Markup(_PATTERNS[use].replace('class="dot"', 'fill="#fff" stroke="none"'))
        made.append(
            element(
                "pattern",
                ground,
                element(
                    "g", strokes, stroke="#fff", stroke_width=0.32, stroke_opacity=0.8, fill="none"
                ),
                id=f"hatch-{use}",
                width=_TILE_MM,
                height=_TILE_MM,
                patternUnits="userSpaceOnUse",
            )
        )
    return element(
        "svg",
        element("defs", *made),
        xmlns="http://www.w3.org/2000/svg",
        width="0",
        height="0",
        style="position:absolute",
        aria_hidden="true",
    )


def drawing(
    *children: str,
    width_mm: float,
    height_mm: float,
    label: str,
    natural: bool = True,
) -> Markup:
    """Return a picture in mm with its name for screen readers.

    Parameters
    ----------
    *children : str
    width_mm, height_mm : float
    label : str
        What the picture shows.
    natural : bool
        Whether it is printed in its own size, else as wide as there is room.
    """
    return element(
        "svg",
        element("title", label),
        *children,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width_mm:.2f} {height_mm:.2f}",
        width=f"{width_mm:.2f}mm" if natural else "100%",
        height=f"{height_mm:.2f}mm" if natural else None,
        role="img",
    )


def path_of(shape: Any, project: Any) -> str:
    """Return the path of a polygon, line or collection of them; empty for nothing.

    Parameters
    ----------
    shape : shapely geometry
    project : callable
        Turns coordinates of shape (m, 2) into mm on the drawing.
    """
    pieces: list[str] = []
    for part in shapely.get_parts(shape):
        dimension = int(shapely.get_dimensions(part))
        lines = shapely.get_rings(part) if dimension == 2 else [part] if dimension == 1 else []
        pieces += [
            points_path(project(shapely.get_coordinates(line)), closed=dimension == 2)
            for line in lines
        ]
    return "".join(pieces)


def points_path(points_mm: Floats, *, closed: bool) -> str:
    """Return the path through points, to 0.01 mm."""
    if closed and len(points_mm) > 1 and np.array_equal(points_mm[0], points_mm[-1]):
        points_mm = points_mm[:-1]
    written = "L".join(f"{x:.2f} {y:.2f}" for x, y in points_mm.tolist())
    return f"M{written}Z" if closed else f"M{written}"


def name_tags(places: Sequence[Placed | None]) -> Markup:
    """Return names with a white casing, and leader lines where they stand beside their spot."""
    lines, texts = [], []
    for place in places:
        if place is None:
            continue
        name, (x, y) = place.name, place.middle
        if place.moved:
            foot_x, foot_y = name.foot_mm or (name.x_mm, name.y_mm)
            end_x = min(max(foot_x, place.box.west), place.box.east)
            end_y = min(max(foot_y, place.box.north), place.box.south)
            lines.append(
                element(
                    "path",
                    d=f"M{foot_x:.2f} {foot_y:.2f}L{end_x:.2f} {end_y:.2f}",
                    stroke="#16202a",
                    stroke_width=0.18,
                    fill="none",
                )
            )
            lines.append(element("circle", cx=foot_x, cy=foot_y, r=0.4, fill="#16202a"))
        texts.append(
            element(
                "text",
                name.text,
                x=x,
                y=y + name.size_mm * 0.36,
                font_size=name.size_mm,
                text_anchor="middle",
                transform=f"rotate({name.angle_deg:.1f} {x:.2f} {y:.2f})"
                if name.angle_deg
                else None,
                **_TAG_LOOKS[name.class_],
            )
        )
    return joined((*lines, *texts))


_CASING = {"stroke": "#fff", "paint_order": "stroke", "stroke_linejoin": "round"}
_TAG_LOOKS: dict[str, dict[str, Any]] = {
    "lot": {**_CASING, "font_weight": "700", "fill": "#16202a", "stroke_width": 0.7},
    "road": {**_CASING, "fill": "#6a6358", "stroke_width": 0.5},
    "water": {**_CASING, "fill": "#2f6a8c", "stroke_width": 0.5, "font_style": "italic"},
    "station": {**_CASING, "font_weight": "700", "fill": "#3D4A57", "stroke_width": 0.6},
    "place": {**_CASING, "fill": "#55606b", "stroke_width": 0.5},
}


def swatch(fill: str, *, stroke: str, opacity: float = 1.0) -> Markup:
    """Return the small rectangle of a legend."""
    width, height = 7.2, 3.6
    return element(
        "svg",
        element(
            "rect",
            x=0.15,
            y=0.15,
            width=width - 0.3,
            height=height - 0.3,
            fill=fill,
            fill_opacity=opacity,
            stroke=stroke,
            stroke_width=0.3,
        ),
        viewBox=f"0 0 {width} {height}",
        width=f"{width}mm",
        height=f"{height}mm",
        aria_hidden="true",
    )


def use_swatch(use: str) -> Markup:
    """Return the legend's rectangle of a use: colour and strokes."""
    return swatch(hatch_fill(use), stroke=USE_STROKES[use])


def legend(entries: Iterable[tuple[str, str, str]]) -> Markup:
    """Return a legend: swatch, words, a figure beside them."""
    return element(
        "ul",
        *(
            element(
                "li",
                key,
                element("span", text),
                element("span", note, class_="note") if note else "",
            )
            for key, text, note in entries
        ),
        class_="legend",
    )
