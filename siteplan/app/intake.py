"""A file on its way in: examined, shown with its findings, and opened when the person accepts.

Nothing here knows Streamlit.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from siteplan.errors import InputError
from siteplan.io.examination import Examination, Supplements, examined
from siteplan.io.registers import Register, joined, read_register
from siteplan.io.zones import read_zones
from siteplan.parcels import Parcels
from siteplan.reading import Reading
from siteplan.text import sentence
from siteplan.zoning import Zones, zoned

if TYPE_CHECKING:
    from siteplan.crs_doctor import Candidate
    from siteplan.issues import Issue
    from siteplan.text import Text

MAPPABLE = ("pnu", "jibun", "name_ko", "zone", "site_area_m2", "jimok", "land_price_krw_per_m2")
"""Facts that a person may map to a column by hand."""

ABOUT_GROUPS = frozenset({"overlap", "shape_shared", "pnu_shared", "duplicate_id"})
"""Findings about parcels in relation to one another: one of each group may well be right."""
ALREADY_GONE = frozenset({"row_repeated", "geometry_set_aside"})
"""Findings about rows that are no parcels; a parcel with the same id is another row."""
MOST_OFFERED = 200
"""So many parcels of a group are offered singly."""

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Upload:
    """A file that a person handed in."""

    name: str
    content: bytes

    def stream(self) -> io.BytesIO:
        """Return the content as a file that knows its name."""
        stream = io.BytesIO(self.content)
        stream.name = self.name
        return stream


@dataclass(frozen=True, eq=False)
class Intake:
    """A file that was handed in and not yet opened.

    Parameters
    ----------
    file : Upload
    reading : Reading
        What the person said of it so far.
    zoning : Upload or None
        Zoning polygons to lay over the parcels.
    registers : tuple of Upload
        Lists by PNU to join.
    dongs : Upload or None
        Outlines of 법정동, which tell coordinate systems apart.
    examination : Examination or None
    refused : Text or None
        Why it could not be examined as parcels.
    zones : Zones or None
        What it holds where it is a file of zoning polygons.
    register : Register or None
        What it holds where it is a list by PNU.
    """

    file: Upload
    reading: Reading
    zoning: Upload | None = None
    registers: tuple[Upload, ...] = ()
    dongs: Upload | None = None
    examination: Examination | None = None
    refused: Text | None = None
    zones: Zones | None = None
    register: Register | None = None

    @property
    def ready(self) -> bool:
        """Whether there are parcels that can be opened."""
        return self.examination is not None and self.examination.parcels is not None

    @property
    def columns(self) -> tuple[str, ...]:
        """The file's own columns, empty when it could not be examined."""
        if self.examination is None:
            return ()
        raw = self.examination.raw
        return tuple(str(name) for name in raw.columns if name != raw.geometry.name)


def taken_in(
    name: str,
    content: bytes,
    *,
    reading: Reading | None = None,
    progress: Progress | None = None,
) -> Intake:
    """Examine a file as a person wants it read.

    Parameters
    ----------
    name : str
        File name, for sentences.
    content : bytes
    reading : Reading, optional
    progress : callable, optional
        Told the share that is done, rising from 0 to 1.
    """
    wish = reading if reading is not None else Reading()
    return examined_again(Intake(Upload(name, content), wish), progress=progress)


def taken_in_as_before(
    name: str, content: bytes, *, remembered: Reading, progress: Progress | None = None
) -> Intake:
    """Examine a file as the scenario remembers it; anew where that does not fit this file."""
    intake = taken_in(name, content, reading=remembered, progress=progress)
    if intake.ready or remembered == Reading():
        return intake
    return taken_in(name, content, progress=progress)


def examined_again(intake: Intake, *, progress: Progress | None = None) -> Intake:
    """Examine the file with what the intake says now; what is no file of parcels is told."""
    bare = replace(intake, examination=None, refused=None, zones=None, register=None)
    supplements = Supplements(
        zoning=None if intake.zoning is None else intake.zoning.stream(),
        registers=tuple(upload.stream() for upload in intake.registers),
        dongs=None if intake.dongs is None else intake.dongs.stream(),
    )
    try:
        examination = examined(
            intake.file.content,
            reading=intake.reading,
            supplements=supplements,
            name=intake.file.name,
            progress=progress,
        )
    except InputError as refused:
        return _of_another_kind(replace(bare, refused=refused.text))
    return replace(bare, examination=examination)


def read_anew(intake: Intake, reading: Reading, *, progress: Progress | None = None) -> Intake:
    """Examine the same file again after the person said something else of it."""
    return examined_again(replace(intake, reading=reading), progress=progress)


def _of_another_kind(refused: Intake) -> Intake:
    """Return the refused file as zoning polygons or a list by PNU, if it is one of them."""
    content, name = refused.file.content, refused.file.name
    try:
        return replace(refused, zones=read_zones(content, reading=refused.reading, name=name))
    except InputError:
        pass
    try:
        return replace(refused, register=read_register(content, name=name))
    except InputError:
        return refused


def laid_over(parcels: Parcels, intake: Intake) -> Parcels:
    """Return parcels with what a file of zoning polygons or a list by PNU says of them.

    Raises
    ------
    InputError
        The list cannot be joined; the sentence names the fix.
    """
    if intake.zones is not None:
        return zoned(parcels, intake.zones)
    if intake.register is None:
        return parcels
    frame, issues = joined(parcels.frame, intake.register)
    known = [issue for issue in parcels.issues if issue.subject != "registers"]
    return Parcels.from_frame(
        frame, issues=(*known, *intake.register.issues, *issues), context=parcels.context
    )


@dataclass(frozen=True)
class Offer:
    """Parcels of a finding that a person may set aside.

    Parameters
    ----------
    ids : tuple of str
        At most `MOST_OFFERED` where they are chosen singly.
    singly : bool
        Whether each is chosen by itself, else all together.
    aside : tuple of str
        Those of `ids` that are set aside now.
    """

    ids: tuple[str, ...]
    singly: bool
    aside: tuple[str, ...] = ()


def offer_to_set_aside(issue: Issue, intake: Intake) -> Offer | None:
    """Return what of a finding can be set aside, None where nothing can.

    A finding about a group never offers all of the group at once, because what is wrong with it
    is mended by leaving out one of them; a finding about rows that are gone offers nothing.
    """
    parcels = None if intake.examination is None else intake.examination.parcels
    if parcels is None or issue.severity == "info" or issue.code in ALREADY_GONE:
        return None
    ids = tuple(dict.fromkeys(issue.parcel_ids))
    here = sum(i in parcels.index for i in ids)
    if issue.code not in ABOUT_GROUPS:
        return Offer(ids, singly=False) if 0 < here < len(parcels) else None
    gone = set(intake.reading.set_aside)
    offered = [i for i in ids if i in parcels.index or i in gone][:MOST_OFFERED]
    if len(offered) < 2:
        return None
    return Offer(tuple(offered), singly=True, aside=tuple(i for i in offered if i in gone))


def with_set_aside(reading: Reading, *, among: tuple[str, ...], chosen: tuple[str, ...]) -> Reading:
    """Return the reading that leaves out, of the ids in `among`, just the chosen ones."""
    others = set(reading.set_aside) - set(among)
    return replace(reading, set_aside=tuple(others | set(chosen)))


def told_candidate(candidate: Candidate, *, first: bool, lang: str) -> str:
    """Return a coordinate system to choose, and where it would put the file.

    Parameters
    ----------
    candidate : Candidate
    first : bool
        Whether it is the one that the others' distances are measured from.
    lang : str
    """
    told = (
        f"{candidate.code} ({candidate.label.render(lang)}): {candidate.place.render(lang)}, "
        f"{candidate.lat:.4f} N, {candidate.lon:.4f} E"
    )
    if first:
        return told
    away = sentence("{metres:,.0f} m from the first", metres=candidate.distance_m)
    return f"{told}, {away.render(lang)}"
