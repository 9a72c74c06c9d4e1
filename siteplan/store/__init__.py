"""Scenarios kept, with history: every save is a new revision, nothing is overwritten.

`open_store` gives the store; `Store` is what the app and others may ask of it. The store that is
shipped is one SQLite file (`siteplan.store.sqlite`), which needs no server and no network.
"""

from __future__ import annotations

from siteplan.store.kept import (
    Action,
    Draft,
    Imprint,
    Kept,
    Link,
    Saved,
    Store,
    StoreError,
    imprint_of,
    new_id,
)
from siteplan.store.place import STORE_VARIABLE, default_store_path, store_place
from siteplan.store.sqlite import SqliteStore, open_store

__all__ = [
    "STORE_VARIABLE",
    "Action",
    "Draft",
    "Imprint",
    "Kept",
    "Link",
    "Saved",
    "SqliteStore",
    "Store",
    "StoreError",
    "default_store_path",
    "imprint_of",
    "new_id",
    "open_store",
    "store_place",
]
