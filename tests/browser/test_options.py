"""The Options page in a real browser, with the network denied."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ROOT, OfflineContext, StartApp

CHART = '[data-testid="stVegaLiteChart"]'


@pytest.fixture(scope="module")
def address(start_app: StartApp) -> str:
    return start_app(ROOT / "streamlit_app.py")


def pressed(page: Page, key: str) -> None:
    """Press a button; on narrow screens Streamlit draws it a second time, unseen."""
    page.locator(f".st-key-{key} button:visible").click(timeout=60_000)


@pytest.mark.parametrize(("lang", "width_px"), [("en", 1400), ("ko", 390)])
def test_alternatives_are_drawn_offline_and_one_is_taken(
    offline: OfflineContext, address: str, tmp_path: Path, lang: str, width_px: int
) -> None:
    page = offline.new_page()
    page.set_viewport_size({"width": width_px, "height": 900})
    page.goto(f"{address}/options?lang={lang}")
    pressed(page, "options-find")
    pictures = page.locator(".st-key-options-cards img")
    expect(pictures).to_have_count(4, timeout=60_000)
    for number in range(4):
        one = pictures.nth(number)
        assert one.evaluate("img => img.complete && img.naturalWidth") > 0
        assert one.get_attribute("alt")
    # Nothing is wider than the screen.
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= width_px
    page.screenshot(path=tmp_path / f"options-{lang}-{width_px}.png", full_page=True)
    pressed(page, "options-take-1")
    expect(page.locator(".st-key-options-take-1-undo button:visible")).to_be_visible(timeout=60_000)
    expect(page.locator(".st-key-options-take-1 button")).to_have_count(0)
    pressed(page, "options-take-1-undo")
    expect(page.locator(".st-key-options-take-1 button:visible")).to_be_visible(timeout=60_000)


def test_a_click_on_the_chart_chooses_a_point_and_keys_move_on(
    offline: OfflineContext, address: str
) -> None:
    page = offline.new_page()
    page.set_viewport_size({"width": 1400, "height": 1000})
    page.goto(f"{address}/options?lang=en")
    pressed(page, "front-find")
    expect(page.get_by_text("Point 11:")).to_be_visible(timeout=60_000)
    points = page.locator(f"{CHART} svg g.mark-symbol").first.locator("path")
    expect(points).to_have_count(21, timeout=60_000)
    points.first.click()
    expect(page.get_by_text("Point 1:")).to_be_visible(timeout=30_000)
    thumb = page.locator(".st-key-front-point input[type=range]")
    thumb.focus()
    thumb.press("ArrowRight")
    expect(page.get_by_text("Point 2:")).to_be_visible(timeout=30_000)
    pressed(page, "front-take")
    expect(page.locator(".st-key-front-take-undo button:visible")).to_be_visible(timeout=60_000)
