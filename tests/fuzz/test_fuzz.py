"""5,000 broken files of every format end as parcels with issues or as one clean sentence.

More on demand: ``python -m tests.fuzz --files 50000 --seed 7``.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from tests.fuzz import harness
from tests.fuzz.harness import Outcome, Tally, keep, outcome_of, run
from tests.fuzz.mutate import mutated, seeds

if TYPE_CHECKING:
    from pathlib import Path

FILES = 5_000
SEED = 4


@pytest.mark.parametrize("title", sorted(seeds()))
def test_each_seed_is_sound(title: str) -> None:
    """A fuzz whose seeds are refused would test nothing."""
    name, content = seeds()[title]
    kind, said = outcome_of(name, content, crs=None)
    assert (kind, said) == ("parcels", "4")


def test_the_same_number_is_always_the_same_file() -> None:
    assert [mutated(9, n) for n in range(60)] == [mutated(9, n) for n in range(60)]
    assert len({mutated(9, n)[2] for n in range(60)}) > 50


def test_five_thousand_broken_files_end_with_issues_or_a_sentence(tmp_path: Path) -> None:
    tally = run(SEED, range(FILES))
    for outcome in tally.bad:
        keep(outcome, seed=SEED, folder=tmp_path)
    told = "\n".join(f"{o.number} {o.kind} [{o.done}]\n{o.said[-1500:]}" for o in tally.bad[:5])
    assert not tally.bad, f"{len(tally.bad)} bad outcomes, files in {tmp_path}\n{told}"
    assert sum(tally.kinds.values()) == FILES
    # Both ends are reached: mutations that all break the file at once would show little.
    assert tally.kinds["parcels"] > FILES / 10
    assert tally.kinds["refused"] > FILES / 10


def _ends_badly(kind: str) -> None:
    if kind == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    while kind == "hang":
        pass
    if kind == "memory":
        bytearray(2 * harness.MEMORY_BYTES)
    raise RuntimeError(kind)


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are set on Linux only")
def test_the_harness_sees_crashes_hangs_and_exceptions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers below 4 end badly, each in its way; the files after them are read all the same."""
    monkeypatch.setattr(harness, "FILE_SECONDS", 1.0)
    monkeypatch.setattr(harness, "START_SECONDS", 60.0)
    ways = ("crash", "hang", "memory", "error")
    tally = run(SEED, range(8), workers=2, first=_Ways(ways))
    kinds = {outcome.number: outcome.kind.partition(" ")[0] for outcome in tally.bad}
    assert kinds == {0: "crash", 1: "hang", 2: "memory", 3: "traceback"}
    assert sum(tally.kinds.values()) == 8


class _Ways:
    """What a child does before it reads a file; made to be sent to another process."""

    def __init__(self, ways: tuple[str, ...]) -> None:
        self.ways = ways

    def __call__(self, number: int) -> None:
        if number < len(self.ways):
            _ends_badly(self.ways[number])


def test_bad_files_are_kept_with_what_was_said(tmp_path: Path) -> None:
    tally = Tally()
    tally.add(Outcome(5, "hang", "flip", "why"))
    path = keep(tally.bad[0], seed=SEED, folder=tmp_path)
    assert path.read_bytes() == mutated(SEED, 5)[2]
    assert path.with_name(f"{path.name}.txt").read_text(encoding="utf-8") == "hang\nflip\nwhy"
