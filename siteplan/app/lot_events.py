"""What merging, cutting and dropping such a change does to a scenario; pure, without a screen.

Decisions follow the land: a lot takes over what was decided about the land that it is made of.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from siteplan.edits import LotEdit
from siteplan.lots import cut_of, edited, merge_of
from siteplan.text import Joined, Text, sentence

if TYPE_CHECKING:
    from siteplan.edits import Line
    from siteplan.parcels import Parcels
    from siteplan.scenario import ParcelDecision, Scenario


@dataclass(frozen=True)
class Changed:
    """A scenario after a change of its lots.

    Parameters
    ----------
    scenario : Scenario
    selected : tuple of str
        Lots to select, so that a person sees what was made.
    remark : Text or None
        What a person should know although the change was made.
    """

    scenario: Scenario
    selected: tuple[str, ...]
    remark: Text | None = None


def merged_lots(scenario: Scenario, ids: tuple[str, ...], *, parcels: Parcels) -> Changed:
    """Return the scenario with parcels merged; raises as `siteplan.lots.merged`.

    Parameters
    ----------
    scenario : Scenario
    ids : tuple of str
    parcels : Parcels
        The facts, before any edit.
    """
    return _with(scenario, merge_of(edited(parcels, scenario.edits), ids), parcels=parcels)


def cut_lot(scenario: Scenario, parcel_id: str, line: Line, *, parcels: Parcels) -> Changed:
    """Return the scenario with a parcel cut; raises as `siteplan.lots.cut`."""
    edit = cut_of(edited(parcels, scenario.edits), parcel_id, line)
    return _with(scenario, edit, parcels=parcels)


def dropped_edit(scenario: Scenario, index: int, *, parcels: Parcels) -> Changed:
    """Return the scenario without one edit, and without the later ones that build on its lots.

    An index that there is not changes nothing.
    """
    if not 0 <= index < len(scenario.edits):
        return Changed(scenario, ())
    gone = [index]
    lost = set(scenario.edits[index].new_ids)
    for later in range(index + 1, len(scenario.edits)):
        if lost & set(scenario.edits[later].old_ids):
            gone.append(later)
            lost |= set(scenario.edits[later].new_ids)
    remarks: list[Text] = []
    after = scenario
    for place in reversed(gone):
        edit = scenario.edits[place]
        before = edited(parcels, after.edits)
        kept = tuple(e for n, e in enumerate(scenario.edits) if n < place or n not in gone)
        decisions, remark = _carried(after, before, old=edit.new_ids, new=edit.old_ids)
        after = replace(after, edits=kept, decisions=decisions)
        remarks += [remark] if remark is not None else []
    if len(gone) > 1:
        remarks.append(
            sentence(
                "Later changes that built on these lots were dropped with it: {count}.",
                count=len(gone) - 1,
            )
        )
    there = edited(parcels, after.edits).index
    selected = tuple(i for i in scenario.edits[index].old_ids if i in there)
    return Changed(after, selected, _together(remarks))


def _with(scenario: Scenario, edit: LotEdit, *, parcels: Parcels) -> Changed:
    before = edited(parcels, scenario.edits)
    decisions, remark = _carried(scenario, before, old=edit.old_ids, new=edit.new_ids)
    after = replace(scenario, edits=(*scenario.edits, edit), decisions=decisions)
    return Changed(after, edit.new_ids, remark)


def _carried(
    scenario: Scenario, parcels: Parcels, *, old: tuple[str, ...], new: tuple[str, ...]
) -> tuple[dict[str, ParcelDecision], Text | None]:
    """Return the decisions after `old` lots of `parcels` became `new` ones.

    Where the old ones were decided differently, the largest one's decision holds.
    """
    decisions = dict(scenario.decisions)
    there = [i for i in old if i in parcels.index]
    area_m2 = {i: float(parcels.site_area_m2[parcels.index[i]]) for i in there}
    ranked = sorted(there, key=lambda i: (-area_m2[i], i))
    for i in old:
        decisions.pop(i, None)
    if not ranked:
        return decisions, None
    lead = ranked[0]
    kept = scenario.decisions.get(lead)
    if kept is not None:
        decisions |= dict.fromkeys(new, kept)
    if all(scenario.decision(i) == scenario.decision(lead) for i in ranked):
        return decisions, None
    name = parcels.label(parcels.index[lead])
    return decisions, sentence(
        "The lots were decided differently; what was decided about the largest one, {parcel}, "
        "holds now.",
        parcel=name,
    )


def _together(remarks: list[Text]) -> Text | None:
    """Return several remarks as one."""
    if len(remarks) < 2:
        return remarks[0] if remarks else None
    return Text("{remarks}", {"remarks": Joined(tuple(remarks), " ")})
