"""The panel of the selected parcel: facts, limits, permissions, what stands there."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING

import streamlit as st

from siteplan.advice import why
from siteplan.app import session
from siteplan.app.state import SelectParcel
from siteplan.app.widgets.figures import m2, pct
from siteplan.app.widgets.looks import use_dot
from siteplan.app.widgets.parcel_decisions import parcel_decisions
from siteplan.app.widgets.selection import selection_actions
from siteplan.app.widgets.why import why_here
from siteplan.capacity import LIMITS
from siteplan.explain import ANSWER_NAMES, explain_permission, limit_figures
from siteplan.ledger import mark_text
from siteplan.maps.floor_stack import floor_stack
from siteplan.straddling import has_small_part, law_note
from siteplan.suitability import CRITERION_LABELS
from siteplan.text import N_
from siteplan.uses import ALL_USES, Use

if TYPE_CHECKING:
    from siteplan.evaluation import Plan
    from siteplan.straddling import ZonePart

_EVIDENCE = {
    "official": N_("official outline"),
    "supplied": N_("outline from your file, not checked"),
    "published": N_("published lot number, schematic outline"),
    "schematic": N_("schematic: drawn by siteplan"),
}


MOST_LINES = 4
"""Lines of the answer; the rest stands in the expander below."""


def parcel_panel(plan: Plan, parcel_id: str) -> None:
    """Draw the panel of one parcel and send the decisions made in it."""
    _ = session.translator()
    lang = session.lang()
    row = plan.parcels.index[parcel_id]
    with st.container(border=True, key="parcel-panel"):
        head, close = st.columns([8, 1])
        head.subheader(_plain(plan.parcels.name(row, lang=lang)), anchor=False)
        close.button(
            _("Close the panel"),
            icon=":material/close:",
            help=_("Close the panel"),
            key="panel-close",
            on_click=session.dispatch,
            args=(SelectParcel(None),),
        )
        st.html(_facts(plan, row))
        answer, drawing = st.columns([3, 2])
        with answer:
            st.html(_answer(plan, parcel_id))
        with drawing:
            st.html(_placed(plan, row) + floor_stack(plan, row, lang=lang))
        chosen = [i for i in session.state().selected if i in plan.parcels.index]
        selection_actions(plan, chosen or [parcel_id])
        why_here(plan, parcel_id)
        with st.expander(_("Every limit, permission and score"), icon=":material/rule:"):
            left, right = st.columns(2)
            left.html(_limits(plan, row))
            right.html(_permissions(plan, row) + _suitability(plan, row))
        parcel_decisions(plan, parcel_id, row=row)


def _answer(plan: Plan, parcel_id: str) -> str:
    """Return why the parcel holds what it does, in a few lines."""
    _ = session.translator()
    lines = "".join(
        f"<li>{html.escape(text.render(session.lang()))}</li>"
        for text in why(plan, parcel_id).texts[:MOST_LINES]
    )
    heading = html.escape(_("Why this lot"))
    return f'<b>{heading}</b><ul class="sp-answer">{lines}</ul>'


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
    straddled = plan.capacity.zone_parts[row]
    if straddled:
        zone_name = " + ".join(_part_name(part, lang=lang) for part in straddled)
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
    lang = session.lang()
    capacity = plan.capacity
    part_m2 = max(float(plan.available_m2[row]), 1e-9)
    far_pct = plan.far_area_m2[row] / part_m2 * 100
    bcr_pct = plan.massing.footprint_m2[row] / part_m2 * 100
    rows = [
        (html.escape(_("Capacity (FAR area)")), m2(capacity.far_area_m2[row])),
        (
            html.escape(_("Binding limit")),
            html.escape(LIMITS[capacity.limit[row]].render(lang)),
        ),
        (
            html.escape(_("FAR on the part available / limit")),
            f"{pct(far_pct)} / {pct(capacity.far_limit_pct[row], digits=0)}",
        ),
        (
            html.escape(_("BCR on the part available / limit")),
            f"{pct(bcr_pct)} / {pct(capacity.bcr_limit_pct[row], digits=0)}",
        ),
        (html.escape(_("Part available")), pct(capacity.available_pct[row], digits=0)),
        (html.escape(_("Landscaping, if built to the FAR")), m2(capacity.landscaping_m2[row])),
        (html.escape(_("Public open space, if due")), m2(capacity.open_space_m2[row])),
    ]
    tables = (_zone_parts(plan, row), _each_limit(plan, row), _tiers(plan, row))
    return _table(_("Limits"), rows) + "".join(tables)


def _part_name(part: ZonePart, *, lang: str) -> str:
    name = part.zone if part.rule is None else part.rule.label.render(lang)
    return f"{name} {pct(part.share_ratio * 100)}"


def _zone_parts(plan: Plan, row: int) -> str:
    """Return each zone's part of a lot that straddles zones, what they come to, and the note."""
    _ = session.translator()
    lang = session.lang()
    capacity = plan.capacity
    parts = capacity.zone_parts[row]
    if not parts:
        return ""
    site_m2 = float(plan.parcels.site_area_m2[row])
    rows = [
        (
            html.escape(_part_name(part, lang=lang))
            + f'<div class="sp-note">{m2(part.share_ratio * site_m2)}</div>',
            f"{pct(part.far_pct)} / {pct(part.bcr_pct)}",
        )
        for part in parts
    ]
    tiers = capacity.tiers[row]
    own = tiers is not None and tiers.own
    total = _("By the planner's decision") if own else _("Weighted by area")
    rows.append(
        (
            f"<b>{html.escape(total)}</b>",
            f"<b>{pct(capacity.far_limit_pct[row])} / {pct(capacity.bcr_limit_pct[row])}</b>",
        )
    )
    small = has_small_part(parts, site_area_m2=site_m2)
    note = html.escape(law_note(small_part=small).render(lang))
    return _table(_("Zones of this lot: FAR / BCR"), rows) + f'<div class="sp-note">{note}</div>'


def _each_limit(plan: Plan, row: int) -> str:
    """Return every limit with its figure, how it comes about, its article and mark."""
    _ = session.translator()
    lang = session.lang()
    rows = []
    for limit in limit_figures(plan.capacity, row):
        name = html.escape(LIMITS[limit.code].render(lang))
        note = html.escape(f"{limit.how.render(lang)} · {limit.basis.render(lang)}")
        figure = _("no limit known") if math.isinf(limit.area_m2) else m2(limit.area_m2)
        shown = f"<b>{name}</b>" if limit.binds else name
        rows.append((f'{shown}<div class="sp-note">{note}</div>', html.escape(figure)))
    return _table(_("Each limit by itself"), rows) if rows else ""


def _tiers(plan: Plan, row: int) -> str:
    """Return the FAR tiers and what led to them or did not count."""
    _ = session.translator()
    lang = session.lang()
    tiers = plan.capacity.tiers[row]
    if tiers is None:
        return ""
    rows = [
        (html.escape(_("Base (기준)")), pct(tiers.base_pct, digits=0)),
        (html.escape(_("Allowed (허용)")), pct(tiers.allowed_pct, digits=0)),
        (html.escape(_("Most (상한)")), pct(tiers.max_pct, digits=0)),
    ]
    if tiers.own:
        rows = [
            rows[0],
            (html.escape(_("The planner's own")), pct(tiers.max_pct, digits=0)),
        ]
    notes = [
        f"✓ {one.incentive.label.render(lang)}: {one.formula.render(lang)} · "
        f"{one.incentive.article} · {mark_text(one.incentive.mark).render(lang)} · "
        f"{one.incentive.contribution.render(lang)}"
        for one in tiers.applied
    ]
    notes += [f"✗ {no.label.render(lang)}: {no.reason.render(lang)}" for no in tiers.refused]
    shown = "<br>".join(html.escape(note) for note in notes)
    return _table(_("FAR tiers"), rows) + f'<div class="sp-note">{shown}</div>'


def _permissions(plan: Plan, row: int) -> str:
    _ = session.translator()
    rows = []
    notes = []
    for column, use in enumerate(ALL_USES):
        permit = plan.capacity.permit(row, use.key)
        name = use.label.render(session.lang())
        answer = _(ANSWER_NAMES[permit.answer])
        if permit.answer in ("conditional", "unknown") and plan.capacity.allowed[row, column]:
            answer += " – " + _("consented")
        if permit.mark == "M":
            answer += " (" + _("not verified") + ")"
        rows.append((html.escape(name), html.escape(answer)))
        if permit.answer != "no" and permit.condition is not None:
            notes.append(f"{name}: {permit.condition.render(session.lang())}")
        zone = plan.capacity.zones[row]
        if permit.answer == "no" and zone is not None:
            why = explain_permission(plan.rules, zone, use.key)
            notes.append(f"{name}: " + " ".join(text.render(session.lang()) for text in why))
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
