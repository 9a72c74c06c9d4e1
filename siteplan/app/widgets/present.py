"""The present scenario: its name and note, and what keeps it: saving, files, links."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from siteplan.app import session
from siteplan.app.state import MarkSaved, NameScenario, OpenScenario
from siteplan.app.widgets.asking import ASKED, LINK, REFUSED, SAID, ask_store, forget_answers
from siteplan.app.widgets.figures import plain
from siteplan.app.widgets.links import link_shown
from siteplan.errors import InputError
from siteplan.io import default_scenario, scenario_from_bytes
from siteplan.store import imprint_of
from siteplan.text import sentence

if TYPE_CHECKING:
    from siteplan.app.state import AppState
    from siteplan.evaluation import Plan
    from siteplan.store import Saved, Store


def present(plan: Plan) -> None:
    """Draw the present scenario's name and note, and offer to save, share, download and open."""
    _ = session.translator()
    named = plan.scenario
    seen = session.shared() is not None
    store = session.keeper().store
    with st.container(border=True, key="present"):
        session.show_in("scenario-name", session.words(named.name))
        session.show_in("scenario-note", session.words(named.note))
        st.text_input(
            _("Name of the present scenario"),
            key="scenario-name",
            max_chars=200,
            disabled=seen,
            on_change=_named,
        )
        st.text_area(
            _("Note: what it is for, what was assumed"),
            key="scenario-note",
            height=80,
            disabled=seen,
            on_change=_named,
        )
        st.caption(_standing(plan, store))
        with st.container(horizontal=True, key="present-actions"):
            _save_buttons(plan, store, seen=seen)
            st.download_button(
                _("Scenario file"),
                named.to_json,
                file_name=f"siteplan-{plan.scenario_id}.scenario.json",
                mime="application/json",
                icon=":material/download:",
                on_click="ignore",
                help=_(
                    "A small text file (.scenario.json): decisions only, for e-mail and archives."
                ),
                key="scenario-download",
            )
            with st.popover(_("Open a file"), icon=":material/upload_file:", disabled=seen):
                st.file_uploader(
                    _("Open a scenario file"),
                    type=["json"],
                    key="scenario-upload",
                    on_change=_open_file,
                )
            st.button(
                _("Start again from the default scenario"),
                icon=":material/restart_alt:",
                on_click=_start_again,
                key="start-again",
                disabled=seen,
            )
        _answer(store)


def _standing(plan: Plan, store: Store | None) -> str:
    """Say under what the work is kept."""
    lang = session.lang()
    if session.shared() is not None:
        return session.READ_ONLY.render(lang)
    opened = session.state().opened
    parts = [sentence("Scenario id {id}.", id=plan.scenario_id)]
    if opened is None or store is None:
        parts.append(
            sentence("Not saved yet; the work itself is kept under this page's address.")
            if store is not None
            else sentence("It cannot be saved here at the moment; take it along as a file.")
        )
    else:
        try:
            kept = store.load(opened[0], revision=opened[1])
        except InputError as refused:
            parts.append(refused.text)
        else:
            parts.append(
                sentence(
                    "Goes on from revision {revision} of “{name}”, saved {when}.",
                    revision=opened[1],
                    name=plain(session.words(kept.saved.name)),
                    when=session.moment(kept.saved.saved_at),
                )
            )
            parts.append(
                sentence("Nothing has changed since.")
                if kept.scenario == plan.scenario
                else sentence("It has changed since.")
            )
    return " ".join(part.render(lang) for part in parts)


def _save_buttons(plan: Plan, store: Store | None, *, seen: bool) -> None:
    _ = session.translator()
    opened = session.state().opened
    closed = store is None or seen
    st.button(
        _("Save") if opened is None else _("Save a new revision"),
        icon=":material/save:",
        type="primary",
        key="scenario-save",
        disabled=closed,
        on_click=_pressed_save,
        args=(plan,),
    )
    if opened is not None:
        st.button(
            _("Save beside, as another scenario"),
            icon=":material/library_add:",
            key="scenario-save-beside",
            disabled=closed,
            on_click=_pressed_save,
            args=(plan,),
            kwargs={"beside": True},
        )
    st.button(
        _("Share a read-only link"),
        icon=":material/share:",
        help=_(
            "An address that opens exactly this revision, read-only, whatever is saved later. "
            "Work that is not saved yet is saved first."
        ),
        key="scenario-share",
        disabled=closed,
        on_click=_share,
        args=(plan,),
    )


def _pressed_save(plan: Plan, *, beside: bool = False, all_the_same: bool = False) -> None:
    _save(plan, beside=beside, all_the_same=all_the_same)


def _save(plan: Plan, *, beside: bool = False, all_the_same: bool = False) -> bool:
    """Save the present scenario; where others saved in between, ask first."""
    forget_answers()
    opened = session.state().opened
    if opened is not None and beside:
        _named_apart(opened)
        opened = None
    if opened is not None and not all_the_same:
        revisions = ask_store(lambda store: store.revisions(opened[0]))
        if revisions is None:
            return False
        if revisions[-1].revision > opened[1]:
            session.show_in(ASKED, (plan, revisions[-1], opened[1]))
            return False
    scenario = session.state().scenario
    saved = ask_store(
        lambda store: store.save(
            scenario.name,
            scenario,
            imprint=imprint_of(plan, parcels=session.parcels(), source=session.source()),
            key=None if opened is None else opened[0],
            based_on=None if opened is None else opened[1],
        )
    )
    if saved is None:
        return False
    session.dispatch(MarkSaved(saved.key, saved.revision))
    session.show_in(SAID, (saved, session.state()))
    return True


def _named_apart(opened: tuple[str, int]) -> None:
    """Give the present scenario another name than the one beside which it is saved."""
    kept = ask_store(lambda store: store.load(opened[0], revision=opened[1]))
    now = session.state().scenario
    if kept is not None and kept.saved.name == now.name:
        name = sentence("{name} (copy)", name=session.words(now.name)).render(session.lang())
        session.dispatch(NameScenario(name, now.note))


def _share(plan: Plan) -> None:
    """Make a link to the present scenario as it is, saved first where it has changed."""
    forget_answers()
    opened = session.state().opened
    kept = None if opened is None else ask_store(lambda it: it.load(opened[0], revision=opened[1]))
    if (kept is None or kept.scenario != session.state().scenario) and not _save(plan):
        return
    now = session.state().opened
    if now is not None:
        token = ask_store(lambda store: store.token_for(now[0], revision=now[1]))
        session.show_in(LINK, None if token is None else (now, token))


def _answer(store: Store | None) -> None:
    """Say what saving, opening or sharing led to, or ask what others' revisions make necessary."""
    _ = session.translator()
    lang = session.lang()
    refused, asked, link = (session.kept_in(key) for key in (REFUSED, ASKED, LINK))
    said_of: tuple[Saved, AppState] | None = session.kept_in(SAID)
    if refused is not None:
        st.error(plain(refused.render(lang)), icon=":material/error:")
    if asked is not None and store is not None:
        _ask(*asked)
    opened = session.state().opened
    # Whatever happens after the saving puts another state in place.
    if said_of is not None and said_of[1] is session.state():
        saved = said_of[0]
        said = sentence(
            "Saved as revision {revision} of “{name}”.",
            revision=saved.revision,
            name=plain(session.words(saved.name)),
        ).render(lang)
        if saved.others_between:
            said += " " + sentence(
                "{count} revision(s) were saved since the one that you opened; they are in its "
                "history.",
                count=saved.others_between,
            ).render(lang)
        st.success(said, icon=":material/check:")
    if link is not None and link[0] == opened:
        link_shown(link[1])


def _ask(plan: Plan, last: Saved, based_on: int) -> None:
    """Ask what to do where others have saved since the person opened the scenario."""
    _ = session.translator()
    with st.container(border=True, key="save-asked"):
        st.markdown(
            ":material/group: "
            + sentence(
                "“{name}” has been saved up to revision {last} ({when}) since you opened revision "
                "{mine}. Nothing of either is lost: your work can become the newest revision, or "
                "a scenario of its own.",
                name=plain(session.words(last.name)),
                last=last.revision,
                when=session.moment(last.saved_at),
                mine=based_on,
            ).render(session.lang())
        )
        with st.container(horizontal=True):
            st.button(
                _("Save as revision {revision} all the same").format(revision=last.revision + 1),
                key="save-all-the-same",
                on_click=_pressed_save,
                args=(plan,),
                kwargs={"all_the_same": True},
            )
            st.button(
                _("Save beside, as another scenario"),
                key="save-beside",
                type="primary",
                on_click=_pressed_save,
                args=(plan,),
                kwargs={"beside": True},
            )


def _named() -> None:
    """Take up the name and the note; what was only shown in one of its languages stays whole."""
    now = session.state().scenario
    name = session.as_written(session.shown_in("scenario-name"), before=now.name)
    note = session.as_written(session.shown_in("scenario-note"), before=now.note)
    session.dispatch(NameScenario(name, note))


def _open_file() -> None:
    """Open the uploaded scenario; on refusal nothing changes and the sentence is kept for show."""
    uploaded = session.shown_in("scenario-upload")
    forget_answers()
    if uploaded is None:
        return
    try:
        opened = scenario_from_bytes(uploaded.getvalue(), name=uploaded.name)
    except InputError as refused:
        session.show_in(REFUSED, refused.text)
    else:
        session.dispatch(OpenScenario(opened))


def _start_again() -> None:
    forget_answers()
    session.dispatch(OpenScenario(default_scenario(session.parcels())))
