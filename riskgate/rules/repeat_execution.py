"""Stop a strategy that does the same thing again and again.

Why
    A loop that does not see its own fills sends one small order after the other: no size limit is
    met, no price is wrong, and after three seconds the firm holds what it never wanted.
Measures
    Distinct orders sent inside the window for the same strategy, instrument and side, filled or in
    flight, this one included. An order that died without a fill does not count; a modify is not
    asked. Other `per` keys tell the budgets apart further. A breach denies the order and, unless
    `then: deny`, puts its scope into a state that lasts.
Passes with `max: 2, window: 1s`
    after BUY 1 AAPL LMT 190 DAY
    BUY 1 AAPL LMT 190 DAY
    SELL 1 AAPL LMT 190 DAY
    BUY 1 AAPL LMT 190 DAY strategy=other
    modify: {order: "#1", quantity: 2}
Passes
    after submit: BUY 1 AAPL LMT 190 DAY, repeat: 2
    after broker: {order: "#1", status: Cancelled}
    BUY 1 AAPL LMT 190 DAY
Passes
    after submit: BUY 1 AAPL LMT 190 DAY, repeat: 2
    after advance: 1s
    BUY 1 AAPL LMT 190 DAY
Breaches
    after submit: BUY 1 AAPL LMT 190 DAY, repeat: 2
    BUY 1 AAPL LMT 190 DAY
    BUY 9 AAPL MKT DAY
Breaches
    after submit: BUY 1 AAPL LMT 190 DAY, repeat: 2
    after fill: {order: "#1", quantity: 1, price: 190}
    after broker: {order: "#1", status: Cancelled}
    BUY 1 AAPL LMT 190 DAY
Source
    RTS 6 Art. 15(3), repeated automated execution throttle; 17 CFR 240.15c3-5(c)(1)(ii); Infinium
    2010-02-03, 6,767 orders of one lot in three seconds.
"""

from __future__ import annotations

from decimal import Decimal

from riskgate.model.order import Order
from riskgate.model.readings import CountReading
from riskgate.model.snapshot import Snapshot
from riskgate.model.trading import TradingState
from riskgate.rulekit.base import Parameter, Rule, at_most
from riskgate.rulekit.bounds import HIGHER, Measured
from riskgate.rulekit.latching import STATES, latch
from riskgate.rulekit.parameters import Duration, count
from riskgate.rulekit.surely import Alike, Shortcut, counting
from riskgate.rulekit.tallies import RepeatTally


class RepeatExecution(Rule):
    """How many orders a strategy may send on one side of one instrument inside a window."""

    kind = "repeat_execution"
    asks_legs = False
    has_budget = True

    window = Parameter(
        Duration(), "How long an order is remembered.", required=True, tighter=HIGHER
    )
    then = latch("reduce_only")

    @at_most(count())
    def max(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # counts only
        """The most orders inside the window that are filled or in flight."""
        if seen.replaced is not None:
            return None
        return Decimal(self.reading(seen, CountReading).count + 1)

    @max.surely  # noqa: A003  # the limit above
    def _few(self, most: Decimal, alike: Alike) -> Shortcut:  # noqa: ARG002  # one shape
        """One more than were counted."""
        return counting(self.name, most)

    def tally(self) -> RepeatTally:
        """Orders inside the window, by strategy, instrument and side."""
        return RepeatTally(self.window)

    def trips(self) -> TradingState | None:
        """What `then` says."""
        return STATES[self.then]
