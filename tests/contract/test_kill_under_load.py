"""Kill while orders wait, work, are being reconciled, or nobody hears: measured at the wire.

The gate is the one that `connect` makes, with its pacer as it is shipped; the simulator stamps
what arrives as its bytes are read.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from riskgate.config import Config
from riskgate.journal.archive import open_for_reading
from riskgate.line.killing import AGAIN_AFTER, KillReport
from riskgate.model.decision import Action as Answer
from riskgate.model.lifecycle import Status
from riskgate.model.trading import Scope
from riskgate.simulator import (
    Delay,
    Fault,
    FillAfterCancel,
    Outage,
    Reject,
    Restart,
    Running,
    Silent,
    running,
)
from riskgate.simulator.faults import Action
from riskgate.wiring import ConnectedGate, connect

LIVE: Final = 30
QUEUED: Final = 500
FEW: Final = 5
THREADS: Final = 8
PATIENCE: Final = 15.0
AT_ONCE: Final = 0.3  # seconds, on a machine that does other things too
AT_ONCE_AT_MOST: Final = 49  # messages that the pacer lets leave in one turn of its bucket
ROUND: Final = 1.1  # seconds until its tokens are back
LOCKED: Final = 3.2  # seconds
POLICY: Final = """
riskgate: 1
policy: open
timezone: America/New_York
currency: USD
rules:
  - {id: size, kind: fat_finger, max_quantity: 500, because: a test}
  - {id: held, kind: position, per: [account, symbol], max_long: 100000, because: a test}
"""
ACCOUNT: Final = "DU1234567"
WATCHED: Final = ("AAPL", "MSFT")
RESTING: Final = "BUY 1 {symbol} LMT 100 GTC"
LOCK: Final = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.readline()
held.execute("ROLLBACK")
"""


@dataclass
class LaterClock:
    """The computer's clock, moved on by hand where nobody shall wait for it."""

    ahead: timedelta = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Floor:
    """A gate, connected to a broker that remembers what arrived, and when."""

    gate: ConnectedGate
    sim: Running
    journal: Path
    clock: LaterClock

    def submit(self, count: int, symbol: str = "AAPL", strategy: str | None = None) -> None:
        line = RESTING.format(symbol=symbol)
        for _ in range(count):
            assert self.gate.submit(line, strategy=strategy).allowed

    def rest(self, count: int, symbol: str = "AAPL", strategy: str | None = None) -> list[int]:
        """Orders that work at the broker, by their numbers."""
        before = {view.order_id for view in self.gate.orders()}
        self.submit(count, symbol, strategy)
        new = [view.order_id for view in self.gate.orders() if view.order_id not in before]
        self.wait_for(lambda: all(self.status(one) is Status.SUBMITTED for one in new))
        return new

    def wait_for(self, holds: Callable[[], bool]) -> None:
        assert self.gate.wait_for(holds, PATIENCE), [str(view) for view in self.gate.orders()][:9]

    def status(self, number: int) -> Status:
        view = self.gate.order(number)
        assert view is not None
        return view.status

    def kill(self, scope: Scope | None = None, timeout: float = PATIENCE) -> Killed:
        called = self.sim.clock.now()
        report = self.gate.kill(by="me", reason="test", scope=scope or Scope(), timeout=timeout)
        return Killed(report, called, self)

    def reserved(self) -> Decimal:
        holdings = self.gate.ledger.holdings
        return sum((holdings.of(ACCOUNT, symbol).buys for symbol in WATCHED), Decimal(0))

    def placed(self) -> list[int]:
        return [one.message.integer("orderId") for one in self.sim.received("placeOrder")]

    def cancels(self) -> list[tuple[int, datetime]]:
        """What was cancelled, and when that arrived."""
        return [
            (one.message.integer("orderId"), one.at) for one in self.sim.received("cancelOrder")
        ]


@dataclass
class Killed:
    """A kill that has returned."""

    report: KillReport
    called: datetime
    floor: Floor

    @property
    def seconds(self) -> list[float]:
        """When each cancel arrived, in seconds after the call."""
        return [(at - self.called).total_seconds() for _, at in self.floor.cancels()]

    def assert_complete(self) -> None:
        """Nothing of ours works, each order that left was cancelled once, no other ever."""
        floor, report = self.floor, self.report
        left = sorted(floor.placed())
        assert (report.pending, report.not_cancelled) == ((), ()), report
        assert report.done, report
        assert sorted(number for number, _ in floor.cancels()) == left
        assert sorted(report.confirmed) == left
        assert {order.status for order in floor.sim.orders()} == {"Cancelled"}
        allowed = [view for view in floor.gate.orders() if view.action is Answer.ALLOW]
        dropped = [view for view in allowed if view.order_id not in left]
        assert sorted(report.never_sent) == [view.order_id for view in dropped]
        assert all(view.reason.startswith("KILLED") for view in dropped)
        assert floor.gate.ledger.working() == ()
        assert floor.reserved() == 0


def bound(left: int) -> float:
    """Seconds within which the pacer lets the cancels of so many orders leave."""
    later = max(0, left - AT_ONCE_AT_MOST)
    return 1.0 if not later else 1.0 + ROUND * -(-later // AT_ONCE_AT_MOST)


@contextmanager
def at_work(*deeds: Callable[[], object]) -> Iterator[None]:
    """Threads that do this meanwhile, and must have ended afterwards."""
    threads = [threading.Thread(target=deed) for deed in deeds]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads)


@contextmanager
def locked(journal: Path) -> Iterator[None]:
    """The journal, locked by another process for some seconds."""
    command = [sys.executable, "-c", LOCK, str(journal)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == b"locked\n"
        release = threading.Timer(LOCKED, other.stdin.close)
        release.start()
        yield
        release.join()
        assert other.wait(PATIENCE) == 0


def taken_by_submit(gate: ConnectedGate) -> None:
    """Return once another thread is in the turnstile, and stays there: it waits for the journal."""
    for _ in range(1_000_000):
        if not gate.turnstile.acquire(blocking=False):
            return
        gate.turnstile.release()
    raise AssertionError("nobody took the turnstile")


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    (tmp_path / "open.yaml").write_text(POLICY)
    journal = tmp_path / "journal.sqlite"
    before = set(threading.enumerate())
    with ExitStack() as stack:
        sim = stack.enter_context(running())
        config = Config(
            policies=(str(tmp_path / "open.yaml"),),
            journal=str(journal),
            durability="os",
            watch=WATCHED,
            kill_file="",
            broker={
                "port": sim.port,
                "reconnect_wait": 0.1,
                "reconnect_max": 0.2,
                "max_queue_time": PATIENCE,
            },
        )
        clock = LaterClock()
        gate = stack.enter_context(connect(config, clock=clock))
        assert gate.prepare(*WATCHED, timeout=PATIENCE) == ()
        yield Floor(gate, sim, journal, clock)
    assert set(threading.enumerate()) <= before


@pytest.mark.slow
def test_a_kill_behind_500_queued_and_30_live_orders_leaves_nothing(floor: Floor) -> None:
    live = floor.rest(LIVE)
    floor.submit(QUEUED + AT_ONCE_AT_MOST - LIVE)
    killed = floor.kill()
    killed.assert_complete()
    left = floor.placed()
    assert set(live) <= set(left)
    assert len(killed.report.never_sent) == QUEUED + AT_ONCE_AT_MOST - len(left)
    assert min(killed.seconds) < AT_ONCE
    assert max(killed.seconds) < bound(len(left)), len(left)
    assert killed.report.recorded
    with open_for_reading(floor.journal) as archive:
        assert archive.verify() is None


@pytest.mark.slow
def test_a_kill_while_eight_threads_submit_lets_nothing_leave_after_it(floor: Floor) -> None:
    floor.rest(LIVE)

    def submit_until_refused() -> None:
        while floor.gate.submit(RESTING.format(symbol="AAPL")).allowed:
            pass

    with at_work(*[submit_until_refused] * THREADS):
        floor.wait_for(lambda: len(floor.gate.ledger.orders) > LIVE + QUEUED)
        killed = floor.kill()
        before = floor.placed()
    floor.sim.settle(PATIENCE)
    assert floor.placed() == before
    killed.assert_complete()
    assert min(killed.seconds) < AT_ONCE
    assert max(killed.seconds) < bound(len(before)), len(before)


@pytest.mark.slow
@pytest.mark.parametrize(
    "scope", [Scope(symbol="MSFT"), Scope(strategy="theirs"), Scope(account=ACCOUNT, symbol="MSFT")]
)
def test_a_kill_of_one_scope_leaves_the_others_alone(floor: Floor, scope: Scope) -> None:
    killed_live = floor.rest(FEW, "MSFT", "theirs")
    other_live = floor.rest(FEW, "AAPL", "ours")
    for _ in range(QUEUED // 10):
        floor.submit(1, "MSFT", "theirs")
        floor.submit(1, "AAPL", "ours")
    killed = floor.kill(scope)
    views = {view.order_id: view for view in floor.gate.orders()}
    theirs = {number for number, view in views.items() if view.strategy == "theirs"}
    assert set(killed.report.confirmed) | set(killed.report.never_sent) == theirs
    assert set(killed_live) <= set(killed.report.confirmed)
    assert {number for number, _ in floor.cancels()} == set(killed.report.confirmed)
    others = set(views) - theirs
    floor.wait_for(lambda: all(floor.status(one) is Status.SUBMITTED for one in others))
    assert others <= set(floor.placed())
    assert set(other_live) <= others
    assert floor.gate.submit(RESTING.format(symbol="AAPL"), strategy="ours").allowed
    refused = floor.gate.submit(RESTING.format(symbol="MSFT"), strategy="theirs")
    assert refused.decision.by == ("KILLED",)


@pytest.mark.slow
def test_the_legs_of_a_basket_that_wait_are_dropped_together(floor: Floor) -> None:
    floor.submit(AT_ONCE_AT_MOST)  # after these the bucket is empty
    legs = floor.gate.submit_basket(
        [RESTING.format(symbol=symbol) for symbol in (*WATCHED, *WATCHED)]
    )
    killed = floor.kill()
    killed.assert_complete()
    assert {one.order_id for one in legs} <= set(killed.report.never_sent)


@pytest.mark.slow
def test_cancels_leave_while_a_reconcile_waits_for_its_answer(floor: Floor) -> None:
    live = floor.rest(FEW)
    asked = len(floor.sim.received("reqCompletedOrders"))
    floor.sim.inject(Fault("reqCompletedOrders", Delay(LOCKED), nth=1))
    with at_work(lambda: floor.gate.reconcile(PATIENCE)):
        floor.sim.wait_for(lambda: len(floor.sim.received("reqCompletedOrders")) > asked)
        killed = floor.kill()
    killed.assert_complete()
    assert set(killed.report.confirmed) == set(live)
    assert max(killed.seconds) < AT_ONCE


@pytest.mark.slow
def test_without_a_session_nothing_is_cancelled_until_there_is_one_again(floor: Floor) -> None:
    live = floor.rest(FEW)
    floor.sim.happen(Restart(seconds=2))
    floor.sim.wait_for(lambda: not floor.sim.clients())
    killed = floor.kill(timeout=0.2)
    assert set(killed.report.not_cancelled) | set(killed.report.pending) == set(live)
    assert not killed.report.done
    assert killed.report.because
    assert killed.report.recorded
    assert floor.cancels() == []
    floor.wait_for(lambda: all(floor.status(one) is Status.CANCELLED for one in live))
    assert sorted(number for number, _ in floor.cancels()) == live


@pytest.mark.slow
def test_cancels_that_the_broker_holds_while_its_link_is_lost_are_pending(floor: Floor) -> None:
    live = floor.rest(FEW)
    floor.sim.happen(Outage(2))
    killed = floor.kill(timeout=0.2)
    assert set(killed.report.pending) == set(live)
    assert not killed.report.done
    assert max(killed.seconds) < AT_ONCE
    floor.wait_for(lambda: all(floor.status(one) is Status.CANCELLED for one in live))


@pytest.mark.slow
@pytest.mark.parametrize(
    "answer",
    [
        Reject(10147, "OrderId that needs to be cancelled is not found."),
        Reject(10148, "OrderId that needs to be cancelled can not be cancelled"),
        Reject(161, "Cancel attempted when order is not in a cancellable state"),
        Silent(),
    ],
    ids=["10147", "10148", "161", "nothing"],
)
def test_an_order_whose_cancel_is_refused_is_named_and_tried_again(
    floor: Floor, answer: Action
) -> None:
    live = floor.rest(FEW)
    floor.sim.inject(Fault("cancelOrder", answer, times=1))
    killed = floor.kill(timeout=1.0)
    (stuck,) = (*killed.report.pending, *killed.report.not_cancelled)
    assert set(killed.report.confirmed) == set(live) - {stuck}
    assert not killed.report.done
    assert floor.reserved() == 1
    floor.clock.ahead += AGAIN_AFTER
    floor.wait_for(lambda: floor.status(stuck) is Status.CANCELLED)
    assert floor.reserved() == 0


def test_a_fill_that_crosses_the_cancel_is_counted_and_the_report_is_not_flat(floor: Floor) -> None:
    live = floor.rest(FEW)
    floor.sim.inject(Fault("cancelOrder", FillAfterCancel(Decimal(1)), times=1))
    killed = floor.kill()
    assert killed.report.done
    assert set(killed.report.confirmed) == set(live)
    assert not killed.report.flat
    assert [quantity for _, _, quantity in killed.report.positions] == [1]


@pytest.mark.slow
def test_cancels_leave_at_once_while_another_process_locks_the_journal(floor: Floor) -> None:
    live = floor.rest(FEW)
    with locked(floor.journal), at_work(lambda: floor.gate.submit(RESTING.format(symbol="AAPL"))):
        taken_by_submit(floor.gate)
        killed = floor.kill()
    killed.assert_complete()
    assert killed.report.recorded
    assert set(live) <= set(killed.report.confirmed)
    at = dict(floor.cancels())
    assert max((at[one] - killed.called).total_seconds() for one in live) < AT_ONCE
