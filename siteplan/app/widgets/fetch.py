"""Official parcels from VWorld's data service, fetched with the planner's own key.

The key lives in its password field alone: no file, scenario, address or log gets it, and it is
gone when the page is left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from siteplan.app import session
from siteplan.errors import InputError
from siteplan.io.vworld import DONGS, Service, cache_at, fetch
from siteplan.text import on_screen, sentence

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.delta_generator import DeltaGenerator

    from siteplan.io.vworld import Fetched, Progress

_BY_CODE, _BY_BOX, _BY_PNU = "dong", "box", "pnu"
_OTHER = "other"
_REFUSED, _FETCHED = "fetch-refused", "fetch-result"


def fetch_form() -> None:
    """Draw the form; on success the parcels are opened and the file offered for download.

    Put it on the Data page, under the file uploader. Findings of the fetch stand among those of
    the parcels.
    """
    _ = session.translator()
    with st.expander(_("Fetch from VWorld with your own key"), icon=":material/cloud_download:"):
        st.caption(
            _(
                "The continuous cadastral map (연속지적도) is asked for, one request at a time. "
                "Your key goes to the service only and is not kept. Replies are kept for 30 days "
                "on the computer that runs siteplan, so that a fetch broken off goes on where it "
                "stopped."
            )
        )
        left, right = st.columns(2)
        key = left.text_input(
            _("Key of the data service"),
            type="password",
            key="fetch-key",
            autocomplete="off",
        )
        domain = right.text_input(
            _("Domain of the key's registration, if asked for"), key="fetch-domain"
        )
        area = _area()
        refresh = st.checkbox(_("Ask anew for what is kept"), key="fetch-refresh")
        started = st.button(_("Fetch"), key="fetch-start", icon=":material/download:")
        place = st.empty()
        if started:
            _fetch(area, key=key, domain=domain, refresh=refresh, place=place)
        refused = session.kept_in(_REFUSED)
        if refused is not None:
            place.error(on_screen(refused.render(session.lang())), icon=":material/error:")
        _result()


def _area() -> str:
    """Draw the choice of an area and return it as one text."""
    _ = session.translator()
    lang = session.lang()
    ways = {
        _BY_CODE: _("Dong"),
        _BY_BOX: _("Box"),
        _BY_PNU: _("List of PNUs"),
    }
    way = st.radio(
        _("What to fetch"),
        list(ways),
        format_func=ways.__getitem__,
        horizontal=True,
        key="fetch-by",
    )
    if way == _BY_BOX:
        return str(
            st.text_input(
                _("West, south, east, north in degrees"),
                key="fetch-box",
                placeholder="127.030,37.460,127.040,37.470",
            )
        )
    if way == _BY_PNU:
        return str(
            st.text_area(_("PNUs, 19 digits each, separated by commas or lines"), key="fetch-pnus")
        )
    other = _("another code")
    chosen = st.selectbox(
        _("Dong"),
        [*DONGS, _OTHER],
        format_func=lambda code: other if code == _OTHER else f"{DONGS[code].render(lang)} {code}",
        key="fetch-dong",
    )
    if chosen != _OTHER:
        return str(chosen)
    return str(st.text_input(_("Code of the dong, 10 digits"), key="fetch-code"))


def _fetch(area: str, *, key: str, domain: str, refresh: bool, place: DeltaGenerator) -> None:
    """Fetch with a bar; open the parcels, or keep the sentence that says why not."""
    _ = session.translator()
    session.show_in(_REFUSED, None)
    session.show_in(_FETCHED, None)
    bar = place.progress(0.0, text=_("Asking the service …"))
    try:
        fetched = fetch(
            area,
            service=Service(key, domain.strip() or None),
            cache=cache_at(wish=True),
            refresh=refresh,
            progress=_drawn_on(bar),
        )
        parcels = fetched.parcels()
    except InputError as refused:
        session.show_in(_REFUSED, refused.text)
        return
    session.show_in(_FETCHED, fetched)
    session.open_parcels(parcels, source=_name(fetched))
    st.rerun()


def _name(fetched: Fetched) -> str:
    """Return what the parcels are called among the sources."""
    return f"VWorld {fetched.area}"


def _drawn_on(bar: DeltaGenerator) -> Callable[[Progress], object]:
    lang = session.lang()

    def draw(progress: Progress) -> None:
        told = sentence(
            "{done} of {queries} queries, {rows} rows received",
            done=progress.done,
            queries=progress.queries,
            rows=f"{progress.rows:,}",
        ).render(lang)
        if progress.waiting is not None:
            waiting = sentence("waiting: {reason}", reason=progress.waiting)
            told = f"{told} – {waiting.render(lang)}"
        bar.progress(progress.ratio, text=told)

    return draw


def _result() -> None:
    """Say what was fetched and offer it as a file."""
    _ = session.translator()
    fetched: Fetched | None = session.kept_in(_FETCHED)
    if fetched is None:
        return
    if session.source() == _name(fetched):
        told = sentence(
            "{count} parcels fetched and opened ({requests} requests, {cached} kept replies).",
            count=f"{len(fetched):,}",
            requests=fetched.requests,
            cached=fetched.cached,
        )
        st.success(told.render(session.lang()), icon=":material/check:")
    st.download_button(
        _("Download as GeoJSON"),
        data=fetched.text,
        file_name="vworld.geojson",
        mime="application/geo+json",
        key="fetch-download",
        icon=":material/download:",
    )
