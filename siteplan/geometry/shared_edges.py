"""How many metres of edge neighbours share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteplan.geometry.snapping import SNAP_TOLERANCE_M
from siteplan.geometry.topology import open_rings

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]
    Objects = npt.NDArray[np.object_]

SHARED_MIN_M = 0.5
"""Neighbours share an edge from this length on: our choice, so that a touch of corners is none."""

_PARALLEL = 0.05
"""Largest sine of the angle between two edges that lie on each other, about 3 degrees."""

_CHUNK = 1 << 18


def shared_edges(
    geometry: npt.ArrayLike,
    *,
    tolerance_m: float = SNAP_TOLERANCE_M,
    least_m: float = SHARED_MIN_M,
) -> tuple[Integers, Floats]:
    """Return the pairs of outlines that share edges, and how many metres of them.

    For an edge of one outline the part counts that an edge of the other accompanies: in the
    opposite direction, so that the outlines lie on either side, nearly parallel, and nowhere
    farther than the tolerance. Corners need not meet.

    Parameters
    ----------
    geometry : array_like of valid shapely (Multi)Polygons, shape (n,)
        In metres; None and empty outlines have no neighbours.
    tolerance_m : float
        Farthest that edges may be apart.
    least_m : float
        Pairs that share less are left out.

    Returns
    -------
    pairs : ndarray of int, shape (m, 2)
        Rows, the smaller first, in ascending order.
    length_m : ndarray of float, shape (m,)

    Raises
    ------
    ValueError
        If the tolerance is negative or not finite.
    """
    import shapely

    if not (np.isfinite(tolerance_m) and tolerance_m >= 0.0):
        msg = f"tolerance_m must be finite and not negative, not {tolerance_m}"
        raise ValueError(msg)
    given = np.array(geometry, dtype=object)
    kept = np.flatnonzero(~(shapely.is_missing(given) | shapely.is_empty(given)))
    if kept.size < 2:
        return np.zeros((0, 2), dtype=np.int64), np.zeros(0)
    rings = open_rings(shapely.orient_polygons(given[kept]))
    start = rings.points - rings.points.mean(axis=0)
    end = start[rings.next]
    own = kept[rings.row]
    left, right = _near_edges(start, end, own, reach_m=tolerance_m)
    # Both ways, and their mean: the lengths of a pair do not hang on the order of its outlines.
    there = _accompanied(start, end, left, right, tolerance_m=tolerance_m)
    back = _accompanied(start, end, right, left, tolerance_m=tolerance_m)
    rows = np.sort(np.stack([own[left], own[right]], axis=1), axis=1)
    key, place = np.unique(rows[:, 0] * len(given) + rows[:, 1], return_inverse=True)
    weights = 0.5 * (there + back)
    length_m = np.bincount(place, weights=weights, minlength=len(key)).astype(np.float64)
    real = length_m >= max(least_m, np.finfo(float).tiny)
    pairs = np.stack([key // len(given), key % len(given)], axis=1).astype(np.int64)
    return pairs[real], length_m[real]


def _near_edges(
    start: Floats, end: Floats, own: Integers, *, reach_m: float
) -> tuple[Integers, Integers]:
    """Return the pairs of edges of different outlines that come near each other, each once."""
    import shapely

    lines = np.asarray(shapely.linestrings(np.stack([start, end], axis=1)), dtype=object)
    tree = shapely.STRtree(lines)
    found = []
    for begin in range(0, len(lines), _CHUNK):
        # The box of an edge, wider by the reach, finds every edge that may accompany it.
        low = np.minimum(start, end)[begin : begin + _CHUNK] - reach_m
        high = np.maximum(start, end)[begin : begin + _CHUNK] + reach_m
        one, two = tree.query(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]))
        one = one + begin
        once = (one < two) & (own[one] != own[two])
        found.append(np.stack([one[once], two[once]]))
    left, right = np.concatenate(found, axis=1).astype(np.int64)
    return left, right


def _accompanied(
    start: Floats, end: Floats, left: Integers, right: Integers, *, tolerance_m: float
) -> Floats:
    """Return how much of each edge `left` the edge `right` accompanies."""
    step = end[left] - start[left]
    long_m = np.hypot(step[:, 0], step[:, 1])
    safe = np.where(long_m > 0.0, long_m, 1.0)
    along = step / safe[:, None]
    other = end[right] - start[right]
    other_m = np.hypot(other[:, 0], other[:, 1])
    cross = np.abs(along[:, 0] * other[:, 1] - along[:, 1] * other[:, 0])
    facing = (other * along).sum(axis=1) < 0.0
    usable = facing & (long_m > 0.0) & (cross <= _PARALLEL * other_m)
    from_m, from_off = _in_frame(start[right] - start[left], along)
    to_m, to_off = _in_frame(end[right] - start[left], along)
    # The other edge runs backwards, from from_m down to to_m; off it goes in a straight line.
    span = np.where(from_m > to_m, from_m - to_m, 1.0)
    slope = (from_off - to_off) / span
    low, high = np.maximum(to_m, 0.0), np.minimum(from_m, long_m)
    tilted = np.abs(slope) > 1e-12
    per = np.where(tilted, slope, 1.0)
    one, two = to_m + (-tolerance_m - to_off) / per, to_m + (tolerance_m - to_off) / per
    # Where the edges diverge, only the stretch within the tolerance counts.
    noise_m = 1e-9
    low = np.where(tilted, np.maximum(low, np.minimum(one, two) - noise_m), low)
    high = np.where(tilted, np.minimum(high, np.maximum(one, two) + noise_m), high)
    near = tilted | (np.abs(to_off) <= tolerance_m + noise_m)
    return np.where(usable & near, np.maximum(high - low, 0.0), 0.0)


def _in_frame(offset: Floats, along: Floats) -> tuple[Floats, Floats]:
    """Return how far points lie along a direction, and to the left of it."""
    return (offset * along).sum(axis=1), along[:, 0] * offset[:, 1] - along[:, 1] * offset[:, 0]
