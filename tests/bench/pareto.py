"""A Pareto front of 21 points against 21 direct runs of HiGHS, and plans near the last one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteplan.allocation import allocate
from siteplan.allocation.change import allocate_near
from siteplan.allocation.pareto import pareto_front
from siteplan.allocation.variety import alternatives
from tests.bench.figures import Figure, timed
from tests.bench.instances import FAMILIES, Instance, instance

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

PART = "Pareto front, near plans, alternatives"
POINTS = 21
USES = 4
SIZES = (50, 2_000)
ALTERNATIVE_SIZES = (150, 2_000)


def problem(size: int, *, seed: int = 3) -> Instance:
    """Make the problem of a size: random scores, 30 % of the room free."""
    family = next(f for f in FAMILIES if f.scores == "random" and f.slack == 0.3)
    return instance(size, family, uses=USES, seed=seed)


def pareto_figures(*, runs: int) -> list[Figure]:
    """Time each size."""
    figures = [figure for size in SIZES for figure in _front(size, runs=runs)]
    figures += [figure for size in SIZES for figure in _near(size, runs=runs)]
    return figures + [figure for size in ALTERNATIVE_SIZES for figure in _apart(size, runs=runs)]


def highs_point(
    capacity_m2: Floats,
    first: Floats,
    second: Floats,
    target_m2: Floats,
    *,
    floor: float,
    solver: str,
) -> tuple[bool, float]:
    """Solve one epsilon-constraint LP by HiGHS; return whether it ended, and the best second."""
    import highspy

    row, use = np.nonzero(first > -np.inf)
    unit, parcels = float(capacity_m2.max()), capacity_m2.size
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = row.size, parcels + USES + 1
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = second[row, use]
    lp.col_lower_, lp.col_upper_ = np.zeros(row.size), np.full(row.size, np.inf)
    lp.row_lower_ = np.concatenate([np.full(parcels, -np.inf), target_m2 / unit, [floor / unit]])
    lp.row_upper_ = np.concatenate([capacity_m2 / unit, target_m2 / unit, [np.inf]])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.arange(row.size + 1) * 3
    places = [row, parcels + use, np.full(row.size, parcels + USES)]
    lp.a_matrix_.index_ = np.stack(places, axis=1).ravel()
    ones = np.ones(row.size)
    lp.a_matrix_.value_ = np.stack([ones, ones, first[row, use]], axis=1).ravel()
    model = highspy.Highs()
    for name, setting in (("output_flag", False), ("threads", 1), ("solver", solver)):
        model.setOptionValue(name, setting)
    model.passModel(lp)
    model.run()
    ended = model.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return ended, float(model.getInfo().objective_function_value) * unit


def _front(size: int, *, runs: int) -> list[Figure]:
    import highspy  # noqa: F401 - loaded once, before any clock runs

    given = problem(size)
    capacity_m2, first, target_m2 = given.capacity_m2, given.score, given.target_m2
    second = np.where(first > -np.inf, problem(size, seed=4).score.clip(min=0.0), -np.inf)
    front = pareto_front(capacity_m2, first, second, target_m2, points=POINTS)
    taken: dict[str, list[float]] = {"front": [], "simplex": [], "ipm": []}
    off = {"simplex": 0.0, "ipm": 0.0}
    ends = {"simplex": 0, "ipm": 0}

    def directly(solver: str) -> None:
        off[solver], ends[solver] = 0.0, 0
        for point in front.points:
            ended, best = highs_point(
                capacity_m2, first, second, target_m2, floor=point.first, solver=solver
            )
            if ended:
                ends[solver] += 1
                off[solver] = max(off[solver], abs(best - point.second) / abs(point.second))

    for turn in range(runs):
        taken["front"].append(
            timed(lambda: pareto_front(capacity_m2, first, second, target_m2, points=POINTS))
        )
        if turn < max(1, runs // 3):  # 21 LPs a time: a few say enough
            taken["simplex"].append(timed(lambda: directly("simplex")))
            taken["ipm"].append(timed(lambda: directly("ipm")))
    base = float(np.median(taken["front"]))
    note = f"{front.status}, largest gap {front.gap:.0e}"
    figures = [
        Figure(PART, f"pareto_front, {POINTS} points", size, tuple(taken["front"]), note=note)
    ]
    for solver, name in (("simplex", "HiGHS simplex"), ("ipm", "HiGHS interior point")):
        figures.append(
            Figure(
                PART,
                f"{name}, {POINTS} runs",
                size,
                tuple(taken[solver]),
                base="pareto_front",
                ratio=float(np.median(taken[solver])) / base,
                note=f"{ends[solver]} ended, differ by at most {off[solver]:.0e}",
            )
        )
    return figures


def _near(size: int, *, runs: int) -> list[Figure]:
    """Time a small move of the totals and the scores, with and without a price on change."""
    given = problem(size)
    capacity_m2, score, target_m2 = given.capacity_m2, given.score, given.target_m2
    before = allocate(capacity_m2, score, target_m2).area_m2
    random = np.random.default_rng(5)
    moved = 0.95 * score + 0.05 * random.random(score.shape)
    totals = target_m2 * np.array([0.98, 1.02, 1.01, 0.99])
    share = capacity_m2[:, None] * random.uniform(0.5, 1.0, score.shape)
    free, near = [], []
    free_capped, near_capped = [], []
    for _ in range(runs):
        free.append(timed(lambda: allocate(capacity_m2, moved, totals)))
        near.append(timed(lambda: allocate_near(capacity_m2, moved, totals, before, price=0.05)))
        free_capped.append(timed(lambda: allocate(capacity_m2, moved, totals, share)))
        near_capped.append(
            timed(
                lambda: allocate_near(
                    capacity_m2, moved, totals, before, price=0.05, upper_m2=share
                )
            )
        )
    plan = allocate_near(capacity_m2, moved, totals, before, price=0.05)
    note = f"{plan.change.parcels.size} parcels change"
    base = float(np.median(free))
    capped = float(np.median(free_capped))
    return [
        Figure(PART, "allocate", size, tuple(free)),
        Figure(
            PART, "allocate_near", size, tuple(near), "allocate", np.median(near) / base, note=note
        ),
        Figure(PART, "allocate, upper bounds", size, tuple(free_capped)),
        Figure(
            PART,
            "allocate_near, upper bounds",
            size,
            tuple(near_capped),
            "allocate, upper bounds",
            np.median(near_capped) / capped,
        ),
    ]


def _apart(size: int, *, runs: int) -> list[Figure]:
    """Time three alternatives within 2 % of the best."""
    given = problem(size)
    taken: dict[str, list[float]] = {"allocate": [], "alternatives": []}
    found = alternatives(given.capacity_m2, given.score, given.target_m2)
    for _ in range(runs):
        for name, work in (("allocate", allocate), ("alternatives", alternatives)):
            taken[name].append(
                timed(lambda work=work: work(given.capacity_m2, given.score, given.target_m2))  # type: ignore[misc]
            )
    differ = f"least difference {found.least_ratio:.3f}, bound {found.bound_ratio:.3f}"
    base = float(np.median(taken["allocate"]))
    return [
        Figure(PART, "allocate", size, tuple(taken["allocate"])),
        Figure(
            PART,
            "three alternatives",
            size,
            tuple(taken["alternatives"]),
            "allocate",
            float(np.median(taken["alternatives"])) / base,
            note=differ,
        ),
    ]
