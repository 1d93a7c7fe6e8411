"""Equal slices over a time: the time-weighted average price.

Why
    Who trades evenly over time pays about the average price of that time, and shows the market no
    more than a slice at once.
How
    `slices` equal parts of `duration`, one slice at the beginning of each; the last part is the
    time in which the last slice can fill. With `jitter_percent` each slice goes at a moment within
    the first so many percent of its part, so that nobody can set a clock by it; the same `seed`
    gives the same moments.
Stated
    twap duration=30m slices=10 jitter_percent=40 seed=7
Source
    Robert Kissell, The Science of Algorithmic Trading and Portfolio Management (2013), chapter 1;
    FIX 5.0 SP2, TargetStrategy <847> and StrategyParameters.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Final

import msgspec

from riskgate.execution.slices import KEPT, Progress, Slot, Step, Terms, on_schedule, slots
from riskgate.model.money import HUNDRED, ZERO
from riskgate.model.spans import MICROSECOND

DICE: Final = 2**32
MOST: Final = 1000  # slices


class Twap(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters.

    duration: how long, from the beginning.
    slices: into how many parts, 1 to 1000.
    jitter_percent: how far into its part a slice may go, 0 to 100 percent of it.
    seed: which moments; any whole number.
    """

    duration: timedelta
    slices: int
    jitter_percent: Decimal = ZERO
    seed: int = 0

    def __post_init__(self) -> None:
        """Raise ValueError for what is no schedule."""
        if self.duration <= timedelta(0):
            raise ValueError("duration must be above zero")
        if not 1 <= self.slices <= MOST:
            raise ValueError(f"slices must be 1 to {MOST}")
        if not ZERO <= self.jitter_percent <= HUNDRED:
            raise ValueError("jitter_percent must be 0 to 100")

    def wrong(self, terms: Terms) -> str:
        """Nothing that has a lot for each slice is wrong."""
        return (
            "" if terms.lots >= self.slices else f"it has no lot for each of {self.slices} slices"
        )

    def schedule(self, terms: Terms, began: datetime) -> tuple[Slot, ...]:
        """Which quantity is due when, all in all."""
        return _schedule(self, terms, began)

    def next(self, terms: Terms, progress: Progress, now: datetime) -> Step:
        """What is due now."""
        return on_schedule(self.schedule(terms, progress.began), terms, progress, now)

    def moments(self, began: datetime) -> Iterator[datetime]:
        """When each slice is due."""
        part = self.duration // self.slices
        most = part // MICROSECOND * self.jitter_percent
        for number in range(self.slices):
            drawn = int.from_bytes(sha256(f"{self.seed}/{number}".encode()).digest()[:4])
            later = most * drawn // (HUNDRED * DICE)
            yield began + number * part + int(later) * MICROSECOND


@lru_cache(maxsize=KEPT)
def _schedule(algo: Twap, terms: Terms, began: datetime) -> tuple[Slot, ...]:
    return slots(terms, [(moment, Decimal(1)) for moment in algo.moments(began)])
