"""Why a parcel holds what it does, what more of it is worth, and what a wish would cost."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import streamlit as st

from siteplan.advice import parcel_worth, programme_worth, what_if, why
from siteplan.app import session
from siteplan.text import Text
from siteplan.uses import USES, use_label

if TYPE_CHECKING:
    from collections.abc import Iterable

    from siteplan.advice import UseHere
    from siteplan.evaluation import Plan


def why_here(plan: Plan, parcel_id: str) -> None:
    """Draw the reasons and the worth of the selected parcel, and the question "what if"."""
    _ = session.translator()
    lang = session.lang()
    title = _("Why this lot, and what it is worth")
    # Worked out only while it is open.
    opened = st.expander(title, icon=":material/help:", key="why", on_change="rerun")
    if not opened.open:
        return
    found = why(plan, parcel_id)
    worth = parcel_worth(plan, parcel_id)
    with opened:
        st.html(_listed(found.texts))
        if worth is None:
            return
        st.html(_needed(found.uses))
        heading = _("What more FAR area here is worth")
        st.html(f"<b>{html.escape(heading)}</b>" + _listed(worth.texts))
        use, gfa = st.columns(2)
        chosen = use.selectbox(
            _("What if this use had to stand here?"),
            USES,
            key="what-if-use",
            format_func=lambda key: use_label(key).render(lang),
        )
        wished = gfa.number_input(
            _("At least (m² GFA)"), min_value=0, value=None, step=1000, key="what-if-gfa"
        )
        answer = what_if(plan, parcel_id, use=chosen, gfa_m2=wished) if wished else None
        if answer is not None:
            st.html(html.escape(answer.text.render(lang)))


def programme_worth_shown(plan: Plan) -> None:
    """Offer what other totals would be worth; worked out when asked for."""
    _ = session.translator()
    if plan.status == "infeasible":
        return
    if not st.toggle(_("Show what other totals would be worth"), key="worth-shown"):
        return
    found = programme_worth(plan)
    if found is not None:
        st.html(_listed(found.texts))


def _listed(texts: Iterable[Text]) -> str:
    lang = session.lang()
    lines = "".join(f"<li>{html.escape(text.render(lang))}</li>" for text in texts)
    return f'<ul style="margin:.2rem 0;padding-left:1.2rem">{lines}</ul>'


def _needed(uses: Iterable[UseHere]) -> str:
    """Return each use's suitability here and the one from which it would come, as HTML."""
    _ = session.translator()
    rows = [(_("Use"), _("Suitability here"), _("Would come from"))]
    for one in uses:
        name = use_label(one.use).render(session.lang())
        rows.append((name, f"{one.score * 100:.1f}", _from(one)))
    tags = ["th", *["td"] * (len(rows) - 1)]
    lines = "".join(
        f"<tr>{''.join(_cell(tag, text, left=i == 0) for i, text in enumerate(row))}</tr>"
        for tag, row in zip(tags, rows, strict=True)
    )
    return f'<table style="max-width:34rem">{lines}</table>'


def _cell(tag: str, text: str, *, left: bool) -> str:
    side = "left" if left else "right"
    style = f"text-align:{side};padding:.1rem 1.2rem .1rem 0"
    return f'<{tag} style="{style}">{html.escape(text)}</{tag}>'


def _from(one: UseHere) -> str:
    """Return the suitability from which a use would come here, in words where there is none."""
    _ = session.translator()
    if one.gfa_m2:
        return _("stands here")
    if one.needed_score is None or one.needed_score > 1:
        return "–"
    shown = f"{max(one.needed_score, 0) * 100:.1f}"
    return shown if one.allowed else shown + " (" + _("not permitted") + ")"
