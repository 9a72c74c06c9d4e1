"""What the words of planning on the screens mean, behind one button on every page."""

from __future__ import annotations

import html
from dataclasses import dataclass

import streamlit as st

from siteplan.app import session
from siteplan.text import Text, sentence


@dataclass(frozen=True)
class Term:
    """A word of planning, and what it means in a sentence."""

    name: Text
    meaning: Text


TERMS: dict[str, Term] = {
    "gfa": Term(
        sentence("GFA, gross floor area (연면적)"),
        sentence("The floor area of all storeys together, basements included."),
    ),
    "far_area": Term(
        sentence("FAR area (용적률 산정용 연면적)"),
        sentence(
            "The part of the gross floor area that the floor area ratio counts: basements and the "
            "building's own parking are left out."
        ),
    ),
    "far": Term(
        sentence("FAR, floor area ratio (용적률)"),
        sentence(
            "FAR area divided by site area, in percent: 300 % on 1,000 m² of land are 3,000 m²."
        ),
    ),
    "bcr": Term(
        sentence("BCR, building coverage ratio (건폐율)"),
        sentence("The ground that buildings cover, divided by the site area, in percent."),
    ),
    "capacity": Term(
        sentence("Capacity"),
        sentence("The most FAR area that a parcel can hold under all its limits together."),
    ),
    "zone": Term(
        sentence("Zone (용도지역)"),
        sentence(
            "What the city plan lays down for a piece of land: which uses, how much, how high."
        ),
    ),
    "pnu": Term(
        sentence("PNU, parcel number (필지고유번호)"),
        sentence("The 19 digits that name a parcel in every Korean land register."),
    ),
    "jibun": Term(
        sentence("Lot number (지번)"),
        sentence("The number by which people know a lot, such as 223 in Yangjae-dong."),
    ),
    "pyeong": Term(
        sentence("Pyeong (평)"),
        sentence("The customary Korean measure of area, about 3.3 m²."),
    ),
    "suitability": Term(
        sentence("Suitability"),
        sentence(
            "How well a parcel suits a use, from 0 to 100: by the distances to stations, main "
            "roads, green and the AI Hub, weighted on the page of rules and factors."
        ),
    ),
    "consent": Term(
        sentence("Conditional use"),
        sentence(
            "A use that the zone allows only on conditions, or whose rule was not read; it counts "
            "after the planner has consented."
        ),
    ),
    "range": Term(
        sentence("5–95 % range"),
        sentence(
            "Nine in ten draws fall into it when the uncertain factors are drawn at random from "
            "their own ranges."
        ),
    ),
    "zeb": Term(
        sentence("ZEB grade"),
        sentence(
            "Grade of a zero-energy building, from 5 to 1: the share of its energy that it makes "
            "itself."
        ),
    ),
}
"""Words that the pages use without saying what they mean."""


def terms_popover() -> None:
    """Offer the meanings of the words that this page and the others use."""
    _ = session.translator()
    lang = session.lang()
    with st.popover(_("Terms"), icon=":material/menu_book:", help=_("What the words mean")):
        entries = "".join(
            f"<dt>{html.escape(term.name.render(lang))}</dt>"
            f"<dd>{html.escape(term.meaning.render(lang))}</dd>"
            for term in TERMS.values()
        )
        st.html(f'<dl class="sp-terms" tabindex="0">{entries}</dl>')
