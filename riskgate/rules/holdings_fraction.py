"""Deny one order that moves too much of what there is.

Why
    Selling everything with one click is seldom meant, and a size in units says nothing about it: a
    thousand shares are a crumb of one position and the whole of another.
Measures
    A sell of a long position, or a buy of a short one, as a share of that position in percent; what
    flips the position is more than 100. Any other order opens: its conservative notional as a share
    of the account's available funds, of which there must be some. A modify is measured as the whole
    new order, and the position without what the order has filled already.
Passes with `max_percent: 50`
    given positions: {AAPL: 100}
    SELL 50 AAPL LMT 190 DAY
Breaches with `max_percent: 50`
    given positions: {AAPL: 100}
    SELL 51 AAPL LMT 190 DAY
Passes with `max_percent: 19`
    BUY 1000 AAPL LMT 190 DAY
Breaches with `max_percent: 18.99`
    BUY 1000 AAPL LMT 190 DAY
Source
    17 CFR 240.15c3-5(c)(1)(i).
"""

from __future__ import annotations

from riskgate.model.money import ZERO
from riskgate.model.order import Order, Side
from riskgate.model.snapshot import Snapshot
from riskgate.rulekit.base import Rule, at_most
from riskgate.rulekit.bounds import Measured
from riskgate.rulekit.parameters import percent
from riskgate.rulekit.worst import percent_of


class HoldingsFraction(Rule):
    """How much of a position, or of the funds, one order may move."""

    kind = "holdings_fraction"
    asks_whole = False
    narrows_holdings = True
    exempts_exits = True

    @at_most(percent())
    def max_percent(self, order: Order, seen: Snapshot) -> Measured:
        """The largest share of the position, or for orders that open, of the available funds."""
        filled = order.quantity - seen.adds(order)
        bought = order.side is Side.BUY
        held = seen.holding.position + (-filled if bought else filled)
        if (bought and held < ZERO) or (not bought and held > ZERO):
            return percent_of(order.quantity, abs(held))
        funds = seen.account_value("available_funds")
        return percent_of(seen.notional(order, seen.base), funds)
