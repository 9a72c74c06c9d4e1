"""``siteplan report``: one file, exit codes, sentences that name the fix."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from siteplan.cli import main


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    try:
        code = main(arguments)
    except SystemExit as stop:
        code = int(stop.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_it_writes_one_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    code, said, _ = run(
        capsys, "report", "--share", "housing=25", "-o", str(out), "--paper", "a3", "--title", "T<1"
    )
    assert code == 0
    assert str(out) in said
    html = out.read_text(encoding="utf-8")
    assert "420mm 297mm" in html
    assert "T&lt;1" in html
    assert "67,500 m²" in html
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_its_scenario_is_that_of_the_plan(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out, kept = tmp_path / "report.html", tmp_path / "kept.scenario.json"
    _, planned, _ = run(capsys, "plan", "--total", "200000", "-o", str(kept), "--json")
    code, said, _ = run(capsys, "report", "--scenario", str(kept), "-o", str(out), "--json")
    assert code == 0
    told = json.loads(said)
    assert told["scenario_id"] == json.loads(planned)["scenario_id"]
    assert told["scenario_id"] in out.read_text(encoding="utf-8")


def test_a_programme_that_does_not_fit_is_reported_with_its_reason(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "report.html"
    code, _, error = run(capsys, "report", "--gfa", "housing=200000", "-o", str(out))
    assert code == 3
    assert "does not fit" in error
    assert "missing" in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["-o", "report.pdf"], 2, "HTML"),
        ([], 2, "--output"),
        (["-o", "nowhere/report.html"], 1, "no folder"),
        (["-o", "report.html", "--paper", "b5"], 2, "a4"),
        (["missing.gpkg", "-o", "report.html"], 1, "missing.gpkg"),
    ],
)
def test_bad_input_gets_a_sentence(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: int,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    found, _, error = run(capsys, "report", *arguments)
    assert found == code
    assert said in error
    assert not list(tmp_path.iterdir())
