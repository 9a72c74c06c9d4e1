"""One plan against another, parcel by parcel: what was added, taken away, or turned to other use.

What counts as moved and as a change of the dominant use is what `siteplan.compare` says, so that
the map and the sentences beside it tell the same. Parcels are told by their ids. A lot that was
merged or cut in one of the plans has no counterpart; it is shown apart and counted, not guessed at.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from siteplan.compare import compare, side_of
from siteplan.maps.classes import area_text, counted
from siteplan.maps.looks import UNUSED, LegendEntry, MapStyle, Swatch
from siteplan.text import N_, Text, sentence, translate, written

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.compare import Comparison
    from siteplan.evaluation import Plan

    Integers = npt.NDArray[np.int64]
    Bytes = npt.NDArray[np.uint8]

IDLE, SAME, MORE, LESS, OTHER_USE, OTHER_MIX, NO_COUNTERPART = range(7)
"""Classes of change: floor area in neither plan; equal; more; less; another dominant use (none
counts as one: newly built, or no longer); equal floor area, other mix; a lot that the other plan
does not have."""

_LOOKS = (
    Swatch(UNUSED, None, 0.2),
    Swatch("#8E9BA8", None, 0.7),
    Swatch("#0072B2", "#00466E", 0.9, 1.5, "plus", "#FFFFFF"),
    Swatch("#D55E00", "#7A3600", 0.9, 1.5, "minus", "#FFFFFF"),
    Swatch("#9A5B8A", "#5C3252", 0.9, 1.5, "cross", "#FFFFFF"),
    Swatch("#E6C229", "#7D6700", 0.9, 1.5, "dots", "#3B3100"),
    Swatch("#FFFFFF", "#3D4A57", 0.8, 1.5, "lines", "#3D4A57"),
)
_TEXTS = (
    N_("Used in neither plan"),
    N_("Unchanged"),
    N_("More floor area"),
    N_("Less floor area"),
    N_("Another dominant use, newly used or no longer"),
    N_("Same floor area, other mix"),
    N_("Lot only in this plan"),
)


@dataclass(frozen=True, eq=False)
class Change:
    """What differs between a plan and another one: n parcels of the plan, k uses.

    Parameters
    ----------
    plan, against : Plan
        What is looked at, and what it is compared with.
    """

    plan: Plan
    against: Plan

    @cached_property
    def counterpart(self) -> Integers:
        """Row of each parcel in the other plan, -1 where it has none, shape (n,)."""
        if self.plan.parcels is self.against.parcels:
            return np.arange(len(self.plan.parcels))
        there = self.against.parcels.index
        return np.fromiter(
            (there.get(i, -1) for i in self.plan.parcels.ids),
            dtype=np.int64,
            count=len(self.plan.parcels),
        )

    @cached_property
    def before_m2(self) -> Integers:
        """Floor area that the other plan has on each parcel, 0 without counterpart, (n, k)."""
        known = self.counterpart >= 0
        before = np.zeros_like(self.plan.gfa_m2)
        before[known] = self.against.gfa_m2[self.counterpart[known]]
        return before

    @cached_property
    def kind(self) -> Bytes:
        """Class of each parcel, shape (n,)."""
        now, before = self.plan.gfa_m2, self.before_m2
        sum_now, sum_before = now.sum(axis=1), before.sum(axis=1)
        use_now, use_before = self.comparison.dominant_columns[:, : len(now)]
        kind = np.select(
            [
                self.counterpart < 0,
                (sum_now == 0) & (sum_before == 0),
                (now == before).all(axis=1),
                use_now != use_before,
                sum_now > sum_before,
                sum_now < sum_before,
            ],
            [NO_COUNTERPART, IDLE, SAME, OTHER_USE, MORE, LESS],
            default=OTHER_MIX,
        )
        return kind.astype(np.uint8)

    @cached_property
    def comparison(self) -> Comparison:
        """The plan and the other one side by side; its first n lots are the plan's parcels."""
        return compare([side_of(self.plan), side_of(self.against)])

    @cached_property
    def gone_rows(self) -> Integers:
        """Rows of the other plan whose lots this plan does not have."""
        held = np.zeros(len(self.against.parcels), dtype=bool)
        held[self.counterpart[self.counterpart >= 0]] = True
        return np.flatnonzero(~held)


def plan_name(plan: Plan, *, lang: str) -> str:
    """Return a plan's name in a language, or its id where it has none."""
    return written(plan.scenario.name).render(lang) or plan.scenario_id


def change_style(plan: Plan, *, against: Plan, title: str, lang: str) -> MapStyle:
    """Return the parcels by how they differ from another plan."""
    change = Change(plan, against)
    difference_m2 = plan.gfa_m2 - change.before_m2
    entries = []
    for kind, text in enumerate(_TEXTS):
        of_kind = change.kind == kind
        if not of_kind.any():
            continue
        count = int(of_kind.sum())
        if kind in (MORE, LESS, OTHER_USE, OTHER_MIX):
            note = _signed(count, difference_m2[of_kind], lang=lang)
        elif kind == IDLE:
            note = counted(count, lang=lang)
        else:
            note = counted(count, float(plan.parcel_gfa_m2[of_kind].sum()), lang=lang)
        entries.append(LegendEntry(kind, translate(text, lang=lang), note))
    remark = _remark(change, lang=lang)
    return MapStyle("change", title, _LOOKS, change.kind, tuple(entries), remark)


def _signed(count: int, difference_m2: Integers, *, lang: str) -> str:
    """Return how many parcels, what their uses gain there and what they lose."""
    gained_m2 = int(np.maximum(difference_m2, 0).sum())
    lost_m2 = int(np.maximum(-difference_m2, 0).sum())
    ways = [
        f"{sign}{area_text(area_m2, lang=lang)}"
        for sign, area_m2 in (("+", gained_m2), ("−", lost_m2))
        if area_m2
    ]
    return f"{counted(count, lang=lang)}, {' / '.join(ways)}"


def _remark(change: Change, *, lang: str) -> str:
    """Return which plan is compared with, the floor area moved, and what has no counterpart."""
    against, plan = change.against, change.plan
    told = change.comparison.change(start=1, end=0)
    said = [
        sentence(
            "Against “{name}” ({id}): {area} change their lot or use, on {parcels}; the dominant "
            "use changes on {turned}.",
            name=plan_name(against, lang=lang),
            id=against.scenario_id,
            area=area_text(told.moved_m2, lang=lang),
            parcels=counted(len(told.parcel_ids), lang=lang),
            turned=counted(len(told.dominant_changed), lang=lang),
        )
    ]
    if plan.total_gfa_m2 != against.total_gfa_m2:
        said.append(
            sentence(
                "Total floor area: {before:,} → {now:,} m².",
                before=against.total_gfa_m2,
                now=plan.total_gfa_m2,
            )
        )
    if len(change.gone_rows):
        said.append(
            Text(
                N_("The other plan has {count:,} lots that are not here, with {area}."),
                {
                    "count": len(change.gone_rows),
                    "area": area_text(
                        float(against.parcel_gfa_m2[change.gone_rows].sum()), lang=lang
                    ),
                },
            )
        )
    return " ".join(text.render(lang) for text in said)
