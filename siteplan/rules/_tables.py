"""A rule file, checked key by key, as a `RuleSet`."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from siteplan.daylight import DaylightRule
from siteplan.errors import InputError
from siteplan.incentives import MARKS, Incentive, incentive_from
from siteplan.rules._values import (
    ANSWERS,
    LEGAL_ZONES,
    Landscaping,
    MinimumLot,
    OpenSpace,
    Permit,
    RuleSet,
    ZoneRule,
    spelling,
)
from siteplan.text import Label, sentence
from siteplan.uses import USES

_PERCENT_SPANS = {
    "far_pct": (10, 3000),
    "bcr_pct": (1, 100),
    "national_bcr_max_pct": (1, 100),
    "national_far_min_pct": (10, 3000),
    "national_far_max_pct": (10, 3000),
}
"""Figures of a zone with the percentages that make sense; a ratio such as 4.0 is a wrong unit."""

_ZONE_TEXTS = ("en", "far_article", "bcr_article", "mark")
_ZONE_KEYS = (
    *_PERCENT_SPANS, *_ZONE_TEXTS, "national_article", "national_mark", "permits", "max_floors",
    "floors_article", "floors_mark",
)  # fmt: skip
_FILE_KEYS = (
    "schema", "id", "title_ko", "title_en", "date", "sources", "zone", "incentive", "daylight",
    "landscaping", "open_space", "minimum_lot", "pnu_prefix",
)  # fmt: skip


def rules_from(table: Mapping[str, Any], *, place: str) -> RuleSet:
    """Check a parsed rule file and return it as a `RuleSet`.

    Parameters
    ----------
    table : Mapping
        The TOML document.
    place : str
        File name for the error's sentence.

    Raises
    ------
    InputError
        Names file, table and key.
    """
    _known_keys(table, _FILE_KEYS, where=place)
    for key in ("id", "title_ko", "title_en", "date"):
        _text(table, key, where=place)
    zones = {
        name: _zone_from(name, entry, place=place)
        for name, entry in _table(table, "zone", where=place).items()
    }
    sources = _table(table, "sources", where=place)
    for key in sources:
        _text(sources, key, where=f"{place}, [sources]")
    return RuleSet(
        id=table["id"],
        title=Label(table["title_ko"], table["title_en"]),
        sources=dict(sources),
        zones=zones,
        date=table["date"],
        pnu_prefix=_pnu_prefix(table, place=place),
        incentives=_incentives_from(table, zones=tuple(zones), place=place),
        daylight=_daylight_from(table.get("daylight"), zones=tuple(zones), place=place),
        landscaping=_landscaping_from(table.get("landscaping"), place=place),
        open_space=_open_space_from(table.get("open_space"), place=place),
        minimum_lot=_minimum_lot_from(table.get("minimum_lot"), zones=tuple(zones), place=place),
    )


def _pnu_prefix(table: Mapping[str, Any], *, place: str) -> str:
    prefix = table.get("pnu_prefix", "")
    if not isinstance(prefix, str) or not re.fullmatch("([0-9]{2,10})?", prefix):
        raise _rule_error(place, key="pnu_prefix", why="must be 2 to 10 digits as a text")
    return prefix


def _zone_from(name: str, entry: Mapping[str, Any], *, place: str) -> ZoneRule:
    where = f'{place}, [zone."{name}"]'
    if spelling(name) not in {spelling(zone) for zone in LEGAL_ZONES}:
        near = difflib.get_close_matches(name, LEGAL_ZONES, n=1, cutoff=0.5)
        why = "is no zone of the law" + (f"; did you mean {near[0]}?" if near else "")
        raise _rule_error(f"{place}, [zone]", key=f'"{name}"', why=why)
    _known_keys(entry, _ZONE_KEYS, where=where)
    for key, (least, most) in _PERCENT_SPANS.items():
        _number(entry, key, where=where, span=(least, most))
    for key in _ZONE_TEXTS:
        _text(entry, key, where=where)
    for key in ("mark", "national_mark", "floors_mark"):
        if key in entry and entry[key] not in MARKS:
            raise _rule_error(where, key=key, why=f"must be one of {', '.join(MARKS)}")
    if entry["far_pct"] > entry["national_far_max_pct"]:
        raise _rule_error(where, key="far_pct", why="is above national_far_max_pct")
    if entry["bcr_pct"] > entry["national_bcr_max_pct"]:
        raise _rule_error(where, key="bcr_pct", why="is above national_bcr_max_pct")
    floors = entry.get("max_floors")
    if floors is not None:
        if isinstance(floors, bool) or not isinstance(floors, int) or floors < 1:
            raise _rule_error(where, key="max_floors", why="must be a whole number above 0")
        _text(entry, "floors_article", where=where)
    permits = _table(entry, "permits", where=where) if "permits" in entry else {}
    _known_keys(permits, USES, where=f'{place}, [zone."{name}".permits]')
    return ZoneRule(
        name=name,
        label=Label(name, entry["en"]),
        far_pct=float(entry["far_pct"]),
        bcr_pct=float(entry["bcr_pct"]),
        far_article=entry["far_article"],
        bcr_article=entry["bcr_article"],
        mark=entry["mark"],
        permits={use: _permit_from(permits.get(use), where=where, use=use) for use in USES},
        national={
            "bcr_max_pct": float(entry["national_bcr_max_pct"]),
            "far_min_pct": float(entry["national_far_min_pct"]),
            "far_max_pct": float(entry["national_far_max_pct"]),
        },
        national_article=str(entry.get("national_article", "")),
        national_mark=entry.get("national_mark", "M"),
        max_floors=floors,
        floors_article=entry.get("floors_article", ""),
        floors_mark=entry.get("floors_mark", "M") if floors is not None else "",
    )


def _permit_from(cell: Mapping[str, Any] | None, *, where: str, use: str) -> Permit:
    if cell is None:
        return Permit("unknown", "M")
    key = f"permits.{use}"
    if not isinstance(cell, Mapping) or cell.get("answer") not in ANSWERS:
        raise _rule_error(where, key=key, why=f"must be one of {', '.join(ANSWERS)}")
    _known_keys(
        cell, ("answer", "mark", "condition_ko", "condition_en", "article"), where=f"{where} {key}"
    )
    if cell.get("mark") not in MARKS:
        raise _rule_error(where, key=f"{key}.mark", why=f"must be one of {', '.join(MARKS)}")
    condition = None
    if "condition_ko" in cell or "condition_en" in cell:
        for name in ("condition_ko", "condition_en"):
            _text(cell, name, where=f"{where} {key}")
        condition = Label(cell["condition_ko"], cell["condition_en"])
    if "article" in cell:
        _text(cell, "article", where=f"{where} {key}")
    return Permit(cell["answer"], cell["mark"], condition, cell.get("article"))


def _incentives_from(
    table: Mapping[str, Any], *, zones: tuple[str, ...], place: str
) -> dict[str, Incentive]:
    entries = _table(table, "incentive", where=place) if "incentive" in table else {}
    found = {}
    for key, entry in entries.items():
        where = f"{place}, [incentive.{key}]"
        if not isinstance(entry, Mapping):
            raise _rule_error(place, key=f"incentive.{key}", why="must be a table")

        def wrong(name: str, why: str, where: str = where) -> InputError:
            return _rule_error(where, key=name, why=why)

        found[key] = incentive_from(key, entry, zones=zones, keys=tuple(entries), wrong=wrong)
    return found


def _daylight_from(entry: Any, *, zones: tuple[str, ...], place: str) -> DaylightRule | None:
    if entry is None:
        return None
    where = f"{place}, [daylight]"
    keys = ("zones", "low_m", "low_distance_m", "slope_ratio", "article", "mark")
    _sourced(entry, keys, where=where)
    low_m = _number(entry, "low_m", where=where, span=(1, 100))
    distance_m = _number(entry, "low_distance_m", where=where, span=(0.1, 50))
    slope = _number(entry, "slope_ratio", where=where, span=(0.05, 5))
    listed = entry.get("zones")
    if not isinstance(listed, list) or not listed:
        raise _rule_error(where, key="zones", why="must name at least one zone")
    strange = [zone for zone in listed if zone not in zones]
    if strange:
        raise _rule_error(
            where, key="zones", why=f"names {strange!r}, which the file does not hold"
        )
    return DaylightRule(
        zones=tuple(listed),
        low_m=low_m,
        low_distance_m=distance_m,
        slope_ratio=slope,
        article=entry["article"],
        mark=entry["mark"],
    )


def _landscaping_from(entry: Any, *, place: str) -> Landscaping | None:
    if entry is None:
        return None
    where = f"{place}, [landscaping]"
    keys = ("from_lot_m2", "steps", "small_lot_m2", "small_lot_pct", "article", "mark")
    _sourced(entry, keys, where=where)
    steps = _table(entry, "steps", where=where)
    for name in steps:
        if not name.isdigit():
            raise _rule_error(where, key=f"steps.{name}", why="must be named by a floor area in m²")
        _number(steps, name, where=f"{where} steps", span=(0, 100))
    return Landscaping(
        from_lot_m2=_number(entry, "from_lot_m2", where=where, span=(1, 1e6)),
        small_lot_m2=_number(entry, "small_lot_m2", where=where, span=(1, 1e6)),
        small_lot_pct=_number(entry, "small_lot_pct", where=where, span=(0, 100)),
        steps=tuple(sorted((float(least), float(share)) for least, share in steps.items())),
        article=entry["article"],
        mark=entry["mark"],
    )


def _open_space_from(entry: Any, *, place: str) -> OpenSpace | None:
    if entry is None:
        return None
    where = f"{place}, [open_space]"
    _sourced(entry, ("from_gfa_m2", "share_pct", "uses", "article", "mark"), where=where)
    uses = entry.get("uses")
    if not isinstance(uses, list) or any(use not in USES for use in uses):
        raise _rule_error(where, key="uses", why=f"must be a list of {', '.join(USES)}")
    return OpenSpace(
        from_gfa_m2=_number(entry, "from_gfa_m2", where=where, span=(1, 1e7)),
        share_pct=_number(entry, "share_pct", where=where, span=(1, 100)),
        uses=tuple(uses),
        article=entry["article"],
        mark=entry["mark"],
    )


def _minimum_lot_from(entry: Any, *, zones: tuple[str, ...], place: str) -> MinimumLot | None:
    if entry is None:
        return None
    where = f"{place}, [minimum_lot]"
    _sourced(entry, ("least_m2", "article", "mark"), where=where)
    least = _table(entry, "least_m2", where=where)
    strange = [zone for zone in least if zone not in zones]
    if strange:
        why = f"names {strange!r}, which the file does not hold"
        raise _rule_error(where, key="least_m2", why=why)
    return MinimumLot(
        least_m2={z: _number(least, z, where=f"{where} least_m2", span=(1, 1e5)) for z in least},
        article=entry["article"],
        mark=entry["mark"],
    )


def _sourced(entry: Any, keys: Iterable[str], *, where: str) -> None:
    """Check a table's keys, and that it names its article and mark."""
    if not isinstance(entry, Mapping):
        raise _rule_error(where, key="it", why="must be a table")
    _known_keys(entry, keys, where=where)
    _text(entry, "article", where=where)
    if entry.get("mark") not in MARKS:
        raise _rule_error(where, key="mark", why=f"must be one of {', '.join(MARKS)}")


def _known_keys(table: Mapping[str, Any], keys: Iterable[str], *, where: str) -> None:
    known = tuple(keys)
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            why = "is not a key of this table" + (f"; did you mean {near[0]}?" if near else "")
            raise _rule_error(where, key=key, why=why)


def _table(table: Mapping[str, Any], key: str, *, where: str) -> Mapping[str, Any]:
    if not isinstance(table.get(key), Mapping) or not table[key]:
        why = "must be a table that is not empty" if key in table else "is missing"
        raise _rule_error(where, key=key, why=why)
    entry: Mapping[str, Any] = table[key]
    return entry


def _text(table: Mapping[str, Any], key: str, *, where: str) -> None:
    if not isinstance(table.get(key), str) or not table[key].strip():
        raise _rule_error(where, key=key, why="must be a text")


def _number(table: Mapping[str, Any], key: str, *, where: str, span: tuple[float, float]) -> float:
    value = table.get(key)
    least, most = span
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        unit = "a percentage, a number" if key.endswith("_pct") else "a number"
        raise _rule_error(where, key=key, why=f"must be {unit} from {least:g} to {most:g}")
    if not least <= value <= most:
        if key.endswith("_pct"):
            why = f"must be a percentage from {least:g} to {most:g} (400 for 400 %), not {value:g}"
        else:
            why = f"must be a number from {least:g} to {most:g}, not {value:g}"
        raise _rule_error(where, key=key, why=why)
    return float(value)


def _rule_error(where: str, *, key: str, why: str) -> InputError:
    return InputError(
        sentence("Rule file {where}: {key} {why}. Correct it.", where=where, key=key, why=why)
    )
