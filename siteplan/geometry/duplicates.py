"""Outlines that have the shape of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]
    Integers = npt.NDArray[np.int64]
    Objects = npt.NDArray[np.object_]

SAME_SHAPE_M = 0.001
"""Outlines whose points lie this near to each other are one shape."""

_MIX = np.array([1.0, 3.3, 7.9, 13.7])
_COMPARED = 64
"""Among outlines with boxes alike each is compared with so many at most, so that no file takes
for ever."""


def same_shapes(geometry: Objects, *, tolerance_m: float = SAME_SHAPE_M) -> Integers:
    """Return for each outline the first row that has its shape; its own where it is the first.

    Parameters
    ----------
    geometry : ndarray of valid shapely (Multi)Polygons, shape (n,)
    tolerance_m : float
        Greatest distance between the points of two outlines that count as the same, whatever
        their starting points, directions and points in the middle of straight edges.
    """
    import shapely

    given = np.asarray(geometry, dtype=object)
    first = np.arange(len(given), dtype=np.int64)
    if len(given) < 2:
        return first
    bounds = shapely.bounds(given)
    heads = _heads(given, bounds=bounds, first=first, tolerance_m=tolerance_m)
    left, right = _near_rows(bounds, heads=heads, tolerance_m=tolerance_m)
    same = _same_shape(given[left], given[right], tolerance_m=tolerance_m)
    for a, b in sorted(zip(left[same].tolist(), right[same].tolist(), strict=True)):
        first[b] = min(first[b], first[a])
    return first[first]


def _heads(given: Objects, *, bounds: Floats, first: Integers, tolerance_m: float) -> Integers:
    """Fill in `first` for rows with one and the same box; return the first of each shape."""
    key = bounds @ _MIX  # grids of lots share sides, hardly this sum
    pending = np.arange(len(given))
    heads = []
    for _ in range(_COMPARED):
        order = pending[np.argsort(key[pending], kind="stable")]
        equal = np.zeros(len(order), dtype=bool)
        equal[1:] = (bounds[order[1:]] == bounds[order[:-1]]).all(axis=1)
        heads.append(order[~equal])
        head = order[~equal][np.cumsum(~equal) - 1][equal]
        rest = order[equal]
        same = _same_shape(given[head], given[rest], tolerance_m=tolerance_m)
        first[rest[same]] = head[same]
        pending = np.sort(rest[~same])
        if not len(pending):
            break
    return np.sort(np.concatenate([*heads, pending]))


def _same_shape(left: Objects, right: Objects, *, tolerance_m: float) -> Bools:
    import shapely

    off_m2 = np.abs(shapely.area(left) - shapely.area(right))
    same: Bools = off_m2 <= tolerance_m * (shapely.length(left) + tolerance_m)
    same[same] = shapely.hausdorff_distance(left[same], right[same]) <= tolerance_m
    return same


def _near_rows(bounds: Floats, *, heads: Integers, tolerance_m: float) -> tuple[Integers, Integers]:
    """Return pairs of heads, the smaller first, whose boxes differ, but within the tolerance."""
    key = bounds @ _MIX
    order = heads[np.argsort(key[heads], kind="stable")]
    left, right = [order[:0]], [order[:0]]
    for shift in range(1, min(len(order), _COMPARED)):
        a, b = order[:-shift], order[shift:]
        near = key[b] - key[a] <= _MIX.sum() * tolerance_m
        if not near.any():
            break
        off_m = np.abs(bounds[b[near]] - bounds[a[near]]).max(axis=1)
        alike = (off_m <= tolerance_m) & (off_m > 0)
        left.append(a[near][alike])
        right.append(b[near][alike])
    one, two = np.concatenate(left), np.concatenate(right)
    return np.minimum(one, two), np.maximum(one, two)
