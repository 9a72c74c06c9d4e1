"""Zoning rules as dated data: BCR, FAR and permitted uses of each zone, with their sources.

Sets are TOML files under ``data/rules``; each figure names its article and carries its mark:
V read in the source, M from memory and unverified.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Literal

from siteplan import shipped
from siteplan.errors import InputError
from siteplan.text import Label, sentence
from siteplan.uses import USES

Answer = Literal["yes", "conditional", "no", "unknown"]
Mark = Literal["V", "V-calc", "M", "assumption"]

ANSWERS: tuple[Answer, ...] = ("yes", "conditional", "no", "unknown")
DEFAULT_RULES = "seoul-2026-03-30"

_ZONE_NUMBERS = ("far_pct", "bcr_pct")


@dataclass(frozen=True)
class Permit:
    """Whether a use may stand in a zone.

    Parameters
    ----------
    answer : {"yes", "conditional", "no", "unknown"}
    mark : str
        V when the law's text was read, M when it was not.
    condition : Label or None
        The condition, or the reason of a "no".
    """

    answer: Answer
    mark: Mark
    condition: Label | None = None


@dataclass(frozen=True, eq=False)
class ZoneRule:
    """Limits of one zone (용도지역).

    Parameters
    ----------
    name : str
        Official Korean name, the key used everywhere.
    label : Label
    far_pct, bcr_pct : float
        용적률 and 건폐율 limits, percent of the site area.
    far_article, bcr_article : str
        The articles that set them.
    mark : str
        Whether the limits were read in the source.
    permits : Mapping[str, Permit]
        By use.
    national : Mapping[str, float]
        National limits in percent: bcr_max_pct, far_min_pct, far_max_pct.
    """

    name: str
    label: Label
    far_pct: float
    bcr_pct: float
    far_article: str
    bcr_article: str
    mark: Mark
    permits: Mapping[str, Permit]
    national: Mapping[str, float]


@dataclass(frozen=True)
class RuleSet:
    """A dated set of zone rules.

    Parameters
    ----------
    id : str
        Name of the set, stated by every plan that was checked against it.
    title : Label
    sources : Mapping[str, str]
    zones : Mapping[str, ZoneRule]
    """

    id: str
    title: Label
    sources: Mapping[str, str]
    zones: Mapping[str, ZoneRule]

    def zone(self, name: str | None) -> ZoneRule | None:
        """Return the rule for a zone as written in a file, or None where none is known.

        The word 지역 at the end and white space may be left out ("유통상업", "제3종 일반주거").
        """
        if name is None:
            return None
        return self._by_spelling.get(_spelling(name))

    @cached_property
    def _by_spelling(self) -> dict[str, ZoneRule]:
        return {_spelling(name): rule for name, rule in self.zones.items()}

    @cached_property
    def digest(self) -> str:
        """12 hexadecimal digits made from the whole set."""
        return hashlib.blake2b(repr(self).encode(), digest_size=6).hexdigest()


def _spelling(name: str) -> str:
    compact = "".join(name.split())
    return compact.removesuffix("지역")


@lru_cache(maxsize=8)
def shipped_rules(rules_id: str = DEFAULT_RULES) -> RuleSet:
    """Return a rule set that siteplan ships.

    Raises
    ------
    InputError
        No set of that name.
    """
    path = shipped.data_path("rules", f"{rules_id}.toml")
    if "/" in rules_id or "\\" in rules_id or not path.is_file():
        names = sorted(file.stem for file in shipped.data_path("rules").glob("*.toml"))
        raise InputError(
            sentence(
                "There is no rule set {name}. Use one of: {names}.",
                name=rules_id,
                names=", ".join(names),
            )
        )
    return rules_from(shipped.toml("rules", path.name), place=path.name)


def rules_from(table: Mapping[str, Any], *, place: str) -> RuleSet:
    """Check a parsed rule file and return it as a `RuleSet`.

    Parameters
    ----------
    table : Mapping
        The TOML document.
    place : str
        File name for the error's sentence.

    Raises
    ------
    InputError
        Names file, table and key.
    """
    try:
        zones = {
            name: _zone_from(name, entry, place=place) for name, entry in table["zone"].items()
        }
        return RuleSet(
            id=str(table["id"]),
            title=Label(table["title_ko"], table["title_en"]),
            sources=dict(table["sources"]),
            zones=zones,
        )
    except KeyError as missing:
        raise _rule_error(place, key=str(missing.args[0]), why="is missing") from missing


def _zone_from(name: str, entry: Mapping[str, Any], *, place: str) -> ZoneRule:
    where = f'{place}, [zone."{name}"]'
    for key in _ZONE_NUMBERS:
        value = entry.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
            raise _rule_error(where, key=key, why="must be a percentage above 0")
    for key in ("far_article", "bcr_article", "mark", "en"):
        if not isinstance(entry.get(key), str):
            raise _rule_error(where, key=key, why="must be a text")
    permits = {
        use: _permit_from(entry.get("permits", {}).get(use), where=where, use=use) for use in USES
    }
    return ZoneRule(
        name=name,
        label=Label(name, entry["en"]),
        far_pct=float(entry["far_pct"]),
        bcr_pct=float(entry["bcr_pct"]),
        far_article=entry["far_article"],
        bcr_article=entry["bcr_article"],
        mark=entry["mark"],
        permits=permits,
        national={
            "bcr_max_pct": float(entry["national_bcr_max_pct"]),
            "far_min_pct": float(entry["national_far_min_pct"]),
            "far_max_pct": float(entry["national_far_max_pct"]),
        },
    )


def _permit_from(cell: Mapping[str, Any] | None, *, where: str, use: str) -> Permit:
    if cell is None:
        return Permit("unknown", "M")
    if cell.get("answer") not in ANSWERS:
        raise _rule_error(where, key=f"permits.{use}", why=f"must be one of {', '.join(ANSWERS)}")
    condition = (
        Label(cell["condition_ko"], cell["condition_en"]) if "condition_ko" in cell else None
    )
    return Permit(cell["answer"], cell["mark"], condition)


def _rule_error(where: str, *, key: str, why: str) -> InputError:
    return InputError(
        sentence("Rule file {where}: {key} {why}. Correct it.", where=where, key=key, why=why)
    )
