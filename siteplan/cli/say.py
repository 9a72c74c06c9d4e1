"""What the commands print, and their exit codes."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

EXIT_FINE, EXIT_BAD_INPUT, EXIT_USAGE, EXIT_INFEASIBLE = 0, 1, 2, 3


def say(line: str) -> None:
    """Print a line for the person."""
    print(line)


def say_json(document: dict[str, Any]) -> None:
    """Print the one JSON document."""
    print(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False))


def say_error(line: str) -> None:
    """Print a line to stderr."""
    print(line, file=sys.stderr)


PATIENCE_S = 1.0
"""Work that takes longer shows how far it is."""


def progress_bar() -> Callable[[float], None] | None:
    """Return what draws a bar on a terminal once work has taken a second; None elsewhere."""
    if not sys.stderr.isatty():
        return None
    begun = time.monotonic()

    def told(share: float) -> None:
        if time.monotonic() - begun < PATIENCE_S:
            return
        done = round(share * 30)
        end = "\n" if share >= 1 else ""
        sys.stderr.write(f"\r[{'#' * done}{'.' * (30 - done)}] {share:4.0%}{end}")
        sys.stderr.flush()

    return told
