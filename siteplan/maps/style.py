"""What the map's colours can say: one function from a plan to a colouring of its parcels.

Looks are in `looks`, classes of a figure in `classes`, comparison in `change`. Colour never stands
alone: each legend entry has words with m², mixed and changed parcels are hatched, and the tooltip
says the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from siteplan.context import CRITERIA
from siteplan.maps.change import change_style, plan_name
from siteplan.maps.classes import (
    CLOSED_SWATCH,
    apart_entries,
    area_text,
    counted,
    graded,
    idle,
    quiet,
    storeys,
    utilisation,
)
from siteplan.maps.looks import (
    CLOSED,
    EVIDENCE_COLOURS,
    GROUND,
    OTHER_ZONES,
    SEQUENCE,
    UNUSED,
    USE_COLOURS,
    USE_STROKES,
    ZONE_COLOURS,
    LegendEntry,
    MapStyle,
    Swatch,
)
from siteplan.parcels import EVIDENCE
from siteplan.rules import legal_zone
from siteplan.suitability import CRITERION_LABELS
from siteplan.text import N_, Text, sentence, translate
from siteplan.uses import ALL_USES, USES, use_index

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.evaluation import Plan

    Bytes = npt.NDArray[np.uint8]
    Integers = npt.NDArray[np.int64]

__all__ = [
    "CLOSED",
    "COLOUR_BYS",
    "EVIDENCE_COLOURS",
    "GROUND",
    "MIXED_FROM_PCT",
    "SEQUENCE",
    "UNUSED",
    "USE_COLOURS",
    "USE_STROKES",
    "ZONE_COLOURS",
    "LegendEntry",
    "MapStyle",
    "Swatch",
    "area_text",
    "colour_choices",
    "colour_name",
    "colours",
    "quiet",
]

_NAMES = {
    "use": N_("Dominant use"),
    "mix": N_("Mix of uses"),
    "utilisation": N_("Share of capacity used"),
    "floors": N_("Floors above ground"),
    "evidence": N_("Evidence of outlines"),
    "zone": N_("Zone applied"),
    "phase": N_("Year of completion"),
}
_SUITABILITY = N_("Suitability for {use}")
_CRITERION = N_("Criterion: {criterion}")
_CHANGE = N_("Change against {name}")
_EVIDENCE_TEXTS = {
    "official": N_("Official outline"),
    "supplied": N_("Outline from your file, not checked"),
    "published": N_("Published lot, outline drawn by siteplan"),
    "schematic": N_("Schematic outline"),
}
COLOUR_BYS: tuple[str, ...] = (
    "use",
    "mix",
    "utilisation",
    "floors",
    *(f"score:{use}" for use in USES),
    *(f"criterion:{criterion}" for criterion in CRITERIA),
    "phase",
    "zone",
    "evidence",
)
"""Everything that parcels of one plan can be coloured by; "change" needs another plan too."""

_ZONE_INK = "#3D4A57"

MIXED_FROM_PCT = 5.0
"""A use counts in a parcel's mix from this part of the parcel's floor area on."""


def colour_name(colour_by: str, *, lang: str, against: Plan | None = None) -> str:
    """Return the heading of a colouring; ValueError names the ones that exist."""
    if colour_by == "change" and against is not None:
        return Text(_CHANGE, {"name": plan_name(against, lang=lang)}).render(lang)
    if colour_by not in COLOUR_BYS:
        also = "" if against is None else ", change"
        raise ValueError(
            f"cannot colour by {colour_by!r}; choose from {', '.join(COLOUR_BYS)}{also}"
        )
    kind, _, subject = colour_by.partition(":")
    if kind == "score":
        return Text(_SUITABILITY, {"use": ALL_USES[use_index(subject)].label}).render(lang)
    if kind == "criterion":
        return Text(_CRITERION, {"criterion": CRITERION_LABELS[subject]}).render(lang)
    return translate(_NAMES[colour_by], lang=lang)


def colour_choices(*, lang: str, against: Plan | None = None) -> dict[str, str]:
    """Return every colouring and its heading, in the order in which to offer them.

    With `against`, the plan to compare with, "change" comes first.
    """
    offered = COLOUR_BYS if against is None else ("change", *COLOUR_BYS)
    return {by: colour_name(by, lang=lang, against=against) for by in offered}


def colours(
    plan: Plan, *, colour_by: str = "use", lang: str = "ko", against: Plan | None = None
) -> MapStyle:
    """Return how to draw each parcel of a plan.

    Parameters
    ----------
    plan : Plan
    colour_by : str
        One of `COLOUR_BYS`, or "change".
    lang : str
        Language of title and legend.
    against : Plan, optional
        Plan that "change" compares with.

    Raises
    ------
    ValueError
        `colour_by` is none of `COLOUR_BYS`, or is "change" without `against`.
    """
    title = colour_name(colour_by, lang=lang, against=against)
    if colour_by == "change" and against is not None:
        return change_style(plan, against=against, title=title, lang=lang)
    kind, _, subject = colour_by.partition(":")
    if kind == "score":
        column = use_index(subject)
        allowed = plan.capacity.allowed[:, column] & np.isfinite(plan.score[:, column])
        score = np.where(allowed, plan.score[:, column], np.nan)
        without = translate(N_("Use not allowed"), lang=lang)
        return graded(score, without=without, colour_by=colour_by, title=title, lang=lang)
    if kind == "criterion":
        unknown = np.full(len(plan.parcels), np.nan)
        value = plan.suitability.value.get(subject, unknown)
        without = translate(N_("Surroundings not known"), lang=lang)
        return graded(value, without=without, colour_by=colour_by, title=title, lang=lang)
    if colour_by == "phase":
        from siteplan.maps.phase_style import phase_colours

        return phase_colours(plan, title=title, lang=lang)
    build: dict[str, Callable[..., MapStyle]] = {
        "use": _uses,
        "mix": _mix,
        "utilisation": utilisation,
        "floors": storeys,
        "evidence": _evidence,
        "zone": _zones,
    }
    return build[colour_by](plan, title=title, lang=lang)


def _uses(plan: Plan, *, title: str, lang: str) -> MapStyle:
    gfa_m2 = plan.gfa_m2
    apart = idle(plan, lang=lang)
    index = np.where(apart.index == 0, gfa_m2.argmax(axis=1), len(USES) + apart.index - 1)
    palette = (
        *(Swatch(USE_COLOURS[use], USE_STROKES[use], 0.88, 1.2) for use in USES),
        *apart.looks,
    )
    numbers = index.astype(np.uint8)
    entries = [
        LegendEntry(row, use.label.render(lang), _use_note(gfa_m2, numbers, row, lang=lang))
        for row, use in enumerate(ALL_USES)
    ]
    entries += apart_entries(numbers, apart, first=len(USES), lang=lang)
    return MapStyle("use", title, palette, numbers, tuple(entries))


def _use_note(gfa_m2: Integers, index: Bytes, use: int, *, lang: str) -> str:
    """Return a use's floor area, and on how many parcels its colour or, else, its m² are."""
    area = area_text(float(gfa_m2[:, use].sum()), lang=lang)
    main, held = int((index == use).sum()), int((gfa_m2[:, use] > 0).sum())
    if main:
        told = sentence("main use on {parcels}", parcels=counted(main, lang=lang))
    elif held:
        told = sentence("with other uses on {parcels}", parcels=counted(held, lang=lang))
    else:
        return area
    return f"{area} · {told.render(lang)}"


def _mix(plan: Plan, *, title: str, lang: str) -> MapStyle:
    """Return pure parcels plain, mixed ones in stripes of their two largest uses.

    A grid instead of stripes says three uses or more.
    """
    gfa_m2 = plan.gfa_m2
    sums_m2 = gfa_m2.sum(axis=1)
    counts = (gfa_m2 * 100 >= MIXED_FROM_PCT * sums_m2[:, None]) & (gfa_m2 > 0)
    order = np.argsort(-gfa_m2, axis=1, kind="stable")
    several = counts.sum(axis=1)
    apart = idle(plan, lang=lang)
    # One number per look: largest use, second use where it counts, two or more than two.
    key = order[:, 0] * 16 + np.where(several > 1, 1 + order[:, 1], 0) + np.where(several > 2, 8, 0)
    key = np.where(apart.index == 0, key, 64 + apart.index)
    found, index = np.unique(key, return_inverse=True)
    # Largest use by largest use, each pure parcel's look first.
    palette: list[Swatch] = []
    entries: list[LegendEntry] = []
    for row, look in enumerate(found.tolist()):
        of_look = index == row
        count = int(of_look.sum())
        if look > 64:
            palette.append(apart.looks[look - 65])
            entries.append(LegendEntry(row, apart.texts[look - 65], counted(count, lang=lang)))
            continue
        palette.append(_mix_swatch(look))
        note = counted(count, float(sums_m2[of_look].sum()), lang=lang)
        entries.append(LegendEntry(row, _mix_text(look, lang=lang), note))
    remark = Text(
        N_("Stripes show the second largest use; uses below {pct:.0f} % of a parcel do not count."),
        {"pct": MIXED_FROM_PCT},
    ).render(lang)
    return MapStyle("mix", title, tuple(palette), index.astype(np.uint8), tuple(entries), remark)


def _mix_swatch(look: int) -> Swatch:
    largest, second = USES[look // 16], look % 8
    if not second:
        return Swatch(USE_COLOURS[largest], USE_STROKES[largest], 0.9, 1.2)
    hatch = "grid" if look % 16 > 8 else "stripes"
    ink = USE_COLOURS[USES[second - 1]]
    return Swatch(USE_COLOURS[largest], USE_STROKES[largest], 0.95, 1.2, hatch, ink)


def _mix_text(look: int, *, lang: str) -> str:
    largest, second = ALL_USES[look // 16].label, look % 8
    if not second:
        return Text(N_("{use} alone"), {"use": largest}).render(lang)
    wording = N_("{use}, then {second} and more") if look % 16 > 8 else N_("{use}, then {second}")
    return Text(wording, {"use": largest, "second": ALL_USES[second - 1].label}).render(lang)


def _evidence(plan: Plan, *, title: str, lang: str) -> MapStyle:
    order = {kind: row for row, kind in enumerate(EVIDENCE)}
    index = np.fromiter(
        (order[kind] for kind in plan.parcels.evidence), dtype=np.uint8, count=len(plan.parcels)
    )
    palette = tuple(Swatch(EVIDENCE_COLOURS[kind], None, 0.75) for kind in EVIDENCE)
    entries = tuple(
        LegendEntry(
            row,
            translate(_EVIDENCE_TEXTS[kind], lang=lang),
            counted(int((index == row).sum()), lang=lang),
        )
        for row, kind in enumerate(EVIDENCE)
        if (index == row).any()
    )
    return MapStyle("evidence", title, palette, index, entries)


def _zones(plan: Plan, *, title: str, lang: str) -> MapStyle:
    zones: Sequence[str | None] = plan.capacity.zones
    counts: dict[str, int] = {}
    for zone in zones:
        if zone is not None:
            counts[zone] = counts.get(zone, 0) + 1
    palette, row_of = _zone_swatches(sorted(counts, key=lambda zone: (-counts[zone], zone)))
    other, none = len(palette), len(palette) + 1
    index = np.fromiter(
        (none if zone is None else row_of.get(zone, other) for zone in zones),
        dtype=np.uint8,
        count=len(plan.parcels),
    )
    palette = (*palette, Swatch(UNUSED, None, 0.75), CLOSED_SWATCH)
    entries = [
        LegendEntry(row, zone, counted(counts[zone], lang=lang)) for zone, row in row_of.items()
    ]
    wordings = {other: N_("Other zones"), none: N_("No zone known")}
    entries += [
        LegendEntry(row, translate(text, lang=lang), counted(int((index == row).sum()), lang=lang))
        for row, text in wordings.items()
        if (index == row).any()
    ]
    return MapStyle("zone", title, palette, index, tuple(entries))


def _zone_swatches(zones: Sequence[str]) -> tuple[tuple[Swatch, ...], dict[str, int]]:
    """Return a swatch for each zone as far as there are any, and which zone has which.

    A zone of the law has its own colour. Another wording of it that the rules do not know, as
    with a remark in brackets, has that colour hatched.
    """
    free: dict[str | None, Iterator[Swatch]] = {
        None: (Swatch(fill, None, 0.75) for fill in OTHER_ZONES)
    }
    found: dict[str, Swatch] = {}
    for zone in zones:
        legal = legal_zone(zone)
        if legal is not None and legal not in free:
            free[legal] = _wordings(ZONE_COLOURS[legal])
        swatch = next(free[legal], None)
        if swatch is not None:
            found[zone] = swatch
    return tuple(found.values()), {zone: row for row, zone in enumerate(found)}


def _wordings(fill: str) -> Iterator[Swatch]:
    """Yield the swatches of a zone of the law: plain, then hatched."""
    for hatch in (None, "lines", "dots", "cross"):
        yield Swatch(fill, None, 0.75, hatch=hatch, ink=_ZONE_INK)
