"""The ledger of factors: every coefficient with value, range, unit, source, date and mark."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from siteplan import shipped
from siteplan.errors import InputError
from siteplan.issues import Issue
from siteplan.text import Label, sentence
from siteplan.uses import USES

DEFAULT_FACTORS = "siteplan-2026"


@dataclass(frozen=True)
class Factor:
    """One coefficient.

    Parameters
    ----------
    key : str
        Such as "far_ratio.housing".
    value, low, high : float
        Value used and its believed range.
    unit, source, date, mark : str
        Where it comes from; mark is V, V-calc, M (unverified) or assumption.
    note : Label
    changed : bool
        True when the scenario puts its own value in place.
    """

    key: str
    value: float
    low: float
    high: float
    unit: str
    source: str
    date: str
    mark: str
    note: Label
    changed: bool = False


@dataclass(frozen=True)
class Ledger:
    """All factors by key."""

    id: str
    factors: Mapping[str, Factor]

    def value(self, key: str) -> float:
        """Return the value of a factor."""
        return self.factors[key].value

    def by_use(self, name: str) -> tuple[float, ...]:
        """Return the values of ``name.<use>`` in the order of the uses."""
        return tuple(self.factors[f"{name}.{use}"].value for use in USES)

    def with_overrides(self, overrides: Mapping[str, float]) -> Ledger:
        """Return a ledger with the planner's own values, marked as changed.

        Raises
        ------
        InputError
            A key that does not exist, or a value that is not a positive number.
        """
        if not overrides:
            return self
        factors = dict(self.factors)
        for key, value in overrides.items():
            if key not in factors:
                raise InputError(
                    sentence(
                        "There is no factor {key}. The factors are: {keys}.",
                        key=key,
                        keys=", ".join(sorted(factors)),
                    )
                )
            if not (math.isfinite(value) and value > 0):
                raise InputError(
                    sentence(
                        "Factor {key} must be a number above 0, not {value}.", key=key, value=value
                    )
                )
            if key.startswith("far_ratio.") and value > 1:
                raise InputError(
                    sentence(
                        "Factor {key} is the part of GFA that FAR counts: at most 1, not {value}.",
                        key=key,
                        value=value,
                    )
                )
            factors[key] = replace(factors[key], value=float(value), changed=True)
        return Ledger(self.id, factors)


def check_factors(ledger: Ledger) -> list[Issue]:
    """Return a finding for each factor that is the planner's own, and for odd values."""
    found = []
    for factor in ledger.factors.values():
        if not factor.changed:
            continue
        before = shipped_ledger(ledger.id).factors.get(factor.key, factor).value
        details = {"key": factor.key, "value": f"{factor.value:g}", "before": f"{before:g}"}
        found.append(Issue("factor_changed", (), details))
        if not factor.low <= factor.value <= factor.high:
            details = {**details, "low": f"{factor.low:g}", "high": f"{factor.high:g}"}
            found.append(Issue("factor_outside_range", (), details))
    return found


@lru_cache(maxsize=2)
def shipped_ledger(ledger_id: str = DEFAULT_FACTORS) -> Ledger:
    """Return the ledger that siteplan ships."""
    name = f"{ledger_id}.toml"
    return ledger_from(shipped.toml("factors", name), place=name)


def ledger_from(table: Mapping[str, Any], *, place: str) -> Ledger:
    """Check a parsed factor file and return it as a `Ledger`.

    Raises
    ------
    InputError
        Names file, table and key.
    """
    factors = {}
    for key, entry in table.get("factor", {}).items():
        where = f'{place}, [factor."{key}"]'
        for name in ("value", "low", "high"):
            number = entry.get(name)
            if isinstance(number, bool) or not isinstance(number, int | float) or not number > 0:
                raise _factor_error(where, key=name, why="must be a number above 0")
        if not entry["low"] <= entry["value"] <= entry["high"]:
            raise _factor_error(where, key="value", why="must lie between low and high")
        for name in ("unit", "source", "date", "mark", "note_ko", "note_en"):
            if not isinstance(entry.get(name), str):
                raise _factor_error(where, key=name, why="must be a text")
        factors[key] = Factor(
            key=key,
            value=float(entry["value"]),
            low=float(entry["low"]),
            high=float(entry["high"]),
            unit=entry["unit"],
            source=entry["source"],
            date=entry["date"],
            mark=entry["mark"],
            note=Label(entry["note_ko"], entry["note_en"]),
        )
    return Ledger(str(table.get("id", place)), factors)


def _factor_error(where: str, *, key: str, why: str) -> InputError:
    return InputError(
        sentence("Factor file {where}: {key} {why}. Correct it.", where=where, key=key, why=why)
    )
