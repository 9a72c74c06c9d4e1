"""The headline figures; each opens its formula.

One piece of HTML instead of a widget per figure: the browser draws it anew at each slider move.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from siteplan.app import session
from siteplan.app.widgets.figures import m2, pct
from siteplan.app.widgets.terms import TERMS
from siteplan.text import N_, translate

if TYPE_CHECKING:
    from siteplan.evaluation import Plan
    from siteplan.metrics import Metric

_TOTAL_HELP = N_("Sum over parcels and uses, whole square metres; equals the programme.")


@dataclass(frozen=True)
class Tile:
    """One large figure that opens what it means.

    Parameters
    ----------
    key, label, figure : str
        Key for tests and styles, name, and figure as people read it.
    unit, note : str
        Set small behind and below the figure; empty for none.
    lines : tuple of str
        Formula and sources.
    """

    key: str
    label: str
    figure: str
    unit: str = ""
    note: str = ""
    lines: tuple[str, ...] = ()


def headline(plan: Plan) -> None:
    """Draw the total, FAR and BCR achieved against allowed, capacity used, parcels used."""
    figure_tiles(headline_figures(plan, lang=session.lang()))


def figure_tiles(tiles: Sequence[Tile]) -> None:
    """Draw large figures beside one another, each opening its lines."""
    with st.container(key="figures"):
        st.html(f'<div class="sp-figures">{"".join(map(_drawn, tiles))}</div>')


def _drawn(tile: Tile) -> str:
    label, figure = html.escape(tile.label), html.escape(tile.figure)
    unit = f" <small>{html.escape(tile.unit)}</small>" if tile.unit else ""
    note = f'<span class="sp-note">{html.escape(tile.note)}</span>' if tile.note else ""
    lines = "".join(f"<p>{html.escape(line)}</p>" for line in tile.lines)
    return (
        f'<details class="sp-figure" name="sp-figure" data-figure="{tile.key}"><summary>'
        f"<span>{label}</span><b>{figure}{unit}</b>{note}</summary>"
        f"<div><strong>{label}</strong>{lines}</div></details>"
    )


def headline_figures(plan: Plan, *, lang: str) -> list[Tile]:
    """Return the headline figures with what each means, its formula and its sources."""
    found = {metric.key: metric for metric in plan.metrics}
    used, parcels = found["capacity_used_pct"], found["parcels_used"]
    return [
        Tile(
            "total",
            translate("Total GFA", lang=lang),
            m2(plan.total_gfa_m2),
            lines=(TERMS["gfa"].meaning.render(lang), translate(_TOTAL_HELP, lang=lang)),
        ),
        _pair(found, "far", translate("FAR / limit", lang=lang), lang=lang),
        _pair(found, "bcr", translate("BCR / limit", lang=lang), lang=lang),
        Tile(
            "capacity",
            used.label.render(lang),
            pct(used.value),
            lines=(TERMS["capacity"].meaning.render(lang), *_formula(used, lang=lang)),
        ),
        Tile(
            "parcels",
            parcels.label.render(lang),
            f"{parcels.value:,.0f} / {len(plan.parcels):,}",
            lines=_formula(parcels, lang=lang),
        ),
    ]


def _pair(found: dict[str, Metric], key: str, label: str, *, lang: str) -> Tile:
    """Return what is reached beside what is allowed."""
    reached, allowed = found[f"{key}_achieved_pct"], found[f"{key}_allowed_pct"]
    lines = _formula(reached, lang=lang) + _formula(allowed, lang=lang)
    figure = f"{reached.value:,.0f} / {allowed.value:,.0f} %"
    return Tile(key, label, figure, lines=(TERMS[key].meaning.render(lang), *lines))


def _formula(metric: Metric, *, lang: str) -> tuple[str, ...]:
    return tuple(line.render(lang) for line in (metric.formula, *metric.sources))
