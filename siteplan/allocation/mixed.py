"""The practical rules of a few parcels as a mixed integer programme, and its exact answer.

Per cell (parcel i, use k) an area x; where the rules need them a binary y (the use stands), whole
floors z, a binary q (this cell holds the use's one part floor) and the part r:

    maximise   sum s x
    subject to sum_i x_ik = R_k,  sum_k x_ik <= F_i,  sum_k y_ik <= m,
               l y <= x <= u y,   x = p z + r,  0 <= r <= p q,  sum_i q_ik <= 1

HiGHS decides the whole numbers. The areas are then set anew: floors are counted and multiplied,
and areas without floors come from an exact LP, so no tolerance of the integer solver stays in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from siteplan.allocation.arrays import FloatArray, IntArray
from siteplan.allocation.columns import NOISE, Limits
from siteplan.allocation.highs import minimise_mixed, transport
from siteplan.allocation.rows import BoolArray

STRAY = 1e-8
"""Part of all areas by which repaired totals may be off before an answer is thrown away."""

SEARCH = {
    "mip_allow_cut_separation_at_nodes": False,
    "mip_heuristic_run_root_reduced_cost": False,
    "mip_lp_age_limit": 5,
}
"""How HiGHS searches: a third less time than by its own settings on 50 parcels of whole floors."""


@dataclass(frozen=True, eq=False)
class Built:
    """Answer of `build`.

    Attributes
    ----------
    status : str
        "built", "infeasible" (proven) or "failed" (no answer in time).
    area : numpy.ndarray, shape (k, n)
        What each row holds; zeros without an answer.
    part : numpy.ndarray of int, shape (k,)
        Row that holds the part floor of each use, -1 for none.
    bound : float
        The most that the rows can earn; infinite where nothing is known.
    """

    status: str
    area: FloatArray
    part: IntArray
    bound: float


class _Programme:
    """Variables and rows as they are added; areas in units of `unit`."""

    def __init__(self) -> None:
        self.cost: list[FloatArray] = []
        self.high: list[FloatArray] = []
        self.low: list[FloatArray] = []
        self.integer: list[BoolArray] = []
        self.columns = 0
        self.rows = 0
        self.limits: list[tuple[FloatArray, FloatArray]] = []
        self.entries: list[tuple[IntArray, IntArray, FloatArray]] = []

    def variables(
        self, high: FloatArray, *, low: Any = 0.0, cost: Any = 0.0, whole: bool = False
    ) -> IntArray:
        count = high.size
        self.high.append(high)
        self.low.append(np.broadcast_to(np.asarray(low, dtype=np.float64), (count,)))
        self.cost.append(np.broadcast_to(np.asarray(cost, dtype=np.float64), (count,)))
        self.integer.append(np.full(count, whole))
        self.columns += count
        return np.arange(self.columns - count, self.columns)

    def constraints(self, low: Any, high: Any, count: int) -> IntArray:
        sides = (
            np.broadcast_to(np.asarray(side, dtype=np.float64), (count,)) for side in (low, high)
        )
        lower, upper = sides
        self.limits.append((lower, upper))
        self.rows += count
        return np.arange(self.rows - count, self.rows)

    def put(self, row: IntArray, column: IntArray, value: Any) -> None:
        amounts = np.broadcast_to(np.asarray(value, dtype=np.float64), row.shape)
        self.entries.append((row, column, amounts))

    def solve(
        self, options: dict[str, Any], start: FloatArray | None
    ) -> tuple[str, FloatArray, float]:
        row, column, value = (np.concatenate(part) for part in zip(*self.entries, strict=True))
        order = np.lexsort((row, column))
        first = np.searchsorted(column[order], np.arange(self.columns + 1)).astype(np.int64)
        found = minimise_mixed(
            np.concatenate(self.cost),
            column_limits=(np.concatenate(self.low), np.concatenate(self.high)),
            row_limits=(
                np.concatenate([low for low, _ in self.limits]),
                np.concatenate([high for _, high in self.limits]),
            ),
            matrix=(first, row[order], value[order]),
            integer=np.concatenate(self.integer),
            start=start,
            options=options,
        )
        return found.status, found.columns, -found.bound


def build(
    limits: Limits,
    worth: FloatArray,
    *,
    target: FloatArray,
    enough: float = np.inf,
    slack: float = 0.0,
    seconds: float = np.inf,
    start: tuple[FloatArray, IntArray] | None = None,
) -> Built:
    """Build rows so that their totals are met exactly and what they earn is nearly the most.

    Parameters
    ----------
    limits : Limits
        Rules of the rows, floors not yet rounded.
    worth : numpy.ndarray, shape (k, n)
        Worth of one unit.
    target : numpy.ndarray, shape (k,)
        Totals of these rows.
    enough : float
        The search stops at an answer that earns this.
    slack : float
        The search stops at an answer proven to be within this of the most.
    seconds : float
        Time limit.
    start : numpy.ndarray, shape (k, n), and numpy.ndarray of int, shape (k,), optional
        A plan to start from: areas, and the rows of the part floors.

    Returns
    -------
    Built
    """
    uses, rows = worth.shape
    nothing = np.zeros((uses, rows)), np.full(uses, -1)
    fixed = np.where(limits.locked, limits.least, 0.0)
    rest = target - fixed.sum(axis=1)
    room = limits.capacity - fixed.sum(axis=0)
    slots = limits.max_uses - limits.locked.sum(axis=0)
    free = (limits.most > 0.0) & ~limits.locked & (limits.most >= limits.least * (1.0 - NOISE))
    missing = limits.forced & ~limits.locked & ~free
    noise = NOISE * float(max(target.sum(), limits.capacity.sum()))
    if missing.any() or (slots < 0).any() or (room < -noise).any() or (rest < -noise).any():
        return Built("infeasible", *nothing, -np.inf)
    fixed_worth = float((worth * fixed).sum())
    use, row = np.nonzero(free)
    if use.size == 0:
        if (rest > noise).any():
            return Built("infeasible", *nothing, -np.inf)
        return Built("built", fixed, nothing[1], fixed_worth)
    unit = 2.0 ** np.frexp(float(limits.most[use, row].max()))[1]
    gain = max(float(np.abs(worth[use, row]).max()), 1e-300)
    programme = _Programme()
    most, least = limits.most[use, row] / unit, limits.least[use, row] / unit
    area = programme.variables(most, cost=-worth[use, row] / gain)
    capacity = programme.constraints(-np.inf, np.maximum(room, 0.0) / unit, rows)
    programme.put(capacity[row], area, 1.0)
    rest = np.maximum(rest, 0.0)
    totals = programme.constraints(rest / unit, rest / unit, uses)
    programme.put(totals[use], area, 1.0)
    stands = _standing(programme, limits, (use, row), area, most=most, least=least, slots=slots)
    step = limits.step[use, row] / unit
    floors, part = _floors(programme, use, area, stands, step=step, most=most, uses=uses)
    options: dict[str, Any] = {
        **SEARCH,
        "mip_rel_gap": 0.0,
        "mip_abs_gap": max(slack / (unit * gain), 1e-9),
    }
    if np.isfinite(enough):
        options["objective_target"] = -(enough - fixed_worth) / (unit * gain)
    if np.isfinite(seconds):
        options["time_limit"] = max(seconds, 0.01)
    values = None
    if start is not None:
        values = _started((use, row), start, unit=unit, step=step, columns=programme.columns)
    status, values, bound = programme.solve(options, values)
    bound = fixed_worth + bound * unit * gain if np.isfinite(bound) else np.inf
    if values.size == 0:
        return Built(
            status if status == "infeasible" else "failed",
            *nothing,
            -np.inf if status == "infeasible" else bound,
        )
    on = values[stands] > 0.5
    whole = np.full(use.size, -1.0)
    whole[step > 0.0] = np.rint(values[floors])
    parts = np.zeros(use.size, bool)
    parts[step > 0.0] = values[part] > 0.5
    decided = (use, row), on, whole, parts
    filled, spare = _filled(limits, worth, target=target, decided=decided, fixed=fixed)
    if filled is None:
        return Built("failed", *nothing, bound)
    return Built("built", filled, spare, bound)


def _standing(
    programme: _Programme,
    limits: Limits,
    cells: tuple[IntArray, IntArray],
    area: IntArray,
    *,
    most: FloatArray,
    least: FloatArray,
    slots: IntArray,
) -> IntArray:
    """Add the binaries that say which uses stand."""
    use, row = cells
    stands = programme.variables(
        np.ones(use.size), low=limits.forced[use, row].astype(np.float64), whole=True
    )
    below = programme.constraints(-np.inf, 0.0, use.size)
    programme.put(below, area, 1.0)
    programme.put(below, stands, -most)
    high = np.flatnonzero(least > 0.0)
    above = programme.constraints(0.0, np.inf, high.size)
    programme.put(above, area[high], 1.0)
    programme.put(above, stands[high], -least[high])
    crowded = np.bincount(row, minlength=slots.size) > slots
    places = np.flatnonzero(crowded)
    counts = programme.constraints(-np.inf, slots[places].astype(np.float64), places.size)
    number = np.full(slots.size, -1)
    number[places] = counts
    inside = crowded[row]
    programme.put(number[row[inside]], stands[inside], 1.0)
    return stands


def _floors(
    programme: _Programme,
    use: IntArray,
    area: IntArray,
    stands: IntArray,
    *,
    step: FloatArray,
    most: FloatArray,
    uses: int,
) -> tuple[IntArray, IntArray]:
    """Add whole floors and one part floor per use; return their columns."""
    cells = np.flatnonzero(step > 0.0)
    if cells.size == 0:
        return cells, cells
    one = step[cells]
    counts = np.floor(most[cells] / one + NOISE)
    floors = programme.variables(counts, whole=True)
    part = programme.variables(np.ones(cells.size), whole=True)
    rest = programme.variables(one)
    equal = programme.constraints(0.0, 0.0, cells.size)
    programme.put(equal, area[cells], 1.0)
    programme.put(equal, floors, -one)
    programme.put(equal, rest, -1.0)
    below = programme.constraints(-np.inf, 0.0, cells.size)
    programme.put(below, rest, 1.0)
    programme.put(below, part, -one)
    tower = programme.constraints(-np.inf, 0.0, cells.size)
    programme.put(tower, floors, 1.0)
    programme.put(tower, stands[cells], -counts)
    once = programme.constraints(-np.inf, 1.0, uses)
    programme.put(once[use[cells]], part, 1.0)
    return floors, part


def _started(
    cells: tuple[IntArray, IntArray],
    start: tuple[FloatArray, IntArray],
    *,
    unit: float,
    step: FloatArray,
    columns: int,
) -> FloatArray:
    """Write a plan as values of the variables, in the order in which they were added."""
    area = start[0][cells] / unit
    with_floors = np.flatnonzero(step > 0.0)
    one, held = step[with_floors], area[with_floors]
    part = start[1][cells[0][with_floors]] == cells[1][with_floors]
    floors = np.where(part, np.floor(held / one + NOISE), np.rint(held / one))
    values = np.zeros(columns)
    parts = (area, area > 0.0, floors, part, np.where(part, held - floors * one, 0.0))
    filled = np.concatenate([np.asarray(values_, dtype=np.float64) for values_ in parts])
    values[: filled.size] = filled
    return values


def _filled(
    limits: Limits,
    worth: FloatArray,
    *,
    target: FloatArray,
    decided: tuple[tuple[IntArray, IntArray], BoolArray, FloatArray, BoolArray],
    fixed: FloatArray,
) -> tuple[FloatArray | None, IntArray]:
    """Set areas by the decisions alone: floors times plates, the rest by an exact LP."""
    (use, row), on, whole, parts = decided
    uses = target.size
    area, low, high = fixed.copy(), np.zeros_like(fixed), np.zeros_like(fixed)
    counted = on & (whole >= 0.0) & ~parts
    area[use[counted], row[counted]] = whole[counted] * limits.step[use[counted], row[counted]]
    open_ = on & ~counted
    cell = use[open_], row[open_]
    low[cell], high[cell] = limits.least[cell], limits.most[cell]
    part = np.full(uses, -1)
    split = open_ & parts
    place = use[split], row[split]
    floor = whole[split] * limits.step[place]
    low[place] = np.maximum(low[place], floor)
    high[place] = np.minimum(high[place], floor + limits.step[place])
    part[use[split]] = row[split]
    area += low
    settled = ~np.isin(np.arange(area.size), np.ravel_multi_index(cell, area.shape)).reshape(
        area.shape
    )
    low, high = np.where(settled, area, low), np.where(settled, area, high)
    rest = target - area.sum(axis=1)
    room = np.maximum(limits.capacity - area.sum(axis=0), 0.0)
    scale = float(limits.capacity.max(initial=0.0)) or 1.0
    extra = high - low
    if (extra > 0.0).any() and (np.abs(rest) > 1e-15 * target).any():
        gain = max(float(np.abs(worth).max()), 1e-300)
        found = transport(
            room / scale,
            np.where(extra > 0.0, worth / gain, -np.inf),
            low=np.maximum(rest, 0.0) / scale,
            high=np.maximum(rest, 0.0) / scale,
            upper=np.maximum(extra, 0.0) / scale,
            elastic=4.0 * (uses + 1),
        )
        area += np.minimum(found.area * scale, extra)
    area = even_out(area, low=low, high=high, capacity=limits.capacity, target=target)
    off = np.abs(area.sum(axis=1) - target).max(initial=0.0)
    return (None if off > STRAY * max(float(target.max(initial=0.0)), 1e-300) else area), part


def even_out(
    area: FloatArray,
    *,
    low: FloatArray,
    high: FloatArray,
    capacity: FloatArray,
    target: FloatArray,
) -> FloatArray:
    """Put what float noise left missing into the cells with the most room for it.

    Parameters
    ----------
    area, low, high : numpy.ndarray, shape (k, n)
        Areas and what each may be.
    capacity : numpy.ndarray, shape (n,)
        Most that each row holds.
    target : numpy.ndarray, shape (k,)
        Totals.

    Returns
    -------
    numpy.ndarray, shape (k, n)
    """
    area = area.copy()
    for use in range(target.size):
        for _ in range(8):
            missing = float(target[use] - area[use].sum())
            if abs(missing) <= 1e-15 * float(target[use]):
                break
            if missing > 0.0:
                space = np.minimum(high[use] - area[use], capacity - area.sum(axis=0))
            else:
                space = area[use] - low[use]
            place = int(space.argmax())
            if space[place] <= 0.0:
                break
            area[use, place] += np.copysign(min(abs(missing), float(space[place])), missing)
    return area
