"""FAR tiers: base (기준), allowed (허용) and most (상한), and the incentives that lead from one up.

Incentives are data in the rule files: what kind of formula, its coefficients, its cap, the zones
it is for, its condition, its article and what it asks of the developer. What may be combined is
data too. Where the law's rule on combining two of them is not known they are not combined: the
one that gives more is taken, and the other is listed as refused with the reason.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

from siteplan.text import Joined, Label, Renderable, Text, sentence

if TYPE_CHECKING:
    from siteplan.rules import ZoneRule

Tier = Literal["allowed", "max"]

MARKS = ("V", "V-calc", "M", "assumption")
TIERS: tuple[Tier, ...] = ("allowed", "max")
KINDS: dict[str, tuple[str, ...]] = {
    "share_of_base": ("most_pct",),
    "points": ("most_pp",),
    "open_space": ("usual_pct",),
    "land_given": ("factor", "most_pct", "usual_pct"),
    "up_to": ("values_pct",),
    "national_max": (),
    "let_years": ("steps",),
}
"""Kinds of formula, each with the coefficients that its table must name."""


@dataclass(frozen=True)
class Incentive:
    """One way to more FAR.

    Parameters
    ----------
    key : str
        Name in rule files and scenarios.
    label : Label
    tier : {"allowed", "max"}
        The tier that it leads to.
    kind : str
        Key of `KINDS`, where B is the base FAR and p the parameter:
        share_of_base, B × p, p up to `most_pct`; points, B + p, p up to `most_pp` points;
        open_space, B × (1 + p), p the part of the site that is public open space;
        land_given, B × (1 + `factor` × p), p the land given over the land left, at most
        `most_pct` of B; up_to, p, at most the zone's `values_pct`; national_max, p, at most the
        national limit; let_years, B × (1 + the step that p years of letting reach).
    coefficients : Mapping[str, float]
        Of the kind, flat: "most_pct", "values_pct.준주거지역", "steps.20" and the like.
    zones : tuple of str
        Zones that it is for.
    condition, contribution : Label
        When it holds, and what it costs in public contribution.
    article, mark : str
    combines_with, excludes : tuple of str
        Keys that the law is known to add it to, and never to add it to.
    zone_unchanged : bool
        True when it asks that the zone is not changed.
    """

    key: str
    label: Label
    tier: Tier
    kind: str
    coefficients: Mapping[str, float]
    zones: tuple[str, ...]
    condition: Label
    contribution: Label
    article: str
    mark: str
    combines_with: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    zone_unchanged: bool = False

    def span(self, rule: ZoneRule) -> tuple[float, float, float]:  # noqa: PLR0911 - a table
        """Return the least, the most and the usual parameter in a zone."""
        value = self.coefficients
        match self.kind:
            case "share_of_base":
                return 100.0, value["most_pct"], value["most_pct"]
            case "points":
                return 0.0, value["most_pp"], value["most_pp"]
            case "open_space":
                return 0.0, 100.0, value["usual_pct"]
            case "land_given":
                return 0.0, 1000.0, value["usual_pct"]
            case "up_to":
                most = value.get(f"values_pct.{rule.name}", rule.far_pct)
                return 0.0, most, most
            case "national_max":
                most = rule.national["far_max_pct"]
                return 0.0, most, most
            case _:
                years = [float(name.removeprefix("steps.")) for name in value]
                return 0.0, max(years), max(years)

    def usual(self, rules: Iterable[ZoneRule]) -> float:
        """Return the parameter to start from for several zones: the largest usual one."""
        return max((self.span(rule)[2] for rule in rules if rule.name in self.zones), default=0.0)

    @property
    def unit(self) -> Label:
        """What the parameter counts."""
        return _PARAMETERS[self.kind]


_PARAMETERS: dict[str, Label] = {
    "share_of_base": Label("기준용적률 대비 %", "% of the base FAR"),
    "points": Label("용적률 %p", "points of FAR"),
    "open_space": Label("대지 대비 공개공지 %", "public open space, % of the site"),
    "land_given": Label("남는 대지 대비 제공부지 %", "land given, % of the land left"),
    "up_to": Label("용적률 %", "FAR, %"),
    "national_max": Label("용적률 %", "FAR, %"),
    "let_years": Label("임대 연수", "years of letting"),
}


@dataclass(frozen=True)
class Applied:
    """An incentive in force on a parcel.

    Parameters
    ----------
    incentive : Incentive
    parameter : float
        What the planner put in, held within the incentive's span.
    far_pct : float
        FAR that it alone leads to.
    gain_pp : float
        Points above the base.
    formula : Text
        With the numbers filled in.
    capped : str or None
        What held it back: "incentive" its own cap, "national" the national limit, None nothing.
    """

    incentive: Incentive
    parameter: float
    far_pct: float
    gain_pp: float
    formula: Text
    capped: str | None = None


@dataclass(frozen=True)
class Refused:
    """An incentive that is switched on but does not count here, and why."""

    key: str
    label: Renderable
    reason: Text


@dataclass(frozen=True)
class FarTiers:
    """FAR limits of a parcel, percent of the site area: base ≤ allowed ≤ max.

    Parameters
    ----------
    base_pct, allowed_pct, max_pct : float
        기준, 허용 and 상한 용적률; the last one is the limit in force.
    applied : tuple of Applied
    refused : tuple of Refused
    remaining_ratio : float
        Part of the site left after land was given to the public; FAR counts on it alone.
    own : bool
        True when `max_pct` is the planner's own figure, which takes the place of the tiers.
    """

    base_pct: float
    allowed_pct: float
    max_pct: float
    applied: tuple[Applied, ...] = ()
    refused: tuple[Refused, ...] = ()
    remaining_ratio: float = 1.0
    own: bool = False


def far_tiers(
    rule: ZoneRule,
    switches: Mapping[str, float],
    *,
    incentives: Mapping[str, Incentive],
    zone_changed: bool = False,
) -> FarTiers:
    """Return the FAR tiers of a zone with some incentives switched on.

    Parameters
    ----------
    rule : ZoneRule
    switches : Mapping[str, float]
        Incentive key -> parameter; values outside the incentive's span are held within it.
    incentives : Mapping[str, Incentive]
        Those of the rule set.
    zone_changed : bool
        Whether the planner plans with another zone than the parcel's own.

    Returns
    -------
    FarTiers
        The set of incentives known to combine that gives the most FAR; gains of combined ones
        are summed, and the national limit (`rule.national`) holds the sum.
    """
    refused: list[Refused] = []
    fit: list[Applied] = []
    for key, parameter in sorted(switches.items()):
        incentive = incentives.get(key)
        if incentive is None:
            reason = sentence("The rule set has no incentive of this name.")
            refused.append(Refused(key, Label(key, key), reason))
            continue
        why = _unfit(incentive, rule=rule, zone_changed=zone_changed)
        found = None if why is not None else _applied(incentive, parameter, rule=rule)
        if found is not None and found.gain_pp <= 0:
            why = sentence("It gives no more than the base FAR here.")
        if why is not None:
            refused.append(Refused(key, incentive.label, why))
        elif found is not None:
            fit.append(found)
    best = _best(fit, rule=rule)
    refused += [_left_out(one, best=best) for one in fit if one not in best]
    return _tiers(rule, best, refused=tuple(refused))


def _tiers(rule: ZoneRule, best: tuple[Applied, ...], *, refused: tuple[Refused, ...]) -> FarTiers:
    most_pct = max(rule.national["far_max_pct"], rule.far_pct)
    base_pct = rule.far_pct
    allowed_pp = sum(one.gain_pp for one in best if one.incentive.tier == "allowed")
    remaining = 1.0
    for one in best:
        if one.incentive.kind == "land_given":
            remaining /= 1 + one.parameter / 100
    return FarTiers(
        base_pct=base_pct,
        allowed_pct=min(base_pct + allowed_pp, most_pct),
        max_pct=min(base_pct + sum(one.gain_pp for one in best), most_pct),
        applied=best,
        refused=refused,
        remaining_ratio=remaining,
    )


def _unfit(incentive: Incentive, *, rule: ZoneRule, zone_changed: bool) -> Text | None:
    """Return why an incentive cannot hold in a zone, None where it can."""
    if rule.name not in incentive.zones:
        return sentence(
            "It is not for {zone} ({article}), but for other zones ({zones}).",
            zone=rule.label,
            article=incentive.article,
            zones=", ".join(incentive.zones),
        )
    if zone_changed and incentive.zone_unchanged:
        return sentence(
            "It asks that the zone is not changed ({article}), and this plan changes it.",
            article=incentive.article,
        )
    return None


def _applied(incentive: Incentive, parameter: float, *, rule: ZoneRule) -> Applied:
    """Return what one incentive alone makes of a zone's base FAR."""
    least, most, _ = incentive.span(rule)
    held = min(max(float(parameter), least), most)
    base_pct = rule.far_pct
    far_pct, formula = _formula(incentive, held, base_pct=base_pct)
    capped = "incentive" if held < parameter else None
    cap_pct = math.inf
    if incentive.kind == "land_given":
        cap_pct = base_pct * incentive.coefficients["most_pct"] / 100
    if far_pct > cap_pct:
        far_pct, capped = cap_pct, "incentive"
    national_pct = max(rule.national["far_max_pct"], base_pct)
    if far_pct > national_pct:
        far_pct, capped = national_pct, "national"
    if capped is not None:
        formula = sentence(
            "{formula}, held at {far:g} % by {cap}",
            formula=formula,
            far=far_pct,
            cap=_CAPS[capped],
        )
    return Applied(incentive, held, far_pct, max(far_pct - base_pct, 0.0), formula, capped)


_CAPS: dict[str, Label] = {
    "incentive": Label("인센티브 자체의 상한", "its own cap"),
    "national": Label("국토계획법 시행령 §85①의 상한", "the national limit (영 §85①)"),
}


def _formula(incentive: Incentive, held: float, *, base_pct: float) -> tuple[float, Text]:
    """Return the FAR before caps, and the formula with its numbers."""
    value = incentive.coefficients
    match incentive.kind:
        case "share_of_base":
            far_pct = base_pct * held / 100
            return far_pct, sentence(
                "{base:g} % × {share:g} % = {far:g} %", base=base_pct, share=held, far=far_pct
            )
        case "points":
            far_pct = base_pct + held
            return far_pct, sentence(
                "{base:g} % + {points:g} points = {far:g} %",
                base=base_pct,
                points=held,
                far=far_pct,
            )
        case "open_space":
            far_pct = base_pct * (1 + held / 100)
            return far_pct, sentence(
                "{base:g} % × (1 + {open:g} % of the site open to the public) = {far:g} %",
                base=base_pct,
                open=held,
                far=far_pct,
            )
        case "land_given":
            far_pct = base_pct * (1 + value["factor"] * held / 100)
            return far_pct, sentence(
                "{base:g} % × (1 + {factor:g} × {alpha:g}) = {far:g} %, on the {left:.1f} % of the "
                "site that is left",
                base=base_pct,
                factor=value["factor"],
                alpha=held / 100,
                far=far_pct,
                left=100 / (1 + held / 100),
            )
        case "let_years":
            reached = [
                step for name, step in value.items() if float(name.removeprefix("steps.")) <= held
            ]
            step_pct = max(reached, default=0.0)
            far_pct = base_pct * (1 + step_pct / 100)
            return far_pct, sentence(
                "{base:g} % × (1 + {step:g} % for {years:g} years of letting) = {far:g} %",
                base=base_pct,
                step=step_pct,
                years=held,
                far=far_pct,
            )
        case _:
            return held, sentence("up to {far:g} %", far=held)


def _combine(one: Incentive, two: Incentive) -> bool:
    """Tell whether two incentives are known to combine."""
    if one.key in two.excludes or two.key in one.excludes:
        return False
    return one.key in two.combines_with or two.key in one.combines_with


def _best(fit: Sequence[Applied], *, rule: ZoneRule) -> tuple[Applied, ...]:
    """Return the combinable set with the most FAR; of equals the smaller, then the first."""
    best: tuple[Applied, ...] = ()
    best_pct = 0.0
    room_pp = max(rule.national["far_max_pct"] - rule.far_pct, 0.0)
    for size in range(1, len(fit) + 1):
        grew = False
        for some in combinations(fit, size):
            pairs = combinations(some, 2)
            if all(_combine(a.incentive, b.incentive) for a, b in pairs):
                grew = True
                gain_pp = min(sum(one.gain_pp for one in some), room_pp)
                if gain_pp > best_pct:
                    best, best_pct = some, gain_pp
        if not grew:
            break
    return best


def _left_out(one: Applied, *, best: tuple[Applied, ...]) -> Refused:
    """Say why an incentive that would fit here is not counted."""
    names = Joined(tuple(other.incentive.label for other in best))
    excluded = any(
        one.incentive.key in other.incentive.excludes
        or other.incentive.key in one.incentive.excludes
        for other in best
    )
    if excluded:
        reason = sentence("The rules exclude it beside {names}, which gives more.", names=names)
    else:
        reason = sentence(
            "Whether it adds to {names} is not known, so the one that gives more is taken.",
            names=names,
        )
    return Refused(one.incentive.key, one.incentive.label, reason)


_KEYS = {
    "label_ko", "label_en", "tier", "kind", "zones", "condition_ko", "condition_en", "article",
    "mark", "contribution_ko", "contribution_en", "combines_with", "excludes", "zone_unchanged",
}  # fmt: skip
_TEXTS = (
    "article", "label_ko", "label_en", "condition_ko", "condition_en", "contribution_ko",
    "contribution_en",
)  # fmt: skip

Wrong = Callable[[str, str], Exception]
"""Makes the error for a key and what is wrong with it."""


def incentive_from(
    key: str, entry: Mapping[str, Any], *, zones: Sequence[str], keys: Sequence[str], wrong: Wrong
) -> Incentive:
    """Check one ``[incentive.KEY]`` table and return it.

    Parameters
    ----------
    key : str
    entry : Mapping
        The parsed table.
    zones, keys : sequence of str
        Zones and incentives that the file knows.
    wrong : callable
        Makes the error to raise, from the key and what is wrong with it.
    """
    for name in _TEXTS:
        if not isinstance(entry.get(name), str) or not entry[name].strip():
            raise wrong(name, "must be a text")
    for name, known in (("tier", TIERS), ("kind", tuple(KINDS)), ("mark", MARKS)):
        if entry.get(name) not in known:
            raise wrong(name, f"must be one of {', '.join(known)}")
    unknown = [name for name in entry if name not in _KEYS and name not in KINDS[entry["kind"]]]
    if unknown:
        raise wrong(unknown[0], f"is not a key of an incentive of kind {entry['kind']}")
    for name, there in (("zones", zones), ("combines_with", keys), ("excludes", keys)):
        listed = entry.get(name, [])
        strange = [item for item in listed if item not in there] if _texts(listed) else listed
        if not _texts(listed) or strange:
            raise wrong(name, f"names {strange!r}, which the file does not hold")
    if not entry.get("zones"):
        raise wrong("zones", "must name at least one zone")
    return Incentive(
        key=key,
        label=Label(entry["label_ko"], entry["label_en"]),
        tier=entry["tier"],
        kind=entry["kind"],
        coefficients=_coefficients(entry, zones=zones, wrong=wrong),
        zones=tuple(entry["zones"]),
        condition=Label(entry["condition_ko"], entry["condition_en"]),
        contribution=Label(entry["contribution_ko"], entry["contribution_en"]),
        article=entry["article"],
        mark=entry["mark"],
        combines_with=tuple(entry.get("combines_with", ())),
        excludes=tuple(entry.get("excludes", ())),
        zone_unchanged=entry.get("zone_unchanged", False) is True,
    )


def _texts(listed: object) -> bool:
    return isinstance(listed, list) and all(isinstance(item, str) for item in listed)


def _coefficients(
    entry: Mapping[str, Any], *, zones: Sequence[str], wrong: Wrong
) -> dict[str, float]:
    """Return the coefficients of an incentive's kind, tables flattened."""
    found: dict[str, float] = {}
    for name in KINDS[entry["kind"]]:
        value = entry.get(name)
        cells = value if isinstance(value, Mapping) else {"": value}
        for sub, number in cells.items():
            place = f"{name}.{sub}" if sub else name
            if isinstance(number, bool) or not isinstance(number, int | float) or not number > 0:
                raise wrong(place, "must be a number above 0")
            if name == "most_pct" and number <= 100:
                raise wrong(place, "must be above 100: it is a percentage of the base FAR")
            if name == "values_pct" and (sub not in zones or number < 10):
                raise wrong(place, "must be the FAR in percent of a zone of the file")
            if name == "steps" and not sub.isdigit():
                raise wrong(place, "must be named by a number of years")
            found[place] = float(number)
    if entry["kind"] == "up_to":
        lacking = [zone for zone in entry["zones"] if f"values_pct.{zone}" not in found]
        if lacking:
            raise wrong(f"values_pct.{lacking[0]}", "is missing")
    return found
