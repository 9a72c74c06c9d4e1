"""Timings, memory and the machine that they were taken on, by the standard library alone."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LIBRARIES = (
    "streamlit",
    "folium",
    "streamlit-folium",
    "geopandas",
    "shapely",
    "numpy",
    "highspy",
    "playwright",
    "pymoo",
)


@dataclass(frozen=True)
class Figure:
    """One line of the report.

    Parameters
    ----------
    part, what : str
        Heading of the part, and what was timed.
    size : int or None
        Number of parcels.
    runs_s : tuple of float
        Seconds of each run.
    base : str
        What the median is divided by for `ratio`.
    ratio, aim : float or None
        Times the base's median; the most that is aimed at.
    peak_mb : float or None
        Most memory that the process held (resident set), MB of 10^6 bytes.
    note : str
    """

    part: str
    what: str
    size: int | None
    runs_s: tuple[float, ...]
    base: str = ""
    ratio: float | None = None
    aim: float | None = None
    peak_mb: float | None = None
    note: str = ""

    @property
    def median_s(self) -> float:
        """The middle run."""
        return statistics.median(self.runs_s)

    @property
    def quartiles_s(self) -> tuple[float, float]:
        """First and third quartile; the one run where there is one."""
        if len(self.runs_s) < 2:
            return self.runs_s[0], self.runs_s[0]
        first, _, third = statistics.quantiles(self.runs_s, n=4, method="inclusive")
        return first, third

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        first_s, third_s = self.quartiles_s
        derived = {
            "median_s": self.median_s,
            "first_quartile_s": first_s,
            "third_quartile_s": third_s,
        }
        return {**asdict(self), **derived}


def compared(
    runs_s: dict[str, list[float]], *, base: str, part: str, size: int | None = None
) -> list[Figure]:
    """Return a figure of each name, its ratio taken to the median of `base`."""
    floor_s = statistics.median(runs_s[base])
    return [
        Figure(
            part,
            name,
            size,
            tuple(seconds),
            base="" if name == base else base,
            ratio=None if name == base else statistics.median(seconds) / floor_s,
        )
        for name, seconds in runs_s.items()
    ]


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that a call takes: on the wall, or of this process's CPU time."""
    clock = time.process_time if cpu_clock() else time.perf_counter
    began = clock()
    work()
    return clock() - began


def cpu_clock() -> bool:
    """Whether ``SITEPLAN_BENCH_CLOCK=cpu`` asks for CPU time, which other work does not stretch."""
    return os.environ.get("SITEPLAN_BENCH_CLOCK") == "cpu"


_LAUNCHER = """
import os, sys, time
began = time.perf_counter()
out = os.open(os.devnull, os.O_WRONLY)
pid = os.posix_spawn(
    sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, out, 1)]
)
_, status, usage = os.wait4(pid, 0)
print(time.perf_counter() - began, usage.ru_maxrss, os.waitstatus_to_exitcode(status))
"""
"""Starts the command from a small process: a child's peak counts the memory of its parent too."""


def run_timed(command: Sequence[str]) -> tuple[float, float]:
    """Run a command from the project's root; return its seconds and its peak memory in MB."""
    launched = subprocess.run(
        python("-I", "-S", "-c", _LAUNCHER, *command),
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    seconds, peak_kib, code = launched.stdout.split()
    if int(code) != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{launched.stderr}")
    return float(seconds), int(peak_kib) * 1024 / 1e6


def peak_mb(pid: int | None = None) -> float:
    """Return the most memory that a running process has held, in MB; this one's by default."""
    status = Path(f"/proc/{'self' if pid is None else pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / 1e6


def machine() -> dict[str, Any]:
    """Return what the timings depend on."""
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    pages, page_bytes = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "memory_gb": round(pages * page_bytes / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "libraries": {name: _version(name) for name in LIBRARIES},
        "load_at_start": os.getloadavg()[0],
        "clock": "CPU time of the process" if cpu_clock() else "wall",
    }


def machine_line(found: dict[str, Any]) -> str:
    """Return the machine in one line."""
    libraries = ", ".join(f"{name} {number}" for name, number in found["libraries"].items())
    return (
        f"{found['cpu']}, {found['cores']} cores, {found['memory_gb']} GB, {found['system']}, "
        f"Python {found['python']}, {libraries}"
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except ModuleNotFoundError:
        return "absent"


def python(*arguments: str) -> list[str]:
    """Return a command of this Python."""
    return [sys.executable, *arguments]
