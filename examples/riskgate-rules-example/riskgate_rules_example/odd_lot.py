"""Deny an order that leaves an odd lot behind.

Why
    Odd lots are not shown in the book, fill late, and each one costs a ticket of its own to close.
Measures
    What remains of this order's quantity when it is divided into lots of `lot` units.
Passes with `max_odd: 0`
    BUY 300 AAPL LMT 190 DAY
Breaches with `max_odd: 0`
    BUY 350 AAPL LMT 190 DAY
Passes with `max_odd: 5, lot: 10`
    BUY 25 AAPL LMT 190 DAY
Breaches with `max_odd: 5, lot: 10`
    given positions: {AAPL: 500}
    SELL 26 AAPL LMT 190 DAY
Source
    A desk's own rule; no regulation asks for it.
"""

from __future__ import annotations

from decimal import Decimal

from riskgate.model.order import Order
from riskgate.model.snapshot import Snapshot
from riskgate.rulekit.base import Parameter, Rule, at_most
from riskgate.rulekit.bounds import Measured
from riskgate.rulekit.parameters import Number, quantity


class OddLot(Rule):
    """How many units of an order may lie outside whole lots."""

    kind = "odd_lot"

    lot = Parameter(
        Number("units", least=1, step=Decimal(1)),
        "How many units make a whole lot.",
        default=Decimal(100),
    )

    @at_most(quantity())
    def max_odd(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # one shape
        """The most units outside whole lots."""
        return order.quantity % self.lot
