"""The least changes that make totals fit, from the subset capacities alone.

Totals fit exactly when every set S of uses asks for no more than its parcels hold,
``d(S) <= f(S)`` (`siteplan.allocation.feasibility`). A change moves either side: a smaller total
lowers d(S) for the sets with that use, room on a parcel raises f(S) for the sets with a use that
may stand there. So with k uses each question is asked of ``2**k`` numbers, whatever the number
of parcels, and the answer is the least change after which *every* set fits, not only the worst.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from siteplan.allocation.arrays import TOLERANCE, FloatArray, check_uses, vector
from siteplan.allocation.feasibility import subset_totals
from siteplan.allocation.highs import minimise
from siteplan.allocation.ranges import total_ranges

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Wish:
    """Totals that are asked for, k uses, in FAR area.

    Attributes
    ----------
    low, high : numpy.ndarray, shape (k,)
        Least and most of each total; the same where the total is exact.
    weight : numpy.ndarray, shape (k,)
        GFA per m² of FAR area, positive.
    total : float or None
        GFA that all uses must sum to, ``sum_k weight_k t_k``.
    """

    low: FloatArray
    high: FloatArray
    weight: FloatArray
    total: float | None = None

    def __post_init__(self) -> None:
        low = vector(self.low, name="low")
        check_uses(low.size, name="low")
        high = vector(self.high, name="high", size=low.size, infinite=True)
        weight = vector(self.weight, name="weight", size=low.size)
        if not weight.min() > 0.0:
            raise ValueError("weight must be positive")
        for use in np.flatnonzero(low > high):
            msg = f"low must be at most high; at {use} it is {low[use]} above {high[use]}"
            raise ValueError(msg)
        for name, array in (("low", low), ("high", high), ("weight", weight)):
            object.__setattr__(self, name, array)

    @property
    def exact(self) -> bool:
        """Whether no total may move."""
        return bool((self.low == self.high).all())

    def without(self, use: int, gfa_m2: float) -> Wish:
        """Return the wish with less of a use: with the grand total where it is exact.

        Where the use may move, only its least falls.
        """
        low, high = self.low.copy(), self.high.copy()
        fixed = low[use] == high[use]
        less = min(gfa_m2 / self.weight[use], low[use])
        low[use] -= less
        if not fixed:
            return replace(self, low=low)
        high[use] = low[use]
        total = None if self.total is None else self.total - less * float(self.weight[use])
        return replace(self, low=low, high=high, total=total)

    def with_most(self, use: int, gfa_m2: float) -> Wish:
        """Return the wish with a higher most of a use."""
        high = self.high.copy()
        high[use] += gfa_m2 / self.weight[use]
        return replace(self, high=high)


def fits(sums: FloatArray, wish: Wish) -> bool:
    """Return whether the parcels can hold the wish.

    Parameters
    ----------
    sums : numpy.ndarray, shape (2**k,)
        Subset capacities (`siteplan.allocation.subset_capacity_m2`).
    wish : Wish

    Returns
    -------
    bool
        True exactly when ``d(S) <= f(S)`` for every set S can be met within the wish.
    """
    if wish.exact:
        asked = float(wish.weight @ wish.low)
        if wish.total is not None and abs(asked - wish.total) > TOLERANCE * max(asked, 1.0):
            return False
        slack = TOLERANCE * float(wish.low.sum())
        return bool((subset_totals(wish.low) <= sums + slack).all())
    found = total_ranges(
        sums.tolist(),
        low=wish.low.tolist(),
        high=wish.high.tolist(),
        weight=wish.weight.tolist(),
        total=wish.total,
    )
    return found is not None


def least_whole(holds: Callable[[int], bool], most: int) -> int | None:
    """Return the least whole number from 0 to `most` that holds, None where `most` does not.

    Parameters
    ----------
    holds : callable
        Once it holds it holds for every larger number.
    most : int

    Returns
    -------
    int or None
    """
    if most < 0 or not holds(most):
        return None
    low, high = -1, most
    while high - low > 1:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle
    return high


def least_cut_m2(sums: FloatArray, wish: Wish, use: int) -> int | None:
    """Return how much smaller a use must become, whole m² of GFA; the others stay.

    ``min x : d(S) - x / weight_use <= f(S) for every S with the use, and d(S) <= f(S) for the
    rest``: None where it alone cures nothing. A use that may move loses from its least.
    """
    most = int(np.ceil(wish.low[use] * wish.weight[use]))
    return least_whole(lambda x: fits(sums, wish.without(use, float(x))), most)


def least_lift_m2(sums: FloatArray, wish: Wish, use: int) -> int | None:
    """Return how much more a use must be allowed at most, whole m² of GFA; None if no cure."""
    if wish.total is None or not np.isfinite(wish.high[use]):
        return None
    most = int(np.ceil(max(wish.total - wish.high[use] * wish.weight[use], 0.0)))
    return least_whole(lambda x: fits(sums, wish.with_most(use, float(x))), most)


def least_room_m2(sums: FloatArray, wish: Wish, touched: Bools) -> int | None:
    """Return the least room to add, whole m² of FAR area, that makes the wish fit.

    ``min x : d(S) <= f(S) + x [S touched]``.

    Parameters
    ----------
    sums, wish
        As for `fits`.
    touched : numpy.ndarray of bool, shape (2**k,)
        Sets with a use that may stand in that room (`touched_sets`).

    Returns
    -------
    int or None
        None where no room of that kind is enough.
    """
    asked = float(wish.low.sum())
    if wish.total is not None:
        asked = max(asked, wish.total / float(wish.weight.min()))
    most = int(np.ceil(asked)) + 1
    return least_whole(lambda x: fits(sums + x * touched, wish), most)


def least_growth_ratio(
    sums: FloatArray, wish: Wish, grown: FloatArray, *, steps: int = 1000, most: float = 10.0
) -> float | None:
    """Return by which part the capacity of some parcels must grow, all alike.

    Parameters
    ----------
    sums, wish
        As for `fits`.
    grown : numpy.ndarray, shape (2**k,)
        Subset capacities of the parcels that grow.
    steps : int
        Steps per 1: 1000 finds the least tenth of a percent.
    most : float
        Growth beyond which nothing is offered.

    Returns
    -------
    float or None
    """
    found = least_whole(lambda x: fits(sums + x / steps * grown, wish), int(most * steps))
    return None if found is None else found / steps


def touched_sets(allowed: npt.ArrayLike) -> Bools:
    """Return which sets of uses hold one that may stand on each parcel.

    Parameters
    ----------
    allowed : array_like of bool, shape (n, k)

    Returns
    -------
    numpy.ndarray of bool, shape (n, 2**k)
    """
    allows = np.asarray(allowed, dtype=bool)
    sets = np.arange(1 << allows.shape[1])
    member = (sets[:, None] >> np.arange(allows.shape[1]) & 1).astype(bool)
    touched: Bools = (allows[:, None, :] & member[None]).any(axis=2)
    return touched


def least_change(
    sums: FloatArray, wish: Wish, *, least: npt.ArrayLike, most: npt.ArrayLike
) -> FloatArray | None:
    """Return totals near the wish that fit, with the grand total kept: the fewest m² change use.

    ``min sum_k weight_k c_k : t = b - c + a, d_t(S) <= f(S), sum_k weight_k t_k = total,
    low <= b <= high, least <= t <= most, a, c >= 0``: a linear programme of 3k columns.

    Parameters
    ----------
    sums, wish
        As for `fits`; the wish has a grand total.
    least, most : array_like, shape (k,)
        What each total may fall and rise to.

    Returns
    -------
    numpy.ndarray, shape (k,), or None
        None where nothing within the bounds fits.
    """
    if wish.total is None:
        raise ValueError("total must be given in the wish")
    uses = wish.low.size
    unit = max(float(sums[-1]), float(wish.low.sum()), 1e-300)
    low, high = wish.low / unit, np.minimum(wish.high / unit, 1e9)
    bottom, top = np.asarray(least) / unit, np.minimum(np.asarray(most) / unit, 1e9)
    sets = np.arange(1, 1 << uses)
    member = (sets[:, None] >> np.arange(uses) & 1).astype(float)
    one = np.vstack([member, wish.weight[None], np.eye(uses)])
    rows = np.hstack([one, -one, one])  # columns: b, c, a
    limits = (
        np.concatenate([np.full(sets.size, -np.inf), [wish.total / unit], bottom]),
        np.concatenate([sums[1:] / unit, [wish.total / unit], top]),
    )
    count = rows.shape[0]
    found = minimise(
        # Adding costs a trifle too, or a and c could both grow.
        np.concatenate([np.zeros(uses), wish.weight, 1e-3 * wish.weight]),
        column_limits=(
            np.concatenate([low, np.zeros(2 * uses)]),
            np.concatenate([high, np.full(2 * uses, np.inf)]),
        ),
        row_limits=limits,
        matrix=(
            np.arange(3 * uses + 1, dtype=np.int64) * count,
            np.tile(np.arange(count, dtype=np.int64), 3 * uses),
            rows.T.ravel(),
        ),
    )
    if found.status != "optimal":
        return None
    base, cut, add = found.columns.reshape(3, uses)
    return np.asarray(np.maximum((base - cut + add) * unit, 0.0))


def few_rooms(
    sums: FloatArray, wish: Wish, *, room_m2: npt.ArrayLike, touched: Bools, most: int = 4
) -> list[int] | None:
    """Return a few parcels whose room together makes the wish fit, the largest help first.

    Each step takes the parcel after which the sets are least short together; parcels that turn
    out needless are left out at the end. Few, not proven to be the fewest.

    Parameters
    ----------
    sums, wish
        As for `fits`.
    room_m2 : array_like, shape (n,)
        FAR area that each parcel would add.
    touched : numpy.ndarray of bool, shape (n, 2**k)
    most : int
        More parcels than this are not offered.

    Returns
    -------
    list of int or None
    """
    room = np.asarray(room_m2, dtype=np.float64)
    asked = subset_totals(wish.low)
    chosen: list[int] = []
    held = sums
    while not fits(held, wish):
        if len(chosen) == most:
            return None
        short = np.maximum(asked - held, 0.0)
        help_m2 = np.minimum(room[:, None] * touched, short[None]).sum(axis=1)
        help_m2[chosen] = 0.0
        best = int(help_m2.argmax()) if help_m2.size else 0
        if not help_m2.size or help_m2[best] <= 0.0:
            return None
        chosen.append(best)
        held = held + room[best] * touched[best]
    for row in list(chosen):
        rest = [other for other in chosen if other != row]
        if rest and fits(sums + sum(room[r] * touched[r] for r in rest), wish):
            chosen = rest
    return chosen
