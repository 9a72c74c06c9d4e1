"""What each parcel may hold of each use: capacity, permissions and the planner's limits together.

Everything that asks whether a programme fits starts here: the allocation, the ranges of the
sliders, the repairs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from siteplan.allocation import feasible_ranges
from siteplan.explain import ParcelName
from siteplan.programme import Programme, UseTarget
from siteplan.text import Text, sentence
from siteplan.uses import ALL_USES, USES, use_index

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.capacity import Capacity
    from siteplan.parcels import Parcels
    from siteplan.scenario import ParcelDecision, Scenario

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]

CLASH_RATIO = 1e-9
"""Float noise of a capacity below which a limit does not break it."""


@dataclass(frozen=True, eq=False)
class Room:
    """What n parcels may hold of k uses.

    Parameters
    ----------
    capacity_m2 : ndarray, shape (n,)
        FAR area for the programme.
    allowed : ndarray of bool, shape (n, k)
        Permitted, or consented to.
    far_ratio : ndarray, shape (k,)
        FAR area per m² of GFA.
    min_gfa_m2, max_gfa_m2 : ndarray, shape (n, k), or None
        The planner's limits, infinite where there is no most; None without any limit.
    """

    capacity_m2: Floats
    allowed: Bools
    far_ratio: Floats
    min_gfa_m2: Floats | None = None
    max_gfa_m2: Floats | None = None

    @cached_property
    def upper_m2(self) -> Floats:
        """Most FAR area of each use, shape (n, k)."""
        most_m2 = np.where(self.allowed, self.capacity_m2[:, None], 0.0)
        if self.max_gfa_m2 is not None:
            most_m2 = np.minimum(most_m2, self.max_gfa_m2 * self.far_ratio)
        return most_m2

    @cached_property
    def whole_upper_m2(self) -> Floats:
        """The same in whole m² of GFA: the fraction above the last one is no room."""
        whole_m2 = np.floor(self.capacity_m2[:, None] / self.far_ratio + 1e-9) * self.far_ratio
        return np.minimum(self.upper_m2, np.where(self.allowed, whole_m2, 0.0))

    @cached_property
    def lower_m2(self) -> Floats | None:
        """Least FAR area of each use, shape (n, k); None where nothing must stand anywhere."""
        if self.min_gfa_m2 is None or not self.min_gfa_m2.any():
            return None
        least_m2 = self.min_gfa_m2 * self.far_ratio
        # What float noise puts above the most is brought down to it; what truly is above stays.
        near = least_m2 <= self.upper_m2 * (1 + CLASH_RATIO)
        return np.where(near, np.minimum(least_m2, self.upper_m2), least_m2)

    @property
    def broken(self) -> bool:
        """Whether a use must have more on some parcel than it may."""
        return self.lower_m2 is not None and bool((self.lower_m2 > self.whole_upper_m2).any())

    @property
    def bounded_m2(self) -> Floats | None:
        """`upper_m2` where the planner limits anything, None where permissions say it all."""
        return None if self.max_gfa_m2 is None else self.upper_m2


def room_of(parcels: Parcels, scenario: Scenario, capacity: Capacity, *, far_ratio: Floats) -> Room:
    """Return what each parcel may hold under the scenario's limits.

    Parameters
    ----------
    parcels : Parcels
    scenario : Scenario
    capacity : Capacity
        Of these parcels under this scenario.
    far_ratio : ndarray, shape (k,)
    """
    limited = [
        (parcels.index[parcel_id], decision)
        for parcel_id, decision in scenario.decisions.items()
        if (decision.limits or decision.only_use) and parcel_id in parcels.index
    ]
    if not limited:
        return Room(capacity.far_area_m2, capacity.allowed, far_ratio)
    least_m2 = np.zeros(capacity.allowed.shape)
    most_m2 = np.full(capacity.allowed.shape, np.inf)
    for row, decision in limited:
        least_m2[row], most_m2[row] = limits_m2(decision)
    return Room(capacity.far_area_m2, capacity.allowed, far_ratio, least_m2, most_m2)


def limits_m2(decision: ParcelDecision) -> tuple[list[float], list[float]]:
    """Return the least and the most GFA of each use under a decision; infinite for no most."""
    least, most = [0.0] * len(USES), [np.inf] * len(USES)
    for use, limit in decision.limits.items():
        least[use_index(use)] = float(limit.min_m2)
        if limit.max_m2 is not None:
            most[use_index(use)] = float(limit.max_m2)
    if decision.only_use is not None:
        kept = use_index(decision.only_use)
        most = [value if i == kept else 0.0 for i, value in enumerate(most)]
    return least, most


def clashes(room: Room, *, parcels: Parcels) -> tuple[Text, ...]:
    """Return a sentence for each parcel whose limits cannot be kept, whatever the programme.

    Parameters
    ----------
    room : Room
    parcels : Parcels

    Returns
    -------
    tuple of Text
        Empty where each parcel by itself can keep its limits.
    """
    said = []
    for row, over in clashing(room).items():
        name = ParcelName(parcels, row)
        said += [_too_much(room, row, use, name=name) for use in over]
        if not over and room.lower_m2 is not None:
            said.append(
                sentence(
                    "{parcel}: its limits ask for {least:,.0f} m² of FAR area in all, but it can "
                    "hold {most:,.0f} m². Lower one of them.",
                    parcel=name,
                    least=float(room.lower_m2[row].sum()),
                    most=float(room.capacity_m2[row]),
                )
            )
    return tuple(said)


def clashing(room: Room) -> dict[int, tuple[int, ...]]:
    """Return the rows whose limits cannot be kept, with the uses that ask for too much there.

    Parameters
    ----------
    room : Room

    Returns
    -------
    dict of int to tuple of int
        No use is named where each alone could have its least, but not all of them together.
    """
    lower_m2 = room.lower_m2
    if lower_m2 is None:
        return {}
    slack_m2 = CLASH_RATIO * np.maximum(room.capacity_m2, 1.0)
    found = {}
    for row in np.flatnonzero(lower_m2.any(axis=1)).tolist():
        over = np.flatnonzero(lower_m2[row] > room.upper_m2[row] + slack_m2[row]).tolist()
        if over or lower_m2[row].sum() > room.capacity_m2[row] + slack_m2[row]:
            found[row] = tuple(over)
    return found


def _too_much(room: Room, row: int, use: int, *, name: ParcelName) -> Text:
    label = ALL_USES[use].label
    least_m2 = 0.0 if room.min_gfa_m2 is None else float(room.min_gfa_m2[row, use])
    if not room.allowed[row, use]:
        return sentence(
            "{parcel}: at least {least:,.0f} m² of {use} are asked for, but {use} may not stand "
            "there. Drop this limit, consent to the use if it is conditional, or plan with "
            "another zone.",
            parcel=name,
            least=least_m2,
            use=label,
        )
    return sentence(
        "{parcel}: at least {least:,.0f} m² of {use} are asked for, but it can hold "
        "{most:,.0f} m² of it. Lower this limit, or give the parcel more room.",
        parcel=name,
        least=least_m2,
        use=label,
        most=float(np.floor(room.upper_m2[row, use] / room.far_ratio[use] + 1e-9)),
    )


def use_ranges_m2(room: Room, programme: Programme) -> Floats:
    """Return the least and most whole m² of GFA that each use may take, shape (k, 2).

    Locked uses stay, unlocked ones may move between their bounds, the total is kept. A locked
    use's own range is what it could take if its lock were opened. NaN where nothing fits.

    Parameters
    ----------
    room : Room
    programme : Programme
    """
    opened = tuple(e if e.locked else freed(e) for e in programme.targets)
    ranges = ranges_m2(room, replace(programme, targets=opened))
    for i, entry in enumerate(programme.targets):
        if entry.locked:
            free = tuple(freed(e) if i == j else e for j, e in enumerate(opened))
            ranges[i] = ranges_m2(room, replace(programme, targets=free))[i]
    return ranges


def freed(entry: UseTarget) -> UseTarget:
    """Return a use's wish without its target, free between its least and most."""
    return replace(entry, target_m2=None, locked=False)


def ranges_m2(room: Room, programme: Programme) -> Floats:
    """Return the least and most whole m² of each use, targets kept as they are, shape (k, 2)."""
    if room.broken:
        return np.full((len(USES), 2), np.nan)
    bounds_m2 = np.array(programme.bounds_m2(), dtype=float)
    found = feasible_ranges(
        room.capacity_m2,
        room.whole_upper_m2,
        bounds_m2[:, 0] * room.far_ratio,
        bounds_m2[:, 1] * room.far_ratio,
        lower_m2=room.lower_m2,
        weight=1 / room.far_ratio,
        total=float(programme.total_gfa_m2),
    )
    gfa_m2 = found / room.far_ratio[:, None]
    noise_m2 = 1e-9 * programme.total_gfa_m2
    low = np.maximum(np.ceil(gfa_m2[:, 0] - noise_m2), 0.0) + 0.0
    return np.column_stack([low, np.maximum(np.floor(gfa_m2[:, 1] + noise_m2), low)])
