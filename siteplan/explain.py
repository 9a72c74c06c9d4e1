"""Why a programme does not fit: which uses, on which parcels, by how much, and what helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteplan.text import N_, Joined, Text, sentence
from siteplan.uses import ALL_USES, USES

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.allocation import Shortfall
    from siteplan.capacity import Capacity
    from siteplan.parcels import Parcels

    Floats = npt.NDArray[np.float64]


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
    said += _forbidding_zones(uses, capacity=capacity)
    said += _consents_that_help(uses, capacity=capacity)
    least_gfa_m2 = np.ceil(shortfall.short_m2 / far_ratio[uses].max())
    most_gfa_m2 = np.ceil(shortfall.short_m2 / far_ratio[uses].min())
    if least_gfa_m2 == most_gfa_m2:
        fix = N_(
            "To fit, {uses} must lose {least:,.0f} m² of GFA (by a lower total, or given to uses "
            "with room), or more parcels must take part."
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
                    zone=zone,
                    area=area_m2,
                )
            )
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
            zone=zone,
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
            parcel=_Named(parcels, row),
            area=left_m2[row],
        )
        for row in rows
    ]


class _Named:
    """A parcel's name in the reader's language."""

    def __init__(self, parcels: Parcels, row: int) -> None:
        self._parcels = parcels
        self._row = row

    def render(self, lang: str) -> str:
        return self._parcels.name(self._row, lang=lang)
