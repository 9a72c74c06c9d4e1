"""HTML and SVG made from Python values; a plain text is always escaped.

`Markup` is a text that is HTML already. Everything else that enters an element or a table is
escaped, so that no text from a file can become an element or an attribute.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

SHORT_ROWS = 8
"""Tables of so few rows stay on one page."""

Align = Literal["text", "number"]


class Markup(str):
    """A text that is HTML already; joining or formatting it gives a plain text again."""

    __slots__ = ()


def safe(text: str) -> Markup:
    """Return a text as HTML: markup as it is, anything else escaped."""
    return text if isinstance(text, Markup) else Markup(html.escape(text))


def joined(parts: Iterable[str], separator: str = "") -> Markup:
    """Return texts as one piece of HTML."""
    return Markup(safe(separator).join(safe(part) for part in parts))


def element(tag: str, *children: str, **attributes: str | float | None) -> Markup:
    """Return an element.

    Parameters
    ----------
    tag : str
    *children : str
        Escaped unless they are `Markup`.
    **attributes : str, float or None
        Names end in ``_`` where Python has a word of its own (``class_``), and ``_`` inside
        stands for ``-``; values are escaped, numbers written with at most 2 decimals, None is
        left out.
    """
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{html.escape(number_text(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{tag}{written}>{joined(children)}</{tag}>")


def number_text(value: str | float) -> str:
    """Return an attribute's value: a number with at most 2 decimals, a text as it is."""
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")


def paragraph(*children: str, class_: str | None = None) -> Markup:
    """Return a paragraph."""
    return element("p", *children, class_=class_)


def bullets(items: Iterable[str], *, class_: str | None = None) -> Markup:
    """Return a list of points; nothing for no points."""
    written = [element("li", item) for item in items]
    return element("ul", *written, class_=class_) if written else Markup("")


def pairs(entries: Iterable[tuple[str, str]], *, class_: str = "pairs") -> Markup:
    """Return names and what stands against them."""
    return element(
        "dl",
        *(
            element("div", element("dt", name), element("dd", text))
            for name, text in entries
            if text
        ),
        class_=class_,
    )


def small(text: str) -> Markup:
    """Return a text that stands back, on a line of its own inside a cell."""
    return element("span", text, class_="small") if text else Markup("")


def stacked(first: str, second: str) -> Markup:
    """Return two lines of one cell, the second standing back."""
    return joined((first, small(second)))


@dataclass(frozen=True)
class Column:
    """One column of a table: its heading, how it is set, its share of the width in percent."""

    title: str
    align: Align = "text"
    width_pct: float | None = None


@dataclass(frozen=True)
class Group:
    """A heading row inside a table."""

    title: str


def table(
    columns: Sequence[Column],
    rows: Iterable[Sequence[str] | Group],
    *,
    total: Sequence[str] | None = None,
    class_: str = "",
) -> Markup:
    """Return a table whose heading is repeated on each page and whose rows are not broken.

    Parameters
    ----------
    columns : sequence of Column
    rows : iterable of rows
        One text per column; the first one is the row's heading. A `Group` is a row across.
    total : row, optional
        Last row, set apart.
    class_ : str
        Further classes.
    """
    head = element(
        "tr",
        *(element("th", column.title, scope="col", class_=_class_of(column)) for column in columns),
    )
    widths = joined(
        element("col", style=f"width:{column.width_pct:g}%" if column.width_pct else None)
        for column in columns
    ).replace("</col>", "")
    body = [
        element(
            "tr",
            element("th", row.title, colspan=len(columns), scope="rowgroup"),
            class_="group",
        )
        if isinstance(row, Group)
        else _row(columns, row)
        for row in rows
    ]
    if total is not None:
        body.append(_row(columns, total, class_="total"))
    looks = [class_]
    if any(column.width_pct for column in columns):
        looks.append("fixed")
    if len(body) <= SHORT_ROWS:
        looks.append("short")
    return element(
        "table",
        element("colgroup", Markup(widths)),
        element("thead", head),
        element("tbody", *body),
        class_=" ".join(filter(None, looks)) or None,
    )


def _row(columns: Sequence[Column], row: Sequence[str], *, class_: str | None = None) -> Markup:
    cells = [
        element("th", text, scope="row", class_=_class_of(column))
        if place == 0
        else element("td", text, class_=_class_of(column))
        for place, (column, text) in enumerate(zip(columns, row, strict=True))
    ]
    return element("tr", *cells, class_=class_)


def _class_of(column: Column) -> str | None:
    return "number" if column.align == "number" else None
