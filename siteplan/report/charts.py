"""Small charts for paper: bars and bands with their words beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from siteplan.maps.contrast import ink_on
from siteplan.maps.style import USE_COLOURS
from siteplan.report.drawing import drawing, hatch_fill
from siteplan.report.labels import text_width_mm
from siteplan.report.markup import Markup, element, joined
from siteplan.uses import ALL_USES

if TYPE_CHECKING:
    from siteplan.report.sheet import Sheet

_INK, _QUIET, _LINE = "#16202a", "#55606b", "#cfd6dc"
_TEXT_MM = 2.6


@dataclass(frozen=True)
class Block:
    """A part of a bar: its words, its size, its fill, and the colour that the words stand on."""

    label: str
    size: float
    fill: str
    ground: str


def split_bar(blocks: Sequence[Block], *, width_mm: float, height_mm: float, label: str) -> Markup:
    """Return one bar split to scale; the words stand inside where there is room."""
    whole = sum(block.size for block in blocks) or 1.0
    drawn, x = [], 0.0
    for block in blocks:
        wide = block.size / whole * width_mm
        drawn.append(
            element(
                "rect",
                x=x,
                y=0,
                width=wide,
                height=height_mm,
                fill=block.fill,
                stroke="#fff",
                stroke_width=0.3,
            )
        )
        if block.label and text_width_mm(block.label, size_mm=3) + 2 < wide:
            drawn.append(
                element(
                    "text",
                    block.label,
                    x=x + wide / 2,
                    y=height_mm / 2 + 1.1,
                    font_size=3,
                    font_weight="700",
                    text_anchor="middle",
                    fill=ink_on(block.ground),
                    # Covers the hatch round the letters.
                    stroke=block.ground,
                    stroke_width=0.9,
                    stroke_linejoin="round",
                    paint_order="stroke",
                )
            )
        x += wide
    return drawing(*drawn, width_mm=width_mm, height_mm=height_mm, label=label, natural=False)


def use_bar(sheet: Sheet, areas_m2: Sequence[float], *, width_mm: float, label: str) -> Markup:
    """Return areas of the four uses as one bar, each with its hatch."""
    blocks = [
        Block(use.label.render(sheet.lang), area_m2, hatch_fill(use.key), USE_COLOURS[use.key])
        for use, area_m2 in zip(ALL_USES, areas_m2, strict=True)
    ]
    return split_bar(blocks, width_mm=width_mm, height_mm=9, label=label)


@dataclass(frozen=True)
class Span:
    """A feasible range on a bar of the whole: least, value, most."""

    use: str
    low: float
    value: float
    high: float


def range_bar(span: Span, *, whole: float, label: str) -> Markup:
    """Return the range that a use may take as a bar, with a tick at its value."""
    width, height = 40.0, 3.4
    scale = width / whole
    x = span.value * scale
    return drawing(
        element("rect", x=0, y=1.2, width=width, height=1, fill=_LINE),
        element(
            "rect",
            x=span.low * scale,
            y=0.7,
            width=max((span.high - span.low) * scale, 0.3),
            height=2,
            fill=USE_COLOURS[span.use],
        ),
        element("path", d=f"M{x:.2f} 0V{height:.2f}", stroke=_INK, stroke_width=0.6, fill="none"),
        width_mm=width,
        height_mm=height,
        label=label,
        natural=False,
    )


@dataclass(frozen=True)
class Band:
    """A figure's spread, as percent of the figure, and its words."""

    label: str
    low_pct: float
    median_pct: float
    high_pct: float
    span: str


def band_chart(bands: Sequence[Band], *, width_mm: float, label: str) -> Markup:
    """Return each figure's 5–95 % band against the figure itself at 100 %."""
    row, top, left, right = 5.2, 6.0, width_mm * 0.33, width_mm * 0.24
    low = min([50.0, *(band.low_pct for band in bands)])
    high = max([150.0, *(band.high_pct for band in bands)])
    low, high = max(0.0, low // 25 * 25), -(-high // 25) * 25
    plot = width_mm - left - right
    foot = top + row * len(bands)

    def at(pct: float) -> float:
        return left + (pct - low) / (high - low) * plot

    text: dict[str, Any] = {"font_size": _TEXT_MM, "fill": _INK}
    drawn: list[Markup] = []
    step = 25 if high - low <= 200 else 50
    for pct in range(int(low), int(high) + 1, step):
        main = pct == 100
        drawn.append(
            element(
                "path",
                d=f"M{at(pct):.2f} {top - 1.2:.2f}V{foot:.2f}",
                stroke=_INK if main else _LINE,
                stroke_width=0.3 if main else 0.15,
                stroke_dasharray="1 .8" if main else None,
                fill="none",
            )
        )
        drawn.append(
            element(
                "text",
                f"{pct} %",
                x=at(pct),
                y=top - 2.4,
                font_size=2.2,
                fill=_QUIET,
                text_anchor="middle",
            )
        )
    for place, band in enumerate(bands):
        y = top + row * (place + 0.5)
        base = y + _TEXT_MM * 0.36
        drawn += [
            element("text", band.label, x=0, y=base, **text),
            element(
                "rect",
                x=at(band.low_pct),
                y=y - 1.1,
                width=max(at(band.high_pct) - at(band.low_pct), 0.4),
                height=2.2,
                fill="#7fa8c4",
            ),
            element(
                "path",
                d=f"M{at(band.median_pct):.2f} {y - 1.8:.2f}v3.6",
                stroke="#0b4f7d",
                stroke_width=0.8,
                fill="none",
            ),
            element(
                "text", band.span, x=width_mm, y=base, text_anchor="end", font_size=2.4, fill=_QUIET
            ),
        ]
    return drawing(joined(drawn), width_mm=width_mm, height_mm=foot + 1, label=label, natural=False)


def chance_bar(holds_pct: float, *, label: str) -> Markup:
    """Return how often a limit holds as a bar of 100, the part that fails hatched by lines."""
    width, height = 40.0, 3.0
    split = width * holds_pct / 100
    fails = joined(
        element(
            "path",
            d=f"M{x:.2f} 0l-1.5 {height:g}",
            stroke="#8a4a00",
            stroke_width=0.3,
            fill="none",
        )
        for x in (split + 1.5 + i * 1.2 for i in range(int(max(width - split - 1.5, 0) / 1.2) + 1))
        if x <= width
    )
    return drawing(
        element("rect", x=0, y=0, width=split, height=height, fill="#0b4f7d"),
        fails,
        element(
            "rect",
            x=0.1,
            y=0.1,
            width=width - 0.2,
            height=height - 0.2,
            fill="none",
            stroke=_QUIET,
            stroke_width=0.2,
        ),
        width_mm=width,
        height_mm=height,
        label=label,
        natural=False,
    )
