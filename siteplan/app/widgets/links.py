"""Addresses that open a fixed revision, read-only: shown to be copied, and withdrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from siteplan.app import session
from siteplan.app.arrival import link_to
from siteplan.app.widgets.asking import ask_store, forget_answers
from siteplan.text import sentence

if TYPE_CHECKING:
    from siteplan.store import Link

PAGE = "scenarios"


def link_shown(token: str) -> None:
    """Show an address to copy; who has it needs no account."""
    _ = session.translator()
    st.markdown(
        ":material/link: "
        + _("Anyone who can reach this server opens this revision with this address, read-only:")
    )
    st.code(address(token), language=None, wrap_lines=True)


def address(token: str) -> str:
    """Return the address that opens the plan page of what a token shows."""
    return link_to(st.context.url, page=PAGE, share=token, lang=session.lang())


def links_listed(links: tuple[Link, ...]) -> None:
    """List links, each with what withdraws it."""
    _ = session.translator()
    if not links:
        st.caption(_("No link to this scenario is open."))
    for link in links:
        said, button = st.columns([5, 1], vertical_alignment="center")
        with said:
            told = sentence(
                "Revision {revision}, link made {when}",
                revision=link.revision,
                when=session.moment(link.made_at),
            )
            st.caption(told.render(session.lang()))
            st.code(address(link.token), language=None, wrap_lines=True)
        button.button(
            _("Withdraw"),
            icon=":material/link_off:",
            help=_("The address shows nothing any more."),
            key=f"revoke-{link.token}",
            on_click=_withdrawn,
            args=(link.token,),
        )


def _withdrawn(token: str) -> None:
    forget_answers()
    ask_store(lambda store: store.revoke(token))
