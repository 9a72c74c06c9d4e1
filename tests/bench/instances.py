"""Allocation problems of known kinds: the same for every solver that is timed.

Site areas are lognormal, floor area ratios are those of the zones in the shipped rules of Seoul,
and totals leave a known part of the room empty. They belong to no real place.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np

from tests.bench.figures import ROOT

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

SITE_M2 = 300.0
FORBIDDEN = 0.1
"""Part of the use-parcel pairs that is not allowed; none where the totals fill all room."""

SHARES = (0.35, 0.25, 0.2, 0.2)


@dataclass(frozen=True)
class Family:
    """A kind of problem.

    Parameters
    ----------
    scores : {"random", "clustered", "stepped"}
        Independent; alike within quarters; or in tenths, so that many tie.
    slack : float
        Part of the room that stays empty.
    """

    scores: Literal["random", "clustered", "stepped"]
    slack: float

    @property
    def name(self) -> str:
        """Words for a report."""
        return f"{self.scores} scores, " + (f"{self.slack:.0%} slack" if self.slack else "tight")


FAMILIES = (
    Family("random", 0.6),
    Family("random", 0.3),
    Family("random", 0.05),
    Family("random", 0.0),
    Family("clustered", 0.6),
    Family("clustered", 0.3),
    Family("clustered", 0.05),
    Family("clustered", 0.0),
    Family("stepped", 0.3),
)


@dataclass(frozen=True, eq=False)
class Instance:
    """Capacities (n,), scores (n, k) and totals (k,)."""

    capacity_m2: Floats
    score: Floats
    target_m2: Floats


@cache
def zone_far() -> tuple[float, ...]:
    """Floor area ratios of the zones in the shipped rules of Seoul."""
    path = max((ROOT / "data" / "rules").glob("seoul-*.toml"))
    tables = tomllib.loads(path.read_text(encoding="utf-8"))["zone"]
    zones = tables.values() if isinstance(tables, dict) else tables
    return tuple(sorted(zone["far_pct"] / 100 for zone in zones))


def instance(size: int, family: Family, *, uses: int = 4, seed: int = 3) -> Instance:
    """Make a problem; equal arguments give equal problems."""
    random = np.random.default_rng(seed)
    site_m2 = random.lognormal(np.log(SITE_M2), 0.7, size)
    capacity_m2 = np.round(site_m2 * random.choice(zone_far(), size), 1)
    score = random.random((size, uses))
    if family.scores == "clustered":
        middle = random.random((max(3, int(size**0.5) // 4), uses))
        quarter = random.integers(0, len(middle), size)
        score = np.clip(middle[quarter] + random.normal(0.0, 0.03, (size, uses)), 0.0, 1.0)
    if family.scores == "stepped":
        score = np.round(score, 1)
    if family.slack:
        score[random.random(score.shape) < FORBIDDEN] = -np.inf
    share = np.array(SHARES if uses == len(SHARES) else [1 / uses] * uses)
    target_m2 = share * capacity_m2.sum() * (1.0 - family.slack)
    return Instance(capacity_m2, score, np.floor(target_m2) if family.slack else target_m2)
