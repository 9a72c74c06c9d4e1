"""Scenarios on disk: read, written, and the one that work starts from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from siteplan.errors import InputError
from siteplan.io.atomic import write_whole
from siteplan.scenario import Scenario
from siteplan.shipped import data_path
from siteplan.text import sentence

if TYPE_CHECKING:
    import os

    from siteplan.parcels import Parcels

SCENARIO_ENDING = ".scenario.json"
_HEAD_BYTES = 4096
MOST_BYTES = 20_000_000
"""Decisions about 2,000 parcels are about half a megabyte."""
SHIPPED_SCENARIO = ("yangjae", "default.scenario.json")


def read_scenario(path: str | os.PathLike[str]) -> Scenario:
    """Read a scenario.

    Raises
    ------
    InputError
        The file is missing, is no text, or does not hold a scenario.
    """
    place = Path(path)
    try:
        text = place.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise InputError(
            sentence("There is no file {path}. Check the spelling and the folder.", path=str(place))
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise _no_text(place.name) from error
    return Scenario.from_json(text)


def scenario_from_bytes(content: bytes, *, name: str) -> Scenario:
    """Return the scenario in the bytes of a file that was handed in.

    Parameters
    ----------
    content : bytes
    name : str
        Of the file, for sentences.

    Raises
    ------
    InputError
        It is larger than any scenario, is no text, or does not hold a scenario.
    """
    if len(content) > MOST_BYTES:
        raise InputError(
            sentence(
                "{name} is larger than any scenario ({size:.0f} MB). Choose a .scenario.json file.",
                name=name,
                size=len(content) / 1e6,
            )
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _no_text(name) from error
    return Scenario.from_json(text)


def _no_text(name: str) -> InputError:
    return InputError(
        sentence("{name} cannot be read as text. Choose a .scenario.json file.", name=name)
    )


def is_scenario_file(path: str | os.PathLike[str]) -> bool:
    """Tell whether a file is a scenario: by its ending, else JSON that begins as one does."""
    place = Path(path)
    name = place.name.lower()
    if name.endswith(SCENARIO_ENDING):
        return True
    if not name.endswith(".json") or not place.is_file():
        return False
    with place.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    # An exported plan holds its scenario too.
    return b'"siteplan_scenario"' in head and b'"FeatureCollection"' not in head


def write_scenario(scenario: Scenario, path: str | os.PathLike[str]) -> Path:
    """Write a scenario as JSON, whole or not at all, and return its path."""
    return write_whole(
        Path(path),
        lambda draft: draft.write_text(scenario.to_json(), encoding="utf-8", newline="\n"),
    )


def default_scenario(parcels: Parcels | None = None) -> Scenario:
    """Return the scenario that work starts from.

    The shipped one for the parcels that it was made for (or when none are named), else
    `Scenario`'s own defaults.
    """
    path = data_path(*SHIPPED_SCENARIO)
    if not path.is_file():
        return Scenario()
    shipped = read_scenario(path)
    fits = parcels is None or set(shipped.decisions) <= set(parcels.ids)
    return shipped if fits else Scenario()
