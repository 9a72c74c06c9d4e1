"""What a foreign file is, told from its columns and values: its kind, its layout, its facts.

File names are not looked at, except to say where one contradicts the content.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from siteplan.errors import InputError
from siteplan.glossary import COLUMNS
from siteplan.io.layouts import (
    ALIASES,
    BUILDING_ALIASES,
    FACTS,
    FORMS,
    KIND_LABELS,
    LAYOUTS,
    Layout,
)
from siteplan.issues import Issue
from siteplan.text import Label, Text, sentence

if TYPE_CHECKING:
    import pandas as pd

_FITTING_SHARE = 0.8
_SAMPLE = 200

_BUILDING_MARKS = frozenset(
    {"buld_nm", "bldg_nm", "grnd_flr", "gro_flo_co", "건물명", "건축물용도", "건물용도", "지상층수"}
)
_OWN = frozenset(
    name.casefold() for column in COLUMNS for name in (column.name, column.short_name)
) | {"crs", "id", "fid", "ogc_fid", "objectid"}
"""Columns that need no remark when nobody uses them."""

_NAMED_LIKE: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("ldreg", ("parcels",), "LSMD_CONT_LDREG"),
    ("al_d002", ("parcels",), "AL_D002"),
    ("al_d194", ("parcels",), "AL_D194"),
    ("al_d151", ("land price", "parcels"), "AL_D151"),
    ("al_d010", ("buildings",), "AL_D010"),
    ("uq111", ("zoning",), "UQ111"),
)


@dataclass(frozen=True)
class Recognised:
    """What a table of a foreign file is.

    Parameters
    ----------
    kind : str
        "parcels" | "zoning" | "buildings" | "land price" | "other".
    layout : str or None
        The national layout, such as "AL_D194 토지특성"; None for any other table.
    columns : dict of str to str
        Fact -> the file's own column.
    unmapped : tuple of str
        Columns that nobody understood, in the order of the file.
    mapped_by_person : tuple of str
        Facts whose column a person named.
    by_content : tuple of str
        Facts whose column was found by its values alone.
    unverified : tuple of str
        Facts whose column is reported for this layout, but not confirmed.
    """

    kind: str
    layout: str | None
    columns: Mapping[str, str]
    unmapped: tuple[str, ...] = ()
    mapped_by_person: tuple[str, ...] = ()
    by_content: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()


def recognised(frame: pd.DataFrame, *, mapping: Mapping[str, str] | None = None) -> Recognised:
    """Return what a table is, by its columns and values.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame
        As read, n rows.
    mapping : mapping of str to str, optional
        Fact -> column, as a person named them; it goes before everything found here.

    Raises
    ------
    InputError
        The mapping names a fact or a column that there is not.
    """
    shape = _geometry_name(frame)
    names = {
        str(name).strip().casefold(): str(name) for name in reversed(frame.columns) if name != shape
    }
    wished = _mapped(mapping or {}, names=names)
    layout = next((one for one in LAYOUTS if _fits(one, frame=frame, names=names)), None)
    building = layout.kind == "buildings" if layout else bool(_BUILDING_MARKS & set(names))
    found = _by_name(names, aliases=ALIASES)
    if building and not {"jibun", "parcel_id", "site_area_m2"} & set(found):
        found = _by_name(names, aliases=BUILDING_ALIASES)
    else:
        building = False
    if layout is not None:
        numbered = {f: names[column] for f, column in layout.columns.items() if column in names}
        found = {**found, **numbered}
    guessed: tuple[str, ...] = ()
    if "pnu" not in found and "pnu" not in wished:
        column = _pnu_column(frame, taken=set(found.values()), shape=shape)
        if column is not None:
            found["pnu"], guessed = column, ("pnu",)
    taken = set(wished.values())
    columns = {fact: column for fact, column in found.items() if column not in taken} | wished
    return Recognised(
        kind=_kind(columns, layout=layout, names=names, frame=frame, building=building),
        layout=layout.name if layout else None,
        columns=columns,
        unmapped=_unmapped(names, columns=columns, layout=layout),
        mapped_by_person=tuple(wished),
        by_content=guessed,
        unverified=tuple(f for f in layout.unverified if f not in wished) if layout else (),
    )


def _mapped(mapping: Mapping[str, str], *, names: Mapping[str, str]) -> dict[str, str]:
    """Return the person's mapping with the columns as the file spells them."""
    wished: dict[str, str] = {}
    for fact, column in mapping.items():
        if fact not in FACTS:
            raise InputError(
                sentence(
                    "{fact} is no fact that a column can hold. Choose one of: {choices}.",
                    fact=fact,
                    choices=", ".join(FACTS),
                )
            )
        if str(column).strip().casefold() not in names:
            raise InputError(
                sentence(
                    "There is no column {column} for {fact}. The file has: {choices}.",
                    column=column,
                    fact=fact,
                    choices=", ".join(reversed(list(names.values()))) or "–",
                )
            )
        wished[fact] = names[str(column).strip().casefold()]
    return wished


def _fits(layout: Layout, *, frame: pd.DataFrame, names: Mapping[str, str]) -> bool:
    """Tell whether a table has a layout's columns and their values its forms."""
    if not all(column in names for column in layout.needs):
        return False
    if layout.any_of and not any(column in names for column in layout.any_of):
        return False
    return all(_has_form(frame[names[column]], form=form) for column, form in layout.forms.items())


def _has_form(values: pd.Series[Any], *, form: str) -> bool:
    """Tell whether most values, of a sample spread over the rows, have a form."""
    texts = _sample(values)
    fitting = sum(FORMS[form].fullmatch(text) is not None for text in texts)
    return bool(texts) and fitting >= _FITTING_SHARE * len(texts)


def _sample(values: pd.Series[Any]) -> list[str]:
    step = max(1, len(values) // _SAMPLE)
    part = values.iloc[::step].dropna().tolist()
    return [text for value in part if (text := _text(value))]


def _text(value: object) -> str:
    return (
        str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
    )


def _by_name(names: Mapping[str, str], *, aliases: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return fact -> column by the aliases, and by what DBF's ten bytes leave of them."""
    found = {
        fact: names[alias]
        for fact, choices in aliases.items()
        for alias in choices[::-1]
        if alias in names
    }
    for cut, fact in _cut_aliases(building=aliases is BUILDING_ALIASES).items():
        if cut in names and fact not in found and names[cut] not in found.values():
            found[fact] = names[cut]
    return found


@cache
def _cut_aliases(*, building: bool) -> dict[str, str]:
    """Return the first ten bytes of longer aliases -> fact, without those that say two facts."""
    aliases = BUILDING_ALIASES if building else ALIASES
    whole = {alias for choices in aliases.values() for alias in choices}
    facts: dict[str, set[str]] = {}
    for fact, choices in aliases.items():
        for alias in choices:
            for encoding in ("cp949", "utf-8"):
                content = alias.encode(encoding)
                cut = content[:10].decode(encoding, errors="ignore")
                if len(content) > 10 and cut not in whole | _AMBIGUOUS_CUTS:
                    facts.setdefault(cut, set()).add(fact)
    # 용도지역1 and 용도지역2 leave the same ten bytes in UTF-8; the first one keeps them.
    return {cut: min(of, key=list(aliases).index) for cut, of in facts.items() if _same(of)}


_AMBIGUOUS_CUTS = frozenset({"lndcgrcode"})
"""Cut names that are whole names of other things: NED's code of the land category."""


def _same(facts: set[str]) -> bool:
    return len(facts) == 1 or facts == {"zone", "zone2"}


def _pnu_column(frame: pd.DataFrame, *, taken: set[str], shape: str | None) -> str | None:
    """Return the one unnamed column that holds PNUs, None without one or with several."""
    columns = [
        str(name)
        for name in frame.columns
        if name != shape
        and str(name) not in taken
        and frame[name].dtype.kind in "OUTi"
        and _has_form(frame[name], form="pnu")
    ]
    return columns[0] if len(columns) == 1 else None


def _kind(
    columns: Mapping[str, str],
    *,
    layout: Layout | None,
    names: Mapping[str, str],
    frame: pd.DataFrame,
    building: bool,
) -> str:
    """Return the kind of a table; a list with outlines and PNUs is one of parcels."""
    facts = set(columns)
    if layout is not None and layout.kind in ("zoning", "buildings"):
        return "parcels" if facts & {"parcel_id", "jibun"} else layout.kind
    if building:
        return "buildings"
    if {"dgm_nm", "dgm_ar", "uname"} & set(names) and not facts & {"pnu", "jibun", "parcel_id"}:
        zones = "zone" in columns and _has_form(frame[columns["zone"]], form="zone")
        return "zoning" if zones else "other"
    prices = (layout is not None and layout.kind == "land price") or (
        {"pnu", "land_price_krw_per_m2"} <= facts
        and not facts & {"jibun", "zone", "site_area_m2", "parcel_id"}
    )
    if prices and not _has_outlines(frame):
        return "land price"
    return "parcels" if facts & {"pnu", "jibun", "parcel_id", "site_area_m2"} else "other"


def _geometry_name(frame: pd.DataFrame) -> str | None:
    """Return the name of the geometry column; a plain table has none."""
    return getattr(frame, "_geometry_column_name", None)


def _has_outlines(frame: pd.DataFrame) -> bool:
    name = _geometry_name(frame)
    return name is not None and name in frame and bool(frame[name].notna().any())


def _unmapped(
    names: Mapping[str, str], *, columns: Mapping[str, str], layout: Layout | None
) -> tuple[str, ...]:
    known = _OWN | {alias for choices in ALIASES.values() for alias in choices}
    if layout is not None:
        known |= {*layout.documented, *layout.needs}
    used = set(columns.values())
    left = [column for key, column in names.items() if column not in used and key not in known]
    return tuple(reversed(left))


def expect_kind(known: Recognised, *, kind: str, name: str) -> None:
    """Refuse a table that is plainly of another kind than the one asked for.

    Parameters
    ----------
    known : Recognised
    kind : str
        "parcels", "zoning" or "buildings".
    name : str
        What to call the file.

    Raises
    ------
    InputError
        The sentence says what the file is and how to use it.
    """
    if known.kind in (kind, "other"):
        return
    if kind == "zoning" and "zone" in known.columns:
        return
    what = KIND_LABELS[known.kind]
    if known.layout is not None:
        what = Label(f"{what.ko}({known.layout})", f"{what.en}, {known.layout}")
    if kind != "parcels":
        raise InputError(
            sentence(
                "{name} is {what}; {wanted} is needed here. Choose another file.",
                name=name,
                what=what,
                wanted=KIND_LABELS[kind],
            )
        )
    if known.kind == "zoning":
        raise InputError(
            sentence(
                "{name} is {what}, not a file of parcels. Hand over the parcels and add this "
                "one as zoning (--zoning {name}).",
                name=name,
                what=what,
            )
        )
    if known.kind == "land price":
        raise InputError(not_parcels_but_register(name=name, what=what))
    raise InputError(
        sentence(
            "{name} is {what}, not a file of parcels. Hand over the cadastral map, e.g. "
            "LSMD_CONT_LDREG or AL_D002.",
            name=name,
            what=what,
        )
    )


def not_parcels_but_register(*, name: str, what: Label) -> Text:
    """Return the sentence for a list by PNU that was handed over as parcels."""
    return sentence(
        "{name} is {what} without outlines. Hand over the parcels and join this one by PNU "
        "(--register {name}).",
        name=name,
        what=what,
    )


def name_contradicted(known: Recognised, *, name: str) -> list[Issue]:
    """Return a finding where a file is named like one kind and holds another."""
    plain = name.casefold()
    for mark, kinds, like in _NAMED_LIKE:
        if mark in plain and known.kind not in kinds:
            details = {"name": name, "like": like, "kind": KIND_LABELS[known.kind]}
            return [Issue("name_contradicted", (), details)]
    return []
