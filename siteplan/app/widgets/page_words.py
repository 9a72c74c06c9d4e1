"""The page's language for browsers and readers, and Streamlit's own few words in it."""

from __future__ import annotations

from importlib.resources import files

import streamlit as st

from siteplan.app import session
from siteplan.text import N_

_page = st.components.v2.component(
    "siteplan_page_words",
    js=(files("siteplan.app.widgets") / "page_words.js").read_text(encoding="utf-8"),
)
_STREAMLITS = (
    N_("Skip to main content"),
    N_("Upload"),
    N_("file upload"),
    N_("Choose an option"),
    N_("Choose options"),
    N_("No results"),
    N_("Download as CSV"),
    N_("Download as PNG"),
    N_("Download as SVG"),
    N_("Copy Vega-Lite spec"),
    N_("Show/hide columns"),
    N_("Search"),
    N_("Link to heading"),
    N_("Fullscreen"),
    N_("Close fullscreen"),
)
"""Words of Streamlit's controls, as it says them; it has them in English only."""


def page_words() -> None:
    """Tell the browser the page's language, and say Streamlit's own words in it."""
    _ = session.translator()
    with st.container(key="page-words"):
        _page(
            key="page-words-said",
            data={
                "lang": session.lang(),
                "words": {said: _(said) for said in _STREAMLITS},
                "sizes": _("{size} per file"),
            },
        )
