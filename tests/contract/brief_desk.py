"""A gate on a simulated TWS, the three classes of the brief over it, and the names they have."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType

from riskgate.config import Config
from riskgate.orders import (
    ExecutionTracker,
    OrderManager,
    OrderStatus,
    OrderValidator,
)
from riskgate.simulator import Faults, Fills, Options, Running, VirtualClock, quote, running
from riskgate.wiring import ConnectedGate, connect

MORNING = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
DAY = date(2026, 3, 2)
PATIENCE = 10.0
AAPL = quote("189.99", "190.01", "190.00", "189.00")
LIMITS = """
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
  - {id: held, kind: position, per: [account, symbol], max_long: 500, max_short: 500,
     because: a test}
  - {id: collar, kind: fat_finger, max_deviation_percent: 10, because: a test}
  - {id: fresh, kind: reference_price, max_age: 60s, because: a test}
  - {id: funds, kind: buying_power, min_left: 1000, because: a test}
  - {id: hours, kind: market_hours, calendar: XNYS, sessions: [regular], because: a test}
"""
BRIEF = {
    OrderManager: (
        *("place_market_order", "place_limit_order", "place_stop_order", "place_bracket_order"),
        *("modify_order", "cancel_order", "get_order_status", "get_open_orders"),
        "register_fill_callback",
    ),
    OrderValidator: (
        *("validate_order", "check_buying_power", "check_position_limits"),
        *("check_price_reasonability", "check_market_hours"),
    ),
    ExecutionTracker: (
        *("track_execution", "get_fills", "calculate_avg_fill_price", "calculate_slippage"),
        "get_execution_stats",
    ),
}
BESIDE_THE_BRIEF = {
    *("register_status_callback", "on_stats", "get_execution_quality", "ticket", "close"),
}


@dataclass
class Desk:
    """A gate on a simulated TWS, and the three classes over it."""

    sim: Running
    clock: VirtualClock
    gate: ConnectedGate
    orders: OrderManager
    validator: OrderValidator
    tracker: ExecutionTracker

    def reaches(self, order_id: int, status: OrderStatus) -> None:
        """Wait until an order has come to a status."""
        done = self.gate.wait_for(
            lambda: self.orders.get_order_status(order_id) is status, PATIENCE
        )
        assert done, self.gate.order(order_id)

    def on_the_wire(self) -> list[tuple[str, Decimal | None, str]]:
        """Side, quantity and type of all that was placed."""
        return [
            (m.text("action"), m.number("totalQuantity"), m.text("orderType"))
            for m in (one.message for one in self.sim.received("placeOrder"))
        ]


@contextmanager
def opened(folder: Path, faults: Faults) -> Iterator[Desk]:
    """A desk in a folder of its own, of which no thread stays behind."""
    before = set(threading.enumerate())
    (folder / "limits.yaml").write_text(LIMITS, encoding="utf-8")
    clock = VirtualClock(MORNING)
    with running({"AAPL": AAPL}, clock, Options(fills=Fills(1)), faults) as sim:
        config = Config(
            journal=str(folder / "journal.sqlite"),
            policies=(str(folder / "limits.yaml"),),
            broker={"port": sim.port},
            kill_signal="none",
        )
        with connect(config, clock=clock) as gate:
            assert gate.prepare("AAPL", timeout=PATIENCE) == ()
            with OrderManager(gate, strategy="alpha", cancel_timeout=PATIENCE) as manager:
                yield Desk(sim, clock, gate, manager, OrderValidator(gate), ExecutionTracker(gate))
    left = {thread for thread in threading.enumerate() if thread not in before}
    assert not {thread.name for thread in left if thread.is_alive()}


def untested(made: type, tests: ModuleType) -> list[str]:
    """The public methods of a class of the brief that have no test of their name in a module.

    Fails if one that the brief names is not there, or one is that nobody named.
    """
    public = {name for name, _ in inspect.getmembers(made, callable) if not name.startswith("_")}
    assert set(BRIEF[made]) <= public
    assert public - set(BRIEF[made]) <= BESIDE_THE_BRIEF
    named = public - {"ticket", "close"}
    return [name for name in sorted(named) if not hasattr(tests, f"test_{name}")]
