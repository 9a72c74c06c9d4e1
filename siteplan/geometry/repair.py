"""Outlines made valid, planar polygons, and what had to be done to each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    import shapely

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]
    Integers = npt.NDArray[np.int64]
    Objects = npt.NDArray[np.object_]

POLYGON, MULTIPOLYGON, COLLECTION = 3, 6, 7

BEYOND_REPAIR = "GEOS cannot make it valid"
"""Why an outline is set aside that stays invalid."""

MIN_AREA_M2 = 1e-4
"""Outlines below 1 cm² are leftovers of a repair, not land."""


@dataclass(frozen=True, eq=False)
class Repair:
    """What became of n outlines.

    Parameters
    ----------
    geometry : ndarray of shapely (Multi)Polygons, shape (n_kept,)
        Valid, two-dimensional, outer rings counter-clockwise, no repeated points.
    kept : ndarray of bool, shape (n,)
        Rows that have a usable polygon.
    set_aside : ndarray of str or None, shape (n,)
        Why a row was set aside.
    reason : ndarray of str or None, shape (n,)
        Why a row was invalid, in the words of GEOS.
    before_m2, after_m2 : ndarray of float, shape (n,)
        Areas before and after; 0 where there is none.
    dropped_parts, had_z : ndarray of bool, shape (n,)
        Rows that lost lines or points beside their polygons; rows that carried heights.
    """

    geometry: Objects
    kept: Bools
    set_aside: Objects
    reason: Objects
    before_m2: Floats
    after_m2: Floats
    dropped_parts: Bools
    had_z: Bools

    @property
    def repaired(self) -> Bools:
        """Rows that were invalid and are kept."""
        invalid: Bools = self.kept & ~is_none(self.reason)
        return invalid


def repaired(geometry: Objects) -> Repair:
    """Return the outlines as valid polygons, and what had to be done to them.

    Parameters
    ----------
    geometry : ndarray of shapely geometries or None, shape (n,)
        In EPSG:5186.

    Notes
    -----
    Invalid outlines go through GEOS' ``make_valid(method="structure")``: rings are made valid
    one by one, then holes are cut out of shells, so that overlapping parts merge. A hole outside
    its shell becomes a part.
    """
    import shapely

    given = np.asarray(geometry, dtype=object)
    had_z = shapely.has_z(given)
    work = shapely.force_2d(given)
    set_aside = np.full(len(work), None, dtype=object)
    set_aside[shapely.is_missing(work) | shapely.is_empty(work)] = "empty outline"
    set_aside[~finite(work)] = "coordinates that are not numbers"
    sound = is_none(set_aside)

    before_m2 = np.zeros(len(work))
    before_m2[sound] = shapely.area(work[sound])
    invalid = sound & ~shapely.is_valid(work)
    reason = np.full(len(work), None, dtype=object)
    reason[invalid] = [
        text.partition("[")[0] for text in shapely.is_valid_reason(work[invalid]).tolist()
    ]
    work[invalid] = made_valid(work[invalid])

    dropped_parts = np.zeros(len(work), dtype=bool)
    for row in np.flatnonzero(sound & (shapely.get_type_id(work) == COLLECTION)):
        work[row], dropped_parts[row] = polygons_of(work[row])
    set_aside[sound & ~shapely.is_valid(work)] = BEYOND_REPAIR
    sound = is_none(set_aside)
    types = shapely.get_type_id(work)
    areal = np.isin(types, (POLYGON, MULTIPOLYGON))
    for row in np.flatnonzero(sound & ~areal):
        set_aside[row] = work[row].geom_type
    after_m2 = np.zeros(len(work))
    after_m2[sound & areal] = shapely.area(work[sound & areal])
    set_aside[sound & areal & (after_m2 < MIN_AREA_M2)] = "no area"

    kept = is_none(set_aside)
    return Repair(
        geometry=_tidy(work[kept]),
        kept=kept,
        set_aside=set_aside,
        reason=reason,
        before_m2=before_m2,
        after_m2=np.where(kept, after_m2, 0.0),
        dropped_parts=dropped_parts & kept,
        had_z=had_z & kept,
    )


def made_valid(geometry: Objects) -> Objects:
    """Return invalid geometries made valid; the hopeless ones stay invalid.

    GEOS sometimes returns parts that share an edge, which is not valid either; their union is.
    """
    import shapely

    cured: Objects = shapely.make_valid(geometry, method="structure", keep_collapsed=False)
    for place in np.flatnonzero(~shapely.is_valid(cured)).tolist():
        cured[place] = shapely.union_all(shapely.get_parts(cured[place]))
    return cured


def is_none(values: Objects) -> Bools:
    """Tell which values of an object array are None."""
    none: Bools = np.asarray(values == np.array(None), dtype=bool)
    return none


def finite(geometry: Objects) -> Bools:
    """Tell which geometries have only finite coordinates (those without any count as finite)."""
    import shapely

    finite = np.ones(len(geometry), dtype=bool)
    points = shapely.get_coordinates(geometry)
    if np.isfinite(points).all():
        return finite
    _, owner = shapely.get_coordinates(geometry, return_index=True)
    finite[owner[~np.isfinite(points).all(axis=1)]] = False
    return finite


def only_polygons(geometry: shapely.Geometry) -> shapely.Geometry | None:
    """Return the polygons of one geometry, None where it has none."""
    import shapely

    if shapely.get_type_id(geometry) == COLLECTION:
        geometry, _ = polygons_of(geometry)
    areal = shapely.get_type_id(geometry) in (POLYGON, MULTIPOLYGON)
    return geometry if areal and not shapely.is_empty(geometry) else None


def polygons_of(collection: shapely.Geometry) -> tuple[shapely.Geometry, bool]:
    """Return the polygons of a collection as one geometry, and whether other parts fell away."""
    import shapely

    parts = shapely.get_parts(collection)
    while (shapely.get_type_id(parts) == COLLECTION).any():
        parts = np.concatenate([shapely.get_parts(part) for part in parts])
    parts = parts[~shapely.is_empty(parts)]
    areal = np.isin(shapely.get_type_id(parts), (POLYGON, MULTIPOLYGON))
    if not areal.any():
        return collection, False
    return shapely.union_all(parts[areal]), bool((~areal).any())


def _tidy(geometry: Objects) -> Objects:
    """Return polygons without repeated points, single parts unwrapped, outer rings CCW."""
    import shapely

    tidy = shapely.remove_repeated_points(geometry, 0.0)
    single = (shapely.get_type_id(tidy) == MULTIPOLYGON) & (shapely.get_num_geometries(tidy) == 1)
    tidy[single] = shapely.get_geometry(tidy[single], 0)
    oriented: Objects = shapely.orient_polygons(tidy, exterior_cw=False)
    return oriented
