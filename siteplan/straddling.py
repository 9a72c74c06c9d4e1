"""Lots in several zones: area-weighted limits, with each part shown.

국토계획법 §84 (from memory, mark M): FAR and BCR of a lot in several zones are the averages of the
zones' limits, weighted by the parts' areas, and other limits follow the largest part, where the
smaller part is at most `SMALL_PART_M2`; larger parts follow their own zones. The FAR area of all
parts together is the same sum either way. siteplan weighs every lot so, takes uses, floors and
daylight from the largest part, and says which case each lot is.

Incentives are worked out for each part in its own zone, on that zone's base FAR, and weighted in
the same way: one that is for one zone only lifts that part only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from siteplan.incentives import Applied, FarTiers, Refused
from siteplan.text import Joined, Text, sentence

if TYPE_CHECKING:
    from siteplan.rules import ZoneRule

SMALL_PART_M2 = 330.0
"""Largest smaller part that the averages of §84 are for (국토계획법 §84, mark M)."""

ARTICLE = "국토계획법 §84"
MARK = "M"


@dataclass(frozen=True, eq=False)
class ZonePart:
    """One zone's part of a lot.

    Parameters
    ----------
    zone : str
    share_ratio : float
        Of the lot's area; the parts of a lot sum to 1.
    rule : ZoneRule or None
        None where no rule knows the zone: nothing counts on that part.
    tiers : FarTiers or None
        FAR tiers of the zone with the scenario's incentives.
    """

    zone: str
    share_ratio: float
    rule: ZoneRule | None
    tiers: FarTiers | None

    @property
    def far_pct(self) -> float:
        """FAR in force on the part, percent."""
        return 0.0 if self.tiers is None else self.tiers.max_pct

    @property
    def bcr_pct(self) -> float:
        """BCR in force on the part, percent."""
        return 0.0 if self.rule is None else self.rule.bcr_pct

    @property
    def national_far_pct(self) -> float:
        """National most of FAR on the part, percent."""
        return 0.0 if self.rule is None else self.rule.national["far_max_pct"]


Parts = tuple[ZonePart, ...]


def weighted_bcr_pct(parts: Parts) -> float:
    """Return the BCR of a lot: Σ share × BCR of the part's zone, percent."""
    return sum(part.share_ratio * part.bcr_pct for part in parts)


def national_far_pct(parts: Parts) -> float:
    """Return the national most of a lot's FAR: Σ share × the zone's, percent."""
    return sum(part.share_ratio * part.national_far_pct for part in parts)


def weighted_tiers(parts: Parts) -> FarTiers:
    """Return the FAR tiers of a lot in several zones.

    Notes
    -----
    base, allowed and max are Σ share × the part's. Where an incentive gives land of some parts
    to the public, weights are the parts of the land that is left, so that FAR × land left is the
    sum over the parts.
    """
    whole = sum(part.share_ratio for part in parts)
    remaining = sum(part.share_ratio * _remaining(part) for part in parts) / whole
    known = [
        (weight, part, part.tiers)
        for weight, part in zip(_land_left(parts), parts, strict=True)
        if part.tiers is not None
    ]
    applied = _applied(known)
    counted = {one.incentive.key for one in applied}
    refused: dict[str, Refused] = {}
    for _, _, tiers in known:
        for no in tiers.refused:
            if no.key not in counted:
                refused.setdefault(no.key, no)
    return FarTiers(
        base_pct=sum(w * tiers.base_pct for w, _, tiers in known),
        allowed_pct=sum(w * tiers.allowed_pct for w, _, tiers in known),
        max_pct=sum(w * tiers.max_pct for w, _, tiers in known),
        applied=applied,
        refused=tuple(refused.values()),
        remaining_ratio=remaining,
    )


def _land_left(parts: Parts) -> list[float]:
    """Return the weight of each part: its share of the land that is left."""
    left = [part.share_ratio * _remaining(part) for part in parts]
    given = sum(part.share_ratio for part in parts) / sum(left)
    return [one * given for one in left]


def _remaining(part: ZonePart) -> float:
    return 1.0 if part.tiers is None else part.tiers.remaining_ratio


def _applied(known: Sequence[tuple[float, ZonePart, FarTiers]]) -> tuple[Applied, ...]:
    """Return the incentives of all parts, with their gains weighted and each part's formula."""
    found: dict[str, list[tuple[float, ZonePart, Applied]]] = {}
    for weight, part, tiers in known:
        for one in tiers.applied:
            found.setdefault(one.incentive.key, []).append((weight, part, one))
    base_pct = sum(weight * tiers.base_pct for weight, _, tiers in known)
    whole = []
    for items in found.values():
        gain_pp = sum(weight * one.gain_pp for weight, _, one in items)
        formulas = tuple(Joined((part.zone, one.formula), ": ") for _, part, one in items)
        text = sentence("each zone by itself: {parts}", parts=Joined(formulas, "; "))
        first = items[0][2]
        whole.append(replace(first, far_pct=base_pct + gain_pp, gain_pp=gain_pp, formula=text))
    return tuple(whole)


def far_sum(parts: Parts) -> str:
    """Return the weighted FAR as a sum, "60 % × 250 % + 40 % × 400 %"."""
    weights = _land_left(parts)
    return " + ".join(
        f"{_plain(weight * 100)} % × {_plain(part.far_pct)} %"
        for weight, part in zip(weights, parts, strict=True)
    )


def _plain(figure: float) -> str:
    return f"{figure:.2f}".rstrip("0").rstrip(".")


def has_small_part(parts: Parts, *, site_area_m2: float) -> bool:
    """Tell whether the smallest part of a lot is at most `SMALL_PART_M2`."""
    smallest_m2 = min(part.share_ratio for part in parts) * site_area_m2
    return smallest_m2 <= SMALL_PART_M2 * (1 + 1e-9)


def law_note(*, small_part: bool) -> Text:
    """Return what the law says of a lot in several zones, and what siteplan does."""
    if small_part:
        return sentence(
            "The smallest part is at most {most:g} m²: FAR and BCR are averages weighted by area, "
            "and uses and other limits follow the largest part ({article}; from memory, not "
            "verified).",
            most=SMALL_PART_M2,
            article=ARTICLE,
        )
    return sentence(
        "Each part is above {most:g} m²: the law takes each part by its own zone. The FAR area of "
        "all parts together is the same sum; uses and floors are taken from the largest part "
        "here, so check them part by part ({article}; from memory, not verified).",
        most=SMALL_PART_M2,
        article=ARTICLE,
    )
