"""The ledger of factors: complete, marked, in known units; wrong files are told what to fix."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from siteplan import shipped
from siteplan.errors import InputError
from siteplan.ledger import (
    MARK_WORDS,
    MARKS,
    SOURCES_OF_OUR_OWN,
    UNITS,
    ledger_from,
    shipped_ledger,
    unit_label,
)


def table() -> dict[str, Any]:
    return copy.deepcopy(shipped.toml("factors", "siteplan-2026.toml"))


def refused(changed: dict[str, Any]) -> str:
    with pytest.raises(InputError) as wrong:
        ledger_from(changed, place="own.toml")
    return str(wrong.value)


def test_the_shipped_ledger_holds_exactly_the_known_factors_with_marks_and_units() -> None:
    factors = shipped_ledger().factors
    assert set(factors) == set(UNITS)
    for key, factor in factors.items():
        assert factor.unit == UNITS[key]
        assert factor.mark in MARKS
        assert factor.range_mark in MARKS
        assert factor.low <= factor.value <= factor.high
        assert factor.note.ko != factor.note.en


@pytest.mark.parametrize(
    ("key", "value", "mark"),
    [
        ("construction_cost.housing", 2_220_000, "V"),
        ("construction_cost.research", 3_160_000, "V-calc"),
        ("energy_intensity.housing", 136, "V"),
        ("energy_intensity.research", 159, "V"),
        ("grid_co2", 0.45, "M"),
        ("persons_per_household.housing", 2.1, "M"),
        ("m2_per_household.housing", 112, "V"),
        ("m2_per_student.campus", 20, "V"),
        ("parking_m2_per_stall.research", 200, "M"),
        ("parking_m2_per_stall.culture", 100, "M"),
        ("parking_m2_per_stall.housing", 75, "V"),
        ("landscape_share.large", 0.15, "V"),
        ("zeb_threshold.5", 0.20, "V"),
        ("cost_index.2017", 1.30, "M"),
    ],
)
def test_figures_carry_the_mark_of_their_source(key: str, value: float, mark: str) -> None:
    factor = shipped_ledger().factors[key]
    assert (factor.value, factor.mark) == (value, mark)
    assert f"; {MARK_WORDS[mark]}: {factor.source}" in str(factor.citation)


def test_an_unknown_factor_is_told_with_the_nearest_known_one() -> None:
    changed = table()
    changed["factor"]["m2_per_jobs.research"] = changed["factor"]["m2_per_job.research"]
    said = refused(changed)
    assert 'own.toml, [factor."m2_per_jobs.research"]' in said
    assert "Did you mean m2_per_job.research?" in said


def test_a_wrong_unit_is_told_with_the_wanted_one() -> None:
    changed = table()
    changed["factor"]["energy_intensity.housing"]["unit"] = "MJ/m²/year"
    said = refused(changed)
    assert 'own.toml, [factor."energy_intensity.housing"]: unit is MJ/m²/year' in said
    assert "reckons in kWh/m²/year" in said


def test_missing_factors_are_named() -> None:
    changed = table()
    del changed["factor"]["grid_co2"], changed["factor"]["trips.housing"]
    assert "own.toml: trips.housing, grid_co2 missing" in refused(changed)
    assert "far_ratio.research" in refused({})


def test_every_fault_of_a_file_is_listed_at_once() -> None:
    changed = table()
    changed["factor"]["grid_co2"]["low"] = -0.1
    changed["factor"]["grid_co2"]["mark"] = "guess"
    changed["factor"]["open_space_share"]["source"] = " "
    changed["factor"]["setback_m"] = 3
    said = refused(changed)
    for fault in (
        '[factor."grid_co2"]: low must be a number above 0',
        "mark must be one of V, V-calc, M, assumption",
        '[factor."open_space_share"]: source must be a text',
        '[factor."setback_m"]: setback_m must be a table',
    ):
        assert fault in said


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), True, "25", None])
def test_only_finite_positive_numbers_are_values(wrong: object) -> None:
    changed = table()
    changed["factor"]["grid_co2"]["value"] = wrong
    assert "value must be a number above 0" in refused(changed)


def test_a_range_without_a_mark_is_an_assumption() -> None:
    changed = table()
    del changed["factor"]["grid_co2"]["range_mark"]
    assert ledger_from(changed, place="own.toml").factors["grid_co2"].range_mark == "assumption"


def test_an_own_value_is_cited_as_the_planners_with_the_ledgers_source_beside() -> None:
    ledger = shipped_ledger().with_overrides({"grid_co2": 0.3})
    said = str(ledger.factors["grid_co2"].citation)
    assert "grid_co2 = 0.3 kg CO₂e/kWh: the planner's own value" in said
    assert "(in the ledger 0.42–0.46, from memory, not verified:" in said


def test_a_part_of_a_whole_is_at_most_one() -> None:
    with pytest.raises(InputError, match=r"at most 1, not 1\.2"):
        shipped_ledger().with_overrides({"researcher_share.research": 1.2})


def test_law_and_own_values_are_certain_and_ranges_are_not() -> None:
    factors = shipped_ledger().with_overrides({"grid_co2": 0.44}).factors
    assert factors["parking_m2_per_stall.housing"].certain
    assert factors["grid_co2"].certain
    assert not factors["m2_per_job.research"].certain


@pytest.mark.parametrize(
    ("unit", "ko", "en"),
    [
        ("kWh/m²/year", "kWh/m²/년", "kWh/m²/yr"),
        ("KRW/m²", "원/m²", "KRW/m²"),
        ("m²/job", "m²/명", "m²/job"),
        ("m²/m²", "", ""),
        ("tCO2/year", "t CO₂e/년", "t CO₂e/yr"),
    ],
)
def test_units_read_as_people_write_them(unit: str, ko: str, en: str) -> None:
    assert (unit_label(unit).ko, unit_label(unit).en) == (ko, en)


def test_sources_are_citations_but_for_those_that_siteplan_says_in_the_readers_language() -> None:
    sources = {factor.source for factor in shipped_ledger().factors.values()}
    assert set(SOURCES_OF_OUR_OWN) <= sources
    for factor in shipped_ledger().factors.values():
        own = factor.source in SOURCES_OF_OUR_OWN and factor.source != "siteplan"
        assert (factor.origin.render("ko") != factor.source) == own
        assert factor.origin.render("en") == factor.source
