"""In words: each limit of a parcel, why a use may not stand there, why a programme does not fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siteplan.incentives import MARKS
from siteplan.ledger import mark_text
from siteplan.straddling import ARTICLE, MARK, far_sum
from siteplan.text import N_, Joined, Text, sentence
from siteplan.uses import ALL_USES, USES, use_label

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.allocation import Shortfall
    from siteplan.capacity import Capacity
    from siteplan.incentives import FarTiers
    from siteplan.parcels import Parcels
    from siteplan.rules import RuleSet, ZoneRule

    Floats = npt.NDArray[np.float64]


_PLANNERS_OWN = ("far_override", "height")


ANSWER_NAMES = {
    "yes": N_("permitted"),
    "conditional": N_("conditional"),
    "no": N_("not permitted"),
    "unknown": N_("not known"),
}
"""A rule's answers to whether a use may stand in a zone, as keys of the catalogues."""


@dataclass(frozen=True)
class LimitFigure:
    """One limit of one parcel.

    Parameters
    ----------
    code : str
        Key of `siteplan.capacity.LIMITS`.
    area_m2 : float
        FAR area that it alone would let the parcel hold; infinite where it sets no limit.
    article, mark : str
        Where it comes from.
    how : Text
        How the figure comes about.
    binds : bool
    """

    code: str
    area_m2: float
    article: str
    mark: str
    how: Text
    binds: bool

    @property
    def basis(self) -> Text:
        """Where the limit comes from and how sure that is, in words."""
        if self.code in _PLANNERS_OWN:
            return sentence("the planner's own limit")
        return sentence("{article}; {mark}", article=self.article, mark=mark_text(self.mark))


def limit_figures(capacity: Capacity, row: int) -> tuple[LimitFigure, ...]:
    """Return every limit of a parcel with its figure and article; none for unknown zones."""
    rule, tiers = capacity.zone_rules[row], capacity.tiers[row]
    if rule is None or tiers is None:
        return ()
    binding, parts = capacity.limit[row], capacity.zone_parts[row]
    weighing = (ARTICLE,) if parts else ()
    far = LimitFigure(
        "far_override" if tiers.own else "far",
        float(capacity.by_far_m2[row]),
        "–" if tiers.own else ", ".join([_far_article(rule, tiers), *weighing]),
        "assumption" if tiers.own else MARK if parts else _far_mark(rule, tiers),
        _far_text(capacity, row),
        binding in ("far", "far_override"),
    )
    floors = LimitFigure(
        "bcr_floors",
        float(capacity.by_bcr_floors_m2[row]),
        ", ".join(text for text in (rule.bcr_article, *weighing, rule.floors_article) if text),
        MARK if parts else rule.mark,
        sentence(
            "{ground:,.0f} m² of ground ({bcr:g} % BCR) × {floors}",
            ground=float(capacity.ground_m2[row]),
            bcr=float(capacity.bcr_limit_pct[row]),
            floors=_floors_text(float(capacity.floors_limit[row])),
        ),
        binding == "bcr_floors",
    )
    return (far, floors, *_height_figure(capacity, row), *_daylight_figure(capacity, row))


def _far_text(capacity: Capacity, row: int) -> Text:
    """Return the FAR and the land that it is taken of; of several zones each part's."""
    far_pct, by_far_m2 = float(capacity.far_limit_pct[row]), float(capacity.by_far_m2[row])
    parts, tiers = capacity.zone_parts[row], capacity.tiers[row]
    part_m2 = by_far_m2 / far_pct * 100 if far_pct > 0 else 0.0
    if parts and tiers is not None and not tiers.own:
        return sentence(
            "{sum} = {far:g} % of {part:,.0f} m²", sum=far_sum(parts), far=far_pct, part=part_m2
        )
    return sentence("{far:g} % of {part:,.0f} m²", far=far_pct, part=part_m2)


def _height_figure(capacity: Capacity, row: int) -> tuple[LimitFigure, ...]:
    height_m, storey_m = float(capacity.height_limit_m[row]), float(capacity.storey_m[row])
    if not np.isfinite(height_m):
        return ()
    how = sentence(
        "{ground:,.0f} m² of ground × {floors} storeys of {storey:g} m below {height:g} m",
        ground=float(capacity.ground_m2[row]),
        floors=int(height_m / storey_m + 1e-9),
        storey=storey_m,
        height=height_m,
    )
    area_m2, binds = float(capacity.by_height_m2[row]), capacity.limit[row] == "height"
    return (LimitFigure("height", area_m2, "–", "assumption", how, binds),)


def _daylight_figure(capacity: Capacity, row: int) -> tuple[LimitFigure, ...]:
    law = capacity.rules.daylight
    if law is None or not np.isfinite(capacity.by_daylight_m2[row]):
        return ()
    how = sentence(
        "storeys of {storey:g} m; {near:g} m from the north lot line up to {low:g} m of height, "
        "above it {slope:g} × height",
        storey=float(capacity.storey_m[row]),
        near=law.low_distance_m,
        low=law.low_m,
        slope=law.slope_ratio,
    )
    area_m2, binds = float(capacity.by_daylight_m2[row]), capacity.limit[row] == "daylight"
    return (LimitFigure("daylight", area_m2, law.article, law.mark, how, binds),)


def _floors_text(floors: float) -> Text:
    if np.isfinite(floors):
        return sentence("{floors:.0f} floors", floors=floors)
    return sentence("floors without a known limit")


def _far_article(rule: ZoneRule, tiers: FarTiers) -> str:
    return ", ".join([rule.far_article, *(one.incentive.article for one in tiers.applied)])


def _far_mark(rule: ZoneRule, tiers: FarTiers) -> str:
    """Return the weakest mark among the base FAR and the incentives applied."""
    marks = [rule.mark, *(one.incentive.mark for one in tiers.applied)]
    return max(marks, key=MARKS.index)


def explain_permission(rules: RuleSet, zone: str, use: str) -> tuple[Text, ...]:
    """Return sentences that say why a use may not simply stand in a zone, and what would help.

    Parameters
    ----------
    rules : RuleSet
    zone, use : str
        A zone that the rules know, and the key of a use.

    Returns
    -------
    tuple of Text
        Empty where the use is permitted.
    """
    rule = rules.zone(zone)
    if rule is None or rule.permits[use].answer == "yes":
        return ()
    permit = rule.permits[use]
    label = use_label(use)
    if permit.answer != "no":
        return (
            sentence(
                "{use} in {zone} needs your consent: the condition must be met, or the rule read.",
                use=label,
                zone=rule.spoken,
            ),
        )
    said = []
    if permit.article is not None and permit.condition is not None:
        said.append(
            sentence(
                "The reason: {condition} ({article}; {mark}).",
                condition=permit.condition,
                article=permit.article,
                mark=mark_text(permit.mark),
            )
        )
    elif permit.condition is not None:
        said.append(
            sentence(
                "The reason: {condition} ({mark}).",
                condition=permit.condition,
                mark=mark_text(permit.mark),
            )
        )
    else:
        said.append(sentence("The reason was not read ({mark}).", mark=mark_text(permit.mark)))
    zones = {
        answer: tuple(
            other.spoken for other in rules.zones.values() if other.permits[use].answer == answer
        )
        for answer in ("yes", "conditional")
    }
    said.append(
        sentence(
            "A zone change would help: {use} is permitted in {yes}; on conditions in {maybe}.",
            use=label,
            yes=Joined(zones["yes"] or ("–",)),
            maybe=Joined(zones["conditional"] or ("–",)),
        )
    )
    said.append(
        sentence(
            "Or a special planning zone whose plan permits {use}: put its zone into the parcel's "
            "decision, with the reason.",
            use=label,
        )
    )
    return tuple(said)


def explain_shortfall(
    shortfall: Shortfall, *, parcels: Parcels, capacity: Capacity, far_ratio: Floats
) -> tuple[Text, ...]:
    """Return sentences that say what is short and what would change it.

    Parameters
    ----------
    shortfall : Shortfall
        The set of uses whose demand exceeds what their parcels hold, in FAR area.
    parcels, capacity
        The parcels and their limits.
    far_ratio : ndarray, shape (k,)
        Part of each use's GFA that FAR counts.
    """
    uses = list(shortfall.uses)
    names = Joined(tuple(ALL_USES[use].label for use in uses))
    said = [
        sentence(
            "{uses}: {demand:,.0f} m² of FAR area are asked for, but the {count} parcels that may "
            "hold them offer {capacity:,.0f} m². {short:,.0f} m² are missing.",
            uses=names,
            demand=shortfall.demand_m2,
            count=len(shortfall.parcels),
            capacity=shortfall.capacity_m2,
            short=shortfall.short_m2,
        )
    ]
    if len(shortfall.parcels) == 0:
        said = [
            sentence(
                "No parcel that takes part may hold {uses}, but {demand:,.0f} m² of FAR area "
                "are asked for.",
                uses=names,
                demand=shortfall.demand_m2,
            )
        ]
    else:
        said += _largest_holders(shortfall, parcels=parcels, capacity=capacity)
    said += _forbidding_zones(uses, capacity=capacity)
    said += _consents_that_help(uses, capacity=capacity)
    least_gfa_m2 = np.ceil(shortfall.short_m2 / far_ratio[uses].max())
    most_gfa_m2 = np.ceil(shortfall.short_m2 / far_ratio[uses].min())
    if least_gfa_m2 == most_gfa_m2:
        fix = N_(
            "To fit, {uses} must lose at least {least:,.0f} m² of GFA (by a lower total, or given "
            "to uses with room), or more parcels must take part."
        )
    else:
        fix = N_(
            "To fit, {uses} must lose {least:,.0f} to {most:,.0f} m² of GFA in all, depending on "
            "which of them (by a lower total, or given to uses with room), or more parcels must "
            "take part."
        )
    said.append(Text(fix, {"uses": names, "least": least_gfa_m2, "most": most_gfa_m2}))
    said += _parcels_that_help(uses, parcels=parcels, capacity=capacity)
    return tuple(said)


def _largest_holders(
    shortfall: Shortfall, *, parcels: Parcels, capacity: Capacity, most: int = 3
) -> list[Text]:
    """Name the parcels that hold most of what the uses may take."""
    may_hold = set(shortfall.parcels.tolist())
    rows = [row for row in parcels.id_order.tolist() if row in may_hold]
    largest = sorted(rows, key=lambda row: -float(capacity.far_area_m2[row]))[:most]
    named = (
        sentence(
            "{parcel} ({area:,.0f} m²)",
            parcel=ParcelName(parcels, row),
            area=float(capacity.far_area_m2[row]),
        )
        for row in largest
    )
    return [sentence("The largest of these parcels: {parcels}.", parcels=Joined(tuple(named)))]


def _forbidding_zones(uses: list[int], *, capacity: Capacity) -> list[Text]:
    """Say where the rules forbid a use on parcels that take part."""
    said = []
    for use in uses:
        zones: dict[str, float] = {}
        for row in np.flatnonzero(capacity.far_area_m2 > 0).tolist():
            rule = capacity.zone_rules[row]
            if rule is not None and rule.permits[USES[use]].answer == "no":
                zones[rule.name] = zones.get(rule.name, 0.0) + capacity.far_area_m2[row]
        for zone, area_m2 in sorted(zones.items(), key=lambda item: -item[1]):
            said.append(
                sentence(
                    "{use} may not stand in {zone} ({area:,.0f} m² of capacity): only a zone "
                    "change or a special planning zone would change that.",
                    use=ALL_USES[use].label,
                    zone=capacity.rules.spoken(zone),
                    area=area_m2,
                )
            )
            said += explain_permission(capacity.rules, zone, USES[use])[:2]
    return said


def _consents_that_help(uses: list[int], *, capacity: Capacity) -> list[Text]:
    """Name conditional permissions that the scenario does not consent to."""
    waiting: dict[tuple[str, int], float] = {}
    for row in np.flatnonzero(capacity.far_area_m2 > 0).tolist():
        rule = capacity.zone_rules[row]
        if rule is None:
            continue
        for use in uses:
            answer = rule.permits[USES[use]].answer
            if answer in ("conditional", "unknown") and not capacity.allowed[row, use]:
                key = (rule.name, use)
                waiting[key] = waiting.get(key, 0.0) + capacity.far_area_m2[row]
    return [
        sentence(
            "{use} in {zone} is conditional or unknown ({area:,.0f} m² of capacity): consent to "
            "it in the scenario if you take the condition as met.",
            use=ALL_USES[use].label,
            zone=capacity.rules.spoken(zone),
            area=area_m2,
        )
        for (zone, use), area_m2 in sorted(waiting.items(), key=lambda item: -item[1])
    ]


def _parcels_that_help(
    uses: list[int], *, parcels: Parcels, capacity: Capacity, most: int = 3
) -> list[Text]:
    """Name parcels left out, wholly or in part, that would add the most room."""
    left_m2 = capacity.whole_far_area_m2 - capacity.far_area_m2
    left_m2 = np.where(capacity.allowed[:, uses].any(axis=1), left_m2, 0.0)
    rows = [row for row in np.argsort(-left_m2, kind="stable")[:most].tolist() if left_m2[row] > 0]
    return [
        sentence(
            "Taking {parcel} in wholly would add {area:,.0f} m² of FAR area.",
            parcel=ParcelName(parcels, row),
            area=left_m2[row],
        )
        for row in rows
    ]


class ParcelName:
    """A parcel's name in the reader's language, for sentences.

    Parameters
    ----------
    parcels : Parcels
    row : int
    """

    def __init__(self, parcels: Parcels, row: int) -> None:
        self._parcels = parcels
        self._row = row

    def render(self, lang: str) -> str:
        """Return the name in `lang`."""
        return self._parcels.name(self._row, lang=lang)
