"""A comparison as rows of words for the screen, and as a CSV file; pure, without a screen."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from siteplan.amounts import number_in, people_unit
from siteplan.compare import LETTERS
from siteplan.io.cells import to_cell
from siteplan.ledger import unit_label
from siteplan.metrics import zeb_grade_name
from siteplan.text import N_, sentence, translate
from siteplan.uses import ALL_USES, USES, use_label

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from siteplan.compare import Comparison, FigureRow, ParcelDifference, Side

NOTHING = "–"
_USE_FIGURES = frozenset(f"gfa_{use}_m2" for use in USES)


@dataclass(frozen=True)
class Cell:
    """One plan's figure.

    Parameters
    ----------
    value : str
    apart : str
        By how much it is above (▲ +) or below (▼ −) the first plan's, "=" where it is the same;
        empty for the first plan and where there is nothing to compare.
    share : str
        Its part of the total, where that is asked.
    """

    value: str
    apart: str = ""
    share: str = ""


@dataclass(frozen=True)
class Line:
    """One figure in all plans, with its unit."""

    name: str
    unit: str
    cells: tuple[Cell, ...]


def plan_names(named: Sequence[tuple[str, int | None]], *, lang: str) -> list[str]:
    """Return what scenarios are called for others: by their names alone.

    Parameters
    ----------
    named : sequence of (name, revision)
        The revision is said only where another one has the same name; None is never said.
    lang : str
    """
    names = [name or translate(_NAMELESS, lang=lang) for name, _revision in named]
    return [
        name
        if revision is None or names.count(name) == 1
        else sentence("{name} (revision {revision})", name=name, revision=revision).render(lang)
        for name, (_name, revision) in zip(names, named, strict=True)
    ]


_NAMELESS = N_("without a name")


def use_lines(comparison: Comparison, *, lang: str) -> list[Line]:
    """Return the GFA of each use with its share, and the total."""
    sides, lines = comparison.sides, []
    for use in ALL_USES:
        held = _cells([_amount(side, side.uses_gfa_m2[use.key]) for side in sides], _whole)
        cells = (
            Cell(cell.value, cell.apart, f"{side.shares_pct[use.key]:.1f} %")
            if side.places
            else cell
            for cell, side in zip(held, sides, strict=True)
        )
        lines.append(Line(use.label.render(lang), "m²", tuple(cells)))
    total = [_amount(side, side.total_gfa_m2) for side in sides]
    return [*lines, Line("Σ", "m²", _cells(total, _whole))]


def _whole(value: float) -> str:
    return f"{value:,.0f}"


def _amount(side: Side, gfa_m2: int) -> float | None:
    return float(gfa_m2) if side.places else None


def figure_lines(comparison: Comparison, *, lang: str) -> list[Line]:
    """Return the figures in which the plans differ as shown, those of the uses left out."""
    lines = [
        _figure_line(row, lang=lang)
        for row in comparison.figures
        if row.differs and row.key not in _USE_FIGURES
    ]
    return [line for line in lines if len({cell.value for cell in line.cells} - {NOTHING}) > 1]


def same_figures(comparison: Comparison, *, lang: str) -> int:
    """Return how many figures are the same in all plans as they are shown."""
    every = sum(row.key not in _USE_FIGURES for row in comparison.figures)
    return every - len(figure_lines(comparison, lang=lang))


def _figure_line(row: FigureRow, *, lang: str) -> Line:
    name = row.label.render(lang)
    if row.key == "zeb_grade":
        grades = [NOTHING if v is None else zeb_grade_name(v) for v in row.values]
        return Line(name, "", tuple(Cell(grade) for grade in grades))
    largest = max((abs(value) for value in row.values if value is not None), default=0.0)
    size, unit = people_unit(row.unit, largest, lang=lang)
    return Line(name, unit, _cells(row.values, partial(number_in, unit=row.unit, size=size)))


def _cells(values: Sequence[float | None], told: Callable[[float], str]) -> tuple[Cell, ...]:
    first = values[0]
    cells = []
    for place, value in enumerate(values):
        if value is None:
            cells.append(Cell(NOTHING))
        elif place == 0 or first is None:
            cells.append(Cell(told(value)))
        else:
            apart = told(abs(value - first))
            same = told(value) == told(first)
            way = "=" if same else f"▲ +{apart}" if value > first else f"▼ −{apart}"
            cells.append(Cell(told(value), way))
    return tuple(cells)


@dataclass(frozen=True)
class LotLine:
    """A lot on which the plans differ.

    Parameters
    ----------
    parcel_id, name : str
    cells : tuple of str
        What each plan places there, the largest use first.
    turned : bool
        Whether the plans give it different main uses, or one leaves it empty.
    """

    parcel_id: str
    name: str
    cells: tuple[str, ...]
    turned: bool


def lot_lines(comparison: Comparison, *, lang: str, turned_only: bool = False) -> list[LotLine]:
    """Return the lots on which the plans differ, the largest difference first."""
    lines = [_lot_line(lot, comparison, lang=lang) for lot in comparison.differences]
    return [line for line in lines if line.turned or not turned_only]


def _lot_line(lot: ParcelDifference, comparison: Comparison, *, lang: str) -> LotLine:
    cells = []
    for place in range(len(comparison.sides)):
        held = {use: values[place] for use, values in lot.gfa_m2.items()}
        if any(value is None for value in held.values()):
            cells.append(NOTHING)
            continue
        placed = sorted(((v or 0, use) for use, v in held.items() if v), reverse=True)
        said = [f"{use_label(use).render(lang)} {gfa_m2:,}" for gfa_m2, use in placed]
        cells.append(", ".join(said) or translate(_EMPTY, lang=lang))
    uses = {lot.dominant_use[place] for place in comparison.placing}
    return LotLine(lot.parcel_id, lot.label.render(lang), tuple(cells), turned=len(uses) > 1)


_EMPTY = N_("nothing placed")


def comparison_csv(comparison: Comparison, *, titles: list[str], lang: str) -> bytes:
    """Return a comparison as CSV that Excel shows in Korean (UTF-8 with a BOM).

    Columns: part, key, name, unit, then one a plan. Parts: "scenario" (names, ids, states),
    "use" (GFA, m²), "figure" (raw values in the units named) and "lot" (GFA by lot and use, m²;
    empty where a plan does not have the lot), the lots on which the plans differ.

    Parameters
    ----------
    comparison : Comparison
    titles : list of str
        What the plans are called, one each.
    lang : str
    """
    letters = LETTERS[: len(comparison.sides)]
    rows: list[list[object]] = [["part", "key", "name", "unit", *letters]]
    rows.append(["scenario", "name", "", "", *titles])
    rows += [
        ["scenario", key, "", "", *(getattr(side, key) or "" for side in comparison.sides)]
        for key in ("scenario_id", "status", "rules")
    ]
    for use in ALL_USES:
        held = [_amount(side, side.uses_gfa_m2[use.key]) for side in comparison.sides]
        rows.append(["use", use.key, use.label.render(lang), "m²", *map(_bare, held)])
    for row in comparison.figures:
        if row.key not in _USE_FIGURES:
            values = map(_bare, row.values)
            rows.append(["figure", row.key, row.label.render(lang), _unit(row, lang=lang), *values])
    for lot in comparison.differences:
        for built, values_m2 in lot.gfa_m2.items():
            if len(set(values_m2)) > 1:
                name = f"{lot.label.render(lang)} · {use_label(built).render(lang)}"
                key = f"{lot.parcel_id}/{built}"
                rows.append(["lot", key, name, "m²", *map(_bare, values_m2)])
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([to_cell(v) for v in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _unit(row: FigureRow, *, lang: str) -> str:
    return row.unit if row.unit in ("%", "") else unit_label(row.unit).render(lang)


def _bare(value: float | None) -> object:
    if value is None:
        return ""
    return int(value) if float(value).is_integer() else value
