"""Years on the map: what stands, what is under construction and what comes later, in m²."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from siteplan.evaluation import Plan, evaluate
from siteplan.maps.deck import GHOST_ALPHA, PRISMS, plan_deck
from siteplan.maps.message import figure_sections
from siteplan.maps.phase_style import YEAR_COLOURS, standing
from siteplan.maps.style import USE_COLOURS, colours
from siteplan.phasing import Phases
from siteplan.timing import Timing
from siteplan.uses import ALL_USES, USES
from tests.browser.apps.grid import grid_parcels, grid_plan


def phased(years: int, *, count: int = 36, **fields: Any) -> Plan:
    plain = grid_plan(grid_parcels(count))
    total = plain.total_gfa_m2
    phases = Phases(2028, years, ceiling_gfa_m2=(-(-total // years) + 7,) * years, **fields)
    return evaluate(plain.parcels, replace(plain.scenario, phases=phases))


@pytest.fixture(scope="module")
def plan() -> Plan:
    return phased(5)


def timing_of(plan: Plan) -> Timing:
    assert plan.timing is not None
    assert plan.timing.status != "infeasible"
    return plan.timing


def noted_m2(note: str) -> int:
    return int(note.partition(" m²")[0].replace(",", ""))


class TestStanding:
    @pytest.mark.parametrize("year", range(2028, 2033))
    def test_each_parcel_looks_like_what_stands_of_it(self, plan: Plan, year: int) -> None:
        timing, style = timing_of(plan), standing(plan, year=year, lang="en")
        built_m2 = timing.built_by_m2(year)
        for row in range(len(plan.parcels)):
            swatch = style.palette[style.index[row]]
            if not built_m2[row].any():
                assert swatch.fill not in USE_COLOURS.values()
                continue
            assert swatch.fill == USE_COLOURS[plan.dominant_use[row] or ""]  # as on the plan's map
            complete = np.array_equal(built_m2[row], plan.gfa_m2[row])
            assert (swatch.opacity > 0.8) == complete
            assert (swatch.weight >= 3) == (not complete)  # not by colour alone

    @pytest.mark.parametrize("lang", ["ko", "en"])
    def test_every_class_on_the_map_has_words(self, plan: Plan, lang: str) -> None:
        for year in timing_of(plan).phases.calendar:
            style = standing(plan, year=year, lang=lang)
            assert set(style.index.tolist()) <= {entry.swatch for entry in style.legend}
            assert str(year) in style.title

    def test_the_legend_adds_up_to_the_plan(self, plan: Plan) -> None:
        for year in timing_of(plan).phases.calendar:
            legend = standing(plan, year=year, lang="en").legend
            by_use = [noted_m2(entry.note) for entry in legend[: len(USES)]]
            assert by_use == timing_of(plan).built_by_m2(year).sum(axis=0).tolist()
            rest = [noted_m2(entry.note) for entry in legend[len(USES) :] if entry.note]
            assert sum(by_use) + sum(rest) == plan.total_gfa_m2

    def test_a_use_that_has_no_parcel_in_its_full_colour_says_where_it_stands(
        self, plan: Plan
    ) -> None:
        apart = 0
        for year in timing_of(plan).phases.calendar:
            style = standing(plan, year=year, lang="en")
            built_m2 = timing_of(plan).built_by_m2(year)
            for row, entry in enumerate(style.legend[: len(USES)]):
                held = int((built_m2[:, row] > 0).sum())
                hidden = held > 0 and not (style.index == row).any()
                assert hidden == ("under construction or mainly of another use" in entry.note)
                assert not hidden or f"on {held} parcel" in entry.note
                apart += hidden
        assert apart

    def test_what_is_under_way_tells_which_uses_are_to_come(self, plan: Plan) -> None:
        names = [use.label.render("en") for use in ALL_USES]
        single = several = 0
        for year in timing_of(plan).phases.calendar:
            style = standing(plan, year=year, lang="en")
            left_m2 = plan.gfa_m2 - timing_of(plan).built_by_m2(year)
            for entry in style.legend:
                if not entry.text.startswith("Under construction"):
                    continue
                here = style.index == entry.swatch
                use = entry.text.removeprefix("Under construction, mainly ")
                assert {names[k] for k in plan.gfa_m2[here].argmax(axis=1)} == {use}
                wanted = {
                    n: m2 for n, m2 in zip(names, left_m2[here].sum(axis=0), strict=True) if m2
                }
                assert noted_m2(entry.note) == sum(wanted.values())
                if len(wanted) == 1:
                    assert entry.note.endswith(f" m² of {next(iter(wanted))} to come")
                    single += 1
                    continue
                several += 1
                told = entry.note.partition(" to come: ")[2]
                assert all(f"{name} {m2:,}" in told for name, m2 in wanted.items())
        assert single
        assert several

    def test_at_the_end_it_is_the_plan(self, plan: Plan) -> None:
        done, whole = standing(plan, year=2032, lang="en"), colours(plan, lang="en")
        used = plan.parcel_gfa_m2 > 0
        assert [done.palette[i].fill for i in done.index[used]] == [
            whole.palette[i].fill for i in whole.index[used]
        ]

    def test_a_plan_without_years_has_nothing_to_show(self) -> None:
        with pytest.raises(ValueError, match="no years"):
            standing(grid_plan(grid_parcels(4)), year=2028)


class TestYearOfCompletion:
    def test_each_year_has_its_class_with_the_area_completed(self, plan: Plan) -> None:
        timing, style = timing_of(plan), colours(plan, colour_by="phase", lang="en")
        for row, entry in enumerate(style.legend[:5]):
            rows = style.index == row
            assert entry.text == str(2028 + row)
            assert (timing.completion_year[rows] == 2028 + row).all()
            assert noted_m2(entry.note) == plan.parcel_gfa_m2[rows].sum()
        notes = [noted_m2(entry.note) for entry in style.legend[:5]]
        assert sum(notes) == plan.total_gfa_m2

    def test_many_years_share_classes(self) -> None:
        plan = phased(20)
        style = colours(plan, colour_by="phase", lang="en")
        assert style.legend[0].text == "2028–2030"
        assert len({swatch.fill for swatch in style.palette} & set(YEAR_COLOURS)) == 8
        assert sum(noted_m2(e.note) for e in style.legend[:8]) == plan.total_gfa_m2

    def test_without_years_it_says_so(self) -> None:
        style = colours(grid_plan(grid_parcels(9)), colour_by="phase", lang="en")
        assert style.legend[0].text == "No year decided"


class TestFiguresOfAYear:
    def test_tooltips_tell_what_stands(self, plan: Plan) -> None:
        timing = timing_of(plan)
        built_m2 = timing.built_by_m2(2029)
        told = figure_sections(plan, year=2029)
        rows = np.frombuffer(told["rows"], "<i4")
        assert rows.tolist() == np.flatnonzero(built_m2.any(axis=1)).tolist()
        assert np.frombuffer(told["gfa_m2"], "<i4").sum() == built_m2.sum()
        floors = np.frombuffer(told["floors"], "<u2")
        complete = timing.completion_year[rows] <= 2029
        assert (floors[complete] == plan.floors[rows][complete]).all()
        assert not floors[~complete].any()
        assert not complete.all()

    def test_in_the_last_year_they_are_the_plans(self, plan: Plan) -> None:
        assert figure_sections(plan, year=2032) == figure_sections(plan)


def test_the_3d_view_shows_later_buildings_as_ghosts(plan: Plan) -> None:
    said = json.loads(plan_deck(plan, lang="en", year=2029).to_json())
    rows = next(layer for layer in said["layers"] if layer["id"] == PRISMS)["data"]
    complete = timing_of(plan).completion_year <= 2029
    ghosts = [row["fill"][3:] == [GHOST_ALPHA] for row in rows]
    assert ghosts == [not complete[row["row"]] for row in rows]
    assert ghosts == sorted(ghosts)  # drawn after what is seen through them
    assert any(ghosts)
    assert not all(ghosts)
    years = timing_of(plan).completion_year
    assert all(f"Completed in {years[row['row']]}" in row["tip"] for row in rows)
