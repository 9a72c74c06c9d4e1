"""The headline figures; each opens its formula.

One piece of HTML instead of a widget per figure: the browser draws it anew at each slider move.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import streamlit as st

from siteplan.app import session
from siteplan.app.widgets.figures import m2, pct
from siteplan.text import N_, translate

if TYPE_CHECKING:
    from siteplan.evaluation import Plan
    from siteplan.metrics import Metric

_TOTAL_HELP = N_("Sum over parcels and uses, whole square metres; equals the programme.")


def headline(plan: Plan) -> None:
    """Draw the total, FAR and BCR achieved against allowed, capacity used, parcels used."""
    cells = "".join(
        f'<details class="sp-figure" name="sp-figure" data-figure="{key}"><summary>'
        f"<span>{html.escape(label)}</span><b>{html.escape(value)}</b></summary>"
        f"<div><strong>{html.escape(label)}</strong>"
        f"{''.join(f'<p>{html.escape(line)}</p>' for line in lines)}</div></details>"
        for key, label, value, lines in headline_figures(plan, lang=session.lang())
    )
    with st.container(key="figures"):
        st.html(f'<div class="sp-figures">{cells}</div>')


def headline_figures(plan: Plan, *, lang: str) -> list[tuple[str, str, str, list[str]]]:
    """Return key, label, figure and the lines of its formula and sources, for each figure."""
    found = {metric.key: metric for metric in plan.metrics}
    used, parcels = found["capacity_used_pct"], found["parcels_used"]
    return [
        (
            "total",
            translate("Total GFA", lang=lang),
            m2(plan.total_gfa_m2),
            [translate(_TOTAL_HELP, lang=lang)],
        ),
        _pair(found, "far", translate("FAR / limit", lang=lang), lang=lang),
        _pair(found, "bcr", translate("BCR / limit", lang=lang), lang=lang),
        ("capacity", used.label.render(lang), pct(used.value), _formula(used, lang=lang)),
        (
            "parcels",
            parcels.label.render(lang),
            f"{parcels.value:,.0f} / {len(plan.parcels):,}",
            _formula(parcels, lang=lang),
        ),
    ]


def _pair(
    found: dict[str, Metric], key: str, label: str, *, lang: str
) -> tuple[str, str, str, list[str]]:
    """Return what is reached beside what is allowed."""
    reached, allowed = found[f"{key}_achieved_pct"], found[f"{key}_allowed_pct"]
    lines = _formula(reached, lang=lang) + _formula(allowed, lang=lang)
    return key, label, f"{reached.value:,.0f} / {allowed.value:,.0f} %", lines


def _formula(metric: Metric, *, lang: str) -> list[str]:
    return [line.render(lang) for line in (metric.formula, *metric.sources)]
