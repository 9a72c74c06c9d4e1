"""How figures and names read on screen."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st


def m2(area_m2: float) -> str:
    """Return an area such as ``12,345 m²``."""
    return "–" if math.isnan(area_m2) else f"{area_m2:,.0f} m²"


def pct(value: float, *, digits: int = 1) -> str:
    """Return a percentage such as ``45.0 %``."""
    return "–" if math.isnan(value) else f"{value:,.{digits}f} %"


def plain(text: str) -> str:
    """Return text so that Markdown shows it as it is: a name may hold signs of Markdown's."""
    return "".join(f"\\{sign}" if sign in _SIGNS else sign for sign in text)


_SIGNS = frozenset("\\`*_[]<>#$~:|")


def thousands(table: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """Return the column settings with which whole numbers of a table show their thousands."""
    return {
        name: st.column_config.NumberColumn(format="%,d")
        for name, values in table.items()
        if len(values) and all(isinstance(value, int) for value in values)
    }
