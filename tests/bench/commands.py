"""Cold commands: a whole plan against merely importing GeoPandas."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from tests.bench.figures import Figure, compared, python, run_timed

AIM = 2.5
BASE = 'python -c "import geopandas"'


def command_figures(*, runs: int) -> list[Figure]:
    """Time each command in fresh processes, taking turns."""
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "out.geojson")
        commands = {
            BASE: python("-c", "import geopandas"),
            "python -c pass": python("-c", "pass"),
            "siteplan --help": python("-m", "siteplan.cli", "--help"),
            "siteplan plan -o out.geojson": python("-m", "siteplan.cli", "plan", "-o", out),
        }
        for command in commands.values():  # once each, so that files and bytecode are at hand
            run_timed(command)
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for _ in range(runs):
            for name, command in commands.items():
                taken[name].append(run_timed(command))
    figures = compared(
        {name: [seconds for seconds, _ in pairs] for name, pairs in taken.items()},
        base=BASE,
        part="Cold commands",
    )
    return [
        replace(
            figure,
            aim=AIM if figure.what.startswith("siteplan plan") else None,
            peak_mb=max(peak for _, peak in taken[figure.what]),
        )
        for figure in figures
    ]
