"""Deny an order that could make the book lose too much in a market that jumps.

Why
    Value limits assume that tomorrow is like today. In April 2020 oil settled at -37.63: whoever
    was long at 0.01 could lose more than everything that was paid.
Measures
    The worst-case book, this order included, under each shock: every instrument whose root symbol
    the shock names moves by the amount, or by percent of its mark. Within one shock gains offset
    losses; the worst shock counts. Prices may pass through zero. This instrument moves by percent
    of its market price or of its conservative value, whichever is worse, the others of their latest
    mark. `max_percent` is of the net liquidation of the order's account, and of its book.
Passes with `shocks: [{percent: -20}], max_loss: 3800`
    BUY 100 AAPL LMT 190 DAY
    SELL 1000 AAPL LMT 190 DAY
Breaches with `shocks: [{percent: -20}], max_loss: 3800`
    BUY 101 AAPL LMT 190 DAY
Breaches with `shocks: [{percent: -20}, {symbol: AAPL, amount: 40}], max_loss: 3800`
    SELL 96 AAPL LMT 190 DAY
Passes with `shocks: [{percent: -20}], max_loss: 3800`
    given prices: {AAPL: {last: 190}, MSFT: {last: 400}}, positions: {MSFT: -10}
    BUY 121 AAPL LMT 190 DAY
Breaches with `shocks: [{symbol: [AAPL, MSFT], percent: -20}], max_percent: 0.38`
    after BUY 60 AAPL LMT 190 DAY
    BUY 41 AAPL LMT 190 DAY
Source
    17 CFR 240.15c3-5(c)(1)(i); RTS 6 Art. 17(2); crude oil on 2020-04-20.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from riskgate.errors import MissingData
from riskgate.model.codes import Code
from riskgate.model.money import ZERO
from riskgate.model.order import Order
from riskgate.model.readings import Gains, StressReading
from riskgate.model.snapshot import Snapshot
from riskgate.rulekit.base import Parameter, Rule, within
from riskgate.rulekit.bounds import MORE, Measured, Seen
from riskgate.rulekit.parameters import Shocks, money, percent
from riskgate.rulekit.shocks import described, outcome, touches
from riskgate.rulekit.tallies import StressTally
from riskgate.rulekit.worst import long_worst, percent_of, short_worst


class Lost(NamedTuple):
    """A loss, zero or more, and what takes it."""

    observed: Decimal
    text: str


class Stress(Rule):
    """How much the worst-case book may lose under the worst of some shocks."""

    kind = "stress"
    asks_whole = False
    exempts_reductions = True
    has_budget = True
    narrows_holdings = True
    adds_up = False

    shocks = Parameter(
        Shocks(), "The jumps of prices that the book must stand.", required=True, tighter=MORE
    )

    @within(money())
    def max_loss(self, order: Order, seen: Snapshot) -> Measured:
        """The most that the budget may lose under the worst shock, in the policy's currency."""
        others = self.reading(seen, StressReading).others
        lost = self._lost(order, seen, others, self.context.currency)
        return Seen(lost.observed, passes=True, text=lost.text)

    @within(percent())
    def max_percent(self, order: Order, seen: Snapshot) -> Measured:
        """The most that the order's account may lose in it, in percent of net liquidation."""
        others = self.reading(seen, StressReading).account or Gains()
        lost = self._lost(order, seen, others, seen.base)
        share = percent_of(lost.observed, seen.account_value("net_liquidation"))
        return Seen(share, passes=True, text=lost.text)

    def _lost(self, order: Order, seen: Snapshot, others: Gains, currency: str) -> Lost:
        """What the worst shock takes, and which one it is."""
        if others.unmarked:
            raise MissingData(Code.NO_PRICE, f"no price for {', '.join(others.unmarked)}")
        gains = [
            seen.converted(rest, currency) + seen.converted({seen.contract.currency: own}, currency)
            for rest, own in zip(others.of_shocks, self._own(order, seen), strict=True)
        ]
        worst = min(gains)
        if worst >= 0:
            return Lost(ZERO, "no shock takes anything")
        return Lost(-worst, f"under {described(self.shocks[gains.index(worst)])}")

    def _own(self, order: Order, seen: Snapshot) -> list[Decimal]:
        """What this instrument gains under each shock, at the worse of its two values."""
        held = self.reading(seen, StressReading).own
        worst = (long_worst(held, order, seen), short_worst(held, order, seen))
        felt = [touches(shock, seen.subject) for shock in self.shocks]
        marks = _marks(order, seen) if any(felt) else ()
        multiplier = seen.contract.multiplier
        return [
            min(outcome(shock, worst, mark) for mark in marks) * multiplier if is_felt else ZERO
            for shock, is_felt in zip(self.shocks, felt, strict=True)
        ]

    def tally(self) -> StressTally:
        """The worst-case book under each shock; of each account too if its worth is asked."""
        return StressTally(self.shocks, of_account="max_percent" in self.given)


def _marks(order: Order, seen: Snapshot) -> tuple[Decimal, ...]:
    """What percent may be of: the market price, and the conservative value of one unit."""
    prices = seen.prices
    conservative = prices.unit_value(order)
    market = (one for one in (prices.mid, prices.last, prices.close) if one is not None)
    return next(market), conservative
