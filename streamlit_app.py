"""The door: `streamlit run streamlit_app.py` starts the app with its map routes."""

from __future__ import annotations

from importlib.resources import files

import streamlit as st

from siteplan.service.routes import routes

app = st.App(str(files("siteplan.app") / "main.py"), routes=routes())
