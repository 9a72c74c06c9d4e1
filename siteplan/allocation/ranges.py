"""The range that each total may take, in closed form from the subset capacities.

Totals that fit the parcels form a polymatroid (see `feasibility`). A box of totals cuts it to
another one and fixing one total leaves a third, so ranks give every range without an LP
(Fujishige, *Submodular Functions and Optimization*, 2005, chapter 3).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from siteplan.allocation.arrays import (
    TOLERANCE,
    FloatArray,
    bounds,
    check_order,
    check_uses,
    number,
    positive,
    vector,
)
from siteplan.allocation.feasibility import (
    bound_clash,
    free_sums,
    subset_totals,
    without_lower,
)

ROUNDING = 1e-13
"""Relative difference below which sums of the same amounts in another order are equal."""


def feasible_ranges(
    capacity_m2: npt.ArrayLike,
    upper_m2: npt.ArrayLike | None,
    low_total_m2: npt.ArrayLike,
    high_total_m2: npt.ArrayLike,
    *,
    lower_m2: npt.ArrayLike | None = None,
    weight: npt.ArrayLike | None = None,
    total: float | None = None,
) -> FloatArray:
    """Least and most that each total may take while all the others can still follow.

    Least and most of ``t_k = sum_i y_ik`` with ``low_k <= t_k <= high_k``, ``sum_k y_ik <= F_i``,
    ``l_ik <= y_ik <= u_ik`` and, if `total` is given, ``sum_k weight_k * t_k == total``. Exact to
    float rounding: the totals form a polymatroid (Edmonds 1970), whose sections and boxes have
    closed-form ranks (Fujishige 2005, chapter 3), so no LP is solved. Limits are judged with
    a relative tolerance of 1e-9.

    Parameters
    ----------
    capacity_m2 : array_like, shape (n,)
        FAR area of each parcel.
    upper_m2 : array_like, shape (n, k), or None
        Most of each use on each parcel.
    low_total_m2, high_total_m2 : array_like, shape (k,)
        Box of the totals; +inf is allowed in the second.
    lower_m2 : array_like, shape (n, k), optional
        Least of each use on each parcel.
    weight : array_like, shape (k,), optional
        Positive weights of the grand total, one by default. With FAR areas and
        ``weight = 1 / far_ratio`` the grand total is GFA.
    total : float, optional
        Grand total that must be met exactly.

    Returns
    -------
    numpy.ndarray, shape (k, 2)
        Least and most per use; all NaN where nothing is feasible.

    Raises
    ------
    ValueError
        For wrong shapes, NaN, negative numbers or a weight that is not positive.
    """
    capacity = vector(capacity_m2, name="capacity_m2")
    low = vector(low_total_m2, name="low_total_m2")
    check_uses(low.size, name="low_total_m2")
    high = vector(high_total_m2, name="high_total_m2", size=low.size, infinite=True)
    check_order(low, high, names=("low_total_m2", "high_total_m2"))
    upper, lower = bounds(upper_m2, lower_m2, rows=capacity.size, uses=low.size)
    weights = np.ones(low.size)
    if weight is not None:
        weights = positive(vector(weight, name="weight", size=low.size), name="weight")
    total = None if total is None else number(total, name="total")
    nothing = np.full((low.size, 2), np.nan)
    if bound_clash(capacity, upper, lower) is not None:
        return nothing
    free, room, base = without_lower(capacity, upper, lower, uses=low.size)
    sums = free_sums(free, room, uses=low.size)
    ranges = total_ranges(
        (sums + subset_totals(base)).tolist(),
        low=np.maximum(low, base).tolist(),
        high=high.tolist(),
        weight=weights.tolist(),
        total=total,
    )
    return nothing if ranges is None else np.array(ranges)


def total_ranges(
    sums: list[float],
    *,
    low: list[float],
    high: list[float],
    weight: list[float],
    total: float | None,
) -> list[tuple[float, float]] | None:
    """Ranges of the totals from the subset capacities alone.

    Parameters
    ----------
    sums : list of float, length 2**k
        Subset capacities.
    low, high, weight : list of float, length k
        Box and weights.
    total : float or None
        Weighted grand total.

    Returns
    -------
    list of (least, most), or None where nothing is feasible
    """
    uses = len(low)
    slack = TOLERANCE * max(sums[-1], sum(low))
    if any(lo > hi + slack for lo, hi in zip(low, high, strict=True)):
        return None
    rank = _box_rank(sums, low=low, high=high)
    if min(rank) < -slack:
        return None
    rank = [max(value, 0.0) for value in rank]
    if total is None:
        return [(low[use], low[use] + rank[1 << use]) for use in range(uses)]
    spare = total - sum(w * lo for w, lo in zip(weight, low, strict=True))
    ranges = []
    for use in range(uses):
        found = _section_range(rank, use=use, weight=weight, spare=spare, slack=slack)
        if found is None:
            return None
        ranges.append((low[use] + found[0], low[use] + found[1]))
    return ranges


def _box_rank(sums: list[float], *, low: list[float], high: list[float]) -> list[float]:
    """Rank function of the amounts above `low` that stay below `high`: a min over sets each way."""
    uses = len(low)
    rank = list(sums)
    width = [0.0] * len(sums)
    for mask in range(1, len(sums)):
        use = mask.bit_length() - 1
        rest = mask ^ (1 << use)
        width[mask] = width[rest] + max(min(high[use], sums[1 << use]) - low[use], 0.0)
    held = [0.0] * len(sums)
    for mask in range(1, len(sums)):
        use = mask.bit_length() - 1
        held[mask] = held[mask ^ (1 << use)] + low[use]
        rank[mask] = sums[mask] - held[mask]
    for use in range(uses):  # least over the sets that contain this one
        bit = 1 << use
        for mask in range(len(sums)):
            if not mask & bit:
                rank[mask] = min(rank[mask], rank[mask | bit])
    gain = [value - wide for value, wide in zip(rank, width, strict=True)]
    for use in range(uses):  # least over its subsets, the rest of it at full width
        bit = 1 << use
        for mask in range(len(sums)):
            if mask & bit:
                gain[mask] = min(gain[mask], gain[mask ^ bit])
    return [value + wide for value, wide in zip(gain, width, strict=True)]


def _section_range(
    rank: list[float], *, use: int, weight: list[float], spare: float, slack: float
) -> tuple[float, float] | None:
    """Least and most of one use above its low, with the weighted sum of all equal to `spare`.

    With this use at `a`, the rest form a polymatroid of rank ``min(g(S), g(S + use) - a)``, so
    the heaviest weighted sum is concave in `a` with one corner per set of the greedy order.
    """
    bit = 1 << use
    order = sorted((j for j in range(len(weight)) if j != use), key=lambda j: -weight[j])
    drops, mask = [], 0
    for place, j in enumerate(order):
        mask |= 1 << j
        after = weight[order[place + 1]] if place + 1 < len(order) else 0.0
        drops.append((weight[j] - after, rank[mask], rank[mask | bit]))

    def heaviest(a: float) -> float:
        return weight[use] * a + sum(d * min(alone, both - a) for d, alone, both in drops)

    most = min(rank[bit], spare / weight[use])
    noise = slack * max(weight)
    if spare < -noise:
        return None
    most = max(most, 0.0)
    corners = sorted({0.0, most, *(c for _, g, b in drops if 0.0 < (c := b - g) < most)})
    value = [heaviest(a) for a in corners]
    peak = max(range(len(corners)), key=value.__getitem__)
    if value[peak] < spare - noise:
        return None
    # Where all room is asked for, the peak is a plateau, and equal corners differ by rounding.
    spare = min(spare, value[peak])
    equal = ROUNDING * (abs(spare) + slack)
    left, right = corners[peak], corners[peak]
    for i in range(peak, 0, -1):
        left = _reach(corners[i], corners[i - 1], value[i], value[i - 1], spare, equal)
        if left != corners[i - 1]:
            break
    for i in range(peak, len(corners) - 1):
        right = _reach(corners[i], corners[i + 1], value[i], value[i + 1], spare, equal)
        if right != corners[i + 1]:
            break
    return left, right


def _reach(
    inside: float, outside: float, high: float, low: float, level: float, equal: float
) -> float:
    """Go from `inside` towards `outside` as far as the straight line stays at `level`."""
    if low >= level - equal:
        return outside
    return inside + (outside - inside) * max(high - level, 0.0) / (high - low)
