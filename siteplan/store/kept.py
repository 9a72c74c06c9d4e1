"""What a store holds, as values, and what may be asked of one.

A scenario that is kept has a `key` for life and revisions 1, 2, 3 … Saving, renaming, annotating,
deleting and restoring each add a revision; none is ever changed or taken away. The author is
nobody yet; the place for one is there, so that roles can come later without a new form of file.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol

from siteplan.errors import InputError
from siteplan.uses import USES
from siteplan.version import __version__

if TYPE_CHECKING:
    from siteplan.evaluation import Plan
    from siteplan.parcels import Parcels
    from siteplan.scenario import Scenario

Action = Literal["save", "rename", "annotate", "duplicate", "delete", "restore"]

_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""No 0 and o, 1, i and l: what stands in an address can be read out and typed on a phone."""
TOKEN_LETTERS = 16
"""31¹⁶ tokens, 79 bits: nobody finds one by trying."""


class StoreError(InputError):
    """Scenarios cannot be kept or found here; the sentence names the fix."""


def new_id(letters: int = TOKEN_LETTERS) -> str:
    """Return letters and digits that nobody can guess, for addresses: a draft's id, a token."""
    return "".join(secrets.choice(_LETTERS) for _ in range(letters))


@dataclass(frozen=True)
class Imprint:
    """What was true of a scenario when it was saved, for lists that evaluate nothing.

    Parameters
    ----------
    parcels_digest : str
        `Parcels.digest` of the parcels handed in, before the scenario's merges and cuts.
    scenario_id : str
        `siteplan.evaluation.scenario_id` of the plan.
    status : str
        "optimal", "feasible" or "infeasible".
    uses_gfa_m2 : Mapping[str, int]
        GFA placed, m² by use.
    parcels_source : str or None
        File that the parcels came from; None for the shipped ones.
    version : str
        Of siteplan.
    """

    parcels_digest: str
    scenario_id: str
    status: str
    uses_gfa_m2: Mapping[str, int]
    parcels_source: str | None = None
    version: str = __version__

    @property
    def total_gfa_m2(self) -> int:
        """GFA of all uses."""
        return sum(self.uses_gfa_m2.values())


def imprint_of(plan: Plan, *, parcels: Parcels, source: str | None = None) -> Imprint:
    """Return the imprint of a plan.

    Parameters
    ----------
    plan : Plan
    parcels : Parcels
        Those that were handed to `evaluate`; `plan.parcels` already has merges and cuts made.
    source : str, optional
        Name of their file.
    """
    return Imprint(
        parcels_digest=parcels.digest,
        scenario_id=plan.scenario_id,
        status=plan.status,
        uses_gfa_m2=dict(zip(USES, plan.uses_gfa_m2.tolist(), strict=True)),
        parcels_source=source,
    )


@dataclass(frozen=True)
class Saved:
    """One revision, without its scenario.

    Parameters
    ----------
    key, revision : str, int
        Which scenario, and its how manieth revision, from 1.
    action : str
        What made the revision.
    name, note : str
    saved_at : datetime
        UTC.
    imprint : Imprint
    author : str or None
    based_on : int or None
        Revision that the person had before them when they saved; None where they did not say.
    origin : (str, int) or None
        Key and revision that a duplicate or a restored revision was taken from.
    """

    key: str
    revision: int
    action: Action
    name: str
    note: str
    saved_at: datetime
    imprint: Imprint
    author: str | None = None
    based_on: int | None = None
    origin: tuple[str, int] | None = None

    @property
    def deleted(self) -> bool:
        """Whether the scenario is deleted as of this revision."""
        return self.action == "delete"

    @property
    def others_between(self) -> int:
        """Revisions by others that came between what the person had before them and this save."""
        return 0 if self.based_on is None else self.revision - 1 - self.based_on


@dataclass(frozen=True)
class Kept:
    """A revision with its scenario, which carries the revision's name and note."""

    saved: Saved
    scenario: Scenario


@dataclass(frozen=True)
class Link:
    """A link that shows a revision to anyone who has its token.

    Parameters
    ----------
    token : str
    key, revision : str, int
    made_at : datetime
        UTC.
    """

    token: str
    key: str
    revision: int
    made_at: datetime


@dataclass(frozen=True)
class Draft:
    """Present work that nobody has saved yet, so that a reload of the page loses nothing.

    Parameters
    ----------
    draft_id : str
        Stands in the address.
    version : int
        Counts up with every `Store.keep_draft`, from 1.
    payload_json : str
        What the app wrote.
    kept_at : datetime
        UTC.
    """

    draft_id: str
    version: int
    payload_json: str
    kept_at: datetime


class Store(Protocol):
    """What may be asked of a store; every method may raise `StoreError`.

    Each method that adds a revision does so wholly or not at all.
    """

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
        """Save a new scenario, or with `key` a new revision; `note` None keeps the scenario's."""
        ...

    def list(
        self, *, parcels_digest: str | None = None, deleted: bool = False
    ) -> tuple[Saved, ...]:
        """Return the last revision of every scenario, the latest first.

        Those that are deleted instead with `deleted`; those made for other parcels are left out
        with `parcels_digest`.
        """
        ...

    def revisions(self, key: str) -> tuple[Saved, ...]:
        """Return every revision of a scenario, the first one first."""
        ...

    def load(self, key: str, *, revision: int | None = None) -> Kept:
        """Return the last revision of a scenario, or the one asked for, deleted since or not."""
        ...

    def rename(self, key: str, name: str, *, author: str | None = None) -> Saved:
        """Give a scenario another name."""
        ...

    def annotate(self, key: str, note: str, *, author: str | None = None) -> Saved:
        """Give a scenario another note."""
        ...

    def duplicate(
        self, key: str, name: str, *, revision: int | None = None, author: str | None = None
    ) -> Saved:
        """Make a new scenario of an old one's last revision, or of the one asked for."""
        ...

    def delete(self, key: str, *, author: str | None = None) -> Saved:
        """Take a scenario off the list; `restore` brings it back."""
        ...

    def restore(self, key: str, *, revision: int | None = None, author: str | None = None) -> Saved:
        """Undo a deletion, or make an earlier revision the last one again."""
        ...

    def token_for(self, key: str, *, revision: int | None = None, author: str | None = None) -> str:
        """Return the token under which anyone may read a revision; the same one every time."""
        ...

    def by_token(self, token: str) -> Kept:
        """Return the revision that a token shows, whatever has been saved since."""
        ...

    def links(self, key: str) -> tuple[Link, ...]:
        """Return the links to revisions of a scenario that still show something, latest first."""
        ...

    def revoke(self, token: str) -> None:
        """Let a token show nothing any more; `token_for` then makes another."""
        ...

    def keep_draft(self, draft_id: str, payload_json: str, *, after: int | None = None) -> Draft:
        """Keep present work.

        Where `after` is given and the draft has a later version, another tab goes on with it:
        this work is kept under a new id, which the draft that is returned carries.
        """
        ...

    def draft(self, draft_id: str) -> Draft | None:
        """Return the work kept under an id, None where there is none (any more)."""
        ...

    def close(self) -> None:
        """Let go of the file; the next call opens it again."""
        ...
