"""Deny one more working order where too many work already.

Why
    Orders that rest in the book are promises: each can fill at once, venues and IB bound how many
    one account may have, and a strategy that forgets its own keeps adding more.
Measures
    Our own working orders of the same instrument and side, this one included: how many there are,
    and what they can still fill. Working is what was sent and is not proven dead; orders of other
    clients and manual ones are not ours. A modify takes the place of what it replaces.
Passes with `max_count: 2`
    given working: [BUY 100 AAPL LMT 189 DAY, SELL 100 AAPL LMT 191 DAY]
    BUY 100 AAPL LMT 190 DAY
Breaches with `max_count: 2`
    given working: [BUY 100 AAPL LMT 189 DAY, BUY 100 AAPL LMT 188 DAY]
    BUY 1 AAPL LMT 190 DAY
Passes with `max_quantity: 300`
    given working: [BUY 100 AAPL LMT 189 DAY]
    BUY 200 AAPL LMT 190 DAY
Breaches
    given working: [BUY 100 AAPL LMT 189 DAY]
    BUY 201 AAPL LMT 190 DAY
Passes
    after BUY 300 AAPL LMT 190 DAY
    after fill: {order: "#1", quantity: 100, price: 190}
    BUY 100 AAPL LMT 189 DAY
    modify: {order: "#1", quantity: 400}
Source
    RTS 6 Art. 15(1)(d); IB's bound on active orders by contract, side and account.
"""

from __future__ import annotations

from decimal import Decimal

from riskgate.model.order import Order
from riskgate.model.readings import WorkingReading
from riskgate.model.snapshot import Snapshot
from riskgate.rulekit.base import Rule, at_most
from riskgate.rulekit.bounds import Measured
from riskgate.rulekit.parameters import count, quantity
from riskgate.rulekit.tallies import WorkingTally


class WorkingOrders(Rule):
    """How many orders may work on one side of one instrument, and for how much."""

    kind = "working_orders"
    exempts_reductions = True
    has_budget = True
    narrows_holdings = True

    @at_most(count())
    def max_count(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # counts only
        """The most orders that may work at a time."""
        return Decimal(self.reading(seen, WorkingReading).count + 1)

    @at_most(quantity())
    def max_quantity(self, order: Order, seen: Snapshot) -> Measured:
        """The most that working orders may still fill together, in units."""
        return self.reading(seen, WorkingReading).quantity + seen.adds(order)

    def tally(self) -> WorkingTally:
        """Our own working orders, by instrument and side."""
        return WorkingTally()
