"""Colourings by a figure per parcel: classes from light to dark, each in words with its m²."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from siteplan.maps.looks import CLOSED, SEQUENCE, UNUSED, LegendEntry, MapStyle, Swatch
from siteplan.text import N_, Joined, Text, sentence, translate
from siteplan.units import pyeong

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.evaluation import Plan

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]
    Bytes = npt.NDArray[np.uint8]

CLOSED_SWATCH = Swatch(CLOSED, None, 0.06)
QUIET_SWATCHES = (Swatch(UNUSED, None, 0.45), Swatch(CLOSED, None, 0.16), CLOSED_SWATCH)
QUIET_TEXTS = (N_("Not used"), N_("Takes no part"), N_("No floor area possible"))


@dataclass(frozen=True, eq=False)
class Apart:
    """Parcels that belong to no class.

    Parameters
    ----------
    index : ndarray of uint8, shape (n,)
        0 where the figure counts, j where the j-th of `looks` does, from 1.
    looks : tuple of Swatch
    texts : tuple of str
        Words of the looks, in the reader's language.
    """

    index: Bytes
    looks: tuple[Swatch, ...]
    texts: tuple[str, ...]


def area_text(area_m2: float, *, lang: str) -> str:
    """Return an area with thousands separators, in Korean also in 평."""
    text = f"{area_m2:,.0f} m²"
    return f"{text} ({pyeong(area_m2):,.0f}평)" if lang == "ko" else text


def counted(count: int, area_m2: float | None = None, *, lang: str) -> str:
    """Return a number of parcels, with their floor area where one is given."""
    parcels = sentence("1 parcel") if count == 1 else sentence("{count:,} parcels", count=count)
    if area_m2 is None:
        return parcels.render(lang)
    return Joined((parcels, area_text(area_m2, lang=lang))).render(lang)


def quiet(plan: Plan) -> Bytes:
    """Return why a parcel stands back, shape (n,), meant for parcels without floor area.

    0 it has room and is not used, 1 the planner leaves it out, 2 nothing can be built on it:
    no capacity, or no use allowed.
    """
    shut = (plan.capacity.far_area_m2 <= 0) | ~plan.capacity.allowed.any(axis=1)
    why = np.where(shut, 2, 0).astype(np.uint8)
    why[plan.capacity.available_pct == 0] = 1
    return why


def idle(plan: Plan, *, lang: str) -> Apart:
    """Return the parcels without floor area, each with the reason."""
    apart = np.where(plan.gfa_m2.any(axis=1), 0, 1 + quiet(plan)).astype(np.uint8)
    return Apart(apart, QUIET_SWATCHES, tuple(translate(text, lang=lang) for text in QUIET_TEXTS))


def sequence(count: int) -> tuple[Swatch, ...]:
    """Return as many steps from light to dark as there are classes."""
    stops = np.linspace(0, len(SEQUENCE) - 1, count)
    channels = np.array([[int(fill[at : at + 2], 16) for at in (1, 3, 5)] for fill in SEQUENCE])
    mixed = np.column_stack(
        [np.interp(stops, np.arange(len(SEQUENCE)), channels[:, c]) for c in range(3)]
    )
    return tuple(
        Swatch("#{:02X}{:02X}{:02X}".format(*row), None, 0.9)
        for row in np.rint(mixed).astype(int).tolist()
    )


def classed(  # noqa: PLR0913 - what a colouring needs, all by name
    value: Floats | Integers,
    *,
    edges: Sequence[float],
    texts: Sequence[str],
    apart: Apart,
    colour_by: str,
    title: str,
    lang: str,
    area_m2: Integers | None = None,
) -> MapStyle:
    """Return a colouring by classes of a figure, such as storeys, a share or a year.

    Parameters
    ----------
    value : ndarray, shape (n,)
    edges : sequence of c - 1 floats
        Least value of the second class and of those after it.
    texts : sequence of c str
        Words of each class in the reader's language.
    apart : Apart
        Parcels whose value says nothing.
    colour_by, title : str
        As in `MapStyle`.
    lang : str
        Language of the notes.
    area_m2 : ndarray of int, shape (n,), optional
        Floor area by parcel, summed by class in the legend.
    """
    steps = np.digitize(np.where(apart.index == 0, value, 0), edges)
    index = np.where(apart.index == 0, steps, len(texts) + apart.index - 1).astype(np.uint8)
    entries = []
    for row, text in enumerate(texts):
        of_class = index == row
        sum_m2 = None if area_m2 is None else float(area_m2[of_class].sum())
        note = counted(int(of_class.sum()), sum_m2, lang=lang) if of_class.any() else "–"
        entries.append(LegendEntry(row, text, note))
    entries += apart_entries(index, apart, first=len(texts), lang=lang)
    palette = (*sequence(len(texts)), *apart.looks)
    return MapStyle(colour_by, title, palette, index, tuple(entries))


def apart_entries(index: Bytes, apart: Apart, *, first: int, lang: str) -> list[LegendEntry]:
    """Return the entries of the parcels in no class, as far as there are any."""
    entries = []
    for why, text in enumerate(apart.texts):
        count = int((index == first + why).sum())
        if count:
            entries.append(LegendEntry(first + why, text, counted(count, lang=lang)))
    return entries


def storeys(plan: Plan, *, title: str, lang: str) -> MapStyle:
    """Return parcels by floors above ground."""
    edges = (4, 8, 15, 25)
    ranges = ("1–3", "4–7", "8–14", "15–24")
    texts = [Text(N_("{floors} floors"), {"floors": told}).render(lang) for told in ranges]
    texts.append(translate(N_("25 floors or more"), lang=lang))
    return classed(
        np.asarray(plan.floors),
        edges=edges,
        texts=texts,
        apart=idle(plan, lang=lang),
        colour_by="floors",
        title=title,
        lang=lang,
        area_m2=plan.parcel_gfa_m2,
    )


def utilisation(plan: Plan, *, title: str, lang: str) -> MapStyle:
    """Return parcels by the part of their capacity that is used."""
    return classed(
        np.nan_to_num(np.asarray(plan.utilisation_pct, dtype=float)),
        edges=(20.0, 40.0, 60.0, 80.0),
        texts=("0–20 %", "20–40 %", "40–60 %", "60–80 %", "80–100 %"),
        apart=idle(plan, lang=lang),
        colour_by="utilisation",
        title=title,
        lang=lang,
        area_m2=plan.parcel_gfa_m2,
    )


def graded(grade: Floats, *, without: str, colour_by: str, title: str, lang: str) -> MapStyle:
    """Return parcels by a grade from 0 to 1, told in points of 100 as everywhere.

    `without` are the words where it is NaN.
    """
    style = classed(
        grade,
        edges=(0.2, 0.4, 0.6, 0.8),
        texts=("0–20", "20–40", "40–60", "60–80", "80–100"),
        apart=Apart(np.isnan(grade).astype(np.uint8), (CLOSED_SWATCH,), (without,)),
        colour_by=colour_by,
        title=title,
        lang=lang,
    )
    return replace(style, remark=translate(N_("Points of 100; more is better."), lang=lang))
