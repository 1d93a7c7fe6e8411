"""Slices as large as the market's share of the day: the volume-weighted average price.

Why
    Markets trade most at the open and the close. Who trades in proportion to what others trade
    pays about the average price that all paid, and is least seen.
How
    `duration` is cut into as many equal parts as `profile` has weights; at the beginning of each
    part its share of the whole is sent. The weights are relative: 3,1,2 is half, a sixth, a third.
Stated
    vwap duration=6h profile=20,12,9,8,9,12,30
Source
    Berkowitz, Logue and Noser, The Total Cost of Transactions on the NYSE, Journal of Finance 43
    (1988); Robert Kissell (2013), chapter 1; FIX 5.0 SP2, TargetStrategy <847> = 1 (VWAP).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final

import msgspec

from riskgate.execution.slices import KEPT, Progress, Slot, Step, Terms, on_schedule, slots
from riskgate.model.money import ZERO

MOST: Final = 1000  # weights
HEAVIEST: Final = Decimal(10**9)


class Vwap(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters.

    duration: how long, from the beginning.
    profile: the expected volume of each part, as relative weights, zero or more, 1 to 1000 of them.
    """

    duration: timedelta
    profile: tuple[Decimal, ...]

    def __post_init__(self) -> None:
        """Raise ValueError for what is no schedule."""
        if self.duration <= timedelta(0):
            raise ValueError("duration must be above zero")
        if not 1 <= len(self.profile) <= MOST or not any(self.profile):
            raise ValueError(f"profile needs 1 to {MOST} weights, not all zero")
        if not all(ZERO <= weight <= HEAVIEST for weight in self.profile):
            raise ValueError(f"profile: each weight must be 0 to {HEAVIEST:,}")

    def wrong(self, terms: Terms) -> str:  # noqa: ARG002  # the shape of an algorithm
        """Any order can be cut by weights."""
        return ""

    def schedule(self, terms: Terms, began: datetime) -> tuple[Slot, ...]:
        """Which quantity is due when, all in all."""
        return _schedule(self, terms, began)

    def next(self, terms: Terms, progress: Progress, now: datetime) -> Step:
        """What is due now."""
        return on_schedule(self.schedule(terms, progress.began), terms, progress, now)


@lru_cache(maxsize=KEPT)
def _schedule(algo: Vwap, terms: Terms, began: datetime) -> tuple[Slot, ...]:
    part = algo.duration / len(algo.profile)
    shares = [(began + number * part, weight) for number, weight in enumerate(algo.profile)]
    return slots(terms, shares)
