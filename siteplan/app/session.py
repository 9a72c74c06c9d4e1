"""The only module that touches ``st.session_state``: state, parcels and plan of one browser tab.

The tab's work is kept as a draft after each change; its id stands in the address. A tab that
opens such an address goes on under an id of its own, so that no two tabs write the same draft.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from siteplan.app.arrival import SHARE, WORK, Arrival, Shared, arrived
from siteplan.app.drafts import draft_text
from siteplan.app.intake import laid_over
from siteplan.app.keeper import Keeper, Shelf
from siteplan.app.state import AppState, Event, place_of, reduce
from siteplan.errors import InputError
from siteplan.evaluation import Plan, evaluate
from siteplan.io import default_scenario, read_parcels
from siteplan.reading import Reading
from siteplan.store import STORE_VARIABLE, new_id
from siteplan.text import LANGUAGES, sentence, translate, written

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from siteplan.app.intake import Intake
    from siteplan.parcels import Parcels
    from siteplan.scenario import Scenario
    from siteplan.text import Text

_STATE, _PARCELS, _PLAN, _LANG, _SOURCE, _INTAKE = (
    f"siteplan.{name}" for name in ("state", "parcels", "plan", "lang", "source", "intake")
)
_WORK, _SHARED, _ARRIVAL, _TOOK = (
    f"siteplan.{name}" for name in ("work", "shared", "arrival", "took")
)

PATIENCE_S = 1.0
"""Work that takes longer shows how far it is."""

QUICK_S = 0.1
"""A plan that took less is not waited for; the next of its kind takes less than `PATIENCE_S`."""


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


def words(text: str) -> str:
    """Return a planner's own text in the tab's language, where it was written in both."""
    return written(text).render(lang())


def as_written(shown: str, *, before: str) -> str:
    """Return a text that a person may have changed; shown as `words` shows it, it is the same."""
    return before if shown == words(before) else shown


def parcels() -> Parcels:
    """Return the tab's parcels: those of the work in the address, else those at the start."""
    if _PARCELS not in st.session_state:
        _arrive()
    held: Parcels = st.session_state[_PARCELS]
    return held


def _arrive() -> None:
    """Take up what the address asks for."""
    path, name = _start()
    words = {word: st.query_params[word] for word in (WORK, SHARE) if word in st.query_params}
    arrival = arrived(words, keeper=keeper(), find=_found)
    if arrival.state is not None and arrival.parcels is not None:
        _take_up(arrival)
        return
    _put(_first_parcels(path), source=name)
    if words:
        st.session_state[_ARRIVAL] = arrival


def _take_up(arrival: Arrival) -> None:
    """Go on with work that was kept, or look at a shared scenario."""
    if arrival.parcels is None or arrival.state is None:
        return
    _put(arrival.parcels, source=arrival.source, state=arrival.state)
    st.session_state[_SHARED] = arrival.shared
    st.session_state.pop(_ARRIVAL, None)
    _keep()


def arrival() -> Arrival | None:
    """Return what the address asked for and could not be shown (yet), None where nothing is."""
    parcels()
    held: Arrival | None = st.session_state.get(_ARRIVAL)
    return held


def forget_arrival() -> None:
    """Leave what the address asked for and begin new work."""
    st.session_state.pop(_ARRIVAL, None)
    for word in (WORK, SHARE):
        st.query_params.pop(word, None)
    keep_address()


def _start() -> tuple[str | None, str | None]:
    """Return path and name of the file given at the start, None for the shipped data."""
    path = os.environ.get("SITEPLAN_PARCELS")
    return path, None if path is None else Path(path).name


@st.cache_resource(show_spinner=False)
def _first_parcels(path: str | None) -> Parcels:
    """Read the parcels that every tab starts with, once per process."""
    return read_parcels(path)


@st.cache_resource(show_spinner=False)
def _shelf() -> Shelf:
    """Return the parcels that people opened in this process."""
    return Shelf()


def _found(digest: str) -> tuple[Parcels, str | None] | None:
    path, name = _start()
    for at, source_name in {path: name, None: None}.items():
        first = _first_parcels(at)
        if first.digest == digest:
            return first, source_name
    return _shelf().find(digest)


def at_hand(digest: str) -> tuple[Parcels, str | None] | None:
    """Return parcels and the name of their file by digest, None where they must be loaded."""
    parcels()
    return _found(digest)


def _put(opened: Parcels, *, source: str | None, state: AppState | None = None) -> None:
    """Put parcels in place and begin on them; what was kept before stays kept under its id."""
    st.session_state[_PARCELS] = opened
    st.session_state[_SOURCE] = source
    st.session_state[_STATE] = state or AppState(scenario=default_scenario(opened))
    for key in (_PLAN, _WORK, _SHARED):
        st.session_state.pop(key, None)


def open_parcels(opened: Parcels, *, source: str | None = None) -> bool:
    """Put other parcels in place; work that waits for them goes on, else new work begins.

    Returns
    -------
    bool
        Whether work that waited for these parcels goes on.
    """
    _shelf().put(opened, source=source)
    held: Arrival | None = st.session_state.get(_ARRIVAL)
    if held is not None and held.awaits and held.parcels_digest == opened.digest:
        _take_up(replace(held, parcels=opened))
        return True
    _put(opened, source=source, state=AppState(default_scenario(opened), welcomed=True))
    _keep()
    return False


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


def remembered_reading() -> Reading:
    """Return how a file is read at first: as the work that waits for it says, else the present."""
    held: Arrival | None = st.session_state.get(_ARRIVAL)
    waits = None if held is None else held.reading
    return state().scenario.reading if waits is None else waits


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
    goes_on = open_parcels(given.examination.parcels, source=given.file.name)
    if given.reading != Reading() and not goes_on:
        scenario = replace(state().scenario, reading=given.reading)
        st.session_state[_STATE] = replace(state(), scenario=scenario)
        _keep()
    drop_intake()


def lay_over() -> None:
    """Give the parcels on screen what the file that was handed in says of them."""
    given = intake()
    if given is None:
        return
    if shared() is not None:
        st.session_state["intake-refused"] = READ_ONLY
        return
    try:
        after = laid_over(parcels(), given)
    except InputError as refused:
        st.session_state["intake-refused"] = refused.text
        return
    goes_on = state()
    if not open_parcels(after, source=source()):
        st.session_state[_STATE] = replace(goes_on, notice=None)
        _keep()
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
    """Let an event change the state, and keep what it led to; a shared scenario stays as it is."""
    held = st.session_state.get(_PLAN)
    shown = None if held is None else held[1]
    before = state()
    after = reduce(before, event, parcels=parcels(), shown=shown)
    if shared() is not None and (
        after.scenario != before.scenario or after.opened != before.opened or after.cutting
    ):
        place = place_of(event)
        after = replace(before, notice=READ_ONLY, notice_at=place, notice_done=False)
    st.session_state[_STATE] = after
    if _lasting(after) != _lasting(before):
        _keep()


def _lasting(now: AppState) -> AppState:
    """Return a state without what passes with the next event."""
    return replace(now, notice=None, notice_at="programme", notice_done=False, cutting=None)


def remark(said: Text) -> None:
    """Leave a sentence where the last event's notice stands."""
    st.session_state[_STATE] = replace(
        state(), notice=said, notice_at="programme", notice_done=False
    )


READ_ONLY = sentence(
    "This is a shared scenario to look at: nothing of it can be changed. Choose “Work on a copy” "
    "at the top to go on with it as your own."
)


def shared() -> Shared | None:
    """Return the revision that is looked at under a link, None in work of one's own."""
    parcels()
    held: Shared | None = st.session_state.get(_SHARED)
    return held


def work_on_copy() -> None:
    """Make the shared scenario on screen work of one's own."""
    seen = shared()
    if seen is None:
        return
    name = sentence("{name} (copy)", name=words(seen.kept.saved.name)).render(lang())
    now = state()
    st.session_state.pop(_SHARED, None)
    st.session_state[_STATE] = replace(
        now, scenario=replace(now.scenario, name=name), notice=None, opened=None
    )
    _keep()


def keeper() -> Keeper:
    """Return the store and the drafts on their way into it; one for all tabs."""
    return _keeper(os.environ.get(STORE_VARIABLE))


@st.cache_resource(show_spinner=False)
def _keeper(url: str | None) -> Keeper:
    opened = Keeper(url or None)
    atexit.register(opened.close)
    return opened


def _keep() -> None:
    """Have the present work kept under the tab's id, which comes to stand in the address."""
    if shared() is None and keeper().store is not None:
        draft_id = st.session_state.setdefault(_WORK, new_id())
        now, digest, name = state(), parcels().digest, source()
        keeper().keep(draft_id, lambda: draft_text(now, parcels_digest=digest, source=name))
    keep_address()


def keep_address() -> None:
    """Let the address say what is on screen; the browser drops its words on a change of page."""
    words = st.query_params.to_dict()
    wanted = dict(words)
    if _LANG in st.session_state:
        wanted["lang"] = st.session_state[_LANG]
    seen, waiting = st.session_state.get(_SHARED), st.session_state.get(_ARRIVAL)
    if seen is not None:
        wanted = {**wanted, SHARE: seen.token}
        wanted.pop(WORK, None)
    elif _WORK in st.session_state and not (waiting is not None and waiting.asked_share):
        wanted = {**wanted, WORK: keeper().id_of(st.session_state[_WORK])}
        wanted.pop(SHARE, None)
    if wanted != words:
        st.query_params.from_dict(wanted)


def moment(at: datetime) -> str:
    """Return a moment as the clock of the person's browser shows it, to the minute."""
    west_min = st.context.timezone_offset or 0
    there = at.astimezone(timezone(timedelta(minutes=-west_min)))
    return f"{there:%Y-%m-%d %H:%M}"


def plan() -> Plan:
    """Return the plan of the present state; evaluated once per change of its scenario."""
    held: tuple[tuple[Any, ...], Plan] | None = st.session_state.get(_PLAN)
    now = state().scenario
    if held is not None and held[0] == (parcels().digest, now):
        return held[1]
    begun = time.monotonic()
    # Nothing is drawn for work of less than half a second, and nothing on the page moves.
    _ = translator()
    with nullcontext() if _quick(now) else st.spinner(_("Working the plan out…"), show_time=True):
        fresh = evaluate(parcels(), now)
    st.session_state[_PLAN] = ((parcels().digest, now), fresh)
    st.session_state[_TOOK] = (_way(now), time.monotonic() - begun)
    return fresh


def _way(scenario: Scenario) -> tuple[Any, ...]:
    """Return what decides how long a plan takes."""
    return parcels().digest, scenario.approach, scenario.phases


def _quick(scenario: Scenario) -> bool:
    """Tell whether the last plan of this kind came at once: a spinner's thread costs 2 ms."""
    way, took_s = st.session_state.get(_TOOK, (None, 0.0))
    return bool(way == _way(scenario) and took_s < QUICK_S)


def plan_of(scenario: Scenario) -> Plan:
    """Return the plan of any scenario on the tab's parcels; the last ones are kept for all tabs."""
    if scenario == state().scenario:
        return plan()
    digest = hashlib.sha256(scenario.to_json().encode("utf-8", "surrogatepass")).hexdigest()
    return _plan_of(parcels().digest, digest, _parcels=parcels(), _scenario=scenario)


@st.cache_resource(max_entries=24, show_spinner=False)
def _plan_of(
    parcels_digest: str,  # noqa: ARG001 - the key of the cache
    scenario_digest: str,  # noqa: ARG001 - the key of the cache
    *,
    _parcels: Parcels,
    _scenario: Scenario,
) -> Plan:
    return evaluate(_parcels, _scenario)


def show_in(key: str, value: object) -> None:
    """Make a widget show the state's value: widgets are views, the state is the truth."""
    st.session_state[key] = value


def shown_in(key: str) -> Any:
    """Return what a widget holds, for its callback."""
    return st.session_state[key]


def kept_in(key: str) -> Any:
    """Return what was kept under a key, None where nothing was."""
    return st.session_state.get(key)
