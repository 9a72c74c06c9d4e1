"""The command ``siteplan fetch``: official parcels from VWorld's data service to a file."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from siteplan.errors import InputError, UsageError
from siteplan.text import sentence

if TYPE_CHECKING:
    from siteplan.io.vworld import Progress

KEY_VARIABLE = "VWORLD_KEY"
EXIT_INTERRUPTED = 130
_BAR = 30


def add_fetching(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "area",
        metavar="DONG_OR_BBOX",
        nargs="+",
        help="dong codes (10 digits), PNUs (19 digits), @FILE with such, "
        "or WEST,SOUTH,EAST,NORTH in degrees",
    )
    parser.add_argument(
        "--key",
        metavar="K",
        help=f"your key; better in the variable {KEY_VARIABLE}, as a command line can be seen by "
        "other users of the machine. '-' reads it from stdin; left out, you are asked",
    )
    parser.add_argument("--domain", help="as it stands in the key's registration")
    parser.add_argument("--url", help="address of the service, where a relay is used")
    parser.add_argument("--layer", choices=("parcels", "zoning"), default="parcels")
    parser.add_argument("--cache", metavar="DIR", help="folder for replies that are kept")
    parser.add_argument("--no-cache", action="store_true", help="keep no replies")
    parser.add_argument("--refresh", action="store_true", help="ask anew for what is kept")
    parser.add_argument(
        "-o", "--output", metavar="OUT", required=True, help=".geojson .gpkg .parquet .fgb"
    )


def fetch_command(options: argparse.Namespace) -> int:
    """Fetch, write, and say what was found; return the exit code."""
    from siteplan.io.vworld import (
        Service,
        cache_at,
        check_ending,
        default_url,
        fetch,
        parsed_area,
        write_collection,
    )

    if options.cache and options.no_cache:
        raise UsageError(sentence("Say --cache or --no-cache, not both."))
    check_ending(options.output)
    area = parsed_area([_listed(word) for word in options.area])
    bar = ProgressLine(lang=options.lang)
    try:
        service = Service(_key(options.key), options.domain, options.url or default_url())
        fetched = fetch(
            area,
            service=service,
            layer=options.layer,
            cache=cache_at(wish=options.cache or not options.no_cache),
            refresh=options.refresh,
            progress=bar,
        )
    except KeyboardInterrupt:
        bar.end()
        told = (
            sentence("Stopped; nothing was written and nothing kept.")
            if options.no_cache
            else sentence("Stopped; nothing was written. Run it again and it goes on from here.")
        )
        _say(told.render(options.lang))
        return EXIT_INTERRUPTED
    finally:
        bar.end()
    write_collection(fetched.features, options.output)
    for issue in fetched.issues:
        _say(f"{issue.severity}: {issue.message.render(options.lang)}")
    told = sentence(
        "{count} features, {requests} requests, {cached} kept replies: {path}",
        count=f"{len(fetched):,}",
        requests=fetched.requests,
        cached=fetched.cached,
        path=options.output,
    )
    print(told.render(options.lang))
    return 0


class ProgressLine:
    """Progress on stderr: a bar that is redrawn on a terminal, else a line now and then.

    Parameters
    ----------
    lang : str
    """

    def __init__(self, *, lang: str) -> None:
        self.lang = lang
        self._live = sys.stderr.isatty()
        self._open = False
        self._next_tenth = 0

    def __call__(self, progress: Progress) -> None:
        """Draw one state."""
        tenth = int(progress.ratio * 10)
        if not self._live and progress.waiting is None and tenth < self._next_tenth:
            return
        self._next_tenth = tenth + 1
        told = sentence(
            "{done} of {queries} queries, {rows} rows received",
            done=progress.done,
            queries=progress.queries,
            rows=f"{progress.rows:,}",
        ).render(self.lang)
        if progress.waiting is not None:
            told += " – " + sentence("waiting: {reason}", reason=progress.waiting).render(self.lang)
        if self._live:
            full = round(progress.ratio * _BAR)
            bar = "█" * full + "·" * (_BAR - full)
            print(f"\r\x1b[K{bar} {told}", end="", file=sys.stderr, flush=True)
            self._open = True
        else:
            _say(told)

    def end(self) -> None:
        """Leave the bar's line."""
        if self._open:
            print(file=sys.stderr)
            self._open = False


def _listed(word: str) -> str:
    """Return a word of the command line, or what stands in the file that it names with @."""
    if not word.startswith("@"):
        return word
    path = Path(word[1:])
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            sentence("{path} cannot be read as a list of codes in UTF-8.", path=str(path))
        ) from error


def _key(given: str | None) -> str:
    """Return the key: the option's, the one on stdin, the environment's, or the one typed."""
    if given == "-":
        return sys.stdin.readline().strip()
    key = given or os.environ.get(KEY_VARIABLE, "")
    if key.strip():
        return key
    if sys.stdin.isatty():
        return getpass.getpass("VWorld key: ")
    raise UsageError(
        sentence(
            "A key of VWorld's data service is needed. Set the variable {name}, or say --key - and "
            "hand it in on stdin; a key is had at vworld.kr.",
            name=KEY_VARIABLE,
        )
    )


def _say(line: str) -> None:
    print(line, file=sys.stderr)
