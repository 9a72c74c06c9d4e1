"""Writing the stakeholder's file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from siteplan.io.atomic import write_whole

if TYPE_CHECKING:
    from siteplan.evaluation import Plan


def write_stakeholder(
    plans: Sequence[Plan],
    path: str | os.PathLike[str],
    *,
    names: Sequence[str] | None = None,
    lang: str = "ko",
    title: str | None = None,
) -> Path:
    """Write plans as one HTML file that opens anywhere without a network, whole or not at all.

    Parameters
    ----------
    plans : sequence of Plan
        One to four.
    path : path
        Where to; an existing file is replaced.
    names : sequence of str, optional
        What to call each plan; its scenario's name when left out.
    lang, title
        As in `siteplan.maps.stakeholder.stakeholder_document`, which makes the file.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    InputError
        No plan, more than four, an infeasible one, or a place that cannot be written to.
    """
    from siteplan.maps.stakeholder import stakeholder_document

    names = [plan.scenario.name for plan in plans] if names is None else names
    document = stakeholder_document(plans, names=names, lang=lang, title=title)
    return write_whole(
        Path(path), lambda draft: draft.write_text(document, encoding="utf-8", newline="\n")
    )
