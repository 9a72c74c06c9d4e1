"""A comparison as lines for the terminal: plans, notes, uses, figures, changes, lots."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from siteplan.text import N_, Text, sentence, translate
from siteplan.uses import ALL_USES, USES, use_label

if TYPE_CHECKING:
    from siteplan.cli.comparing import Given
    from siteplan.compare import Comparison, FigureRow, ParcelDifference

_MOST_LINES = 20
_STATUS = {
    "optimal": N_("proven best"),
    "feasible": N_("feasible"),
    "infeasible": N_("infeasible"),
    None: N_("exported plan"),
}


def comparison_lines(comparison: Comparison, given: list[Given], *, lang: str) -> list[str]:
    """Return the comparison as lines of text: plans, uses, figures, changes, parcels."""
    from siteplan.compare import LETTERS

    letters = LETTERS[: len(given)]
    heads = []
    for letter, each in zip(letters, given, strict=True):
        told = [translate(_STATUS[each.side.status], lang=lang), each.side.scenario_id or ""]
        name = f" – {each.name}" if each.name else ""
        heads.append(f"{letter}  {each.file}{name} ({', '.join(filter(None, told))})")
    return [
        *heads,
        *(f"! {note.render(lang)}" for note in comparison.notes),
        "",
        *_use_table(comparison, letters=letters, lang=lang),
        "",
        *_figure_table(comparison, letters=letters, lang=lang),
        "",
        *_change_lines(comparison, letters=letters, lang=lang),
        *_parcel_lines(comparison, letters=letters, lang=lang),
        *_warning_lines(given, lang=lang),
    ]


def _warning_lines(given: list[Given], *, lang: str) -> list[str]:
    """Return what the plans themselves warn of, each once with who has it."""
    from siteplan.compare import LETTERS

    warned: dict[str, list[str]] = {}
    for letter, each in zip(LETTERS, given, strict=False):
        for issue in each.issues:
            if issue.severity != "info":
                line = f"{issue.severity}: {issue.message.render(lang)}"
                warned.setdefault(line, []).append(letter)
    lines = [f"{', '.join(who)}: {line}" for line, who in warned.items()]
    return ["", *lines] if lines else []


def _use_table(comparison: Comparison, *, letters: str, lang: str) -> list[str]:
    rows = [["", *(f"{letter} (m²)" for letter in letters), *(f"{it} (%)" for it in letters)]]
    sides = comparison.sides
    rows += [
        [
            use.label.render(lang),
            *(f"{side.uses_gfa_m2[use.key]:,}" if side.places else "–" for side in sides),
            *(f"{side.shares_pct[use.key]:.1f}" if side.places else "–" for side in sides),
        ]
        for use in ALL_USES
    ]
    rows.append(
        [
            "Σ",
            *(f"{side.total_gfa_m2:,}" if side.places else "–" for side in sides),
            *("" for _ in sides),
        ]
    )
    return _table(rows)


def _figure_table(comparison: Comparison, *, letters: str, lang: str) -> list[str]:
    """Return the figures that differ; those of the uses stand in the table above."""
    figures = [row for row in comparison.figures if row.key not in _USE_FIGURES]
    rows = [["", *letters, *(["B − A"] if len(letters) == 2 else []), ""]]
    rows += [_figure_cells(row, lang=lang) for row in figures if row.differs]
    same = sum(not row.differs for row in figures)
    told = sentence("{count} figures are the same in all plans.", count=same).render(lang)
    return [*(_table(rows) if len(rows) > 1 else []), *([told] if same else [])]


_USE_FIGURES = {f"gfa_{use}_m2" for use in USES}


def _figure_cells(row: FigureRow, *, lang: str) -> list[str]:
    from siteplan.amounts import people_unit

    largest = max((abs(value) for value in row.values if value is not None), default=0.0)
    size, unit = people_unit(row.unit, largest, lang=lang)
    cells = [_figure_cell(value, row, size=size) for value in row.values]
    if len(cells) == 2:
        before, after = row.values
        apart = None
        if before is not None and after is not None and row.key != "zeb_grade":
            apart = after - before
        sign = "+" if apart is not None and apart > 0 else ""
        cells.append(sign + _figure_cell(apart, row, size=size).replace("-", "−"))
    return [row.label.render(lang), *cells, unit]


def _figure_cell(value: float | None, row: FigureRow, *, size: float) -> str:
    from siteplan.amounts import number_in
    from siteplan.metrics import zeb_grade_name

    if value is None:
        return "–"
    if row.key == "zeb_grade":
        return zeb_grade_name(value)
    return number_in(value, row.unit, size=size)


def _change_lines(comparison: Comparison, *, letters: str, lang: str) -> list[str]:
    from siteplan.compare import settled_locks

    lines = []
    for start, end in comparison.pairs:
        change = comparison.change(start=start, end=end)
        told = sentence(
            "{start} → {end}: {moved:,} m² change their lot or use, on {lots} lots; the dominant "
            "use changes on {turned}.",
            start=letters[start],
            end=letters[end],
            moved=change.moved_m2,
            lots=len(change.parcel_ids),
            turned=len(change.dominant_changed),
        )
        lines.append(told.render(lang))
        if change.added_m2:
            added = f"{change.added_m2:+,}".replace("-", "−")
            lines.append(f"    Σ {added} m²")
        lines += [
            f"    {use_label(use).render(lang)} "
            f"+{change.placed_m2[use]:,} −{change.left_m2[use]:,} m²"
            for use in USES
            if change.placed_m2[use] or change.left_m2[use]
        ]
    if len(comparison.placing) < len(comparison.sides):
        return lines
    settled = sentence(
        "{count} of {all} lots are settled, that is the same in all plans; {built} of them are "
        "built on.",
        count=len(comparison.settled),
        all=len(comparison.parcel_ids),
        built=len(settled_locks(comparison)),
    )
    return [*lines, settled.render(lang)]


def _parcel_lines(comparison: Comparison, *, letters: str, lang: str) -> list[str]:
    """Return the lots that differ, a line each, those that differ most first."""
    differences = comparison.differences
    if not differences:
        return []
    heading = sentence("Lots that differ ({letters}), m²:", letters=" | ".join(letters))
    lines = ["", heading.render(lang)]
    lines += [_parcel_line(parcel, lang=lang) for parcel in differences[:_MOST_LINES]]
    if len(differences) > _MOST_LINES:
        rest: Text = sentence(
            "and {count} more; --json lists them all.", count=len(differences) - _MOST_LINES
        )
        lines.append(f"  {rest.render(lang)}")
    return lines


def _parcel_line(parcel: ParcelDifference, *, lang: str) -> str:
    name = parcel.label.render(lang)
    called = parcel.parcel_id if name == parcel.parcel_id else f"{parcel.parcel_id} {name}"
    parts = [
        f"{use_label(use).render(lang)} "
        + " | ".join("–" if value is None else f"{value:,}" for value in values)
        for use, values in parcel.gfa_m2.items()
        if len(set(values)) > 1 and any(values)
    ]
    return f"  {called}: {'; '.join(parts)}"


def _table(rows: list[list[str]]) -> list[str]:
    """Return rows of cells as lines: numbers to the right, what has no heading to the left."""
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = []
        for cell, heading, width in zip(row, rows[0], widths, strict=True):
            blank = " " * (width - _width(cell))
            cells.append(blank + cell if heading else cell + blank)
        lines.append("  ".join(cells).rstrip())
    return lines


def _width(text: str) -> int:
    """Return the columns that text takes on a terminal: Hangul takes two a letter."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
