"""A plan as a report made for paper: A4 upright or A3 on its long side, Korean or English."""

from __future__ import annotations

from siteplan.report.document import report_html
from siteplan.report.sheet import PAPERS, Paper

__all__ = ["PAPERS", "Paper", "report_html"]
