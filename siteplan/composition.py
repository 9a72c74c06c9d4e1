"""How GFA (연면적) is made up: floor area that FAR counts, accessory parking, other basements.

FAR leaves out basements and accessory parking above ground (건축법 시행령 §119 ①4). So a use's
GFA is its FAR area plus a part that FAR does not count, and the parking that the ordinance asks
for has to fit into that part. Whole square metres throughout: the parts add up to the GFA.

Stalls. Housing: exclusive area over the ordinance's figure, and at least so many a household
(주택건설기준 등에 관한 규정 §27 ①1); exclusive area is a share of the supply area, which is what
FAR counts. Other uses: GFA over the ordinance's figure. These are the metrics' own formulas.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from siteplan.issues import Issue
from siteplan.text import Text, sentence
from siteplan.uses import USES, use_index

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.ledger import Ledger

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Part:
    """One use's GFA, or all of it: what FAR counts, what it does not, and the parking need."""

    use: str | None
    gfa_m2: int
    far_m2: int
    stalls: float
    parking_m2: float

    @property
    def not_far_m2(self) -> int:
        """GFA that FAR does not count."""
        return self.gfa_m2 - self.far_m2

    @property
    def left_m2(self) -> float:
        """What parking leaves of it for plant rooms and the like; negative where it lacks."""
        return self.not_far_m2 - self.parking_m2

    @property
    def holding_far_ratio(self) -> float:
        """FAR ratio at which GFA as it is would hold exactly the parking need of today."""
        return 1.0 if self.gfa_m2 == 0 else 1 - self.parking_m2 / self.gfa_m2


@dataclass(frozen=True, eq=False)
class Composition:
    """Make-up of the GFA of n parcels, k uses.

    Parameters
    ----------
    gfa_m2, far_m2 : ndarray of int, shape (n, k)
        GFA, and the whole m² of it that FAR counts.
    use_stalls : ndarray of float, shape (n, k)
        Stalls that each use asks for, before rounding.
    stalls, parking_m2, parking_above_m2 : ndarray of int, shape (n,)
        Stalls rounded up on each parcel, the floor area they take, the part above ground.
    stall_m2 : float
        Floor area of a stall with its share of aisles and ramps.
    """

    gfa_m2: Integers
    far_m2: Integers
    use_stalls: Floats
    stalls: Integers
    parking_m2: Integers
    parking_above_m2: Integers
    stall_m2: float

    @cached_property
    def not_far_m2(self) -> Integers:
        """GFA that FAR does not count, shape (n,)."""
        sums_m2: Integers = (self.gfa_m2 - self.far_m2).sum(axis=1)
        return sums_m2

    @cached_property
    def below_m2(self) -> Integers:
        """Floor area below ground, shape (n,)."""
        below_m2: Integers = self.not_far_m2 - self.parking_above_m2
        return below_m2

    @cached_property
    def parking_below_m2(self) -> Integers:
        """Parking that finds room below ground, shape (n,)."""
        held_m2: Integers = np.minimum(self.parking_m2 - self.parking_above_m2, self.below_m2)
        return held_m2

    @cached_property
    def short_m2(self) -> Integers:
        """Parking need beyond what FAR does not count, shape (n,)."""
        short_m2: Integers = np.maximum(self.parking_m2 - self.not_far_m2, 0)
        return short_m2

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """One part for each use."""
        return tuple(
            Part(
                use,
                gfa_m2=int(self.gfa_m2[:, i].sum()),
                far_m2=int(self.far_m2[:, i].sum()),
                stalls=float(self.use_stalls[:, i].sum()),
                parking_m2=float(self.use_stalls[:, i].sum()) * self.stall_m2,
            )
            for i, use in enumerate(USES)
        )

    @cached_property
    def whole(self) -> Part:
        """All uses together, with stalls rounded up on each parcel."""
        return Part(
            None,
            gfa_m2=int(self.gfa_m2.sum()),
            far_m2=int(self.far_m2.sum()),
            stalls=float(self.stalls.sum()),
            parking_m2=float(self.parking_m2.sum()),
        )

    @property
    def summary(self) -> Text:
        """Whether the parking need fits into the GFA that FAR does not count, in one sentence."""
        whole = self.whole
        if whole.left_m2 >= 0:
            return sentence(
                "The parking need, {stalls:,.0f} stalls on {parking:,.0f} m², fits into the "
                "{room:,} m² of GFA that FAR does not count ({share:.0f} % of GFA). {left:,.0f} m² "
                "of it are left for plant rooms and other basements.",
                stalls=whole.stalls,
                parking=whole.parking_m2,
                room=whole.not_far_m2,
                share=whole.not_far_m2 / max(whole.gfa_m2, 1) * 100,
                left=whole.left_m2,
            )
        return sentence(
            "The parking need, {stalls:,.0f} stalls on {parking:,.0f} m², does not fit into the "
            "{room:,} m² of GFA that FAR does not count: {short:,.0f} m² are missing. A smaller "
            "part of GFA that FAR counts ({ratio:.2f} over all uses) would hold it.",
            stalls=whole.stalls,
            parking=whole.parking_m2,
            room=whole.not_far_m2,
            short=-whole.left_m2,
            ratio=whole.holding_far_ratio,
        )


def compose(
    gfa_m2: Integers, *, ledger: Ledger, most_above_m2: Floats | None = None
) -> Composition:
    """Return how the GFA is made up.

    Parameters
    ----------
    gfa_m2 : ndarray of int, shape (n, k)
    ledger : Ledger
        FAR ratios and parking factors.
    most_above_m2 : ndarray, shape (n,), optional
        Floor area that may stand above ground; what parking exceeds of it goes below.
    """
    far_ratio = np.array(ledger.by_use("far_ratio"))
    far_area_m2 = gfa_m2 * far_ratio
    far_m2 = np.floor(far_area_m2 + 1e-9).astype(np.int64)
    # A parcel that holds anything shows at least 1 m² above ground.
    bare = np.flatnonzero((far_m2.sum(axis=1) == 0) & (gfa_m2.sum(axis=1) > 0))
    far_m2[bare, gfa_m2[bare].argmax(axis=1)] = 1
    stall_m2 = ledger.value("parking_stall_m2")
    use_stalls = gfa_m2 * stalls_per_m2(ledger)
    stalls = np.ceil(use_stalls.sum(axis=1) - 1e-9).astype(np.int64)
    parking_m2 = np.ceil(stalls * stall_m2 - 1e-9).astype(np.int64)
    above_ratio = 1 - ledger.value("underground_share.parking")
    room_m2 = np.maximum((gfa_m2 - far_m2).sum(axis=1), 0).astype(np.float64)
    if most_above_m2 is not None:
        room_m2 = np.clip(most_above_m2 - far_m2.sum(axis=1), 0, room_m2)
    return Composition(
        gfa_m2=gfa_m2,
        far_m2=far_m2,
        use_stalls=use_stalls,
        stalls=stalls,
        parking_m2=parking_m2,
        parking_above_m2=np.floor(np.minimum(parking_m2 * above_ratio, room_m2)).astype(np.int64),
        stall_m2=stall_m2,
    )


def stalls_per_m2(ledger: Ledger) -> Floats:
    """Return the stalls that one m² of GFA of each use asks for, shape (k,)."""
    asked: Floats = 1 / np.array(ledger.by_use("parking_m2_per_stall"))
    housing = use_index("housing")
    asked[housing] = ledger.value("far_ratio.housing") * max(
        ledger.value("exclusive_share.housing") * asked[housing],
        ledger.value("stalls_per_household.housing") / ledger.value("m2_per_household.housing"),
    )
    return asked


def check_parking(composition: Composition, *, ids: tuple[str, ...]) -> list[Issue]:
    """Return the parcels whose parking need does not fit into what FAR does not count."""
    rows = np.flatnonzero(composition.short_m2 > 0)
    if len(rows) == 0:
        return []
    details = {
        "parking": f"{int(composition.parking_m2[rows].sum()):,} m²",
        "room": f"{int(composition.not_far_m2[rows].sum()):,} m²",
        "short": f"{int(composition.short_m2[rows].sum()):,} m²",
    }
    return [Issue("parking_short", tuple(ids[row] for row in rows.tolist()), details)]
