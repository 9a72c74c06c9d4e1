"""What would make an infeasible programme fit, each change with a button that makes it."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import streamlit as st

from siteplan.advice import Repair, phase_repairs, repairs
from siteplan.app import session
from siteplan.app.state import OpenScenario, SelectParcel

if TYPE_CHECKING:
    from siteplan.evaluation import Plan


def repairs_offered(plan: Plan) -> None:
    """Offer the repairs of a plan that does not fit; nothing for one that does."""
    _offered(repairs(plan), key="repair")


def phase_repairs_offered(plan: Plan) -> None:
    """Offer the repairs of years that cannot hold the plan; nothing where they hold it."""
    _offered(phase_repairs(plan), key="phase-repair")


def _offered(found: tuple[Repair, ...], *, key: str) -> None:
    _ = session.translator()
    if not found:
        return
    with st.container(border=True, key=f"{key}s"):
        st.markdown("**" + _("Any one of these makes it fit:") + "**")
        for number, repair in enumerate(found):
            said, button = st.columns([5, 2], vertical_alignment="center")
            said.html(html.escape(repair.text.render(session.lang())))
            button.button(
                _("Do this"),
                key=f"{key}-{number}",
                icon=":material/build:",
                on_click=_applied,
                args=(repair,),
            )


def _applied(repair: Repair) -> None:
    """Take up the repaired scenario; the selection stays."""
    selected = session.state().selected
    session.dispatch(OpenScenario(repair.scenario, said=repair.text))
    for parcel_id in selected:
        session.dispatch(SelectParcel(parcel_id, additive=True))
