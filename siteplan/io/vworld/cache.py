"""Replies of the data service kept on disk, so that a broken-off fetch goes on where it stopped.

One file per request, named by a hash of what was asked without the key and the domain. Only
replies of the feature service are kept; the terms of VWorld's geocoder forbid to store its
results, and siteplan does not call it.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

MAX_AGE = timedelta(days=30)
"""Older replies are asked for anew: a choice of ours, parcels change all the time."""

_FORM = "siteplan reply 1"


def default_cache_folder() -> Path:
    """Return the person's folder for kept replies, by the habit of the platform."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    if given and Path(given).is_absolute():
        return Path(given) / "siteplan" / "vworld"
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        base = Path(local) if local else Path.home() / "AppData" / "Local"
        return base / "siteplan" / "Cache" / "vworld"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "siteplan" / "vworld"
    return Path.home() / ".cache" / "siteplan" / "vworld"


@dataclass(frozen=True)
class Kept:
    """A reply and when it was received."""

    body: bytes
    received: datetime

    @property
    def day(self) -> str:
        """The day of the reply where the person is, e.g. "2026-11-22"."""
        return self.received.astimezone().date().isoformat()


@dataclass(frozen=True)
class Cache:
    """Replies on disk.

    Parameters
    ----------
    folder : Path
        Made when the first reply is kept, readable by its owner only.
    """

    folder: Path

    def read(self, url: str, params: Mapping[str, str]) -> Kept | None:
        """Return the kept reply to a request; None where there is none, or a damaged or old one."""
        try:
            content = self._path(url, params).read_bytes()
            head, _, body = content.partition(b"\n")
            told = json.loads(head)
            received = datetime.fromisoformat(told["received"])
            age = datetime.now(UTC) - received
            sound = (
                told["form"] == _FORM
                and told["asked"] == _asked(url, params)
                and told["sha256"] == hashlib.sha256(body).hexdigest()
                and timedelta(minutes=-5) <= age <= MAX_AGE
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return Kept(body, received) if sound else None

    def keep(self, url: str, params: Mapping[str, str], kept: Kept) -> str | None:
        """Write a reply whole or not at all; return why it could not be kept, None if it was."""
        head = {
            "form": _FORM,
            "received": kept.received.isoformat(),
            "sha256": hashlib.sha256(kept.body).hexdigest(),
            "asked": _asked(url, params),
        }
        path = self._path(url, params)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            number, draft = tempfile.mkstemp(prefix=".reply-", dir=path.parent)
            try:
                with os.fdopen(number, "wb") as out:
                    out.write(json.dumps(head).encode() + b"\n" + kept.body)
                os.replace(draft, path)  # noqa: PTH105 - says what it does
            finally:
                Path(draft).unlink(missing_ok=True)
        except OSError as error:
            return error.strerror or str(error)
        return None

    def _path(self, url: str, params: Mapping[str, str]) -> Path:
        asked = json.dumps(_asked(url, params), sort_keys=True).encode()
        return self.folder / f"{hashlib.sha256(asked).hexdigest()[:40]}.reply"


def _asked(url: str, params: Mapping[str, str]) -> dict[str, str]:
    """Return what was asked; an address may carry secrets after its question mark."""
    return {"url": url.partition("?")[0], **params}
