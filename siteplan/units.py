"""Units that Korean planning uses beside the metre.

Sources: 평 is 400/121 m² (the legal conversion of the old measure, 1 자 = 10/33 m, 1 평 = 36 자²).
"""

from __future__ import annotations

from dataclasses import dataclass

from siteplan.text import Label

PYEONG_M2 = 400 / 121
"""Area of one 평 in m², 3.30579: (6 자)², 1 자 = 10/33 m."""

PYEONG = Label("평", "pyeong")

WORK_EPSG = 5186
"""Areas are measured only in EPSG:5186 (Korea 2000 / Central Belt 2010); off by 0.3 ppm here."""


def pyeong(area_m2: float) -> float:
    """Return an area in 평 from m²."""
    return area_m2 / PYEONG_M2


def pyeong_text(area_m2: float, *, lang: str) -> str:
    """Return an area in whole 평 from m², with the unit's name in the reader's language."""
    return f"{pyeong(area_m2):,.0f} {PYEONG.render(lang)}"


@dataclass(frozen=True)
class Pyeong:
    """An area in 평 as a reader meets it in a sentence."""

    area_m2: float

    def render(self, lang: str) -> str:
        """Return whole 평 with thousands separators."""
        return pyeong_text(self.area_m2, lang=lang)


@dataclass(frozen=True)
class Area:
    """An area as a reader meets it in a sentence."""

    area_m2: float

    def render(self, lang: str) -> str:  # noqa: ARG002 - the same in every language
        """Return the area with thousands separators."""
        return f"{self.area_m2:,.0f} m²"


@dataclass(frozen=True)
class Won:
    """An amount of money as a reader meets it in a sentence."""

    amount_krw: float

    def render(self, lang: str) -> str:
        """Return the amount in 억 원 or billions of won, small ones in won."""
        if abs(self.amount_krw) < 1e7:
            said = f"{self.amount_krw:,.0f}"
            return f"{said}원" if lang == "ko" else f"KRW {said}"
        if lang == "ko":
            return f"{self.amount_krw / 1e8:,.1f}억 원"
        return f"KRW {self.amount_krw / 1e9:,.2f} bn"
