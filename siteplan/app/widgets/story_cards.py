"""The prepared scenarios as cards: what each is about, its split, and taking it up."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import streamlit as st

from siteplan.app import session
from siteplan.app.state import OpenScenario
from siteplan.app.widgets.looks import use_dot
from siteplan.app.widgets.shares import shares_bar
from siteplan.io import stories
from siteplan.uses import ALL_USES

if TYPE_CHECKING:
    from siteplan.io import Story


def story_cards(*, short: bool = False) -> None:
    """Draw the prepared scenarios; nothing for parcels that they were not made for.

    Parameters
    ----------
    short : bool
        Leave out what each is about.
    """
    _ = session.translator()
    found = stories(session.parcels())
    if not found:
        st.caption(_("There are prepared scenarios for the shipped Yangjae parcels only."))
        return
    for story, place in zip(found, st.columns(len(found)), strict=True):
        with place, st.container(border=True, key=f"story-{story.key}", height="stretch"):
            _card(story, short=short)
    st.caption(
        _(
            "No split by use has been published: every share in these scenarios is siteplan's "
            "assumption."
        )
    )


def _card(story: Story, *, short: bool) -> None:
    _ = session.translator()
    lang = session.lang()
    targets = story.scenario.programme.targets
    held = {use.key: t.target_m2 or 0 for use, t in zip(ALL_USES, targets, strict=True)}
    total_m2 = story.scenario.programme.total_gfa_m2
    parts = "".join(
        f"<span>{use_dot(use.key)} {html.escape(use.label.render(lang))} "
        f"{held[use.key] / total_m2 * 100:.0f} %</span>"
        for use in ALL_USES
    )
    told = "" if short else f'<p class="sp-said">{html.escape(story.told.render(lang))}</p>'
    st.html(
        f"<b>{html.escape(story.name.render(lang))}</b>{shares_bar(held)}"
        f'<div class="sp-shares">{parts}</div>{told}'
    )
    st.button(
        _("Take up"),
        help=_("Take up “{name}”; undo brings the present scenario back.").format(
            name=story.name.render(lang)
        ),
        icon=":material/play_arrow:",
        key=f"take-up-{story.key}",
        disabled=session.shared() is not None,
        on_click=session.dispatch,
        args=(OpenScenario(story.named(lang)),),
    )
