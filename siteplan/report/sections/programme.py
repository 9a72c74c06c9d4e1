"""The programme by use, the parcels that hold it; or why it does not fit, and what would help."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from siteplan.advice import repairs
from siteplan.amounts import NONE, in_pyeong, m2, whole
from siteplan.capacity import LIMITS
from siteplan.report.charts import Span, range_bar
from siteplan.report.markup import (
    Column,
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
from siteplan.uses import ALL_USES

if TYPE_CHECKING:
    from siteplan.report.sheet import Sheet


def programme(sheet: Sheet) -> Section | None:
    """Return the programme by use with the range that each may take; None where nothing fits."""
    if not sheet.feasible:
        return None
    _ = sheet.translator
    plan = sheet.plan
    total_m2 = plan.total_gfa_m2
    columns = (
        Column(_(N_("Use")), width_pct=12),
        Column(_(N_("GFA (m²)")), "number", 13),
        Column("%", "number", 9),
        Column("평", "number", 11),
        Column(_(N_("FAR area (m²)")), "number", 13),
        Column(_(N_("Range it may take (m²)")), "number", 20),
        Column(_(N_("Range in the total")), width_pct=22),
    )
    rows = []
    for column, (use, entry) in enumerate(
        zip(ALL_USES, plan.scenario.programme.targets, strict=True)
    ):
        gfa_m2 = int(plan.uses_gfa_m2[column])
        low, high = plan.ranges_m2[column].tolist()
        known = not math.isnan(low)
        name = use.label.render(sheet.lang)
        words = f"{low:,.0f} – {high:,.0f}" if known else NONE
        state = _(N_("locked")) if entry.locked else ""
        state = _(N_("free")) if entry.target_m2 is None else state
        bar = (
            range_bar(Span(use.key, low, gfa_m2, high), whole=total_m2, label=f"{name}: {words} m²")
            if known
            else NONE
        )
        rows.append(
            (
                stacked(name, state),
                f"{gfa_m2:,}",
                f"{gfa_m2 / total_m2 * 100:.1f}",
                in_pyeong(gfa_m2),
                f"{plan.composition.parts[column].far_m2:,}",
                words,
                bar,
            )
        )
    total = (
        _(N_("All uses")),
        f"{total_m2:,}",
        "100.0",
        in_pyeong(total_m2),
        f"{plan.composition.whole.far_m2:,}",
        "",
        "",
    )
    note = _(
        N_(
            "GFA (연면적) counts all floors; FAR area (용적률 산정용 연면적) leaves out basements "
            "and accessory parking above ground (건축법 시행령 §119 ①4). The range is what a use "
            "may take while the total, the locks and the bounds of the others hold."
        )
    )
    body = joined((table(columns, rows, total=total), paragraph(note, class_="note")))
    return Section("programme", _(N_("Programme by use")), body)


def parcels(sheet: Sheet) -> Section | None:
    """Return the parcels used, the fullest first; None where nothing fits."""
    if not sheet.feasible:
        return None
    _ = sheet.translator
    plan = sheet.plan
    columns = (
        Column("", width_pct=4),
        Column(_(N_("Parcel and zone")), width_pct=18),
        Column(_(N_("Site area, part of it (m²)")), "number", 9.5),
        *(Column(use.label.render(sheet.lang), "number", 8) for use in ALL_USES),
        Column(_(N_("GFA (m²)")), "number", 8),
        Column(_(N_("FAR / limit (%)")), "number", 11),
        Column(_(N_("BCR / limit (%)")), "number", 9.5),
        Column(_(N_("Floors, height")), "number", 7.5),
    )
    rows = [_parcel_row(sheet, row) for row in sheet.used_rows]
    used = list(sheet.used_rows)
    total = (
        "",
        _(N_("{count:,} parcels")).format(count=len(used)),
        stacked(
            f"{plan.parcels.site_area_m2[used].sum():,.0f}",
            f"{plan.available_m2[used].sum():,.0f}",
        ),
        *(whole(int(area_m2)) for area_m2 in plan.uses_gfa_m2),
        f"{plan.total_gfa_m2:,}",
        _of_limit(sheet.metrics["far_achieved_pct"].value, sheet.metrics["far_allowed_pct"].value),
        _of_limit(sheet.metrics["bcr_achieved_pct"].value, sheet.metrics["bcr_allowed_pct"].value),
        "",
    )
    note = _(
        N_(
            "The second figure of the site area is the part that takes part, land given to the "
            "public taken off; FAR and BCR are of that part, as their limits are. Below FAR: the "
            "limit that binds the parcel's capacity. △: zone not verified."
        )
    )
    body = joined((table(columns, rows, total=total), paragraph(note, class_="note")))
    return Section("parcels", _(N_("Parcels used")), body, wide=True)


def part_m2(sheet: Sheet, row: int) -> float:
    """Return the part of a parcel's site that takes part, m²."""
    return float(sheet.plan.available_m2[row])


def _of_limit(value_pct: float, limit_pct: float) -> str:
    """Return a percentage over its limit."""
    limit = f"{limit_pct:,.0f}" if math.isfinite(limit_pct) else NONE
    return f"{value_pct:,.1f} / {limit}"


def _parcel_row(sheet: Sheet, row: int) -> tuple[str, ...]:
    _ = sheet.translator
    plan = sheet.plan
    available_m2 = part_m2(sheet, row)
    firm = bool(plan.parcels.zone_verified[row])
    zone = sheet.zone_of(row) if firm else f"△ {sheet.zone_of(row)}"
    floors = int(plan.floors[row])
    return (
        sheet.numbered(row),
        stacked(sheet.parcel(row), zone),
        stacked(f"{plan.parcels.site_area_m2[row]:,.0f}", f"{available_m2:,.0f}"),
        *(whole(int(area_m2)) for area_m2 in plan.gfa_m2[row]),
        f"{int(plan.parcel_gfa_m2[row]):,}",
        stacked(
            _of_limit(
                float(plan.far_area_m2[row]) / available_m2 * 100,
                float(plan.capacity.far_limit_pct[row]),
            ),
            LIMITS[plan.capacity.limit[row]].render(sheet.lang),
        ),
        _of_limit(
            float(plan.massing.footprint_m2[row]) / available_m2 * 100,
            float(plan.capacity.bcr_limit_pct[row]),
        ),
        stacked(_(N_("{floors}F")).format(floors=floors), f"{float(plan.height_m[row]):,.1f} m"),
    )


def misfit(sheet: Sheet) -> Section | None:
    """Return why the programme does not fit and what would make it fit; None where it fits."""
    if sheet.feasible:
        return None
    _ = sheet.translator
    plan = sheet.plan
    said = [sheet.say(text) for text in plan.explanation]
    found = repairs(plan)
    parts = [element("h3", _(N_("Why"))), bullets(said)]
    if found:
        parts.append(element("h3", _(N_("Any one of these makes it fit:"))))
        parts.append(bullets(sheet.say(repair.text) for repair in found))
        parts.append(
            paragraph(
                _(N_("Each was worked out again with the change, whole square metres included.")),
                class_="note",
            )
        )
    parts += [element("h3", _(N_("What was wished"))), _wishes(sheet)]
    return Section("misfit", _(N_("Why the programme does not fit")), joined(parts))


def _wishes(sheet: Sheet) -> Markup:
    _ = sheet.translator
    programme = sheet.plan.scenario.programme
    columns = (
        Column(_(N_("Use"))),
        Column(_(N_("Wished (m²)")), "number"),
        Column(_(N_("At least (m²)")), "number"),
        Column(_(N_("At most (m²)")), "number"),
        Column(_(N_("Capacity of its parcels (FAR area, m²)")), "number"),
    )
    capacity = sheet.plan.capacity
    rows = []
    for column, (use, entry) in enumerate(zip(ALL_USES, programme.targets, strict=True)):
        holds_m2 = float(capacity.far_area_m2[capacity.allowed[:, column]].sum())
        rows.append(
            (
                use.label.render(sheet.lang),
                _(N_("free")) if entry.target_m2 is None else f"{entry.target_m2:,}",
                f"{entry.min_m2:,}",
                NONE if entry.max_m2 is None else f"{entry.max_m2:,}",
                f"{holds_m2:,.0f}",
            )
        )
    total = (
        _(N_("All uses")),
        f"{programme.total_gfa_m2:,}",
        "",
        "",
        m2(float(capacity.far_area_m2.sum())),
    )
    return table(columns, rows, total=total)
