"""Floor area by year: stacked columns by use, and the sum so far as a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd
import streamlit as st

from siteplan.app import session
from siteplan.app.widgets.charts import heard_as
from siteplan.maps.style import USE_COLOURS
from siteplan.uses import ALL_USES

if TYPE_CHECKING:
    from siteplan.timing import Timing


def phase_chart(timing: Timing, *, year: int) -> None:
    """Draw what is built in each year by use, and what stands then; `year` is marked."""
    _ = session.translator()
    drawn = heard_as(
        year_chart(timing, year=year, lang=session.lang()), title=_("Floor area by year")
    )
    st.altair_chart(drawn, width="stretch", alt=_("Floor area by year; the tables below hold it."))


def year_chart(timing: Timing, *, year: int, lang: str) -> alt.LayerChart:
    """Return the chart of a schedule; its words in the tab's language.

    Parameters
    ----------
    timing : Timing
        Feasible.
    year : int
        Calendar year to mark.
    lang : str
    """
    _ = session.translator()
    words = {
        "year": _("Year"),
        "use": _("Use"),
        "built": _("Built in the year (m²)"),
        "standing": _("Standing at its end (m²)"),
    }
    columns, sums = _rows(timing, lang=lang)
    across = alt.X("year:O", title=words["year"], axis=alt.Axis(labelAngle=0))
    names = [use.label.render(lang) for use in ALL_USES]
    bars = (
        alt.Chart(pd.DataFrame(columns))
        .mark_bar(stroke="white", strokeWidth=0.5)
        .encode(
            x=across,
            y=alt.Y("built:Q", title=words["built"], axis=alt.Axis(format=",.0f")),
            color=alt.Color(
                "use:N",
                title=None,
                scale=alt.Scale(domain=names, range=[USE_COLOURS[use.key] for use in ALL_USES]),
                legend=alt.Legend(orient="top"),
            ),
            order=alt.Order("order:Q"),
            tooltip=[
                alt.Tooltip("year:O", title=words["year"]),
                alt.Tooltip("use:N", title=words["use"]),
                alt.Tooltip("built:Q", title=words["built"], format=",.0f"),
            ],
        )
    )
    mark = (
        alt.Chart(pd.DataFrame({"year": [str(year)]}))
        .mark_bar(color="#888888", opacity=0.18, width=alt.RelativeBandSize(1.0))
        .encode(x=across, y=alt.value(0), y2=alt.value("height"))
    )
    line = (
        alt.Chart(pd.DataFrame(sums))
        .mark_line(color="#7A828A", strokeDash=[6, 3], point=alt.OverlayMarkDef(color="#7A828A"))
        .encode(
            x=across,
            y=alt.Y(
                "standing:Q",
                title=words["standing"],
                axis=alt.Axis(format=",.0f", orient="right", grid=False),
            ),
            tooltip=[
                alt.Tooltip("year:O", title=words["year"]),
                alt.Tooltip("standing:Q", title=words["standing"], format=",.0f"),
            ],
        )
    )
    layered: alt.LayerChart = (
        alt.layer(alt.layer(mark, bars), line).resolve_scale(y="independent").properties(height=320)
    )
    return layered


def _rows(timing: Timing, *, lang: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return a row for each year and use, and one for each year with the sum so far."""
    totals_m2 = timing.total_by_year_m2
    columns, sums = [], []
    standing = 0
    for spot, year in enumerate(timing.phases.calendar):
        standing += int(totals_m2[spot].sum())
        sums.append({"year": str(year), "standing": standing})
        columns += [
            {
                "year": str(year),
                "use": use.label.render(lang),
                "built": int(totals_m2[spot, order]),
                "order": order,
            }
            for order, use in enumerate(ALL_USES)
        ]
    return columns, sums
