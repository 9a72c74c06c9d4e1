"""Lot numbers (지번) in any spelling: "204-18 구", "산12-3임", "양재동 223-1번지".

A lot number is a main number (본번), maybe a sub number (부번), in the land register or, with 산,
in the forest register; cadastral maps write the land category's letter behind it. A road-name
address ("태봉로 108"), a range or a list of lots is no lot number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siteplan.cadastre._bare_lots import bare_lots
from siteplan.cadastre.jimok import JIMOKS, LETTERS, jimok_of

if TYPE_CHECKING:
    import numpy.typing as npt

    Bools = npt.NDArray[np.bool_]
    Ints = npt.NDArray[np.int64]

_NAMES = "|".join(sorted((j.label.ko for j in JIMOKS if len(j.label.ko) > 1), key=len)[::-1])
_JIMOK = rf"(?:{_NAMES}|대지|[{LETTERS}])"
_PLACE = r"[^,\n]*[가-힣][0-9]?(?:동|리|가|읍|면)"
# The spelling to which all others are brought, a letter behind it: one line each.
_CANONICAL = re.compile(
    rf"^((?:({_PLACE}) )?(산 )?([1-9][0-9]{{0,3}})(?:-([1-9][0-9]{{0,3}}))?)"
    rf"(?: ?([{LETTERS}]))?$|^.*$",
    re.MULTILINE,
)
# Any other spelling, after `_cleaned`.
_ANY = re.compile(
    rf"^[ '\"`]*(?:({_PLACE}) ?)?(?:(\(산\)|[산山]) ?)?"
    r"0*([1-9][0-9]{0,3}) ?(?:번지|번)?"
    r"(?: ?[-의] ?0*([0-9]{1,4})(?: ?호)?|(?<=번지) ?0*([1-9][0-9]{0,3}) ?호)?"
    rf"(?: ?번지)?(?: ?,? ?({_JIMOK})| ?\( ?({_JIMOK}) ?\))?[ '\"`]*$|^.*$",
    re.MULTILINE,
)
_SPACES = re.compile(r"[^\S\n]+")
_LONGEST = 200
_DASHES = re.compile("[\u2010-\u2015\u2212\u2500\u3161\u30fc]")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff]")
_DATE = re.compile(
    r"(?:19|20)[0-9]{2}[-./년]\s*[0-9]{1,2}[-./월]\s*[0-9]{1,2}일?(?:[T\s].*)?"
    r"|[0-9]{1,2}월\s*[0-9]{1,2}일"
    r"|[0-9]{1,2}[- ](?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?:[- ][0-9]{2,4})?"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[- ][0-9]{1,4}",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class LotNumber:
    """One lot number.

    Parameters
    ----------
    mountain : bool
        Whether it stands in the forest register (산).
    main, sub : int
        본번, 1 to 9999, and 부번, 0 for none.
    jimok : str or None
        Letter of the land category where the text carried one.
    place : str or None
        What stood before it, e.g. "서초구 양재동".
    """

    mountain: bool
    main: int
    sub: int = 0
    jimok: str | None = None
    place: str | None = None

    @property
    def text(self) -> str:
        """The number alone: "223", "223-1", "산 12-3"."""
        sub = f"-{self.sub}" if self.sub else ""
        return f"{'산 ' if self.mountain else ''}{self.main}{sub}"

    @property
    def address(self) -> str:
        """The number behind its place: "양재동 223-1"."""
        return f"{self.place} {self.text}" if self.place else self.text

    @classmethod
    def from_parts(
        cls, main: object, sub: object = "", *, mountain: bool = False
    ) -> LotNumber | None:
        """Return the lot of a pair as registers write it, ("0223", "0000"); None if it is none."""
        parts = [str(part if part is not None else "").strip() or "0" for part in (main, sub)]
        if not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
            return None
        return cls(mountain, int(parts[0]), int(parts[1])) if int(parts[0]) else None


def lot_number(text: str) -> LotNumber | None:
    """Return the lot number that a text spells, None where it spells none."""
    return _others([text])[0]


def _others(texts: Sequence[str]) -> list[LotNumber | None]:
    """Return the lot numbers that texts in any spelling hold, None for other texts."""
    if not texts:
        return []
    lines = [text if len(text) <= _LONGEST else "" for text in texts]
    lines = [" ".join(text.split()) if "\n" in text else text for text in lines]
    found = _ANY.findall(_cleaned("\n".join(lines)))
    return [_lot(groups) if groups[2] else None for groups in found]


def _cleaned(text: str) -> str:
    """Return text with plain digits, hyphens and single spaces, and nothing invisible."""
    plain = unicodedata.normalize("NFKC", _DASHES.sub("-", _INVISIBLE.sub("", text)))
    return _SPACES.sub(" ", plain)


def _lot(groups: tuple[str, ...]) -> LotNumber:
    place, san, main, sub, ho, behind, in_brackets = groups
    jimok = jimok_of(behind or in_brackets)
    return LotNumber(
        mountain=bool(san),
        main=int(main),
        sub=int(sub or ho or 0),
        jimok=jimok.letter if jimok else None,
        place=place or None,
    )


def became_date(text: str) -> bool:
    """Tell whether a text is a date, as spreadsheets make them of lot numbers such as 12-3."""
    return _DATE.fullmatch(text.strip()) is not None


@dataclass(frozen=True, eq=False)
class LotNumbers:
    """A column of lot numbers.

    Parameters
    ----------
    texts : tuple of (str or None)
        "양재동 223-1" with the place that was given; what stood there where it is no lot number.
    main, sub : ndarray of int64, shape (n,)
        본번, 0 where the text is no lot number, and 부번, 0 for none.
    mountain : ndarray of bool, shape (n,)
    jimoks : tuple of (str or None)
        Letter of the land category behind the number.
    places : tuple of (str or None)
    """

    texts: tuple[str | None, ...]
    main: Ints
    sub: Ints
    mountain: Bools
    jimoks: tuple[str | None, ...]
    places: tuple[str | None, ...]

    @property
    def readable(self) -> Bools:
        """Rows that hold a lot number, shape (n,)."""
        return self.main > 0


def lot_numbers(texts: Sequence[str | None]) -> LotNumbers:
    """Read a column of lot numbers, the usual forms as arrays.

    Parameters
    ----------
    texts : sequence of (str or None)
        n texts in any spelling.
    """
    given = [text or "" for text in texts]
    bare = bare_lots(given)
    shown: list[str | None] = [text or None for text in bare.texts]
    main, sub, jimoks = bare.main, bare.sub, list(bare.letters)
    mountain = np.zeros(len(given), dtype=bool)
    places: list[str | None] = [None] * len(given)
    odd = [row for row in np.flatnonzero(main == 0).tolist() if given[row]]
    found = _with_place([given[row] for row in odd])
    main[odd] = [int(groups[3] or 0) for groups in found]
    sub[odd] = [int(groups[4] or 0) for groups in found]
    mountain[odd] = [bool(groups[2]) for groups in found]
    unread = []
    for row, (text, place, _, number, _, letter) in zip(odd, found, strict=True):
        if number:
            shown[row], places[row], jimoks[row] = text, place or None, letter or None
        else:
            unread.append(row)
    for row, lot in zip(unread, _others([given[row] for row in unread]), strict=True):
        shown[row] = given[row] if lot is None else lot.address
        if lot is not None:
            main[row], sub[row], mountain[row] = lot.main, lot.sub, lot.mountain
            jimoks[row], places[row] = lot.jimok, lot.place
    return LotNumbers(
        texts=tuple(shown),
        main=main,
        sub=sub,
        mountain=mountain,
        jimoks=tuple(jimoks),
        places=tuple(places),
    )


def _with_place(texts: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the groups of `_CANONICAL` for each text, empty where it is spelled otherwise."""
    if not texts:
        return []
    lines = "\n".join(texts)
    if lines.count("\n") > len(texts) - 1:
        lines = "\n".join(" ".join(text.split()) for text in texts)
    return _CANONICAL.findall(lines)
