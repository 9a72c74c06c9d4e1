"""A plan as CityJSON 2.0: lots as land use, buildings as closed solids (LoD 1.2) by use.

Written from the standard (cityjson.org/specs/2.0.1): vertices are whole millimetres from an
origin, faces run counter-clockwise as seen from outside.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from siteplan.io.export import export_columns, signature
from siteplan.massing import prisms
from siteplan.units import WORK_EPSG

if TYPE_CHECKING:
    from collections.abc import Iterable

    from siteplan.evaluation import Plan

SCALE_M = 0.001
LOD = "1.2"

Ring = list[int]


class _Vertices:
    """Points in whole millimetres from an origin, each once."""

    def __init__(self, origin_m: tuple[float, float, float]) -> None:
        self.origin_m = origin_m
        self.index: dict[tuple[int, int, int], int] = {}

    def ring(self, points: Iterable[tuple[float, float]], *, height_m: float) -> Ring:
        """Return the indices of a ring at one height; points that fall together count once."""
        found: Ring = []
        for x, y in points:
            at = tuple(
                round((value - origin) / SCALE_M)
                for value, origin in zip((x, y, height_m), self.origin_m, strict=True)
            )
            number = self.index.setdefault((at[0], at[1], at[2]), len(self.index))
            if not found or found[-1] != number:
                found.append(number)
        return found[:-1] if len(found) > 1 and found[0] == found[-1] else found


def to_cityjson(plan: Plan) -> str:
    """Return the plan as CityJSON text.

    Notes
    -----
    A lot ``X`` is a LandUse object ``X`` with the columns of the export as attributes. What
    stands on it is a Building ``X/building`` with a BuildingPart for each use and for parking
    above ground; all floors of a part are alike, as in the massing.
    """
    known = signature(plan)
    low_x, low_y, high_x, high_y = map(float, plan.parcels.frame.total_bounds)
    vertices = _Vertices((math.floor(low_x), math.floor(low_y), 0.0))
    objects = _lots(plan, vertices)
    top_m = _buildings(plan, vertices, objects)
    document = {
        "type": "CityJSON",
        "version": "2.0",
        "transform": {"scale": [SCALE_M] * 3, "translate": list(vertices.origin_m)},
        "metadata": {
            "identifier": known["scenario_id"],
            "title": f"siteplan {known['version']}, {known['rules']}: {known['note']['en']}",
            "referenceSystem": f"https://www.opengis.net/def/crs/EPSG/0/{WORK_EPSG}",
            "geographicalExtent": [low_x, low_y, 0.0, high_x, high_y, top_m],
        },
        "CityObjects": objects,
        "vertices": [list(at) for at in vertices.index],
    }
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _lots(plan: Plan, vertices: _Vertices) -> dict[str, Any]:
    columns = export_columns(plan)
    objects: dict[str, Any] = {}
    for row, parcel_id in enumerate(plan.parcels.ids):
        objects[parcel_id] = {
            "type": "LandUse",
            "attributes": {
                name: values[row] for name, values in columns.items() if values[row] is not None
            },
            "geometry": [
                {
                    "type": "MultiSurface",
                    "lod": "0",
                    "boundaries": [
                        _flat(rings, vertices, height_m=0.0)
                        for rings in _polygons(plan.parcels.geometry[row])
                    ],
                }
            ],
        }
    return objects


def _buildings(plan: Plan, vertices: _Vertices, objects: dict[str, Any]) -> float:
    """Add the buildings to the objects, and return the height of the highest in metres."""
    massing = plan.massing
    for prism in prisms(massing, plan.parcels.geometry):
        parcel_id = plan.parcels.ids[prism.row]
        whole, part = f"{parcel_id}/building", f"{parcel_id}/{prism.segment}"
        building = objects.setdefault(
            whole,
            {
                "type": "Building",
                "attributes": {
                    "parcel_id": parcel_id,
                    "measuredHeight": round(float(massing.height_m[prism.row]), 3),
                    "storeysAboveGround": int(massing.floors[prism.row]),
                    "storeysBelowGround": int(massing.basement_floors[prism.row]),
                },
                "children": [],
            },
        )
        building["children"].append(part)
        base_m, top_m = prism.base_m, prism.base_m + prism.height_m
        shells = [
            [_shell(rings, vertices, base_m=base_m, top_m=top_m)]
            for rings in _polygons(prism.outline)
        ]
        one = len(shells) == 1
        objects[part] = {
            "type": "BuildingPart",
            "parents": [whole],
            "attributes": {"function": prism.segment, "floor_area_m2": prism.area_m2},
            "geometry": [
                {
                    "type": "Solid" if one else "MultiSolid",
                    "lod": LOD,
                    "boundaries": shells[0] if one else shells,
                }
            ],
        }
    return float(np.max(massing.height_m, initial=0.0))


def _polygons(outline: Any) -> list[list[Any]]:
    """Return the rings of each polygon, outer ones counter-clockwise and holes clockwise."""
    import shapely

    parts = shapely.get_parts(shapely.orient_polygons(outline))
    return [[ring.coords for ring in (part.exterior, *part.interiors)] for part in parts]


def _flat(rings: list[Any], vertices: _Vertices, *, height_m: float) -> list[Ring]:
    found = [vertices.ring(ring, height_m=height_m) for ring in rings]
    return [ring for ring in found if len(ring) >= 3]


def _shell(
    rings: list[Any], vertices: _Vertices, *, base_m: float, top_m: float
) -> list[list[Ring]]:
    """Return the faces of a prism: top, floor, and a wall for each edge."""
    floor, top = (_flat(rings, vertices, height_m=height_m) for height_m in (base_m, top_m))
    walls = [
        [[low[n], low[(n + 1) % len(low)], high[(n + 1) % len(low)], high[n]]]
        for low, high in zip(floor, top, strict=True)
        for n in range(len(low))
    ]
    return [top, [ring[::-1] for ring in floor], *walls]
