"""Deny an order that could take an account's gross value too many times beyond what it is worth.

Why
    Borrowed size turns a small move into a margin call; futures and shorts borrow without asking.
Measures
    The worst-case gross value of the order's account over everything that the rule's selector
    covers (positions, working orders and this order, the larger side of every instrument), divided
    by the account's net liquidation as last reported. A net liquidation at or below zero is a
    breach.
Passes with `max: 0.019`
    BUY 100 AAPL LMT 190 DAY
    SELL 100 AAPL LMT 190 DAY
Breaches with `max: 0.019`
    BUY 101 AAPL LMT 190 DAY
Breaches
    after BUY 50 AAPL LMT 190 DAY
    BUY 51 AAPL LMT 190 DAY
Breaches with `max: 2`
    given prices: {AAPL: {last: 190}, MSFT: {last: 400}}, positions: {MSFT: -4953}
    BUY 99 AAPL LMT 190 DAY
    BUY 100 AAPL LMT 190 DAY
Source
    17 CFR 240.15c3-5(c)(1)(i); RTS 6 Art. 15(4).
"""

from __future__ import annotations

from riskgate.errors import MissingData
from riskgate.model.codes import Code
from riskgate.model.order import Order
from riskgate.model.readings import ExposureReading
from riskgate.model.snapshot import Snapshot
from riskgate.rulekit import worst
from riskgate.rulekit.base import Rule, at_most
from riskgate.rulekit.bounds import Measured
from riskgate.rulekit.parameters import Number
from riskgate.rulekit.tallies import ExposureTally


class Leverage(Rule):
    """How many times its net liquidation an account may hold, gross."""

    kind = "leverage"
    asks_whole = False
    exempts_reductions = True
    narrows_holdings = True
    adds_up = False

    @at_most(Number("times"))
    def max(self, order: Order, seen: Snapshot) -> Measured:
        """The largest worst-case gross value, as a multiple of net liquidation."""
        read = self.reading(seen, ExposureReading)
        if read.unmarked:
            raise MissingData(Code.NO_PRICE, f"no price for {', '.join(read.unmarked)}")
        own = seen.notional(order, seen.base, worst.gross_worst(read.own, order, seen))
        gross = seen.converted(read.gross, seen.base) + own
        return worst.times(gross, seen.account_value("net_liquidation"))

    def tally(self) -> ExposureTally:
        """Positions and working orders at mark, for each account by itself."""
        return ExposureTally(of_account=True)
