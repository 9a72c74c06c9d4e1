"""What a step changed in the decisions about parcels, in words for the list of steps."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from siteplan.decided import use_limit_told
from siteplan.rules import shipped_rules
from siteplan.scenario import ParcelDecision
from siteplan.text import N_, Joined, Label, Text, sentence, written
from siteplan.units import Area
from siteplan.uses import use_label

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from siteplan.parcels import Parcels
    from siteplan.rules import RuleSet
    from siteplan.scenario import Scenario

MOST_NAMES = 3
"""So many parcels are named; of the others their number is said."""

WHOLE_PCT = 100.0


def parcels_named(ids: Sequence[str], parcels: Parcels) -> Joined:
    """Return what parcels are called on screen, the first ones by name."""
    shown = tuple(_named(parcel_id, parcels) for parcel_id in ids[:MOST_NAMES])
    if len(ids) <= MOST_NAMES:
        return Joined(shown)
    return Joined((Joined(shown), f"… (+{len(ids) - MOST_NAMES})"), " ")


def _named(parcel_id: str, parcels: Parcels) -> Label | str:
    row = parcels.index.get(parcel_id)
    return parcel_id if row is None else parcels.label(row)


def decided_told(ids: Sequence[str], *, before: Scenario, after: Scenario) -> Text | Joined:
    """Return what a step decided anew about parcels; the first that it changed stands for all."""
    for parcel_id in ids:
        old, new = before.decision(parcel_id), after.decision(parcel_id)
        if old != new:
            break
    else:
        return sentence("nothing changed")
    changed = {one.name for one in fields(ParcelDecision)}
    changed = {name for name in changed if getattr(old, name) != getattr(new, name)}
    if parcel_id not in after.decisions and len(changed) > 1:
        return sentence("decisions dropped")
    rules = shipped_rules(after.rules)
    said: list[Text | Joined] = [
        _told(name, new, rules) for name in _PLAIN_FIELDS if name in changed
    ]
    if "limits" in changed:
        said += _limits_told(old, new)
    if "incentives" in changed:
        said.append(_incentives_told(old, new, rules))
    # A FAR that is changed loses the reason of the one before; that is no step of its own.
    if "reason" in changed and (new.reason.strip() or "far_pct" not in changed):
        said.append(_reason_told(new))
    return Joined(tuple(said))


_PLAIN_FIELDS = (
    *("available_pct", "far_pct", "max_floors", "max_height_m", "zone"),
    *("only_use", "stays_far_m2", "ready_year"),
)


_LET_GO = {
    "far_pct": N_("FAR as in its zone"),
    "max_floors": N_("no limit of floors"),
    "max_height_m": N_("no limit of height"),
    "zone": N_("zone as it is"),
    "only_use": N_("any use"),
    "ready_year": N_("ready from the first year"),
}
"""What it is called that a decision no longer says something."""


def _told(name: str, now: ParcelDecision, rules: RuleSet) -> Text:
    """Return what a decision says in one of its fields."""
    value = getattr(now, name)
    if value is None:
        return Text(_LET_GO[name])
    told: Mapping[str, Callable[[], Text]] = {
        "available_pct": lambda: _part_told(value),
        "far_pct": lambda: sentence("FAR {far} %", far=f"{value:,g}"),
        "max_floors": lambda: sentence("at most {floors} floors", floors=value),
        "max_height_m": lambda: sentence("at most {height:g} m high", height=value),
        "zone": lambda: sentence("planned as {zone}", zone=rules.spoken(value)),
        "only_use": lambda: sentence("only {use}", use=use_label(value)),
        "stays_far_m2": lambda: _stays_told(value),
        "ready_year": lambda: sentence("ready from {year}", year=str(value)),
    }
    return told[name]()


def _part_told(part_pct: float) -> Text:
    if part_pct == 0:
        return sentence("left out")
    if part_pct == WHOLE_PCT:
        return sentence("taken in wholly")
    return sentence("{pct:g} % available", pct=part_pct)


def _stays_told(far_area_m2: float) -> Text:
    if not far_area_m2:
        return sentence("no existing buildings stay")
    area = Area(far_area_m2)
    return sentence("existing buildings stay with {area} of FAR area", area=area)


def _limits_told(before: ParcelDecision, now: ParcelDecision) -> list[Text]:
    if not now.limits:
        return [sentence("limits of uses dropped")]
    changed = {use: limit for use, limit in now.limits.items() if before.limits.get(use) != limit}
    if len(changed) > 1 and all(one.fixed or one.excluded for one in now.limits.values()):
        fixed = [use_limit_told(use, one) for use, one in now.limits.items() if one.fixed]
        told = sentence("fixed: {uses}", uses=Joined(tuple(fixed)))
        return [told if fixed else sentence("kept empty")]
    gone = [use for use in before.limits if use not in now.limits]
    return [
        *(use_limit_told(use, limit) for use, limit in changed.items()),
        *(sentence("{use} without limit", use=use_label(use)) for use in gone),
    ]


def _incentives_told(before: ParcelDecision, now: ParcelDecision, rules: RuleSet) -> Joined:
    said = []
    for key in dict.fromkeys((*before.incentives, *now.incentives)):
        held = key in now.incentives
        if held and before.incentives.get(key, "") == now.incentives[key]:
            continue
        known = rules.incentives.get(key)
        name = key if known is None else known.label
        if not held:
            said.append(sentence("{incentive} as for all parcels", incentive=name))
        elif now.incentives[key] is None:
            said.append(sentence("{incentive} off", incentive=name))
        else:
            value = f"{now.incentives[key]:,g}"
            said.append(sentence("{incentive} on ({value})", incentive=name, value=value))
    return Joined(tuple(said))


def _reason_told(now: ParcelDecision) -> Text:
    reason = now.reason.strip()
    return (
        sentence("reason: {reason}", reason=written(reason))
        if reason
        else sentence("reason dropped")
    )
