"""The report on paper: printed to PDF by a real browser, with the network denied."""

from __future__ import annotations

import datetime as dt
import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pypdf
import pytest
from axe_playwright_python.sync_playwright import Axe

from siteplan.approach import Practical
from siteplan.evaluation import Plan, evaluate
from siteplan.io import default_scenario, read_parcels
from siteplan.phasing import Phases
from siteplan.report import PAPERS, Paper, report_html
from siteplan.text import translate
from siteplan.use_limits import UseLimit
from tests.browser.conftest import OfflineContext

MM_PER_POINT = 25.4 / 72
CLIPPED = """
() => [...document.querySelectorAll('th, td, p, li, dd, h1, h2, h3, svg, table')].filter(e => {
  const box = e.getBoundingClientRect(), page = document.body.getBoundingClientRect();
  return box.width && (box.right > page.right + 1 || box.left < page.left - 1
    || (e.tagName !== 'svg' && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0
        && getComputedStyle(e).display !== 'inline'));
}).map(e => e.tagName + ': ' + e.textContent.slice(0, 60))
"""


@pytest.fixture(scope="module")
def plan() -> Plan:
    parcels = read_parcels()
    return evaluate(parcels, default_scenario(parcels))


@pytest.fixture(scope="module")
def wished() -> Plan:
    """A plan with years, rules for buildable parcels and limits."""
    parcels = read_parcels()
    start = default_scenario(parcels)
    held = replace(
        start.decisions["YJ-223"], limits={"research": UseLimit(20_000, 60_000)}, ready_year=2030
    )
    scenario = replace(
        start.with_decision("YJ-223", held),
        approach=Practical(2, {"research": 1_000}),
        phases=Phases(2028, 6, ceiling_gfa_m2=(60_000,) * 6),
    )
    found = evaluate(parcels, scenario)
    assert found.timing is not None
    assert found.timing.status != "infeasible"
    return found


def words(page: pypdf.PageObject) -> str:
    """The page's text; Nanum's space comes out of pypdf as a control character."""
    return re.sub(r"[\s\x00-\x1f]+", " ", page.extract_text())


def printed(
    offline: OfflineContext, plan: Plan, folder: Path, *, lang: str, paper: Paper
) -> pypdf.PdfReader:
    path = folder / "report.html"
    html = report_html(plan, lang=lang, paper=paper, made_on=dt.date(2026, 11, 28))
    path.write_text(html, encoding="utf-8")
    page = offline.new_page()
    page.goto(path.as_uri())
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    return pypdf.PdfReader(io.BytesIO(pdf))


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_it_prints_on_its_paper_with_numbered_pages(
    offline: OfflineContext, plan: Plan, tmp_path: Path, lang: str, paper: Paper
) -> None:
    pdf = printed(offline, plan, tmp_path, lang=lang, paper=paper)
    size = PAPERS[paper]
    texts = [words(page) for page in pdf.pages]
    assert 8 <= len(texts) <= 30
    for number, (page, text) in enumerate(zip(pdf.pages, texts, strict=True), start=1):
        assert float(page.mediabox.width) * MM_PER_POINT == pytest.approx(size.width_mm, abs=0.5)
        assert float(page.mediabox.height) * MM_PER_POINT == pytest.approx(size.height_mm, abs=0.5)
        told = translate("page {page} of {pages}", lang=lang).format(page=number, pages=len(texts))
        assert told in text
        # Header, foot and something between them: no page is empty.
        assert len(text) > 150
        if number > 1:
            assert plan.scenario_id in text
    whole = "\n".join(texts)
    assert "270,000" in texts[0]
    for m2 in plan.uses_gfa_m2.tolist():
        assert f"{m2:,}" in texts[0]
    for factor in plan.ledger.factors.values():
        # Long keys may be set on two lines.
        assert "".join(factor.key.split()) in "".join(whole.split())


@pytest.mark.parametrize("paper", PAPERS)
def test_no_sum_and_no_note_stands_alone_on_a_page(
    offline: OfflineContext, plan: Plan, tmp_path: Path, paper: Paper
) -> None:
    pdf = printed(offline, plan, tmp_path, lang="en", paper=paper)
    texts = [words(page) for page in pdf.pages]
    used = np.flatnonzero(plan.parcel_gfa_m2)
    last = used[np.argsort(plan.parcel_gfa_m2[used])][:2]
    summed = next(
        text for text in texts if f" {len(used)} parcels" in text and "FAR / limit" in text
    )
    assert all(plan.parcels.name(row, lang="en") in summed for row in last.tolist())
    assert "△: zone not verified" in summed
    assert min(len(text) for text in texts) > 500


def test_headings_of_long_tables_stand_on_each_page(
    offline: OfflineContext, plan: Plan, tmp_path: Path
) -> None:
    pdf = printed(offline, plan, tmp_path, lang="en", paper="a4")
    texts = [words(page) for page in pdf.pages]
    start = next(i for i, text in enumerate(texts) if "Factors and their sources" in text and i)
    later = texts[start:]
    assert len(later) >= 3
    for text in later:
        assert "Source, date" in text


@pytest.mark.parametrize(("lang", "paper"), [("ko", "a4"), ("en", "a4"), ("en", "a3")])
@pytest.mark.parametrize("which", ["plan", "wished"])
def test_nothing_is_cut_off_on_paper(
    offline: OfflineContext,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    lang: str,
    paper: Paper,
    which: str,
) -> None:
    path = tmp_path / "report.html"
    shown: Plan = request.getfixturevalue(which)
    html = report_html(shown, lang=lang, paper=paper, made_on=dt.date(2026, 11, 28))
    path.write_text(html, encoding="utf-8")
    page = offline.new_page()
    page.emulate_media(media="print")
    width_px = round(PAPERS[paper].inner_width_mm / 25.4 * 96)
    page.set_viewport_size({"width": width_px, "height": 1000})
    page.goto(path.as_uri())
    assert page.evaluate(CLIPPED) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width_px + 1


@pytest.mark.parametrize("media", ["print", "screen"])
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_axe_finds_nothing_serious(
    offline: OfflineContext,
    wished: Plan,
    tmp_path: Path,
    lang: str,
    media: Literal["print", "screen"],
) -> None:
    path = tmp_path / "report.html"
    html = report_html(wished, lang=lang, made_on=dt.date(2026, 11, 28))
    path.write_text(html, encoding="utf-8")
    page = offline.new_page()
    page.emulate_media(media=media)
    page.goto(path.as_uri())
    found = Axe().run(page).response["violations"]
    grave = [
        (fault["id"], [node["html"][:160] for node in fault["nodes"]][:3])
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]
    assert grave == []


@pytest.mark.parametrize("width_px", [360, 1400])
def test_it_reads_on_a_screen_too(
    offline: OfflineContext, wished: Plan, tmp_path: Path, width_px: int
) -> None:
    path = tmp_path / "report.html"
    path.write_text(report_html(wished, lang="ko", made_on=dt.date(2026, 11, 28)), encoding="utf-8")
    page = offline.new_page()
    page.set_viewport_size({"width": width_px, "height": 800})
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width_px
