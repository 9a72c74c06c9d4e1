"""Asking the store on a person's behalf: what it refuses is kept to be said, never raised."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from siteplan.app import session
from siteplan.store import StoreError

if TYPE_CHECKING:
    from siteplan.store import Store

SAID, ASKED, REFUSED, LINK, DELETED = (
    "scenario-said",
    "scenario-asked",
    "scenario-refused",
    "scenario-link",
    "scenario-deleted",
)
"""Where the answer to the last press of a button is kept until the next one."""

_PAGE = "page-shown"

Answer = TypeVar("Answer")


def forget_answers() -> None:
    """Forget what the last press led to."""
    for key in (SAID, ASKED, REFUSED, LINK, DELETED):
        session.show_in(key, None)


def turned_to(page: str) -> None:
    """Forget what was said of a saving once another page is shown."""
    if session.kept_in(_PAGE) != page:
        session.show_in(_PAGE, page)
        session.show_in(SAID, None)


def ask_store(ask: Callable[[Store], Answer]) -> Answer | None:
    """Return the store's answer; None where it refuses, which `REFUSED` then says."""
    store = session.keeper().store
    if store is None:
        return None
    try:
        return ask(store)
    except StoreError as refused:
        session.show_in(REFUSED, refused.text)
        return None
