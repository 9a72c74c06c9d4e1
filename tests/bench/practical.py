"""Practical plans against HiGHS alone on the whole mixed integer programme, at the same gap.

Capacities are FAR times lognormal sites, floors are plates of the zone's BCR, and every tenth
use-parcel pair is not allowed. Both sides are asked for a proven gap of 0.5 %; building the model
is part of either time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from siteplan.allocation import allocate_practical
from tests.bench.figures import Figure, timed

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]

PART = "Practical plans"
USES = 4
GAP = 0.005
PATIENCE_S = 60.0
"""HiGHS is stopped here; a stopped run is marked, its time a lower bound."""

FAMILIES = ("two uses", "blocks", "shares", "clustered", "tight", "whole floors", "all rules")


@dataclass(frozen=True, eq=False)
class Case:
    """One problem with its rules."""

    capacity_m2: Floats
    score: Floats
    target_m2: Floats
    rules: dict[str, Any]


def case(family: str, size: int, *, seed: int) -> Case:
    """Return a problem of one family."""
    random = np.random.default_rng(seed)
    zone = random.choice(5, size, p=[0.2, 0.35, 0.25, 0.1, 0.1])
    far = np.array([1.5, 2.0, 2.5, 4.0, 8.0])[zone]
    bcr = np.array([0.6, 0.5, 0.5, 0.6, 0.6])[zone]
    site_m2 = random.lognormal(np.log(700.0), 0.8, size)
    capacity_m2 = np.round(far * site_m2, 1)
    score = random.random((size, USES))
    if family == "clustered":
        place, centre = random.random((size, 2)), random.random((USES, 3, 2))
        far_off = np.sqrt(((place[:, None, None] - centre) ** 2).sum(axis=-1)).min(axis=-1)
        score = np.clip(1.0 - far_off, 0.0, 1.0) + 0.03 * score
    score[random.random(score.shape) < 0.1] = -np.inf
    used = {"tight": 0.98, "whole floors": 0.65, "all rules": 0.6}.get(family, 0.6)
    target_m2 = np.floor(np.array([0.4, 0.3, 0.2, 0.1]) * used * capacity_m2.sum())
    rules: dict[str, Any] = {"max_uses": 2}
    if family in {"blocks", "clustered", "tight", "all rules"}:
        rules["min_block_m2"] = 300.0
    if family in {"shares", "all rules"}:
        rules["max_share"] = 0.7
    if family in {"whole floors", "all rules"}:
        rules["step_m2"] = np.round(bcr * site_m2, 1)
    return Case(capacity_m2, score, target_m2, rules)


class _Model:
    """Entries of a model as they are added."""

    def __init__(self) -> None:
        self.rows: list[Integers] = []
        self.columns: list[Integers] = []
        self.values: list[Floats] = []
        self.low: list[Floats] = []
        self.high: list[Floats] = []
        self.count = 0

    def constraints(self, low: Any, high: Any, count: int) -> Integers:
        self.low.append(np.broadcast_to(np.asarray(low, float), (count,)))
        self.high.append(np.broadcast_to(np.asarray(high, float), (count,)))
        self.count += count
        return np.arange(self.count - count, self.count)

    def put(self, row: Integers, column: Integers, value: Any) -> None:
        self.rows.append(row)
        self.columns.append(column)
        self.values.append(np.broadcast_to(np.asarray(value, float), row.shape))


def alone(problem: Case) -> tuple[bool, float, float]:  # noqa: PLR0915 - one model, row by row
    """Solve the whole by HiGHS; return whether it ended, its best value and its bound."""
    import highspy

    size, uses = problem.score.shape
    unit, rules = 1000.0, problem.rules
    most = np.where(
        problem.score > -np.inf, problem.capacity_m2[:, None] * rules.get("max_share", 1.0), 0.0
    )
    block = rules.get("min_block_m2", 0.0)
    row, use = np.nonzero((most > 0.0) & (most >= block))
    cells = row.size
    x, y = np.arange(cells), np.arange(cells, 2 * cells)
    high = most[row, use] / unit
    model = _Model()
    model.put(model.constraints(-np.inf, problem.capacity_m2 / unit, size)[row], x, 1.0)
    goal = problem.target_m2 / unit
    model.put(model.constraints(goal, goal, uses)[use], x, 1.0)
    below = model.constraints(-np.inf, 0.0, cells)
    model.put(below, x, 1.0)
    model.put(below, y, -high)
    if block:
        above = model.constraints(0.0, np.inf, cells)
        model.put(above, x, 1.0)
        model.put(above, y, -block / unit)
    model.put(model.constraints(-np.inf, rules["max_uses"], size)[row], y, 1.0)
    cost, upper = [problem.score[row, use], np.zeros(cells)], [high, np.ones(cells)]
    whole = [np.zeros(cells, bool), np.ones(cells, bool)]
    if "step_m2" in rules:
        step = rules["step_m2"][row] / unit
        floors, part, rest = (
            np.arange(number * cells, (number + 1) * cells) for number in (2, 3, 4)
        )
        equal = model.constraints(0.0, 0.0, cells)
        model.put(equal, x, 1.0)
        model.put(equal, floors, -step)
        model.put(equal, rest, -1.0)
        some = model.constraints(-np.inf, 0.0, cells)
        model.put(some, rest, 1.0)
        model.put(some, part, -step)
        model.put(model.constraints(-np.inf, 1.0, uses)[use], part, 1.0)
        cost += [np.zeros(cells)] * 3
        upper += [np.floor(high / step + 1e-9), np.ones(cells), step]
        whole += [np.ones(cells, bool), np.ones(cells, bool), np.zeros(cells, bool)]
    rows, columns, values = (np.concatenate(p) for p in (model.rows, model.columns, model.values))
    order = np.lexsort((rows, columns))
    total = sum(part.size for part in cost)
    lp: Any = highspy.HighsLp()
    lp.num_col_, lp.num_row_, lp.sense_ = total, model.count, highspy.ObjSense.kMaximize
    lp.col_cost_, lp.col_lower_ = np.concatenate(cost), np.zeros(total)
    lp.col_upper_ = np.concatenate(upper)
    lp.row_lower_, lp.row_upper_ = np.concatenate(model.low), np.concatenate(model.high)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.searchsorted(columns[order], np.arange(total + 1))
    lp.a_matrix_.index_, lp.a_matrix_.value_ = rows[order], values[order]
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    lp.integrality_ = [kinds[int(integer)] for integer in np.concatenate(whole)]
    solver = highspy.Highs()
    settings = {"threads": 1, "mip_rel_gap": GAP, "time_limit": PATIENCE_S}
    for name, setting in ({"output_flag": False} | settings).items():
        solver.setOptionValue(name, setting)
    solver.passModel(lp)
    solver.run()
    info = solver.getInfo()
    ended = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return ended, info.objective_function_value * unit, info.mip_dual_bound * unit


def practical_figures(*, sizes: tuple[int, ...], runs: int) -> list[Figure]:
    """Time both sides on several instances of each family, taking turns."""
    import highspy  # noqa: F401 - loaded once, before any clock runs

    figures = []
    for size in sizes:
        for family in FAMILIES:
            figures += _family_figures(family, size, runs=runs)
    return figures


def _family_figures(family: str, size: int, *, runs: int) -> list[Figure]:
    ours_s: list[float] = []
    theirs_s: list[float] = []
    gaps_pct: list[float] = []
    stopped = certified = 0
    behind_pct = -np.inf
    for seed in range(runs):
        problem = case(family, size, seed=seed)
        answers: dict[str, Any] = {}

        def own(problem: Case = problem, answers: dict[str, Any] = answers) -> None:
            answers["ours"] = allocate_practical(
                problem.capacity_m2, problem.score, problem.target_m2, **problem.rules, gap=GAP
            )

        def their(problem: Case = problem, answers: dict[str, Any] = answers) -> None:
            answers["highs"] = alone(problem)

        ours_s.append(timed(own))
        certified += answers["ours"].status == "certified"
        gaps_pct.append(100.0 * answers["ours"].gap)
        if stopped == 0 or seed < 2:  # two stopped runs say enough
            theirs_s.append(timed(their))
            ended, best, _ = answers["highs"]
            stopped += not ended
            if ended:
                lead = 100.0 * (best - answers["ours"].objective) / abs(best)
                behind_pct = max(behind_pct, lead)
    note = f"{certified} of {runs} certified, gap at most {max(gaps_pct):.2f} %"
    their_note = f"{stopped} stopped after {PATIENCE_S:.0f} s" if stopped else ""
    if np.isfinite(behind_pct):
        their_note += f"{'; ' if stopped else ''}at best {behind_pct:+.2f} % above ours"
    ratio = float(np.median(theirs_s) / np.median(ours_s))
    return [
        Figure(PART, f"allocate_practical, {family}", size, tuple(ours_s), note=note),
        Figure(
            PART,
            f"HiGHS alone, {family}",
            size,
            tuple(theirs_s),
            base="allocate_practical",
            ratio=ratio,
            note=their_note,
        ),
    ]
