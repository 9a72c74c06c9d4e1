"""A planner's own rule file, read from disk."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from siteplan.errors import InputError
from siteplan.rules import RuleSet, rules_from
from siteplan.text import sentence

if TYPE_CHECKING:
    import os


def read_rules(path: str | os.PathLike[str]) -> RuleSet:
    """Read a rule file in the form of ``data/rules/*.toml``.

    Raises
    ------
    InputError
        The file is missing, is no TOML, or breaks a rule for rule files; the sentence names
        file, table and key.
    """
    place = Path(path)
    try:
        text = place.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise InputError(
            sentence("There is no file {path}. Check the spelling and the folder.", path=str(place))
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            sentence("{name} cannot be read as text. Choose a rule file (.toml).", name=place.name)
        ) from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        raise InputError(
            sentence(
                "{name} is not valid TOML ({reason}). Repair the line.",
                name=place.name,
                reason=str(broken),
            )
        ) from broken
    return rules_from(table, place=place.name)
