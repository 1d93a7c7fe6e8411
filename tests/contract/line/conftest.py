"""Gates on one journal, connected to a TWS whose line breaks when a test says so."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from riskgate.brokers.ib import desk
from riskgate.brokers.ib.broker import IbBroker
from riskgate.config import Config
from riskgate.journal.archive import open_for_reading
from riskgate.model.events import Note
from riskgate.model.lifecycle import Status
from riskgate.simulator import (
    Running,
    VirtualClock,
    quote,
    running,
)
from riskgate.ticket import Ticket
from riskgate.wiring import ConnectedGate, connect

MORNING = datetime(2025, 1, 6, 15, 0, tzinfo=UTC)
PATIENCE = 30.0
AAPL = quote("189.99", "190.01", "190.00", "189.00")
LIMITS = """
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
  - {id: held, kind: position, per: [account, symbol], max_long: 100, max_short: 100,
     because: a test}
  - {id: fresh, kind: reference_price, max_age: 60s, because: a price is needed}
"""


@pytest.fixture(autouse=True)
def _nothing_stays_behind() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    left = {thread for thread in threading.enumerate() if thread not in before}
    assert not {thread.name for thread in left if thread.is_alive()}


@dataclass
class House:
    """A simulated TWS on a clock of the test's, and gates on one journal."""

    sim: Running
    clock: VirtualClock
    folder: Path
    stack: ExitStack

    def open(self, client_id: int = 1, **broker: object) -> ConnectedGate:
        given = {"reconnect_wait": 0.02, "reconnect_max": 0.1, "connect_timeout": 1.0, **broker}
        config = Config(
            journal=str(self.folder / "journal.sqlite"),
            policies=(str(self.folder / "limits.yaml"),),
            broker={"port": self.sim.port, "client_id": client_id, **given},
            broker_codes={77778: "information"},  # type: ignore[dict-item]  # as a file says it
            kill_signal="none",
        )
        gate = connect(config, clock=self.clock)
        self.stack.callback(gate.close)
        assert gate.prepare("AAPL", timeout=PATIENCE) == ()
        return gate

    def recorded(self) -> list[object]:
        with open_for_reading(self.folder / "journal.sqlite") as archive:
            return [event.payload for event in archive.read()]

    def notes(self) -> list[str]:
        return [one.text for one in self.recorded() if isinstance(one, Note)]

    def ids_on_the_wire(self) -> list[int]:
        return [one.message.integer("orderId") for one in self.sim.received("placeOrder")]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    (tmp_path / "limits.yaml").write_text(LIMITS, encoding="utf-8")
    clock = VirtualClock(MORNING)
    with running({"AAPL": AAPL}, clock) as sim, ExitStack() as stack:
        yield House(sim, clock, tmp_path, stack)


def until(gate: ConnectedGate, holds: Callable[[], bool]) -> None:
    """Wait for the gate. Not everything that is waited for wakes whoever waits."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if gate.wait_for(holds, 0.05):
            return
    raise AssertionError(gate.distrusted_because)


def lost(gate: ConnectedGate) -> None:
    until(gate, lambda: not gate.reconciled)


def back(gate: ConnectedGate) -> None:
    until(gate, lambda: gate.reconciled)


@contextmanager
def another_session(*gates: ConnectedGate) -> Iterator[None]:
    """What is done within ends the sessions; go on when each has another and is reconciled."""
    before = [session_of(gate) for gate in gates]
    yield
    for gate, old in zip(gates, before, strict=True):
        until(gate, lambda g=gate, o=old: session_of(g) not in (None, o) and g.reconciled)  # type: ignore[misc]


def session_of(gate: ConnectedGate) -> desk.Desk | None:
    broker = gate._broker
    assert isinstance(broker, IbBroker)
    return broker._desk


def working(ticket: Ticket) -> None:
    assert ticket.wait(PATIENCE, lambda view: view.status is Status.SUBMITTED) is Status.SUBMITTED


def codes(ticket: Ticket) -> set[str]:
    return {str(finding.code) for finding in ticket.decision.breaches if finding.code}


def held(gate: ConnectedGate) -> Decimal:
    return sum(gate.ledger.holdings.positions().values(), Decimal(0))
