"""Links from a picture to the page where the same stands in words and figures."""

from __future__ import annotations

import streamlit as st

from siteplan.app import session


def table_link() -> None:
    """Lead from a map or a 3-D view to its parcels as a table."""
    _ = session.translator()
    st.page_link(
        "screens/table.py", label=_("The same parcels as a table"), icon=":material/table:"
    )


def zone_link() -> None:
    """Lead to the page where a zone is chosen for parcels that carry none."""
    _ = session.translator()
    st.page_link(
        "screens/data.py",
        label=_("To the data: choose a zone to assume"),
        icon=":material/folder_open:",
    )


def plan_link() -> None:
    """Lead to the page where a programme that does not fit is explained and repaired."""
    _ = session.translator()
    st.page_link(
        "screens/plan.py", label=_("To the plan: reasons and repairs"), icon=":material/map:"
    )
