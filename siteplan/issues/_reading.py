"""Findings about what was found while a file was opened: format, encoding, layers, columns."""

from __future__ import annotations

from siteplan.issues._finding import Finding
from siteplan.text import N_

FINDINGS: dict[str, Finding] = {
    "layer_chosen": (
        "info",
        N_("The file holds several layers; {layer} was read."),
        N_("Say which layer you mean if it is another one."),
    ),
    "column_damaged": (
        "error",
        N_("Column {column} holds numbers where text is needed, e.g. {example}: digits were lost."),
        N_("Export the column as text again; the lost digits cannot be recovered."),
    ),
    "encoding_chosen": (
        "info",
        N_("Text was read as {encoding}: {reason}"),
        N_("Say --encoding if Korean letters look wrong."),
    ),
    "text_damaged": (
        "warning",
        N_("{count} text value(s) are not well-formed {encoding}; letters were lost."),
        N_("Say --encoding if Korean letters look wrong, or export the file as UTF-8."),
    ),
    "control_letters": (
        "warning",
        N_("{count} text value(s) or name(s) held control letters; these were removed."),
        N_("Compare these values with the source file."),
    ),
    "reader_warning": (
        "warning",
        N_("The file was read, but the reader remarks: {message}"),
        N_("Check that all parcels are there; export the file again if not."),
    ),
    "context_missing": (
        "info",
        N_("No stations, roads or parks are known within {reach} m; suitability is even."),
        N_("Use parcels in Yangjae, or weigh the parcels by hand."),
    ),
}
