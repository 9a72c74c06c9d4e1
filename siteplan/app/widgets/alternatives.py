"""Alternatives as cards: a small map, figures, words, and a button that takes the plan."""

from __future__ import annotations

import base64
import html
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from siteplan.advice import alternatives_of
from siteplan.app import session
from siteplan.app.state import SetApproach
from siteplan.app.widgets.choosing import asked_for, base_of, take_button
from siteplan.app.widgets.figures import m2, pct
from siteplan.app.widgets.looks import use_dot
from siteplan.maps.thumbnail import LETTERS, plan_thumbnail
from siteplan.text import Text, sentence
from siteplan.uses import ALL_USES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from siteplan.advice import Alternative, Options
    from siteplan.evaluation import Plan

BASE = "options-base"
COUNT = 3
MANY_PARCELS = 3_000
"""From so many parcels on the search takes long enough to say so before."""

WITHIN_PCT = (0.5, 1.0, 2.0, 5.0, 10.0)


def alternatives_shown(plan: Plan) -> None:
    """Offer to look for alternatives, and draw the ones that were found."""
    _ = session.translator()
    base = base_of(plan, key=BASE)
    within_pct = session.kept_in("options-within-kept") or 2.0
    ask, part = st.columns([3, 2], vertical_alignment="bottom")
    with part:
        session.show_in("options-within", within_pct)
        st.selectbox(
            _("Suitability that a plan may lose"),
            WITHIN_PCT,
            key="options-within",
            format_func=lambda value: f"{value:g} %",
            on_change=_within_changed,
            help=_("Part of the most that any plan with this programme has."),
        )
    with ask:
        st.button(
            _("Find three other plans") if base is None else _("Find others from the present plan"),
            key="options-find",
            icon=":material/search:",
            type="primary" if base is None else "secondary",
            on_click=asked_for,
            args=(plan,),
            kwargs={"key": BASE},
        )
    if base is None:
        able = int((plan.room.capacity_m2 > 0).sum())
        if able > MANY_PARCELS:
            st.caption(
                _("On {count} parcels the search may take some minutes.").format(count=f"{able:,}")
            )
        return
    with st.spinner(_("Looking for plans that differ…"), show_time=True):
        found = alternatives_of(base, count=COUNT, within_pct=within_pct)
    for text in found.notes:
        st.info(text.render(session.lang()), icon=":material/info:")
    in_view = np.any(
        [one.any(axis=1) for one in (base.gfa_m2, *(a.gfa_m2 for a in found.alternatives))], axis=0
    )
    _key_to_maps()
    with st.container(key="options-cards"):
        cells = st.columns(len(found.alternatives) + 1)
        with cells[0], st.container(border=True):
            _before(plan, base, found, in_view=in_view)
        for number, one in enumerate(found.alternatives):
            with cells[number + 1], st.container(border=True):
                _card(plan, base, one, number=number, in_view=in_view)
    if found.alternatives:
        st.caption(
            _(
                "Proven: no plan within {within:g} % of the best differs from the one that they "
                "were found for by more than {most}."
            ).format(within=found.within_pct, most=m2(found.most_moved_m2))
        )
        _apart(found)


def _within_changed() -> None:
    session.show_in("options-within-kept", session.shown_in("options-within"))


def _before(plan: Plan, base: Plan, found: Options, *, in_view: np.ndarray) -> None:
    _ = session.translator()
    st.markdown("**" + _("The plan that they were found for") + "**")
    _picture(base, None, in_view=in_view)
    _figures(
        (
            (_("Mean suitability"), _of_100(found.present_points)),
            (_("Of the best"), pct(found.present_kept_pct, digits=2)),
            (_("Parcels used"), f"{int((base.parcel_gfa_m2 > 0).sum()):,}"),
        )
    )
    if np.array_equal(plan.gfa_m2, base.gfa_m2):
        st.success(_("This is the present plan."), icon=":material/check:")
    else:
        st.button(
            _("Go back to this plan"),
            key="options-back",
            icon=":material/undo:",
            on_click=session.dispatch,
            args=(
                SetApproach(
                    base.scenario.approach,
                    sentence("back to the plan that the alternatives were found for"),
                ),
            ),
        )


def _card(plan: Plan, base: Plan, one: Alternative, *, number: int, in_view: np.ndarray) -> None:
    _ = session.translator()
    titled = sentence("Plan {letter}", letter="ABCDEFGH"[number])
    name = titled.render(session.lang())
    st.markdown(f"**{name}**")
    _picture(base, one, in_view=in_view)
    moved_pct = one.difference.moved_m2 / max(base.total_gfa_m2, 1) * 100
    _figures(
        (
            (_("Mean suitability"), _of_100(one.points)),
            (_("Of the best"), pct(one.kept_pct, digits=2)),
            (_("Stands elsewhere"), f"{m2(one.difference.moved_m2)} ({pct(moved_pct, digits=0)})"),
            (_("Parcels that change"), f"{one.difference.parcels:,}"),
            (_("Parcels used"), f"{int(one.gfa_m2.any(axis=1).sum()):,}"),
        )
    )
    st.html(html.escape(one.text.render(session.lang())))
    with st.expander(_("What moves")):
        st.html(_listed(one.details))
    take_button(
        plan,
        gfa_m2=one.gfa_m2,
        scenario=one.scenario,
        name=name,
        said=sentence("alternative taken: {name}", name=titled),
        key=f"options-take-{number}",
    )


def _picture(base: Plan, one: Alternative | None, *, in_view: np.ndarray) -> None:
    """Draw a plan small; an image, so that its words are read out and nothing in it can run."""
    lang = session.lang()
    svg = plan_thumbnail(
        base.parcels,
        base.gfa_m2 if one is None else one.gfa_m2,
        before_m2=None if one is None else base.gfa_m2,
        in_view=in_view,
        lang=lang,
        dark=st.context.theme.type == "dark",
    )
    said = html.escape(svg.split("<title>")[1].split("</title>")[0], quote=True)
    data = base64.b64encode(svg.encode()).decode()
    st.html(
        f'<img alt="{said}" src="data:image/svg+xml;base64,{data}" '
        'style="width:100%;border-radius:.4rem;display:block">'
    )


def _of_100(points: float) -> str:
    return f"{points:.2f} / 100"


def _figures(rows: Iterable[tuple[str, str]]) -> None:
    lines = "".join(
        f"<div><dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd></div>"
        for name, value in rows
    )
    st.html(f'<dl class="sp-pairs">{lines}</dl>')


def _listed(texts: Iterable[Text]) -> str:
    lang = session.lang()
    lines = "".join(f"<li>{html.escape(text.render(lang))}</li>" for text in texts)
    return f'<ul style="margin:.2rem 0;padding-left:1.2rem;font-size:.9rem">{lines}</ul>'


def _key_to_maps() -> None:
    _ = session.translator()
    lang = session.lang()
    entries = "".join(
        f'<span class="sp-use" style="font-weight:400">{use_dot(use.key)}'
        f"<b>{LETTERS[lang][use.key]}</b> {html.escape(use.label.render(lang))}</span>"
        for use in ALL_USES
    )
    outlined = html.escape(
        _("Thick outline and letter: changed, by its main use then; –: nothing stands there now.")
    )
    st.html(
        '<div style="display:flex;flex-wrap:wrap;gap:.2rem 1rem;align-items:center">'
        f'{entries}<span class="sp-note">{outlined}</span></div>'
    )


def _apart(found: Options) -> None:
    """Show how different each two plans are, as a table that can be read out."""
    _ = session.translator()
    names = [_("Before"), *(_("Plan {letter}").format(letter=x) for x in "ABCDEFGH")]
    names = names[: len(found.moved_m2)]
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in names)
    rows = "".join(
        f'<tr><th scope="row" style="text-align:left">{html.escape(name)}</th>'
        + "".join(
            "<td>–</td>"
            if i == j
            else f"<td>{m2(found.moved_m2[i, j])} · "
            + html.escape(_("{count} parcels").format(count=f"{found.parcels[i, j]:,}"))
            + "</td>"
            for j in range(len(names))
        )
        + "</tr>"
        for i, name in enumerate(names)
    )
    with st.expander(_("How different each two plans are")):
        st.html(
            '<div style="overflow-x:auto"><table class="sp-plain"><caption class="sp-note" '
            'style="text-align:left">'
            + html.escape(_("Floor area that stands elsewhere, and parcels that hold other things"))
            + f"</caption><tr><td></td>{head}</tr>{rows}</table></div>"
        )
