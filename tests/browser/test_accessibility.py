"""Every page for everyone: axe-core, keyboard focus, headings, titles; light and dark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ElementHandle, Frame, Page

from tests.browser.conftest import ROOT, OfflineContext, StartApp
from tests.browser.walking import (
    STEMS,
    follow,
    maps_in,
    open_expanders,
    open_page,
    quiet,
    select_parcel,
    wish_too_much,
)


@dataclass(frozen=True)
class Foreign:
    """A fault that is not ours: axe's rule, where, and why we cannot mend it."""

    rule: str
    selector: str
    why: str


FOREIGN: tuple[Foreign, ...] = ()
"""Faults of Streamlit's own parts; none stands at present."""

ALWAYS = ("heading-order", "page-has-heading-one", "empty-heading", "duplicate-id-aria")
"""Rules that must hold though axe counts them as less than serious."""

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS: dict[str, Any] = {
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {"target-size": {"enabled": True}},
    "iframes": False,
}
IN_A_FRAME = {**OPTIONS, "rules": {**OPTIONS["rules"], "page-has-heading-one": {"enabled": False}}}


@pytest.fixture(scope="module")
def address(start_app: StartApp) -> str:
    return start_app(ROOT / "streamlit_app.py")


def is_foreign(fault: dict[str, Any], node: dict[str, Any], where: Page | Frame) -> bool:
    return any(
        fault["id"] == known.rule
        and where.evaluate(
            "([inner, outer]) => document.querySelector(inner)?.closest(outer) !== null",
            [node["target"][-1], known.selector],
        )
        for known in FOREIGN
    )


def faults_in(where: Page | Frame, options: dict[str, Any]) -> list[str]:
    """Return the faults of one document; axe needs no more than a document's evaluate."""
    found = Axe().run(where, options=options).response["violations"]
    return [
        f"{fault['id']}: {node['html'][:200]} {node.get('failureSummary', '')[:300]}"
        for fault in found
        if fault["impact"] in ("serious", "critical") or fault["id"] in ALWAYS
        for node in fault["nodes"]
        if not is_foreign(fault, node, where)
    ]


def faults(page: Page) -> list[str]:
    """Return the faults of a page and of the map in it."""
    found = faults_in(page, OPTIONS)
    for frame in maps_in(page):
        found += [f"in the map: {fault}" for fault in faults_in(frame, IN_A_FRAME)]
    return found


def opened(browser: Browser, *, scheme: str, width_px: int = 1400) -> Page:
    return browser.new_page(color_scheme=scheme, viewport={"width": width_px, "height": 900})


LANGS = ["ko", "en"]


# Words hang on the language and contrast on the scheme, neither on the other: each of them once.
@pytest.mark.parametrize(("lang", "scheme"), [("ko", "light"), ("en", "dark")])
class TestAxe:
    def test_every_page_as_it_opens(
        self, browser: Browser, address: str, lang: str, scheme: str
    ) -> None:
        page = opened(browser, scheme=scheme)
        open_page(page, address, "plan", lang=lang)
        found = {}
        for stem in STEMS:
            follow(page, stem)
            found[stem] = faults(page)
        page.close()
        assert found == {stem: [] for stem in STEMS}

    def test_the_plan_with_a_parcel_selected_and_all_unfolded(
        self, browser: Browser, address: str, lang: str, scheme: str
    ) -> None:
        page = opened(browser, scheme=scheme)
        open_page(page, address, "plan", lang=lang)
        select_parcel(page, "YJ-225", lang=lang)
        open_expanders(page)
        found = faults(page)
        page.close()
        assert found == []

    def test_every_page_of_a_programme_that_does_not_fit(
        self, browser: Browser, address: str, lang: str, scheme: str
    ) -> None:
        page = opened(browser, scheme=scheme)
        open_page(page, address, "plan", lang=lang)
        wish_too_much(page)
        found = {"plan": faults(page)}
        for stem in STEMS:
            follow(page, stem)
            found[stem] = faults(page)
        page.close()
        assert found == {stem: [] for stem in ("plan", *STEMS)}

    def test_the_pages_that_fill_when_asked(
        self, browser: Browser, address: str, lang: str, scheme: str
    ) -> None:
        """Phases switched on, other plans found, the popover of terms open."""
        page = opened(browser, scheme=scheme)
        open_page(page, address, "plan", lang=lang)
        found = {}
        follow(page, "phases")
        page.locator(".st-key-phases-on label").click()
        page.wait_for_selector(".st-key-phases-year", timeout=60_000)
        quiet(page)
        found["phases"] = faults(page)
        follow(page, "options")
        page.locator(".st-key-options-find button").click()
        page.wait_for_selector('[data-testid="stMain"] img', timeout=120_000)
        quiet(page)
        page.locator('.st-key-topline [data-testid="stPopoverButton"]').first.click()
        page.wait_for_selector(".sp-terms")
        quiet(page)
        found["options"] = faults(page)
        page.close()
        assert found == {"phases": [], "options": []}


def test_a_page_says_its_language_and_has_a_title_of_its_own(
    offline: OfflineContext, address: str
) -> None:
    page = offline.new_page()
    page.set_viewport_size({"width": 1400, "height": 900})
    titles = set()
    for lang in LANGS:
        open_page(page, address, "plan", lang=lang)
        for stem in STEMS:
            follow(page, stem)
            assert page.evaluate("document.documentElement.lang") == lang
            titles.add(page.title())
            assert str(page.locator("h1").text_content()) in page.title()
            assert page.title().startswith(page.locator("h2").first.text_content() or "?")
    assert len(titles) == len(STEMS) * len(LANGS)


LOOKS = """(element) => {
  const seen = [];
  for (let at = element, up = 0; at && up < 4; at = at.parentElement, up += 1) {
    const { outline, boxShadow, borderColor, backgroundColor } = getComputedStyle(at);
    seen.push(outline, boxShadow, borderColor, backgroundColor);
  }
  return JSON.stringify(seen);
}"""
FOCUSED = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at;
}"""


def shows_focus(page: Page, focused: ElementHandle, *, fade_ms: float) -> bool:
    """Tell whether an element looks another when it has the focus; it has it afterwards.

    Streamlit fades its frames in and out: a busy machine needs longer to draw that.
    """
    page.wait_for_timeout(fade_ms)
    with_focus = focused.evaluate(LOOKS)
    focused.evaluate("(at) => at.blur()")
    page.wait_for_timeout(fade_ms)
    if not focused.evaluate("(at) => at.isConnected"):
        return True  # a rerun has put another in its place
    without = focused.evaluate(LOOKS)
    focused.evaluate("(at) => at.focus()")
    return bool(without != with_focus)


DRAWN_INSIDE = ("BODY", "IFRAME", "CANVAS")
"""The map shows its own focus (its own tests); a table's canvas draws a frame round the cell."""


@pytest.mark.parametrize(
    ("stem", "scheme"), [*((stem, "light") for stem in STEMS), ("plan", "dark")]
)
def test_the_focus_is_seen_wherever_the_tab_key_leads(
    browser: Browser, address: str, stem: str, scheme: str
) -> None:
    page = opened(browser, scheme=scheme)
    open_page(page, address, stem, lang="en")
    unseen, stops = [], 0
    for _ in range(25):
        page.keyboard.press("Tab")
        focused = page.evaluate_handle(FOCUSED).as_element()
        if focused is None or focused.evaluate("(at) => at.tagName") in DRAWN_INSIDE:
            continue
        stops += 1
        if not any(shows_focus(page, focused, fade_ms=fade_ms) for fade_ms in (50, 220, 1_200)):
            unseen.append(focused.evaluate("(at) => at.outerHTML")[:200])
    page.close()
    assert stops > 8
    assert unseen == []
