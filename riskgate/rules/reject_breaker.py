"""Stop when order after order is refused.

Why
    Refusals in a row mean that somebody's picture of the world is wrong: a permission, a price
    feed, an instrument, the strategy itself. Sending more of the same cannot mend it.
Measures
    What the broker rejected inside the window, counted once for each order, and with `denied` also
    what we denied. This order is not counted. A denial with the code of a state (halted, not
    connected, not reconciled) never counts, so a breaker that has tripped does not feed itself. A
    breach denies the order and, unless `then: deny`, puts its scope into a state that lasts.
Passes with `max: 1, window: 10s`
    after BUY 1 AAPL LMT 190 DAY
    after broker: {order: "#1", status: Rejected}
    BUY 1 AAPL LMT 190 DAY
Breaches
    after submit: BUY 1 AAPL LMT 190 DAY, repeat: 2
    after broker: {order: "#1", status: Rejected}
    after broker: {order: "#2", status: Inactive}
    BUY 1 AAPL LMT 190 DAY
Passes
    after submit: BUY 1 AAPL LMT 190 DAY, repeat: 2
    after broker: {order: "#1", status: Rejected}
    after broker: {order: "#2", status: Rejected}
    after advance: 10s
    BUY 1 AAPL LMT 190 DAY
Passes with `max: 0, window: 10s`
    after BUY 1 AAPL LMT 190.005 DAY
    BUY 1 AAPL LMT 190 DAY
Breaches with `max: 0, window: 10s, counts: [rejected, denied]`
    after BUY 1 AAPL LMT 190.005 DAY
    BUY 1 AAPL LMT 190 DAY
Source
    RTS 6 Art. 16, real-time monitoring; 17 CFR 240.15c3-5(c)(1)(ii).
"""

from __future__ import annotations

from decimal import Decimal

from riskgate.model.order import Order
from riskgate.model.readings import CountReading
from riskgate.model.snapshot import Snapshot
from riskgate.model.trading import TradingState
from riskgate.rulekit.base import Parameter, Rule, at_most
from riskgate.rulekit.bounds import HIGHER, MORE, Measured
from riskgate.rulekit.latching import STATES, latch
from riskgate.rulekit.matching import names
from riskgate.rulekit.parameters import Duration, Words, count
from riskgate.rulekit.tallies import WindowTally

COUNTED = ("rejected", "denied")


class RejectBreaker(Rule):
    """How many refusals a budget may meet inside a window."""

    kind = "reject_breaker"
    asks_legs = False
    has_budget = True

    window = Parameter(
        Duration(), "How long a refusal is remembered.", required=True, tighter=HIGHER
    )
    counts = Parameter(
        Words(COUNTED),
        "Which refusals count: the broker's, and our own.",
        default=names(("rejected",)),
        tighter=MORE,
    )
    then = latch("reduce_only")

    @at_most(count())
    def max(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # counts only
        """The most refusals inside the window that still let an order pass."""
        return Decimal(self.reading(seen, CountReading).count)

    def tally(self) -> WindowTally:
        """The refusals that count, inside the window."""
        return WindowTally(self.window, (), self.counts.exact)

    def trips(self) -> TradingState | None:
        """What `then` says."""
        return STATES[self.then]
