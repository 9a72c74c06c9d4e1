"""``siteplan report``: the plan as an HTML report for paper."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from siteplan.cli.planning import study
from siteplan.cli.say import EXIT_FINE, EXIT_INFEASIBLE, say, say_error, say_json
from siteplan.errors import UsageError
from siteplan.text import sentence

if TYPE_CHECKING:
    import argparse


def run_report(options: argparse.Namespace) -> int:
    """Write the report; one about a programme that does not fit says why, and exits with 3."""
    from siteplan.evaluation import evaluate
    from siteplan.io.atomic import write_whole
    from siteplan.report import report_html

    path = Path(options.output)
    if path.suffix.lower() not in (".html", ".htm"):
        raise UsageError(
            sentence("A report is an HTML file; {name} has another ending.", name=path.name)
        )
    parcels, scenario, rules = study(options)
    plan = evaluate(parcels, scenario, rules=rules)
    written = report_html(
        plan,
        lang=options.lang,
        paper=options.paper,
        title=options.title,
        made_on=dt.datetime.now().astimezone().date(),
    )
    write_whole(path, lambda draft: draft.write_text(written, encoding="utf-8", newline="\n"))
    if options.json:
        say_json({"status": plan.status, "report": str(path), "scenario_id": plan.scenario_id})
    else:
        say(sentence("Written: {path}", path=options.output).render(options.lang))
    if plan.status != "infeasible":
        return EXIT_FINE
    say_error(
        sentence("The programme does not fit; the report says why and what would help.").render(
            options.lang
        )
    )
    return EXIT_INFEASIBLE
