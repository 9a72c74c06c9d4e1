"""The allocation against HiGHS given the same transportation problem as one LP.

``python -m tests.bench.allocation N RUNS`` prints one size as JSON; each size runs in a process of
its own, so that peak memory is that size's.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from siteplan.allocation import allocate
from tests.bench.figures import ROOT, Figure, peak_mb, python, timed

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

PART = "Allocation"
USES = 4
PATIENCE_S = 300.0
"""HiGHS is stopped here; a stopped run is marked, its time a lower bound."""


def allocation_figures(*, sizes: tuple[int, ...], runs: int) -> list[Figure]:
    """Time `allocate` and HiGHS at each size."""
    figures = []
    for size in sizes:
        arguments = ("-m", "tests.bench.allocation", str(size), str(runs))
        answer = subprocess.run(
            python(*arguments), cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
        )
        figures += [
            Figure(**{**found, "runs_s": tuple(found["runs_s"])})
            for found in json.loads(answer.stdout)
        ]
    return figures


def problem(size: int, *, seed: int = 3) -> tuple[Floats, Floats, Floats]:
    """Return capacities (n,), scores (n, k) and totals (k,) that fill six tenths of the room.

    Scores differ from parcel to parcel; every tenth use-parcel pair is not allowed.
    """
    random = np.random.default_rng(seed)
    capacity_m2 = np.round(random.lognormal(np.log(600.0), 0.5, size), 1)
    score = random.uniform(0.0, 1.0, (size, USES))
    score[random.uniform(size=score.shape) < 0.1] = -np.inf
    shares = np.array([0.45, 0.25, 0.2, 0.1])
    return capacity_m2, score, np.floor(shares * 0.6 * capacity_m2.sum())


def highs(
    capacity_m2: Floats, score: Floats, target_m2: Floats, *, solver: str
) -> tuple[bool, float]:
    """Solve by HiGHS's simplex or interior point method; return whether it ended, and the best."""
    import highspy

    row, use = np.nonzero(score > -np.inf)
    unit = float(capacity_m2.max())
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = row.size, capacity_m2.size + USES
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = score[row, use]
    lp.col_lower_, lp.col_upper_ = np.zeros(row.size), np.full(row.size, np.inf)
    lp.row_lower_ = np.append(np.full(capacity_m2.size, -np.inf), target_m2 / unit)
    lp.row_upper_ = np.append(capacity_m2, target_m2) / unit
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.arange(row.size + 1) * 2
    lp.a_matrix_.index_ = np.stack([row, capacity_m2.size + use], axis=1).ravel()
    lp.a_matrix_.value_ = np.ones(row.size * 2)
    model = highspy.Highs()
    for name, setting in (
        ("output_flag", False),
        ("threads", 1),
        ("solver", solver),
        ("time_limit", PATIENCE_S),
    ):
        model.setOptionValue(name, setting)
    model.passModel(lp)
    model.run()
    ended = model.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return ended, float(model.getInfo().objective_function_value) * unit


def size_figures(size: int, *, runs: int) -> list[Figure]:
    """Time one size, the ways taking turns; HiGHS's answers must agree with ours."""
    import highspy  # noqa: F401 - loaded once, before any clock runs

    capacity_m2, score, target_m2 = problem(size)
    ours = allocate(capacity_m2, score, target_m2)
    own_mb = peak_mb()
    near = problem(size)[2] * np.array([0.98, 1.02, 1.01, 0.99])
    warm = allocate(capacity_m2, score, near).prices
    answers: dict[str, tuple[bool, float]] = {}

    def by(solver: str) -> Callable[[], None]:
        def solve() -> None:
            answers[solver] = highs(capacity_m2, score, target_m2, solver=solver)

        return solve

    ways: dict[str, Callable[[], object]] = {
        "allocate": lambda: allocate(capacity_m2, score, target_m2),
        "allocate, prices of a similar plan": lambda: allocate(
            capacity_m2, score, target_m2, prices=warm
        ),
        "HiGHS simplex": by("simplex"),
        "HiGHS interior point": by("ipm"),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(runs):
        for name, way in ways.items():
            slow = taken[name] and taken[name][-1] > 20.0
            if not slow:  # one run of a slow way says enough
                taken[name].append(timed(way))
    figures = []
    for name, seconds in taken.items():
        solver = {"HiGHS simplex": "simplex", "HiGHS interior point": "ipm"}.get(name)
        note, ratio = "", None
        if solver is None:
            note = f"{ours.status}, gap {ours.gap:.0e}" if name == "allocate" else ""
        else:
            ended, best = answers[solver]
            off = abs(best - ours.objective) / abs(ours.objective)
            note = f"differs by {off:.0e}" if ended else f"stopped after {PATIENCE_S:.0f} s"
            ratio = float(np.median(seconds) / np.median(taken["allocate"]))
        figures.append(
            Figure(
                PART,
                name,
                size,
                tuple(seconds),
                base="" if solver is None else "allocate",
                ratio=ratio,
                peak_mb=own_mb if name == "allocate" else None,
                note=note,
            )
        )
    return figures


def main(arguments: list[str]) -> None:
    """Print one size as JSON."""
    size, runs = (int(text) for text in arguments)
    fields = tuple(Figure.__dataclass_fields__)
    found: list[dict[str, Any]] = [
        {field: getattr(figure, field) for field in fields}
        for figure in size_figures(size, runs=runs)
    ]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
