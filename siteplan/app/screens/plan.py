"""Plan: the programme beside the map, the headline figures, the selected parcel."""

from __future__ import annotations

import streamlit as st

from siteplan.app import session
from siteplan.app.state import ColourBy, SelectParcel
from siteplan.app.widgets.base_map import base_map_choice, chosen_base_map
from siteplan.app.widgets.findings import findings
from siteplan.app.widgets.headline import headline
from siteplan.app.widgets.live_map import live_map
from siteplan.app.widgets.lot_tools import carry_out, lot_tools, selects_several
from siteplan.app.widgets.parcel_panel import parcel_panel
from siteplan.app.widgets.programme import programme_editor
from siteplan.app.widgets.repairs import repairs_offered
from siteplan.app.widgets.why import programme_worth_shown
from siteplan.maps.style import colour_choices

# A list of more parcels than this would be sent to the browser at each rerun.
MOST_LISTED = 2_000


def _colour_chosen() -> None:
    session.dispatch(ColourBy(session.shown_in("colour-by")))


def _selected_in_list() -> None:
    parcel_id = session.shown_in("parcel-list")
    additive = selects_several() and parcel_id is not None
    session.dispatch(SelectParcel(parcel_id, additive=additive))


def _named_by_hand() -> None:
    """Select the parcel whose id, PNU or lot number was typed."""
    wanted = session.shown_in("parcel-name").strip()
    parcels = session.plan().parcels
    for names in (parcels.ids, parcels.pnus, parcels.jibuns):
        if wanted and wanted in names:
            parcel_id = parcels.ids[names.index(wanted)]
            session.dispatch(SelectParcel(parcel_id, additive=selects_several()))
            return


_ = session.translator()
lang = session.lang()
plan = session.plan()
state = session.state()

with st.container(key="workspace"):
    programme, workspace = st.columns([4, 7], gap="medium")
with workspace:
    above, at_map, below = st.container(), st.container(), st.container()
# The map first: it is sent while the rest of the page is still being made.
with at_map:
    done = live_map(
        plan,
        lang=lang,
        colour_by=state.colour_by,
        selected=state.selected,
        height_px=600,
        place=session.parcels().digest,
        drawing=state.cutting,
        basemap=chosen_base_map(),
    )
with programme:
    programme_editor(plan)
    # Beside the sliders, so that the map stays where it is.
    if plan.status == "infeasible":
        repairs_offered(plan)
with above:
    if plan.status == "infeasible":
        headed = "**" + _("The programme does not fit on these parcels.") + "**"
        st.error(
            "\n\n".join([headed, *(text.render(lang) for text in plan.explanation)]),
            icon=":material/error:",
        )
    headline(plan)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choices = colour_choices(lang=lang)
        session.show_in("colour-by", state.colour_by)
        st.selectbox(
            _("Colour by"),
            list(choices),
            format_func=choices.__getitem__,
            key="colour-by",
            on_change=_colour_chosen,
        )
        chosen = state.selected[-1] if state.selected else None
        if len(plan.parcels) <= MOST_LISTED:
            session.show_in("parcel-list", chosen)
            st.selectbox(
                _("Parcel"),
                [None, *plan.parcels.ids],
                format_func=lambda i: (
                    "–" if i is None else plan.parcels.name(plan.parcels.index[i], lang=lang)
                ),
                key="parcel-list",
                on_change=_selected_in_list,
                placeholder=_("Choose a parcel"),
                help=_("Choose here, or click a parcel on the map."),
            )
        else:
            session.show_in("parcel-name", chosen or "")
            st.text_input(
                _("Parcel (id, PNU or lot number)"), key="parcel-name", on_change=_named_by_hand
            )
        base_map_choice()
    lot_tools(plan)
with below:
    if done is not None:
        carry_out(done)
        st.rerun()
    if chosen is not None and chosen in plan.parcels.index:
        parcel_panel(plan, chosen)
    programme_worth_shown(plan)
    findings(plan)
