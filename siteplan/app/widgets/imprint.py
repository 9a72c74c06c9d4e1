"""What figures are printed with: which scenario, which siteplan, which rules."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import streamlit as st

from siteplan.app import session
from siteplan.text import sentence
from siteplan.version import __version__

if TYPE_CHECKING:
    from siteplan.evaluation import Plan


def imprint_line(plan: Plan) -> None:
    """Draw the line that names the plan: same id, same figures."""
    line = sentence(
        "Scenario id {id} · siteplan {version} · rules {rules}",
        id=plan.scenario_id,
        version=__version__,
        rules=plan.rules_id,
    ).render(session.lang())
    st.html(f'<div class="sp-imprint">{html.escape(line)}</div>')
