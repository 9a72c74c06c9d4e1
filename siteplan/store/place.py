"""Where scenarios are kept: named on the command line, in the environment, or by habit."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from siteplan.errors import UsageError
from siteplan.store.kept import StoreError
from siteplan.text import sentence

STORE_VARIABLE = "SITEPLAN_STORE"
FILE_NAME = "scenarios.sqlite"
MEMORY = ":memory:"


def default_store_path() -> Path:
    """Return the file in the person's data folder, by the habit of the platform."""
    given = os.environ.get("XDG_DATA_HOME", "")
    if given and Path(given).is_absolute():
        return Path(given) / "siteplan" / FILE_NAME
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        base = Path(local) if local else _home() / "AppData" / "Local"
        return base / "siteplan" / FILE_NAME
    if sys.platform == "darwin":
        return _home() / "Library" / "Application Support" / "siteplan" / FILE_NAME
    return _home() / ".local" / "share" / "siteplan" / FILE_NAME


def store_place(url: str | os.PathLike[str] | None = None) -> Path | None:
    """Return the file that a store lives in, absolute; None for one in memory only.

    Parameters
    ----------
    url : str or path, optional
        A path, ``sqlite:///path`` (``sqlite:////path`` from the root) or ``:memory:``. Left out,
        the variable SITEPLAN_STORE says it, else `default_store_path`.

    Raises
    ------
    UsageError
        Another kind of store is named.
    StoreError
        The person has no home folder, and nothing else is said.
    """
    said = os.fspath(url) if url is not None else os.environ.get(STORE_VARIABLE, "").strip()
    if not said:
        return default_store_path()
    scheme, found, rest = said.partition("://")
    if found and len(scheme) > 1:
        if scheme.lower() != "sqlite":
            raise UsageError(
                sentence(
                    "Scenarios are kept in an SQLite file; {url} names another kind of store. "
                    "Write a path or sqlite:///path.",
                    url=f"{scheme}://…",  # what follows may hold a password
                )
            )
        said = rest.removeprefix("/") or MEMORY
    if said == MEMORY:
        return None
    return Path(os.path.abspath(Path(said).expanduser()))  # noqa: PTH100 - links stay as they are


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError as lost:
        raise StoreError(
            sentence(
                "No home folder is known, so there is no usual place for scenarios. Name a file "
                "when siteplan is started (--store), or in the variable {variable}.",
                variable=STORE_VARIABLE,
            )
        ) from lost
