"""What the planner may decide about the selected parcel."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from siteplan.app import session
from siteplan.app.state import Decide
from siteplan.app.widgets.figures import pct, plain
from siteplan.cautions import own_far_cautions

if TYPE_CHECKING:
    from siteplan.evaluation import Plan


def parcel_decisions(plan: Plan, parcel_id: str, *, row: int) -> None:
    """Offer what the planner may decide about the parcel."""
    _ = session.translator()
    lang = session.lang()
    decision = plan.scenario.decision(parcel_id)
    zones = [None, *plan.rules.zones]
    session.show_in("decide-available", decision.available_pct)
    session.show_in("decide-far", decision.far_pct)
    session.show_in("decide-floors", decision.max_floors)
    session.show_in("decide-height", decision.max_height_m)
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
            _("as it is") if zone is None else plan.rules.zones[zone].label.render(lang)
        ),
        on_change=_decided,
        args=(parcel_id,),
    )
    for issue in own_far_cautions(plan.parcels, plan.scenario, plan.capacity, parcel_id=parcel_id):
        said = f"{issue.message.render(lang)} {issue.fix.render(lang)}"
        st.warning(plain(said), icon=":material/warning:")
    height, stays, reason = st.columns([1, 1, 2])
    height.number_input(
        _("Most height (m)"),
        min_value=1.0,
        max_value=1000.0,
        value=None,
        key="decide-height",
        placeholder="–",
        on_change=_decided,
        args=(parcel_id,),
    )
    session.show_in("decide-stays", decision.stays_far_m2 or None)
    stays.number_input(
        _("Existing buildings that stay (m² FAR area)"),
        min_value=0.0,
        max_value=100_000_000.0,
        value=None,
        step=100.0,
        key="decide-stays",
        placeholder="–",
        on_change=_decided,
        args=(parcel_id,),
        help=_("Their FAR area is taken off what the programme may use here."),
    )
    reason.text_input(_("Reason"), key="decide-reason", on_change=_decided, args=(parcel_id,))
    _incentives(plan, parcel_id, row=row)
    if parcel_id in plan.scenario.decisions:
        st.button(
            _("Drop these decisions"),
            key="decide-drop",
            icon=":material/undo:",
            on_click=session.dispatch,
            args=(Decide(parcel_id, None),),
        )


def _incentives(plan: Plan, parcel_id: str, *, row: int) -> None:
    """Offer the incentives of the parcel's zone: as for all parcels, on, or off."""
    _ = session.translator()
    lang = session.lang()
    rule = plan.capacity.zone_rules[row]
    decision = plan.scenario.decision(parcel_id)
    if rule is None:
        return
    fit = [one for one in plan.rules.incentives.values() if rule.name in one.zones]
    if not fit:
        return
    names = {"all": _("as for all parcels"), "on": _("on"), "off": _("off")}
    with st.expander(_("FAR incentives of this parcel")):
        for one in fit:
            key = f"own-incentive-{one.key}"
            present = one.key in decision.incentives
            value = decision.incentives.get(one.key)
            session.show_in(key, "all" if not present else "off" if value is None else "on")
            choice, number = st.columns([3, 2], vertical_alignment="bottom")
            choice.selectbox(
                one.label.render(lang),
                list(names),
                key=key,
                format_func=names.__getitem__,
                help=f"{one.condition.render(lang)} · {one.article}",
                on_change=_incentive_chosen,
                args=(parcel_id, one.key, one.span(rule)[2]),
            )
            if value is not None:
                session.show_in(f"{key}-parameter", float(value))
                number.number_input(
                    one.unit.render(lang),
                    min_value=0.0,
                    max_value=3000.0,
                    key=f"{key}-parameter",
                    on_change=_incentive_set,
                    args=(parcel_id, one.key),
                )


def _incentive_chosen(parcel_id: str, key: str, usual: float) -> None:
    chosen = session.shown_in(f"own-incentive-{key}")
    decision = session.state().scenario.decision(parcel_id)
    switches = {name: value for name, value in decision.incentives.items() if name != key}
    if chosen != "all":
        switches[key] = usual if chosen == "on" else None
    session.dispatch(Decide(parcel_id, replace(decision, incentives=switches)))


def _incentive_set(parcel_id: str, key: str) -> None:
    decision = session.state().scenario.decision(parcel_id)
    wished = session.shown_in(f"own-incentive-{key}-parameter")
    switches = {**decision.incentives, key: wished}
    session.dispatch(Decide(parcel_id, replace(decision, incentives=switches)))


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
                max_height_m=session.shown_in("decide-height"),
                stays_far_m2=session.shown_in("decide-stays") or 0.0,
                zone=session.shown_in("decide-zone"),
                reason=session.shown_in("decide-reason"),
            ),
        )
    )
