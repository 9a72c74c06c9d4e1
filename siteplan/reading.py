"""What a person says of a file, what was done when it was read, and the findings by subject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from siteplan.errors import InputError
from siteplan.issues import SEVERITIES, SUBJECTS, Issue, Severity
from siteplan.text import Text, sentence

_TEXTS = ("crs", "encoding", "layer")


@dataclass(frozen=True)
class Reading:
    """How a person wants a file of parcels to be read; a scenario remembers it.

    Parameters
    ----------
    crs, encoding, layer : str or None
        Coordinate system ("EPSG:5186"), encoding of the text ("cp949") and layer; None leaves
        each to the file and its evidence.
    columns : Mapping[str, str]
        Fact -> column of the file, e.g. ``{"pnu": "필지번호"}``; facts left out are recognised.
    set_aside : tuple of str
        Ids of parcels that the person leaves out of the study for good.
    """

    crs: str | None = None
    encoding: str | None = None
    layer: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    set_aside: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in _TEXTS:
            if not isinstance(getattr(self, name), str | None):
                raise _wrong(name)
        pairs = self.columns.items() if isinstance(self.columns, Mapping) else [(None, None)]
        if not all(isinstance(part, str) for pair in pairs for part in pair):
            raise _wrong("columns")
        if not all(isinstance(parcel_id, str) for parcel_id in self.set_aside):
            raise _wrong("set_aside")
        object.__setattr__(self, "columns", MappingProxyType(dict(sorted(self.columns.items()))))
        object.__setattr__(self, "set_aside", tuple(sorted(set(self.set_aside))))

    def __hash__(self) -> int:
        said = (self.crs, self.encoding, self.layer, self.set_aside)
        return hash((said, tuple(self.columns.items())))

    def with_column(self, fact: str, column: str | None) -> Reading:
        """Return the reading with a fact mapped to a column, or no longer mapped when None."""
        columns = {key: value for key, value in self.columns.items() if key != fact}
        if column is not None:
            columns[fact] = column
        return replace(self, columns=columns)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; what the person did not say is left out."""
        said: dict[str, Any] = {name: getattr(self, name) for name in _TEXTS}
        said["columns"] = dict(self.columns)
        said["set_aside"] = list(self.set_aside)
        return {key: value for key, value in said.items() if value}

    @classmethod
    def from_dict(cls, table: Mapping[str, Any]) -> Reading:
        """Return the reading held in plain values; InputError names what is wrong."""
        if not isinstance(table, Mapping):
            raise _wrong("reading")
        for key in table:
            if key not in cls.__dataclass_fields__:
                raise _wrong(str(key))
        given = dict(table)
        if isinstance(given.get("set_aside"), list):
            given["set_aside"] = tuple(given["set_aside"])
        elif "set_aside" in given:
            raise _wrong("set_aside")
        return cls(**given)


def _wrong(name: str) -> InputError:
    return InputError(
        sentence(
            "The scenario says about reading: {name}, which siteplan does not understand. It may "
            "hold crs, encoding and layer (texts), columns (fact and column) and set_aside (ids).",
            name=name,
        )
    )


@dataclass(frozen=True)
class Treatment:
    """What was done to the outline of one row.

    Parameters
    ----------
    parcel_id : str
    what : str
        Kind of treatment, e.g. "self_intersection".
    before_m2, after_m2 : float
        Area of the outline before and after.
    """

    parcel_id: str
    what: str
    before_m2: float
    after_m2: float


@dataclass(frozen=True)
class ReadReport:
    """What was found, assumed and repaired while parcels were read.

    Parameters
    ----------
    file : str
    kind : str
        "parcels" | "zoning" | "buildings" | "land price" | "other".
    format, encoding : str
    crs_read : str
        Coordinate system that the coordinates were taken to be in, "" where it must be asked.
    crs_used : str or None
        The one that is worked in; None where the person must be asked first.
    crs_reason : Text
        Why the file was taken to be in `crs_read`, or what is to be asked.
    rows_in, parcels_out : int
    issues : tuple of Issue
    layer : str or None
    columns : dict of str to str
        Fact -> the file's own column.
    unmapped : tuple of str
        Columns that no fact was taken from.
    layout : str or None
        Name of the national file layout that was recognised.
    treatments : tuple of Treatment
    """

    file: str
    kind: str
    format: str
    encoding: str
    crs_read: str
    crs_used: str | None
    crs_reason: Text
    rows_in: int
    parcels_out: int
    issues: tuple[Issue, ...]
    layer: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    unmapped: tuple[str, ...] = ()
    layout: str | None = None
    treatments: tuple[Treatment, ...] = ()

    @property
    def set_aside_rows(self) -> int:
        """Rows of the file that are no parcels now."""
        return self.rows_in - self.parcels_out


@dataclass(frozen=True)
class Subject:
    """The findings about one subject, gravest first.

    Parameters
    ----------
    key : str
        One of `siteplan.issues.SUBJECTS`.
    title : Text
    issues : tuple of Issue
    """

    key: str
    title: Text
    issues: tuple[Issue, ...]

    def count(self, severity: Severity) -> int:
        """How many findings are of a severity."""
        return sum(issue.severity == severity for issue in self.issues)


def by_subject(issues: Iterable[Issue]) -> tuple[Subject, ...]:
    """Return the findings by subject, in the order in which a file is examined."""
    order = {severity: rank for rank, severity in enumerate(SEVERITIES)}
    held: dict[str, list[Issue]] = {key: [] for key in SUBJECTS}
    for issue in issues:
        held[issue.subject].append(issue)
    return tuple(
        Subject(
            key,
            Text(SUBJECTS[key]),
            tuple(sorted(found, key=lambda issue: order[issue.severity])),
        )
        for key, found in held.items()
        if found
    )


def gravest(issues: Iterable[Issue]) -> dict[str, Severity]:
    """Return parcel id -> the gravest severity of the findings that touch it."""
    worst: dict[str, Severity] = {}
    for severity in reversed(SEVERITIES):
        for issue in issues:
            if issue.severity == severity:
                worst.update(dict.fromkeys(issue.parcel_ids, severity))
    return worst
