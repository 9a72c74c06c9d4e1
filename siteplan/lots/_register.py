"""Lots as the register has them: their columns, ids and names, and what replaces them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

import numpy as np

from siteplan.edits import LotEdit
from siteplan.errors import InputError
from siteplan.issues import Issue
from siteplan.parcels import EVIDENCE, Parcels
from siteplan.text import Joined, sentence

_AND_MORE = re.compile(r"(.*\S) 외 (\d+)필지")


def replaced(
    parcels: Parcels,
    edit: LotEdit,
    *,
    rows: list[int],
    lots: list[dict[str, Any]],
    issues: list[Issue],
) -> Parcels:
    """Return the parcels with the lots in the place of some rows; untouched rows are shared."""
    gone = sorted(rows, reverse=True)
    at = gone[-1]
    changed: dict[str, Any] = {}
    for column in fields(parcels):
        held = getattr(parcels, column.name)
        if column.name in ("issues", "context") or len(held) != len(parcels):
            continue
        values = list(held) if isinstance(held, tuple) else held.tolist()
        for row in gone:
            del values[row]
        values[at:at] = [lot[column.name] for lot in lots]
        if isinstance(held, tuple):
            changed[column.name] = tuple(values)
        else:
            array = np.empty(len(values), dtype=held.dtype)
            array[:] = values
            changed[column.name] = array
    zoned = {lot["ids"] for lot in lots if lot["zones"] is not None}
    kept = [_renamed(issue, edit, zoned=zoned) for issue in parcels.issues]
    return replace(parcels, **changed, issues=(*filter(None, kept), *issues))


def _renamed(issue: Issue, edit: LotEdit, *, zoned: set[str]) -> Issue | None:
    """Return a finding about the old parcels as one about the new lots; None where it is over."""
    old = set(edit.old_ids)
    if old.isdisjoint(issue.parcel_ids):
        return issue
    ids = dict.fromkeys(
        new for i in issue.parcel_ids for new in (edit.new_ids if i in old else (i,))
    )
    if issue.code == "zone_missing":
        ids = dict.fromkeys(i for i in ids if i not in zoned)
    return replace(issue, parcel_ids=tuple(ids)) if ids else None


def columns_of(parcels: Parcels, row: int) -> dict[str, Any]:
    """Return one parcel's columns by field name."""
    columns = {column.name: getattr(parcels, column.name) for column in fields(parcels)}
    return {
        name: held[row]
        for name, held in columns.items()
        if name not in ("issues", "context") and len(held) == len(parcels)
    }


def rows_of(parcels: Parcels, ids: Iterable[str]) -> list[int]:
    """Return the rows of some ids; refuses ids that are not there."""
    wanted = list(ids)
    missing = [i for i in wanted if i not in parcels.index]
    if missing:
        raise InputError(
            sentence(
                "There is no parcel {missing}. Check the id, or load the parcels that hold it.",
                missing=", ".join(missing[:3]),
            )
        )
    return [parcels.index[i] for i in wanted]


def check_free(parcels: Parcels, edit: LotEdit) -> None:
    """Refuse ids for new lots that other parcels have."""
    taken = [i for i in edit.new_ids if i in parcels.index and i not in edit.old_ids]
    if taken:
        raise InputError(
            sentence("The id {id} is taken by another parcel. Choose another one.", id=taken[0])
        )


def free_id(wish: str, parcels: Parcels) -> str:
    """Return an id that no parcel has: the wish, or the wish with a number."""
    name, number = wish, 2
    while name in parcels.index:
        name, number = f"{wish}#{number}", number + 1
    return name


def by_size(parcels: Parcels, rows: list[int]) -> list[int]:
    """Return rows by register area, the largest first, ties by id."""
    return sorted(rows, key=lambda row: (-float(parcels.site_area_m2[row]), parcels.ids[row]))


def weakest(kinds: Iterable[str]) -> str:
    """Return the weakest of some kinds of evidence."""
    return max(kinds, key=EVIDENCE.index)


def listed(parcels: Parcels, rows: list[int]) -> Joined:
    """Return what to call some parcels, the first four of them."""
    names = Joined(tuple(parcels.label(row) for row in rows[:4]))
    return names if len(rows) <= 4 else Joined((names, "…"), " ")


def and_more(names: list[str | None]) -> str | None:
    """Return "223 외 2필지" for the largest part's lot number, counting lots merged before."""
    lead, lots = names[0], 0
    for name in names:
        before = _AND_MORE.fullmatch(name or "")
        lots += 1 + (int(before[2]) if before else 0)
    if lead is None:
        return None
    before = _AND_MORE.fullmatch(lead)
    return f"{before[1] if before else lead} 외 {lots - 1}필지"


def plus_more(names: list[str | None]) -> str | None:
    """Return "Market + 2" for the largest part's name."""
    return None if names[0] is None else f"{names[0]} + {len(names) - 1}"


def lettered(name: str | None, letter: str) -> str | None:
    """Return the name of a piece."""
    return None if name is None else f"{name} ({letter})"


def source_of(parcels: Parcels, rows: list[int], *, word: str) -> str:
    """Return the parts' sources and what the lot was made from, by PNU where there is one."""
    known = dict.fromkeys(source for row in rows if (source := parcels.sources[row]))
    names = ", ".join(parcels.pnus[row] or parcels.ids[row] for row in rows)
    return "; ".join([*known, f"{word} {names}"])
