"""Documents by content, and the route that serves them."""

from __future__ import annotations

import gzip
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from siteplan.maps.documents import KEPT, Document, Shelf, document, publish
from siteplan.service.routes import map_document, routes

POLICY = "default-src 'none'"


def test_digest_names_the_content() -> None:
    one, same, other = (Document.from_html(h, policy=POLICY) for h in ("<p>1", "<p>1", "<p>2"))
    assert one == same
    assert one.digest != other.digest
    assert one.digest != Document.from_html("<p>1", policy="").digest
    assert one.html == b"<p>1"


def test_shelf_forgets_the_least_recently_used() -> None:
    shelf = Shelf(kept=2)
    first, second, third = (shelf.keep(Document.from_html(t, policy="")) for t in "abc")
    assert shelf.find(first) is None
    assert shelf.find(second) is not None
    shelf.keep(Document.from_html("d", policy=""))
    assert shelf.find(third) is None
    assert shelf.find(second) is not None


def test_shelf_keeps_its_size_under_many_threads() -> None:
    shelf = Shelf()
    documents = [Document.from_html(f"<p>{i}", policy="") for i in range(200)]
    with ThreadPoolExecutor(8) as pool:
        digests = list(pool.map(shelf.keep, documents))
    assert sum(shelf.find(digest) is not None for digest in digests) == KEPT


def ask(path: str, **headers: str) -> Request:
    """Return a request as the server would make it, routed."""
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": path, "headers": raw, "query_string": b""}
    for route in Starlette(routes=routes()).routes:
        match, more = route.matches(scope)
        if match is Match.FULL:
            return Request({**scope, **more})
    pytest.fail(f"no route answers {path}")


async def answer(path: str, **headers: str) -> Response:
    return await map_document(ask(path, **headers))


def run(path: str, **headers: str) -> Response:
    """Drive the coroutine by hand: it waits for nothing."""
    coroutine = answer(path, **headers)
    with pytest.raises(StopIteration) as stop:
        coroutine.send(None)
    response: Response = stop.value.value
    return response


@pytest.mark.parametrize("prefix", ["", "/plans", "/a/b"])
def test_published_document_is_served_for_ever(prefix: str) -> None:
    digest = publish("<p>map", policy=POLICY)
    kept = document(digest)
    assert kept is not None
    packed = run(f"{prefix}/{kept.path}", accept_encoding="br, gzip;q=0.8")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(bytes(packed.body)) == b"<p>map"
    plain = run(f"{prefix}/{kept.path}", accept_encoding="gzip;q=0")
    assert bytes(plain.body) == b"<p>map"
    for response in (packed, plain):
        assert "immutable" in response.headers["cache-control"]
        assert response.headers["content-security-policy"].startswith(POLICY)
        assert response.headers["content-type"].startswith("text/html")
    again = run(f"/{kept.path}", if_none_match=packed.headers["etag"])
    assert again.status_code == 304


@pytest.mark.parametrize("digest", ["0" * 32, "nonsense"])
def test_unknown_document_says_what_to_do(digest: str) -> None:
    response = run(f"/siteplan/map/{digest}.html")
    assert response.status_code == 404
    assert "Reload the page" in bytes(response.body).decode()
    assert response.headers["cache-control"] == "no-store"
