"""When it is built: what each year holds, its ceiling or budget, the dates, maps; or why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteplan.advice import phase_repairs
from siteplan.amounts import NONE, m2, money_unit, pct, whole
from siteplan.decided import dates_kept, phases_told
from siteplan.maps.phase_style import LATER, UNDER_WAY_OPACITY, standing
from siteplan.maps.style import UNUSED, USE_COLOURS, USE_STROKES, colours
from siteplan.report.drawing import legend, swatch, use_swatch
from siteplan.report.markup import Column, Markup, bullets, element, joined, paragraph, table
from siteplan.report.sheet import Section
from siteplan.report.site_map import site_map, site_window, small_map
from siteplan.report.year_chart import YearColumn, year_chart
from siteplan.text import N_
from siteplan.uses import ALL_USES, use_label

if TYPE_CHECKING:
    from siteplan.report.sheet import Sheet
    from siteplan.timing import Timing

MOST_MAPS = 8
_ACROSS, _GAP_MM, _CHART_MM = 4, 4.0, 66.0
_MAP_MM, _SMALL_MM, _SIDE_GAP_MM = 110.0, 60.0, 5.0


def years(sheet: Sheet) -> Section | None:
    """Return when it is built; None where the scenario has no years or the plan does not fit."""
    timing = sheet.plan.timing
    if timing is None:
        return None
    _ = sheet.translator
    asked = bullets(sheet.say(text) for text in phases_told(sheet.plan))
    parts = _why_not(sheet, timing) if timing.status == "infeasible" else _held(sheet, timing)
    return Section("years", _(N_("When it is built")), joined((asked, *parts)), wide=True)


def _why_not(sheet: Sheet, timing: Timing) -> list[Markup]:
    """Return what the years cannot hold, and checked changes after which they can."""
    _ = sheet.translator
    why = (paragraph(sheet.say(text)) for text in timing.explanation)
    sign = element("b", "△", class_="sign")
    head = paragraph(sign, element("b", _(N_("The years cannot hold the plan."))))
    parts = [element("div", head, *why, class_="callout warn")]
    found = phase_repairs(sheet.plan)
    if found:
        parts.append(element("h3", _(N_("After any one of these the years hold the plan:"))))
        parts.append(bullets(sheet.say(repair.text) for repair in found))
        parts.append(
            paragraph(
                _(N_("Each was worked out again with the change, whole square metres included.")),
                class_="note",
            )
        )
    return parts


def _held(sheet: Sheet, timing: Timing) -> list[Markup]:
    """Return chart, tables and maps; on a wide paper the map stands beside the chart."""
    inner_mm = sheet.paper.inner_width_mm
    half_mm = (inner_mm - _SIDE_GAP_MM) / 2 if sheet.wide else inner_mm
    chart = _chart(sheet, timing, width_mm=half_mm)
    by_year = _completion_map(sheet, timing, width_mm=half_mm)
    tables = [_year_table(sheet, timing), *_proof(sheet, timing), *_dates(sheet, timing)]
    above = [element("div", chart, by_year, class_="side")] if sheet.wide else [chart]
    return [*above, *tables, *([] if sheet.wide else [by_year]), _standing_maps(sheet, timing)]


def _chart(sheet: Sheet, timing: Timing, *, width_mm: float) -> Markup:
    _ = sheet.translator
    built_m2 = timing.total_by_year_m2
    standing_m2 = built_m2.sum(axis=1).cumsum()
    most_m2 = timing.phases.ceiling_gfa_m2 or (None,) * timing.phases.years
    columns = [
        YearColumn(year, tuple(built_m2[spot].tolist()), int(standing_m2[spot]), most_m2[spot])
        for spot, year in enumerate(timing.phases.calendar)
    ]
    label = _(N_("Floor area built in each year by use"))
    told = _(
        N_(
            "Above each column what is built in the year, below the year what stands at its end "
            "(m²)."
        )
    )
    if timing.phases.ceiling_gfa_m2:
        told += " " + _(N_("Dashed: the most that the year may hold."))
    return element(
        "figure",
        year_chart(columns, width_mm=width_mm, height_mm=_CHART_MM, label=label),
        element("figcaption", element("b", label), " · ", told),
        legend(
            (use_swatch(use.key), use.label.render(sheet.lang), m2(float(area_m2)))
            for use, area_m2 in zip(ALL_USES, built_m2.sum(axis=0), strict=True)
        ),
    )


def _year_table(sheet: Sheet, timing: Timing) -> Markup:
    _ = sheet.translator
    built_m2, cost_krw = timing.total_by_year_m2, timing.cost_by_year_krw
    size, money = money_unit(sheet.lang)
    budget = bool(timing.phases.budget_krw)
    limits: tuple[float | None, ...] = timing.phases.budget_krw or timing.phases.ceiling_gfa_m2
    most = _(N_("Budget ({unit})")).format(unit=money) if budget else _(N_("Ceiling (m²)"))
    columns = [
        Column(_(N_("Year")), width_pct=9),
        *(Column(f"{use.label.render(sheet.lang)} (m²)", "number", 10) for use in ALL_USES),
        Column(_(N_("Built in the year (m²)")), "number", 11),
        Column(_(N_("Standing at its end (m²)")), "number", 12),
        Column(_(N_("Construction cost ({unit})")).format(unit=money), "number", 11),
    ]
    if limits:
        columns += [Column(most, "number", 10), Column(_(N_("Used")), "number", 7)]
    rows = []
    for spot, year in enumerate(timing.phases.calendar):
        row = [
            str(year),
            *(whole(int(area_m2)) for area_m2 in built_m2[spot]),
            f"{int(built_m2[spot].sum()):,}",
            f"{int(built_m2[: spot + 1].sum()):,}",
            f"{cost_krw[spot] / size:,.1f}",
        ]
        if limits:
            limit = limits[spot]
            taken = float(cost_krw[spot] if budget else built_m2[spot].sum())
            row += [
                NONE if limit is None else f"{limit / size:,.1f}" if budget else f"{limit:,.0f}",
                _share(taken, limit),
            ]
        rows.append(row)
    total = [
        _(N_("All years")),
        *(f"{int(area_m2):,}" for area_m2 in built_m2.sum(axis=0)),
        f"{int(built_m2.sum()):,}",
        "",
        f"{float(cost_krw.sum()) / size:,.1f}",
        *(("", "") if limits else ()),
    ]
    return table(columns, rows, total=total)


def _share(taken: float, limit: float | None) -> str:
    return NONE if not limit else pct(taken / limit * 100)


def _proof(sheet: Sheet, timing: Timing) -> list[Markup]:
    """Return how near the best order of building this is, and what dates cost."""
    _ = sheet.translator
    said = [sheet.say(i.message) for i in sheet.plan.issues if i.code == "dates_decide"]
    if timing.gap > 1e-6:
        better = _(N_("A better order of building could gain {gap:.2f} % at most (proven)."))
        said.append(better.format(gap=timing.gap * 100))
    elif timing.status == "optimal":
        said.append(_(N_("Proven: no order of building puts the more suitable earlier.")))
    return [paragraph(" ".join(said), class_="note")] if said else []


def _dates(sheet: Sheet, timing: Timing) -> list[Markup]:
    _ = sheet.translator
    found = dates_kept(timing)
    if not found:
        return []
    columns = (
        Column(_(N_("By the end of"))),
        Column(_(N_("Use"))),
        Column(_(N_("At least (m²)")), "number"),
        Column(_(N_("Standing then (m²)")), "number"),
        Column(_(N_("Kept"))),
    )
    rows = [
        (
            str(date.year),
            use_label(date.use).render(sheet.lang),
            f"{date.least_m2:,}",
            f"{date.standing_m2:,}",
            "✓ " + _(N_("kept")) if date.kept else "✕ " + _(N_("missed")),
        )
        for date in found
    ]
    return [element("h3", _(N_("Dates to keep"))), table(columns, rows)]


def _completion_map(sheet: Sheet, timing: Timing, *, width_mm: float) -> Markup:
    """Return the map by year of completion; the year is written on each parcel too."""
    window = site_window(sheet, width_mm=width_mm, most_height_mm=_MAP_MM)
    by_year = colours(sheet.plan, colour_by="phase", lang=sheet.lang)
    notes = {row: _span_of(timing, row) for row in sheet.used_rows}
    return site_map(sheet, by_year, window=window, notes=notes)


def _span_of(timing: Timing, row: int) -> str:
    """Return the years in which a parcel is built, such as "2029" or "2029–31"."""
    first, last = int(timing.start_year[row]), int(timing.completion_year[row])
    return str(last) if first == last else f"{first}–{last % 100:02d}"


def _shown_years(timing: Timing) -> list[int]:
    """Return up to eight years to draw, the first and the last that build anything among them."""
    built = timing.total_by_year_m2.sum(axis=1) > 0
    busy = (np.flatnonzero(built) + timing.phases.first_year).tolist()
    if len(busy) <= MOST_MAPS:
        return busy
    spots = np.rint(np.linspace(0, len(busy) - 1, MOST_MAPS)).astype(int)
    return [busy[spot] for spot in spots.tolist()]


def _standing_maps(sheet: Sheet, timing: Timing) -> Markup:
    """Return small maps of what stands at the end of the years, with one legend."""
    _ = sheet.translator
    shown = _shown_years(timing)
    across = _ACROSS * 2 if sheet.wide else _ACROSS
    if len(shown) in (3, 5, 6) and not sheet.wide:
        across = 3  # rows as even as can be
    across = min(across, max(len(shown), 2))
    width_mm = (sheet.paper.inner_width_mm - _GAP_MM * (across - 1)) / across
    window = site_window(sheet, width_mm=width_mm, most_height_mm=_SMALL_MM)
    total_m2 = max(sheet.plan.total_gfa_m2, 1)
    made = []
    for year in shown:
        standing_m2 = int(timing.built_by_m2(year).sum())
        share = f"{m2(standing_m2)} · {pct(standing_m2 / total_m2 * 100)}"
        made.append(
            small_map(
                sheet,
                standing(sheet.plan, year=year, lang=sheet.lang),
                window=window,
                key=f"standing-{year}",
                caption=joined((element("b", str(year)), " · ", share)),
            )
        )
    head = element("h3", _(N_("What stands at the end of each year")))
    grid = element(
        "div", *made, class_="multiples", style=f"grid-template-columns:repeat({across},1fr)"
    )
    return element("div", head, grid, _standing_legend(sheet), class_="together")


def _standing_legend(sheet: Sheet) -> Markup:
    _ = sheet.translator
    pale = swatch(
        USE_COLOURS["research"], stroke=USE_STROKES["research"], opacity=UNDER_WAY_OPACITY
    )
    later = swatch(LATER.fill, stroke=LATER.stroke or "#16202a", opacity=LATER.opacity)
    return legend(
        [
            *((use_swatch(use.key), use.label.render(sheet.lang), "") for use in ALL_USES),
            (pale, _(N_("Paler, thick outline: under construction")), ""),
            (later, _(N_("Later")), ""),
            (swatch(UNUSED, stroke="#6B747D", opacity=0.45), _(N_("Not used")), ""),
        ]
    )
