"""The first page: what is planned, how much of it, how sure, and what the report holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from siteplan.amounts import band_text, in_pyeong, m2, metric_text, pct
from siteplan.decided import approach_name
from siteplan.maps.style import USE_COLOURS
from siteplan.report.charts import use_bar
from siteplan.report.markup import Markup, element, joined, pairs, paragraph, small
from siteplan.report.sections.doubts import doubts
from siteplan.report.sheet import SURE_RATIO, Section
from siteplan.text import N_, written
from siteplan.uses import ALL_USES
from siteplan.version import __version__

if TYPE_CHECKING:
    from siteplan.phasing import Phases
    from siteplan.report.sheet import Sheet

_TILES = (
    "parcels_used",
    "far_achieved_pct",
    "households",
    "jobs",
    "students",
    "construction_cost_krw",
)


def wished_m2(sheet: Sheet) -> tuple[int, ...]:
    """Return the GFA of each use: placed, or where nothing fits the wish, 0 where it is free."""
    if sheet.feasible:
        return tuple(sheet.plan.uses_gfa_m2.tolist())
    return tuple(t.target_m2 or t.min_m2 for t in sheet.plan.scenario.programme.targets)


def cover(sheet: Sheet, sections: Sequence[Section]) -> Markup:
    """Return the first page, which lists the sections that follow."""
    head = _head(sheet)
    left = joined((_total(sheet), _tiles(sheet), _standing(sheet, sections)))
    right = joined((_provenance(sheet), _contents(sheet, sections)))
    body = (
        element("div", element("div", left), element("div", right), class_="spread")
        if sheet.wide
        else joined((left, right))
    )
    return element("header", head, body, class_="cover")


def _head(sheet: Sheet) -> Markup:
    _ = sheet.translator
    name = sheet.say(written(sheet.plan.scenario.name))
    return joined(
        (
            paragraph(_(N_("Site plan report")), class_="eyebrow"),
            element("h1", sheet.title),
            paragraph(
                joined(
                    filter(None, (name if name != sheet.title else "", sheet.made_on.isoformat())),
                    " · ",
                ),
                class_="sub",
            ),
        )
    )


def _total(sheet: Sheet) -> Markup:
    _ = sheet.translator
    total_m2 = sheet.plan.scenario.programme.total_gfa_m2
    areas_m2 = wished_m2(sheet)
    told = (
        _(N_("{pyeong} 평 of gross floor area (연면적)"))
        if sheet.feasible
        else _(N_("{pyeong} 평 of gross floor area (연면적) wished; it does not fit"))
    )
    parts = [
        element(
            "li",
            element("span", use.label.render(sheet.lang), class_="use"),
            element("b", m2(area_m2)),
            element("span", f"{pct(area_m2 / total_m2 * 100)} · {in_pyeong(area_m2)} 평"),
            style=f"border-color:{USE_COLOURS[use.key]}",
        )
        for use, area_m2 in zip(ALL_USES, areas_m2, strict=True)
    ]
    label = _(N_("Split of the total by use"))
    return joined(
        (
            paragraph(
                element("strong", m2(total_m2)),
                " ",
                element("span", told.format(pyeong=in_pyeong(total_m2))),
                class_="total",
            ),
            use_bar(sheet, areas_m2, width_mm=178, label=label),
            element("ul", *parts, class_="split"),
        )
    )


def _tiles(sheet: Sheet) -> Markup:
    if not sheet.feasible:
        return Markup("")
    _ = sheet.translator
    tiles = []
    for key in _TILES:
        metric = sheet.metrics[key]
        band = sheet.uncertainty.bands.get(key)
        note = ""
        if key == "parcels_used":
            note = _(N_("of {count:,} in the data")).format(count=len(sheet.plan.parcels))
        elif key == "far_achieved_pct":
            limit = sheet.metrics["far_allowed_pct"]
            note = _(N_("limit {limit}")).format(limit=metric_text(limit, lang=sheet.lang))
        elif span := band_text(band, metric, lang=sheet.lang):
            note = _(N_("5–95 %: {span}")).format(span=span)
        tiles.append(
            element(
                "li",
                element("span", metric.label.render(sheet.lang)),
                element("b", metric_text(metric, lang=sheet.lang)),
                element("span", note),
            )
        )
    return element("ul", *tiles, class_="tiles")


def _standing(sheet: Sheet, sections: Sequence[Section]) -> Markup:
    """Return what the figures are worth, in a few lines that cannot be overlooked."""
    _ = sheet.translator
    sign = element("b", "△", class_="sign")
    lines = []
    if not sheet.feasible:
        lines.append(
            paragraph(
                sign,
                element("b", _(N_("The programme does not fit on these parcels."))),
                " ",
                _(N_("The next pages say why, and which changes would make it fit.")),
            )
        )
    else:
        chance = sheet.say(sheet.uncertainty.text)
        lines.append(
            paragraph(
                element("b", _(N_("How sure it is:"))),
                " ",
                chance,
                small(_(N_("A draw takes each uncertain factor anew from its range."))),
            )
        )
    count = len(doubts(sheet))
    lines.append(
        paragraph(
            sign,
            _(N_("A study of volumes, not a permit: figures rest on the scenario's assumptions.")),
            " ",
            _(
                N_("{count} points that it rests on are not verified: see section {section}.")
            ).format(
                count=count, section=[section.key for section in sections].index("unverified") + 1
            ),
        )
    )
    found = sheet.uncertainty if sheet.feasible else None
    sure = found is not None and found.holds >= SURE_RATIO * found.draws
    return element("div", *lines, class_="callout" if sure else "callout warn")


def _provenance(sheet: Sheet) -> Markup:
    _ = sheet.translator
    plan = sheet.plan
    entries = [
        (_(N_("Scenario id")), plan.scenario_id),
        (_(N_("Rules")), f"{plan.rules.title.render(sheet.lang)}, {plan.rules_id}"),
        (_(N_("Factors")), plan.ledger.id),
        (_(N_("Made with")), f"siteplan {__version__}"),
        (
            _(N_("Parcels")),
            _(N_("{count:,} in the data, {part:,} taking part, {used:,} used")).format(
                count=len(plan.parcels), part=len(sheet.taking_part), used=len(sheet.used_rows)
            ),
        ),
    ]
    if sheet.feasible:
        proven = _(N_("proven within {gap:.4f} % of the best score"))
        entries.append((_(N_("Allocation")), proven.format(gap=plan.gap_pct)))
    entries.append((_(N_("Way of allocating")), sheet.say(approach_name(plan.scenario.approach))))
    if plan.scenario.phases is not None:
        entries.append((_(N_("Years")), _years(sheet, plan.scenario.phases)))
    said = sheet.say(written(plan.scenario.note))
    note = paragraph(said, class_="own-words") if said else Markup("")
    return joined((note, pairs(entries)))


def _years(sheet: Sheet, phases: Phases) -> str:
    """Return the years asked for, and whether they hold the plan."""
    _ = sheet.translator
    span = f"{phases.calendar[0]} – {phases.calendar[-1]}"
    timing = sheet.plan.timing
    if timing is None or timing.status != "infeasible":
        return span
    return f"△ {span}: " + _(N_("The years cannot hold the plan."))


def _contents(sheet: Sheet, sections: Sequence[Section]) -> Markup:
    _ = sheet.translator
    return element(
        "nav",
        element("h3", _(N_("Contents"))),
        element(
            "ol",
            *(
                element(
                    "li",
                    element(
                        "a",
                        element("span", str(number), class_="no"),
                        section.title,
                        href=f"#{section.key}",
                    ),
                )
                for number, section in enumerate(sections, start=1)
            ),
            class_="toc",
        ),
        aria_label=_(N_("Contents")),
    )
