"""Deny a submission whose orders together are worth too much, or warn too often.

Why
    Each line of a basket can be small enough while the basket is not; and a list of 711 warnings
    is clicked away as one.
Measures
    The conservative value of all orders of one submission (a basket, or a bracket by its entry)
    that fall into this order's budget. And how often its orders breach rules that only warn or
    hold, this rule left out. A single order is a submission of one.
Passes with `max_notional: 38000`
    basket: [BUY 100 AAPL LMT 190 DAY, BUY 100 AAPL LMT 189 DAY]
Breaches with `max_notional: 37999`
    basket: [BUY 100 AAPL LMT 190 DAY, BUY 100 AAPL LMT 189 DAY]
Breaches with `max_notional: 18999`
    BUY 100 AAPL LMT 190 DAY
Passes with `max_notional: 19000, per: symbol`
    given prices: {AAPL: 189.99 x 190.01, MSFT: 189.99 x 190.01}
    basket: [BUY 100 AAPL LMT 190 DAY, BUY 100 MSFT LMT 190 DAY]
Source
    RTS 6 Art. 15(1)(b), 8(b); 17 CFR 240.15c3-5(c)(1); Citi, 2 May 2022.
"""

from __future__ import annotations

from decimal import Decimal

from riskgate.errors import MissingData
from riskgate.model.codes import Code
from riskgate.model.order import Order
from riskgate.model.readings import SubmissionReading
from riskgate.model.snapshot import Snapshot
from riskgate.rulekit.base import Rule, at_most
from riskgate.rulekit.bounds import Measured
from riskgate.rulekit.parameters import count, money
from riskgate.rulekit.tallies import SubmissionTally


class GroupNotional(Rule):
    """How much the orders of one submission may be worth, and how often they may warn."""

    kind = "group_notional"
    asks_legs = False
    has_budget = True
    exempts_exits = True

    @at_most(money())
    def max_notional(self, order: Order, seen: Snapshot) -> Measured:
        """The largest value of all orders of a submission, in the policy's currency."""
        read = self.reading(seen, SubmissionReading)
        if read.unvalued:
            raise MissingData(Code.NO_PRICE, f"no price for {', '.join(read.unvalued)}")
        others = seen.converted(read.others, self.context.currency)
        return others + seen.notional(order, self.context.currency)

    @at_most(count())
    def max_soft_breaches(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # counts only
        """The most breaches of other rules that only warn or hold, over all orders."""
        soft = self.reading(seen, SubmissionReading).soft
        if soft is None:
            return None
        return Decimal(sum(times for rule, times in soft.items() if rule != self.name))

    def tally(self) -> SubmissionTally:
        """The values of all orders of one submission."""
        return SubmissionTally()
