"""The store as the app uses it: opened once, drafts written beside the work, parcels at hand.

A draft is written by a thread of its own, so that no move waits for the disk; of several moves
that come faster than the disk the last one is written. Who asks for a draft waits until it is.
Nothing here knows Streamlit.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING

from siteplan.errors import SiteplanError
from siteplan.store import Store, open_store
from siteplan.text import Text, sentence

if TYPE_CHECKING:
    from siteplan.parcels import Parcels
    from siteplan.store import Draft

MOST_PARCELS = 8
"""So many sets of parcels that people opened are kept at hand, the last used ones."""
PATIENCE_S = 20.0


class Keeper:
    """A store that may refuse, and the drafts on their way into it; for all tabs of a process.

    Parameters
    ----------
    url : str or path, optional
        As `siteplan.store.open_store` takes it.
    """

    def __init__(self, url: str | os.PathLike[str] | None = None) -> None:
        self._url = url
        self._store: Store | None = None
        self._refused: Text | None = None
        self._waiting: OrderedDict[str, Callable[[], str]] = OrderedDict()
        self._writing: str | None = None
        self._versions: dict[str, int] = {}
        self._moved: dict[str, str] = {}
        self._change = threading.Condition()
        self._thread: threading.Thread | None = None
        self.open()

    def open(self) -> None:
        """Open the store where it is not open; a refusal is kept to be told."""
        if self._store is not None:
            return
        try:
            self._store = open_store(self._url)
        except SiteplanError as refused:
            self._refused = refused.text
        else:
            self._refused = None

    @property
    def store(self) -> Store | None:
        """The store, None where it cannot be opened; `trouble` says why."""
        return self._store

    @property
    def trouble(self) -> Text | None:
        """Why work is not kept at present, None where it is."""
        return self._refused

    def keep(self, draft_id: str, text: Callable[[], str]) -> None:
        """Have present work kept soon.

        Parameters
        ----------
        draft_id : str
        text : callable
            Makes the text to keep; called in the writing thread.
        """
        if self._store is None:
            return
        with self._change:
            now = self._now(draft_id)
            self._waiting[now] = text
            self._waiting.move_to_end(now)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._write, name="siteplan-drafts", daemon=True
                )
                self._thread.start()
            self._change.notify_all()

    def id_of(self, draft_id: str) -> str:
        """Return the id that work kept under `draft_id` has now.

        Another one where someone else had gone on with it meanwhile.
        """
        with self._change:
            return self._now(draft_id)

    def _now(self, draft_id: str) -> str:
        while draft_id in self._moved:
            draft_id = self._moved[draft_id]
        return draft_id

    def draft(self, draft_id: str) -> Draft | None:
        """Return the work kept under an id as it is now, None where there is none.

        Raises
        ------
        StoreError
            The store does not answer.
        """
        if self._store is None:
            return None
        self.settle(draft_id)
        return self._store.draft(self.id_of(draft_id))

    def settle(self, draft_id: str | None = None, *, patience_s: float = PATIENCE_S) -> bool:
        """Wait until what waits under an id (or all) is written; tell whether it is."""

        def done() -> bool:
            if draft_id is None:
                return not self._waiting and self._writing is None
            now = self._now(draft_id)
            return now not in self._waiting and self._writing != now

        with self._change:
            return self._change.wait_for(done, timeout=patience_s)

    def close(self) -> None:
        """Write what waits and let go of the store's file."""
        self.settle(patience_s=5.0)
        if self._store is not None:
            self._store.close()

    def _write(self) -> None:
        while True:
            with self._change:
                while not self._waiting:
                    self._change.wait()
                draft_id, text = self._waiting.popitem(last=False)
                self._writing = draft_id
            try:
                self._write_one(draft_id, text)
            finally:
                with self._change:
                    self._writing = None
                    self._change.notify_all()

    def _write_one(self, draft_id: str, text: Callable[[], str]) -> None:
        if self._store is None:
            return
        try:
            kept = self._store.keep_draft(draft_id, text(), after=self._versions.get(draft_id, 0))
        except SiteplanError as refused:
            self._refused = refused.text
            return
        except Exception as fault:  # noqa: BLE001 - told to the person; the work itself goes on
            self._refused = sentence(
                "The present work could not be kept ({reason}). Save it as a file.",
                reason=f"{type(fault).__name__}: {fault}",
            )
            return
        self._refused = None
        with self._change:
            self._versions[kept.draft_id] = kept.version
            if kept.draft_id != draft_id:
                self._moved[draft_id] = kept.draft_id
                if draft_id in self._waiting:
                    self._waiting[kept.draft_id] = self._waiting.pop(draft_id)


class Shelf:
    """Parcels that people opened, at hand by their digest while the process lives."""

    def __init__(self, most: int = MOST_PARCELS) -> None:
        self._most = most
        self._held: OrderedDict[str, tuple[Parcels, str | None]] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, parcels: Parcels, *, source: str | None) -> None:
        """Keep parcels and the name of their file; the ones not used for longest go."""
        with self._lock:
            self._held[parcels.digest] = (parcels, source)
            self._held.move_to_end(parcels.digest)
            while len(self._held) > self._most:
                self._held.popitem(last=False)

    def find(self, digest: str) -> tuple[Parcels, str | None] | None:
        """Return parcels and the name of their file, None where they are not at hand."""
        with self._lock:
            found = self._held.get(digest)
            if found is not None:
                self._held.move_to_end(digest)
            return found
