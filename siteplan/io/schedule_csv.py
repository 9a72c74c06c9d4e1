"""What is built when, as a table for spreadsheets."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from siteplan.io.cells import to_cell
from siteplan.uses import ALL_USES

if TYPE_CHECKING:
    from siteplan.evaluation import Plan

HEADINGS = (
    "year",
    "parcel_id",
    "pnu",
    "jibun",
    "name",
    "use",
    "gfa_m2",
    "cost_krw",
    "completed",
)


def to_schedule_csv(plan: Plan, *, lang: str) -> str:
    """Return a row for each year, parcel and use, in this order; the sum of GFA is the plan's.

    Parameters
    ----------
    plan : Plan
    lang : str
        Language of names and uses; headings are the same in every language.

    Returns
    -------
    str
        CSV with a byte order mark, so that Excel reads Korean; headings alone where the plan has
        no years. ``completed`` is 1 where the year is the parcel's last.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADINGS)
    timing, parcels = plan.timing, plan.parcels
    if timing is not None:
        rows = zip(timing.year, timing.parcel, timing.use, timing.gfa_m2, strict=True)
        for year, row, use, gfa_m2 in rows:
            texts = (
                parcels.ids[row],
                parcels.pnus[row],
                parcels.jibuns[row],
                parcels.name(int(row), lang=lang),
                ALL_USES[use].label.render(lang),
            )
            writer.writerow(
                [
                    int(year),
                    *("" if text is None else to_cell(text) for text in texts),
                    int(gfa_m2),
                    round(float(gfa_m2 * timing.cost_krw_per_m2[use])),
                    int(timing.completion_year[row] == year),
                ]
            )
    return "\ufeff" + out.getvalue()
