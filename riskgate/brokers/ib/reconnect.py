"""Brings a session back that was lost, for as long as it takes.

Rule 1: no thread and no sleep in here: `step` does what is due and says when to come again.
Rule 2: an attempt has worked when its session has stood for a while; one that is lost at once
makes the next wait longer, like one that never came up.
Rule 3: an outage is one note, however many attempts it takes, and one more when it is over. In
the restart window of the gateway it is no alarm, and attempts are as rare as they may be.
Rule 4: nothing is approved until the book is proven again; that is the listener's to see to.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import msgspec
from tenacity import (
    AttemptManager,
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    wait_exponential,
)

from riskgate.brokers.ib.settings import Settings
from riskgate.errors import NotConnected, RiskgateError
from riskgate.ports import Clock, Listener

LOOK: Final = 0.25  # seconds between two looks at a session that stands
ALARM: Final = "alarm: orders do not reach the broker"


class Line(Protocol):
    """The broker, as far as its sessions go."""

    settings: Settings

    @property
    def connected(self) -> bool:
        """Whether there is a session in which orders reach the market."""
        ...

    @property
    def in_session(self) -> bool:
        """Whether there is a session, of whatever use."""
        ...

    @property
    def silent(self) -> bool:
        """Whether the broker owes us the answer to a heartbeat."""
        ...

    @property
    def trouble(self) -> str:
        """Why orders do not reach the market, or nothing."""
        ...

    @property
    def mode_fault(self) -> str | None:
        """Why paper and live disagree, or None."""
        ...

    def start(self, listener: Listener) -> None:
        """Make a fresh session in the place of the last. Raise RiskgateError with the reason."""
        ...


class Told(msgspec.Struct, frozen=True):
    """Who hears of it: `listener` every reason not to approve, `note` what goes on record."""

    listener: Listener
    note: Callable[[str], object]


@dataclass(slots=True)
class Outage:
    """A time in which orders do not reach the broker."""

    since: datetime
    tries: int = 0
    alarmed: bool = False


class Attempts:
    """One row of attempts, each later after the last one than that was after its own."""

    def __init__(
        self, wait: Callable[[RetryCallState], float], failed: Callable[[RetryCallState], None]
    ) -> None:
        self.pause = 0.0
        self._row: Iterator[AttemptManager] = iter(
            Retrying(
                retry=retry_if_exception_type(RiskgateError),
                wait=wait,
                before_sleep=failed,
                sleep=self._postpone,
            )
        )
        self._attempt = next(self._row)

    def make(self, connect: Callable[[], None]) -> bool:
        """Make the attempt that is due; false if it failed, and `pause` says for how long."""
        with self._attempt:
            connect()
        outcome = self._attempt.retry_state.outcome
        if outcome is None or not outcome.failed:
            return True
        self._attempt = next(self._row)
        return False

    def undo(self, reason: str) -> None:
        """What the last attempt brought has not lasted."""
        error = NotConnected(reason)
        self._attempt.retry_state.set_exception((NotConnected, error, None))
        self._attempt = next(self._row)

    def _postpone(self, seconds: float) -> None:
        """What the library would sleep is for whoever drives us to wait."""
        self.pause = seconds


class Reconnect:
    """Watches one broker. To be driven from one thread, with seconds that only grow."""

    def __init__(
        self, line: Line, told: Told, clock: Clock, dice: random.Random | None = None
    ) -> None:
        settings = line.settings
        self._line = line
        self._told = told
        self._clock = clock
        self._dice = dice or random.Random()  # noqa: S311  # spreads attempts, keeps no secret
        self._longest = settings.reconnect_max
        self._backoff = wait_exponential(settings.reconnect_wait, self._longest)
        self._outage: Outage | None = None
        self._attempts: Attempts | None = None
        self._due: float | None = None
        self._back_at: float | None = None
        self._silent_since: float | None = None

    def step(self, now: float) -> float:
        """Do what is due; return how many seconds until there is something to do again."""
        if self._line.connected:
            return self._stands(now)
        reason = self._line.trouble
        outage = self._outage = self._outage or Outage(self._clock.now())
        if not outage.alarmed and not self._expected():
            outage.alarmed = True
            self._told.note(f"{ALARM} since {outage.since:%H:%M:%S} UTC: {reason}")
        if self._line.in_session and not self._given_up(now):
            return LOOK
        return self._again(outage, reason, now)

    def _stands(self, now: float) -> float:
        """Orders reach the broker. Forget the attempts when that has been so for long enough."""
        self._silent_since = None
        if self._outage is not None:
            self._told.note(_over(self._outage, self._line.mode_fault, self._clock.now()))
            self._outage = None
            self._back_at = now
        if self._back_at is not None and now - self._back_at >= self._longest:
            self._attempts = self._back_at = None
        return LOOK

    def _given_up(self, now: float) -> bool:
        """Whether a session has been silent for too long; other troubles TWS itself must end."""
        if not self._line.silent:
            self._silent_since = None
            return False
        self._silent_since = now if self._silent_since is None else self._silent_since
        return now - self._silent_since >= self._line.settings.max_silence

    def _again(self, outage: Outage, reason: str, now: float) -> float:
        """Connect anew, if that is due."""
        if self._attempts is None:
            self._attempts = Attempts(self._wait, self._failed)
        elif self._back_at is not None:
            self._attempts.undo(reason)
        self._back_at = self._silent_since = None
        if self._due is None:
            self._due = now + self._attempts.pause
        if now < self._due:
            return self._due - now
        self._due = None
        outage.tries += 1
        if self._attempts.make(self._connect):
            self._back_at = now
        return 0.0

    def _connect(self) -> None:
        self._line.start(self._told.listener)

    def _wait(self, state: RetryCallState) -> float:
        """Seconds until the next attempt: up to twice as long as the last, never in step."""
        if self._expected():
            return self._longest
        return self._backoff(state) * self._dice.uniform(0.5, 1.0)

    def _failed(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        wait = state.next_action.sleep if state.next_action else 0.0
        often = f"attempt {state.attempt_number} to connect again, the next in {wait:.1f} s"
        self._told.listener.session_changed(f"{error} ({often})")

    def _expected(self) -> bool:
        window = self._line.settings.restart_window
        return window is not None and window.covers(self._clock.now())


def _over(outage: Outage, mode_fault: str | None, now: datetime) -> str:
    """What is noted when orders reach the broker again."""
    seconds = (now - outage.since).total_seconds()
    tries = f"; attempts: {outage.tries}" if outage.tries else ""
    but = f"; nothing is approved: {mode_fault}" if mode_fault else ""
    return f"connected again after {seconds:.0f} s{tries}{but}"
