"""The list of steps: what was done, in words; one click jumps there."""

from __future__ import annotations

import streamlit as st

from siteplan.app import session
from siteplan.app.state import JumpTo
from siteplan.app.widgets.figures import plain

_CHOSEN = "history-step"
SCROLLED = 12
"""From so many steps on the list scrolls."""


def history(*, short: bool = False) -> None:
    """Offer the list of steps, the latest at the top; it is made when it is opened.

    Parameters
    ----------
    short : bool
        Show the sign alone.
    """
    _ = session.translator()
    state = session.state()
    steps = len(state.past) + len(state.future)
    shut = st.popover(
        ":material/history:" if short else _("History"),
        icon=None if short else ":material/history:",
        help=_("History: all steps so far; choose one to go back to it, or forward again."),
        disabled=steps == 0,
        key="history",
        on_change="rerun",
    )
    if not steps or not shut.open:
        return
    here = len(state.past)
    lang = session.lang()
    labels = [
        _("Start"),
        *(step.label.render(lang) for step in state.past),
        *(step.label.render(lang) for step in reversed(state.future)),
    ]

    def told(place: int) -> str:
        text = plain(labels[place][:1].upper() + labels[place][1:])
        if place == here:
            return f"{place} · **{text}** ← " + _("now")
        if place > here:
            return f"{place} · {text} – " + _("taken back")
        return f"{place} · {text}"

    with shut, st.container(height=420 if steps >= SCROLLED else "content", border=False):
        session.show_in(_CHOSEN, here)
        st.radio(
            _("Steps, the latest first"),
            list(range(steps, -1, -1)),
            format_func=told,
            key=_CHOSEN,
            on_change=_jumped,
            args=(here,),
        )


def _jumped(here: int) -> None:
    session.dispatch(JumpTo(session.shown_in(_CHOSEN) - here))
