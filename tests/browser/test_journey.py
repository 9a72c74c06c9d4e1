"""The journeys that matter, in the real app with the network denied."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from playwright.sync_api import Frame, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from siteplan.evaluation import evaluate, move_use
from siteplan.io import default_scenario, read_parcels
from siteplan.maps.style import colours
from tests.browser.conftest import ROOT, OfflineContext, StartApp
from tests.browser.test_live_map import MAP, fills, map_frame, view, wait_for_drawn
from tests.io.troubled import pnu, troubled

POINTS = (
    b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},'
    b'"geometry":{"type":"Point","coordinates":[127.04,37.46]}}]}'
)
BAR = ".st-key-programme"
NASTY = '<img src=x onerror="window.nasty=1"></script><script>window.nasty=1</script>'


def old_download(folder: Path) -> bytes:
    """Return a zip as the national portal gave it: EPSG:5174, CP949, neither .prj nor .cpg.

    The lots carry numbers that no table of published places knows, so that nothing tells the
    three systems with these coordinates apart.
    """
    lots = [shapely.box(203_100 + 40 * i, 540_100, 203_140 + 40 * i, 540_150) for i in range(4)]
    frame = gpd.GeoDataFrame(
        {
            "PNU": [f"11650102001{900 + i:04d}0000" for i in range(4)],
            "JIBUN": [f"{900 + i}대" for i in range(4)],
        },
        geometry=lots,
        crs=5186,
    ).to_crs(5174)
    frame.to_file(folder / "LSMD_CONT_LDREG_11650.shp", encoding="cp949")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for part in sorted(folder.glob("LSMD*")):
            if part.suffix not in (".prj", ".cpg"):
                archive.write(part, part.name)
    return packed.getvalue()


@pytest.fixture(scope="module")
def address(start_app: StartApp) -> str:
    return start_app(ROOT / "streamlit_app.py")


def open_app(page: Page, address: str) -> Frame:
    page.goto(address)
    page.wait_for_selector(f"{MAP}[data-drawn-seq]", timeout=60_000)
    return map_frame(page)


def drawn(page: Page) -> int:
    return int(page.locator(MAP).get_attribute("data-drawn-seq") or 0)


def press_slider(page: Page, use: str, key: str) -> None:
    before = drawn(page)
    page.locator(f"{BAR} [data-use={use}] .slider").press(key)
    wait_for_drawn(page, after=before)


def number(page: Page, use: str) -> int:
    return int(page.locator(f"{BAR} [data-use={use}] .move .entry").input_value().replace(",", ""))


def click_parcel(page: Page, frame: Frame, row: int) -> None:
    x, y = frame.evaluate(
        """(row) => {
          const middle = siteplan.state.layers[row].getBounds().getCenter();
          siteplan.state.map.setView(middle, 17, {animate: false});
          const { x, y } = siteplan.state.map.latLngToContainerPoint(middle);
          return [x, y];
        }""",
        row,
    )
    panel = page.locator(".st-key-parcel-panel")
    for _ in range(3):
        # The page may still be growing above the map, which moves it away under the pointer.
        page.wait_for_timeout(400)
        page.locator(MAP).scroll_into_view_if_needed()
        box = page.locator(MAP).bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + x, box["y"] + y)
        with contextlib.suppress(PlaywrightTimeout):
            panel.wait_for(timeout=5_000)
            return
    pytest.fail("no panel opened after three clicks on the parcel")


def test_sliders_recolour_the_same_map_and_the_total_stays(
    offline: OfflineContext, address: str
) -> None:
    page = offline.new_page()
    frame = open_app(page, f"{address}/?lang=en")
    page.locator(MAP).evaluate("(frame) => { frame.mark = 'same'; }")
    frame.evaluate("() => { siteplan.state.map.setView([37.463, 127.037], 16, {animate: false}); }")
    seen = view(frame)
    scenario = default_scenario()
    parcels = read_parcels()
    for _ in range(5):
        press_slider(page, "research", "PageUp")
        scenario = move_use(parcels, scenario, use="research", gfa_m2=number(page, "research"))
    assert page.locator(MAP).evaluate("(frame) => frame.mark") == "same"
    assert view(frame) == pytest.approx(seen)
    values = [number(page, use) for use in ("research", "campus", "housing", "culture")]
    assert sum(values) == 270_000
    assert values[0] > 121_500
    plan = evaluate(parcels, scenario)
    assert plan.uses_gfa_m2.tolist() == values
    style = colours(plan, colour_by="use", lang="en")
    assert fills(frame) == [style.palette[i].fill for i in style.index.tolist()]


def test_a_click_on_the_map_opens_the_parcels_panel(offline: OfflineContext, address: str) -> None:
    page = offline.new_page()
    frame = open_app(page, f"{address}/?lang=en")
    click_parcel(page, frame, read_parcels().index["YJ-225"])
    panel = page.locator(".st-key-parcel-panel")
    expect(panel).to_contain_text("1165010200102250000")
    expect(panel).to_contain_text("Housing")
    expect(panel).to_contain_text("not permitted")


def test_a_decision_in_the_panel_changes_the_plan(offline: OfflineContext, address: str) -> None:
    page = offline.new_page()
    frame = open_app(page, f"{address}/?lang=en")
    click_parcel(page, frame, read_parcels().index["YJ-223"])
    available = page.locator(".st-key-decide-available input")
    expect(available).to_have_value("100.00")
    available.fill("0")
    available.press("Enter")
    expect(page.locator(".st-key-parcel-panel")).to_contain_text("Takes no part")


def test_the_browsers_language_is_taken_and_the_switch_keeps_the_work(
    offline: OfflineContext, address: str
) -> None:
    page = offline.new_page()  # the browser speaks en-US
    open_app(page, address)
    expect(page.get_by_text("Total gross floor area (m²)")).to_be_visible()
    press_slider(page, "culture", "PageUp")
    moved = number(page, "culture")
    page.get_by_role("radio", name="한국어").click()
    expect(page.get_by_text("연면적 총량 (m²)")).to_be_visible()
    assert number(page, "culture") == moved
    assert "lang=ko" in page.url


def test_the_language_of_the_address_stays_when_the_page_changes(
    offline: OfflineContext, address: str
) -> None:
    page = offline.new_page()  # the browser speaks en-US
    page.goto(f"{address}/data?lang=ko")
    expect(page.get_by_text("화면의 필지", exact=True)).to_be_visible(timeout=60_000)
    for link, words in (("계획", "연면적 총량 (m²)"), ("표와 내보내기", "내보내기")):
        page.get_by_role("link", name=link, exact=True).click()
        expect(page.get_by_text(words, exact=True).first).to_be_visible(timeout=60_000)


def test_an_infeasible_wish_is_explained_and_the_way_back_works(
    offline: OfflineContext, address: str
) -> None:
    page = offline.new_page()
    open_app(page, f"{address}/?lang=en")
    field = page.locator(f"{BAR} [data-use=housing] .move .entry")
    field.fill("200000")
    field.press("Enter")
    told = page.locator('[data-testid="stAlert"]')
    expect(told).to_contain_text("does not fit")
    page.get_by_text("Why, and what would help").click()
    folded = page.get_by_text("Housing may not stand in Distribution commercial (유통상업지역)")
    expect(folded.first).to_be_visible()
    field.fill("60000")
    field.press("Enter")
    expect(told).to_have_count(0)


def test_geojson_is_downloaded_and_holds_the_plan(
    offline: OfflineContext, address: str, tmp_path: Path
) -> None:
    page = offline.new_page()
    open_app(page, f"{address}/?lang=en")
    page.get_by_role("link", name="Table and export").click()
    with page.expect_download() as waited:
        page.get_by_role("button", name="GeoJSON", exact=True).click()
    kept = tmp_path / "plan.geojson"
    waited.value.save_as(kept)
    found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    assert sum(f["properties"]["gfa_total_m2"] for f in found["features"]) == 270_000
    assert found["siteplan"]["scenario_id"] in page.content()


class TestUpload:
    @staticmethod
    def open_data(page: Page, address: str) -> None:
        page.goto(f"{address}/data?lang=en")
        page.wait_for_selector(".st-key-upload", timeout=60_000)

    @staticmethod
    def hand_in(page: Page, name: str, content: bytes) -> None:
        page.locator(".st-key-upload input[type=file]").set_input_files(
            {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        )

    @staticmethod
    def accept(page: Page) -> None:
        # A rerun may show the old button beside the new one for a moment.
        ready = page.locator(".st-key-intake-accept button:enabled")
        expect(ready).to_have_count(1, timeout=30_000)
        ready.click()

    def test_a_cadastral_download_without_prj_is_asked_about_and_opened(
        self, offline: OfflineContext, address: str, tmp_path: Path
    ) -> None:
        """CP949 without .cpg, no .prj, old datum: three systems fit, and the person says which."""
        page = offline.new_page()
        self.open_data(page, address)
        self.hand_in(page, "LSMD_CONT_LDREG_11650.zip", old_download(tmp_path))
        intake = page.locator(".st-key-intake")
        expect(intake).to_contain_text("3 systems fit its numbers", timeout=30_000)
        accept = page.get_by_role("button", name="Accept all and open")
        expect(accept).to_be_disabled()
        page.get_by_text("EPSG:5174 (Modified Central)").last.click()
        expect(intake).to_contain_text("cp949")
        self.accept(page)
        expect(page.get_by_text("LSMD_CONT_LDREG_11650.zip: 4 parcels")).to_be_visible()
        page.get_by_role("link", name="Plan").click()
        page.wait_for_selector(f"{MAP}[data-drawn-seq]", timeout=60_000)
        names = map_frame(page).locator(".siteplan-name-parcel .first").all_text_contents()
        assert "900" in names

    def test_parcels_are_set_aside_and_taken_back_before_the_file_is_opened(
        self, offline: OfflineContext, address: str, tmp_path: Path
    ) -> None:
        page = offline.new_page()
        path = tmp_path / "troubled.gpkg"
        troubled().to_file(path)
        self.open_data(page, address)
        self.hand_in(page, path.name, path.read_bytes())
        intake = page.locator(".st-key-intake")
        expect(intake).to_contain_text("72 rows in, 70 parcels out, 2 set aside", timeout=30_000)
        # Of two parcels that share a PNU, one is left out and the other stays.
        single = intake.get_by_role("combobox", name="Set single ones aside").first
        single.click()
        single.press_sequentially("#2")
        page.get_by_role("option", name=f"{pnu(5, 2)}#2").click()
        expect(intake).to_contain_text("69 parcels out", timeout=30_000)
        page.keyboard.press("Escape")
        intake.get_by_text("Set aside", exact=True).first.click()
        expect(intake).to_contain_text("68 parcels out", timeout=30_000)
        intake.get_by_text("2 parcels are set aside").click()
        expect(intake).to_contain_text("70 parcels out", timeout=30_000)
        with page.expect_download() as waited:
            page.get_by_role("button", name="Repaired copy (.geojson)").click()
        kept = tmp_path / "copy.geojson"
        waited.value.save_as(kept)
        assert len(read_parcels(kept, context=None)) == 70
        page.get_by_role("button", name="Discard").click()
        expect(page.get_by_text("Shipped Yangjae data")).to_be_visible()

    @pytest.mark.parametrize(
        ("name", "content", "said"),
        [
            ("empty.geojson", b"", "empty (0 bytes)"),
            ("picture.geojson", b"\x89PNG\r\n\x1a\n0000", "not a file of parcels"),
            (
                "points.geojson",
                POINTS,
                "holds no polygons",
            ),
        ],
    )
    def test_a_file_that_is_none_is_refused_in_words(
        self, offline: OfflineContext, address: str, name: str, content: bytes, said: str
    ) -> None:
        page = offline.new_page()
        self.open_data(page, address)
        self.hand_in(page, name, content)
        expect(page.locator(".st-key-intake")).to_contain_text(said)
        expect(page.get_by_text("Shipped Yangjae data")).to_be_visible()
        expect(page.get_by_role("button", name="Accept all and open")).to_be_disabled()

    def test_attributes_of_a_file_are_text_on_every_page(
        self, offline: OfflineContext, address: str
    ) -> None:
        page = offline.new_page()
        self.open_data(page, address)
        ring = [[127.036, 37.46], [127.037, 37.46], [127.037, 37.461], [127.036, 37.461]]
        feature = {
            "type": "Feature",
            "properties": {"parcel_id": NASTY, "name": NASTY, "zone": "준주거지역"},
            "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
        }
        content = json.dumps({"type": "FeatureCollection", "features": [feature]})
        self.hand_in(page, "nasty.geojson", content.encode())
        expect(page.locator(".st-key-intake")).to_contain_text("nasty.geojson")
        self.accept(page)
        expect(page.get_by_text("nasty.geojson: 1 parcels")).to_be_visible()
        page.get_by_role("link", name="Plan").click()
        page.wait_for_selector(f"{MAP}[data-drawn-seq]", timeout=60_000)
        frame = map_frame(page)
        click_parcel(page, frame, 0)
        expect(page.locator(".st-key-parcel-panel")).to_contain_text("onerror")
        assert page.evaluate("window.nasty") is None
        assert frame.evaluate("window.nasty") is None
        page.get_by_role("link", name="Table and export").click()
        expect(page.get_by_role("heading", name="Export", exact=True)).to_be_visible()
        assert page.evaluate("window.nasty") is None


def test_the_address_of_a_page_opens_the_whole_app(
    offline: OfflineContext, start_app: StartApp
) -> None:
    # A fresh server, because an earlier visit to the front page would hide the fault.
    page = offline.new_page()
    page.goto(f"{start_app(ROOT / 'streamlit_app.py')}/basis?lang=en")
    expect(page.locator(".st-key-topline")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("link", name="Table and export")).to_be_visible()
