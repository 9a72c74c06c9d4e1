"""Merging and cutting lots in the real app: by mouse, by finger and by keyboard."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Frame, Locator, Page, expect

from siteplan.io import read_parcels
from tests.browser.conftest import ROOT, OfflineContext, StartApp
from tests.browser.test_live_map import MAP, map_frame, view

PARCELS = read_parcels()
EAST, WEST = "YJ-224", "YJ-225"


@pytest.fixture(scope="module")
def address(start_app: StartApp) -> str:
    return start_app(ROOT / "streamlit_app.py")


def open_app(page: Page, address: str, *, lang: str = "en") -> Frame:
    page.goto(f"{address}/?lang={lang}")
    page.wait_for_selector(f"{MAP}[data-drawn-seq]", timeout=60_000)
    frame = map_frame(page)
    until(frame, "siteplan.state.painted !== null")
    return frame


def until(frame: Frame, expression: str) -> None:
    """Wait until JavaScript is true; the document's policy forbids Playwright's own waiting."""
    for _ in range(100):
        with contextlib.suppress(PlaywrightError):
            if frame.evaluate(expression):
                return
        frame.page.wait_for_timeout(100)
    pytest.fail(f"never true: {expression}")


def at(page: Page, frame: Frame, expression: str) -> dict[str, float]:
    """Return where a place (JavaScript giving a latLng) is on the map, settled, in pixels."""
    page.locator(MAP).scroll_into_view_if_needed()
    page.wait_for_timeout(400)  # the page may still be growing above the map
    point: dict[str, float] = frame.evaluate(
        f"""() => {{
          const row = (id) => siteplan.state.layers[
            JSON.parse(document.getElementById("siteplan-parcels").textContent).ids.indexOf(id)];
          const box = (id) => row(id).getBounds();
          const {{ x, y }} = siteplan.state.map.latLngToContainerPoint({expression});
          return {{ x, y }};
        }}"""
    )
    return point


def look_at(frame: Frame, parcel_id: str) -> None:
    frame.evaluate(
        """(id) => {
          const ids = JSON.parse(document.getElementById("siteplan-parcels").textContent).ids;
          const middle = siteplan.state.layers[ids.indexOf(id)].getBounds().getCenter();
          siteplan.state.map.setView(middle, 17, { animate: false });
        }""",
        parcel_id,
    )


def ids(frame: Frame) -> list[str]:
    found: list[str] = frame.evaluate(
        "JSON.parse(document.getElementById('siteplan-parcels').textContent).ids"
    )
    return found


def pick(page: Page, frame: Frame, parcel_id: str, **options: Any) -> None:
    point = at(page, frame, f"box('{parcel_id}').getCenter()")
    page.locator(MAP).click(position={"x": point["x"], "y": point["y"]}, **options)
    until(frame, f"siteplan.state.selected.includes('{parcel_id}')")


def tool(page: Page, key: str) -> Locator:
    return page.locator(f".st-key-{key} button:visible").first


def pressed(page: Page, key: str) -> Frame:
    """Press a tool that changes lots, and return the map's new document."""
    before = map_frame(page).url
    tool(page, key).click()
    return redrawn(page, before=before)


def redrawn(page: Page, *, before: str) -> Frame:
    page.wait_for_function(
        "([frame, before]) => frame.src !== before",
        arg=[page.locator(MAP).element_handle(), before],
    )
    frame = map_frame(page)
    frame.wait_for_url(lambda url: url != before and "siteplan/map" in url)
    until(frame, "typeof siteplan !== 'undefined' && siteplan.state.painted !== null")
    return frame


def test_two_parcels_are_selected_merged_and_taken_apart_again(
    offline: OfflineContext, address: str
) -> None:
    page = offline.new_page()
    frame = open_app(page, address)
    look_at(frame, EAST)
    page.wait_for_timeout(200)
    expect(tool(page, "merge-lots")).to_be_disabled()
    pick(page, frame, EAST)
    pick(page, frame, WEST, modifiers=["Shift"])
    expect(tool(page, "merge-lots")).to_have_text("joinMerge 2 lots")
    seen = view(frame)
    frame = pressed(page, "merge-lots")
    new = set(ids(frame)) - set(PARCELS.ids)
    assert len(new) == 1
    assert set(PARCELS.ids) - set(ids(frame)) == {EAST, WEST}
    assert view(frame) == pytest.approx(seen)
    until(frame, "siteplan.state.selected.length === 1")
    expect(page.get_by_text("Merged and cut lots: 1")).to_be_visible()
    expect(page.locator(".st-key-parcel-panel")).to_contain_text("외 1필지")
    frame = pressed(page, "undo")
    assert ids(frame) == list(PARCELS.ids)
    frame = pressed(page, "redo")
    assert new <= set(ids(frame))


def test_a_line_drawn_across_a_lot_cuts_it(offline: OfflineContext, address: str) -> None:
    page = offline.new_page()
    frame = open_app(page, address)
    look_at(frame, "YJ-223")
    page.wait_for_timeout(200)
    pick(page, frame, "YJ-223")
    tool(page, "cut-lot").click()
    bar = frame.locator(".siteplan-draw")
    expect(bar).to_be_visible()
    expect(bar.get_by_role("button", name="Cut")).to_be_disabled()
    for place in ("[box('YJ-223').getNorth() + 1e-4, box('YJ-223').getCenter().lng - 2e-4]",
                  "[box('YJ-223').getSouth(), box('YJ-223').getCenter().lng]"):  # fmt: skip
        page.locator(MAP).click(position=at(page, frame, place))
    before = frame.url
    bar.get_by_role("button", name="Cut").click()
    frame = redrawn(page, before=before)
    assert {"YJ-223.1", "YJ-223.2"} <= set(ids(frame))
    assert "YJ-223" not in ids(frame)
    page.get_by_text("Merged and cut lots: 1").click()
    before = frame.url
    tool(page, "drop-edit-0").click()
    frame = redrawn(page, before=before)
    assert ids(frame) == list(PARCELS.ids)


def test_a_line_can_be_drawn_with_keys_alone_and_given_up(
    offline: OfflineContext, address: str
) -> None:
    page = offline.new_page()
    frame = open_app(page, address)
    look_at(frame, "YJ-223")
    page.wait_for_timeout(200)
    pick(page, frame, "YJ-223")
    tool(page, "cut-lot").click()
    expect(frame.locator(".siteplan-draw")).to_be_visible()
    page.keyboard.press("Escape")
    expect(frame.locator(".siteplan-draw")).to_have_count(0)
    expect(tool(page, "cut-lot")).to_contain_text("Cut the lot")
    tool(page, "cut-lot").click()
    expect(frame.locator(".siteplan-draw")).to_be_visible()
    before = frame.url
    page.keyboard.press(" ")
    frame.evaluate("() => { siteplan.state.map.panBy([0, 60], { animate: false }); }")
    page.keyboard.press(" ")
    page.keyboard.press("Enter")
    frame = redrawn(page, before=before)
    assert {"YJ-223.1", "YJ-223.2"} <= set(ids(frame))


def test_a_line_that_misses_the_lot_is_refused_in_words(
    offline: OfflineContext, address: str
) -> None:
    page = offline.new_page()
    frame = open_app(page, address)
    look_at(frame, "YJ-223")
    page.wait_for_timeout(200)
    pick(page, frame, "YJ-223")
    tool(page, "cut-lot").click()
    expect(frame.locator(".siteplan-draw")).to_be_visible()
    for x in (300, 340):
        page.locator(MAP).click(position={"x": x, "y": 20})
    page.keyboard.press("Enter")
    expect(page.get_by_text("does not cut").filter(visible=True)).to_be_visible()
    assert ids(map_frame(page)) == list(PARCELS.ids)
    expect(tool(page, "cut-lot")).to_contain_text("Cut the lot")


def test_on_a_phone_lots_are_chosen_and_cut_by_touch(offline: OfflineContext, address: str) -> None:
    context = offline.context.browser
    assert context is not None
    phone = context.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    phone.route("**/*", offline.judge)
    page = phone.new_page()
    frame = open_app(page, address, lang="ko")
    page.locator(".st-key-select-several label").first.tap()
    page.wait_for_timeout(500)
    look_at(frame, EAST)
    page.wait_for_timeout(200)
    for parcel_id in (EAST, WEST):
        page.locator(MAP).scroll_into_view_if_needed()
        point = at(page, frame, f"box('{parcel_id}').getCenter()")
        page.locator(MAP).tap(position={"x": point["x"], "y": point["y"]})
        until(frame, f"siteplan.state.selected.includes('{parcel_id}')")
    expect(tool(page, "merge-lots")).to_be_enabled()
    frame = pressed(page, "merge-lots")
    assert len(ids(frame)) == len(PARCELS) - 1
    (merged,) = set(ids(frame)) - set(PARCELS.ids)
    look_at(frame, merged)
    tool(page, "cut-lot").tap()
    bar = frame.locator(".siteplan-draw")
    expect(bar).to_be_visible()
    # The whole lot lies above the bar, so that a finger reaches both of its sides.
    edge = at(page, frame, f"box('{merged}').getSouthWest()")
    assert edge["y"] < frame.evaluate("document.querySelector('.siteplan-draw').offsetTop")
    for side in ("getNorth() + 1e-4", "getSouth()"):
        page.locator(MAP).scroll_into_view_if_needed()
        place = f"[box('{merged}').{side}, box('{merged}').getCenter().lng]"
        page.locator(MAP).tap(position=at(page, frame, place))
    before = frame.url
    bar.get_by_role("button", name="분할").tap()
    frame = redrawn(page, before=before)
    assert {f"{merged}.1", f"{merged}.2"} <= set(ids(frame))
    phone.close()


@pytest.mark.parametrize("width_px", [390, 1400])
def test_the_drawing_bar_stands_below_the_lot(
    offline: OfflineContext, address: str, width_px: int
) -> None:
    page = offline.new_page()
    page.set_viewport_size({"width": width_px, "height": 844})
    frame = open_app(page, address)
    look_at(frame, "YJ-223")
    page.locator(MAP).scroll_into_view_if_needed()
    page.wait_for_timeout(600)
    pick(page, frame, "YJ-223")
    # The lot lies at the bottom of the map, where the bar will stand.
    frame.evaluate(
        """() => {
          const { map } = siteplan.state;
          map.panBy([0, 120 - map.getSize().y / 2], { animate: false });
        }"""
    )
    tool(page, "cut-lot").click()
    expect(frame.locator(".siteplan-draw")).to_be_visible()
    south = at(page, frame, "box('YJ-223').getSouthWest()")["y"]
    bar, size = frame.evaluate(
        """() => {
          const { left, right, top, bottom } = document.querySelector(".siteplan-draw")
            .getBoundingClientRect();
          return [{ left, right, top, bottom }, siteplan.state.map.getSize()];
        }"""
    )
    assert south < bar["top"]
    assert size["y"] - 10 <= bar["bottom"] <= size["y"]
    assert bar["left"] + bar["right"] == pytest.approx(size["x"], abs=2)
    assert bar["bottom"] - bar["top"] < size["y"] / 4
