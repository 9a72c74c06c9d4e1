"""A file on its way in: examined, shown with its findings, and opened when the person accepts.

Nothing here knows Streamlit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from siteplan.errors import InputError
from siteplan.io.examination import Examination, examined
from siteplan.reading import Reading

if TYPE_CHECKING:
    from siteplan.text import Text

MAPPABLE = ("pnu", "jibun", "name_ko", "zone", "site_area_m2", "jimok", "land_price_krw_per_m2")
"""Facts that a person may map to a column by hand."""


@dataclass(frozen=True, eq=False)
class Intake:
    """A file that was handed in and not yet opened.

    Parameters
    ----------
    name : str
    content : bytes
    reading : Reading
        What the person said of it so far.
    examination : Examination or None
    refused : Text or None
        Why it could not be examined; one of the two is None.
    """

    name: str
    content: bytes
    reading: Reading
    examination: Examination | None = None
    refused: Text | None = None

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


def taken_in(name: str, content: bytes, *, reading: Reading | None = None) -> Intake:
    """Examine a file as a person wants it read.

    Parameters
    ----------
    name : str
        File name, for sentences.
    content : bytes
    reading : Reading, optional
    """
    wish = reading if reading is not None else Reading()
    bare = Intake(name, content, wish)
    try:
        return replace(bare, examination=examined(content, reading=wish, name=name))
    except InputError as refused:
        return replace(bare, refused=refused.text)


def taken_in_as_before(name: str, content: bytes, *, remembered: Reading) -> Intake:
    """Examine a file as the scenario remembers it; anew where that does not fit this file."""
    intake = taken_in(name, content, reading=remembered)
    if intake.ready or remembered == Reading():
        return intake
    return taken_in(name, content)


def read_anew(intake: Intake, reading: Reading) -> Intake:
    """Examine the same file again after the person said something else of it."""
    return taken_in(intake.name, intake.content, reading=reading)
