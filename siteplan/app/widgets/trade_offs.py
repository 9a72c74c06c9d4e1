"""The trade-off between two aims as a chart, a slider along it, and a table of the same points."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from siteplan.advice import aim_mean, aims_of, front_between
from siteplan.app import session
from siteplan.app.widgets.choosing import asked_for, base_of, take_button
from siteplan.app.widgets.figures import m2
from siteplan.text import sentence

if TYPE_CHECKING:
    from siteplan.advice import Front
    from siteplan.evaluation import Plan

BASE = "front-base"
CHART = "front-chart"
POINTS = 21
LEAST_SAID = 0.005
"""Points of 100 below which whole square metres, not the plan, keep it off the front."""

_LINE, _HERE, _CHOSEN = "#0072B2", "#D55E00", "#009E73"


def trade_offs_shown(plan: Plan) -> None:
    """Offer two aims, and draw the front between them once it is asked for."""
    _ = session.translator()
    lang = session.lang()
    base = base_of(plan, key=BASE)
    aims = aims_of(plan if base is None else base)
    pair = _pair(list(aims))
    if pair is None:
        st.info(_("There is only one aim to weigh: the surroundings are not known."))
        return
    cells = st.columns(2)
    for place, (cell, label) in enumerate(
        zip(cells, (_("First aim (to the right)"), _("Second aim (upwards)")), strict=True)
    ):
        session.show_in(f"front-aim-{place}", pair[place])
        cell.selectbox(
            label,
            [key for key in aims if key != pair[1 - place]],
            key=f"front-aim-{place}",
            format_func=lambda key: aims[key].render(lang),
            on_change=_aim_chosen,
        )
    if base is None:
        st.button(
            _("Draw the trade-off"),
            key="front-find",
            icon=":material/show_chart:",
            on_click=asked_for,
            args=(plan,),
            kwargs={"key": BASE},
        )
        return
    with st.spinner(_("Looking for the best trade-offs…"), show_time=True):
        front = front_between(base, *pair, points=POINTS)
    for text in front.notes:
        st.info(text.render(lang), icon=":material/info:")
    if front.points:
        _drawn(plan, base, front)


def _pair(keys: list[str]) -> tuple[str, str] | None:
    """Return the two aims that were chosen last, as far as they are still there."""
    if len(keys) < 2:
        return None
    kept = [session.kept_in(f"front-aim-kept-{place}") for place in range(2)]
    usual = ["suitability", "station" if "station" in keys else keys[1]]
    first = kept[0] if kept[0] in keys else usual[0]
    second = kept[1] if kept[1] in keys and kept[1] != first else usual[1]
    if second == first:
        second = next(key for key in keys if key != first)
    return first, second


def _aim_chosen() -> None:
    for each in range(2):
        session.show_in(f"front-aim-kept-{each}", session.shown_in(f"front-aim-{each}"))
    session.show_in("front-point-kept", None)


def _drawn(plan: Plan, base: Plan, front: Front) -> None:
    _ = session.translator()
    keys = (front.first_key, front.second_key)
    here = (aim_mean(base, keys[0], plan.gfa_m2), aim_mean(base, keys[1], plan.gfa_m2))
    chosen = _chosen(front)
    _chart(front, here, chosen=chosen)
    if np.array_equal(plan.gfa_m2, base.gfa_m2):
        lies = (
            _("The present plan (diamond) lies on the front.")
            if front.below < LEAST_SAID
            else _("The present plan (diamond) lies {below:.2f} points of 100 below the front.")
        )
        st.caption(
            lies.format(below=front.below)
            + " "
            + _("No point misses the front by more than {gap:.2f} points (proven).").format(
                gap=max(front.gap, 0.01)
            )
        )
    if len(front.points) > 1:
        session.show_in("front-point", chosen + 1)
        st.select_slider(
            _("Point along the front"),
            list(range(1, len(front.points) + 1)),
            key="front-point",
            on_change=_point_moved,
            help=_("Or click a point of the chart."),
        )
    point = front.points[chosen]
    st.markdown(
        _(
            "Point {number}: {first} **{a:.2f}**, {second} **{b:.2f}** of 100; {moved} stand "
            "elsewhere on {parcels} parcels."
        ).format(
            number=chosen + 1,
            first=front.first_label.render(session.lang()),
            second=front.second_label.render(session.lang()),
            a=point.first,
            b=point.second,
            moved=m2(point.difference.moved_m2),
            parcels=f"{point.difference.parcels:,}",
        )
    )
    take_button(
        plan,
        gfa_m2=point.gfa_m2,
        scenario=point.scenario,
        name=_("Trade-off {number}").format(number=chosen + 1),
        said=sentence(
            "point {number} between “{first}” and “{second}” taken",
            number=chosen + 1,
            first=front.first_label,
            second=front.second_label,
        ),
        key="front-take",
    )
    _table(front, here, chosen=chosen)


def _chosen(front: Front) -> int:
    """Return the point that was chosen last, else the one in the middle."""
    kept = session.kept_in("front-point-kept")
    usual = (len(front.points) - 1) // 2
    return kept if isinstance(kept, int) and 0 <= kept < len(front.points) else usual


def _point_moved() -> None:
    session.show_in("front-point-kept", session.shown_in("front-point") - 1)


def _point_clicked() -> None:
    picked = session.shown_in(CHART)["selection"].get("point") or []
    if picked and "number" in picked[0]:
        session.show_in("front-point-kept", int(picked[0]["number"]) - 1)


def _chart(front: Front, here: tuple[float, float], *, chosen: int) -> None:
    _ = session.translator()
    lang = session.lang()
    titles = (front.first_label.render(lang), front.second_label.render(lang))
    rows = [
        {"number": number, "first": point.first, "second": point.second}
        for number, point in enumerate(front.points, start=1)
    ]
    axes: dict[str, Any] = {
        place: {
            "field": field,
            "type": "quantitative",
            "title": _("{aim} (mean, 0 to 100)").format(aim=title),
            "scale": {"zero": False, "nice": True, "padding": 12},
        }
        for place, field, title in zip("xy", ("first", "second"), titles, strict=True)
    }
    tooltip = [
        {"field": "number", "title": _("Point")},
        {"field": "first", "title": titles[0], "format": ".2f"},
        {"field": "second", "title": titles[1], "format": ".2f"},
    ]
    present = {"first": here[0], "second": here[1], "name": _("Present plan")}
    ring = [rows[chosen] | {"name": _("Point {number}").format(number=chosen + 1)}]
    words = {"text": {"field": "name"}}
    ink = "#FAFAFA" if st.context.theme.type == "dark" else "#14181C"
    label = {"type": "text", "fontSize": 13, "color": ink}
    st.vega_lite_chart(
        spec={
            "height": 380,
            "config": {"axis": {"aria": False}},
            "layer": [
                {
                    "data": {"values": rows},
                    "mark": {"type": "line", "color": _LINE, "opacity": 0.5},
                    "encoding": axes | {"order": {"field": "number"}},
                },
                {
                    "data": {"values": rows},
                    "params": [
                        {"name": "point", "select": {"type": "point", "fields": ["number"]}}
                    ],
                    "mark": {
                        "type": "point",
                        "filled": True,
                        "size": 90,
                        "color": _LINE,
                        "opacity": 1,
                        "cursor": "pointer",
                    },
                    "encoding": axes | {"tooltip": tooltip},
                },
                {
                    "data": {"values": ring},
                    "mark": {"type": "point", "size": 320, "color": _CHOSEN, "strokeWidth": 3},
                    "encoding": axes,
                },
                {
                    "data": {"values": ring},
                    "mark": label | {"dx": 14, "dy": -12, "align": "left"},
                    "encoding": axes | words,
                },
                {
                    "data": {"values": [present]},
                    "mark": {
                        "type": "point",
                        "shape": "diamond",
                        "filled": True,
                        "size": 220,
                        "color": _HERE,
                        "opacity": 1,
                    },
                    "encoding": axes | {"tooltip": tooltip[1:]},
                },
                {
                    "data": {"values": [present]},
                    "mark": label | {"dx": -12, "dy": 16, "align": "right"},
                    "encoding": axes | words,
                },
            ],
        },
        width="stretch",
        key=CHART,
        on_select=_point_clicked,
        selection_mode="point",
        alt=_("Trade-off between {first} and {second}; the table below holds its points.").format(
            first=titles[0], second=titles[1]
        ),
    )


def _table(front: Front, here: tuple[float, float], *, chosen: int) -> None:
    """Write the points as a table that can be read out."""
    _ = session.translator()
    lang = session.lang()
    head = (
        _("Point"),
        front.first_label.render(lang),
        front.second_label.render(lang),
        _("Most of the second (proven)"),
        _("Stands elsewhere"),
        _("Parcels that change"),
    )
    rows = [
        (
            f"{number}" + (" ◯" if number == chosen + 1 else ""),
            f"{point.first:.2f}",
            f"{point.second:.2f}",
            f"{max(point.second_most, point.second):.2f}",
            m2(point.difference.moved_m2),
            f"{point.difference.parcels:,}",
        )
        for number, point in enumerate(front.points, start=1)
    ]
    rows.append(
        (_("Present plan") + " ◆", f"{here[0]:.2f}", f"{here[1]:.2f}", "–", "–", "–"),
    )
    lines = "".join(
        f'<tr><th scope="row">{html.escape(row[0])}</th>'
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    heads = "".join(f'<th scope="col">{html.escape(one)}</th>' for one in head)
    with st.expander(_("The same points as a table")):
        st.html(
            '<div style="overflow-x:auto"><table class="sp-plain">'
            f"<tr>{heads}</tr>{lines}</table></div>"
        )
