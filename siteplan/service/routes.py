"""Read-only HTTP routes beside the app: map documents, each fetched once by the browser."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from siteplan.maps.documents import ROUTE, document

_FOR_EVER = "private, max-age=31536000, immutable"
_DIGEST = re.compile(r"[0-9a-f]{32}")


async def map_document(request: Request) -> Response:
    """Answer with a map document that was published in this process, 404 when there is none."""
    digest = request.path_params["digest"]
    found = document(digest) if _DIGEST.fullmatch(digest) else None
    headers = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}
    if found is None:
        return PlainTextResponse(
            "The server no longer holds this map. Reload the page.\n"
            "서버에 이 지도가 없습니다. 페이지를 새로 고치세요.",
            status_code=404,
            headers={**headers, "Cache-Control": "no-store"},
        )
    headers |= {
        "Cache-Control": _FOR_EVER,
        # Sandboxed even when someone opens the address by itself.
        "Content-Security-Policy": f"{found.policy}; sandbox allow-scripts allow-modals",
        "Vary": "Accept-Encoding",
        "ETag": f'"{digest}"',
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    if _takes_gzip(request.headers.get("accept-encoding", "")):
        headers["Content-Encoding"] = "gzip"
        return Response(found.packed, media_type="text/html", headers=headers)
    return Response(found.html, media_type="text/html", headers=headers)


def routes() -> list[Route]:
    """Return the routes for ``st.App(..., routes=routes())``.

    Streamlit leaves such routes outside ``server.baseUrlPath``, while a proxy may forward only
    what lies below it; so each route also answers below any prefix.
    """
    path = f"{ROUTE}/{{digest}}.html"
    answer: Callable[[Request], Awaitable[Response]] = map_document
    return [
        Route(f"/{path}", answer, methods=["GET"]),
        Route(f"/{{prefix:path}}/{path}", answer, methods=["GET"]),
    ]


def _takes_gzip(accepted: str) -> bool:
    """Tell whether an Accept-Encoding header allows gzip."""
    for offer in accepted.split(","):
        name, _, quality = offer.partition(";")
        if name.strip().lower() in ("gzip", "*"):
            return quality.replace(" ", "").lower() not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
