"""Every page launches, in both languages, and what is done on one page is there on the next."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from siteplan.uses import USES

APP = Path(__file__).parents[1] / "siteplan" / "app"
PAGES = sorted(path.name for path in (APP / "screens").glob("[!_]*.py"))


FIRST_WORDS = {
    "plan.py": {"en": "Total gross floor area (m²)", "ko": "연면적 총량 (m²)"},
    "metrics.py": {"en": "People and homes", "ko": "사람과 주거"},
    "options.py": {"en": "Other plans", "ko": "다른 안"},
    "massing.py": {"en": "Massing", "ko": "매스"},
    "table.py": {"en": "Export", "ko": "내보내기"},
    "data.py": {"en": "Parcels on screen", "ko": "화면의 필지"},
    "basis.py": {"en": "Zoning rules", "ko": "용도지역별 건축 기준"},
}


def opened(*, lang: str = "en") -> AppTest:
    page = AppTest.from_file(str(APP / "main.py"), default_timeout=30)
    page.query_params["lang"] = lang
    return page.run()


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_launches(name: str, lang: str) -> None:
    page = opened(lang=lang).switch_page(f"screens/{name}").run()
    assert not page.exception
    shown = {node.value for node in page.subheader} | {node.label for node in page.number_input}
    assert FIRST_WORDS[name][lang] in shown


def test_a_slider_moves_the_others_and_keeps_the_total() -> None:
    page = opened()
    page.slider(key="slider-housing").set_value(27_000).run()
    values = [int(str(page.slider(key=f"slider-{use}").value)) for use in USES]
    assert sum(values) == 270_000
    assert values == [136_688, 75_937, 27_000, 30_375]
    assert not page.error


def test_a_lock_holds() -> None:
    page = opened()
    page.button(key="lock-research").click().run()
    page.number_input(key="number-housing").set_value(60_000).run()
    assert page.slider(key="slider-research").value == 121_500
    assert page.slider(key="slider-housing").value == 60_000


def test_an_infeasible_wish_is_explained_on_the_page() -> None:
    page = opened()
    page.slider(key="slider-housing").set_value(200_000).run()
    assert "does not fit" in page.error[0].value
    assert "Housing may not stand in 유통상업지역" in page.error[0].value
    assert page.slider(key="slider-housing").value == 200_000


def test_choosing_a_parcel_opens_its_panel_and_a_decision_reaches_the_plan() -> None:
    page = opened()
    page.selectbox(key="parcel-list").set_value("YJ-223").run()
    assert page.number_input(key="decide-available").value == 100
    before = page.metric[3].value
    page.number_input(key="decide-available").set_value(60.0).run()
    assert not page.exception
    assert page.metric[3].value != before


def test_work_survives_a_change_of_page() -> None:
    page = opened()
    page.slider(key="slider-culture").set_value(40_000).run()
    page.switch_page("screens/basis.py").run()
    page.switch_page("screens/plan.py").run()
    assert page.slider(key="slider-culture").value == 40_000


def test_the_language_switch_changes_the_words() -> None:
    page = opened()
    page.button_group(key="language").set_value("ko").run()
    assert page.number_input(key="total").label == "연면적 총량 (m²)"


def test_the_language_of_the_address_outlives_the_address() -> None:
    page = opened(lang="en")
    assert "lang" in page.query_params
    del page.query_params["lang"]  # as the browser does on a change of page
    page.switch_page("screens/data.py").run()
    assert "Parcels on screen" in {node.value for node in page.subheader}


def test_the_banner_says_that_outlines_are_schematic() -> None:
    shown = " ".join(str(node.proto.body) for node in opened().get("html"))
    assert "drawn by siteplan, not surveyed" in shown


def test_consents_and_factors_change_the_plan() -> None:
    page = opened()
    before = [metric.value for metric in page.metric]
    page.switch_page("screens/basis.py").run()
    page.checkbox(key="consent-유통상업지역-culture").uncheck().run()
    page.switch_page("screens/plan.py").run()
    without_consent = [metric.value for metric in page.metric]
    assert without_consent != before
    page.switch_page("screens/basis.py").run()
    page.number_input(key="factor-far_ratio.housing").set_value(0.6).run()
    page.switch_page("screens/plan.py").run()
    assert [metric.value for metric in page.metric] != without_consent
    assert not page.exception


def test_an_own_far_can_be_taken_back() -> None:
    page = opened()
    page.selectbox(key="parcel-list").set_value("YJ-223").run()
    before = page.metric[1].value
    page.number_input(key="decide-far").set_value(None).run()
    assert page.number_input(key="decide-far").value is None
    assert not page.error
    assert page.metric[1].value != before  # the zone's 600 % instead of the planner's 400 %
    page.button(key="decide-drop").click().run()
    assert page.number_input(key="decide-available").value == 0


def test_the_default_scenario_can_be_taken_up_again() -> None:
    page = opened()
    page.slider(key="slider-research").set_value(270_000).run()
    page.switch_page("screens/data.py").run()
    page.button(key="start-again").click().run()
    page.switch_page("screens/plan.py").run()
    assert page.slider(key="slider-housing").value == 54_000


def test_a_broken_start_file_is_explained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "broken.geojson"
    broken.write_bytes(b"")
    monkeypatch.setenv("SITEPLAN_PARCELS", str(broken))
    page = opened()
    assert not page.exception
    assert "empty" in page.error[0].value


def test_a_factor_that_cannot_be_is_refused_in_words() -> None:
    page = opened().switch_page("screens/basis.py").run()
    page.number_input(key="factor-far_ratio.housing").set_value(1.5).run()
    assert "at most 1" in page.warning[0].value


def test_the_floors_page_shows_the_selected_parcel_and_its_factors_reach_the_plan() -> None:
    page = opened().switch_page("screens/massing.py").run()
    page.selectbox(key="massing-parcel").set_value("YJ-223").run()
    sums = [
        re.search(r"floors add up to ([\d,]+) m² of ([\d,]+) m²", c.value) for c in page.caption
    ]
    placed = [found.groups() for found in sums if found is not None]
    assert len(placed) == 1
    assert placed[0][0] == placed[0][1] != "0"
    assert "fits into" in page.success[0].value
    page.number_input(key="massing-parking_stall_m2").set_value(60.0).run()
    assert not page.exception
    assert "does not fit" in page.warning[0].value


def test_two_parcels_are_merged_the_step_is_undone_and_the_list_drops_it() -> None:
    page = opened()
    assert page.button(key="merge-lots").disabled
    page.selectbox(key="parcel-list").set_value("YJ-224").run()
    assert page.button(key="merge-lots").disabled
    assert not page.button(key="cut-lot").disabled
    page.toggle(key="select-several").set_value(True).run()
    page.selectbox(key="parcel-list").set_value("YJ-225").run()
    assert page.button(key="cut-lot").disabled
    area = "YJ-225+1"
    page.button(key="merge-lots").click().run()
    assert not page.exception
    options = page.selectbox(key="parcel-list").options
    assert page.selectbox(key="parcel-list").value == area
    assert "Merged: YJ-224, YJ-225 → YJ-225+1 (95,782 m²)" in [text.value for text in page.text]
    assert "lots" in page.button(key="undo").help
    page.button(key="undo").click().run()
    assert len(page.selectbox(key="parcel-list").options) == len(options) + 1
    page.button(key="redo").click().run()
    assert page.selectbox(key="parcel-list").options == options
    page.button(key="drop-edit-0").click().run()
    assert len(page.selectbox(key="parcel-list").options) == len(options) + 1
    assert not page.exception


def test_parcels_that_lie_apart_are_not_merged_and_the_page_says_why() -> None:
    page = opened()
    page.toggle(key="select-several").set_value(True).run()
    for parcel_id in ("YJ-224", "YJ-R01"):
        page.selectbox(key="parcel-list").set_value(parcel_id).run()
    page.button(key="merge-lots").click().run()
    assert any("m apart from" in warning.value for warning in page.warning)
    assert page.button(key="undo").disabled


@pytest.mark.parametrize("name", PAGES)
def test_every_page_works_with_merged_lots(name: str) -> None:
    page = opened(lang="ko")
    page.toggle(key="select-several").set_value(True).run()
    for parcel_id in ("YJ-224", "YJ-225"):
        page.selectbox(key="parcel-list").set_value(parcel_id).run()
    page.button(key="merge-lots").click().run()
    page.switch_page(f"screens/{name}").run()
    assert not page.exception
