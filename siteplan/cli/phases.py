"""The years of a plan as ``siteplan plan`` tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siteplan.text import sentence
from siteplan.uses import USES

if TYPE_CHECKING:
    from siteplan.evaluation import Plan


def phases_document(plan: Plan, *, lang: str) -> dict[str, Any] | None:
    """Return what is built when for ``plan --json``, None for a plan without years.

    Keys: ``first_year``, ``years``, ``status``, ``gap_pct``, ``total_by_year`` (a year's
    ``year``, ``uses`` {use: m²}, ``total_m2``, ``standing_m2`` at its end and ``cost_krw``; empty
    where infeasible), ``explanation`` and ``repairs``.
    """
    from siteplan.advice import phase_repairs

    timing = plan.timing
    if timing is None:
        return None
    totals_m2 = timing.total_by_year_m2
    held = timing.status != "infeasible"
    standing_m2 = totals_m2.sum(axis=1).cumsum()
    return {
        "first_year": timing.phases.first_year,
        "years": timing.phases.years,
        "status": timing.status,
        "gap_pct": timing.gap * 100 if held else None,
        "total_by_year": [
            {
                "year": year,
                "uses": {use: int(totals_m2[spot, column]) for column, use in enumerate(USES)},
                "total_m2": int(totals_m2[spot].sum()),
                "standing_m2": int(standing_m2[spot]),
                "cost_krw": round(float(timing.cost_by_year_krw[spot])),
            }
            for spot, year in enumerate(timing.phases.calendar)
            if held
        ],
        "explanation": [text.render(lang) for text in timing.explanation],
        "repairs": [repair.text.render(lang) for repair in phase_repairs(plan)],
    }


def phase_lines(plan: Plan, *, lang: str) -> list[str]:
    """Return a line for each year, or why the years cannot hold the plan and what would help."""
    document = phases_document(plan, lang=lang)
    if document is None:
        return []
    if document["status"] == "infeasible":
        lines = [sentence("The years cannot hold the plan.").render(lang)]
        lines += [f"  {text}" for text in document["explanation"]]
        if document["repairs"]:
            lines.append(sentence("Any one of these makes it fit:").render(lang))
        return lines + [f"  – {text}" for text in document["repairs"]]
    return [
        f"{row['year']:<10} {row['total_m2']:>10,} m²  Σ {row['standing_m2']:>10,} m²"
        for row in document["total_by_year"]
    ]
