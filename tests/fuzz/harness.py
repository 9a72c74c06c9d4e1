"""Runs mutated files through the reader in child processes, so that a crash names its file."""

from __future__ import annotations

import json
import multiprocessing
import sys
import time
import traceback
import warnings
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any

from tests.fuzz.mutate import mutated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from multiprocessing.connection import Connection
    from pathlib import Path

FILE_SECONDS = 20.0
"""A file that takes longer counts as a hang; sound ones of this size take a hundredth."""

START_SECONDS = 120.0
MEMORY_BYTES = 6 * 1024**3
"""Of address space, most of which is libraries and their threads."""

GOOD = ("parcels", "refused")


@dataclass(frozen=True)
class Outcome:
    """What became of one file: "parcels", "refused", or what must not be."""

    number: int
    kind: str
    done: str
    said: str = ""
    seconds: float = 0.0


@dataclass
class Tally:
    """What became of all files."""

    kinds: Counter[str] = field(default_factory=Counter)
    bad: list[Outcome] = field(default_factory=list)
    slowest: list[Outcome] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        self.kinds[outcome.kind] += 1
        if outcome.kind not in GOOD:
            self.bad.append(outcome)
        self.slowest = sorted([*self.slowest, outcome], key=lambda o: -o.seconds)[:5]


def outcome_of(
    name: str, content: bytes, *, crs: str | None, first: Callable[[], None] = lambda: None
) -> tuple[str, str]:
    """Read one file, after `first`, and return its outcome and what was said."""
    from siteplan.errors import InputError
    from siteplan.io import read_parcels_report

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", "Conversion of an array", DeprecationWarning)
        try:
            first()
            parcels, report = read_parcels_report(content, crs=crs, name=name, context=None)
            said = [
                i.message.render(lang) + i.fix.render(lang)
                for i in report.issues
                for lang in ("ko", "en")
            ]
            json.dumps([report.layer, report.columns, report.encoding, *said]).encode("ascii")
        except InputError as error:
            text = str(error)
            if "\n" in text or "siteplan-" in text or not text.endswith((".", "!", "?")):
                return "unclean sentence", text
            return "refused", text
        except MemoryError:
            return "memory", traceback.format_exc()
        except Exception:  # noqa: BLE001 - whatever it is, it is a finding
            return "traceback", traceback.format_exc()
    if not len(parcels):
        return "no parcels and no sentence", ""
    return "parcels", f"{len(parcels)}"


def _nothing(_number: int) -> None:
    pass


def _serve(pipe: Connection, seed: int, numbers: list[int], first: Callable[[int], None]) -> None:
    """Read files one after the other; what comes after a crash is another process's."""
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    outcome_of("warm.csv", b"WKT,crs\n", crs=None)
    mutated(seed, 0)
    for number in numbers:
        done, name, content = mutated(seed, number)
        pipe.send((number, done))
        began = time.perf_counter()
        crs = (None, "EPSG:5186")[number % 3 == 0]
        kind, said = outcome_of(name, content, crs=crs, first=partial(first, number))
        pipe.send(Outcome(number, kind, done, said[-4000:], time.perf_counter() - began))
    pipe.close()


@dataclass
class _Worker:
    """A child process with the files that are left for it; None once there are none."""

    seed: int
    first: Callable[[int], None]
    numbers: list[int]
    process: Any = None
    pipe: Any = None
    current: tuple[int, str] | None = None
    since: float = 0.0

    def start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, end = context.Pipe(duplex=False)
        self.process = context.Process(
            target=_serve, args=(end, self.seed, self.numbers, self.first), daemon=True
        )
        self.process.start()
        end.close()
        self.current, self.since = None, time.monotonic()

    def heard(self) -> Outcome | None:
        """Take what the child sends; a pipe that closes before the last file is a crash."""
        try:
            message = self.pipe.recv()
        except EOFError:
            code = self._stop()
            return self._lost(f"crash (exit code {code})") if self.numbers else None
        self.since = time.monotonic()
        if isinstance(message, Outcome):
            self.numbers, self.current = self.numbers[1:], None
            return message
        self.current = message
        return None

    def overdue(self) -> Outcome | None:
        """End a child that has been at one file for too long."""
        if time.monotonic() - self.since <= (FILE_SECONDS if self.current else START_SECONDS):
            return None
        self.process.kill()
        self._stop()
        return self._lost("hang")

    def _lost(self, kind: str) -> Outcome:
        """Give up the file at hand and go on with the next in a new process."""
        number, done = self.current or (self.numbers[0], "while starting")
        outcome = Outcome(number, kind, done, seconds=time.monotonic() - self.since)
        self.numbers = self.numbers[1:]
        if self.numbers:
            self.start()
        return outcome

    def _stop(self) -> int | None:
        self.process.join(timeout=5)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.pipe.close()
        code: int | None = self.process.exitcode
        self.process = None
        return code


def run(
    seed: int,
    numbers: Iterable[int],
    *,
    workers: int = 2,
    told: Callable[[Outcome], None] = lambda _: None,
    first: Callable[[int], None] = _nothing,
) -> Tally:
    """Read the mutated files of a run.

    Parameters
    ----------
    seed : int
    numbers : iterable of int
        Which files of the run.
    workers : int
        Child processes at a time.
    told : callable
        Called with each outcome.
    first : callable
        Called in the child with a file's number before it is read; a function of a module.
    """
    everything = list(numbers)
    tally = Tally()
    crew = [_Worker(seed, first, everything[k::workers]) for k in range(workers)]
    crew = [worker for worker in crew if worker.numbers]
    for worker in crew:
        worker.start()
    while crew:
        ready = wait([worker.pipe for worker in crew], timeout=1.0)
        for worker in list(crew):
            outcome = worker.heard() if worker.pipe in ready else worker.overdue()
            if outcome is not None:
                tally.add(outcome)
                told(outcome)
            if worker.process is None:
                crew.remove(worker)
    return tally


def keep(outcome: Outcome, *, seed: int, folder: Path) -> Path:
    """Write the file of a bad outcome, and what was said, and return where."""
    _, name, content = mutated(seed, outcome.number)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{seed}-{outcome.number}-{name}"
    path.write_bytes(content)
    path.with_name(f"{path.name}.txt").write_text(
        f"{outcome.kind}\n{outcome.done}\n{outcome.said}", encoding="utf-8", errors="replace"
    )
    return path
