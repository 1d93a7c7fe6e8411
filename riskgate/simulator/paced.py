"""A clock that runs faster or slower than the computer's, and can be moved forward."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final

from riskgate.simulator.clock import Clock, RealClock
from riskgate.simulator.permitted import Within

SPEEDS: Final = Within(0.001, 100_000)
LAST: Final = datetime(2200, 1, 1, tzinfo=UTC)  # the times of orders end there, too


class PacedClock:
    """Starts at a moment, runs at a speed, and leaps when it is told to."""

    def __init__(
        self, speed: float = 1.0, start: datetime | None = None, base: Clock | None = None
    ) -> None:
        """Raises ValueError for a speed that is none, or would not be one for long."""
        if why := SPEEDS.fault(speed):
            raise ValueError(f"speed: `{speed}` {why}")
        self.speed = speed
        self._base = base or RealClock()
        self._began = self._base.now()
        self._start = (start or self._began).astimezone(UTC)
        self._leapt = timedelta(0)
        self._lock = Lock()
        self._watchers: list[Callable[[], None]] = []

    def now(self) -> datetime:
        """The time, in UTC."""
        return self._start + (self._base.now() - self._began) * self.speed + self._leapt

    def advance(self, step: timedelta) -> datetime:
        """Leap forward; the watchers are told."""
        if step < timedelta(0):
            raise ValueError(f"clock: `{step}`: time does not go back")
        if step > LAST - self.now():
            raise ValueError(f"clock: `{step}`: that is after {LAST:%Y}, where its time ends")
        with self._lock:
            self._leapt += step
            watchers = tuple(self._watchers)
        for moved in watchers:
            moved()
        return self.now()

    def watch(self, moved: Callable[[], None]) -> Callable[[], None]:
        """Call `moved` after each leap; returns the way to stop it."""
        with self._lock:
            self._watchers.append(moved)
        return lambda: self._watchers.remove(moved)


def speed_of(clock: Clock) -> float:
    """How many of its seconds pass in one; 0 for a clock that only moves when it is moved."""
    speed = getattr(clock, "speed", None)
    if speed is None:
        return 0.0 if hasattr(clock, "watch") else 1.0
    return float(speed)
