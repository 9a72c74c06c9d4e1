"""Figures as people read them: areas, percentages, and metrics in the unit that people use.

One place for screens, paper and the stakeholder's file, so that a figure reads alike everywhere.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from siteplan.ledger import unit_label
from siteplan.metrics import zeb_grade_name
from siteplan.units import pyeong

if TYPE_CHECKING:
    from siteplan.metrics import Metric
    from siteplan.uncertainty import Band

NONE = "–"
"""Stands where there is nothing to write."""

_MONEY = {"ko": (1e8, "억 원"), "en": (1e9, "bn KRW")}
_SCALES = {
    ("KRW", "ko"): _MONEY["ko"],
    ("KRW", "en"): _MONEY["en"],
    ("kWh/year", "ko"): (1e6, "GWh/년"),
    ("kWh/year", "en"): (1e6, "GWh/yr"),
    ("visit/year", "ko"): (1e4, "만 회/년"),
    ("visit/year", "en"): (1e3, "thousand visits/yr"),
}
_ENGLISH_HEADS = {
    "job": "jobs",
    "student": "students",
    "resident": "residents",
    "person": "people",
    "household": "homes",
    "stall": "stalls",
}


def m2(area_m2: float) -> str:
    """Return an area in whole m², such as "1,234 m²"."""
    return f"{area_m2:,.0f} m²" if math.isfinite(area_m2) else NONE


def whole(value: float) -> str:
    """Return a whole number; a dash for nothing, so that what is there stands out."""
    return f"{value:,.0f}" if value else NONE


def pct(value: float) -> str:
    """Return a percentage to 0.1; a dash where it is not known."""
    return f"{value:,.1f} %" if math.isfinite(value) else NONE


def in_pyeong(area_m2: float) -> str:
    """Return an area in whole 평, the number alone."""
    return f"{pyeong(area_m2):,.0f}"


def money_unit(lang: str) -> tuple[float, str]:
    """Return the unit for large sums in won, and its name: 억 원, in English bn KRW."""
    return _MONEY["ko" if lang == "ko" else "en"]


def counts_heads(metric: Metric) -> bool:
    """Tell whether a figure counts people or things that its label names already."""
    return metric.unit in _ENGLISH_HEADS


def metric_unit(metric: Metric, *, lang: str) -> tuple[float, str]:
    """Return the size of the unit that people use for a figure, and its name."""
    return people_unit(metric.unit, metric.value, lang=lang)


def people_unit(unit: str, largest: float, *, lang: str) -> tuple[float, str]:
    """Return the size of the unit that people use for amounts up to `largest`, and its name."""
    if unit == "%":
        return 1.0, "%"
    if (unit, lang) in _SCALES:
        size, name = _SCALES[unit, lang]
        if abs(largest) >= size:
            return size, name
    if lang == "en" and unit in _ENGLISH_HEADS:
        return 1.0, _ENGLISH_HEADS[unit]
    return 1.0, unit_label(unit).render(lang)


def metric_number(value: float, metric: Metric, *, lang: str) -> str:
    """Return a value of a figure in its people's unit, without the unit."""
    if metric.key == "zeb_grade":
        return zeb_grade_name(value)
    size, _ = metric_unit(metric, lang=lang)
    return number_in(value, metric.unit, size=size)


def number_in(value: float, unit: str, *, size: float) -> str:
    """Return an amount of a unit as a number of units `size` times as large."""
    scaled = unit == "%" or size > 1
    value /= size
    return f"{value:,.1f}" if scaled and abs(value) < 1000 else f"{value:,.0f}"


def metric_text(metric: Metric, *, lang: str) -> str:
    """Return a figure with its unit."""
    number = metric_number(metric.value, metric, lang=lang)
    return f"{number} {metric_unit(metric, lang=lang)[1]}".rstrip()


def band_text(band: Band | None, metric: Metric, *, lang: str) -> str:
    """Return a figure's band such as "2,758 – 5,310"; empty where nothing was drawn."""
    if band is None or band.low == band.high:
        return ""
    low, high = (metric_number(value, metric, lang=lang) for value in (band.low, band.high))
    return f"{low} – {high}"
