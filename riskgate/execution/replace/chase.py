"""Follow the market: move the limit to the touch when that has gone away.

Why
    A limit order that the market has left never fills. It is moved after the market, but not for
    ever and not at any price.
How
    At most once `every` so long, the limit moves to the best price of its own side (`near`), or of
    the other side (`far`), where it trades at once. It only ever becomes bolder. After
    `max_changes` modifies, or `max_move` away from its first price, it stays.
Stated
    chase every=5s max_changes=10 max_move=0.20
Source
    Robert Kissell (2013), chapter 1; FIX 5.0 SP2, PegMoveType <835> and PegLimitType <837>.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

import msgspec

from riskgate.execution.moves import Keep, Move, Seen, repriced
from riskgate.model.money import ZERO


class Touch(StrEnum):
    """Which side of the market is followed."""

    NEAR = "near"
    FAR = "far"


class Chase(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters.

    every: the least time between two modifies.
    max_changes: how many modifies at most.
    max_move: how far from the first limit at most, as a price.
    to: the `near` or the `far` touch.
    """

    every: timedelta
    max_changes: int
    max_move: Decimal
    to: Touch = Touch.NEAR

    def __post_init__(self) -> None:
        """Raise ValueError for what has no bound."""
        if self.every <= timedelta(0) or self.max_changes < 1 or self.max_move <= ZERO:
            raise ValueError("every, max_changes and max_move must be above zero")

    def next(self, seen: Seen, now: datetime) -> Move:
        """Where the limit should be now."""
        if seen.changes >= self.max_changes or seen.limit_price is None:
            return Keep()
        if now < seen.rested_since + self.every:
            return Keep(seen.rested_since + self.every)
        price = seen.touch if self.to is Touch.NEAR else seen.far_touch
        return Keep() if price is None else repriced(seen, price, self.max_move)
