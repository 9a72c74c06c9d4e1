"""Phases: the years beside the map that grows with them, what is built when, and why not."""

from __future__ import annotations

import streamlit as st

from siteplan.app import session
from siteplan.app.phase_table import year_summary
from siteplan.app.widgets.figures import m2, pct
from siteplan.app.widgets.links_between import plan_link
from siteplan.app.widgets.live_map import live_map
from siteplan.app.widgets.lot_tools import carry_out
from siteplan.app.widgets.notices import notice_shown
from siteplan.app.widgets.phase_chart import phase_chart
from siteplan.app.widgets.phase_editor import phase_editor, phases_switch
from siteplan.app.widgets.phase_tables import pieces_table, years_table
from siteplan.app.widgets.repairs import phase_repairs_offered
from siteplan.app.widgets.year_slider import year_slider

_ = session.translator()
lang = session.lang()
plan = session.plan()
state = session.state()
timing = plan.timing
held = timing is not None and timing.status != "infeasible"

st.subheader(_("What is built when"), anchor=False)
with st.container(key="workspace"):
    decisions, workspace = st.columns([4, 7], gap="medium")
with workspace:
    above, at_map = st.container(), st.container()
with above:
    year = year_slider(plan) if held else None
    if timing is not None and not held:
        headed = "**" + _("The years cannot hold the plan.") + "**"
        st.error(
            "\n\n".join([headed, *(text.render(lang) for text in timing.explanation)]),
            icon=":material/error:",
        )
    if year is not None:
        summary = year_summary(plan, year)
        st.markdown(
            _(
                "**End of {year}:** {standing} of {total} stand ({share}), {built} of it built "
                "this year. {complete} parcel(s) complete, {under_way} under construction."
            ).format(
                year=year,
                standing=m2(summary["standing_m2"]),
                total=m2(plan.total_gfa_m2),
                share=pct(summary["standing_m2"] / max(plan.total_gfa_m2, 1) * 100),
                built=m2(summary["built_m2"]),
                complete=summary["complete"],
                under_way=summary["under_way"],
            )
        )
with at_map:
    done = live_map(
        plan,
        lang=lang,
        selected=state.selected,
        height_px=540,
        place=session.parcels().digest,
        key="phases_map",
        year=year,
    )
    if done is not None:
        carry_out(done)
        st.rerun()
    if held and timing is not None and year is not None:
        phase_chart(timing, year=year)
with decisions:
    phases_switch(plan)
    notice_shown()
    if not held:
        phase_repairs_offered(plan)
    phase_editor(plan)
if plan.status == "infeasible":
    st.error(
        _("The programme does not fit on these parcels. See the Plan page first."),
        icon=":material/error:",
    )
    plan_link()
elif timing is None:
    st.info(_("Switch phases on to say when what is built."), icon=":material/info:")
elif year is not None:
    for issue in plan.issues:
        if issue.code == "dates_decide":
            st.info(issue.message.render(lang), icon=":material/info:")
    years_table(timing)
    pieces_table(plan)
