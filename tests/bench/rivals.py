"""The field's habits on the allocation's problem: NSGA-II, a plain genetic algorithm, annealing.

All three start from the same greedy plan, keep every total and capacity exactly (whole m², so sums
carry no rounding) and run on numpy arrays: the genetic algorithms decode a whole generation at
once, the annealing tries a move on every pair of parcels at once. Time is the process's CPU time,
so that other work on the machine costs nobody anything.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from siteplan.rules import shipped_rules
from siteplan.uses import USES

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

ZONES = {
    "제2종일반주거지역": 0.35,
    "제3종일반주거지역": 0.25,
    "준주거지역": 0.2,
    "일반상업지역": 0.1,
    "유통상업지역": 0.1,
}
"""Zones and how many parcels lie in each: made up; their FAR and permits are the shipped rules'."""

SHARES = (0.45, 0.25, 0.2, 0.1)
FILLED = 0.7
"""Part of the room that the programme takes: 30 % stays free."""

FORBIDDEN = -1e9
POPULATION, POPULATION_SMALL_GA = 20, 50
"""Plans of a generation; the one-objective GA has more up to a thousand parcels."""

CROSSOVER = 0.9
RESETS = 1.0
"""Genes of a child that mutation sets anew, on average."""

HEAT = 0.03
"""First temperature over the median loss of the moves that lose."""

COOLING = 1e-3
"""Last temperature over the first."""


@dataclass(frozen=True, eq=False)
class Instance:
    """One problem: capacities (n,), scores (n, k) with -inf where forbidden, totals (k,)."""

    capacity_m2: Floats
    score: Floats
    target_m2: Floats


@dataclass(frozen=True, eq=False)
class Found:
    """What a rival had at the end of each budget.

    Attributes
    ----------
    objective : tuple of float
        Best objective at each budget; NaN where there was no plan yet.
    area_m2 : numpy.ndarray, shape (n, k), or None
        The plan at the longest budget.
    tried : int
        Plans that were decoded, or moves that were tried, up to the longest budget.
    """

    objective: tuple[float, ...]
    area_m2: Floats | None
    tried: int


def instance(size: int, *, clustered: bool, seed: int) -> Instance:
    """Return lognormal lots in real zones, and random scores or scores that fall with distance.

    Clustered scores belong to parcels strewn over a square: each use has three centres, and the
    score decays with the distance to the nearest one, with a tenth of noise.
    """
    random = np.random.default_rng([size, int(clustered), seed])
    rules = [shipped_rules().zones[name] for name in ZONES]
    zone = random.choice(len(rules), size, p=list(ZONES.values()))
    far_pct = np.array([rule.far_pct for rule in rules])[zone]
    allowed = np.array(
        [[rule.permits[use].answer in ("yes", "conditional") for use in USES] for rule in rules]
    )[zone]
    capacity_m2 = np.ceil(random.lognormal(np.log(600.0), 0.8, size) * far_pct / 100.0)
    score = random.uniform(0.0, 1.0, (size, len(USES)))
    if clustered:
        place, centre = random.uniform(size=(size, 1, 1, 2)), random.uniform(size=(1, 4, 3, 2))
        nearest = np.sqrt(((place - centre) ** 2).sum(axis=-1)).min(axis=-1)
        score = 0.9 * np.exp(-nearest / 0.25) + 0.1 * score
    target_m2 = np.floor(np.array(SHARES) * FILLED * capacity_m2.sum())
    return Instance(capacity_m2, np.where(allowed, score, -np.inf), target_m2)


def worth_of(area_m2: Floats, *, given: Instance) -> float:
    """Return a plan's objective; ValueError where it breaks a total, a capacity or a permit."""
    slack = 1e-9 * float(given.capacity_m2.sum())
    forbidden = np.isneginf(given.score)
    broken = {
        "totals": np.abs(area_m2.sum(axis=0) - given.target_m2).max() > slack,
        "capacity": (area_m2.sum(axis=1) - given.capacity_m2).max() > slack,
        "negative area": area_m2.min() < -slack,
        "permits": area_m2[forbidden].max(initial=0.0) > slack,
    }
    if any(broken.values()):
        msg = f"the plan breaks: {', '.join(name for name, is_so in broken.items() if is_so)}"
        raise ValueError(msg)
    return float((np.where(forbidden, 0.0, given.score) * area_m2).sum())


class Greedy:
    """Plans from a wished use of each parcel (k for none): filled by score, then repaired.

    First each use fills the parcels that wish for it, highest score first, until its total is
    reached; then what is still missing goes, highest score first, to the room that is left.
    """

    def __init__(self, given: Instance) -> None:
        self.given = given
        uses = given.target_m2.size
        allowed = given.score > -np.inf
        room = np.where(allowed, given.capacity_m2[:, None], 0.0).sum(axis=0)
        self.sequence = [int(use) for use in np.argsort(room / np.maximum(given.target_m2, 1.0))]
        self.order: list[Ints] = []
        for use in range(uses):
            order = np.argsort(-given.score[:, use], kind="stable")
            self.order.append(order[: int(allowed[:, use].sum())])

    def areas_m2(self, wish: Ints) -> tuple[Floats, Floats, Floats]:
        """Return areas (p, k, n), what is missing (p,) and objectives (p,) of wishes (p, n)."""
        given = self.given
        plans, parcels = wish.shape
        area = np.zeros((plans, given.target_m2.size, parcels))
        room = np.tile(given.capacity_m2, (plans, 1))
        missing = np.tile(given.target_m2, (plans, 1))
        worth = np.zeros(plans)
        for wished in (True, False):
            for use in self.sequence:
                if not wished and not missing[:, use].any():
                    continue
                order = self.order[use]
                free = room[:, order]
                if wished:
                    free = np.where(wish[:, order] == use, free, 0.0)
                before = np.cumsum(free, axis=1) - free
                put = np.clip(missing[:, use, None] - before, 0.0, free)
                area[:, use, order] += put
                room[:, order] -= put
                missing[:, use] -= put.sum(axis=1)
                worth += put @ given.score[order, use]
        return area, missing.sum(axis=1), worth

    def first_wish(self) -> Ints:
        """Return the use with the highest score on each parcel."""
        wish: Ints = np.argmax(self.given.score, axis=1).astype(np.int64)
        return wish


def greedy(given: Instance) -> Floats | None:
    """Return the plan (n, k) that every rival starts from, or None where its repair fails."""
    decoder = Greedy(given)
    area, missing, _ = decoder.areas_m2(decoder.first_wish()[None])
    return None if missing[0] > 0.0 else area[0].T


class Wishes:
    """Decode generations of wishes, and remember the best plan and when it was found."""

    def __init__(self, given: Instance, *, began: float) -> None:
        self.decoder = Greedy(given)
        self.began = began
        self.best = math.nan
        self.best_wish: Ints | None = None
        self.trace: list[tuple[float, float]] = []
        self.tried = 0

    def judge(self, wish: Ints) -> tuple[Floats, Floats]:
        """Return what is to be least (p, 2), minus score and parcels built on, and what misses."""
        area, missing, worth = self.decoder.areas_m2(wish)
        fits = np.flatnonzero(missing == 0.0)
        if fits.size:
            top = int(fits[np.argmax(worth[fits])])
            if not worth[top] <= self.best:
                self.best, self.best_wish = float(worth[top]), wish[top].copy()
        self.tried += worth.size
        self.trace.append((time.process_time() - self.began, self.best))
        built_on = (area.sum(axis=1) > 0.0).sum(axis=1)
        return np.stack([-worth, built_on], axis=1), missing[:, None]

    def best_at(self, at_s: float) -> float:
        """Return the best objective whose generation was decoded by then; NaN for none."""
        return next((best for then_s, best in reversed(self.trace) if then_s <= at_s), math.nan)


def evolve(
    given: Instance,
    *,
    budgets_s: Sequence[float],
    kind: Literal["nsga2", "ga"],
    seed: int,
    population: int | None = None,
) -> Found:
    """Run pymoo's NSGA-II (score; parcels built on) or its one-objective GA (score).

    A gene is the use that a parcel wishes for, or none. The best score ever decoded counts, also
    where the population has lost it.
    """
    from pymoo.algorithms.moo.nsga2 import NSGA2
    from pymoo.algorithms.soo.nonconvex.ga import GA
    from pymoo.core.mutation import Mutation
    from pymoo.core.problem import Problem
    from pymoo.operators.crossover.ux import UX
    from pymoo.termination import get_termination

    began = time.process_time()
    wishes = Wishes(given, began=began)
    parcels, uses = given.score.shape
    goals = 2 if kind == "nsga2" else 1
    if population is None:
        population = POPULATION_SMALL_GA if kind == "ga" and parcels <= 1_000 else POPULATION

    class Programme(Problem):  # type: ignore[misc]
        def _evaluate(self, x: Any, out: dict[str, Any], *_: Any, **__: Any) -> None:
            least, out["G"] = wishes.judge(x)
            out["F"] = least[:, :goals]

    class Reset(Mutation):  # type: ignore[misc]
        def _do(self, _: Any, x: Any, *__: Any, random_state: Any = None, **___: Any) -> Any:
            anew = random_state.random(x.shape) < RESETS / parcels
            return np.where(anew, random_state.integers(0, uses + 1, x.shape), x)

    first = np.random.default_rng([seed, 1]).integers(0, uses + 1, (population, parcels))
    first[0] = wishes.decoder.first_wish()
    algorithm = (NSGA2 if kind == "nsga2" else GA)(
        pop_size=population, sampling=first, crossover=UX(prob=CROSSOVER), mutation=Reset()
    )
    problem = Programme(n_var=parcels, n_obj=goals, n_ieq_constr=1, xl=0, xu=uses, vtype=int)
    algorithm.setup(problem, termination=get_termination("n_gen", math.inf), seed=seed)
    longest_s = max(budgets_s)
    kept: Ints | None = None
    while time.process_time() - began < longest_s:
        algorithm.next()
        if wishes.trace[-1][0] <= longest_s:
            kept = wishes.best_wish
    plan = None if kept is None else wishes.decoder.areas_m2(kept[None])[0][0].T
    return Found(tuple(wishes.best_at(each) for each in budgets_s), plan, wishes.tried)


def anneal(given: Instance, *, budget_s: float, seed: int, heat: float | None = None) -> Found:
    """Anneal from the greedy plan by exchanges between pairs of parcels, cooling geometrically.

    Free room counts as one more use with score 0, so a move (parcel i gives δ m² of a to parcel j
    for δ m² of b) is a transfer where b is free room and a swap otherwise; totals and capacities
    hold throughout. Each step pairs all parcels anew and tries one move on every pair; the pairs
    share no parcel, so each move is accepted by itself (Metropolis). The first temperature is
    `heat` times the median loss of the moves tried first that lose.
    """
    began = time.process_time()
    start = greedy(given)
    if start is None or time.process_time() - began > budget_s:
        return Found((math.nan,), None, 0)
    random = np.random.default_rng([seed, 2])
    parcels, uses = given.score.shape
    columns, half = uses + 1, parcels // 2
    score = np.zeros((parcels, columns))
    score[:, :uses] = np.where(given.score > -np.inf, given.score, FORBIDDEN)
    rest = given.capacity_m2 - start.sum(axis=1)
    area = np.ascontiguousarray(np.concatenate([start, rest[:, None]], axis=1))
    flat_score, flat_area = score.ravel(), area.ravel()
    rows = np.arange(parcels) * columns
    first = last = math.nan
    tried = 0
    while True:
        passed = (time.process_time() - began) / budget_s
        if passed >= 1.0:
            break
        order = random.permutation(parcels)
        held = (area[order] * random.random((parcels, columns))).argmax(axis=1)
        one, other = rows[order[:half]], rows[order[half : 2 * half]]
        gives, takes = held[:half], held[half : 2 * half]
        here, there, back, away = one + gives, other + takes, one + takes, other + gives
        moved = np.minimum(flat_area[here], flat_area[there])
        gain = moved * (flat_score[away] - flat_score[here] + flat_score[back] - flat_score[there])
        if math.isnan(first):
            lost = -gain[(gain < 0.0) & (gain > FORBIDDEN / 2.0)]
            first = (HEAT if heat is None else heat) * float(np.median(lost)) if lost.size else 1.0
            last = COOLING * first
        warmth = first * (last / first) ** passed
        taken = random.random(half) < np.exp(np.minimum(gain, 0.0) / warmth)
        moved = np.where(taken, moved, 0.0)
        flat_area[here] -= moved
        flat_area[there] -= moved
        flat_area[back] += moved
        flat_area[away] += moved
        tried += half
    plan = area[:, :uses]
    best = max((start, plan), key=lambda found: worth_of(found, given=given))
    return Found((worth_of(best, given=given),), best, tried)
