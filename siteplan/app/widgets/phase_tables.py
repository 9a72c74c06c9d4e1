"""What is built when, as tables: year by year, and parcel by parcel to take along."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from siteplan.amounts import money_unit
from siteplan.app import session
from siteplan.io.schedule_csv import to_schedule_csv
from siteplan.uses import ALL_USES

if TYPE_CHECKING:
    from siteplan.evaluation import Plan
    from siteplan.timing import Timing

MOST_ROWS = 5_000


def years_table(timing: Timing) -> None:
    """Draw a row for each year: m² by use, their sum, what stands then, what it costs."""
    _ = session.translator()
    lang = session.lang()
    totals_m2 = timing.total_by_year_m2
    size, money = money_unit(lang)
    years = [str(year) for year in timing.phases.calendar]
    columns: dict[str, list[str] | list[int] | list[float]] = {
        _("Year"): [*years, _("All years")],
        **{
            use.label.render(lang): [
                *totals_m2[:, column].tolist(),
                int(totals_m2[:, column].sum()),
            ]
            for column, use in enumerate(ALL_USES)
        },
        _("Built in year"): [*totals_m2.sum(axis=1).tolist(), int(totals_m2.sum())],
        _("Standing then"): [
            *totals_m2.sum(axis=1).cumsum().tolist(),
            int(totals_m2.sum()),
        ],
        _("Cost ({unit})").format(unit=money): [
            *(round(cost / size, 1) for cost in timing.cost_by_year_krw.tolist()),
            round(float(timing.cost_by_year_krw.sum()) / size, 1),
        ],
    }
    st.dataframe(
        columns,
        hide_index=True,
        width="stretch",
        column_config={
            name: st.column_config.NumberColumn(format="localized")
            for name, values in columns.items()
            if not isinstance(values[0], str)
        },
    )
    st.caption(
        _(
            "Floor area in m²: by use, all that is built in the year, and what stands at its end. "
            "Cost: construction in the year."
        )
    )
    if timing.gap > 1e-6:
        st.caption(
            _("A better order of building could gain {gap:.2f} % at most (proven).").format(
                gap=timing.gap * 100
            )
        )


def pieces_table(plan: Plan) -> None:
    """Draw a row for each year, parcel and use, with the whole table to download."""
    _ = session.translator()
    lang = session.lang()
    timing = plan.timing
    if timing is None:
        return
    st.subheader(_("Parcel by parcel"), anchor=False)
    st.download_button(
        _("Download as CSV"),
        lambda: to_schedule_csv(plan, lang=lang).encode(),
        file_name=f"siteplan-{plan.scenario_id}-phases.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="phases-csv",
    )
    count = len(timing.year)
    if count > MOST_ROWS:
        st.info(
            _("{count} rows; the first {most} are shown. Download the table to see all.").format(
                count=count, most=MOST_ROWS
            )
        )
    rows = range(min(count, MOST_ROWS))
    last = timing.completion_year[timing.parcel] == timing.year
    st.dataframe(
        {
            _("Year"): [str(timing.year[row]) for row in rows],
            _("Parcel"): [plan.parcels.name(int(timing.parcel[row]), lang=lang) for row in rows],
            _("Use"): [ALL_USES[timing.use[row]].label.render(lang) for row in rows],
            _("GFA (m²)"): [int(timing.gfa_m2[row]) for row in rows],
            _("Parcel complete"): [_("yes") if last[row] else "" for row in rows],
        },
        hide_index=True,
        width="stretch",
        height=min(420, 38 + 35 * max(len(rows), 1)),
        column_config={_("GFA (m²)"): st.column_config.NumberColumn(format="localized")},
    )
