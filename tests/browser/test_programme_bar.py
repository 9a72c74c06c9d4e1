"""The programme bar under a hand: drags, keys, typing, locks, and reruns that get in between."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from siteplan.io import default_scenario
from siteplan.programme import rebalance
from siteplan.uses import USES
from tests.browser.conftest import ROOT, OfflineContext, StartApp
from tests.browser.test_live_map import MAP

BAR = ".st-key-programme"
AT_REST = '[data-test-script-state="notRunning"]'


@pytest.fixture(scope="module")
def address(start_app: StartApp) -> str:
    return start_app(ROOT / "streamlit_app.py")


@pytest.fixture
def page(offline: OfflineContext, address: str) -> Page:
    page = offline.new_page()
    page.add_init_script(COUNT_RERUNS)
    page.goto(f"{address}/?lang=en")
    page.wait_for_selector(f"{MAP}[data-drawn-seq]", timeout=60_000)
    page.wait_for_selector(AT_REST)
    return page


# What goes from the browser to the server asks for a rerun; there is nothing else to say.
COUNT_RERUNS = """
window.reruns = 0;
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (data) {
  window.reruns += 1;
  return send.call(this, data);
};
"""


def row(page: Page, use: str) -> Locator:
    return page.locator(f"{BAR} [data-use={use}]")


def slider(page: Page, use: str) -> Locator:
    return row(page, use).locator(".slider")


def entry(page: Page, use: str) -> Locator:
    return row(page, use).locator(".move .entry")


def shown_m2(page: Page) -> list[int]:
    """Return the m² that the rows show, previews included."""
    texts = [row(page, use).locator(".part").inner_text() for use in USES]
    return [int(re.sub(r"\D", "", text.split(" m²")[0])) for text in texts]


def drag(page: Page, use: str, to_pct: float) -> None:
    """Take the thumb to a place on the track and hold it there."""
    box = slider(page, use).bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    thumb = float(slider(page, use).evaluate("(s) => s.value / s.max"))

    def x(ratio: float) -> float:
        return box["x"] + 12 + (box["width"] - 24) * ratio

    page.mouse.move(x(thumb), middle)
    page.mouse.down()
    page.mouse.move(x(to_pct / 100), middle, steps=5)


def reruns_of(page: Page, act: Callable[[], None]) -> int:
    """Return how many reruns the browser asked for, once all is at rest."""
    before = int(page.evaluate("window.reruns"))
    act()
    expect(page.locator(f"{BAR} .waiting")).to_have_count(0)
    page.wait_for_timeout(600)
    page.wait_for_selector(AT_REST)
    return int(page.evaluate("window.reruns")) - before


def test_a_drag_previews_as_the_server_then_answers_and_costs_one_rerun(page: Page) -> None:
    before = int(page.evaluate("window.reruns"))
    drag(page, "housing", 10)
    preview = shown_m2(page)
    wished = preview[2]
    assert abs(wished - 27_000) < 2_000
    exact = rebalance(default_scenario().programme, "housing", wished).targets
    assert preview == pytest.approx([entry.target_m2 for entry in exact], abs=1)
    expect(row(page, "research").locator(".part")).to_contain_text("≈")
    expect(row(page, "housing").locator(".part")).not_to_contain_text("≈")
    assert page.evaluate("window.reruns") == before
    assert reruns_of(page, page.mouse.up) == 1
    assert shown_m2(page) == [entry.target_m2 for entry in exact]
    assert sum(shown_m2(page)) == 270_000
    expect(page.locator(f"{BAR} .part", has_text="≈")).to_have_count(0)


def test_all_to_one_use_and_back_previews_and_gives_what_the_others_had(page: Page) -> None:
    before = [entry.target_m2 for entry in default_scenario().programme.targets]
    drag(page, "research", 100)
    reruns_of(page, page.mouse.up)
    assert shown_m2(page) == [270_000, 0, 0, 0]
    expect(page.locator(f"{BAR} .note", has_text="in the proportions that")).to_be_visible()
    drag(page, "research", 45)
    preview = shown_m2(page)
    rest_m2 = 270_000 - preview[0]
    old_m2 = [m2 or 0 for m2 in before[1:]]
    wanted = [rest_m2 * m2 / sum(old_m2) for m2 in old_m2]
    assert preview[1:] == pytest.approx(wanted, abs=1)
    reruns_of(page, page.mouse.up)
    assert shown_m2(page) == pytest.approx(preview, abs=1)


def test_a_slider_does_not_jump_back_after_release(page: Page) -> None:
    slider(page, "housing").evaluate("""(s) => {
      window.seen = [];
      const look = () => { window.seen.push(Number(s.value)); requestAnimationFrame(look); };
      s.addEventListener("pointerup", look);
    }""")
    drag(page, "housing", 10)
    wished = shown_m2(page)[2]
    reruns_of(page, page.mouse.up)
    assert set(page.evaluate("window.seen")) == {wished}


def test_what_does_not_fit_is_told_while_dragging_and_explained_after(page: Page) -> None:
    drag(page, "housing", 60)
    expect(row(page, "housing").locator(".range")).to_contain_text("Does not fit: can take 0 m² to")
    page.mouse.up()
    expect(page.locator('[data-testid="stAlert"]')).to_contain_text("does not fit")
    assert shown_m2(page)[2] > 150_000
    slider(page, "housing").focus()
    page.keyboard.press("Home")
    page.keyboard.press("End")  # as far as it fits
    expect(page.locator('[data-testid="stAlert"]')).to_have_count(0)


def test_a_drag_near_the_end_of_the_range_stops_at_it_exactly(page: Page) -> None:
    words = row(page, "housing").locator(".range").inner_text()
    most_m2 = int(re.sub(r"\D", "", words.rsplit(" to ", 1)[1].removesuffix("m²")))
    drag(page, "housing", most_m2 / 2_700 + 0.7)
    assert shown_m2(page)[2] == most_m2
    page.mouse.up()


def test_keys_move_in_steps_and_a_burst_is_one_event(page: Page) -> None:
    research = slider(page, "research")
    research.focus()

    def burst() -> None:
        for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "PageUp", "ArrowUp", "PageDown"):
            page.keyboard.press(key)

    assert reruns_of(page, burst) == 1
    assert shown_m2(page)[0] == 121_700
    assert research.evaluate("(s) => s.getRootNode().activeElement === s")
    assert research.get_attribute("aria-valuetext") == "121,700 m² · 45.1 %"
    assert reruns_of(page, lambda: page.keyboard.press("End")) == 1
    assert shown_m2(page)[0] == 270_000
    page.keyboard.press("Home")
    page.keyboard.press("Escape")
    assert shown_m2(page)[0] == 270_000


def test_typed_figures_are_read_as_people_write_them(page: Page) -> None:
    for text, area_m2 in (("60,000", 60_000), ("30%", 81_000), ("2만", 20_000)):
        entry(page, "housing").fill(text)
        entry(page, "housing").press("Enter")
        expect(entry(page, "housing")).to_have_value(f"{area_m2:,}")
    entry(page, "housing").fill("a lot")
    entry(page, "housing").press("Enter")
    expect(row(page, "housing").get_by_role("alert")).to_contain_text("“a lot” is no floor area")
    expect(entry(page, "housing")).to_have_attribute("aria-invalid", "true")
    expect(entry(page, "housing")).to_have_value("20,000")


def test_what_is_being_typed_survives_a_rerun(page: Page) -> None:
    slider(page, "research").press("PageUp")  # sent when the keys have come to rest
    entry(page, "culture").click()
    entry(page, "culture").press("Control+a")
    page.keyboard.type("12")
    expect(entry(page, "research")).to_have_value("122,500")
    page.wait_for_selector(AT_REST)
    page.wait_for_timeout(500)
    page.keyboard.type(",500")
    expect(entry(page, "culture")).to_have_value("12,500")
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    page.wait_for_selector(AT_REST)
    assert shown_m2(page)[3] == 12_500
    assert sum(shown_m2(page)) == 270_000


def test_events_that_meet_in_one_rerun_are_all_carried_out(page: Page) -> None:
    lock = row(page, "campus").get_by_role("button", name="Lock Campus")
    for _ in range(3):
        lock.click()
    expect(lock).to_have_attribute("aria-pressed", "true")
    entry(page, "housing").fill("60000")
    entry(page, "housing").press("Enter")
    entry(page, "culture").fill("30000")
    entry(page, "culture").press("Enter")
    expect(page.locator(f"{BAR} .waiting")).to_have_count(0)
    page.wait_for_selector(AT_REST)
    found = dict(zip(USES, shown_m2(page), strict=True))
    assert found["campus"] == 67_500
    assert found["culture"] == 30_000
    assert sum(found.values()) == 270_000
    undo = page.get_by_role("button", name="Undo")
    for _ in range(5):  # three locks and two figures
        expect(undo).to_be_enabled()
        undo.click()
        page.wait_for_timeout(300)
        page.wait_for_selector(AT_REST)
    expect(undo).to_be_disabled()
    assert shown_m2(page) == [121_500, 67_500, 54_000, 27_000]


def test_a_lock_is_said_in_words_and_holds(page: Page) -> None:
    lock = row(page, "research").get_by_role("button", name="Lock Research")
    expect(lock).to_have_attribute("aria-pressed", "false")
    lock.press("Enter")
    expect(lock).to_have_attribute("aria-pressed", "true")
    expect(row(page, "research").locator(".tag")).to_have_text("locked")
    slider(page, "housing").press("PageUp")
    expect(entry(page, "housing")).to_have_value("55,000")
    assert shown_m2(page)[0] == 121_500


def test_bounds_are_opened_set_and_kept_open(page: Page) -> None:
    campus = row(page, "campus")
    opens = campus.get_by_role("button", name="Bounds")
    opens.press("Enter")
    least = campus.get_by_label("Campus, at least (m²)")
    least.fill("60,000")
    least.press("Enter")
    expect(campus.locator(".opens")).to_have_text("Bounds: at least 60,000 m²")
    expect(least).to_be_visible()
    campus.get_by_label("Let the allocation choose between them").check()
    expect(campus.locator(".tag")).to_have_text("free")
    lock = campus.get_by_role("button", name="Lock Campus")
    expect(lock).to_have_attribute("aria-disabled", "true")


def test_another_total_moves_all_and_a_change_of_page_keeps_it(page: Page) -> None:
    total = page.get_by_label("Total gross floor area (m²)")
    total.fill("135,000")
    total.press("Enter")
    expect(entry(page, "research")).to_have_value("60,750")
    page.get_by_role("link", name="Data", exact=True).click()
    expect(page.get_by_text("Parcels on screen", exact=True)).to_be_visible()
    page.get_by_role("link", name="Plan", exact=True).click()
    expect(total).to_have_value("135,000")
    slider(page, "research").press("PageUp")  # a new bar counts its events from one again
    expect(entry(page, "research")).to_have_value("61,750")


@pytest.mark.parametrize("width_px", [360, 1400])
def test_targets_are_large_enough_and_nothing_is_cut_off(page: Page, width_px: int) -> None:
    page.set_viewport_size({"width": width_px, "height": 900})
    page.wait_for_timeout(500)
    row(page, "campus").get_by_role("button", name="Bounds").click()
    sizes = page.locator(BAR).evaluate(
        """(root) => {
          const shadow = root.querySelector('[data-testid="stBidiComponentIsolated"]').shadowRoot;
          const bar = shadow.querySelector(".programme").getBoundingClientRect();
          return [...shadow.querySelectorAll("input:not([type=checkbox]), button, .check")]
            .map((one) => [one.className, one.getBoundingClientRect()])
            .filter(([, box]) => box.width)
            .map(([name, box]) => [name, box.width, box.height, bar.right - box.right]);
        }"""
    )
    assert len(sizes) == 1 + 4 * 4 + 3
    for name, wide_px, high_px, room_px in sizes:
        assert min(wide_px, high_px) >= 24, name
        assert room_px >= -1, name
