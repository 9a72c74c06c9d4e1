"""A plan as a report for paper: one HTML file, nothing fetched, no scripts."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from siteplan.errors import UsageError
from siteplan.report.drawing import hatches
from siteplan.report.markup import Markup, element, joined
from siteplan.report.sections import sections_of
from siteplan.report.sections.cover import cover
from siteplan.report.sheet import PAPERS, Paper, Section, Sheet
from siteplan.report.stylesheet import stylesheet
from siteplan.text import N_, sentence, written
from siteplan.version import __version__

if TYPE_CHECKING:
    import datetime as dt

    from siteplan.evaluation import Plan

CONTENT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)
_FRESH = {"misfit", "maps", "massing", "programme", "years", "unverified", "assumptions"}
_FRESH_UPRIGHT = {"figures", "uncertainty"}
"""Sections that begin on a new page; the latter where there are no columns to flow in."""


def report_html(
    plan: Plan,
    *,
    lang: str,
    paper: Paper = "a4",
    title: str | None = None,
    made_on: dt.date,
) -> str:
    """Return a plan as an HTML report made for paper.

    Parameters
    ----------
    plan : Plan
        An infeasible one gives its explanation and repairs instead of tables.
    lang : str
        "ko" or "en".
    paper : {"a4", "a3"}
        A4 upright or A3 on its long side.
    title : str, optional
        Left out, the scenario's name.
    made_on : date
        Day that the report names; nothing here looks at the clock.

    Returns
    -------
    str
        A document without scripts and without any reference to other files. Texts from files and
        scenarios appear as text only. Equal arguments give an equal document.

    Raises
    ------
    UsageError
        No such paper.
    """
    if paper not in PAPERS:
        raise UsageError(sentence("There is no paper {paper}. Use a4 or a3.", paper=str(paper)))
    named = title or written(plan.scenario.name).render(lang)
    sheet = Sheet(plan, lang, PAPERS[paper], named, made_on)
    if not named:
        sheet = Sheet(plan, lang, PAPERS[paper], sheet.translator(N_("Site plan")), made_on)
    return _document(sheet)


def _document(sheet: Sheet) -> str:
    _ = sheet.translator
    sections = sections_of(sheet)
    # Translators see the whole sentence; the two counters are set by CSS.
    page_of = _(N_("page {page} of {pages}")).split("{page}")
    before, (between, after) = page_of[0], page_of[1].split("{pages}")
    running = f"{sheet.title} · {sheet.made_on.isoformat()}"
    foot = f"siteplan {__version__} · {sheet.plan.rules_id} · " + _(
        N_("A study of volumes, not a permit")
    )
    style = stylesheet(sheet, running=running, foot=foot, page_of=(before, between, after))
    body = joined(
        (
            hatches(),
            cover(sheet, sections),
            element(
                "main",
                *(
                    _section(section, number=number, wide=sheet.wide)
                    for number, section in enumerate(sections, start=1)
                ),
            ),
        ),
        "\n",
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{html.escape(sheet.lang)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{CONTENT_POLICY}">'
        f"<title>{html.escape(sheet.title)}</title>\n<style>{style}</style></head><body>\n"
        f"{body}\n</body></html>\n"
    )


def _section(section: Section, *, number: int, wide: bool) -> Markup:
    fresh = section.key in _FRESH or (section.key in _FRESH_UPRIGHT and not wide)
    heading = element("h2", element("span", str(number), class_="no"), section.title)
    body = section.body if section.wide else element("div", section.body, class_="flow")
    return element("section", heading, body, id=section.key, class_="fresh" if fresh else None)
