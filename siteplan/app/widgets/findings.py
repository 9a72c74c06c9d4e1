"""Findings: what was repaired, assumed, consented to or is not verified."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from siteplan.app import session
from siteplan.text import N_, on_screen

if TYPE_CHECKING:
    from siteplan.evaluation import Plan
    from siteplan.issues import Issue

_SEVERITIES = {"error": N_("error"), "warning": N_("warning"), "info": N_("note")}


def findings(plan: Plan) -> None:
    """List what a person should know about the plan, gravest first."""
    _ = session.translator()
    grave = sum(issue.severity != "info" for issue in plan.issues)
    title = _("Findings and assumptions: {grave} to look at, {all} in all").format(
        grave=grave, all=len(plan.issues)
    )
    # Worked out and sent only while it is open.
    opened = st.expander(title, icon=":material/fact_check:", key="findings", on_change="rerun")
    if not opened.open:
        return
    with opened:
        issue_table(plan.issues)
        st.caption(
            _("Rules: {rules}. Scenario id: {id}. Proven within {gap:.6f} % of the best.").format(
                rules=plan.rules.title.render(session.lang()),
                id=plan.scenario_id,
                gap=plan.gap_pct,
            )
            if plan.status != "infeasible"
            else _("Rules: {rules}. Scenario id: {id}.").format(
                rules=plan.rules.title.render(session.lang()), id=plan.scenario_id
            )
        )


def issue_table(issues: Sequence[Issue]) -> None:
    """Draw findings as a table, gravest first."""
    _ = session.translator()
    lang = session.lang()
    order = list(_SEVERITIES)
    rows = sorted(issues, key=lambda issue: order.index(issue.severity))
    st.dataframe(
        {
            _("Severity"): [_(_SEVERITIES[issue.severity]) for issue in rows],
            _("Finding"): [on_screen(issue.message.render(lang)) for issue in rows],
            _("What to do"): [on_screen(issue.fix.render(lang)) for issue in rows],
            _("Parcels"): [
                ", ".join(issue.parcel_ids[:6]) + (" …" if len(issue.parcel_ids) > 6 else "")
                for issue in rows
            ],
        },
        hide_index=True,
        width="stretch",
    )
