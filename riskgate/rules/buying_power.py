"""Deny an order that opens more than the account's funds can carry.

Why
    The broker reports what is available every few minutes; a strategy can spend it ten times over
    in between, and is then liquidated at the worst moment.
Measures
    Funds left: available funds as last reported, less the conservative value of working orders that
    open, less opening fills newer than that report, less this order. Where the instrument has a
    margin rate, that part of the value counts. An order opens unless it was a reduction when it was
    approved; a reduction needs no funds and is not asked. `max_percent` is what is spent of the
    reported funds; where those are at or below zero it is a breach.
Passes with `min_left: 981000`
    BUY 100 AAPL LMT 190 DAY
    SELL 100 AAPL LMT 190 DAY
Breaches with `min_left: 981000`
    BUY 101 AAPL LMT 190 DAY
Breaches
    after BUY 60 AAPL LMT 190 DAY
    after fill: {order: "#1", quantity: 30, price: 190}
    BUY 41 AAPL LMT 190 DAY
Passes
    given positions: {AAPL: 500}
    after SELL 200 AAPL LMT 190 DAY
    SELL 300 AAPL LMT 190 DAY
Breaches
    given positions: {AAPL: 500}
    after SELL 200 AAPL LMT 190 DAY
    SELL 301 AAPL LMT 190 DAY
Breaches with `max_percent: 1.9`
    BUY 101 AAPL LMT 190 DAY
Source
    17 CFR 240.15c3-5(c)(1)(i); RTS 6 Art. 15(4).
"""

from __future__ import annotations

from decimal import Decimal

from riskgate.model.order import Order
from riskgate.model.readings import FundsReading
from riskgate.model.snapshot import Snapshot
from riskgate.rulekit.base import Rule, at_least, at_most
from riskgate.rulekit.bounds import Measured
from riskgate.rulekit.parameters import money, percent
from riskgate.rulekit.tallies import FundsTally
from riskgate.rulekit.worst import percent_of


class BuyingPower(Rule):
    """How much of an account's available funds must be left, or may be spent."""

    kind = "buying_power"
    asks_whole = False
    exempts_reductions = True
    narrows_holdings = True
    adds_up = False

    @at_least(money())
    def min_left(self, order: Order, seen: Snapshot) -> Measured:
        """The least available funds after this order, in the policy's currency."""
        left = seen.account_value("available_funds") - self._used(order, seen)
        return seen.exchanged(left, seen.base, self.context.currency)

    @at_most(percent())
    def max_percent(self, order: Order, seen: Snapshot) -> Measured:
        """The most that may be spent, this order included, in percent of reported funds."""
        return percent_of(self._used(order, seen), seen.account_value("available_funds"))

    def _used(self, order: Order, seen: Snapshot) -> Decimal:
        """What working orders, fresh fills and this order take, in the account's currency."""
        read = self.reading(seen, FundsReading)
        rate = seen.contract.margin_rate
        own = seen.notional(order, seen.base, seen.adds(order)) * (1 if rate is None else rate)
        spent = seen.converted(read.working, seen.base) + seen.converted(read.fills, seen.base)
        return spent + own

    def tally(self) -> FundsTally:
        """What is spoken for of each account's funds."""
        return FundsTally()
