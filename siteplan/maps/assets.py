"""Scripts and looks of the map document: Leaflet's own files, and ours joined in their order."""

from __future__ import annotations

import base64
import re
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

SCRIPTS = (
    "core",
    "ground",
    "names",
    "parcels",
    "tooltip",
    "paint",
    "select",
    "tools",
    "cut",
    "measure",
    "swipe",
    "search",
    "keys",
    "legend",
    "print",
    "parent",
    "start",
)
"""Files of ``page/``, one subject each; joined into one function, they share their names."""

LOOKS = ("page", "tools", "print")
_OFFERED = "prepare, surroundings, tiles, parcels, start, show, select, inMetres, setTheme, state"


@lru_cache(maxsize=1)
def leaflet() -> tuple[str, str]:
    """Return Leaflet's CSS, pictures inside it, and its JavaScript."""
    from xstatic.pkg import leaflet as package

    folder = Path(package.BASE_DIR)

    def inlined(found: re.Match[str]) -> str:
        if "marker" in found[1]:
            return "none"  # no such markers here
        picture = base64.b64encode((folder / found[1]).read_bytes()).decode()
        return f"url(data:image/png;base64,{picture})"

    css = (folder / "leaflet.css").read_text(encoding="utf-8")
    css = re.sub(r"url\([\"']?(images/[\w.-]+\.png)[\"']?\)", inlined, css)
    js = (folder / "leaflet.js").read_text(encoding="utf-8")
    return _bare_css(css), re.sub(r"\n//# sourceMappingURL=\S*", "", js)


@lru_cache(maxsize=1)
def script() -> str:
    """Return the document's own script, which offers its steps as ``siteplan``."""
    parts = "\n".join(_packaged(f"{name}.js") for name in SCRIPTS)
    return (
        '"use strict";\nconst siteplan = (() => {\n'
        + without_comments(parts)
        + f"\nreturn {{ {_OFFERED} }};\n}})();\n"
    )


@lru_cache(maxsize=1)
def looks() -> str:
    """Return the document's own CSS."""
    css = "\n".join(_packaged(f"{name}.css") for name in LOOKS)
    return _bare_css(css)


def _bare_css(css: str) -> str:
    return without_comments(re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL))


def without_comments(code: str) -> str:
    """Return code without ``//`` comments, indentation and empty lines: a third less to send.

    A comment begins its line or stands between spaces; no text of ours holds such a ``//``.
    """
    lines = (re.sub(r"(^|\s+)// .*$|^//$", "", line.strip()) for line in code.splitlines())
    return "\n".join(line for line in lines if line)


def _packaged(name: str) -> str:
    return (files("siteplan.maps") / "page" / name).read_text(encoding="utf-8")
