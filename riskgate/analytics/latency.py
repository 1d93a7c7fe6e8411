"""How long orders took, from their decision to what became of them, and how long they queued.

    sent, acknowledged, first_fill, filled, done = that moment - decided_at
    queued = what it waited for its turn at the pacer, after the decision and before it was sent

Rule 1: a time is never below zero: the broker stamps fills in whole seconds, so a fill may seem to
come before its order.
Rule 2: a percentile is the nearest rank: of n times in order, the one at place ceil(n x p / 100).
It is a time that some order took, and nothing is interpolated.
Rule 3: up to `KEPT` times in a group are kept one by one, 8 bytes each, and all figures are exact.
Beyond that they are counted in classes that are at most 1/256 wide of their value, so memory stops
to grow (`Durations.classes`). A percentile is then its class's upper end: at most 0.4 % too long,
never too short; number, mean and longest stay exact.
Source: RTS 6 Art. 13 and FIX tags 52, 60 for the moments; NIST nearest-rank percentile.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

import msgspec

from riskgate.analytics.facts import OrderFacts
from riskgate.model.lifecycle import Status
from riskgate.model.spans import MICROSECOND

KEPT: Final = 65_536
NO_TIME: Final = timedelta(0)
_FINE: Final = 9  # the binary digits that a class keeps of its times: 256 classes in each octave
_MILLION: Final = Decimal(1_000_000)


class Waits(msgspec.Struct, frozen=True, gc=False):
    """What one order took from its decision until each moment; None for what has not come."""

    sent: timedelta | None
    acknowledged: timedelta | None
    first_fill: timedelta | None
    filled: timedelta | None
    done: timedelta | None
    queued: timedelta | None


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """How long `count` orders took; percentiles are nearest ranks. None without any."""

    count: int = 0
    mean: timedelta | None = None
    p50: timedelta | None = None
    p90: timedelta | None = None
    p99: timedelta | None = None
    longest: timedelta | None = None


def elapsed(begin: datetime, end: datetime | None) -> timedelta | None:
    """From one moment to another, never below zero; None if the other has not come."""
    if end is None:
        return None
    return end - begin if end > begin else NO_TIME


def seconds(time: timedelta) -> Decimal:
    """A time in seconds, to the microsecond."""
    return Decimal(time // MICROSECOND).scaleb(-6)


def known_seconds(time: timedelta | None) -> Decimal | None:
    """The same of what may not be known."""
    return None if time is None else seconds(time)


def waits(facts: OrderFacts) -> Waits:
    """How long an order took. It is done once it is filled whole, or over without that.

    It was filled when the record had its last fill: `filled_at` is the broker's stamp of it.
    """
    begin, queued, done = facts.decided_at, facts.queued, facts.done_at
    whole = facts.status is Status.FILLED
    filled = (done or facts.filled_at) if whole else None
    return Waits(
        elapsed(begin, facts.sent_at),
        elapsed(begin, facts.acknowledged_at),
        elapsed(begin, facts.first_filled_at),
        elapsed(begin, filled),
        elapsed(begin, done or filled),
        None if queued is None else timedelta(microseconds=int(queued * _MILLION)),
    )


class Durations:
    """Times of many orders, as they come."""

    __slots__ = ("_classes", "_counted", "_kept", "_longest", "_sum")

    def __init__(self) -> None:
        self._kept: array[int] = array("q")  # microseconds
        self._classes: dict[int, int] = {}
        self._counted = self._sum = self._longest = 0  # of the times that are in classes

    @property
    def count(self) -> int:
        """How many there are."""
        return self._counted + len(self._kept)

    @property
    def classes(self) -> int:
        """How many classes there are; none while times are kept one by one."""
        return len(self._classes)

    def add(self, time: timedelta) -> None:
        """Count one time."""
        kept, seconds = self._kept, time.seconds
        if time.days:
            seconds += time.days * 86_400
        kept.append(seconds * 1_000_000 + time.microseconds)
        if len(kept) > KEPT:
            self._classify()

    def _classify(self) -> None:
        """Count in classes what was kept."""
        kept, self._kept = self._kept, array("q")
        self._counted += len(kept)
        self._sum += sum(kept)
        self._longest = max(self._longest, max(kept, default=0))
        for time in kept:
            end = _upper_end(time)
            self._classes[end] = self._classes.get(end, 0) + 1

    def merge(self, other: Durations, sign: int) -> None:
        """Count another's times too, or with a `sign` of -1 no more.

        Once there are classes, the longest that is taken away is known by its class only.
        """
        if self._classes or other._classes or len(self._kept) + len(other._kept) > KEPT:
            self._merge_classes(other, sign)
        elif sign > 0:
            self._kept.extend(other._kept)
        else:
            _remove(self._kept, other._kept)

    def _merge_classes(self, other: Durations, sign: int) -> None:
        self._classify()
        more = Durations()
        more._kept = other._kept
        more._classes = dict(other._classes)
        more._classify()
        self._counted += sign * (more._counted + other._counted)
        self._sum += sign * (more._sum + other._sum)
        self._longest = max(self._longest, more._longest, other._longest)
        for end, count in more._classes.items():
            left = self._classes.get(end, 0) + sign * count
            self._classes[end] = left
            if not left:
                del self._classes[end]
        self._longest = min(self._longest, max(self._classes, default=0))

    def value(self) -> Timing:
        """What they come to."""
        count = self.count
        if not count:
            return Timing()
        if self._classes:
            self._classify()
        p50, p90, p99 = self._at([-(-count * percent // 100) for percent in (50, 90, 99)])
        return Timing(
            count=count,
            mean=timedelta(microseconds=round(Fraction(self._sum + sum(self._kept), count))),
            p50=p50,
            p90=p90,
            p99=p99,
            longest=timedelta(microseconds=max(self._longest, max(self._kept, default=0))),
        )

    def _at(self, ranks: Sequence[int]) -> list[timedelta]:
        """The times at these places, which rise, of all in order."""
        if not self._classes:
            times = sorted(self._kept)
            return [timedelta(microseconds=times[rank - 1]) for rank in ranks]
        found: list[timedelta] = []
        passed = 0
        for end in sorted(self._classes):
            passed += self._classes[end]
            while len(found) < len(ranks) and passed >= ranks[len(found)]:
                found.append(timedelta(microseconds=min(end, self._longest)))
        return found


def _upper_end(time: int) -> int:
    """The longest time of the class that a time is in."""
    spare = time.bit_length() - _FINE
    return time if spare <= 0 else (((time >> spare) + 1) << spare) - 1


def _remove(kept: array[int], gone: array[int]) -> None:
    """Take times out; what came last is found first."""
    for time in gone:
        place = len(kept) - 1
        while kept[place] != time:
            place -= 1
        kept.pop(place)
