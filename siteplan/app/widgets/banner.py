"""The banner that says plainly when outlines on screen are schematic."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import streamlit as st

from siteplan.app import session
from siteplan.parcels import DRAWN_BY_US

if TYPE_CHECKING:
    from siteplan.parcels import Parcels


def schematic_banner(parcels: Parcels, *, headings: tuple[str, ...] = ()) -> None:
    """Say how many outlines are schematic, and where official ones are loaded.

    Parameters
    ----------
    parcels : Parcels
    headings : tuple of str
        Project and page, the first two levels of headings for who hears the page; the navigation
        above shows the same.
    """
    _ = session.translator()
    heard = "".join(
        f'<h{level} class="sp-heard">{html.escape(heading)}</h{level}>'
        for level, heading in enumerate(headings, 1)
    )
    schematic = sum(evidence in DRAWN_BY_US for evidence in parcels.evidence)
    if schematic:
        text = _(
            "Schematic outlines: {count} of {all} parcels on screen are drawn by siteplan, not "
            "surveyed; {zones} zones are not verified. Load official parcels on the Data page."
        ).format(count=schematic, all=len(parcels), zones=int((~parcels.zone_verified).sum()))
        st.html(f'{heard}<div class="sp-banner" role="note">{html.escape(text)}</div>')
    else:
        st.html(
            f'{heard}<div class="sp-note">'
            + html.escape(_("{count} parcels").format(count=len(parcels)))
            + "</div>"
        )
