"""What one row of the tables of findings is."""

from __future__ import annotations

from typing import Literal

Severity = Literal["error", "warning", "info"]

Finding = tuple[Severity, str, str]
"""How grave it is, what was found, and what to do: the sentences as keys of the catalogue."""
