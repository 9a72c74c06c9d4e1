"""A planner's meeting, from the first wish to the files that go home with the mayor."""

from __future__ import annotations

import json
import re
import sqlite3
import zipfile
from pathlib import Path

import pyogrio
import pytest
from playwright.sync_api import Page, expect

from siteplan.io import read_parcels, read_plan
from tests.browser.conftest import ROOT, OfflineContext, StartApp
from tests.browser.test_journey import BAR, click_parcel, number, open_app, press_slider
from tests.browser.test_live_map import MAP, wait_for_drawn
from tests.browser.test_lots import EAST, WEST, look_at, pick, pressed, tool

USES = ("research", "campus", "housing", "culture")
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def address(start_app: StartApp) -> str:
    return start_app(ROOT / "streamlit_app.py")


def figures(page: Page) -> list[int]:
    return [number(page, use) for use in USES]


@pytest.mark.parametrize("size", [None, PHONE])
def test_move_lock_fail_and_repair(
    offline: OfflineContext, address: str, size: dict[str, int] | None
) -> None:
    page = offline.new_page()
    if size is not None:
        page.set_viewport_size(size)
    open_app(page, f"{address}/?lang=en")
    press_slider(page, "housing", "PageUp")
    page.locator(f"{BAR} [data-use=research] .lock").click()
    expect(page.locator(f"{BAR} [data-use=research] .lock")).to_have_attribute(
        "aria-pressed", "true"
    )
    locked_m2 = number(page, "research")
    field = page.locator(f"{BAR} [data-use=housing] .move .entry")
    field.fill("120000")
    field.press("Enter")
    expect(page.locator('[data-testid="stAlert"]').first).to_contain_text("does not fit")
    repair = page.locator(".st-key-repair-0 button")
    expect(repair).to_be_visible(timeout=30_000)
    repair.click()
    expect(page.locator('[data-testid="stAlert"]')).to_have_count(0, timeout=30_000)
    assert sum(figures(page)) == 270_000
    assert number(page, "research") == locked_m2


def test_another_way_of_allocating_is_chosen_and_told_more(
    offline: OfflineContext, address: str
) -> None:
    page = offline.new_page()
    open_app(page, f"{address}/?lang=en")
    start = figures(page)
    page.locator(".st-key-approach-open summary").click()
    page.get_by_text("Buildable parcels", exact=True).click()
    proof = page.locator('[data-approach="practical"]')
    expect(proof).to_contain_text("Proven", timeout=30_000)
    floors = page.locator(".st-key-practical-floors label")
    expect(floors).to_be_visible()  # still unfolded after the rerun
    floors.click()
    expect(proof).to_contain_text("fills its last floor only in part", timeout=30_000)
    assert figures(page) == start
    page.locator(".st-key-approach-open summary").click()
    expect(floors).to_have_count(0)
    expect(proof).to_contain_text("fills its last floor only in part")


def test_select_lock_merge_and_undo_all(offline: OfflineContext, address: str) -> None:
    page = offline.new_page()
    frame = open_app(page, f"{address}/?lang=en")
    start = figures(page)
    look_at(frame, EAST)
    page.wait_for_timeout(200)
    pick(page, frame, EAST)
    pick(page, frame, WEST, modifiers=["Shift"])
    expect(page.get_by_text("2 parcels selected")).to_be_visible(timeout=30_000)
    tool(page, "selection-hold").click()
    expect(page.get_by_text("You fixed").or_(page.get_by_text("You keep")).first).to_be_visible(
        timeout=30_000
    )
    frame = pressed(page, "merge-lots")
    expect(page.get_by_text("Merged and cut lots: 1")).to_be_visible(timeout=30_000)
    frame = pressed(page, "undo")
    tool(page, "undo").click()
    expect(tool(page, "undo")).to_be_disabled(timeout=30_000)
    expect(page.get_by_text("Merged and cut lots: 1")).to_have_count(0)
    assert figures(page) == start


def test_everything_is_exported_and_says_the_same(
    offline: OfflineContext, address: str, tmp_path: Path
) -> None:
    page = offline.new_page()
    open_app(page, f"{address}/?lang=en")
    press_slider(page, "culture", "PageUp")
    wanted = figures(page)
    page.get_by_role("link", name="Table and export").click()
    buttons = page.locator('[data-testid="stDownloadButton"] button:visible')
    expect(buttons.first).to_be_visible(timeout=30_000)
    expect(buttons).to_have_count(13)
    kept: dict[str, Path] = {}
    for button in buttons.all():
        with page.expect_download(timeout=60_000) as waited:
            button.click()
        name = waited.value.suggested_filename
        kept[name.split(".", 1)[0].rsplit("-", 1)[-1] + "." + name.split(".", 1)[1]] = (
            tmp_path / name
        )
        waited.value.save_as(tmp_path / name)
    files = {path.name: path for path in kept.values()}
    read_back = [
        path
        for name, path in files.items()
        if name.endswith((".geojson", ".gpkg", ".parquet", ".shp.zip"))
    ]
    assert len(read_back) == 4
    for path in read_back:
        frame = read_plan(path).frame
        assert [int(frame[f"gfa_{use}_m2"].sum()) for use in USES] == wanted, path.name
    (package,) = (path for name, path in files.items() if name.endswith(".gpkg"))
    assert sqlite3.connect(package).execute("select count(*) from gpkg_contents").fetchone()[0]
    (scenario,) = (path for name, path in files.items() if name.endswith(".scenario.json"))
    told = json.loads(scenario.read_text(encoding="utf-8"))["programme"]["uses"]
    assert [told[use]["target_m2"] for use in USES] == wanted
    (zipped,) = (path for name, path in files.items() if name.endswith(".shp.zip"))
    assert zipfile.ZipFile(zipped).testzip() is None
    (city,) = (path for name, path in files.items() if name.endswith(".city.json"))
    lots = json.loads(city.read_text(encoding="utf-8"))["CityObjects"].values()
    held = [lot["attributes"] for lot in lots if lot["type"] == "LandUse"]
    assert [sum(lot[f"gfa_{use}_m2"] for lot in held) for use in USES] == wanted
    (drawing,) = (path for name, path in files.items() if name.endswith(".dxf"))
    assert len(pyogrio.read_dataframe(drawing)) > len(held)
    for name, path in files.items():
        if name.endswith(".html"):
            offline_page = offline.new_page()
            offline_page.goto(path.as_uri())
            assert f"{wanted[2]:,}" in offline_page.content(), name
    assert sum(name.endswith(".html") for name in files) == 4


def test_a_lot_of_the_map_is_planned_by_years(offline: OfflineContext, address: str) -> None:
    page = offline.new_page()
    frame = open_app(page, f"{address}/?lang=ko")
    click_parcel(page, frame, read_parcels().index["YJ-223"])
    page.get_by_role("link", name="단계", exact=True).click()
    page.locator(".st-key-phases-on label").click()
    expect(page.get_by_text(re.compile("2028년 말"), exact=False).first).to_be_visible(
        timeout=30_000
    )
    page.get_by_role("link", name="계획", exact=True).click()
    page.wait_for_selector(f"{MAP}[data-drawn-seq]", timeout=60_000)
    # The same parcel is selected on the way back.
    expect(page.locator(".st-key-parcel-panel")).to_contain_text("양곡도매시장", timeout=30_000)
    wait_for_drawn(page, after=0)


def test_on_a_phone_the_programme_follows_the_map(offline: OfflineContext, address: str) -> None:
    page = offline.new_page()
    page.set_viewport_size(PHONE)
    open_app(page, f"{address}/?lang=ko")

    def top(part: str) -> float:
        box = page.locator(part).bounding_box()
        assert box is not None
        return box["y"]

    assert top(".st-key-figures") < top(MAP) < top(BAR) < top(".st-key-findings")
    under_map = page.locator(MAP).bounding_box()
    assert under_map is not None
    assert top(BAR) - (under_map["y"] + under_map["height"]) < 60


def test_the_programme_stays_in_sight_beside_a_long_panel(
    offline: OfflineContext, address: str
) -> None:
    page = offline.new_page()
    page.set_viewport_size({"width": 1400, "height": 900})
    frame = open_app(page, f"{address}/?lang=ko")
    look_at(frame, EAST)
    pick(page, frame, EAST)
    page.wait_for_selector(".st-key-parcel-panel", timeout=30_000)
    page.locator(".st-key-findings").scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    expect(page.locator(f"{BAR} [data-use=research] .track")).to_be_in_viewport()
    expect(page.locator(".st-key-findings")).to_be_in_viewport()
