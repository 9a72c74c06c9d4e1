"""Drafts in the store's file: present work under an id that stands in the address.

Unlike revisions, a draft is overwritten as the work goes on, and old ones go.
"""

from __future__ import annotations

import re
import zlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from siteplan.store.kept import Draft, new_id

if TYPE_CHECKING:
    import sqlite3

MAX_AGE = timedelta(days=30)
MOST_DRAFTS = 3_000
"""Choices of ours: a month's absence loses no work, and the file stays small. Every reload of a
page leaves a draft behind, so there are many more of them than people."""

_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")


def keep(
    connection: sqlite3.Connection,
    draft_id: str,
    payload_json: str,
    *,
    after: int | None,
    now: datetime,
) -> Draft:
    """Keep a draft within the transaction that is open; see `Store.keep_draft`."""
    if _ID.fullmatch(draft_id) is None:
        raise ValueError(f"no id of a draft: {draft_id!r}")
    row = connection.execute("SELECT version FROM draft WHERE draft_id = ?", (draft_id,)).fetchone()
    version = 0 if row is None else int(row[0])
    if after is not None and version > after:
        draft_id, version = new_id(), 0
    # An undo history is the same scenario over and over: packed it is a small part of itself.
    packed = zlib.compress(payload_json.encode(), level=1)
    connection.execute(
        "INSERT INTO draft VALUES (:id, :version, :packed, :now) ON CONFLICT (draft_id) "
        "DO UPDATE SET version = :version, payload = :packed, kept_at = :now",
        {"id": draft_id, "version": version + 1, "packed": packed, "now": now.isoformat()},
    )
    if version == 0:
        _prune(connection, now=now)
    return Draft(draft_id, version + 1, payload_json, now)


def read(connection: sqlite3.Connection, draft_id: str) -> Draft | None:
    """Return a draft, None where there is none."""
    row = connection.execute("SELECT * FROM draft WHERE draft_id = ?", (draft_id,)).fetchone()
    if row is None:
        return None
    kept_at = datetime.fromisoformat(row["kept_at"])
    return Draft(draft_id, row["version"], zlib.decompress(row["payload"]).decode(), kept_at)


def _prune(connection: sqlite3.Connection, *, now: datetime) -> None:
    """Drop drafts that nobody has touched for long, and the oldest beyond the most there are."""
    connection.execute("DELETE FROM draft WHERE kept_at < ?", ((now - MAX_AGE).isoformat(),))
    connection.execute(
        "DELETE FROM draft WHERE draft_id IN "
        "(SELECT draft_id FROM draft ORDER BY kept_at DESC, rowid DESC LIMIT -1 OFFSET ?)",
        (MOST_DRAFTS,),
    )
