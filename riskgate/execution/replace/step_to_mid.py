"""Give way in steps: move the limit toward the middle of the market, and never beyond it.

Why
    Inside the spread there is often somebody who trades better than the touch. A patient order
    finds out how little it has to give.
How
    `every` so long, the limit moves by `step` toward the middle, as it is then. After
    `max_changes` modifies, or `max_move` away from its first price, it stays.
Stated
    step_to_mid every=10s step=0.01 max_changes=8 max_move=0.08
Source
    Robert Kissell (2013), chapter 1; FIX 5.0 SP2, PegPriceType <1094> = 2 (mid-price).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from riskgate.execution.moves import Keep, Move, Seen, repriced
from riskgate.model.money import ZERO
from riskgate.model.order import Side


class StepToMid(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters.

    every: the time between two modifies.
    step: how much nearer each time, as a price.
    max_changes: how many modifies at most.
    max_move: how far from the first limit at most, as a price.
    """

    every: timedelta
    step: Decimal
    max_changes: int
    max_move: Decimal

    def __post_init__(self) -> None:
        """Raise ValueError for what has no bound."""
        bounds = (self.step, self.max_move)
        if self.every <= timedelta(0) or self.max_changes < 1 or min(bounds) <= ZERO:
            raise ValueError("every, step, max_changes and max_move must be above zero")

    def next(self, seen: Seen, now: datetime) -> Move:
        """Where the limit should be now."""
        if seen.changes >= self.max_changes or seen.limit_price is None:
            return Keep()
        if now < seen.rested_since + self.every:
            return Keep(seen.rested_since + self.every)
        mid = seen.quote.mid if seen.quote else None
        if mid is None:
            return Keep()
        buys = seen.side is Side.BUY
        nearer = seen.limit_price + (self.step if buys else -self.step)
        return repriced(seen, min(nearer, mid) if buys else max(nearer, mid), self.max_move)
