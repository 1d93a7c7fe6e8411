"""Deny an order that could put too much of an account into one instrument.

Why
    A limit in money does not know how large the account is: what is one bet among twenty today is
    half of what is left after a bad month.
Measures
    The worst-case value of the order's instrument in the order's account: the larger side of
    position, working orders and this order at its conservative price, in percent of the account's
    net liquidation as last reported. A net liquidation at or below zero is a breach.
Passes with `max_percent: 1.9`
    BUY 100 AAPL LMT 190 DAY
Breaches with `max_percent: 1.9`
    BUY 101 AAPL LMT 190 DAY
    SELL 101 AAPL LMT 190 DAY
Breaches
    given positions: {AAPL: 60}
    after BUY 20 AAPL LMT 190 DAY
    BUY 21 AAPL LMT 190 DAY
Breaches
    given account: {net_liquidation: 0}
    BUY 1 AAPL LMT 190 DAY
Source
    17 CFR 240.15c3-5(c)(1)(i); RTS 6 Art. 15(4).
"""

from __future__ import annotations

from riskgate.model.order import Order
from riskgate.model.snapshot import Snapshot
from riskgate.rulekit.base import Rule, at_most
from riskgate.rulekit.bounds import Measured
from riskgate.rulekit.parameters import percent
from riskgate.rulekit.worst import gross_worst, percent_of


class Concentration(Rule):
    """How much of an account one instrument may become."""

    kind = "concentration"
    asks_whole = False
    exempts_reductions = True
    narrows_holdings = True
    adds_up = False

    @at_most(percent())
    def max_percent(self, order: Order, seen: Snapshot) -> Measured:
        """The largest worst-case value of the instrument, in percent of net liquidation."""
        units = gross_worst(seen.holding, order, seen)
        return percent_of(
            seen.notional(order, seen.base, units), seen.account_value("net_liquidation")
        )
