"""A stand-in for VWorld's data service on this machine, as facts about its Data API 2.0 tell.

Parcels are our own squares on a grid round Yangjae. Behaviours are switched per test: faults are
a list that is used up request by request, everything else is an attribute.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "11111111-ABCD-EFGH-2222-333333333333"
WEST, SOUTH = 127.03, 37.46
STEP = 0.0005
SIDE = 0.0004
DONG, NEIGHBOUR = "1165010200", "1165010300"

Feature = dict[str, Any]


def square(west: float, south: float, side: float) -> list[list[float]]:
    """Return a clockwise ring, the other way round than GeoJSON wants it."""
    east, north = round(west + side, 7), round(south + side, 7)
    return [[west, south], [west, north], [east, north], [east, south], [west, south]]


def parcel(column: int, row: int, *, dong: str = DONG) -> Feature:
    """Return one parcel of the grid; all of its properties are text."""
    west, south = round(WEST + column * STEP, 7), round(SOUTH + row * STEP, 7)
    bonbun, bubun = column + 1, row
    return {
        "type": "Feature",
        "id": f"LP_PA_CBND_BUBUN.{column}.{row}",
        "geometry": {"type": "MultiPolygon", "coordinates": [[square(west, south, SIDE)]]},
        "properties": {
            "pnu": f"{dong}1{bonbun:04}{bubun:04}",
            "jibun": f"{bonbun}-{bubun} 대" if bubun else f"{bonbun}대",
            "bonbun": f"{bonbun:04}",
            "bubun": f"{bubun:04}" if column % 2 else (str(bubun) if bubun else ""),
            "addr": f"서울특별시 서초구 시험동 {bonbun}-{bubun}",
            "gosi_year": "2026",
            "gosi_month": "01",
            "jiga": str(1_000_000 + column),
        },
    }


def grid(columns: int, rows: int) -> list[Feature]:
    """Return parcels of the 동, and in the last column ones of its neighbour."""
    return [
        parcel(column, row, dong=NEIGHBOUR if column == columns - 1 else DONG)
        for column in range(columns)
        for row in range(rows)
    ]


def bounds(feature: Feature) -> tuple[float, float, float, float]:
    points = [p for part in feature["geometry"]["coordinates"] for ring in part for p in ring]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


@dataclass
class FakeVWorld:
    """What the service holds and how it behaves.

    Parameters
    ----------
    layers : dict
        Layer -> its features.
    faults : list of (int or str)
        Used up by the next requests: an HTTP status, "truncated", "html", "slow", "reset",
        "fewer" (a row is missing), "grown" (the total differs), or "fine".
    refused : dict
        Start of an attrFilter -> the code that it is refused with.
    error : str or None
        Code of every reply.
    """

    layers: dict[str, list[Feature]] = field(default_factory=dict, repr=False)
    faults: list[int | str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    error: str | None = None
    error_text: str = "등록되지 않은 인증키입니다."
    error_status: int = 200
    redirect_to: str | None = None
    domain: str | None = None
    slow_s: float = 0.0
    biggest_box: float = 0.010001
    echo_key: bool = False
    requests: list[dict[str, str]] = field(default_factory=list, repr=False)
    url: str = ""

    def asked(self) -> list[tuple[str, str]]:
        """Return filter and page of each request."""
        return [(r.get("attrFilter") or r.get("geomFilter", ""), r["page"]) for r in self.requests]

    def reply(self, asked: dict[str, str]) -> dict[str, Any]:
        """Return the body of a reply, faults aside."""
        wrong = self._wrong(asked)
        if wrong:
            code, text = wrong
            return {"response": {"status": "ERROR", "error": {"code": code, "text": text}}}
        found = [f for f in self.layers.get(asked["data"], []) if self._meets(f, asked)]
        size, page = int(asked["size"]), int(asked["page"])
        shown = found[(page - 1) * size : page * size]
        if not shown:
            return {"response": {"status": "NOT_FOUND", "record": {"total": "0", "current": "0"}}}
        response = {
            "status": "OK",
            "record": {"total": str(len(found)), "current": str(len(shown))},
            "page": {"total": str(-(-len(found) // size)), "current": str(page), "size": str(size)},
            "result": {"featureCollection": {"type": "FeatureCollection", "features": shown}},
        }
        if self.echo_key:
            response["service"] = {"asked": asked["key"]}
        return {"response": response}

    def _wrong(self, asked: dict[str, str]) -> tuple[str, str] | None:
        box = self._box(asked)
        attribute = asked.get("attrFilter", "")
        refused = [code for start, code in self.refused.items() if attribute.startswith(start)]
        wrongs = (
            (self.error is not None, self.error or "", self.error_text),
            (asked.get("key") != KEY, "INVALID_KEY", self.error_text),
            (
                self.domain is not None and asked.get("domain") != self.domain,
                "INCORRECT_KEY",
                "인증키 정보가 올바르지 않습니다.",
            ),
            (int(asked["size"]) > 1000, "INVALID_RANGE", "size"),
            (bool(refused), "".join(refused[:1]), "속성필터"),
            (
                box is not None and max(box[2] - box[0], box[3] - box[1]) > self.biggest_box,
                "INVALID_RANGE",
                "geomFilter",
            ),
        )
        return next(((code, text) for is_so, code, text in wrongs if is_so), None)

    def _box(self, asked: dict[str, str]) -> list[float] | None:
        found = re.fullmatch(r"BOX\((.*)\)", asked.get("geomFilter", ""))
        return [float(side) for side in found[1].split(",")] if found else None

    def _meets(self, feature: Feature, asked: dict[str, str]) -> bool:
        box = self._box(asked)
        if box:
            west, south, east, north = bounds(feature)
            if west > box[2] or east < box[0] or south > box[3] or north < box[1]:
                return False
        name, operator, value = (asked.get("attrFilter") or "::").split(":")
        own = str(feature["properties"].get(name, ""))
        return {"": True, "=": own == value, "like": own.startswith(value)}[operator]


class Handler(BaseHTTPRequestHandler):
    """Answer as the fake that the class belongs to says."""

    fake: FakeVWorld

    def do_GET(self) -> None:
        asked = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
        fault = self.fake.faults.pop(0) if self.fake.faults else "fine"
        self.fake.requests.append(asked)
        if self.fake.redirect_to is not None:
            self.answer(b"", status=302, location=self.fake.redirect_to)
        elif isinstance(fault, int):
            self.answer(b"<html>Bad Gateway</html>", status=fault)
        elif fault == "reset":
            self.close_connection = True
        elif fault == "html":
            self.answer("<html><body>로그인</body></html>".encode(), kind="text/html")
        else:
            self.answer(self.body(asked, fault), status=self.fake.error_status)

    def body(self, asked: dict[str, str], fault: str) -> bytes:
        document = self.fake.reply(asked)
        response = document["response"]
        if fault == "fewer" and response["status"] == "OK":
            response["result"]["featureCollection"]["features"].pop()
        if fault == "grown":
            response["record"]["total"] = str(int(response["record"]["total"]) + 1)
        whole = json.dumps(document, ensure_ascii=False).encode()
        if fault == "slow":
            time.sleep(self.fake.slow_s)
        return whole[: len(whole) * 2 // 3] if fault == "truncated" else whole

    def answer(
        self,
        body: bytes,
        *,
        status: int = 200,
        kind: str = "application/json;charset=UTF-8",
        location: str | None = None,
    ) -> None:
        with suppress(ConnectionError):  # the client does not wait for a slow reply
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            if location is not None:
                self.send_header("Location", location)
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the address holds the key."""


@contextmanager
def served(fake: FakeVWorld) -> Iterator[FakeVWorld]:
    """Serve for as long as the block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Own", (Handler,), {"fake": fake}))
    server.daemon_threads = True
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
    )
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_port}/req/data"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
