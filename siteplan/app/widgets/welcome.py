"""The first minutes: what is on screen, what to try, three prepared scenarios."""

from __future__ import annotations

import html

import streamlit as st

from siteplan.app import session
from siteplan.app.state import CloseWelcome
from siteplan.app.widgets.story_cards import story_cards

GUIDE_PAGE = "screens/guide.py"


def welcome() -> None:
    """Draw the guided start until it was read; its steps are ticked off as they are done."""
    state = session.state()
    if state.welcomed or session.shared() is not None:
        return
    _ = session.translator()
    moved, clicked = bool(state.past), bool(state.selected)
    steps = (
        (
            _("What you see"),
            _(
                "270,000 m² of floor area, shared among four uses and placed on the parcels of "
                "Yangjae. Each colour on the map is the main use of a parcel."
            )
            if session.source() is None
            else _(
                "The programme's floor area, shared among four uses and placed on the parcels. "
                "Each colour on the map is the main use of a parcel."
            ),
            True,
        ),
        (
            _("Move a slider"),
            _("The other uses give way, the total stays, and map and figures follow at once."),
            moved,
        ),
        (
            _("Click a parcel"),
            _("Below the map you read why this parcel holds what it holds, and change it."),
            clicked,
        ),
    )
    with st.container(border=True, key="welcome"):
        items = "".join(
            f'<li class="{"sp-done" if done else ""}"><b>{html.escape(head)}'
            f"{' <span>✓ ' + html.escape(_('done')) + '</span>' if done and n else ''}</b> "
            f"{html.escape(text)}</li>"
            for n, (head, text, done) in enumerate(steps)
        )
        st.html(f'<ol class="sp-steps">{items}</ol>')
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                _("Got it"),
                icon=":material/check:",
                type="primary",
                key="welcome-close",
                on_click=session.dispatch,
                args=(CloseWelcome(),),
            )
            with st.popover(_("Begin with a prepared scenario"), icon=":material/play_arrow:"):
                story_cards(short=True)
            st.page_link(GUIDE_PAGE, label=_("Planner's guide"), icon=":material/menu_book:")
