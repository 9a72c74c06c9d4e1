"""Share floor area out among parcels and uses: exact, certified, and explained when it fails.

The package works on numpy arrays alone. It knows no columns, no map and no screen, and it loads
the LP solver only when a problem needs it. All areas are FAR area (용적률 산정용 연면적) unless a
name says ``gfa``.

What every evaluation needs is loaded at once, the rest on first use (PEP 562). No module has the
name of a public function: it would hide the function once it is loaded.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from siteplan.allocation.feasibility import (
    Shortfall,
    shortfall,
    subset_capacity_m2,
)
from siteplan.allocation.ranges import feasible_ranges
from siteplan.allocation.rounding import whole_m2
from siteplan.allocation.solve import Allocation, allocate
from siteplan.allocation.within import allocate_within

if TYPE_CHECKING:
    from siteplan.allocation.change import Change, NearAllocation, allocate_near, change_between
    from siteplan.allocation.pareto import ParetoFront, ParetoPoint, pareto_front
    from siteplan.allocation.phase_answer import Schedule
    from siteplan.allocation.phase_joint import schedule_jointly
    from siteplan.allocation.phase_problem import PhaseShortfall
    from siteplan.allocation.phases import schedule
    from siteplan.allocation.practical import PracticalAllocation, allocate_practical
    from siteplan.allocation.together import TogetherAllocation, allocate_together, shared_use_m
    from siteplan.allocation.variety import Alternative, Alternatives, alternatives

_LAZY = {
    "Alternative": "variety",
    "Alternatives": "variety",
    "Change": "change",
    "NearAllocation": "change",
    "ParetoFront": "pareto",
    "ParetoPoint": "pareto",
    "PhaseShortfall": "phase_problem",
    "PracticalAllocation": "practical",
    "Schedule": "phase_answer",
    "TogetherAllocation": "together",
    "allocate_near": "change",
    "allocate_practical": "practical",
    "allocate_together": "together",
    "alternatives": "variety",
    "change_between": "change",
    "pareto_front": "pareto",
    "schedule": "phases",
    "schedule_jointly": "phase_joint",
    "shared_use_m": "together",
}
"""Public names and the module of each."""

__all__ = [
    "Allocation",
    "Alternative",
    "Alternatives",
    "Change",
    "NearAllocation",
    "ParetoFront",
    "ParetoPoint",
    "PhaseShortfall",
    "PracticalAllocation",
    "Schedule",
    "Shortfall",
    "TogetherAllocation",
    "allocate",
    "allocate_near",
    "allocate_practical",
    "allocate_together",
    "allocate_within",
    "alternatives",
    "change_between",
    "feasible_ranges",
    "pareto_front",
    "schedule",
    "schedule_jointly",
    "shared_use_m",
    "shortfall",
    "subset_capacity_m2",
    "whole_m2",
]


def __getattr__(name: str) -> Any:
    """Load what is not needed at once."""
    module = _LAZY.get(name)
    if module is None:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
