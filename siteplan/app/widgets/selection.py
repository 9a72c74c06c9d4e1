"""What a planner does with the selected parcels: in or out, locked, limited, their own FAR."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import streamlit as st

from siteplan.app import session
from siteplan.app.state import DecideMany, HoldParcels, LimitUse
from siteplan.app.widgets.figures import m2
from siteplan.app.widgets.looks import use_dot
from siteplan.app.widgets.notices import notice_shown
from siteplan.use_limits import UseLimit
from siteplan.uses import ALL_USES, USES, use_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteplan.evaluation import Plan
    from siteplan.uses import Use

STEP_M2 = 100


def selection_actions(plan: Plan, ids: Sequence[str]) -> None:
    """Offer what may be decided about the selected parcels together; `ids` has at least one."""
    _ = session.translator()
    chosen = tuple(ids)
    rows = [plan.parcels.index[i] for i in chosen]
    if len(chosen) > 1:
        said = _("{count} parcels selected: {site} of land, {gfa} of GFA").format(
            count=len(chosen),
            site=m2(float(plan.parcels.site_area_m2[rows].sum())),
            gfa=m2(int(plan.parcel_gfa_m2[rows].sum())),
        )
        st.html(f"<b>{html.escape(said)}</b>")
    held = dict(zip(chosen, map(tuple, plan.gfa_m2[rows].tolist()), strict=True))
    with st.container(horizontal=True, key="selection-actions"):
        st.button(
            _("Take in wholly"),
            icon=":material/check_circle:",
            key="selection-in",
            on_click=session.dispatch,
            args=(DecideMany(chosen, {"available_pct": 100.0}),),
        )
        st.button(
            _("Leave out"),
            icon=":material/block:",
            key="selection-out",
            on_click=session.dispatch,
            args=(DecideMany(chosen, {"available_pct": 0.0}),),
        )
        st.button(
            _("Lock as planned"),
            icon=":material/lock:",
            help=_("Fixes each use at its present floor area, and keeps the others away."),
            key="selection-hold",
            disabled=plan.status == "infeasible",
            on_click=session.dispatch,
            args=(HoldParcels(held),),
        )
        limited = any(_has_limits(plan, parcel_id) for parcel_id in chosen)
        st.button(
            _("Clear limits"),
            icon=":material/lock_open:",
            key="selection-clear",
            disabled=not limited,
            on_click=session.dispatch,
            args=(DecideMany(chosen, {"limits": {}, "only_use": None}),),
        )
        with st.popover(_("Only one use"), icon=":material/filter_1:"):
            _only_use(plan, chosen)
        if len(chosen) > 1:
            with st.popover(_("FAR of their own"), icon=":material/height:"):
                _own_far(chosen)
    notice_shown("parcels")
    with st.expander(_("Limits of uses here"), icon=":material/tune:", expanded=limited):
        for use in ALL_USES:
            _use_limit(plan, chosen, use)


def _has_limits(plan: Plan, parcel_id: str) -> bool:
    decision = plan.scenario.decision(parcel_id)
    return bool(decision.limits or decision.only_use)


def _only_use(plan: Plan, ids: tuple[str, ...]) -> None:
    _ = session.translator()
    lang = session.lang()
    kept = {plan.scenario.decision(parcel_id).only_use for parcel_id in ids}
    session.show_in("selection-only", kept.pop() if len(kept) == 1 else None)
    st.selectbox(
        _("Only this use may stand here"),
        [None, *USES],
        key="selection-only",
        format_func=lambda use: _("any use") if use is None else use_label(use).render(lang),
        on_change=_only_chosen,
        args=(ids,),
    )


def _only_chosen(ids: tuple[str, ...]) -> None:
    session.dispatch(DecideMany(ids, {"only_use": session.shown_in("selection-only")}))


def _own_far(ids: tuple[str, ...]) -> None:
    _ = session.translator()
    st.number_input(
        _("FAR of your own (%)"),
        min_value=0.0,
        max_value=2000.0,
        value=None,
        step=10.0,
        key="selection-far",
    )
    st.text_input(_("Reason"), key="selection-far-reason")
    st.button(
        _("Set it on {count} parcels").format(count=len(ids)),
        key="selection-far-set",
        on_click=_far_set,
        args=(ids,),
    )


def _far_set(ids: tuple[str, ...]) -> None:
    fields = {
        "far_pct": session.shown_in("selection-far"),
        "reason": session.shown_in("selection-far-reason"),
    }
    session.dispatch(DecideMany(ids, fields))


def _use_limit(plan: Plan, ids: tuple[str, ...], use: Use) -> None:
    """Draw one use's least and most on the selected parcels, each of them by itself."""
    _ = session.translator()
    name = use.label.render(session.lang())
    found = {plan.scenario.decision(parcel_id).limits.get(use.key) for parcel_id in ids}
    limit = found.pop() if len(found) == 1 else None
    said, least, most, out = st.columns([3, 3, 3, 2], vertical_alignment="bottom")
    rows = [plan.parcels.index[i] for i in ids]
    now_m2 = int(plan.gfa_m2[rows, USES.index(use.key)].sum())
    note = m2(now_m2) if plan.status != "infeasible" else "–"
    if limit is not None:
        note += " · " + (_("excluded") if limit.excluded else _("limited"))
    said.html(
        f'<div class="sp-use">{use_dot(use.key)}<span>{html.escape(name)}</span></div>'
        f'<div class="sp-note">{html.escape(note)}</div>'
    )
    session.show_in(f"limit-min-{use.key}", None if limit is None else limit.min_m2 or None)
    session.show_in(f"limit-max-{use.key}", None if limit is None else limit.max_m2)
    least.number_input(
        _("{use}, at least (m²)").format(use=name),
        min_value=0,
        value=None,
        step=STEP_M2,
        key=f"limit-min-{use.key}",
        placeholder=_("no least"),
        on_change=_limit_set,
        args=(ids, use.key),
    )
    most.number_input(
        _("{use}, at most (m²)").format(use=name),
        min_value=0,
        value=None,
        step=STEP_M2,
        key=f"limit-max-{use.key}",
        placeholder=_("no most"),
        on_change=_limit_set,
        args=(ids, use.key),
    )
    shut = limit is not None and limit.excluded
    out.button(
        _("Allow") if shut else _("Exclude"),
        help=_("Allow {use} here again").format(use=name)
        if shut
        else _("Keep {use} away from here").format(use=name),
        key=f"limit-out-{use.key}",
        width="stretch",
        on_click=session.dispatch,
        args=(LimitUse(ids, use.key, None if shut else UseLimit(0, 0)),),
    )


def _limit_set(ids: tuple[str, ...], use: str) -> None:
    least, most = (session.shown_in(f"limit-{end}-{use}") for end in ("min", "max"))
    limit = None if least is None and most is None else UseLimit(least or 0, most)
    session.dispatch(LimitUse(ids, use, limit))
