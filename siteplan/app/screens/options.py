"""Options: other plans to choose from, and the best trade-offs between two aims."""

from __future__ import annotations

import streamlit as st

from siteplan.app import session
from siteplan.app.widgets.alternatives import alternatives_shown
from siteplan.app.widgets.links_between import plan_link
from siteplan.app.widgets.trade_offs import trade_offs_shown

_ = session.translator()
lang = session.lang()
plan = session.plan()

st.subheader(_("Other plans"), anchor=False)
if plan.status == "infeasible":
    st.error(
        _("There is nothing to choose from: the programme does not fit. See the Plan page."),
        icon=":material/error:",
    )
    plan_link()
else:
    st.caption(
        _(
            "Plans that keep the programme, every limit and nearly all suitability, and differ "
            "from the present plan and from one another as much as possible."
        )
    )
    alternatives_shown(plan)
    st.subheader(_("Trade-offs between two aims"), anchor=False)
    st.caption(
        _(
            "Each point is a whole plan: no other plan has more of one aim without less of the "
            "other. Choose two aims to see what one costs the other."
        )
    )
    trade_offs_shown(plan)
