"""A share of what the market trades: percentage of volume, also called participation.

Why
    A busy market takes more without moving; a quiet one shall not be pushed. The speed follows the
    volume that is seen, not a clock.
How
    Whenever `percent` of what the market has traded since the beginning exceeds what was sent by
    at least `min_slice`, the difference is sent, up to `max_slice` at once. The market's volume
    includes our own. Where no volume is known, nothing is sent.
Stated
    pov percent=10 min_slice=100 max_slice=500 duration=4h
Source
    Almgren, Thum, Hauptmann and Li, Direct Estimation of Equity Market Impact (2005); Robert
    Kissell (2013), chapter 1; FIX 5.0 SP2, TargetStrategy <847> = 2 (Participate) and
    ParticipationRate <849>.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from riskgate.execution.slices import Progress, Send, Step, Terms, Wait
from riskgate.model.money import HUNDRED, ZERO


class Pov(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters.

    percent: the share of the market's volume, above 0 and at most 100 percent.
    min_slice: the least that is worth sending, in units; what is left at last may be less.
    max_slice: the most that is sent at once, in units.
    duration: how long at most, from the beginning; without it, until all is filled.
    """

    percent: Decimal
    min_slice: Decimal
    max_slice: Decimal
    duration: timedelta | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for what is no share."""
        if not ZERO < self.percent <= HUNDRED:
            raise ValueError("percent must be above 0 and at most 100")
        if not ZERO < self.min_slice <= self.max_slice:
            raise ValueError("min_slice must be above 0 and at most max_slice")
        if self.duration is not None and self.duration <= timedelta(0):
            raise ValueError("duration must be above zero")

    def wrong(self, terms: Terms) -> str:
        """A slice must have a lot."""
        return "" if self.max_slice >= terms.lot else "max_slice is less than a lot"

    def next(self, terms: Terms, progress: Progress, now: datetime) -> Step:  # noqa: ARG002  # the shape of an algorithm
        """What the market's volume allows now."""
        if progress.volume is None:
            return Wait()
        left = terms.quantity - progress.committed
        behind = min(progress.volume * self.percent / HUNDRED - progress.committed, left)
        least = min(max(self.min_slice, terms.lot), left)
        if left <= ZERO or behind < least:
            return Wait()
        return Send(terms.whole(min(behind, self.max_slice)), terms.limit_price)
