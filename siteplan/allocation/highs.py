"""The only door to the HiGHS solver; it is loaded on the first solve, not on import."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from siteplan.allocation.arrays import FloatArray, IntArray

SIMPLEX_COLUMNS = 4000
"""Above this many columns the interior point method, with crossover, is faster."""

FEASIBILITY = 1e-10
"""Absolute tolerance given to HiGHS, on numbers that are scaled to about one."""


@cache
def _silent() -> type:
    """Return the solver's class, made to say nothing on stdout from its first moment.

    HiGHS 1.16 prints its banner from the constructor, which turns callbacks on, before anyone can
    set ``output_flag``: a program that prints JSON would no longer. We use no callbacks.
    """
    import highspy

    class Silent(highspy.Highs):
        def enableCallbacks(self) -> None:  # noqa: N802 - the name of the method replaced
            self.setOptionValue("output_flag", False)  # noqa: FBT003 - HiGHS takes no name here

    return Silent


def _solver(settings: dict[str, Any]) -> Any:
    """Return a solver on one thread that says nothing and gives equal answers to equal problems."""
    solver = _silent()()
    always = {"output_flag": False, "threads": 1, "random_seed": 0}
    for name, value in (always | settings).items():
        solver.setOptionValue(name, value)
    return solver


@dataclass(frozen=True, eq=False)
class Solution:
    """Answer of a linear or integer programme.

    Attributes
    ----------
    status : str
        "optimal", "feasible" (stopped early with an answer), "infeasible" or "failed".
    columns : numpy.ndarray
        Values of the variables.
    row_prices : numpy.ndarray
        Change of the least cost per unit of each row's limit; zeros for integer programmes.
    """

    status: str
    columns: FloatArray
    row_prices: FloatArray


@dataclass(frozen=True, eq=False)
class Transport:
    """Answer of a transportation problem, in column layout.

    Attributes
    ----------
    status : str
        As in `Solution`.
    area : numpy.ndarray, shape (k, n)
        Amount of each use on each row.
    prices : numpy.ndarray, shape (k,)
        Change of the best value per unit of each total.
    total_price : float
        The same for the weighted grand total; 0 without one.
    missed : float
        Largest amount by which an elastic total was missed; 0 where totals are firm.
    """

    status: str
    area: FloatArray
    prices: FloatArray
    total_price: float
    missed: float


def minimise(
    cost: FloatArray,
    *,
    column_limits: tuple[FloatArray, FloatArray],
    row_limits: tuple[FloatArray, FloatArray],
    matrix: tuple[IntArray, IntArray, FloatArray],
    whole: bool = False,
    options: dict[str, Any] | None = None,
) -> Solution:
    """Minimise ``cost @ x`` within limits of columns and rows.

    Parameters
    ----------
    cost : numpy.ndarray, shape (c,)
        Cost of each variable.
    column_limits, row_limits : pair of numpy.ndarray
        Lower and upper limits, infinities allowed.
    matrix : start, index, value
        Coefficients by column, as compressed columns.
    whole : bool
        Whether every variable must be an integer.
    options : dict, optional
        Further HiGHS options.

    Returns
    -------
    Solution
    """
    import highspy

    problem = highspy.HighsLp()
    problem.num_col_ = cost.size
    problem.num_row_ = row_limits[0].size
    problem.col_cost_ = cost
    problem.col_lower_, problem.col_upper_ = column_limits
    problem.row_lower_, problem.row_upper_ = row_limits
    problem.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    problem.a_matrix_.start_, problem.a_matrix_.index_, problem.a_matrix_.value_ = matrix
    if whole:
        problem.integrality_ = [highspy.HighsVarType.kInteger] * cost.size
    tolerances = {
        "primal_feasibility_tolerance": FEASIBILITY,
        "dual_feasibility_tolerance": FEASIBILITY,
    }
    method = {} if whole else _method(cost.size)
    solver = _solver({**tolerances, **method, **(options or {})})
    solver.passModel(problem)
    solver.run()
    states = highspy.HighsModelStatus
    state = solver.getModelStatus()
    known = solver.getInfo().primal_solution_status == highspy.kSolutionStatusFeasible
    if state == states.kOptimal:
        status = "optimal"
    elif state in (states.kInfeasible, states.kUnboundedOrInfeasible):
        status = "infeasible"
    else:
        status = "feasible" if known else "failed"
    answer = solver.getSolution()
    columns, prices = np.array(answer.col_value), np.array(answer.row_dual)
    if columns.size != cost.size:
        columns = np.zeros(cost.size)
    if prices.size != row_limits[0].size:
        prices = np.zeros(row_limits[0].size)
    return Solution(status, columns, prices)


def _method(columns: int) -> dict[str, Any]:
    if columns <= SIMPLEX_COLUMNS:
        return {"solver": "simplex", "presolve": "off"}
    return {"solver": "ipm", "run_crossover": "on"}


def transport(  # noqa: PLR0913 - one LP, its optional parts
    capacity: FloatArray,
    value: FloatArray,
    *,
    low: FloatArray,
    high: FloatArray,
    upper: FloatArray | None = None,
    fill: npt.NDArray[np.bool_] | None = None,
    elastic: float | None = None,
    weight: FloatArray | None = None,
    total: float | None = None,
) -> Transport:
    """Solve a transportation problem: the most value with every total within low..high.

    Numbers should be scaled to about one. Cells with value -inf or no room are left out.

    Parameters
    ----------
    capacity : numpy.ndarray, shape (n,)
        Most that a row holds.
    value : numpy.ndarray, shape (k, n)
        Value of one unit; -inf where not allowed.
    low, high : numpy.ndarray, shape (k,)
        Limits of the totals.
    upper : numpy.ndarray, shape (k, n), optional
        Most of each use on each row.
    fill : numpy.ndarray of bool, shape (n,), optional
        Rows that must be full.
    elastic : float, optional
        Price of missing a total by one unit, which also keeps every price within +-`elastic`.
    weight, total : numpy.ndarray, shape (k,), and float, optional
        Weighted sum of the totals that must hold exactly.

    Returns
    -------
    Transport
    """
    uses, rows = value.shape
    allowed = value > -np.inf
    if upper is not None:
        allowed &= upper > 0.0
    row, use = np.nonzero(allowed.T)
    cells = row.size
    extra = 0 if elastic is None else 2 * uses
    entries = 2 if weight is None or total is None else 3
    index = np.empty((cells, entries), np.int64)
    index[:, 0], index[:, 1] = row, rows + use
    factor = np.ones((cells, entries))
    if weight is not None and total is not None:
        index[:, 2], factor[:, 2] = rows + uses, weight[use]
        row_low, row_high = np.append(low, total), np.append(high, total)
    else:
        row_low, row_high = low, high
    start = np.append(
        np.arange(cells + 1) * entries, cells * entries + 1 + np.arange(extra)
    ).astype(np.int64)
    tail = np.repeat(rows + np.arange(uses), 2 if extra else 0)
    least = np.full(rows, -np.inf) if fill is None else np.where(fill, capacity, -np.inf)
    found = minimise(
        np.append(-value[use, row], np.full(extra, elastic or 0.0)),
        column_limits=(
            np.zeros(cells + extra),
            np.append(
                np.full(cells, np.inf) if upper is None else upper[use, row],
                np.full(extra, np.inf),
            ),
        ),
        row_limits=(np.append(least, row_low), np.append(capacity, row_high)),
        matrix=(
            start,
            np.append(index.ravel(), tail),
            np.append(factor.ravel(), np.tile([1.0, -1.0], uses if extra else 0)),
        ),
    )
    area = np.zeros((uses, rows))
    area[use, row] = np.maximum(found.columns[:cells], 0.0)
    missed = float(found.columns[cells:].max(initial=0.0))
    prices = -found.row_prices[rows : rows + uses]
    total_price = -float(found.row_prices[-1]) if entries > 2 else 0.0
    return Transport(found.status, area, prices, total_price, missed)


@dataclass(frozen=True, eq=False)
class Mixed:
    """Answer of a mixed integer programme.

    Attributes
    ----------
    status : str
        "optimal" (within the gaps asked for), "feasible" (stopped early with an answer),
        "infeasible" (proven) or "failed" (stopped early without an answer).
    columns : numpy.ndarray
        Values of the variables; empty without an answer.
    bound : float
        The least cost that any answer can have, as far as it is proven.
    """

    status: str
    columns: FloatArray
    bound: float


def minimise_mixed(
    cost: FloatArray,
    *,
    column_limits: tuple[FloatArray, FloatArray],
    row_limits: tuple[FloatArray, FloatArray],
    matrix: tuple[IntArray, IntArray, FloatArray],
    integer: npt.NDArray[np.bool_],
    start: FloatArray | None = None,
    options: dict[str, Any] | None = None,
) -> Mixed:
    """Minimise ``cost @ x`` within limits of columns and rows, some variables whole numbers.

    Parameters
    ----------
    cost : numpy.ndarray, shape (c,)
        Cost of each variable.
    column_limits, row_limits : pair of numpy.ndarray
        Lower and upper limits; those of columns finite, so that no programme is unbounded.
    matrix : start, index, value
        Coefficients by column, as compressed columns.
    integer : numpy.ndarray of bool, shape (c,)
        Variables that must be whole.
    start : numpy.ndarray, shape (c,), optional
        An answer to start from.
    options : dict, optional
        Further HiGHS options, such as ``mip_abs_gap`` and ``time_limit``.

    Returns
    -------
    Mixed
    """
    import highspy

    problem = highspy.HighsLp()
    problem.num_col_ = cost.size
    problem.num_row_ = row_limits[0].size
    problem.col_cost_ = cost
    problem.col_lower_, problem.col_upper_ = column_limits
    problem.row_lower_, problem.row_upper_ = row_limits
    problem.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    problem.a_matrix_.start_, problem.a_matrix_.index_, problem.a_matrix_.value_ = matrix
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    problem.integrality_ = [kinds[int(whole)] for whole in integer]
    solver = _solver(options or {})
    solver.passModel(problem)
    if start is not None:
        known_answer = highspy.HighsSolution()
        known_answer.col_value = start.tolist()
        known_answer.value_valid = True
        solver.setSolution(known_answer)
    solver.run()
    states = highspy.HighsModelStatus
    state, info = solver.getModelStatus(), solver.getInfo()
    known = info.primal_solution_status == highspy.kSolutionStatusFeasible
    if state == states.kOptimal:
        status = "optimal"
    elif state in (states.kInfeasible, states.kUnboundedOrInfeasible):
        status = "infeasible"
    else:
        status = "feasible" if known else "failed"
    columns = np.array(solver.getSolution().col_value) if known else np.zeros(0)
    bound = float(info.mip_dual_bound) if integer.any() else float(info.objective_function_value)
    return Mixed(status, columns, bound)
