"""Replies kept on disk: resumed from, checked, aged, and never in the way."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from siteplan.errors import InputError
from siteplan.io.vworld import Cache, Pace, Service, fetch
from siteplan.io.vworld import cache as cache_module
from siteplan.io.vworld.cache import Kept
from siteplan.io.vworld.download import Query
from tests.vworld.asking import ALL, codes, held, pnus
from tests.vworld.fake_server import (
    DONG,
    FakeVWorld,
    grid,
    parcel,
)


class TestCache:
    def test_after_a_failure_only_missing_requests_are_made(
        self, fake: FakeVWorld, service: Service, pace: Pace, cache: Cache
    ) -> None:
        fake.faults = ["fine", "fine", *[502] * 5]
        with pytest.raises(InputError):
            fetch(ALL, service=service, pace=pace, cache=cache)
        done = {request["geomFilter"] for request in fake.requests[:2]}
        fake.requests.clear()
        fetched = fetch(ALL, service=service, pace=pace, cache=cache)
        assert pnus(fetched) == held(fake)
        assert len(fake.requests) == 2
        assert not done & {request["geomFilter"] for request in fake.requests}
        assert codes(fetched) == ["fetch_from_cache"]
        assert (fetched.requests, fetched.cached) == (2, 2)

    def test_the_result_is_the_same_from_the_cache(
        self, fake: FakeVWorld, service: Service, pace: Pace, cache: Cache
    ) -> None:
        first = fetch(ALL, service=service, pace=pace, cache=cache)
        again = fetch(ALL, service=service, pace=pace, cache=cache)
        assert again.text == first.text
        assert len(fake.requests) == 4

    def test_refresh_asks_anew(
        self, fake: FakeVWorld, service: Service, pace: Pace, cache: Cache
    ) -> None:
        fetch(DONG, service=service, pace=pace, cache=cache)
        fake.layers["LP_PA_CBND_BUBUN"].append(parcel(40, 0))
        assert (
            len(fetch(DONG, service=service, pace=pace, cache=cache))
            == len(held(fake, start=DONG)) - 1
        )
        fetched = fetch(DONG, service=service, pace=pace, cache=cache, refresh=True)
        assert pnus(fetched) == held(fake, start=DONG)

    @pytest.mark.parametrize(
        "damage",
        [
            lambda content: content[:0],
            lambda content: content[: len(content) // 2],
            lambda content: content.replace("대".encode(), "답".encode(), 1),
            lambda content: b"\x00" * len(content),
            lambda content: b"[1]\n" + content,
        ],
    )
    def test_a_damaged_reply_is_asked_for_anew(
        self,
        fake: FakeVWorld,
        service: Service,
        pace: Pace,
        cache: Cache,
        damage: Callable[[bytes], bytes],
    ) -> None:
        first = fetch(DONG, service=service, pace=pace, cache=cache)
        [path] = cache.folder.iterdir()
        path.write_bytes(damage(path.read_bytes()))
        assert fetch(DONG, service=service, pace=pace, cache=cache).text == first.text
        assert len(fake.requests) == 2

    def test_an_old_reply_is_asked_for_anew(self, cache: Cache) -> None:
        params, now = {"data": "X"}, datetime.now(UTC)
        kept = Kept(b"body", now - timedelta(days=29))
        assert cache.keep("https://h/", params, kept) is None
        assert cache.read("https://h/", params) == kept
        cache.keep("https://h/", params, Kept(b"body", now - timedelta(days=31)))
        assert cache.read("https://h/", params) is None

    def test_refusals_are_not_kept(
        self, fake: FakeVWorld, service: Service, pace: Pace, cache: Cache
    ) -> None:
        fake.error = "OVER_REQUEST_LIMIT"
        with pytest.raises(InputError):
            fetch(DONG, service=service, pace=pace, cache=cache)
        assert not cache.folder.exists() or not list(cache.folder.iterdir())

    def test_a_folder_that_cannot_be_written_to_is_told(
        self, fake: FakeVWorld, service: Service, pace: Pace, tmp_path: Path
    ) -> None:
        (tmp_path / "file").write_text("no folder")
        fetched = fetch(DONG, service=service, pace=pace, cache=Cache(tmp_path / "file" / "in"))
        assert pnus(fetched) == held(fake, start=DONG)
        assert codes(fetched) == ["fetch_not_kept"]

    def test_the_folder_follows_the_platform(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        assert cache_module.default_cache_folder() == tmp_path / "siteplan" / "vworld"
        monkeypatch.delenv("XDG_CACHE_HOME")
        monkeypatch.setattr(sys, "platform", "linux")
        assert cache_module.default_cache_folder() == Path.home() / ".cache/siteplan/vworld"
        monkeypatch.setattr(sys, "platform", "darwin")
        assert "Caches" in cache_module.default_cache_folder().parts
        monkeypatch.setattr(sys, "platform", "win32")
        monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
        assert cache_module.default_cache_folder().is_relative_to(tmp_path / "local")

    def test_a_failed_fetch_loses_nothing_at_any_point(
        self, fake: FakeVWorld, service: Service, pace: Pace, tmp_path: Path
    ) -> None:
        for after in range(4):
            cache = Cache(tmp_path / f"cache{after}")
            fake.requests.clear()
            fake.faults = ["fine"] * after + [502] * pace.tries
            with pytest.raises(InputError):
                fetch(ALL, service=service, pace=pace, cache=cache)
            fake.requests.clear()
            assert pnus(fetch(ALL, service=service, pace=pace, cache=cache)) == held(fake)
            assert len(fake.requests) == 4 - after

    def test_pages_kept_from_before_a_change_are_not_mixed_with_later_ones(
        self, fake: FakeVWorld, service: Service, pace: Pace, cache: Cache
    ) -> None:
        fake.layers["LP_PA_CBND_BUBUN"] = grid(50, 50)
        fake.faults = ["fine", *[502] * 5]
        with pytest.raises(InputError, match="1 replies are kept"):
            fetch(DONG, service=service, pace=pace, cache=cache)
        fake.layers["LP_PA_CBND_BUBUN"].insert(0, parcel(60, 0))
        fetched = fetch(DONG, service=service, pace=pace, cache=cache)
        assert pnus(fetched) == held(fake, start=DONG)
        assert "fetch_read_again" in codes(fetched)

    def test_pages_of_another_day_are_not_mixed_with_todays(
        self, fake: FakeVWorld, service: Service, pace: Pace, cache: Cache
    ) -> None:
        fake.layers["LP_PA_CBND_BUBUN"] = grid(50, 50)
        fetch(DONG, service=service, pace=pace, cache=cache)
        params = Query("LP_PA_CBND_BUBUN", attribute=f"pnu:like:{DONG}").params(1)
        kept = cache.read(service.url, params)
        assert kept is not None
        cache.keep(service.url, params, Kept(kept.body, kept.received - timedelta(days=3)))
        fake.layers["LP_PA_CBND_BUBUN"][5] = parcel(60, 0)
        fetched = fetch(DONG, service=service, pace=pace, cache=cache)
        assert pnus(fetched) == held(fake, start=DONG)
        assert "fetch_read_again" in codes(fetched)
