"""What is to be done at a later time, by the simulator's own clock.

Rule 1: nothing here waits; whoever owns the loop asks what is due.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from datetime import datetime

from riskgate.simulator.clock import Clock


class Agenda:
    """Things to do, earliest first; of the same time, in the order they came."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: list[tuple[datetime, int, Callable[[], None]]] = []
        self._numbers = itertools.count()

    def at(self, moment: datetime, todo: Callable[[], None]) -> None:
        """Do this once the clock has reached the moment."""
        heapq.heappush(self._entries, (moment, next(self._numbers), todo))

    @property
    def count(self) -> int:
        """How many things are planned."""
        return len(self._entries)

    @property
    def seconds_left(self) -> float | None:
        """Until the earliest entry, negative when it is overdue; None when there is none."""
        if not self._entries:
            return None
        return (self._entries[0][0] - self._clock.now()).total_seconds()

    @property
    def next_moment(self) -> datetime | None:
        """The moment of the earliest entry, None when there is none."""
        return self._entries[0][0] if self._entries else None

    def is_due(self) -> bool:
        """True while there is something whose time has come."""
        return bool(self._entries) and self._entries[0][0] <= self._clock.now()

    def do_next(self) -> bool:
        """Do the earliest thing that is due; False when there is none."""
        if not self.is_due():
            return False
        heapq.heappop(self._entries)[2]()
        return True
