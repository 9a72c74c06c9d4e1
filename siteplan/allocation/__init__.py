"""Share floor area out among parcels and uses: exact, certified, and explained when it fails.

The package works on numpy arrays alone. It knows no columns, no map and no screen, and it loads
the LP solver only when a problem needs it. All areas are FAR area (용적률 산정용 연면적) unless a
name says ``gfa``.
"""

from __future__ import annotations

from siteplan.allocation.feasibility import (
    Shortfall,
    shortfall,
    subset_capacity_m2,
)
from siteplan.allocation.practical import PracticalAllocation, allocate_practical
from siteplan.allocation.ranges import feasible_ranges
from siteplan.allocation.rounding import whole_m2
from siteplan.allocation.solve import Allocation, allocate
from siteplan.allocation.within import allocate_within

__all__ = [
    "Allocation",
    "PracticalAllocation",
    "Shortfall",
    "allocate",
    "allocate_practical",
    "allocate_within",
    "feasible_ranges",
    "shortfall",
    "subset_capacity_m2",
    "whole_m2",
]
