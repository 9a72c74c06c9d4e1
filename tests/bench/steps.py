"""Where the server's time goes between a slider's release and the message to the map.

``python -m tests.bench.steps N TOTAL_M2 RUNS`` prints one size as JSON; with ``--profile`` it
prints instead which functions a rerun of the app's page spends its time in.
"""

from __future__ import annotations

import cProfile
import functools
import json
import os
import pstats
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from siteplan import evaluation
from siteplan.io import read_parcels
from siteplan.scenario import Scenario
from tests.bench.figures import ROOT, Figure, peak_mb, python, timed
from tests.bench.parcels import made_up_parcels, write_parcels
from tests.bench.slider import STOPS_PCT, Case

PART = "Server side of a slider move"
STEPS = (
    "capacity_of",
    "suitability_of",
    "allocate",
    "whole_m2",
    "massing_of",
    "use_ranges_m2",
    "check_capacity",
    "check_permissions",
)
"""What `evaluate` calls, in order; timed inside it."""

AT_MOST_S = 5.0
"""A way that took this long is not repeated."""


def step_figures(cases: tuple[Case, ...], *, runs: int) -> list[Figure]:
    """Time each case in a process of its own."""
    figures = []
    for case in cases:
        arguments = (str(case.count), str(case.total_m2), str(runs))
        answer = subprocess.run(
            python("-m", "tests.bench.steps", *arguments),
            cwd=ROOT,
            check=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        figures += [
            Figure(**{**found, "runs_s": tuple(found["runs_s"])})
            for found in json.loads(answer.stdout)
        ]
    return figures


class _Clock:
    """Seconds by name, in the order in which they were first taken."""

    def __init__(self) -> None:
        self.taken_s: dict[str, list[float]] = {}

    def time(self, name: str, work: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Do the work, keep its seconds, and return its result."""
        began = time.perf_counter()
        result = work(*arguments, **named)
        self.taken_s.setdefault(name, []).append(time.perf_counter() - began)
        return result

    def wrap(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function with a clock round it."""
        return functools.partial(self.time, f"  evaluate: {name}", work)


def case_figures(count: int, total_m2: int, *, runs: int) -> list[Figure]:
    """Time reading, the first plan, and the steps of later ones."""
    from siteplan.maps.live import live_document
    from siteplan.maps.message import plan_message
    from siteplan.maps.style import colours

    clock, once = _Clock(), _Clock()
    with tempfile.TemporaryDirectory() as folder:
        path = write_parcels(made_up_parcels(count), Path(folder) / "parcels.parquet")
        parcels = once.time("read_parcels (GeoParquet)", read_parcels, path)
        page_runs_s = page_seconds(path, total_m2, runs=runs)
    scenario = Scenario()
    scenario = replace(scenario, programme=scenario.programme.with_total(total_m2))
    once.time("distances to the surroundings", getattr, parcels, "criterion_distances_m")
    once.time("first evaluate", evaluation.evaluate, parcels, scenario)
    document = once.time("map document", live_document, parcels, lang="en")
    for name in STEPS:
        setattr(evaluation, name, clock.wrap(name, getattr(evaluation, name)))
    message = b""
    for run in range(runs):
        stop_m2 = total_m2 * STOPS_PCT[run % 2] // 100
        scenario = clock.time(
            "move_use", evaluation.move_use, parcels, scenario, use="housing", gfa_m2=stop_m2
        )
        plan = clock.time("evaluate", evaluation.evaluate, parcels, scenario)
        style = clock.time("colours", colours, plan, lang="en")
        message = clock.time("plan_message", plan_message, plan, style=style)
        clock.time("metrics", getattr, plan, "metrics")
        if clock.taken_s["evaluate"][-1] > AT_MOST_S:
            break
    notes = {
        "map document": f"{len(document.encode()) / 1e6:.1f} MB of HTML",
        "plan_message": f"{len(message) / 1e3:.1f} kB",
        "page rerun (AppTest)": "move_use to metrics, and all widgets",
    }
    words = f"{total_m2:,} m²"
    taken_s = {**once.taken_s, **_parents_first(clock.taken_s), "page rerun (AppTest)": page_runs_s}
    return [
        Figure(
            PART,
            f"{name}, {words}" if name == "evaluate" else name,
            count,
            tuple(seconds),
            note=notes.get(name, ""),
            peak_mb=peak_mb() if name == "evaluate" else None,
        )
        for name, seconds in taken_s.items()
    ]


def _parents_first(taken_s: dict[str, list[float]]) -> dict[str, list[float]]:
    """Put evaluate before its own steps."""
    order = sorted(taken_s, key=lambda name: (name.startswith("  "), 0))
    at = order.index("evaluate") + 1
    steps = [name for name in taken_s if name.startswith("  ")]
    plain = [name for name in order if not name.startswith("  ")]
    return {name: taken_s[name] for name in (*plain[:at], *steps, *plain[at:])}


def _opened(path: Path, total_m2: int) -> Any:
    """Return the app's page without a browser, with the total set."""
    from siteplan.app.state import SetTotal
    from tests.driving import bar, done, opened

    os.environ["SITEPLAN_PARCELS"] = str(path)
    page = opened(timeout_s=300)
    if bar(page)["total"]["m2"] != total_m2:
        done(page, SetTotal(total_m2))
    if page.exception:
        raise RuntimeError(str(page.exception))
    return page


def _moved(page: Any, total_m2: int, *, run: int) -> Any:
    """Move housing to its next stop, and run the page."""
    from siteplan.app.state import MoveUse
    from tests.driving import done

    return done(page, MoveUse("housing", total_m2 * STOPS_PCT[run % 2] // 100))


def page_seconds(path: Path, total_m2: int, *, runs: int) -> list[float]:
    """Return the seconds of whole reruns of the page after a slider move."""
    page = _opened(path, total_m2)
    taken_s: list[float] = []
    for run in range(runs + 1):
        taken_s.append(timed(functools.partial(_moved, page, total_m2, run=run)))
        if taken_s[-1] > AT_MOST_S:
            break
    return taken_s[1:] or taken_s


def profile(count: int, total_m2: int, *, runs: int) -> None:
    """Print which functions reruns of the page spend their time in."""
    import threading

    from streamlit.runtime.scriptrunner import script_runner

    with tempfile.TemporaryDirectory() as folder:
        path = write_parcels(made_up_parcels(count), Path(folder) / "parcels.parquet")
        page = _opened(path, total_m2)
        profiler = cProfile.Profile()
        run_script = script_runner.ScriptRunner._run_script

        def watched(*arguments: Any, **named: Any) -> Any:
            # The script runs in a thread of its own; a profiler sees one thread only.
            assert threading.current_thread() is not threading.main_thread()
            profiler.enable()
            try:
                return run_script(*arguments, **named)
            finally:
                profiler.disable()

        script_runner.ScriptRunner._run_script = watched  # type: ignore[method-assign]
        for run in range(runs):
            _moved(page, total_m2, run=run)
        script_runner.ScriptRunner._run_script = run_script  # type: ignore[method-assign]
    print(f"{runs} reruns; divide by that")
    pstats.Stats(profiler).sort_stats("cumulative").print_stats("siteplan|allocation", 45)
    pstats.Stats(profiler).sort_stats("tottime").print_stats(25)


def main(arguments: list[str]) -> None:
    """Print one size as JSON, or its profile."""
    count, total_m2, runs = (int(text) for text in arguments if not text.startswith("--"))
    if "--profile" in arguments:
        profile(count, total_m2, runs=runs)
        return
    fields = tuple(Figure.__dataclass_fields__)
    found = [
        {field: getattr(figure, field) for field in fields}
        for figure in case_figures(count, total_m2, runs=runs)
    ]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
