"""The arguments of the commands, and what they mean."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, NoReturn

from siteplan.cli.say import EXIT_USAGE, say_error
from siteplan.text import LANGUAGES
from siteplan.uses import USES

if TYPE_CHECKING:
    from siteplan.io.examination import Supplements
    from siteplan.reading import Reading


class Parser(argparse.ArgumentParser):
    """argparse whose errors are one line on stderr and exit with 2."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one line and leave."""
        say_error(f"{message}. See: {self.prog} --help")
        raise SystemExit(EXIT_USAGE)


def add_language(parser: argparse.ArgumentParser) -> None:
    """Add the language of what is printed; the terminal's own by default."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    parser.add_argument(
        "--lang", choices=LANGUAGES, default="ko" if spoken.startswith("ko") else "en"
    )


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Add what a person may say of a file, and how to print."""
    parser.add_argument("--crs", metavar="EPSG:N", help="coordinate system, if not declared")
    parser.add_argument("--encoding", metavar="E", help="text encoding, e.g. cp949")
    parser.add_argument("--layer", metavar="NAME", help="layer to read of a file with several")
    parser.add_argument(
        "--column",
        metavar="FACT=COLUMN",
        action="append",
        default=[],
        type=_fact_column,
        help="column of a fact whose name is not recognised, e.g. zone=LAND_USE",
    )
    parser.add_argument(
        "--zoning", metavar="FILE", help="zoning polygons (용도지역) to lay over the parcels"
    )
    parser.add_argument("--zoning-crs", metavar="EPSG:N", help="their coordinate system")
    parser.add_argument(
        "--register",
        metavar="FILE",
        action="append",
        default=[],
        help="list by PNU to join, e.g. land prices or land characteristics",
    )
    parser.add_argument(
        "--dongs",
        metavar="FILE",
        help="outlines of 법정동, to tell coordinate systems apart that lie some 300 m apart",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    add_language(parser)


def add_planning(parser: argparse.ArgumentParser) -> None:
    """Add the parcels, the scenario and what changes it."""
    parser.add_argument("parcels", metavar="PARCELS", nargs="?", help="default: shipped Yangjae")
    parser.add_argument("--scenario", metavar="F.json")
    parser.add_argument(
        "--share",
        metavar="USE=PCT",
        action="append",
        default=[],
        type=_use_amount,
        help="share of a use; uses left out take the rest",
    )
    parser.add_argument("--gfa", metavar="USE=M2", action="append", default=[], type=_use_amount)
    parser.add_argument("--total", metavar="M2", type=_amount)
    parser.add_argument("--assume-zone", metavar="ZONE", help="zone for parcels without one")
    parser.add_argument(
        "--rules", metavar="FILE|ID", help="rule set to check against, shipped or your own file"
    )
    parser.add_argument(
        "--consent",
        metavar="ZONE=USE",
        action="append",
        default=[],
        help="accept a conditional or unknown permission",
    )
    add_reading(parser)


def port(text: str) -> int:
    """Return a port number."""
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text!r}")
    return int(text)


def _amount(text: str) -> float:
    try:
        return float(text.replace(",", ""))
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(f"a number is needed, not {text!r}") from wrong


def _use_amount(text: str) -> tuple[str, float]:
    use, equals, amount = text.partition("=")
    if not equals or use not in USES:
        raise argparse.ArgumentTypeError(
            f"write USE=NUMBER with a use of {', '.join(USES)}, not {text!r}"
        )
    return use, _amount(amount)


def _fact_column(text: str) -> tuple[str, str]:
    fact, equals, column = text.partition("=")
    if not equals or not fact or not column:
        raise argparse.ArgumentTypeError(f"write FACT=COLUMN, not {text!r}")
    return fact, column


def reading_of(options: argparse.Namespace) -> Reading:
    """Return what the options say of the file."""
    from siteplan.reading import Reading

    return Reading(options.crs, options.encoding, options.layer, dict(options.column))


def supplements_of(options: argparse.Namespace) -> Supplements:
    """Return the files that the options name beside the parcels."""
    from siteplan.io.examination import Supplements
    from siteplan.reading import Reading

    return Supplements(
        options.zoning, Reading(options.zoning_crs), tuple(options.register), options.dongs
    )
