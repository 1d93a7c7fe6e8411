"""How much of what was asked for was done, and in how many pieces.

    by quantity    = sum(filled, at most what was asked for) / sum(asked for)
    by count       = orders filled whole / orders sent
    whole, partly, none = orders filled whole, in part, not at all / orders sent
    fills per order = executions / orders that have any
    first fill share = sum(quantity of the first execution) / sum(quantity filled)

All are fractions without a unit, 1 for everything, and None of nothing. Units of one instrument or
of many count alike. An order that still works counts as what it is now; one that is filled whole
asked for no more than it got, for one that is for cash states a quantity that is enough.
Source: RTS 28 Art. 3(3), passive and aggressive fills; FIX CumQty (14), OrderQty (38), OrdStatus.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec

from riskgate.analytics.exact import quotient
from riskgate.analytics.facts import OrderFacts
from riskgate.model.lifecycle import Status
from riskgate.model.money import ZERO


class Filling(msgspec.Struct, frozen=True, gc=False):
    """What the fills of one order come to: how many, their units, and those of the first.

    `paid` is sum(units x price), `traded` sum(units x |price|).
    """

    executions: int
    quantity: Decimal
    first: Decimal
    paid: Decimal
    traded: Decimal


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """How far many orders were filled. `sizes` says how many orders had how many executions."""

    asked: Decimal = ZERO
    filled: Decimal = ZERO
    by_quantity: Decimal | None = None
    by_count: Decimal | None = None
    partly: Decimal | None = None
    unfilled: Decimal | None = None
    executions: int = 0
    per_order: Decimal | None = None
    first_share: Decimal | None = None
    sizes: tuple[tuple[int, int], ...] = ()


NOT_FILLED: Final = Filling(0, ZERO, ZERO, ZERO, ZERO)


def filling(facts: OrderFacts) -> Filling:
    """What an order's fills come to; the first is the one with the earliest time.

    An execution that was undone is one of no units, and no fill.
    """
    executions, first, begin = 0, ZERO, None
    quantity = paid = received = ZERO
    for fill in facts.fills:
        units = fill.quantity
        if not units:
            continue
        executions += 1
        amount = units * fill.price
        quantity += units
        paid += amount
        if amount < 0:
            received -= amount
        if begin is None or fill.at < begin:
            first, begin = units, fill.at
    traded = paid + received + received
    return Filling(executions, quantity, first, paid, traded)


class FillingSums:
    """How far orders were filled, summed as they come."""

    __slots__ = ("_asked", "_done", "_filled", "_first", "_sent", "_sizes", "_whole", "partly")

    def __init__(self) -> None:
        self._sent = self._whole = self.partly = 0
        self._asked = self._filled = self._first = self._done = ZERO
        self._sizes: dict[int, int] = {}

    def add(self, facts: OrderFacts, fills: Filling) -> None:
        """Count one order that was sent."""
        self._sent += 1
        done = min(facts.filled, facts.quantity)
        if facts.status is Status.FILLED:
            self._whole += 1
            self._asked += done  # an order for cash states a quantity that is enough, no more
        else:
            self._asked += facts.quantity
        if not facts.filled:
            return
        self._filled += done
        if facts.status is not Status.FILLED:
            self.partly += 1
        if fills.executions:
            self._first += fills.first
            self._done += fills.quantity
            self._sizes[fills.executions] = self._sizes.get(fills.executions, 0) + 1

    def merge(self, other: FillingSums, sign: int) -> None:
        """Count another's orders too, or with a `sign` of -1 no more."""
        self._sent += sign * other._sent
        self._whole += sign * other._whole
        self.partly += sign * other.partly
        self._asked += sign * other._asked
        self._filled += sign * other._filled
        self._first += sign * other._first
        self._done += sign * other._done
        for size, orders in other._sizes.items():
            left = self._sizes.get(size, 0) + sign * orders
            self._sizes[size] = left
            if not left:
                del self._sizes[size]

    def value(self) -> Filled:
        """What it comes to."""
        executions = sum(size * orders for size, orders in self._sizes.items())
        none = self._sent - self._whole - self.partly
        return Filled(
            asked=self._asked,
            filled=self._filled,
            by_quantity=quotient(self._filled, self._asked),
            by_count=quotient(self._whole, self._sent),
            partly=quotient(self.partly, self._sent),
            unfilled=quotient(none, self._sent),
            executions=executions,
            per_order=quotient(executions, sum(self._sizes.values())),
            first_share=quotient(self._first, self._done),
            sizes=tuple(sorted(self._sizes.items())),
        )
