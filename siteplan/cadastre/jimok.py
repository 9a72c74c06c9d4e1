"""Land categories (지목): the 28 kinds of the land register, their codes and letters.

Sources: the list of 28 names was read in the law (공간정보관리법 시행령); the codes 01 to 28
follow its order. The letters follow the rule "first letter, except 공장용지 장, 주차장 차, 하천 천,
유원지 원", which is from memory, not verified (`LETTERS_VERIFIED`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from siteplan.text import Label

LETTERS_VERIFIED = False
"""Whether the register letters were read in a source: they are from memory."""


@dataclass(frozen=True)
class Jimok:
    """One land category.

    Parameters
    ----------
    code : str
        "01" to "28", the order of the law.
    letter : str
        What stands behind a lot number on cadastral maps, e.g. "대" in "223-1대".
    label : Label
        Name; the English one is a translation.
    """

    code: str
    letter: str
    label: Label


_NAMES = (
    ("전", "전", "Dry field"),
    ("답", "답", "Paddy field"),
    ("과", "과수원", "Orchard"),
    ("목", "목장용지", "Pasture"),
    ("임", "임야", "Forest"),
    ("광", "광천지", "Mineral spring"),
    ("염", "염전", "Salt field"),
    ("대", "대", "Building site"),
    ("장", "공장용지", "Factory site"),
    ("학", "학교용지", "School site"),
    ("차", "주차장", "Car park"),
    ("주", "주유소용지", "Filling station"),
    ("창", "창고용지", "Warehouse site"),
    ("도", "도로", "Road"),
    ("철", "철도용지", "Railway"),
    ("제", "제방", "Embankment"),
    ("천", "하천", "River"),
    ("구", "구거", "Ditch"),
    ("유", "유지", "Reservoir"),
    ("양", "양어장", "Fish farm"),
    ("수", "수도용지", "Waterworks"),
    ("공", "공원", "Park"),
    ("체", "체육용지", "Sports ground"),
    ("원", "유원지", "Recreation ground"),
    ("종", "종교용지", "Religious site"),
    ("사", "사적지", "Historic site"),
    ("묘", "묘지", "Burial ground"),
    ("잡", "잡종지", "Miscellaneous land"),
)

JIMOKS: tuple[Jimok, ...] = tuple(
    Jimok(f"{number:02d}", letter, Label(ko, en))
    for number, (letter, ko, en) in enumerate(_NAMES, start=1)
)
"""All categories in the order of their codes."""

LETTERS = "".join(jimok.letter for jimok in JIMOKS)

_BY_TEXT: dict[str, Jimok] = {
    **{str(int(jimok.code)): jimok for jimok in JIMOKS},
    **{jimok.code: jimok for jimok in JIMOKS},
    **{jimok.label.ko: jimok for jimok in JIMOKS},
    **{jimok.letter: jimok for jimok in JIMOKS},
    "대지": JIMOKS[7],  # what people write for 대
}


def jimok_of(text: object) -> Jimok | None:
    """Return the land category that `text` names, None where it names none.

    Parameters
    ----------
    text : str or number
        A letter ("장"), a name ("공장용지", spaces allowed), or a code ("08", 8, 8.0).
    """
    if isinstance(text, str):
        plain = "".join(text.split())
        return _BY_TEXT.get(plain) or _BY_TEXT.get(plain.removesuffix(".0"))
    if isinstance(text, int | float) and not isinstance(text, bool) and text == text // 1:
        return _BY_TEXT.get(str(int(text)))
    return None


def jimok_letters(texts: Sequence[object]) -> tuple[str | None, ...]:
    """Return the register letter of each value, None where it names no category."""
    known: dict[object, str | None] = {}
    for text in set(texts):
        jimok = jimok_of(text)
        known[text] = jimok.letter if jimok else None
    return tuple([known[text] for text in texts])
