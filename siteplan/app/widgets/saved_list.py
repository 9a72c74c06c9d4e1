"""The scenarios that are kept: a card each with its figures, and what can be done with it."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import streamlit as st

from siteplan.app import session
from siteplan.app.state import MarkSaved, NameScenario, OpenScenario
from siteplan.app.widgets.asking import DELETED, ask_store, forget_answers
from siteplan.app.widgets.figures import m2, pct
from siteplan.app.widgets.links import links_listed
from siteplan.app.widgets.looks import use_dot
from siteplan.app.widgets.shares import shares_bar
from siteplan.text import N_, Text, sentence, translate
from siteplan.uses import ALL_USES

if TYPE_CHECKING:
    from siteplan.store import Saved

A_PAGE = 10
_MORE = "scenarios-shown"
_ACTIONS = {
    "save": N_("saved"),
    "rename": N_("renamed"),
    "annotate": N_("note changed"),
    "duplicate": N_("duplicated"),
    "delete": N_("deleted"),
    "restore": N_("restored"),
}


def saved_list() -> None:
    """Draw the scenarios that are kept, the latest first."""
    _ = session.translator()
    entries = ask_store(lambda store: store.list())
    _deleted_now()
    if entries is None:
        st.info(
            _("Saved scenarios cannot be shown at the moment; the reason stands at the top."),
            icon=":material/cloud_off:",
        )
        return
    if not entries:
        st.info(
            _(
                "Nothing is saved yet. Give the present scenario a name above and save it; or take "
                "up a prepared one."
            ),
            icon=":material/bookmark:",
        )
    shown = int(session.kept_in(_MORE) or A_PAGE)
    for saved in entries[:shown]:
        _card(saved)
    if len(entries) > shown:
        st.button(
            _("Show {count} more").format(count=len(entries) - shown),
            key="scenarios-more",
            on_click=session.show_in,
            args=(_MORE, shown + A_PAGE),
        )
    _bin()


def _card(saved: Saved) -> None:
    _ = session.translator()
    opened = session.state().opened
    with st.container(border=True, key=f"saved-{saved.key}"):
        said, button = st.columns([5, 1], vertical_alignment="top")
        said.html(_told(saved, here=opened is not None and opened[0] == saved.key))
        button.button(
            _("Open"),
            icon=":material/folder_open:",
            key=f"open-{saved.key}",
            width="stretch",
            disabled=session.shared() is not None,
            on_click=_open,
            args=(saved.key, None),
        )
        more = st.expander(
            _("Revisions, name, links"),
            icon=":material/more_horiz:",
            key=f"more-{saved.key}",
            on_change="rerun",
            type="compact",
        )
        if more.open:
            with more:
                _more(saved)


def _told(saved: Saved, *, here: bool) -> str:
    """Return a scenario's name, figures and circumstances as HTML."""
    lang = session.lang()
    imprint = saved.imprint
    name = f"<b>{html.escape(session.words(saved.name))}</b>"
    if here:
        now = translate(N_("opened now"), lang=lang)
        name += f' <span class="sp-tag">{html.escape(now)}</span>'
    facts: list[Text] = [
        sentence("Revision {revision}, {when}", revision=saved.revision, when=_when(saved)),
        sentence("id {id}", id=imprint.scenario_id),
        sentence("siteplan {version}", version=imprint.version),
    ]
    if imprint.parcels_digest != session.parcels().digest:
        file = imprint.parcels_source
        facts.append(
            sentence("other parcels: {file}", file=file)
            if file is not None
            else sentence("other parcels: the shipped ones")
        )
    told = html.escape(session.words(saved.note))
    note = f'<div class="sp-said">{told}</div>' if told else ""
    line = " · ".join(fact.render(lang) for fact in facts)
    return f'<div>{name}</div>{_figures(saved)}{note}<div class="sp-note">{html.escape(line)}</div>'


def _figures(saved: Saved) -> str:
    lang = session.lang()
    imprint = saved.imprint
    total_m2 = imprint.total_gfa_m2
    if imprint.status == "infeasible" or total_m2 == 0:
        words = translate(N_("The programme does not fit on these parcels."), lang=lang)
        return f'<div class="sp-note">{html.escape(words)}</div>'
    parts = "".join(
        f"<span>{use_dot(use.key)} {html.escape(use.label.render(lang))} "
        f"{pct(imprint.uses_gfa_m2.get(use.key, 0) / total_m2 * 100)}</span>"
        for use in ALL_USES
    )
    return (
        f"{shares_bar(imprint.uses_gfa_m2)}"
        f'<div class="sp-shares"><span>Σ {m2(total_m2)}</span>{parts}</div>'
    )


def _when(saved: Saved) -> str:
    return session.moment(saved.saved_at)


def _open(key: str, revision: int | None) -> None:
    """Open a revision, with its parcels where they are at hand."""
    forget_answers()
    kept = ask_store(lambda store: store.load(key, revision=revision))
    if kept is None:
        return
    imprint = kept.saved.imprint
    found = session.at_hand(imprint.parcels_digest)
    if found is not None and imprint.parcels_digest != session.parcels().digest:
        session.open_parcels(found[0], source=found[1])
    session.dispatch(OpenScenario(kept.scenario, (kept.saved.key, kept.saved.revision)))
    if found is None:
        session.remark(
            sentence(
                "This scenario was saved for the parcels of {file}, which are not loaded here: it "
                "is shown on the parcels on screen. Load that file on the Data page, then open the "
                "scenario again.",
                file=imprint.parcels_source or "siteplan",
            )
        )


def _more(saved: Saved) -> None:
    """Draw what else can be done with a scenario."""
    _ = session.translator()
    closed = session.shared() is not None
    with st.form(f"rename-{saved.key}", border=False):
        st.text_input(
            _("Name"), value=session.words(saved.name), key=f"name-{saved.key}", max_chars=200
        )
        st.text_area(_("Note"), value=session.words(saved.note), key=f"note-{saved.key}", height=80)
        st.form_submit_button(
            _("Change name and note"), disabled=closed, on_click=_rename, args=(saved,)
        )
    _revisions(saved)
    st.markdown("**" + _("Read-only links") + "**")
    links_listed(ask_store(lambda store: store.links(saved.key)) or ())
    with st.container(horizontal=True):
        st.button(
            _("Duplicate"),
            icon=":material/content_copy:",
            key=f"duplicate-{saved.key}",
            disabled=closed,
            on_click=_duplicate,
            args=(saved,),
        )
        st.download_button(
            _("Scenario file"),
            lambda: _file(saved.key),
            file_name=f"siteplan-{saved.imprint.scenario_id}.scenario.json",
            mime="application/json",
            icon=":material/download:",
            key=f"file-{saved.key}",
            on_click="ignore",
        )
        st.button(
            _("Delete"),
            icon=":material/delete:",
            key=f"delete-{saved.key}",
            disabled=closed,
            on_click=_delete,
            args=(saved,),
        )


def _file(key: str) -> str:
    kept = ask_store(lambda store: store.load(key))
    return "" if kept is None else kept.scenario.to_json()


def _revisions(saved: Saved) -> None:
    """List every revision, the latest first, each with what opens it."""
    _ = session.translator()
    st.markdown("**" + _("Revisions") + "**")
    revisions = ask_store(lambda store: store.revisions(saved.key)) or ()
    with st.container(height=280 if len(revisions) > 4 else "content", border=False):
        for one in reversed(revisions):
            said, button = st.columns([5, 1], vertical_alignment="center")
            words = sentence(
                "{revision} · {when} · {action} · “{name}” · id {id}",
                revision=one.revision,
                when=_when(one),
                action=Text(_ACTIONS[one.action]),
                name=session.words(one.name),
                id=one.imprint.scenario_id,
            ).render(session.lang())
            said.html(f'<div class="sp-note">{html.escape(words)}</div>{_figures(one)}')
            button.button(
                _("Open"),
                help=_("Open revision {revision}").format(revision=one.revision),
                key=f"open-{one.key}-{one.revision}",
                disabled=session.shared() is not None or one.deleted,
                on_click=_open,
                args=(one.key, one.revision),
            )


def _rename(saved: Saved) -> None:
    forget_answers()
    name = session.as_written(session.shown_in(f"name-{saved.key}"), before=saved.name)
    note = session.as_written(session.shown_in(f"note-{saved.key}").strip(), before=saved.note)
    last = saved
    if name.strip() != saved.name:
        last = ask_store(lambda store: store.rename(saved.key, name)) or last
    if note != saved.note:
        last = ask_store(lambda store: store.annotate(saved.key, note)) or last
    opened = session.state().opened
    if opened == (saved.key, saved.revision) and last is not saved:
        # The work that goes on from here goes on under the new name.
        session.dispatch(NameScenario(last.name, last.note))
        session.dispatch(MarkSaved(last.key, last.revision))


def _duplicate(saved: Saved) -> None:
    forget_answers()
    name = sentence("{name} (copy)", name=session.words(saved.name)).render(session.lang())
    ask_store(lambda store: store.duplicate(saved.key, name))


def _delete(saved: Saved) -> None:
    forget_answers()
    session.show_in(DELETED, ask_store(lambda store: store.delete(saved.key)))


def _restore(key: str) -> None:
    forget_answers()
    ask_store(lambda store: store.restore(key))


def _deleted_now() -> None:
    """Offer to take back the deletion that was just made."""
    _ = session.translator()
    deleted: Saved | None = session.kept_in(DELETED)
    if deleted is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="deleted-now"):
        st.html(html.escape(_("Deleted: {name}").format(name=session.words(deleted.name))))
        st.button(
            _("Take back"),
            icon=":material/undo:",
            key="undelete",
            on_click=_restore,
            args=(deleted.key,),
        )


def _bin() -> None:
    """List what was deleted, each with what restores it; made when it is opened."""
    _ = session.translator()
    bin_ = st.expander(
        _("Deleted scenarios"),
        icon=":material/delete:",
        key="deleted-scenarios",
        on_change="rerun",
        type="compact",
    )
    if not bin_.open:
        return
    with bin_:
        gone = ask_store(lambda store: store.list(deleted=True)) or ()
        if not gone:
            st.caption(_("Nothing was deleted."))
        for saved in gone:
            said, button = st.columns([5, 1], vertical_alignment="center")
            said.html(
                f"{html.escape(session.words(saved.name))} "
                f'<span class="sp-note">{html.escape(_when(saved))}</span>'
            )
            button.button(
                _("Restore"),
                key=f"restore-{saved.key}",
                disabled=session.shared() is not None,
                on_click=_restore,
                args=(saved.key,),
            )
