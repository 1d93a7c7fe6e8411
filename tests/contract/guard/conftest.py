"""Scripts of the real client library, guarded, before a simulated TWS."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from riskgate.brokers.ib.guarded_gate import LibraryGate
from riskgate.config import Config
from riskgate.guarding import guard
from riskgate.journal.archive import open_for_reading
from riskgate.model.events import Note
from riskgate.simulator import Fault, Faults, Running, quote, running
from tests.wire.conftest import client_library, current_loop

Its: TypeAlias = Any  # an object of the library; which one is known at run time
PATIENCE = 30.0
AAPL = quote("189.99", "190.01", "190.00", "189.00")
MSFT = quote("409.99", "410.01", "410.00", "409.00")
LIMITS = """
riskgate: 1
policy: desk
timezone: UTC
currency: USD
rules:
  - {id: size, kind: fat_finger, max_quantity: 500, because: a test}
  - {id: asks, kind: fat_finger, max_quantity: 300, on_breach: hold, because: a test}
  - {id: fresh, kind: reference_price, max_age: 60s, because: a price is needed}
"""
WORKING = frozenset({"PreSubmitted", "Submitted", "PendingSubmit"})
ORDERS = frozenset({"placeOrder", "cancelOrder", "reqGlobalCancel", "exerciseOptions"})


@dataclass
class Script:
    """A guarded `IB` as a script has it, and the TWS it talks to."""

    sim: Running
    folder: Path
    module: Its
    config: Config
    ib: Its = None
    errors: list[tuple[int, int, str]] = field(default_factory=list)

    def connect(self, client_id: int = 7) -> Its:
        self.ib.connect("127.0.0.1", self.sim.port, clientId=client_id)
        assert self.ib.riskgate.reconciled
        return self.ib

    def stock(self, symbol: str = "AAPL") -> Its:
        contract = self.module.Stock(symbol, "SMART", "USD")
        self.ib.qualifyContracts(contract)
        return contract

    @property
    def gate(self) -> LibraryGate:
        found: LibraryGate = self.ib.riskgate
        return found

    def until(self, holds: Callable[[], object]) -> None:
        """Let the loop turn until something holds."""
        end = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < end, self.ib.trades()
            self.ib.waitOnUpdate(timeout=0.02)

    def until_status(self, trade: Its, status: str) -> None:
        self.until(lambda: trade.orderStatus.status == status)

    def turned(self) -> None:
        """What was put off to the next turn of the loop has been done."""
        self.ib.sleep(0)
        self.ib.sleep(0)

    def meanwhile(self, deed: Callable[[], object]) -> Its:
        """Do something in another thread while the loop turns; what it returned."""
        found: list[object] = []
        work = threading.Thread(target=lambda: found.append(deed()))
        work.start()
        self.until(lambda: not work.is_alive())
        assert found
        return found[0]

    def sent(self) -> list[str]:
        """The order messages that TWS has received, in order."""
        return [one.name for one in self.sim.received() if one.name in ORDERS]

    def quantities(self) -> list[Decimal | None]:
        return [one.message.number("totalQuantity") for one in self.sim.received("placeOrder")]

    def working(self) -> list[str]:
        """The orders that work at the broker, by their state there."""
        return [one.status for one in self.sim.orders() if one.status in WORKING]

    def notes(self) -> list[str]:
        with open_for_reading(self.config.journal) as archive:
            return [
                event.payload.text for event in archive.read() if isinstance(event.payload, Note)
            ]


def messages(trade: Its) -> list[str]:
    return [entry.message for entry in trade.log if entry.message]


@pytest.fixture(autouse=True)
def _nothing_stays_behind() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    left = {thread for thread in threading.enumerate() if thread not in before}
    assert not {thread.name for thread in left if thread.is_alive()}


@pytest.fixture
def _loop() -> Iterator[None]:
    """A loop of the test's own in this thread, as a script has."""
    client_library()
    before = current_loop()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    for _ in range(5):  # what was closed by others, in no turn of the loop, ends
        loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    asyncio.set_event_loop(before)


MakeScript = Callable[..., Script]


@pytest.fixture
def make_script(_loop: None, tmp_path: Path) -> Iterator[MakeScript]:
    """Make scripts whose `IB` is guarded and not connected yet."""
    (tmp_path / "limits.yaml").write_text(LIMITS, encoding="utf-8")
    with ExitStack() as stack:

        def make(*faults: Fault, **settings: Its) -> Script:
            plan = Faults(plan=list(faults))
            sim = stack.enter_context(running({"AAPL": AAPL, "MSFT": MSFT}, faults=plan))
            config = Config(
                journal=str(tmp_path / "journal.sqlite"),
                policies=(str(tmp_path / "limits.yaml"),),
                kill_file=str(tmp_path / "kill"),
                actor="bot",
                kill_signal="none",
                **settings,
            )
            module = client_library()
            script = Script(sim, tmp_path, module, config, module.IB())
            assert guard(script.ib, config) is script.ib
            script.ib.errorEvent += lambda number, code, text, _: script.errors.append(
                (number, code, text)
            )
            stack.callback(script.ib.disconnect)
            return script

        yield make


@pytest.fixture
def script(make_script: MakeScript) -> Script:
    """A connected script."""
    made = make_script()
    made.connect()
    return made
