"""One plan against another: every parcel in the class that its two figures call for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from siteplan.compare import compare
from siteplan.evaluation import Plan
from siteplan.maps.change import (
    IDLE,
    LESS,
    MORE,
    NO_COUNTERPART,
    OTHER_MIX,
    OTHER_USE,
    SAME,
    Change,
)
from siteplan.maps.message import BEFORE_SECTIONS, SECTIONS, before_sections, plan_message, seen_on
from siteplan.maps.style import colour_choices, colours
from tests.browser.apps.grid import grid_parcels, grid_plan

# Columns: research, campus, housing, culture.
BEFORE = [[0, 0, 0, 0], [9, 0, 0, 0], [9, 0, 0, 0], [9, 0, 0, 0], [9, 1, 0, 0], [0, 0, 0, 0],
          [5, 2, 0, 0], [7, 3, 0, 0]]  # fmt: skip
NOW = [[0, 0, 0, 0], [9, 0, 0, 0], [9, 4, 0, 0], [0, 0, 0, 0], [1, 9, 0, 0], [0, 0, 6, 0],
       [5, 0, 2, 0], [6, 3, 0, 0]]  # fmt: skip
KINDS = [IDLE, SAME, MORE, OTHER_USE, OTHER_USE, OTHER_USE, OTHER_MIX, LESS]


def with_gfa(plan: Plan, gfa_m2: Sequence[Sequence[int]], *, name: str = "") -> Plan:
    scenario = replace(plan.scenario, name=name)
    return replace(plan, gfa_m2=np.array(gfa_m2), scenario=scenario)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return grid_plan(grid_parcels(len(NOW)))


def test_each_kind_of_change_by_hand(plan: Plan) -> None:
    change = Change(with_gfa(plan, NOW), with_gfa(plan, BEFORE))
    assert change.kind.tolist() == KINDS


def test_a_plan_against_itself_changes_nothing(plan: Plan) -> None:
    same = Change(plan, plan)
    assert set(same.kind.tolist()) <= {IDLE, SAME}
    assert same.comparison.change().moved_m2 == 0


def test_the_way_back_is_the_opposite(plan: Plan) -> None:
    there = Change(with_gfa(plan, NOW), with_gfa(plan, BEFORE))
    back = Change(there.against, there.plan)
    opposite = {MORE: LESS, LESS: MORE}
    assert back.kind.tolist() == [opposite.get(kind, kind) for kind in KINDS]
    moved_m2 = [one.comparison.change(start=1, end=0).moved_m2 for one in (there, back)]
    assert moved_m2 == [20, 20]


def test_lots_of_one_plan_only_are_shown_apart_and_counted(plan: Plan) -> None:
    fewer = grid_plan(grid_parcels(len(NOW) - 2))
    change = Change(plan, fewer)
    assert change.kind[-2:].tolist() == [NO_COUNTERPART] * 2
    assert change.before_m2[-2:].sum() == 0
    assert Change(fewer, plan).gone_rows.tolist() == [len(NOW) - 2, len(NOW) - 1]
    remark = colours(fewer, colour_by="change", against=plan, lang="en").remark
    assert "has 2 lots that are not here" in remark


def test_order_of_parcels_does_not_matter(plan: Plan) -> None:
    parcels = plan.parcels
    turned = replace(parcels, ids=parcels.ids[::-1])
    change = Change(replace(plan, gfa_m2=np.array(NOW)), replace(plan, parcels=turned))
    assert change.counterpart.tolist() == list(range(len(NOW)))[::-1]


def test_legend_tells_parcels_and_m2(plan: Plan) -> None:
    style = colours(
        with_gfa(plan, NOW), colour_by="change", against=with_gfa(plan, BEFORE, name="A"), lang="en"
    )
    notes = {entry.text: entry.note for entry in style.legend}
    assert notes["More floor area"] == "1 parcel, +4 m²"
    assert notes["Less floor area"] == "1 parcel, −1 m²"
    assert notes["Another dominant use, newly used or no longer"] == "3 parcels, +14 m² / −17 m²"
    assert notes["Same floor area, other mix"] == "1 parcel, +2 m² / −2 m²"
    assert notes["Unchanged"] == "1 parcel, 9 m²"
    assert style.title == "Change against A"
    said = "20 m² change their lot or use, on 6 parcels; the dominant use changes on 3 parcels."
    assert said in style.remark


def test_the_map_counts_as_the_comparison_does() -> None:
    parcels = grid_parcels(60)
    before, now = grid_plan(parcels), grid_plan(parcels, research_pct=60.0)
    told = compare([before, now]).change()
    assert told.dominant_changed
    assert told.moved_m2 > 0
    style = colours(now, colour_by="change", against=before, lang="en")
    assert (style.index == OTHER_USE).sum() == len(told.dominant_changed)
    altered = np.isin(style.index, (MORE, LESS, OTHER_USE, OTHER_MIX))
    assert altered.sum() == len(told.parcel_ids)
    assert f": {told.moved_m2:,} m² change" in style.remark
    # What the entries say is placed and left is what the comparison says, use by use, in sum.
    notes = " ".join(entry.note for entry in style.legend)
    for sign, by_use in (("+", told.placed_m2), ("−", told.left_m2)):
        areas = re.findall(rf"{re.escape(sign)}([\d,]+)", notes)
        assert sum(int(area.replace(",", "")) for area in areas) == sum(by_use.values())


def test_changes_are_told_apart_without_colour(plan: Plan) -> None:
    style = colours(with_gfa(plan, NOW), colour_by="change", against=with_gfa(plan, BEFORE))
    hatches = [style.palette[kind].hatch for kind in (MORE, LESS, OTHER_USE, OTHER_MIX)]
    assert len(set(hatches)) == 4
    assert None not in hatches


def test_change_is_offered_only_with_another_plan(plan: Plan) -> None:
    assert "change" not in colour_choices(lang="en")
    assert next(iter(colour_choices(lang="en", against=plan))) == "change"
    with pytest.raises(ValueError, match="cannot colour by 'change'"):
        colours(plan, colour_by="change")


def test_message_carries_what_the_other_plan_has(plan: Plan) -> None:
    now, before = with_gfa(plan, NOW), with_gfa(plan, BEFORE)
    sections = before_sections(now, against=before)
    rows = memoryview(sections["before_rows"]).cast("i").tolist()
    gfa_m2 = iter(memoryview(sections["before_gfa_m2"]).cast("i").tolist())
    for row, uses in zip(rows, sections["before_uses"], strict=True):
        assert [next(gfa_m2) if uses >> use & 1 else 0 for use in range(4)] == BEFORE[row]
    assert rows == [row for row, gfa in enumerate(BEFORE) if any(gfa)]
    style = colours(now, colour_by="change", against=before)
    message = plan_message(now, style=style, against=before)
    for name in (*SECTIONS, *BEFORE_SECTIONS):
        assert f'"{name}"'.encode() in message


def test_a_swiped_plan_is_coloured_on_this_plans_parcels(plan: Plan) -> None:
    fewer = grid_plan(grid_parcels(len(NOW) - 2))
    style = colours(fewer, lang="en")
    there = seen_on(plan, other=fewer, style=style)
    assert there.index[:-2].tolist() == style.index.tolist()
    assert {there.palette[swatch].opacity for swatch in there.index[-2:]} == {0.06}
    message = plan_message(plan, style=colours(plan), swipe=(fewer, style))
    assert b'"swipe_index"' in message
    with pytest.raises(ValueError, match="not both"):
        plan_message(plan, style=style, against=fewer, swipe=(fewer, style))
