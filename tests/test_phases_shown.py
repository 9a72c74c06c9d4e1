"""Years where people meet them: the page, the table to take along, exports, the command line."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from siteplan.app.phase_table import (
    LIMIT,
    edited_ready,
    even_limit,
    first_limit,
    with_edited_years,
    with_limits,
    with_years,
    year_columns,
    year_summary,
)
from siteplan.app.state import AppState, SetPhases, ShowYear, Undo, reduce
from siteplan.cli import main
from siteplan.evaluation import Plan, evaluate
from siteplan.io import WRITERS, read_plan, write_plan
from siteplan.io.schedule_csv import HEADINGS, to_schedule_csv
from siteplan.phasing import Phases
from siteplan.programme import Programme
from siteplan.scenario import ParcelDecision, Scenario
from siteplan.uses import USES
from tests.studies import row_of_lots

APP = Path(__file__).parents[1] / "siteplan" / "app"
LOTS = row_of_lots(["준주거지역"] * 3)
PHASES = Phases(2028, 4, ceiling_gfa_m2=(20_000,) * 4)
SCENARIO = Scenario(
    programme=Programme.from_gfa(60_000, {"research": 40_000, "housing": 20_000}), phases=PHASES
)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return evaluate(LOTS, SCENARIO)


class TestTyping:
    def test_added_years_take_the_last_limit_and_dates_outside_go(self) -> None:
        phases = Phases(
            2028, 3, (5, 6, 7), minimum_gfa_m2={2029: {"campus": 1}, 2030: {"housing": 2}}
        )
        longer = with_years(phases, first_year=2028, years=5)
        assert longer.ceiling_gfa_m2 == (5, 6, 7, 7, 7)
        shorter = with_years(phases, first_year=2029, years=1)
        assert shorter.ceiling_gfa_m2 == (5,)
        assert dict(shorter.minimum_gfa_m2) == {2029: {"campus": 1}}

    def test_a_limit_of_another_kind_takes_the_place_of_the_first(self) -> None:
        budget = with_limits(PHASES, (1e11,) * 4, kind="budget")
        assert budget.ceiling_gfa_m2 == ()
        assert budget.budget_krw == (1e11,) * 4
        assert with_limits(budget, (1.0,) * 4, kind="none").budget_krw == ()

    def test_the_first_limit_leaves_a_quarter_of_room(self, plan: Plan) -> None:
        assert first_limit(plan, PHASES, kind="gfa", cost_krw=0) == 19_000
        assert first_limit(plan, PHASES, kind="budget", cost_krw=1.8e11) == 57e9
        assert first_limit(plan, PHASES, kind="none", cost_krw=0) is None

    def test_cells_of_the_table_change_limits_and_dates(self) -> None:
        edited: dict[int, dict[str, Any]] = {
            0: {LIMIT: 30},
            2: {"housing": 9_000},
            3: {LIMIT: None},
        }
        changed = with_edited_years(PHASES, edited, kind="gfa", unit=1_000.0)
        assert changed.ceiling_gfa_m2 == (30_000, 20_000, 20_000, None)
        assert dict(changed.minimum_gfa_m2[2030]) == {"housing": 9_000}
        assert even_limit(changed) is None
        columns = year_columns(changed, unit=1_000.0)
        assert columns[LIMIT] == [30, 20, 20, None]
        assert columns["housing"] == [None, None, 9_000, None]
        back = with_edited_years(changed, {2: {"housing": None}}, kind="gfa", unit=1.0)
        assert dict(back.minimum_gfa_m2) == {}

    def test_ready_years_are_gathered_by_year(self) -> None:
        edited: dict[str, dict[str, Any]] = {
            "0": {"ready": 2030}, "1": {"ready": None}, "2": {"ready": 2030}
        }  # fmt: skip
        assert edited_ready(("a", "b", "c"), edited) == {2030: ("a", "c"), None: ("b",)}

    def test_the_shown_year_is_no_decision(self) -> None:
        state = AppState(scenario=SCENARIO)
        shown = reduce(state, ShowYear(2030), parcels=LOTS)
        assert (shown.year, shown.scenario, shown.past) == (2030, state.scenario, ())
        off = reduce(shown, SetPhases(None), parcels=LOTS)
        assert off.scenario.phases is None
        assert reduce(off, Undo(), parcels=LOTS).scenario == SCENARIO


def test_what_a_year_comes_to(plan: Plan) -> None:
    assert plan.timing is not None
    for year in PHASES.calendar:
        found = year_summary(plan, year)
        assert found["standing_m2"] == plan.timing.built_by_m2(year).sum()
    assert year_summary(plan, 2028)["built_m2"] == 20_000
    last = year_summary(plan, 2031)
    assert (last["built_m2"], last["under_way"]) == (0, 0)
    assert last["complete"] == (plan.parcel_gfa_m2 > 0).sum()


class TestTable:
    def test_rows_sum_to_the_plan(self, plan: Plan) -> None:
        text = to_schedule_csv(plan, lang="en")
        assert text.startswith("\ufeffyear,")
        rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
        assert tuple(rows[0]) == HEADINGS
        assert sum(int(row["gfa_m2"]) for row in rows) == plan.total_gfa_m2
        done = {row["parcel_id"]: int(row["year"]) for row in rows if row["completed"] == "1"}
        phase = dict(zip(LOTS.ids, plan.phase, strict=True))
        assert done == {key: year for key, year in phase.items() if year is not None}

    def test_names_that_act_as_formulas_are_guarded(self) -> None:
        lots = row_of_lots(["준주거지역"])
        frame = lots.frame.assign(name_ko="=1+1", name_en="=1+1")
        plan = evaluate(
            type(lots).from_frame(frame),
            replace(SCENARIO, programme=Programme.from_gfa(100, {"housing": 100})),
        )
        assert ",'=1+1," in to_schedule_csv(plan, lang="ko")

    def test_without_years_there_are_headings_alone(self) -> None:
        plain = evaluate(LOTS, replace(SCENARIO, phases=None))
        assert to_schedule_csv(plain, lang="ko").count("\n") == 1


DRAWINGS = (".dxf", ".city.json")
"""Written for other programs, not read back."""


@pytest.mark.parametrize("ending", [e for e in WRITERS if e not in (".scenario.json", *DRAWINGS)])
def test_every_format_keeps_the_year_of_completion_as_a_whole_number(
    plan: Plan, tmp_path: Path, ending: str
) -> None:
    assert None in plan.phase  # a lot that stays empty
    back = read_plan(write_plan(plan, tmp_path / f"plan{ending}")).frame
    years = back.set_index("parcel_id")["phase"]
    assert pd.api.types.is_integer_dtype(years.dtype)
    read = [None if pd.isna(years[key]) else int(years[key]) for key in LOTS.ids]
    assert tuple(read) == plan.phase


class TestCommandLine:
    def document(
        self, capfd: pytest.CaptureFixture[str], tmp_path: Path, phases: Phases | None, *more: str
    ) -> dict[str, Any]:
        from siteplan.io import default_scenario, read_parcels

        path = tmp_path / "years.scenario.json"
        scenario = replace(default_scenario(read_parcels()), phases=phases)
        path.write_text(scenario.to_json(), encoding="utf-8")
        capfd.readouterr()
        out = str(tmp_path / "plan.geojson")
        assert main(["plan", "--scenario", str(path), "-o", out, "--json", *more]) == 0
        said = capfd.readouterr().out
        found: dict[str, Any] = json.loads(said[said.index("{") :])
        return found

    def test_years_are_told_with_their_totals(
        self, capfd: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        phases = Phases(2028, 8, ceiling_gfa_m2=(40_000,) * 8)
        found = self.document(capfd, tmp_path, phases)["phases"]
        assert (found["first_year"], found["years"], found["status"]) == (2028, 8, "optimal")
        rows = found["total_by_year"]
        assert [row["year"] for row in rows] == list(range(2028, 2036))
        assert [row["total_m2"] for row in rows] == [40_000] * 6 + [30_000, 0]
        assert all(sum(row["uses"].values()) == row["total_m2"] for row in rows)
        assert set(rows[0]["uses"]) == set(USES)
        assert rows[-1]["standing_m2"] == 270_000
        assert found["explanation"] == found["repairs"] == []
        exported = json.loads((tmp_path / "plan.geojson").read_text(encoding="utf-8"))
        years = {f["properties"]["phase"] for f in exported["features"]}
        assert years <= {None, *range(2028, 2036)}
        assert 2034 in years

    def test_years_that_are_too_few_are_explained(
        self, capfd: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        phases = Phases(2028, 3, ceiling_gfa_m2=(50_000,) * 3)
        found = self.document(capfd, tmp_path, phases)["phases"]
        assert found["status"] == "infeasible"
        assert found["total_by_year"] == []
        assert "120,000 m² are missing" in found["explanation"][0]
        assert "Raise the ceiling of 2028–2030 to 90,000 m² a year." in found["repairs"]

    def test_a_plan_without_years_says_null(
        self, capfd: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        assert self.document(capfd, tmp_path, None)["phases"] is None


class TestPage:
    def opened(self, *, lang: str = "en") -> AppTest:
        page = AppTest.from_file(str(APP / "main.py"), default_timeout=30)
        page.query_params["lang"] = lang
        page.run().switch_page("screens/phases.py").run()
        return page

    def switched_on(self) -> AppTest:
        return self.opened().toggle(key="phases-on").set_value(True).run()

    def test_phases_begin_with_the_announced_start(self) -> None:
        page = self.opened()
        assert any("announced for 2028" in caption.value for caption in page.caption)
        page = self.switched_on()
        assert page.number_input(key="phases-first").value == 2028
        assert page.number_input(key="phases-count").value == 8
        assert page.slider(key="phases-year").value == 2028
        assert not page.exception

    def test_a_limit_spreads_the_plan_and_the_slider_tells_each_year(self) -> None:
        page = self.switched_on()
        assert page.number_input(key="phases-each").value == 43_000
        page.slider(key="phases-year").set_value(2030).run()
        said = " ".join(node.value for node in page.markdown)
        assert "**End of 2030:** 129,000 m² of 270,000 m² stand (47.8 %)" in said
        assert not page.exception

    def test_what_does_not_fit_is_explained_and_repaired_with_one_click(self) -> None:
        page = self.switched_on()
        page.number_input(key="phases-each").set_value(20_000.0).run()
        assert "The years cannot hold the plan." in page.error[0].value
        assert "phases-year" not in [slider.key for slider in page.slider]
        page.button(key="phase-repair-0").click().run()
        assert not page.error
        assert page.slider(key="phases-year").value == 2028

    def test_selected_parcels_wait_for_their_year(self) -> None:
        page = self.switched_on()
        page.button_group(key="phases-kind").set_value("none").run()
        page.switch_page("screens/plan.py").run()
        page.selectbox(key="parcel-list").set_value("YJ-223").run()
        page.switch_page("screens/phases.py").run()
        page.number_input(key="phases-ready").set_value(2032).run()
        assert not page.exception
        page.slider(key="phases-year").set_value(2031).run()
        later = " ".join(node.value for node in page.markdown)
        assert "270,000 m² of 270,000 m² stand" not in later
        page.slider(key="phases-year").set_value(2032).run()
        whole = " ".join(node.value for node in page.markdown)
        assert "270,000 m² of 270,000 m² stand (100.0 %)" in whole

    def test_budgets_are_typed_in_the_money_of_the_language(self) -> None:
        page = self.switched_on()
        page.button_group(key="phases-kind").set_value("budget").run()
        assert "(bn KRW)" in page.number_input(key="phases-each").label
        assert page.slider(key="phases-year")
        page.number_input(key="phases-each").set_value(150.0).run()
        assert not page.error

    def test_one_year_needs_no_slider(self) -> None:
        page = self.switched_on()
        page.number_input(key="phases-count").set_value(1).run()
        assert not page.exception
        assert [slider.key for slider in page.slider] == []

    def test_the_year_is_kept_for_the_3d_view(self) -> None:
        page = self.switched_on()
        page.slider(key="phases-year").set_value(2031).run()
        page.switch_page("screens/massing.py").run()
        assert page.slider(key="massing-year").value == 2031
        assert any("by the end of 2031" in caption.value for caption in page.caption)

    def test_phases_can_be_switched_off_again(self) -> None:
        page = self.switched_on()
        page.toggle(key="phases-on").set_value(False).run()
        assert "phases-count" not in [field.key for field in page.number_input]


def test_ready_years_reach_the_plan() -> None:
    plain = evaluate(LOTS, SCENARIO)
    first = LOTS.ids[int(plain.parcel_gfa_m2.argmax())]
    held = SCENARIO.with_decision(first, ParcelDecision(ready_year=2030))
    timing = evaluate(LOTS, held).timing
    assert timing is not None
    assert (timing.year[timing.parcel == LOTS.index[first]] >= 2030).all()
