"""합필 and 분할: adjoining parcels made one lot, and a parcel cut into lots by a line.

Facts never change: these functions return new parcels, and a scenario says which changes it plans
(`siteplan.scenario.Scenario.edits`, applied by `edited`).

Attributes by rule
------------------
A merged lot has the sum of its parts' register areas (not the area of the union) and their
area-weighted land price; zone and land category stay where all agree. Otherwise its zones are
kept with their shares of the area, the largest as its zone, and it has no land category. It is
as well attested as its weakest part. The part with the largest area (then the first id) gives
the name: "223 외 2필지".

A piece of a cut parcel has the part of the register area that its outline has of the whole
outline; the parts are whole units of the register area's last decimal and sum to it exactly.
The other facts stay; no survey knows the line, so an official outline counts as supplied.

A new lot has no PNU: the register assigns one when the change is made. The old ones are in its
source. One lot needs the same owner, the same use and continuous ground (공간정보관리법 시행령 §5);
only the ground can be seen here, the rest is a finding.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from siteplan.edits import Cut, LotEdit, Merge, checked_line
from siteplan.errors import InputError
from siteplan.issues import Issue
from siteplan.lots._cutting import MIN_PIECE_M2, cut_lots, pieces_of
from siteplan.lots._merging import merged_lots
from siteplan.lots._register import by_size, free_id, rows_of
from siteplan.parcels import Parcels
from siteplan.text import sentence

if TYPE_CHECKING:
    from siteplan.rules import RuleSet

__all__ = ["MIN_PIECE_M2", "check_lots", "cut", "cut_of", "edited", "merge_of", "merged"]

_KEPT = 8


def merged(parcels: Parcels, ids: Iterable[str], *, new_id: str | None = None) -> Parcels:
    """Return the parcels with some of them made one lot.

    Parameters
    ----------
    parcels : Parcels
    ids : iterable of str
        At least two parcels that adjoin; their order makes no difference.
    new_id : str, optional
        Id of the new lot; by default made from the largest part's, e.g. "YJ-223+1".

    Returns
    -------
    Parcels
        The lot stands in the row of the first of its parts; its outline is the union of theirs.
        Gaps of at most `siteplan.lots.shapes.SNAP_M` between them are closed. `issues` says what a
        person should know.

    Raises
    ------
    InputError
        Fewer than two parcels, an id that is not there or taken, parcels that do not adjoin (the
        sentence names which one lies apart and by how much), or parts that stay apart.
    """
    edit = merge_of(parcels, ids, new_id=new_id)
    return merged_lots(parcels, edit)


def cut(
    parcels: Parcels,
    parcel_id: str,
    line: Sequence[tuple[float, float]],
    *,
    new_ids: Sequence[str] | None = None,
) -> Parcels:
    """Return the parcels with one cut along a line.

    Parameters
    ----------
    parcels : Parcels
    parcel_id : str
    line : sequence of (x, y)
        In EPSG:5186, metres; rounded to 1 mm. An end inside the outline is led on, straight, to
        where it meets the boundary, at most the outline's size away.
    new_ids : sequence of str, optional
        As many as there are pieces; by default "YJ-223.1", "YJ-223.2" and so on.

    Returns
    -------
    Parcels
        The pieces, from west to east, stand where the parcel stood.

    Raises
    ------
    InputError
        No such parcel, a line that does not cross it, a piece below `MIN_PIECE_M2`, more than
        `siteplan.edits.MOST_PIECES` pieces.
    """
    edit = cut_of(parcels, parcel_id, line, new_ids=new_ids)
    return cut_lots(parcels, edit)


def merge_of(parcels: Parcels, ids: Iterable[str], *, new_id: str | None = None) -> Merge:
    """Return the edit that `merged` makes, with an id that is free; raises as it does."""
    wanted = sorted(set(ids))
    if len(wanted) < 2:
        raise InputError(
            sentence("Merging needs at least two parcels. Select the ones that become one lot.")
        )
    rows = rows_of(parcels, wanted)
    lead = parcels.ids[by_size(parcels, rows)[0]]
    if new_id is None:
        new_id = free_id(f"{lead}+{len(wanted) - 1}", parcels)
    edit = Merge(ids=tuple(wanted), new_id=new_id)
    merged_lots(parcels, edit)
    return edit


def cut_of(
    parcels: Parcels,
    parcel_id: str,
    line: Sequence[tuple[float, float]],
    *,
    new_ids: Sequence[str] | None = None,
) -> Cut:
    """Return the edit that `cut` makes, with ids that are free; raises as it does."""
    (row,) = rows_of(parcels, [parcel_id])
    points = checked_line(tuple(tuple(point) for point in line))
    found = pieces_of(parcels, row, points)
    if new_ids is None:
        new_ids = [free_id(f"{parcel_id}.{n + 1}", parcels) for n in range(len(found))]
    edit = Cut(parcel_id=parcel_id, line=points, new_ids=tuple(new_ids))
    cut_lots(parcels, edit, found=found)
    return edit


def edited(parcels: Parcels, edits: tuple[LotEdit, ...]) -> Parcels:
    """Return the parcels after a scenario's merges and cuts, in their order.

    An exported plan that is read back already holds the merged and cut lots while its scenario
    still lists the edits. So an edit counts as made, and is left alone, where none of its old
    parcels is in the data and each of its new lots is, or was used up by a later edit that counts
    as made. An edit whose parcels are missing otherwise, or that does not work on these outlines,
    is left out and becomes a finding, as a decision about a missing parcel does.

    The last results are kept for each `parcels`, so that evaluating again costs nothing.
    """
    if not edits:
        return parcels
    with _lock:
        kept = _made.setdefault(parcels, {})
        held = kept.get(edits)
        if held is not None:
            return held
        start = max((n for n in range(1, len(edits)) if edits[:n] in kept), default=0)
        result = kept[edits[:start]] if start else parcels
    done = _already_made(parcels, edits)
    for edit in edits[start:]:
        result = _applied(result, edit, done=edit in done)
    with _lock:
        kept[edits] = result
        while len(kept) > _KEPT:
            kept.pop(next(iter(kept)))
    return result


_lock = threading.Lock()
_made: weakref.WeakKeyDictionary[Parcels, dict[tuple[LotEdit, ...], Parcels]] = (
    weakref.WeakKeyDictionary()
)


def check_lots(
    parcels: Parcels,
    edits: Iterable[LotEdit],
    *,
    rules: RuleSet,
    zones: Sequence[str | None],
) -> list[Issue]:
    """Return a finding for each piece of a cut that is smaller than its zone's lots may be.

    Parameters
    ----------
    parcels : Parcels
        After the edits.
    edits : iterable of LotEdit
    rules : RuleSet
        Their `minimum_lot`; sets without it find nothing.
    zones : sequence of (str or None)
        Zone that each parcel is planned with.
    """
    minimum = rules.minimum_lot
    if minimum is None:
        return []
    found = []
    new = [i for edit in edits if isinstance(edit, Cut) for i in edit.new_ids]
    for lot in dict.fromkeys(i for i in new if i in parcels.index):
        row = parcels.index[lot]
        rule = rules.zone(zones[row])
        least_m2 = None if rule is None else minimum.least_m2.get(rule.name)
        area_m2 = float(parcels.site_area_m2[row])
        if rule is not None and least_m2 is not None and area_m2 < least_m2:
            details = {
                "lot": parcels.label(row),
                "area": area_m2,
                "least": least_m2,
                "zone": rule.label,
                "article": minimum.article,
            }
            found.append(Issue("lot_below_minimum", (lot,), details))
    return found


def _already_made(parcels: Parcels, edits: tuple[LotEdit, ...]) -> set[LotEdit]:
    """Return the edits that the data already holds, see `edited`."""
    done: set[LotEdit] = set()
    used_up: set[str] = set()
    for edit in reversed(edits):
        there = all(i in parcels.index or i in used_up for i in edit.new_ids)
        if there and not any(i in parcels.index for i in edit.old_ids):
            done.add(edit)
            used_up.update(edit.old_ids)
    return done


def _applied(parcels: Parcels, edit: LotEdit, *, done: bool) -> Parcels:
    missing = [i for i in edit.old_ids if i not in parcels.index]
    if done:
        if isinstance(edit, Cut) or edit.new_id not in parcels.index:
            return parcels
        row = parcels.index[edit.new_id]
        issue = Issue("merge_conditions", edit.new_ids, {"lots": parcels.label(row)})
    elif missing:
        names = ", ".join(missing[:3])
        issue = Issue("edit_without_parcel", tuple(missing), {"missing": names})
    else:
        try:
            return (
                merged_lots(parcels, edit) if isinstance(edit, Merge) else cut_lots(parcels, edit)
            )
        except InputError as refused:
            issue = Issue("edit_refused", edit.old_ids, {"reason": refused.text})
    return replace(parcels, issues=(*parcels.issues, issue))
