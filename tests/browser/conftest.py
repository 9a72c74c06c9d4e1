"""A browser without a network, and Streamlit apps on loopback ports."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright
from playwright.sync_api import Error as PlaywrightError

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LOCAL_SCHEMES = {"data", "blob", "about", "file"}
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
START_S = 60.0
SCREENSHOTS = ROOT / "build" / "screenshots"
FAILED = pytest.StashKey[bool]()

StartApp = Callable[..., str]


@dataclass
class OfflineContext:
    """A browser context that refuses every request beyond this machine and keeps a list of them."""

    context: BrowserContext
    attempted: list[str] = field(default_factory=list)

    def new_page(self) -> Page:
        return self.context.new_page()

    def judge(self, route: Route) -> None:
        url = urlsplit(route.request.url)
        if url.scheme in LOCAL_SCHEMES or url.hostname in LOOPBACK:
            route.continue_()
        else:
            self.attempted.append(route.request.url)
            route.abort()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        reason = f"no browser: install one of {', '.join(BROWSERS)}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield launched
        launched.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell the fixtures of a test whether it failed."""
    report = yield
    item.stash.setdefault(FAILED, False)
    item.stash[FAILED] = item.stash[FAILED] or report.failed
    return report


@pytest.fixture
def offline(browser: Browser, request: pytest.FixtureRequest) -> Iterator[OfflineContext]:
    """Yield a fresh context; afterwards no request beyond this machine may have been attempted.

    What the pages showed when a test failed is kept in build/screenshots.
    """
    offline = OfflineContext(browser.new_context(viewport={"width": 1200, "height": 900}))
    offline.context.route("**/*", offline.judge)
    yield offline
    if request.node.stash.get(FAILED, False):
        name = re.sub(r"\W+", "-", request.node.nodeid)
        for number, page in enumerate(offline.context.pages):
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(PlaywrightError):  # a page that crashed has no picture
                page.screenshot(path=SCREENSHOTS / f"{name}-{number}.png")
    offline.context.close()
    assert offline.attempted == []


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def start_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartApp]:
    """Yield a function that starts ``streamlit run SCRIPT`` and returns its address once up."""
    running: list[subprocess.Popen[bytes]] = []
    logs = tmp_path_factory.mktemp("streamlit")

    def start(script: Path, *, base_path: str = "", **environment: str) -> str:
        port = free_port()
        log = logs / f"{port}.log"
        options = {
            "server.port": str(port),
            "server.address": "127.0.0.1",
            "server.headless": "true",
            "server.fileWatcherType": "none",
            "browser.gatherUsageStats": "false",
            **({"server.baseUrlPath": base_path} if base_path else {}),
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", str(script), *arguments],
                cwd=ROOT,
                env={
                    **os.environ,
                    "PYTHONPATH": str(ROOT),
                    "SITEPLAN_STORE": str(logs / f"{port}.sqlite"),
                    **environment,
                },
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        running.append(process)
        address = f"http://127.0.0.1:{port}/{base_path}".rstrip("/")
        wait_until_up(f"{address}/_stcore/health", process=process, log=log)
        return address

    yield start
    for process in running:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_up(url: str, *, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"the app did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")
