"""Areas of merged and cut lots, exact in the digits that the register gives."""

from __future__ import annotations

import math
from collections.abc import Sequence

_MOST_DECIMALS = 6


def area_sum_m2(areas_m2: Sequence[float]) -> float:
    """Return the sum of areas, exact where all have at most six decimals."""
    total_m2 = math.fsum(areas_m2)
    decimals = [_decimals(area) for area in areas_m2]
    known = [d for d in decimals if d is not None]
    return round(total_m2, max(known)) if len(known) == len(decimals) else total_m2


def area_parts_m2(area_m2: float, weights: Sequence[float]) -> list[float]:
    """Return an area split by weights into parts whose sum is the area exactly.

    Parts are whole units of the area's last decimal (1 m² for 32 094, 0.1 m² for 1 234.5), by
    largest remainders, ties to the earlier part. Where that would leave a part with nothing, the
    unit gets finer. An area with more than six decimals is split in units of its last binary
    digit.

    Parameters
    ----------
    area_m2 : float
        Above 0.
    weights : sequence of float
        Above 0, e.g. the areas of the pieces' outlines.
    """
    decimals = _decimals(area_m2)
    while decimals is not None and decimals <= _MOST_DECIMALS:
        units = _shares(round(area_m2 * 10**decimals), weights)
        if min(units) > 0:
            return [round(unit / 10**decimals, decimals) for unit in units]
        decimals += 1
    unit_m2 = math.ulp(area_m2)
    # Whole multiples of the last binary digit, all below 2**53: every product is exact.
    return [units * unit_m2 for units in _shares(round(area_m2 / unit_m2), weights)]


def _decimals(area_m2: float) -> int | None:
    """Return how many decimals an area needs, None above six."""
    return next((d for d in range(_MOST_DECIMALS + 1) if round(area_m2, d) == area_m2), None)


def _shares(total: int, weights: Sequence[float]) -> list[int]:
    """Return whole numbers in proportion to weights that sum to the total."""
    # Whole numbers throughout: a float cannot hold the remainders of 53-bit totals.
    scale = 2**60
    whole = [max(round(weight / max(weights) * scale), 1) for weight in weights]
    parts = [divmod(total * weight, sum(whole)) for weight in whole]
    units = [part for part, _ in parts]
    order = sorted(range(len(parts)), key=lambda n: -parts[n][1])
    for n in order[: total - sum(units)]:
        units[n] += 1
    return units
