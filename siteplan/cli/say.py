"""What the commands print, and their exit codes."""

from __future__ import annotations

import json
import sys
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
