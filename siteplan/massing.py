"""Outline massing: whole floors, footprint and height that hold each parcel's floor area exactly.

A first picture at LOD1, not a design. The footprint stays within the ground that the capacity
allows (BCR above all) and, where the limits of floors and height leave the choice, within the
setback; it is then evened out, so that all floors of a parcel are alike. The steps that daylight
from the north asks for are in the capacity, not in this picture. Uses are stacked in the order of
`STACK`, visitors' uses low and homes high; a floor on which one use ends and the next begins is
shared by both, its height the mean of theirs by area. Floor area is whole square metres
throughout: the floors above and below ground add up to the parcel's GFA.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from siteplan.issues import Issue
from siteplan.uses import DEFAULT_STACK, use_index

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.parcels import Parcels

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]
    Bools = npt.NDArray[np.bool_]
    Objects = npt.NDArray[np.object_]

PARKING = "parking"
STACK: tuple[str, ...] = (PARKING, *DEFAULT_STACK)
"""From the ground up where the scenario says nothing else; parking above ground always lowest."""

_BISECTIONS = 26


@dataclass(frozen=True, eq=False)
class Ground:
    """What the floors of n parcels may cover, and how many there may be.

    Parameters
    ----------
    most_m2 : ndarray, shape (n,)
        Ground that buildings may cover at most: BCR and what else the capacity counts.
    inset_m2 : ndarray, shape (n,)
        Area of the part available within the setback.
    max_floors : ndarray, shape (n,)
        Floors allowed above ground, infinite where nothing limits them.
    """

    most_m2: Floats
    inset_m2: Floats
    max_floors: Floats


@dataclass(frozen=True, eq=False)
class Massing:
    """Outline of what stands on each parcel: n parcels, s segments in the order of `stack`.

    Parameters
    ----------
    floors : ndarray of int, shape (n,)
        Floors above ground, 0 where nothing is placed.
    footprint_m2, height_m : ndarray of float, shape (n,)
    segment_m2 : ndarray of int, shape (n, s)
        Floor area above ground of each segment.
    segment_height_m : ndarray of float, shape (n, s)
        Height that a segment takes up; they add up to `height_m`.
    stack : tuple of str, length s
        Segments from the ground up.
    below_m2, basement_floors : ndarray of int, shape (n,)
    over_setback : ndarray of bool, shape (n,)
        The floor area fits only with a footprint that reaches into the setback.
    """

    floors: Integers
    footprint_m2: Floats
    height_m: Floats
    segment_m2: Integers
    segment_height_m: Floats
    below_m2: Integers
    basement_floors: Integers
    over_setback: Bools
    stack: tuple[str, ...] = STACK

    @cached_property
    def above_m2(self) -> Integers:
        """Floor area above ground, shape (n,)."""
        sums_m2: Integers = self.segment_m2.sum(axis=1)
        return sums_m2

    @cached_property
    def base_m(self) -> Floats:
        """Height above ground at which each segment starts, shape (n, s)."""
        return np.cumsum(self.segment_height_m, axis=1) - self.segment_height_m


@dataclass(frozen=True)
class Storey:
    """One use's part of one floor; `number` is 1 for the ground floor and -1 for B1."""

    number: int
    segment: str | None
    area_m2: int


@dataclass(frozen=True)
class Prism:
    """One segment of one parcel: an outline in EPSG:5186 and its heights above ground."""

    row: int
    segment: str
    outline: Any
    base_m: float
    height_m: float
    area_m2: int


def massing_of(
    use_m2: Integers,
    *,
    parking_m2: Integers,
    below_m2: Integers,
    ground: Ground,
    storey_height_m: tuple[float, ...],
    parking_height_m: float,
    stack: tuple[str, ...] = DEFAULT_STACK,
) -> Massing:
    """Return floors, footprint and height of each parcel.

    Parameters
    ----------
    use_m2 : ndarray of int, shape (n, k)
        Floor area above ground by use, in the order of the uses.
    parking_m2, below_m2 : ndarray of int, shape (n,)
        Accessory parking above ground; all floor area below ground.
    ground : Ground
    storey_height_m : tuple of float, length k
    parking_height_m : float
        Storey height of parking above ground.
    stack : tuple of str, length k
        The uses from the ground up, each once.
    """
    order = (PARKING, *stack)
    segment_m2 = np.column_stack(
        [parking_m2 if key == PARKING else use_m2[:, use_index(key)] for key in order]
    )
    storey_m = np.array(
        [parking_height_m if key == PARKING else storey_height_m[use_index(key)] for key in order]
    )
    above_m2 = segment_m2.sum(axis=1)
    built = above_m2 > 0
    over, largest_m2 = _plates(above_m2, ground)
    floors = np.where(built, _floors(above_m2, plate_m2=largest_m2), 0)
    footprint_m2 = np.where(built, above_m2 / np.maximum(floors, 1), 0.0)
    segment_height_m = segment_m2 / np.where(built, footprint_m2, 1.0)[:, None] * storey_m
    # A basement may reach as far as the setback lets it.
    plate_m2 = np.maximum(np.maximum(ground.inset_m2, np.nan_to_num(ground.most_m2)), 1.0)
    return Massing(
        floors=floors,
        footprint_m2=footprint_m2,
        height_m=segment_height_m.sum(axis=1),
        segment_m2=segment_m2,
        segment_height_m=segment_height_m,
        below_m2=below_m2,
        basement_floors=np.where(below_m2 > 0, _floors(below_m2, plate_m2=plate_m2), 0),
        over_setback=over,
        stack=order,
    )


def plate_m2(above_m2: Floats, ground: Ground) -> Floats:
    """Return the largest footprint for floor area above ground, shape (n,).

    Within the setback where that leaves enough floors, else the ground that the capacity allows.

    Parameters
    ----------
    above_m2 : ndarray, shape (n,)
    ground : Ground
    """
    return _plates(above_m2, ground)[1]


def _plates(above_m2: Floats | Integers, ground: Ground) -> tuple[Bools, Floats]:
    """Return which parcels must build into the setback, and their largest footprints."""
    built = above_m2 > 0
    most_m2 = np.where(built, ground.most_m2, 1.0)
    inside = built & (ground.inset_m2 > 0)
    kept_m2 = np.where(inside, np.minimum(most_m2, ground.inset_m2), most_m2)
    over = built & ((_floors(above_m2, plate_m2=kept_m2) > ground.max_floors) | ~inside)
    return over, np.where(over, most_m2, kept_m2)


def _floors(area_m2: Floats | Integers, *, plate_m2: Floats) -> Integers:
    """Return the whole floors that hold an area, at least one."""
    # The tolerance keeps 3.0000000001 floors from becoming four.
    return np.maximum(np.ceil(area_m2 / plate_m2 - 1e-9), 1).astype(np.int64)


def check_setback(massing: Massing, *, ids: tuple[str, ...]) -> list[Issue]:
    """Return the parcels whose footprint reaches into the setback."""
    rows = np.flatnonzero(massing.over_setback).tolist()
    return [Issue("setback_exceeded", tuple(ids[row] for row in rows))] if rows else []


def storeys(massing: Massing, row: int) -> tuple[Storey, ...]:
    """Return a parcel's floors from the lowest basement up; whole m² that add up to its GFA.

    Floors differ by at most 1 m²: the lower ones take what is left over. What lies below ground
    belongs to no single use (segment None).
    """
    below = _evenly(int(massing.below_m2[row]), int(massing.basement_floors[row]))
    found = [Storey(-depth, None, area) for depth, area in enumerate(below, start=1)][::-1]
    left = dict(zip(massing.stack, massing.segment_m2[row].tolist(), strict=True))
    plates = _evenly(int(massing.above_m2[row]), int(massing.floors[row]))
    for number, plate in enumerate(plates, start=1):
        room = plate
        for segment in massing.stack:
            taken = min(room, left[segment])
            if taken:
                found.append(Storey(number, segment, taken))
                room -= taken
                left[segment] -= taken
    return tuple(found)


def _evenly(area_m2: int, floors: int) -> list[int]:
    if floors == 0:
        return []
    each, rest = divmod(area_m2, floors)
    return [each + (i < rest) for i in range(floors)]


_insets: WeakKeyDictionary[Parcels, dict[float, Floats]] = WeakKeyDictionary()


def inset_areas_m2(parcels: Parcels, rows: npt.NDArray[np.intp], *, setback_m: float) -> Floats:
    """Return the area of each outline within the setback, in m², shape (n,), 0 beside `rows`.

    Areas are kept for each `Parcels`, so that a slider's next move measures only new rows.
    """
    import shapely

    kept = _insets.setdefault(parcels, {})
    if setback_m not in kept:
        kept.clear()
        kept[setback_m] = np.full(len(parcels), np.nan)
    known = kept[setback_m]
    new = rows[np.isnan(known[rows])]
    known[new] = shapely.area(_inset(parcels.geometry[new], np.full(len(new), setback_m)))
    return np.nan_to_num(known)


def footprints(geometry: Objects, area_m2: Floats) -> Objects:
    """Return outlines of given areas, each the lot's own shape drawn in from all sides.

    Parameters
    ----------
    geometry : ndarray of shapely (Multi)Polygons, shape (m,)
        Lots, in EPSG:5186.
    area_m2 : ndarray, shape (m,)
        Areas wanted; the whole lot where the outline is smaller than that.

    Notes
    -----
    The inset is found by bisection: area falls steadily with it. What comes out differs from
    the area wanted by less than 1 part in 10,000.
    """
    import shapely

    box = shapely.bounds(geometry)
    near_m = np.zeros(len(geometry))
    far_m = (box[:, 2:] - box[:, :2]).min(axis=1) / 2
    for _ in range(_BISECTIONS):
        middle_m = (near_m + far_m) / 2
        large = shapely.area(_inset(geometry, middle_m)) >= area_m2
        near_m, far_m = np.where(large, middle_m, near_m), np.where(large, far_m, middle_m)
    return _inset(geometry, near_m)


def _inset(geometry: Objects, distance_m: Floats) -> Objects:
    import shapely

    drawn: Objects = shapely.buffer(geometry, -distance_m, join_style="mitre", mitre_limit=2.0)
    return drawn


def prisms(massing: Massing, geometry: Objects) -> Iterator[Prism]:
    """Yield a prism for each segment that stands, bottom up; outlines only of parcels used.

    Parameters
    ----------
    massing : Massing
    geometry : ndarray of shapely (Multi)Polygons, shape (n,)
        The lots.
    """
    rows = np.flatnonzero(massing.floors > 0)
    outlines = footprints(geometry[rows], massing.footprint_m2[rows])
    for row, outline in zip(rows.tolist(), outlines, strict=True):
        for column in np.flatnonzero(massing.segment_m2[row] > 0).tolist():
            yield Prism(
                row=row,
                segment=massing.stack[column],
                outline=outline,
                base_m=float(massing.base_m[row, column]),
                height_m=float(massing.segment_height_m[row, column]),
                area_m2=int(massing.segment_m2[row, column]),
            )
