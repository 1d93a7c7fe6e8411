"""An `IB` of the library whose orders go through a gate.

Rule 1: the gate decides; the library's trades only show what it decided and what the wire says.
Rule 2: an order is judged when it transmits, with all parts that it transmits; what leaves has
left when `placeOrder` returns, unless it must wait for its turn.
Rule 3: everything here runs in the thread of the library's loop; calls of others are carried there.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final, Protocol, TypeVar

from riskgate.brokers.ib import contracts
from riskgate.brokers.ib.client import LIBRARIES, in_use
from riskgate.brokers.ib.guarded_broker import Connection, GuardedBroker
from riskgate.brokers.ib.guarded_gate import LibraryGate
from riskgate.brokers.ib.guarded_orders import ScriptOrders
from riskgate.brokers.ib.guarded_tap import Desired
from riskgate.brokers.ib.guarded_trades import Trades
from riskgate.brokers.ib.guarded_wire import Theirs, Wire
from riskgate.errors import ConfigError, NotConnected, OutcomeUnknown
from riskgate.model.instrument import Terms
from riskgate.ports import Clock, Listener

T = TypeVar("T")
FIRST_PROOF: Final = 15.0  # seconds that a connect waits for the first reconcile
LOOKS: Final = 30  # how often it sees in that time whether there is still a session
CALL: Final = 10.0  # seconds that a call of another thread waits for the loop
READY: Final = 2.0  # seconds that qualifying waits for first prices
MOST_WATCHED: Final = 25  # contracts of one qualifying whose prices are followed
NOT_EXERCISED: Final = (
    "denied by riskgate: exerciseOptions changes positions and is not judged; exercise it in TWS"
)
log = logging.getLogger(__name__)


class Opened:
    """A gate that was opened for one connection."""

    def __init__(
        self,
        gate: LibraryGate,
        broker: GuardedBroker,
        listener: Listener,
        close: Callable[[], None],
    ) -> None:
        self.gate = gate
        self.broker = broker
        self.listener = listener
        self.close = close


class Opener(Protocol):
    """Opens a gate for a connection to `host`, `port` under a client id, with a library."""

    watch: tuple[Terms, ...]
    clock: Clock

    def open(self, host: str, port: int, client_id: int, library: str) -> Opened:
        """Raise ConfigError or JournalError; then nothing stays open."""
        ...


class Guard(Desired):
    """What stands between a script and its `IB`."""

    def __init__(self, session: Theirs, opener: Opener) -> None:
        self._session = session
        self._opener = opener
        self._library = library_of(session)
        if session.client.isConnected():
            raise ConfigError("this `IB` is connected already; guard it before it connects")
        self._module: Theirs = in_use(self._library)
        self._wire = Wire(session.client)
        self._connect_client = session.client.connectAsync
        self._qualify_contracts = session.qualifyContractsAsync
        self._opened: Opened | None = None
        self._behind: Opened | None = None  # the same, and kept when it is closed
        self._orders: ScriptOrders | None = None

    def install(self) -> None:
        """Take the place of the methods that send orders, and of those that connect."""
        session = self._session
        session.client.connectAsync = self.connect_client
        session.disconnect = self.disconnect
        session.placeOrder = self.place_order
        session.cancelOrder = self.cancel_order
        session.reqGlobalCancel = self.cancel_everything
        session.exerciseOptions = self.exercise_options
        session.whatIfOrderAsync = self.what_if_order
        session.qualifyContractsAsync = self.qualify_contracts
        session.riskgate = None

    # -- life -------------------------------------------------------------------------------------

    async def connect_client(
        self,
        host: str,
        port: int,
        clientId: int,  # noqa: N803  # the library's name
        timeout: float | None = 2.0,  # noqa: ASYNC109  # as the library has it
    ) -> None:
        """Connect, open a gate over the connection, and have it prove its book.

        Raise what the library raises for a connection that does not come up, and ConfigError or
        JournalError. A book that is not proven in time is no error: orders are denied until it is.
        """
        self._close()
        opened = self._opener.open(host, int(port), int(clientId), self._library)
        self._opened = self._behind = opened
        atexit.register(self._close)
        trades = Trades(self._session, self._module, self._opener.clock.now, self._later)
        self._orders = ScriptOrders(self._session, opened, trades)
        connection = Connection(
            self._session,
            self._wire,
            self,
            lambda: self._connect_client(host, port, clientId, timeout),
        )
        try:
            await opened.broker.begin(connection, opened.listener, trades.written)
        except BaseException as error:
            self._close()
            if isinstance(error, NotConnected) and connection.failure is not None:
                raise connection.failure from None
            raise
        await self._prove(opened)

    async def _prove(self, opened: Opened) -> None:
        """Wait for the first reconcile, and for what is to be watched."""
        gate = opened.gate
        gate.subscribe(self._heard)
        self._session.riskgate = gate
        if self._opener.watch:
            opened.broker.watch(self._opener.watch)
        await _elsewhere(lambda: _proven(opened))
        if not gate.reconciled:
            log.warning("connected, but orders are denied: %s", gate.distrusted_because)
        if self._opener.watch and opened.broker.in_session:
            await opened.broker.desk.readiness.prepare(self._opener.watch, READY)

    def disconnect(self) -> Theirs:
        """End the gate's session, then the connection, then the gate. Orders stay working."""
        if self._opened is not None and self._orders is not None:
            self._orders.abandon()
            self._opened.broker.stop()
        result = type(self._session).disconnect(self._session)
        loop = None if self._opened is None else self._opened.broker.left
        self._close()
        if loop is not None:
            loop.settle()
        return result

    def _close(self) -> None:
        opened, self._opened = self._opened, None
        if opened is None:
            return
        atexit.unregister(self._close)
        self._session.riskgate = None
        opened.broker.stop()
        opened.close()

    # -- what a script calls ----------------------------------------------------------------------

    def place_order(self, contract: Theirs, order: Theirs) -> Theirs:
        """Place or modify an order, if the gate lets it; the library's `Trade` of it."""
        return self._carried(lambda orders: orders.place(contract, order))

    def cancel_order(self, order: Theirs, manualCancelOrderTime: str = "") -> Theirs:  # noqa: N803  # the library's name
        """Ask for the cancel of an order; the library's `Trade` of it."""
        return self._carried(lambda orders: orders.cancel(order, manualCancelOrderTime))

    def cancel_everything(self) -> None:
        """Cancel everything on the account, whoever placed it, as the library's call does."""
        self._carried(lambda orders: orders.cancel_everything())

    def exercise_options(self, contract: Theirs, *said: object, **named: object) -> None:
        """Refuse: it changes positions, and is not judged."""
        del said, named
        log.warning(NOT_EXERCISED)
        if self._opened is not None:
            self._opened.gate.note(f"{NOT_EXERCISED}: {contract}")
        self._session.errorEvent.emit(-1, 0, NOT_EXERCISED, contract)

    def what_if_order(self, contract: Theirs, order: Theirs) -> Theirs:
        """Ask what an order would need; it never becomes one. A future of the library's."""
        return self._orders_now().ask(contract, order)

    async def qualify_contracts(self, *asked: Theirs, **named: Theirs) -> Theirs:
        """The library's own, and then wait a moment for first prices of what it has found."""
        result = await self._qualify_contracts(*asked, **named)
        broker = None if self._opened is None else self._opened.broker
        if broker is None or not broker.in_session:
            return result
        desk = broker.desk
        known = [desk.catalogue.of(one).terms for one in asked if desk.catalogue.knows(one)]
        await desk.readiness.prepare(known[:MOST_WATCHED], READY)
        return result

    # -- what the library may hear ----------------------------------------------------------------

    def reference(self, ref: str) -> str:
        """The reference that the script gave."""
        return ref if self._orders is None else self._orders.reference(ref)

    def is_question(self, number: int) -> bool:
        """Whether an order id is that of a what-if."""
        return self._orders is not None and number in self._orders.questions

    def described(self, details: Theirs) -> None:
        """Contract details that a script asked for are known to the gate as well."""
        if self._opened is None or not self._opened.broker.in_session:
            return
        terms = contracts.terms_of(details.contract)
        if details.contract.conId and not any(contracts.faults_of(terms)):
            self._opened.broker.desk.catalogue.add(contracts.instrument_of(details))

    # -- threads ----------------------------------------------------------------------------------

    def _orders_now(self) -> ScriptOrders:
        if self._orders is None or self._opened is None or not self._session.client.isReady():
            raise ConnectionError("Not connected")  # as the library says it
        return self._orders

    def _carried(self, deed: Callable[[ScriptOrders], T]) -> T:
        """Do it in the thread of the loop, and wait for it where this is another."""
        orders = self._orders_now()
        loop = orders.loop
        if loop.is_ours:
            return deed(orders)

        async def there() -> T:
            return deed(orders)

        try:
            return loop.run(there(), CALL)
        except TimeoutError:
            text = "the event loop does not turn; see in the record what became of the order"
            raise OutcomeUnknown(text) from None

    def _later(self, callback: Callable[..., object], *values: object, **named: object) -> None:
        broker = None if self._behind is None else self._behind.broker
        loop = None if broker is None else broker.loop or broker.left
        if loop is not None:
            loop.soon(lambda: callback(*values, **named))

    def _heard(self, news: Theirs) -> None:
        """Something is on record: in the gate's lock, in any thread."""
        orders = self._orders
        if orders is not None and news.order is not None:
            self._later(orders.heard, news)


def library_of(session: object) -> str:
    """Which client library an `IB` is of. Raise ConfigError if it is of none."""
    for kind in type(session).__mro__:
        library = kind.__module__.partition(".")[0]
        if library in LIBRARIES and kind.__name__ == "IB":
            return library
    known = " or ".join(LIBRARIES)
    raise ConfigError(f"`{type(session).__name__}` is no `IB` of {known}; pass the object itself")


def _proven(opened: Opened) -> bool:
    """Wait until the book is proven, the session is lost, or the time is up."""
    return any(
        opened.gate.wait_for(lambda: opened.gate.reconciled, FIRST_PROOF / LOOKS)
        or not opened.broker.in_session
        for _ in range(LOOKS)
    )


async def _elsewhere(function: Callable[[], object]) -> None:
    """Run a function that waits in a thread of its own."""
    done: Future[object] = Future()
    work = threading.Thread(
        target=lambda: done.set_result(function()), name="riskgate-proof", daemon=True
    )
    work.start()
    await asyncio.wrap_future(done)
