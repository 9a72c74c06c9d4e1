"""For contrast: the same plan on a Folium map that streamlit-folium redraws at each slider move."""

import json
import os
from dataclasses import replace
from typing import Any

import folium
import streamlit as st
from streamlit_folium import st_folium

from siteplan.evaluation import evaluate, move_use
from siteplan.io import read_parcels
from siteplan.maps.style import colours
from siteplan.parcels import Parcels
from siteplan.scenario import Scenario

TOTAL_M2 = int(os.environ["SITEPLAN_BENCH_TOTAL_M2"])


@st.cache_resource
def outlines() -> tuple[Parcels, dict[str, Any]]:
    """Return the parcels, and their outlines in degrees with the row of each."""
    parcels = read_parcels(os.environ["SITEPLAN_PARCELS"])
    frame = parcels.frame[["geometry"]].to_crs(4326)
    return parcels, json.loads(frame.assign(row=range(len(frame))).to_json())


st.set_page_config(layout="wide")
parcels, shapes = outlines()
start = Scenario()
start = replace(start, programme=start.programme.with_total(TOTAL_M2))
housing_m2 = st.slider("Housing", 0, TOTAL_M2, TOTAL_M2 // 5, step=100, key="slider-housing")
plan = evaluate(parcels, move_use(parcels, start, use="housing", gfa_m2=housing_m2))
style = colours(plan, lang="en")
fills = [style.palette[swatch].fill for swatch in style.index.tolist()]
# The outline's colour tells the value, so that the new drawing can be told from the old.
stroke = f"#{housing_m2 % 0xFFFFFF:06x}"
west, south, east, north = parcels.frame.to_crs(4326).total_bounds
page_map = folium.Map(tiles=None)
page_map.fit_bounds([[south, west], [north, east]])
folium.GeoJson(
    shapes,
    style_function=lambda feature: {
        "fillColor": fills[feature["properties"]["row"]],
        "fillOpacity": 0.85,
        "color": stroke,
        "weight": 1,
    },
).add_to(page_map)
st_folium(page_map, returned_objects=[], use_container_width=True, height=600, key="map")
