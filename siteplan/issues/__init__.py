"""Findings that a person should see: what was repaired, assumed, set aside or is unverified.

An `Issue` is a value with a code, a severity, the parcels it touches and its figures. The
sentence and its fix come from the tables beside this module, so that the app, ``siteplan check``
and reports say the same in each language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from siteplan.issues import (
    _coordinates,
    _fetched,
    _lots,
    _outlines,
    _planning,
    _reading,
    _registers,
    _zoning,
)
from siteplan.issues._finding import Finding, Severity
from siteplan.text import N_, Text

__all__ = ["CODES", "SEVERITIES", "SUBJECTS", "Issue", "Severity", "has_errors"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
"""The gravest first."""

_TABLES: dict[str, tuple[str, dict[str, Finding]]] = {
    "reading": (N_("File and columns"), _reading.FINDINGS),
    "coordinates": (N_("Coordinate system"), _coordinates.FINDINGS),
    "outlines": (N_("Outlines"), _outlines.FINDINGS),
    "registers": (N_("Registers: PNU, lot number, area"), _registers.FINDINGS),
    "zoning": (N_("Zones"), _zoning.FINDINGS),
    "fetched": (N_("Official data service"), _fetched.FINDINGS),
    "lots": (N_("Merged and cut lots"), _lots.FINDINGS),
    "planning": (N_("Plan and assumptions"), _planning.FINDINGS),
}

SUBJECTS: dict[str, str] = {key: title for key, (title, _) in _TABLES.items()}
"""What findings are about, and the heading of each as a key of the catalogues."""

_TABLE: dict[str, Finding] = {
    code: finding for _, table in _TABLES.values() for code, finding in table.items()
}
_SUBJECT_OF = {code: key for key, (_, table) in _TABLES.items() for code in table}

CODES = tuple(_TABLE)


@dataclass(frozen=True)
class Issue:
    """One finding.

    Parameters
    ----------
    code : str
        Key of the finding, stable across versions.
    parcel_ids : tuple of str
        The parcels it touches; empty when it is about the file or the scenario.
    details : Mapping[str, object]
        Figures of the sentence.
    places_m : tuple of (x, y)
        Points in EPSG:5186 where to look, e.g. a gap that belongs to no parcel.
    """

    code: str
    parcel_ids: tuple[str, ...] = ()
    details: Mapping[str, object] = field(default_factory=dict)
    places_m: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        if self.code not in _TABLE:
            raise KeyError(f"unknown issue code {self.code!r}")

    @property
    def severity(self) -> Severity:
        """How grave the finding is: error, warning or info."""
        return _TABLE[self.code][0]

    @property
    def subject(self) -> str:
        """What the finding is about, one of `SUBJECTS`."""
        return _SUBJECT_OF[self.code]

    @property
    def message(self) -> Text:
        """What was found."""
        return Text(_TABLE[self.code][1], {"count": len(self.parcel_ids), **self._spoken})

    @property
    def fix(self) -> Text:
        """What a person can do about it."""
        return Text(_TABLE[self.code][2], self._spoken)

    @property
    def _spoken(self) -> dict[str, object]:
        """The details, a plain reason as a key of the catalogues."""
        reason = self.details.get("reason")
        spoken = dict(self.details)
        if isinstance(reason, str):
            spoken["reason"] = Text(reason)
        return spoken


def has_errors(issues: Iterable[Issue]) -> bool:
    """Tell whether any finding is an error."""
    return any(issue.severity == "error" for issue in issues)
