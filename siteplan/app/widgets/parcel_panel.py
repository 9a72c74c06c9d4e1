"""The panel of the selected parcel: facts, limits, permissions, what stands there, decisions."""

from __future__ import annotations

import html
import math
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from siteplan.app import session
from siteplan.app.state import Decide, SelectParcel
from siteplan.app.widgets.figures import m2, pct
from siteplan.app.widgets.looks import use_dot
from siteplan.capacity import LIMITS
from siteplan.suitability import CRITERION_LABELS
from siteplan.text import N_
from siteplan.uses import ALL_USES, Use

if TYPE_CHECKING:
    from siteplan.evaluation import Plan

ANSWERS = {
    "yes": N_("permitted"),
    "conditional": N_("conditional"),
    "no": N_("not permitted"),
    "unknown": N_("not known"),
}
_EVIDENCE = {
    "official": N_("official outline"),
    "supplied": N_("outline from your file, not checked"),
    "published": N_("published lot number, schematic outline"),
    "schematic": N_("schematic: drawn by siteplan"),
}


def parcel_panel(plan: Plan, parcel_id: str) -> None:
    """Draw the panel of one parcel and send the decisions made in it."""
    _ = session.translator()
    lang = session.lang()
    row = plan.parcels.index[parcel_id]
    with st.container(border=True, key="parcel-panel"):
        head, close = st.columns([8, 1])
        head.subheader(_plain(plan.parcels.name(row, lang=lang)), anchor=False)
        close.button(
            ":material/close:",
            help=_("Close the panel"),
            key="panel-close",
            on_click=session.dispatch,
            args=(SelectParcel(None),),
        )
        st.html(_facts(plan, row))
        left, right = st.columns(2)
        with left:
            st.html(_placed(plan, row))
            st.html(_limits(plan, row))
        with right:
            st.html(_permissions(plan, row))
            st.html(_suitability(plan, row))
        _decisions(plan, parcel_id, row=row)


def _plain(text: str) -> str:
    """Return text from a file so that Markdown shows it as it is."""
    return "".join(
        f"\\{letter}" if letter in "\\`*_{}[]()<>#+-.!|~$:&" else letter for letter in text
    )


def _table(title: str, rows: list[tuple[str, str]]) -> str:
    """Return a titled list of figures as HTML; left cells may hold markup made here."""
    lines = "".join(
        f'<tr><td style="padding:.1rem .8rem .1rem 0">{name}</td>'
        f'<td style="text-align:right;font-variant-numeric:tabular-nums">{value}</td></tr>'
        for name, value in rows
    )
    return f'<b>{html.escape(title)}</b><table style="width:100%;max-width:26rem">{lines}</table>'


def _facts(plan: Plan, row: int) -> str:
    _ = session.translator()
    parcels = plan.parcels
    lang = session.lang()
    rule = plan.capacity.zone_rules[row]
    zone = plan.capacity.zones[row] or _("no zone")
    zone_name = zone if rule is None else rule.label.render(lang)
    verified = "" if parcels.zone_verified[row] else " (" + _("not verified") + ")"
    parts = [
        parcels.ids[row],
        *(text for text in (parcels.jibuns[row], parcels.pnus[row]) if text),
        f"{zone_name}{verified}",
        m2(parcels.site_area_m2[row]),
        _(_EVIDENCE[parcels.evidence[row]]),
    ]
    source = parcels.sources[row]
    return (
        '<div class="sp-note">'
        + html.escape(" · ".join(parts))
        + (f"<br>{html.escape(source)}</div>" if source else "</div>")
    )


def _placed(plan: Plan, row: int) -> str:
    _ = session.translator()
    rows = [
        (
            _named(use),
            m2(plan.gfa_m2[row, column]),
        )
        for column, use in enumerate(ALL_USES)
        if plan.gfa_m2[row, column] > 0
    ]
    rows += [
        (html.escape(_("Total GFA")), m2(plan.parcel_gfa_m2[row])),
        (html.escape(_("FAR area")), m2(plan.far_area_m2[row])),
        (
            html.escape(_("Floors, height (outline)")),
            f"{plan.floors[row]} · {plan.height_m[row]:.0f} m",
        ),
    ]
    return _table(_("What stands here"), rows)


def _named(use: Use) -> str:
    """Return a use's name behind its colour as HTML."""
    name = html.escape(use.label.render(session.lang()))
    return f'<span class="sp-use">{use_dot(use.key)}{name}</span>'


def _limits(plan: Plan, row: int) -> str:
    _ = session.translator()
    capacity = plan.capacity
    rule = capacity.zone_rules[row]
    floors_m2 = capacity.by_bcr_floors_m2[row]
    part = max(capacity.available_pct[row] / 100, 1e-9)
    rows = [
        (html.escape(_("Capacity (FAR area)")), m2(capacity.far_area_m2[row])),
        (
            html.escape(_("Binding limit")),
            html.escape(LIMITS[capacity.limit[row]].render(session.lang())),
        ),
        (
            html.escape(_("FAR on the part available / limit")),
            f"{pct(plan.far_pct[row] / part)} / {pct(capacity.far_limit_pct[row], digits=0)}",
        ),
        (
            html.escape(_("BCR on the part available / limit")),
            f"{pct(plan.bcr_pct[row] / part)} / {pct(capacity.bcr_limit_pct[row], digits=0)}",
        ),
        (html.escape(_("by FAR")), m2(capacity.by_far_m2[row])),
        (
            html.escape(_("by BCR × floors")),
            html.escape(_("no limit on floors known")) if math.isinf(floors_m2) else m2(floors_m2),
        ),
        (html.escape(_("Part available")), pct(capacity.available_pct[row], digits=0)),
    ]
    if rule is not None:
        mark = _("read") if rule.mark == "V" else _("not verified")
        rows.append((html.escape(rule.far_article), html.escape(mark)))
    return _table(_("Limits"), rows)


def _permissions(plan: Plan, row: int) -> str:
    _ = session.translator()
    rows = []
    notes = []
    for column, use in enumerate(ALL_USES):
        permit = plan.capacity.permit(row, use.key)
        name = use.label.render(session.lang())
        answer = _(ANSWERS[permit.answer])
        if permit.answer in ("conditional", "unknown") and plan.capacity.allowed[row, column]:
            answer += " – " + _("consented")
        if permit.mark == "M":
            answer += " (" + _("not verified") + ")"
        rows.append((html.escape(name), html.escape(answer)))
        if permit.condition is not None:
            notes.append(f"{name}: {permit.condition.render(session.lang())}")
    shown = "<br>".join(html.escape(note) for note in notes)
    return _table(_("Permitted uses"), rows) + f'<div class="sp-note">{shown}</div>'


def _suitability(plan: Plan, row: int) -> str:
    _ = session.translator()
    lang = session.lang()
    found = plan.suitability
    rows = [
        (
            html.escape(CRITERION_LABELS[criterion].render(lang)),
            f"{values[row] * 100:.0f} / 100 · {found.distance_m[criterion][row]:,.0f} m",
        )
        for criterion, values in found.value.items()
    ]
    rows += [
        (
            html.escape(_("Score for {use}").format(use=use.label.render(lang))),
            f"{found.score[row, column] * 100:.0f}",
        )
        for column, use in enumerate(ALL_USES)
    ]
    return _table(_("Suitability"), rows)


def _decisions(plan: Plan, parcel_id: str, *, row: int) -> None:
    """Offer what the planner may decide about the parcel."""
    _ = session.translator()
    decision = plan.scenario.decision(parcel_id)
    zones = [None, *plan.rules.zones]
    session.show_in("decide-available", decision.available_pct)
    session.show_in("decide-far", decision.far_pct)
    session.show_in("decide-floors", decision.max_floors)
    session.show_in("decide-zone", decision.zone if decision.zone in zones else None)
    session.show_in("decide-reason", decision.reason)
    st.markdown("**" + _("Your decisions") + "**")
    first = st.columns(4)
    first[0].number_input(
        _("Part available (%)"),
        min_value=0.0,
        max_value=100.0,
        step=5.0,
        key="decide-available",
        on_change=_decided,
        args=(parcel_id,),
        help=_("100 wholly, 20 a public contribution as in the 2023 district plan, 0 not at all."),
    )
    first[1].number_input(
        _("FAR of your own (%)"),
        min_value=0.0,
        max_value=2000.0,
        value=None,
        step=10.0,
        key="decide-far",
        placeholder=pct(plan.capacity.far_limit_pct[row], digits=0),
        on_change=_decided,
        args=(parcel_id,),
        help=_("For a special planning zone. Give the reason beside it."),
    )
    first[2].number_input(
        _("Most floors"),
        min_value=1,
        max_value=200,
        value=None,
        step=1,
        key="decide-floors",
        placeholder="–",
        on_change=_decided,
        args=(parcel_id,),
    )
    first[3].selectbox(
        _("Zone to plan with"),
        zones,
        key="decide-zone",
        placeholder=_("as it is"),
        format_func=lambda zone: (
            _("as it is") if zone is None else plan.rules.zones[zone].label.render(session.lang())
        ),
        on_change=_decided,
        args=(parcel_id,),
    )
    st.text_input(_("Reason"), key="decide-reason", on_change=_decided, args=(parcel_id,))
    if parcel_id in plan.scenario.decisions:
        st.button(
            _("Drop these decisions"),
            key="decide-drop",
            icon=":material/undo:",
            on_click=session.dispatch,
            args=(Decide(parcel_id, None),),
        )


def _decided(parcel_id: str) -> None:
    decision = session.state().scenario.decision(parcel_id)
    session.dispatch(
        Decide(
            parcel_id,
            replace(
                decision,
                available_pct=session.shown_in("decide-available"),
                far_pct=session.shown_in("decide-far"),
                max_floors=session.shown_in("decide-floors"),
                zone=session.shown_in("decide-zone"),
                reason=session.shown_in("decide-reason"),
            ),
        )
    )
