"""What the last event could not do, or did, said beside what was pressed."""

from __future__ import annotations

import streamlit as st

from siteplan.app import session
from siteplan.app.widgets.figures import plain


def notice_shown(*places: str) -> None:
    """Say what the last event left to be said.

    Parameters
    ----------
    *places : str
        Say it only where it belongs to one of these (`AppState.notice_at`); none says it anyhow.
    """
    state = session.state()
    if state.notice is None or (places and state.notice_at not in places):
        return
    said = plain(state.notice.render(session.lang()))
    if state.notice_done:
        st.success(said, icon=":material/check:")
    else:
        st.warning(said, icon=":material/info:")
