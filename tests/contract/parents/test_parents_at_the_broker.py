"""Parents and strategies in a running gate, with the real client on the wire.

The gate's own thread does what is due; its clock moves when the test says so.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest
from msgspec.structs import replace

from riskgate.config import Config
from riskgate.line.parents import ParentTicket
from riskgate.model.lifecycle import Status
from riskgate.model.order import OrderType
from riskgate.model.trading import Scope
from riskgate.model.work import WorkState
from riskgate.simulator import Running, quote, running
from riskgate.wiring import ConnectedGate, connect

MORNING: Final = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
PATIENCE: Final = 30.0
SAID: Final = {"by": "ann", "reason": "a test"}
TWAP: Final = "twap duration=100s slices=10"
LIMITS: Final = """\
riskgate: 1
policy: worked
timezone: America/New_York
currency: USD
rules:
  - {id: size, kind: fat_finger, max_quantity: 200, because: a parent is judged as a whole}
  - {id: price, kind: reference_price, max_age: 12h, because: the clock of the test stands still}
"""


class StoppedClock:
    """One clock for the gate and the broker."""

    def __init__(self) -> None:
        self.at = MORNING

    def now(self) -> datetime:
        return self.at


class Floor:
    """A gate, its broker, and their time."""

    def __init__(self, gate: ConnectedGate, sim: Running, clock: StoppedClock) -> None:
        self.gate = gate
        self.sim = sim
        self.clock = clock

    def passes(self, seconds: float, until: Callable[[], bool]) -> None:
        """Time passes; what the gate's thread does then is waited for."""
        self.clock.at += timedelta(seconds=seconds)
        self.reaches(until)

    def reaches(self, until: Callable[[], bool]) -> None:
        assert self.gate.wait_for(until, PATIENCE), (
            self.gate.orders(),
            self.gate.ledger.works.all(),
        )

    def has_done_its_round(self) -> None:
        """Whatever was due is done: the same that the thread does, here and now."""
        self.gate.step()

    def filled(self, ticket: ParentTicket) -> Decimal:
        progress = ticket.progress
        return progress.filled if progress else Decimal(0)

    def works(self, line: str, plan: str) -> ParentTicket:
        ticket = self.gate.work(line, plan)
        assert ticket.allowed, ticket.decision.breaches
        return ticket


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    (tmp_path / "limits.yaml").write_text(LIMITS)
    before, clock = set(threading.enumerate()), StoppedClock()
    with running(clock=clock) as sim:
        config = Config(
            journal=str(tmp_path / "journal.sqlite"),
            policies=(str(tmp_path / "limits.yaml"),),
            watch=("AAPL",),
            broker={"port": sim.port},
        )
        with connect(config, clock=clock) as gate:
            assert gate.prepare("AAPL", timeout=PATIENCE) == ()
            yield Floor(gate, sim, clock)
    assert not [one.name for one in set(threading.enumerate()) - before if one.is_alive()]


def bought(floor: Floor) -> Decimal:
    return sum((one.shares for one in floor.sim.executions()), Decimal(0))


@pytest.mark.slow
def test_the_gates_own_thread_works_a_twap_off_to_the_last_share(floor: Floor) -> None:
    ticket = floor.works("BUY 95 AAPL MKT DAY", TWAP)
    for number in range(1, 11):
        due = 95 * number // 10
        floor.reaches(lambda due=due: floor.filled(ticket) == due)  # type: ignore[misc]
        floor.clock.at += timedelta(seconds=10)
    assert ticket.wait(PATIENCE) is Status.FILLED
    assert bought(floor) == 95
    assert len(floor.sim.received("placeOrder")) == 10


def test_paused_it_sends_nothing_and_resumed_it_goes_on(floor: Floor) -> None:
    ticket = floor.works("BUY 100 AAPL MKT DAY", TWAP)
    floor.reaches(lambda: floor.filled(ticket) == 10)
    ticket.pause(**SAID)
    floor.clock.at += timedelta(seconds=10)
    floor.has_done_its_round()
    assert len(floor.sim.received("placeOrder")) == 1
    ticket.resume(**SAID)
    floor.reaches(lambda: floor.filled(ticket) == 20)


def test_cancelled_its_slice_is_cancelled_at_the_broker_and_no_more_is_sent(floor: Floor) -> None:
    ticket = floor.works("BUY 100 AAPL LMT 150 DAY", TWAP)
    ticket_of = ticket.slices[0]
    floor.reaches(lambda: floor.gate.ledger.orders[ticket_of].acknowledged)
    ticket.cancel(**SAID)
    assert ticket.wait(PATIENCE) is Status.CANCELLED
    floor.clock.at += timedelta(seconds=50)
    floor.has_done_its_round()
    (order,) = floor.sim.orders()
    assert order.status == "Cancelled"


def test_a_market_that_runs_away_pauses_it(floor: Floor) -> None:
    ticket = floor.works("BUY 100 AAPL MKT DAY", f"{TWAP} max_drift_bps=100")
    floor.reaches(lambda: floor.filled(ticket) == 10)
    key = floor.gate.ledger.orders[ticket.order_id].subject.instrument
    floor.sim.set_price("AAPL", quote("250", "250.02", "250.01", "190"))

    def has_moved() -> bool:
        seen = floor.gate.world.market.quote(key)
        return seen is not None and seen.bid == 250

    bounded(has_moved)
    floor.passes(10, lambda: ticket.progress is not None and "drift" in ticket.progress.reason)
    assert ticket.progress is not None
    assert ticket.progress.state is WorkState.PAUSED
    assert bought(floor) == 10


def bounded(holds: Callable[[], bool]) -> None:
    """Wait for what no event tells of, and not for long."""
    never = threading.Event()
    assert any(holds() or never.wait(0.02) for _ in range(int(PATIENCE / 0.02)))


def test_a_kill_ends_a_parent_for_good(floor: Floor) -> None:
    ticket = floor.works("BUY 100 AAPL LMT 150 DAY", TWAP)
    floor.reaches(lambda: floor.gate.ledger.orders[ticket.slices[0]].acknowledged)
    report = floor.gate.kill(scope=Scope(symbol="AAPL"), by="ann", reason="a test")
    assert report.done, report
    floor.gate.resume(scope=Scope(symbol="AAPL"), by="ann", reason="over")
    floor.clock.at += timedelta(seconds=30)
    floor.has_done_its_round()
    assert ticket.wait(PATIENCE) is Status.CANCELLED
    assert [order.status for order in floor.sim.orders()] == ["Cancelled"]


def test_an_iceberg_shows_its_tip_only(floor: Floor) -> None:
    ticket = floor.works("BUY 100 AAPL LMT 300 DAY", "iceberg display=40")
    assert ticket.wait(PATIENCE) is Status.FILLED
    assert [order.quantity for order in floor.sim.orders()] == [40, 40, 20]


@pytest.mark.slow
def test_the_markets_volume_is_heard_from_the_broker(floor: Floor) -> None:
    volumes = floor.gate.world.market.volumes

    def traded(volume: int) -> None:
        market = quote("189.99", "190.01", "190", "189")
        floor.sim.set_price("AAPL", replace(market, volume=Decimal(volume)))
        bounded(lambda: volumes.get("AAPL") == volume)

    traded(5000)
    ticket = floor.works("BUY 50 AAPL MKT DAY", "pov percent=10 min_slice=5 max_slice=20")
    assert floor.sim.received("placeOrder") == ()
    traded(5100)
    floor.reaches(lambda: floor.filled(ticket) == 10)
    traded(5450)
    floor.reaches(lambda: floor.filled(ticket) == 45)
    assert [order.quantity for order in floor.sim.orders()] == [10, 20, 15]


def test_a_strategy_moves_the_limit_at_the_broker(floor: Floor) -> None:
    order = floor.gate.submit("BUY 30 AAPL LMT 150 DAY")
    floor.reaches(lambda: floor.gate.ledger.orders[order.order_id].acknowledged)
    floor.gate.tender.tend(
        order.order_id, "chase every=5s max_changes=3 max_move=2 to=near", by="ann"
    )
    floor.clock.at += timedelta(seconds=6)

    def limits() -> list[Decimal | None]:
        return [one.limit for one in floor.sim.orders()]

    floor.sim.wait_for(lambda: limits() == [Decimal(152)], PATIENCE)


def test_near_the_close_what_is_left_is_bought_at_the_market(floor: Floor) -> None:
    order = floor.gate.submit("BUY 30 AAPL LMT 150 DAY")
    floor.reaches(lambda: floor.gate.ledger.orders[order.order_id].acknowledged)
    floor.gate.tender.tend(order.order_id, "convert_at_close before=5m", by="ann")
    floor.clock.at = datetime(2026, 3, 2, 20, 56, tzinfo=UTC)

    def rest() -> list[Status]:
        views = [view for view in floor.gate.orders() if view.parent_id == order.order_id]
        return [view.status for view in views]

    floor.reaches(lambda: rest() == [Status.FILLED])
    assert order.status is Status.CANCELLED
    assert [one.order_type for one in floor.sim.orders()][-1] == OrderType.MKT
    assert bought(floor) == 30
