"""Figures of a plan in words: the number, the unit that people use for it, and its band."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siteplan.ledger import unit_label
from siteplan.metrics import zeb_grade_name
from siteplan.units import pyeong

if TYPE_CHECKING:
    from siteplan.metrics import Metric
    from siteplan.uncertainty import Band

_LARGE_UNITS = {
    ("KRW", "ko"): (1e8, "억 원"),
    ("KRW", "en"): (1e9, "bn KRW"),
    ("kWh/year", "ko"): (1e6, "GWh/년"),
    ("kWh/year", "en"): (1e6, "GWh/yr"),
    ("visit/year", "ko"): (1e4, "만 회/년"),
    ("visit/year", "en"): (1e3, "thousand visits/yr"),
}
_PLURALS = {
    "job": "jobs",
    "student": "students",
    "resident": "residents",
    "person": "people",
    "household": "households",
    "stall": "stalls",
}


def shown_unit(metric: Metric, *, lang: str) -> tuple[float, str]:
    """Return the size of the unit that people use for a figure, and its name."""
    size, name = _LARGE_UNITS.get((metric.unit, lang), (1.0, ""))
    if name and metric.value >= size:
        return size, name
    if metric.unit == "%":
        return 1.0, "%"
    if lang == "en" and metric.unit in _PLURALS:
        return 1.0, _PLURALS[metric.unit]
    return 1.0, unit_label(metric.unit).render(lang)


def number_words(value: float, metric: Metric, *, lang: str) -> str:
    """Return a value of a figure in its `shown_unit`, without the unit's name."""
    if metric.key == "zeb_grade":
        return zeb_grade_name(value)
    size, _ = shown_unit(metric, lang=lang)
    value /= size
    fine = metric.unit == "%" or size > 1
    return f"{value:,.1f}" if fine and abs(value) < 1000 else f"{value:,.0f}"


def band_words(band: Band | None, metric: Metric, *, lang: str) -> str:
    """Return the band such as "2,758 – 5,310"; empty where nothing was drawn."""
    if band is None or band.low == band.high:
        return ""
    low, high = (number_words(value, metric, lang=lang) for value in (band.low, band.high))
    return f"{low} – {high}"


def pyeong_words(area_m2: float) -> str:
    """Return an area in 평 with thousands separators, without the unit."""
    return f"{pyeong(area_m2):,.0f}"
