"""The floors of the largest parcels side by side, all at one scale, basements below the ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siteplan.maps.deck import segment_colour
from siteplan.maps.floor_stack import floor_name, runs, segment_name
from siteplan.maps.style import USE_STROKES
from siteplan.massing import storeys
from siteplan.report.drawing import drawing, hatch_fill
from siteplan.report.labels import text_width_mm
from siteplan.report.markup import Markup, element, joined
from siteplan.report.site_map import lot_tag
from siteplan.text import N_
from siteplan.uses import USES

if TYPE_CHECKING:
    from siteplan.massing import Storey
    from siteplan.report.sheet import Sheet

MOST_STACKS = 8
_EACH_MM = 44.0
_BAR_MM, _HEAD_MM, _GAP_MM = 17.0, 8.0, 5.0
_MOST_FLOOR_MM, _MOST_ROW_MM = 2.6, 62.0
_TEXT_MM, _LINE_MM = 2.3, 2.9
_BELOW_FILL, _BELOW_STROKE = "#C3C8CD", "#6B747D"


def stacks(sheet: Sheet, *, width_mm: float) -> Markup:
    """Return the floors of up to eight parcels, the fullest first."""
    rows = sheet.used_rows[:MOST_STACKS]
    found = {row: storeys(sheet.plan.massing, row) for row in rows}
    widest_m2 = max(_widest_m2(column) for column in found.values())
    highest = max(max(s.number for s in column) for column in found.values())
    deepest = max(max(-s.number for s in column) for column in found.values())
    floor_mm = min(_MOST_FLOOR_MM, _MOST_ROW_MM / (highest + max(deepest, 0)))
    row_mm = _HEAD_MM + (highest + max(deepest, 0)) * floor_mm + _GAP_MM
    across = int(width_mm / _EACH_MM)
    each_mm = width_mm / across
    drawn = []
    for place, row in enumerate(rows):
        x = place % across * each_mm
        ground = place // across * row_mm + _HEAD_MM + highest * floor_mm
        drawn.append(
            _stack(
                sheet,
                found[row],
                at=(x, ground),
                floor_mm=floor_mm,
                mm_per_m2=_BAR_MM / widest_m2,
            )
        )
        head = element(
            "text",
            lot_tag(sheet, row),
            x=x,
            y=ground - highest * floor_mm - 4.6,
            font_size=2.9,
            font_weight="700",
            fill="#16202a",
        )
        area = element(
            "text",
            f"{int(sheet.plan.parcel_gfa_m2[row]):,} m²",
            x=x,
            y=ground - highest * floor_mm - 1.4,
            font_size=_TEXT_MM,
            fill="#55606b",
        )
        drawn += [head, area]
    _ = sheet.translator
    return drawing(
        joined(drawn),
        width_mm=width_mm,
        height_mm=((len(rows) - 1) // across + 1) * row_mm,
        label=_(N_("Floors of the largest parcels, at one scale")),
        natural=False,
    )


def _widest_m2(column: tuple[Storey, ...]) -> float:
    floors: dict[int, int] = {}
    for one in column:
        floors[one.number] = floors.get(one.number, 0) + one.area_m2
    return max(floors.values())


def _stack(
    sheet: Sheet,
    column: tuple[Storey, ...],
    *,
    at: tuple[float, float],
    floor_mm: float,
    mm_per_m2: float,
) -> Markup:
    """Return a parcel's floors, each as wide as its area, and what they hold beside them."""
    x, ground = at
    drawn: list[Markup] = []
    left: dict[int, float] = {}
    whole_m2: dict[int, int] = {}
    for one in column:
        whole_m2[one.number] = whole_m2.get(one.number, 0) + one.area_m2
    for one in column:
        start = left.get(one.number, x + (_BAR_MM - whole_m2[one.number] * mm_per_m2) / 2)
        wide = one.area_m2 * mm_per_m2
        left[one.number] = start + wide
        top = (
            ground - one.number * floor_mm
            if one.number > 0
            else ground - (one.number + 1) * floor_mm
        )
        use = one.segment if one.segment in USES else None
        fill = hatch_fill(use) if use else _below(one.segment)
        drawn.append(
            element(
                "rect",
                x=start,
                y=top,
                width=wide,
                height=floor_mm,
                fill=fill,
                stroke=USE_STROKES[use] if use else _BELOW_STROKE,
                stroke_width=0.15,
            )
        )
    drawn.append(
        element(
            "path",
            d=f"M{x:.2f} {ground:.2f}h{_BAR_MM + 1:.2f}",
            stroke="#16202a",
            stroke_width=0.4,
            fill="none",
        )
    )
    return joined((*drawn, _words(sheet, column, at=at, floor_mm=floor_mm)))


def _below(segment: str | None) -> str:
    return _BELOW_FILL if segment is None else segment_colour(segment)


def _words(
    sheet: Sheet, column: tuple[Storey, ...], *, at: tuple[float, float], floor_mm: float
) -> Markup:
    """Return what each run of floors holds, from the top down, no line over another."""
    x, ground = at
    lines, last = [], -1e9
    for run in reversed(runs(column)):
        names = " + ".join(segment_name(segment, lang=sheet.lang) for segment in run.segments)
        high = run.high if run.high > 0 else run.high + 1
        low = run.low - 1 if run.low > 0 else run.low
        middle = ground - (high + low) / 2 * floor_mm
        y = max(middle + _TEXT_MM * 0.36, last + _LINE_MM)
        last = y
        words = f"{floor_name(run)} {names}"
        lines.append(
            element(
                "text",
                words,
                x=x + _BAR_MM + 1.8,
                y=y,
                font_size=_TEXT_MM,
                fill="#16202a",
                # Long lists of uses are set narrower rather than over the next parcel.
                textLength=_narrow(words),
                lengthAdjust="spacingAndGlyphs" if _narrow(words) else None,
            )
        )
    return joined(lines)


_ROOM_MM = 24.0


def _narrow(words: str) -> float | None:
    return _ROOM_MM if text_width_mm(words, size_mm=_TEXT_MM) > _ROOM_MM * 1.05 else None
