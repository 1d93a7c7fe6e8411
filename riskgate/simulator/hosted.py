"""The simulator in a thread of its own, for tests and scripts that are not asyncio.

Rule 1: every call is carried into the loop's thread and its result brought back.
Rule 2: on leaving, the socket is closed, the loop is closed and the thread is gone.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Literal, TypeVar

from riskgate.simulator.book import Execution, OrderView, view_of
from riskgate.simulator.clock import Clock, RealClock, VirtualClock
from riskgate.simulator.control import Channel
from riskgate.simulator.events import happen
from riskgate.simulator.faults import (
    EVENTS,
    ByHand,
    CloseDay,
    Event,
    Fault,
    Faults,
    Restart,
    nearest_place,
)
from riskgate.simulator.gateway import Received
from riskgate.simulator.options import HOST, Options
from riskgate.simulator.permitted import nearest
from riskgate.simulator.prices import Quote
from riskgate.simulator.scenarios import AnyScenario, Scenario, load, play
from riskgate.simulator.scenarios.scenario import known_to
from riskgate.simulator.server import Simulator
from riskgate.simulator.wire.codec import REQUEST_TABLE

T = TypeVar("T")
CALL_TIME = 10.0  # seconds for one call into the loop
TRAVEL_TIME = 120.0  # seconds for one leap of the clock


class Running:
    """A running simulator, to be used from any thread."""

    host = HOST

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._loop = asyncio.new_event_loop()
        self._news = threading.Condition()
        self._version = 0
        self._control: Channel | None = None
        self._thread = threading.Thread(target=self._run, name="simulator", daemon=True)

    # -- life -------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the thread and listen. Raises OSError when the port is taken."""
        self._thread.start()
        starting = asyncio.run_coroutine_threadsafe(self._simulator.start(), self._loop)
        try:
            starting.result(CALL_TIME)
        except OSError:
            self._end_thread()
            raise
        self._simulator.gateway.changed = self._notify

    def stop(self) -> None:
        """Close the sockets, the loop and the thread."""
        try:
            if self._control is not None:
                self._call(self._control.close)
            stopping = asyncio.run_coroutine_threadsafe(self._simulator.stop(), self._loop)
            stopping.result(CALL_TIME)
        finally:
            self._end_thread()

    def _end_thread(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CALL_TIME)
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _notify(self) -> None:
        with self._news:
            self._version += 1
            self._news.notify_all()

    def _call(self, todo: Callable[[], T]) -> T:
        if threading.current_thread() is self._thread:
            return todo()

        async def carry() -> T:
            return todo()

        return asyncio.run_coroutine_threadsafe(carry(), self._loop).result(CALL_TIME)

    # -- what a script does -----------------------------------------------------------------------

    @property
    def port(self) -> int:
        """Where clients connect."""
        return self._simulator.port

    def set_price(self, symbol: str, market: Quote) -> None:
        """A new market for a symbol or local symbol.

        Raises LookupError for an unknown one, ValueError for a price that nobody quotes.
        """
        if not isinstance(market, Quote):
            raise TypeError(f"set_price: `{market!r}`: expected a quote, such as quote(189, 190)")
        self._check_symbol(symbol)
        self._call(lambda: self._simulator.set_prices({symbol: market}))

    def _check_symbol(self, symbol: str) -> None:
        if not isinstance(symbol, str):
            raise TypeError(f"set_price: `{symbol!r}`: expected a symbol, such as `AAPL`")
        why = self._call(lambda: known_to(self._simulator.gateway).why_unlisted(symbol))
        if why is not None:
            raise LookupError(f"set_price: `{symbol}` {why}")

    def inject(self, *faults: Fault) -> None:
        """Plan misbehaviour; `nth` counts from now on. Raises TypeError for what is no Fault."""
        for fault in faults:
            if not isinstance(fault, Fault):
                raise TypeError(f"inject: `{fault!r}`: expected a Fault")

        def add() -> None:
            for fault in faults:
                self._simulator.gateway.faults.add(fault)

        self._call(add)

    def happen(self, *events: Event) -> None:
        """Do it now: an outage, a restart, a halt, a price, an order by hand.

        Raises LookupError for an unknown symbol, ValueError for what cannot be done, TypeError
        for what is no event.
        """
        gateway = self._simulator.gateway
        for event in events:
            if not isinstance(event, EVENTS):
                raise TypeError(f"happen: `{event!r}`: expected an event, such as Halt or Outage")
        for event in events:
            self._call(partial(happen, gateway, event))

    def play(self, scenario: AnyScenario) -> None:
        """Open the markets of a scenario and start its timeline and faults."""
        found = load(scenario, self.clock.now().date())
        self.inject(*found.faults)
        self._call(partial(play, self._simulator.gateway, found))

    def open_control(self, port: int = 0) -> int:
        """Open the control channel; returns its port. It closes with the simulator."""
        self._control = Channel(self._simulator.gateway)
        opening = self._control.open(port)
        asyncio.run_coroutine_threadsafe(opening, self._loop).result(CALL_TIME)
        return self._control.port

    @property
    def clock(self) -> Clock:
        """The simulator's clock."""
        return self._simulator.clock

    def advance(self, seconds: float) -> None:
        """Move the clock from one thing that is due to the next, and do each in its moment.

        Raises ValueError when the clock is not a virtual one.
        """
        if not isinstance(self.clock, VirtualClock):
            raise ValueError("advance: the clock is the computer's; start with a VirtualClock")  # noqa: TRY004  # not about a type
        moving = self._simulator.travel(timedelta(seconds=seconds))
        asyncio.run_coroutine_threadsafe(moving, self._loop).result(TRAVEL_TIME)
        self._notify()
        self.settle()

    def disconnect_all(self) -> None:
        """Drop every client's connection at once."""
        self._call(self._simulator.disconnect_all)

    def restart(self, roll_back_ids: int = 0) -> None:
        """Drop every client; nextValidId comes back lower by this much, as after a crash.

        The orders are kept: a number of one that still works means that order, a number of one
        that is over is taken for a new order.
        """
        self.happen(Restart(roll_back_ids))

    def place_by_hand(
        self, symbol: str, action: str, quantity: Decimal, limit: Decimal | None = None
    ) -> None:
        """Enter a DAY order in the TWS itself, at market or with a limit.

        Client 0 and the master client hear of it; it has no order id until client 0 binds it.
        Raises ValueError when it is refused, LookupError for an unknown symbol.
        """
        side: Literal["BUY", "SELL"] = "BUY" if action == "BUY" else "SELL"
        self.happen(ByHand(symbol, side, quantity, limit))

    def announce(self, code: int, text: str) -> None:
        """Tell every client something that belongs to no request, such as 1100."""
        self._call(lambda: self._simulator.gateway.announce(code, text))

    def open_day(self) -> None:
        """Hold the opening auction: OPG and AUC orders trade or end."""

        def opening() -> None:
            self._simulator.gateway.exchange.open_day()
            self._simulator.gateway.wake()
            self._notify()

        self._call(opening)

    def close_day(self) -> None:
        """End the trading day: DAY orders are cancelled."""
        self.happen(CloseDay())

    def step(self) -> bool:
        """Do the next thing that is due, when the simulator was started with `auto=False`."""
        return self._call(self._simulator.gateway.step)

    # -- what a script looks at -------------------------------------------------------------------

    def orders(self) -> tuple[OrderView, ...]:
        """Every order, oldest first."""
        book = self._simulator.gateway.exchange.book
        return self._call(lambda: tuple(view_of(order) for order in book.orders.values()))

    def executions(self) -> tuple[Execution, ...]:
        """Every execution and correction, oldest first."""
        book = self._simulator.gateway.exchange.book
        return self._call(lambda: tuple(book.executions))

    def positions(self, account: str = "") -> dict[str, Decimal]:
        """The positions that are not flat, by local symbol. Raises LookupError."""
        accounts = self._simulator.gateway.exchange.world.accounts
        if account and account not in accounts:
            known = nearest(str(account), accounts)
            raise LookupError(f"positions: `{account}` is no account of this simulator: {known}")
        chosen = accounts[account] if account else next(iter(accounts.values()))
        return self._call(lambda: {one.listing.local_symbol: one.quantity for one in chosen.held()})

    def received(self, name: str = "") -> tuple[Received, ...]:
        """Every request so far, or those of one name such as `placeOrder`. Raises ValueError."""
        if name and name not in REQUEST_TABLE.by_name:
            raise ValueError(f"received: `{name}` is no request; {nearest_place(str(name))}")
        log = self._simulator.gateway.received
        return self._call(lambda: tuple(one for one in log if name in {"", one.name}))

    def clients(self) -> frozenset[int]:
        """The client ids that are connected."""
        return self._call(lambda: frozenset(self._simulator.gateway.sessions))

    def settle(self, timeout: float = 5.0) -> None:
        """Return once nothing is due any more. Raises TimeoutError."""
        gateway = self._simulator.gateway
        self.wait_for(lambda: not self._call(gateway.has_work), timeout)

    def wait_for(self, predicate: Callable[[], bool], timeout: float = 5.0) -> None:
        """Return once the predicate holds; looked at after every change. Raises TimeoutError."""
        end = time.monotonic() + timeout
        while True:
            with self._news:
                seen = self._version
            if predicate():
                return
            with self._news:
                left = end - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"simulator: not within {timeout} seconds")
                if self._version == seen:
                    self._news.wait(left)


@contextmanager
def running(
    prices: Mapping[str, Quote] | None = None,
    clock: Clock | None = None,
    options: Options | None = None,
    faults: Faults | None = None,
    scenario: AnyScenario | None = None,
) -> Iterator[Running]:
    """A simulator in its own thread for the length of a `with` block.

    A scenario is a `Scenario`, a file, or the name or number of one that comes with the
    simulator; what is given beside it takes the place of what it says.
    """
    day = None if clock is None else clock.now().date()
    today = RealClock().now().date()
    played = Scenario(name="plain") if scenario is None else load(scenario, day, today)
    if clock is None and played.start is not None:
        clock = VirtualClock(played.start)
    plan = faults or Faults(played.seed)
    simulator = Running(Simulator(options or played.options, clock, plan))
    simulator.start()
    try:
        simulator.play(played)
        for symbol, market in (prices or {}).items():
            simulator.set_price(symbol, market)
        yield simulator
    finally:
        simulator.stop()
