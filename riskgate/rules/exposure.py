"""Deny an order that could take the worst-case value of a budget beyond its limit.

Why
    Many small positions add up; each of them is within its own limit, and their sum is the bet.
Measures
    The value of positions, working orders and this order if everything on the worse side fills.
    Gross adds the larger side of every instrument. Net long is positions and working buys, net
    short is positions and working sells; there longs offset shorts. `max_net_long` is asked for
    buys, `max_net_short` for sells, `max_gross` for both. This instrument is valued at its
    conservative price, the others at their latest mark.
Passes with `max_gross: 19000, per: account`
    BUY 100 AAPL LMT 190 DAY
    SELL 100 AAPL LMT 190 DAY
Breaches with `max_gross: 18999.99, per: account`
    BUY 100 AAPL LMT 190 DAY
    SELL 100 AAPL LMT 190 DAY
Passes with `max_net_long: 19000`
    given prices: {AAPL: {last: 190}, MSFT: {last: 400}}, positions: {MSFT: -10}
    BUY 121 AAPL LMT 190 DAY
Breaches
    given prices: {AAPL: {last: 190}, MSFT: {last: 400}}, positions: {MSFT: -10}
    BUY 122 AAPL LMT 190 DAY
Breaches with `max_net_short: 19000`
    after SELL 60 AAPL LMT 190 DAY
    SELL 41 AAPL LMT 190 DAY
Source
    17 CFR 240.15c3-5(c)(1)(i); RTS 6 Art. 15(4); Knight 2012, whose orders were all small.
"""

from __future__ import annotations

from decimal import Decimal

from riskgate.errors import MissingData
from riskgate.model.codes import Code
from riskgate.model.order import Order, Side
from riskgate.model.readings import ExposureReading
from riskgate.model.snapshot import Snapshot
from riskgate.rulekit.base import Rule, at_most
from riskgate.rulekit.bounds import Measured
from riskgate.rulekit.parameters import money
from riskgate.rulekit.tallies import ExposureTally
from riskgate.rulekit.worst import gross_worst, long_worst, short_worst


class Exposure(Rule):
    """How much a budget may be worth, gross and net, if everything that works is filled."""

    kind = "exposure"
    answers_alike = True
    asks_whole = False
    exempts_reductions = True
    has_budget = True
    narrows_holdings = True
    adds_up = False

    @at_most(money())
    def max_gross(self, order: Order, seen: Snapshot) -> Measured:
        """The largest worst-case gross value, in the policy's currency: no offsetting."""
        read = self._marked(seen)
        own = self._worth(order, seen, gross_worst(read.own, order, seen))
        return seen.converted(read.gross, self.context.currency) + own

    @at_most(money())
    def max_net_long(self, order: Order, seen: Snapshot) -> Measured:
        """The largest value of positions and working buys, longs less shorts; asked for buys."""
        if order.side is Side.SELL:
            return None
        read = self._marked(seen)
        own = self._worth(order, seen, long_worst(read.own, order, seen))
        return seen.converted(read.net_long, self.context.currency) + own

    @at_most(money())
    def max_net_short(self, order: Order, seen: Snapshot) -> Measured:
        """The largest value of positions and working sells, shorts less longs; asked for sells."""
        if order.side is Side.BUY:
            return None
        read = self._marked(seen)
        own = self._worth(order, seen, -short_worst(read.own, order, seen))
        return seen.converted(read.net_short, self.context.currency) + own

    def _marked(self, seen: Snapshot) -> ExposureReading:
        """The reading, if every other holding has a price of some age."""
        read = self.reading(seen, ExposureReading)
        if read.unmarked:
            raise MissingData(Code.NO_PRICE, f"no price for {', '.join(read.unmarked)}")
        return read

    def _worth(self, order: Order, seen: Snapshot, units: Decimal) -> Decimal:
        return seen.notional(order, self.context.currency, units)

    def tally(self) -> ExposureTally:
        """Positions and working orders at mark."""
        return ExposureTally()
