"""The four uses of the programme, in their fixed order.

Seoul names them for the AI Tech City: research institutes, graduate schools, housing, culture
(press of 2025-02-11, read; no published split by use exists).
"""

from __future__ import annotations

from dataclasses import dataclass

from siteplan.text import Label


@dataclass(frozen=True)
class Use:
    """One use: its key in files and its names."""

    key: str
    label: Label


RESEARCH = Use("research", Label("연구", "Research"))
CAMPUS = Use("campus", Label("캠퍼스", "Campus"))
HOUSING = Use("housing", Label("주거", "Housing"))
CULTURE = Use("culture", Label("문화", "Culture"))

ALL_USES: tuple[Use, ...] = (RESEARCH, CAMPUS, HOUSING, CULTURE)
USES: tuple[str, ...] = tuple(use.key for use in ALL_USES)
"""Keys in their fixed order: the column order of every ``(n, k)`` array."""

DEFAULT_STACK: tuple[str, ...] = ("culture", "campus", "research", "housing")
"""Uses from the ground up: visitors' uses low, homes high. siteplan's assumption, changeable."""

_INDEX = {key: index for index, key in enumerate(USES)}


def use_index(key: str) -> int:
    """Return the column of a use; KeyError names the uses that exist."""
    if key not in _INDEX:
        raise KeyError(f"unknown use {key!r}; the uses are {', '.join(USES)}")
    return _INDEX[key]


def use_label(key: str) -> Label:
    """Return the names of a use."""
    return ALL_USES[use_index(key)].label
