"""What an address opens: new work, work that was kept, or a shared scenario to look at.

Nothing here knows Streamlit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit, urlunsplit

from siteplan.app.drafts import draft_about, state_from
from siteplan.app.state import AppState
from siteplan.errors import SiteplanError
from siteplan.lots import edited
from siteplan.text import Text, sentence

if TYPE_CHECKING:
    from siteplan.app.keeper import Keeper
    from siteplan.parcels import Parcels
    from siteplan.reading import Reading
    from siteplan.store import Kept

WORK, SHARE = "work", "share"
"""The words of an address: ``?work=ID`` and ``?share=TOKEN``."""

Found = tuple["Parcels", str | None]
FindParcels = Callable[[str], Found | None]
"""Digest -> parcels at hand and the name of their file."""


@dataclass(frozen=True)
class Shared:
    """A revision that is looked at under a link."""

    token: str
    kept: Kept


@dataclass(frozen=True)
class Arrival:
    """What an address opens.

    Parameters
    ----------
    state : AppState or None
        Work that goes on, or the shared scenario; None begins new work.
    parcels_digest : str or None
        Of the parcels that `state` is about; None where it is about any.
    source : str or None
        Name of their file.
    parcels : Parcels or None
        They, where they are at hand. `state` has to wait for them otherwise.
    shared : Shared or None
        The revision that is looked at; nothing of it may be changed.
    refused : Text or None
        Why what was asked for is not shown.
    asked_share : bool
        Whether a link to a shared scenario was followed.
    """

    state: AppState | None = None
    parcels_digest: str | None = None
    source: str | None = None
    parcels: Parcels | None = None
    shared: Shared | None = None
    refused: Text | None = None

    asked_share: bool = False

    @property
    def blocks(self) -> bool:
        """Whether other figures than those of the link that was followed must not be shown."""
        return self.asked_share and (self.refused is not None or self.awaits)

    @property
    def awaits(self) -> bool:
        """Whether the work waits for parcels that are not at hand."""
        return self.state is not None and self.parcels is None

    @property
    def reading(self) -> Reading | None:
        """How the file of the parcels that are awaited was read."""
        return None if self.state is None else self.state.scenario.reading


def arrived(words: Mapping[str, str], *, keeper: Keeper, find: FindParcels) -> Arrival:
    """Return what the words of an address open.

    Parameters
    ----------
    words : Mapping[str, str]
        The address's query; `SHARE` goes before `WORK`.
    keeper : Keeper
    find : callable
    """
    token, draft_id = words.get(SHARE), words.get(WORK)
    if token is None and draft_id is None:
        return Arrival()
    keeper.open()
    asked_share = token is not None
    if keeper.store is None:
        return Arrival(refused=keeper.trouble, asked_share=asked_share)
    try:
        if token is not None:
            return _shared(Shared(token, keeper.store.by_token(token)), find=find)
        return _kept_work(str(draft_id), keeper=keeper, find=find)
    except SiteplanError as refused:
        return Arrival(refused=refused.text, asked_share=asked_share)


def _shared(shared: Shared, *, find: FindParcels) -> Arrival:
    imprint = shared.kept.saved.imprint
    found = find(imprint.parcels_digest)
    return Arrival(
        state=AppState(scenario=shared.kept.scenario, welcomed=True),
        parcels_digest=imprint.parcels_digest,
        source=imprint.parcels_source,
        parcels=None if found is None else found[0],
        shared=shared,
        asked_share=True,
    )


def _kept_work(draft_id: str, *, keeper: Keeper, find: FindParcels) -> Arrival:
    draft = keeper.draft(draft_id)
    if draft is None:
        return Arrival(
            refused=sentence(
                "The work kept under this address is not here any more: work that nobody touches "
                "is kept for a month. A fresh start is shown; saved scenarios are on the "
                "Scenarios page."
            )
        )
    digest, source = draft_about(draft.payload_json)
    state = state_from(draft.payload_json)
    found = find(digest)
    if found is not None:
        there = edited(found[0], state.scenario.edits).index
        state = replace(state, selected=tuple(i for i in state.selected if i in there))
    return Arrival(
        state=state,
        parcels_digest=digest,
        source=source,
        parcels=None if found is None else found[0],
    )


def link_to(url: str | None, *, page: str = "", **words: str) -> str:
    """Return an address of the app with words in it, the part after the host where none is known.

    Parameters
    ----------
    url : str or None
        Address of a page of the app, as the browser has it.
    page : str
        Name of that page in the address, e.g. "scenarios"; it is taken off.
    **words : str
    """
    query = urlencode(words)
    if url is None:
        return f"/?{query}"
    scheme, host, path, _, _ = urlsplit(url)
    path = path.rstrip("/").removesuffix(f"/{page}") if page else path.rstrip("/")
    return urlunsplit((scheme, host, f"{path}/", query, ""))
