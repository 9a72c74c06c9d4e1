"""The door of the app with two maps."""

import streamlit as st

from siteplan.service.routes import routes

app = st.App("twin_page.py", routes=routes())
