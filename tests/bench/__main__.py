"""``python -m tests.bench``: every timing in one command. Nothing passes or fails here."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.allocation import allocation_figures
from tests.bench.commands import command_figures
from tests.bench.doctor import doctor_figures
from tests.bench.figures import ROOT, Figure, machine
from tests.bench.habits import FULL_SECONDS, QUICK_SECONDS, SECONDS, habit_figures
from tests.bench.habits import SIZES as HABIT_SIZES
from tests.bench.opening import opening_figures
from tests.bench.pareto import pareto_figures
from tests.bench.practical import practical_figures
from tests.bench.report import lines_of, write_report
from tests.bench.slider import cases, slider_figures
from tests.bench.steps import step_figures

SIZES = (50, 2_000, 10_000, 50_000)
QUICK_SIZES = (50, 2_000)
MILLION = 1_000_000


def main(arguments: list[str]) -> None:
    """Run the chosen parts, print the table, and write the report."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, few runs")
    parser.add_argument(
        "--full", action="store_true", help="also a million parcels, and a minute of each habit"
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=(
            "slider",
            "opening",
            "steps",
            "commands",
            "allocation",
            "doctor",
            "habits",
            "practical",
            "pareto",
        ),
    )
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "bench", metavar="DIR")
    options = parser.parse_args(arguments)
    quick: bool = options.quick
    folder: Path = options.out
    sizes = QUICK_SIZES if quick else (*SIZES, *((MILLION,) if options.full else ()))
    parts: dict[str, Callable[[], list[Figure]]] = {
        "slider": lambda: slider_figures(runs=5 if quick else 15, quick=quick, folder=folder),
        "opening": lambda: opening_figures(
            cases(quick=True), runs=3 if quick else 9, folder=folder
        ),
        "steps": lambda: step_figures(cases(quick=quick), runs=4 if quick else 10),
        "commands": lambda: command_figures(runs=3 if quick else 7),
        "allocation": lambda: allocation_figures(
            sizes=sizes, runs=3 if quick else 7, quick=quick, folder=folder
        ),
        "doctor": lambda: doctor_figures(
            sizes=(10_000,) if quick else (10_000, 100_000), runs=3 if quick else 7
        ),
        "habits": lambda: habit_figures(
            sizes=HABIT_SIZES[:2] if quick else HABIT_SIZES,
            seconds=QUICK_SECONDS if quick else FULL_SECONDS if options.full else SECONDS,
            folder=folder,
        ),
        "practical": lambda: practical_figures(
            sizes=(50,) if quick else QUICK_SIZES, runs=3 if quick else 7
        ),
        "pareto": lambda: pareto_figures(runs=3 if quick else 7),
    }
    found: list[Figure] = []
    place = machine() | {"began": datetime.now(UTC).isoformat(timespec="seconds")}
    for name, part in parts.items():
        if options.only is None or name in options.only:
            print(f"{name} …", file=sys.stderr, flush=True)
            found += part()
    place["load_at_end"] = os.getloadavg()[0]
    print("\n".join(lines_of(found, machine=place)))
    for path in write_report(found, machine=place, folder=folder):
        print(f"Written: {path}", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
