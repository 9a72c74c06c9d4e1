"""A parcel's floors as a small drawing: one bar per floor, uses in their colours and in words."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

from siteplan.maps.style import UNUSED, USE_COLOURS, USE_STROKES
from siteplan.massing import PARKING, storeys
from siteplan.text import N_, sentence, translate
from siteplan.uses import USES, use_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteplan.evaluation import Plan
    from siteplan.massing import Storey

WIDTH_PX = 300
BAR_PX = 110
MOST_HEIGHT_PX = 220
MOST_FLOOR_PX = 14

_PARKING = N_("Parking")
_BASEMENT = N_("Basement")


@dataclass(frozen=True)
class Run:
    """Floors on top of each other that hold the same, from the lowest up.

    Parameters
    ----------
    low, high : int
        Numbers of the floors; -1 is B1.
    segments : tuple of (str or None)
        What stands there.
    area_m2 : int
    """

    low: int
    high: int
    segments: tuple[str | None, ...]
    area_m2: int

    @property
    def floors(self) -> int:
        """How many floors these are."""
        return self.high - self.low + 1


def runs(found: Sequence[Storey]) -> tuple[Run, ...]:
    """Return floors that hold the same as one entry each, from the lowest up."""
    floors: dict[int, list[Storey]] = {}
    for storey in found:
        floors.setdefault(storey.number, []).append(storey)
    entries: list[Run] = []
    for number in sorted(floors):
        segments = tuple(one.segment for one in floors[number])
        area_m2 = sum(one.area_m2 for one in floors[number])
        last = entries[-1] if entries else None
        # -1 (B1) and 1 (the ground floor) never join: they hold different things.
        if last is not None and last.segments == segments and last.high == number - 1:
            entries[-1] = Run(last.low, number, segments, last.area_m2 + area_m2)
        else:
            entries.append(Run(number, number, segments, area_m2))
    return tuple(entries)


def segment_name(segment: str | None, *, lang: str) -> str:
    """Return the name of a use, of parking, or of what lies below ground."""
    if segment in USES:
        return use_label(segment).render(lang)
    return translate(_PARKING if segment == PARKING else _BASEMENT, lang=lang)


def floor_name(run: Run) -> str:
    """Return the floors of a run, such as "3F–12F" or "B1–B2"."""

    def one(number: int) -> str:
        return f"{number}F" if number > 0 else f"B{-number}"

    if run.low == run.high:
        return one(run.low)
    ends = (run.low, run.high) if run.low > 0 else (run.high, run.low)
    return f"{one(ends[0])}–{one(ends[1])}"


def floor_stack(plan: Plan, row: int, *, lang: str) -> str:
    """Return the drawing of a parcel's floors as HTML; empty where nothing stands.

    Parameters
    ----------
    plan : Plan
    row : int
        The parcel.
    lang : str

    Returns
    -------
    str
        A list from the top floor down; each line says in words what its bars show.
    """
    entries = runs(storeys(plan.massing, row))[::-1]
    if not entries:
        return ""
    floor_px = min(MOST_FLOOR_PX, MOST_HEIGHT_PX / sum(run.floors for run in entries))
    widest = max(run.area_m2 / run.floors for run in entries)
    below = next((i for i, run in enumerate(entries) if run.high < 0), len(entries))
    lines = "".join(
        _row(run, lang=lang, floor_px=floor_px, widest=widest, ground=i == below - 1)
        for i, run in enumerate(entries)
    )
    title = sentence("{name}: floors", name=plan.parcels.name(row, lang=lang)).render(lang)
    return (
        f'<ul role="list" aria-label="{html.escape(title)}" '
        f'style="list-style:none;margin:.4rem 0;padding:0;max-width:{WIDTH_PX}px">{lines}</ul>'
    )


def _row(run: Run, *, lang: str, floor_px: float, widest: float, ground: bool) -> str:
    """Return one run of floors: its bars, then its words; the ground is a line below the first."""
    names = " + ".join(segment_name(segment, lang=lang) for segment in run.segments)
    words = html.escape(f"{floor_name(run)} {names} {run.area_m2:,} m²")
    share = run.area_m2 / run.floors / widest
    edge = "border-bottom:2px solid currentColor;" if ground else ""
    return (
        '<li style="display:flex;align-items:center;gap:.6rem;margin:0;padding:0;font-size:.82rem">'
        f'<span aria-hidden="true" style="flex:none;width:{BAR_PX}px;{edge}'
        f'display:flex;flex-direction:column;align-items:center">'
        f"{_bars(run, floor_px=floor_px, width_px=BAR_PX * share)}</span><span>{words}</span></li>"
    )


def _bars(run: Run, *, floor_px: float, width_px: float) -> str:
    """Return one bar for each floor of a run; a shared floor is split among its uses."""
    cells = "".join(
        f'<i style="flex:1;background:{USE_COLOURS.get(segment or "", UNUSED)};'
        f'border:.5px solid {USE_STROKES.get(segment or "", "#6B747D")}"></i>'
        for segment in run.segments
    )
    bar = (
        f'<span style="display:flex;width:{width_px:.0f}px;height:{floor_px:.1f}px">{cells}</span>'
    )
    return bar * run.floors
