"""Sentences in both languages at once; the page's style sheet shows the one that is chosen.

So the words stand in the file even where no script runs, as in the preview of a mail.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

from siteplan.text import LANGUAGES, Renderable, Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from siteplan.evaluation import Plan
    from siteplan.uncertainty import Uncertainty


@dataclass(frozen=True, eq=False)
class Shown:
    """One scenario of the document: its name, its plan, and how far its figures can be trusted."""

    name: Renderable
    plan: Plan
    uncertainty: Uncertainty


def both(text: Renderable | str) -> str:
    """Return a text, or a key of the catalogues, as escaped HTML in each language."""
    said = Text(text) if isinstance(text, str) else text
    return both_by(said.render)


def both_by(words: Callable[[str], str]) -> str:
    """Return what a function says in each language, as escaped HTML; once where it is the same."""
    said = {lang: html.escape(words(lang)) for lang in LANGUAGES}
    if len(set(said.values())) == 1:
        return next(iter(said.values()))
    return "".join(
        f'<span class="in-{lang}" lang="{lang}">{words}</span>' for lang, words in said.items()
    )


def datum(value: float, words: str) -> str:
    """Return a number for people (HTML made here) that still holds its exact value."""
    exact = f"{value:d}" if isinstance(value, int) else repr(float(value))
    return f'<data value="{exact}">{words}</data>'


def per_scenario(shown: tuple[Shown, ...], content: Callable[[int], str], *, tag: str) -> str:
    """Return one element for each scenario; the page shows that of the chosen one."""
    return "".join(
        f'<{tag} class="of-scenario" data-scenario="{row}"{" hidden" if row else ""}>'
        f"{content(row)}</{tag}>"
        for row in range(len(shown))
    )
