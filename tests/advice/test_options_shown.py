"""Options where people meet them: on the command line, on the Options page, on the Plan page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from siteplan.advice import alternatives_of
from siteplan.app.state import MoveUse
from siteplan.cli import main
from siteplan.evaluation import Plan, evaluate
from siteplan.io import default_scenario, read_parcels, read_plan, read_scenario
from siteplan.uses import USES
from tests.driving import done, headline

APP = Path(__file__).parents[2] / "siteplan" / "app"


@pytest.fixture(scope="module")
def plan() -> Plan:
    parcels = read_parcels()
    return evaluate(parcels, default_scenario(parcels))


def opened(page: str = "options.py", *, lang: str = "en") -> AppTest:
    app = AppTest.from_file(str(APP / "main.py"), default_timeout=60)
    app.query_params["lang"] = lang
    app.run()
    return app if page == "plan.py" else app.switch_page(f"screens/{page}").run()


def chooser() -> AppTest:
    """Open the plan with the ways of allocating unfolded."""
    return unfold(opened("plan.py"))


def unfold(page: AppTest) -> AppTest:
    page.session_state["approach-open"] = True
    return page.run()


def html_of(page: AppTest) -> str:
    return " ".join(str(node.proto.body) for node in page.get("html"))


def keys_of(page: AppTest) -> set[str]:
    return {str(button.key) for button in page.button}


class TestCommandLine:
    def test_alternatives_are_printed_and_in_the_document(
        self, capsys: pytest.CaptureFixture[str], plan: Plan
    ) -> None:
        assert main(["options"]) == 0
        said = capsys.readouterr().out
        assert "Present plan: mean suitability 62.64 of 100" in said
        assert re.search(r"^3\. Puts [\d,]+ m² more", said, re.MULTILINE)
        assert main(["options", "--json"]) == 0
        document = json.loads(capsys.readouterr().out)
        found = alternatives_of(plan)
        assert document["scenario_id"] == plan.scenario_id
        assert document["moved_m2"] == found.moved_m2.tolist()
        for told, one in zip(document["alternatives"], found.alternatives, strict=True):
            assert told["kept_pct"] == one.kept_pct
            assert sum(told["moved_by_use_m2"].values()) == told["moved_m2"]
            table = told["approach"]["gfa_m2"]
            assert np.sum(list(table.values()), axis=0).tolist() == plan.uses_gfa_m2.tolist()

    def test_the_one_that_is_taken_is_written(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path, plan: Plan
    ) -> None:
        drawn, kept = tmp_path / "two.geojson", tmp_path / "two.scenario.json"
        assert main(["options", "--take", "2", "-o", str(drawn), str(kept)]) == 0
        one = alternatives_of(plan).alternatives[1]
        assert (evaluate(plan.parcels, read_scenario(kept)).gfa_m2 == one.gfa_m2).all()
        frame = read_plan(drawn).frame.set_index("parcel_id").loc[list(plan.parcels.ids)]
        assert (frame[[f"gfa_{use}_m2" for use in USES]].to_numpy() == one.gfa_m2).all()
        assert f"Written: {drawn}" in capsys.readouterr().out

    def test_a_front_is_printed_and_in_the_document(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["options", "--front", "housing,research", "--json"]) == 0
        front = json.loads(capsys.readouterr().out)["front"]
        assert (front["first"], front["second"]) == ("housing", "research")
        assert len(front["points"]) == 21
        assert all(p["second"] <= p["second_most"] + 1e-9 for p in front["points"])
        assert main(["options", "--front", "housing,research"]) == 0
        assert "below the front" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("arguments", "code", "said"),
        [
            (["--front", "housing,beauty"], 1, "There is no aim beauty"),
            (["--front", "housing"], 2, "write FIRST,SECOND"),
            (["--count", "0"], 2, "from 1 to 100"),
            (["--within", "-1"], 2, "from 0 to 100"),
            (["--take", "1"], 2, "Name both"),
            (["-o", "x.geojson"], 2, "Name both"),
            (["--take", "9", "-o", "x.geojson"], 1, "no plan 9 to take; 3 were found"),
        ],
    )
    def test_wrong_use_is_said_in_a_sentence(
        self, arguments: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        try:
            found = main(["options", *arguments])
        except SystemExit as left:
            found = int(str(left.code))
        assert found == code
        assert said in capsys.readouterr().err

    def test_an_infeasible_programme_is_explained_and_nothing_is_written(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        out = tmp_path / "x.geojson"
        wish = ["options", "--gfa", "housing=200000", "--take", "1", "-o", str(out), "--json"]
        assert main(wish) == 3
        told = capsys.readouterr()
        document = json.loads(told.out)
        assert (document["status"], document["alternatives"]) == ("infeasible", [])
        assert "does not fit" in told.err
        assert not out.exists()


class TestOptionsPage:
    def test_nothing_is_worked_out_before_it_is_asked_for(self) -> None:
        page = opened()
        assert not page.exception
        assert "options-take-0" not in keys_of(page)
        assert "front-take" not in keys_of(page)

    def test_three_cards_and_taking_one_reaches_the_plan(self, plan: Plan) -> None:
        page = opened()
        page.button(key="options-find").click().run()
        assert not page.exception
        found = alternatives_of(plan)
        shown = html_of(page)
        assert shown.count("data:image/svg+xml;base64,") == 4
        for one in found.alternatives:
            assert f"{one.difference.moved_m2:,} m²" in shown
        page.button(key="options-take-1").click().run()
        assert not page.exception
        # The others stay on offer, and the one that was taken says so.
        assert {"options-take-0", "options-take-2"} <= keys_of(page)
        assert "options-take-1" not in keys_of(page)
        page.button(key="options-back").click().run()
        assert {"options-take-0", "options-take-1", "options-take-2"} <= keys_of(page)
        assert "options-back" not in keys_of(page)
        page.button(key="options-take-1").click().run()
        page.switch_page("screens/plan.py").run()
        assert "Near the plan before" in html_of(page)
        used = int((found.alternatives[1].gfa_m2.any(axis=1)).sum())
        assert headline(page)["parcels"].startswith(f"{used} /")
        page.button(key="undo").click().run()
        assert "Near the plan before" not in html_of(page)

    def test_another_decision_ends_the_offer(self) -> None:
        page = opened()
        page.button(key="options-find").click().run()
        page.switch_page("screens/plan.py").run()
        done(page, MoveUse("culture", 30_000))
        page.switch_page("screens/options.py").run()
        assert not page.exception
        assert "options-take-0" not in keys_of(page)

    def test_another_loss_finds_other_plans(self) -> None:
        page = opened()
        page.button(key="options-find").click().run()
        before = html_of(page)
        page.selectbox(key="options-within").set_value(0.5).run()
        assert not page.exception
        assert "99.50 %" in html_of(page)
        assert html_of(page) != before

    def test_a_point_of_the_front_is_chosen_and_taken(self) -> None:
        page = opened()
        page.selectbox(key="front-aim-1").set_value("ai_hub").run()
        page.button(key="front-find").click().run()
        assert not page.exception
        page.select_slider(key="front-point").set_value(3).run()
        assert any("Point 3:" in text.value for text in page.markdown)
        page.button(key="front-take").click().run()
        assert not page.exception
        assert any("This is the present plan" in one.value for one in page.success)
        assert page.select_slider(key="front-point").value == 3

    def test_the_table_holds_every_point(self) -> None:
        page = opened()
        page.button(key="front-find").click().run()
        tables = re.findall(r'<table class="sp-plain">.*?</table>', html_of(page))
        assert len(tables) == 1
        assert tables[0].count('<th scope="row">') == 22
        assert "Present plan ◆" in tables[0]

    @pytest.mark.parametrize("lang", ["en", "ko"])
    def test_every_pair_of_aims_draws(self, lang: str) -> None:
        page = opened(lang=lang)
        page.button(key="front-find").click().run()
        for first, second in (("housing", "unchanged"), ("nature", "main_road")):
            page.selectbox(key="front-aim-0").set_value(first).run()
            page.selectbox(key="front-aim-1").set_value(second).run()
            assert not page.exception
            assert page.selectbox(key="front-aim-0").value == first
            assert page.selectbox(key="front-aim-1").value == second

    def test_where_nothing_fits_the_page_says_so(self) -> None:
        page = opened("plan.py")
        done(page, MoveUse("housing", 200_000))
        page.switch_page("screens/options.py").run()
        assert not page.exception
        assert "does not fit" in page.error[0].value
        assert "options-find" not in keys_of(page)


class TestApproachChooser:
    def test_the_most_suitable_plan_is_proven(self) -> None:
        assert "Proven: no plan serves this better." in html_of(opened("plan.py"))

    def test_buildable_parcels_with_their_rules(self) -> None:
        page = chooser()
        page.radio(key="approach-kind").set_value("practical").run()
        page.select_slider(key="practical-uses").set_value(1).run()
        page.toggle(key="practical-floors").set_value(True).run()
        page.number_input(key="practical-block-housing").set_value(3_000).run()
        assert not page.exception
        shown = html_of(page)
        assert "Buildable parcels" in shown
        assert "less than the most suitable plan" in shown
        assert "fills its last floor only in part on" in shown
        # The rules outlive a change of page.
        page.switch_page("screens/data.py").run()
        page.switch_page("screens/plan.py").run()
        unfold(page)
        assert page.number_input(key="practical-block-housing").value == 3_000
        assert page.select_slider(key="practical-uses").value == 1

    def test_near_moves_less_than_the_most_suitable_plan(self) -> None:
        moved = {}
        for kind in ("suitable", "near"):
            page = chooser()
            page.radio(key="approach-kind").set_value("near").run()
            if kind == "near":
                page.toggle(key="near-least").set_value(True).run()
                assert page.slider(key="near-price").disabled
            else:
                page.slider(key="near-price").set_value(0.0).run()
            page.toggle(key="near-follow").set_value(False).run()
            done(page, MoveUse("culture", 37_000))
            assert not page.exception
            told = re.search(r"([\d,]+) m² stand elsewhere than in the plan before", html_of(page))
            assert told is not None
            moved[kind] = int(told[1].replace(",", ""))
        assert 10_000 <= moved["near"] <= moved["suitable"]
        page.button(key="near-present").click().run()
        assert "0 m² stand elsewhere than in the plan before" in html_of(page)

    def test_neighbours_together(self) -> None:
        page = chooser()
        page.radio(key="approach-kind").set_value("together").run()
        page.number_input(key="together-worth").set_value(500.0).run()
        page.toggle(key="together-single").set_value(True).run()
        assert not page.exception
        assert "Neighbours together" in html_of(page)
        page.radio(key="approach-kind").set_value("suitable").run()
        assert "together-worth" not in [field.key for field in page.number_input]

    def test_rules_that_cannot_be_kept_are_explained(self) -> None:
        page = chooser()
        page.radio(key="approach-kind").set_value("practical").run()
        for use in USES:
            page.number_input(key=f"practical-block-{use}").set_value(200_000).run()
        assert not page.exception
        assert page.error
        assert "Way of allocating: Buildable parcels." in [c.value for c in page.caption]
