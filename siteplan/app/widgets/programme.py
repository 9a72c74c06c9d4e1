"""The programme: the total, four uses with slider, figure, lock, bounds and feasible range."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING

import streamlit as st

from siteplan.app import session
from siteplan.app.state import MoveUse, SetBounds, SetLock, SetTotal
from siteplan.app.widgets.figures import m2, pct
from siteplan.app.widgets.looks import use_dot
from siteplan.maps.style import USE_COLOURS
from siteplan.programme import MAX_TOTAL_GFA_M2
from siteplan.text import Joined
from siteplan.units import pyeong
from siteplan.uses import ALL_USES, USES, Use

if TYPE_CHECKING:
    from siteplan.evaluation import Plan

STEP_M2 = 100


def programme_editor(plan: Plan) -> None:
    """Draw the programme of a plan and send what is changed."""
    _ = session.translator()
    programme = plan.scenario.programme
    session.show_in("total", programme.total_gfa_m2)
    st.number_input(
        _("Total gross floor area (m²)"),
        min_value=1,
        max_value=MAX_TOTAL_GFA_M2,
        step=1000,
        key="total",
        on_change=_total_changed,
        help=_("The city announced 270,000 m² (2025-02-11), ten times today's AI Hub."),
    )
    notice = session.state().notice
    if notice is not None:
        st.warning(notice.render(session.lang()), icon=":material/info:")
    _stack(plan)
    for column, use in enumerate(ALL_USES):
        _use_row(plan, use, column=column)
    st.caption(_absorbers(plan))
    st.caption(
        _(
            "No split by use has been published. The starting split is siteplan's own assumption: "
            "research at least 40 % as in the 2023 district plan; 20 % of housing are about 360 "
            "homes of 84 m², where the 2021 plan had some 300."
        )
    )


def placed_m2(plan: Plan, column: int) -> int:
    """Return the GFA to show for a use: what the plan holds, else what is wished."""
    if plan.status != "infeasible":
        return int(plan.uses_gfa_m2[column])
    targets = plan.scenario.programme.targets
    wished = targets[column].target_m2
    if wished is not None:
        return wished
    rest_m2 = plan.scenario.programme.total_gfa_m2 - sum(t.target_m2 or 0 for t in targets)
    return max(targets[column].min_m2, min(rest_m2, plan.scenario.programme.total_gfa_m2))


def _stack(plan: Plan) -> None:
    """Draw the total as one bar, split by use; the rows below carry the words."""
    total_m2 = plan.scenario.programme.total_gfa_m2
    parts = "".join(
        f'<span style="width:{placed_m2(plan, i) / total_m2 * 100:.3f}%;'
        f'background:{USE_COLOURS[use]}"></span>'
        for i, use in enumerate(USES)
    )
    st.html(f'<div class="sp-stack" aria-hidden="true">{parts}</div>')


def _use_row(plan: Plan, use: Use, *, column: int) -> None:
    _ = session.translator()
    entry = plan.scenario.programme.targets[column]
    total_m2 = plan.scenario.programme.total_gfa_m2
    now_m2 = placed_m2(plan, column)
    name = use.label.render(session.lang())
    with st.container(key=f"use-{use.key}", gap="small"):
        st.html(
            f'<div class="sp-use">{use_dot(use.key)}<span>{html.escape(name)}</span>'
            f'<span class="sp-part">{m2(now_m2)} · {pct(now_m2 / total_m2 * 100)} · '
            f"{pyeong(now_m2):,.0f} 평</span></div>"
        )
        left, right = st.columns([3, 2], vertical_alignment="center")
        with left:
            session.show_in(f"slider-{use.key}", now_m2)
            st.slider(
                _("{use}, m²").format(use=name),
                min_value=0,
                max_value=total_m2,
                step=min(STEP_M2, total_m2),
                key=f"slider-{use.key}",
                on_change=_moved,
                args=(use.key, f"slider-{use.key}"),
                label_visibility="collapsed",
                format="localized",
            )
            _range_bar(plan, use.key, column=column)
        with right, st.container(horizontal=True, gap="small", vertical_alignment="center"):
            session.show_in(f"number-{use.key}", now_m2)
            st.number_input(
                _("{use}, exact m²").format(use=name),
                min_value=0,
                max_value=total_m2,
                step=STEP_M2,
                key=f"number-{use.key}",
                on_change=_moved,
                args=(use.key, f"number-{use.key}"),
                label_visibility="collapsed",
            )
            _lock(use, locked=entry.locked, free=entry.target_m2 is None)
            _bounds(plan, use, column=column)


def _lock(use: Use, *, locked: bool, free: bool) -> None:
    _ = session.translator()
    name = use.label.render(session.lang())
    help_text = (
        _("Locked: {use} keeps its floor area when others move. Press to unlock.")
        if (locked)
        else _("Lock {use}: it keeps its floor area when others move.")
    )
    st.button(
        ":material/lock:" if locked else ":material/lock_open:",
        key=f"lock-{use.key}",
        help=help_text.format(use=name),
        type="primary" if locked else "secondary",
        on_click=session.dispatch,
        args=(SetLock(use.key, not locked),),
        disabled=free,
    )


def _bounds(plan: Plan, use: Use, *, column: int) -> None:
    """Offer a least and a most, and freedom between them."""
    _ = session.translator()
    programme = plan.scenario.programme
    entry = programme.targets[column]
    name = use.label.render(session.lang())
    with st.popover(":material/tune:", help=_("Least and most of {use}").format(use=name)):
        most = programme.total_gfa_m2 if entry.max_m2 is None else entry.max_m2
        for key, value in (
            (f"min-{use.key}", entry.min_m2),
            (f"max-{use.key}", most),
            (f"free-{use.key}", entry.target_m2 is None),
        ):
            session.show_in(key, value)
        st.number_input(
            _("{use}, at least (m²)").format(use=name),
            min_value=0,
            max_value=programme.total_gfa_m2,
            step=STEP_M2,
            key=f"min-{use.key}",
            on_change=_bounds_changed,
            args=(use.key,),
        )
        st.number_input(
            _("{use}, at most (m²)").format(use=name),
            min_value=0,
            max_value=programme.total_gfa_m2,
            step=STEP_M2,
            key=f"max-{use.key}",
            on_change=_bounds_changed,
            args=(use.key,),
        )
        st.checkbox(
            _("Let the allocation choose between them"),
            key=f"free-{use.key}",
            on_change=_bounds_changed,
            args=(use.key,),
        )


def _range_bar(plan: Plan, use: str, *, column: int) -> None:
    """Draw the feasible range under the slider, with its ends in words."""
    _ = session.translator()
    low_m2, high_m2 = plan.ranges_m2[column].tolist()
    total_m2 = plan.scenario.programme.total_gfa_m2
    if math.isnan(low_m2):
        words = _("No value fits under the present locks.")
        bar = '<div class="sp-range"></div>'
    else:
        words = _("can take {low} to {high}").format(low=m2(low_m2), high=m2(high_m2))
        left, right = low_m2 / total_m2 * 100, 100 - high_m2 / total_m2 * 100
        now = placed_m2(plan, column) / total_m2 * 100
        bar = (
            f'<div class="sp-range"><i style="left:{left:.2f}%;right:{right:.2f}%;'
            f'background:{USE_COLOURS[use]}"></i><b style="left:{now:.2f}%"></b></div>'
        )
    st.html(f'{bar}<div class="sp-note" data-range="{use}">{html.escape(words)}</div>')


def _absorbers(plan: Plan) -> str:
    """Say who absorbs a change."""
    _ = session.translator()
    entries = plan.scenario.programme.targets
    absorbing = [use.label for use, e in zip(ALL_USES, entries, strict=True) if not e.locked]
    if len(absorbing) < 2:
        return _("All other uses are locked: unlock one so that it can absorb a change.")
    if any(entry.target_m2 is None for entry in entries):
        return _(
            "When one use moves, the free uses absorb the difference first, then the other "
            "unlocked ones in proportion to their size. Moving a free use fixes it. "
            "The total stays {total}."
        ).format(total=m2(plan.scenario.programme.total_gfa_m2))
    return _(
        "When one use moves, the other unlocked ones ({uses}) absorb the difference in proportion "
        "to their size, as far as the parcels allow. The total stays {total}."
    ).format(
        uses=Joined(tuple(absorbing)).render(session.lang()),
        total=m2(plan.scenario.programme.total_gfa_m2),
    )


def _total_changed() -> None:
    session.dispatch(SetTotal(session.shown_in("total")))


def _moved(use: str, key: str) -> None:
    session.dispatch(MoveUse(use, session.shown_in(key)))


def _bounds_changed(use: str) -> None:
    session.dispatch(
        SetBounds(
            use,
            min_m2=session.shown_in(f"min-{use}"),
            max_m2=session.shown_in(f"max-{use}"),
            free=session.shown_in(f"free-{use}"),
        )
    )
