"""What a person should know before trusting a comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from siteplan.text import Joined, Renderable, Text, sentence

if TYPE_CHECKING:
    from siteplan.compare.comparison import Comparison

LETTERS = "ABCD"
"""What the plans are called in tables."""

_SHOWN = 5
_SAME_AREA_M2 = 0.01


def notes_of(comparison: Comparison) -> list[Text]:
    """Return what a person should know before trusting a comparison."""
    sides, partial = comparison.sides, comparison.partial
    said = [
        sentence(
            "{name} is infeasible and places nothing, so no lot counts as settled.",
            name=f"{letter} ({side.title})" if side.title else letter,
        )
        for letter, side in zip(LETTERS, sides, strict=False)
        if not side.places
    ]
    if len(partial) == len(comparison.parcel_ids):
        said.append(
            sentence(
                "No lot is in every plan: are these plans of the same site? Only sums compare."
            )
        )
    elif partial:
        said.append(
            sentence(
                "{count} lot(s) are not in every plan, as after a merge or a cut: {lots}. Where a "
                "lot is not there it counts as holding nothing.",
                count=len(partial),
                lots=_few(list(partial)),
            )
        )
    other = _other_areas(comparison)
    if other:
        said.append(
            sentence(
                "{count} lot(s) with the same id have another site area: {lots}. Check that the "
                "plans are of the same parcels.",
                count=len(other),
                lots=_few(other),
            )
        )
    rules = dict.fromkeys(side.rules for side in sides if side.rules is not None)
    if len(rules) > 1:
        said.append(
            sentence("The plans were checked against different rules: {rules}.", rules=_few(rules))
        )
    known = [side.factors for side in sides if side.factors]
    factors = [key for key in (known[0] if known else ()) if len({f.get(key) for f in known}) > 1]
    if factors:
        said.append(
            sentence(
                "The plans rest on different factors ({factors}); figures differ for that reason "
                "too.",
                factors=_few(factors),
            )
        )
    if comparison.skipped:
        said.append(
            sentence(
                "{count} figures are not compared, as an exported file holds floor areas only. "
                "Compare scenarios to see them.",
                count=len(comparison.skipped),
            )
        )
    return said


def _other_areas(comparison: Comparison) -> list[str]:
    """Return the lots whose site area is not the same in all plans that have them."""
    areas_m2 = np.full(comparison.rows.shape, np.nan)
    for i, side in enumerate(comparison.sides):
        there = comparison.rows[i] >= 0
        areas_m2[i, there] = side.site_area_m2[comparison.rows[i, there]]
    spread_m2 = np.fmax.reduce(areas_m2) - np.fmin.reduce(areas_m2)
    return list(comparison.ids_where(spread_m2 > _SAME_AREA_M2))


def _few(names: Sequence[str] | Mapping[str, object]) -> Renderable:
    shown = tuple(list(names)[:_SHOWN])
    return Joined((*shown, "…") if len(names) > _SHOWN else shown)
