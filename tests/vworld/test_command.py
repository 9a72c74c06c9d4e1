"""`siteplan fetch` as people and scripts use it, and that the key is found nowhere afterwards."""

from __future__ import annotations

import io
import json
import logging
import os
import pickle
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path

import pytest

import siteplan as sp
from siteplan.cli import main
from siteplan.errors import InputError
from siteplan.io.vworld import Cache, Pace, Service, fetch
from tests.vworld.fake_server import DONG, KEY, FakeVWorld, served

BOX = "127.03,37.46,127.0445,37.4745"


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = Pace(sleep=lambda _: None)
    monkeypatch.setattr("siteplan.io.vworld.fetched.Pace", lambda: quick)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    try:
        code = main(["fetch", *arguments])
    except SystemExit as stop:
        code = int(stop.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_dong_to_a_file_that_is_official_parcels(
    fake: FakeVWorld, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "yangjae.geojson"
    code, told, progress = run(
        capsys, DONG, "--key", KEY, "--url", fake.url, "-o", str(out), "--lang", "en"
    )
    assert code == 0
    assert "720 features, 1 requests, 0 kept replies" in told
    assert "1 of 1 queries, 720 rows received" in progress
    parcels = sp.read_parcels(out)
    assert len(parcels) == 720
    assert set(parcels.evidence) == {"official"}
    assert "crs_assumed" not in {issue.code for issue in parcels.issues}


def test_the_key_from_the_environment_and_from_stdin(
    fake: FakeVWorld,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    common = [DONG, "--url", fake.url, "--no-cache", "-o", str(tmp_path / "a.geojson")]
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{KEY}\n"))
    assert run(capsys, *common, "--key", "-")[0] == 0
    monkeypatch.setenv("VWORLD_KEY", KEY)
    assert run(capsys, *common)[0] == 0
    monkeypatch.delenv("VWORLD_KEY")
    code, _, said = run(capsys, *common, "--lang", "en")
    assert code == 2
    assert "VWORLD_KEY" in said
    assert len(fake.requests) == 2
    assert not (tmp_path / "xdg").exists()


def test_a_list_in_a_file_and_the_zones(
    fake: FakeVWorld, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    wished, out = tmp_path / "list.txt", tmp_path / "out.gpkg"
    wished.write_text(f"\ufeff{DONG}100010000\n{DONG}100020000\n", encoding="utf-8")
    common = ["--key", KEY, "--url", fake.url, "-o", str(out)]
    assert run(capsys, f"@{wished}", *common)[0] == 0
    assert len(sp.read_parcels(out)) == 2
    assert run(capsys, f"@{tmp_path / 'none.txt'}", *common)[0] == 1
    zones = tmp_path / "zones.geojson"
    assert run(capsys, BOX, *common[:-1], str(zones), "--layer", "zoning")[0] == 0
    [zone] = json.loads(zones.read_text(encoding="utf-8"))["features"]
    assert zone["properties"]["uname"] == "준주거지역"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nowhere"], 1, "no dong code"),
        (["9999999999"], 1, "does not know the dong"),
        ([DONG, "--key", "short"], 1, "no key"),
        ([DONG, "--key", "WRONG-KEY-0000"], 1, "does not know this key"),
        ([DONG, "--url", "file:///etc/hosts"], 1, "https://"),
        ([DONG, "-o", "out.xls"], 2, ".geojson"),
        ([DONG, "-o", "no-such-folder/out.geojson"], 1, "no folder"),
        ([DONG, "--cache", "c", "--no-cache"], 2, "not both"),
        ([], 2, "DONG_OR_BBOX"),
    ],
)
def test_errors_name_the_fix(
    fake: FakeVWorld,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: int,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SITEPLAN_VWORLD_URL", fake.url)
    monkeypatch.setenv("VWORLD_KEY", KEY)
    found, printed, error = run(capsys, "-o", "out.geojson", "--lang", "en", *arguments)
    assert (found, printed) == (code, "")
    assert said in error
    assert "Traceback" not in error
    assert not list(tmp_path.glob("out*"))


def test_after_a_failure_it_resumes(
    fake: FakeVWorld, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    common = [BOX, "--key", KEY, "--url", fake.url, "--cache", str(tmp_path / "kept"),
              "-o", str(tmp_path / "out.parquet"), "--lang", "en"]  # fmt: skip
    fake.faults = ["fine", "fine", "fine", *[502] * 5]
    code, _, said = run(capsys, *common)
    assert code == 1
    assert "3 replies are kept" in said
    assert "waiting: HTTP 502" in said
    fake.requests.clear()
    code, told, said = run(capsys, *common)
    assert code == 0
    assert len(fake.requests) == 1
    assert "1 requests, 3 kept replies" in told
    assert "3 of 4 replies were kept" in said


def test_korean_says_the_same_figures(
    fake: FakeVWorld, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = str(tmp_path / "out.geojson")
    code, told, _ = run(capsys, DONG, "--key", KEY, "--url", fake.url, "-o", out, "--lang", "ko")
    assert code == 0
    assert "720" in told
    fake.error = "INVALID_KEY"
    code, _, said = run(
        capsys, DONG, "--key", KEY, "--url", fake.url, "-o", out, "--lang", "ko", "--refresh"
    )
    assert code == 1
    assert "INVALID_KEY" in said


def test_ctrl_c_keeps_what_came_and_exits_with_130(fake: FakeVWorld, tmp_path: Path) -> None:
    fake.faults, fake.slow_s = ["fine", "slow"], 20.0
    out = tmp_path / "out.geojson"
    arguments = [sys.executable, "-m", "siteplan.cli", "fetch", BOX, "--url", fake.url,
                 "-o", str(out), "--lang", "en"]  # fmt: skip
    environment = {**os.environ, "VWORLD_KEY": KEY}
    with subprocess.Popen(arguments, env=environment, stderr=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + 60
        while len(fake.requests) < 2 and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "goes on from here" in said
    assert "Traceback" not in said
    assert not out.exists()
    assert len(list((tmp_path / "xdg" / "siteplan" / "vworld").glob("*.reply"))) == 1


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_one_line_is_drawn_over_and_the_key_is_asked_for(
    fake: FakeVWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, asked = Terminal(), []
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", lambda prompt: asked.append(prompt) or KEY)
    arguments = [BOX, "--url", fake.url, "-o", str(tmp_path / "out.geojson"), "--lang", "en"]
    assert main(["fetch", *arguments]) == 0
    drawn = shown.getvalue().split("\r\x1b[K")
    assert len(drawn) == 5
    assert drawn[2].startswith("█" * 15 + "·" * 15)
    # Parcels on the edge of two tiles are received twice and written once.
    assert drawn[4] == "█" * 30 + " 4 of 4 queries, 806 rows received\n"
    assert len(asked) == 1


class TestTheKey:
    def everything(self, folder: Path) -> bytes:
        """Return the content and the names of all files below a folder."""
        files = [path for path in folder.rglob("*") if path.is_file()]
        return b"\n".join(path.read_bytes() + str(path).encode() for path in files)

    @pytest.mark.parametrize(
        "faults",
        [[], [502] * 5, ["truncated"] * 5, ["html"] * 5, ["reset"] * 5, [403], ["fewer"] * 9],
    )
    def test_it_is_in_nothing_printed_logged_or_written(
        self,
        fake: FakeVWorld,
        capsys: pytest.CaptureFixture[str],
        caplog: pytest.LogCaptureFixture,
        tmp_path: Path,
        faults: list[int | str],
    ) -> None:
        caplog.set_level(logging.DEBUG)
        fake.faults, fake.echo_key = list(faults), True
        _, told, said = run(
            capsys, BOX, "--key", KEY, "--url", fake.url, "-o", str(tmp_path / "out.geojson")
        )
        assert fake.requests[0]["key"] == KEY  # it did travel
        assert KEY not in told + said + caplog.text
        assert KEY.encode() not in self.everything(tmp_path)

    def test_it_is_in_no_error_and_its_traceback(self, fake: FakeVWorld, service: Service) -> None:
        for faults in ([502] * 5, [403], ["reset"] * 5, ["truncated"] * 5):
            fake.faults = list(faults)
            with pytest.raises(InputError) as caught:
                fetch(DONG, service=service, pace=Pace(sleep=lambda _: None))
            chain: list[BaseException] = [caught.value]
            while chain[-1].__context__ is not None:
                chain.append(chain[-1].__context__)
            for error in chain:
                assert KEY not in repr(error) + str(error) + repr(vars(error))
            assert KEY not in "".join(traceback.format_exception(caught.value))
        assert KEY not in repr(service) + str(service)

    def test_it_is_blotted_out_where_the_service_repeats_it(
        self, fake: FakeVWorld, service: Service, cache: Cache
    ) -> None:
        fake.error, fake.error_text = "NEW_CODE", f"key={KEY} ?"
        with pytest.raises(InputError, match=r"key=\*\*\* \?"):
            fetch(BOX, service=service, pace=Pace(sleep=lambda _: None), cache=cache)

    def test_it_is_not_in_what_was_fetched(self, fake: FakeVWorld, service: Service) -> None:
        fake.echo_key = True
        fetched = fetch(DONG, service=service, pace=Pace(sleep=lambda _: None))
        assert KEY.encode() not in pickle.dumps(fetched)

    def test_another_person_with_another_key_shares_the_kept_replies(
        self, fake: FakeVWorld, service: Service, cache: Cache
    ) -> None:
        fetch(DONG, service=service, cache=cache)
        fetched = fetch(DONG, service=Service("ANOTHER-KEY-1", url=fake.url), cache=cache)
        assert (fetched.requests, fetched.cached) == (0, 1)

    def test_a_proxy_of_the_environment_is_used(
        self, fake: FakeVWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with served(FakeVWorld(fake.layers)) as proxy:
            monkeypatch.delenv("no_proxy")
            monkeypatch.setenv("http_proxy", proxy.url.removesuffix("/req/data"))
            fetched = fetch(DONG, service=Service(KEY, url="http://vworld.invalid/req/data"))
            assert len(fetched) == 720
            assert len(proxy.requests) == 1
        assert [issue.code for issue in fetched.issues] == ["fetch_unencrypted"]
