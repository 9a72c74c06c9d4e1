"""The stakeholder's file: one HTML document with map, figures and assumptions, for any browser.

It needs no network, no server and no siteplan: it opens by double click, on a phone too, and
prints. Korean and English are both inside; the reader switches.
"""

from __future__ import annotations

from siteplan.maps.stakeholder.document import MOST_SCENARIOS, stakeholder_document

__all__ = ["MOST_SCENARIOS", "stakeholder_document"]
