"""What capacity and totals are worth, with the range over which each price holds.

``V(F, T) = max { sum s_ik y_ik : sum_i y_ik = T_k, sum_k y_ik <= F_i, l <= y <= u }`` is concave
and piecewise linear. Its slopes to both sides are read off the best chains of exchanges
(`siteplan.allocation.chains`): with g_ab the gain of the best chain from use a to use b, and 0
for the empty room,

- one m² more of a total:      g_0k        one m² less: costs -g_k0
- one m² more on parcel i:     max(0, max_k s_ik + g_k0)
- one m² less on parcel i:     costs min over what stands there of s_ik - g_0k
- one m² from use a to use b:  g_ab
- one m² of k put on parcel i: max over what can leave there (b) of s_ik - s_ib + g_kb

Where the two sides differ, the dual price is not unique: the slopes are the ends of its interval,
and no single figure would be true. Following the best chain until it is used up, again and again,
gives the curve beyond (successive shortest paths; Busacker and Gowen 1960).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from siteplan.allocation.arrays import FloatArray
from siteplan.allocation.chains import (
    Chains,
    Direction,
    Exchange,
    Holding,
    cells,
    chains,
    reach,
)
from siteplan.allocation.passes import dot
from siteplan.allocation.solve import allocate

MOST_STEPS = 2000
"""Chains followed in one curve; a longer one ends there, short of what was asked."""


@dataclass(frozen=True, eq=False)
class Worth:
    """Slopes of the best value at a solved allocation.

    Attributes
    ----------
    more, less : numpy.ndarray, shape (n,)
        Gain of one m² more capacity on a parcel, and loss of one m² less; infinite where the
        totals would no longer fit, NaN on parcels without capacity.
    total_more, total_less : numpy.ndarray, shape (k,)
        Change of the objective by one m² more of a total (-inf where it does not fit), and its
        loss by one m² less (+inf where there is none to lose).
    exchange : numpy.ndarray, shape (k, k)
        Change of the objective when one m² of the row's use becomes one of the column's.
    """

    more: FloatArray
    less: FloatArray
    total_more: FloatArray
    total_less: FloatArray
    exchange: FloatArray


def worth(held: Holding, *, found: Chains | None = None) -> Worth:
    """Return what every parcel's capacity and every total is worth at the margin.

    Parameters
    ----------
    held : Holding
        A solved allocation: no chain of exchanges closes with a gain.
    found : Chains, optional
        Its chains, where they are known.

    Returns
    -------
    Worth
        Both sides of each slope: the interval of the dual price.
    """
    found = chains(held) if found is None else found
    uses = held.score.shape[1]
    gain = found.gain
    to_room, from_room = gain[:uses, uses], gain[uses, :uses]
    # Adding and subtracting infinities of cells that are out anyway.
    with np.errstate(invalid="ignore"):
        come = np.where(found.takes[:, :uses], held.score + to_room, -np.inf)
        gone = np.where(found.gives[:, :uses], held.score - from_room, np.inf)
    more = np.maximum(come.max(axis=1, initial=-np.inf), 0.0)
    less = np.where(found.gives[:, uses], 0.0, gone.min(axis=1, initial=np.inf))
    empty = held.capacity <= held.noise
    return Worth(
        np.where(empty, np.nan, more),
        # A slack parcel loses nothing; noise must not turn a slope the wrong way round.
        np.where(empty, np.nan, np.maximum(less, more)),
        from_room.copy(),
        np.maximum(-to_room, from_room),
        gain[:uses, :uses].copy(),
    )


def placing_gains(held: Holding, row: int, *, found: Chains) -> FloatArray:
    """Return what one m² of each use, put on a parcel, would change.

    ``max over b that can leave of s_ik - s_ib + g_kb``: at most 0 for what may stand there
    already, and above 0 for a cell that is held at its upper bound although it would pay.
    Scores must be finite for the uses asked about.

    Parameters
    ----------
    held : Holding
    row : int
        The parcel.
    found : Chains

    Returns
    -------
    numpy.ndarray, shape (k,)
        -inf where nothing on the parcel can give way.
    """
    uses = held.score.shape[1]
    value = np.append(held.score[row], 0.0)
    gains = np.full(uses, -np.inf)
    for use in range(uses):
        for gone in np.flatnonzero(found.gives[row]).tolist():
            gains[use] = max(gains[use], value[use] - value[gone] + found.gain[use, gone])
    return gains


@dataclass(frozen=True, eq=False)
class Curve:
    """The best value as something changes by more and more.

    Attributes
    ----------
    length_m2 : tuple of float
        Length of each straight piece.
    price : tuple of float
        Change of the objective per m² on it; falling.
    steps : tuple of tuple of (Exchange, float)
        The exchanges of each piece and the m² of each.
    stopped : bool
        Whether the change ended because nothing beyond fits; a curve that is short without it
        ended after `MOST_STEPS` chains.
    """

    length_m2: tuple[float, ...]
    price: tuple[float, ...]
    steps: tuple[tuple[tuple[Exchange, float], ...], ...]
    stopped: bool

    @property
    def change_m2(self) -> float:
        """How far the curve goes."""
        return float(sum(self.length_m2))

    @property
    def gain(self) -> float:
        """Change of the objective over the whole curve."""
        return float(sum(m2 * p for m2, p in zip(self.length_m2, self.price, strict=True)))


def capacity_curve(held: Holding, row: int, change_m2: float) -> Curve:
    """Return what more or less capacity on one parcel does, to the end asked for.

    Parameters
    ----------
    held : Holding
        A solved allocation.
    row : int
        The parcel.
    change_m2 : float
        FAR area more (positive) or less (negative, at most what the parcel has).

    Returns
    -------
    Curve
        Pieces of ``V(F + d e_i) - V(F)``; those of a loss have prices below 0.

    Raises
    ------
    ValueError
        `row` is no parcel, or `change_m2` is not finite or takes more than there is.
    """
    if not 0 <= row < held.capacity.size:
        msg = f"row must be from 0 to {held.capacity.size - 1}, not {row}"
        raise ValueError(msg)
    if not -held.capacity[row] <= change_m2 < np.inf:
        msg = f"change_m2 must be finite and at least {-held.capacity[row]}, not {change_m2}"
        raise ValueError(msg)

    def more(now: Holding, found: Chains) -> Direction | None:
        uses = now.score.shape[1]
        value = np.where(now.upper[row] > now.area[row], now.score[row], -np.inf)
        gains = value + found.gain[:uses, uses]
        use = int(gains.argmax())
        if not gains[use] > now.score_noise:
            return Direction(0.0, (), ((row, 1.0),))
        chain = found.steps(use, uses)
        first = Exchange(row, uses, use)
        return Direction(
            float(gains[use]), tuple((step, 1.0) for step in (first, *chain)), ((row, 1.0),)
        )

    def less(now: Holding, found: Chains) -> Direction | None:
        uses = now.score.shape[1]
        if found.gives[row, uses]:
            return Direction(0.0, (), ((row, -1.0),))
        stands = found.gives[row, :uses]
        value = np.where(stands, now.score[row], 0.0)
        gains = np.where(stands, found.gain[uses, :uses] - value, -np.inf)
        use = int(gains.argmax())
        if gains[use] == -np.inf:
            return None
        chain = found.steps(uses, use)
        last = Exchange(row, use, uses)
        return Direction(
            float(gains[use]), tuple((step, 1.0) for step in (last, *chain)), ((row, -1.0),)
        )

    return _walk(held, more if change_m2 > 0 else less, abs(float(change_m2)))


def exchange_curve(
    held: Holding,
    *,
    gone: int,
    come: int,
    change_m2: float,
    gone_ratio: float = 1.0,
    come_ratio: float = 1.0,
) -> Curve:
    """Return what it does when the total of one use falls and that of another rises.

    Parameters
    ----------
    held : Holding
        A solved allocation.
    gone, come : int
        The use that gives and the one that takes; not the same.
    change_m2 : float
        How much; with ratios, GFA, where FAR area is ratio × GFA.
    gone_ratio, come_ratio : float
        FAR area per m² of each; the difference is taken from, or left as, empty room.

    Returns
    -------
    Curve
        ``V(T + d (come_ratio e_come - gone_ratio e_gone)) - V(T)``.

    Raises
    ------
    ValueError
        The uses are the same or do not exist.
    """
    uses = held.score.shape[1]
    if gone == come or not (0 <= gone < uses and 0 <= come < uses):
        msg = f"gone and come must be two of the uses 0 to {uses - 1}, not {gone} and {come}"
        raise ValueError(msg)
    flows = [
        (gone, come, min(gone_ratio, come_ratio)),
        (gone, uses, max(gone_ratio - come_ratio, 0.0)),
        (uses, come, max(come_ratio - gone_ratio, 0.0)),
    ]

    def swap(_: Holding, found: Chains) -> Direction | None:
        live = [(a, b, amount) for a, b, amount in flows if amount > 0.0]
        price = sum(amount * float(found.gain[a, b]) for a, b, amount in live)
        if price == -np.inf:
            return None
        steps = [(step, amount) for a, b, amount in live for step in found.steps(a, b)]
        return Direction(price, tuple(steps))

    return _walk(held, swap, float(change_m2))


def _walk(
    held: Holding, choose: Callable[[Holding, Chains], Direction | None], change_m2: float
) -> Curve:
    """Follow the best direction until it is used up, then the next, as far as asked."""
    lengths: list[float] = []
    prices: list[float] = []
    taken: list[list[tuple[Exchange, float]]] = []
    left, stopped = change_m2, False
    for _ in range(MOST_STEPS):
        if left <= 1e-12 * change_m2:
            break
        direction = choose(held, chains(held))
        length = 0.0 if direction is None else min(left, reach(held, direction))
        if direction is None or length <= 0.0:
            stopped = True
            break
        held = _moved(held, direction, length)
        left -= length
        steps = [(step, amount * length) for step, amount in direction.steps]
        if prices and abs(prices[-1] - direction.price) <= 4 * held.score_noise:
            lengths[-1] += length
            taken[-1] += steps
        else:
            lengths.append(length)
            prices.append(direction.price)
            taken.append(steps)
    return Curve(tuple(lengths), tuple(prices), tuple(tuple(t) for t in taken), stopped)


def _moved(held: Holding, direction: Direction, length: float) -> Holding:
    area, capacity = held.area.copy(), held.capacity.copy()
    net, _ = cells(direction, uses=held.score.shape[1])
    for (row, use), change in net.items():
        area[row, use] = max(area[row, use] + change * length, 0.0)
    for row, change in direction.room:
        capacity[row] = max(capacity[row] + change * length, 0.0)
    return replace(held, area=area, capacity=capacity)


def forced_loss(held: Holding, *, row: int, use: int, area_m2: float) -> float | None:
    """Return what it costs when a parcel must hold at least so much of a use, solved anew.

    ``V(l) - V(l')`` with ``l'_ik = area_m2``; the totals stay as they are in the holding.

    Parameters
    ----------
    held : Holding
        A solved allocation.
    row, use : int
        The cell.
    area_m2 : float
        FAR area that it must hold; an upper bound of the cell is lifted as far as needed.

    Returns
    -------
    float or None
        Loss of objective, 0 or more; below 0 where lifting the cell's upper bound pays. None
        where it does not fit, or the use may not stand there.
    """
    if held.score[row, use] == -np.inf:
        return None
    lower, upper = held.lower.copy(), np.minimum(held.upper, held.capacity[:, None])
    lower[row, use] = area_m2
    upper[row, use] = max(upper[row, use], area_m2)
    answer = allocate(held.capacity, held.score, held.area.sum(axis=0), upper, lower)
    if answer.status == "infeasible":
        return None
    now = dot(np.where(held.area > 0.0, held.score, 0.0), held.area)
    return now - answer.objective
