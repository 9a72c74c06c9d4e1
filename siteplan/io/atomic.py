"""Files appear whole or not at all: written beside their place, then moved over it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from siteplan.errors import InputError
from siteplan.text import sentence

if TYPE_CHECKING:
    from collections.abc import Callable


def write_whole(path: Path, write: Callable[[Path], object]) -> Path:
    """Let `write` fill a temporary file in the same folder, then move it to `path`.

    Parameters
    ----------
    path : Path
        Replaced if it exists; untouched when `write` fails.
    write : callable
        Takes the path to write to, which has the same file name.

    Raises
    ------
    InputError
        The folder does not exist or may not be written to.
    """
    if not path.parent.is_dir():
        raise InputError(
            sentence(
                "There is no folder {folder}. Make it first, or write somewhere else.",
                folder=str(path.parent),
            )
        )
    if path.is_dir():
        raise InputError(sentence("{path} is a folder. Add a file name to it.", path=str(path)))
    try:
        with tempfile.TemporaryDirectory(prefix=".siteplan-", dir=path.parent) as folder:
            draft = Path(folder) / path.name
            write(draft)
            os.replace(draft, path)  # noqa: PTH105 - says what it does better than Path.replace
    except OSError as error:
        raise InputError(
            sentence(
                "{path} cannot be written ({reason}). Close it where it is open, or write "
                "somewhere else.",
                path=str(path),
                reason=error.strerror or str(error),
            )
        ) from error
    return path
