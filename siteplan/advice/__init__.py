"""Advice about a plan: repairs, reasons, worth, and other plans to choose from.

Everything is worked out from the plan itself and can be checked by evaluating again.
"""

from __future__ import annotations

from siteplan.advice._approach import ApproachCost, approach_cost
from siteplan.advice._differences import Difference
from siteplan.advice._front import AIMS, Front, FrontPoint, aim_mean, aims_of, front_between
from siteplan.advice._options import Alternative, Options, alternatives_of
from siteplan.advice._phases import PHASE_KINDS, phase_repairs
from siteplan.advice._repairs import KINDS, Repair, repairs
from siteplan.advice._totals_worth import (
    ExchangeWorth,
    LimitWorth,
    ProgrammeWorth,
    programme_worth,
)
from siteplan.advice._why import CriterionPart, UseHere, WhatIf, Why, what_if, why
from siteplan.advice._worth import Move, ParcelWorth, capacity_worth, parcel_worth

__all__ = [
    "AIMS",
    "KINDS",
    "PHASE_KINDS",
    "Alternative",
    "ApproachCost",
    "CriterionPart",
    "Difference",
    "ExchangeWorth",
    "Front",
    "FrontPoint",
    "LimitWorth",
    "Move",
    "Options",
    "ParcelWorth",
    "ProgrammeWorth",
    "Repair",
    "UseHere",
    "WhatIf",
    "Why",
    "aim_mean",
    "aims_of",
    "alternatives_of",
    "approach_cost",
    "capacity_worth",
    "front_between",
    "parcel_worth",
    "phase_repairs",
    "programme_worth",
    "repairs",
    "what_if",
    "why",
]
