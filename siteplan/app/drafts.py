"""The present work as text and back, so that a reload of the address restores it.

Scenarios of the history are written as what differs from the one after them: a slider moved two
hundred times is a few kilobytes. What differs is found once for each step and kept, so that
writing costs little after every single move.
"""

from __future__ import annotations

import json
import weakref
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
    return json.dumps(
        {
            "siteplan_draft": SCHEMA,
            "parcels": parcels_digest,
            "source": source,
            "scenario": state.scenario.to_dict(),
            "selected": list(state.selected),
            "colour_by": state.colour_by,
            "opened": state.opened,
            "welcomed": state.welcomed,
            "past": _written(state.past, state.scenario),
            "future": _written(state.future, state.scenario),
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _written(steps: Sequence[Step], now: Scenario) -> list[dict[str, Any]]:
    """Return steps as differences from the scenario that follows, the last step first."""
    found, nearer = [], now
    for step in reversed(steps):
        found.append(
            {
                "ko": step.label.ko,
                "en": step.label.en,
                "changed": _changed(step, nearer),
                **({} if step.opened is None else {"opened": list(step.opened)}),
            }
        )
        nearer = step.scenario
    return found


_Found = tuple["weakref.ref[Step]", "weakref.ref[Scenario]", dict[str, Any]]
_found: dict[int, _Found] = {}
"""What differs, by the identity of a step; forgotten with the step."""


def _changed(step: Step, nearer: Scenario) -> dict[str, Any]:
    """Return the keys of a step's scenario that differ from `nearer`, with their values."""
    key = id(step)
    held = _found.get(key)
    if held is not None and held[0]() is step and held[1]() is nearer:
        return held[2]
    one, other = step.scenario.to_dict(), nearer.to_dict()
    keys = dict.fromkeys((*one, *other))
    changed = {key: one.get(key) for key in keys if one.get(key) != other.get(key)}
    gone = weakref.ref(step, lambda _: _found.pop(key, None))
    _found[key] = (gone, weakref.ref(nearer), changed)
    return changed


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
    try:
        return AppState(
            scenario=Scenario.from_dict(now),
            selected=tuple(str(i) for i in table["selected"]),
            colour_by=str(table["colour_by"]),
            past=_read(table["past"], now),
            future=_read(table["future"], now),
            opened=_opened(table),
            welcomed=bool(table.get("welcomed")),
        )
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as wrong:
        raise _unreadable() from wrong


def _read(written: Sequence[dict[str, Any]], now: dict[str, Any]) -> tuple[Step, ...]:
    steps, nearer = [], now
    for entry in written:
        there = {**nearer, **entry["changed"]}
        there = {key: value for key, value in there.items() if not _gone(key, value)}
        label = Label(entry["ko"], entry["en"])
        steps.append(Step(Scenario.from_dict(there), label, _opened(entry)))
        nearer = there
    return tuple(reversed(steps))


def _opened(entry: dict[str, Any]) -> tuple[str, int] | None:
    said = entry.get("opened")
    return None if said is None else (str(said[0]), int(said[1]))


_MAY_LACK = ("reading", "edits", "approach", "phases")
"""Keys that a scenario without them leaves out."""


def _gone(key: str, value: object) -> bool:
    return key in _MAY_LACK and value is None


def _table(text: str) -> dict[str, Any]:
    try:
        table = json.loads(text)
        known = {"parcels", "source", "scenario"} <= set(table)
        if table["siteplan_draft"] == SCHEMA and known:
            return dict(table)
    except (ValueError, TypeError, KeyError, RecursionError):
        pass
    raise _unreadable()


def _unreadable() -> InputError:
    return InputError(
        sentence("The work kept under this address cannot be read. A fresh start is shown.")
    )
