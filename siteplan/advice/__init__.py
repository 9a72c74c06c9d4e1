"""Advice about a plan: repairs of what does not fit, why a parcel holds what it does, and worth.

Everything is worked out anew from the plan and can be checked by evaluating again.
"""

from __future__ import annotations

from siteplan.advice._repairs import KINDS, Repair, repairs

__all__ = ["KINDS", "Repair", "repairs"]
