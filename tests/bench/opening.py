"""An address opened until the first map is on screen, beside an empty app's first paint.

Clocks run inside the pages: from the start of the navigation until the map's document says that it
has drawn, and until the empty app's text is there. Both pages take turns, each time in a window of
its own without a cache, as for a visitor who comes for the first time.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.figures import ROOT, Figure, compared
from tests.bench.parcels import made_up_parcels, write_parcels
from tests.bench.slider import APPS, FLOOR, LIVE, PATIENCE_MS, Case, open_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser

AIM = 2.5
WARM_UPS = 1
# Resolves with the time since the navigation began at which a selector matches, in components' own
# trees too.
_SEEN = """(selector) => {
  const found = (root) => root.querySelector(selector)
    || [...root.querySelectorAll("*")].some(
      (element) => element.shadowRoot && found(element.shadowRoot),
    );
  window.benchSeen = new Promise((resolve) => {
    const look = () => {
      if (found(document)) resolve(performance.now());
      else setTimeout(look, 10);
    };
    look();
  });
}"""


def opening_figures(cases: tuple[Case, ...], *, runs: int, folder: Path) -> list[Figure]:
    """Time every case; writes the parcels that it needs into `folder`."""
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    figures: list[Figure] = []
    with sync_playwright() as engine:
        browser = engine.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for case in cases:
            figures += _case(browser, case, runs=runs, folder=folder)
        browser.close()
    return figures


def _case(browser: Browser, case: Case, *, runs: int, folder: Path) -> list[Figure]:
    parcels = folder / f"opening-{case.count}.parquet"
    write_parcels(made_up_parcels(case.count), parcels)
    taken: dict[str, list[float]] = {FLOOR: [], LIVE: []}
    marks = {FLOOR: ".st-key-echo", LIVE: "iframe[data-drawn-seq]"}
    scripts = {FLOOR: APPS / "empty_page.py", LIVE: ROOT / "streamlit_app.py"}
    with (
        open_page(scripts[FLOOR], browser, case=case, parcels=parcels) as (floor, _),
        open_page(scripts[LIVE], browser, case=case, parcels=parcels) as (live, _),
    ):
        addresses = {FLOOR: floor.url, LIVE: live.url.partition("?")[0] + "?lang=en"}
        for run in range(WARM_UPS + runs):
            for name, address in addresses.items():
                seconds = _opened_s(browser, address, mark=marks[name])
                if run >= WARM_UPS:
                    taken[name].append(seconds)
    return [
        replace(figure, aim=AIM if figure.what == LIVE else None)
        for figure in compared(
            taken, base=FLOOR, part="Address opened → first map on screen", size=case.count
        )
    ]


def _opened_s(browser: Browser, address: str, *, mark: str) -> float:
    context = browser.new_context(viewport={"width": 1400, "height": 1000}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.add_init_script(f"({_SEEN})({mark!r})")
    page.goto(address)
    seconds: float = page.evaluate("window.benchSeen") / 1000
    context.close()
    return seconds
