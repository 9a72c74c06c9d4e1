"""The first minutes: what is on screen, what to try, three prepared scenarios."""

from __future__ import annotations

import html
from itertools import pairwise

import streamlit as st

from siteplan.app import session
from siteplan.app.state import AppState, CloseWelcome
from siteplan.app.widgets.figures import m2
from siteplan.app.widgets.story_cards import story_cards

GUIDE_PAGE = "screens/guide.py"


def _moved(state: AppState) -> bool:
    """Tell whether the programme was changed, otherwise than by taking up another scenario."""
    scenarios = [*(step.scenario for step in state.past), state.scenario]
    return any(
        before.programme != after.programme and before.name == after.name
        for before, after in pairwise(scenarios)
    )


def welcome() -> None:
    """Draw the guided start until it was read; its steps are ticked off as they are done."""
    state = session.state()
    if state.welcomed or session.shared() is not None:
        return
    _ = session.translator()
    moved, clicked = _moved(state), bool(state.selected)
    steps = (
        (
            _("What you see"),
            _(
                "{total} of floor area in four uses on the parcels; a colour is a parcel's main "
                "use."
            ).format(total=m2(state.scenario.programme.total_gfa_m2)),
            False,
        ),
        (
            _("Move a slider"),
            _("The other uses give way, the total stays, map and figures follow at once."),
            moved,
        ),
        (
            _("Click a parcel"),
            _("Below the map stands why it holds what it holds, and what you may change."),
            clicked,
        ),
    )
    with st.container(border=True, key="welcome"):
        ticked = " <span>✓ " + html.escape(_("done")) + "</span>"
        items = "".join(
            f"<li><b>{html.escape(head)}{ticked if done else ''}</b> {html.escape(text)}</li>"
            for head, text, done in steps
        )
        told, todo = st.columns([5, 3], vertical_alignment="center")
        told.html(f'<ol class="sp-steps">{items}</ol>')
        with todo.container(
            horizontal=True, vertical_alignment="center", horizontal_alignment="right", gap="small"
        ):
            st.button(
                _("Got it"),
                icon=":material/check:",
                type="primary",
                key="welcome-close",
                on_click=session.dispatch,
                args=(CloseWelcome(),),
            )
            stories = st.popover(
                _("Prepared scenarios"),
                icon=":material/play_arrow:",
                key="welcome-stories",
                on_change="rerun",
            )
            if stories.open:  # made only when opened: the page is redrawn at each move
                with stories:
                    story_cards(short=True)
            st.page_link(GUIDE_PAGE, label=_("Planner's guide"), icon=":material/menu_book:")
