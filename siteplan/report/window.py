"""The piece of ground on a map at a round scale, with its scale bar and its north arrow."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from siteplan.report.labels import Box
from siteplan.report.markup import Markup, element

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

_SCALES = (
    500, 600, 1000, 1200, 1500, 2000, 2500, 3000, 4000, 5000, 6000, 7500, 8000, 10_000, 12_000,
    15_000, 20_000, 25_000, 30_000, 40_000, 50_000, 75_000, 100_000,
)  # fmt: skip
_MARGIN_RATIO = 0.07


@dataclass(frozen=True)
class Window:
    """The piece of ground on a map: EPSG:5186 metres to mm on paper at a round scale.

    Parameters
    ----------
    west_m, north_m : float
        Its corner.
    scale : float
        Denominator: 1 mm on paper is `scale` mm on the ground.
    width_mm, height_mm : float
    """

    west_m: float
    north_m: float
    scale: float
    width_mm: float
    height_mm: float

    def project(self, xy_m: Floats) -> Floats:
        """Return mm on the map, x to the right and y down, of points in metres."""
        mm_per_m = 1000 / self.scale
        return np.column_stack(
            [(xy_m[:, 0] - self.west_m) * mm_per_m, (self.north_m - xy_m[:, 1]) * mm_per_m]
        )

    @cached_property
    def ground(self) -> Any:
        """Return the ground shown, as a polygon in metres."""
        m_per_mm = self.scale / 1000
        return shapely.box(
            self.west_m,
            self.north_m - self.height_mm * m_per_mm,
            self.west_m + self.width_mm * m_per_mm,
            self.north_m,
        )


def window_round(
    bounds_m: tuple[float, float, float, float], *, width_mm: float, most_height_mm: float
) -> Window:
    """Return the window that shows a box of ground at the largest round scale.

    Parameters
    ----------
    bounds_m : (west, south, east, north)
        In EPSG:5186.
    width_mm, most_height_mm : float
        Room on the paper; the window is as wide as that, and as high as the ground needs, but at
        least half as high as wide.
    """
    west, south, east, north = bounds_m
    wide_m = max(east - west, 20.0) * (1 + 2 * _MARGIN_RATIO)
    high_m = max(north - south, 20.0) * (1 + 2 * _MARGIN_RATIO)
    least = max(wide_m / width_mm, high_m / most_height_mm) * 1000
    scale = next((s for s in _SCALES if s >= least), math.ceil(least / 100_000) * 100_000)
    height_mm = min(most_height_mm, max(high_m * 1000 / scale, width_mm * 0.5))
    m_per_mm = scale / 1000
    return Window(
        west_m=(west + east) / 2 - width_mm * m_per_mm / 2,
        north_m=(south + north) / 2 + height_mm * m_per_mm / 2,
        scale=scale,
        width_mm=width_mm,
        height_mm=height_mm,
    )


_BAR_SHARE, _ARROW_MM = 0.22, 9.0


def _bar_m(window: Window) -> float:
    """Return a round length for the scale bar."""
    most_m = window.width_mm * _BAR_SHARE * window.scale / 1000
    step = float(10 ** math.floor(math.log10(most_m)))
    return max(step * k for k in (1, 2, 5) if step * k <= most_m)


def taken(window: Window) -> tuple[Box, Box]:
    """Return where the scale bar and the north arrow stand."""
    bar_mm = _bar_m(window) * 1000 / window.scale
    foot = window.height_mm
    return (
        Box(1.5, foot - 9.5, bar_mm + 14, foot - 1.5),
        Box(window.width_mm - 9, 1.5, window.width_mm - 1.5, 1.5 + _ARROW_MM + 4),
    )


def scale_bar(window: Window) -> Markup:
    """Return the scale bar, low on the left, in round metres."""
    bar_m = _bar_m(window)
    bar_mm = bar_m * 1000 / window.scale
    box = taken(window)[0]
    x, y = box.west + 3, box.south - 3.2
    half = bar_mm / 2
    text: dict[str, Any] = {"font_size": 2.1, "fill": "#16202a", "text_anchor": "middle"}
    return element(
        "g",
        element(
            "rect",
            x=box.west,
            y=box.north,
            width=box.east - box.west,
            height=box.south - box.north,
            fill="#fff",
            fill_opacity=0.85,
        ),
        element("rect", x=x, y=y, width=half, height=1.2, fill="#16202a"),
        element(
            "rect",
            x=x,
            y=y,
            width=bar_mm,
            height=1.2,
            fill="none",
            stroke="#16202a",
            stroke_width=0.2,
        ),
        element("text", "0", x=x, y=y - 1.1, **text),
        element("text", f"{bar_m / 2:g}", x=x + half, y=y - 1.1, **text) if half > 8 else "",
        element("text", f"{bar_m:,g} m", x=x + bar_mm + 1, y=y - 1.1, **text),
    )


def north_arrow(window: Window) -> Markup:
    """Return the north arrow, high on the right: north is up in EPSG:5186."""
    box = taken(window)[1]
    x, top = (box.west + box.east) / 2, box.north + 4.6
    return element(
        "g",
        element(
            "rect",
            x=box.west,
            y=box.north,
            width=box.east - box.west,
            height=box.south - box.north,
            fill="#fff",
            fill_opacity=0.85,
        ),
        element(
            "path",
            d=f"M{x:.2f} {top:.2f}l2.4 7.4 -2.4 -1.6z",
            fill="#16202a",
        ),
        element(
            "path",
            d=f"M{x:.2f} {top:.2f}l-2.4 7.4 2.4 -1.6z",
            fill="#fff",
            stroke="#16202a",
            stroke_width=0.25,
        ),
        element(
            "text",
            "N",
            x=x,
            y=top - 0.9,
            font_size=3,
            font_weight="700",
            text_anchor="middle",
            fill="#16202a",
        ),
    )
