"""Deny an order that is not worth what its strategy meant to trade.

Why
    A basket of 58 million that was typed as 444 billion looks like any other order; only whoever
    made it knows what it was to be worth, so that is asked for and compared.
Measures
    The distance between conservative notional and declared notional (`intent=`, in the policy's
    currency), in percent of the intent. Where a whole submission declares an intent, all its orders
    together are compared with it, and an order that declares its own is compared with that too. A
    modify is compared as the whole new order. Without any intent the answer is NO_INTENT; an intent
    of zero is always missed.
Passes with `tolerance_percent: 5`
    BUY 100 AAPL LMT 190 DAY intent=20000
Breaches with `tolerance_percent: 5`
    BUY 1000 AAPL LMT 190 DAY intent=20000
    BUY 10 AAPL LMT 190 DAY intent=20000
Passes with `tolerance_percent: 5`
    basket: [BUY 100 AAPL LMT 190 DAY, BUY 100 AAPL LMT 189 DAY], intent: 38000
Breaches with `tolerance_percent: 5`
    basket: [BUY 100 AAPL LMT 190 DAY, BUY 100 AAPL LMT 189 DAY], intent: 20000
Source
    RTS 6 Art. 5(4); Citi, 2 May 2022.
"""

from __future__ import annotations

from decimal import Decimal

from riskgate.errors import MissingData
from riskgate.model.codes import Code
from riskgate.model.order import Order
from riskgate.model.snapshot import Snapshot, Submission
from riskgate.rulekit.base import Rule, at_most
from riskgate.rulekit.bounds import Measured
from riskgate.rulekit.parameters import percent
from riskgate.rulekit.worst import percent_of


class DeclaredIntent(Rule):
    """How far an order may be from what its strategy declared."""

    kind = "declared_intent"
    asks_legs = False
    exempts_exits = True

    @at_most(percent())
    def tolerance_percent(self, order: Order, seen: Snapshot) -> Measured:
        """How far the notional may be from the declared one, in percent of that."""
        whole = seen.submission
        intents = (order.intent, None if whole is None else whole.intent)
        if intents == (None, None):
            raise MissingData(Code.NO_INTENT, "the order declares no notional; state `intent=`")
        own = seen.notional(order, self.context.currency)
        missed = [] if order.intent is None else [percent_of(abs(own - order.intent), order.intent)]
        if whole is not None and whole.intent is not None:
            together = own + self._others(whole, seen)
            missed.append(percent_of(abs(together - whole.intent), whole.intent))
        return max(missed)

    def _others(self, whole: Submission, seen: Snapshot) -> Decimal:
        """What the other orders of the submission are worth, in the policy's currency."""
        if whole.unvalued:
            raise MissingData(Code.NO_PRICE, f"no price for {', '.join(whole.unvalued)}")
        return seen.converted(whole.others, self.context.currency)
