"""Raw text columns of old files decoded all at once, each distinct value once.

A column that was read as `RAW` carries the file's bytes letter for letter. Its values are joined
with line feeds, which no fixed-width field of a DBF holds, and go through the codec in one piece;
only where that fails are they taken one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteplan.io.encoding import RAW, decoded

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

_SEPARATOR = "\n"


def plain_ascii(values: Sequence[object]) -> bool:
    """Tell whether all texts among the values are ASCII, so that no codec changes them."""
    try:
        return _SEPARATOR.join(values).isascii()  # type: ignore[arg-type]
    except TypeError:
        return all(not isinstance(text, str) or text.isascii() for text in values)


def samples(columns: Iterable[Sequence[object]]) -> list[bytes]:
    """Return the distinct values that are not ASCII, as bytes: all that decides an encoding.

    Parameters
    ----------
    columns : iterable of sequences
        Values read as `RAW`; what is no text is passed over.
    """
    found: set[str] = set()
    for values in columns:
        if not plain_ascii(values):
            found.update(
                text for text in set(values) if isinstance(text, str) and not text.isascii()
            )
    return sorted(text.encode(RAW) for text in found)


def decoded_column(
    values: Sequence[object], *, encoding: str
) -> tuple[npt.NDArray[np.object_], int]:
    """Return a column read as `RAW` in its real encoding, None for what is no text.

    Parameters
    ----------
    values : sequence
        n values: text, or something else where there is none.
    encoding : str

    Returns
    -------
    column : ndarray of (str or None), shape (n,)
    lost : int
        Values of which letters were lost, as `siteplan.io.encoding.decoded` counts them.
    """
    column = np.empty(len(values), dtype=object)
    texts = _at_once(values, encoding=encoding)
    if texts is not None:
        column[:] = texts
        return column, 0
    known: dict[object, tuple[str | None, bool]] = {}
    for text in set(values):
        if isinstance(text, str):
            known[text] = decoded(text.encode(RAW), encoding=encoding)
    nothing = (None, False)
    read = [known.get(text, nothing) for text in values]
    column[:] = [text for text, _ in read]
    return column, sum(damaged for _, damaged in read)


def _at_once(values: Sequence[object], *, encoding: str) -> list[str] | None:
    """Return all values decoded, None where not all are text or not all can be read."""
    try:
        joined = _SEPARATOR.join(values)  # type: ignore[arg-type]
        if not values or joined.count(_SEPARATOR) != len(values) - 1:
            return None
        if joined.isascii() and keeps_ascii(encoding):
            return list(values)  # type: ignore[arg-type]
        texts = joined.encode(RAW).decode(encoding).split(_SEPARATOR)
    except (TypeError, UnicodeError):
        return None
    return texts if len(texts) == len(values) else None


_KEEPS_ASCII = ("utf-8", "utf_8", "cp949", "euc", "iso8859", "iso-8859", "latin", "ascii", "cp125")
"""Codecs in which ASCII stands for itself."""


def keeps_ascii(encoding: str) -> bool:
    """Tell whether ASCII stands for itself in an encoding."""
    return encoding.casefold().startswith(_KEEPS_ASCII)
