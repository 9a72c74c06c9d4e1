"""Rules and factors: the published limits, their marks, and files that are wrong."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from siteplan import shipped
from siteplan.errors import InputError
from siteplan.io.rules import read_rules
from siteplan.ledger import ledger_from, shipped_ledger
from siteplan.rules import (
    DEFAULT_RULES,
    NATIONAL_RULES,
    rules_from,
    shipped_rule_ids,
    shipped_rules,
)
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
        ("far_pct", -5, r'own.toml, \[zone."준주거지역"\]: far_pct must be a percentage from 10'),
        ("far_pct", "400", "far_pct must be a percentage"),
        ("bcr_pct", None, "bcr_pct must be a percentage"),
        ("far_pct", 4.0, "400 for 400 %"),
        ("bcr_pct", 0.6, "must be a percentage from 1 to 100"),
        ("far_pct", 510, "far_pct is above national_far_max_pct"),
        ("far_ratio", 4.0, "far_ratio is not a key of this table"),
        ("far_pc", 400, "did you mean far_pct"),
        ("national_far_max_pct", None, "national_far_max_pct must be a percentage"),
        ("mark", "W", "mark must be one of V, V-calc, M, assumption"),
        ("max_floors", 0, "max_floors must be a whole number"),
        ("permits", {"shops": {"answer": "yes", "mark": "M"}}, "shops is not a key"),
        ("permits", {"housing": {"answer": "yes"}}, "permits.housing.mark must be one of"),
        ("far_article", None, "far_article must be a text"),
        ("permits", {"housing": {"answer": "maybe", "mark": "M"}}, "permits.housing must be one"),
    ],
)
def test_a_wrong_rule_names_file_table_and_key(key: str, value: object, said: str) -> None:
    table = rule_table()
    table["zone"]["준주거지역"][key] = value
    with pytest.raises(InputError, match=said):
        rules_from(table, place="own.toml")


@pytest.mark.parametrize(
    ("table_name", "key", "value", "said"),
    [
        ("daylight", "article", None, r"\[daylight\]: article must be a text"),
        ("daylight", "low_m", -1, "low_m must be a number from 1"),
        ("daylight", "zones", ["준주거"], "zones names"),
        ("minimum_lot", "least_m2", {}, "least_m2 must be a table that is not empty"),
        ("minimum_lot", "least_m2", {"준주거지역": -1}, "must be a number from 1"),
        ("minimum_lot", "least_m2", {"어느지역": 90}, "which the file does not hold"),
        ("minimum_lot", "article", None, "article must be a text"),
        ("landscaping", "small_lot_pct", None, "small_lot_pct must be a percentage"),
        ("open_space", "uses", ["shops"], "uses must be a list of"),
        ("open_space", "mark", None, "mark must be one of"),
    ],
)
def test_a_wrong_table_names_file_table_and_key(
    table_name: str, key: str, value: object, said: str
) -> None:
    table = rule_table()
    table[table_name][key] = value
    with pytest.raises(InputError, match=said):
        rules_from(table, place="own.toml")


def test_an_unknown_zone_is_refused_with_the_likely_one() -> None:
    table = rule_table()
    table["zone"]["준주택지역"] = table["zone"]["준주거지역"]
    with pytest.raises(InputError, match=r"own.toml, \[zone\]: .*did you mean 준주거지역"):
        rules_from(table, place="own.toml")


@pytest.mark.parametrize("key", ["id", "title_ko", "date"])
def test_a_file_without_a_heading_is_refused(key: str) -> None:
    table = rule_table()
    del table[key]
    with pytest.raises(InputError, match=f"{key} must be a text"):
        rules_from(table, place="own.toml")
    del table["zone"]
    with pytest.raises(InputError, match="Correct it"):
        rules_from(table, place="own.toml")


# 국토계획법 시행령 §84①, §85①: zone -> (BCR, FAR), typed anew.
NATIONAL_PCT = {
    "제1종전용주거지역": (50, 100),
    "제2종전용주거지역": (50, 150),
    "제1종일반주거지역": (60, 200),
    "제2종일반주거지역": (60, 250),
    "제3종일반주거지역": (50, 300),
    "준주거지역": (70, 500),
    "중심상업지역": (90, 1500),
    "일반상업지역": (80, 1300),
    "근린상업지역": (70, 900),
    "유통상업지역": (80, 1100),
    "전용공업지역": (70, 300),
    "일반공업지역": (70, 350),
    "준공업지역": (70, 400),
    "보전녹지지역": (20, 80),
    "생산녹지지역": (20, 100),
    "자연녹지지역": (20, 100),
}


def test_the_national_set_holds_the_decrees_limits() -> None:
    national = shipped_rules("national-2024-09-10")
    zones = national.zones
    assert {name: (rule.bcr_pct, rule.far_pct) for name, rule in zones.items()} == NATIONAL_PCT
    assert all("시행령" in rule.far_article for rule in zones.values())
    assert (national.id, national.date) == ("national-2024-09-10", "2024-09-10")
    assert zones["유통상업지역"].permits["housing"].answer == "no"
    assert not national.incentives


def test_marks_reach_the_rules_as_they_stand_in_the_file() -> None:
    for rules_id in shipped_rule_ids():
        table = shipped.toml("rules", f"{rules_id}.toml")
        rules = shipped_rules(rules_id)
        for name, entry in table["zone"].items():
            assert rules.zones[name].mark == entry["mark"]
            for use, cell in entry["permits"].items():
                assert rules.zones[name].permits[use].mark == cell["mark"]
        for key, entry in table.get("incentive", {}).items():
            assert rules.incentives[key].mark == entry["mark"]


def test_a_rule_set_says_where_it_holds() -> None:
    assert shipped_rules().pnu_prefix == "11"
    assert shipped_rules(NATIONAL_RULES).pnu_prefix == ""
    table = rule_table()
    for wrong in (11, "1", "서울", "11 "):
        table["pnu_prefix"] = wrong
        with pytest.raises(InputError, match="pnu_prefix must be 2 to 10 digits"):
            rules_from(table, place="own.toml")


def test_a_rule_file_of_ones_own_is_read(tmp_path: Path) -> None:
    text = shipped.data_path("rules", f"{DEFAULT_RULES}.toml").read_text(encoding="utf-8")
    path = tmp_path / "own.toml"
    path.write_text(text.replace("far_pct = 400", "far_pct = 390"), encoding="utf-8")
    assert read_rules(path).zones["준주거지역"].far_pct == 390
    with pytest.raises(InputError, match="no file"):
        read_rules(tmp_path / "none.toml")
    path.write_text("far_pct = ", encoding="utf-8")
    with pytest.raises(InputError, match="not valid TOML"):
        read_rules(path)


# 서울특별시 건축 조례 §24: lot, gross floor area -> part of the lot to plant.
@pytest.mark.parametrize(
    ("lot_m2", "gfa_m2", "share_pct"),
    [(150, 9_000, 0), (250, 9_000, 5), (500, 900, 5), (500, 1_000, 10), (500, 2_000, 15)],
)
def test_landscaping_is_the_ordinances(lot_m2: float, gfa_m2: float, share_pct: float) -> None:
    law = shipped_rules().landscaping
    assert law is not None
    assert law.share_pct(gfa_m2, lot_m2=lot_m2) == share_pct


def test_the_least_lot_after_a_split_is_the_ordinances() -> None:
    law = shipped_rules().minimum_lot
    assert law is not None
    assert (law.article, law.mark) == ("서울특별시 건축 조례 §29", "V")
    assert set(law.least_m2) == set(shipped_rules().zones)
    groups = {"주거": 90, "상업": 150, "공업": 200, "녹지": 200}
    for zone, least_m2 in law.least_m2.items():
        assert least_m2 == next(m2 for group, m2 in groups.items() if group in zone)
    assert shipped_rules("national-2024-09-10").minimum_lot is None


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
