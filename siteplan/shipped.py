"""Where the files that come with siteplan lie: in a wheel, or in the source tree beside it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parent
_IN_WHEEL = _PACKAGE / "_data"
_DOOR_IN_WHEEL = _PACKAGE / "_door" / "streamlit_app.py"


def data_path(*parts: str) -> Path:
    """Return the path of a shipped data file, e.g. ``data_path("yangjae", "context.geojson")``.

    Parameters
    ----------
    *parts : str
        Folders and file name below the data folder; none gives the folder itself.

    Returns
    -------
    Path
        In ``siteplan/_data`` when installed from a wheel, else in ``data`` beside the package.
        Whether the file exists is not checked.
    """
    root = _IN_WHEEL if _IN_WHEEL.is_dir() else _PACKAGE.parent / "data"
    return root.joinpath(*parts)


def door_path() -> Path:
    """Return the path of ``streamlit_app.py``, the file that Streamlit is started with."""
    return _DOOR_IN_WHEEL if _DOOR_IN_WHEEL.is_file() else _PACKAGE.parent / "streamlit_app.py"


def toml(*parts: str) -> dict[str, Any]:
    """Return a shipped TOML file as a dict."""
    return tomllib.loads(data_path(*parts).read_text(encoding="utf-8"))
