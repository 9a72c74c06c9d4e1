"""The fake service, a client that does not really wait, and no proxy in between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from siteplan.io.vworld import Cache, Pace, Service
from tests.vworld.fake_server import DONG, KEY, FakeVWorld, grid, served, square


@pytest.fixture(autouse=True)
def quiet_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No proxies, no key and no cache of the person who runs the tests."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "VWORLD_KEY", "SITEPLAN_VWORLD_URL"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))


@pytest.fixture
def fake() -> Iterator[FakeVWorld]:
    """A 동 of 24 by 30 parcels, its outline, and a neighbour of one column."""
    parcels = grid(25, 30)
    outline = {
        "type": "Feature",
        "geometry": {
            "type": "MultiPolygon",
            "coordinates": [[square(127.03, 37.46, 0.0149)]],
        },
        "properties": {"emd_cd": DONG[:8], "emd_kor_nm": "시험동"},
    }
    zone = {
        "type": "Feature",
        "geometry": {"type": "MultiPolygon", "coordinates": [[square(127.025, 37.455, 0.03)]]},
        "properties": {"uname": "준주거지역", "sido_name": "서울특별시"},
    }
    layers = {"LP_PA_CBND_BUBUN": parcels, "LT_C_ADEMD_INFO": [outline], "LT_C_UQ111": [zone]}
    with served(FakeVWorld(layers)) as running:
        yield running


@pytest.fixture
def service(fake: FakeVWorld) -> Service:
    return Service(KEY, url=fake.url, timeout_s=5)


@pytest.fixture
def waits() -> list[float]:
    """Seconds that the client would have slept."""
    return []


@pytest.fixture
def pace(waits: list[float]) -> Pace:
    return Pace(sleep=waits.append, chance=lambda: 1.0)


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")
