"""What ``siteplan check`` says about a file: as JSON, as text, as a page's values."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from siteplan.cautions import rules_elsewhere
from siteplan.errors import InputError
from siteplan.io.examination import SHIPPED_PARCELS, examined
from siteplan.io.source import Source, source_name
from siteplan.reading import Reading
from siteplan.rules import shipped_rules
from siteplan.shipped import data_path

if TYPE_CHECKING:
    from siteplan.io.examination import Examination
    from siteplan.issues import Issue
    from siteplan.reading import ReadReport


def check_report(
    source: Source | None = None,
    *,
    crs: str | int | None = None,
    encoding: str | None = None,
    layer: str | None = None,
    name: str | None = None,
    lang: str = "en",
) -> dict[str, Any]:
    """Return what ``siteplan check --json`` prints: everything found, assumed and repaired.

    A file that cannot be read gives one issue "unreadable" instead of an exception, with
    ``crs.used`` None. Issues about parcels stand once for each parcel.
    """
    reading = Reading(None if crs is None else str(crs), encoding, layer)
    try:
        examination = examined(source, reading=reading, name=name, any_kind=True)
    except InputError as error:
        label = source_name(data_path(*SHIPPED_PARCELS) if source is None else source, name=name)
        return unreadable_document(error, file=label, lang=lang)
    return report_document(rules_compared(examination), lang=lang)


def rules_compared(examination: Examination) -> ReadReport:
    """Return the report, and what the rules at the start say of where its parcels lie."""
    report, parcels = examination.report, examination.parcels
    if parcels is None or report.kind != "parcels":
        return report
    return replace(report, issues=(*report.issues, *rules_elsewhere(parcels, shipped_rules())))


def report_document(report: ReadReport, *, lang: str) -> dict[str, Any]:
    """Return a report as plain values for JSON."""
    return {
        "file": report.file,
        "kind": report.kind,
        "layout": report.layout,
        "format": report.format,
        "encoding": report.encoding,
        "crs": {
            "read": report.crs_read or None,
            "used": report.crs_used,
            "reason": report.crs_reason.render(lang),
        },
        "rows_in": report.rows_in,
        "parcels_out": report.parcels_out,
        "layer": report.layer,
        "columns": dict(report.columns),
        "columns_not_used": list(report.unmapped),
        "treatments": [
            {
                "parcel_id": treatment.parcel_id,
                "what": treatment.what,
                "before_m2": round(treatment.before_m2, 3),
                "after_m2": round(treatment.after_m2, 3),
            }
            for treatment in report.treatments
        ],
        "issues": [entry for issue in report.issues for entry in _entries(issue, lang=lang)],
    }


def unreadable_document(error: InputError, *, file: str, lang: str) -> dict[str, Any]:
    """Return the report of a file that could not be read at all."""
    message, fix = _said_and_fix(error.text.render(lang))
    return {
        "file": file,
        "kind": "other",
        "format": None,
        "encoding": None,
        "crs": {"read": None, "used": None, "reason": None},
        "rows_in": 0,
        "parcels_out": 0,
        "issues": [_entry("unreadable", "error", None, message, fix)],
    }


def _entries(issue: Issue, *, lang: str) -> list[dict[str, Any]]:
    """Return a finding once for each parcel; its places stand in the first entry."""
    said = (issue.message.render(lang), issue.fix.render(lang))
    entries = [
        _entry(issue.code, issue.severity, parcel_id, *said)
        for parcel_id in issue.parcel_ids or (None,)
    ]
    if issue.places_m:
        entries[0]["places_m"] = [list(place) for place in issue.places_m]
    return entries


def _said_and_fix(text: str) -> tuple[str, str]:
    """Split what is wrong from what to do: the last sentence is the fix."""
    sentences = re.split(r"(?<=\.) (?=[A-Z가-힣])", text)
    return " ".join(sentences[:-1]) or text, sentences[-1] if len(sentences) > 1 else ""


def _entry(
    code: str, severity: str, parcel_id: str | None, message: str, fix: str
) -> dict[str, Any]:
    return {
        "code": code,
        "severity": severity,
        "parcel_id": parcel_id,
        "message": message,
        "fix": fix,
    }
