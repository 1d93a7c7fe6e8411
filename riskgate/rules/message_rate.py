"""Deny messages that come faster than anybody meant.

Why
    A loop without a brake sends a thousand orders before the first answer is back; venues and the
    broker disconnect or fine whoever floods them.
Measures
    Messages sent inside the sliding window, this one included: new orders and modifies, and cancels
    only where listed. A cancel is counted once per order and is never denied.
Passes with `max: 1, window: 1s`
    BUY 100 AAPL LMT 190 DAY
Breaches with `max: 0, window: 1s`
    BUY 100 AAPL LMT 190 DAY
Source
    RTS 6 Art. 15(1)(d); 17 CFR 240.15c3-5(c)(1)(ii); IB's 50 messages a second.
"""

from __future__ import annotations

from decimal import Decimal

from riskgate.model.order import Order
from riskgate.model.readings import CountReading
from riskgate.model.snapshot import Snapshot
from riskgate.rulekit.base import Parameter, Rule, at_most
from riskgate.rulekit.bounds import HIGHER, MORE, Measured
from riskgate.rulekit.matching import names
from riskgate.rulekit.parameters import Duration, Words, count
from riskgate.rulekit.surely import ALWAYS, Alike, Shortcut, counting
from riskgate.rulekit.tallies import WindowTally

COUNTED = ("new", "modify", "cancel")


class MessageRate(Rule):
    """How many messages a budget may send inside a window."""

    kind = "message_rate"
    asks_legs = False
    has_budget = True

    window = Parameter(
        Duration(), "How long a message is remembered.", required=True, tighter=HIGHER
    )
    counts = Parameter(
        Words(COUNTED),
        "Which messages count.",
        default=names(("new", "modify")),
        tighter=MORE,
    )

    @at_most(count())
    def max(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # counts only
        """The most messages inside the window."""
        message = "new" if seen.replaced is None else "modify"
        if message not in self.counts:
            return None
        return Decimal(self.reading(seen, CountReading).count + 1)

    @max.surely  # noqa: A003  # the limit above
    def _few(self, most: Decimal, alike: Alike) -> Shortcut:  # noqa: ARG002  # one shape
        """One more than were counted, where new orders count at all."""
        return counting(self.name, most) if "new" in self.counts else ALWAYS

    def tally(self) -> WindowTally:
        """The messages that count, inside the window."""
        return WindowTally(self.window, (), self.counts.exact)
