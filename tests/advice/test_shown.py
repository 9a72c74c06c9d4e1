"""Advice where people meet it: on the command line and on the Plan screen."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from siteplan.app.state import MoveUse
from siteplan.cli import main
from tests.driving import bar, done, html_of, opened, placed


class TestCommandLine:
    def test_repairs_are_printed_and_in_the_document(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        wish = ["plan", "--gfa", "housing=200000", "-o", str(tmp_path / "plan.geojson")]
        assert main(wish) == 3
        said = capsys.readouterr().err
        assert "Any one of these makes it fit:" in said
        assert "– Keep the total and split it otherwise: Housing -112,8" in said
        assert main([*wish, "--json"]) == 3
        found = json.loads(capsys.readouterr().out)
        assert len(found["repairs"]) >= 4
        assert any("Lower the total to" in repair for repair in found["repairs"])

    def test_a_plan_that_fits_has_no_repairs(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        assert main(["plan", "-o", str(tmp_path / "plan.geojson"), "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["repairs"] == []


class TestPlanScreen:
    def test_a_repair_is_done_with_one_click_and_the_selection_stays(self) -> None:
        page = opened()
        page.selectbox(key="parcel-list").set_value("YJ-223").run()
        done(page, MoveUse("housing", 200_000))
        assert page.error
        assert "Keep the total and split it otherwise: Housing -112,8" in html_of(page)
        page.button(key="repair-0").click().run()
        assert not page.exception
        assert not page.error
        assert placed(page)["housing"] == pytest.approx(87_155, abs=30)
        assert bar(page)["total"]["m2"] == 270_000
        assert page.selectbox(key="parcel-list").value == "YJ-223"

    def test_no_repairs_where_it_fits(self) -> None:
        assert "repair-0" not in [button.key for button in opened().button]

    def test_the_panel_says_why_and_what_it_is_worth(self) -> None:
        page = opened()
        page.selectbox(key="parcel-list").set_value("YJ-R01").run()
        shown = html_of(page)
        assert "FAR limits this lot to 24,800 m² of FAR area" in shown
        assert "Next best here: Campus." in shown
        assert "more FAR area here" not in shown  # not worked out while it is closed
        page.session_state["why"] = True
        shown = html_of(page.run())
        assert "1,000 m² more FAR area here would raise the plan&#x27;s mean suitability" in shown
        page.selectbox(key="what-if-use").set_value("campus").run()
        page.number_input(key="what-if-gfa").set_value(5_000).run()
        assert not page.exception
        assert "5,000 m² of Campus here would change the plan" in html_of(page)

    def test_a_lot_that_is_out_says_so(self) -> None:
        page = opened()
        page.session_state["why"] = True
        page.selectbox(key="parcel-list").set_value("Y2-E2-04").run()
        assert not page.exception
        assert "This lot takes no part." in html_of(page)
        assert "what-if-gfa" not in [field.key for field in page.number_input]

    def test_what_other_totals_are_worth_is_worked_out_when_asked_for(self) -> None:
        page = opened()
        assert "instead of Housing would raise" not in html_of(page)
        page.toggle(key="worth-shown").set_value(True).run()
        assert "instead of Housing would raise the mean suitability" in html_of(page)

    def test_korean_has_no_gaps_in_its_figures(self) -> None:
        page = opened(lang="ko")
        page.session_state["why"] = True
        page.selectbox(key="parcel-list").set_value("YJ-R01").run()
        done(page, MoveUse("housing", 200_000))
        assert not page.exception
        assert re.findall(r"\{\w+[:}]", html_of(page)) == []
