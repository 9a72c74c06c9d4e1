"""siteplan: allocate a mixed-use programme among parcels, exactly, and show it.

    import siteplan as sp
    parcels = sp.read_parcels()
    plan = sp.evaluate(parcels, sp.default_scenario())
    sp.write_plan(plan, "plan.geojson")
    sp.plan_map(plan).save("plan.html")

Names are loaded when they are first used, so that ``import siteplan`` stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from siteplan.version import __version__

if TYPE_CHECKING:
    from siteplan.approach import Near, Practical, Together
    from siteplan.errors import InputError, SiteplanError, UsageError
    from siteplan.evaluation import Plan, evaluate, move_use
    from siteplan.io import (
        default_scenario,
        read_parcels,
        read_plan,
        read_scenario,
        to_geojson,
        write_plan,
        write_scenario,
        write_stakeholder,
    )
    from siteplan.io.examination import Supplements, examined
    from siteplan.io.repaired_copy import write_repaired_copy
    from siteplan.io.vworld import fetch_parcels
    from siteplan.issues import Issue
    from siteplan.lots import cut, edited, merged
    from siteplan.maps.findings import findings_page
    from siteplan.maps.live import plan_map, write_map
    from siteplan.maps.stakeholder import stakeholder_document
    from siteplan.parcels import Parcels
    from siteplan.phasing import Phases
    from siteplan.programme import Programme, UseTarget, rebalance
    from siteplan.reading import Reading
    from siteplan.report import report_html
    from siteplan.scenario import ParcelDecision, Scenario
    from siteplan.use_limits import UseLimit

_HOMES = {
    "Near": "approach",
    "Practical": "approach",
    "Together": "approach",
    "InputError": "errors",
    "SiteplanError": "errors",
    "UsageError": "errors",
    "Plan": "evaluation",
    "evaluate": "evaluation",
    "move_use": "evaluation",
    "default_scenario": "io",
    "read_parcels": "io",
    "read_plan": "io",
    "read_scenario": "io",
    "to_geojson": "io",
    "write_plan": "io",
    "write_scenario": "io",
    "write_stakeholder": "io",
    "Supplements": "io.examination",
    "examined": "io.examination",
    "write_repaired_copy": "io.repaired_copy",
    "fetch_parcels": "io.vworld",
    "Issue": "issues",
    "cut": "lots",
    "edited": "lots",
    "merged": "lots",
    "findings_page": "maps.findings",
    "plan_map": "maps.live",
    "write_map": "maps.live",
    "stakeholder_document": "maps.stakeholder",
    "Parcels": "parcels",
    "Phases": "phasing",
    "Programme": "programme",
    "UseTarget": "programme",
    "rebalance": "programme",
    "Reading": "reading",
    "report_html": "report",
    "ParcelDecision": "scenario",
    "Scenario": "scenario",
    "UseLimit": "use_limits",
}

__all__ = [
    "InputError",
    "Issue",
    "Near",
    "ParcelDecision",
    "Parcels",
    "Phases",
    "Plan",
    "Practical",
    "Programme",
    "Reading",
    "Scenario",
    "SiteplanError",
    "Supplements",
    "Together",
    "UsageError",
    "UseLimit",
    "UseTarget",
    "__version__",
    "cut",
    "default_scenario",
    "edited",
    "evaluate",
    "examined",
    "fetch_parcels",
    "findings_page",
    "merged",
    "move_use",
    "plan_map",
    "read_parcels",
    "read_plan",
    "read_scenario",
    "rebalance",
    "report_html",
    "stakeholder_document",
    "to_geojson",
    "write_map",
    "write_plan",
    "write_repaired_copy",
    "write_scenario",
    "write_stakeholder",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'siteplan' has no attribute {name!r}")
    return getattr(import_module(f"siteplan.{home}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
