"""How much FAR area each parcel can hold, which limit binds, and which uses may stand there.

Each limit by itself, in FAR area (서울특별시 도시계획 조례 §44, §48; 건축 조례 §24, §26, §35):

- FAR: FAR in force (`siteplan.incentives.far_tiers`) × site area × part available;
- BCR × floors, where a number of floors is known: ground × floors;
- height: ground × the whole storeys below the height limit;
- daylight (정북일조), in the zones that know it: the sum of the storeys that the real lot shape
  leaves (`siteplan.daylight`), each at most the ground.

Ground is the least of BCR, what landscaping and public open space leave, and what the setback
leaves. Storeys are as high as the tallest use allowed on the parcel, so that a plan cannot break
a height limit. A lot in several zones has the FAR and BCR of its parts weighted
by area, and the rest from the largest part (`siteplan.straddling`).
What stays of existing buildings is taken off the least of these.
Nothing here depends on the programme: moving a slider finds the answer kept.
GFA is another quantity: see `siteplan.evaluation`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from siteplan.daylight import NorthCut, daylight_area_m2, north_cut
from siteplan.incentives import FarTiers
from siteplan.ledger import shipped_ledger
from siteplan.limits import Kind, limits_of
from siteplan.rules import Permit, RuleSet, ZoneRule
from siteplan.straddling import Parts
from siteplan.text import Label
from siteplan.uses import USES

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.parcels import Parcels
    from siteplan.scenario import ParcelDecision, Scenario

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]

LIMITS: dict[str, Label] = {
    "far": Label("용적률", "FAR"),
    "far_override": Label("직접 정한 용적률", "FAR set by the planner"),
    "bcr_floors": Label("건폐율 × 층수", "BCR × floors"),
    "height": Label("높이 제한", "Height limit"),
    "daylight": Label("정북일조", "Daylight from the north"),
    "zone_unknown": Label("용도지역 모름", "Zone not known"),
    "not_taking_part": Label("사업에 참여하지 않음", "Takes no part"),
    "existing": Label("존치 건축물", "Existing buildings that stay"),
}
"""Codes of the limit that binds a parcel, with their names."""

_KEPT_PER_PARCELS = 4


@dataclass(frozen=True, eq=False)
class Capacity:
    """Limits of each parcel, n of them, and permissions by use, k of them.

    Parameters
    ----------
    far_area_m2 : ndarray, shape (n,)
        FAR area that the parcel can hold for the programme.
    whole_far_area_m2 : ndarray, shape (n,)
        The same if the parcel took part wholly.
    stays_m2 : ndarray, shape (n,)
        FAR area of existing buildings that stay, already taken off.
    by_far_m2, by_bcr_floors_m2, by_height_m2, by_daylight_m2 : ndarray, shape (n,)
        Figure of each limit by itself; infinite where it does not apply.
    far_limit_pct, bcr_limit_pct : ndarray, shape (n,)
        Limits in force, NaN where no rule knows the zone.
    available_pct : ndarray, shape (n,)
        Part of the site that takes part, land given to the public taken off.
    part_pct : ndarray, shape (n,)
        Part that the planner takes in, before land is given.
    ground_m2 : ndarray, shape (n,)
        Most ground that buildings may cover, NaN where no rule knows the zone.
    landscaping_m2, open_space_m2 : ndarray, shape (n,)
        Ground to plant, and public open space, if the parcel is built to its FAR; the latter
        only where a use that brings it is allowed.
    storey_m, floors_limit, height_limit_m : ndarray, shape (n,)
        Storey that heights are counted with; most floors and height, infinite where not known.
    limit : tuple of str
        Key of `LIMITS` that binds.
    zones : tuple of (str or None)
        Zone planned with, official spelling where the rules know it.
    allowed : ndarray of bool, shape (n, k)
        Whether a use may be placed: permitted, or conditional with the scenario's consent.
    zone_rules : tuple of (ZoneRule or None)
    tiers : tuple of (FarTiers or None)
        FAR tiers with the incentives applied and refused.
    zone_parts : tuple of tuple of ZonePart
        Parts of a lot in several zones, the largest first, from which its limits are weighted;
        empty for a lot in one zone, and where the planner decided on one.
    rules : RuleSet
        The set that all this was checked against.
    """

    far_area_m2: Floats
    whole_far_area_m2: Floats
    stays_m2: Floats
    by_far_m2: Floats
    by_bcr_floors_m2: Floats
    by_height_m2: Floats
    by_daylight_m2: Floats
    far_limit_pct: Floats
    bcr_limit_pct: Floats
    available_pct: Floats
    part_pct: Floats
    ground_m2: Floats
    landscaping_m2: Floats
    open_space_m2: Floats
    storey_m: Floats
    floors_limit: Floats
    height_limit_m: Floats
    limit: tuple[str, ...]
    zones: tuple[str | None, ...]
    allowed: Bools
    zone_rules: tuple[ZoneRule | None, ...]
    tiers: tuple[FarTiers | None, ...]
    zone_parts: tuple[Parts, ...]
    rules: RuleSet

    def permit(self, row: int, use: str) -> Permit:
        """Return the rule's answer for a parcel and a use; unknown where no rule knows the zone."""
        rule = self.zone_rules[row]
        return Permit("unknown", "M") if rule is None else rule.permits[use]


_kept: WeakKeyDictionary[Parcels, list[tuple[tuple[object, ...], Capacity]]] = WeakKeyDictionary()
_cuts: WeakKeyDictionary[Parcels, NorthCut] = WeakKeyDictionary()


def capacity_of(
    parcels: Parcels,
    scenario: Scenario,
    *,
    rules: RuleSet,
    storey_height_m: tuple[float, ...] | None = None,
) -> Capacity:
    """Return the capacity of each parcel under a scenario and a rule set.

    The last few answers of each `Parcels` are kept: a scenario that differs in its programme,
    weights or name only has the same capacity.

    Parameters
    ----------
    parcels : Parcels, n of them
    scenario : Scenario
        Its decisions, assumed zone, floors, heights, incentives and consents.
    rules : RuleSet
    storey_height_m : tuple of float, length k, optional
        Height of a storey by use; left out, the shipped factors with the scenario's own values.

    Returns
    -------
    Capacity
        Its arrays are read-only.
    """
    if storey_height_m is None:
        ledger = shipped_ledger().with_overrides(scenario.factors)
        storey_height_m = tuple(ledger.by_use("storey_height_m"))
    key = (
        rules.digest,
        storey_height_m,
        scenario.default_available_pct,
        scenario.assumed_zone,
        scenario.max_floors,
        scenario.max_height_m,
        scenario.setback_m,
        scenario.consents,
        scenario.incentives,
        {key: decision.shapes_capacity for key, decision in scenario.decisions.items()},
    )
    kept = _kept.setdefault(parcels, [])
    for held, capacity in list(kept):
        if held == key:
            return capacity
    found = _capacity(parcels, scenario, rules=rules, storey_height_m=storey_height_m)
    kept.append((key, found))
    del kept[:-_KEPT_PER_PARCELS]
    return found


@dataclass(frozen=True, eq=False)
class _Decided:
    """The scenario's decisions as columns, one row per parcel."""

    part_pct: Floats
    floors: Floats
    height_m: Floats
    stays_m2: Floats
    zones: list[str | None]
    kinds: list[Kind]


def _decided(parcels: Parcels, scenario: Scenario, *, rules: RuleSet) -> _Decided:
    n = len(parcels)
    infinite = np.inf
    part_pct = np.full(n, float(scenario.default_available_pct))
    floors = np.full(n, infinite if scenario.max_floors is None else float(scenario.max_floors))
    height_m = np.full(
        n, infinite if scenario.max_height_m is None else float(scenario.max_height_m)
    )
    stays_m2 = np.zeros(n)
    zones = [zone if zone is not None else scenario.assumed_zone for zone in parcels.zones]
    plain = {zone: Kind(zone) for zone in dict.fromkeys(zones)}
    kinds = [
        replace(plain[zone], parts=parts) if parts else plain[zone]
        for zone, parts in zip(zones, parcels.zone_parts, strict=True)
    ]
    for parcel_id, decision in scenario.decisions.items():
        row = parcels.index.get(parcel_id)
        if row is None:
            continue
        part_pct[row] = decision.available_pct
        stays_m2[row] = decision.stays_far_m2
        if decision.max_floors is not None:
            floors[row] = decision.max_floors
        if decision.max_height_m is not None:
            height_m[row] = decision.max_height_m
        before = zones[row]
        zones[row] = decision.zone if decision.zone is not None else before
        kind = _kind(decision, zone=zones[row], before=parcels.zones[row], rules=rules)
        keeps_parts = decision.zone is None and bool(parcels.zone_parts[row])
        kinds[row] = replace(kind, parts=parcels.zone_parts[row]) if keeps_parts else kind
    return _Decided(part_pct, floors, height_m, stays_m2, zones, kinds)


def _kind(
    decision: ParcelDecision, *, zone: str | None, before: str | None, rules: RuleSet
) -> Kind:
    changed = before is not None and rules.zone(zone) is not rules.zone(before)
    own = tuple(sorted(decision.incentives.items()))
    return Kind(zone, zone_changed=changed, far_pct=decision.far_pct, own=own)


def _capacity(
    parcels: Parcels, scenario: Scenario, *, rules: RuleSet, storey_height_m: tuple[float, ...]
) -> Capacity:
    decided = _decided(parcels, scenario, rules=rules)
    number: dict[Kind, int] = {}
    code = np.array([number.setdefault(kind, len(number)) for kind in decided.kinds], dtype=np.intp)
    known = [rules.zone(kind.zone) for kind in number]
    tiers, bcr_of, parts = limits_of(number, everywhere=scenario.incentives, rules=rules)
    spelled = {(rules.zone(zone), use) for zone, use in scenario.consents}
    accepted = frozenset((rule.name, use) for rule, use in spelled if rule is not None)
    permitted = np.array([[_permitted(r, use, accepted) for use in USES] for r in known])
    allowed = permitted[code]

    far_pct = np.array([np.nan if t is None else t.max_pct for t in tiers])[code]
    bcr_pct = np.array(bcr_of)[code]
    left = np.array([1.0 if t is None else t.remaining_ratio for t in tiers])[code]
    zone_floors = np.array([_most_floors(r) for r in known])[code]
    storey_m = np.array([_storey_m(row, storey_height_m) for row in permitted])[code]

    site_m2 = parcels.site_area_m2
    available_pct = decided.part_pct * left
    part_ratio = available_pct / 100
    by_far_m2 = np.nan_to_num(far_pct / 100 * site_m2 * part_ratio, nan=0.0)
    planted_pct, open_pct = _green_pct(by_far_m2, site_m2 * part_ratio, allowed, rules=rules)
    ground_pct = np.minimum(bcr_pct, 100 - planted_pct - open_pct)
    ground_m2 = ground_pct / 100 * site_m2
    if scenario.setback_m:
        ground_m2 = np.minimum(ground_m2, _inset_m2(parcels, scenario.setback_m))
    floors = np.minimum(decided.floors, zone_floors)
    height_floors = np.floor(decided.height_m / storey_m + 1e-9)
    part_ground_m2 = ground_m2 * part_ratio
    by_floors_m2, by_height_m2 = (_stacked(part_ground_m2, n) for n in (floors, height_floors))
    lit_m2 = _by_daylight_m2(
        parcels,
        rules=rules,
        zones=[rule.name if rule is not None else None for rule in known],
        code=code,
        plate_most_m2=ground_m2,
        storey_m=storey_m,
        floors=np.minimum(floors, height_floors),
    )
    by_daylight_m2 = np.full(len(code), np.inf)
    np.multiply(lit_m2, part_ratio, where=np.isfinite(lit_m2), out=by_daylight_m2)
    most_m2 = np.minimum.reduce([by_far_m2, by_floors_m2, by_height_m2, by_daylight_m2])
    stays_m2 = np.minimum(decided.stays_m2, most_m2)
    far_area_m2 = most_m2 - stays_m2
    own = np.array([t is not None and t.own for t in tiers])[code]
    others_m2 = np.minimum.reduce([by_far_m2, by_floors_m2, by_height_m2])
    limit = np.select(
        [
            np.isnan(far_pct),
            available_pct == 0,
            stays_m2 > 0,
            by_daylight_m2 < others_m2 * (1 - 1e-9),
            by_height_m2 < np.minimum(by_far_m2, by_floors_m2),
            by_floors_m2 < by_far_m2,
            own,
        ],
        [
            "zone_unknown",
            "not_taking_part",
            "existing",
            "daylight",
            "height",
            "bcr_floors",
            "far_override",
        ],
        default="far",
    )
    rows = code.tolist()
    found = Capacity(
        far_area_m2=far_area_m2,
        whole_far_area_m2=np.maximum(
            np.minimum.reduce(
                [
                    np.nan_to_num(far_pct / 100 * site_m2 * left, nan=0.0),
                    *(_stacked(ground_m2 * left, n) for n in (floors, height_floors)),
                    np.where(np.isfinite(lit_m2), lit_m2, np.inf) * left,
                ]
            )
            - decided.stays_m2,
            0.0,
        ),
        stays_m2=stays_m2,
        by_far_m2=by_far_m2,
        by_bcr_floors_m2=by_floors_m2,
        by_height_m2=by_height_m2,
        by_daylight_m2=by_daylight_m2,
        far_limit_pct=far_pct,
        bcr_limit_pct=bcr_pct,
        available_pct=available_pct,
        part_pct=decided.part_pct,
        ground_m2=part_ground_m2,
        landscaping_m2=planted_pct / 100 * site_m2 * part_ratio,
        open_space_m2=open_pct / 100 * site_m2 * part_ratio,
        storey_m=storey_m,
        floors_limit=floors,
        height_limit_m=decided.height_m,
        limit=tuple(limit.tolist()),
        zones=tuple(
            zone if rule is None else rule.name
            for zone, rule in zip(decided.zones, (known[c] for c in rows), strict=True)
        ),
        allowed=allowed,
        zone_rules=tuple(known[c] for c in rows),
        tiers=tuple(tiers[c] for c in rows),
        zone_parts=tuple(parts[c] for c in rows),
        rules=rules,
    )
    for value in vars(found).values():
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
    return found


def _most_floors(rule: ZoneRule | None) -> float:
    return np.inf if rule is None or rule.max_floors is None else float(rule.max_floors)


def _storey_m(allowed: Bools, storey_height_m: tuple[float, ...]) -> float:
    """Return the tallest storey among the uses allowed; where none is, the lowest of all."""
    tall = [m for m, yes in zip(storey_height_m, allowed.tolist(), strict=True) if yes]
    return max(tall, default=min(storey_height_m))


def _stacked(ground_m2: Floats, floors: Floats) -> Floats:
    """Return ground × floors, infinite where either is not known; no ground carries no floors."""
    bounded = np.isfinite(floors) & np.isfinite(ground_m2)
    stacked = np.where(bounded, ground_m2, 0) * np.where(bounded, floors, 0)
    return np.where(bounded | (ground_m2 == 0), stacked, np.inf)


def _green_pct(
    by_far_m2: Floats, lot_m2: Floats, allowed: Bools, *, rules: RuleSet
) -> tuple[Floats, Floats]:
    """Return landscaping and public open space of lots built to their FAR, percent of the lot."""
    planted_pct, open_pct = np.zeros(len(lot_m2)), np.zeros(len(lot_m2))
    law = rules.landscaping
    if law is not None:
        for least_m2, share_pct in law.steps:
            planted_pct = np.where(by_far_m2 >= least_m2, share_pct, planted_pct)
        small = lot_m2 < law.small_lot_m2
        planted_pct = np.where(small, np.minimum(planted_pct, law.small_lot_pct), planted_pct)
        planted_pct = np.where(lot_m2 < law.from_lot_m2, 0.0, planted_pct)
    public = rules.open_space
    if public is not None:
        columns = [USES.index(use) for use in public.uses]
        due = allowed[:, columns].any(axis=1) & (by_far_m2 >= public.from_gfa_m2)
        open_pct = np.where(due, public.share_pct, 0.0)
    return planted_pct, open_pct


def _inset_m2(parcels: Parcels, setback_m: float) -> Floats:
    """Return the area of each outline that is at least the setback from its line."""
    import shapely

    inset_m2: Floats = shapely.area(shapely.buffer(parcels.geometry, -setback_m))
    return inset_m2


def _by_daylight_m2(
    parcels: Parcels,
    *,
    rules: RuleSet,
    zones: list[str | None],
    code: npt.NDArray[np.intp],
    plate_most_m2: Floats,
    storey_m: Floats,
    floors: Floats,
) -> Floats:
    """Return the FAR area that daylight leaves on whole lots, infinite where it does not apply."""
    law = rules.daylight
    everywhere = np.full(len(code), np.inf)
    if law is None:
        return everywhere
    lit = np.array([zone in law.zones for zone in zones])[code]
    if not lit.any():
        return everywhere
    cut = _cuts.get(parcels)
    if cut is None:
        cut = _cuts[parcels] = north_cut(parcels.geometry)
    area_m2, _ = daylight_area_m2(
        cut,
        law,
        plate_most_m2=np.where(lit, plate_most_m2, 0.0),
        storey_m=storey_m,
        floors=np.where(lit, floors, 0.0),
    )
    return np.where(lit, area_m2, np.inf)


def _permitted(rule: ZoneRule | None, use: str, consents: frozenset[tuple[str, str]]) -> bool:
    if rule is None:
        return False
    answer = rule.permits[use].answer
    return answer == "yes" or (answer != "no" and (rule.name, use) in consents)
