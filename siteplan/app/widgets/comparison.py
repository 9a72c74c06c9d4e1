"""Two to four scenarios side by side: figures, lots, maps that move together, what is settled."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from siteplan.app import session
from siteplan.app.comparing import (
    Line,
    comparison_csv,
    figure_lines,
    lot_lines,
    plan_names,
    same_figures,
    use_lines,
)
from siteplan.app.state import HoldParcels
from siteplan.app.widgets.asking import ask_store
from siteplan.app.widgets.figures import m2, plain
from siteplan.app.widgets.live_map import live_map
from siteplan.app.widgets.notices import notice_shown
from siteplan.compare import LETTERS, MOST_PLANS, compare, settled_locks, side_of
from siteplan.errors import InputError
from siteplan.io import stories
from siteplan.maps.stakeholder import stakeholder_document
from siteplan.text import N_, sentence, translate
from siteplan.uses import USES, use_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteplan.compare import Comparison
    from siteplan.evaluation import Plan
    from siteplan.scenario import Scenario
    from siteplan.store import Saved

_CHOSEN, _PAIR, _LOOK, _TURNED = "compare-chosen", "compare-pair", "compare-look", "compare-turned"
_NOW = "now"
MOST_LOTS = 40
_STATUS = {
    "optimal": N_("proven best"),
    "feasible": N_("feasible"),
    "infeasible": N_("infeasible"),
}


@dataclass(frozen=True)
class Compared:
    """One scenario that is compared, with its plan.

    Parameters
    ----------
    title : str
        What it is called among what may be compared: with where it is from.
    plan : Plan
    revision : int or None
        Under which it is kept, where it is.
    """

    title: str
    plan: Plan
    revision: int | None = None


def comparison(plan: Plan) -> None:
    """Let two to four scenarios be chosen, and draw them side by side; only they are evaluated."""
    _ = session.translator()
    kept = ask_store(lambda store: store.list(parcels_digest=session.parcels().digest)) or ()
    titles = _offered(plan, kept)
    chosen_before = [key for key in session.kept_in(_CHOSEN) or () if key in titles]
    session.show_in(_CHOSEN, chosen_before or _first_choice(plan, kept, titles))
    chosen = st.multiselect(
        _("Scenarios to compare, two to four; the others are measured against the first"),
        list(titles),
        format_func=titles.__getitem__,
        max_selections=MOST_PLANS,
        key=_CHOSEN,
        placeholder=_("Choose scenarios"),
    )
    if len(chosen) < 2:
        st.info(_("Choose two or more scenarios to see them side by side."))
        return
    shown = [one for key in chosen if (one := _compared(key, titles[key], plan)) is not None]
    if len(shown) < 2:
        return
    sides = [side_of(one.plan, title=one.title) for one in shown]
    found = compare(sides)
    _heads(shown)
    for note in found.notes:
        st.warning(plain(note.render(session.lang())), icon=":material/info:")
    _uses(found)
    _maps(found, shown)
    _figures(found)
    _lots(found)
    _settled(found, plan)
    with st.container(horizontal=True):
        st.download_button(
            _("Comparison as CSV"),
            lambda: comparison_csv(found, titles=[one.title for one in shown], lang=session.lang()),
            file_name="siteplan-comparison.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="comparison-csv",
        )
        st.download_button(
            _("File for stakeholders with these scenarios (HTML)"),
            lambda: _shared_file(shown),
            file_name="siteplan-scenarios.html",
            mime="text/html",
            icon=":material/groups:",
            help=_("One file with map, figures and assumptions; opens without a network."),
            disabled=any(one.plan.status == "infeasible" for one in shown),
            on_click="ignore",
            key="comparison-share",
        )


def _shared_file(shown: Sequence[Compared]) -> str:
    """Return the scenarios side by side as one HTML file."""
    names = plan_names(
        [(session.words(one.plan.scenario.name), one.revision) for one in shown],
        lang=session.lang(),
    )
    return stakeholder_document([one.plan for one in shown], names=names, lang=session.lang())


def _first_choice(plan: Plan, kept: Sequence[Saved], titles: dict[str, str]) -> list[str]:
    """Return the present scenario and the first one to compare it with that is not the same."""
    same = {_key(saved) for saved in kept if saved.imprint.scenario_id == plan.scenario_id}
    return [_NOW, *[key for key in titles if key != _NOW and key not in same][:1]]


def _key(saved: Saved) -> str:
    return f"saved:{saved.key}:{saved.revision}"


def _offered(plan: Plan, kept: Sequence[Saved]) -> dict[str, str]:
    """Return what can be compared on these parcels: key -> title, the present scenario first."""
    _ = session.translator()
    lang = session.lang()
    name = session.words(plan.scenario.name) or _("without a name")
    offered = {_NOW: _("Present: {name}").format(name=name)}
    for saved in kept:
        offered[_key(saved)] = _("Saved: {name} ({revision})").format(
            name=session.words(saved.name), revision=saved.revision
        )
    for story in stories(session.parcels()):
        offered[f"story:{story.key}"] = _("Prepared: {name}").format(name=story.name.render(lang))
    return offered


def _compared(key: str, title: str, plan: Plan) -> Compared | None:
    """Return a chosen scenario with its plan; None where it cannot be shown, which is said."""
    if key == _NOW:
        return Compared(title, plan)
    try:
        scenario = _scenario(key)
        if scenario is None:
            return None
        kept = key.startswith("saved:")
        revision = int(key.rpartition(":")[2]) if kept else None
        return Compared(title, session.plan_of(scenario), revision)
    except InputError as refused:
        st.error(plain(f"{title}: {refused.text.render(session.lang())}"))
        return None


def _scenario(key: str) -> Scenario | None:
    kind, _, rest = key.partition(":")
    if kind == "story":
        return next((s.scenario for s in stories(session.parcels()) if s.key == rest), None)
    name, _, revision = rest.partition(":")
    kept = ask_store(lambda store: store.load(name, revision=int(revision)))
    return None if kept is None else kept.scenario


def _heads(shown: list[Compared]) -> None:
    """Say which letter is which scenario, in what state, under which id."""
    lang = session.lang()
    items = ""
    for letter, one in zip(LETTERS, shown, strict=False):
        facts = (
            translate(_STATUS[one.plan.status], lang=lang),
            sentence("id {id}", id=one.plan.scenario_id).render(lang),
        )
        items += (
            f"<li><b>{letter}</b> {html.escape(one.title)} "
            f'<span class="sp-note">{html.escape(" · ".join(facts))}</span></li>'
        )
    st.html(f'<ul class="sp-plans">{items}</ul>')


def _uses(found: Comparison) -> None:
    """Draw the uses side by side; what differs carries an arrow and a sign."""
    _ = session.translator()
    lines = use_lines(found, lang=session.lang())
    st.html(_table(lines, letters=LETTERS[: len(found.sides)], caption=_("Uses side by side")))


def _figures(found: Comparison) -> None:
    """Draw the other figures that differ."""
    _ = session.translator()
    lang = session.lang()
    st.subheader(_("Figures"), anchor=False)
    lines = figure_lines(found, lang=lang)
    if lines:
        letters = LETTERS[: len(found.sides)]
        st.html(_table(lines, letters=letters, caption=_("Figures side by side")))
    same = same_figures(found, lang=lang)
    if same:
        told = sentence("{count} figures are the same in all plans.", count=same)
        st.caption(told.render(lang))


def _table(lines: list[Line], *, letters: str, caption: str) -> str:
    heads = "".join(f'<th scope="col">{letter}</th>' for letter in letters)
    rows = "".join(
        f'<tr><th scope="row">{html.escape(line.name)}'
        f"<span>{html.escape(line.unit)}</span></th>"
        + "".join(
            f"<td>{html.escape(cell.value)}"
            + "".join(
                f"<small>{html.escape(part)}</small>" for part in (cell.share, cell.apart) if part
            )
            + "</td>"
            for cell in line.cells
        )
        + "</tr>"
        for line in lines
    )
    return (
        f'<div class="sp-wide" tabindex="0" role="region" aria-label="{html.escape(caption)}">'
        f'<table class="sp-compare"><thead><tr><td></td>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _maps(found: Comparison, shown: list[Compared]) -> None:
    """Draw two plans as maps beside each other, and say what going from one to the other does."""
    _ = session.translator()
    pairs = found.pairs
    if not pairs:
        return
    st.subheader(_("What changes"), anchor=False)
    pair = pairs[0]
    if len(pairs) > 1:
        if session.kept_in(_PAIR) not in pairs:
            session.show_in(_PAIR, pairs[0])
        chosen = st.segmented_control(
            _("Pair on the maps"),
            list(pairs),
            format_func=lambda two: f"{LETTERS[two[0]]} → {LETTERS[two[1]]}",
            key=_PAIR,
            required=True,
        )
        pair = chosen or pairs[0]
    start, end = pair
    st.markdown(_told_change(found, start=start, end=end))
    looks = {
        "twin": _("Two maps that move together"),
        "change": _("Changes on the second map"),
        "swipe": _("One map with a divider"),
    }
    session.show_in(_LOOK, session.kept_in(_LOOK) or "twin")
    look = st.segmented_control(
        _("Maps"),
        list(looks),
        format_func=looks.__getitem__,
        key=_LOOK,
        required=True,
        label_visibility="collapsed",
    )
    one, other = (shown[start], LETTERS[start]), (shown[end], LETTERS[end])
    if look == "swipe":
        _swiped(one, other)
    else:
        _twin_maps(one, other, changes=look == "change")


_Lettered = tuple[Compared, str]
MAP_PX = 440


def _twin_maps(one: _Lettered, other: _Lettered, *, changes: bool) -> None:
    """Draw two maps of the same place beside each other; who moves one moves both."""
    for place, (shown, letter) in zip(st.columns(2), (one, other), strict=True):
        against = one[0].plan if changes and shown is other[0] else None
        with place:
            st.html(f"<b>{letter}</b> {html.escape(shown.title)}")
            live_map(
                shown.plan,
                lang=session.lang(),
                colour_by="use" if against is None else "change",
                against=against,
                key=f"compare-map-{letter}",
                height_px=MAP_PX,
                place=session.parcels().digest,
                group="compare",
            )


def _swiped(one: _Lettered, other: _Lettered) -> None:
    """Draw one map, the first plan left of a divider and the other right of it."""
    names = [f"<b>{letter}</b> {html.escape(shown.title)}" for shown, letter in (one, other)]
    st.html(f'<div class="sp-sides"><span>← {names[0]}</span><span>{names[1]} →</span></div>')
    live_map(
        one[0].plan,
        lang=session.lang(),
        swipe=other[0].plan,
        key="compare-map-swipe",
        height_px=MAP_PX + 80,
        place=session.parcels().digest,
    )


def _told_change(found: Comparison, *, start: int, end: int) -> str:
    lang = session.lang()
    change = found.change(start=start, end=end)
    by_use = []
    for use in USES:
        ways = (("+", change.placed_m2[use]), ("−", change.left_m2[use]))
        parts = [f"{sign}{area_m2:,}" for sign, area_m2 in ways if area_m2]
        if parts:
            by_use.append(f"{use_label(use).render(lang)} {' / '.join(parts)} m²")
    told = sentence(
        "{start} → {end}: {moved:,} m² change their lot or use, on {lots} lots; the dominant "
        "use changes on {turned}.",
        start=LETTERS[start],
        end=LETTERS[end],
        moved=change.moved_m2,
        lots=len(change.parcel_ids),
        turned=len(change.dominant_changed),
    ).render(lang)
    return "  \n".join([told, " · ".join(by_use)] if by_use else [told])


def _lots(found: Comparison) -> None:
    """List the lots on which the plans differ."""
    _ = session.translator()
    lang = session.lang()
    st.subheader(_("Lots that differ"), anchor=False)
    if not found.differences:
        st.success(_("The plans agree on every lot."), icon=":material/check:")
        return
    turned_only = st.toggle(_("Only lots whose main use changes"), key=_TURNED)
    lines = lot_lines(found, lang=lang, turned_only=turned_only)
    heads = "".join(f'<th scope="col">{it} (m²)</th>' for it in LETTERS[: len(found.sides)])
    turned = html.escape(_("⇄ main use changes"))
    rows = "".join(
        f'<tr><th scope="row">{html.escape(line.name)}'
        + (f"<small>{turned}</small>" if line.turned else "")
        + "</th>"
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in line.cells)
        + "</tr>"
        for line in lines[:MOST_LOTS]
    )
    label = html.escape(_("Lots that differ"))
    st.html(
        f'<div class="sp-wide sp-tall" tabindex="0" role="region" aria-label="{label}">'
        f'<table class="sp-compare"><thead><tr><td></td>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )
    if len(lines) > MOST_LOTS:
        st.caption(
            _("{count} more lots differ; the CSV file lists them all.").format(
                count=len(lines) - MOST_LOTS
            )
        )


def _settled(found: Comparison, plan: Plan) -> None:
    """Say which lots are the same in all, and offer to lock them in the present scenario."""
    _ = session.translator()
    st.subheader(_("Settled lots"), anchor=False)
    if len(found.placing) < len(found.sides):
        st.info(_("A plan that does not fit places nothing, so no lot is settled."))
        return
    locks = {
        lot: tuple(areas[use] for use in USES)
        for lot, areas in settled_locks(found).items()
        if lot in plan.parcels.index
    }
    told = sentence(
        "{count} of {all} lots are settled, that is the same in all plans; {built} of them are "
        "built on.",
        count=len(found.settled),
        all=len(found.parcel_ids),
        built=len(locks),
    ).render(session.lang())
    st.markdown(told)
    if not locks:
        return
    names = [plan.parcels.name(plan.parcels.index[lot], lang=session.lang()) for lot in locks]
    st.caption(plain(", ".join(names[:20]) + (" …" if len(names) > 20 else "")))
    held_m2 = sum(sum(areas) for areas in locks.values())
    st.button(
        _("Lock these {count} lots in the present scenario").format(count=len(locks)),
        help=_(
            "Each keeps the floor areas on which the plans agree, {area} in all; "
            "undo takes it back."
        ).format(area=m2(held_m2)),
        icon=":material/lock:",
        key="hold-settled",
        disabled=session.shared() is not None,
        on_click=session.dispatch,
        args=(HoldParcels(locks),),
    )
    notice_shown("parcels")
