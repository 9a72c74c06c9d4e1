"""The store that is shipped: one SQLite file, shared by threads and processes of one machine.

The file belongs on a disk of the machine that runs the app. A network drive is no place for it:
SQLite's write-ahead log needs memory that processes share.
"""

from __future__ import annotations

import hashlib
import json
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from siteplan.scenario import Scenario
from siteplan.store import drafts
from siteplan.store.kept import Action, Draft, Imprint, Kept, Link, Saved, Store, StoreError, new_id
from siteplan.store.place import store_place
from siteplan.store.schema import opened, told, transaction
from siteplan.text import sentence

if TYPE_CHECKING:
    import os
    import sqlite3
    from pathlib import Path

_KEY_LETTERS = 10
_LAST = "revision = (SELECT max(revision) FROM revision AS other WHERE other.key = revision.key)"


def open_store(url: str | os.PathLike[str] | None = None) -> Store:
    """Open the store that scenarios are kept in; it is made where there is none yet.

    Parameters
    ----------
    url : str or path, optional
        As `siteplan.store.store_place` takes it.

    Raises
    ------
    UsageError
        Another kind of store is named.
    StoreError
        The place cannot be written to; the file is damaged, not ours or newer than we are.
    """
    return SqliteStore(store_place(url))


class SqliteStore:
    """Scenarios in one SQLite file; the methods are those of `Store`.

    Parameters
    ----------
    place : Path or None
        The file; None keeps everything in memory.
    """

    def __init__(self, place: Path | None) -> None:
        self.place = place
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = opened(place)
        self._file = self._file_now()

    def save(
        self,
        name: str,
        scenario: Scenario,
        *,
        imprint: Imprint,
        key: str | None = None,
        note: str | None = None,
        author: str | None = None,
        based_on: int | None = None,
    ) -> Saved:
        """Save a new scenario, or with `key` a new revision of one.

        A scenario that someone has deleted meanwhile comes back: nobody's work is lost.
        """
        named, said = _named(name), scenario.note if note is None else note
        text = replace(scenario, name="", note="").to_json()
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        with self._writing() as connection:
            revision = 1 if key is None else self._last(connection, key).revision + 1
            saved = Saved(
                key=new_id(_KEY_LETTERS) if key is None else key,
                revision=revision,
                action="save",
                name=named,
                note=said,
                saved_at=_now(),
                imprint=imprint,
                author=author,
                based_on=based_on,
            )
            connection.execute("INSERT OR IGNORE INTO content VALUES (?, ?)", (digest, text))
            _insert(connection, saved, content_digest=digest)
        return saved

    def list(
        self, *, parcels_digest: str | None = None, deleted: bool = False
    ) -> tuple[Saved, ...]:
        """Return the last revision of every scenario, the latest first."""
        with self._reading() as connection:
            rows = connection.execute(
                f"SELECT * FROM revision WHERE {_LAST} AND (action = 'delete') = :deleted "  # noqa: S608
                "AND (:digest IS NULL OR parcels_digest = :digest) ORDER BY serial DESC",
                {"deleted": deleted, "digest": parcels_digest},
            ).fetchall()
        return tuple(map(_saved, rows))

    def revisions(self, key: str) -> tuple[Saved, ...]:
        """Return every revision of a scenario, the first one first."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT * FROM revision WHERE key = ? ORDER BY revision", (key,)
            ).fetchall()
        if not rows:
            raise _unknown(key)
        return tuple(map(_saved, rows))

    def load(self, key: str, *, revision: int | None = None) -> Kept:
        """Return the last revision of a scenario, or the one asked for."""
        with self._reading() as connection:
            row = _row(connection, key, revision=revision)
            if revision is None:
                _check_there(_saved(row))
            return _kept(connection, row)

    def rename(self, key: str, name: str, *, author: str | None = None) -> Saved:
        """Give a scenario another name."""
        return self._changed(key, "rename", author=author, name=_named(name))

    def annotate(self, key: str, note: str, *, author: str | None = None) -> Saved:
        """Give a scenario another note."""
        return self._changed(key, "annotate", author=author, note=note)

    def delete(self, key: str, *, author: str | None = None) -> Saved:
        """Take a scenario off the list; `restore` brings it back."""
        return self._changed(key, "delete", author=author)

    def duplicate(
        self, key: str, name: str, *, revision: int | None = None, author: str | None = None
    ) -> Saved:
        """Make a new scenario of an old one's last revision, or of the one asked for."""
        with self._writing() as connection:
            row = _row(connection, key, revision=revision)
            copy = replace(
                _saved(row),
                key=new_id(_KEY_LETTERS),
                revision=1,
                action="duplicate",
                name=_named(name),
                saved_at=_now(),
                author=author,
                based_on=None,
                origin=(key, row["revision"]),
            )
            _insert(connection, copy, content_digest=row["content_digest"])
        return copy

    def restore(self, key: str, *, revision: int | None = None, author: str | None = None) -> Saved:
        """Undo a deletion, or make an earlier revision the last one again."""
        with self._writing() as connection:
            last = self._last(connection, key)
            if revision is None and not last.deleted:
                raise StoreError(
                    sentence(
                        "{name} is not deleted. Name the revision to go back to.", name=last.name
                    )
                )
            row = _row(connection, key, revision=revision)
            back = replace(
                _saved(row),
                revision=last.revision + 1,
                action="restore",
                saved_at=_now(),
                author=author,
                based_on=last.revision,
                origin=(key, row["revision"]),
            )
            _insert(connection, back, content_digest=row["content_digest"])
        return back

    def token_for(self, key: str, *, revision: int | None = None, author: str | None = None) -> str:
        """Return the token under which anyone may read a revision; the same one every time."""
        with self._writing() as connection:
            row = _row(connection, key, revision=revision)
            if revision is None:
                _check_there(_saved(row))
            found = connection.execute(
                "SELECT token FROM share WHERE key = ? AND revision = ? AND revoked_at IS NULL",
                (key, row["revision"]),
            ).fetchone()
            if found is not None:
                return str(found["token"])
            token = new_id()
            connection.execute(
                "INSERT INTO share VALUES (?, ?, ?, ?, ?, NULL)",
                (token, key, row["revision"], author, _now().isoformat()),
            )
        return token

    def by_token(self, token: str) -> Kept:
        """Return the revision that a token shows, whatever has been saved since."""
        with self._reading() as connection:
            shared = connection.execute(
                "SELECT key, revision FROM share WHERE token = ? AND revoked_at IS NULL", (token,)
            ).fetchone()
            if shared is None:
                raise StoreError(
                    sentence(
                        "This link shows no scenario: it is incomplete, was withdrawn, or is of "
                        "another store. Ask whoever sent it for a new one."
                    )
                )
            return _kept(connection, _row(connection, shared["key"], revision=shared["revision"]))

    def links(self, key: str) -> tuple[Link, ...]:
        """Return the links to revisions of a scenario that still show something, latest first."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT token, key, revision, made_at FROM share "
                "WHERE key = ? AND revoked_at IS NULL ORDER BY revision DESC",
                (key,),
            ).fetchall()
        return tuple(
            Link(row["token"], row["key"], row["revision"], datetime.fromisoformat(row["made_at"]))
            for row in rows
        )

    def revoke(self, token: str) -> None:
        """Let a token show nothing any more; `token_for` then makes another."""
        with self._writing() as connection:
            connection.execute(
                "UPDATE share SET revoked_at = ? WHERE token = ? AND revoked_at IS NULL",
                (_now().isoformat(), token),
            )

    def keep_draft(self, draft_id: str, payload_json: str, *, after: int | None = None) -> Draft:
        """Keep present work; under a new id where another tab has gone on with the old one."""
        with self._writing() as connection:
            return drafts.keep(connection, draft_id, payload_json, after=after, now=_now())

    def draft(self, draft_id: str) -> Draft | None:
        """Return the work kept under an id, None where there is none (any more)."""
        with self._reading() as connection:
            return drafts.read(connection, draft_id)

    def close(self) -> None:
        """Let go of the file; the next call opens it again. A store in memory is gone."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def _changed(self, key: str, action: Action, *, author: str | None, **changes: Any) -> Saved:
        """Add a revision with the content of the last one."""
        with self._writing() as connection:
            row = _row(connection, key, revision=None)
            last = _saved(row)
            _check_there(last)
            after = replace(
                last,
                revision=last.revision + 1,
                action=action,
                saved_at=_now(),
                author=author,
                based_on=None,
                origin=None,
                **changes,
            )
            _insert(connection, after, content_digest=row["content_digest"])
        return after

    def _last(self, connection: sqlite3.Connection, key: str) -> Saved:
        return _saved(_row(connection, key, revision=None))

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, told(self.place):
            yield self._open_connection()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, told(self.place):
            connection = self._open_connection()
            with transaction(connection):
                yield connection

    def _open_connection(self) -> sqlite3.Connection:
        """Return the connection; a new one where the file was moved away or put in anew.

        Else we would go on writing to a file that has no name any more.
        """
        now = self._file_now()
        if self._connection is not None and now != self._file:
            self._connection.close()
            self._connection = None
        if self._connection is None:
            self._connection = opened(self.place)
            self._file = self._file_now()
        return self._connection

    def _file_now(self) -> tuple[int, int] | None:
        if self.place is None:
            return None
        try:
            found = self.place.stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino


def _now() -> datetime:
    return datetime.now(UTC)


def _named(name: str) -> str:
    """Return a name without blanks around it, its Hangul composed (macOS hands it in pieces)."""
    named = unicodedata.normalize("NFC", name).strip()
    if not named:
        raise StoreError(sentence("A scenario that is kept needs a name. Type one."))
    return named


def _row(connection: sqlite3.Connection, key: str, *, revision: int | None) -> sqlite3.Row:
    """Return the row of a revision, the last one when None."""
    wanted = _LAST if revision is None else "revision = :revision"
    row: sqlite3.Row | None = connection.execute(
        f"SELECT * FROM revision WHERE key = :key AND {wanted}",  # noqa: S608 - both are ours
        {"key": key, "revision": revision},
    ).fetchone()
    if row is None:
        raise _unknown(key, revision=revision)
    return row


def _unknown(key: str, *, revision: int | None = None) -> StoreError:
    if revision is not None:
        return StoreError(
            sentence(
                "There is no revision {revision} of scenario {key} in this store. Choose one from "
                "its history.",
                revision=revision,
                key=key,
            )
        )
    return StoreError(
        sentence(
            "There is no scenario {key} in this store. Choose one from the list, or save it under "
            "a name.",
            key=key,
        )
    )


def _check_there(saved: Saved) -> None:
    if saved.deleted:
        raise StoreError(
            sentence(
                "{name} was deleted on {day}. Restore it first.",
                name=saved.name,
                day=saved.saved_at.astimezone().date().isoformat(),
            )
        )


def _insert(connection: sqlite3.Connection, saved: Saved, *, content_digest: str) -> None:
    imprint, origin = saved.imprint, saved.origin or (None, None)
    columns = {
        "key": saved.key,
        "revision": saved.revision,
        "action": saved.action,
        "name": saved.name,
        "note": saved.note,
        "author": saved.author,
        "saved_at": saved.saved_at.isoformat(),
        "content_digest": content_digest,
        "parcels_digest": imprint.parcels_digest,
        "parcels_source": imprint.parcels_source,
        "scenario_id": imprint.scenario_id,
        "status": imprint.status,
        "uses_gfa_m2": json.dumps(dict(imprint.uses_gfa_m2)),
        "version": imprint.version,
        "based_on": saved.based_on,
        "origin_key": origin[0],
        "origin_revision": origin[1],
    }
    names = ", ".join(columns)
    values = ", ".join(f":{name}" for name in columns)
    connection.execute(f"INSERT INTO revision ({names}) VALUES ({values})", columns)  # noqa: S608


def _saved(row: sqlite3.Row) -> Saved:
    return Saved(
        key=row["key"],
        revision=row["revision"],
        action=row["action"],
        name=row["name"],
        note=row["note"],
        saved_at=datetime.fromisoformat(row["saved_at"]),
        imprint=Imprint(
            parcels_digest=row["parcels_digest"],
            scenario_id=row["scenario_id"],
            status=row["status"],
            uses_gfa_m2=json.loads(row["uses_gfa_m2"]),
            parcels_source=row["parcels_source"],
            version=row["version"],
        ),
        author=row["author"],
        based_on=row["based_on"],
        origin=None if row["origin_key"] is None else (row["origin_key"], row["origin_revision"]),
    )


def _kept(connection: sqlite3.Connection, row: sqlite3.Row) -> Kept:
    held = connection.execute(
        "SELECT scenario_json FROM content WHERE digest = ?", (row["content_digest"],)
    ).fetchone()
    saved = _saved(row)
    scenario = Scenario.from_json(held["scenario_json"])
    return Kept(saved, replace(scenario, name=saved.name, note=saved.note))
