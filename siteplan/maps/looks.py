"""Colours, hatches and the shape of a colouring, for the 2-D map, the 3-D view and legends.

Uses: Okabe & Ito's palette, which stays apart under the three common kinds of colour blindness
(Color Universal Design, 2008). Sequences: cividis (Nuñez, Anderton & Renslow 2018), dark meaning
more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Bytes = npt.NDArray[np.uint8]

USE_COLOURS: dict[str, str] = {
    "research": "#0072B2",
    "campus": "#009E73",
    "housing": "#E69F00",
    "culture": "#CC79A7",
}
"""Fill of each use, everywhere."""

USE_STROKES: dict[str, str] = {
    "research": "#00466E",
    "campus": "#00614A",
    "housing": "#8A5F00",
    "culture": "#7F4266",
}
"""Outline of each use: the same hue, darker."""

UNUSED = "#AEB6BF"
CLOSED = "#8E959C"
SEQUENCE = ("#F0E5A0", "#C9B96B", "#94907A", "#5C6B7C", "#1F4A78")
"""Five classes, cividis reversed and cut short, so that dark means more."""

EVIDENCE_COLOURS = {
    "official": "#0072B2",
    "supplied": "#009E73",
    "published": "#56B4E9",
    "schematic": "#D55E00",
}
ZONE_COLOURS: dict[str, str] = {
    "제1종전용주거지역": "#FFF9C9",
    "제2종전용주거지역": "#FFF08A",
    "제1종일반주거지역": "#FFE14A",
    "제2종일반주거지역": "#FFC42E",
    "제3종일반주거지역": "#F59A23",
    "준주거지역": "#D9650F",
    "근린상업지역": "#FBC3D0",
    "유통상업지역": "#F38BA8",
    "일반상업지역": "#E5446D",
    "중심상업지역": "#A50F45",
    "준공업지역": "#CDBDE6",
    "일반공업지역": "#9C80C8",
    "전용공업지역": "#66499A",
    "자연녹지지역": "#A5D98C",
    "생산녹지지역": "#5FB356",
    "보전녹지지역": "#1F7A3D",
    "계획관리지역": "#CFDE9C",
    "생산관리지역": "#B9C26A",
    "보전관리지역": "#8C9A3C",
    "농림지역": "#65682A",
    "자연환경보전지역": "#3F8F80",
}
"""Fill of each 용도지역 of the law, as Korean planning maps have it: residential from yellow to
orange, the denser the darker; commercial from pink to red; industrial violet; green areas green;
management, agriculture and nature light green to olive."""

OTHER_ZONES = ("#CFE3F2", "#8FBBDD", "#4C8DBF", "#1F5A8C")
"""Fill of zones that the law does not name; those beyond the fourth share the grey of "other"."""

GROUND: dict[str, dict[str, str]] = {
    "light": {
        "ground": "#F3F1EC",
        "road": "#FFFFFF",
        "road_edge": "#DDD8CE",
        "water": "#B9D7E8",
        "water_edge": "#98BFD6",
        "park": "#D8E6CC",
        "park_edge": "#BFD3AE",
        "district": "#B3A9A0",
        "station": "#3D4A57",
        "parcel": "#6B747D",
        "selected": "#14181C",
        "casing": "#FFFFFF",
    },
    "dark": {
        "ground": "#1C2126",
        "road": "#343B43",
        "road_edge": "#262C32",
        "water": "#27404F",
        "water_edge": "#355567",
        "park": "#25352B",
        "park_edge": "#33483A",
        "district": "#5B646D",
        "station": "#D5DBE1",
        "parcel": "#9AA3AC",
        "selected": "#FFFFFF",
        "casing": "#0B0D0F",
    },
}
"""Colours of what lies round the parcels, on a light and on a dark ground."""

HATCHES = ("stripes", "grid", "plus", "minus", "cross", "dots", "lines")
"""Patterns that the map document can draw over a fill."""


@dataclass(frozen=True)
class Swatch:
    """How one class of parcels is drawn.

    Parameters
    ----------
    fill : str
        ``#RRGGBB``.
    stroke : str or None
        Outline; None takes the ground's own outline colour.
    opacity : float
        Of the fill, 0..1.
    weight : float
        Width of the outline in pixels.
    hatch : str or None
        One of `HATCHES`, drawn over the fill, so that colour does not stand alone.
    ink : str
        Colour of the hatch, ``#RRGGBB``.
    """

    fill: str
    stroke: str | None = None
    opacity: float = 0.85
    weight: float = 1.0
    hatch: str | None = None
    ink: str = "#FFFFFF"


@dataclass(frozen=True)
class LegendEntry:
    """One line of a legend: which swatch, its words, a figure beside them."""

    swatch: int
    text: str
    note: str = ""


@dataclass(frozen=True, eq=False)
class MapStyle:
    """A colouring of all parcels.

    Parameters
    ----------
    colour_by : str
        What the colours say, see `colour_choices`.
    title : str
        Heading of the legend.
    palette : tuple of Swatch
    index : ndarray of uint8, shape (n,)
        Swatch of each parcel.
    legend : tuple of LegendEntry
    remark : str
        A sentence below the legend; empty where there is nothing to say.
    """

    colour_by: str
    title: str
    palette: tuple[Swatch, ...]
    index: Bytes
    legend: tuple[LegendEntry, ...]
    remark: str = ""
