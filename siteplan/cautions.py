"""What a person should know about a plan's limits: overrides, assumptions, consents used."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from siteplan.crs_doctor.regions import region_of
from siteplan.incentives import Refused
from siteplan.issues import Issue
from siteplan.rules import NATIONAL_RULES
from siteplan.straddling import has_small_part, law_note, national_far_pct
from siteplan.text import Joined, Label, sentence, written
from siteplan.uses import USES, use_label

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from siteplan.capacity import Capacity
    from siteplan.parcels import Parcels
    from siteplan.rules import RuleSet
    from siteplan.scenario import Scenario
    from siteplan.text import Renderable

_MOST_PLACES = 3


def check_capacity(parcels: Parcels, scenario: Scenario, capacity: Capacity) -> list[Issue]:
    """Return what a person should know about the limits: overrides, assumptions, unknown zones."""
    found = rules_elsewhere(parcels, capacity.rules)
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
    found += _own_fars(parcels, scenario, capacity)
    found += _in_several_zones(parcels, capacity)
    return found + _rezoned(parcels, scenario, capacity)


def rules_elsewhere(parcels: Parcels, rules: RuleSet) -> list[Issue]:
    """Return how many parcels lie, by their PNU, where a rule set does not hold, and where."""
    out = {
        parcel_id: pnu
        for parcel_id, pnu in zip(parcels.ids, parcels.pnus, strict=True)
        if pnu is not None and not pnu.startswith(rules.pnu_prefix)
    }
    if not out:
        return []
    districts = Counter(pnu[:5] for pnu in out.values()).most_common()
    places: list[Renderable | str] = [_district(code) for code, _ in districts[:_MOST_PLACES]]
    if len(districts) > _MOST_PLACES:
        places.append(sentence("{count} more", count=len(districts) - _MOST_PLACES))
    details = {"rules": rules.title, "places": Joined(tuple(places)), "national": NATIONAL_RULES}
    return [Issue("rules_elsewhere", tuple(out), details)]


def _district(code: str) -> Renderable | str:
    """Return a district's code, with its province where that is known."""
    region = region_of(code)
    return code if region is None else Joined((region.label, code), " ")


def _rezoned(parcels: Parcels, scenario: Scenario, capacity: Capacity) -> list[Issue]:
    """Return the planner's own zones where they have an effect."""
    rezoned: dict[str, list[str]] = {}
    for parcel_id, decision in scenario.decisions.items():
        row = parcels.index.get(parcel_id)
        rule = None if row is None else capacity.zone_rules[row]
        if row is None or rule is None or decision.zone is None:
            continue
        if rule.name != parcels.zones[row] or parcels.zone_parts[row]:
            rezoned.setdefault(rule.name, []).append(parcel_id)
    if scenario.assumed_zone is not None:
        for row, (parcel_id, zone) in enumerate(zip(parcels.ids, parcels.zones, strict=True)):
            if zone is None and capacity.zone_rules[row] is not None:
                rezoned.setdefault(scenario.assumed_zone, []).append(parcel_id)
    found: list[Issue] = []
    found += [
        Issue("zone_override", tuple(ids), {"zone": capacity.rules.spoken(zone)})
        for zone, ids in rezoned.items()
    ]
    found += _incentives_used(parcels, capacity)
    if scenario.setback_m:
        found.append(Issue("setback_assumed", (), {"distance": f"{scenario.setback_m:g}"}))
    measured = np.isfinite(capacity.height_limit_m) & (capacity.part_pct > 0)
    if measured.any():
        storeys = ", ".join(f"{m:g}" for m in np.unique(capacity.storey_m[measured]).tolist())
        found.append(Issue("height_limit", (), {"storey": storeys}))
    return found


def own_far_cautions(
    parcels: Parcels, scenario: Scenario, capacity: Capacity, *, parcel_id: str
) -> list[Issue]:
    """Return what is to be known of one parcel's own FAR beside its reason: none, or too high."""
    decision = scenario.decisions.get(parcel_id)
    if decision is None:
        return []
    alone = replace(scenario, decisions={parcel_id: decision})
    found = _own_fars(parcels, alone, capacity)
    return [issue for issue in found if issue.code != "far_override"]


def _own_fars(parcels: Parcels, scenario: Scenario, capacity: Capacity) -> list[Issue]:
    """List the planner's own FARs with their reasons, and those above the zone's limits."""
    own: dict[tuple[float, str], list[str]] = {}
    above: dict[tuple[float, tuple[str, ...], float, float], list[str]] = {}
    for parcel_id, decision in scenario.decisions.items():
        row = parcels.index.get(parcel_id)
        rule = None if row is None else capacity.zone_rules[row]
        tiers = None if row is None else capacity.tiers[row]
        if row is None or rule is None or tiers is None or decision.far_pct is None:
            continue
        own.setdefault((decision.far_pct, decision.reason.strip()), []).append(parcel_id)
        parts = capacity.zone_parts[row]
        national_pct = national_far_pct(parts) if parts else rule.national["far_max_pct"]
        zones = tuple(part.zone for part in parts) or (rule.name,)
        if decision.far_pct > tiers.base_pct * (1 + 1e-12):
            limits = (decision.far_pct, zones, tiers.base_pct, national_pct)
            above.setdefault(limits, []).append(parcel_id)
    found = []
    for (far_pct, reason), ids in own.items():
        details = {"far": f"{far_pct:,g}", **({"reason": written(reason)} if reason else {})}
        found.append(Issue("far_override" if reason else "far_without_reason", tuple(ids), details))
    return found + [
        _above_limits(capacity.rules, *limits, ids=tuple(ids)) for limits, ids in above.items()
    ]


def _above_limits(
    rules: RuleSet,
    far_pct: float,
    zones: tuple[str, ...],
    zone_pct: float,
    national_pct: float,
    *,
    ids: tuple[str, ...],
) -> Issue:
    """Return the finding about an own FAR above the zone's limit, or above the national one."""
    known = [rule for rule in map(rules.zone, zones) if rule is not None]
    details = {
        "far": f"{far_pct:,g}",
        "zone": Joined(tuple(map(rules.spoken, zones)), separator=" + "),
        "limit": f"{zone_pct:,g}",
        "article": _each_once(rule.far_article for rule in known),
    }
    if far_pct <= national_pct * (1 + 1e-12):
        return Issue("far_above_zone", ids, details)
    national = {
        "most": f"{national_pct:,g}",
        "national": _each_once(rule.national_article for rule in known),
    }
    return Issue("far_above_national", ids, details | national)


def _each_once(articles: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(article for article in articles if article)) or "–"


def _in_several_zones(parcels: Parcels, capacity: Capacity) -> list[Issue]:
    """List the lots with weighted limits, by what the law says of them, and unknown parts."""
    cases: dict[bool, list[str]] = {}
    strange: dict[str, list[str]] = {}
    for row, parts in enumerate(capacity.zone_parts):
        if not parts:
            continue
        small = has_small_part(parts, site_area_m2=float(parcels.site_area_m2[row]))
        cases.setdefault(small, []).append(parcels.ids[row])
        for part in parts:
            if part.rule is None:
                strange.setdefault(part.zone, []).append(parcels.ids[row])
    found = [
        Issue("zones_weighted", tuple(cases[small]), {"note": law_note(small_part=small)})
        for small in sorted(cases)
    ]
    if strange:
        ids = tuple(dict.fromkeys(i for some in strange.values() for i in some))
        found.append(Issue("zone_part_unknown", ids, {"zones": ", ".join(sorted(strange))}))
    return found


def _incentives_used(parcels: Parcels, capacity: Capacity) -> list[Issue]:
    """List the incentives that parcels count on, and those switched on in vain."""
    rows_of: dict[int, list[int]] = {}
    for row, tiers in enumerate(capacity.tiers):
        if tiers is not None and (tiers.applied or tiers.refused) and capacity.part_pct[row] > 0:
            rows_of.setdefault(id(tiers), []).append(row)
    applied: dict[str, list[str]] = {}
    refused: dict[tuple[str, str], tuple[Refused, list[str]]] = {}
    for rows in rows_of.values():
        tiers = capacity.tiers[rows[0]]
        ids = [parcels.ids[row] for row in rows]
        for one in () if tiers is None else tiers.applied:
            applied.setdefault(one.incentive.key, []).extend(ids)
        for no in () if tiers is None else tiers.refused:
            refused.setdefault((no.key, str(no.reason)), (no, []))[1].extend(ids)
    found = []
    for key, ids in applied.items():
        incentive = capacity.rules.incentives[key]
        details = {
            "incentive": incentive.label,
            "article": incentive.article,
            "contribution": incentive.contribution,
            "condition": incentive.condition,
        }
        found.append(Issue("incentive_applied", tuple(ids), details))
    for no, ids in refused.values():
        details = {"incentive": no.label, "reason": no.reason}
        found.append(Issue("incentive_refused", tuple(ids), details))
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
    unverified: list[Joined] = []
    for (zone, use), rows in used.items():
        permit = capacity.permit(rows[0], use)
        if permit.answer == "yes":
            if permit.mark != "V":
                spoken = capacity.rules.spoken(zone)
                unverified.append(Joined((spoken, use_label(use)), separator=" "))
            continue
        details = {
            "use": use_label(use),
            "zone": capacity.rules.spoken(zone),
            "condition": permit.condition or Label("", ""),
        }
        code = "consent_used" if permit.answer == "conditional" else "unknown_use_permission"
        found.append(Issue(code, tuple(ids[row] for row in rows), details))
    if unverified:
        found.append(
            Issue(
                "rules_unverified",
                (),
                {"count": len(unverified), "rules": Joined(tuple(unverified))},
            )
        )
    return found


def check_limits(parcels: Parcels, scenario: Scenario, capacity: Capacity) -> list[Issue]:
    """Return the planner's own limits on parcels, and existing buildings that stay."""
    limited = tuple(
        parcel_id
        for parcel_id, decision in scenario.decisions.items()
        if (decision.limits or decision.only_use) and parcel_id in parcels.index
    )
    found = [Issue("use_limits", limited)] if limited else []
    rows = np.flatnonzero(capacity.stays_m2 > 0).tolist()
    if rows:
        area = f"{float(capacity.stays_m2[rows].sum()):,.0f}"
        found.append(Issue("existing_stays", tuple(parcels.ids[r] for r in rows), {"area": area}))
    return found
