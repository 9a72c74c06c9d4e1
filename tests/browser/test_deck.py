"""The 3-D view in a real browser, with the network denied."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ROOT, OfflineContext, StartApp

CHART = '[data-testid="stDeckGlJsonChart"]'


@pytest.fixture(scope="module")
def address(start_app: StartApp) -> str:
    return start_app(ROOT / "streamlit_app.py")


def open_chart(page: Page, address: str) -> None:
    page.goto(f"{address}/?lang=en")
    page.locator('a[href*="massing"]').first.click(timeout=60_000)
    page.wait_for_selector(f"{CHART} canvas", timeout=60_000)
    page.wait_for_timeout(3_000)  # the canvas tells nobody when it has been drawn


def colours_on(page: Page, path: Path) -> int:
    from PIL import Image

    path.write_bytes(page.locator(CHART).screenshot())
    found = Image.open(io.BytesIO(path.read_bytes())).convert("RGB").getcolors(1 << 20)
    assert found is not None
    return len(found)


def test_it_draws_offline_and_a_click_selects(
    offline: OfflineContext, address: str, tmp_path: Path
) -> None:
    page = offline.new_page()
    open_chart(page, address)
    assert colours_on(page, tmp_path / "chart.png") > 50
    box = page.locator(CHART).bounding_box()
    assert box is not None
    # Below the middle of the view lies a lot, whichever one the plan puts there.
    for along in (0.5, 0.55, 0.45, 0.6):
        page.mouse.move(box["x"] + box["width"] * along, box["y"] + box["height"] * 0.6)
        page.wait_for_timeout(400)
        page.mouse.down()
        page.wait_for_timeout(60)
        page.mouse.up()
        page.wait_for_timeout(1_500)
        if not page.get_by_text("Click a building or a lot").is_visible():
            break
    expect(page.get_by_text("Click a building or a lot")).to_have_count(0)
    assert offline.attempted == []
