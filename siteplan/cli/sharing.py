"""``siteplan share``: scenarios as one HTML file for people who have nothing but a browser."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from siteplan.cli.arguments import add_reading
from siteplan.cli.planning import say_infeasible, study
from siteplan.cli.say import EXIT_FINE, EXIT_INFEASIBLE, say, say_json
from siteplan.errors import UsageError
from siteplan.text import sentence

if TYPE_CHECKING:
    import argparse

    from siteplan.evaluation import Plan


def add_sharing(parser: argparse.ArgumentParser) -> None:
    """Add the scenarios, the parcels that they are about, and the file to write."""
    parser.add_argument(
        "scenarios",
        metavar="SCENARIO.json",
        nargs="*",
        help="one to four scenarios over the same parcels; default: the shipped one",
    )
    parser.add_argument("--parcels", metavar="FILE", help="default: shipped Yangjae")
    parser.add_argument("--title", metavar="TEXT", help="heading of the file")
    parser.add_argument(
        "--rules", metavar="FILE|ID", help="rule set to check against, shipped or your own file"
    )
    parser.add_argument("-o", "--output", metavar="OUT.html", required=True, help="file to write")
    add_reading(parser)


def run_share(options: argparse.Namespace) -> int:
    """Evaluate the scenarios and write them as one HTML file."""
    from siteplan.evaluation import evaluate
    from siteplan.io import write_stakeholder
    from siteplan.maps.stakeholder import MOST_SCENARIOS

    if not options.output.lower().endswith((".html", ".htm")):
        raise UsageError(
            sentence(
                "{name} is no HTML file. Let its name end in .html.", name=Path(options.output).name
            )
        )
    if len(options.scenarios) > MOST_SCENARIOS:
        raise UsageError(
            sentence(
                "The stakeholder file shows 1 to {most} scenarios, not {count}. Choose among them.",
                most=MOST_SCENARIOS,
                count=len(options.scenarios),
            )
        )
    plans: list[Plan] = []
    for path in options.scenarios or [None]:
        parcels, scenario, rules = study(_as_planning(options, scenario=path))
        plan = evaluate(parcels, scenario, rules=rules)
        if plan.status == "infeasible":
            say_infeasible(plan, lang=options.lang)
            return EXIT_INFEASIBLE
        plans.append(plan)
    names = [
        plan.scenario.name or ("" if path is None else _stem(path))
        for plan, path in zip(plans, options.scenarios or [None], strict=True)
    ]
    written = write_stakeholder(
        plans, options.output, names=names, lang=options.lang, title=options.title
    )
    if options.json:
        say_json(_document(plans, names=names, written=written))
    else:
        say(sentence("Written: {path}", path=str(written)).render(options.lang))
    return EXIT_FINE


def _as_planning(options: argparse.Namespace, *, scenario: str | None) -> Namespace:
    """Return the options of ``siteplan plan`` for one scenario, with nothing changed in it."""
    unchanged: dict[str, object] = {
        "share": [],
        "gfa": [],
        "total": None,
        "assume_zone": None,
        "consent": [],
    }
    return Namespace(**(vars(options) | unchanged | {"scenario": scenario}))


def _stem(path: str) -> str:
    name = Path(path).name
    return name.removesuffix(".json").removesuffix(".scenario")


def _document(plans: list[Plan], *, names: list[str], written: Path) -> dict[str, object]:
    return {
        "file": str(written),
        "bytes": written.stat().st_size,
        "scenarios": [
            {
                "name": name,
                "scenario_id": plan.scenario_id,
                "status": plan.status,
                "total_gfa_m2": plan.total_gfa_m2,
                "rules": plan.rules_id,
            }
            for name, plan in zip(names, plans, strict=True)
        ],
    }
