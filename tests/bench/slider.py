"""Slider released until the map is restyled, in a real browser, beside two yardsticks.

The floor is an empty Streamlit app: a slider and a text that echoes it. The contrast is a
streamlit-folium page that redraws the same plan. All pages live in one browser and take turns.
Clocks run inside the pages, from the pointer's release to the change in the document.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.figures import ROOT, Figure, compared, peak_mb, python
from tests.bench.parcels import made_up_parcels, write_parcels

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

APPS = Path(__file__).parent / "apps"
FLOOR, LIVE, FOLIUM = "empty Streamlit app", "siteplan", "streamlit-folium"
STOPS_PCT = (35, 20)
"""Where on the track the housing slider is released, in turn: 15 % of the floor area moves."""
LOT_M2 = 135
"""Floor area per parcel: 2,000 parcels carry the 270,000 m² that the city announced."""
ANNOUNCED_M2 = 270_000
MOST_WITH_FOLIUM = 2_000
WARM_UPS = 2
SLOW_S = 5.0
PATIENCE_MS = 240_000
BAR_TRACK = ".st-key-programme [data-use=housing] .track"
PLAIN_TRACK = ".st-key-slider-housing [role=group] > div"
_RELEASE = """() => {
  window.benchReleased = 0;
  addEventListener("pointerup", () => { window.benchReleased = performance.now(); }, true);
}"""
# Resolves with the time of the first text in the echo that differs from the present one.
_ECHO = """() => {
  const text = () => document.querySelector(".st-key-echo")?.textContent;
  const before = text();
  window.benchDone = new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      if (!text() || text() === before) return;
      observer.disconnect();
      resolve(performance.now());
    });
    const options = { subtree: true, childList: true, characterData: true };
    observer.observe(document.body, options);
  });
}"""
# Resolves when the map's document has said that it drew another scenario.
_DRAWN = """(frame) => {
  const before = frame.dataset.drawnScenario;
  window.benchDone = new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      if (frame.dataset.drawnScenario === before) return;
      observer.disconnect();
      resolve(performance.now());
    });
    observer.observe(frame, { attributes: true, attributeFilter: ["data-drawn-scenario"] });
  });
}"""
# Resolves in the first animation frame in which all paths have another outline than now.
_REDRAWN = """(count) => {
  const path = () => {
    for (const frame of document.querySelectorAll("iframe")) {
      const paths = frame.contentDocument?.getElementsByClassName("leaflet-interactive") ?? [];
      if (paths.length >= count) return paths[count - 1];
    }
    return null;
  };
  const before = path()?.getAttribute("stroke");
  window.benchDone = new Promise((resolve) => {
    const look = () => {
      const now = path()?.getAttribute("stroke");
      if (now && now !== before) resolve(performance.now());
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}"""


@dataclass(frozen=True)
class Case:
    """So many parcels that carry so much floor area."""

    count: int
    total_m2: int

    @property
    def with_folium(self) -> bool:
        """Whether streamlit-folium can be asked for so many at all."""
        return self.count <= MOST_WITH_FOLIUM

    @property
    def words(self) -> str:
        """Name of the case in the report."""
        return f"{self.total_m2:,} m²"


def cases(*, quick: bool) -> tuple[Case, ...]:
    """Return what to time: three sizes, and the largest also with the announced floor area."""
    small = (Case(150, 150 * LOT_M2), Case(2_000, ANNOUNCED_M2))
    if quick:
        return small
    large = 40_000
    return (*small, Case(large, large * LOT_M2), Case(large, ANNOUNCED_M2))


AIMS = {150: 2.0, 2_000: 3.0, 40_000: 2.5}


def slider_figures(*, runs: int, quick: bool, folder: Path) -> list[Figure]:
    """Time every case; writes the parcels that it needs into `folder`."""
    from playwright.sync_api import sync_playwright

    figures: list[Figure] = []
    with sync_playwright() as engine:
        browser = engine.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for case in cases(quick=quick):
            figures += _case_figures(case, browser=browser, runs=runs, folder=folder)
        browser.close()
    return figures


@dataclass(frozen=True)
class _Way:
    """One page under the clock."""

    page: Page
    watch: Callable[[], object]
    pid: int
    track: str = PLAIN_TRACK

    def release_s(self, stop_pct: int) -> float:
        """Move the housing slider, and return the seconds from release to the new picture."""
        self.page.bring_to_front()
        track = self.page.locator(self.track).first
        box = track.bounding_box()
        if box is None:
            raise RuntimeError("the page shows no housing slider")
        x, y = box["x"] + box["width"] * stop_pct / 100, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.wait_for_timeout(100)  # a hand is not faster, and the picture comes to rest
        self.watch()
        self.page.mouse.up()
        lasted_ms: float = self.page.evaluate(
            "async () => (await window.benchDone) - window.benchReleased"
        )
        self._rest()
        return lasted_ms / 1000

    def _rest(self) -> None:
        """Wait until the rerun has ended and the page has come to rest."""
        self.page.wait_for_selector('[data-test-script-state="notRunning"]', timeout=PATIENCE_MS)
        self.page.wait_for_timeout(250)


def _case_figures(case: Case, *, browser: Browser, runs: int, folder: Path) -> list[Figure]:
    parcels = folder / f"made-up-{case.count}.parquet"
    if not parcels.exists():
        write_parcels(made_up_parcels(case.count), parcels)
    changed: list[int] = []
    with ExitStack() as stack:

        def page(script: Path) -> tuple[Page, int]:
            return stack.enter_context(open_page(script, browser, case=case, parcels=parcels))

        ways = {FLOOR: _floor(*page(APPS / "empty_page.py"))}
        began = time.perf_counter()
        live = _live(*page(ROOT / "streamlit_app.py"), case=case)
        opened_s = time.perf_counter() - began
        ways[LIVE] = live
        if case.with_folium:
            ways[FOLIUM] = _folium(*page(APPS / "folium_page.py"), case=case)
        taken: dict[str, list[float]] = {name: [] for name in ways}
        for run in range(WARM_UPS + runs):
            for name, way in ways.items():
                seconds = way.release_s(STOPS_PCT[run % 2])
                if run >= WARM_UPS:
                    taken[name].append(seconds)
            changed.append(int(_frame(live.page).get_attribute("data-drawn-changed") or 0))
            if len(taken[LIVE]) >= 3 and taken[LIVE][-1] > SLOW_S:
                break  # three such waits say enough
        peaks = {name: peak_mb(way.pid) for name, way in ways.items()}
    notes = {LIVE: f"{max(changed):,} parcels recoloured; first picture after {opened_s:.1f} s"}
    return [
        replace(
            figure,
            what=figure.what if figure.what == FLOOR else f"{figure.what}, {case.words}",
            aim=AIMS.get(case.count) if figure.what == LIVE else None,
            peak_mb=peaks[figure.what],
            note=notes.get(figure.what, ""),
        )
        for figure in compared(
            taken, base=FLOOR, part="Slider released → map restyled", size=case.count
        )
    ]


def _floor(page: Page, pid: int) -> _Way:
    page.wait_for_selector(".st-key-echo", timeout=PATIENCE_MS)
    return _Way(page, lambda: page.evaluate(_ECHO), pid)


def _frame(page: Page) -> Any:
    return page.locator("iframe[data-drawn-seq]")


def _live(page: Page, pid: int, *, case: Case) -> _Way:
    frame = _frame(page)
    frame.wait_for(timeout=PATIENCE_MS)
    page.wait_for_selector('[data-test-script-state="notRunning"]', timeout=PATIENCE_MS)
    if case.total_m2 != ANNOUNCED_M2:
        before = frame.get_attribute("data-drawn-scenario")
        total = page.locator(".st-key-programme #total")
        total.fill(str(case.total_m2))
        total.press("Enter")
        page.wait_for_function(
            "([frame, before]) => frame.dataset.drawnScenario !== before",
            arg=[frame.element_handle(), before],
            timeout=PATIENCE_MS,
        )
    return _Way(page, lambda: frame.evaluate(_DRAWN), pid, BAR_TRACK)


def _folium(page: Page, pid: int, *, case: Case) -> _Way:
    page.wait_for_function(
        """(count) => [...document.querySelectorAll("iframe")].some((frame) =>
          frame.contentDocument?.getElementsByClassName("leaflet-interactive").length >= count)""",
        arg=case.count,
        timeout=PATIENCE_MS,
    )
    return _Way(page, lambda: page.evaluate(_REDRAWN, case.count), pid)


@contextmanager
def open_page(
    script: Path, browser: Browser, *, case: Case, parcels: Path
) -> Iterator[tuple[Page, int]]:
    """Start an app on a port of its own and open it in a window of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {
        "server.port": port,
        "server.address": "127.0.0.1",
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
    }
    command = python("-m", "streamlit", "run", str(script))
    command += [f"--{name}={value}" for name, value in options.items()]
    settings = {
        "SITEPLAN_PARCELS": str(parcels.resolve()),
        "SITEPLAN_STORE": str(parcels.resolve().parent / "bench-store.sqlite"),
        "SITEPLAN_BENCH_TOTAL_M2": str(case.total_m2),
        "PYTHONPATH": str(ROOT),
    }
    # The yardsticks run outside the project, so that its settings do not reach them.
    folder = ROOT if script.parent == ROOT else parcels.parent
    server = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        context = browser.new_context(viewport={"width": 1400, "height": 1000}, locale="en-GB")
        context.route(lambda address: f"127.0.0.1:{port}" not in address, _without_network)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"http://127.0.0.1:{port}/?lang=en")
        page.wait_for_selector(f"{PLAIN_TRACK}, {BAR_TRACK}", timeout=PATIENCE_MS)
        page.evaluate(_RELEASE)
        yield page, server.pid
        context.close()
    finally:
        server.terminate()
        server.wait(20)


def _without_network(route: Route) -> None:
    """Answer what Folium's page asks of a network: Leaflet from its package, else nothing."""
    from xstatic.pkg import leaflet

    name = Path(route.request.url.partition("?")[0]).name
    kept = Path(leaflet.BASE_DIR) / name
    if name in ("leaflet.js", "leaflet.css"):
        route.fulfill(path=kept)
    elif name.endswith((".js", ".css")):
        kind = "css" if name.endswith(".css") else "javascript"
        route.fulfill(body="", content_type=f"text/{kind}")
    else:
        route.abort()


def _wait_for(address: str) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"no server answers at {address}")
