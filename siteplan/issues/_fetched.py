"""Findings about data that came from VWorld's data service."""

from __future__ import annotations

from siteplan.issues._finding import Finding
from siteplan.text import N_

FINDINGS: dict[str, Finding] = {
    "fetch_pnu_unknown": (
        "warning",
        N_("The service does not know {missing} of the PNUs asked for, e.g. {examples}."),
        N_("Check these PNUs: parcels that were merged or divided have new ones."),
    ),
    "fetch_by_boxes": (
        "info",
        N_(
            "The dong {dong} was searched by {boxes} boxes instead of its code ({reason}); "
            "{others} rows of its neighbours were left out."
        ),
        N_("Nothing to do; look at the edges of the dong on the map."),
    ),
    "fetch_read_again": (
        "info",
        N_(
            "The service's pages for {query} did not agree, so they were read again from the start."
        ),
        N_("Nothing to do."),
    ),
    "fetch_doubled": (
        "warning",
        N_("For {query} the service sent {count} row(s) twice; as many others may be missing."),
        N_("Fetch everything anew later (--refresh) and compare the number of parcels."),
    ),
    "fetch_unencrypted": (
        "warning",
        N_("Your key went to {host} unencrypted (http): others in the network can read it."),
        N_("Use an address that begins with https:// where there is one."),
    ),
    "fetch_from_cache": (
        "info",
        N_("{cached} of {all} replies were kept from before, the oldest of {day}."),
        N_("Choose to ask the service for all of them anew (--refresh) if they may have changed."),
    ),
    "fetch_not_kept": (
        "warning",
        N_("Replies could not be kept on disk ({reason}): a fetch broken off starts again."),
        N_("Name a folder that may be written to (--cache)."),
    ),
}
