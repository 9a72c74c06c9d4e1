"""Rules and factors: every limit and coefficient with its source and mark, and what was changed."""

from __future__ import annotations

import streamlit as st

from siteplan.app import session
from siteplan.app.state import (
    Consent,
    SetFactor,
    SetLimits,
    SetRules,
    SetWeight,
    SwitchIncentive,
)
from siteplan.app.widgets.notices import notice_shown
from siteplan.context import CRITERIA
from siteplan.explain import ANSWER_NAMES
from siteplan.ledger import mark_text, shipped_ledger
from siteplan.rules import Permit, shipped_rule_ids, shipped_rules
from siteplan.suitability import CRITERION_LABELS
from siteplan.uses import ALL_USES


def _consented(zone: str, use: str, key: str) -> None:
    session.dispatch(Consent(zone, use, given=session.shown_in(key)))


def _weighed(use: str, criterion: str, key: str) -> None:
    session.dispatch(SetWeight(use, criterion, weight=session.shown_in(key)))


def _factor_set(key: str, widget: str) -> None:
    value = session.shown_in(widget)
    ledger_value = shipped_ledger().value(key)
    session.dispatch(SetFactor(key, None if value in (None, ledger_value) else float(value)))


def _rules_chosen() -> None:
    session.dispatch(SetRules(session.shown_in("rules-id")))


def _limited() -> None:
    session.dispatch(SetLimits(session.shown_in("max-height"), session.shown_in("setback")))


def _switched(key: str) -> None:
    """Switch an incentive for all parcels; its usual parameter comes first."""
    on = session.shown_in(f"incentive-{key}")
    usual = plan.rules.incentives[key].usual(plan.rules.zones.values())
    session.dispatch(SwitchIncentive(key, usual if on else None))


def _parameter_set(key: str) -> None:
    session.dispatch(SwitchIncentive(key, session.shown_in(f"incentive-{key}-parameter")))


def _permit_words(permit: Permit) -> str:
    """Return the answer with its mark, since nearly all of them are not verified."""
    words = _(ANSWER_NAMES[permit.answer])
    return words if permit.mark == "V" else f"{words} ({unverified})"


_ = session.translator()
unverified = _("not verified")
lang = session.lang()
plan = session.plan()
scenario = plan.scenario
present = dict.fromkeys(rule.name for rule in plan.capacity.zone_rules if rule is not None)
notice_shown()

st.subheader(_("Zoning rules"), anchor=False)
session.show_in("rules-id", scenario.rules)
st.selectbox(
    _("Rule set that the plan is checked against"),
    shipped_rule_ids(),
    key="rules-id",
    format_func=lambda rules_id: shipped_rules(rules_id).title.render(lang),
    on_change=_rules_chosen,
)
st.caption(f"{plan.rules.id} · {plan.rules.date} · {plan.rules.title.render(lang)}")
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
        _("Evidence of FAR and BCR"): [
            mark_text(rule.mark).render(lang) for rule in plan.rules.zones.values()
        ],
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

st.subheader(_("FAR incentives for all parcels"), anchor=False)
st.caption(
    _(
        "From the base FAR (기준) to the allowed (허용) and the most (상한). Where it is not known "
        "that two add up, the one that gives more is taken. Parcels can have their own switches."
    )
)
if not plan.rules.incentives:
    st.caption(_("This rule set holds no incentives."))
for key, incentive in plan.rules.incentives.items():
    cells = st.columns([4, 2, 6], vertical_alignment="center")
    session.show_in(f"incentive-{key}", key in scenario.incentives)
    cells[0].checkbox(
        incentive.label.render(lang), key=f"incentive-{key}", on_change=_switched, args=(key,)
    )
    if key in scenario.incentives:
        session.show_in(f"incentive-{key}-parameter", float(scenario.incentives[key]))
        cells[1].number_input(
            incentive.unit.render(lang),
            min_value=0.0,
            max_value=3000.0,
            key=f"incentive-{key}-parameter",
            on_change=_parameter_set,
            args=(key,),
        )
    asked = _("Condition: {condition} · Costs: {contribution}").format(
        condition=incentive.condition.render(lang), contribution=incentive.contribution.render(lang)
    )
    cells[2].caption(f"{asked} · {incentive.article} · {mark_text(incentive.mark).render(lang)}")

st.subheader(_("Height and setback of all parcels"), anchor=False)
st.caption(
    _(
        "The district plan's height and the distances of annex 4 of the building ordinance were "
        "not read; put in your own."
    )
)
left, right = st.columns(2)
session.show_in("max-height", scenario.max_height_m)
left.number_input(
    _("Most height (m)"),
    min_value=1.0,
    max_value=1000.0,
    key="max-height",
    placeholder="–",
    on_change=_limited,
)
session.show_in("setback", scenario.setback_m)
right.number_input(
    _("Distance to the lot line (m)"),
    min_value=0.0,
    max_value=100.0,
    key="setback",
    placeholder="–",
    on_change=_limited,
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
            f"({_(ANSWER_NAMES[permit.answer])}, {mark_text(permit.mark).render(lang)}){condition}",
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
        f"{mark_text(factor.mark).render(lang)} · {factor.origin.render(lang)}, {factor.date}"
    )
