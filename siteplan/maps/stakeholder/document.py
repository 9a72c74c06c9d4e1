"""The stakeholder's file put together: the live map's document, with everything round it.

The page keeps the map's blocks once, for the first language and outlines, and for others only
what differs (`_differences`); its script writes the chosen ones into the blocks and starts the
map's own scripts anew. Only scripts whose digest the page's policy names may run.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import html
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from siteplan.errors import InputError
from siteplan.maps.live import MapPage, live_map, script_json
from siteplan.maps.stakeholder import basis, changes, figures, years
from siteplan.maps.stakeholder.bilingual import Shown, both, both_by, per_scenario
from siteplan.maps.stakeholder.data import share_data
from siteplan.parcels import DRAWN_BY_US
from siteplan.text import LANGUAGES, N_, Renderable, Text, sentence, written
from siteplan.uncertainty import uncertainty_of
from siteplan.version import __version__

if TYPE_CHECKING:
    from siteplan.evaluation import Plan
    from siteplan.parcels import Parcels

MOST_SCENARIOS = 4
"""More do not fit side by side on a sheet or on a screen."""

_STUDY = N_("A study of volumes, not a permit: figures rest on the scenario's assumptions.")
_SPANS = N_(
    "The small numbers are a span: 5 % of {draws:,} draws of the factors from their ranges gave "
    "less, 5 % gave more."
)
_NO_SCRIPT = N_(
    "The map and the table of parcels need scripts. Save the file and open it in a browser."
)
_SCHEMATIC = N_(
    "The outlines are schematic, drawn by siteplan, not surveyed: areas and places are approximate."
)


def stakeholder_document(
    plans: Sequence[Plan],
    *,
    names: Sequence[str],
    lang: str = "ko",
    title: str | None = None,
    made_on: dt.date | None = None,
) -> str:
    """Return one HTML document that shows plans to people who have nothing but a browser.

    Parameters
    ----------
    plans : sequence of Plan
        One to four. Their lots may differ by merges and cuts; each is drawn on its own outlines.
    names : sequence of str
        What to call each plan; an empty name becomes "Scenario 1" and so on.
    lang : {"ko", "en"}
        Language to open with; the reader can switch.
    title : str, optional
        Heading; left out, it names the total.
    made_on : date, optional
        Date that is printed on it; today when left out.

    Returns
    -------
    str
        HTML that refers to nothing outside itself. Texts from files appear as text only.

    Raises
    ------
    InputError
        No plan, more than four, or one that is infeasible.
    ValueError
        Another number of names than of plans, or a language that siteplan does not speak.
    """
    if lang not in LANGUAGES:
        raise ValueError(f"lang must be one of {', '.join(LANGUAGES)}, not {lang!r}")
    shown = _shown(plans, names=names)
    sets = list({one.plan.parcels.digest: one.plan.parcels for one in shown}.values())
    order = {parcels.digest: row for row, parcels in enumerate(sets)}
    titles = _titles(shown, title=title)
    first, starts, differences = _maps(sets, lang=lang)
    data = share_data(
        shown, lang=lang, titles=titles, lots=[order[one.plan.parcels.digest] for one in shown]
    )
    blocks = {**first.blocks, "share": script_json({**data, "differences": differences})}
    made_on = dt.datetime.now().astimezone().date() if made_on is None else made_on
    scripts = _scripts(first, starts)
    style = "\n".join((first.leaflet_css, first.css, figures.use_rules(), _packaged("page.css")))
    data_blocks = "\n".join(
        f'<script type="application/json" id="siteplan-{name}">{block}</script>'
        for name, block in blocks.items()
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(scripts)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(titles[lang])}</title>\n<style>\n{style}\n</style></head>\n<body>\n"
        f"{_body(shown, titles=titles, map_html=first.html.render().strip(), made_on=made_on)}\n"
        f"{data_blocks}\n"
        + "\n".join(f"<script>{script}</script>" for script in scripts)
        + "\n</body></html>\n"
    )


def _shown(plans: Sequence[Plan], *, names: Sequence[str]) -> tuple[Shown, ...]:
    """Check what is to be shown, and draw each plan's uncertainty."""
    if len(names) != len(plans):
        raise ValueError(f"{len(plans)} plans need as many names, not {len(names)}")
    if not 1 <= len(plans) <= MOST_SCENARIOS:
        raise InputError(
            sentence(
                "The stakeholder file shows 1 to {most} scenarios, not {count}. Choose among them.",
                most=MOST_SCENARIOS,
                count=len(plans),
            )
        )
    named: list[Renderable] = [
        written(name.strip()) if name.strip() else sentence("Scenario {number}", number=row + 1)
        for row, name in enumerate(names)
    ]
    for name, plan in zip(named, plans, strict=True):
        if plan.status == "infeasible":
            raise InputError(
                sentence(
                    "The programme of “{name}” does not fit, so there is nothing to show. "
                    "Change the scenario, or leave it out.",
                    name=name,
                )
            )
    return tuple(
        Shown(name, plan, uncertainty_of(plan)) for name, plan in zip(named, plans, strict=True)
    )


def _titles(shown: tuple[Shown, ...], *, title: str | None) -> dict[str, str]:
    if title is not None and title.strip():
        return dict.fromkeys(LANGUAGES, title.strip())
    totals = dict.fromkeys(f"{one.plan.total_gfa_m2:,}" for one in shown)
    said = sentence("Where {total} m² of floor area could stand", total=" / ".join(totals))
    return {lang: said.render(lang) for lang in LANGUAGES}


def _maps(
    sets: Sequence[Parcels], *, lang: str
) -> tuple[MapPage, dict[str, str], dict[str, dict[str, Any]]]:
    """Return the first map's page, and of each map, keyed such as "ko-0", its start and blocks.

    There is a map of every set of outlines in every language. Of the first set only what another
    language changes is kept; of another set what it changes in the first language, and what the
    other language changes in that.
    """
    others = [other for other in LANGUAGES if other != lang]
    pages = {
        f"{to}-{row}": _map_page(parcels, lang=to)
        for row, parcels in enumerate(sets)
        for to in (lang, *others)
    }
    blocks = {
        key: {name: json.loads(block) for name, block in page.blocks.items()}
        for key, page in pages.items()
    }
    differences = {}
    for row in range(len(sets)):
        own = blocks[f"{lang}-{row}"]
        if row:
            differences[f"{lang}-{row}"] = _differences(blocks[f"{lang}-0"], own)
        for to in others:
            differences[f"{to}-{row}"] = _differences(own, blocks[f"{to}-{row}"])
    starts = {key: page.script.render() for key, page in pages.items()}
    return pages[f"{lang}-0"], starts, differences


def _map_page(parcels: Parcels, *, lang: str) -> MapPage:
    page = live_map(parcels, lang=lang).get_root()
    assert isinstance(page, MapPage)  # noqa: S101 - live_map made it so
    page.render()  # only rendering puts a Folium map's parts into its page
    return page


def _differences(known: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return the blocks that differ; of a block with keys, only the keys that do."""
    found: dict[str, Any] = {}
    for name, content in other.items():
        before = known.get(name)
        if content == before:
            continue
        if isinstance(content, dict) and isinstance(before, dict):
            found[name] = _differences(before, content)
        else:
            found[name] = content
    return found


@lru_cache(maxsize=4)
def _packaged(name: str) -> str:
    return (files("siteplan.maps.stakeholder") / name).read_text(encoding="utf-8")


def _scripts(page: MapPage, starts: Mapping[str, str]) -> tuple[str, ...]:
    """Return the scripts of the page: Leaflet, the map's as functions to call, the page's own."""
    cases = "\n".join(
        f"  {script_json(key)}(siteplan) {{\n{start}\n  }}," for key, start in starts.items()
    )
    live = f"function drawMap() {{\n{page.js}\nreturn siteplan;\n}}"
    return tuple(
        script.replace("\r\n", "\n")
        for script in (
            page.leaflet_js,
            f"{live}\nconst startMap = {{\n{cases}\n}};",
            _packaged("page.js"),
        )
    )


def _policy(scripts: Sequence[str]) -> str:
    """Return a policy under which nothing is fetched and only these scripts run."""
    digests = (
        base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts
    )
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _body(
    shown: tuple[Shown, ...],
    *,
    titles: Mapping[str, str],
    map_html: str,
    made_on: dt.date,
) -> str:
    """Return what the reader sees, in both languages; the map and the table of parcels come in."""
    parts = (
        _header(shown, titles=titles, made_on=made_on),
        "<main>",
        _cautions(shown),
        _chooser(shown),
        _workspace(shown, map_html=map_html),
        _section("figures", N_("All figures"), _figure_hint(shown) + figures.figure_table(shown)),
        _perhaps("changes", N_("What changes"), changes.change_list(shown)),
        _perhaps("years", N_("When it is built"), years.year_tables(shown)),
        _section("parcels", N_("Parcels used"), _PARCEL_TABLE),
        _section(
            "assumptions",
            N_("What this rests on"),
            _of_scenario(shown) + basis.assumptions(shown),
        ),
        _section("findings", N_("Findings on the data"), basis.findings(shown)),
        _factors(shown),
        _section("colophon", N_("Where this comes from"), basis.colophon(shown, made_on=made_on)),
        "</main>",
    )
    return "\n".join(parts)


_PARCEL_TABLE = (
    '<p id="parcels-count" class="quiet"></p>'
    '<div class="wide" tabindex="0" role="region" aria-labelledby="parcels-title">'
    '<table class="parcels"><thead></thead><tbody></tbody><tfoot></tfoot></table></div>'
)
"""Filled by the page's script, which knows the figures once for map, card and table."""


def _section(name: str, heading: str, content: str) -> str:
    return (
        f'<section aria-labelledby="{name}-title"><h2 id="{name}-title" tabindex="-1">'
        f"{both(heading)}</h2>{content}</section>"
    )


def _perhaps(name: str, heading: str, content: str) -> str:
    """Return a section where there is anything to say in it."""
    return _section(name, heading, content) if content else ""


def _factors(shown: tuple[Shown, ...]) -> str:
    heading = N_("Factors behind the figures")
    return (
        '<section aria-labelledby="factors-title"><details><summary><h2 id="factors-title">'
        f"{both(heading)}</h2></summary>{basis.factor_table(shown)}</details></section>"
    )


def _figure_hint(shown: tuple[Shown, ...]) -> str:
    spans = sentence(_SPANS, draws=shown[0].uncertainty.draws)
    opened = N_("Open a figure to see how it is worked out.")
    return (
        f'<p class="hint quiet">{both(spans)} <span class="screen-only">{both(opened)}</span></p>'
    )


def _of_scenario(shown: tuple[Shown, ...]) -> str:
    """Return which scenario a section speaks of, where there are several."""
    if len(shown) == 1:
        return ""
    return per_scenario(
        shown,
        lambda row: both(sentence("Of “{name}”:", name=shown[row].name)),
        tag="p",
    )


def _header(shown: tuple[Shown, ...], *, titles: Mapping[str, str], made_on: dt.date) -> str:
    ids = ", ".join(one.plan.scenario_id for one in shown)
    made = f"siteplan {__version__} · {made_on.isoformat()} · {ids}"
    skip, to_paper = N_("To the table of parcels"), N_("Print")
    return (
        f'<a class="skip" href="#parcels-title">{both(skip)}</a>'
        f'<header><div><h1>{both_by(lambda lang: titles[lang])}</h1><p class="quiet">{made}</p>'
        '</div><div class="tools screen-only">'
        '<button type="button" data-lang="ko" lang="ko">한국어</button>'
        '<button type="button" data-lang="en" lang="en">English</button>'
        f'<button type="button" id="print">{both(to_paper)}</button></div></header>'
        f'<noscript><p class="caution">{both(_NO_SCRIPT)}</p></noscript>'
    )


def _cautions(shown: tuple[Shown, ...]) -> str:
    drawn = any(kind in DRAWN_BY_US for one in shown for kind in one.plan.parcels.evidence)
    said = [Text(_STUDY), *([Text(_SCHEMATIC)] if drawn else [])]
    return f'<p class="caution">{" ".join(both(text) for text in said)}</p>'


def _chooser(shown: tuple[Shown, ...]) -> str:
    """Return the scenarios to choose from, and what to colour the map by."""
    choices = "".join(
        f'<label><input type="radio" name="scenario" value="{row}"{"" if row else " checked"}>'
        f"<span>{both(one.name)}</span></label>"
        for row, one in enumerate(shown)
    )
    alone = ' class="alone"' if len(shown) == 1 else ""
    which, by = N_("Scenario"), N_("Colour by")
    return (
        f'<div class="choosers screen-only"><fieldset{alone}><legend>{both(which)}'
        f"</legend>{choices}</fieldset><label><span>{both(by)}</span> "
        f'<select id="colour-by"></select></label>{_year_chooser(shown)}</div>'
        '<p id="said" class="unseen" role="status"></p>'
    )


def _year_chooser(shown: tuple[Shown, ...]) -> str:
    """Return the slider of years, shown while the map tells what stands at the end of one."""
    span = years.years_of(shown)
    if span is None:
        return ""
    at_end = N_("At the end of")
    return (
        f'<label id="year-chooser" hidden><span>{both(at_end)} <output id="year-said"></output>'
        f'</span><input type="range" id="year" min="{span[0]}" max="{span[-1]}" step="1" '
        f'value="{span[-1]}"></label>'
    )


def _workspace(shown: tuple[Shown, ...], *, map_html: str) -> str:
    return (
        f'<div class="workspace"><div class="map-frame">{map_html}'
        '<aside id="card" tabindex="-1" aria-labelledby="card-name" hidden></aside></div>'
        f'<div class="headline">{figures.headline(shown)}</div></div>'
    )
