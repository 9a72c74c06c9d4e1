"""When it is built, in the stakeholder's file: a table of years, and the map of each year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siteplan.decided import phases_told
from siteplan.maps.message import as_text, figure_sections, index_section, style_message
from siteplan.maps.phase_style import standing
from siteplan.maps.stakeholder.bilingual import Shown, both, datum, per_scenario
from siteplan.text import LANGUAGES, N_
from siteplan.uses import ALL_USES

if TYPE_CHECKING:
    from siteplan.evaluation import Plan
    from siteplan.timing import Timing

MOST_YEAR_BYTES = 300_000
"""Up to so much each year's map is kept in the file, of all scenarios."""
_BYTES_OF_USED = 25

_ALL = N_("All years")
_NO_YEARS = N_("This scenario says nothing of years.")
_NOT_HELD = N_("The years cannot hold the plan.")


def held(plan: Plan) -> Timing | None:
    """Return the years of a plan, None where it has none or they cannot hold it."""
    timing = plan.timing
    return timing if timing is not None and timing.status != "infeasible" else None


def all_held(shown: tuple[Shown, ...]) -> bool:
    """Tell whether every scenario has years that hold its plan."""
    return all(held(one.plan) is not None for one in shown)


def years_of(shown: tuple[Shown, ...]) -> range | None:
    """Return the years that the map can show; None where not all have years, or it is too much."""
    calendars = [timing.phases.calendar for one in shown if (timing := held(one.plan)) is not None]
    if len(calendars) < len(shown):
        return None
    years = range(min(c[0] for c in calendars), max(c[-1] for c in calendars) + 1)
    each = sum(
        _BYTES_OF_USED * int((one.plan.parcel_gfa_m2 > 0).sum()) + len(one.plan.parcels)
        for one in shown
    )
    return years if each * len(years) <= MOST_YEAR_BYTES else None


def year_data(plan: Plan, years: range) -> dict[str, Any]:
    """Return colours, words and figures of what stands at the end of each year."""
    return {
        "styles": {
            lang: [style_message(standing(plan, year=year, lang=lang)) for year in years]
            for lang in LANGUAGES
        },
        "index": [
            as_text({"index": index_section(standing(plan, year=year))})["index"] for year in years
        ],
        "figures": [as_text(figure_sections(plan, year=year)) for year in years],
    }


def year_tables(shown: tuple[Shown, ...]) -> str:
    """Return what each scenario builds when; nothing where none has years."""
    if all(one.plan.timing is None for one in shown):
        return ""
    return per_scenario(shown, lambda row: _of(shown[row].plan), tag="div")


def _of(plan: Plan) -> str:
    if plan.timing is None:
        return f"<p>{both(_NO_YEARS)}</p>"
    asked = "".join(f"<li>{both(text)}</li>" for text in phases_told(plan))
    timing = held(plan)
    if timing is None:
        why = " ".join(both(text) for text in plan.timing.explanation)
        return f'<ul>{asked}</ul><p class="caution"><b>{both(_NOT_HELD)}</b> {why}</p>'
    return f"<ul>{asked}</ul>{_table(timing)}"


def _table(timing: Timing) -> str:
    built_m2 = timing.total_by_year_m2
    heads = (
        both(N_("Year")),
        *(f"{both(use.label)} (m²)" for use in ALL_USES),
        both(N_("Built in the year (m²)")),
        both(N_("Standing at its end (m²)")),
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    rows, so_far = [], 0
    for year, row in zip(timing.phases.calendar, built_m2.tolist(), strict=True):
        so_far += sum(row)
        cells = "".join(
            f"<td>{datum(m2, f'{m2:,}' if m2 else '–')}</td>" for m2 in (*row, sum(row), so_far)
        )
        rows.append(f'<tr><th scope="row">{year}</th>{cells}</tr>')
    sums = [*built_m2.sum(axis=0).tolist(), int(built_m2.sum())]
    total = "".join(f"<td>{datum(m2, f'{m2:,}')}</td>" for m2 in sums)
    foot = f'<tr><th scope="row">{both(_ALL)}</th>{total}<td></td></tr>'
    return (
        '<div class="wide" tabindex="0" role="region" aria-labelledby="years-title">'
        f'<table class="years"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody>'
        f"<tfoot>{foot}</tfoot></table></div>"
    )
