"""The banner that says plainly when outlines on screen are schematic."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import streamlit as st

from siteplan.app import session

if TYPE_CHECKING:
    from siteplan.parcels import Parcels


def schematic_banner(parcels: Parcels) -> None:
    """Say how many outlines are schematic, and where official ones are loaded."""
    _ = session.translator()
    schematic = sum(evidence != "official" for evidence in parcels.evidence)
    if schematic:
        text = _(
            "Schematic outlines: {count} of {all} parcels on screen are drawn by siteplan, not "
            "surveyed, and no zone is verified. Load official parcels on the Data page."
        ).format(count=schematic, all=len(parcels))
        st.html(f'<div class="sp-banner" role="note">{html.escape(text)}</div>')
    else:
        st.html(
            '<div class="sp-note">'
            + html.escape(_("{count} parcels").format(count=len(parcels)))
            + "</div>"
        )
