"""The present work as text and back, so that a reload of the address restores it.

Scenarios of the history are written as what differs from the one after them: a slider moved two
hundred times is a few kilobytes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from siteplan.app.state import AppState, Step
from siteplan.errors import InputError
from siteplan.scenario import Scenario
from siteplan.text import Label, sentence

SCHEMA = 1


def draft_text(state: AppState, *, parcels_digest: str, source: str | None) -> str:
    """Return the state as JSON; notices and a line being drawn are not kept.

    Parameters
    ----------
    state : AppState
    parcels_digest : str
        Of the parcels that the work is about (`Parcels.digest`).
    source : str or None
        Name of their file, None for the parcels at the start.
    """
    now = state.scenario.to_dict()
    return json.dumps(
        {
            "siteplan_draft": SCHEMA,
            "parcels": parcels_digest,
            "source": source,
            "scenario": now,
            "selected": list(state.selected),
            "colour_by": state.colour_by,
            "past": _written(state.past, now),
            "future": _written(state.future, now),
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _written(steps: Sequence[Step], now: dict[str, Any]) -> list[dict[str, Any]]:
    """Return steps as differences from the scenario that follows, the last step first."""
    found, nearer = [], now
    for step in reversed(steps):
        there = step.scenario.to_dict()
        keys = dict.fromkeys((*there, *nearer))
        changed = {key: there.get(key) for key in keys if there.get(key) != nearer.get(key)}
        found.append({"ko": step.label.ko, "en": step.label.en, "changed": changed})
        nearer = there
    return found


def draft_about(text: str) -> tuple[str, str | None]:
    """Return the digest of the parcels that a draft is about, and the name of their file.

    Raises
    ------
    InputError
        The text is no draft.
    """
    table = _table(text)
    return table["parcels"], table["source"]


def state_from(text: str) -> AppState:
    """Return the state that `draft_text` wrote.

    Raises
    ------
    InputError
        The text is no draft, or holds a scenario that this version does not know.
    """
    table = _table(text)
    now = table["scenario"]
    return AppState(
        scenario=Scenario.from_dict(now),
        selected=tuple(str(i) for i in table["selected"]),
        colour_by=str(table["colour_by"]),
        past=_read(table["past"], now),
        future=_read(table["future"], now),
    )


def _read(written: Sequence[dict[str, Any]], now: dict[str, Any]) -> tuple[Step, ...]:
    steps, nearer = [], now
    for entry in written:
        there = {**nearer, **entry["changed"]}
        there = {key: value for key, value in there.items() if not _gone(key, value)}
        steps.append(Step(Scenario.from_dict(there), Label(entry["ko"], entry["en"])))
        nearer = there
    return tuple(reversed(steps))


_MAY_LACK = ("reading", "edits", "approach", "phases")
"""Keys that a scenario without them leaves out."""


def _gone(key: str, value: object) -> bool:
    return key in _MAY_LACK and value is None


def _table(text: str) -> dict[str, Any]:
    try:
        table = json.loads(text)
        if table["siteplan_draft"] == SCHEMA and {"parcels", "scenario"} <= set(table):
            return dict(table)
    except (ValueError, TypeError, KeyError, RecursionError):
        pass
    raise InputError(
        sentence("The work kept under this address cannot be read. A fresh start is shown.")
    )
