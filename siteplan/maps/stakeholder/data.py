"""What the page's script knows: colours and figures of each scenario, words in both languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from siteplan.capacity import LIMITS
from siteplan.maps.message import as_text, figure_sections, index_section, style_message
from siteplan.maps.stakeholder.bilingual import Shown
from siteplan.maps.stakeholder.years import all_held, held, year_data, years_of
from siteplan.maps.style import COLOUR_BYS, colours
from siteplan.text import LANGUAGES, N_, translate
from siteplan.uses import ALL_USES

if TYPE_CHECKING:
    from siteplan.evaluation import Plan

_WISHED = ("use", "utilisation", "floors", "zone", "evidence")
COLOURINGS = tuple(choice for choice in _WISHED if choice in COLOUR_BYS)
"""What the reader can colour the map by, the first at the start; with years by them too."""

NO_ZONE = 65_535
_LIMIT_CODES = tuple(LIMITS)
_WORDS = {
    "site_area": N_("Site area"),
    "zone": N_("Zone"),
    "total": N_("Total GFA"),
    "floors": N_("Floors"),
    "far": N_("FAR"),
    "far_whole": N_("FAR, whole lot"),
    "far_part": N_("FAR, part available"),
    "far_of": N_("FAR on the part available / limit"),
    "far_limit": N_("FAR limit"),
    "used": N_("Share of capacity used"),
    "limit": N_("Binding limit"),
    "part": N_("Part available"),
    "no_gfa": N_("No floor area in this plan"),
    "schematic": N_("Schematic outline, not surveyed"),
    "close": N_("Close"),
    "lot": N_("Lot"),
    "sum": N_("Sum"),
    "used_of": N_("{used} of {all} parcels are used in “{name}”."),
    "chosen": N_("The map shows “{name}”."),
    "none": N_("no limit known"),
    "standing": N_("What stands at the end of a year"),
    "year": N_("Year of completion"),
}


def share_data(
    shown: tuple[Shown, ...], *, lang: str, titles: Mapping[str, str], lots: list[int]
) -> dict[str, Any]:
    """Return the data block of the page.

    Parameters
    ----------
    shown : tuple of Shown
    lang : str
        Language to open with.
    titles : Mapping[str, str]
        The document's title in each language.
    lots : list of int
        Which of the page's sets of outlines each scenario is drawn on.
    """
    by = colourings(shown)
    years = years_of(shown)
    return {
        "lang": lang,
        "years": None if years is None else [years[0], years[-1]],
        "titles": titles,
        "words": _each(lambda to: {key: translate(text, lang=to) for key, text in _WORDS.items()}),
        "uses": _each(lambda to: [use.label.render(to) for use in ALL_USES]),
        "use_keys": [use.key for use in ALL_USES],
        "limits": _each(lambda to: [label.render(to) for label in LIMITS.values()]),
        "scenarios": [
            {
                "name": _each(one.name.render),
                "lots": lots[row],
                **_scenario(one.plan, by=by),
                **({} if years is None else {"standing": year_data(one.plan, years)}),
            }
            for row, one in enumerate(shown)
        ],
    }


def _each(content: Callable[[str], Any]) -> dict[str, Any]:
    """Return what a function gives for each language."""
    return {lang: content(lang) for lang in LANGUAGES}


def colourings(shown: tuple[Shown, ...]) -> tuple[str, ...]:
    """Return what the map can be coloured by; by year where every scenario has years."""
    return (*COLOURINGS, "phase") if all_held(shown) else COLOURINGS


def _scenario(plan: Plan, *, by: tuple[str, ...]) -> dict[str, Any]:
    zones, zone_row = _zones(plan)
    done = held(plan)
    completed = {} if done is None else {"completed": done.completion_year.astype("<u2").tobytes()}
    return {
        "styles": _each(
            lambda to: [style_message(colours(plan, colour_by=c, lang=to)) for c in by]
        ),
        "index": as_text({c: index_section(colours(plan, colour_by=c)) for c in by}),
        "figures": as_text(figure_sections(plan)),
        "zones": zones,
        "sections": as_text(
            {"zone": zone_row.astype("<u2").tobytes(), **_card_sections(plan), **completed}
        ),
        "total_m2": plan.total_gfa_m2,
    }


def _card_sections(plan: Plan) -> dict[str, bytes]:
    """Return what a parcel's card tells beyond the map's figures, little-endian whole numbers.

    Of all n parcels: ``limit`` (1 byte, row of `LIMITS`), ``far_limit_permille`` (4 bytes, -1
    where none is known), ``part_permille`` (2 bytes). Of the parcels with floor area, in the
    order of their rows: ``height_dm``, ``used_permille`` (2 bytes).
    """
    capacity = plan.capacity
    rows = np.flatnonzero(plan.parcel_gfa_m2 > 0)
    far_limit = np.where(np.isfinite(capacity.far_limit_pct), capacity.far_limit_pct * 10, -1)
    order = {code: row for row, code in enumerate(_LIMIT_CODES)}
    return {
        "limit": bytes(order[code] for code in capacity.limit),
        "far_limit_permille": np.rint(far_limit).astype("<i4").tobytes(),
        "part_permille": np.rint(capacity.available_pct * 10).astype("<u2").tobytes(),
        "height_dm": np.rint(plan.height_m[rows] * 10).astype("<u2").tobytes(),
        "used_permille": np.rint(plan.utilisation_pct[rows] * 10).astype("<u2").tobytes(),
    }


def _zones(plan: Plan) -> tuple[dict[str, list[str]], np.ndarray[Any, Any]]:
    """Return the zones as the plan applied them, in words, and which of them each parcel has."""
    known: dict[tuple[str, str], int] = {}
    zone_row = np.full(len(plan.parcels), NO_ZONE, dtype=np.int64)
    for row, zone in enumerate(plan.capacity.zones):
        if zone is not None:
            words = (_zone_words(plan, row, lang="ko"), _zone_words(plan, row, lang="en"))
            zone_row[row] = known.setdefault(words, len(known))
    return {"ko": [ko for ko, _ in known], "en": [en for _, en in known]}, zone_row


def _zone_words(plan: Plan, row: int, *, lang: str) -> str:
    """Return a parcel's zone, or the parts of several, and whether that is verified."""
    rule, parts = plan.capacity.zone_rules[row], plan.capacity.zone_parts[row]
    name = plan.capacity.zones[row] or ""
    if parts:
        name = " + ".join(
            f"{part.zone if part.rule is None else part.rule.label.render(lang)} "
            f"{part.share_ratio * 100:.0f} %"
            for part in parts
        )
    elif rule is not None:
        name = rule.label.render(lang)
    if plan.parcels.zone_verified[row]:
        return name
    unverified = translate(N_("not verified"), lang=lang)
    return f"{name} ({unverified})"
