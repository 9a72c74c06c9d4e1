"""No page scrolls sideways and no control is cut off or covered, from a phone to a wall."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import ROOT, StartApp
from tests.browser.walking import STEMS, maps_in, open_page, quiet, select_parcel, wish_too_much

WIDTHS_PX = (360, 390, 768, 1024, 1400, 2560)

SIDEWAYS = """() => [document.scrollingElement,
    document.querySelector('[data-testid="stMain"]')].filter(Boolean)
  .map((part) => part.scrollWidth - Math.min(part.clientWidth, innerWidth))"""

TROUBLE = """() => {
  const main = document.querySelector('[data-testid="stMain"]');
  const deep = (root) => [...root.querySelectorAll('*')]
    .flatMap((part) => (part.shadowRoot ? [part, ...deep(part.shadowRoot)] : [part]));
  const all = deep(main);
  const shown = (part) => part.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    && !part.closest('.sp-heard, [data-testid="stElementToolbar"], [aria-hidden="true"]');
  const controls = all.filter((part) => part.matches(
    'button, input:not([type=file]):not([type=checkbox]), a[href], summary, [role=radio]')
    && shown(part) && part.getBoundingClientRect().width > 4);
  const said = (part) => part.outerHTML.replace(/ class="[^"]*"/g, '').slice(0, 160);
  const found = [];
  for (const part of controls) {
    const { left, right } = part.getBoundingClientRect();
    if (left < -1 || right > innerWidth + 1) found.push(`cut off: ${said(part)}`);
    const words = part.matches('input') ? null : part.querySelector('p') ?? part;
    if (words && words.scrollWidth > words.clientWidth + 2 && words.clientWidth > 0
        && getComputedStyle(words).overflowX !== 'visible') {
      found.push(`words cut off: ${said(words)} in ${said(part)}`);
    }
  }
  const boxes = controls.map((part) => [part, part.getBoundingClientRect()]);
  boxes.forEach(([one, a], at) => {
    for (const [other, b] of boxes.slice(at + 1)) {
      if (one.contains(other) || other.contains(one)) continue;
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (across > 3 && down > 3) found.push(`overlap: ${said(one)} and ${said(other)}`);
    }
  });
  return found;
}"""


@pytest.fixture(scope="module")
def address(start_app: StartApp) -> str:
    return start_app(ROOT / "streamlit_app.py")


def faults(page: Page) -> list[str]:
    found = []
    for width_px in WIDTHS_PX:
        page.set_viewport_size({"width": width_px, "height": 900})
        page.wait_for_timeout(120)
        quiet(page)
        found += [f"{width_px}: scrolls {by}" for by in page.evaluate(SIDEWAYS) if by > 0]
        found += [f"{width_px}: {trouble}" for trouble in page.evaluate(TROUBLE)]
        for frame in maps_in(page):
            by = max(frame.evaluate(SIDEWAYS))
            found += [f"{width_px}: the map scrolls {by}"] if by > 0 else []
    return found


@pytest.mark.parametrize("lang", ["ko", "en"])
class TestEveryWidth:
    @pytest.mark.parametrize("stem", STEMS)
    def test_a_page_as_it_opens(self, browser: Browser, address: str, lang: str, stem: str) -> None:
        page = browser.new_page()
        open_page(page, address, stem, lang=lang)
        found = faults(page)
        page.close()
        assert found == []

    def test_the_plan_with_a_parcel_selected(
        self, browser: Browser, address: str, lang: str
    ) -> None:
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        open_page(page, address, "plan", lang=lang)
        select_parcel(page, "YJ-225", lang=lang)
        found = faults(page)
        page.close()
        assert found == []

    def test_the_plan_that_does_not_fit(self, browser: Browser, address: str, lang: str) -> None:
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        open_page(page, address, "plan", lang=lang)
        wish_too_much(page)
        found = faults(page)
        page.close()
        assert found == []
