"""What other processes do to a store in the tests: write, and be killed in the middle of it."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from siteplan.scenario import ParcelDecision, Scenario
from siteplan.store import Imprint, SqliteStore, sqlite

IMPRINT = Imprint(
    parcels_digest="0123456789ab",
    scenario_id="ba9876543210",
    status="optimal",
    uses_gfa_m2={"research": 121_500, "campus": 67_500, "housing": 54_000, "culture": 27_000},
    parcels_source="양재.gpkg",
)


def large_scenario(number: int, *, lots: int = 2_000) -> Scenario:
    """A scenario of some 200 kB, so that a save is many pages."""
    decision = ParcelDecision(available_pct=20, reason=f"공공기여 가정 {number}")
    return Scenario(name=f"안 {number}", decisions={f"lot-{i:05}": decision for i in range(lots)})


def write_many(place: str, who: str, key: str, count: int) -> None:
    """Wait for a line, then save again and again: on a shared scenario and new ones."""
    sys.stdin.readline()
    store = SqliteStore(Path(place))
    for number in range(count):
        store.save(f"{who} {number}", Scenario(note=who), imprint=IMPRINT, key=key or None)
        store.keep_draft(f"draft-{who.encode().hex()}", f'{{"step": {number}}}')
    store.close()


def write_for_ever(place: str, key: str) -> None:
    """Save and say so, until killed."""
    store = SqliteStore(Path(place))
    number = 0
    while True:
        number += 1
        saved = store.save(f"안 {number}", large_scenario(number), imprint=IMPRINT, key=key)
        print(saved.revision, flush=True)


def die_within_a_save(place: str, key: str) -> None:
    """Kill this process after the content is written and before the revision is."""
    store = SqliteStore(Path(place))
    sqlite._insert = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
    store.save("반쯤 저장", large_scenario(0), imprint=IMPRINT, key=key)


if __name__ == "__main__":
    act, *words = sys.argv[1:]
    if act == "many":
        write_many(words[0], words[1], words[2], int(words[3]))
    elif act == "for-ever":
        write_for_ever(*words)
    elif act == "die":
        die_within_a_save(*words)
    else:
        raise SystemExit(f"unknown act {act}")
