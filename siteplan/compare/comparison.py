"""The comparison itself: arrays of every plan over the lots of all, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from siteplan.compare.notes import notes_of
from siteplan.compare.sides import Side, side_of
from siteplan.errors import UsageError
from siteplan.evaluation import Plan
from siteplan.text import Label, Text, sentence
from siteplan.uses import USES

if TYPE_CHECKING:
    import numpy.typing as npt

    Booleans = npt.NDArray[np.bool_]
    Integers = npt.NDArray[np.int64]

MOST_PLANS = 4
"""More columns than that no screen shows side by side."""


@dataclass(frozen=True)
class FigureRow:
    """One figure in every plan; None in an infeasible one, whose zeros are no figures."""

    key: str
    label: Label
    unit: str
    values: tuple[float | None, ...]

    @property
    def differs(self) -> bool:
        """Whether the plans differ in it by more than rounding (1e-9 of the largest)."""
        known = [value for value in self.values if value is not None]
        if not known:
            return False
        low, high = min(known), max(known)
        return high - low > 1e-9 * max(abs(low), abs(high))


@dataclass(frozen=True)
class ParcelDifference:
    """A lot on which the plans differ.

    Parameters
    ----------
    parcel_id : str
    label : Label
    gfa_m2 : Mapping[str, tuple of (int or None)]
        By use, one value per plan; None in plans that do not have the lot or are infeasible.
    dominant_use : tuple of (str or None)
        One per plan; None where nothing is placed or the lot is not there.
    """

    parcel_id: str
    label: Label
    gfa_m2: Mapping[str, tuple[int | None, ...]]
    dominant_use: tuple[str | None, ...]


@dataclass(frozen=True)
class Change:
    """What going from one plan to another places and leaves, whole m².

    Parameters
    ----------
    placed_m2, left_m2 : Mapping[str, int]
        By use: what lots gain, and what lots lose; never negative.
    moved_m2 : int
        Floor area that changes its lot or its use.
    added_m2 : int
        By how much the total grows; negative where it shrinks.
    parcel_ids : tuple of str
        Lots whose floor areas change.
    dominant_changed : tuple of str
        Lots of both plans whose dominant use changes, built or no longer built ones too.
    """

    placed_m2: Mapping[str, int]
    left_m2: Mapping[str, int]
    moved_m2: int
    added_m2: int
    parcel_ids: tuple[str, ...]
    dominant_changed: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Comparison:
    """Plans side by side: s plans, n lots of any of them, k uses.

    Parameters
    ----------
    sides : tuple of Side
    parcel_ids : tuple of str
        Lots of the first plan in their order, then those that the others have beside.
    gfa_m2 : ndarray of int, shape (s, n, k)
        0 where a plan does not have the lot.
    rows : ndarray of int, shape (s, n)
        Row of the lot in each plan, -1 where the plan does not have it.
    tolerance_m2 : int
        By so much the floor areas of a settled lot may differ in each use.
    """

    sides: tuple[Side, ...]
    parcel_ids: tuple[str, ...]
    gfa_m2: Integers
    rows: Integers
    tolerance_m2: int = 0

    @cached_property
    def placing(self) -> tuple[int, ...]:
        """Places of the plans that are not infeasible; only these are compared lot by lot."""
        return tuple(i for i, side in enumerate(self.sides) if side.places)

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Places of the plans to show changes between: the first that places, each other such."""
        return tuple((self.placing[0], end) for end in self.placing[1:])

    @cached_property
    def figures(self) -> tuple[FigureRow, ...]:
        """Figures that are known of every plan, in the order of the first."""
        return tuple(
            FigureRow(
                key,
                amount.label,
                amount.unit,
                tuple(side.amounts[key].value if side.places else None for side in self.sides),
            )
            for key, amount in self.sides[0].amounts.items()
            if all(key in side.amounts for side in self.sides)
        )

    @cached_property
    def skipped(self) -> Mapping[str, Label]:
        """Figures that are known of some plans only and are not compared: key -> name."""
        compared = {row.key for row in self.figures}
        return {
            key: amount.label
            for side in self.sides
            for key, amount in side.amounts.items()
            if key not in compared
        }

    @cached_property
    def partial(self) -> Mapping[str, tuple[bool, ...]]:
        """Lots that only some of the plans have -> which have them."""
        there = self.rows >= 0
        return {
            self.parcel_ids[lot]: tuple(there[:, lot].tolist())
            for lot in np.flatnonzero(~there.all(axis=0)).tolist()
        }

    @cached_property
    def dominant_columns(self) -> Integers:
        """Column of the use with the most GFA, -1 where nothing is placed, shape (s, n)."""
        return np.where(self.gfa_m2.any(axis=2), self.gfa_m2.argmax(axis=2), -1)

    @cached_property
    def differences(self) -> tuple[ParcelDifference, ...]:
        """Lots on which any two feasible plans differ, the largest difference first."""
        if len(self.placing) < 2:
            return ()
        spread_m2 = np.ptp(self.gfa_m2[list(self.placing)], axis=0).sum(axis=1)
        order = np.argsort(-spread_m2, kind="stable")
        return tuple(self._difference(lot) for lot in order[spread_m2[order] > 0].tolist())

    def _difference(self, lot: int) -> ParcelDifference:
        rows = self.rows[:, lot].tolist()
        side = next(i for i, row in enumerate(rows) if row >= 0)
        shown = [row >= 0 and i in self.placing for i, row in enumerate(rows)]
        return ParcelDifference(
            self.parcel_ids[lot],
            self.sides[side].label_of(rows[side]),
            {
                use: tuple(
                    value if seen else None
                    for value, seen in zip(self.gfa_m2[:, lot, k].tolist(), shown, strict=True)
                )
                for k, use in enumerate(USES)
            },
            tuple(USES[c] if c >= 0 else None for c in self.dominant_columns[:, lot].tolist()),
        )

    def change(self, *, start: int = 0, end: int = 1) -> Change:
        """Return what going from one plan (by its place, from 0) to another changes.

        An infeasible plan counts as holding nothing; `placing` says which plans hold anything.
        """
        delta_m2 = self.gfa_m2[end] - self.gfa_m2[start]
        placed_m2 = np.maximum(delta_m2, 0).sum(axis=0)
        left_m2 = np.maximum(-delta_m2, 0).sum(axis=0)
        both = (self.rows[start] >= 0) & (self.rows[end] >= 0)
        turned = both & (self.dominant_columns[start] != self.dominant_columns[end])
        return Change(
            placed_m2=dict(zip(USES, placed_m2.tolist(), strict=True)),
            left_m2=dict(zip(USES, left_m2.tolist(), strict=True)),
            moved_m2=int(min(placed_m2.sum(), left_m2.sum())),
            added_m2=int(delta_m2.sum()),
            parcel_ids=self.ids_where(delta_m2.any(axis=1)),
            dominant_changed=self.ids_where(turned),
        )

    @cached_property
    def settled(self) -> tuple[str, ...]:
        """Lots of every plan on which all agree, within the tolerance, use by use.

        Lots that all leave empty are among them. Where a plan is infeasible nothing is settled,
        because it places nothing.
        """
        if len(self.placing) < len(self.sides):
            return ()
        agreed = (np.ptp(self.gfa_m2, axis=0) <= self.tolerance_m2).all(axis=1)
        return self.ids_where(agreed & (self.rows >= 0).all(axis=0))

    @cached_property
    def lot_index(self) -> Mapping[str, int]:
        """Place of each lot in `parcel_ids`."""
        return {parcel_id: lot for lot, parcel_id in enumerate(self.parcel_ids)}

    @cached_property
    def notes(self) -> tuple[Text, ...]:
        """What a person should know before trusting the comparison."""
        return (*(note for side in self.sides for note in side.notes), *notes_of(self))

    def ids_where(self, chosen: Booleans) -> tuple[str, ...]:
        """Return the ids of the lots that are chosen, `chosen` of shape (n,)."""
        return tuple(self.parcel_ids[lot] for lot in np.flatnonzero(chosen).tolist())


def compare(plans: Sequence[Plan | Side], *, tolerance_m2: int = 0) -> Comparison:
    """Put two to four plans side by side.

    Parameters
    ----------
    plans : sequence of Plan or Side
        `side_of_export` makes a side of an exported plan.
    tolerance_m2 : int
        By so much the floor areas of a settled lot may differ in each use.

    Raises
    ------
    UsageError
        Fewer than two plans or more than four, or a negative tolerance.
    """
    if not 2 <= len(plans) <= MOST_PLANS:
        raise UsageError(
            sentence(
                "2 to {most} plans can be compared, not {count}.",
                most=MOST_PLANS,
                count=len(plans),
            )
        )
    if tolerance_m2 < 0:
        raise UsageError(
            sentence("The tolerance is 0 m² or more, not {value}.", value=tolerance_m2)
        )
    sides = tuple(plan if isinstance(plan, Side) else side_of(plan) for plan in plans)
    ids = tuple(dict.fromkeys(parcel_id for side in sides for parcel_id in side.parcel_ids))
    rows = np.full((len(sides), len(ids)), -1, dtype=np.int64)
    gfa_m2 = np.zeros((len(sides), len(ids), len(USES)), dtype=np.int64)
    place = {parcel_id: lot for lot, parcel_id in enumerate(ids)}
    for i, side in enumerate(sides):
        lots = [place[parcel_id] for parcel_id in side.parcel_ids]
        rows[i, lots] = np.arange(len(lots))
        gfa_m2[i, lots] = side.gfa_m2
    return Comparison(sides, ids, gfa_m2, rows, tolerance_m2)


def settled_locks(comparison: Comparison, *, empty_too: bool = False) -> dict[str, dict[str, int]]:
    """Return the settled lots as what a scenario may hold fast: parcel id -> use -> m².

    Parameters
    ----------
    comparison : Comparison
        Where its tolerance lets plans differ, the first plan's areas count.
    empty_too : bool
        Take in the lots that every plan leaves empty.
    """
    gfa_m2 = comparison.gfa_m2[0]
    lots = (comparison.lot_index[parcel_id] for parcel_id in comparison.settled)
    return {
        comparison.parcel_ids[lot]: dict(zip(USES, gfa_m2[lot].tolist(), strict=True))
        for lot in lots
        if empty_too or gfa_m2[lot].any()
    }
