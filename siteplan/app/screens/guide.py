"""Guide: what the figures mean and how to work, for planners, in their language."""

from __future__ import annotations

import re
from importlib.resources import files

import streamlit as st

from siteplan.app import session

_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)

_ = session.translator()
text = (files("siteplan.app") / "guide" / f"{session.lang()}.md").read_text(encoding="utf-8")
opening, *parts = _SECTION.split(text)
sections = list(zip(parts[::2], parts[1::2], strict=True))

st.markdown(opening)
st.markdown(
    "\n".join(f"- [{heading}](#part-{number})" for number, (heading, _body) in enumerate(sections))
)
for number, (heading, body) in enumerate(sections):
    st.subheader(heading, anchor=f"part-{number}")
    st.markdown(body)
