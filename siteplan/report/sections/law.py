"""Rules that the plan was checked against, permissions, incentives, and each parcel's limits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from siteplan.amounts import NONE, m2
from siteplan.capacity import LIMITS
from siteplan.explain import ANSWER_NAMES, limit_figures
from siteplan.report.markup import (
    Column,
    Group,
    Markup,
    bullets,
    element,
    joined,
    paragraph,
    stacked,
    table,
)
from siteplan.report.sheet import Section
from siteplan.text import N_
from siteplan.uses import ALL_USES, USES, use_label

if TYPE_CHECKING:
    from siteplan.incentives import Applied, Refused
    from siteplan.report.sheet import Sheet
    from siteplan.rules import Permit, ZoneRule


def zones_in_use(sheet: Sheet) -> list[ZoneRule]:
    """Return the rules of the zones that the parcels shown lie in, by their parts too."""
    capacity = sheet.plan.capacity
    rows = sheet.shown_rows or range(len(sheet.plan.parcels))
    found: dict[str, ZoneRule] = {}
    for row in rows:
        parts = (part.rule for part in capacity.zone_parts[row])
        for rule in (capacity.zone_rules[row], *parts):
            if rule is not None:
                found[rule.name] = rule
    return [found[name] for name in sheet.plan.rules.zones if name in found]


def rules(sheet: Sheet) -> Section:
    """Return the rule set, and the limits of the zones in use with article and mark."""
    _ = sheet.translator
    found = sheet.plan.rules
    columns = (
        Column(_(N_("Zone")), width_pct=22),
        Column(_(N_("FAR (%)")), "number", 9),
        Column(_(N_("BCR (%)")), "number", 9),
        Column(_(N_("National FAR, most (%)")), "number", 14),
        Column(_(N_("Articles")), width_pct=32),
        Column(_(N_("Evidence")), width_pct=14),
    )
    rows = []
    for rule in zones_in_use(sheet):
        articles = dict.fromkeys(
            text for text in (rule.far_article, rule.bcr_article, rule.floors_article) if text
        )
        national = rule.national_article
        rows.append(
            (
                sheet.zone(rule, rule.name),
                f"{rule.far_pct:g}",
                f"{rule.bcr_pct:g}",
                f"{rule.national['far_max_pct']:g}",
                stacked(
                    ", ".join(articles),
                    _(N_("national: {article}")).format(article=national) if national else "",
                ),
                sheet.mark(rule.mark),
            )
        )
    title = f"{found.title.render(sheet.lang)} · {found.id} · {found.date}"
    parts = [
        paragraph(element("b", title)),
        bullets(found.sources.values()),
        table(columns, rows),
        _further_rules(sheet),
    ]
    return Section("rules", _(N_("Rules that the plan was checked against")), joined(parts))


def _further_rules(sheet: Sheet) -> Markup:
    """Return the rules beside FAR and BCR that the set holds."""
    _ = sheet.translator
    found = sheet.plan.rules
    rows = []
    if found.daylight is not None:
        law = found.daylight
        text = _(
            N_(
                "{near:g} m from the north lot line up to {low:g} m of height, above it {slope:g} "
                "× height; in: {zones}"
            )
        ).format(
            near=law.low_distance_m,
            low=law.low_m,
            slope=law.slope_ratio,
            zones=", ".join(law.zones),
        )
        rows.append((_(N_("Daylight from the north")), text, law.article, sheet.mark(law.mark)))
    if found.landscaping is not None:
        green = found.landscaping
        steps = ", ".join(
            _(N_("{share:g} % from {least:,.0f} m² of GFA")).format(share=share, least=least)
            for least, share in green.steps
        )
        rows.append((_(N_("Landscaping")), steps, green.article, sheet.mark(green.mark)))
    if found.open_space is not None:
        space = found.open_space
        text = _(N_("{share:g} % of lots with {least:,.0f} m² or more of: {uses}")).format(
            share=space.share_pct,
            least=space.from_gfa_m2,
            uses=", ".join(use_label(use).render(sheet.lang) for use in space.uses),
        )
        rows.append((_(N_("Public open space")), text, space.article, sheet.mark(space.mark)))
    if found.minimum_lot is not None:
        lots = found.minimum_lot
        least = sorted(set(lots.least_m2.values()))
        text = _(N_("{areas} m², by zone")).format(areas=", ".join(f"{v:g}" for v in least))
        rows.append((_(N_("Least lot after a cut")), text, lots.article, sheet.mark(lots.mark)))
    if not rows:
        return Markup("")
    columns = (
        Column(_(N_("Further rule")), width_pct=18),
        Column(_(N_("What it asks")), width_pct=44),
        Column(_(N_("Article")), width_pct=24),
        Column(_(N_("Evidence")), width_pct=14),
    )
    return table(columns, rows)


def permissions_used(sheet: Sheet) -> list[tuple[str, str, list[int]]]:
    """Return zone, use and the rows that make use of that permission."""
    used: dict[tuple[str, str], list[int]] = {}
    for row, column in np.argwhere(sheet.plan.gfa_m2 > 0).tolist():
        rule = sheet.plan.capacity.zone_rules[row]
        if rule is not None:
            used.setdefault((rule.name, USES[column]), []).append(row)
    return [(zone, use, rows) for (zone, use), rows in used.items()]


def permissions(sheet: Sheet) -> Section:
    """Return what may stand where, then each conditional permission that was consented to."""
    _ = sheet.translator
    columns = (
        Column(_(N_("Zone")), width_pct=24),
        *(Column(use.label.render(sheet.lang), width_pct=19) for use in ALL_USES),
    )
    rows = [
        (
            sheet.zone(rule, rule.name),
            *(_answer(sheet, rule.permits[use]) for use in USES),
        )
        for rule in zones_in_use(sheet)
    ]
    return Section(
        "permissions",
        _(N_("Permissions and consents")),
        joined((table(columns, rows), _consents(sheet))),
    )


def _answer(sheet: Sheet, permit: Permit) -> str:
    _ = sheet.translator
    words = _(ANSWER_NAMES[permit.answer])
    firm = permit.mark in ("V", "V-calc")
    reason = "" if permit.condition is None else permit.condition.render(sheet.lang)
    mark = "" if firm else "△ " + _(N_("not verified"))
    return stacked(words, " · ".join(filter(None, (mark, reason, permit.article))))


def _consents(sheet: Sheet) -> Markup:
    _ = sheet.translator
    rules_ = sheet.plan.rules
    uses_of = {(zone, use): rows for zone, use, rows in permissions_used(sheet)}
    rows = []
    for zone, use in sorted(sheet.plan.scenario.consents):
        rule = rules_.zone(zone)
        permit = None if rule is None else rule.permits[use]
        where = uses_of.get((rule.name, use), []) if rule is not None else []
        placed_m2 = int(sheet.plan.gfa_m2[where, USES.index(use)].sum()) if where else 0
        condition = None if permit is None else permit.condition
        rows.append(
            (
                stacked(use_label(use).render(sheet.lang), sheet.zone(rule, zone)),
                "" if permit is None else _(ANSWER_NAMES[permit.answer]),
                sheet.say(condition) or NONE,
                NONE if permit is None else sheet.mark(permit.mark),
                stacked(
                    m2(placed_m2) if placed_m2 else _(N_("not made use of")),
                    ", ".join(str(sheet.numbers[row]) for row in where),
                ),
            )
        )
    if not rows:
        return paragraph(_(N_("The scenario consents to no conditional permission.")))
    columns = (
        Column(_(N_("Consent of the scenario")), width_pct=24),
        Column(_(N_("The rule says")), width_pct=14),
        Column(_(N_("Condition to be met")), width_pct=32),
        Column(_(N_("Evidence")), width_pct=14),
        Column(_(N_("Made use of; parcels")), width_pct=16),
    )
    return joined(
        (
            element("h3", _(N_("Conditional permissions consented to"))),
            paragraph(
                _(
                    N_(
                        "The plan takes these conditions as met. Each must be confirmed with the "
                        "authority."
                    )
                ),
                class_="lead",
            ),
            table(columns, rows),
        )
    )


def incentives(sheet: Sheet) -> Section:
    """Return the FAR incentives applied and refused, with condition and contribution."""
    _ = sheet.translator
    applied: dict[str, tuple[Applied, list[int]]] = {}
    refused: dict[tuple[str, str], tuple[Refused, list[int]]] = {}
    for row in sheet.shown_rows:
        tiers = sheet.plan.capacity.tiers[row]
        for one in () if tiers is None else tiers.applied:
            applied.setdefault(f"{one.incentive.key} {one.formula}", (one, []))[1].append(row)
        for no in () if tiers is None else tiers.refused:
            refused.setdefault((no.key, str(no.reason)), (no, []))[1].append(row)
    parts: list[str] = []
    if applied:
        columns = (
            Column(_(N_("Incentive")), width_pct=22),
            Column(_(N_("What it makes of the base FAR")), width_pct=22),
            Column(_(N_("Condition, and what it costs")), width_pct=30),
            Column(_(N_("Article, evidence")), width_pct=16),
            Column(_(N_("Parcels")), width_pct=10),
        )
        rows = [
            (
                one.incentive.label.render(sheet.lang),
                sheet.say(one.formula),
                stacked(
                    one.incentive.condition.render(sheet.lang),
                    one.incentive.contribution.render(sheet.lang),
                ),
                joined((one.incentive.article, " ", sheet.mark(one.incentive.mark))),
                ", ".join(str(sheet.numbers[row]) for row in held),
            )
            for one, held in applied.values()
        ]
        parts.append(table(columns, rows))
    else:
        parts.append(paragraph(_(N_("No parcel shown counts on a FAR incentive."))))
    if refused:
        parts.append(element("h3", _(N_("Switched on, but without effect"))))
        parts.append(
            bullets(
                joined(
                    (
                        no.label.render(sheet.lang),
                        ": ",
                        sheet.say(no.reason),
                        f" ({', '.join(str(sheet.numbers[row]) for row in held)})",
                    )
                )
                for no, held in refused.values()
            )
        )
    return Section("incentives", _(N_("FAR incentives")), joined(parts))


def limits(sheet: Sheet) -> Section:
    """Return every limit of every parcel shown, with article and mark; the binding one is told."""
    _ = sheet.translator
    columns = (
        Column(_(N_("Limit")), width_pct=17),
        Column(_(N_("FAR area it lets in (m²)")), "number", 13),
        Column(_(N_("How the figure comes about")), width_pct=34),
        Column(_(N_("Article")), width_pct=22),
        Column(_(N_("Evidence")), width_pct=14),
    )
    rows: list[Group | tuple[str, ...]] = []
    capacity = sheet.plan.capacity
    own = element("span", "△ ", _(N_("the planner's own figure")), class_="mark weak")
    for row in sheet.shown_rows:
        name = sheet.plan.parcels.name(row, lang=sheet.lang)
        rows.append(
            Group(
                _(N_("{number}  {parcel} · {zone} · binding: {limit}")).format(
                    number=sheet.numbers[row],
                    parcel=name,
                    zone=sheet.zone_of(row),
                    limit=LIMITS[capacity.limit[row]].render(sheet.lang),
                )
            )
        )
        for figure in limit_figures(capacity, row):
            label = LIMITS[figure.code].render(sheet.lang)
            area = f"{figure.area_m2:,.0f}" if math.isfinite(figure.area_m2) else NONE
            rows.append(
                (
                    element("b", f"▶ {label}") if figure.binds else label,
                    element("b", area) if figure.binds else area,
                    sheet.say(figure.how),
                    figure.article,
                    own if figure.code in ("far_override", "height") else sheet.mark(figure.mark),
                )
            )
    note = _(N_("▶ marks the limit that binds. A dash sets no limit."))
    body = joined((table(columns, rows), paragraph(note, class_="note")))
    return Section("limits", _(N_("Limits of each parcel")), body)
