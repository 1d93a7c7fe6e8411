"""One broker that lives through everything, and one gate after the other on the same journal.

Rule 1: the gate, the adapter, the client library and the simulator are the real ones.
Rule 2: a crash is a `Crash` out of the middle of anything; what is on record and on the wire stays.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final
from unittest import mock

from riskgate.brokers.ib.broker import IbBroker
from riskgate.brokers.ib.settings import Settings
from riskgate.errors import BrokerError, JournalError, NotConnected
from riskgate.gate import Gate
from riskgate.journal.memory import MemoryJournal, MemoryTurn
from riskgate.ledger.market import Market
from riskgate.line.outside import Outside
from riskgate.model.events import Recorded
from riskgate.model.hours import Hours
from riskgate.policy.policies import PolicySet
from riskgate.running.recorder import Recorder
from riskgate.simulator import Options
from riskgate.simulator.faults import Faults
from riskgate.simulator.server import Simulator
from tests.simulation.virtual_time import Turning, VirtualLoop, Wire

START: Final = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # 10:00 in New York
OURS: Final = 7  # our client id
SYMBOLS: Final = ("AAPL", "MSFT")
EACH: Final = 0.05  # seconds between two looks of whoever waits


class Crash(SystemExit):
    """The process ends here. No `except Exception` holds it."""


class LoopClock:
    """The loop's time as a wall clock; `ahead` is by how much it goes wrong."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        """This moment."""
        return START + timedelta(seconds=self._loop.time()) + self.ahead


class NoCalendars:
    """No rule of these worlds asks for hours."""

    def hours(self, code: str, at: datetime) -> Hours:
        """Nobody should ask."""
        raise LookupError(f"{code} at {at}")


class Store:
    """A journal that fails where it is told to, and where a process may end.

    `fails_at` is `begin`, `commit`, or `answer`, where what was written stands all the same.
    `crash_in` turns from now the process ends, `crash_at` `before` or `after` the commit.
    """

    def __init__(self, inner: MemoryJournal) -> None:
        self.inner = inner
        self.fails_at = ""
        self.crash_in = 0
        self.crash_at = "before"

    def another(self) -> Store:
        """The same events, as the next process opens them."""
        return Store(self.inner.another())

    @contextmanager
    def turn(self) -> Iterator[MemoryTurn]:
        """One turn; see `riskgate.ports.Journal`."""
        if self.fails_at == "begin":
            raise JournalError("journal: locked by another process")
        with self.inner.turn() as turn:
            yield turn
            if self.fails_at == "commit":
                raise JournalError("journal: the disk is full")
            if turn.added and self.crash_in:
                self.crash_in -= 1
                if not self.crash_in and self.crash_at == "before":
                    raise Crash
            ends = bool(turn.added) and not self.crash_in and self.crash_at == "after"
        if self.fails_at == "answer":
            raise JournalError("journal: the answer to the commit was lost")
        if ends:
            self.crash_at = "before"
            raise Crash

    def read(self, after: int = 0) -> Iterator[Recorded]:
        """All events; see `riskgate.ports.Journal`."""
        if self.fails_at == "begin":
            raise JournalError("journal: locked by another process")
        return self.inner.read(after)

    def has_news(self) -> bool:
        """Whether others have written."""
        return self.inner.has_news()

    def writable(self) -> bool:
        """Whether it would take a turn now."""
        return not self.fails_at


class SteppedGate(Gate):
    """The gate; who waits for something in its book turns the loop instead of sleeping."""

    turn_the_world: Callable[[], None]
    loop: VirtualLoop

    def wait_for(self, holds: Callable[[], bool], timeout: float) -> bool:
        """Wait in virtual time."""
        end = self.loop.time() + timeout
        while not holds():
            if self.loop.time() >= end:
                return False
            self.turn_the_world()
        return True


class House:
    """The broker, the journal, and the gate that runs now."""

    def __init__(
        self, lot: Random, policies: PolicySet, options: Options, settings: Settings
    ) -> None:
        self.lot = lot
        self.policies = policies
        self.settings = settings
        self.loop = VirtualLoop()
        self._named = lot.randrange(1 << 24) << 8
        asyncio.set_event_loop(self.loop)
        self.broker_clock = LoopClock(self.loop)
        self.clock = LoopClock(self.loop)
        self.simulator = Simulator(options, self.broker_clock, Faults(lot.randrange(1 << 30)))
        self.loop.run_until_complete(self.simulator.start())
        self.gateway = self.simulator.gateway
        self.journal = Store(MemoryJournal())
        self.boots = 0
        self.gate: SteppedGate
        self.broker: IbBroker
        self.recorder: Recorder
        self.running = False

    # -- the life of a process --------------------------------------------------------------------

    def boot(self) -> None:
        """Start a gate on the journal as it is. Raise Crash, JournalError."""
        self.boots += 1
        self.journal = self.journal.another() if self.boots > 1 else self.journal
        market = Market()
        self.broker = IbBroker(
            self.settings, market, self.clock, engine=lambda _, alarm: Turning(self.loop, alarm)
        )
        outside = Outside(
            journal=self.journal,
            broker=self.broker,
            market=market,
            calendars=NoCalendars(),
            clock=self.clock,
            actor="desk",
            pause=self.loop.run_for,
        )
        with mock.patch.object(secrets, "token_hex", return_value=f"{self._named + self.boots:x}"):
            self.gate = SteppedGate(self.policies, outside)
        self.gate.loop, self.gate.turn_the_world = self.loop, self._look
        self.recorder = Recorder(self.gate)
        self.gate.start()
        self.running = True

    def connect(self) -> bool:
        """Begin a session, and have prices ready. False if there is nobody to connect to."""
        try:
            self.broker.start(self.recorder)
        except NotConnected:
            return False
        self.recorder.attend()
        with suppress(NotConnected, BrokerError):
            self.gate.prepare(*SYMBOLS, timeout=2.0)
        return True

    def crash(self) -> None:
        """The process is gone, with all that it had in mind; what it wrote arrives."""
        self.running = False
        self.journal.crash_in, self.journal.crash_at = 0, "before"
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        for wire in self.gateway_wires():
            wire.drop()
        self.loop.run_for(0.0)

    def gateway_wires(self) -> list[Wire]:
        """The connections that stand."""
        return [wire for wire in self.loop.network.wires if not wire.is_over]

    def turn(self, seconds: float, *, attend: bool = True) -> None:
        """Let time pass, and have the recorder look at what was heard."""
        self.loop.run_for(seconds)
        if attend and self.running:
            self.recorder.attend()
            if hasattr(self.gate, "follow"):
                with suppress(JournalError):
                    self.gate.follow()

    def _look(self) -> None:
        self.turn(EACH)

    def close(self) -> None:
        """Leave nothing behind."""
        self.loop.turns = 0
        self.crash()
        self.loop.close()
        asyncio.set_event_loop(None)

    # -- what is true -----------------------------------------------------------------------------

    @property
    def events(self) -> list[Recorded]:
        """All that is on record."""
        return self.journal.inner._shelf.events
