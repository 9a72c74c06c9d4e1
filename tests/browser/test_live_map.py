"""The live map in a real browser, with the network denied."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page

from siteplan.maps.live import write_map
from siteplan.maps.style import CLOSED, UNUSED, USE_COLOURS
from siteplan.parcels import Parcels
from siteplan.uses import USES
from tests.browser.apps.grid import NASTY, grid_parcels, grid_plan
from tests.browser.conftest import OfflineContext, StartApp

APP = Path(__file__).parent / "apps" / "live_map_app.py"
MAP = '[data-testid="stBidiComponentIsolated"] iframe'
NASTY_ROW = 0


@pytest.fixture(scope="module")
def address(start_app: StartApp) -> str:
    return start_app(APP)


def open_map(page: Page, address: str) -> Frame:
    page.goto(address)
    page.wait_for_selector(f"{MAP}[data-drawn-seq]", timeout=60_000)
    return map_frame(page)


def map_frame(page: Page) -> Frame:
    frame = page.locator(MAP).element_handle().content_frame()
    assert frame is not None
    return frame


def drawn_seq(page: Page) -> int:
    return int(page.locator(MAP).get_attribute("data-drawn-seq") or 0)


def wait_for_drawn(page: Page, *, after: int) -> None:
    page.wait_for_function(
        "([frame, after]) => Number(frame.dataset.drawnSeq) > after",
        arg=[page.locator(MAP).element_handle(), after],
    )


def move_slider(page: Page, key: str) -> None:
    before = drawn_seq(page)
    page.locator("input[type=range]").first.press(key)
    wait_for_drawn(page, after=before)


def fills(frame: Frame) -> list[str]:
    found: list[str] = frame.evaluate("siteplan.state.layers.map((l) => l.options.fillColor)")
    return found


def expected_fills(parcels: Parcels, *, research_pct: float) -> list[str]:
    plan = grid_plan(parcels, research_pct=research_pct)
    colours = []
    for row in range(len(parcels)):
        gfa_m2 = plan.gfa_m2[row]
        if gfa_m2.any():
            colours.append(USE_COLOURS[USES[int(gfa_m2.argmax())]])
        else:
            colours.append(CLOSED if row == len(parcels) - 1 else UNUSED)
    return colours


def pixel(frame: Frame, row: int) -> list[int]:
    """Red, green, blue on the canvas, 4 pixels inside the parcel's upper left corner."""
    found: list[int] = frame.evaluate(
        """(row) => {
          const layer = siteplan.state.layers[row];
          const canvas = layer._renderer._container;
          const at = layer._pxBounds.min.add([8, 8]).subtract(layer._renderer._bounds.min);
          const ratio = window.devicePixelRatio > 1 ? 2 : 1;
          const context = canvas.getContext("2d");
          return [...context.getImageData(at.x * ratio, at.y * ratio, 1, 1).data].slice(0, 3);
        }""",
        row,
    )
    return found


def view(frame: Frame) -> list[float]:
    found: list[float] = frame.evaluate(
        "(() => { const m = siteplan.state.map, c = m.getCenter();"
        " return [c.lat, c.lng, m.getZoom()]; })()"
    )
    return found


def look_elsewhere(frame: Frame) -> None:
    frame.evaluate(
        "() => { siteplan.state.map.setView([37.477, 127.036], 17.5, {animate: false}); }"
    )


def place_on_page(frame: Frame, row: int) -> tuple[float, float]:
    """Return where a parcel's middle is inside the frame, in pixels."""
    x, y = frame.evaluate(
        """(row) => {
          const middle = siteplan.state.layers[row].getBounds().getCenter();
          const { x, y } = siteplan.state.map.latLngToContainerPoint(middle);
          return [x, y];
        }""",
        row,
    )
    return x, y


def rgb(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def test_map_is_drawn_once_and_restyled(offline: OfflineContext, address: str) -> None:
    page = offline.new_page()
    frame = open_map(page, address)
    parcels = grid_parcels()
    assert fills(frame) == expected_fills(parcels, research_pct=45)

    page.locator(MAP).evaluate("(frame) => { frame.mark = 'same'; }")
    look_elsewhere(frame)
    before = view(frame)
    for _ in range(5):
        move_slider(page, "PageUp")

    assert page.locator(MAP).evaluate("(frame) => frame.mark") == "same"
    assert map_frame(page) is frame
    assert view(frame) == pytest.approx(before)
    research_pct = float(page.locator("input[type=range]").first.input_value())
    assert research_pct > 45
    wanted = expected_fills(parcels, research_pct=research_pct)
    assert fills(frame) == wanted
    assert wanted != expected_fills(parcels, research_pct=45)


def test_used_parcels_show_the_colour_of_their_use(offline: OfflineContext, address: str) -> None:
    page = offline.new_page()
    frame = open_map(page, address)
    wanted = expected_fills(grid_parcels(), research_pct=45)
    used = [row for row, colour in enumerate(wanted) if colour in USE_COLOURS.values()]
    assert used
    for row in used:
        assert pixel(frame, row) == pytest.approx(rgb(wanted[row]), abs=3)


def test_click_brings_the_parcels_id_to_python(offline: OfflineContext, address: str) -> None:
    page = offline.new_page()
    frame = open_map(page, address)
    x, y = place_on_page(frame, 37)
    page.locator(MAP).click(position={"x": x, "y": y})
    page.wait_for_selector("text=lot-37")
    assert frame.evaluate("siteplan.state.map.getPane('siteplan-selection') !== null")
    frame.wait_for_function("siteplan.state.selected.join() === 'lot-37'")


def test_enter_picks_the_parcel_in_the_middle(offline: OfflineContext, address: str) -> None:
    page = offline.new_page()
    frame = open_map(page, address)
    frame.evaluate(
        "() => { const { map, layers } = siteplan.state;"
        " map.setView(layers[12].getBounds().getCenter(), 18, {animate: false});"
        " map.getContainer().focus(); }"
    )
    page.keyboard.press("Enter")
    page.wait_for_selector("text=lot-12")


def test_names_from_files_are_text(offline: OfflineContext, address: str) -> None:
    page = offline.new_page()
    frame = open_map(page, address)
    x, y = place_on_page(frame, NASTY_ROW)
    page.locator(MAP).hover(position={"x": x, "y": y})
    frame.wait_for_selector(".siteplan-tooltip strong")
    assert frame.locator(".siteplan-tooltip strong").inner_text() == NASTY
    assert frame.locator(".siteplan-tooltip img, .siteplan-label img").count() == 0
    assert frame.evaluate("window.nasty") is None


def test_change_of_language_keeps_the_view(offline: OfflineContext, address: str) -> None:
    page = offline.new_page()
    frame = open_map(page, address)
    look_elsewhere(frame)
    before = view(frame)
    page.wait_for_timeout(100)
    seq = drawn_seq(page)
    page.get_by_test_id("stSelectbox").locator("input").click()
    page.get_by_role("option", name="en").click()
    wait_for_drawn(page, after=seq)
    changed = map_frame(page)
    assert changed.evaluate("document.documentElement.lang") == "en"
    assert view(changed) == pytest.approx(before)


def test_map_works_below_a_base_path(offline: OfflineContext, start_app: StartApp) -> None:
    page = offline.new_page()
    frame = open_map(page, start_app(APP, base_path="plans/yangjae"))
    assert "/plans/yangjae/siteplan/map/" in frame.url
    assert len(fills(frame)) == len(grid_parcels())


def test_document_is_sealed_off(offline: OfflineContext, address: str) -> None:
    page = offline.new_page()
    frame = open_map(page, address)
    assert frame.evaluate("self.origin") == "null"
    with urllib.request.urlopen(frame.url, timeout=10) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert "immutable" in answer.headers["Cache-Control"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-scripts" in policy
    refused = frame.evaluate("fetch('/_stcore/health').then(() => 'fetched', () => 'refused')")
    assert refused == "refused"


def test_messages_from_elsewhere_are_ignored(offline: OfflineContext, address: str) -> None:
    page = offline.new_page()
    frame = open_map(page, address)
    before = fills(frame)
    frame.evaluate("window.postMessage({type: 'siteplan:theme', theme: 'dark'}, '*')")
    page.wait_for_timeout(200)
    assert frame.evaluate("siteplan.state.theme") == "light"
    assert fills(frame) == before


def test_written_map_opens_by_itself(offline: OfflineContext, tmp_path: Path) -> None:
    plan = grid_plan(grid_parcels())
    path = tmp_path / "plan.html"
    write_map(plan, path, lang="en")
    page = offline.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(path.as_uri())
    page.wait_for_selector(".siteplan-legend li")
    frame = page.main_frame
    assert fills(frame) == expected_fills(plan.parcels, research_pct=45)
    page.locator(".siteplan-chooser select").select_option("score:housing")
    assert page.locator(".siteplan-legend summary").inner_text() == "Suitability for Housing"
    assert frame.evaluate("window.nasty") is None
    assert errors == []
