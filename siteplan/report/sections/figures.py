"""Figures with their formulas, how the floor area is made up, and how sure all this is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siteplan.amounts import band_text, metric_text, metric_unit, pct
from siteplan.ledger import MARKS, mark_text
from siteplan.recipes import GROUPS
from siteplan.report.charts import Band, Block, band_chart, chance_bar, split_bar
from siteplan.report.markup import Column, Group, Markup, element, joined, paragraph, stacked, table
from siteplan.report.sheet import SURE_RATIO, Section
from siteplan.text import N_
from siteplan.uses import use_label

if TYPE_CHECKING:
    from siteplan.composition import Part
    from siteplan.metrics import Metric
    from siteplan.report.sheet import Sheet


def figures(sheet: Sheet) -> Section | None:
    """Return every figure with its formula, range and weakest evidence; None without a plan."""
    if not sheet.feasible:
        return None
    _ = sheet.translator
    columns = (
        Column(_(N_("Figure")), width_pct=19),
        Column(_(N_("Value")), "number", 17),
        Column(_(N_("5–95 % of draws")), "number", 15),
        Column(_(N_("How it comes about")), width_pct=49),
    )
    rows: list[Group | tuple[str, ...]] = []
    for group, name in GROUPS.items():
        members = [metric for metric in sheet.plan.metrics if metric.group == group]
        if members:
            rows.append(Group(name.render(sheet.lang)))
            rows += [_figure_row(sheet, metric) for metric in members]
    note = _(
        N_(
            "Each factor in a formula stands with its source in the section on factors. “Weakest "
            "evidence” is the weakest mark among the factors of a figure."
        )
    )
    body = joined((table(columns, rows), paragraph(note, class_="note")))
    return Section("figures", _(N_("Figures and formulas")), body)


def _figure_row(sheet: Sheet, metric: Metric) -> tuple[str, ...]:
    _ = sheet.translator
    notes = [sheet.say(text) for text in metric.counted_twice]
    if metric.factors:
        weakest = max(metric.factors, key=lambda factor: MARKS.index(factor.mark)).mark
        notes.append(
            _(N_("Weakest evidence: {mark}")).format(mark=mark_text(weakest).render(sheet.lang))
        )
    return (
        metric.label.render(sheet.lang),
        metric_text(metric, lang=sheet.lang),
        _span(sheet, metric),
        stacked(sheet.say(metric.formula), " ".join(notes)),
    )


def _span(sheet: Sheet, metric: Metric) -> str:
    """Return a figure's band, empty where nothing is drawn."""
    return band_text(sheet.uncertainty.bands.get(metric.key), metric, lang=sheet.lang)


def composition(sheet: Sheet) -> Section | None:
    """Return how the gross floor area is made up and where parking goes; None without a plan."""
    if not sheet.feasible:
        return None
    _ = sheet.translator
    found = sheet.plan.composition
    parking = int(found.parking_below_m2.sum())
    above = int(found.parking_above_m2.sum())
    other = int(found.below_m2.sum()) - parking
    blocks = (
        Block(_(N_("Above ground, FAR area")), int(found.far_m2.sum()), "#0b4f7d", "#0b4f7d"),
        Block(_(N_("Parking above ground")), above, "#8E959C", "#8E959C"),
        Block(_(N_("Parking below ground")), parking, "#5C6670", "#5C6670"),
        Block(_(N_("Other basements")), other, "#9AA1A8", "#9AA1A8"),
    )
    label = _(N_("Floor area above and below ground, to scale"))
    told = " · ".join(f"{block.label} {block.size:,.0f} m²" for block in blocks if block.size)
    bar = element(
        "figure",
        split_bar(blocks, width_mm=178, height_mm=8, label=label),
        element("figcaption", told),
    )
    columns = (
        Column(_(N_("Use"))),
        Column(_(N_("GFA (m²)")), "number"),
        Column(_(N_("FAR area (m²)")), "number"),
        Column(_(N_("Not FAR area (m²)")), "number"),
        Column(_(N_("Stalls")), "number"),
        Column(_(N_("Parking area (m²)")), "number"),
        Column(_(N_("Left over (m²)")), "number"),
    )

    def row(name: str, part: Part) -> tuple[str, ...]:
        return (
            name,
            f"{part.gfa_m2:,}",
            f"{part.far_m2:,}",
            f"{part.not_far_m2:,}",
            f"{part.stalls:,.0f}",
            f"{part.parking_m2:,.0f}",
            f"{part.left_m2:,.0f}",
        )

    rows = [
        row(use_label(part.use).render(sheet.lang), part)
        for part in found.parts
        if part.use is not None
    ]
    parts = [
        element(
            "div",
            paragraph(sheet.say(found.summary)),
            class_="callout" if found.whole.left_m2 >= 0 else "callout warn",
        ),
        bar,
        table(columns, rows, total=row(_(N_("All uses")), found.whole)),
    ]
    if found.short_m2.any():
        parts.append(
            paragraph(
                _(
                    N_(
                        "On {count} parcels the parking need exceeds their own GFA that is not FAR "
                        "area, by {short:,} m² in all."
                    )
                ).format(count=int((found.short_m2 > 0).sum()), short=int(found.short_m2.sum())),
            )
        )
    parts.append(
        paragraph(
            _(
                N_(
                    "Stalls are rounded up on each parcel, so all uses together can need a few "
                    "more."
                )
            ),
            class_="note",
        )
    )
    title = _(N_("How the gross floor area is made up, and parking"))
    return Section("composition", title, joined(parts))


def uncertainty(sheet: Sheet) -> Section | None:
    """Return the chance that the plan holds and the spread of its figures."""
    if not sheet.feasible:
        return None
    _ = sheet.translator
    found = sheet.uncertainty
    most_held = found.holds >= SURE_RATIO * found.draws
    columns = (
        Column(_(N_("Limit")), width_pct=30),
        Column(_(N_("Draws in which it holds")), "number", 20),
        Column("", width_pct=28),
        Column(_(N_("Most often broken on")), width_pct=22),
    )
    rows = []
    for chance in found.chances:
        share = chance.holds * 100 / found.draws
        label = chance.label.render(sheet.lang)
        rows.append(
            (
                label,
                pct(share),
                chance_bar(share, label=f"{label}: {pct(share)}"),
                _named(sheet, chance.parcel_id),
            )
        )
    bands = _bands(sheet)
    chart = (
        element(
            "figure",
            band_chart(bands, width_mm=178, label=_(N_("How sure each figure is"))),
            element(
                "figcaption",
                _(
                    N_(
                        "Bar: 5–95 % of the draws, in percent of the figure; tick: their median; "
                        "dashed line: the figure itself (100 %). At the right: the bar in the "
                        "figure's own unit."
                    )
                ),
            ),
        )
        if bands
        else Markup("")
    )
    how = _(
        N_(
            "{draws:,} draws of {count} factors from their ranges (triangular: low, value, high), "
            "seed {seed}. The allocation is held; law, choices and your own values are not drawn."
        )
    ).format(draws=found.draws, count=len(found.factors), seed=found.seed)
    body = joined(
        (
            element(
                "div",
                paragraph(element("b", sheet.say(found.text))),
                class_="callout" if most_held else "callout warn",
            ),
            table(columns, rows),
            chart,
            paragraph(how, class_="note"),
        )
    )
    return Section("uncertainty", _(N_("How sure it is")), body)


def _named(sheet: Sheet, parcel_id: str | None) -> str:
    if parcel_id is None:
        return ""
    row = sheet.plan.parcels.index[parcel_id]
    return joined((sheet.numbered(row), " ", sheet.plan.parcels.name(row, lang=sheet.lang)))


def _bands(sheet: Sheet) -> list[Band]:
    made = []
    for key, band in sheet.uncertainty.bands.items():
        metric = sheet.metrics[key]
        if band.low == band.high or metric.value == 0 or metric.group == "area":
            continue
        low, median, high = (v / metric.value * 100 for v in (band.low, band.median, band.high))
        unit = metric_unit(metric, lang=sheet.lang)[1]
        label = metric.label.render(sheet.lang)
        made.append(Band(label, low, median, high, f"{_span(sheet, metric)} {unit}".rstrip()))
    return made
