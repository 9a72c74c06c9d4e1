"""Everything that touches disk: reading parcels and scenarios, writing plans.

Heavy libraries are imported inside the functions that use them.
"""

from __future__ import annotations

from siteplan.io.check import check_report
from siteplan.io.context import read_context
from siteplan.io.examination import Examination, Supplements, examined
from siteplan.io.geojson import to_geojson
from siteplan.io.kml import to_kml
from siteplan.io.parcels import read_parcels, read_parcels_report
from siteplan.io.plan import WRITERS, plan_writer, write_plan
from siteplan.io.plan_table import PlanTable, read_plan
from siteplan.io.rules import read_rules
from siteplan.io.scenario import (
    default_scenario,
    read_scenario,
    scenario_from_bytes,
    write_scenario,
)
from siteplan.io.stakeholder import write_stakeholder
from siteplan.io.stories import Story, stories
from siteplan.reading import ReadReport

__all__ = [
    "WRITERS",
    "Examination",
    "PlanTable",
    "ReadReport",
    "Story",
    "Supplements",
    "check_report",
    "default_scenario",
    "examined",
    "plan_writer",
    "read_context",
    "read_parcels",
    "read_parcels_report",
    "read_plan",
    "read_rules",
    "read_scenario",
    "scenario_from_bytes",
    "stories",
    "to_geojson",
    "to_kml",
    "write_plan",
    "write_scenario",
    "write_stakeholder",
]
