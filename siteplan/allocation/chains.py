"""Exchanges between uses: what one square metre more, less or elsewhere does to the best value.

Floor area moves in chains. On one parcel a m² of use a gives way to a m² of use b, which changes
the objective by ``s_ib - s_ia``; on the next parcel b gives way to c, and so on. Empty room is a
further "use" with score 0, so there are k + 1 nodes, and the best direct exchange from a to b is

    w_ab = max { s_ib - s_ia : parcel i holds a above its least, and takes b below its most }.

The best chain from a to b, ``g_ab``, is a longest path over k + 1 nodes. An allocation is optimal
exactly when no cycle gains anything (Klein 1967), and then the chains are all that there is to
know about one m² more or less: they are the ends of the intervals of the dual prices, also where
those are not unique (Ahuja, Magnanti and Orlin, *Network Flows*, 1993, sections 9.3 and 9.11).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from siteplan.allocation.arrays import TOLERANCE, FloatArray, IntArray, matrix, scores, vector


@dataclass(frozen=True, eq=False)
class Holding:
    """Parcels and what stands on them, n parcels and k uses.

    Attributes
    ----------
    capacity : numpy.ndarray, shape (n,)
        FAR area that each parcel can hold.
    score : numpy.ndarray, shape (n, k)
        Value of one m²; -inf where not allowed.
    area : numpy.ndarray, shape (n, k)
        What stands there.
    upper, lower : numpy.ndarray, shape (n, k)
        Most and least of each cell; +inf where only the capacity limits.
    """

    capacity: FloatArray
    score: FloatArray
    area: FloatArray
    upper: FloatArray
    lower: FloatArray

    @property
    def noise(self) -> FloatArray:
        """Area that counts as nothing: the LP's numbers are no better, shape (n,)."""
        largest = float(self.capacity.max(initial=0.0))
        return np.asarray(TOLERANCE * np.maximum(self.capacity, 0.2 * largest))

    @property
    def score_noise(self) -> float:
        """Difference of scores that counts as none."""
        finite = np.where(self.score > -np.inf, np.abs(self.score), 0.0)
        return TOLERANCE * float(finite.max(initial=0.0))


def holding(
    capacity_m2: npt.ArrayLike,
    score: npt.ArrayLike,
    area_m2: npt.ArrayLike,
    upper_m2: npt.ArrayLike | None = None,
    lower_m2: npt.ArrayLike | None = None,
) -> Holding:
    """Check the arrays of a solved allocation.

    Parameters
    ----------
    capacity_m2, score, upper_m2, lower_m2
        As in `siteplan.allocation.allocate`.
    area_m2 : array_like, shape (n, k)
        Its answer.

    Returns
    -------
    Holding

    Raises
    ------
    ValueError
        For wrong shapes, NaN or negative amounts; the text names the argument.
    """
    capacity = vector(capacity_m2, name="capacity_m2")
    values = scores(score, name="score", rows=capacity.size)
    shape = {"rows": capacity.size, "uses": values.shape[1]}
    upper = (
        np.full(values.shape, np.inf)
        if upper_m2 is None
        else matrix(upper_m2, name="upper_m2", **shape)
    )
    lower = (
        np.zeros(values.shape) if lower_m2 is None else matrix(lower_m2, name="lower_m2", **shape)
    )
    area = matrix(area_m2, name="area_m2", **shape)
    return Holding(capacity, values, area, np.where(values > -np.inf, upper, 0.0), lower)


class Exchange(NamedTuple):
    """One step of a chain: on `row`, use `gone` gives way to `come`; k stands for empty room."""

    row: int
    gone: int
    come: int


@dataclass(frozen=True, eq=False)
class Chains:
    """The best chain between any two of k uses and the empty room, which has index k.

    Attributes
    ----------
    gain : numpy.ndarray, shape (k + 1, k + 1)
        Change of the objective by the best chain from a (one m² less) to b (one m² more);
        -inf where there is none.
    row : numpy.ndarray of int, shape (k + 1, k + 1)
        Parcel of the best direct exchange.
    via : numpy.ndarray of int, shape (k + 1, k + 1)
        First node after a on the best chain to b.
    gives, takes : numpy.ndarray of bool, shape (n, k + 1)
        Whether a parcel can do with less, and can hold more, of a use or of empty room.
    """

    gain: FloatArray
    row: IntArray
    via: IntArray
    gives: npt.NDArray[np.bool_]
    takes: npt.NDArray[np.bool_]

    def steps(self, gone: int, come: int) -> list[Exchange]:
        """Return the exchanges of the best chain; none from a use to itself."""
        steps = []
        while gone != come:
            after = int(self.via[gone, come])
            steps.append(Exchange(int(self.row[gone, after]), gone, after))
            gone = after
        return steps


def chains(held: Holding) -> Chains:
    """Return the best chains of exchanges in a holding.

    Parameters
    ----------
    held : Holding

    Returns
    -------
    Chains
        One pass over the cells for each use, then k + 1 nodes (Floyd 1962, Warshall 1962).
    """
    parcels, uses = held.score.shape
    noise = held.noise[:, None]
    slack = held.capacity - held.area.sum(axis=1)
    gives = np.column_stack([held.area - held.lower > noise, slack > noise[:, 0]])
    # Without the guard on capacity, parcels too small to matter would seem to take area.
    takes = np.column_stack([held.upper - held.area > noise, np.ones(parcels, bool)])
    takes &= held.capacity[:, None] > noise
    value = np.column_stack([held.score, np.zeros(parcels)])
    source = np.where(gives, value, np.inf)
    sink = np.where(takes, value, -np.inf)
    nodes = uses + 1
    gain = np.full((nodes, nodes), -np.inf)
    row = np.zeros((nodes, nodes), np.int64)
    via = np.tile(np.arange(nodes), (nodes, 1))
    for node in range(nodes if parcels else 0):
        change = sink - source[:, node, None]
        row[node] = change.argmax(axis=0)
        gain[node] = change[row[node], np.arange(nodes)]
    np.fill_diagonal(gain, 0.0)
    least = max(held.score_noise, 1e-300)
    for middle in range(nodes):
        through = gain[:, middle, None] + gain[None, middle]
        better = through > gain + least
        better[np.diag_indices(nodes)] = False
        gain = np.where(better, through, gain)
        via = np.where(better, via[:, middle, None], via)
    return Chains(gain, row, via, gives, takes)


@dataclass(frozen=True)
class Direction:
    """A change of everything, per m² of what is asked for.

    Attributes
    ----------
    price : float
        Change of the objective.
    steps : tuple of (Exchange, float)
        Exchanges, and how much of each.
    room : tuple of (row, float)
        Change of capacities.
    """

    price: float
    steps: tuple[tuple[Exchange, float], ...]
    room: tuple[tuple[int, float], ...] = ()


def cells(direction: Direction, *, uses: int) -> tuple[dict[tuple[int, int], float], set[int]]:
    """Return the net change of every cell that a direction touches, and its parcels.

    Parameters
    ----------
    direction : Direction
    uses : int
        Number of uses k; exchanges with empty room change one cell only.
    """
    net: dict[tuple[int, int], float] = {}
    rows = {row for row, _ in direction.room}
    for step, amount in direction.steps:
        rows.add(step.row)
        for use, sign in ((step.gone, -amount), (step.come, amount)):
            if use < uses:
                net[step.row, use] = net.get((step.row, use), 0.0) + sign
    return net, rows


def reach(held: Holding, direction: Direction) -> float:
    """Return how far a direction can be followed before a bound or a capacity stops it.

    Parameters
    ----------
    held : Holding
    direction : Direction

    Returns
    -------
    float
        Infinite where nothing stops it.
    """
    net, rows = cells(direction, uses=held.score.shape[1])
    most = np.inf
    for (row, use), change in net.items():
        if change > 0.0:
            most = min(most, (held.upper[row, use] - held.area[row, use]) / change)
        elif change < 0.0:
            most = min(most, (held.area[row, use] - held.lower[row, use]) / -change)
    grown = dict(direction.room)
    for row in rows:
        filled = sum(change for (at, _), change in net.items() if at == row) - grown.get(row, 0.0)
        if filled > 0.0:
            slack = held.capacity[row] - held.area[row].sum()
            most = min(most, slack / filled)
    return max(float(most), 0.0)
