"""Units that Korean planning uses beside the metre.

Sources: 평 is 400/121 m² (the legal conversion of the old measure, 1 자 = 10/33 m, 1 평 = 36 자²).
"""

from __future__ import annotations

PYEONG_M2 = 400 / 121
"""Area of one 평 in m², 3.30579: (6 자)², 1 자 = 10/33 m."""

WORK_EPSG = 5186
"""Areas are measured only in EPSG:5186 (Korea 2000 / Central Belt 2010); off by 0.3 ppm here."""


def pyeong(area_m2: float) -> float:
    """Return an area in 평 from m²."""
    return area_m2 / PYEONG_M2
