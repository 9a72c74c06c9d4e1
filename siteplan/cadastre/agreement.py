"""Whether the lot number, the PNU and the land category of a parcel say the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import shapely

from siteplan.cadastre.jimok import jimok_letters
from siteplan.cadastre.legal_dongs import dong_name
from siteplan.cadastre.lot_number import LotNumbers, became_date
from siteplan.cadastre.pnu import PnuCheck, sub_numbers_cut
from siteplan.issues import Issue
from siteplan.text import sentence

if TYPE_CHECKING:
    import numpy.typing as npt

    Bools = npt.NDArray[np.bool_]
    Objects = npt.NDArray[np.object_]

LEAST_LOST = 2
"""From this many lost sub numbers on, a column without any sub number counts as cut off."""


def lot_number_issues(
    lots: LotNumbers, *, given: Sequence[str | None], ids: Sequence[str]
) -> list[Issue]:
    """Return what is to be said about the spelling of lot numbers.

    Parameters
    ----------
    lots : LotNumbers
        `given`, read.
    given : sequence of (str or None)
        What stood there, n texts.
    ids : sequence of str
        Parcels, n of them.
    """
    readable = lots.readable.tolist()
    unread = [row for row, text in enumerate(given) if text and not readable[row]]
    dates = {row for row in unread if became_date(given[row] or "")}
    others = [row for row in unread if row not in dates]
    found = []
    for code, rows in (
        ("lot_number_became_date", sorted(dates)),
        ("lot_number_unreadable", others),
    ):
        if rows:
            found.append(Issue(code, tuple([ids[r] for r in rows]), {"example": given[rows[0]]}))
    pairs = zip(given, lots.texts, strict=True)
    changed = [row for row, (before, after) in enumerate(pairs) if before != after]
    if changed:
        example, shown = given[changed[0]], lots.texts[changed[0]]
        details = {"count": len(changed), "example": example, "shown": shown}
        found.append(Issue("lot_number_rewritten", (), details))
    return found


def disagreements(
    pnus: PnuCheck, lots: LotNumbers, *, ids: Sequence[str], shapes: Objects | None = None
) -> tuple[Bools, list[Issue]]:
    """Compare PNUs with lot numbers, row by row.

    A spreadsheet keeps 15 of the 19 digits: all sub numbers become 0. Where lot numbers have sub
    numbers and not one PNU of the column has one, these PNUs are refused. Without lot numbers,
    different shapes that share such a PNU show the same, and the whole column is refused.

    Parameters
    ----------
    pnus : PnuCheck
        n rows.
    lots : LotNumbers
        The same rows.
    ids : sequence of str
        The parcels, n of them.
    shapes : ndarray of object, shape (n,), optional
        Their outlines.

    Returns
    -------
    refused : ndarray of bool, shape (n,)
        Rows whose PNU has lost its sub number.
    issues : list of Issue
    """
    both = pnus.usable & lots.readable
    lot_differs = both & (
        (pnus.mountain != lots.mountain)
        | (pnus.main_number != lots.main)
        | (pnus.sub_number != lots.sub)
    )
    sub_only = (
        lot_differs
        & (pnus.mountain == lots.mountain)
        & (pnus.main_number == lots.main)
        & (pnus.sub_number == 0)
    )
    cut = not pnus.sub_number.any() and int(sub_only.sum()) >= LEAST_LOST
    refused = sub_only if cut else np.zeros_like(sub_only)
    found = []
    if cut:
        rows = np.flatnonzero(refused).tolist()
        evidence = sentence(
            "Their lot numbers have sub numbers, but not one PNU of the column has."
        )
        details: dict[str, object] = {"example": pnus.given[rows[0]], "evidence": evidence}
        found.append(Issue("pnu_float_damaged", tuple([ids[row] for row in rows]), details))
    if not both.any() and shapes is not None and _shapes_share(pnus, shapes=shapes):
        refused = pnus.usable
        rows = np.flatnonzero(refused).tolist()
        evidence = sentence(
            "All of them end in 0000, and different shapes share one of them. Where they are "
            "right, merge the shapes of each lot."
        )
        details = {"example": pnus.given[rows[0]], "evidence": evidence}
        found.append(Issue("pnu_float_damaged", tuple([ids[row] for row in rows]), details))
    differs = (lot_differs & ~refused) | (both & _other_dong(pnus, lots))
    rows = np.flatnonzero(differs).tolist()
    if rows:
        details = {"example": lots.texts[rows[0]], "pnu": pnus.texts[rows[0]]}
        found.append(Issue("lot_number_differs", tuple([ids[row] for row in rows]), details))
    return refused, found


def _shapes_share(pnus: PnuCheck, *, shapes: Objects) -> bool:
    """Tell whether different shapes share PNUs that have all lost their sub numbers."""
    texts = [text for text in pnus.texts if text is not None]
    if not sub_numbers_cut(texts):
        return False
    held = shapely.to_wkb(shapely.normalize(shapes)).tolist()
    pairs = {pair for pair in zip(pnus.texts, held, strict=True) if pair[0] is not None}
    return sub_numbers_cut([text for text, _ in pairs if text])


def _other_dong(pnus: PnuCheck, lots: LotNumbers) -> Bools:
    """Tell which lot numbers name another legal dong than their PNU; only known dongs count."""
    pairs = [
        (place, pnu[:10]) if place and pnu else None
        for place, pnu in zip(lots.places, pnus.texts, strict=True)
    ]
    wrong = {pair: _names_other(*pair) for pair in set(pairs) if pair}
    return np.array([pair is not None and wrong[pair] for pair in pairs], dtype=bool)


def _names_other(place: str, code: str) -> bool:
    label = dong_name(code)
    return label is not None and not place.endswith(label.ko)


def settled_jimoks(
    given: Sequence[str | None], *, lots: LotNumbers, ids: Sequence[str]
) -> tuple[tuple[str | None, ...], list[Issue]]:
    """Return each parcel's land category as its letter, and what is to be said about it.

    The column of land categories comes before the letter behind the lot number. A text that
    names no category is kept as it is.
    """
    if not any(given):
        return lots.jimoks, []
    letters = jimok_letters(given)
    unknown = [row for row, text in enumerate(given) if text and letters[row] is None]
    triples = zip(given, letters, lots.jimoks, strict=True)
    settled = tuple([letter or text or behind for text, letter, behind in triples])
    differs = [
        row
        for row, (letter, behind) in enumerate(zip(letters, lots.jimoks, strict=True))
        if letter and behind and letter != behind
    ]
    found = []
    if unknown:
        details = {"example": given[unknown[0]]}
        found.append(Issue("jimok_unknown", tuple([ids[row] for row in unknown]), details))
    if differs:
        row = differs[0]
        details = {"example": letters[row], "behind": lots.jimoks[row]}
        found.append(Issue("jimok_differs", tuple([ids[r] for r in differs]), details))
    return settled, found
