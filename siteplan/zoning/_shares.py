"""Shares of zones on parcels, measured on their outlines. Kernel: no files, no columns.

A lot line and a zone line that mean the same line come from two drawings and never coincide. Parts
below `SLIVER_M2` or thinner than `SLIVER_WIDTH_M` on average are taken for such differences and
counted to the main zone of the lot. Both figures are siteplan's own assumption, not read in any
rule: a strip narrower than half a metre along a lot line holds no building, and a square metre of
one zone more or less moves the FAR area of a lot by a few square metres. There is no least share:
half a percent of a large lot can be a true part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.parcels import ZoneParts

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]
    Integers = npt.NDArray[np.intp]
    Objects = npt.NDArray[np.object_]

SLIVER_M2 = 1.0
"""Parts below this area are drawing differences, not zones (our own choice)."""

SLIVER_WIDTH_M = 0.5
"""Parts thinner than this (twice the area over the perimeter) are, too (our own choice)."""


@dataclass(frozen=True, eq=False)
class ZoneShares:
    """Shares of zones on n parcels, as shares of each parcel's outline.

    Parameters
    ----------
    parts : tuple of tuple of (str, float)
        Zones of each parcel with their shares, the largest first, equal ones by name; empty
        where no zone covers the parcel. They sum to 1 less `uncovered_ratio`.
    uncovered_ratio : ndarray of float, shape (n,)
        Part that no zone covers; 1 where none does.
    doubled_m2 : ndarray of float, shape (n,)
        Area that zoning polygons cover more than once, counted once for each time too many.
    sliver_m2 : ndarray of float, shape (n,)
        Area of other zones, or of none, that was counted to the main zone.
    """

    parts: tuple[ZoneParts, ...]
    uncovered_ratio: Floats
    doubled_m2: Floats
    sliver_m2: Floats


@dataclass(frozen=True, eq=False)
class _Pieces:
    """What is left of zoning polygons within parcels, one row per pair that shares area."""

    parcel: Integers
    zone: Integers
    geometry: Objects
    area_m2: Floats
    length_m: Floats


@dataclass(frozen=True, eq=False)
class _Rows:
    """Zones on parcels, one row per zone (number of its name) and parcel."""

    parcel: Integers
    zone: Integers
    area_m2: Floats
    length_m: Floats

    def __getitem__(self, rows: Bools | Integers) -> _Rows:
        return _Rows(self.parcel[rows], self.zone[rows], self.area_m2[rows], self.length_m[rows])

    @property
    def is_main(self) -> Bools:
        """Tell which rows are the first of their parcel; rows of a parcel stand together."""
        first = np.ones(len(self.parcel), dtype=bool)
        first[1:] = self.parcel[1:] != self.parcel[:-1]
        return first


def zone_shares(
    parcel_geometry: Objects, zone_geometry: Objects, zone_names: Sequence[str]
) -> ZoneShares:
    """Measure which zones cover each parcel.

    Parameters
    ----------
    parcel_geometry : ndarray of valid shapely (Multi)Polygons, shape (n,)
    zone_geometry : ndarray of valid shapely (Multi)Polygons, shape (m,)
        Both in EPSG:5186.
    zone_names : sequence of str, length m
        Polygons of the same name are one zone.

    Returns
    -------
    ZoneShares
        Independent of the order of the polygons and of the parcels.

    Notes
    -----
    Where polygons of one zone overlap, the area counts once. Where polygons of several zones
    do, each zone's area is scaled by the area covered over the sum of the zones' areas, so that
    shares sum to the part covered. Parts smaller than `SLIVER_M2` or thinner than
    `SLIVER_WIDTH_M` on average, of a zone or of no zone, are counted to the largest zone; where
    the largest zone itself is that small, the parcel lies outside.
    """
    import shapely

    lots = np.asarray(parcel_geometry, dtype=object)
    n = len(lots)
    outline_m2: Floats = shapely.area(lots)
    noise_m2 = 1e-9 * outline_m2 + 1e-6
    order, number, zones = _in_canonical_order(zone_names, zone_geometry)
    pieces = _pieces(lots, zones)
    gap_m2, gap_length_m = _gaps(lots, pieces)
    covered_m2 = outline_m2 - gap_m2
    too_much_m2 = _summed(pieces.area_m2, pieces.parcel, n=n) - covered_m2
    doubled_m2 = np.where(too_much_m2 > noise_m2, too_much_m2, 0.0)
    rows = _by_name(pieces, number[pieces.zone], doubled=doubled_m2 > 0)
    rows = _largest_first(_scaled(rows, covered_m2, doubled=doubled_m2 > 0))

    main = rows.is_main
    thin = _thin(rows.area_m2, rows.length_m)
    gap_is_thin = _thin(gap_m2, gap_length_m)
    outside = np.ones(n, dtype=bool)
    outside[rows.parcel] = False
    grazed = rows.parcel[main & thin]
    outside[grazed] |= ~gap_is_thin[grazed]
    small = rows[thin & ~main]
    sliver_m2 = _summed(small.area_m2, small.parcel, n=n)
    sliver_m2 = np.where(outside, 0.0, sliver_m2 + np.where(gap_is_thin, gap_m2, 0.0))
    uncovered_m2 = np.where(gap_is_thin, 0.0, gap_m2)

    kept = (main | ~thin) & ~outside[rows.parcel]
    rows, main = rows[kept], main[kept]
    area_m2 = rows.area_m2 + np.where(main, sliver_m2[rows.parcel], 0.0)
    whole_m2 = _summed(area_m2, rows.parcel, n=n) + uncovered_m2
    names = [order[zone] for zone in rows.zone.tolist()]
    uncovered_ratio = np.ones(n)
    np.divide(uncovered_m2, whole_m2, out=uncovered_ratio, where=~outside)
    return ZoneShares(
        parts=_parts(n, rows.parcel, names, area_m2 / whole_m2[rows.parcel]),
        uncovered_ratio=uncovered_ratio,
        doubled_m2=doubled_m2,
        sliver_m2=sliver_m2,
    )


def _in_canonical_order(
    names: Sequence[str], geometry: Objects
) -> tuple[list[str], Integers, Objects]:
    """Return the names once, and the polygons by name and shape with the number of their name.

    Cutting one polygon after the other rounds in the order of the cuts; a fixed order makes the
    answer independent of the file's.
    """
    import shapely

    given = np.asarray(geometry, dtype=object)
    shapes: list[bytes] = shapely.to_wkb(given).tolist()
    rows = sorted(range(len(given)), key=lambda row: (names[row], shapes[row]))
    order = sorted(set(names))
    rank = {name: number for number, name in enumerate(order)}
    return order, np.array([rank[names[row]] for row in rows], dtype=np.intp), given[rows]


def _summed(values: Floats, rows: Integers, *, n: int) -> Floats:
    """Return the sums of values by row, shape (n,)."""
    sums: Floats = np.bincount(rows, values, minlength=n).astype(float)
    return sums


def _scaled(rows: _Rows, covered_m2: Floats, *, doubled: Bools) -> _Rows:
    """Scale the areas of doubly covered parcels so that they sum to the area covered."""
    named_m2 = _summed(rows.area_m2, rows.parcel, n=len(covered_m2))
    scale = np.ones(len(covered_m2))
    np.divide(covered_m2, named_m2, out=scale, where=doubled & (named_m2 > 0))
    return replace(rows, area_m2=rows.area_m2 * scale[rows.parcel])


def _largest_first(rows: _Rows) -> _Rows:
    """Order by parcel, within it the largest first, equal ones by name.

    Areas count to 1 mm², so that rounding in the last digits does not decide between halves.
    """
    return rows[np.lexsort((rows.zone, -np.round(rows.area_m2, 6), rows.parcel))]


def _parts(
    n: int, parcel: Integers, names: list[str], share_ratio: Floats
) -> tuple[ZoneParts, ...]:
    """Return names and shares as one tuple per parcel; rows come in the parcels' order."""
    pairs = list(zip(names, share_ratio.tolist(), strict=True))
    ends = np.searchsorted(parcel, np.arange(n + 1)).tolist()
    return tuple(tuple(pairs[ends[row] : ends[row + 1]]) for row in range(n))


def _thin(area_m2: Floats, length_m: Floats) -> Bools:
    """Tell which parts are drawing differences."""
    small: Bools = (area_m2 < SLIVER_M2) | (2 * area_m2 < SLIVER_WIDTH_M * length_m)
    return small


def _pieces(lots: Objects, zones: Objects) -> _Pieces:
    """Cut zones by lots; a lot within a zone needs no cutting, and most lots are."""
    import shapely

    tree = shapely.STRtree(lots)
    zone, parcel = tree.query(zones, predicate="intersects")
    inside = _pairs_among(tree.query(zones, predicate="covers"), zone, parcel, n=len(lots))
    cut = lots[parcel]
    cut[~inside] = shapely.intersection(lots[parcel[~inside]], zones[zone[~inside]])
    area_m2 = shapely.area(cut)
    real = area_m2 > 0
    zone, parcel, cut, area_m2 = zone[real], parcel[real], cut[real], area_m2[real]
    # Cuts may carry lines and points where outlines touch beside the shared area.
    mixed = shapely.get_type_id(cut) == shapely.GeometryType.GEOMETRYCOLLECTION
    cut[mixed] = shapely.buffer(cut[mixed], 0.0)
    return _Pieces(parcel, zone, cut, area_m2, shapely.length(cut))


def _pairs_among(some: Integers, zone: Integers, parcel: Integers, *, n: int) -> Bools:
    """Tell which pairs of zone and parcel are among others."""
    among: Bools = np.isin(
        zone.astype(np.int64) * n + parcel, some[0].astype(np.int64) * n + some[1]
    )
    return among


def _gaps(lots: Objects, pieces: _Pieces) -> tuple[Floats, Floats]:
    """Return the area and the perimeter of what no zone covers on each lot."""
    import shapely

    area_m2, length_m = shapely.area(lots), shapely.length(lots)
    left = lots.copy()
    sequence = np.argsort(pieces.parcel, kind="stable")
    parcel = pieces.parcel[sequence]
    first = np.searchsorted(parcel, parcel, side="left")
    turn = np.arange(len(parcel)) - first
    full = np.zeros(len(lots), dtype=bool)
    full[pieces.parcel[pieces.area_m2 >= area_m2[pieces.parcel] * (1 - 1e-12)]] = True
    for step in range(int(turn.max(initial=-1)) + 1):
        rows = sequence[(turn == step) & ~full[parcel]]
        lot = pieces.parcel[rows]
        left[lot] = shapely.difference(left[lot], pieces.geometry[rows])
    area_m2, length_m = np.where(full, 0.0, shapely.area(left)), shapely.length(left)
    return area_m2, length_m


def _by_name(pieces: _Pieces, number: Integers, *, doubled: Bools) -> _Rows:
    """Add pieces of one zone up within each parcel; where they overlap, take their union."""
    import shapely

    names = int(number.max(initial=0)) + 1
    keys, group = np.unique(pieces.parcel * names + number, return_inverse=True)
    area_m2 = _summed(pieces.area_m2, group, n=len(keys))
    length_m = _summed(pieces.length_m, group, n=len(keys))
    parcel = keys // names
    sequence = np.argsort(group, kind="stable")
    ends = np.searchsorted(group[sequence], np.arange(len(keys) + 1))
    for one in np.flatnonzero(doubled[parcel] & (np.diff(ends) > 1)).tolist():
        union = shapely.union_all(pieces.geometry[sequence[ends[one] : ends[one + 1]]])
        area_m2[one], length_m[one] = union.area, union.length
    return _Rows(parcel, keys % names, area_m2, length_m)
