"""What waits to be sent, and whose turn it is.

Rule 1: kill > cancel > modify > reduce > new > data, then the higher rank that a strategy gave its
order, then whoever has waited longest. A rank never carries an order before a cancel.
Rule 2: the bound counts orders and modifies only, each of those that leave as one: a cancel is
never refused for want of room.
Rule 3: pure; the time of arrival is handed in, in seconds of a clock that only grows.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from enum import IntEnum
from typing import Final, Generic, TypeVar

import msgspec

T = TypeVar("T")
BOUND: Final = 1000


class Priority(IntEnum):
    """Who goes first; lower is sooner."""

    KILL = 0
    CANCEL = 1
    MODIFY = 2
    REDUCE = 3
    NEW = 4
    DATA = 5

    @property
    def urgent(self) -> bool:
        """Whether it takes risk off whatever else happens."""
        return self <= Priority.CANCEL

    @property
    def bounded(self) -> bool:
        """Whether it adds to what the broker has to work, and so counts towards the bound."""
        return Priority.MODIFY <= self <= Priority.NEW


class Waiting(msgspec.Struct, Generic[T], frozen=True):
    """Something that waits. `key` is the order it concerns, 0 for none; `size` its messages."""

    priority: Priority
    since: float
    key: int
    item: T
    rank: int = 0
    size: int = 1

    @property
    def counts(self) -> int:
        """How much of the bound it takes."""
        return self.size if self.priority.bounded else 0


class Queue(Generic[T]):
    """A priority queue with a bound."""

    def __init__(self, bound: int = BOUND) -> None:
        self._bound = bound
        self._heap: list[tuple[int, int, float, int, Waiting[T]]] = []
        self._arrivals = 0
        self._orders = 0

    def __len__(self) -> int:
        return len(self._heap)

    def put(self, waiting: Waiting[T]) -> bool:
        """Let something wait; False if the queue is full."""
        if waiting.counts and self._orders + waiting.counts > self._bound:
            return False
        self._arrivals += 1
        turn = (int(waiting.priority), -waiting.rank, waiting.since, self._arrivals)
        heapq.heappush(self._heap, (*turn, waiting))
        self._orders += waiting.counts
        return True

    def first(self) -> Waiting[T] | None:
        """Whose turn it is; it stays."""
        return self._heap[0][-1] if self._heap else None

    def pop(self) -> Waiting[T] | None:
        """Take out whose turn it is."""
        if not self._heap:
            return None
        waiting = heapq.heappop(self._heap)[-1]
        self._orders -= waiting.counts
        return waiting

    def remove(self, chosen: Callable[[Waiting[T]], bool]) -> tuple[Waiting[T], ...]:
        """Take out everything that is chosen, in the order in which it would have gone."""
        leaving = tuple(entry for entry in sorted(self._heap) if chosen(entry[-1]))
        if leaving:
            gone = {arrival for *_, arrival, _ in leaving}
            self._heap = [entry for entry in self._heap if entry[-2] not in gone]
            heapq.heapify(self._heap)
            self._orders -= sum(entry[-1].counts for entry in leaving)
        return tuple(entry[-1] for entry in leaving)
