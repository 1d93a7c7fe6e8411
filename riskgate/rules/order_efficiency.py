"""Deny messages that hardly ever lead to an execution.

Why
    A strategy that sends, moves and cancels a thousand orders for each fill costs its venue and its
    broker more than it brings; they warn, then charge, then close the line.
Measures
    Submits, modifies and cancels of this trading day, this message included, over the orders that
    had a fill, plus one. Several cancels of one order are one. Asked once today's submits, this one
    included, are more than `after_orders`.
Passes with `max_ratio: 2, after_orders: 0`
    after BUY 1 AAPL LMT 190 DAY
    BUY 1 AAPL LMT 190 DAY
    modify: {order: "#1", quantity: 2}
Breaches
    after submit: BUY 1 AAPL LMT 190 DAY, repeat: 2
    BUY 1 AAPL LMT 190 DAY
    modify: {order: "#1", quantity: 2}
Breaches
    after BUY 1 AAPL LMT 190 DAY
    after cancel: "#1"
    BUY 1 AAPL LMT 190 DAY
Passes
    after submit: BUY 1 AAPL LMT 190 DAY, repeat: 2
    after fill: {order: "#1", quantity: 1, price: 190}
    BUY 1 AAPL LMT 190 DAY
Passes with `max_ratio: 2, after_orders: 3`
    after submit: BUY 1 AAPL LMT 190 DAY, repeat: 2
    BUY 1 AAPL LMT 190 DAY
Breaches with `max_ratio: 2, after_orders: 2`
    after submit: BUY 1 AAPL LMT 190 DAY, repeat: 2
    BUY 1 AAPL LMT 190 DAY
Source
    RTS 6 Art. 15(1)(d); IB's order efficiency ratio, (submissions + revisions + cancels) /
    (executed orders + 1), of which more than 20 is called excessive.
"""

from __future__ import annotations

from decimal import Decimal

from riskgate.model.money import ZERO
from riskgate.model.order import Order
from riskgate.model.readings import DayReading
from riskgate.model.snapshot import Snapshot
from riskgate.rulekit.base import Parameter, Rule, at_most
from riskgate.rulekit.bounds import LOWER, Measured
from riskgate.rulekit.parameters import Number, count
from riskgate.rulekit.tallies import DayTally


class OrderEfficiency(Rule):
    """How many messages a budget may spend for each executed order of a trading day."""

    kind = "order_efficiency"
    asks_legs = False
    exempts_reductions = True
    has_budget = True
    adds_up = False

    after_orders = Parameter(
        count(),
        "How many submits of a trading day pass before the rule is asked.",
        default=ZERO,
        tighter=LOWER,
    )

    @at_most(Number(step=Decimal(1)))  # of counts: a hundredth shows after a hundred executions
    def max_ratio(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # counts only
        """The most messages for each executed order; one is added to those."""
        read = self.reading(seen, DayReading)
        submits = read.orders_sent + (seen.replaced is None)
        if submits <= self.after_orders:
            return None
        changes = read.modifies + read.cancels + (seen.replaced is not None)
        return efficiency(submits + changes, read.orders_executed)

    def tally(self) -> DayTally:
        """The messages and executed orders of the policy's own trading day."""
        return DayTally(self.context.zone, self.context.day_starts, self.context.currency)


def efficiency(messages: int, executed: int) -> Decimal:
    """Messages for each executed order, of which there is one more than there was."""
    return Decimal(messages) / (executed + 1)
