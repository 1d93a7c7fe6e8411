"""Simulators, real clients and a bare wire client for the tests of the wire.

Rule 1: `client_library` is the one door to the client library; the tests run against ib_insync or
ib_async, whichever is installed, and name neither.
Rule 2: where the two part, `HABITS` has a word for it; a test asks for the habit.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import os
import socket
import sys
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

import pytest

from riskgate.simulator import Running, quote, running
from riskgate.simulator.wire.codec import MAX_VERSION, MESSAGE_TABLE, REQUEST_TABLE, Message
from riskgate.simulator.wire.framing import Frames, client_hello, frame
from riskgate.simulator.wire.kinds import Value

if TYPE_CHECKING:
    import ib_insync  # ib_async spells its types alike; where it is installed, these are Any

    Library: TypeAlias = Any  # the module; which one is known at run time
    Contract: TypeAlias = ib_insync.Contract
    Order: TypeAlias = ib_insync.Order
    Stock: TypeAlias = ib_insync.Stock
    Ticker: TypeAlias = ib_insync.Ticker
    Trade: TypeAlias = ib_insync.Trade

T = TypeVar("T")
PATIENCE = 10.0

AAPL = quote("189.99", "190.01", "190.00", "189.00")
MISSING = "no IB client library: pip install 'riskgate-ib[ib]' or 'riskgate-ib[ib-async]'"


WARNINGS = frozenset({110, 165, 399, 404, 434, 492, 10167, *range(2100, 2200)})


@dataclass(frozen=True)
class Habits:
    """What one library does and the other does not."""

    highest: int  # the highest server version it offers
    harmless: frozenset[int]  # codes after which it does not call an order cancelled
    alarm: str | None  # what it calls the order instead; None: what it was called before
    wakes_the_dead: bool  # it says so of an order that is over, too
    inactive_is_over: bool
    quotes_need_a_number: bool  # it asks no quotes for a contract without a conId
    forgets_on_leaving: bool  # its own disconnect clears its trades
    clears_volatility: bool  # placing an order writes into the order

    def called_after(self, code: int, before: str) -> str:
        """What it calls a living order after an error code about it."""
        return (self.alarm or before) if code in self.harmless else "Cancelled"


HABITS = {
    "ib_insync": Habits(
        highest=176,
        harmless=WARNINGS | {202},
        alarm=None,
        wakes_the_dead=False,
        inactive_is_over=False,
        quotes_need_a_number=False,
        forgets_on_leaving=False,
        clears_volatility=False,
    ),
    "ib_async": Habits(
        highest=178,
        harmless=WARNINGS | {105, 321, 329},
        alarm="ValidationError",
        wakes_the_dead=True,
        inactive_is_over=True,
        quotes_need_a_number=True,
        forgets_on_leaving=True,
        clears_volatility=True,
    ),
}


def client_library() -> Library:
    """The library that is installed; without one the test is skipped, in CI it fails."""
    for name in HABITS:
        if importlib.util.find_spec(name):
            return _imported(name)
    if os.environ.get("CI"):
        pytest.fail(MISSING, pytrace=False)
    pytest.skip(MISSING, allow_module_level=True)


def _imported(name: str) -> Library:
    """The library, which asks for the loop of this thread while it is imported.

    `asyncio.run` leaves the thread without one; a test may have called it before.
    """
    if name not in sys.modules and current_loop() is None:
        asyncio.set_event_loop(asyncio.new_event_loop())  # which the library keeps
    return importlib.import_module(name)


def current_loop() -> asyncio.AbstractEventLoop | None:
    """The loop of this thread, if it has one; up to Python 3.13 the main thread is given one."""
    with warnings.catch_warnings(), suppress(RuntimeError):
        warnings.simplefilter("ignore", DeprecationWarning)
        return asyncio.get_event_loop_policy().get_event_loop()
    return None


def habits() -> Habits:
    """The habits of the library that is installed."""
    return HABITS[client_library().__name__]


@dataclass
class Desk:
    """A connected client with what it reported."""

    ib: Any
    errors: list[tuple[int, int, str]] = field(default_factory=list)

    async def until(self, predicate: Callable[[], bool]) -> None:
        """Return once the predicate holds; looked at after each packet."""
        async with asyncio.timeout(PATIENCE):
            while not predicate():
                await self.ib.updateEvent

    async def place(self, contract: Contract, order: Order, status: str) -> Trade:
        """Place an order and wait until it has this status."""
        trade: Trade = self.ib.placeOrder(contract, order)
        await self.until(lambda: trade.orderStatus.status == status)
        return trade

    async def watch(self, contract: Contract) -> Ticker:
        """The quotes of a contract, which gets its number first: one of the libraries insists."""
        await self.ib.qualifyContractsAsync(contract)
        ticker: Ticker = self.ib.reqMktData(contract)
        return ticker

    def codes(self, req_id: int) -> list[int]:
        """The error codes that came for this request or order."""
        return [code for about, code, _ in self.errors if about == req_id]


def connect(sim: Running, client_id: int = 1) -> AbstractAsyncContextManager[Desk]:
    return _connect(sim, client_id)


@asynccontextmanager
async def _connect(sim: Running, client_id: int) -> AsyncIterator[Desk]:
    desk = Desk(client_library().IB())
    desk.ib.errorEvent += lambda about, code, text, _contract: desk.errors.append(
        (about, code, text)
    )
    await desk.ib.connectAsync(sim.host, sim.port, clientId=client_id, timeout=PATIENCE)
    try:
        yield desk
    finally:
        with suppress(OSError):  # the library shuts down sockets that the server has reset
            desk.ib.disconnect()


async def _with_loop(scenario: Callable[[], Awaitable[T]]) -> T:
    asyncio.set_event_loop(asyncio.get_running_loop())
    async with asyncio.timeout(4 * PATIENCE):
        return await scenario()


Play = Callable[[Callable[[], Awaitable[None]]], None]
Connect = Callable[..., AbstractAsyncContextManager[Desk]]


@pytest.fixture
def library() -> Library:
    """The client library, for the modules that can do much without one."""
    return client_library()


@pytest.fixture
def play() -> Iterator[Play]:
    """Run a scenario in a loop that the library finds."""
    first = asyncio.new_event_loop()
    asyncio.set_event_loop(first)  # for what the library does before it is connected
    yield lambda scenario: asyncio.run(_with_loop(scenario))
    first.close()
    asyncio.set_event_loop(None)


@pytest.fixture
def join() -> Connect:
    """Connect a fresh client of the library."""
    return connect


@pytest.fixture
def sim() -> Iterator[Running]:
    """A simulator with a market in AAPL one cent to each side of 190."""
    with running(prices={"AAPL": AAPL}) as simulator:
        yield simulator


class Place(Protocol):
    """Where a server listens."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...


class Wire:
    """A client that speaks tables and nothing else."""

    def __init__(self, sim: Place, client_id: int = 1, highest: int = MAX_VERSION) -> None:
        self.socket = socket.create_connection((sim.host, sim.port), timeout=PATIENCE)
        self._frames = Frames(hello=False)
        self._bodies: list[bytes] = []
        self.socket.sendall(client_hello(157, highest))
        self.version = int(self.body().split(b"\0")[0])
        self.send("startApi", {"clientId": client_id})

    def send(self, name: str, record: Mapping[str, Value]) -> None:
        self.send_body(REQUEST_TABLE.encode(name, record, self.version))

    def send_body(self, body: bytes) -> None:
        self.socket.sendall(frame(body))

    def body(self) -> bytes:
        """The next body. Raises EOFError when the server has closed."""
        while not self._bodies:
            chunk = self.socket.recv(65536)
            if not chunk:
                raise EOFError
            self._bodies += self._frames.feed(chunk)
        return self._bodies.pop(0)

    def read(self) -> Message:
        return MESSAGE_TABLE.decode(self.body(), self.version)

    def read_until(self, name: str) -> list[Message]:
        """Every message up to the first of this name."""
        found = [self.read()]
        while found[-1].name != name:
            found.append(self.read())
        return found

    def close(self) -> None:
        self.socket.close()


WireConnect = Callable[..., Wire]


@pytest.fixture
def wire_to() -> Iterator[Callable[..., Wire]]:
    """Connect bare wire clients to any simulator; they are closed afterwards."""
    opened: list[Wire] = []

    def connect_wire(sim: Running, client_id: int = 1, highest: int = MAX_VERSION) -> Wire:
        opened.append(Wire(sim, client_id, highest))
        return opened[-1]

    yield connect_wire
    for one in opened:
        one.close()


@pytest.fixture
def wire(sim: Running, wire_to: Callable[..., Wire]) -> Callable[..., Wire]:
    """Connect bare wire clients to the simulator of the test."""
    return lambda *about: wire_to(sim, *about)
