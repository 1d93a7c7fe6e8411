"""Reconciling while the market moves: what only looks like a difference is none."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from riskgate.config import Config
from riskgate.journal.archive import open_for_reading
from riskgate.model.events import PositionsReported
from riskgate.model.lifecycle import Status
from riskgate.model.report import StatusReport
from riskgate.simulator import Fault, Fills, Options, Running, Silent, VirtualClock, quote, running
from riskgate.wiring import ConnectedGate, connect

MORNING: Final = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
PATIENCE: Final = 10.0
MOST: Final = 1000  # reconciles, until enough has happened meanwhile
AAPL: Final = quote("189.99", "190.01", "190.00", "189.00")
LIMITS: Final = """\
riskgate: 1
policy: house
timezone: America/New_York
currency: USD
rules:
  - id: book
    kind: position
    max_long: 50000
    max_short: 50000
    because: The book is read for every order.
"""


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(MORNING)


@pytest.fixture
def sim(clock: VirtualClock) -> Iterator[Running]:
    fills = Options(fills=Fills(sizes=(Decimal(1),)))
    with running(prices={"AAPL": AAPL}, clock=clock, options=fills) as simulator:
        yield simulator


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    (tmp_path / "limits.yaml").write_text(LIMITS)
    return tmp_path / "journal.sqlite"


@contextmanager
def connected(sim: Running, clock: VirtualClock, journal: Path) -> Iterator[ConnectedGate]:
    config = Config(
        journal=str(journal),
        policies=(str(journal.with_name("limits.yaml")),),
        broker={"port": sim.port, "client_id": 1, "messages_per_second": 1000},
    )
    with connect(config, clock=clock) as gate:
        assert gate.prepare("AAPL", timeout=PATIENCE) == ()
        yield gate


@pytest.fixture
def gate(sim: Running, clock: VirtualClock, journal: Path) -> Iterator[ConnectedGate]:
    with connected(sim, clock, journal) as opened:
        yield opened


@contextmanager
def meanwhile(action: Callable[[int], object]) -> Iterator[None]:
    """Do something over and over in another thread."""
    over = threading.Event()

    def act() -> None:
        count = 0
        while not over.wait(0.02):
            count += 1
            action(count)

    thread = threading.Thread(target=act)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(PATIENCE)


@pytest.mark.slow
def test_a_fill_while_positions_are_compared_is_no_difference(
    gate: ConnectedGate, sim: Running, journal: Path
) -> None:
    with meanwhile(lambda n: gate.submit(f"BUY {1 + n % 7} AAPL MKT DAY")):
        for _ in range(MOST):
            assert gate.reconcile().differences == ()
            if len(sim.executions()) > 100:
                break
    assert gate.wait_for(lambda: not gate.ledger.working(), PATIENCE)
    sim.settle()
    count = len(sim.executions())
    assert count > 100
    assert gate.wait_for(lambda: len(gate.fills()) == count, PATIENCE)
    ours = gate.ledger.holdings.positions()
    assert list(ours.values()) == list(sim.positions().values())
    with open_for_reading(journal) as archive:
        assert not any(isinstance(event.payload, PositionsReported) for event in archive.read())


@pytest.mark.slow
def test_an_order_on_its_way_while_the_story_is_told_is_not_unknown(
    gate: ConnectedGate, sim: Running, journal: Path
) -> None:
    with meanwhile(lambda n: gate.submit(f"BUY {n} AAPL LMT 180 DAY")):
        for _ in range(MOST):
            assert gate.reconcile().clean
            if len(sim.orders()) > 30:
                break
    with open_for_reading(journal) as archive:
        said = [e.payload.status for e in archive.read() if isinstance(e.payload, StatusReport)]
    assert Status.SUBMITTED in said
    assert Status.UNKNOWN not in said


def test_a_position_of_an_earlier_day_is_taken_over_once(
    sim: Running, clock: VirtualClock, journal: Path
) -> None:
    with connected(sim, clock, journal) as gate:
        assert gate.submit("BUY 5 AAPL MKT DAY").wait(PATIENCE) is Status.FILLED
    clock.advance(timedelta(days=1))
    fresh = journal.with_name("fresh.sqlite")
    for _ in range(2):
        with connected(sim, clock, fresh) as gate:
            assert list(gate.ledger.holdings.positions().values()) == [5]
    with open_for_reading(fresh) as archive:
        taken = [e.payload for e in archive.read() if isinstance(e.payload, PositionsReported)]
    assert [position.quantity for one in taken for position in one.positions] == [5]


def test_what_the_broker_tells_again_is_not_recorded_again(
    gate: ConnectedGate, sim: Running, journal: Path
) -> None:
    ticket = gate.submit("BUY 5 AAPL MKT DAY")
    assert ticket.wait(PATIENCE) is Status.FILLED
    sim.settle()
    charged = gate.wait_for(lambda: all(f.commission is not None for f in ticket.fills), PATIENCE)
    assert charged
    gate.reconcile()
    with open_for_reading(journal) as archive:
        before = archive.counts()["events"]
    assert gate.reconcile().executions == 5
    with open_for_reading(journal) as archive:
        after = archive.counts()["events"]
    assert {kind: after[kind] - before[kind] for kind in after if after[kind] != before[kind]} == {
        "reconcile result": 1,
        "position report": 1,
    }


def test_an_order_whose_larger_terms_never_arrived_is_filled_when_the_broker_says_so(
    gate: ConnectedGate, sim: Running
) -> None:
    ticket = gate.submit("BUY 10 AAPL LMT 189 GTC")
    ticket.wait(PATIENCE, until=lambda view: view.status is Status.SUBMITTED)
    sim.inject(Fault("placeOrder", Silent()))
    assert gate.modify(ticket.order_id, quantity=Decimal(15)).allowed
    sim.wait_for(lambda: len(sim.received("placeOrder")) == 2, PATIENCE)
    sim.set_price("AAPL", quote("188.90", "189.00", "189.00", "189.00"))
    sim.settle()
    gate.wait_for(lambda: len(ticket.fills) == 10, PATIENCE)
    assert gate.reconcile().differences == ()
    view = ticket.view
    assert view is not None
    assert view.status is Status.FILLED
    assert view.quantity == view.filled_quantity == 10


def test_an_order_whose_smaller_terms_never_arrived_keeps_what_can_still_fill_reserved(
    gate: ConnectedGate, sim: Running
) -> None:
    ticket = gate.submit("BUY 10 AAPL LMT 189 GTC")
    ticket.wait(PATIENCE, until=lambda view: view.status is Status.SUBMITTED)
    sim.inject(Fault("placeOrder", Silent()))
    assert gate.modify(ticket.order_id, quantity=Decimal(6)).allowed
    sim.wait_for(lambda: len(sim.received("placeOrder")) == 2, PATIENCE)
    sim.set_price("AAPL", quote("188.90", "189.00", "189.00", "189.00", liquidity="6"))
    assert gate.wait_for(lambda: len(ticket.fills) == 6, PATIENCE)
    life = gate.life(ticket.order_id)
    assert life is not None
    assert life.status is Status.PARTIALLY_FILLED
    assert life.reserved == 4
    sim.set_price("AAPL", quote("188.90", "189.00", "189.00", "189.00"))
    assert ticket.wait(PATIENCE) is Status.FILLED
    assert life.reserved == 0
