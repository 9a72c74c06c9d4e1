"""How the floor area is shared out and what that costs; what the planner limits on parcels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siteplan import decided
from siteplan.advice import approach_cost
from siteplan.amounts import NONE, m2
from siteplan.decided import approach_name, approach_told
from siteplan.report.markup import Column, Markup, bullets, element, joined, paragraph, table
from siteplan.report.sheet import Section
from siteplan.text import N_, Text, written
from siteplan.uses import use_index

if TYPE_CHECKING:
    from siteplan.decided import ParcelLimit
    from siteplan.report.sheet import Sheet

_COST_ISSUES = ("totals_first", "earlier_plan_lost", "earlier_plan_lots", "dates_decide")


def approach(sheet: Sheet) -> Section | None:
    """Return the approach, its rules, how near the best it is, and the suitability it gives up."""
    cost = approach_cost(sheet.plan)
    if cost is None:
        return None
    _ = sheet.translator
    wanted = sheet.plan.scenario.approach
    parts = [
        paragraph(element("b", sheet.say(approach_name(wanted)))),
        bullets(sheet.say(text) for text in approach_told(wanted)),
        _cost(sheet, [cost.proof, *cost.texts]),
    ]
    told = [sheet.say(i.message) for i in sheet.plan.issues if i.code in _COST_ISSUES]
    if told:
        parts.append(bullets(told))
    parts.append(
        paragraph(
            _(
                N_(
                    "Mean suitability is that of all floor area, 0 to 100, by the weights in the "
                    "section on assumptions. The most suitable plan is worked out under the same "
                    "totals and limits."
                )
            ),
            class_="note",
        )
    )
    title = _(N_("How the floor area is shared out"))
    return Section("approach", title, joined(parts))


def _cost(sheet: Sheet, texts: list[Text]) -> Markup:
    return element("div", *(paragraph(sheet.say(text)) for text in texts), class_="callout")


def parcel_limits(sheet: Sheet) -> Section | None:
    """Return the planner's limits of parcels with their reasons; None where there are none."""
    limits = decided.parcel_limits(sheet.plan)
    if not limits:
        return None
    _ = sheet.translator
    columns = (
        Column(_(N_("Parcel")), width_pct=20),
        Column(_(N_("What is limited")), width_pct=18),
        Column(_(N_("At least")), "number", 12),
        Column(_(N_("At most")), "number", 12),
        Column(_(N_("In this plan")), "number", 12),
        Column(_(N_("Reason, in the planner's words")), width_pct=26),
    )
    rows, before = [], ""
    for limit in limits:
        first = limit.parcel_id != before
        before = limit.parcel_id
        rows.append(
            (
                _parcel(sheet, limit) if first else "",
                sheet.say(limit.subject),
                sheet.say(limit.least) or NONE,
                sheet.say(limit.most) or NONE,
                _placed(sheet, limit),
                (sheet.say(written(limit.reason)) or NONE) if first else "",
            )
        )
    note = _(
        N_(
            "Limits are the planner's decisions; they hold whatever suitability says. Existing "
            "buildings that stay take their FAR area off what the programme may use."
        )
    )
    body = joined((table(columns, rows), paragraph(note, class_="note")))
    return Section("parcel-limits", _(N_("The planner's limits on parcels")), body, wide=True)


def _parcel(sheet: Sheet, limit: ParcelLimit) -> Markup:
    _ = sheet.translator
    if limit.row is None:
        return joined((_(N_("{id} (not in the data)")).format(id=limit.parcel_id),))
    if limit.row not in sheet.numbers:
        return sheet.parcel(limit.row)
    return joined((sheet.numbered(limit.row), " ", sheet.parcel(limit.row)))


def _placed(sheet: Sheet, limit: ParcelLimit) -> str:
    if limit.use is None or limit.row is None or not sheet.feasible:
        return ""
    return m2(float(sheet.plan.gfa_m2[limit.row, use_index(limit.use)]))
