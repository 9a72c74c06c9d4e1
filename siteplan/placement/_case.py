"""The arrays of one placement, and what comes of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from siteplan.issues import Issue
from siteplan.massing import Ground
from siteplan.text import Text

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.capacity import Capacity
    from siteplan.parcels import Parcels
    from siteplan.room import Room
    from siteplan.scenario import Scenario

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]


Status = Literal["optimal", "feasible", "infeasible"]


PROVEN_GAP = 1e-9
"""Relative gap below which an allocation is called optimal."""


SHOWN_GAP_PCT = 0.01
"""A plan that may miss the best under its rules by more than this says so."""


@dataclass(frozen=True, eq=False)
class Placement:
    """What stands where, n parcels and k uses.

    Parameters
    ----------
    status : {"optimal", "feasible", "infeasible"}
    gfa_m2 : ndarray of int, shape (n, k)
        Whole m², zeros where infeasible.
    objective, bound : float
        What the approach maximises, of the whole-m² answer, and the most that any answer could
        reach; NaN where infeasible.
    explanation : tuple of Text
        Why nothing fits.
    issues : tuple of Issue
        What the approach brings with it.
    """

    status: Status
    gfa_m2: Integers
    objective: float
    bound: float
    explanation: tuple[Text, ...] = ()
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, eq=False)
class Solved:
    """An approach's answer in FAR area, rows in the order of ids."""

    status: Status
    area_m2: Floats
    bound: float
    stays: bool = False  # whether cells that are empty must stay empty when rounding
    explanation: tuple[Text, ...] = ()
    issues: tuple[Issue, ...] = ()
    price: float = 0.0


@dataclass(frozen=True, eq=False)
class Case:
    """The arrays of one allocation; rows in the order of ids, so that ties do not hang on files."""

    parcels: Parcels
    scenario: Scenario
    capacity: Capacity
    room: Room
    ground: Ground
    order: npt.NDArray[np.intp]
    held_m2: Floats  # (n,)
    score: Floats  # (n, k) per m² of FAR area, -inf where not allowed
    upper_m2: Floats | None
    lower_m2: Floats | None

    @property
    def far_ratio(self) -> Floats:
        return self.room.far_ratio
