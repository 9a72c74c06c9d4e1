"""Scenarios: the present one, the ones that are kept, prepared ones, and several side by side."""

from __future__ import annotations

import streamlit as st

from siteplan.app import session
from siteplan.app.widgets.comparison import comparison
from siteplan.app.widgets.history import history
from siteplan.app.widgets.notices import notice_shown
from siteplan.app.widgets.present import present
from siteplan.app.widgets.saved_list import saved_list
from siteplan.app.widgets.story_cards import story_cards

_VIEW = "scenarios-view"

_ = session.translator()
plan = session.plan()

st.subheader(_("Scenarios"), anchor=False)
notice_shown("programme", "lots")
present(plan)
views = {
    "saved": _("Saved"),
    "compare": _("Side by side"),
    "prepared": _("Prepared"),
}
with st.container(horizontal=True, vertical_alignment="center"):
    session.show_in(_VIEW, session.kept_in(_VIEW) or "saved")
    view = st.segmented_control(
        _("What to show"),
        list(views),
        format_func=views.__getitem__,
        key=_VIEW,
        required=True,
        label_visibility="collapsed",
    )
    history()
if view == "compare":
    comparison(plan)
elif view == "prepared":
    story_cards()
else:
    saved_list()
