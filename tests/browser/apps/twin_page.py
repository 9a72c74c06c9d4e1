"""Two maps side by side that move together, over VWorld's tiles where a key is given."""

import os

import streamlit as st

from siteplan.app.widgets.live_map import live_map
from siteplan.maps.basemap import basemap
from tests.browser.apps.grid import grid_parcels, grid_plan

st.set_page_config(layout="wide")
if "swipe" in st.query_params:
    lots = st.cache_resource(grid_parcels)(36)
    live_map(
        grid_plan(lots, research_pct=20),
        lang=st.query_params.get("lang", "en"),
        key="swiped",
        height_px=520,
        swipe=grid_plan(lots, research_pct=70),
    )
    st.stop()
parcels = st.cache_resource(grid_parcels)(36)
tiles = basemap("vworld", key=os.environ.get("SITEPLAN_TEST_KEY", ""))
one, other = grid_plan(parcels, research_pct=20), grid_plan(parcels, research_pct=70)
left, right = st.columns(2)
with left:
    live_map(one, lang="en", key="left", height_px=420, group="pair", basemap=tiles)
with right:
    live_map(
        other,
        lang="en",
        key="right",
        height_px=420,
        group="pair",
        colour_by="change",
        against=one,
        basemap=tiles,
    )
