"""What the dual search must reach: fixed totals, or totals free within limits.

For prices p the dual function needs ``max p @ t`` over the totals t that are allowed, and its
softened form at a temperature. Fixed totals answer themselves. Totals within low..high with a
weighted sum that is fixed are a fractional knapsack; softened, each total goes a logistic part of
its way, ``t_k = low_k + (high_k - low_k) / (1 + exp(-(p_k - w_k m) / heat))``, with the price m of
the weighted sum such that the sum holds.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from siteplan.allocation.arrays import FloatArray

SUM_STEPS = 60
"""Halvings of the range of the weighted sum's price."""


class Totals(ABC):
    """Totals that are allowed; see the module text."""

    @abstractmethod
    def scaled(self, part: float, *, row: float) -> Self:
        """Take a part of all amounts, for a sample of rows of mean size `row`."""

    @abstractmethod
    def at(self, prices: FloatArray, heat: float) -> tuple[FloatArray, FloatArray | None]:
        """Totals of the softened choice, and their slope per `heat` of price; None for none."""


@dataclass(frozen=True, eq=False)
class FixedTotals(Totals):
    """Totals that must hold exactly."""

    target: FloatArray

    def scaled(self, part: float, *, row: float) -> FixedTotals:
        """Take a part; totals below one row's worth are raised: softened choices aim at no less."""
        target = self.target * part
        raised = np.maximum(target, row)
        largest = int(raised.argmax())
        raised[largest] = max(raised[largest] - float((raised - target).sum()), row)
        return FixedTotals(raised)

    def at(self, prices: FloatArray, heat: float) -> tuple[FloatArray, FloatArray | None]:  # noqa: ARG002
        """Return the totals, whatever the prices."""
        return self.target, None


@dataclass(frozen=True, eq=False)
class FreeTotals(Totals):
    """Totals within low..high, their weighted sum fixed where `total` is given."""

    low: FloatArray
    high: FloatArray
    weight: FloatArray
    total: float | None

    def scaled(self, part: float, *, row: float) -> FreeTotals:  # noqa: ARG002
        """Take a part of all amounts."""
        total = None if self.total is None else self.total * part
        return replace(self, low=self.low * part, high=self.high * part, total=total)

    def at(self, prices: FloatArray, heat: float) -> tuple[FloatArray, FloatArray | None]:
        """Totals of the softened knapsack, and their slope per `heat` of price."""
        width = self.high - self.low
        level = 0.0 if self.total is None else self._sum_price(prices, heat)
        part = 1.0 / (1.0 + np.exp(np.clip((self.weight * level - prices) / heat, -500.0, 500.0)))
        ease = width * part * (1.0 - part)
        slope = np.diag(ease)
        if self.total is not None:
            pull = ease * self.weight
            slope -= np.outer(pull, pull) / max(float(pull @ self.weight), 1e-300)
        return self.low + width * part, slope

    def _sum_price(self, prices: FloatArray, heat: float) -> float:
        """Price of the weighted sum at which the softened totals add up to it."""
        lines = [
            (weight, price / heat, weight * (high - low))
            for weight, price, low, high in np.stack(
                [self.weight, prices, self.low, self.high], axis=1
            ).tolist()
            if high > low
        ]
        if not lines or self.total is None:
            return 0.0
        spare = self.total - float(self.weight @ self.low)
        least = min(price / weight for weight, price, _ in lines) - 60.0 / min(
            w for w, _, _ in lines
        )
        most = max(price / weight for weight, price, _ in lines) + 60.0 / min(
            w for w, _, _ in lines
        )
        for _ in range(SUM_STEPS):
            middle = 0.5 * (least + most)
            held = 0.0
            for weight, price, width in lines:
                away = weight * middle - price
                held += width / (1.0 + math.exp(min(max(away, -500.0), 500.0)))
            if held > spare:
                least = middle
            else:
                most = middle
        return float(0.5 * (least + most) * heat)
