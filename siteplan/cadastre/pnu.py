"""PNU: the 19-digit number of a parcel, one and whole columns of them.

10 digits legal dong (법정동코드) + 1 digit register (1 land, 2 forest: 산) + 4 digits main number
(본번) + 4 digits sub number (부번). The building register and the road-name addresses write 0 and
1 for that one digit. A float keeps 15 to 17 of the 19 digits, so a PNU that went through a
spreadsheet's number cell is not the PNU of its parcel any more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from siteplan.cadastre._spelling import Spelling, spelled, text_of
from siteplan.errors import InputError
from siteplan.issues import Issue
from siteplan.text import Text, sentence

if TYPE_CHECKING:
    import numpy.typing as npt

    Bools = npt.NDArray[np.bool_]
    Digits = npt.NDArray[np.uint32]
    Ints = npt.NDArray[np.int64]
    Numbers = npt.NDArray[np.uint64]

_CERTAIN_BITS = 20.0
"""A pattern that honest numbers show once in 2^20 (a million) columns counts as proof."""

PREVAILING_SHARE = 0.9
"""From this share of 1s and 2s on, a column is the land register's, and its 0s are slips."""

LEAST_CUT = 3
"""From this many PNUs on, a column may show that all sub numbers were cut off."""

_POWERS = 10 ** np.arange(18, -1, -1, dtype=np.uint64)


class PnuStatus(IntEnum):
    """What became of one value."""

    OK = 0
    """A PNU."""
    MISSING = 1
    MALFORMED = 2
    """Not 19 digits, or a main number of zero."""
    FLOAT_DAMAGED = 3
    """It went through a float; its last digits are lost."""
    OTHER_FAMILY = 4
    """Eleventh digit 0 or 1 as in the building register; brought to 1 or 2."""
    MIXED_FAMILY = 5
    """The column mixes both families; which lot is meant cannot be told."""
    UNUSUAL_KIND = 6
    """Eleventh digit 3 to 9, neither the land nor the forest register."""
    ODD_FAMILY = 7
    """Eleventh digit 0 in a column that is the land register's otherwise."""


@dataclass(frozen=True)
class Pnu:
    """One parcel number.

    Parameters
    ----------
    dong_code : str
        Ten digits of the legal dong.
    mountain : bool
        Whether it stands in the forest register (산).
    main_number, sub_number : int
        본번, 1 to 9999, and 부번, 0 to 9999.

    Raises
    ------
    InputError
        A part is out of its range.
    """

    dong_code: str
    mountain: bool
    main_number: int
    sub_number: int

    def __post_init__(self) -> None:
        code = self.dong_code
        sound = len(code) == 10 and code.isascii() and code.isdigit()
        if not (sound and 1 <= self.main_number <= 9999 and 0 <= self.sub_number <= 9999):
            raise InputError(_no_pnu(f"{code} {self.main_number}-{self.sub_number}"))

    @classmethod
    def from_text(cls, text: str) -> Pnu:
        """Return the PNU that a text spells, digits in one run or in parts.

        Raises
        ------
        InputError
            It is none, its digits are lost, or the eleventh is not 1 or 2.
        """
        found = checked_pnus([text])
        plain = found.texts[0]
        if plain is None or found.status[0] != PnuStatus.OK:
            raise InputError(_no_pnu(text))
        return cls(plain[:10], plain[10] == "2", int(plain[11:15]), int(plain[15:]))

    @property
    def text(self) -> str:
        """The 19 digits."""
        register = 2 if self.mountain else 1
        return f"{self.dong_code}{register}{self.main_number:04d}{self.sub_number:04d}"

    @property
    def jibun(self) -> str:
        """The lot number, e.g. "223", "223-1" or "산 12-3"."""
        sub = f"-{self.sub_number}" if self.sub_number else ""
        return f"{'산 ' if self.mountain else ''}{self.main_number}{sub}"


def is_pnu(text: str) -> bool:
    """Tell whether `text` has the form of a PNU: 19 digits, the eleventh 1 (land) or 2 (산)."""
    return len(text) == 19 and text.isascii() and text.isdigit() and text[10] in "12"


def sub_numbers_cut(pnus: Sequence[str]) -> bool:
    """Tell whether a column looks as if a spreadsheet had kept 15 of its 19 digits.

    Then all sub numbers are 0, and lots that differed by them alone share one PNU. Hand in one
    PNU for each thing that must have its own (a shape, a row of a list that differs from others):
    an honest column of main lots repeats none of these.

    Parameters
    ----------
    pnus : sequence of str
        19 digits each; at least `LEAST_CUT` of them prove something.
    """
    cut = len(pnus) >= LEAST_CUT and all(pnu.endswith("0000") for pnu in pnus)
    return cut and len(set(pnus)) < len(pnus)


@dataclass(frozen=True, eq=False)
class PnuCheck:
    """A column of PNUs, checked.

    Parameters
    ----------
    texts : tuple of (str or None)
        19 digits per row in the ordinary family; None where there is no usable PNU.
    status : ndarray of int8, shape (n,)
        A `PnuStatus` per row.
    rewritten : ndarray of bool, shape (n,)
        Usable rows that were spelled in another way, e.g. in parts.
    mountain : ndarray of bool, shape (n,)
        Whether the forest register (산) is meant.
    main_number, sub_number : ndarray of int64, shape (n,)
        본번 and 부번; main number 0 where the row has no usable PNU.
    given : tuple of str
        The values as text, "" where missing.
    evidence : Text or None
        What shows that digits were lost, where whole columns show it.
    """

    texts: tuple[str | None, ...]
    status: npt.NDArray[np.int8]
    rewritten: Bools
    mountain: Bools
    main_number: Ints
    sub_number: Ints
    given: tuple[str, ...]
    evidence: Text | None = None

    @property
    def usable(self) -> Bools:
        """Rows with a PNU to work with, shape (n,)."""
        return np.isin(self.status, (PnuStatus.OK, PnuStatus.OTHER_FAMILY))

    def issues(self, ids: Sequence[str]) -> list[Issue]:
        """Return one finding for each kind of trouble, with the parcels that it touches."""
        found = []
        for status, code in _CODES.items():
            rows = np.flatnonzero(self.status == status)
            if len(rows):
                example = self.given[rows[0]]
                details: dict[str, object] = {"example": example}
                if status == PnuStatus.OTHER_FAMILY:
                    details["read"] = self.texts[rows[0]]
                if status == PnuStatus.FLOAT_DAMAGED:
                    details["evidence"] = self.evidence or sentence(
                        "They are written as rounded numbers."
                    )
                found.append(Issue(code, tuple([ids[row] for row in rows.tolist()]), details))
        rows = np.flatnonzero(self.rewritten)
        if len(rows):
            details = {
                "count": len(rows),
                "example": self.given[rows[0]],
                "read": self.texts[rows[0]],
            }
            found.append(Issue("pnu_rewritten", (), details))
        return found


_CODES = {
    PnuStatus.MALFORMED: "pnu_invalid",
    PnuStatus.FLOAT_DAMAGED: "pnu_float_damaged",
    PnuStatus.MIXED_FAMILY: "pnu_family_mixed",
    PnuStatus.ODD_FAMILY: "pnu_family_odd",
    PnuStatus.UNUSUAL_KIND: "pnu_kind_unusual",
    PnuStatus.OTHER_FAMILY: "pnu_other_family",
    PnuStatus.MISSING: "pnu_missing",
}


def checked_pnus(values: Sequence[object]) -> PnuCheck:
    """Check a column of PNUs as a whole.

    Values may be texts, whole numbers or floats. Floats, and texts that show less than 19
    digits of such a number, have lost digits and are refused. The column as a whole can prove
    more: see `_float_evidence`. The family of the eleventh digit is told from the column:

    * only 1 and 2, or only 1: the ordinary family;
    * 0 among at least `PREVAILING_SHARE` of 1s and 2s: the ordinary family, only the 0s refused;
    * more 0s, beside 1: the building register's, 0 → 1, 1 → 2;
    * more 0s, beside 2: cannot be told, so all these rows are refused.

    Parameters
    ----------
    values : sequence of object
        n values; None, not-a-number and empty texts are missing.
    """
    given = [value if type(value) is str else text_of(value) for value in values]
    texts = list(given)
    digits, plain = _digits(texts)
    status = np.zeros(len(texts), dtype=np.int8)
    decimals = np.zeros(len(texts), dtype=bool)
    odd = np.flatnonzero(~plain)
    if len(odd):
        rows = odd.tolist()
        known = {text: _settled(text) for text in {texts[row] for row in rows}}
        found = [known[texts[row]] for row in rows]
        for row, (text, _, _) in zip(rows, found, strict=True):
            texts[row] = text
        status[odd] = [state for _, state, _ in found]
        decimals[odd] = [decimal for _, _, decimal in found]
        digits[odd], _ = _digits([text for text, _, _ in found])
    rewritten = ~plain & (status == PnuStatus.OK)
    evidence = _mark_floats(status, digits=digits, decimals=decimals)
    status[(status == PnuStatus.OK) & ~digits[:, 11:15].any(axis=1)] = PnuStatus.MALFORMED
    register = _mark_families(status, digits=digits)
    usable = np.isin(status, (PnuStatus.OK, PnuStatus.OTHER_FAMILY))
    for row in np.flatnonzero(status == PnuStatus.OTHER_FAMILY).tolist():
        texts[row] = f"{texts[row][:10]}{register[row]}{texts[row][11:]}"
    numbers = np.where(usable[:, np.newaxis], digits[:, 11:19], 0).astype(np.int64)
    thousands = np.array([1000, 100, 10, 1])
    return PnuCheck(
        texts=tuple(texts) if usable.all() else _kept(texts, usable=usable),
        status=status,
        rewritten=rewritten & usable,
        mountain=usable & (register == 2),
        main_number=numbers[:, :4] @ thousands,
        sub_number=numbers[:, 4:] @ thousands,
        given=tuple(given),
        evidence=evidence,
    )


def _settled(text: str) -> tuple[str, int, bool]:
    """Return a value that is not 19 digits: as 19 digits, its status, if it had a decimal point."""
    kind, plain = spelled(text)
    return plain, int(_SPELLED[kind]), kind == Spelling.DECIMAL


_SPELLED = {
    Spelling.PLAIN: PnuStatus.OK,
    Spelling.DECIMAL: PnuStatus.OK,
    Spelling.MISSING: PnuStatus.MISSING,
    Spelling.ROUNDED: PnuStatus.FLOAT_DAMAGED,
    Spelling.OTHER: PnuStatus.MALFORMED,
}


def _kept(texts: Sequence[str], *, usable: Bools) -> tuple[str | None, ...]:
    pairs = zip(texts, usable.tolist(), strict=True)
    return tuple([text if keep else None for text, keep in pairs])


def _digits(texts: Sequence[str]) -> tuple[Digits, Bools]:
    """Return the first 19 characters as digits (n, 19), 0 in rows that are not 19 digits."""
    codes = np.array(texts, dtype="U20").view(np.uint32).reshape(len(texts), 20)
    digits = codes[:, :19] - np.uint32(ord("0"))
    plain: Bools = (digits <= 9).all(axis=1) & (codes[:, 19] == 0)
    digits[~plain] = 0
    return digits, plain


def _mark_floats(status: npt.NDArray[np.int8], *, digits: Digits, decimals: Bools) -> Text | None:
    """Mark the rows whose digits went through a float; return what shows it."""
    sound = status == PnuStatus.OK
    numbers: Numbers = digits.astype(np.uint64) @ _POWERS
    if decimals.any():
        # One value with a decimal point that no float can be shows that the column was never
        # one; else each may be a float's expansion, and nothing vouches for its last digits.
        if all(map(_may_be_float, numbers[decimals].tolist())):
            status[decimals] = PnuStatus.FLOAT_DAMAGED
        sound &= ~decimals
    evidence = _float_evidence(numbers[sound])
    if evidence is not None:
        status[sound] = PnuStatus.FLOAT_DAMAGED
    return evidence


def _may_be_float(number: int) -> bool:
    """Tell whether a float of this size prints as `number`, in full or with zeros at the end."""
    return int(float(number)) == number or number % 100 == 0


def _float_evidence(numbers: Numbers) -> Text | None:
    """Return what proves that a column of whole numbers was one of floats, None without proof.

    Two kinds of print show it. In full, a float of this size is a multiple of 128, 256, 512 or
    1024. Printed shortly and filled up, it ends in two zeros, also where the sub number is not
    zero. How likely honest numbers are to do so, each distinct one by itself, is multiplied up
    (in bits): a number with sub number 0 is a multiple of 16 anyway.
    """
    if not len(numbers):
        return None
    in_full = bool((numbers.astype(np.float64).astype(np.uint64) == numbers).all())
    if not in_full and (numbers % np.uint64(100)).any():
        return None
    distinct = np.unique(numbers)
    with_sub = distinct % np.uint64(10_000) != 0
    if in_full:
        spacing = np.spacing(distinct.astype(np.float64))
        bits = float(np.where(with_sub, np.log2(spacing), np.log2(spacing) - 4).sum())
        if bits >= _CERTAIN_BITS:
            step = f"{spacing.min():.0f}"
            return sentence("All of them are multiples of {step}, as rounded ones are.", step=step)
    elif int(with_sub.sum()) * math.log2(100) >= _CERTAIN_BITS - 1:
        return sentence("All of them end in two zeros, as rounded ones do.")
    return None


def _mark_families(status: npt.NDArray[np.int8], *, digits: Digits) -> npt.NDArray[np.uint32]:
    """Settle the eleventh digit of sound rows by the column; return it in the ordinary family."""
    register = digits[:, 10].copy()
    sound = status == PnuStatus.OK
    status[sound & (register > 2)] = PnuStatus.UNUSUAL_KIND
    sound &= register <= 2
    zeros, ones, twos = (int((sound & (register == digit)).sum()) for digit in (0, 1, 2))
    if not zeros:
        return register
    # So few 0s are slips: no building register has nearly all its lots on 산, which 1 means there.
    if ones + twos >= PREVAILING_SHARE * (zeros + ones + twos):
        status[sound & (register == 0)] = PnuStatus.ODD_FAMILY
    elif twos:
        status[sound] = PnuStatus.MIXED_FAMILY
    else:
        status[sound] = PnuStatus.OTHER_FAMILY
        register[sound] += 1
    return register


def _no_pnu(text: object) -> Text:
    return sentence(
        "{text} is no PNU. Write 19 digits: ten of the legal dong, 1 (or 2 for 산), four of the "
        "main number and four of the sub number.",
        text=str(text) or '""',
    )
