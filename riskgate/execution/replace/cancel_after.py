"""Cancel an order that has not filled in time.

Why
    A price that was right a minute ago need not be right now. An order that nobody watches shall
    not wait for a market that has changed its mind.
How
    When `after` has passed since it was taken over, it is cancelled once.
Stated
    cancel_after after=90s
Source
    FIX 5.0 SP2, ExpireTime <126>; RTS 6 (EU 2017/589), Art. 12 and 16.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from riskgate.execution.moves import Drop, Keep, Move, Seen
from riskgate.model.spans import span


class CancelAfter(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters.

    after: how long it may work from when it was taken over.
    """

    after: timedelta

    def __post_init__(self) -> None:
        """Raise ValueError for what is no time."""
        if self.after <= timedelta(0):
            raise ValueError("after must be above zero")

    def next(self, seen: Seen, now: datetime) -> Move:
        """Whether its time is over."""
        end = seen.since + self.after
        if now < end:
            return Keep(end)
        return Drop(f"it was not filled within {span(self.after)}")
