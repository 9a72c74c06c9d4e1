"""The form in the app: fetch, open, download, refuse in words, and keep the key to itself."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from tests.vworld.fake_server import DONG, KEY, FakeVWorld


def _page() -> None:
    from siteplan.app import session
    from siteplan.app.widgets.fetch import fetch_form

    session.parcels()
    fetch_form()


@pytest.fixture
def page(fake: FakeVWorld, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("SITEPLAN_VWORLD_URL", fake.url)
    opened = AppTest.from_function(_page, default_timeout=30)
    opened.query_params["lang"] = "en"
    return opened.run()


def test_a_dong_is_fetched_opened_and_offered(page: AppTest, fake: FakeVWorld) -> None:
    assert not page.exception
    page.text_input(key="fetch-key").set_value(KEY)
    page.text_input(key="fetch-domain").set_value("plan.example")
    page.button(key="fetch-start").click().run()
    assert not page.exception
    assert not page.error
    assert page.success[0].value.startswith("720 parcels fetched")
    assert fake.requests[0]["domain"] == "plan.example"
    opened = page.session_state["siteplan.parcels"]
    assert len(opened) == 720
    assert set(opened.evidence) == {"official"}
    assert page.session_state["siteplan.source"] == f"VWorld {DONG}"
    assert len(page.get("download_button")) == 1


def test_other_parcels_are_not_said_to_be_fetched(page: AppTest) -> None:
    page.text_input(key="fetch-key").set_value(KEY)
    page.button(key="fetch-start").click().run()
    page.session_state["siteplan.source"] = "another.gpkg"
    page.run()
    assert not page.success
    assert len(page.get("download_button")) == 1


def test_a_box_and_a_list_of_pnus(page: AppTest, fake: FakeVWorld) -> None:
    page.text_input(key="fetch-key").set_value(KEY)
    page.radio(key="fetch-by").set_value("box").run()
    page.text_input(key="fetch-box").set_value("127.03,37.46,127.032,37.462")
    page.button(key="fetch-start").click().run()
    assert len(page.session_state["siteplan.parcels"]) == 25
    page.radio(key="fetch-by").set_value("pnu").run()
    page.text_area(key="fetch-pnus").set_value(f"{DONG}100010000\n{DONG}100020000")
    page.button(key="fetch-start").click().run()
    assert len(page.session_state["siteplan.parcels"]) == 2
    assert fake.requests[-1]["attrFilter"] == f"pnu:=:{DONG}100020000"


def test_another_dong_by_its_code(page: AppTest) -> None:
    page.text_input(key="fetch-key").set_value(KEY)
    page.selectbox(key="fetch-dong").set_value("other").run()
    page.text_input(key="fetch-code").set_value("1165010300")
    page.button(key="fetch-start").click().run()
    assert len(page.session_state["siteplan.parcels"]) == 30


@pytest.mark.parametrize(
    ("key", "said"),
    [("", "This is no key"), ("WRONG-KEY-0000", "does not know this key")],
)
def test_a_wrong_key_is_refused_in_words_and_nothing_changes(
    page: AppTest, key: str, said: str
) -> None:
    before = page.session_state["siteplan.parcels"].digest
    page.text_input(key="fetch-key").set_value(key)
    page.button(key="fetch-start").click().run()
    assert not page.exception
    assert said in page.error[0].value
    assert page.session_state["siteplan.parcels"].digest == before
    page.text_input(key="fetch-key").set_value(KEY)
    page.button(key="fetch-start").click().run()
    assert not page.error


def test_the_key_stays_in_its_field(page: AppTest) -> None:
    assert page.text_input(key="fetch-key").proto.type == 1  # a password field
    page.text_input(key="fetch-key").set_value(KEY)
    page.button(key="fetch-start").click().run()
    holding = [name for name, value in page.session_state.items() if KEY in repr(value)]
    assert holding == ["fetch-key"]
    assert KEY not in json.dumps(dict(page.query_params))
    assert KEY not in page.session_state["siteplan.state"].scenario.to_json()
    shown = [str(node.value) for node in (*page.success, *page.caption, *page.error)]
    assert KEY not in " ".join(shown)
