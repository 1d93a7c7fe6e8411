"""A series of any length kept in a few points: of each stretch of time the highest.

Rule 1: memory is bounded by `most`, however many points come; their order does not matter.
Rule 2: the peak is never thinned away, and no stretch is shown lower than it was.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, Generic, TypeVar

T = TypeVar("T")
START: Final = datetime.min.replace(tzinfo=UTC)  # stretches are the same for every series
FINEST: Final = timedelta(seconds=1)


class Thinned(Generic[T]):
    """At most `most` points, one for each stretch; stretches grow twofold as they must."""

    def __init__(
        self, most: int, at: Callable[[T], datetime], height: Callable[[T], Decimal]
    ) -> None:
        self.stretch = FINEST
        self._most = max(1, most)
        self._at = at
        self._height = height
        self._kept: dict[int, T] = {}

    def add(self, point: T) -> None:
        """Take one more point."""
        self._put(point)
        while len(self._kept) > self._most:
            self.stretch *= 2
            points, self._kept = self._kept.values(), {}
            for one in points:
                self._put(one)

    def points(self) -> tuple[T, ...]:
        """What is kept, by time."""
        return tuple(sorted(self._kept.values(), key=self._at))

    def _put(self, point: T) -> None:
        """Keep the higher point of a stretch, of equals the earlier."""
        place = (self._at(point) - START) // self.stretch
        known = self._kept.get(place)
        if known is None or self._rank(point) > self._rank(known):
            self._kept[place] = point

    def _rank(self, point: T) -> tuple[Decimal, timedelta]:
        return self._height(point), START - self._at(point)
