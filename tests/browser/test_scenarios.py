"""Work that comes back, scenarios saved, compared and shared, by planners who do not disturb."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from siteplan.io import read_parcels
from tests.browser.conftest import ROOT, OfflineContext, StartApp
from tests.browser.test_journey import (
    click_parcel,
    drawn,
    number,
    open_app,
    press_slider,
)
from tests.browser.test_live_map import MAP, wait_for_drawn

WORK = re.compile(r"work=[0-9a-z]+")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scenarios") / "s.sqlite"


@pytest.fixture(scope="module")
def address(start_app: StartApp, store: Path) -> str:
    return start_app(ROOT / "streamlit_app.py", SITEPLAN_STORE=str(store))


def go(page: Page, link: str, words: str) -> None:
    page.get_by_role("link", name=link, exact=True).click()
    expect(page.get_by_text(words, exact=True).first).to_be_visible(timeout=30_000)


def press(page: Page, key: str) -> None:
    page.locator(f".st-key-{key}").get_by_role("button").first.click()


def test_a_reload_of_the_address_restores_the_work(offline: OfflineContext, address: str) -> None:
    page = offline.new_page()
    frame = open_app(page, f"{address}/?lang=en")
    assert "work=" not in page.url
    press_slider(page, "housing", "PageUp")
    press_slider(page, "housing", "PageUp")
    click_parcel(page, frame, read_parcels().index["YJ-225"])
    moved = number(page, "housing")
    before = WORK.search(page.url)
    assert before is not None
    page.reload()
    page.wait_for_selector(f"{MAP}[data-drawn-seq]", timeout=60_000)
    assert number(page, "housing") == moved
    expect(page.locator(".st-key-parcel-panel")).to_contain_text("1165010200102250000")
    expect(page).to_have_url(WORK)
    assert before[0] not in page.url  # a tab of its own from here
    assert "lang=en" in page.url
    seen = drawn(page)
    press(page, "undo")
    wait_for_drawn(page, after=seen)
    assert number(page, "housing") != moved
    # The page changes, and the address still opens the work.
    go(page, "Figures", "People and homes")
    expect(page).to_have_url(WORK)
    expect(page).to_have_url(re.compile("lang=en"))


def test_the_address_costs_no_rerun_of_its_own(offline: OfflineContext, address: str) -> None:
    page = offline.new_page()
    asked: list[object] = []
    page.on("websocket", lambda ws: ws.on("framesent", lambda frame: asked.append(frame)))  # noqa: PLW0108
    open_app(page, f"{address}/?lang=en")
    page.wait_for_timeout(1_500)
    counts = []
    for _ in range(3):
        asked.clear()
        press_slider(page, "culture", "PageUp")
        page.wait_for_timeout(800)
        counts.append(len(asked))
    assert "work=" in page.url
    assert counts == [1, 1, 1]


def test_two_planners_do_not_disturb_each_other(
    browser: Browser, offline: OfflineContext, address: str
) -> None:
    one = offline.new_page()
    open_app(one, f"{address}/?lang=en")
    press_slider(one, "research", "PageUp")
    mine = number(one, "research")
    other_context = browser.new_context()
    other_context.route("**/*", offline.judge)
    other = other_context.new_page()
    open_app(other, one.url)  # the same address, in a hurry
    assert number(other, "research") == mine
    press_slider(other, "research", "PageDown")
    press_slider(other, "research", "PageDown")
    theirs = number(other, "research")
    press_slider(one, "culture", "PageUp")
    mine = number(one, "research")
    for page, research in ((one, mine), (other, theirs)):
        page.reload()
        page.wait_for_selector(f"{MAP}[data-drawn-seq]", timeout=60_000)
        assert number(page, "research") == research
    other_context.close()


def test_another_process_on_the_same_store_goes_on(
    offline: OfflineContext, address: str, store: Path, start_app: StartApp
) -> None:
    page = offline.new_page()
    open_app(page, f"{address}/?lang=en")
    press_slider(page, "campus", "PageUp")
    moved = number(page, "campus")
    word = WORK.search(page.url)
    assert word is not None
    restarted = start_app(ROOT / "streamlit_app.py", SITEPLAN_STORE=str(store))
    page.wait_for_timeout(500)
    open_app(page, f"{restarted}/?lang=en&{word[0]}")
    assert number(page, "campus") == moved


def test_a_scenario_is_saved_compared_and_shared_read_only(
    browser: Browser, offline: OfflineContext, address: str
) -> None:
    page = offline.new_page()
    open_app(page, f"{address}/?lang=en")
    press_slider(page, "housing", "PageUp")
    shown = number(page, "housing")
    go(page, "Scenarios", "Name of the present scenario")
    name = page.locator(".st-key-scenario-name input")
    name.fill("For the mayor")
    name.press("Enter")
    press(page, "scenario-save")
    expect(page.locator(".st-key-present")).to_contain_text("Saved as revision 1")
    press(page, "scenario-share")
    link = page.locator(".st-key-present code").inner_text(timeout=30_000)
    assert re.fullmatch(rf"{re.escape(address)}/\?share=[0-9a-z]+&lang=en", link)

    page.get_by_role("radio", name="Side by side").click()
    chosen = page.locator(".st-key-compare-chosen")
    expect(chosen).to_contain_text("Present: For the mayor")
    table = page.locator(".sp-compare").first
    expect(table).to_contain_text(f"{shown:,}", timeout=30_000)
    expect(table.get_by_text("▼", exact=False).first).to_be_visible()
    expect(page.locator(MAP)).to_have_count(2, timeout=30_000)
    with page.expect_download() as waited:
        press(page, "comparison-csv")
    assert waited.value.suggested_filename == "siteplan-comparison.csv"

    guests = browser.new_context()
    guests.route("**/*", offline.judge)
    guest = guests.new_page()
    open_app(guest, link)
    banner = guest.locator(".st-key-shared-view")
    expect(banner).to_contain_text("Shared scenario, read-only: For the mayor")
    assert number(guest, "housing") == shown
    guest.locator("[data-use=research] .slider").press("PageUp")
    said = guest.get_by_text("nothing of it can be changed").filter(visible=True)
    expect(said.first).to_be_visible()
    expect(guest.locator("[data-use=housing] .move .entry")).to_have_value(f"{shown:,}")
    research = number(guest, "research")
    press(guest, "work-on-copy")
    expect(banner).to_have_count(0)
    expect(guest).to_have_url(WORK)
    assert "share=" not in guest.url
    press_slider(guest, "research", "PageUp")
    assert number(guest, "research") > research
    again = guests.new_page()
    open_app(again, link)
    assert number(again, "research") == research
    guests.close()


def test_the_first_minutes_are_guided_and_then_out_of_the_way(
    offline: OfflineContext, address: str
) -> None:
    page = offline.new_page()
    open_app(page, f"{address}/?lang=ko")
    guide = page.locator(".st-key-welcome")
    expect(guide).to_be_visible()
    page.get_by_role("button", name="준비된 시나리오").click()
    seen = drawn(page)
    page.locator(".st-key-take-up-housing_rich").get_by_role("button").first.click()
    wait_for_drawn(page, after=seen)
    assert number(page, "housing") == 81_000
    page.keyboard.press("Escape")
    press(page, "welcome-close")
    expect(guide).to_have_count(0)
    page.reload()
    page.wait_for_selector(f"{MAP}[data-drawn-seq]", timeout=60_000)
    assert number(page, "housing") == 81_000
    expect(guide).to_have_count(0)
