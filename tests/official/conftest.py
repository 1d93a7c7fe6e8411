"""The official client, unmodified: its EClient and a wrapper that writes down every call.

Rule 1: the tests run with whichever `ibapi` is installed, the old one of the index (9.81) or a
new one, and name the few differences here.
Rule 2: nothing sleeps; a test waits for a call, and no longer than `PATIENCE`.
"""

from __future__ import annotations

import importlib
import importlib.util
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, TypeAlias

import pytest

from riskgate.simulator import Running, quote, running

PATIENCE = 15.0
AAPL = quote("189.99", "190.01", "190.00", "189.00")
MISSING = "no official client: pip install ibapi==9.81.1.post1 in an environment of its own"
Thing: TypeAlias = Any  # of the official client, which has no types
Call: TypeAlias = tuple[str, tuple[Any, ...]]


def official(module: str) -> Thing:
    """A module of the official client; without it the test is skipped."""
    if importlib.util.find_spec("ibapi") is None:
        pytest.skip(MISSING, allow_module_level=True)
    return importlib.import_module(f"ibapi.{module}")


class Ears:
    """Stands where an EWrapper stands: every callback is kept."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.news = threading.Condition()

    def __getattr__(self, name: str) -> Callable[..., None]:
        def keep(*args: Thing, **named: Thing) -> None:
            with self.news:
                self.calls.append((name, (*args, *named.values())))
                self.news.notify_all()

        return keep


class Client:
    """The official client, connected, with its reading thread."""

    def __init__(self, sim: Running, client_id: int, *, starts: bool = True) -> None:
        self.ears = Ears()
        self.api: Any = official("client").EClient(self.ears)
        self.is_new = importlib.util.find_spec("ibapi.protobuf") is not None
        self.api.connect(sim.host, sim.port, client_id)
        self._thread = threading.Thread(target=self.api.run, name="official client")
        self._thread.start()
        self.next_id = int(self.wait("nextValidId")[0]) if starts else 0

    def close(self) -> None:
        """Disconnect and see the thread end."""
        self.api.disconnect()
        self._thread.join(PATIENCE)

    def heard(self, name: str) -> list[tuple[Any, ...]]:
        """The arguments of every call of this name."""
        with self.ears.news:
            return [args for called, args in self.ears.calls if called == name]

    def wait(self, name: str, fits: Callable[..., bool] = lambda *_: True) -> tuple[Any, ...]:
        """The first call of this name that fits. Raises AssertionError when none comes."""

        def found() -> list[tuple[Any, ...]]:
            calls = (args for called, args in self.ears.calls if called == name)
            return [args for args in calls if fits(*args)][:1]

        with self.ears.news:
            self.ears.news.wait_for(found, PATIENCE)
            told, last = found(), self.ears.calls[-8:]
        assert told, f"no {name}; the last calls: {last}"
        return told[0]

    def wait_for_error(self, about: int, code: int) -> str:
        """The text of an error; the new client is told the time before the code."""
        at = 2 if self.is_new else 1
        args = self.wait("error", lambda *one: (one[0], one[at]) == (about, code))
        return str(args[at + 1])

    def forget(self) -> None:
        """Begin to listen anew."""
        with self.ears.news:
            self.ears.calls.clear()

    # -- what is spelled differently ----------------------------------------------------------

    def cancel(self, order_id: int) -> None:
        """Cancel an order."""
        if self.is_new:
            self.api.cancelOrder(order_id, official("order_cancel").OrderCancel())
        else:
            self.api.cancelOrder(order_id)

    def cancel_all(self) -> None:
        """Cancel every order."""
        if self.is_new:
            self.api.reqGlobalCancel(official("order_cancel").OrderCancel())
        else:
            self.api.reqGlobalCancel()

    def commission(self) -> Thing:
        """The first report of a commission."""
        name = "commissionAndFeesReport" if self.is_new else "commissionReport"
        return self.wait(name)[0]

    # -- contracts and orders -----------------------------------------------------------------

    def stock(self, symbol: str = "AAPL") -> Thing:
        """A stock in dollars."""
        contract = official("contract").Contract()
        contract.symbol, contract.secType = symbol, "STK"
        contract.exchange, contract.currency = "SMART", "USD"
        return contract

    def order(self, kind: str, quantity: int, limit: float | None = None) -> Thing:
        """A DAY order to buy."""
        order = official("order").Order()
        order.action, order.orderType, order.tif = "BUY", kind, "DAY"
        order.totalQuantity = Decimal(quantity) if self.is_new else quantity
        order.eTradeOnly = order.firmQuoteOnly = False
        if limit is not None:
            order.lmtPrice = limit
        return order

    def place(self, order: Thing, contract: Thing = None) -> int:
        """Place an order; its number."""
        number = self.next_id
        self.next_id += 1
        self.api.placeOrder(number, contract or self.stock(), order)
        return number

    def wait_for_status(self, number: int, status: str) -> tuple[Any, ...]:
        """The first report of this order with this status."""
        return self.wait("orderStatus", lambda *one: one[:2] == (number, status))


@pytest.fixture
def sim() -> Iterator[Running]:
    """A simulator with a market in AAPL."""
    official("client")
    with running(prices={"AAPL": AAPL}) as simulator:
        yield simulator


@pytest.fixture
def client(sim: Running) -> Iterator[Client]:
    """A connected official client."""
    made = Client(sim, 1)
    yield made
    made.close()
