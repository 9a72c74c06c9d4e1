"""All pages of queries, with retries: what was promised is received, or somebody is told.

One connection at a time with a pause between requests: a public service, asked politely.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from siteplan.errors import InputError
from siteplan.io.vworld.cache import Cache, Kept
from siteplan.io.vworld.refusals import TOO_LARGE_CODES, Passing, Refusal, given_up
from siteplan.io.vworld.replies import Reply, parsed_reply
from siteplan.io.vworld.service import Service
from siteplan.io.vworld.tiles import Box, quarters
from siteplan.issues import Issue
from siteplan.text import Text, sentence

PAGE_SIZE = 1000
"""The service's own limit; 1001 is refused."""

SPLIT_ABOVE = 5 * PAGE_SIZE
"""A box that promises more is asked for in quarters: few pages leave little time to change."""

MAX_ROWS = 300_000
READINGS = 3
"""How often a query is read from the start until its pages agree."""


@dataclass(frozen=True)
class Query:
    """What is asked of one layer: features that meet a box, or have an attribute, or both.

    Parameters
    ----------
    layer : str
        The service's name of the layer.
    box : Box or None
    attribute : str or None
        "name:operator:value" as the service writes it.
    """

    layer: str
    box: Box | None = None
    attribute: str | None = None

    def params(self, page: int) -> dict[str, str]:
        """Return the request's parameters, without key and domain."""
        asked = {
            "service": "data",
            "version": "2.0",
            "request": "GetFeature",
            "format": "json",
            "errorFormat": "json",
            "data": self.layer,
            "crs": "EPSG:4326",
            "geometry": "true",
            "attribute": "true",
            "size": str(PAGE_SIZE),
            "page": str(page),
        }
        if self.box is not None:
            asked["geomFilter"] = f"BOX({self.box})"
        if self.attribute is not None:
            asked["attrFilter"] = self.attribute
        return asked

    def __str__(self) -> str:
        return self.attribute or str(self.box)


@dataclass(frozen=True)
class Row:
    """One feature as received, and the day of its reply."""

    feature: dict[str, Any]
    day: str


@dataclass(frozen=True)
class Progress:
    """How far a fetch is.

    Parameters
    ----------
    done, queries : int
        Queries answered and queries known; the second may grow.
    rows : int
        Rows received so far, in all tiles.
    requests, cached : int
        Replies from the service and from the cache.
    part_ratio : float
        Share of the query that is being answered, 0 to 1, where its pages say so.
    waiting : Text or None
        Why the next request has to wait.
    """

    done: int
    queries: int
    rows: int
    requests: int
    cached: int
    part_ratio: float = 0.0
    waiting: Text | None = None

    @property
    def ratio(self) -> float:
        """Share of the queries that are answered, 0 to 1."""
        return min(1.0, (self.done + self.part_ratio) / self.queries) if self.queries else 0.0


@dataclass(frozen=True)
class Pace:
    """How fast to ask and how long to try.

    Parameters
    ----------
    pause_s : float
        Between two requests.
    first_wait_s, longest_wait_s : float
        Before the second try; it doubles with each further one, up to the longest. Between half
        and all of it is waited, by chance, so that many clients do not come back together.
    tries : int
        Of one request.
    retries : int
        Of all requests of a fetch together.
    sleep, chance : callables
        For tests.
    """

    pause_s: float = 0.2
    first_wait_s: float = 1.0
    longest_wait_s: float = 30.0
    tries: int = 5
    retries: int = 40
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random

    def wait_s(self, failures: int) -> float:
        """Return the wait after so many failures of a request, in seconds."""
        most = min(self.longest_wait_s, self.first_wait_s * 2.0 ** (failures - 1))
        return most * (0.5 + 0.5 * self.chance())


def _can_split(query: Query) -> bool:
    return query.box is not None and bool(quarters(query.box))


def _too_many() -> Text:
    return sentence(
        "More than {most} rows are there. Ask for a smaller area, or load the download of the "
        "whole district.",
        most=f"{MAX_ROWS:,}",
    )


class _UnsettledError(Exception):
    """Pages of one query do not agree with each other."""


class _TooLargeError(Exception):
    """A box holds more than should be paged through."""


@dataclass
class Download:
    """One fetch on its way: counts what was asked, kept and received.

    Parameters
    ----------
    service : Service
    cache : Cache or None
    refresh : bool
        Ask anew for what the cache holds; what comes is kept.
    pace : Pace
    progress : callable or None
        Told after each reply.
    """

    service: Service
    cache: Cache | None = None
    refresh: bool = False
    pace: Pace = field(default_factory=Pace)
    progress: Callable[[Progress], object] | None = None
    issues: list[Issue] = field(default_factory=list)
    requests: int = 0
    cached: int = 0
    oldest_day: str | None = None
    _queries: int = 0
    _done: int = 0
    _rows: int = 0
    _failures: int = 0
    _kept: int = 0
    _unkept: str | None = None

    def rows(self, queries: list[Query]) -> list[Row]:
        """Return the features of all queries; one that meets several tiles comes several times.

        Raises
        ------
        Refusal
            The service refuses a query.
        InputError
            It failed too often, or its pages never agreed.
        """
        waiting, found = queries[::-1], []
        self._queries += len(queries)
        while waiting:
            query = waiting.pop()
            try:
                found += self._settled(query)
            except _TooLargeError:
                smaller = quarters(query.box) if query.box is not None else []
                waiting += [Query(query.layer, box, query.attribute) for box in smaller[::-1]]
                self._queries += len(smaller)
            if len(found) > MAX_ROWS:
                raise InputError(_too_many())
            self._done += 1
            self._rows = len(found)
            self._tell(self._rows)
        return found

    @property
    def unkept(self) -> str | None:
        """Why replies could not be kept on disk, None where they were."""
        return self._unkept

    def _settled(self, query: Query) -> list[Row]:
        """Read a query until its pages agree with each other."""
        for reading in range(READINGS):
            try:
                last = reading + 1 == READINGS
                return self._all_pages(query, fresh=self.refresh or reading > 0, last=last)
            except _UnsettledError:
                self.issues.append(Issue("fetch_read_again", (), {"query": str(query)}))
                if reading + 1 < READINGS:
                    self._wait(self.pace.wait_s(reading + 1), sentence("the data changes"))
        raise InputError(
            sentence(
                "The service's pages for {query} do not agree with each other after {count} "
                "readings: fewer or other rows came than it promised. Try again later.",
                query=str(query),
                count=READINGS,
            )
        )

    def _all_pages(self, query: Query, *, fresh: bool, last: bool) -> list[Row]:
        # Where rows come twice, as many others are missing: the order changed between pages.
        first, day = self._page(query, 1, fresh=fresh)
        if first.total > SPLIT_ABOVE and _can_split(query):
            raise _TooLargeError
        if first.total > MAX_ROWS:
            raise InputError(_too_many())
        found = [Row(feature, day) for feature in first.features]
        number = 1
        while 0 < len(found) < first.total:
            number += 1
            reply, day = self._page(query, number, fresh=fresh)
            found += [Row(feature, day) for feature in reply.features]
            self._tell(self._rows + len(found), part_ratio=len(found) / first.total)
            if reply.total != first.total or not reply.features:
                raise _UnsettledError
        if len(found) != first.total:
            raise _UnsettledError
        doubled = len(found) - len({json.dumps(row.feature, sort_keys=True) for row in found})
        # Pages kept from another day may miss what has changed since, with the same total.
        mixed = len({row.day for row in found}) > 1
        if (doubled or mixed) and not last:
            raise _UnsettledError
        if doubled:
            details = {"count": doubled, "query": str(query)}
            self.issues.append(Issue("fetch_doubled", (), details))
        return found

    def _page(self, query: Query, number: int, *, fresh: bool) -> tuple[Reply, str]:
        params = query.params(number)
        kept = None if fresh or self.cache is None else self.cache.read(self.service.url, params)
        if kept is not None:
            try:
                reply = parsed_reply(kept.body)
            except (Passing, Refusal):
                reply = None
            if reply is not None:
                self.cached += 1
                self._kept += 1
                self.oldest_day = min(self.oldest_day or kept.day, kept.day)
                return reply, kept.day
        return self._asked(query, params)

    def _asked(self, query: Query, params: dict[str, str]) -> tuple[Reply, str]:
        """Ask the service, again and again where the fault may pass."""
        failures = 0
        while True:
            if self.requests or failures:
                self.pace.sleep(self.pace.pause_s)
            try:
                self.requests += 1
                body = self.service.body(params)
                reply = parsed_reply(body)
            except Refusal as refusal:
                too_large = query.box is not None and refusal.code in TOO_LARGE_CODES
                if too_large and _can_split(query):
                    raise _TooLargeError from None
                raise
            except Passing as fault:
                failures += 1
                self._failures += 1
                if failures >= self.pace.tries or self._failures > self.pace.retries:
                    stop = self._given_up(fault.reason, tries=failures)
                else:
                    self._wait(fault.retry_after_s or self.pace.wait_s(failures), fault.reason)
                    continue
            else:
                received = Kept(body, datetime.now(UTC))
                self._keep(params, received)
                return reply, received.day
            raise stop

    def _given_up(self, reason: Text, *, tries: int) -> InputError:
        kept = None if self.cache is None or self._unkept is not None else self._kept
        return given_up(reason, tries=tries, kept=kept)

    def _keep(self, params: dict[str, str], kept: Kept) -> None:
        if self.cache is None:
            return
        failed = self.cache.keep(self.service.url, params, kept)
        if failed is None:
            self._kept += 1
        else:
            self._unkept = failed

    def _wait(self, seconds: float, reason: Text) -> None:
        self._tell(self._rows, waiting=reason)
        self.pace.sleep(seconds)

    def _tell(self, rows: int, *, part_ratio: float = 0.0, waiting: Text | None = None) -> None:
        if self.progress is None:
            return
        self.progress(
            Progress(
                done=self._done,
                queries=self._queries,
                rows=rows,
                requests=self.requests,
                cached=self.cached,
                part_ratio=part_ratio,
                waiting=waiting,
            )
        )
