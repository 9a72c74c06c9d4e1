"""Names on a drawing, placed so that none lies over another.

Each name tries its own spot first, then spots round it at growing distances with a leader line.
Names come in the order of their weight; one that finds no room is left out and told.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_DISTANCES = (0.0, 1.0, 1.6, 2.4, 3.4, 4.6, 6.0, 8.0)
_DIRECTIONS = 12
_GAP_MM = 0.4


@dataclass(frozen=True)
class Name:
    """A name that wants a place.

    Parameters
    ----------
    text : str
    x_mm, y_mm : float
        The middle of what it names.
    size_mm : float
        Height of the letters' line.
    far : bool
        Whether it may stand beside its spot, with a leader line.
    class_ : str
        For the looks.
    angle_deg : float
        Turn of the text, clockwise.
    foot_mm : (x, y) or None
        Where the leader line ends, if not at `x_mm`, `y_mm`.
    """

    text: str
    x_mm: float
    y_mm: float
    size_mm: float
    far: bool = True
    class_: str = "lot"
    angle_deg: float = 0.0
    foot_mm: tuple[float, float] | None = None


@dataclass(frozen=True)
class Box:
    """A rectangle on the drawing, mm."""

    west: float
    north: float
    east: float
    south: float

    def meets(self, other: Box) -> bool:
        """Tell whether two boxes have more than an edge in common."""
        return (
            self.west < other.east
            and other.west < self.east
            and self.north < other.south
            and other.north < self.south
        )

    def within(self, other: Box) -> bool:
        """Tell whether this box lies wholly in another."""
        return (
            self.west >= other.west
            and self.east <= other.east
            and self.north >= other.north
            and self.south <= other.south
        )


@dataclass(frozen=True)
class Placed:
    """A name with its box; `moved` where it stands beside its spot."""

    name: Name
    box: Box
    moved: bool

    @property
    def middle(self) -> tuple[float, float]:
        """Middle of the box."""
        return (self.box.west + self.box.east) / 2, (self.box.north + self.box.south) / 2


def text_width_mm(text: str, *, size_mm: float) -> float:
    """Return about how wide a text is set; wide letters such as Hangul take a whole em."""
    ems = sum(1.0 if unicodedata.east_asian_width(c) in "WF" else 0.6 for c in text)
    return ems * size_mm


def placed(names: Iterable[Name], *, frame: Box, taken: Iterable[Box] = ()) -> list[Placed | None]:
    """Return a place for each name, None where none is free.

    Parameters
    ----------
    names : iterable of Name
        The weightiest first.
    frame : Box
        Names stay inside it.
    taken : iterable of Box
        Where no name may stand.

    Returns
    -------
    list of (Placed or None)
        In the order of the names; the boxes of the placed ones do not meet.
    """
    full = list(taken)
    found: list[Placed | None] = []
    for name in names:
        spot = _spot(name, frame=frame, full=full)
        found.append(spot)
        if spot is not None:
            full.append(spot.box)
    return found


def _spot(name: Name, *, frame: Box, full: list[Box]) -> Placed | None:
    long_mm = text_width_mm(name.text, size_mm=name.size_mm) / 2 + _GAP_MM
    high_mm = name.size_mm * 0.62 + _GAP_MM
    turned = math.radians(name.angle_deg)
    half_w = abs(math.cos(turned)) * long_mm + abs(math.sin(turned)) * high_mm
    half_h = abs(math.sin(turned)) * long_mm + abs(math.cos(turned)) * high_mm
    for distance in _DISTANCES if name.far else _DISTANCES[:1]:
        for turn in range(_DIRECTIONS if distance else 1):
            angle = 2 * math.pi * turn / _DIRECTIONS
            x = name.x_mm + math.cos(angle) * distance * (half_w + name.size_mm * 0.6)
            y = name.y_mm - math.sin(angle) * distance * (half_h + name.size_mm * 0.6)
            box = Box(x - half_w, y - half_h, x + half_w, y + half_h)
            if box.within(frame) and not any(map(box.meets, full)):
                return Placed(name, box, moved=distance > 0)
    return None
