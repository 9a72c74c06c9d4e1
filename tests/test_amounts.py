"""Figures read alike on screen, on paper and in the stakeholder's file."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from siteplan.amounts import (
    band_text,
    counts_heads,
    in_pyeong,
    m2,
    metric_number,
    metric_text,
    money_unit,
    pct,
    whole,
)
from siteplan.metrics import Metric
from siteplan.uncertainty import Band
from tests.browser.apps.grid import grid_parcels, grid_plan


@pytest.fixture(scope="module")
def metrics() -> dict[str, Metric]:
    return {metric.key: metric for metric in grid_plan(grid_parcels(20)).metrics}


def test_areas_and_percentages() -> None:
    assert m2(1234.4) == "1,234 m²"
    assert m2(math.nan) == "–"
    assert pct(45) == "45.0 %"
    assert pct(math.inf) == "–"
    assert whole(0) == "–"
    assert whole(1200) == "1,200"
    assert in_pyeong(400) == "121"


@pytest.mark.parametrize(
    ("key", "value", "ko", "en"),
    [
        ("jobs", 4860, "4,860 명", "4,860 jobs"),
        ("households", 357, "357 세대", "357 homes"),
        ("construction_cost_krw", 8.215e11, "8,215 억 원", "821.5 bn KRW"),
        ("construction_cost_krw", 5e6, "5,000,000 원", "5,000,000 KRW"),
        ("far_achieved_pct", 266.48, "266.5 %", "266.5 %"),
    ],
)
def test_a_figure_stands_in_the_unit_that_people_use(
    metrics: dict[str, Metric], key: str, value: float, ko: str, en: str
) -> None:
    metric = replace(metrics[key], value=value)
    assert metric_text(metric, lang="ko") == ko
    assert metric_text(metric, lang="en") == en


def test_a_band_is_in_the_unit_of_its_figure(metrics: dict[str, Metric]) -> None:
    cost = replace(metrics["construction_cost_krw"], value=8.2e11)
    band = Band(low=7.7e11, median=8.2e11, high=1.2e12)
    assert band_text(band, cost, lang="en") == "770.0 – 1,200"
    assert band_text(band, cost, lang="ko") == "7,700 – 12,000"
    assert band_text(Band(1.0, 1.0, 1.0), cost, lang="en") == ""
    assert band_text(None, cost, lang="en") == ""


def test_grades_are_names_and_heads_need_no_unit(metrics: dict[str, Metric]) -> None:
    grade = metrics["zeb_grade"]
    assert metric_number(grade.value, grade, lang="en").isascii()
    assert counts_heads(metrics["jobs"])
    assert not counts_heads(metrics["construction_cost_krw"])


def test_large_sums_are_in_units_of_100_million_or_a_billion() -> None:
    assert money_unit("ko") == (1e8, "억 원")
    assert money_unit("en") == (1e9, "bn KRW")
