"""What a field of a decision may hold, and the sentence for one that holds something else."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from siteplan.errors import InputError
from siteplan.text import N_, Text, sentence


def wrong_kind(name: str, kind: str | Text) -> InputError:
    """Return the error for a field that holds another kind of thing.

    Parameters
    ----------
    name : str
        The field, as it stands in the scenario's file.
    kind : str or Text
        What it must be; a str is a key of the catalogues.
    """
    said = kind if isinstance(kind, Text) else Text(kind)
    return InputError(
        sentence("{name} must be {kind}. Correct it in the scenario.", name=name, kind=said)
    )


def check_within(name: str, value: object, *, low: float, high: float) -> None:
    """Raise `InputError` unless a value is a finite number from low to high."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not low <= value <= high:  # type: ignore[arg-type, operator]
        raise InputError(
            sentence(
                "{name} must be a number from {low} to {high}, not {value}.",
                name=name,
                low=low,
                high=high,
                value=str(value),
            )
        )


def check_whole(
    name: str, value: object, *, low: float, high: float, kind: str = N_("a whole number")
) -> None:
    """Raise `InputError` unless a value is a whole number from low to high."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_kind(name, kind)
    check_within(name, value, low=low, high=high)


def check_keys(place: str, table: Mapping[str, Any], keys: Iterable[str]) -> None:
    """Raise `InputError` where a table of a scenario has a key that it may not have."""
    known = list(keys)
    unknown = [str(key) for key in table if key not in known]
    if unknown:
        raise InputError(
            sentence(
                "The scenario's {place} has a key that siteplan does not know: {key}. "
                "The keys are: {keys}.",
                place=place,
                key=unknown[0],
                keys=", ".join(known),
            )
        )
