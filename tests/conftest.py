"""Settings and small studies that many tests share."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Machines differ in speed; timings live in tests/bench. Derandomised in CI: a red run stays red.
settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "ci", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "local")


@pytest.fixture(scope="session", autouse=True)
def _store_of_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what tests save in a file of their own, never in the person's data folder."""
    place = tmp_path_factory.mktemp("store") / "scenarios.sqlite"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SITEPLAN_STORE", str(place))
        yield


@pytest.fixture(autouse=True)
def _main_module_stays() -> Iterator[None]:
    """Put `__main__` back: the app's runs replace it, and a child process would start with it."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before


@pytest.fixture
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a test a store that nobody else writes to, and return its file."""
    place = tmp_path / "own.sqlite"
    monkeypatch.setenv("SITEPLAN_STORE", str(place))
    return place
