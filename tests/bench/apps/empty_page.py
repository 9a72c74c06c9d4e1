"""The floor: the least Streamlit app that answers a slider."""

import streamlit as st

value = st.slider("Housing", 0, 270_000, 54_000, step=100, key="slider-housing")
with st.container(key="echo"):
    st.text(f"value {value}")
