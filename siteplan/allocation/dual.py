"""Exact prices and shares for large problems, by Lagrangian duality.

With a price p_k on each total, every parcel decides alone: it takes the uses with the largest
``score - price``, or stays empty where all are negative. The right prices minimise the convex
function ``D(p) = sum_k p_k T_k + sum_i (most that parcel i earns at p)``, and ``min D`` equals the
best value (LP duality). The search has two parts.

1. `near_prices`: Newton steps on D with the choice softened by a temperature, which falls level by
   level (Nesterov 2005 for the smoothing; Sun and Tran-Dinh 2019 for the safe step length). It
   starts on a sample and leaves out parcels whose choice is no longer in doubt.
2. `settle`: exact exchanges inside a small box around those prices (the boxstep method of Marsten,
   Hogan and Blankenship, 1975). Only parcels whose choice can change within the box enter it. A
   minimum inside the box is the global minimum, since D is convex.

Few rows are exchanged at once (`exchanged`), without a search. README.md beside this file derives
the whole method.

Rows must be in an order that does not hang on their content, so that the first are a fair sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siteplan.allocation.exchange import exchange
from siteplan.allocation.rows import ENOUGH, QUANTUM
from siteplan.allocation.totals import FixedTotals

if TYPE_CHECKING:
    from siteplan.allocation.arrays import FloatArray
    from siteplan.allocation.rows import Rows
    from siteplan.allocation.totals import Totals

COOLING = 5.0
"""Factor between the temperatures of two levels."""

SAMPLE_ROWS = 512

MERGE_ROWS = 64
"""More rows in doubt than this are merged where they tie."""

TIES_HEAT = 1.0 / 32.0
"""Temperature, on scores of about one, above which many rows in doubt are no sign of ties."""

BOX_ROWS = 48
SETTLED_ROWS = 40
NEWTON_STEPS = 12
START_HEAT = 0.05
START_STEPS = 4
MAX_BOXES = 14

CLOSE_STEPS = 2
"""Newton steps that tell whether given prices are of any use."""

WHOLE_ROWS = 20_000
"""Up to this many rows the last box may hold them all."""

MIN_LEAD = 1e-7
"""Smallest width of a box, on scores of about one."""

SURE = 8.0
"""Temperatures that prices may move in one level before rows left out are looked at again."""

FAR = 4.0
"""Times that many temperatures after which a level is done again."""

MOST_SURE = 16.0 * SURE

NO_NEARER = 0.9
"""Part of what a box missed that the next must get below."""

MISSED = 1e-10
"""Share of all demand that an exact LP may miss through rounding."""


@dataclass(frozen=True, eq=False)
class Shares:
    """What each row holds at the best prices.

    Attributes
    ----------
    area : numpy.ndarray, shape (k, n)
        Amount of each use on each row.
    prices : numpy.ndarray, shape (k,)
        Prices of the totals.
    """

    area: FloatArray
    prices: FloatArray


def dual_value(rows: Rows, *, target: FloatArray, prices: FloatArray) -> float:
    """Upper bound on the best value that any prices prove.

    Parameters
    ----------
    rows : Rows
        The parcels.
    target, prices : numpy.ndarray, shape (k,)
        Totals and their prices.

    Returns
    -------
    float
    """
    return float(prices @ target) + rows.worth(rows.choose(prices))


def near_prices(
    rows: Rows, *, totals: Totals, prices: FloatArray | None = None
) -> tuple[FloatArray, float]:
    """Find prices near the minimum of D by Newton steps at falling temperatures.

    Parameters
    ----------
    rows : Rows
        The parcels.
    totals : Totals
        Totals that are allowed.
    prices : numpy.ndarray, shape (k,), optional
        Prices of a similar problem.

    Returns
    -------
    prices : numpy.ndarray, shape (k,)
    lead : float
        Where many rows tie: a width of box that holds few kinds of rows; 0 elsewhere.
    """
    uses = rows.uses
    sample = rows.score[:, : 16 * SAMPLE_ROWS]
    top = float(sample.max())
    floor = float(np.where(sample > -np.inf, sample, top).min())
    spread = max(top - floor, abs(top) / 64.0, 1e-9)
    limit = 2.0 * (uses + 1) * max(abs(top), abs(floor), spread)
    total = float(rows.capacity.sum())
    sizes = [rows.size]
    if prices is not None and not _close(rows, totals=totals, prices=prices, heat=spread / 64.0):
        prices = None
    if prices is None:
        found, heat = np.full(uses, floor), spread / 4.0
        while sizes[0] > 2 * SAMPLE_ROWS:
            sizes.insert(0, max(sizes[0] // 16, SAMPLE_ROWS))
    else:
        found, heat = prices, spread / 64.0
    for size in sizes:
        part = rows if size == rows.size else rows.only(slice(0, size))
        whole = size == rows.size
        stop = 1e-9 * spread if whole else 0.3 * spread / size**0.5
        share = float(part.capacity.sum()) / total
        wanted = totals.scaled(share, row=float(part.capacity.mean()))
        found, heat, lead = _cool(
            part, totals=wanted, prices=found, heat=heat, stop=stop, merging=whole
        )
        found = np.clip(found, -limit, limit)
    return found, lead


def _close(rows: Rows, *, totals: Totals, prices: FloatArray, heat: float) -> bool:
    """Whether prices of a similar problem are near enough to be worth more than none."""
    sample = rows if rows.size <= 2 * SAMPLE_ROWS else rows.only(slice(0, SAMPLE_ROWS))
    share = float(sample.capacity.sum()) / float(rows.capacity.sum())
    wanted = totals.scaled(share, row=float(sample.capacity.mean()))
    moved = _newton(
        sample,
        totals=wanted,
        settled=np.zeros(rows.uses),
        prices=prices,
        level=heat,
        steps=CLOSE_STEPS,
    )
    return bool(np.abs(moved - prices).max() <= SURE * heat)


def _cool(
    rows: Rows, *, totals: Totals, prices: FloatArray, heat: float, stop: float, merging: bool
) -> tuple[FloatArray, float, float]:
    """Lower the temperature until few rows, or few kinds of rows, are in doubt."""
    settled = nothing = np.zeros(rows.uses)
    left, before, sure = rows, 4 * rows.size, SURE
    while True:
        choice = left.choose(prices)
        doubt = choice.margin <= 2.0 * sure * heat
        count = int(np.count_nonzero(doubt))
        if count <= SETTLED_ROWS or heat <= stop:
            return prices, heat, 0.0
        if count < left.size:
            settled = settled + left.totals(choice, ~doubt)
            left = left.only(doubt)
        # Where rows tie, cooling does not thin them out; while hot it has not tried to.
        if merging and heat < TIES_HEAT and count > MERGE_ROWS and 2 * count > before:
            left = left.merge(left.choose(prices), 2.0 * sure * heat)
            if left.size <= SETTLED_ROWS:
                return prices, heat, 2.0 * sure * heat * COOLING
        moved = _newton(left, totals=totals, settled=settled, prices=prices, level=heat)
        step = float(np.abs(moved - prices).max())
        if step > sure * heat:  # rows left out may matter
            left, settled = rows, nothing
            # Far off: go back, and leave out fewer.
            if step > FAR * sure * heat and count < rows.size and sure < MOST_SURE:
                sure *= 4.0
                continue
        prices, heat, before, sure = moved, max(heat / COOLING, stop), count, SURE


def _newton(
    rows: Rows,
    *,
    totals: Totals,
    settled: FloatArray,
    prices: FloatArray,
    level: float,
    steps: int = NEWTON_STEPS,
) -> FloatArray:
    """Damped Newton steps on the softened dual at one temperature."""
    for _ in range(steps):
        sums, slope = rows.soften(prices, level)
        wanted, give = totals.at(prices, level)
        target = wanted - settled
        if give is not None:
            slope = slope + give
        # A ridge in each use's own measure: a use may want a millionth of the others.
        ridge = 1e-7 * (sums + np.abs(target)) + 1e-300
        slope.flat[:: ridge.size + 1] += ridge
        step = np.linalg.solve(slope, sums - target)  # in temperatures
        width = max(float(step.max()), 0.0) - min(float(step.min()), 0.0)
        if width == 0.0:
            break
        prices = prices + step * (level * float(np.log1p(width)) / width)
        if width < 0.5:
            break
    return prices


def settle(
    rows: Rows, *, target: FloatArray, prices: FloatArray, wanted: int = BOX_ROWS, lead: float = 0.0
) -> Shares | None:
    """Go from good prices to exact ones and to the shares that prove them.

    Parameters
    ----------
    rows : Rows
        The parcels.
    target, prices : numpy.ndarray, shape (k,)
        Totals, and prices to start from.
    wanted : int
        Rows in doubt in the first box; fewer where the prices are nearly exact.
    lead : float
        Width of the first box, where more is known than a number of rows.

    Returns
    -------
    Shares or None
        None where the search gave up.
    """
    least, tied, before = MIN_LEAD, lead > 0.0, np.inf
    for _ in range(MAX_BOXES):
        choice = rows.choose(prices)
        if lead == 0.0:
            lead = max(widest(choice.margin, rows=wanted), least)
            # A box must stay small even where the prices are far off: more steps beat a huge one.
            lead = min(lead, max(widest(choice.margin, rows=8 * wanted), MIN_LEAD))
        doubt = choice.margin <= lead
        if rows.size <= WHOLE_ROWS and doubt.all():
            lead = np.inf  # nothing is left out, so nothing limits the prices
        rest = target - rows.totals(choice, ~doubt)
        found, shares = rows.share(choice, doubt, rest=rest, lead=lead)
        prices = prices + found.prices * QUANTUM
        if found.missed <= MISSED * float(target.sum()):
            area = rows.amounts(choice, ~doubt)
            area[:, doubt] = shares
            return Shares(area, prices)
        if lead == np.inf:
            break  # the whole problem was looked at: more of the same would find the same
        wanted, least, lead = 2 * wanted, 3.0 * lead, 4.0 * lead if tied else 0.0
        if found.missed > NO_NEARER * before and rows.size <= WHOLE_ROWS:
            lead = np.inf  # larger boxes come no nearer: look at the whole problem
        before = found.missed
    return None


def widest(margin: FloatArray, *, rows: int) -> float:
    """Width of the box in which about `rows` rows are in doubt.

    Parameters
    ----------
    margin : numpy.ndarray, shape (n,)
        How far each row is from changing its choice.
    rows : int
        Rows to keep in doubt.

    Returns
    -------
    float
    """
    place = min(rows, margin.size) - 1
    lead = float(np.partition(margin, place)[place])
    if not np.isfinite(lead):
        lead = float(margin[np.isfinite(margin)].max(initial=1.0))
    return lead


def exchanged(rows: Rows, *, target: FloatArray, prices: FloatArray | None) -> Shares | None:
    """Share few rows out at once, from any prices.

    Parameters
    ----------
    rows : Rows
        The parcels.
    target : numpy.ndarray, shape (k,)
        Totals.
    prices : numpy.ndarray, shape (k,), optional
        Prices to start from.

    Returns
    -------
    Shares or None
        None where the search gave up.
    """
    if prices is None:  # the nearer the prices, the fewer exchanges
        begin = _newton(
            rows,
            totals=FixedTotals(target),
            settled=np.zeros(target.size),
            prices=np.full(target.size, 0.5),
            level=START_HEAT,
            steps=START_STEPS,
        )
    else:
        begin = prices
    begin = np.clip(begin, -2.0, 2.0)
    value = np.zeros((target.size + 1, rows.size))
    value[:-1] = np.rint((rows.score - begin[:, None]) / QUANTUM)
    total = float(target.sum())
    found = exchange(rows.capacity, value, target=target, upper=rows.limits, enough=ENOUGH * total)
    if found.missed > MISSED * total:
        return None
    return Shares(found.area, begin + found.prices * QUANTUM)
