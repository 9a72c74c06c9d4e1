"""A comparison in words and as CSV, against the plans themselves."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from siteplan.amounts import metric_number, metric_unit
from siteplan.app.comparing import (
    comparison_csv,
    figure_lines,
    lot_lines,
    plan_names,
    same_figures,
    use_lines,
)
from siteplan.compare import compare, side_of
from siteplan.evaluation import evaluate
from siteplan.io import read_parcels, stories
from siteplan.programme import Programme
from siteplan.uses import USES, use_label

PARCELS = read_parcels()
STORIES = stories(PARCELS)
PLANS = [evaluate(PARCELS, story.scenario) for story in STORIES]
COMPARED = compare([side_of(plan, title=s.name.en) for plan, s in zip(PLANS, STORIES, strict=True)])
TITLES = [story.name.en for story in STORIES]


def number(text: str) -> float:
    return float(text.replace(",", ""))


def test_uses_are_told_with_share_and_distance_from_the_first() -> None:
    lines = use_lines(COMPARED, lang="en")
    for use, line in zip(USES, lines, strict=False):
        held = [int(plan.uses_gfa_m2[USES.index(use)]) for plan in PLANS]
        assert [number(cell.value) for cell in line.cells] == held
        assert line.cells[0].apart == ""
        for cell, area_m2 in zip(line.cells[1:], held[1:], strict=True):
            sign = {0: "=", 1: "▲ +", -1: "▼ −"}[(area_m2 > held[0]) - (area_m2 < held[0])]
            assert cell.apart == (sign if sign == "=" else f"{sign}{abs(area_m2 - held[0]):,}")
    assert [cell.value for cell in lines[-1].cells] == ["270,000"] * 3


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_figure_is_shown_or_counted_as_the_same(lang: str) -> None:
    told = len(figure_lines(COMPARED, lang=lang)) + same_figures(COMPARED, lang=lang)
    assert told == len(COMPARED.figures) - len(USES)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_figures_read_as_on_the_page_of_figures(lang: str) -> None:
    lines = {line.name: line for line in figure_lines(COMPARED, lang=lang)}
    assert lines
    for metric in PLANS[0].metrics:
        line = lines.get(metric.label.render(lang))
        if line is not None and metric.key != "zeb_grade":
            assert line.cells[0].value == metric_number(metric.value, metric, lang=lang)
            assert line.unit == metric_unit(metric, lang=lang)[1]
            assert all("." not in c.value + c.apart for c in line.cells if metric.unit == "stall")


def test_for_others_scenarios_are_called_by_their_names_alone() -> None:
    apart = plan_names([("Plan B", None), ("Plan A", 1)], lang="en")
    assert apart == ["Plan B", "Plan A"]
    alike = plan_names([("Plan B", None), ("Plan A", 1), ("Plan A", 2)], lang="en")
    assert alike == ["Plan B", "Plan A (revision 1)", "Plan A (revision 2)"]
    assert plan_names([("B안", None), ("B안", 3)], lang="ko") == ["B안", "B안 (3판)"]
    assert plan_names([("", None)], lang="en") == ["without a name"]


def test_lots_tell_what_each_plan_places_and_where_the_main_use_turns() -> None:
    lines = lot_lines(COMPARED, lang="en")
    assert {line.parcel_id for line in lines} == {d.parcel_id for d in COMPARED.differences}
    for line in lines:
        row = PARCELS.index[line.parcel_id]
        for cell, plan in zip(line.cells, PLANS, strict=True):
            held = dict(zip(USES, plan.gfa_m2[row].tolist(), strict=True))
            said = {f"{use_label(use).en} {area_m2:,}" for use, area_m2 in held.items() if area_m2}
            assert set(cell.split(", ")) == (said or {"nothing placed"})
        turned = len({plan.frame["dominant_use"].iloc[row] for plan in PLANS}) > 1
        assert line.turned == turned
    assert lot_lines(COMPARED, lang="en", turned_only=True) == [x for x in lines if x.turned]


def test_the_csv_holds_names_uses_figures_and_lots_that_sum_to_the_change() -> None:
    text = comparison_csv(COMPARED, titles=["=evil()", *TITLES[1:]], lang="ko").decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["part", "key", "name", "unit", "A", "B", "C"]
    assert rows[1][4:] == ["'=evil()", *TITLES[1:]]  # no spreadsheet runs a name
    uses = {row[1]: [int(v) for v in row[4:]] for row in rows if row[0] == "use"}
    assert {u: [int(p.uses_gfa_m2[k]) for p in PLANS] for k, u in enumerate(USES)} == uses
    ids = next(row for row in rows if row[1] == "scenario_id")
    assert ids[4:] == [plan.scenario_id for plan in PLANS]
    for k, use in enumerate(USES):
        lots = [[int(v) for v in r[4:]] for r in rows if r[0] == "lot" and r[1].endswith(f"/{use}")]
        change = sum(b - a for a, b, _ in lots)
        assert change == int(PLANS[1].uses_gfa_m2[k] - PLANS[0].uses_gfa_m2[k])


def test_a_plan_that_does_not_fit_has_no_figures() -> None:
    crowded = replace(
        STORIES[0].scenario,
        programme=Programme.from_gfa(5_000_000, dict.fromkeys(USES, 1_250_000)),
    )
    found = compare([PLANS[0], evaluate(PARCELS, crowded)])
    assert [line.cells[1].value for line in use_lines(found, lang="en")] == ["–"] * 5
    assert [line.cells[1].apart for line in use_lines(found, lang="en")] == [""] * 5
    text = comparison_csv(found, titles=["a", "b"], lang="en").decode("utf-8-sig")
    assert "infeasible" in text
