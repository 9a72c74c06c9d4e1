"""Text in the cells of a table that acts where it should only stand.

Spreadsheets take some cells of a CSV for a formula and run it. The cure is the usual one: an
apostrophe before the text, which spreadsheets read as "this is text". It is taken away again
when siteplan reads the file back. Control letters act on terminals and turn the direction of
writing; they go when a file is read, and that is said.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from siteplan.io.names import CONTROL_LETTERS, has_control_letters, without_control_letters
from siteplan.issues import Issue

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

# Full-width signs count too: a Korean or Japanese Excel takes them for the plain ones.
_FORMULA = re.compile(r"[\t\r\n ]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def to_cell(value: object) -> object:
    """Return a value as it may stand in a CSV cell.

    Text that a spreadsheet would run (it begins with ``=``, ``+``, ``-`` or ``@``, also after
    blanks, or with a tab or a line break) gets an apostrophe before it. Numbers do not, nor does
    text that is one ("-12.5"). Text that begins with an apostrophe gets one more where `from_cell`
    would otherwise take its own away.
    """
    if not isinstance(value, str):
        return value
    return f"'{value}" if _guarded(value) else value


def from_cell(text: str) -> str:
    """Return the text of a cell as it was before `to_cell`."""
    return text[1:] if text.startswith("'") and _guarded(text[1:]) else text


def _guarded(text: str) -> bool:
    """Tell whether the text needs the apostrophe, itself or behind apostrophes of its own."""
    inner = text.lstrip("'")
    return _FORMULA.match(inner) is not None and _NUMBER.fullmatch(inner) is None


def readable_frame(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Issue]]:
    """Return a frame without control letters in its names and text, and what was removed.

    Parameters
    ----------
    frame : GeoDataFrame
        As read, n rows.

    Raises
    ------
    Exception
        A text column cannot be decoded; the reader's own error.
    """
    names = {
        name: without_control_letters(name)
        for name in frame.columns
        if isinstance(name, str) and has_control_letters(name)
    }
    count = len(names)
    work = frame
    for name in frame.columns:
        if name == frame.geometry.name or frame[name].dtype.kind not in "OUT":
            continue
        if not _holds_control_letters(frame[name]):
            continue
        values = frame[name].tolist()
        count += sum(isinstance(v, str) and has_control_letters(v) for v in values)
        work = work.copy() if work is frame else work
        work[name] = [without_control_letters(v) if isinstance(v, str) else v for v in values]
    taken = {str(name) for name in frame.columns} - set(names)
    for name, plain in names.items():
        names[name] = _free_name(plain, taken=taken)
        taken.add(names[name])
    if names:
        work = work.rename(columns=names)
    return work, [Issue("control_letters", (), {"count": count})] if count else []


def _holds_control_letters(column: pd.Series[Any]) -> bool:
    """Tell whether any text of a column holds control letters; Arrow looks without copying."""
    if column.dtype == object:
        return has_control_letters("".join(v for v in column.tolist() if isinstance(v, str)))
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = pa.array(column)
    texts.validate(full=True)
    found = pc.any(pc.match_substring_regex(texts, CONTROL_LETTERS))
    return bool(found.as_py())


def _free_name(name: str, *, taken: set[str]) -> str:
    while name in taken or not name:
        name += "_"
    return name
