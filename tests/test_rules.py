"""Rules and factors: the published limits, their marks, and files that are wrong."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from siteplan import shipped
from siteplan.errors import InputError
from siteplan.ledger import ledger_from, shipped_ledger
from siteplan.rules import DEFAULT_RULES, rules_from, shipped_rules
from siteplan.uses import USES

# 서울특별시 도시계획 조례 §44, §48: zone -> (BCR, FAR), typed anew from the ordinance's figures.
PUBLISHED_PCT = {
    "제1종전용주거지역": (50, 100),
    "제2종전용주거지역": (40, 120),
    "제1종일반주거지역": (60, 150),
    "제2종일반주거지역": (60, 200),
    "제3종일반주거지역": (50, 250),
    "준주거지역": (60, 400),
    "중심상업지역": (60, 1000),
    "일반상업지역": (60, 800),
    "근린상업지역": (60, 600),
    "유통상업지역": (60, 600),
    "전용공업지역": (60, 200),
    "일반공업지역": (60, 200),
    "준공업지역": (60, 400),
    "보전녹지지역": (20, 50),
    "생산녹지지역": (20, 50),
    "자연녹지지역": (20, 50),
}


def test_limits_are_the_ordinances() -> None:
    zones = shipped_rules().zones
    assert {name: (rule.bcr_pct, rule.far_pct) for name, rule in zones.items()} == PUBLISHED_PCT
    assert all(rule.mark == "V" for rule in zones.values())


def test_seoul_stays_within_the_national_limits() -> None:
    for rule in shipped_rules().zones.values():
        assert rule.far_pct <= rule.national["far_max_pct"]
        assert rule.bcr_pct <= rule.national["bcr_max_pct"]


def test_only_the_ban_on_housing_in_distribution_zones_is_read() -> None:
    read = {
        (name, use)
        for name, rule in shipped_rules().zones.items()
        for use in USES
        if rule.permits[use].mark == "V"
    }
    assert read == {("유통상업지역", "housing")}
    assert shipped_rules().zones["유통상업지역"].permits["housing"].answer == "no"


@pytest.mark.parametrize(
    "spelling", ["유통상업지역", "유통상업", "유통상업 지역", " 유통상업지역 "]
)
def test_zones_are_known_in_usual_spellings(spelling: str) -> None:
    rule = shipped_rules().zone(spelling)
    assert rule is not None
    assert rule.name == "유통상업지역"


def test_a_strange_zone_is_unknown() -> None:
    assert shipped_rules().zone("관리지역") is None
    assert shipped_rules().zone(None) is None


def test_a_missing_rule_set_names_the_ones_there_are() -> None:
    with pytest.raises(InputError, match=DEFAULT_RULES):
        shipped_rules("seoul-1999")
    with pytest.raises(InputError, match="There is no rule set"):
        shipped_rules("../rules/seoul-2026-03-30")


def rule_table() -> dict[str, Any]:
    return copy.deepcopy(shipped.toml("rules", f"{DEFAULT_RULES}.toml"))


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("far_pct", -5, r'own.toml, \[zone."준주거지역"\]: far_pct must be a percentage above 0'),
        ("far_pct", "400", "far_pct must be a percentage"),
        ("bcr_pct", None, "bcr_pct must be a percentage"),
        ("far_article", None, "far_article must be a text"),
        ("permits", {"housing": {"answer": "maybe", "mark": "M"}}, "permits.housing must be one"),
    ],
)
def test_a_wrong_rule_names_file_table_and_key(key: str, value: object, said: str) -> None:
    table = rule_table()
    table["zone"]["준주거지역"][key] = value
    with pytest.raises(InputError, match=said):
        rules_from(table, place="own.toml")


def test_a_use_that_a_rule_file_leaves_out_is_unknown() -> None:
    table = rule_table()
    del table["zone"]["준주거지역"]["permits"]["housing"]
    permit = rules_from(table, place="own.toml").zones["준주거지역"].permits["housing"]
    assert (permit.answer, permit.mark) == ("unknown", "M")


class TestLedger:
    def test_every_factor_has_source_and_mark(self) -> None:
        for factor in shipped_ledger().factors.values():
            assert factor.source
            assert factor.mark in {"V", "V-calc", "M", "assumption"}
            assert factor.low <= factor.value <= factor.high
            assert not factor.changed

    def test_housing_ratio_follows_from_the_published_flat(self) -> None:
        assert shipped_ledger().value("far_ratio.housing") == round(112 / (112 + 39.5), 2)

    def test_an_own_value_shows_as_changed(self) -> None:
        ledger = shipped_ledger().with_overrides({"far_ratio.culture": 0.9})
        assert ledger.value("far_ratio.culture") == 0.9
        assert ledger.factors["far_ratio.culture"].changed
        assert not ledger.factors["far_ratio.research"].changed
        assert shipped_ledger().value("far_ratio.culture") != 0.9

    @pytest.mark.parametrize(
        ("overrides", "said"),
        [
            ({"far_ratio.shops": 0.5}, "no factor far_ratio.shops"),
            ({"far_ratio.culture": 0.0}, "above 0"),
            ({"far_ratio.culture": float("nan")}, "above 0"),
            ({"far_ratio.culture": 1.2}, "at most 1"),
        ],
    )
    def test_impossible_values_are_refused(self, overrides: dict[str, float], said: str) -> None:
        with pytest.raises(InputError, match=said):
            shipped_ledger().with_overrides(overrides)

    @pytest.mark.parametrize(
        ("key", "value", "said"),
        [
            ("value", 9, "must lie between low and high"),
            ("unit", 3, "unit must be a text"),
            ("low", -1, "low must be a number above 0"),
        ],
    )
    def test_a_wrong_factor_names_file_table_and_key(
        self, key: str, value: object, said: str
    ) -> None:
        table = copy.deepcopy(shipped.toml("factors", "siteplan-2026.toml"))
        table["factor"]["far_ratio.culture"][key] = value
        with pytest.raises(InputError, match=said):
            ledger_from(table, place="own.toml")
