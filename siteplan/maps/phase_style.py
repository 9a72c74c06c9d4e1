"""Colours of years: when parcels are completed, and what stands at the end of a year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteplan.maps.classes import counted
from siteplan.maps.style import (
    CLOSED,
    UNUSED,
    USE_COLOURS,
    USE_STROKES,
    LegendEntry,
    MapStyle,
    Swatch,
    area_text,
    quiet,
)
from siteplan.text import N_, Joined, sentence, translate
from siteplan.uses import ALL_USES, USES

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.evaluation import Plan
    from siteplan.timing import Timing

    Bytes = npt.NDArray[np.uint8]
    Integers = npt.NDArray[np.int64]

YEAR_COLOURS = (
    "#00204D",
    "#25406E",
    "#4F576C",
    "#6F7072",
    "#8E8A79",
    "#B0A473",
    "#D2C060",
    "#F3DF7C",
)
"""Up to eight classes of years: cividis (Nuñez, Anderton & Renslow 2018), dark is early."""

LATER = Swatch("#FFFFFF", "#3D4A57", 0.35, 1.4)
UNDECIDED = Swatch("#FFFFFF", "#6B747D", 0.5, 1.0)
UNDER_WAY_OPACITY, UNDER_WAY_WEIGHT = 0.4, 3.0
QUIET_SWATCHES = (
    Swatch(UNUSED, None, 0.45),
    Swatch(CLOSED, None, 0.16),
    Swatch(CLOSED, None, 0.06),
)
QUIET_TEXTS = (N_("Not used"), N_("Takes no part"), N_("No floor area possible"))
"""Parcels without floor area, numbered as `siteplan.maps.style.quiet` does."""


def phase_colours(plan: Plan, *, title: str, lang: str) -> MapStyle:
    """Return each parcel in the class of its year of completion, with the m² completed then.

    Up to eight classes; where there are more years, each class holds several.
    """
    timing = plan.timing
    used = plan.parcel_gfa_m2 > 0
    if timing is None or timing.status == "infeasible":
        index = np.where(used, 0, 1 + quiet(plan)).astype(np.uint8)
        entries = [LegendEntry(0, translate(N_("No year decided"), lang=lang))]
        entries += _quiet(index, first=1, lang=lang)
        return MapStyle("phase", title, (UNDECIDED, *QUIET_SWATCHES), index, tuple(entries))
    classes = _year_classes(timing)
    row_of = np.zeros(timing.phases.years, dtype=np.int64)
    for row, years in enumerate(classes):
        row_of[[year - timing.phases.first_year for year in years]] = row
    done = np.where(used, timing.completion_year - timing.phases.first_year, 0)
    index = np.where(used, row_of[done], len(classes) + quiet(plan)).astype(np.uint8)
    colours = _spread(len(classes))
    entries = []
    for row, years in enumerate(classes):
        area_m2 = float(plan.parcel_gfa_m2[used & (index == row)].sum())
        name = str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}"
        entries.append(LegendEntry(row, name, area_text(area_m2, lang=lang)))
    entries += _quiet(index, first=len(classes), lang=lang)
    palette = (*(Swatch(fill, None, 0.9) for fill in colours), *QUIET_SWATCHES)
    return MapStyle("phase", title, palette, index, tuple(entries))


def standing(plan: Plan, *, year: int, lang: str = "ko") -> MapStyle:
    """Return how to draw each parcel at the end of a year.

    What is complete has the full colour of its dominant use; what is under way the colour of the
    dominant use that it will have, as on the map of the plan, paler within a thick outline; what
    comes later a thin outline alone.

    Parameters
    ----------
    plan : Plan
        With years that hold it.
    year : int
        Calendar year.
    lang : str
        Language of title and legend.

    Raises
    ------
    ValueError
        The plan has no years.
    """
    timing = plan.timing
    if timing is None or timing.status == "infeasible":
        raise ValueError("the plan has no years to show")
    built_m2 = timing.built_by_m2(year)
    some = built_m2.any(axis=1)
    complete = some & (timing.completion_year <= year)
    under_way = some & ~complete
    later = (plan.parcel_gfa_m2 > 0) & ~some
    dominant = plan.gfa_m2.argmax(axis=1)
    uses = len(USES)
    index = (2 * uses + 1 + quiet(plan)).astype(np.uint8)
    index[later] = 2 * uses
    index[under_way] = uses + dominant[under_way]
    index[complete] = dominant[complete]
    palette = (
        *(Swatch(USE_COLOURS[use], USE_STROKES[use], 0.9, 1.2) for use in USES),
        *(
            Swatch(USE_COLOURS[use], USE_STROKES[use], UNDER_WAY_OPACITY, UNDER_WAY_WEIGHT)
            for use in USES
        ),
        LATER,
        *QUIET_SWATCHES,
    )
    entries = _use_entries(index, built_m2, plan.gfa_m2, lang=lang)
    if later.any():
        to_come_m2 = float(plan.parcel_gfa_m2[later].sum())
        entries.append(
            LegendEntry(
                2 * uses, translate(N_("Later"), lang=lang), area_text(to_come_m2, lang=lang)
            )
        )
    entries += _quiet(index, first=2 * uses + 1, lang=lang)
    title = sentence("Standing at the end of {year}", year=str(year)).render(lang)
    return MapStyle("standing", title, palette, index, tuple(entries))


def _use_entries(
    index: Bytes, built_m2: Integers, gfa_m2: Integers, *, lang: str
) -> list[LegendEntry]:
    """Return the entries of uses with what stands, and of those under way with what is to come."""
    entries = [
        LegendEntry(row, use.label.render(lang), _standing_note(index, built_m2, row, lang=lang))
        for row, use in enumerate(ALL_USES)
    ]
    for row, use in enumerate(ALL_USES):
        under_way = index == len(USES) + row
        if under_way.any():
            name = sentence("Under construction, mainly {use}", use=use.label).render(lang)
            left_m2 = (gfa_m2 - built_m2)[under_way].sum(axis=0)
            to_come = _to_come(left_m2, lang=lang)
            entries.append(LegendEntry(len(USES) + row, name, to_come))
    return entries


def _standing_note(index: Bytes, built_m2: Integers, use: int, *, lang: str) -> str:
    """Return what stands of a use, and on how many parcels where none has its full colour."""
    area = area_text(float(built_m2[:, use].sum()), lang=lang)
    held = int((built_m2[:, use] > 0).sum())
    if (index == use).any() or not held:
        return area
    told = sentence(
        "on {parcels} under construction or mainly of another use", parcels=counted(held, lang=lang)
    )
    return f"{area} · {told.render(lang)}"


def _to_come(left_m2: Integers, *, lang: str) -> str:
    """Return the floor area that is left to build, and of which uses."""
    area = area_text(float(left_m2.sum()), lang=lang)
    left = [row for row in np.argsort(-left_m2, kind="stable").tolist() if left_m2[row]]
    if len(left) == 1:
        wording = sentence("{area} of {use} to come", area=area, use=ALL_USES[left[0]].label)
        return wording.render(lang)
    parts = [Joined((ALL_USES[row].label, f"{left_m2[row]:,}"), " ") for row in left]
    return sentence("{area} to come: {uses}", area=area, uses=Joined(tuple(parts))).render(lang)


def _quiet(index: Bytes, *, first: int, lang: str) -> list[LegendEntry]:
    return [
        LegendEntry(first + why, translate(text, lang=lang))
        for why, text in enumerate(QUIET_TEXTS)
        if (index == first + why).any()
    ]


def _year_classes(timing: Timing) -> list[list[int]]:
    """Return the years in at most as many classes as there are colours, as even as can be."""
    parts = np.array_split(
        np.array(timing.phases.calendar), min(timing.phases.years, len(YEAR_COLOURS))
    )
    return [part.tolist() for part in parts]


def _spread(count: int) -> list[str]:
    """Return so many of the colours, from the darkest to the lightest."""
    spots = np.rint(np.linspace(0, len(YEAR_COLOURS) - 1, count)).astype(int)
    return [YEAR_COLOURS[spot] for spot in spots.tolist()]
