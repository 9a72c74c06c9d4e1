"""What every part of a report needs: plan, language, paper, and what was worked out once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from siteplan.ledger import mark_text
from siteplan.report.markup import Markup, element, joined, safe
from siteplan.text import N_, Renderable, on_screen, translate
from siteplan.uncertainty import uncertainty_of

if TYPE_CHECKING:
    from siteplan.evaluation import Plan
    from siteplan.metrics import Metric
    from siteplan.rules import ZoneRule
    from siteplan.uncertainty import Uncertainty

Paper = Literal["a4", "a3"]

VERIFIED = ("V", "V-calc")
"""Marks of what was read, or computed from what was read."""


SURE_RATIO = 0.9
"""Part of the draws in which a plan holds from which it is not shown as a warning."""


_LOT_NUMBER = re.compile(r"(?:산 )?\S+$")  # without the place that it lies in


@dataclass(frozen=True)
class PaperSize:
    """Measures of a paper in mm: the page, its margins, and the largest picture on a page."""

    name: str
    width_mm: float
    height_mm: float
    side_mm: float
    top_mm: float
    bottom_mm: float

    @property
    def inner_width_mm(self) -> float:
        """Width between the margins."""
        return self.width_mm - 2 * self.side_mm

    @property
    def inner_height_mm(self) -> float:
        """Height between the margins."""
        return self.height_mm - self.top_mm - self.bottom_mm


PAPERS: dict[Paper, PaperSize] = {
    "a4": PaperSize("A4", 210, 297, 16, 20, 18),
    "a3": PaperSize("A3", 420, 297, 18, 20, 18),
}


@dataclass(frozen=True)
class Section:
    """One section of a report.

    Parameters
    ----------
    key : str
        Name of its anchor.
    title : str
    body : Markup
    wide : bool
        Whether it takes the whole width of a wide paper instead of its two columns.
    """

    key: str
    title: str
    body: Markup
    wide: bool = False


@dataclass(frozen=True, eq=False)
class Sheet:
    """A report in the making."""

    plan: Plan
    lang: str
    paper: PaperSize
    title: str
    made_on: dt.date

    @property
    def translator(self) -> Callable[[str], str]:
        """What turns a key of the catalogues into the report's language."""
        return lambda msgid: translate(msgid, lang=self.lang)

    def say(self, text: Renderable | None) -> str:
        """Return a text in the report's language, empty for None."""
        return "" if text is None else on_screen(text.render(self.lang))

    @property
    def feasible(self) -> bool:
        """Whether there is a plan, not only an explanation."""
        return self.plan.status != "infeasible"

    @property
    def wide(self) -> bool:
        """Whether the paper lies on its long side."""
        return self.paper.width_mm > self.paper.height_mm

    @cached_property
    def used_rows(self) -> tuple[int, ...]:
        """Rows of the parcels that hold floor area, the fullest first."""
        gfa_m2 = self.plan.parcel_gfa_m2
        rank = np.lexsort((np.argsort(self.plan.parcels.id_order), -gfa_m2))
        return tuple(row for row in rank.tolist() if gfa_m2[row] > 0)

    @cached_property
    def taking_part(self) -> tuple[int, ...]:
        """Rows of the parcels that take part, in the order of their ids."""
        available = self.plan.capacity.available_pct
        return tuple(row for row in self.plan.parcels.id_order.tolist() if available[row] > 0)

    @property
    def shown_rows(self) -> tuple[int, ...]:
        """Rows that tables speak of: parcels used, or those taking part when nothing fits."""
        return self.used_rows if self.feasible else self.taking_part

    @cached_property
    def numbers(self) -> dict[int, int]:
        """Row -> its number in tables, on maps and in the picture."""
        return {row: number for number, row in enumerate(self.shown_rows, start=1)}

    @cached_property
    def metrics(self) -> dict[str, Metric]:
        """Figures by key."""
        return {metric.key: metric for metric in self.plan.metrics}

    @cached_property
    def uncertainty(self) -> Uncertainty:
        """Spread of the figures and the chance that the plan holds."""
        return uncertainty_of(self.plan)

    def lot(self, row: int) -> str:
        """Return the shortest name of a parcel that finds it in a register: lot number, else id."""
        number = _LOT_NUMBER.search(self.plan.parcels.jibuns[row] or "")
        return number[0] if number else self.plan.parcels.ids[row]

    def parcel(self, row: int) -> Markup:
        """Return a parcel's name and, where that differs, lot number and id below it."""
        parcels = self.plan.parcels
        name = parcels.name(row, lang=self.lang)
        rest = [
            text
            for text in dict.fromkeys((parcels.jibuns[row], parcels.ids[row]))
            if text and text != name
        ]
        return joined((name, element("span", " · ".join(rest), class_="small") if rest else ""))

    def numbered(self, row: int) -> Markup:
        """Return a parcel's number in a small circle."""
        return element("span", str(self.numbers[row]), class_="number-of")

    def ids(self, parcel_ids: tuple[str, ...], *, most: int = 24) -> str:
        """Return ids of parcels, at most so many, with how many more there are."""
        shown = ", ".join(parcel_ids[:most])
        more = len(parcel_ids) - most
        if more <= 0:
            return shown
        _ = self.translator
        return _(N_("{ids} and {count:,} more")).format(ids=shown, count=more)

    def zone(self, rule: ZoneRule | None, name: str | None) -> str:
        """Return a zone: its Korean name, in English the name with the Korean one in brackets."""
        if rule is None:
            return name or translate(N_("Zone not known"), lang=self.lang)
        return rule.spoken.render(self.lang)

    def zone_of(self, row: int) -> str:
        """Return the zone that a parcel is planned with."""
        capacity = self.plan.capacity
        return self.zone(capacity.zone_rules[row], capacity.zones[row])

    def mark(self, mark: str) -> Markup:
        """Return a mark of evidence in words; what was not read stands out by a sign too."""
        words = mark_text(mark).render(self.lang)
        firm = mark in VERIFIED
        sign = "" if firm else "△ "
        return element("span", sign + words, class_="mark" if firm else "mark weak")

    def own_words(self, text: str) -> Markup:
        """Return what the planner wrote, line breaks kept."""
        return joined((safe(line) for line in text.splitlines()), separator="\n")
