"""The door of the small app that the browser tests start."""

import streamlit as st

from siteplan.service.routes import routes

app = st.App("live_map_page.py", routes=routes())
