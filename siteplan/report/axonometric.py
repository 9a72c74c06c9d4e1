"""The massing as a 3-D picture on paper: prisms by use over the ground and its lots."""

from __future__ import annotations

import math
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from siteplan.maps.deck import segment_colour, segment_label
from siteplan.maps.style import GROUND
from siteplan.massing import PARKING, prisms
from siteplan.report.drawing import drawing, legend, name_tags, path_of, points_path, swatch
from siteplan.report.labels import Box, Name, placed
from siteplan.report.markup import Markup, element, joined
from siteplan.report.site_map import MOST_LED, lot_tag, without_room
from siteplan.report.solids import Face, Solid, Storey, View, painted
from siteplan.text import N_

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.report.labels import Placed
    from siteplan.report.sheet import Sheet

    Floats = npt.NDArray[np.float64]

_GROUND = GROUND["light"]
_LIFTS = (1, 2, 3)
_TALL_RATIO = 0.07
_TAG_MM = 2.4
_MARGIN_RATIO = 0.05


def solids_of(sheet: Sheet) -> list[Solid]:
    """Return the massing of a plan as solids, one for each parcel used."""
    massing = sheet.plan.massing
    found = []
    standing = prisms(massing, sheet.plan.parcels.geometry)
    for row, stack in groupby(standing, key=lambda prism: prism.row):
        column = list(stack)
        storeys = tuple(
            Storey(
                prism.segment,
                prism.base_m,
                prism.base_m + prism.height_m,
                prism.height_m * float(massing.footprint_m2[row]) / prism.area_m2,
            )
            for prism in column
        )
        found.append(Solid(row, column[0].outline, storeys))
    return found


def picture(sheet: Sheet, *, width_mm: float, most_height_mm: float) -> Markup:
    """Return the 3-D picture with its legend; nothing where nothing stands.

    Parameters
    ----------
    sheet : Sheet
    width_mm, most_height_mm : float
        Room on the paper.
    """
    _ = sheet.translator
    solids = solids_of(sheet)
    if not solids:
        return Markup("")
    lots = shapely.get_coordinates(sheet.plan.parcels.geometry[list(sheet.used_rows)])
    view = _view(solids, lots)
    ground = view.ground_box(lots, margin_ratio=_MARGIN_RATIO)
    frame = _Frame(view, ground, solids, width_mm=width_mm, most_height_mm=most_height_mm)
    tags = _tags(sheet, solids, frame)
    drawn = drawing(
        _flat(sheet, ground, frame),
        joined(_drawn(face, frame) for face in painted(solids, view)),
        name_tags(tags),
        width_mm=width_mm,
        height_mm=frame.height_mm,
        label=_(N_("Massing in 3-D: outline volumes by use")),
    )
    told = [
        _(
            N_(
                "Parallel view, looking towards {bearing}. Outline massing: each lot's own shape "
                "drawn in, uses stacked; lines on the walls are floors."
            )
        ).format(bearing=_(N_("the north-north-east")))
    ]
    if view.lift > 1:
        told.append(
            _(N_("Heights are drawn {times} times as high as they are.")).format(
                times=f"{view.lift:g}"
            )
        )
    left_out = sum(tag is None for tag in tags)
    if left_out:
        told.append(without_room(sheet, left_out))
    caption = element("figcaption", element("b", _(N_("3-D picture"))), " · ", " ".join(told))
    return element("figure", drawn, caption, _legend(sheet))


def _view(solids: list[Solid], lots_m: Floats) -> View:
    """Return the view; heights are lifted where buildings are low against the ground shown."""
    tallest = max(solid.top_m for solid in solids)
    wanted = math.ceil(_TALL_RATIO * float(np.ptp(lots_m, axis=0).max()) / tallest)
    return View(lift=float(min(max(wanted, _LIFTS[0]), _LIFTS[-1])))


class _Frame:
    """The picture's plane on paper, mm, y down."""

    def __init__(
        self,
        view: View,
        ground: Any,
        solids: list[Solid],
        *,
        width_mm: float,
        most_height_mm: float,
    ) -> None:
        corners = [view.picture(shapely.get_coordinates(ground))]
        corners += [
            view.picture(shapely.get_coordinates(solid.outline), solid.top_m) for solid in solids
        ]
        seen = np.vstack(corners)
        low, high = seen.min(axis=0), seen.max(axis=0)
        edge = 0.3
        size = high - low
        self.mm_per_m = min((width_mm - 2 * edge) / size[0], (most_height_mm - 2 * edge) / size[1])
        self.view = view
        self.width_mm = width_mm
        self.height_mm = size[1] * self.mm_per_m + 2 * edge
        self._west = (low[0] + high[0]) / 2 - width_mm / 2 / self.mm_per_m
        self._top = high[1] + edge / self.mm_per_m

    def paper(self, points: Floats) -> Floats:
        """Return mm on the paper of points on the picture's plane."""
        return np.column_stack(
            [
                (points[:, 0] - self._west) * self.mm_per_m,
                (self._top - points[:, 1]) * self.mm_per_m,
            ]
        )

    def flat(self, xy_m: Floats) -> Floats:
        """Return mm on the paper of points on the ground."""
        return self.paper(self.view.picture(xy_m))


def _flat(sheet: Sheet, ground: Any, frame: _Frame) -> Markup:
    """Return the ground: what lies round the lots, then the lots."""
    drawn = [_shape(ground, frame, fill=_GROUND["ground"], stroke=_GROUND["road_edge"])]
    for kind, looks in (("park", "park"), ("stream", "water"), ("road", "road")):
        for feature in sheet.plan.parcels.context.of_kind(kind):
            shown = shapely.intersection(feature.geometry, ground)
            if not shown.is_empty:
                drawn.append(
                    _shape(shown, frame, fill=_GROUND[looks], stroke=_GROUND[f"{looks}_edge"])
                )
    used = sheet.plan.parcel_gfa_m2 > 0
    geometry = shapely.intersection(sheet.plan.parcels.geometry, ground)
    for row in np.argsort(used, kind="stable").tolist():
        if not geometry[row].is_empty:
            fill = "#FFFFFF" if used[row] else "#E7E4DD"
            stroke = "#16202a" if used[row] else "#A9A59B"
            drawn.append(_shape(geometry[row], frame, fill=fill, stroke=stroke))
    return joined(drawn)


def _shape(shape: Any, frame: _Frame, *, fill: str, stroke: str) -> Markup:
    return element(
        "path",
        d=path_of(shape, frame.flat),
        fill=fill,
        fill_rule="evenodd",
        stroke=stroke,
        stroke_width=0.15,
        stroke_linejoin="round",
    )


def shaded(colour: str, light: float) -> str:
    """Return a colour in some light, 0 black to 1 the colour itself."""
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(part * light):02x}" for part in parts)


def _drawn(face: Face, frame: _Frame) -> Markup:
    fill = shaded(segment_colour(face.key), face.light)
    path = points_path(frame.paper(face.points), closed=True)
    looks: dict[str, Any] = {"stroke_width": 0.12, "stroke_linejoin": "round"}
    if face.kind == "roof":
        # Stroked in its own colour, so that the triangles of a bent roof show no seams.
        return element("path", d=path, fill=fill, stroke=fill, **looks)
    wall = element("path", d=path, fill=fill, stroke=shaded(fill, 0.8), **looks)
    lines = _floor_lines(face, frame)
    if not lines:
        return wall
    drawn = element(
        "path", d=lines, fill="none", stroke="#fff", stroke_opacity=0.55, stroke_width=0.12
    )
    return joined((wall, drawn))


def _floor_lines(face: Face, frame: _Frame) -> str:
    """Return the path of the lines between the floors of a wall."""
    storey, edge = face.storey, face.edge_m
    if edge is None or storey.floor_m * frame.mm_per_m * frame.view.lift < 0.35:
        return ""
    count = math.ceil((storey.top_m - storey.base_m) / storey.floor_m - 1e-9)
    heights = [storey.base_m + i * storey.floor_m for i in range(1, count)]
    return "".join(
        points_path(frame.paper(frame.view.picture(edge, height)), closed=False)
        for height in heights
    )


def _tags(sheet: Sheet, solids: list[Solid], frame: _Frame) -> list[Placed | None]:
    """Return places of lot numbers above the roofs, or beside them with a line from the roof."""
    tops, feet = {}, {}
    few = len(sheet.used_rows) <= MOST_LED
    for solid in solids:
        middle = shapely.get_coordinates(shapely.point_on_surface(solid.outline))
        x, y = frame.paper(frame.view.picture(middle, solid.top_m))[0].tolist()
        roof = frame.paper(frame.view.picture(shapely.get_coordinates(solid.outline), solid.top_m))
        tops[solid.row] = (float(roof[:, 0].mean()), float(roof[:, 1].min()) - 1.8)
        feet[solid.row] = (x, y)
    names = [
        Name(lot_tag(sheet, row), *tops[row], size_mm=_TAG_MM, far=few, foot_mm=feet[row])
        for row in sheet.used_rows
        if row in tops
    ]
    frame_box = Box(0.3, 0.3, frame.width_mm - 0.3, frame.height_mm - 0.3)
    return placed(names, frame=frame_box)


def _legend(sheet: Sheet) -> Markup:
    """Return each segment that stands with its floor area above ground."""
    massing = sheet.plan.massing
    sums_m2 = massing.segment_m2.sum(axis=0).tolist()
    return legend(
        (
            swatch(segment_colour(key), stroke=shaded(segment_colour(key), 0.6)),
            segment_label(key).render(sheet.lang),
            f"{area_m2:,} m²",
        )
        for key, area_m2 in zip(massing.stack, sums_m2, strict=True)
        if area_m2 > 0 or key != PARKING
    )
