"""Figures: what the plan means in people, money and energy, how sure that is, and from where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from siteplan.amounts import (
    band_text,
    counts_heads,
    metric_number,
    metric_text,
    metric_unit,
    money_unit,
)
from siteplan.app import session
from siteplan.app.widgets.charts import demand_chart, split_chart, storey_chart
from siteplan.app.widgets.headline import Tile, figure_tiles
from siteplan.app.widgets.links_between import plan_link
from siteplan.ledger import MARKS, figure, mark_text, unit_label
from siteplan.recipes import GROUPS, LARGE
from siteplan.text import N_
from siteplan.uncertainty import DRAWS, uncertainty_of

if TYPE_CHECKING:
    from siteplan.ledger import Factor
    from siteplan.metrics import Metric
    from siteplan.uncertainty import Band, Uncertainty

_CAPS = {
    "parking_stalls": N_("Parking stalls provided"),
    "operational_co2_t_per_year": N_("Most operational CO₂ (t a year)"),
    "construction_cost_krw": N_("Most construction cost ({unit})"),
}
_BAND_COLOUR = "#0072B2"


def _span(metric: Metric) -> str:
    """Return the band of the draws, empty where nothing is drawn."""
    return band_text(bands.get(metric.key), metric, lang=lang)


def _cap_unit(key: str) -> tuple[float, str]:
    """Return the size and the name of the unit that a limit is typed in: that of its figure."""
    return money_unit(lang) if key == "construction_cost_krw" else (1.0, "")


def _cap_set(key: str, size: float) -> None:
    """Keep a limit in the figure's own unit, so that another language may show it in another."""
    typed = session.shown_in(f"cap-{key}")
    session.show_in(f"kept-cap-{key}", None if typed is None else typed * size)


def _caps() -> dict[str, float]:
    """Return the planner's limits, in the figures' own units."""
    kept = {key: session.kept_in(f"kept-cap-{key}") for key in _CAPS}
    return {key: most for key, most in kept.items() if most}


def _large_figures(metrics: dict[str, Metric]) -> None:
    """Draw the few figures that matter most; each opens its formula."""
    tiles = []
    for key in LARGE:
        metric = metrics[key]
        span = _span(metric)
        tiles.append(
            Tile(
                key=key,
                label=metric.label.render(lang),
                figure=metric_number(metric.value, metric, lang=lang),
                unit="" if counts_heads(metric) else metric_unit(metric, lang=lang)[1],
                note=_("5–95 %: {span}").format(span=span) if span else "",
                lines=(metric.formula.render(lang),),
            )
        )
    figure_tiles(tiles)


def _limit_inputs() -> None:
    st.markdown("**" + _("Limits to check against") + "**")
    for cell, (key, label) in zip(st.columns(3), _CAPS.items(), strict=True):
        kept = session.kept_in(f"kept-cap-{key}")
        size, unit = _cap_unit(key)
        session.show_in(f"cap-{key}", None if kept is None else kept / size)
        cell.number_input(
            _(label).format(unit=unit),
            min_value=0.0,
            key=f"cap-{key}",
            step=100.0,
            format="%0.0f",
            placeholder=_("no limit"),
            on_change=_cap_set,
            args=(key, size),
        )


def _chances(found: Uncertainty) -> None:
    tone = st.success if found.holds >= 0.9 * found.draws else st.warning
    tone(found.text.render(lang), icon=":material/casino:")
    for chance in found.chances:
        percent = chance.holds * 100 / found.draws
        line = _("{limit}: holds in {percent:.1f} % of draws").format(
            limit=chance.label.render(lang), percent=percent
        )
        if chance.parcel_id is not None:
            line += _(", most often broken on {parcel}").format(parcel=chance.parcel_id)
        st.markdown(f"- {line}")
    st.caption(
        _(
            "{draws:,} draws of {count} factors from their ranges (triangular: low, value, high), "
            "seed {seed}. The allocation is held; law, choices and your own values are not drawn."
        ).format(draws=found.draws, count=len(found.factors), seed=found.seed)
    )


def _band_chart(metrics: dict[str, Metric], bands: dict[str, Band]) -> None:
    """Draw each band as percent of its figure, so that unlike units share one axis."""
    rows = []
    for key, band in bands.items():
        metric = metrics[key]
        if band.low == band.high or metric.value == 0 or metric.group == "area":
            continue
        parts = {name: getattr(band, name) / metric.value * 100 for name in ("low", "high")}
        rows.append(
            {
                "figure": metric.label.render(lang),
                **parts,
                "median": band.median / metric.value * 100,
                "value": metric_text(metric, lang=lang),
                "span": _span(metric),
            }
        )
    if not rows:
        return
    st.subheader(_("How sure each figure is"), anchor=False)
    st.caption(_("Bar: 5–95 % of the draws; tick: their median; line: the figure itself (100 %)."))
    y: dict[str, Any] = {
        "field": "figure",
        "type": "nominal",
        "sort": None,
        "title": None,
        "axis": {"labelLimit": 190, "labelOverlap": False},
    }
    x: dict[str, Any] = {
        "type": "quantitative",
        "title": _("% of the figure"),
        "scale": {"zero": False},
    }
    x["axis"] = {"tickCount": 6}
    tooltip = [
        {"field": "figure", "title": _("Figure")},
        {"field": "value", "title": _("Value")},
        {"field": "span", "title": "5–95 %"},
    ]
    shape: dict[str, Any] = {"y": y, "tooltip": tooltip}
    st.vega_lite_chart(
        spec={
            "data": {"values": rows},
            "config": {"axis": {"aria": False}},
            "height": {"step": 24},
            "layer": [
                {
                    "mark": {"type": "bar", "height": 10, "color": _BAND_COLOUR, "opacity": 0.55},
                    "encoding": {**shape, "x": {"field": "low", **x}, "x2": {"field": "high"}},
                },
                {
                    "mark": {"type": "tick", "color": _BAND_COLOUR, "thickness": 3, "size": 16},
                    "encoding": {**shape, "x": {"field": "median", **x}},
                },
                {
                    "mark": {
                        "type": "rule",
                        "strokeDash": [4, 3],
                        "color": "#888888",
                        "aria": False,
                    },
                    "encoding": {"x": {"datum": 100}},
                },
            ],
        },
        width="stretch",
        alt=_("How sure each figure is; the figures below hold the same ranges."),
    )


def _charts() -> None:
    left, middle, right = st.columns(3, gap="medium")
    with left:
        st.subheader(_("Split by use"), anchor=False)
        split_chart(plan)
    with middle:
        st.subheader(_("Floor area by storey"), anchor=False)
        storey_chart(plan)
    with right:
        st.subheader(_("Capacity and demand"), anchor=False)
        demand_chart(plan)


def _opened(metric: Metric) -> None:
    """Draw one figure; opened, it shows its formula, factors, marks and sources."""
    span = _span(metric)
    title = f"**{metric.label.render(lang)}** {metric_text(metric, lang=lang)}"
    title += f" :gray[({span})]" if span else ""
    if any(factor.changed for factor in metric.factors):
        title += " :blue-badge[" + _("changed") + "]"
    if metric.counted_twice:
        title += " :orange-badge[" + _("counted twice?") + "]"
    with st.expander(title):
        st.markdown(metric.formula.render(lang))
        for text in metric.counted_twice:
            st.markdown(f":orange[:material/content_copy: {text.render(lang)}]")
        if not metric.factors:
            st.caption(_("Rests on no factor: sums of the plan itself."))
            return
        weakest = max(metric.factors, key=lambda factor: MARKS.index(factor.mark)).mark
        st.caption(_("Weakest evidence: {mark}").format(mark=mark_text(weakest).render(lang)))
        st.markdown("\n".join(_factor_line(factor) for factor in metric.factors))


def _factor_line(factor: Factor) -> str:
    unit = unit_label(factor.unit).render(lang)
    value = f"**{figure(factor.value)} {unit}**".replace(" **", "**")
    spread = "" if factor.low == factor.high else f" ({figure(factor.low)}–{figure(factor.high)})"
    changed = " :blue-badge[" + _("changed") + "]" if factor.changed else ""
    mark = mark_text(factor.mark).render(lang)
    range_mark = ""
    if factor.low != factor.high and factor.range_mark != factor.mark:
        words = mark_text(factor.range_mark).render(lang)
        range_mark = "; " + _("range: {mark}").format(mark=words)
    return (
        f"- `{factor.key}` {value}{spread}{changed}  \n  {factor.note.render(lang)}  \n"
        f"  :gray[{mark}{range_mark} · {factor.origin.render(lang)}, {factor.date}]"
    )


def _no_figures() -> None:
    st.error(
        _("There are no figures: the programme does not fit. See the Plan page."),
        icon=":material/error:",
    )
    plan_link()


def _figures(metrics: dict[str, Metric], found: Uncertainty) -> None:
    _large_figures(metrics)
    _chances(found)
    _limit_inputs()
    _charts()
    _band_chart(metrics, bands)
    for group, name in GROUPS.items():
        st.subheader(name.render(lang), anchor=False)
        for metric in metrics.values():
            if metric.group == group:
                _opened(metric)
    st.page_link("screens/basis.py", label=_("Put in values of your own"), icon=":material/edit:")


_ = session.translator()
lang = session.lang()
plan = session.plan()
bands: dict[str, Band] = {}
if plan.status == "infeasible":
    _no_figures()
else:
    drawn = uncertainty_of(plan, draws=DRAWS, caps=_caps())
    bands = dict(drawn.bands)
    _figures({metric.key: metric for metric in plan.metrics}, drawn)
