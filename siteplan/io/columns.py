"""The facts of a foreign table under siteplan's names, its values made plain."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from siteplan.io.layouts import FACTS, ZONE_REGISTER
from siteplan.io.recognition import Recognised, recognised
from siteplan.issues import Issue

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    import pandas as pd

__all__ = [
    "FACTS",
    "ZONE_REGISTER",
    "Recognised",
    "facts",
    "number",
    "plain_facts",
    "recognised",
]

_TRUE = {"true", "t", "yes", "y", "1", "1.0"}
_ASKED_FOR = ("pnu", "zone", "site_area_m2")
"""Facts whose absence makes columns that nobody understood worth a remark."""

_ROUNDED = re.compile(r"\d(\.\d+)?[eE]\+?1[78]|\d{18,19}\.\d*")
"""A PNU that went through a float: "1.1650102E+18", "1165010200102220032.0"."""

_GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d*)?")
_DECIMAL_COMMA = re.compile(r"-?\d+,\d+")


def facts(
    frame: gpd.GeoDataFrame, *, mapping: Mapping[str, str] | None = None
) -> tuple[gpd.GeoDataFrame, dict[str, str], list[Issue]]:
    """Return the facts of a foreign frame under siteplan's names.

    Parameters
    ----------
    frame : GeoDataFrame
        As read, n rows.
    mapping : mapping of str to str, optional
        Fact -> column, as a person named them.

    Returns
    -------
    facts : GeoDataFrame
        The facts of `siteplan.io.layouts.FACTS` that the file has, n rows in their order. The
        PNU is text, areas are in m², heights in m, prices in KRW per m².
    columns : dict of str to str
        Fact -> the file's own column.
    issues : list of Issue
        Columns whose values were damaged before they came here, that were told by their values
        alone, that are not confirmed, or that nobody understood.

    Raises
    ------
    InputError
        The mapping names a fact or a column that there is not.
    """
    import geopandas as gpd

    known = recognised(frame, mapping=mapping)
    taken, issues, standing = _read_facts(frame, known=known)
    held: dict[str, object] = {
        fact: frame[known.columns[fact]].array if fact in standing else values
        for fact, values in taken.items()
    }
    result = gpd.GeoDataFrame(held, index=frame.index, geometry=frame.geometry.array, crs=frame.crs)
    return result, dict(known.columns), issues


def plain_facts(
    frame: pd.DataFrame, *, known: Recognised
) -> tuple[dict[str, list[object]], list[Issue]]:
    """Return fact -> n plain values (None where missing), and what is to be said about them."""
    taken, issues, _ = _read_facts(frame, known=known)
    return taken, issues


def _read_facts(
    frame: pd.DataFrame, *, known: Recognised
) -> tuple[dict[str, list[object]], list[Issue], set[str]]:
    """Return what `plain_facts` does, and the facts whose column of text stays as it is."""
    standing = set()
    taken: dict[str, list[object]] = {}
    issues = _remarks(known)
    for fact, column in known.columns.items():
        values = frame[column]
        gaps = values.isna().tolist()
        if fact == "pnu" and values.dtype.kind == "f":
            lost = values.dropna()
            if len(lost):
                issues.append(_damaged(column, example=f"{lost.iloc[0]:.6g}"))
            continue
        read, given = _READ.get(fact, _plain), values.tolist()
        if _stands(given, read=read):
            taken[fact] = given
            standing.add(fact)
            continue
        plain = [None if gone else read(value) for value, gone in zip(given, gaps, strict=True)]
        if fact == "pnu":
            plain, more = _unrounded(plain, column=column)
            issues += more
        elif fact in _REMARKED:
            issues += _unread(given, plain, gaps=gaps, fact=fact, column=column)
        taken[fact] = plain
    return taken, issues, standing


def _stands(values: list[object], *, read: Callable[[object], object]) -> bool:
    """Tell whether all values are text that reading does not change."""
    if read not in (_plain, _pnu) or set(map(type, values)) != {str}:
        return False
    texts = cast("list[str]", values)
    return read is _plain or (set(map(len, texts)) == {19} and "".join(texts).isdigit())


def _damaged(column: str, *, example: str) -> Issue:
    return Issue("column_damaged", (), {"column": column, "example": example})


def _remarks(known: Recognised) -> list[Issue]:
    """Return what is to be said about how the columns were recognised."""
    issues = [
        Issue("column_by_content", (), {"column": known.columns[fact], "fact": fact})
        for fact in known.by_content
    ]
    issues += [
        Issue(
            "column_unverified",
            (),
            {"column": known.columns[fact], "fact": fact, "layout": known.layout},
        )
        for fact in known.unverified
        if fact in known.columns
    ]
    absent = [fact for fact in _ASKED_FOR if fact not in known.columns]
    if known.kind in ("parcels", "other") and known.unmapped and absent:
        details = {
            "facts": ", ".join(absent),
            "columns": ", ".join(known.unmapped),
            "fact": absent[0],
        }
        issues.append(Issue("columns_unmapped", (), details))
    return issues


def _unrounded(plain: list[object], *, column: str) -> tuple[list[object], list[Issue]]:
    """Return PNUs with those that a spreadsheet rounded left out."""
    bad = [
        text
        for text in plain
        if isinstance(text, str) and not text.isdigit() and _ROUNDED.fullmatch(text)
    ]
    if not bad:
        return plain, []
    gone = set(bad)
    return [None if text in gone else text for text in plain], [_damaged(column, example=bad[0])]


def _unread(
    values: list[object], plain: list[object], *, gaps: list[bool], fact: str, column: str
) -> list[Issue]:
    bad = [
        value
        for value, read, gone in zip(values, plain, gaps, strict=True)
        if read is None and not gone and str(value).strip()
    ]
    if not bad:
        return []
    details = {"number": len(bad), "column": column, "fact": fact, "example": str(bad[0])[:60]}
    return [Issue("values_unread", (), details)]


def _plain(value: object) -> object:
    """Return text for whole numbers that a spreadsheet made of lot numbers and names."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _pnu(value: object) -> object:
    """Return a PNU as text, without the marks that keep spreadsheets from rounding it."""
    text = str(value)
    if len(text) == 19 and text.isdigit():
        return text
    text = text.strip().removeprefix("=").strip("\"'‘’ ")
    return text or None


def number(value: object) -> float | None:
    """Return a number written for people; "1,234.5 ㎡" is 1234.5, "12,5" is 12.5.

    A comma before exactly three digits parts thousands; any other single comma is a decimal one.
    """
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) else None
    text = str(value).replace("㎡", "").replace("m²", "").replace("원", "").strip()
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    elif _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    try:
        figure = float(text)
    except ValueError:
        return None
    return figure if math.isfinite(figure) else None


def _price(value: object) -> float | None:
    """Return a price; 0 stands for "none assessed"."""
    price = number(value)
    return price if price is not None and price > 0 else None


def _second_zone(value: object) -> object:
    """Return the second zone of a lot; "지정되지않음" stands for none."""
    text = str(value).strip()
    return None if not text or text.startswith("지정되지") else text


def _truth(value: object) -> object:
    return str(value).strip().casefold() in _TRUE


_READ: dict[str, Callable[[object], object]] = {
    "pnu": _pnu,
    "site_area_m2": number,
    "height_m": number,
    "zone_verified": _truth,
    "zone2": _second_zone,
    "land_price_krw_per_m2": _price,
}
_REMARKED = frozenset({"land_price_krw_per_m2", "height_m"})
"""Numbers whose unreadable values are told here; those of areas are told by `Parcels`."""
