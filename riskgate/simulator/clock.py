"""Time as the simulator sees it: handed in, never read anywhere else.

A virtual clock may be shared with the program under test; whoever advances it also wakes the
simulator, which then does what has come due.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Protocol, runtime_checkable


class Clock(Protocol):
    """Anything that tells an aware time."""

    def now(self) -> datetime:
        """The time, with a time zone."""
        ...


@runtime_checkable
class WatchedClock(Protocol):
    """A clock that says when it was moved."""

    def watch(self, moved: Callable[[], None]) -> Callable[[], None]:
        """Call `moved` after each advance, from whatever thread; returns the way to stop it."""
        ...


class RealClock:
    """The computer's clock."""

    def now(self) -> datetime:
        """The present, in UTC."""
        return datetime.now(UTC)


class VirtualClock:
    """Stands still until it is advanced; may be shared by threads."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError(f"clock: `{start}`: has no time zone")
        self._now = start.astimezone(UTC)
        self._lock = Lock()
        self._watchers: list[Callable[[], None]] = []

    def now(self) -> datetime:
        """The time it was last set to."""
        return self._now

    def advance(self, step: timedelta) -> datetime:
        """Move forward; the watchers are told."""
        if step < timedelta(0):
            raise ValueError(f"clock: `{step}`: time does not go back")
        with self._lock:
            self._now += step
            watchers = tuple(self._watchers)
        for moved in watchers:
            moved()
        return self._now

    def watch(self, moved: Callable[[], None]) -> Callable[[], None]:
        """Call `moved` after each advance; returns the way to stop it."""
        with self._lock:
            self._watchers.append(moved)
        return lambda: self._forget(moved)

    def _forget(self, moved: Callable[[], None]) -> None:
        with self._lock:
            if moved in self._watchers:
                self._watchers.remove(moved)
