"""The banner that says plainly when outlines on screen are schematic."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import streamlit as st

from siteplan.app import session
from siteplan.parcels import DRAWN_BY_US

if TYPE_CHECKING:
    from siteplan.parcels import Parcels


def schematic_banner(parcels: Parcels) -> None:
    """Say how many outlines are schematic, and where official ones are loaded."""
    _ = session.translator()
    schematic = sum(evidence in DRAWN_BY_US for evidence in parcels.evidence)
    if schematic:
        text = _(
            "Schematic outlines: {count} of {all} parcels on screen are drawn by siteplan, not "
            "surveyed; {zones} zones are not verified. Load official parcels on the Data page."
        ).format(count=schematic, all=len(parcels), zones=int((~parcels.zone_verified).sum()))
        st.html(f'<div class="sp-banner" role="note">{html.escape(text)}</div>')
    else:
        st.html(
            '<div class="sp-note">'
            + html.escape(_("{count} parcels").format(count=len(parcels)))
            + "</div>"
        )
