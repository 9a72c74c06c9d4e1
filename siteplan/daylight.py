"""Floor area under the daylight rule (정북일조), from the real shape of each lot.

A part of a building must keep a distance d from the lot line due north of it. The ground where
that holds is every point whose way north stays inside the lot for at least d. Each lot is cut
into trapezoids with upright sides, between two neighbouring corners and two neighbouring edges;
in a trapezoid of height h(x) the ground left is ∫ max(0, h − d) dx. That is exact for any
outline, also with holes, notches and several parts, and it is plain array arithmetic.

North is the grid north of EPSG:5186, which is within 0.03° of true north at Yangjae. What lies
north of a lot is not known here: where it is a road or a park the law measures from further away,
so that the figures are on the safe side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.intp]
    Objects = npt.NDArray[np.object_]

MOST_STOREYS = 200


@dataclass(frozen=True)
class DaylightRule:
    """The distance to the north lot line.

    Parameters
    ----------
    zones : tuple of str
        Zones that it holds in.
    low_m : float
        Parts up to this height keep `low_distance_m`.
    low_distance_m : float
    slope_ratio : float
        Distance over height of higher parts, 0.5 for H/2.
    article, mark : str
    """

    zones: tuple[str, ...]
    low_m: float
    low_distance_m: float
    slope_ratio: float
    article: str
    mark: str

    def distance_m(self, top_m: float) -> float:
        """Return the distance that a part reaching up to `top_m` keeps from the north lot line."""
        if top_m <= self.low_m + 1e-9:
            return self.low_distance_m
        return max(self.slope_ratio * top_m, self.low_distance_m)


@dataclass(frozen=True, eq=False)
class NorthCut:
    """Lots as trapezoids with upright sides, m of them for n lots.

    Parameters
    ----------
    lot : ndarray of int, shape (m,)
        Row of the lot that a trapezoid belongs to.
    width_m, left_m, right_m : ndarray of float, shape (m,)
        Width from west to east, and height at either side.
    n : int
    """

    lot: Integers
    width_m: Floats
    left_m: Floats
    right_m: Floats
    n: int

    def area_m2(self, distance_m: float | Floats) -> Floats:
        """Return the area of each lot that is at least `distance_m` from the line north of it.

        Parameters
        ----------
        distance_m : float or ndarray, shape (n,)
            From 0 up; 0 gives the areas of the outlines.

        Returns
        -------
        ndarray, shape (n,)
        """
        cut_m = distance_m if isinstance(distance_m, float | int) else distance_m[self.lot]
        left, right = self.left_m - cut_m, self.right_m - cut_m
        high, low = np.maximum(left, right), np.minimum(left, right)
        # A trapezoid that sinks below 0 on one side leaves a triangle.
        span = np.where(high > low, high - low, 1.0)
        part = np.where(low >= 0, (high + low) / 2, np.maximum(high, 0.0) ** 2 / (2 * span))
        area_m2 = np.bincount(self.lot, weights=self.width_m * part, minlength=self.n)
        return area_m2.astype(np.float64)

    def rows(self, keep: npt.NDArray[np.bool_]) -> NorthCut:
        """Return the trapezoids of some lots only; rows keep their numbers."""
        some = keep[self.lot]
        return NorthCut(
            self.lot[some], self.width_m[some], self.left_m[some], self.right_m[some], self.n
        )


def north_cut(geometry: Objects) -> NorthCut:
    """Cut lots into trapezoids with upright sides.

    Parameters
    ----------
    geometry : ndarray of valid shapely (Multi)Polygons, shape (n,)
        In metres, y to the north.
    """
    west, lot = _edges(geometry)
    n = len(geometry)
    slab_lot, slab_x = _slab_sides(west, lot=lot)
    first = _find(slab_lot, slab_x, lot=lot, x=west[:, 0])
    last = _find(slab_lot, slab_x, lot=lot, x=west[:, 2])
    # Each edge once per slab that it crosses.
    crossed = last - first
    edge = np.repeat(np.arange(len(west)), crossed)
    start = np.repeat(np.cumsum(crossed) - crossed, crossed)
    slab = np.repeat(first, crossed) + np.arange(len(edge)) - start
    left_x, right_x = slab_x[slab], slab_x[slab + 1]
    x0, y0, x1, y1 = west[edge].T
    slope = (y1 - y0) / (x1 - x0)
    left_y, right_y = y0 + (left_x - x0) * slope, y0 + (right_x - x0) * slope
    # Edges of one slab do not cross: from south to north they enter and leave the lot in turn.
    order = np.lexsort((left_y + right_y, slab))
    south, north = order[0::2], order[1::2]
    return NorthCut(
        lot=lot[edge[south]],
        width_m=(right_x - left_x)[south],
        left_m=np.maximum(left_y[north] - left_y[south], 0.0),
        right_m=np.maximum(right_y[north] - right_y[south], 0.0),
        n=n,
    )


def _edges(geometry: Objects) -> tuple[Floats, Integers]:
    """Return edges as west x, y, east x, y, and their lots; upright edges are left out."""
    import shapely

    parts, part_lot = shapely.get_parts(geometry, return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    inside = ring[:-1] == ring[1:]
    ends = np.hstack([points[:-1], points[1:]])[inside]
    lot = part_lot[ring_part[ring[:-1][inside]]]
    slanted = ends[:, 0] != ends[:, 2]
    ends, lot = ends[slanted], lot[slanted]
    eastward = ends[:, 0] < ends[:, 2]
    west = np.where(eastward[:, None], ends, ends[:, [2, 3, 0, 1]])
    return west, lot.astype(np.intp)


def _slab_sides(west: Floats, *, lot: Integers) -> tuple[Integers, Floats]:
    """Return the distinct x of each lot's corners, in order of lot and x."""
    both = np.concatenate([lot, lot])
    x = np.concatenate([west[:, 0], west[:, 2]])
    order = np.lexsort((x, both))
    both, x = both[order], x[order]
    fresh = np.ones(len(x), dtype=bool)
    fresh[1:] = (both[1:] != both[:-1]) | (x[1:] != x[:-1])
    return both[fresh], x[fresh]


def _find(slab_lot: Integers, slab_x: Floats, *, lot: Integers, x: Floats) -> Integers:
    """Return where (lot, x) stands among the sides of the slabs."""
    order = np.lexsort(
        (
            np.concatenate([np.zeros(len(slab_x)), np.ones(len(x))]),
            np.concatenate([slab_x, x]),
            np.concatenate([slab_lot, lot]),
        )
    )
    is_slab = order < len(slab_x)
    count = np.cumsum(is_slab) - 1
    found = np.empty(len(x), dtype=np.intp)
    found[order[~is_slab] - len(slab_x)] = count[~is_slab]
    return found


def daylight_area_m2(
    cut: NorthCut,
    rule: DaylightRule,
    *,
    plate_most_m2: Floats,
    storey_m: Floats,
    floors: Floats,
) -> tuple[Floats, Floats]:
    """Return the floor area that fits under the daylight rule.

    Parameters
    ----------
    cut : NorthCut, of n lots
    rule : DaylightRule
    plate_most_m2 : ndarray, shape (n,)
        Most floor area of one storey by other rules (BCR).
    storey_m : ndarray, shape (n,)
        Height of a storey.
    floors : ndarray, shape (n,)
        Most storeys by other rules; infinite where none is known. 0 leaves a lot out.

    Returns
    -------
    area_m2 : ndarray, shape (n,)
        Sum of the storeys; a storey's top decides its distance.
    storeys : ndarray, shape (n,)
        Storeys that have any floor.
    """
    area_m2, storeys = np.zeros(cut.n), np.zeros(cut.n)
    open_lots = floors >= 1
    distance = np.vectorize(rule.distance_m, otypes=[float])
    for storey in range(1, MOST_STOREYS + 1):
        open_lots = open_lots & (floors >= storey)
        if not open_lots.any():
            break
        cut = cut.rows(open_lots)
        plate_m2 = np.minimum(cut.area_m2(distance(storey * storey_m)), plate_most_m2)
        plate_m2 = np.where(open_lots, plate_m2, 0.0)
        area_m2 += plate_m2
        open_lots = plate_m2 > 1e-6
        storeys += open_lots
    return area_m2, storeys
