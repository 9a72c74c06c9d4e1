"""The allocation against the field's habits at equal time: genetic algorithms and annealing.

Their gap is ``(bound - objective) / bound``, with the bound that `allocate` proves; each number is
the median of instances with seeds of their own. All clocks count CPU time.
"""

from __future__ import annotations

import math
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from siteplan.allocation import allocate
from tests.bench.figures import Figure
from tests.bench.report import duration
from tests.bench.rivals import Found, Instance, anneal, evolve, greedy, instance, worth_of

PART = "The field's habits"
SIZES = (50, 500, 2_000)
MULTIPLES = (1.0, 10.0, 100.0)
SECONDS = (1.0, 10.0)
FULL_SECONDS = (1.0, 10.0, 60.0)
QUICK_SECONDS = (1.0,)
SEEDS = (1, 2, 3)
RIVALS = ("NSGA-II", "genetic, one objective", "annealing")
FIRST = "their greedy start"


@dataclass(frozen=True, eq=False)
class Case:
    """One instance, what `allocate` proved of it, and the CPU time that it took."""

    given: Instance
    bound: float
    taken_s: tuple[float, ...]

    @property
    def usual_s(self) -> float:
        """Median of the runs."""
        return statistics.median(self.taken_s)

    def gap_pct(self, objective: float) -> float:
        """Return how far below the proven bound an objective is, in percent of the bound.

        RuntimeError where it is above: then the proof is wrong, or the plan is.
        """
        gap_pct = 100.0 * (self.bound - objective) / self.bound
        if gap_pct < -1e-7:
            raise RuntimeError(f"an objective of {objective} beats the bound {self.bound}")
        return max(gap_pct, 0.0) if math.isfinite(gap_pct) else math.nan


def solved(size: int, *, clustered: bool, seed: int, runs: int = 15) -> Case:
    """Allocate one instance, prove it, and time it."""
    given = instance(size, clustered=clustered, seed=seed)
    taken_s = []
    for _ in range(runs + 1):  # the first one loads what is loaded once
        began = time.process_time()
        ours = allocate(given.capacity_m2, given.score, given.target_m2)
        taken_s.append(time.process_time() - began)
    if ours.status != "optimal":
        raise RuntimeError(f"an instance of {size} parcels is {ours.status}")
    worth_of(ours.area_m2, given=given)
    return Case(given, ours.bound, tuple(taken_s[1:]))


def run_rival(name: str, *, given: Instance, budgets_s: Sequence[float], seed: int) -> Found:
    """Run one rival; the annealing, whose cooling depends on its budget, once for each."""
    if name == "annealing":
        each = [anneal(given, budget_s=budget_s, seed=seed) for budget_s in budgets_s]
        found = Found(tuple(one.objective[0] for one in each), each[-1].area_m2, each[-1].tried)
    else:
        kind = "nsga2" if name == "NSGA-II" else "ga"
        found = evolve(given, budgets_s=budgets_s, kind=kind, seed=seed)
    if found.area_m2 is not None:  # the same check as ours
        worth_of(found.area_m2, given=given)
    return found


def habit_figures(
    *,
    sizes: Sequence[int] = SIZES,
    seconds: Sequence[float] = SECONDS,
    seeds: Sequence[int] = SEEDS,
    folder: Path,
) -> list[Figure]:
    """Run every rival on every instance; also write ``habits.md``, the gaps as one table."""
    if find_spec("pymoo") is None:
        print("habits: skipped, pymoo is absent (pip install -e '.[bench]')", file=sys.stderr)
        return []
    figures: list[Figure] = []
    folder.mkdir(parents=True, exist_ok=True)
    lines = table_head(seconds)
    for size in sizes:
        kinds: list[dict[str, list[str]]] = []
        for clustered in (False, True):
            cases = [solved(size, clustered=clustered, seed=seed) for seed in seeds]
            found, rows = _kind_figures(cases, clustered=clustered, seeds=seeds, seconds=seconds)
            figures += found
            kinds.append(rows)
        lines += table_rows(size, kinds)
        (folder / "habits.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return figures


def _kind_figures(
    cases: Sequence[Case], *, clustered: bool, seeds: Sequence[int], seconds: Sequence[float]
) -> tuple[list[Figure], dict[str, list[str]]]:
    """Run every rival on the instances of one size and kind; return figures and table cells."""
    size, scores = cases[0].given.capacity_m2.size, "clustered" if clustered else "random"
    ours_s = tuple(taken_s for case in cases for taken_s in case.taken_s)
    usual_s = statistics.median(ours_s)
    started = [_start(case) for case in cases]
    start_s, start_pct = tuple(taken_s for taken_s, _ in started), [gap for _, gap in started]
    figures = [
        Figure(PART, f"allocate, {scores}", size, ours_s, note="optimal, proven"),
        _figure(f"{FIRST}, {scores}", size, start_s, usual_s, gaps_pct=start_pct),
    ]
    rows = {
        "`allocate`": [f"0, {duration(usual_s)}"],
        FIRST: [f"{percent(_median(start_pct))}, {duration(statistics.median(start_s))}"],
    }
    budgets = [(*(each * case.usual_s for each in MULTIPLES), *seconds) for case in cases]
    for name in RIVALS:
        print(f"  {name}, {size} parcels, {scores} scores …", file=sys.stderr, flush=True)
        found = [
            run_rival(name, given=case.given, budgets_s=each, seed=seed)
            for case, each, seed in zip(cases, budgets, seeds, strict=True)
        ]
        rate = statistics.median(one.tried for one in found) / seconds[-1]
        rows[name] = []
        for column, label in enumerate(budget_names(seconds)):
            gaps = [
                case.gap_pct(one.objective[column]) for case, one in zip(cases, found, strict=True)
            ]
            spent_s = tuple(each[column] for each in budgets)
            rows[name].append(percent(_median(gaps)))
            what = f"{name}, {label}, {scores}"
            told = rate if column == len(budgets[0]) - 1 else None
            figures.append(_figure(what, size, spent_s, usual_s, gaps_pct=gaps, rate=told))
    return figures, rows


def _start(case: Case) -> tuple[float, float]:
    """Return the greedy plan's CPU seconds and its gap in percent."""
    began = time.process_time()
    plan = greedy(case.given)
    taken_s = time.process_time() - began
    return taken_s, math.nan if plan is None else case.gap_pct(worth_of(plan, given=case.given))


def _median(gaps_pct: Sequence[float]) -> float:
    """Return the median, a run without a plan counting as the worst; NaN where that is it."""
    middle = statistics.median(math.inf if math.isnan(gap) else gap for gap in gaps_pct)
    return middle if math.isfinite(middle) else math.nan


def _figure(
    what: str,
    size: int,
    spent_s: tuple[float, ...],
    usual_s: float,
    *,
    gaps_pct: Sequence[float],
    rate: float | None = None,
) -> Figure:
    note = f"gap {percent(_median(gaps_pct))}"
    known = sorted(gap for gap in gaps_pct if math.isfinite(gap))
    if known:
        note += f" ({percent(known[0])} to {percent(known[-1])})"
    if rate is not None:
        note += f"; {rate:,.0f} tries/s"
    ratio = statistics.median(spent_s) / usual_s
    return Figure(PART, what, size, spent_s, base="allocate", ratio=ratio, note=note)


def percent(gap_pct: float) -> str:
    """Return a gap with the digits that count; a dash where there was no plan."""
    if math.isnan(gap_pct):
        return "–"
    return f"{gap_pct:.2f} %" if gap_pct >= 0.095 else f"{gap_pct:.3f} %"


def budget_names(seconds: Sequence[float]) -> list[str]:
    """Return the names of the budgets, in their order."""
    return [f"{each:g} ×" for each in MULTIPLES] + [f"{each:g} s" for each in seconds]


def table_head(seconds: Sequence[float]) -> list[str]:
    """Return the first two lines of the table."""
    heads = ["parcels", "method", *budget_names(seconds)]
    return ["| " + " | ".join(heads) + " |", "|--:|---" + "|--:" * (len(heads) - 2) + "|"]


def table_rows(size: int, kinds: Sequence[dict[str, list[str]]]) -> list[str]:
    """Return a line per method; each cell holds random scores / clustered scores."""
    lines = []
    for name in kinds[0]:
        cells = [" / ".join(both) for both in zip(*(rows[name] for rows in kinds), strict=True)]
        empty = [""] * (len(kinds[0][RIVALS[0]]) - len(cells))
        lines.append("| " + " | ".join([f"{size:,}", name, *cells, *empty]) + " |")
    return lines
