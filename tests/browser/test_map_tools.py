"""The map's tools in a real browser, with the network denied: box, measure, search, keys, paper."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
from playwright.sync_api import Browser, Frame, Page, expect

from siteplan.io import read_parcels
from siteplan.maps.live import live_document, plan_map, write_map
from siteplan.maps.outlines import lon_lat
from siteplan.maps.style import colours
from tests.browser.apps.grid import NASTY, SIDE_M, grid_parcels, grid_plan
from tests.browser.conftest import ROOT, OfflineContext, StartApp
from tests.browser.test_live_map import APP, MAP, map_frame, open_map, place_on_page, rgb, view
from tests.browser.test_lots import until

TWINS = Path(__file__).parent / "apps" / "twin_app.py"
GRID = grid_parcels()
ACROSS = 10


@pytest.fixture(scope="module")
def address(start_app: StartApp) -> str:
    return start_app(APP)


@pytest.fixture
def opened(offline: OfflineContext, address: str) -> tuple[Page, Frame]:
    page = offline.new_page()
    frame = open_map(page, address)
    until(frame, "siteplan.state.figures.size > 0")
    return page, frame


def alone(offline: OfflineContext, path: Path, html: str) -> Page:
    """Open a document by itself; whatever goes wrong in it fails the test."""
    path.write_text(html, encoding="utf-8")
    page = offline.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto(path.as_uri())
    until(page.main_frame, "siteplan.state.layers.length > 0")
    page.wait_for_timeout(100)
    return page


def corner(page: Page, frame: Frame, row: int, *, dx: float, dy: float) -> tuple[float, float]:
    """Return a place on the page, so many pixels from a parcel's middle."""
    box = page.locator(MAP).bounding_box()
    assert box is not None
    x, y = place_on_page(frame, row)
    return box["x"] + x + dx, box["y"] + y + dy


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    page.mouse.move(*end)
    page.mouse.up()


def selected(frame: Frame) -> set[str]:
    return set(frame.evaluate("siteplan.state.selected"))


def until_selected(frame: Frame, rows: set[int]) -> None:
    wanted = sorted(f"lot-{row}" for row in rows)
    until(frame, f"[...siteplan.state.selected].sort().join() === {','.join(wanted)!r}")


def block_of(rows: range, columns: range) -> set[int]:
    return {row * ACROSS + column for row in rows for column in columns}


# ---------------------------------------------------------------- selection


def test_a_box_selects_every_parcel_whose_middle_it_holds_at_once(
    opened: tuple[Page, Frame],
) -> None:
    page, frame = opened
    # From a little outside the middle of lot 12 to a little outside that of lot 34: north is up.
    page.keyboard.down("Shift")
    drag(page, corner(page, frame, 12, dx=-4, dy=4), corner(page, frame, 34, dx=4, dy=-4))
    page.keyboard.up("Shift")
    until_selected(frame, block_of(range(1, 4), range(2, 5)))
    expect(page.get_by_text("clicked:")).to_contain_text("lot-12 lot-13 lot-14 lot-22")
    expect(frame.locator(".siteplan-chosen")).to_contain_text("9필지 선택")
    # Shift adds: a second box, and then a click.
    page.keyboard.down("Shift")
    drag(page, corner(page, frame, 56, dx=-4, dy=4), corner(page, frame, 57, dx=4, dy=-4))
    page.keyboard.up("Shift")
    until_selected(frame, block_of(range(1, 4), range(2, 5)) | {56, 57})
    page.locator(MAP).click(position=dict(zip("xy", place_on_page(frame, 0), strict=True)))
    until_selected(frame, {0})


def test_the_box_tool_replaces_and_neither_pans_nor_clicks(opened: tuple[Page, Frame]) -> None:
    page, frame = opened
    before = view(frame)
    frame.locator(".siteplan-tools button").first.click()
    expect(frame.locator(".siteplan-draw")).to_be_visible()
    drag(page, corner(page, frame, 66, dx=-4, dy=4), corner(page, frame, 67, dx=4, dy=-4))
    until_selected(frame, {66, 67})
    expect(frame.locator(".siteplan-draw")).to_have_count(0)
    assert view(frame) == pytest.approx(before)
    # Two clicks do what a drag does (WCAG 2.5.7).
    frame.locator(".siteplan-tools button").first.click()
    for row, offset in ((75, -4), (97, 4)):
        page.mouse.click(*corner(page, frame, row, dx=offset, dy=-offset))
    until_selected(frame, block_of(range(7, 10), range(5, 8)))


def test_a_box_is_set_with_keys_alone_and_escape_clears(opened: tuple[Page, Frame]) -> None:
    page, frame = opened
    frame.evaluate(
        "() => { const { map, layers } = siteplan.state;"
        " map.setView(layers[44].getBounds().getSouthWest(), map.getZoom(), { animate: false });"
        " map.getContainer().focus(); }"
    )
    page.keyboard.press("b")
    expect(frame.locator(".siteplan-draw")).to_be_visible()
    page.keyboard.press(" ")
    frame.evaluate(
        """() => {
          const { map, layers } = siteplan.state;
          map.setView(layers[56].getBounds().getNorthEast(), map.getZoom(), { animate: false });
        }"""
    )
    page.keyboard.press(" ")
    until_selected(frame, block_of(range(4, 6), range(4, 7)))
    page.keyboard.press("Escape")
    until_selected(frame, set())
    expect(page.get_by_text("clicked:")).to_contain_text("nothing")
    expect(frame.locator(".siteplan-chosen")).to_be_hidden()


def test_a_box_that_is_given_up_selects_nothing(opened: tuple[Page, Frame]) -> None:
    page, frame = opened
    frame.locator(".siteplan-tools button").first.click()
    page.mouse.click(*corner(page, frame, 66, dx=0, dy=0))
    page.keyboard.press("Escape")
    expect(frame.locator(".siteplan-draw")).to_have_count(0)
    assert selected(frame) == set()


# ---------------------------------------------------------------- keyboard


def test_parcels_are_gone_through_and_selected_by_keyboard(opened: tuple[Page, Frame]) -> None:
    page, frame = opened
    spoken = frame.locator(".siteplan-spoken")
    page.locator(MAP).focus()
    page.keyboard.press("Tab")
    assert frame.evaluate("document.activeElement === siteplan.state.map.getContainer()")
    page.keyboard.press("Home")
    expect(spoken).to_contain_text(NASTY)
    page.keyboard.press("n")
    expect(spoken).to_contain_text("필지 1, 양재동 1")
    m2 = int(grid_plan(GRID).parcel_gfa_m2[1])
    expect(spoken).to_contain_text(f"{m2:,} m²" if m2 else "연면적 없음")
    expect(spoken).to_contain_text("대지면적 2,500 m²")
    assert frame.evaluate("siteplan.state.selected.length") == 0
    page.keyboard.press("Enter")
    until_selected(frame, {1})
    page.keyboard.press("p")
    page.keyboard.press("p")
    expect(spoken).to_contain_text("필지 99, 양재동 99")
    assert inside(frame, 99)


def inside(frame: Frame, row: int) -> bool:
    found: bool = frame.evaluate(
        "(row) => siteplan.state.map.getBounds().contains(siteplan.state.layers[row].getBounds())",
        row,
    )
    return found


def test_the_ring_is_seen_and_moves_the_map_to_its_parcel(opened: tuple[Page, Frame]) -> None:
    page, frame = opened
    frame.evaluate(
        "() => { const { map, layers } = siteplan.state;"
        " map.setView(layers[0].getBounds().getCenter(), 18, { animate: false });"
        " map.getContainer().focus(); }"
    )
    before = ring_pixels(frame)
    page.keyboard.press("End")
    assert inside(frame, 99)
    assert before == 0
    page.wait_for_timeout(100)
    assert ring_pixels(frame) > 100
    page.keyboard.press("Escape")
    page.wait_for_timeout(100)
    assert ring_pixels(frame) == 0


def ring_pixels(frame: Frame) -> int:
    """Return how many pixels of the selection's canvas have the colour of the focus."""
    found: int = frame.evaluate(
        """() => {
          const canvas = siteplan.state.map.getPane("siteplan-selection").querySelector("canvas");
          if (!canvas) return 0;
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          let seen = 0;
          for (let i = 0; i < data.length; i += 4) {
            const [r, g, b, a] = data.slice(i, i + 4);
            if (a > 200 && Math.abs(r - 0) < 9 && Math.abs(g - 114) < 9 && Math.abs(b - 178) < 9) {
              seen++;
            }
          }
          return seen;
        }"""
    )
    return found


def test_arrows_and_plus_move_the_map_and_letters_act_only_on_it(
    opened: tuple[Page, Frame],
) -> None:
    page, frame = opened
    frame.evaluate("siteplan.state.map.getContainer().focus()")
    before = view(frame)
    page.keyboard.press("ArrowUp")
    page.wait_for_timeout(500)
    moved = view(frame)
    assert moved[0] > before[0]
    page.keyboard.press("+")
    page.wait_for_timeout(500)
    assert view(frame)[2] > moved[2]
    frame.locator(".siteplan-tools button").nth(1).focus()
    page.keyboard.press("b")
    expect(frame.locator(".siteplan-draw")).to_have_count(0)
    frame.evaluate("siteplan.state.map.getContainer().focus()")
    page.keyboard.press("?")
    expect(frame.get_by_role("dialog")).to_contain_text("Esc")
    page.keyboard.press("Escape")
    expect(frame.get_by_role("dialog")).to_be_hidden()


def test_the_list_of_keys_names_every_key_that_acts(opened: tuple[Page, Frame]) -> None:
    _, frame = opened
    frame.locator(".siteplan-tools button").nth(3).click()
    told = frame.locator(".siteplan-help dt").all_inner_texts()
    listed = {key.strip().lower() for line in told for key in line.split(",")}
    assert {"enter", "n", "p", "home", "end", "/", "b", "m", "?", "esc"} <= listed


# ---------------------------------------------------------------- measuring


def latlng_to_page(page: Page, frame: Frame, lonlat: list[float]) -> tuple[float, float]:
    box = page.locator(MAP).bounding_box()
    assert box is not None
    x, y = frame.evaluate(
        """([lon, lat]) => {
          const { x, y } = siteplan.state.map.latLngToContainerPoint([lat, lon]);
          return [x, y];
        }""",
        lonlat,
    )
    return box["x"] + x, box["y"] + y


def test_projection_is_that_of_the_parcels_areas(offline: OfflineContext, tmp_path: Path) -> None:
    page = alone(offline, tmp_path / "map.html", live_document(grid_parcels(4), lang="en"))
    to_work = pyproj.Transformer.from_crs(4326, 5186, always_xy=True)
    for lon in np.linspace(124.5, 131.0, 6):
        for lat in np.linspace(33.0, 38.6, 5):
            told = page.evaluate("([lat, lng]) => siteplan.inMetres({ lat, lng })", [lat, lon])
            assert (told["x"], told["y"]) == pytest.approx(to_work.transform(lon, lat), abs=5e-3)


def test_a_line_is_measured_as_it_is_drawn(opened: tuple[Page, Frame]) -> None:
    page, frame = opened
    frame.locator(".siteplan-tools button").nth(1).click()
    figure = frame.locator(".siteplan-draw .figure")
    # Four lots east and two lots north: middles of lots, 60 m apart.
    for row in (75, 79, 99):
        page.mouse.click(*corner(page, frame, row, dx=0, dy=0))
        page.wait_for_timeout(350)
    expect(figure).to_contain_text("거리")
    assert metres(figure.inner_text()) == pytest.approx(6 * SIDE_M, abs=2 * metres_per_pixel(frame))
    # The same in degrees on the ellipsoid.
    points = frame.evaluate(
        """() => [75, 79, 99].map((row) => {
          const { lat, lng } = siteplan.state.layers[row].getBounds().getCenter();
          return [lng, lat];
        })"""
    )
    lon, lat = zip(*points, strict=True)
    geodesic_m = pyproj.Geod(ellps="GRS80").line_length(lon, lat)
    assert geodesic_m == pytest.approx(6 * SIDE_M, rel=1e-3)
    # The pointer runs ahead of the next point.
    settled = metres(figure.inner_text())
    x, y = corner(page, frame, 99, dx=-60, dy=0)
    page.mouse.move(x, y)
    running = metres(figure.inner_text())
    assert running == pytest.approx(settled + 60 * metres_per_pixel(frame), rel=5e-3)
    page.keyboard.press("Backspace")
    page.keyboard.press("Escape")
    expect(frame.locator(".siteplan-draw")).to_have_count(0)


def metres_per_pixel(frame: Frame) -> float:
    lat, _, zoom = view(frame)
    return 40_075_017 * math.cos(math.radians(lat)) / 256 / 2**zoom


def metres(text: str) -> float:
    found = re.search(r"([\d,.]+) m(?!²)", text)
    assert found is not None, text
    return float(found[1].replace(",", ""))


def square_metres(text: str) -> float:
    found = re.search(r"([\d,.]+) m²", text)
    assert found is not None, text
    return float(found[1].replace(",", ""))


def test_areas_are_those_of_the_register(offline: OfflineContext, tmp_path: Path) -> None:
    parcels = read_parcels()
    page = alone(offline, tmp_path / "map.html", live_document(parcels, lang="en"))
    row = parcels.index["YJ-225"]
    ring = lon_lat(shapely.get_coordinates(shapely.get_exterior_ring(parcels.geometry[row])))[:-1]
    outline_m2 = float(shapely.area(parcels.geometry[row]))
    page.evaluate(
        """(row) => {
          const { map, layers } = siteplan.state;
          map.fitBounds(layers[row].getBounds(), { animate: false, padding: [120, 120] });
        }""",
        row,
    )
    page.locator(".siteplan-tools button").nth(1).click()
    page.get_by_role("button", name="Area", exact=True).click()
    # The figure of the outline's very corners, set by the tool's own hand.
    told = page.evaluate(
        """(ring) => {
          const { map } = siteplan.state;
          const originalEvent = new MouseEvent("click");
          for (const [lon, lat] of ring) {
            map.fire("click", { latlng: L.latLng(lat, lon), originalEvent });
          }
          return document.querySelector(".siteplan-draw .figure").textContent;
        }""",
        ring.tolist(),
    )
    assert square_metres(told) == pytest.approx(outline_m2, rel=1e-4)
    around_m = float(shapely.length(parcels.geometry[row]))
    assert metres(told.partition("·")[2]) == pytest.approx(around_m, rel=1e-3)


def test_sides_that_cross_have_no_area(opened: tuple[Page, Frame]) -> None:
    page, frame = opened
    frame.evaluate("siteplan.state.map.getContainer().focus()")
    page.keyboard.press("m")
    frame.get_by_role("button", name="면적", exact=True).click()
    for row in (75, 79, 95, 99):
        page.mouse.click(*corner(page, frame, row, dx=0, dy=0))
        page.wait_for_timeout(350)
    expect(frame.locator(".siteplan-draw .figure")).not_to_contain_text("m²")
    assert selected(frame) == set()


# ---------------------------------------------------------------- search


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("1165010200102250000", "YJ-225"),
        ("yj-225", "YJ-225"),
        ("양재동 225", "YJ-225"),
        ("양재동225", "YJ-225"),
        ("225", "YJ-225"),
        ("하림", "YJ-225"),
        ("화물 양재", "YJ-225"),
        ("229", "YJ-229"),
        ("229-7", "YJ-229-7"),
    ],
)
def test_search_finds_by_pnu_id_lot_number_and_part_of_a_name(
    offline: OfflineContext, tmp_path: Path, typed: str, found: str
) -> None:
    page = alone(offline, tmp_path / "map.html", live_document(read_parcels(), lang="ko"))
    before = view(page.main_frame)
    page.get_by_role("combobox").fill(typed)
    page.keyboard.press("Enter")
    until(page.main_frame, f"siteplan.state.selected.join() === {found!r}")
    assert inside(page.main_frame, read_parcels().index[found])
    assert view(page.main_frame)[2] > before[2]


def test_search_in_the_app_selects_by_keyboard(opened: tuple[Page, Frame]) -> None:
    page, frame = opened
    frame.evaluate("siteplan.state.map.getContainer().focus()")
    page.keyboard.press("/")
    field = frame.get_by_role("combobox")
    expect(field).to_be_focused()
    page.keyboard.type("필지 4")
    options = frame.get_by_role("option")
    expect(options).to_have_count(8)
    expect(options.first).to_contain_text("필지 4")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    second = options.nth(1).locator(".first").inner_text()
    assert field.get_attribute("aria-activedescendant") == options.nth(1).get_attribute("id")
    page.keyboard.press("Enter")
    until_selected(frame, {int(second.removeprefix("필지 "))})
    expect(options).to_have_count(0)


def test_search_shows_texts_from_files_as_text(opened: tuple[Page, Frame]) -> None:
    _, frame = opened
    frame.get_by_role("combobox").fill("script")
    expect(frame.get_by_role("option").first).to_contain_text(NASTY)
    assert frame.locator("#siteplan-found img, #siteplan-found script").count() == 0
    assert frame.evaluate("window.nasty") is None
    frame.get_by_role("combobox").fill("nowhere at all")
    expect(frame.locator(".siteplan-search .answers")).to_contain_text("찾은 필지가 없습니다")


# ---------------------------------------------------------------- colours


def test_mixed_parcels_show_both_colours_on_the_canvas(
    offline: OfflineContext, tmp_path: Path
) -> None:
    plan = grid_plan(grid_parcels(16))
    style = colours(plan, colour_by="mix", lang="en")
    mixed = [row for row, i in enumerate(style.index.tolist()) if style.palette[i].hatch]
    assert mixed
    page = alone(
        offline,
        tmp_path / "map.html",
        plan_map(plan, lang="en", colour_by="mix").get_root().render(),
    )
    page.wait_for_timeout(300)
    look = style.palette[int(style.index[mixed[0]])]
    for colour in (look.fill, look.ink):
        wanted = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
        assert painted(page, mixed[0], wanted) > 20


def painted(page: Page, row: int, wanted: list[int]) -> int:
    """Return how many pixels inside a parcel have about this colour."""
    found: int = page.evaluate(
        """([row, wanted]) => {
          const layer = siteplan.state.layers[row];
          const { min, max } = layer._rawPxBounds;
          const from = min.subtract(layer._renderer._bounds.min);
          const size = max.subtract(min);
          const pen = layer._renderer._ctx;
          const { data } = pen.getImageData(from.x, from.y, size.x, size.y);
          let seen = 0;
          for (let i = 0; i < data.length; i += 4) {
            if (wanted.every((value, at) => Math.abs(data[i + at] - value) < 26)) seen++;
          }
          return seen;
        }""",
        [row, wanted],
    )
    return found


def test_the_tooltip_tells_the_change(offline: OfflineContext, tmp_path: Path) -> None:
    parcels = grid_parcels(36)
    before, now = grid_plan(parcels, research_pct=20), grid_plan(parcels, research_pct=70)
    html = plan_map(now, lang="en", colour_by="change", against=before).get_root().render()
    page = alone(offline, tmp_path / "map.html", html)
    page.wait_for_timeout(300)
    difference = now.gfa_m2 - before.gfa_m2
    row = int(np.flatnonzero(difference.any(axis=1))[-1])
    x, y = place_on_page(page.main_frame, row)
    page.mouse.move(x, y)
    told = page.locator(".siteplan-tooltip .use .change").all_inner_texts()
    wanted = [
        f"{'+' if m2 > 0 else '−'}{abs(m2):,} m²" if m2 else "±0 m²"
        for m2, one, other in zip(difference[row], now.gfa_m2[row], before.gfa_m2[row], strict=True)
        if one or other
    ]
    assert told == wanted
    page.locator(".siteplan-chooser select").select_option("use")
    page.wait_for_timeout(200)
    page.mouse.move(x + 3, y + 3)
    assert page.locator(".siteplan-tooltip .change").count() == 0


# ---------------------------------------------------------------- paper


def test_the_map_prints_on_one_sheet_with_all_that_belongs_there(
    offline: OfflineContext, tmp_path: Path
) -> None:
    plan = grid_plan(grid_parcels())
    page = alone(offline, tmp_path / "map.html", plan_map(plan, lang="en").get_root().render())
    page.wait_for_timeout(300)
    before = view(page.main_frame)
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    width, height = (float(side) for side in re.findall(rb"[\d.]+", media_box(pdf))[2:4])
    assert (width, height) == pytest.approx((842, 595), abs=1)
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    sheet = page.locator("body")
    for text in ("Grid", "Dominant use", "Research", plan.scenario_id, "Schematic data: 66 of 100"):
        expect(sheet).to_contain_text(text)
    for part in (".siteplan-north", ".leaflet-control-scale", "aside .swatch"):
        expect(page.locator(part).first).to_be_visible()
    for part in (
        ".siteplan-tools",
        ".siteplan-search",
        ".leaflet-control-zoom",
        ".siteplan-chooser",
    ):
        expect(page.locator(part)).to_be_hidden()
    stills = page.locator(".siteplan-still")
    assert stills.count() == page.locator("canvas").count()
    assert stills.evaluate_all("(all) => all.every((one) => one.complete && one.naturalWidth > 0)")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert view(page.main_frame) == pytest.approx(before)
    expect(page.locator(".siteplan-tools")).to_be_visible()
    assert stills.count() == 0


def media_box(pdf: bytes) -> bytes:
    found = re.search(rb"/MediaBox\s*\[([^\]]*)\]", pdf)
    assert found is not None
    return found[1]


def test_the_app_lets_the_map_open_the_print_dialog_only(opened: tuple[Page, Frame]) -> None:
    page, frame = opened
    frame.evaluate("() => { window.print = () => { window.asked = true; }; }")
    frame.locator(".siteplan-tools button").nth(2).click()
    assert frame.evaluate("window.asked")
    rights = page.locator(MAP).get_attribute("sandbox")
    assert sorted((rights or "").split()) == ["allow-modals", "allow-scripts"]


# ---------------------------------------------------------------- twins and tiles


@pytest.fixture(scope="module")
def twins(start_app: StartApp) -> str:
    return start_app(TWINS)


def both_maps(page: Page, address: str) -> list[Frame]:
    page.goto(address)
    frames = []
    for place in range(2):
        element = page.locator(MAP).nth(place)
        element.wait_for(timeout=60_000)
        frame = element.element_handle().content_frame()
        assert frame is not None
        until(frame, "typeof siteplan !== 'undefined' && siteplan.state.painted !== null")
        frames.append(frame)
    return frames


def test_twin_maps_move_together(offline: OfflineContext, twins: str) -> None:
    page = offline.new_page()
    one, other = both_maps(page, twins)
    page.wait_for_timeout(300)
    for led, following, place in (
        (one, other, [37.4735, 127.0366]),
        (other, one, [37.4742, 127.0372]),
    ):
        led.evaluate("(at) => { siteplan.state.map.setView(at, 18, { animate: false }); }", place)
        page.wait_for_timeout(300)
        assert view(following) == pytest.approx([*place, 18], abs=6e-6)
        assert view(led) == pytest.approx([*place, 18], abs=6e-6)
    # While a hand drags one of them, the other keeps pace.
    box = page.locator(MAP).first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 300, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 250, box["y"] + 180, steps=5)
    page.wait_for_timeout(200)
    assert view(other) == pytest.approx(view(one), abs=6e-6)
    page.mouse.up()
    page.wait_for_timeout(400)
    assert view(other) == pytest.approx(view(one), abs=6e-6)
    assert view(one)[1] > 127.0372
    expect(other.locator(".siteplan-legend summary")).to_contain_text("Change against Grid")


@pytest.mark.parametrize(("width_px", "beside"), [(1100, True), (770, True), (640, False)])
def test_all_parcels_are_seen_beside_an_open_legend(
    offline: OfflineContext, tmp_path: Path, *, width_px: int, beside: bool
) -> None:
    path = tmp_path / "plan.html"
    write_map(grid_plan(grid_parcels(36)), path, lang="ko", colour_by="mix")
    page = offline.new_page()
    page.set_viewport_size({"width": width_px, "height": 560})
    page.goto(path.as_uri())
    page.wait_for_selector(".siteplan-legend li")
    west_px, east_px = page.evaluate(
        """() => {
          const { map, group } = siteplan.state;
          const all = group.getBounds();
          return [all.getNorthWest(), all.getSouthEast()].map(
            (at) => map.latLngToContainerPoint(at).x);
        }"""
    )
    legend = page.locator(".siteplan-legend").bounding_box()
    assert legend is not None
    assert (west_px > legend["x"] + legend["width"]) == beside
    assert 0 < west_px < east_px < width_px


def test_maps_that_open_without_a_size_show_all_parcels_once_they_have_one(
    offline: OfflineContext, twins: str
) -> None:
    page = offline.new_page()
    # What Streamlit has not laid out yet: the frames load, and are 0 by 0 pixels.
    page.add_init_script(
        """document.addEventListener("DOMContentLoaded", () => {
          const style = document.createElement("style");
          style.id = "not-yet";
          style.textContent = '[data-testid="stBidiComponentIsolated"] { display: none; }';
          document.head.append(style);
        });"""
    )
    page.goto(twins)
    frames = []
    for place in range(2):
        element = page.locator(MAP).nth(place)
        element.wait_for(timeout=60_000, state="attached")
        frame = element.element_handle().content_frame()
        assert frame is not None
        until(frame, "typeof siteplan !== 'undefined' && siteplan.state.painted !== null")
        assert frame.evaluate("siteplan.state.map.getSize().x") == 0
        frames.append(frame)
    page.evaluate("document.getElementById('not-yet').remove()")
    for frame in frames:
        until(frame, "!siteplan.state.unseen")
        assert frame.evaluate(
            "siteplan.state.map.getBounds().contains(siteplan.state.group.getBounds())"
        )
        assert view(frame)[2] < 19
    # Where a frame without a size looks is not where the other goes.
    one, other = frames
    before = view(other)
    page.locator(MAP).first.evaluate("(frame) => { frame.style.width = '9px'; }")
    until(one, "siteplan.state.map.getSize().x === 9")
    one.evaluate("siteplan.state.map.setView([37.47, 127.03], 20, { animate: false }) && null")
    page.wait_for_timeout(300)
    assert view(other) == pytest.approx(before)


def test_either_side_of_the_divider_shows_its_own_plan(offline: OfflineContext, twins: str) -> None:
    page = offline.new_page()
    page.goto(f"{twins}/?swipe=1")
    page.wait_for_selector(f"{MAP}[data-drawn-seq]", timeout=60_000)
    frame = map_frame(page)
    until(frame, "siteplan.state.before !== null")
    parcels = grid_parcels(36)
    plans = [grid_plan(parcels, research_pct=pct) for pct in (20, 70)]
    fills = [
        [style.palette[swatch].fill for swatch in style.index.tolist()]
        for style in (colours(plan, lang="en") for plan in plans)
    ]
    row = next(row for row in range(36) if fills[0][row] != fills[1][row])
    frame.locator(".siteplan-legend summary").click()  # out of the way
    divider = frame.get_by_role("slider")
    for key, side in (("Home", 1), ("End", 0)):
        divider.press(key)
        assert canvas_pixel(frame, row, dx=4) == pytest.approx(rgb(fills[side][row]), abs=40)
    # Dragged to the middle of the parcel, it shows either plan on its side.
    x, _ = place_on_page(frame, row)
    box, handle = page.locator(MAP).bounding_box(), divider.bounding_box()
    assert box is not None
    assert handle is not None
    # At the map's edge, half of the handle is left to hold.
    middle = (handle["x"] + handle["width"] / 2 - 12, handle["y"] + handle["height"] / 2)
    drag(page, middle, (box["x"] + x, middle[1]))
    for dx, side in ((-8, 0), (8, 1)):
        assert canvas_pixel(frame, row, dx=dx) == pytest.approx(rgb(fills[side][row]), abs=40)
    # So does the tooltip.
    told = frame.locator(".siteplan-tooltip")
    for dx, side in ((-10, 0), (10, 1)):
        page.mouse.move(*corner(page, frame, row, dx=dx, dy=12))
        m2 = int(plans[side].parcel_gfa_m2[row])
        expect(told).to_contain_text(f"{m2:,} m²" if m2 else "No floor area in this plan")


def canvas_pixel(frame: Frame, row: int, *, dx: int) -> list[int]:
    """Return red, green, blue of the parcels' canvas near a parcel's middle."""
    found: list[int] = frame.evaluate(
        """([row, dx]) => {
          const layer = siteplan.state.layers[row];
          const middle = layer._rawPxBounds.getCenter().add([dx, 0]);
          const at = middle.subtract(layer._renderer._bounds.min);
          return [...layer._renderer._ctx.getImageData(at.x, at.y, 1, 1).data].slice(0, 3);
        }""",
        [row, dx],
    )
    return found


def test_tiles_are_fetched_with_the_readers_own_key_from_their_host_only(
    browser: Browser, start_app: StartApp
) -> None:
    address = start_app(TWINS, SITEPLAN_TEST_KEY="MY-OWN-KEY")
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    asked: list[str] = []
    documents: list[str] = []

    def judge(route: Any) -> None:
        url = route.request.url
        if "127.0.0.1" in url:
            route.continue_()
            return
        asked.append(url)
        route.abort()

    context.route("**/*", judge)
    page = context.new_page()
    page.on("response", lambda r: documents.append(r.url) if "siteplan/map" in r.url else None)
    frames = both_maps(page, address)
    page.wait_for_timeout(500)
    assert asked
    start = "https://api.vworld.kr/req/wmts/1.0.0/MY-OWN-KEY/Base/"
    assert all(url.startswith(start) for url in asked)
    text = page.request.get(documents[0]).text()
    assert "MY-OWN-KEY" not in text
    assert "https://api.vworld.kr" in text
    expect(frames[0].locator(".leaflet-control-attribution")).to_contain_text("VWorld")
    context.close()


@pytest.mark.parametrize("width_px", [360, 390, 640, 770, 1400])
def test_controls_do_not_cover_each_other(
    offline: OfflineContext, tmp_path: Path, width_px: int
) -> None:
    plan = grid_plan(grid_parcels(16))
    page = alone(offline, tmp_path / "map.html", plan_map(plan, lang="ko").get_root().render())
    page.set_viewport_size({"width": width_px, "height": 780})
    page.evaluate("siteplan.select(['lot-1', 'lot-2'])")
    boxes = page.evaluate(
        """() => [".siteplan-chooser", ".siteplan-search", ".leaflet-control-zoom",
          ".siteplan-tools", ".siteplan-chosen", ".leaflet-control-layers", ".siteplan-legend"]
          .map((name) => {
            const { left, top, right, bottom } = document.querySelector(name)
              .getBoundingClientRect();
            return [left, top, right, bottom];
          })"""
    )
    shapes = [shapely.box(*box) for box in boxes]
    for at, one in enumerate(shapes):
        assert shapely.box(0, 0, width_px, 780).contains(one), boxes[at]
        for other in shapes[at + 1 :]:
            assert one.intersection(other).area == 0
    small = page.evaluate(
        """() => [...document.querySelectorAll("button")]
          .filter((one) => one.offsetParent)
          .map((one) => [one.offsetWidth, one.offsetHeight])"""
    )
    assert all(width >= 24 and height >= 24 for width, height in small)


def test_the_documents_own_door_is_there(offline: OfflineContext, start_app: StartApp) -> None:
    """A box on the map reaches the app's state: several parcels selected, ready to be merged."""
    page = offline.new_page()
    page.goto(f"{start_app(ROOT / 'streamlit_app.py')}/?lang=en")
    page.wait_for_selector(f"{MAP}[data-drawn-seq]", timeout=60_000)
    frame = map_frame(page)
    until(frame, "siteplan.state.painted !== null")
    frame.evaluate(
        """() => {
          const rows = ["YJ-224", "YJ-225"];
          window.parent.postMessage(
            { type: "siteplan:box", parcels: [...rows, "nobody"], additive: false }, "*");
        }"""
    )
    until(frame, "siteplan.state.selected.join() === 'YJ-224,YJ-225'")
    expect(page.locator(".st-key-merge-lots button:visible").first).to_contain_text("Merge 2 lots")
