"""The programme bar on a page: one element that stays while reruns bring it new figures."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import streamlit as st

from siteplan.app import session
from siteplan.app.programme_events import programme_event
from siteplan.app.programme_view import programme_view
from siteplan.errors import InputError
from siteplan.text import Text

if TYPE_CHECKING:
    from siteplan.evaluation import Plan

_HERE = files("siteplan.app.widgets")
_bar = st.components.v2.component(
    "siteplan_programme",
    js=(_HERE / "programme.js").read_text(encoding="utf-8"),
    css=(_HERE / "programme.css").read_text(encoding="utf-8"),
)
_KEY, _SEEN, _REFUSED = "programme", "programme-seen", "programme-refused"


def programme_editor(plan: Plan) -> None:
    """Draw the programme of a plan; what is changed there has reached the state before the page."""
    state = session.state()
    shown = programme_view(
        plan,
        lang=session.lang(),
        notice=state.notice if state.notice_at == "programme" else None,
        earlier=[step.scenario.programme for step in reversed(state.past)],
        refused=session.kept_in(_REFUSED),
    )
    # "seen" tells the browser which of its events these figures answer.
    _bar(key=_KEY, data=shown | {"seen": session.kept_in(_SEEN)}, on_event_change=_received)


def _received() -> None:
    """Let what was done on the bar change the state, each numbered event once."""
    sent = session.shown_in(_KEY).get("event") or {}
    seen = session.kept_in(_SEEN) or {}
    last = seen.get("seq", 0) if seen.get("mount") == sent.get("mount") else 0
    refused: dict[str, Text] = {}
    for message in sent.get("events", ()):
        if message["seq"] <= last:
            continue
        last = message["seq"]
        try:
            event = programme_event(message, session.state().scenario.programme)
        except InputError as unread:
            refused[message.get("use") or "total"] = unread.text
            continue
        if event is not None:
            session.dispatch(event)
    session.show_in(_SEEN, {"mount": sent.get("mount"), "seq": last})
    session.show_in(_REFUSED, refused)
