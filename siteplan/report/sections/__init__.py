"""The sections of a report in their order.

A section is a function of the `Sheet` that returns a `Section`, or None where there is nothing
to say. A new one is written in a module of its group and named in `SECTIONS`.
"""

from __future__ import annotations

from collections.abc import Callable

from siteplan.report.sections import (
    doubts,
    figures,
    law,
    pictures,
    programme,
    sources,
    wishes,
    years,
)
from siteplan.report.sheet import Section, Sheet

SECTIONS: tuple[Callable[[Sheet], Section | None], ...] = (
    programme.misfit,
    pictures.maps,
    pictures.massing,
    programme.programme,
    programme.parcels,
    pictures.floors,
    wishes.approach,
    wishes.parcel_limits,
    years.years,
    figures.composition,
    figures.figures,
    figures.uncertainty,
    doubts.unverified,
    doubts.findings,
    law.permissions,
    law.incentives,
    law.rules,
    law.limits,
    doubts.assumptions,
    sources.factors,
)


def sections_of(sheet: Sheet) -> list[Section]:
    """Return the sections that a report of this sheet has."""
    return [section for build in SECTIONS if (section := build(sheet)) is not None]
