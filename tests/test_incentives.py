"""FAR tiers by hand: every incentive of the shipped rules, its cap, and what does not combine."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from siteplan import shipped
from siteplan.errors import InputError
from siteplan.incentives import FarTiers, far_tiers
from siteplan.rules import DEFAULT_RULES, rules_from, shipped_rules

RULES = shipped_rules()
R3, SEMI, DIST, R1X = "제3종일반주거지역", "준주거지역", "유통상업지역", "제1종전용주거지역"


def tiers(zone: str, *, zone_changed: bool = False, **switches: float) -> FarTiers:
    return far_tiers(
        RULES.zones[zone], switches, incentives=RULES.incentives, zone_changed=zone_changed
    )


# incentive, zone, parameter, FAR by hand
BY_HAND = [
    ("district_plan", SEMI, 110, 440),  # 400 × 110 %
    ("district_plan", DIST, 105, 630),  # 600 × 105 %
    ("industry_district", DIST, 100, 700),  # 600 + 100 points
    ("industry_district", "준공업지역", 100, 400),  # the national limit is 400
    ("special_promotion", DIST, 120, 720),  # 600 × 120 %
    ("open_space", DIST, 10, 660),  # 600 × (1 + 0.1)
    ("land_given", DIST, 25, 795),  # 600 × (1 + 1.3 × 0.25)
    ("land_given", DIST, 100, 1100),  # 600 × 2.3 = 1380, cap 200 % = 1200, national 1100
    ("land_given", "중심상업지역", 90, 1500),  # 2170, cap 2000, national 1500
    ("semi_residential_rental", SEMI, 500, 500),
    ("semi_residential_rental", SEMI, 450, 450),
    ("public_housing", R3, 300, 300),
    ("public_housing", SEMI, 500, 500),
    ("student_dormitory", R3, 120, 300),  # 250 × 120 %
    ("campus_plan", "제2종일반주거지역", 120, 240),  # 200 × 120 %
    ("rental_homes", "제2종일반주거지역", 20, 240),  # + 20 %
    ("rental_homes", "제2종일반주거지역", 12, 230),  # ten years: + 15 %
    ("rental_homes", "제2종일반주거지역", 5, 220),  # + 10 %
    ("green_infrastructure", "자연녹지지역", 100, 100),
    ("public_culture", "근린상업지역", 900, 900),  # the national limit
]


@pytest.mark.parametrize(("key", "zone", "parameter", "far_pct"), BY_HAND)
def test_every_incentive_by_hand(key: str, zone: str, parameter: float, far_pct: float) -> None:
    found = tiers(zone, **{key: parameter})
    assert found.base_pct == RULES.zones[zone].far_pct
    assert found.max_pct == pytest.approx(far_pct)
    counted = found.max_pct > found.base_pct
    assert [one.incentive.key for one in found.applied] == ([key] if counted else [])
    assert len(found.refused) == (0 if counted else 1)


def test_no_shipped_incentive_is_left_untested() -> None:
    assert {key for key, *_ in BY_HAND} == set(RULES.incentives)


@pytest.mark.parametrize("key", list(RULES.incentives))
def test_no_incentive_leads_above_the_national_limit_or_below_the_base(key: str) -> None:
    for name, rule in RULES.zones.items():
        for parameter in (0, 1, 50, 110, 300, 3000):
            found = tiers(name, **{key: parameter})
            assert found.base_pct <= found.allowed_pct <= found.max_pct
            assert found.max_pct <= rule.national["far_max_pct"]


@pytest.mark.parametrize("key", list(RULES.incentives))
def test_a_larger_parameter_never_gives_less_far(key: str) -> None:
    for name in RULES.incentives[key].zones:
        got = [tiers(name, **{key: parameter}).max_pct for parameter in range(0, 1000, 5)]
        assert got == sorted(got)


def test_tiers_say_which_tier_an_incentive_leads_to() -> None:
    allowed = tiers(DIST, district_plan=110)
    assert (allowed.base_pct, allowed.allowed_pct, allowed.max_pct) == (600, 660, 660)
    most = tiers(DIST, industry_district=100)
    assert (most.base_pct, most.allowed_pct, most.max_pct) == (600, 600, 700)


def test_what_is_not_known_to_combine_is_not_added() -> None:
    found = tiers(DIST, district_plan=110, special_promotion=120, open_space=10)
    assert found.max_pct == 720
    assert [one.incentive.key for one in found.applied] == ["special_promotion"]
    assert {no.key for no in found.refused} == {"district_plan", "open_space"}
    assert "is not known" in str(found.refused[0].reason)


def combined(**lists: list[str]) -> FarTiers:
    own = dict(RULES.incentives)
    own["open_space"] = replace(
        own["open_space"], **{name: tuple(keys) for name, keys in lists.items()}
    )
    return far_tiers(RULES.zones[DIST], {"district_plan": 110, "open_space": 10}, incentives=own)


def test_what_is_known_to_combine_is_added_up_to_the_national_limit() -> None:
    found = combined(combines_with=["district_plan"])
    assert found.max_pct == 720  # 600 + 60 + 60
    assert not found.refused
    everything = {key: replace(i, combines_with=tuple(RULES.incentives))
                  for key, i in RULES.incentives.items()}  # fmt: skip
    switches = {"industry_district": 100, "land_given": 50, "district_plan": 110}
    most = far_tiers(RULES.zones[DIST], switches, incentives=everything)
    assert most.max_pct == 1100


def test_what_the_rules_exclude_says_so() -> None:
    found = combined(combines_with=["district_plan"], excludes=["district_plan"])
    assert found.max_pct == 660
    assert "exclude" in str(found.refused[0].reason)


def test_refusals_name_their_reason() -> None:
    changed = tiers(SEMI, zone_changed=True, district_plan=110)
    assert changed.max_pct == 400
    assert "zone is not changed" in str(changed.refused[0].reason)
    elsewhere = tiers(R1X, district_plan=110)
    assert "It is not for" in str(elsewhere.refused[0].reason)
    nothing = tiers(SEMI, rental_homes=3)
    assert "no more than the base" in str(nothing.refused[0].reason)
    strange = tiers(SEMI, tower_bonus=3)
    assert "no incentive of this name" in str(strange.refused[0].reason)


def test_a_cap_is_named_in_the_formula() -> None:
    one = tiers(DIST, land_given=100).applied[0]
    assert one.capped == "national"
    assert "1100 %" in str(one.formula)
    assert tiers(SEMI, district_plan=150).applied[0].capped == "incentive"


def test_land_that_is_given_no_longer_counts() -> None:
    # a fifth of the site is given: α = 20/80 = 0.25, four fifths are left
    assert tiers(DIST, land_given=25).remaining_ratio == pytest.approx(0.8)
    assert tiers(DIST, district_plan=110).remaining_ratio == 1


def test_every_incentive_carries_article_mark_condition_and_cost() -> None:
    for one in RULES.incentives.values():
        assert one.article
        assert one.mark in {"V", "M"}
        assert one.condition.ko
        assert one.condition.en
        assert one.contribution.ko
        assert one.contribution.en


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("article", None, r"own.toml, \[incentive.district_plan\]: article must be a text"),
        ("article", " ", "article must be a text"),
        ("kind", "magic", "kind must be one of"),
        ("tier", "top", "tier must be one of"),
        ("mark", "?", "mark must be one of"),
        ("most_pct", -110, "most_pct must be a number above 0"),
        ("most_pct", None, "most_pct must be a number above 0"),
        ("most_pct", 1.1, "most_pct must be above 100"),
        ("most_ratio", 1.1, "most_ratio is not a key"),
        ("zones", ["준주거"], "zones names"),
        ("zones", [], "zones must name at least one"),
        ("combines_with", ["nothing"], "combines_with names"),
    ],
)
def test_a_wrong_incentive_names_file_table_and_key(key: str, value: object, said: str) -> None:
    table: dict[str, Any] = copy.deepcopy(shipped.toml("rules", f"{DEFAULT_RULES}.toml"))
    table["incentive"]["district_plan"][key] = value
    with pytest.raises(InputError, match=said):
        rules_from(table, place="own.toml")
