"""Plans laid out to choose from: what they were found for, and taking one of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from siteplan.app import session
from siteplan.app.state import SetApproach, Undo
from siteplan.approach import Near

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.evaluation import Plan
    from siteplan.scenario import Scenario
    from siteplan.text import Text

    Integers = npt.NDArray[np.int64]


def base_of(plan: Plan, *, key: str) -> Plan | None:
    """Return the plan that choices were last asked for, None where it no longer counts.

    Taking one of them changes the plan on screen, but neither facts nor other decisions: the
    others stay on offer. Any other decision ends that.
    """
    base: Plan | None = session.kept_in(key)
    if base is None or base.parcels.digest != plan.parcels.digest:
        return None
    same = replace(base.scenario, approach=None) == replace(plan.scenario, approach=None)
    return base if same else None


def asked_for(plan: Plan, *, key: str) -> None:
    """Keep the plan on screen as the one that choices are asked for."""
    session.show_in(key, plan)


def take(scenario: Scenario, name: str, said: Text) -> None:
    """Take a plan up under a name in the person's language; `said` is what the step is called."""
    approach = scenario.approach
    if isinstance(approach, Near):
        session.dispatch(SetApproach(replace(approach, name=name), said))


def take_button(
    plan: Plan, *, gfa_m2: Integers, scenario: Scenario, name: str, said: Text, key: str
) -> None:
    """Offer to take a plan up, or say that it is the present one and how to take it back."""
    _ = session.translator()
    if np.array_equal(plan.gfa_m2, gfa_m2):
        st.success(_("This is the present plan."), icon=":material/check:")
        if session.state().past:
            st.button(
                _("Undo"),
                key=f"{key}-undo",
                icon=":material/undo:",
                on_click=session.dispatch,
                args=(Undo(),),
            )
        return
    st.button(
        _("Take this plan"),
        key=key,
        icon=":material/check_circle:",
        help=_("{name}: it becomes the present plan on every page; it can be undone.").format(
            name=name
        ),
        on_click=take,
        args=(scenario, name, said),
        type="primary",
    )
