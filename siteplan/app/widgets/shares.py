"""Floor area by use as one bar; the words stand beside it."""

from __future__ import annotations

from collections.abc import Mapping

from siteplan.maps.style import USE_COLOURS
from siteplan.uses import USES


def shares_bar(uses_gfa_m2: Mapping[str, float]) -> str:
    """Return a thin bar of the uses as HTML, for the eye only."""
    total_m2 = sum(uses_gfa_m2.values()) or 1
    parts = "".join(
        f'<span style="width:{uses_gfa_m2.get(use, 0) / total_m2 * 100:.3f}%;'
        f'background:{USE_COLOURS[use]}"></span>'
        for use in USES
    )
    return f'<div class="sp-stack sp-thin" aria-hidden="true">{parts}</div>'
