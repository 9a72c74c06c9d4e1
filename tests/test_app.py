"""Every page launches, in both languages, and what is done on one page is there on the next."""

from __future__ import annotations

import json
import re
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from siteplan.app.state import MoveUse, SetLock, Undo
from siteplan.app.widgets.terms import TERMS
from siteplan.uses import USES
from tests.bench.parcels import made_up_parcels, write_parcels
from tests.driving import bar, done, headline, html_of, opened, placed

APP = Path(__file__).parents[1] / "siteplan" / "app"
PAGES = sorted(path.name for path in (APP / "screens").glob("[!_]*.py"))


HOLDING_FIGURES = ("plan.py", "metrics.py", "options.py", "phases.py", "massing.py", "table.py")

FIRST_WORDS = {
    "plan.py": {"en": "Colour by", "ko": "색 기준"},
    "metrics.py": {"en": "People and homes", "ko": "사람과 주거"},
    "phases.py": {"en": "What is built when", "ko": "언제 무엇을 짓는가"},
    "options.py": {"en": "Other plans", "ko": "다른 안"},
    "massing.py": {"en": "Massing", "ko": "매스"},
    "table.py": {"en": "Export", "ko": "내보내기"},
    "scenarios.py": {"en": "Scenarios", "ko": "시나리오"},
    "guide.py": {"en": "Two kinds of area", "ko": "면적은 두 가지입니다"},
    "data.py": {"en": "Parcels on screen", "ko": "화면의 필지"},
    "basis.py": {"en": "Zoning rules", "ko": "용도지역별 건축 기준"},
}


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_launches(name: str, lang: str) -> None:
    page = opened(lang=lang).switch_page(f"screens/{name}").run()
    assert not page.exception
    shown = {node.value for node in page.subheader} | {node.label for node in page.selectbox}
    assert FIRST_WORDS[name][lang] in shown


def test_a_move_lets_the_others_absorb_and_keeps_the_total() -> None:
    page = done(opened(), MoveUse("housing", 27_000))
    assert placed(page) == dict(zip(USES, (136_688, 75_937, 27_000, 30_375), strict=True))
    assert bar(page)["total"]["m2"] == 270_000
    assert not page.error


def test_a_lock_holds() -> None:
    page = done(opened(), SetLock("research", locked=True), MoveUse("housing", 60_000))
    assert placed(page)["research"] == 121_500
    assert placed(page)["housing"] == 60_000
    assert [use["locked"] for use in bar(page)["uses"]] == [True, False, False, False]


def test_what_locks_do_not_allow_is_said_on_the_bar() -> None:
    page = done(opened(), SetLock("research", locked=True), MoveUse("housing", 200_000))
    assert "Housing stops at 148,500 m²" in bar(page)["notice"]


def test_an_infeasible_wish_is_explained_on_the_page() -> None:
    page = done(opened(), MoveUse("housing", 200_000))
    assert "does not fit" in page.error[0].value
    folded = " ".join(text.value for text in page.markdown)
    assert "Housing may not stand in Distribution commercial (유통상업지역)" in folded
    assert 'data-figure="far"' not in html_of(page)  # no zeros where nothing is placed
    assert placed(page)["housing"] == 200_000


def test_the_range_that_is_shown_is_the_range_that_fits() -> None:
    page = opened()
    most_m2 = bar(page)["uses"][2]["high_m2"]
    assert not done(page, MoveUse("housing", most_m2)).error
    assert done(page, MoveUse("housing", most_m2 + 1)).error


def test_findings_are_listed_when_they_are_opened() -> None:
    page = opened()
    assert not page.dataframe
    assert any("Findings and assumptions" in box.label for box in page.expander)
    page.session_state["findings"] = True
    page.run()
    assert len(page.dataframe[0].value) == len(page.session_state["siteplan.plan"][1].issues) > 0


def test_many_parcels_are_chosen_by_name_and_an_unknown_name_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    many = write_parcels(made_up_parcels(600), tmp_path / "many.parquet")
    monkeypatch.setenv("SITEPLAN_PARCELS", str(many))
    page = opened()
    page.text_input(key="parcel-name").set_value("nowhere").run()
    assert "No parcel is called “nowhere”." in [caption.value for caption in page.caption]
    known = page.session_state["siteplan.parcels"].ids[7]
    page.text_input(key="parcel-name").set_value(known).run()
    assert page.number_input(key="decide-available").value == 100
    assert not any("No parcel" in caption.value for caption in page.caption)


def test_choosing_a_parcel_opens_its_panel_and_a_decision_reaches_the_plan() -> None:
    page = opened()
    page.selectbox(key="parcel-list").set_value("YJ-223").run()
    assert page.number_input(key="decide-available").value == 100
    before = headline(page)["capacity"]
    page.number_input(key="decide-available").set_value(60.0).run()
    assert not page.exception
    assert headline(page)["capacity"] != before


def test_work_survives_a_change_of_page() -> None:
    page = opened()
    done(page, MoveUse("culture", 40_000))
    page.switch_page("screens/basis.py").run()
    page.switch_page("screens/plan.py").run()
    assert placed(page)["culture"] == 40_000


def test_the_language_switch_changes_the_words() -> None:
    page = opened()
    page.button_group(key="language").set_value("ko").run()
    assert bar(page)["words"]["total"] == "연면적 총량 (m²)"


def test_the_language_of_the_address_outlives_the_address() -> None:
    page = opened(lang="en")
    assert "lang" in page.query_params
    del page.query_params["lang"]  # as the browser does on a change of page
    page.switch_page("screens/data.py").run()
    assert "Parcels on screen" in {node.value for node in page.subheader}


def test_the_banner_says_that_outlines_are_schematic() -> None:
    assert "drawn by siteplan, not surveyed" in html_of(opened())


def test_consents_and_factors_change_the_plan() -> None:
    page = opened()
    before = headline(page)
    page.switch_page("screens/basis.py").run()
    page.checkbox(key="consent-유통상업지역-culture").uncheck().run()
    page.switch_page("screens/plan.py").run()
    without_consent = headline(page)
    assert without_consent != before
    page.switch_page("screens/basis.py").run()
    page.number_input(key="factor-far_ratio.housing").set_value(0.6).run()
    page.switch_page("screens/plan.py").run()
    assert headline(page) != without_consent
    assert not page.exception


def test_locking_parcels_says_how_many_beside_the_button() -> None:
    page = opened()
    page.selectbox(key="parcel-list").set_value("YJ-223").run()
    page.button(key="selection-hold").click().run()
    (said,) = page.success
    assert "1 parcel(s)" in said.value
    assert bar(page)["notice"] == ""
    page.selectbox(key="parcel-list").set_value("YJ-224").run()
    assert not page.success


def test_an_own_far_can_be_taken_back() -> None:
    page = opened()
    page.selectbox(key="parcel-list").set_value("YJ-223").run()
    before = headline(page)["far"]
    page.number_input(key="decide-far").set_value(None).run()
    assert page.number_input(key="decide-far").value is None
    assert not page.error
    assert page.text_input(key="decide-reason").value == ""  # it was the reason for 400 %
    assert headline(page)["far"] != before  # the zone's 600 % instead of the planner's 400 %
    page.number_input(key="decide-far").set_value(2000).run()
    said = " ".join(warning.value for warning in page.warning)
    assert "without a reason" in said
    assert "FAR 2,000 % is above the limit" in said
    assert "600 % (서울특별시 도시계획 조례" in said
    page.button(key="decide-drop").click().run()
    assert page.number_input(key="decide-available").value == 0


def test_the_default_scenario_can_be_taken_up_again() -> None:
    page = opened()
    done(page, MoveUse("research", 270_000))
    page.switch_page("screens/scenarios.py").run()
    page.button(key="start-again").click().run()
    page.switch_page("screens/plan.py").run()
    assert placed(page)["housing"] == 54_000


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
    said = [warning.value for warning in page.warning]
    assert len(said) == 1
    assert "KCTC site lies" in said[0]
    assert "LG Seocho R&D Campus" in said[0].replace("\\", "")
    assert bar(page)["notice"] == ""  # it is no matter of the programme
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


@pytest.mark.parametrize(
    ("lang", "named"),
    [("ko", "현재: 양재 기본안"), ("en", "Present: Yangjae starting scenario")],
)
def test_names_in_both_languages_are_shown_in_the_one_that_is_read(lang: str, named: str) -> None:
    page = opened(lang=lang)
    page.switch_page("screens/scenarios.py").run()
    page.button_group(key="scenarios-view").set_value("compare").run()
    assert named in page.multiselect(key="compare-chosen").options


def test_the_map_can_tell_what_the_last_step_changed() -> None:
    page = opened()
    assert "Change by the last step" not in page.selectbox(key="colour-by").options
    done(page, MoveUse("housing", 80_000))
    page.selectbox(key="colour-by").set_value("change").run()
    assert not page.exception
    done(page, Undo())
    assert page.selectbox(key="colour-by").value == "use"
    assert not page.exception


@pytest.mark.parametrize(
    ("lang", "typed", "unit"), [("ko", 8_000.0, "억 원"), ("en", 800.0, "bn KRW")]
)
def test_a_limit_of_cost_is_typed_in_the_unit_of_its_figure(
    lang: str, typed: float, unit: str
) -> None:
    page = opened(lang=lang).switch_page("screens/metrics.py").run()
    field = page.number_input(key="cap-construction_cost_krw")
    assert unit in field.label
    field.set_value(typed).run()
    assert page.session_state["kept-cap-construction_cost_krw"] == 800e9
    assert page.number_input(key="cap-construction_cost_krw").value == typed
    assert not page.exception


@pytest.mark.parametrize("name", PAGES)
def test_every_page_explains_its_terms(name: str) -> None:
    page = opened().switch_page(f"screens/{name}").run()
    for term in TERMS.values():
        assert str(term.name) in html_of(page)
        assert str(term.meaning).replace("'", "&#x27;") in html_of(page)


def test_the_3d_view_names_the_order_that_was_chosen_and_says_why_stalls_differ() -> None:
    page = opened().switch_page("screens/massing.py").run()
    page.selectbox(key="massing-stack").set_value(("housing", "research", "campus", "culture"))
    page.run()
    captions = " ".join(caption.value for caption in page.caption)
    assert "with Housing lowest and Culture highest" in captions
    plan = page.session_state["siteplan.plan"][1]
    in_all = next(m.value for m in plan.metrics if m.key == "parking_stalls")
    assert f"{plan.composition.stalls.sum():,} stalls" in captions
    assert f"{in_all:,.0f} stalls" in captions


@pytest.mark.parametrize("name", [name for name in PAGES if name not in ("data.py", "basis.py")])
def test_a_programme_that_does_not_fit_is_said_on_every_page_that_needs_a_plan(name: str) -> None:
    page = done(opened(), MoveUse("housing", 200_000)).switch_page(f"screens/{name}").run()
    assert not page.exception
    if name in HOLDING_FIGURES:
        assert page.error


def test_a_plan_without_floor_area_says_so_in_the_table() -> None:
    page = done(opened(), MoveUse("housing", 200_000)).switch_page("screens/table.py").run()
    assert any("No parcel holds floor area" in info.value for info in page.info)
    page.toggle(key="only-used").set_value(False).run()
    assert not any("No parcel holds floor area" in info.value for info in page.info)
    assert len(page.dataframe[0].value) == 149


@pytest.mark.parametrize(("lang", "named"), [("ko", "LG전자"), ("en", "LG ")])
def test_the_table_on_screen_begins_with_the_parcels_names(lang: str, named: str) -> None:
    page = opened(lang=lang).switch_page("screens/table.py").run()
    shown = page.dataframe[0].value
    assert shown.columns[:2].tolist() == ["name", "parcel_id"]
    assert str(shown.set_index("parcel_id").loc["YJ-R01", "name"]).startswith(named)


def test_charts_name_every_storey_in_the_order_of_the_uses_and_say_percent() -> None:
    page = opened(lang="ko").switch_page("screens/metrics.py").run()
    split, storeys = (json.loads(page.get("vega_lite_chart")[i].proto.spec) for i in (0, 1))
    assert any("' %'" in step["calculate"] for step in split["layer"][1]["transform"])
    encoding = storeys["encoding"]
    assert encoding["y"]["axis"]["labelOverlap"] is False
    names = ["연구", "캠퍼스", "주거", "문화"]
    assert encoding["color"]["scale"]["domain"][:4] == names
    assert encoding["order"]["field"] == "place"
    assert json.dumps(names)[:-1] in storeys["transform"][0]["calculate"]


def test_parcels_without_a_zone_lead_to_where_one_is_chosen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lots = tmp_path / "lots.geojson"
    frame = gpd.GeoDataFrame(
        {"pnu": ["4113110100100010000", "4113110100100020000"]},
        geometry=[shapely.box(209_000 + x, 531_000, 209_090 + x, 531_100) for x in (0, 100)],
        crs=5186,
    )
    frame.to_crs(4326).to_file(lots, driver="GeoJSON")
    monkeypatch.setenv("SITEPLAN_PARCELS", str(lots))
    page = opened()
    assert {use["range"] for use in bar(page)["uses"]} == {
        "No value yet: the zone of no parcel is known."
    }
    assert bar(page)["words"]["total_note"] == ""
    links = [link.proto.label for link in page.get("page_link")]
    assert "To the data: choose a zone to assume" in links
    codes = {issue.code for issue in page.session_state["siteplan.plan"][1].issues}
    assert "rules_elsewhere" in codes
