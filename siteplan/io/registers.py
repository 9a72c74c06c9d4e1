"""Lists by PNU without outlines (land prices, land characteristics), joined to parcels.

The PNU is text from the first byte to the last: a float holds 15 of its 19 digits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from siteplan.cadastre.agreement import disagreements
from siteplan.cadastre.lot_number import lot_numbers
from siteplan.cadastre.pnu import PnuStatus, checked_pnus, sub_numbers_cut
from siteplan.errors import InputError
from siteplan.io.columns import plain_facts
from siteplan.io.delimited import plain_text, read_text_table
from siteplan.io.encoding import Encoding, named_encoding, text_file_encoding
from siteplan.io.layers import layer_options
from siteplan.io.layouts import FORMS
from siteplan.io.recognition import recognised
from siteplan.io.source import Located, Source, located
from siteplan.io.vectors import plain_errors, read_table
from siteplan.issues import Issue
from siteplan.text import sentence

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

JOINED_FACTS = ("zone", "zone2", "site_area_m2", "jimok", "land_price_krw_per_m2", "jibun")
"""Facts that a list can give to parcels."""


@dataclass(frozen=True, eq=False)
class Register:
    """What a list says of each PNU, once.

    Parameters
    ----------
    name : str
        What the person calls the file.
    kind : str
    layout : str or None
    facts : DataFrame
        One row per PNU (the index, text); the columns of `JOINED_FACTS` that the list has, and
        ``as_of``, the date of the row as it is written there.
    columns : dict of str to str
        Fact -> the file's own column.
    rows_in : int
        Rows of the file.
    issues : tuple of Issue
    """

    name: str
    kind: str
    layout: str | None
    facts: pd.DataFrame
    columns: Mapping[str, str]
    rows_in: int
    issues: tuple[Issue, ...] = ()

    def __len__(self) -> int:
        return len(self.facts)


def read_register(
    source: Source,
    *,
    encoding: str | None = None,
    mapping: Mapping[str, str] | None = None,
    name: str | None = None,
) -> Register:
    """Read a list by PNU: a CSV such as AL_D151, or any table that parcels can be read from.

    Of several dates of one PNU the latest is taken; rows that differ without a later date are
    left out. Both are reported. Where all PNUs end in 0000 and rows that differ share some of
    them, the column has lost its last digits, and nothing is taken from it.

    Parameters
    ----------
    source : path, bytes or binary file
        CSV, JSON of NED's service, GeoPackage table, Parquet, Shapefile; loose or zipped.
    encoding : str, optional
        Left out, it is decided from the bytes and reported.
    mapping : mapping of str to str, optional
        Fact -> column, as a person named them.
    name : str, optional
        File name of bytes, for sentences.

    Raises
    ------
    InputError
        The file is broken, or has no column of PNUs or none of the facts.
    """
    with located(source, name=name) as found:
        with plain_errors(found) as said:
            frame, issues = _table(found, encoding=encoding)
        # The table that `read_table` made holds the remarks on the zip already.
        issues = [*(issue for issue in found.issues if issue not in issues), *issues]
        issues += [Issue("reader_warning", (), {"message": line}) for line in said]
    known = recognised(frame, mapping=mapping)
    taken, more = plain_facts(frame, known=known)
    issues += [issue for issue in more if issue.code != "columns_unmapped"]
    held = [fact for fact in JOINED_FACTS if fact in taken]
    if "pnu" not in taken or not held:
        damaged = next((i for i in issues if i.code == "column_damaged"), None)
        if damaged is not None:
            raise InputError(
                sentence("{said} {fix}", said=damaged.message, fix=damaged.fix),
            )
        raise InputError(
            sentence(
                "{name} has no column of PNUs and facts. Its columns are: {columns}. Say which "
                "is which (--column pnu=COLUMN).",
                name=found.name,
                columns=", ".join(map(str, frame.columns)),
            )
        )
    kept = [*held, "as_of"] if "as_of" in taken else held
    facts, more = _one_row_each(taken, kept=kept, name=found.name)
    return Register(
        name=found.name,
        kind=known.kind,
        layout=known.layout,
        facts=facts,
        columns=dict(known.columns),
        rows_in=len(frame),
        issues=(*issues, *more),
    )


def _table(found: Located, *, encoding: str | None) -> tuple[pd.DataFrame, list[Issue]]:
    """Return the rows of a located file, without outlines."""
    import pandas as pd

    path = next(iter(found.files.values()))
    wish = named_encoding(encoding) if encoding else None
    if found.format == "csv":
        tables = [
            read_text_table(each, name=found.name, encoding=wish) for each in found.files.values()
        ]
        frame = pd.concat([table.frame for table in tables], ignore_index=True)
        return frame, [issue for table in tables for issue in table.issues]
    if found.format == "parquet":
        import pyarrow.parquet as pq

        schema = pq.read_schema(path)
        plain = [f.name for f in schema if not str(f.type).startswith(("binary", "large_binary"))]
        return pq.read_table(path, columns=plain).to_pandas(), []
    if found.format == "geojson":
        rows = _json_rows(path, encoding=wish)
        if rows is not None:
            return pd.DataFrame(rows), []
    if found.format == "gpkg":
        rows_only = _gpkg_table(path)
        if rows_only is not None:
            return rows_only, []
    table = read_table(found, encoding=encoding, layer=None)
    return pd.DataFrame(table.frame.drop(columns="geometry")), list(table.issues)


def _gpkg_table(path: Path) -> pd.DataFrame | None:
    """Return the first table without outlines, None where all layers have them."""
    import pandas as pd
    import pyogrio

    for layer, shape in pyogrio.list_layers(path).tolist():
        if shape is None:
            options = layer_options("gpkg", layer=str(layer))
            return pd.DataFrame(pyogrio.read_dataframe(path, **options))
    return None


def _json_rows(path: Path, *, encoding: str | None) -> list[Mapping[str, Any]] | None:
    """Return the rows of a service's reply, whatever its wrapper is called; None of GeoJSON."""
    content = path.read_bytes()
    chosen = Encoding(encoding) if encoding else text_file_encoding(content)
    text, _ = plain_text(content, chosen=chosen)
    document = json.loads(text.removeprefix("\ufeff"))
    for _ in range(4):
        if isinstance(document, list):
            rows = [row for row in document if isinstance(row, Mapping)]
            return rows if rows and any("pnu" in map(str.casefold, row) for row in rows) else None
        if not isinstance(document, Mapping) or "features" in document:
            return None
        inner = [value for value in document.values() if isinstance(value, list | Mapping)]
        if len(inner) != 1:
            return None
        document = inner[0]
    return None


def _one_row_each(
    taken: Mapping[str, list[object]], *, kept: list[str], name: str
) -> tuple[pd.DataFrame, list[Issue]]:
    """Return one row per PNU, and what was left out."""
    import pandas as pd

    pnus = [None if pnu is None else str(pnu) for pnu in taken["pnu"]]
    usable = np.array(
        [pnu is not None and bool(FORMS["pnu19"].fullmatch(pnu)) for pnu in pnus], dtype=bool
    )
    issues: list[Issue] = []
    if not usable.all():
        bad = [pnu for pnu, ok in zip(pnus, usable.tolist(), strict=True) if not ok]
        details: dict[str, object] = {
            "number": len(bad),
            "name": name,
            "example": next((pnu for pnu in bad if pnu), "–"),
        }
        issues.append(Issue("register_without_pnu", (), details))
    table = pd.DataFrame({fact: pd.Series(taken[fact], dtype=object) for fact in kept})
    table = table.assign(pnu=pd.Series(pnus, dtype=object))[usable]
    twice = table["pnu"].duplicated(keep=False)
    if twice.any():
        several, newest = _newest(table[twice], name=name)
        issues += several
        distinct = newest.drop_duplicates()
        torn = distinct["pnu"][distinct["pnu"].duplicated()].unique().tolist()
        if torn and sub_numbers_cut(table["pnu"].tolist()):
            issues.append(_cut_off(table, example=str(torn[0]), name=name))
            return table.iloc[:0].set_index("pnu"), issues
        if torn:
            details = {"number": len(torn), "name": name, "example": ", ".join(torn[:3])}
            issues.append(Issue("register_ambiguous", (), details))
        if "as_of" in table:
            newest_first = -np.array([_date_key(text) for text in table["as_of"].tolist()])
            table = table.iloc[np.argsort(newest_first, kind="stable")]
        table = table.drop_duplicates("pnu", keep="first").sort_index()
        table = table[~table["pnu"].isin(torn)]
    return table.set_index("pnu"), issues


def _date_key(text: object) -> int:
    """Return a date as eight digits, for order; "2024" is older than any day of 2024."""
    digits = "".join(letter for letter in str(text) if letter.isdigit())[:8]
    return int(digits.ljust(8, "0")) if digits else 0


def _newest(rows: pd.DataFrame, *, name: str) -> tuple[list[Issue], pd.DataFrame]:
    """Return the rows of each PNU's latest date, and what is to be said about several dates."""
    dated = "as_of" in rows
    keys = rows["as_of"].map(_date_key) if dated else rows["pnu"].map(lambda _: 0)
    spans = keys.groupby(rows["pnu"]).agg(["min", "max"])
    several = spans.index[spans["min"] != spans["max"]]
    issues = []
    if len(several):
        latest = rows["as_of"].iloc[int(np.argmax(keys.to_numpy()))]
        details = {"number": len(several), "name": name, "latest": str(latest)}
        issues.append(Issue("register_years", (), details))
    return issues, rows[keys.to_numpy() == rows["pnu"].map(spans["max"]).to_numpy()]


def _cut_off(table: pd.DataFrame, *, example: str, name: str) -> Issue:
    """Return the finding about a list whose PNUs have lost their last four digits."""
    evidence = sentence(
        "All PNUs of {name} end in 0000, and rows that differ share one, as after rounding to 15 "
        "digits; nothing of the list is used. Where they are right, keep one row of each.",
        name=name,
    )
    details = {"count": len(table), "example": example, "evidence": evidence}
    return Issue("pnu_float_damaged", (), details)


def joined(frame: pd.DataFrame, register: Register) -> tuple[Any, list[Issue]]:
    """Return facts of parcels with what a register says of them.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame
        Facts of n parcels under siteplan's names (`siteplan.io.columns.facts` or
        ``Parcels.frame``), with a column ``pnu`` of text.
    register : Register
        Its values go before the parcels' own where both are given and differ.

    Returns
    -------
    frame : the same kind
        n rows in their order; the argument is not changed.
    issues : list of Issue
        How many joined, which parcels did not, which facts were replaced.

    Raises
    ------
    InputError
        The parcels carry no PNU to join by.
    """
    if "pnu" not in frame or not frame["pnu"].notna().any():
        raise InputError(
            sentence(
                "The parcels carry no PNU, so {name} cannot be joined. Add the PNU column, or say "
                "which one it is (--column pnu=COLUMN).",
                name=register.name,
            )
        )
    pnus = [None if value is None else str(value) for value in _values(frame, "pnu")]
    row_of = {pnu: row for row, pnu in enumerate(register.facts.index.tolist())}
    rows = np.array([row_of.get(pnu or "", -1) for pnu in pnus], dtype=np.intp)
    ids = _ids(frame, pnus=pnus)
    rows[_doubted(frame, ids=ids)] = -1
    result = frame.copy()
    issues = _join_issues(register, rows=rows, ids=ids)
    for fact in (fact for fact in JOINED_FACTS if fact in register.facts):
        told = register.facts[fact].tolist()
        own = _values(frame, fact)
        given = [None if row < 0 else told[row] for row in rows.tolist()]
        replaced = tuple(
            parcel_id
            for parcel_id, old, new in zip(ids, own, given, strict=True)
            if old is not None and new is not None and not _equal(old, new)
        )
        if replaced:
            details = {"fact": fact, "name": register.name}
            issues.append(Issue("register_replaced", replaced, details))
        merged = np.empty(len(frame), dtype=object)
        merged[:] = [old if new is None else new for old, new in zip(own, given, strict=True)]
        result[fact] = merged
    return result, issues


def _doubted(frame: pd.DataFrame, *, ids: list[str]) -> npt.NDArray[np.bool_]:
    """Tell which parcels carry a PNU that lost its last digits: the row it finds is another's."""
    check = checked_pnus(_values(frame, "pnu"))
    jibuns = [None if text is None else str(text) for text in _values(frame, "jibun")]
    shapes = np.asarray(frame["geometry"].array, dtype=object) if "geometry" in frame else None
    refused, _ = disagreements(check, lot_numbers(jibuns), ids=ids, shapes=shapes)
    doubted: npt.NDArray[np.bool_] = refused | (check.status == PnuStatus.FLOAT_DAMAGED)
    return doubted


def _join_issues(register: Register, *, rows: npt.NDArray[np.intp], ids: list[str]) -> list[Issue]:
    found = rows >= 0
    details = {
        "joined": int(found.sum()),
        "total": len(rows),
        "name": register.name,
        "unused": len(register) - len(np.unique(rows[found])),
    }
    if not found.any():
        return [Issue("register_joined_none", tuple(ids), details)]
    issues = [Issue("register_joined", (), details)]
    missing = tuple(i for i, there in zip(ids, found.tolist(), strict=True) if not there)
    if missing:
        issues.append(Issue("register_missing", missing, {"name": register.name}))
    return issues


def _values(frame: pd.DataFrame, column: str) -> list[Any]:
    """Return a column as plain values, None where missing; all None without the column."""
    if column not in frame:
        return [None] * len(frame)
    gaps = frame[column].isna().tolist()
    return [None if gone else v for v, gone in zip(frame[column].tolist(), gaps, strict=True)]


def _equal(old: object, new: object) -> bool:
    """Tell whether two values are the same; numbers to a millionth of their size."""
    if isinstance(old, int | float) and isinstance(new, int | float):
        return bool(np.isclose(old, new, rtol=1e-6, atol=0))
    return str(old).strip() == str(new).strip()


def _ids(frame: pd.DataFrame, *, pnus: list[str | None]) -> list[str]:
    return [
        str(parcel_id or pnu or f"row-{row + 1}")
        for row, (parcel_id, pnu) in enumerate(zip(_values(frame, "parcel_id"), pnus, strict=True))
    ]
