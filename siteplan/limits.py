"""FAR tiers and BCR of each kind of parcel: by its zones, its incentives and the planner's FAR."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from siteplan.incentives import FarTiers, Refused, far_tiers
from siteplan.rules import RuleSet
from siteplan.straddling import Parts, ZonePart, weighted_bcr_pct, weighted_tiers
from siteplan.text import Label, sentence

if TYPE_CHECKING:
    from siteplan.parcels import ZoneParts


@dataclass(frozen=True)
class Kind:
    """What a parcel's FAR tiers depend on."""

    zone: str | None
    zone_changed: bool = False
    far_pct: float | None = None
    own: tuple[tuple[str, float | None], ...] = ()
    parts: ZoneParts = ()


def _tiers_of(kind: Kind, *, everywhere: Mapping[str, float], rules: RuleSet) -> FarTiers | None:
    """Return the FAR tiers of a kind of parcel in one zone."""
    rule = rules.zone(kind.zone)
    if rule is None:
        return None
    on = _switched_on(kind, everywhere=everywhere)
    return far_tiers(rule, on, incentives=rules.incentives, zone_changed=kind.zone_changed)


def _switched_on(kind: Kind, *, everywhere: Mapping[str, float]) -> dict[str, float]:
    switches: dict[str, float | None] = {**everywhere, **dict(kind.own)}
    return {key: value for key, value in switches.items() if value is not None}


def _own_tiers(
    kind: Kind, far_pct: float, base_pct: float, *, everywhere: Mapping[str, float], rules: RuleSet
) -> FarTiers:
    """Return the planner's own FAR, which takes the place of the tiers."""
    why = sentence("The planner's own FAR takes the place of the tiers.")
    refused = tuple(
        Refused(
            key, rules.incentives[key].label if key in rules.incentives else Label(key, key), why
        )
        for key in sorted(_switched_on(kind, everywhere=everywhere))
    )
    return FarTiers(base_pct, base_pct, far_pct, refused=refused, own=True)


def limits_of(
    kinds: Iterable[Kind], *, everywhere: Mapping[str, float], rules: RuleSet
) -> tuple[list[FarTiers | None], list[float], list[Parts]]:
    """Return tiers, BCR (NaN where no rule knows the zone) and zone parts of each kind."""
    single: dict[Kind, FarTiers | None] = {}
    all_tiers: list[FarTiers | None] = []
    bcr_pct: list[float] = []
    all_parts: list[Parts] = []

    def in_one_zone(kind: Kind) -> FarTiers | None:
        if kind not in single:
            single[kind] = _tiers_of(kind, everywhere=everywhere, rules=rules)
        return single[kind]

    for kind in kinds:
        rule = rules.zone(kind.zone)
        alone = replace(kind, far_pct=None, parts=()) if kind.far_pct is not None else kind
        parts: Parts = ()
        if rule is not None and kind.parts:
            parts = tuple(
                ZonePart(zone, share, rules.zone(zone), in_one_zone(Kind(zone, own=kind.own)))
                for zone, share in kind.parts
            )
        tiers = weighted_tiers(parts) if parts else in_one_zone(alone)
        if kind.far_pct is not None and tiers is not None:
            tiers = _own_tiers(
                kind, kind.far_pct, tiers.base_pct, everywhere=everywhere, rules=rules
            )
        all_tiers.append(tiers)
        bcr_pct.append(
            math.nan if rule is None else weighted_bcr_pct(parts) if parts else rule.bcr_pct
        )
        all_parts.append(parts)
    return all_tiers, bcr_pct, all_parts
