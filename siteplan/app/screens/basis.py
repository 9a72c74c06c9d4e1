"""Rules and factors: every limit and coefficient with its source and mark, and what was changed."""

from __future__ import annotations

import streamlit as st

from siteplan.app import session
from siteplan.app.state import Consent, SetFactor, SetWeight
from siteplan.app.widgets.parcel_panel import ANSWERS
from siteplan.context import CRITERIA
from siteplan.ledger import shipped_ledger
from siteplan.rules import Permit
from siteplan.suitability import CRITERION_LABELS
from siteplan.text import N_
from siteplan.uses import ALL_USES

_MARKS = {
    "V": N_("read in the source"),
    "V-calc": N_("computed from figures read"),
    "M": N_("from memory, not verified"),
    "assumption": N_("siteplan's assumption"),
}


def _consented(zone: str, use: str, key: str) -> None:
    session.dispatch(Consent(zone, use, given=session.shown_in(key)))


def _weighed(use: str, criterion: str, key: str) -> None:
    session.dispatch(SetWeight(use, criterion, weight=session.shown_in(key)))


def _factor_set(key: str, widget: str) -> None:
    value = session.shown_in(widget)
    ledger_value = shipped_ledger().value(key)
    session.dispatch(SetFactor(key, None if value in (None, ledger_value) else float(value)))


def _permit_words(permit: Permit) -> str:
    """Return the answer with its mark, since nearly all of them are not verified."""
    words = _(ANSWERS[permit.answer])
    return words if permit.mark == "V" else f"{words} ({unverified})"


_ = session.translator()
unverified = _("not verified")
lang = session.lang()
plan = session.plan()
scenario = plan.scenario
present = dict.fromkeys(rule.name for rule in plan.capacity.zone_rules if rule is not None)
notice = session.state().notice
if notice is not None:
    st.warning(notice.render(lang))

st.subheader(_("Zoning rules"), anchor=False)
st.caption(plan.rules.title.render(lang))
for text in plan.rules.sources.values():
    st.caption(text)
st.dataframe(
    {
        _("Zone"): [rule.label.render(lang) for rule in plan.rules.zones.values()],
        _("FAR (%)"): [rule.far_pct for rule in plan.rules.zones.values()],
        _("BCR (%)"): [rule.bcr_pct for rule in plan.rules.zones.values()],
        _("National FAR, most (%)"): [
            rule.national["far_max_pct"] for rule in plan.rules.zones.values()
        ],
        _("Article"): [
            f"{rule.far_article}, {rule.bcr_article}" for rule in plan.rules.zones.values()
        ],
        _("Mark of FAR and BCR"): [_(_MARKS[rule.mark]) for rule in plan.rules.zones.values()],
        **{
            use.label.render(lang): [
                _permit_words(rule.permits[use.key]) for rule in plan.rules.zones.values()
            ]
            for use in ALL_USES
        },
    },
    hide_index=True,
    width="stretch",
)

st.subheader(_("Consents to conditional permissions"), anchor=False)
st.caption(
    _(
        "Conditional and unknown permissions count only where you consent here; each one that a "
        "plan makes use of is listed among its findings."
    )
)
for zone in present:
    rule = plan.rules.zones[zone]
    for use in ALL_USES:
        permit = rule.permits[use.key]
        if permit.answer not in ("conditional", "unknown"):
            continue
        key = f"consent-{zone}-{use.key}"
        session.show_in(key, (zone, use.key) in scenario.consents)
        condition = "" if permit.condition is None else f": {permit.condition.render(lang)}"
        st.checkbox(
            f"{rule.label.render(lang)} · {use.label.render(lang)} "
            f"({_(ANSWERS[permit.answer])}, {_(_MARKS[permit.mark])}){condition}",
            key=key,
            on_change=_consented,
            args=(zone, use.key, key),
        )

st.subheader(_("Suitability: weight of each criterion"), anchor=False)
st.caption(
    _(
        "From -1 (far is better) through 0 (does not count) to 1 (near is better). The starting "
        "weights are siteplan's assumption."
    )
)
for use in ALL_USES:
    cells = st.columns([2, *[3] * len(CRITERIA)], vertical_alignment="bottom")
    cells[0].markdown(f"**{use.label.render(lang)}**")
    for cell, criterion in zip(cells[1:], CRITERIA, strict=True):
        key = f"weight-{use.key}-{criterion}"
        session.show_in(key, float(scenario.weights[use.key][criterion]))
        cell.number_input(
            f"{CRITERION_LABELS[criterion].render(lang)} ({use.label.render(lang)})",
            min_value=-1.0,
            max_value=1.0,
            step=0.05,
            key=key,
            on_change=_weighed,
            args=(use.key, criterion, key),
        )

st.subheader(_("Factors"), anchor=False)
st.caption(_("Every coefficient with its source. Put in a value of your own; it shows as changed."))
for key, factor in plan.ledger.factors.items():
    cells = st.columns([3, 2, 6], vertical_alignment="center")
    changed = " · **" + _("changed") + "**" if factor.changed else ""
    cells[0].markdown(f"`{key}`{changed}")
    session.show_in(f"factor-{key}", factor.value)
    cells[1].number_input(
        f"{key} ({factor.unit})",
        min_value=0.0001,
        key=f"factor-{key}",
        on_change=_factor_set,
        args=(key, f"factor-{key}"),
        label_visibility="collapsed",
        format="%g",
    )
    cells[2].caption(
        f"{factor.note.render(lang)} · {factor.low:g}–{factor.high:g} {factor.unit} · "
        f"{_(_MARKS[factor.mark])} · {factor.source}, {factor.date}"
    )
