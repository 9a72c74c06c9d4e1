"""``siteplan share``: exit codes, JSON keys, sentences that name the fix."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import siteplan
from siteplan.programme import Programme
from tests.test_cli import document, run


@pytest.fixture
def scenarios(tmp_path: Path) -> list[str]:
    """The shipped scenario, and one without a name that has more housing."""
    usual = siteplan.default_scenario()
    more = Programme.from_shares(
        270_000, {"research": 40, "campus": 20, "housing": 30, "culture": 10}
    )
    paths = [tmp_path / "usual.scenario.json", tmp_path / "more-homes.scenario.json"]
    siteplan.write_scenario(usual, paths[0])
    siteplan.write_scenario(replace(usual, name="", programme=more), paths[1])
    return [str(path) for path in paths]


def test_shipped_scenario_without_any_argument(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "share.html"
    code, said, _ = run(capsys, "share", "-o", str(out), "--lang", "ko", "--title", "주민 설명회")
    assert code == 0
    assert str(out) in said
    html = out.read_text(encoding="utf-8")
    assert "<title>주민 설명회</title>" in html
    assert '<html lang="ko">' in html


def test_several_scenarios_as_json(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, scenarios: list[str]
) -> None:
    out = tmp_path / "share.html"
    found = document(capsys, "share", *scenarios, "-o", str(out))
    assert found["file"] == str(out)
    assert found["bytes"] == out.stat().st_size
    assert [one["name"] for one in found["scenarios"]] == [
        siteplan.default_scenario().name,
        "more-homes",
    ]
    first = document(capsys, "plan", "--scenario", scenarios[0], "-o", str(tmp_path / "a.csv"))
    assert found["scenarios"][0]["scenario_id"] == first["scenario_id"]
    assert first["scenario_id"] in out.read_text(encoding="utf-8")


def test_parcels_of_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    kept = tmp_path / "kept.geojson"
    assert run(capsys, "plan", "-o", str(kept))[0] == 0
    out = tmp_path / "share.html"
    assert run(capsys, "share", "--parcels", str(kept), "-o", str(out))[0] == 0
    assert out.is_file()


def test_infeasible_writes_nothing_and_says_why(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    huge = replace(siteplan.default_scenario(), programme=Programme.from_shares(
        9_000_000, {"research": 25, "campus": 25, "housing": 25, "culture": 25}
    ))  # fmt: skip
    path = tmp_path / "huge.scenario.json"
    siteplan.write_scenario(huge, path)
    out = tmp_path / "share.html"
    code, _, said = run(capsys, "share", str(path), "-o", str(out), "--lang", "en")
    assert code == 3
    assert "does not fit" in said
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("-o", "share.pdf"), 2, "end in .html"),
        (("a", "b", "c", "d", "e", "-o", "share.html"), 2, "1 to 4"),
        (("gone.scenario.json", "-o", "share.html"), 1, "no file"),
        ((), 2, "--output"),
    ],
)
def test_wrong_use_names_the_fix(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    code: int,
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    found, out, said = run(capsys, "share", "--lang", "en", *arguments)
    assert found == code
    assert words in said
    assert out == ""
    assert list(tmp_path.iterdir()) == []


def test_scenarios_for_other_parcels_are_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "a.scenario.json"
    kept = json.loads(siteplan.default_scenario().to_json())
    kept["decisions"]["nowhere"] = {"available_pct": 50}
    path.write_text(json.dumps(kept), encoding="utf-8")
    out = tmp_path / "share.html"
    assert run(capsys, "share", str(path), "-o", str(out))[0] == 0
    assert "nowhere" in out.read_text(encoding="utf-8")
