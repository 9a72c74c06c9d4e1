"""The slider of years: the map, the 3-D view and the figures show the end of its year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from siteplan.app import session
from siteplan.app.state import ShowYear

if TYPE_CHECKING:
    from siteplan.evaluation import Plan


def year_slider(plan: Plan, *, key: str = "phases-year", at_first: bool = True) -> int | None:
    """Draw the slider and return the year that it shows; None where the plan has no years.

    Parameters
    ----------
    plan : Plan
    key : str
        Key of the widget.
    at_first : bool
        Whether the first year is shown until one is chosen, else the last.
    """
    _ = session.translator()
    timing = plan.timing
    if timing is None or timing.status == "infeasible":
        return None
    calendar = timing.phases.calendar
    wanted = session.state().year
    if wanted is None:
        wanted = calendar[0] if at_first else calendar[-1]
    shown = min(max(wanted, calendar[0]), calendar[-1])
    if len(calendar) == 1:
        return shown
    session.show_in(key, shown)
    st.slider(
        _("Shown: the end of the year"),
        min_value=calendar[0],
        max_value=calendar[-1],
        step=1,
        format="%d",
        key=key,
        on_change=_moved,
        args=(key,),
        help=_("Drag, or use the arrow keys: the map grows year by year and keeps its view."),
    )
    return shown


def _moved(key: str) -> None:
    session.dispatch(ShowYear(int(session.shown_in(key))))
