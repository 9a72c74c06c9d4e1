"""How people and programs spell a PNU other than in 19 plain digits."""

from __future__ import annotations

import math
import re
import unicodedata
from enum import Enum
from numbers import Integral, Real

_MISSING = frozenset({"", "-", "nan", "none", "null", "<na>", "nat"})
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff]")
_QUOTES = " \t\r\n='\"`"
_DASHES = re.compile("[\u2010-\u2015\u2212\u2500\u3161\u30fc]")
_RUN = re.compile(r"[0-9]{19}")
_DECIMAL = re.compile(r"([0-9]{19})[.,]0*")
_SCIENTIFIC = re.compile(r"\+?([0-9])(?:[.,]([0-9]*))?[eE]\+?0*18")
_SEPARATED = re.compile(r"[0-9]+(?:[-_./,:|·\s]+[0-9]+)+")
_DIGITS = re.compile(r"[0-9]+")


class Spelling(Enum):
    """How a value is spelled."""

    PLAIN = "19 digits, maybe in parts"
    DECIMAL = "19 digits and a decimal point"
    ROUNDED = "a number with fewer than 19 digits shown"
    MISSING = "nothing"
    OTHER = "no PNU"


def text_of(value: object) -> str:
    """Return a value that is no text as one; "" where it is missing."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, Real) and not isinstance(value, Integral):
        number = float(value)
        return "" if math.isnan(number) else repr(number)
    return str(value)


def spelled(text: str) -> tuple[Spelling, str]:
    """Return how a value is spelled, and its 19 digits where it shows them, else the text."""
    plain = _DASHES.sub("-", _INVISIBLE.sub("", text))
    plain = unicodedata.normalize("NFKC", plain).strip(_QUOTES)
    if plain.casefold() in _MISSING:
        return Spelling.MISSING, text
    if _RUN.fullmatch(plain):
        return Spelling.PLAIN, plain
    if found := _DECIMAL.fullmatch(plain):
        return Spelling.DECIMAL, found[1]
    if found := _SCIENTIFIC.fullmatch(plain):
        digits = found[1] + (found[2] or "")
        if len(digits.rstrip("0")) <= 19 <= len(digits):
            return Spelling.DECIMAL, digits[:19]
        return Spelling.ROUNDED, text
    joined = _joined(plain)
    return (Spelling.PLAIN, joined) if joined else (Spelling.OTHER, text)


def _joined(plain: str) -> str | None:
    """Return 19 digits from parts: those of a dong, the register, main and sub number."""
    if not _SEPARATED.fullmatch(plain):
        return None
    parts = _DIGITS.findall(plain)
    if len(parts) > 3:
        *dong, register, main, sub = parts
        if len("".join(dong)) == 10 and len(register) == 1:
            fits = len(main) <= 4 and len(sub) <= 4
            return f"{''.join(dong)}{register}{main:0>4}{sub:0>4}" if fits else None
    run = "".join(parts)
    return run if len(run) == 19 else None
