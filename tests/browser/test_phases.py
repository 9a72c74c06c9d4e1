"""The year slider in the real app: the same map, restyled, with the network denied."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Page

from siteplan.evaluation import Plan, evaluate
from siteplan.io import default_scenario, read_parcels
from siteplan.maps.phase_style import standing
from siteplan.phasing import Phases
from tests.browser.conftest import ROOT, OfflineContext, StartApp
from tests.browser.test_live_map import (
    MAP,
    drawn_seq,
    fills,
    look_elsewhere,
    map_frame,
    view,
    wait_for_drawn,
)


@pytest.fixture(scope="module")
def address(start_app: StartApp) -> str:
    return start_app(ROOT / "streamlit_app.py")


@pytest.fixture(scope="module")
def plan() -> Plan:
    """What the page shows: the shipped plan in eight years of 43,000 m²."""
    parcels = read_parcels()
    phases = Phases(2028, 8, ceiling_gfa_m2=(43_000,) * 8)
    return evaluate(parcels, replace(default_scenario(parcels), phases=phases))


def wanted_fills(plan: Plan, year: int) -> list[str]:
    style = standing(plan, year=year)
    return [style.palette[swatch].fill for swatch in style.index]


def press_year(page: Page, key: str) -> None:
    before = drawn_seq(page)
    page.locator(".st-key-phases-year input[type=range]").press(key)
    wait_for_drawn(page, after=before)


def test_the_map_grows_with_the_years_and_keeps_its_view(
    offline: OfflineContext, address: str, plan: Plan
) -> None:
    page = offline.new_page()
    page.goto(f"{address}/phases?lang=en")
    page.wait_for_selector(f"{MAP}[data-drawn-seq]", timeout=60_000)
    page.locator(".st-key-phases-on label").click()
    page.wait_for_selector(".st-key-phases-each")
    page.wait_for_selector("text=43,000 m² of 270,000 m² stand")
    frame = map_frame(page)
    frame.wait_for_function("siteplan.state.painted?.title === 'Standing at the end of 2028'")
    assert fills(frame) == wanted_fills(plan, 2028)

    page.locator(MAP).evaluate("(frame) => { frame.mark = 'same'; }")
    look_elsewhere(frame)
    before = view(frame)
    told = "siteplan.state.painted.legend.map(String).join()"
    seen = [frame.evaluate(told)]
    for year in (2029, 2030, 2031):
        press_year(page, "ArrowRight")
        frame.wait_for_function(f"siteplan.state.painted.title === 'Standing at the end of {year}'")
        assert fills(frame) == wanted_fills(plan, year)
        seen.append(frame.evaluate(told))
    assert len(set(seen)) == 4  # a parcel may be under way, in the same colour, for years

    assert page.locator(MAP).evaluate("(frame) => frame.mark") == "same"
    assert map_frame(page) is frame
    assert view(frame) == pytest.approx(before)


def test_the_tooltip_tells_what_stands_in_the_year(
    offline: OfflineContext, address: str, plan: Plan
) -> None:
    assert plan.timing is not None
    page = offline.new_page()
    page.goto(f"{address}/phases?lang=en")
    page.wait_for_selector(f"{MAP}[data-drawn-seq]", timeout=60_000)
    page.locator(".st-key-phases-on label").click()
    page.wait_for_selector("text=43,000 m² of 270,000 m² stand")
    frame = map_frame(page)
    frame.wait_for_function("siteplan.state.painted?.title === 'Standing at the end of 2028'")
    built_m2 = plan.timing.built_by_m2(2028)
    later = int(((plan.parcel_gfa_m2 > 0) & ~built_m2.any(axis=1)).argmax())
    row = int(((built_m2.sum(axis=1) > 0) & (plan.timing.completion_year > 2028)).argmax())
    for wanted, words in (
        (later, "Standing at the end of 2028: Later"),
        (row, f"{int(built_m2[row].sum()):,} m²"),
        (row, "Under construction, mainly"),
    ):
        frame.evaluate(
            "(row) => { const layer = siteplan.state.layers[row];"
            " layer.fire('mouseover', {latlng: layer.getBounds().getCenter()}, true); }",
            wanted,
        )
        assert words in frame.locator(".siteplan-tooltip").inner_text()
