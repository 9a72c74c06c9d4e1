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


def outcome_of(name: str, content: bytes, *, crs: str | None) -> tuple[str, str]:
    """Read one file and return its outcome and what was said."""
    from siteplan.errors import InputError
    from siteplan.io import read_parcels_report

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", "Conversion of an array", DeprecationWarning)
        try:
            parcels, report = read_parcels_report(content, crs=crs, name=name, context=None)
            said = [i.message.render(lang) + i.fix.render(lang) for i in report.issues for lang in ("ko", "en")]
            json.dumps([report.layer, report.columns, report.encoding, *said]).encode("ascii")
        except InputError as error:
            text = str(error)
            if "\n" in text or "siteplan-" in text or not text.endswith((".", "!", "?")):
                return "unclean sentence", text
            return "refused", text
        except MemoryError:
            return "memory", traceback.format_exc()
        except Exception:
            return "traceback", traceback.format_exc()
    if not len(parcels):
        return "no parcels and no sentence", ""
    return "parcels", f"{len(parcels)}"


def _serve(pipe: Connection, seed: int, numbers: list[int]) -> None:
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
        kind, said = outcome_of(name, content, crs=(None, "EPSG:5186")[number % 3 == 0])
        pipe.send(Outcome(number, kind, done, said[-4000:], time.perf_counter() - began))
    pipe.close()


@dataclass
class _Worker:
    numbers: list[int]
    process: Any = None
    pipe: Any = None
    current: tuple[int, str] | None = None
    since: float = 0.0

    def start(self, seed: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, end = context.Pipe(duplex=False)
        self.process = context.Process(target=_serve, args=(end, seed, self.numbers), daemon=True)
        self.process.start()
        end.close()
        self.current, self.since = None, time.monotonic()

    def stop(self) -> int | None:
        """End the process and return its exit code."""
        self.process.join(timeout=5)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.pipe.close()
        code: int | None = self.process.exitcode
        return code


def run(
    seed: int,
    numbers: Iterable[int],
    *,
    workers: int = 2,
    told: Callable[[Outcome], None] = lambda _: None,
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
    """
    everything = list(numbers)
    tally = Tally()
    crew = [_Worker(everything[k::workers]) for k in range(workers)]
    crew = [worker for worker in crew if worker.numbers]
    for worker in crew:
        worker.start(seed)
    while crew:
        ready = wait([worker.pipe for worker in crew], timeout=1.0)
        for worker in list(crew):
            lost = ""
            if worker.pipe in ready:
                try:
                    message = worker.pipe.recv()
                except EOFError:
                    code = worker.stop()
                    if not worker.numbers:
                        crew.remove(worker)
                        continue
                    lost = f"crash (exit code {code})"
                else:
                    worker.since = time.monotonic()
                    if isinstance(message, Outcome):
                        tally.add(message)
                        told(message)
                        worker.numbers = worker.numbers[1:]
                        worker.current = None
                    else:
                        worker.current = message
            limit = FILE_SECONDS if worker.current else START_SECONDS
            if not lost and time.monotonic() - worker.since > limit:
                worker.process.kill()
                worker.stop()
                lost = "hang"
            if lost:
                number, done = worker.current or (worker.numbers[0], "while starting")
                outcome = Outcome(number, lost, done, seconds=time.monotonic() - worker.since)
                tally.add(outcome)
                told(outcome)
                worker.numbers = worker.numbers[1:]
                if worker.numbers:
                    worker.start(seed)
                else:
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
