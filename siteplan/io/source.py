"""From what a person hands over (a path, bytes, an upload, a zip) to files that may be opened.

Files are told by their first bytes, not only by their names. Zips are unpacked here rather than
by GDAL, so that Korean member names, passwords and missing parts get a plain sentence. What is
handed on is always a local file that `siteplan.io.contents` has looked at.
"""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import IO, TYPE_CHECKING

from siteplan.errors import InputError
from siteplan.io.archives import check_parts, unzipped
from siteplan.io.contents import guarded, siblings
from siteplan.io.limits import check_file_bytes
from siteplan.io.names import shown_name
from siteplan.io.sniff import ACCEPTED, FORMATS, HEAD_BYTES, is_zip, sniffed
from siteplan.issues import Issue
from siteplan.text import sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ACCEPTED", "FORMATS", "Located", "Source", "located", "source_name"]

Source = str | os.PathLike[str] | bytes | IO[bytes]

_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+:(//?|[^\\/])|/vsi")
_PIECE_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Located:
    """Files of one format that lie on disk.

    Parameters
    ----------
    name : str
        What the person calls the source.
    format : str
        Key of `FORMATS`.
    files : dict of str to Path
        Layer name -> file; one unless a zip holds several.
    folder : Path
        For what is made while reading; gone afterwards.
    issues : tuple of Issue
        What is to be said about a zip; `read_table` hands it on.
    """

    name: str
    format: str
    files: dict[str, Path]
    folder: Path
    issues: tuple[Issue, ...] = ()


def source_name(source: Source | None, *, name: str | None = None) -> str:
    """Return what to call the source in a sentence, safe to show."""
    if name:
        return shown_name(name)
    if isinstance(source, str | os.PathLike):
        text = os.fspath(source)
        return shown_name(PurePath(text).name or text)
    return shown_name(PurePath(str(getattr(source, "name", "") or "upload")).name)


@contextmanager
def located(source: Source, *, name: str | None = None) -> Iterator[Located]:
    """Give the files of a source for as long as the block runs.

    Parameters
    ----------
    source : path, bytes or binary file
    name : str, optional
        File name of bytes; the content decides the format, the name only appears in sentences.

    Raises
    ------
    InputError
        Nothing is there, it is no file of a format that can be read, or it asks for more than
        the limits of `siteplan.io.limits`.
    """
    label = source_name(source, name=name)
    with tempfile.TemporaryDirectory(prefix="siteplan-") as made:
        folder = Path(made)
        if isinstance(source, str | os.PathLike):
            path = _existing(os.fspath(source))
        else:
            path = folder / "content"
            _store(source, path=path, name=label)
        check_file_bytes(path.stat().st_size, name=label)
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
        if is_zip(head):
            kind, files, issues = unzipped(path, name=label, folder=folder / "unzipped")
        else:
            kind, issues = sniffed(head, name=label), []
            if kind == "shp":
                check_parts({**siblings(path), "shp": path}, name=label)
            files = {PurePath(label).stem: path}
        safe = {
            stem: guarded(file, kind=kind, name=label, folder=folder)
            for stem, file in files.items()
        }
        yield Located(label, kind, safe, folder, tuple(issues))


def _store(source: bytes | IO[bytes], *, path: Path, name: str) -> None:
    """Write what was handed over to a file, no more of it than may be read."""
    if isinstance(source, bytes):
        check_file_bytes(len(source), name=name)
        path.write_bytes(source)
        return
    written = 0
    with path.open("wb") as out:
        while piece := source.read(_PIECE_BYTES):
            written += len(piece)
            check_file_bytes(written, name=name)
            out.write(piece)


def _existing(text: str) -> Path:
    """Return the path of a file that is there and may be read."""
    shown = shown_name(PurePath(text).name or text)
    path = Path(text).absolute()
    try:
        if path.is_dir():
            raise InputError(sentence("{name} is a folder. Name the file inside it.", name=shown))
        there = path.exists()
    except (OSError, ValueError):  # a name that is too long, or holds a NUL
        there = False
    if not there and _ADDRESS.match(text):
        raise InputError(
            sentence(
                "{name} is an address, and siteplan opens no addresses. Download the file and "
                "hand that over.",
                name=shown_name(text),
            )
        )
    if not there:
        raise InputError(
            sentence(
                "There is no file {path}. Check the spelling and the folder.",
                path=shown_name(text),
            )
        )
    if not path.is_file():
        raise InputError(
            sentence("{name} is a device, not a file. Name a file with parcels.", name=shown)
        )
    if not os.access(path, os.R_OK):
        raise InputError(
            sentence("{name} may not be read. Give yourself the right to read it.", name=shown)
        )
    return path
