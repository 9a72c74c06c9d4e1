"""Zoning rules as dated data: BCR, FAR and permitted uses of each zone, with their sources.

Sets are TOML files under ``data/rules``; each figure names its article and carries its mark:
V read in the source, M from memory and unverified.
"""

from __future__ import annotations

from functools import lru_cache

from siteplan import shipped
from siteplan.errors import InputError
from siteplan.rules._tables import rules_from
from siteplan.rules._values import (
    ANSWERS,
    DEFAULT_RULES,
    LEGAL_ZONES,
    NATIONAL_RULES,
    Answer,
    Landscaping,
    Mark,
    MinimumLot,
    OpenSpace,
    Permit,
    RuleSet,
    ZoneRule,
    legal_zone,
)
from siteplan.text import sentence

__all__ = [
    "ANSWERS",
    "DEFAULT_RULES",
    "LEGAL_ZONES",
    "NATIONAL_RULES",
    "Answer",
    "Landscaping",
    "Mark",
    "MinimumLot",
    "OpenSpace",
    "Permit",
    "RuleSet",
    "ZoneRule",
    "legal_zone",
    "rules_from",
    "shipped_rule_ids",
    "shipped_rules",
]


@lru_cache(maxsize=8)
def shipped_rules(rules_id: str = DEFAULT_RULES) -> RuleSet:
    """Return a rule set that siteplan ships.

    Raises
    ------
    InputError
        No set of that name.
    """
    names = shipped_rule_ids()
    if rules_id not in names:
        raise InputError(
            sentence(
                "There is no rule set {name}. Use one of: {names}.",
                name=rules_id,
                names=", ".join(names),
            )
        )
    return rules_from(shipped.toml("rules", f"{rules_id}.toml"), place=f"{rules_id}.toml")


@lru_cache(maxsize=1)
def shipped_rule_ids() -> tuple[str, ...]:
    """Return the names of the rule sets that siteplan ships, in order."""
    return tuple(sorted(file.stem for file in shipped.data_path("rules").glob("*.toml")))
