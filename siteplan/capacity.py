"""How much FAR area each parcel can hold, which limit binds, and which uses may stand there.

FAR capacity = FAR limit × site area × part available (국토계획법 §78, 서울특별시 도시계획 조례
§48). Where a number of floors is known, BCR limit × site area × floors × part available (§44)
may bind first. GFA is another quantity: see `siteplan.evaluation`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from siteplan.issues import Issue
from siteplan.rules import Permit, RuleSet, ZoneRule
from siteplan.text import Label
from siteplan.uses import USES, use_label

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.parcels import Parcels
    from siteplan.scenario import Scenario

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]

_T = TypeVar("_T")

LIMITS: dict[str, Label] = {
    "far": Label("용적률", "FAR"),
    "far_override": Label("직접 정한 용적률", "FAR set by the planner"),
    "bcr_floors": Label("건폐율 × 층수", "BCR × floors"),
    "zone_unknown": Label("용도지역 모름", "Zone not known"),
    "not_taking_part": Label("사업에 참여하지 않음", "Takes no part"),
}
"""Codes of the limit that binds a parcel, with their names."""


@dataclass(frozen=True, eq=False)
class Capacity:
    """Limits of each parcel, n of them, and permissions by use, k of them.

    Parameters
    ----------
    far_area_m2 : ndarray, shape (n,)
        FAR area that the parcel can hold for the programme.
    whole_far_area_m2 : ndarray, shape (n,)
        The same if the parcel took part wholly.
    by_far_m2, by_bcr_floors_m2 : ndarray, shape (n,)
        Figure of each limit by itself; infinite where it does not apply.
    far_limit_pct, bcr_limit_pct : ndarray, shape (n,)
        Limits in force, NaN where no rule knows the zone.
    available_pct : ndarray, shape (n,)
    limit : tuple of str
        Key of `LIMITS` that binds.
    zones : tuple of (str or None)
        Zone planned with, official spelling where the rules know it.
    allowed : ndarray of bool, shape (n, k)
        Whether a use may be placed: permitted, or conditional with the scenario's consent.
    permits : ndarray of Permit or None, shape (n, k)
    """

    far_area_m2: Floats
    whole_far_area_m2: Floats
    by_far_m2: Floats
    by_bcr_floors_m2: Floats
    far_limit_pct: Floats
    bcr_limit_pct: Floats
    available_pct: Floats
    limit: tuple[str, ...]
    zones: tuple[str | None, ...]
    allowed: Bools
    zone_rules: tuple[ZoneRule | None, ...]

    def permit(self, row: int, use: str) -> Permit:
        """Return the rule's answer for a parcel and a use; unknown where no rule knows the zone."""
        rule = self.zone_rules[row]
        return Permit("unknown", "M") if rule is None else rule.permits[use]


def capacity_of(parcels: Parcels, scenario: Scenario, *, rules: RuleSet) -> Capacity:
    """Return the capacity of each parcel under a scenario and a rule set.

    Parameters
    ----------
    parcels : Parcels, n of them
    scenario : Scenario
        Its decisions, assumed zone, floors and consents.
    rules : RuleSet

    Returns
    -------
    Capacity
    """
    n = len(parcels)
    available_pct = np.full(n, float(scenario.default_available_pct))
    far_override_pct = np.full(n, np.nan)
    floors = np.full(n, np.inf if scenario.max_floors is None else float(scenario.max_floors))
    zones = [zone if zone is not None else scenario.assumed_zone for zone in parcels.zones]
    for parcel_id, decision in scenario.decisions.items():
        row = parcels.index.get(parcel_id)
        if row is None:
            continue
        available_pct[row] = decision.available_pct
        if decision.far_pct is not None:
            far_override_pct[row] = decision.far_pct
        if decision.max_floors is not None:
            floors[row] = decision.max_floors
        if decision.zone is not None:
            zones[row] = decision.zone
    return _capacity(
        parcels.site_area_m2,
        available_pct=available_pct,
        far_override_pct=far_override_pct,
        floors=floors,
        zones=zones,
        rules=rules,
        consents=scenario.consents,
    )


def _capacity(
    site_area_m2: Floats,
    *,
    available_pct: Floats,
    far_override_pct: Floats,
    floors: Floats,
    zones: list[str | None],
    rules: RuleSet,
    consents: frozenset[tuple[str, str]],
) -> Capacity:
    found = {zone: rules.zone(zone) for zone in dict.fromkeys(zones)}
    order = {zone: code for code, zone in enumerate(found)}
    code = np.fromiter(map(order.__getitem__, zones), dtype=np.intp, count=len(zones))
    known = list(found.values())
    far_pct = np.array([np.nan if rule is None else rule.far_pct for rule in known])[code]
    bcr_pct = np.array([np.nan if rule is None else rule.bcr_pct for rule in known])[code]
    overridden = np.isfinite(far_override_pct) & np.isfinite(far_pct)
    far_pct = np.where(overridden, far_override_pct, far_pct)
    share = available_pct / 100
    whole_by_far_m2 = np.nan_to_num(far_pct / 100 * site_area_m2, nan=0.0)
    whole_by_bcr_m2 = np.nan_to_num(bcr_pct / 100 * site_area_m2, nan=np.inf) * floors
    by_far_m2 = whole_by_far_m2 * share
    # No known number of floors is no limit, however small the share.
    by_bcr_m2 = np.where(
        np.isfinite(whole_by_bcr_m2), np.nan_to_num(whole_by_bcr_m2, posinf=0.0) * share, np.inf
    )
    # Numbers first, words last: arrays of text are slow to build.
    binding = np.select(
        [np.isnan(far_pct), available_pct == 0, by_bcr_m2 < by_far_m2, overridden],
        [0, 1, 2, 3],
        default=4,
    )
    limits = ("zone_unknown", "not_taking_part", "bcr_floors", "far_override", "far")
    spelled = {(rules.zone(zone), use) for zone, use in consents}
    accepted = frozenset((rule.name, use) for rule, use in spelled if rule is not None)
    permitted = np.array([[_permitted(rule, use, accepted) for use in USES] for rule in known])
    return Capacity(
        far_area_m2=np.minimum(by_far_m2, by_bcr_m2),
        whole_far_area_m2=np.minimum(whole_by_far_m2, whole_by_bcr_m2),
        by_far_m2=by_far_m2,
        by_bcr_floors_m2=by_bcr_m2,
        far_limit_pct=far_pct,
        bcr_limit_pct=bcr_pct,
        available_pct=available_pct,
        limit=_spread(limits, code=binding),
        zones=_spread([z if rule is None else rule.name for z, rule in found.items()], code=code),
        allowed=permitted[code],
        zone_rules=_spread(known, code=code),
    )


def _spread(values: Sequence[_T], *, code: npt.NDArray[np.intp]) -> tuple[_T, ...]:
    """Return the value that each code stands for."""
    table = np.empty(len(values), dtype=object)
    table[:] = values
    return tuple(table[code].tolist())


def _permitted(rule: ZoneRule | None, use: str, consents: frozenset[tuple[str, str]]) -> bool:
    if rule is None:
        return False
    answer = rule.permits[use].answer
    return answer == "yes" or (answer != "no" and (rule.name, use) in consents)


def check_capacity(parcels: Parcels, scenario: Scenario, capacity: Capacity) -> list[Issue]:
    """Return what a person should know about the limits: overrides, assumptions, unknown zones."""
    found: list[Issue] = []
    strange = [
        (i, zone)
        for i, zone, rule in zip(parcels.ids, capacity.zones, capacity.zone_rules, strict=True)
        if rule is None and zone is not None
    ]
    if strange:
        names = ", ".join(dict.fromkeys(zone for _, zone in strange))
        found.append(Issue("zone_unknown", tuple(i for i, _ in strange), {"zones": names}))
    lost = [i for i in scenario.decisions if i not in parcels.index]
    if lost:
        found.append(
            Issue(
                "decision_without_parcel",
                tuple(lost),
                {"examples": ", ".join(lost[:3])},
            )
        )
    return found + _check_decisions(parcels, scenario, capacity)


def _check_decisions(parcels: Parcels, scenario: Scenario, capacity: Capacity) -> list[Issue]:
    """Return the planner's own FAR and zones where they have an effect."""
    own_far: dict[tuple[float, str], list[str]] = {}
    rezoned: dict[str, list[str]] = {}
    beyond: dict[tuple[str, float], list[str]] = {}
    for parcel_id, decision in scenario.decisions.items():
        row = parcels.index.get(parcel_id)
        rule = None if row is None else capacity.zone_rules[row]
        if row is None or rule is None:
            continue
        if decision.far_pct is not None:
            own_far.setdefault((decision.far_pct, decision.reason), []).append(parcel_id)
            if decision.far_pct > rule.national["far_max_pct"]:
                key = (rule.name, rule.national["far_max_pct"])
                beyond.setdefault(key, []).append(parcel_id)
        if decision.zone is not None and rule.name != parcels.zones[row]:
            rezoned.setdefault(rule.name, []).append(parcel_id)
    if scenario.assumed_zone is not None:
        for row, (parcel_id, zone) in enumerate(zip(parcels.ids, parcels.zones, strict=True)):
            if zone is None and capacity.zone_rules[row] is not None:
                rezoned.setdefault(scenario.assumed_zone, []).append(parcel_id)
    found = [
        Issue("far_override", tuple(ids), {"far": f"{far_pct:g}", "reason": reason or "–"})
        for (far_pct, reason), ids in own_far.items()
    ]
    found += [
        Issue("far_above_national", tuple(ids), {"zone": zone, "most": f"{most_pct:g}"})
        for (zone, most_pct), ids in beyond.items()
    ]
    found += [Issue("zone_override", tuple(ids), {"zone": z}) for z, ids in rezoned.items()]
    return found


def check_permissions(
    capacity: Capacity, gfa_m2: npt.NDArray[np.int64], *, ids: tuple[str, ...]
) -> list[Issue]:
    """Return the permissions that a plan makes use of and that are conditional or not verified."""
    used: dict[tuple[str, str], list[int]] = {}
    for row, column in np.argwhere(gfa_m2 > 0).tolist():
        rule = capacity.zone_rules[row]
        if rule is not None:
            used.setdefault((rule.name, USES[column]), []).append(row)
    found = []
    unverified: list[str] = []
    for (zone, use), rows in used.items():
        permit = capacity.permit(rows[0], use)
        if permit.answer == "yes":
            if permit.mark != "V":
                unverified.append(f"{zone} {use_label(use).ko}")
            continue
        details = {
            "use": use_label(use),
            "zone": zone,
            "condition": permit.condition or Label("", ""),
        }
        code = "consent_used" if permit.answer == "conditional" else "unknown_use_permission"
        found.append(Issue(code, tuple(ids[row] for row in rows), details))
    if unverified:
        found.append(
            Issue(
                "rules_unverified", (), {"count": len(unverified), "rules": ", ".join(unverified)}
            )
        )
    return found
