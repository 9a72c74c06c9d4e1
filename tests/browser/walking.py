"""Walking through the pages of the app, as they are found in its folder."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Frame, Page

from siteplan.io import read_parcels
from tests.browser.conftest import ROOT
from tests.browser.test_live_map import MAP

STEMS = sorted(path.stem for path in Path(ROOT, "siteplan/app/screens").glob("[!_]*.py"))
"""Names of the pages; the plan opens without one in its address."""


def quiet(page: Page) -> None:
    """Wait until the script has run, what it sent is drawn, and the map, if any, shows it."""
    page.wait_for_selector(".st-key-topline", timeout=60_000)
    page.wait_for_function(
        """() => document.querySelector('[data-test-script-state="notRunning"]')
          && !document.querySelector('[data-testid="stSkeleton"], [data-stale="true"]')""",
        timeout=60_000,
    )
    if page.locator(MAP).count():
        page.wait_for_selector(f"{MAP}[data-drawn-seq]", timeout=60_000)
    page.wait_for_timeout(400)


def open_page(page: Page, address: str, stem: str, *, lang: str) -> None:
    """Open a page by its address: new work."""
    page.goto(f"{address}/{'' if stem == 'plan' else stem}?lang={lang}")
    quiet(page)


def follow(page: Page, stem: str) -> None:
    """Go to a page by the navigation: the same work goes on."""
    path = "" if stem == "plan" else stem
    link = page.locator('[data-testid="stTopNavLink"]')
    for number in range(link.count()):
        href = urlsplit(link.nth(number).get_attribute("href") or "").path
        if href.rstrip("/").rpartition("/")[2] == path:
            link.nth(number).click()
            break
    else:
        raise AssertionError(f"no link leads to {stem}")
    page.wait_for_function(
        "(path) => location.pathname.replace(/\\/$/, '').split('/').pop() === path", arg=path
    )
    quiet(page)


def select_parcel(page: Page, parcel_id: str, *, lang: str) -> None:
    """Select a parcel of the shipped data in the list beside the map."""
    parcels = read_parcels()
    field = page.locator(".st-key-parcel-list input")
    field.click()
    name = parcels.name(parcels.index[parcel_id], lang=lang)
    field.fill(name)
    page.get_by_role("option", name=name, exact=True).click()
    page.wait_for_selector(".st-key-parcel-panel", timeout=60_000)
    quiet(page)


def wish_too_much(page: Page) -> None:
    """Wish for more housing than its zones may hold."""
    field = page.locator(".st-key-programme [data-use=housing] .move .entry")
    field.fill("200000")
    field.press("Enter")
    page.wait_for_selector('[data-testid="stAlert"]', timeout=60_000)
    quiet(page)


def open_expanders(page: Page) -> None:
    """Open what is folded away."""
    closed = page.locator('[data-testid="stExpander"] details:not([open]) > summary')
    for _ in range(60):
        if not closed.count():
            return
        closed.first.click()
        quiet(page)


def maps_in(page: Page) -> list[Frame]:
    """Return the documents inside the page, such as the map."""
    return [frame for frame in page.frames if frame is not page.main_frame]
