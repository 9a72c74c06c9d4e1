"""English pages hold no Korean and Korean pages no English sentence, but for what has one form.

What has one form in all languages: names of lots and places, citations of laws, ordinances, press
and data sheets, and the names that a scenario was given. They are taken from the shipped data
itself, so that a sentence of siteplan's cannot pass for one.
"""

from __future__ import annotations

import re
from functools import cache

import pytest
from playwright.sync_api import Browser, Page

from siteplan.io import default_scenario, read_parcels
from siteplan.ledger import SOURCES_OF_OUR_OWN, shipped_ledger
from siteplan.rules import shipped_rule_ids, shipped_rules
from tests.browser.conftest import ROOT, StartApp
from tests.browser.walking import (
    STEMS,
    follow,
    open_expanders,
    open_page,
    quiet,
    select_parcel,
    wish_too_much,
)

HANGUL = re.compile(r"[가-힣]")
IN_BRACKETS = re.compile(r"\([^()]*[가-힣][^()]*\)")
"""A Korean term behind its English, such as "Base (기준)"."""

SENTENCE = re.compile(r"[A-Za-z][A-Za-z'’]+(?:[ ,]+[A-Za-z][A-Za-z'’]+){2,}")
"""Three words of English in a row."""

FORMATS = ("GeoJSON", "GeoPackage", "GeoParquet", "FlatGeobuf", "KML", "Shapefile", "CSV", "JSON",
           "GPKG", "PARQUET", "GEOPARQUET", "ZIP", "FGB", "TSV", "TXT", "Vega-Lite")  # fmt: skip
SWITCH = ("언어 · Language", "한국어", "English")
PROJECT = ("Tech+City", "AI Hub")

SHOWN = """() => {
  const found = [];
  const names = ['aria-label', 'title', 'placeholder', 'alt', 'aria-valuetext', 'aria-description'];
  const walk = (root) => {
    for (const part of root.querySelectorAll('*')) {
      if (part.matches('style, script, noscript, title')) continue;
      for (const node of part.childNodes) if (node.nodeType === 3) found.push(node.nodeValue);
      for (const name of names) if (part.hasAttribute(name)) found.push(part.getAttribute(name));
      if (part.matches('input:not([type=checkbox], [type=radio], [type=range])')) {
        found.push(part.value);
      }
      if (part.shadowRoot) walk(part.shadowRoot);
    }
  };
  walk(document);
  return [...new Set(found.map((text) => text.trim()).filter(Boolean))];
}"""


@cache
def of_one_form() -> tuple[str, ...]:
    """Return the texts of the shipped data that are the same in all languages, longest first."""
    parcels = read_parcels()
    scenario = default_scenario(parcels)
    found = {*SWITCH, *FORMATS, *PROJECT, scenario.name or "", scenario.note or ""}
    found |= {str(d.reason) for d in scenario.decisions.values() if d.reason}
    for texts in (parcels.jibuns, parcels.sources):
        found |= {text for text in texts if text}
    found |= {parcels.name(row, lang="ko") for row in range(len(parcels))}
    found |= {f.source for f in shipped_ledger().factors.values()} - set(SOURCES_OF_OUR_OWN)
    for rules in map(shipped_rules, shipped_rule_ids()):
        found |= set(rules.sources.values())
        for rule in rules.zones.values():
            found |= {rule.far_article, rule.bcr_article, rule.floors_article or ""}
            found |= {permit.article or "" for permit in rule.permits.values()}
        found |= {incentive.article for incentive in rules.incentives.values()}
        laws = (rules.daylight, rules.landscaping, rules.open_space, rules.minimum_lot)
        found |= {law.article for law in laws if law is not None}
    return tuple(sorted(found - {""}, key=len, reverse=True))


def without_one_form(text: str) -> str:
    for known in of_one_form():
        text = text.replace(known, " · ")
    return text


def shown(page: Page) -> list[str]:
    """Return every text on the page and in its map, also those only heard."""
    return [text for frame in page.frames for text in frame.evaluate(SHOWN)]


def korean_left(texts: list[str]) -> list[str]:
    left = [IN_BRACKETS.sub("", without_one_form(text)) for text in texts]
    return [text for text in left if HANGUL.search(text)]


def english_left(texts: list[str]) -> list[str]:
    left = [without_one_form(text) for text in texts]
    return [text for text in left if SENTENCE.search(text)]


LEFT = {"en": korean_left, "ko": english_left}


@pytest.fixture(scope="module")
def address(start_app: StartApp) -> str:
    return start_app(ROOT / "streamlit_app.py")


def opened(browser: Browser, address: str, *, lang: str) -> Page:
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    open_page(page, address, "plan", lang=lang)
    return page


@pytest.mark.parametrize("lang", ["en", "ko"])
class TestOneLanguage:
    def test_on_every_page(self, browser: Browser, address: str, lang: str) -> None:
        page = opened(browser, address, lang=lang)
        found = {}
        for stem in STEMS:
            follow(page, stem)
            if stem == "plan":
                open_expanders(page)
            found[stem] = LEFT[lang](shown(page))
        page.close()
        assert found == {stem: [] for stem in STEMS}

    def test_about_a_parcel(self, browser: Browser, address: str, lang: str) -> None:
        page = opened(browser, address, lang=lang)
        found = {}
        for parcel_id in ("YJ-225", "UM-R01"):
            select_parcel(page, parcel_id, lang=lang)
            open_expanders(page)
            found[parcel_id] = LEFT[lang](shown(page))
        follow(page, "massing")
        found["massing"] = LEFT[lang](shown(page))
        page.close()
        assert found == {name: [] for name in found}

    def test_where_the_programme_does_not_fit(
        self, browser: Browser, address: str, lang: str
    ) -> None:
        page = opened(browser, address, lang=lang)
        wish_too_much(page)
        found = {"repairs": LEFT[lang](shown(page))}
        for stem in STEMS:
            follow(page, stem)
            found[stem] = LEFT[lang](shown(page))
        page.close()
        assert found == {name: [] for name in found}

    def test_in_phases_and_options(self, browser: Browser, address: str, lang: str) -> None:
        page = opened(browser, address, lang=lang)
        follow(page, "phases")
        page.locator(".st-key-phases-on label").click()
        page.wait_for_selector(".st-key-phases-year", timeout=60_000)
        open_expanders(page)
        found = {"phases": LEFT[lang](shown(page))}
        follow(page, "options")
        page.locator(".st-key-options-find button").click()
        page.wait_for_selector('[data-testid="stMain"] img', timeout=120_000)
        quiet(page)
        found["options"] = LEFT[lang](shown(page))
        page.close()
        assert found == {"phases": [], "options": []}


def test_streamlits_own_words_follow_the_language_and_go_back(
    browser: Browser, address: str
) -> None:
    page = opened(browser, address, lang="ko")
    skip = page.locator('[data-testid="stSkipToContent"]')
    assert skip.text_content() == "본문으로 건너뛰기"
    follow(page, "data")
    page.get_by_text("파일당 500MB").first.wait_for()
    page.get_by_role("radio", name="English").click()
    page.get_by_text("500MB per file").first.wait_for()
    assert skip.text_content() == "Skip to main content"
    page.close()


def test_a_sentence_of_our_own_does_not_pass_for_a_citation() -> None:
    assert english_left(["from memory, unverified"])
    assert korean_left(["원문 미확인(일반 지식)"])
    assert not korean_left(["Base (기준)", "서울특별시 건축 조례 §24, 2025-09-29"])
