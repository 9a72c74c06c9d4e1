"""Advice about a plan: repairs of what does not fit, why a parcel holds what it does, and worth.

Everything is worked out from the plan itself and can be checked by evaluating again.
"""

from __future__ import annotations

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
    "KINDS",
    "PHASE_KINDS",
    "CriterionPart",
    "ExchangeWorth",
    "LimitWorth",
    "Move",
    "ParcelWorth",
    "ProgrammeWorth",
    "Repair",
    "UseHere",
    "WhatIf",
    "Why",
    "capacity_worth",
    "parcel_worth",
    "phase_repairs",
    "programme_worth",
    "repairs",
    "what_if",
    "why",
]
