"""Least and most of a use on one parcel: a planner's lock, floor, ceiling or exclusion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from siteplan.errors import InputError
from siteplan.text import sentence
from siteplan.uses import USES, use_label

MOST_M2 = 100_000_000
"""Floor areas of one parcel above 100 km² are taken for a slip of the pen."""


@dataclass(frozen=True)
class UseLimit:
    """What the planner allows of one use on one parcel.

    Parameters
    ----------
    min_m2 : int
        Least GFA that must stand there.
    max_m2 : int or None
        Most GFA that may stand there; the same as `min_m2` fixes it, 0 excludes the use, None
        leaves it to the parcel.
    """

    min_m2: int = 0
    max_m2: int | None = None

    @property
    def fixed(self) -> bool:
        """Whether exactly one floor area is allowed, more than none."""
        return self.max_m2 is not None and self.min_m2 == self.max_m2 > 0

    @property
    def excluded(self) -> bool:
        """Whether the use may not stand there at all."""
        return self.max_m2 == 0

    def to_dict(self) -> dict[str, int]:
        """Return the limit as plain values for JSON; what is not set is left out."""
        plain = {"min_m2": self.min_m2, "max_m2": self.max_m2}
        return {key: value for key, value in plain.items() if value is not None}


def checked_limits(given: Mapping[str, Any]) -> dict[str, UseLimit]:
    """Return limits by use in the order of the uses; those that limit nothing are dropped.

    Parameters
    ----------
    given : Mapping[str, UseLimit or Mapping]
        By use; a mapping holds ``min_m2`` and ``max_m2``.

    Raises
    ------
    InputError
        A use that does not exist, amounts that are no whole m² from 0 up, or a least above the
        most.
    """
    unknown = [str(use) for use in given if use not in USES]
    if unknown:
        raise InputError(
            sentence(
                "There is no use {use}. The uses are: {uses}.",
                use=unknown[0],
                uses=", ".join(USES),
            )
        )
    found = {use: _limit(use, given[use]) for use in USES if use in given}
    return {use: limit for use, limit in found.items() if limit != UseLimit()}


def _limit(use: str, given: Any) -> UseLimit:
    limit = given if isinstance(given, UseLimit) else UseLimit(**given)
    for value in (limit.min_m2, limit.max_m2):
        whole = isinstance(value, int) and not isinstance(value, bool)
        if value is not None and not (whole and 0 <= value <= MOST_M2):
            raise InputError(
                sentence(
                    "The floor area of {use} must be a number of m² from 0 up, not {value}.",
                    use=use_label(use).en,
                    value=str(value),
                )
            )
    if limit.max_m2 is not None and limit.min_m2 > limit.max_m2:
        raise InputError(
            sentence(
                "{use}: the least ({low:,} m²) is above the most ({high:,} m²). Change one.",
                use=use_label(use),
                low=limit.min_m2,
                high=limit.max_m2,
            )
        )
    return limit
