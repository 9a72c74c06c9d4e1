"""Two to four plans over the same parcels, side by side: figures, parcels, what is settled.

Parcels are matched by their id. A lot that only some of the plans have (after a merge or a cut)
counts as holding nothing in the others and is listed. All areas are whole square metres, so
every sum is exact:

    to − from = placed − left            for each use, over all lots
    moved     = min(Σ placed, Σ left)    floor area that changes its lot or its use
    added     = Σ placed − Σ left        what the totals differ by

Where a use has the same total in both plans, as much of it is placed as is left.
"""

from __future__ import annotations

from siteplan.compare.comparison import (
    MOST_PLANS,
    Change,
    Comparison,
    FigureRow,
    ParcelDifference,
    compare,
    settled_locks,
)
from siteplan.compare.notes import LETTERS
from siteplan.compare.sides import Amount, Side, side_of, side_of_export

__all__ = [
    "LETTERS",
    "MOST_PLANS",
    "Amount",
    "Change",
    "Comparison",
    "FigureRow",
    "ParcelDifference",
    "Side",
    "compare",
    "settled_locks",
    "side_of",
    "side_of_export",
]
