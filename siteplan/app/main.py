"""The app's script: language, navigation, then the page that was chosen."""

from __future__ import annotations

import streamlit as st

from siteplan.app import session
from siteplan.app.widgets.asking import turned_to
from siteplan.app.widgets.banner import schematic_banner
from siteplan.app.widgets.imprint import imprint_line
from siteplan.app.widgets.looks import apply_looks
from siteplan.app.widgets.page_words import page_words
from siteplan.app.widgets.standing import standing
from siteplan.app.widgets.terms import terms_popover
from siteplan.errors import InputError
from siteplan.text import on_screen

_WITHOUT_IMPRINT = ("", "data", "basis", "guide")
"""Pages without a plan's figures, and the first one, which prints the line by itself."""


def _switch_language() -> None:
    session.set_lang(session.shown_in("language"))


_ = session.translator()
project = _("siteplan: Seoul AI Tech City, Yangjae")
# The icon comes first: without one, the browser would fetch the page's own from the internet.
st.set_page_config(page_title=project, page_icon="🏙️", layout="wide")
pages = st.navigation(
    [
        st.Page("screens/plan.py", title=_("Plan"), icon=":material/map:", default=True),
        st.Page("screens/metrics.py", title=_("Figures"), icon=":material/monitoring:"),
        st.Page("screens/options.py", title=_("Options"), icon=":material/alt_route:"),
        st.Page("screens/phases.py", title=_("Phases"), icon=":material/calendar_month:"),
        st.Page("screens/scenarios.py", title=_("Scenarios"), icon=":material/bookmarks:"),
        st.Page("screens/massing.py", title=_("3-D and floors"), icon=":material/apartment:"),
        st.Page("screens/table.py", title=_("Table and export"), icon=":material/table:"),
        st.Page("screens/data.py", title=_("Data"), icon=":material/folder_open:"),
        st.Page("screens/basis.py", title=_("Rules and factors"), icon=":material/gavel:"),
        st.Page("screens/guide.py", title=_("Guide"), icon=":material/menu_book:"),
    ],
    position="top",
)
st.set_page_config(page_title=f"{pages.title} · {project}")
apply_looks()
page_words()
try:
    session.parcels()
    session.keep_address()
except InputError as refused:
    st.error(on_screen(refused.text.render(session.lang())), icon=":material/error:")
    st.stop()
with st.container(horizontal=True, vertical_alignment="center", key="topline"):
    schematic_banner(session.parcels(), headings=(project, pages.title))
    terms_popover()
    session.show_in("language", session.lang())
    st.segmented_control(
        "언어 · Language",
        ["ko", "en"],
        format_func={"ko": "한국어", "en": "English"}.__getitem__,
        key="language",
        on_change=_switch_language,
        required=True,
        label_visibility="collapsed",
        width="content",
    )
turned_to(pages.url_path)
if not standing(page=pages.url_path):
    st.stop()
pages.run()
if pages.url_path not in _WITHOUT_IMPRINT:
    imprint_line(session.plan())
