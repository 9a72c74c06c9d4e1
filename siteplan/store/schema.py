"""The form of the store's file: its tables, how older files are brought up to it, what is refused.

The form's number stands in ``PRAGMA user_version``, and ``PRAGMA application_id`` says that the
file is ours. A file that is not ours, is damaged or is newer than we are is left untouched.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from siteplan.store.kept import StoreError
from siteplan.store.place import STORE_VARIABLE
from siteplan.text import sentence

APPLICATION_ID = 0x53506C6E
"""The letters SPln."""

BUSY_S = 15.0
"""So long one process waits for another that is writing; a write takes milliseconds."""

_FIRST_FORM = (
    """CREATE TABLE content (
        digest TEXT PRIMARY KEY,
        scenario_json TEXT NOT NULL
    )""",
    """CREATE TABLE revision (
        serial INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL,
        revision INTEGER NOT NULL CHECK (revision > 0),
        action TEXT NOT NULL,
        name TEXT NOT NULL,
        note TEXT NOT NULL,
        author TEXT,
        saved_at TEXT NOT NULL,
        content_digest TEXT NOT NULL REFERENCES content (digest),
        parcels_digest TEXT NOT NULL,
        parcels_source TEXT,
        scenario_id TEXT NOT NULL,
        status TEXT NOT NULL,
        uses_gfa_m2 TEXT NOT NULL,
        version TEXT NOT NULL,
        based_on INTEGER,
        origin_key TEXT,
        origin_revision INTEGER,
        UNIQUE (key, revision)
    )""",
    """CREATE TABLE share (
        token TEXT PRIMARY KEY,
        key TEXT NOT NULL,
        revision INTEGER NOT NULL,
        author TEXT,
        made_at TEXT NOT NULL,
        revoked_at TEXT,
        FOREIGN KEY (key, revision) REFERENCES revision (key, revision)
    )""",
    "CREATE UNIQUE INDEX share_live ON share (key, revision) WHERE revoked_at IS NULL",
    """CREATE TABLE draft (
        draft_id TEXT PRIMARY KEY,
        version INTEGER NOT NULL,
        payload BLOB NOT NULL,
        kept_at TEXT NOT NULL
    )""",
    "CREATE INDEX draft_age ON draft (kept_at)",
    *(
        f"""CREATE TRIGGER {table}_{event.lower()}_refused BEFORE {event} ON {table}
        BEGIN SELECT RAISE(ABORT, 'nothing that was saved is ever changed'); END"""
        for table in ("content", "revision")
        for event in ("UPDATE", "DELETE")
    ),
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_FIRST_FORM,)
"""Statements that bring a file from form i to form i + 1. Append only: files are out there."""


def opened(place: Path | None) -> sqlite3.Connection:
    """Open or make the file of a store, brought up to the present form.

    Parameters
    ----------
    place : Path or None
        None for a store in memory.

    Raises
    ------
    StoreError
        The place cannot be written to; the file is damaged, not ours or newer than we are.
    """
    with told(place):
        if place is not None:
            _make_room(place)
        connection = sqlite3.connect(
            ":memory:" if place is None else place,
            timeout=BUSY_S,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            connection.row_factory = sqlite3.Row
            _check_ours(connection, place)
            _into_wal(connection)
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            _brought_up(connection)
        except BaseException:
            connection.close()
            raise
    return connection


def _make_room(place: Path) -> None:
    if place.is_dir():
        raise StoreError(sentence("{path} is a folder. Add a file name to it.", path=str(place)))
    # Plans before they are public: folders that we make are their owner's.
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)


def _check_ours(connection: sqlite3.Connection, place: Path | None) -> None:
    """Refuse a file that is another program's, newer or damaged, before anything is written."""
    form = _number(connection, "user_version")
    tables = int(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    if tables == 0 and form == 0:
        return
    if _number(connection, "application_id") != APPLICATION_ID:
        raise StoreError(
            sentence(
                "{path} holds other data than siteplan's scenarios. It was left as it is; name "
                "another file when siteplan is started (--store).",
                path=str(place),
            )
        )
    if form > len(MIGRATIONS):
        raise StoreError(
            sentence(
                "{path} was written by a newer siteplan (its form is {found}, this one knows up "
                "to {known}). Update siteplan, or name another file when it is "
                "started (--store).",
                path=str(place),
                found=form,
                known=len(MIGRATIONS),
            )
        )
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise _damaged(place, reason=str(found).replace("\n", " "))


def _into_wal(connection: sqlite3.Connection) -> None:
    """Let readers and a writer work side by side; SQLite does not wait by itself here."""
    until = time.monotonic() + BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if _kind(error) != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


def _brought_up(connection: sqlite3.Connection) -> None:
    """Bring the file to the present form in one transaction; also tells a read-only file."""
    with transaction(connection):
        form = _number(connection, "user_version")
        if form == len(MIGRATIONS):
            return
        for statements in MIGRATIONS[form:]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Do all of what follows or, when anything goes wrong, none of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def told(place: Path | None) -> Iterator[None]:
    """Turn what disk and SQLite refuse into sentences; errors of ours stay errors."""
    try:
        yield
    except OSError as error:
        raise _unwritable(place, reason=error.strerror or str(error)) from error
    except UnicodeEncodeError as error:
        raise StoreError(
            sentence(
                "The scenario holds characters that are no text (half of a pair). Type the name "
                "or the note anew and save again."
            )
        ) from error
    except sqlite3.DatabaseError as error:
        refusal = _refusal(error, place)
        if refusal is None:
            raise
        raise refusal from error


def _refusal(error: sqlite3.DatabaseError, place: Path | None) -> StoreError | None:
    kind, reason = _kind(error), str(error)
    if kind in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return _damaged(place, reason=reason)
    if kind in (
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_AUTH,
    ):
        return _unwritable(place, reason=reason)
    if kind in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreError(
            sentence(
                "{path} has been in use by another program for {seconds:.0f} seconds. Nothing was "
                "saved; try again.",
                path=str(place),
                seconds=BUSY_S,
            )
        )
    if kind in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return StoreError(
            sentence(
                "The disk is full or does not answer ({reason}). Nothing of this was saved at "
                "{path}; make room and save again.",
                reason=reason,
                path=str(place),
            )
        )
    return None


def _kind(error: sqlite3.Error) -> int:
    """Return SQLite's primary result code; extended ones keep it in their low byte."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _unwritable(place: Path | None, *, reason: str) -> StoreError:
    return StoreError(
        sentence(
            "Scenarios cannot be kept at {path} ({reason}). Name a file in a folder that can be "
            "written to when siteplan is started (--store), or in the variable {variable}; until "
            "then save scenarios as files.",
            path=str(place),
            reason=reason,
            variable=STORE_VARIABLE,
        )
    )


def _damaged(place: Path | None, *, reason: str) -> StoreError:
    return StoreError(
        sentence(
            "{path} is damaged or no store of siteplan ({reason}). It was left as it is: put a "
            "backup in its place, or move it away and a new one is made.",
            path=str(place),
            reason=reason,
        )
    )
