"""The command line: app, check, plan, ranges, options, compare, share, report, fetch.

Exit codes: 0 fine, 1 bad input, 2 wrong use, 3 infeasible. Errors go to stderr in one or two
sentences that name the fix. With ``--json`` exactly one JSON document goes to stdout.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from siteplan.cli.arguments import Parser, add_language, add_planning, add_reading, port
from siteplan.cli.checking import run_check
from siteplan.cli.comparing import add_comparing, run_compare
from siteplan.cli.fetching import add_fetching, fetch_command
from siteplan.cli.options import add_options, run_options
from siteplan.cli.planning import run_plan, run_ranges
from siteplan.cli.reporting import run_report
from siteplan.cli.say import EXIT_BAD_INPUT, EXIT_FINE, EXIT_USAGE, say_error
from siteplan.cli.sharing import add_sharing, run_share
from siteplan.cli.starting import run_app
from siteplan.errors import SiteplanError, UsageError
from siteplan.version import __version__


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    options = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except SiteplanError as error:
        say_error(error.text.render(options.lang))
        return EXIT_USAGE if isinstance(error, UsageError) else EXIT_BAD_INPUT
    except BrokenPipeError:
        # The reader of our output went away (`siteplan … | head`): nothing is wrong with us.
        sys.stderr.close()
        return EXIT_FINE


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="siteplan",
        description="Allocate a mixed-use programme among parcels, exactly, and show it.",
    )
    parser.add_argument("--version", action="version", version=f"siteplan {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=Parser)

    app = commands.add_parser("app", help="start the app in the browser")
    app.add_argument("--port", type=port, default=8501)
    app.add_argument("--host", default="127.0.0.1")
    app.add_argument("--parcels", metavar="FILE", help="parcels to start with")
    app.add_argument(
        "--store",
        metavar="URL",
        help="file that scenarios are kept in: a path or sqlite:///path; default: the variable "
        "SITEPLAN_STORE, else your data folder",
    )
    add_language(app)
    app.set_defaults(command=run_app)

    check = commands.add_parser("check", help="read a parcel file and say what was found")
    check.add_argument("file", metavar="FILE")
    check.add_argument("--html", metavar="OUT.html", help="write the findings as one HTML page")
    check.add_argument(
        "--repaired",
        metavar="OUT",
        help="write a repaired copy of the file (.gpkg, .geojson, .shp.zip)",
    )
    add_reading(check)
    check.set_defaults(command=run_check)

    plan = commands.add_parser("plan", help="allocate the programme and write the plan")
    add_planning(plan)
    plan.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        action="append",
        required=True,
        nargs="+",
        help="file to write; the ending chooses the format",
    )
    plan.set_defaults(command=run_plan)

    ranges = commands.add_parser("ranges", help="the range that each use may take")
    add_planning(ranges)
    ranges.set_defaults(command=run_ranges)

    options = commands.add_parser(
        "options", help="other plans, nearly as suitable and as different as possible"
    )
    add_planning(options)
    add_options(options)
    options.set_defaults(command=run_options)

    compare = commands.add_parser("compare", help="plans side by side, by use and by parcel")
    add_comparing(compare)
    compare.set_defaults(command=run_compare)

    share = commands.add_parser("share", help="scenarios as one HTML file for stakeholders")
    add_sharing(share)
    share.set_defaults(command=run_share)

    report = commands.add_parser("report", help="the plan as an HTML report to print")
    add_planning(report)
    report.add_argument("-o", "--output", metavar="OUT.html", required=True)
    report.add_argument(
        "--paper", choices=("a4", "a3"), default="a4", help="A4 upright or A3 on its long side"
    )
    report.add_argument("--title", metavar="TEXT", help="default: the scenario's name")
    report.set_defaults(command=run_report)

    fetch = commands.add_parser("fetch", help="official parcels from VWorld's data service")
    add_fetching(fetch)
    add_language(fetch)
    fetch.set_defaults(command=fetch_command)
    return parser
