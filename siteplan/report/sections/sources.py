"""The ledger: every factor with value, range, evidence, source and date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siteplan.ledger import figure, unit_label
from siteplan.report.markup import Column, element, joined, paragraph, stacked, table
from siteplan.report.sections.doubts import factor_name, factors_used
from siteplan.report.sheet import Section
from siteplan.text import N_

if TYPE_CHECKING:
    from siteplan.ledger import Factor
    from siteplan.report.sheet import Sheet


def factors(sheet: Sheet) -> Section:
    """Return every factor of the ledger; the planner's own values are told."""
    _ = sheet.translator
    columns = (
        Column(_(N_("Factor")), width_pct=32),
        Column(_(N_("Value")), "number", 15),
        Column(_(N_("Range")), "number", 15),
        Column(_(N_("Evidence")), width_pct=15),
        Column(_(N_("Source, date")), width_pct=23),
    )
    used = {factor.key for factor in factors_used(sheet)}
    ledger = sheet.plan.ledger.factors.values()
    rows = [_row(sheet, factor) for factor in ledger if factor.key in used]
    rest = [_row(sheet, factor) for factor in ledger if factor.key not in used]
    parts = [
        paragraph(
            _(N_("Ledger {id}. Sources are cited as they are written there.")).format(
                id=sheet.plan.ledger.id
            ),
            class_="lead",
        ),
        table(columns, rows),
    ]
    if rest:
        parts += [
            element("h3", _(N_("Factors of capacity, massing and suitability"))),
            table(columns, rest),
        ]
    return Section("factors", _(N_("Factors and their sources")), joined(parts))


def _row(sheet: Sheet, factor: Factor) -> tuple[str, ...]:
    _ = sheet.translator
    unit = unit_label(factor.unit).render(sheet.lang)
    certain = factor.low == factor.high
    span = _(N_("fixed")) if certain else f"{figure(factor.low)} – {figure(factor.high)}"
    range_mark = (
        "" if certain or factor.range_mark == factor.mark else sheet.mark(factor.range_mark)
    )
    ranged = joined((_(N_("range:")), " ", range_mark)) if range_mark else ""
    own = _(N_("the planner's own value")) if factor.changed else ""
    return (
        stacked(factor_name(sheet, factor), factor.note.render(sheet.lang)),
        stacked(f"{figure(factor.value)} {unit}".rstrip(), own),
        span,
        stacked(sheet.mark(factor.mark), ranged),
        stacked(factor.origin.render(sheet.lang), factor.date),
    )
