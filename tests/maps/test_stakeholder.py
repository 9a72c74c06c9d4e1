"""The stakeholder's file as text: small, sealed, well-formed, and nothing in it but what is so."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import re
from dataclasses import replace
from functools import lru_cache
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

import siteplan
from siteplan.advice import approach_cost
from siteplan.approach import Practical
from siteplan.decided import phases_told
from siteplan.edits import Merge
from siteplan.errors import InputError
from siteplan.evaluation import Plan, evaluate
from siteplan.io import write_stakeholder
from siteplan.maps.phase_style import standing
from siteplan.maps.stakeholder import MOST_SCENARIOS, stakeholder_document
from siteplan.maps.stakeholder.basis import is_assumption, plan_assumptions
from siteplan.maps.stakeholder.bilingual import Shown
from siteplan.maps.stakeholder.changes import signed
from siteplan.maps.stakeholder.years import all_held, years_of
from siteplan.maps.style import colours
from siteplan.phasing import Phases
from siteplan.programme import Programme
from siteplan.report import report_html
from siteplan.scenario import ParcelDecision, Scenario
from siteplan.text import LANGUAGES, Label
from siteplan.uncertainty import uncertainty_of
from siteplan.use_limits import UseLimit
from siteplan.uses import USES
from tests.bench.parcels import made_up_parcels
from tests.browser.apps.grid import NASTY, grid_parcels, grid_plan
from tests.maps.test_live import Elements

DAY = dt.date(2026, 3, 2)
MOST_BYTES = 1_500_000
VOID = {"meta", "input", "br", "hr", "img", "link"}
SHARES = ({"research": 30.0}, {"research": 45.0}, {"research": 60.0})


def split(research_pct: float, *, total_m2: int = 270_000) -> Programme:
    rest = (100 - research_pct) / 3
    shares = {use: research_pct if use == "research" else rest for use in USES}
    return Programme.from_shares(total_m2, shares)


@lru_cache(maxsize=1)
def grid_plans() -> tuple[Plan, ...]:
    parcels = grid_parcels(40)
    return tuple(grid_plan(parcels, research_pct=pct) for pct in (30.0, 45.0, 60.0))


@lru_cache(maxsize=4)
def grid_document(lang: str = "ko") -> str:
    return stakeholder_document(grid_plans(), names=["A", "B", "C"], lang=lang, made_on=DAY)


def data_of(html: str, name: str = "share") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Elements(html).blocks[f"siteplan-{name}"])
    return found


def bytes_of(text: str) -> bytes:
    return base64.b64decode(text)


class Balance(HTMLParser):
    """Says where an element is closed that was not opened last, and which ids come twice."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [str(value) for name, value in attrs if name == "id"]
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.faults.append(f"attribute twice in {self.get_starttag_text()}")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()}")


class TestSize:
    def test_three_scenarios_of_2000_parcels(self) -> None:
        parcels = made_up_parcels(2000)
        plans = [evaluate(parcels, Scenario(programme=split(s["research"]))) for s in SHARES]
        html = stakeholder_document(plans, names=["가", "나", "다"], made_on=DAY)
        assert len(html.encode()) <= MOST_BYTES

    def test_with_as_many_years_as_the_slider_takes(self) -> None:
        parcels = made_up_parcels(2000)
        plans = [
            evaluate(parcels, Scenario(programme=split(s["research"]), phases=Phases(2028, 8)))
            for s in SHARES
        ]
        html = stakeholder_document(plans, names=["가", "나", "다"], made_on=DAY)
        assert data_of(html)["years"] == [2028, 2035]
        assert len(html.encode()) <= MOST_BYTES

    def test_each_on_outlines_of_its_own(self) -> None:
        parcels = made_up_parcels(2000)
        plans = [evaluate(parcels, Scenario(edits=(merge,))) for merge in three_merges(parcels)]
        assert len({plan.parcels.digest for plan in plans}) == 3
        html = stakeholder_document(plans, names=["가", "나", "다"], made_on=DAY)
        assert len(html.encode()) <= MOST_BYTES


def three_merges(parcels: siteplan.Parcels) -> list[Merge]:
    """Return three mergers of neighbours, each of another pair."""
    tree = shapely.STRtree(parcels.geometry)
    pairs = tree.query(parcels.geometry[:60], predicate="touches").T
    merges: list[Merge] = []
    for one, other in pairs.tolist():
        shared = shapely.intersection(parcels.geometry[one], parcels.geometry[other])
        if shared.length > 5 and all(parcels.ids[one] not in merge.ids for merge in merges):
            ids = (parcels.ids[one], parcels.ids[other])
            merges.append(Merge(ids, f"merged-{len(merges)}"))
        if len(merges) == 3:
            break
    assert len(merges) == 3
    return merges


class TestSealed:
    def test_nothing_is_referred_to_outside_the_file(self) -> None:
        for tag, attributes in Elements(grid_document()).found:
            assert tag not in {"link", "img", "iframe", "object", "embed", "base", "form"}
            assert not {"src", "srcset", "action", "style-src"} & set(attributes)
            assert (attributes.get("href") or "#").startswith("#")
            assert not [name for name in attributes if name.startswith("on")]
        styles = grid_document().split("</style>", maxsplit=1)[0]
        assert not re.search(r"url\(\s*['\"]?(?!data:|#)|@import", styles)

    def test_policy_names_the_digest_of_each_script_and_no_other(self) -> None:
        html = grid_document()
        policy = next(
            str(attributes["content"])
            for _, attributes in Elements(html).found
            if attributes.get("http-equiv")
        )
        scripts = re.findall(r"<script>(.*?)</script>", html, flags=re.DOTALL)
        digests = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
        assert re.findall(r"'sha256-([^']+)'", policy) == digests
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy.split("style-src")[0]
        assert "unsafe-eval" not in policy

    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_elements_are_balanced_and_ids_unique(self, lang: str) -> None:
        found = Balance(grid_document(lang))
        assert found.faults == []
        assert found.open == []
        assert len(found.ids) == len(set(found.ids))

    def test_equal_plans_on_a_day_give_an_equal_file(self) -> None:
        again = stakeholder_document(grid_plans(), names=["A", "B", "C"], lang="ko", made_on=DAY)
        assert again == grid_document()

    def test_hostile_texts_stay_text(self) -> None:
        plan = grid_plans()[0]
        scenario = replace(
            plan.scenario,
            note=NASTY,
            decisions={"lot-3": ParcelDecision(20, reason=NASTY, far_pct=300)},
        )
        hostile = evaluate(plan.parcels, scenario)
        html = stakeholder_document([hostile], names=[NASTY], title=NASTY, made_on=DAY)
        usual = stakeholder_document([plan], names=["A"], title="A", made_on=DAY)
        assert Balance(html).faults == []
        assert not any(tag == "img" for tag, _ in Elements(html).found)
        count = sum(tag == "script" for tag, _ in Elements(html).found)
        assert count == sum(tag == "script" for tag, _ in Elements(usual).found)
        assert "<img" not in html.replace("&lt;img", "")
        assert data_of(html)["scenarios"][0]["name"] == dict.fromkeys(LANGUAGES, NASTY)


class TestContent:
    def test_colours_are_those_of_the_map(self) -> None:
        data = data_of(grid_document())
        for plan, told in zip(grid_plans(), data["scenarios"], strict=True):
            for lang in LANGUAGES:
                for style in told["styles"][lang]:
                    wanted = colours(plan, colour_by=style["colour_by"], lang=lang)
                    assert [s["fill"] for s in style["palette"]] == [s.fill for s in wanted.palette]
                    assert [text for _, text, _ in style["legend"]] == [
                        entry.text for entry in wanted.legend
                    ]
                    index = bytes_of(told["index"][style["colour_by"]])
                    assert list(index) == wanted.index.tolist()

    def test_another_language_changes_words_and_no_outlines(self) -> None:
        changes = data_of(grid_document())["differences"]
        assert set(changes) == {"en-0"}
        assert set(changes["en-0"]["parcels"]) == {"names"}
        names = changes["en-0"]["parcels"]["names"]
        parcels = grid_plans()[0].parcels
        assert names == [parcels.name(row, lang="en") for row in range(len(parcels))]

    def test_every_finding_stands_in_one_of_the_two_lists(self) -> None:
        plan = siteplan.evaluate(siteplan.read_parcels(), siteplan.default_scenario())
        html = stakeholder_document([plan], names=["기본안"], made_on=DAY)
        assumed, found = html.split('id="findings-title"')
        for issue in plan.issues:
            place = assumed if is_assumption(issue) else found
            for lang in LANGUAGES:
                assert escape(issue.message.render(lang)) in place, issue.code

    def test_taking_part_is_counted(self) -> None:
        parcels = grid_parcels(12)
        scenario = Scenario(
            programme=split(40, total_m2=10_000),
            default_available_pct=0,
            decisions={
                **{f"lot-{i}": ParcelDecision(20, reason="공공기여") for i in range(5)},
                "lot-5": ParcelDecision(100),
                "lot-6": ParcelDecision(50),
            },
        )
        said = [str(text) for text in plan_assumptions(evaluate(parcels, scenario))]
        assert "7 of 12 parcels take part, by the planner's choice." in said
        assert "5 parcel(s) take part with 20 % of their capacity. Reason: 공공기여" in said
        assert "1 parcel(s) take part with 50 % of their capacity." in said

    def test_split_of_another_total_is_not_said_to_be_yangjaes(self) -> None:
        parcels = grid_parcels(12)
        own = evaluate(parcels, Scenario(programme=split(40, total_m2=10_000)))
        assert "270,000" not in str(plan_assumptions(own)[0])
        yangjae = siteplan.evaluate(siteplan.read_parcels(), siteplan.default_scenario())
        assert "270,000 m²" in str(plan_assumptions(yangjae)[0])

    def test_bands_are_those_of_the_plan(self) -> None:
        plan = grid_plans()[0]
        html = grid_document("en")
        band = uncertainty_of(plan).bands["jobs"]
        row = html[html.index('<tr data-metric="jobs">') :].split("</tr>")[0]
        assert f"{band.low:,.0f} – {band.high:,.0f}" in row

    def test_ids_rules_version_and_day_are_printed(self) -> None:
        html = grid_document()
        for plan in grid_plans():
            assert plan.scenario_id in html
            assert plan.rules_id in html
        assert f"siteplan {siteplan.__version__} · {DAY.isoformat()}" in html


class TestRefused:
    def test_no_plan_or_too_many(self) -> None:
        with pytest.raises(InputError, match="1 to 4"):
            stakeholder_document([], names=[])
        plan = grid_plans()[0]
        with pytest.raises(InputError, match="1 to 4"):
            stakeholder_document([plan] * (MOST_SCENARIOS + 1), names=["x"] * (MOST_SCENARIOS + 1))

    def test_infeasible_plan_is_named(self) -> None:
        plan = grid_plan(grid_parcels(4), total_m2=9_000_000)
        assert plan.status == "infeasible"
        with pytest.raises(InputError, match="“너무 큰 안” does not fit"):
            stakeholder_document([plan], names=["너무 큰 안"])

    def test_names_and_language_must_fit(self) -> None:
        with pytest.raises(ValueError, match="as many names"):
            stakeholder_document(grid_plans(), names=["A"])
        with pytest.raises(ValueError, match="lang"):
            stakeholder_document(grid_plans()[:1], names=["A"], lang="de")


def test_writing_is_whole_and_takes_the_scenarios_names(tmp_path: Path) -> None:
    path = tmp_path / "share.html"
    assert write_stakeholder(grid_plans()[:2], path, lang="en") == path
    assert [one["name"]["en"] for one in data_of(path.read_text("utf-8"))["scenarios"]] == [
        "Grid",
        "Grid",
    ]
    before = path.read_bytes()
    with pytest.raises(InputError):
        write_stakeholder([], path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(InputError, match="no folder"):
        write_stakeholder(grid_plans()[:1], tmp_path / "none" / "share.html")


def test_card_sections_hold_the_limits_of_each_parcel() -> None:
    plan = grid_plans()[1]
    told = data_of(grid_document())["scenarios"][1]["sections"]
    far_limit = np.frombuffer(bytes_of(told["far_limit_permille"]), dtype="<i4")
    assert far_limit.tolist() == np.rint(plan.capacity.far_limit_pct * 10).tolist()
    part = np.frombuffer(bytes_of(told["part_permille"]), dtype="<u2")
    assert part.tolist() == [1000] * 39 + [0]
    assert len(bytes_of(told["limit"])) == len(plan.parcels)


def test_far_in_the_table_is_that_of_the_report() -> None:
    parcels = siteplan.read_parcels()
    plan = evaluate(parcels, siteplan.default_scenario(parcels))
    told = data_of(stakeholder_document([plan], names=["A"], made_on=DAY))["scenarios"][0]
    rows = np.frombuffer(bytes_of(told["figures"]["rows"]), dtype="<i4").tolist()
    far = np.frombuffer(bytes_of(told["figures"]["far_permille"]), dtype="<i4").tolist()
    limits = np.frombuffer(bytes_of(told["sections"]["far_limit_permille"]), dtype="<i4")
    report = report_html(plan, lang="en", made_on=DAY)
    assert (plan.capacity.available_pct[rows] < 100).any()
    for row, permille in zip(rows, far, strict=True):
        assert f">{permille / 10:,.1f} / {limits[row] / 10:,.0f}<" in report, plan.parcels.ids[row]


def phased(research_pct: float, *, first_year: int = 2028, years: int = 3) -> Plan:
    parcels = grid_parcels(40)
    plan = grid_plan(parcels, research_pct=research_pct)
    return evaluate(parcels, replace(plan.scenario, phases=Phases(first_year, years)))


def cells_of(html: str, table: str) -> dict[str, list[str]]:
    """Return the rows of a table's body, by what stands first, with the numbers they hold."""
    whole = html.split(f'<table class="{table}">')[1].split("</table>", maxsplit=1)[0]
    body = whole.split("<tbody>")[1]
    rows = re.findall(r"<tr[^>]*><th[^>]*>(.*?)</th>(.*?)</tr>", body, flags=re.DOTALL)
    return {
        re.sub(r"<[^>]+>", "", head): re.findall(r'<data value="(-?\d+)">', cells)
        for head, cells in rows
    }


class TestYears:
    def test_colours_by_completion_need_years_in_every_scenario(self) -> None:
        plans = [phased(30.0), phased(45.0, first_year=2030)]
        data = data_of(stakeholder_document(plans, names=["A", "B"], made_on=DAY))
        assert data["scenarios"][0]["styles"]["en"][-1]["colour_by"] == "phase"
        assert data["years"] == [2028, 2032]
        mixed = data_of(
            stakeholder_document([plans[0], grid_plans()[0]], names=["A", "B"], made_on=DAY)
        )
        assert mixed["years"] is None
        assert mixed["scenarios"][0]["styles"]["en"][-1]["colour_by"] != "phase"
        assert "standing" not in mixed["scenarios"][0]

    def test_each_year_is_coloured_by_what_stands_then(self) -> None:
        plan = phased(45.0)
        assert plan.timing is not None
        told = data_of(stakeholder_document([plan], names=["A"], made_on=DAY))["scenarios"][0]
        for spot, year in enumerate(plan.timing.phases.calendar):
            wanted = standing(plan, year=year, lang="en")
            assert told["standing"]["styles"]["en"][spot]["title"] == wanted.title
            assert list(bytes_of(told["standing"]["index"][spot])) == wanted.index.tolist()
            figures = told["standing"]["figures"][spot]
            m2 = np.frombuffer(bytes_of(figures["gfa_m2"]), dtype="<i4").sum()
            assert m2 == plan.timing.built_by_m2(year).sum()
        completed = np.frombuffer(bytes_of(told["sections"]["completed"]), dtype="<u2")
        assert completed.tolist() == plan.timing.completion_year.tolist()

    def test_too_many_years_and_parcels_leave_out_the_slider_alone(self) -> None:
        plan = phased(45.0, years=40)
        few = (Shown(Label("A", "A"), plan, uncertainty_of(plan)),)
        assert years_of(few) is not None
        many = few * 100
        assert years_of(many) is None
        assert all_held(many)

    def test_the_table_of_years_is_the_plans(self) -> None:
        plan = phased(45.0)
        assert plan.timing is not None
        html = stakeholder_document([plan], names=["A"], made_on=DAY)
        rows = cells_of(html, "years")
        so_far = plan.timing.total_by_year_m2.sum(axis=1).cumsum()
        for spot, year in enumerate(plan.timing.phases.calendar):
            row = plan.timing.total_by_year_m2[spot]
            assert [int(cell) for cell in rows[str(year)]] == [
                *row.tolist(),
                row.sum(),
                so_far[spot],
            ]

    def test_years_that_cannot_hold_a_plan_are_said(self) -> None:
        plan = phased(45.0)
        narrow = Phases(2028, 2, ceiling_gfa_m2=(10, 10))
        broken = evaluate(plan.parcels, replace(plan.scenario, phases=narrow))
        assert broken.timing is not None
        html = stakeholder_document([broken], names=["A"], made_on=DAY)
        assert data_of(html)["years"] is None
        for text in broken.timing.explanation:
            assert escape(str(text)) in html


class TestChanges:
    def test_lots_and_sums_are_those_of_the_comparison(self) -> None:
        plans = grid_plans()[:2]
        rows = cells_of(stakeholder_document(plans, names=["A", "B"], made_on=DAY), "changes")
        delta_m2 = plans[1].gfa_m2 - plans[0].gfa_m2
        changed = np.flatnonzero(delta_m2.any(axis=1)).tolist()
        found = [[int(cell) for cell in cells] for cells in rows.values()]
        wanted = [[*delta_m2[row].tolist(), delta_m2[row].sum()] for row in changed]
        assert sorted(found) == sorted(wanted)
        sizes = [sum(abs(cell) for cell in row[: len(USES)]) for row in found]
        assert sizes == sorted(sizes, reverse=True)

    def test_equal_plans_change_nothing(self) -> None:
        plan = grid_plans()[0]
        html = stakeholder_document([plan, plan], names=["A", "B"], lang="en", made_on=DAY)
        assert "Every lot holds the same as in “A”." in html
        assert '<table class="changes">' not in html

    def test_one_scenario_has_nothing_to_change(self) -> None:
        html = stakeholder_document(grid_plans()[:1], names=["A"], made_on=DAY)
        assert "changes-title" not in html

    def test_signs(self) -> None:
        assert [signed(value) for value in (0, 1234, -1234)] == ["–", "+1,234", "−1,234"]


def test_approach_years_and_limits_are_among_the_assumptions() -> None:
    parcels = grid_parcels(12)
    scenario = Scenario(
        programme=split(40, total_m2=10_000),
        approach=Practical(2),
        phases=Phases(2028, 3),
        decisions={
            "lot-3": ParcelDecision(
                limits={"culture": UseLimit(0, 0)}, reason="소음 때문 · because of the noise there"
            )
        },
    )
    plan = evaluate(parcels, scenario)
    cost = approach_cost(plan)
    assert cost is not None
    told = plan_assumptions(plan)
    english = [text.render("en") for text in told]
    assert "How the floor area is shared out: Buildable parcels. At most 2 use(s) on a parcel." in (
        english
    )
    assert {str(cost.proof), str(cost.texts[0]), str(phases_told(plan)[0])} <= set(english)
    assert any(text.endswith("no Culture. Reason: because of the noise there") for text in english)
    assert any("소음 때문" in text.render("ko") for text in told)


def test_names_in_two_languages_are_shown_in_each() -> None:
    html = stakeholder_document(
        grid_plans()[:1], names=["기본안 · The plan to start from"], made_on=DAY
    )
    assert data_of(html)["scenarios"][0]["name"] == {"ko": "기본안", "en": "The plan to start from"}
    assert "기본안 · The plan" not in html
