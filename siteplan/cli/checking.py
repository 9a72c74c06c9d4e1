"""``siteplan check``: what a file is, what was assumed and repaired."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siteplan.cli.arguments import reading_of, supplements_of
from siteplan.cli.say import EXIT_BAD_INPUT, EXIT_FINE, progress_bar, say, say_json
from siteplan.errors import InputError

if TYPE_CHECKING:
    import argparse

    from siteplan.io.examination import Examination


def run_check(options: argparse.Namespace) -> int:
    """Read a file of parcels and say what was found."""
    from siteplan.io.check import report_document, rules_compared, unreadable_document
    from siteplan.io.examination import examined
    from siteplan.io.source import source_name

    examination: Examination | None = None
    try:
        examination = examined(
            options.file,
            reading=reading_of(options),
            supplements=supplements_of(options),
            any_kind=True,
            progress=progress_bar(),
        )
    except InputError as error:
        name = source_name(options.file)
        document = unreadable_document(error, file=name, lang=options.lang)
    else:
        document = report_document(rules_compared(examination), lang=options.lang)
    if options.json:
        say_json(document)
    else:
        for line in _check_lines(document):
            say(line)
    if examination is not None:
        _write_check(examination, options)
    return EXIT_BAD_INPUT if _has_errors(document) else EXIT_FINE


def _write_check(examination: Examination, options: argparse.Namespace) -> None:
    """Write what was asked for beside the report: the page, the repaired copy."""
    from pathlib import Path

    from siteplan.io.atomic import write_whole
    from siteplan.io.repaired_copy import write_repaired_copy

    if options.html is not None:
        from siteplan.io.check import rules_compared
        from siteplan.maps.findings import findings_page

        report = rules_compared(examination)
        page = findings_page(report, examination.parcels, lang=options.lang)
        write_whole(Path(options.html), lambda draft: draft.write_text(page, encoding="utf-8"))
    if options.repaired is not None:
        write_repaired_copy(examination, options.repaired)


def _has_errors(document: dict[str, Any]) -> bool:
    """Tell whether a report for JSON holds an error."""
    return any(issue["severity"] == "error" for issue in document["issues"])


def _check_lines(document: dict[str, Any]) -> list[str]:
    """Return a report as lines: what the file is, then each kind of finding."""
    crs = document["crs"]
    first = (
        f"{document['file']}: {document['kind']}, {document['format'] or '–'}, "
        f"{document['rows_in']} → {document['parcels_out']}, "
        f"{crs['read'] or '–'} → {crs['used'] or '–'}"
    )
    return [first, *([crs["reason"]] if crs["reason"] else []), *_grouped(document["issues"])]


def _grouped(issues: list[dict[str, Any]]) -> list[str]:
    """Return a line per kind of finding, with its fix and a few parcels."""
    kinds: dict[tuple[str, str, str, str], list[str]] = {}
    for issue in issues:
        key = (issue["severity"], issue["code"], issue["message"], issue["fix"])
        kinds.setdefault(key, []).extend([issue["parcel_id"]] if issue["parcel_id"] else [])
    lines = []
    for (severity, code, message, fix), ids in kinds.items():
        shown = f" [{', '.join(ids[:5])}{' …' if len(ids) > 5 else ''}]" if ids else ""
        lines.append(f"{severity} {code}: {message}{shown}\n    → {fix}")
    return lines
