"""Charts of a plan, each with the same figures as a table beneath it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st

from siteplan.app import session
from siteplan.app.widgets.figures import thousands
from siteplan.maps.floor_stack import segment_name
from siteplan.maps.style import UNUSED, USE_COLOURS
from siteplan.massing import PARKING, storeys
from siteplan.uses import ALL_USES, USES

if TYPE_CHECKING:
    import altair as alt

    from siteplan.evaluation import Plan

BASEMENT_COLOUR = "#6B747D"
FLOOR_PX = 18


def shown_chart(
    chart: alt.Chart | alt.LayerChart, rows: list[dict[str, Any]], *, title: str, key: str
) -> None:
    """Draw a chart, and its rows as a table for who cannot see it.

    The drawing is heard as one picture of that title: Vega would describe its axes in English.
    """
    _ = session.translator()
    told = _("{title}; the table below holds its figures.").format(title=title)
    drawn = heard_as(chart, title=title)
    st.altair_chart(drawn, width="stretch", key=f"chart-{key}", alt=told)
    with st.expander(_("As a table"), icon=":material/table:"):
        columns = {name: [row[name] for row in rows] for name in rows[0]} if rows else {}
        st.dataframe(
            columns,
            hide_index=True,
            key=f"chart-table-{key}",
            column_config=thousands(columns),
        )


def heard_as(chart: alt.Chart | alt.LayerChart, *, title: str) -> alt.Chart | alt.LayerChart:
    """Return a chart that assistive technology takes for one picture with a title."""
    described: alt.Chart | alt.LayerChart = chart.properties(description=title).configure(
        axis={"aria": False}, legend={"aria": False}
    )
    return described


def storey_rows(plan: Plan) -> list[dict[str, Any]]:
    """Return the floor area of each storey by what stands there, the highest first.

    ``floor`` is the storey's number (-1 is B1), ``segment`` a key of use, parking or None below
    ground, ``area_m2`` the sum over all parcels.
    """
    sums: dict[tuple[int, str | None], int] = {}
    for row in np.flatnonzero(plan.parcel_gfa_m2).tolist():
        for storey in storeys(plan.massing, row):
            key = (storey.number, storey.segment)
            sums[key] = sums.get(key, 0) + storey.area_m2
    return [
        {"floor": number, "segment": segment, "area_m2": area_m2}
        for (number, segment), area_m2 in sorted(sums.items(), key=lambda item: -item[0][0])
    ]


def demand_rows(plan: Plan) -> list[dict[str, Any]]:
    """Return what each use asks for and what the parcels that may hold it offer, in FAR area."""
    asked_m2 = plan.uses_gfa_m2 * plan.far_ratio
    offered_m2 = plan.room.upper_m2.sum(axis=0)
    return [
        {
            "use": use.key,
            "asked_m2": round(float(asked_m2[column])),
            "offered_m2": round(float(offered_m2[column])),
        }
        for column, use in enumerate(ALL_USES)
    ]


def split_chart(plan: Plan) -> None:
    """Draw the split of the programme by use."""
    import altair as alt

    _ = session.translator()
    lang = session.lang()
    total_m2 = max(plan.total_gfa_m2, 1)
    use, share, area = _("Use"), _("Share (%)"), _("GFA (m²)")
    rows = [
        {
            use: one.label.render(lang),
            area: int(plan.uses_gfa_m2[column]),
            share: round(float(plan.uses_gfa_m2[column]) / total_m2 * 100, 1),
        }
        for column, one in enumerate(ALL_USES)
    ]
    base = alt.Chart(pd.DataFrame(rows)).encode(
        y=alt.Y(f"{use}:N", sort=None, title=None),
        x=alt.X(
            f"{area}:Q",
            title=area,
            axis=alt.Axis(format=",.0f", tickCount=4),
            scale=alt.Scale(domainMax=float(plan.uses_gfa_m2.max(initial=1)) * 1.15),
        ),
        tooltip=[f"{use}:N", alt.Tooltip(f"{area}:Q", format=",.0f"), f"{share}:Q"],
    )
    bars = base.mark_bar().encode(
        color=alt.Color(f"{use}:N", scale=_use_scale(lang), legend=None),
    )
    words = (
        base.transform_calculate(told=f"format(datum['{share}'], '.1f') + ' %'")
        .mark_text(align="left", dx=4)
        .encode(text="told:N")
    )
    shown_chart((bars + words).properties(height=170), rows, title=_("Split by use"), key="split")


def storey_chart(plan: Plan) -> None:
    """Draw the floor area of each storey, stacked by use."""
    import altair as alt

    _ = session.translator()
    lang = session.lang()
    floor, what, area = _("Floor"), _("Use"), _("Floor area (m²)")
    found = storey_rows(plan)
    rows = [
        {
            floor: f"{row['floor']}F" if row["floor"] > 0 else f"B{-row['floor']}",
            what: segment_name(row["segment"], lang=lang),
            area: row["area_m2"],
        }
        for row in found
    ]
    order = list(dict.fromkeys(row[floor] for row in rows))
    there = {row["segment"] for row in found}
    colours = {
        segment_name(segment, lang=lang): _segment_colour(segment)
        for segment in (*USES, PARKING, None)
        if segment in there
    }
    chart = (
        alt.Chart(pd.DataFrame(rows))
        .transform_calculate(place=f"indexof({json.dumps(list(colours))}, datum['{what}'])")
        .mark_bar()
        .encode(
            y=alt.Y(f"{floor}:N", sort=order, title=None, axis=alt.Axis(labelOverlap=False)),
            x=alt.X(f"{area}:Q", title=area, axis=alt.Axis(format=",.0f", tickCount=5)),
            color=alt.Color(
                f"{what}:N",
                title=None,
                scale=alt.Scale(domain=list(colours), range=list(colours.values())),
                legend=alt.Legend(orient="bottom", columns=3),
            ),
            order="place:Q",
            tooltip=[f"{floor}:N", f"{what}:N", alt.Tooltip(f"{area}:Q", format=",.0f")],
        )
        .properties(height=alt.Step(FLOOR_PX))
    )
    shown_chart(chart, rows, title=_("Floor area by storey"), key="storeys")


def demand_chart(plan: Plan) -> None:
    """Draw what each use asks for against what its parcels offer."""
    import altair as alt

    _ = session.translator()
    lang = session.lang()
    use, asked, offered = _("Use"), _("Asked for"), _("Offered")
    names = {one.key: one.label.render(lang) for one in ALL_USES}
    rows = [
        {use: names[row["use"]], asked: row["asked_m2"], offered: row["offered_m2"]}
        for row in demand_rows(plan)
    ]
    base = alt.Chart(pd.DataFrame(rows)).encode(y=alt.Y(f"{use}:N", sort=None, title=None))
    title = _("FAR area (m²)")
    axis = alt.Axis(format=",.0f", tickCount=4)
    tips = [f"{use}:N", *(alt.Tooltip(f"{name}:Q", format=",.0f") for name in (asked, offered))]
    outer = base.mark_bar(color=UNUSED, height=22).encode(
        x=alt.X(f"{offered}:Q", title=title, axis=axis), tooltip=tips
    )
    inner = base.mark_bar(height=10).encode(
        x=alt.X(f"{asked}:Q"),
        color=alt.Color(f"{use}:N", scale=_use_scale(lang), legend=None),
        tooltip=tips,
    )
    shown_chart(
        (outer + inner).properties(height=170), rows, title=_("Capacity and demand"), key="demand"
    )
    st.caption(
        _(
            "Wide bar: FAR area of all parcels that may hold the use, shared with the other uses. "
            "Narrow bar: what the plan places of it."
        )
    )


def _use_scale(lang: str) -> alt.Scale:
    import altair as alt

    names = [use.label.render(lang) for use in ALL_USES]
    return alt.Scale(domain=names, range=[USE_COLOURS[use] for use in USES])


def _segment_colour(segment: str | None) -> str:
    if segment is None:
        return BASEMENT_COLOUR
    return USE_COLOURS.get(segment, UNUSED)
