"""The allocation against HiGHS given the same transportation problem as one LP.

``python -m tests.bench.allocation WHAT SIZE RUNS`` prints the figures of one size as JSON; each
runs in a process of its own, so that peak memory is that size's. WHAT is ``families``, ``free``,
``ranges`` or ``growth``.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from siteplan.allocation import allocate, allocate_within, feasible_ranges
from tests.bench.figures import ROOT, Figure, peak_mb, python, timed
from tests.bench.growth import write_growth
from tests.bench.instances import FAMILIES, Family, Instance, instance

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

PART = "Allocation"
PATIENCE_S = 300.0
BARE = "bare pass (score - price).max(axis=1)"
GROWTH = (100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
MIDDLE = Family("random", 0.3)


def allocation_figures(
    *, sizes: tuple[int, ...], runs: int, quick: bool, folder: Path
) -> list[Figure]:
    """Time the allocation by size, the free totals and the ranges; draw the cost as n grows."""
    figures = []
    for size in sizes:
        if size <= 100_000:
            figures += _apart("families", size, min(runs, 3) if quick else runs)
    for what in ("free", "ranges"):
        for size in sizes:
            if size <= (2_000 if what == "ranges" else 10_000):
                figures += _apart(what, size, min(runs, 5))
    most = 10_000 if quick else max(*sizes, 100_000)
    grown = [figure for n in GROWTH if n <= most for figure in _apart("growth", n, min(runs, 5))]
    write_growth(grown, path=folder / "allocation-growth.svg")
    return figures + grown


def _apart(what: str, size: int, runs: int) -> list[Figure]:
    answer = subprocess.run(
        python("-m", "tests.bench.allocation", what, str(size), str(runs)),
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    # The last line alone: HiGHS called directly prints its banner first.
    lines = json.loads(answer.stdout.splitlines()[-1])
    return [Figure(**{**found, "runs_s": tuple(found["runs_s"])}) for found in lines]


@dataclass(frozen=True, eq=False)
class FreeTotals:
    """Limits of totals whose weighted sum is fixed."""

    low_m2: Floats
    high_m2: Floats
    weight: Floats
    total: float


def model_of(case: Instance, *, free: FreeTotals | None = None) -> Any:
    """Return the problem as HiGHS takes it, areas in units of the largest capacity."""
    import highspy

    capacity_m2, score = case.capacity_m2, case.score
    parcels, uses = score.shape
    row, use = np.nonzero(score > -np.inf)
    unit = float(capacity_m2.max())
    low, high = (case.target_m2,) * 2 if free is None else (free.low_m2, free.high_m2)
    index, value = [row, parcels + use], [np.ones(row.size)] * 2
    if free is not None:
        low, high = np.append(low, free.total), np.append(high, free.total)
        index.append(np.full(row.size, parcels + uses))
        value.append(free.weight[use])
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = row.size, parcels + low.size
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = score[row, use]
    lp.col_lower_, lp.col_upper_ = np.zeros(row.size), np.full(row.size, np.inf)
    lp.row_lower_ = np.append(np.full(parcels, -np.inf), low / unit)
    lp.row_upper_ = np.append(capacity_m2, high) / unit
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.arange(row.size + 1) * len(index)
    lp.a_matrix_.index_ = np.stack(index, axis=1).ravel()
    lp.a_matrix_.value_ = np.stack(value, axis=1).ravel()
    return lp


def solver_of(lp: Any, *, solver: str, patience_s: float = PATIENCE_S) -> Any:
    """Return HiGHS with the problem loaded."""
    import highspy

    model = highspy.Highs()
    for name, setting in (
        ("output_flag", False),
        ("threads", 1),
        ("solver", solver),
        ("time_limit", patience_s),
    ):
        model.setOptionValue(name, setting)
    model.passModel(lp)
    return model


def highs(
    case: Instance,
    *,
    solver: str,
    free: FreeTotals | None = None,
    patience_s: float = PATIENCE_S,
) -> tuple[bool, float]:
    """Solve by HiGHS's simplex or interior point method; return whether it ended, and the best."""
    import highspy

    model = solver_of(model_of(case, free=free), solver=solver, patience_s=patience_s)
    model.run()
    ended = model.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return ended, float(model.getInfo().objective_function_value) * float(case.capacity_m2.max())


def against_highs(
    name: str,
    case: Instance,
    ours: Callable[[], Any],
    *,
    runs: int,
    free: FreeTotals | None = None,
) -> list[Figure]:
    """Time our way and both of HiGHS's, taking turns; the objectives must agree.

    The simplex method is stopped at three times what the interior point method took: it is then
    not the faster one, which is all that is asked.
    """
    taken: dict[str, list[float]] = {"ours": [], "ipm": [], "simplex": []}
    answers: dict[str, tuple[bool, float]] = {}
    found, waited_s = ours(), PATIENCE_S
    for _ in range(runs if case.capacity_m2.size > 1_000 else 5 * runs):
        for way, seconds in taken.items():
            if way == "ours":
                seconds.append(timed(ours))
                continue
            if way == "simplex" and seconds and not answers[way][0]:
                continue  # one stopped run says enough
            # HiGHS counts the seconds on the wall, whatever clock times it.
            patience_s = PATIENCE_S if way == "ipm" else 3.0 * waited_s + 0.1

            def solve(way: str = way, patience_s: float = patience_s) -> None:
                answers[way] = highs(case, solver=way, free=free, patience_s=patience_s)

            began = time.perf_counter()
            seconds.append(timed(solve))
            waited_s = time.perf_counter() - began if way == "ipm" else waited_s
    middle = {way: float(np.median(seconds)) for way, seconds in taken.items()}
    size = case.capacity_m2.size
    figures = [
        Figure(PART, name, size, tuple(taken["ours"]), note=f"{found.status}, gap {found.gap:.0e}")
    ]
    for way, words in (("ipm", "HiGHS interior point"), ("simplex", "HiGHS simplex")):
        ended, best = answers[way]
        off = abs(best - found.objective) / abs(found.objective)
        note = f"differs by {off:.0e}" if ended else "stopped; slower than interior point"
        if ended and middle[way] == min(middle[one] for one in answers if answers[one][0]):
            note += "; the faster"
        ratio = middle[way] / middle["ours"]
        line = Figure(PART, f"— {words}", size, tuple(taken[way]), base="ours", ratio=ratio)
        figures.append(Figure(**{**vars(line), "note": note}))
    return figures


def family_figures(size: int, *, runs: int) -> list[Figure]:
    """Time `allocate` on every family."""
    figures = []
    for family in FAMILIES:
        case = instance(size, family)
        figures += against_highs(
            f"allocate, {family.name}",
            case,
            lambda case=case: allocate(case.capacity_m2, case.score, case.target_m2),  # type: ignore[misc]
            runs=runs,
        )
    return figures


def free_figures(size: int, *, runs: int) -> list[Figure]:
    """Time `allocate_within`: totals may move by a fifth, their weighted sum may not."""
    figures = []
    weight = np.array([1.0, 1.25, 0.8, 1.0])
    for family in (MIDDLE, Family("clustered", 0.3)):
        case = instance(size, family)
        wish = case.target_m2
        free = FreeTotals(wish * 0.8, wish * 1.2, weight, float(weight @ wish))
        figures += against_highs(
            f"allocate_within, {family.name}",
            case,
            lambda case=case, free=free: allocate_within(  # type: ignore[misc]
                case.capacity_m2,
                case.score,
                free.low_m2,
                free.high_m2,
                weight=free.weight,
                total=free.total,
            ),
            runs=runs,
            free=free,
        )
    return figures


def ranges_by_lps(case: Instance, free: FreeTotals) -> Floats:
    """Least and most of each total by two LPs per use, the model built once."""
    import highspy

    use = np.nonzero(case.score > -np.inf)[1]
    every = np.arange(use.size, dtype=np.int32)
    # On small models the simplex method is faster, and goes on from the end before.
    solver = "simplex" if case.capacity_m2.size < 1_000 else "ipm"
    model = solver_of(model_of(case, free=free), solver=solver)
    ends = np.empty((case.score.shape[1], 2))
    for k in range(len(ends)):
        model.changeColsCost(use.size, every, (use == k).astype(float))
        for side, sense in enumerate((highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize)):
            model.changeObjectiveSense(sense)
            model.run()
            ends[k, side] = model.getInfo().objective_function_value
    return ends * float(case.capacity_m2.max())


def range_figures(size: int, *, runs: int) -> list[Figure]:
    """Time `feasible_ranges` and the LPs, two per use."""
    figures = []
    for uses in (4, 8):
        case = instance(size, MIDDLE, uses=uses)
        capacity_m2, allowed = case.capacity_m2, case.score > -np.inf
        upper_m2 = np.where(allowed, capacity_m2[:, None], 0.0)
        low, high = 0.5 * case.target_m2, 1.4 * case.target_m2
        total = float(case.target_m2.sum())
        free = FreeTotals(low, high, np.ones(uses), total)
        found: dict[str, Floats] = {}

        def ours(
            room: tuple[Floats, Floats] = (capacity_m2, upper_m2),
            free: FreeTotals = free,
            found: dict[str, Floats] = found,
        ) -> None:
            found["ours"] = feasible_ranges(*room, free.low_m2, free.high_m2, total=free.total)

        def programmes(
            case: Instance = case, free: FreeTotals = free, found: dict[str, Floats] = found
        ) -> None:
            found["LPs"] = ranges_by_lps(case, free)

        taken: dict[str, list[float]] = {"ours": [], "LPs": []}
        for _ in range(runs):
            taken["ours"] += [timed(ours) for _ in range(5)]
            taken["LPs"].append(timed(programmes))
        off = float(np.abs(found["ours"] - found["LPs"]).max()) / total
        middle = float(np.median(taken["ours"]))
        figures += [
            Figure(PART, f"feasible_ranges, {uses} uses", size, tuple(taken["ours"])),
            Figure(
                PART,
                f"— {2 * uses} LPs by HiGHS",
                size,
                tuple(taken["LPs"]),
                base="ours",
                ratio=float(np.median(taken["LPs"])) / middle,
                note=f"differ by {off:.0e} of the total",
            ),
        ]
    return figures


def growth_figures(size: int, *, runs: int) -> list[Figure]:
    """Time `allocate` beside one bare pass over the same arrays, and measure its memory."""
    case = instance(size, MIDDLE)
    price = np.full(case.target_m2.size, 0.5)
    clear = Path("/proc/self/clear_refs")
    clear.write_text("5", encoding="ascii")  # the peak counts from here
    before_mb = peak_mb()
    found = allocate(case.capacity_m2, case.score, case.target_m2)
    more_mb = peak_mb() - before_mb
    ours: list[float] = []
    bare: list[float] = []
    for _ in range(runs):
        bare.append(timed(lambda: (case.score - price).max(axis=1)))
        ours.append(timed(lambda: allocate(case.capacity_m2, case.score, case.target_m2)))
    return [
        Figure(
            PART,
            f"growth: allocate, {MIDDLE.name}",
            size,
            tuple(ours),
            base="bare pass",
            ratio=float(np.median(ours) / np.median(bare)),
            aim=25.0 if size == GROWTH[-1] else None,
            peak_mb=more_mb,
            note=f"{found.status}, gap {found.gap:.0e}; memory beyond the inputs",
        ),
        Figure(PART, f"growth: {BARE}", size, tuple(bare)),
    ]


def main(arguments: list[str]) -> None:
    """Print one size as JSON."""
    import highspy  # noqa: F401 - loaded once, before any clock runs

    what, size, runs = arguments[0], int(arguments[1]), int(arguments[2])
    ways = {
        "families": family_figures,
        "free": free_figures,
        "ranges": range_figures,
        "growth": growth_figures,
    }
    fields = tuple(Figure.__dataclass_fields__)
    found: list[dict[str, Any]] = [
        {field: getattr(figure, field) for field in fields}
        for figure in ways[what](size, runs=runs)
    ]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
