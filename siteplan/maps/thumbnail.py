"""A small picture of a plan as SVG text: which parcels change against another plan, and to what.

Meant for cards side by side, where a live map would be too much: no script, no network, no tiles.
Changed parcels carry their use's full colour, a thick outline and the use's letter; the others
stand back. The picture's title says the same in words.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import numpy as np
import shapely

from siteplan.maps.style import GROUND, UNUSED, USE_COLOURS
from siteplan.text import Joined, Text, sentence
from siteplan.uses import ALL_USES, USES

if TYPE_CHECKING:
    import numpy.typing as npt
    from shapely import Geometry

    from siteplan.parcels import Parcels

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]

LETTERS = {
    "ko": {"research": "연", "campus": "캠", "housing": "주", "culture": "문"},
    "en": {"research": "R", "campus": "C", "housing": "H", "culture": "Cu"},
}
"""What stands on a changed parcel, by language and use."""

LEAST_LETTER_PX = 11.0
"""Least diameter of the circle in a parcel that carries a letter."""

MARGIN_PX = 6.0


def plan_thumbnail(
    parcels: Parcels,
    gfa_m2: Integers,
    *,
    before_m2: Integers | None = None,
    in_view: npt.NDArray[np.bool_] | None = None,
    width_px: int = 320,
    lang: str = "ko",
    dark: bool = False,
) -> str:
    """Return a plan as one SVG element.

    Parameters
    ----------
    parcels : Parcels
    gfa_m2 : ndarray of int, shape (n, k)
        The plan to draw.
    before_m2 : ndarray of int, shape (n, k), optional
        Plan against which changes stand out; left out, nothing does.
    in_view : ndarray of bool, shape (n,), optional
        Parcels that the picture reaches, so that several show the same ground; left out, those
        that hold anything in either plan.
    width_px : int
        Width; the height follows the parcels in view, between a third of the width and all of it.
    lang : str
    dark : bool
        Whether it lies on a dark ground.

    Returns
    -------
    str
        Self-contained, without a single word from a file.
    """
    before = gfa_m2 if before_m2 is None else before_m2
    changed = np.asarray((gfa_m2 != before).any(axis=1))
    built = np.asarray(gfa_m2.any(axis=1))
    frame = _Frame(parcels, built | changed if in_view is None else in_view, width_px)
    colours = GROUND["dark" if dark else "light"]
    shapes = [
        _outline(frame, row, UNUSED, f'fill-opacity=".35" stroke="{colours["parcel"]}"')
        for row in frame.rows_quiet(built | changed)
    ]
    main = gfa_m2.argmax(axis=1)
    opacity = ".85" if before_m2 is None else ".4"
    for row in np.flatnonzero(built & ~changed).tolist():
        looks = f'fill-opacity="{opacity}" stroke="{colours["parcel"]}" stroke-width=".8"'
        shapes.append(_outline(frame, row, USE_COLOURS[USES[main[row]]], looks))
    letters = []
    for row in np.flatnonzero(changed).tolist():
        fill = USE_COLOURS[USES[main[row]]] if built[row] else colours["ground"]
        looks = f'stroke="{colours["selected"]}" stroke-width="2.4" class="changed"'
        shapes.append(_outline(frame, row, fill, looks))
        letter = LETTERS[lang][USES[main[row]]] if built[row] else "–"
        letters.append(_letter(frame, row, letter))
    title = html.escape(_title(gfa_m2, changed, built).render(lang))
    height = f"{frame.height_px:.0f}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width_px} {height}" '
        f'width="{width_px}" height="{height}" role="img" aria-label="{title}">'
        f'<title>{title}</title><rect width="100%" height="100%" fill="{colours["ground"]}"/>'
        f'<g stroke-linejoin="round">{"".join(shapes)}</g>'
        f'<g font-family="sans-serif" font-weight="700" text-anchor="middle">{"".join(letters)}</g>'
        "</svg>"
    )


def _title(gfa_m2: Integers, changed: npt.NDArray[np.bool_], built: npt.NDArray[np.bool_]) -> Text:
    if not changed.any():
        return sentence("{count} parcels with floor area.", count=int(built.sum()))
    totals = gfa_m2[changed].argmax(axis=1)
    counts = [
        sentence(
            "{use} {count}",
            use=use.label,
            count=int(((totals == column) & built[changed]).sum()),
        )
        for column, use in enumerate(ALL_USES)
    ]
    return sentence(
        "{count} parcels with floor area, {changed} of them changed; by their main use then: "
        "{counts}.",
        count=int(built.sum()),
        changed=int(changed.sum()),
        counts=Joined(tuple(counts)),
    )


class _Frame:
    """Where parcels lie on the picture."""

    def __init__(self, parcels: Parcels, shown: npt.NDArray[np.bool_], width_px: int) -> None:
        self._geometry = parcels.geometry
        near = parcels.geometry[shown] if shown.any() else parcels.geometry
        west, south, east, north = shapely.total_bounds(near).tolist()
        room_px = width_px - 2 * MARGIN_PX
        wide_m, high_m = max(east - west, 1.0), max(north - south, 1.0)
        self.px_per_m = min(room_px / wide_m, room_px / high_m)
        self.height_px = max(high_m * self.px_per_m + 2 * MARGIN_PX, width_px / 3)
        self.box = shapely.box(west, south, east, north)
        self._left_m = (west + east) / 2 - width_px / 2 / self.px_per_m
        self._top_m = (south + north) / 2 + self.height_px / 2 / self.px_per_m

    def rows_quiet(self, loud: npt.NDArray[np.bool_]) -> list[int]:
        """Return the rows in view that hold nothing, those too small to see left out."""
        small = shapely.area(self._geometry) * self.px_per_m**2 < 2.0
        inside = shapely.intersects(self._geometry, self.box.buffer(MARGIN_PX / self.px_per_m))
        return np.flatnonzero(inside & ~loud & ~small).tolist()

    def shape(self, row: int) -> Geometry:
        """Return a parcel's outline without corners that nobody could see."""
        return shapely.simplify(self._geometry[row], 0.4 / self.px_per_m)

    def places_px(self, xy_m: Floats) -> Floats:
        """Return points of EPSG:5186 on the picture, shape (m, 2)."""
        right_px = (xy_m[:, 0] - self._left_m) * self.px_per_m
        return np.column_stack([right_px, (self._top_m - xy_m[:, 1]) * self.px_per_m])


def _outline(frame: _Frame, row: int, fill: str, looks: str) -> str:
    rings = shapely.get_rings(shapely.get_parts(frame.shape(row)))
    path = "".join(
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places[:-1].tolist()) + "Z"
        for places in (frame.places_px(shapely.get_coordinates(ring)) for ring in rings)
    )
    return f'<path d="{path}" fill="{fill}" fill-rule="evenodd" {looks}/>'


def _letter(frame: _Frame, row: int, letter: str) -> str:
    """Return the letter of a parcel's main use, empty where it would not fit."""
    parts = shapely.get_parts(frame.shape(row))
    largest = parts[int(np.argmax(shapely.area(parts)))]
    radius = shapely.maximum_inscribed_circle(largest, tolerance=1.0)
    size_px = 2 * float(shapely.length(radius)) * frame.px_per_m
    if size_px < LEAST_LETTER_PX:
        return ""
    x, y = frame.places_px(shapely.get_coordinates(radius)[:1])[0].tolist()
    font_px = min(size_px * 0.62, 15.0)
    return (
        f'<text x="{x:.1f}" y="{y + font_px * 0.36:.1f}" font-size="{font_px:.1f}" fill="#14181C" '
        f'stroke="#FFFFFF" stroke-width="2.6" paint-order="stroke">{letter}</text>'
    )
