"""How far a plan's figures can be trusted: its factors drawn from their ranges, many times.

The plan stays as it is allocated; only factors are drawn. Each uncertain factor is drawn by
itself from a triangular distribution over (low, value, high), the plainest one that keeps the
ledger's range and its most likely value. Law, choices and the planner's own values are held. All
draws go through the same recipes as the figures (`siteplan.recipes.reckon`), as arrays.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from siteplan.errors import InputError
from siteplan.metrics import plan_drivers
from siteplan.recipes import BY_KEY, RECIPES, recipe_factors, reckon
from siteplan.text import Label, Text, sentence
from siteplan.uses import USES

if TYPE_CHECKING:
    import numpy.typing as npt

    from siteplan.evaluation import Plan
    from siteplan.ledger import Factor, Ledger

    Floats = npt.NDArray[np.float64]

DRAWS = 1000
MOST_DRAWS = 100_000
_BLOCK = 4_000_000  # cells of parcels × draws that are held at once
SEED = 270_000
FAR_LIMIT = "far"
_ROUNDING_M2 = 1e-6  # an area of floats that is equal to its limit does not break it


@dataclass(frozen=True)
class Band:
    """Spread of one figure: 5 % of the draws lie below `low`, 5 % above `high`."""

    low: float
    median: float
    high: float


@dataclass(frozen=True)
class Chance:
    """How often one limit holds.

    Parameters
    ----------
    key : str
        "far", or the key of the figure that was capped.
    label : Label
    most : float or None
        The cap; None for FAR, whose limit is each parcel's own.
    holds : int
        Draws in which it holds.
    excess : float
        Mean overshoot over all draws, as a part of the limit; ranks limits that fail equally often.
    parcel_id : str or None
        For FAR, the parcel that breaks its limit most often.
    """

    key: str
    label: Label
    most: float | None
    holds: int
    excess: float
    parcel_id: str | None = None


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """Spread of a plan's figures and its chance of meeting limits.

    Parameters
    ----------
    draws, seed : int
    factors : Mapping[str, ndarray of shape (draws,)]
        What was drawn, by factor.
    values : Mapping[str, ndarray of shape (draws,)]
        What came of it, by figure.
    chances : tuple of Chance
        One per limit.
    holds : int
        Draws in which every limit holds.
    """

    draws: int
    seed: int
    factors: Mapping[str, Floats]
    values: Mapping[str, Floats]
    chances: tuple[Chance, ...]
    holds: int

    @cached_property
    def bands(self) -> Mapping[str, Band]:
        """Spread of each figure."""
        found = np.quantile(np.stack(list(self.values.values())), (0.05, 0.5, 0.95), axis=1)
        return {
            key: Band(*map(float, three)) for key, three in zip(self.values, found.T, strict=True)
        }

    @property
    def fails_first(self) -> Chance | None:
        """The limit that fails most often; None when all always hold."""
        worst = min(self.chances, key=lambda c: (c.holds, -c.excess), default=None)
        return None if worst is None or worst.holds == self.draws else worst

    @property
    def text(self) -> Text:
        """The chance in a sentence: "Holds in 93 of 100 draws; fails first on …"."""
        # 99.96 of 100 is not "all": round towards the doubtful side.
        of_100 = self.holds * 100 / self.draws
        shown = min(round(of_100), 99) if self.holds < self.draws else 100
        shown = max(shown, 1) if self.holds else 0
        first = self.fails_first
        if first is None:
            return sentence("Holds in 100 of 100 draws.")
        if first.parcel_id is None:
            return sentence(
                "Holds in {count} of 100 draws; fails first on: {limit}.",
                count=shown,
                limit=first.label,
            )
        return sentence(
            "Holds in {count} of 100 draws; fails first on: {limit} (parcel {parcel}).",
            count=shown,
            limit=first.label,
            parcel=first.parcel_id,
        )


def uncertainty_of(
    plan: Plan, *, draws: int = DRAWS, seed: int = SEED, caps: Mapping[str, float] | None = None
) -> Uncertainty:
    """Return the spread of a plan's figures and its chance of meeting limits.

    Parameters
    ----------
    plan : Plan
    draws : int
        1 to 100,000.
    seed : int
        The same seed, ledger and plan give the same answer.
    caps : Mapping[str, float], optional
        Most that a figure may be, by key of `siteplan.recipes.BY_KEY`, e.g. the stalls that are
        provided: ``{"parking_stalls": 1500}``. Each parcel's FAR capacity is always checked.

    Returns
    -------
    Uncertainty

    Raises
    ------
    InputError
        The number of draws or a cap makes no sense.
    """
    if not 1 <= draws <= MOST_DRAWS:
        raise InputError(
            sentence(
                "The number of draws must lie between 1 and {most:,}, not {draws}.",
                most=MOST_DRAWS,
                draws=draws,
            )
        )
    caps = _checked(caps or {})
    drawn = drawn_factors(plan.ledger, draws=draws, seed=seed)
    known = (
        plan_drivers(plan)
        | {key: factor.value for key, factor in plan.ledger.factors.items()}
        | drawn
    )
    values = {
        key: np.broadcast_to(np.asarray(value, dtype=np.float64), (draws,))
        for key, value in reckon(known).items()
    }
    far, holds = _far_chance(plan, known, draws=draws)
    chances = [far]
    for key, most in caps.items():
        kept = values[key] <= most * (1 + 1e-12)
        holds = holds & kept
        over = np.maximum(values[key] / most - 1, 0).mean()
        chances.append(Chance(key, BY_KEY[key].label, most, int(kept.sum()), float(over)))
    return Uncertainty(draws, seed, drawn, values, tuple(chances), int(holds.sum()))


def drawn_factors(ledger: Ledger, *, draws: int, seed: int) -> dict[str, Floats]:
    """Return draws of each uncertain factor that some figure rests on, by key.

    Each factor has its own stream, made from the seed and its key: another factor in the ledger
    does not change the draws of the others.
    """
    wanted = dict.fromkeys(key for recipe in RECIPES for key in recipe_factors(recipe))
    return {
        key: _drawn(ledger.factors[key], draws=draws, seed=seed)
        for key in wanted
        if not ledger.factors[key].certain
    }


def _drawn(factor: Factor, *, draws: int, seed: int) -> Floats:
    stream = np.random.default_rng([seed, zlib.crc32(factor.key.encode())])
    return stream.triangular(factor.low, factor.value, factor.high, size=draws)


def _far_chance(
    plan: Plan, known: Mapping[str, float | Floats], *, draws: int
) -> tuple[Chance, npt.NDArray[np.bool_]]:
    """Return how often every parcel keeps its FAR capacity, and in which draws, shape (draws,)."""
    rows = np.flatnonzero(plan.parcel_gfa_m2 > 0)
    ratio = np.stack([np.broadcast_to(known[f"far_ratio.{use}"], (draws,)) for use in USES])
    kept = np.ones(draws, dtype=np.bool_)
    over_m2 = np.zeros(draws)
    times = np.zeros(rows.size, dtype=np.int64)
    step = max(1, _BLOCK // draws)
    for start in range(0, rows.size, step):
        block = rows[start : start + step]
        over = plan.gfa_m2[block] @ ratio - plan.capacity.far_area_m2[block, None]
        broken = over > _ROUNDING_M2
        kept &= ~broken.any(axis=0)
        over_m2 += np.maximum(over, 0).sum(axis=0)
        times[start : start + step] = broken.sum(axis=1)
    held_m2 = float(plan.capacity.far_area_m2[rows].sum())
    excess = float(over_m2.mean()) / held_m2 if held_m2 > 0 else 0.0
    worst = plan.parcels.ids[rows[times.argmax()]] if times.any() else None
    label = Label("필지별 용적률", "FAR of each parcel")
    return Chance(FAR_LIMIT, label, None, int(kept.sum()), excess, worst), kept


def _checked(caps: Mapping[str, float]) -> Mapping[str, float]:
    for key, most in caps.items():
        if key not in BY_KEY:
            raise InputError(
                sentence(
                    "No figure is called {key}. The figures are: {keys}.",
                    key=key,
                    keys=", ".join(BY_KEY),
                )
            )
        if not (np.isfinite(most) and most > 0):
            raise InputError(
                sentence("The most of {key} must be above 0, not {most}.", key=key, most=most)
            )
    return caps
