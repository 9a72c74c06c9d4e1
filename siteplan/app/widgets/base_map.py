"""The choice of a base map: none at first, so that nothing is fetched on a closed network.

A key of VWorld stays in the tab's session: it reaches neither disk nor the map document, which the
process keeps for all its readers.
"""

from __future__ import annotations

import streamlit as st

from siteplan.app import session
from siteplan.errors import InputError
from siteplan.maps.basemap import BASEMAPS, Basemap, basemap

_CHOICE, _KEY = "siteplan.base-map", "siteplan.vworld-key"


def chosen_base_map() -> Basemap | None:
    """Return the tiles that this tab chose, None for none or where the key cannot be one."""
    try:
        return basemap(session.kept_in(_CHOICE) or "none", key=session.kept_in(_KEY) or "")
    except InputError:
        return None


def _kept() -> None:
    session.show_in(_CHOICE, session.shown_in("base-map"))


def _key_kept() -> None:
    session.show_in(_KEY, session.shown_in("vworld-key"))


def base_map_choice() -> None:
    """Draw the choice of the base map, and the field for VWorld's key where it is needed."""
    _ = session.translator()
    shut = st.popover(
        _("Base map"), icon=":material/layers:", key="base-map-open", on_change="rerun"
    )
    if not shut.open:  # made only when opened: the page is redrawn at each move
        return
    with shut:
        choice = session.kept_in(_CHOICE) or "none"
        session.show_in("base-map", choice)
        st.radio(
            _("Base map"),
            list(BASEMAPS),
            format_func=lambda name: _(BASEMAPS[name]),
            key="base-map",
            on_change=_kept,
            label_visibility="collapsed",
        )
        if choice == "vworld":
            session.show_in("vworld-key", session.kept_in(_KEY) or "")
            st.text_input(
                _("VWorld key"),
                key="vworld-key",
                type="password",
                on_change=_key_kept,
                help=_("Kept in this browser tab's session only, and gone when it ends."),
            )
            try:
                basemap("vworld", key=session.kept_in(_KEY) or "")
            except InputError as refused:
                st.error(refused.text.render(session.lang()))
        if choice != "none":
            st.caption(_("Your browser then fetches pictures from the provider of the map."))
