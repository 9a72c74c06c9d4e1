"""Changes of lots that a planner plans: 합필 (merging) and 분할 (cutting), as frozen values.

They are part of a scenario; `siteplan.lots.edited` applies them to parcels.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from siteplan.errors import InputError
from siteplan.fields import wrong_kind
from siteplan.text import N_, sentence

MOST_PIECES = 10
"""A cut gives at most so many pieces."""

MOST_EDITS = 1_000
MOST_POINTS = 1_000
_REACH_M = 1e7

Line = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Merge:
    """Adjoining parcels become one lot.

    Parameters
    ----------
    ids : tuple of str
        At least two different parcels; their order says nothing and is not kept.
    new_id : str
        Id of the new lot.
    """

    ids: tuple[str, ...]
    new_id: str

    def __post_init__(self) -> None:
        _check_ids("edits.merge", self.ids, least=2)
        _check_ids("edits.into", (self.new_id,), least=1)
        object.__setattr__(self, "ids", tuple(sorted(self.ids)))

    @property
    def old_ids(self) -> tuple[str, ...]:
        """Parcels that the edit takes away."""
        return self.ids

    @property
    def new_ids(self) -> tuple[str, ...]:
        """Lots that the edit makes."""
        return (self.new_id,)

    def to_dict(self) -> dict[str, Any]:
        """Return the edit as plain values for JSON."""
        return {"merge": list(self.ids), "into": self.new_id}


@dataclass(frozen=True)
class Cut:
    """A line cuts one parcel into lots.

    Parameters
    ----------
    parcel_id : str
    line : tuple of (x, y)
        In EPSG:5186, metres, kept to 1 mm; at least two points.
    new_ids : tuple of str
        Ids of the pieces, from west to east.
    """

    parcel_id: str
    line: Line
    new_ids: tuple[str, ...]

    def __post_init__(self) -> None:
        _check_ids("edits.cut", (self.parcel_id,), least=1)
        _check_ids("edits.into", self.new_ids, least=2)
        if len(self.new_ids) > MOST_PIECES:
            raise wrong_kind("edits.into", N_("at most ten ids"))
        object.__setattr__(self, "new_ids", tuple(self.new_ids))
        object.__setattr__(self, "line", checked_line(self.line))

    @property
    def old_ids(self) -> tuple[str, ...]:
        """Parcels that the edit takes away."""
        return (self.parcel_id,)

    def to_dict(self) -> dict[str, Any]:
        """Return the edit as plain values for JSON."""
        return {
            "cut": self.parcel_id,
            "line_m": [list(point) for point in self.line],
            "into": list(self.new_ids),
        }


LotEdit = Merge | Cut


def checked_line(line: object) -> Line:
    """Return a line's points rounded to 1 mm, repeated ones left out.

    Raises
    ------
    InputError
        Fewer than two different points, too many, or coordinates that are not numbers in metres.
    """
    if not isinstance(line, list | tuple) or len(line) > MOST_POINTS:
        raise wrong_kind("line_m", N_("a list of points [x, y] in metres"))
    points: list[tuple[float, float]] = []
    for point in line:
        if not isinstance(point, list | tuple) or len(point) != 2 or not all(map(_metres, point)):
            raise wrong_kind("line_m", N_("a list of points [x, y] in metres"))
        # Adding 0.0 makes -0.0 and 0.0 the same point.
        rounded = (round(float(point[0]), 3) + 0.0, round(float(point[1]), 3) + 0.0)
        if not points or rounded != points[-1]:
            points.append(rounded)
    if len(points) < 2:
        raise InputError(sentence("A line needs two different points. Draw it again."))
    return tuple(points)


def edits_from(table: object) -> tuple[LotEdit, ...]:
    """Return the edits that a scenario file lists.

    Raises
    ------
    InputError
        An entry that is neither a merge nor a cut, or holds a wrong value.
    """
    if not isinstance(table, list) or len(table) > MOST_EDITS:
        raise wrong_kind("edits", N_("a list of merges and cuts"))
    return tuple(_edit(entry) for entry in table)


def check_edits(edits: object) -> None:
    """Refuse anything but merges and cuts; raises as `edits_from`."""
    if (
        not isinstance(edits, list | tuple)
        or len(edits) > MOST_EDITS
        or not all(isinstance(edit, Merge | Cut) for edit in edits)
    ):
        raise wrong_kind("edits", N_("a list of merges and cuts"))


def _edit(entry: object) -> LotEdit:
    keys = set(entry) if isinstance(entry, Mapping) else set()
    if isinstance(entry, Mapping) and keys == {"merge", "into"}:
        return Merge(ids=_listed("edits.merge", entry["merge"]), new_id=entry["into"])
    if isinstance(entry, Mapping) and keys == {"cut", "line_m", "into"}:
        return Cut(
            parcel_id=entry["cut"],
            line=entry["line_m"],
            new_ids=_listed("edits.into", entry["into"]),
        )
    raise wrong_kind("edits", N_("a list of merges (merge, into) and cuts (cut, line_m, into)"))


def _listed(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise wrong_kind(name, N_("a list of parcel ids"))
    return tuple(value)


def _check_ids(name: str, ids: object, *, least: int) -> None:
    if (
        not isinstance(ids, list | tuple)
        or len(ids) < least
        or not all(isinstance(i, str) and i for i in ids)
        or len(set(ids)) != len(ids)
    ):
        raise wrong_kind(name, N_("different parcel ids, at least two to merge or to cut into"))


def _metres(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and abs(value) <= _REACH_M
    )
