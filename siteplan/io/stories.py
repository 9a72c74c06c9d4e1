"""Prepared scenarios of the shipped study, for a first look."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from siteplan.io.scenario import default_scenario
from siteplan.programme import DEFAULT_TOTAL_GFA_M2, Programme
from siteplan.shipped import toml
from siteplan.text import Label

if TYPE_CHECKING:
    from siteplan.parcels import Parcels
    from siteplan.scenario import Scenario

SHIPPED_STORIES = ("yangjae", "stories.toml")


@dataclass(frozen=True)
class Story:
    """One prepared scenario.

    Parameters
    ----------
    key : str
    name, told : Label
        What it is called, and what it is about.
    scenario : Scenario
        Without a name: who takes it up names it in their language.
    """

    key: str
    name: Label
    told: Label
    scenario: Scenario

    def named(self, lang: str) -> Scenario:
        """Return the scenario under its name in a language."""
        return replace(self.scenario, name=self.name.render(lang))


def stories(parcels: Parcels) -> tuple[Story, ...]:
    """Return the prepared scenarios; none for parcels that they were not made for.

    Parameters
    ----------
    parcels : Parcels

    Returns
    -------
    tuple of Story
        Each is the starting scenario with another split of the announced 270,000 m².
    """
    start = default_scenario(parcels)
    if not start.decisions:
        return ()
    return tuple(
        Story(
            key,
            Label(entry["name_ko"], entry["name_en"]),
            Label(entry["told_ko"], entry["told_en"]),
            replace(
                start,
                name="",
                programme=Programme.from_shares(DEFAULT_TOTAL_GFA_M2, entry["share_pct"]),
            ),
        )
        for key, entry in _told().items()
    )


@cache
def _told() -> dict[str, Any]:
    return toml(*SHIPPED_STORIES)
