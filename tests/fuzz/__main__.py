"""More of the fuzz on demand: ``python -m tests.fuzz --files 50000 --seed 7``."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tests.fuzz.harness import GOOD, Outcome, keep, run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--files", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first file")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-found"), help="for bad files")
    wish = parser.parse_args()
    began = time.monotonic()

    def told(outcome: Outcome) -> None:
        if outcome.kind in GOOD:
            return
        path = keep(outcome, seed=wish.seed, folder=wish.keep)
        last = outcome.said.strip().splitlines()[-1:] or [""]
        print(f"{outcome.number} {outcome.kind} [{outcome.done}] {last[0]} -> {path}", flush=True)

    tally = run(
        wish.seed, range(wish.first, wish.first + wish.files), workers=wish.workers, told=told
    )
    took_s = time.monotonic() - began
    print(f"{wish.files} files in {took_s:.0f} s: {dict(tally.kinds)}")
    for outcome in tally.slowest:
        print(f"  {outcome.seconds:.2f} s  {outcome.number} {outcome.done}")
    return 1 if tally.bad else 0


if __name__ == "__main__":
    sys.exit(main())
