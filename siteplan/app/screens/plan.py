"""Plan: the programme beside the map, the headline figures, the selected parcel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from siteplan.app import session
from siteplan.app.state import ColourBy, SelectParcel
from siteplan.app.widgets.approach import approach_chooser
from siteplan.app.widgets.base_map import base_map_choice, chosen_base_map
from siteplan.app.widgets.figures import plain
from siteplan.app.widgets.findings import findings
from siteplan.app.widgets.headline import headline
from siteplan.app.widgets.imprint import imprint_line
from siteplan.app.widgets.links_between import table_link, zone_link
from siteplan.app.widgets.live_map import MapBox, MapEvent, MapLine, live_map
from siteplan.app.widgets.lot_tools import carry_out, lot_tools, selects_several
from siteplan.app.widgets.parcel_panel import parcel_panel
from siteplan.app.widgets.programme import programme_editor
from siteplan.app.widgets.repairs import repairs_offered
from siteplan.app.widgets.welcome import welcome
from siteplan.app.widgets.why import programme_worth_shown
from siteplan.maps.style import colour_choices

if TYPE_CHECKING:
    from siteplan.evaluation import Plan

# The browser builds a longer list anew at each rerun: 30 ms for 2,000 parcels.
MOST_LISTED = 500
_UNKNOWN = "parcel-unknown"


@st.fragment
def _page() -> None:
    """Draw the page. A fragment, so that a move reruns neither navigation nor banner."""
    plan = session.plan()
    welcome()
    with st.container(key="workspace"):
        left, right = st.columns([4, 7], gap="medium")
    with right:
        above, at_map, below = (
            st.container(key=f"plan-{part}") for part in ("above", "map", "below")
        )
    # The map first: it is sent while the rest of the page is still being made.
    with at_map:
        done = _map(plan)
    with left:
        programme_editor(plan)
        # Beside the sliders, so that the map stays where it is.
        if plan.status == "infeasible":
            repairs_offered(plan)
        approach_chooser(plan)
    with above:
        _infeasible(plan)
        if plan.status != "infeasible":  # zeros would be figures of nothing
            headline(plan)
        _choices(plan)
        lot_tools(plan)
    with below:
        if done is not None:
            carry_out(done)
            st.rerun()
        table_link()
        _selected(plan)
        programme_worth_shown(plan)
        findings(plan)
    imprint_line(plan)


def _map(plan: Plan) -> MapEvent | MapBox | MapLine | None:
    state = session.state()
    return live_map(
        plan,
        lang=session.lang(),
        colour_by=_colour_by(),
        against=_before() if _colour_by() == "change" else None,
        selected=state.selected,
        height_px=600,
        place=session.parcels().digest,
        drawing=state.cutting,
        basemap=chosen_base_map(),
    )


def _before() -> Plan | None:
    """Return the plan before the last step, None where there was no step."""
    past = session.state().past
    return session.plan_of(past[-1].scenario) if past else None


def _colour_by() -> str:
    """Return what the colours say: a change needs a step before."""
    state = session.state()
    return "use" if state.colour_by == "change" and not state.past else state.colour_by


def _infeasible(plan: Plan) -> None:
    """Say why a programme does not fit."""
    _ = session.translator()
    if plan.status != "infeasible":
        return
    headed = "**" + _("The programme does not fit on these parcels.") + "**"
    first, *rest = [plain(text.render(session.lang())) for text in plan.explanation]
    st.error(f"{headed}\n\n{first}", icon=":material/error:")
    if any(zone is None for zone in plan.capacity.zones):
        zone_link()
    if rest:
        # Folded, so that the map stays in sight.
        with st.expander(_("Why, and what would help"), icon=":material/help:"):
            st.markdown("\n".join(f"- {reason}" for reason in rest))


def _choices(plan: Plan) -> None:
    """Offer what the colours say, and the parcels by name."""
    _ = session.translator()
    lang = session.lang()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choices = colour_choices(lang=lang)
        if session.state().past:
            choices = {**choices, "change": _("Change by the last step")}
        session.show_in("colour-by", _colour_by())
        st.selectbox(
            _("Colour by"),
            list(choices),
            format_func=choices.__getitem__,
            key="colour-by",
            on_change=_colour_chosen,
        )
        if len(plan.parcels) <= MOST_LISTED:
            session.show_in("parcel-list", _chosen())
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
            session.show_in("parcel-name", _chosen() or "")
            st.text_input(
                _("Parcel (id, PNU or lot number)"), key="parcel-name", on_change=_named_by_hand
            )
            unknown = session.kept_in(_UNKNOWN)
            if unknown:
                st.caption(_("No parcel is called “{name}”.").format(name=unknown))
        base_map_choice()


def _selected(plan: Plan) -> None:
    chosen = _chosen()
    if chosen is not None and chosen in plan.parcels.index:
        parcel_panel(plan, chosen)
        return
    _ = session.translator()
    st.caption(
        _(
            "No parcel is selected. Click one on the map, or choose it in the list above, to see "
            "what may stand there and why."
        )
    )


def _chosen() -> str | None:
    """Return the parcel that was selected last."""
    selected = session.state().selected
    return selected[-1] if selected else None


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
    session.show_in(_UNKNOWN, None)
    for names in (parcels.ids, parcels.pnus, parcels.jibuns):
        if wanted and wanted in names:
            parcel_id = parcels.ids[names.index(wanted)]
            session.dispatch(SelectParcel(parcel_id, additive=selects_several()))
            return
    session.show_in(_UNKNOWN, wanted)


_page()
