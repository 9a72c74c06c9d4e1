"""What the tab stands on, said above every page: a shared scenario, awaited parcels, a store."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import streamlit as st

from siteplan.app import session
from siteplan.app.widgets.figures import plain
from siteplan.text import sentence

if TYPE_CHECKING:
    from siteplan.app.arrival import Arrival, Shared

DATA_PAGE = "screens/data.py"


def standing(*, page: str) -> bool:
    """Say what a person should know before looking at figures; tell whether the page may follow.

    Parameters
    ----------
    page : str
        Its name in the address; the Data page always follows, because awaited parcels are loaded
        there.
    """
    _ = session.translator()
    arrival, seen = session.arrival(), session.shared()
    if arrival is not None:
        _not_shown(arrival)
    if seen is not None:
        _shared(seen)
    trouble = session.keeper().trouble
    if trouble is not None and (arrival is None or arrival.refused != trouble):
        said = _("Work and scenarios are not kept at the moment.")
        st.warning(
            f"**{said}** {plain(trouble.render(session.lang()))}", icon=":material/cloud_off:"
        )
    return arrival is None or not arrival.blocks or page == "data"


def _shared(seen: Shared) -> None:
    """Say whose figures these are, and offer a copy."""
    _ = session.translator()
    lang = session.lang()
    saved = seen.kept.saved
    plan = session.plan()
    with st.container(border=True, key="shared-view"):
        said, button = st.columns([5, 1], vertical_alignment="center")
        facts = sentence(
            "Revision {revision}, saved {when}, scenario id {id}. Nothing can be changed here.",
            revision=saved.revision,
            when=session.moment(saved.saved_at),
            id=plan.scenario_id,
        ).render(lang)
        head = _("Shared scenario, read-only: {name}").format(name=session.words(saved.name))
        said.html(
            f'<div role="note"><b>{html.escape(head)}</b>'
            f'<div class="sp-note">{html.escape(facts)}</div></div>'
        )
        button.button(
            _("Work on a copy"),
            icon=":material/edit:",
            type="primary",
            key="work-on-copy",
            width="stretch",
            on_click=session.work_on_copy,
        )
        if plan.scenario_id != saved.imprint.scenario_id:
            st.warning(
                sentence(
                    "When it was saved, siteplan {version} gave it the id {id}. Rules, factors or "
                    "siteplan have changed since, so figures may differ from those seen then.",
                    version=saved.imprint.version,
                    id=saved.imprint.scenario_id,
                ).render(lang),
                icon=":material/history:",
            )


def _not_shown(arrival: Arrival) -> None:
    """Say why what the address asked for is not on screen, and what brings it there."""
    _ = session.translator()
    with st.container(border=True, key="arrival"):
        st.markdown(_why(arrival))
        with st.container(horizontal=True):
            if arrival.awaits:
                st.page_link(DATA_PAGE, label=_("Load the file"), icon=":material/folder_open:")
            st.button(
                _("Begin new work") if arrival.awaits or arrival.blocks else _("I understand"),
                key="forget-arrival",
                on_click=session.forget_arrival,
            )


def _why(arrival: Arrival) -> str:
    lang = session.lang()
    if arrival.refused is not None:
        return f":material/warning: {plain(arrival.refused.render(lang))}"
    shared = arrival.shared
    if arrival.source is None:
        told = sentence(
            "This work is about parcels that came with another siteplan; they are not here. Ask "
            "whoever runs this server for that version, or begin new work."
        )
    elif shared is not None:
        told = sentence(
            "The shared scenario “{name}”, saved {when}, is about the parcels of {file}, which "
            "this server does not hold at the moment. Load that file on the Data page and the "
            "scenario is shown.",
            name=session.words(shared.kept.saved.name),
            when=session.moment(shared.kept.saved.saved_at),
            file=arrival.source,
        )
    else:
        told = sentence(
            "Your work on {file} is kept, but this server does not hold the parcels any more. "
            "Load that file again on the Data page and the work goes on where you left it.",
            file=arrival.source,
        )
    lines = [f":material/hourglass_top: {plain(told.render(lang))}"]
    if session.source() is not None and session.parcels().digest != arrival.parcels_digest:
        others = sentence(
            "The parcels on screen ({file}) are others: another file, or read in another way.",
            file=session.source(),
        )
        lines.append(plain(others.render(lang)))
    return "\n\n".join(lines)
