"""Tools for lots: undo and redo, merging (합필), cutting (분할), and the list of what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from siteplan.app import session
from siteplan.app.state import (
    CutLot,
    DropEdit,
    MergeLots,
    Redo,
    SelectParcel,
    SelectParcels,
    StartCut,
    Undo,
)
from siteplan.app.widgets.figures import m2
from siteplan.app.widgets.history import history
from siteplan.app.widgets.live_map import MapBox, MapEvent, MapLine
from siteplan.app.widgets.notices import notice_shown
from siteplan.edits import LotEdit, Merge

if TYPE_CHECKING:
    from siteplan.evaluation import Plan

_SEVERAL = "select-several"


def selects_several() -> bool:
    """Tell whether a click adds to the selection, as it does with Shift held."""
    return bool(session.kept_in(_SEVERAL))


def carry_out(done: MapEvent | MapBox | MapLine) -> None:
    """Let what was done on the map change the state."""
    if isinstance(done, MapEvent):
        additive = done.additive or selects_several()
        session.dispatch(SelectParcel(done.parcel_id, additive=additive))
        return
    if isinstance(done, MapBox):
        additive = done.additive or (selects_several() and bool(done.parcel_ids))
        session.dispatch(SelectParcels(done.parcel_ids, additive=additive))
        return
    cutting = session.state().cutting
    if cutting is not None and len(done.line) > 1:
        session.dispatch(CutLot(cutting, done.line))
    else:
        session.dispatch(StartCut(None))


def lot_tools(plan: Plan) -> None:
    """Draw the tools; each sends its event."""
    _ = session.translator()
    state = session.state()
    lang = session.lang()
    chosen = tuple(i for i in state.selected if i in plan.parcels.index)
    with st.container(horizontal=True, vertical_alignment="center", key="lot-tools"):
        undo = state.past[-1].label.render(lang) if state.past else ""
        redo = state.future[-1].label.render(lang) if state.future else ""
        st.button(
            _("Undo"),
            icon=":material/undo:",
            help=_("Take back: {step}").format(step=undo) if undo else _("Nothing to take back"),
            disabled=not undo,
            key="undo",
            on_click=session.dispatch,
            args=(Undo(),),
        )
        st.button(
            _("Redo"),
            icon=":material/redo:",
            help=_("Do again: {step}").format(step=redo) if redo else _("Nothing to do again"),
            disabled=not redo,
            key="redo",
            on_click=session.dispatch,
            args=(Redo(),),
        )
        history(short=True)
        st.toggle(
            _("Select several"),
            key=_SEVERAL,
            help=_("Each click adds a parcel or takes it out, as with Shift held."),
        )
        st.button(
            _("Merge {count} lots").format(count=len(chosen)) if chosen[1:] else _("Merge lots"),
            icon=":material/join:",
            help=_(
                "Makes the selected adjoining parcels one lot in this plan. Select two or more."
            ),
            disabled=len(chosen) < 2,
            key="merge-lots",
            on_click=session.dispatch,
            args=(MergeLots(chosen),),
        )
        _cut_button(chosen)
    notice_shown("lots")
    if state.notice is not None and state.notice_at == "programme":
        # On a phone the programme, which says it too, lies far below the map.
        with st.container(key="lot-notice"):
            notice_shown()
    _made(plan)


def _cut_button(chosen: tuple[str, ...]) -> None:
    _ = session.translator()
    cutting = session.state().cutting
    one = chosen[0] if len(chosen) == 1 else None
    st.button(
        _("Cut the lot") if cutting is None else _("Stop drawing"),
        icon=":material/content_cut:" if cutting is None else ":material/close:",
        help=_("Draw a line across the selected lot on the map. Select exactly one."),
        disabled=one is None and cutting is None,
        type="secondary" if cutting is None else "primary",
        key="cut-lot",
        on_click=session.dispatch,
        args=(StartCut(one if cutting is None else None),),
    )


def _made(plan: Plan) -> None:
    """List the merges and cuts of the scenario, each with what drops it."""
    _ = session.translator()
    edits = plan.scenario.edits
    if not edits:
        return
    title = _("Merged and cut lots: {count}").format(count=len(edits))
    with st.expander(title, icon=":material/grid_on:"):
        st.caption(_("Planned here only: the register knows these lots when they are filed there."))
        for index, edit in enumerate(edits):
            said, drop = st.columns([8, 1], vertical_alignment="center")
            said.text(_said(plan, edit))
            drop.button(
                _("Drop this change; the lots are as before"),
                icon=":material/delete:",
                help=_("Drop this change; the lots are as before"),
                key=f"drop-edit-{index}",
                on_click=session.dispatch,
                args=(DropEdit(index),),
            )


def _said(plan: Plan, edit: LotEdit) -> str:
    """Return an edit in words; the area of lots that a later edit used up is not said."""
    _ = session.translator()
    old, new = ", ".join(edit.old_ids), ", ".join(_named(plan, i) for i in edit.new_ids)
    if isinstance(edit, Merge):
        return _("Merged: {old} → {new}").format(old=old, new=new)
    return _("Cut: {old} → {new}").format(old=old, new=new)


def _named(plan: Plan, lot: str) -> str:
    row = plan.parcels.index.get(lot)
    return lot if row is None else f"{lot} ({m2(float(plan.parcels.site_area_m2[row]))})"
