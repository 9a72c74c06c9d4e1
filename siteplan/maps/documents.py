"""Map documents kept in the process, each under a digest of its content.

The browser fetches a document once and may keep it for ever: other content has another digest.
Packed once, the 16 most recently used are kept.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass, field

KEPT = 16
ROUTE = "siteplan/map"
"""Path of the documents below the app's own address."""


@dataclass(frozen=True)
class Document:
    """One document, packed.

    Parameters
    ----------
    digest : str
        32 hexadecimal digits made from the content.
    packed : bytes
        UTF-8 HTML, gzip.
    policy : str
        Content security policy that the document is to be served under.
    """

    digest: str
    packed: bytes = field(repr=False)
    policy: str

    @property
    def path(self) -> str:
        """Where the service offers it, below the app's own address."""
        return f"{ROUTE}/{self.digest}.html"

    @property
    def html(self) -> bytes:
        """The unpacked document, UTF-8."""
        return gzip.decompress(self.packed)

    @classmethod
    def from_html(cls, html: str, *, policy: str) -> Document:
        """Pack a document."""
        content = html.encode()
        blake = hashlib.blake2b(content, digest_size=16)
        blake.update(policy.encode())
        # mtime=0: equal content gives equal bytes.
        return cls(blake.hexdigest(), gzip.compress(content, compresslevel=6, mtime=0), policy)


class Shelf:
    """A bounded store of documents, safe to use from several threads."""

    def __init__(self, *, kept: int = KEPT) -> None:
        self._kept = kept
        self._lock = threading.Lock()
        self._documents: OrderedDict[str, Document] = OrderedDict()

    def keep(self, document: Document) -> str:
        """Put a document on the shelf, or move it to the front; return its digest."""
        with self._lock:
            self._documents[document.digest] = document
            self._documents.move_to_end(document.digest)
            while len(self._documents) > self._kept:
                self._documents.popitem(last=False)
        return document.digest

    def find(self, digest: str) -> Document | None:
        """Return the document with this digest, None when it is not (or no longer) here."""
        with self._lock:
            found = self._documents.get(digest)
            if found is not None:
                self._documents.move_to_end(digest)
            return found


_SHELF = Shelf()


def publish(html: str, *, policy: str) -> str:
    """Keep an HTML document in this process and return its digest."""
    return _SHELF.keep(Document.from_html(html, policy=policy))


def keep(document: Document) -> str:
    """Keep a packed document in this process; cheap, so a rerun may say it each time."""
    return _SHELF.keep(document)


def document(digest: str) -> Document | None:
    """Return a document that was published in this process, None when it is not here."""
    return _SHELF.find(digest)
