"""Sentences as values: written once in English, rendered in any language of the catalogues.

A `Text` holds the English sentence (the gettext msgid) and its figures. Modules that know no
screen make Texts; the app, the command line and the reports render them. Catalogues are plain
gettext files under ``siteplan/locale``.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

LANGUAGES = ("ko", "en")
_OPTION = re.compile(r"\s*\(--[^()]*(?:\([^()]*\)[^()]*)*\)")
_LOCALE = Path(__file__).parent / "locale"


@runtime_checkable
class Renderable(Protocol):
    """Anything that can be shown in a language: a `Text`, a `Label`, a list of them."""

    def render(self, lang: str) -> str:
        """Return the text in `lang`."""
        ...


@lru_cache(maxsize=len(LANGUAGES) + 1)
def _catalogue(lang: str) -> gettext.NullTranslations:
    return gettext.translation("siteplan", _LOCALE, languages=[lang], fallback=True)


def translate(msgid: str, *, lang: str) -> str:
    """Return `msgid` in `lang`; the English msgid itself where the catalogue has none."""
    return _catalogue(lang).gettext(msgid) if msgid else ""


def N_(msgid: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate yet"
    """Mark a msgid for extraction and return it unchanged."""
    return msgid


def on_screen(said: str) -> str:
    """Return a sentence as a screen or a page shows it: without options of the command line.

    A sentence that both meet says in words what is to be done, and the option in brackets that
    begin with ``--``, such as "Say which coordinate system it is (--crs EPSG:5186)."
    """
    return _OPTION.sub("", said)


@dataclass(frozen=True)
class Label:
    """A name that has a fixed form in each language, such as a use or a zone."""

    ko: str
    en: str

    def render(self, lang: str) -> str:
        """Return the form for `lang` (English for any language but Korean)."""
        return self.ko if lang == "ko" else self.en


_HANGUL = re.compile("[가-힣ㄱ-ㅎㅏ-ㅣ]")
_ENGLISH_WORD = re.compile("[A-Za-z]{3,}")
_LEAST_WORDS = 3


def written(text: str) -> Label:
    """Return what a person wrote; of "한국어 · English" each language has its own part.

    That form has one " · ", Hangul only before it, and at least three English words after it, so
    that a name such as "연구안 · v2" stays whole. Any other text is the same in every language.
    """
    parts = text.split(" · ")
    if len(parts) == 2:
        ko, en = (part.strip() for part in parts)
        english = len(_ENGLISH_WORD.findall(en)) >= _LEAST_WORDS and not _HANGUL.search(en)
        if english and _HANGUL.search(ko):
            return Label(ko, en)
    return Label(text, text)


@dataclass(frozen=True)
class Joined:
    """Several renderables joined, for lists inside a sentence."""

    parts: tuple[Renderable | str, ...]
    separator: str = ", "

    def render(self, lang: str) -> str:
        """Return the parts in `lang`, joined."""
        return self.separator.join(_rendered(part, lang=lang) for part in self.parts)


@dataclass(frozen=True)
class Text:
    """One sentence with its figures.

    Parameters
    ----------
    msgid : str
        English sentence with ``str.format`` fields; the key of the catalogues.
    params : Mapping[str, object]
        Figures for the fields; `Renderable` ones are rendered in the same language.
    """

    msgid: str
    params: Mapping[str, object] = field(default_factory=dict)

    def render(self, lang: str) -> str:
        """Return the sentence in `lang` with its figures filled in."""
        template = translate(self.msgid, lang=lang)
        if not self.params:
            return template
        filled = template.format(
            **{key: _rendered(value, lang=lang) for key, value in self.params.items()}
        )
        return with_particles(filled) if lang == "ko" else filled

    def __str__(self) -> str:
        return self.render("en")


def sentence(msgid: str, /, **params: object) -> Text:
    """Return a `Text`; the name that catalogue extraction looks for."""
    return Text(msgid, params)


_PARTICLES = {
    "을(를)": ("을", "를"),
    "은(는)": ("은", "는"),
    "이(가)": ("이", "가"),
    "과(와)": ("과", "와"),
    "와(과)": ("과", "와"),
    "(으)로": ("으로", "로"),
}
"""Korean particles as the catalogue writes them after a name: after a consonant, after a vowel."""

_EITHER = re.compile("|".join(re.escape(form) for form in _PARTICLES))
_CONSONANT_DIGITS = "013678"
"""Digits whose Korean names end in a consonant (영, 일, 삼, 육, 칠, 팔)."""

_UNITS_WITH_A_VOWEL = ("m²", "㎡", "%", "km", " m")
"""제곱미터, 퍼센트, 킬로미터, 미터."""


def with_particles(said: str) -> str:
    """Return a Korean sentence with the particles that the words before them ask for.

    After names in other scripts, whose Korean reading nobody knows, both forms stay.
    """

    def chosen(found: re.Match[str]) -> str:
        consonant, vowel = _PARTICLES[found[0]]
        before = said[: found.start()].rstrip("’'\"”)〉》」』")
        ends = _ends(before)
        if ends is None:
            return found[0]
        # ㄹ takes 로 as a vowel does.
        as_vowel = ends == "" or (found[0] == "(으)로" and ends == "ㄹ")
        return vowel if as_vowel else consonant

    return _EITHER.sub(chosen, said) if "(" in said else said


def _ends(word: str) -> str | None:
    """Return "ㄹ", "" for a vowel, "c" for any other consonant, None where nobody knows."""
    if word.endswith(_UNITS_WITH_A_VOWEL):
        return ""
    last = word[-1:]
    if "가" <= last <= "힣":
        final = (ord(last) - ord("가")) % 28
        return "" if final == 0 else "ㄹ" if final == 8 else "c"
    if last.isascii() and last.isdigit():
        return "ㄹ" if last in "178" else "c" if last in _CONSONANT_DIGITS else ""
    return None


def _rendered(value: Any, *, lang: str) -> Any:
    return value.render(lang) if isinstance(value, Renderable) else value
