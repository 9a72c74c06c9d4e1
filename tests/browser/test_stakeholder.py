"""The stakeholder's file, opened from the disk with the network denied."""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page

import siteplan
from siteplan.edits import Merge
from siteplan.evaluation import Plan, evaluate
from siteplan.io import write_stakeholder
from siteplan.maps.phase_style import standing
from siteplan.maps.stakeholder.data import COLOURINGS
from siteplan.maps.style import USE_COLOURS, colours
from siteplan.phasing import Phases
from siteplan.programme import Programme
from siteplan.scenario import Scenario
from siteplan.uses import ALL_USES, USES
from tests.browser.apps.grid import NASTY, grid_parcels, grid_plan
from tests.browser.conftest import OfflineContext
from tests.studies import row_of_lots

SHARES_PCT = (30.0, 45.0, 60.0)
DRAWN = "window.siteplan?.state.figures.size > 0"
NAMES = ("주거안", "기본안", "연구안")


@pytest.fixture(scope="module")
def plans() -> list[Plan]:
    parcels = grid_parcels()
    return [grid_plan(parcels, research_pct=pct) for pct in SHARES_PCT]


@pytest.fixture(scope="module")
def file(plans: list[Plan], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("share") / "공유 파일.html"
    return write_stakeholder(plans, path, names=NAMES, lang="ko")


@pytest.fixture(scope="module")
def yangjae(tmp_path_factory: pytest.TempPathFactory) -> Path:
    parcels = siteplan.read_parcels()
    usual = siteplan.default_scenario(parcels)
    other = Programme.from_shares(
        270_000, {"research": 40, "campus": 20, "housing": 30, "culture": 10}
    )
    changed = replace(usual, name="주거 확대안", programme=other)
    plans = [evaluate(parcels, scenario) for scenario in (usual, changed)]
    return write_stakeholder(plans, tmp_path_factory.mktemp("share") / "yangjae.html")


def until(page: Page, condition: str) -> None:
    """Wait for a condition; Playwright's own waiting evaluates strings, which the page forbids."""
    end = time.monotonic() + 20
    while not page.evaluate(condition):
        assert time.monotonic() < end, condition
        page.wait_for_timeout(50)


def opened(offline: OfflineContext, file: Path) -> Page:
    """Open the file; any fault of a script, or a refusal of its policy, fails the test."""
    page = offline.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"script: {error}"))
    page.on("console", lambda said: said.type != "error" or pytest.fail(said.text))
    page.goto(file.as_uri())
    until(page, DRAWN)
    return page


def fills(page: Page) -> list[str]:
    found: list[str] = page.evaluate("siteplan.state.layers.map((l) => l.options.fillColor)")
    return found


def wanted_fills(plan: Plan, colour_by: str = "use") -> list[str]:
    style = colours(plan, colour_by=colour_by)
    return [style.palette[row].fill for row in style.index.tolist()]


def choose(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name).check()


def place(page: Page, row: int) -> tuple[float, float]:
    """Return where the middle of a parcel is on the page."""
    x, y = page.evaluate(
        """(row) => {
          const { map, layers } = siteplan.state;
          const at = map.latLngToContainerPoint(layers[row].getBounds().getCenter());
          const box = map.getContainer().getBoundingClientRect();
          return [box.x + at.x, box.y + at.y];
        }""",
        row,
    )
    return x, y


def in_sight(page: Page, plan: Plan) -> int:
    """Return a parcel with floor area whose middle no panel covers."""
    for row in plan.parcel_gfa_m2.nonzero()[0].tolist():
        tag = page.evaluate(
            "([x, y]) => document.elementFromPoint(x, y)?.tagName", place(page, row)
        )
        if tag == "CANVAS":
            return row
    pytest.fail("every parcel is covered")


def shown_data(page: Page, selector: str) -> list[float]:
    """Return the exact values of the figures that are on the screen."""
    found: list[str] = page.eval_on_selector_all(
        f"{selector} data",
        "(all) => all.filter((e) => e.checkVisibility()).map((e) => e.value)",
    )
    return [float(value) for value in found]


def test_scenarios_and_colours_switch(
    offline: OfflineContext, file: Path, plans: list[Plan]
) -> None:
    page = opened(offline, file)
    assert fills(page) == wanted_fills(plans[0])
    for name, plan in zip(NAMES, plans, strict=True):
        choose(page, name)
        for colour_by in COLOURINGS:
            page.locator("#colour-by").select_option(index=COLOURINGS.index(colour_by))
            assert fills(page) == wanted_fills(plan, colour_by)
        page.locator("#colour-by").select_option(index=0)
    assert wanted_fills(plans[0]) != wanted_fills(plans[2])


def test_figures_are_the_plans(offline: OfflineContext, file: Path, plans: list[Plan]) -> None:
    page = opened(offline, file)
    metrics = [{m.key: m.value for m in plan.metrics} for plan in plans]
    for row, (name, plan) in enumerate(zip(NAMES, plans, strict=True)):
        choose(page, name)
        assert shown_data(page, ".headline .total") == [plan.total_gfa_m2]
        assert shown_data(page, ".headline .uses") == plan.uses_gfa_m2.tolist()
        for key in ("jobs", "construction_cost_krw"):
            assert shown_data(page, f".headline [data-metric={key}]") == [metrics[row][key]]
        assert table_figures(page) == {
            plan.parcels.name(i, lang="ko"): plan.gfa_m2[i].tolist()
            for i in range(len(plan.parcels))
            if plan.parcel_gfa_m2[i]
        }
        sums = page.locator("table.parcels tfoot td").all_inner_texts()[: len(USES) + 1]
        totals = [*plan.uses_gfa_m2.tolist(), plan.total_gfa_m2]
        assert [int(text.replace(",", "")) for text in sums] == totals
    for key in metrics[0]:
        found = shown_data(page, f"table.figures tr[data-metric={key}]")
        assert found == [values[key] for values in metrics]


def table_figures(page: Page) -> dict[str, list[int]]:
    rows: list[list[str]] = page.eval_on_selector_all(
        "table.parcels tbody tr",
        "(rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent))",
    )
    return {
        name: [0 if text == "–" else int(text.replace(",", "")) for text in cells[: len(USES)]]
        for name, *cells in rows
    }


def test_click_shows_the_card_and_escape_closes_it(
    offline: OfflineContext, file: Path, plans: list[Plan]
) -> None:
    page = opened(offline, file)
    choose(page, "기본안")
    plan = plans[1]
    row = in_sight(page, plan)
    page.mouse.click(*place(page, row))
    card = page.locator("#card")
    card.wait_for()
    assert card.locator("h2").inner_text() == plan.parcels.name(row, lang="ko")
    text, terms = card.inner_text(), card.locator("dt").all_inner_texts()
    for use, gfa_m2 in zip(ALL_USES, plan.gfa_m2[row].tolist(), strict=True):
        assert (use.label.ko in terms) == (gfa_m2 > 0)
        assert gfa_m2 == 0 or f"{gfa_m2:,} m²" in text
    assert f"{plan.floors[row]} ({plan.height_m[row]:.0f} m)" in text
    assert f"{plan.far_pct[row]:.1f} %" in text
    assert f"{plan.capacity.far_limit_pct[row]:.1f} %" in text
    assert page.evaluate("siteplan.state.selected") == [plan.parcels.ids[row]]
    page.keyboard.press("Escape")
    assert card.is_hidden()
    assert page.evaluate("siteplan.state.selected") == []


def test_keyboard_alone_reaches_a_parcel_by_the_table(offline: OfflineContext, file: Path) -> None:
    page = opened(offline, file)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    for _ in range(2):  # the table that can be scrolled, then its first parcel
        page.keyboard.press("Tab")
    parcel = page.evaluate("document.activeElement.dataset.parcel")
    assert parcel
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "card"
    assert page.evaluate("siteplan.state.selected") == [parcel]
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "map_siteplan"


def test_language_switches_all_words_and_keeps_view_and_parcel(
    offline: OfflineContext, file: Path, plans: list[Plan]
) -> None:
    page = opened(offline, file)
    choose(page, "연구안")
    page.mouse.click(*place(page, 37))
    page.evaluate("() => { siteplan.state.map.setZoom(17, {animate: false}); }")
    before = page.evaluate("[siteplan.state.map.getZoom(), siteplan.state.map.getCenter().lat]")
    page.get_by_role("button", name="English").click()
    assert page.evaluate("document.documentElement.lang") == "en"
    after = page.evaluate("[siteplan.state.map.getZoom(), siteplan.state.map.getCenter().lat]")
    assert after == pytest.approx(before)
    assert fills(page) == wanted_fills(plans[2])
    assert page.locator("#card h2").inner_text() == "Lot 37"
    assert page.locator("#colour-by option").first.inner_text() == "Dominant use"
    assert "Research (m²)" in page.locator("table.parcels thead").inner_text()
    until(page, "document.querySelector('.siteplan-legend').textContent.includes('Research')")
    page.get_by_role("button", name="한국어").click()
    assert page.locator("#card h2").inner_text() == "필지 37"


def test_names_from_files_are_text(offline: OfflineContext, file: Path) -> None:
    page = opened(offline, file)
    page.evaluate("document.querySelector('button[data-parcel=lot-0]').click()")
    assert page.locator("#card h2").inner_text() == NASTY
    assert page.locator("#card img, .parcels img").count() == 0
    assert page.evaluate("window.nasty") is None


def test_only_the_files_own_scripts_run(offline: OfflineContext, file: Path) -> None:
    page = offline.new_page()
    page.goto(file.as_uri())
    until(page, DRAWN)
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.foreign = 1";
          document.body.append(script);
        }"""
    )
    assert page.evaluate("window.foreign") is None


def test_scenarios_with_other_lots_are_drawn_on_their_own(
    offline: OfflineContext, tmp_path: Path
) -> None:
    lots = row_of_lots(["준주거지역"] * 5, side_m=60.0)
    programme = Programme.from_shares(
        12_000, {"research": 40, "campus": 20, "housing": 30, "culture": 10}
    )
    scenarios = [
        Scenario(programme=programme),
        Scenario(programme=programme, edits=(Merge(("a", "b"), "ab"),)),
    ]
    plans = [evaluate(lots, scenario) for scenario in scenarios]
    path = write_stakeholder(plans, tmp_path / "lots.html", names=["지금", "합필"], lang="en")
    page = opened(offline, path)
    page.evaluate("document.querySelector('#colour-by').focus()")
    for name, plan in (("합필", plans[1]), ("지금", plans[0]), ("합필", plans[1])):
        choose(page, name)
        assert page.evaluate("siteplan.state.layers.length") == len(plan.parcels)
        assert fills(page) == wanted_fills(plan)
        used = {plan.parcels.ids[row] for row in plan.parcel_gfa_m2.nonzero()[0].tolist()}
        assert set(table_figures(page)) == used
    page.get_by_role("button", name="한국어").click()
    assert page.evaluate("siteplan.state.layers.length") == len(plans[1].parcels)


@pytest.mark.parametrize("width", [360, 390, 768, 2560])
def test_page_is_never_wider_than_the_screen(
    offline: OfflineContext, yangjae: Path, width: int
) -> None:
    page = opened(offline, yangjae)
    page.set_viewport_size({"width": width, "height": 800})
    for lang in ("English", "한국어"):
        page.get_by_role("button", name=lang).click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("table.parcels tbody button").first.click()
    box = page.locator("#card").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width


def test_dark_theme_follows_the_system(browser: Browser, yangjae: Path) -> None:
    page = browser.new_page(color_scheme="dark")
    page.goto(yangjae.as_uri())
    until(page, DRAWN)
    assert page.evaluate("siteplan.state.theme") == "dark"
    page.emulate_media(color_scheme="light")
    until(page, "siteplan.state.theme === 'light'")
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_prints_on_a4_with_the_map_first(browser: Browser, yangjae: Path, scheme: str) -> None:
    page = browser.new_page(color_scheme=scheme)
    page.goto(yangjae.as_uri())
    until(page, DRAWN)
    before = page.evaluate("siteplan.state.map.getCenter().lat")
    sheets = pypdf.PdfReader(
        io.BytesIO(page.pdf(prefer_css_page_size=True, print_background=True))
    ).pages
    assert 2 <= len(sheets) <= 12
    width_pt, height_pt = (float(side) for side in sheets[0].mediabox[2:])
    assert (width_pt, height_pt) == pytest.approx((595, 842), abs=1.5)
    drawn = near_colours([found.image for found in sheets[0].images if found.image is not None])
    assert {USE_COLOURS[use] for use in ("research", "campus", "housing")} <= drawn
    assert "270,000" in sheets[0].extract_text()
    # What the sheet needed is undone afterwards.
    assert page.evaluate("siteplan.state.theme") == scheme
    assert page.evaluate("siteplan.state.map.getCenter().lat") == pytest.approx(before, abs=1e-4)
    assert not page.evaluate("document.documentElement.classList.contains('printing')")
    page.close()


def near_colours(images: Sequence[Image.Image]) -> set[str]:
    """Return the uses' colours that cover parts of the images, laid on a light ground."""
    found = set()
    for colour in USE_COLOURS.values():
        wanted = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
        for image in images:
            small = image.convert("RGB").resize((200, 140))
            pixels = small.tobytes()
            near = sum(
                all(abs(pixels[at + k] - wanted[k]) < 45 for k in range(3))
                for at in range(0, len(pixels), 3)
            )
            if near >= 10:
                found.add(colour)
    return found


@pytest.fixture(scope="module")
def phased(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Plan]]:
    parcels = grid_parcels()
    plans = []
    for research_pct, ceiling_m2 in ((30.0, 100_000), (60.0, 120_000)):
        scenario = grid_plan(parcels, research_pct=research_pct).scenario
        phases = Phases(2028, 3, ceiling_gfa_m2=(ceiling_m2,) * 3)
        plans.append(evaluate(parcels, replace(scenario, phases=phases)))
    path = tmp_path_factory.mktemp("phased") / "years.html"
    return write_stakeholder(plans, path, names=["가", "나"], lang="en"), plans


def test_the_slider_of_years_colours_what_stands_then(
    offline: OfflineContext, phased: tuple[Path, list[Plan]]
) -> None:
    file, plans = phased
    page = opened(offline, file)
    slider = page.locator("#year")
    assert slider.is_hidden()
    page.locator("#colour-by").select_option(label="What stands at the end of a year")
    assert slider.get_attribute("min") == "2028"
    assert slider.get_attribute("max") == "2030"
    slider.focus()
    page.keyboard.press("Home")
    assert page.locator("#year-said").inner_text() == "2028"
    for plan, name in zip(plans, ("가", "나"), strict=True):
        choose(page, name)
        style = standing(plan, year=2028, lang="en")
        assert fills(page) == [style.palette[row].fill for row in style.index.tolist()]
        until(page, "document.querySelector('.siteplan-legend').textContent.includes('2028')")
    slider.press("ArrowRight")
    style = standing(plans[1], year=2029, lang="en")
    assert fills(page) == [style.palette[row].fill for row in style.index.tolist()]
    page.get_by_role("button", name="한국어").click()
    assert page.locator("#year-said").inner_text() == "2029"
    assert fills(page) == [style.palette[row].fill for row in style.index.tolist()]
    page.locator("#colour-by").select_option("0")
    assert slider.is_hidden()
    assert fills(page) == wanted_fills(plans[1])


def test_a_lot_that_changes_is_shown_on_the_map(
    offline: OfflineContext, phased: tuple[Path, list[Plan]]
) -> None:
    file, plans = phased
    page = opened(offline, file)
    assert page.locator("table.changes").is_hidden()
    choose(page, "나")
    first = page.locator("table.changes tbody button").first
    parcel = first.get_attribute("data-parcel")
    first.click()
    assert page.evaluate("siteplan.state.selected") == [parcel]
    row = plans[1].parcels.index[str(parcel)]
    assert plans[1].timing is not None
    card = page.locator("#card").inner_text()
    assert f"{plans[1].timing.completion_year[row]}" in card


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["한국어", "English"])
@pytest.mark.parametrize("which", ["yangjae", "years"])
def test_axe_finds_nothing_serious(
    browser: Browser,
    yangjae: Path,
    phased: tuple[Path, list[Plan]],
    scheme: str,
    lang: str,
    which: str,
) -> None:
    page = browser.new_page(color_scheme=scheme, viewport={"width": 1200, "height": 900})
    page.goto((yangjae if which == "yangjae" else phased[0]).as_uri())
    until(page, DRAWN)
    page.get_by_role("button", name=lang).click()
    if which == "years":
        choose(page, "나")
        page.locator("#colour-by").select_option("-1")
    page.locator("table.parcels tbody button").first.click()
    page.locator("#factors-title").click()
    found = Axe().run(page).response["violations"]
    grave = [
        (fault["id"], [node["html"][:160] for node in fault["nodes"]][:3])
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]
    assert grave == []
    page.close()
