"""The door to the solver: what it may say, and where."""

from __future__ import annotations

import subprocess
import sys

SOLVE = """
import numpy as np
from siteplan.allocation.highs import minimise, minimise_mixed

matrix = (np.array([0, 1, 2]), np.array([0, 0]), np.array([1.0, 1.0]))
given = {
    "column_limits": (np.zeros(2), np.full(2, 3.0)),
    "row_limits": (np.array([4.0]), np.array([4.0])),
    "matrix": matrix,
}
cost = np.array([1.0, 2.0])
linear = minimise(cost, **given)
mixed = minimise_mixed(cost, **given, integer=np.ones(2, bool))
import sys
print(linear.columns.tolist(), mixed.columns.tolist(), file=sys.stderr)
"""


def test_a_solver_says_nothing_on_stdout_so_that_json_stays_json() -> None:
    # In a process of its own: the banner comes once a process, past Python's own stdout.
    ran = subprocess.run(
        [sys.executable, "-c", SOLVE], check=True, capture_output=True, text=True, timeout=60
    )
    assert ran.stdout == ""
    assert ran.stderr.strip() == "[3.0, 1.0] [3.0, 1.0]"
