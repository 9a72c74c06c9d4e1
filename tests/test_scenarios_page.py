"""Saving, comparing, sharing and coming back, in the app without a browser."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from siteplan.app import session
from siteplan.app.drafts import state_from
from siteplan.app.state import AppState
from siteplan.evaluation import evaluate
from siteplan.io import default_scenario, read_parcels, stories
from siteplan.store import Store, imprint_of, open_store
from tests.driving import MAIN, html_of, placed
from tests.studies import row_of_lots

PARCELS = read_parcels()

pytestmark = pytest.mark.usefixtures("own_store")


def opened(lang: str = "en", **words: str) -> AppTest:
    """Return the app on its first page, under an address with these words."""
    page = AppTest.from_file(str(MAIN), default_timeout=60)
    for word, value in {"lang": lang, **words}.items():
        page.query_params[word] = value
    return page.run()


def at(page: AppTest, name: str) -> AppTest:
    return page.switch_page(f"screens/{name}.py").run()


def word(page: AppTest, name: str) -> str:
    """Return a word of the address, empty where it is not there."""
    found = page.query_params.get(name, "")
    return found if isinstance(found, str) else "".join(found)


def state(page: AppTest) -> AppState:
    held: AppState = page.session_state["siteplan.state"]
    return held


def store() -> Store:
    return open_store(os.environ["SITEPLAN_STORE"])


def kept(draft_id: str) -> AppState:
    """Return the work under an id once it has been written."""
    draft = session.keeper().draft(draft_id)
    assert draft is not None
    return state_from(draft.payload_json)


def told(page: AppTest) -> str:
    """Return every sentence on the page."""
    nodes = [*page.markdown, *page.caption, *page.warning, *page.error, *page.info, *page.success]
    return " ".join([html_of(page), *(str(node.value) for node in nodes)])


def left_out(page: AppTest, parcel_id: str = "YJ-223") -> AppTest:
    """Make one change: leave a parcel out."""
    page.selectbox(key="parcel-list").set_value(parcel_id).run()
    return page.button(key="selection-out").click().run()


def saved(page: AppTest, name: str) -> AppTest:
    page = at(page, "scenarios")
    page.text_input(key="scenario-name").set_value(name).run()
    return page.button(key="scenario-save").click().run()


class TestComingBack:
    def test_nothing_is_kept_and_the_address_stays_plain_until_something_changes(self) -> None:
        page = opened()
        assert not word(page, "work")
        left_out(page)
        assert word(page, "work")

    def test_a_reload_restores_scenario_selection_history_and_colours(self) -> None:
        page = left_out(opened())
        page.selectbox(key="colour-by").set_value("zone").run()
        back = opened(work=word(page, "work"))
        assert state(back).scenario == state(page).scenario
        assert state(back).selected == ("YJ-223",)
        assert state(back).colour_by == "zone"
        assert back.button(key="undo").help == page.button(key="undo").help
        back.button(key="undo").click().run()
        assert state(back).scenario == default_scenario(PARCELS)

    def test_two_tabs_of_one_address_go_on_apart(self) -> None:
        first = left_out(opened())
        address = word(first, "work")
        second = opened(work=address)
        assert word(second, "work") not in ("", address)
        left_out(second, "YJ-224")
        left_out(first, "YJ-225")
        assert kept(address) == replace(state(first), notice=None)
        assert kept(word(second, "work")) == replace(state(second), notice=None)
        assert state(first).scenario.decision("YJ-224").available_pct > 0

    def test_two_planners_do_not_disturb_each_other(self) -> None:
        one, other = opened(), opened(lang="ko")
        left_out(one)
        assert state(other).scenario == default_scenario(PARCELS)
        left_out(other, "YJ-225")
        assert state(one).scenario != state(other).scenario
        assert word(one, "work") != word(other, "work")

    def test_an_address_whose_work_is_gone_says_so_and_starts_afresh(self) -> None:
        page = opened(work="nobodykeptthis")
        assert "is not here any more" in told(page)
        assert state(page).scenario == default_scenario(PARCELS)
        page.button(key="forget-arrival").click().run()
        assert "is not here any more" not in told(page)
        assert not word(page, "work")

    def test_the_words_come_back_where_a_change_of_page_drops_them(self) -> None:
        page = left_out(opened())
        address = word(page, "work")
        del page.query_params["work"]
        at(page, "metrics")
        assert word(page, "work") == address


def lots_file(*, side_m: float = 200) -> bytes:
    """Return a GeoJSON file of two lots."""
    lots = row_of_lots(["준주거지역", "제3종일반주거지역"], side_m=side_m)
    return str(lots.frame.to_crs(4326).to_json(drop_id=True)).encode()


def open_file(page: AppTest, content: bytes, name: str) -> AppTest:
    at(page, "data")
    page.file_uploader(key="upload").set_value((name, content, "application/geo+json")).run()
    return page.button(key="intake-accept").click().run()


def restart() -> None:
    """Forget what the process holds of opened files, as a restart of the server does."""
    session._shelf.clear()


class TestUploadedParcels:
    """Work on a file: restored while the server lives, awaited after a restart."""

    def work_on_file(self) -> str:
        """Open a file, leave a parcel out, and return the id in the address."""
        page = at(open_file(opened(), lots_file(), "lots.geojson"), "plan")
        left_out(page, "a")
        assert not page.exception
        return word(page, "work")

    def test_a_reload_restores_parcels_and_work(self) -> None:
        page = opened(work=self.work_on_file())
        assert len(page.selectbox(key="parcel-list").options) == 3
        assert state(page).scenario.decision("a").available_pct == 0

    def test_opening_the_file_alone_is_kept_too(self) -> None:
        page = open_file(opened(), lots_file(), "lots.geojson")
        again = opened(work=word(page, "work"))
        assert len(again.selectbox(key="parcel-list").options) == 3

    def test_after_a_restart_the_file_is_named_and_work_goes_on_when_it_is_opened(self) -> None:
        address = self.work_on_file()
        restart()
        page = opened(work=address)
        assert "Your work on lots.geojson is kept" in told(page).replace("\\", "")
        assert len(page.selectbox(key="parcel-list").options) == len(PARCELS) + 1
        at(open_file(page, lots_file(), "renamed.geojson"), "plan")
        assert state(page).scenario.decision("a").available_pct == 0
        assert page.button(key="undo").help.endswith("a: left out")
        assert "is kept, but this server" not in told(page)

    def test_another_file_is_not_taken_for_it(self) -> None:
        address = self.work_on_file()
        restart()
        page = open_file(opened(work=address), lots_file(side_m=150), "other.geojson")
        assert "are others" in told(page)
        assert state(page).scenario.decision("a").available_pct == 100
        assert kept(address).scenario.decision("a").available_pct == 0  # and nothing of it is lost


class TestWithoutAStore:
    @pytest.fixture(autouse=True)
    def damaged(self, own_store: Path) -> None:
        own_store.write_bytes(b"no database at all, and long enough to be read as a header" * 40)

    def test_the_app_works_and_says_once_what_mends_it(self) -> None:
        page = left_out(opened())
        assert told(page).count("are not kept at the moment") == 1
        assert "is damaged or no store" in told(page).replace("\\", "")
        assert state(page).scenario.decision("YJ-223").available_pct == 0
        assert not word(page, "work")
        at(page, "scenarios")
        assert page.button(key="scenario-save").disabled
        assert not page.exception

    def test_a_shared_link_shows_no_other_figures(self) -> None:
        page = opened(share="whatever")
        assert "is damaged" in told(page).replace("\\", "")
        assert not page.selectbox


class TestName:
    @pytest.mark.parametrize(
        ("lang", "shown"), [("ko", "양재 기본안"), ("en", "Yangjae starting scenario")]
    )
    def test_it_stands_in_the_readers_language_and_stays_in_both(
        self, lang: str, shown: str
    ) -> None:
        page = at(opened(lang), "scenarios")
        both = state(page).scenario.name
        assert page.text_input(key="scenario-name").value == shown
        page.text_area(key="scenario-note").set_value("Why").run()
        assert state(page).scenario.note == "Why"
        assert state(page).scenario.name == both
        page.text_input(key="scenario-name").set_value("Mine").run()
        assert state(page).scenario.name == "Mine"


class TestSaving:
    def test_a_change_ends_what_was_said_of_the_saving(self) -> None:
        page = saved(opened(), "First idea")
        page.text_area(key="scenario-note").set_value("Changed").run()
        assert "Saved as revision 1" not in told(page)

    def test_each_save_is_a_revision_and_any_can_be_opened(self) -> None:
        page = saved(opened(), "First idea")
        assert "Saved as revision 1 of “First idea”" in told(page)
        page.run()
        assert "Saved as revision 1" in told(page)  # until something else happens
        at(page, "metrics")
        assert "Saved as revision 1" not in told(at(page, "scenarios"))
        left_out(at(page, "plan"))
        at(page, "scenarios")
        assert "It has changed since" in told(page)
        page.button(key="scenario-save").click().run()
        assert "revision 2" in told(page)
        key = store().list()[0].key
        page.session_state[f"more-{key}"] = True
        page.run()
        page.button(key=f"open-{key}-1").click().run()
        assert state(page).scenario.decision("YJ-223").available_pct > 0
        assert state(page).opened == (key, 1)
        assert "Nothing has changed since" in told(page)

    def test_a_scenario_without_a_name_is_refused_in_words(self) -> None:
        page = saved(opened(), "  ")
        assert "needs a name" in told(page)
        assert store().list() == ()

    def test_what_others_saved_in_between_is_said_and_both_are_kept(self) -> None:
        mine = saved(opened(), "Ours")
        key = store().list()[0].key
        other = at(opened(), "scenarios")
        other.button(key=f"open-{key}").click().run()
        left_out(at(other, "plan"), "YJ-225")
        at(other, "scenarios").button(key="scenario-save").click().run()
        left_out(at(mine, "plan"), "YJ-224")
        at(mine, "scenarios").button(key="scenario-save").click().run()
        assert "has been saved up to revision 2" in told(mine)
        assert len(store().revisions(key)) == 2
        mine.button(key="save-beside").click().run()
        names = {entry.name for entry in store().list()}
        assert names == {"Ours", "Ours (copy)"}
        left_out(at(other, "plan"), "YJ-224")

    def test_or_the_later_one_becomes_the_newest_revision(self) -> None:
        mine = saved(opened(), "Ours")
        key = store().list()[0].key
        other = at(opened(), "scenarios")
        other.button(key=f"open-{key}").click().run()
        other.button(key="scenario-save").click().run()
        mine.button(key="scenario-save").click().run()
        mine.button(key="save-all-the-same").click().run()
        assert "1 revision(s) were saved since" in told(mine)
        assert [one.based_on for one in store().revisions(key)] == [None, 1, 1]

    def test_rename_duplicate_delete_and_take_back(self) -> None:
        page = saved(opened(), "One")
        key = store().list()[0].key
        page.session_state[f"more-{key}"] = True
        page.run()
        page.text_input(key=f"name-{key}").set_value("Another name")
        page.text_area(key=f"note-{key}").set_value("for the mayor")
        next(b for b in page.button if b.label == "Change name and note").click().run()
        assert (store().list()[0].name, store().list()[0].note) == ("Another name", "for the mayor")
        assert state(page).scenario.name == "Another name"
        assert "Nothing has changed since" in told(page)
        page.button(key=f"duplicate-{key}").click().run()
        assert {one.name for one in store().list()} == {"Another name", "Another name (copy)"}
        page.button(key=f"delete-{key}").click().run()
        assert {one.name for one in store().list()} == {"Another name (copy)"}
        page.button(key="undelete").click().run()
        assert len(store().list()) == 2
        assert not page.exception

    def test_undo_goes_back_to_what_the_earlier_scenario_was_kept_as(self) -> None:
        page = saved(opened(), "One")
        first = state(page).opened
        page.text_input(key="scenario-name").set_value("Two").run()
        page.button(key="scenario-save-beside").click().run()
        second = state(page).opened
        assert first is not None
        assert second is not None
        assert first[0] != second[0]
        page.button(key=f"open-{first[0]}").click().run()
        assert state(page).opened == first
        at(page, "plan").button(key="undo").click().run()
        assert state(page).opened == second

    def test_a_scenario_for_other_parcels_names_their_file(self) -> None:
        page = saved(open_file(opened(), lots_file(), "lots.geojson"), "On lots")
        key = store().list()[0].key
        restart()
        other = at(opened(), "scenarios")
        assert "other parcels: lots.geojson" in told(other)
        other.button(key=f"open-{key}").click().run()
        assert "saved for the parcels of lots.geojson" in told(other).replace("\\", "")
        assert not other.exception
        at(page, "plan")
        at(page, "scenarios").button(key=f"open-{key}").click().run()
        assert not page.exception

    def test_a_file_is_taken_back_and_what_is_none_is_refused(self) -> None:
        page = at(opened(), "scenarios")
        wanted = replace(stories(PARCELS)[1].scenario, name="From a file")
        file = ("x.scenario.json", wanted.to_json().encode(), "application/json")
        page.file_uploader(key="scenario-upload").set_value(file).run()
        assert state(page).scenario == wanted
        broken = ("y.json", b"\xff\xfe\x00", "application/json")
        page.file_uploader(key="scenario-upload").set_value(broken).run()
        assert "cannot be read as text" in told(page).replace("\\", "")
        assert state(page).scenario == wanted


class TestStories:
    @pytest.mark.parametrize("lang", ["ko", "en"])
    def test_a_prepared_scenario_is_taken_up_and_undone(self, lang: str) -> None:
        page = opened(lang)
        page.session_state["welcome-stories"] = True  # opened by hand
        page.run()
        story = stories(PARCELS)[2]
        page.button(key=f"take-up-{story.key}").click().run()
        assert state(page).scenario == story.named(lang)
        assert placed(page)["housing"] == 81_000
        page.button(key="undo").click().run()
        assert state(page).scenario == default_scenario(PARCELS)

    def test_their_shares_are_said_to_be_assumed(self) -> None:
        page = at(opened(), "scenarios")
        page.button_group(key="scenarios-view").set_value("prepared").run()
        assert "every share in these scenarios is siteplan's assumption" in told(page)
        for story in stories(PARCELS):
            assert story.told.en in told(page)

    def test_the_welcome_is_read_once_and_stays_read(self) -> None:
        page = opened()
        assert "Move a slider" in told(page)
        page.button(key="welcome-close").click().run()
        assert "Move a slider" not in told(page)
        assert "Move a slider" not in told(opened(work=word(page, "work")))


class TestShared:
    @pytest.fixture
    def token(self) -> str:
        """A link to the second of three revisions."""
        scenario = stories(PARCELS)[2].named("en")
        imprint = imprint_of(evaluate(PARCELS, scenario), parcels=PARCELS)
        first = store().save("Shown", default_scenario(PARCELS), imprint=imprint)
        store().save("Shown", scenario, imprint=imprint, key=first.key)
        store().save("Shown", default_scenario(PARCELS), imprint=imprint, key=first.key)
        return store().token_for(first.key, revision=2)

    def test_it_shows_that_very_revision_and_says_so(self, token: str) -> None:
        page = opened(share=token)
        assert placed(page)["housing"] == 81_000
        assert "Shared scenario, read-only: Shown" in told(page)
        assert "Revision 2" in told(page)
        plan = evaluate(PARCELS, stories(PARCELS)[2].scenario)
        assert f"Scenario id {plan.scenario_id}" in told(page)
        assert "Rules, factors or siteplan have changed" not in told(page)
        assert not word(page, "work")

    def test_nothing_can_be_changed_but_looking_around_can(self, token: str) -> None:
        page = left_out(opened(share=token))
        before = stories(PARCELS)[2].named("en")
        assert replace(state(page).scenario, name="", note="") == replace(before, name="", note="")
        assert state(page).selected == ("YJ-223",)
        assert "nothing of it can be changed" in told(page)
        page.selectbox(key="colour-by").set_value("zone").run()
        assert state(page).colour_by == "zone"
        page.button(key="cut-lot").click().run()
        assert state(page).cutting is None
        for name in ("metrics", "massing", "table", "basis", "scenarios", "guide"):
            at(page, name)
            assert not page.exception
            assert "Shared scenario, read-only" in told(page)
            assert word(page, "share") == token

    def test_a_copy_is_work_of_ones_own(self, token: str) -> None:
        page = opened(share=token).button(key="work-on-copy").click().run()
        assert state(page).scenario.name == "Shown (copy)"
        assert state(page).opened is None
        assert word(page, "work")
        assert not word(page, "share")
        left_out(page)
        assert state(page).scenario.decision("YJ-223").available_pct == 0
        assert store().by_token(token).scenario.decision("YJ-223").available_pct > 0

    def test_the_page_makes_the_link_and_withdraws_it(self) -> None:
        page = saved(opened(), "To show")
        page.button(key="scenario-share").click().run()
        key = store().list()[0].key
        (link,) = store().links(key)
        assert f"share={link.token}" in page.code[0].value
        assert "Shared scenario" in told(opened(share=link.token))
        page.session_state[f"more-{key}"] = True
        page.run()
        page.button(key=f"revoke-{link.token}").click().run()
        assert store().links(key) == ()
        assert "shows no scenario" in told(opened(share=link.token))

    def test_sharing_saves_what_has_changed_first(self) -> None:
        page = left_out(opened())
        at(page, "scenarios").button(key="scenario-share").click().run()
        (entry,) = store().list()
        (link,) = store().links(entry.key)
        assert store().by_token(link.token).scenario == state(page).scenario

    def test_a_link_that_shows_nothing_shows_no_other_figures(self) -> None:
        page = opened(share="nosuchlink")
        assert "shows no scenario" in told(page)
        assert not page.selectbox
        page.button(key="forget-arrival").click().run()
        assert page.selectbox(key="parcel-list")
        assert not word(page, "share")

    def test_missing_parcels_are_named_and_opening_them_shows_the_scenario(self) -> None:
        planner = saved(open_file(opened(), lots_file(), "lots.geojson"), "On lots")
        planner.button(key="scenario-share").click().run()
        (entry,) = store().list()
        (link,) = store().links(entry.key)
        restart()
        page = opened(share=link.token)
        assert "is about the parcels of lots.geojson" in told(page).replace("\\", "")
        assert not page.selectbox
        at(open_file(page, lots_file(), "again.geojson"), "plan")
        assert "Shared scenario, read-only: On lots" in told(page)
        assert len(page.selectbox(key="parcel-list").options) == 3


class TestSideBySide:
    def compared(self, *keys: str, lang: str = "en") -> AppTest:
        page = at(opened(lang), "scenarios")
        page.button_group(key="scenarios-view").set_value("compare").run()
        page.multiselect(key="compare-chosen").set_value(list(keys)).run()
        assert not page.exception
        return page

    def test_what_is_compared_can_be_taken_home_as_one_file(self) -> None:
        page = self.compared("now", "story:housing_rich")
        offered = {node.proto.label: node.proto.disabled for node in page.get("download_button")}
        assert offered["File for stakeholders with these scenarios (HTML)"] is False

    def test_figures_lots_and_what_is_settled(self) -> None:
        page = self.compared("now", "story:housing_rich")
        words = told(page)
        assert "81,000<small>30.0 %</small><small>▲ +27,000</small>" in words
        assert "▼ −13,500" in words
        assert "the dominant use changes on" in words

    def test_settled_lots_are_locked_at_what_all_agree_on(self) -> None:
        page = self.compared("now", "story:research_led", "story:campus_town")
        button = page.button(key="hold-settled")
        button.click().run()
        plans = [
            evaluate(PARCELS, s)
            for s in (default_scenario(PARCELS), *(s.scenario for s in stories(PARCELS)[:2]))
        ]
        held = {i for i, d in state(page).scenario.decisions.items() if d.limits}
        assert held
        for parcel_id in held:
            row = PARCELS.index[parcel_id]
            areas = {tuple(plan.gfa_m2[row].tolist()) for plan in plans}
            assert len(areas) == 1
            limits = state(page).scenario.decision(parcel_id).limits.values()
            assert areas == {tuple(limit.min_m2 for limit in limits)}

    def test_saved_ones_of_other_parcels_are_not_offered(self) -> None:
        saved(open_file(opened(), lots_file(), "lots.geojson"), "On lots")
        page = self.compared("now", "story:campus_town")
        assert not any("On lots" in o for o in page.multiselect(key="compare-chosen").options)

    def test_one_alone_is_nothing_to_compare(self) -> None:
        assert "Choose two or more" in told(self.compared("now"))


class TestHistory:
    def test_the_list_tells_steps_and_a_choice_jumps(self) -> None:
        page = left_out(opened())
        page.button(key="selection-in").click().run()
        page.session_state["history"] = True
        page.run()
        steps = page.radio(key="history-step")
        assert steps.value == 2
        assert "now" in steps.options[0]
        steps.set_value(0).run()
        assert state(page).scenario == default_scenario(PARCELS)
        assert len(state(page).future) == 2
        assert "taken back" in page.radio(key="history-step").options[0]
        page.radio(key="history-step").set_value(1).run()
        assert state(page).scenario.decision("YJ-223").available_pct == 0


def test_every_page_with_figures_prints_the_scenario_id() -> None:
    page = opened()
    plan = evaluate(PARCELS, default_scenario(PARCELS))
    for name in ("plan", "metrics", "phases", "massing", "table", "scenarios"):
        assert f"Scenario id {plan.scenario_id}" in told(at(page, name)), name
