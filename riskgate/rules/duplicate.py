"""Deny the same order twice in a short time.

Why
    Two clicks, a retry after a time-out, a loop that does not see its own order: the second one is
    a mistake more often than a wish.
Measures
    How many orders alike were sent or held inside the window, this one included. Alike means equal
    in every field of `same`. Modifies do not count; children of one parent are not alike.
Passes with `window: 5s`
    BUY 100 AAPL LMT 190 DAY
Breaches with `window: 5s, max: 0`
    BUY 100 AAPL LMT 190 DAY
Source
    17 CFR 240.15c3-5(c)(1)(ii), duplicative orders; Nasdaq repeated order control.
"""

from __future__ import annotations

from decimal import Decimal

from riskgate.model.order import Order
from riskgate.model.readings import CountReading
from riskgate.model.snapshot import Snapshot
from riskgate.rulekit.base import Parameter, Rule, at_most
from riskgate.rulekit.bounds import FEWER, HIGHER, Measured
from riskgate.rulekit.matching import names
from riskgate.rulekit.parameters import Duration, Words, count
from riskgate.rulekit.surely import Alike, Shortcut, counting
from riskgate.rulekit.tallies import WindowTally

ALIKE = (
    *("account", "strategy", "symbol", "side", "order_type"),
    *("quantity", "limit_price", "stop_price"),
)
COMPARABLE = (
    *ALIKE,
    *("tif", "exchange", "currency", "sec_type", "underlying", "tag"),
    *("trail_amount", "trail_percent", "limit_offset", "trigger_price", "peg_offset"),
)


class Duplicate(Rule):
    """How many equal orders may follow each other inside a window."""

    kind = "duplicate"
    asks_legs = False
    has_budget = True

    window = Parameter(
        Duration(), "How long an order is remembered.", required=True, tighter=HIGHER
    )
    same = Parameter(
        Words(COMPARABLE),
        "The fields in which orders must be equal to be alike.",
        default=names(ALIKE),
        tighter=FEWER,
    )

    @at_most(count(), default=Decimal(1))
    def max(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # counts only
        """The most orders alike inside the window."""
        if seen.replaced is not None:
            return None
        return Decimal(self.reading(seen, CountReading).count + 1)

    @max.surely  # noqa: A003  # the limit above
    def _few(self, most: Decimal, alike: Alike) -> Shortcut:  # noqa: ARG002  # one shape
        """One more than were counted."""
        return counting(self.name, most)

    def tally(self) -> WindowTally:
        """Orders alike that were sent or held inside the window; slices of one parent are not."""
        alike = tuple(sorted(self.same.exact))
        return WindowTally(self.window, alike, frozenset({"new", "held"}), siblings=False)
