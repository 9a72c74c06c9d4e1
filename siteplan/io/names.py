"""Names from outside, made safe to show: in a sentence, a terminal, a page."""

from __future__ import annotations

import re
import unicodedata

MAX_SHOWN = 120
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNSEEN = re.compile(f"[\\x00-\\x1f\\x7f-\\x9f{_BIDI}\u2028\u2029\ufeff\ud800-\udfff]")
CONTROL_LETTERS = f"[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f{_BIDI}]"
"""Pattern of the letters that act, for Python and for Arrow; halves of pairs only Python has."""

_CONTROL = re.compile(f"{CONTROL_LETTERS[:-1]}\ud800-\udfff]")


def shown_name(name: str) -> str:
    """Return a name as it can stand in a sentence.

    Control letters, marks that turn the direction of writing (``gpj.exe`` for ``exe.jpg``) and
    halves of surrogate pairs become U+FFFD; a name over `MAX_SHOWN` letters loses its middle, so
    that its ending stays. Korean that macOS took apart into single letters is put together.
    """
    plain = _UNSEEN.sub(REPLACEMENT, unicodedata.normalize("NFC", name))
    if len(plain) <= MAX_SHOWN:
        return plain
    return f"{plain[: MAX_SHOWN - 21]}…{plain[-20:]}"


def has_control_letters(text: str) -> bool:
    """Tell whether a value holds letters that act on a terminal or on the direction of writing."""
    return _CONTROL.search(text) is not None


def without_control_letters(text: str) -> str:
    """Return a value without such letters; line breaks and tabs stay."""
    return _CONTROL.sub("", text)
