"""How the programme is shared out: the most suitable plan, or one of three wishes beside that."""

from __future__ import annotations

import html
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from siteplan.advice import approach_cost
from siteplan.app import session
from siteplan.app.state import SetApproach, plan_table
from siteplan.approach import Near, Practical, Together
from siteplan.decided import APPROACH_NAMES, approach_kind, approach_name
from siteplan.text import N_
from siteplan.uses import ALL_USES, USES

if TYPE_CHECKING:
    from siteplan.evaluation import Plan

CAPTIONS: dict[str, str] = {
    "suitable": N_(
        "Every use stands where its suitability is highest, as far as the limits allow."
    ),
    "practical": N_("Few uses on a parcel, no slivers of floor area, whole floors if you wish."),
    "near": N_("Floor area moves only where that is worth it, so that few parcels change."),
    "together": N_("Parcels that share an edge rather hold the same use."),
}
"""What the approaches do, by their kind."""

MOST_PRICE_POINTS = 50.0


def approach_chooser(plan: Plan) -> None:
    """Offer the approaches and what each may be told; show what the present one costs."""
    _ = session.translator()
    # Sent only while it is open: the browser draws its many words anew at each slider move.
    shut = st.expander(
        _("How the floor area is shared out"),
        icon=":material/hub:",
        key="approach-open",
        on_change="rerun",
    )
    if shut.open:
        with shut:
            _choice(plan)
    _proof(plan)


def _choice(plan: Plan) -> None:
    """Draw the approaches and what the present one may be told."""
    _ = session.translator()
    approach = plan.scenario.approach
    session.show_in("approach-kind", approach_kind(approach))
    st.radio(
        _("Way of allocating"),
        list(CAPTIONS),
        key="approach-kind",
        format_func=lambda kind: _(APPROACH_NAMES[kind]),
        captions=[_(said) for said in CAPTIONS.values()],
        on_change=_chosen,
    )
    match approach:
        case Practical():
            _practical(approach)
        case Near():
            _near(plan, approach)
        case Together():
            _together(approach)
        case None:
            pass


def _chosen() -> None:
    """Take up another approach with its usual wishes."""
    _ = session.translator()
    match session.shown_in("approach-kind"):
        case "practical":
            session.dispatch(SetApproach(Practical()))
        case "near":
            table = plan_table(session.plan())
            session.dispatch(SetApproach(Near(gfa_m2=table, name=_("plan on screen before"))))
        case "together":
            session.dispatch(SetApproach(Together()))
        case _:
            session.dispatch(SetApproach(None))


def _proof(plan: Plan) -> None:
    """Say which approach the plan follows, how well that is proven, and what was given up."""
    _ = session.translator()
    lang = session.lang()
    cost = approach_cost(plan)
    name = approach_name(plan.scenario.approach).render(lang)
    if cost is None:
        st.caption(_("Way of allocating: {name}.").format(name=name))
        return
    said = [cost.proof.render(lang)]
    if plan.scenario.approach is not None:
        said += [text.render(lang) for text in cost.texts]
    st.html(
        f'<div class="sp-note" data-approach="{approach_kind(plan.scenario.approach)}">'
        f"<b>{html.escape(name)}</b> · {html.escape(' '.join(said))}</div>"
    )


def _practical(rules: Practical) -> None:
    _ = session.translator()
    session.show_in("practical-uses", rules.max_uses)
    st.select_slider(
        _("Most uses on a parcel"),
        list(range(1, len(USES) + 1)),
        key="practical-uses",
        on_change=_practical_set,
    )
    session.show_in("practical-floors", rules.whole_floors)
    st.toggle(
        _("Whole floors"),
        key="practical-floors",
        on_change=_practical_set,
        help=_(
            "A use fills whole floors. Each use has one part floor in the whole plan at most, so "
            "that its total is exact; it is named below."
        ),
    )
    for use in ALL_USES:
        name = use.label.render(session.lang())
        block, share = st.columns(2)
        session.show_in(f"practical-block-{use.key}", rules.min_block_m2.get(use.key, 0))
        block.number_input(
            _("{use}: least block (m²)").format(use=name),
            min_value=0,
            max_value=10_000_000,
            step=500,
            key=f"practical-block-{use.key}",
            on_change=_practical_set,
            help=_("Wherever this use stands, it has at least this GFA. 0 asks for nothing."),
        )
        session.show_in(
            f"practical-share-{use.key}", float(rules.max_share_pct.get(use.key, 100.0))
        )
        share.number_input(
            _("{use}: at most (%)").format(use=name),
            min_value=0.0,
            max_value=100.0,
            step=5.0,
            format="%.0f",
            key=f"practical-share-{use.key}",
            on_change=_practical_set,
            help=_("Most of a parcel's capacity that this use may take. 100 asks for nothing."),
        )


def _practical_set() -> None:
    blocks = {use: session.shown_in(f"practical-block-{use}") for use in USES}
    shares = {use: session.shown_in(f"practical-share-{use}") for use in USES}
    session.dispatch(
        SetApproach(
            Practical(
                max_uses=session.shown_in("practical-uses"),
                whole_floors=session.shown_in("practical-floors"),
                min_block_m2={use: least for use, least in blocks.items() if least},
                max_share_pct={use: most for use, most in shares.items() if most < 100},
            )
        )
    )


def _near(plan: Plan, near: Near) -> None:
    _ = session.translator()
    held = f"{sum(map(sum, near.gfa_m2.values())):,}"
    st.caption(
        _("Stays near: {name} ({held} m² on {count} parcels).").format(
            name=near.name or _("plan of the scenario file"),
            held=held,
            count=f"{len(near.gfa_m2):,}",
        )
    )
    session.show_in("near-least", near.price is None)
    st.toggle(
        _("As little change as possible"),
        key="near-least",
        on_change=_near_set,
        help=_("Floor area moves only where programme and limits force it to."),
    )
    points = 5.0 if near.price is None else near.price * 100
    session.show_in("near-price", points)
    st.slider(
        _("A move must gain at least (points of 100)"),
        min_value=0.0,
        max_value=max(MOST_PRICE_POINTS, points),
        step=0.5,
        key="near-price",
        disabled=near.price is None,
        on_change=_near_set,
        help=_("Suitability that a m² must gain to be worth moving. 0 moves freely."),
    )
    session.show_in("near-follow", near.follow)
    st.toggle(
        _("Follow the plan on screen"),
        key="near-follow",
        on_change=_near_set,
        help=_("On: each decision starts from the plan before it. Off: always from the same plan."),
    )
    st.button(
        _("Stay near the present plan"),
        key="near-present",
        icon=":material/push_pin:",
        disabled=plan.status == "infeasible",
        on_click=_near_present,
        help=_("The plan that is on screen now becomes the one to stay near."),
    )


def _near_set() -> None:
    near = session.state().scenario.approach
    if isinstance(near, Near):
        price = None if session.shown_in("near-least") else session.shown_in("near-price") / 100
        follow = session.shown_in("near-follow")
        session.dispatch(SetApproach(replace(near, price=price, follow=follow)))


def _near_present() -> None:
    _ = session.translator()
    near = session.state().scenario.approach
    if isinstance(near, Near):
        table = plan_table(session.plan())
        named = replace(near, gfa_m2=table, name=_("plan on screen before"))
        session.dispatch(SetApproach(named))


def _together(wish: Together) -> None:
    _ = session.translator()
    session.show_in("together-worth", wish.worth_m2_per_m)
    st.number_input(
        _("A metre of shared edge is worth (m²)"),
        min_value=0.0,
        max_value=1_000_000.0,
        step=5.0,
        format="%.1f",
        key="together-worth",
        on_change=_together_set,
        help=_(
            "One metre of edge between two parcels wholly of one use weighs as much as so many m² "
            "of floor at full suitability."
        ),
    )
    session.show_in("together-single", wish.single_use)
    st.toggle(
        _("One use on each parcel, where that is possible"),
        key="together-single",
        on_change=_together_set,
    )


def _together_set() -> None:
    session.dispatch(
        SetApproach(
            Together(
                worth_m2_per_m=session.shown_in("together-worth"),
                single_use=session.shown_in("together-single"),
            )
        )
    )
