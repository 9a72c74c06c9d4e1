"""The clinic: every outline made sound, with a record of each treatment and what it changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siteplan.geometry.repair import (
    BEYOND_REPAIR,
    COLLECTION,
    MIN_AREA_M2,
    MULTIPOLYGON,
    POLYGON,
    Repair,
    finite,
    is_none,
    made_valid,
    polygons_of,
)
from siteplan.geometry.threads import in_halves
from siteplan.geometry.topology import Rings, open_rings, renewed, turned

if TYPE_CHECKING:
    import numpy.typing as npt
    import shapely

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]
    Integers = npt.NDArray[np.int64]
    Objects = npt.NDArray[np.object_]

SPIKE_MAX_SINE = 0.035
SPIKE_MAX_WIDTH_M = 0.02
SPIKE_MAX_M2 = 0.1
"""A corner is a spike where the outline turns back on itself: by less than 2°, no wider than
2 cm at the end of its shorter side, and worth no more than 0.1 m². Our choice."""

SLIVER_MAX_M2 = 0.1
SLIVER_MAX_WIDTH_M = 0.05
"""A part of a multipart outline is a sliver below this area and mean width. Our choice."""

TREATMENTS = (
    "ring_closed",
    "curves_flattened",
    "heights_dropped",
    "spike_removed",
    "self_intersection",
    "hole_misplaced",
    "parts_merged",
    "ring_degenerate",
    "collection_parts",
    "sliver_part_removed",
    "repeated_points",
)
"""What is done to outlines, in the order in which it is done."""

_BY_REASON = {
    "Self-intersection": "self_intersection",
    "Ring Self-intersection": "self_intersection",
    "Interior is disconnected": "self_intersection",
    "Hole lies outside shell": "hole_misplaced",
    "Holes are nested": "hole_misplaced",
    "Nested shells": "parts_merged",
    "Duplicate Rings": "parts_merged",
    "Too few points in geometry component": "ring_degenerate",
}


@dataclass(frozen=True, eq=False)
class Treatments:
    """One line for each treatment of an outline, in the order in which they were done.

    Parameters
    ----------
    rows : ndarray of int, shape (t,)
    codes : ndarray of str, shape (t,)
        One of `TREATMENTS`.
    before_m2, after_m2 : ndarray of float, shape (t,)
        Area of the outline before and after. Of one outline each treatment begins where the one
        before it ended.
    """

    rows: Integers
    codes: Objects
    before_m2: Floats
    after_m2: Floats

    def __len__(self) -> int:
        return len(self.rows)

    def of(self, code: str) -> Treatments:
        """Return the treatments of one kind."""
        mine = np.flatnonzero(np.equal(self.codes, code))
        return Treatments(
            self.rows[mine], self.codes[mine], self.before_m2[mine], self.after_m2[mine]
        )


@dataclass(frozen=True, eq=False)
class Clinic(Repair):
    """A `Repair` with a record of every treatment.

    Parameters
    ----------
    treatments : Treatments
        Of the rows that are kept.
    clockwise : ndarray of bool, shape (n,)
        Rows whose outer rings came clockwise, as Shapefiles have them; they were turned.
    rings : Rings
        The rings of `geometry`.
    """

    treatments: Treatments
    clockwise: Bools
    rings: Rings


class _Patients:
    """Outlines under treatment, and the record that grows."""

    def __init__(self, geometry: Objects) -> None:
        import shapely

        self.had_z: Bools = shapely.has_z(geometry)
        self.work: Objects = geometry.copy()
        if self.had_z.any():
            self.work[self.had_z] = shapely.force_2d(geometry[self.had_z])
        self.set_aside = np.full(len(geometry), None, dtype=object)
        self.set_aside[shapely.is_missing(geometry) | shapely.is_empty(geometry)] = "empty outline"
        self.set_aside[~finite(self.work)] = "coordinates that are not numbers"
        self.sound: Bools = is_none(self.set_aside)
        self.area_m2 = np.zeros(len(geometry))
        self.area_m2[self.sound] = shapely.area(self.work[self.sound])
        self.before_m2 = self.area_m2.copy()
        self.record: list[tuple[Integers, str, Floats, Floats]] = []

    def note(self, code: str, rows: Integers) -> None:
        """Record what has just been done to the work."""
        import shapely

        if len(rows):
            after_m2 = shapely.area(self.work[rows])
            self.record.append((rows, code, self.area_m2[rows], after_m2))
            self.area_m2[rows] = after_m2

    def treatments(self, kept: Bools) -> Treatments:
        """Return the record of the rows that are kept."""
        rows = np.concatenate([np.zeros(0, dtype=np.int64), *(line[0] for line in self.record)])
        codes = [code for rows_, code, *_ in self.record for _ in range(len(rows_))]
        before_m2 = np.concatenate([np.zeros(0), *(line[2] for line in self.record)])
        after_m2 = np.concatenate([np.zeros(0), *(line[3] for line in self.record)])
        here = kept[rows]
        named = np.array(codes, dtype=object)
        return Treatments(rows[here], named[here], before_m2[here], after_m2[here])


def treated(
    geometry: Objects, *, unclosed: Bools | None = None, curved: Bools | None = None
) -> Clinic:
    """Return the outlines as sound polygons, with a record of what was done to each.

    Parameters
    ----------
    geometry : ndarray of shapely geometries or None, shape (n,)
        In EPSG:5186.
    unclosed, curved : ndarray of bool, shape (n,), optional
        Rows whose rings the reader has closed, and whose arcs it has made into chords (as GDAL
        does, a chord for each 4°).

    Returns
    -------
    Clinic
        Its outlines are valid, two-dimensional, outer rings counter-clockwise, without repeated
        points, spikes and sliver parts. Every row is either kept or set aside with a reason.

    Notes
    -----
    Invalid outlines lose their spikes; if they are still invalid they go through GEOS'
    ``make_valid(method="structure")``: rings are made valid one by one, then holes are cut out
    of shells, so that overlapping parts merge. A hole outside its shell becomes a part. Holes
    are kept.
    """
    import shapely

    ward = _Patients(np.asarray(geometry, dtype=object))
    for code, flags in (
        ("ring_closed", unclosed),
        ("curves_flattened", curved),
        ("heights_dropped", ward.had_z),
    ):
        if flags is not None:
            ward.note(code, np.flatnonzero(flags & ward.sound))
    reason = _made_valid(ward)
    dropped_parts = _made_areal(ward)
    _without_slivers(ward)
    kept = np.flatnonzero(is_none(ward.set_aside))
    clockwise = np.zeros(len(ward.work), dtype=bool)
    single = ward.work[kept]
    wrapped = (shapely.get_type_id(single) == MULTIPOLYGON) & (
        shapely.get_num_geometries(single) == 1
    )
    single[wrapped] = shapely.get_geometry(single[wrapped], 0)
    rings = open_rings(single)
    clockwise[kept], astray_rings = _turned(rings, count=len(kept))
    astray = np.unique(rings.row[astray_rings[rings.ring]])
    if len(astray):
        single[astray] = in_halves(_oriented, single[astray])
        rings = turned(rings, astray=astray_rings)
    ward.work[kept] = single
    rings = _smoothed(ward, kept=kept, rings=rings)
    ward.set_aside[kept[ward.area_m2[kept] < MIN_AREA_M2]] = "no area"
    staying = is_none(ward.set_aside)
    if staying.sum() != len(kept):
        rings = open_rings(ward.work[staying])
    return Clinic(
        geometry=ward.work[staying],
        kept=staying,
        set_aside=ward.set_aside,
        reason=reason,
        before_m2=ward.before_m2,
        after_m2=np.where(staying, ward.area_m2, 0.0),
        dropped_parts=dropped_parts & staying,
        had_z=ward.had_z & staying,
        treatments=ward.treatments(staying),
        clockwise=clockwise & staying,
        rings=rings,
    )


def _made_valid(ward: _Patients) -> Objects:
    """Make invalid outlines valid; return GEOS' reason of each."""
    import shapely

    reason = np.full(len(ward.work), None, dtype=object)
    invalid = np.flatnonzero(ward.sound & ~in_halves(shapely.is_valid, ward.work))
    if not len(invalid):
        return reason
    reason[invalid] = [
        text.partition("[")[0] for text in shapely.is_valid_reason(ward.work[invalid]).tolist()
    ]
    cured = _without_spikes(ward, invalid)
    rest = np.setdiff1d(invalid, cured)
    if len(rest):
        whys = shapely.is_valid_reason(ward.work[rest]).tolist()
        codes = np.array([_BY_REASON.get(w.partition("[")[0], "self_intersection") for w in whys])
        ward.work[rest] = made_valid(ward.work[rest])
        for code in np.unique(codes).tolist():
            ward.note(code, rest[codes == code])
        ward.set_aside[rest[~shapely.is_valid(ward.work[rest])]] = BEYOND_REPAIR
        ward.sound = is_none(ward.set_aside)
    return reason


def _made_areal(ward: _Patients) -> Bools:
    """Take the polygons out of collections, set aside what has none; tell who lost parts."""
    import shapely

    dropped = np.zeros(len(ward.work), dtype=bool)
    types = shapely.get_type_id(ward.work)
    collections = np.flatnonzero(ward.sound & (types == COLLECTION))
    for row in collections.tolist():
        ward.work[row], dropped[row] = polygons_of(ward.work[row])
    ward.note("collection_parts", np.flatnonzero(dropped))
    types = shapely.get_type_id(ward.work)
    for row in np.flatnonzero(ward.sound & ~np.isin(types, (POLYGON, MULTIPOLYGON))).tolist():
        ward.set_aside[row] = ward.work[row].geom_type
    taken = np.intersect1d(collections, np.flatnonzero(is_none(ward.set_aside)))
    ward.area_m2[taken] = shapely.area(ward.work[taken])
    ward.set_aside[is_none(ward.set_aside) & (ward.area_m2 < MIN_AREA_M2)] = "no area"
    return dropped


def _without_slivers(ward: _Patients) -> None:
    """Take away parts that are slivers beside a part that is none."""
    import shapely

    several = np.flatnonzero(
        is_none(ward.set_aside)
        & (shapely.get_type_id(ward.work) == MULTIPOLYGON)
        & (shapely.get_num_geometries(ward.work) > 1)
    )
    parts, owner = shapely.get_parts(ward.work[several], return_index=True)
    area_m2 = shapely.area(parts)
    width_m = 2 * area_m2 / np.maximum(shapely.length(parts), np.finfo(float).tiny)
    sliver = (area_m2 < SLIVER_MAX_M2) & (width_m < SLIVER_MAX_WIDTH_M)
    some = np.bincount(owner, weights=sliver, minlength=len(several)) > 0
    some &= np.bincount(owner, weights=~sliver, minlength=len(several)) > 0
    for place in np.flatnonzero(some).tolist():
        ward.work[several[place]] = shapely.multipolygons(parts[(owner == place) & ~sliver])
    ward.note("sliver_part_removed", several[some])


def _turned(rings: Rings, *, count: int) -> tuple[Bools, Bools]:
    """Tell which outlines have an outer ring that runs clockwise, and which rings run astray."""
    if not len(rings.points):
        return np.zeros(count, dtype=bool), np.zeros(len(rings.outer), dtype=bool)
    begin = np.flatnonzero(np.concatenate([[True], rings.ring[1:] != rings.ring[:-1]]))
    near = rings.points - np.repeat(
        rings.points[begin], np.diff(begin, append=len(rings.points)), axis=0
    )
    after = near[rings.next]
    twice_m2 = np.add.reduceat(near[:, 0] * after[:, 1] - near[:, 1] * after[:, 0], begin)
    row = rings.row[begin]
    clockwise = np.zeros(count, dtype=bool)
    clockwise[row[rings.outer & (twice_m2 < 0)]] = True
    return clockwise, rings.outer != (twice_m2 > 0)


def _oriented(geometry: Objects) -> Objects:
    import shapely

    oriented: Objects = shapely.orient_polygons(geometry, exterior_cw=False)
    return oriented


def _smoothed(ward: _Patients, *, kept: Integers, rings: Rings) -> Rings:
    """Take away repeated points and spikes of valid outlines; return the rings that are left."""
    import shapely

    x, y = rings.points.T
    same = x == x[rings.next]
    same[same] = y[same] == y[rings.next[same]]
    places = np.unique(rings.row[same])
    repeating = kept[places]
    ward.work[repeating] = shapely.remove_repeated_points(ward.work[repeating], 0.0)
    ward.note("repeated_points", repeating)
    rings = renewed(rings, ward.work[kept], rows=places)
    cured = _without_spikes(ward, kept[np.unique(rings.row[_spikes(rings)])])
    return renewed(rings, ward.work[kept], rows=np.searchsorted(kept, cured))


def _spikes(rings: Rings) -> Bools:
    """Tell which points are the tips of spikes."""
    ahead = rings.points[rings.next] - rings.points
    behind = ahead[rings.previous]  # from the point before
    tip = np.flatnonzero(ahead[:, 0] * behind[:, 0] + ahead[:, 1] * behind[:, 1] < 0)
    found = np.zeros(len(ahead), dtype=bool)
    found[tip] = _is_spike(-behind[tip], ahead[tip])
    return found


def _is_spike(one: Floats, two: Floats) -> Bools:
    """Tell for the two sides of a corner, pointing away from it, whether they make a spike."""
    cross = np.abs(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0])
    sides = np.sort(np.stack([np.hypot(*one.T), np.hypot(*two.T)]), axis=0)
    spike: Bools = (
        ((one * two).sum(axis=1) > 0)
        & (cross <= SPIKE_MAX_SINE * sides[0] * sides[1])
        & (cross <= SPIKE_MAX_WIDTH_M * sides[1])
        & (cross <= 2 * SPIKE_MAX_M2)
    )
    return spike


def _without_spikes(ward: _Patients, rows: Integers) -> Integers:
    """Cut the spikes off these outlines where that gives a valid one; return those rows."""
    import shapely

    cured = []
    for row in rows.tolist():
        outline = ward.work[row]
        if shapely.get_type_id(outline) not in (POLYGON, MULTIPOLYGON):
            continue
        cut = _cut(outline)
        if cut is None or shapely.equals_identical(cut, outline) or not shapely.is_valid(cut):
            continue
        was_valid = shapely.is_valid(outline)
        if was_valid and abs(shapely.area(cut) - shapely.area(outline)) > SPIKE_MAX_M2:
            continue
        ward.work[row] = shapely.orient_polygons(cut, exterior_cw=False) if was_valid else cut
        cured.append(row)
    found = np.array(cured, dtype=np.int64)
    ward.note("spike_removed", found)
    return found


def _cut(outline: shapely.Geometry) -> shapely.Geometry | None:
    """Return an outline without its spikes; None where nothing would be left of it."""
    import shapely

    polygons = []
    for part in shapely.get_parts(outline).tolist():
        rings = [_cut_ring(shapely.get_coordinates(ring)[:-1]) for ring in shapely.get_rings(part)]
        if len(rings[0]) < 3:
            return None
        holes = [ring for ring in rings[1:] if len(ring) >= 3]
        polygons.append(shapely.Polygon(rings[0], holes))
    single = shapely.get_type_id(outline) == POLYGON
    return polygons[0] if single else shapely.multipolygons(polygons)


def _cut_ring(points: Floats) -> Floats:
    """Return an open ring without spikes and repeated points, the sharpest cut first."""
    points = points[(points != np.roll(points, -1, axis=0)).any(axis=1)]
    while len(points) >= 3:
        one = np.roll(points, 1, axis=0) - points
        two = np.roll(points, -1, axis=0) - points
        tips = np.flatnonzero(_is_spike(one, two))
        if not len(tips):
            break
        sine = np.abs(one[tips, 0] * two[tips, 1] - one[tips, 1] * two[tips, 0])
        sine /= np.hypot(*one[tips].T) * np.hypot(*two[tips].T)
        order = np.lexsort((points[tips, 1], points[tips, 0], sine))
        points = np.delete(points, tips[order[0]], axis=0)
        points = points[(points != np.roll(points, -1, axis=0)).any(axis=1)]
    return points
