"""What each scenario changes against the first: lot by lot, use by use, the largest first."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import numpy as np

from siteplan.compare import compare, side_of
from siteplan.maps.stakeholder.bilingual import Shown, both, both_by, datum, per_scenario
from siteplan.text import LANGUAGES, N_, Label, Text, sentence
from siteplan.uses import ALL_USES, USES, use_label

if TYPE_CHECKING:
    from siteplan.compare import Comparison

MOST_LOTS = 60
"""Up to so many lots are listed; beyond, how many more there are."""

_FIRST = N_("The other scenarios are compared with this one.")
_WHOLE = N_("Total GFA")
_SAME = N_("Every lot holds the same as in “{name}”.")
_SUM = N_(
    "Against “{name}”, {moved:,} m² change their lot or their use, on {lots:,} lots. On {turned:,} "
    "lots the dominant use changes."
)
_TOTAL = N_("The total changes by {added} m².")


def change_list(shown: tuple[Shown, ...]) -> str:
    """Return for each scenario what it changes against the first; nothing for a single one."""
    if len(shown) < 2:
        return ""
    comparison = compare([side_of(one.plan, title=_title(one)) for one in shown])
    notes = "".join(f"<li>{both(note)}</li>" for note in comparison.notes)
    told = f"<ul>{notes}</ul>" if notes else ""
    return told + per_scenario(shown, lambda row: _changes(comparison, shown, row), tag="div")


def _title(one: Shown) -> str:
    return " / ".join(dict.fromkeys(one.name.render(lang) for lang in LANGUAGES))


def _changes(comparison: Comparison, shown: tuple[Shown, ...], row: int) -> str:
    if row == 0:
        return f"<p>{both(_FIRST)}</p>"
    change = comparison.change(end=row)
    if not change.parcel_ids:
        return f"<p>{both(sentence(_SAME, name=shown[0].name))}</p>"
    said = sentence(
        _SUM,
        name=shown[0].name,
        moved=change.moved_m2,
        lots=len(change.parcel_ids),
        turned=len(change.dominant_changed),
    )
    added = both(sentence(_TOTAL, added=signed(change.added_m2))) if change.added_m2 else ""
    return f"<p>{both(said)} {added}</p>{_table(comparison, row)}"


def signed(value_m2: int) -> str:
    """Return a whole number with its sign, a dash for none."""
    if value_m2 == 0:
        return "–"
    return f"{value_m2:+,}".replace("-", "−")


def _table(comparison: Comparison, row: int) -> str:
    delta_m2 = comparison.gfa_m2[row] - comparison.gfa_m2[0]
    size_m2 = np.abs(delta_m2).sum(axis=1)
    order = [lot for lot in np.argsort(-size_m2, kind="stable").tolist() if size_m2[lot]]
    heads = (
        both(N_("Lot")),
        *(f"{both(use.label)} (m²)" for use in ALL_USES),
        f"{both(_WHOLE)} (m²)",
        both(N_("Dominant use")),
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    rows = "".join(_lot(comparison, row, lot, delta_m2[lot].tolist()) for lot in order[:MOST_LOTS])
    more = len(order) - MOST_LOTS
    told = both(sentence("… and {count:,} more.", count=more))
    rest = f"<p>{told}</p>" if more > 0 else ""
    return (
        '<div class="wide" tabindex="0" role="region" aria-labelledby="changes-title">'
        f'<table class="changes"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
        f"{rest}"
    )


def _lot(comparison: Comparison, row: int, lot: int, delta_m2: list[int]) -> str:
    name, parcel_id = _name(comparison, lot), comparison.parcel_ids[lot]
    there = comparison.rows[row, lot] >= 0
    head = (
        f'<button type="button" data-parcel="{html.escape(parcel_id)}">{both(name)}</button>'
        if there
        else both(name)
    )
    cells = "".join(f"<td>{datum(value, signed(value))}</td>" for value in delta_m2)
    total = datum(sum(delta_m2), signed(sum(delta_m2)))
    return (
        f'<tr data-lot="{html.escape(parcel_id)}"><th scope="row">{head}</th>{cells}'
        f"<td>{total}</td><td>{_dominant(comparison, row, lot)}</td></tr>"
    )


def _name(comparison: Comparison, lot: int) -> Label:
    rows = comparison.rows[:, lot].tolist()
    side = next(place for place, row in enumerate(rows) if row >= 0)
    return comparison.sides[side].label_of(rows[side])


def _dominant(comparison: Comparison, row: int, lot: int) -> str:
    """Return the dominant use before and after, or the one that stays."""
    before, after = comparison.dominant_columns[[0, row], lot].tolist()
    if before == after:
        return both(_use(after))
    return both_by(lambda lang: f"{_use(before).render(lang)} → {_use(after).render(lang)}")


def _use(column: int) -> Label | Text:
    return use_label(USES[column]) if column >= 0 else sentence("nothing")
