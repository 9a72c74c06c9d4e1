"""The figures as a table on screen, as Markdown and as JSON."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from tests.bench.figures import Figure, machine_line

HEADINGS = ("what", "parcels", "median", "quartiles", "runs", "ratio", "aim", "peak MB", "note")
CAVEAT = (
    "Compare ratios, not milliseconds: each ratio's two sides took turns in the same run on the "
    "same machine."
)


def lines_of(figures: Sequence[Figure], *, machine: dict[str, Any]) -> list[str]:
    """Return the report as lines of Markdown that also read well on a screen."""
    lines = [f"Machine: {machine_line(machine)}", "", CAVEAT, *_noise(machine)]
    for part, found in groupby(figures, key=lambda figure: figure.part):
        rows = [HEADINGS, *(_cells(figure) for figure in found)]
        widths = [max(_width(row[column]) for row in rows) for column in range(len(HEADINGS))]
        heading, *body = (_line(row, widths) for row in rows)
        rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
        lines += ["", f"## {part}", "", heading, rule, *body]
    return lines


def write_report(figures: Sequence[Figure], *, machine: dict[str, Any], folder: Path) -> list[Path]:
    """Write ``report.md`` and ``report.json`` and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    text, table = folder / "report.md", folder / "report.json"
    lines = ["# Benchmark", "", *lines_of(figures, machine=machine)]
    growth = folder / "allocation-growth.svg"
    if growth.exists() and any(figure.what.startswith("growth") for figure in figures):
        lines += ["", f"![Seconds of an allocation as parcels grow]({growth.name})"]
    text.write_text("\n".join(lines) + "\n", encoding="utf-8")
    document = {"machine": machine, "figures": [figure.as_dict() for figure in figures]}
    table.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return [text, table]


def _noise(machine: dict[str, Any]) -> list[str]:
    """Return a warning where other work ran beside the benchmark."""
    if machine["load_at_start"] < 0.3 * machine["cores"]:
        return []
    warning = (
        f"NOISY RUN: the load was {machine['load_at_start']:.1f} on {machine['cores']} cores when "
        "it began. Other work ran beside it; take the figures again on a quiet machine."
    )
    if machine.get("clock", "wall") != "wall":
        warning += f" Calls inside one process were timed by {machine['clock']}."
    return ["", warning]


def _cells(figure: Figure) -> tuple[str, ...]:
    first_s, third_s = figure.quartiles_s
    return (
        figure.what,
        "" if figure.size is None else f"{figure.size:,}",
        duration(figure.median_s),
        f"{duration(first_s)} – {duration(third_s)}" if len(figure.runs_s) > 1 else "",
        str(len(figure.runs_s)),
        "" if figure.ratio is None else f"{figure.ratio:.2f} × {figure.base}",
        "" if figure.aim is None else f"≤ {figure.aim:g}",
        "" if figure.peak_mb is None else f"{figure.peak_mb:,.0f}",
        figure.note,
    )


def duration(seconds: float) -> str:
    """Return seconds as text with three digits that count."""
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.0f} ms" if seconds >= 0.01 else f"{seconds * 1e3:.2f} ms"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (
        cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True)
    )
    return "| " + " | ".join(padded) + " |"
