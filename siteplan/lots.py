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

import re
import threading
import weakref
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from siteplan import lot_shapes
from siteplan.edits import MOST_PIECES, Cut, Line, LotEdit, Merge, checked_line
from siteplan.errors import InputError
from siteplan.geometry import POLYGON
from siteplan.issues import Issue
from siteplan.lot_areas import area_parts_m2, area_sum_m2
from siteplan.parcels import EVIDENCE, Parcels, ZoneParts
from siteplan.text import sentence

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.rules import RuleSet

    Objects = npt.NDArray[np.object_]

MIN_PIECE_M2 = 1.0
"""A cut that leaves a piece smaller than this is refused: the line runs along an edge."""

_LETTERS_KO = "가나다라마바사아자차"
_LETTERS_EN = "ABCDEFGHIJ"
_AND_MORE = re.compile(r"(.*\S) 외 (\d+)필지")
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
        Gaps of at most `siteplan.lot_shapes.SNAP_M` between them are closed. `issues` says what a
        person should know.

    Raises
    ------
    InputError
        Fewer than two parcels, an id that is not there or taken, parcels that do not adjoin (the
        sentence names which one lies apart and by how much), or parts that stay apart.
    """
    edit = merge_of(parcels, ids, new_id=new_id)
    return _merged(parcels, edit)


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
    return _cut(parcels, edit)


def merge_of(parcels: Parcels, ids: Iterable[str], *, new_id: str | None = None) -> Merge:
    """Return the edit that `merged` makes, with an id that is free; raises as it does."""
    wanted = sorted(set(ids))
    if len(wanted) < 2:
        raise InputError(
            sentence("Merging needs at least two parcels. Select the ones that become one lot.")
        )
    rows = _rows(parcels, wanted)
    lead = parcels.ids[_by_size(parcels, rows)[0]]
    if new_id is None:
        new_id = _free_id(f"{lead}+{len(wanted) - 1}", parcels)
    edit = Merge(ids=tuple(wanted), new_id=new_id)
    _merged(parcels, edit)
    return edit


def cut_of(
    parcels: Parcels,
    parcel_id: str,
    line: Sequence[tuple[float, float]],
    *,
    new_ids: Sequence[str] | None = None,
) -> Cut:
    """Return the edit that `cut` makes, with ids that are free; raises as it does."""
    (row,) = _rows(parcels, [parcel_id])
    points = checked_line(tuple(tuple(point) for point in line))
    found = _pieces(parcels, row, points)
    if new_ids is None:
        new_ids = [_free_id(f"{parcel_id}.{n + 1}", parcels) for n in range(len(found))]
    edit = Cut(parcel_id=parcel_id, line=points, new_ids=tuple(new_ids))
    _cut(parcels, edit, found=found)
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
                "lot": _called(parcels, row),
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
        issue = Issue("merge_conditions", edit.new_ids, {"lots": _called(parcels, row)})
    elif missing:
        names = ", ".join(missing[:3])
        issue = Issue("edit_without_parcel", tuple(missing), {"missing": names})
    else:
        try:
            return _merged(parcels, edit) if isinstance(edit, Merge) else _cut(parcels, edit)
        except InputError as refused:
            issue = Issue("edit_refused", edit.old_ids, {"reason": refused.text})
    return replace(parcels, issues=(*parcels.issues, issue))


def _merged(parcels: Parcels, edit: Merge) -> Parcels:
    rows = _by_size(parcels, _rows(parcels, edit.ids))
    _free(parcels, edit)
    outlines = parcels.geometry[rows]
    _check_adjoining(parcels, rows, outlines)
    union = lot_shapes.joined(outlines)
    import shapely

    if shapely.get_type_id(union.geometry) != POLYGON:
        raise InputError(
            sentence(
                "Merged, {lots} would be {count} parts that lie apart. Merge only parcels that "
                "are one piece of ground.",
                lots=_list(parcels, rows),
                count=int(shapely.get_num_geometries(union.geometry)),
            )
        )
    lot, found = _merged_facts(parcels, rows)
    lot |= {"ids": edit.new_id, "geometry": union.geometry}
    if union.gaps_m2 > 0:
        closed: dict[str, object] = {"width": lot_shapes.SNAP_M, "area": union.gaps_m2}
        found.append(("merged_gap_closed", closed))
    names = _list(parcels, rows)
    issues = [Issue(code, (edit.new_id,), {"lots": names, **details}) for code, details in found]
    return _replaced(parcels, edit, rows=rows, lots=[lot], issues=issues)


def _merged_facts(
    parcels: Parcels, rows: list[int]
) -> tuple[dict[str, Any], list[tuple[str, dict[str, object]]]]:
    """Return the merged lot's columns and what is to be said; `rows` has the largest first."""
    lead = rows[0]
    area_m2 = [float(parcels.site_area_m2[row]) for row in rows]
    found: list[tuple[str, dict[str, object]]] = [("merge_conditions", {})]
    pnus = [pnu for row in rows if (pnu := parcels.pnus[row])]
    dongs, registers = {pnu[:10] for pnu in pnus}, {pnu[10] for pnu in pnus}
    if len(dongs) > 1:
        found.append(("merged_across_dong", {"dongs": ", ".join(sorted(dongs))}))
    if len(registers) > 1:
        found.append(("merged_land_and_forest", {}))
    jimoks = {parcels.jimoks[row] for row in rows}
    if len(jimoks) > 1:
        named = ", ".join(sorted(jimok or "–" for jimok in jimoks))
        found.append(("merged_jimok_differs", {"jimoks": named}))
    zone, parts = _merged_zones([(parcels.zones[r], parcels.zone_parts[r]) for r in rows], area_m2)
    if parts:
        shares = ", ".join(f"{name} {share:.0%}" for name, share in parts)
        if len({(parcels.zones[row], parcels.zone_parts[row]) for row in rows}) > 1:
            found.append(("merged_zones_differ", {"shares": shares, "zone": zone}))
    known = {parcels.zones[row] is not None for row in rows}
    if len(known) > 1:
        others = ", ".join(name for name, _ in parts) or zone
        found.append(("merged_zone_missing", {"zones": others}))
    price = [float(parcels.land_price_krw_per_m2[row]) for row in rows]
    return {
        **_row(parcels, lead),
        "site_area_m2": area_sum_m2(area_m2),
        "zones": zone,
        "zone_parts": parts,
        "zone_verified": bool(parcels.zone_verified[rows].all()),
        "evidence": _weakest(parcels.evidence[row] for row in rows),
        "pnus": None,
        "jibuns": _and_more([parcels.jibuns[row] for row in rows]),
        "names_ko": _and_more([parcels.names_ko[row] for row in rows]),
        "names_en": _plus_more([parcels.names_en[row] for row in rows]),
        "sources": _source(parcels, rows, word="합필 merged from"),
        "jimoks": parcels.jimoks[lead] if len(jimoks) == 1 else None,
        "land_price_krw_per_m2": float(np.average(price, weights=area_m2)),
    }, found


def _merged_zones(
    zones: list[tuple[str | None, ZoneParts]], area_m2: list[float]
) -> tuple[str | None, ZoneParts]:
    """Return the zone and the shares of a merged lot; parcels without a zone have no share."""
    if len(set(zones)) == 1:
        return zones[0]
    held_m2: dict[str, float] = {}
    for (zone, parts), whole_m2 in zip(zones, area_m2, strict=True):
        for name, share in parts or (((zone, 1.0),) if zone else ()):
            held_m2[name] = held_m2.get(name, 0.0) + share * whole_m2
    if not held_m2:
        return None, ()
    total_m2 = sum(held_m2.values())
    ranked = sorted(held_m2.items(), key=lambda entry: (-entry[1], entry[0]))
    if len(ranked) == 1:
        return ranked[0][0], ()
    return ranked[0][0], tuple((name, area / total_m2) for name, area in ranked)


def _cut(parcels: Parcels, edit: Cut, *, found: Objects | None = None) -> Parcels:
    import shapely

    (row,) = _rows(parcels, [edit.parcel_id])
    _free(parcels, edit)
    if found is None:
        found = _pieces(parcels, row, edit.line)
    if len(found) != len(edit.new_ids):
        raise InputError(
            sentence(
                "The line cuts {parcel} into {count} pieces, but {named} ids are given. Give one "
                "id for each piece.",
                parcel=_called(parcels, row),
                count=len(found),
                named=len(edit.new_ids),
            )
        )
    areas_m2 = area_parts_m2(float(parcels.site_area_m2[row]), shapely.area(found).tolist())
    common = _row(parcels, row)
    parts = parcels.zone_parts[row]
    source = _source(parcels, [row], word="분할 cut from")
    lots = [
        {
            **common,
            "ids": new_id,
            "geometry": found[n],
            "site_area_m2": areas_m2[n],
            "zone_verified": bool(common["zone_verified"]) and not parts,
            "evidence": _weakest((common["evidence"], "supplied")),
            "pnus": None,
            "jibuns": _lettered(common["jibuns"], _LETTERS_KO[n]),
            "names_ko": _lettered(common["names_ko"], _LETTERS_KO[n]),
            "names_en": _lettered(common["names_en"], _LETTERS_EN[n]),
            "sources": source,
        }
        for n, new_id in enumerate(edit.new_ids)
    ]
    name = _called(parcels, row)
    details: dict[str, object] = {"parcel": name, "count": len(found)}
    issues = [Issue("cut_drawn", edit.new_ids, details)]
    if parts:
        zones = ", ".join(zone for zone, _ in parts)
        issues.append(Issue("cut_zone_parts", edit.new_ids, {"parcel": name, "zones": zones}))
    return _replaced(parcels, edit, rows=[row], lots=lots, issues=issues)


def _pieces(parcels: Parcels, row: int, line: Line) -> Objects:
    """Return the outlines of the pieces, or refuse the line in words."""
    import shapely

    found = lot_shapes.pieces(parcels.geometry[row], line)
    name = _called(parcels, row)
    whole_m2 = float(shapely.area(parcels.geometry[row]))
    if len(found) < 2 or not np.isclose(shapely.area(found).sum(), whole_m2, rtol=1e-6, atol=1e-3):
        raise InputError(
            sentence(
                "The line does not cut {parcel} in two. Draw it across the lot, from one side to "
                "the other.",
                parcel=name,
            )
        )
    if len(found) > MOST_PIECES:
        raise InputError(
            sentence(
                "The line cuts {parcel} into {count} pieces; at most {most} are made at once. "
                "Draw a simpler line.",
                parcel=name,
                count=len(found),
                most=MOST_PIECES,
            )
        )
    least_m2 = float(shapely.area(found).min())
    if least_m2 < MIN_PIECE_M2:
        raise InputError(
            sentence(
                "The line would leave a piece of {area:.2f} m² of {parcel}: it runs along an edge "
                "or past a corner. Draw it further inside.",
                area=least_m2,
                parcel=name,
            )
        )
    return found


def _check_adjoining(parcels: Parcels, rows: list[int], outlines: Objects) -> None:
    """Refuse parcels that do not hang together, naming the nearest one that lies apart."""
    import shapely

    group = lot_shapes.components(outlines)
    if not group.any():
        return
    with_lead = shapely.union_all(outlines[group == group[0]])
    apart = np.flatnonzero(group != group[0])
    away_m = shapely.distance(outlines[apart], with_lead)
    nearest = int(away_m.argmin())
    name = _called(parcels, rows[int(apart[nearest])])
    rest = _list(parcels, [row for row, g in zip(rows, group, strict=True) if g == group[0]])
    if away_m[nearest] > lot_shapes.SNAP_M:
        raise InputError(
            sentence(
                "{parcel} lies {distance:,.2f} m apart from {others}. Merge only parcels that "
                "adjoin, or add what lies between.",
                parcel=name,
                distance=float(away_m[nearest]),
                others=rest,
            )
        )
    raise InputError(
        sentence(
            "{parcel} only touches {others} at a corner: they share less than {least} m of edge. "
            "Merge only parcels that adjoin.",
            parcel=name,
            others=rest,
            least=lot_shapes.MIN_EDGE_M,
        )
    )


def _replaced(
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


def _row(parcels: Parcels, row: int) -> dict[str, Any]:
    """Return one parcel's columns by field name."""
    columns = {column.name: getattr(parcels, column.name) for column in fields(parcels)}
    return {
        name: held[row]
        for name, held in columns.items()
        if name not in ("issues", "context") and len(held) == len(parcels)
    }


def _rows(parcels: Parcels, ids: Iterable[str]) -> list[int]:
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


def _free(parcels: Parcels, edit: LotEdit) -> None:
    """Refuse ids for new lots that other parcels have."""
    taken = [i for i in edit.new_ids if i in parcels.index and i not in edit.old_ids]
    if taken:
        raise InputError(
            sentence("The id {id} is taken by another parcel. Choose another one.", id=taken[0])
        )


def _free_id(wish: str, parcels: Parcels) -> str:
    name, number = wish, 2
    while name in parcels.index:
        name, number = f"{wish}#{number}", number + 1
    return name


def _by_size(parcels: Parcels, rows: list[int]) -> list[int]:
    """Return rows by register area, the largest first, ties by id."""
    return sorted(rows, key=lambda row: (-float(parcels.site_area_m2[row]), parcels.ids[row]))


def _weakest(kinds: Iterable[str]) -> str:
    return max(kinds, key=EVIDENCE.index)


def _called(parcels: Parcels, row: int) -> str:
    """Return what to call a parcel in a sentence of either language."""
    return parcels.jibuns[row] or parcels.ids[row]


def _list(parcels: Parcels, rows: list[int]) -> str:
    names = [_called(parcels, row) for row in rows]
    return ", ".join(names[:4]) + (" …" if len(names) > 4 else "")


def _and_more(names: list[str | None]) -> str | None:
    """Return "223 외 2필지" for the largest part's lot number, counting lots merged before."""
    lead, lots = names[0], 0
    for name in names:
        before = _AND_MORE.fullmatch(name or "")
        lots += 1 + (int(before[2]) if before else 0)
    if lead is None:
        return None
    before = _AND_MORE.fullmatch(lead)
    return f"{before[1] if before else lead} 외 {lots - 1}필지"


def _plus_more(names: list[str | None]) -> str | None:
    return None if names[0] is None else f"{names[0]} + {len(names) - 1}"


def _lettered(name: str | None, letter: str) -> str | None:
    return None if name is None else f"{name} ({letter})"


def _source(parcels: Parcels, rows: list[int], *, word: str) -> str:
    """Return the parts' sources and what the lot was made from, by PNU where there is one."""
    known = dict.fromkeys(source for row in rows if (source := parcels.sources[row]))
    names = ", ".join(parcels.pnus[row] or parcels.ids[row] for row in rows)
    return "; ".join([*known, f"{word} {names}"])
