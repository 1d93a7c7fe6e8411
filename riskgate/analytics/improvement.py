"""Price improvement: how much better fills were than the market's touch at the decision.

    improvement = filled x ask - paid          of a buy, times the multiplier
    improvement = paid - filled x bid          of a sell, times the multiplier
    bps         = improvement / (filled x |touch| x multiplier) x 10,000

The touch is what an order had to pay to fill at once: the ask for a buy, the bid for a sell.
Rule 1: this is the one measure where positive is good: better than the touch. Every fill counts as
better, at the touch, or worse.
Rule 2: all orders count. SEC 605 asks it of marketable orders only; a limit order that waited earns
the spread, and `--by order_type` tells them apart.
Source: 17 CFR 242.600(b) "executed with price improvement", 242.605(a)(1)(ii); RTS 27 Art. 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from riskgate.analytics.exact import Sums, quotient
from riskgate.analytics.facts import OrderFacts
from riskgate.analytics.slippage import beyond, in_bps
from riskgate.model.money import ONE, ZERO
from riskgate.model.order import Side


class Improvement(msgspec.Struct, frozen=True, gc=False):
    """What one order's fills gained on the touch, in its currency, and how many units did."""

    touch: Decimal
    amount: Decimal
    value: Decimal
    better: Decimal
    same: Decimal
    worse: Decimal

    @property
    def bps(self) -> Decimal | None:
        """The gain in basis points of the touch; None against one of zero."""
        return in_bps(self.amount, self.value)


class Improved(msgspec.Struct, frozen=True, kw_only=True):
    """The same of many orders: the shares of their units, and the gain in each currency."""

    orders: int = 0
    better: Decimal | None = None
    same: Decimal | None = None
    worse: Decimal | None = None
    amount: Mapping[str, Decimal] = {}
    bps: Mapping[str, Decimal | None] = {}


def improvement(facts: OrderFacts, paid: Decimal, size: Decimal) -> Improvement | None:
    """The improvement of an order's fills, which were paid so; None if the touch is not known.

    `paid` and `size`, the units that filled, are times the multiplier.
    """
    buys = facts.side is Side.BUY
    touch = facts.ask if buys else facts.bid
    if touch is None or not size:
        return None
    below = same = above = ZERO
    for fill in facts.fills:
        if fill.price < touch:
            below += fill.quantity
        elif fill.price > touch:
            above += fill.quantity
        else:
            same += fill.quantity
    worth = size * touch
    amount = -beyond(facts.side, paid, worth)
    better, worse = (below, above) if buys else (above, below)
    return Improvement(touch, amount, abs(worth), better, same, worse)


class ImprovementSums:
    """Price improvement summed over orders as they come."""

    __slots__ = ("_better", "_money", "_orders", "_same", "_worse")

    def __init__(self) -> None:
        self._orders = 0
        self._better = self._same = self._worse = ZERO
        self._money = Sums(3)

    def add(self, currency: str, one: Improvement) -> None:
        """Count one order."""
        self._orders += 1
        self._better += one.better
        self._same += one.same
        self._worse += one.worse
        row = self._money.of(currency)
        row[0] += ONE
        row[1] += one.amount
        row[2] += one.value

    def merge(self, other: ImprovementSums, sign: int) -> None:
        """Count another's orders too, or with a `sign` of -1 no more."""
        self._orders += sign * other._orders
        self._better += sign * other._better
        self._same += sign * other._same
        self._worse += sign * other._worse
        self._money.merge(other._money, sign)

    def value(self) -> Improved:
        """What it comes to."""
        units = self._better + self._same + self._worse
        rows = self._money.sorted()
        return Improved(
            orders=self._orders,
            better=quotient(self._better, units),
            same=quotient(self._same, units),
            worse=quotient(self._worse, units),
            amount={currency: row[1] for currency, row in rows},
            bps={currency: in_bps(row[1], row[2]) for currency, row in rows},
        )
