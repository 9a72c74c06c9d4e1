"""One place for the looks of parcels: the 2-D map, the 3-D view and QGIS take colours from here.

Uses: Okabe & Ito's palette, which stays apart under the three common kinds of colour blindness
(Color Universal Design, 2008). Sequences: cividis (Nuñez, Anderton & Renslow 2018), dark meaning
more. Colour never stands alone: each legend entry has words, and the tooltip says the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siteplan.parcels import EVIDENCE
from siteplan.text import N_, Text, translate
from siteplan.units import pyeong
from siteplan.uses import ALL_USES, USES, use_index

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.evaluation import Plan

    Floats = npt.NDArray[np.float64]
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
ZONE_COLOURS = (
    "#88CCEE",
    "#DDCC77",
    "#CC6677",
    "#44AA99",
    "#332288",
    "#999933",
    "#882255",
    "#117733",
    "#AA4499",
)
"""Paul Tol's muted scheme; zones beyond the ninth share the grey of "other"."""

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
    """

    fill: str
    stroke: str | None = None
    opacity: float = 0.85
    weight: float = 1.0


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
    """

    colour_by: str
    title: str
    palette: tuple[Swatch, ...]
    index: Bytes
    legend: tuple[LegendEntry, ...]


_UNUSED_SWATCH = Swatch(UNUSED, None, 0.45)
_ABSENT_SWATCH = Swatch(CLOSED, None, 0.16)
_CLOSED_SWATCH = Swatch(CLOSED, None, 0.06)
_QUIET_SWATCHES = (_UNUSED_SWATCH, _ABSENT_SWATCH, _CLOSED_SWATCH)
_QUIET_TEXTS = (N_("Not used"), N_("Takes no part"), N_("No floor area possible"))
_NAMES = {
    "use": N_("Dominant use"),
    "utilisation": N_("Share of capacity used"),
    "evidence": N_("Evidence of outlines"),
    "zone": N_("Zone applied"),
    "phase": N_("Year of completion"),
}
_SUITABILITY = N_("Suitability for {use}")
_EVIDENCE_TEXTS = {
    "official": N_("Official outline"),
    "supplied": N_("Outline from your file, not checked"),
    "published": N_("Published lot, outline drawn by siteplan"),
    "schematic": N_("Schematic outline"),
}
COLOUR_BYS: tuple[str, ...] = (
    "use",
    "utilisation",
    *(f"score:{use}" for use in USES),
    "phase",
    "zone",
    "evidence",
)
"""Everything that parcels can be coloured by."""


def colour_name(colour_by: str, *, lang: str) -> str:
    """Return the heading of a colouring; ValueError names the ones that exist."""
    if colour_by not in COLOUR_BYS:
        raise ValueError(f"cannot colour by {colour_by!r}; choose from {', '.join(COLOUR_BYS)}")
    if colour_by.startswith("score:"):
        use = ALL_USES[use_index(colour_by.removeprefix("score:"))].label
        return Text(_SUITABILITY, {"use": use}).render(lang)
    return translate(_NAMES[colour_by], lang=lang)


def colour_choices(*, lang: str) -> dict[str, str]:
    """Return every colouring and its heading, in the order in which to offer them."""
    return {colour_by: colour_name(colour_by, lang=lang) for colour_by in COLOUR_BYS}


def area_text(area_m2: float, *, lang: str) -> str:
    """Return an area with thousands separators, in Korean also in 평."""
    text = f"{area_m2:,.0f} m²"
    return f"{text} ({pyeong(area_m2):,.0f}평)" if lang == "ko" else text


def quiet(plan: Plan) -> Bytes:
    """Return why a parcel stands back, shape (n,), meant for parcels without floor area.

    0 it has room and is not used, 1 the planner leaves it out, 2 nothing can be built on it:
    no capacity, or no use allowed.
    """
    shut = (plan.capacity.far_area_m2 <= 0) | ~plan.capacity.allowed.any(axis=1)
    why = np.where(shut, 2, 0).astype(np.uint8)
    why[plan.capacity.available_pct == 0] = 1
    return why


def colours(plan: Plan, *, colour_by: str = "use", lang: str = "ko") -> MapStyle:
    """Return how to draw each parcel of a plan.

    Parameters
    ----------
    plan : Plan
    colour_by : str
        One of `COLOUR_BYS`.
    lang : str
        Language of title and legend.

    Raises
    ------
    ValueError
        `colour_by` is none of `COLOUR_BYS`.
    """
    title = colour_name(colour_by, lang=lang)
    if colour_by.startswith("score:"):
        column = use_index(colour_by.removeprefix("score:"))
        allowed = plan.capacity.allowed[:, column] & np.isfinite(plan.score[:, column])
        score = np.where(allowed, plan.score[:, column], np.nan)
        return _scores(score, colour_by=colour_by, title=title, lang=lang)
    if colour_by == "phase":
        from siteplan.maps.phase_style import phase_colours

        return phase_colours(plan, title=title, lang=lang)
    build: dict[str, Callable[[Plan, str, str], MapStyle]] = {
        "use": _uses,
        "utilisation": _utilisation,
        "evidence": _evidence,
        "zone": _zones,
    }
    return build[colour_by](plan, title, lang)


def _uses(plan: Plan, title: str, lang: str) -> MapStyle:
    gfa_m2 = plan.gfa_m2
    used = gfa_m2.any(axis=1)
    index = np.where(used, gfa_m2.argmax(axis=1), len(USES) + quiet(plan)).astype(np.uint8)
    palette = (
        *(Swatch(USE_COLOURS[use], USE_STROKES[use], 0.88, 1.2) for use in USES),
        *_QUIET_SWATCHES,
    )
    totals_m2 = gfa_m2.sum(axis=0)
    entries = [
        LegendEntry(row, use.label.render(lang), area_text(float(totals_m2[row]), lang=lang))
        for row, use in enumerate(ALL_USES)
    ]
    entries += _quiet(index, first=len(USES), lang=lang)
    return MapStyle("use", title, palette, index, tuple(entries))


def _quiet(index: Bytes, *, first: int, lang: str) -> list[LegendEntry]:
    """Return the entries for parcels without floor area, as far as there are any."""
    return [
        LegendEntry(first + why, translate(text, lang=lang))
        for why, text in enumerate(_QUIET_TEXTS)
        if (index == first + why).any()
    ]


def _sequence() -> tuple[Swatch, ...]:
    return tuple(Swatch(fill, None, 0.9) for fill in SEQUENCE)


def _utilisation(plan: Plan, title: str, lang: str) -> MapStyle:
    used_pct = np.nan_to_num(np.asarray(plan.utilisation_pct, dtype=float))
    steps = np.digitize(used_pct, (20.0, 40.0, 60.0, 80.0))
    idle = ~plan.gfa_m2.any(axis=1)
    index = np.where(idle, len(SEQUENCE) + quiet(plan), steps).astype(np.uint8)
    ranges = ("0–20 %", "20–40 %", "40–60 %", "60–80 %", "80–100 %")
    entries = [LegendEntry(row, text) for row, text in enumerate(ranges)]
    entries += _quiet(index, first=len(SEQUENCE), lang=lang)
    palette = (*_sequence(), *_QUIET_SWATCHES)
    return MapStyle("utilisation", title, palette, index, tuple(entries))


def _scores(score: Floats, *, colour_by: str, title: str, lang: str) -> MapStyle:
    allowed = np.isfinite(score)
    steps = np.digitize(np.where(allowed, score, 0.0), (0.2, 0.4, 0.6, 0.8))
    index = np.where(allowed, steps, len(SEQUENCE)).astype(np.uint8)
    ranges = ("0.0–0.2", "0.2–0.4", "0.4–0.6", "0.6–0.8", "0.8–1.0")
    entries = [LegendEntry(row, text) for row, text in enumerate(ranges)]
    if not allowed.all():
        entries.append(LegendEntry(len(SEQUENCE), translate(N_("Use not allowed"), lang=lang)))
    return MapStyle(colour_by, title, (*_sequence(), _CLOSED_SWATCH), index, tuple(entries))


def _evidence(plan: Plan, title: str, lang: str) -> MapStyle:
    order = {kind: row for row, kind in enumerate(EVIDENCE)}
    index = np.fromiter(
        (order[kind] for kind in plan.parcels.evidence), dtype=np.uint8, count=len(plan.parcels)
    )
    palette = tuple(Swatch(EVIDENCE_COLOURS[kind], None, 0.75) for kind in EVIDENCE)
    entries = tuple(
        LegendEntry(row, translate(_EVIDENCE_TEXTS[kind], lang=lang), f"{(index == row).sum():,}")
        for row, kind in enumerate(EVIDENCE)
        if (index == row).any()
    )
    return MapStyle("evidence", title, palette, index, entries)


def _zones(plan: Plan, title: str, lang: str) -> MapStyle:
    zones: Sequence[str | None] = plan.capacity.zones
    counts: dict[str, int] = {}
    for zone in zones:
        if zone is not None:
            counts[zone] = counts.get(zone, 0) + 1
    named = sorted(counts, key=lambda zone: (-counts[zone], zone))[: len(ZONE_COLOURS)]
    row_of = {zone: row for row, zone in enumerate(named)}
    other, none = len(named), len(named) + 1
    index = np.fromiter(
        (none if zone is None else row_of.get(zone, other) for zone in zones),
        dtype=np.uint8,
        count=len(plan.parcels),
    )
    palette = (
        *(Swatch(ZONE_COLOURS[row], None, 0.75) for row in range(len(named))),
        Swatch(UNUSED, None, 0.75),
        _CLOSED_SWATCH,
    )
    entries = [LegendEntry(row, zone, f"{counts[zone]:,}") for zone, row in row_of.items()]
    wordings = {other: N_("Other zones"), none: N_("No zone known")}
    entries += [
        LegendEntry(row, translate(text, lang=lang), f"{(index == row).sum():,}")
        for row, text in wordings.items()
        if (index == row).any()
    ]
    return MapStyle("zone", title, palette, index, tuple(entries))
