"""The ledger of factors: every coefficient with value, range, unit, source, date and mark.

`UNITS` says which factors siteplan knows and in which unit each must come; a file with another
unit, an unknown key or a missing one is refused with the place and the fix.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from siteplan import shipped
from siteplan.errors import InputError
from siteplan.issues import Issue
from siteplan.text import N_, Joined, Label, Text, sentence
from siteplan.uses import USES

DEFAULT_FACTORS = "siteplan-2026"

MARKS = ("V", "V-calc", "M", "assumption")
"""From the firmest to the weakest: read, computed from read, from memory, siteplan's own."""

MARK_WORDS: dict[str, str] = {
    "V": N_("read in the source"),
    "V-calc": N_("computed from figures read"),
    "M": N_("from memory, not verified"),
    "assumption": N_("siteplan's assumption"),
}
"""Each mark as people read it, a key of the catalogues."""

SOURCES_OF_OUR_OWN = (
    N_("siteplan"),
    N_("from memory, unverified"),
    N_("practice, unverified"),
    N_("siteplan: taken as research"),
    N_("siteplan: taken as office"),
    N_(
        "siteplan's default among: AI Hub 10,020 m² for 500+ (2021) and 10,220 m² for 410 = 24.9 "
        "(2020); Tech+City 2016, 750,000 m² for 15,000 jobs = 50 (mbn)"
    ),
)
"""Sources that are words of siteplan's, so in the reader's language; citations stay as they are."""

_EACH_USE = {
    "far_ratio": "m²/m²",
    "storey_height_m": "m",
    "parking_m2_per_stall": "m²/stall",
    "construction_cost": "KRW/m²",
    "energy_intensity": "kWh/m²/year",
    "embodied_co2": "kgCO2/m²",
}
_TRIPS = dict.fromkeys(USES, "trip/m²/day") | {"housing": "trip/household/day"}

UNITS: dict[str, str] = {
    **{f"{family}.{use}": unit for family, unit in _EACH_USE.items() for use in USES},
    **{f"reach_m.{name}": "m" for name in ("station", "main_road", "nature", "ai_hub")},
    "m2_per_job.research": "m²/job",
    "researcher_share.research": "job/job",
    "m2_per_student.campus": "m²/student",
    "m2_per_household.housing": "m²/household",
    "exclusive_share.housing": "m²/m²",
    "persons_per_household.housing": "resident/household",
    "m2_per_dormitory_bed": "m²/student",
    "visits_per_m2_year.culture": "visit/m²/year",
    "stalls_per_household.housing": "stall/household",
    **{f"trips.{use}": unit for use, unit in _TRIPS.items()},
    "cost_index.2017": "KRW/KRW",
    "grid_co2": "kgCO2/kWh",
    "zeb_self_sufficiency": "kWh/kWh",
    **{f"zeb_threshold.{grade}": "kWh/kWh" for grade in ("5", "4", "3", "2", "1", "1plus")},
    **{f"landscape_share.{size}": "m²/m²" for size in ("large", "middle", "small")},
    "open_space_share": "m²/m²",
    "parking_stall_m2": "m²/stall",
    "underground_share.parking": "m²/m²",
    "storey_height_m.parking": "m",
    "setback_m": "m",
}
"""Every factor that siteplan uses, with the unit that its figure must come in."""

_KOREAN_UNITS = {
    "job": "명",
    "student": "명",
    "resident": "명",
    "person": "명",
    "household": "세대",
    "visit": "회",
    "stall": "대",
    "trip": "통행",
    "year": "년",
    "day": "일",
    "KRW": "원",
}
_ENGLISH_UNITS = {"year": "yr", "kgCO2": "kg CO₂e", "tCO2": "t CO₂e"}


@lru_cache(maxsize=256)
def unit_label(unit: str) -> Label:
    """Return a unit of the ledger as people read it; a ratio of like units shows as nothing."""
    top, _, bottom = unit.partition("/")
    if top == bottom:
        return Label("", "")

    def worded(names: Mapping[str, str]) -> str:
        return re.sub(r"\w+", lambda found: names.get(found[0], found[0]), unit)

    return Label(worded(_ENGLISH_UNITS | _KOREAN_UNITS), worded(_ENGLISH_UNITS))


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
    range_mark : str
        The same mark for low and high; "assumption" where a file does not say.
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
    range_mark: str = "assumption"
    changed: bool = False

    @property
    def certain(self) -> bool:
        """Whether nothing is to be drawn: law, a choice, or the planner's own value."""
        return self.changed or self.low == self.high

    @property
    def origin(self) -> Text:
        """Where the factor comes from, in the reader's language where siteplan says it."""
        return Text(self.source)

    @property
    def citation(self) -> Text:
        """One line with value, unit, range, mark, source and date, for any screen or file."""
        if self.changed:
            return sentence(
                "{key} = {value} {unit}: the planner's own value (in the ledger {low}–{high}, "
                "{mark}: {source}, {date})",
                **self._parts,
            )
        return sentence(
            "{key} = {value} {unit} ({low}–{high}; {mark}: {source}, {date})", **self._parts
        )

    @property
    def _parts(self) -> dict[str, object]:
        return {
            "key": self.key,
            "value": figure(self.value),
            "unit": unit_label(self.unit),
            "low": figure(self.low),
            "high": figure(self.high),
            "mark": mark_text(self.mark),
            "source": self.origin,
            "date": self.date,
        }


def mark_text(mark: str) -> Text:
    """Return a mark of `MARKS` in words."""
    return Text(MARK_WORDS[mark])


def figure(value: float) -> str:
    """Return a number as people write it: whole from 100 up, else four digits."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.4g}"


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
            if "_share." in key and value > 1:
                raise InputError(
                    sentence(
                        "Factor {key} is a part of a whole: at most 1, not {value}.",
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
        Lists every fault with file, table, key and fix.
    """
    entries = table.get("factor", {})
    faults = [
        fault
        for key, entry in entries.items()
        for fault in _faults_of(key, entry, where=f'{place}, [factor."{key}"]')
    ]
    missing = [key for key in UNITS if key not in entries]
    if missing:
        faults.append(
            sentence(
                "Factor file {place}: {keys} missing. Copy it from the shipped ledger.",
                place=place,
                keys=", ".join(missing),
            )
        )
    if faults:
        raise InputError(sentence("{faults}", faults=Joined(tuple(faults), separator=" ")))
    factors = {
        key: Factor(
            key=key,
            value=float(entry["value"]),
            low=float(entry["low"]),
            high=float(entry["high"]),
            unit=entry["unit"],
            source=entry["source"],
            date=entry["date"],
            mark=entry["mark"],
            note=Label(entry["note_ko"], entry["note_en"]),
            range_mark=entry.get("range_mark", "assumption"),
        )
        for key, entry in entries.items()
    }
    return Ledger(str(table.get("id", place)), factors)


def _faults_of(key: str, entry: Any, *, where: str) -> list[Text]:
    """Return what is wrong with one entry; an unknown key is told with the nearest known one."""
    if key not in UNITS:
        near = difflib.get_close_matches(key, UNITS, n=1)
        return [
            sentence(
                "Factor file {where}: siteplan knows no such factor. Did you mean {near}? "
                "Rename or delete it.",
                where=where,
                near=near[0] if near else next(iter(UNITS)),
            )
        ]
    if not isinstance(entry, Mapping):
        return [_fault(where, key=key, why="must be a table")]
    wrong = [
        _fault(where, key=name, why="must be a number above 0")
        for name in ("value", "low", "high")
        if not _is_positive(entry.get(name))
    ]
    if not wrong and not entry["low"] <= entry["value"] <= entry["high"]:
        wrong.append(_fault(where, key="value", why="must lie between low and high"))
    texts = ("unit", "source", "date", "mark", "note_ko", "note_en")
    wrong += [
        _fault(where, key=name, why="must be a text")
        for name in texts
        if not isinstance(entry.get(name), str) or not entry[name].strip()
    ]
    unit = entry.get("unit")
    if isinstance(unit, str) and unit.strip() and unit != UNITS[key]:
        wrong.append(
            sentence(
                "Factor file {where}: unit is {unit} but siteplan reckons in {wanted}. "
                "Convert value, low and high, and write {wanted}.",
                where=where,
                unit=unit,
                wanted=UNITS[key],
            )
        )
    wrong += [
        _fault(where, key=name, why=f"must be one of {', '.join(MARKS)}")
        for name in ("mark", "range_mark")
        if isinstance(entry.get(name, "M"), str) and entry.get(name, "M") not in MARKS
    ]
    return wrong


def _is_positive(number: object) -> bool:
    return (
        isinstance(number, int | float)
        and not isinstance(number, bool)
        and math.isfinite(number)
        and number > 0
    )


def _fault(where: str, *, key: str, why: str) -> Text:
    return sentence("Factor file {where}: {key} {why}. Correct it.", where=where, key=key, why=why)
