"""One map, one slider: the least page on which the live map can be tested and measured."""

import os

import streamlit as st

from siteplan.app.widgets.live_map import MapBox, MapEvent, live_map
from tests.browser.apps.grid import grid_parcels, grid_plan

COUNT = int(os.environ.get("SITEPLAN_TEST_PARCELS", "100"))
st.set_page_config(layout="wide")
parcels = st.cache_resource(grid_parcels)(COUNT)
research_pct = st.slider("Research", 0, 90, 45, key="research")
lang = st.selectbox("Language", ("ko", "en"), key="lang")
selected = st.session_state.setdefault("selected", [])
plan = grid_plan(parcels, research_pct=float(research_pct))
event = live_map(plan, lang=lang, selected=selected, key="map", height_px=420)
if isinstance(event, MapEvent):
    st.session_state["selected"] = [event.parcel_id]
    st.rerun()
if isinstance(event, MapBox):
    kept = selected if event.additive else []
    st.session_state["selected"] = list(dict.fromkeys((*kept, *event.parcel_ids)))
    st.rerun()
st.markdown(f"clicked: `{' '.join(selected) or 'nothing'}` scenario: `{plan.scenario_id}`")
