"""Findings about what was found while a file was opened: format, encoding, layers, columns."""

from __future__ import annotations

from siteplan.issues._finding import Finding
from siteplan.text import N_

FINDINGS: dict[str, Finding] = {
    "layer_chosen": (
        "info",
        N_("The file holds several layers; {layer} was read, not {others}."),
        N_("Say which layer you mean if it is another one (--layer {other})."),
    ),
    "archive_path_odd": (
        "info",
        N_("Names in the zip lead outside of it: {members}. They were read under plain names."),
        N_("Check where the zip comes from; nothing was written to these places."),
    ),
    "layers_joined": (
        "info",
        N_("The file holds {number} folders of outlines; they were read together: {layers}."),
        N_("Say which layer you mean if you want only one of them."),
    ),
    "page_of_many": (
        "warning",
        N_("The file is one page of a longer reply: it holds {present} of {total} features."),
        N_("Download the other pages too, or fetch the area with siteplan itself."),
    ),
    "title_skipped": (
        "info",
        N_("{number} line(s) above the header were taken for a title and left out: {title}"),
        N_("Delete the lines above the column names if parcels are missing."),
    ),
    "column_damaged": (
        "error",
        N_("Column {column} holds numbers where text is needed, e.g. {example}: digits were lost."),
        N_("Export the column as text again; the lost digits cannot be recovered."),
    ),
    "column_by_content": (
        "warning",
        N_("Column {column} was taken for {fact}, because its values have that form."),
        N_("Say which column it is if it is another one (--column {fact}=COLUMN)."),
    ),
    "column_unverified": (
        "warning",
        N_("Column {column} of {layout} was taken for {fact}; no official document confirms it."),
        N_(
            "Compare a few values with the source, or say which column it is "
            "(--column {fact}=COLUMN)."
        ),
    ),
    "columns_unmapped": (
        "info",
        N_("No column was recognised as {facts}; not understood: {columns}."),
        N_("Say which column is which (--column {fact}=COLUMN)."),
    ),
    "values_unread": (
        "warning",
        N_("{number} value(s) of column {column} are no usable {fact}, e.g. {example}."),
        N_("Correct the values in the source file; they were left empty."),
    ),
    "name_contradicted": (
        "warning",
        N_("{name} is named like {like}, but by its content it is {kind}."),
        N_("Check that it is the file you mean; the content was believed."),
    ),
    "encoding_chosen": (
        "info",
        N_("Text was read as {encoding}: {reason}"),
        N_("Choose another encoding if Korean letters look wrong (--encoding)."),
    ),
    "encoding_uncertain": (
        "warning",
        N_("The text may not be {encoding}: {example} can also be read as {other} {example2}."),
        N_("Choose {other} if that is right (--encoding {other}); else nothing is to be done."),
    ),
    "text_damaged": (
        "warning",
        N_("{count} text value(s) are not well-formed {encoding}; letters were lost."),
        N_(
            "Choose another encoding if Korean letters look wrong (--encoding), or export the "
            "file as UTF-8."
        ),
    ),
    "text_mixed": (
        "warning",
        N_("{count} text value(s) are in {other}, the rest in {encoding}; each was read as it is."),
        N_("Look at the Korean letters of these rows; export the file again in one encoding."),
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
    "register_joined": (
        "info",
        N_("{joined} of {total} parcel(s) found their row in {name}; {unused} of its rows unused."),
        N_("Nothing to do."),
    ),
    "register_joined_none": (
        "warning",
        N_("None of {total} parcel(s) found a row in {name}; none of its {unused} rows is used."),
        N_(
            "Compare one PNU of the parcels with one of the list: whether it is the PNU column, "
            "has all 19 digits, writes 1 or 2 (not 0) as the eleventh, and lies in the same 동."
        ),
    ),
    "register_missing": (
        "warning",
        N_("{count} parcel(s) have no row in {name}."),
        N_("Check that the list covers the same 동 and year, or fill in the facts by hand."),
    ),
    "register_replaced": (
        "info",
        N_("{fact} of {count} parcel(s) differs from {name}; the list's value was taken."),
        N_("Leave the list out if the parcels' own values are the newer ones."),
    ),
    "register_years": (
        "info",
        N_("{number} PNU(s) stand in {name} for several dates; the latest was taken ({latest})."),
        N_("Hand over the year you want alone if it is another one."),
    ),
    "register_ambiguous": (
        "warning",
        N_("{number} PNU(s) stand in {name} with different facts and no later date: {example}."),
        N_("Delete the rows that do not hold; until then none of them is used."),
    ),
    "register_without_pnu": (
        "warning",
        N_("{number} row(s) of {name} have no usable PNU and were left out, e.g. {example}."),
        N_("Keep the PNU column as text with 19 digits; spreadsheets round it."),
    ),
    "context_missing": (
        "info",
        N_("No stations, roads or parks are known within {reach} m; suitability is even."),
        N_("Use parcels in Yangjae, or weigh the parcels by hand."),
    ),
}
