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
        return template.format(
            **{key: _rendered(value, lang=lang) for key, value in self.params.items()}
        )

    def __str__(self) -> str:
        return self.render("en")


def sentence(msgid: str, /, **params: object) -> Text:
    """Return a `Text`; the name that catalogue extraction looks for."""
    return Text(msgid, params)


def _rendered(value: Any, *, lang: str) -> Any:
    return value.render(lang) if isinstance(value, Renderable) else value
