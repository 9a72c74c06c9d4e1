"""The report: every figure is the plan's, nothing is left out, nothing from a file is markup."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from siteplan.advice import repairs
from siteplan.errors import UsageError
from siteplan.evaluation import Plan, evaluate
from siteplan.explain import limit_figures
from siteplan.io import default_scenario, read_parcels
from siteplan.maps.contrast import contrast_ratio
from siteplan.programme import Programme, with_uses
from siteplan.report import PAPERS, report_html
from siteplan.report.sections import sections_of
from siteplan.report.sections.doubts import doubts
from siteplan.report.sheet import Sheet
from siteplan.report.stylesheet import _CSS, css_string
from siteplan.scenario import ParcelDecision, Scenario
from siteplan.text import Text, on_screen, written
from siteplan.uncertainty import uncertainty_of
from siteplan.uses import ALL_USES, USES
from tests.browser.apps.grid import NASTY, grid_parcels, grid_plan
from tests.studies import row_of_lots

DAY = dt.date(2026, 11, 28)


class Page(HTMLParser):
    """Elements, the text by section, and the cells of the tables of a report."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.sections: dict[str, list[str]] = {"": []}
        self.rows: dict[str, list[list[str]]] = {"": []}
        self._section, self._style = "", False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        self._style = tag == "style"
        if tag == "section":
            self._section = str(attributes["id"])
            self.sections[self._section], self.rows[self._section] = [], []
        if tag == "tr":
            self.rows[self._section].append([])
        if tag in ("td", "th"):
            self.rows[self._section][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self._style = self._style and tag != "style"

    def handle_data(self, data: str) -> None:
        if self._style:
            return
        self.sections[self._section].append(data)
        rows = self.rows[self._section]
        if rows and rows[-1]:
            rows[-1][-1] += data

    @property
    def text(self) -> str:
        return "\n".join(self.of(section) for section in self.sections)

    def of(self, section: str) -> str:
        return " ".join(self.sections[section])


def report(plan: Plan, *, lang: str = "en", paper: str = "a4", title: str | None = None) -> str:
    return report_html(plan, lang=lang, paper=paper, title=title, made_on=DAY)


def plain(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def plan() -> Plan:
    parcels = read_parcels()
    return evaluate(parcels, default_scenario(parcels))


@pytest.fixture(scope="module")
def page(plan: Plan) -> Page:
    return Page(report(plan))


@pytest.fixture(scope="module")
def misfit() -> Plan:
    parcels = read_parcels()
    scenario = default_scenario(parcels)
    asked = with_uses(scenario.programme, {"housing": 200_000}, share_pct={})
    return evaluate(parcels, replace(scenario, programme=asked))


class TestFigures:
    def test_the_programme_is_the_plans(self, plan: Plan, page: Page) -> None:
        rows = {row[0]: row[1:] for row in page.rows["programme"]}
        for column, use in enumerate(ALL_USES):
            gfa_m2 = int(plan.uses_gfa_m2[column])
            low, high = plan.ranges_m2[column]
            cells = rows[use.label.en]
            assert cells[0] == f"{gfa_m2:,}"
            assert float(cells[1]) == pytest.approx(gfa_m2 / plan.total_gfa_m2 * 100, abs=0.05)
            assert float(cells[2].replace(",", "")) == pytest.approx(gfa_m2 * 121 / 400, abs=0.5)
            assert cells[4] == f"{low:,.0f} – {high:,.0f}"
        assert rows["All uses"][0] == "270,000"

    def test_the_first_page_tells_total_split_and_origin(self, plan: Plan, page: Page) -> None:
        first = plain(page.of(""))
        for told in (
            "270,000 m²",
            "81,675 평",
            plan.scenario_id,
            plan.rules_id,
            "Yangjae starting scenario",
            "2026-11-28",
            *(f"{int(m2):,} m²" for m2 in plan.uses_gfa_m2),
        ):
            assert told in first

    def test_every_parcel_used_has_its_row(self, plan: Plan, page: Page) -> None:
        rows = {row[1]: row for row in page.rows["parcels"]}
        used = [row for row in range(len(plan.parcels)) if plan.parcel_gfa_m2[row] > 0]
        assert len(used) == len(page.rows["parcels"]) - 2  # heading and total
        for row in used:
            cells = next(cells for key, cells in rows.items() if plan.parcels.ids[row] in key)
            part_m2 = plan.parcels.site_area_m2[row] * plan.capacity.available_pct[row] / 100
            uses = [0 if cell == "–" else int(cell.replace(",", "")) for cell in cells[3:7]]
            assert uses == plan.gfa_m2[row].tolist()
            assert cells[7] == f"{int(plan.parcel_gfa_m2[row]):,}"
            far_pct, bcr_pct = (float(re.split(r" / ", cells[i])[0]) for i in (8, 9))
            assert far_pct == pytest.approx(plan.far_area_m2[row] / part_m2 * 100, abs=0.05)
            assert bcr_pct == pytest.approx(
                plan.massing.footprint_m2[row] / part_m2 * 100, abs=0.05
            )
            assert far_pct <= plan.capacity.far_limit_pct[row] + 0.05
            assert cells[10].startswith(f"{int(plan.floors[row])}F")

    def test_every_figure_stands_with_its_formula(self, plan: Plan, page: Page) -> None:
        told = plain(page.of("figures"))
        for metric in plan.metrics:
            assert metric.label.en in told
            assert plain(str(metric.formula)) in told
            assert all(plain(str(text)) in told for text in metric.counted_twice)

    def test_every_factor_stands_with_its_source(self, plan: Plan, page: Page) -> None:
        told = plain(page.of("factors"))
        for factor in plan.ledger.factors.values():
            for text in (factor.key, factor.source, factor.date, factor.note.en):
                assert plain(text) in told

    def test_the_chance_and_the_bands_are_those_of_the_draws(self, plan: Plan, page: Page) -> None:
        found = uncertainty_of(plan)
        assert str(found.text) in plain(page.of("uncertainty"))
        assert str(found.text) in plain(page.of(""))
        jobs = found.bands["jobs"]
        assert f"{jobs.low:,.0f} – {jobs.high:,.0f}" in page.of("figures")

    def test_parking_adds_up_as_in_the_plan(self, plan: Plan, page: Page) -> None:
        assert plain(str(plan.composition.summary)) in plain(page.of("composition"))
        total = next(row for row in page.rows["composition"] if row[0] == "All uses")
        assert total[4] == f"{plan.composition.whole.stalls:,.0f}"


class TestNothingIsLeftOut:
    def test_every_finding_and_what_to_do(self, plan: Plan, page: Page) -> None:
        told = plain(page.of("findings"))
        assert plan.issues
        for issue in plan.issues:
            assert plain(str(issue.message)) in told
            assert plain(on_screen(str(issue.fix))) in told

    def test_every_consent_with_its_condition(self, plan: Plan, page: Page) -> None:
        told = plain(page.of("permissions"))
        assert plan.scenario.consents
        for zone, use in plan.scenario.consents:
            permit = plan.rules.zones[zone].permits[use]
            assert zone in told
            assert permit.condition is not None
            assert plain(permit.condition.en) in told

    def test_every_limit_with_its_article(self, plan: Plan, page: Page) -> None:
        told = plain(page.of("limits"))
        for row in range(len(plan.parcels)):
            if plan.parcel_gfa_m2[row] > 0:
                for limit in limit_figures(plan.capacity, row):
                    assert plain(str(limit.how)) in told
                    assert limit.article in told

    def test_every_decision_with_its_reason(self, plan: Plan, page: Page) -> None:
        told = plain(page.of("assumptions"))
        for parcel_id, decision in plan.scenario.decisions.items():
            assert parcel_id in told
            assert plain(written(decision.reason).en) in told
            assert decision.reason not in told

    def test_what_is_not_verified_is_in_one_list(self, plan: Plan, page: Page) -> None:
        told = plain(page.of("unverified"))
        for factor in plan.ledger.factors.values():
            weak = factor.mark in ("M", "assumption") or factor.changed
            assert (factor.key in told) or not weak
        for zone, mark in {
            (rule.name, rule.permits[use].mark)
            for row, rule in enumerate(plan.capacity.zone_rules)
            for column, use in enumerate(USES)
            if rule is not None and plan.gfa_m2[row, column] > 0
        }:
            assert mark == "V" or f"({zone})" in told
        unverified = (~plan.parcels.zone_verified & (plan.parcel_gfa_m2 > 0)).sum()
        assert f"The zone of {unverified} parcels" in told
        assert "schematic" in told
        assert "400 %" in told

    def test_the_first_page_counts_the_list(self, plan: Plan, page: Page) -> None:
        sheet = Sheet(plan, "en", PAPERS["a4"], "", DAY)
        count = len(doubts(sheet))
        assert f"{count} points" in page.of("")
        items = re.search(r'<section id="unverified".*?</section>', report(plan), re.DOTALL)
        assert items is not None
        assert items[0].count("<li>") == count

    def test_own_values_are_told(self) -> None:
        parcels = row_of_lots(["준주거지역"] * 3)
        scenario = Scenario(
            programme=Programme.from_gfa(30_000, {"research": 30_000}),
            factors={"m2_per_job.research": 99.0},
            incentives={"open_space": 10.0},
            decisions={"a": ParcelDecision(available_pct=50, reason="half of it")},
        )
        plan = evaluate(parcels, scenario)
        page = Page(report(plan))
        assert "m2_per_job.research" in page.of("unverified")
        assert "the planner's own value" in page.of("factors")
        assert "half of it" in page.of("assumptions")
        incentive = plan.rules.incentives["open_space"]
        for text in (incentive.label.en, incentive.condition.en, incentive.article):
            assert plain(text) in plain(page.of("incentives"))


class TestMisfit:
    def test_explanation_and_repairs_take_the_place_of_tables(self, misfit: Plan) -> None:
        page = Page(report(misfit))
        told = plain(page.of("misfit"))
        for text in misfit.explanation:
            assert plain(str(text)) in told
        assert repairs(misfit)
        for repair in repairs(misfit):
            assert plain(str(repair.text)) in told
        assert not {"programme", "parcels", "figures", "uncertainty"} & set(page.sections)
        assert {"findings", "unverified", "limits", "factors"} <= set(page.sections)
        assert "200,000" in page.of("misfit")

    def test_no_parcel_takes_part(self) -> None:
        parcels = row_of_lots(["준주거지역"] * 2)
        programme = Programme.from_gfa(1_000, {"research": 1_000})
        plan = evaluate(parcels, Scenario(programme=programme, default_available_pct=0))
        assert plan.status == "infeasible"
        assert str(plan.explanation[0]) in plain(Page(report(plan)).of("misfit"))


HOSTILE = 'x"; } </style><script>alert(1)</script> & <img src=x onerror=alert(1)> \\'


def hostile_plan() -> Plan:
    plan = grid_plan(grid_parcels(16))
    scenario = replace(
        plan.scenario,
        name=HOSTILE,
        note=HOSTILE,
        decisions={"lot-0": ParcelDecision(reason=HOSTILE), HOSTILE: ParcelDecision()},
    )
    return evaluate(plan.parcels, scenario)


class TestHostileTexts:
    @pytest.mark.parametrize("lang", ["ko", "en"])
    def test_texts_of_files_and_scenarios_stay_text(self, lang: str) -> None:
        html = report(hostile_plan(), lang=lang)
        page = Page(html)
        tags = {tag for tag, _ in page.elements}
        assert not tags & {"script", "img", "iframe", "object", "embed", "link", "base", "form"}
        names = {name for _, attributes in page.elements for name in attributes}
        assert not any(name.startswith("on") for name in names)
        assert html.count("</style>") == 1
        assert html.count("<style") == 1
        assert HOSTILE in page.text
        assert NASTY in page.text

    def test_a_css_string_ends_only_where_it_should(self) -> None:
        told = css_string(HOSTILE + "\n가")
        assert told.count('"') == 2
        assert not set(told[1:-1]) & set("<>\"'\n;{}")

    def test_nothing_is_fetched(self) -> None:
        html = report(hostile_plan())
        for tag, attributes in Page(html).elements:
            assert "src" not in attributes, tag
            assert str(attributes.get("href", "#")).startswith("#")
            for name in ("fill", "clip-path", "style"):
                assert not re.search(r"url\((?!#)", attributes.get(name) or "")
        style = html.split("<style>")[1].split("</style>")[0]
        assert "url(" not in style
        assert "@import" not in style


def drawings(html: str) -> Iterator[str]:
    yield from re.findall(r"<svg.*?</svg>", html, re.DOTALL)


@pytest.mark.parametrize("paper", PAPERS)
def test_drawings_are_well_formed_and_named(paper: str) -> None:
    html = report(hostile_plan(), paper=paper)
    found = list(drawings(html))
    assert len(found) > 10
    ids = set(re.findall(r'\bid="([^"]+)"', html))
    for svg in found:
        root = ET.fromstring(svg)
        space = "{http://www.w3.org/2000/svg}" if root.tag.startswith("{") else ""
        named = root.find(f"{space}title") is not None
        assert named or root.get("aria-hidden") == "true"
        for used in re.findall(r"url\(#([^)]+)\)", svg):
            assert used in ids
    assert len(ids) == len(re.findall(r'\bid="', html))


def test_each_use_has_a_hatch_of_its_own() -> None:
    html = report(grid_plan(grid_parcels(16)))
    strokes = {
        use: re.search(rf'<pattern id="hatch-{use}".*?(<g .*?</g>)', html, re.DOTALL)
        or re.search(rf"<pattern[^>]*hatch-{use}.*?</pattern>", html, re.DOTALL)
        for use in USES
    }
    shapes = set()
    for use, found in strokes.items():
        assert found is not None, use
        shapes.add(re.sub(r"#[0-9A-Fa-f]{6}|hatch-\w+", "", found[0]))
    assert len(shapes) == len(USES)


def test_equal_arguments_give_an_equal_document(plan: Plan) -> None:
    again = evaluate(plan.parcels, plan.scenario)
    assert report(plan) == report(again)


def test_the_sections_are_numbered_and_listed(plan: Plan, page: Page) -> None:
    sheet = Sheet(plan, "en", PAPERS["a4"], "t", DAY)
    keys = [section.key for section in sections_of(sheet)]
    links = [a["href"] for tag, a in page.elements if tag == "a"]
    assert links == [f"#{key}" for key in keys]
    assert [key for key in page.sections if key] == keys


def test_an_unknown_paper_is_refused(plan: Plan) -> None:
    with pytest.raises(UsageError, match="a4 or a3"):
        report(plan, paper="b5")


HANGUL = re.compile(r"[가-힣]+")
LATIN = re.compile(r"[A-Za-z]{2,}")
INTERNATIONAL = {
    "siteplan", "PNU", "EPSG", "GWh", "kWh", "kg", "ZEB", "CO", "AI", "ID", "Tech", "City", "mbn",
}  # fmt: skip
"""Names (Tech+City, mbn) and units that Korean writes in Latin letters too."""


def own_words(plan: Plan) -> list[str]:
    """Texts that stand in a report as someone wrote them, whatever its language."""
    parcels, rules, scenario = plan.parcels, plan.rules, plan.scenario
    texts: list[str | None] = [scenario.name, scenario.note, plan.ledger.id, rules.id]
    texts += [d.reason for d in scenario.decisions.values()]
    texts += [*parcels.ids, *parcels.jibuns, *parcels.names_ko, *parcels.names_en]
    texts += [*rules.sources.values(), *rules.zones]
    for feature in parcels.context.features:
        texts += [feature.name_ko, feature.name_en]
    for factor in plan.ledger.factors.values():
        texts += [factor.source, factor.key]
    for zone in rules.zones.values():
        texts += [zone.far_article, zone.bcr_article, zone.national_article, zone.floors_article]
        texts += [permit.article for permit in zone.permits.values()]
    for rule in (rules.daylight, rules.landscaping, rules.open_space, rules.minimum_lot):
        texts += [rule.article if rule is not None else None]
    texts += [incentive.article for incentive in rules.incentives.values()]
    texts += [plan.scenario_id]
    return sorted({plain(text) for text in texts if text}, key=len, reverse=True)


def told_by_us(plan: Plan, *, lang: str) -> str:
    told = plain(Page(report(plan, lang=lang)).text)
    for text in own_words(plan):
        told = told.replace(text, " ")
    return told


class TestLanguages:
    def test_english_has_no_korean_but_legal_terms(self, plan: Plan, misfit: Plan) -> None:
        for one in (plan, misfit):
            told = told_by_us(one, lang="en")
            # Legal terms stand in brackets behind their English; 평 is a unit.
            told = re.sub(r"\([^()]*[가-힣][^()]*\)", " ", told)
            assert {word for word in HANGUL.findall(told) if word != "평"} == set()

    def test_korean_has_no_english_but_international_terms(self, plan: Plan, misfit: Plan) -> None:
        for one in (plan, misfit):
            told = told_by_us(one, lang="ko")
            assert set(LATIN.findall(told)) - INTERNATIONAL == set()

    def test_the_title_of_the_default_is_in_the_language(self) -> None:
        plan = grid_plan(grid_parcels(9))
        nameless = evaluate(plan.parcels, replace(plan.scenario, name=""))
        for lang in ("ko", "en"):
            html = report(nameless, lang=lang)
            assert f"<title>{Text('Site plan').render(lang)}</title>" in html
            assert f'<html lang="{lang}">' in html


class TestContrast:
    """Words on paper have 4.5 to 1 against what they stand on (WCAG 2.2, 1.4.3)."""

    def test_inks_of_the_text(self) -> None:
        inks = dict(re.findall(r"--(\w+): (#[0-9a-fA-F]{6})", _CSS))
        assert {"ink", "quiet", "accent", "warn"} <= set(inks)
        for name in ("ink", "quiet", "accent", "warn"):
            for ground in ("#ffffff", inks["faint"]):
                assert contrast_ratio(inks[name], ground) >= 4.5, name

    def test_words_in_drawings(self, plan: Plan) -> None:
        words = re.findall(r"<text [^>]*>", report(plan))
        assert words
        for tag in words:
            fill = re.search(r' fill="(#[0-9a-fA-F]{6})"', tag)
            assert fill is not None, tag
            casing = re.search(r' stroke="(#[0-9a-fA-F]{3,6})"', tag)
            ground = "#ffffff" if casing is None or len(casing[1]) == 4 else casing[1]
            assert contrast_ratio(fill[1], ground) >= 4.5, tag
