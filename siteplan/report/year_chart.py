"""What is built in each year as stacked columns for paper, with the most that a year may hold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from siteplan.maps.style import USE_STROKES
from siteplan.report.drawing import drawing, hatch_fill
from siteplan.report.labels import text_width_mm
from siteplan.report.markup import Markup, element, joined
from siteplan.uses import USES

_INK, _QUIET, _LINE = "#16202a", "#55606b", "#cfd6dc"
_LEFT_MM, _TOP_MM, _FOOT_MM = 15.0, 5.0, 9.5
_MOST_COLUMN_MM = 16.0
_TEXT_MM = 2.4


@dataclass(frozen=True)
class YearColumn:
    """One year: m² by use in the order of the uses, what stands at its end, the most of it."""

    year: int
    built_m2: tuple[int, ...]
    standing_m2: int
    most_m2: float | None = None


def year_chart(
    columns: Sequence[YearColumn], *, width_mm: float, height_mm: float, label: str
) -> Markup:
    """Return the years as stacked columns; dashed lines are ceilings.

    Above a column stands what is built, below its year what stands at its end, both in m²; where
    columns are too narrow for the words, only every second, third … year has them.
    """
    whole_m2 = max(max(sum(c.built_m2), c.most_m2 or 0.0) for c in columns) or 1.0
    step_m2 = _round_step(whole_m2 / 4)
    top_m2 = math.ceil(whole_m2 / step_m2 - 1e-9) * step_m2
    plot_mm = height_mm - _TOP_MM - _FOOT_MM
    each_mm = (width_mm - _LEFT_MM) / len(columns)

    def down(area_m2: float) -> float:
        return _TOP_MM + plot_mm * (1 - area_m2 / top_m2)

    drawn = [
        *_grid(step_m2, top_m2=top_m2, width_mm=width_mm, down=down),
        *(
            _column(one, middle=_LEFT_MM + each_mm * (place + 0.5), each_mm=each_mm, down=down)
            for place, one in enumerate(columns)
        ),
    ]
    widest = max(text_width_mm(f"{one.standing_m2:,}", size_mm=_TEXT_MM) for one in columns)
    every = math.ceil((widest + 1) / each_mm)
    for place, one in enumerate(columns):
        if place % every == 0:
            drawn += _words(one, middle=_LEFT_MM + each_mm * (place + 0.5), down=down)
    return drawing(
        joined(drawn), width_mm=width_mm, height_mm=height_mm, label=label, natural=False
    )


def _round_step(most: float) -> float:
    """Return the next 1, 2 or 5 × a power of ten from `most` up."""
    power = float(10 ** math.floor(math.log10(max(most, 1.0))))
    return next(power * k for k in (1, 2, 5, 10) if power * k >= most * (1 - 1e-9))


def _text(words: str, *, x: float, y: float, **looks: Any) -> Markup:
    given = {"font_size": _TEXT_MM, "fill": _QUIET, "text_anchor": "middle", **looks}
    return element("text", words, x=x, y=y, **given)


def _grid(step_m2: float, *, top_m2: float, width_mm: float, down: Any) -> list[Markup]:
    drawn = []
    for line in range(round(top_m2 / step_m2) + 1):
        y = down(line * step_m2)
        drawn.append(
            element(
                "path",
                d=f"M{_LEFT_MM:.2f} {y:.2f}H{width_mm:.2f}",
                stroke=_LINE if line else _INK,
                stroke_width=0.15 if line else 0.3,
                fill="none",
            )
        )
        drawn.append(
            _text(f"{line * step_m2:,.0f}", x=_LEFT_MM - 1.2, y=y + 0.8, text_anchor="end")
        )
    return drawn


def _column(one: YearColumn, *, middle: float, each_mm: float, down: Any) -> Markup:
    wide = min(each_mm * 0.7, _MOST_COLUMN_MM)
    drawn, foot_m2 = [], 0
    for use, area_m2 in zip(USES, one.built_m2, strict=True):
        if area_m2:
            drawn.append(
                element(
                    "rect",
                    x=middle - wide / 2,
                    y=down(foot_m2 + area_m2),
                    width=wide,
                    height=down(foot_m2) - down(foot_m2 + area_m2),
                    fill=hatch_fill(use),
                    stroke=USE_STROKES[use],
                    stroke_width=0.2,
                )
            )
        foot_m2 += area_m2
    if one.most_m2 is not None:
        half = min(wide / 2 + 1.2, each_mm / 2)
        drawn.append(
            element(
                "path",
                d=f"M{middle - half:.2f} {down(one.most_m2):.2f}h{half * 2:.2f}",
                stroke=_INK,
                stroke_width=0.45,
                stroke_dasharray="1.4 .7",
                fill="none",
            )
        )
    return joined(drawn)


def _words(one: YearColumn, *, middle: float, down: Any) -> list[Markup]:
    built_m2, foot = sum(one.built_m2), down(0)
    said = [
        _text(str(one.year), x=middle, y=foot + 3.6, font_weight="700", fill=_INK, font_size=2.7),
        _text(f"{one.standing_m2:,}", x=middle, y=foot + 7.2),
    ]
    if built_m2:
        # A ceiling that is just met would run through the figure.
        top_m2 = built_m2
        if one.most_m2 is not None and down(built_m2) - down(one.most_m2) < _TEXT_MM + 1.4:
            top_m2 = max(built_m2, int(one.most_m2))
        said.append(_text(f"{built_m2:,}", x=middle, y=down(top_m2) - 1.0, fill=_INK))
    return said
