"""When what may be built: a planner's years, their ceilings and the dates to keep."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from siteplan.errors import InputError
from siteplan.fields import check_keys, check_whole, wrong_kind
from siteplan.text import N_, sentence
from siteplan.uses import USES

FIRST_YEAR = 2028
"""Ground-breaking aimed at 2028 (헤럴드경제, 뉴스핌, 2025-02-11; asiae 2026-01-05; read)."""

MOST_YEARS = 40


@dataclass(frozen=True)
class Phases:
    """The years in which the plan is built.

    Parameters
    ----------
    first_year : int
        First year in which anything is built. The announced start is 2028; how many years the
        works take has not been published, so `years` is an assumption.
    years : int
    ceiling_gfa_m2 : tuple of (int or None), length years
        Most GFA built in each year; None for no ceiling. Empty for none in any year.
    budget_krw : tuple of (float or None), length years
        Most construction cost of each year instead; not together with `ceiling_gfa_m2`.
    minimum_gfa_m2 : Mapping[int, Mapping[str, int]]
        Least GFA of a use that stands at the end of a year: year -> use -> m².
    whole_parcels : bool
        Whether each parcel is built within one year.
    """

    first_year: int = FIRST_YEAR
    years: int = 8
    ceiling_gfa_m2: tuple[int | None, ...] = ()
    budget_krw: tuple[float | None, ...] = ()
    minimum_gfa_m2: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    whole_parcels: bool = False

    def __post_init__(self) -> None:
        check_whole("phases.first_year", self.first_year, low=2000, high=2200)
        check_whole("phases.years", self.years, low=1, high=MOST_YEARS)
        if not isinstance(self.whole_parcels, bool):
            raise wrong_kind("phases.whole_parcels", N_("true or false"))
        for name in ("ceiling_gfa_m2", "budget_krw"):
            row = tuple(getattr(self, name))
            if row and len(row) != self.years:
                raise wrong_kind(f"phases.{name}", N_("one amount for each year, or empty"))
            for amount in row:
                _amount(f"phases.{name}", amount)
            row = () if all(amount is None for amount in row) else row
            object.__setattr__(self, name, row)
        if self.ceiling_gfa_m2 and self.budget_krw:
            raise InputError(
                sentence("The years have a ceiling of floor area or a budget, not both. Drop one.")
            )
        object.__setattr__(self, "minimum_gfa_m2", MappingProxyType(self._dates()))

    def __hash__(self) -> int:
        return hash(repr(self.to_dict()))

    def _dates(self) -> dict[int, Mapping[str, int]]:
        """Return the dates in the order of years, checked; rows that ask for nothing dropped."""
        found: dict[int, Mapping[str, int]] = {}
        for year, row in sorted((int(y), r) for y, r in self.minimum_gfa_m2.items()):
            if year not in self.calendar:
                raise InputError(
                    sentence(
                        "A date of {year} lies outside the years {first} to {last}. "
                        "Change the date or the years.",
                        year=str(year),
                        first=str(self.calendar[0]),
                        last=str(self.calendar[-1]),
                    )
                )
            place = f"phases.minimum_gfa_m2.{year}"
            for use, amount in row.items():
                if use not in USES:
                    raise wrong_kind(place, N_("a table of uses and amounts"))
                _amount(f"{place}.{use}", amount)
            kept = {use: int(row[use]) for use in USES if row.get(use)}
            if kept:
                found[year] = MappingProxyType(kept)
        return found

    @property
    def calendar(self) -> range:
        """The years, first to last."""
        return range(self.first_year, self.first_year + self.years)

    def to_dict(self) -> dict[str, Any]:
        """Return the phases as plain values for JSON."""
        return {
            "first_year": self.first_year,
            "years": self.years,
            "ceiling_gfa_m2": list(self.ceiling_gfa_m2),
            "budget_krw": list(self.budget_krw),
            "minimum_gfa_m2": {str(year): dict(row) for year, row in self.minimum_gfa_m2.items()},
            "whole_parcels": self.whole_parcels,
        }

    @classmethod
    def from_dict(cls, table: object) -> Phases:
        """Return the phases held in plain values.

        Raises
        ------
        InputError
            A key that phases do not have, or a value out of range.
        """
        if not isinstance(table, Mapping):
            raise wrong_kind("phases", N_("a table of years and amounts"))
        check_keys("phases", table, cls.__dataclass_fields__)
        return cls(**table)


def _amount(name: str, value: Any) -> None:
    fair = isinstance(value, int | float) and not isinstance(value, bool)
    if value is not None and not (fair and math.isfinite(value) and value >= 0):
        raise wrong_kind(name, N_("an amount from 0 up"))
