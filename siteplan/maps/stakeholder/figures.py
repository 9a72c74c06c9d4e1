"""Figures of the stakeholder's file: the headline beside the map, and the table of all of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from siteplan.amounts import band_text, in_pyeong, metric_text
from siteplan.maps.stakeholder.bilingual import Shown, both, both_by, datum, per_scenario
from siteplan.maps.style import USE_COLOURS
from siteplan.recipes import GROUPS, LARGE
from siteplan.text import N_, sentence
from siteplan.uses import ALL_USES, Use

if TYPE_CHECKING:
    from siteplan.metrics import Metric

PYEONG = N_("pyeong")
_PAIRS = (
    (N_("FAR / limit"), "far_achieved_pct", "far_allowed_pct"),
    (N_("BCR / limit"), "bcr_achieved_pct", "bcr_allowed_pct"),
)
_BAND = N_("5–95 %: {span}")
_DRAWN = N_("With the factors drawn {draws:,} times from their ranges:")


def headline(shown: tuple[Shown, ...]) -> str:
    """Return the total, the uses and the few large figures of each scenario."""
    return per_scenario(shown, lambda row: _headline(shown[row]), tag="div")


def _headline(one: Shown) -> str:
    plan = one.plan
    metrics = {metric.key: metric for metric in plan.metrics}
    used = metrics["parcels_used"]
    drawn = sentence(_DRAWN, draws=one.uncertainty.draws)
    tiles = (
        *(_pair(label, metrics[first], metrics[limit]) for label, first, limit in _PAIRS),
        _tile(
            both(used.label), f"{datum(used.value, f'{used.value:,.0f}')} / {len(plan.parcels):,}"
        ),
        *(_large(metrics[key], one) for key in LARGE),
    )
    return (
        f'<h2 class="name">{both(one.name)}</h2>{_total(plan.total_gfa_m2)}{_uses(one)}'
        f'<dl class="tiles">{"".join(tiles)}</dl>'
        f'<p class="chance quiet">{both(drawn)} {both(one.uncertainty.text)}</p>'
    )


def _total(total_m2: int) -> str:
    total = N_("Total GFA")
    return (
        f'<p class="total"><span>{both(total)}</span> '
        f"<strong>{datum(total_m2, f'{total_m2:,}')} m²</strong> "
        f'<span class="quiet">{in_pyeong(total_m2)} {both(PYEONG)}</span></p>'
    )


def _uses(one: Shown) -> str:
    """Return the bar of the programme and its rows: use, m², %, 평."""
    plan = one.plan
    total_m2 = max(plan.total_gfa_m2, 1)
    bar, rows = [], []
    for use, gfa_m2 in zip(ALL_USES, plan.uses_gfa_m2.tolist(), strict=True):
        share_pct = gfa_m2 / total_m2 * 100
        if gfa_m2:
            bar.append(f'<span class="fill-{use.key}" style="flex-grow:{share_pct:.4f}"></span>')
        rows.append(_use_row(use, gfa_m2, share_pct))
    heads = (both(N_("Use")), "m²", "%", both(PYEONG))
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    return (
        f'<div class="bar" aria-hidden="true">{"".join(bar)}</div>'
        f'<table class="uses"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    )


def _use_row(use: Use, gfa_m2: int, share_pct: float) -> str:
    return (
        f'<tr data-use="{use.key}"><th scope="row"><span class="dot fill-{use.key}"></span>'
        f"{both(use.label)}</th><td>{datum(gfa_m2, f'{gfa_m2:,}')}</td>"
        f"<td>{share_pct:.1f}</td><td>{in_pyeong(gfa_m2)}</td></tr>"
    )


def _tile(label: str, value: str, note: str = "") -> str:
    told = f'<dd class="quiet">{note}</dd>' if note else ""
    return f"<div><dt>{label}</dt><dd>{value}</dd>{told}</div>"


def _pair(label: str, first: Metric, limit: Metric) -> str:
    return _tile(
        both(label),
        f"{datum(first.value, f'{first.value:,.0f}')} / "
        f"{datum(limit.value, f'{limit.value:,.0f}')} %",
    )


def _large(metric: Metric, one: Shown) -> str:
    return _tile(
        both(metric.label),
        f'<span data-metric="{metric.key}">{_value(metric)}</span>',
        _band(metric, one),
    )


def _value(metric: Metric) -> str:
    return datum(metric.value, both_by(lambda lang: metric_text(metric, lang=lang)))


def _span(metric: Metric, one: Shown, lang: str) -> str:
    return band_text(one.uncertainty.bands.get(metric.key), metric, lang=lang)


def _band(metric: Metric, one: Shown) -> str:
    if not _span(metric, one, "en"):
        return ""
    return both_by(lambda lang: sentence(_BAND, span=_span(metric, one, lang)).render(lang))


def figure_table(shown: tuple[Shown, ...]) -> str:
    """Return every figure of every scenario side by side; each row opens its formula."""
    metrics = [{metric.key: metric for metric in one.plan.metrics} for one in shown]
    names = "".join(f'<th scope="col">{both(one.name)}</th>' for one in shown)
    bodies = []
    for group, title in GROUPS.items():
        rows = [
            _figure_row(key, shown, metrics)
            for key, metric in metrics[0].items()
            if metric.group == group
        ]
        bodies.append(
            f'<tbody><tr class="group"><th scope="rowgroup" colspan="{len(shown) + 1}">'
            f"{both(title)}</th></tr>{''.join(rows)}</tbody>"
        )
    first = N_("Figure")
    return (
        '<div class="wide" tabindex="0" role="region" aria-labelledby="figures-title">'
        f'<table class="figures"><thead><tr><th scope="col">{both(first)}</th>{names}</tr>'
        f"</thead>{''.join(bodies)}</table></div>"
    )


def _figure_row(key: str, shown: tuple[Shown, ...], metrics: list[dict[str, Metric]]) -> str:
    cells = []
    for one, found in zip(shown, metrics, strict=True):
        span = both_by(partial(_span, found[key], one))
        told = f'<div class="quiet">{span}</div>' if span else ""
        cells.append(f"<td>{_value(found[key])}{told}</td>")
    formulas = per_scenario(shown, lambda row: both(metrics[row][key].formula), tag="p")
    return (
        f'<tr data-metric="{key}"><th scope="row"><details><summary>{both(metrics[0][key].label)}'
        f"</summary>{formulas}</details></th>{''.join(cells)}</tr>"
    )


def use_rules() -> str:
    """Return the style rules that give each use its colour."""
    return "".join(
        f".fill-{key}{{background:{colour};print-color-adjust:exact}}"
        for key, colour in USE_COLOURS.items()
    )
