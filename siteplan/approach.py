"""How the programme is shared out among parcels, where the most suitable plan is not wanted.

Left out, a plan has the most suitability that the limits allow. Each approach here adds one
wish to that: parcels that can be built as the plan says (`Practical`), few changes against an
earlier plan (`Near`), or neighbours of the same use (`Together`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, cast

from siteplan.fields import check_keys, check_whole, check_within, wrong_kind
from siteplan.text import N_, Text
from siteplan.uses import USES


@dataclass(frozen=True)
class Practical:
    """Parcels as they can be built: few uses on each, no slivers, whole floors.

    Parameters
    ----------
    max_uses : int
        Most uses on one parcel.
    min_block_m2 : Mapping[str, int]
        Least GFA of a use wherever it stands, by use.
    whole_floors : bool
        Whether a use fills whole floors; each use has one part floor in the whole plan at most.
    max_share_pct : Mapping[str, float]
        Most of a parcel's capacity that a use may take, by use.
    """

    max_uses: int = 2
    min_block_m2: Mapping[str, int] = field(default_factory=dict)
    whole_floors: bool = False
    max_share_pct: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_whole("max_uses", self.max_uses, low=1, high=len(USES))
        if not isinstance(self.whole_floors, bool):
            raise wrong_kind("whole_floors", N_("true or false"))
        for name, high in (("min_block_m2", 10_000_000), ("max_share_pct", 100)):
            table = _by_use(name, getattr(self, name), high=high)
            object.__setattr__(self, name, MappingProxyType(table))

    def __hash__(self) -> int:
        tables = tuple(self.min_block_m2.items()), tuple(self.max_share_pct.items())
        return hash((self.max_uses, self.whole_floors, tables))

    def to_dict(self) -> dict[str, Any]:
        """Return the rules as plain values for JSON."""
        return {
            "kind": "practical",
            "max_uses": self.max_uses,
            "min_block_m2": dict(self.min_block_m2),
            "whole_floors": self.whole_floors,
            "max_share_pct": dict(self.max_share_pct),
        }


@dataclass(frozen=True)
class Near:
    """As few changes as a price asks for, against an earlier plan.

    Parameters
    ----------
    gfa_m2 : Mapping[str, tuple of int]
        The earlier plan: GFA of each use by parcel id; parcels left out held nothing.
    price : float or None
        Suitability (0 to 1 per m²) that a m² must gain to be worth moving; None moves as little
        as possible.
    follow : bool
        Whether each further decision takes the plan before it as the earlier one.
    name : str
        What the earlier plan is called.
    """

    gfa_m2: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    price: float | None = 0.05
    follow: bool = True
    name: str = ""

    def __post_init__(self) -> None:
        if self.price is not None:
            check_within("price", self.price, low=0, high=1000)
            object.__setattr__(self, "price", float(self.price))
        if not isinstance(self.follow, bool):
            raise wrong_kind("follow", N_("true or false"))
        if not isinstance(self.name, str):
            raise wrong_kind("name", N_("a text"))
        table = {}
        for parcel_id, row in self.gfa_m2.items():
            areas = tuple(row)
            if len(areas) != len(USES):
                raise wrong_kind("gfa_m2", N_("one whole number of m² for each use, by parcel"))
            for area in areas:
                check_whole("gfa_m2", area, low=0, high=100_000_000)
            table[parcel_id] = areas
        object.__setattr__(self, "gfa_m2", MappingProxyType(table))

    def __hash__(self) -> int:
        return hash((self.price, self.follow, self.name, frozenset(self.gfa_m2.items())))

    def to_dict(self) -> dict[str, Any]:
        """Return the wish as plain values for JSON."""
        return {
            "kind": "near",
            "price": self.price,
            "follow": self.follow,
            "name": self.name,
            "gfa_m2": {parcel_id: list(row) for parcel_id, row in sorted(self.gfa_m2.items())},
        }


@dataclass(frozen=True)
class Together:
    """Neighbours of the same use.

    Parameters
    ----------
    worth_m2_per_m : float
        One metre of edge between two parcels wholly of one use weighs as much as so many m² of
        floor at full suitability.
    single_use : bool
        Whether to look for a plan whose parcels hold one use each.
    """

    worth_m2_per_m: float = 10.0
    single_use: bool = False

    def __post_init__(self) -> None:
        check_within("worth_m2_per_m", self.worth_m2_per_m, low=0, high=1_000_000)
        object.__setattr__(self, "worth_m2_per_m", float(self.worth_m2_per_m))
        if not isinstance(self.single_use, bool):
            raise wrong_kind("single_use", N_("true or false"))

    def to_dict(self) -> dict[str, Any]:
        """Return the wish as plain values for JSON."""
        return {
            "kind": "together",
            "worth_m2_per_m": self.worth_m2_per_m,
            "single_use": self.single_use,
        }


Approach = Practical | Near | Together

_KINDS: dict[str, Callable[..., Approach]] = {
    "practical": Practical,
    "near": Near,
    "together": Together,
}


def gfa_table(ids: Sequence[str], gfa_m2: Sequence[Sequence[int]]) -> dict[str, tuple[int, ...]]:
    """Return GFA by parcel and use as `Near` takes it; parcels without any are left out."""
    rows = zip(ids, gfa_m2, strict=True)
    return {parcel_id: tuple(row) for parcel_id, row in rows if any(row)}


def approach_from(table: object) -> Approach:
    """Return the approach held in plain values.

    Raises
    ------
    InputError
        Another kind, a key that it does not have, or a value out of range.
    """
    if not isinstance(table, Mapping) or table.get("kind") not in _KINDS:
        raise wrong_kind("approach.kind", Text(", ".join(_KINDS)))
    build = _KINDS[table["kind"]]
    fields = cast("type[Any]", build).__dataclass_fields__
    given = {key: value for key, value in table.items() if key != "kind"}
    check_keys("approach", table, ("kind", *fields))
    return build(**given)


def _by_use(name: str, table: Mapping[str, Any], *, high: float) -> dict[str, Any]:
    if not isinstance(table, Mapping) or any(use not in USES for use in table):
        raise wrong_kind(name, N_("a table of uses and amounts"))
    for use, value in table.items():
        check_within(f"{name}.{use}", value, low=0, high=high)
    return {use: table[use] for use in USES if use in table}
