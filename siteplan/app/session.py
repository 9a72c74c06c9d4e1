"""The only module that touches ``st.session_state``: state, parcels and plan of one browser tab."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from siteplan.app.intake import laid_over
from siteplan.app.state import AppState, Event, reduce
from siteplan.errors import InputError
from siteplan.evaluation import Plan, evaluate
from siteplan.io import default_scenario, read_parcels
from siteplan.reading import Reading
from siteplan.text import LANGUAGES, translate

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from siteplan.app.intake import Intake
    from siteplan.parcels import Parcels

_STATE, _PARCELS, _PLAN, _LANG, _SOURCE, _INTAKE = (
    f"siteplan.{name}" for name in ("state", "parcels", "plan", "lang", "source", "intake")
)


PATIENCE_S = 1.0
"""Work that takes longer shows how far it is."""


def lang() -> str:
    """Return the language: the switch's, else the address's, else the browser's."""
    asked = st.query_params.get("lang")
    if _LANG not in st.session_state and asked in LANGUAGES:
        # Kept, because a change of page drops the address's own words.
        st.session_state[_LANG] = asked
    chosen = st.session_state.get(_LANG)
    if chosen in LANGUAGES:
        return str(chosen)
    return "ko" if (st.context.locale or "ko").lower().startswith("ko") else "en"


def set_lang(chosen: str) -> None:
    """Set the language and keep it in the address, so that a reload keeps it too."""
    st.session_state[_LANG] = chosen
    st.query_params["lang"] = chosen


def translator() -> Callable[[str], str]:
    """Return gettext for the tab's language; pages call it ``_``."""
    chosen = lang()
    return lambda msgid: translate(msgid, lang=chosen)


def parcels() -> Parcels:
    """Return the tab's parcels: the file given at the start, else the shipped Yangjae data."""
    if _PARCELS not in st.session_state:
        path = os.environ.get("SITEPLAN_PARCELS")
        open_parcels(_first_parcels(path), source=None if path is None else Path(path).name)
    held: Parcels = st.session_state[_PARCELS]
    return held


@st.cache_resource(show_spinner=False)
def _first_parcels(path: str | None) -> Parcels:
    """Read the parcels that every tab starts with, once per process."""
    return read_parcels(path)


def open_parcels(opened: Parcels, *, source: str | None = None) -> None:
    """Put other parcels in place; the work starts from their default scenario."""
    st.session_state[_PARCELS] = opened
    st.session_state[_SOURCE] = source
    st.session_state[_STATE] = AppState(scenario=default_scenario(opened))
    st.session_state.pop(_PLAN, None)


def open_shipped_parcels() -> None:
    """Go back to the shipped Yangjae data."""
    open_parcels(_first_parcels(None))


def source() -> str | None:
    """Return the name of the file that the parcels came from, None for the ones at the start."""
    name: str | None = st.session_state.get(_SOURCE)
    return name


def intake() -> Intake | None:
    """Return the file that was handed in and not yet opened, None where there is none."""
    held: Intake | None = st.session_state.get(_INTAKE)
    return held


def take_in(given: Intake) -> None:
    """Keep a file that was handed in until the person decides."""
    st.session_state[_INTAKE] = given


def drop_intake() -> None:
    """Forget the file that was handed in; nothing else changes."""
    st.session_state.pop(_INTAKE, None)


def open_intake() -> None:
    """Put the parcels of the file that was handed in in place; the scenario remembers how."""
    given = intake()
    if given is None or given.examination is None or given.examination.parcels is None:
        return
    open_parcels(given.examination.parcels, source=given.file.name)
    if given.reading != Reading():
        scenario = replace(state().scenario, reading=given.reading)
        st.session_state[_STATE] = AppState(scenario=scenario)
    drop_intake()


def lay_over() -> None:
    """Give the parcels on screen what the file that was handed in says of them."""
    given = intake()
    if given is None:
        return
    try:
        after = laid_over(parcels(), given)
    except InputError as refused:
        st.session_state["intake-refused"] = refused.text
        return
    st.session_state[_PARCELS] = after
    st.session_state.pop(_PLAN, None)
    drop_intake()


def progress_bar() -> Callable[[float], None]:
    """Return what draws a bar on the page once work has taken a second."""
    begun = time.monotonic()
    bars: list[DeltaGenerator] = []

    def told(share: float) -> None:
        if share >= 1:
            for bar in bars:
                bar.empty()
        elif bars:
            bars[0].progress(share)
        elif time.monotonic() - begun >= PATIENCE_S:
            bars.append(st.progress(share))

    return told


def state() -> AppState:
    """Return the tab's state."""
    parcels()
    held: AppState = st.session_state[_STATE]
    return held


def dispatch(event: Event) -> None:
    """Let an event change the state."""
    held = st.session_state.get(_PLAN)
    shown = None if held is None else held[1]
    st.session_state[_STATE] = reduce(state(), event, parcels=parcels(), shown=shown)


def plan() -> Plan:
    """Return the plan of the present state; evaluated once per change of its scenario."""
    held: tuple[tuple[Any, ...], Plan] | None = st.session_state.get(_PLAN)
    now = state().scenario
    if held is not None and held[0] == (parcels().digest, now):
        return held[1]
    # Nothing is drawn for work of less than half a second, and nothing on the page moves.
    _ = translator()
    with st.spinner(_("Working the plan out…"), show_time=True):
        fresh = evaluate(parcels(), now)
    st.session_state[_PLAN] = ((parcels().digest, now), fresh)
    return fresh


def show_in(key: str, value: object) -> None:
    """Make a widget show the state's value: widgets are views, the state is the truth."""
    st.session_state[key] = value


def shown_in(key: str) -> Any:
    """Return what a widget holds, for its callback."""
    return st.session_state[key]


def kept_in(key: str) -> Any:
    """Return what was kept under a key, None where nothing was."""
    return st.session_state.get(key)
