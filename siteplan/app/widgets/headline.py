"""The headline figures; each opens its formula."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from siteplan.app import session
from siteplan.app.widgets.figures import m2, pct

if TYPE_CHECKING:
    from siteplan.evaluation import Plan
    from siteplan.metrics import Metric


def headline(plan: Plan) -> None:
    """Draw the total, FAR and BCR achieved against allowed, capacity used, parcels used."""
    _ = session.translator()
    found = {metric.key: metric for metric in plan.metrics}
    total = plan.total_gfa_m2
    with st.container(key="figures"):
        cells = st.columns(5)
        cells[0].metric(
            _("Total GFA"),
            m2(total),
            help=_("Sum over parcels and uses, whole square metres; equals the programme."),
        )
        _pair(
            cells[1],
            _("FAR / limit"),
            found["far_achieved_pct"],
            found["far_allowed_pct"],
        )
        _pair(
            cells[2],
            _("BCR / limit"),
            found["bcr_achieved_pct"],
            found["bcr_allowed_pct"],
        )
        used = found["capacity_used_pct"]
        cells[3].metric(used.label.render(session.lang()), pct(used.value), help=_formula(used))
        parcels = found["parcels_used"]
        cells[4].metric(
            parcels.label.render(session.lang()),
            f"{parcels.value:,.0f} / {len(plan.parcels):,}",
            help=_formula(parcels),
        )


def _pair(cell: st.delta_generator.DeltaGenerator, label: str, one: Metric, two: Metric) -> None:
    cell.metric(
        label,
        f"{one.value:,.0f} / {two.value:,.0f} %",
        help=f"{_formula(one)}\n\n{_formula(two)}",
    )


def _formula(metric: Metric) -> str:
    lines = [metric.formula, *metric.sources]
    return "\n\n".join(line.render(session.lang()) for line in lines)
