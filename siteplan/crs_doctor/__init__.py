"""The CRS doctor: in which coordinate system a file is, by evidence, and a question if in doubt.

Pure: arrays and text in, a `CrsDiagnosis` out. See `siteplan.crs_doctor.diagnosis` for what is
believed in which order.
"""

from __future__ import annotations

from siteplan.crs_doctor.candidates import Candidate
from siteplan.crs_doctor.diagnosis import (
    CrsAmbiguousError,
    CrsDiagnosis,
    axes_exchanged,
    diagnosed,
)
from siteplan.crs_doctor.evidence import Anchor, Anchors, DongOutlines, References
from siteplan.crs_doctor.systems import declared_crs

__all__ = [
    "Anchor",
    "Anchors",
    "Candidate",
    "CrsAmbiguousError",
    "CrsDiagnosis",
    "DongOutlines",
    "References",
    "axes_exchanged",
    "declared_crs",
    "diagnosed",
]
