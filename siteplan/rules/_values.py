"""What a rule set says: of each zone, of lots, of landscaping, open space and daylight."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from siteplan.daylight import DaylightRule
from siteplan.incentives import Incentive
from siteplan.text import Label

Answer = Literal["yes", "conditional", "no", "unknown"]
Mark = Literal["V", "V-calc", "M", "assumption"]

ANSWERS: tuple[Answer, ...] = ("yes", "conditional", "no", "unknown")
DEFAULT_RULES = "seoul-2026-03-30"
NATIONAL_RULES = "national-2024-09-10"
"""Holds everywhere in the country."""

LEGAL_ZONES = (
    "제1종전용주거지역", "제2종전용주거지역", "제1종일반주거지역", "제2종일반주거지역",
    "제3종일반주거지역", "준주거지역", "중심상업지역", "일반상업지역", "근린상업지역",
    "유통상업지역", "전용공업지역", "일반공업지역", "준공업지역", "보전녹지지역", "생산녹지지역",
    "자연녹지지역", "보전관리지역", "생산관리지역", "계획관리지역", "농림지역", "자연환경보전지역",
)  # fmt: skip
"""용도지역 that a rule file may speak of (국토계획법 §36, 시행령 §30)."""


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
    article : str or None
        Where the law says so, where that is known.
    """

    answer: Answer
    mark: Mark
    condition: Label | None = None
    article: str | None = None


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
    national_article, national_mark : str
        Where the national limits come from.
    max_floors : int or None
        Floors that the zone allows at most, where the rules say so.
    floors_article, floors_mark : str
        Where that comes from; empty without `max_floors`.
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
    national_article: str = ""
    national_mark: str = "M"
    max_floors: int | None = None
    floors_article: str = ""
    floors_mark: str = ""

    @property
    def spoken(self) -> Label:
        """Its name in a sentence; in English the official Korean one stands in brackets."""
        return Label(self.label.ko, f"{self.label.en} ({self.name})")


@dataclass(frozen=True)
class Landscaping:
    """Part of the lot to be planted (대지의 조경).

    Parameters
    ----------
    from_lot_m2 : float
        Smaller lots need none.
    steps : tuple of (m², percent)
        From this gross floor area on, this part of the lot; the largest step reached holds.
    small_lot_m2, small_lot_pct : float
        Lots below that area plant at most that part.
    article, mark : str
    """

    from_lot_m2: float
    steps: tuple[tuple[float, float], ...]
    small_lot_m2: float
    small_lot_pct: float
    article: str
    mark: str

    def share_pct(self, gfa_m2: float, *, lot_m2: float) -> float:
        """Return the part of a lot that a building of this gross floor area must plant."""
        if lot_m2 < self.from_lot_m2:
            return 0.0
        reached = max((share for least, share in self.steps if gfa_m2 >= least), default=0.0)
        return min(reached, self.small_lot_pct) if lot_m2 < self.small_lot_m2 else reached


@dataclass(frozen=True)
class OpenSpace:
    """Public open space (공개공지) that some uses bring with them.

    Parameters
    ----------
    from_gfa_m2 : float
        Floor area of `uses` on one lot from which it is due.
    share_pct : float
        Part of the lot.
    uses : tuple of str
        Uses of the programme that the law counts.
    article, mark : str
    """

    from_gfa_m2: float
    share_pct: float
    uses: tuple[str, ...]
    article: str
    mark: str


@dataclass(frozen=True)
class MinimumLot:
    """Least area of a lot after a split (대지의 분할 제한).

    Parameters
    ----------
    least_m2 : Mapping[str, float]
        By zone; zones that the rules do not name are left out.
    article, mark : str
    """

    least_m2: Mapping[str, float]
    article: str
    mark: str


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
    date : str
        Day that the set stands for, as YYYY-MM-DD.
    pnu_prefix : str
        First digits of the PNUs where the set holds; empty where it holds everywhere.
    incentives : Mapping[str, Incentive]
    daylight : DaylightRule or None
    landscaping : Landscaping or None
    open_space : OpenSpace or None
    minimum_lot : MinimumLot or None
    """

    id: str
    title: Label
    sources: Mapping[str, str]
    zones: Mapping[str, ZoneRule]
    date: str = ""
    pnu_prefix: str = ""
    incentives: Mapping[str, Incentive] = field(default_factory=dict)
    daylight: DaylightRule | None = None
    landscaping: Landscaping | None = None
    open_space: OpenSpace | None = None
    minimum_lot: MinimumLot | None = None

    def zone(self, name: str | None) -> ZoneRule | None:
        """Return the rule for a zone as written in a file, or None where none is known.

        The word 지역 at the end and white space may be left out ("유통상업", "제3종 일반주거").
        """
        if name is None:
            return None
        return self._by_spelling.get(spelling(name))

    def spoken(self, name: str) -> Label:
        """Return how a zone is named in a sentence, the name itself where no rule knows it."""
        rule = self.zone(name)
        return Label(name, name) if rule is None else rule.spoken

    @cached_property
    def _by_spelling(self) -> dict[str, ZoneRule]:
        return {spelling(name): rule for name, rule in self.zones.items()}

    @cached_property
    def digest(self) -> str:
        """12 hexadecimal digits made from the whole set."""
        return hashlib.blake2b(repr(self).encode(), digest_size=6).hexdigest()


def legal_zone(name: str) -> str | None:
    """Return the zone of the law (`LEGAL_ZONES`) that a file's text names, None for any other.

    White space, the word 지역 at the end and a remark in brackets at the end may differ
    ("제3종 일반주거", "제2종일반주거지역(7층이하)").
    """
    return _LEGAL_BY_SPELLING.get(spelling(name.partition("(")[0]))


def spelling(name: str) -> str:
    """Return a zone's name without white space and without the word 지역 at its end."""
    compact = "".join(name.split())
    return compact.removesuffix("지역")


_LEGAL_BY_SPELLING = {spelling(zone): zone for zone in LEGAL_ZONES}
