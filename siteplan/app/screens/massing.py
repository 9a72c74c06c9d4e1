"""3-D and floors: the massing, how GFA is made up, and one parcel's floors."""

from __future__ import annotations

import html
from itertools import permutations
from typing import TYPE_CHECKING, Any

import streamlit as st

from siteplan.app import session
from siteplan.app.state import SelectParcel, SetFactor, SetStack
from siteplan.app.widgets.figures import thousands
from siteplan.app.widgets.links_between import plan_link, table_link
from siteplan.app.widgets.year_slider import year_slider
from siteplan.ledger import shipped_ledger
from siteplan.maps.deck import (
    lots_outlined,
    parcel_of,
    plan_deck,
    segment_colour,
    segment_label,
)
from siteplan.massing import PARKING, storeys
from siteplan.text import N_
from siteplan.uses import ALL_USES, USES, use_label

if TYPE_CHECKING:
    from collections.abc import Callable

    from siteplan.composition import Composition
    from siteplan.evaluation import Plan

DECK_KEY = "deck"
FACTORS = (
    ("parking_stall_m2", N_("Floor area of a stall with aisles (m²)")),
    ("underground_share.parking", N_("Part of parking below ground (0 to 1)")),
    *((f"far_ratio.{use.key}", "") for use in ALL_USES),
)
_FAR_RATIO = N_("Part of GFA that FAR counts, {use}")


def _clicked() -> None:
    objects = session.shown_in(DECK_KEY)["selection"]["objects"]
    session.dispatch(SelectParcel(parcel_of(objects, plan=session.plan())))


def _picked() -> None:
    session.dispatch(SelectParcel(session.shown_in("massing-parcel")))


def _factor_set(key: str, widget: str) -> None:
    value = session.shown_in(widget)
    same = value in (None, shipped_ledger().value(key))
    session.dispatch(SetFactor(key, None if same else float(value)))


def _stacked() -> None:
    session.dispatch(SetStack(session.shown_in("massing-stack")))


def _legend(plan: Plan, *, lang: str) -> None:
    shown = [
        (segment_label(key).render(lang), segment_colour(key), int(area_m2))
        for key, area_m2 in zip(
            plan.massing.stack, plan.massing.segment_m2.sum(axis=0), strict=True
        )
        if area_m2 > 0 or key != PARKING
    ]
    above = html.escape(_("Floor area above ground:"))
    st.html(
        '<div style="display:flex;flex-wrap:wrap;gap:.3rem 1.2rem">'
        f'<span class="sp-note">{above}</span>'
        + "".join(
            f'<span class="sp-use"><span class="sp-dot" style="background:{colour}"></span>'
            f'{html.escape(name)} <span class="sp-part">{area_m2:,} m²</span></span>'
            for name, colour, area_m2 in shown
        )
        + "</div>"
    )


def _caption(plan: Plan, *, lang: str) -> None:
    """Say what the 3-D view draws, how to move in it, and where the same stands as a table."""
    lowest, *_between, highest = (use_label(use).render(lang) for use in plan.scenario.stack)
    st.caption(
        _(
            "Outline massing: each lot's own shape drawn in (level of detail LOD1), its uses "
            "stacked with {lowest} lowest and {highest} highest. Drag to move, right-drag or "
            "Ctrl-drag to turn, click to select."
        ).format(lowest=lowest, highest=highest)
    )
    table_link()


def _picture(
    found: Composition, *, stack: tuple[str, ...], lang: str, _: Callable[[str], str]
) -> None:
    """Draw what stands above ground and what lies below as two stacks, to scale."""
    total = max(found.whole.gfa_m2, 1)
    above = [
        (use.label.render(lang), segment_colour(use.key), part.far_m2)
        for use, part in zip(ALL_USES, found.parts, strict=True)
    ]
    order = {key: place for place, key in enumerate(stack)}
    keyed = sorted(zip(ALL_USES, above, strict=True), key=lambda pair: -order[pair[0].key])
    up = [entry for _use, entry in keyed]
    up.append(
        (_("Parking above ground"), segment_colour(PARKING), int(found.parking_above_m2.sum()))
    )
    parking = int(found.parking_below_m2.sum())
    other = int(found.below_m2.sum()) - parking
    down = [
        (_("Parking below ground"), "#5C6670", parking),
        (_("Other basements"), "#9AA1A8", other),
    ]
    st.html(
        '<div role="img" aria-label="'
        + html.escape(_("Floor area above and below ground, to scale"))
        + '" style="max-width:34rem">'
        + _side(_("Above ground"), up, total)
        + '<div style="border-top:3px solid currentColor;margin:.1rem 0"></div>'
        + _side(_("Below ground, not FAR area"), down, total)
        + "</div>"
    )


def _side(title: str, entries: list[tuple[str, str, int]], total: int) -> str:
    """Return one side of the ground line: blocks whose heights are to scale, names beside."""
    blocks, names = [], []
    shown = [entry for entry in entries if entry[2] > 0]
    area_m2 = sum(entry[2] for entry in shown)
    for name, colour, size_m2 in shown:
        blocks.append(
            f'<div style="background:{colour};height:{size_m2 / total * 15:.2f}rem"></div>'
        )
        names.append(
            f'<div class="sp-use"><span class="sp-dot" style="background:{colour}"></span>'
            f'{html.escape(name)} <span class="sp-part">{size_m2:,} m² · '
            f"{size_m2 / total * 100:.1f} %</span></div>"
        )
    return (
        '<div style="display:flex;gap:1rem;align-items:center">'
        f'<div style="flex:0 0 7rem;display:grid;gap:1px">{"".join(blocks)}</div>'
        f"<div><b>{html.escape(title)}</b> "
        f'<span class="sp-note">{area_m2:,} m² · {area_m2 / total * 100:.1f} %</span>'
        f"{''.join(names)}</div></div>"
    )


def _table(found: Composition, *, lang: str, _: Callable[[str], str]) -> None:
    parts = [*found.parts, found.whole]
    rows: dict[str, list[Any]] = {
        _("Use"): [
            _("All uses") if part.use is None else use_label(part.use).render(lang)
            for part in parts
        ],
        _("GFA (m²)"): [part.gfa_m2 for part in parts],
        _("FAR area (m²)"): [part.far_m2 for part in parts],
        _("Not FAR area (m²)"): [part.not_far_m2 for part in parts],
        _("Stalls"): [round(part.stalls) for part in parts],
        _("Parking area (m²)"): [round(part.parking_m2) for part in parts],
        _("Left over (m²)"): [round(part.left_m2) for part in parts],
    }
    st.dataframe(rows, hide_index=True, width="stretch", column_config=thousands(rows))


def _stalls_told(plan: Plan) -> None:
    """Say why the stalls here may be more than on the page of figures."""
    by_parcel = int(plan.composition.stalls.sum())
    in_all = next((m.value for m in plan.metrics if m.key == "parking_stalls"), None)
    if in_all is None or round(in_all) == by_parcel:
        return
    st.caption(
        _(
            "{by_parcel:,} stalls, because each parcel rounds its own need up to whole stalls; "
            "the page of figures adds the needs up first: {in_all:,} stalls."
        ).format(by_parcel=by_parcel, in_all=round(in_all))
    )


def _floor_table(plan: Plan, row: int, *, lang: str, _: Callable[[str], str]) -> None:
    massing = plan.massing
    found = storeys(massing, row)
    st.caption(
        _(
            "{parcel}: {floors} floors above ground, {basements} below, {height:.1f} m high, "
            "footprint {footprint:,.0f} m². The floors add up to {sum:,} m² of {gfa:,} m² GFA."
        ).format(
            parcel=plan.parcels.name(row, lang=lang),
            floors=int(massing.floors[row]),
            basements=int(massing.basement_floors[row]),
            height=float(massing.height_m[row]),
            footprint=float(massing.footprint_m2[row]),
            sum=sum(storey.area_m2 for storey in found),
            gfa=int(plan.parcel_gfa_m2[row]),
        )
    )
    rows: dict[str, list[Any]] = {
        _("Floor"): [f"{s.number}F" if s.number > 0 else f"B{-s.number}" for s in found[::-1]],
        _("Use"): [
            _("Basement: parking, plant")
            if s.segment is None
            else segment_label(s.segment).render(lang)
            for s in found[::-1]
        ],
        _("Floor area (m²)"): [s.area_m2 for s in found[::-1]],
    }
    st.dataframe(rows, hide_index=True, width="stretch", column_config=thousands(rows))


_ = session.translator()
lang = session.lang()
plan = session.plan()
state = session.state()

st.subheader(_("Massing"), anchor=False)
if plan.status == "infeasible":
    st.error("\n\n".join(text.render(lang) for text in plan.explanation), icon=":material/error:")
    plan_link()
_legend(plan, lang=lang)
session.show_in("massing-stack", plan.scenario.stack)
st.selectbox(
    _("Uses of a building from the ground up"),
    list(permutations(USES)),
    key="massing-stack",
    format_func=lambda stack: " → ".join(use_label(use).render(lang) for use in stack),
    on_change=_stacked,
    help=_("siteplan's assumption at the start: visitors' uses low, homes high."),
)
year = year_slider(plan, key="massing-year", at_first=False)
st.pydeck_chart(
    plan_deck(
        plan,
        lang=lang,
        selected=state.selected,
        dark=st.context.theme.type == "dark",
        year=year,
    ),
    height=520,
    on_select=_clicked,
    selection_mode="single-object",
    key=DECK_KEY,
    alt=_("Buildings of the plan in three dimensions; the tables below hold their figures."),
)
_caption(plan, lang=lang)
if year is not None:
    st.caption(
        _("Parcels completed by the end of {year} stand solid; later ones are pale.").format(
            year=year
        )
    )
if not lots_outlined(plan):
    st.caption(_("Only lots that are used or selected are drawn here; the map shows all."))

left, right = st.columns([6, 5], gap="large")
with left:
    st.subheader(_("How the gross floor area is made up"), anchor=False)
    found = plan.composition
    if found.whole.left_m2 >= 0:
        st.success(found.summary.render(lang), icon=":material/check:")
    else:
        st.warning(found.summary.render(lang), icon=":material/warning:")
    _stalls_told(plan)
    _picture(found, stack=plan.massing.stack, lang=lang, _=_)
    _table(found, lang=lang, _=_)
    if found.short_m2.any():
        st.caption(
            _(
                "On {count} parcels the parking need exceeds their own GFA that is not FAR area, "
                "by {short:,} m² in all."
            ).format(count=int((found.short_m2 > 0).sum()), short=int(found.short_m2.sum()))
        )
    with st.expander(_("Change how it is made up"), icon=":material/tune:"):
        for key, wording in FACTORS:
            factor = plan.ledger.factors[key]
            label = (
                _(wording)
                if wording
                else _(_FAR_RATIO).format(use=use_label(key.rpartition(".")[2]).render(lang))
            )
            widget = f"massing-{key}"
            session.show_in(widget, factor.value)
            st.number_input(
                label,
                min_value=0.01,
                max_value=None if key == "parking_stall_m2" else 1.0,
                step=0.5 if key == "parking_stall_m2" else 0.01,
                key=widget,
                on_change=_factor_set,
                args=(key, widget),
                help=factor.citation.render(lang),
            )
with right:
    st.subheader(_("Floors of a parcel"), anchor=False)
    used = [row for row in range(len(plan.parcels)) if plan.parcel_gfa_m2[row] > 0]
    chosen = state.selected[-1] if state.selected else None
    if chosen in plan.parcels.index and plan.parcel_gfa_m2[plan.parcels.index[chosen]] > 0:
        _floor_table(plan, plan.parcels.index[chosen], lang=lang, _=_)
    elif chosen is not None and chosen in plan.parcels.index:
        st.info(_("Nothing is placed on the selected parcel."))
    elif used:
        st.info(_("Click a building or a lot, or choose a parcel below."))
    else:
        st.info(_("No parcel holds floor area, so there are no floors to show."))
    ids = [plan.parcels.ids[row] for row in used]
    session.show_in("massing-parcel", chosen if chosen in ids else None)
    st.selectbox(
        _("Parcel"),
        [None, *ids],
        format_func=lambda i: (
            "–" if i is None else plan.parcels.name(plan.parcels.index[i], lang=lang)
        ),
        key="massing-parcel",
        on_change=_picked,
        placeholder=_("Choose a parcel"),
    )
