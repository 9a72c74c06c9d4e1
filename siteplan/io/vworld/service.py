"""One request to the data service over HTTP: certificates checked, size and time bounded.

The key travels in the address of the request, as the service wants it. It never leaves this
module otherwise: it is hidden in `repr`, taken out of replies, and no error carries an address.
Proxies are taken from the environment (``https_proxy``, ``no_proxy``), for closed networks.
"""

from __future__ import annotations

import http.client
import os
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import IO, Any
from urllib.parse import quote_plus, urlencode, urlsplit

from siteplan.errors import InputError
from siteplan.io.vworld.refusals import Passing
from siteplan.text import Text, sentence
from siteplan.version import __version__

DEFAULT_URL = "https://api.vworld.kr/req/data"
URL_VARIABLE = "SITEPLAN_VWORLD_URL"
"""Environment variable with another address, for networks that reach the service by a relay."""

MAX_REPLY_BYTES = 64 * 1024**2
MIN_KEY_LENGTH = 8
_PASSING_STATUS = (429, 500, 502, 503, 504)
_MAX_WAIT_S = 120.0
_CHUNK_BYTES = 1 << 16


def default_url() -> str:
    """Return the address of the service: the environment's, else VWorld's own."""
    return os.environ.get(URL_VARIABLE, "").strip() or DEFAULT_URL


@dataclass(frozen=True)
class Service:
    """The data service and who asks it.

    Parameters
    ----------
    key : str
        The person's own key; not in ``repr``.
    domain : str or None
        As it stands in the key's registration.
    url : str
        http or https.
    timeout_s : float
        Longest silence; a whole reply may take four times as long.

    Raises
    ------
    InputError
        The key or the address cannot be one.
    """

    key: str = field(repr=False)
    domain: str | None = None
    url: str = field(default_factory=default_url)
    timeout_s: float = 30.0

    def __post_init__(self) -> None:
        key = self.key.strip()
        if len(key) < MIN_KEY_LENGTH or not (key.isascii() and key.isprintable()) or " " in key:
            raise InputError(
                sentence(
                    "This is no key of the service. Copy it whole from your VWorld account "
                    "(letters, digits and hyphens)."
                )
            )
        object.__setattr__(self, "key", key)
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
            raise InputError(
                sentence("The service's address has to begin with https:// and name a host.")
            )

    @property
    def host(self) -> str:
        """The service's host, for sentences."""
        return urlsplit(self.url).hostname or ""

    @property
    def is_private(self) -> bool:
        """Whether nobody on the way can read the key: https, or this very machine."""
        loopback = self.host == "localhost" or self.host.startswith("127.") or self.host == "::1"
        return urlsplit(self.url).scheme == "https" or loopback

    def body(self, params: Mapping[str, str]) -> bytes:
        """Ask once and return the reply's bytes, the key blotted out if it should stand there.

        Raises
        ------
        Passing
            A fault that may pass.
        InputError
            A fault that stays: certificate, redirection elsewhere, HTTP refusal.
        """
        told = self._answer(params)
        if isinstance(told, Exception):
            # Raised here, outside the handlers, so that no exception with the address hangs on it.
            raise told
        for form in (self.key, quote_plus(self.key)):
            told = told.replace(form.encode(), b"***")
        return told

    def _answer(self, params: Mapping[str, str]) -> bytes | Passing | InputError:
        asked = dict(params) | {"key": self.key}
        if self.domain:
            asked["domain"] = self.domain
        joint = "&" if "?" in self.url else "?"
        request = urllib.request.Request(  # noqa: S310 - the scheme was checked
            f"{self.url}{joint}{urlencode(asked)}",
            headers={"Accept": "application/json", "User-Agent": f"siteplan/{__version__}"},
        )
        until = time.monotonic() + 4 * self.timeout_s
        try:
            with _opener().open(request, timeout=self.timeout_s) as stream:
                return _bounded(stream, until=until)
        except urllib.error.HTTPError as error:
            with error:
                return self._http_error(error, until=until)
        except _ElsewhereError as error:
            return InputError(
                sentence(
                    "{host} sends us on to {other}; the key is not taken there. Check the "
                    "service's address.",
                    host=self.host,
                    other=error.host,
                )
            )
        except (OSError, http.client.HTTPException, ValueError) as error:
            return self._broken(error)

    def _http_error(
        self, error: urllib.error.HTTPError, *, until: float
    ) -> bytes | Passing | InputError:
        if error.code in _PASSING_STATUS:
            asked = error.headers.get("Retry-After", "")
            wait_s = min(float(asked), _MAX_WAIT_S) if asked.isdigit() else None
            return Passing(sentence("HTTP {status}", status=error.code), retry_after_s=wait_s)
        try:
            body = _bounded(error, until=until)
        except (OSError, http.client.HTTPException):
            body = b""
        if not isinstance(body, Exception) and body.lstrip().startswith(b'{"response"'):
            return body
        return InputError(
            sentence(
                "{host} answers HTTP {status}. Check the service's address and whether your "
                "network lets it through.",
                host=self.host,
                status=error.code,
            )
        )

    def _broken(self, error: Exception) -> Passing | InputError:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        if isinstance(reason, ssl.SSLCertVerificationError):
            return InputError(
                sentence(
                    "The certificate of {host} is not trusted here. In a closed network, have its "
                    "certificate added to the system (SSL_CERT_FILE).",
                    host=self.host,
                )
            )
        return Passing(_fault(reason))


def _fault(reason: object) -> Text:
    if isinstance(reason, TimeoutError):
        return sentence("no answer in time")
    if isinstance(reason, ConnectionRefusedError):
        return sentence("the connection was refused")
    if isinstance(reason, ConnectionError | http.client.HTTPException):
        return sentence("the connection broke off")
    return sentence("no connection; check the network and its proxy")


def _bounded(stream: IO[bytes], *, until: float) -> bytes | InputError | Passing:
    """Read a reply that may neither grow nor last without end."""
    parts, size = [], 0
    while chunk := stream.read(_CHUNK_BYTES):
        parts.append(chunk)
        size += len(chunk)
        if size > MAX_REPLY_BYTES:
            return InputError(
                sentence(
                    "A reply of the service is larger than {limit} MB and was not read. Ask for a "
                    "smaller area.",
                    limit=MAX_REPLY_BYTES // 1024**2,
                )
            )
        if time.monotonic() > until:
            return Passing(sentence("no answer in time"))
    return b"".join(parts)


class _ElsewhereError(Exception):
    """A redirection to another host."""

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.host = host


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follow a redirection only to the same scheme, host and port."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Any,
        newurl: str,
    ) -> urllib.request.Request | None:
        here, there = urlsplit(req.full_url), urlsplit(newurl)
        if (here.scheme, here.netloc) != (there.scheme, there.netloc):
            raise _ElsewhereError(there.hostname or "?")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


@lru_cache(maxsize=1)
def _certificates() -> ssl.SSLContext:
    """Return the system's trust, read once: that takes longer than a request."""
    return ssl.create_default_context()


def _opener() -> urllib.request.OpenerDirector:
    """Return an opener for http and https only: no files, no FTP."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=_certificates()),
        urllib.request.HTTPDefaultErrorHandler(),
        _SameHost(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener
