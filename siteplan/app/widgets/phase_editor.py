"""The years of a scenario: how many, their limits, dates to keep, and when parcels are ready."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from siteplan.app import session
from siteplan.app.phase_table import (
    LIMIT,
    edited_ready,
    even_limit,
    first_limit,
    limit_kind,
    limits,
    ready_rows,
    with_edited_years,
    with_limits,
    with_years,
    year_columns,
)
from siteplan.app.state import DecideMany, SetPhases
from siteplan.decided import is_announced
from siteplan.phasing import MOST_YEARS, Phases
from siteplan.text import N_
from siteplan.timing import cost_krw_per_m2
from siteplan.uses import ALL_USES

if TYPE_CHECKING:
    from siteplan.evaluation import Plan

_KINDS = {
    "none": N_("No limit"),
    "gfa": N_("Floor area"),
    "budget": N_("Construction budget"),
}
MOST_LISTED = 300
"""Parcels in the table of ready years."""


def phases_switch(plan: Plan) -> None:
    """Draw what switches years on and off, and where their start comes from."""
    _ = session.translator()
    phases = plan.scenario.phases
    session.show_in("phases-on", phases is not None)
    st.toggle(
        _("Build in phases"),
        key="phases-on",
        on_change=_switched,
        help=_("What is built when: the plan's floor area by parcel, use and year."),
    )
    if not is_announced(plan):
        st.caption(
            _(
                "How many years the works take, and the ceiling to begin with (an even share and "
                "a quarter more), are assumptions."
            )
        )
        return
    st.caption(
        _(
            "The start of works was announced for 2028 (Herald Business and Newspim, 2025-02-11). "
            "How many years they take has not been published: the number, and the ceiling to "
            "begin with (an even share and a quarter more), are assumptions."
        )
    )


def phase_editor(plan: Plan) -> None:
    """Draw the decisions about years, if there are any, and send what is changed."""
    _ = session.translator()
    phases = plan.scenario.phases
    if phases is None:
        return
    _years(phases)
    _limit(plan, phases)
    session.show_in("phases-whole", phases.whole_parcels)
    st.checkbox(
        _("Build each parcel within one year"),
        key="phases-whole",
        on_change=_whole_changed,
        help=_("Otherwise a parcel may be built over several years."),
    )
    _year_table(phases)
    _ready(plan)


def _phases() -> Phases:
    return session.state().scenario.phases or Phases()


def _switched() -> None:
    if not session.shown_in("phases-on"):
        session.dispatch(SetPhases(None))
        return
    phases = Phases()
    each_m2 = first_limit(session.plan(), phases, kind="gfa", cost_krw=0.0)
    session.dispatch(SetPhases(with_limits(phases, (each_m2,) * phases.years, kind="gfa")))


def _years(phases: Phases) -> None:
    _ = session.translator()
    first, count = st.columns(2)
    session.show_in("phases-first", phases.first_year)
    first.number_input(
        _("First year"),
        min_value=2000,
        max_value=2200,
        step=1,
        format="%d",
        key="phases-first",
        on_change=_years_changed,
    )
    session.show_in("phases-count", phases.years)
    count.number_input(
        _("Number of years (assumption)"),
        min_value=1,
        max_value=MOST_YEARS,
        step=1,
        key="phases-count",
        on_change=_years_changed,
    )


def _years_changed() -> None:
    first_year, years = session.shown_in("phases-first"), session.shown_in("phases-count")
    session.dispatch(SetPhases(with_years(_phases(), first_year=first_year, years=years)))


def _money() -> tuple[float, str]:
    """Return the unit of money on screen in KRW, and its name."""
    return (1e8, "억 원") if session.lang() == "ko" else (1e9, "bn KRW")


def _unit(phases: Phases) -> tuple[float, str]:
    return _money() if limit_kind(phases) == "budget" else (1.0, "m²")


def _limit(plan: Plan, phases: Phases) -> None:
    """Offer what limits a year, and one figure for all years."""
    _ = session.translator()
    kind = limit_kind(phases)
    session.show_in("phases-kind", kind)
    st.segmented_control(
        _("What limits a year"),
        list(_KINDS),
        format_func=lambda key: _(_KINDS[key]),
        key="phases-kind",
        required=True,
        on_change=_kind_changed,
        args=(plan,),
    )
    if kind == "none":
        return
    size, name = _unit(phases)
    even = even_limit(phases)
    session.show_in("phases-each", None if even is None else even / size)
    st.number_input(
        _("At most in every year ({unit})").format(unit=name),
        min_value=0.0,
        step=1000.0 if kind == "gfa" else 1e10 / size,
        format="%.0f" if kind == "gfa" else "%.1f",
        key="phases-each",
        placeholder=_("differs by year, see the table"),
        on_change=_each_changed,
    )


def _kind_changed(plan: Plan) -> None:
    kind = session.shown_in("phases-kind")
    phases = _phases()
    cost_krw = float(plan.uses_gfa_m2 @ cost_krw_per_m2(plan.ledger))
    amount = first_limit(plan, phases, kind=kind, cost_krw=cost_krw)
    session.dispatch(SetPhases(with_limits(phases, (amount,) * phases.years, kind=kind)))


def _each_changed() -> None:
    value = session.shown_in("phases-each")
    if value is None:
        return
    phases = _phases()
    row = (float(value) * _unit(phases)[0],) * phases.years
    session.dispatch(SetPhases(with_limits(phases, row, kind=limit_kind(phases))))


def _whole_changed() -> None:
    phases = Phases.from_dict(
        {**_phases().to_dict(), "whole_parcels": session.shown_in("phases-whole")}
    )
    session.dispatch(SetPhases(phases))


def _year_table(phases: Phases) -> None:
    """Offer each year's limit, and the least of each use that stands at its end."""
    _ = session.translator()
    size, name = _unit(phases)
    differs = even_limit(phases) is None and any(a is not None for a in limits(phases))
    opened = differs or bool(phases.minimum_gfa_m2)
    with st.expander(
        _("Year by year: limits, and dates to keep"),
        icon=":material/table_rows:",
        expanded=opened,
        key="phases-table-box",
    ):
        st.caption(
            _("A use's figure is the least floor area (m²) that stands at the end of the year.")
        )
        columns = year_columns(phases, unit=size)
        shown = ["year", *([LIMIT] if limit_kind(phases) != "none" else [])]
        config: dict[str, Any] = {
            "year": st.column_config.TextColumn(_("Year"), disabled=True, pinned=True),
            LIMIT: st.column_config.NumberColumn(
                _("At most ({unit})").format(unit=name), min_value=0.0, format="localized"
            ),
        }
        for use in ALL_USES:
            shown.append(use.key)
            config[use.key] = st.column_config.NumberColumn(
                _("{use}, at least").format(use=use.label.render(session.lang())),
                min_value=0,
                step=1,
                format="localized",
            )
        key = f"phases-table-{_digest(columns)}"
        st.data_editor(
            pd.DataFrame({column: _numbers(column, columns[column]) for column in shown}),
            key=key,
            hide_index=True,
            width="stretch",
            num_rows="fixed",
            placeholder="–",
            column_config=config,
            on_change=_table_edited,
            args=(key,),
        )


def _numbers(name: str, values: list[Any]) -> pd.Series[Any]:
    return pd.Series(values, dtype="object" if name == "year" else "Float64")


def _digest(shown: object) -> str:
    """Return a name for what a table shows, so that a change of it makes a fresh table."""
    return hashlib.blake2b(repr(shown).encode(), digest_size=6).hexdigest()


def _table_edited(key: str) -> None:
    phases = _phases()
    edited = session.shown_in(key)["edited_rows"]
    changed = with_edited_years(phases, edited, kind=limit_kind(phases), unit=_unit(phases)[0])
    session.dispatch(SetPhases(changed))


def _ready(plan: Plan) -> None:
    """Offer the first year of the selected parcels, and of all parcels as a table."""
    _ = session.translator()
    chosen = tuple(i for i in session.state().selected if i in plan.parcels.index)
    rows = ready_rows(plan, most=MOST_LISTED)
    years = {i: plan.scenario.decision(i).ready_year for i in plan.parcels.ids}
    with st.expander(
        _("When parcels are ready"),
        icon=":material/event_available:",
        expanded=bool(chosen) or any(years.values()),
        key="phases-ready-box",
    ):
        if chosen:
            held = {years[i] for i in chosen}
            session.show_in("phases-ready", held.pop() if len(held) == 1 else None)
            st.number_input(
                _("Selected parcels ({count}) can be built from").format(count=len(chosen)),
                min_value=2000,
                max_value=2300,
                value=None,
                step=1,
                format="%d",
                key="phases-ready",
                placeholder=_("the first year"),
                on_change=_ready_changed,
                args=(chosen,),
                help=_("For example while a building stands that is still used. Empty: at once."),
            )
        else:
            st.caption(_("Select parcels on the map, or type years here."))
        columns = {
            "parcel": [plan.parcels.name(row, lang=session.lang()) for row in rows],
            "gfa_m2": [int(plan.parcel_gfa_m2[row]) for row in rows],
            "ready": [years[plan.parcels.ids[row]] for row in rows],
        }
        key = f"phases-ready-{_digest(columns)}"
        st.data_editor(
            pd.DataFrame({**columns, "ready": pd.Series(columns["ready"], dtype="Int64")}),
            key=key,
            hide_index=True,
            width="stretch",
            height=min(320, 38 + 35 * len(rows)),
            num_rows="fixed",
            placeholder="–",
            column_config={
                "parcel": st.column_config.TextColumn(_("Parcel"), disabled=True),
                "gfa_m2": st.column_config.NumberColumn(
                    _("GFA (m²)"), disabled=True, format="localized"
                ),
                "ready": st.column_config.NumberColumn(
                    _("Ready from"), min_value=2000, max_value=2300, step=1, format="%d"
                ),
            },
            on_change=_ready_edited,
            args=(key, tuple(plan.parcels.ids[row] for row in rows)),
        )


def _ready_changed(ids: tuple[str, ...]) -> None:
    session.dispatch(DecideMany(ids, {"ready_year": session.shown_in("phases-ready")}))


def _ready_edited(key: str, ids: tuple[str, ...]) -> None:
    for year, group in edited_ready(ids, session.shown_in(key)["edited_rows"]).items():
        session.dispatch(DecideMany(group, {"ready_year": year}))
