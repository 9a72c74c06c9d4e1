"""The report on years, approach, limits and floors: the plan's own figures, and why not."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from siteplan.advice import approach_cost, phase_repairs
from siteplan.approach import Practical
from siteplan.decided import approach_told, parcel_limits, phases_told
from siteplan.evaluation import Plan, evaluate
from siteplan.phasing import Phases
from siteplan.programme import Programme
from siteplan.report.year_chart import YearColumn, year_chart
from siteplan.scenario import ParcelDecision, Scenario
from siteplan.use_limits import UseLimit
from siteplan.uses import USES
from tests.report.test_report import Page, plain, report
from tests.studies import row_of_lots

PROGRAMME = Programme.from_gfa(
    40_000, {"research": 20_000, "campus": 8_000, "housing": 8_000, "culture": 4_000}
)
PHASES = Phases(
    2028,
    4,
    ceiling_gfa_m2=(8_000, 16_000, 16_000, None),
    minimum_gfa_m2={2029: {"housing": 5_000}},
)
SCENARIO = Scenario(
    name="시험안 · A study for the tests",
    programme=PROGRAMME,
    phases=PHASES,
    approach=Practical(2, {"research": 500}),
    decisions={
        "b": ParcelDecision(
            limits={"research": UseLimit(1_000, 15_000), "housing": UseLimit(0, 0)},
            reason="협의 결과 · agreed with the owner of the lot",
        ),
        "c": ParcelDecision(only_use="research", stays_far_m2=2_000.0, ready_year=2030),
    },
)


def plan_of(scenario: Scenario) -> Plan:
    return evaluate(row_of_lots(["준주거지역"] * 5), scenario)


@pytest.fixture(scope="module")
def plan() -> Plan:
    found = plan_of(SCENARIO)
    assert found.timing is not None
    assert found.timing.status != "infeasible"
    return found


@pytest.fixture(scope="module")
def page(plan: Plan) -> Page:
    return Page(report(plan))


@pytest.fixture(scope="module")
def too_narrow() -> Plan:
    narrow = replace(
        PHASES,
        ceiling_gfa_m2=(8_000, 8_000, 16_000, 16_000),
        minimum_gfa_m2={2029: {"research": 18_000}},
    )
    found = plan_of(replace(SCENARIO, phases=narrow))
    assert found.timing is not None
    assert found.timing.status == "infeasible"
    return found


class TestYears:
    def test_every_year_has_its_row_with_ceiling_and_part_used(
        self, plan: Plan, page: Page
    ) -> None:
        assert plan.timing is not None
        rows = {row[0]: row[1:] for row in page.rows["years"] if len(row) == 10}
        built_m2 = plan.timing.total_by_year_m2
        for spot, year in enumerate(PHASES.calendar):
            cells = rows[str(year)]
            uses = [0 if cell == "–" else int(cell.replace(",", "")) for cell in cells[:4]]
            assert uses == built_m2[spot].tolist()
            assert cells[4] == f"{built_m2[spot].sum():,}"
            assert cells[5] == f"{built_m2[: spot + 1].sum():,}"
            cost_bn = plan.timing.cost_by_year_krw[spot] / 1e9
            assert float(cells[6].replace(",", "")) == pytest.approx(cost_bn, abs=0.05)
            most_m2 = PHASES.ceiling_gfa_m2[spot]
            assert cells[7] == ("–" if most_m2 is None else f"{most_m2:,}")
            used = "–" if most_m2 is None else f"{built_m2[spot].sum() / most_m2 * 100:.1f} %"
            assert cells[8] == used
        assert rows["All years"][4] == "40,000"

    def test_budgets_stand_beside_the_cost(self) -> None:
        phases = Phases(2028, 5, budget_krw=(4e10,) * 5)
        plan = plan_of(Scenario(programme=PROGRAMME, phases=phases))
        assert plan.timing is not None
        rows = {row[0]: row[1:] for row in Page(report(plan)).rows["years"]}
        for spot, year in enumerate(phases.calendar):
            share = plan.timing.cost_by_year_krw[spot] / 4e10 * 100
            assert rows[str(year)][7:] == ["40.0", f"{share:.1f} %"]

    def test_dates_are_told_as_kept(self, page: Page) -> None:
        row = next(row for row in page.rows["years"] if row[:2] == ["2029", "Housing"])
        assert row[2] == "5,000"
        assert int(row[3].replace(",", "")) >= 5_000
        assert row[4].startswith("✓ kept")

    def test_a_map_for_each_year_that_builds(self, plan: Plan) -> None:
        assert plan.timing is not None
        html = report(plan)
        drawn = re.findall(r'id="map-standing-(\d+)-clip"', html)
        busy = np.flatnonzero(plan.timing.total_by_year_m2.sum(axis=1)) + 2028
        assert drawn == [str(year) for year in busy]
        ids = re.findall(r' id="([^"]+)"', html)
        assert len(ids) == len(set(ids))

    def test_many_years_are_drawn_at_most_eight_times(self) -> None:
        phases = Phases(2028, 20, ceiling_gfa_m2=(2_000,) * 20)
        plan = plan_of(Scenario(programme=PROGRAMME, phases=phases))
        drawn = re.findall(r'id="map-standing-(\d+)-clip"', report(plan))
        assert len(drawn) == 8
        assert (drawn[0], drawn[-1]) == ("2028", "2047")

    def test_years_that_cannot_hold_it_are_explained_with_repairs(self, too_narrow: Plan) -> None:
        page = Page(report(too_narrow))
        told = plain(page.of("years"))
        assert too_narrow.timing is not None
        for text in too_narrow.timing.explanation:
            assert plain(str(text)) in told
        assert phase_repairs(too_narrow)
        for repair in phase_repairs(too_narrow):
            assert plain(str(repair.text)) in told
        assert "The years cannot hold the plan." in plain(page.of(""))
        assert not re.search("Standing at its end", told)

    def test_no_years_no_section(self) -> None:
        page = Page(report(plan_of(Scenario(programme=PROGRAMME))))
        assert "years" not in page.sections
        assert "parcel-limits" not in page.sections


class TestApproach:
    def test_rules_proof_and_cost_are_the_plans(self, plan: Plan, page: Page) -> None:
        told = plain(page.of("approach"))
        cost = approach_cost(plan)
        assert cost is not None
        assert "Buildable parcels" in told
        for text in (*approach_told(SCENARIO.approach), cost.proof, *cost.texts):
            assert plain(str(text)) in told

    def test_assumptions_name_approach_years_and_limits(self, plan: Plan, page: Page) -> None:
        told = plain(page.of("assumptions"))
        texts = (*approach_told(SCENARIO.approach), *phases_told(plan))
        limits = [limit.told for limit in parcel_limits(plan)]
        for text in (*texts, *limits):
            assert plain(str(text)) in told

    def test_years_and_existing_buildings_are_not_verified(self, plan: Plan, page: Page) -> None:
        told = plain(page.of("unverified"))
        assert plain(str(phases_told(plan)[0])) in told
        assert "2,000 m² of FAR area by your figure" in told


def test_limits_stand_with_both_ends_what_is_there_and_why(plan: Plan, page: Page) -> None:
    rows = page.rows["parcel-limits"][1:]
    placed_m2 = int(plan.gfa_m2[1, USES.index("research")])
    assert 1_000 <= placed_m2 <= 15_000
    assert rows[0][1:] == [
        "Research",
        "1,000 m²",
        "15,000 m²",
        f"{placed_m2:,} m²",
        "agreed with the owner of the lot",
    ]
    assert rows[1][1:5] == ["Housing", "–", "none", "0 m²"]
    assert [row[1] for row in rows[2:]] == [
        "All uses but Research",
        "Existing buildings that stay (FAR area)",
        "Ready to build",
    ]


def test_floors_of_the_largest_parcels_hold_their_storeys(plan: Plan) -> None:
    section = re.search(r'<section id="floors".*?</section>', report(plan), re.DOTALL)
    assert section is not None
    used = np.flatnonzero(plan.parcel_gfa_m2 > 0)
    pieces = int((plan.massing.floors[used] + plan.massing.basement_floors[used]).sum())
    # A floor that two uses share is two rectangles.
    assert section[0].count("<rect") >= pieces
    for row in used.tolist():
        assert f"{plan.parcel_gfa_m2[row]:,} m²" in section[0]


class TestChart:
    COLUMNS = (
        YearColumn(2028, (1_100, 0, 550, 0), 1_650, 2_000.0),
        YearColumn(2029, (0, 0, 0, 0), 1_650, None),
    )

    def test_columns_are_as_high_as_what_they_hold(self) -> None:
        drawn = str(year_chart(self.COLUMNS, width_mm=100, height_mm=60, label="years"))
        heights = [float(text) for text in re.findall(r'<rect [^>]*height="([\d.]+)"', drawn)]
        assert heights[0] == pytest.approx(2 * heights[1], rel=0.01)
        assert len(heights) == 2  # nothing is drawn of what is not built

    def test_what_stands_is_written_where_nothing_is_built_too(self) -> None:
        drawn = str(year_chart(self.COLUMNS, width_mm=100, height_mm=60, label="years"))
        assert drawn.count(">1,650<") == 3

    def test_nothing_at_all_gives_an_empty_chart(self) -> None:
        empty = (YearColumn(2028, (0, 0, 0, 0), 0),)
        assert "<rect" not in str(year_chart(empty, width_mm=100, height_mm=60, label="years"))

    def test_many_years_leave_out_words_not_columns(self) -> None:
        many = tuple(YearColumn(2028 + i, (900, 0, 0, 0), 900 * (i + 1)) for i in range(40))
        drawn = str(year_chart(many, width_mm=100, height_mm=60, label="years"))
        assert drawn.count("<rect") == 40
        assert 5 <= len(re.findall(r">20\d\d<", drawn)) < 40
