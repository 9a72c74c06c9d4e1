"""The README is true: its Python runs, its commands parse, its pictures are there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from siteplan.cli import _parser

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands() -> list[str]:
    lines = [line.split(" #")[0].strip() for block in blocks("sh") for line in block.splitlines()]
    return [line for line in lines if line.startswith("siteplan ")]


def test_the_python_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (code,) = blocks("python")
    exec(compile(code, "README.md", "exec"), {})
    assert "optimal" in capsys.readouterr().out
    assert (tmp_path / "plan.geojson").stat().st_size > 10_000
    assert (tmp_path / "plan.html").stat().st_size > 10_000


@pytest.mark.parametrize("line", commands())
def test_each_command_parses(line: str) -> None:
    options = _parser().parse_args(shlex.split(line)[1:])
    assert callable(options.command)


def test_there_are_commands_and_pictures_are_there() -> None:
    assert len(commands()) > 8
    for picture in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README):
        assert (ROOT / picture).is_file(), picture
