"""The findings about a file on a map, and as one HTML page that needs no network."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

import folium
import numpy as np

from siteplan.issues import SEVERITIES, Issue
from siteplan.maps.live import MapPage, content_policy, live_map
from siteplan.maps.looks import UNUSED, LegendEntry, MapStyle, Swatch
from siteplan.maps.message import as_text, index_section, style_message
from siteplan.maps.outlines import lon_lat
from siteplan.maps.surroundings import SurroundingLayer
from siteplan.reading import ReadReport, by_subject, gravest
from siteplan.text import N_, translate
from siteplan.version import __version__

if TYPE_CHECKING:
    from siteplan.parcels import Parcels

SEVERITY_COLOURS = {"error": "#D55E00", "warning": "#E69F00", "info": "#0072B2"}
"""Okabe & Ito: vermilion, orange, blue; the words stand beside them everywhere."""

SEVERITY_NAMES = {"error": N_("error"), "warning": N_("warning"), "info": N_("note")}
MOST_STYLES = 40
"""Up to so many findings have a colouring of their own on the map."""
MOST_NAMED_IDS = 30
MOST_TREATMENTS = 300

_MAP_TITLE = N_("Map of the findings")
_NOTHING = N_("Nothing to remark.")
_REPAIRS = N_("Repairs, parcel by parcel")
_QUIET = Swatch(UNUSED, None, 0.25)


def findings_map(parcels: Parcels, issues: Sequence[Issue], *, lang: str) -> folium.Map:
    """Return the parcels coloured by the gravest finding about each.

    Parameters
    ----------
    parcels : Parcels
    issues : sequence of Issue
        Ids of rows that are no parcels (set aside) are left out of the map.
    lang : str
        Language of the page.

    Notes
    -----
    The map's own list offers each finding alone. Places that belong to no parcel, such as gaps,
    are dots.
    """
    parcel_map = live_map(parcels, lang=lang, wordings={"colour_by": N_("Show")})
    page = parcel_map.get_root()
    assert isinstance(page, MapPage)  # noqa: S101 - live_map made it so
    shown = [issue for issue in issues if _on_map(issue, parcels=parcels)]
    styles = [_all(parcels, issues, lang=lang)]
    styles += [
        _one(parcels, issue, key=f"finding-{row}", lang=lang)
        for row, issue in enumerate(shown[:MOST_STYLES])
    ]
    page.add_block(
        "plan",
        {
            "styles": [
                {**style_message(style), **as_text({"index": index_section(style)})}
                for style in styles
            ],
            "colour_by": styles[0].colour_by,
            "figures": dict.fromkeys(("rows", "uses", "gfa_m2", "far_permille", "floors"), ""),
            "name": "",
            "scenario_id": "",
        },
    )
    page.add_block("notes", _notes(parcels, issues, lang=lang))
    places_m = [place for issue in issues for place in issue.places_m]
    if places_m:
        points = [[round(lat, 7), round(lon, 7)] for lon, lat in lon_lat(np.array(places_m))]
        page.add_block("finding", [{"kind": "finding", "name": None, "points": points}])
        layer = SurroundingLayer(key="finding", name=translate(N_("Where to look"), lang=lang))
        # Before the layer list, which names it, and the last call, which starts the page.
        children = list(parcel_map._children.values())
        lists = [i for i, child in enumerate(children) if isinstance(child, folium.LayerControl)]
        parcel_map.add_child(layer, index=lists[0] if lists else len(children) - 1)
    return parcel_map


def _on_map(issue: Issue, *, parcels: Parcels) -> bool:
    """Tell whether a finding is about some of the parcels, not about the file or about all."""
    return 0 < len(issue.parcel_ids) < len(parcels)


def _all(parcels: Parcels, issues: Sequence[Issue], *, lang: str) -> MapStyle:
    about_some = [issue for issue in issues if _on_map(issue, parcels=parcels)]
    worst = gravest(about_some)
    order = {severity: row for row, severity in enumerate(SEVERITIES)}
    index = np.fromiter(
        (order[worst[i]] if i in worst else len(order) for i in parcels.ids),
        dtype=np.uint8,
        count=len(parcels),
    )
    entries = [
        LegendEntry(row, translate(SEVERITY_NAMES[name], lang=lang), f"{(index == row).sum():,}")
        for name, row in order.items()
        if (index == row).any()
    ]
    entries.append(
        LegendEntry(
            len(order),
            translate(N_("No finding of their own"), lang=lang),
            f"{(index == len(order)).sum():,}",
        )
    )
    palette = (*(Swatch(SEVERITY_COLOURS[name], None, 0.8, 1.5) for name in SEVERITIES), _QUIET)
    title = translate(N_("All findings about single parcels"), lang=lang)
    return MapStyle("all", title, palette, index, tuple(entries))


def _one(parcels: Parcels, issue: Issue, *, key: str, lang: str) -> MapStyle:
    index = np.ones(len(parcels), dtype=np.uint8)
    rows = [parcels.index[i] for i in issue.parcel_ids if i in parcels.index]
    index[rows] = 0
    message = issue.message.render(lang)
    return MapStyle(
        key,
        message if len(message) <= 60 else f"{message[:58]}…",
        (Swatch(SEVERITY_COLOURS[issue.severity], None, 0.85, 1.5), _QUIET),
        index,
        (
            LegendEntry(0, translate(SEVERITY_NAMES[issue.severity], lang=lang), f"{len(rows):,}"),
            LegendEntry(1, translate(N_("Other parcels"), lang=lang), f"{index.sum():,}"),
        ),
    )


def _notes(parcels: Parcels, issues: Sequence[Issue], *, lang: str) -> dict[str, list[str]]:
    """Return row -> what was found about that parcel, for its tooltip."""
    notes: dict[str, list[str]] = {}
    for issue in issues:
        # What is said of most parcels stands in the list; a tooltip is for what is special.
        if not _on_map(issue, parcels=parcels) or 2 * len(issue.parcel_ids) > len(parcels):
            continue
        message = issue.message.render(lang)
        for parcel_id in issue.parcel_ids:
            row = parcels.index.get(parcel_id)
            if row is not None:
                notes.setdefault(str(row), []).append(message)
    return notes


_CSS = """
:root { color-scheme: light dark; --ink: #1b1f24; --quiet: #57606a; --line: #d0d7de;
  --ground: #ffffff; --panel: #f6f8fa; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --quiet: #9aa4ae; --line: #3d444d;
  --ground: #14181c; --panel: #1d2329; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem; color: var(--ink);
  background: var(--ground); font: 16px/1.55 system-ui, "Noto Sans KR", "Malgun Gothic",
  "Apple SD Gothic Neo", NanumGothic, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; border-bottom: 1px solid var(--line); }
.quiet { color: var(--quiet); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 1rem 0; }
dt { color: var(--quiet); } dd { margin: 0; }
iframe { width: 100%; height: min(32rem, 75vh); border: 1px solid var(--line); }
article { padding: .6rem .8rem; margin: .5rem 0; background: var(--panel); border-left: 4px solid; }
article p { margin: .2rem 0; } article .fix::before { content: "→ "; }
.error { border-color: #D55E00; } .warning { border-color: #E69F00; }
.info { border-color: #0072B2; }
.mark { font-size: .8rem; font-weight: 700; padding: 0 .4rem; border: 1px solid;
  border-radius: 1rem; }
details { font-size: .9rem; } table { border-collapse: collapse; font-size: .9rem; }
th, td { text-align: left; padding: .15rem .8rem .15rem 0; border-bottom: 1px solid var(--line); }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
@media (max-width: 36rem) { body { padding: 1rem .8rem; } dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: .5rem; } }
@media print { body { max-width: none; } article, iframe { break-inside: avoid; } }
"""


def findings_page(report: ReadReport, parcels: Parcels | None, *, lang: str) -> str:
    """Return the findings about a file as one HTML page.

    Parameters
    ----------
    report : ReadReport
    parcels : Parcels or None
        What was read; None (nothing could be placed yet) leaves the map out.
    lang : str
        Language of the page.

    Returns
    -------
    str
        A document without any reference to other files. Texts from the file appear as text only.
    """

    def _(msgid: str) -> str:
        return html.escape(translate(msgid, lang=lang))

    counts = {name: sum(i.severity == name for i in report.issues) for name in SEVERITIES}
    title = html.escape(translate(N_("Findings about {file}"), lang=lang).format(file=report.file))
    counted = " · ".join(f"{_(SEVERITY_NAMES[name])} {count}" for name, count in counts.items())
    parts = [f"<h1>{title}</h1>", f'<p class="quiet">{counted}</p>', _what_it_is(report, lang=lang)]
    if parcels is not None:
        document = findings_map(parcels, report.issues, lang=lang).get_root().render()
        parts.append(f'<iframe title="{_(_MAP_TITLE)}" srcdoc="{html.escape(document)}"></iframe>')
    for subject in by_subject(report.issues):
        parts.append(f"<h2>{html.escape(subject.title.render(lang))}</h2>")
        parts += [_article(issue, lang=lang) for issue in subject.issues]
    if not report.issues:
        parts.append(f"<p>{_(_NOTHING)}</p>")
    parts.append(_treatments(report, lang=lang))
    parts.append(f'<p class="quiet">siteplan {__version__}</p>')
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{content_policy(None)}">'
        f"<title>{title}</title><style>{_CSS}</style></head><body>\n"
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


def what_it_is(report: ReadReport, *, lang: str) -> dict[str, str]:
    """Return heading -> what a file is and what was assumed, for a person to read."""

    def _(msgid: str) -> str:
        return translate(msgid, lang=lang)

    kinds = {
        "parcels": N_("parcels"),
        "zoning": N_("zoning polygons"),
        "buildings": N_("buildings"),
        "land price": N_("land prices"),
        "other": N_("polygons of another kind"),
    }
    kind = _(kinds.get(report.kind, report.kind))
    placed = (
        f"{report.crs_read} → {report.crs_used} – {report.crs_reason.render(lang)}"
        if report.crs_used
        else _(N_("to be asked"))
    )
    rows = (
        _(N_("{rows:,} rows in, {parcels:,} parcels out, {aside:,} set aside"))
        if report.crs_used
        else _(N_("{rows:,} rows, waiting for the coordinate system"))
    )
    lines = {
        _(N_("Kind")): f"{kind} ({report.layout})" if report.layout else kind,
        _(N_("Format")): report.format + (f", {report.layer}" if report.layer else ""),
        _(N_("Encoding")): report.encoding,
        _(N_("Coordinate system")): placed,
        _(N_("Rows")): rows.format(
            rows=report.rows_in, parcels=report.parcels_out, aside=report.set_aside_rows
        ),
        _(N_("Columns")): ", ".join(f"{fact} ← {own}" for fact, own in report.columns.items()),
        _(N_("Columns not used")): ", ".join(report.unmapped),
    }
    return {heading: text for heading, text in lines.items() if text}


def _what_it_is(report: ReadReport, *, lang: str) -> str:
    lines = "".join(
        f"<dt>{html.escape(heading)}</dt><dd>{html.escape(text)}</dd>"
        for heading, text in what_it_is(report, lang=lang).items()
    )
    return f"<dl>{lines}</dl>"


def _article(issue: Issue, *, lang: str) -> str:
    mark = html.escape(translate(SEVERITY_NAMES[issue.severity], lang=lang))
    ids = [html.escape(i) for i in issue.parcel_ids]
    shown = ", ".join(ids[:MOST_NAMED_IDS]) + (" …" if len(ids) > MOST_NAMED_IDS else "")
    summary = html.escape(translate(N_("{count:,} parcel(s)"), lang=lang).format(count=len(ids)))
    named = f"<details><summary>{summary}</summary>{shown}</details>" if ids else ""
    return (
        f'<article class="{issue.severity}"><p><span class="mark">{mark}</span> '
        f"{html.escape(issue.message.render(lang))}</p>"
        f'<p class="fix quiet">{html.escape(issue.fix.render(lang))}</p>{named}</article>'
    )


def _treatments(report: ReadReport, *, lang: str) -> str:
    """Return the table of repairs with the areas before and after."""
    if not report.treatments:
        return ""

    def _(msgid: str) -> str:
        return html.escape(translate(msgid, lang=lang))

    headings = (N_("Parcel"), N_("Repair"), N_("Before (m²)"), N_("After (m²)"))
    head = "".join(f"<th>{_(heading)}</th>" for heading in headings)
    rows = "".join(
        f"<tr><td>{html.escape(t.parcel_id)}</td>"
        f"<td>{html.escape(treatment_name(t.what, lang=lang))}</td>"
        f'<td class="number">{t.before_m2:,.2f}</td><td class="number">{t.after_m2:,.2f}</td></tr>'
        for t in report.treatments[:MOST_TREATMENTS]
    )
    more = len(report.treatments) - MOST_TREATMENTS
    told = html.escape(translate(N_("… and {count:,} more."), lang=lang).format(count=more))
    return (
        f"<h2>{_(_REPAIRS)}</h2><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table>" + (f'<p class="quiet">{told}</p>' if more > 0 else "")
    )


def treatment_name(what: str, *, lang: str) -> str:
    """Return a kind of treatment in words."""
    return translate(_TREATMENTS.get(what, what), lang=lang)


_TREATMENTS: dict[str, str] = {
    "edges_snapped": N_("Joined to a neighbour's edge"),
    "ring_closed": N_("Open ring closed"),
    "curves_flattened": N_("Arcs drawn as chords"),
    "heights_dropped": N_("Heights left out"),
    "spike_removed": N_("Spike removed"),
    "self_intersection": N_("Self-intersection resolved"),
    "hole_misplaced": N_("Hole outside its shell made a part"),
    "parts_merged": N_("Overlapping parts joined"),
    "ring_degenerate": N_("Ring with too few points removed"),
    "collection_parts": N_("Lines or points beside the polygon left out"),
    "sliver_part_removed": N_("Sliver part removed"),
    "repeated_points": N_("Repeated points removed"),
}
