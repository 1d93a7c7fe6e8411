"""Make a market order of what is left, shortly before the session closes.

Why
    Some orders have to be done today: a hedge, or a position that must not stay overnight.
How
    `before` the end of the session the order is cancelled. When the broker has confirmed that, and
    not before, what is left is sent as a new market order. It is judged like any order, and the two
    together never exceed the first one. Where the hours are not known, it stays as it is.
Stated
    convert_at_close before=5m
Source
    Robert Kissell (2013), chapter 1 (target close); FIX 5.0 SP2, OrdType <40> = 1.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from riskgate.execution.moves import Convert, Keep, Move, Seen
from riskgate.model.spans import span


class ConvertAtClose(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters.

    before: how long before the end of the session.
    """

    before: timedelta

    def __post_init__(self) -> None:
        """Raise ValueError for what is no time."""
        if self.before <= timedelta(0):
            raise ValueError("before must be above zero")

    def next(self, seen: Seen, now: datetime) -> Move:
        """Whether the close is near."""
        if seen.closes is None:
            return Keep()
        moment = seen.closes - self.before
        if now < moment:
            return Keep(moment)
        return Convert(f"the session closes in less than {span(self.before)}")
