"""The 3-D view: the massing as prisms on the lots, drawn by deck.gl, without a base map.

Streamlit bundles deck.gl, so nothing is fetched. No sun: Streamlit's chart hands no light or
shadow effects on to deck.gl.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import pydeck as pdk
import shapely

from siteplan.maps.looks import CLOSED, GROUND, USE_COLOURS, USE_STROKES
from siteplan.maps.outlines import lon_lat
from siteplan.massing import PARKING, Prism, prisms
from siteplan.text import Label, Renderable, sentence
from siteplan.uses import use_label

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.evaluation import Plan

    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]
    Objects = npt.NDArray[np.object_]
    Row = dict[str, Any]

MOST_LOTS = 5_000
"""With more lots than this, only those that are used or selected are outlined."""

MOST_NAMED = 5
"""Sites whose names are shown, the largest first."""

GHOST_ALPHA, GHOST_EDGE_ALPHA = 36, 140
"""What is not complete in the year shown: its volume hardly seen, its edges clear."""

LOTS, PRISMS = "lots", "prisms"
_PARKING_LABEL = Label("지상 주차장", "Parking above ground")
_AROUND = (("park", ("park",)), ("water", ("stream",)), ("road", ("road",)))
_MARGIN_RATIO = 1.0
_PITCH, _BEARING = 50.0, -20.0
_FRAME_PX, _EDGE_PX = (350.0, 520.0), (48.0, 36.0)
"""Width of a phone and height of the view, and what is kept free at its edges for names."""
_ZOOMS = (6.0, 18.0)
_EQUATOR_M = 40_075_016.7
_NAME_ABOVE_M = 12.0
# Heights as digits after the comma; 7 of a degree are 1 cm.
_DEGREES, _METRES = 7, 2
# Bright enough that a roof is of the legend's colour.
_MATERIAL = {"ambient": 0.75, "diffuse": 0.5, "shininess": 1, "specularColor": [0, 0, 0]}
_FONT = "'Noto Sans KR', 'NanumGothic', 'Malgun Gothic', sans-serif"


def segment_label(segment: str) -> Label:
    """Return the name of a use, or of parking above ground."""
    return _PARKING_LABEL if segment == PARKING else use_label(segment)


def segment_colour(segment: str) -> str:
    """Return the fill of a use, or of parking above ground."""
    return CLOSED if segment == PARKING else USE_COLOURS[segment]


def lots_outlined(plan: Plan) -> bool:
    """Tell whether every lot is outlined, not only the ones used."""
    return len(plan.parcels) <= MOST_LOTS


def plan_deck(
    plan: Plan,
    *,
    lang: str,
    selected: Collection[str] = (),
    dark: bool = False,
    year: int | None = None,
) -> pdk.Deck:
    """Return a plan as extruded prisms by use, with lots and surroundings flat below.

    Parameters
    ----------
    plan : Plan
    lang : str
        Language of tooltips and names.
    selected : collection of str
        Ids of parcels to outline; ids that the plan does not know are left out.
    dark : bool
        Whether the page behind is dark.
    year : int, optional
        Calendar year: what is complete at its end stands solid, what comes later as ghosts.

    Returns
    -------
    pydeck.Deck
        Rows of the layers `LOTS` and `PRISMS` carry the parcel's row in ``row``. Texts reach the
        browser as text: the tooltip is filled by Streamlit through ``innerText``.
    """
    ground = GROUND["dark" if dark else "light"]
    chosen = [plan.parcels.index[i] for i in selected if i in plan.parcels.index]
    return pdk.Deck(
        layers=[
            *_around(plan, ground=ground),
            *_lots(plan, chosen, lang=lang, ground=ground),
            _massing(plan, lang=lang, year=year),
            _names(plan, lang=lang, ground=ground),
        ],
        initial_view_state=_view(plan),
        map_provider=None,
        tooltip={"text": "{tip}", "style": {"whiteSpace": "pre-line", "maxWidth": "20rem"}},
    )


def parcel_of(objects: Mapping[str, list[Mapping[str, Any]]], *, plan: Plan) -> str | None:
    """Return the id of the parcel that was clicked, from Streamlit's selection of objects."""
    for layer in (PRISMS, LOTS):
        for clicked in objects.get(layer, []):
            row = clicked.get("row")
            if isinstance(row, int) and 0 <= row < len(plan.parcels):
                return plan.parcels.ids[row]
    return None


def _complete(plan: Plan, *, year: int | None) -> Bools:
    """Tell which parcels are complete at the end of a year; all without one."""
    if year is None or plan.timing is None:
        return np.ones(len(plan.parcels), dtype=bool)
    return np.asarray(plan.timing.completion_year <= year)


def _massing(plan: Plan, *, lang: str, year: int | None) -> pdk.Layer:
    rows: list[Row] = []
    complete = _complete(plan, year=year)
    # Ghosts last: what is seen through them must be drawn before them.
    every = sorted(
        prisms(plan.massing, plan.parcels.geometry), key=lambda prism: not complete[prism.row]
    )
    for prism in every:
        solid = bool(complete[prism.row])
        colour = segment_colour(prism.segment)
        edge = USE_STROKES.get(prism.segment, CLOSED)
        tip = _prism_tip(plan, prism, lang=lang)
        if plan.timing is not None and plan.phase[prism.row] is not None:
            completed = sentence("Completed in {year}", year=str(plan.phase[prism.row]))
            tip = f"{tip}\n{completed.render(lang)}"
        rows += [
            {
                "row": prism.row,
                "tip": tip,
                "polygon": polygon,
                "fill": _rgb(colour) if solid else [*_rgb(colour), GHOST_ALPHA],
                "edge": _rgb(edge) if solid else [*_rgb(edge), GHOST_EDGE_ALPHA],
                "height": round(prism.height_m, _METRES),
            }
            for polygon in _polygons(prism.outline, z_m=prism.base_m)
        ]
    return pdk.Layer(
        "PolygonLayer",
        data=rows,
        id=PRISMS,
        get_polygon="polygon",
        get_fill_color="fill",
        get_line_color="edge",
        get_elevation="height",
        extruded=True,
        wireframe=True,
        filled=True,
        pickable=True,
        auto_highlight=True,
        material=_MATERIAL,
    )


def _prism_tip(plan: Plan, prism: Prism, *, lang: str) -> str:
    massing = plan.massing
    said = sentence(
        "{use}: {area:,} m² above ground, {low:.1f} to {high:.1f} m\n"
        "{parcel}: {floors} floors, {height:.1f} m, GFA {gfa:,} m²",
        use=segment_label(prism.segment),
        area=prism.area_m2,
        low=prism.base_m,
        high=prism.base_m + prism.height_m,
        parcel=plan.parcels.name(prism.row, lang=lang),
        floors=int(massing.floors[prism.row]),
        height=float(massing.height_m[prism.row]),
        gfa=int(plan.parcel_gfa_m2[prism.row]),
    )
    return said.render(lang)


def _lots(
    plan: Plan, chosen: list[int], *, lang: str, ground: Mapping[str, str]
) -> list[pdk.Layer]:
    parcels = plan.parcels
    if lots_outlined(plan):
        shown = list(range(len(parcels)))
    else:
        shown = sorted({*np.flatnonzero(plan.parcel_gfa_m2).tolist(), *chosen})
    rows: list[Row] = []
    for row in shown:
        used = bool(plan.parcel_gfa_m2[row])
        said: Renderable = sentence(
            "Parcel {parcel}: site {area:,.0f} m²",
            parcel=parcels.name(row, lang=lang),
            area=float(parcels.site_area_m2[row]),
        )
        tip = said.render(lang)
        rows += [
            {
                "row": row,
                "tip": tip,
                "polygon": polygon,
                "fill": [*_rgb(ground["casing"]), 210 if used else 90],
            }
            for polygon in _polygons(parcels.geometry[row])
        ]
    outline = [
        {"path": path}
        for row in chosen
        for polygon in _polygons(parcels.geometry[row], z_m=0.3)
        for path in polygon
    ]
    return [
        pdk.Layer(
            "PolygonLayer",
            data=rows,
            id=LOTS,
            get_polygon="polygon",
            get_fill_color="fill",
            get_line_color=_rgb(ground["parcel"]),
            get_line_width=0.6,
            line_width_min_pixels=0.6,
            stroked=True,
            filled=True,
            pickable=True,
        ),
        pdk.Layer(
            "PathLayer",
            data=outline,
            id="selected",
            get_path="path",
            get_color=_rgb(ground["selected"]),
            get_width=4,
            width_min_pixels=3,
            pickable=False,
        ),
    ]


def _around(plan: Plan, *, ground: Mapping[str, str]) -> list[pdk.Layer]:
    """Return the ground, parks, streams and roads as quiet flat shapes."""
    shapes = {
        key: [feature.geometry for feature in plan.parcels.context.of_kind(*kinds)]
        for key, kinds in _AROUND
    }
    box = shapely.total_bounds([*plan.parcels.geometry, *chain(*shapes.values())])
    margin_m = _MARGIN_RATIO * float(max(box[2] - box[0], box[3] - box[1]))
    shapes = {"ground": [shapely.box(*box).buffer(margin_m, join_style="mitre")], **shapes}
    return [
        pdk.Layer(
            "PolygonLayer",
            data=[{"polygon": polygon} for shape in found for polygon in _polygons(shape)],
            id=f"around-{key}",
            get_polygon="polygon",
            get_fill_color=_rgb(ground["road_edge" if key == "road" else key]),
            stroked=False,
            filled=True,
            pickable=False,
        )
        for key, found in shapes.items()
    ]


def _names(plan: Plan, *, lang: str, ground: Mapping[str, str]) -> pdk.Layer:
    """Return the names of stations, streams and the largest sites, in the reader's own fonts."""
    named: dict[str, list[float]] = {}
    for feature in plan.parcels.context.of_kind("station", "ai_hub", "stream"):
        name = feature.name_ko if lang == "ko" else (feature.name_en or feature.name_ko)
        if name:
            named.setdefault(name, [*_middle(feature.geometry), 0.0])
    for row in np.argsort(-plan.parcel_gfa_m2, kind="stable")[:MOST_NAMED].tolist():
        if plan.parcel_gfa_m2[row]:
            at = _middle(plan.parcels.geometry[row])
            named[plan.parcels.name(row, lang=lang)] = [
                *at,
                float(plan.height_m[row]) + _NAME_ABOVE_M,
            ]
    return pdk.Layer(
        "TextLayer",
        # The space in front keeps a name from being read as an expression.
        data=[{"text": f" {name}", "at": at} for name, at in named.items()],
        id="names",
        get_position="at",
        get_text="text",
        get_size=13,
        get_pixel_offset=[0, -14],
        get_color=_rgb(ground["station"]),
        background=True,
        get_background_color=[*_rgb(ground["casing"]), 150],
        background_padding=[3, 1],
        character_set=pdk.types.String("auto"),
        font_family=pdk.types.String(_FONT),
        pickable=False,
        # Names stand above everything: half of each would sink into the ground.
        parameters={"depthCompare": "always", "depthWriteEnabled": False},
    )


def _middle(shape: Any) -> list[float]:
    place: Any = shapely.point_on_surface(shape)
    at: list[float] = lon_lat(shapely.get_coordinates(place))[0].tolist()
    return at


def _polygons(shape: Any, *, z_m: float | None = None) -> list[list[list[list[float]]]]:
    """Return each part of a shape as rings of degrees, with a height where one is given."""
    found = []
    for part in shapely.get_parts(shape):
        if shapely.get_type_id(part) != shapely.GeometryType.POLYGON:
            continue
        rings = []
        for ring in shapely.get_rings(part):
            at = np.round(lon_lat(shapely.get_coordinates(ring)), _DEGREES)
            if z_m is not None:
                at = np.column_stack([at, np.full(len(at), round(z_m, _METRES))])
            rings.append(at.tolist())
        found.append(rings)
    return found


def _rgb(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def _view(plan: Plan) -> pdk.ViewState:
    """Return the nearest slanted view that holds all buildings, or all lots where none stands.

    deck.gl's camera stands 1.5 screen heights from the middle of the view, and its world is 512
    pixels wide at zoom 0.
    """
    used = np.flatnonzero(plan.parcel_gfa_m2)
    shapes = plan.parcels.geometry[used] if len(used) else plan.parcels.geometry
    hull = shapely.convex_hull(shapely.geometrycollections([shapely.envelope(s) for s in shapes]))
    corners_m = shapely.get_coordinates(hull)
    top_m = float(plan.height_m.max(initial=0.0)) + _NAME_ABOVE_M
    points_m = np.vstack(
        [np.column_stack([corners_m, np.full(len(corners_m), z)]) for z in (0.0, top_m)]
    )
    middle_m = (corners_m.min(axis=0) + corners_m.max(axis=0)) / 2
    lat = float(lon_lat(middle_m[np.newaxis])[0, 1])
    least, most = _ZOOMS
    found_m = middle_m
    while most - least > 0.02:
        zoom = (least + most) / 2
        px_per_m = 512 * 2**zoom / (_EQUATOR_M * math.cos(math.radians(lat)))
        centred_m = _centred(points_m, middle_m, px_per_m)
        if centred_m is None:
            most = zoom
        else:
            least, found_m = zoom, centred_m
    lon, lat = lon_lat(found_m[np.newaxis])[0].tolist()
    return pdk.ViewState(
        latitude=round(lat, 6),
        longitude=round(lon, 6),
        zoom=round(least, 2),
        pitch=_PITCH,
        bearing=_BEARING,
    )


def _centred(points_m: Floats, middle_m: Floats, px_per_m: float) -> Floats | None:
    """Return the middle of the view that has the points in its middle, None where they overflow."""
    turn = math.radians(_BEARING)
    right = np.array([math.cos(turn), -math.sin(turn)])
    ahead = np.array([math.sin(turn), math.cos(turn)])
    slant = math.cos(math.radians(_PITCH))
    for _ in range(4):
        seen_px = on_screen_px(points_m, middle_m, px_per_m)
        low_px, high_px = seen_px.min(axis=0), seen_px.max(axis=0)
        if not np.isfinite(seen_px).all():
            return None
        off_m = (low_px + high_px) / 2 / px_per_m
        middle_m = middle_m + right * off_m[0] + ahead * off_m[1] / slant
    fits = (high_px - low_px <= np.subtract(_FRAME_PX, np.multiply(2, _EDGE_PX))).all()
    return middle_m if fits else None


def on_screen_px(points_m: Floats, middle_m: Floats, px_per_m: float) -> Floats:
    """Return where points stand from the middle of the first view, to the right and up.

    Parameters
    ----------
    points_m : ndarray, shape (n, 3)
        East, north, height.
    middle_m : ndarray, shape (2,)
    px_per_m : float
        Scale on the ground in the middle of the view.

    Returns
    -------
    ndarray, shape (n, 2)
        Infinite for points that stand beside or behind the camera.
    """
    turn, slant = math.radians(_BEARING), math.radians(_PITCH)
    east, north = ((points_m[:, :2] - middle_m) * px_per_m).T
    height = points_m[:, 2] * px_per_m
    right = east * math.cos(turn) - north * math.sin(turn)
    ahead = east * math.sin(turn) + north * math.cos(turn)
    up = ahead * math.cos(slant) + height * math.sin(slant)
    away = 1.5 * _FRAME_PX[1] + ahead * math.sin(slant) - height * math.cos(slant)
    nearer = np.where(away > 0, 1.5 * _FRAME_PX[1] / np.maximum(away, 1e-9), np.inf)
    return np.column_stack([right * nearer, up * nearer])
