"""The simulator as a server: starts and stops a listening socket on this computer only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta

import msgspec

from riskgate.simulator.clock import Clock, RealClock, VirtualClock, WatchedClock
from riskgate.simulator.events import check_market, happen
from riskgate.simulator.faults import Faults, Restart
from riskgate.simulator.gateway import Conduct, Gateway
from riskgate.simulator.misbehaviour import misbehave
from riskgate.simulator.options import HOST, Options
from riskgate.simulator.prices import Quote
from riskgate.simulator.session import Session

TURNS_BETWEEN_READS = 50
CLOSING_TIME = 5.0  # seconds for the connections to say they are closed


class Simulator:
    """A TWS on a port of this computer. `port` is known after `start`."""

    def __init__(
        self,
        options: Options | None = None,
        clock: Clock | None = None,
        faults: Faults | None = None,
    ) -> None:
        self.options = options or Options()
        self.clock: Clock = clock or RealClock()
        self.gateway = Gateway(
            self.options, self.clock, faults or Faults(), Conduct(misbehave, happen)
        )
        self.port = 0
        self._server: asyncio.Server | None = None
        self._unwatch: Callable[[], None] = lambda: None

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Session(self.gateway), HOST, self.options.port
        )
        self.port = self._server.sockets[0].getsockname()[1]
        if isinstance(self.clock, WatchedClock):

            def moved() -> None:
                with suppress(RuntimeError):  # the loop may just have been closed
                    loop.call_soon_threadsafe(self.gateway.wake)

            self._unwatch = self.clock.watch(moved)

    async def stop(self) -> None:
        """Drop every connection and stop listening."""
        self._unwatch()
        if self._server is None:
            return
        self._server.close()
        self.disconnect_all()
        await self._wait_until_empty()
        await self._server.wait_closed()
        self.gateway.rest()
        self._server = None

    async def _wait_until_empty(self) -> None:
        empty = asyncio.Event()

        def look() -> None:
            if not self.gateway.connections:
                empty.set()

        self.gateway.changed = look
        look()
        await asyncio.wait_for(empty.wait(), CLOSING_TIME)

    def disconnect_all(self) -> None:
        """Drop every connection at once."""
        for session in tuple(self.gateway.connections):
            session.abort()

    def restart(self, roll_back_ids: int = 0) -> None:
        """Drop every connection and forget the last order ids; the orders are kept."""
        happen(self.gateway, Restart(roll_back_ids))

    async def travel(self, span: timedelta) -> None:
        """Move a virtual clock on, stopping at each moment something is due.

        Prices that move by themselves, sessions and algos happen at their own times, one after
        the other; clients are read in between. Raises TypeError for a clock that cannot be moved.
        """
        clock, gateway = self.clock, self.gateway
        if not isinstance(clock, VirtualClock):
            raise TypeError("travel: only a virtual clock can be moved")
        end, turns = clock.now() + span, 0
        while gateway.step() or clock.now() < end:
            turns += 1
            if not gateway.has_work():
                clock.advance(min(end, gateway.next_moment() or end) - clock.now())
            if turns % TURNS_BETWEEN_READS == 0:
                await asyncio.sleep(0)
        gateway.wake()

    def set_prices(self, prices: Mapping[str, Quote]) -> None:
        """New markets, by symbol or local symbol.

        Raises LookupError for an unknown one, ValueError for a price that nobody quotes.
        """
        for symbol, new in prices.items():
            listing = self.gateway.exchange.world.catalogue.by_symbol(symbol)
            check_market(listing, new)
            self.gateway.exchange.set_quote(listing.con_id, new)
        self.gateway.changed()
        self.gateway.wake()


async def serve(port: int, ready: Callable[[int], None], options: Options | None = None) -> None:
    """Run until cancelled; `ready` is told the port once clients can connect."""
    simulator = Simulator(msgspec.structs.replace(options or Options(), port=port))
    await simulator.start()
    try:
        ready(simulator.port)
        await asyncio.get_running_loop().create_future()
    finally:
        await simulator.stop()
